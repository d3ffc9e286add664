/** The consumer runtime: API, SPI, in-memory queue and the engine behind them. */
@SuppressWarnings("module") // the testkit, which comes later, is not there when this is compiled
module io.lastcall.core {
    requires transitive org.jspecify;
    requires jdk.unsupported; // signals
    requires org.slf4j;
    requires static com.google.errorprone.annotations;

    exports io.lastcall;
    exports io.lastcall.memory;
    exports io.lastcall.message;
    exports io.lastcall.spi;

    // The simulation puts the engine together itself.
    exports io.lastcall.internal.account to
            io.lastcall.testkit;
    exports io.lastcall.internal.consumer to
            io.lastcall.testkit;
    exports io.lastcall.internal.dispatch to
            io.lastcall.testkit;
    exports io.lastcall.internal.drain to
            io.lastcall.testkit;
    exports io.lastcall.internal.lease to
            io.lastcall.testkit;
    exports io.lastcall.internal.time to
            io.lastcall.testkit;
}
