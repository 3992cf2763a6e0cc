-- Purpose: makes room for the numbered scripts in a database where an earlier generation of site tracking is deployed.
-- Run only where 01 asks for it, then run all of them.
--
-- Moves tables and views of the names that the scripts need, but of another make, aside in one transaction:
-- <name> becomes <name>_v1, and so do their indexes, sequences and partitions, and functions of the
-- api. Nothing is copied, dropped or altered otherwise: rows, privileges, triggers, foreign keys and
-- views of others stay with what was moved, and it stays readable under its new name. Answers with
-- what was moved and how many rows each holds. A second run moves nothing.
-- Errors: ST015 a name ending in _v1 is taken; nothing is changed then.

BEGIN;

DO $lock$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('site_tracking', 0));
END
$lock$;

CREATE TEMPORARY TABLE site_tracking_moved (
    moved_order integer GENERATED ALWAYS AS IDENTITY,
    kind text NOT NULL,
    old_name text NOT NULL,
    new_name text NOT NULL,
    row_count bigint
) ON COMMIT DROP;

DO $adopt$
DECLARE
    -- Tables of ours whose names an earlier generation may have, with the MD5 of columns and primary key:
    -- a table that differs is not ours. A test keeps the list in step.
    moved_tables CONSTANT oid[] := ARRAY(
        SELECT c.oid
        FROM (VALUES
            ('auth', 'site_tracking_login_s', '70304c0ca99bf4124df6b2e66eba4bb7'),
            ('auth', 'site_tracking_salt_s', 'c208e265ce84ca32300353f067f253bc'),
            ('auth', 'tenant_site_tracking_s', 'c541a0787762010af6b1ca1111bfe001'),
            ('business', 'business_item_details_s', '4483afccba04270ce07b57600c88a20e'),
            ('business', 'business_item_h', 'a05a0529da013cd5e9ab66faea187054'),
            ('business', 'event_business_item_l', 'f5d321a3cae6bad3cca7bd55152761e1'),
            ('business', 'event_page_l', '186e190ed46fedcaa12b094ae6d55c1b'),
            ('business', 'event_session_l', '53ec82c95226f93f02a65783feb17dbc'),
            ('business', 'session_page_l', '74d1d04d4045b048cf2e3dca32705bcd'),
            ('business', 'session_visitor_l', '8b868355f07653864d10f4b6e9947f95'),
            ('business', 'site_event_details_s', '8ba20cf6dace676956d4ca2158eef9e0'),
            ('business', 'site_event_h', 'c62f8e2c800ee300c635d14071032e2d'),
            ('business', 'site_page_details_s', 'b6a56072105ab0855ec82e6fddd400eb'),
            ('business', 'site_page_h', '3aacdbf2f09f37e2f288a6acd411b8c1'),
            ('business', 'site_session_details_s', '556c6453ecf150b14d23d192da5bf56b'),
            ('business', 'site_session_h', 'b4694197278fa4890205417e05653f15'),
            ('business', 'site_visitor_details_s', '50f870a23db9d621464c82b2f7b9f246'),
            ('business', 'site_visitor_h', '25225ce163516e3d4780fbee40786545'),
            ('business', 'visitor_business_item_l', 'a9727c8e7096547386a6d4884b221b6e'),
            ('raw', 'site_tracking_events_r', 'bdef9e5d5c3aed708c285be1ab67c812'),
            ('raw', 'site_tracking_heartbeat_r', 'e90bc5021fc4f7df6d6bd0e59ec16b8c'),
            ('raw', 'site_tracking_ledger_r', 'be4e81489ea8ecf074841fd26a788b81'),
            ('raw', 'site_tracking_outbox_r', '9e1268d0e8039419868b09131672c540'),
            ('raw', 'site_tracking_value_day_r', '894e15d898302c56f77265b26ca2b9ab'),
            ('raw', 'site_tracking_value_r', 'c08c008a40dbd55ac5f9db303ab487ec'),
            ('raw', 'site_tracking_waiting_r', '4f90c9f1f0ba6b023e2dc2ebf7c34dc3'),
            ('staging', 'site_tracking_events_s', '54678495172a435d3d8054ccf2c0f471')
        ) AS ours (table_schema, table_name, shape)
        JOIN pg_catalog.pg_class AS c
            ON c.oid = to_regclass(format('%I.%I', ours.table_schema, ours.table_name))
        WHERE c.relkind IN ('r', 'p')
            AND (
                ours.shape <> (
                    SELECT md5(string_agg(parts.part, ', ' ORDER BY parts.part COLLATE "C"))
                    FROM (
                        SELECT attname || ' ' || format_type(atttypid, atttypmod)
                            || CASE WHEN attnotnull THEN ' NOT NULL' ELSE '' END AS part
                        FROM pg_catalog.pg_attribute
                        WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped
                        UNION ALL
                        SELECT pg_get_constraintdef(oid)
                        FROM pg_catalog.pg_constraint
                        WHERE conrelid = c.oid AND contype = 'p'
                    ) AS parts)
                -- Business keys of ours are unique within their tenant only.
                OR EXISTS (
                    SELECT FROM pg_catalog.pg_index
                    JOIN pg_catalog.pg_attribute ON attrelid = indrelid AND attnum = indkey[0]
                    WHERE indrelid = c.oid AND indisunique AND indnkeyatts = 1 AND attname LIKE '%\_bk')
            )
        ORDER BY ours.table_schema, ours.table_name);
    moving record;
    new_name text;
    row_count bigint;
BEGIN
    FOR moving IN
        -- Tables with their partitions, their indexes and sequences, and views of our names on them.
        WITH RECURSIVE tables AS (
            SELECT unnest(moved_tables) AS oid
            UNION
            SELECT inhrelid FROM tables JOIN pg_catalog.pg_inherits ON inhparent = tables.oid
        ),
        relations AS (
            SELECT 1 AS rank, 'table' AS kind, oid FROM tables
            UNION
            SELECT 2, 'index', indexrelid
            FROM pg_catalog.pg_index JOIN tables ON tables.oid = indrelid
            UNION
            SELECT 3, 'sequence', sequences.oid
            FROM pg_catalog.pg_depend
            JOIN pg_catalog.pg_class AS sequences ON sequences.oid = objid AND sequences.relkind = 'S'
            JOIN tables ON tables.oid = refobjid
            WHERE classid = 'pg_catalog.pg_class'::regclass
                AND refclassid = 'pg_catalog.pg_class'::regclass
                AND deptype IN ('a', 'i')
            UNION
            SELECT 4, 'view', ev_class
            FROM pg_catalog.pg_depend
            JOIN pg_catalog.pg_rewrite ON pg_rewrite.oid = objid
            JOIN tables ON tables.oid = refobjid
            JOIN pg_catalog.pg_class AS views ON views.oid = ev_class AND views.relkind = 'v'
            WHERE classid = 'pg_catalog.pg_rewrite'::regclass
                AND views.oid = ANY (ARRAY[
                    to_regclass('raw.site_tracking_ledger_v'),
                    to_regclass('staging.site_tracking_events_v'),
                    to_regclass('business.site_visitor_details_current_v'),
                    to_regclass('business.site_visitor_details_history_v'),
                    to_regclass('business.site_page_details_current_v'),
                    to_regclass('business.site_page_details_history_v'),
                    to_regclass('business.business_item_details_current_v'),
                    to_regclass('business.business_item_details_history_v'),
                    to_regclass('business.site_session_details_current_v'),
                    to_regclass('business.site_session_details_history_v'),
                    to_regclass('business.event_session_current_v'),
                    to_regclass('business.site_events_late_v')]::oid[])
        )
        SELECT relations.rank, relations.kind, relations.oid, nspname, relname
        FROM relations
        JOIN pg_catalog.pg_class AS c ON c.oid = relations.oid
        JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
        ORDER BY relations.rank, nspname, relname
    LOOP
        -- Names have at most 63 bytes.
        new_name := left(moving.relname, 60) || '_v1';
        IF to_regclass(format('%I.%I', moving.nspname, new_name)) IS NOT NULL THEN
            RAISE EXCEPTION 'the name %.% is taken', moving.nspname, new_name
                USING ERRCODE = 'ST015', HINT = 'Nothing was changed. Rename what has this name, then run the script again.';
        END IF;
        EXECUTE format('ALTER %s %I.%I RENAME TO %I', moving.kind, moving.nspname, moving.relname, new_name);
        row_count := NULL;
        IF moving.kind = 'table' THEN
            EXECUTE format('SELECT count(*) FROM %I.%I', moving.nspname, new_name) INTO row_count;
        END IF;
        INSERT INTO pg_temp.site_tracking_moved (kind, old_name, new_name, row_count)
        VALUES (moving.kind, format('%I.%I', moving.nspname, moving.relname),
            format('%I.%I', moving.nspname, new_name), row_count);
    END LOOP;

    FOR moving IN
        SELECT p.oid::regprocedure AS signature, proname,
            pg_catalog.pg_get_function_identity_arguments(p.oid) AS arguments
        FROM pg_catalog.pg_proc AS p
        WHERE pronamespace = to_regnamespace('api')
            AND proname IN ('track_event', 'get_tracking_system_status', 'get_ledger',
                'get_session_analytics', 'get_realtime', 'get_funnel', 'get_retention', 'get_events',
                'get_items')
            AND pg_catalog.pg_get_userbyid(proowner) <> 'site_tracking_owner'
        ORDER BY proname, p.oid
    LOOP
        EXECUTE format('ALTER ROUTINE %s RENAME TO %I', moving.signature, moving.proname || '_v1');
        INSERT INTO pg_temp.site_tracking_moved (kind, old_name, new_name)
        VALUES ('function', format('api.%I(%s)', moving.proname, moving.arguments),
            format('api.%I(%s)', moving.proname || '_v1', moving.arguments));
    END LOOP;
END
$adopt$;

SELECT kind, old_name, new_name, row_count FROM pg_temp.site_tracking_moved ORDER BY moved_order;

COMMIT;
