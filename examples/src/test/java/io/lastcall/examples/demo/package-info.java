/** Tests of the demo. */
@NullMarked
package io.lastcall.examples.demo;

import org.jspecify.annotations.NullMarked;
