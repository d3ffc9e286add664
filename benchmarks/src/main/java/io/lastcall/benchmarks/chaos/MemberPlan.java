package io.lastcall.benchmarks.chaos;

import java.time.Duration;
import java.util.List;

/**
 * What a member is told when it is started, as words of a command line. Immutable.
 *
 * @param port where its ledger is read
 * @param address where the broker is
 * @param queue what it consumes there
 * @param subscription how
 * @param session how long the broker waits for a member that says nothing
 * @param workers handlers at once
 * @param handlerMicros the mean time of a handler
 * @param settleInterval how long the source may gather what is settled, where it does
 * @param budget for its drain
 */
record MemberPlan(
        int port,
        String address,
        String queue,
        Subscription subscription,
        Duration session,
        int workers,
        int handlerMicros,
        Duration settleInterval,
        Duration budget) {

    List<String> words() {
        return List.of(
                Integer.toString(port),
                address,
                queue,
                subscription.name(),
                session.toString(),
                Integer.toString(workers),
                Integer.toString(handlerMicros),
                settleInterval.toString(),
                budget.toString());
    }

    static MemberPlan of(String... words) {
        return new MemberPlan(
                Integer.parseInt(words[0]),
                words[1],
                words[2],
                Subscription.valueOf(words[3]),
                Duration.parse(words[4]),
                Integer.parseInt(words[5]),
                Integer.parseInt(words[6]),
                Duration.parse(words[7]),
                Duration.parse(words[8]));
    }
}
