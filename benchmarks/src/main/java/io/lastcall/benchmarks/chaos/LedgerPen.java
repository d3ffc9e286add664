package io.lastcall.benchmarks.chaos;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/**
 * Where a member tells what it does: each line is with the system, which hands it on whatever becomes of this process, when the call
 * returns. Safe for any thread.
 */
final class LedgerPen {

    /** The first word of the line in which a member says who it is. */
    static final String MEMBER = "MEMBER";

    /** The first word of the line in which it says how it ended. */
    static final String REPORT = "REPORT";

    private final OutputStream out;

    private LedgerPen(OutputStream out) {
        this.out = out;
    }

    /** Connects and says who this is. */
    @SuppressWarnings("resource") // ends with the process
    static LedgerPen open(int port) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        LedgerPen pen = new LedgerPen(socket.getOutputStream());
        pen.write(MEMBER + " " + ProcessHandle.current().pid());
        return pen;
    }

    void tell(Step.What what, int id, int key) throws IOException {
        write(new Step(what, id, key, System.nanoTime()).words());
    }

    void tell(MemberReport report) throws IOException {
        write(REPORT + " " + report.words());
    }

    private synchronized void write(String line) throws IOException {
        out.write((line + "\n").getBytes(StandardCharsets.US_ASCII));
    }
}
