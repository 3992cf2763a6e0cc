-- Purpose: session analytics: how sessions are filtered, summed up and broken down, and what that costs. Run after 06.
--
-- Errors: ST400 bad argument, ST413 too much to read.

BEGIN;

DO $lock$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('site_tracking', 0));
END
$lock$;

-- -------------------------------------------------------------------------- analytics from rollups

-- Exact where all borders are quarters of an hour.
CREATE OR REPLACE FUNCTION business.site_rolled_metrics(
    tenant bytea, starts timestamptz[], ends timestamptz[]
) RETURNS TABLE (
    number integer,
    metrics jsonb
)
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
-- Planning would take as long as the answer; all borders are narrow ranges of indexes.
SET plan_cache_mode = force_generic_plan
AS $body$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH parts AS (
        SELECT *
        FROM business.site_rollup_b
        WHERE tenant_hk = tenant
            AND dimension = 'visits'
            AND bucket_start >= starts[1]
            AND bucket_start < ends[1]
        UNION ALL
        SELECT sums.*
        FROM business.site_open_sessions(tenant, starts[1], ends[1]) AS sessions
        CROSS JOIN LATERAL business.site_session_sums(sessions, 1) AS sums
        WHERE sums.dimension = 'visits' AND NOT sessions.is_bot
    ),
    interval_sums AS (
        SELECT
            width_bucket(bucket_start, starts[2:]) AS number, currency, sum(visits) AS visits,
            sum(bounces) AS bounces, sum(bounceable) AS bounceable, sum(converted) AS converted,
            sum(page_views) AS page_views, sum(events) AS events, sum(conversions) AS conversions,
            sum(duration_seconds) AS duration_seconds, sum(engaged_seconds) AS engaged_seconds,
            sum(revenue) AS revenue, sum(refunds) AS refunds
        FROM parts
        GROUP BY 1, 2
    ),
    -- The first interval, 0, is the whole period, the others divide it.
    sums AS MATERIALIZED (
        SELECT
            coalesce(number, 0) AS number, currency, sum(visits) AS visits, sum(bounces) AS bounces,
            sum(bounceable) AS bounceable, sum(converted) AS converted, sum(page_views) AS page_views,
            sum(events) AS events, sum(conversions) AS conversions,
            sum(duration_seconds) AS duration_seconds, sum(engaged_seconds) AS engaged_seconds,
            sum(revenue) AS revenue, sum(refunds) AS refunds
        FROM interval_sums
        GROUP BY GROUPING SETS ((currency), (number, currency))
        HAVING number IS NULL OR number > 0
    ),
    money AS (
        SELECT
            number,
            jsonb_object_agg(currency, trim_scale(revenue)) FILTER (WHERE revenue <> 0) AS revenue,
            jsonb_object_agg(currency, trim_scale(refunds)) FILTER (WHERE refunds <> 0) AS refunds
        FROM sums
        WHERE currency <> ''
        GROUP BY number
    )
    SELECT
        intervals.number::integer - 1,
        business.site_metrics(
            sums.visits - coalesce(near.visits, 0) - coalesce(far.visits, 0) - coalesce(days.visits, 0)
                - coalesce(last_near.visits, 0) - last_far.visits,
            sums.visits, sums.bounces, sums.bounceable, sums.converted, sums.page_views, sums.events,
            sums.conversions, sums.duration_seconds, sums.engaged_seconds, money.revenue,
            money.refunds)
    FROM unnest(starts, ends) WITH ORDINALITY AS intervals (starts_at, ends_at, number)
    LEFT JOIN sums ON sums.number = intervals.number - 1 AND sums.currency = ''
    LEFT JOIN money ON money.number = intervals.number - 1
    -- Sessions whose visitor had one before in the same interval. Of an interval no longer than a day
    -- both lie near. A longer one has whole UTC days, and before and after them two rests.
    CROSS JOIN LATERAL (
        SELECT
            intervals.ends_at - intervals.starts_at > INTERVAL '25 hours' AS is_long,
            business.site_day(intervals.starts_at + INTERVAL '1 day' - INTERVAL '1 microsecond') AS days_from,
            business.site_day(intervals.ends_at) AS days_to
    ) AS spans
    CROSS JOIN LATERAL (
        SELECT sum(visits) AS visits
        FROM business.site_return_b
        WHERE tenant_hk = tenant
            AND span = 'NEAR'
            AND previous_bucket >= intervals.starts_at
            AND previous_bucket < CASE WHEN spans.is_long THEN spans.days_from ELSE intervals.ends_at END
            AND start_bucket < intervals.ends_at
    ) AS near
    CROSS JOIN LATERAL (
        SELECT sum(visits) AS visits
        FROM business.site_return_b
        WHERE spans.is_long
            AND tenant_hk = tenant
            AND span = 'FAR'
            AND previous_bucket >= intervals.starts_at
            AND previous_bucket < spans.days_from
            AND start_bucket < spans.days_to
    ) AS far
    CROSS JOIN LATERAL (
        SELECT sum(visits) AS visits
        FROM business.site_return_b
        WHERE spans.is_long
            AND tenant_hk = tenant
            AND span = 'DAY'
            AND previous_bucket >= spans.days_from
            AND start_bucket < spans.days_to
    ) AS days
    CROSS JOIN LATERAL (
        SELECT sum(visits) AS visits
        FROM business.site_return_b
        WHERE spans.is_long
            AND tenant_hk = tenant
            AND span = 'NEAR'
            AND previous_bucket >= greatest(spans.days_from, spans.days_to - INTERVAL '25 hours')
            AND previous_bucket < intervals.ends_at
            AND start_bucket >= spans.days_to
            AND start_bucket < intervals.ends_at
    ) AS last_near
    CROSS JOIN LATERAL (
        SELECT count(*) AS visits
        FROM business.site_session_b
        WHERE spans.is_long
            AND tenant_hk = tenant
            AND key_start >= spans.days_to
            AND key_start < intervals.ends_at
            AND previous_start >= intervals.starts_at
            AND NOT business.site_is_near(previous_start, session_start)
    ) AS last_far;
END
$body$;
COMMENT ON FUNCTION business.site_rolled_metrics(bytea, timestamptz[], timestamptz[])
IS 'Metrics of each of the intervals, numbered from 0, without robots; all borders must be quarters of an hour.';

CREATE OR REPLACE FUNCTION business.site_values_asked(filters jsonb, field text)
RETURNS text[]
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT ARRAY(SELECT value FROM jsonb_array_elements_text(filters -> field) AS value WHERE value IS NOT NULL)
$body$;
COMMENT ON FUNCTION business.site_values_asked(jsonb, text)
IS 'The texts that a filter asks for.';

-- Filters are an object of arrays of texts and nulls; without one a field is not looked at. Of filters that the planner
-- knows nothing is left but a column among constants, of which it knows how many rows have them.
CREATE OR REPLACE FUNCTION business.site_filter(filters jsonb, field text, value text)
RETURNS boolean
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
AS $body$
    SELECT NOT filters ? field
        OR value = ANY (business.site_values_asked(filters, field))
        OR value IS NULL AND filters -> field @> '[null]'
$body$;
COMMENT ON FUNCTION business.site_filter(jsonb, text, text)
IS 'Whether a value is among those asked for; NULL or false where it is not.';

CREATE OR REPLACE FUNCTION business.site_breakdowns(options jsonb, usual text[], others text[])
RETURNS text[]
LANGUAGE plpgsql
IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    known CONSTANT text[] := usual || others;
    asked CONSTANT jsonb := coalesce(options -> 'breakdowns', to_jsonb(usual));
BEGIN
    IF jsonb_typeof(asked) <> 'array' OR NOT asked <@ to_jsonb(known) THEN
        PERFORM business.site_argument_error(
            'breakdowns', 'An array of some of ' || array_to_string(known, ', ') || '.');
    END IF;
    RETURN ARRAY(SELECT jsonb_array_elements_text(asked));
END
$body$;
COMMENT ON FUNCTION business.site_breakdowns(jsonb, text[], text[])
IS 'The breakdowns asked for, the usual ones without the option. Errors: ST400.';

CREATE OR REPLACE FUNCTION business.site_filters(options jsonb)
RETURNS jsonb
LANGUAGE plpgsql
IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    known CONSTANT text[] := ARRAY['device', 'browser', 'os', 'channel', 'source', 'utm_source', 'utm_medium',
        'utm_campaign', 'utm_term', 'utm_content', 'entry_page', 'exit_page', 'referrer', 'language',
        'country'];
    -- What a session has one of, or what its events tell: no session is without.
    known_by_key CONSTANT text[] := ARRAY['session', 'visitor', 'page', 'item', 'item_category', 'item_brand',
        'item_type', 'event', 'experiment', 'goal', 'visitor_kind'];
    is_by_key boolean;
    filter record;
    given jsonb;
    filters jsonb := '{}';
BEGIN
    IF options ? 'filters' AND jsonb_typeof(options -> 'filters') <> 'object' THEN
        PERFORM business.site_argument_error('filters', 'Filters are a JSON object.');
    END IF;
    FOR filter IN SELECT key, value FROM jsonb_each(coalesce(options -> 'filters', '{}')) LOOP
        is_by_key := filter.key = ANY (known_by_key) OR filter.key ~ '^property:.{1,200}$' OR filter.key ~ '^score:.{1,100}$';
        IF filter.key <> ALL (known) AND NOT is_by_key THEN
            PERFORM business.site_argument_error(
                'filters.' || left(filter.key, 100), 'This filter is not known.');
        END IF;
        given := CASE jsonb_typeof(filter.value) WHEN 'array' THEN filter.value
            ELSE jsonb_build_array(filter.value) END;
        IF jsonb_array_length(given) NOT BETWEEN 1 AND 100
            OR EXISTS (
                SELECT FROM jsonb_array_elements(given) AS element
                WHERE jsonb_typeof(element) NOT IN ('string', 'null') OR length(element #>> '{}') > 2048
                    OR is_by_key AND element = 'null'
            ) THEN
            PERFORM business.site_argument_error('filters.' || filter.key,
                'A text of at most 2048 characters, or an array of 1 to 100 such texts'
                    || CASE WHEN is_by_key THEN '.' ELSE ' and nulls for none.' END);
        END IF;
        IF filter.key = 'visitor_kind' AND NOT given <@ '["recognised", "anonymous"]' THEN
            PERFORM business.site_argument_error('filters.visitor_kind', 'One of recognised, anonymous.');
        END IF;
        IF filter.key LIKE 'score:%' AND given @? '$[*] ? (!(@ like_regex "^(-?[0-9]{1,15}([.][0-9]{1,15})?)?[.][.](-?[0-9]{1,15}([.][0-9]{1,15})?)?$"))' THEN
            PERFORM business.site_argument_error('filters.' || filter.key, 'Ranges such as 0.5.., ..0.2 or 0.2..0.5.');
        END IF;
        filters := filters || jsonb_build_object(filter.key, given);
    END LOOP;
    RETURN filters;
END
$body$;
COMMENT ON FUNCTION business.site_filters(jsonb)
IS 'The filters of options, each as an array. Errors: ST400.';

CREATE OR REPLACE FUNCTION business.site_event_filters(filters jsonb)
RETURNS jsonb
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
AS $body$
    SELECT coalesce(jsonb_object_agg(key, value), '{}')
    FROM jsonb_each(filters)
    WHERE key IN ('page', 'item', 'item_category', 'item_brand', 'item_type', 'event', 'experiment', 'goal')
        OR key LIKE 'property:%'
$body$;
COMMENT ON FUNCTION business.site_event_filters(jsonb)
IS 'Those of the filters that a session passes by an event of its own.';

CREATE OR REPLACE FUNCTION business.site_filter_keys(tenant bytea, filters jsonb, field text)
RETURNS bytea[]
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
AS $body$
    SELECT array_agg(business.site_hash_key(tenant, value))
    FROM jsonb_array_elements_text(filters -> field) AS value
$body$;
COMMENT ON FUNCTION business.site_filter_keys(bytea, jsonb, text)
IS 'The hash keys of what a filter asks for; NULL without it.';

CREATE OR REPLACE FUNCTION business.site_category(category text, level integer)
RETURNS text
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
AS $body$
    SELECT nullif(array_to_string((ARRAY(
        SELECT btrim(name)
        FROM unnest(string_to_array(category, '>')) WITH ORDINALITY AS levels (name, place)
        WHERE btrim(name) <> ''
        ORDER BY place))[:coalesce(level, 1000)], ' > '), '')
$body$;
COMMENT ON FUNCTION business.site_category(text, integer)
IS 'The first levels of a category, all of them where level is NULL: names with " > " between, however it was written.';

CREATE OR REPLACE FUNCTION business.site_described_items(tenant bytea, field text, level integer)
RETURNS TABLE (
    item bigint,
    value text
)
LANGUAGE sql
STABLE
PARALLEL SAFE
ROWS 10000
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT
        business.site_short_key(hubs.business_item_hk),
        CASE field
            WHEN 'category' THEN business.site_category(latest.item_category, level)
            WHEN 'brand' THEN latest.item_brand
            WHEN 'type' THEN latest.item_type END
    FROM business.business_item_h AS hubs
    LEFT JOIN LATERAL (
        SELECT *
        FROM business.business_item_details_s AS versions
        WHERE versions.business_item_hk = hubs.business_item_hk
        ORDER BY event_timestamp DESC, load_date DESC
        LIMIT 1
    ) AS latest ON true
    WHERE hubs.tenant_hk = tenant
$body$;
COMMENT ON FUNCTION business.site_described_items(bytea, text, integer)
IS 'The items of a tenant by business.site_short_key, with what their latest descriptions say of their category, brand or type.';

CREATE OR REPLACE FUNCTION business.site_items_asked(tenant bytea, filters jsonb, field text)
RETURNS bigint[]
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT CASE
        WHEN NOT filters ? field THEN NULL
        WHEN field = 'item' THEN ARRAY(
            SELECT business.site_short_key(key)
            FROM unnest(business.site_filter_keys(tenant, filters, 'item')) AS key)
        ELSE ARRAY(
            SELECT described.item
            FROM jsonb_array_elements_text(filters -> field) AS asked (value)
            CROSS JOIN LATERAL (
                SELECT CASE field WHEN 'item_category' THEN business.site_category(asked.value, NULL)
                    ELSE asked.value END AS value
            ) AS wanted
            JOIN business.site_described_items(tenant, substr(field, 6), NULL) AS described
                ON described.value = wanted.value
                OR field = 'item_category' AND starts_with(described.value, wanted.value || ' > '))
        END
$body$;
COMMENT ON FUNCTION business.site_items_asked(bytea, jsonb, text)
IS 'The items that a filter asks for, by business.site_short_key: item by id, item_category, which includes what lies below, item_brand, item_type; NULL without it.';

CREATE OR REPLACE FUNCTION business.site_sessions_named(filters jsonb, field text)
RETURNS bytea[]
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
AS $body$
    SELECT array_agg(substr(listed.keys, place, 32))
    FROM (SELECT decode(filters ->> field, 'hex') AS keys OFFSET 0) AS listed
    CROSS JOIN LATERAL generate_series(1, length(listed.keys), 32) AS place
$body$;
COMMENT ON FUNCTION business.site_sessions_named(jsonb, text)
IS 'The sessions that resolved filters name: among those that pass by their events or scores, closed_sessions that pass by all.';

CREATE OR REPLACE FUNCTION business.site_starts_found(filters jsonb)
RETURNS timestamptz[]
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
AS $body$
    SELECT array_agg(timestamptz 'epoch' + micros * INTERVAL '1 microsecond' ORDER BY place)
    FROM unnest((filters ->> 'closed_starts')::bigint[]) WITH ORDINALITY AS starts (micros, place)
$body$;
COMMENT ON FUNCTION business.site_starts_found(jsonb)
IS 'When the closed_sessions that resolved filters name began, to the millisecond.';

CREATE OR REPLACE FUNCTION business.site_visitor_kind(visitor_bk text)
RETURNS text
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
AS $body$ SELECT CASE WHEN visitor_bk LIKE 'anon\_%' THEN 'anonymous' ELSE 'recognised' END $body$;
COMMENT ON FUNCTION business.site_visitor_kind(text)
IS 'Whether a pseudonym stands for a visitor or, where nobody may be recognised, for a single page view.';

-- The next ones are without settings of their own, so that the planner sees through them.
CREATE OR REPLACE FUNCTION business.site_passes(session business.site_session_b, tenant bytea, filters jsonb)
RETURNS boolean
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
AS $body$
    SELECT business.site_filter(filters, 'device', session.device_type)
        AND business.site_filter(filters, 'browser', session.browser)
        AND business.site_filter(filters, 'os', session.os)
        AND business.site_filter(filters, 'channel', session.channel)
        AND business.site_filter(filters, 'source', coalesce(session.utm_source, session.referrer_host))
        AND business.site_filter(filters, 'utm_source', session.utm_source)
        AND business.site_filter(filters, 'utm_medium', session.utm_medium)
        AND business.site_filter(filters, 'utm_campaign', session.utm_campaign)
        AND business.site_filter(filters, 'utm_term', session.utm_term)
        AND business.site_filter(filters, 'utm_content', session.utm_content)
        AND business.site_filter(filters, 'entry_page', session.entry_page_url)
        AND business.site_filter(filters, 'exit_page', session.exit_page_url)
        AND business.site_filter(filters, 'referrer', session.referrer_host)
        AND business.site_filter(filters, 'language', session.language)
        AND business.site_filter(filters, 'country', session.country)
        AND (NOT filters ? 'session' OR session.session_hk = ANY (business.site_filter_keys(tenant, filters, 'session')))
        AND (NOT filters ? 'visitor' OR session.visitor_hk = ANY (business.site_filter_keys(tenant, filters, 'visitor')))
        AND (NOT filters ? 'among' OR session.session_hk = ANY (business.site_sessions_named(filters, 'among')))
$body$;
COMMENT ON FUNCTION business.site_passes(business.site_session_b, bytea, jsonb)
IS 'Whether a session passes the filters, which site_resolved_filters gave, but for the kind of its visitor; NULL or false where it does not.';

CREATE OR REPLACE FUNCTION business.site_filtered_closed(
    tenant bytea, from_at timestamptz, to_at timestamptz, filters jsonb, include_bots boolean
) RETURNS SETOF business.site_session_b
LANGUAGE sql
STABLE
PARALLEL SAFE
AS $body$
    SELECT *
    FROM business.site_session_b AS sessions
    WHERE NOT filters ? 'closed_sessions'
        AND tenant_hk = tenant
        AND session_status = 'CLOSED'
        AND session_start >= from_at
        AND session_start < to_at
        AND key_start >= from_at - INTERVAL '1 millisecond'
        AND key_start < to_at
        AND (include_bots OR NOT is_bot)
        AND business.site_passes(sessions, tenant, filters)
        AND (NOT filters ? 'visitor_kind' OR filters -> 'visitor_kind' ? (
            SELECT business.site_visitor_kind(visitor_bk)
            FROM business.site_visitor_h AS visitors
            WHERE visitors.visitor_hk = sessions.visitor_hk))
$body$;
COMMENT ON FUNCTION business.site_filtered_closed(bytea, timestamptz, timestamptz, jsonb, boolean)
IS 'The closed ones of the sessions that began in a period and pass the filters, which site_resolved_filters gave; none where filters name them.';

CREATE OR REPLACE FUNCTION business.site_found_closed(
    tenant bytea, from_at timestamptz, to_at timestamptz, filters jsonb, include_bots boolean
) RETURNS SETOF business.site_session_b
LANGUAGE sql
STABLE
PARALLEL SAFE
AS $body$
    SELECT sessions.*
    FROM unnest(business.site_starts_found(filters), business.site_sessions_named(filters, 'closed_sessions'))
        AS found (key_start, session_hk)
    CROSS JOIN LATERAL (
        SELECT *
        FROM business.site_session_b AS held
        WHERE held.tenant_hk = tenant
            AND held.key_start = found.key_start
            AND held.session_hk = found.session_hk
        OFFSET 0
    ) AS sessions
    WHERE filters ? 'closed_sessions'
        AND sessions.session_start >= from_at
        AND sessions.session_start < to_at
        AND (include_bots OR NOT sessions.is_bot)
$body$;
COMMENT ON FUNCTION business.site_found_closed(bytea, timestamptz, timestamptz, jsonb, boolean)
IS 'As business.site_filtered_closed where filters name these sessions: each by its key.';

CREATE OR REPLACE FUNCTION business.site_filtered_open(
    tenant bytea, from_at timestamptz, to_at timestamptz, filters jsonb, include_bots boolean
) RETURNS SETOF business.site_session_b
LANGUAGE sql
STABLE
PARALLEL SAFE
AS $body$
    SELECT *
    FROM business.site_open_sessions(tenant, from_at, to_at) AS sessions
    WHERE (include_bots OR NOT is_bot)
        AND business.site_passes(sessions, tenant, filters)
        AND (NOT filters ? 'visitor_kind' OR filters -> 'visitor_kind' ? (
            SELECT business.site_visitor_kind(visitor_bk)
            FROM business.site_visitor_h AS visitors
            WHERE visitors.visitor_hk = sessions.visitor_hk))
$body$;
COMMENT ON FUNCTION business.site_filtered_open(bytea, timestamptz, timestamptz, jsonb, boolean)
IS 'The open ones of the sessions that began in a period and pass the filters, which site_resolved_filters gave.';

CREATE OR REPLACE FUNCTION business.site_filtered_sessions(
    tenant bytea, from_at timestamptz, to_at timestamptz, filters jsonb, include_bots boolean
) RETURNS SETOF business.site_session_b
LANGUAGE sql
STABLE
PARALLEL SAFE
AS $body$
    SELECT * FROM business.site_filtered_closed(tenant, from_at, to_at, filters, include_bots)
    UNION ALL
    SELECT * FROM business.site_found_closed(tenant, from_at, to_at, filters, include_bots)
    UNION ALL
    SELECT * FROM business.site_filtered_open(tenant, from_at, to_at, filters, include_bots)
$body$;
COMMENT ON FUNCTION business.site_filtered_sessions(bytea, timestamptz, timestamptz, jsonb, boolean)
IS 'The sessions that began in a period and pass the filters, which site_resolved_filters gave.';

CREATE OR REPLACE FUNCTION business.site_filtered_metrics(
    tenant bytea, starts timestamptz[], ends timestamptz[], filters jsonb, include_bots boolean
) RETURNS TABLE (
    number integer,
    metrics jsonb
)
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    -- The first interval is the whole period, the others divide it.
    WITH chosen AS MATERIALIZED (
        SELECT
            width_bucket(session_start, starts[2:]) AS number, visitor_hk, is_bounce, conversions, page_views,
            total_events, duration_seconds, engaged_seconds, revenue, refunds
        FROM business.site_filtered_sessions(tenant, starts[1], ends[1], filters, include_bots)
    ),
    -- By themselves, as there are nearly as many visitors as sessions.
    came AS MATERIALIZED (
        SELECT number, visitor_hk FROM chosen GROUP BY number, visitor_hk
    ),
    visitors AS (
        SELECT number, count(*) AS visitors FROM came WHERE number > 0 GROUP BY number
        UNION ALL
        SELECT 0, count(*) FROM (SELECT visitor_hk FROM came GROUP BY visitor_hk) AS distinct_ones
    ),
    interval_sums AS MATERIALIZED (
        SELECT
            number,
            count(*) AS visits,
            count(*) FILTER (WHERE is_bounce) AS bounces,
            count(is_bounce) AS bounceable,
            count(*) FILTER (WHERE conversions > 0) AS converted,
            sum(page_views) AS page_views,
            sum(total_events) AS events,
            sum(conversions) AS conversions,
            sum(duration_seconds) AS duration_seconds,
            sum(engaged_seconds) AS engaged_seconds
        FROM chosen
        GROUP BY number
    ),
    money AS MATERIALIZED (
        SELECT
            sessions.number,
            amounts.currency,
            sum(amounts.revenue) AS revenue,
            sum(amounts.refunds) AS refunds
        FROM chosen AS sessions
        CROSS JOIN LATERAL business.site_money(sessions.revenue, sessions.refunds) AS amounts
        WHERE sessions.revenue IS NOT NULL OR sessions.refunds IS NOT NULL
        GROUP BY 1, 2
    ),
    sums AS (
        SELECT
            coalesce(number, 0) AS number, sum(visits) AS visits, sum(bounces) AS bounces,
            sum(bounceable) AS bounceable, sum(converted) AS converted, sum(page_views) AS page_views,
            sum(events) AS events, sum(conversions) AS conversions,
            sum(duration_seconds) AS duration_seconds, sum(engaged_seconds) AS engaged_seconds
        FROM interval_sums
        GROUP BY GROUPING SETS ((), (number))
        HAVING number IS NULL OR number > 0
    ),
    money_sums AS (
        SELECT
            number,
            jsonb_object_agg(currency, trim_scale(revenue)) FILTER (WHERE revenue <> 0) AS revenue,
            jsonb_object_agg(currency, trim_scale(refunds)) FILTER (WHERE refunds <> 0) AS refunds
        FROM (
            SELECT
                coalesce(number, 0) AS number, currency, sum(revenue) AS revenue, sum(refunds) AS refunds
            FROM money
            GROUP BY GROUPING SETS ((currency), (number, currency))
        ) AS amounts
        GROUP BY number
    )
    SELECT
        intervals.number::integer - 1,
        business.site_metrics(
            visitors.visitors, sums.visits, sums.bounces, sums.bounceable, sums.converted, sums.page_views,
            sums.events, sums.conversions, sums.duration_seconds, sums.engaged_seconds,
            money_sums.revenue, money_sums.refunds)
    FROM unnest(starts) WITH ORDINALITY AS intervals (starts_at, number)
    LEFT JOIN sums ON sums.number = intervals.number - 1
    LEFT JOIN visitors ON visitors.number = intervals.number - 1
    LEFT JOIN money_sums ON money_sums.number = intervals.number - 1;
END
$body$;
COMMENT ON FUNCTION business.site_filtered_metrics(bytea, timestamptz[], timestamptz[], jsonb, boolean)
IS 'As site_rolled_metrics, from the sessions themselves: the first interval is the period, the others divide it.';

CREATE OR REPLACE FUNCTION business.site_nearest_day(instant timestamptz)
RETURNS timestamptz
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
AS $body$ SELECT date_bin('1 day', instant + INTERVAL '12 hours', '2000-01-01 00:00:00Z') $body$;
COMMENT ON FUNCTION business.site_nearest_day(timestamptz)
IS 'The beginning of a UTC day that is nearest.';

CREATE OR REPLACE FUNCTION business.site_rests(
    from_at timestamptz, to_at timestamptz, days_from timestamptz, days_to timestamptz
) RETURNS TABLE (
    sign integer,
    starts_at timestamptz,
    ends_at timestamptz
)
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
ROWS 2
SET search_path = pg_catalog, pg_temp
AS $body$
    -- A period that is no longer than the days are apart from it has no days at all.
    SELECT rests.sign, rests.starts_at, rests.ends_at
    FROM (VALUES
        (1, from_at, CASE WHEN days_from < days_to THEN days_from ELSE to_at END),
        (-1, days_from, CASE WHEN days_from < days_to THEN from_at END),
        (1, CASE WHEN days_from < days_to THEN days_to END, to_at),
        (-1, to_at, CASE WHEN days_from < days_to THEN days_to END)
    ) AS rests (sign, starts_at, ends_at)
    WHERE rests.starts_at < rests.ends_at
$body$;
COMMENT ON FUNCTION business.site_rests(timestamptz, timestamptz, timestamptz, timestamptz)
IS 'What is to be added to whole days, or taken off by sign -1, to make a period of them.';

CREATE OR REPLACE FUNCTION business.site_sums_of_sessions(
    tenant bytea, from_at timestamptz, to_at timestamptz, filters jsonb, include_bots boolean,
    is_rolled boolean, days_from timestamptz, days_to timestamptz
) RETURNS TABLE (
    dimension varchar(20),
    currency text,
    value text,
    visits bigint,
    bounces bigint,
    bounceable bigint,
    converted bigint,
    page_views bigint,
    conversions bigint,
    duration_seconds bigint,
    revenue numeric,
    refunds numeric
)
LANGUAGE plpgsql
STABLE
ROWS 10000
SET search_path = pg_catalog, pg_temp
AS $body$
#variable_conflict use_column
BEGIN
    -- RETURN QUERY, as no SELECT INTO has parallel workers.
    RETURN QUERY
    WITH loose AS MATERIALIZED (
        SELECT
            told.sign, told.entry_page_url, told.exit_page_url, told.channel,
            coalesce(told.utm_source, told.referrer_host) AS source, told.utm_campaign, told.device_type,
            told.browser, told.os, told.country, told.is_bounce, told.conversions, told.page_views,
            told.duration_seconds, told.revenue, told.refunds
        FROM (
            -- Closed and open ones each by themselves: of rows that are put together first all columns would be.
            SELECT 1 AS sign, sessions.*
            FROM business.site_filtered_closed(tenant, from_at, to_at, filters, include_bots) AS sessions
            WHERE NOT is_rolled
            UNION ALL
            SELECT 1, sessions.*
            FROM business.site_found_closed(tenant, from_at, to_at, filters, include_bots) AS sessions
            WHERE NOT is_rolled
            UNION ALL
            SELECT 1, sessions.*
            FROM business.site_filtered_open(tenant, from_at, to_at, filters, include_bots) AS sessions
            WHERE NOT is_rolled
            UNION ALL
            SELECT rests.sign, sessions.*
            FROM business.site_rests(from_at, to_at, days_from, days_to) AS rests
            CROSS JOIN LATERAL business.site_sessions(tenant, rests.starts_at, rests.ends_at) AS sessions
            WHERE is_rolled AND NOT sessions.is_bot
            UNION ALL
            -- Open sessions are not in the rollup.
            SELECT 1, sessions.*
            FROM business.site_open_sessions(tenant, days_from, days_to) AS sessions
            WHERE NOT sessions.is_bot
        ) AS told
    ),
    -- In one pass over the sessions. What hangs together makes few groups, of which the sums by each are made.
    grouped AS MATERIALIZED (
        SELECT
            grouping(entry_page_url, exit_page_url, channel, device_type) AS others,
            coalesce(entry_page_url, exit_page_url) AS url, channel, source, utm_campaign, device_type, browser, os,
            country,
            sum(sign) AS visits,
            sum(sign * coalesce(is_bounce, false)::integer) AS bounces,
            sum(sign * (is_bounce IS NOT NULL)::integer) AS bounceable,
            sum(sign * (conversions > 0)::integer) AS converted,
            sum(sign * page_views) AS page_views,
            sum(sign * conversions) AS conversions,
            sum(sign * duration_seconds)::bigint AS duration_seconds
        FROM loose
        GROUP BY GROUPING SETS (
            (entry_page_url), (exit_page_url), (channel, source, utm_campaign), (device_type, browser, os, country))
    )
    -- The values as in business.site_session_values.
    SELECT
        CASE others WHEN b'0111'::integer THEN 'entry_pages' ELSE 'exit_pages' END::varchar(20), '', url, visits,
        bounces, bounceable, converted, page_views, conversions, duration_seconds, 0::numeric, 0::numeric
    FROM grouped
    WHERE others IN (b'0111'::integer, b'1011'::integer)
    UNION ALL
    SELECT
        CASE 0
            WHEN grouping(channel) THEN 'channels'
            WHEN grouping(source) THEN 'sources'
            WHEN grouping(utm_campaign) THEN 'campaigns'
        END,
        '', coalesce(channel, source, utm_campaign), sum(visits)::bigint, sum(bounces)::bigint,
        sum(bounceable)::bigint, sum(converted)::bigint, sum(page_views)::bigint, sum(conversions)::bigint,
        sum(duration_seconds)::bigint, 0, 0
    FROM grouped
    WHERE others = b'1101'::integer
    GROUP BY GROUPING SETS ((channel), (source), (utm_campaign))
    UNION ALL
    SELECT
        CASE 0
            WHEN grouping(device_type) THEN 'devices'
            WHEN grouping(browser) THEN 'browsers'
            WHEN grouping(os) THEN 'operating_systems'
            WHEN grouping(country) THEN 'countries'
        END,
        '', coalesce(device_type, browser, os, country), sum(visits)::bigint, sum(bounces)::bigint,
        sum(bounceable)::bigint, sum(converted)::bigint, sum(page_views)::bigint, sum(conversions)::bigint,
        sum(duration_seconds)::bigint, 0, 0
    FROM grouped
    WHERE others = b'1110'::integer
    GROUP BY GROUPING SETS ((device_type), (browser), (os), (country))
    UNION ALL
    -- Few sessions have money. The row without a currency is the one that counts, as in business.site_session_sums.
    SELECT
        CASE 0
            WHEN grouping(entry_page_url) THEN 'entry_pages'
            WHEN grouping(exit_page_url) THEN 'exit_pages'
            WHEN grouping(channel) THEN 'channels'
            WHEN grouping(source) THEN 'sources'
            WHEN grouping(utm_campaign) THEN 'campaigns'
            WHEN grouping(device_type) THEN 'devices'
            WHEN grouping(browser) THEN 'browsers'
            WHEN grouping(os) THEN 'operating_systems'
            WHEN grouping(country) THEN 'countries'
        END,
        currency,
        coalesce(
            entry_page_url, exit_page_url, channel, source, utm_campaign, device_type, browser, os, country),
        0, 0, 0, 0, 0, 0, 0, sum(revenue), sum(refunds)
    FROM (
        SELECT
            loose.entry_page_url, loose.exit_page_url, loose.channel, loose.source, loose.utm_campaign,
            loose.device_type, loose.browser, loose.os, loose.country, money.currency,
            loose.sign * money.revenue AS revenue, loose.sign * money.refunds AS refunds
        FROM loose
        CROSS JOIN LATERAL business.site_money(loose.revenue, loose.refunds) AS money
        WHERE loose.revenue IS NOT NULL OR loose.refunds IS NOT NULL
    ) AS amounts
    GROUP BY currency, GROUPING SETS (
        (entry_page_url), (exit_page_url), (channel), (source), (utm_campaign), (device_type), (browser), (os),
        (country));
END
$body$;
COMMENT ON FUNCTION business.site_sums_of_sessions(bytea, timestamptz, timestamptz, jsonb, boolean, boolean, timestamptz, timestamptz)
IS 'Sums by each value of each dimension, of the sessions that pass the filters, or, beside the rollup of whole days, of what it has too little or, with less than nothing, too much.';

CREATE OR REPLACE FUNCTION business.site_session_breakdowns(
    tenant bytea, from_at timestamptz, to_at timestamptz, filters jsonb, include_bots boolean,
    is_rolled boolean, dimensions text[], most integer, looked business.site_rollup_b[]
) RETURNS jsonb
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
#variable_conflict use_column
DECLARE
    -- The whole UTC days next to the period, for which the rollup is asked; what they have too little is
    -- added and what they have too much is taken off, from the sessions. None without the rollup.
    days_from CONSTANT timestamptz := CASE WHEN is_rolled THEN business.site_nearest_day(from_at) ELSE from_at END;
    days_to CONSTANT timestamptz := CASE WHEN is_rolled THEN business.site_nearest_day(to_at) ELSE from_at END;
    breakdowns jsonb;
BEGIN
    WITH loose_sums AS MATERIALIZED (
        SELECT
            dimension, sha256(convert_to(coalesce('=' || value, ''), 'UTF8')) AS value_key, currency, value,
            visits, bounces, bounceable, converted, page_views, conversions, duration_seconds, revenue, refunds
        FROM business.site_sums_of_sessions(
            tenant, from_at, to_at, filters, include_bots, is_rolled, days_from, days_to)
        WHERE looked IS NULL AND dimension = ANY (dimensions)
        UNION ALL
        SELECT
            dimension, value_key, currency, value, visits, bounces, bounceable, converted, page_views, conversions,
            duration_seconds, revenue, refunds
        FROM unnest(looked)
        WHERE dimension = ANY (dimensions)
    ),
    -- Most values are not listed: only their visits are summed.
    chosen AS MATERIALIZED (
        SELECT dimension, value_key
        FROM (
            SELECT
                dimension,
                value_key,
                rank() OVER (PARTITION BY dimension ORDER BY sum(visits) DESC) AS place
            FROM (
                SELECT dimension, value_key, visits
                FROM business.site_rollup_b
                WHERE tenant_hk = tenant
                    AND dimension = ANY (dimensions)
                    AND bucket_start >= days_from
                    AND bucket_start < days_to
                    AND currency = ''
                UNION ALL
                SELECT dimension, value_key, visits FROM loose_sums WHERE currency = ''
            ) AS visited
            GROUP BY dimension, value_key
            HAVING sum(visits) > 0
        ) AS placed
        WHERE place <= most
    ),
    grouped AS MATERIALIZED (
        SELECT
            dimension, value_key, currency, min(value) AS value, sum(visits) AS visits,
            sum(bounces) AS bounces, sum(bounceable) AS bounceable, sum(converted) AS converted,
            sum(page_views) AS page_views, sum(conversions) AS conversions,
            sum(duration_seconds) AS duration_seconds, sum(revenue) AS revenue, sum(refunds) AS refunds
        FROM (
            SELECT
                summed.dimension, summed.value_key, currency, value, visits, bounces, bounceable, converted,
                page_views, conversions, duration_seconds, revenue, refunds
            FROM chosen
            CROSS JOIN generate_series(
                days_from, days_to - INTERVAL '24 hours', INTERVAL '24 hours') AS day
            -- A few rows by key, rather than all once more. OFFSET 0 keeps the planner to it.
            CROSS JOIN LATERAL (
                SELECT *
                FROM business.site_rollup_b AS held
                WHERE held.tenant_hk = tenant
                    AND held.dimension = chosen.dimension
                    AND held.bucket_start = day
                    AND held.value_key = chosen.value_key
                OFFSET 0
            ) AS summed
            UNION ALL
            SELECT *
            FROM loose_sums
            WHERE (dimension, value_key) IN (SELECT * FROM chosen)
        ) AS parts
        GROUP BY dimension, value_key, currency
    ),
    ranked AS (
        SELECT
            grouped.*,
            row_number() OVER (
                PARTITION BY dimension ORDER BY visits DESC, value COLLATE "C" NULLS LAST
            ) AS rank
        FROM grouped
        WHERE currency = ''
    ),
    money AS (
        SELECT
            dimension,
            value_key,
            jsonb_object_agg(currency, trim_scale(revenue)) FILTER (WHERE revenue <> 0) AS revenue,
            jsonb_object_agg(currency, trim_scale(refunds)) FILTER (WHERE refunds <> 0) AS refunds
        FROM grouped
        WHERE currency <> ''
        GROUP BY dimension, value_key
    ),
    listed AS (
        SELECT
            ranked.dimension,
            jsonb_agg(
                jsonb_build_object(
                    'value', ranked.value,
                    'visits', ranked.visits,
                    'pageviews', ranked.page_views,
                    'bounce_rate', business.site_rate(ranked.bounces, ranked.bounceable, 4),
                    'visit_duration', business.site_rate(ranked.duration_seconds, ranked.visits, 2),
                    'conversions', ranked.conversions,
                    'conversion_rate', business.site_rate(ranked.converted, ranked.visits, 4),
                    'revenue', coalesce(money.revenue, '{}'),
                    'refunds', coalesce(money.refunds, '{}'))
                ORDER BY ranked.rank) AS rows
        FROM ranked
        LEFT JOIN money
            ON money.dimension = ranked.dimension AND money.value_key = ranked.value_key
        WHERE ranked.rank <= most
        GROUP BY ranked.dimension
    )
    SELECT jsonb_object_agg(wanted.dimension, coalesce(listed.rows, '[]'))
    INTO breakdowns
    FROM unnest(dimensions) AS wanted (dimension)
    LEFT JOIN listed ON listed.dimension = wanted.dimension;
    RETURN coalesce(breakdowns, '{}');
END
$body$;
COMMENT ON FUNCTION business.site_session_breakdowns(bytea, timestamptz, timestamptz, jsonb, boolean, boolean, text[], integer, business.site_rollup_b[])
IS 'The greatest values of the dimensions of sessions, from the rollup where it is asked, from what business.site_look told where that is given, else from the sessions.';

CREATE OR REPLACE FUNCTION business.site_session_events(
    tenant bytea, from_at timestamptz, to_at timestamptz, filters jsonb, include_bots boolean
) RETURNS TABLE (
    event_timestamp timestamptz,
    event_hk bytea,
    session_hk bytea,
    visitor_hk bytea
)
LANGUAGE plpgsql
STABLE
ROWS 1000000
SET search_path = pg_catalog, pg_temp
-- Nothing is known of how many sessions are open, and with each of them all events would be looked through.
SET enable_nestloop = off
AS $body$
#variable_conflict use_column
DECLARE
    last_end CONSTANT timestamptz := (
        SELECT max(session_end)
        FROM business.site_filtered_sessions(tenant, from_at, to_at, filters, include_bots));
BEGIN
    IF last_end IS NULL THEN
        RETURN;
    END IF;
    RETURN QUERY
    WITH within AS MATERIALIZED (
        SELECT
            links.event_timestamp, links.event_hk, sessions.session_hk, sessions.visitor_hk, sessions.session_start,
            sessions.session_end
        FROM business.site_filtered_sessions(tenant, from_at, to_at, filters, include_bots) AS sessions
        JOIN business.event_session_l AS links
            ON links.session_hk = sessions.session_hk
            AND links.event_timestamp BETWEEN sessions.session_start AND sessions.session_end
        WHERE links.tenant_hk = tenant
            AND links.event_timestamp >= from_at
            AND links.event_timestamp <= last_end
    )
    SELECT event_timestamp, event_hk, session_hk, visitor_hk
    FROM within
    WHERE (event_timestamp, event_hk, session_hk) NOT IN (
        SELECT passed.event_timestamp, passed.event_hk, passed.session_hk
        FROM (
            SELECT
                array_agg(event_timestamp) AS instants, array_agg(event_hk) AS events,
                array_agg(session_hk) AS sessions, array_agg(session_start) AS starts
            FROM within
            WHERE event_timestamp = session_end
        ) AS ends
        CROSS JOIN LATERAL business.site_passed_on(ends.instants, ends.events, ends.sessions, ends.starts) AS passed);
END
$body$;
COMMENT ON FUNCTION business.site_session_events(bytea, timestamptz, timestamptz, jsonb, boolean)
IS 'The events of the sessions that began in a period and pass the filters, each once.';

-- No one else names filters so: who asks cannot.
CREATE OR REPLACE FUNCTION business.site_path_filters(tenant bytea, asked jsonb)
RETURNS jsonb
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT jsonb_strip_nulls(jsonb_build_object(
        'path_types', CASE WHEN asked ? 'event' THEN to_jsonb(ARRAY(
            SELECT '%' || code || '%'
            FROM business.site_event_type_b
            WHERE tenant_hk = tenant AND asked -> 'event' ? evt_type)) END,
        'path_pages', CASE WHEN asked ? 'page' THEN to_jsonb(ARRAY(
            SELECT business.site_short_key(key)
            FROM unnest(business.site_filter_keys(tenant, asked, 'page')) AS key)) END,
        'path_items', to_jsonb(business.site_items_asked(tenant, asked, 'item')),
        'path_categories', to_jsonb(business.site_items_asked(tenant, asked, 'item_category')),
        'path_brands', to_jsonb(business.site_items_asked(tenant, asked, 'item_brand')),
        'path_kinds', to_jsonb(business.site_items_asked(tenant, asked, 'item_type'))))
$body$;
COMMENT ON FUNCTION business.site_path_filters(bytea, jsonb)
IS 'What paths are compared with, by business.site_path_passes, in the place of filters by events, pages and items.';

-- Which closed sessions have such events, by their paths.
CREATE OR REPLACE FUNCTION business.site_sessions_by_path(
    tenant bytea, from_at timestamptz, to_at timestamptz, asked jsonb
) RETURNS SETOF bytea
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
-- What is not asked for is to cost nothing for each path.
SET plan_cache_mode = force_custom_plan
AS $body$
DECLARE
    filters CONSTANT jsonb := business.site_path_filters(tenant, asked);
BEGIN
    RETURN QUERY
    SELECT session_hk
    FROM business.site_session_path_b AS paths
    WHERE tenant_hk = tenant
        AND key_start >= from_at - INTERVAL '1 millisecond'
        AND key_start < to_at
        AND session_start >= from_at
        AND session_start < to_at
        AND business.site_path_passes(paths, filters)
        AND (NOT asked ? 'experiment' OR session_hk IN (
            SELECT shown.session_hk
            FROM business.site_session_variant_b AS shown
            WHERE shown.tenant_hk = tenant
                AND shown.key_start >= from_at - INTERVAL '1 millisecond'
                AND shown.key_start < to_at
                AND asked -> 'experiment' ? (shown.experiment_id || ':' || shown.variant_id)));
END
$body$;
COMMENT ON FUNCTION business.site_sessions_by_path(bytea, timestamptz, timestamptz, jsonb)
IS 'The closed sessions of a period that have events of all that filters ask for, properties aside.';

-- A session passes by its own score or its visitor's.
CREATE OR REPLACE FUNCTION business.site_scored_filters(
    tenant bytea, from_at timestamptz, to_at timestamptz, filters jsonb
) RETURNS jsonb
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    names CONSTANT text[] := ARRAY(SELECT name FROM jsonb_object_keys(filters) AS name WHERE name LIKE 'score:%');
    others CONSTANT jsonb := filters - names;
BEGIN
    IF names = '{}' THEN
        RETURN filters;
    END IF;
    RETURN others || (
        WITH passing AS MATERIALIZED (
            SELECT DISTINCT asked.name, scores.subject_hk
            FROM unnest(names) AS asked (name)
            CROSS JOIN LATERAL jsonb_array_elements_text(filters -> asked.name) AS ranges (score_range)
            JOIN business.site_scores_current_v AS scores
                ON scores.model = substr(asked.name, 7)
                AND scores.score >= coalesce(nullif(split_part(score_range, '..', 1), '')::double precision, '-infinity')
                AND scores.score <= coalesce(nullif(split_part(score_range, '..', 2), '')::double precision, 'infinity')
            WHERE scores.tenant_hk = tenant
        )
        SELECT jsonb_build_object('among', coalesce(string_agg(encode(session_hk, 'hex'), ''), ''))
        FROM (
            SELECT sessions.session_hk
            FROM business.site_filtered_sessions(
                tenant, from_at, to_at,
                others - ARRAY(SELECT jsonb_object_keys(business.site_event_filters(others))), true) AS sessions
            CROSS JOIN LATERAL (VALUES (sessions.session_hk), (sessions.visitor_hk)) AS subjects (subject_hk)
            JOIN passing ON passing.subject_hk = subjects.subject_hk
            GROUP BY sessions.session_hk
            HAVING count(DISTINCT passing.name) = cardinality(names)
        ) AS scored);
END
$body$;
COMMENT ON FUNCTION business.site_scored_filters(bytea, timestamptz, timestamptz, jsonb)
IS 'The filters with, in the place of those by scores, the sessions that began in the period and pass them.';

-- A look at each of them costs as much as one at 25 sessions on the way through all; a session has some ten events.
CREATE OR REPLACE FUNCTION business.site_few_sessions(tenant bytea, from_at timestamptz, to_at timestamptz)
RETURNS bigint
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$ SELECT least(20000, business.site_own_events(tenant, from_at, to_at) / 250)::bigint $body$;
COMMENT ON FUNCTION business.site_few_sessions(bytea, timestamptz, timestamptz)
IS 'Up to how many sessions of a period are sooner looked up one by one than found once more among all.';

-- Parallel workers find them: RETURN QUERY, as no SELECT INTO has any.
CREATE OR REPLACE FUNCTION business.site_first_passing(
    tenant bytea, from_at timestamptz, to_at timestamptz, filters jsonb, most bigint
) RETURNS TABLE (
    sessions bigint,
    named jsonb
)
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT
        count(*),
        jsonb_build_object(
            'closed_starts', array_agg((extract(epoch FROM key_start) * 1000000)::bigint)::text,
            'closed_sessions', string_agg(encode(session_hk, 'hex'), ''))
    FROM (
        SELECT key_start, session_hk
        FROM business.site_filtered_closed(tenant, from_at, to_at, filters, true)
        LIMIT most
    ) AS passing;
END
$body$;
COMMENT ON FUNCTION business.site_first_passing(bytea, timestamptz, timestamptz, jsonb, bigint)
IS 'The closed sessions that began in a period and pass the filters, as filters name them: at most so many.';

-- Each part of an answer asks for the sessions by itself.
CREATE OR REPLACE FUNCTION business.site_narrowed_filters(
    tenant bytea, from_at timestamptz, to_at timestamptz, filters jsonb
) RETURNS jsonb
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    few bigint;
    found record;
BEGIN
    -- A session that is named is found by its key anyway.
    IF filters = '{}' OR filters ? 'session' THEN
        RETURN filters;
    END IF;
    few := business.site_few_sessions(tenant, from_at, to_at);
    SELECT * INTO found FROM business.site_first_passing(tenant, from_at, to_at, filters, few + 1);
    RETURN CASE
        WHEN found.sessions > few THEN filters
        WHEN found.sessions = 0 THEN filters || '{"closed_starts": "{}", "closed_sessions": ""}'
        ELSE filters || found.named END;
END
$body$;
COMMENT ON FUNCTION business.site_narrowed_filters(bytea, timestamptz, timestamptz, jsonb)
IS 'Resolved filters with the closed sessions that began in the period and pass them, where these are few.';

CREATE OR REPLACE FUNCTION business.site_sessions_by_events(
    tenant bytea, from_at timestamptz, to_at timestamptz, read_from timestamptz, to_read jsonb, asked jsonb
) RETURNS SETOF bytea
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
#variable_conflict use_column
DECLARE
    asked_names CONSTANT text[] := ARRAY(SELECT jsonb_object_keys(asked));
    -- No session is longer than a week.
    last_at CONSTANT timestamptz := to_at + INTERVAL '7 days';
BEGIN
    RETURN QUERY
    WITH events AS MATERIALIZED (
        SELECT chosen.session_hk, chosen.event_timestamp, chosen.event_hk, details.evt_type, details.properties
        FROM business.site_session_events(tenant, read_from, to_at, to_read, true) AS chosen
        JOIN business.site_event_details_s AS details
            ON details.event_timestamp = chosen.event_timestamp AND details.event_hk = chosen.event_hk
        WHERE details.event_timestamp >= read_from AND details.event_timestamp < last_at
    ),
    asked_items AS MATERIALIZED (
        SELECT name, business.site_items_asked(tenant, asked, name) AS items
        FROM unnest(asked_names) AS name
        WHERE name IN ('item', 'item_category', 'item_brand', 'item_type')
    ),
    met AS (
        SELECT 'event' AS filter, events.session_hk
        FROM events
        WHERE asked ? 'event' AND asked -> 'event' ? events.evt_type
        UNION ALL
        SELECT 'experiment', events.session_hk
        FROM events
        WHERE asked ? 'experiment'
            AND asked -> 'experiment' ? (business.site_variant(events.evt_type, events.properties)).name
        UNION ALL
        SELECT 'page', events.session_hk
        FROM events
        JOIN business.event_page_l AS pages
            ON pages.event_timestamp = events.event_timestamp AND pages.event_hk = events.event_hk
        WHERE asked ? 'page'
            AND events.evt_type = 'page_view'
            AND pages.event_timestamp >= read_from
            AND pages.event_timestamp < last_at
            AND pages.page_hk = ANY (business.site_filter_keys(tenant, asked, 'page'))
        UNION ALL
        SELECT asked_items.name, events.session_hk
        FROM events
        JOIN business.event_business_item_l AS links
            ON links.event_timestamp = events.event_timestamp AND links.event_hk = events.event_hk
        JOIN asked_items ON business.site_short_key(links.business_item_hk) = ANY (asked_items.items)
        WHERE links.event_timestamp >= read_from AND links.event_timestamp < last_at
        UNION ALL
        SELECT name, events.session_hk
        FROM events
        JOIN unnest(asked_names) AS name ON name LIKE 'property:%'
        WHERE asked -> name ? (events.properties ->> substr(name, 10))
        UNION ALL
        SELECT 'goal', goals.session_hk
        FROM business.site_goal_events(tenant, read_from, to_at, to_read, true) AS goals
        WHERE asked ? 'goal' AND asked -> 'goal' ? goals.goal
    )
    SELECT met.session_hk
    FROM met
    GROUP BY met.session_hk
    HAVING count(DISTINCT met.filter) = cardinality(asked_names);
END
$body$;
COMMENT ON FUNCTION business.site_sessions_by_events(bytea, timestamptz, timestamptz, timestamptz, jsonb, jsonb)
IS 'The sessions, of those that began in a period and pass filters, that have events of all that is asked for, by the events themselves, which are read from an instant on.';

CREATE OR REPLACE FUNCTION business.site_open_by_events(
    tenant bytea, from_at timestamptz, to_at timestamptz, other_filters jsonb, asked jsonb
) RETURNS SETOF bytea
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    read_from timestamptz;
    to_read jsonb;
BEGIN
    SELECT
        min(session_start),
        other_filters || jsonb_build_object('among', coalesce(string_agg(encode(session_hk, 'hex'), ''), ''))
    INTO read_from, to_read
    FROM business.site_filtered_open(tenant, from_at, to_at, other_filters, true);
    IF read_from IS NOT NULL THEN
        RETURN QUERY
        SELECT * FROM business.site_sessions_by_events(tenant, from_at, to_at, read_from, to_read, asked);
    END IF;
END
$body$;
COMMENT ON FUNCTION business.site_open_by_events(bytea, timestamptz, timestamptz, jsonb, jsonb)
IS 'As business.site_sessions_by_events, of open sessions.';

-- Once a question, as it takes all events of the sessions: of all of them where properties or goals are asked for, else
-- of open ones alone. No one else names sessions so: who asks cannot.
CREATE OR REPLACE FUNCTION business.site_resolved_filters(
    tenant bytea, from_at timestamptz, to_at timestamptz, filters jsonb
) RETURNS jsonb
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
#variable_conflict use_column
DECLARE
    given CONSTANT jsonb := business.site_scored_filters(tenant, from_at, to_at, filters);
    asked CONSTANT jsonb := business.site_event_filters(given);
    other_filters CONSTANT jsonb := given - ARRAY(SELECT jsonb_object_keys(asked));
    among text;
BEGIN
    IF asked = '{}' THEN
        RETURN business.site_narrowed_filters(tenant, from_at, to_at, given);
    END IF;
    IF asked @? '$.keyvalue() ? (@.key starts with "property:" || @.key == "goal")' THEN
        SELECT coalesce(string_agg(encode(session_hk, 'hex'), ''), '')
        INTO among
        FROM business.site_sessions_by_events(tenant, from_at, to_at, from_at, other_filters, asked) AS session_hk;
    ELSE
        SELECT coalesce(string_agg(encode(chosen.session_hk, 'hex'), ''), '')
        INTO among
        FROM (
            SELECT session_hk
            FROM business.site_open_by_events(tenant, from_at, to_at, other_filters, asked) AS session_hk
            UNION
            SELECT session_hk
            FROM business.site_sessions_by_path(tenant, from_at, to_at, asked) AS session_hk
            WHERE NOT other_filters ? 'among'
                OR session_hk = ANY (business.site_sessions_named(other_filters, 'among'))
        ) AS chosen;
    END IF;
    RETURN business.site_narrowed_filters(
        tenant, from_at, to_at, other_filters || jsonb_build_object('among', among));
END
$body$;
COMMENT ON FUNCTION business.site_resolved_filters(bytea, timestamptz, timestamptz, jsonb)
IS 'The filters with, in the place of those by events, the sessions that began in the period and have such events.';

-- ---------------------------------------------------------------- events of sessions by their paths
-- Types are told by their characters. One that no closed session had yet has none, and is told by a word that is longer.

CREATE OR REPLACE FUNCTION business.site_codes_of_types(tenant bytea, types text[])
RETURNS text[]
LANGUAGE sql
STABLE
PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT ARRAY(
        SELECT 'type:' || evt_type FROM unnest(types) AS evt_type
        UNION ALL
        SELECT code FROM business.site_event_type_b WHERE tenant_hk = tenant AND evt_type = ANY (types))
$body$;
COMMENT ON FUNCTION business.site_codes_of_types(bytea, text[])
IS 'By which business.site_told_paths tells events of these types.';

CREATE OR REPLACE FUNCTION business.site_type_of_code(tenant bytea, code text)
RETURNS text
LANGUAGE sql
STABLE
PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT CASE WHEN $2 LIKE 'type:%' THEN substr($2, 6) ELSE (
        SELECT min(known.evt_type)
        FROM business.site_event_type_b AS known
        WHERE known.tenant_hk = tenant AND known.code = $2) END
$body$;
COMMENT ON FUNCTION business.site_type_of_code(bytea, text)
IS 'The type that business.site_told_paths tells by a code.';

CREATE OR REPLACE FUNCTION business.site_chosen_sessions(
    tenant bytea, from_at timestamptz, to_at timestamptz, filters jsonb, include_bots boolean
) RETURNS TABLE (
    starts timestamptz[],
    sessions bytea[],
    opened business.site_session_b[]
)
LANGUAGE plpgsql
STABLE
ROWS 1
SET search_path = pg_catalog, pg_temp
AS $body$
BEGIN
    RETURN QUERY
    SELECT NULL::timestamptz[], NULL::bytea[], ARRAY(
        SELECT open_one
        FROM business.site_open_sessions(tenant, from_at, to_at) AS open_one
        WHERE include_bots OR NOT open_one.is_bot)
    WHERE filters = '{}'
    UNION ALL
    SELECT
        coalesce(array_agg(chosen.key_start), '{}'), coalesce(array_agg(chosen.session_hk), '{}'),
        ARRAY(
            SELECT open_one
            FROM business.site_filtered_open(tenant, from_at, to_at, filters, include_bots) AS open_one)
    FROM (
        SELECT key_start, session_hk FROM business.site_filtered_closed(tenant, from_at, to_at, filters, include_bots)
        UNION ALL
        SELECT key_start, session_hk FROM business.site_found_closed(tenant, from_at, to_at, filters, include_bots)
    ) AS chosen
    HAVING filters <> '{}';
END
$body$;
COMMENT ON FUNCTION business.site_chosen_sessions(bytea, timestamptz, timestamptz, jsonb, boolean)
IS 'The keys of the closed sessions that began in a period and pass the filters, NULL without filters; and the open ones.';

-- Without settings of its own, so that the planner sees through it, and knows how many sessions are chosen.
CREATE OR REPLACE FUNCTION business.site_closed_paths(
    tenant bytea, from_at timestamptz, to_at timestamptz, filters jsonb, include_bots boolean, starts timestamptz[],
    sessions bytea[]
) RETURNS SETOF business.site_session_path_b
LANGUAGE sql
STABLE
PARALLEL SAFE
ROWS 100000
AS $body$
    SELECT paths.*
    FROM business.site_session_path_b AS paths
    WHERE sessions IS NULL
        AND paths.tenant_hk = tenant
        AND paths.key_start >= from_at - INTERVAL '1 millisecond'
        AND paths.key_start < to_at
        AND paths.session_start >= from_at
        AND paths.session_start < to_at
        AND (include_bots OR NOT paths.is_bot)
    UNION ALL
    -- Few are looked up by their keys.
    SELECT paths.*
    FROM unnest(starts, sessions) AS chosen (key_start, session_hk)
    CROSS JOIN LATERAL (
        SELECT *
        FROM business.site_session_path_b AS held
        WHERE held.tenant_hk = tenant
            AND held.key_start = chosen.key_start
            AND held.session_hk = chosen.session_hk
        OFFSET 0
    ) AS paths
    WHERE cardinality(sessions) <= 200 OR filters ? 'closed_sessions'
    UNION ALL
    -- Many are found once more, as no worker takes that many keys, by one column: by two that hang together the planner
    -- would expect none.
    SELECT paths.*
    FROM business.site_filtered_closed(tenant, from_at, to_at, filters, include_bots) AS found
    JOIN business.site_session_path_b AS paths ON paths.session_hk = found.session_hk
    WHERE cardinality(sessions) > 200
        AND paths.tenant_hk = tenant
        AND paths.key_start >= from_at - INTERVAL '1 millisecond'
        AND paths.key_start < to_at
$body$;
COMMENT ON FUNCTION business.site_closed_paths(bytea, timestamptz, timestamptz, jsonb, boolean, timestamptz[], bytea[])
IS 'The paths of the closed sessions that business.site_chosen_sessions gave by these filters.';

-- Likewise.
CREATE OR REPLACE FUNCTION business.site_told_paths(
    tenant bytea, from_at timestamptz, to_at timestamptz, filters jsonb, include_bots boolean, starts timestamptz[],
    sessions bytea[], opened business.site_session_b[]
) RETURNS TABLE (
    session_hk bytea,
    visitor_hk bytea,
    key_start timestamptz,
    codes text[],
    offsets bigint[],
    pages bigint[],
    items bigint[],
    item_places integer[]
)
LANGUAGE sql
STABLE
PARALLEL SAFE
ROWS 100000
AS $body$
    SELECT
        paths.session_hk, paths.visitor_hk, paths.key_start, string_to_array(paths.types, NULL), paths.offsets,
        paths.pages, paths.items, paths.item_places
    FROM business.site_closed_paths(tenant, from_at, to_at, filters, include_bots, starts, sessions) AS paths
    UNION ALL
    SELECT
        linked.session_hk, open_ones.visitor_hk, open_ones.key_start, coded.codes, linked.offsets, linked.pages,
        linked.items, linked.item_places
    FROM business.site_linked_paths(opened) AS linked
    JOIN unnest(opened) AS open_ones ON open_ones.session_hk = linked.session_hk
    CROSS JOIN LATERAL (
        SELECT array_agg(coalesce(known.code, 'type:' || told.evt_type) ORDER BY told.place) AS codes
        FROM unnest(linked.types) WITH ORDINALITY AS told (evt_type, place)
        LEFT JOIN business.site_event_type_b AS known
            ON known.tenant_hk = tenant AND known.evt_type = told.evt_type
    ) AS coded
$body$;
COMMENT ON FUNCTION business.site_told_paths(bytea, timestamptz, timestamptz, jsonb, boolean, timestamptz[], bytea[], business.site_session_b[])
IS 'What happened in the sessions that business.site_chosen_sessions gave by these filters, event by event.';

CREATE OR REPLACE FUNCTION business.site_event_parts(
    tenant bytea, from_at timestamptz, to_at timestamptz, include_bots boolean, of_pages boolean, of_items boolean
) RETURNS SETOF business.site_rollup_b
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
#variable_conflict use_column
DECLARE
    days_from CONSTANT timestamptz := CASE WHEN include_bots THEN from_at ELSE business.site_nearest_day(from_at) END;
    days_to CONSTANT timestamptz := CASE WHEN include_bots THEN from_at ELSE business.site_nearest_day(to_at) END;
BEGIN
    RETURN QUERY
    WITH beside AS MATERIALIZED (
        SELECT * FROM business.site_rests(from_at, to_at, days_from, days_to)
    ),
    seen AS (
        SELECT value_key, page_views
        FROM business.site_rollup_b
        WHERE of_pages
            AND tenant_hk = tenant
            AND dimension = 'top_pages'
            AND bucket_start >= days_from
            AND bucket_start < days_to
        UNION ALL
        SELECT summed.value_key, beside.sign * summed.page_views
        FROM beside
        CROSS JOIN LATERAL business.site_page_sums(tenant, beside.starts_at, beside.ends_at, include_bots) AS summed
        WHERE of_pages
    ),
    met AS (
        SELECT
            summed.value_key, summed.currency, summed.events, summed.conversions, summed.quantity,
            summed.refunded_quantity, summed.revenue, summed.refunds
        FROM business.site_rollup_b AS summed
        WHERE of_items
            AND summed.tenant_hk = tenant
            AND summed.dimension = 'items'
            AND summed.bucket_start >= days_from
            AND summed.bucket_start < days_to
        UNION ALL
        SELECT
            summed.value_key, summed.currency, beside.sign * summed.events, beside.sign * summed.conversions,
            beside.sign * summed.quantity, beside.sign * summed.refunded_quantity, beside.sign * summed.revenue,
            beside.sign * summed.refunds
        FROM beside
        CROSS JOIN LATERAL business.site_item_sums(tenant, beside.starts_at, beside.ends_at, include_bots) AS summed
        WHERE of_items
    )
    SELECT
        tenant, 'top_pages'::varchar(20), days_from, value_key, ''::varchar(3), NULL::text, 0::bigint, 0::bigint,
        0::bigint, 0::bigint, sum(page_views)::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::numeric,
        0::numeric, 0::numeric, 0::numeric
    FROM seen
    GROUP BY value_key
    UNION ALL
    SELECT
        tenant, 'items'::varchar(20), days_from, value_key, currency, NULL, 0, 0, 0, 0, 0,
        sum(events)::bigint, sum(conversions)::bigint, 0, 0, sum(quantity), sum(refunded_quantity), sum(revenue),
        sum(refunds)
    FROM met
    GROUP BY value_key, currency;
END
$body$;
COMMENT ON FUNCTION business.site_event_parts(bytea, timestamptz, timestamptz, boolean, boolean, boolean)
IS 'What the events of a period add to the sums of pages and items: from the rollup and, for the rest and with robots, from the events.';

-- Parallel workers find the paths: RETURN QUERY, as no SELECT INTO has any.
CREATE OR REPLACE FUNCTION business.site_counted_paths(
    tenant bytea, from_at timestamptz, to_at timestamptz, filters jsonb, include_bots boolean, of_pages boolean,
    of_items boolean
) RETURNS TABLE (
    page bigint,
    item bigint,
    code text,
    session_hk bytea,
    session_start timestamptz,
    event_timestamp timestamptz,
    events bigint
)
LANGUAGE plpgsql
STABLE
ROWS 10000
SET search_path = pg_catalog, pg_temp
AS $body$
#variable_conflict use_column
DECLARE
    view_codes CONSTANT text[] := business.site_codes_of_types(tenant, '{page_view}');
    trade_codes CONSTANT text[] := business.site_codes_of_types(tenant, '{purchase,transaction_step,refund}');
    trades CONSTANT text[] := ARRAY(SELECT '%' || code || '%' FROM unnest(trade_codes) AS code);
    opened CONSTANT business.site_session_b[] := ARRAY(
        SELECT open_one
        FROM business.site_filtered_open(tenant, from_at, to_at, filters, include_bots) AS open_one);
BEGIN
    RETURN QUERY
    -- As narrow as it can be, as workers hand it over: most sessions trade nothing.
    WITH told AS MATERIALIZED (
        SELECT
            paths.types, CASE WHEN of_pages THEN paths.pages END AS pages, CASE WHEN of_items THEN paths.items END AS items,
            CASE WHEN of_items THEN paths.item_places END AS item_places, paths.key_start,
            CASE WHEN paths.types LIKE ANY (trades) THEN paths.session_hk END AS session_hk,
            CASE WHEN paths.types LIKE ANY (trades) THEN paths.offsets END AS offsets
        FROM business.site_closed_paths(tenant, from_at, to_at, filters, include_bots, NULL, NULL) AS paths
        WHERE filters = '{}'
        UNION ALL
        SELECT
            paths.types, CASE WHEN of_pages THEN paths.pages END, CASE WHEN of_items THEN paths.items END,
            CASE WHEN of_items THEN paths.item_places END, paths.key_start,
            CASE WHEN paths.types LIKE ANY (trades) THEN paths.session_hk END,
            CASE WHEN paths.types LIKE ANY (trades) THEN paths.offsets END
        FROM business.site_filtered_closed(tenant, from_at, to_at, filters, include_bots) AS sessions
        JOIN business.site_session_path_b AS paths
            ON paths.tenant_hk = sessions.tenant_hk
            AND paths.key_start = sessions.key_start
            AND paths.session_hk = sessions.session_hk
        WHERE filters <> '{}'
            AND paths.key_start >= from_at - INTERVAL '1 millisecond'
            AND paths.key_start < to_at
        UNION ALL
        SELECT
            paths.types, CASE WHEN of_pages THEN paths.pages END, CASE WHEN of_items THEN paths.items END,
            CASE WHEN of_items THEN paths.item_places END, paths.key_start,
            CASE WHEN paths.types LIKE ANY (trades) THEN paths.session_hk END,
            CASE WHEN paths.types LIKE ANY (trades) THEN paths.offsets END
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
        WHERE filters ? 'closed_sessions' AND (include_bots OR NOT paths.is_bot)
    )
    SELECT seen.page, NULL::bigint, NULL, NULL::bytea, NULL::timestamptz, NULL::timestamptz, count(*)
    FROM (SELECT unnest(string_to_array(told.types, NULL)) AS code, unnest(told.pages) AS page FROM told WHERE of_pages) AS seen
    WHERE seen.code = ANY (view_codes) AND seen.page <> 0
    GROUP BY seen.page
    UNION ALL
    SELECT
        NULL, met.item, placed.code,
        CASE WHEN placed.trades THEN met.session_hk END,
        CASE WHEN placed.trades THEN met.key_start + met.offsets[1] * INTERVAL '1 microsecond' END,
        CASE WHEN placed.trades THEN met.key_start + met.offsets[met.item_place] * INTERVAL '1 microsecond' END,
        count(*)
    FROM (
        SELECT
            told.session_hk, told.key_start, told.types, told.offsets, unnest(told.items) AS item,
            unnest(told.item_places) AS item_place
        FROM told
        WHERE told.items <> '{}'
    ) AS met
    CROSS JOIN LATERAL (
        SELECT
            substr(met.types, met.item_place, 1) AS code,
            substr(met.types, met.item_place, 1) = ANY (trade_codes) AS trades
    ) AS placed
    GROUP BY 2, 3, 4, 5, 6;
    -- As many rows as events; there are few open sessions.
    RETURN QUERY
    SELECT
        CASE WHEN events.code = ANY (view_codes) THEN nullif(events.page, 0) END, events.item,
        told.codes[events.item_place], told.session_hk, told.key_start + told.offsets[1] * INTERVAL '1 microsecond',
        CASE WHEN told.codes[events.item_place] = ANY (trade_codes)
            THEN told.key_start + told.offsets[events.item_place] * INTERVAL '1 microsecond' END,
        1::bigint
    FROM business.site_told_paths(tenant, from_at, to_at, filters, include_bots, '{}', '{}', opened) AS told
    CROSS JOIN LATERAL (
        SELECT
            unnest(CASE WHEN of_pages THEN told.codes END) AS code,
            unnest(CASE WHEN of_pages THEN told.pages END) AS page,
            unnest(CASE WHEN of_items THEN told.items END) AS item,
            unnest(CASE WHEN of_items THEN told.item_places END) AS item_place
    ) AS events
    WHERE events.item IS NOT NULL OR events.code = ANY (view_codes) AND events.page <> 0;
END
$body$;
COMMENT ON FUNCTION business.site_counted_paths(bytea, timestamptz, timestamptz, jsonb, boolean, boolean, boolean)
IS 'How many events of the sessions that began in a period and pass the filters saw a page, or met an item by an event of a type; page and item of a row are of any two events. The session and the instant are told of what may sell.';

CREATE OR REPLACE FUNCTION business.site_traded_sums(
    tenant bytea, sessions bytea[], session_starts timestamptz[], instants timestamptz[]
) RETURNS SETOF business.site_rollup_b
LANGUAGE plpgsql
STABLE
PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $body$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH traded_in AS MATERIALIZED (
        SELECT *
        FROM unnest(sessions, session_starts, instants) AS given (session_hk, session_start, event_timestamp)
    ),
    linked AS MATERIALIZED (
        SELECT links.session_hk, links.event_timestamp, links.event_hk
        FROM (SELECT DISTINCT event_timestamp AS instant FROM traded_in) AS trades
        CROSS JOIN LATERAL (
            SELECT *
            FROM business.event_session_l
            WHERE event_timestamp = trades.instant
            OFFSET 0
        ) AS links
    ),
    -- Apart, so that what was traded in is not looked through for each instant.
    within AS MATERIALIZED (
        SELECT traded_in.session_hk, traded_in.session_start, linked.event_timestamp, linked.event_hk
        FROM linked
        JOIN traded_in
            ON traded_in.event_timestamp = linked.event_timestamp AND traded_in.session_hk = linked.session_hk
    ),
    traded AS MATERIALIZED (
        SELECT DISTINCT event_timestamp, event_hk
        FROM within
        WHERE (event_timestamp, event_hk, session_hk) NOT IN (
            SELECT passed.event_timestamp, passed.event_hk, passed.session_hk
            FROM (
                SELECT
                    array_agg(event_timestamp) AS instants, array_agg(event_hk) AS events,
                    array_agg(session_hk) AS sessions, array_agg(session_start) AS starts
                FROM within
                -- No event has passed on that has one link.
                WHERE (event_timestamp, event_hk) IN (
                    SELECT event_timestamp, event_hk FROM linked GROUP BY event_timestamp, event_hk HAVING count(*) > 1)
            ) AS listed
            CROSS JOIN LATERAL business.site_passed_on(
                listed.instants, listed.events, listed.sessions, listed.starts) AS passed)
    )
    SELECT sums.*
    FROM (
        SELECT
            array_agg(event_timestamp) AS timestamps, array_agg(event_hk) AS keys, min(event_timestamp) AS first_at,
            max(event_timestamp) + INTERVAL '1 microsecond' AS last_at
        FROM traded
    ) AS listed
    CROSS JOIN LATERAL business.site_item_sums(
        tenant, listed.first_at, listed.last_at, true, listed.timestamps, listed.keys) AS sums
    WHERE listed.keys IS NOT NULL;
END
$body$;
COMMENT ON FUNCTION business.site_traded_sums(bytea, bytea[], timestamptz[], timestamptz[])
IS 'What the events that sessions had at these instants add to the sums of items, each event once and by the session that it is of.';

-- Pages and items are counted by paths; only of what may sell or give back the events themselves are read.
CREATE OR REPLACE FUNCTION business.site_filtered_parts(
    tenant bytea, from_at timestamptz, to_at timestamptz, filters jsonb, include_bots boolean, of_pages boolean,
    of_items boolean
) RETURNS SETOF business.site_rollup_b
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH counted AS MATERIALIZED (
        SELECT *
        FROM business.site_counted_paths(tenant, from_at, to_at, filters, include_bots, of_pages, of_items)
    ),
    -- Page views that were told again; no session is longer than a week.
    repeats AS MATERIALIZED (
        SELECT session_hk, page_hk
        FROM business.site_repeat_b
        WHERE of_pages
            AND tenant_hk = tenant
            AND event_timestamp >= from_at
            AND event_timestamp < to_at + INTERVAL '7 days'
            AND page_hk IS NOT NULL
    ),
    seen AS (
        SELECT page, events AS views FROM counted WHERE page IS NOT NULL
        UNION ALL
        SELECT business.site_short_key(page_hk), -count(*)
        FROM repeats
        WHERE session_hk IN (
            SELECT sessions.session_hk
            FROM business.site_filtered_sessions(tenant, from_at, to_at, filters, include_bots) AS sessions
            WHERE EXISTS (SELECT FROM repeats))
        GROUP BY page_hk
    ),
    met AS MATERIALIZED (
        SELECT item, code, sum(events)::bigint AS events
        FROM counted
        WHERE item IS NOT NULL
        GROUP BY item, code
    ),
    -- Types are looked up once, not for each item.
    types AS MATERIALIZED (
        SELECT code, business.site_type_of_code(tenant, code) AS evt_type
        FROM (SELECT DISTINCT code FROM met) AS codes
    )
    SELECT
        tenant, 'top_pages'::varchar(20), from_at, int8send(page), ''::varchar(3), NULL::text, 0::bigint, 0::bigint,
        0::bigint, 0::bigint, sum(views)::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::numeric, 0::numeric,
        0::numeric, 0::numeric
    FROM seen
    GROUP BY page
    UNION ALL
    SELECT
        tenant, 'items'::varchar(20), from_at,
        business.site_item_value(int8send(item) || decode(repeat('00', 24), 'hex'), types.evt_type),
        ''::varchar(3), NULL, 0, 0, 0, 0, 0, events, 0, 0, 0, 0, 0, 0, 0
    FROM met
    JOIN types USING (code)
    UNION ALL
    SELECT
        tenant, 'items'::varchar(20), from_at, sums.value_key, sums.currency, NULL, 0, 0, 0, 0, 0, 0, sums.conversions, 0, 0,
        sums.quantity, sums.refunded_quantity, sums.revenue, sums.refunds
    FROM (
        SELECT
            array_agg(session_hk) AS sessions, array_agg(session_start) AS starts, array_agg(event_timestamp) AS instants
        FROM (
            SELECT DISTINCT session_hk, session_start, event_timestamp FROM counted WHERE event_timestamp IS NOT NULL
        ) AS traded_in
    ) AS listed
    CROSS JOIN LATERAL business.site_traded_sums(tenant, listed.sessions, listed.starts, listed.instants) AS sums
    WHERE listed.sessions IS NOT NULL;
END
$body$;
COMMENT ON FUNCTION business.site_filtered_parts(bytea, timestamptz, timestamptz, jsonb, boolean, boolean, boolean)
IS 'As business.site_event_parts, of the events of the sessions that began in a period and pass the filters; of pages and items only business.site_short_key is told, by eight bytes.';

-- A whole hash key is found as well.
CREATE OR REPLACE FUNCTION business.site_last_key(short_key bytea)
RETURNS bytea
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
AS $body$ SELECT short_key || decode(repeat('ff', 24), 'hex') $body$;
COMMENT ON FUNCTION business.site_last_key(bytea)
IS 'The last hash key that begins with these eight bytes.';

CREATE OR REPLACE FUNCTION business.site_top_pages_and_items(
    tenant bytea, from_at timestamptz, to_at timestamptz, filters jsonb, include_bots boolean, wanted text[],
    most integer, looked business.site_rollup_b[]
) RETURNS jsonb
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
#variable_conflict use_column
DECLARE
    of_pages CONSTANT boolean := 'top_pages' = ANY (wanted);
    of_items CONSTANT boolean := 'items' = ANY (wanted);
    pages jsonb;
    items jsonb;
BEGIN
    WITH sums AS MATERIALIZED (
        SELECT
            dimension, substr(value_key, 1, 8) AS short_key, currency, sum(page_views) AS page_views,
            sum(events) AS events, sum(conversions) AS purchases, sum(quantity) AS quantity,
            sum(refunded_quantity) AS refunded_quantity, sum(revenue) AS revenue, sum(refunds) AS refunds
        FROM (
            SELECT * FROM business.site_event_parts(tenant, from_at, to_at, include_bots, of_pages, of_items)
            WHERE filters = '{}'
            UNION ALL
            SELECT *
            FROM business.site_filtered_parts(tenant, from_at, to_at, filters, include_bots, of_pages, of_items)
            WHERE filters <> '{}' AND looked IS NULL
            UNION ALL
            SELECT * FROM unnest(looked) WHERE dimension IN ('top_pages', 'items')
        ) AS parts
        GROUP BY 1, 2, 3
    ),
    most_seen AS (
        SELECT short_key, page_views
        FROM sums
        WHERE dimension = 'top_pages' AND page_views > 0
        -- More than asked for, as ties are broken by the URL.
        ORDER BY page_views DESC
        FETCH FIRST most ROWS WITH TIES
    ),
    named_pages AS (
        SELECT hubs.page_bk, titles.page_title, most_seen.page_views
        FROM most_seen
        JOIN business.site_page_h AS hubs
            ON hubs.page_hk BETWEEN most_seen.short_key AND business.site_last_key(most_seen.short_key)
            AND hubs.tenant_hk = tenant
        LEFT JOIN LATERAL (
            SELECT page_title
            FROM business.site_page_details_s AS versions
            WHERE versions.page_hk = hubs.page_hk
            ORDER BY event_timestamp DESC, load_date DESC
            LIMIT 1
        ) AS titles ON true
        ORDER BY most_seen.page_views DESC, hubs.page_bk COLLATE "C"
        LIMIT most
    ),
    most_met AS (
        SELECT short_key, events, purchases, quantity, refunded_quantity
        FROM sums
        WHERE dimension = 'items' AND currency = '' AND events > 0
        ORDER BY events DESC
        FETCH FIRST most ROWS WITH TIES
    ),
    named_items AS (
        SELECT most_met.*, hubs.business_item_bk, names.item_name, money.revenue, money.refunds
        FROM most_met
        JOIN business.business_item_h AS hubs
            ON hubs.business_item_hk BETWEEN most_met.short_key AND business.site_last_key(most_met.short_key)
            AND hubs.tenant_hk = tenant
        LEFT JOIN LATERAL (
            SELECT item_name
            FROM business.business_item_details_s AS versions
            WHERE versions.business_item_hk = hubs.business_item_hk
            ORDER BY event_timestamp DESC, load_date DESC
            LIMIT 1
        ) AS names ON true
        LEFT JOIN (
            SELECT
                short_key,
                jsonb_object_agg(currency, trim_scale(revenue)) FILTER (WHERE revenue <> 0) AS revenue,
                jsonb_object_agg(currency, trim_scale(refunds)) FILTER (WHERE refunds <> 0) AS refunds
            FROM sums
            WHERE dimension = 'items' AND currency <> ''
            GROUP BY short_key
        ) AS money ON money.short_key = most_met.short_key
        ORDER BY most_met.events DESC, hubs.business_item_bk COLLATE "C"
        LIMIT most
    )
    SELECT
        (
            SELECT jsonb_agg(
                jsonb_build_object('value', page_bk, 'title', page_title, 'pageviews', page_views)
                ORDER BY page_views DESC, page_bk COLLATE "C")
            FROM named_pages
        ),
        (
            SELECT jsonb_agg(
                jsonb_build_object(
                    'value', business_item_bk,
                    'name', item_name,
                    'events', events,
                    'purchases', purchases,
                    'quantity', trim_scale(quantity),
                    'refunded_quantity', trim_scale(refunded_quantity),
                    'revenue', coalesce(revenue, '{}'),
                    'refunds', coalesce(refunds, '{}'))
                ORDER BY events DESC, business_item_bk COLLATE "C")
            FROM named_items
        )
    INTO pages, items;
    RETURN CASE WHEN 'top_pages' = ANY (wanted)
            THEN jsonb_build_object('top_pages', coalesce(pages, '[]')) ELSE '{}' END
        || CASE WHEN 'items' = ANY (wanted)
            THEN jsonb_build_object('items', coalesce(items, '[]')) ELSE '{}' END;
END
$body$;
COMMENT ON FUNCTION business.site_top_pages_and_items(bytea, timestamptz, timestamptz, jsonb, boolean, text[], integer, business.site_rollup_b[])
IS 'The pages seen and the items met most often in a period; with filters in the sessions that pass, as business.site_look told where that is given.';

-- From the events that have properties, which are few, to their sessions.
CREATE OR REPLACE FUNCTION business.site_told_properties(
    tenant bytea, from_at timestamptz, to_at timestamptz, filters jsonb, include_bots boolean, property text
) RETURNS TABLE (
    value text,
    session_hk bytea
)
LANGUAGE plpgsql
STABLE
ROWS 100000
SET search_path = pg_catalog, pg_temp
-- As business.site_session_events.
SET enable_nestloop = off
AS $body$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH within AS MATERIALIZED (
        SELECT
            links.event_timestamp, links.event_hk, sessions.session_hk, sessions.session_start, sessions.session_end,
            details.properties
        FROM business.site_event_details_s AS details
        JOIN business.event_session_l AS links
            ON links.event_timestamp = details.event_timestamp AND links.event_hk = details.event_hk
        JOIN business.site_filtered_sessions(tenant, from_at, to_at, filters, include_bots) AS sessions
            ON sessions.session_hk = links.session_hk
            AND links.event_timestamp BETWEEN sessions.session_start AND sessions.session_end
        WHERE details.tenant_hk = tenant
            AND details.properties <> '{}'
            AND (property IS NULL OR details.properties ? property)
            -- No session is longer than a week.
            AND details.event_timestamp >= from_at
            AND details.event_timestamp < to_at + INTERVAL '7 days'
            AND links.tenant_hk = tenant
            AND links.event_timestamp >= from_at
            AND links.event_timestamp < to_at + INTERVAL '7 days'
    )
    SELECT told.value, within.session_hk
    FROM within
    CROSS JOIN LATERAL (
        SELECT within.properties ->> property AS value WHERE property IS NOT NULL
        UNION ALL
        SELECT jsonb_object_keys(within.properties) WHERE property IS NULL
    ) AS told
    WHERE told.value IS NOT NULL
        AND (within.event_timestamp, within.event_hk, within.session_hk) NOT IN (
            SELECT passed.event_timestamp, passed.event_hk, passed.session_hk
            FROM (
                SELECT
                    array_agg(event_timestamp) AS instants, array_agg(event_hk) AS events,
                    array_agg(session_hk) AS sessions, array_agg(session_start) AS starts
                FROM within
                WHERE event_timestamp = session_end
            ) AS ends
            CROSS JOIN LATERAL business.site_passed_on(ends.instants, ends.events, ends.sessions, ends.starts) AS passed);
END
$body$;
COMMENT ON FUNCTION business.site_told_properties(bytea, timestamptz, timestamptz, jsonb, boolean, text)
IS 'The properties that events of the sessions that began in a period and pass the filters have, by name, or the values of the one given, each with the session.';

CREATE OR REPLACE FUNCTION business.site_event_breakdowns(
    tenant bytea, from_at timestamptz, to_at timestamptz, filters jsonb, include_bots boolean,
    wanted text[], property text, most integer
) RETURNS jsonb
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
#variable_conflict use_column
DECLARE
    goals CONSTANT text[] := ARRAY(SELECT DISTINCT unnest(ARRAY['purchase'] || business.site_goals(tenant)));
    chosen CONSTANT record := business.site_chosen_sessions(tenant, from_at, to_at, filters, include_bots);
    breakdowns jsonb;
BEGIN
    WITH told AS MATERIALIZED (
        SELECT business.site_type_of_code(tenant, code) AS evt_type, events, visits
        FROM (
            SELECT code, sum(events)::bigint AS events, count(*) AS visits
            FROM (
                SELECT paths.number, code, count(*) AS events
                FROM (
                    SELECT row_number() OVER () AS number, codes
                    FROM business.site_told_paths(
                        tenant, from_at, to_at, filters, include_bots, chosen.starts, chosen.sessions,
                        chosen.opened)
                ) AS paths
                CROSS JOIN LATERAL unnest(paths.codes) AS code
                WHERE wanted && '{event_types,goals}'
                GROUP BY paths.number, code
            ) AS by_session
            GROUP BY code
        ) AS counts
    ),
    counted AS (
        SELECT 'event_types' AS breakdown, evt_type AS value, events, visits
        FROM told
        WHERE 'event_types' = ANY (wanted)
        UNION ALL
        SELECT 'goals', goal, coalesce(told.events, 0), coalesce(told.visits, 0)
        FROM unnest(goals) AS goal
        LEFT JOIN told ON told.evt_type = goal
        WHERE 'goals' = ANY (wanted)
        UNION ALL
        SELECT 'named_goals', named.goal, named.events, named.visits
        FROM business.site_named_goals(tenant, from_at, to_at, filters, include_bots) AS named
        WHERE 'named_goals' = ANY (wanted)
        UNION ALL
        SELECT 'properties', properties.value, count(*), count(DISTINCT properties.session_hk)
        FROM business.site_told_properties(tenant, from_at, to_at, filters, include_bots, property) AS properties
        WHERE 'properties' = ANY (wanted)
        GROUP BY properties.value
    ),
    ranked AS (
        SELECT
            counted.*,
            row_number() OVER (PARTITION BY breakdown ORDER BY events DESC, value COLLATE "C") AS rank
        FROM counted
    )
    SELECT jsonb_object_agg(name, coalesce(listed.rows, '[]'))
    INTO breakdowns
    FROM unnest(wanted) AS name
    LEFT JOIN (
        SELECT
            breakdown,
            jsonb_agg(
                jsonb_build_object('value', value, 'events', events, 'visits', visits)
                ORDER BY rank) AS rows
        FROM ranked
        WHERE rank <= most
        GROUP BY breakdown
    ) AS listed ON listed.breakdown = name;
    RETURN breakdowns;
END
$body$;
COMMENT ON FUNCTION business.site_event_breakdowns(bytea, timestamptz, timestamptz, jsonb, boolean, text[], text, integer)
IS 'Events and visits with them by event type, goal, named goal, and property (names, or values of the one given), of the sessions that began in a period and pass the filters.';

-- ------------------------------------------------------------------------ sessions by their numbers
-- Filters that ask for what sessions have are answered in one look at the bridge of paths, which knows texts by numbers.

CREATE OR REPLACE FUNCTION business.site_are_by_value(filters jsonb)
RETURNS boolean
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
AS $body$
    SELECT filters - '{device,browser,os,channel,source,utm_source,utm_medium,utm_campaign,utm_term,utm_content,entry_page,exit_page,referrer,language,country,event,page,item,item_category,item_brand,item_type}'::text[]
        = '{}'
$body$;
COMMENT ON FUNCTION business.site_are_by_value(jsonb)
IS 'Whether filters ask for nothing but what rows of business.site_session_path_b tell by themselves.';

CREATE OR REPLACE FUNCTION business.site_valued_filters(
    tenant bytea, from_at timestamptz, to_at timestamptz, filters jsonb
) RETURNS jsonb
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    asked CONSTANT jsonb := business.site_event_filters(filters);
    other_filters CONSTANT jsonb := filters - ARRAY(SELECT jsonb_object_keys(asked));
BEGIN
    IF asked = '{}' THEN
        RETURN filters;
    END IF;
    RETURN other_filters || business.site_path_filters(tenant, asked) || jsonb_build_object('open_sessions', (
        SELECT coalesce(string_agg(encode(session_hk, 'hex'), ''), '')
        FROM business.site_open_by_events(tenant, from_at, to_at, other_filters, asked) AS session_hk));
END
$body$;
COMMENT ON FUNCTION business.site_valued_filters(bytea, timestamptz, timestamptz, jsonb)
IS 'Filters that are by value with, in the place of those by events, what paths are compared with, and the open sessions that have such events.';

CREATE OR REPLACE FUNCTION business.site_value_keys_asked(filters jsonb, field text)
RETURNS bigint[]
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
AS $body$
    SELECT array_agg(business.site_value_key(value)) FROM jsonb_array_elements_text(filters -> field) AS value
$body$;
COMMENT ON FUNCTION business.site_value_keys_asked(jsonb, text)
IS 'What a filter asks for as numbers; NULL without it.';

CREATE OR REPLACE FUNCTION business.site_numbers_asked(filters jsonb, field text)
RETURNS bigint[]
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
AS $body$
    SELECT array_agg(number::bigint) FROM jsonb_array_elements_text(filters -> field) AS number
$body$;
COMMENT ON FUNCTION business.site_numbers_asked(jsonb, text)
IS 'The numbers that business.site_valued_filters put into filters; NULL where there are none.';

-- The next ones are without settings of their own, so that the planner sees through them.
CREATE OR REPLACE FUNCTION business.site_value_passes(filters jsonb, field text, value_key bigint)
RETURNS boolean
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
AS $body$
    SELECT NOT filters ? field OR value_key = ANY (business.site_value_keys_asked(filters, field))
$body$;
COMMENT ON FUNCTION business.site_value_passes(jsonb, text, bigint)
IS 'As business.site_filter, by business.site_value_key of the value.';

CREATE OR REPLACE FUNCTION business.site_path_passes(path business.site_session_path_b, filters jsonb)
RETURNS boolean
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
AS $body$
    SELECT business.site_value_passes(filters, 'device', path.device)
        AND business.site_value_passes(filters, 'browser', path.browser)
        AND business.site_value_passes(filters, 'os', path.os)
        AND business.site_value_passes(filters, 'channel', path.channel)
        AND business.site_value_passes(filters, 'source', path.source)
        AND business.site_value_passes(filters, 'utm_source', path.utm_source)
        AND business.site_value_passes(filters, 'utm_medium', path.utm_medium)
        AND business.site_value_passes(filters, 'utm_campaign', path.utm_campaign)
        AND business.site_value_passes(filters, 'utm_term', path.utm_term)
        AND business.site_value_passes(filters, 'utm_content', path.utm_content)
        AND business.site_value_passes(filters, 'entry_page', path.entry_page)
        AND business.site_value_passes(filters, 'exit_page', path.exit_page)
        AND business.site_value_passes(filters, 'referrer', path.referrer)
        AND business.site_value_passes(filters, 'language', path.language)
        AND business.site_value_passes(filters, 'country', path.country)
        AND (NOT filters ? 'path_types' OR path.types LIKE ANY (business.site_values_asked(filters, 'path_types')))
        AND (NOT filters ? 'path_pages' OR path.seen_pages && business.site_numbers_asked(filters, 'path_pages'))
        AND (NOT filters ? 'path_items' OR path.items && business.site_numbers_asked(filters, 'path_items'))
        AND (NOT filters ? 'path_categories' OR path.items && business.site_numbers_asked(filters, 'path_categories'))
        AND (NOT filters ? 'path_brands' OR path.items && business.site_numbers_asked(filters, 'path_brands'))
        AND (NOT filters ? 'path_kinds' OR path.items && business.site_numbers_asked(filters, 'path_kinds'))
$body$;
COMMENT ON FUNCTION business.site_path_passes(business.site_session_path_b, jsonb)
IS 'As business.site_passes, of filters that business.site_valued_filters gave.';

-- Sessions are looked at once for all that is wanted.
CREATE OR REPLACE FUNCTION business.site_look_share(
    tenant bytea, from_at timestamptz, to_at timestamptz, starts timestamptz[], filters jsonb, include_bots boolean,
    opened business.site_session_b[], wanted text[], is_upper boolean
) RETURNS SETOF business.site_rollup_b
LANGUAGE plpgsql
STABLE
PARALLEL SAFE
ROWS 10000
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan
SET jit = off
-- What workers hand over takes less than the planner thinks, and of what they read it counts the pages most.
SET parallel_tuple_cost = 0.03
AS $body$
#variable_conflict use_column
DECLARE
    of_visits CONSTANT boolean := 'visits' = ANY (wanted);
    of_sessions CONSTANT boolean := wanted && '{entry_pages,exit_pages,channels,sources,campaigns,devices,browsers,operating_systems,countries}';
    of_pages CONSTANT boolean := 'top_pages' = ANY (wanted);
    of_items CONSTANT boolean := 'items' = ANY (wanted);
    trade_codes CONSTANT text[] := business.site_codes_of_types(tenant, '{purchase,transaction_step,refund}');
    trades CONSTANT text[] := ARRAY(SELECT '%' || code || '%' FROM unnest(trade_codes) AS code);
BEGIN
    RETURN QUERY
    WITH told AS MATERIALIZED (
        SELECT
            width_bucket(paths.session_start, starts) AS number, paths.visitor, paths.device, paths.browser, paths.os,
            paths.channel, paths.source, paths.utm_campaign AS campaign, paths.entry_page, paths.exit_page, paths.country,
            paths.duration_seconds, paths.engaged_seconds, paths.total_events, paths.page_views, paths.conversions,
            paths.bounces, paths.bounceable, paths.ctid AS place, paths.key_start, paths.session_start, paths.session_hk,
            paths.revenue, paths.refunds,
            CASE WHEN of_pages THEN paths.seen_pages END AS seen_pages,
            CASE WHEN of_items AND paths.items <> '{}' THEN paths.items END AS items,
            CASE WHEN of_items AND paths.items <> '{}' THEN paths.item_places END AS item_places,
            CASE WHEN of_items AND paths.items <> '{}' THEN paths.types END AS types,
            CASE WHEN of_items AND paths.items <> '{}' AND paths.types LIKE ANY (trades) THEN paths.offsets END AS offsets
        FROM business.site_session_path_b AS paths
        WHERE paths.tenant_hk = tenant
            AND paths.key_start >= from_at - INTERVAL '1 millisecond'
            AND paths.key_start < to_at
            AND paths.session_start >= from_at
            AND paths.session_start < to_at
            AND (include_bots OR NOT paths.is_bot)
            AND (is_upper IS NULL OR (paths.visitor >= 0) = is_upper)
            AND business.site_path_passes(paths, filters)
        UNION ALL
        -- There are few open ones: what they tell of pages and items is told elsewhere.
        SELECT
            width_bucket(keys.session_start, starts), keys.visitor, keys.device, keys.browser, keys.os, keys.channel,
            keys.source, keys.utm_campaign, keys.entry_page, keys.exit_page, keys.country, keys.duration_seconds,
            keys.engaged_seconds, keys.total_events, keys.page_views, keys.conversions, keys.bounces, keys.bounceable,
            NULL, keys.key_start, keys.session_start, keys.session_hk, session.revenue, session.refunds,
            NULL, NULL, NULL, NULL, NULL
        FROM unnest(opened) AS session
        CROSS JOIN LATERAL business.site_session_keys(session) AS keys
        WHERE is_upper IS NULL OR (keys.visitor >= 0) = is_upper
    ),
    came AS MATERIALIZED (
        SELECT number, visitor FROM told WHERE of_visits GROUP BY number, visitor
    ),
    -- Few have money.
    amounts AS MATERIALIZED (
        SELECT
            told.number, told.device, told.browser, told.os, told.channel, told.source, told.campaign, told.entry_page,
            told.exit_page, told.country, money.currency, money.revenue, money.refunds
        FROM told
        CROSS JOIN LATERAL business.site_money(told.revenue, told.refunds) AS money
        WHERE told.revenue IS NOT NULL OR told.refunds IS NOT NULL
    ),
    -- What hangs together makes few groups, of which the sums by each are made.
    grouped AS MATERIALIZED (
        SELECT
            grouping(entry_page, exit_page, channel, device) AS others,
            entry_page, exit_page, channel, source, campaign, device, browser, os, country,
            min(place) AS place, count(*) AS visits, sum(bounces) AS bounces, sum(bounceable) AS bounceable,
            count(*) FILTER (WHERE conversions > 0) AS converted, sum(page_views) AS page_views,
            sum(conversions) AS conversions, sum(duration_seconds)::bigint AS duration_seconds
        FROM told
        WHERE of_sessions
        GROUP BY GROUPING SETS ((entry_page), (exit_page), (channel, source, campaign), (device, browser, os, country))
    ),
    summed AS (
        SELECT
            CASE others WHEN b'0111'::integer THEN 'entry_pages' ELSE 'exit_pages' END AS dimension,
            coalesce(entry_page, exit_page) AS value_key, place, visits, bounces, bounceable, converted, page_views,
            conversions, duration_seconds
        FROM grouped
        WHERE others IN (b'0111'::integer, b'1011'::integer)
        UNION ALL
        SELECT
            CASE 0
                WHEN grouping(channel) THEN 'channels'
                WHEN grouping(source) THEN 'sources'
                WHEN grouping(campaign) THEN 'campaigns'
                WHEN grouping(device) THEN 'devices'
                WHEN grouping(browser) THEN 'browsers'
                WHEN grouping(os) THEN 'operating_systems'
                WHEN grouping(country) THEN 'countries'
            END,
            coalesce(channel, source, campaign, device, browser, os, country), min(place), sum(visits)::bigint,
            sum(bounces)::bigint, sum(bounceable)::bigint, sum(converted)::bigint, sum(page_views)::bigint,
            sum(conversions)::bigint, sum(duration_seconds)::bigint
        FROM grouped
        WHERE others IN (b'1101'::integer, b'1110'::integer)
        GROUP BY others, GROUPING SETS ((channel), (source), (campaign), (device), (browser), (os), (country))
        -- Those of the other group have no number here.
        HAVING coalesce(channel, source, campaign, device, browser, os, country) IS NOT NULL
    ),
    seen AS (
        SELECT page, count(*) AS views
        FROM (SELECT unnest(seen_pages) AS page FROM told WHERE of_pages) AS pages
        GROUP BY page
        UNION ALL
        -- Page views that were told again; no session is longer than a week.
        SELECT business.site_short_key(page_hk), -count(*)
        FROM business.site_repeat_b
        WHERE of_pages
            AND tenant_hk = tenant
            AND event_timestamp >= from_at
            AND event_timestamp < to_at + INTERVAL '7 days'
            AND page_hk IS NOT NULL
            AND session_hk IN (SELECT session_hk FROM told WHERE place IS NOT NULL)
        GROUP BY page_hk
    ),
    met AS MATERIALIZED (
        SELECT item, substr(types, item_place, 1) AS code, session_hk, session_start, key_start, offsets, item_place
        FROM (
            SELECT
                unnest(items) AS item, unnest(item_places) AS item_place, types, session_hk, session_start, key_start,
                offsets
            FROM told
            WHERE items IS NOT NULL
        ) AS items
    ),
    -- Only of what may sell or give back the events themselves are read.
    traded AS (
        SELECT
            array_agg(session_hk) AS sessions, array_agg(session_start) AS starts, array_agg(event_timestamp) AS instants
        FROM (
            SELECT DISTINCT
                session_hk, session_start, key_start + offsets[item_place] * INTERVAL '1 microsecond' AS event_timestamp
            FROM met
            WHERE code = ANY (trade_codes)
        ) AS instants
    )
    SELECT
        parts.tenant, parts.dimension::varchar(20), parts.bucket_start, parts.value_key, parts.currency::varchar(3),
        parts.value, parts.visits, parts.bounces, parts.bounceable, parts.converted, parts.page_views, parts.events,
        parts.conversions, parts.duration_seconds, parts.engaged_seconds, parts.quantity, parts.refunded_quantity,
        parts.revenue, parts.refunds
    FROM (
        SELECT
            tenant, 'visits', coalesce(starts[number], from_at), ''::bytea, '', NULL::text, count(*), sum(bounces),
            sum(bounceable), count(*) FILTER (WHERE conversions > 0), sum(page_views), sum(total_events), sum(conversions),
            sum(duration_seconds)::bigint, sum(engaged_seconds)::bigint, 0::numeric, 0::numeric, 0::numeric, 0::numeric
        FROM told
        WHERE of_visits
        GROUP BY number
        UNION ALL
        SELECT
            tenant, 'visits', coalesce(starts[number], from_at), '', currency, NULL, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
            0, sum(revenue), sum(refunds)
        FROM amounts
        WHERE of_visits
        GROUP BY number, currency
        UNION ALL
        SELECT
            tenant, 'visitors', coalesce(starts[number], from_at), '', '', NULL, count(*), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
        FROM came
        GROUP BY number
        UNION ALL
        SELECT tenant, 'all_visitors', from_at, '', '', NULL, count(*), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
        FROM (SELECT visitor FROM came GROUP BY visitor) AS visitors
        UNION ALL
        SELECT
            tenant, dimension, from_at, int8send(value_key), '', place::text, visits, bounces, bounceable, converted,
            page_views, 0, conversions, duration_seconds, 0, 0, 0, 0, 0
        FROM summed
        UNION ALL
        SELECT
            tenant,
            CASE 0
                WHEN grouping(entry_page) THEN 'entry_pages'
                WHEN grouping(exit_page) THEN 'exit_pages'
                WHEN grouping(channel) THEN 'channels'
                WHEN grouping(source) THEN 'sources'
                WHEN grouping(campaign) THEN 'campaigns'
                WHEN grouping(device) THEN 'devices'
                WHEN grouping(browser) THEN 'browsers'
                WHEN grouping(os) THEN 'operating_systems'
                WHEN grouping(country) THEN 'countries'
            END,
            from_at,
            int8send(coalesce(entry_page, exit_page, channel, source, campaign, device, browser, os, country)),
            currency, NULL, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, sum(revenue), sum(refunds)
        FROM amounts
        WHERE of_sessions
        GROUP BY currency, GROUPING SETS (
            (entry_page), (exit_page), (channel), (source), (campaign), (device), (browser), (os), (country))
        UNION ALL
        SELECT tenant, 'top_pages', from_at, int8send(page), '', NULL, 0, 0, 0, 0, sum(views)::bigint, 0, 0, 0, 0, 0, 0, 0, 0
        FROM seen
        GROUP BY page
        UNION ALL
        SELECT
            tenant, 'items', from_at,
            business.site_item_value(int8send(item) || decode(repeat('00', 24), 'hex'), types.evt_type), '', NULL, 0, 0, 0, 0,
            0, events, 0, 0, 0, 0, 0, 0, 0
        FROM (SELECT item, code, count(*) AS events FROM met GROUP BY item, code) AS counted
        JOIN (
            SELECT code, business.site_type_of_code(tenant, code) AS evt_type
            FROM (SELECT DISTINCT code FROM met) AS codes
            OFFSET 0
        ) AS types USING (code)
        UNION ALL
        SELECT
            tenant, 'items', from_at, sums.value_key, sums.currency, NULL, 0, 0, 0, 0, 0, 0,
            sum(sums.conversions)::bigint, 0, 0, sum(sums.quantity), sum(sums.refunded_quantity), sum(sums.revenue),
            sum(sums.refunds)
        FROM traded
        CROSS JOIN LATERAL business.site_traded_sums(tenant, traded.sessions, traded.starts, traded.instants) AS sums
        WHERE traded.sessions IS NOT NULL
        GROUP BY sums.value_key, sums.currency
    ) AS parts (
        tenant, dimension, bucket_start, value_key, currency, value, visits, bounces, bounceable, converted, page_views,
        events, conversions, duration_seconds, engaged_seconds, quantity, refunded_quantity, revenue, refunds
    );
END
$body$;
COMMENT ON FUNCTION business.site_look_share(bytea, timestamptz, timestamptz, timestamptz[], jsonb, boolean, business.site_session_b[], text[], boolean)
IS 'The sums of business.site_look, in the place of a value where a closed session lies that has it, of the visitors whose number is not below zero, of those below, or of all where is_upper is NULL.';

-- A process looks at all that a share of the visitors did, so that what the shares tell may be added up, visitors too. Of
-- what costs little the planner would leave both shares to one process.
CREATE OR REPLACE FUNCTION business.site_look_half(
    tenant bytea, from_at timestamptz, to_at timestamptz, starts timestamptz[], filters jsonb, include_bots boolean,
    opened business.site_session_b[], wanted text[], is_upper boolean
) RETURNS SETOF business.site_rollup_b
LANGUAGE plpgsql
STABLE
PARALLEL SAFE
COST 10000000
ROWS 10000
SET search_path = pg_catalog, pg_temp
-- The process that asks would have workers of its own beside the one of the other half.
SET max_parallel_workers_per_gather = 0
AS $body$
BEGIN
    RETURN QUERY
    SELECT *
    FROM business.site_look_share(
        tenant, from_at, to_at, starts, filters, include_bots, opened, wanted, is_upper);
END
$body$;
COMMENT ON FUNCTION business.site_look_half(bytea, timestamptz, timestamptz, timestamptz[], jsonb, boolean, business.site_session_b[], text[], boolean)
IS 'As business.site_look_share, by one process.';

CREATE OR REPLACE FUNCTION business.site_are_many_events(tenant bytea, from_at timestamptz, to_at timestamptz)
RETURNS boolean
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$ SELECT business.site_own_events(tenant, from_at, to_at) > 300000 $body$;
COMMENT ON FUNCTION business.site_are_many_events(bytea, timestamptz, timestamptz)
IS 'Whether a period has so many events of a tenant that another process is worth its start.';

CREATE OR REPLACE FUNCTION business.site_look_shares(
    tenant bytea, from_at timestamptz, to_at timestamptz, starts timestamptz[], filters jsonb, include_bots boolean,
    opened business.site_session_b[], wanted text[]
) RETURNS SETOF business.site_rollup_b
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
BEGIN
    -- Workers find the sessions together where there is little to sum up.
    IF wanted = '{visits}' OR NOT business.site_are_many_events(tenant, from_at, to_at) THEN
        RETURN QUERY
        SELECT *
        FROM business.site_look_share(
            tenant, from_at, to_at, starts, filters, include_bots, opened, wanted, NULL);
        RETURN;
    END IF;
    -- RETURN QUERY, as no SELECT INTO has parallel workers.
    RETURN QUERY
    SELECT *
    FROM business.site_look_half(tenant, from_at, to_at, starts, filters, include_bots, opened, wanted, false)
    UNION ALL
    SELECT *
    FROM business.site_look_half(tenant, from_at, to_at, starts, filters, include_bots, opened, wanted, true);
END
$body$;
COMMENT ON FUNCTION business.site_look_shares(bytea, timestamptz, timestamptz, timestamptz[], jsonb, boolean, business.site_session_b[], text[])
IS 'As business.site_look_share, of all visitors by shares.';

CREATE OR REPLACE FUNCTION business.site_look(
    tenant bytea, from_at timestamptz, to_at timestamptz, starts timestamptz[], filters jsonb, include_bots boolean,
    wanted text[], most integer
) RETURNS business.site_rollup_b[]
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
SET jit = off
AS $body$
#variable_conflict use_column
DECLARE
    opened CONSTANT business.site_session_b[] := ARRAY(
        SELECT sessions
        FROM business.site_filtered_open(tenant, from_at, to_at, filters, include_bots) AS sessions
        WHERE NOT filters ? 'open_sessions'
            OR session_hk = ANY (business.site_sessions_named(filters, 'open_sessions')));
BEGIN
    RETURN (
        WITH sums AS MATERIALIZED (
            SELECT
                dimension, bucket_start, substr(value_key, 1, 8) AS value_key, currency, min(value) AS place, sum(visits)::bigint AS visits,
                sum(bounces)::bigint AS bounces, sum(bounceable)::bigint AS bounceable, sum(converted)::bigint AS converted,
                sum(page_views)::bigint AS page_views, sum(events)::bigint AS events,
                sum(conversions)::bigint AS conversions, sum(duration_seconds)::bigint AS duration_seconds,
                sum(engaged_seconds)::bigint AS engaged_seconds, sum(quantity) AS quantity,
                sum(refunded_quantity) AS refunded_quantity, sum(revenue) AS revenue, sum(refunds) AS refunds
            FROM (
                SELECT *
                FROM business.site_look_shares(tenant, from_at, to_at, starts, filters, include_bots, opened, wanted)
                UNION ALL
                -- Pages and items of open sessions, as no closed ones are named.
                SELECT *
                FROM business.site_filtered_parts(
                    tenant, from_at, to_at,
                    CASE WHEN filters ? 'open_sessions' THEN filters || jsonb_build_object(
                        'among', filters -> 'open_sessions') ELSE filters END
                        || '{"closed_starts": "{}", "closed_sessions": ""}',
                    include_bots, 'top_pages' = ANY (wanted), 'items' = ANY (wanted))
                WHERE opened <> '{}' AND wanted && '{top_pages,items}'
            ) AS parts
            GROUP BY dimension, bucket_start, substr(value_key, 1, 8), currency
        ),
        -- Only what may be listed is told, and worth its name.
        chosen AS MATERIALIZED (
            SELECT placed.dimension, placed.value_key, coalesce(of_closed.value, of_open.value) AS value
            FROM (
                SELECT *, rank() OVER (
                    PARTITION BY dimension
                    ORDER BY CASE dimension WHEN 'top_pages' THEN page_views WHEN 'items' THEN events ELSE visits END DESC
                ) AS rank
                FROM sums
                WHERE dimension = ANY (wanted) AND dimension <> 'visits' AND currency = ''
            ) AS placed
            LEFT JOIN LATERAL (
                SELECT told.value
                FROM business.site_session_path_b AS paths
                JOIN business.site_session_b AS sessions
                    ON sessions.tenant_hk = paths.tenant_hk
                    AND sessions.key_start = paths.key_start
                    AND sessions.session_hk = paths.session_hk
                CROSS JOIN LATERAL business.site_session_values(sessions) AS told
                WHERE paths.ctid = placed.place::tid AND told.dimension = placed.dimension
                OFFSET 0
            ) AS of_closed ON placed.place IS NOT NULL
            LEFT JOIN LATERAL (
                SELECT told.value
                FROM unnest(opened) AS sessions
                CROSS JOIN LATERAL business.site_session_values(sessions) AS told
                WHERE placed.place IS NULL
                    AND told.dimension = placed.dimension
                    AND int8send(business.site_value_key(told.value)) = placed.value_key
                LIMIT 1
            ) AS of_open ON true
            WHERE placed.rank <= most
        )
        SELECT array_agg(ROW(
            tenant, sums.dimension, sums.bucket_start, sums.value_key, sums.currency, chosen.value, sums.visits,
            sums.bounces, sums.bounceable, sums.converted, sums.page_views, sums.events, sums.conversions,
            sums.duration_seconds, sums.engaged_seconds, sums.quantity, sums.refunded_quantity, sums.revenue,
            sums.refunds)::business.site_rollup_b)
        FROM sums
        LEFT JOIN chosen USING (dimension, value_key)
        WHERE chosen.value_key IS NOT NULL OR sums.dimension IN ('visits', 'visitors', 'all_visitors'));
END
$body$;
COMMENT ON FUNCTION business.site_look(bytea, timestamptz, timestamptz, timestamptz[], jsonb, boolean, text[], integer)
IS 'Sums over the sessions that began in a period and pass filters that business.site_valued_filters gave: visits, visitors and all_visitors by the intervals that begin at starts, where visits are wanted, and by each wanted dimension the values with most visits, views or events. Keys of values have eight bytes: business.site_value_key or, of pages and items, business.site_short_key.';

CREATE OR REPLACE FUNCTION business.site_looked_metrics(
    from_at timestamptz, starts timestamptz[], looked business.site_rollup_b[]
) RETURNS TABLE (
    number integer,
    metrics jsonb
)
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    WITH told AS MATERIALIZED (
        SELECT * FROM unnest(looked) WHERE dimension IN ('visits', 'visitors', 'all_visitors')
    ),
    sums AS (
        SELECT
            bucket_start, grouping(bucket_start) AS is_all, sum(visits) AS visits, sum(bounces) AS bounces,
            sum(bounceable) AS bounceable, sum(converted) AS converted, sum(page_views) AS page_views,
            sum(events) AS events, sum(conversions) AS conversions, sum(duration_seconds) AS duration_seconds,
            sum(engaged_seconds) AS engaged_seconds
        FROM told
        WHERE dimension = 'visits'
        GROUP BY GROUPING SETS ((), (bucket_start))
    ),
    money AS (
        SELECT
            bucket_start, is_all,
            jsonb_object_agg(currency, trim_scale(revenue)) FILTER (WHERE revenue <> 0) AS revenue,
            jsonb_object_agg(currency, trim_scale(refunds)) FILTER (WHERE refunds <> 0) AS refunds
        FROM (
            SELECT
                bucket_start, grouping(bucket_start) AS is_all, currency, sum(revenue) AS revenue, sum(refunds) AS refunds
            FROM told
            WHERE dimension = 'visits' AND currency <> ''
            GROUP BY GROUPING SETS ((currency), (bucket_start, currency))
        ) AS amounts
        GROUP BY bucket_start, is_all
    )
    SELECT
        intervals.number::integer,
        business.site_metrics(
            visitors.visits, sums.visits, sums.bounces, sums.bounceable, sums.converted, sums.page_views,
            sums.events, sums.conversions, sums.duration_seconds, sums.engaged_seconds, money.revenue, money.refunds)
    FROM (
        SELECT 0 AS number, from_at AS starts_at
        UNION ALL
        SELECT divided.number, divided.starts_at FROM unnest(starts) WITH ORDINALITY AS divided (starts_at, number)
    ) AS intervals
    LEFT JOIN sums
        ON sums.is_all = (intervals.number = 0)::integer AND (sums.is_all = 1 OR sums.bucket_start = intervals.starts_at)
    LEFT JOIN money
        ON money.is_all = (intervals.number = 0)::integer AND (money.is_all = 1 OR money.bucket_start = intervals.starts_at)
    LEFT JOIN told AS visitors
        ON visitors.dimension = CASE intervals.number WHEN 0 THEN 'all_visitors' ELSE 'visitors' END
        AND visitors.bucket_start = intervals.starts_at
$body$;
COMMENT ON FUNCTION business.site_looked_metrics(timestamptz, timestamptz[], business.site_rollup_b[])
IS 'The metrics that business.site_look told: number 0 is the whole period, the others the intervals that divide it.';

-- ------------------------------------------------------------------------------ session analytics

CREATE OR REPLACE FUNCTION business.site_period_answer(
    tenant bytea, from_at timestamptz, to_at timestamptz, zone text, unit text, filters jsonb,
    include_bots boolean, looked business.site_rollup_b[] DEFAULT NULL
) RETURNS jsonb
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    starts timestamptz[];
    ends timestamptz[];
    labels text[];
    metrics jsonb[];
    series jsonb;
BEGIN
    SELECT
        array_agg(starts_at ORDER BY number), array_agg(ends_at ORDER BY number),
        array_agg(label ORDER BY number)
    INTO starts, ends, labels
    FROM business.site_intervals(from_at, to_at, zone, unit)
    WHERE unit IS NOT NULL;
    IF filters = '{}' AND NOT include_bots AND (
        SELECT bool_and(border = business.site_quarter(border))
        FROM unnest(ARRAY[from_at, to_at] || starts) AS border
    ) THEN
        SELECT array_agg(rolled.metrics ORDER BY rolled.number)
        INTO metrics
        FROM business.site_rolled_metrics(tenant, from_at || starts, to_at || ends) AS rolled;
    ELSIF business.site_are_by_value(filters) THEN
        SELECT array_agg(told.metrics ORDER BY told.number)
        INTO metrics
        FROM business.site_looked_metrics(from_at, starts, coalesce(looked, business.site_look(
            tenant, from_at, to_at, coalesce(starts, '{}'),
            business.site_valued_filters(tenant, from_at, to_at, filters), include_bots, '{visits}', 0))) AS told;
    ELSE
        SELECT array_agg(filtered.metrics ORDER BY filtered.number)
        INTO metrics
        FROM business.site_filtered_metrics(
            tenant, from_at || starts, to_at || ends, filters, include_bots) AS filtered;
    END IF;
    SELECT jsonb_agg(
        jsonb_build_object('start', business.site_utc(starts[place]), 'label', labels[place])
            || metrics[place + 1]
        ORDER BY place)
    INTO series
    FROM generate_subscripts(starts, 1) AS place;
    RETURN CASE WHEN unit IS NULL THEN '{}' ELSE jsonb_build_object('series', series) END || metrics[1];
END
$body$;
COMMENT ON FUNCTION business.site_period_answer(bytea, timestamptz, timestamptz, text, text, jsonb, boolean, business.site_rollup_b[])
IS 'The metrics of a period and, with a unit, of its intervals, as business.site_look told where that is given.';

CREATE OR REPLACE FUNCTION business.site_change(metrics jsonb, previous jsonb)
RETURNS jsonb
LANGUAGE sql
IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT jsonb_object_agg(
        name,
        business.site_rate((metrics ->> name)::numeric - (previous ->> name)::numeric,
            (previous ->> name)::numeric, 4))
    FROM jsonb_object_keys(metrics - '{revenue,refunds}'::text[]) AS name
$body$;
COMMENT ON FUNCTION business.site_change(jsonb, jsonb)
IS 'By which share each metric has grown; NULL from nothing.';

CREATE OR REPLACE FUNCTION business.site_previous_start(from_at timestamptz, to_at timestamptz, zone text)
RETURNS timestamptz
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT CASE
        WHEN business.site_local_instant(days.first_day, zone) = from_at
            AND business.site_local_instant(days.day_after, zone) = to_at
            THEN business.site_local_instant(days.first_day - (days.day_after - days.first_day), zone)
        ELSE from_at - (to_at - from_at)
    END
    FROM (
        SELECT
            date_trunc('day', from_at AT TIME ZONE zone) AS first_day,
            date_trunc('day', to_at AT TIME ZONE zone) AS day_after
    ) AS days
$body$;
COMMENT ON FUNCTION business.site_previous_start(timestamptz, timestamptz, text)
IS 'The start of the period before: as many days where the period is whole days, else as long.';

CREATE OR REPLACE FUNCTION business.site_events_of_sessions_cost(
    tenant bytea, from_at timestamptz, to_at timestamptz
) RETURNS numeric
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT business.site_own_events(tenant, from_at, to_at) + business.site_all_events(from_at, to_at) * 0.1
$body$;
COMMENT ON FUNCTION business.site_events_of_sessions_cost(bytea, timestamptz, timestamptz)
IS 'What it costs to read all events of a tenant''s sessions of a period, in events read.';

CREATE OR REPLACE FUNCTION business.site_filters_cost(
    tenant bytea, from_at timestamptz, to_at timestamptz, filters jsonb
) RETURNS numeric
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    -- Sessions are looked through, for filters by events with their paths, by properties and goals with all their events.
    SELECT CASE
        WHEN filters = '{}' THEN 0
        WHEN filters @? '$.keyvalue() ? (@.key starts with "property:" || @.key == "goal")'
            THEN business.site_events_of_sessions_cost(tenant, from_at, to_at) * 1.5
        ELSE business.site_own_events(tenant, from_at, to_at) * (
            -- Each session's visitor is looked up.
            CASE WHEN filters ? 'visitor_kind' THEN 0.2 ELSE 0.05 END
            + CASE WHEN business.site_event_filters(filters) = '{}' THEN 0 ELSE 0.05 END) END
$body$;
COMMENT ON FUNCTION business.site_filters_cost(bytea, timestamptz, timestamptz, jsonb)
IS 'What it costs to find the sessions that pass, in events read.';

CREATE OR REPLACE FUNCTION business.site_narrow_filters(filters jsonb)
RETURNS text[]
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
AS $body$ SELECT CASE WHEN filters = '{}' THEN '{}' ELSE '{filters}' END::text[] $body$;
COMMENT ON FUNCTION business.site_narrow_filters(jsonb)
IS 'That filters may be narrowed, where there are some.';

CREATE OR REPLACE FUNCTION business.site_analytics_cost(
    tenant bytea, from_at timestamptz, to_at timestamptz, previous_from timestamptz, reads_sessions boolean,
    is_rolled boolean, wanted text[], filters jsonb
) RETURNS numeric
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT
        -- The metrics, of both periods when they are compared.
        CASE WHEN reads_sessions
            THEN business.site_own_events(tenant, coalesce(previous_from, from_at), to_at) * 0.05 ELSE 0 END
        -- Rows of the rollups are fewer than events.
        + CASE WHEN wanted <> '{}'
            THEN business.site_own_events(tenant, from_at, to_at) * CASE WHEN is_rolled THEN 0.02 ELSE 0.1 END
            ELSE 0 END
        + CASE WHEN NOT wanted && '{top_pages,items}' THEN 0
            WHEN is_rolled THEN (
                SELECT coalesce(sum(
                    business.site_own_events(tenant, starts_at, ends_at)
                        + business.site_all_events(starts_at, ends_at) * 0.1), 0)
                FROM business.site_rests(from_at, to_at,
                    business.site_nearest_day(from_at), business.site_nearest_day(to_at)))
            WHEN filters <> '{}' THEN business.site_own_events(tenant, from_at, to_at) * 0.3
            ELSE business.site_own_events(tenant, from_at, to_at) * 0.4
                + business.site_all_events(from_at, to_at) * 0.1 END
        + CASE WHEN 'experiments' = ANY (wanted)
            THEN business.site_own_events(tenant, from_at, to_at) * 0.1 ELSE 0 END
        + CASE WHEN wanted && '{event_types,goals}'
            THEN business.site_own_events(tenant, from_at, to_at) * 0.3 ELSE 0 END
        -- Events of the sessions are read.
        + CASE WHEN wanted && '{properties,named_goals}'
            THEN business.site_events_of_sessions_cost(tenant, from_at, to_at) * 1.5 ELSE 0 END
        + CASE WHEN business.site_event_filters(filters) = '{}' AND NOT filters ? 'visitor_kind' THEN 0
            ELSE business.site_filters_cost(tenant, coalesce(previous_from, from_at), to_at, filters) END
$body$;
COMMENT ON FUNCTION business.site_analytics_cost(bytea, timestamptz, timestamptz, timestamptz, boolean, boolean, text[], jsonb)
IS 'What an answer of api.get_session_analytics costs, in events read.';

CREATE OR REPLACE FUNCTION business.site_session_analytics(tenant bytea, given jsonb)
RETURNS jsonb
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    by_session CONSTANT text[] := ARRAY(
        SELECT dimension
        FROM business.site_session_values(NULL::business.site_session_b)
        WHERE dimension <> 'visits');
    usual CONSTANT text[] := by_session || ARRAY['top_pages', 'items'];
    by_event CONSTANT text[] := ARRAY['event_types', 'goals', 'named_goals', 'properties'];
    asked CONSTANT record := business.site_question(tenant, given, 30, 'interval', 'filters', 'limit',
        'include_bots', 'compare', 'breakdowns', 'property');
    options CONSTANT jsonb := asked.options;
    filters CONSTANT jsonb := business.site_filters(options);
    most CONSTANT integer := coalesce((options -> 'limit')::integer, 10);
    include_bots CONSTANT boolean := coalesce((options -> 'include_bots')::boolean, false);
    wanted CONSTANT text[] := business.site_breakdowns(
        options, usual, by_event || '{visitor_kinds,robots,experiments}'::text[]);
    wanted_by_session CONSTANT text[] := ARRAY(
        SELECT name FROM unnest(by_session) AS name WHERE name = ANY (wanted));
    wanted_by_event CONSTANT text[] := ARRAY(
        SELECT name FROM unnest(by_event) AS name WHERE name = ANY (wanted));
    is_rolled CONSTANT boolean := filters = '{}' AND NOT include_bots;
    is_by_value CONSTANT boolean := business.site_are_by_value(filters);
    unit CONSTANT text := coalesce(options ->> 'interval',
        CASE WHEN asked.to_at - asked.from_at <= INTERVAL '50 hours' THEN 'hour' ELSE 'day' END);
    reads_sessions CONSTANT boolean := NOT is_rolled
        OR asked.from_at <> business.site_quarter(asked.from_at)
        OR asked.to_at <> business.site_quarter(asked.to_at);
    -- NULL without a comparison.
    previous_from CONSTANT timestamptz := CASE WHEN (options -> 'compare')::boolean
        THEN business.site_previous_start(asked.from_at, asked.to_at, asked.zone) END;
    passed jsonb;
    looked business.site_rollup_b[];
    previous jsonb;
    answer jsonb;
BEGIN
    IF unit = 'hour' AND asked.to_at - asked.from_at > INTERVAL '93 days' THEN
        PERFORM business.site_argument_error('interval', 'Hours for at most 92 days.');
    END IF;
    IF reads_sessions OR wanted <> '{}' THEN
        PERFORM business.site_check_cost(
            tenant,
            business.site_analytics_cost(tenant, asked.from_at, asked.to_at, previous_from,
                reads_sessions, is_rolled, wanted, filters),
            options,
            VARIADIC ARRAY(
                SELECT name
                FROM unnest('{filters,include_bots,compare,breakdowns}'::text[]) AS name
                WHERE CASE name WHEN 'breakdowns' THEN wanted <> '{}' ELSE options ? name END));
    END IF;
    -- What one look answers needs no sessions named, but other parts do.
    passed := CASE
        WHEN is_by_value AND NOT wanted && '{event_types,goals,named_goals,properties,visitor_kinds,experiments,robots}'
            THEN filters
        ELSE business.site_resolved_filters(tenant, asked.from_at, asked.to_at, filters) END;
    IF filters <> '{}' AND is_by_value THEN
        looked := business.site_look(
            tenant, asked.from_at, asked.to_at,
            ARRAY(
                SELECT starts_at
                FROM business.site_intervals(asked.from_at, asked.to_at, asked.zone, unit)
                ORDER BY number),
            business.site_valued_filters(tenant, asked.from_at, asked.to_at, filters), include_bots,
            '{visits}' || wanted, most);
    END IF;
    answer := asked.head || jsonb_build_object('interval', unit)
        || business.site_period_answer(
            tenant, asked.from_at, asked.to_at, asked.zone, unit, CASE WHEN is_by_value THEN filters ELSE passed END,
            include_bots, looked);
    IF previous_from IS NOT NULL THEN
        previous := business.site_period_answer(
            tenant, previous_from, asked.from_at, asked.zone, NULL,
            CASE WHEN is_by_value THEN filters
                ELSE business.site_resolved_filters(tenant, previous_from, asked.from_at, filters) END,
            include_bots);
        answer := answer || jsonb_build_object('previous', jsonb_build_object(
                'from', business.site_utc(previous_from),
                'to', business.site_utc(asked.from_at),
                'change', business.site_change(
                    answer - '{from,to,timezone,interval,series}'::text[], previous)) || previous);
    END IF;
    IF wanted_by_session <> '{}' THEN
        answer := answer || business.site_session_breakdowns(tenant, asked.from_at, asked.to_at, passed,
            include_bots, is_rolled, wanted_by_session, most, looked);
    END IF;
    IF wanted && '{top_pages,items}' THEN
        answer := answer || business.site_top_pages_and_items(tenant, asked.from_at, asked.to_at, passed,
            include_bots, wanted, most, looked);
    END IF;
    IF wanted_by_event <> '{}' THEN
        answer := answer || business.site_event_breakdowns(tenant, asked.from_at, asked.to_at, passed,
            include_bots, wanted_by_event, options ->> 'property', most);
    END IF;
    IF 'visitor_kinds' = ANY (wanted) THEN
        answer := answer || jsonb_build_object('visitor_kinds', business.site_visitor_kinds(
            tenant, asked.from_at, asked.to_at, passed, include_bots, most));
    END IF;
    IF 'experiments' = ANY (wanted) THEN
        answer := answer || jsonb_build_object('experiments', business.site_variant_visits(
            tenant, asked.from_at, asked.to_at, passed, include_bots, most));
    END IF;
    IF 'robots' = ANY (wanted) THEN
        answer := answer || jsonb_build_object(
            'robots', business.site_robots(tenant, asked.from_at, asked.to_at, passed, most));
    END IF;
    RETURN answer;
END
$body$;
COMMENT ON FUNCTION business.site_session_analytics(bytea, jsonb)
IS 'The data of api.get_session_analytics. Errors: ST400.';

CALL raw.site_tracking_own_routines();

COMMIT;
