-- Purpose: how fast pages are for those who see them: web vitals and load times. Run after 08.
--
-- Errors: ST400 bad argument, ST413 too much to read.

BEGIN;

DO $lock$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('site_tracking', 0));
END
$lock$;

CREATE OR REPLACE FUNCTION business.site_vital_parts(tenant bytea, from_at timestamptz, to_at timestamptz)
RETURNS TABLE (
    page_hk bytea,
    device text,
    measure text,
    bucket bigint,
    views numeric
)
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
#variable_conflict use_column
DECLARE
    days_from CONSTANT timestamptz := business.site_nearest_day(from_at);
    days_to CONSTANT timestamptz := business.site_nearest_day(to_at);
BEGIN
    RETURN QUERY
    WITH counted AS (
        SELECT value_key, events
        FROM business.site_rollup_b
        WHERE tenant_hk = tenant AND dimension = 'vitals' AND bucket_start >= days_from AND bucket_start < days_to
        UNION ALL
        SELECT summed.value_key, rests.sign * summed.events
        FROM business.site_rests(from_at, to_at, days_from, days_to) AS rests
        CROSS JOIN LATERAL business.site_vital_sums(tenant, rests.starts_at, rests.ends_at, false) AS summed
    )
    SELECT substr(value_key, 1, 32), told.parts[1], told.parts[2], told.parts[3]::bigint, sum(events)
    FROM counted
    CROSS JOIN LATERAL (SELECT string_to_array(convert_from(substr(value_key, 33), 'UTF8'), ' ') AS parts) AS told
    GROUP BY value_key, told.parts
    HAVING sum(events) > 0;
END
$body$;
COMMENT ON FUNCTION business.site_vital_parts(bytea, timestamptz, timestamptz)
IS 'How many page views of a period told which value of a measure, by page, kind of device and bucket: from the rollup, and for the rest from the events.';

CREATE OR REPLACE FUNCTION business.site_web_vitals_cost(tenant bytea, from_at timestamptz, to_at timestamptz)
RETURNS numeric
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT business.site_own_events(tenant, from_at, to_at) * 0.1 + coalesce(sum(
        business.site_own_events(tenant, starts_at, ends_at) + business.site_all_events(starts_at, ends_at) * 0.1), 0)
    FROM business.site_rests(from_at, to_at, business.site_nearest_day(from_at), business.site_nearest_day(to_at))
$body$;
COMMENT ON FUNCTION business.site_web_vitals_cost(bytea, timestamptz, timestamptz)
IS 'What an answer of api.get_web_vitals costs, in events read.';

CREATE OR REPLACE FUNCTION business.site_web_vitals(tenant bytea, given jsonb)
RETURNS jsonb
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
#variable_conflict use_column
DECLARE
    asked CONSTANT record := business.site_question(tenant, given, 30, 'by', 'page_url', 'device', 'limit');
    by_devices CONSTANT boolean := asked.options ->> 'by' IS NOT DISTINCT FROM 'devices';
    page CONSTANT bytea := business.site_hash_key(tenant, asked.options ->> 'page_url');
    only_device CONSTANT text := asked.options ->> 'device';
    most CONSTANT integer := coalesce((asked.options -> 'limit')::integer, 10);
    answer jsonb;
BEGIN
    PERFORM business.site_check_cost(
        tenant, business.site_web_vitals_cost(tenant, asked.from_at, asked.to_at), asked.options, VARIADIC '{}');
    WITH parts AS MATERIALIZED (
        SELECT CASE WHEN by_devices THEN convert_to(device, 'UTF8') ELSE page_hk END AS row_key, measure, bucket, views
        FROM business.site_vital_parts(tenant, asked.from_at, asked.to_at)
        WHERE (page IS NULL OR page_hk = page) AND (only_device IS NULL OR device = only_device)
    ),
    listed AS (
        SELECT ranked.row_key, names.value, ranked.views
        FROM (SELECT row_key, sum(views) AS views FROM parts GROUP BY row_key) AS ranked
        CROSS JOIN LATERAL (
            SELECT CASE WHEN by_devices THEN convert_from(ranked.row_key, 'UTF8')
                ELSE (SELECT page_bk FROM business.site_page_h WHERE page_hk = ranked.row_key) END AS value
        ) AS names
        ORDER BY ranked.views DESC, names.value COLLATE "C"
        LIMIT most
    ),
    -- The row without a key is that of all.
    counted AS (
        SELECT NULL::bytea AS row_key, measure, bucket, sum(views) AS views
        FROM parts
        GROUP BY measure, bucket
        UNION ALL
        SELECT row_key, measure, bucket, sum(views)
        FROM parts
        WHERE row_key IN (SELECT row_key FROM listed)
        GROUP BY row_key, measure, bucket
    ),
    ordered AS (
        SELECT
            *,
            sum(views) OVER (PARTITION BY row_key, measure ORDER BY bucket) AS up_to,
            sum(views) OVER (PARTITION BY row_key, measure) AS total
        FROM counted
    ),
    judged AS (
        SELECT
            ordered.row_key, ordered.measure, ordered.total, measures.units, measures.good, measures.poor,
            min(ordered.bucket) FILTER (WHERE ordered.up_to >= 0.75 * ordered.total) AS p75,
            coalesce(sum(ordered.views) FILTER (WHERE ordered.bucket <= measures.good), 0) AS good_views,
            coalesce(sum(ordered.views) FILTER (WHERE ordered.bucket > measures.poor), 0) AS poor_views
        FROM ordered
        JOIN business.site_vital_measures() AS measures ON measures.measure = ordered.measure
        GROUP BY 1, 2, 3, 4, 5, 6
    ),
    told AS (
        SELECT
            row_key,
            jsonb_object_agg(measure, jsonb_build_object(
                'views', total,
                'p75', trim_scale(p75 / units::numeric),
                'rating', CASE WHEN p75 <= good THEN 'good' WHEN p75 <= poor THEN 'needs_improvement' ELSE 'poor' END,
                'good', round(good_views / total, 4),
                'needs_improvement', round((total - good_views - poor_views) / total, 4),
                'poor', round(poor_views / total, 4))) AS measures
        FROM judged
        GROUP BY row_key
    )
    SELECT jsonb_build_object(
        'measures', nothing.measures || coalesce((SELECT measures FROM told WHERE row_key IS NULL), '{}'),
        'rows', coalesce(
            (
                SELECT jsonb_agg(
                    jsonb_build_object('value', listed.value) || nothing.measures || told.measures
                    ORDER BY listed.views DESC, listed.value COLLATE "C")
                FROM listed
                JOIN told ON told.row_key = listed.row_key
            ),
            '[]'))
    INTO answer
    FROM (SELECT jsonb_object_agg(measure, NULL) AS measures FROM business.site_vital_measures()) AS nothing;
    RETURN asked.head || answer;
END
$body$;
COMMENT ON FUNCTION business.site_web_vitals(bytea, jsonb)
IS 'The data of api.get_web_vitals. Errors: ST400.';

CREATE OR REPLACE FUNCTION api.get_web_vitals(tenant text, options jsonb DEFAULT '{}')
RETURNS jsonb
LANGUAGE sql
STABLE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $body$ SELECT business.site_answer('Web vitals', tenant, options) $body$;
COMMENT ON FUNCTION api.get_web_vitals(text, jsonb)
IS 'How fast pages were for three quarters of those who saw them, by page or device. See docs/api.md.';

CALL raw.site_tracking_own_routines('get_web_vitals');
GRANT EXECUTE ON FUNCTION api.get_web_vitals(text, jsonb) TO site_tracking_reader;

COMMIT;
