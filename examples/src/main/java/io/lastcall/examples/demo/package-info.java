/** {@code lastcall demo}: orders on a real broker, drained while they flow, and an account of every one of them. */
@NullMarked
package io.lastcall.examples.demo;

import org.jspecify.annotations.NullMarked;
