-- Invariant: all events of a current session are robots', or none is.
-- Returns one row per violation.

SELECT
    encode(sessions.session_hk, 'hex') AS session_hk,
    encode(links.event_hk, 'hex') AS event_hk
FROM business.site_session_details_current_v AS sessions
JOIN business.event_session_current_v AS links
    ON links.session_hk = sessions.session_hk AND links.link_kind = 'SESSION'
JOIN business.site_event_details_s AS events
    ON events.event_timestamp = links.event_timestamp AND events.event_hk = links.event_hk
WHERE events.is_bot <> sessions.is_bot
