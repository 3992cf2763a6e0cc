-- Purpose: where visits lead and what they are due to: paths, journeys and kinds of visitors, named goals,
-- attribution, experiments. Run after 08.
--
-- Errors: ST400 bad argument, ST413 too much to read.

BEGIN;

DO $lock$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('site_tracking', 0));
END
$lock$;

-- ------------------------------------------------------------------------------------------- paths

CREATE OR REPLACE FUNCTION business.site_ways_by_events(
    tenant bytea, from_at timestamptz, to_at timestamptz, filters jsonb, include_bots boolean, starts timestamptz[],
    sessions bytea[], opened business.site_session_b[], of_pages boolean, point jsonb, leads_there boolean
) RETURNS TABLE (
    way text[]
)
LANGUAGE plpgsql
STABLE
ROWS 100000
SET search_path = pg_catalog, pg_temp
AS $body$
#variable_conflict use_column
DECLARE
    view_codes CONSTANT text[] := business.site_codes_of_types(tenant, '{page_view}');
    ping_codes CONSTANT text[] := business.site_codes_of_types(tenant, '{page_ping}');
    asked_codes CONSTANT text[] := CASE WHEN point ? 'evt_type'
        THEN business.site_codes_of_types(tenant, ARRAY[point ->> 'evt_type']) END;
    asked CONSTANT record := (
        SELECT told FROM business.site_funnel_steps(tenant, jsonb_build_array(point)) AS told);
BEGIN
    RETURN QUERY
    WITH told AS (
        SELECT
            row_number() OVER () AS number, paths.codes, paths.pages,
            CASE WHEN point IS NULL THEN 1 ELSE (
                SELECT min(events.place)
                FROM unnest(paths.codes, paths.pages) WITH ORDINALITY AS events (code, page, place)
                WHERE (asked_codes IS NULL OR events.code = ANY (asked_codes))
                    AND (asked.pages IS NULL OR events.page = ANY (asked.pages))
                    AND (asked.item IS NULL OR EXISTS (
                        SELECT FROM unnest(paths.items, paths.item_places) AS held (item, place)
                        WHERE held.item = asked.item AND held.place = events.place))
            ) END AS point_place
        FROM business.site_told_paths(
            tenant, from_at, to_at, filters, include_bots, starts, sessions, opened) AS paths
        WHERE (asked_codes IS NULL OR paths.codes && asked_codes)
            AND (asked.pages IS NULL OR paths.pages && asked.pages)
            AND (asked.item IS NULL OR asked.item = ANY (paths.items))
    ),
    elements AS (
        SELECT told.number, events.place, CASE WHEN of_pages THEN events.page::text ELSE events.code END AS element
        FROM told
        CROSS JOIN LATERAL unnest(told.codes, told.pages) WITH ORDINALITY AS events (code, page, place)
        WHERE CASE WHEN of_pages THEN events.code = ANY (view_codes) AND events.page <> 0
                ELSE events.code <> ALL (ping_codes) END
            AND CASE WHEN leads_there THEN events.place <= told.point_place
                ELSE events.place >= told.point_place END
    ),
    changes AS (
        SELECT *, lag(element) OVER (PARTITION BY number ORDER BY place) AS element_before
        FROM elements
    )
    SELECT array_agg(element ORDER BY place)
    FROM changes
    WHERE element IS DISTINCT FROM element_before
    GROUP BY number;
END
$body$;
COMMENT ON FUNCTION business.site_ways_by_events(bytea, timestamptz, timestamptz, jsonb, boolean, timestamptz[], bytea[], business.site_session_b[], boolean, jsonb, boolean)
IS 'Of each session that business.site_chosen_sessions gave its pages or events one after the other, from a point on or up to it.';

-- Where nothing or a type is the point, closed sessions are told by the ways that their paths hold: a type is met first
-- where a way has it first, unless it is that of pings.
CREATE OR REPLACE FUNCTION business.site_ways(
    tenant bytea, from_at timestamptz, to_at timestamptz, filters jsonb, include_bots boolean, of_pages boolean,
    point jsonb, leads_there boolean, most_steps integer, most_ways integer
) RETURNS TABLE (
    way text[],
    steps integer,
    visits bigint,
    ended bigint
)
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
#variable_conflict use_column
DECLARE
    chosen CONSTANT record := business.site_chosen_sessions(tenant, from_at, to_at, filters, include_bots);
    of_type CONSTANT text := CASE WHEN point - 'name' - 'evt_type' = '{}' THEN point ->> 'evt_type' END;
    are_held CONSTANT boolean := point IS NULL OR NOT of_pages AND coalesce(of_type <> 'page_ping', false);
    -- No event has a type without a code, nor the code of none.
    code CONSTANT text := CASE WHEN of_type IS NOT NULL THEN coalesce((
        SELECT known.code
        FROM business.site_event_type_b AS known
        WHERE known.tenant_hk = tenant AND known.evt_type = of_type), '-') END;
    starts CONSTANT timestamptz[] := CASE WHEN are_held THEN '{}' ELSE chosen.starts END;
    sessions CONSTANT bytea[] := CASE WHEN are_held THEN '{}' ELSE chosen.sessions END;
BEGIN
    RETURN QUERY
    WITH page_ways AS (
        SELECT page_way[:most_steps] AS pages, cardinality(page_way) <= most_steps AS is_all
        FROM business.site_closed_paths(
            tenant, from_at, to_at, filters, include_bots, chosen.starts, chosen.sessions)
        WHERE are_held AND of_pages AND page_way <> '{}'
    ),
    type_ways AS (
        SELECT
            CASE WHEN leads_there THEN right(told.codes, most_steps) ELSE left(told.codes, most_steps) END AS codes,
            length(told.codes) <= most_steps AS is_all
        FROM (
            SELECT CASE
                WHEN code IS NULL THEN type_way
                WHEN leads_there THEN left(type_way, strpos(type_way, code))
                ELSE substr(type_way, strpos(type_way, code)) END AS codes
            FROM business.site_closed_paths(
                tenant, from_at, to_at, filters, include_bots, chosen.starts, chosen.sessions)
            WHERE are_held
                AND NOT of_pages
                AND type_way <> ''
                AND (code IS NULL OR strpos(type_way, code) > 0)
            OFFSET 0
        ) AS told
    ),
    other_ways AS (
        SELECT
            CASE WHEN leads_there THEN told.way[greatest(1, cardinality(told.way) - most_steps + 1):]
                ELSE told.way[:most_steps] END AS way,
            cardinality(told.way) <= most_steps AS is_all
        FROM business.site_ways_by_events(
            tenant, from_at, to_at, filters, include_bots, starts, sessions, chosen.opened, of_pages, point,
            leads_there) AS told
    ),
    of_one_page_after_the_other AS (
        SELECT pages, count(*) AS visits, count(*) FILTER (WHERE is_all) AS ended
        FROM (
            SELECT pages, is_all FROM page_ways
            UNION ALL
            SELECT way::bigint[], is_all FROM other_ways WHERE of_pages
        ) AS sessions
        GROUP BY pages
    ),
    of_one_event_after_the_other AS (
        SELECT way, sum(visits)::bigint AS visits, sum(ended)::bigint AS ended
        FROM (
            SELECT string_to_array(codes, NULL) AS way, count(*) AS visits, count(*) FILTER (WHERE is_all) AS ended
            FROM type_ways
            GROUP BY codes
            UNION ALL
            SELECT way, count(*), count(*) FILTER (WHERE is_all)
            FROM other_ways
            WHERE NOT of_pages
            GROUP BY way
        ) AS sessions
        GROUP BY way
    ),
    grouped AS MATERIALIZED (
        SELECT pages, NULL::text[] AS codes, cardinality(pages) AS steps, visits, ended
        FROM of_one_page_after_the_other
        UNION ALL
        SELECT NULL, way, cardinality(way), visits, ended
        FROM of_one_event_after_the_other
    )
    SELECT coalesce(listed.codes, listed.pages::text[]), listed.steps, listed.visits, listed.ended
    FROM (
        SELECT *
        FROM grouped
        ORDER BY visits DESC, codes COLLATE "C", pages
        LIMIT most_ways
    ) AS listed
    UNION ALL
    SELECT NULL, steps, sum(visits)::bigint, sum(ended)::bigint
    FROM grouped
    GROUP BY steps;
END
$body$;
COMMENT ON FUNCTION business.site_ways(bytea, timestamptz, timestamptz, jsonb, boolean, boolean, jsonb, boolean, integer, integer)
IS 'The commonest ways of sessions over pages or events, from a point on or up to it, the nearest ones; and, without a way, how many sessions have so many of these, and how many no more.';

CREATE OR REPLACE FUNCTION business.site_name_of_step(tenant bytea, of_pages boolean, element text)
RETURNS text
LANGUAGE sql
STABLE
PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT CASE
        WHEN of_pages THEN (
            SELECT pages.page_bk
            FROM business.site_page_h AS pages
            WHERE pages.page_hk BETWEEN int8send(element::bigint) AND business.site_last_key(int8send(element::bigint))
                AND pages.tenant_hk = tenant)
        ELSE business.site_type_of_code(tenant, element)
        END
$body$;
COMMENT ON FUNCTION business.site_name_of_step(bytea, boolean, text)
IS 'The URL of a page or the type of an event, as business.site_ways tells it.';

CREATE OR REPLACE FUNCTION business.site_paths(tenant bytea, given jsonb)
RETURNS jsonb
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
#variable_conflict use_column
DECLARE
    asked CONSTANT record := business.site_question(tenant, given, 30, 'of', 'after', 'before', 'length', 'limit',
        'filters', 'include_bots');
    options CONSTANT jsonb := asked.options;
    filters CONSTANT jsonb := business.site_filters(options);
    most CONSTANT integer := coalesce((options -> 'limit')::integer, 10);
    most_steps CONSTANT integer := coalesce((options -> 'length')::integer, 5);
    of_pages CONSTANT boolean := coalesce(options ->> 'of', 'pages') = 'pages';
    leads_there CONSTANT boolean := options ? 'before';
    answer jsonb;
BEGIN
    IF options ?& '{after,before}' THEN
        PERFORM business.site_argument_error('before', 'Either before or after.');
    ELSIF options ?| '{after,before}' THEN
        PERFORM business.site_check_step(
            CASE WHEN leads_there THEN 'before' ELSE 'after' END, coalesce(options -> 'after', options -> 'before'));
    END IF;
    PERFORM business.site_check_cost(
        tenant,
        business.site_own_events(tenant, asked.from_at, asked.to_at) * 0.5
            + business.site_filters_cost(tenant, asked.from_at, asked.to_at, filters),
        options,
        VARIADIC business.site_narrow_filters(filters));
    WITH ways AS MATERIALIZED (
        SELECT *
        FROM business.site_ways(
            tenant, asked.from_at, asked.to_at,
            business.site_resolved_filters(tenant, asked.from_at, asked.to_at, filters),
            coalesce((options -> 'include_bots')::boolean, false), of_pages,
            coalesce(options -> 'after', options -> 'before'), leads_there, most_steps, most)
    ),
    by_step AS (
        SELECT
            step, coalesce(sum(visits) FILTER (WHERE steps >= step), 0) AS visits,
            coalesce(sum(ended) FILTER (WHERE steps = step), 0) AS ended,
            coalesce(sum(visits), 0) AS all_visits
        FROM generate_series(1, most_steps) AS step
        LEFT JOIN ways ON ways.way IS NULL
        GROUP BY step
    ),
    listed AS (
        SELECT way, visits, ended FROM ways WHERE way IS NOT NULL
    )
    SELECT asked.head || jsonb_build_object(
        'of', CASE WHEN of_pages THEN 'pages' ELSE 'events' END,
        'visits', max(by_step.all_visits),
        'steps', jsonb_agg(
            jsonb_build_object('step', step, 'visits', visits, 'ended', ended,
                'rate_of_first', business.site_rate(visits, all_visits, 4))
            ORDER BY step),
        'paths', coalesce((
            SELECT jsonb_agg(
                jsonb_build_object(
                    'path', (
                        SELECT jsonb_agg(business.site_name_of_step(tenant, of_pages, element) ORDER BY number)
                        FROM unnest(listed.way) WITH ORDINALITY AS told (element, number)),
                    'visits', listed.visits,
                    'ended', listed.ended,
                    'rate', business.site_rate(listed.visits, (SELECT max(all_visits) FROM by_step), 4))
                ORDER BY listed.visits DESC, listed.way COLLATE "C")
            FROM listed), '[]'))
    INTO answer
    FROM by_step;
    RETURN answer;
END
$body$;
COMMENT ON FUNCTION business.site_paths(bytea, jsonb)
IS 'The data of api.get_paths. Errors: ST400.';

-- ----------------------------------------------------------------------------- journeys of visitors

CREATE OR REPLACE FUNCTION business.site_goals_met(tenant bytea, sessions business.site_session_b[])
RETURNS TABLE (
    session_hk bytea,
    goals jsonb
)
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
#variable_conflict use_column
DECLARE
    wanted CONSTANT text[] := ARRAY['purchase'] || business.site_goals(tenant);
BEGIN
    RETURN QUERY
    WITH told AS (
        SELECT given.session_hk, given.key_start, known.evt_type, events.micros, events.place
        FROM unnest(sessions) AS given
        JOIN business.site_session_path_b AS paths
            ON paths.tenant_hk = given.tenant_hk
            AND paths.key_start = given.key_start
            AND paths.session_hk = given.session_hk
        CROSS JOIN LATERAL unnest(string_to_array(paths.types, NULL), paths.offsets) WITH ORDINALITY
            AS events (code, micros, place)
        JOIN business.site_event_type_b AS known ON known.tenant_hk = tenant AND known.code = events.code
        UNION ALL
        SELECT given.session_hk, given.key_start, events.evt_type, events.micros, events.place
        FROM business.site_linked_paths(ARRAY(
            SELECT opened FROM unnest(sessions) AS opened WHERE opened.session_status = 'OPEN')) AS linked
        JOIN unnest(sessions) AS given ON given.session_hk = linked.session_hk
        CROSS JOIN LATERAL unnest(linked.types, linked.offsets) WITH ORDINALITY AS events (evt_type, micros, place)
    )
    SELECT
        session_hk,
        jsonb_agg(
            jsonb_build_object(
                'evt_type', evt_type,
                'event_timestamp', business.site_utc(key_start + micros * INTERVAL '1 microsecond'))
            ORDER BY place)
    FROM told
    WHERE evt_type = ANY (wanted)
    GROUP BY session_hk;
END
$body$;
COMMENT ON FUNCTION business.site_goals_met(bytea, business.site_session_b[])
IS 'The purchases and goals in sessions, in their order.';

CREATE OR REPLACE FUNCTION business.site_visitor_journey(tenant bytea, given jsonb)
RETURNS jsonb
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
#variable_conflict use_column
DECLARE
    asked CONSTANT record := business.site_question(
        tenant, given, 365, 'visitor', 'limit', 'cursor', 'include_bots');
    options CONSTANT jsonb := asked.options;
    most CONSTANT integer := coalesce((options -> 'limit')::integer, 100);
    include_bots CONSTANT boolean := coalesce((options -> 'include_bots')::boolean, false);
    after_session CONSTANT record := business.site_event_cursor(options);
    visitor CONSTANT bytea := business.site_hash_key(tenant, options ->> 'visitor');
    sessions business.site_session_b[];
    answer jsonb;
BEGIN
    IF visitor IS NULL THEN
        PERFORM business.site_argument_error('visitor', 'The pseudonym of a visitor, as answers give it.');
    END IF;
    sessions := ARRAY(
        SELECT own
        FROM business.site_sessions(tenant, asked.from_at, asked.to_at) AS own
        WHERE own.visitor_hk = visitor
            AND (include_bots OR NOT own.is_bot)
            AND (after_session.event_timestamp IS NULL
                OR (own.session_start, own.session_hk) > (after_session.event_timestamp, after_session.event_hk))
        ORDER BY own.session_start, own.session_hk
        LIMIT most + 1);
    SELECT asked.head || jsonb_build_object(
        'visitor', options -> 'visitor',
        'sessions', coalesce(jsonb_agg(
            business.site_session_json(listed, hubs.session_bk, NULL) || jsonb_build_object(
                'goals', coalesce(met.goals, '[]'),
                'seconds_since_previous',
                    floor(extract(epoch FROM listed.session_start - listed.previous_start)))
            ORDER BY listed.session_start, listed.session_hk), '[]'),
        'next_cursor', CASE WHEN cardinality(sessions) > most THEN
            (extract(epoch FROM (sessions[most]).session_start) * 1000000)::bigint
                || '-' || encode((sessions[most]).session_hk, 'hex') END)
    INTO answer
    FROM unnest(sessions[:most]) AS listed
    JOIN business.site_session_h AS hubs ON hubs.session_hk = listed.session_hk
    LEFT JOIN business.site_goals_met(tenant, sessions[:most]) AS met ON met.session_hk = listed.session_hk;
    RETURN answer;
END
$body$;
COMMENT ON FUNCTION business.site_visitor_journey(bytea, jsonb)
IS 'The data of api.get_visitor_journey. Errors: ST400.';

-- --------------------------------------------------------------------------------------- who visits

-- Those that take filters are in plpgsql: the server plans what is in sql without knowing these, and would look into them
-- for each session.
CREATE OR REPLACE FUNCTION business.site_robots(
    tenant bytea, from_at timestamptz, to_at timestamptz, filters jsonb, most integer
) RETURNS jsonb
LANGUAGE plpgsql
STABLE
PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $body$
#variable_conflict use_column
BEGIN
    RETURN (
        SELECT coalesce(
            jsonb_agg(jsonb_build_object('value', robot_kind, 'visits', visits)
                ORDER BY visits DESC, robot_kind COLLATE "C" NULLS LAST), '[]')
        FROM (
            SELECT versions.robot_kind, count(*) AS visits
            FROM business.site_filtered_sessions(tenant, from_at, to_at, filters, true) AS sessions
            JOIN business.site_session_details_s AS versions
                ON versions.session_start = sessions.session_start
                AND versions.session_hk = sessions.session_hk
                AND versions.load_date = sessions.load_date
            WHERE sessions.is_bot
            GROUP BY versions.robot_kind
            ORDER BY visits DESC, versions.robot_kind COLLATE "C" NULLS LAST
            LIMIT most
        ) AS kinds);
END
$body$;
COMMENT ON FUNCTION business.site_robots(bytea, timestamptz, timestamptz, jsonb, integer)
IS 'Visits of robots by what they are for.';

CREATE OR REPLACE FUNCTION business.site_visitor_kinds(
    tenant bytea, from_at timestamptz, to_at timestamptz, filters jsonb, include_bots boolean, most integer
) RETURNS jsonb
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
#variable_conflict use_column
BEGIN
    RETURN (
        SELECT coalesce(jsonb_agg(to_jsonb(kinds) ORDER BY visits DESC, value), '[]')
        FROM (
            SELECT
                business.site_visitor_kind(visitors.visitor_bk) AS value,
                count(*) AS visits,
                sum(sessions.page_views) AS pageviews,
                sum(sessions.conversions) AS conversions
            FROM business.site_filtered_sessions(tenant, from_at, to_at, filters, include_bots) AS sessions
            JOIN business.site_visitor_h AS visitors ON visitors.visitor_hk = sessions.visitor_hk
            GROUP BY 1
            ORDER BY visits DESC, value
            LIMIT most
        ) AS kinds);
END
$body$;
COMMENT ON FUNCTION business.site_visitor_kinds(bytea, timestamptz, timestamptz, jsonb, boolean, integer)
IS 'Visits of visitors who may be recognised, and page views of others, which count as a visit each.';

-- -------------------------------------------------------------------------------------- named goals

CREATE OR REPLACE FUNCTION business.site_goal_rule(given jsonb)
RETURNS jsonb
LANGUAGE plpgsql
IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    rule CONSTANT jsonb := given - '{name,remove}'::text[];
BEGIN
    IF NOT rule ?| '{evt_type,page_url,property}'
        OR rule ? 'property_value' AND NOT rule ? 'property'
        OR EXISTS (
            SELECT FROM jsonb_each(rule)
            WHERE key NOT IN ('evt_type', 'page_url', 'property', 'property_value', 'min_value')
                OR jsonb_typeof(value) <> CASE key WHEN 'min_value' THEN 'number' ELSE 'string' END
                OR length(value #>> '{}') NOT BETWEEN 1 AND 2048
        ) THEN
        PERFORM business.site_argument_error('goal', 'A goal has evt_type, page_url or property, with it property_value, '
            'texts of at most 2048 characters, and min_value, a number.');
    END IF;
    RETURN rule;
END
$body$;
COMMENT ON FUNCTION business.site_goal_rule(jsonb)
IS 'What an event must be for a named goal. Errors: ST400.';

CREATE OR REPLACE FUNCTION business.site_goal_events(
    tenant bytea, from_at timestamptz, to_at timestamptz, filters jsonb, include_bots boolean
) RETURNS TABLE (
    goal text,
    session_hk bytea
)
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
#variable_conflict use_column
BEGIN
    IF NOT EXISTS (SELECT FROM business.site_saved(tenant, 'GOAL')) THEN
        RETURN;
    END IF;
    RETURN QUERY
    WITH rules AS MATERIALIZED (
        SELECT
            saved.name, asked.evt_type, asked.page_hks, saved.content ->> 'property' AS property,
            saved.content ->> 'property_value' AS property_value, (saved.content -> 'min_value')::numeric AS min_value
        FROM business.site_saved(tenant, 'GOAL') AS saved
        CROSS JOIN LATERAL business.site_funnel_steps(tenant, jsonb_build_array(saved.content)) AS asked
    )
    SELECT rules.name, own.session_hk
    FROM business.site_session_events(tenant, from_at, to_at, filters, include_bots) AS own
    JOIN business.site_event_details_s AS details
        ON details.event_timestamp = own.event_timestamp AND details.event_hk = own.event_hk
    JOIN rules
        ON (rules.evt_type IS NULL OR rules.evt_type = details.evt_type)
        AND (rules.property IS NULL
            OR coalesce(rules.property_value, details.properties ->> rules.property)
                = details.properties ->> rules.property)
        AND (rules.min_value IS NULL OR details.value >= rules.min_value)
        AND (rules.page_hks IS NULL OR EXISTS (
            SELECT FROM business.event_page_l AS pages
            WHERE pages.event_timestamp = details.event_timestamp
                AND pages.event_hk = details.event_hk
                AND pages.page_hk = ANY (rules.page_hks)))
    -- No session is longer than a week.
    WHERE details.event_timestamp >= from_at AND details.event_timestamp < to_at + INTERVAL '7 days';
END
$body$;
COMMENT ON FUNCTION business.site_goal_events(bytea, timestamptz, timestamptz, jsonb, boolean)
IS 'The sessions that began in a period and pass the filters, once for each of their events that is a tenant''s named goal.';

CREATE OR REPLACE FUNCTION business.site_named_goals(
    tenant bytea, from_at timestamptz, to_at timestamptz, filters jsonb, include_bots boolean
) RETURNS TABLE (
    goal text,
    events bigint,
    visits bigint
)
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT saved.name, count(met.session_hk), count(DISTINCT met.session_hk)
    FROM business.site_saved(tenant, 'GOAL') AS saved
    LEFT JOIN business.site_goal_events(tenant, from_at, to_at, filters, include_bots) AS met ON met.goal = saved.name
    GROUP BY saved.name
$body$;
COMMENT ON FUNCTION business.site_named_goals(bytea, timestamptz, timestamptz, jsonb, boolean)
IS 'Events that are a tenant''s named goals, and visits with them, of the sessions that began in a period and pass the filters.';

-- -------------------------------------------------------------------------------------- attribution

CREATE OR REPLACE FUNCTION business.site_credits(
    place bigint, touches bigint, freshness double precision, all_freshness double precision
) RETURNS TABLE (
    model text,
    share double precision
)
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
AS $body$
    VALUES
        ('first', (place = 1)::integer::double precision),
        ('last', (place = touches)::integer),
        ('linear', 1.0 / touches),
        ('position', CASE
            WHEN touches <= 2 THEN 1.0 / touches
            WHEN place IN (1, touches) THEN 0.4
            ELSE 0.2 / (touches - 2) END),
        ('time_decay', freshness / all_freshness)
$body$;
COMMENT ON FUNCTION business.site_credits(bigint, bigint, double precision, double precision)
IS 'Which share of a conversion the models give to one of so many touches.';

-- Every session of the visitor is a touch, the one that converts among them, up to the time before it that counts.
CREATE OR REPLACE FUNCTION business.site_attributed(
    tenant bytea, from_at timestamptz, to_at timestamptz, filters jsonb, include_bots boolean, lookback interval,
    half_life interval
) RETURNS TABLE (
    channel text,
    utm_campaign text,
    model text,
    share double precision,
    conversions integer,
    revenue jsonb
)
LANGUAGE plpgsql
STABLE
ROWS 100000
SET search_path = pg_catalog, pg_temp
AS $body$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH converted AS MATERIALIZED (
        SELECT *
        FROM business.site_filtered_sessions(tenant, from_at, to_at, filters, include_bots)
        WHERE conversions > 0
    ),
    touches AS (
        SELECT
            touching.channel, touching.utm_campaign, converted.session_hk, converted.conversions, converted.revenue,
            row_number() OVER (
                PARTITION BY converted.session_hk ORDER BY touching.session_start, touching.session_hk) AS place,
            count(*) OVER (PARTITION BY converted.session_hk) AS touches,
            power(2, -extract(epoch FROM converted.session_start - touching.session_start)::double precision
                / extract(epoch FROM half_life)::double precision) AS freshness
        FROM converted
        JOIN business.site_sessions(tenant, from_at - lookback, to_at) AS touching
            ON touching.visitor_hk = converted.visitor_hk
            AND touching.is_bot = converted.is_bot
            AND touching.session_start >= converted.session_start - lookback
            AND (touching.session_start, touching.session_hk) <= (converted.session_start, converted.session_hk)
    ),
    weighed AS (
        SELECT touches.*, sum(freshness) OVER (PARTITION BY session_hk) AS all_freshness
        FROM touches
    )
    SELECT channel, utm_campaign, credits.model, credits.share, conversions, revenue
    FROM weighed
    CROSS JOIN LATERAL business.site_credits(place, touches, freshness, all_freshness) AS credits;
END
$body$;
COMMENT ON FUNCTION business.site_attributed(bytea, timestamptz, timestamptz, jsonb, boolean, interval, interval)
IS 'What each touch has of the conversions of a period, by model.';

CREATE OR REPLACE FUNCTION business.site_attribution(tenant bytea, given jsonb)
RETURNS jsonb
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
#variable_conflict use_column
DECLARE
    asked CONSTANT record := business.site_question(tenant, given, 30, 'lookback_days', 'half_life_days', 'limit',
        'filters', 'include_bots');
    options CONSTANT jsonb := asked.options;
    filters CONSTANT jsonb := business.site_filters(options);
    most CONSTANT integer := coalesce((options -> 'limit')::integer, 10);
    lookback_days CONSTANT integer := coalesce((options -> 'lookback_days')::integer, 30);
    half_life_days CONSTANT integer := coalesce((options -> 'half_life_days')::integer, 7);
    answer jsonb;
BEGIN
    PERFORM business.site_check_cost(
        tenant,
        business.site_own_events(tenant, asked.from_at - lookback_days * INTERVAL '24 hours', asked.to_at) * 0.1
            + business.site_filters_cost(tenant, asked.from_at, asked.to_at, filters),
        options,
        VARIADIC business.site_narrow_filters(filters) || CASE WHEN options ? 'lookback_days'
            THEN '{lookback_days}' ELSE '{}' END::text[]);
    WITH credited AS MATERIALIZED (
        SELECT *
        FROM business.site_attributed(
            tenant, asked.from_at, asked.to_at,
            business.site_resolved_filters(tenant, asked.from_at, asked.to_at, filters),
            coalesce((options -> 'include_bots')::boolean, false), lookback_days * INTERVAL '24 hours',
            half_life_days * INTERVAL '24 hours')
    ),
    credits AS MATERIALIZED (
        SELECT channel, utm_campaign, model, sum(share * conversions) AS conversions
        FROM credited
        GROUP BY channel, utm_campaign, model
    ),
    amounts AS MATERIALIZED (
        SELECT channel, utm_campaign, model, currency, sum(share * paid.revenue::double precision) AS amount
        FROM credited
        CROSS JOIN LATERAL business.site_money(credited.revenue, NULL) AS paid
        WHERE credited.revenue IS NOT NULL
        GROUP BY channel, utm_campaign, model, currency
    ),
    counts AS (
        SELECT told.dimension, told.value, model, sum(conversions) AS conversions
        FROM credits
        CROSS JOIN LATERAL (VALUES ('channels', channel), ('campaigns', utm_campaign)) AS told (dimension, value)
        GROUP BY told.dimension, told.value, model
    ),
    money AS (
        SELECT
            dimension, value, model,
            jsonb_object_agg(currency, trim_scale(round(amount::numeric, 4))) FILTER (WHERE amount <> 0) AS revenue
        FROM (
            SELECT told.dimension, told.value, model, currency, sum(amount) AS amount
            FROM amounts
            CROSS JOIN LATERAL (VALUES ('channels', channel), ('campaigns', utm_campaign)) AS told (dimension, value)
            GROUP BY told.dimension, told.value, model, currency
        ) AS sums
        GROUP BY dimension, value, model
    ),
    ranked AS (
        SELECT
            counts.dimension, counts.value,
            jsonb_object_agg(counts.model, jsonb_build_object(
                'conversions', trim_scale(round(counts.conversions::numeric, 4)),
                'revenue', coalesce(money.revenue, '{}'))) AS models,
            row_number() OVER (
                PARTITION BY counts.dimension
                ORDER BY round(max(counts.conversions) FILTER (WHERE counts.model = 'linear')::numeric, 4) DESC,
                    counts.value COLLATE "C" NULLS LAST) AS place
        FROM counts
        LEFT JOIN money
            ON money.dimension = counts.dimension
            AND money.value IS NOT DISTINCT FROM counts.value
            AND money.model = counts.model
        GROUP BY counts.dimension, counts.value
    )
    SELECT asked.head
        || jsonb_build_object(
            'lookback_days', lookback_days, 'half_life_days', half_life_days,
            'conversions', (
                SELECT coalesce(sum(conversions), 0) FROM credited WHERE model = 'last' AND share = 1))
        || '{"channels": [], "campaigns": []}'
        || coalesce(jsonb_object_agg(listed.dimension, listed.rows), '{}')
    INTO answer
    FROM (
        SELECT dimension, jsonb_agg(jsonb_build_object('value', value) || models ORDER BY place) AS rows
        FROM ranked
        WHERE place <= most
        GROUP BY dimension
    ) AS listed;
    RETURN answer;
END
$body$;
COMMENT ON FUNCTION business.site_attribution(bytea, jsonb)
IS 'The data of api.get_attribution. Errors: ST400.';

-- -------------------------------------------------------------------------------------- experiments

CREATE OR REPLACE FUNCTION business.site_variants(tenant bytea, from_at timestamptz, to_at timestamptz)
RETURNS SETOF business.site_session_variant_b
LANGUAGE plpgsql
STABLE
ROWS 100000
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    opened CONSTANT business.site_session_b[] := ARRAY(
        SELECT sessions FROM business.site_open_sessions(tenant, from_at, to_at) AS sessions);
    in_sessions bytea[];
    instants timestamptz[];
BEGIN
    RETURN QUERY
    SELECT *
    FROM business.site_session_variant_b
    WHERE tenant_hk = tenant
        AND key_start >= from_at - INTERVAL '1 millisecond'
        AND key_start < to_at
        AND session_start >= from_at
        AND session_start < to_at;
    SELECT array_agg(sessions.session_hk), array_agg(sessions.key_start + events.micros * INTERVAL '1 microsecond')
    INTO in_sessions, instants
    FROM business.site_linked_paths(opened) AS linked
    JOIN unnest(opened) AS sessions ON sessions.session_hk = linked.session_hk
    CROSS JOIN LATERAL unnest(linked.types, linked.offsets) AS events (evt_type, micros)
    WHERE events.evt_type = 'experiment_exposure';
    RETURN QUERY
    SELECT * FROM business.site_shown_variants(opened, in_sessions, instants);
END
$body$;
COMMENT ON FUNCTION business.site_variants(bytea, timestamptz, timestamptz)
IS 'Which variants of experiments were shown in the sessions that began in a period.';

CREATE OR REPLACE FUNCTION business.site_variant_visits(
    tenant bytea, from_at timestamptz, to_at timestamptz, filters jsonb, include_bots boolean, most integer
) RETURNS jsonb
LANGUAGE plpgsql
STABLE
PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $body$
#variable_conflict use_column
BEGIN
    RETURN (
        SELECT coalesce(jsonb_agg(to_jsonb(variants) ORDER BY visits DESC, value COLLATE "C"), '[]')
        FROM (
            SELECT
                shown.experiment_id || ':' || shown.variant_id AS value,
                -- Either may have a colon.
                shown.experiment_id AS experiment,
                shown.variant_id AS variant,
                count(DISTINCT sessions.visitor_hk) AS visitors,
                count(*) AS visits,
                sum(sessions.page_views) AS pageviews,
                sum(sessions.conversions) AS conversions,
                business.site_rate(count(*) FILTER (WHERE sessions.conversions > 0), count(*), 4) AS conversion_rate
            FROM business.site_filtered_sessions(tenant, from_at, to_at, filters, include_bots) AS sessions
            JOIN business.site_variants(tenant, from_at, to_at) AS shown ON shown.session_hk = sessions.session_hk
            GROUP BY shown.experiment_id, shown.variant_id
            ORDER BY visits DESC, (shown.experiment_id || ':' || shown.variant_id) COLLATE "C"
            LIMIT most
        ) AS variants);
END
$body$;
COMMENT ON FUNCTION business.site_variant_visits(bytea, timestamptz, timestamptz, jsonb, boolean, integer)
IS 'Visits in which variants of experiments were shown.';

-- A visitor counts for the variant that it was shown first; whoever was shown two proves nothing.
CREATE OR REPLACE FUNCTION business.site_exposures(
    tenant bytea, from_at timestamptz, to_at timestamptz, experiment text
) RETURNS TABLE (
    visitor_hk bytea,
    variant text,
    variants bigint,
    exposed_at timestamptz
)
LANGUAGE sql
STABLE
PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT
        shown.visitor_hk, (array_agg(shown.variant_id ORDER BY shown.exposed_at, shown.variant_id COLLATE "C"))[1],
        count(DISTINCT shown.variant_id), min(shown.exposed_at)
    FROM business.site_variants(tenant, from_at, to_at) AS shown
    WHERE shown.experiment_id = experiment AND NOT shown.is_bot
    GROUP BY shown.visitor_hk
$body$;
COMMENT ON FUNCTION business.site_exposures(bytea, timestamptz, timestamptz, text)
IS 'Who was shown which variant of an experiment first, and when, in the sessions that began in a period; and how many variants in all.';

CREATE OR REPLACE FUNCTION business.site_experiment(tenant bytea, given jsonb)
RETURNS jsonb
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
#variable_conflict use_column
DECLARE
    asked CONSTANT record := business.site_question(tenant, given, 30, 'experiment', 'control');
    -- Where even shares go wrong once in a thousand experiments, by how many variants there are, from two on.
    critical CONSTANT numeric[] := '{10.828,13.816,16.266,18.467,20.515,22.458,24.322,26.124,27.877}';
    answer jsonb;
BEGIN
    IF NOT asked.options ? 'experiment' THEN
        PERFORM business.site_argument_error('experiment', 'The experiment_id of its exposures.');
    END IF;
    PERFORM business.site_check_cost(
        tenant, business.site_own_events(tenant, asked.from_at, asked.to_at) * 0.1, asked.options);
    WITH exposures AS MATERIALIZED (
        SELECT *
        FROM business.site_exposures(tenant, asked.from_at, asked.to_at, asked.options ->> 'experiment')
    ),
    own AS MATERIALIZED (
        SELECT exposures.variant, exposures.visitor_hk, sessions.conversions, sessions.revenue
        FROM exposures
        JOIN business.site_sessions(tenant, asked.from_at - INTERVAL '7 days', asked.to_at) AS sessions
            ON sessions.visitor_hk = exposures.visitor_hk
            AND sessions.session_end >= exposures.exposed_at
        WHERE exposures.variants = 1 AND NOT sessions.is_bot
    ),
    money AS (
        SELECT
            variant,
            jsonb_object_agg(currency, trim_scale(amount)) FILTER (WHERE amount <> 0) AS revenue
        FROM (
            SELECT own.variant, paid.currency, sum(paid.revenue) AS amount
            FROM own
            CROSS JOIN LATERAL business.site_money(own.revenue, NULL) AS paid
            WHERE own.revenue IS NOT NULL
            GROUP BY own.variant, paid.currency
        ) AS sums
        GROUP BY variant
    ),
    shown AS (
        SELECT variant, count(*) AS visitors FROM exposures WHERE variants = 1 GROUP BY variant
    ),
    rated AS (
        SELECT
            shown.variant, shown.visitors, coalesce(counts.converted, 0) AS converted,
            coalesce(counts.conversions, 0) AS conversions,
            coalesce(counts.converted, 0)::double precision / shown.visitors AS rate
        FROM shown
        LEFT JOIN (
            SELECT
                variant, count(DISTINCT visitor_hk) FILTER (WHERE conversions > 0) AS converted,
                sum(conversions) AS conversions
            FROM own
            GROUP BY variant
        ) AS counts ON counts.variant = shown.variant
    ),
    control AS (
        SELECT *
        FROM rated
        ORDER BY variant = asked.options ->> 'control' DESC NULLS LAST, variant COLLATE "C"
        LIMIT 1
    ),
    compared AS (
        SELECT
            rated.*, control.variant AS control_variant, rated.rate - control.rate AS difference,
            control.rate AS control_rate,
            sqrt(rated.rate * (1 - rated.rate) / rated.visitors
                + control.rate * (1 - control.rate) / control.visitors) * 1.959963984540054 AS margin
        FROM rated
        CROSS JOIN control
    ),
    shares AS (
        SELECT
            count(*) AS variants,
            sum(power(visitors - even, 2) / even) AS chi_square
        FROM (SELECT visitors, avg(visitors) OVER () AS even FROM shown) AS parts
    )
    SELECT asked.head || jsonb_build_object(
        'experiment', asked.options -> 'experiment',
        'variants', coalesce(jsonb_agg(
            jsonb_build_object(
                'variant', compared.variant,
                'visitors', visitors,
                'converted', converted,
                'conversions', conversions,
                'conversion_rate', business.site_rate(converted, visitors, 4),
                'revenue', coalesce(money.revenue, '{}'))
            || CASE WHEN compared.variant = control_variant THEN '{}' ELSE jsonb_build_object(
                'difference', trim_scale(round(difference::numeric, 4)),
                'interval', jsonb_build_array(
                    trim_scale(round((difference - margin)::numeric, 4)),
                    trim_scale(round((difference + margin)::numeric, 4))),
                'uplift', business.site_rate(difference::numeric, control_rate::numeric, 4)) END
            ORDER BY compared.variant <> control_variant, compared.variant COLLATE "C"), '[]'),
        'in_several', (SELECT count(*) FROM exposures WHERE variants > 1),
        'chi_square', (SELECT trim_scale(round(chi_square, 4)) FROM shares),
        'is_even', (SELECT chi_square <= critical[variants::integer - 1] FROM shares))
    INTO answer
    FROM compared
    LEFT JOIN money ON money.variant = compared.variant;
    RETURN answer;
END
$body$;
COMMENT ON FUNCTION business.site_experiment(bytea, jsonb)
IS 'The data of api.get_experiment. Errors: ST400.';

CALL raw.site_tracking_own_routines();

COMMIT;
