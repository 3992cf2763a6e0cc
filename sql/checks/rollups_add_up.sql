-- Invariant: the rollups of analytics are the sums of the closed sessions in the bridge, which another check
-- proves equal to the satellite, and of the events. Rows of zeros may stay where everything was taken back.
-- Of what retention removed only the sums are left, and of erased visitors what is kept beside them.
-- Returns one row per violation.

SELECT
    'business.site_rollup_b' AS table_name,
    sums.dimension::text AS dimension,
    sums.bucket_start,
    encode(sums.value_key, 'hex') AS value_key
FROM (
    SELECT 1 AS sign, summed.*
    FROM business.site_rollup_b AS summed
    UNION ALL
    SELECT -1, kept.*
    FROM business.site_rollup_kept_b AS kept
    UNION ALL
    SELECT -1, wanted.*
    FROM business.site_session_b AS sessions
    CROSS JOIN LATERAL business.site_session_sums(sessions, 1) AS wanted
    WHERE sessions.session_status = 'CLOSED' AND NOT sessions.is_bot
    UNION ALL
    SELECT -1, wanted.*
    FROM (SELECT DISTINCT tenant_hk FROM business.site_event_details_s) AS tenants
    CROSS JOIN LATERAL business.site_event_sums(
        tenants.tenant_hk, '-infinity', 'infinity', false) AS wanted
) AS sums
WHERE sums.bucket_start >= raw.site_tracking_kept_from(
    sums.tenant_hk, CASE WHEN sums.dimension IN ('top_pages', 'items', 'vitals') THEN 'events' ELSE 'sessions' END)
GROUP BY sums.tenant_hk, sums.dimension, sums.bucket_start, sums.value_key, sums.currency
HAVING (
        sum(sign * visits), sum(sign * bounces), sum(sign * bounceable), sum(sign * converted),
        sum(sign * page_views), sum(sign * events), sum(sign * conversions),
        sum(sign * duration_seconds), sum(sign * engaged_seconds), sum(sign * quantity),
        sum(sign * refunded_quantity), sum(sign * revenue), sum(sign * refunds)
    ) <> (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    OR count(DISTINCT sums.value) > 1
UNION ALL
SELECT
    'business.site_return_b' AS table_name,
    sums.span::text AS dimension,
    sums.start_bucket AS bucket_start,
    sums.previous_bucket::text AS value_key
FROM (
    SELECT 1 AS sign, summed.*
    FROM business.site_return_b AS summed
    UNION ALL
    SELECT -1, kept.*
    FROM business.site_return_kept_b AS kept
    UNION ALL
    SELECT -1, sessions.tenant_hk, wanted.*, 1
    FROM business.site_session_b AS sessions
    CROSS JOIN LATERAL business.site_return_buckets(
        sessions.previous_start, sessions.session_start) AS wanted
    WHERE sessions.previous_start IS NOT NULL
) AS sums
WHERE sums.start_bucket >= raw.site_tracking_kept_from(sums.tenant_hk, 'sessions')
GROUP BY sums.tenant_hk, sums.span, sums.previous_bucket, sums.start_bucket
HAVING sum(sign * visits) <> 0
UNION ALL
SELECT
    'business.site_cohort_b' AS table_name,
    sums.first_day::text AS dimension,
    sums.day::timestamp AT TIME ZONE 'UTC' AS bucket_start,
    sums.previous_day::text AS value_key
FROM (
    SELECT 1 AS sign, summed.*
    FROM business.site_cohort_b AS summed
    UNION ALL
    SELECT -1, wanted.*
    FROM business.site_session_b AS sessions
    LEFT JOIN business.site_cohort_zone_b AS zones ON zones.tenant_hk = sessions.tenant_hk
    CROSS JOIN LATERAL business.site_cohorts(
        sessions.tenant_hk, sessions.first_start, sessions.previous_start, sessions.session_start,
        coalesce(zones.time_zone, 'UTC'), 1) AS wanted
    WHERE NOT sessions.is_bot
) AS sums
LEFT JOIN business.site_cohort_zone_b AS zones ON zones.tenant_hk = sums.tenant_hk
WHERE sums.day::timestamp AT TIME ZONE coalesce(zones.time_zone, 'UTC')
    >= raw.site_tracking_kept_from(sums.tenant_hk, 'sessions')
GROUP BY sums.tenant_hk, sums.first_day, sums.day, sums.previous_day
HAVING sum(sign * visitors) <> 0
