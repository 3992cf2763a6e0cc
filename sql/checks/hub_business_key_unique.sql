-- Invariant: a business key has one hub row within its tenant.
-- Returns one row per violation.

SELECT
    'business.site_session_h' AS table_name,
    encode(tenant_hk, 'hex') AS tenant,
    session_bk::text AS business_key,
    count(*) AS hub_rows
FROM business.site_session_h
GROUP BY tenant_hk, session_bk
HAVING count(*) > 1
UNION ALL
SELECT
    'business.site_visitor_h' AS table_name,
    encode(tenant_hk, 'hex') AS tenant,
    visitor_bk::text AS business_key,
    count(*) AS hub_rows
FROM business.site_visitor_h
GROUP BY tenant_hk, visitor_bk
HAVING count(*) > 1
UNION ALL
SELECT
    'business.site_page_h' AS table_name,
    encode(tenant_hk, 'hex') AS tenant,
    page_bk::text AS business_key,
    count(*) AS hub_rows
FROM business.site_page_h
GROUP BY tenant_hk, page_bk
HAVING count(*) > 1
UNION ALL
SELECT
    'business.business_item_h' AS table_name,
    encode(tenant_hk, 'hex') AS tenant,
    business_item_bk::text AS business_key,
    count(*) AS hub_rows
FROM business.business_item_h
GROUP BY tenant_hk, business_item_bk
HAVING count(*) > 1
UNION ALL
SELECT
    'business.site_event_h' AS table_name,
    encode(tenant_hk, 'hex') AS tenant,
    event_bk::text AS business_key,
    count(*) AS hub_rows
FROM business.site_event_h
GROUP BY tenant_hk, event_bk
HAVING count(*) > 1
