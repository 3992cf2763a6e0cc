package io.onevault.tracking.collector;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** Changes the settings of the key's tenant by the api, by what of a change may be stored. */
final class SettingsDoor extends Handler.Abstract {

    static final String PATH = "/write/settings";

    private static final String CALL = "api.change_settings(?, ?::jsonb)" + Question.BY_KEY;
    private static final int PASSWORDS_AT_ONCE = 10;
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
            if (StoredChange.hasPassword(read)) {
                requireFewPasswords(site);
            }
            vault.answer(site, () -> Question.byKey(CALL, site, StoredChange.of(read)), exchange);
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
