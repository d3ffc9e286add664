/**
 * Time, timers, threads and randomness, from one place ({@link io.lastcall.internal.time.Host}), so that a simulation can run the
 * whole engine on one thread. Internal.
 */
@NullMarked
package io.lastcall.internal.time;

import org.jspecify.annotations.NullMarked;
