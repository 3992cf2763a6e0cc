-- Invariant: business.site_session_b holds every session that exists as it is now, and nothing else; of
-- open ones what does not change while they are open. The session before may be one that retention removed.
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
            CASE WHEN NOT (version).is_bot THEN coalesce(
                lag((version).session_start) OVER (
                    PARTITION BY (version).tenant_hk, (version).visitor_hk, (version).is_bot
                    ORDER BY (version).session_start, (version).session_hk
                ),
                (
                    SELECT removed.previous_start
                    FROM business.site_session_b AS removed
                    WHERE removed.tenant_hk = (version).tenant_hk
                        AND removed.key_start = date_trunc('milliseconds', (version).session_start)
                        AND removed.session_hk = (version).session_hk
                        AND removed.previous_start
                            < raw.site_tracking_kept_from((version).tenant_hk, 'sessions')
                )
            ) END AS previous_start
        FROM (
            SELECT DISTINCT ON (version.session_hk) version
            FROM business.site_session_details_s AS version
            ORDER BY version.session_hk, version.load_date DESC, version.total_events DESC, version.session_start
        ) AS latest
        WHERE (version).session_status <> 'SUPERSEDED'
    ) AS placed
    CROSS JOIN LATERAL business.site_bridge_row(placed.version, placed.previous_start) AS bridged
    CROSS JOIN LATERAL business.site_held_row(bridged) AS held
) AS wanted
    ON wanted.tenant_hk = bridged.tenant_hk
    AND wanted.key_start = bridged.key_start
    AND wanted.session_hk = bridged.session_hk
WHERE ROW(bridged.*) IS DISTINCT FROM ROW(wanted.*)
