-- Purpose: the other questions: realtime, funnels, retention, events, sessions, items. Run after 07.
--
-- Errors: ST400 bad argument, ST413 too much to read.

BEGIN;

DO $lock$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('site_tracking', 0));
END
$lock$;

-- The key of a session ends in the milliseconds of its start, and a number behind them where two
-- began in one millisecond.
CREATE OR REPLACE FUNCTION business.site_starts_of_key(session_bk text)
RETURNS timestamptz[]
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
AS $body$
    SELECT ARRAY[
        timestamptz 'epoch'
            + (regexp_match(session_bk, '\.([0-9]{1,15})$'))[1]::bigint * INTERVAL '1 millisecond',
        timestamptz 'epoch'
            + (regexp_match(session_bk, '\.([0-9]{1,15})\.[0-9]{1,5}$'))[1]::bigint * INTERVAL '1 millisecond']
$body$;
COMMENT ON FUNCTION business.site_starts_of_key(text)
IS 'When a session may have begun, by its key: one of the two.';

-- Of the sessions that hold these events those that pass, from where the earliest of them began.
CREATE OR REPLACE FUNCTION business.site_passing_events(
    tenant bytea, timestamps timestamptz[], keys bytea[], filters jsonb, include_bots boolean
) RETURNS TABLE (
    event_timestamp timestamptz,
    event_hk bytea
)
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
#variable_conflict use_column
DECLARE
    first_start timestamptz;
    among text;
BEGIN
    SELECT min(sessions.session_start), coalesce(string_agg(DISTINCT encode(sessions.session_hk, 'hex'), ''), '')
    INTO first_start, among
    FROM (
        SELECT DISTINCT links.session_hk
        FROM unnest(timestamps, keys) AS events (event_timestamp, event_hk)
        JOIN business.event_session_l AS links
            ON links.event_timestamp = events.event_timestamp AND links.event_hk = events.event_hk
    ) AS holding
    JOIN business.site_session_h AS hubs ON hubs.session_hk = holding.session_hk
    JOIN business.site_session_b AS sessions
        ON sessions.tenant_hk = tenant
        AND sessions.key_start = ANY (business.site_starts_of_key(hubs.session_bk))
        AND sessions.session_hk = holding.session_hk;
    RETURN QUERY
    SELECT passing.event_timestamp, passing.event_hk
    FROM business.site_session_events(tenant, first_start, now(), business.site_resolved_filters(
        tenant, first_start, now(), filters || jsonb_build_object('among', among)), include_bots) AS passing;
END
$body$;
COMMENT ON FUNCTION business.site_passing_events(bytea, timestamptz[], bytea[], jsonb, boolean)
IS 'All events of those sessions that hold some of the given events and pass the filters.';

CREATE OR REPLACE FUNCTION business.site_realtime(tenant bytea, minutes integer, given jsonb)
RETURNS jsonb
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
#variable_conflict use_column
DECLARE
    options CONSTANT jsonb := business.site_options(given, 'filters', 'include_bots');
    filters CONSTANT jsonb := business.site_filters(options);
    include_bots CONSTANT boolean := coalesce((options -> 'include_bots')::boolean, false);
    from_at timestamptz;
    timestamps timestamptz[];
    keys bytea[];
    answer jsonb;
BEGIN
    IF minutes IS NULL OR minutes NOT BETWEEN 1 AND 1440 THEN
        PERFORM business.site_argument_error('minutes', 'A whole number from 1 to 1440.');
    END IF;
    from_at := date_trunc('minute', now()) - (minutes - 1) * INTERVAL '1 minute';
    PERFORM business.site_check_cost(
        tenant,
        business.site_all_events(from_at, now()) * 0.3
            + CASE WHEN filters = '{}' THEN 0 ELSE business.site_events_of_sessions_cost(tenant, from_at, now()) * 2 END,
        '{}',
        VARIADIC ARRAY['minutes'] || business.site_narrow_filters(filters));
    IF filters <> '{}' THEN
        SELECT array_agg(event_timestamp), array_agg(event_hk)
        INTO timestamps, keys
        FROM staging.site_tracking_events_s
        WHERE tenant_hk = tenant AND event_timestamp >= from_at AND event_timestamp <= now();
    END IF;
    WITH events AS MATERIALIZED (
        SELECT
            event_timestamp, visitor_hk, page_hk, evt_type,
            evt_type = 'page_view' AND repeated_hk IS NULL AS is_page_view
        FROM staging.site_tracking_events_s
        LEFT JOIN (
            SELECT DISTINCT event_timestamp, event_hk, event_hk AS repeated_hk
            FROM business.site_repeat_b
            WHERE tenant_hk = tenant AND event_timestamp >= from_at AND event_timestamp <= now()
        ) AS repeats USING (event_timestamp, event_hk)
        WHERE tenant_hk = tenant
            AND event_timestamp >= from_at
            AND event_timestamp <= now()
            AND (include_bots OR NOT is_bot)
            AND (filters = '{}' OR (event_timestamp, event_hk) IN (
                SELECT event_timestamp, event_hk
                FROM business.site_passing_events(tenant, timestamps, keys, filters, include_bots)))
    ),
    by_minute AS (
        SELECT
            date_trunc('minute', event_timestamp) AS minute,
            count(DISTINCT visitor_hk) AS visitors,
            count(*) FILTER (WHERE is_page_view) AS page_views,
            count(*) AS events
        FROM events
        GROUP BY 1
    ),
    by_page AS (
        SELECT pages.page_bk, seen.page_views
        FROM (
            SELECT page_hk, count(*) AS page_views
            FROM events
            WHERE is_page_view AND page_hk IS NOT NULL
            GROUP BY page_hk
            ORDER BY page_views DESC
            FETCH FIRST 10 ROWS WITH TIES
        ) AS seen
        JOIN business.site_page_h AS pages ON pages.page_hk = seen.page_hk
        ORDER BY seen.page_views DESC, pages.page_bk COLLATE "C"
        LIMIT 10
    )
    SELECT jsonb_build_object(
        'minutes', minutes,
        'from', business.site_utc(from_at),
        'to', business.site_utc(now()),
        'visitors', (SELECT count(DISTINCT visitor_hk) FROM events),
        'visitors_now', (
            SELECT count(DISTINCT visitor_hk)
            FROM events
            WHERE event_timestamp >= date_trunc('minute', now()) - INTERVAL '4 minutes'
        ),
        'pageviews', (SELECT count(*) FROM events WHERE is_page_view),
        'events', (SELECT count(*) FROM events),
        'event_types', (
            SELECT coalesce(jsonb_object_agg(evt_type, number), '{}')
            FROM (SELECT evt_type, count(*) AS number FROM events GROUP BY evt_type) AS types
        ),
        'series', (
            SELECT jsonb_agg(jsonb_build_object(
                    'start', business.site_utc(minute_start),
                    'visitors', coalesce(by_minute.visitors, 0),
                    'pageviews', coalesce(by_minute.page_views, 0),
                    'events', coalesce(by_minute.events, 0))
                ORDER BY minute_start)
            FROM generate_series(from_at, now(), INTERVAL '1 minute') AS minute_start
            LEFT JOIN by_minute ON by_minute.minute = minute_start
        ),
        'top_pages', (
            SELECT coalesce(jsonb_agg(jsonb_build_object('value', page_bk, 'pageviews', page_views)
                ORDER BY page_views DESC, page_bk COLLATE "C"), '[]')
            FROM by_page
        ))
    INTO answer;
    RETURN answer;
END
$body$;
COMMENT ON FUNCTION business.site_realtime(bytea, integer, jsonb)
IS 'The data of api.get_realtime. Errors: ST400.';

CREATE OR REPLACE FUNCTION business.site_check_step(field text, step jsonb)
RETURNS void
LANGUAGE plpgsql
IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    member record;
BEGIN
    IF jsonb_typeof(step) <> 'object' OR NOT step ?| '{evt_type,page_url,item_id}' THEN
        PERFORM business.site_argument_error(field, 'An object with at least one of evt_type, page_url and item_id.');
    END IF;
    FOR member IN SELECT key, value FROM jsonb_each(step) LOOP
        IF member.key NOT IN ('name', 'evt_type', 'page_url', 'item_id')
            OR jsonb_typeof(member.value) <> 'string' OR length(member.value #>> '{}') > 2048 THEN
            PERFORM business.site_argument_error(
                format('%s.%s', field, left(member.key, 100)),
                'A step has name, evt_type, page_url and item_id, texts of at most 2048 characters.');
        END IF;
    END LOOP;
END
$body$;
COMMENT ON FUNCTION business.site_check_step(text, jsonb)
IS 'Raises ST400 unless a step of a funnel, or a point of a path, is well-formed.';

CREATE OR REPLACE FUNCTION business.site_check_steps(steps jsonb)
RETURNS void
LANGUAGE plpgsql
IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    step record;
BEGIN
    IF coalesce(jsonb_typeof(steps), '') <> 'array' OR jsonb_array_length(steps) NOT BETWEEN 2 AND 10 THEN
        PERFORM business.site_argument_error('steps', 'An array of 2 to 10 steps.');
    END IF;
    FOR step IN SELECT value, ordinality - 1 AS number FROM jsonb_array_elements(steps) WITH ORDINALITY LOOP
        PERFORM business.site_check_step(format('steps[%s]', step.number), step.value);
    END LOOP;
END
$body$;
COMMENT ON FUNCTION business.site_check_steps(jsonb)
IS 'Raises ST400 unless the steps of a funnel are well-formed.';

-- What the steps ask for, as paths of sessions and links of events name it.
CREATE OR REPLACE FUNCTION business.site_funnel_steps(tenant bytea, steps jsonb)
RETURNS TABLE (
    step integer,
    evt_type text,
    code text,
    page_hks bytea[],
    pages bigint[],
    item_hk bytea,
    item bigint
)
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT
        asked.step, asked.evt_type,
        -- No event has a type without a code, nor the code of none.
        CASE WHEN asked.evt_type IS NOT NULL THEN coalesce(known.code, '-') END,
        asked.page_hks,
        CASE WHEN asked.page_hks IS NOT NULL THEN ARRAY(
            SELECT business.site_short_key(page_hk) FROM unnest(asked.page_hks) AS page_hk) END,
        asked.item_hk, business.site_short_key(asked.item_hk)
    FROM (
        SELECT
            ordinality::integer AS step,
            value ->> 'evt_type' AS evt_type,
            CASE
                WHEN value ->> 'page_url' LIKE '%*' THEN ARRAY(
                    SELECT page_hk
                    FROM business.site_page_h
                    WHERE tenant_hk = tenant
                        AND starts_with(page_bk, rtrim(value ->> 'page_url', '*')))
                WHEN value ? 'page_url' THEN ARRAY[business.site_hash_key(tenant, value ->> 'page_url')]
            END AS page_hks,
            business.site_hash_key(tenant, value ->> 'item_id') AS item_hk
        FROM jsonb_array_elements(steps) WITH ORDINALITY
    ) AS asked
    LEFT JOIN business.site_event_type_b AS known ON known.tenant_hk = tenant AND known.evt_type = asked.evt_type
$body$;
COMMENT ON FUNCTION business.site_funnel_steps(bytea, jsonb)
IS 'What the steps of a funnel ask for.';

-- The sessions of few visitors are found one by one, those of many by reading all. Without settings of its own, so that
-- the planner sees through it.
CREATE OR REPLACE FUNCTION business.site_funnel_paths(
    tenant bytea, starts_at timestamptz, to_at timestamptz, include_bots boolean, visitors bytea[], are_few boolean
) RETURNS SETOF business.site_session_path_b
LANGUAGE sql
STABLE
PARALLEL SAFE
ROWS 100000
AS $body$
    SELECT *
    FROM business.site_session_path_b
    WHERE NOT are_few
        AND tenant_hk = tenant
        AND key_start >= starts_at - INTERVAL '1 millisecond'
        AND key_start < to_at
        AND (include_bots OR NOT is_bot)
        AND (visitors IS NULL OR visitor_hk = ANY (visitors))
    UNION ALL
    SELECT paths.*
    FROM unnest(visitors) AS asked (visitor_hk)
    CROSS JOIN LATERAL (
        SELECT key_start, session_hk
        FROM business.site_session_b
        WHERE tenant_hk = tenant
            AND visitor_hk = asked.visitor_hk
            AND NOT is_bot
            AND session_start >= starts_at - INTERVAL '1 millisecond'
            AND session_start < to_at + INTERVAL '1 millisecond'
        OFFSET 0
    ) AS sessions
    CROSS JOIN LATERAL (
        SELECT *
        FROM business.site_session_path_b
        WHERE tenant_hk = tenant
            AND key_start = sessions.key_start
            AND session_hk = sessions.session_hk
            AND key_start >= starts_at - INTERVAL '1 millisecond'
            AND key_start < to_at
        OFFSET 0
    ) AS paths
    WHERE are_few
$body$;
COMMENT ON FUNCTION business.site_funnel_paths(bytea, timestamptz, timestamptz, boolean, bytea[], boolean)
IS 'The paths of closed sessions that began in a period, of given visitors or all; of few without robots.';

-- Closed sessions by the paths that are held of them, open ones by such as are made now. Without visitors all of them.
CREATE OR REPLACE FUNCTION business.site_funnel_matches(
    tenant bytea, steps jsonb, from_at timestamptz, to_at timestamptz, filters jsonb, include_bots boolean,
    visitors bytea[]
) RETURNS TABLE (
    step integer,
    visitor_hk bytea,
    event_timestamp timestamptz,
    event_hk bytea
)
LANGUAGE plpgsql
STABLE
ROWS 50000
SET search_path = pg_catalog, pg_temp
-- As business.site_session_events.
SET enable_nestloop = off
AS $body$
#variable_conflict use_column
DECLARE
    -- An event may lie in a session that began before; no session is longer than a week.
    starts_at CONSTANT timestamptz := CASE WHEN filters = '{}' THEN from_at - INTERVAL '7 days' ELSE from_at END;
    asks_pages CONSTANT boolean := steps @? '$[*].page_url';
    asks_items CONSTANT boolean := steps @? '$[*].item_id';
    asks_all_types CONSTANT boolean := steps @? '$[*] ? (!exists(@.evt_type))';
    codes text;
    chosen bytea[];
    open_ones business.site_session_b[];
BEGIN
    SELECT coalesce(string_agg(code, ''), '') INTO codes FROM business.site_funnel_steps(tenant, steps);
    IF filters <> '{}' THEN
        chosen := ARRAY(
            SELECT session_hk FROM business.site_filtered_sessions(tenant, starts_at, to_at, filters, include_bots));
    END IF;
    open_ones := ARRAY(
        SELECT sessions
        FROM business.site_open_sessions(tenant, starts_at, to_at) AS sessions
        WHERE (include_bots OR NOT sessions.is_bot)
            AND (visitors IS NULL OR sessions.visitor_hk = ANY (visitors))
            AND (chosen IS NULL OR sessions.session_hk = ANY (chosen)));
    RETURN QUERY
    WITH wanted AS MATERIALIZED (
        SELECT * FROM business.site_funnel_steps(tenant, steps)
    ),
    -- By type, so that an event is compared with the steps it may be.
    asked AS MATERIALIZED (
        SELECT * FROM wanted WHERE code IS NOT NULL
        UNION ALL
        SELECT
            wanted.step, wanted.evt_type, known.code, wanted.page_hks, wanted.pages, wanted.item_hk, wanted.item
        FROM wanted
        JOIN business.site_event_type_b AS known ON known.tenant_hk = tenant
        WHERE wanted.code IS NULL
    ),
    told AS (
        SELECT
            paths.visitor_hk, paths.key_start, paths.session_hk,
            paths.key_start < from_at OR paths.key_start >= to_at - INTERVAL '7 days' AND paths.key_start
                + paths.offsets[cardinality(paths.offsets)] * INTERVAL '1 microsecond' >= to_at AS goes_beyond,
            generate_subscripts(paths.offsets, 1) AS place,
            unnest(string_to_array(paths.types, NULL)) AS code,
            unnest(paths.offsets) AS micros,
            unnest(CASE WHEN asks_pages THEN paths.pages END) AS page,
            CASE WHEN asks_items THEN paths.items END AS items,
            CASE WHEN asks_items THEN paths.item_places END AS item_places
        FROM business.site_funnel_paths(
            tenant, starts_at, to_at, include_bots, visitors,
            NOT include_bots AND coalesce(cardinality(visitors), 10000) < 10000) AS paths
        WHERE (chosen IS NULL OR paths.session_hk = ANY (chosen))
            AND (asks_all_types OR translate(paths.types, codes, '') <> paths.types)
    ),
    opened AS MATERIALIZED (
        SELECT
            sessions.visitor_hk, sessions.key_start, sessions.session_hk, paths.types, paths.offsets, paths.pages,
            paths.items, paths.item_places
        FROM business.site_linked_paths(open_ones) AS paths
        JOIN unnest(open_ones) AS sessions ON sessions.session_hk = paths.session_hk
    ),
    happening AS (
        SELECT
            opened.visitor_hk, opened.session_hk, opened.items, opened.item_places, events.evt_type, events.page,
            events.place, opened.key_start + events.micros * INTERVAL '1 microsecond' AS event_timestamp
        FROM opened
        CROSS JOIN LATERAL unnest(opened.types, opened.offsets, opened.pages) WITH ORDINALITY
            AS events (evt_type, micros, page, place)
    )
    SELECT
        asked.step, told.visitor_hk, told.key_start + told.micros * INTERVAL '1 microsecond',
        told.session_hk || int4send(told.place)
    FROM told
    JOIN asked ON asked.code = told.code
    WHERE (asked.pages IS NULL OR told.page = ANY (asked.pages))
        AND (asked.item IS NULL OR EXISTS (
            SELECT FROM unnest(told.items, told.item_places) AS held (item, place)
            WHERE held.item = asked.item AND held.place = told.place))
        AND (NOT told.goes_beyond OR (
            told.key_start + told.micros * INTERVAL '1 microsecond' >= from_at
            AND told.key_start + told.micros * INTERVAL '1 microsecond' < to_at))
    UNION ALL
    SELECT
        wanted.step, happening.visitor_hk, happening.event_timestamp,
        happening.session_hk || int4send(happening.place::integer)
    FROM happening
    JOIN wanted ON coalesce(wanted.evt_type, happening.evt_type) = happening.evt_type
    WHERE happening.event_timestamp >= from_at
        AND happening.event_timestamp < to_at
        AND (wanted.pages IS NULL OR happening.page = ANY (wanted.pages))
        AND (wanted.item IS NULL OR EXISTS (
            SELECT FROM unnest(happening.items, happening.item_places) AS held (item, place)
            WHERE held.item = wanted.item AND held.place = happening.place));
END
$body$;
COMMENT ON FUNCTION business.site_funnel_matches(bytea, jsonb, timestamptz, timestamptz, jsonb, boolean, bytea[])
IS 'Which events in sessions may be which steps of a funnel, of given visitors or all; event_hk tells one event from another.';

-- An event is one step of a way; those of one instant may come in any order, as clients' clocks tell whole
-- seconds or milliseconds only.
CREATE OR REPLACE FUNCTION business.site_funnel_moves(
    tenant bytea, steps jsonb, from_at timestamptz, to_at timestamptz, filters jsonb, include_bots boolean,
    visitors bytea[]
) RETURNS TABLE (
    visitor_hk bytea,
    event_timestamp timestamptz,
    first_step integer,
    last_step integer
)
LANGUAGE plpgsql
STABLE
ROWS 50000
SET search_path = pg_catalog, pg_temp
AS $body$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH RECURSIVE matched AS MATERIALIZED (
        SELECT *
        FROM business.site_funnel_matches(tenant, steps, from_at, to_at, filters, include_bots, visitors)
    ),
    -- Nearly all instants have one event that may be one step.
    summed AS MATERIALIZED (
        SELECT visitor_hk, event_timestamp, min(step) AS step, count(*) AS matches
        FROM matched
        GROUP BY visitor_hk, event_timestamp
    ),
    -- Events of one instant that may be the same steps are alike.
    kinds AS MATERIALIZED (
        SELECT
            visitor_hk, event_timestamp, may_be, count(*) AS events,
            sum(count(*)) OVER (PARTITION BY visitor_hk, event_timestamp) > 1 AS are_several
        FROM (
            SELECT visitor_hk, event_timestamp, event_hk, array_agg(DISTINCT step ORDER BY step) AS may_be
            FROM matched
            -- CASE keeps the planner, which knows nothing of how many there are, from a loop of loops.
            WHERE CASE WHEN (visitor_hk, event_timestamp) IN (
                SELECT visitor_hk, event_timestamp FROM summed WHERE matches > 1) THEN true END
            GROUP BY visitor_hk, event_timestamp, event_hk
        ) AS events
        GROUP BY visitor_hk, event_timestamp, may_be
    ),
    instants AS MATERIALIZED (
        SELECT
            visitor_hk, event_timestamp, array_agg(array_to_string(may_be, ' ')) AS kinds,
            array_agg(events) AS counts
        FROM kinds
        WHERE are_several
        GROUP BY visitor_hk, event_timestamp
    ),
    -- From which step to which the events of one instant lead, each of them taken once.
    taken AS (
        SELECT
            instants.visitor_hk, instants.event_timestamp, step AS first_step, step AS last_step,
            ARRAY[kind] AS used, instants.kinds, instants.counts
        FROM instants
        CROSS JOIN LATERAL unnest(instants.kinds) AS kind
        CROSS JOIN LATERAL unnest(string_to_array(kind, ' ')::integer[]) AS step
        UNION
        SELECT
            taken.visitor_hk, taken.event_timestamp, taken.first_step, taken.last_step + 1,
            ARRAY(SELECT unnest(taken.used || next.kind) ORDER BY 1), taken.kinds, taken.counts
        FROM taken
        CROSS JOIN LATERAL unnest(taken.kinds, taken.counts) AS next (kind, events)
        WHERE taken.last_step + 1 = ANY (string_to_array(next.kind, ' ')::integer[])
            AND next.events > cardinality(array_positions(taken.used, next.kind))
    )
    SELECT DISTINCT visitor_hk, event_timestamp, first_step, last_step
    FROM taken
    UNION ALL
    SELECT kinds.visitor_hk, kinds.event_timestamp, step, step
    FROM kinds
    CROSS JOIN LATERAL unnest(kinds.may_be) AS step
    WHERE NOT kinds.are_several
    UNION ALL
    SELECT visitor_hk, event_timestamp, step, step
    FROM summed
    WHERE matches = 1;
END
$body$;
COMMENT ON FUNCTION business.site_funnel_moves(bytea, jsonb, timestamptz, timestamptz, jsonb, boolean, bytea[])
IS 'From which step of a funnel to which the events of an instant take a visitor.';

-- Round by round: who reached a step, and with it the latest beginning of a way to it, so that the time
-- allowed is measured along the shortest way.
CREATE OR REPLACE FUNCTION business.site_funnel_ways(
    tenant bytea, steps jsonb, from_at timestamptz, to_at timestamptz, time_allowed interval, filters jsonb,
    include_bots boolean
) RETURNS TABLE (
    step integer,
    visitor_hk bytea,
    event_timestamp timestamptz
)
LANGUAGE plpgsql
STABLE
ROWS 100000
SET search_path = pg_catalog, pg_temp
AS $body$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH RECURSIVE moves AS MATERIALIZED (
        SELECT * FROM business.site_funnel_moves(tenant, steps, from_at, to_at, filters, include_bots, NULL)
    ),
    reached AS (
        SELECT last_step AS step, visitor_hk, event_timestamp, event_timestamp AS began_at
        FROM moves
        WHERE first_step = 1
        UNION ALL
        SELECT last_step, visitor_hk, event_timestamp, began_at
        FROM (
            SELECT
                last_step,
                visitor_hk,
                event_timestamp,
                max(began_at) OVER (
                    PARTITION BY visitor_hk, step_before
                    ORDER BY event_timestamp
                    RANGE BETWEEN UNBOUNDED PRECEDING AND INTERVAL '1 microsecond' PRECEDING
                ) AS began_at
            FROM (
                SELECT step AS step_before, NULL AS last_step, visitor_hk, event_timestamp, began_at
                FROM reached
                UNION ALL
                SELECT first_step - 1, last_step, visitor_hk, event_timestamp, NULL
                FROM moves
                WHERE first_step > 1
            ) AS candidates
        ) AS later
        WHERE last_step IS NOT NULL
            AND began_at IS NOT NULL
            AND (time_allowed IS NULL OR event_timestamp - began_at <= time_allowed)
    )
    SELECT step, visitor_hk, event_timestamp FROM reached;
END
$body$;
COMMENT ON FUNCTION business.site_funnel_ways(bytea, jsonb, timestamptz, timestamptz, interval, jsonb, boolean)
IS 'Which steps of a funnel visitors reached, each time they did.';

-- Types are characters of a path, so that LIKE tells how far it comes; of steps that there are not it tells nothing.
CREATE OR REPLACE FUNCTION business.site_steps_in_order(types text, ways text[])
RETURNS integer
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
AS $body$
    SELECT CASE
        WHEN types NOT LIKE ways[1] THEN 0
        WHEN types NOT LIKE ways[2] THEN 1
        WHEN types NOT LIKE ways[3] THEN 2
        WHEN types NOT LIKE ways[4] THEN 3
        WHEN types NOT LIKE ways[5] THEN 4
        WHEN types NOT LIKE ways[6] THEN 5
        WHEN types NOT LIKE ways[7] THEN 6
        WHEN types NOT LIKE ways[8] THEN 7
        WHEN types NOT LIKE ways[9] THEN 8
        WHEN types NOT LIKE ways[10] THEN 9
        ELSE cardinality(ways) END
$body$;
COMMENT ON FUNCTION business.site_steps_in_order(text, text[])
IS 'How many of at most ten steps the types of events take one after the other, by the patterns of the first step, the first two, and so on.';

-- The index by which types are read has neither where in a session they are nor so many of them that a page would not
-- hold them. No session is longer than a week.
CREATE OR REPLACE FUNCTION business.site_starts_apart(
    tenant bytea, starts_at timestamptz, from_at timestamptz, to_at timestamptz
) RETURNS SETOF timestamptz
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT key_start
    FROM business.site_session_path_b
    WHERE tenant_hk = tenant
        AND key_start >= starts_at - INTERVAL '1 millisecond'
        AND key_start < from_at
        AND session_end >= from_at
        AND length(types) <= 600
    UNION
    SELECT key_start
    FROM business.site_session_path_b
    WHERE tenant_hk = tenant
        AND key_start >= greatest(from_at, to_at - INTERVAL '7 days 1 millisecond')
        AND key_start < to_at
        AND session_end >= to_at
        AND length(types) <= 600
    UNION
    SELECT key_start
    FROM business.site_session_path_b
    WHERE tenant_hk = tenant
        AND key_start >= starts_at - INTERVAL '1 millisecond'
        AND key_start < to_at
        AND length(types) > 600
$body$;
COMMENT ON FUNCTION business.site_starts_apart(bytea, timestamptz, timestamptz, timestamptz)
IS 'When closed sessions began that are not wholly of a period that has events of them, or have very many events.';

-- Without settings of its own, so that the planner sees through it.
CREATE OR REPLACE FUNCTION business.site_paths_apart(
    tenant bytea, starts_at timestamptz, from_at timestamptz, to_at timestamptz, filters jsonb, chosen bytea[],
    starts_apart timestamptz[]
) RETURNS SETOF business.site_session_path_b
LANGUAGE sql
STABLE
PARALLEL SAFE
ROWS 1000
AS $body$
    SELECT paths.*
    FROM unnest(starts_apart) AS found (key_start)
    CROSS JOIN LATERAL (
        SELECT *
        FROM business.site_session_path_b AS held
        WHERE held.tenant_hk = tenant AND held.key_start = found.key_start
        OFFSET 0
    ) AS paths
    -- Others may have begun with them.
    WHERE filters = '{}' AND (paths.key_start < from_at OR paths.session_end >= to_at OR length(paths.types) > 600)
    UNION ALL
    SELECT *
    FROM business.site_session_path_b
    WHERE chosen IS NOT NULL
        AND tenant_hk = tenant
        AND key_start >= starts_at - INTERVAL '1 millisecond'
        AND key_start < to_at
        AND session_hk = ANY (chosen)
    UNION ALL
    SELECT paths.*
    FROM unnest(business.site_starts_found(filters), business.site_sessions_named(filters, 'closed_sessions'))
        AS found (key_start, session_hk)
    CROSS JOIN LATERAL (
        SELECT *
        FROM business.site_session_path_b AS held
        WHERE held.tenant_hk = tenant
            AND held.key_start = found.key_start
            AND held.session_hk = found.session_hk
        OFFSET 0
    ) AS paths
    WHERE filters ? 'closed_sessions'
$body$;
COMMENT ON FUNCTION business.site_paths_apart(bytea, timestamptz, timestamptz, timestamptz, jsonb, bytea[], timestamptz[])
IS 'The paths of closed sessions that began at given times and are not told by an index; with filters of chosen ones or of those that these name.';

-- Without settings of its own, so that the planner sees through it.
CREATE OR REPLACE FUNCTION business.site_types_within(
    tenant bytea, steps text[], starts_at timestamptz, from_at timestamptz, to_at timestamptz, filters jsonb,
    chosen bytea[], include_bots boolean, starts_apart timestamptz[], of_lower_half boolean
) RETURNS TABLE (
    visitor bigint,
    key_start timestamptz,
    session_end timestamptz,
    has_ties boolean,
    types text
)
LANGUAGE sql
STABLE
PARALLEL SAFE
ROWS 100000
AS $body$
    -- Nothing but what business.site_session_path_b_types has.
    SELECT visitor, key_start, session_end, has_ties, types
    FROM business.site_session_path_b
    WHERE filters = '{}'
        AND tenant_hk = tenant
        AND key_start >= from_at
        AND key_start < to_at
        AND session_end < to_at
        AND length(types) <= 600
        AND (include_bots OR NOT is_bot)
        AND (of_lower_half IS NULL OR (visitor < 0) = of_lower_half)
        AND types LIKE ANY (steps)
    UNION ALL
    SELECT
        visitor, key_start, session_end, has_ties,
        CASE WHEN key_start >= from_at AND session_end < to_at THEN types ELSE substr(
            types, business.site_events_before(key_start, offsets, from_at) + 1,
            business.site_events_before(key_start, offsets, to_at)
                - business.site_events_before(key_start, offsets, from_at)) END
    FROM business.site_paths_apart(tenant, starts_at, from_at, to_at, filters, chosen, starts_apart)
    WHERE session_end >= from_at
        AND (include_bots OR NOT is_bot)
        AND (of_lower_half IS NULL OR (visitor < 0) = of_lower_half)
        AND types LIKE ANY (steps)
$body$;
COMMENT ON FUNCTION business.site_types_within(bytea, text[], timestamptz, timestamptz, timestamptz, jsonb, bytea[], boolean, timestamptz[], boolean)
IS 'The types of the events of a period by closed sessions that have some of the steps, of all visitors or of half of them.';

-- The types of all events of a visitor, one after the other, tell how far it came, where no two sessions are of one
-- time. Where two events are of one instant, their order is one of several: of a step that is not there at all, it tells.
-- A process does with a share of the visitors all that there is to do with their sessions, so that it hands over hardly
-- more than counts. Of what costs little the planner would leave all shares to one process.
CREATE OR REPLACE FUNCTION business.site_funnel_share(
    tenant bytea, steps text[], ways text[], starts_at timestamptz, from_at timestamptz, to_at timestamptz,
    filters jsonb, chosen bytea[], include_bots boolean, starts_apart timestamptz[], opened bigint[],
    of_lower_half boolean
) RETURNS TABLE (
    step integer,
    visitors bigint,
    others bigint[]
)
LANGUAGE plpgsql
STABLE
PARALLEL SAFE
COST 10000000
ROWS 5
SET search_path = pg_catalog, pg_temp
-- The process that asks would have workers of its own beside the one of the other share.
SET max_parallel_workers_per_gather = 0
AS $body$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH placed AS (
        SELECT
            visitor, key_start, types, has_ties,
            lag(session_end) OVER (PARTITION BY visitor ORDER BY key_start)
                >= key_start - INTERVAL '1 millisecond' AS is_mixed
        FROM business.site_types_within(
            tenant, steps, starts_at, from_at, to_at, filters, chosen, include_bots, starts_apart, of_lower_half)
    ),
    -- OFFSET keeps what is worked out once from being worked out by each who asks.
    together AS (
        SELECT
            visitor, string_agg(types, '' ORDER BY key_start) AS types,
            coalesce(bool_or(is_mixed), false) AS is_mixed, bool_or(has_ties) AS has_ties
        FROM placed
        GROUP BY visitor
        OFFSET 0
    ),
    reached AS (
        SELECT visitor, types, is_mixed, has_ties, business.site_steps_in_order(types, ways) AS step
        FROM together
        WHERE visitor <> ALL (opened)
        OFFSET 0
    ),
    told AS (
        SELECT
            visitor, step, is_mixed OR has_ties AND step < cardinality(steps) AND types LIKE steps[step + 1] AS is_open
        FROM reached
    )
    SELECT step, count(*) FILTER (WHERE NOT is_open), array_agg(visitor) FILTER (WHERE is_open)
    FROM told
    GROUP BY step;
END
$body$;
COMMENT ON FUNCTION business.site_funnel_share(bytea, text[], text[], timestamptz, timestamptz, timestamptz, jsonb, bytea[], boolean, timestamptz[], bigint[], boolean)
IS 'How many visitors without an open session came as far as a step, and whose events must be put in order; of all visitors or of half of them.';

CREATE OR REPLACE FUNCTION business.site_funnel_shares(
    tenant bytea, steps text[], ways text[], starts_at timestamptz, from_at timestamptz, to_at timestamptz,
    filters jsonb, chosen bytea[], include_bots boolean, opened bigint[]
) RETURNS TABLE (
    step integer,
    visitors bigint,
    others bigint[]
)
LANGUAGE plpgsql
STABLE
ROWS 10
SET search_path = pg_catalog, pg_temp
AS $body$
#variable_conflict use_column
DECLARE
    starts_apart CONSTANT timestamptz[] := CASE WHEN filters = '{}' THEN ARRAY(
        SELECT business.site_starts_apart(tenant, starts_at, from_at, to_at)) END;
BEGIN
    -- Sessions that were found before are few.
    IF filters ? 'closed_sessions' OR NOT business.site_are_many_events(tenant, from_at, to_at) THEN
        RETURN QUERY
        SELECT *
        FROM business.site_funnel_share(
            tenant, steps, ways, starts_at, from_at, to_at, filters, chosen, include_bots, starts_apart, opened, NULL);
        RETURN;
    END IF;
    -- RETURN QUERY, as no SELECT INTO has parallel workers.
    RETURN QUERY
    SELECT *
    FROM business.site_funnel_share(
        tenant, steps, ways, starts_at, from_at, to_at, filters, chosen, include_bots, starts_apart, opened, true)
    UNION ALL
    SELECT *
    FROM business.site_funnel_share(
        tenant, steps, ways, starts_at, from_at, to_at, filters, chosen, include_bots, starts_apart, opened, false);
END
$body$;
COMMENT ON FUNCTION business.site_funnel_shares(bytea, text[], text[], timestamptz, timestamptz, timestamptz, jsonb, bytea[], boolean, bigint[])
IS 'As business.site_funnel_share of all visitors, by halves where there are many events.';

CREATE OR REPLACE FUNCTION business.site_funnel_by_types(
    tenant bytea, codes text[], from_at timestamptz, to_at timestamptz, filters jsonb, include_bots boolean,
    OUT visitors bigint[], OUT others bytea[]
)
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
#variable_conflict use_column
DECLARE
    -- An event may lie in a session that began before; no session is longer than a week.
    starts_at CONSTANT timestamptz := CASE WHEN filters = '{}' THEN from_at - INTERVAL '7 days' ELSE from_at END;
    opened CONSTANT bytea[] := ARRAY(
        SELECT DISTINCT visitor_hk FROM business.site_open_sessions(tenant, starts_at, to_at));
    chosen CONSTANT bytea[] := CASE WHEN filters <> '{}' AND NOT filters ? 'closed_sessions' THEN ARRAY(
        SELECT session_hk FROM business.site_filtered_sessions(tenant, starts_at, to_at, filters, include_bots)) END;
    steps CONSTANT text[] := ARRAY(SELECT '%' || code || '%' FROM unnest(codes) AS code);
    ways CONSTANT text[] := ARRAY(
        SELECT '%' || array_to_string(codes[:step], '%') || '%'
        FROM generate_subscripts(codes, 1) AS step
        ORDER BY step);
    to_put_in_order bigint[] := '{}';
    told record;
BEGIN
    visitors := array_fill(0::bigint, ARRAY[cardinality(codes)]);
    FOR told IN
        SELECT *
        FROM business.site_funnel_shares(
            tenant, steps, ways, starts_at, from_at, to_at, filters, chosen, include_bots,
            ARRAY(SELECT business.site_short_key(visitor_hk) FROM unnest(opened) AS visitor_hk))
    LOOP
        FOR reached IN 1..told.step LOOP
            visitors[reached] := visitors[reached] + told.visitors;
        END LOOP;
        to_put_in_order := to_put_in_order || told.others;
    END LOOP;
    others := opened || ARRAY(
        SELECT hubs.visitor_hk
        FROM unnest(to_put_in_order) AS visitor
        CROSS JOIN LATERAL (
            SELECT visitor_hk
            FROM business.site_visitor_h
            WHERE visitor_hk BETWEEN int8send(visitor) AND business.site_last_key(int8send(visitor))
            OFFSET 0
        ) AS hubs);
END
$body$;
COMMENT ON FUNCTION business.site_funnel_by_types(bytea, text[], timestamptz, timestamptz, jsonb, boolean)
IS 'How many visitors reached the steps of a funnel that asks for types alone, in any time; but for some, which it names: whose events are of one instant, or sessions of one time or open.';

-- Without a limit of time only the first time counts at which a visitor reached a step.
CREATE OR REPLACE FUNCTION business.site_funnel_counts(
    tenant bytea, steps jsonb, from_at timestamptz, to_at timestamptz, time_allowed interval, filters jsonb,
    include_bots boolean
) RETURNS TABLE (
    step integer,
    visitors bigint
)
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
#variable_conflict use_column
DECLARE
    told bigint[];
    of_visitors bytea[];
BEGIN
    IF time_allowed IS NOT NULL THEN
        RETURN QUERY
        SELECT step, count(DISTINCT visitor_hk)
        FROM business.site_funnel_ways(tenant, steps, from_at, to_at, time_allowed, filters, include_bots)
        GROUP BY step;
        RETURN;
    END IF;
    IF NOT steps @? '$[*] ? (exists(@.page_url) || exists(@.item_id))' THEN
        SELECT found.visitors, found.others
        INTO told, of_visitors
        FROM business.site_funnel_by_types(
            tenant,
            ARRAY(SELECT code FROM business.site_funnel_steps(tenant, steps) ORDER BY step),
            from_at, to_at, filters, include_bots) AS found;
    END IF;
    RETURN QUERY
    WITH RECURSIVE moves AS MATERIALIZED (
        SELECT *
        FROM business.site_funnel_moves(tenant, steps, from_at, to_at, filters, include_bots, of_visitors)
        WHERE of_visitors IS DISTINCT FROM '{}'
    ),
    reached AS (
        SELECT last_step AS step, visitor_hk, min(event_timestamp) AS event_timestamp
        FROM moves
        WHERE first_step = 1
        GROUP BY last_step, visitor_hk
        UNION ALL
        SELECT *
        FROM (
            SELECT DISTINCT ON (moves.last_step, moves.visitor_hk)
                moves.last_step, moves.visitor_hk, moves.event_timestamp
            FROM reached
            JOIN moves
                ON moves.visitor_hk = reached.visitor_hk
                AND moves.first_step = reached.step + 1
                AND moves.event_timestamp > reached.event_timestamp
            ORDER BY moves.last_step, moves.visitor_hk, moves.event_timestamp
        ) AS later
    )
    SELECT counts.step, sum(counts.visitors)::bigint
    FROM (
        SELECT step, count(DISTINCT visitor_hk) AS visitors FROM reached GROUP BY step
        UNION ALL
        SELECT by_types.step::integer, by_types.visitors
        FROM unnest(told) WITH ORDINALITY AS by_types (visitors, step)
    ) AS counts
    GROUP BY counts.step;
END
$body$;
COMMENT ON FUNCTION business.site_funnel_counts(bytea, jsonb, timestamptz, timestamptz, interval, jsonb, boolean)
IS 'How many visitors reached the steps of a funnel.';

CREATE OR REPLACE FUNCTION business.site_funnel_cost(
    tenant bytea, from_at timestamptz, to_at timestamptz, steps jsonb, in_any_time boolean
) RETURNS numeric
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    -- Of types alone the paths tell it as they are, else their events are put in order.
    SELECT business.site_own_events(tenant, from_at, to_at) * CASE
        WHEN in_any_time AND NOT steps @? '$[*] ? (exists(@.page_url) || exists(@.item_id))' THEN 0.2
        ELSE 2.5 END
$body$;
COMMENT ON FUNCTION business.site_funnel_cost(bytea, timestamptz, timestamptz, jsonb, boolean)
IS 'What a funnel costs without its filters, in events read.';

CREATE OR REPLACE FUNCTION business.site_funnel(tenant bytea, steps jsonb, given jsonb)
RETURNS jsonb
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
#variable_conflict use_column
DECLARE
    asked CONSTANT record := business.site_question(tenant, given, 30, 'include_bots', 'window_minutes', 'filters');
    filters CONSTANT jsonb := business.site_filters(asked.options);
    include_bots CONSTANT boolean := coalesce((asked.options -> 'include_bots')::boolean, false);
    time_allowed CONSTANT interval := (asked.options -> 'window_minutes')::integer * INTERVAL '1 minute';
    answer jsonb;
BEGIN
    PERFORM business.site_check_steps(steps);
    PERFORM business.site_check_cost(
        tenant,
        business.site_funnel_cost(tenant, asked.from_at, asked.to_at, steps, time_allowed IS NULL)
            + business.site_filters_cost(tenant, asked.from_at, asked.to_at, filters),
        asked.options,
        VARIADIC business.site_narrow_filters(filters));
    WITH counts AS (
        SELECT
            step,
            coalesce(found.visitors, 0) AS visitors,
            first_value(coalesce(found.visitors, 0)) OVER (ORDER BY step) AS first_visitors,
            lag(coalesce(found.visitors, 0)) OVER (ORDER BY step) AS previous_visitors
        FROM generate_series(1, jsonb_array_length(steps)) AS step
        LEFT JOIN (
            SELECT *
            FROM business.site_funnel_counts(
                tenant, steps, asked.from_at, asked.to_at, time_allowed,
                business.site_resolved_filters(tenant, asked.from_at, asked.to_at, filters), include_bots)
        ) AS found USING (step)
    )
    SELECT asked.head || jsonb_build_object(
        'steps', jsonb_agg(
            (steps -> step - 1) || jsonb_build_object(
                'visitors', visitors,
                'rate_of_first', business.site_rate(visitors, first_visitors, 4),
                'rate_of_previous', business.site_rate(visitors, previous_visitors, 4))
            ORDER BY step),
        'conversion_rate', business.site_rate(
            min(visitors), max(visitors) FILTER (WHERE step = 1), 4))
    INTO answer
    FROM counts;
    RETURN answer;
END
$body$;
COMMENT ON FUNCTION business.site_funnel(bytea, jsonb, jsonb)
IS 'The data of api.get_funnel. Errors: ST400.';

-- Whole days by the clock of the rollup. One that shows a day twice is told by sessions.
CREATE OR REPLACE FUNCTION business.site_has_cohorts(
    tenant bytea, from_at timestamptz, to_at timestamptz, zone text, filters jsonb
) RETURNS boolean
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT filters = '{}'
        AND from_at >= '2012-01-01 00:00:00Z'
        AND from_at = business.site_local_instant((from_at AT TIME ZONE zone)::date::timestamp, zone)
        AND to_at = business.site_local_instant((to_at AT TIME ZONE zone)::date::timestamp, zone)
        AND EXISTS (
            SELECT FROM business.site_cohort_zone_b WHERE tenant_hk = tenant AND lower(time_zone) = lower(zone))
$body$;
COMMENT ON FUNCTION business.site_has_cohorts(bytea, timestamptz, timestamptz, text, jsonb)
IS 'Whether business.site_cohort_b answers a question for retention.';

CREATE OR REPLACE FUNCTION business.site_summed_returns(tenant bytea, starts timestamptz[], to_at timestamptz, zone text)
RETURNS TABLE (
    cohort integer,
    later integer,
    visitors numeric
)
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
#variable_conflict use_column
DECLARE
    days CONSTANT date[] := ARRAY(
        SELECT (instant AT TIME ZONE zone)::date
        FROM unnest(starts) WITH ORDINALITY AS intervals (instant, number)
        ORDER BY number);
    day_after CONSTANT date := (to_at AT TIME ZONE zone)::date;
BEGIN
    RETURN QUERY
    SELECT cohort, number - cohort, sum(visitors)
    FROM (
        SELECT
            width_bucket(first_day, days) AS cohort, width_bucket(day, days) AS number, previous_day,
            sum(visitors) AS visitors
        FROM business.site_cohort_b
        WHERE tenant_hk = tenant AND first_day >= days[1] AND first_day < day_after AND day < day_after
        GROUP BY 1, 2, 3
    ) AS came
    -- Once in an interval.
    WHERE previous_day < days[number]
    GROUP BY cohort, number;
END
$body$;
COMMENT ON FUNCTION business.site_summed_returns(bytea, timestamptz[], timestamptz, text)
IS 'How many visitors of each cohort came in its interval and so many later, by business.site_cohort_b.';

CREATE OR REPLACE FUNCTION business.site_counted_returns(
    tenant bytea, starts timestamptz[], from_at timestamptz, to_at timestamptz, filters jsonb
) RETURNS TABLE (
    cohort integer,
    later integer,
    visitors numeric
)
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
#variable_conflict use_column
DECLARE
    -- A bit for each interval.
    never CONSTANT varbit := repeat('0', cardinality(starts))::varbit;
BEGIN
    RETURN QUERY
    WITH sessions AS (
        SELECT
            visitor_hk, width_bucket(session_start, starts) AS number,
            -- Of who first came by a session that passes all sessions count.
            previous_start IS NULL AND (filters = '{}' OR session_hk IN (
                SELECT chosen.session_hk
                FROM business.site_filtered_sessions(tenant, from_at, to_at, filters, false) AS chosen)) AS is_first
        FROM business.site_session_b
        WHERE tenant_hk = tenant
            AND NOT is_bot
            AND session_start >= from_at
            AND session_start < to_at
            AND key_start >= date_trunc('milliseconds', from_at)
            AND key_start < to_at
    ),
    visitors AS (
        SELECT min(number) FILTER (WHERE is_first) AS cohort, bit_or(set_bit(never, number - 1, 1)) AS came
        FROM sessions
        GROUP BY visitor_hk
    ),
    -- Few of the ways to come again are taken by many.
    habits AS MATERIALIZED (
        SELECT cohort, came, count(*) AS visitors
        FROM visitors
        WHERE cohort IS NOT NULL
        GROUP BY cohort, came
    )
    SELECT cohort, number - cohort, sum(visitors)
    FROM habits
    CROSS JOIN LATERAL generate_series(cohort, cardinality(starts)) AS number
    WHERE get_bit(came, number - 1) = 1
    GROUP BY 1, 2;
END
$body$;
COMMENT ON FUNCTION business.site_counted_returns(bytea, timestamptz[], timestamptz, timestamptz, jsonb)
IS 'As business.site_summed_returns, from the sessions themselves: of visitors whose first session passes the filters.';

CREATE OR REPLACE FUNCTION business.site_retention(tenant bytea, given jsonb)
RETURNS jsonb
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
#variable_conflict use_column
DECLARE
    asked CONSTANT record := business.site_question(tenant, given, 56, 'interval', 'filters');
    filters CONSTANT jsonb := business.site_filters(asked.options);
    unit CONSTANT text := coalesce(asked.options ->> 'interval', 'week');
    from_at CONSTANT timestamptz := asked.from_at;
    to_at CONSTANT timestamptz := asked.to_at;
    is_summed CONSTANT boolean := business.site_has_cohorts(tenant, from_at, to_at, asked.zone, filters);
    starts timestamptz[];
    labels text[];
    passed jsonb;
    cohorts jsonb;
BEGIN
    IF unit = 'hour' THEN
        PERFORM business.site_argument_error('interval', 'One of day, week, month.');
    END IF;
    SELECT array_agg(starts_at ORDER BY number), array_agg(label ORDER BY number)
    INTO starts, labels
    FROM business.site_intervals(from_at, to_at, asked.zone, unit);
    IF cardinality(starts) > 100 THEN
        PERFORM business.site_argument_error('interval', 'At most 100 intervals: ask for longer ones.');
    END IF;
    PERFORM business.site_check_cost(
        tenant,
        business.site_own_events(tenant, from_at, to_at) * CASE WHEN is_summed THEN 0.01 ELSE 0.1 END
            + business.site_filters_cost(tenant, from_at, to_at, filters),
        asked.options,
        VARIADIC business.site_narrow_filters(filters));
    passed := business.site_resolved_filters(tenant, from_at, to_at, filters);
    WITH counts AS MATERIALIZED (
        SELECT * FROM business.site_summed_returns(tenant, starts, to_at, asked.zone) WHERE is_summed
        UNION ALL
        SELECT * FROM business.site_counted_returns(tenant, starts, from_at, to_at, passed) WHERE NOT is_summed
    )
    SELECT jsonb_agg(jsonb_build_object(
            'start', business.site_utc(starts[cohort]),
            'label', labels[cohort],
            'visitors', visitors[1],
            'returned', to_jsonb(visitors),
            'rates', (
                SELECT jsonb_agg(business.site_rate(number, visitors[1], 4) ORDER BY place)
                FROM unnest(visitors) WITH ORDINALITY AS parts (number, place)))
        ORDER BY cohort)
    INTO cohorts
    FROM (
        SELECT cells.cohort, array_agg(coalesce(counts.visitors, 0) ORDER BY cells.later) AS visitors
        FROM (
            SELECT cohort, later
            FROM generate_subscripts(starts, 1) AS cohort
            CROSS JOIN LATERAL generate_series(0, cardinality(starts) - cohort) AS later
        ) AS cells
        LEFT JOIN counts ON counts.cohort = cells.cohort AND counts.later = cells.later
        GROUP BY cells.cohort
    ) AS rows;
    RETURN asked.head || jsonb_build_object('interval', unit, 'cohorts', cohorts);
END
$body$;
COMMENT ON FUNCTION business.site_retention(bytea, jsonb)
IS 'The data of api.get_retention. Errors: ST400.';

CREATE OR REPLACE FUNCTION business.site_event_cursor(
    options jsonb, OUT event_timestamp timestamptz, OUT event_hk bytea
)
LANGUAGE plpgsql
IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    parts text[];
BEGIN
    IF NOT options ? 'cursor' THEN
        RETURN;
    END IF;
    parts := regexp_match(
        CASE WHEN jsonb_typeof(options -> 'cursor') = 'string' THEN options ->> 'cursor' END,
        '^(-?[0-9]{1,16})-([0-9a-f]{64})$');
    IF parts IS NULL THEN
        PERFORM business.site_argument_error('cursor', 'The next_cursor of an answer.');
    END IF;
    event_timestamp := timestamptz 'epoch' + parts[1]::bigint * INTERVAL '1 microsecond';
    event_hk := decode(parts[2], 'hex');
END
$body$;
COMMENT ON FUNCTION business.site_event_cursor(jsonb)
IS 'The event after which a page of events goes on; NULL for the first page. Errors: ST400.';

CREATE OR REPLACE FUNCTION business.site_events_cost(
    tenant bytea, from_at timestamptz, to_at timestamptz, most integer, options jsonb
) RETURNS numeric
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    -- With filters it may take all events of the period to find a page of them, without as many as it
    -- takes to meet those of the tenant among all.
    SELECT
        CASE WHEN options ?| '{visitor,filters}' THEN counts.own ELSE 0 END
        + 0.1 * CASE WHEN options ?| '{evt_type,page_url,visitor,filters,opted_out}' OR counts.own = 0 THEN counts.stored
            ELSE least(counts.stored, most * counts.stored / counts.own) END
    FROM (
        SELECT
            business.site_own_events(tenant, from_at, to_at) AS own,
            business.site_all_events(from_at, to_at) AS stored
    ) AS counts
$body$;
COMMENT ON FUNCTION business.site_events_cost(bytea, timestamptz, timestamptz, integer, jsonb)
IS 'What a page of api.get_events costs, in events read.';

-- As staging.site_tracking_events_v tells it.
CREATE OR REPLACE FUNCTION business.site_opted_out(payload json)
RETURNS boolean
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
AS $body$
    SELECT coalesce(payload ->> 'gpc', '') = 'true' OR lower(coalesce(payload #>> '{properties,limit_use}', '')) IN ('true', '1')
    WHERE payload IS NOT NULL
$body$;
COMMENT ON FUNCTION business.site_opted_out(json)
IS 'Whether who sent an event objects to sale and sharing (gpc) or to more than the necessary use (limit_use); NULL where the payload is gone.';

CREATE OR REPLACE FUNCTION business.site_named_items(items jsonb, names jsonb)
RETURNS jsonb
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
AS $body$
    SELECT jsonb_agg(item || jsonb_build_object('item_name', names -> (item ->> 'item_id')) ORDER BY place)
    FROM jsonb_array_elements(items) WITH ORDINALITY AS listed (item, place)
$body$;
COMMENT ON FUNCTION business.site_named_items(jsonb, jsonb)
IS 'The items of an event with their names, which are given by item_id; NULL for those without one.';

CREATE OR REPLACE FUNCTION business.site_events(tenant bytea, given jsonb)
RETURNS jsonb
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
#variable_conflict use_column
DECLARE
    asked CONSTANT record := business.site_question(tenant, given, 30, 'limit', 'cursor', 'evt_type',
        'page_url', 'visitor', 'filters', 'include_bots', 'opted_out');
    options CONSTANT jsonb := asked.options;
    filters CONSTANT jsonb := business.site_filters(options);
    most CONSTANT integer := coalesce((options -> 'limit')::integer, 100);
    after_event CONSTANT record := business.site_event_cursor(options);
    least_sequence CONSTANT bigint := -9223372036854775808;
    include_bots CONSTANT boolean := coalesce((options -> 'include_bots')::boolean, false);
    of_type CONSTANT text := options ->> 'evt_type';
    opted_out CONSTANT boolean := (options -> 'opted_out')::boolean;
    page CONSTANT bytea := business.site_hash_key(tenant, options ->> 'page_url');
    visitor CONSTANT bytea := business.site_hash_key(tenant, options ->> 'visitor');
    from_at timestamptz := asked.from_at;
    to_at timestamptz := least(asked.to_at, after_event.event_timestamp + INTERVAL '1 microsecond');
    -- Sessions that are named began when their keys say.
    starts CONSTANT timestamptz[] := ARRAY(
        SELECT begun
        FROM jsonb_array_elements_text(filters -> 'session') AS session_bk
        CROSS JOIN LATERAL unnest(business.site_starts_of_key(session_bk)) AS begun
        WHERE begun IS NOT NULL
        ORDER BY begun);
    starts_from CONSTANT timestamptz := greatest(asked.from_at, starts[1]);
    starts_to CONSTANT timestamptz := least(asked.to_at, starts[cardinality(starts)] + INTERVAL '1 millisecond');
    after_timestamp CONSTANT timestamptz := after_event.event_timestamp;
    -- Before all of its instant where the event is gone.
    after_sequence bigint := least_sequence;
    after_bk text := '';
    is_chosen CONSTANT boolean := visitor IS NOT NULL OR filters <> '{}';
    chosen_timestamps timestamptz[];
    chosen_keys bytea[];
    timestamps timestamptz[];
    keys bytea[];
    first_at timestamptz;
    last_at timestamptz;
    answer jsonb;
BEGIN
    -- Of a session it would cost more to find out what it costs.
    IF starts = '{}' OR starts_to - starts_from > INTERVAL '1 day' THEN
        PERFORM business.site_check_cost(
            tenant,
            business.site_events_cost(tenant, from_at, to_at, most, options)
                + business.site_filters_cost(tenant, from_at, asked.to_at, filters),
            options,
            VARIADIC business.site_narrow_filters(filters));
    END IF;
    IF filters <> '{}' THEN
        SELECT coalesce(array_agg(event_timestamp), '{}'), coalesce(array_agg(event_hk), '{}')
        INTO chosen_timestamps, chosen_keys
        FROM business.site_session_events(tenant, starts_from, starts_to,
            business.site_resolved_filters(tenant, starts_from, starts_to, filters), include_bots)
        WHERE visitor IS NULL OR visitor_hk = visitor;
    ELSIF is_chosen THEN
        SELECT coalesce(array_agg(event_timestamp), '{}'), coalesce(array_agg(event_hk), '{}')
        INTO chosen_timestamps, chosen_keys
        FROM business.site_visitor_events(tenant, from_at, to_at, visitor);
    END IF;
    IF is_chosen THEN
        SELECT greatest(from_at, min(chosen)), CASE WHEN count(*) = 0 THEN from_at ELSE least(to_at, max(chosen) + INTERVAL '1 microsecond') END
        INTO from_at, to_at
        FROM unnest(chosen_timestamps) AS chosen;
    END IF;
    IF after_timestamp IS NOT NULL THEN
        SELECT coalesce(max(events.sequence), least_sequence), coalesce(max(hubs.event_bk), '')
        INTO after_sequence, after_bk
        FROM business.site_event_h AS hubs
        JOIN business.site_event_details_s AS events
            ON events.event_timestamp = after_timestamp AND events.event_hk = hubs.event_hk
        WHERE hubs.event_timestamp = after_timestamp
            AND hubs.event_hk = after_event.event_hk
            AND hubs.tenant_hk = tenant;
    END IF;
    -- The order of sessions, the latest first: time, sequence, key.
    SELECT
        array_agg(event_timestamp ORDER BY event_timestamp DESC, place DESC, event_bk COLLATE "C" DESC),
        array_agg(event_hk ORDER BY event_timestamp DESC, place DESC, event_bk COLLATE "C" DESC)
    INTO timestamps, keys
    FROM (
        SELECT
            events.event_timestamp, events.event_hk, coalesce(events.sequence, least_sequence) AS place,
            hubs.event_bk
        FROM business.site_event_details_s AS events
        CROSS JOIN LATERAL (
            SELECT event_bk
            FROM business.site_event_h
            WHERE event_timestamp = events.event_timestamp
                AND event_hk = events.event_hk
                -- So that not all days need be planned for.
                AND event_timestamp >= from_at
                AND event_timestamp < to_at
            OFFSET 0
        ) AS hubs
        WHERE events.tenant_hk = tenant
            AND events.event_timestamp >= from_at
            AND events.event_timestamp < to_at
            AND (after_timestamp IS NULL
                OR events.event_timestamp < after_timestamp
                OR (coalesce(events.sequence, least_sequence), hubs.event_bk COLLATE "C")
                    < (after_sequence, after_bk COLLATE "C"))
            AND (include_bots OR NOT events.is_bot)
            AND (of_type IS NULL OR events.evt_type = of_type)
            -- Of whom it is not known is on neither side.
            AND (opted_out IS NULL OR opted_out = (
                SELECT business.site_opted_out(arrived.payload)
                FROM raw.site_tracking_events_r AS arrived
                WHERE arrived.event_timestamp = events.event_timestamp AND arrived.event_hk = events.event_hk))
            AND (page IS NULL OR EXISTS (
                SELECT FROM business.event_page_l AS pages
                WHERE pages.event_timestamp = events.event_timestamp
                    AND pages.event_hk = events.event_hk
                    AND pages.page_hk = page))
            AND (NOT is_chosen OR (events.event_timestamp, events.event_hk) IN (
                SELECT * FROM unnest(chosen_timestamps, chosen_keys)))
        ORDER BY events.event_timestamp DESC, place DESC, hubs.event_bk COLLATE "C" DESC
        LIMIT most + 1
    ) AS page_of_events;
    first_at := timestamps[least(most, cardinality(timestamps))];
    last_at := timestamps[1];

    WITH listed AS MATERIALIZED (
        SELECT event_timestamp, event_hk, place
        FROM unnest(timestamps, keys) WITH ORDINALITY AS given (event_timestamp, event_hk, place)
        WHERE place <= most
    ),
    -- First, as of a day that has just begun the planner knows nothing, and would look at all sessions for each event.
    linked AS MATERIALIZED (
        SELECT listed.place, listed.event_timestamp, links.session_hk
        FROM listed
        CROSS JOIN LATERAL (
            SELECT session_hk
            FROM business.event_session_l
            WHERE event_timestamp = listed.event_timestamp
                AND event_hk = listed.event_hk
                AND event_timestamp BETWEEN first_at AND last_at
                AND tenant_hk = tenant
            OFFSET 0
        ) AS links
    ),
    sessions AS MATERIALIZED (
        SELECT DISTINCT ON (linked.place)
            linked.place, hubs.session_bk, held.visitor_hk
        FROM linked
        JOIN business.site_session_h AS hubs ON hubs.session_hk = linked.session_hk
        JOIN business.site_session_b AS held
            ON held.tenant_hk = tenant
            AND held.session_hk = linked.session_hk
            AND held.key_start = ANY (business.site_starts_of_key(hubs.session_bk))
        -- The end of an open session may be later than the bridge knows.
        WHERE linked.event_timestamp >= held.session_start
            AND (held.session_status = 'OPEN' OR linked.event_timestamp <= held.session_end)
        ORDER BY linked.place, held.session_start DESC, linked.session_hk
    ),
    -- Each item once, however many of these events tell of it.
    names AS MATERIALIZED (
        SELECT jsonb_object_agg(met.item_id, latest.item_name) AS by_id
        FROM (
            SELECT DISTINCT items.item_id
            FROM listed
            CROSS JOIN LATERAL (
                SELECT items
                FROM business.site_event_details_s
                WHERE event_timestamp = listed.event_timestamp
                    AND event_hk = listed.event_hk
                    AND event_timestamp BETWEEN first_at AND last_at
                OFFSET 0
            ) AS details
            CROSS JOIN LATERAL jsonb_to_recordset(details.items) AS items (item_id text)
        ) AS met
        CROSS JOIN LATERAL (
            SELECT item_name
            FROM business.business_item_details_s
            WHERE business_item_hk = business.site_hash_key(tenant, met.item_id)
            ORDER BY event_timestamp DESC, load_date DESC
            LIMIT 1
        ) AS latest
    )
    SELECT asked.head - 'timezone' || jsonb_build_object(
        'events', coalesce(jsonb_agg(
            jsonb_strip_nulls(jsonb_build_object(
                'event_id', hubs.event_bk,
                'evt_type', details.evt_type,
                'event_timestamp', business.site_utc(listed.event_timestamp),
                'session', sessions.session_bk,
                'visitor', visitors.visitor_bk,
                'page_url', pages.page_bk,
                'page_title', details.page_title,
                'referrer_url', details.referrer_url,
                'evt_category', details.evt_category,
                'evt_action', details.evt_action,
                'evt_label', details.evt_label,
                'evt_value', details.evt_value,
                'page_view_id', details.page_view_id,
                'element_id', details.element_id,
                'scroll_depth', details.scroll_depth,
                'time_on_page', details.time_on_page,
                'transaction_id', details.transaction_id,
                'value', details.value,
                'currency', details.currency,
                'items', business.site_named_items(details.items, names.by_id),
                'properties', details.properties,
                'is_bot', details.is_bot,
                'load_date', business.site_utc(details.load_date)))
            ORDER BY listed.place), '[]'),
        'next_cursor', CASE WHEN cardinality(timestamps) > most THEN
            (extract(epoch FROM timestamps[most]) * 1000000)::bigint || '-' || encode(keys[most], 'hex') END)
    INTO answer
    FROM listed
    CROSS JOIN names
    JOIN business.site_event_h AS hubs
        ON hubs.event_timestamp = listed.event_timestamp AND hubs.event_hk = listed.event_hk
    JOIN business.site_event_details_s AS details
        ON details.event_timestamp = listed.event_timestamp AND details.event_hk = listed.event_hk
    LEFT JOIN business.event_page_l AS links
        ON links.event_timestamp = listed.event_timestamp
        AND links.event_hk = listed.event_hk
        AND links.event_timestamp BETWEEN first_at AND last_at
    LEFT JOIN business.site_page_h AS pages ON pages.page_hk = links.page_hk
    LEFT JOIN sessions ON sessions.place = listed.place
    LEFT JOIN business.site_visitor_h AS visitors ON visitors.visitor_hk = sessions.visitor_hk
    WHERE hubs.event_timestamp BETWEEN first_at AND last_at
        AND details.event_timestamp BETWEEN first_at AND last_at;
    RETURN answer;
END
$body$;
COMMENT ON FUNCTION business.site_events(bytea, jsonb)
IS 'The data of api.get_events. Errors: ST400.';

-- A step's sessions are those in which visitors took it; who left before a step took the one before it,
-- and never the step itself.
CREATE OR REPLACE FUNCTION business.site_sessions_at_step(
    tenant bytea, steps jsonb, from_at timestamptz, to_at timestamptz, filters jsonb, options jsonb
) RETURNS bytea[]
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
-- As business.site_session_events.
SET enable_nestloop = off
AS $body$
#variable_conflict use_column
DECLARE
    at_step CONSTANT integer := coalesce((options -> 'step')::integer, jsonb_array_length(steps));
    has_left CONSTANT boolean := coalesce(options ->> 'outcome', 'reached') = 'left';
    found bytea[];
BEGIN
    IF at_step > jsonb_array_length(steps) OR has_left AND at_step = 1 THEN
        PERFORM business.site_argument_error('step', 'A step of the funnel; before the first one nobody leaves.');
    END IF;
    WITH ways AS MATERIALIZED (
        SELECT *
        FROM business.site_funnel_ways(
            tenant, steps, from_at, to_at, (options -> 'window_minutes')::integer * INTERVAL '1 minute', filters,
            coalesce((options -> 'include_bots')::boolean, false))
    ),
    taken AS (
        SELECT visitor_hk, event_timestamp
        FROM ways
        WHERE step = at_step - has_left::integer
            AND NOT (has_left AND visitor_hk IN (SELECT visitor_hk FROM ways WHERE step = at_step))
    )
    SELECT coalesce(array_agg(DISTINCT session_hk), '{}')
    INTO found
    FROM (
        -- Where two of a visitor meet in one instant it is the later one's.
        SELECT DISTINCT ON (taken.visitor_hk, taken.event_timestamp) sessions.session_hk
        FROM taken
        JOIN business.site_sessions(tenant, from_at - INTERVAL '7 days', to_at) AS sessions
            ON sessions.visitor_hk = taken.visitor_hk
            AND taken.event_timestamp BETWEEN sessions.session_start AND sessions.session_end
        ORDER BY taken.visitor_hk, taken.event_timestamp, sessions.session_start DESC, sessions.session_hk
    ) AS sessions_of_steps;
    RETURN found;
END
$body$;
COMMENT ON FUNCTION business.site_sessions_at_step(bytea, jsonb, timestamptz, timestamptz, jsonb, jsonb)
IS 'The sessions behind a step of a funnel. Errors: ST400.';

CREATE OR REPLACE FUNCTION business.site_session_json(
    session business.site_session_b, session_bk text, visitor_bk text
) RETURNS jsonb
LANGUAGE sql
STABLE
PARALLEL SAFE
AS $body$
    SELECT jsonb_strip_nulls(jsonb_build_object(
        'session', session_bk,
        'visitor', visitor_bk,
        'status', session.session_status,
        'from', business.site_utc(session.session_start),
        'to', business.site_utc(session.session_end),
        'duration_seconds', session.duration_seconds,
        'engaged_seconds', session.engaged_seconds,
        'events', session.total_events,
        'pageviews', session.page_views,
        'conversions', session.conversions,
        'revenue', session.revenue,
        'refunds', session.refunds,
        'is_bounce', session.is_bounce,
        'entry_page', session.entry_page_url,
        'exit_page', session.exit_page_url,
        'channel', session.channel,
        'source', coalesce(session.utm_source, session.referrer_host),
        'utm_campaign', session.utm_campaign,
        'device', session.device_type,
        'browser', session.browser,
        'os', session.os,
        'language', session.language,
        'country', session.country,
        'is_bot', session.is_bot))
$body$;
COMMENT ON FUNCTION business.site_session_json(business.site_session_b, text, text)
IS 'A session as answers tell it.';

-- Whose it is not known, as the payload of an event is gone, is on neither side.
CREATE OR REPLACE FUNCTION business.site_sessions_opted(
    tenant bytea, from_at timestamptz, to_at timestamptz, opted_out boolean
)
RETURNS bytea[]
LANGUAGE sql
STABLE
PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT coalesce(array_agg(told.session_hk), '{}')
    FROM (
        SELECT links.session_hk, bool_or(business.site_opted_out(arrived.payload)) AS any_out,
            bool_or(arrived.payload IS NULL) AS any_gone
        FROM business.event_session_l AS links
        LEFT JOIN raw.site_tracking_events_r AS arrived
            ON arrived.event_timestamp = links.event_timestamp
            AND arrived.event_hk = links.event_hk
            AND arrived.event_timestamp >= from_at
            AND arrived.event_timestamp < to_at + INTERVAL '7 days'
        WHERE links.tenant_hk = tenant
            AND links.event_timestamp >= from_at
            AND links.event_timestamp < to_at + INTERVAL '7 days'
        GROUP BY links.session_hk
    ) AS told
    WHERE CASE WHEN opted_out THEN told.any_out ELSE NOT (told.any_out OR told.any_gone) END
$body$;
COMMENT ON FUNCTION business.site_sessions_opted(bytea, timestamptz, timestamptz, boolean)
IS 'The sessions that began in a period with an event whose sender objects to sale or sharing, or those of whose events none does.';

CREATE OR REPLACE FUNCTION business.site_session_list(tenant bytea, given jsonb)
RETURNS jsonb
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
#variable_conflict use_column
DECLARE
    asked CONSTANT record := business.site_question(tenant, given, 30, 'limit', 'cursor', 'filters', 'include_bots',
        'opted_out', 'steps', 'step', 'outcome', 'window_minutes');
    options CONSTANT jsonb := asked.options;
    filters CONSTANT jsonb := business.site_filters(options);
    most CONSTANT integer := coalesce((options -> 'limit')::integer, 100);
    include_bots CONSTANT boolean := coalesce((options -> 'include_bots')::boolean, false);
    after_session CONSTANT record := business.site_event_cursor(options);
    from_at timestamptz := asked.from_at;
    passed jsonb;
    behind bytea[];
    chosen bytea[];
    answer jsonb;
BEGIN
    IF options ? 'steps' THEN
        PERFORM business.site_check_steps(options -> 'steps');
    END IF;
    PERFORM business.site_check_cost(
        tenant,
        business.site_own_events(tenant, from_at, asked.to_at) * 0.05
            + business.site_filters_cost(tenant, from_at, asked.to_at, filters)
            + CASE WHEN options ? 'steps'
                THEN business.site_funnel_cost(tenant, from_at, asked.to_at, options -> 'steps', false) ELSE 0 END
            + CASE WHEN options ? 'opted_out' THEN business.site_all_events(from_at, asked.to_at) * 0.5 ELSE 0 END,
        options,
        VARIADIC business.site_narrow_filters(filters));
    passed := business.site_resolved_filters(tenant, from_at, asked.to_at, filters);
    IF options ? 'steps' THEN
        behind := business.site_sessions_at_step(
            tenant, options -> 'steps', from_at, asked.to_at, passed, options);
        IF filters = '{}' THEN
            -- Steps may lie in sessions that began before.
            from_at := from_at - INTERVAL '7 days';
        END IF;
    END IF;
    IF options ? 'opted_out' THEN
        chosen := business.site_sessions_opted(
            tenant, from_at, asked.to_at, (options -> 'opted_out')::boolean);
    END IF;
    WITH found AS MATERIALIZED (
        SELECT
            session, (session).session_start, (session).session_hk, (session).visitor_hk,
            row_number() OVER (ORDER BY (session).session_start DESC, (session).session_hk DESC) AS place
        FROM (
            SELECT session
            FROM business.site_filtered_sessions(tenant, from_at, asked.to_at, passed, include_bots) AS session
            WHERE (behind IS NULL OR session_hk = ANY (behind))
                AND (chosen IS NULL OR session_hk = ANY (chosen))
                AND (after_session.event_timestamp IS NULL
                    OR (session_start, session_hk) < (after_session.event_timestamp, after_session.event_hk))
            ORDER BY session_start DESC, session_hk DESC
            LIMIT most + 1
        ) AS sessions
    )
    SELECT asked.head || jsonb_build_object(
        'sessions', coalesce(jsonb_agg(
            business.site_session_json(found.session, hubs.session_bk, visitors.visitor_bk)
            ORDER BY found.place) FILTER (WHERE found.place <= most), '[]'),
        'next_cursor', CASE WHEN max(found.place) > most THEN
            max((extract(epoch FROM found.session_start) * 1000000)::bigint || '-' || encode(found.session_hk, 'hex'))
                FILTER (WHERE found.place = most) END)
    INTO answer
    FROM found
    JOIN business.site_session_h AS hubs ON hubs.session_hk = found.session_hk
    LEFT JOIN business.site_visitor_h AS visitors ON visitors.visitor_hk = found.visitor_hk;
    RETURN answer;
END
$body$;
COMMENT ON FUNCTION business.site_session_list(bytea, jsonb)
IS 'The data of api.get_sessions. Errors: ST400.';

-- Of whole UTC days as the rollup tells. What lies beside them, and what open sessions met, is looked for in the days
-- of the visitors, so that none counts again.
CREATE OR REPLACE FUNCTION business.site_item_visitors(tenant bytea, from_at timestamptz, to_at timestamptz)
RETURNS TABLE (
    item bigint,
    visitors bigint
)
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
-- As business.site_session_events.
SET enable_nestloop = off
AS $body$
#variable_conflict use_column
DECLARE
    days_from CONSTANT date := (business.site_day(from_at + INTERVAL '1 day' - INTERVAL '1 microsecond')
        AT TIME ZONE 'UTC')::date;
    days_to CONSTANT date := greatest(days_from, (business.site_day(to_at) AT TIME ZONE 'UTC')::date);
    -- No session is longer than a week.
    opened CONSTANT business.site_session_b[] := ARRAY(
        SELECT sessions
        FROM business.site_open_sessions(tenant, from_at - INTERVAL '7 days', to_at) AS sessions
        WHERE NOT is_bot);
BEGIN
    RETURN QUERY
    WITH beside AS (
        SELECT from_at AS starts_at, least(days_from::timestamp AT TIME ZONE 'UTC', to_at) AS ends_at
        UNION ALL
        SELECT days_to::timestamp AT TIME ZONE 'UTC', to_at
    ),
    loose AS MATERIALIZED (
        SELECT DISTINCT business.site_short_key(paths.visitor_hk) AS visitor, held.item
        FROM beside
        -- Each rest by the range of its keys. OFFSET 0 keeps the planner from reading all paths.
        CROSS JOIN LATERAL (
            SELECT visitor_hk, key_start, offsets, items, item_places
            FROM business.site_session_path_b
            WHERE tenant_hk = tenant
                AND key_start >= beside.starts_at - INTERVAL '7 days'
                AND key_start < beside.ends_at
                AND NOT is_bot
                AND items <> '{}'
                AND key_start + offsets[cardinality(offsets)] * INTERVAL '1 microsecond' >= beside.starts_at
            OFFSET 0
        ) AS paths
        CROSS JOIN LATERAL unnest(paths.items, paths.item_places) AS held (item, place)
        WHERE beside.starts_at < beside.ends_at
            AND paths.key_start + paths.offsets[held.place] * INTERVAL '1 microsecond' >= beside.starts_at
            AND paths.key_start + paths.offsets[held.place] * INTERVAL '1 microsecond' < beside.ends_at
        UNION
        SELECT business.site_short_key(sessions.visitor_hk), business.site_short_key(items.business_item_hk)
        FROM unnest(opened) AS sessions
        JOIN business.event_session_l AS links
            ON links.session_hk = sessions.session_hk
            AND links.event_timestamp BETWEEN sessions.session_start AND sessions.session_end
        JOIN business.event_business_item_l AS items
            ON items.event_timestamp = links.event_timestamp AND items.event_hk = links.event_hk
        WHERE links.event_timestamp >= greatest(from_at, (SELECT min(session_start) FROM unnest(opened)))
            AND links.event_timestamp < to_at
            AND items.event_timestamp >= greatest(from_at, (SELECT min(session_start) FROM unnest(opened)))
            AND items.event_timestamp < to_at
    )
    SELECT counts.item, sum(counts.visitors)::bigint
    FROM (
        SELECT item, visitors
        FROM business.site_item_return_b
        WHERE tenant_hk = tenant AND day >= days_from AND day < days_to AND previous_day < days_from
        UNION ALL
        SELECT item, 1
        FROM loose
        -- Each by its key, rather than all that the tenant's visitors met.
        WHERE (
            SELECT true
            FROM business.site_item_day_b AS met
            WHERE met.tenant_hk = tenant
                AND met.visitor = loose.visitor
                AND met.item = loose.item
                AND met.day >= days_from
                AND met.day < days_to
            LIMIT 1
        ) IS NULL
    ) AS counts
    GROUP BY counts.item;
END
$body$;
COMMENT ON FUNCTION business.site_item_visitors(bytea, timestamptz, timestamptz)
IS 'How many visitors met an item in a period, by business.site_short_key of the item, without robots.';

CREATE OR REPLACE FUNCTION business.site_items_cost(
    tenant bytea, from_at timestamptz, to_at timestamptz, filters jsonb, include_bots boolean, of_sessions boolean
) RETURNS numeric
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT CASE
        WHEN of_sessions THEN business.site_own_events(tenant, from_at, to_at) * 0.3
            + business.site_filters_cost(tenant, from_at, to_at, filters)
        WHEN include_bots THEN business.site_events_of_sessions_cost(tenant, from_at, to_at)
        ELSE business.site_own_events(tenant, from_at, to_at) * 0.02 + (
            SELECT coalesce(sum(business.site_events_of_sessions_cost(tenant, starts_at, ends_at)), 0)
            FROM business.site_rests(
                from_at, to_at, business.site_nearest_day(from_at), business.site_nearest_day(to_at)))
        END
$body$;
COMMENT ON FUNCTION business.site_items_cost(bytea, timestamptz, timestamptz, jsonb, boolean, boolean)
IS 'What an answer of api.get_items costs, in events read.';

CREATE OR REPLACE FUNCTION business.site_items(tenant bytea, given jsonb)
RETURNS jsonb
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
#variable_conflict use_column
DECLARE
    asked CONSTANT record := business.site_question(tenant, given, 30, 'limit', 'order', 'item_id',
        'group', 'level', 'filters', 'include_bots');
    filters CONSTANT jsonb := business.site_filters(asked.options);
    most CONSTANT integer := coalesce((asked.options -> 'limit')::integer, 100);
    by_metric CONSTANT text := coalesce(asked.options ->> 'order', 'events');
    other_goals CONSTANT text[] := array_remove(business.site_goals(tenant), 'purchase');
    include_bots CONSTANT boolean := coalesce((asked.options -> 'include_bots')::boolean, false);
    -- What items are put together by; NULL for each by itself.
    field CONSTANT text := asked.options ->> 'group';
    -- Else of the events that lie in the period, whenever their session began.
    of_sessions CONSTANT boolean := filters <> '{}' OR field IS NOT NULL;
    is_rolled CONSTANT boolean := NOT of_sessions AND NOT include_bots;
    item_hk CONSTANT bytea := business.site_hash_key(tenant, asked.options ->> 'item_id');
    from_at CONSTANT timestamptz := asked.from_at;
    to_at CONSTANT timestamptz := asked.to_at;
    passed jsonb;
    chosen record;
    items jsonb;
BEGIN
    IF asked.options ? 'level' AND coalesce(field, '') <> 'category' THEN
        PERFORM business.site_argument_error('level', 'Of the group category alone.');
    END IF;
    IF field IS NOT NULL AND item_hk IS NOT NULL THEN
        PERFORM business.site_argument_error('group', 'Either a group, or item_id.');
    END IF;
    PERFORM business.site_check_cost(
        tenant,
        business.site_items_cost(tenant, from_at, to_at, filters, include_bots, of_sessions),
        asked.options,
        VARIADIC business.site_narrow_filters(filters));
    passed := business.site_resolved_filters(tenant, from_at, to_at, filters);
    SELECT * INTO chosen
    FROM business.site_chosen_sessions(tenant, from_at, to_at, passed, include_bots)
    WHERE of_sessions;
    WITH described AS MATERIALIZED (
        SELECT
            described_item.item, sha256(convert_to(coalesce('=' || described_item.value, ''), 'UTF8')) AS row_key,
            described_item.value
        FROM business.site_described_items(tenant, field, (asked.options -> 'level')::integer) AS described_item
        WHERE field IS NOT NULL
    ),
    parts AS MATERIALIZED (
        SELECT
            coalesce(described.row_key, substr(value_key, 1, 8)) AS row_key,
            convert_from(substr(value_key, 33), 'UTF8') AS evt_type, currency, sum(events) AS events,
            sum(conversions) AS conversions, sum(quantity) AS quantity,
            sum(refunded_quantity) AS refunded_quantity, sum(revenue) AS revenue, sum(refunds) AS refunds
        FROM (
            SELECT * FROM business.site_event_parts(tenant, from_at, to_at, include_bots, false, true)
            WHERE NOT of_sessions
            UNION ALL
            SELECT * FROM business.site_filtered_parts(tenant, from_at, to_at, passed, include_bots, false, true)
            WHERE of_sessions
        ) AS counted
        LEFT JOIN described ON described.item = business.site_short_key(value_key)
        WHERE item_hk IS NULL OR substr(value_key, 1, 8) = substr(item_hk, 1, 8)
        GROUP BY 1, 2, 3
    ),
    met AS MATERIALIZED (
        SELECT int8send(item) AS row_key, visitors, 1 AS items
        FROM business.site_item_visitors(tenant, from_at, to_at)
        WHERE is_rolled
        UNION ALL
        SELECT
            coalesce(described.row_key, int8send(met_item)), count(DISTINCT paths.visitor_hk),
            count(DISTINCT met_item)
        FROM business.site_told_paths(
            tenant, from_at, to_at, passed, include_bots, chosen.starts, chosen.sessions, chosen.opened) AS paths
        CROSS JOIN LATERAL unnest(paths.items) AS met_item
        LEFT JOIN described ON described.item = met_item
        WHERE of_sessions
        GROUP BY 1
        UNION ALL
        SELECT substr(links.business_item_hk, 1, 8), count(DISTINCT visited.visitor_hk), 1
        FROM business.site_visitor_events(tenant, from_at, to_at, NULL) AS visited
        JOIN business.event_business_item_l AS links
            ON links.event_timestamp = visited.event_timestamp AND links.event_hk = visited.event_hk
        WHERE NOT of_sessions
            AND include_bots
            AND links.event_timestamp >= from_at
            AND links.event_timestamp < to_at
        GROUP BY links.business_item_hk
    ),
    sums AS (
        SELECT
            row_key, sum(events)::bigint AS events, sum(conversions)::bigint AS purchases,
            (sum(conversions) + coalesce(sum(events) FILTER (WHERE evt_type = ANY (other_goals)), 0))::bigint
                AS conversions,
            sum(quantity) AS quantity, sum(refunded_quantity) AS refunded_quantity,
            jsonb_object_agg(evt_type, events) FILTER (WHERE events > 0) AS event_types
        FROM parts
        WHERE currency = ''
        GROUP BY row_key
        HAVING sum(events) > 0
    ),
    listed AS (
        SELECT
            sums.*,
            coalesce(met.visitors, 0) AS visitors,
            CASE by_metric
                WHEN 'events' THEN sums.events
                WHEN 'visitors' THEN coalesce(met.visitors, 0)
                WHEN 'purchases' THEN sums.purchases
                WHEN 'conversions' THEN sums.conversions
                ELSE sums.quantity
            END AS rank,
            hubs.business_item_hk, coalesce(hubs.business_item_bk, grouped.value) AS value, met.items
        FROM sums
        LEFT JOIN business.business_item_h AS hubs
            ON field IS NULL
            AND hubs.business_item_hk BETWEEN sums.row_key AND business.site_last_key(sums.row_key)
            AND hubs.tenant_hk = tenant
        LEFT JOIN (SELECT DISTINCT row_key, value FROM described) AS grouped ON grouped.row_key = sums.row_key
        LEFT JOIN met ON met.row_key = sums.row_key
        WHERE field IS NOT NULL OR hubs.business_item_hk IS NOT NULL
        ORDER BY rank DESC, coalesce(hubs.business_item_bk, grouped.value) COLLATE "C" NULLS LAST
        LIMIT most
    )
    SELECT jsonb_agg(
        CASE WHEN field IS NULL
            THEN jsonb_build_object(
                'item_id', listed.value,
                'item_name', details.item_name,
                'item_type', details.item_type,
                'item_category', details.item_category,
                'item_brand', details.item_brand,
                'price', details.price,
                'currency', details.currency)
            ELSE jsonb_build_object('value', listed.value, 'items', listed.items)
        END || jsonb_build_object(
            'events', listed.events,
            'visitors', listed.visitors,
            'event_types', listed.event_types,
            'purchases', listed.purchases,
            'conversions', listed.conversions,
            'quantity', trim_scale(listed.quantity),
            'refunded_quantity', trim_scale(listed.refunded_quantity),
            'revenue', coalesce(money.revenue, '{}'),
            'refunds', coalesce(money.refunds, '{}'))
        ORDER BY listed.rank DESC, listed.value COLLATE "C" NULLS LAST)
    INTO items
    FROM listed
    LEFT JOIN LATERAL (
        SELECT *
        FROM business.business_item_details_s AS versions
        WHERE versions.business_item_hk = listed.business_item_hk
        ORDER BY event_timestamp DESC, load_date DESC
        LIMIT 1
    ) AS details ON true
    LEFT JOIN (
        SELECT
            row_key,
            jsonb_object_agg(currency, trim_scale(revenue)) FILTER (WHERE revenue <> 0) AS revenue,
            jsonb_object_agg(currency, trim_scale(refunds)) FILTER (WHERE refunds <> 0) AS refunds
        FROM (
            SELECT row_key, currency, sum(revenue) AS revenue, sum(refunds) AS refunds
            FROM parts
            WHERE currency <> ''
            GROUP BY row_key, currency
        ) AS amounts
        GROUP BY row_key
    ) AS money ON money.row_key = listed.row_key;
    RETURN asked.head
        || jsonb_build_object(CASE WHEN field IS NULL THEN 'items' ELSE 'groups' END, coalesce(items, '[]'));
END
$body$;
COMMENT ON FUNCTION business.site_items(bytea, jsonb)
IS 'The data of api.get_items. Errors: ST400.';

CALL raw.site_tracking_own_routines();

COMMIT;
