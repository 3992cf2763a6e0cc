package io.onevault.tracking.contract;

import io.onevault.tracking.event.ClientContext;
import io.onevault.tracking.event.Signals;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads consent in the words of sites, of Google's consent mode and of IAB's TCF, as {@link
 * #GRANTED} or {@link #DENIED} for analytics. Other purposes are not kept, and a consent that is
 * given but not understood is a denial.
 */
public final class Consent {

    static final String GRANTED = "granted";
    static final String DENIED = "denied";

    private static final Set<String> YES = Set.of(GRANTED, "true", "yes", "1", "all", "accepted");

    /** Names that sites and consent managers give to analytics. */
    private static final Set<String> ANALYTICS =
            Set.of("analytics", "analytics_storage", "statistics");

    /** TCF's purpose 8 measures the performance of content. */
    private static final int TCF_PURPOSE = 8;

    private Consent() {}

    /** What an event tells. */
    public static Signals signals(ClientContext client) {
        return signals(client.consent(), client.gpc(), client.dnt());
    }

    /** What a record tells that may break the contract elsewhere. */
    static Signals signals(RawMembers members) {
        return signals(told(members), signal(members, Member.GPC), signal(members, Member.DNT));
    }

    private static Signals signals(
            @Nullable String consent, @Nullable Boolean gpc, @Nullable Boolean dnt) {
        return consent == null && gpc == null && dnt == null
                ? Signals.NONE
                : new Signals(consent == null ? null : isGrant(consent), gpc != null, dnt != null);
    }

    /**
     * The consent that counts for analytics, {@link #GRANTED} or {@link #DENIED}: wherever the
     * record denies it, it is denied.
     */
    static @Nullable String told(RawMembers members) {
        String told = null;
        for (Object value : members.all(Member.CONSENT)) {
            if (!isGranted(value)) {
                return DENIED;
            }
            told = GRANTED;
        }
        return told;
    }

    /** Whether a value denies or objects, so that none of the same name may take its place. */
    static boolean isObjection(Member.@Nullable Name name, Object value) {
        Member member = name == null ? null : name.member();
        return member == Member.CONSENT && !isGranted(value)
                || (member == Member.GPC || member == Member.DNT) && isSignal(value);
    }

    /**
     * A signal of the browser, wherever the record tells it; what is none says that there is none.
     */
    static @Nullable Boolean signal(RawMembers members, Member member) {
        for (Object value : members.all(member)) {
            if (isSignal(value)) {
                return Boolean.TRUE;
            }
        }
        return null;
    }

    private static boolean isSignal(Object value) {
        return isSignal(value instanceof NumberText number ? number.text() : value.toString());
    }

    /** Whether a signal of the browser is on. */
    public static boolean isSignal(String text) {
        return text.equals("1") || text.equalsIgnoreCase("true");
    }

    private static boolean isGranted(Object value) {
        return value instanceof Map<?, ?> purposes ? agrees(purposes) : isGrant(value);
    }

    private static boolean isGrant(@Nullable Object value) {
        Object told = value instanceof NumberText number ? number.text() : value;
        if (!(told instanceof String || told instanceof Boolean)) {
            return false;
        }
        String text = told.toString().strip();
        return YES.contains(text.toLowerCase(Locale.ROOT)) || TcfString.agrees(text, TCF_PURPOSE);
    }

    /** Whether the purpose is there, by the names that it has, and never denied. */
    private static boolean agrees(Map<?, ?> purposes) {
        boolean granted = false;
        for (Map.Entry<?, ?> purpose : purposes.entrySet()) {
            String name = purpose.getKey().toString().toLowerCase(Locale.ROOT);
            if (purpose.getValue() != null && ANALYTICS.contains(name)) {
                if (!isGrant(purpose.getValue())) {
                    return false;
                }
                granted = true;
            }
        }
        return granted
                || purposes.get("purpose") instanceof Map<?, ?> purpose
                        && purpose.get("consents") instanceof Map<?, ?> consents
                        && isGrant(consents.get(String.valueOf(TCF_PURPOSE)));
    }
}
