package io.onevault.tracking.collector;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.onevault.tracking.enrich.IpNetworks;
import io.onevault.tracking.text.Sha256;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Knows for a minute what a key opens, so that a withdrawn one is refused a minute later. While the
 * database is away a key that was known goes on for an hour: what it writes is safe in Kafka.
 */
final class KeyRing {

    private static final long FRESH_MILLIS = Duration.ofMinutes(1).toMillis();

    private static final long KEPT_MILLIS = Duration.ofHours(1).toMillis();
    private static final int MOST = 100_000;

    /** For who asks for the same key as another one does already. */
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private final Lookup lookup;
    private final LookupGate gate;
    private final Budgets strangers;
    private final InstantSource clock;
    private final Cache<String, Known> known = cache();

    /** Kept apart, or who guesses keys would have those forgotten that are known. */
    private final Cache<String, Known> unknown = cache();

    /** Keys that are being looked up. */
    private final Map<String, CompletableFuture<Void>> underWay = new ConcurrentHashMap<>();

    /** Where keys are looked up, by their SHA-256. */
    interface Lookup {
        Optional<Site> find(byte[] keyHash) throws SQLException;
    }

    /** What was found, also that there is no such key, and when it was last asked for. */
    record Known(Optional<Site> site, long readAt, long askedAt) {}

    /**
     * @param strangers how many unknown keys an address may have looked up
     */
    KeyRing(Lookup lookup, Budgets strangers, InstantSource clock) {
        this.lookup = lookup;
        this.gate = new LookupGate(clock);
        this.strangers = strangers;
        this.clock = clock;
    }

    private static Cache<String, Known> cache() {
        return Caffeine.newBuilder()
                // Its upkeep takes less than waking a thread for it.
                .executor(Runnable::run)
                .maximumSize(MOST)
                .expireAfterAccess(Duration.ofMillis(KEPT_MILLIS))
                .build();
    }

    /** What the key opens, where that is known and the database is not asked; else null. */
    @Nullable Known known(String key) {
        Known found = held(HexFormat.of().formatHex(Sha256.of(key)));
        return found != null && clock.millis() - found.askedAt() < FRESH_MILLIS ? found : null;
    }

    /**
     * The site that the key opens.
     *
     * @param address whose request it is
     * @throws Refused when the key is not known and can't be looked up
     */
    Optional<Site> site(String key, String address) {
        byte[] hash = Sha256.of(key);
        String name = HexFormat.of().formatHex(hash);
        Known found = held(name);
        long now = clock.millis();
        if (found != null && now - found.askedAt() < FRESH_MILLIS) {
            return found.site();
        }
        if (found != null) {
            // One request asks; others need not wait for a database that may be away.
            put(name, new Known(found.site(), found.readAt(), now));
        }
        String sender = IpNetworks.sender(address);
        if (found == null || found.site().isEmpty()) {
            requireFewGuesses(sender);
        }
        Optional<Site> site = askOnce(hash, name, found, now);
        if (site.isEmpty()) {
            strangers.take(sender, 1);
        }
        return site;
    }

    private void requireFewGuesses(String sender) {
        int seconds = strangers.secondsUntil(sender);
        if (seconds > 0) {
            throw Refused.tooMany(
                    seconds, "More unknown keys than this address may try; try again later.");
        }
    }

    private void put(String name, Known what) {
        (what.site().isPresent() ? known : unknown).put(name, what);
    }

    /** A site's first visitors come together: one of them asks for all. */
    private Optional<Site> askOnce(byte[] hash, String name, @Nullable Known found, long now) {
        CompletableFuture<Void> asking = new CompletableFuture<>();
        CompletableFuture<Void> another = underWay.putIfAbsent(name, asking);
        if (another != null) {
            another.copy()
                    .completeOnTimeout(null, PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                    .join();
            Known told = told(name);
            return told == null ? remembered(name, found, now) : told.site();
        }
        try {
            return ask(hash, name, found, now);
        } finally {
            underWay.remove(name);
            asking.complete(null);
        }
    }

    private @Nullable Known held(String name) {
        Known held = known.getIfPresent(name);
        return held != null ? held : unknown.getIfPresent(name);
    }

    private @Nullable Known told(String name) {
        Known told = held(name);
        return told != null && clock.millis() - told.readAt() < FRESH_MILLIS ? told : null;
    }

    private Optional<Site> ask(byte[] hash, String name, @Nullable Known found, long now) {
        boolean isKnown = found != null && found.site().isPresent();
        LookupGate.Entry entry = gate.enter(isKnown);
        if (entry != LookupGate.Entry.OPEN && found != null) {
            // Nobody asked: the next request may.
            put(name, found);
        }
        if (entry == LookupGate.Entry.BUSY) {
            // The database could tell whether it was withdrawn.
            throw unreadable();
        }
        if (entry == LookupGate.Entry.AWAY) {
            return remembered(name, found, now);
        }
        boolean isAnswered = false;
        try {
            Known told = told(name);
            Optional<Site> site = told == null ? find(hash, name, now) : told.site();
            isAnswered = true;
            return site;
        } catch (SQLException e) {
            return remembered(name, found, now);
        } finally {
            gate.leave(isKnown, isAnswered);
        }
    }

    private Optional<Site> find(byte[] hash, String name, long now) throws SQLException {
        Optional<Site> site = lookup.find(hash);
        known.invalidate(name);
        put(name, new Known(site, now, now));
        return site;
    }

    private Optional<Site> remembered(String name, @Nullable Known found, long now) {
        if (found != null && now - found.readAt() < KEPT_MILLIS) {
            return found.site();
        }
        known.invalidate(name);
        throw unreadable();
    }

    private static Refused unreadable() {
        return Refused.later("KEYS_UNREADABLE", "Keys can't be looked up now.");
    }
}
