-- Invariant: business.site_repeat_b names the events that tell of a page view again, by what sessions hold now:
-- an earlier event of the session, by time, sequence and key, has the same page_view_id; and those of web_vitals of
-- which a later one has. Of those that may lie in a session, no longer than a week, of which retention removed a part
-- nothing is said.
-- Returns one row per violation.

SELECT
    encode(coalesce(held.session_hk, wanted.session_hk), 'hex') AS session_hk,
    encode(coalesce(held.event_hk, wanted.event_hk), 'hex') AS event_hk,
    held.event_hk IS NOT NULL AS is_held,
    wanted.event_hk IS NOT NULL AS is_repeat
FROM business.site_repeat_b AS held
FULL JOIN (
    SELECT
        views.*,
        pages.page_hk
    FROM (
        SELECT
            links.tenant_hk,
            links.event_timestamp,
            links.event_hk,
            links.session_hk,
            details.is_bot,
            details.evt_type,
            row_number() OVER told AS place,
            lead(true) OVER told AS is_told_later
        FROM business.event_session_current_v AS links
        JOIN business.site_event_details_s AS details
            ON details.event_timestamp = links.event_timestamp AND details.event_hk = links.event_hk
        JOIN business.site_event_h AS events
            ON events.event_timestamp = links.event_timestamp AND events.event_hk = links.event_hk
        WHERE links.link_kind = 'SESSION'
            AND details.evt_type IN ('page_view', 'web_vitals')
            AND details.page_view_id IS NOT NULL
        WINDOW told AS (
            PARTITION BY links.session_hk, details.evt_type, details.page_view_id
            ORDER BY
                links.event_timestamp,
                coalesce(details.sequence, -9223372036854775808),
                events.event_bk COLLATE "C")
    ) AS views
    LEFT JOIN business.event_page_l AS pages
        ON views.evt_type = 'page_view'
        AND pages.event_timestamp = views.event_timestamp
        AND pages.event_hk = views.event_hk
    WHERE CASE views.evt_type WHEN 'page_view' THEN views.place > 1 ELSE views.is_told_later END
) AS wanted
    ON wanted.event_timestamp = held.event_timestamp
    AND wanted.event_hk = held.event_hk
    AND wanted.session_hk = held.session_hk
WHERE (held.tenant_hk, held.page_hk, held.is_bot) IS DISTINCT FROM (wanted.tenant_hk, wanted.page_hk, wanted.is_bot)
    AND coalesce(held.event_timestamp, wanted.event_timestamp) >= INTERVAL '7 days' + greatest(
        raw.site_tracking_kept_from(coalesce(held.tenant_hk, wanted.tenant_hk), 'events'),
        raw.site_tracking_kept_from(coalesce(held.tenant_hk, wanted.tenant_hk), 'sessions'))
