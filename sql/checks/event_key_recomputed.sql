-- Invariant: an event's business key is its id and the hash of its content: of the payload as jsonb
-- writes it, and where that names no time, of the reception. What follows the content of an event
-- without an id is a fingerprint under the tenant's secret and taken as it stands.
-- Returns one row per violation.

SELECT
    'raw.site_tracking_events_r' AS table_name,
    encode(keys.event_hk, 'hex') AS event_hk,
    keys.event_bk,
    keys.expected_bk
FROM (
    SELECT
        events.event_hk,
        events.tenant_hk,
        events.event_bk,
        CASE
            WHEN events.payload -> 'event_id' IS NOT NULL
                THEN 'evt_' || (events.payload ->> 'event_id') || '.' || left(contents.hash, 16)
            ELSE 'evt_' || left(contents.hash, 32) || '.' || substring(events.event_bk FROM '[0-9a-f]{8}$')
        END AS expected_bk
    FROM raw.site_tracking_events_r AS events
    CROSS JOIN LATERAL (
        SELECT encode(util.hash_binary(events.payload::text || CASE
            WHEN events.payload -> 'event_timestamp' IS NOT NULL THEN ''
            WHEN events.payload -> 'event_id' IS NOT NULL OR events.received_at IS NULL
                THEN '|' || to_char(events.event_timestamp AT TIME ZONE 'UTC', 'YYYY-MM-DD')
            ELSE '|' || (extract(epoch FROM events.received_at) * 1000000)::bigint
        END), 'hex') AS hash
    ) AS contents
    WHERE events.processing_status <> 'ERROR'
) AS keys
WHERE keys.event_bk IS DISTINCT FROM keys.expected_bk
    OR keys.event_hk <> util.generate_tenant_derived_hk(keys.tenant_hk, keys.event_bk)
