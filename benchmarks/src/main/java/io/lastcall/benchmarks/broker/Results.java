package io.lastcall.benchmarks.broker;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** What the contenders of one bench reached, round by round. Immutable. */
final class Results {

    private final Map<String, List<Sample>> samples;

    Results(Map<String, List<Sample>> samples) {
        this.samples = samples;
    }

    /** Of all rounds, one contender. */
    double median(String contender, ToDoubleFunction<Sample> figure) {
        return median(of(contender).stream().mapToDouble(figure).toArray());
    }

    /** The median of the quotients of each round: what changes from round to round with the machine cancels out. */
    double ratio(String contender, String base) {
        List<Sample> ours = of(contender);
        List<Sample> theirs = of(base);
        return median(IntStream.range(0, ours.size())
                .mapToDouble(
                        round -> ours.get(round).perSecond() / theirs.get(round).perSecond())
                .toArray());
    }

    /** The median of the differences of each round. */
    double over(String contender, String base, ToDoubleFunction<Sample> figure) {
        List<Sample> ours = of(contender);
        List<Sample> theirs = of(base);
        return median(IntStream.range(0, ours.size())
                .mapToDouble(round -> figure.applyAsDouble(ours.get(round)) - figure.applyAsDouble(theirs.get(round)))
                .toArray());
    }

    /** Over all runs of these contenders. */
    long sum(ToLongFunction<Sample.Tally> figure, String... contenders) {
        return Stream.of(contenders)
                .flatMap(contender -> of(contender).stream())
                .mapToLong(sample -> figure.applyAsLong(sample.tally()))
                .sum();
    }

    private List<Sample> of(String contender) {
        List<Sample> all = samples.get(contender);
        if (all == null) {
            throw new IllegalArgumentException("contender = " + contender + ", must be one of " + samples.keySet());
        }
        return all;
    }

    static double median(double... values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int half = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }
}
