-- Invariant: the hub row of a satellite row exists; that of an event with the same event_timestamp.
-- Returns one row per violation.

SELECT
    'business.site_event_details_s' AS table_name,
    'event_hk' AS hub_key,
    encode(versions.event_hk, 'hex') AS hash_key
FROM business.site_event_details_s AS versions
WHERE NOT EXISTS (
    SELECT FROM business.site_event_h AS hubs
    WHERE hubs.event_hk = versions.event_hk
        AND hubs.event_timestamp = versions.event_timestamp
)
UNION ALL
SELECT
    'business.site_session_details_s' AS table_name,
    'session_hk' AS hub_key,
    encode(versions.session_hk, 'hex') AS hash_key
FROM business.site_session_details_s AS versions
WHERE NOT EXISTS (
    SELECT FROM business.site_session_h AS hubs
    WHERE hubs.session_hk = versions.session_hk
)
UNION ALL
SELECT
    'business.site_visitor_details_s' AS table_name,
    'visitor_hk' AS hub_key,
    encode(versions.visitor_hk, 'hex') AS hash_key
FROM business.site_visitor_details_s AS versions
WHERE NOT EXISTS (
    SELECT FROM business.site_visitor_h AS hubs
    WHERE hubs.visitor_hk = versions.visitor_hk
)
UNION ALL
SELECT
    'business.site_page_details_s' AS table_name,
    'page_hk' AS hub_key,
    encode(versions.page_hk, 'hex') AS hash_key
FROM business.site_page_details_s AS versions
WHERE NOT EXISTS (
    SELECT FROM business.site_page_h AS hubs
    WHERE hubs.page_hk = versions.page_hk
)
UNION ALL
SELECT
    'business.business_item_details_s' AS table_name,
    'business_item_hk' AS hub_key,
    encode(versions.business_item_hk, 'hex') AS hash_key
FROM business.business_item_details_s AS versions
WHERE NOT EXISTS (
    SELECT FROM business.business_item_h AS hubs
    WHERE hubs.business_item_hk = versions.business_item_hk
)
UNION ALL
SELECT
    'business.site_session_details_s',
    'visitor_hk',
    encode(versions.session_hk, 'hex')
FROM business.site_session_details_s AS versions
WHERE NOT EXISTS (
    SELECT FROM business.site_visitor_h AS hubs
    WHERE hubs.visitor_hk = versions.visitor_hk
)
