package io.onevault.tracking.vault;

import java.util.regex.Pattern;

/** Which tables loaders write to: those of production, or their shadow that a reprocess fills. */
public enum Layers {
    PRODUCTION(""),
    SHADOW("_shadow");

    private static final Pattern SCHEMA = Pattern.compile("\\b(raw|staging|business)\\.");

    private final String suffix;

    Layers(String suffix) {
        this.suffix = suffix;
    }

    /** A statement on tables and routines of production, as these layers have it. */
    String sql(String statement) {
        return this == PRODUCTION
                ? statement
                : SCHEMA.matcher(statement).replaceAll("$1" + suffix + '.');
    }
}
