package io.lastcall.benchmarks.broker;

/**
 * One run of one contender. Immutable.
 *
 * @param messages how many were handled between the two readings
 * @param from the first reading
 * @param to the last
 * @param tally what became of all messages of the run
 */
record Sample(long messages, Reading from, Reading to, Tally tally) {

    /**
     * What became of all messages of a run. Immutable.
     *
     * @param handled how many handlings there were
     * @param violations handlings that came out of order, more than once, or after one that never came
     * @param unsettled handled, and the broker does not know it after the end
     */
    record Tally(long handled, long violations, long unsettled) {}

    double perSecond() {
        return messages * 1e9 / (to.nanos() - from.nanos());
    }

    double cpuMicros() {
        return (to.cpuNanos() - from.cpuNanos()) / 1e3 / messages;
    }

    double bytesPerMessage() {
        return (double) (to.bytes() - from.bytes()) / messages;
    }
}
