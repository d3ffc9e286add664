package io.lastcall.testkit.contract;

import io.lastcall.message.Headers;
import io.lastcall.spi.SourceFactory;
import java.time.Duration;
import java.util.List;

/** One topic with its group, or one queue, for one case. */
public interface Destination extends AutoCloseable {

    /**
     * Publishes one message and waits until the broker has confirmed it. Called by several threads at once.
     *
     * @param key what the broker orders by, where it has such a thing; else of no meaning
     * @param body the body, as UTF-8; different for each message of a destination
     * @throws Exception when the broker did not confirm
     */
    void publish(String key, String body) throws Exception;

    /**
     * Publishes bytes with headers, and waits until the broker has confirmed it.
     *
     * @param key what the broker orders by, where it has such a thing
     * @param body the body; only such as the fixture's broker takes
     * @param headers with values that are bytes or text; names repeat only where {@link BrokerFixture#repeatsHeaders}
     * @throws Exception when the broker did not confirm
     */
    void publish(String key, byte[] body, Headers headers) throws Exception;

    /**
     * The subscription under test: the same one (group, queue) at each call, reading what was published before its first start
     * too.
     *
     * @return the factory
     */
    SourceFactory<?> source();

    /**
     * Takes all that the broker would hand to the next consumer of this subscription, with a plain client and not with the
     * adapter, and settles it there. Called only when no consumer of this subscription runs. Waits until {@code expected}
     * messages have come or the time is over, and then looks once more whether there are others, so that too many are seen too.
     *
     * @param expected how many should be there
     * @param atMost how long to wait for those
     * @return the bodies of the messages taken, each as often as it came
     * @throws Exception when the broker cannot be asked
     */
    List<String> takeAvailable(int expected, Duration atMost) throws Exception;

    /**
     * Removes the destination, where that is worth the time.
     *
     * @throws Exception when the broker refuses
     */
    @Override
    default void close() throws Exception {}
}
