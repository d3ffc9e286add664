/** The command line: one root command, to which other modules add their own. */
@NullMarked
package io.lastcall.runner;

import org.jspecify.annotations.NullMarked;
