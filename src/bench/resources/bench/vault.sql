-- Fills an empty vault for benchmarks of the api layer: hubs, links, satellites, bridge and rollups of
-- generated sessions, and of the last day staging, but no raw rows. Settings bench.sessions (of the tenant bench; a tenant named other
-- has a fiftieth of it), bench.days, and bench.until, the instant at which they end. The same settings make
-- the same vault. Setting bench.layers is business, or all where layers.sql goes on from here.

SET max_parallel_workers_per_gather = 0;
SET work_mem = '256MB';
SET synchronous_commit = off;
SELECT setseed(0.42);

-- The job leaves rows as close together as here, as it writes over each session while it is open.
ALTER TABLE business.site_session_b SET (fillfactor = 75);

DO $partitions$
DECLARE
    days CONSTANT integer := current_setting('bench.days')::integer;
    today CONSTANT date := (current_setting('bench.until')::timestamptz AT TIME ZONE 'UTC')::date;
BEGIN
    WHILE raw.site_tracking_ensure_partitions(today - days, today + 1) > 0 LOOP
        COMMIT;
    END LOOP;
END
$partitions$;

INSERT INTO auth.tenant_h (tenant_hk, tenant_bk, load_date, record_source)
SELECT util.hash_binary(name), name, current_setting('bench.until')::timestamptz, 'bench'
FROM unnest(ARRAY['bench', 'other']) AS name;

-- Sessions: more by day than by night, few visitors often and many once, two in five bounce.
CREATE TEMPORARY TABLE drawn_sessions AS
SELECT
    number,
    tenant_hk,
    start_at,
    util.generate_tenant_derived_hk(tenant_hk,
        'sess_s' || number || '.' || floor(extract(epoch FROM start_at) * 1000)::bigint) AS session_hk,
    util.generate_tenant_derived_hk(tenant_hk, visitor_bk) AS visitor_hk,
    'sess_s' || number || '.' || floor(extract(epoch FROM start_at) * 1000)::bigint AS session_bk,
    visitor_bk,
    CASE WHEN of_events < 0.4 THEN 1 + floor(of_events * 5)::integer
        ELSE 3 + floor(-ln(1.0000001 - (of_events - 0.4) / 0.6) * 13)::integer END AS events,
    visitor % 1000 AS visitor_kind,
    of_source
FROM (
    SELECT
        number,
        util.hash_binary(CASE WHEN number % 51 = 50 THEN 'other' ELSE 'bench' END) AS tenant_hk,
        date_trunc('milliseconds', current_setting('bench.until')::timestamptz - random() * current_setting('bench.days')::integer
            * INTERVAL '1 day') AS start_at,
        floor(power(random(), 1.5) * current_setting('bench.sessions')::integer / 2)::integer AS visitor,
        random() AS of_events,
        random() AS of_source
    FROM generate_series(1, current_setting('bench.sessions')::integer * 51 / 50) AS number
) AS draws
-- One in nine denies.
CROSS JOIN LATERAL (
    SELECT CASE WHEN visitor % 9 = 8 THEN 'anon_' ELSE 'vis_' END || visitor AS visitor_bk
) AS visitors;

-- What an event carries, as wide as those of generated ones; the key of an event hangs on it.
CREATE FUNCTION pg_temp.payload(
    event_id text, evt_type text, number integer, page_url text, at timestamptz, item_id text, price numeric
) RETURNS jsonb
LANGUAGE sql
AS $body$
    SELECT jsonb_build_object(
        'tenantId', 'bench', 'event_id', event_id, 'evt_type', evt_type, 'session_id', 's' || md5(number::text),
        'page_view_id', left(md5(event_id), 9) || '.1', 'page_url', page_url,
        'page_title', 'Things to buy at the shop, page ' || right(page_url, 4),
        'event_timestamp', floor(extract(epoch FROM at) * 1000)::bigint,
        'language', 'en-GB', 'screen_resolution', '1920x1080', 'viewport_width', 1280, 'viewport_height', 720)
        || CASE WHEN evt_type IN ('item_view', 'add_to_cart', 'purchase')
            THEN jsonb_build_object('items', jsonb_build_array(jsonb_build_object(
                'item_id', item_id, 'item_name', 'Thing ' || item_id, 'item_category', 'Things',
                'item_brand', 'Brand', 'price', price, 'quantity', 1)))
            ELSE '{}' END
$body$;

-- Whatever happens between two page views happens on the page of the first of them.
CREATE TEMPORARY TABLE drawn_events AS
SELECT
    on_pages.*,
    keys.event_bk,
    util.generate_tenant_derived_hk(on_pages.tenant_hk, keys.event_bk) AS event_hk
FROM (
    SELECT
        number,
        tenant_hk,
        session_hk,
        visitor_hk,
        at,
        event_id,
        evt_type,
        'https://shop.example/p/'
            || floor(power(first_value(of_page) OVER (PARTITION BY number, page_view ORDER BY at), 3) * 2000)::integer
            AS page_url,
        item_id,
        price
    FROM (
    SELECT
        typed.*,
        count(*) FILTER (WHERE evt_type = 'page_view') OVER (PARTITION BY number ORDER BY at) AS page_view
    FROM (
        SELECT
            sessions.number,
            sessions.tenant_hk,
            sessions.session_hk,
            sessions.visitor_hk,
            sessions.start_at + place * (INTERVAL '4 seconds' + random() * INTERVAL '25 seconds')
                + place * INTERVAL '1 millisecond' AS at,
            sessions.number || '_' || place AS event_id,
            CASE
                WHEN place = 0 OR draws.of_type < 0.28 THEN 'page_view'
                WHEN draws.of_type < 0.75 THEN 'page_ping'
                WHEN draws.of_type < 0.83 THEN 'scroll'
                WHEN draws.of_type < 0.91 THEN 'item_view'
                WHEN draws.of_type < 0.97 THEN 'click'
                WHEN draws.of_type < 0.994 THEN 'add_to_cart'
                WHEN draws.of_type < 0.999 THEN 'purchase'
                ELSE 'refund'
            END AS evt_type,
            draws.of_page,
            'sku-' || floor(power(draws.of_item, 2) * 500)::integer AS item_id,
            (1 + floor(draws.of_price * 90))::numeric + 0.95 AS price
        FROM drawn_sessions AS sessions
        CROSS JOIN LATERAL generate_series(0, sessions.events - 1) AS place
        CROSS JOIN LATERAL (
            SELECT random() AS of_type, random() AS of_page, random() AS of_item, random() AS of_price
            WHERE place >= 0
        ) AS draws
    ) AS typed
    ) AS placed
) AS on_pages
CROSS JOIN LATERAL (
    SELECT 'evt_' || event_id || CASE WHEN current_setting('bench.layers') = 'all'
        THEN '.' || left(encode(util.hash_binary(
            pg_temp.payload(event_id, evt_type, number, page_url, at, item_id, price)::text), 'hex'), 16)
        ELSE '' END AS event_bk
) AS keys;
-- What lies in the future has not happened yet.
DELETE FROM drawn_events AS events USING drawn_sessions AS sessions
WHERE events.number = sessions.number AND events.at > current_setting('bench.until')::timestamptz AND events.at > sessions.start_at;
ANALYZE drawn_events;

INSERT INTO business.site_visitor_h
SELECT DISTINCT ON (visitor_hk) visitor_hk, visitor_bk, tenant_hk, start_at, 'bench'
FROM drawn_sessions
ORDER BY visitor_hk, start_at;

INSERT INTO business.site_session_h
SELECT session_hk, session_bk, tenant_hk, start_at, 'bench' FROM drawn_sessions;

INSERT INTO business.session_visitor_l
SELECT
    start_at,
    util.hash_binary(encode(session_hk, 'hex') || '|' || encode(visitor_hk, 'hex') || '|'
        || encode(tenant_hk, 'hex')),
    session_hk, visitor_hk, tenant_hk, start_at, 'bench'
FROM drawn_sessions;

INSERT INTO business.site_page_h
SELECT util.generate_tenant_derived_hk(tenant_hk, page_url), page_url, tenant_hk, min(at), 'bench'
FROM drawn_events
GROUP BY page_url, tenant_hk;

INSERT INTO business.business_item_h
SELECT util.generate_tenant_derived_hk(tenant_hk, item_id), item_id, tenant_hk, min(at), 'bench'
FROM drawn_events
WHERE evt_type IN ('item_view', 'add_to_cart', 'purchase', 'refund')
GROUP BY item_id, tenant_hk;

INSERT INTO business.site_event_h
SELECT at, event_hk, event_bk, tenant_hk, at, 'bench' FROM drawn_events ORDER BY at;

INSERT INTO business.site_tenant_day_b (tenant_hk, day_start)
SELECT DISTINCT tenant_hk, business.site_day(at) FROM drawn_events;

INSERT INTO business.site_event_details_s (
    event_timestamp, event_hk, evt_type, page_view_id, page_title, referrer_url, viewport_width, viewport_height,
    transaction_id, value, currency, items, is_bot, tenant_hk, load_date, record_source)
SELECT
    at, event_hk, evt_type,
    CASE WHEN current_setting('bench.layers') = 'all' THEN left(md5(event_bk), 9) || '.1' END,
    CASE WHEN current_setting('bench.layers') = 'all'
        THEN 'Things to buy at the shop, page ' || right(page_url, 4) END,
    CASE WHEN current_setting('bench.layers') = 'all' THEN 'https://shop.example/p/' || number % 2000 END,
    CASE WHEN current_setting('bench.layers') = 'all' THEN 1280 END,
    CASE WHEN current_setting('bench.layers') = 'all' THEN 720 END,
    CASE evt_type WHEN 'purchase' THEN event_bk END,
    CASE WHEN evt_type IN ('purchase', 'refund') THEN price END,
    CASE WHEN evt_type IN ('purchase', 'refund') THEN 'EUR' END,
    CASE WHEN evt_type IN ('item_view', 'add_to_cart', 'purchase', 'refund')
        THEN jsonb_build_array(jsonb_build_object('item_id', item_id, 'price', price)) END,
    number % 40 = 0, tenant_hk, at, 'bench'
FROM drawn_events
ORDER BY at;

INSERT INTO business.event_session_l
SELECT
    at,
    util.hash_binary(encode(event_hk, 'hex') || '|' || encode(session_hk, 'hex') || '|'
        || encode(tenant_hk, 'hex')),
    event_hk, session_hk, tenant_hk, at, 'bench'
FROM drawn_events
ORDER BY at;

INSERT INTO business.event_page_l
SELECT
    events.at,
    util.hash_binary(encode(events.event_hk, 'hex') || '|' || encode(pages.page_hk, 'hex') || '|'
        || encode(events.tenant_hk, 'hex')),
    events.event_hk, pages.page_hk, events.tenant_hk, events.at, 'bench'
FROM drawn_events AS events
JOIN business.site_page_h AS pages
    ON pages.tenant_hk = events.tenant_hk AND pages.page_bk = events.page_url
ORDER BY at;

INSERT INTO staging.site_tracking_events_s (
    event_timestamp, event_hk, tenant_hk, visitor_hk, page_hk, evt_type, channel, device_type, is_bot,
    item_count, validation_status, quality_score, load_date, record_source)
SELECT
    events.at, events.event_hk, events.tenant_hk, events.visitor_hk,
    util.generate_tenant_derived_hk(events.tenant_hk, events.page_url), events.evt_type, 'direct', 'desktop',
    events.number % 40 = 0, 0, 'VALID', 100, events.at, 'bench'
FROM drawn_events AS events
WHERE current_setting('bench.layers') = 'business'
    AND events.at > current_setting('bench.until')::timestamptz - INTERVAL '1 day'
ORDER BY events.at;

INSERT INTO business.event_business_item_l
SELECT
    at,
    util.hash_binary(encode(event_hk, 'hex') || '|'
        || encode(util.generate_tenant_derived_hk(tenant_hk, item_id), 'hex') || '|'
        || encode(tenant_hk, 'hex')),
    event_hk, util.generate_tenant_derived_hk(tenant_hk, item_id), tenant_hk, at, 'bench'
FROM drawn_events
WHERE evt_type IN ('item_view', 'add_to_cart', 'purchase', 'refund');

-- Each session in two versions: as it was opened, and as it is now.
INSERT INTO business.site_session_details_s (
    session_start, session_hk, load_date, session_end, session_status, client_session_id, visitor_hk,
    duration_seconds, engaged_seconds, total_events, page_views, interactive_events, conversions, revenue,
    refunds, is_bounce, entry_page_url, exit_page_url, referrer_host, channel, utm_source, utm_medium,
    utm_campaign, device_type, browser, browser_version, os, is_bot, language, rules_version, country,
    hash_diff, tenant_hk, record_source)
SELECT
    sessions.start_at,
    sessions.session_hk,
    CASE version WHEN 1 THEN sessions.start_at ELSE counts.end_at END,
    CASE version WHEN 1 THEN sessions.start_at ELSE counts.end_at END,
    CASE WHEN version = 1 OR counts.end_at > current_setting('bench.until')::timestamptz - INTERVAL '30 minutes' THEN 'OPEN' ELSE 'CLOSED' END,
    's' || sessions.number,
    sessions.visitor_hk,
    CASE version WHEN 1 THEN 0
        ELSE floor(extract(epoch FROM counts.end_at - sessions.start_at))::bigint END,
    CASE version WHEN 1 THEN 0 ELSE counts.pings * 10 END,
    CASE version WHEN 1 THEN 1 ELSE counts.events END,
    CASE version WHEN 1 THEN 1 ELSE counts.page_views END,
    CASE version WHEN 1 THEN 0 ELSE counts.interactive END,
    CASE version WHEN 1 THEN 0 ELSE counts.purchases END,
    CASE WHEN version = 2 AND counts.purchases > 0 THEN jsonb_build_object('EUR', counts.revenue) END,
    CASE WHEN version = 2 AND counts.refunds > 0 THEN jsonb_build_object('EUR', counts.refunds) END,
    version = 1 OR (counts.page_views = 1 AND counts.interactive = 0 AND counts.pings = 0),
    counts.entry_url,
    CASE version WHEN 1 THEN counts.entry_url ELSE counts.exit_url END,
    CASE WHEN of_source < 0.5 THEN 'site' || floor(of_source * 60)::integer || '.example' END,
    (ARRAY['organic_search', 'direct', 'referral', 'paid_search', 'email', 'organic_social'])
        [1 + floor(of_source * 6)::integer],
    CASE WHEN of_source > 0.8 THEN 'source' || floor(of_source * 200)::integer % 12 END,
    CASE WHEN of_source > 0.8 THEN 'cpc' END,
    CASE WHEN of_source > 0.8 THEN 'campaign' || floor(of_source * 1000)::integer % 25 END,
    (ARRAY['desktop', 'desktop', 'mobile', 'mobile', 'mobile', 'tablet', 'tv'])[1 + visitor_kind % 7],
    (ARRAY['Chrome', 'Chrome', 'Safari', 'Firefox', 'Edge', 'Samsung Internet'])[1 + visitor_kind % 6],
    '140',
    (ARRAY['Windows', 'Android', 'iOS', 'Mac OS X', 'Linux'])[1 + visitor_kind % 5],
    sessions.number % 40 = 0,
    'en',
    1,
    (ARRAY['DE', 'DE', 'FR', NULL])[1 + visitor_kind % 4],
    sha256(convert_to(sessions.number || '.' || version, 'UTF8')),
    sessions.tenant_hk,
    'bench'
FROM drawn_sessions AS sessions
JOIN (
    SELECT
        number,
        max(at) AS end_at,
        count(*) AS events,
        count(*) FILTER (WHERE evt_type = 'page_view') AS page_views,
        count(*) FILTER (WHERE evt_type = 'page_ping') AS pings,
        count(*) FILTER (WHERE evt_type NOT IN ('page_view', 'page_ping', 'scroll')) AS interactive,
        count(*) FILTER (WHERE evt_type = 'purchase') AS purchases,
        coalesce(sum(price) FILTER (WHERE evt_type = 'purchase'), 0) AS revenue,
        sum(price) FILTER (WHERE evt_type = 'refund') AS refunds,
        (array_agg(page_url ORDER BY at) FILTER (WHERE evt_type = 'page_view'))[1] AS entry_url,
        (array_agg(page_url ORDER BY at DESC) FILTER (WHERE evt_type = 'page_view'))[1] AS exit_url
    FROM drawn_events
    GROUP BY number
) AS counts
    ON counts.number = sessions.number
CROSS JOIN generate_series(1, 2) AS version
WHERE version = 2 OR counts.end_at > sessions.start_at
ORDER BY sessions.start_at;

CALL business.site_rebuild_sessions();

-- As script 05 has it.
ALTER TABLE business.site_session_b SET (fillfactor = 30);
