/** The Java blocks of the guides in {@code docs/}, so that the build compiles them. */
@NullMarked
package io.lastcall.examples.guides;

import org.jspecify.annotations.NullMarked;
