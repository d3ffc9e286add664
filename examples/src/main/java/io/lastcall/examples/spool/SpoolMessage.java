package io.lastcall.examples.spool;

import io.lastcall.message.Header;
import io.lastcall.message.Headers;
import io.lastcall.message.Message;
import io.lastcall.message.Origin;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.StreamCorruptedException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One message, and how it is written into a file: key, headers, and the body to the end. Immutable. */
@SuppressWarnings("ArrayRecordComponent") // never compared
record SpoolMessage(SpoolName name, String folder, byte @Nullable [] key, Headers headers, byte[] body)
        implements Message<byte[]> {

    private static final int NULL = -1;

    static byte[] write(byte @Nullable [] key, Headers headers, byte[] body) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        write(out, key);
        out.writeInt(headers.size());
        for (Header header : headers) {
            out.writeUTF(header.name());
            out.writeUTF(header.kind());
            write(out, header.value());
        }
        out.write(body);
        return bytes.toByteArray();
    }

    private static void write(DataOutputStream out, byte @Nullable [] value) throws IOException {
        out.writeInt(value == null ? NULL : value.length);
        if (value != null) {
            out.write(value);
        }
    }

    @SuppressWarnings("NullAway") // javac leaves the annotation of an array out of a record's compact constructor
    static SpoolMessage read(SpoolName name, String folder, byte[] file) throws IOException {
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(file));
        byte @Nullable [] key = read(in);
        List<Header> headers = new ArrayList<>();
        for (int left = in.readInt(); left > 0; left--) {
            String header = in.readUTF();
            String kind = in.readUTF();
            headers.add(new Header(header, read(in), kind));
        }
        return new SpoolMessage(name, folder, key, Headers.of(headers), in.readAllBytes());
    }

    private static byte @Nullable [] read(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length < NULL || length > in.available()) {
            throw new StreamCorruptedException("a value of " + length + " bytes in a file of fewer");
        }
        return length == NULL ? null : in.readNBytes(length);
    }

    @Override
    public String id() {
        return name.id();
    }

    @Override
    public Origin origin() {
        return new Origin("spool", folder, folder, name.id());
    }

    @Override
    public Instant timestamp() {
        return name.publishedAt();
    }

    @Override
    public int attempt() {
        return name.attempt();
    }
}
