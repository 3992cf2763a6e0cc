package io.onevault.tracking.local;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.onevault.tracking.contract.RecordKeys;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a line says of tenant, session and visitor, as far as it can be read; the same bytes always
 * give the same answer. The job alone decides what is valid.
 */
final class RecordKey {

    private static final JsonFactory JSON = new JsonFactory();
    private static final Set<String> TENANT =
            Set.of("tenantId", "tenant_id", "tenant_bk", "tenantBk");
    private static final String NESTED = "event_data";
    private static final int MAX_TENANT_CHARS = 200;

    private @Nullable String tenant;
    private @Nullable String session;
    private @Nullable String visitor;
    private @Nullable String user;
    private @Nullable String address;
    private @Nullable String agent;

    private RecordKey() {}

    static RecordKey of(byte[] line) {
        RecordKey key = new RecordKey();
        try (JsonParser parser = JSON.createParser(line)) {
            if (parser.nextToken() == JsonToken.START_OBJECT) {
                key.readObject(parser, true);
            }
        } catch (IOException malformed) {
            // What was read up to here still tells lines of one session apart from others.
            return key;
        }
        return key;
    }

    private void readObject(JsonParser parser, boolean outer) throws IOException {
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
            JsonToken value = parser.nextToken();
            if (value == JsonToken.VALUE_STRING) {
                readText(name, parser);
            } else if (outer && value == JsonToken.START_OBJECT && NESTED.equals(name)) {
                readObject(parser, false);
            } else {
                parser.skipChildren();
            }
        }
    }

    private void readText(String name, JsonParser parser) throws IOException {
        switch (name) {
            case "session_id" -> session = first(session, parser);
            case "visitor_id" -> visitor = first(visitor, parser);
            case "user_id" -> user = first(user, parser);
            case "client_ip" -> address = first(address, parser);
            case "user_agent" -> agent = first(agent, parser);
            default -> {
                if (TENANT.contains(name)) {
                    tenant = first(tenant, parser);
                }
            }
        }
    }

    private static String first(@Nullable String known, JsonParser parser) throws IOException {
        return known != null ? known : parser.getText();
    }

    /**
     * The Kafka key as the collector makes it; null when tenant or client is missing. A visitor
     * without ids is told by address and program, as the job does it.
     */
    byte @Nullable [] bytes() {
        String client = session != null ? session : visitor != null ? visitor : user;
        if (client == null && (address != null || agent != null)) {
            client = "cookieless-" + Objects.hash(address, agent);
        }
        return tenant == null || client == null ? null : RecordKeys.of(tenant, client);
    }

    /** The client's id of the session, when it is a text. */
    @Nullable String sessionId() {
        return session;
    }

    /** The tenant's business key, normalised as in the contract, when it can be registered. */
    @Nullable String tenantBk() {
        if (tenant == null) {
            return null;
        }
        String normal = Normalizer.normalize(tenant, Normalizer.Form.NFC).strip();
        boolean storable =
                !normal.isEmpty()
                        && normal.length() <= MAX_TENANT_CHARS
                        && normal.indexOf('\0') < 0
                        && StandardCharsets.UTF_8.newEncoder().canEncode(normal);
        return storable ? normal : null;
    }
}
