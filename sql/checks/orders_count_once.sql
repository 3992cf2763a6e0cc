-- Invariant: for each order one event counts, the earliest that tells money, or else that names items, by time,
-- sequence and key. It may be one that retention removed since. Returns one row per violation.

SELECT
    'business.site_order_b' AS table_name,
    encode(coalesce(held.tenant_hk, wanted.tenant_hk), 'hex') AS tenant_hk,
    encode(coalesce(held.transaction_hk, wanted.transaction_hk), 'hex') AS transaction_hk,
    held.event_bk,
    wanted.event_bk AS earliest_event_bk
FROM business.site_order_b AS held
FULL JOIN business.site_order_check_v AS wanted
    ON wanted.tenant_hk = held.tenant_hk AND wanted.transaction_hk = held.transaction_hk
WHERE (held.event_timestamp, held.event_hk, held.sequence, held.event_bk)
    IS DISTINCT FROM (wanted.event_timestamp, wanted.event_hk, wanted.sequence, wanted.event_bk)
    AND coalesce(held.event_timestamp >= raw.site_tracking_kept_from(held.tenant_hk, 'events'), true)
