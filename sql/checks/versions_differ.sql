-- Invariant: a version differs from the one before it.
-- Returns one row per violation.

SELECT
    'business.site_visitor_details_s' AS table_name,
    encode(visitor_hk, 'hex') AS hash_key,
    event_timestamp
FROM (
    SELECT visitor_hk, event_timestamp, hash_diff,
        lag(hash_diff) OVER (PARTITION BY visitor_hk ORDER BY event_timestamp, load_date) AS hash_diff_before
    FROM business.site_visitor_details_s
) AS versions
WHERE hash_diff = hash_diff_before
UNION ALL
SELECT
    'business.site_page_details_s' AS table_name,
    encode(page_hk, 'hex') AS hash_key,
    event_timestamp
FROM (
    SELECT page_hk, event_timestamp, hash_diff,
        lag(hash_diff) OVER (PARTITION BY page_hk ORDER BY event_timestamp, load_date) AS hash_diff_before
    FROM business.site_page_details_s
) AS versions
WHERE hash_diff = hash_diff_before
UNION ALL
SELECT
    'business.business_item_details_s' AS table_name,
    encode(business_item_hk, 'hex') AS hash_key,
    event_timestamp
FROM (
    SELECT business_item_hk, event_timestamp, hash_diff,
        lag(hash_diff) OVER (PARTITION BY business_item_hk ORDER BY event_timestamp, load_date) AS hash_diff_before
    FROM business.business_item_details_s
) AS versions
WHERE hash_diff = hash_diff_before
