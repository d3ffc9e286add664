package io.lastcall.internal.account;

/** Sees every move of both coordinates. For simulations; absent in production. Called with or without the floor's lock. */
public interface Probe {
    void moved(Execution from, Execution to);

    void moved(Fate from, Fate to);
}
