package io.lastcall.rabbit;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.ShutdownSignalException;

/**
 * One subscription on the channel. The client's dispatcher calls it, one call at a time, in the order in which frames came; so what ends it,
 * whichever of the three comes first, comes after its last delivery.
 */
final class Receiver extends DefaultConsumer {

    private final Generation generation;
    private final Doorstep doorstep;
    // Dispatcher, or the owner where the subscription was never made.
    private boolean ended;

    /** @param doorstep entered already; left once */
    Receiver(Generation generation, Doorstep doorstep) {
        super(generation.channel());
        this.generation = generation;
        this.doorstep = doorstep;
    }

    @Override
    public void handleDelivery(String consumerTag, Envelope envelope, AMQP.BasicProperties properties, byte[] body) {
        doorstep.came(generation.delivery(envelope, properties, body));
    }

    @Override
    public void handleCancelOk(String consumerTag) {
        end();
    }

    @Override
    public void handleCancel(String consumerTag) {
        generation.cancelledByServer();
        end();
    }

    @Override
    public void handleShutdownSignal(String consumerTag, ShutdownSignalException signal) {
        end();
    }

    /** No more will come by this one. */
    void end() {
        if (!ended) {
            ended = true;
            // Asked before the stop can be confirmed: a close that follows finds it in the mailbox.
            generation.receiverEnds();
            doorstep.leave();
        }
    }
}
