package io.lastcall.benchmarks.chaos;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * All that dice decide about a round. The same broker, seed and kind give the same plan. Immutable.
 *
 * @param seed what it was made from
 * @param kind what happens
 * @param subscription how the members share what is published
 * @param messages how many are published once all members of the beginning are at work
 * @param keys how many keys they have
 * @param partitions of the topic, where it has any
 * @param publishing how long publishing goes on from then
 * @param members how many are there at the beginning
 * @param workers handlers at once in each member
 * @param handlerMicros the mean time of a handler
 * @param settleInterval how long the source may gather what is settled, where it does
 * @param session how long the broker waits for a member that says nothing
 * @param budget for the drain of each member
 * @param strikes after how many messages handled from then something happens, in ascending order
 * @param pauses how long the parts of what happens take, one for each strike
 * @param eager in some kinds: the successor starts before the end of its predecessor, a member drains while the broker is gone
 */
record RoundPlan(
        long seed,
        RoundKind kind,
        Subscription subscription,
        int messages,
        int keys,
        int partitions,
        Duration publishing,
        int members,
        int workers,
        int handlerMicros,
        Duration settleInterval,
        Duration session,
        Duration budget,
        List<Integer> strikes,
        List<Duration> pauses,
        boolean eager) {

    private static final Duration LONG_SESSION = Duration.ofSeconds(15);

    /** Copies the lists. */
    RoundPlan {
        strikes = List.copyOf(strikes);
        pauses = List.copyOf(pauses);
    }

    /** The plan of a seed; kinds take turns from one seed to the next unless one is wanted. */
    static RoundPlan of(Subscription.Broker broker, long seed, Optional<RoundKind> wanted) {
        List<RoundKind> kinds = List.of(RoundKind.values());
        RoundKind kind = wanted.orElse(kinds.get(Math.floorMod(seed, kinds.size())));
        SplittableRandom dice = new SplittableRandom(seed);
        List<Subscription> subscriptions = broker.subscriptions();
        Subscription subscription = subscriptions.get(dice.nextInt(subscriptions.size()));
        Size size = Size.of(kind, dice);
        int messages = size.messages + dice.nextInt(size.messages / 4);
        List<Integer> strikes = IntStream.range(0, size.strikes)
                .map(strike -> messages * (5 + dice.nextInt(60)) / 100)
                .sorted()
                .boxed()
                .toList();
        List<Duration> pauses = IntStream.range(0, size.strikes)
                .mapToObj(strike -> Duration.ofMillis(dice.nextInt(size.pauseMillis)))
                .toList();
        return new RoundPlan(
                seed,
                kind,
                subscription,
                messages,
                100 + dice.nextInt(300),
                4 + dice.nextInt(5),
                Duration.ofMillis(size.publishingMillis + dice.nextInt(500)),
                size.members,
                3 + dice.nextInt(6),
                1_000 + dice.nextInt(6_000),
                Duration.ofMillis(50 + dice.nextInt(400)),
                kind == RoundKind.KILL || kind == RoundKind.FREEZE ? shortSession(broker) : LONG_SESSION,
                Duration.ofSeconds(kind.isGraceful() ? 8 : kind == RoundKind.BROKER ? 2 : 5),
                strikes,
                pauses,
                dice.nextBoolean());
    }

    /** SQS knows whole seconds, and RabbitMQ gives up after the second or third heartbeat. */
    private static Duration shortSession(Subscription.Broker broker) {
        return switch (broker) {
            case KAFKA -> Duration.ofMillis(1_200);
            case SQS -> Duration.ofSeconds(2);
            case RABBIT -> Duration.ofSeconds(3);
        };
    }

    /** How much of it there is. Immutable. */
    private record Size(int messages, int publishingMillis, int members, int strikes, int pauseMillis) {

        static Size of(RoundKind kind, SplittableRandom dice) {
            return switch (kind) {
                case TERM -> new Size(900, 1_500, 1 + dice.nextInt(2), 1 + dice.nextInt(2), 1);
                case KILL -> new Size(900, 1_500, 1 + dice.nextInt(2), 1, 1);
                case BROKER -> new Size(1_000, 2_500, 2, 1, 1_000);
                case ROLLING -> new Size(1_500, 4_000, 3, 3, 1);
                case STORM -> new Size(1_200, 5_000, 1, 3 + dice.nextInt(2), 700);
                case FREEZE -> new Size(1_000, 2_500, 2, 1, 1_000);
            };
        }
    }

    /** One line for people. */
    String describe() {
        return kind.word() + " " + subscription.name().toLowerCase(Locale.ROOT) + ", " + messages + " messages, "
                + keys + " keys, "
                + (subscription.broker() == Subscription.Broker.KAFKA ? partitions + " partitions, " : "") + members
                + " x " + workers + " workers"
                + (eager ? ", eager" : "") + ", after " + strikes;
    }

    /** What to type to see it again. */
    String replay() {
        return "bin/lastcall chaos " + subscription.broker().word() + " --rounds 1 --seed " + seed + " --kind "
                + kind.word();
    }
}
