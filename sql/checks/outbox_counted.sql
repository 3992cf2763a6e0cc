-- Invariant: raw.site_tracking_waiting_r counts what waits in the outbox, by tenant.
-- Returns one row per violation.

SELECT
    encode(coalesce(counted.tenant_hk, waiting.tenant_hk), 'hex') AS tenant_hk,
    counted.events AS counted_events,
    waiting.events AS waiting_events,
    counted.bytes AS counted_bytes,
    waiting.bytes AS waiting_bytes
FROM (
    SELECT tenant_hk, sum(event_count) AS events, sum(byte_count) AS bytes
    FROM raw.site_tracking_waiting_r
    GROUP BY tenant_hk
) AS counted
FULL JOIN (
    SELECT tenant_hk, count(*) AS events, sum(octet_length(payload)) AS bytes
    FROM raw.site_tracking_outbox_r
    GROUP BY tenant_hk
) AS waiting
    ON waiting.tenant_hk = counted.tenant_hk
WHERE (coalesce(counted.events, 0), coalesce(counted.bytes, 0))
    <> (coalesce(waiting.events, 0), coalesce(waiting.bytes, 0))
