package io.lastcall.testkit.broker;

import io.lastcall.testkit.broker.BrokerProcess.Command;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** One start of the process and the thread that reads its output. */
final class BrokerRun {

    private static final Set<Process> ALIVE = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> ALIVE.forEach(BrokerRun::killTree), "broker-kill"));
    }

    final Process process;
    final Thread reader;
    final CompletableFuture<String> ready;
    private final Command command;
    private final OrphanGuard guard;

    // Guarded by itself, as is waiting: the last lines, for errors and late questions.
    private final Deque<String> lines = new ArrayDeque<>();

    // Guarded by lines: who waits for which line.
    private final List<Waiting> waiting = new ArrayList<>();

    BrokerRun(Command command) {
        this.command = command;
        ProcessBuilder builder = new ProcessBuilder(apart(command.words()))
                .directory(command.folder().toFile())
                .redirectErrorStream(true);
        builder.environment().putAll(command.environment());
        try {
            Files.createDirectories(command.folder());
            process = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(command.name() + " could not be started: " + command.words(), e);
        }
        guard = OrphanGuard.over(process, command.folder());
        ALIVE.add(process);
        ready = line(command.ready());
        reader = new Thread(this::read, command.name() + "-output");
        reader.setDaemon(true);
        reader.start();
        // A grandchild may hold the pipe open: the end of the process counts, not the end of its output.
        CompletableFuture<Void> unused = process.onExit().thenRunAsync(this::ended);
    }

    /**
     * Terminals send Ctrl-C to all that run in them, {@code timeout} and others TERM to a whole process group: a broker must
     * outlive the program that still drains from it.
     */
    static List<String> apart(List<String> words) {
        String script = "trap '' INT; if command -v setsid >/dev/null; then exec setsid \"$@\"; fi; exec \"$@\"";
        List<String> all = new ArrayList<>(List.of("sh", "-c", script, "sh"));
        all.addAll(words);
        return all;
    }

    CompletableFuture<String> line(Pattern pattern) {
        CompletableFuture<String> found = new CompletableFuture<>();
        synchronized (lines) {
            for (String line : lines) {
                if (pattern.matcher(line).find()) {
                    found.complete(line);
                    return found;
                }
            }
            waiting.add(new Waiting(pattern, found));
        }
        return found;
    }

    String tail() {
        synchronized (lines) {
            return "; its last lines (all in " + command.folder().resolve("output.log") + "):\n  "
                    + String.join("\n  ", lines);
        }
    }

    private void read() {
        Path log = command.folder().resolve("output.log");
        try (BufferedReader in = process.inputReader(StandardCharsets.UTF_8);
                BufferedWriter out =
                        Files.newBufferedWriter(log, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                keep(line);
                write(out, line);
            }
        } catch (IOException e) {
            keep("(output could not be read: " + e + ")");
        }
    }

    private static void write(Writer out, String line) throws IOException {
        out.write(line);
        out.write('\n');
        out.flush();
    }

    private void keep(String line) {
        List<CompletableFuture<String>> found = new ArrayList<>();
        synchronized (lines) {
            if (lines.size() == BrokerProcess.TAIL_LINES) {
                lines.removeFirst();
            }
            lines.addLast(line);
            waiting.removeIf(it -> it.pattern.matcher(line).find() && found.add(it.future));
        }
        found.forEach(future -> future.complete(line));
    }

    private void ended() {
        try {
            reader.join(1_000); // what it printed last
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        ALIVE.remove(process);
        guard.dismiss();
        List<Waiting> left;
        synchronized (lines) {
            left = List.copyOf(waiting);
            waiting.clear();
        }
        left.forEach(it -> it.future.completeExceptionally(
                new IllegalStateException(command.name() + " ended with status " + process.exitValue() + tail())));
    }

    private record Waiting(Pattern pattern, CompletableFuture<String> future) {}

    static Stream<ProcessHandle> tree(Process process) {
        return Stream.concat(Stream.of(process.toHandle()), process.descendants());
    }

    // A frozen process dies of SIGKILL too.
    static void killTree(Process process) {
        List<ProcessHandle> all = tree(process).toList();
        all.forEach(ProcessHandle::destroyForcibly);
        try {
            process.waitFor(BrokerProcess.KILL_WAIT.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        ALIVE.remove(process);
    }
}
