-- Invariant: the vault holds, per tenant, as many events as the ledger calls accepted, less those that
-- retention removed.
-- Returns one row per violation.

SELECT
    encode(tenant_hk, 'hex') AS tenant,
    coalesce(ledger.accepted, 0) AS accepted,
    coalesce(hub.events, 0) AS events
FROM (
    SELECT tenant_hk, sum(loaded + late + erased) AS accepted
    FROM raw.site_tracking_ledger_v
    GROUP BY tenant_hk
) AS ledger
FULL JOIN (
    SELECT tenant_hk, sum(events) AS events
    FROM (
        SELECT tenant_hk, count(*) AS events
        FROM business.site_event_h
        WHERE load_date >= raw.site_tracking_kept_from(tenant_hk, 'ledger')
        GROUP BY tenant_hk
        UNION ALL
        SELECT tenant_hk, event_count
        FROM raw.site_tracking_expired_r
    ) AS there
    GROUP BY tenant_hk
) AS hub
    USING (tenant_hk)
WHERE coalesce(ledger.accepted, 0) <> coalesce(hub.events, 0)
