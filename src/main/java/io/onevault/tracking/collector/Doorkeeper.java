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
    private static final String GIVEN = Doorkeeper.class.getName() + ".given";

    private final KeyRing keys;
    private final ClientAddress addresses;
    private final Allowance allowance;
    private final LinkGate gate;

    Doorkeeper(KeyRing keys, ClientAddress addresses, Allowance allowance, LinkGate gate) {
        this.keys = keys;
        this.addresses = addresses;
        this.allowance = allowance;
        this.gate = gate;
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
        Given given = request.getAttribute(GIVEN) instanceof Given seen ? seen : given(request);
        if (given.key() == null) {
            throw Refused.because(401, "UNAUTHENTICATED", "A key is missing.");
        }
        String address = addresses.of(request);
        Site site =
                given.known() == null
                        ? site(given.key(), address)
                        : given.known().site().orElseThrow(Doorkeeper::unknown);
        Site.Scope scope = given.isBearer() ? Site.Scope.WRITE : Site.Scope.BROWSER;
        if (!site.may(scope)) {
            throw Refused.because(403, "FORBIDDEN", "This key may not send events this way.");
        }
        if (scope == Site.Scope.BROWSER
                && !Origins.isAllowed(request, Origins.ofPage(request), site.origins())) {
            throw Refused.because(
                    403, "ORIGIN_NOT_ALLOWED", "This site's key is not for pages of this origin.");
        }
        return new Sender(site, given.key(), address, given.isBearer());
    }

    /**
     * The key of a request that sends events, and what it opens, where that is known.
     *
     * @param isStranger whether only the database can tell that
     */
    private record Given(
            @Nullable String key,
            boolean isBearer,
            boolean isStranger,
            KeyRing.@Nullable Known known) {}

    private Given given(Request request) {
        String bearer = bearer(request);
        String key = bearer != null ? bearer : query(request);
        boolean isAKey = key != null && isPlausible(key);
        KeyRing.Known known = isAKey ? keys.known(key) : null;
        return new Given(key, bearer != null, isAKey && known == null, known);
    }

    /**
     * Whether the database may have to be asked who sends. What is known of the key goes along with
     * the request, so that it is looked for once.
     */
    boolean isStranger(Request request) {
        Given given = given(request);
        request.setAttribute(GIVEN, given);
        return given.isStranger();
    }

    /**
     * Who reads.
     *
     * @param round with whom live questions are asked one after the other: all who have the same
     *     link, or any key of the tenant
     * @param guess what is to be proved before it may
     */
    record Reader(Site site, String round, LinkGate.@Nullable Guess guess) {}

    /**
     * Lets a reader in, with a key or a link.
     *
     * @throws Refused when neither may read
     */
    Reader reader(Request request) {
        Site site = bearerSite(request);
        if (site.link() != null) {
            String password = request.getHeaders().get(LinkGate.HEADER);
            LinkGate.Guess guess = gate.check(site.link(), addresses.of(request), password);
            return new Reader(site, site.party() + bearer(request), guess);
        }
        if (!site.may(Site.Scope.READ)) {
            throw Refused.because(403, "FORBIDDEN", "This key may not read.");
        }
        return new Reader(site, site.party(), null);
    }

    /**
     * Compares a reader's password, which takes a while.
     *
     * @throws Refused when it is wrong
     */
    void prove(Reader reader) {
        if (reader.guess() != null) {
            gate.prove(reader.guess());
        }
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
        return site(bearer, addresses.of(request));
    }

    /** Whose request it is. */
    String address(Request request) {
        return addresses.of(request);
    }

    /** Whether a reader who was let in still may read. */
    boolean mayRead(Request request) {
        try {
            prove(reader(request));
            return true;
        } catch (Refused e) {
            return false;
        }
    }

    private Site site(String key, String address) {
        if (!isPlausible(key)) {
            throw unknown();
        }
        return keys.site(key, address).orElseThrow(Doorkeeper::unknown);
    }

    private static boolean isPlausible(String key) {
        return !key.isEmpty() && key.length() <= LONGEST_KEY;
    }

    private static Refused unknown() {
        return Refused.because(401, "UNAUTHENTICATED", "This key is not known, or counts no more.");
    }

    /**
     * Takes events from what the sender may send.
     *
     * @param paid what was taken for the same request before
     * @throws Refused when that is too many
     */
    void charge(Sender sender, int events, int paid, Response response) {
        allowance.charge(sender, events, paid, response.getHeaders());
    }

    /** Counts events of a sender that are not taken now, though it may send them. */
    void turnAway(Sender sender, int events) {
        allowance.turnAway(sender, events);
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
