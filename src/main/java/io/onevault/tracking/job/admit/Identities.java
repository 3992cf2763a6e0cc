package io.onevault.tracking.job.admit;

import io.onevault.tracking.access.Hmac;
import io.onevault.tracking.cache.LastUsed;
import io.onevault.tracking.enrich.AnonymousView;
import io.onevault.tracking.enrich.Pseudonyms;
import io.onevault.tracking.enrich.Redactor;
import io.onevault.tracking.event.Identity;
import io.onevault.tracking.event.Tenant;
import io.onevault.tracking.session.SessionKeys;
import java.time.LocalDate;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Puts keyed hashes in the place of the ids by which clients tell sessions, visitors and users
 * apart, or page views without a visitor. Events of one client come close together, so the last
 * ones are remembered, in memory alone and as clients send them, until they are to be forgotten.
 * Not thread-safe.
 */
final class Identities {

    private static final int MOST = 10_000;
    private static final int MOST_SECRETS = 1_000;

    private record Key(String secret, Identity identity) {}

    private record ViewKey(String secret, LocalDate day, String pageViewId) {}

    private final Map<Key, Identity> known = new LastUsed<>(MOST);
    private final Map<ViewKey, AnonymousView> views = new LastUsed<>(MOST);
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

    /**
     * What stands for a page view whose visitor is not kept; null where there is none.
     *
     * @param day by the tenant's clock
     */
    @Nullable AnonymousView view(Tenant tenant, LocalDate day, @Nullable String pageViewId) {
        return pageViewId == null
                ? null
                : views.computeIfAbsent(
                        new ViewKey(tenant.visitorSecret(), day, pageViewId),
                        none -> AnonymousView.of(keyed(tenant), day, pageViewId));
    }

    /** What makes hashes under the tenant's secret: to begin with a secret takes as long as one. */
    Hmac keyed(Tenant tenant) {
        return keyed.computeIfAbsent(tenant.visitorSecret(), Pseudonyms::keyed);
    }

    void forget() {
        known.clear();
        views.clear();
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
