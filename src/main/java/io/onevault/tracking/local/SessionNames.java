package io.onevault.tracking.local;

import io.onevault.tracking.enrich.Pseudonyms;
import io.onevault.tracking.job.settings.Secrets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What clients called the sessions of the input that was played. The vault holds keyed hashes;
 * whoever has the input and the secret may put the names in their places.
 */
final class SessionNames {

    private static final Pattern KEYED = Pattern.compile("(sid|common)_[0-9a-f]{32}");

    /** A session id of a tenant's client. */
    private record Name(String tenantBk, String sessionId) {}

    private final Secrets secrets;
    private final Set<Name> played = new HashSet<>();
    private final Map<String, String> names = new HashMap<>();

    /**
     * @param secret reference to the job's secret, of tenants without one of their own
     */
    SessionNames(String secret) {
        this.secrets = new Secrets(secret);
    }

    void note(@Nullable String tenantBk, @Nullable String sessionId) {
        if (tenantBk != null && sessionId != null) {
            played.add(new Name(tenantBk, sessionId));
        }
    }

    /** The text with the names of what was noted before. */
    String named(String text) {
        for (Name name : played) {
            String secret = secrets.ofTenant(name.tenantBk());
            for (boolean common : new boolean[] {false, true}) {
                names.put(Pseudonyms.sessionId(secret, name.sessionId(), common), name.sessionId());
            }
        }
        played.clear();
        return KEYED.matcher(text)
                .replaceAll(
                        found ->
                                Matcher.quoteReplacement(
                                        names.getOrDefault(found.group(), found.group())));
    }
}
