package io.onevault.tracking.enrich;

import io.onevault.tracking.access.Hmac;
import io.onevault.tracking.event.Identity;
import io.onevault.tracking.event.Tenant;
import io.onevault.tracking.text.HexText;
import java.time.LocalDate;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Visitor pseudonyms: {@code vis_} and the first 32 hex digits of an HMAC-SHA256 under the tenant's
 * secret, so that nobody without the secret can try out ids, and tenants never share a pseudonym.
 * And the fingerprint of an event under the same secret.
 */
public final class Pseudonyms {

    private static final String PREFIX = "vis_";

    /** Tells that nobody is recognised by it; the api counts by these letters. */
    private static final String UNRECOGNISED = "anon_";

    private static final String SESSION = "sid_";
    private static final String COMMON = "common_";
    private static final String REDACTED = "redacted_";
    private static final String SESSION_ID = "session id|";
    private static final String VISITOR_ID = "visitor|";
    private static final String USER_ID = "user|";
    private static final String ANONYMOUS = "anonymous_";
    private static final int BYTES = 16;

    /** It only has to tell apart those who sent the same content. */
    private static final int FINGERPRINT_BYTES = 4;

    private static final HexFormat HEX = HexFormat.of();

    private Pseudonyms() {}

    /** The pseudonym of a client's visitor id, over {@code visitor|} and the id. */
    public static String ofVisitor(Tenant tenant, String visitorId) {
        return pseudonym(PREFIX, tenant, VISITOR_ID + visitorId);
    }

    /** That of a user id, over {@code user|} and the id: a visitor of the same id is another. */
    public static String ofUser(Tenant tenant, String userId) {
        return pseudonym(PREFIX, tenant, USER_ID + userId);
    }

    /**
     * Of a visitor of whom only the session's id tells, over {@code session|} and what stands for
     * it.
     */
    public static String ofSession(Hmac keyed, String sessionId) {
        return pseudonym(PREFIX, keyed, "session|" + sessionId);
    }

    /**
     * What stands for a client's session id: {@code sid_}, or {@code common_} where many visitors
     * may have the same, and 32 hex digits of the HMAC over {@code session id|} and the id.
     *
     * @param secret the tenant's, in hex digits
     */
    public static String sessionId(String secret, String sessionId, boolean common) {
        return pseudonym(common ? COMMON : SESSION, secret, SESSION_ID + sessionId);
    }

    /** Whether what stands for a session's id may be the same for many visitors. */
    public static boolean isCommon(String sessionId) {
        return sessionId.startsWith(COMMON);
    }

    /**
     * What stands for the ids of an event.
     *
     * @param commonSession whether many visitors may have the session's id
     */
    public static Identity of(Tenant tenant, Identity identity, boolean commonSession) {
        return of(keyed(tenant.visitorSecret()), identity, commonSession);
    }

    /** The same by what {@link #keyed} has made of the tenant's secret, for who asks often. */
    public static Identity of(Hmac keyed, Identity identity, boolean commonSession) {
        String session = identity.sessionId();
        String visitor = identity.visitorId();
        String user = identity.userId();
        String prefix = commonSession ? COMMON : SESSION;
        return new Identity(
                session == null ? null : pseudonym(prefix, keyed, SESSION_ID + session),
                visitor == null ? null : pseudonym(PREFIX, keyed, VISITOR_ID + visitor),
                user == null ? null : pseudonym(PREFIX, keyed, USER_ID + user));
    }

    /**
     * @param secret a tenant's, in hex digits
     */
    public static Hmac keyed(String secret) {
        return new Hmac(HEX.parseHex(secret));
    }

    /**
     * The pseudonym of a visitor without any id, over {@code day|}, the salt in hex and each of
     * address, agent and site as {@code |length:text}, or {@code |-} when it is missing. It cannot
     * be computed again once the salt is gone.
     */
    public static String cookieless(
            Hmac keyed,
            byte[] salt,
            @Nullable String ip,
            @Nullable String userAgent,
            @Nullable String host) {
        StringBuilder message = new StringBuilder("day|").append(HexText.of(salt));
        append(ip, message);
        append(userAgent, message);
        append(host, message);
        return pseudonym(PREFIX, keyed, message.toString());
    }

    /** A pseudonym for one event alone, over {@code event|} and the event's business key. */
    public static String unlinkable(Hmac keyed, String eventBk) {
        return pseudonym(PREFIX, keyed, "event|" + eventBk);
    }

    /**
     * What stands for an id that holds personal data: {@code redacted_} and 32 hex digits of the
     * HMAC over {@code redacted|} and the id.
     */
    static String redactedId(Tenant tenant, String id) {
        return pseudonym(REDACTED, tenant, "redacted|" + id);
    }

    /**
     * What stands for the id of an event without visitor: {@code anonymous_} and 32 hex digits of
     * the HMAC over {@code anonymous|event|} and the id.
     */
    static String anonymousId(Hmac keyed, String id) {
        return pseudonym(ANONYMOUS, keyed, "anonymous|event|" + id);
    }

    /**
     * What stands for a page view without visitor on its day, and the pseudonym of its events,
     * {@code anon_} and hex digits: both halves of one HMAC, over {@code anonymous|view|}, the day
     * and the page view's id, so that neither tells the other.
     */
    static AnonymousView ofView(Hmac keyed, LocalDate day, String pageViewId) {
        byte[] hash = keyed.of("anonymous|view|" + day + '|' + pageViewId);
        return new AnonymousView(
                ANONYMOUS + HexText.of(hash, 0, BYTES),
                UNRECOGNISED + HexText.of(hash, BYTES, hash.length));
    }

    /** That of an event without visitor and page view, over {@code event|} and the event's key. */
    public static String ofAnonymousEvent(Hmac keyed, String eventBk) {
        return pseudonym(UNRECOGNISED, keyed, "event|" + eventBk);
    }

    /**
     * What tells an event without an id from an equal one of another visitor: 8 hex digits of the
     * HMAC over {@code event content|}, the hash of the content, and network and agent as above.
     * Unlike a pseudonym it needs no salt, and as the content is in it, two events of one visitor
     * have nothing in common. Of an address whoever has the secret could try out all.
     */
    public static String fingerprint(
            Hmac keyed, String contentHash, @Nullable String network, @Nullable String userAgent) {
        StringBuilder message = new StringBuilder("event content|").append(contentHash);
        append(network, message);
        append(userAgent, message);
        return HexText.of(keyed.of(message.toString()), 0, FINGERPRINT_BYTES);
    }

    private static void append(@Nullable String text, StringBuilder message) {
        // The length keeps two different visitors from ever giving the same message.
        message.append('|');
        if (text == null) {
            message.append('-');
        } else {
            message.append(text.length()).append(':').append(text);
        }
    }

    private static String pseudonym(String prefix, Tenant tenant, String message) {
        return pseudonym(prefix, tenant.visitorSecret(), message);
    }

    private static String pseudonym(String prefix, String secret, String message) {
        return pseudonym(prefix, keyed(secret), message);
    }

    private static String pseudonym(String prefix, Hmac keyed, String message) {
        return prefix + HexText.of(keyed.of(message), 0, BYTES);
    }
}
