-- Invariant: a current view has one row per key.
-- Returns one row per violation.

SELECT
    'business.site_session_details_current_v' AS view_name,
    encode(session_hk, 'hex') AS hash_key,
    count(*) AS current_rows
FROM business.site_session_details_current_v
GROUP BY session_hk
HAVING count(*) > 1
UNION ALL
SELECT
    'business.site_visitor_details_current_v' AS view_name,
    encode(visitor_hk, 'hex') AS hash_key,
    count(*) AS current_rows
FROM business.site_visitor_details_current_v
GROUP BY visitor_hk
HAVING count(*) > 1
UNION ALL
SELECT
    'business.site_page_details_current_v' AS view_name,
    encode(page_hk, 'hex') AS hash_key,
    count(*) AS current_rows
FROM business.site_page_details_current_v
GROUP BY page_hk
HAVING count(*) > 1
UNION ALL
SELECT
    'business.business_item_details_current_v' AS view_name,
    encode(business_item_hk, 'hex') AS hash_key,
    count(*) AS current_rows
FROM business.business_item_details_current_v
GROUP BY business_item_hk
HAVING count(*) > 1
UNION ALL
SELECT
    'business.event_session_current_v' AS view_name,
    encode(event_hk, 'hex') AS hash_key,
    count(*) AS current_rows
FROM business.event_session_current_v
GROUP BY event_hk
HAVING count(*) > 1
