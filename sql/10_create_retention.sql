-- Purpose: retention: for how many days the layers are kept of each tenant, what is over, and what removes
-- it. Run after 09.
--
-- Days are UTC days of event_timestamp, of session_start and, in the ledger, of the append time. Sums stay
-- when their sessions and events go: rollups tell of nobody.

BEGIN;

DO $lock$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('site_tracking', 0));
END
$lock$;

-- An event is kept in no other layer longer than in the vault, and there no longer than its session. While the job's
-- archive has it, raw does: whoever asks what is held of a person is told by raw.
CREATE OR REPLACE FUNCTION raw.site_tracking_retention(on_day date)
RETURNS TABLE (
    tenant_hk bytea,
    layer text,
    keep_days integer,
    keep_from date
)
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT tenants.tenant_hk, layers.layer, layers.keep_days, on_day - layers.keep_days
    FROM auth.tenant_h AS tenants
    LEFT JOIN LATERAL (
        SELECT *
        FROM auth.tenant_site_tracking_s AS versions
        WHERE versions.tenant_hk = tenants.tenant_hk
        ORDER BY versions.load_date DESC
        LIMIT 1
    ) AS settings ON true
    CROSS JOIN (
        SELECT max(archive_days) AS archive_days FROM raw.site_tracking_heartbeat_r WHERE program = 'LOADER'
    ) AS job
    CROSS JOIN LATERAL (VALUES
        ('raw', least(
            CASE WHEN settings.keep_raw_days > 0 THEN greatest(settings.keep_raw_days, job.archive_days) END,
            settings.keep_events_days, settings.keep_sessions_days)),
        ('rejected', settings.keep_rejected_days),
        ('staging', least(settings.keep_staging_days, settings.keep_events_days, settings.keep_sessions_days)),
        ('events', least(settings.keep_events_days, settings.keep_sessions_days)),
        ('sessions', settings.keep_sessions_days),
        ('ledger', settings.keep_ledger_days)
    ) AS layers (layer, keep_days)
$body$;
COMMENT ON FUNCTION raw.site_tracking_retention(date)
IS 'For how many days each layer of each tenant is kept, and from which UTC day on that is on a day; NULL where without end.';

CREATE OR REPLACE FUNCTION raw.site_tracking_expiring(on_day date DEFAULT (now() AT TIME ZONE 'UTC')::date)
RETURNS TABLE (
    tenant_bk text,
    layer text,
    keep_days integer,
    keep_from date,
    row_count bigint
)
LANGUAGE sql
STABLE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT tenants.tenant_bk::text, settings.layer, settings.keep_days, settings.keep_from, CASE settings.layer
        WHEN 'raw' THEN (
            SELECT count(*)
            FROM raw.site_tracking_events_r
            WHERE tenant_hk = settings.tenant_hk AND event_timestamp < ends.at AND processing_status <> 'ERROR')
        WHEN 'rejected' THEN (
            SELECT count(*)
            FROM raw.site_tracking_events_r
            WHERE tenant_hk = settings.tenant_hk AND event_timestamp < ends.at AND processing_status = 'ERROR')
        WHEN 'staging' THEN (
            SELECT count(*)
            FROM staging.site_tracking_events_s
            WHERE tenant_hk = settings.tenant_hk AND event_timestamp < ends.at)
        WHEN 'events' THEN (
            SELECT count(*)
            FROM business.site_event_h
            WHERE tenant_hk = settings.tenant_hk AND event_timestamp < ends.at)
        WHEN 'sessions' THEN (
            SELECT count(DISTINCT session_hk)
            FROM business.site_session_details_s
            WHERE tenant_hk = settings.tenant_hk AND session_start < ends.at)
        WHEN 'ledger' THEN (
            SELECT count(*)
            FROM raw.site_tracking_ledger_r
            WHERE tenant_hk = settings.tenant_hk AND ledger_date < settings.keep_from)
        END
    FROM raw.site_tracking_retention(on_day) AS settings
    JOIN auth.tenant_h AS tenants ON tenants.tenant_hk = settings.tenant_hk
    CROSS JOIN LATERAL (SELECT settings.keep_from::timestamp AT TIME ZONE 'UTC' AS at) AS ends
    WHERE settings.keep_days IS NOT NULL
    ORDER BY 1, 2
$body$;
COMMENT ON FUNCTION raw.site_tracking_expiring(date)
IS 'Dry run: what retention would remove on a day, as events, sessions or totals, by tenant and layer; reads all of it.';

-- ------------------------------------------------------------------------------------- what goes

CREATE OR REPLACE FUNCTION business.site_expire_keys(tenants bytea[], day date)
RETURNS bigint
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $body$
    -- That an order was counted stays, as it must not be twice, but neither when nor by which event. Loaders lock orders in
    -- this order, and before anything else here.
    UPDATE business.site_order_b AS orders
    SET event_timestamp = '-infinity', event_hk = '', sequence = NULL, event_bk = ''
    FROM (
        SELECT tenant_hk, transaction_hk
        FROM business.site_order_b
        WHERE tenant_hk = ANY (tenants)
            AND event_timestamp > '-infinity'
            AND event_timestamp < (day + 1)::timestamp AT TIME ZONE 'UTC'
        ORDER BY tenant_hk, transaction_hk
        FOR UPDATE
    ) AS past
    WHERE (orders.tenant_hk, orders.transaction_hk) = (past.tenant_hk, past.transaction_hk);
    -- No session is longer than a week; of one that goes on over midnight the rest stays. Paths are locked first, as
    -- loaders do.
    SELECT business.site_hold_item_days(ARRAY(
        SELECT days
        FROM (
            SELECT path
            FROM business.site_session_path_b AS path
            WHERE tenant_hk = ANY (tenants)
                AND key_start >= (day - 7)::timestamp AT TIME ZONE 'UTC'
                AND key_start < (day + 1)::timestamp AT TIME ZONE 'UTC'
                AND items <> '{}'
            FOR UPDATE
        ) AS locked
        CROSS JOIN LATERAL business.site_item_days(locked.path, -1) AS days
        WHERE days.day <= site_expire_keys.day), sums_stay => true);
    DELETE FROM business.site_session_variant_b
    WHERE tenant_hk = ANY (tenants)
        AND key_start >= (day - 7)::timestamp AT TIME ZONE 'UTC'
        AND key_start < (day + 1)::timestamp AT TIME ZONE 'UTC'
        AND exposed_at < (day + 1)::timestamp AT TIME ZONE 'UTC';
    -- What the session is filtered and summed by stays.
    UPDATE business.site_session_path_b
    SET has_ties = false, types = '', offsets = '{}', pages = '{}', items = '{}', item_places = '{}', seen_pages = '{}',
        page_way = '{}', type_way = ''
    WHERE tenant_hk = ANY (tenants)
        AND key_start >= (day - 7)::timestamp AT TIME ZONE 'UTC'
        AND key_start < (day + 1)::timestamp AT TIME ZONE 'UTC'
        AND session_end < (day + 1)::timestamp AT TIME ZONE 'UTC'
        AND types <> '';
    UPDATE business.site_session_path_b AS paths
    SET types = substr(paths.types, parts.gone + 1),
        offsets = paths.offsets[parts.gone + 1:],
        pages = paths.pages[parts.gone + 1:],
        items = ARRAY(
            SELECT item FROM unnest(paths.items, paths.item_places) AS held (item, place) WHERE place > parts.gone),
        item_places = ARRAY(SELECT place - parts.gone FROM unnest(paths.item_places) AS place WHERE place > parts.gone),
        seen_pages = ways.seen_pages,
        page_way = ways.page_way,
        type_way = ways.type_way
    FROM (
        SELECT tenant_hk, key_start, session_hk, types, pages, business.site_events_before(
            key_start, offsets, (day + 1)::timestamp AT TIME ZONE 'UTC') AS gone
        FROM business.site_session_path_b
        WHERE tenant_hk = ANY (tenants)
            AND key_start >= (day - 7)::timestamp AT TIME ZONE 'UTC'
            AND key_start < (day + 1)::timestamp AT TIME ZONE 'UTC'
        OFFSET 0
    ) AS parts
    CROSS JOIN LATERAL business.site_ways_of_path(
        parts.tenant_hk, substr(parts.types, parts.gone + 1), parts.pages[parts.gone + 1:]) AS ways
    WHERE (paths.tenant_hk, paths.key_start, paths.session_hk) = (parts.tenant_hk, parts.key_start, parts.session_hk)
        AND parts.gone > 0;
    WITH removed AS MATERIALIZED (
        DELETE FROM business.site_event_h
        WHERE event_timestamp >= day::timestamp AT TIME ZONE 'UTC'
            AND event_timestamp < (day + 1)::timestamp AT TIME ZONE 'UTC'
            AND tenant_hk = ANY (tenants)
        RETURNING tenant_hk, event_hk, load_date
    ),
    counted AS (
        INSERT INTO raw.site_tracking_expired_r AS totals (
            ledger_date, tenant_hk, event_count, erased_count, load_date, record_source)
        SELECT
            (removed.load_date AT TIME ZONE 'UTC')::date, removed.tenant_hk, count(*), count(erased.event_hk),
            clock_timestamp(), 'site_tracking'
        FROM removed
        LEFT JOIN (
            SELECT links.event_hk
            FROM unnest(tenants) AS tenant
            JOIN business.event_session_l AS links
                ON links.session_hk = business.site_hash_key(tenant, 'sess_erased')
                AND links.event_timestamp >= day::timestamp AT TIME ZONE 'UTC'
                AND links.event_timestamp < (day + 1)::timestamp AT TIME ZONE 'UTC'
        ) AS erased ON erased.event_hk = removed.event_hk
        WHERE removed.load_date >= raw.site_tracking_kept_from(removed.tenant_hk, 'ledger')
        GROUP BY 1, 2
        ORDER BY 1, 2
        ON CONFLICT (ledger_date, tenant_hk) DO UPDATE SET
            event_count = totals.event_count + excluded.event_count,
            erased_count = totals.erased_count + excluded.erased_count,
            load_date = excluded.load_date
    )
    SELECT count(*) FROM removed
$body$;
COMMENT ON FUNCTION business.site_expire_keys(bytea[], date)
IS 'Removes the keys of tenants'' events of a UTC day, and what orders and the paths of sessions tell of them, and counts these beside the ledger; tells how many.';

CREATE OR REPLACE FUNCTION business.site_expire_sessions(tenants bytea[], day date)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan
AS $body$
DECLARE
    from_at CONSTANT timestamptz := day::timestamp AT TIME ZONE 'UTC';
    to_at CONSTANT timestamptz := (day + 1)::timestamp AT TIME ZONE 'UTC';
    tenant bytea;
    sessions bytea[];
    gone bigint := 0;
BEGIN
    FOREACH tenant IN ARRAY ARRAY(
        SELECT given FROM unnest(tenants) AS given ORDER BY get_byte(given, 0) % 64, given) LOOP
        sessions := ARRAY(
            SELECT DISTINCT session_hk
            FROM business.site_session_details_s
            WHERE session_start >= from_at AND session_start < to_at AND tenant_hk = tenant);
        PERFORM business.site_remove_sessions(tenant, sessions, from_at, to_at);
        -- As who refreshes the bridge, but the sums stay.
        PERFORM pg_advisory_xact_lock('business.site_session_b'::regclass::oid::integer, get_byte(tenant, 0) % 64);
        DELETE FROM business.site_session_b
        WHERE tenant_hk = tenant AND key_start >= from_at AND key_start < to_at;
        PERFORM business.site_hold_item_days(ARRAY(
            SELECT days
            FROM business.site_session_path_b AS paths
            CROSS JOIN LATERAL business.site_item_days(paths, -1) AS days
            WHERE paths.tenant_hk = tenant AND paths.key_start >= from_at AND paths.key_start < to_at),
            sums_stay => true);
        DELETE FROM business.site_session_path_b
        WHERE tenant_hk = tenant AND key_start >= from_at AND key_start < to_at;
        DELETE FROM business.site_session_variant_b
        WHERE tenant_hk = tenant AND key_start >= from_at AND key_start < to_at;
        gone := gone + cardinality(sessions);
    END LOOP;
    RETURN gone;
END
$body$;
COMMENT ON FUNCTION business.site_expire_sessions(bytea[], date)
IS 'Removes tenants'' sessions that began on a UTC day; tells how many. What is kept of their events is in no session.';

CREATE OR REPLACE FUNCTION business.site_expire_visitors(tenant bytea, before timestamptz)
RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $body$
    DELETE FROM business.site_visitor_details_s AS versions
    WHERE versions.tenant_hk = tenant
        AND NOT versions.is_bot
        AND versions.event_timestamp < before
        AND (
            EXISTS (
                SELECT FROM business.site_visitor_details_s AS newer
                WHERE newer.visitor_hk = versions.visitor_hk
                    AND newer.event_timestamp > versions.event_timestamp
                    AND newer.event_timestamp <= before)
            OR NOT EXISTS (
                SELECT FROM business.site_session_b AS sessions
                WHERE sessions.tenant_hk = tenant
                    AND sessions.visitor_hk = versions.visitor_hk
                    AND NOT sessions.is_bot));
    DELETE FROM business.visitor_business_item_l AS links
    WHERE links.tenant_hk = tenant
        AND links.load_date < before
        AND NOT EXISTS (
            SELECT FROM business.site_session_b AS sessions
            WHERE sessions.tenant_hk = tenant AND sessions.visitor_hk = links.visitor_hk AND NOT sessions.is_bot);
    DELETE FROM business.site_user_visitor_b AS links
    WHERE links.tenant_hk = tenant
        AND links.load_date < before
        AND NOT EXISTS (
            SELECT FROM business.site_session_b AS sessions
            WHERE sessions.tenant_hk = tenant AND sessions.visitor_hk = links.visitor_hk);
$body$;
COMMENT ON FUNCTION business.site_expire_visitors(bytea, timestamptz)
IS 'Removes what is of a tenant''s visitors and held no more at a time: former descriptions, and all of those without a session, with their links to items and users. The hub keeps their keys.';

CREATE OR REPLACE FUNCTION raw.site_tracking_keep_objections(tenants bytea[], day date)
RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT raw.site_tracking_put_objections(
        array_agg(told.tenant_hk), array_agg(business.site_hash_key(told.tenant_hk, told.visitor_bk)),
        array_agg(told.objected_on))
    FROM (
        SELECT
            tenant_hk,
            coalesce(visitor_bk, payload ->> 'visitor_id') AS visitor_bk,
            max((load_date AT TIME ZONE 'UTC')::date) AS objected_on
        FROM raw.site_tracking_events_r
        WHERE tenant_hk = ANY (tenants)
            AND event_timestamp >= day::timestamp AT TIME ZONE 'UTC'
            AND event_timestamp < (day + 1)::timestamp AT TIME ZONE 'UTC'
            AND processing_status <> 'ERROR'
            AND business.site_opted_out(payload)
        GROUP BY tenant_hk, coalesce(visitor_bk, payload ->> 'visitor_id')
    ) AS told
    WHERE told.visitor_bk NOT LIKE 'anon\_%'
$body$;
COMMENT ON FUNCTION raw.site_tracking_keep_objections(bytea[], date)
IS 'Keeps, before a day of tenants'' raw goes, who objected to sale or sharing on it and may be recognised.';

CREATE OR REPLACE FUNCTION raw.site_tracking_expire_objections(tenant bytea, before timestamptz)
RETURNS bigint
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $body$
    WITH gone AS (
        DELETE FROM raw.site_tracking_objection_r AS objections
        WHERE objections.tenant_hk = tenant
            AND objections.objected_on < (before AT TIME ZONE 'UTC')::date
            AND NOT EXISTS (
                SELECT FROM business.site_session_b AS sessions
                WHERE sessions.tenant_hk = tenant AND sessions.visitor_hk = objections.visitor_hk)
        RETURNING 1
    )
    SELECT count(*) FROM gone
$body$;
COMMENT ON FUNCTION raw.site_tracking_expire_objections(bytea, timestamptz)
IS 'Removes that visitors objected of whom no session is kept any more; tells how many did.';

CREATE OR REPLACE FUNCTION business.site_expire_day(of_layer text, tenants bytea[], day date)
RETURNS jsonb
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan
AS $body$
DECLARE
    target text;
    gone bigint;
    total bigint := CASE of_layer
        WHEN 'events' THEN business.site_expire_keys(tenants, day)
        WHEN 'sessions' THEN business.site_expire_sessions(tenants, day)
        ELSE 0 END;
BEGIN
    IF of_layer IN ('raw', 'staging') THEN
        PERFORM business.site_keep_event_visitors(of_layer, tenants, day);
    END IF;
    FOREACH target IN ARRAY CASE of_layer
        WHEN 'raw' THEN ARRAY['raw.site_tracking_events_r']
        WHEN 'rejected' THEN ARRAY['raw.site_tracking_events_r']
        WHEN 'staging' THEN ARRAY['staging.site_tracking_events_s']
        WHEN 'events' THEN ARRAY[
            'raw.site_tracking_events_r', 'staging.site_tracking_events_s', 'business.event_session_l',
            'business.event_page_l', 'business.event_business_item_l', 'business.site_event_details_s',
            'business.site_repeat_b', 'business.site_event_visitor_b']
        WHEN 'ledger' THEN ARRAY[
            'raw.site_tracking_ledger_r', 'raw.site_tracking_turned_away_r', 'raw.site_tracking_erased_r',
            'raw.site_tracking_expired_r']
        ELSE ARRAY[]::text[] END
    LOOP
        EXECUTE format('DELETE FROM %s WHERE tenant_hk = ANY ($1)', target)
            || CASE WHEN of_layer = 'ledger' THEN ' AND ledger_date = $4'
                ELSE ' AND event_timestamp >= $2 AND event_timestamp < $3' END
            || CASE WHEN target <> 'raw.site_tracking_events_r' THEN ''
                ELSE format(' AND (processing_status = ''ERROR'') = %L', of_layer = 'rejected') END
        USING tenants, day::timestamp AT TIME ZONE 'UTC', (day + 1)::timestamp AT TIME ZONE 'UTC', day;
        GET DIAGNOSTICS gone = ROW_COUNT;
        total := total + gone;
    END LOOP;
    IF of_layer = 'sessions' THEN
        -- Sums of these days are not made anew any more.
        DELETE FROM business.site_rollup_kept_b
        WHERE tenant_hk = ANY (tenants) AND bucket_start < (day + 1)::timestamp AT TIME ZONE 'UTC';
        DELETE FROM business.site_return_kept_b
        WHERE tenant_hk = ANY (tenants) AND start_bucket < (day + 1)::timestamp AT TIME ZONE 'UTC';
        DELETE FROM business.site_item_return_kept_b AS kept
        WHERE tenant_hk = ANY (tenants) AND kept.day <= site_expire_day.day;
    ELSIF of_layer = 'events' THEN
        DELETE FROM business.site_tenant_day_b
        WHERE tenant_hk = ANY (tenants) AND day_start = day::timestamp AT TIME ZONE 'UTC';
        -- Whose time and the time in the key are on two days stays until that one is over, too.
        DELETE FROM raw.site_tracking_event_time_r
        WHERE tenant_hk = ANY (tenants)
            AND keyed_at >= day::timestamp AT TIME ZONE 'UTC'
            AND keyed_at < (day + 1)::timestamp AT TIME ZONE 'UTC';
    END IF;
    RETURN jsonb_build_object('rows', total);
END
$body$;
COMMENT ON FUNCTION business.site_expire_day(text, bytea[], date)
IS 'Removes the rows of a layer that are of tenants and a UTC day; tells how many.';

CREATE OR REPLACE FUNCTION business.site_first_day(of_layer text, from_day date)
RETURNS date
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT CASE
        WHEN of_layer IN ('raw', 'rejected') THEN (
            SELECT min(event_timestamp)
            FROM raw.site_tracking_events_r
            WHERE event_timestamp >= from_day::timestamp AT TIME ZONE 'UTC')
        WHEN of_layer = 'staging' THEN (
            SELECT min(event_timestamp)
            FROM staging.site_tracking_events_s
            WHERE event_timestamp >= from_day::timestamp AT TIME ZONE 'UTC')
        WHEN of_layer = 'events' THEN (
            SELECT min(event_timestamp)
            FROM business.site_event_h
            WHERE event_timestamp >= from_day::timestamp AT TIME ZONE 'UTC')
        WHEN of_layer = 'sessions' THEN (
            SELECT min(session_start)
            FROM business.site_session_details_s
            WHERE session_start >= from_day::timestamp AT TIME ZONE 'UTC')
        WHEN of_layer = 'ledger' THEN (
            SELECT min(ledger_date)::timestamp AT TIME ZONE 'UTC'
            FROM raw.site_tracking_ledger_r
            WHERE ledger_date >= from_day)
        END AT TIME ZONE 'UTC'
$body$;
COMMENT ON FUNCTION business.site_first_day(text, date)
IS 'The first UTC day from one on of which a layer holds rows, whoever''s; NULL where there is none.';

-- ------------------------------------------------------------------------------ who carries it out

CREATE OR REPLACE FUNCTION raw.site_tracking_is_over(of_layer text, day date, today date)
RETURNS boolean
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT of_layer IN ('raw', 'staging', 'events')
        AND NOT EXISTS (
            SELECT FROM raw.site_tracking_retention(today)
            WHERE (layer = of_layer OR layer = 'rejected' AND of_layer <> 'staging')
                AND (keep_from IS NULL OR keep_from <= day))
$body$;
COMMENT ON FUNCTION raw.site_tracking_is_over(text, date, date)
IS 'Whether a layer has partitions by UTC day, and the time of this one is over for all tenants.';

CREATE OR REPLACE FUNCTION raw.site_tracking_look_through(today date)
RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $body$
    INSERT INTO raw.site_tracking_kept_r AS kept (
        tenant_hk, layer, kept_from, next_day, swept_at, dropped_partitions, deleted_rows, load_date, record_source)
    SELECT tenant_hk, layer, '-infinity', '-infinity', clock_timestamp(), 0, 0, clock_timestamp(), 'site_tracking'
    FROM raw.site_tracking_retention(today)
    WHERE keep_from IS NOT NULL
    ON CONFLICT (tenant_hk, layer) DO UPDATE SET next_day = '-infinity', swept_at = excluded.swept_at
    WHERE kept.swept_at < excluded.swept_at - INTERVAL '30 days'
$body$;
COMMENT ON FUNCTION raw.site_tracking_look_through(date)
IS 'Has the layers be looked through that tenants do not keep without end: all days once, and again when that was 30 days ago.';

CREATE OR REPLACE FUNCTION raw.site_tracking_expire_layer(of_layer text, today date)
RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    layers CONSTANT text[] := CASE of_layer
        WHEN 'events' THEN ARRAY['raw', 'staging', 'business']
        ELSE ARRAY[of_layer] END;
    day date;
    is_over boolean;
    visitors bigint;
    tenants bytea[];
    dropped integer := 0;
    deleted bigint := 0;
BEGIN
    day := business.site_first_day(of_layer, (
        SELECT min(kept.next_day)
        FROM raw.site_tracking_kept_r AS kept
        JOIN raw.site_tracking_retention(today) AS settings USING (tenant_hk, layer)
        WHERE kept.layer = of_layer AND kept.next_day < settings.keep_from));
    -- Whose days are all looked through.
    WITH done AS (
        UPDATE raw.site_tracking_kept_r AS kept
        SET kept_from = greatest(kept.kept_from, settings.keep_from),
            next_day = settings.keep_from,
            load_date = clock_timestamp()
        FROM raw.site_tracking_retention(today) AS settings
        WHERE kept.layer = of_layer
            AND settings.tenant_hk = kept.tenant_hk
            AND settings.layer = kept.layer
            AND kept.next_day < settings.keep_from
            AND settings.keep_from <= coalesce(day, 'infinity')
        RETURNING kept.tenant_hk, settings.keep_from
    )
    SELECT
        count(raw.site_tracking_erase_everywhere(
            'site_expire_visitors', tenant_hk::text, (keep_from::timestamp AT TIME ZONE 'UTC')::text))
        + count(raw.site_tracking_expire_scores(tenant_hk, keep_from::timestamp AT TIME ZONE 'UTC'))
        + count(raw.site_tracking_expire_objections(tenant_hk, keep_from::timestamp AT TIME ZONE 'UTC'))
    INTO visitors
    FROM done
    WHERE of_layer = 'sessions';

    -- Where partitions are dropped also who was there before: what came late since goes with them.
    is_over := raw.site_tracking_is_over(of_layer, day, today);
    SELECT array_agg(tenant_hk)
    INTO tenants
    FROM raw.site_tracking_kept_r AS kept
    JOIN raw.site_tracking_retention(today) AS settings USING (tenant_hk, layer)
    WHERE kept.layer = of_layer
        AND day < settings.keep_from
        AND (kept.next_day <= day OR is_over);
    IF tenants IS NULL THEN
        RETURN NULL;
    END IF;

    IF of_layer IN ('raw', 'events') THEN
        PERFORM raw.site_tracking_keep_objections(tenants, day);
    END IF;
    IF of_layer IN ('raw', 'staging') THEN
        PERFORM business.site_keep_event_visitors(of_layer, tenants, day);
    ELSIF of_layer = 'events' AND is_over THEN
        -- What came between would be dropped uncounted.
        IF NOT raw.site_tracking_hold_partitions(layers, day) THEN
            RAISE lock_not_available USING MESSAGE = format('somebody writes to partitions of %s', day);
        END IF;
        deleted := business.site_expire_keys(tenants, day);
    END IF;
    IF is_over THEN
        dropped := raw.site_tracking_drop_partitions(layers, day);
    END IF;
    deleted := deleted + coalesce((raw.site_tracking_erase_everywhere(
        'site_expire_day', of_layer, tenants::text, day::text) ->> 'rows')::bigint, 0);
    UPDATE raw.site_tracking_kept_r
    SET kept_from = greatest(kept_from, day + 1),
        next_day = greatest(next_day, day + 1),
        dropped_partitions = dropped_partitions + dropped,
        deleted_rows = deleted_rows + deleted,
        load_date = clock_timestamp()
    WHERE layer = of_layer AND tenant_hk = ANY (tenants);
    PERFORM util.log_audit_event(
        'SITE_TRACKING_RETENTION', 'layer', of_layer, session_user::text, jsonb_build_object(
            'day', day, 'tenants', ARRAY(SELECT encode(tenant, 'hex') FROM unnest(tenants) AS tenant),
            'deleted_rows', deleted, 'dropped_partitions', dropped));
    RETURN of_layer || ' ' || day;
END
$body$;
COMMENT ON FUNCTION raw.site_tracking_expire_layer(text, date)
IS 'Removes the next UTC day of a layer, of all tenants whose time of it is over on a day, and names both; NULL when nothing is left.';

CREATE OR REPLACE FUNCTION raw.site_tracking_layer_failed(of_layer text, code text)
RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $body$
    UPDATE raw.site_tracking_kept_r
    SET failures = CASE WHEN code IS NULL THEN 0 ELSE failures + 1 END,
        failure = code,
        load_date = clock_timestamp()
    WHERE layer = of_layer AND (code IS NOT NULL OR failures > 0)
$body$;
COMMENT ON FUNCTION raw.site_tracking_layer_failed(text, text)
IS 'Notes that the next day of a layer failed, and by which SQLSTATE; or by NULL that it does no more.';

CREATE OR REPLACE FUNCTION raw.site_tracking_expire(today date)
RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
AS $body$
DECLARE
    of_layer text;
    part text;
BEGIN
    IF NOT raw.site_tracking_may_remove() THEN
        RETURN NULL;
    END IF;
    -- Erasures go on part by part, and let in who waits before the next one.
    PERFORM pg_advisory_xact_lock(hashtextextended('site_tracking_retention', 0));
    PERFORM raw.site_tracking_look_through(today);
    -- Events before the sessions that they are in.
    FOREACH of_layer IN ARRAY ARRAY['raw', 'rejected', 'staging', 'events', 'sessions', 'ledger'] LOOP
        -- One that failed waits the longer, the more often it did, an hour at most.
        CONTINUE WHEN EXISTS (
            SELECT FROM raw.site_tracking_kept_r
            WHERE layer = of_layer
                AND failures > 0
                AND load_date > clock_timestamp() - INTERVAL '1 minute' * least(failures, 60));
        BEGIN
            part := raw.site_tracking_expire_layer(of_layer, today);
            PERFORM raw.site_tracking_layer_failed(of_layer, NULL);
        EXCEPTION
            -- Others are not who cancels: the layers behind it would never come.
            WHEN query_canceled OR OTHERS THEN
                PERFORM raw.site_tracking_layer_failed(of_layer, SQLSTATE);
                part := of_layer || ' failed';
        END;
        IF part IS NOT NULL THEN
            RETURN part;
        END IF;
    END LOOP;
    RETURN NULL;
END
$body$;
COMMENT ON FUNCTION raw.site_tracking_expire(date)
IS 'Removes the next UTC day of a layer whose time is over on a day, of all tenants of which it is, and names both, or a layer that failed; NULL when nothing is left, or not as long as a reprocess carries over. Waits for who removes already.';

CREATE OR REPLACE FUNCTION raw.site_tracking_expire_next()
RETURNS text
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    part text;
BEGIN
    part := raw.site_tracking_expire((now() AT TIME ZONE 'UTC')::date);
    -- Behind the last part alone: who drops a day keeps loaders and readers waiting to the end of the transaction.
    IF part IS NULL THEN
        PERFORM raw.site_tracking_end_requests();
    END IF;
    RETURN part;
END
$body$;
COMMENT ON FUNCTION raw.site_tracking_expire_next()
IS 'Carries out the next part of retention, a day of a layer, and names it, or which layer failed; when there is none to do, or not now, removes what is left of old requests and answers NULL. To be called in transactions of their own.';

CREATE OR REPLACE FUNCTION raw.site_tracking_retention_state(tenant bytea)
RETURNS jsonb
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT coalesce(jsonb_object_agg(layer, jsonb_build_object(
        'keep_days', settings.keep_days,
        'kept_from', CASE WHEN isfinite(kept.kept_from) THEN kept.kept_from END,
        'deleted_rows', kept.deleted_rows,
        'dropped_partitions', kept.dropped_partitions,
        'failure', kept.failure,
        'changed_at', business.site_utc(kept.load_date))), '{}')
    FROM raw.site_tracking_retention((now() AT TIME ZONE 'UTC')::date) AS settings
    LEFT JOIN raw.site_tracking_kept_r AS kept USING (tenant_hk, layer)
    WHERE tenant_hk = tenant AND (settings.keep_days IS NOT NULL OR kept.layer IS NOT NULL)
$body$;
COMMENT ON FUNCTION raw.site_tracking_retention_state(bytea)
IS 'For how many days the layers of a tenant are kept, what was removed so far, and by which SQLSTATE the next day fails; those kept without end and whole are not there.';

CALL raw.site_tracking_own_routines();
GRANT EXECUTE ON FUNCTION
    raw.site_tracking_expire_next(),
    raw.site_tracking_expiring(date)
TO site_tracking_eraser;

COMMIT;
