package io.onevault.tracking.job.admit;

import io.onevault.tracking.access.Hmac;
import io.onevault.tracking.cache.LastUsed;
import io.onevault.tracking.enrich.Pseudonyms;
import io.onevault.tracking.enrich.Redactor;
import io.onevault.tracking.event.Identity;
import io.onevault.tracking.event.Tenant;
import io.onevault.tracking.session.SessionKeys;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Puts keyed hashes in the place of the ids by which clients tell sessions, visitors and users
 * apart. Events of one client come close together, so the last ones are remembered, in memory alone
 * and as clients send them, until they are to be forgotten. Not thread-safe.
 */
final class Identities {

    private static final int MOST = 10_000;
    private static final int MOST_SECRETS = 1_000;

    private record Key(String secret, Identity identity) {}

    private final Map<Key, Identity> known = new LastUsed<>(MOST);
    private final Map<String, Hmac> keyed = new LastUsed<>(MOST_SECRETS);

    Identity of(Tenant tenant, Identity identity) {
        return identity.equals(Identity.NONE)
                ? identity
                : known.computeIfAbsent(
                        new Key(tenant.visitorSecret(), identity),
                        none -> {
                            Hmac hmac = keyed(tenant);
                            return Pseudonyms.of(hmac, identity, isCommon(identity.sessionId()));
                        });
    }

    /** What makes hashes under the tenant's secret: to begin with a secret takes as long as one. */
    Hmac keyed(Tenant tenant) {
        return keyed.computeIfAbsent(tenant.visitorSecret(), Pseudonyms::keyed);
    }

    void forget() {
        known.clear();
        keyed.clear();
    }

    /**
     * A time or a counter as session id is the same for many visitors of a site; one that looks
     * like a card's number, or the like, is perhaps such a number.
     */
    private static boolean isCommon(@Nullable String sessionId) {
        return sessionId != null
                && (SessionKeys.isNumber(sessionId)
                        || !Redactor.redact(sessionId).equals(sessionId));
    }
}
