package io.onevault.tracking.collector;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.onevault.tracking.enrich.IpNetworks;
import io.onevault.tracking.text.Sha256;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * Asks those with a link for its password. One address may try a link's password five times, and
 * then once in ten seconds, so that it keeps nobody else out; all together a hundred times, and
 * then once a second, so that many addresses don't guess faster than that. Who gave it is not asked
 * to prove it again for an hour.
 */
final class LinkGate {

    /** Percent-encoded, as headers are ASCII. */
    static final String HEADER = "Link-Password";

    private static final int TRY = 10;
    private static final int TRIES = 5;
    private static final int TRIES_OF_ALL = 100;
    private static final int MOST_LENGTH = 1_000;
    private static final int HASH_BYTES = 32;

    private final Budgets triesOfAddress;
    private final Budgets triesOfAll;
    private final Cache<String, Boolean> opened =
            Caffeine.newBuilder()
                    .maximumSize(10_000)
                    .expireAfterAccess(Duration.ofHours(1))
                    .build();

    /**
     * A password that is still to be compared, which takes a while.
     *
     * @param pass what is remembered of it when it is right
     */
    record Guess(String password, String stored, String pass) {}

    LinkGate(InstantSource clock) {
        triesOfAddress = new Budgets(1, TRY * TRIES, clock);
        triesOfAll = new Budgets(1, TRIES_OF_ALL, clock);
    }

    /**
     * Lets pass where there is no password, and who gave it within the hour.
     *
     * @param address whose request it is
     * @param given percent-encoded
     * @return what is to be proved by the others
     * @throws Refused when it is missing, or was tried too often
     */
    @Nullable Guess check(Site.Link link, String address, @Nullable String given) {
        String stored = link.passwordHash();
        if (stored == null) {
            return null;
        }
        if (given == null || given.length() > MOST_LENGTH) {
            throw Refused.because(401, "PASSWORD_NEEDED", "This link asks for a password.");
        }
        String password = decoded(given);
        String pass = stored + ' ' + Sha256.hex(password, HASH_BYTES);
        if (opened.getIfPresent(pass) != null) {
            return null;
        }
        requireFewTries(stored, address);
        return new Guess(password, stored, pass);
    }

    /**
     * Lets pass who knows the password.
     *
     * @throws Refused when it is wrong
     */
    void prove(Guess guess) {
        if (!LinkPassword.matches(guess.password(), guess.stored())) {
            throw Refused.because(401, "PASSWORD_WRONG", "This is not the link's password.");
        }
        opened.put(guess.pass(), true);
    }

    private void requireFewTries(String stored, String address) {
        int left = triesOfAddress.take(stored + ' ' + IpNetworks.sender(address), TRY);
        if (left >= 0) {
            left = triesOfAll.take(stored, 1);
        }
        if (left < 0) {
            throw Refused.tooMany(-left, "Too many tries; wait before the next one.");
        }
    }

    private static String decoded(String given) {
        try {
            return URLDecoder.decode(given, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw Refused.because(401, "PASSWORD_WRONG", "This is not the link's password.");
        }
    }
}
