/** One folder for each usage. */
@NullMarked
package io.lastcall.examples;

import org.jspecify.annotations.NullMarked;
