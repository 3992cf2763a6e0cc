-- Purpose: the raw layer of site tracking, its settings tables, and the functions that look after
-- tables and partitions. Run after 00.
--
-- Tables are written as CREATE TABLE statements that a procedure runs: it creates a missing table,
-- compares an existing one with the statement, and turns the trailing comments into catalog comments.
-- Errors: ST001 bad range of days, ST002 day out of bounds, ST003 bad retention, ST004 unknown layer,
-- ST010 a table of ours exists with another shape, ST014 an earlier generation of site tracking is
-- here; whatever the error, nothing is changed.

BEGIN;

DO $lock$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('site_tracking', 0));
END
$lock$;

-- ---------------------------------------------------------------------------- earlier generations
-- Their tables have the same names, keys drawn from sequences, and business keys that are unique over
-- all tenants. Better to stop here than half-way.

DO $earlier$
DECLARE
    earlier text;
BEGIN
    SELECT string_agg(found.name, ', ' ORDER BY found.name)
    INTO earlier
    FROM (
        SELECT c.oid::regclass::text AS name
        FROM pg_catalog.pg_class AS c
        JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p')
            AND (n.nspname, c.relname) IN (VALUES
                ('auth', 'tenant_site_tracking_s'),
                ('auth', 'site_tracking_salt_s'),
                ('auth', 'site_tracking_login_s'),
                ('raw', 'site_tracking_events_r'),
                ('raw', 'site_tracking_ledger_r'),
                ('raw', 'site_tracking_retention_r'),
                ('raw', 'site_tracking_heartbeat_r'),
                ('staging', 'site_tracking_events_s'),
                ('business', 'site_session_h'),
                ('business', 'site_visitor_h'),
                ('business', 'site_page_h'),
                ('business', 'business_item_h'),
                ('business', 'site_event_h'),
                ('business', 'session_visitor_l'),
                ('business', 'session_page_l'),
                ('business', 'visitor_business_item_l'),
                ('business', 'event_session_l'),
                ('business', 'event_page_l'),
                ('business', 'event_business_item_l'),
                ('business', 'site_event_details_s'),
                ('business', 'site_session_details_s'),
                ('business', 'site_visitor_details_s'),
                ('business', 'site_page_details_s'),
                ('business', 'business_item_details_s'))
            AND (
                EXISTS (
                    SELECT FROM pg_catalog.pg_attribute
                    LEFT JOIN pg_catalog.pg_attrdef ON adrelid = attrelid AND adnum = attnum
                    WHERE attrelid = c.oid
                        AND NOT attisdropped
                        AND (attidentity <> ''
                            OR pg_catalog.pg_get_expr(adbin, adrelid) LIKE 'nextval(%'))
                OR EXISTS (
                    SELECT FROM pg_catalog.pg_index
                    JOIN pg_catalog.pg_attribute ON attrelid = indrelid AND attnum = indkey[0]
                    WHERE indrelid = c.oid AND indisunique AND indnkeyatts = 1 AND attname LIKE '%\_bk')
            )
        UNION ALL
        SELECT p.oid::regprocedure::text
        FROM pg_catalog.pg_proc AS p
        WHERE pronamespace = to_regnamespace('api')
            AND proname IN ('track_event', 'get_tracking_system_status', 'get_ledger',
                'get_session_analytics', 'get_realtime', 'get_funnel', 'get_retention', 'get_events',
                'get_items')
            AND pg_catalog.pg_get_userbyid(proowner) <> 'site_tracking_owner'
    ) AS found;
    IF earlier IS NOT NULL THEN
        RAISE EXCEPTION 'an earlier generation of site tracking is deployed here: %', earlier
            USING ERRCODE = 'ST014',
                HINT = 'Nothing was changed. Run sql/adopt_earlier_tables.sql, which moves these aside and loses nothing, then start again with 00.';
    END IF;
END
$earlier$;

-- ---------------------------------------------------------------------------------------- tables

CREATE OR REPLACE FUNCTION raw.describe_site_tracking_table(of_table regclass)
RETURNS TABLE (
    part text,
    description text
)
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT
        'column ' || attname,
        format_type(atttypid, atttypmod) || CASE WHEN attnotnull THEN ' NOT NULL' ELSE '' END
    FROM pg_attribute
    WHERE attrelid = of_table AND attnum > 0 AND NOT attisdropped
    UNION ALL
    SELECT 'primary key', pg_get_constraintdef(oid)
    FROM pg_constraint
    WHERE conrelid = of_table AND contype = 'p'
    UNION ALL
    SELECT 'kind', CASE relkind
        WHEN 'r' THEN 'table'
        WHEN 'p' THEN 'table partitioned by ' || pg_get_partkeydef(oid)
        ELSE 'no table' END
    FROM pg_class
    WHERE oid = of_table
$body$;
COMMENT ON FUNCTION raw.describe_site_tracking_table(regclass)
IS 'Columns, primary key and kind of a table, one row each, for comparing two tables.';

CREATE OR REPLACE PROCEDURE raw.check_site_tracking_table(target text, definition text)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    differences text;
BEGIN
    EXECUTE regexp_replace(
        definition, 'CREATE TABLE IF NOT EXISTS \w+\.\w+', 'CREATE TEMPORARY TABLE site_tracking_twin');
    SELECT string_agg(
        format('%s is %s, expected %s',
            part, coalesce(found.description, 'missing'), coalesce(wanted.description, 'none')),
        '; ' ORDER BY part)
    INTO differences
    FROM raw.describe_site_tracking_table(target::regclass) AS found
    FULL JOIN raw.describe_site_tracking_table('pg_temp.site_tracking_twin'::regclass) AS wanted
        USING (part)
    WHERE found.description IS DISTINCT FROM wanted.description;
    DROP TABLE pg_temp.site_tracking_twin;
    IF differences IS NOT NULL THEN
        RAISE EXCEPTION 'table % exists with another shape: %', target, differences
            USING ERRCODE = 'ST010',
                HINT = 'Nothing was changed. Rename that table, or install into another database. '
                    'sql/adopt_earlier_tables.sql moves tables of an earlier site tracking aside.';
    END IF;
END
$body$;
COMMENT ON PROCEDURE raw.check_site_tracking_table(text, text)
IS 'Raises ST010 unless the table has the columns, primary key and partitioning of the statement.';

CREATE OR REPLACE PROCEDURE raw.comment_site_tracking_table(target text, definition text)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    line text[];
    number integer;
BEGIN
    FOR line IN SELECT regexp_matches(definition, '^\s*(\w+) [^\n]*-- ([^\n]+)$', 'gn') LOOP
        IF line[1] = 'CREATE' THEN
            IF obj_description(target::regclass, 'pg_class') IS DISTINCT FROM line[2] THEN
                EXECUTE format('COMMENT ON TABLE %s IS %L', target, line[2]);
            END IF;
            CONTINUE;
        END IF;
        SELECT attnum INTO STRICT number
        FROM pg_attribute
        WHERE attrelid = target::regclass AND attname = line[1];
        IF col_description(target::regclass, number) IS DISTINCT FROM line[2] THEN
            EXECUTE format('COMMENT ON COLUMN %s.%I IS %L', target, line[1], line[2]);
        END IF;
    END LOOP;
END
$body$;
COMMENT ON PROCEDURE raw.comment_site_tracking_table(text, text)
IS 'Makes the trailing comments of a CREATE TABLE statement the comments of table and columns.';

-- Default privileges of whoever installs may open what it makes to others.
CREATE OR REPLACE FUNCTION raw.site_tracking_strangers(owner oid, acl aclitem[])
RETURNS SETOF text
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT DISTINCT CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END
    FROM aclexplode(acl)
    WHERE grantee <> owner AND pg_get_userbyid(grantee) NOT LIKE 'site\_tracking\_%'
$body$;
COMMENT ON FUNCTION raw.site_tracking_strangers(oid, aclitem[])
IS 'Whom a list of privileges lets in besides the owner and the roles of site tracking, quoted.';

CREATE OR REPLACE PROCEDURE raw.close_site_tracking_routine(routine regprocedure)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    stranger text;
BEGIN
    FOR stranger IN
        SELECT raw.site_tracking_strangers(proowner, coalesce(proacl, acldefault('f', proowner)))
        FROM pg_proc
        WHERE oid = routine
    LOOP
        EXECUTE format('REVOKE ALL ON ROUTINE %s FROM %s CASCADE', routine, stranger);
    END LOOP;
END
$body$;
COMMENT ON PROCEDURE raw.close_site_tracking_routine(regprocedure)
IS 'Takes a function from everybody but its owner and the roles of site tracking.';

CREATE OR REPLACE PROCEDURE raw.close_site_tracking_table(target regclass)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    opened record;
BEGIN
    FOR opened IN
        SELECT
            CASE relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind,
            pg_class.oid::regclass AS name,
            stranger
        FROM pg_class
        CROSS JOIN LATERAL raw.site_tracking_strangers(relowner, relacl) AS stranger
        WHERE pg_class.oid = target
            OR pg_class.oid IN (SELECT relid FROM pg_partition_tree(target))
            OR pg_class.oid IN (
                SELECT objid FROM pg_depend
                WHERE refobjid = target AND classid = 'pg_class'::regclass AND deptype = 'i')
    LOOP
        EXECUTE format('REVOKE ALL ON %s %s FROM %s CASCADE', opened.kind, opened.name, opened.stranger);
    END LOOP;
END
$body$;
COMMENT ON PROCEDURE raw.close_site_tracking_table(regclass)
IS 'Takes a new table, with its partitions and sequences, from everybody but its owner and the roles of site tracking.';

CREATE OR REPLACE PROCEDURE raw.install_site_tracking_table(definition text)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    names CONSTANT text[] := regexp_match(definition, 'CREATE TABLE IF NOT EXISTS (\w+)\.(\w+)');
    target CONSTANT text := format('%I.%I', names[1], names[2]);
    fallback CONSTANT text := format('%I.%I', names[1], names[2] || '_pdefault');
    is_new CONSTANT boolean := to_regclass(target) IS NULL;
BEGIN
    IF is_new THEN
        EXECUTE definition;
    ELSE
        CALL raw.check_site_tracking_table(target, definition);
    END IF;
    -- Rows of a day that has no partition must have a place to go.
    IF to_regclass(fallback) IS NULL
        AND EXISTS (SELECT FROM pg_partitioned_table WHERE partrelid = target::regclass) THEN
        EXECUTE format('CREATE TABLE %s PARTITION OF %s DEFAULT', fallback, target);
    END IF;
    -- What an administrator grants later stays.
    IF is_new THEN
        CALL raw.close_site_tracking_table(target);
    END IF;
    CALL raw.comment_site_tracking_table(target, definition);
END
$body$;
COMMENT ON PROCEDURE raw.install_site_tracking_table(text)
IS 'Runs a CREATE TABLE statement, or checks the table that is there (ST010); adds comments and the default partition.';

CALL raw.close_site_tracking_routine('raw.describe_site_tracking_table(regclass)');
CALL raw.close_site_tracking_routine('raw.check_site_tracking_table(text, text)');
CALL raw.close_site_tracking_routine('raw.comment_site_tracking_table(text, text)');
CALL raw.close_site_tracking_routine('raw.install_site_tracking_table(text)');
CALL raw.close_site_tracking_routine('raw.site_tracking_strangers(oid, aclitem[])');
CALL raw.close_site_tracking_routine('raw.close_site_tracking_routine(regprocedure)');
CALL raw.close_site_tracking_routine('raw.close_site_tracking_table(regclass)');

CALL raw.install_site_tracking_table($table$
CREATE TABLE IF NOT EXISTS raw.site_tracking_events_r ( -- Events as they arrived, redacted: accepted ones, and rejected ones whose tenant is known.
    event_timestamp timestamptz NOT NULL, -- When the event happened; of rejected events where it could be read, else the append time.
    event_hk bytea NOT NULL, -- Hash key of the event; of rejected events a hash of the original bytes and the append time.
    tenant_hk bytea NOT NULL, -- Tenant that the event belongs to.
    event_bk varchar(255), -- Business key of the event; NULL for rejected events.
    payload jsonb, -- The event after redaction; NULL where the bytes were no JSON.
    received_at timestamptz, -- When the collector received the event.
    user_agent text, -- User agent header.
    ip_network text, -- Network that the address was cut to; NULL by tenant policy.
    collector text, -- Collector instance.
    processing_status varchar(20) NOT NULL CHECK (processing_status IN ('VALID', 'SUSPICIOUS', 'ERROR')), -- VALID, SUSPICIOUS (kept, flagged) or ERROR (rejected).
    status_codes text[], -- Suspicions or the reason of the rejection, as docs/event-contract.md names them.
    status_detail text, -- The field at fault and what was expected; where a recovered event comes from.
    source_topic text NOT NULL, -- Kafka topic.
    source_partition integer NOT NULL, -- Kafka partition.
    source_offset bigint NOT NULL, -- Kafka offset.
    load_date timestamptz NOT NULL, -- Append time of the Kafka record: the same in every table and in a replay.
    record_source varchar(100) NOT NULL, -- Program that wrote the row.
    PRIMARY KEY (event_timestamp, event_hk)
) PARTITION BY RANGE (event_timestamp)
$table$);

-- Payloads are the bulk of this layer, and lz4 costs a fraction of pglz; not every server is built with it.
DO $compression$
DECLARE
    behind record;
BEGIN
    FOR behind IN
        SELECT attrelid::regclass AS name
        FROM pg_attribute
        WHERE attrelid IN (
                'raw.site_tracking_events_r'::regclass,
                'raw.site_tracking_events_r_pdefault'::regclass)
            AND attname = 'payload'
            AND attcompression <> 'l'
    LOOP
        EXECUTE format('ALTER TABLE ONLY %s ALTER COLUMN payload SET COMPRESSION lz4', behind.name);
    END LOOP;
EXCEPTION
    WHEN feature_not_supported THEN
        RAISE NOTICE 'this server has no lz4: payloads are compressed with its default method';
END
$compression$;

CALL raw.install_site_tracking_table($table$
CREATE TABLE IF NOT EXISTS raw.site_tracking_ledger_r ( -- What became of the events: running totals per day, tenant, outcome and run of the job.
    ledger_date date NOT NULL, -- UTC day of the append time.
    tenant_hk bytea NOT NULL, -- Tenant; 32 zero bytes where it is unknown.
    outcome varchar(10) NOT NULL CHECK (outcome IN ('RECEIVED', 'ACCEPTED', 'DUPLICATE', 'REJECTED', 'LATE')), -- RECEIVED = ACCEPTED + DUPLICATE + REJECTED; LATE events are accepted ones that no session holds.
    code varchar(40) NOT NULL, -- Reason of a rejection; RECOVERED of received records that were rejected before; empty otherwise.
    run_id varchar(32) NOT NULL, -- Run of the job that counted; the run that began without state, for all that go on from it.
    event_count bigint NOT NULL CHECK (event_count >= 0), -- Running total.
    load_date timestamptz NOT NULL, -- When the total last changed.
    record_source varchar(100) NOT NULL, -- Program that wrote the row.
    PRIMARY KEY (ledger_date, tenant_hk, outcome, code, run_id)
)
$table$);

CALL raw.install_site_tracking_table($table$
CREATE TABLE IF NOT EXISTS raw.site_tracking_run_r ( -- Runs of the job that began without state: what the vault held before is of earlier runs.
    run_id varchar(32) NOT NULL, -- Run of the job.
    began_transaction bigint NOT NULL, -- First transaction of the run; 0 where the vault held no event before it.
    load_date timestamptz NOT NULL, -- When it began.
    record_source varchar(100) NOT NULL, -- Program that wrote the row.
    PRIMARY KEY (run_id)
)
$table$);

CALL raw.install_site_tracking_table($table$
CREATE TABLE IF NOT EXISTS raw.site_tracking_retention_r ( -- What retention removed: sql/checks expect no event row of that layer before kept_from.
    layer varchar(10) NOT NULL CHECK (layer IN ('raw', 'staging')), -- raw or staging.
    kept_from date NOT NULL, -- First UTC day whose rows were kept.
    dropped_partitions integer NOT NULL, -- Day partitions dropped.
    deleted_rows bigint NOT NULL, -- Rows deleted from the default partition.
    load_date timestamptz NOT NULL, -- When.
    record_source varchar(100) NOT NULL, -- Program that wrote the row.
    PRIMARY KEY (layer, load_date)
)
$table$);

CALL raw.install_site_tracking_table($table$
CREATE TABLE IF NOT EXISTS auth.tenant_site_tracking_s ( -- Satellite of auth.tenant_h: versions of a tenant's settings for site tracking; NULL means the default.
    tenant_hk bytea NOT NULL, -- The tenant.
    load_date timestamptz NOT NULL, -- From when this version holds.
    session_gap_ms bigint CHECK (session_gap_ms > 0), -- Longest silence within a session, in milliseconds.
    allowed_lateness_ms bigint CHECK (allowed_lateness_ms >= 0), -- How late an event may still change sessions, in milliseconds.
    campaign_split boolean, -- Whether a new campaign opens a session.
    midnight_split boolean, -- Whether midnight in the tenant's time zone opens a session.
    referrer_split boolean, -- Whether a new foreign referrer opens a session.
    max_session_events integer CHECK (max_session_events > 0), -- Most events in a session.
    max_session_seconds bigint CHECK (max_session_seconds > 0), -- Longest session, in seconds.
    time_zone text, -- IANA name, for days in reports.
    goal_event_types text[], -- Event types that count as conversions besides purchases.
    allowed_origins text[], -- Origins that a browser may send from.
    ip_policy varchar(10) CHECK (ip_policy IN ('NETWORK', 'NONE')), -- Whether the cut network of an address is kept: NETWORK or NONE.
    consent_policy varchar(10), -- What happens to events without consent.
    visitor_secret bytea, -- Secret of the visitor pseudonyms; NULL: the job derives one.
    max_waiting_events integer CHECK (max_waiting_events > 0), -- Most events that wait in the outbox, 1,000,000 by default.
    max_waiting_bytes bigint CHECK (max_waiting_bytes > 0), -- Most bytes of their payloads before compression, 1 GiB by default.
    max_read_cost bigint CHECK (max_read_cost > 0), -- Most that a question of the api may cost, in events read, 10,000,000 by default.
    max_new_pages integer CHECK (max_new_pages > 0), -- Most new pages a day, 10,000 by default; the others are (other).
    max_new_items integer CHECK (max_new_items > 0), -- Most new items a day, as well.
    max_new_campaign_values integer CHECK (max_new_campaign_values > 0), -- Most new sources a day, as well, and as many mediums, campaigns, terms and contents.
    hash_diff bytea NOT NULL, -- Hash of the attributes.
    record_source varchar(100) NOT NULL, -- Program that wrote the row.
    PRIMARY KEY (tenant_hk, load_date)
)
$table$);

CALL raw.install_site_tracking_table($table$
CREATE TABLE IF NOT EXISTS auth.site_tracking_salt_s ( -- The random salt of each day's cookieless visitors, for 48 hours; without it those visitors are anonymous. Unlogged, and emptied as a whole, so that no log, backup or page keeps one.
    salt_date date NOT NULL, -- UTC day.
    salt bytea NOT NULL CHECK (octet_length(salt) = 32), -- 32 random bytes.
    load_date timestamptz NOT NULL, -- When it was drawn.
    record_source varchar(100) NOT NULL, -- Program that wrote the row.
    PRIMARY KEY (salt_date)
)
$table$);

-- The log of a logged table goes into archives and backups, which outlive what was deleted. A crash of
-- the server empties this one: the job remembers the salts meanwhile.
DO $unlogged$
BEGIN
    IF (SELECT relpersistence FROM pg_catalog.pg_class WHERE oid = 'auth.site_tracking_salt_s'::regclass) = 'p' THEN
        ALTER TABLE auth.site_tracking_salt_s SET UNLOGGED;
    END IF;
END
$unlogged$;

CREATE OR REPLACE VIEW raw.site_tracking_ledger_v WITH (security_invoker = true) AS
SELECT
    totals.ledger_date,
    totals.tenant_hk,
    totals.received,
    totals.accepted - totals.late AS loaded,
    totals.duplicates,
    totals.rejected,
    totals.late,
    totals.received = totals.accepted + totals.duplicates + totals.rejected AS balanced
FROM (
    SELECT
        ledger_date,
        tenant_hk,
        coalesce(sum(event_count) FILTER (WHERE outcome = 'RECEIVED'), 0) AS received,
        coalesce(sum(event_count) FILTER (WHERE outcome = 'ACCEPTED'), 0) AS accepted,
        coalesce(sum(event_count) FILTER (WHERE outcome = 'DUPLICATE'), 0) AS duplicates,
        coalesce(sum(event_count) FILTER (WHERE outcome = 'REJECTED'), 0) AS rejected,
        coalesce(sum(event_count) FILTER (WHERE outcome = 'LATE'), 0) AS late
    FROM raw.site_tracking_ledger_r
    GROUP BY ledger_date, tenant_hk
) AS totals;
COMMENT ON VIEW raw.site_tracking_ledger_v
IS 'The ledger per day and tenant: received = loaded + duplicates + rejected + late when balanced.';

-- ------------------------------------------------------------------------------------ partitions

CREATE OR REPLACE FUNCTION raw.site_tracking_partitioned_tables()
RETURNS TABLE (
    table_order integer,
    table_schema text,
    table_name text
)
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $body$
    VALUES
        (1, 'raw', 'site_tracking_events_r'),
        (2, 'staging', 'site_tracking_events_s'),
        (3, 'business', 'site_event_h'),
        (4, 'business', 'event_session_l'),
        (5, 'business', 'event_page_l'),
        (6, 'business', 'event_business_item_l'),
        (7, 'business', 'site_event_details_s')
$body$;
COMMENT ON FUNCTION raw.site_tracking_partitioned_tables()
IS 'The tables of the event grain, one partition per UTC day, in the order in which they are locked.';

CREATE OR REPLACE FUNCTION raw.site_tracking_missing_partitions(from_day date, to_day date)
RETURNS TABLE (
    table_order integer,
    table_schema text,
    table_name text,
    partition_day date
)
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT
        partitioned.table_order,
        partitioned.table_schema,
        partitioned.table_name,
        from_day + days.number
    FROM raw.site_tracking_partitioned_tables() AS partitioned
    CROSS JOIN generate_series(0, to_day - from_day) AS days (number)
    JOIN pg_namespace AS namespace ON namespace.nspname = partitioned.table_schema
    WHERE EXISTS (
            SELECT FROM pg_class
            WHERE relnamespace = namespace.oid
                AND relname = partitioned.table_name || '_pdefault'
                AND relispartition
        )
        AND NOT EXISTS (
            SELECT FROM pg_class
            WHERE relnamespace = namespace.oid
                AND relname = partitioned.table_name
                    || to_char(from_day + days.number, '"_p"YYYYMMDD')
        )
$body$;
COMMENT ON FUNCTION raw.site_tracking_missing_partitions(date, date)
IS 'Days without a partition, per table of the event grain that is installed (has its default partition); reads the catalog only.';

CREATE OR REPLACE FUNCTION raw.site_tracking_default_holds(fallback text, partition_day date)
RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    held boolean;
BEGIN
    EXECUTE format(
        'SELECT EXISTS (SELECT FROM %s WHERE event_timestamp >= $1 AND event_timestamp < $2)', fallback)
    INTO held
    USING partition_day::timestamp AT TIME ZONE 'UTC', (partition_day + 1)::timestamp AT TIME ZONE 'UTC';
    RETURN held;
END
$body$;
COMMENT ON FUNCTION raw.site_tracking_default_holds(text, date)
IS 'Whether a default partition holds rows of a UTC day.';

-- ATTACH alone would let writers go on, but a statement that had already picked the default partition
-- for a row of the new day would fail with 23514. So writers wait until the partition is there; readers
-- of other partitions do not. Both locks are taken for milliseconds, and not waited for longer than the
-- caller's lock_timeout: behind a long reader it is better to try again later than to stop the loaders.
CREATE OR REPLACE FUNCTION raw.create_site_tracking_partition(
    table_schema text, table_name text, partition_day date
) RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    parent CONSTANT text := format('%I.%I', table_schema, table_name);
    fallback CONSTANT text := format('%I.%I', table_schema, table_name || '_pdefault');
    partition CONSTANT text := format('%I.%I',
        table_schema, table_name || to_char(partition_day, '"_p"YYYYMMDD'));
BEGIN
    IF raw.site_tracking_default_holds(fallback, partition_day) THEN
        RETURN false;
    END IF;
    EXECUTE format('LOCK TABLE ONLY %s IN SHARE ROW EXCLUSIVE MODE', parent);
    EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', fallback);
    -- Rows of a writer that we waited for, and a partition made meanwhile under an older snapshot.
    IF raw.site_tracking_default_holds(fallback, partition_day) OR to_regclass(partition) IS NOT NULL THEN
        RETURN false;
    END IF;
    -- Rows only come, and no query reads an index alone: a day of less than some million events is
    -- vacuumed when its rows are to be frozen, not a dozen times while it fills.
    EXECUTE format('CREATE TABLE %s (LIKE %s INCLUDING ALL EXCLUDING COMMENTS) WITH ('
        'autovacuum_vacuum_insert_threshold = 10000000, autovacuum_analyze_scale_factor = 2)',
        partition, parent);
    CALL raw.close_site_tracking_table(partition);
    -- A sample of 3,000 rows instead of 30,000: plans need to know tenants, times and types of a day.
    EXECUTE (
        SELECT format('ALTER TABLE %s %s', partition,
            string_agg(format('ALTER COLUMN %I SET STATISTICS 10', attname), ', '))
        FROM pg_attribute
        WHERE attrelid = partition::regclass AND attnum > 0
    );
    -- Nobody may read a partition past the policies of its table, which it does not inherit.
    IF (SELECT relrowsecurity FROM pg_class WHERE oid = parent::regclass) THEN
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', partition);
    END IF;
    EXECUTE format('ALTER TABLE %s ATTACH PARTITION %s FOR VALUES FROM (%L) TO (%L)',
        parent, partition,
        to_char(partition_day, 'YYYY-MM-DD"T00:00:00Z"'),
        to_char(partition_day + 1, 'YYYY-MM-DD"T00:00:00Z"'));
    RETURN true;
EXCEPTION
    WHEN lock_not_available THEN
        RAISE WARNING 'partition % not created yet: %', partition, SQLERRM
            USING HINT = 'The next call tries again.';
        RETURN NULL;
    WHEN check_violation OR invalid_object_definition THEN
        RAISE WARNING 'partition % not created: %', partition, SQLERRM
            USING HINT = 'Its rows go to the default partition.';
        RETURN false;
END
$body$;
COMMENT ON FUNCTION raw.create_site_tracking_partition(text, text, date)
IS 'Creates one day partition; false where the default partition holds rows of that day, NULL where a lock was not to be had.';

CREATE OR REPLACE FUNCTION raw.ensure_site_tracking_partitions(from_day date, to_day date)
RETURNS integer
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET lock_timeout = 0
AS $body$
DECLARE
    -- A partition holds some four locks to the end of the transaction: use a quarter of the lock table.
    most CONSTANT integer := current_setting('max_locks_per_transaction')::integer
        * current_setting('max_connections')::integer / 16;
    missing record;
    was_created boolean;
    created integer := 0;
BEGIN
    IF from_day < DATE '2000-01-01' OR to_day > DATE '2100-01-01' THEN
        RAISE EXCEPTION 'day out of bounds: % to %', from_day, to_day
            USING ERRCODE = 'ST002', HINT = 'Partitions exist from 2000-01-01 to 2100-01-01.';
    END IF;
    IF from_day IS NULL OR to_day IS NULL OR to_day < from_day OR to_day - from_day >= 400 THEN
        RAISE EXCEPTION 'bad range of days: % to %', from_day, to_day
            USING ERRCODE = 'ST001', HINT = 'Give at most 400 days, the earlier one first.';
    END IF;
    IF NOT EXISTS (SELECT FROM raw.site_tracking_missing_partitions(from_day, to_day)) THEN
        RETURN 0;
    END IF;

    -- One at a time, and before any table lock: two callers can never wait for each other.
    PERFORM pg_advisory_xact_lock(hashtextextended('site_tracking', 0));
    -- Shorter than the usual deadlock_timeout of a second: we give way before a loader is cancelled.
    SET LOCAL lock_timeout = '750ms';
    FOR missing IN
        SELECT *
        FROM raw.site_tracking_missing_partitions(from_day, to_day)
        ORDER BY partition_day, table_order
        LIMIT most
    LOOP
        was_created := raw.create_site_tracking_partition(
            missing.table_schema, missing.table_name, missing.partition_day);
        EXIT WHEN was_created IS NULL;
        created := created + was_created::integer;
    END LOOP;
    RETURN created;
END
$body$;
COMMENT ON FUNCTION raw.ensure_site_tracking_partitions(date, date)
IS 'Creates the missing day partitions of all event tables and returns how many; call it in a transaction of its own, and for long ranges until it returns 0. Skips days that sit in a default partition. Errors: ST001, ST002.';

CREATE OR REPLACE FUNCTION raw.drop_site_tracking_partition(partition text)
RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
BEGIN
    EXECUTE format('DROP TABLE %s', partition);
    RETURN true;
EXCEPTION
    WHEN lock_not_available THEN
        RAISE WARNING 'partition % not dropped yet: %', partition, SQLERRM
            USING HINT = 'The next call tries again.';
        RETURN false;
END
$body$;
COMMENT ON FUNCTION raw.drop_site_tracking_partition(text)
IS 'Drops one day partition; false where a lock was not to be had.';

CREATE OR REPLACE FUNCTION raw.drop_site_tracking_partitions(keep_days integer, layer text)
RETURNS integer
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET lock_timeout = 0
AS $body$
DECLARE
    kept_from CONSTANT date := (now() AT TIME ZONE 'UTC')::date - keep_days;
    events CONSTANT regclass := (
        SELECT to_regclass(format('%I.%I', table_schema, table_name))
        FROM raw.site_tracking_partitioned_tables()
        WHERE table_schema = layer AND layer IN ('raw', 'staging'));
    expired record;
    dropped integer := 0;
    deleted bigint;
BEGIN
    IF keep_days IS NULL OR keep_days NOT BETWEEN 1 AND 3650 THEN
        RAISE EXCEPTION 'bad number of days to keep: %', keep_days
            USING ERRCODE = 'ST003', HINT = 'Keep 1 to 3650 days.';
    END IF;
    IF events IS NULL THEN
        RAISE EXCEPTION 'no layer to drop from: %', layer
            USING ERRCODE = 'ST004', HINT = 'Only raw and staging have a retention.';
    END IF;

    PERFORM pg_advisory_xact_lock(hashtextextended('site_tracking', 0));
    -- Before the drops, whose locks last to the end of the transaction.
    EXECUTE format('DELETE FROM %s WHERE event_timestamp < $1', events::text || '_pdefault')
    USING kept_from::timestamp AT TIME ZONE 'UTC';
    GET DIAGNOSTICS deleted = ROW_COUNT;
    SET LOCAL lock_timeout = '750ms';
    FOR expired IN
        SELECT inhrelid::regclass::text AS partition
        FROM pg_inherits
        JOIN pg_class ON pg_class.oid = inhrelid
        WHERE inhparent = events
            AND relname ~ '_p[0-9]{8}$'
            AND to_date(right(relname, 8), 'YYYYMMDD') < kept_from
        ORDER BY relname
    LOOP
        EXIT WHEN NOT raw.drop_site_tracking_partition(expired.partition);
        dropped := dropped + 1;
    END LOOP;
    INSERT INTO raw.site_tracking_retention_r (
        layer, kept_from, dropped_partitions, deleted_rows, load_date, record_source)
    VALUES (layer, kept_from, dropped, deleted, clock_timestamp(), 'site_tracking');
    RETURN dropped;
END
$body$;
COMMENT ON FUNCTION raw.drop_site_tracking_partitions(integer, text)
IS 'Retention: drops the day partitions of layer raw or staging that are older than keep_days, deletes such rows from the default partition, notes it in raw.site_tracking_retention_r. Errors: ST003, ST004.';

CALL raw.close_site_tracking_routine('raw.site_tracking_partitioned_tables()');
CALL raw.close_site_tracking_routine('raw.site_tracking_missing_partitions(date, date)');
CALL raw.close_site_tracking_routine('raw.site_tracking_default_holds(text, date)');
CALL raw.close_site_tracking_routine('raw.create_site_tracking_partition(text, text, date)');
CALL raw.close_site_tracking_routine('raw.ensure_site_tracking_partitions(date, date)');
CALL raw.close_site_tracking_routine('raw.drop_site_tracking_partition(text)');
CALL raw.close_site_tracking_routine('raw.drop_site_tracking_partitions(integer, text)');

DO $partitions$
BEGIN
    PERFORM raw.ensure_site_tracking_partitions(
        (now() AT TIME ZONE 'UTC')::date - 1, (now() AT TIME ZONE 'UTC')::date + 7);
END
$partitions$;

COMMIT;
