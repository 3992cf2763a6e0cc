-- Invariant: business.site_session_path_b tells of each closed session what business.site_session_b, its links
-- and events do, and of no other; of what retention removed no events are left to compare.
-- Returns one row per violation.

SELECT
    encode(coalesce(held.session_hk, wanted.session_hk), 'hex') AS session_hk,
    held.session_hk IS NOT NULL AS is_held,
    wanted.session_hk IS NOT NULL AS is_closed
FROM (
    SELECT
        paths.*,
        (
            SELECT array_agg(known.evt_type ORDER BY coded.place)
            FROM unnest(string_to_array(paths.types, NULL)) WITH ORDINALITY AS coded (code, place)
            LEFT JOIN business.site_event_type_b AS known
                ON known.tenant_hk = paths.tenant_hk AND known.code = coded.code
        ) AS type_names,
        coalesce((SELECT count(DISTINCT micros) < count(*) FROM unnest(paths.offsets) AS micros), false) AS ties,
        ways.seen_pages AS seen_pages_told, ways.page_way AS page_way_told, ways.type_way AS type_way_told
    FROM business.site_session_path_b AS paths
    CROSS JOIN LATERAL business.site_ways_of_path(paths.tenant_hk, paths.types, paths.pages) AS ways
) AS held
FULL JOIN (
    SELECT
        sessions.tenant_hk, sessions.key_start, sessions.session_hk, sessions AS session, linked.types,
        coalesce(linked.offsets, '{}') AS offsets, coalesce(linked.pages, '{}') AS pages,
        coalesce(linked.items, '{}') AS items, coalesce(linked.item_places, '{}') AS item_places
    FROM business.site_session_b AS sessions
    LEFT JOIN business.site_linked_paths(ARRAY(
        SELECT closed FROM business.site_session_b AS closed WHERE closed.session_status = 'CLOSED')) AS linked
        ON linked.session_hk = sessions.session_hk
    WHERE sessions.session_status = 'CLOSED'
) AS wanted
    ON wanted.tenant_hk = held.tenant_hk
    AND wanted.key_start = held.key_start
    AND wanted.session_hk = held.session_hk
LEFT JOIN LATERAL business.site_session_keys(wanted.session) AS keys ON true
WHERE (held.tenant_hk, held.key_start, held.session_start, held.session_end, held.is_bot, held.visitor,
            held.device, held.browser, held.os, held.channel, held.source, held.utm_source, held.utm_medium,
            held.utm_campaign, held.utm_term, held.utm_content, held.entry_page, held.exit_page, held.referrer,
            held.language, held.country, held.duration_seconds, held.engaged_seconds, held.total_events,
            held.page_views, held.conversions, held.bounces, held.bounceable, held.session_hk, held.visitor_hk)
        IS DISTINCT FROM ROW(keys.*)
    OR (held.revenue, held.refunds) IS DISTINCT FROM ((wanted.session).revenue, (wanted.session).refunds)
    OR coalesce(held.key_start, wanted.key_start)
            >= raw.site_tracking_kept_from(coalesce(held.tenant_hk, wanted.tenant_hk), 'events')
        AND (held.type_names, held.offsets, held.pages, held.items, held.item_places, held.has_ties,
            held.seen_pages, held.page_way, held.type_way)
            IS DISTINCT FROM (
                wanted.types, wanted.offsets, wanted.pages, wanted.items, wanted.item_places, held.ties,
                held.seen_pages_told, held.page_way_told, held.type_way_told)
