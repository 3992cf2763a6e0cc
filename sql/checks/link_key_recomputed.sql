-- Invariant: a link's hash key is what its hub keys and its tenant hash to.
-- Returns one row per violation.

SELECT
    'business.session_visitor_l' AS table_name,
    encode(session_visitor_hk, 'hex') AS hash_key
FROM business.session_visitor_l
WHERE session_visitor_hk <> util.hash_binary(
    encode(session_hk, 'hex') || '|' || encode(visitor_hk, 'hex') || '|' || encode(tenant_hk, 'hex'))
UNION ALL
SELECT
    'business.session_page_l' AS table_name,
    encode(session_page_hk, 'hex') AS hash_key
FROM business.session_page_l
WHERE session_page_hk <> util.hash_binary(
    encode(session_hk, 'hex') || '|' || encode(page_hk, 'hex') || '|' || encode(tenant_hk, 'hex'))
UNION ALL
SELECT
    'business.visitor_business_item_l' AS table_name,
    encode(visitor_business_item_hk, 'hex') AS hash_key
FROM business.visitor_business_item_l
WHERE visitor_business_item_hk <> util.hash_binary(
    encode(visitor_hk, 'hex') || '|' || encode(business_item_hk, 'hex') || '|' || encode(tenant_hk, 'hex'))
UNION ALL
SELECT
    'business.site_user_visitor_b' AS table_name,
    encode(user_visitor_hk, 'hex') AS hash_key
FROM business.site_user_visitor_b
WHERE user_visitor_hk <> util.hash_binary(
    encode(user_hk, 'hex') || '|' || encode(visitor_hk, 'hex') || '|' || encode(tenant_hk, 'hex'))
UNION ALL
SELECT
    'business.event_session_l' AS table_name,
    encode(event_session_hk, 'hex') AS hash_key
FROM business.event_session_l
WHERE event_session_hk <> util.hash_binary(
    encode(event_hk, 'hex') || '|' || encode(session_hk, 'hex') || '|' || encode(tenant_hk, 'hex'))
UNION ALL
SELECT
    'business.event_page_l' AS table_name,
    encode(event_page_hk, 'hex') AS hash_key
FROM business.event_page_l
WHERE event_page_hk <> util.hash_binary(
    encode(event_hk, 'hex') || '|' || encode(page_hk, 'hex') || '|' || encode(tenant_hk, 'hex'))
UNION ALL
SELECT
    'business.event_business_item_l' AS table_name,
    encode(event_business_item_hk, 'hex') AS hash_key
FROM business.event_business_item_l
WHERE event_business_item_hk <> util.hash_binary(
    encode(event_hk, 'hex') || '|' || encode(business_item_hk, 'hex') || '|' || encode(tenant_hk, 'hex'))
