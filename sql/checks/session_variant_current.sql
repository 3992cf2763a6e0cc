-- Invariant: business.site_session_variant_b tells of closed sessions which variants of experiments their events say were
-- shown; of what retention removed nothing is left to compare.
-- Returns one row per violation.

SELECT
    encode(coalesce(held.session_hk, wanted.session_hk), 'hex') AS session_hk,
    coalesce(held.experiment_id, wanted.experiment_id) AS experiment_id,
    coalesce(held.variant_id, wanted.variant_id) AS variant_id
FROM business.site_session_variant_b AS held
FULL JOIN (
    SELECT
        sessions.tenant_hk, sessions.key_start, sessions.session_hk, sessions.session_start, sessions.visitor_hk,
        sessions.is_bot, variants.experiment_id, variants.variant_id, min(details.event_timestamp) AS exposed_at
    FROM business.site_event_details_s AS details
    CROSS JOIN LATERAL business.site_variant(details.evt_type, details.properties) AS variants
    JOIN business.event_session_current_v AS links
        ON links.event_timestamp = details.event_timestamp AND links.event_hk = details.event_hk
    JOIN business.site_session_b AS sessions ON sessions.session_hk = links.session_hk
    WHERE details.evt_type = 'experiment_exposure'
        AND variants.name IS NOT NULL
        AND links.link_kind = 'SESSION'
        AND sessions.session_status = 'CLOSED'
    GROUP BY
        sessions.tenant_hk, sessions.key_start, sessions.session_hk, sessions.session_start, sessions.visitor_hk,
        sessions.is_bot, variants.experiment_id, variants.variant_id
) AS wanted
    ON wanted.tenant_hk = held.tenant_hk
    AND wanted.key_start = held.key_start
    AND wanted.session_hk = held.session_hk
    AND wanted.experiment_id = held.experiment_id
    AND wanted.variant_id = held.variant_id
WHERE coalesce(held.key_start, wanted.key_start)
        >= raw.site_tracking_kept_from(coalesce(held.tenant_hk, wanted.tenant_hk), 'events')
    AND (held.session_start, held.visitor_hk, held.is_bot, held.exposed_at)
        IS DISTINCT FROM (wanted.session_start, wanted.visitor_hk, wanted.is_bot, wanted.exposed_at)
