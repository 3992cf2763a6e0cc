-- Invariant: a link and a satellite row have the tenant of their hub rows.
-- Returns one row per violation.

SELECT
    'business.session_visitor_l' AS table_name,
    'session_hk' AS hub_key,
    encode(links.session_visitor_hk, 'hex') AS hash_key
FROM business.session_visitor_l AS links
JOIN business.site_session_h AS hubs
    ON hubs.session_hk = links.session_hk
WHERE hubs.tenant_hk <> links.tenant_hk
UNION ALL
SELECT
    'business.session_visitor_l' AS table_name,
    'visitor_hk' AS hub_key,
    encode(links.session_visitor_hk, 'hex') AS hash_key
FROM business.session_visitor_l AS links
JOIN business.site_visitor_h AS hubs
    ON hubs.visitor_hk = links.visitor_hk
WHERE hubs.tenant_hk <> links.tenant_hk
UNION ALL
SELECT
    'business.session_page_l' AS table_name,
    'session_hk' AS hub_key,
    encode(links.session_page_hk, 'hex') AS hash_key
FROM business.session_page_l AS links
JOIN business.site_session_h AS hubs
    ON hubs.session_hk = links.session_hk
WHERE hubs.tenant_hk <> links.tenant_hk
UNION ALL
SELECT
    'business.session_page_l' AS table_name,
    'page_hk' AS hub_key,
    encode(links.session_page_hk, 'hex') AS hash_key
FROM business.session_page_l AS links
JOIN business.site_page_h AS hubs ON hubs.page_hk = links.page_hk
WHERE hubs.tenant_hk <> links.tenant_hk
UNION ALL
SELECT
    'business.visitor_business_item_l' AS table_name,
    'visitor_hk' AS hub_key,
    encode(links.visitor_business_item_hk, 'hex') AS hash_key
FROM business.visitor_business_item_l AS links
JOIN business.site_visitor_h AS hubs
    ON hubs.visitor_hk = links.visitor_hk
WHERE hubs.tenant_hk <> links.tenant_hk
UNION ALL
SELECT
    'business.visitor_business_item_l' AS table_name,
    'business_item_hk' AS hub_key,
    encode(links.visitor_business_item_hk, 'hex') AS hash_key
FROM business.visitor_business_item_l AS links
JOIN business.business_item_h AS hubs
    ON hubs.business_item_hk = links.business_item_hk
WHERE hubs.tenant_hk <> links.tenant_hk
UNION ALL
SELECT
    'business.site_user_visitor_b' AS table_name,
    'visitor_hk' AS hub_key,
    encode(links.user_visitor_hk, 'hex') AS hash_key
FROM business.site_user_visitor_b AS links
JOIN business.site_visitor_h AS hubs
    ON hubs.visitor_hk = links.visitor_hk
WHERE hubs.tenant_hk <> links.tenant_hk
UNION ALL
SELECT
    'business.event_session_l' AS table_name,
    'event_hk' AS hub_key,
    encode(links.event_session_hk, 'hex') AS hash_key
FROM business.event_session_l AS links
JOIN business.site_event_h AS hubs
    ON hubs.event_hk = links.event_hk
    AND hubs.event_timestamp = links.event_timestamp
WHERE hubs.tenant_hk <> links.tenant_hk
UNION ALL
SELECT
    'business.event_session_l' AS table_name,
    'session_hk' AS hub_key,
    encode(links.event_session_hk, 'hex') AS hash_key
FROM business.event_session_l AS links
JOIN business.site_session_h AS hubs
    ON hubs.session_hk = links.session_hk
WHERE hubs.tenant_hk <> links.tenant_hk
UNION ALL
SELECT
    'business.event_page_l' AS table_name,
    'event_hk' AS hub_key,
    encode(links.event_page_hk, 'hex') AS hash_key
FROM business.event_page_l AS links
JOIN business.site_event_h AS hubs
    ON hubs.event_hk = links.event_hk
    AND hubs.event_timestamp = links.event_timestamp
WHERE hubs.tenant_hk <> links.tenant_hk
UNION ALL
SELECT
    'business.event_page_l' AS table_name,
    'page_hk' AS hub_key,
    encode(links.event_page_hk, 'hex') AS hash_key
FROM business.event_page_l AS links
JOIN business.site_page_h AS hubs ON hubs.page_hk = links.page_hk
WHERE hubs.tenant_hk <> links.tenant_hk
UNION ALL
SELECT
    'business.event_business_item_l' AS table_name,
    'event_hk' AS hub_key,
    encode(links.event_business_item_hk, 'hex') AS hash_key
FROM business.event_business_item_l AS links
JOIN business.site_event_h AS hubs
    ON hubs.event_hk = links.event_hk
    AND hubs.event_timestamp = links.event_timestamp
WHERE hubs.tenant_hk <> links.tenant_hk
UNION ALL
SELECT
    'business.event_business_item_l' AS table_name,
    'business_item_hk' AS hub_key,
    encode(links.event_business_item_hk, 'hex') AS hash_key
FROM business.event_business_item_l AS links
JOIN business.business_item_h AS hubs
    ON hubs.business_item_hk = links.business_item_hk
WHERE hubs.tenant_hk <> links.tenant_hk
UNION ALL
SELECT
    'business.site_event_details_s',
    'event_hk',
    encode(versions.event_hk, 'hex')
FROM business.site_event_details_s AS versions
JOIN business.site_event_h AS hubs
    ON hubs.event_hk = versions.event_hk
    AND hubs.event_timestamp = versions.event_timestamp
WHERE hubs.tenant_hk <> versions.tenant_hk
UNION ALL
SELECT
    'business.site_session_details_s',
    'session_hk',
    encode(versions.session_hk, 'hex')
FROM business.site_session_details_s AS versions
JOIN business.site_session_h AS hubs
    ON hubs.session_hk = versions.session_hk
WHERE hubs.tenant_hk <> versions.tenant_hk
UNION ALL
SELECT
    'business.site_visitor_details_s',
    'visitor_hk',
    encode(versions.visitor_hk, 'hex')
FROM business.site_visitor_details_s AS versions
JOIN business.site_visitor_h AS hubs
    ON hubs.visitor_hk = versions.visitor_hk
WHERE hubs.tenant_hk <> versions.tenant_hk
UNION ALL
SELECT
    'raw.site_tracking_score_s',
    'visitor_hk',
    encode(scores.visitor_hk, 'hex')
FROM raw.site_tracking_score_s AS scores
JOIN business.site_visitor_h AS hubs
    ON hubs.visitor_hk = scores.visitor_hk
WHERE hubs.tenant_hk <> scores.tenant_hk
UNION ALL
SELECT
    'business.site_page_details_s',
    'page_hk',
    encode(versions.page_hk, 'hex')
FROM business.site_page_details_s AS versions
JOIN business.site_page_h AS hubs ON hubs.page_hk = versions.page_hk
WHERE hubs.tenant_hk <> versions.tenant_hk
UNION ALL
SELECT
    'business.business_item_details_s',
    'business_item_hk',
    encode(versions.business_item_hk, 'hex')
FROM business.business_item_details_s AS versions
JOIN business.business_item_h AS hubs
    ON hubs.business_item_hk = versions.business_item_hk
WHERE hubs.tenant_hk <> versions.tenant_hk
