package io.onevault.tracking.collector;

import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Fields;
import org.jspecify.annotations.Nullable;

/** Decides who may come in: by key, by the page's origin, and by what key and address have left. */
final class Doorkeeper {

    private static final String BEARER = "Bearer ";
    private static final String KEY = "key";
    private static final int LONGEST_KEY = 200;

    private final KeyRing keys;
    private final Budgets perKey;
    private final Budgets perAddress;
    private final ClientAddress addresses;
    private final LinkGate gate;

    Doorkeeper(
            KeyRing keys,
            Budgets perKey,
            Budgets perAddress,
            ClientAddress addresses,
            LinkGate gate) {
        this.keys = keys;
        this.gate = gate;
        this.perKey = perKey;
        this.perAddress = perAddress;
        this.addresses = addresses;
    }

    /**
     * Who sends.
     *
     * @param isServer whether it is a program, which tells of its clients itself
     */
    record Sender(Site site, String key, String address, boolean isServer) {}

    /**
     * Lets a sender of events in.
     *
     * @throws Refused when its key or its page's origin does not allow it
     */
    Sender sender(Request request) {
        String bearer = bearer(request);
        String key = bearer != null ? bearer : query(request);
        if (key == null) {
            throw Refused.because(401, "UNAUTHENTICATED", "A key is missing.");
        }
        Site site = site(key);
        Site.Scope scope = bearer != null ? Site.Scope.WRITE : Site.Scope.BROWSER;
        if (!site.may(scope)) {
            throw Refused.because(403, "FORBIDDEN", "This key may not send events this way.");
        }
        if (scope == Site.Scope.BROWSER
                && !Origins.isAllowed(request, Origins.of(request), site.origins())) {
            throw Refused.because(
                    403, "ORIGIN_NOT_ALLOWED", "This site's key is not for pages of this origin.");
        }
        return new Sender(site, key, addresses.of(request), bearer != null);
    }

    /**
     * Lets a reader in, with a key or a link.
     *
     * @throws Refused when neither may read
     */
    Site reader(Request request) {
        Site site = bearerSite(request);
        if (site.link() != null) {
            gate.check(site.link(), request.getHeaders().get(LinkGate.HEADER));
        } else if (!site.may(Site.Scope.READ)) {
            throw Refused.because(403, "FORBIDDEN", "This key may not read.");
        }
        return site;
    }

    /**
     * Lets in who may change settings.
     *
     * @throws Refused when there is no key that may
     */
    Site manager(Request request) {
        Site site = bearerSite(request);
        if (!site.may(Site.Scope.MANAGE)) {
            throw Refused.because(403, "FORBIDDEN", "This key may not change settings.");
        }
        return site;
    }

    private Site bearerSite(Request request) {
        String bearer = bearer(request);
        if (bearer == null) {
            throw Refused.because(401, "UNAUTHENTICATED", "A key is missing.");
        }
        return site(bearer);
    }

    /** Whether a reader who was let in still may read. */
    boolean mayRead(Request request) {
        try {
            reader(request);
            return true;
        } catch (Refused e) {
            return false;
        }
    }

    private Site site(String key) {
        if (key.isEmpty() || key.length() > LONGEST_KEY) {
            throw unknown();
        }
        return keys.site(key).orElseThrow(Doorkeeper::unknown);
    }

    private static Refused unknown() {
        return Refused.because(401, "UNAUTHENTICATED", "This key is not known, or counts no more.");
    }

    /**
     * Takes events from what the sender may send.
     *
     * @throws Refused when that is too many
     */
    void charge(Sender sender, int events, Response response) {
        int left = perKey.take(sender.key(), events);
        if (left >= 0 && !sender.isServer()) {
            int ofAddress = perAddress.take(sender.address(), events);
            left = ofAddress < 0 ? ofAddress : Math.min(left, ofAddress);
        }
        int most = sender.isServer() ? perKey.burst() : perAddress.burst();
        response.getHeaders().put("RateLimit-Limit", String.valueOf(most));
        response.getHeaders().put("RateLimit-Remaining", String.valueOf(Math.max(0, left)));
        if (left < 0) {
            throw Refused.tooMany(
                    -left, "More events than this key or address may send; try again later.");
        }
    }

    private static @Nullable String bearer(Request request) {
        String given = request.getHeaders().get(HttpHeader.AUTHORIZATION);
        return given != null && given.regionMatches(true, 0, BEARER, 0, BEARER.length())
                ? given.substring(BEARER.length()).strip()
                : null;
    }

    private static @Nullable String query(Request request) {
        Fields parameters = Request.extractQueryParameters(request);
        return parameters.getValue(KEY);
    }
}
