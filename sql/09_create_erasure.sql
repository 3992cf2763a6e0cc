-- Purpose: the erasure of visitors: requests, tombstones, and what carries them out. Run after 08.
--
-- A tombstone is the hash key of a visitor, or of a user, and a time: what of the visitor's events was appended before it is
-- gone, and never comes back, whoever brings it again. Loaders ask for tombstones before they write; so they
-- hold for events on their way, restarts, old savepoints, replays, recovered events and reprocesses alike.
-- Errors: ST400 bad argument.

BEGIN;

DO $lock$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('site_tracking', 0));
END
$lock$;

CALL raw.site_tracking_install_table($table$
CREATE TABLE IF NOT EXISTS raw.site_tracking_erasure_r ( -- Requests to erase visitors, and what became of them; no personal data.
    erasure_id varchar(32) NOT NULL, -- Names the request.
    tenant_hk bytea NOT NULL, -- Tenant of the visitors.
    status varchar(10) NOT NULL CHECK (status IN ('NAMING', 'ERASING', 'DONE', 'FAILED')), -- NAMING: the job has to tell whom the given ids are. ERASING: day by day. DONE: nothing is left. FAILED: given up after too many tries.
    visitors integer NOT NULL, -- How many the request names.
    erased_counts varchar(10) NOT NULL CHECK (erased_counts IN ('CORRECTED', 'KEPT')), -- What becomes of sums in which they are, as the tenant's settings were when it was asked for.
    erased_before timestamptz NOT NULL, -- What was appended before this is erased.
    due_at timestamptz NOT NULL, -- Until when it has to be done: a month after the request.
    next_at timestamptz NOT NULL, -- Events before this time are erased; -infinity at first.
    erased_rows jsonb NOT NULL DEFAULT '{}', -- How many rows were erased, table by table.
    done_at timestamptz, -- When it was done.
    load_date timestamptz NOT NULL, -- When it was asked for.
    record_source varchar(100) NOT NULL, -- Program that wrote the row; site_tracking_follow_users where nobody asked for it, but events told of one more visitor of an erased user.
    turn_at timestamptz NOT NULL DEFAULT '-infinity', -- When its last part was carried out; of one that failed, when it is tried again.
    failures integer NOT NULL DEFAULT 0, -- How often its next part failed.
    failure varchar(5), -- SQLSTATE of the last failure, while there is one.
    PRIMARY KEY (erasure_id)
)
$table$, to_owner => 'SELECT, INSERT, UPDATE');

CALL raw.site_tracking_install_table($table$
CREATE TABLE IF NOT EXISTS raw.site_tracking_tombstone_r ( -- Erased visitors and users. They are kept for ever, as copies of what was erased may come back, but for those of whom nothing was ever known; a hash key tells nothing of anybody.
    tenant_hk bytea NOT NULL, -- Tenant of the visitor.
    visitor_hk bytea NOT NULL CHECK (octet_length(visitor_hk) = 32), -- Hash key of the visitor, or of a user.
    erasure_id varchar(32) NOT NULL, -- The request.
    erased_before timestamptz NOT NULL, -- What was appended before this is erased; what comes later is kept.
    is_known boolean NOT NULL DEFAULT true, -- Whether anything was held of whom it is when the row was written, or has come since. Ids that somebody made up end after 30 days, or a week and those of the job's archive where these are more, when all that was on its way has come.
    added_in xid8 NOT NULL DEFAULT pg_current_xact_id(), -- Transaction that wrote the row: loaders ask for those that they do not know.
    through_user boolean NOT NULL DEFAULT false, -- Whether a request reached the visitor through a user, as whom nobody else was seen as it until then.
    shared_before timestamptz, -- Where it turned out later that somebody else was, what erased_before was until then: -infinity since. Events that are erased stay so.
    PRIMARY KEY (tenant_hk, visitor_hk, erasure_id)
)
$table$, to_owner => 'SELECT, INSERT, UPDATE, DELETE');
CALL raw.site_tracking_install_index('raw', 'site_tracking_tombstone_r_erasure',
    'ON raw.site_tracking_tombstone_r (erasure_id)',
    'The visitors of a request.');
CALL raw.site_tracking_install_index('raw', 'site_tracking_tombstone_r_added',
    'ON raw.site_tracking_tombstone_r (added_in)',
    'Those that a loader does not know yet.');

CALL raw.site_tracking_install_table($table$
CREATE TABLE IF NOT EXISTS raw.site_tracking_erasure_id_r ( -- Ids of visitors to erase, until the job, which alone knows the tenant's secret, has told whom they are: seconds.
    erasure_id varchar(32) NOT NULL, -- The request.
    client_id text NOT NULL, -- The id as the client sends it.
    id_kind varchar(10) NOT NULL CHECK (id_kind IN ('visitor_id', 'user_id')), -- Of what it is.
    tenant_hk bytea NOT NULL, -- Tenant of the visitor.
    place bigint GENERATED ALWAYS AS IDENTITY, -- Tells the ids apart; in an index the ids themselves would outlive their rows.
    PRIMARY KEY (erasure_id, place)
)
$table$, to_owner => 'SELECT, INSERT, DELETE');

CALL raw.site_tracking_install_table($table$
CREATE TABLE IF NOT EXISTS raw.site_tracking_export_r ( -- Ids of visitors whose data is asked for, until it is handed out, at most an hour.
    export_id varchar(32) NOT NULL, -- Names the question.
    tenant_hk bytea NOT NULL, -- Tenant of the visitor.
    client_id text NOT NULL, -- The id as the client sends it.
    id_kind varchar(10) NOT NULL CHECK (id_kind IN ('visitor_id', 'user_id')), -- Of what it is.
    visitor_hk bytea, -- Hash key of the visitor or user; NULL until the job has told whom the id means, a row for each.
    load_date timestamptz NOT NULL, -- When it was asked for.
    PRIMARY KEY (export_id)
)
$table$, to_owner => 'SELECT, INSERT, UPDATE, DELETE');

-- Ids must not lie in the free space of the file either, nor in what the planner knows of values.
ALTER TABLE raw.site_tracking_erasure_id_r SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 0);
ALTER TABLE raw.site_tracking_erasure_id_r ALTER COLUMN client_id SET STATISTICS 0;
ALTER TABLE raw.site_tracking_export_r SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 0);
ALTER TABLE raw.site_tracking_export_r ALTER COLUMN client_id SET STATISTICS 0;

CALL raw.site_tracking_install_table($table$
CREATE TABLE IF NOT EXISTS raw.site_tracking_dissolved_r ( -- Sessions in which an erased visitor took part, which are no more, so that a job which still remembers one does not write it again.
    session_hk bytea NOT NULL, -- Hash key of the session.
    tenant_hk bytea NOT NULL, -- Its tenant.
    load_date timestamptz NOT NULL, -- When it was dissolved.
    PRIMARY KEY (session_hk)
)
$table$, to_owner => 'SELECT, INSERT');

CALL raw.site_tracking_install_table($table$
CREATE TABLE IF NOT EXISTS raw.site_tracking_forgotten_r ( -- Events that are erased, for the job, which removes what its state holds of them. Kept for 30 days, or a week and those of the job's archive where these are more, as state of an old savepoint may hold them.
    tenant_hk bytea NOT NULL, -- Tenant of the event.
    event_bk varchar(255) NOT NULL, -- Business key of the event, as the hub keeps it.
    added_in xid8 NOT NULL, -- Transaction that wrote the row: the job asks for those that it does not know.
    load_date timestamptz NOT NULL, -- When it was erased, the last time where it came again.
    PRIMARY KEY (tenant_hk, event_bk)
)
$table$, to_owner => 'SELECT, INSERT, UPDATE, DELETE');
CALL raw.site_tracking_install_index('raw', 'site_tracking_forgotten_r_added',
    'ON raw.site_tracking_forgotten_r (added_in)',
    'Those that the job does not know yet.');

CALL raw.site_tracking_install_table($table$
CREATE TABLE IF NOT EXISTS business.site_event_visitor_b ( -- Bridge: whose events are that retention took out of raw and staging, where their session does not tell it: several visitors were in it, there is none, or the event names a user or was recovered.
    event_timestamp timestamptz NOT NULL, -- When the event happened.
    event_hk bytea NOT NULL, -- The event.
    tenant_hk bytea NOT NULL, -- Tenant that the row belongs to.
    visitor_hk bytea NOT NULL, -- Hash key of the visitor.
    user_hk bytea, -- Hash key of the user whom the event names besides.
    first_appended_at timestamptz, -- Of a recovered event, when it was appended for the first time; NULL of others.
    PRIMARY KEY (event_timestamp, event_hk)
)
$table$, to_owner => 'SELECT, INSERT, DELETE');

CALL raw.site_tracking_install_table($table$
CREATE TABLE IF NOT EXISTS raw.site_tracking_objection_r ( -- Visitors who objected to sale or sharing in an event that does not tell it: they are not kept in it, or its payload is gone.
    tenant_hk bytea NOT NULL, -- The tenant.
    visitor_hk bytea NOT NULL, -- Hash key of the visitor.
    objected_on date NOT NULL, -- UTC day on which the last such event was appended, and nothing more of it.
    PRIMARY KEY (tenant_hk, visitor_hk)
)
$table$, to_owner => 'SELECT, INSERT, UPDATE, DELETE', to_analysts => true);
-- Not the columns of the system: an event that keeps nobody is written in the same transaction.
REVOKE SELECT ON raw.site_tracking_objection_r FROM site_tracking_analyst;
GRANT SELECT (tenant_hk, visitor_hk, objected_on) ON raw.site_tracking_objection_r TO site_tracking_analyst;

CALL raw.site_tracking_install_table($table$
CREATE TABLE IF NOT EXISTS business.site_tenant_day_b ( -- Bridge: the days on which a tenant has events, so that who looks through them need not look through those of others.
    tenant_hk bytea NOT NULL, -- The tenant.
    day_start timestamptz NOT NULL, -- Beginning of the UTC day.
    PRIMARY KEY (tenant_hk, day_start)
)
$table$, to_owner => 'SELECT, INSERT, DELETE', to_loader => 'SELECT, INSERT');

-- A vault in use has events from before there was the table.
INSERT INTO business.site_tenant_day_b (tenant_hk, day_start)
SELECT DISTINCT tenant_hk, business.site_day(event_timestamp)
FROM business.site_event_h
WHERE NOT EXISTS (SELECT FROM business.site_tenant_day_b)
ON CONFLICT DO NOTHING;

DO $audit$
BEGIN
    IF NOT has_schema_privilege('site_tracking_owner', 'util', 'USAGE') THEN
        GRANT USAGE ON SCHEMA util TO site_tracking_owner;
    END IF;
    IF NOT has_function_privilege(
        'site_tracking_owner', 'util.log_audit_event(text, text, text, text, jsonb)', 'EXECUTE') THEN
        GRANT EXECUTE ON FUNCTION util.log_audit_event(text, text, text, text, jsonb) TO site_tracking_owner;
    END IF;
EXCEPTION
    WHEN insufficient_privilege THEN
        RAISE EXCEPTION 'util.log_audit_event cannot be granted: %', SQLERRM
            USING ERRCODE = 'ST012', HINT = 'Run the script as the owner of schema util, or as superuser.';
END
$audit$;

-- ------------------------------------------------------------------------------------ what goes

CREATE OR REPLACE FUNCTION business.site_link_key(one bytea, other bytea, tenant bytea)
RETURNS bytea
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
AS $body$
    SELECT sha256(convert_to(
        encode(one, 'hex') || '|' || encode(other, 'hex') || '|' || encode(tenant, 'hex'), 'UTF8'))
$body$;
COMMENT ON FUNCTION business.site_link_key(bytea, bytea, bytea)
IS 'The hash key of a link.';

CREATE OR REPLACE PROCEDURE raw.site_tracking_forget_events(tenant_hks bytea[], event_bks text[])
LANGUAGE sql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $body$
    INSERT INTO raw.site_tracking_forgotten_r (tenant_hk, event_bk, added_in, load_date)
    SELECT DISTINCT tenant_hk, event_bk, pg_current_xact_id(), clock_timestamp()
    FROM unnest(tenant_hks, event_bks) AS given (tenant_hk, event_bk)
    ORDER BY tenant_hk, event_bk
    ON CONFLICT (tenant_hk, event_bk) DO UPDATE SET
        added_in = excluded.added_in,
        load_date = excluded.load_date
$body$;
COMMENT ON PROCEDURE raw.site_tracking_forget_events(bytea[], text[])
IS 'Has the job forget events, erased ones, of which its state may hold something.';

CREATE OR REPLACE FUNCTION business.site_reserve_events(
    tenant bytea, reserved text, event_timestamps timestamptz[], event_hks bytea[]
)
RETURNS TABLE (
    event_timestamp timestamptz,
    event_hk bytea
)
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $body$
    INSERT INTO business.site_session_h (session_hk, session_bk, tenant_hk, load_date, record_source)
    SELECT business.site_hash_key(tenant, reserved), reserved, tenant, clock_timestamp(), 'site_tracking'
    WHERE cardinality(event_hks) > 0
    ON CONFLICT DO NOTHING;
    INSERT INTO business.event_session_l (
        event_timestamp, event_session_hk, event_hk, session_hk, tenant_hk, load_date, record_source)
    SELECT
        events.event_timestamp,
        business.site_link_key(events.event_hk, business.site_hash_key(tenant, reserved), tenant),
        events.event_hk, business.site_hash_key(tenant, reserved), tenant, events.load_date, 'site_tracking'
    FROM unnest(event_timestamps, event_hks) AS given (event_timestamp, event_hk)
    JOIN business.site_event_h AS events
        ON events.event_timestamp = given.event_timestamp AND events.event_hk = given.event_hk
    WHERE events.tenant_hk = tenant
    ORDER BY events.event_timestamp, events.event_hk
    ON CONFLICT DO NOTHING
    RETURNING event_timestamp, event_hk
$body$;
COMMENT ON FUNCTION business.site_reserve_events(bytea, text, timestamptz[], bytea[])
IS 'Links events to one of their tenant''s reserved sessions, and tells which were not linked to it.';

-- Called before rows of orders and rollups are locked, as all that locks the totals.
CREATE OR REPLACE FUNCTION business.site_count_erased(
    tenant bytea, event_timestamps timestamptz[], event_hks bytea[], were_late boolean[] DEFAULT NULL
)
RETURNS bigint
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $body$
    INSERT INTO raw.site_tracking_forgotten_r (tenant_hk, event_bk, added_in, load_date)
    SELECT DISTINCT tenant, events.event_bk, pg_current_xact_id(), clock_timestamp()
    FROM unnest(event_timestamps, event_hks) AS given (event_timestamp, event_hk)
    JOIN business.site_event_h AS events USING (event_timestamp, event_hk)
    WHERE events.tenant_hk = tenant
    ORDER BY events.event_bk
    ON CONFLICT (tenant_hk, event_bk) DO UPDATE SET
        added_in = excluded.added_in,
        load_date = excluded.load_date;
    WITH newly AS MATERIALIZED (
        SELECT * FROM business.site_reserve_events(tenant, 'sess_erased', event_timestamps, event_hks)
    ),
    counted AS (
        INSERT INTO raw.site_tracking_erased_r AS totals (
            ledger_date, tenant_hk, event_count, late_count, load_date, record_source)
        SELECT
            (events.load_date AT TIME ZONE 'UTC')::date, tenant, count(*),
            count(*) FILTER (WHERE given.was_late), clock_timestamp(), 'site_tracking'
        FROM newly
        JOIN unnest(event_timestamps, event_hks, were_late) AS given (event_timestamp, event_hk, was_late)
            USING (event_timestamp, event_hk)
        JOIN business.site_event_h AS events USING (event_timestamp, event_hk)
        -- Of days that the ledger has no more nothing is counted.
        WHERE events.load_date >= raw.site_tracking_kept_from(tenant, 'ledger')
        GROUP BY 1
        ORDER BY 1
        ON CONFLICT (ledger_date, tenant_hk) DO UPDATE SET
            event_count = totals.event_count + excluded.event_count,
            late_count = totals.late_count + excluded.late_count,
            load_date = excluded.load_date
    )
    SELECT count(*) FROM newly
$body$;
COMMENT ON FUNCTION business.site_count_erased(bytea, timestamptz[], bytea[], boolean[])
IS 'Links events to the session of those that are erased, counts the ones that were not in the ledger, and has the job forget all of them.';

CREATE OR REPLACE FUNCTION business.site_keep_event_visitors(of_layer text, tenants bytea[], day date)
RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $body$
    WITH told AS (
        SELECT event_timestamp, event_hk, tenant_hk, visitor_hk, user_hk, first_appended_at
        FROM staging.site_tracking_events_s AS staged
        WHERE of_layer = 'staging'
            AND tenant_hk = ANY (tenants)
            AND event_timestamp >= day::timestamp AT TIME ZONE 'UTC'
            AND event_timestamp < (day + 1)::timestamp AT TIME ZONE 'UTC'
            AND NOT EXISTS (
                SELECT FROM raw.site_tracking_events_r AS arrived
                WHERE arrived.event_timestamp = staged.event_timestamp AND arrived.event_hk = staged.event_hk)
        UNION ALL
        SELECT
            event_timestamp, event_hk, tenant_hk,
            business.site_hash_key(tenant_hk, coalesce(visitor_bk, payload ->> 'visitor_id')),
            CASE WHEN visitor_bk IS NULL THEN business.site_hash_key(tenant_hk, payload ->> 'user_id') END,
            first_appended_at
        FROM raw.site_tracking_events_r AS arrived
        WHERE of_layer = 'raw'
            AND tenant_hk = ANY (tenants)
            AND processing_status <> 'ERROR'
            AND event_timestamp >= day::timestamp AT TIME ZONE 'UTC'
            AND event_timestamp < (day + 1)::timestamp AT TIME ZONE 'UTC'
            AND NOT EXISTS (
                SELECT FROM staging.site_tracking_events_s AS staged
                WHERE staged.event_timestamp = arrived.event_timestamp AND staged.event_hk = arrived.event_hk)
    ),
    session_visitors AS (
        SELECT DISTINCT session_hk, visitor_hk
        FROM business.site_session_details_s
        WHERE tenant_hk = ANY (tenants)
            AND session_start >= (day - 7)::timestamp AT TIME ZONE 'UTC'
            AND session_start < (day + 1)::timestamp AT TIME ZONE 'UTC'
    ),
    by_session AS (
        SELECT links.event_timestamp, links.event_hk, array_agg(DISTINCT session_visitors.visitor_hk) AS visitors
        FROM business.event_session_l AS links
        JOIN session_visitors ON session_visitors.session_hk = links.session_hk
        WHERE links.tenant_hk = ANY (tenants)
            AND links.event_timestamp >= day::timestamp AT TIME ZONE 'UTC'
            AND links.event_timestamp < (day + 1)::timestamp AT TIME ZONE 'UTC'
        GROUP BY links.event_timestamp, links.event_hk
    )
    INSERT INTO business.site_event_visitor_b (
        event_timestamp, event_hk, tenant_hk, visitor_hk, user_hk, first_appended_at)
    SELECT
        told.event_timestamp, told.event_hk, told.tenant_hk, told.visitor_hk, told.user_hk, told.first_appended_at
    FROM told
    LEFT JOIN by_session
        ON by_session.event_timestamp = told.event_timestamp AND by_session.event_hk = told.event_hk
    WHERE told.user_hk IS NOT NULL
        OR told.first_appended_at IS NOT NULL
        OR by_session.visitors IS DISTINCT FROM ARRAY[told.visitor_hk]
    ON CONFLICT DO NOTHING
$body$;
COMMENT ON FUNCTION business.site_keep_event_visitors(text, bytea[], date)
IS 'Keeps, before a day of tenants'' raw or staging goes, whose those events are of which nothing else will tell it.';

CREATE OR REPLACE FUNCTION business.site_keep_visitor_of_session(
    tenant bytea, sessions bytea[], key_starts timestamptz[]
)
RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $body$
    INSERT INTO business.site_event_visitor_b (event_timestamp, event_hk, tenant_hk, visitor_hk)
    SELECT DISTINCT ON (links.event_timestamp, links.event_hk)
        links.event_timestamp, links.event_hk, tenant, versions.visitor_hk
    FROM unnest(sessions, key_starts) AS given (session_hk, key_start)
    JOIN business.site_session_details_s AS versions
        ON versions.session_hk = given.session_hk
        AND versions.session_start >= given.key_start
        AND versions.session_start < given.key_start + INTERVAL '1 millisecond'
    JOIN business.event_session_l AS links
        ON links.session_hk = given.session_hk
        AND links.event_timestamp >= given.key_start
        AND links.event_timestamp <= given.key_start + INTERVAL '7 days'
    WHERE links.event_timestamp
            < least(raw.site_tracking_kept_from(tenant, 'staging'), raw.site_tracking_kept_from(tenant, 'raw'))
        AND NOT EXISTS (
            SELECT FROM staging.site_tracking_events_s AS staged
            WHERE staged.event_timestamp = links.event_timestamp AND staged.event_hk = links.event_hk)
        AND NOT EXISTS (
            SELECT FROM raw.site_tracking_events_r AS arrived
            WHERE arrived.event_timestamp = links.event_timestamp AND arrived.event_hk = links.event_hk)
        AND NOT EXISTS (
            SELECT FROM business.event_session_l AS erased
            WHERE erased.event_timestamp = links.event_timestamp
                AND erased.event_session_hk = business.site_link_key(
                    links.event_hk, business.site_hash_key(tenant, 'sess_erased'), tenant))
    ORDER BY links.event_timestamp, links.event_hk, versions.load_date DESC
    ON CONFLICT DO NOTHING
$body$;
COMMENT ON FUNCTION business.site_keep_visitor_of_session(bytea, bytea[], timestamptz[])
IS 'Keeps, before sessions go, whose those of their events are of which these alone tell it.';

CREATE OR REPLACE FUNCTION business.site_remove_sessions(
    tenant bytea, sessions bytea[], from_at timestamptz, to_at timestamptz, OUT starts bigint[], OUT removed bytea[]
)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan
SET jit = off
AS $body$
#variable_conflict use_column
DECLARE
    key_starts timestamptz[];
    last_end timestamptz;
    other_timestamps timestamptz[];
    other_hks bytea[];
BEGIN
    -- A session's business key ends in its start, and a number behind it where two began in one millisecond.
    SELECT array_agg(session_hk), array_agg(key_start), array_agg((extract(epoch FROM key_start) * 1000000)::bigint)
    INTO removed, key_starts, starts
    FROM (
        SELECT session_hk, timestamptz 'epoch'
            + substring(session_bk FROM '\.(-?[0-9]+)(?:\.[0-9]{1,5})?$')::bigint * INTERVAL '1 millisecond' AS key_start
        FROM business.site_session_h
        WHERE session_hk = ANY (sessions) AND tenant_hk = tenant AND session_bk ~ '\.-?[0-9]+$'
        ORDER BY session_hk
    ) AS hubs;
    IF cardinality(sessions) > coalesce(cardinality(removed), 0) THEN
        -- Of one that has lost its key the versions tell, where they are of the period.
        SELECT removed || array_agg(session_hk), key_starts || array_agg(key_start),
            starts || array_agg((extract(epoch FROM key_start) * 1000000)::bigint)
        INTO removed, key_starts, starts
        FROM (
            SELECT DISTINCT session_hk, date_trunc('milliseconds', session_start) AS key_start
            FROM business.site_session_details_s
            WHERE session_start >= from_at
                AND session_start < to_at
                AND tenant_hk = tenant
                AND session_hk = ANY (sessions)
                AND session_hk <> ALL (coalesce(removed, '{}'))
        ) AS keyless;
    END IF;

    PERFORM business.site_keep_visitor_of_session(tenant, removed, key_starts);
    WITH versions AS (
        DELETE FROM business.site_session_details_s AS versions
        USING unnest(removed, key_starts) AS given (session_hk, key_start)
        WHERE versions.session_start >= given.key_start
            AND versions.session_start < given.key_start + INTERVAL '1 millisecond'
            AND versions.session_hk = given.session_hk
        RETURNING versions.session_end
    )
    SELECT max(session_end) INTO last_end FROM versions;
    WITH links AS (
        DELETE FROM business.event_session_l AS links
        USING unnest(removed) AS given (session_hk)
        WHERE links.session_hk = given.session_hk
            AND links.event_timestamp >= (SELECT min(key_start) FROM unnest(key_starts) AS key_start)
            -- Events of a session that was cut short stay linked to it.
            AND links.event_timestamp <= coalesce(
                last_end, (SELECT max(key_start) FROM unnest(key_starts) AS key_start)) + INTERVAL '7 days'
        RETURNING links.event_timestamp, links.event_hk
    )
    SELECT array_agg(event_timestamp), array_agg(event_hk)
    INTO other_timestamps, other_hks
    FROM links;
    PERFORM business.site_keep_without_session(tenant, other_timestamps, other_hks);
    DELETE FROM business.session_visitor_l AS links
    USING unnest(removed, key_starts) AS given (session_hk, key_start)
    WHERE links.session_start = given.key_start AND links.session_hk = given.session_hk;
    DELETE FROM business.session_page_l AS links
    USING unnest(removed, key_starts) AS given (session_hk, key_start)
    WHERE links.session_start = given.key_start AND links.session_hk = given.session_hk;
    DELETE FROM business.site_session_h WHERE session_hk = ANY (removed);
END
$body$;
COMMENT ON FUNCTION business.site_remove_sessions(bytea, bytea[], timestamptz, timestamptz)
IS 'Takes sessions out of the vault, their keys included, which may name the visitor; what is left of their events belongs to none until a reprocess. Tells which there were, for business.site_refresh_sessions.';

CREATE OR REPLACE FUNCTION business.site_keep_without_session(
    tenant bytea, event_timestamps timestamptz[], event_hks bytea[]
)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
#variable_conflict use_column
BEGIN
    PERFORM business.site_reserve_events(
        tenant, 'sess_none', array_agg(given.event_timestamp), array_agg(given.event_hk))
    FROM unnest(event_timestamps, event_hks) AS given (event_timestamp, event_hk)
    WHERE NOT EXISTS (
        SELECT FROM business.event_session_l AS links
        WHERE links.event_timestamp = given.event_timestamp
            AND links.event_session_hk = business.site_link_key(
                given.event_hk, business.site_hash_key(tenant, 'sess_erased'), tenant))
    HAVING count(*) > 0;
END
$body$;
COMMENT ON FUNCTION business.site_keep_without_session(bytea, timestamptz[], bytea[])
IS 'Links events of a dissolved session that are not erased to the session of those that make none.';

CREATE OR REPLACE FUNCTION business.site_nobody(tenant bytea, visitor bytea)
RETURNS bytea
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $body$ SELECT business.site_hash_key(tenant, 'nobody_' || encode(visitor, 'hex')) $body$;
COMMENT ON FUNCTION business.site_nobody(bytea, bytea)
IS 'The user_hk, no user''s, that stands in business.site_user_visitor_b for users of a visitor who were erased while others were that visitor, too.';

CREATE OR REPLACE FUNCTION business.site_visitors_of(tenant bytea, named bytea)
RETURNS SETOF bytea
LANGUAGE sql
STABLE
PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT named
    UNION
    SELECT seen.visitor_hk
    FROM business.site_user_visitor_b AS seen
    WHERE seen.user_hk = named
        AND seen.tenant_hk = tenant
        AND NOT EXISTS (
            SELECT FROM business.site_user_visitor_b AS others
            WHERE others.visitor_hk = seen.visitor_hk AND others.user_hk <> named)
$body$;
COMMENT ON FUNCTION business.site_visitors_of(bytea, bytea)
IS 'Whom a hash key means: the visitor; or the user, and the visitors as whom nobody else was seen. What a user did as one whom others were, too, the events themselves tell.';

CREATE OR REPLACE FUNCTION business.site_knows(tenant bytea, named bytea)
RETURNS boolean
LANGUAGE sql
STABLE
PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT EXISTS (SELECT FROM business.site_visitor_h WHERE visitor_hk = named AND tenant_hk = tenant)
        OR EXISTS (SELECT FROM business.site_user_visitor_b WHERE user_hk = named AND tenant_hk = tenant)
$body$;
COMMENT ON FUNCTION business.site_knows(bytea, bytea)
IS 'Whether a hash key is of a visitor or user of whom events were loaded.';

-- Staging tells whose an event is, where retention took it raw, and where that is gone, too, its session, but for those
-- of which business.site_event_visitor_b does.
CREATE OR REPLACE FUNCTION business.site_events_of_visitors(
    tenant bytea, visitor_hks bytea[], befores timestamptz[], from_at timestamptz, to_at timestamptz
)
RETURNS TABLE (
    event_timestamp timestamptz,
    event_hk bytea
)
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan
SET jit = off
AS $body$
#variable_conflict use_column
DECLARE
    is_staged CONSTANT boolean := from_at >= raw.site_tracking_kept_from(tenant, 'staging');
BEGIN
    RETURN QUERY
    SELECT staged.event_timestamp, staged.event_hk
    FROM staging.site_tracking_events_s AS staged
    JOIN unnest(visitor_hks, befores) AS visitors (visitor_hk, before) ON visitors.visitor_hk = staged.visitor_hk
    WHERE staged.tenant_hk = tenant
        AND staged.event_timestamp >= from_at
        AND staged.event_timestamp < to_at
        AND coalesce(staged.first_appended_at, staged.load_date) < visitors.before
    UNION
    SELECT staged.event_timestamp, staged.event_hk
    FROM staging.site_tracking_events_s AS staged
    JOIN unnest(visitor_hks, befores) AS users (user_hk, before) ON users.user_hk = staged.user_hk
    WHERE staged.tenant_hk = tenant
        AND staged.event_timestamp >= from_at
        AND staged.event_timestamp < to_at
        AND coalesce(staged.first_appended_at, staged.load_date) < users.before;
    IF is_staged THEN
        RETURN;
    END IF;
    RETURN QUERY
    SELECT arrived.event_timestamp, arrived.event_hk
    FROM raw.site_tracking_events_r AS arrived
    CROSS JOIN LATERAL unnest(ARRAY[
        business.site_hash_key(tenant, coalesce(arrived.visitor_bk, arrived.payload ->> 'visitor_id')),
        business.site_hash_key(tenant, arrived.payload ->> 'user_id')]) AS named (visitor_hk)
    JOIN unnest(visitor_hks, befores) AS visitors (visitor_hk, before) ON visitors.visitor_hk = named.visitor_hk
    WHERE arrived.tenant_hk = tenant
        AND arrived.event_timestamp >= from_at
        AND arrived.event_timestamp < to_at
        AND arrived.processing_status <> 'ERROR'
        AND coalesce(arrived.first_appended_at, arrived.load_date) < visitors.before
        AND NOT EXISTS (
            SELECT FROM staging.site_tracking_events_s AS staged
            WHERE staged.event_timestamp = arrived.event_timestamp AND staged.event_hk = arrived.event_hk)
    UNION
    SELECT told.event_timestamp, told.event_hk
    FROM business.site_event_visitor_b AS told
    CROSS JOIN LATERAL unnest(ARRAY[told.visitor_hk, told.user_hk]) AS named (visitor_hk)
    JOIN unnest(visitor_hks, befores) AS visitors (visitor_hk, before) ON visitors.visitor_hk = named.visitor_hk
    JOIN business.site_event_h AS events
        ON events.event_timestamp = told.event_timestamp AND events.event_hk = told.event_hk
    WHERE told.tenant_hk = tenant
        AND told.event_timestamp >= from_at
        AND told.event_timestamp < to_at
        AND coalesce(told.first_appended_at, events.load_date) < visitors.before
    UNION
    SELECT links.event_timestamp, links.event_hk
    FROM unnest(visitor_hks, befores) AS visitors (visitor_hk, before)
    JOIN business.site_session_details_s AS sessions
        ON sessions.visitor_hk = visitors.visitor_hk
        AND sessions.tenant_hk = tenant
        AND sessions.session_start >= from_at - INTERVAL '7 days'
        AND sessions.session_start < to_at
    JOIN business.event_session_l AS links
        ON links.session_hk = sessions.session_hk
        AND links.event_timestamp >= from_at
        AND links.event_timestamp < to_at
    WHERE links.tenant_hk = tenant
        AND links.load_date < visitors.before
        AND NOT EXISTS (
            SELECT FROM staging.site_tracking_events_s AS staged
            WHERE staged.event_timestamp = links.event_timestamp AND staged.event_hk = links.event_hk)
        AND NOT EXISTS (
            SELECT FROM raw.site_tracking_events_r AS arrived
            WHERE arrived.event_timestamp = links.event_timestamp AND arrived.event_hk = links.event_hk)
        AND NOT EXISTS (
            SELECT FROM business.site_event_visitor_b AS told
            WHERE told.event_timestamp = links.event_timestamp AND told.event_hk = links.event_hk);
END
$body$;
COMMENT ON FUNCTION business.site_events_of_visitors(bytea, bytea[], timestamptz[], timestamptz, timestamptz)
IS 'The events of a period that are of visitors or users, by the hash keys of either, and were appended before the time of each.';

-- ----------------------------------------------------------------------------- counts that are kept
-- Where a tenant keeps counts an erasure corrects the rollups all the same, and adds what they lost then. That is
-- found by looking at them before and after, as orders and returns of others may follow.

CREATE OR REPLACE FUNCTION business.site_summed_sessions(tenant bytea, sessions bytea[])
RETURNS business.site_session_b[]
LANGUAGE sql
STABLE
PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT array_agg(held)
    FROM business.site_session_h AS hubs
    CROSS JOIN LATERAL (
        SELECT timestamptz 'epoch'
            + substring(hubs.session_bk FROM '\.(-?[0-9]+)(?:\.[0-9]{1,5})?$')::bigint * INTERVAL '1 millisecond' AS at
    ) AS starts
    CROSS JOIN LATERAL business.site_sessions(tenant, starts.at, starts.at + INTERVAL '1 millisecond') AS held
    WHERE hubs.session_hk = ANY (sessions) AND held.session_hk = hubs.session_hk AND NOT held.is_bot
$body$;
COMMENT ON FUNCTION business.site_summed_sessions(bytea, bytea[])
IS 'Those of the given sessions that count in rollups, or beside them while they are open; robots do not.';

CREATE OR REPLACE FUNCTION business.site_counted(
    tenant bytea, visitors bytea[], days timestamptz[],
    OUT sessions business.site_session_b[], OUT item_days business.site_item_day_b[], OUT sums business.site_rollup_b[]
)
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT
        ARRAY(
            SELECT held
            FROM business.site_session_b AS held
            WHERE tenant_hk = tenant
                AND visitor_hk = ANY (visitors)
                AND NOT is_bot
                AND previous_start IS NOT NULL),
        ARRAY(
            SELECT held
            FROM unnest(visitors) AS visitor_hk
            JOIN business.site_item_day_b AS held
                ON held.tenant_hk = tenant AND held.visitor = business.site_short_key(visitor_hk)),
        ARRAY(
            SELECT held
            FROM business.site_rollup_b AS held
            WHERE tenant_hk = tenant AND dimension IN ('top_pages', 'items', 'vitals') AND bucket_start = ANY (days))
$body$;
COMMENT ON FUNCTION business.site_counted(bytea, bytea[], timestamptz[])
IS 'Of what rollups are made that an erasure changes: returns of visitors, the days on which they met items, and sums of events of days.';

CREATE OR REPLACE FUNCTION business.site_days_that_follow(tenant bytea, event_hks bytea[], sessions bytea[])
RETURNS timestamptz[]
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan
AS $body$
    SELECT ARRAY(
        SELECT business.site_day(others.event_timestamp)
        FROM business.site_order_b AS orders
        JOIN business.site_order_events_v AS others
            ON others.tenant_hk = orders.tenant_hk AND others.transaction_hk = orders.transaction_hk
        WHERE orders.tenant_hk = tenant AND orders.event_hk = ANY (event_hks)
        UNION
        SELECT business.site_day(event_timestamp)
        FROM business.site_repeat_b
        WHERE session_hk = ANY (sessions))
$body$;
COMMENT ON FUNCTION business.site_days_that_follow(bytea, bytea[], bytea[])
IS 'The days of events of others that count from now on, as an order of erased events is told of in them, too, or a page view that was told in their sessions before.';

CREATE OR REPLACE FUNCTION business.site_sums_less(more business.site_rollup_b[], less business.site_rollup_b[])
RETURNS business.site_rollup_b[]
LANGUAGE sql
IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT ARRAY(
        SELECT ROW(
            tenant_hk, dimension, bucket_start, value_key, currency, value, sum(sign * visits), sum(sign * bounces),
            sum(sign * bounceable), sum(sign * converted), sum(sign * page_views), sum(sign * events),
            sum(sign * conversions), sum(sign * duration_seconds), sum(sign * engaged_seconds), sum(sign * quantity),
            sum(sign * refunded_quantity), sum(sign * revenue), sum(sign * refunds))::business.site_rollup_b
        FROM (SELECT 1 AS sign, * FROM unnest(more) UNION ALL SELECT -1, * FROM unnest(less)) AS signed
        GROUP BY tenant_hk, dimension, bucket_start, value_key, currency, value
        HAVING (
            sum(sign * visits), sum(sign * bounces), sum(sign * bounceable), sum(sign * converted),
            sum(sign * page_views), sum(sign * events), sum(sign * conversions), sum(sign * duration_seconds),
            sum(sign * engaged_seconds), sum(sign * quantity), sum(sign * refunded_quantity), sum(sign * revenue),
            sum(sign * refunds)
        ) <> (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
$body$;
COMMENT ON FUNCTION business.site_sums_less(business.site_rollup_b[], business.site_rollup_b[])
IS 'What the first rows have beyond the second ones, key by key.';

CREATE OR REPLACE FUNCTION business.site_keep_counts(
    sums business.site_rollup_b[], returned business.site_return_b[], item_returned business.site_item_return_b[]
)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
BEGIN
    PERFORM business.site_add_counts(sums, returned, item_returned);
    INSERT INTO business.site_rollup_kept_b AS kept
    SELECT * FROM unnest(sums)
    ON CONFLICT (tenant_hk, dimension, bucket_start, value_key, currency) DO UPDATE SET
        visits = kept.visits + excluded.visits,
        bounces = kept.bounces + excluded.bounces,
        bounceable = kept.bounceable + excluded.bounceable,
        converted = kept.converted + excluded.converted,
        page_views = kept.page_views + excluded.page_views,
        events = kept.events + excluded.events,
        conversions = kept.conversions + excluded.conversions,
        duration_seconds = kept.duration_seconds + excluded.duration_seconds,
        engaged_seconds = kept.engaged_seconds + excluded.engaged_seconds,
        quantity = kept.quantity + excluded.quantity,
        refunded_quantity = kept.refunded_quantity + excluded.refunded_quantity,
        revenue = kept.revenue + excluded.revenue,
        refunds = kept.refunds + excluded.refunds;
    INSERT INTO business.site_return_kept_b AS kept
    SELECT * FROM unnest(returned)
    ON CONFLICT (tenant_hk, span, previous_bucket, start_bucket) DO UPDATE SET visits = kept.visits + excluded.visits;
    INSERT INTO business.site_item_return_kept_b AS kept
    SELECT * FROM unnest(item_returned)
    ON CONFLICT (tenant_hk, day, item, previous_day) DO UPDATE SET visitors = kept.visitors + excluded.visitors;
END
$body$;
COMMENT ON FUNCTION business.site_keep_counts(business.site_rollup_b[], business.site_return_b[], business.site_item_return_b[])
IS 'Adds rows to those of all rollups, and to what is kept there of erased visitors; a row a key.';

CREATE OR REPLACE FUNCTION business.site_keep_lost_counts(
    tenant bytea, visitors bytea[], days timestamptz[], gone business.site_session_b[],
    sessions business.site_session_b[], item_days business.site_item_day_b[], sums business.site_rollup_b[]
)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    now_counted CONSTANT record := business.site_counted(tenant, visitors, days);
BEGIN
    PERFORM business.site_keep_counts(
        business.site_sums_less(
            sums || ARRAY(
                SELECT added FROM unnest(gone) AS session CROSS JOIN LATERAL business.site_session_sums(session, 1) AS added),
            now_counted.sums),
        ARRAY(
            SELECT ROW(tenant, span, previous_bucket, start_bucket, sum(sign))::business.site_return_b
            FROM (
                SELECT 1 AS sign, previous_start, session_start FROM unnest(sessions)
                UNION ALL
                SELECT -1, previous_start, session_start FROM unnest(now_counted.sessions)
            ) AS signed
            CROSS JOIN LATERAL business.site_return_buckets(previous_start, session_start)
            GROUP BY span, previous_bucket, start_bucket
            HAVING sum(sign) <> 0),
        ARRAY(
            SELECT ROW(tenant, day, item, previous_day, sum(sign))::business.site_item_return_b
            FROM (
                SELECT 1 AS sign, day, item, previous_day FROM unnest(item_days)
                UNION ALL
                SELECT -1, day, item, previous_day FROM unnest(now_counted.item_days)
            ) AS signed
            GROUP BY day, item, previous_day
            HAVING sum(sign) <> 0));
END
$body$;
COMMENT ON FUNCTION business.site_keep_lost_counts(bytea, bytea[], timestamptz[], business.site_session_b[], business.site_session_b[], business.site_item_day_b[], business.site_rollup_b[])
IS 'Keeps what rollups lost by the sessions that are gone, and by what business.site_counted told before.';

-- Locks are taken in the loaders' order: rows of events and sessions, totals, sessions of the tenant, orders
-- and rollups.
CREATE OR REPLACE FUNCTION business.site_erase_period(
    tenant bytea, erasure text, from_at timestamptz, to_at timestamptz
)
RETURNS jsonb
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan
SET jit = off
AS $body$
#variable_conflict use_column
DECLARE
    -- In arrays, as the planner knows how many there are: of rows that were just written it does not.
    visitor_hks bytea[];
    befores timestamptz[];
    spared_hks bytea[];
    shared_befores timestamptz[];
    times timestamptz[];
    keys bytea[];
    were_late boolean[];
    sessions bytea[];
    dissolved record;
    days timestamptz[];
    -- A shadow gets what production kept when they change places.
    keeps CONSTANT boolean := 'business.site_rollup_b' NOT LIKE '%shadow.%'
        AND (SELECT erased_counts = 'KEPT' FROM raw.site_tracking_erasure_r WHERE erasure_id = erasure);
    summed business.site_session_b[];
    visitors bytea[];
    lossy_days timestamptz[];
    counted record;
    target text;
    counts jsonb := '{}';
    gone bigint;
BEGIN
    SELECT array_agg(visitor_hk), array_agg(erased_before),
        array_agg(visitor_hk) FILTER (WHERE shared_before IS NOT NULL),
        array_agg(shared_before) FILTER (WHERE shared_before IS NOT NULL)
    INTO visitor_hks, befores, spared_hks, shared_befores
    FROM raw.site_tracking_tombstone_r
    WHERE erasure_id = erasure;
    SELECT array_agg(event_timestamp ORDER BY event_timestamp, event_hk),
        array_agg(event_hk ORDER BY event_timestamp, event_hk)
    INTO times, keys
    FROM business.site_events_of_visitors(tenant, visitor_hks, befores, from_at, to_at);
    SELECT array_agg(is_late ORDER BY number)
    INTO were_late
    FROM (
        SELECT number, EXISTS (
            SELECT FROM business.event_session_current_v AS links
            WHERE links.event_timestamp = given.event_timestamp
                AND links.event_hk = given.event_hk
                AND links.link_kind = 'LATE') AS is_late
        FROM unnest(times, keys) WITH ORDINALITY AS given (event_timestamp, event_hk, number)
    ) AS judged;
    SELECT array_agg(session_hk ORDER BY session_hk)
    INTO sessions
    FROM (
        SELECT links.session_hk
        FROM unnest(times, keys) AS given (event_timestamp, event_hk)
        JOIN business.event_session_l AS links
            ON links.event_timestamp = given.event_timestamp AND links.event_hk = given.event_hk
        WHERE links.tenant_hk = tenant
        UNION
        SELECT versions.session_hk
        FROM unnest(visitor_hks, befores) AS named (visitor_hk, before)
        JOIN business.site_session_details_s AS versions
            ON versions.visitor_hk = named.visitor_hk
            AND versions.session_start < named.before
        WHERE versions.tenant_hk = tenant
            AND versions.session_start >= from_at
            AND versions.session_start < to_at
        UNION
        -- Of visitors who are spared by now, what loaders wrote no more until they were.
        SELECT versions.session_hk
        FROM unnest(spared_hks, shared_befores) AS spared (visitor_hk, before)
        JOIN business.site_session_details_s AS versions
            ON versions.visitor_hk = spared.visitor_hk
            AND versions.session_start < spared.before
        JOIN raw.site_tracking_dissolved_r AS dissolved ON dissolved.session_hk = versions.session_hk
        WHERE versions.tenant_hk = tenant
            AND versions.session_start >= from_at
            AND versions.session_start < to_at
    ) AS joined
    WHERE session_hk NOT IN (
        business.site_hash_key(tenant, 'sess_none'), business.site_hash_key(tenant, 'sess_late'),
        business.site_hash_key(tenant, 'sess_erased'));
    IF keeps THEN
        summed := business.site_summed_sessions(tenant, sessions);
    END IF;

    FOREACH target IN ARRAY ARRAY[
        'raw.site_tracking_events_r', 'staging.site_tracking_events_s', 'business.site_event_details_s',
        'business.event_page_l', 'business.event_business_item_l', 'business.site_event_visitor_b'] LOOP
        EXECUTE format(
            'DELETE FROM %s AS events USING unnest($1, $2) AS given (event_timestamp, event_hk)'
            ' WHERE events.event_timestamp = given.event_timestamp AND events.event_hk = given.event_hk'
            ' AND events.tenant_hk = $3', target)
        USING times, keys, tenant;
        GET DIAGNOSTICS gone = ROW_COUNT;
        counts := counts || jsonb_build_object(target, gone);
    END LOOP;
    -- A loader that knew may have been here before.
    DELETE FROM business.event_session_l AS links
    USING unnest(times, keys) AS given (event_timestamp, event_hk)
    WHERE links.event_timestamp = given.event_timestamp
        AND links.event_hk = given.event_hk
        AND links.tenant_hk = tenant
        AND links.session_hk <> business.site_hash_key(tenant, 'sess_erased');
    gone := business.site_count_erased(tenant, times, keys, were_late);
    INSERT INTO raw.site_tracking_dissolved_r (session_hk, tenant_hk, load_date)
    SELECT session_hk, tenant, clock_timestamp()
    FROM unnest(sessions) AS given (session_hk)
    ORDER BY session_hk
    ON CONFLICT DO NOTHING;
    dissolved := business.site_remove_sessions(tenant, sessions, from_at, to_at);
    counts := counts || jsonb_build_object(
        'events', gone, 'sessions', coalesce(cardinality(dissolved.removed), 0));

    IF dissolved.removed IS NULL AND keys IS NULL THEN
        RETURN counts;
    END IF;
    PERFORM pg_advisory_xact_lock('business.site_session_b'::regclass::oid::integer, get_byte(tenant, 0) % 64);
    LOCK TABLE business.site_order_b, business.site_rollup_b IN SHARE ROW EXCLUSIVE MODE;
    days := ARRAY(SELECT DISTINCT business.site_day(event_timestamp) FROM unnest(times) AS event_timestamp);
    IF keeps THEN
        visitors := ARRAY(SELECT DISTINCT visitor_hk FROM unnest(summed));
        lossy_days := days || business.site_days_that_follow(tenant, keys, sessions);
        counted := business.site_counted(tenant, visitors, lossy_days);
    END IF;
    IF dissolved.removed IS NOT NULL THEN
        CALL business.site_refresh_sessions(
            array_fill(tenant, ARRAY[cardinality(dissolved.removed)]), dissolved.starts, dissolved.removed);
    END IF;
    CALL business.site_resum_events(tenant, days);
    IF keeps THEN
        PERFORM business.site_keep_lost_counts(
            tenant, visitors, lossy_days, summed, counted.sessions, counted.item_days, counted.sums);
    END IF;
    RETURN counts;
END
$body$;
COMMENT ON FUNCTION business.site_erase_period(bytea, text, timestamptz, timestamptz)
IS 'Erases the events of a period that are of the visitors of a request, and the sessions in which they took part; tells how many rows went. Calling it again changes nothing.';

CREATE OR REPLACE FUNCTION business.site_erase_items_of_users(tenant bytea, erasure text)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan
SET jit = off
AS $body$
#variable_conflict use_column
DECLARE
    named CONSTANT bytea[] := ARRAY(
        SELECT visitor_hk
        FROM raw.site_tracking_tombstone_r
        WHERE erasure_id = erasure AND shared_before IS NULL);
    shared CONSTANT bytea[] := ARRAY(
        SELECT DISTINCT seen.visitor_hk
        FROM unnest(named) AS users (user_hk)
        JOIN business.site_user_visitor_b AS seen ON seen.user_hk = users.user_hk
        WHERE seen.tenant_hk = tenant
            AND NOT EXISTS (SELECT FROM unnest(named) AS visitors (visitor_hk) WHERE visitors.visitor_hk = seen.visitor_hk));
    gone bigint := 0;
BEGIN
    IF cardinality(shared) = 0 THEN
        RETURN gone;
    END IF;
    WITH told AS (
        SELECT visitor_hk, event_timestamp, event_hk
        FROM staging.site_tracking_events_s
        WHERE tenant_hk = tenant AND visitor_hk = ANY (shared)
        UNION ALL
        SELECT named.visitor_hk, arrived.event_timestamp, arrived.event_hk
        FROM raw.site_tracking_events_r AS arrived
        CROSS JOIN LATERAL (
            SELECT business.site_hash_key(tenant, coalesce(arrived.visitor_bk, arrived.payload ->> 'visitor_id')) AS visitor_hk
            OFFSET 0
        ) AS named
        WHERE arrived.tenant_hk = tenant AND arrived.processing_status <> 'ERROR' AND named.visitor_hk = ANY (shared)
        UNION ALL
        SELECT visitor_hk, event_timestamp, event_hk
        FROM business.site_event_visitor_b
        WHERE tenant_hk = tenant AND visitor_hk = ANY (shared)
        UNION ALL
        SELECT sessions.visitor_hk, links.event_timestamp, links.event_hk
        FROM business.site_session_details_s AS sessions
        JOIN business.event_session_l AS links ON links.session_hk = sessions.session_hk
        WHERE sessions.tenant_hk = tenant AND sessions.visitor_hk = ANY (shared)
    ),
    met AS MATERIALIZED (
        SELECT DISTINCT told.visitor_hk, items.business_item_hk
        FROM told
        JOIN business.event_business_item_l AS items
            ON items.event_timestamp = told.event_timestamp AND items.event_hk = told.event_hk
    )
    DELETE FROM business.visitor_business_item_l AS links
    USING raw.site_tracking_erasure_r AS request
    WHERE request.erasure_id = erasure
        AND links.tenant_hk = tenant
        AND links.visitor_hk = ANY (shared)
        AND links.load_date < request.erased_before
        -- Of what retention took nobody knows any more which event told it.
        AND links.load_date >= raw.site_tracking_kept_from(tenant, 'events')
        AND NOT EXISTS (
            SELECT FROM met
            WHERE met.visitor_hk = links.visitor_hk AND met.business_item_hk = links.business_item_hk);
    GET DIAGNOSTICS gone = ROW_COUNT;
    RETURN gone;
END
$body$;
COMMENT ON FUNCTION business.site_erase_items_of_users(bytea, text)
IS 'Erases the items that only users of a request met as visitors who stay, as others were these, too; when the events of the users are erased, and it is still known as whom they were seen.';

CREATE OR REPLACE FUNCTION business.site_erase_rejected(
    tenant bytea, erasure text, visitor_hks bytea[], befores timestamptz[], were_followed boolean[]
)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan
SET jit = off
AS $body$
DECLARE
    rejected bigint;
    held bytea[];
    refused text[];
BEGIN
    WITH gone AS (
        DELETE FROM raw.site_tracking_events_r AS events
        USING (
            SELECT DISTINCT arrived.event_timestamp, arrived.event_hk
            FROM raw.site_tracking_events_r AS arrived
            CROSS JOIN LATERAL unnest(ARRAY[
                business.site_hash_key(tenant, arrived.visitor_bk),
                business.site_hash_key(tenant, arrived.user_bk)]) AS told (hk)
            JOIN unnest(visitor_hks, befores, were_followed) AS named (hk, before, was_followed)
                ON named.hk = told.hk AND coalesce(arrived.first_appended_at, arrived.load_date) < named.before
            WHERE arrived.tenant_hk = tenant
                AND arrived.processing_status = 'ERROR'
                -- Another user's, which the vault does not tell of rejected ones.
                AND (arrived.user_bk IS NULL OR NOT named.was_followed)
        ) AS found
        WHERE events.event_timestamp = found.event_timestamp
            AND events.event_hk = found.event_hk
            AND events.tenant_hk = tenant
            AND events.processing_status = 'ERROR'
        RETURNING events.visitor_bk, events.user_bk, events.event_bk
    )
    SELECT
        count(*),
        array_agg(business.site_hash_key(tenant, visitor_bk)) || array_agg(business.site_hash_key(tenant, user_bk)),
        array_agg(event_bk) FILTER (WHERE event_bk IS NOT NULL)
    INTO rejected, held, refused
    FROM gone;
    IF refused IS NOT NULL THEN
        -- The job's archive has them.
        CALL raw.site_tracking_forget_events(array_fill(tenant, ARRAY[cardinality(refused)]), refused);
    END IF;
    IF rejected > 0 THEN
        UPDATE raw.site_tracking_tombstone_r AS tombstones
        SET is_known = true
        WHERE tombstones.erasure_id = erasure
            AND NOT tombstones.is_known
            AND tombstones.visitor_hk = ANY (held);
    END IF;
    RETURN rejected;
END
$body$;
COMMENT ON FUNCTION business.site_erase_rejected(bytea, text, bytea[], timestamptz[], boolean[])
IS 'Erases rejected events that name visitors or users of a request, of those who were reached through a user only such as name no user, and notes of whom there were some; tells how many.';

CREATE OR REPLACE FUNCTION raw.site_tracking_put_objections(tenants bytea[], visitors bytea[], days date[])
RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $body$
    INSERT INTO raw.site_tracking_objection_r AS noted (tenant_hk, visitor_hk, objected_on)
    SELECT tenant_hk, visitor_hk, max(objected_on)
    FROM unnest(tenants, visitors, days) AS told (tenant_hk, visitor_hk, objected_on)
    GROUP BY tenant_hk, visitor_hk
    ORDER BY tenant_hk, visitor_hk
    ON CONFLICT (tenant_hk, visitor_hk) DO UPDATE SET objected_on = excluded.objected_on
    WHERE noted.objected_on < excluded.objected_on
$body$;
COMMENT ON FUNCTION raw.site_tracking_put_objections(bytea[], bytea[], date[])
IS 'Notes visitors who object to sale or sharing, each with the last day.';

CREATE OR REPLACE PROCEDURE raw.site_tracking_note_objections(
    tenant_hks bytea[], visitor_hks bytea[], appended_micros bigint[]
)
LANGUAGE sql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT raw.site_tracking_put_objections(
        array_agg(given.tenant_hk), array_agg(known.visitor_hk),
        array_agg((times.appended_at AT TIME ZONE 'UTC')::date))
    FROM unnest(tenant_hks, visitor_hks, appended_micros) AS given (tenant_hk, hk, micros)
    CROSS JOIN LATERAL (
        SELECT timestamptz 'epoch' + given.micros * INTERVAL '1 microsecond' AS appended_at
    ) AS times
    CROSS JOIN LATERAL (
        SELECT hubs.visitor_hk
        FROM business.site_visitor_h AS hubs
        WHERE hubs.visitor_hk = given.hk AND hubs.tenant_hk = given.tenant_hk
        UNION
        SELECT seen.visitor_hk
        FROM business.site_user_visitor_b AS seen
        WHERE seen.user_hk = given.hk AND seen.tenant_hk = given.tenant_hk
    ) AS known
    WHERE NOT EXISTS (
        SELECT FROM raw.site_tracking_tombstone_r AS tombstones
        WHERE tombstones.tenant_hk = given.tenant_hk
            AND tombstones.visitor_hk = known.visitor_hk
            AND tombstones.erased_before > times.appended_at)
$body$;
COMMENT ON PROCEDURE raw.site_tracking_note_objections(bytea[], bytea[], bigint[])
IS 'Notes that visitors object to sale or sharing who are kept in no event by which they do so, but are in the vault; of users all visitors as whom they were seen. For loaders.';

CREATE OR REPLACE FUNCTION raw.site_tracking_erase_objections(tenant bytea, erasure text)
RETURNS bigint
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $body$
    WITH gone AS (
        DELETE FROM raw.site_tracking_objection_r AS objections
        USING raw.site_tracking_tombstone_r AS tombstones
        WHERE tombstones.erasure_id = erasure
            AND tombstones.shared_before IS NULL
            AND objections.tenant_hk = tenant
            AND objections.visitor_hk = tombstones.visitor_hk
            AND objections.objected_on < (tombstones.erased_before AT TIME ZONE 'UTC')::date
        RETURNING 1
    )
    SELECT count(*) FROM gone
$body$;
COMMENT ON FUNCTION raw.site_tracking_erase_objections(bytea, text)
IS 'Erases that visitors of a request objected before its day; tells how many did. On the day itself they may have done so after it.';

CREATE OR REPLACE FUNCTION business.site_erase_visitors(tenant bytea, erasure text)
RETURNS jsonb
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan
SET jit = off
AS $body$
DECLARE
    visitor_hks bytea[];
    befores timestamptz[];
    were_followed boolean[];
    details bigint;
    items bigint;
    users bigint;
BEGIN
    SELECT array_agg(visitor_hk), array_agg(erased_before), array_agg(through_user)
    INTO visitor_hks, befores, were_followed
    FROM raw.site_tracking_tombstone_r
    WHERE erasure_id = erasure AND shared_before IS NULL;
    DELETE FROM business.site_visitor_details_s AS versions
    USING unnest(visitor_hks, befores) AS named (hk, before)
    WHERE versions.tenant_hk = tenant AND versions.visitor_hk = named.hk AND versions.load_date < named.before;
    GET DIAGNOSTICS details = ROW_COUNT;
    DELETE FROM business.visitor_business_item_l AS links
    USING unnest(visitor_hks, befores) AS named (hk, before)
    WHERE links.tenant_hk = tenant AND links.visitor_hk = named.hk AND links.load_date < named.before;
    GET DIAGNOSTICS items = ROW_COUNT;
    items := items + business.site_erase_items_of_users(tenant, erasure);
    -- Of a visitor whom others were, too, it stays known that several were: the next may not have the rest.
    -- The time of a key is that of its first event, to the microsecond, and xmin tells as much: of an erased one the day is left.
    WITH gone AS (
        DELETE FROM business.site_user_visitor_b AS links
        USING (
            SELECT users.user_visitor_hk
            FROM unnest(visitor_hks, befores) AS named (hk, before)
            JOIN business.site_user_visitor_b AS users ON users.user_hk = named.hk AND users.load_date < named.before
            UNION
            SELECT visitors.user_visitor_hk
            FROM unnest(visitor_hks, befores) AS named (hk, before)
            JOIN business.site_user_visitor_b AS visitors
                ON visitors.visitor_hk = named.hk AND visitors.load_date < named.before
        ) AS found
        WHERE links.user_visitor_hk = found.user_visitor_hk AND links.tenant_hk = tenant
        RETURNING links.*
    ),
    coarsened AS (
        UPDATE business.site_visitor_h AS hubs
        SET load_date = business.site_day(hubs.load_date)
        FROM (
            SELECT hk, before FROM unnest(visitor_hks, befores) AS named (hk, before)
            UNION
            SELECT visitor_hk, 'infinity' FROM gone
        ) AS reached
        WHERE hubs.visitor_hk = reached.hk AND hubs.tenant_hk = tenant AND hubs.load_date < reached.before
    ),
    shared AS (
        INSERT INTO business.site_user_visitor_b (
            user_visitor_hk, user_hk, visitor_hk, tenant_hk, load_date, record_source)
        SELECT
            business.site_link_key(nobody.user_hk, gone.visitor_hk, tenant), nobody.user_hk, gone.visitor_hk, tenant,
            -- What came behind an earlier erasure of the visitor stays behind it.
            greatest(business.site_day(max(gone.load_date)), (
                SELECT max(earlier.erased_before)
                FROM raw.site_tracking_tombstone_r AS earlier
                WHERE earlier.tenant_hk = tenant
                    AND earlier.visitor_hk = gone.visitor_hk
                    AND earlier.erased_before <= max(gone.load_date))), 'site_tracking'
        FROM gone
        CROSS JOIN LATERAL business.site_nobody(tenant, gone.visitor_hk) AS nobody (user_hk)
        WHERE EXISTS (
                SELECT FROM business.site_user_visitor_b AS others
                WHERE others.visitor_hk = gone.visitor_hk AND others.user_hk <> gone.user_hk)
            AND NOT EXISTS (SELECT FROM unnest(visitor_hks) AS named (hk) WHERE named.hk = gone.visitor_hk)
        GROUP BY gone.visitor_hk, nobody.user_hk
        ORDER BY 1
        ON CONFLICT DO NOTHING
    )
    SELECT count(*) INTO users FROM gone;
    RETURN jsonb_build_object('business.site_visitor_details_s', details,
        'business.visitor_business_item_l', items, 'business.site_user_visitor_b', users,
        'raw.site_tracking_events_r', business.site_erase_rejected(
            tenant, erasure, visitor_hks, befores, were_followed),
        'raw.site_tracking_score_s', raw.site_tracking_erase_scores(tenant, erasure),
        'raw.site_tracking_objection_r', raw.site_tracking_erase_objections(tenant, erasure));
END
$body$;
COMMENT ON FUNCTION business.site_erase_visitors(bytea, text)
IS 'Erases what is of the visitors of a request and of no day: their details, the items they met, as whom users were seen, events of theirs that were rejected. The hubs keep their keys, with the day.';

-- ------------------------------------------------------------------------------ who carries it out

CREATE OR REPLACE FUNCTION raw.site_tracking_add_counts(counts jsonb, more jsonb)
RETURNS jsonb
LANGUAGE sql
IMMUTABLE
AS $body$
    SELECT coalesce(jsonb_object_agg(name, total), '{}')
    FROM (
        SELECT key AS name, sum(value::bigint) AS total
        FROM (SELECT * FROM jsonb_each_text(counts) UNION ALL SELECT * FROM jsonb_each_text(more)) AS both_counts
        GROUP BY key
        HAVING sum(value::bigint) > 0
    ) AS totals
$body$;
COMMENT ON FUNCTION raw.site_tracking_add_counts(jsonb, jsonb)
IS 'The sums of two objects of counts, those that are not 0.';

-- Until a reprocess commits what it carries over, nobody sees that to remove it. So it keeps out who removes,
-- who gives way already to one that waits. Erasures and retention wait for each other besides (site_tracking_retention).
CREATE OR REPLACE FUNCTION raw.site_tracking_may_remove()
RETURNS boolean
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $body$ SELECT pg_try_advisory_xact_lock_shared(hashtextextended('site_tracking_carry_over', 0)) $body$;
COMMENT ON FUNCTION raw.site_tracking_may_remove()
IS 'Whether an erasure or retention may remove something in this transaction: not while a reprocess carries over, which waits until the transaction has ended.';

CREATE OR REPLACE FUNCTION raw.site_tracking_carries_over()
RETURNS boolean
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT EXISTS (
        SELECT
        FROM pg_locks
        WHERE locktype = 'advisory'
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
            AND (classid::bigint << 32) + objid::bigint = hashtextextended('site_tracking_carry_over', 0)
            AND objsubid = 1
            AND mode = 'ExclusiveLock')
$body$;
COMMENT ON FUNCTION raw.site_tracking_carries_over()
IS 'Whether a reprocess carries over, or is about to, so that erasures and retention wait.';

-- What loaders write into while a reprocess is under way, and what lies beside it after a switch.
CREATE OR REPLACE FUNCTION raw.site_tracking_erase_everywhere(what text, VARIADIC arguments text[])
RETURNS jsonb
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    layer text;
    counts jsonb := '{}';
    more jsonb;
BEGIN
    FOREACH layer IN ARRAY ARRAY['business', 'business_shadow', 'business_former'] LOOP
        IF to_regproc(layer || '.' || what) IS NOT NULL THEN
            EXECUTE format('SELECT %s.%s(%s)', layer, what, (
                SELECT string_agg(quote_literal(argument), ', ' ORDER BY number)
                FROM unnest(arguments) WITH ORDINALITY AS given (argument, number)))
            INTO more;
            counts := raw.site_tracking_add_counts(counts, more);
        END IF;
    END LOOP;
    RETURN counts;
END
$body$;
COMMENT ON FUNCTION raw.site_tracking_erase_everywhere(text, text[])
IS 'Calls business.site_erase_period or site_erase_visitors in production, and in the shadow and the former tables of a reprocess.';

CREATE OR REPLACE FUNCTION raw.site_tracking_next_day(tenant bytea, from_at timestamptz)
RETURNS timestamptz
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    layer text;
    first_at timestamptz;
BEGIN
    FOREACH layer IN ARRAY ARRAY['business', 'business_shadow', 'business_former'] LOOP
        IF to_regclass(layer || '.site_event_h') IS NOT NULL THEN
            -- Retention may have left sessions without events.
            EXECUTE format(
                'SELECT least($1,'
                ' (SELECT min(day_start) FROM %1$I.site_tenant_day_b WHERE tenant_hk = $3 AND day_start >= $2),'
                ' (SELECT min(session_start) FROM %1$I.site_session_details_s WHERE tenant_hk = $3'
                ' AND session_start >= $2 AND session_start < $4))', layer)
            INTO first_at
            USING first_at, from_at, tenant, raw.site_tracking_kept_from(tenant, 'events');
        END IF;
    END LOOP;
    RETURN business.site_day(first_at);
END
$body$;
COMMENT ON FUNCTION raw.site_tracking_next_day(bytea, timestamptz)
IS 'The next day on which production, the shadow or the former tables of a reprocess hold an event or a session of a tenant; NULL where none does.';

CREATE OR REPLACE FUNCTION raw.site_tracking_erase_part(request raw.site_tracking_erasure_r)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    day timestamptz;
    counts jsonb;
BEGIN
    day := raw.site_tracking_next_day(request.tenant_hk, request.next_at);
    IF day IS NULL THEN
        counts := raw.site_tracking_erase_everywhere(
            'site_erase_visitors', request.tenant_hk::text, request.erasure_id);
        PERFORM util.log_audit_event(
            'SITE_TRACKING_ERASURE_DONE', 'erasure', request.erasure_id, session_user::text,
            jsonb_build_object('visitors', request.visitors));
    ELSE
        counts := raw.site_tracking_erase_everywhere(
            'site_erase_period', request.tenant_hk::text, request.erasure_id, day::text,
            (day + INTERVAL '1 day')::text);
    END IF;
    UPDATE raw.site_tracking_erasure_r
    SET status = CASE WHEN day IS NULL THEN 'DONE' ELSE 'ERASING' END,
        next_at = coalesce(day + INTERVAL '1 day', next_at),
        turn_at = clock_timestamp(),
        failures = 0,
        failure = NULL,
        erased_rows = raw.site_tracking_add_counts(erased_rows, counts),
        done_at = CASE WHEN day IS NULL THEN clock_timestamp() END
    WHERE erasure_id = request.erasure_id;
END
$body$;
COMMENT ON FUNCTION raw.site_tracking_erase_part(raw.site_tracking_erasure_r)
IS 'Carries out the next part of an erasure, a day of events or what is of no day.';

-- The archive remembers an event from when the job read it, up to a topic's week later.
CREATE OR REPLACE FUNCTION raw.site_tracking_archived_for()
RETURNS interval
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT INTERVAL '1 day' * (7 + max(archive_days))
    FROM raw.site_tracking_heartbeat_r
    WHERE program = 'LOADER'
$body$;
COMMENT ON FUNCTION raw.site_tracking_archived_for()
IS 'For how long after it was appended the job''s archive may have an event, where topics keep a week; NULL where no job told.';

CREATE OR REPLACE FUNCTION raw.site_tracking_end_requests()
RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $body$
    DELETE FROM raw.site_tracking_export_r WHERE load_date < now() - INTERVAL '1 hour';
    DELETE FROM raw.site_tracking_forgotten_r
    WHERE load_date < now() - greatest(INTERVAL '30 days', raw.site_tracking_archived_for());
    -- One of whom something came meanwhile stays. The archive may bring what only the database had refused.
    DELETE FROM raw.site_tracking_tombstone_r
    WHERE NOT is_known
        AND erased_before < now() - greatest(INTERVAL '30 days', raw.site_tracking_archived_for())
        AND NOT business.site_knows(tenant_hk, visitor_hk)
$body$;
COMMENT ON FUNCTION raw.site_tracking_end_requests()
IS 'Removes what requests leave behind for a time, and that is over: questions that nobody asked again, keys of erased events, tombstones of nobody.';

CREATE OR REPLACE FUNCTION raw.site_tracking_erasure_failed(request raw.site_tracking_erasure_r, code text)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    -- In an hour, as what fails may pass: locks, a full disk.
    most_failures CONSTANT integer := 10;
BEGIN
    UPDATE raw.site_tracking_erasure_r
    SET status = CASE WHEN failures + 1 < most_failures THEN status ELSE 'FAILED' END,
        failures = failures + 1,
        failure = code,
        turn_at = clock_timestamp() + (failures + 1) * INTERVAL '1 minute'
    WHERE erasure_id = request.erasure_id;
    IF request.failures + 1 >= most_failures THEN
        PERFORM util.log_audit_event(
            'SITE_TRACKING_ERASURE_FAILED', 'erasure', request.erasure_id, session_user::text,
            jsonb_build_object('failure', code));
    END IF;
END
$body$;
COMMENT ON FUNCTION raw.site_tracking_erasure_failed(raw.site_tracking_erasure_r, text)
IS 'Puts an erasure of which a part failed behind the others, the later, the more often it did; gives it up in the end.';

-- Who is erased is one user or several; those of a visitor who is left are others.
CREATE OR REPLACE FUNCTION raw.site_tracking_spare_shared(erasure text)
RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
BEGIN
    UPDATE raw.site_tracking_tombstone_r AS tombstones
    SET shared_before = erased_before,
        erased_before = '-infinity',
        added_in = pg_current_xact_id()
    WHERE tombstones.erasure_id = erasure
        AND tombstones.through_user
        AND tombstones.shared_before IS NULL
        AND EXISTS (
            SELECT FROM business.site_user_visitor_b AS others
            WHERE others.visitor_hk = tombstones.visitor_hk
                AND others.load_date < tombstones.erased_before
                AND NOT EXISTS (
                    SELECT FROM raw.site_tracking_tombstone_r AS users
                    WHERE users.tenant_hk = tombstones.tenant_hk
                        AND users.visitor_hk = others.user_hk
                        AND users.erased_before > others.load_date));
    RETURN FOUND;
END
$body$;
COMMENT ON FUNCTION raw.site_tracking_spare_shared(text)
IS 'Has a request spare visitors whom it reached through a user, as whom somebody else was seen in what was being loaded while they were named; whether there are any.';

CREATE OR REPLACE FUNCTION raw.site_tracking_reach_further(request raw.site_tracking_erasure_r)
RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
BEGIN
    INSERT INTO raw.site_tracking_tombstone_r (
        tenant_hk, visitor_hk, erasure_id, erased_before, is_known, through_user)
    SELECT DISTINCT
        request.tenant_hk, meant, request.erasure_id, request.erased_before,
        business.site_knows(request.tenant_hk, meant), true
    FROM raw.site_tracking_tombstone_r AS named
    CROSS JOIN LATERAL business.site_visitors_of(request.tenant_hk, named.visitor_hk) AS meant
    WHERE named.erasure_id = request.erasure_id AND meant <> named.visitor_hk
    ON CONFLICT DO NOTHING;
    RETURN FOUND;
END
$body$;
COMMENT ON FUNCTION raw.site_tracking_reach_further(raw.site_tracking_erasure_r)
IS 'Has a request reach visitors as whom its users were seen in what was being loaded while they were named; whether there are any.';

CREATE OR REPLACE FUNCTION raw.site_tracking_erase_next()
RETURNS text
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
AS $body$
DECLARE
    request raw.site_tracking_erasure_r;
BEGIN
    IF NOT raw.site_tracking_may_remove() THEN
        RETURN NULL;
    END IF;
    -- Tenants take turns, whoever of them asks for the most.
    WITH turns AS (
        SELECT tenant_hk, max(turn_at) AS last_at
        FROM raw.site_tracking_erasure_r
        WHERE failures = 0
        GROUP BY tenant_hk
    )
    SELECT requests.*
    INTO request
    FROM raw.site_tracking_erasure_r AS requests
    LEFT JOIN turns ON turns.tenant_hk = requests.tenant_hk
    WHERE requests.status = 'ERASING' AND requests.turn_at <= clock_timestamp()
    ORDER BY turns.last_at NULLS FIRST, requests.load_date, requests.erasure_id
    LIMIT 1
    FOR UPDATE OF requests SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    -- Retention copies and drops what an erasure looks through. What is told behind the lock is told as it left it.
    PERFORM pg_advisory_xact_lock_shared(hashtextextended('site_tracking_retention', 0));
    IF request.next_at = '-infinity' THEN
        -- From then on whoever loads knows the tombstones: it began when they were there.
        PERFORM pg_advisory_lock(hashtextextended('site_tracking_load', 0));
        PERFORM pg_advisory_unlock(hashtextextended('site_tracking_load', 0));
    END IF;
    -- Whoever loads what it may reach waits for the part, or the part for whoever is loading it.
    PERFORM pg_advisory_xact_lock(hashtextextended('site_tracking_part' || encode(request.tenant_hk, 'hex'), 0));
    BEGIN
        -- Of what it finds besides, the loaders of now are told first.
        IF request.next_at <> '-infinity'
            OR NOT (raw.site_tracking_spare_shared(request.erasure_id) OR raw.site_tracking_reach_further(request)) THEN
            PERFORM raw.site_tracking_erase_part(request);
        END IF;
    EXCEPTION
        -- Others are not who cancels, be it a timeout: the same part would come first for ever.
        WHEN query_canceled OR OTHERS THEN
            PERFORM raw.site_tracking_erasure_failed(request, SQLSTATE);
    END;
    RETURN request.erasure_id;
END
$body$;
COMMENT ON FUNCTION raw.site_tracking_erase_next()
IS 'Carries out the next part of an erasure, of the tenant that waited longest, and names the erasure; NULL when there is nothing to do, or not as long as a reprocess carries over. To be called in transactions of their own.';

-- ----------------------------------------------------------------------------- what loaders ask

-- An erasure waits for whoever holds the lock, which goes with the connection. What is visible is told by
-- snapshots, as transactions do not end in the order of any clock or number.
CREATE OR REPLACE FUNCTION raw.site_tracking_begin_load(known text)
RETURNS TABLE (
    tenant_hk bytea,
    visitor_hk bytea,
    before_micros bigint,
    through_user boolean,
    shared_micros bigint,
    snapshot text
)
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $body$
#variable_conflict use_column
BEGIN
    PERFORM pg_advisory_lock_shared(hashtextextended('site_tracking_load', 0));
    RETURN QUERY
    SELECT
        tenant_hk,
        visitor_hk,
        CASE WHEN shared_before IS NULL THEN (extract(epoch FROM erased_before) * 1000000)::bigint END,
        through_user,
        (extract(epoch FROM shared_before) * 1000000)::bigint,
        NULL::text
    FROM raw.site_tracking_tombstone_r
    WHERE added_in >= coalesce(pg_snapshot_xmin(known::pg_snapshot), '0')
        AND (known IS NULL OR NOT pg_visible_in_snapshot(added_in, known::pg_snapshot))
    UNION ALL
    SELECT NULL, NULL, NULL, NULL, NULL, pg_current_snapshot()::text;
END
$body$;
COMMENT ON FUNCTION raw.site_tracking_begin_load(text)
IS 'Begins the load of a micro-batch and tells which visitors are erased, up to when in microseconds, or of which it turned out that others were they, too, that were not at the snapshot of an earlier call; all of them without one. The last row has the snapshot.';

-- In pages, as one erasure may be of millions of events; the order is that of an index.
CREATE OR REPLACE FUNCTION raw.site_tracking_forgotten(
    known text, after_added text, after_tenant text, after_event text, most integer
)
RETURNS TABLE (
    tenant_hk text,
    event_bk text,
    added_in text,
    snapshot text
)
LANGUAGE sql
STABLE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT *
    FROM (
        SELECT encode(events.tenant_hk, 'hex'), events.event_bk::text, events.added_in::text, NULL::text
        FROM raw.site_tracking_forgotten_r AS events
        WHERE events.added_in >= coalesce(pg_snapshot_xmin(known::pg_snapshot), '0')
            AND (known IS NULL OR NOT pg_visible_in_snapshot(events.added_in, known::pg_snapshot))
            AND (after_added IS NULL
                OR (events.added_in, events.tenant_hk, events.event_bk::text)
                    > (after_added::xid8, decode(after_tenant, 'hex'), after_event))
        ORDER BY events.added_in, events.tenant_hk, events.event_bk::text
        LIMIT most
    ) AS page
    UNION ALL
    SELECT NULL, NULL, NULL, pg_current_snapshot()::text
$body$;
COMMENT ON FUNCTION raw.site_tracking_forgotten(text, text, text, text, integer)
IS 'Which events are erased that were not at the snapshot of an earlier call, or without one all of them: the next so many behind a row of this answer, in the order in which transactions began. The last row has the snapshot.';

-- What a part erases others see when it is over: whoever asked what is erased before that would write it again.
CREATE OR REPLACE PROCEDURE raw.site_tracking_hold_parts(tenant_hks bytea[])
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $body$
BEGIN
    PERFORM pg_advisory_lock_shared(hashtextextended('site_tracking_part' || encode(tenant_hk, 'hex'), 0))
    FROM (SELECT DISTINCT tenant_hk FROM unnest(tenant_hks) AS tenant_hk ORDER BY tenant_hk) AS tenants;
END
$body$;
COMMENT ON PROCEDURE raw.site_tracking_hold_parts(bytea[])
IS 'Has parts of erasures of tenants wait until the load of the micro-batch ends, and waits for one that is under way; to be called before it is asked what is erased.';

-- Whoever loads holds no other locks that outlive transactions.
CREATE OR REPLACE FUNCTION raw.site_tracking_end_load()
RETURNS void
LANGUAGE sql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $body$ SELECT pg_advisory_unlock_all() $body$;
COMMENT ON FUNCTION raw.site_tracking_end_load()
IS 'Ends the load of a micro-batch.';

CREATE OR REPLACE FUNCTION business.site_erased_events(tenant_hks bytea[], event_micros bigint[], event_hks bytea[])
RETURNS TABLE (number integer, load_micros bigint)
LANGUAGE sql
STABLE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET enable_hashjoin = off
SET enable_mergejoin = off
SET enable_seqscan = off
AS $body$
    SELECT given.number::integer, (extract(epoch FROM links.load_date) * 1000000)::bigint
    FROM unnest(tenant_hks, event_micros, event_hks) WITH ORDINALITY AS given (tenant_hk, micros, event_hk, number)
    JOIN business.event_session_l AS links
        ON links.event_timestamp = timestamptz 'epoch' + given.micros * INTERVAL '1 microsecond'
        AND links.event_session_hk = business.site_link_key(
            given.event_hk, business.site_hash_key(given.tenant_hk, 'sess_erased'), given.tenant_hk)
$body$;
COMMENT ON FUNCTION business.site_erased_events(bytea[], bigint[], bytea[])
IS 'Which of the given events, by their place, are erased, and the load_date of the delivery that was, in microseconds since the epoch.';

CREATE OR REPLACE FUNCTION raw.site_tracking_dissolved(session_hks bytea[])
RETURNS TABLE (number integer, sessions bigint)
LANGUAGE sql
STABLE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT given.number::integer, 1::bigint
    FROM unnest(session_hks) WITH ORDINALITY AS given (session_hk, number)
    JOIN raw.site_tracking_dissolved_r AS dissolved ON dissolved.session_hk = given.session_hk
$body$;
COMMENT ON FUNCTION raw.site_tracking_dissolved(bytea[])
IS 'Which of the given sessions, by their place, are dissolved.';

CREATE OR REPLACE PROCEDURE raw.site_tracking_dissolve(tenant_hks bytea[], session_hks bytea[])
LANGUAGE sql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $body$
    INSERT INTO raw.site_tracking_dissolved_r (session_hk, tenant_hk, load_date)
    SELECT session_hk, tenant_hk, clock_timestamp()
    FROM unnest(tenant_hks, session_hks) AS given (tenant_hk, session_hk)
    ORDER BY session_hk
    ON CONFLICT DO NOTHING
$body$;
COMMENT ON PROCEDURE raw.site_tracking_dissolve(bytea[], bytea[])
IS 'Notes sessions that a job remembers with an erased event, so that it does not write them any more.';

CREATE OR REPLACE PROCEDURE business.site_keep_erased(event_micros bigint[], event_hks bytea[], tenant_hks bytea[])
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $body$
BEGIN
    PERFORM business.site_count_erased(tenant_hk, array_agg(
        timestamptz 'epoch' + micros * INTERVAL '1 microsecond'), array_agg(event_hk))
    FROM unnest(event_micros, event_hks, tenant_hks) AS given (micros, event_hk, tenant_hk)
    GROUP BY tenant_hk
    ORDER BY tenant_hk;
END
$body$;
COMMENT ON PROCEDURE business.site_keep_erased(bigint[], bytea[], bytea[])
IS 'Counts events that arrive when their visitor was erased, with the microseconds since the epoch at which they happened; to be called in the transaction that wrote their keys.';

-- What of the visitor is erased by then was perhaps another user's, and nobody knew.
CREATE OR REPLACE PROCEDURE raw.site_tracking_share_visitors(tenant_hks bytea[], visitor_hks bytea[])
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $body$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('site_tracking_part' || encode(tenant_hk, 'hex'), 0))
    FROM (SELECT DISTINCT tenant_hk FROM unnest(tenant_hks) AS tenant_hk ORDER BY tenant_hk) AS tenants;
    UPDATE raw.site_tracking_tombstone_r AS tombstones
    SET shared_before = erased_before,
        erased_before = '-infinity',
        added_in = pg_current_xact_id()
    FROM (SELECT DISTINCT * FROM unnest(tenant_hks, visitor_hks) AS given (tenant_hk, visitor_hk)) AS shared
    WHERE tombstones.tenant_hk = shared.tenant_hk
        AND tombstones.visitor_hk = shared.visitor_hk
        AND tombstones.through_user
        AND tombstones.shared_before IS NULL;
END
$body$;
COMMENT ON PROCEDURE raw.site_tracking_share_visitors(bytea[], bytea[])
IS 'Has erasures spare visitors whom they reached through a user, as events arrive of then that name somebody else; to be called before these are written, in a transaction of its own, as it waits for the part of an erasure that is under way.';

-- A visitor as whom an erased user was seen when the request was carried out already: what was on its way then
-- tells of one that it did not know. What of that visitor names no user is the user's as well.
CREATE OR REPLACE PROCEDURE raw.site_tracking_follow_users(tenant_hks bytea[], user_hks bytea[], visitor_hks bytea[])
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    erasure text;
    told record;
BEGIN
    -- Nobody made them up.
    UPDATE raw.site_tracking_tombstone_r AS tombstones
    SET is_known = true
    FROM (
        SELECT tenant_hk, visitor_hk, erasure_id
        FROM raw.site_tracking_tombstone_r
        WHERE NOT is_known
            AND (tenant_hk, visitor_hk) IN (
                SELECT given.tenant_hk, named.visitor_hk
                FROM unnest(tenant_hks, user_hks, visitor_hks) AS given (tenant_hk, user_hk, visitor_hk)
                CROSS JOIN LATERAL unnest(ARRAY[given.user_hk, given.visitor_hk]) AS named (visitor_hk))
        ORDER BY tenant_hk, visitor_hk, erasure_id
        FOR UPDATE
    ) AS came
    WHERE tombstones.tenant_hk = came.tenant_hk
        AND tombstones.visitor_hk = came.visitor_hk
        AND tombstones.erasure_id = came.erasure_id;
    FOR told IN
        SELECT erased.tenant_hk, erased.before, array_agg(erased.visitor_hk ORDER BY erased.visitor_hk) AS visitors
        FROM (
            SELECT given.tenant_hk, given.visitor_hk, max(users.erased_before) AS before
            FROM unnest(tenant_hks, user_hks, visitor_hks) AS given (tenant_hk, user_hk, visitor_hk)
            JOIN raw.site_tracking_tombstone_r AS users
                ON users.tenant_hk = given.tenant_hk AND users.visitor_hk = given.user_hk
            WHERE NOT EXISTS (
                SELECT FROM business.site_user_visitor_b AS others
                WHERE others.visitor_hk = given.visitor_hk AND others.user_hk <> given.user_hk)
            GROUP BY given.tenant_hk, given.visitor_hk
        ) AS erased
        WHERE NOT EXISTS (
            SELECT FROM raw.site_tracking_tombstone_r AS known
            WHERE known.tenant_hk = erased.tenant_hk
                AND known.visitor_hk = erased.visitor_hk
                -- Also one of whom it is known that others were it, too.
                AND coalesce(known.shared_before, known.erased_before) >= erased.before)
        GROUP BY erased.tenant_hk, erased.before
        ORDER BY erased.tenant_hk, erased.before
    LOOP
        erasure := raw.site_tracking_add_erasure(told.tenant_hk, 'ERASING', cardinality(told.visitors), told.before);
        UPDATE raw.site_tracking_erasure_r
        SET record_source = 'site_tracking_follow_users'
        WHERE erasure_id = erasure;
        INSERT INTO raw.site_tracking_tombstone_r (tenant_hk, visitor_hk, erasure_id, erased_before, through_user)
        SELECT told.tenant_hk, visitor_hk, erasure, told.before, true
        FROM unnest(told.visitors) AS visitor_hk;
        PERFORM util.log_audit_event(
            'SITE_TRACKING_ERASURE_REQUESTED', 'erasure', erasure, session_user::text,
            jsonb_build_object('tenant', encode(told.tenant_hk, 'hex'), 'visitors', cardinality(told.visitors)));
    END LOOP;
END
$body$;
COMMENT ON PROCEDURE raw.site_tracking_follow_users(bytea[], bytea[], bytea[])
IS 'Notes of whom events arrive that are erased, with or without a user each, and has the visitors erased as whom erased users were seen in them, as nobody else was.';

-- ------------------------------------------------------------------------------------- requests

CREATE OR REPLACE FUNCTION raw.site_tracking_erased_counts(tenant bytea)
RETURNS text
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT coalesce(
        (
            SELECT erased_counts
            FROM auth.tenant_site_tracking_s
            WHERE tenant_hk = tenant
            ORDER BY load_date DESC
            LIMIT 1
        ),
        'CORRECTED')
$body$;
COMMENT ON FUNCTION raw.site_tracking_erased_counts(bytea)
IS 'What becomes of sums in which erased visitors are, as the tenant''s settings are now.';

CREATE OR REPLACE FUNCTION raw.site_tracking_bury(tenant bytea, asked bytea[], erasure text, before timestamptz)
RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $body$
    INSERT INTO raw.site_tracking_tombstone_r AS tombstones (
        tenant_hk, visitor_hk, erasure_id, erased_before, is_known, through_user)
    SELECT tenant, meant, erasure, before, business.site_knows(tenant, meant), bool_and(meant <> named)
    FROM unnest(asked) AS named
    CROSS JOIN LATERAL business.site_visitors_of(tenant, named) AS meant
    GROUP BY meant
    -- Who was reached through a user is named now.
    ON CONFLICT (tenant_hk, visitor_hk, erasure_id) DO UPDATE SET
        erased_before = excluded.erased_before,
        through_user = false,
        shared_before = NULL,
        added_in = excluded.added_in
    WHERE tombstones.through_user AND NOT excluded.through_user
$body$;
COMMENT ON FUNCTION raw.site_tracking_bury(bytea, bytea[], text, timestamptz)
IS 'Gives visitors and users of a request their tombstones, and visitors who are reached through these users.';

CREATE OR REPLACE FUNCTION raw.site_tracking_add_erasure(
    tenant bytea, status_now text, visitors integer, before timestamptz
)
RETURNS text
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $body$
    INSERT INTO raw.site_tracking_erasure_r (
        erasure_id, tenant_hk, status, visitors, erased_counts, erased_before, due_at, next_at, load_date, record_source)
    VALUES (
        replace(gen_random_uuid()::text, '-', ''), tenant, status_now, visitors, raw.site_tracking_erased_counts(tenant),
        before, clock_timestamp() + INTERVAL '1 month', '-infinity', clock_timestamp(), 'site_tracking')
    RETURNING erasure_id
$body$;
COMMENT ON FUNCTION raw.site_tracking_add_erasure(bytea, text, integer, timestamptz)
IS 'Notes a request to erase visitors, and names it.';

CREATE OR REPLACE FUNCTION raw.site_tracking_named_visitors(visitors jsonb)
RETURNS TABLE (
    visitor_hk bytea,
    visitor_bk text,
    client_id text,
    id_kind text
)
LANGUAGE plpgsql
IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    named CONSTANT jsonb := CASE jsonb_typeof(visitors) WHEN 'object' THEN jsonb_build_array(visitors) ELSE visitors END;
BEGIN
    IF coalesce(jsonb_typeof(named), '') <> 'array' OR jsonb_array_length(named) NOT BETWEEN 1 AND 10000 THEN
        PERFORM business.site_argument_error('visitors', 'A visitor, or an array of 1 to 10000.');
    END IF;
    FOR visitor_hk, visitor_bk, client_id, id_kind IN
        SELECT
            CASE WHEN key = 'visitor_hk' AND value #>> '{}' ~ '^[0-9a-f]{64}$' THEN decode(value #>> '{}', 'hex') END,
            CASE WHEN key = 'visitor_bk' AND value #>> '{}' ~ '^(vis|anon)_[0-9a-f]{32}$' THEN value #>> '{}' END,
            CASE WHEN key IN ('visitor_id', 'user_id') AND raw.site_tracking_id_breach(value, key) IS NULL
                THEN raw.site_tracking_id(value) END,
            key
        FROM jsonb_array_elements(named) WITH ORDINALITY AS elements (given, place)
        CROSS JOIN LATERAL (
            SELECT CASE count(*) WHEN 1 THEN min(name) END AS key
            FROM jsonb_object_keys(CASE jsonb_typeof(given) WHEN 'object' THEN given ELSE '{}' END) AS name
        ) AS keys
        CROSS JOIN LATERAL (SELECT given -> key AS value OFFSET 0) AS members
        ORDER BY place
    LOOP
        IF coalesce(visitor_hk::text, visitor_bk, client_id) IS NULL THEN
            PERFORM business.site_argument_error(
                'visitors', 'Each an object of visitor_id, user_id, visitor_bk or visitor_hk.');
        END IF;
        RETURN NEXT;
    END LOOP;
END
$body$;
COMMENT ON FUNCTION raw.site_tracking_named_visitors(jsonb)
IS 'The visitors that a request names. Errors: ST400.';

CREATE OR REPLACE FUNCTION raw.site_tracking_asked_visitors(tenant bytea, visitors jsonb)
RETURNS TABLE (
    visitor_hk bytea,
    client_id text,
    id_kind text
)
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
#variable_conflict use_column
DECLARE
    named record;
BEGIN
    FOR named IN
        SELECT given.*
        FROM raw.site_tracking_named_visitors(visitors)
            WITH ORDINALITY AS given (visitor_hk, visitor_bk, client_id, id_kind, place)
        ORDER BY place
    LOOP
        -- A hash key is the tenant's only where its hub says so; other keys are made with the tenant's here.
        IF named.visitor_hk IS NOT NULL AND NOT business.site_knows(tenant, named.visitor_hk) THEN
            PERFORM business.site_argument_error(
                'visitors', format('No visitor of the tenant has the visitor_hk in place %s.', named.place));
        END IF;
        visitor_hk := coalesce(named.visitor_hk, business.site_hash_key(tenant, named.visitor_bk));
        client_id := named.client_id;
        id_kind := named.id_kind;
        RETURN NEXT;
    END LOOP;
END
$body$;
COMMENT ON FUNCTION raw.site_tracking_asked_visitors(bytea, jsonb)
IS 'The visitors of a tenant that a request names: by hash key, or by an id of which the job tells whom it means. Errors: ST400.';

CREATE OR REPLACE FUNCTION raw.site_tracking_tracked_id(event jsonb, kind text)
RETURNS text
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT id
    FROM (VALUES
        (1, raw.site_tracking_id(raw.site_tracking_given(event -> kind))),
        (2, raw.site_tracking_id(raw.site_tracking_given(event -> 'event_data' -> kind)))) AS given (place, id)
    -- Scripts write one of these when they have none.
    WHERE lower(id) NOT IN (
        'undefined', 'null', 'nan', 'none', '[object object]', '00000000-0000-0000-0000-000000000000',
        '00000000000000000000000000000000')
    ORDER BY place
    LIMIT 1
$body$;
COMMENT ON FUNCTION raw.site_tracking_tracked_id(jsonb, text)
IS 'A visitor_id or user_id of an event as it was tracked, as the contract reads it: the first that names somebody.';

CREATE OR REPLACE FUNCTION raw.site_tracking_forget(tenant bytea, visitors jsonb)
RETURNS jsonb
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    -- What collector and outbox have in hand is appended by then.
    before CONSTANT timestamptz := clock_timestamp() + INTERVAL '10 seconds';
    most_open CONSTANT integer := 100;
    keys bytea[];
    ids text[];
    kinds text[];
    erasure text;
BEGIN
    IF (
        SELECT count(*)
        FROM raw.site_tracking_erasure_r
        WHERE tenant_hk = tenant
            AND status IN ('NAMING', 'ERASING')
            -- Those nobody asked for.
            AND record_source <> 'site_tracking_follow_users'
    ) >= most_open THEN
        PERFORM business.site_argument_error('visitors', format(
            '%s requests are open already. Wait, or name more visitors in one.', most_open));
    END IF;
    SELECT
        coalesce(array_agg(visitor_hk) FILTER (WHERE client_id IS NULL), '{}'),
        coalesce(array_agg(client_id) FILTER (WHERE client_id IS NOT NULL), '{}'),
        coalesce(array_agg(id_kind) FILTER (WHERE client_id IS NOT NULL), '{}')
    INTO keys, ids, kinds
    FROM (
        -- A key is the same one however it was told.
        SELECT DISTINCT visitor_hk, client_id, CASE WHEN client_id IS NOT NULL THEN id_kind END AS id_kind
        FROM raw.site_tracking_asked_visitors(tenant, visitors)
    ) AS asked;
    erasure := raw.site_tracking_add_erasure(
        tenant, CASE WHEN ids = '{}' THEN 'ERASING' ELSE 'NAMING' END, cardinality(keys) + cardinality(ids), before);
    PERFORM raw.site_tracking_bury(tenant, keys, erasure, before);
    -- Here alone the ids are known as clients send them.
    IF ids <> '{}' THEN
        INSERT INTO raw.site_tracking_erasure_id_r (erasure_id, client_id, id_kind, tenant_hk)
        SELECT erasure, client_id, id_kind, tenant
        FROM unnest(ids, kinds) AS asked (client_id, id_kind);
        -- Many events may wait, and many be asked for.
        WITH waiting AS MATERIALIZED (
            SELECT events.outbox_id, kinds.id_kind, raw.site_tracking_tracked_id(events.payload::jsonb, kinds.id_kind) AS client_id
            FROM raw.site_tracking_outbox_r AS events
            CROSS JOIN (VALUES ('visitor_id'), ('user_id')) AS kinds (id_kind)
            WHERE events.tenant_hk = tenant
        )
        DELETE FROM raw.site_tracking_outbox_r AS events
        USING waiting
        JOIN raw.site_tracking_erasure_id_r AS ids
            ON ids.id_kind = waiting.id_kind AND ids.client_id = waiting.client_id
        WHERE ids.erasure_id = erasure
            AND events.tenant_hk = tenant
            AND events.outbox_id = waiting.outbox_id;
    END IF;
    PERFORM util.log_audit_event(
        'SITE_TRACKING_ERASURE_REQUESTED', 'erasure', erasure, session_user::text,
        jsonb_build_object('tenant', encode(tenant, 'hex'), 'visitors', jsonb_array_length(
            CASE jsonb_typeof(visitors) WHEN 'object' THEN jsonb_build_array(visitors) ELSE visitors END)));
    RETURN raw.site_tracking_erasures(tenant, erasure) #> '{erasures,0}';
END
$body$;
COMMENT ON FUNCTION raw.site_tracking_forget(bytea, jsonb)
IS 'The data of api.forget_visitor. Errors: ST400.';

-- What only others know has no date. Topics are told as they should be: a job warns where they keep more.
CREATE OR REPLACE FUNCTION raw.site_tracking_copies_end(tenant bytea, erased_before timestamptz, done_at timestamptz)
RETURNS jsonb
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT jsonb_build_object(
        'job_state', business.site_utc(erased_before + raw.site_tracking_archived_for()),
        'keys_of_erased_events', business.site_utc(
            done_at + greatest(INTERVAL '30 days', raw.site_tracking_archived_for())),
        'checkpoints_and_savepoints', NULL,
        'events_topic', business.site_utc(erased_before + INTERVAL '7 days'),
        -- What waited in the other one for a week was rejected then.
        'rejected_topic', business.site_utc(erased_before + INTERVAL '10 days'),
        'database_log_and_backups', business.site_utc(done_at + INTERVAL '1 day' * (
            SELECT keep_backups_days
            FROM auth.tenant_site_tracking_s
            WHERE tenant_hk = tenant
            ORDER BY load_date DESC
            LIMIT 1)))
$body$;
COMMENT ON FUNCTION raw.site_tracking_copies_end(bytea, timestamptz, timestamptz)
IS 'Until when copies of what a request erased last at most, as far as this database is told; NULL where it is not, or as long as the request is not done.';

CREATE OR REPLACE FUNCTION raw.site_tracking_erasures(tenant bytea, erasure text)
RETURNS jsonb
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT jsonb_build_object('erasures', coalesce(jsonb_agg(jsonb_build_object(
        'erasure_id', erasure_id,
        'status', status,
        'visitors', visitors,
        'erased_counts', erased_counts,
        'requested_at', business.site_utc(load_date),
        'erased_before', business.site_utc(erased_before),
        'due_at', business.site_utc(due_at),
        'done_at', business.site_utc(done_at),
        'failure', failure,
        'waits_for', CASE WHEN status = 'ERASING' AND raw.site_tracking_carries_over() THEN 'reprocess' END,
        'erased_rows', erased_rows,
        'copies', jsonb_build_object(
            'job_state', 'removed within a minute or two while the job runs; nothing of it is written any more',
            'checkpoints_and_savepoints', 'until they are deleted, in checkpoints and native savepoints made later also until RocksDB has written its files anew; nothing of them is written any more',
            'events_topic', 'until retention.ms has passed; nothing of it is loaded again, but perhaps of a visitor of whom nothing was known, after 30 days and archive.ttl',
            'rejected_topic', 'until retention.ms has passed; nothing of it is loaded again, but perhaps of a visitor of whom nothing was known, after 30 days and archive.ttl',
            'database_log_and_backups', 'as long as they are kept; after a restore ask again'),
        'copies_end', raw.site_tracking_copies_end(tenant, erased_before, done_at))
        ORDER BY load_date DESC), '[]'))
    FROM (
        SELECT *
        FROM raw.site_tracking_erasure_r
        WHERE tenant_hk = tenant AND erasure_id = coalesce(erasure, erasure_id)
        ORDER BY load_date DESC
        LIMIT 100
    ) AS latest
$body$;
COMMENT ON FUNCTION raw.site_tracking_erasures(bytea, text)
IS 'The data of api.get_erasures: how far an erasure is, what it waits for, what it erased where, and which copies end when.';

CREATE OR REPLACE FUNCTION raw.site_tracking_open_erasures(tenant bytea)
RETURNS jsonb
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT jsonb_build_object(
        'open', count(*),
        'overdue', count(*) FILTER (WHERE due_at < now()),
        'oldest_age_seconds', round(extract(epoch FROM clock_timestamp() - min(load_date))::numeric, 1),
        'waits_for', CASE WHEN bool_or(status = 'ERASING') AND raw.site_tracking_carries_over() THEN 'reprocess' END)
    FROM raw.site_tracking_erasure_r AS requests
    WHERE tenant_hk = tenant
        AND status <> 'DONE'
        -- One that was given up is when somebody asked again.
        AND (status <> 'FAILED' OR EXISTS (
            SELECT FROM raw.site_tracking_tombstone_r AS left_over
            WHERE left_over.erasure_id = requests.erasure_id
                AND left_over.shared_before IS NULL
                AND NOT EXISTS (
                    SELECT FROM raw.site_tracking_tombstone_r AS again
                    JOIN raw.site_tracking_erasure_r AS later ON later.erasure_id = again.erasure_id
                    WHERE again.tenant_hk = left_over.tenant_hk
                        AND again.visitor_hk = left_over.visitor_hk
                        AND again.erased_before >= left_over.erased_before
                        AND later.status = 'DONE')))
$body$;
COMMENT ON FUNCTION raw.site_tracking_open_erasures(bytea)
IS 'How many erasures of a tenant are not done yet, nor by a later one, and what they wait for.';

CREATE OR REPLACE FUNCTION raw.site_tracking_ids_to_name(most integer DEFAULT 1000)
RETURNS TABLE (
    erasure_id text,
    client_id text,
    tenant_hk text,
    id_kind text
)
LANGUAGE sql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $body$
    DELETE FROM raw.site_tracking_export_r WHERE load_date < now() - INTERVAL '1 hour';
    SELECT export_id, client_id, encode(tenant_hk, 'hex'), id_kind
    FROM raw.site_tracking_export_r
    WHERE visitor_hk IS NULL
    UNION ALL
    SELECT *
    FROM (
        SELECT erasure_id, client_id, encode(tenant_hk, 'hex'), id_kind
        FROM raw.site_tracking_erasure_id_r
        -- The job is told of no others, and would leave them where they are.
        WHERE tenant_hk IN (SELECT tenant_hk FROM auth.tenant_h WHERE tenant_bk IS NOT NULL)
        LIMIT most
    ) AS waiting
$body$;
COMMENT ON FUNCTION raw.site_tracking_ids_to_name(integer)
IS 'The ids of visitors and users whose data is asked for, and so many of those to erase, of which the job has to tell whom they are. Those of old questions are deleted.';

CREATE OR REPLACE FUNCTION raw.site_tracking_name_visitors(
    erasures text[], ids text[], kinds text[], visitor_bks text[]
)
RETURNS void
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    requests_named bigint;
BEGIN
    -- One subtask of the job does it for all.
    PERFORM FROM raw.site_tracking_erasure_r WHERE erasure_id = ANY (erasures) ORDER BY erasure_id FOR UPDATE;
    WITH given AS MATERIALIZED (
        SELECT * FROM unnest(erasures, ids, kinds, visitor_bks) AS given (erasure_id, client_id, id_kind, visitor_bk)
    ),
    gone AS (
        DELETE FROM raw.site_tracking_erasure_id_r AS waiting
        USING (SELECT DISTINCT erasure_id, client_id, id_kind FROM given) AS told
        WHERE waiting.erasure_id = told.erasure_id
            AND waiting.client_id = told.client_id
            AND waiting.id_kind = told.id_kind
        RETURNING waiting.*
    ),
    named AS (
        SELECT
            gone.erasure_id, gone.tenant_hk,
            array_agg(business.site_hash_key(gone.tenant_hk, given.visitor_bk)) AS visitor_hks
        FROM gone
        JOIN given
            ON given.erasure_id = gone.erasure_id
            AND given.client_id = gone.client_id
            AND given.id_kind = gone.id_kind
        GROUP BY gone.erasure_id, gone.tenant_hk
    )
    SELECT count(raw.site_tracking_bury(
        named.tenant_hk, named.visitor_hks, named.erasure_id, requests.erased_before))
    INTO requests_named
    FROM named
    JOIN raw.site_tracking_erasure_r AS requests ON requests.erasure_id = named.erasure_id;
    WITH given AS MATERIALIZED (
        SELECT * FROM unnest(erasures, ids, kinds, visitor_bks) AS given (export_id, client_id, id_kind, visitor_bk)
    ),
    gone AS (
        DELETE FROM raw.site_tracking_export_r AS exports
        USING (SELECT DISTINCT export_id, client_id, id_kind FROM given) AS told
        WHERE exports.export_id = told.export_id
            AND exports.client_id = told.client_id
            AND exports.id_kind = told.id_kind
            AND exports.visitor_hk IS NULL
        RETURNING exports.*
    )
    INSERT INTO raw.site_tracking_export_r (export_id, tenant_hk, client_id, id_kind, visitor_hk, load_date)
    SELECT
        replace(gen_random_uuid()::text, '-', ''), gone.tenant_hk, gone.client_id, gone.id_kind,
        business.site_hash_key(gone.tenant_hk, given.visitor_bk), gone.load_date
    FROM gone
    JOIN given
        ON given.export_id = gone.export_id
        AND given.client_id = gone.client_id
        AND given.id_kind = gone.id_kind;
    UPDATE raw.site_tracking_erasure_r AS requests
    SET status = 'ERASING'
    WHERE requests.erasure_id = ANY (erasures)
        AND requests.status = 'NAMING'
        AND NOT EXISTS (
            SELECT FROM raw.site_tracking_erasure_id_r AS waiting
            WHERE waiting.erasure_id = requests.erasure_id);
END
$body$;
COMMENT ON FUNCTION raw.site_tracking_name_visitors(text[], text[], text[], text[])
IS 'Puts the hash keys of visitors in the place of the ids that a request named, of kinds; an id may mean several. The ids are gone then.';

-- Of a vault in use, replaced by those with pages, or a period.
DO $replaced$
BEGIN
    IF to_regprocedure('raw.site_tracking_forgotten(text)') IS NOT NULL THEN
        DROP FUNCTION raw.site_tracking_forgotten(text);
    END IF;
    IF to_regprocedure('business.site_remove_sessions(bytea, bytea[])') IS NOT NULL THEN
        DROP FUNCTION business.site_remove_sessions(bytea, bytea[]);
    END IF;
    IF to_regprocedure('raw.site_tracking_ids_to_name()') IS NOT NULL THEN
        DROP FUNCTION raw.site_tracking_ids_to_name();
    END IF;
END
$replaced$;

CALL raw.site_tracking_own_routines();
GRANT EXECUTE ON FUNCTION raw.site_tracking_erase_next() TO site_tracking_eraser;
GRANT EXECUTE ON FUNCTION
    raw.site_tracking_begin_load(text),
    raw.site_tracking_end_load(),
    raw.site_tracking_forgotten(text, text, text, text, integer),
    raw.site_tracking_dissolved(bytea[]),
    raw.site_tracking_ids_to_name(integer),
    raw.site_tracking_name_visitors(text[], text[], text[], text[]),
    business.site_erased_events(bytea[], bigint[], bytea[])
TO site_tracking_loader;
GRANT EXECUTE ON PROCEDURE
    raw.site_tracking_hold_parts(bytea[]),
    raw.site_tracking_dissolve(bytea[], bytea[]),
    raw.site_tracking_forget_events(bytea[], text[]),
    raw.site_tracking_follow_users(bytea[], bytea[], bytea[]),
    raw.site_tracking_share_visitors(bytea[], bytea[]),
    raw.site_tracking_note_objections(bytea[], bytea[], bigint[]),
    business.site_keep_erased(bigint[], bytea[], bytea[])
TO site_tracking_loader;

COMMIT;
