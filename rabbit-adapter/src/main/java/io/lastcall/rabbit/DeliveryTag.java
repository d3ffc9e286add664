package io.lastcall.rabbit;

/**
 * The receipt of one delivery: a tag means something only on the channel that it came by, and after a loss the same number comes again
 * for another message. Immutable.
 */
public final class DeliveryTag {

    final Generation generation;
    final long tag;

    DeliveryTag(Generation generation, long tag) {
        this.generation = generation;
        this.tag = tag;
    }

    @Override
    public String toString() {
        return generation.epoch() + "/" + tag;
    }
}
