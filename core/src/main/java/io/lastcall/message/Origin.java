package io.lastcall.message;

/**
 * Where a message came from. Immutable.
 *
 * @param broker the kind of broker: {@code kafka}, {@code sqs}, {@code rabbitmq}, {@code memory}
 * @param destination the topic or queue
 * @param lane the lane's name, such as {@code orders-3} for a Kafka partition
 * @param position the place in the lane, such as an offset or a delivery tag
 */
public record Origin(String broker, String destination, String lane, String position) {

    @Override
    public String toString() {
        return broker + ":" + lane + "@" + position;
    }
}
