package io.onevault.tracking.access;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.apache.kafka.common.config.ConfigData;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.provider.ConfigProvider;

/**
 * Lets Kafka's clients resolve {@link References} themselves, in the process that makes the client.
 * Unlike Kafka's own providers it says what is missing.
 */
public abstract class ReferenceProvider implements ConfigProvider {

    private final String source;
    private final UnaryOperator<String> form;

    ReferenceProvider(String source, UnaryOperator<String> form) {
        this.source = source;
        this.form = form;
    }

    /** Of the environment's variables. */
    public static final class OfEnvironment extends ReferenceProvider {
        /** Made by Kafka's clients. */
        public OfEnvironment() {
            super(References.ENVIRONMENT, UnaryOperator.identity());
        }
    }

    /** Of files. */
    public static final class OfFiles extends ReferenceProvider {
        /** Made by Kafka's clients. */
        public OfFiles() {
            super(References.FILE, UnaryOperator.identity());
        }
    }

    /** Of the environment's variables, between quotes. */
    public static final class OfEnvironmentQuoted extends ReferenceProvider {
        /** Made by Kafka's clients. */
        public OfEnvironmentQuoted() {
            super(References.ENVIRONMENT, References::escape);
        }
    }

    /** Of files, between quotes. */
    public static final class OfFilesQuoted extends ReferenceProvider {
        /** Made by Kafka's clients. */
        public OfFilesQuoted() {
            super(References.FILE, References::escape);
        }
    }

    @Override
    public void configure(Map<String, ?> configuration) {
        // Nothing to configure.
    }

    @Override
    public ConfigData get(String path) {
        return new ConfigData(Map.of());
    }

    /** Kafka splits a name at its first colon, which a file's name may have. */
    @Override
    public ConfigData get(String path, Set<String> keys) {
        String before = path == null || path.isEmpty() ? "" : path + ":";
        Map<String, String> values = new HashMap<>();
        for (String key : keys) {
            try {
                values.put(key, form.apply(References.resolve(source, before + key)));
            } catch (References.UnresolvedReferenceException e) {
                // Of the kind that clients hand on as it is.
                throw (ConfigException) new ConfigException(e.getMessage()).initCause(e);
            }
        }
        return new ConfigData(values);
    }

    @Override
    public void close() {
        // Nothing to close.
    }
}
