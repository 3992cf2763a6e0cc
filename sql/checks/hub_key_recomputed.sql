-- Invariant: a hub's hash key is what its tenant and business key hash to.
-- Returns one row per violation.

SELECT
    'business.site_session_h' AS table_name,
    encode(session_hk, 'hex') AS hash_key,
    session_bk::text AS business_key
FROM business.site_session_h
WHERE session_hk <> util.generate_tenant_derived_hk(tenant_hk, session_bk::text)
UNION ALL
SELECT
    'business.site_visitor_h' AS table_name,
    encode(visitor_hk, 'hex') AS hash_key,
    visitor_bk::text AS business_key
FROM business.site_visitor_h
WHERE visitor_hk <> util.generate_tenant_derived_hk(tenant_hk, visitor_bk::text)
UNION ALL
SELECT
    'business.site_page_h' AS table_name,
    encode(page_hk, 'hex') AS hash_key,
    page_bk::text AS business_key
FROM business.site_page_h
WHERE page_hk <> util.generate_tenant_derived_hk(tenant_hk, page_bk::text)
UNION ALL
SELECT
    'business.business_item_h' AS table_name,
    encode(business_item_hk, 'hex') AS hash_key,
    business_item_bk::text AS business_key
FROM business.business_item_h
WHERE business_item_hk <> util.generate_tenant_derived_hk(tenant_hk, business_item_bk::text)
UNION ALL
SELECT
    'business.site_event_h' AS table_name,
    encode(event_hk, 'hex') AS hash_key,
    event_bk::text AS business_key
FROM business.site_event_h
WHERE event_hk <> util.generate_tenant_derived_hk(tenant_hk, event_bk::text)
