package io.onevault.tracking.migrate;

import java.sql.SQLException;
import java.util.List;

/**
 * Everything that a script could change in a database, one line an object, with object ids: what
 * was dropped and created again shows, too.
 */
final class CatalogLines {

    private static final String QUERY =
            """
            WITH schemas AS (
                SELECT * FROM pg_namespace
                WHERE nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema'
            )
            SELECT concat_ws(' ', 'schema', schemas.oid, nspname, nspowner, nspacl) FROM schemas
            UNION ALL
            SELECT concat_ws(' ', 'relation', c.oid, c.oid::regclass, relkind, relfilenode, relacl,
                reloptions, relowner, relrowsecurity, relpersistence, pg_get_expr(relpartbound, c.oid),
                CASE relkind WHEN 'v' THEN md5(pg_get_viewdef(c.oid)) END)
            FROM pg_class AS c JOIN schemas ON schemas.oid = relnamespace
            UNION ALL
            SELECT concat_ws(' ', 'column', attrelid::regclass, attnum, attname, atttypid::regtype,
                atttypmod, attnotnull, atthasdef, attcompression, attstorage, attacl)
            FROM pg_attribute JOIN pg_class AS c ON c.oid = attrelid
            JOIN schemas ON schemas.oid = relnamespace
            WHERE attnum > 0
            UNION ALL
            SELECT concat_ws(' ', 'constraint', c.oid, conrelid::regclass, conname,
                pg_get_constraintdef(c.oid))
            FROM pg_constraint AS c JOIN schemas ON schemas.oid = connamespace
            UNION ALL
            SELECT concat_ws(' ', 'function', p.oid, p.oid::regprocedure, proowner, proacl,
                md5(pg_get_functiondef(p.oid)))
            FROM pg_proc AS p JOIN schemas ON schemas.oid = pronamespace
            UNION ALL
            SELECT concat_ws(' ', 'comment', classoid::regclass, objoid, objsubid, description)
            FROM pg_description WHERE objoid >= 16384
            ORDER BY 1
            """;

    private CatalogLines() {}

    static List<String> of(TestDatabase database) throws SQLException {
        return database.texts(QUERY);
    }
}
