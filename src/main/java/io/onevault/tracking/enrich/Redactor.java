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
        int signs = signs(text);
        // As most texts have none: then nothing is in any part either, whatever the text is.
        if (signs == Signs.NONE) {
            return text;
        }
        if (beginsJson(text)) {
            return redact(JsonRedaction.redact(text));
        }
        return UrlRedaction.isUrl(text)
                ? redact(UrlRedaction.redact(text))
                : redact(text, signs & ~Signs.NAME);
    }

    /**
     * A free text without personal data; the same instance when there is none. Repeats until
     * nothing is found: what stood next to a find may only now be recognisable. Searched, and given
     * back where something is found, is the text in plain characters.
     */
    public static String redact(String text) {
        return redact(text, signs(text) & ~Signs.NAME);
    }

    private static int signs(String text) {
        return Signs.of(text, 0, text.length());
    }

    private static String redact(String text, int signs) {
        if (signs == Signs.NONE) {
            return text;
        }
        String plain = (signs & Signs.ODD) == 0 ? text : Folding.fold(text);
        String before = plain;
        String after = signs == Signs.NUMBER ? Numbers.redact(before) : redactOnce(before);
        for (int pass = 1; pass < MAX_PASSES && !after.equals(before); pass++) {
            before = after;
            after = redactOnce(before);
        }
        return after.equals(plain) ? text : after;
    }

    private static boolean beginsJson(String text) {
        if (text.length() < 2) {
            return false;
        }
        char first = text.charAt(0);
        char second = text.charAt(1);
        return (first == '{' || first == '[') && second == '"' || first == '[' && second == '{';
    }

    private static String redactOnce(String text) {
        return Numbers.redact(Emails.redact(text));
    }

    static @Nullable String redactNullable(@Nullable String text) {
        return text == null ? null : redact(text);
    }
}
