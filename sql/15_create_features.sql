-- Purpose: what models learn from and what they say: features of sessions, visitors and days of visitors as they were
-- known at a time, and scores that are written back. Run after 14.
--
-- Errors: ST400 bad argument.

BEGIN;

DO $lock$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('site_tracking', 0));
END
$lock$;

-- ---------------------------------------------------------------------------------------- features
-- Views take no argument, so that a setting tells the time as of which they speak: without it all is told that is known.
-- They name pseudonyms, and nothing that a client wrote but campaigns and hosts of referrers.

CREATE OR REPLACE FUNCTION auth.site_tracking_session_gap(tenant bytea)
RETURNS interval
LANGUAGE sql
STABLE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT coalesce((
        SELECT session_gap_ms
        FROM auth.tenant_site_tracking_s
        WHERE tenant_hk = tenant
        ORDER BY load_date DESC
        LIMIT 1), 1800000) * INTERVAL '1 millisecond'
$body$;
COMMENT ON FUNCTION auth.site_tracking_session_gap(bytea)
IS 'The longest silence within a session of a tenant.';

-- Which session is over is known once it has been silent for the gap: one that went on has another version since, and to
-- tell of the others alone would tell what came later. Open versions are written over, closed ones stay as they were.
CREATE OR REPLACE VIEW business.site_known_sessions_v WITH (security_invoker = true) AS
SELECT latest.*
FROM business.site_session_details_s AS latest
CROSS JOIN (
    SELECT coalesce(nullif(current_setting('site_tracking.as_of', true), '')::timestamptz, 'infinity') AS at
) AS as_of
WHERE latest.session_status = 'CLOSED'
    AND NOT latest.is_bot
    AND latest.load_date <= as_of.at
    AND latest.session_start < as_of.at
    -- No gap is longer than a session may be, a week.
    AND (as_of.at = 'infinity'
        OR latest.session_end < as_of.at - INTERVAL '7 days'
        OR latest.session_end <= as_of.at - auth.site_tracking_session_gap(latest.tenant_hk))
    AND NOT EXISTS (
        SELECT FROM business.site_session_details_s AS newer
        WHERE newer.session_hk = latest.session_hk
            AND newer.session_status <> 'OPEN'
            AND newer.session_start >= date_trunc('milliseconds', latest.session_start)
            AND newer.session_start
                < date_trunc('milliseconds', latest.session_start) + INTERVAL '1 millisecond'
            AND newer.load_date <= as_of.at
            AND (newer.load_date, newer.total_events, latest.session_start)
                > (latest.load_date, latest.total_events, newer.session_start)
    );
COMMENT ON VIEW business.site_known_sessions_v
IS 'Closed sessions without robots, each in the version that was known at the time that the setting site_tracking.as_of tells: of what was loaded later nothing is in it.';

-- Whoever objects by now does so for what was before, too. The joins to these are outer ones, so that who does not name
-- opted_out reads no payload for it.
CREATE OR REPLACE VIEW business.site_sessions_opted_v WITH (security_invoker = true) AS
SELECT
    links.tenant_hk,
    links.session_hk,
    CASE
        WHEN bool_or(business.site_opted_out(arrived.payload)) THEN true
        WHEN NOT bool_or(arrived.payload IS NULL) THEN false
    END AS opted_out
FROM business.event_session_l AS links
LEFT JOIN raw.site_tracking_events_r AS arrived
    ON arrived.event_timestamp = links.event_timestamp AND arrived.event_hk = links.event_hk
GROUP BY links.tenant_hk, links.session_hk;
COMMENT ON VIEW business.site_sessions_opted_v
IS 'Whether in a session somebody objects to sale or sharing, in any of its events; NULL where nobody knows, as raw is gone of some.';

CREATE OR REPLACE VIEW business.site_visitors_opted_v WITH (security_invoker = true) AS
SELECT
    told.tenant_hk,
    told.visitor_hk,
    CASE
        WHEN bool_or(told.opted_out) THEN true
        WHEN NOT bool_or(told.opted_out IS NULL) THEN false
    END AS opted_out
FROM (
    SELECT versions.tenant_hk, versions.visitor_hk, opted.opted_out
    FROM business.site_session_details_s AS versions
    LEFT JOIN business.site_sessions_opted_v AS opted
        ON opted.tenant_hk = versions.tenant_hk AND opted.session_hk = versions.session_hk
    UNION ALL
    SELECT staged.tenant_hk, staged.visitor_hk, business.site_opted_out(arrived.payload)
    FROM staging.site_tracking_events_s AS staged
    LEFT JOIN raw.site_tracking_events_r AS arrived
        ON arrived.event_timestamp = staged.event_timestamp AND arrived.event_hk = staged.event_hk
    UNION ALL
    SELECT tenant_hk, visitor_hk, true
    FROM raw.site_tracking_objection_r
) AS told
GROUP BY told.tenant_hk, told.visitor_hk;
COMMENT ON VIEW business.site_visitors_opted_v
IS 'Whether a visitor objects to sale or sharing, in any session or in an event of none that is staged, or did so in one that does not tell it; else NULL where raw is gone of some.';

CREATE OR REPLACE VIEW business.site_session_features_v WITH (security_invoker = true) AS
SELECT
    sessions.tenant_hk,
    sessions.session_hk,
    sessions.visitor_hk,
    hubs.session_bk,
    visitors.visitor_bk,
    sessions.session_start,
    sessions.session_end,
    sessions.load_date,
    visitors.visitor_bk NOT LIKE 'anon\_%' AS is_recognised,
    extract(isodow FROM sessions.session_start AT TIME ZONE 'UTC')::integer AS day_of_week,
    extract(hour FROM sessions.session_start AT TIME ZONE 'UTC')::integer AS hour_of_day,
    sessions.duration_seconds,
    sessions.engaged_seconds,
    sessions.total_events,
    sessions.page_views,
    sessions.interactive_events,
    sessions.conversions,
    sessions.is_bounce,
    sessions.revenue,
    sessions.refunds,
    sessions.channel,
    sessions.utm_source,
    sessions.utm_medium,
    sessions.utm_campaign,
    sessions.referrer_host,
    sessions.device_type,
    sessions.browser,
    sessions.os,
    sessions.language,
    sessions.country,
    count(*) OVER before AS sessions_before,
    coalesce(sum(sessions.page_views) OVER before, 0) AS page_views_before,
    coalesce(sum(sessions.conversions) OVER before, 0) AS conversions_before,
    floor(extract(epoch FROM sessions.session_start - max(sessions.session_start) OVER before))::bigint
        AS seconds_since_previous,
    CASE
        -- Whoever is noted does so for all they did: by an event of none of these sessions, or one whose payload is gone.
        WHEN EXISTS (
            SELECT FROM raw.site_tracking_objection_r AS objections
            WHERE objections.tenant_hk = sessions.tenant_hk AND objections.visitor_hk = sessions.visitor_hk) THEN true
        ELSE opted.opted_out
    END AS opted_out
FROM business.site_known_sessions_v AS sessions
JOIN business.site_session_h AS hubs ON hubs.session_hk = sessions.session_hk
JOIN business.site_visitor_h AS visitors ON visitors.visitor_hk = sessions.visitor_hk
LEFT JOIN business.site_sessions_opted_v AS opted
    ON opted.tenant_hk = sessions.tenant_hk AND opted.session_hk = sessions.session_hk
WINDOW before AS (
    PARTITION BY sessions.tenant_hk, sessions.visitor_hk
    ORDER BY sessions.session_start, sessions.session_hk
    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING);
COMMENT ON VIEW business.site_session_features_v
IS 'Features of sessions: what each was, and what the visitor had done in those that began before it.';

CREATE OR REPLACE VIEW business.site_visitor_features_v WITH (security_invoker = true) AS
SELECT
    sums.tenant_hk,
    sums.visitor_hk,
    visitors.visitor_bk,
    sums.as_of,
    sums.first_seen_at,
    sums.last_seen_at,
    floor(extract(epoch FROM sums.as_of - sums.first_seen_at) / 86400)::integer AS days_since_first,
    floor(extract(epoch FROM sums.as_of - sums.last_seen_at) / 86400)::integer AS days_since_last,
    sums.sessions,
    sums.active_days,
    sums.sessions_7_days,
    sums.sessions_28_days,
    sums.bounces,
    sums.page_views,
    sums.total_events,
    sums.interactive_events,
    sums.duration_seconds,
    sums.engaged_seconds,
    sums.conversions,
    sums.conversions_28_days,
    sums.channels,
    sums.first_channel,
    sums.last_channel,
    sums.last_device_type,
    sums.last_country,
    opted.opted_out
FROM (
    SELECT
        sessions.tenant_hk,
        sessions.visitor_hk,
        as_of.at AS as_of,
        min(sessions.session_start) AS first_seen_at,
        max(sessions.session_end) AS last_seen_at,
        count(*) AS sessions,
        count(DISTINCT (sessions.session_start AT TIME ZONE 'UTC')::date) AS active_days,
        count(*) FILTER (WHERE sessions.session_start >= as_of.at - INTERVAL '7 days') AS sessions_7_days,
        count(*) FILTER (WHERE sessions.session_start >= as_of.at - INTERVAL '28 days') AS sessions_28_days,
        count(*) FILTER (WHERE sessions.is_bounce) AS bounces,
        sum(sessions.page_views) AS page_views,
        sum(sessions.total_events) AS total_events,
        sum(sessions.interactive_events) AS interactive_events,
        sum(sessions.duration_seconds)::bigint AS duration_seconds,
        sum(sessions.engaged_seconds)::bigint AS engaged_seconds,
        sum(sessions.conversions) AS conversions,
        coalesce(sum(sessions.conversions) FILTER (WHERE sessions.session_start >= as_of.at - INTERVAL '28 days'), 0)
            AS conversions_28_days,
        count(DISTINCT sessions.channel) AS channels,
        (array_agg(sessions.channel ORDER BY sessions.session_start, sessions.session_hk))[1] AS first_channel,
        (array_agg(sessions.channel ORDER BY sessions.session_start DESC, sessions.session_hk DESC))[1] AS last_channel,
        (array_agg(sessions.device_type ORDER BY sessions.session_start DESC, sessions.session_hk DESC))[1]
            AS last_device_type,
        (array_agg(sessions.country ORDER BY sessions.session_start DESC, sessions.session_hk DESC))[1] AS last_country
    FROM business.site_known_sessions_v AS sessions
    CROSS JOIN (
        SELECT coalesce(nullif(current_setting('site_tracking.as_of', true), '')::timestamptz, now()) AS at
    ) AS as_of
    GROUP BY sessions.tenant_hk, sessions.visitor_hk, as_of.at
) AS sums
JOIN business.site_visitor_h AS visitors ON visitors.visitor_hk = sums.visitor_hk
LEFT JOIN business.site_visitors_opted_v AS opted
    ON opted.tenant_hk = sums.tenant_hk AND opted.visitor_hk = sums.visitor_hk
WHERE visitors.visitor_bk NOT LIKE 'anon\_%';
COMMENT ON VIEW business.site_visitor_features_v
IS 'Features of visitors who may be recognised, of all their sessions that are kept.';

CREATE OR REPLACE VIEW business.site_visitor_day_features_v WITH (security_invoker = true) AS
SELECT
    days.tenant_hk,
    days.visitor_hk,
    visitors.visitor_bk,
    days.day,
    days.sessions,
    days.bounces,
    days.page_views,
    days.total_events,
    days.interactive_events,
    days.duration_seconds,
    days.engaged_seconds,
    days.conversions,
    days.day - lag(days.day) OVER of_visitor AS days_since_previous,
    days.day - first_value(days.day) OVER of_visitor AS days_since_first,
    opted.opted_out
FROM (
    SELECT
        tenant_hk,
        visitor_hk,
        (session_start AT TIME ZONE 'UTC')::date AS day,
        count(*) AS sessions,
        count(*) FILTER (WHERE is_bounce) AS bounces,
        sum(page_views) AS page_views,
        sum(total_events) AS total_events,
        sum(interactive_events) AS interactive_events,
        sum(duration_seconds)::bigint AS duration_seconds,
        sum(engaged_seconds)::bigint AS engaged_seconds,
        sum(conversions) AS conversions
    FROM business.site_known_sessions_v
    GROUP BY tenant_hk, visitor_hk, (session_start AT TIME ZONE 'UTC')::date
) AS days
JOIN business.site_visitor_h AS visitors ON visitors.visitor_hk = days.visitor_hk
LEFT JOIN business.site_visitors_opted_v AS opted
    ON opted.tenant_hk = days.tenant_hk AND opted.visitor_hk = days.visitor_hk
WHERE visitors.visitor_bk NOT LIKE 'anon\_%'
WINDOW of_visitor AS (PARTITION BY days.tenant_hk, days.visitor_hk ORDER BY days.day);
COMMENT ON VIEW business.site_visitor_day_features_v
IS 'Features of the UTC days on which sessions of visitors who may be recognised began.';

GRANT SELECT ON
    business.site_known_sessions_v,
    business.site_sessions_opted_v,
    business.site_visitors_opted_v,
    business.site_session_features_v,
    business.site_visitor_features_v,
    business.site_visitor_day_features_v
TO site_tracking_owner, site_tracking_analyst;

CREATE OR REPLACE FUNCTION raw.site_tracking_visitors_opted(tenant bytea, sessions bytea[], opted_out boolean)
RETURNS bytea[]
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    WITH of_sessions AS (
        SELECT versions.visitor_hk, versions.session_hk IN (SELECT unnest(sessions)) AS is_chosen
        FROM business.site_session_details_s AS versions
        WHERE versions.tenant_hk = tenant
    ),
    -- Also in events of no session.
    objecting AS (
        SELECT business.site_hash_key(tenant, coalesce(arrived.visitor_bk, arrived.payload ->> 'visitor_id')) AS visitor_hk
        FROM raw.site_tracking_events_r AS arrived
        WHERE arrived.tenant_hk = tenant
            AND arrived.processing_status <> 'ERROR'
            AND business.site_opted_out(arrived.payload)
        UNION ALL
        SELECT visitor_hk
        FROM raw.site_tracking_objection_r
        WHERE tenant_hk = tenant
    ),
    -- Who may object, as raw is gone.
    untold AS (
        SELECT told.visitor_hk
        FROM (
            SELECT event_timestamp, event_hk, visitor_hk
            FROM staging.site_tracking_events_s
            WHERE tenant_hk = tenant
            UNION ALL
            SELECT event_timestamp, event_hk, visitor_hk
            FROM business.site_event_visitor_b
            WHERE tenant_hk = tenant
        ) AS told
        WHERE NOT EXISTS (
            SELECT FROM raw.site_tracking_events_r AS arrived
            WHERE arrived.tenant_hk = tenant
                AND arrived.event_timestamp = told.event_timestamp
                AND arrived.event_hk = told.event_hk)
    )
    SELECT coalesce(array_agg(chosen.visitor_hk), '{}')
    FROM (
        SELECT visitor_hk
        FROM of_sessions
        WHERE is_chosen
        UNION
        SELECT visitor_hk
        FROM objecting
        WHERE opted_out
        EXCEPT
        SELECT visitor_hk
        FROM (
            SELECT visitor_hk
            FROM of_sessions
            WHERE NOT is_chosen
            UNION ALL
            SELECT visitor_hk
            FROM objecting
            UNION ALL
            SELECT visitor_hk
            FROM untold
        ) AS left_out
        WHERE NOT opted_out
    ) AS chosen
$body$;
COMMENT ON FUNCTION raw.site_tracking_visitors_opted(bytea, bytea[], boolean)
IS 'The visitors who object to sale or sharing, or those of whom it is known that they do not, where the sessions of either are known.';

CREATE OR REPLACE FUNCTION raw.site_tracking_feature_lines(tenant bytea, given jsonb)
RETURNS SETOF jsonb
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan
SET jit = off
SET work_mem = '64MB'
SET timezone = 'UTC'
SET datestyle = 'ISO, YMD'
AS $body$
DECLARE
    options CONSTANT jsonb := business.site_options(
        given, 'features', 'from', 'to', 'as_of', 'opted_out', 'include_opted_out');
    zone CONSTANT text := business.site_time_zone(tenant, options);
    features CONSTANT text := options ->> 'features';
    as_of CONSTANT timestamptz := CASE WHEN options ? 'as_of'
        THEN business.site_instant_option(options, 'as_of', zone) END;
    from_at CONSTANT timestamptz := CASE WHEN options ? 'from'
        THEN business.site_instant_option(options, 'from', zone) ELSE '-infinity' END;
    to_at CONSTANT timestamptz := CASE WHEN options ? 'to'
        THEN business.site_instant_option(options, 'to', zone) ELSE 'infinity' END;
    what CONSTANT text[] := CASE features
        WHEN 'sessions' THEN ARRAY['site_session_features_v', 'session_start', 'session_start, session_bk COLLATE "C"']
        WHEN 'visitors' THEN ARRAY['site_visitor_features_v', 'last_seen_at', 'visitor_bk COLLATE "C"']
        WHEN 'visitor_days' THEN ARRAY[
            'site_visitor_day_features_v', 'day::timestamp AT TIME ZONE ''UTC''', 'visitor_bk COLLATE "C", day']
        END;
    opted_out CONSTANT boolean := (options -> 'opted_out')::boolean;
    all_are_told CONSTANT boolean := opted_out IS NULL AND coalesce((options -> 'include_opted_out')::boolean, false);
    -- A setting of the function itself would need a right that only a superuser can give.
    before CONSTANT text := coalesce(current_setting('site_tracking.as_of', true), '');
    -- Who is told, or left out.
    chosen bytea[];
    -- Of sessions the view itself knows.
    is_told CONSTANT text := CASE
        WHEN all_are_told THEN 'true'
        WHEN features <> 'sessions' THEN format('(visitor_hk = ANY ($4)) = %L', opted_out IS NOT NULL)
        WHEN opted_out IS NULL THEN 'opted_out IS NOT TRUE'
        ELSE format('opted_out = %L', opted_out) END;
    lines bigint;
BEGIN
    IF what IS NULL THEN
        PERFORM business.site_argument_error('features', 'One of sessions, visitors, visitor_days.');
    END IF;
    PERFORM set_config('site_tracking.as_of', coalesce(as_of::text, ''), true);
    IF NOT all_are_told AND features <> 'sessions' THEN
        -- Whoever objects by now does so for what was before, too.
        chosen := business.site_sessions_opted(tenant, '-infinity', 'infinity', coalesce(opted_out, true));
        chosen := raw.site_tracking_visitors_opted(tenant, chosen, coalesce(opted_out, true));
    END IF;
    RETURN QUERY EXECUTE format(
        'SELECT to_jsonb(told) - %L::text[] FROM business.%I AS told'
        ' WHERE tenant_hk = $1 AND %s >= $2 AND %s < $3 AND %s ORDER BY %s',
        ARRAY['tenant_hk', 'session_hk', 'visitor_hk'], what[1], what[2], what[2], is_told, what[3])
    USING tenant, from_at, to_at, chosen;
    GET DIAGNOSTICS lines = ROW_COUNT;
    PERFORM set_config('site_tracking.as_of', before, true);
    IF NOT current_setting('transaction_read_only')::boolean THEN
        PERFORM util.log_audit_event(
            'SITE_TRACKING_FEATURES_EXPORT', 'tenant', encode(tenant, 'hex'), session_user::text,
            jsonb_build_object('features', features, 'lines', lines) || auth.site_tracking_asking());
    END IF;
END
$body$;
COMMENT ON FUNCTION raw.site_tracking_feature_lines(bytea, jsonb)
IS 'The lines of api.export_features. Errors: ST400.';

CREATE OR REPLACE FUNCTION api.export_features(tenant text, options jsonb)
RETURNS SETOF jsonb
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    field text;
BEGIN
    -- As business.site_answer does.
    LOCK TABLE ONLY raw.site_tracking_ledger_r IN ACCESS SHARE MODE;
    RETURN QUERY SELECT * FROM raw.site_tracking_feature_lines(auth.site_tracking_tenant(tenant), options);
EXCEPTION
    WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS field = COLUMN_NAME;
        RETURN NEXT business.site_failure(SQLSTATE, SQLERRM, field);
END
$body$;
COMMENT ON FUNCTION api.export_features(text, jsonb)
IS 'Features of sessions, visitors or days of visitors as they were known at a time, an object a line. See docs/api.md.';

-- ------------------------------------------------------------------------------------------ scores
-- Beside what a reprocess makes anew, as no event tells them.

CALL raw.site_tracking_install_table($table$
CREATE TABLE IF NOT EXISTS raw.site_tracking_score_s ( -- Satellite of site_session_h and site_visitor_h: what models say of sessions and visitors.
    tenant_hk bytea NOT NULL, -- Tenant that the row belongs to.
    model text NOT NULL, -- The model.
    model_version text NOT NULL, -- Version of the model.
    subject_hk bytea NOT NULL, -- The session or visitor.
    as_of timestamptz NOT NULL, -- As of when the features were that the model saw.
    is_of_session boolean NOT NULL, -- Whether it is of a session.
    visitor_hk bytea NOT NULL, -- The visitor, also of a session.
    score double precision NOT NULL, -- What the model says.
    load_date timestamptz NOT NULL, -- When it was written; the same said again changes nothing.
    record_source varchar(100) NOT NULL, -- Program that wrote the row.
    PRIMARY KEY (tenant_hk, model, subject_hk, as_of, model_version)
)
$table$, to_owner => 'SELECT, INSERT, UPDATE, DELETE', to_analysts => true);
CALL raw.site_tracking_install_index('raw', 'site_tracking_score_s_visitor',
    'ON raw.site_tracking_score_s (tenant_hk, visitor_hk)',
    'Scores of a visitor, which erasure and retention remove.');

CREATE OR REPLACE VIEW business.site_scores_current_v WITH (security_invoker = true) AS
SELECT DISTINCT ON (tenant_hk, model, subject_hk) *
FROM raw.site_tracking_score_s
ORDER BY tenant_hk, model, subject_hk, as_of DESC, load_date DESC, model_version COLLATE "C" DESC;
COMMENT ON VIEW business.site_scores_current_v
IS 'What each model says of a session or visitor now: as of the latest time, of the version that was written last.';
GRANT SELECT ON business.site_scores_current_v TO site_tracking_owner, site_tracking_analyst;

CREATE OR REPLACE FUNCTION raw.site_tracking_check_scores(given jsonb)
RETURNS void
LANGUAGE plpgsql
IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    field text;
BEGIN
    IF coalesce(jsonb_typeof(given), '') <> 'object' THEN
        PERFORM business.site_argument_error('scores', 'An object of model, version, as_of and scores.');
    END IF;
    SELECT key INTO field FROM jsonb_each(given) WHERE key NOT IN ('model', 'version', 'as_of', 'scores') ORDER BY key;
    IF FOUND THEN
        PERFORM business.site_argument_error(left(field, 100), 'This member is not known.');
    END IF;
    FOREACH field IN ARRAY ARRAY['model', 'version'] LOOP
        IF coalesce(jsonb_typeof(given -> field), '') <> 'string'
            OR NOT given ->> field ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$' THEN
            PERFORM business.site_argument_error(
                field, 'A text of at most 100 letters, digits, dots, hyphens and underscores.');
        END IF;
    END LOOP;
    IF coalesce(jsonb_typeof(given -> 'scores'), '') <> 'array'
        OR jsonb_array_length(given -> 'scores') NOT BETWEEN 1 AND 10000 THEN
        PERFORM business.site_argument_error('scores', 'An array of 1 to 10,000 scores.');
    END IF;
    SELECT format('scores[%s]', number - 1)
    INTO field
    FROM jsonb_array_elements(given -> 'scores') WITH ORDINALITY AS told (score, number)
    WHERE jsonb_typeof(score) <> 'object'
        OR coalesce(jsonb_typeof(score -> 'score'), '') <> 'number'
        OR abs((score ->> 'score')::numeric) > 1e300
        OR (score - 'score' - 'visitor' - 'session') <> '{}'
        OR coalesce(jsonb_typeof(score -> 'visitor'), jsonb_typeof(score -> 'session'), '') <> 'string'
        OR score ?& '{visitor,session}'
    ORDER BY number
    LIMIT 1;
    IF FOUND THEN
        PERFORM business.site_argument_error(
            field, 'An object of a visitor or a session, as answers name them, and a score, a number.');
    END IF;
END
$body$;
COMMENT ON FUNCTION raw.site_tracking_check_scores(jsonb)
IS 'Raises ST400 unless scores are well-formed.';

-- The lock keeps an erasure, whose tombstones come first, from removing scores before all are there that do not know it.
CREATE OR REPLACE FUNCTION raw.site_tracking_put_scores(tenant bytea, given jsonb)
RETURNS jsonb
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
#variable_conflict use_column
DECLARE
    seen_at timestamptz;
    known integer;
    written integer;
BEGIN
    PERFORM raw.site_tracking_check_scores(given);
    seen_at := business.site_instant_option(given, 'as_of', 'UTC');
    IF seen_at > clock_timestamp() + INTERVAL '1 minute' THEN
        PERFORM business.site_argument_error('as_of', 'The time as of which the features were is no later than now.');
    END IF;
    PERFORM pg_advisory_xact_lock_shared(hashtextextended('site_tracking_scores', 0));
    WITH told AS MATERIALIZED (
        SELECT DISTINCT ON (subject_hk)
            subject_hk, is_of_session, session_bk, score
        FROM (
            SELECT
                business.site_hash_key(tenant, coalesce(told.score ->> 'session', told.score ->> 'visitor')) AS subject_hk,
                told.score ? 'session' AS is_of_session,
                told.score ->> 'session' AS session_bk,
                (told.score ->> 'score')::double precision AS score,
                told.number
            FROM jsonb_array_elements(given -> 'scores') WITH ORDINALITY AS told (score, number)
        ) AS numbered
        ORDER BY subject_hk, number DESC
    ),
    held AS MATERIALIZED (
        SELECT told.subject_hk, told.is_of_session, told.score, sessions.visitor_hk
        FROM told
        CROSS JOIN LATERAL (
            SELECT visitor_hk
            FROM business.site_session_b
            WHERE NOT told.is_of_session AND tenant_hk = tenant AND visitor_hk = told.subject_hk AND NOT is_bot
            LIMIT 1
        ) AS sessions
        UNION ALL
        SELECT told.subject_hk, told.is_of_session, told.score, sessions.visitor_hk
        FROM told
        CROSS JOIN LATERAL (
            SELECT visitor_hk
            FROM business.site_session_b
            WHERE told.is_of_session
                AND tenant_hk = tenant
                AND key_start = ANY (business.site_starts_of_key(told.session_bk))
                AND session_hk = told.subject_hk
                AND NOT is_bot
        ) AS sessions
    ),
    admitted AS MATERIALIZED (
        SELECT *
        FROM held
        WHERE NOT EXISTS (
            SELECT FROM raw.site_tracking_tombstone_r AS tombstones
            WHERE tombstones.tenant_hk = tenant
                AND tombstones.visitor_hk = held.visitor_hk
                AND tombstones.erased_before > seen_at)
    ),
    changed AS (
        INSERT INTO raw.site_tracking_score_s AS scores (
            tenant_hk, model, model_version, subject_hk, as_of, is_of_session, visitor_hk, score, load_date, record_source)
        SELECT
            tenant, given ->> 'model', given ->> 'version', subject_hk, seen_at, is_of_session, visitor_hk, score,
            clock_timestamp(), 'put_scores'
        FROM admitted
        ORDER BY subject_hk
        ON CONFLICT (tenant_hk, model, subject_hk, as_of, model_version) DO UPDATE
            SET (score, visitor_hk, load_date) = (excluded.score, excluded.visitor_hk, excluded.load_date)
            WHERE (scores.score, scores.visitor_hk) <> (excluded.score, excluded.visitor_hk)
        RETURNING 1
    )
    SELECT (SELECT count(*) FROM admitted), (SELECT count(*) FROM changed) INTO known, written;
    RETURN jsonb_build_object(
        'model', given -> 'model', 'version', given -> 'version', 'as_of', business.site_utc(seen_at),
        'given', jsonb_array_length(given -> 'scores'), 'known', known, 'written', written);
END
$body$;
COMMENT ON FUNCTION raw.site_tracking_put_scores(bytea, jsonb)
IS 'The data of api.put_scores. Errors: ST400.';

CREATE OR REPLACE FUNCTION raw.site_tracking_erase_scores(tenant bytea, erasure text)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    of_visitors bigint;
    of_sessions bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('site_tracking_scores', 0));
    DELETE FROM raw.site_tracking_score_s AS scores
    USING raw.site_tracking_tombstone_r AS tombstones
    WHERE tombstones.erasure_id = erasure
        AND scores.tenant_hk = tenant
        AND scores.visitor_hk = tombstones.visitor_hk
        AND scores.as_of < tombstones.erased_before;
    GET DIAGNOSTICS of_visitors = ROW_COUNT;
    -- Of sessions in which they were beside others.
    DELETE FROM raw.site_tracking_score_s AS scores
    USING raw.site_tracking_dissolved_r AS dissolved
    WHERE scores.tenant_hk = tenant
        AND scores.is_of_session
        AND dissolved.session_hk = scores.subject_hk;
    GET DIAGNOSTICS of_sessions = ROW_COUNT;
    RETURN of_visitors + of_sessions;
END
$body$;
COMMENT ON FUNCTION raw.site_tracking_erase_scores(bytea, text)
IS 'Erases what models say of the visitors of a request by what was received before it, and of sessions that are dissolved; tells how many scores.';

CREATE OR REPLACE FUNCTION raw.site_tracking_expire_scores(tenant bytea, before timestamptz)
RETURNS bigint
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $body$
    WITH gone AS (
        DELETE FROM raw.site_tracking_score_s AS scores
        WHERE scores.tenant_hk = tenant
            AND (scores.as_of < before
                OR NOT EXISTS (
                    SELECT FROM business.site_session_b AS sessions
                    WHERE sessions.tenant_hk = tenant
                        AND sessions.visitor_hk = scores.visitor_hk
                        AND NOT sessions.is_bot))
        RETURNING 1
    )
    SELECT count(*) FROM gone
$body$;
COMMENT ON FUNCTION raw.site_tracking_expire_scores(bytea, timestamptz)
IS 'Removes scores as of a time when sessions are kept no more, and those of visitors without any; tells how many.';

CREATE OR REPLACE FUNCTION api.put_scores(tenant text, scores jsonb)
RETURNS jsonb
LANGUAGE sql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $body$ SELECT business.site_answer('Scores', tenant, scores) $body$;
COMMENT ON FUNCTION api.put_scores(text, jsonb)
IS 'Takes what a model says of visitors and sessions. See docs/api.md.';

CALL raw.site_tracking_own_routines('export_features', 'put_scores');
GRANT EXECUTE ON FUNCTION auth.site_tracking_session_gap(bytea) TO site_tracking_analyst;
GRANT EXECUTE ON FUNCTION api.export_features(text, jsonb) TO site_tracking_reader;
GRANT EXECUTE ON FUNCTION api.put_scores(text, jsonb) TO site_tracking_writer;

COMMIT;
