/**
 * {@code lastcall chaos}: members in JVMs of their own consume from a real broker, are stopped, killed and frozen, and what they told
 * while they lived is checked from outside. Nobody else uses it.
 */
@NullMarked
package io.lastcall.benchmarks.chaos;

import org.jspecify.annotations.NullMarked;
