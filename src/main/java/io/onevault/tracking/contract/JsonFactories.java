package io.onevault.tracking.contract;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamWriteConstraints;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import io.onevault.tracking.event.Limits;

/**
 * Jackson set up so that only our own limits decide: its limits on names, numbers and nesting are
 * lifted to the length of a record.
 */
final class JsonFactories {

    private JsonFactories() {}

    static JsonFactory strict() {
        return builder().build();
    }

    /** Reads also raw control characters, to show the text of a rejected record. */
    static JsonFactory lenient() {
        return builder().enable(JsonReadFeature.ALLOW_UNESCAPED_CONTROL_CHARS).build();
    }

    private static JsonFactoryBuilder builder() {
        return new JsonFactoryBuilder()
                // Unknown names are up to the client: interning them would fill the JVM's table.
                .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                // Names that collide on purpose may be slow, but must not fail other records.
                .disable(JsonFactory.Feature.FAIL_ON_SYMBOL_HASH_OVERFLOW)
                .streamReadConstraints(
                        StreamReadConstraints.builder()
                                .maxNameLength(Limits.RECORD_BYTES)
                                .maxNumberLength(Limits.RECORD_BYTES)
                                .maxNestingDepth(Limits.RECORD_BYTES)
                                .build())
                .streamWriteConstraints(
                        StreamWriteConstraints.builder().maxNestingDepth(Limits.DEPTH + 1).build());
    }
}
