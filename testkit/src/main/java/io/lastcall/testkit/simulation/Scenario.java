package io.lastcall.testkit.simulation;

import io.lastcall.DrainMode;
import io.lastcall.DrainSettings;
import io.lastcall.Retry;
import io.lastcall.spi.LaneRules;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Everything that is drawn before a schedule begins: settings, sizes, how often what goes wrong. Chances are in percent. Written by
 * its constructor only.
 */
final class Scenario {

    static final long MICROS = 1_000;
    static final long MILLIS = 1_000_000;
    static final long SECONDS = 1_000_000_000;

    /** What starts may run into. */
    enum Start {
        WELL,
        SLOW,
        HANGS,
        THROWS,
        CANNOT_OPEN
    }

    /** What a call of the source may run into. */
    enum Call {
        WELL,
        SLOW,
        HANGS,
        FAILS
    }

    /** The order that is asked for. */
    enum Order {
        NONE,
        LANE,
        KEY
    }

    final boolean calm;
    /** No drain is asked for until all faults have ended and all that can be done is done (H15). */
    final boolean toTheEnd;

    final int partitions;
    final LaneRules rules;
    final int messages;
    final int messagesAtStart;
    final int keys;
    final Order order;
    final int concurrency;
    final int limit;
    final int largestFetch;
    final boolean redelivers;
    /** And can wait before it does. */
    final boolean delays;

    final boolean letters;
    final boolean drops;
    final boolean admits;
    final boolean blocking;
    final Retry retry;
    final DrainSettings drain;
    final Start start;
    final Call stop;
    final boolean stopDropsWire;
    final Call close;
    /** How many of the open settlements a close answers. */
    final int closeAnswers;

    final long latency;
    final long handling;
    /** How long the script goes on before the last request for a drain. */
    final long span;

    // Chances.
    final int handlerFails;
    final int handlerIsSlow;
    final int handlerIsStuck;
    final int handlerIgnores;
    final int handlerDrains;
    final int settleNow;
    final int settleRefused;
    final int settleUnknown;
    final int settleNever;
    final int settleThrows;
    final int extendFails;
    final int extendNever;
    final int letterFails;
    final int letterNever;
    final int letterSlow;
    final int admissionLate;
    final int admissionNotYet;
    final int admissionAnswers;
    final int duplicates;
    final int keyFails;
    final int restarts;

    Scenario(Dice dice) {
        calm = dice.percent(18);
        toTheEnd = dice.percent(12);
        partitions = dice.of(1, 1, 2, 2, 3);
        order = dice.of(Order.NONE, Order.LANE, Order.KEY, Order.KEY);
        keys = dice.between(1, 5);
        messages = dice.oneIn(25) ? 120 : dice.between(3, dice.of(6, 12, 24, 40));
        messagesAtStart = dice.of(0, messages / 2, messages, messages, messages);
        concurrency = dice.between(1, 4);
        limit = messages > 100 ? 100 : dice.of(1, 2, 3, 5, 8, 16, 30);
        largestFetch = messages > 100 ? 50 : dice.of(1, 3, 10, 10);
        redelivers = dice.percent(60);
        delays = redelivers && dice.percent(60);
        letters = dice.percent(50);
        drops = !letters && dice.percent(70);
        admits = dice.percent(22);
        blocking = dice.percent(40);
        latency = dice.magnitude(50 * MICROS, 50 * MILLIS);
        handling = dice.magnitude(MICROS, messages > 100 ? 20 * MICROS : 20 * MILLIS);
        long work = messages * handling / concurrency + 3 * latency;
        span = dice.oneIn(3)
                ? dice.magnitude(200 * MICROS, 3 * SECONDS)
                : latency + (long) ((0.1 + 1.5 * dice.unit()) * work);
        rules = drawRules(dice);
        retry = drawRetry(dice);
        drain = drawDrain(dice);
        start = calm || toTheEnd ? dice.of(Start.WELL, Start.SLOW) : drawStart(dice);
        stop = calm ? dice.of(Call.WELL, Call.SLOW) : drawCall(dice);
        close = calm ? dice.of(Call.WELL, Call.SLOW) : drawCall(dice);
        stopDropsWire = dice.oneIn(3);
        closeAnswers = calm ? 100 : dice.of(100, 100, 50, 0);
        settleNow = dice.of(0, 50, 100);

        handlerFails = calm ? 0 : dice.of(0, 10, 30);
        handlerIsSlow = dice.of(0, 20, 60);
        handlerIsStuck = rare(dice, 12);
        handlerIgnores = rare(dice, 8);
        handlerDrains = calm || toTheEnd ? 0 : dice.of(0, 0, 0, 4);
        settleRefused = rare(dice, 15);
        settleUnknown = rare(dice, 15);
        settleNever = rare(dice, 8);
        settleThrows = rare(dice, 8);
        extendFails = rare(dice, 30);
        extendNever = toTheEnd ? 0 : rare(dice, 8);
        letterFails = rare(dice, 40);
        letterNever = toTheEnd ? 0 : rare(dice, 15);
        letterSlow = dice.of(0, 40);
        admissionLate = dice.of(0, 50);
        admissionNotYet = rare(dice, 30);
        admissionAnswers = dice.of(0, 15);
        duplicates = rare(dice, 10);
        keyFails = rare(dice, 5);
        restarts = toTheEnd ? 0 : dice.of(0, 0, 30);
    }

    private int rare(Dice dice, int most) {
        return calm ? 0 : dice.of(0, 0, most / 4, most);
    }

    private LaneRules drawRules(Dice dice) {
        LaneRules drawn = LaneRules.PLAIN;
        if (dice.percent(45)) {
            drawn = drawn.withLease(Duration.ofNanos(dice.magnitude(300 * MILLIS, 30 * SECONDS)));
        }
        if (dice.percent(35)) {
            drawn = drawn.holdingKeys();
        }
        if (dice.percent(35)) {
            drawn = drawn.withCostlyRelease();
        }
        if (dice.percent(40)) {
            drawn = drawn.boundedTo(dice.of(1, 2, 5, 10));
        }
        return drawn;
    }

    private Retry drawRetry(Dice dice) {
        Duration most = toTheEnd ? Duration.ofSeconds(5) : Duration.ofMinutes(10);
        return dice.of(
                Retry.never(),
                Retry.fixed(2, most),
                Retry.fixed(3, Duration.ofMillis(10)),
                Retry.exponential(5, Duration.ofMillis(50), Duration.ofSeconds(5)),
                Retry.fixed(4, Duration.ZERO));
    }

    private static DrainSettings drawDrain(Dice dice) {
        Duration total = budget(dice);
        DrainSettings drawn = DrainSettings.within(total);
        if (dice.oneIn(4)) {
            drawn = drawn.mode(dice.of(DrainMode.values()));
        }
        if (dice.oneIn(4)) {
            drawn = drawn.withoutInterrupt();
        }
        if (dice.oneIn(4)) {
            drawn = drawn.finish(total.dividedBy(dice.between(3, 10)));
        }
        if (dice.oneIn(4)) {
            drawn = drawn.grace(total.dividedBy(dice.between(2, 10)));
        }
        if (dice.oneIn(4)) {
            drawn = drawn.stopReceiving(total.dividedBy(dice.between(4, 10)));
        }
        return drawn;
    }

    static Duration budget(Dice dice) {
        List<Duration> budgets = new ArrayList<>(List.of(
                Duration.ZERO,
                Duration.ofMillis(1),
                Duration.ofMillis(20),
                Duration.ofMillis(300),
                Duration.ofMillis(900),
                Duration.ofSeconds(2),
                Duration.ofSeconds(8),
                Duration.ofSeconds(25),
                Duration.ofSeconds(Long.MAX_VALUE / 100)));
        return dice.of(budgets);
    }

    private static Start drawStart(Dice dice) {
        int drawn = dice.below(100);
        return drawn < 70
                ? Start.WELL
                : drawn < 88 ? Start.SLOW : dice.of(Start.HANGS, Start.THROWS, Start.CANNOT_OPEN);
    }

    private static Call drawCall(Dice dice) {
        int drawn = dice.below(100);
        return drawn < 40 ? Call.WELL : drawn < 80 ? Call.SLOW : drawn < 90 ? Call.HANGS : Call.FAILS;
    }

    boolean ordered() {
        return order != Order.NONE;
    }
}
