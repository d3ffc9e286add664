package io.lastcall.spi;

import java.util.Set;

/**
 * Describes one subscription and opens it afresh for each start, since a supervised restart needs a source without a past.
 * Immutable, safe for any thread.
 *
 * @param <R> the receipt by which the adapter recognises a delivery
 */
public interface SourceFactory<R> {

    /**
     * Broker and destination for logs and reports, such as {@code kafka:orders}. Holds no credentials.
     *
     * @return the name, never empty
     */
    String name();

    /**
     * What this broker can do, which settings are checked against.
     *
     * @return the capabilities
     */
    Set<Capability> capabilities();

    /**
     * How many deliveries to hold at most where the application does not say: few for a broker whose leases run or whose
     * releases cost, many where fetching ahead is free.
     *
     * @param concurrency how many handlers may run at once
     * @return the limit, at least one
     */
    default int defaultLimit(int concurrency) {
        return 2 * concurrency;
    }

    /**
     * A new source, not yet connected. Called once for each start; does not block.
     *
     * @return the source
     */
    Source<R> open();
}
