package io.onevault.tracking.vault;

/**
 * A column that a statement is given.
 *
 * @param stored whether the table has it; the others only tell the statement what to do
 */
record Column(String name, PgType type, boolean stored) {

    Column(String name, PgType type) {
        this(name, type, true);
    }

    static Column bytea(String name) {
        return new Column(name, PgType.BYTEA);
    }

    static Column text(String name) {
        return new Column(name, PgType.TEXT);
    }

    static Column bool(String name) {
        return new Column(name, PgType.BOOLEAN);
    }

    static Column integer(String name) {
        return new Column(name, PgType.INTEGER);
    }

    static Column smallint(String name) {
        return new Column(name, PgType.SMALLINT);
    }

    static Column bigint(String name) {
        return new Column(name, PgType.BIGINT);
    }

    static Column decimal(String name) {
        return new Column(name, PgType.NUMERIC);
    }

    static Column jsonb(String name) {
        return new Column(name, PgType.JSONB);
    }

    static Column textList(String name) {
        return new Column(name, PgType.TEXT_LIST);
    }

    static Column instant(String name) {
        return new Column(name, PgType.INSTANT);
    }
}
