-- Invariant: whatever the raw (unless rejected) or the staging layer holds, is an event of the hub.
-- Returns one row per violation.

SELECT
    'raw.site_tracking_events_r' AS table_name,
    encode(event_hk, 'hex') AS event_hk,
    event_timestamp
FROM raw.site_tracking_events_r AS raw_events
WHERE processing_status <> 'ERROR'
    AND NOT EXISTS (
        SELECT FROM business.site_event_h AS events
        WHERE events.event_timestamp = raw_events.event_timestamp
            AND events.event_hk = raw_events.event_hk
    )
UNION ALL
SELECT
    'staging.site_tracking_events_s',
    encode(event_hk, 'hex'),
    event_timestamp
FROM staging.site_tracking_events_s AS staged
WHERE NOT EXISTS (
    SELECT FROM business.site_event_h AS events
    WHERE events.event_timestamp = staged.event_timestamp AND events.event_hk = staged.event_hk
)
