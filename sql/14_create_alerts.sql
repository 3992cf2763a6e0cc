-- Purpose: alerts: what a tenant's figures must not cross, whether they do, and whom the relay calls. Run after 08.
--
-- Errors: ST400 bad argument.

BEGIN;

DO $lock$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('site_tracking', 0));
END
$lock$;

CALL raw.site_tracking_install_table($table$
CREATE TABLE IF NOT EXISTS raw.site_tracking_alert_r ( -- How each alert was found last.
    tenant_hk bytea NOT NULL, -- The tenant.
    name text NOT NULL, -- The alert, as auth.site_tracking_saved_s has it.
    version_from timestamptz NOT NULL, -- load_date of the version that was judged; a changed alert begins anew.
    judged_at timestamptz NOT NULL, -- When it was judged.
    value numeric, -- What the metric was; NULL where there was nothing to tell it by.
    is_firing boolean NOT NULL, -- Whether it crosses what the alert says; as before where the value is NULL.
    changed_at timestamptz, -- Since when that holds; NULL where it never crossed.
    record_source varchar(100) NOT NULL, -- Program that wrote the row.
    PRIMARY KEY (tenant_hk, name)
)
$table$, to_owner => 'SELECT, INSERT, UPDATE, DELETE');

CALL raw.site_tracking_install_table($table$
CREATE TABLE IF NOT EXISTS raw.site_tracking_alert_call_r ( -- Calls of webhooks, one for each time that an alert began or ended, for 30 days.
    tenant_hk bytea NOT NULL, -- The tenant.
    name text NOT NULL, -- The alert.
    changed_at timestamptz NOT NULL, -- When it began or ended.
    body text NOT NULL, -- What is sent, JSON.
    attempts integer NOT NULL, -- How often it was sent.
    next_attempt_at timestamptz NOT NULL, -- When it is sent next, unless it was delivered; not beyond a day after the change.
    delivered_at timestamptz, -- When the receiver took it; NULL until then.
    failure text, -- Why the last attempt failed; NULL where it did not.
    record_source varchar(100) NOT NULL, -- Program that wrote the row.
    PRIMARY KEY (tenant_hk, name, changed_at)
)
$table$, to_owner => 'SELECT, INSERT, UPDATE, DELETE');

CREATE OR REPLACE FUNCTION business.site_alerts(tenant bytea DEFAULT NULL)
RETURNS TABLE (
    tenant_hk bytea,
    name text,
    content jsonb,
    version_from timestamptz
)
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT newest.tenant_hk, newest.name, newest.content, newest.load_date
    FROM (
        SELECT DISTINCT ON (versions.tenant_hk, versions.name) versions.*
        FROM auth.site_tracking_saved_s AS versions
        WHERE versions.kind = 'ALERT' AND (tenant IS NULL OR versions.tenant_hk = tenant)
        ORDER BY versions.tenant_hk, versions.name, versions.load_date DESC
    ) AS newest
    WHERE NOT newest.is_removed
$body$;
COMMENT ON FUNCTION business.site_alerts(bytea)
IS 'The alerts of a tenant, or of all, as they are now.';

CREATE OR REPLACE FUNCTION business.site_save_alert(tenant bytea, given jsonb, OUT token text)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    options CONSTANT jsonb := business.site_options(given, 'name', 'metric', 'above', 'below', 'hours', 'compared',
        'webhook', 'remove');
    alert_name CONSTANT text := raw.site_tracking_trim(options ->> 'name');
    is_removed CONSTANT boolean := options @> '{"remove": true}';
    secret text;
    content jsonb;
BEGIN
    IF alert_name IS NULL OR length(alert_name) > 200 THEN
        PERFORM business.site_argument_error('alert', 'A text of at most 200 characters names it.');
    END IF;
    SELECT alerts.content ->> 'secret' INTO secret
    FROM business.site_alerts(tenant) AS alerts
    WHERE alerts.name = alert_name;
    IF NOT is_removed THEN
        IF NOT options ? 'metric' THEN
            PERFORM business.site_argument_error('metric', 'The metric that is looked at.');
        ELSIF options ? 'above' = options ? 'below' THEN
            PERFORM business.site_argument_error('above', 'Either above or below.');
        ELSIF options ->> 'webhook' !~ '^https?://[A-Za-z0-9.:\[\]-]+([/?][!-~]*)?$' THEN
            PERFORM business.site_argument_error('webhook', 'An address such as https://hooks.example.com/site.');
        ELSIF secret IS NULL AND (SELECT count(*) FROM business.site_alerts(tenant)) >= 100 THEN
            PERFORM business.site_argument_error('alert', 'There are too many of them; remove some.');
        END IF;
        IF secret IS NULL THEN
            token := 'sa_' || replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '');
        END IF;
    END IF;
    content := options - '{name,remove}'::text[] || jsonb_build_object('secret', coalesce(token, secret));
    INSERT INTO auth.site_tracking_saved_s (
        tenant_hk, kind, name, load_date, content, is_removed, hash_diff, record_source)
    VALUES (tenant, 'ALERT', alert_name, clock_timestamp(), content, is_removed,
        sha256(convert_to(concat(content, is_removed), 'UTF8')), 'api.change_settings');
END
$body$;
COMMENT ON FUNCTION business.site_save_alert(bytea, jsonb)
IS 'Saves an alert, or removes it; of a new one it tells the secret that calls are signed with, this once. Errors: ST400.';

CREATE OR REPLACE FUNCTION business.site_alert_states(tenant bytea)
RETURNS jsonb
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT coalesce(jsonb_agg(
        alerts.content - '{secret,webhook}'::text[] || jsonb_build_object(
            'name', alerts.name,
            -- What follows may be a secret.
            'webhook', substring(alerts.content ->> 'webhook' FROM '^[a-z]+://[^/?]+'),
            'is_firing', coalesce(held.is_firing, false),
            'value', trim_scale(held.value),
            'judged_at', business.site_utc(held.judged_at),
            'changed_at', business.site_utc(held.changed_at),
            'delivered_at', business.site_utc(calls.delivered_at),
            'failure', calls.failure)
        ORDER BY alerts.name), '[]')
    FROM business.site_alerts(tenant) AS alerts
    LEFT JOIN raw.site_tracking_alert_r AS held
        ON held.tenant_hk = alerts.tenant_hk AND held.name = alerts.name AND held.version_from = alerts.version_from
    LEFT JOIN raw.site_tracking_alert_call_r AS calls
        ON calls.tenant_hk = held.tenant_hk AND calls.name = held.name AND calls.changed_at = held.changed_at
$body$;
COMMENT ON FUNCTION business.site_alert_states(bytea)
IS 'The alerts of a tenant, how they were found last, and what became of the last call.';

CREATE OR REPLACE FUNCTION business.site_alert_metric(
    tenant bytea, metric text, from_at timestamptz, to_at timestamptz
) RETURNS numeric
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
BEGIN
    IF metric NOT IN ('received', 'rejected_rate', 'late_rate', 'duplicate_rate') THEN
        RETURN business.site_period_answer(tenant, from_at, to_at, 'UTC', NULL, '{}', false) ->> metric;
    END IF;
    RETURN (
        SELECT CASE metric
            WHEN 'received' THEN coalesce(sum(received), 0)
            WHEN 'rejected_rate' THEN business.site_rate(sum(rejected), sum(received), 4)
            WHEN 'late_rate' THEN business.site_rate(sum(late), sum(received), 4)
            ELSE business.site_rate(sum(duplicates), sum(received), 4)
        END
        FROM raw.site_tracking_ledger_v
        WHERE tenant_hk = tenant
            AND ledger_date BETWEEN (from_at AT TIME ZONE 'UTC')::date
                AND ((to_at - INTERVAL '1 microsecond') AT TIME ZONE 'UTC')::date);
END
$body$;
COMMENT ON FUNCTION business.site_alert_metric(bytea, text, timestamptz, timestamptz)
IS 'A metric of a tenant in a period of whole quarters of an hour; those of the ledger are of all UTC days that it touches. NULL of nothing.';

CREATE OR REPLACE FUNCTION business.site_alert_value(tenant bytea, alert jsonb, at timestamptz)
RETURNS numeric
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    to_at CONSTANT timestamptz := business.site_quarter(at);
    from_at CONSTANT timestamptz := to_at - coalesce((alert -> 'hours')::integer, 24) * INTERVAL '1 hour';
    metric CONSTANT text := alert ->> 'metric';
    now_value CONSTANT numeric := business.site_alert_metric(tenant, metric, from_at, to_at);
    week_before numeric;
BEGIN
    IF NOT coalesce((alert -> 'compared')::boolean, false) THEN
        RETURN now_value;
    END IF;
    week_before := business.site_alert_metric(
        tenant, metric, from_at - INTERVAL '168 hours', to_at - INTERVAL '168 hours');
    RETURN business.site_rate(now_value - week_before, week_before, 4);
END
$body$;
COMMENT ON FUNCTION business.site_alert_value(bytea, jsonb, timestamptz)
IS 'What an alert looks at: the metric of the last hours, up to the last whole quarter, or by which share it has grown since the same hours a week before. NULL of nothing.';

CREATE OR REPLACE FUNCTION raw.site_tracking_judge_next()
RETURNS text
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan
SET jit = off
SET work_mem = '64MB'
SET timezone = 'UTC'
AS $body$
DECLARE
    alert record;
    value numeric;
    is_firing boolean;
BEGIN
    -- One relay at a time.
    IF NOT pg_try_advisory_xact_lock('raw.site_tracking_alert_r'::regclass::oid::integer, 0) THEN
        RETURN NULL;
    END IF;
    SELECT alerts.*, tenants.tenant_bk, coalesce(held.is_firing, false) AS was_firing, held.changed_at
    INTO alert
    FROM business.site_alerts() AS alerts
    JOIN auth.tenant_h AS tenants ON tenants.tenant_hk = alerts.tenant_hk
    LEFT JOIN raw.site_tracking_alert_r AS held
        ON held.tenant_hk = alerts.tenant_hk AND held.name = alerts.name AND held.version_from = alerts.version_from
    WHERE held.judged_at IS NULL OR held.judged_at <= now() - INTERVAL '1 minute'
    ORDER BY held.judged_at NULLS FIRST
    LIMIT 1;
    IF NOT FOUND THEN
        DELETE FROM raw.site_tracking_alert_call_r WHERE changed_at < now() - INTERVAL '30 days';
        RETURN NULL;
    END IF;
    BEGIN
        -- As business.site_answer does.
        LOCK TABLE ONLY raw.site_tracking_ledger_r IN ACCESS SHARE MODE;
        value := business.site_alert_value(alert.tenant_hk, alert.content, now());
    EXCEPTION
        -- One tenant's trouble is not that of the others, be it a timeout.
        WHEN query_canceled OR OTHERS THEN
            RAISE WARNING 'An alert can''t be judged, SQLSTATE %: %', SQLSTATE, SQLERRM;
    END;
    is_firing := coalesce(
        value > (alert.content -> 'above')::numeric, value < (alert.content -> 'below')::numeric, alert.was_firing);
    IF is_firing <> alert.was_firing THEN
        alert.changed_at := now();
        INSERT INTO raw.site_tracking_alert_call_r
        SELECT
            alert.tenant_hk, alert.name, alert.changed_at,
            jsonb_build_object(
                'id', encode(sha256(convert_to(
                    concat_ws('|', encode(alert.tenant_hk, 'hex'), alert.changed_at, alert.name), 'UTF8')), 'hex'),
                'tenant', alert.tenant_bk,
                'alert', alert.name,
                'is_firing', is_firing,
                'value', value,
                'changed_at', business.site_utc(alert.changed_at)
            ) || (alert.content - '{secret,webhook}'::text[]),
            0, now(), NULL, NULL, 'site-tracking-relay'
        WHERE alert.content ? 'webhook';
    END IF;
    INSERT INTO raw.site_tracking_alert_r AS held
    VALUES (alert.tenant_hk, alert.name, alert.version_from, now(), value, is_firing, alert.changed_at,
        'site-tracking-relay')
    ON CONFLICT (tenant_hk, name) DO UPDATE SET
        version_from = excluded.version_from,
        judged_at = excluded.judged_at,
        value = excluded.value,
        is_firing = excluded.is_firing,
        changed_at = excluded.changed_at;
    RETURN alert.name;
END
$body$;
COMMENT ON FUNCTION raw.site_tracking_judge_next()
IS 'Judges the alert that was not judged for longest, a minute at least, and names it; NULL when there is nothing to do. Where it begins or ends a call is to be made. To be called in transactions of their own.';

-- Whoever takes a call has until the next attempt to tell what became of it; where it does not come to that, it is made again.
CREATE OR REPLACE FUNCTION raw.site_tracking_take_call()
RETURNS TABLE (
    tenant_hk bytea,
    name text,
    changed_at timestamptz,
    body text,
    webhook text,
    secret text
)
LANGUAGE sql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $body$
    UPDATE raw.site_tracking_alert_call_r AS calls
    SET attempts = calls.attempts + 1,
        next_attempt_at = now() + least(INTERVAL '30 seconds' * 2 ^ least(calls.attempts, 10), INTERVAL '1 hour')
    FROM (
        SELECT waiting.tenant_hk, waiting.name, waiting.changed_at, alerts.content
        FROM raw.site_tracking_alert_call_r AS waiting
        JOIN business.site_alerts() AS alerts ON alerts.tenant_hk = waiting.tenant_hk AND alerts.name = waiting.name
        WHERE waiting.delivered_at IS NULL
            AND waiting.next_attempt_at <= now()
            AND waiting.changed_at > now() - INTERVAL '1 day'
            AND alerts.content ? 'webhook'
            -- That an alert ended is told after that it began.
            AND NOT EXISTS (
                SELECT FROM raw.site_tracking_alert_call_r AS earlier
                WHERE earlier.tenant_hk = waiting.tenant_hk
                    AND earlier.name = waiting.name
                    AND earlier.changed_at < waiting.changed_at
                    AND earlier.changed_at > now() - INTERVAL '1 day'
                    AND earlier.delivered_at IS NULL)
        ORDER BY waiting.next_attempt_at
        LIMIT 1
        FOR UPDATE OF waiting SKIP LOCKED
    ) AS due
    WHERE calls.tenant_hk = due.tenant_hk AND calls.name = due.name AND calls.changed_at = due.changed_at
    RETURNING calls.tenant_hk, calls.name, calls.changed_at, calls.body, due.content ->> 'webhook', due.content ->> 'secret'
$body$;
COMMENT ON FUNCTION raw.site_tracking_take_call()
IS 'The next call that is due, as its alert is now, if there is one. It is due again after 30 s, which double with each attempt up to an hour, for a day, until raw.site_tracking_note_call says that it was delivered.';

CREATE OR REPLACE FUNCTION raw.site_tracking_note_call(tenant bytea, alert text, at timestamptz, failure text)
RETURNS void
LANGUAGE sql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $body$
    UPDATE raw.site_tracking_alert_call_r AS calls
    SET delivered_at = CASE WHEN $4 IS NULL THEN clock_timestamp() END,
        failure = left($4, 200)
    WHERE calls.tenant_hk = tenant AND calls.name = alert AND calls.changed_at = at AND calls.delivered_at IS NULL
$body$;
COMMENT ON FUNCTION raw.site_tracking_note_call(bytea, text, timestamptz, text)
IS 'Notes that a call was delivered, or why it was not.';

CALL raw.site_tracking_own_routines();
GRANT EXECUTE ON FUNCTION
    raw.site_tracking_judge_next(),
    raw.site_tracking_take_call(),
    raw.site_tracking_note_call(bytea, text, timestamptz, text)
TO site_tracking_relay;

COMMIT;
