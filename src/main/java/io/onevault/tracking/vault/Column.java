package io.onevault.tracking.vault;

/** A column of the rows that a statement is given. */
record Column(String name, PgType type) {

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

    static Column json(String name) {
        return new Column(name, PgType.JSON);
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
