package io.onevault.tracking.migrate;

/**
 * Two tenants with one session each, of two events on one page with one item; the first tenant also
 * has an event that came too late. Times lie before every partition but one.
 */
final class SmallVault {

    static final String ROWS =
            """
            SELECT raw.site_tracking_ensure_partitions('2026-03-01', '2026-03-01');
            CREATE FUNCTION pg_temp.link(a bytea, b bytea, tenant bytea) RETURNS bytea LANGUAGE sql
                AS $$ SELECT util.hash_binary(
                    encode(a, 'hex') || '|' || encode(b, 'hex') || '|' || encode(tenant, 'hex')) $$;
            INSERT INTO auth.tenant_h
            SELECT util.hash_binary(bk), bk, now(), 'test' FROM unnest(ARRAY['acme', 'other']) AS bk;

            CREATE TEMPORARY TABLE keys AS
            SELECT tenant_hk, tenant_bk,
                util.generate_tenant_derived_hk(tenant_hk, 'sess_1') AS session_hk,
                util.generate_tenant_derived_hk(tenant_hk, 'sess_late') AS late_hk,
                util.generate_tenant_derived_hk(tenant_hk, 'v1') AS visitor_hk,
                util.generate_tenant_derived_hk(tenant_hk, 'https://shop/') AS page_hk,
                util.generate_tenant_derived_hk(tenant_hk, 'sku1') AS item_hk,
                timestamptz '2026-03-01 10:00:00Z' AS load_date, 'test'::text AS record_source
            FROM auth.tenant_h;
            INSERT INTO business.site_session_h
            SELECT session_hk, 'sess_1', tenant_hk, load_date, record_source FROM keys
            UNION ALL
            SELECT late_hk, 'sess_late', tenant_hk, load_date, record_source FROM keys;
            INSERT INTO business.site_visitor_h
            SELECT visitor_hk, 'v1', tenant_hk, load_date, record_source FROM keys;
            INSERT INTO business.site_page_h
            SELECT page_hk, 'https://shop/', tenant_hk, load_date, record_source FROM keys;
            INSERT INTO business.business_item_h
            SELECT item_hk, 'sku1', tenant_hk, load_date, record_source FROM keys;

            CREATE TEMPORARY TABLE events AS
            SELECT event_bk, util.generate_tenant_derived_hk(tenant_hk, event_bk) AS event_hk, at, payload,
                CASE WHEN id = '3' THEN late_hk ELSE session_hk END AS linked_hk, keys.*
            FROM keys CROSS JOIN (VALUES
                ('1', timestamptz '2026-03-01 09:00:00.000001Z'),
                ('2', '2026-03-01 09:10:00Z'),
                ('3', '2026-02-27 09:00:00Z')) AS times (id, at)
            CROSS JOIN LATERAL (
                SELECT jsonb_build_object('event_id', id, 'event_timestamp', '2026-03-01')) AS events (payload)
            CROSS JOIN LATERAL (
                SELECT 'evt_' || id || '.' || left(encode(util.hash_binary(payload::text), 'hex'), 16)
            ) AS named (event_bk)
            WHERE id <> '3' OR tenant_bk = 'acme';
            INSERT INTO business.site_event_h
            SELECT at, event_hk, event_bk, tenant_hk, load_date, record_source FROM events;
            INSERT INTO business.site_event_details_s (event_timestamp, event_hk, evt_type, is_bot,
                tenant_hk, load_date, record_source)
            SELECT at, event_hk, 'page_view', false, tenant_hk, load_date, record_source
            FROM events;
            INSERT INTO business.event_session_l
            SELECT at, pg_temp.link(event_hk, linked_hk, tenant_hk), event_hk, linked_hk,
                tenant_hk, load_date, record_source FROM events;
            INSERT INTO business.event_page_l
            SELECT at, pg_temp.link(event_hk, page_hk, tenant_hk), event_hk, page_hk,
                tenant_hk, load_date, record_source FROM events;
            INSERT INTO business.event_business_item_l
            SELECT at, pg_temp.link(event_hk, item_hk, tenant_hk), event_hk, item_hk,
                tenant_hk, load_date, record_source FROM events;
            INSERT INTO raw.site_tracking_events_r (event_timestamp, event_hk, tenant_hk, event_bk,
                payload, processing_status, source_topic, source_partition, source_offset, load_date,
                record_source)
            SELECT at, event_hk, tenant_hk, event_bk, payload, 'VALID', 't', 0, 1, load_date, record_source
            FROM events
            UNION ALL
            SELECT load_date, sha256(tenant_hk), tenant_hk, NULL, NULL, 'ERROR', 't', 0, 9, load_date,
                record_source FROM keys;
            INSERT INTO staging.site_tracking_events_s (event_timestamp, event_hk, tenant_hk,
                visitor_hk, page_hk, evt_type, channel, device_type, is_bot, item_count,
                validation_status, quality_score, load_date, record_source)
            SELECT at, event_hk, tenant_hk, visitor_hk, page_hk, 'page_view', 'direct', 'desktop',
                false, 1, 'VALID', 100, load_date, record_source
            FROM events;

            INSERT INTO business.site_tenant_day_b
            SELECT DISTINCT tenant_hk, business.site_day(event_timestamp) FROM business.site_event_h;

            INSERT INTO business.session_visitor_l
            SELECT timestamptz '2026-03-01 09:00:00Z', pg_temp.link(session_hk, visitor_hk, tenant_hk),
                session_hk, visitor_hk, tenant_hk, load_date, record_source FROM keys;
            INSERT INTO business.session_page_l
            SELECT timestamptz '2026-03-01 09:00:00Z', pg_temp.link(session_hk, page_hk, tenant_hk),
                session_hk, page_hk, tenant_hk, load_date, record_source FROM keys;
            INSERT INTO business.visitor_business_item_l
            SELECT pg_temp.link(visitor_hk, item_hk, tenant_hk), visitor_hk, item_hk, tenant_hk,
                load_date, record_source FROM keys;
            INSERT INTO business.site_session_details_s (session_start, session_hk, load_date,
                session_end, session_status, visitor_hk, duration_seconds, engaged_seconds,
                total_events, page_views, interactive_events, conversions, channel, device_type,
                is_bot, rules_version, hash_diff, tenant_hk, record_source)
            SELECT '2026-03-01 09:00:00.000001Z', session_hk, load_date, '2026-03-01 09:10:00Z',
                'CLOSED', visitor_hk, 600, 0, 2, 2, 0, 0, 'direct', 'desktop', false, 1, sha256('s'),
                tenant_hk, record_source FROM keys;
            INSERT INTO business.site_visitor_details_s (visitor_hk, event_timestamp, load_date, device_type, is_bot,
                hash_diff, tenant_hk, record_source)
            SELECT visitor_hk, load_date, load_date, 'desktop', false, sha256('v'), tenant_hk, record_source
            FROM keys;
            INSERT INTO business.site_page_details_s (page_hk, event_timestamp, load_date, page_url, page_path,
                hash_diff, tenant_hk, record_source)
            SELECT page_hk, load_date, load_date, 'https://shop/', '/', sha256('p'), tenant_hk, record_source
            FROM keys;
            INSERT INTO business.business_item_details_s (business_item_hk, event_timestamp, load_date, hash_diff,
                tenant_hk, record_source)
            SELECT item_hk, load_date, load_date, sha256('i'), tenant_hk, record_source FROM keys;
            INSERT INTO raw.site_tracking_ledger_r
            SELECT DATE '2026-03-01', tenant_hk, outcome, code, 'run', number, load_date, record_source
            FROM keys CROSS JOIN (VALUES ('RECEIVED', '', 4), ('ACCEPTED', '', 3), ('LATE', '', 1),
                ('REJECTED', 'WRONG_TYPE', 1)) AS counts (outcome, code, number)
            WHERE tenant_bk = 'acme'
            UNION ALL
            SELECT DATE '2026-03-01', tenant_hk, outcome, '', 'run', number, load_date, record_source
            FROM keys CROSS JOIN (VALUES ('RECEIVED', 3), ('ACCEPTED', 2), ('DUPLICATE', 1))
                AS counts (outcome, number)
            WHERE tenant_bk = 'other';
            INSERT INTO auth.site_tracking_salt_s VALUES (current_date, sha256('salt'), now(), 'test');
            CALL business.site_rebuild_sessions();
            """;

    private SmallVault() {}
}
