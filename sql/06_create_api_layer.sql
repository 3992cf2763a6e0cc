-- Purpose: the api layer: what clients may call, and arguments, errors and answers of all its functions. Run after 05.
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
        'retention', raw.site_tracking_retention_state(tenant),
        'alerts', business.site_alert_states(tenant),
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
        ('opted_out', '@.type() == "boolean"', 'true or false.'),
        ('include_opted_out', '@.type() == "boolean"', 'true or false.'),
        ('compare', '@.type() == "boolean"', 'true or false.'),
        ('timezone', '@.type() == "string"', 'A text of at most 2048 characters.'),
        ('evt_type', '@.type() == "string"', 'A text of at most 2048 characters.'),
        ('page_url', '@.type() == "string"', 'A text of at most 2048 characters.'),
        ('visitor', '@.type() == "string"', 'A text of at most 2048 characters.'),
        ('item_id', '@.type() == "string"', 'A text of at most 2048 characters.'),
        ('property', '@.type() == "string"', 'A text of at most 2048 characters.'),
        ('by', '@ like_regex "^(pages|devices)$"', 'One of pages, devices.'),
        ('group', '@ like_regex "^(category|brand|type)$"', 'One of category, brand, type.'),
        ('level', '@ >= 1 && @ <= 20 && @ % 1 == 0', 'A whole number from 1 to 20.'),
        ('device', '@.type() == "string"', 'A text of at most 2048 characters.'),
        ('name', '@.type() == "string"', 'A text of at most 200 characters.'),
        ('metric', '@ like_regex "^(visitors|visits|pageviews|views_per_visit|bounce_rate|visit_duration|engaged_seconds|engaged_seconds_per_visit|events|conversions|conversion_rate|received|rejected_rate|late_rate|duplicate_rate)$"',
            'A metric of analytics that is a number, or one of received, rejected_rate, late_rate, duplicate_rate.'),
        ('above', '@.type() == "number"', 'A number.'),
        ('below', '@.type() == "number"', 'A number.'),
        ('hours', '@ >= 1 && @ <= 168 && @ % 1 == 0', 'A whole number from 1 to 168.'),
        ('compared', '@.type() == "boolean"', 'true or false.'),
        ('remove', '@.type() == "boolean"', 'true or false.'),
        ('webhook', '@.type() == "string"', 'A text of at most 2048 characters.'),
        ('of', '@ like_regex "^(pages|events)$"', 'One of pages, events.'),
        ('length', '@ >= 1 && @ <= 10 && @ % 1 == 0', 'A whole number from 1 to 10.'),
        ('experiment', '@.type() == "string"', 'A text of at most 2048 characters.'),
        ('control', '@.type() == "string"', 'A text of at most 2048 characters.'),
        ('lookback_days', '@ >= 1 && @ <= 365 && @ % 1 == 0', 'A whole number from 1 to 365.'),
        ('half_life_days', '@ >= 1 && @ <= 365 && @ % 1 == 0', 'A whole number from 1 to 365.'),
        ('step', '@ >= 1 && @ <= 10 && @ % 1 == 0', 'The number of a step, from 1.'),
        ('outcome', '@ like_regex "^(reached|left)$"', 'One of reached, left.'),
        ('interval', '@ like_regex "^(hour|day|week|month)$"', 'One of hour, day, week, month.'),
        ('order', '@ like_regex "^(events|visitors|purchases|conversions|quantity)$"',
            'One of events, visitors, purchases, conversions, quantity.')
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
        PERFORM business.site_argument_error('to', 'The period ends after it begins, and has at most 1,100 days.');
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

-- --------------------------------------------------------------------------------------- settings

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
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
BEGIN
    RETURN jsonb_build_object(
        'timezone', business.site_time_zone(tenant, '{}'),
        'goals', to_jsonb(business.site_goals(tenant)),
        'named_goals', (
            SELECT coalesce(jsonb_agg(jsonb_build_object('name', name) || content ORDER BY name), '[]')
            FROM business.site_saved(tenant, 'GOAL')
        ),
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
        ),
        'alerts', business.site_alert_states(tenant));
END
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
    settings.load_date := greatest(clock_timestamp(), settings.load_date + INTERVAL '1 microsecond');
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
    content jsonb := CASE
        WHEN of_kind = 'GOAL' AND NOT is_removed THEN business.site_goal_rule(given)
        WHEN of_kind IN ('ANNOTATION', 'GOAL') THEN '{}'
        ELSE business.site_filters(given) END;
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
            >= (CASE of_kind WHEN 'ANNOTATION' THEN 1000 WHEN 'GOAL' THEN 20 ELSE 100 END) THEN
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
IS 'Saves a segment, annotation, goal or link, or removes it; of a new link it tells the token, this once. Errors: ST400.';

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
        PERFORM business.site_argument_error('change', 'An object of goals, goal, segment, annotation, link or alert.');
    END IF;
    -- One after the other for a tenant, so that versions are in order.
    PERFORM pg_advisory_xact_lock(hashtextextended(encode(tenant, 'hex'), 7));
    FOR part IN SELECT key, value FROM jsonb_each(change) LOOP
        IF part.key = 'goals' THEN
            PERFORM business.site_set_goals(tenant, part.value);
        ELSIF part.key IN ('goal', 'segment', 'annotation', 'link') AND jsonb_typeof(part.value) = 'object' THEN
            token := coalesce(business.site_save(tenant, upper(part.key), part.value), token);
        ELSIF part.key = 'alert' AND jsonb_typeof(part.value) = 'object' THEN
            token := coalesce(business.site_save_alert(tenant, part.value), token);
        ELSE
            PERFORM business.site_argument_error(left(part.key, 100), 'Goals, or the object of a goal, segment, annotation, link or alert.');
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

-- Where a reprocess exchanges the tables, whoever asks waits here, before any routine is looked up that moves with
-- them: one that was would read the former tables then, or have rows of theirs. Of all tables this one is locked first.
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
    LOCK TABLE ONLY raw.site_tracking_ledger_r IN ACCESS SHARE MODE;
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
        WHEN 'Paths' THEN business.site_paths(asked_tenant, arguments[1])
        WHEN 'Visitor journey' THEN business.site_visitor_journey(asked_tenant, arguments[1])
        WHEN 'Attribution' THEN business.site_attribution(asked_tenant, arguments[1])
        WHEN 'Experiment' THEN business.site_experiment(asked_tenant, arguments[1])
        WHEN 'Web vitals' THEN business.site_web_vitals(asked_tenant, arguments[1])
        WHEN 'Scores' THEN raw.site_tracking_put_scores(asked_tenant, arguments[1])
        WHEN 'Settings' THEN business.site_settings(asked_tenant)
        WHEN 'Settings changed' THEN business.site_change_settings(asked_tenant, arguments[1])
        WHEN 'Erasure requested' THEN raw.site_tracking_forget(asked_tenant, arguments[1])
        WHEN 'Erasures' THEN raw.site_tracking_erasures(asked_tenant, arguments[1] #>> '{}')
        WHEN 'Processing record' THEN raw.site_tracking_processing_record(asked_tenant, tenant)
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

CREATE OR REPLACE FUNCTION api.get_paths(tenant text, options jsonb DEFAULT '{}')
RETURNS jsonb
LANGUAGE sql
STABLE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $body$ SELECT business.site_answer('Paths', tenant, options) $body$;
COMMENT ON FUNCTION api.get_paths(text, jsonb)
IS 'Which pages or events visits take one after the other, from a point on or up to it, and where they end. See docs/api.md.';

CREATE OR REPLACE FUNCTION api.get_visitor_journey(tenant text, options jsonb DEFAULT '{}')
RETURNS jsonb
LANGUAGE sql
STABLE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $body$ SELECT business.site_answer('Visitor journey', tenant, options) $body$;
COMMENT ON FUNCTION api.get_visitor_journey(text, jsonb)
IS 'The sessions of a visitor, the first one first, with what they came from and the goals met in them. See docs/api.md.';

CREATE OR REPLACE FUNCTION api.get_attribution(tenant text, options jsonb DEFAULT '{}')
RETURNS jsonb
LANGUAGE sql
STABLE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $body$ SELECT business.site_answer('Attribution', tenant, options) $body$;
COMMENT ON FUNCTION api.get_attribution(text, jsonb)
IS 'Which channels and campaigns conversions are due to, by five models. See docs/api.md.';

CREATE OR REPLACE FUNCTION api.get_experiment(tenant text, options jsonb DEFAULT '{}')
RETURNS jsonb
LANGUAGE sql
STABLE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $body$ SELECT business.site_answer('Experiment', tenant, options) $body$;
COMMENT ON FUNCTION api.get_experiment(text, jsonb)
IS 'Visitors, conversions and revenue by variant of an experiment, with the difference to one of them. See docs/api.md.';

CREATE OR REPLACE FUNCTION api.get_settings(tenant text)
RETURNS jsonb
LANGUAGE sql
STABLE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $body$ SELECT business.site_answer('Settings', tenant) $body$;
COMMENT ON FUNCTION api.get_settings(text)
IS 'A tenant''s goals, segments, annotations, links and alerts. See docs/api.md.';

CREATE OR REPLACE FUNCTION api.change_settings(tenant text, change jsonb)
RETURNS jsonb
LANGUAGE sql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $body$ SELECT business.site_answer('Settings changed', tenant, change) $body$;
COMMENT ON FUNCTION api.change_settings(text, jsonb)
IS 'Changes a tenant''s goals, or saves or removes a segment, annotation, link or alert. See docs/api.md.';

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
    'get_sessions', 'get_paths', 'get_visitor_journey', 'get_attribution', 'get_experiment', 'get_settings',
    'change_settings', 'forget_visitor', 'get_erasures');
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
    api.get_paths(text, jsonb),
    api.get_visitor_journey(text, jsonb),
    api.get_attribution(text, jsonb),
    api.get_experiment(text, jsonb),
    api.get_settings(text),
    api.get_erasures(text, text)
TO site_tracking_reader;
-- The collector takes personal data out of texts first; who could call this by SQL would get around it.
GRANT EXECUTE ON FUNCTION api.change_settings(text, jsonb) TO site_tracking_collector;
GRANT EXECUTE ON FUNCTION api.forget_visitor(text, jsonb) TO site_tracking_eraser;
GRANT EXECUTE ON FUNCTION auth.site_tracking_link(bytea) TO site_tracking_collector;

COMMIT;
