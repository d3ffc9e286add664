/**
 * The real engine on one thread, under a virtual clock and a seeded scheduler, against a broker, handlers and faults that are
 * drawn from the seed; what happened is a {@link io.lastcall.testkit.simulation.History}, and a
 * {@link io.lastcall.testkit.simulation.Checker} says what must not have. {@link io.lastcall.testkit.simulation.Simulation} runs
 * many seeds.
 */
@NullMarked
package io.lastcall.testkit.simulation;

import org.jspecify.annotations.NullMarked;
