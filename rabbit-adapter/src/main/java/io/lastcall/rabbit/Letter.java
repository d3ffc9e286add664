package io.lastcall.rabbit;

import java.io.IOException;

/** Something to be done on the owner thread. */
@FunctionalInterface
interface Letter {
    void open() throws IOException;
}
