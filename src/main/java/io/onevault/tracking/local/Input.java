package io.onevault.tracking.local;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Lines of bytes, whatever they hold: split at LF, one CR before it cut off. A line longer than the
 * limit is cut there, so that it still reaches the job, which rejects it.
 */
final class Input implements AutoCloseable {

    private static final int BUFFER_BYTES = 256 * 1024;
    private static final int END = -1;

    // -- configuration
    private final InputStream stream;
    private final int limit;

    // -- runtime
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int position;
    private int filled;
    private byte[] line = new byte[1024];
    private int lineBytes;
    private long droppedBytes;

    /**
     * @param limit longest line in bytes
     */
    Input(InputStream stream, int limit) {
        this.stream = stream;
        this.limit = limit;
    }

    /** The bytes of one line and how many more it had. */
    record Line(byte[] bytes, long cutBytes) {}

    /** The next line, or null at the end. */
    @Nullable Line next() throws IOException {
        lineBytes = 0;
        droppedBytes = 0;
        while (fill()) {
            int end = indexOfLineFeed();
            append(position, end == END ? filled : end);
            position = end == END ? filled : end + 1;
            if (end != END) {
                return line();
            }
        }
        return lineBytes == 0 ? null : line();
    }

    private boolean fill() throws IOException {
        if (position < filled) {
            return true;
        }
        position = 0;
        filled = stream.read(buffer);
        return filled > 0;
    }

    private int indexOfLineFeed() {
        for (int i = position; i < filled; i++) {
            if (buffer[i] == '\n') {
                return i;
            }
        }
        return END;
    }

    private void append(int from, int to) {
        int kept = Math.min(to - from, limit - lineBytes);
        if (lineBytes + kept > line.length) {
            line =
                    Arrays.copyOf(
                            line, Math.max(lineBytes + kept, Math.min(limit, 2 * line.length)));
        }
        System.arraycopy(buffer, from, line, lineBytes, kept);
        lineBytes += kept;
        droppedBytes += to - from - kept;
    }

    private Line line() {
        boolean carriageReturn = droppedBytes == 0 && lineBytes > 0 && line[lineBytes - 1] == '\r';
        return new Line(
                Arrays.copyOf(line, carriageReturn ? lineBytes - 1 : lineBytes), droppedBytes);
    }

    @Override
    public void close() throws IOException {
        stream.close();
    }
}
