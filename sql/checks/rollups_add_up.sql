-- Invariant: the rollups of analytics are the sums of the closed sessions in the bridge, which another check
-- proves equal to the satellite, and of the events. Rows of zeros may stay where everything was taken back.
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
    SELECT -1 AS sign, wanted.*
    FROM business.site_rollup_check_v AS wanted
) AS sums
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
    SELECT -1 AS sign, wanted.*
    FROM business.site_return_check_v AS wanted
) AS sums
GROUP BY sums.tenant_hk, sums.span, sums.previous_bucket, sums.start_bucket
HAVING sum(sign * visits) <> 0
