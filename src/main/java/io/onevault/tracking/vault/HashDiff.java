package io.onevault.tracking.vault;

import io.onevault.tracking.text.CanonicalText;
import io.onevault.tracking.text.Sha256;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The {@code hash_diff} of a satellite row: SHA-256 over its describing values in declared order.
 * Each value goes in as its length in UTF-8 bytes, a colon and its text; a null as {@code -}; nulls
 * at the end are left out, so that a column appended later changes no old hash. Not thread-safe.
 */
final class HashDiff {

    private final MessageDigest digest = Sha256.digest();

    byte[] of(@Nullable Object... values) {
        int length = values.length;
        while (length > 0 && values[length - 1] == null) {
            length--;
        }
        StringBuilder text = new StringBuilder();
        for (Object value : Arrays.asList(values).subList(0, length)) {
            append(text, value);
        }
        return digest.digest(text.toString().getBytes(StandardCharsets.UTF_8));
    }

    private static void append(StringBuilder text, @Nullable Object value) {
        if (value == null) {
            text.append('-');
            return;
        }
        String canonical = canonical(value);
        text.append(CanonicalText.utf8Length(canonical)).append(':').append(canonical);
    }

    private static String canonical(Object value) {
        if (value instanceof BigDecimal decimal) {
            return CanonicalText.plain(decimal);
        }
        if (value instanceof Instant instant) {
            return Long.toString(PgType.micros(instant));
        }
        return value.toString();
    }
}
