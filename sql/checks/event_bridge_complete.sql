-- Invariant: business.site_event_b and site_event_item_b hold every event and every item of one, and
-- nothing else. The visitor is compared as long as staging keeps it.
-- Returns one row per violation.

SELECT
    'business.site_event_b' AS table_name,
    encode(coalesce(bridged.event_hk, wanted.event_hk), 'hex') AS event_hk
FROM business.site_event_b AS bridged
FULL JOIN business.site_event_bridge_v AS wanted
    ON wanted.tenant_hk = bridged.tenant_hk
    AND wanted.event_timestamp = bridged.event_timestamp
    AND wanted.event_hk = bridged.event_hk
WHERE (bridged.event_hk, bridged.page_hk, bridged.evt_type, bridged.is_bot, bridged.load_date)
        IS DISTINCT FROM
        (wanted.event_hk, wanted.page_hk, wanted.evt_type, wanted.is_bot, wanted.load_date)
    OR bridged.visitor_hk <> wanted.visitor_hk
    OR (bridged.visitor_hk IS NULL AND wanted.visitor_hk IS NOT NULL)
UNION ALL
SELECT
    'business.site_event_item_b' AS table_name,
    encode(coalesce(bridged.event_hk, wanted.event_hk), 'hex') AS event_hk
FROM business.site_event_item_b AS bridged
FULL JOIN business.site_event_item_bridge_v AS wanted
    ON wanted.tenant_hk = bridged.tenant_hk
    AND wanted.event_timestamp = bridged.event_timestamp
    AND wanted.event_hk = bridged.event_hk
    AND wanted.business_item_hk = bridged.business_item_hk
    AND wanted.currency = bridged.currency
WHERE (bridged.event_hk, bridged.evt_type, bridged.quantity, bridged.revenue, bridged.is_bot)
        IS DISTINCT FROM
        (wanted.event_hk, wanted.evt_type, wanted.quantity, wanted.revenue, wanted.is_bot)
    OR bridged.visitor_hk <> wanted.visitor_hk
    OR (bridged.visitor_hk IS NULL AND wanted.visitor_hk IS NOT NULL)
