package io.lastcall.examples.demo;

import io.lastcall.HandlingContext;
import io.lastcall.MessageHandler;
import io.lastcall.message.Message;
import io.lastcall.message.Outcome;
import java.util.Objects;

/** Handles an order as its kind says. Safe for any thread. */
final class OrderHandler implements MessageHandler<Order> {

    /** How often an order is tried. */
    static final int ATTEMPTS = 3;

    private final Bank bank;
    private final Ledger ledger;

    OrderHandler(Bank bank, Ledger ledger) {
        this.bank = bank;
        this.ledger = ledger;
    }

    @Override
    public Outcome handle(Message<Order> message, HandlingContext context) throws Exception {
        Order order = Objects.requireNonNull(message.body(), "body");
        int attempt = context.attempt();
        ledger.starts(order, attempt);
        try {
            bank.charge(order);
            if (order.kind() == Order.Kind.POISON || (order.kind() == Order.Kind.FLAKY && attempt == 1)) {
                if (attempt == ATTEMPTS) {
                    ledger.givenUp(order);
                }
                throw new IllegalStateException("the bank refused order " + order.id() + " of " + order.customer());
            }
            ledger.handledWell(order);
            return Outcome.accept();
        } finally {
            ledger.ends();
        }
    }
}
