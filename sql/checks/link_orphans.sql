-- Invariant: both hub rows of a link exist; those of events with the same event_timestamp.
-- Returns one row per violation.

SELECT
    'business.session_visitor_l' AS table_name,
    'session_hk' AS hub_key,
    encode(links.session_visitor_hk, 'hex') AS hash_key
FROM business.session_visitor_l AS links
WHERE NOT EXISTS (
    SELECT FROM business.site_session_h AS hubs
    WHERE hubs.session_hk = links.session_hk
)
UNION ALL
SELECT
    'business.session_visitor_l' AS table_name,
    'visitor_hk' AS hub_key,
    encode(links.session_visitor_hk, 'hex') AS hash_key
FROM business.session_visitor_l AS links
WHERE NOT EXISTS (
    SELECT FROM business.site_visitor_h AS hubs
    WHERE hubs.visitor_hk = links.visitor_hk
)
UNION ALL
SELECT
    'business.session_page_l' AS table_name,
    'session_hk' AS hub_key,
    encode(links.session_page_hk, 'hex') AS hash_key
FROM business.session_page_l AS links
WHERE NOT EXISTS (
    SELECT FROM business.site_session_h AS hubs
    WHERE hubs.session_hk = links.session_hk
)
UNION ALL
SELECT
    'business.session_page_l' AS table_name,
    'page_hk' AS hub_key,
    encode(links.session_page_hk, 'hex') AS hash_key
FROM business.session_page_l AS links
WHERE NOT EXISTS (
    SELECT FROM business.site_page_h AS hubs
    WHERE hubs.page_hk = links.page_hk
)
UNION ALL
SELECT
    'business.site_user_visitor_b' AS table_name,
    'visitor_hk' AS hub_key,
    encode(links.user_visitor_hk, 'hex') AS hash_key
FROM business.site_user_visitor_b AS links
WHERE NOT EXISTS (
    SELECT FROM business.site_visitor_h AS hubs
    WHERE hubs.visitor_hk = links.visitor_hk
)
UNION ALL
SELECT
    'business.visitor_business_item_l' AS table_name,
    'visitor_hk' AS hub_key,
    encode(links.visitor_business_item_hk, 'hex') AS hash_key
FROM business.visitor_business_item_l AS links
WHERE NOT EXISTS (
    SELECT FROM business.site_visitor_h AS hubs
    WHERE hubs.visitor_hk = links.visitor_hk
)
UNION ALL
SELECT
    'business.visitor_business_item_l' AS table_name,
    'business_item_hk' AS hub_key,
    encode(links.visitor_business_item_hk, 'hex') AS hash_key
FROM business.visitor_business_item_l AS links
WHERE NOT EXISTS (
    SELECT FROM business.business_item_h AS hubs
    WHERE hubs.business_item_hk = links.business_item_hk
)
UNION ALL
SELECT
    'business.event_session_l' AS table_name,
    'event_hk' AS hub_key,
    encode(links.event_session_hk, 'hex') AS hash_key
FROM business.event_session_l AS links
WHERE NOT EXISTS (
    SELECT FROM business.site_event_h AS hubs
    WHERE hubs.event_hk = links.event_hk
        AND hubs.event_timestamp = links.event_timestamp
)
UNION ALL
SELECT
    'business.event_session_l' AS table_name,
    'session_hk' AS hub_key,
    encode(links.event_session_hk, 'hex') AS hash_key
FROM business.event_session_l AS links
WHERE NOT EXISTS (
    SELECT FROM business.site_session_h AS hubs
    WHERE hubs.session_hk = links.session_hk
)
UNION ALL
SELECT
    'business.event_page_l' AS table_name,
    'event_hk' AS hub_key,
    encode(links.event_page_hk, 'hex') AS hash_key
FROM business.event_page_l AS links
WHERE NOT EXISTS (
    SELECT FROM business.site_event_h AS hubs
    WHERE hubs.event_hk = links.event_hk
        AND hubs.event_timestamp = links.event_timestamp
)
UNION ALL
SELECT
    'business.event_page_l' AS table_name,
    'page_hk' AS hub_key,
    encode(links.event_page_hk, 'hex') AS hash_key
FROM business.event_page_l AS links
WHERE NOT EXISTS (
    SELECT FROM business.site_page_h AS hubs
    WHERE hubs.page_hk = links.page_hk
)
UNION ALL
SELECT
    'business.event_business_item_l' AS table_name,
    'event_hk' AS hub_key,
    encode(links.event_business_item_hk, 'hex') AS hash_key
FROM business.event_business_item_l AS links
WHERE NOT EXISTS (
    SELECT FROM business.site_event_h AS hubs
    WHERE hubs.event_hk = links.event_hk
        AND hubs.event_timestamp = links.event_timestamp
)
UNION ALL
SELECT
    'business.event_business_item_l' AS table_name,
    'business_item_hk' AS hub_key,
    encode(links.event_business_item_hk, 'hex') AS hash_key
FROM business.event_business_item_l AS links
WHERE NOT EXISTS (
    SELECT FROM business.business_item_h AS hubs
    WHERE hubs.business_item_hk = links.business_item_hk
)
