-- Invariant: an event of the hub has its details, its current session link, its raw row and its
-- staging row; the last two where retention did not remove them. Of an erased one there is only the link.
-- Returns one row per violation.

WITH events AS (
    SELECT
        hub.tenant_hk,
        hub.event_timestamp,
        hub.event_hk,
        links.link_kind
    FROM business.site_event_h AS hub
    LEFT JOIN business.event_session_current_v AS links
        ON links.event_timestamp = hub.event_timestamp AND links.event_hk = hub.event_hk
)
SELECT
    'business.site_event_details_s' AS missing_in,
    encode(events.event_hk, 'hex') AS event_hk,
    events.event_timestamp
FROM events
WHERE events.link_kind IS DISTINCT FROM 'ERASED'
    AND NOT EXISTS (
        SELECT FROM business.site_event_details_s AS details
        WHERE details.event_timestamp = events.event_timestamp
            AND details.event_hk = events.event_hk
    )
UNION ALL
SELECT
    'raw.site_tracking_events_r' AS missing_in,
    encode(events.event_hk, 'hex') AS event_hk,
    events.event_timestamp
FROM events
WHERE events.link_kind IS DISTINCT FROM 'ERASED'
    AND events.event_timestamp >= raw.site_tracking_kept_from(events.tenant_hk, 'raw')
    AND NOT EXISTS (
        SELECT FROM raw.site_tracking_events_r AS raw_events
        WHERE raw_events.event_timestamp = events.event_timestamp
            AND raw_events.event_hk = events.event_hk
            AND raw_events.processing_status <> 'ERROR'
    )
UNION ALL
SELECT
    'staging.site_tracking_events_s' AS missing_in,
    encode(events.event_hk, 'hex') AS event_hk,
    events.event_timestamp
FROM events
WHERE events.link_kind IS DISTINCT FROM 'ERASED'
    AND events.event_timestamp >= raw.site_tracking_kept_from(events.tenant_hk, 'staging')
    AND NOT EXISTS (
        SELECT FROM staging.site_tracking_events_s AS staged
        WHERE staged.event_timestamp = events.event_timestamp
            AND staged.event_hk = events.event_hk
    )
UNION ALL
SELECT
    'business.event_session_current_v' AS missing_in,
    encode(events.event_hk, 'hex') AS event_hk,
    events.event_timestamp
FROM events
WHERE events.link_kind IS NULL
