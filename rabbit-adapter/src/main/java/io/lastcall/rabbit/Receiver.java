package io.lastcall.rabbit;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.ShutdownSignalException;
import io.lastcall.spi.Delivery;
import java.util.ArrayList;
import java.util.List;

/**
 * One subscription on the channel. The client's dispatcher calls it, one call at a time, in the order in which frames came; so what ends it,
 * whichever of the three comes first, comes after its last delivery.
 */
final class Receiver extends DefaultConsumer {

    private final Generation generation;
    private final StopGate gate;
    // Dispatcher: tags that the core did not take. Given back when no more can come, or the broker would send
    // them at once.
    private final List<Long> refused = new ArrayList<>();
    // Dispatcher, or the owner where the subscription was never made.
    private boolean ended;

    /** @param gate entered already; left once */
    Receiver(Generation generation, StopGate gate) {
        super(generation.channel());
        this.generation = generation;
        this.gate = gate;
    }

    @Override
    public void handleDelivery(String consumerTag, Envelope envelope, AMQP.BasicProperties properties, byte[] body) {
        Delivery<DeliveryTag> delivery = generation.delivery(envelope, properties, body);
        boolean taken = false;
        try {
            taken = generation.offer(delivery);
        } finally {
            if (!taken) {
                refused.add(envelope.getDeliveryTag());
            }
        }
    }

    @Override
    public void handleCancelOk(String consumerTag) {
        end();
    }

    @Override
    public void handleCancel(String consumerTag) {
        generation.cancelledByServer(this);
        end();
    }

    @Override
    public void handleShutdownSignal(String consumerTag, ShutdownSignalException signal) {
        end();
    }

    /** No more will come by this one. */
    void end() {
        if (ended) {
            return;
        }
        ended = true;
        if (!refused.isEmpty()) {
            generation.giveBack(List.copyOf(refused));
        }
        gate.leave();
    }
}
