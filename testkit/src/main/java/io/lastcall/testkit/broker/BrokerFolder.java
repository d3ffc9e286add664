package io.lastcall.testkit.broker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Where a broker keeps its data and what it printed: below {@code target} in a Maven module, else in the system's folder. Stateless. */
public final class BrokerFolder {

    private BrokerFolder() {}

    /**
     * Makes a folder.
     *
     * @param prefix how its name begins
     * @return the folder
     * @throws IOException when it cannot be made
     */
    public static Path fresh(String prefix) throws IOException {
        return isModule()
                ? Files.createTempDirectory(Files.createDirectories(target().resolve("brokers")), prefix)
                : Files.createTempDirectory(prefix);
    }

    /**
     * Deletes the data; in a Maven module what was printed stays, elsewhere nothing does.
     *
     * @param folder the folder
     * @throws IOException when it cannot be deleted
     */
    public static void discard(Path folder) throws IOException {
        delete(isModule() ? folder.resolve("data") : folder);
    }

    /** Whether what was printed stays. */
    static boolean isKept() {
        return isModule();
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        List<Path> all;
        try (Stream<Path> walk = Files.walk(folder)) {
            all = walk.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : all) {
            Files.deleteIfExists(path);
        }
    }

    private static boolean isModule() {
        return Files.isDirectory(target()) && Files.exists(Path.of("pom.xml"));
    }

    private static Path target() {
        return Path.of("target").toAbsolutePath();
    }
}
