-- Invariant: business.site_item_day_b tells on which days visitors met items, as paths of sessions do, each day with
-- the one before it, which may be one that retention removed; business.site_item_return_b counts them. Of what
-- retention removed only the sums are left, and of erased visitors what is kept beside them; rows of zeros may stay.
-- Returns one row per violation.

SELECT
    'business.site_item_day_b' AS table_name,
    coalesce(held.item, wanted.item) AS item,
    coalesce(held.day, wanted.day) AS day,
    coalesce(held.visitor, wanted.visitor)::text AS of_whom
FROM business.site_item_day_b AS held
FULL JOIN (
    SELECT
        days.tenant_hk, days.visitor, days.item, days.day, count(*) AS sessions,
        coalesce(lag(days.day) OVER (
            PARTITION BY days.tenant_hk, days.visitor, days.item ORDER BY days.day), '-infinity') AS previous_day
    FROM business.site_session_path_b AS paths
    CROSS JOIN LATERAL business.site_item_days(paths, 1) AS days
    GROUP BY days.tenant_hk, days.visitor, days.item, days.day
) AS wanted
    ON wanted.tenant_hk = held.tenant_hk
    AND wanted.visitor = held.visitor
    AND wanted.item = held.item
    AND wanted.day = held.day
WHERE held.sessions IS DISTINCT FROM wanted.sessions
    OR held.previous_day IS NULL
    OR held.previous_day <> wanted.previous_day AND (
        wanted.previous_day > '-infinity'
        -- No session is longer than a week.
        OR held.previous_day >= (greatest(
            raw.site_tracking_kept_from(held.tenant_hk, 'events'),
            raw.site_tracking_kept_from(held.tenant_hk, 'sessions') + INTERVAL '7 days') AT TIME ZONE 'UTC')::date)
UNION ALL
SELECT
    'business.site_item_return_b' AS table_name,
    sums.item,
    sums.day,
    sums.previous_day::text AS of_whom
FROM (
    SELECT 1 AS sign, returns.*
    FROM business.site_item_return_b AS returns
    UNION ALL
    SELECT -1, kept.*
    FROM business.site_item_return_kept_b AS kept
    UNION ALL
    SELECT -1, tenant_hk, day, item, previous_day, 1
    FROM business.site_item_day_b
) AS sums
WHERE sums.day >= (greatest(
    raw.site_tracking_kept_from(sums.tenant_hk, 'events'),
    raw.site_tracking_kept_from(sums.tenant_hk, 'sessions') + INTERVAL '7 days') AT TIME ZONE 'UTC')::date
GROUP BY sums.tenant_hk, sums.day, sums.item, sums.previous_day
HAVING sum(sign * visitors) <> 0
