-- Invariant: no key is empty: hash keys and hash_diffs have 32 bytes, business keys have text.
-- (That none is NULL is what the columns say.)
-- Returns one row per violation.

SELECT
    'business.site_session_h' AS table_name,
    encode(session_hk, 'hex') AS hash_key
FROM business.site_session_h
WHERE octet_length(session_hk) <> 32 OR octet_length(tenant_hk) <> 32 OR session_bk = ''
UNION ALL
SELECT
    'business.site_visitor_h' AS table_name,
    encode(visitor_hk, 'hex') AS hash_key
FROM business.site_visitor_h
WHERE octet_length(visitor_hk) <> 32 OR octet_length(tenant_hk) <> 32 OR visitor_bk = ''
UNION ALL
SELECT
    'business.site_page_h' AS table_name,
    encode(page_hk, 'hex') AS hash_key
FROM business.site_page_h
WHERE octet_length(page_hk) <> 32 OR octet_length(tenant_hk) <> 32 OR page_bk = ''
UNION ALL
SELECT
    'business.business_item_h' AS table_name,
    encode(business_item_hk, 'hex') AS hash_key
FROM business.business_item_h
WHERE octet_length(business_item_hk) <> 32 OR octet_length(tenant_hk) <> 32 OR business_item_bk = ''
UNION ALL
SELECT
    'business.site_event_h' AS table_name,
    encode(event_hk, 'hex') AS hash_key
FROM business.site_event_h
WHERE octet_length(event_hk) <> 32 OR octet_length(tenant_hk) <> 32 OR event_bk = ''
UNION ALL
SELECT
    'business.session_visitor_l',
    encode(session_visitor_hk, 'hex')
FROM business.session_visitor_l
WHERE octet_length(session_visitor_hk) <> 32 OR octet_length(session_hk) <> 32 OR octet_length(visitor_hk) <> 32
    OR octet_length(tenant_hk) <> 32
UNION ALL
SELECT
    'business.session_page_l',
    encode(session_page_hk, 'hex')
FROM business.session_page_l
WHERE octet_length(session_page_hk) <> 32 OR octet_length(session_hk) <> 32 OR octet_length(page_hk) <> 32
    OR octet_length(tenant_hk) <> 32
UNION ALL
SELECT
    'business.visitor_business_item_l',
    encode(visitor_business_item_hk, 'hex')
FROM business.visitor_business_item_l
WHERE octet_length(visitor_business_item_hk) <> 32 OR octet_length(visitor_hk) <> 32 OR octet_length(business_item_hk) <> 32
    OR octet_length(tenant_hk) <> 32
UNION ALL
SELECT
    'business.site_user_visitor_b',
    encode(user_visitor_hk, 'hex')
FROM business.site_user_visitor_b
WHERE octet_length(user_visitor_hk) <> 32 OR octet_length(user_hk) <> 32 OR octet_length(visitor_hk) <> 32
    OR octet_length(tenant_hk) <> 32
UNION ALL
SELECT
    'business.event_session_l',
    encode(event_session_hk, 'hex')
FROM business.event_session_l
WHERE octet_length(event_session_hk) <> 32 OR octet_length(event_hk) <> 32 OR octet_length(session_hk) <> 32
    OR octet_length(tenant_hk) <> 32
UNION ALL
SELECT
    'business.event_page_l',
    encode(event_page_hk, 'hex')
FROM business.event_page_l
WHERE octet_length(event_page_hk) <> 32 OR octet_length(event_hk) <> 32 OR octet_length(page_hk) <> 32
    OR octet_length(tenant_hk) <> 32
UNION ALL
SELECT
    'business.event_business_item_l',
    encode(event_business_item_hk, 'hex')
FROM business.event_business_item_l
WHERE octet_length(event_business_item_hk) <> 32 OR octet_length(event_hk) <> 32 OR octet_length(business_item_hk) <> 32
    OR octet_length(tenant_hk) <> 32
UNION ALL
SELECT
    'business.site_event_details_s',
    encode(event_hk, 'hex')
FROM business.site_event_details_s
WHERE octet_length(event_hk) <> 32 OR octet_length(tenant_hk) <> 32
UNION ALL
SELECT
    'business.site_session_details_s',
    encode(session_hk, 'hex')
FROM business.site_session_details_s
WHERE octet_length(session_hk) <> 32 OR octet_length(hash_diff) <> 32 OR octet_length(tenant_hk) <> 32
UNION ALL
SELECT
    'business.site_visitor_details_s',
    encode(visitor_hk, 'hex')
FROM business.site_visitor_details_s
WHERE octet_length(visitor_hk) <> 32 OR octet_length(hash_diff) <> 32 OR octet_length(tenant_hk) <> 32
UNION ALL
SELECT
    'business.site_page_details_s',
    encode(page_hk, 'hex')
FROM business.site_page_details_s
WHERE octet_length(page_hk) <> 32 OR octet_length(hash_diff) <> 32 OR octet_length(tenant_hk) <> 32
UNION ALL
SELECT
    'business.business_item_details_s',
    encode(business_item_hk, 'hex')
FROM business.business_item_details_s
WHERE octet_length(business_item_hk) <> 32 OR octet_length(hash_diff) <> 32 OR octet_length(tenant_hk) <> 32
