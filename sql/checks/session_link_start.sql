-- Invariant: the session_start of a link is that of the session's versions, to the millisecond.
-- Returns one row per violation.

SELECT
    'business.session_visitor_l' AS table_name,
    encode(links.session_visitor_hk, 'hex') AS hash_key
FROM business.session_visitor_l AS links
WHERE NOT EXISTS (
    SELECT FROM business.site_session_details_s AS details
    WHERE details.session_hk = links.session_hk
        AND date_trunc('milliseconds', details.session_start) = links.session_start
)
UNION ALL
SELECT
    'business.session_page_l' AS table_name,
    encode(links.session_page_hk, 'hex') AS hash_key
FROM business.session_page_l AS links
WHERE NOT EXISTS (
    SELECT FROM business.site_session_details_s AS details
    WHERE details.session_hk = links.session_hk
        AND date_trunc('milliseconds', details.session_start) = links.session_start
)
