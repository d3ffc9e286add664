package io.lastcall.benchmarks.chaos;

import java.time.Duration;
import java.util.List;

/**
 * What a member is told when it is started, as words of a command line. Immutable.
 *
 * @param port where its ledger is read
 * @param bootstrap where the broker is
 * @param topic what it consumes; the group has the same name
 * @param protocol of the group
 * @param session of the group
 * @param workers handlers at once
 * @param handlerMicros the mean time of a handler
 * @param commitInterval of the source
 * @param budget for its drain
 */
record MemberPlan(
        int port,
        String bootstrap,
        String topic,
        Protocol protocol,
        Duration session,
        int workers,
        int handlerMicros,
        Duration commitInterval,
        Duration budget) {

    List<String> words() {
        return List.of(
                Integer.toString(port),
                bootstrap,
                topic,
                protocol.name(),
                session.toString(),
                Integer.toString(workers),
                Integer.toString(handlerMicros),
                commitInterval.toString(),
                budget.toString());
    }

    static MemberPlan of(String... words) {
        return new MemberPlan(
                Integer.parseInt(words[0]),
                words[1],
                words[2],
                Protocol.valueOf(words[3]),
                Duration.parse(words[4]),
                Integer.parseInt(words[5]),
                Integer.parseInt(words[6]),
                Duration.parse(words[7]),
                Duration.parse(words[8]));
    }
}
