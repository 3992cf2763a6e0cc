package io.onevault.tracking.contract;

import io.onevault.tracking.event.ClientContext;
import io.onevault.tracking.event.Signals;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads consent in the words of sites, of Google's consent mode and of IAB's TCF, as {@link
 * #GRANTED} or {@link #DENIED} for analytics; other purposes are not kept.
 */
public final class Consent {

    static final String GRANTED = "granted";
    static final String DENIED = "denied";

    /** TCF's purpose 8 measures the performance of content. */
    private static final int TCF_PURPOSE = 8;

    /** Bits of a TCF string before those of the purposes that are agreed to. */
    private static final int TCF_BITS_BEFORE = 152;

    /** A TCF string begins with its version, 2. */
    private static final char TCF_VERSION = 'C';

    private Consent() {}

    /** What an event tells. */
    public static Signals signals(ClientContext client) {
        String consent = client.consent();
        Boolean analytics = consent == null ? null : analytics(consent);
        return analytics == null && client.gpc() == null && client.dnt() == null
                ? Signals.NONE
                : new Signals(analytics, client.gpc() != null, client.dnt() != null);
    }

    /** What a record tells that may break the contract elsewhere. */
    static Signals signals(RawMembers members) {
        Object consent = of(members.get(Member.CONSENT));
        return new Signals(
                scalar(consent),
                signal(members.get(Member.GPC)) != null,
                signal(members.get(Member.DNT)) != null);
    }

    /**
     * The consent that counts for analytics: {@link #GRANTED}, {@link #DENIED}, or a text as the
     * site words it; null where the value names no such purpose.
     */
    static @Nullable Object of(@Nullable Object value) {
        if (value instanceof Map<?, ?> purposes) {
            return word(analytics(purposes));
        }
        String word = word(scalar(value));
        return word == null ? value : word;
    }

    /** A signal of the browser; what is none says that there is none. */
    static @Nullable Boolean signal(@Nullable Object value) {
        String text = value instanceof NumberText number ? number.text() : String.valueOf(value);
        return text.equals("1") || text.equalsIgnoreCase("true") ? Boolean.TRUE : null;
    }

    private static @Nullable String word(@Nullable Boolean granted) {
        return granted == null ? null : granted ? GRANTED : DENIED;
    }

    private static @Nullable Boolean analytics(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case GRANTED, "true", "yes", "1", "all", "accepted" -> Boolean.TRUE;
            case DENIED, "false", "no", "0", "none", "rejected", "necessary" -> Boolean.FALSE;
            default -> tcfString(text);
        };
    }

    /** The purpose by the names that sites and consent managers give it; a denial counts first. */
    private static @Nullable Boolean analytics(Map<?, ?> purposes) {
        Boolean granted = null;
        for (String name : new String[] {"analytics", "analytics_storage", "statistics"}) {
            Boolean told = scalar(purposes.get(name));
            granted = told == null || Boolean.FALSE.equals(granted) ? granted : told;
        }
        if (granted == null
                && purposes.get("purpose") instanceof Map<?, ?> purpose
                && purpose.get("consents") instanceof Map<?, ?> consents) {
            return scalar(consents.get(String.valueOf(TCF_PURPOSE)));
        }
        return granted;
    }

    private static @Nullable Boolean scalar(@Nullable Object value) {
        Object told = value instanceof NumberText number ? number.text() : value;
        return told instanceof String || told instanceof Boolean
                ? analytics(told.toString())
                : null;
    }

    private static @Nullable Boolean tcfString(String text) {
        int dot = text.indexOf('.');
        String core = dot < 0 ? text : text.substring(0, dot);
        if (core.indexOf(TCF_VERSION) != 0) {
            return null;
        }
        int bit = TCF_BITS_BEFORE + TCF_PURPOSE - 1;
        try {
            byte[] bytes = Base64.getUrlDecoder().decode(core);
            return bytes.length * Byte.SIZE <= bit
                    ? null
                    : (bytes[bit / Byte.SIZE] >> (Byte.SIZE - 1 - bit % Byte.SIZE) & 1) == 1;
        } catch (IllegalArgumentException notEncoded) {
            return null;
        }
    }
}
