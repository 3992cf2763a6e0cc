-- Invariant: business.site_session_b holds every session that exists as it is now, and nothing else; of
-- open ones what does not change while they are open. The session before, and the first one, may be ones that retention
-- removed.
-- Returns one row per violation.

SELECT
    encode(coalesce(bridged.session_hk, wanted.session_hk), 'hex') AS session_hk,
    bridged.session_hk IS NOT NULL AS is_bridged,
    wanted.session_hk IS NOT NULL AS is_current
FROM business.site_session_b AS bridged
FULL JOIN (
    SELECT held.*
    FROM (
        SELECT
            version,
            previous_start,
            CASE WHEN previous_start IS NOT NULL THEN
                first_value(coalesce(removed_first_start, (version).session_start)) OVER own END AS first_start
        FROM (
            SELECT
                version,
                CASE WHEN NOT (version).is_bot
                    THEN coalesce(lag((version).session_start) OVER own, removed.previous_start) END AS previous_start,
                removed.first_start AS removed_first_start
            FROM (
                SELECT DISTINCT ON (version.session_hk) version
                FROM business.site_session_details_s AS version
                ORDER BY version.session_hk, version.load_date DESC, version.total_events DESC, version.session_start
            ) AS latest
            LEFT JOIN business.site_session_b AS removed
                ON removed.tenant_hk = (version).tenant_hk
                AND removed.key_start = date_trunc('milliseconds', (version).session_start)
                AND removed.session_hk = (version).session_hk
                AND removed.previous_start < raw.site_tracking_kept_from((version).tenant_hk, 'sessions')
            WHERE (version).session_status <> 'SUPERSEDED'
            WINDOW own AS (
                PARTITION BY (version).tenant_hk, (version).visitor_hk, (version).is_bot
                ORDER BY (version).session_start, (version).session_hk)
        ) AS followed
        WINDOW own AS (
            PARTITION BY (version).tenant_hk, (version).visitor_hk, (version).is_bot
            ORDER BY (version).session_start, (version).session_hk)
    ) AS placed
    CROSS JOIN LATERAL business.site_bridge_row(placed.version, placed.previous_start, placed.first_start) AS bridged
    CROSS JOIN LATERAL business.site_held_row(bridged) AS held
) AS wanted
    ON wanted.tenant_hk = bridged.tenant_hk
    AND wanted.key_start = bridged.key_start
    AND wanted.session_hk = bridged.session_hk
WHERE ROW(bridged.*) IS DISTINCT FROM ROW(wanted.*)
