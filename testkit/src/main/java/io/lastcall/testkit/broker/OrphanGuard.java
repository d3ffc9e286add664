package io.lastcall.testkit.broker;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * A small process that reads from this JVM. When that ends without a word (SIGKILL, where no hook runs), it kills the broker, which
 * nobody would be left to stop, and deletes its folder where nobody would look for it. One thread at a time.
 */
final class OrphanGuard {

    private static final String SCRIPT =
            "trap '' INT TERM HUP; read -r over && exit; kill -9 -- \"-$1\" 2>/dev/null || kill -9 \"$1\" 2>/dev/null;"
                    + " cd / && [ -z \"$2\" ] || rm -rf \"$2\"";

    private final Process process;

    private OrphanGuard(Process process) {
        this.process = process;
    }

    static OrphanGuard over(Process broker, Path folder) {
        String litter = BrokerFolder.isKept() ? "" : folder.toString();
        List<String> words = List.of("sh", "-c", SCRIPT, "sh", Long.toString(broker.pid()), litter);
        try {
            return new OrphanGuard(new ProcessBuilder(BrokerRun.apart(words))
                    .directory(folder.toFile())
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start());
        } catch (IOException e) {
            broker.destroyForcibly();
            throw new UncheckedIOException("the guard over a broker could not be started", e);
        }
    }

    /** The broker has ended. */
    void dismiss() {
        try (var word = process.outputWriter(StandardCharsets.UTF_8)) {
            word.write("over\n");
        } catch (IOException e) {
            process.destroyForcibly();
        }
    }
}
