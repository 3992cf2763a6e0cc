package io.onevault.tracking.collector;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.onevault.tracking.enrich.Redactor;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Changes the settings of the key's tenant by the api. Of a link's password it keeps a hash, and of
 * texts what is no personal data.
 */
final class SettingsDoor extends Handler.Abstract {

    static final String PATH = "/write/settings";

    private static final String CALL = "api.change_settings(?, ?::jsonb)" + Question.BY_KEY;
    private static final String LINK = "link";
    private static final List<String> NAMED =
            List.of("goal", "segment", "annotation", "alert", LINK);
    private static final List<String> TEXTS = List.of("name", "text", "property_value");
    private static final String PASSWORD = "password";
    private static final String PASSWORD_HASH = "password_hash";
    private static final int PASSWORDS_AT_ONCE = 10;
    private static final int LEAST_PASSWORD = 8;
    private static final int MOST_PASSWORD = 200;
    private static final int LONGEST_BODY = 64 * 1024;
    private static final ObjectMapper JSON =
            new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private final Doorkeeper doorkeeper;
    private final Vault vault;
    private final Body body;

    /** Hashing one takes a while: a tenant has some at once, and then one a second. */
    private final Budgets passwords;

    SettingsDoor(
            Doorkeeper doorkeeper,
            Vault vault,
            Duration patience,
            BodyBudget budget,
            InstantSource clock) {
        this.passwords = new Budgets(1, PASSWORDS_AT_ONCE, clock);
        this.doorkeeper = doorkeeper;
        this.vault = vault;
        this.body = new Body(LONGEST_BODY, 0, patience, budget);
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        Site site = doorkeeper.manager(request);
        Exchange exchange = new Exchange(request, response, callback);
        body.read(
                request,
                response,
                doorkeeper.address(request),
                change -> change(site, change, exchange),
                refused -> vault.fail(exchange, refused));
        return true;
    }

    private void change(Site site, byte[] change, Exchange exchange) {
        try {
            JsonNode read = read(change);
            if (read.path(LINK).hasNonNull(PASSWORD)) {
                requireFewPasswords(site);
            }
            vault.answer(site, () -> Question.byKey(CALL, site, cleaned(read)), exchange);
        } catch (RuntimeException e) {
            vault.fail(exchange, e);
        }
    }

    private void requireFewPasswords(Site site) {
        int left = passwords.take(site.tenantBk(), 1);
        if (left < 0) {
            throw Refused.tooMany(-left, "Too many new passwords; wait before the next one.");
        }
    }

    /**
     * The change as it may be stored: with a password's hash in its place, and without personal
     * data in the texts that somebody typed in.
     *
     * @throws Refused when the password is too short
     */
    static String cleaned(JsonNode change) {
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

    private static JsonNode read(byte[] change) {
        try {
            return JSON.readTree(change);
        } catch (JsonProcessingException e) {
            throw Refused.because(400, "MALFORMED_JSON", "The body is no JSON.");
        } catch (IOException e) {
            throw new IllegalStateException("no stream is involved", e);
        }
    }
}
