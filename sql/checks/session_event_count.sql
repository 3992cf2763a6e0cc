-- Invariant: a current session counts exactly the events that are linked to it now, unless retention
-- removed those.
-- Returns one row per violation.

SELECT
    encode(sessions.session_hk, 'hex') AS session_hk,
    sessions.total_events,
    coalesce(links.events, 0) AS linked_events
FROM business.site_session_details_current_v AS sessions
LEFT JOIN (
    SELECT session_hk, count(*) AS events
    FROM business.event_session_current_v
    WHERE link_kind = 'SESSION'
    GROUP BY session_hk
) AS links
    ON links.session_hk = sessions.session_hk
WHERE sessions.total_events <> coalesce(links.events, 0)
    AND sessions.session_start >= raw.site_tracking_kept_from(sessions.tenant_hk, 'events')
