package io.onevault.tracking.enrich;

import io.onevault.tracking.text.CanonicalText;

/**
 * Takes personal data out of a JSON text in one pass: strings, member names, numbers that are card
 * numbers, and the values of sensitive members. The rest is copied as it stands.
 */
final class JsonRedaction {

    private static final String REDACTED = "\"[redacted]\"";

    private final String json;
    private final StringBuilder out;

    private JsonRedaction(String json) {
        this.json = json;
        this.out = new StringBuilder(json.length() + REDACTED.length());
    }

    /** The JSON without personal data; the same instance when there is none. Never throws. */
    static String redact(String json) {
        // Without any string longer than "{}" there is nothing to look at.
        return json.indexOf('"') < 0 && json.length() <= 2 ? json : new JsonRedaction(json).run();
    }

    private String run() {
        int i = 0;
        while (i < json.length()) {
            char c = json.charAt(i);
            if (c == '"') {
                i = string(i);
            } else if (Chars.isDigit(c) || c == '-') {
                i = number(i);
            } else {
                out.append(c);
                i++;
            }
        }
        return json.contentEquals(out) ? json : out.toString();
    }

    /** Copies a string; after the name of a sensitive member its value is replaced as well. */
    private int string(int start) {
        int end = stringEnd(start);
        String text = unescape(start + 1, Math.max(end - 1, start + 1));
        int colon = skipSpace(end);
        boolean name = colon < json.length() && json.charAt(colon) == ':';
        String redacted = name ? Redactor.redact(text) : Redactor.redactTextOrUrl(text);
        if (redacted.equals(text)) {
            out.append(json, start, end);
        } else {
            CanonicalText.appendJson(out, redacted);
        }
        return name && isSensitive(text, redacted) ? sensitiveValue(end, colon) : end;
    }

    /** Also by its redacted form, so that redacting again finds nothing new. */
    private static boolean isSensitive(String name, String redacted) {
        return SensitiveNames.matches(name)
                || !redacted.equals(name) && SensitiveNames.matches(redacted);
    }

    private int sensitiveValue(int end, int colon) {
        int value = skipSpace(colon + 1);
        out.append(json, end, Math.min(value, json.length()));
        if (value >= json.length() || Chars.isAlpha(json.charAt(value))) {
            // null, true and false say nothing of a person.
            return value;
        }
        int valueEnd = valueEnd(value);
        boolean empty = json.startsWith("\"\"", value);
        out.append(empty ? "\"\"" : REDACTED);
        return valueEnd;
    }

    private int number(int start) {
        int end = start;
        while (end < json.length() && "+-.eE0123456789".indexOf(json.charAt(end)) >= 0) {
            end++;
        }
        boolean digits = end - start >= AccountNumbers.MIN_CARD && Chars.isDigitAt(json, start);
        String text = digits ? json.substring(start, end) : "";
        if (digits && AccountNumbers.cardEnd(text, 0) == text.length()) {
            CanonicalText.appendJson(out, Numbers.CARD);
        } else {
            out.append(json, start, end);
        }
        return end;
    }

    private int valueEnd(int start) {
        char first = json.charAt(start);
        if (first == '"') {
            return stringEnd(start);
        }
        int depth = 0;
        int i = start;
        while (i < json.length()) {
            char c = json.charAt(i);
            if (depth == 0 && (c == ',' || c == '}' || c == ']')) {
                return i;
            }
            depth += c == '{' || c == '[' ? 1 : c == '}' || c == ']' ? -1 : 0;
            i = c == '"' ? stringEnd(i) : i + 1;
            if (depth == 0 && (c == '}' || c == ']')) {
                return i;
            }
        }
        return i;
    }

    /** Position after the closing quote. */
    private int stringEnd(int start) {
        int i = start + 1;
        while (i < json.length() && json.charAt(i) != '"') {
            i += json.charAt(i) == '\\' ? 2 : 1;
        }
        return Math.min(i + 1, json.length());
    }

    private int skipSpace(int start) {
        int i = start;
        while (i < json.length() && json.charAt(i) <= ' ') {
            i++;
        }
        return i;
    }

    private String unescape(int start, int end) {
        String raw = json.substring(start, end);
        if (raw.indexOf('\\') < 0) {
            return raw;
        }
        StringBuilder text = new StringBuilder(raw.length());
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            if (c != '\\' || i + 1 == raw.length()) {
                text.append(c);
                continue;
            }
            char escape = raw.charAt(++i);
            if (escape == 'u' && i + 4 < raw.length()) {
                text.append((char) hex(raw, i + 1));
                i += 4;
            } else {
                int control = "btnfr".indexOf(escape);
                text.append(control < 0 ? escape : "\b\t\n\f\r".charAt(control));
            }
        }
        return text.toString();
    }

    private static int hex(String text, int start) {
        int value = 0;
        for (int i = start; i < start + 4; i++) {
            value = value << 4 | Math.max(Character.digit(text.charAt(i), 16), 0);
        }
        return value;
    }
}
