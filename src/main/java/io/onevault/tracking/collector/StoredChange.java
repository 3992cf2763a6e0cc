package io.onevault.tracking.collector;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.onevault.tracking.enrich.Redactor;
import java.util.List;

/**
 * What of a change of settings is stored. It is no part of a door, so that the program that shares
 * links needs no server, and nothing that logs.
 */
final class StoredChange {

    private static final String LINK = "link";
    private static final List<String> NAMED =
            List.of("goal", "segment", "annotation", "alert", LINK);
    private static final List<String> TEXTS = List.of("name", "text", "property_value");
    private static final String PASSWORD = "password";
    private static final String PASSWORD_HASH = "password_hash";
    private static final int LEAST_PASSWORD = 8;
    private static final int MOST_PASSWORD = 200;

    private StoredChange() {}

    /** Whether a hash has to be made. */
    static boolean hasPassword(JsonNode change) {
        return change.path(LINK).hasNonNull(PASSWORD);
    }

    /**
     * With a password's hash in its place, and without personal data in the texts that somebody
     * typed in.
     *
     * @throws Refused when the password is too short
     */
    static String of(JsonNode change) {
        if (change.path(LINK) instanceof ObjectNode link) {
            link.remove(PASSWORD_HASH);
            JsonNode password = link.remove(PASSWORD);
            if (password != null && !password.isNull()) {
                int length = password.asText().length();
                if (length < LEAST_PASSWORD || length > MOST_PASSWORD) {
                    throw Refused.because(
                            400, "INVALID_ARGUMENT", "A password has 8 to 200 characters.");
                }
                link.put(PASSWORD_HASH, LinkPassword.hash(password.asText()));
            }
        }
        for (String named : NAMED) {
            if (change.path(named) instanceof ObjectNode saved) {
                redact(saved);
            }
        }
        return change.toString();
    }

    private static void redact(ObjectNode saved) {
        for (String text : TEXTS) {
            if (saved.path(text).isTextual()) {
                saved.put(text, Redactor.redact(saved.path(text).textValue()));
            }
        }
    }
}
