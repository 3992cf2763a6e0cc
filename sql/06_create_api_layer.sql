-- Purpose: the api layer: what clients may call, and what these functions need. Run after 05.
--
-- Errors, which callers see as codes of the answer: ST400 bad argument, ST403 a tenant that the login may
-- not name, ST404 unknown tenant, ST409 several tenants of one name, ST413 too much to read.

BEGIN;

DO $lock$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('site_tracking', 0));
END
$lock$;

-- --------------------------------------------------------------------------------------- answers

CREATE OR REPLACE FUNCTION business.site_argument_error(field text, message text)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
BEGIN
    RAISE EXCEPTION '%', message USING ERRCODE = 'ST400', COLUMN = field;
END
$body$;
COMMENT ON FUNCTION business.site_argument_error(text, text)
IS 'Raises ST400 for an argument.';

CREATE OR REPLACE FUNCTION business.site_error_code(state text)
RETURNS text
LANGUAGE sql
IMMUTABLE
AS $body$
    SELECT CASE state
        WHEN 'ST400' THEN 'INVALID_ARGUMENT'
        WHEN 'ST403' THEN 'TENANT_MISMATCH'
        WHEN 'ST404' THEN 'UNKNOWN_TENANT'
        WHEN 'ST409' THEN 'AMBIGUOUS_TENANT'
        WHEN 'ST413' THEN 'TOO_EXPENSIVE'
    END
$body$;
COMMENT ON FUNCTION business.site_error_code(text)
IS 'What answers call an SQLSTATE of ours; NULL of any other.';

CREATE OR REPLACE FUNCTION business.site_failure(state text, message text, field text)
RETURNS jsonb
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
-- The server's log may see what went wrong, callers may not.
SET client_min_messages = warning
AS $body$
BEGIN
    IF business.site_error_code(state) IS NULL THEN
        RAISE LOG 'site tracking api: % %', state, message;
        RETURN jsonb_build_object('success', false, 'error_code', 'INTERNAL_ERROR',
            'message', 'The request could not be answered.');
    END IF;
    RETURN jsonb_strip_nulls(jsonb_build_object(
        'success', false,
        'error_code', business.site_error_code(state),
        'message', message,
        'field', CASE WHEN state <> 'ST413' THEN nullif(field, '') END,
        'narrow', CASE WHEN state = 'ST413' THEN to_jsonb(string_to_array(field, ',')) END));
END
$body$;
COMMENT ON FUNCTION business.site_failure(text, text, text)
IS 'The answer to a request that failed; of errors that are not ours it tells nothing but the code.';

CREATE OR REPLACE FUNCTION business.site_utc(instant timestamptz)
RETURNS text
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
AS $body$
    SELECT to_char(instant AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS')
        || coalesce('.' || nullif(rtrim(to_char(instant AT TIME ZONE 'UTC', 'US'), '0'), ''), '') || 'Z'
$body$;
COMMENT ON FUNCTION business.site_utc(timestamptz)
IS 'An instant as answers write it: ISO 8601 in UTC, the fraction as far as needed.';

-- -------------------------------------------------------------------------------------- tracking
-- Looked at is only what record key, outbox and answer are made of: the tenant, ids and the size. The
-- contract is the streaming job's to judge.

CREATE OR REPLACE FUNCTION raw.site_tracking_given(value jsonb)
RETURNS jsonb
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
AS $body$ SELECT CASE WHEN raw.site_tracking_trim(value #>> '{}') IS NOT NULL THEN value END $body$;
COMMENT ON FUNCTION raw.site_tracking_given(jsonb)
IS 'The value of a member; NULL where null or a blank text says that it is absent.';

CREATE OR REPLACE FUNCTION raw.site_tracking_id(value jsonb)
RETURNS text
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
AS $body$
    SELECT normalize(raw.site_tracking_trim(
        -- As the job writes numbers that are ids.
        CASE jsonb_typeof(value) WHEN 'number' THEN trim_scale(value::numeric)::text ELSE value #>> '{}' END), NFC)
$body$;
COMMENT ON FUNCTION raw.site_tracking_id(jsonb)
IS 'An id as the contract reads it.';

CREATE OR REPLACE FUNCTION raw.site_tracking_id_breach(value jsonb, field text)
RETURNS text[]
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
AS $body$
    SELECT CASE
        WHEN jsonb_typeof(value) IN ('boolean', 'object', 'array') THEN ARRAY['WRONG_TYPE', field]
        WHEN length(raw.site_tracking_id(value)) > 200 THEN ARRAY['ID_TOO_LONG', field]
    END
$body$;
COMMENT ON FUNCTION raw.site_tracking_id_breach(jsonb, text)
IS 'Why the contract refuses an id, and which; NULL when it does not.';

CREATE OR REPLACE FUNCTION raw.site_tracking_parse_events(events jsonb)
RETURNS TABLE (
    event_index integer,
    event jsonb,
    tenant text,
    client_id text,
    session_id text,
    event_id text,
    error_code text,
    field text
)
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    WITH given AS MATERIALIZED (
        SELECT
            ordinality::integer - 1 AS event_index,
            event,
            array_remove(ARRAY[
                raw.site_tracking_given(event -> 'tenantId'),
                raw.site_tracking_given(event -> 'tenant_id'),
                raw.site_tracking_given(event -> 'tenant_bk'),
                raw.site_tracking_given(event -> 'tenantBk'),
                raw.site_tracking_given(nested -> 'tenantId'),
                raw.site_tracking_given(nested -> 'tenant_id'),
                raw.site_tracking_given(nested -> 'tenant_bk'),
                raw.site_tracking_given(nested -> 'tenantBk')
            ], NULL) AS tenants,
            coalesce(raw.site_tracking_given(event -> 'event_id'), raw.site_tracking_given(nested -> 'event_id'))
                AS event_id,
            coalesce(raw.site_tracking_given(event -> 'session_id'), raw.site_tracking_given(nested -> 'session_id'))
                AS session_id,
            coalesce(raw.site_tracking_given(event -> 'visitor_id'), raw.site_tracking_given(nested -> 'visitor_id'))
                AS visitor_id,
            coalesce(raw.site_tracking_given(event -> 'user_id'), raw.site_tracking_given(nested -> 'user_id'))
                AS user_id
        FROM jsonb_array_elements(events) WITH ORDINALITY AS elements (event, ordinality)
        CROSS JOIN LATERAL (SELECT event -> 'event_data' OFFSET 0) AS levels (nested)
    )
    SELECT
        given.event_index,
        given.event,
        raw.site_tracking_id(given.tenants[1]),
        raw.site_tracking_id(coalesce(given.session_id, given.visitor_id, given.user_id)),
        raw.site_tracking_id(given.session_id),
        coalesce(raw.site_tracking_id(given.event_id), gen_random_uuid()::text),
        breach.found[1],
        breach.found[2]
    FROM given
    CROSS JOIN LATERAL (
        SELECT CASE
            WHEN jsonb_typeof(given.event) <> 'object' THEN ARRAY['NOT_AN_OBJECT']
            WHEN cardinality(given.tenants) = 0 THEN ARRAY['UNKNOWN_TENANT', 'tenantId']
            WHEN raw.site_tracking_id(given.tenants[1]) <> ANY (
                SELECT raw.site_tracking_id(other) FROM unnest(given.tenants[2:]) AS other)
                THEN ARRAY['TENANT_MISMATCH', 'tenantId']
            ELSE coalesce(
                raw.site_tracking_id_breach(given.tenants[1], 'tenantId'),
                raw.site_tracking_id_breach(given.event_id, 'event_id'),
                raw.site_tracking_id_breach(given.session_id, 'session_id'),
                raw.site_tracking_id_breach(given.visitor_id, 'visitor_id'),
                raw.site_tracking_id_breach(given.user_id, 'user_id'))
        END AS found
    ) AS breach
$body$;
COMMENT ON FUNCTION raw.site_tracking_parse_events(jsonb)
IS 'What track_event must know of the events in an array: tenant and ids, and why it refuses one for them.';

CREATE OR REPLACE FUNCTION raw.site_tracking_admit_tenants(names text[])
RETURNS TABLE (
    tenant text,
    tenant_hk bytea,
    error_code text
)
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
BEGIN
    FOREACH tenant IN ARRAY names LOOP
        BEGIN
            tenant_hk := auth.site_tracking_tenant(tenant);
            error_code := NULL;
        EXCEPTION
            WHEN SQLSTATE 'ST403' OR SQLSTATE 'ST404' OR SQLSTATE 'ST409' THEN
                tenant_hk := NULL;
                error_code := business.site_error_code(SQLSTATE);
        END;
        RETURN NEXT;
    END LOOP;
END
$body$;
COMMENT ON FUNCTION raw.site_tracking_admit_tenants(text[])
IS 'Tenants by name, each with its hash key or why the caller may not name it.';

-- A plan of this language is kept for the session.
CREATE OR REPLACE FUNCTION raw.site_tracking_room(tenant bytea, OUT event_count bigint, OUT byte_count bigint)
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    waiting record;
    settings record;
BEGIN
    SELECT
        coalesce(sum(parts.event_count), 0)::bigint AS events,
        coalesce(sum(parts.byte_count), 0)::bigint AS bytes
    INTO waiting
    FROM raw.site_tracking_waiting_r AS parts
    WHERE parts.tenant_hk = tenant;
    SELECT versions.max_waiting_events, versions.max_waiting_bytes
    INTO settings
    FROM auth.tenant_site_tracking_s AS versions
    WHERE versions.tenant_hk = tenant
    ORDER BY versions.load_date DESC
    LIMIT 1;
    event_count := coalesce(settings.max_waiting_events, 1000000) - waiting.events;
    byte_count := coalesce(settings.max_waiting_bytes, 1073741824) - waiting.bytes;
END
$body$;
COMMENT ON FUNCTION raw.site_tracking_room(bytea)
IS 'How many more events of a tenant, and bytes of them, may wait in the outbox, by what is committed.';

CREATE OR REPLACE FUNCTION raw.site_tracking_store_events(events jsonb)
RETURNS jsonb
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    now_at CONSTANT timestamptz := clock_timestamp();
    -- What a collector sets; whoever calls cannot pretend another reception.
    collected CONSTANT jsonb := jsonb_build_object(
        'collector', 'api.track_event', 'received_at', business.site_utc(now_at));
    most_bytes CONSTANT integer := 65536;
    answer jsonb;
BEGIN
    WITH parsed AS MATERIALIZED (
        SELECT * FROM raw.site_tracking_parse_events(events)
    ),
    admitted AS MATERIALIZED (
        SELECT * FROM raw.site_tracking_admit_tenants(ARRAY(
            SELECT DISTINCT tenant FROM parsed WHERE error_code IS NULL))
    ),
    completed AS MATERIALIZED (
        SELECT
            parsed.event_index,
            parsed.tenant,
            parsed.client_id,
            parsed.session_id,
            parsed.event_id,
            admitted.tenant_hk,
            CASE WHEN jsonb_typeof(parsed.event) = 'object'
                THEN (parsed.event || collected || jsonb_build_object('event_id', parsed.event_id))::text
            END AS payload,
            coalesce(parsed.error_code, admitted.error_code) AS error_code,
            coalesce(parsed.field, CASE WHEN admitted.error_code IS NOT NULL THEN 'tenantId' END) AS field
        FROM parsed
        LEFT JOIN admitted ON admitted.tenant = parsed.tenant AND parsed.error_code IS NULL
    ),
    formed AS MATERIALIZED (
        SELECT
            completed.*,
            -- The form of the record is judged first, then its members.
            CASE WHEN octet_length(payload) > most_bytes THEN 'TOO_LARGE' ELSE error_code END AS breach
        FROM completed
    ),
    sums AS (
        SELECT
            event_index,
            count(*) OVER so_far AS events,
            sum(octet_length(payload)) OVER so_far AS bytes
        FROM formed
        WHERE breach IS NULL
        WINDOW so_far AS (PARTITION BY tenant_hk ORDER BY event_index)
    ),
    rooms AS MATERIALIZED (
        SELECT admitted.tenant_hk, room.event_count, room.byte_count
        FROM (SELECT DISTINCT tenant_hk FROM admitted WHERE tenant_hk IS NOT NULL) AS admitted
        CROSS JOIN LATERAL raw.site_tracking_room(admitted.tenant_hk) AS room
    ),
    judged AS MATERIALIZED (
        SELECT
            formed.*,
            -- As many of the first ones are taken as there is room for.
            CASE WHEN sums.events > rooms.event_count OR sums.bytes > rooms.byte_count
                THEN 'TOO_MANY_WAITING' ELSE formed.breach END AS code
        FROM formed
        LEFT JOIN sums ON sums.event_index = formed.event_index
        LEFT JOIN rooms ON rooms.tenant_hk = formed.tenant_hk
    ),
    stored AS (
        INSERT INTO raw.site_tracking_outbox_r (tenant_hk, record_key, payload, created_at)
        -- One of 4,096, as many share it: it keeps a session's events in order, and tells of nobody.
        SELECT
            tenant_hk,
            tenant || '|' || left(encode(sha256(convert_to(client_id, 'UTF8')), 'hex'), 3),
            payload,
            now_at
        FROM judged
        WHERE code IS NULL
        ORDER BY event_index
    )
    SELECT jsonb_build_object(
        'session_id', CASE WHEN count(DISTINCT session_id) FILTER (WHERE code IS NULL) = 1
            THEN min(session_id) FILTER (WHERE code IS NULL) END,
        'event_ids', coalesce(jsonb_agg(event_id ORDER BY event_index) FILTER (WHERE code IS NULL), '[]'),
        'events_accepted', count(*) FILTER (WHERE code IS NULL),
        'events_rejected', coalesce(
            jsonb_agg(
                jsonb_strip_nulls(jsonb_build_object(
                    'index', event_index,
                    'error_code', code,
                    'field', CASE WHEN code <> 'TOO_LARGE' THEN field END))
                ORDER BY event_index)
            FILTER (WHERE code IS NOT NULL), '[]'),
        'timestamp', business.site_utc(now_at))
    INTO answer
    FROM judged;
    RETURN answer;
END
$body$;
COMMENT ON FUNCTION raw.site_tracking_store_events(jsonb)
IS 'Writes the events of an array to the outbox, as far as they can be taken, and tells what became of them.';

CREATE OR REPLACE FUNCTION api.track_event(payload jsonb)
RETURNS jsonb
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET jit = off
AS $body$
DECLARE
    most_events CONSTANT integer := 1000;
    most_bytes CONSTANT integer := 16 * 1024 * 1024;
    data jsonb;
    refused jsonb;
    field text;
BEGIN
    IF payload IS NULL THEN
        PERFORM business.site_argument_error('payload', 'Give one event or an array of events.');
    END IF;
    IF jsonb_typeof(payload) <> 'array' THEN
        payload := jsonb_build_array(payload);
    ELSIF jsonb_array_length(payload) > most_events THEN
        RETURN jsonb_build_object('success', false, 'error_code', 'TOO_MANY_EVENTS',
            'message', 'Give at most 1000 events at once.');
    END IF;
    IF pg_column_size(payload) > most_bytes THEN
        RETURN jsonb_build_object('success', false, 'error_code', 'PAYLOAD_TOO_LARGE',
            'message', 'Give at most 16 MiB at once.');
    END IF;

    -- The relay is not notified: commits with a notification wait for each other, in the whole database.
    data := raw.site_tracking_store_events(payload);
    refused := data -> 'events_rejected' -> 0;
    IF refused IS NOT NULL AND data -> 'events_accepted' = '0' THEN
        RETURN (refused - 'index') || jsonb_build_object(
            'success', false, 'message', 'No event was accepted.', 'data', data);
    END IF;
    RETURN jsonb_build_object(
        'success', true,
        'message', CASE WHEN refused IS NULL THEN 'Events accepted' ELSE 'Events accepted in part' END,
        'data', data);
EXCEPTION
    -- Only the caller can try such a transaction again.
    WHEN serialization_failure OR deadlock_detected THEN
        RAISE;
    WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS field = COLUMN_NAME;
        RETURN business.site_failure(SQLSTATE, SQLERRM, field);
END
$body$;
COMMENT ON FUNCTION api.track_event(jsonb)
IS 'Takes one event or an array of at most 1000 into the caller''s transaction. See docs/api.md.';

-- -------------------------------------------------------------------------------- status, ledger

CREATE OR REPLACE FUNCTION raw.site_tracking_ledger_days(tenant bytea, from_day date, to_day date)
RETURNS jsonb
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT jsonb_agg(
        jsonb_build_object(
            'date', to_char(days.day, 'YYYY-MM-DD'),
            'received', coalesce(counts.received, 0),
            'loaded', coalesce(counts.loaded, 0),
            'duplicates', coalesce(counts.duplicates, 0),
            'rejected', coalesce(counts.rejected, 0),
            'late', coalesce(counts.late, 0),
            'erased', coalesce(counts.erased, 0),
            'balanced', coalesce(counts.balanced, true),
            'turned_away', coalesce(turned_away.event_count, 0),
            'rejected_by_code', coalesce(codes.counts, '{}'))
        ORDER BY days.day)
    FROM (
        SELECT from_day + number AS day FROM generate_series(0, to_day - from_day) AS number
    ) AS days
    LEFT JOIN raw.site_tracking_ledger_v AS counts
        ON counts.tenant_hk = tenant AND counts.ledger_date = days.day
    LEFT JOIN (
        SELECT ledger_date, jsonb_object_agg(code, event_count) AS counts
        FROM (
            SELECT ledger_date, code, sum(event_count) AS event_count
            FROM raw.site_tracking_ledger_r
            WHERE tenant_hk = tenant
                AND ledger_date BETWEEN from_day AND to_day
                AND outcome = 'REJECTED'
            GROUP BY ledger_date, code
        ) AS by_code
        GROUP BY ledger_date
    ) AS codes
        ON codes.ledger_date = days.day
    LEFT JOIN raw.site_tracking_turned_away_r AS turned_away
        ON turned_away.tenant_hk = tenant AND turned_away.ledger_date = days.day
$body$;
COMMENT ON FUNCTION raw.site_tracking_ledger_days(bytea, date, date)
IS 'The ledger of a tenant day by day: received = loaded + duplicates + rejected + late + erased when balanced; beside it what collectors turned away.';

CREATE OR REPLACE FUNCTION raw.site_tracking_ledger(tenant bytea, from_day date, to_day date)
RETURNS jsonb
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    today CONSTANT date := (now() AT TIME ZONE 'UTC')::date;
    last_day CONSTANT date := coalesce(to_day, today);
    first_day CONSTANT date := coalesce(from_day, last_day - 6);
    days jsonb;
BEGIN
    IF first_day NOT BETWEEN DATE '1970-01-01' AND DATE '2100-01-01' THEN
        PERFORM business.site_argument_error('from_day', 'Days lie between 1970-01-01 and 2100-01-01.');
    END IF;
    IF last_day NOT BETWEEN DATE '1970-01-01' AND DATE '2100-01-01'
        OR last_day < first_day OR last_day - first_day >= 400 THEN
        PERFORM business.site_argument_error('to_day', 'Give at most 400 days, the earlier one first.');
    END IF;
    days := raw.site_tracking_ledger_days(tenant, first_day, last_day);
    RETURN jsonb_build_object(
        'from', to_char(first_day, 'YYYY-MM-DD'),
        'to', to_char(last_day, 'YYYY-MM-DD'),
        'totals', (
            SELECT jsonb_build_object(
                'received', sum((day -> 'received')::bigint),
                'loaded', sum((day -> 'loaded')::bigint),
                'duplicates', sum((day -> 'duplicates')::bigint),
                'rejected', sum((day -> 'rejected')::bigint),
                'late', sum((day -> 'late')::bigint),
                'erased', sum((day -> 'erased')::bigint),
                'turned_away', sum((day -> 'turned_away')::bigint),
                'balanced', bool_and((day -> 'balanced')::boolean))
            FROM jsonb_array_elements(days) AS day),
        'days', days);
END
$body$;
COMMENT ON FUNCTION raw.site_tracking_ledger(bytea, date, date)
IS 'The data of api.get_ledger. Errors: ST400.';

CREATE OR REPLACE FUNCTION raw.site_tracking_rejections(tenant bytea, on_day date)
RETURNS jsonb
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT coalesce(jsonb_agg(jsonb_build_object(
            'error_code', by_code.code,
            'count', by_code.event_count,
            'example_id', example.id)
        ORDER BY by_code.event_count DESC, by_code.code), '[]')
    FROM (
        SELECT code, sum(event_count) AS event_count
        FROM raw.site_tracking_ledger_r
        WHERE ledger_date = on_day AND tenant_hk = tenant AND outcome = 'REJECTED'
        GROUP BY code
    ) AS by_code
    LEFT JOIN LATERAL (
        SELECT encode(event_hk, 'hex') AS id
        FROM raw.site_tracking_events_r
        WHERE tenant_hk = tenant
            AND processing_status = 'ERROR'
            AND load_date >= on_day::timestamp AT TIME ZONE 'UTC'
            AND load_date < (on_day + 1)::timestamp AT TIME ZONE 'UTC'
            AND status_codes[1] = by_code.code
        LIMIT 1
    ) AS example ON true
$body$;
COMMENT ON FUNCTION raw.site_tracking_rejections(bytea, date)
IS 'Rejected events of a day by code; example_id is the event_hk of one in raw.site_tracking_events_r, in hex.';

CREATE OR REPLACE FUNCTION raw.site_tracking_outbox_state(tenant bytea)
RETURNS jsonb
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT jsonb_build_object(
        'events', waiting.events,
        'bytes', waiting.bytes,
        'oldest_at', business.site_utc(oldest.created_at),
        'newest_at', business.site_utc((
            SELECT created_at
            FROM raw.site_tracking_outbox_r
            WHERE tenant_hk = tenant
            ORDER BY outbox_id DESC
            LIMIT 1)),
        'oldest_age_seconds', coalesce(
            greatest(round(extract(epoch FROM clock_timestamp() - oldest.created_at)::numeric, 1), 0), 0))
    FROM (
        SELECT coalesce(sum(event_count), 0) AS events, coalesce(sum(byte_count), 0) AS bytes
        FROM raw.site_tracking_waiting_r
        WHERE tenant_hk = tenant
    ) AS waiting
    LEFT JOIN (
        SELECT created_at
        FROM raw.site_tracking_outbox_r
        WHERE tenant_hk = tenant
        ORDER BY outbox_id
        LIMIT 1
    ) AS oldest ON true
$body$;
COMMENT ON FUNCTION raw.site_tracking_outbox_state(bytea)
IS 'What of a tenant waits for the relay; an old event tells of a broker or relay that is away.';

CREATE OR REPLACE FUNCTION raw.site_tracking_days_ahead()
RETURNS jsonb
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT jsonb_object_agg(layer, days_ahead)
    FROM (
        SELECT
            partitioned.table_schema AS layer,
            coalesce(min(missing.partition_day), today.day + 31) - today.day - 1 AS days_ahead
        FROM (SELECT (now() AT TIME ZONE 'UTC')::date AS day) AS today
        CROSS JOIN (
            SELECT DISTINCT table_schema FROM raw.site_tracking_partitioned_tables()
        ) AS partitioned
        LEFT JOIN raw.site_tracking_missing_partitions(
                (now() AT TIME ZONE 'UTC')::date, (now() AT TIME ZONE 'UTC')::date + 30) AS missing
            ON missing.table_schema = partitioned.table_schema
        GROUP BY partitioned.table_schema, today.day
    ) AS layers
$body$;
COMMENT ON FUNCTION raw.site_tracking_days_ahead()
IS 'Per layer, for how many days after today partitions exist without a gap, at most 30; -1 when today has none.';

CREATE OR REPLACE FUNCTION raw.site_tracking_heartbeats(of_program text)
RETURNS jsonb
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT jsonb_build_object(
        'last_beat_at', business.site_utc(max(beat_at)),
        -- greatest() would make 0 of a program that was never seen.
        'age_seconds', CASE WHEN count(*) > 0 THEN
            greatest(round(extract(epoch FROM clock_timestamp() - min(beat_at))::numeric, 1), 0) END,
        'failing_since', business.site_utc(min(failing_since)),
        'version', max(version),
        'parts', coalesce(
            jsonb_object_agg(part, business.site_utc(beat_at)) FILTER (WHERE part <> ''), '{}'))
    FROM raw.site_tracking_heartbeat_r
    WHERE program = of_program
$body$;
COMMENT ON FUNCTION raw.site_tracking_heartbeats(text)
IS 'When a program was last alive; age_seconds is that of its part that was silent for longest.';

CREATE OR REPLACE FUNCTION raw.site_tracking_reprocess_status(tenant bytea)
RETURNS jsonb
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT jsonb_build_object(
        'run', run.reprocess_id,
        'phase', run.state,
        'progress', CASE WHEN run.state = 'BUILDING' THEN
            coalesce(round((run.counts -> 'events')::numeric / nullif((run.counts -> 'read')::numeric, 0), 2), 0) END,
        'started_at', business.site_utc(run.load_date),
        'last_beat_at', business.site_utc(signs.last_beat_at),
        'is_alive', CASE WHEN run.state IN ('BUILDING', 'FOLLOWING')
                AND coalesce((run.counts #> '{operation,done}')::boolean, true)
            THEN signs.last_beat_at > clock_timestamp() - INTERVAL '60 seconds' END)
    FROM raw.site_tracking_reprocess_r AS run
    CROSS JOIN LATERAL (
        -- The program that builds notes how far it is; the second run is as alive as its most silent part.
        SELECT greatest(run.changed_at, min(beat_at) FILTER (WHERE run.state = 'FOLLOWING')) AS last_beat_at
        FROM raw.site_tracking_heartbeat_r
        WHERE program = 'SHADOW' AND beat_at >= run.load_date
    ) AS signs
    WHERE run.state <> 'DROPPED'
        AND (run.tenant_bks IS NULL
            OR EXISTS (
                SELECT FROM auth.tenant_h
                WHERE tenant_h.tenant_hk = tenant AND tenant_h.tenant_bk = ANY (run.tenant_bks)))
$body$;
COMMENT ON FUNCTION raw.site_tracking_reprocess_status(bytea)
IS 'How far the reprocess is that is about a tenant; no row where there is none. is_alive is false of a build or a second run that gave no sign of life for a minute, NULL where neither should run.';

CREATE OR REPLACE FUNCTION raw.site_tracking_reasons(
    outbox jsonb, loader jsonb, relay jsonb, partitions jsonb, today jsonb, lag_seconds numeric
) RETURNS TABLE (
    layer text,
    code text,
    severity text,
    message text
)
LANGUAGE sql
IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    WITH measured AS (
        SELECT
            (outbox ->> 'oldest_age_seconds')::numeric AS waiting,
            (loader ->> 'age_seconds')::numeric AS loader_silence,
            (relay ->> 'age_seconds')::numeric AS relay_silence
    )
    SELECT layer, code, severity, message
    FROM measured
    CROSS JOIN LATERAL (VALUES
        ('tracking', 'EVENTS_WAIT', CASE WHEN waiting > 300 THEN 'down' WHEN waiting > 15 THEN 'degraded' END,
            'Tracked events wait in the outbox: the relay or the broker is away, or behind.'),
        ('tracking', 'BROKER_UNREACHABLE', CASE WHEN relay ->> 'failing_since' IS NOT NULL THEN 'degraded' END,
            'The relay gets no acknowledgement from the broker; events are kept in the outbox.'),
        ('tracking', 'RELAY_SILENT', CASE WHEN relay_silence > 60 THEN 'degraded' END,
            'The relay gives no sign of life.'),
        ('processing', 'JOB_NEVER_SEEN', CASE WHEN loader_silence IS NULL THEN 'down' END,
            'The streaming job never wrote to this database.'),
        ('processing', 'JOB_SILENT',
            CASE WHEN loader_silence > 300 THEN 'down' WHEN loader_silence > 60 THEN 'degraded' END,
            'A loader of the streaming job gives no sign of life.'),
        ('processing', 'LOADING_BEHIND', CASE WHEN lag_seconds > 60 THEN 'degraded' END,
            'Events were received that are not loaded.'),
        ('processing', 'MANY_REJECTED',
            CASE
                WHEN ((today -> 'rejected')::bigint
                    - coalesce((today #> '{rejected_by_code,NO_CONSENT}')::bigint, 0)) * 10
                    > (today -> 'received')::bigint THEN 'degraded'
            END,
            'More than a tenth of today''s events were rejected.')
    ) AS found (layer, code, severity, message)
    WHERE severity IS NOT NULL
    UNION ALL
    SELECT key, 'PARTITIONS_MISSING', 'degraded',
        'Day partitions are missing for today or tomorrow; rows go to the default partition.'
    FROM jsonb_each(partitions)
    WHERE value::integer < 1
$body$;
COMMENT ON FUNCTION raw.site_tracking_reasons(jsonb, jsonb, jsonb, jsonb, jsonb, numeric)
IS 'What is not as it should be, by layer; severity is degraded or down.';

CREATE OR REPLACE FUNCTION raw.site_tracking_status(tenant bytea)
RETURNS jsonb
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    today CONSTANT date := (now() AT TIME ZONE 'UTC')::date;
    ledger CONSTANT jsonb := raw.site_tracking_ledger_days(tenant, today, today) -> 0;
    outbox CONSTANT jsonb := raw.site_tracking_outbox_state(tenant);
    loader CONSTANT jsonb := raw.site_tracking_heartbeats('LOADER');
    relay CONSTANT jsonb := raw.site_tracking_heartbeats('RELAY');
    partitions CONSTANT jsonb := raw.site_tracking_days_ahead();
    received_at timestamptz;
    loaded_at timestamptz;
    lag_seconds numeric;
    reasons jsonb;
    layers jsonb;
BEGIN
    SELECT
        max(load_date) FILTER (WHERE outcome = 'RECEIVED'),
        max(load_date) FILTER (WHERE outcome = 'ACCEPTED')
    INTO received_at, loaded_at
    FROM raw.site_tracking_ledger_r
    WHERE tenant_hk = tenant AND ledger_date >= today - 30;
    -- What waits in the outbox was received, and what was received is loaded, a duplicate or rejected.
    lag_seconds := greatest(
        (outbox ->> 'oldest_age_seconds')::numeric,
        CASE WHEN NOT (ledger -> 'balanced')::boolean
            THEN round(extract(epoch FROM clock_timestamp() - received_at)::numeric, 1) END,
        0);
    SELECT
        coalesce(jsonb_agg(jsonb_build_object(
            'layer', layer, 'code', code, 'severity', severity, 'message', message)), '[]')
    INTO reasons
    FROM raw.site_tracking_reasons(outbox, loader, relay, partitions, ledger, lag_seconds);
    SELECT jsonb_object_agg(name, CASE
        WHEN reasons @> jsonb_build_array(jsonb_build_object('layer', name, 'severity', 'down')) THEN 'down'
        WHEN reasons @> jsonb_build_array(jsonb_build_object('layer', name)) THEN 'degraded'
        ELSE 'healthy' END)
    INTO layers
    FROM unnest(ARRAY['tracking', 'processing', 'raw', 'staging', 'business']) AS name;
    RETURN jsonb_build_object(
        'status', CASE
            WHEN reasons @> '[{"severity": "down"}]' THEN 'down'
            WHEN reasons <> '[]' THEN 'degraded'
            ELSE 'healthy' END,
        'reasons', reasons,
        'layers', layers,
        'last_event_received', business.site_utc(
            greatest(received_at, (outbox ->> 'newest_at')::timestamptz)),
        'last_event_loaded', business.site_utc(loaded_at),
        'lag_seconds', lag_seconds,
        'today', ledger - 'rejected_by_code',
        'rejected_by_code', raw.site_tracking_rejections(tenant, today),
        'outbox', outbox,
        'erasures', raw.site_tracking_open_erasures(tenant),
        'partitions_ahead', partitions,
        'job', loader,
        'relay', relay - 'parts',
        'reprocess', raw.site_tracking_reprocess_status(tenant),
        'version', loader -> 'version',
        'checked_at', business.site_utc(clock_timestamp()));
END
$body$;
COMMENT ON FUNCTION raw.site_tracking_status(bytea)
IS 'The data of api.get_tracking_system_status.';

-- --------------------------------------------------------------------------- options and periods

CREATE OR REPLACE FUNCTION business.site_options(given jsonb, VARIADIC known text[])
RETURNS jsonb
LANGUAGE plpgsql
IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    refused record;
BEGIN
    IF coalesce(jsonb_typeof(given), 'null') NOT IN ('object', 'null') THEN
        PERFORM business.site_argument_error('options', 'Options are a JSON object.');
    END IF;
    given := coalesce(nullif(given, 'null'), '{}');
    SELECT
        asked.key AS name,
        CASE WHEN asked.key = ANY (known) THEN rules.message ELSE 'This option is not known.' END AS message
    INTO refused
    FROM jsonb_each(given) AS asked
    LEFT JOIN (VALUES
        -- What the value must be, so that an option means the same wherever it is one.
        ('days', '@ >= 1 && @ <= 1100 && @ % 1 == 0', 'A whole number from 1 to 1100.'),
        ('limit', '@ >= 1 && @ <= 1000 && @ % 1 == 0', 'A whole number from 1 to 1000.'),
        ('window_minutes', '@ >= 1 && @ <= 525600 && @ % 1 == 0', 'A whole number from 1 to 525600.'),
        ('include_bots', '@.type() == "boolean"', 'true or false.'),
        ('compare', '@.type() == "boolean"', 'true or false.'),
        ('timezone', '@.type() == "string"', 'A text of at most 2048 characters.'),
        ('evt_type', '@.type() == "string"', 'A text of at most 2048 characters.'),
        ('page_url', '@.type() == "string"', 'A text of at most 2048 characters.'),
        ('visitor', '@.type() == "string"', 'A text of at most 2048 characters.'),
        ('item_id', '@.type() == "string"', 'A text of at most 2048 characters.'),
        ('property', '@.type() == "string"', 'A text of at most 2048 characters.'),
        ('step', '@ >= 1 && @ <= 10 && @ % 1 == 0', 'The number of a step, from 1.'),
        ('outcome', '@ like_regex "^(reached|left)$"', 'One of reached, left.'),
        ('interval', '@ like_regex "^(hour|day|week|month)$"', 'One of hour, day, week, month.'),
        ('order', '@ like_regex "^(events|visitors|purchases|quantity)$"',
            'One of events, visitors, purchases, quantity.')
    ) AS rules (name, condition, message) ON rules.name = asked.key
    WHERE asked.key <> ALL (known)
        OR asked.value <> 'null'
            AND (NOT jsonb_path_exists(asked.value, ('strict $ ? (' || rules.condition || ')')::jsonpath)
                OR length(asked.value #>> '{}') > 2048 AND rules.name IS NOT NULL)
    ORDER BY asked.key = ANY (known), asked.key
    LIMIT 1;
    IF FOUND THEN
        PERFORM business.site_argument_error(left(refused.name, 100), refused.message);
    END IF;
    RETURN jsonb_strip_nulls(given);
END
$body$;
COMMENT ON FUNCTION business.site_options(jsonb, text[])
IS 'The options without nulls; those with rules of their own are not judged yet. Errors: ST400 for another type and for unknown members.';

-- Asked for by name, as the view of all time zones takes its time; names only, no POSIX rules, which end in digits.
CREATE OR REPLACE FUNCTION business.site_time_zone(tenant bytea, options jsonb)
RETURNS text
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    asked CONSTANT text := options ->> 'timezone';
    zone CONSTANT text := coalesce(
        asked,
        (
            SELECT time_zone
            FROM auth.tenant_site_tracking_s
            WHERE tenant_hk = tenant
            ORDER BY load_date DESC
            LIMIT 1
        ),
        'UTC');
BEGIN
    IF zone !~* '^(utc|gmt|etc/gmt([+-]?[0-9]|[+-]1[0-2]|-1[34])|(?!posix/|right/)[a-z_]+(/[a-z_-]+){1,2})$' THEN
        RAISE invalid_parameter_value;
    END IF;
    PERFORM now() AT TIME ZONE zone;
    RETURN zone;
EXCEPTION
    WHEN invalid_parameter_value THEN
        -- The job takes a tenant's setting that is none as UTC, too.
        IF asked IS NULL THEN
            RETURN 'UTC';
        END IF;
        PERFORM business.site_argument_error('timezone', 'The name of an IANA time zone.');
END
$body$;
COMMENT ON FUNCTION business.site_time_zone(bytea, jsonb)
IS 'The time zone asked for, else the tenant''s, else UTC, also where the tenant''s is none: an IANA name with a slash, UTC or GMT, in any case of letters. Errors: ST400 for another one asked for.';

-- AT TIME ZONE takes the second of two, and for a time that is missing one beyond it.
CREATE OR REPLACE FUNCTION business.site_local_instant(local_time timestamp, zone text)
RETURNS timestamptz
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    usual CONSTANT timestamptz := local_time AT TIME ZONE zone;
    day_before CONSTANT timestamptz := usual - INTERVAL '24 hours';
    -- By the offset of the day before.
    earlier CONSTANT timestamptz := (local_time - (day_before AT TIME ZONE zone - day_before AT TIME ZONE 'UTC'))
        AT TIME ZONE 'UTC';
    too_early timestamptz := usual - INTERVAL '26 hours';
    found timestamptz := usual + INTERVAL '26 hours';
    middle timestamptz;
BEGIN
    IF earlier AT TIME ZONE zone = local_time THEN
        RETURN least(earlier, usual);
    ELSIF usual AT TIME ZONE zone = local_time THEN
        RETURN usual;
    END IF;
    -- Clocks change at whole seconds.
    WHILE found - too_early > INTERVAL '1 second' LOOP
        middle := date_trunc('second', too_early + (found - too_early) / 2);
        IF middle AT TIME ZONE zone >= local_time THEN
            found := middle;
        ELSE
            too_early := middle;
        END IF;
    END LOOP;
    RETURN found;
END
$body$;
COMMENT ON FUNCTION business.site_local_instant(timestamp, text)
IS 'The instant of a time by a zone''s clock: the first of two where the clock goes back, and the first after it where the clock leaves it out.';

CREATE OR REPLACE FUNCTION business.site_instant_option(options jsonb, name text, zone text)
RETURNS timestamptz
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    given CONSTANT text := options ->> name;
    instant timestamptz;
BEGIN
    IF jsonb_typeof(options -> name) = 'string' THEN
        IF given ~ '^\d{4}-\d\d-\d\d$' THEN
            -- Days are whole ones: the last one counts to its end.
            instant := business.site_local_instant(
                (given::date + (name = 'to')::integer)::timestamp, zone);
        ELSIF given ~ '^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:?\d\d)$' THEN
            instant := given::timestamptz;
        END IF;
    END IF;
    IF instant IS NULL OR instant NOT BETWEEN '1970-01-01Z' AND '2100-01-02Z' THEN
        PERFORM business.site_argument_error(
            name, 'A day such as 2026-03-01, or an instant such as 2026-03-01T12:00:00Z, from 1970 to 2099.');
    END IF;
    RETURN instant;
EXCEPTION
    WHEN datetime_field_overflow OR invalid_datetime_format THEN
        PERFORM business.site_argument_error(name, 'There is no such day or time.');
END
$body$;
COMMENT ON FUNCTION business.site_instant_option(jsonb, text, text)
IS 'An option that is a day in the time zone or an instant; a day given as the end counts to its end. Errors: ST400.';

-- What all questions about a period begin with.
CREATE OR REPLACE FUNCTION business.site_question(
    tenant bytea, given jsonb, default_days integer, VARIADIC known text[], OUT options jsonb, OUT zone text,
    OUT from_at timestamptz, OUT to_at timestamptz, OUT head jsonb
)
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    today date;
BEGIN
    options := business.site_options(given, VARIADIC known || '{days,from,to,timezone}'::text[]);
    zone := business.site_time_zone(tenant, options);
    today := (now() AT TIME ZONE zone)::date;
    IF NOT options ?| '{from,to}' THEN
        from_at := business.site_local_instant(
            (today - coalesce((options -> 'days')::integer, default_days) + 1)::timestamp, zone);
    ELSIF options ? 'days' THEN
        PERFORM business.site_argument_error('days', 'Either days, or from and to.');
    ELSIF NOT options ? 'from' THEN
        PERFORM business.site_argument_error('from', 'An end needs a beginning.');
    ELSE
        from_at := business.site_instant_option(options, 'from', zone);
    END IF;
    to_at := CASE WHEN options ? 'to' THEN business.site_instant_option(options, 'to', zone)
        ELSE business.site_local_instant((today + 1)::timestamp, zone) END;
    IF to_at <= from_at OR to_at - from_at > INTERVAL '1101 days' THEN
        PERFORM business.site_argument_error('to', 'After the beginning, at most 1100 days.');
    END IF;
    head := jsonb_build_object(
        'from', business.site_utc(from_at), 'to', business.site_utc(to_at), 'timezone', zone);
END
$body$;
COMMENT ON FUNCTION business.site_question(bytea, jsonb, integer, text[])
IS 'The options, and of those that all questions have the time zone and the period, from inclusive, to exclusive; head is what answers begin with. Errors: ST400.';

-- ------------------------------------------------------------------------- what a question costs
-- Before a question is answered its cost is estimated, in events read, from sums that are there: a unit
-- is what it takes to read, join and count an event of the tenant, some 2.6 microseconds of a core. The
-- factors that callers give are such times by docs/performance.md. An estimate errs by robots, which
-- are in no sum, and open sessions, which are not yet: they count among the events of all tenants only.

CREATE OR REPLACE FUNCTION business.site_own_events(tenant bytea, from_at timestamptz, to_at timestamptz)
RETURNS numeric
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT coalesce(sum(events * extract(epoch FROM
        least(to_at, bucket_start + INTERVAL '1 day') - greatest(from_at, bucket_start)) / 86400), 0)
    FROM business.site_rollup_b
    WHERE tenant_hk = tenant
        -- The dimension with the fewest rows.
        AND dimension = 'devices'
        AND bucket_start > from_at - INTERVAL '1 day'
        AND bucket_start < to_at
        AND currency = ''
$body$;
COMMENT ON FUNCTION business.site_own_events(bytea, timestamptz, timestamptz)
IS 'About how many events of closed sessions of a tenant lie in a period.';

CREATE OR REPLACE FUNCTION business.site_all_events(from_at timestamptz, to_at timestamptz)
RETURNS numeric
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT coalesce(sum(parts.events * CASE
        WHEN parts.starts_at IS NULL THEN 1
        ELSE extract(epoch FROM least(to_at, parts.ends_at) - greatest(from_at, parts.starts_at))
            / extract(epoch FROM parts.ends_at - parts.starts_at) END), 0)
    FROM (
        SELECT
            -- As the planner does: the pages that there are, as full as when they were counted.
            pg_relation_size(tables.oid) / 8192.0 * CASE
                WHEN tables.relpages > 0 AND tables.reltuples > 0 THEN tables.reltuples / tables.relpages
                ELSE 25 END AS events,
            days.day AS starts_at,
            -- Of a day that is not over the events lie before now.
            least(days.day + INTERVAL '1 day', greatest(now(), days.day + INTERVAL '1 minute')) AS ends_at
        FROM pg_inherits AS inherited
        JOIN pg_class AS tables ON tables.oid = inherited.inhrelid
        CROSS JOIN LATERAL (
            SELECT to_date(substring(tables.relname FROM '_p(\d{8})$'), 'YYYYMMDD')::timestamp
                AT TIME ZONE 'UTC' AS day
        ) AS days
        WHERE inherited.inhparent = 'business.site_event_details_s'::regclass
    ) AS parts
    WHERE parts.starts_at IS NULL OR (parts.starts_at < to_at AND parts.ends_at > from_at)
$body$;
COMMENT ON FUNCTION business.site_all_events(timestamptz, timestamptz)
IS 'About how many events of all tenants are stored of a period, by the size of its partitions; one without a day counts whole.';

CREATE OR REPLACE FUNCTION business.site_check_cost(
    tenant bytea, cost numeric, options jsonb, VARIADIC narrow text[] DEFAULT '{}'
) RETURNS void
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    most bigint;
BEGIN
    SELECT max_read_cost INTO most
    FROM auth.tenant_site_tracking_s
    WHERE tenant_hk = tenant
    ORDER BY load_date DESC
    LIMIT 1;
    most := coalesce(most, 10000000);
    IF cost > most THEN
        narrow := CASE WHEN options ? 'from' THEN '{from}'::text[] WHEN NOT 'minutes' = ANY (narrow) THEN '{days}' END
            || narrow;
        RAISE EXCEPTION USING
            ERRCODE = 'ST413',
            COLUMN = array_to_string(narrow, ','),
            -- Without its cost, which tells how much others have.
            MESSAGE = format('It would cost more than reading %s events. Narrow %s.',
                most, array_to_string(narrow, ', '));
    END IF;
END
$body$;
COMMENT ON FUNCTION business.site_check_cost(bytea, numeric, jsonb, text[])
IS 'Raises ST413 with the options to narrow when a question costs more than the tenant''s may.';

-- All begin by the clock: where it shows the full hour, day, week or month, or first something beyond it.
CREATE OR REPLACE FUNCTION business.site_intervals(
    from_at timestamptz, to_at timestamptz, zone text, unit text
) RETURNS TABLE (
    number bigint,
    starts_at timestamptz,
    ends_at timestamptz,
    label text
)
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    WITH starts AS (
        SELECT business.site_local_instant(local_start, zone) AS starts_at
        FROM generate_series(
            date_trunc(unit, least(from_at AT TIME ZONE zone, to_at AT TIME ZONE zone)),
            greatest(from_at AT TIME ZONE zone, to_at AT TIME ZONE zone),
            ('1 ' || unit)::interval) AS local_start
        UNION
        -- An hour that is there twice is two hours; one of which a part is there twice is one.
        SELECT even_start
        FROM generate_series(from_at, to_at - INTERVAL '1 microsecond', INTERVAL '15 minutes') AS instant
        CROSS JOIN LATERAL (
            SELECT
                date_trunc('hour', instant AT TIME ZONE zone) AS local_hour,
                instant - (instant AT TIME ZONE zone - date_trunc('hour', instant AT TIME ZONE zone))
                    AS even_start
        ) AS hours
        WHERE unit = 'hour' AND even_start AT TIME ZONE zone = local_hour
    ),
    intervals AS (
        SELECT
            greatest(starts_at, from_at) AS starts_at,
            least(lead(starts_at, 1, to_at) OVER (ORDER BY starts_at), to_at) AS ends_at,
            to_char(starts_at AT TIME ZONE zone,
                CASE unit WHEN 'hour' THEN 'YYYY-MM-DD"T"HH24:MI' ELSE 'YYYY-MM-DD' END) AS label
        FROM starts
        WHERE starts_at < to_at
    )
    SELECT row_number() OVER (ORDER BY starts_at), starts_at, ends_at, label
    FROM intervals
    WHERE ends_at > starts_at
$body$;
COMMENT ON FUNCTION business.site_intervals(timestamptz, timestamptz, text, text)
IS 'The hours, days, weeks or months of a period by the clock of a time zone, the first and last cut to it.';

CREATE OR REPLACE FUNCTION business.site_rate(part numeric, whole numeric, digits integer)
RETURNS numeric
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
AS $body$ SELECT CASE WHEN whole <> 0 THEN trim_scale(round(part / whole, digits)) END $body$;
COMMENT ON FUNCTION business.site_rate(numeric, numeric, integer)
IS 'A share or a mean, rounded; NULL of nothing.';

CREATE OR REPLACE FUNCTION business.site_metrics(
    visitors numeric, visits numeric, bounces numeric, bounceable numeric, converted numeric,
    page_views numeric, events numeric, conversions numeric, duration_seconds numeric,
    engaged_seconds numeric, revenue jsonb, refunds jsonb
) RETURNS jsonb
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
AS $body$
    SELECT jsonb_build_object(
        'visitors', coalesce(visitors, 0),
        'visits', coalesce(visits, 0),
        'pageviews', coalesce(page_views, 0),
        'views_per_visit', business.site_rate(page_views, visits, 4),
        'bounce_rate', business.site_rate(bounces, bounceable, 4),
        'visit_duration', business.site_rate(duration_seconds, visits, 2),
        'engaged_seconds', coalesce(engaged_seconds, 0),
        'engaged_seconds_per_visit', business.site_rate(engaged_seconds, visits, 2),
        'events', coalesce(events, 0),
        'conversions', coalesce(conversions, 0),
        'conversion_rate', business.site_rate(converted, visits, 4),
        'revenue', coalesce(revenue, '{}'),
        'refunds', coalesce(refunds, '{}'))
$body$;
COMMENT ON FUNCTION business.site_metrics(numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, jsonb, jsonb)
IS 'The metrics of docs/api.md out of sums.';

-- -------------------------------------------------------------------------- analytics from rollups

-- Exact where all borders are quarters of an hour.
CREATE OR REPLACE FUNCTION business.site_rolled_metrics(
    tenant bytea, starts timestamptz[], ends timestamptz[]
) RETURNS TABLE (
    number integer,
    metrics jsonb
)
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
-- Planning would take as long as the answer; all borders are narrow ranges of indexes.
SET plan_cache_mode = force_generic_plan
AS $body$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH parts AS (
        SELECT *
        FROM business.site_rollup_b
        WHERE tenant_hk = tenant
            AND dimension = 'visits'
            AND bucket_start >= starts[1]
            AND bucket_start < ends[1]
        UNION ALL
        SELECT sums.*
        FROM business.site_open_sessions(tenant, starts[1], ends[1]) AS sessions
        CROSS JOIN LATERAL business.site_session_sums(sessions, 1) AS sums
        WHERE sums.dimension = 'visits' AND NOT sessions.is_bot
    ),
    interval_sums AS (
        SELECT
            width_bucket(bucket_start, starts[2:]) AS number, currency, sum(visits) AS visits,
            sum(bounces) AS bounces, sum(bounceable) AS bounceable, sum(converted) AS converted,
            sum(page_views) AS page_views, sum(events) AS events, sum(conversions) AS conversions,
            sum(duration_seconds) AS duration_seconds, sum(engaged_seconds) AS engaged_seconds,
            sum(revenue) AS revenue, sum(refunds) AS refunds
        FROM parts
        GROUP BY 1, 2
    ),
    -- The first interval, 0, is the whole period, the others divide it.
    sums AS MATERIALIZED (
        SELECT
            coalesce(number, 0) AS number, currency, sum(visits) AS visits, sum(bounces) AS bounces,
            sum(bounceable) AS bounceable, sum(converted) AS converted, sum(page_views) AS page_views,
            sum(events) AS events, sum(conversions) AS conversions,
            sum(duration_seconds) AS duration_seconds, sum(engaged_seconds) AS engaged_seconds,
            sum(revenue) AS revenue, sum(refunds) AS refunds
        FROM interval_sums
        GROUP BY GROUPING SETS ((currency), (number, currency))
        HAVING number IS NULL OR number > 0
    ),
    money AS (
        SELECT
            number,
            jsonb_object_agg(currency, trim_scale(revenue)) FILTER (WHERE revenue <> 0) AS revenue,
            jsonb_object_agg(currency, trim_scale(refunds)) FILTER (WHERE refunds <> 0) AS refunds
        FROM sums
        WHERE currency <> ''
        GROUP BY number
    )
    SELECT
        intervals.number::integer - 1,
        business.site_metrics(
            sums.visits - coalesce(near.visits, 0) - coalesce(far.visits, 0) - coalesce(days.visits, 0)
                - coalesce(last_near.visits, 0) - last_far.visits,
            sums.visits, sums.bounces, sums.bounceable, sums.converted, sums.page_views, sums.events,
            sums.conversions, sums.duration_seconds, sums.engaged_seconds, money.revenue,
            money.refunds)
    FROM unnest(starts, ends) WITH ORDINALITY AS intervals (starts_at, ends_at, number)
    LEFT JOIN sums ON sums.number = intervals.number - 1 AND sums.currency = ''
    LEFT JOIN money ON money.number = intervals.number - 1
    -- Sessions whose visitor had one before in the same interval. Of an interval no longer than a day
    -- both lie near. A longer one has whole UTC days, and before and after them two rests.
    CROSS JOIN LATERAL (
        SELECT
            intervals.ends_at - intervals.starts_at > INTERVAL '25 hours' AS is_long,
            business.site_day(intervals.starts_at + INTERVAL '1 day' - INTERVAL '1 microsecond') AS days_from,
            business.site_day(intervals.ends_at) AS days_to
    ) AS spans
    CROSS JOIN LATERAL (
        SELECT sum(visits) AS visits
        FROM business.site_return_b
        WHERE tenant_hk = tenant
            AND span = 'NEAR'
            AND previous_bucket >= intervals.starts_at
            AND previous_bucket < CASE WHEN spans.is_long THEN spans.days_from ELSE intervals.ends_at END
            AND start_bucket < intervals.ends_at
    ) AS near
    CROSS JOIN LATERAL (
        SELECT sum(visits) AS visits
        FROM business.site_return_b
        WHERE spans.is_long
            AND tenant_hk = tenant
            AND span = 'FAR'
            AND previous_bucket >= intervals.starts_at
            AND previous_bucket < spans.days_from
            AND start_bucket < spans.days_to
    ) AS far
    CROSS JOIN LATERAL (
        SELECT sum(visits) AS visits
        FROM business.site_return_b
        WHERE spans.is_long
            AND tenant_hk = tenant
            AND span = 'DAY'
            AND previous_bucket >= spans.days_from
            AND start_bucket < spans.days_to
    ) AS days
    CROSS JOIN LATERAL (
        SELECT sum(visits) AS visits
        FROM business.site_return_b
        WHERE spans.is_long
            AND tenant_hk = tenant
            AND span = 'NEAR'
            AND previous_bucket >= greatest(spans.days_from, spans.days_to - INTERVAL '25 hours')
            AND previous_bucket < intervals.ends_at
            AND start_bucket >= spans.days_to
            AND start_bucket < intervals.ends_at
    ) AS last_near
    CROSS JOIN LATERAL (
        SELECT count(*) AS visits
        FROM business.site_session_b
        WHERE spans.is_long
            AND tenant_hk = tenant
            AND key_start >= spans.days_to
            AND key_start < intervals.ends_at
            AND previous_start >= intervals.starts_at
            AND NOT business.site_is_near(previous_start, session_start)
    ) AS last_far;
END
$body$;
COMMENT ON FUNCTION business.site_rolled_metrics(bytea, timestamptz[], timestamptz[])
IS 'Metrics of each of the intervals, numbered from 0, without robots; all borders must be quarters of an hour.';

-- Filters are an object of arrays of texts and nulls; without one a field is not looked at.
CREATE OR REPLACE FUNCTION business.site_filter(filters jsonb, field text, value text)
RETURNS boolean
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
AS $body$
    SELECT NOT filters ? field
        OR CASE WHEN value IS NULL THEN filters -> field @> '[null]' ELSE filters -> field ? value END
$body$;
COMMENT ON FUNCTION business.site_filter(jsonb, text, text)
IS 'Whether a value is among those asked for.';

CREATE OR REPLACE FUNCTION business.site_breakdowns(options jsonb, usual text[], others text[])
RETURNS text[]
LANGUAGE plpgsql
IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    known CONSTANT text[] := usual || others;
    asked CONSTANT jsonb := coalesce(options -> 'breakdowns', to_jsonb(usual));
BEGIN
    IF jsonb_typeof(asked) <> 'array' OR NOT asked <@ to_jsonb(known) THEN
        PERFORM business.site_argument_error(
            'breakdowns', 'An array of some of ' || array_to_string(known, ', ') || '.');
    END IF;
    RETURN ARRAY(SELECT jsonb_array_elements_text(asked));
END
$body$;
COMMENT ON FUNCTION business.site_breakdowns(jsonb, text[], text[])
IS 'The breakdowns asked for, the usual ones without the option. Errors: ST400.';

CREATE OR REPLACE FUNCTION business.site_filters(options jsonb)
RETURNS jsonb
LANGUAGE plpgsql
IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    known CONSTANT text[] := ARRAY['device', 'browser', 'os', 'channel', 'source', 'utm_source', 'utm_medium',
        'utm_campaign', 'utm_term', 'utm_content', 'entry_page', 'exit_page', 'referrer', 'language',
        'country'];
    -- What a session has one of, or what its events tell: no session is without.
    known_by_key CONSTANT text[] := ARRAY['session', 'visitor', 'page', 'item', 'event', 'visitor_kind'];
    is_by_key boolean;
    filter record;
    given jsonb;
    filters jsonb := '{}';
BEGIN
    IF options ? 'filters' AND jsonb_typeof(options -> 'filters') <> 'object' THEN
        PERFORM business.site_argument_error('filters', 'Filters are a JSON object.');
    END IF;
    FOR filter IN SELECT key, value FROM jsonb_each(coalesce(options -> 'filters', '{}')) LOOP
        is_by_key := filter.key = ANY (known_by_key) OR filter.key ~ '^property:.{1,200}$';
        IF filter.key <> ALL (known) AND NOT is_by_key THEN
            PERFORM business.site_argument_error(
                'filters.' || left(filter.key, 100), 'This filter is not known.');
        END IF;
        given := CASE jsonb_typeof(filter.value) WHEN 'array' THEN filter.value
            ELSE jsonb_build_array(filter.value) END;
        IF jsonb_array_length(given) NOT BETWEEN 1 AND 100
            OR EXISTS (
                SELECT FROM jsonb_array_elements(given) AS element
                WHERE jsonb_typeof(element) NOT IN ('string', 'null') OR length(element #>> '{}') > 2048
                    OR is_by_key AND element = 'null'
            ) THEN
            PERFORM business.site_argument_error('filters.' || filter.key,
                'A text of at most 2048 characters, or an array of 1 to 100 such texts'
                    || CASE WHEN is_by_key THEN '.' ELSE ' and nulls for none.' END);
        END IF;
        IF filter.key = 'visitor_kind' AND NOT given <@ '["recognised", "anonymous"]' THEN
            PERFORM business.site_argument_error('filters.visitor_kind', 'One of recognised, anonymous.');
        END IF;
        filters := filters || jsonb_build_object(filter.key, given);
    END LOOP;
    RETURN filters;
END
$body$;
COMMENT ON FUNCTION business.site_filters(jsonb)
IS 'The filters of options, each as an array. Errors: ST400.';

CREATE OR REPLACE FUNCTION business.site_event_filters(filters jsonb)
RETURNS jsonb
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
AS $body$
    SELECT coalesce(jsonb_object_agg(key, value), '{}')
    FROM jsonb_each(filters)
    WHERE key IN ('page', 'item', 'event') OR key LIKE 'property:%'
$body$;
COMMENT ON FUNCTION business.site_event_filters(jsonb)
IS 'Those of the filters that a session passes by an event of its own.';

CREATE OR REPLACE FUNCTION business.site_filter_keys(tenant bytea, filters jsonb, field text)
RETURNS bytea[]
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
AS $body$
    SELECT array_agg(business.site_hash_key(tenant, value))
    FROM jsonb_array_elements_text(filters -> field) AS value
$body$;
COMMENT ON FUNCTION business.site_filter_keys(bytea, jsonb, text)
IS 'The hash keys of what a filter asks for; NULL without it.';

CREATE OR REPLACE FUNCTION business.site_sessions_among(filters jsonb)
RETURNS bytea[]
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
AS $body$ SELECT array_agg(decode(key, 'hex')) FROM jsonb_array_elements_text(filters -> 'among') AS key $body$;
COMMENT ON FUNCTION business.site_sessions_among(jsonb)
IS 'The sessions that resolved filters name.';

CREATE OR REPLACE FUNCTION business.site_visitor_kind(visitor_bk text)
RETURNS text
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
AS $body$ SELECT CASE WHEN visitor_bk LIKE 'anon\_%' THEN 'anonymous' ELSE 'recognised' END $body$;
COMMENT ON FUNCTION business.site_visitor_kind(text)
IS 'Whether a pseudonym stands for a visitor or, where nobody may be recognised, for a single page view.';

CREATE OR REPLACE FUNCTION business.site_filtered_sessions(
    tenant bytea, from_at timestamptz, to_at timestamptz, filters jsonb, include_bots boolean
) RETURNS SETOF business.site_session_b
LANGUAGE sql
STABLE
AS $body$
    SELECT *
    FROM business.site_sessions(tenant, from_at, to_at) AS sessions
    WHERE tenant_hk = tenant
        AND (include_bots OR NOT is_bot)
        AND business.site_filter(filters, 'device', device_type)
        AND business.site_filter(filters, 'browser', browser)
        AND business.site_filter(filters, 'os', os)
        AND business.site_filter(filters, 'channel', channel)
        AND business.site_filter(filters, 'source', coalesce(utm_source, referrer_host))
        AND business.site_filter(filters, 'utm_source', utm_source)
        AND business.site_filter(filters, 'utm_medium', utm_medium)
        AND business.site_filter(filters, 'utm_campaign', utm_campaign)
        AND business.site_filter(filters, 'utm_term', utm_term)
        AND business.site_filter(filters, 'utm_content', utm_content)
        AND business.site_filter(filters, 'entry_page', entry_page_url)
        AND business.site_filter(filters, 'exit_page', exit_page_url)
        AND business.site_filter(filters, 'referrer', referrer_host)
        AND business.site_filter(filters, 'language', language)
        AND business.site_filter(filters, 'country', country)
        AND (NOT filters ? 'session' OR session_hk = ANY (business.site_filter_keys(tenant, filters, 'session')))
        AND (NOT filters ? 'visitor' OR visitor_hk = ANY (business.site_filter_keys(tenant, filters, 'visitor')))
        AND (NOT filters ? 'visitor_kind' OR filters -> 'visitor_kind' ? (
            SELECT business.site_visitor_kind(visitor_bk)
            FROM business.site_visitor_h AS visitors
            WHERE visitors.visitor_hk = sessions.visitor_hk))
        AND (NOT filters ? 'among' OR session_hk = ANY (business.site_sessions_among(filters)))
$body$;
COMMENT ON FUNCTION business.site_filtered_sessions(bytea, timestamptz, timestamptz, jsonb, boolean)
IS 'The sessions that began in a period and pass the filters, which site_resolved_filters gave.';

CREATE OR REPLACE FUNCTION business.site_filtered_metrics(
    tenant bytea, starts timestamptz[], ends timestamptz[], filters jsonb, include_bots boolean
) RETURNS TABLE (
    number integer,
    metrics jsonb
)
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    -- The first interval is the whole period, the others divide it.
    WITH chosen AS MATERIALIZED (
        SELECT
            width_bucket(session_start, starts[2:]) AS number, visitor_hk, is_bounce, conversions, page_views,
            total_events, duration_seconds, engaged_seconds, revenue, refunds
        FROM business.site_filtered_sessions(tenant, starts[1], ends[1], filters, include_bots)
    ),
    visitors AS MATERIALIZED (
        SELECT
            number,
            visitor_hk,
            count(*) AS visits,
            count(*) FILTER (WHERE is_bounce) AS bounces,
            count(is_bounce) AS bounceable,
            count(*) FILTER (WHERE conversions > 0) AS converted,
            sum(page_views) AS page_views,
            sum(total_events) AS events,
            sum(conversions) AS conversions,
            sum(duration_seconds) AS duration_seconds,
            sum(engaged_seconds) AS engaged_seconds
        FROM chosen
        GROUP BY 1, 2
    ),
    money AS MATERIALIZED (
        SELECT
            sessions.number,
            amounts.currency,
            sum(amounts.revenue) AS revenue,
            sum(amounts.refunds) AS refunds
        FROM chosen AS sessions
        CROSS JOIN LATERAL business.site_money(sessions.revenue, sessions.refunds) AS amounts
        WHERE sessions.revenue IS NOT NULL OR sessions.refunds IS NOT NULL
        GROUP BY 1, 2
    ),
    sums AS (
        SELECT
            coalesce(number, 0) AS number,
            CASE WHEN number IS NULL THEN count(DISTINCT visitor_hk) ELSE count(*) END AS visitors,
            sum(visits) AS visits, sum(bounces) AS bounces, sum(bounceable) AS bounceable,
            sum(converted) AS converted, sum(page_views) AS page_views, sum(events) AS events,
            sum(conversions) AS conversions, sum(duration_seconds) AS duration_seconds,
            sum(engaged_seconds) AS engaged_seconds
        FROM visitors
        GROUP BY GROUPING SETS ((), (number))
    ),
    money_sums AS (
        SELECT
            number,
            jsonb_object_agg(currency, trim_scale(revenue)) FILTER (WHERE revenue <> 0) AS revenue,
            jsonb_object_agg(currency, trim_scale(refunds)) FILTER (WHERE refunds <> 0) AS refunds
        FROM (
            SELECT
                coalesce(number, 0) AS number, currency, sum(revenue) AS revenue, sum(refunds) AS refunds
            FROM money
            GROUP BY GROUPING SETS ((currency), (number, currency))
        ) AS amounts
        GROUP BY number
    )
    SELECT
        intervals.number::integer - 1,
        business.site_metrics(
            sums.visitors, sums.visits, sums.bounces, sums.bounceable, sums.converted, sums.page_views,
            sums.events, sums.conversions, sums.duration_seconds, sums.engaged_seconds,
            money_sums.revenue, money_sums.refunds)
    FROM unnest(starts) WITH ORDINALITY AS intervals (starts_at, number)
    LEFT JOIN sums ON sums.number = intervals.number - 1
    LEFT JOIN money_sums ON money_sums.number = intervals.number - 1;
END
$body$;
COMMENT ON FUNCTION business.site_filtered_metrics(bytea, timestamptz[], timestamptz[], jsonb, boolean)
IS 'As site_rolled_metrics, from the sessions themselves: the first interval is the period, the others divide it.';

CREATE OR REPLACE FUNCTION business.site_nearest_day(instant timestamptz)
RETURNS timestamptz
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
AS $body$ SELECT date_bin('1 day', instant + INTERVAL '12 hours', '2000-01-01 00:00:00Z') $body$;
COMMENT ON FUNCTION business.site_nearest_day(timestamptz)
IS 'The beginning of a UTC day that is nearest.';

CREATE OR REPLACE FUNCTION business.site_rests(
    from_at timestamptz, to_at timestamptz, days_from timestamptz, days_to timestamptz
) RETURNS TABLE (
    sign integer,
    starts_at timestamptz,
    ends_at timestamptz
)
LANGUAGE sql
IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    -- A period that is no longer than the days are apart from it has no days at all.
    SELECT rests.sign, rests.starts_at, rests.ends_at
    FROM (VALUES
        (1, from_at, CASE WHEN days_from < days_to THEN days_from ELSE to_at END),
        (-1, days_from, CASE WHEN days_from < days_to THEN from_at END),
        (1, CASE WHEN days_from < days_to THEN days_to END, to_at),
        (-1, to_at, CASE WHEN days_from < days_to THEN days_to END)
    ) AS rests (sign, starts_at, ends_at)
    WHERE rests.starts_at < rests.ends_at
$body$;
COMMENT ON FUNCTION business.site_rests(timestamptz, timestamptz, timestamptz, timestamptz)
IS 'What is to be added to whole days, or taken off by sign -1, to make a period of them.';

CREATE OR REPLACE FUNCTION business.site_session_breakdowns(
    tenant bytea, from_at timestamptz, to_at timestamptz, filters jsonb, include_bots boolean,
    is_rolled boolean, dimensions text[], most integer
) RETURNS jsonb
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
#variable_conflict use_column
DECLARE
    -- The whole UTC days next to the period, for which the rollup is asked; what they have too little is
    -- added and what they have too much is taken off, from the sessions. None without the rollup.
    days_from CONSTANT timestamptz := CASE WHEN is_rolled THEN business.site_nearest_day(from_at) ELSE from_at END;
    days_to CONSTANT timestamptz := CASE WHEN is_rolled THEN business.site_nearest_day(to_at) ELSE from_at END;
    breakdowns jsonb;
BEGIN
    WITH loose AS MATERIALIZED (
        SELECT 1 AS sign, sessions.*
        FROM business.site_filtered_sessions(tenant, from_at, to_at, filters, include_bots) AS sessions
        WHERE NOT is_rolled
        UNION ALL
        SELECT rests.sign, sessions.*
        FROM business.site_rests(from_at, to_at, days_from, days_to) AS rests
        CROSS JOIN LATERAL business.site_sessions(tenant, rests.starts_at, rests.ends_at) AS sessions
        WHERE is_rolled AND NOT sessions.is_bot
        UNION ALL
        -- Open sessions are not in the rollup.
        SELECT 1, sessions.*
        FROM business.site_open_sessions(tenant, days_from, days_to) AS sessions
        WHERE NOT sessions.is_bot
    ),
    -- The row without a currency is the one that counts, as in business.site_session_sums.
    counted AS (
        SELECT loose.*, '' AS currency, sign AS counts, NULL::numeric AS gained, NULL::numeric AS given_back
        FROM loose
        UNION ALL
        SELECT loose.*, money.currency, 0, sign * money.revenue, sign * money.refunds
        FROM loose
        CROSS JOIN LATERAL business.site_money(loose.revenue, loose.refunds) AS money
        WHERE loose.revenue IS NOT NULL OR loose.refunds IS NOT NULL
    ),
    -- In one pass over the sessions, the values as in business.site_session_values.
    sums_by_value AS (
        SELECT
            CASE 0
                WHEN grouping(entry_page_url) THEN 'entry_pages'
                WHEN grouping(exit_page_url) THEN 'exit_pages'
                WHEN grouping(channel) THEN 'channels'
                WHEN grouping(coalesce(utm_source, referrer_host)) THEN 'sources'
                WHEN grouping(utm_campaign) THEN 'campaigns'
                WHEN grouping(device_type) THEN 'devices'
                WHEN grouping(browser) THEN 'browsers'
                WHEN grouping(os) THEN 'operating_systems'
                WHEN grouping(country) THEN 'countries'
            END::varchar(20) AS dimension,
            -- All but the one that is summed by are NULL.
            coalesce(entry_page_url, exit_page_url, channel, coalesce(utm_source, referrer_host),
                utm_campaign, device_type, browser, os, country) AS value,
            currency,
            sum(counts) AS visits,
            sum(counts * coalesce(is_bounce, false)::integer) AS bounces,
            sum(counts * (is_bounce IS NOT NULL)::integer) AS bounceable,
            sum(counts * (conversions > 0)::integer) AS converted,
            sum(counts * page_views) AS page_views,
            sum(counts * conversions) AS conversions,
            sum(counts * duration_seconds)::bigint AS duration_seconds,
            coalesce(sum(gained), 0) AS revenue,
            coalesce(sum(given_back), 0) AS refunds
        FROM counted
        GROUP BY GROUPING SETS (
            (currency, entry_page_url), (currency, exit_page_url), (currency, channel),
            (currency, coalesce(utm_source, referrer_host)), (currency, utm_campaign),
            (currency, device_type), (currency, browser), (currency, os), (currency, country))
    ),
    loose_sums AS MATERIALIZED (
        SELECT
            dimension, sha256(convert_to(coalesce('=' || value, ''), 'UTF8')) AS value_key, currency, value,
            visits, bounces, bounceable, converted, page_views, conversions, duration_seconds, revenue, refunds
        FROM sums_by_value
        WHERE dimension = ANY (dimensions)
    ),
    -- Most values are not listed: only their visits are summed.
    chosen AS MATERIALIZED (
        SELECT dimension, value_key
        FROM (
            SELECT
                dimension,
                value_key,
                rank() OVER (PARTITION BY dimension ORDER BY sum(visits) DESC) AS place
            FROM (
                SELECT dimension, value_key, visits
                FROM business.site_rollup_b
                WHERE tenant_hk = tenant
                    AND dimension = ANY (dimensions)
                    AND bucket_start >= days_from
                    AND bucket_start < days_to
                    AND currency = ''
                UNION ALL
                SELECT dimension, value_key, visits FROM loose_sums WHERE currency = ''
            ) AS visited
            GROUP BY dimension, value_key
            HAVING sum(visits) > 0
        ) AS placed
        WHERE place <= most
    ),
    grouped AS MATERIALIZED (
        SELECT
            dimension, value_key, currency, min(value) AS value, sum(visits) AS visits,
            sum(bounces) AS bounces, sum(bounceable) AS bounceable, sum(converted) AS converted,
            sum(page_views) AS page_views, sum(conversions) AS conversions,
            sum(duration_seconds) AS duration_seconds, sum(revenue) AS revenue, sum(refunds) AS refunds
        FROM (
            SELECT
                summed.dimension, summed.value_key, currency, value, visits, bounces, bounceable, converted,
                page_views, conversions, duration_seconds, revenue, refunds
            FROM chosen
            CROSS JOIN generate_series(
                days_from, days_to - INTERVAL '24 hours', INTERVAL '24 hours') AS day
            -- A few rows by key, rather than all once more. OFFSET 0 keeps the planner to it.
            CROSS JOIN LATERAL (
                SELECT *
                FROM business.site_rollup_b AS held
                WHERE held.tenant_hk = tenant
                    AND held.dimension = chosen.dimension
                    AND held.bucket_start = day
                    AND held.value_key = chosen.value_key
                OFFSET 0
            ) AS summed
            UNION ALL
            SELECT *
            FROM loose_sums
            WHERE (dimension, value_key) IN (SELECT * FROM chosen)
        ) AS parts
        GROUP BY dimension, value_key, currency
    ),
    ranked AS (
        SELECT
            grouped.*,
            row_number() OVER (
                PARTITION BY dimension ORDER BY visits DESC, value COLLATE "C" NULLS LAST
            ) AS rank
        FROM grouped
        WHERE currency = ''
    ),
    money AS (
        SELECT
            dimension,
            value_key,
            jsonb_object_agg(currency, trim_scale(revenue)) FILTER (WHERE revenue <> 0) AS revenue,
            jsonb_object_agg(currency, trim_scale(refunds)) FILTER (WHERE refunds <> 0) AS refunds
        FROM grouped
        WHERE currency <> ''
        GROUP BY dimension, value_key
    ),
    listed AS (
        SELECT
            ranked.dimension,
            jsonb_agg(
                jsonb_build_object(
                    'value', ranked.value,
                    'visits', ranked.visits,
                    'pageviews', ranked.page_views,
                    'bounce_rate', business.site_rate(ranked.bounces, ranked.bounceable, 4),
                    'visit_duration', business.site_rate(ranked.duration_seconds, ranked.visits, 2),
                    'conversions', ranked.conversions,
                    'conversion_rate', business.site_rate(ranked.converted, ranked.visits, 4),
                    'revenue', coalesce(money.revenue, '{}'),
                    'refunds', coalesce(money.refunds, '{}'))
                ORDER BY ranked.rank) AS rows
        FROM ranked
        LEFT JOIN money
            ON money.dimension = ranked.dimension AND money.value_key = ranked.value_key
        WHERE ranked.rank <= most
        GROUP BY ranked.dimension
    )
    SELECT jsonb_object_agg(wanted.dimension, coalesce(listed.rows, '[]'))
    INTO breakdowns
    FROM unnest(dimensions) AS wanted (dimension)
    LEFT JOIN listed ON listed.dimension = wanted.dimension;
    RETURN coalesce(breakdowns, '{}');
END
$body$;
COMMENT ON FUNCTION business.site_session_breakdowns(bytea, timestamptz, timestamptz, jsonb, boolean, boolean, text[], integer)
IS 'The greatest values of the dimensions of sessions, from the rollup where it is asked, else from the sessions.';

-- Sessions of one key lie one after the other, so that an event is held by the one in whose time it
-- lies; where two meet in one instant it is the later one that has a link.
CREATE OR REPLACE FUNCTION business.site_session_events(
    tenant bytea, from_at timestamptz, to_at timestamptz, filters jsonb, include_bots boolean
) RETURNS TABLE (
    event_timestamp timestamptz,
    event_hk bytea,
    session_hk bytea,
    visitor_hk bytea
)
LANGUAGE plpgsql
STABLE
ROWS 1000000
SET search_path = pg_catalog, pg_temp
AS $body$
#variable_conflict use_column
DECLARE
    last_end CONSTANT timestamptz := (
        SELECT max(session_end)
        FROM business.site_filtered_sessions(tenant, from_at, to_at, filters, include_bots));
BEGIN
    RETURN QUERY
    SELECT links.event_timestamp, links.event_hk, sessions.session_hk, sessions.visitor_hk
    FROM business.site_filtered_sessions(tenant, from_at, to_at, filters, include_bots) AS sessions
    JOIN business.event_session_l AS links
        ON links.session_hk = sessions.session_hk
        AND links.event_timestamp BETWEEN sessions.session_start AND sessions.session_end
    WHERE links.tenant_hk = tenant
        AND links.event_timestamp >= from_at
        AND links.event_timestamp <= last_end
        AND NOT (links.event_timestamp = sessions.session_end AND EXISTS (
            SELECT FROM business.event_session_l AS others
            JOIN business.site_session_b AS later
                ON later.tenant_hk = tenant
                AND later.key_start = date_trunc('milliseconds', links.event_timestamp)
                AND later.session_hk = others.session_hk
            WHERE others.event_timestamp = links.event_timestamp
                AND others.event_hk = links.event_hk
                AND others.session_hk <> links.session_hk
                AND later.session_start = links.event_timestamp
                AND (later.session_start, links.session_hk) > (sessions.session_start, others.session_hk)));
END
$body$;
COMMENT ON FUNCTION business.site_session_events(bytea, timestamptz, timestamptz, jsonb, boolean)
IS 'The events of the sessions that began in a period and pass the filters, each once.';

-- Once a question, as it takes all events of the sessions. No one else names sessions so: who asks cannot.
CREATE OR REPLACE FUNCTION business.site_resolved_filters(
    tenant bytea, from_at timestamptz, to_at timestamptz, filters jsonb
) RETURNS jsonb
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
#variable_conflict use_column
DECLARE
    asked CONSTANT jsonb := business.site_event_filters(filters);
    asked_names CONSTANT text[] := ARRAY(SELECT jsonb_object_keys(asked));
    other_filters CONSTANT jsonb := filters - asked_names;
    -- No session is longer than a week.
    last_at CONSTANT timestamptz := to_at + INTERVAL '7 days';
    among jsonb;
BEGIN
    IF asked = '{}' THEN
        RETURN filters;
    END IF;
    WITH events AS MATERIALIZED (
        SELECT chosen.session_hk, chosen.event_timestamp, chosen.event_hk, details.evt_type, details.properties
        FROM business.site_session_events(tenant, from_at, to_at, other_filters, true) AS chosen
        JOIN business.site_event_details_s AS details
            ON details.event_timestamp = chosen.event_timestamp AND details.event_hk = chosen.event_hk
        WHERE details.event_timestamp >= from_at AND details.event_timestamp < last_at
    ),
    met AS (
        SELECT 'event' AS filter, events.session_hk
        FROM events
        WHERE asked ? 'event' AND asked -> 'event' ? events.evt_type
        UNION ALL
        SELECT 'page', events.session_hk
        FROM events
        JOIN business.event_page_l AS pages
            ON pages.event_timestamp = events.event_timestamp AND pages.event_hk = events.event_hk
        WHERE asked ? 'page'
            AND events.evt_type = 'page_view'
            AND pages.event_timestamp >= from_at
            AND pages.event_timestamp < last_at
            AND pages.page_hk = ANY (business.site_filter_keys(tenant, asked, 'page'))
        UNION ALL
        SELECT 'item', events.session_hk
        FROM events
        JOIN business.event_business_item_l AS items
            ON items.event_timestamp = events.event_timestamp AND items.event_hk = events.event_hk
        WHERE asked ? 'item'
            AND items.event_timestamp >= from_at
            AND items.event_timestamp < last_at
            AND items.business_item_hk = ANY (business.site_filter_keys(tenant, asked, 'item'))
        UNION ALL
        SELECT name, events.session_hk
        FROM events
        JOIN unnest(asked_names) AS name ON name LIKE 'property:%'
        WHERE asked -> name ? (events.properties ->> substr(name, 10))
    )
    SELECT coalesce(jsonb_agg(encode(chosen.session_hk, 'hex')), '[]')
    INTO among
    FROM (
        SELECT met.session_hk
        FROM met
        GROUP BY met.session_hk
        HAVING count(DISTINCT met.filter) = cardinality(asked_names)
    ) AS chosen;
    RETURN other_filters || jsonb_build_object('among', among);
END
$body$;
COMMENT ON FUNCTION business.site_resolved_filters(bytea, timestamptz, timestamptz, jsonb)
IS 'The filters with, in the place of those by events, the sessions that began in the period and have such events.';

CREATE OR REPLACE FUNCTION business.site_top_pages_and_items(
    tenant bytea, from_at timestamptz, to_at timestamptz, filters jsonb, include_bots boolean,
    is_rolled boolean, wanted text[], most integer
) RETURNS jsonb
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
#variable_conflict use_column
DECLARE
    days_from CONSTANT timestamptz := CASE WHEN is_rolled THEN business.site_nearest_day(from_at) ELSE from_at END;
    days_to CONSTANT timestamptz := CASE WHEN is_rolled THEN business.site_nearest_day(to_at) ELSE from_at END;
    timestamps timestamptz[];
    keys bytea[];
    last_at timestamptz := to_at;
    pages jsonb;
    items jsonb;
BEGIN
    IF filters <> '{}' THEN
        SELECT
            coalesce(array_agg(event_timestamp), '{}'), coalesce(array_agg(event_hk), '{}'),
            max(event_timestamp) + INTERVAL '1 microsecond'
        INTO timestamps, keys, last_at
        FROM business.site_session_events(tenant, from_at, to_at, filters, include_bots);
    END IF;
    WITH parts AS (
        SELECT
            dimension, value_key, currency, page_views, events, conversions, quantity, refunded_quantity,
            revenue, refunds
        FROM business.site_rollup_b
        WHERE tenant_hk = tenant
            AND dimension IN ('top_pages', 'items')
            AND bucket_start >= days_from
            AND bucket_start < days_to
        UNION ALL
        SELECT
            sums.dimension, sums.value_key, sums.currency, rests.sign * sums.page_views,
            rests.sign * sums.events, rests.sign * sums.conversions, rests.sign * sums.quantity,
            rests.sign * sums.refunded_quantity, rests.sign * sums.revenue, rests.sign * sums.refunds
        FROM business.site_rests(from_at, to_at, days_from, days_to) AS rests
        CROSS JOIN LATERAL business.site_event_sums(
            tenant, rests.starts_at, CASE WHEN is_rolled THEN rests.ends_at ELSE last_at END, include_bots,
            timestamps, keys) AS sums
    ),
    sums AS MATERIALIZED (
        SELECT
            dimension, value_key, currency, sum(page_views) AS page_views, sum(events) AS events,
            sum(conversions) AS purchases, sum(quantity) AS quantity,
            sum(refunded_quantity) AS refunded_quantity, sum(revenue) AS revenue,
            sum(refunds) AS refunds
        FROM parts
        WHERE dimension = ANY (wanted)
        GROUP BY dimension, value_key, currency
    ),
    most_seen AS (
        SELECT value_key AS page_hk, page_views
        FROM sums
        WHERE dimension = 'top_pages' AND page_views > 0
        -- More than asked for, as ties are broken by the URL.
        ORDER BY page_views DESC
        FETCH FIRST most ROWS WITH TIES
    ),
    named_pages AS (
        SELECT hubs.page_bk, titles.page_title, most_seen.page_views
        FROM most_seen
        JOIN business.site_page_h AS hubs ON hubs.page_hk = most_seen.page_hk
        LEFT JOIN LATERAL (
            SELECT page_title
            FROM business.site_page_details_s AS versions
            WHERE versions.page_hk = most_seen.page_hk
            ORDER BY event_timestamp DESC, load_date DESC
            LIMIT 1
        ) AS titles ON true
        ORDER BY most_seen.page_views DESC, hubs.page_bk COLLATE "C"
        LIMIT most
    ),
    most_met AS (
        SELECT value_key AS item_hk, events, purchases, quantity, refunded_quantity
        FROM sums
        WHERE dimension = 'items' AND currency = '' AND events > 0
        ORDER BY events DESC
        FETCH FIRST most ROWS WITH TIES
    ),
    named_items AS (
        SELECT most_met.*, hubs.business_item_bk, names.item_name, money.revenue, money.refunds
        FROM most_met
        JOIN business.business_item_h AS hubs ON hubs.business_item_hk = most_met.item_hk
        LEFT JOIN LATERAL (
            SELECT item_name
            FROM business.business_item_details_s AS versions
            WHERE versions.business_item_hk = most_met.item_hk
            ORDER BY event_timestamp DESC, load_date DESC
            LIMIT 1
        ) AS names ON true
        LEFT JOIN (
            SELECT
                value_key AS item_hk,
                jsonb_object_agg(currency, trim_scale(revenue)) FILTER (WHERE revenue <> 0) AS revenue,
                jsonb_object_agg(currency, trim_scale(refunds)) FILTER (WHERE refunds <> 0) AS refunds
            FROM sums
            WHERE dimension = 'items' AND currency <> ''
            GROUP BY value_key
        ) AS money ON money.item_hk = most_met.item_hk
        ORDER BY most_met.events DESC, hubs.business_item_bk COLLATE "C"
        LIMIT most
    )
    SELECT
        (
            SELECT jsonb_agg(
                jsonb_build_object('value', page_bk, 'title', page_title, 'pageviews', page_views)
                ORDER BY page_views DESC, page_bk COLLATE "C")
            FROM named_pages
        ),
        (
            SELECT jsonb_agg(
                jsonb_build_object(
                    'value', business_item_bk,
                    'name', item_name,
                    'events', events,
                    'purchases', purchases,
                    'quantity', trim_scale(quantity),
                    'refunded_quantity', trim_scale(refunded_quantity),
                    'revenue', coalesce(revenue, '{}'),
                    'refunds', coalesce(refunds, '{}'))
                ORDER BY events DESC, business_item_bk COLLATE "C")
            FROM named_items
        )
    INTO pages, items;
    RETURN CASE WHEN 'top_pages' = ANY (wanted)
            THEN jsonb_build_object('top_pages', coalesce(pages, '[]')) ELSE '{}' END
        || CASE WHEN 'items' = ANY (wanted)
            THEN jsonb_build_object('items', coalesce(items, '[]')) ELSE '{}' END;
END
$body$;
COMMENT ON FUNCTION business.site_top_pages_and_items(bytea, timestamptz, timestamptz, jsonb, boolean, boolean, text[], integer)
IS 'The pages seen and the items met most often in a period; with filters in the sessions that pass.';

CREATE OR REPLACE FUNCTION business.site_goals(tenant bytea)
RETURNS text[]
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT coalesce(array_agg(DISTINCT goal ORDER BY goal), '{}')
    FROM (
        SELECT goal_event_types
        FROM auth.tenant_site_tracking_s
        WHERE tenant_hk = tenant
        ORDER BY load_date DESC
        LIMIT 1
    ) AS settings
    CROSS JOIN LATERAL unnest(goal_event_types) AS goal
    WHERE goal IS NOT NULL
$body$;
COMMENT ON FUNCTION business.site_goals(bytea)
IS 'The event types that count as a tenant''s conversions besides purchases.';

CREATE OR REPLACE FUNCTION business.site_event_breakdowns(
    tenant bytea, from_at timestamptz, to_at timestamptz, filters jsonb, include_bots boolean,
    wanted text[], property text, most integer
) RETURNS jsonb
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
#variable_conflict use_column
DECLARE
    goals CONSTANT text[] := ARRAY['purchase'] || business.site_goals(tenant);
    breakdowns jsonb;
BEGIN
    WITH events AS MATERIALIZED (
        SELECT chosen.session_hk, details.evt_type, details.properties
        FROM business.site_session_events(tenant, from_at, to_at, filters, include_bots) AS chosen
        JOIN business.site_event_details_s AS details
            ON details.event_timestamp = chosen.event_timestamp AND details.event_hk = chosen.event_hk
        -- No session is longer than a week.
        WHERE details.event_timestamp >= from_at AND details.event_timestamp < to_at + INTERVAL '7 days'
    ),
    counted AS (
        SELECT 'event_types' AS breakdown, evt_type AS value, count(*) AS events, count(DISTINCT session_hk) AS visits
        FROM events
        WHERE 'event_types' = ANY (wanted)
        GROUP BY evt_type
        UNION ALL
        SELECT 'goals', goal, count(events.evt_type), count(DISTINCT events.session_hk)
        FROM unnest(goals) AS goal
        LEFT JOIN events ON events.evt_type = goal
        WHERE 'goals' = ANY (wanted)
        GROUP BY goal
        UNION ALL
        SELECT 'properties', told.value, count(*), count(DISTINCT events.session_hk)
        FROM events
        CROSS JOIN LATERAL (
            SELECT events.properties ->> property AS value WHERE property IS NOT NULL
            UNION ALL
            SELECT jsonb_object_keys(events.properties) WHERE property IS NULL
        ) AS told
        WHERE 'properties' = ANY (wanted) AND told.value IS NOT NULL
        GROUP BY told.value
    ),
    ranked AS (
        SELECT
            counted.*,
            row_number() OVER (PARTITION BY breakdown ORDER BY events DESC, value COLLATE "C") AS rank
        FROM counted
    )
    SELECT jsonb_object_agg(name, coalesce(listed.rows, '[]'))
    INTO breakdowns
    FROM unnest(wanted) AS name
    LEFT JOIN (
        SELECT
            breakdown,
            jsonb_agg(
                jsonb_build_object('value', value, 'events', events, 'visits', visits)
                ORDER BY rank) AS rows
        FROM ranked
        WHERE rank <= most
        GROUP BY breakdown
    ) AS listed ON listed.breakdown = name;
    RETURN breakdowns;
END
$body$;
COMMENT ON FUNCTION business.site_event_breakdowns(bytea, timestamptz, timestamptz, jsonb, boolean, text[], text, integer)
IS 'Events and visits with them by event type, goal, and property (names, or values of the one given), of the sessions that began in a period and pass the filters.';

CREATE OR REPLACE FUNCTION business.site_robots(
    tenant bytea, from_at timestamptz, to_at timestamptz, filters jsonb, most integer
) RETURNS jsonb
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT coalesce(
        jsonb_agg(jsonb_build_object('value', robot_kind, 'visits', visits)
            ORDER BY visits DESC, robot_kind COLLATE "C" NULLS LAST), '[]')
    FROM (
        SELECT versions.robot_kind, count(*) AS visits
        FROM business.site_filtered_sessions(tenant, from_at, to_at, filters, true) AS sessions
        JOIN business.site_session_details_s AS versions
            ON versions.session_start = sessions.session_start
            AND versions.session_hk = sessions.session_hk
            AND versions.load_date = sessions.load_date
        WHERE sessions.is_bot
        GROUP BY versions.robot_kind
        ORDER BY visits DESC, versions.robot_kind COLLATE "C" NULLS LAST
        LIMIT most
    ) AS kinds
$body$;
COMMENT ON FUNCTION business.site_robots(bytea, timestamptz, timestamptz, jsonb, integer)
IS 'Visits of robots by what they are for.';

CREATE OR REPLACE FUNCTION business.site_visitor_kinds(
    tenant bytea, from_at timestamptz, to_at timestamptz, filters jsonb, include_bots boolean, most integer
) RETURNS jsonb
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT coalesce(jsonb_agg(to_jsonb(kinds) ORDER BY visits DESC, value), '[]')
    FROM (
        SELECT
            business.site_visitor_kind(visitors.visitor_bk) AS value,
            count(*) AS visits,
            sum(sessions.page_views) AS pageviews,
            sum(sessions.conversions) AS conversions
        FROM business.site_filtered_sessions(tenant, from_at, to_at, filters, include_bots) AS sessions
        JOIN business.site_visitor_h AS visitors ON visitors.visitor_hk = sessions.visitor_hk
        GROUP BY 1
        ORDER BY visits DESC, value
        LIMIT most
    ) AS kinds
$body$;
COMMENT ON FUNCTION business.site_visitor_kinds(bytea, timestamptz, timestamptz, jsonb, boolean, integer)
IS 'Visits of visitors who may be recognised, and page views of others, which count as a visit each.';

-- ------------------------------------------------------------------------------ session analytics

CREATE OR REPLACE FUNCTION business.site_period_answer(
    tenant bytea, from_at timestamptz, to_at timestamptz, zone text, unit text, filters jsonb,
    include_bots boolean
) RETURNS jsonb
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    starts timestamptz[];
    ends timestamptz[];
    labels text[];
    metrics jsonb[];
    series jsonb;
BEGIN
    SELECT
        array_agg(starts_at ORDER BY number), array_agg(ends_at ORDER BY number),
        array_agg(label ORDER BY number)
    INTO starts, ends, labels
    FROM business.site_intervals(from_at, to_at, zone, unit)
    WHERE unit IS NOT NULL;
    IF filters = '{}' AND NOT include_bots AND (
        SELECT bool_and(border = business.site_quarter(border))
        FROM unnest(ARRAY[from_at, to_at] || starts) AS border
    ) THEN
        SELECT array_agg(rolled.metrics ORDER BY rolled.number)
        INTO metrics
        FROM business.site_rolled_metrics(tenant, from_at || starts, to_at || ends) AS rolled;
    ELSE
        SELECT array_agg(filtered.metrics ORDER BY filtered.number)
        INTO metrics
        FROM business.site_filtered_metrics(
            tenant, from_at || starts, to_at || ends, filters, include_bots) AS filtered;
    END IF;
    SELECT jsonb_agg(
        jsonb_build_object('start', business.site_utc(starts[place]), 'label', labels[place])
            || metrics[place + 1]
        ORDER BY place)
    INTO series
    FROM generate_subscripts(starts, 1) AS place;
    RETURN CASE WHEN unit IS NULL THEN '{}' ELSE jsonb_build_object('series', series) END || metrics[1];
END
$body$;
COMMENT ON FUNCTION business.site_period_answer(bytea, timestamptz, timestamptz, text, text, jsonb, boolean)
IS 'The metrics of a period and, with a unit, of its intervals.';

CREATE OR REPLACE FUNCTION business.site_change(metrics jsonb, previous jsonb)
RETURNS jsonb
LANGUAGE sql
IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT jsonb_object_agg(
        name,
        business.site_rate((metrics ->> name)::numeric - (previous ->> name)::numeric,
            (previous ->> name)::numeric, 4))
    FROM jsonb_object_keys(metrics - '{revenue,refunds}'::text[]) AS name
$body$;
COMMENT ON FUNCTION business.site_change(jsonb, jsonb)
IS 'By which share each metric has grown; NULL from nothing.';

CREATE OR REPLACE FUNCTION business.site_previous_start(from_at timestamptz, to_at timestamptz, zone text)
RETURNS timestamptz
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT CASE
        WHEN business.site_local_instant(days.first_day, zone) = from_at
            AND business.site_local_instant(days.day_after, zone) = to_at
            THEN business.site_local_instant(days.first_day - (days.day_after - days.first_day), zone)
        ELSE from_at - (to_at - from_at)
    END
    FROM (
        SELECT
            date_trunc('day', from_at AT TIME ZONE zone) AS first_day,
            date_trunc('day', to_at AT TIME ZONE zone) AS day_after
    ) AS days
$body$;
COMMENT ON FUNCTION business.site_previous_start(timestamptz, timestamptz, text)
IS 'The start of the period before: as many days where the period is whole days, else as long.';

CREATE OR REPLACE FUNCTION business.site_events_of_sessions_cost(
    tenant bytea, from_at timestamptz, to_at timestamptz
) RETURNS numeric
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT business.site_own_events(tenant, from_at, to_at) + business.site_all_events(from_at, to_at) * 0.1
$body$;
COMMENT ON FUNCTION business.site_events_of_sessions_cost(bytea, timestamptz, timestamptz)
IS 'What it costs to read all events of a tenant''s sessions of a period, in events read.';

CREATE OR REPLACE FUNCTION business.site_filters_cost(
    tenant bytea, from_at timestamptz, to_at timestamptz, filters jsonb
) RETURNS numeric
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    -- Sessions are looked through, for filters by events with all their events.
    SELECT CASE
        WHEN filters = '{}' THEN 0
        WHEN business.site_event_filters(filters) = '{}' THEN business.site_own_events(tenant, from_at, to_at)
            -- Each session's visitor is looked up.
            * CASE WHEN filters ? 'visitor_kind' THEN 0.2 ELSE 0.05 END
        ELSE business.site_events_of_sessions_cost(tenant, from_at, to_at) * 2 END
$body$;
COMMENT ON FUNCTION business.site_filters_cost(bytea, timestamptz, timestamptz, jsonb)
IS 'What it costs to find the sessions that pass, in events read.';

CREATE OR REPLACE FUNCTION business.site_narrow_filters(filters jsonb)
RETURNS text[]
LANGUAGE sql
IMMUTABLE
AS $body$ SELECT CASE WHEN filters = '{}' THEN '{}' ELSE '{filters}' END::text[] $body$;
COMMENT ON FUNCTION business.site_narrow_filters(jsonb)
IS 'That filters may be narrowed, where there are some.';

CREATE OR REPLACE FUNCTION business.site_analytics_cost(
    tenant bytea, from_at timestamptz, to_at timestamptz, previous_from timestamptz, reads_sessions boolean,
    is_rolled boolean, wanted text[], filters jsonb
) RETURNS numeric
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT
        -- The metrics, of both periods when they are compared.
        CASE WHEN reads_sessions
            THEN business.site_own_events(tenant, coalesce(previous_from, from_at), to_at) * 0.05 ELSE 0 END
        -- Rows of the rollups are fewer than events.
        + CASE WHEN wanted <> '{}'
            THEN business.site_own_events(tenant, from_at, to_at) * CASE WHEN is_rolled THEN 0.02 ELSE 0.1 END
            ELSE 0 END
        + CASE WHEN NOT wanted && '{top_pages,items}' THEN 0
            WHEN is_rolled THEN (
                SELECT coalesce(sum(
                    business.site_own_events(tenant, starts_at, ends_at)
                        + business.site_all_events(starts_at, ends_at) * 0.1), 0)
                FROM business.site_rests(from_at, to_at,
                    business.site_nearest_day(from_at), business.site_nearest_day(to_at)))
            ELSE business.site_own_events(tenant, from_at, to_at) * 0.4
                + business.site_all_events(from_at, to_at) * 0.1 END
        -- Events of the sessions are read and sorted twice.
        + CASE WHEN wanted && '{event_types,goals,properties}'
            THEN business.site_events_of_sessions_cost(tenant, from_at, to_at) * 2 ELSE 0 END
        + CASE WHEN business.site_event_filters(filters) = '{}' AND NOT filters ? 'visitor_kind' THEN 0
            ELSE business.site_filters_cost(tenant, coalesce(previous_from, from_at), to_at, filters) END
$body$;
COMMENT ON FUNCTION business.site_analytics_cost(bytea, timestamptz, timestamptz, timestamptz, boolean, boolean, text[], jsonb)
IS 'What an answer of api.get_session_analytics costs, in events read.';

CREATE OR REPLACE FUNCTION business.site_session_analytics(tenant bytea, given jsonb)
RETURNS jsonb
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    by_session CONSTANT text[] := ARRAY(
        SELECT dimension
        FROM business.site_session_values(NULL::business.site_session_b)
        WHERE dimension <> 'visits');
    usual CONSTANT text[] := by_session || ARRAY['top_pages', 'items'];
    by_event CONSTANT text[] := ARRAY['event_types', 'goals', 'properties'];
    asked CONSTANT record := business.site_question(tenant, given, 30, 'interval', 'filters', 'limit',
        'include_bots', 'compare', 'breakdowns', 'property');
    options CONSTANT jsonb := asked.options;
    filters CONSTANT jsonb := business.site_filters(options);
    most CONSTANT integer := coalesce((options -> 'limit')::integer, 10);
    include_bots CONSTANT boolean := coalesce((options -> 'include_bots')::boolean, false);
    wanted CONSTANT text[] := business.site_breakdowns(
        options, usual, by_event || '{visitor_kinds,robots}'::text[]);
    wanted_by_session CONSTANT text[] := ARRAY(
        SELECT name FROM unnest(by_session) AS name WHERE name = ANY (wanted));
    wanted_by_event CONSTANT text[] := ARRAY(
        SELECT name FROM unnest(by_event) AS name WHERE name = ANY (wanted));
    is_rolled CONSTANT boolean := filters = '{}' AND NOT include_bots;
    unit CONSTANT text := coalesce(options ->> 'interval',
        CASE WHEN asked.to_at - asked.from_at <= INTERVAL '50 hours' THEN 'hour' ELSE 'day' END);
    reads_sessions CONSTANT boolean := NOT is_rolled
        OR asked.from_at <> business.site_quarter(asked.from_at)
        OR asked.to_at <> business.site_quarter(asked.to_at);
    -- NULL without a comparison.
    previous_from CONSTANT timestamptz := CASE WHEN (options -> 'compare')::boolean
        THEN business.site_previous_start(asked.from_at, asked.to_at, asked.zone) END;
    passed jsonb;
    previous jsonb;
    answer jsonb;
BEGIN
    IF unit = 'hour' AND asked.to_at - asked.from_at > INTERVAL '93 days' THEN
        PERFORM business.site_argument_error('interval', 'Hours for at most 92 days.');
    END IF;
    IF reads_sessions OR wanted <> '{}' THEN
        PERFORM business.site_check_cost(
            tenant,
            business.site_analytics_cost(tenant, asked.from_at, asked.to_at, previous_from,
                reads_sessions, is_rolled, wanted, filters),
            options,
            VARIADIC ARRAY(
                SELECT name
                FROM unnest('{filters,include_bots,compare,breakdowns}'::text[]) AS name
                WHERE CASE name WHEN 'breakdowns' THEN wanted <> '{}' ELSE options ? name END));
    END IF;
    passed := business.site_resolved_filters(tenant, asked.from_at, asked.to_at, filters);
    answer := asked.head || jsonb_build_object('interval', unit)
        || business.site_period_answer(
            tenant, asked.from_at, asked.to_at, asked.zone, unit, passed, include_bots);
    IF previous_from IS NOT NULL THEN
        previous := business.site_period_answer(
            tenant, previous_from, asked.from_at, asked.zone, NULL,
            business.site_resolved_filters(tenant, previous_from, asked.from_at, filters), include_bots);
        answer := answer || jsonb_build_object('previous', jsonb_build_object(
                'from', business.site_utc(previous_from),
                'to', business.site_utc(asked.from_at),
                'change', business.site_change(
                    answer - '{from,to,timezone,interval,series}'::text[], previous)) || previous);
    END IF;
    IF wanted_by_session <> '{}' THEN
        answer := answer || business.site_session_breakdowns(tenant, asked.from_at, asked.to_at, passed,
            include_bots, is_rolled, wanted_by_session, most);
    END IF;
    IF wanted && '{top_pages,items}' THEN
        answer := answer || business.site_top_pages_and_items(tenant, asked.from_at, asked.to_at, passed,
            include_bots, is_rolled, wanted, most);
    END IF;
    IF wanted_by_event <> '{}' THEN
        answer := answer || business.site_event_breakdowns(tenant, asked.from_at, asked.to_at, passed,
            include_bots, wanted_by_event, options ->> 'property', most);
    END IF;
    IF 'visitor_kinds' = ANY (wanted) THEN
        answer := answer || jsonb_build_object('visitor_kinds', business.site_visitor_kinds(
            tenant, asked.from_at, asked.to_at, passed, include_bots, most));
    END IF;
    IF 'robots' = ANY (wanted) THEN
        answer := answer || jsonb_build_object(
            'robots', business.site_robots(tenant, asked.from_at, asked.to_at, passed, most));
    END IF;
    RETURN answer;
END
$body$;
COMMENT ON FUNCTION business.site_session_analytics(bytea, jsonb)
IS 'The data of api.get_session_analytics. Errors: ST400.';

-- ------------------------------------------------------------------------------- other questions

-- The key of a session ends in the milliseconds of its start, and a number behind them where two
-- began in one millisecond.
CREATE OR REPLACE FUNCTION business.site_starts_of_key(session_bk text)
RETURNS timestamptz[]
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
AS $body$
    SELECT ARRAY[
        timestamptz 'epoch'
            + (regexp_match(session_bk, '\.([0-9]{1,15})$'))[1]::bigint * INTERVAL '1 millisecond',
        timestamptz 'epoch'
            + (regexp_match(session_bk, '\.([0-9]{1,15})\.[0-9]{1,5}$'))[1]::bigint * INTERVAL '1 millisecond']
$body$;
COMMENT ON FUNCTION business.site_starts_of_key(text)
IS 'When a session may have begun, by its key: one of the two.';

-- Of the sessions that hold these events those that pass, from where the earliest of them began.
CREATE OR REPLACE FUNCTION business.site_passing_events(
    tenant bytea, timestamps timestamptz[], keys bytea[], filters jsonb, include_bots boolean
) RETURNS TABLE (
    event_timestamp timestamptz,
    event_hk bytea
)
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
#variable_conflict use_column
DECLARE
    first_start timestamptz;
    among jsonb;
BEGIN
    SELECT min(sessions.session_start), coalesce(jsonb_agg(DISTINCT encode(sessions.session_hk, 'hex')), '[]')
    INTO first_start, among
    FROM (
        SELECT DISTINCT links.session_hk
        FROM unnest(timestamps, keys) AS events (event_timestamp, event_hk)
        JOIN business.event_session_l AS links
            ON links.event_timestamp = events.event_timestamp AND links.event_hk = events.event_hk
    ) AS holding
    JOIN business.site_session_h AS hubs ON hubs.session_hk = holding.session_hk
    JOIN business.site_session_b AS sessions
        ON sessions.tenant_hk = tenant
        AND sessions.key_start = ANY (business.site_starts_of_key(hubs.session_bk))
        AND sessions.session_hk = holding.session_hk;
    RETURN QUERY
    SELECT passing.event_timestamp, passing.event_hk
    FROM business.site_session_events(tenant, first_start, now(), business.site_resolved_filters(
        tenant, first_start, now(), filters || jsonb_build_object('among', among)), include_bots) AS passing;
END
$body$;
COMMENT ON FUNCTION business.site_passing_events(bytea, timestamptz[], bytea[], jsonb, boolean)
IS 'All events of those sessions that hold some of the given events and pass the filters.';

CREATE OR REPLACE FUNCTION business.site_realtime(tenant bytea, minutes integer, given jsonb)
RETURNS jsonb
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
#variable_conflict use_column
DECLARE
    options CONSTANT jsonb := business.site_options(given, 'filters', 'include_bots');
    filters CONSTANT jsonb := business.site_filters(options);
    include_bots CONSTANT boolean := coalesce((options -> 'include_bots')::boolean, false);
    from_at timestamptz;
    timestamps timestamptz[];
    keys bytea[];
    answer jsonb;
BEGIN
    IF minutes IS NULL OR minutes NOT BETWEEN 1 AND 1440 THEN
        PERFORM business.site_argument_error('minutes', 'A whole number from 1 to 1440.');
    END IF;
    from_at := date_trunc('minute', now()) - (minutes - 1) * INTERVAL '1 minute';
    PERFORM business.site_check_cost(
        tenant,
        business.site_all_events(from_at, now()) * 0.3
            + CASE WHEN filters = '{}' THEN 0 ELSE business.site_events_of_sessions_cost(tenant, from_at, now()) * 2 END,
        '{}',
        VARIADIC ARRAY['minutes'] || business.site_narrow_filters(filters));
    IF filters <> '{}' THEN
        SELECT array_agg(event_timestamp), array_agg(event_hk)
        INTO timestamps, keys
        FROM staging.site_tracking_events_s
        WHERE tenant_hk = tenant AND event_timestamp >= from_at AND event_timestamp <= now();
    END IF;
    WITH events AS MATERIALIZED (
        SELECT event_timestamp, visitor_hk, page_hk, evt_type
        FROM staging.site_tracking_events_s
        WHERE tenant_hk = tenant
            AND event_timestamp >= from_at
            AND event_timestamp <= now()
            AND (include_bots OR NOT is_bot)
            AND (filters = '{}' OR (event_timestamp, event_hk) IN (
                SELECT event_timestamp, event_hk
                FROM business.site_passing_events(tenant, timestamps, keys, filters, include_bots)))
    ),
    by_minute AS (
        SELECT
            date_trunc('minute', event_timestamp) AS minute,
            count(DISTINCT visitor_hk) AS visitors,
            count(*) FILTER (WHERE evt_type = 'page_view') AS page_views,
            count(*) AS events
        FROM events
        GROUP BY 1
    ),
    by_page AS (
        SELECT pages.page_bk, seen.page_views
        FROM (
            SELECT page_hk, count(*) AS page_views
            FROM events
            WHERE evt_type = 'page_view' AND page_hk IS NOT NULL
            GROUP BY page_hk
            ORDER BY page_views DESC
            FETCH FIRST 10 ROWS WITH TIES
        ) AS seen
        JOIN business.site_page_h AS pages ON pages.page_hk = seen.page_hk
        ORDER BY seen.page_views DESC, pages.page_bk COLLATE "C"
        LIMIT 10
    )
    SELECT jsonb_build_object(
        'minutes', minutes,
        'from', business.site_utc(from_at),
        'to', business.site_utc(now()),
        'visitors', (SELECT count(DISTINCT visitor_hk) FROM events),
        'visitors_now', (
            SELECT count(DISTINCT visitor_hk)
            FROM events
            WHERE event_timestamp >= date_trunc('minute', now()) - INTERVAL '4 minutes'
        ),
        'pageviews', (SELECT count(*) FROM events WHERE evt_type = 'page_view'),
        'events', (SELECT count(*) FROM events),
        'event_types', (
            SELECT coalesce(jsonb_object_agg(evt_type, number), '{}')
            FROM (SELECT evt_type, count(*) AS number FROM events GROUP BY evt_type) AS types
        ),
        'series', (
            SELECT jsonb_agg(jsonb_build_object(
                    'start', business.site_utc(minute_start),
                    'visitors', coalesce(by_minute.visitors, 0),
                    'pageviews', coalesce(by_minute.page_views, 0),
                    'events', coalesce(by_minute.events, 0))
                ORDER BY minute_start)
            FROM generate_series(from_at, now(), INTERVAL '1 minute') AS minute_start
            LEFT JOIN by_minute ON by_minute.minute = minute_start
        ),
        'top_pages', (
            SELECT coalesce(jsonb_agg(jsonb_build_object('value', page_bk, 'pageviews', page_views)
                ORDER BY page_views DESC, page_bk COLLATE "C"), '[]')
            FROM by_page
        ))
    INTO answer;
    RETURN answer;
END
$body$;
COMMENT ON FUNCTION business.site_realtime(bytea, integer, jsonb)
IS 'The data of api.get_realtime. Errors: ST400.';

CREATE OR REPLACE FUNCTION business.site_check_steps(steps jsonb)
RETURNS void
LANGUAGE plpgsql
IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    step record;
    member record;
BEGIN
    IF coalesce(jsonb_typeof(steps), '') <> 'array' OR jsonb_array_length(steps) NOT BETWEEN 2 AND 10 THEN
        PERFORM business.site_argument_error('steps', 'An array of 2 to 10 steps.');
    END IF;
    FOR step IN SELECT value, ordinality - 1 AS number FROM jsonb_array_elements(steps) WITH ORDINALITY LOOP
        IF jsonb_typeof(step.value) <> 'object' OR NOT step.value ?| '{evt_type,page_url,item_id}' THEN
            PERFORM business.site_argument_error(format('steps[%s]', step.number),
                'An object with at least one of evt_type, page_url and item_id.');
        END IF;
        FOR member IN SELECT key, value FROM jsonb_each(step.value) LOOP
            IF member.key NOT IN ('name', 'evt_type', 'page_url', 'item_id')
                OR jsonb_typeof(member.value) <> 'string' OR length(member.value #>> '{}') > 2048 THEN
                PERFORM business.site_argument_error(
                    format('steps[%s].%s', step.number, left(member.key, 100)),
                    'A step has name, evt_type, page_url and item_id, texts of at most 2048 characters.');
            END IF;
        END LOOP;
    END LOOP;
END
$body$;
COMMENT ON FUNCTION business.site_check_steps(jsonb)
IS 'Raises ST400 unless the steps of a funnel are well-formed.';

-- An event is one step of a way; those of one instant may come in any order, as clients' clocks tell whole
-- seconds or milliseconds only.
CREATE OR REPLACE FUNCTION business.site_funnel_moves(
    tenant bytea, steps jsonb, from_at timestamptz, to_at timestamptz, filters jsonb, include_bots boolean
) RETURNS TABLE (
    visitor_hk bytea,
    event_timestamp timestamptz,
    first_step integer,
    last_step integer
)
LANGUAGE plpgsql
STABLE
ROWS 1000000
SET search_path = pg_catalog, pg_temp
AS $body$
#variable_conflict use_column
DECLARE
    asks_pages boolean;
    types text[];
BEGIN
    SELECT
        bool_or(step ? 'page_url'),
        CASE WHEN bool_and(step ? 'evt_type') THEN array_agg(step ->> 'evt_type') END
    INTO asks_pages, types
    FROM jsonb_array_elements(steps) AS step;
    RETURN QUERY
    WITH RECURSIVE wanted AS MATERIALIZED (
        SELECT
            ordinality::integer AS step,
            value ->> 'evt_type' AS evt_type,
            CASE
                WHEN value ->> 'page_url' LIKE '%*' THEN ARRAY(
                    SELECT page_hk
                    FROM business.site_page_h
                    WHERE tenant_hk = tenant
                        AND starts_with(page_bk, rtrim(value ->> 'page_url', '*')))
                WHEN value ? 'page_url' THEN ARRAY[business.site_hash_key(tenant, value ->> 'page_url')]
            END AS pages,
            business.site_hash_key(tenant, value ->> 'item_id') AS item_hk
        FROM jsonb_array_elements(steps) WITH ORDINALITY
    ),
    -- Events that may be a step, with what the steps ask for.
    candidates AS MATERIALIZED (
        SELECT events.event_timestamp, events.event_hk, events.evt_type, visited.visitor_hk, pages.page_hk
        FROM business.site_event_details_s AS events
        JOIN (
            SELECT event_timestamp, event_hk, visitor_hk
            FROM business.site_visitor_events(tenant, from_at, to_at)
            WHERE filters = '{}'
            UNION ALL
            SELECT event_timestamp, event_hk, visitor_hk
            FROM business.site_session_events(tenant, from_at, to_at, filters, include_bots)
            WHERE filters <> '{}'
        ) AS visited
            ON visited.event_timestamp = events.event_timestamp AND visited.event_hk = events.event_hk
        LEFT JOIN business.event_page_l AS pages
            ON pages.event_timestamp = events.event_timestamp
            AND pages.event_hk = events.event_hk
            AND pages.event_timestamp >= from_at
            AND pages.event_timestamp < to_at
            AND asks_pages
        WHERE events.tenant_hk = tenant
            AND events.event_timestamp >= from_at
            AND events.event_timestamp < to_at
            AND (types IS NULL OR events.evt_type = ANY (types))
            AND (include_bots OR NOT events.is_bot)
    ),
    -- By type, so that an event is compared with the steps it may be.
    asked AS (
        SELECT wanted.step, wanted.pages, wanted.item_hk, met.evt_type
        FROM wanted
        JOIN (SELECT DISTINCT evt_type FROM candidates) AS met
            ON coalesce(wanted.evt_type, met.evt_type) = met.evt_type
    ),
    matched AS MATERIALIZED (
        SELECT asked.step, events.visitor_hk, events.event_timestamp, events.event_hk
        FROM asked
        JOIN candidates AS events ON events.evt_type = asked.evt_type
        WHERE (asked.pages IS NULL OR events.page_hk = ANY (asked.pages))
            AND (asked.item_hk IS NULL OR EXISTS (
                SELECT FROM business.event_business_item_l AS items
                WHERE items.event_timestamp = events.event_timestamp
                    AND items.event_hk = events.event_hk
                    AND items.business_item_hk = asked.item_hk))
    ),
    -- Nearly all instants have one event that may be one step.
    summed AS MATERIALIZED (
        SELECT visitor_hk, event_timestamp, min(step) AS step, count(*) AS matches
        FROM matched
        GROUP BY visitor_hk, event_timestamp
    ),
    -- Events of one instant that may be the same steps are alike.
    kinds AS MATERIALIZED (
        SELECT
            visitor_hk, event_timestamp, may_be, count(*) AS events,
            sum(count(*)) OVER (PARTITION BY visitor_hk, event_timestamp) > 1 AS are_several
        FROM (
            SELECT visitor_hk, event_timestamp, event_hk, array_agg(DISTINCT step ORDER BY step) AS may_be
            FROM matched
            -- CASE keeps the planner, which knows nothing of how many there are, from a loop of loops.
            WHERE CASE WHEN (visitor_hk, event_timestamp) IN (
                SELECT visitor_hk, event_timestamp FROM summed WHERE matches > 1) THEN true END
            GROUP BY visitor_hk, event_timestamp, event_hk
        ) AS events
        GROUP BY visitor_hk, event_timestamp, may_be
    ),
    instants AS MATERIALIZED (
        SELECT
            visitor_hk, event_timestamp, array_agg(array_to_string(may_be, ' ')) AS kinds,
            array_agg(events) AS counts
        FROM kinds
        WHERE are_several
        GROUP BY visitor_hk, event_timestamp
    ),
    -- From which step to which the events of one instant lead, each of them taken once.
    taken AS (
        SELECT
            instants.visitor_hk, instants.event_timestamp, step AS first_step, step AS last_step,
            ARRAY[kind] AS used, instants.kinds, instants.counts
        FROM instants
        CROSS JOIN LATERAL unnest(instants.kinds) AS kind
        CROSS JOIN LATERAL unnest(string_to_array(kind, ' ')::integer[]) AS step
        UNION
        SELECT
            taken.visitor_hk, taken.event_timestamp, taken.first_step, taken.last_step + 1,
            ARRAY(SELECT unnest(taken.used || next.kind) ORDER BY 1), taken.kinds, taken.counts
        FROM taken
        CROSS JOIN LATERAL unnest(taken.kinds, taken.counts) AS next (kind, events)
        WHERE taken.last_step + 1 = ANY (string_to_array(next.kind, ' ')::integer[])
            AND next.events > cardinality(array_positions(taken.used, next.kind))
    )
    SELECT DISTINCT visitor_hk, event_timestamp, first_step, last_step
    FROM taken
    UNION ALL
    SELECT kinds.visitor_hk, kinds.event_timestamp, step, step
    FROM kinds
    CROSS JOIN LATERAL unnest(kinds.may_be) AS step
    WHERE NOT kinds.are_several
    UNION ALL
    SELECT visitor_hk, event_timestamp, step, step
    FROM summed
    WHERE matches = 1;
END
$body$;
COMMENT ON FUNCTION business.site_funnel_moves(bytea, jsonb, timestamptz, timestamptz, jsonb, boolean)
IS 'From which step of a funnel to which the events of an instant take a visitor.';

-- Round by round: who reached a step, and with it the latest beginning of a way to it, so that the time
-- allowed is measured along the shortest way.
CREATE OR REPLACE FUNCTION business.site_funnel_ways(
    tenant bytea, steps jsonb, from_at timestamptz, to_at timestamptz, time_allowed interval, filters jsonb,
    include_bots boolean
) RETURNS TABLE (
    step integer,
    visitor_hk bytea,
    event_timestamp timestamptz
)
LANGUAGE plpgsql
STABLE
ROWS 100000
SET search_path = pg_catalog, pg_temp
AS $body$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH RECURSIVE moves AS MATERIALIZED (
        SELECT * FROM business.site_funnel_moves(tenant, steps, from_at, to_at, filters, include_bots)
    ),
    reached AS (
        SELECT last_step AS step, visitor_hk, event_timestamp, event_timestamp AS began_at
        FROM moves
        WHERE first_step = 1
        UNION ALL
        SELECT last_step, visitor_hk, event_timestamp, began_at
        FROM (
            SELECT
                last_step,
                visitor_hk,
                event_timestamp,
                max(began_at) OVER (
                    PARTITION BY visitor_hk, step_before
                    ORDER BY event_timestamp
                    RANGE BETWEEN UNBOUNDED PRECEDING AND INTERVAL '1 microsecond' PRECEDING
                ) AS began_at
            FROM (
                SELECT step AS step_before, NULL AS last_step, visitor_hk, event_timestamp, began_at
                FROM reached
                UNION ALL
                SELECT first_step - 1, last_step, visitor_hk, event_timestamp, NULL
                FROM moves
                WHERE first_step > 1
            ) AS candidates
        ) AS later
        WHERE last_step IS NOT NULL
            AND began_at IS NOT NULL
            AND (time_allowed IS NULL OR event_timestamp - began_at <= time_allowed)
    )
    SELECT step, visitor_hk, event_timestamp FROM reached;
END
$body$;
COMMENT ON FUNCTION business.site_funnel_ways(bytea, jsonb, timestamptz, timestamptz, interval, jsonb, boolean)
IS 'Which steps of a funnel visitors reached, each time they did.';

-- Without a limit of time only the first time counts at which a visitor reached a step.
CREATE OR REPLACE FUNCTION business.site_funnel_counts(
    tenant bytea, steps jsonb, from_at timestamptz, to_at timestamptz, time_allowed interval, filters jsonb,
    include_bots boolean
) RETURNS TABLE (
    step integer,
    visitors bigint
)
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
#variable_conflict use_column
BEGIN
    IF time_allowed IS NOT NULL THEN
        RETURN QUERY
        SELECT step, count(DISTINCT visitor_hk)
        FROM business.site_funnel_ways(tenant, steps, from_at, to_at, time_allowed, filters, include_bots)
        GROUP BY step;
        RETURN;
    END IF;
    RETURN QUERY
    WITH RECURSIVE moves AS MATERIALIZED (
        SELECT * FROM business.site_funnel_moves(tenant, steps, from_at, to_at, filters, include_bots)
    ),
    reached AS (
        SELECT last_step AS step, visitor_hk, min(event_timestamp) AS event_timestamp
        FROM moves
        WHERE first_step = 1
        GROUP BY last_step, visitor_hk
        UNION ALL
        SELECT *
        FROM (
            SELECT DISTINCT ON (moves.last_step, moves.visitor_hk)
                moves.last_step, moves.visitor_hk, moves.event_timestamp
            FROM reached
            JOIN moves
                ON moves.visitor_hk = reached.visitor_hk
                AND moves.first_step = reached.step + 1
                AND moves.event_timestamp > reached.event_timestamp
            ORDER BY moves.last_step, moves.visitor_hk, moves.event_timestamp
        ) AS later
    )
    SELECT step, count(DISTINCT visitor_hk) FROM reached GROUP BY step;
END
$body$;
COMMENT ON FUNCTION business.site_funnel_counts(bytea, jsonb, timestamptz, timestamptz, interval, jsonb, boolean)
IS 'How many visitors reached the steps of a funnel.';

CREATE OR REPLACE FUNCTION business.site_funnel(tenant bytea, steps jsonb, given jsonb)
RETURNS jsonb
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
#variable_conflict use_column
DECLARE
    asked CONSTANT record := business.site_question(tenant, given, 30, 'include_bots', 'window_minutes', 'filters');
    filters CONSTANT jsonb := business.site_filters(asked.options);
    include_bots CONSTANT boolean := coalesce((asked.options -> 'include_bots')::boolean, false);
    time_allowed CONSTANT interval := (asked.options -> 'window_minutes')::integer * INTERVAL '1 minute';
    answer jsonb;
BEGIN
    PERFORM business.site_check_steps(steps);
    PERFORM business.site_check_cost(
        tenant,
        business.site_events_of_sessions_cost(tenant, asked.from_at, asked.to_at)
            + business.site_filters_cost(tenant, asked.from_at, asked.to_at, filters),
        asked.options,
        VARIADIC business.site_narrow_filters(filters));
    WITH counts AS (
        SELECT
            step,
            coalesce(found.visitors, 0) AS visitors,
            first_value(coalesce(found.visitors, 0)) OVER (ORDER BY step) AS first_visitors,
            lag(coalesce(found.visitors, 0)) OVER (ORDER BY step) AS previous_visitors
        FROM generate_series(1, jsonb_array_length(steps)) AS step
        LEFT JOIN (
            SELECT *
            FROM business.site_funnel_counts(
                tenant, steps, asked.from_at, asked.to_at, time_allowed,
                business.site_resolved_filters(tenant, asked.from_at, asked.to_at, filters), include_bots)
        ) AS found USING (step)
    )
    SELECT asked.head || jsonb_build_object(
        'steps', jsonb_agg(
            (steps -> step - 1) || jsonb_build_object(
                'visitors', visitors,
                'rate_of_first', business.site_rate(visitors, first_visitors, 4),
                'rate_of_previous', business.site_rate(visitors, previous_visitors, 4))
            ORDER BY step),
        'conversion_rate', business.site_rate(
            min(visitors), max(visitors) FILTER (WHERE step = 1), 4))
    INTO answer
    FROM counts;
    RETURN answer;
END
$body$;
COMMENT ON FUNCTION business.site_funnel(bytea, jsonb, jsonb)
IS 'The data of api.get_funnel. Errors: ST400.';

CREATE OR REPLACE FUNCTION business.site_retention(tenant bytea, given jsonb)
RETURNS jsonb
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
#variable_conflict use_column
DECLARE
    asked CONSTANT record := business.site_question(tenant, given, 56, 'interval', 'filters');
    filters CONSTANT jsonb := business.site_filters(asked.options);
    unit CONSTANT text := coalesce(asked.options ->> 'interval', 'week');
    from_at CONSTANT timestamptz := asked.from_at;
    to_at CONSTANT timestamptz := asked.to_at;
    starts timestamptz[];
    labels text[];
    -- A bit for each interval.
    never varbit;
    passed jsonb;
    cohorts jsonb;
BEGIN
    IF unit = 'hour' THEN
        PERFORM business.site_argument_error('interval', 'One of day, week, month.');
    END IF;
    SELECT array_agg(starts_at ORDER BY number), array_agg(label ORDER BY number)
    INTO starts, labels
    FROM business.site_intervals(from_at, to_at, asked.zone, unit);
    IF cardinality(starts) > 100 THEN
        PERFORM business.site_argument_error('interval', 'At most 100 intervals: ask for longer ones.');
    END IF;
    PERFORM business.site_check_cost(
        tenant,
        business.site_own_events(tenant, from_at, to_at) * 0.1
            + business.site_filters_cost(tenant, from_at, to_at, filters),
        asked.options,
        VARIADIC business.site_narrow_filters(filters));
    passed := business.site_resolved_filters(tenant, from_at, to_at, filters);
    never := repeat('0', cardinality(starts))::varbit;
    WITH sessions AS (
        SELECT
            visitor_hk, width_bucket(session_start, starts) AS number,
            -- Of who first came by a session that passes all sessions count.
            previous_start IS NULL AND (filters = '{}' OR session_hk IN (
                SELECT chosen.session_hk
                FROM business.site_filtered_sessions(tenant, from_at, to_at, passed, false) AS chosen)) AS is_first
        FROM business.site_session_b
        WHERE tenant_hk = tenant
            AND NOT is_bot
            AND session_start >= from_at
            AND session_start < to_at
            AND key_start >= date_trunc('milliseconds', from_at)
            AND key_start < to_at
    ),
    visitors AS (
        SELECT min(number) FILTER (WHERE is_first) AS cohort, bit_or(set_bit(never, number - 1, 1)) AS came
        FROM sessions
        GROUP BY visitor_hk
    ),
    -- Few of the ways to come again are taken by many.
    habits AS MATERIALIZED (
        SELECT cohort, came, count(*) AS visitors
        FROM visitors
        WHERE cohort IS NOT NULL
        GROUP BY cohort, came
    ),
    counts AS (
        SELECT cohort, number - cohort AS later, sum(visitors) AS visitors
        FROM habits
        CROSS JOIN LATERAL generate_series(cohort, cardinality(starts)) AS number
        WHERE get_bit(came, number - 1) = 1
        GROUP BY 1, 2
    )
    SELECT jsonb_agg(jsonb_build_object(
            'start', business.site_utc(starts[cohort]),
            'label', labels[cohort],
            'visitors', visitors[1],
            'returned', to_jsonb(visitors),
            'rates', (
                SELECT jsonb_agg(business.site_rate(number, visitors[1], 4) ORDER BY place)
                FROM unnest(visitors) WITH ORDINALITY AS parts (number, place)))
        ORDER BY cohort)
    INTO cohorts
    FROM (
        SELECT cells.cohort, array_agg(coalesce(counts.visitors, 0) ORDER BY cells.later) AS visitors
        FROM (
            SELECT cohort, later
            FROM generate_subscripts(starts, 1) AS cohort
            CROSS JOIN LATERAL generate_series(0, cardinality(starts) - cohort) AS later
        ) AS cells
        LEFT JOIN counts ON counts.cohort = cells.cohort AND counts.later = cells.later
        GROUP BY cells.cohort
    ) AS rows;
    RETURN asked.head || jsonb_build_object('interval', unit, 'cohorts', cohorts);
END
$body$;
COMMENT ON FUNCTION business.site_retention(bytea, jsonb)
IS 'The data of api.get_retention. Errors: ST400.';

CREATE OR REPLACE FUNCTION business.site_event_cursor(
    options jsonb, OUT event_timestamp timestamptz, OUT event_hk bytea
)
LANGUAGE plpgsql
IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    parts text[];
BEGIN
    IF NOT options ? 'cursor' THEN
        RETURN;
    END IF;
    parts := regexp_match(
        CASE WHEN jsonb_typeof(options -> 'cursor') = 'string' THEN options ->> 'cursor' END,
        '^(-?[0-9]{1,16})-([0-9a-f]{64})$');
    IF parts IS NULL THEN
        PERFORM business.site_argument_error('cursor', 'The next_cursor of an answer.');
    END IF;
    event_timestamp := timestamptz 'epoch' + parts[1]::bigint * INTERVAL '1 microsecond';
    event_hk := decode(parts[2], 'hex');
END
$body$;
COMMENT ON FUNCTION business.site_event_cursor(jsonb)
IS 'The event after which a page of events goes on; NULL for the first page. Errors: ST400.';

CREATE OR REPLACE FUNCTION business.site_events_cost(
    tenant bytea, from_at timestamptz, to_at timestamptz, most integer, options jsonb
) RETURNS numeric
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    -- With filters it may take all events of the period to find a page of them, without as many as it
    -- takes to meet those of the tenant among all.
    SELECT
        CASE WHEN options ?| '{visitor,filters}' THEN counts.own ELSE 0 END
        + 0.1 * CASE WHEN options ?| '{evt_type,page_url,visitor,filters}' OR counts.own = 0 THEN counts.stored
            ELSE least(counts.stored, most * counts.stored / counts.own) END
    FROM (
        SELECT
            business.site_own_events(tenant, from_at, to_at) AS own,
            business.site_all_events(from_at, to_at) AS stored
    ) AS counts
$body$;
COMMENT ON FUNCTION business.site_events_cost(bytea, timestamptz, timestamptz, integer, jsonb)
IS 'What a page of api.get_events costs, in events read.';

CREATE OR REPLACE FUNCTION business.site_events(tenant bytea, given jsonb)
RETURNS jsonb
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
#variable_conflict use_column
DECLARE
    asked CONSTANT record := business.site_question(tenant, given, 30, 'limit', 'cursor', 'evt_type',
        'page_url', 'visitor', 'filters', 'include_bots');
    options CONSTANT jsonb := asked.options;
    filters CONSTANT jsonb := business.site_filters(options);
    most CONSTANT integer := coalesce((options -> 'limit')::integer, 100);
    after_event CONSTANT record := business.site_event_cursor(options);
    least_sequence CONSTANT bigint := -9223372036854775808;
    include_bots CONSTANT boolean := coalesce((options -> 'include_bots')::boolean, false);
    of_type CONSTANT text := options ->> 'evt_type';
    page CONSTANT bytea := business.site_hash_key(tenant, options ->> 'page_url');
    visitor CONSTANT bytea := business.site_hash_key(tenant, options ->> 'visitor');
    from_at CONSTANT timestamptz := asked.from_at;
    to_at CONSTANT timestamptz := least(asked.to_at, after_event.event_timestamp + INTERVAL '1 microsecond');
    after_timestamp CONSTANT timestamptz := after_event.event_timestamp;
    -- Before all of its instant where the event is gone.
    after_sequence bigint := least_sequence;
    after_bk text := '';
    is_chosen CONSTANT boolean := visitor IS NOT NULL OR filters <> '{}';
    chosen_timestamps timestamptz[];
    chosen_keys bytea[];
    timestamps timestamptz[];
    keys bytea[];
    first_at timestamptz;
    last_at timestamptz;
    answer jsonb;
BEGIN
    PERFORM business.site_check_cost(
        tenant,
        business.site_events_cost(tenant, from_at, to_at, most, options)
            + business.site_filters_cost(tenant, from_at, asked.to_at, filters),
        options,
        VARIADIC business.site_narrow_filters(filters));
    IF filters <> '{}' THEN
        SELECT coalesce(array_agg(event_timestamp), '{}'), coalesce(array_agg(event_hk), '{}')
        INTO chosen_timestamps, chosen_keys
        FROM business.site_session_events(tenant, from_at, asked.to_at,
            business.site_resolved_filters(tenant, from_at, asked.to_at, filters), include_bots)
        WHERE visitor IS NULL OR visitor_hk = visitor;
    ELSIF is_chosen THEN
        SELECT coalesce(array_agg(event_timestamp), '{}'), coalesce(array_agg(event_hk), '{}')
        INTO chosen_timestamps, chosen_keys
        FROM business.site_visitor_events(tenant, from_at, to_at)
        WHERE visitor_hk = visitor;
    END IF;
    IF after_timestamp IS NOT NULL THEN
        SELECT coalesce(max(events.sequence), least_sequence), coalesce(max(hubs.event_bk), '')
        INTO after_sequence, after_bk
        FROM business.site_event_h AS hubs
        JOIN business.site_event_details_s AS events
            ON events.event_timestamp = after_timestamp AND events.event_hk = hubs.event_hk
        WHERE hubs.event_timestamp = after_timestamp
            AND hubs.event_hk = after_event.event_hk
            AND hubs.tenant_hk = tenant;
    END IF;
    -- The order of sessions, the latest first: time, sequence, key.
    SELECT
        array_agg(event_timestamp ORDER BY event_timestamp DESC, place DESC, event_bk COLLATE "C" DESC),
        array_agg(event_hk ORDER BY event_timestamp DESC, place DESC, event_bk COLLATE "C" DESC)
    INTO timestamps, keys
    FROM (
        SELECT
            events.event_timestamp, events.event_hk, coalesce(events.sequence, least_sequence) AS place,
            hubs.event_bk
        FROM business.site_event_details_s AS events
        CROSS JOIN LATERAL (
            SELECT event_bk
            FROM business.site_event_h
            WHERE event_timestamp = events.event_timestamp AND event_hk = events.event_hk
            OFFSET 0
        ) AS hubs
        WHERE events.tenant_hk = tenant
            AND events.event_timestamp >= from_at
            AND events.event_timestamp < to_at
            AND (after_timestamp IS NULL
                OR events.event_timestamp < after_timestamp
                OR (coalesce(events.sequence, least_sequence), hubs.event_bk COLLATE "C")
                    < (after_sequence, after_bk COLLATE "C"))
            AND (include_bots OR NOT events.is_bot)
            AND (of_type IS NULL OR events.evt_type = of_type)
            AND (page IS NULL OR EXISTS (
                SELECT FROM business.event_page_l AS pages
                WHERE pages.event_timestamp = events.event_timestamp
                    AND pages.event_hk = events.event_hk
                    AND pages.page_hk = page))
            AND (NOT is_chosen OR (events.event_timestamp, events.event_hk) IN (
                SELECT * FROM unnest(chosen_timestamps, chosen_keys)))
        ORDER BY events.event_timestamp DESC, place DESC, hubs.event_bk COLLATE "C" DESC
        LIMIT most + 1
    ) AS page_of_events;
    first_at := timestamps[least(most, cardinality(timestamps))];
    last_at := timestamps[1];

    WITH listed AS MATERIALIZED (
        SELECT event_timestamp, event_hk, place
        FROM unnest(timestamps, keys) WITH ORDINALITY AS given (event_timestamp, event_hk, place)
        WHERE place <= most
    ),
    sessions AS MATERIALIZED (
        SELECT DISTINCT ON (listed.place)
            listed.place, hubs.session_bk, held.visitor_hk
        FROM listed
        JOIN business.event_session_l AS links
            ON links.event_timestamp = listed.event_timestamp AND links.event_hk = listed.event_hk
        JOIN business.site_session_h AS hubs ON hubs.session_hk = links.session_hk
        JOIN business.site_session_b AS held
            ON held.tenant_hk = tenant
            AND held.session_hk = links.session_hk
            AND held.key_start = ANY (business.site_starts_of_key(hubs.session_bk))
        WHERE links.tenant_hk = tenant
            AND links.event_timestamp BETWEEN first_at AND last_at
            -- The end of an open session may be later than the bridge knows.
            AND links.event_timestamp >= held.session_start
            AND (held.session_status = 'OPEN' OR links.event_timestamp <= held.session_end)
        ORDER BY listed.place, held.session_start DESC, links.session_hk
    )
    SELECT asked.head - 'timezone' || jsonb_build_object(
        'events', coalesce(jsonb_agg(
            jsonb_strip_nulls(jsonb_build_object(
                'event_id', hubs.event_bk,
                'evt_type', details.evt_type,
                'event_timestamp', business.site_utc(listed.event_timestamp),
                'session', sessions.session_bk,
                'visitor', visitors.visitor_bk,
                'page_url', pages.page_bk,
                'page_title', details.page_title,
                'referrer_url', details.referrer_url,
                'evt_category', details.evt_category,
                'evt_action', details.evt_action,
                'evt_label', details.evt_label,
                'evt_value', details.evt_value,
                'page_view_id', details.page_view_id,
                'element_id', details.element_id,
                'scroll_depth', details.scroll_depth,
                'time_on_page', details.time_on_page,
                'transaction_id', details.transaction_id,
                'value', details.value,
                'currency', details.currency,
                'items', details.items,
                'properties', details.properties,
                'is_bot', details.is_bot,
                'load_date', business.site_utc(details.load_date)))
            ORDER BY listed.place), '[]'),
        'next_cursor', CASE WHEN cardinality(timestamps) > most THEN
            (extract(epoch FROM timestamps[most]) * 1000000)::bigint || '-' || encode(keys[most], 'hex') END)
    INTO answer
    FROM listed
    JOIN business.site_event_h AS hubs
        ON hubs.event_timestamp = listed.event_timestamp AND hubs.event_hk = listed.event_hk
    JOIN business.site_event_details_s AS details
        ON details.event_timestamp = listed.event_timestamp AND details.event_hk = listed.event_hk
    LEFT JOIN business.event_page_l AS links
        ON links.event_timestamp = listed.event_timestamp
        AND links.event_hk = listed.event_hk
        AND links.event_timestamp BETWEEN first_at AND last_at
    LEFT JOIN business.site_page_h AS pages ON pages.page_hk = links.page_hk
    LEFT JOIN sessions ON sessions.place = listed.place
    LEFT JOIN business.site_visitor_h AS visitors ON visitors.visitor_hk = sessions.visitor_hk
    WHERE hubs.event_timestamp BETWEEN first_at AND last_at
        AND details.event_timestamp BETWEEN first_at AND last_at;
    RETURN answer;
END
$body$;
COMMENT ON FUNCTION business.site_events(bytea, jsonb)
IS 'The data of api.get_events. Errors: ST400.';

-- A step's sessions are those in which visitors took it; who left before a step took the one before it,
-- and never the step itself.
CREATE OR REPLACE FUNCTION business.site_sessions_at_step(
    tenant bytea, steps jsonb, from_at timestamptz, to_at timestamptz, filters jsonb, options jsonb
) RETURNS bytea[]
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
#variable_conflict use_column
DECLARE
    at_step CONSTANT integer := coalesce((options -> 'step')::integer, jsonb_array_length(steps));
    has_left CONSTANT boolean := coalesce(options ->> 'outcome', 'reached') = 'left';
    found bytea[];
BEGIN
    IF at_step > jsonb_array_length(steps) OR has_left AND at_step = 1 THEN
        PERFORM business.site_argument_error('step', 'A step of the funnel; before the first one nobody leaves.');
    END IF;
    WITH ways AS MATERIALIZED (
        SELECT *
        FROM business.site_funnel_ways(
            tenant, steps, from_at, to_at, (options -> 'window_minutes')::integer * INTERVAL '1 minute', filters,
            coalesce((options -> 'include_bots')::boolean, false))
    ),
    taken AS (
        SELECT visitor_hk, event_timestamp
        FROM ways
        WHERE step = at_step - has_left::integer
            AND NOT (has_left AND visitor_hk IN (SELECT visitor_hk FROM ways WHERE step = at_step))
    )
    SELECT coalesce(array_agg(DISTINCT session_hk), '{}')
    INTO found
    FROM (
        -- Where two of a visitor meet in one instant it is the later one's.
        SELECT DISTINCT ON (taken.visitor_hk, taken.event_timestamp) sessions.session_hk
        FROM taken
        JOIN business.site_sessions(tenant, from_at - INTERVAL '7 days', to_at) AS sessions
            ON sessions.visitor_hk = taken.visitor_hk
            AND taken.event_timestamp BETWEEN sessions.session_start AND sessions.session_end
        ORDER BY taken.visitor_hk, taken.event_timestamp, sessions.session_start DESC, sessions.session_hk
    ) AS sessions_of_steps;
    RETURN found;
END
$body$;
COMMENT ON FUNCTION business.site_sessions_at_step(bytea, jsonb, timestamptz, timestamptz, jsonb, jsonb)
IS 'The sessions behind a step of a funnel. Errors: ST400.';

CREATE OR REPLACE FUNCTION business.site_session_list(tenant bytea, given jsonb)
RETURNS jsonb
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
#variable_conflict use_column
DECLARE
    asked CONSTANT record := business.site_question(tenant, given, 30, 'limit', 'cursor', 'filters', 'include_bots',
        'steps', 'step', 'outcome', 'window_minutes');
    options CONSTANT jsonb := asked.options;
    filters CONSTANT jsonb := business.site_filters(options);
    most CONSTANT integer := coalesce((options -> 'limit')::integer, 100);
    include_bots CONSTANT boolean := coalesce((options -> 'include_bots')::boolean, false);
    after_session CONSTANT record := business.site_event_cursor(options);
    from_at timestamptz := asked.from_at;
    passed jsonb;
    behind bytea[];
    answer jsonb;
BEGIN
    IF options ? 'steps' THEN
        PERFORM business.site_check_steps(options -> 'steps');
    END IF;
    PERFORM business.site_check_cost(
        tenant,
        business.site_own_events(tenant, from_at, asked.to_at) * 0.05
            + business.site_filters_cost(tenant, from_at, asked.to_at, filters)
            + CASE WHEN options ? 'steps'
                THEN business.site_events_of_sessions_cost(tenant, from_at, asked.to_at) ELSE 0 END,
        options,
        VARIADIC business.site_narrow_filters(filters));
    passed := business.site_resolved_filters(tenant, from_at, asked.to_at, filters);
    IF options ? 'steps' THEN
        behind := business.site_sessions_at_step(
            tenant, options -> 'steps', from_at, asked.to_at, passed, options);
        IF filters = '{}' THEN
            -- Steps may lie in sessions that began before.
            from_at := from_at - INTERVAL '7 days';
        END IF;
    END IF;
    WITH found AS MATERIALIZED (
        SELECT sessions.*, row_number() OVER (ORDER BY session_start DESC, session_hk DESC) AS place
        FROM (
            SELECT *
            FROM business.site_filtered_sessions(tenant, from_at, asked.to_at, passed, include_bots)
            WHERE (behind IS NULL OR session_hk = ANY (behind))
                AND (after_session.event_timestamp IS NULL
                    OR (session_start, session_hk) < (after_session.event_timestamp, after_session.event_hk))
            ORDER BY session_start DESC, session_hk DESC
            LIMIT most + 1
        ) AS sessions
    )
    SELECT asked.head || jsonb_build_object(
        'sessions', coalesce(jsonb_agg(
            jsonb_strip_nulls(jsonb_build_object(
                'session', hubs.session_bk,
                'visitor', visitors.visitor_bk,
                'status', found.session_status,
                'from', business.site_utc(found.session_start),
                'to', business.site_utc(found.session_end),
                'duration_seconds', found.duration_seconds,
                'engaged_seconds', found.engaged_seconds,
                'events', found.total_events,
                'pageviews', found.page_views,
                'conversions', found.conversions,
                'revenue', found.revenue,
                'refunds', found.refunds,
                'is_bounce', found.is_bounce,
                'entry_page', found.entry_page_url,
                'exit_page', found.exit_page_url,
                'channel', found.channel,
                'source', coalesce(found.utm_source, found.referrer_host),
                'utm_campaign', found.utm_campaign,
                'device', found.device_type,
                'browser', found.browser,
                'os', found.os,
                'language', found.language,
                'country', found.country,
                'is_bot', found.is_bot))
            ORDER BY found.place) FILTER (WHERE found.place <= most), '[]'),
        'next_cursor', CASE WHEN max(found.place) > most THEN
            max((extract(epoch FROM found.session_start) * 1000000)::bigint || '-' || encode(found.session_hk, 'hex'))
                FILTER (WHERE found.place = most) END)
    INTO answer
    FROM found
    JOIN business.site_session_h AS hubs ON hubs.session_hk = found.session_hk
    LEFT JOIN business.site_visitor_h AS visitors ON visitors.visitor_hk = found.visitor_hk;
    RETURN answer;
END
$body$;
COMMENT ON FUNCTION business.site_session_list(bytea, jsonb)
IS 'The data of api.get_sessions. Errors: ST400.';

CREATE OR REPLACE FUNCTION business.site_items(tenant bytea, given jsonb)
RETURNS jsonb
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
#variable_conflict use_column
DECLARE
    asked CONSTANT record := business.site_question(tenant, given, 30, 'limit', 'order', 'item_id',
        'filters', 'include_bots');
    filters CONSTANT jsonb := business.site_filters(asked.options);
    most CONSTANT integer := coalesce((asked.options -> 'limit')::integer, 100);
    by_metric CONSTANT text := coalesce(asked.options ->> 'order', 'events');
    include_bots CONSTANT boolean := coalesce((asked.options -> 'include_bots')::boolean, false);
    item CONSTANT bytea := business.site_hash_key(tenant, asked.options ->> 'item_id');
    from_at CONSTANT timestamptz := asked.from_at;
    to_at timestamptz := asked.to_at;
    timestamps timestamptz[];
    keys bytea[];
    visitors bytea[];
    items jsonb;
BEGIN
    PERFORM business.site_check_cost(
        tenant,
        business.site_events_of_sessions_cost(tenant, from_at, to_at)
            + business.site_filters_cost(tenant, from_at, to_at, filters),
        asked.options,
        VARIADIC business.site_narrow_filters(filters));
    IF filters <> '{}' THEN
        SELECT
            coalesce(array_agg(event_timestamp), '{}'), coalesce(array_agg(event_hk), '{}'),
            coalesce(array_agg(visitor_hk), '{}'), max(event_timestamp) + INTERVAL '1 microsecond'
        INTO timestamps, keys, visitors, to_at
        FROM business.site_session_events(tenant, from_at, asked.to_at,
            business.site_resolved_filters(tenant, from_at, asked.to_at, filters), include_bots);
    END IF;
    WITH visited AS MATERIALIZED (
        SELECT event_timestamp, event_hk, visitor_hk
        FROM business.site_visitor_events(tenant, from_at, to_at)
        WHERE filters = '{}'
        UNION ALL
        SELECT * FROM unnest(timestamps, keys, visitors)
    ),
    rows AS MATERIALIZED (
        SELECT
            listed.business_item_hk, events.event_timestamp, events.event_hk, events.evt_type,
            listed.currency, listed.is_bought, listed.quantity, listed.refunded_quantity,
            listed.revenue, listed.refunds
        FROM business.site_event_details_s AS events
        -- Told once an event, not once an item.
        CROSS JOIN LATERAL (
            SELECT CASE WHEN events.evt_type IN ('purchase', 'transaction_step', 'refund')
                THEN business.site_trade_that_counts(
                    tenant, events.event_hk, events.evt_type, events.evt_action,
                    events.transaction_id, events.value, events.items, events.is_bot) ELSE 'NONE' END AS trade
            OFFSET 0
        ) AS told
        CROSS JOIN LATERAL business.site_event_items(tenant, told.trade, events.currency, events.items)
            AS listed
        WHERE events.tenant_hk = tenant
            AND events.event_timestamp >= from_at
            AND events.event_timestamp < to_at
            AND events.items IS NOT NULL
            AND (item IS NULL OR listed.business_item_hk = item)
            AND (include_bots OR NOT events.is_bot)
            AND (filters = '{}' OR (events.event_timestamp, events.event_hk) IN (
                SELECT event_timestamp, event_hk FROM visited))
    ),
    types AS (
        SELECT
            business_item_hk,
            evt_type,
            count(DISTINCT event_hk) AS events,
            count(DISTINCT event_hk) FILTER (WHERE is_bought) AS purchases,
            sum(quantity) AS quantity,
            sum(refunded_quantity) AS refunded_quantity
        FROM rows
        GROUP BY business_item_hk, evt_type
    ),
    sums AS (
        SELECT
            types.business_item_hk,
            sum(types.events)::bigint AS events,
            sum(types.purchases)::bigint AS purchases,
            sum(types.quantity) AS quantity,
            sum(types.refunded_quantity) AS refunded_quantity,
            jsonb_object_agg(types.evt_type, types.events) AS event_types,
            min(met.visitors) AS visitors
        FROM types
        JOIN (
            SELECT rows.business_item_hk, count(DISTINCT visited.visitor_hk) AS visitors
            FROM rows
            LEFT JOIN visited
                ON visited.event_timestamp = rows.event_timestamp AND visited.event_hk = rows.event_hk
            GROUP BY rows.business_item_hk
        ) AS met ON met.business_item_hk = types.business_item_hk
        GROUP BY types.business_item_hk
    ),
    listed AS (
        SELECT
            sums.*,
            CASE by_metric
                WHEN 'events' THEN sums.events
                WHEN 'visitors' THEN sums.visitors
                WHEN 'purchases' THEN sums.purchases
                ELSE sums.quantity
            END AS rank,
            hubs.business_item_bk
        FROM sums
        JOIN business.business_item_h AS hubs ON hubs.business_item_hk = sums.business_item_hk
        ORDER BY rank DESC, hubs.business_item_bk COLLATE "C"
        LIMIT most
    )
    SELECT jsonb_agg(
        jsonb_build_object(
            'item_id', listed.business_item_bk,
            'item_name', details.item_name,
            'item_type', details.item_type,
            'item_category', details.item_category,
            'item_brand', details.item_brand,
            'price', details.price,
            'currency', details.currency,
            'events', listed.events,
            'visitors', listed.visitors,
            'event_types', listed.event_types,
            'purchases', listed.purchases,
            'quantity', trim_scale(listed.quantity),
            'refunded_quantity', trim_scale(listed.refunded_quantity),
            'revenue', coalesce(money.revenue, '{}'),
            'refunds', coalesce(money.refunds, '{}'))
        ORDER BY listed.rank DESC, listed.business_item_bk COLLATE "C")
    INTO items
    FROM listed
    LEFT JOIN LATERAL (
        SELECT *
        FROM business.business_item_details_s AS versions
        WHERE versions.business_item_hk = listed.business_item_hk
        ORDER BY event_timestamp DESC, load_date DESC
        LIMIT 1
    ) AS details ON true
    LEFT JOIN (
        SELECT
            business_item_hk,
            jsonb_object_agg(currency, trim_scale(revenue)) FILTER (WHERE revenue <> 0) AS revenue,
            jsonb_object_agg(currency, trim_scale(refunds)) FILTER (WHERE refunds <> 0) AS refunds
        FROM (
            SELECT business_item_hk, currency, sum(revenue) AS revenue, sum(refunds) AS refunds
            FROM rows
            WHERE (revenue, refunds) <> (0, 0)
            GROUP BY business_item_hk, currency
        ) AS amounts
        GROUP BY business_item_hk
    ) AS money ON money.business_item_hk = listed.business_item_hk;
    RETURN asked.head || jsonb_build_object('items', coalesce(items, '[]'));
END
$body$;
COMMENT ON FUNCTION business.site_items(bytea, jsonb)
IS 'The data of api.get_items. Errors: ST400.';

-- --------------------------------------------------------------------------------------- settings

CREATE OR REPLACE FUNCTION business.site_saved(tenant bytea, of_kind text)
RETURNS TABLE (
    name text,
    content jsonb,
    load_date timestamptz,
    expires_at timestamptz,
    has_password boolean
)
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT newest.name, newest.content, newest.load_date, newest.expires_at, newest.password_hash IS NOT NULL
    FROM (
        SELECT DISTINCT ON (versions.name) versions.*
        FROM auth.site_tracking_saved_s AS versions
        WHERE versions.tenant_hk = tenant AND versions.kind = of_kind
        ORDER BY versions.name, versions.load_date DESC
    ) AS newest
    WHERE NOT newest.is_removed
$body$;
COMMENT ON FUNCTION business.site_saved(bytea, text)
IS 'What is saved with a tenant''s figures now, of one kind.';

CREATE OR REPLACE FUNCTION business.site_settings(tenant bytea)
RETURNS jsonb
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT jsonb_build_object(
        'timezone', business.site_time_zone(tenant, '{}'),
        'goals', to_jsonb(business.site_goals(tenant)),
        'segments', (
            SELECT coalesce(jsonb_agg(jsonb_build_object('name', name, 'filters', content) ORDER BY name), '[]')
            FROM business.site_saved(tenant, 'SEGMENT')
        ),
        'annotations', (
            SELECT coalesce(jsonb_agg(content ORDER BY content ->> 'day', name), '[]')
            FROM business.site_saved(tenant, 'ANNOTATION')
        ),
        'links', (
            SELECT coalesce(jsonb_agg(jsonb_build_object(
                    'name', name, 'filters', content, 'has_password', has_password,
                    'made_at', business.site_utc(load_date), 'expires_at', business.site_utc(expires_at))
                ORDER BY name), '[]')
            FROM business.site_saved(tenant, 'LINK')
            WHERE expires_at > now()
        ))
$body$;
COMMENT ON FUNCTION business.site_settings(bytea)
IS 'The data of api.get_settings.';

CREATE OR REPLACE FUNCTION business.site_set_goals(tenant bytea, goals jsonb)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    settings auth.tenant_site_tracking_s;
BEGIN
    IF jsonb_typeof(goals) <> 'array' OR jsonb_array_length(goals) > 50 OR EXISTS (
        SELECT FROM jsonb_array_elements(goals) AS goal
        WHERE jsonb_typeof(goal) <> 'string' OR length(goal #>> '{}') NOT BETWEEN 1 AND 200
    ) THEN
        PERFORM business.site_argument_error('goals', 'An array of at most 50 event types.');
    END IF;
    SELECT * INTO settings
    FROM auth.tenant_site_tracking_s
    WHERE tenant_hk = tenant
    ORDER BY load_date DESC
    LIMIT 1;
    settings.tenant_hk := tenant;
    settings.load_date := clock_timestamp();
    settings.goal_event_types := ARRAY(SELECT DISTINCT jsonb_array_elements_text(goals) ORDER BY 1);
    settings.hash_diff := sha256(convert_to(
        (to_jsonb(settings) - '{tenant_hk,load_date,hash_diff,record_source}'::text[])::text, 'UTF8'));
    settings.record_source := 'api.change_settings';
    INSERT INTO auth.tenant_site_tracking_s SELECT (settings).*;
END
$body$;
COMMENT ON FUNCTION business.site_set_goals(bytea, jsonb)
IS 'Makes a version of a tenant''s settings with other goals. Errors: ST400.';

-- Texts come without personal data from the collector and the program Keys, which alone may call this.
CREATE OR REPLACE FUNCTION business.site_save(tenant bytea, of_kind text, given jsonb, OUT token text)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    field CONSTANT text := lower(of_kind);
    is_removed CONSTANT boolean := given @> '{"remove": true}';
    days CONSTANT integer := coalesce((business.site_options(
        jsonb_build_object('days', given -> 'days'), 'days') -> 'days')::integer, 365);
    day CONSTANT timestamptz := CASE WHEN of_kind = 'ANNOTATION'
        THEN business.site_instant_option(given, 'day', 'UTC') END;
    content jsonb := CASE WHEN of_kind = 'ANNOTATION' THEN '{}' ELSE business.site_filters(given) END;
    name text := given ->> CASE of_kind WHEN 'ANNOTATION' THEN 'text' ELSE 'name' END;
BEGIN
    name := raw.site_tracking_trim(name);
    IF name IS NULL OR length(name) > 200 THEN
        PERFORM business.site_argument_error(field, 'A text of at most 200 characters names it.');
    END IF;
    IF of_kind = 'ANNOTATION' THEN
        content := jsonb_build_object('day', to_char(day AT TIME ZONE 'UTC', 'YYYY-MM-DD'), 'text', name);
        name := (content ->> 'day') || ' ' || name;
    ELSIF of_kind = 'LINK' AND given ->> 'password_hash' !~ '^pbkdf2-sha512\$\d+\$[A-Za-z0-9+/=]+\$[A-Za-z0-9+/=]+$' THEN
        PERFORM business.site_argument_error('password_hash', 'As the collector and the program Keys make it.');
    END IF;
    IF NOT is_removed
        AND (SELECT count(*) FROM business.site_saved(tenant, of_kind))
            >= (CASE of_kind WHEN 'ANNOTATION' THEN 1000 ELSE 100 END) THEN
        PERFORM business.site_argument_error(field, 'There are too many of them; remove some.');
    END IF;
    IF of_kind = 'LINK' AND NOT is_removed THEN
        -- As much chance as in a key.
        token := 'sl_' || replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '');
    END IF;
    INSERT INTO auth.site_tracking_saved_s (
        tenant_hk, kind, name, load_date, content, token_hash, password_hash, expires_at, is_removed, hash_diff,
        record_source)
    VALUES (tenant, of_kind, name, clock_timestamp(), content, sha256(convert_to(token, 'UTF8')),
        CASE WHEN token IS NOT NULL THEN given ->> 'password_hash' END,
        CASE WHEN token IS NOT NULL THEN now() + make_interval(days => days) END, is_removed,
        sha256(convert_to(concat(content, token, is_removed), 'UTF8')), 'api.change_settings');
END
$body$;
COMMENT ON FUNCTION business.site_save(bytea, text, jsonb)
IS 'Saves a segment, annotation or link, or removes it; of a new link it tells the token, this once. Errors: ST400.';

CREATE OR REPLACE FUNCTION business.site_change_settings(tenant bytea, change jsonb)
RETURNS jsonb
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    part record;
    token text;
BEGIN
    IF coalesce(jsonb_typeof(change), '') <> 'object' OR change = '{}' THEN
        PERFORM business.site_argument_error('change', 'An object of goals, segment, annotation or link.');
    END IF;
    -- One after the other for a tenant, so that versions are in order.
    PERFORM pg_advisory_xact_lock(hashtextextended(encode(tenant, 'hex'), 7));
    FOR part IN SELECT key, value FROM jsonb_each(change) LOOP
        IF part.key = 'goals' THEN
            PERFORM business.site_set_goals(tenant, part.value);
        ELSIF part.key IN ('segment', 'annotation', 'link') AND jsonb_typeof(part.value) = 'object' THEN
            token := coalesce(business.site_save(tenant, upper(part.key), part.value), token);
        ELSE
            PERFORM business.site_argument_error(left(part.key, 100), 'Goals, or the object of a segment, annotation or link.');
        END IF;
    END LOOP;
    RETURN business.site_settings(tenant)
        || CASE WHEN token IS NULL THEN '{}' ELSE jsonb_build_object('token', token) END;
END
$body$;
COMMENT ON FUNCTION business.site_change_settings(bytea, jsonb)
IS 'The data of api.change_settings. Errors: ST400.';

CREATE OR REPLACE FUNCTION auth.site_tracking_link(key_hash bytea)
RETURNS TABLE (
    tenant_bk text,
    time_zone text,
    filters jsonb,
    password_hash text
)
LANGUAGE sql
STABLE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT tenants.tenant_bk::text, business.site_time_zone(links.tenant_hk, '{}'), links.content, links.password_hash
    FROM auth.site_tracking_saved_s AS links
    JOIN auth.tenant_h AS tenants ON tenants.tenant_hk = links.tenant_hk
    WHERE links.token_hash = key_hash
        AND links.expires_at > now()
        AND cardinality(auth.site_tracking_tenants_named(tenants.tenant_bk)) = 1
        AND NOT EXISTS (
            SELECT FROM auth.site_tracking_saved_s AS later
            WHERE later.tenant_hk = links.tenant_hk
                AND later.kind = 'LINK'
                AND later.name = links.name
                AND later.load_date > links.load_date)
$body$;
COMMENT ON FUNCTION auth.site_tracking_link(bytea)
IS 'What the link with the token of this SHA-256 shows now; no row where it shows nothing. For the collector.';

-- ------------------------------------------------------------------------------ what clients call

CREATE OR REPLACE FUNCTION business.site_answer(question text, tenant text, VARIADIC arguments jsonb[] DEFAULT '{}')
RETURNS jsonb
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan
SET jit = off
SET work_mem = '64MB'
SET timezone = 'UTC'
SET datestyle = 'ISO, YMD'
AS $body$
DECLARE
    asked_tenant bytea;
    field text;
BEGIN
    asked_tenant := auth.site_tracking_tenant(tenant);
    RETURN jsonb_build_object('success', true, 'message', question, 'data', CASE question
        WHEN 'Tracking system status' THEN raw.site_tracking_status(asked_tenant)
        WHEN 'Ledger' THEN raw.site_tracking_ledger(
            asked_tenant, (arguments[1] #>> '{}')::date, (arguments[2] #>> '{}')::date)
        WHEN 'Session analytics' THEN business.site_session_analytics(asked_tenant, arguments[1])
        WHEN 'Realtime' THEN business.site_realtime(asked_tenant, arguments[1]::integer, arguments[2])
        WHEN 'Funnel' THEN business.site_funnel(asked_tenant, arguments[1], arguments[2])
        WHEN 'Retention' THEN business.site_retention(asked_tenant, arguments[1])
        WHEN 'Events' THEN business.site_events(asked_tenant, arguments[1])
        WHEN 'Items' THEN business.site_items(asked_tenant, arguments[1])
        WHEN 'Sessions' THEN business.site_session_list(asked_tenant, arguments[1])
        WHEN 'Settings' THEN business.site_settings(asked_tenant)
        WHEN 'Settings changed' THEN business.site_change_settings(asked_tenant, arguments[1])
        WHEN 'Erasure requested' THEN raw.site_tracking_forget(asked_tenant, arguments[1])
        WHEN 'Erasures' THEN raw.site_tracking_erasures(asked_tenant, arguments[1] #>> '{}')
    END);
EXCEPTION
    WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS field = COLUMN_NAME;
        RETURN business.site_failure(SQLSTATE, SQLERRM, field);
END
$body$;
COMMENT ON FUNCTION business.site_answer(text, text, jsonb[])
IS 'The answer of a function that reads or sets, or why there is none: never an error.';

CREATE OR REPLACE FUNCTION api.get_tracking_system_status(tenant text)
RETURNS jsonb
LANGUAGE sql
STABLE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $body$ SELECT business.site_answer('Tracking system status', tenant) $body$;
COMMENT ON FUNCTION api.get_tracking_system_status(text)
IS 'Whether a tenant''s events arrive and are loaded, and what hinders them. See docs/api.md.';

CREATE OR REPLACE FUNCTION api.get_ledger(tenant text, from_day date DEFAULT NULL, to_day date DEFAULT NULL)
RETURNS jsonb
LANGUAGE sql
STABLE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $body$ SELECT business.site_answer('Ledger', tenant, to_jsonb(from_day), to_jsonb(to_day)) $body$;
COMMENT ON FUNCTION api.get_ledger(text, date, date)
IS 'What became of a tenant''s events, day by day in UTC. See docs/api.md.';

CREATE OR REPLACE FUNCTION api.get_session_analytics(tenant text, options jsonb DEFAULT '{}')
RETURNS jsonb
LANGUAGE sql
STABLE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $body$ SELECT business.site_answer('Session analytics', tenant, options) $body$;
COMMENT ON FUNCTION api.get_session_analytics(text, jsonb)
IS 'Visitors, visits and what they did in a period, by interval and by what they came from and with. See docs/api.md.';

CREATE OR REPLACE FUNCTION api.get_realtime(tenant text, minutes integer DEFAULT 30, options jsonb DEFAULT '{}')
RETURNS jsonb
LANGUAGE sql
STABLE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $body$ SELECT business.site_answer('Realtime', tenant, to_jsonb(minutes), options) $body$;
COMMENT ON FUNCTION api.get_realtime(text, integer, jsonb)
IS 'What happened in the last minutes, minute by minute. See docs/api.md.';

CREATE OR REPLACE FUNCTION api.get_funnel(tenant text, steps jsonb, options jsonb DEFAULT '{}')
RETURNS jsonb
LANGUAGE sql
STABLE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $body$ SELECT business.site_answer('Funnel', tenant, steps, options) $body$;
COMMENT ON FUNCTION api.get_funnel(text, jsonb, jsonb)
IS 'How many visitors took the steps one after the other. See docs/api.md.';

CREATE OR REPLACE FUNCTION api.get_retention(tenant text, options jsonb DEFAULT '{}')
RETURNS jsonb
LANGUAGE sql
STABLE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $body$ SELECT business.site_answer('Retention', tenant, options) $body$;
COMMENT ON FUNCTION api.get_retention(text, jsonb)
IS 'How many of those who first came in an interval came again in later ones. See docs/api.md.';

CREATE OR REPLACE FUNCTION api.get_events(tenant text, options jsonb DEFAULT '{}')
RETURNS jsonb
LANGUAGE sql
STABLE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $body$ SELECT business.site_answer('Events', tenant, options) $body$;
COMMENT ON FUNCTION api.get_events(text, jsonb)
IS 'Events, the latest first, page by page. See docs/api.md.';

CREATE OR REPLACE FUNCTION api.get_items(tenant text, options jsonb DEFAULT '{}')
RETURNS jsonb
LANGUAGE sql
STABLE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $body$ SELECT business.site_answer('Items', tenant, options) $body$;
COMMENT ON FUNCTION api.get_items(text, jsonb)
IS 'What became of the items in a period. See docs/api.md.';

CREATE OR REPLACE FUNCTION api.get_sessions(tenant text, options jsonb DEFAULT '{}')
RETURNS jsonb
LANGUAGE sql
STABLE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $body$ SELECT business.site_answer('Sessions', tenant, options) $body$;
COMMENT ON FUNCTION api.get_sessions(text, jsonb)
IS 'Sessions, the latest first, page by page; also those behind a step of a funnel. See docs/api.md.';

CREATE OR REPLACE FUNCTION api.get_settings(tenant text)
RETURNS jsonb
LANGUAGE sql
STABLE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $body$ SELECT business.site_answer('Settings', tenant) $body$;
COMMENT ON FUNCTION api.get_settings(text)
IS 'A tenant''s goals, segments, annotations and links. See docs/api.md.';

CREATE OR REPLACE FUNCTION api.change_settings(tenant text, change jsonb)
RETURNS jsonb
LANGUAGE sql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $body$ SELECT business.site_answer('Settings changed', tenant, change) $body$;
COMMENT ON FUNCTION api.change_settings(text, jsonb)
IS 'Changes a tenant''s goals, or saves or removes a segment, annotation or link. See docs/api.md.';

CREATE OR REPLACE FUNCTION api.forget_visitor(tenant text, visitors jsonb)
RETURNS jsonb
LANGUAGE sql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $body$ SELECT business.site_answer('Erasure requested', tenant, visitors) $body$;
COMMENT ON FUNCTION api.forget_visitor(text, jsonb)
IS 'Asks for the erasure of visitors: of all that was received of them up to now. See docs/api.md.';

CREATE OR REPLACE FUNCTION api.get_erasures(tenant text, erasure_id text DEFAULT NULL)
RETURNS jsonb
LANGUAGE sql
STABLE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $body$ SELECT business.site_answer('Erasures', tenant, to_jsonb(erasure_id)) $body$;
COMMENT ON FUNCTION api.get_erasures(text, text)
IS 'How far erasures are, and of those done the certificate. See docs/api.md.';

CALL raw.site_tracking_own_routines('track_event', 'get_tracking_system_status', 'get_ledger',
    'get_session_analytics', 'get_realtime', 'get_funnel', 'get_retention', 'get_events', 'get_items',
    'get_sessions', 'get_settings', 'change_settings', 'forget_visitor', 'get_erasures');
GRANT EXECUTE ON FUNCTION api.track_event(jsonb) TO site_tracking_writer;
GRANT EXECUTE ON FUNCTION
    api.get_tracking_system_status(text),
    api.get_ledger(text, date, date),
    api.get_session_analytics(text, jsonb),
    api.get_realtime(text, integer, jsonb),
    api.get_funnel(text, jsonb, jsonb),
    api.get_retention(text, jsonb),
    api.get_events(text, jsonb),
    api.get_items(text, jsonb),
    api.get_sessions(text, jsonb),
    api.get_settings(text),
    api.get_erasures(text, text)
TO site_tracking_reader;
-- The collector takes personal data out of texts first; who could call this by SQL would get around it.
GRANT EXECUTE ON FUNCTION api.change_settings(text, jsonb) TO site_tracking_collector;
GRANT EXECUTE ON FUNCTION api.forget_visitor(text, jsonb) TO site_tracking_eraser;
GRANT EXECUTE ON FUNCTION auth.site_tracking_link(bytea) TO site_tracking_collector;

COMMIT;
