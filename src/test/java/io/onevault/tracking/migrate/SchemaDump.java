package io.onevault.tracking.migrate;

import java.sql.SQLException;

/**
 * The normalised text of sql/schema.golden.sql: what the scripts make of an empty database. Day
 * partitions are left out, for they depend on the date; payload compression is left out, for it
 * depends on the server's build.
 */
final class SchemaDump {

    private static final String SCHEMAS =
            """
            SELECT format('SCHEMA %s%s -- %s', nspname, E'\\n    GRANTS ' || nspacl::text,
                obj_description(oid, 'pg_namespace'))
            FROM pg_namespace
            WHERE nspname IN ('api', 'auth', 'business', 'raw', 'staging', 'util')
            ORDER BY nspname
            """;

    private static final String TABLES =
            """
            SELECT concat_ws(E'\\n',
                format('TABLE %s -- %s', oid::regclass, obj_description(oid, 'pg_class')),
                (SELECT string_agg(format('    %s %s%s%s -- %s', attname,
                        format_type(atttypid, atttypmod),
                        CASE WHEN attnotnull THEN ' NOT NULL' END,
                        (SELECT ' DEFAULT ' || pg_get_expr(adbin, adrelid) FROM pg_attrdef
                            WHERE adrelid = attrelid AND adnum = attnum),
                        col_description(attrelid, attnum)), E'\\n' ORDER BY attnum)
                    FROM pg_attribute
                    WHERE attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped),
                (SELECT string_agg(format('    %s %s', conname, pg_get_constraintdef(oid)),
                        E'\\n' ORDER BY conname)
                    FROM pg_constraint WHERE conrelid = pg_class.oid AND contype <> 'n'),
                (SELECT string_agg('    ' || pg_get_indexdef(indexrelid), E'\\n'
                        ORDER BY indexrelid::regclass::text)
                    FROM pg_index WHERE indrelid = pg_class.oid
                    AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)),
                '    PARTITION BY ' || pg_get_partkeydef(oid),
                (SELECT string_agg(format('    PARTITION %s %s', inhrelid::regclass,
                        pg_get_expr(relpartbound, inhrelid)), E'\\n' ORDER BY inhrelid::regclass::text)
                    FROM pg_inherits JOIN pg_class AS part ON part.oid = inhrelid
                    WHERE inhparent = pg_class.oid AND part.relname !~ '_p[0-9]{8}$'),
                CASE WHEN relrowsecurity THEN '    ROW LEVEL SECURITY' END,
                (SELECT string_agg(format('    POLICY %s FOR %s TO %s USING %s CHECK %s',
                        policyname, cmd, roles, qual, with_check), E'\\n' ORDER BY policyname)
                    FROM pg_policies
                    WHERE format('%I.%I', schemaname, tablename)::regclass = pg_class.oid),
                (SELECT string_agg('    ' || pg_get_triggerdef(oid), E'\\n' ORDER BY tgname)
                    FROM pg_trigger WHERE tgrelid = pg_class.oid AND NOT tgisinternal),
                '    GRANTS ' || relacl::text,
                (SELECT string_agg(format('    GRANTS OF %s %s', attname, attacl), E'\\n'
                        ORDER BY attnum)
                    FROM pg_attribute WHERE attrelid = pg_class.oid AND attacl IS NOT NULL))
            FROM pg_class
            WHERE relkind IN ('r', 'p') AND NOT relispartition
                AND relnamespace::regnamespace::text
                    IN ('api', 'auth', 'business', 'raw', 'staging', 'util')
            ORDER BY oid::regclass::text COLLATE "C"
            """;

    private static final String VIEWS =
            """
            SELECT concat_ws(E'\\n',
                format('VIEW %s -- %s', oid::regclass, obj_description(oid, 'pg_class')),
                pg_get_viewdef(oid),
                '    GRANTS ' || relacl::text,
                '    OPTIONS ' || reloptions::text)
            FROM pg_class
            WHERE relkind IN ('v', 'm') AND relnamespace::regnamespace::text
                IN ('api', 'auth', 'business', 'raw', 'staging', 'util')
            ORDER BY oid::regclass::text COLLATE "C"
            """;

    private static final String FUNCTIONS =
            """
            SELECT concat_ws(E'\\n',
                format('FUNCTION %s -- %s', oid::regprocedure, obj_description(oid, 'pg_proc')),
                pg_get_functiondef(oid),
                '    GRANTS ' || proacl::text)
            FROM pg_proc
            WHERE pronamespace::regnamespace::text
                IN ('api', 'auth', 'business', 'raw', 'staging', 'util')
            ORDER BY oid::regprocedure::text COLLATE "C"
            """;

    private SchemaDump() {}

    static String of(TestDatabase database) throws SQLException {
        StringBuilder dump =
                new StringBuilder(
                        "-- What the scripts make of an empty database; not meant to be run.\n"
                                + "-- A test compares it: mvn test -Dtest=SchemaGoldenTest.\n"
                                + "-- To accept a change, add -Dgolden.update=true.\n");
        for (String query : new String[] {SCHEMAS, TABLES, VIEWS, FUNCTIONS}) {
            for (String object : database.texts(query)) {
                dump.append('\n').append(object.stripTrailing()).append('\n');
            }
        }
        return dump.toString().replaceAll("[ \\t]+\\n", "\n");
    }
}
