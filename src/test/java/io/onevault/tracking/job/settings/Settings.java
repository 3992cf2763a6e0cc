package io.onevault.tracking.job.settings;

import io.onevault.tracking.access.TestSecret;
import java.util.HashMap;
import java.util.Map;

/** Job settings of tests that connect to nothing. */
public final class Settings {

    /** What has no default. */
    public static final Map<String, String> REQUIRED =
            Map.of(
                    "kafka.bootstrap-servers", "127.0.0.1:1",
                    "database.url", "jdbc:postgresql://127.0.0.1:1/none",
                    "privacy.secret", TestSecret.reference("00112233445566778899aabbccddeeff"));

    private Settings() {}

    public static Map<String, String> with(String... keysAndValues) {
        Map<String, String> values = new HashMap<>(REQUIRED);
        for (int i = 0; i < keysAndValues.length; i += 2) {
            values.put(keysAndValues[i], keysAndValues[i + 1]);
        }
        return values;
    }
}
