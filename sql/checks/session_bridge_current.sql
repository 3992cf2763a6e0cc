-- Invariant: business.site_session_b holds every session that exists as it is now, and nothing else; of
-- open ones what does not change while they are open.
-- Returns one row per violation.

SELECT
    encode(coalesce(bridged.session_hk, wanted.session_hk), 'hex') AS session_hk,
    bridged.session_hk IS NOT NULL AS is_bridged,
    wanted.session_hk IS NOT NULL AS is_current
FROM business.site_session_b AS bridged
FULL JOIN business.site_session_bridge_v AS wanted
    ON wanted.tenant_hk = bridged.tenant_hk
    AND wanted.key_start = bridged.key_start
    AND wanted.session_hk = bridged.session_hk
WHERE ROW(bridged.*) IS DISTINCT FROM ROW(wanted.*)
