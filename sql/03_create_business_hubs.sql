-- Purpose: the hubs of the vault, and what a run of the job without state asks of them. Run after 02.
--
-- Tables are written as in 01: created where missing, checked where present (ST010), and the trailing
-- comments become catalog comments. Nothing is changed by a second run, nor by a run that fails.

BEGIN;

DO $lock$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('site_tracking', 0));
END
$lock$;

CALL raw.site_tracking_install_table($table$
CREATE TABLE IF NOT EXISTS business.site_session_h ( -- Hub: sessions. Each tenant may also have the reserved sessions sess_none (events that make no session), sess_late (events later than the allowed lateness) and sess_erased (events of visitors who were erased), without satellites.
    session_hk bytea NOT NULL CHECK (octet_length(session_hk) = 32), -- SHA-256 of hex(tenant_hk), a bar and session_bk.
    session_bk varchar(255) NOT NULL, -- Business key, unique within the tenant.
    tenant_hk bytea NOT NULL, -- Tenant that the row belongs to.
    load_date timestamptz NOT NULL, -- Append time of the Kafka record that brought the row.
    record_source varchar(100) NOT NULL, -- Program that wrote the row.
    PRIMARY KEY (session_hk)
)
$table$, to_owner => 'SELECT, INSERT, DELETE', to_loader => 'SELECT, INSERT', to_analysts => true);

-- Finds all sessions of a client session id or visitor, whose keys begin alike.
CALL raw.site_tracking_install_index('business', 'site_session_h_bk',
    'ON business.site_session_h (tenant_hk, session_bk COLLATE "C")',
    'Sessions of a client session id or visitor: a replay finds those that no longer exist.');

CALL raw.site_tracking_install_table($table$
CREATE TABLE IF NOT EXISTS business.site_visitor_h ( -- Hub: visitors, by pseudonym.
    visitor_hk bytea NOT NULL CHECK (octet_length(visitor_hk) = 32), -- SHA-256 of hex(tenant_hk), a bar and visitor_bk.
    visitor_bk varchar(255) NOT NULL, -- Business key, unique within the tenant.
    tenant_hk bytea NOT NULL, -- Tenant that the row belongs to.
    load_date timestamptz NOT NULL, -- Append time of the Kafka record that brought the row; the UTC day of it where an erasure reached what the visitor did.
    record_source varchar(100) NOT NULL, -- Program that wrote the row.
    PRIMARY KEY (visitor_hk)
)
$table$, to_owner => 'SELECT, UPDATE (load_date)', to_loader => 'SELECT, INSERT', to_analysts => true);

CALL raw.site_tracking_install_table($table$
CREATE TABLE IF NOT EXISTS business.site_page_h ( -- Hub: pages.
    page_hk bytea NOT NULL CHECK (octet_length(page_hk) = 32), -- SHA-256 of hex(tenant_hk), a bar and page_bk.
    page_bk text NOT NULL, -- Business key, unique within the tenant.
    tenant_hk bytea NOT NULL, -- Tenant that the row belongs to.
    load_date timestamptz NOT NULL, -- Append time of the Kafka record that brought the row.
    record_source varchar(100) NOT NULL, -- Program that wrote the row.
    PRIMARY KEY (page_hk)
)
$table$, to_owner => 'SELECT', to_loader => 'SELECT, INSERT', to_analysts => true);

CALL raw.site_tracking_install_table($table$
CREATE TABLE IF NOT EXISTS business.business_item_h ( -- Hub: business items, whatever a tenant offers.
    business_item_hk bytea NOT NULL CHECK (octet_length(business_item_hk) = 32), -- SHA-256 of hex(tenant_hk), a bar and business_item_bk.
    business_item_bk varchar(255) NOT NULL, -- Business key, unique within the tenant.
    tenant_hk bytea NOT NULL, -- Tenant that the row belongs to.
    load_date timestamptz NOT NULL, -- Append time of the Kafka record that brought the row.
    record_source varchar(100) NOT NULL, -- Program that wrote the row.
    PRIMARY KEY (business_item_hk)
)
$table$, to_owner => 'SELECT', to_loader => 'SELECT, INSERT', to_analysts => true);

CALL raw.site_tracking_install_table($table$
CREATE TABLE IF NOT EXISTS business.site_event_h ( -- Hub: events.
    event_timestamp timestamptz NOT NULL, -- When the event happened; selects the day partition.
    event_hk bytea NOT NULL CHECK (octet_length(event_hk) = 32), -- SHA-256 of hex(tenant_hk), a bar and event_bk.
    event_bk varchar(255) NOT NULL, -- Business key, unique within the tenant.
    tenant_hk bytea NOT NULL, -- Tenant that the row belongs to.
    load_date timestamptz NOT NULL, -- Append time of the Kafka record that brought the row.
    record_source varchar(100) NOT NULL, -- Program that wrote the row.
    PRIMARY KEY (event_timestamp, event_hk)
) PARTITION BY RANGE (event_timestamp)
$table$, to_owner => 'SELECT, DELETE', to_loader => 'SELECT, INSERT', to_analysts => true);

-- ------------------------------------------------------------------------------ runs without state
-- Rows tell by xmin which transaction wrote them, also when they are frozen. It has 32 bits, which are
-- filled up from the latest transaction's 64: right for the last four thousand million of them.

CREATE OR REPLACE FUNCTION raw.site_tracking_server()
RETURNS bigint
LANGUAGE sql
STABLE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT system_identifier FROM pg_control_system()
$body$;
COMMENT ON FUNCTION raw.site_tracking_server()
IS 'The server whose transactions are numbered here: another one after a dump was restored.';

-- What a run that lost its state had written is in the vault, and what it had counted last is not. The
-- total of ACCEPTED goes up to the rows, on the newest days, and RECEIVED follows what became of it. What the
-- run that begins has counted already stays out of it: it counts what it receives before it can write events.
CREATE OR REPLACE PROCEDURE raw.site_tracking_settle_ledger(of_run text, source text)
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $body$
BEGIN
    INSERT INTO raw.site_tracking_ledger_r AS ledger (
        ledger_date, tenant_hk, outcome, code, run_id, event_count, load_date, record_source)
    SELECT
        missing.ledger_date, missing.tenant_hk, 'ACCEPTED', '', coalesce(latest.run_id, 'settled'),
        missing.events, now(), source
    FROM (
        SELECT
            days.ledger_date,
            days.tenant_hk,
            least(days.more, sum(days.surplus) OVER tenant - sum(days.more) OVER newer + days.more)
                AS events
        FROM (
            SELECT
                ledger_date,
                tenant_hk,
                coalesce(held.events, 0) - coalesce(told.events, 0) AS surplus,
                greatest(coalesce(held.events, 0) - coalesce(told.events, 0), 0) AS more
            FROM (
                SELECT ledger_date, tenant_hk, sum(events) AS events
                FROM (
                    SELECT (load_date AT TIME ZONE 'UTC')::date AS ledger_date, tenant_hk, count(*) AS events
                    FROM business.site_event_h
                    WHERE load_date >= raw.site_tracking_kept_from(tenant_hk, 'ledger')
                    GROUP BY 1, 2
                    UNION ALL
                    SELECT ledger_date, tenant_hk, event_count
                    FROM raw.site_tracking_expired_r
                ) AS there
                GROUP BY ledger_date, tenant_hk
            ) AS held
            FULL JOIN (
                SELECT ledger_date, tenant_hk, sum(event_count) AS events
                FROM raw.site_tracking_ledger_r
                WHERE outcome = 'ACCEPTED' AND run_id <> of_run
                GROUP BY ledger_date, tenant_hk
            ) AS told
                USING (ledger_date, tenant_hk)
        ) AS days
        WINDOW
            tenant AS (PARTITION BY days.tenant_hk),
            newer AS (PARTITION BY days.tenant_hk ORDER BY days.ledger_date DESC)
    ) AS missing
    LEFT JOIN LATERAL (
        SELECT totals.run_id
        FROM raw.site_tracking_ledger_r AS totals
        WHERE totals.tenant_hk = missing.tenant_hk AND totals.run_id <> of_run
        ORDER BY totals.load_date DESC, totals.run_id
        LIMIT 1
    ) AS latest ON true
    WHERE missing.events > 0
    ON CONFLICT (ledger_date, tenant_hk, outcome, code, run_id) DO UPDATE SET
        event_count = ledger.event_count + excluded.event_count,
        load_date = excluded.load_date;

    INSERT INTO raw.site_tracking_ledger_r AS ledger (
        ledger_date, tenant_hk, outcome, code, run_id, event_count, load_date, record_source)
    SELECT
        books.ledger_date, books.tenant_hk, 'RECEIVED', latest.code, latest.run_id,
        latest.event_count + books.missing, now(), source
    FROM (
        SELECT
            ledger_date,
            tenant_hk,
            coalesce(
                sum(event_count) FILTER (WHERE outcome IN ('ACCEPTED', 'DUPLICATE', 'REJECTED')), 0)
                - coalesce(sum(event_count) FILTER (WHERE outcome = 'RECEIVED'), 0) AS missing
        FROM raw.site_tracking_ledger_r
        WHERE run_id <> of_run
        GROUP BY ledger_date, tenant_hk
    ) AS books
    CROSS JOIN LATERAL (
        -- A total that is there, where one is great enough; else a new one of the latest run.
        SELECT
            CASE WHEN totals.outcome = 'RECEIVED' THEN totals.code ELSE '' END AS code,
            totals.run_id,
            CASE WHEN totals.outcome = 'RECEIVED' THEN totals.event_count ELSE 0 END AS event_count
        FROM raw.site_tracking_ledger_r AS totals
        WHERE totals.tenant_hk = books.tenant_hk
            AND totals.ledger_date = books.ledger_date
            AND totals.run_id <> of_run
            AND (totals.outcome = 'RECEIVED' AND totals.event_count >= - books.missing
                OR books.missing > 0)
        ORDER BY totals.outcome = 'RECEIVED' DESC, totals.code, totals.load_date DESC, totals.run_id
        LIMIT 1
    ) AS latest
    WHERE books.missing <> 0
    ON CONFLICT (ledger_date, tenant_hk, outcome, code, run_id) DO UPDATE SET
        event_count = excluded.event_count,
        load_date = excluded.load_date;
END
$body$;
COMMENT ON PROCEDURE raw.site_tracking_settle_ledger(text, text)
IS 'Brings the ledger of all runs but the one that begins up to the events of the vault and balances it, after a run lost its state; reads all event keys, and must not be called while a job writes.';

CREATE OR REPLACE FUNCTION raw.site_tracking_begin_run(of_run text, source text)
RETURNS bigint
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    began bigint;
BEGIN
    -- The run's subtasks begin together: the first one of them does it for all.
    PERFORM pg_advisory_xact_lock(hashtextextended('site_tracking_run', 0));
    SELECT began_transaction INTO began FROM raw.site_tracking_run_r WHERE run_id = of_run;
    IF found THEN
        RETURN began;
    END IF;
    began := CASE
        WHEN EXISTS (SELECT FROM business.site_event_h) THEN pg_current_xact_id()::text::bigint
        ELSE 0 END;
    INSERT INTO raw.site_tracking_run_r (run_id, began_transaction, load_date, record_source)
    VALUES (of_run, began, clock_timestamp(), source);
    CALL raw.site_tracking_settle_ledger(of_run, source);
    RETURN began;
END
$body$;
COMMENT ON FUNCTION raw.site_tracking_begin_run(text, text)
IS 'Notes that a run of the job begins without state, settles the ledger of those before it, and returns its first transaction; for a run that has begun only that. 0 where the vault held no event.';

CREATE OR REPLACE FUNCTION business.site_events_written_before(
    event_micros bigint[], event_hks bytea[], before bigint
)
RETURNS TABLE (number integer, transaction bigint)
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
-- All look-ups are by key.
SET enable_hashjoin = off
SET enable_mergejoin = off
SET enable_seqscan = off
SET jit = off
AS $body$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT given.number::integer, written.transaction
    FROM (
        SELECT greatest(
            pg_current_xact_id()::text::bigint, pg_snapshot_xmax(pg_current_snapshot())::text::bigint
        ) AS transaction
        OFFSET 0
    ) AS latest
    CROSS JOIN unnest(event_micros, event_hks) WITH ORDINALITY AS given (micros, event_hk, number)
    JOIN business.site_event_h AS events
        ON events.event_timestamp = timestamptz 'epoch' + given.micros * INTERVAL '1 microsecond'
        AND events.event_hk = given.event_hk
    CROSS JOIN LATERAL (
        SELECT latest.transaction - ((latest.transaction - events.xmin::text::bigint) & 4294967295)
            AS transaction
    ) AS written
    WHERE written.transaction < before;
END
$body$;
COMMENT ON FUNCTION business.site_events_written_before(bigint[], bytea[], bigint)
IS 'Which of the given events, by their place, were written before a transaction, and by which.';

CREATE OR REPLACE FUNCTION raw.site_tracking_keep_event_times(
    tenant_hks bytea[], event_hks bytea[], key_micros bigint[], event_micros bigint[]
)
RETURNS TABLE (number integer, at_micros bigint)
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
-- All look-ups are by key.
SET enable_hashjoin = off
SET enable_mergejoin = off
SET enable_seqscan = off
SET jit = off
AS $body$
#variable_conflict use_column
BEGIN
    -- In one order, so that none waits for another in a circle.
    INSERT INTO raw.site_tracking_event_time_r (keyed_at, event_hk, tenant_hk, event_timestamp)
    SELECT instant.keyed_at, given.event_hk, given.tenant_hk, instant.at
    FROM unnest(tenant_hks, event_hks, key_micros, event_micros)
        AS given (tenant_hk, event_hk, key_micros, micros)
    CROSS JOIN LATERAL (
        SELECT
            timestamptz 'epoch' + given.key_micros * INTERVAL '1 microsecond' AS keyed_at,
            timestamptz 'epoch' + given.micros * INTERVAL '1 microsecond' AS at
    ) AS instant
    WHERE given.key_micros <> given.micros
        AND NOT EXISTS (
            SELECT FROM business.site_event_h AS events
            WHERE events.event_timestamp = instant.keyed_at AND events.event_hk = given.event_hk
        )
    ORDER BY instant.keyed_at, given.event_hk
    ON CONFLICT (keyed_at, event_hk) DO NOTHING;

    -- An event that is neither there nor new is at the time in its key.
    RETURN QUERY
    SELECT
        given.number::integer,
        coalesce((extract(epoch FROM kept.event_timestamp) * 1000000)::bigint, given.key_micros)
    FROM unnest(event_hks, key_micros, event_micros)
        WITH ORDINALITY AS given (event_hk, key_micros, micros, number)
    LEFT JOIN raw.site_tracking_event_time_r AS kept
        ON kept.keyed_at = timestamptz 'epoch' + given.key_micros * INTERVAL '1 microsecond'
        AND kept.event_hk = given.event_hk
    WHERE coalesce((extract(epoch FROM kept.event_timestamp) * 1000000)::bigint, given.key_micros)
        <> given.micros;
END
$body$;
COMMENT ON FUNCTION raw.site_tracking_keep_event_times(bytea[], bytea[], bigint[], bigint[])
IS 'Which of the given events, by their place, occurred at another time than the given one, and when: as another delivery came first. What was answered holds for ever.';

-- What was there before there were caps is not new. Campaign values count as new once.
INSERT INTO raw.site_tracking_value_r (value_key, kind, tenant_hk, kept_from)
SELECT hubs.value_key, hubs.kind, hubs.tenant_hk, timestamptz 'epoch'
FROM (
    SELECT page_hk AS value_key, 'page' AS kind, tenant_hk FROM business.site_page_h
    UNION ALL
    SELECT business_item_hk, 'item', tenant_hk FROM business.business_item_h
) AS hubs
WHERE NOT EXISTS (SELECT FROM raw.site_tracking_value_r);

CALL raw.site_tracking_own_routines();
GRANT EXECUTE ON FUNCTION
    raw.site_tracking_server(),
    raw.site_tracking_begin_run(text, text),
    raw.site_tracking_keep_event_times(bytea[], bytea[], bigint[], bigint[]),
    business.site_events_written_before(bigint[], bytea[], bigint)
TO site_tracking_loader;

COMMIT;
