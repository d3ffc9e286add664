package io.lastcall;

import java.util.concurrent.CompletionStage;

/**
 * Keeps several consumers as one: starts them together, answers failures as its {@link FailurePolicy} says, drains them in
 * parallel under one absolute deadline, then closes what stood behind them. Safe for any thread.
 *
 * <p>In a program of its own, {@link #runToExit()} does all that from {@code main} and ends the process with a status that tells
 * how it went. Inside another program, {@link #start()} and {@link #drainOnShutdown()} do. A runtime starts once.
 */
public interface ConsumerRuntime extends AutoCloseable {

    /**
     * Begins to describe a runtime.
     *
     * @param consumers the first consumers, not yet started; more may be added to the builder
     * @return a builder
     */
    static RuntimeBuilder of(MessageConsumer... consumers) {
        RuntimeBuilder builder = new RuntimeBuilder();
        for (MessageConsumer consumer : consumers) {
            builder.consumer(consumer);
        }
        return builder;
    }

    /**
     * Starts all consumers and waits until they stand.
     *
     * @return this
     * @throws IllegalStateException when it was started before, when a consumer was, when it was drained before all stood, or
     *     when a consumer could not start and the policy gave up; the consumer's error is the cause
     */
    ConsumerRuntime start();

    /**
     * Starts without waiting.
     *
     * @return the same stage as {@link #ready()}
     * @throws IllegalStateException when it was started before, or a consumer was
     */
    CompletionStage<Void> beginStart();

    /**
     * Tells when all consumers stand.
     *
     * @return completes the first time that all consumers stand at once; exceptionally as {@link #start()} throws. Dependents
     *     run on a thread that nothing waits for.
     */
    CompletionStage<Void> ready();

    /**
     * Tells when all consumers have ended and all resources are closed, for whatever reason.
     *
     * @return completes with the report; never fails. Dependents run on a thread that nothing waits for.
     */
    CompletionStage<RuntimeReport> done();

    /**
     * Begins to drain, or hardens a drain that is under way: requests merge to the earliest deadline and the hardest mode. Ends a
     * start or a back-off at once. Never blocks, never throws.
     *
     * @param request how and by when
     * @return the same stage as {@link #done()}
     */
    CompletionStage<RuntimeReport> beginDrain(DrainRequest request);

    /**
     * Drains as the settings say and waits for the report.
     *
     * @return how it ended
     * @throws IllegalStateException when called from a handler of one of the consumers, which it would wait for: use
     *     {@link #beginDrain} there
     */
    RuntimeReport drain();

    /** The same as {@link #drain()}, without the report. */
    @Override
    void close();

    /**
     * Takes the signals TERM and INT until {@link #done()}: the first one drains as the settings say, each further one goes one
     * step harder ({@link DrainMode#harder()}) for every consumer. The process does not end by itself then. Once is enough;
     * calling it again changes nothing. Where the JVM has no signals to give (option {@code -Xrs}), this is said in the log.
     *
     * @return this
     */
    ConsumerRuntime onSignals();

    /**
     * Adds a shutdown hook that drains as the settings say and waits for the report, at most as long as the settings' total. For
     * use inside a program that decides itself when and with which status it ends. The hook is taken back when the runtime is
     * done; calling it again changes nothing.
     *
     * @return this
     */
    ConsumerRuntime drainOnShutdown();

    /**
     * For {@code main}: starts, takes the signals as {@link #onSignals()} does, waits until the runtime is done, logs the report
     * and ends the process with {@link RuntimeReport#exitStatus()}. Shutdown hooks of logging and telemetry so run after the
     * drain. A {@link System#exit} by somebody else drains too, by a hook, and keeps the status that it was given. An interrupt of
     * the calling thread drains. Does not return.
     *
     * @throws IllegalStateException when the runtime or one of its consumers was started before
     */
    void runToExit();
}
