package io.onevault.tracking.collector;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Knows for a minute what a key opens, so that a withdrawn one is refused a minute later. While the
 * database is away a key that was known goes on for an hour: what it writes is safe in Kafka.
 */
final class KeyRing {

    private static final long FRESH_MILLIS = Duration.ofMinutes(1).toMillis();
    private static final Duration KEPT = Duration.ofHours(1);
    private static final int MOST = 100_000;

    private final Database database;
    private final InstantSource clock;
    private final Cache<String, Known> known;

    /** What was found, also that there is no such key. */
    private record Known(Optional<Site> site, long readAt) {}

    KeyRing(Database database, InstantSource clock) {
        this.database = database;
        this.clock = clock;
        this.known = Caffeine.newBuilder().maximumSize(MOST).expireAfterWrite(KEPT).build();
    }

    /**
     * The site that the key opens.
     *
     * @throws Refused when the key is not known and can't be looked up
     */
    Optional<Site> site(String key) {
        byte[] hash = sha256(key);
        String name = HexFormat.of().formatHex(hash);
        Known found = known.getIfPresent(name);
        long now = clock.millis();
        if (found != null && now - found.readAt() < FRESH_MILLIS) {
            return found.site();
        }
        try {
            Optional<Site> site = database.findKey(hash);
            known.put(name, new Known(site, now));
            return site;
        } catch (SQLException e) {
            if (found != null) {
                return found.site();
            }
            throw Refused.later("KEYS_UNREADABLE", "Keys can't be looked up now.");
        }
    }

    private static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256")
                    .digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }
}
