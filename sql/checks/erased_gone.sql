-- Invariant: of an erased event the hub's key is left and the link to its tenant's session sess_erased, and
-- the ledger counts as many, those that retention removed since among them; once an erasure is done, nothing of its
-- visitors and users is left but their keys.
-- Returns one row per violation.

WITH erased AS MATERIALIZED (
    SELECT links.event_timestamp, links.event_hk, links.tenant_hk, links.load_date
    FROM business.site_session_h AS sessions
    JOIN business.event_session_l AS links ON links.session_hk = sessions.session_hk
    WHERE sessions.session_bk = 'sess_erased'
),
visitors AS MATERIALIZED (
    SELECT tombstones.tenant_hk, tombstones.visitor_hk, tombstones.erased_before, tombstones.through_user
    FROM raw.site_tracking_tombstone_r AS tombstones
    JOIN raw.site_tracking_erasure_r AS erasures ON erasures.erasure_id = tombstones.erasure_id
    WHERE erasures.status = 'DONE'
)
SELECT
    'business.site_event_details_s' AS left_in,
    encode(erased.event_hk, 'hex') AS hash_key
FROM erased
JOIN business.site_event_details_s AS details
    ON details.event_timestamp = erased.event_timestamp AND details.event_hk = erased.event_hk
UNION ALL
SELECT 'raw.site_tracking_events_r', encode(erased.event_hk, 'hex')
FROM erased
JOIN raw.site_tracking_events_r AS events
    ON events.event_timestamp = erased.event_timestamp AND events.event_hk = erased.event_hk
UNION ALL
SELECT 'staging.site_tracking_events_s', encode(erased.event_hk, 'hex')
FROM erased
JOIN staging.site_tracking_events_s AS staged
    ON staged.event_timestamp = erased.event_timestamp AND staged.event_hk = erased.event_hk
UNION ALL
SELECT 'business.event_page_l', encode(erased.event_hk, 'hex')
FROM erased
JOIN business.event_page_l AS links
    ON links.event_timestamp = erased.event_timestamp AND links.event_hk = erased.event_hk
UNION ALL
SELECT 'business.event_business_item_l', encode(erased.event_hk, 'hex')
FROM erased
JOIN business.event_business_item_l AS links
    ON links.event_timestamp = erased.event_timestamp AND links.event_hk = erased.event_hk
UNION ALL
SELECT 'business.event_session_l', encode(erased.event_hk, 'hex')
FROM erased
JOIN business.event_session_l AS links
    ON links.event_timestamp = erased.event_timestamp AND links.event_hk = erased.event_hk
GROUP BY erased.event_timestamp, erased.event_hk
HAVING count(*) > 1
UNION ALL
SELECT 'business.site_event_visitor_b', encode(erased.event_hk, 'hex')
FROM erased
JOIN business.site_event_visitor_b AS told
    ON told.event_timestamp = erased.event_timestamp AND told.event_hk = erased.event_hk
UNION ALL
SELECT 'staging.site_tracking_events_s', encode(staged.event_hk, 'hex')
FROM visitors
JOIN staging.site_tracking_events_s AS staged
    ON staged.visitor_hk = visitors.visitor_hk
    AND staged.tenant_hk = visitors.tenant_hk
    AND coalesce(staged.first_appended_at, staged.load_date) < visitors.erased_before
UNION ALL
SELECT 'staging.site_tracking_events_s', encode(staged.event_hk, 'hex')
FROM visitors
JOIN staging.site_tracking_events_s AS staged
    ON staged.user_hk = visitors.visitor_hk
    AND staged.tenant_hk = visitors.tenant_hk
    AND coalesce(staged.first_appended_at, staged.load_date) < visitors.erased_before
UNION ALL
-- Accepted events name them in their payload, rejected ones beside it.
SELECT 'raw.site_tracking_events_r', encode(arrived.event_hk, 'hex')
FROM raw.site_tracking_events_r AS arrived
CROSS JOIN LATERAL unnest(CASE
    WHEN arrived.processing_status = 'ERROR' THEN ARRAY[arrived.visitor_bk::text, arrived.user_bk::text]
    ELSE ARRAY[coalesce(arrived.visitor_bk, arrived.payload ->> 'visitor_id'), arrived.payload ->> 'user_id']
END) AS named (bk)
JOIN visitors
    ON visitors.visitor_hk = util.generate_tenant_derived_hk(arrived.tenant_hk, named.bk)
    AND visitors.tenant_hk = arrived.tenant_hk
    AND coalesce(arrived.first_appended_at, arrived.load_date) < visitors.erased_before
    -- Of a visitor who was reached through a user, rejected events that name another one are that one's.
    AND (arrived.user_bk IS NULL OR NOT visitors.through_user)
WHERE named.bk IS NOT NULL AND EXISTS (SELECT FROM visitors)
UNION ALL
SELECT 'business.site_event_visitor_b', encode(told.event_hk, 'hex')
FROM business.site_event_visitor_b AS told
CROSS JOIN LATERAL unnest(ARRAY[told.visitor_hk, told.user_hk]) AS named (visitor_hk)
JOIN visitors
    ON visitors.visitor_hk = named.visitor_hk AND visitors.tenant_hk = told.tenant_hk
JOIN business.site_event_h AS events
    ON events.event_timestamp = told.event_timestamp
    AND events.event_hk = told.event_hk
    AND coalesce(told.first_appended_at, events.load_date) < visitors.erased_before
UNION ALL
SELECT 'business.visitor_business_item_l', encode(links.visitor_business_item_hk, 'hex')
FROM visitors
JOIN business.visitor_business_item_l AS links
    ON links.visitor_hk = visitors.visitor_hk
    AND links.tenant_hk = visitors.tenant_hk
    AND links.load_date < visitors.erased_before
UNION ALL
-- What a session's key says of its start is a millisecond, the start itself microseconds.
SELECT 'business.session_visitor_l', encode(links.session_visitor_hk, 'hex')
FROM visitors
JOIN business.session_visitor_l AS links
    ON links.visitor_hk = visitors.visitor_hk
    AND links.tenant_hk = visitors.tenant_hk
    AND links.session_start < visitors.erased_before - INTERVAL '1 millisecond'
UNION ALL
SELECT 'business.site_user_visitor_b', encode(links.user_visitor_hk, 'hex')
FROM business.site_user_visitor_b AS links
CROSS JOIN LATERAL unnest(ARRAY[links.user_hk, links.visitor_hk]) AS named (visitor_hk)
JOIN visitors
    ON visitors.visitor_hk = named.visitor_hk
    AND visitors.tenant_hk = links.tenant_hk
    AND links.load_date < visitors.erased_before
UNION ALL
SELECT 'business.site_session_details_s', encode(sessions.session_hk, 'hex')
FROM visitors
JOIN business.site_session_details_s AS sessions
    ON sessions.visitor_hk = visitors.visitor_hk
    AND sessions.tenant_hk = visitors.tenant_hk
    AND sessions.session_start < visitors.erased_before
UNION ALL
SELECT 'business.site_visitor_details_s', encode(details.visitor_hk, 'hex')
FROM visitors
JOIN business.site_visitor_details_s AS details
    ON details.visitor_hk = visitors.visitor_hk
    AND details.tenant_hk = visitors.tenant_hk
    AND details.load_date < visitors.erased_before
UNION ALL
SELECT 'raw.site_tracking_score_s', encode(scores.visitor_hk, 'hex')
FROM visitors
JOIN raw.site_tracking_score_s AS scores
    ON scores.visitor_hk = visitors.visitor_hk
    AND scores.tenant_hk = visitors.tenant_hk
    AND scores.as_of < visitors.erased_before
UNION ALL
SELECT 'raw.site_tracking_objection_r', encode(objections.visitor_hk, 'hex')
FROM visitors
JOIN raw.site_tracking_objection_r AS objections
    ON objections.visitor_hk = visitors.visitor_hk
    AND objections.tenant_hk = visitors.tenant_hk
    AND objections.objected_on < (visitors.erased_before AT TIME ZONE 'UTC')::date
UNION ALL
SELECT 'raw.site_tracking_erased_r', encode(tenant_hk, 'hex')
FROM (
    SELECT tenant_hk, sum(events) AS events
    FROM (
        SELECT tenant_hk, count(*) AS events
        FROM erased
        WHERE load_date >= raw.site_tracking_kept_from(tenant_hk, 'ledger')
        GROUP BY tenant_hk
        UNION ALL
        SELECT tenant_hk, erased_count
        FROM raw.site_tracking_expired_r
    ) AS there
    GROUP BY tenant_hk
) AS linked
FULL JOIN (
    SELECT tenant_hk, sum(event_count) AS events
    FROM raw.site_tracking_erased_r
    GROUP BY tenant_hk
) AS counted
    USING (tenant_hk)
WHERE coalesce(linked.events, 0) <> coalesce(counted.events, 0)
