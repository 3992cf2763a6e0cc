package io.onevault.tracking.vault;

import java.time.Instant;
import java.util.List;
import java.util.StringJoiner;

/** How a column's values travel to PostgreSQL: as which array, and what SQL makes of an element. */
enum PgType {
    BYTEA("bytea", byte[][]::new, "%s"),
    TEXT("text", String[]::new, "%s"),
    BOOLEAN("bool", Boolean[]::new, "%s"),
    SMALLINT("int4", Integer[]::new, "%s"),
    INTEGER("int4", Integer[]::new, "%s"),
    BIGINT("int8", Long[]::new, "%s"),
    DOUBLE("float8", Double[]::new, "%s"),
    NUMERIC("numeric", java.math.BigDecimal[]::new, "%s"),
    NUMERIC_TEXT("text", String[]::new, "%s::numeric"),
    BOOLEAN_TEXT("text", String[]::new, "%s::boolean"),
    /**
     * In the form in which an accepted event is copied: a rejected one may be in any form, and hold
     * numbers beyond all range, which are refused.
     */
    JSON("text", String[]::new, "%s::jsonb::json"),
    JSONB("text", String[]::new, "%s::jsonb"),
    DATE("text", String[]::new, "%s::date"),
    /** A list of texts travels as an array's literal, as arrays of arrays would be flattened. */
    TEXT_LIST("text", String[]::new, "%s::text[]"),
    /** Microseconds since the epoch: binary, exact and independent of the session's time zone. */
    INSTANT("int8", Long[]::new, "timestamptz 'epoch' + %s * interval '1 microsecond'");

    private static final long MICROS_PER_SECOND = 1_000_000;
    private static final int NANOS_PER_MICRO = 1_000;

    /** Makes an array of a given length. */
    private interface ArrayMaker {
        Object[] make(int length);
    }

    final String elementType;
    private final ArrayMaker maker;
    private final String expression;

    PgType(String elementType, ArrayMaker maker, String expression) {
        this.elementType = elementType;
        this.maker = maker;
        this.expression = expression;
    }

    Object[] newArray(int length) {
        return maker.make(length);
    }

    String expression(String element) {
        return expression.replace("%s", element);
    }

    /** The value as an element of the array. */
    Object element(Object value) {
        if (value instanceof Instant instant) {
            return micros(instant);
        }
        return value instanceof List<?> texts ? literal(texts) : value;
    }

    private static String literal(List<?> texts) {
        StringJoiner literal = new StringJoiner(",", "{", "}");
        for (Object text : texts) {
            literal.add('"' + text.toString().replace("\\", "\\\\").replace("\"", "\\\"") + '"');
        }
        return literal.toString();
    }

    /** Microseconds since the epoch, rounded down. */
    static long micros(Instant instant) {
        return instant.getEpochSecond() * MICROS_PER_SECOND + instant.getNano() / NANOS_PER_MICRO;
    }
}
