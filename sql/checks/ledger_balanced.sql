-- Invariant: every event that was received was loaded, late, a duplicate, rejected or erased.
-- Returns one row per violation.

SELECT
    ledger_date,
    encode(tenant_hk, 'hex') AS tenant,
    received,
    loaded,
    duplicates,
    rejected,
    late,
    erased
FROM raw.site_tracking_ledger_v
WHERE NOT balanced OR loaded < 0
