package io.onevault.tracking.access;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which settings are secret. Such a value would lie in the job graph, on command lines and in web
 * UIs, so it is never given as it is but named by a reference.
 */
public final class Secrecy {

    public static final String DATABASE_URL = "database.url";
    public static final String DATABASE_PASSWORD = "database.password";
    public static final String PRIVACY_SECRET = "privacy.secret";

    static final String HOW =
            "is secret and must be named, not told: ${env:NAME} or ${file:/path}, which each"
                    + " process of ours reads for itself";

    private static final Set<String> SECRETS = Set.of(DATABASE_PASSWORD, PRIVACY_SECRET);

    private Secrecy() {}

    /** Why the value must not be given to the setting, without showing it; null when it may. */
    public static @Nullable String error(String key, String value) {
        if (SECRETS.contains(key)) {
            return value.isEmpty() || References.isReference(value) ? null : HOW;
        }
        if (key.equals(DATABASE_URL)) {
            return DatabaseAccess.urlError(value);
        }
        return key.startsWith(KafkaAccess.PREFIX)
                ? KafkaSecrecy.error(key.substring(KafkaAccess.PREFIX.length()), value)
                : null;
    }
}
