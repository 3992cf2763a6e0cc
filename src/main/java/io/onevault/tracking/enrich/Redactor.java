package io.onevault.tracking.enrich;

import io.onevault.tracking.event.Tenant;
import io.onevault.tracking.event.TrackerEvent;
import org.jspecify.annotations.Nullable;

/**
 * Takes personal data out of events before anything is stored: e-mail addresses, phone numbers,
 * card numbers, IBANs and IP addresses, and the values of sensitive names. Rules:
 * docs/enrichment.md.
 */
public final class Redactor {

    /**
     * Fewest digits of anything that {@link Numbers} looks for, those that check an IBAN, but an
     * IPv6 address, which may have one and has two colons.
     */
    private static final int MIN_DIGITS = 2;

    /** Two suffice for real texts; the limit keeps hostile ones from costing time. */
    private static final int MAX_PASSES = 8;

    private Redactor() {}

    /** A JSON text without personal data; the same instance when there is none. */
    public static String redactJson(String json) {
        return JsonRedaction.redact(json);
    }

    /**
     * The event without personal data in its texts and ids; the same instance when there is none.
     * Visitor id, user id, user agent and address are the caller's to drop.
     *
     * @param tenant under whose secret ids are hashed
     */
    public static TrackerEvent redact(TrackerEvent event, Tenant tenant) {
        return new EventRedaction(tenant).redact(event);
    }

    /** The same of a text that may be a URL, absolute or a path, or JSON. */
    public static String redactTextOrUrl(String text) {
        if (text.startsWith("{\"") || text.startsWith("[\"") || text.startsWith("[{")) {
            return redact(JsonRedaction.redact(text));
        }
        return redact(UrlRedaction.isUrl(text) ? UrlRedaction.redact(text) : text);
    }

    /**
     * A free text without personal data; the same instance when there is none. Repeats until
     * nothing is found: what stood next to a find may only now be recognisable. Searched, and given
     * back where something is found, is the text in plain characters.
     */
    public static String redact(String text) {
        if (!mayFind(text, 0, text.length())) {
            return text;
        }
        String plain = Folding.fold(text);
        String before = plain;
        String after = redactOnce(before);
        for (int pass = 1; pass < MAX_PASSES && !after.equals(before); pass++) {
            before = after;
            after = redactOnce(before);
        }
        return after.equals(plain) ? text : after;
    }

    private static String redactOnce(String text) {
        return Numbers.redact(Emails.redact(text));
    }

    /** Whether a part of a text has an at sign, or what may be one, or digits enough. */
    static boolean mayFind(String text, int start, int end) {
        int digits = 0;
        int colons = 0;
        for (int i = start; i < end; i++) {
            char c = text.charAt(i);
            if (c == '@' || c == '%' || Folding.mayHide(c) || Emails.isEscape(text, i)) {
                return true;
            }
            digits += Chars.isDigit(c) ? 1 : 0;
            colons += c == ':' ? 1 : 0;
        }
        return digits >= MIN_DIGITS || colons >= 2;
    }

    static @Nullable String redactNullable(@Nullable String text) {
        return text == null ? null : redact(text);
    }
}
