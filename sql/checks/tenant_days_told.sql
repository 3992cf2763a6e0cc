-- Invariant: business.site_tenant_day_b tells of each day on which a tenant has events, or else an erasure would
-- pass it by. Returns one row per violation.

SELECT
    encode(held.tenant_hk, 'hex') AS tenant,
    held.day_start
FROM (
    SELECT DISTINCT tenant_hk, business.site_day(event_timestamp) AS day_start
    FROM business.site_event_h
) AS held
WHERE NOT EXISTS (
    SELECT FROM business.site_tenant_day_b AS told
    WHERE told.tenant_hk = held.tenant_hk AND told.day_start = held.day_start
)
