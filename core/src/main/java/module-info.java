/** The consumer runtime: API, SPI, in-memory queue and the engine behind them. */
module io.lastcall.core {
    requires transitive org.jspecify;
    requires jdk.unsupported; // signals
    requires org.slf4j;
    requires static com.google.errorprone.annotations;

    exports io.lastcall;
    exports io.lastcall.memory;
    exports io.lastcall.message;
    exports io.lastcall.spi;
}
