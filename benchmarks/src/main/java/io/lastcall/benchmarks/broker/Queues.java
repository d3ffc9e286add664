package io.lastcall.benchmarks.broker;

import io.lastcall.ConsumerBuilder;
import java.util.List;
import java.util.Map;

/** A broker of queues, as the benches need it. For one thread; consumers bring threads of their own. */
interface Queues extends AutoCloseable {

    /** A new queue that holds so many messages, see {@link #number}. */
    String fill(int messages) throws Exception;

    /** A consumer of this framework, described but for order and handler. */
    ConsumerBuilder<byte[]> ours(String queue, int handlers);

    /** The bare client as its users write it. It consumes until it is closed; messages whose handling has begun are settled. */
    AutoCloseable bare(String queue, int handlers, Work work) throws Exception;

    /** How many messages the broker has that are not settled. */
    long left(String queue) throws Exception;

    /** Takes all that is there, and returns their numbers. */
    List<Integer> takeRest(String queue) throws Exception;

    /** What the broker alone can tell: of so many messages, all runs of all contenders together. */
    Map<String, Number> figures(long messagesOfEach);

    @Override
    void close();

    /** What is done with each message. */
    @FunctionalInterface
    interface Work {
        void on(int number) throws InterruptedException;
    }

    /** A body of 100 characters. */
    static String body(int number) {
        String digits = Integer.toString(number);
        return "0".repeat(10 - digits.length()) + digits + "-".repeat(90);
    }

    /** The number of a message, from 0 in each queue. */
    static int number(byte[] body) {
        int number = 0;
        for (int i = 0; i < 10; i++) {
            number = number * 10 + body[i] - '0';
        }
        return number;
    }
}
