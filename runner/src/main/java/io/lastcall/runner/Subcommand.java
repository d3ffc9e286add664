package io.lastcall.runner;

import java.util.concurrent.Callable;

/**
 * One command below {@code lastcall}: a class annotated with picocli's {@code @Command} that is named as a service of this
 * type. What {@link #call} returns is the exit status; it is called on the main thread.
 */
public interface Subcommand extends Callable<Integer> {}
