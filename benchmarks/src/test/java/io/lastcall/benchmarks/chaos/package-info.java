/** Tests of the rounds and of what checks them. */
@NullMarked
package io.lastcall.benchmarks.chaos;

import org.jspecify.annotations.NullMarked;
