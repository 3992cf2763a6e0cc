-- Invariant: every tenant of a hub row is registered in auth.tenant_h; there is no default tenant.
-- Returns one row per violation.

SELECT
    'business.site_session_h' AS table_name,
    encode(used.tenant_hk, 'hex') AS tenant
FROM (SELECT DISTINCT tenant_hk FROM business.site_session_h) AS used
WHERE NOT EXISTS (SELECT FROM auth.tenant_h WHERE tenant_h.tenant_hk = used.tenant_hk)
UNION ALL
SELECT
    'business.site_visitor_h' AS table_name,
    encode(used.tenant_hk, 'hex') AS tenant
FROM (SELECT DISTINCT tenant_hk FROM business.site_visitor_h) AS used
WHERE NOT EXISTS (SELECT FROM auth.tenant_h WHERE tenant_h.tenant_hk = used.tenant_hk)
UNION ALL
SELECT
    'business.site_page_h' AS table_name,
    encode(used.tenant_hk, 'hex') AS tenant
FROM (SELECT DISTINCT tenant_hk FROM business.site_page_h) AS used
WHERE NOT EXISTS (SELECT FROM auth.tenant_h WHERE tenant_h.tenant_hk = used.tenant_hk)
UNION ALL
SELECT
    'business.business_item_h' AS table_name,
    encode(used.tenant_hk, 'hex') AS tenant
FROM (SELECT DISTINCT tenant_hk FROM business.business_item_h) AS used
WHERE NOT EXISTS (SELECT FROM auth.tenant_h WHERE tenant_h.tenant_hk = used.tenant_hk)
UNION ALL
SELECT
    'business.site_event_h' AS table_name,
    encode(used.tenant_hk, 'hex') AS tenant
FROM (SELECT DISTINCT tenant_hk FROM business.site_event_h) AS used
WHERE NOT EXISTS (SELECT FROM auth.tenant_h WHERE tenant_h.tenant_hk = used.tenant_hk)
