-- Purpose: what data subjects and authorities may ask: all that is held of a visitor, the record of
-- processing activities, and who changed what. Run after 10.
-- Errors: ST400 bad argument.

BEGIN;

DO $lock$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('site_tracking', 0));
END
$lock$;

-- ------------------------------------------------------------------------------------- access

-- In the words of the contract, also where retention took the payload.
CREATE OR REPLACE FUNCTION business.site_contract_event(
    details business.site_event_details_s, page_url text
)
RETURNS jsonb
LANGUAGE sql
IMMUTABLE
AS $body$
    SELECT jsonb_strip_nulls(
        to_jsonb(details)
        - '{event_hk,tenant_hk,is_bot,device_type,hash_diff,load_date,record_source,referrer_url}'::text[]
        || jsonb_build_object('page_url', page_url, 'page_referrer', details.referrer_url))
$body$;
COMMENT ON FUNCTION business.site_contract_event(business.site_event_details_s, text)
IS 'What the vault holds of an event, as an event of the contract.';

CREATE OR REPLACE FUNCTION business.site_visitor_lines(tenant bytea, visitor bytea)
RETURNS SETOF jsonb
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan
SET jit = off
SET timezone = 'UTC'
AS $body$
DECLARE
    visitors CONSTANT bytea[] := ARRAY(SELECT business.site_visitors_of(tenant, visitor));
BEGIN
    RETURN QUERY
    SELECT jsonb_strip_nulls(jsonb_build_object(
        'kind', 'visitor',
        'visitor_bk', hubs.visitor_bk,
        'known_from', CASE
            WHEN NOT EXISTS (
                SELECT FROM raw.site_tracking_tombstone_r AS tombstones
                WHERE tombstones.tenant_hk = tenant
                    AND tombstones.visitor_hk = hubs.visitor_hk
                    AND tombstones.erased_before > hubs.load_date) THEN business.site_utc(hubs.load_date)
        END))
    FROM business.site_visitor_h AS hubs
    WHERE hubs.visitor_hk = ANY (visitors) AND hubs.tenant_hk = tenant
    ORDER BY hubs.visitor_bk;
    RETURN QUERY
    SELECT jsonb_build_object('kind', 'device') || jsonb_strip_nulls(
        to_jsonb(versions) - '{visitor_hk,tenant_hk,hash_diff,record_source}'::text[])
    FROM business.site_visitor_details_s AS versions
    WHERE versions.visitor_hk = ANY (visitors) AND versions.tenant_hk = tenant
    ORDER BY versions.event_timestamp, versions.load_date;
    RETURN QUERY
    SELECT jsonb_strip_nulls(jsonb_build_object(
        'kind', 'user',
        'visitor_bk', hubs.visitor_bk,
        'user_hk', CASE
            WHEN seen.user_hk <> business.site_nobody(tenant, seen.visitor_hk) THEN encode(seen.user_hk, 'hex')
        END,
        'seen_at', business.site_utc(seen.load_date)))
    FROM business.site_user_visitor_b AS seen
    LEFT JOIN business.site_visitor_h AS hubs ON hubs.visitor_hk = seen.visitor_hk
    WHERE seen.tenant_hk = tenant AND (seen.user_hk = visitor OR seen.visitor_hk = ANY (visitors))
    ORDER BY hubs.visitor_bk, seen.user_hk;
    RETURN QUERY
    SELECT jsonb_build_object('kind', 'session') || jsonb_strip_nulls(
        to_jsonb(version) - '{session_hk,visitor_hk,tenant_hk,hash_diff,record_source,rules_version}'::text[])
    FROM business.site_session_b AS bridged
    CROSS JOIN LATERAL business.site_latest_version(bridged.tenant_hk, bridged.key_start, bridged.session_hk) AS version
    WHERE bridged.tenant_hk = tenant AND bridged.visitor_hk = ANY (visitors)
    ORDER BY bridged.session_start;
    -- Without the sessions that they became, which may be others'.
    RETURN QUERY
    SELECT jsonb_build_object('kind', 'former_session') || jsonb_strip_nulls(
        to_jsonb(versions)
        - '{session_hk,visitor_hk,tenant_hk,hash_diff,record_source,rules_version}'::text[]
        - '{predecessor_session_bk,successor_session_bks}'::text[])
    FROM business.site_session_details_s AS versions
    CROSS JOIN LATERAL business.site_latest_version(
        tenant, date_trunc('milliseconds', versions.session_start), versions.session_hk) AS latest
    WHERE versions.tenant_hk = tenant
        AND versions.visitor_hk = ANY (visitors)
        AND (latest.session_status = 'SUPERSEDED'
            OR (latest.session_start, latest.load_date) <> (versions.session_start, versions.load_date))
    ORDER BY versions.session_start, versions.load_date;
    RETURN QUERY
    SELECT DISTINCT
        jsonb_build_object('kind', 'item', 'item_id', items.business_item_bk)
    FROM business.visitor_business_item_l AS links
    JOIN business.business_item_h AS items ON items.business_item_hk = links.business_item_hk
    WHERE links.visitor_hk = ANY (visitors) AND links.tenant_hk = tenant
    ORDER BY 1;
    RETURN QUERY
    SELECT jsonb_strip_nulls(jsonb_build_object(
        'kind', 'score', 'model', scores.model, 'model_version', scores.model_version, 'session_bk', hubs.session_bk,
        'as_of', business.site_utc(scores.as_of), 'score', scores.score))
    FROM raw.site_tracking_score_s AS scores
    LEFT JOIN business.site_session_h AS hubs ON scores.is_of_session AND hubs.session_hk = scores.subject_hk
    WHERE scores.visitor_hk = ANY (visitors) AND scores.tenant_hk = tenant
    ORDER BY scores.model, scores.as_of, scores.subject_hk, scores.model_version;
    RETURN QUERY
    SELECT jsonb_build_object('kind', 'objection', 'visitor_bk', hubs.visitor_bk, 'objected_on', objections.objected_on)
    FROM raw.site_tracking_objection_r AS objections
    JOIN business.site_visitor_h AS hubs ON hubs.visitor_hk = objections.visitor_hk
    WHERE objections.visitor_hk = ANY (visitors) AND objections.tenant_hk = tenant
    ORDER BY hubs.visitor_bk;
    RETURN QUERY
    SELECT
        jsonb_strip_nulls(jsonb_build_object(
            'kind', 'event',
            'occurred_at', business.site_utc(keys.event_timestamp),
            'received_at', business.site_utc(arrived.received_at),
            'user_agent', arrived.user_agent,
            'ip_network', arrived.ip_network,
            'country', coalesce(arrived.country, staged.country),
            'region', coalesce(arrived.region, staged.region),
            'opted_out', business.site_opted_out(arrived.payload),
            'enriched', to_jsonb(staged)
                - '{event_timestamp,load_date,first_appended_at,event_hk,tenant_hk,visitor_hk,user_hk,page_hk}'::text[]
                - '{evt_type,country,region,record_source}'::text[]))
        || jsonb_build_object('event', coalesce(
            arrived.payload::jsonb, business.site_contract_event(details, pages.page_bk)))
    FROM business.site_events_of_visitors(
        tenant, visitors, array_fill(timestamptz 'infinity', ARRAY[cardinality(visitors)]), '-infinity', 'infinity') AS keys
    JOIN business.site_event_details_s AS details
        ON details.event_timestamp = keys.event_timestamp AND details.event_hk = keys.event_hk
    LEFT JOIN raw.site_tracking_events_r AS arrived
        ON arrived.event_timestamp = keys.event_timestamp AND arrived.event_hk = keys.event_hk
    LEFT JOIN staging.site_tracking_events_s AS staged
        ON staged.event_timestamp = keys.event_timestamp AND staged.event_hk = keys.event_hk
    LEFT JOIN business.event_page_l AS links
        ON links.event_timestamp = keys.event_timestamp AND links.event_hk = keys.event_hk
    LEFT JOIN business.site_page_h AS pages ON pages.page_hk = links.page_hk
    WHERE details.tenant_hk = tenant
    ORDER BY keys.event_timestamp, keys.event_hk;
    RETURN QUERY
    SELECT jsonb_build_object(
        'kind', 'rejected', 'received_at', business.site_utc(arrived.received_at), 'reasons', arrived.status_codes,
        'event', arrived.payload)
    FROM raw.site_tracking_events_r AS arrived
    WHERE arrived.tenant_hk = tenant
        AND arrived.processing_status = 'ERROR'
        AND (business.site_hash_key(tenant, arrived.visitor_bk) = ANY (visitors)
            OR business.site_hash_key(tenant, arrived.user_bk) = ANY (visitors))
    ORDER BY arrived.load_date;
END
$body$;
COMMENT ON FUNCTION business.site_visitor_lines(bytea, bytea)
IS 'All that is held of a visitor, or of a user, by the hash key, an object each.';

CREATE OR REPLACE FUNCTION raw.site_tracking_export(tenant bytea, visitor jsonb)
RETURNS SETOF jsonb
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    asked record;
    visitors bytea[];
    lines bigint;
BEGIN
    IF coalesce(jsonb_typeof(visitor), '') <> 'object' THEN
        PERFORM business.site_argument_error('visitor', 'An object of visitor_id, user_id, visitor_bk or visitor_hk.');
    END IF;
    SELECT * INTO asked FROM raw.site_tracking_asked_visitors(tenant, visitor);
    IF asked.client_id IS NOT NULL THEN
        INSERT INTO raw.site_tracking_export_r (export_id, tenant_hk, client_id, id_kind, load_date)
        SELECT replace(gen_random_uuid()::text, '-', ''), tenant, asked.client_id, asked.id_kind, clock_timestamp()
        WHERE NOT EXISTS (
            SELECT FROM raw.site_tracking_export_r
            WHERE tenant_hk = tenant AND client_id = asked.client_id AND id_kind = asked.id_kind);
        visitors := ARRAY(
            SELECT DISTINCT visitor_hk
            FROM raw.site_tracking_export_r
            WHERE tenant_hk = tenant
                AND client_id = asked.client_id
                AND id_kind = asked.id_kind
                AND visitor_hk IS NOT NULL);
        IF visitors = '{}' THEN
            RETURN NEXT jsonb_build_object(
                'kind', 'pending', 'message', 'The job tells within seconds whom the id means. Ask again.');
            RETURN;
        END IF;
        DELETE FROM raw.site_tracking_export_r
        WHERE tenant_hk = tenant AND client_id = asked.client_id AND id_kind = asked.id_kind;
        -- They have not come to the job yet, and hold the id as the client sends it.
        RETURN QUERY
        SELECT jsonb_build_object('kind', 'waiting', 'event', events.payload::jsonb)
        FROM raw.site_tracking_outbox_r AS events
        WHERE events.tenant_hk = tenant
            AND raw.site_tracking_tracked_id(events.payload::jsonb, asked.id_kind) = asked.client_id;
    ELSE
        visitors := ARRAY[asked.visitor_hk];
    END IF;
    RETURN QUERY
    SELECT told.line
    FROM unnest(visitors) AS named (visitor)
    CROSS JOIN LATERAL business.site_visitor_lines(tenant, named.visitor) AS told (line);
    GET DIAGNOSTICS lines = ROW_COUNT;
    PERFORM util.log_audit_event(
        'SITE_TRACKING_EXPORT', 'tenant', encode(tenant, 'hex'), session_user::text,
        jsonb_build_object('lines', lines) || auth.site_tracking_asking());
END
$body$;
COMMENT ON FUNCTION raw.site_tracking_export(bytea, jsonb)
IS 'The lines of api.export_visitor. Errors: ST400.';

-- Who asks in a transaction and rolls it back takes its note along.
CREATE OR REPLACE FUNCTION auth.site_tracking_note_export(tenant text)
RETURNS void
LANGUAGE sql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT util.log_audit_event(
        'SITE_TRACKING_EXPORT_REQUESTED', 'tenant', encode(auth.site_tracking_tenant(tenant), 'hex'),
        session_user::text, auth.site_tracking_asking())
$body$;
COMMENT ON FUNCTION auth.site_tracking_note_export(text)
IS 'Tells the audit that all of a visitor is asked for, before it is handed out; for programs that do so in a transaction of its own.';

CREATE OR REPLACE FUNCTION api.export_visitor(tenant text, visitor jsonb)
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
    RETURN QUERY SELECT * FROM raw.site_tracking_export(auth.site_tracking_tenant(tenant), visitor);
EXCEPTION
    WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS field = COLUMN_NAME;
        RETURN NEXT business.site_failure(SQLSTATE, SQLERRM, field);
END
$body$;
COMMENT ON FUNCTION api.export_visitor(text, jsonb)
IS 'All that is held of a visitor, an object a line, events in the words of the contract. See docs/api.md.';

-- ------------------------------------------------------------------------------------- record

-- What is said of keys is judged when it runs, as in 01.
CREATE OR REPLACE FUNCTION raw.site_tracking_processing_record(tenant bytea, tenant_bk text)
RETURNS jsonb
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
BEGIN
    RETURN (
        SELECT jsonb_build_object(
            'tenant', tenant_bk,
            'settings_from', business.site_utc(settings.load_date),
            'purposes', jsonb_build_array(
                'How sites are used and found: page views, visits, conversions, revenue',
                'Robots told from people',
                'What models learn from and say, where the tenant has some: features and scores of visitors and visits'),
            'data_subjects', 'Visitors of the tenant''s sites and apps',
            'consent', jsonb_build_object(
                'policy', coalesce(settings.consent_policy, 'ANONYMISE'),
                'honours_gpc', coalesce(settings.honour_gpc, true),
                'honours_dnt', coalesce(settings.honour_dnt, false)),
            'categories', jsonb_build_object(
                'visitor', 'A pseudonym, keyed by a secret of the tenant; without an id one of address, user agent and site'
                    || CASE WHEN EXISTS (SELECT FROM auth.site_tracking_salt_s)
                        THEN ' that nobody can repeat after 48 hours'
                        -- A job with privacy.salts=DERIVED draws none.
                        ELSE '; no salts are drawn in this database, and who has the job''s secret can repeat derived ones at any time'
                    END,
                'address', CASE coalesce(settings.ip_policy, 'NETWORK')
                    WHEN 'NETWORK' THEN 'Its network (/16, of IPv6 /48), the country and the region'
                    WHEN 'NETWORK_24' THEN 'Its network (/24, of IPv6 /48), the country and the region'
                    WHEN 'COUNTRY' THEN 'The country'
                    ELSE 'Nothing' END,
                'user_agent', CASE WHEN settings.keep_user_agents
                    THEN 'As the browser sends it' ELSE 'Kind of device, browser and operating system' END,
                'texts', CASE WHEN coalesce(settings.keep_texts, true)
                    THEN 'Addresses and titles of pages, referrers, labels, properties; what is recognised as personal is taken out'
                    ELSE 'Addresses of pages without queries' END,
                'device', 'Language, time zone and screen, as browsers tell them',
                'click_ids', CASE WHEN coalesce(settings.keep_texts, true)
                    THEN 'Of who comes by an advertisement the id by which its network knows the click, such as gclid'
                    ELSE 'Nothing' END,
                'behaviour', 'What was seen, clicked, searched and bought, and when',
                'scores', 'What models say of visitors and visits: ' || coalesce((
                    SELECT string_agg(DISTINCT model, ', ' ORDER BY model)
                    FROM raw.site_tracking_score_s
                    WHERE tenant_hk = tenant), 'nothing now')),
            'retention', jsonb_build_object(
                'days', (
                    SELECT jsonb_object_agg(layer, keep_days)
                    FROM raw.site_tracking_retention((now() AT TIME ZONE 'UTC')::date)
                    WHERE tenant_hk = tenant),
                'sums', 'Without end; they tell of nobody',
                'topics', 'Events and rejected events as they were sent, for the retention.ms of their topics: a job warns where that is more than 7 and 3 days',
                'job', 'Events for its archive.ttl',
                'salts', CASE WHEN EXISTS (SELECT FROM auth.site_tracking_salt_s)
                    THEN 'One a day for 48 hours, in an unlogged table and the memory of the job, which wipes them out while it runs'
                    ELSE 'None are drawn in this database' END,
                'backups', CASE WHEN settings.keep_backups_days IS NULL
                    THEN 'Not told to this database' ELSE settings.keep_backups_days || ' days' END,
                'scores', 'As long as the visitor''s sessions',
                'erased', 'On request, by api.forget_visitor',
                'erased_counts', raw.site_tracking_erased_counts(tenant)),
            'recipients', jsonb_build_object(
                'logins', (
                    SELECT coalesce(jsonb_agg(login_name ORDER BY login_name), '[]')
                    FROM (
                        SELECT DISTINCT ON (login_oid) login_name, tenant_hk, is_revoked
                        FROM auth.site_tracking_login_s
                        WHERE database_id = auth.site_tracking_database()
                        ORDER BY login_oid, load_date DESC
                    ) AS logins
                    WHERE tenant_hk = tenant AND NOT is_revoked),
                'keys', (
                    SELECT coalesce(jsonb_object_agg(may, keys), '{}')
                    FROM (
                        SELECT replace(unnest(newest.scope), 'site_tracking:', '') AS may, count(*) AS keys
                        FROM (
                            SELECT DISTINCT ON (api_token_hk) *
                            FROM auth.api_token_s
                            WHERE tenant_hk = tenant AND token_type = 'API_KEY'
                            ORDER BY api_token_hk, load_date DESC
                        ) AS newest
                        WHERE NOT newest.is_revoked AND newest.expires_at > now()
                        GROUP BY 1
                    ) AS granted),
                'links', (
                    SELECT count(*) FROM business.site_saved(tenant, 'LINK') WHERE expires_at > now()),
                'operators', 'Who operates database, Kafka and the job''s storage'),
            'transfers', 'None by this system',
            'security', 'Pseudonyms and redaction before anything becomes state or is loaded, topics, the outbox and the database''s log hold events as they were sent; row security by tenant; keys by their hash; accesses by roles',
            'open_erasures', raw.site_tracking_open_erasures(tenant) -> 'open')
        FROM (SELECT) AS one
        LEFT JOIN LATERAL (
            SELECT *
            FROM auth.tenant_site_tracking_s
            WHERE tenant_hk = tenant
            ORDER BY load_date DESC
            LIMIT 1
        ) AS settings ON true);
END
$body$;
COMMENT ON FUNCTION raw.site_tracking_processing_record(bytea, text)
IS 'The data of api.get_processing_record.';

CREATE OR REPLACE FUNCTION api.get_processing_record(tenant text)
RETURNS jsonb
LANGUAGE sql
STABLE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $body$ SELECT business.site_answer('Processing record', tenant) $body$;
COMMENT ON FUNCTION api.get_processing_record(text)
IS 'The record of processing activities of a tenant, out of the settings in force. See docs/api.md.';

-- --------------------------------------------------------------------------------- accountability
-- Names of settings, no values: a goal or an origin may be anything.

CREATE OR REPLACE FUNCTION auth.site_tracking_note_settings()
RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    told auth.tenant_site_tracking_s;
    former jsonb;
BEGIN
    -- As auth.site_tracking_keep_settings does, of which the audit is told by the version that holds now.
    IF TG_OP = 'INSERT' AND pg_trigger_depth() > 1 AND EXISTS (
        SELECT FROM auth.tenant_site_tracking_s
        WHERE tenant_hk = NEW.tenant_hk AND load_date > NEW.load_date
    ) THEN
        RETURN NULL;
    END IF;
    IF TG_OP = 'DELETE' THEN
        told := OLD;
    ELSE
        told := NEW;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        former := to_jsonb(OLD);
    ELSE
        SELECT to_jsonb(versions)
        INTO former
        FROM auth.tenant_site_tracking_s AS versions
        WHERE versions.tenant_hk = told.tenant_hk AND versions.load_date < told.load_date
        ORDER BY versions.load_date DESC
        LIMIT 1;
    END IF;
    PERFORM util.log_audit_event(
        'SITE_TRACKING_SETTINGS_' || CASE TG_OP WHEN 'DELETE' THEN 'REMOVED' ELSE 'CHANGED' END,
        'tenant', encode(told.tenant_hk, 'hex'), session_user::text,
        jsonb_build_object('settings', ARRAY(
            SELECT new_values.key
            FROM jsonb_each(to_jsonb(told) - '{tenant_hk,load_date,hash_diff,record_source}'::text[]) AS new_values
            WHERE new_values.value <> coalesce(former -> new_values.key, 'null')
            ORDER BY 1)) || auth.site_tracking_asking());
    RETURN NULL;
END
$body$;
COMMENT ON FUNCTION auth.site_tracking_note_settings()
IS 'Tells the audit which of a tenant''s settings changed, by a new version, in one or as one is removed.';

-- Whoever changes goals copies what else is in force: the lock is that of business.site_change_settings.
CREATE OR REPLACE FUNCTION auth.site_tracking_date_settings()
RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    in_force timestamptz;
    secret bytea;
    waits CONSTANT boolean := NOT pg_try_advisory_xact_lock(hashtextextended(encode(NEW.tenant_hk, 'hex'), 7));
BEGIN
    -- A transaction that reads by a snapshot may see another version in force than there is.
    IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
        RAISE EXCEPTION 'Settings are written in a transaction that is READ COMMITTED.'
            USING ERRCODE = 'active_sql_transaction', HINT = 'What others have changed meanwhile would be undone.';
    END IF;
    IF waits THEN
        PERFORM pg_advisory_xact_lock(hashtextextended(encode(NEW.tenant_hk, 'hex'), 7));
    END IF;
    SELECT load_date, visitor_secret
    INTO in_force, secret
    FROM auth.tenant_site_tracking_s
    WHERE tenant_hk = NEW.tenant_hk
    ORDER BY load_date DESC
    LIMIT 1;
    IF TG_OP = 'UPDATE' THEN
        IF in_force > OLD.load_date THEN
            IF waits THEN
                RAISE EXCEPTION 'Somebody else has changed the settings of the tenant meanwhile.'
                    USING ERRCODE = 'serialization_failure', HINT = 'Look at them, and ask again.';
            END IF;
            RETURN NULL;
        END IF;
        IF NEW.load_date <= OLD.load_date THEN
            NEW.load_date := greatest(clock_timestamp(), OLD.load_date + interval '1 microsecond');
        END IF;
    -- One that auth.site_tracking_keep_settings keeps is of before.
    -- And one that is there already is for ON CONFLICT.
    ELSIF NEW.load_date < in_force AND pg_trigger_depth() = 1 AND NOT EXISTS (
        SELECT FROM auth.tenant_site_tracking_s WHERE tenant_hk = NEW.tenant_hk AND load_date = NEW.load_date
    ) THEN
        RAISE EXCEPTION 'A version of the settings of the tenant is dated %, later than this one, which would hold for nothing.', in_force
            USING ERRCODE = 'restrict_violation', HINT = 'Take over what it says, and date yours now; or write it over.';
    END IF;
    -- Another secret would take over what came since its date, too, and bring back who was erased.
    IF NEW.load_date > greatest(clock_timestamp(), in_force + interval '1 microsecond')
        OR (NEW.load_date < clock_timestamp() - interval '1 minute'
            AND coalesce(NEW.load_date > in_force, true)
            AND nullif(NEW.visitor_secret, '') IS DISTINCT FROM nullif(secret, ''))
    THEN
        RAISE EXCEPTION 'Settings hold from when they are written, and these are dated %.', NEW.load_date
            USING ERRCODE = 'restrict_violation', HINT = 'Date them now.';
    END IF;
    RETURN NEW;
END
$body$;
COMMENT ON FUNCTION auth.site_tracking_date_settings()
IS 'Lets one change the settings of a tenant at a time, and none date a version ahead, or before the one in force, or one with another secret back; dates those in force where they are written over, and leaves those of before as they were: events tell by which they are kept.';

CREATE OR REPLACE FUNCTION auth.site_tracking_keep_settings()
RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $body$
BEGIN
    INSERT INTO auth.tenant_site_tracking_s
    SELECT (OLD).*
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$body$;
COMMENT ON FUNCTION auth.site_tracking_keep_settings()
IS 'Keeps settings that are written over, as a version of before.';

CREATE OR REPLACE FUNCTION auth.site_tracking_keep_secret()
RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $body$
BEGIN
    RAISE EXCEPTION 'Who is asked for by an id is found by the visitor_secret of then: insert a new version of the settings.'
        USING ERRCODE = 'restrict_violation';
END
$body$;
COMMENT ON FUNCTION auth.site_tracking_keep_secret()
IS 'Refuses that a secret is written over, by which visitors have their pseudonyms.';

CREATE OR REPLACE FUNCTION auth.site_tracking_note_saved()
RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $body$
BEGIN
    PERFORM util.log_audit_event(
        format('SITE_TRACKING_%s_%s', NEW.kind, CASE WHEN NEW.is_removed THEN 'WITHDRAWN' ELSE 'MADE' END),
        'tenant', encode(NEW.tenant_hk, 'hex'), session_user::text,
        auth.site_tracking_asking() || CASE NEW.kind
            WHEN 'LINK' THEN jsonb_build_object(
                'expires_at', business.site_utc(NEW.expires_at), 'has_password', NEW.password_hash IS NOT NULL)
            ELSE jsonb_build_object(
                'metric', NEW.content -> 'metric',
                'webhook', substring(NEW.content ->> 'webhook' FROM '^[a-z]+://[^/?]+')) END);
    RETURN NULL;
END
$body$;
COMMENT ON FUNCTION auth.site_tracking_note_saved()
IS 'Tells the audit of links for those without a key, and of alerts.';

CREATE OR REPLACE TRIGGER site_tracking_date_settings
    BEFORE UPDATE ON auth.tenant_site_tracking_s
    FOR EACH ROW WHEN (NEW.* IS DISTINCT FROM OLD.*)
    EXECUTE FUNCTION auth.site_tracking_date_settings();
COMMENT ON TRIGGER site_tracking_date_settings ON auth.tenant_site_tracking_s
IS 'Settings hold from when they are written over; those that are over stay as they were.';
CREATE OR REPLACE TRIGGER site_tracking_order_settings
    BEFORE INSERT ON auth.tenant_site_tracking_s
    FOR EACH ROW EXECUTE FUNCTION auth.site_tracking_date_settings();
COMMENT ON TRIGGER site_tracking_order_settings ON auth.tenant_site_tracking_s
IS 'A new version of the settings is the one in force, and made of the one before it.';
CREATE OR REPLACE TRIGGER site_tracking_keep_settings
    AFTER UPDATE ON auth.tenant_site_tracking_s
    FOR EACH ROW WHEN (NEW.* IS DISTINCT FROM OLD.*)
    EXECUTE FUNCTION auth.site_tracking_keep_settings();
COMMENT ON TRIGGER site_tracking_keep_settings ON auth.tenant_site_tracking_s
IS 'What an event was kept by stays known when the settings are written over.';
CREATE OR REPLACE TRIGGER site_tracking_keep_secret
    BEFORE UPDATE ON auth.tenant_site_tracking_s
    FOR EACH ROW WHEN (
        octet_length(OLD.visitor_secret) > 0 AND NEW.visitor_secret IS DISTINCT FROM OLD.visitor_secret)
    EXECUTE FUNCTION auth.site_tracking_keep_secret();
COMMENT ON TRIGGER site_tracking_keep_secret ON auth.tenant_site_tracking_s
IS 'A former secret is held by the version of the settings that had it.';
CREATE OR REPLACE TRIGGER site_tracking_note_settings
    AFTER INSERT OR UPDATE OR DELETE ON auth.tenant_site_tracking_s
    FOR EACH ROW EXECUTE FUNCTION auth.site_tracking_note_settings();
COMMENT ON TRIGGER site_tracking_note_settings ON auth.tenant_site_tracking_s
IS 'Whoever changes settings is told to the audit.';
CREATE OR REPLACE TRIGGER site_tracking_note_saved
    AFTER INSERT ON auth.site_tracking_saved_s
    FOR EACH ROW WHEN (NEW.kind IN ('LINK', 'ALERT')) EXECUTE FUNCTION auth.site_tracking_note_saved();
COMMENT ON TRIGGER site_tracking_note_saved ON auth.site_tracking_saved_s
IS 'Whoever makes or withdraws a link or an alert is told to the audit.';

CALL raw.site_tracking_own_routines('export_visitor', 'get_processing_record');
GRANT EXECUTE ON FUNCTION api.export_visitor(text, jsonb) TO site_tracking_eraser, site_tracking_collector;
GRANT EXECUTE ON FUNCTION auth.site_tracking_note_export(text) TO site_tracking_collector;
GRANT EXECUTE ON FUNCTION api.get_processing_record(text) TO site_tracking_reader;

COMMIT;
