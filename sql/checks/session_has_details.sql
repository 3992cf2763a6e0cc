-- Invariant: a session of the hub has a details version, except the reserved sessions of a tenant.
-- Returns one row per violation.

SELECT
    encode(hubs.session_hk, 'hex') AS session_hk,
    hubs.session_bk
FROM business.site_session_h AS hubs
WHERE hubs.session_bk NOT IN ('sess_none', 'sess_late', 'sess_erased')
    AND NOT EXISTS (
        SELECT FROM business.site_session_details_s AS details
        WHERE details.session_hk = hubs.session_hk
    )
