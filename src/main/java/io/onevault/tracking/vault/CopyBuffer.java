package io.onevault.tracking.vault;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.ByteConverter;

/**
 * Rows in PostgreSQL's binary {@code COPY} format: 16 bits of field count a row, then each field as
 * its length in 32 bits, -1 for null, and its value in network order. Not thread-safe.
 */
final class CopyBuffer {

    private static final byte[] HEADER = {
        'P', 'G', 'C', 'O', 'P', 'Y', '\n', (byte) 0xff, '\r', '\n', 0, 0, 0, 0, 0, 0, 0, 0, 0
    };

    private static final int TRAILER = -1;
    private static final int NULL = -1;
    private static final int JSONB_VERSION = 1;
    private static final int TEXT_OID = 25;
    private static final int INITIAL_BYTES = 1 << 16;

    /** Microseconds from 1970 to 2000, where PostgreSQL's time begins. */
    private static final long EPOCH_MICROS = 946_684_800_000_000L;

    private byte[] bytes = new byte[INITIAL_BYTES];
    private int length;

    /** Empties the buffer for the rows of a table. */
    void begin() {
        length = 0;
        raw(HEADER);
    }

    /** Ends the rows; the buffer holds all that {@code COPY} is to be sent. */
    void end() {
        int16(TRAILER);
    }

    byte[] bytes() {
        return bytes;
    }

    int length() {
        return length;
    }

    /**
     * @throws IllegalArgumentException on a column whose type differs from that of its values
     */
    void row(List<Column> columns, @Nullable Object[] values) {
        int16(values.length);
        for (int column = 0; column < values.length; column++) {
            Object value = values[column];
            if (value == null) {
                int32(NULL);
            } else {
                field(columns.get(column).type(), value);
            }
        }
    }

    private void field(PgType type, Object value) {
        switch (type) {
            case BYTEA -> bytes((byte[]) value);
            case TEXT, JSON -> bytes(((String) value).getBytes(StandardCharsets.UTF_8));
            case JSONB -> jsonb(((String) value).getBytes(StandardCharsets.UTF_8));
            case TEXT_LIST -> texts((List<?>) value);
            case NUMERIC -> bytes(ByteConverter.numeric((BigDecimal) value));
            case INSTANT -> bigint(PgType.micros((Instant) value) - EPOCH_MICROS);
            case BIGINT -> bigint((Long) value);
            case DOUBLE -> bigint(Double.doubleToRawLongBits((Double) value));
            case INTEGER -> {
                int32(Integer.BYTES);
                int32((Integer) value);
            }
            case SMALLINT -> {
                int32(Short.BYTES);
                int16((Integer) value);
            }
            case BOOLEAN -> {
                int32(1);
                int8((Boolean) value ? 1 : 0);
            }
            default -> throw new IllegalArgumentException(type + " is not what a column holds");
        }
    }

    private void bigint(long value) {
        int32(Long.BYTES);
        ensure(Long.BYTES);
        ByteConverter.int8(bytes, length, value);
        length += Long.BYTES;
    }

    private void bytes(byte[] value) {
        int32(value.length);
        raw(value);
    }

    private void jsonb(byte[] text) {
        int32(1 + text.length);
        int8(JSONB_VERSION);
        raw(text);
    }

    /** A one-dimensional array of texts without nulls. */
    private void texts(List<?> values) {
        int start = length;
        int32(0);
        boolean empty = values.isEmpty();
        int32(empty ? 0 : 1);
        int32(0);
        int32(TEXT_OID);
        if (!empty) {
            int32(values.size());
            int32(1);
        }
        for (Object value : values) {
            bytes(value.toString().getBytes(StandardCharsets.UTF_8));
        }
        ByteConverter.int4(bytes, start, length - start - Integer.BYTES);
    }

    private void int8(int value) {
        ensure(1);
        bytes[length++] = (byte) value;
    }

    private void int16(int value) {
        ensure(Short.BYTES);
        ByteConverter.int2(bytes, length, value);
        length += Short.BYTES;
    }

    private void int32(int value) {
        ensure(Integer.BYTES);
        ByteConverter.int4(bytes, length, value);
        length += Integer.BYTES;
    }

    private void raw(byte[] value) {
        ensure(value.length);
        System.arraycopy(value, 0, bytes, length, value.length);
        length += value.length;
    }

    private void ensure(int more) {
        if (bytes.length - length < more) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + more));
        }
    }
}
