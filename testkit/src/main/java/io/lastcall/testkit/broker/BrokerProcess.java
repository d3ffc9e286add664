package io.lastcall.testkit.broker;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A broker that runs as a process of its own and can be stopped, killed, frozen and started again with the same command. One
 * thread at a time; what is still alive when this JVM ends is killed, whether it ends in order or by SIGKILL.
 */
public final class BrokerProcess implements AutoCloseable {

    static final int TAIL_LINES = 60;
    static final Duration KILL_WAIT = Duration.ofSeconds(10);

    private final Command command;

    // The run that was started last; null before the first. Written by the one caller's thread.
    private @Nullable BrokerRun run;

    private BrokerProcess(Command command) {
        this.command = command;
    }

    /**
     * What to run, in which folder, and by which line of its output it is known to be ready.
     *
     * @param name for errors and thread names
     * @param words the program and its arguments
     * @param environment added to this JVM's own; a variable set here replaces an inherited one
     * @param folder the working folder; made if missing; its {@code output.log} collects what the process prints
     * @param ready found in the line that says it is ready
     */
    public record Command(
            String name, List<String> words, Map<String, String> environment, Path folder, Pattern ready) {
        /** Copies the collections. */
        public Command {
            words = List.copyOf(words);
            environment = Map.copyOf(environment);
        }
    }

    /**
     * Starts a broker and waits until it is ready.
     *
     * @param command what to run
     * @param atMost the longest wait; it is killed when this is over
     * @return the running broker
     * @throws IllegalStateException when it ended before it was ready or was not ready in time; the message holds the end of its
     *     output
     */
    public static BrokerProcess start(Command command, Duration atMost) {
        BrokerProcess broker = new BrokerProcess(command);
        broker.start(atMost);
        return broker;
    }

    /**
     * Runs a program that ends by itself, such as one that formats a data folder.
     *
     * @param command what to run; its {@code ready} pattern is not looked at
     * @param atMost the longest wait; it is killed when this is over
     * @throws IllegalStateException when it ended with another status than 0 or not in time
     */
    public static void runToEnd(Command command, Duration atMost) {
        BrokerRun run = new BrokerRun(command);
        try {
            if (!run.process.waitFor(atMost.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new IllegalStateException(command.name + " did not end within " + atMost + run.tail());
            }
            run.reader.join(KILL_WAIT.toMillis());
            if (run.process.exitValue() != 0) {
                throw new IllegalStateException(
                        command.name + " ended with status " + run.process.exitValue() + run.tail());
            }
        } catch (InterruptedException e) {
            throw interrupted(e);
        } finally {
            BrokerRun.killTree(run.process);
        }
    }

    /**
     * Ports of the loopback address that nobody listens on now, all different.
     *
     * @param count how many
     * @return the ports
     */
    public static List<Integer> freePorts(int count) {
        if (count == 0) {
            return List.of();
        }
        // Held open while the others are looked for, so that all are different.
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            List<Integer> ports = new ArrayList<>(freePorts(count - 1));
            ports.add(socket.getLocalPort());
            return ports;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * A port of the loopback address that nobody listens on now.
     *
     * @return the port
     */
    public static int freePort() {
        return freePorts(1).get(0);
    }

    /**
     * Starts it again with the same command and folder, after {@link #stop} or {@link #kill9}.
     *
     * @param atMost the longest wait until it is ready
     * @throws IllegalStateException when it still runs, or did not get ready
     */
    public void start(Duration atMost) {
        if (isAlive()) {
            throw new IllegalStateException(command.name + " is running already");
        }
        BrokerRun next = new BrokerRun(command);
        run = next;
        try {
            next.ready.get(atMost.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            BrokerRun.killTree(next.process);
            throw new IllegalStateException(command.name + " was not ready within " + atMost + next.tail(), e);
        } catch (ExecutionException e) {
            throw new IllegalStateException(
                    command.name + " ended with status " + next.process.exitValue() + " before it was ready"
                            + next.tail(),
                    e);
        } catch (InterruptedException e) {
            BrokerRun.killTree(next.process);
            throw interrupted(e);
        }
    }

    /**
     * Stops it in order and starts it again.
     *
     * @param atMost the longest wait for each of the two
     */
    public void restart(Duration atMost) {
        stop(atMost);
        start(atMost);
    }

    /**
     * Sends SIGTERM and waits for the end; does nothing when it has ended.
     *
     * @param atMost the longest wait; it is killed when this is over
     * @throws IllegalStateException when it had to be killed
     */
    public void stop(Duration atMost) {
        BrokerRun last = run;
        if (last == null || !last.process.isAlive()) {
            return;
        }
        last.process
                .toHandle()
                .destroy(); // its own destroy() closes the pipe that a broker still logs to, which may hang it
        try {
            if (!last.process.waitFor(atMost.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new IllegalStateException(command.name + " did not stop within " + atMost + last.tail());
            }
        } catch (InterruptedException e) {
            throw interrupted(e);
        } finally {
            BrokerRun.killTree(last.process);
        }
    }

    /** Sends SIGKILL to it and to all that it started, and waits for the end; does nothing when it has ended. */
    public void kill9() {
        BrokerRun last = run;
        if (last != null) {
            BrokerRun.killTree(last.process);
        }
    }

    /** Freezes it and all that it started (SIGSTOP): sockets stay open and nobody answers. */
    public void suspend() {
        signal("-STOP");
    }

    /** Lets it go on after {@link #suspend()} (SIGCONT). */
    public void resume() {
        signal("-CONT");
    }

    /**
     * Whether the process runs; a frozen one does.
     *
     * @return whether it runs
     */
    public boolean isAlive() {
        return run != null && run.process.isAlive();
    }

    /**
     * The process id of the run that was started last.
     *
     * @return the id
     */
    public long pid() {
        return current().process.pid();
    }

    /**
     * Waits for a line of output, in what was printed lately or in what is to come.
     *
     * @param line found in the line
     * @return completes with the line; exceptionally when the process ends first
     */
    public CompletableFuture<String> line(Pattern line) {
        return current().line(line);
    }

    /**
     * The end of the run that was started last, whoever ended it.
     *
     * @return completes with the exit status
     */
    public CompletableFuture<Integer> ended() {
        return current().process.onExit().thenApply(Process::exitValue);
    }

    /** Stops it within ten seconds, or kills it; does not throw. */
    @Override
    public void close() {
        BrokerRun last = run;
        if (last == null) {
            return;
        }
        last.process
                .toHandle()
                .destroy(); // its own destroy() closes the pipe that a broker still logs to, which may hang it
        try {
            last.process.waitFor(KILL_WAIT.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            BrokerRun.killTree(last.process);
        }
    }

    private BrokerRun current() {
        if (run == null) {
            throw new IllegalStateException(command.name + " was never started");
        }
        return run;
    }

    private void signal(String which) {
        Process process = current().process;
        List<String> words = new ArrayList<>(List.of("sh", "-c", "kill " + which + " \"$@\"", "kill"));
        BrokerRun.tree(process).forEach(handle -> words.add(Long.toString(handle.pid())));
        try {
            int status = new ProcessBuilder(words).inheritIO().start().waitFor();
            if (status != 0) {
                throw new IllegalStateException("kill " + which + " of " + command.name + " ended with " + status);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private static IllegalStateException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new IllegalStateException("interrupted while waiting for a broker", e);
    }
}
