-- Goes on where vault.sql ends with bench.layers = all: raw, staging, the details of events and of hubs, the
-- links that analytics does without, and the ledger. Rows are as wide as those of generated events.

INSERT INTO raw.site_tracking_events_r (
    event_timestamp, event_hk, tenant_hk, event_bk, payload, received_at, user_agent, ip_network, collector,
    processing_status, source_topic, source_partition, source_offset, load_date, record_source)
SELECT
    at, event_hk, tenant_hk, event_bk,
    pg_temp.payload(event_id, evt_type, number, page_url, at, item_id, price),
    at + INTERVAL '70 milliseconds',
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/' || 100 + number % 40
        || '.0.0.0 Safari/537.36',
    '198.51.100.0/24', 'c1', 'VALID', 'site-tracking-events', number % 2, row_number() OVER (ORDER BY at), at, 'bench'
FROM drawn_events
ORDER BY at;

INSERT INTO staging.site_tracking_events_s (
    event_timestamp, event_hk, tenant_hk, visitor_hk, page_hk, evt_type, referrer_host, channel, device_type,
    browser, browser_version, os, os_version, is_bot, item_count, validation_status, quality_score, load_date,
    record_source)
SELECT
    at, event_hk, tenant_hk, visitor_hk, util.generate_tenant_derived_hk(tenant_hk, page_url), evt_type,
    'shop.example', 'direct', 'desktop', 'Chrome', '140', 'Windows', '10', number % 40 = 0,
    CASE WHEN evt_type IN ('item_view', 'add_to_cart', 'purchase') THEN 1 ELSE 0 END,
    'VALID', 100, at, 'bench'
FROM drawn_events
ORDER BY at;

INSERT INTO business.session_page_l
SELECT
    start_at,
    util.hash_binary(encode(session_hk, 'hex') || '|' || encode(page_hk, 'hex') || '|' || encode(tenant_hk, 'hex')),
    session_hk, page_hk, tenant_hk, at, 'bench'
FROM (
    SELECT
        sessions.start_at,
        events.session_hk,
        events.tenant_hk,
        util.generate_tenant_derived_hk(events.tenant_hk, events.page_url) AS page_hk,
        min(events.at) AS at
    FROM drawn_events AS events
    JOIN drawn_sessions AS sessions ON sessions.number = events.number
    GROUP BY sessions.start_at, events.session_hk, events.tenant_hk, events.page_url
) AS seen
ORDER BY at;

INSERT INTO business.visitor_business_item_l
SELECT
    util.hash_binary(encode(visitor_hk, 'hex') || '|' || encode(item_hk, 'hex') || '|' || encode(tenant_hk, 'hex')),
    visitor_hk, item_hk, tenant_hk, at, 'bench'
FROM (
    SELECT
        visitor_hk, tenant_hk, util.generate_tenant_derived_hk(tenant_hk, item_id) AS item_hk, min(at) AS at
    FROM drawn_events
    WHERE evt_type IN ('item_view', 'add_to_cart', 'purchase')
    GROUP BY visitor_hk, tenant_hk, item_id
) AS met
ORDER BY at;

INSERT INTO business.site_visitor_details_s (
    visitor_hk, event_timestamp, load_date, device_type, browser, browser_version, os, os_version, is_bot, language, timezone,
    screen_resolution, hash_diff, tenant_hk, record_source)
SELECT
    visitor_hk, load_date, load_date, 'desktop', 'Chrome', '140', 'Windows', '10', false, 'en-GB', 'Europe/Berlin', '1920x1080',
    sha256(visitor_hk), tenant_hk, 'bench'
FROM business.site_visitor_h
WHERE record_source = 'bench';

INSERT INTO business.site_page_details_s (
    page_hk, event_timestamp, load_date, page_url, page_host, page_path, page_title, hash_diff, tenant_hk, record_source)
SELECT
    page_hk, load_date, load_date, page_bk, 'shop.example', substr(page_bk, 21),
    'Things to buy at the shop, page ' || right(page_bk, 4), sha256(page_hk), tenant_hk, 'bench'
FROM business.site_page_h
WHERE record_source = 'bench';

INSERT INTO business.business_item_details_s (
    business_item_hk, event_timestamp, load_date, item_name, item_category, item_brand, price, currency, hash_diff, tenant_hk,
    record_source)
SELECT
    business_item_hk, load_date, load_date, 'Thing ' || business_item_bk, 'Things', 'Brand', 9.95, 'EUR',
    sha256(business_item_hk), tenant_hk, 'bench'
FROM business.business_item_h
WHERE record_source = 'bench';

INSERT INTO raw.site_tracking_ledger_r (
    ledger_date, tenant_hk, outcome, code, run_id, event_count, load_date, record_source)
SELECT (at AT TIME ZONE 'UTC')::date, tenant_hk, outcome, '', 'bench', count(*), max(at), 'bench'
FROM drawn_events
CROSS JOIN unnest(ARRAY['RECEIVED', 'ACCEPTED']) AS outcome
GROUP BY (at AT TIME ZONE 'UTC')::date, tenant_hk, outcome;
