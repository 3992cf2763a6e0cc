-- Invariant: a current session's refunds are those that its events tell, by their value or, without one, by
-- their items. Purchases and goals may tell some besides; a session with such a one is left out, and one
-- of which retention removed events.
-- Returns one row per violation.

WITH told AS (
    SELECT
        links.session_hk,
        events.*,
        business.site_trade(events.evt_type, events.evt_action, events.value, events.items) AS trade
    FROM business.event_session_current_v AS links
    JOIN business.site_event_details_s AS events
        ON events.event_timestamp = links.event_timestamp AND events.event_hk = links.event_hk
    WHERE links.link_kind = 'SESSION'
        AND links.session_start >= raw.site_tracking_kept_from(links.tenant_hk, 'events')
        AND (events.value IS NOT NULL OR events.items IS NOT NULL)
),
refunds AS (
    SELECT told.session_hk, money.currency, sum(money.amount) AS amount
    FROM told
    CROSS JOIN LATERAL (
        SELECT
            -- As the items', where the event names none.
            coalesce(told.currency, (
                SELECT min(listed.currency)
                FROM jsonb_to_recordset(told.items) AS listed (price numeric, currency text, quantity numeric)
                WHERE listed.price <> 0 AND listed.quantity IS DISTINCT FROM 0
                HAVING count(DISTINCT listed.currency) = 1 AND count(listed.currency) = count(*)
            ), 'XXX') AS currency,
            abs(told.value) AS amount
        WHERE told.value <> 0
        UNION ALL
        SELECT listed.currency, listed.refunds
        FROM business.site_event_items(told.tenant_hk, told.trade, told.currency, told.items) AS listed
        WHERE told.value IS NULL OR told.value = 0
    ) AS money
    WHERE told.trade IN ('REFUND', 'RETURN')
    GROUP BY told.session_hk, money.currency
    HAVING sum(money.amount) <> 0
),
held AS (
    SELECT sessions.session_hk, money.key AS currency, money.value::numeric AS amount
    FROM business.site_session_details_current_v AS sessions
    CROSS JOIN LATERAL jsonb_each_text(sessions.refunds) AS money
    WHERE money.value::numeric <> 0
        AND sessions.session_start >= raw.site_tracking_kept_from(sessions.tenant_hk, 'events')
)
SELECT
    encode(coalesce(held.session_hk, refunds.session_hk), 'hex') AS session_hk,
    coalesce(held.currency, refunds.currency) AS currency,
    held.amount,
    refunds.amount AS told_amount
FROM held
FULL JOIN refunds ON refunds.session_hk = held.session_hk AND refunds.currency = held.currency
WHERE held.amount IS DISTINCT FROM refunds.amount
    AND NOT EXISTS (
        SELECT FROM told
        WHERE told.session_hk = coalesce(held.session_hk, refunds.session_hk)
            AND told.trade NOT IN ('REFUND', 'RETURN')
            AND (told.value < 0 OR jsonb_path_exists(told.items, '$[*] ? (@.price < 0 || @.quantity < 0)'))
    )
