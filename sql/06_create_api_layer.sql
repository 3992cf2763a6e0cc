-- Purpose: the api layer: what clients may call, who may call it, and what it needs to answer fast.
-- Run after 05, as a role that may create roles.
--
-- Tables are written as in 01: created where missing, checked where present (ST010), and the trailing
-- comments become catalog comments. Nothing is changed by a second run, nor by a run that fails.
-- Errors: ST012 a role or grant is missing that the script may not give; ST013 no such login or
-- tenant to bind. Inside, which callers see as codes of the answer: ST400 bad argument, ST403 another
-- tenant's login, ST404 unknown tenant.

BEGIN;

DO $lock$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('site_tracking', 0));
END
$lock$;

-- ----------------------------------------------------------------------------------------- roles

DO $roles$
DECLARE
    needed record;
BEGIN
    FOR needed IN
        SELECT name, purpose
        FROM (VALUES
            ('site_tracking_owner', 'Owns the functions of site tracking and nothing else; nobody logs in as it.'),
            ('site_tracking_reader', 'May call the functions that read.'),
            ('site_tracking_writer', 'May call api.track_event.'),
            ('site_tracking_analyst', 'May read staging, vault and ledger of the tenant that the login is bound to.'),
            ('site_tracking_loader', 'May do what the streaming job does.'),
            ('site_tracking_relay', 'May move events from the outbox to Kafka.')
        ) AS roles (name, purpose)
        WHERE to_regrole(name) IS NULL
    LOOP
        BEGIN
            EXECUTE format('CREATE ROLE %I NOLOGIN', needed.name);
            EXECUTE format('COMMENT ON ROLE %I IS %L', needed.name, needed.purpose);
        EXCEPTION
            WHEN duplicate_object OR unique_violation THEN
                NULL; -- Made meanwhile, for another database of this server.
        END;
    END LOOP;
    -- Who is no superuser must belong to a role to give functions to it.
    IF NOT pg_has_role(current_user, 'site_tracking_owner', 'USAGE') THEN
        EXECUTE format('GRANT site_tracking_owner TO %I', current_user);
    END IF;
EXCEPTION
    WHEN insufficient_privilege THEN
        RAISE EXCEPTION 'a role cannot be created or granted: %', SQLERRM
            USING ERRCODE = 'ST012', HINT = 'Run the script as a role with CREATEROLE, or let its administrator create '
                'site_tracking_owner, _reader, _writer, _analyst, _loader and _relay (NOLOGIN) and grant '
                'you the first one.';
END
$roles$;

-- The only changes to what is not ours: schemas may be entered, and tenants be looked up by those who
-- serve them.
DO $grants$
DECLARE
    missing text;
BEGIN
    GRANT USAGE ON SCHEMA api TO site_tracking_owner, site_tracking_reader, site_tracking_writer;
    GRANT USAGE ON SCHEMA auth TO site_tracking_owner, site_tracking_loader;
    GRANT USAGE ON SCHEMA raw
        TO site_tracking_owner, site_tracking_loader, site_tracking_relay, site_tracking_analyst;
    GRANT USAGE ON SCHEMA staging TO site_tracking_owner, site_tracking_loader, site_tracking_analyst;
    GRANT USAGE ON SCHEMA business TO site_tracking_owner, site_tracking_loader, site_tracking_analyst;
    GRANT SELECT ON auth.tenant_h TO site_tracking_owner, site_tracking_loader;

    SELECT string_agg(wanted.what, ', ')
    INTO missing
    FROM (
        SELECT format('USAGE ON SCHEMA %s', name) AS what,
            has_schema_privilege('site_tracking_owner', name, 'USAGE') AS given
        FROM unnest(ARRAY['api', 'auth', 'raw', 'staging', 'business']) AS name
        UNION ALL
        SELECT 'SELECT ON auth.tenant_h',
            has_table_privilege('site_tracking_owner', 'auth.tenant_h', 'SELECT')
    ) AS wanted
    WHERE NOT wanted.given;
    IF missing IS NOT NULL THEN
        RAISE insufficient_privilege USING MESSAGE = missing;
    END IF;
EXCEPTION
    WHEN insufficient_privilege THEN
        RAISE EXCEPTION 'a privilege cannot be granted: %', SQLERRM
            USING ERRCODE = 'ST012', HINT = 'Run the script as the owner of these schemas and of auth.tenant_h, or as superuser.';
END
$grants$;

CREATE OR REPLACE PROCEDURE auth.own_site_tracking_routine(
    routine regprocedure, VARIADIC callers text[] DEFAULT '{}'
)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    lent_schema CONSTANT regnamespace := (
        SELECT pronamespace FROM pg_proc
        WHERE oid = routine AND proowner <> 'site_tracking_owner'::regrole);
    caller text;
BEGIN
    IF lent_schema IS NOT NULL THEN
        -- A new owner needs CREATE for the moment in which it becomes one.
        EXECUTE format('GRANT CREATE ON SCHEMA %s TO site_tracking_owner', lent_schema);
        EXECUTE format('ALTER ROUTINE %s OWNER TO site_tracking_owner', routine);
        EXECUTE format('REVOKE CREATE ON SCHEMA %s FROM site_tracking_owner', lent_schema);
    END IF;
    EXECUTE format('REVOKE ALL ON ROUTINE %s FROM PUBLIC', routine);
    FOREACH caller IN ARRAY callers LOOP
        EXECUTE format('GRANT EXECUTE ON ROUTINE %s TO %I', routine, caller);
    END LOOP;
END
$body$;
COMMENT ON PROCEDURE auth.own_site_tracking_routine(regprocedure, text[])
IS 'Gives a function to site_tracking_owner, takes it from PUBLIC, and lets the given roles call it.';

CREATE OR REPLACE PROCEDURE auth.secure_site_tracking_table(
    target regclass, for_owner text, for_loader text, for_analysts boolean DEFAULT false
)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    open_table record;
BEGIN
    EXECUTE format('REVOKE ALL ON %s FROM PUBLIC', target);
    IF for_owner <> '' THEN
        EXECUTE format('GRANT %s ON %s TO site_tracking_owner', for_owner, target);
    END IF;
    IF for_loader <> '' THEN
        EXECUTE format('GRANT %s ON %s TO site_tracking_loader', for_loader, target);
    END IF;
    IF for_analysts THEN
        EXECUTE format('GRANT SELECT ON %s TO site_tracking_analyst', target);
    END IF;
    IF NOT EXISTS (
        SELECT FROM pg_attribute WHERE attrelid = target AND attname = 'tenant_hk' AND NOT attisdropped
    ) THEN
        RETURN;
    END IF;

    -- Partitions have no policy, so that whoever is granted one by mistake sees nothing in it.
    FOR open_table IN
        SELECT tree.relid::regclass AS name
        FROM (
            SELECT relid FROM pg_partition_tree(target)
            UNION
            SELECT target
        ) AS tree
        JOIN pg_class ON pg_class.oid = tree.relid
        WHERE NOT relrowsecurity
        ORDER BY 1
    LOOP
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', open_table.name);
    END LOOP;
    IF NOT EXISTS (
        SELECT FROM pg_policy WHERE polrelid = target AND polname = 'site_tracking_programs'
    ) THEN
        EXECUTE format('CREATE POLICY site_tracking_programs ON %s '
            'TO site_tracking_owner, site_tracking_loader, site_tracking_relay '
            'USING (true) WITH CHECK (true)', target);
    END IF;
    IF for_analysts AND NOT EXISTS (
        SELECT FROM pg_policy WHERE polrelid = target AND polname = 'site_tracking_tenant'
    ) THEN
        EXECUTE format('CREATE POLICY site_tracking_tenant ON %s FOR SELECT TO site_tracking_analyst '
            'USING (tenant_hk = (SELECT auth.site_tracking_bound_tenant()))', target);
    END IF;
END
$body$;
COMMENT ON PROCEDURE auth.secure_site_tracking_table(regclass, text, text, boolean)
IS 'Grants a table of ours to its users, and lets rows with a tenant be seen by our programs and by analysts of that tenant only.';

REVOKE ALL ON PROCEDURE auth.own_site_tracking_routine(regprocedure, text[]) FROM PUBLIC;
REVOKE ALL ON PROCEDURE auth.secure_site_tracking_table(regclass, text, text, boolean) FROM PUBLIC;

-- --------------------------------------------------------------------------------------- tenants

CALL raw.install_site_tracking_table($table$
CREATE TABLE IF NOT EXISTS auth.site_tracking_login_s ( -- Which tenant a database login is bound to, by versions; a login without any may name every tenant.
    login_name text NOT NULL, -- Name of the login role.
    load_date timestamptz NOT NULL, -- From when this version holds.
    tenant_hk bytea NOT NULL, -- The tenant.
    is_revoked boolean NOT NULL, -- Whether the login was barred: it is then bound, but to no tenant.
    record_source varchar(100) NOT NULL, -- Program that wrote the row.
    PRIMARY KEY (login_name, load_date)
)
$table$);

-- session_user stays who logged in, whatever SET ROLE and SECURITY DEFINER make of current_user.
CREATE OR REPLACE FUNCTION auth.site_tracking_binding(OUT is_bound boolean, OUT tenant_hk bytea)
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $body$
BEGIN
    SELECT CASE WHEN NOT logins.is_revoked THEN logins.tenant_hk END
    INTO tenant_hk
    FROM auth.site_tracking_login_s AS logins
    WHERE logins.login_name = session_user::text
    ORDER BY logins.load_date DESC
    LIMIT 1;
    is_bound := FOUND;
END
$body$;
COMMENT ON FUNCTION auth.site_tracking_binding()
IS 'Whether the login is bound, and to which tenant; NULL when it was barred.';

CREATE OR REPLACE FUNCTION auth.site_tracking_bound_tenant()
RETURNS bytea
LANGUAGE sql
STABLE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT tenant_hk FROM auth.site_tracking_binding()
$body$;
COMMENT ON FUNCTION auth.site_tracking_bound_tenant()
IS 'The tenant that the login is bound to; NULL for none. What policies compare with.';

-- Outer white space of Unicode is cut and NFC made, as the contract says of every text.
CREATE OR REPLACE FUNCTION raw.site_tracking_trim(given text)
RETURNS text
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
AS $body$
    SELECT nullif(btrim(given, E' \t\n\u000B\f\r\u0085\u00A0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200A\u2028\u2029\u202F\u205F\u3000'), '')
$body$;
COMMENT ON FUNCTION raw.site_tracking_trim(text)
IS 'A text without outer white space; NULL when nothing is left.';

CREATE OR REPLACE FUNCTION auth.site_tracking_find_tenant(tenant text)
RETURNS bytea
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT tenant_hk
    FROM auth.tenant_h
    WHERE tenant_bk = raw.site_tracking_trim(normalize(tenant, NFC))
    LIMIT 1
$body$;
COMMENT ON FUNCTION auth.site_tracking_find_tenant(text)
IS 'The hash key of a tenant, whoever asks; NULL for none.';

CREATE OR REPLACE FUNCTION auth.site_tracking_tenant(tenant text)
RETURNS bytea
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    binding CONSTANT record := auth.site_tracking_binding();
    found_hk CONSTANT bytea := auth.site_tracking_find_tenant(tenant);
BEGIN
    -- To a bound login other tenants and none are the same, so that it cannot learn who else is here.
    IF binding.is_bound AND found_hk IS DISTINCT FROM binding.tenant_hk THEN
        RAISE EXCEPTION 'another tenant' USING ERRCODE = 'ST403';
    END IF;
    IF binding.is_bound AND found_hk IS NULL THEN
        RAISE EXCEPTION 'barred login' USING ERRCODE = 'ST403';
    END IF;
    IF found_hk IS NULL THEN
        RAISE EXCEPTION 'unknown tenant' USING ERRCODE = 'ST404';
    END IF;
    RETURN found_hk;
END
$body$;
COMMENT ON FUNCTION auth.site_tracking_tenant(text)
IS 'The hash key of a tenant that the caller may name. Errors: ST403, ST404.';

CREATE OR REPLACE FUNCTION auth.bind_site_tracking_login(login text, tenant text)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    found_hk CONSTANT bytea := auth.site_tracking_find_tenant(tenant);
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = login AND rolcanlogin) THEN
        RAISE EXCEPTION 'no login of this name: %', login
            USING ERRCODE = 'ST013', HINT = 'Create it first: CREATE ROLE … LOGIN.';
    END IF;
    IF found_hk IS NULL THEN
        RAISE EXCEPTION 'no tenant of this name: %', tenant
            USING ERRCODE = 'ST013', HINT = 'auth.tenant_h lists the tenants.';
    END IF;
    INSERT INTO auth.site_tracking_login_s (login_name, load_date, tenant_hk, is_revoked, record_source)
    VALUES (login, clock_timestamp(), found_hk, false, 'site_tracking');
END
$body$;
COMMENT ON FUNCTION auth.bind_site_tracking_login(text, text)
IS 'Binds a login to a tenant: whatever it calls or reads is of that tenant. For administrators. Errors: ST013.';

CREATE OR REPLACE FUNCTION auth.bar_site_tracking_login(login text)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
BEGIN
    INSERT INTO auth.site_tracking_login_s (login_name, load_date, tenant_hk, is_revoked, record_source)
    SELECT login_name, clock_timestamp(), tenant_hk, true, 'site_tracking'
    FROM auth.site_tracking_login_s
    WHERE login_name = login
    ORDER BY load_date DESC
    LIMIT 1;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'login is not bound: %', login
            USING ERRCODE = 'ST013', HINT = 'Revoke its roles instead.';
    END IF;
END
$body$;
COMMENT ON FUNCTION auth.bar_site_tracking_login(text)
IS 'Takes its tenant from a bound login, which then sees and writes none, rather than any. For administrators. Errors: ST013.';

REVOKE ALL ON FUNCTION auth.bind_site_tracking_login(text, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION auth.bar_site_tracking_login(text) FROM PUBLIC;
CALL auth.own_site_tracking_routine('auth.site_tracking_binding()');
CALL auth.own_site_tracking_routine('auth.site_tracking_bound_tenant()', 'site_tracking_analyst');
CALL auth.own_site_tracking_routine('raw.site_tracking_trim(text)');
CALL auth.own_site_tracking_routine('auth.site_tracking_find_tenant(text)');
CALL auth.own_site_tracking_routine('auth.site_tracking_tenant(text)');

-- ---------------------------------------------------------------------------- outbox, heartbeats

CALL raw.install_site_tracking_table($table$
CREATE TABLE IF NOT EXISTS raw.site_tracking_outbox_r ( -- Events that wait for the relay; a row is deleted when the broker has acknowledged it.
    outbox_id bigint GENERATED ALWAYS AS IDENTITY, -- The order in which events of one record key are sent.
    tenant_hk bytea NOT NULL, -- Tenant of the event.
    record_key text, -- Key of the Kafka record: tenant, a bar, and session, visitor or user; NULL without any.
    payload text NOT NULL, -- Value of the Kafka record, the event as JSON. Not redacted: it lives until it is sent.
    created_at timestamptz NOT NULL, -- When the event was tracked.
    PRIMARY KEY (outbox_id)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000)
$table$);

CALL raw.install_site_tracking_table($table$
CREATE TABLE IF NOT EXISTS raw.site_tracking_heartbeat_r ( -- Signs of life: one row per program and part of it, written over and over.
    program varchar(20) NOT NULL CHECK (program IN ('LOADER', 'RELAY')), -- LOADER for the streaming job, RELAY for whichever relay is at work.
    part varchar(40) NOT NULL, -- Step of the job; empty for the relay.
    beat_at timestamptz NOT NULL, -- Last sign of life, by the clock of the database.
    failing_since timestamptz, -- Since when it fails in its work, such as a relay without a broker; NULL when well.
    version varchar(50) NOT NULL, -- Version of the program.
    record_source varchar(100) NOT NULL, -- Program that wrote the row.
    PRIMARY KEY (program, part)
) WITH (fillfactor = 50)
$table$);

DO $indexes$
BEGIN
    IF to_regclass('raw.site_tracking_outbox_r_tenant') IS NULL THEN
        CREATE INDEX site_tracking_outbox_r_tenant
            ON raw.site_tracking_outbox_r (tenant_hk, outbox_id);
    END IF;
    IF to_regclass('raw.site_tracking_events_r_errors') IS NULL THEN
        CREATE INDEX site_tracking_events_r_errors
            ON raw.site_tracking_events_r (tenant_hk, load_date)
            WHERE processing_status = 'ERROR';
    END IF;
END
$indexes$;
COMMENT ON INDEX raw.site_tracking_outbox_r_tenant
IS 'What of a tenant waits in the outbox, and since when.';
COMMENT ON INDEX raw.site_tracking_events_r_errors
IS 'Rejected events of a tenant by the time of their arrival: examples for the status.';

-- ---------------------------------------------------------------------------------- who may what

CALL auth.secure_site_tracking_table('auth.tenant_site_tracking_s', 'SELECT', 'SELECT');
CALL auth.secure_site_tracking_table('auth.site_tracking_login_s', 'SELECT', '');
-- Salts are drawn and, to forget visitors, deleted.
CALL auth.secure_site_tracking_table('auth.site_tracking_salt_s', '', 'SELECT, INSERT, DELETE');
CALL auth.secure_site_tracking_table('raw.site_tracking_retention_r', 'SELECT', '');
CALL auth.secure_site_tracking_table('raw.site_tracking_heartbeat_r', 'SELECT', 'SELECT, INSERT, UPDATE');
CALL auth.secure_site_tracking_table('raw.site_tracking_outbox_r', 'SELECT, INSERT', '');
CALL auth.secure_site_tracking_table('raw.site_tracking_events_r', 'SELECT', 'SELECT, INSERT');
-- Running totals are written over.
CALL auth.secure_site_tracking_table('raw.site_tracking_ledger_r', 'SELECT', 'SELECT, INSERT, UPDATE', true);
CALL auth.secure_site_tracking_table('staging.site_tracking_events_s', 'SELECT', 'SELECT, INSERT', true);
CALL auth.secure_site_tracking_table('business.site_session_h', 'SELECT', 'SELECT, INSERT', true);
CALL auth.secure_site_tracking_table('business.site_visitor_h', 'SELECT', 'SELECT, INSERT', true);
CALL auth.secure_site_tracking_table('business.site_page_h', 'SELECT', 'SELECT, INSERT', true);
CALL auth.secure_site_tracking_table('business.business_item_h', 'SELECT', 'SELECT, INSERT', true);
CALL auth.secure_site_tracking_table('business.site_event_h', 'SELECT', 'SELECT, INSERT', true);
CALL auth.secure_site_tracking_table('business.session_visitor_l', 'SELECT', 'SELECT, INSERT', true);
CALL auth.secure_site_tracking_table('business.session_page_l', 'SELECT', 'SELECT, INSERT', true);
CALL auth.secure_site_tracking_table('business.visitor_business_item_l', 'SELECT', 'SELECT, INSERT', true);
CALL auth.secure_site_tracking_table('business.event_session_l', 'SELECT', 'SELECT, INSERT', true);
CALL auth.secure_site_tracking_table('business.event_page_l', 'SELECT', 'SELECT, INSERT', true);
CALL auth.secure_site_tracking_table('business.event_business_item_l', 'SELECT', 'SELECT, INSERT', true);
CALL auth.secure_site_tracking_table('business.site_event_details_s', 'SELECT', 'SELECT, INSERT', true);
-- A version of a session gives way to one of the same load date that knows more.
CALL auth.secure_site_tracking_table('business.site_session_details_s', 'SELECT', 'SELECT, INSERT, UPDATE', true);
CALL auth.secure_site_tracking_table('business.site_visitor_details_s', 'SELECT', 'SELECT, INSERT', true);
CALL auth.secure_site_tracking_table('business.site_page_details_s', 'SELECT', 'SELECT, INSERT', true);
CALL auth.secure_site_tracking_table('business.business_item_details_s', 'SELECT', 'SELECT, INSERT', true);

GRANT SELECT ON
    raw.site_tracking_ledger_v,
    business.site_visitor_details_current_v,
    business.site_visitor_details_history_v,
    business.site_page_details_current_v,
    business.site_page_details_history_v,
    business.business_item_details_current_v,
    business.business_item_details_history_v,
    business.site_session_details_current_v,
    business.site_session_details_history_v,
    business.event_session_current_v,
    business.site_events_late_v
TO site_tracking_owner, site_tracking_analyst;

GRANT SELECT, DELETE ON raw.site_tracking_outbox_r TO site_tracking_relay;
GRANT SELECT, INSERT, UPDATE ON raw.site_tracking_heartbeat_r TO site_tracking_relay;

GRANT EXECUTE ON FUNCTION raw.ensure_site_tracking_partitions(date, date) TO site_tracking_loader;
GRANT EXECUTE ON FUNCTION raw.drop_site_tracking_partitions(integer, text) TO site_tracking_loader;
GRANT EXECUTE ON FUNCTION raw.site_tracking_partitioned_tables() TO site_tracking_owner;
GRANT EXECUTE ON FUNCTION raw.site_tracking_missing_partitions(date, date) TO site_tracking_owner;

-- --------------------------------------------------------------------------------------- answers

CREATE OR REPLACE FUNCTION business.site_argument_error(field text, message text)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
BEGIN
    RAISE EXCEPTION '%', message USING ERRCODE = 'ST400', COLUMN = field;
END
$body$;
COMMENT ON FUNCTION business.site_argument_error(text, text)
IS 'Raises ST400 for an argument.';

CREATE OR REPLACE FUNCTION business.site_failure(state text, message text, field text)
RETURNS jsonb
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
-- The server's log may see what went wrong, callers may not.
SET client_min_messages = warning
AS $body$
BEGIN
    IF state NOT IN ('ST400', 'ST403', 'ST404') THEN
        RAISE LOG 'site tracking api: % %', state, message;
        RETURN jsonb_build_object('success', false, 'error_code', 'INTERNAL_ERROR',
            'message', 'The request could not be answered.');
    END IF;
    RETURN jsonb_strip_nulls(jsonb_build_object(
        'success', false,
        'error_code', CASE state
            WHEN 'ST400' THEN 'INVALID_ARGUMENT'
            WHEN 'ST403' THEN 'TENANT_MISMATCH'
            ELSE 'UNKNOWN_TENANT'
        END,
        'message', CASE state
            WHEN 'ST400' THEN message
            WHEN 'ST403' THEN 'The login belongs to another tenant.'
            ELSE 'No tenant of this name is registered.'
        END,
        'field', nullif(field, '')));
END
$body$;
COMMENT ON FUNCTION business.site_failure(text, text, text)
IS 'The answer to a request that failed; of anything but bad arguments it tells nothing but the code.';

CREATE OR REPLACE FUNCTION business.site_utc(instant timestamptz)
RETURNS text
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
AS $body$
    SELECT to_char(instant AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS')
        || coalesce('.' || nullif(rtrim(to_char(instant AT TIME ZONE 'UTC', 'US'), '0'), ''), '') || 'Z'
$body$;
COMMENT ON FUNCTION business.site_utc(timestamptz)
IS 'An instant as answers write it: ISO 8601 in UTC, the fraction as far as needed.';

CALL auth.own_site_tracking_routine('business.site_argument_error(text, text)');
CALL auth.own_site_tracking_routine('business.site_failure(text, text, text)');
CALL auth.own_site_tracking_routine('business.site_utc(timestamptz)');

-- -------------------------------------------------------------------------------------- tracking
-- What the contract surely refuses is refused here, so that the caller learns it; the streaming job
-- judges the rest.

CREATE OR REPLACE FUNCTION raw.site_tracking_given(value jsonb)
RETURNS jsonb
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
AS $body$
    SELECT CASE jsonb_typeof(value)
        WHEN 'null' THEN NULL
        WHEN 'string' THEN CASE WHEN raw.site_tracking_trim(value #>> '{}') IS NULL THEN NULL ELSE value END
        ELSE value
    END
$body$;
COMMENT ON FUNCTION raw.site_tracking_given(jsonb)
IS 'The value of a member; NULL where null or a blank text says that it is absent.';

CREATE OR REPLACE FUNCTION raw.site_tracking_id_breach(value jsonb, most_characters integer)
RETURNS text
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
AS $body$
    SELECT CASE
        WHEN jsonb_typeof(value) IN ('boolean', 'object', 'array') THEN 'WRONG_TYPE'
        WHEN length(normalize(raw.site_tracking_trim(value #>> '{}'), NFC)) > most_characters THEN 'ID_TOO_LONG'
    END
$body$;
COMMENT ON FUNCTION raw.site_tracking_id_breach(jsonb, integer)
IS 'Why the contract refuses an id; NULL when it does not.';

CREATE OR REPLACE FUNCTION raw.site_tracking_parse_events(events jsonb)
RETURNS TABLE (
    event_index integer,
    event jsonb,
    tenant text,
    client_id text,
    session_id text,
    event_id text,
    error_code text,
    field text
)
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    WITH given AS MATERIALIZED (
        SELECT
            ordinality::integer - 1 AS event_index,
            element AS event,
            element -> 'event_data' AS nested,
            CASE jsonb_typeof(element -> 'event_data')
                WHEN 'object' THEN element -> 'event_data' ELSE '{}'
            END AS data
        FROM jsonb_array_elements(events) WITH ORDINALITY AS elements (element, ordinality)
    ),
    members AS MATERIALIZED (
        SELECT
            event_index,
            event,
            nested,
            array_remove(ARRAY[
                raw.site_tracking_given(event -> 'tenantId'),
                raw.site_tracking_given(event -> 'tenant_id'),
                raw.site_tracking_given(event -> 'tenant_bk'),
                raw.site_tracking_given(event -> 'tenantBk'),
                raw.site_tracking_given(data -> 'tenantId'),
                raw.site_tracking_given(data -> 'tenant_id'),
                raw.site_tracking_given(data -> 'tenant_bk'),
                raw.site_tracking_given(data -> 'tenantBk')
            ], NULL) AS tenants,
            coalesce(
                raw.site_tracking_given(event -> 'event_id'),
                raw.site_tracking_given(data -> 'event_id')) AS event_id,
            coalesce(
                raw.site_tracking_given(event -> 'evt_type'),
                raw.site_tracking_given(event -> 'event_type'),
                raw.site_tracking_given(data -> 'evt_type'),
                raw.site_tracking_given(data -> 'event_type')) AS evt_type,
            coalesce(
                raw.site_tracking_given(event -> 'session_id'),
                raw.site_tracking_given(data -> 'session_id')) AS session_id,
            coalesce(
                raw.site_tracking_given(event -> 'visitor_id'),
                raw.site_tracking_given(data -> 'visitor_id')) AS visitor_id,
            coalesce(
                raw.site_tracking_given(event -> 'user_id'),
                raw.site_tracking_given(data -> 'user_id')) AS user_id,
            coalesce(event -> 'client_ip', data -> 'client_ip') AS client_ip,
            coalesce(event -> 'user_agent', data -> 'user_agent') AS user_agent
        FROM given
    ),
    breaches AS (
        SELECT
            members.*,
            CASE
                WHEN jsonb_typeof(event) <> 'object' THEN ARRAY['NOT_AN_OBJECT']
                WHEN jsonb_typeof(nested) NOT IN ('object', 'null') THEN ARRAY['WRONG_TYPE', 'event_data']
                WHEN raw.site_tracking_trim(tenants[1] #>> '{}') <> ANY (
                    SELECT raw.site_tracking_trim(other #>> '{}') FROM unnest(tenants[2:]) AS other)
                    THEN ARRAY['TENANT_MISMATCH', 'tenantId']
                WHEN raw.site_tracking_id_breach(tenants[1], 200) IS NOT NULL
                    THEN ARRAY[raw.site_tracking_id_breach(tenants[1], 200), 'tenantId']
                WHEN tenants[1] IS NULL THEN ARRAY['UNKNOWN_TENANT', 'tenantId']
                WHEN raw.site_tracking_id_breach(event_id, 200) IS NOT NULL
                    THEN ARRAY[raw.site_tracking_id_breach(event_id, 200), 'event_id']
                WHEN raw.site_tracking_id_breach(evt_type, 100) IS NOT NULL
                    THEN ARRAY[raw.site_tracking_id_breach(evt_type, 100), 'evt_type']
                WHEN evt_type IS NULL THEN ARRAY['MISSING_EVENT_TYPE', 'evt_type']
                WHEN raw.site_tracking_id_breach(session_id, 200) IS NOT NULL
                    THEN ARRAY[raw.site_tracking_id_breach(session_id, 200), 'session_id']
                WHEN raw.site_tracking_id_breach(visitor_id, 200) IS NOT NULL
                    THEN ARRAY[raw.site_tracking_id_breach(visitor_id, 200), 'visitor_id']
                WHEN raw.site_tracking_id_breach(user_id, 200) IS NOT NULL
                    THEN ARRAY[raw.site_tracking_id_breach(user_id, 200), 'user_id']
            END AS breach
        FROM members
    )
    SELECT
        event_index,
        event,
        normalize(raw.site_tracking_trim(tenants[1] #>> '{}'), NFC),
        coalesce(
            normalize(raw.site_tracking_trim(coalesce(session_id, visitor_id, user_id) #>> '{}'), NFC),
            'cookieless-' || md5(nullif(concat(client_ip, user_agent), ''))),
        normalize(raw.site_tracking_trim(session_id #>> '{}'), NFC),
        coalesce(normalize(raw.site_tracking_trim(event_id #>> '{}'), NFC), gen_random_uuid()::text),
        breach[1],
        breach[2]
    FROM breaches
$body$;
COMMENT ON FUNCTION raw.site_tracking_parse_events(jsonb)
IS 'What track_event must know of the events in an array: their ids, and why the contract refuses them.';

CREATE OR REPLACE FUNCTION raw.site_tracking_admit_tenants(names text[])
RETURNS TABLE (
    tenant text,
    tenant_hk bytea,
    error_code text
)
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    given text;
BEGIN
    FOREACH given IN ARRAY names LOOP
        tenant := given;
        BEGIN
            tenant_hk := auth.site_tracking_tenant(given);
            error_code := NULL;
        EXCEPTION
            WHEN SQLSTATE 'ST403' THEN
                tenant_hk := NULL;
                error_code := 'TENANT_MISMATCH';
            WHEN SQLSTATE 'ST404' THEN
                tenant_hk := NULL;
                error_code := 'UNKNOWN_TENANT';
        END;
        RETURN NEXT;
    END LOOP;
END
$body$;
COMMENT ON FUNCTION raw.site_tracking_admit_tenants(text[])
IS 'Tenants by name, each with its hash key or why the caller may not name it.';

CREATE OR REPLACE FUNCTION raw.store_site_tracking_events(events jsonb)
RETURNS jsonb
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    now_at CONSTANT timestamptz := clock_timestamp();
    -- What a collector sets; whoever calls cannot pretend another reception.
    collected CONSTANT jsonb := jsonb_build_object(
        'collector', 'api.track_event', 'received_at', business.site_utc(now_at));
    most_bytes CONSTANT integer := 65536;
    answer jsonb;
BEGIN
    WITH parsed AS MATERIALIZED (
        SELECT * FROM raw.site_tracking_parse_events(events)
    ),
    admitted AS MATERIALIZED (
        SELECT * FROM raw.site_tracking_admit_tenants(ARRAY(
            SELECT DISTINCT tenant FROM parsed WHERE error_code IS NULL))
    ),
    completed AS MATERIALIZED (
        SELECT
            parsed.event_index,
            parsed.tenant,
            parsed.client_id,
            parsed.session_id,
            parsed.event_id,
            admitted.tenant_hk,
            CASE WHEN jsonb_typeof(parsed.event) = 'object'
                THEN (parsed.event || collected || jsonb_build_object('event_id', parsed.event_id))::text
            END AS payload,
            coalesce(parsed.error_code, admitted.error_code) AS error_code,
            coalesce(parsed.field, CASE WHEN admitted.error_code IS NOT NULL THEN 'tenantId' END) AS field
        FROM parsed
        LEFT JOIN admitted ON admitted.tenant = parsed.tenant AND parsed.error_code IS NULL
    ),
    judged AS MATERIALIZED (
        SELECT
            completed.*,
            -- The form of the record is judged first, then its members.
            CASE WHEN octet_length(payload) > most_bytes THEN 'TOO_LARGE' ELSE error_code END AS code
        FROM completed
    ),
    stored AS (
        INSERT INTO raw.site_tracking_outbox_r (tenant_hk, record_key, payload, created_at)
        SELECT tenant_hk, tenant || '|' || client_id, payload, now_at
        FROM judged
        WHERE code IS NULL
        ORDER BY event_index
    )
    SELECT jsonb_build_object(
        'session_id', CASE WHEN count(DISTINCT session_id) FILTER (WHERE code IS NULL) = 1
            THEN min(session_id) FILTER (WHERE code IS NULL) END,
        'event_ids', coalesce(jsonb_agg(event_id ORDER BY event_index) FILTER (WHERE code IS NULL), '[]'),
        'events_accepted', count(*) FILTER (WHERE code IS NULL),
        'events_rejected', coalesce(
            jsonb_agg(
                jsonb_strip_nulls(jsonb_build_object(
                    'index', event_index,
                    'error_code', code,
                    'field', CASE WHEN code <> 'TOO_LARGE' THEN field END))
                ORDER BY event_index)
            FILTER (WHERE code IS NOT NULL), '[]'),
        'timestamp', business.site_utc(now_at))
    INTO answer
    FROM judged;
    RETURN answer;
END
$body$;
COMMENT ON FUNCTION raw.store_site_tracking_events(jsonb)
IS 'Writes the events of an array to the outbox, as far as they can be taken, and tells what became of them.';

CREATE OR REPLACE FUNCTION api.track_event(payload jsonb)
RETURNS jsonb
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET jit = off
AS $body$
DECLARE
    most_events CONSTANT integer := 1000;
    most_bytes CONSTANT integer := 16 * 1024 * 1024;
    data jsonb;
    refused jsonb;
    field text;
BEGIN
    IF payload IS NULL THEN
        PERFORM business.site_argument_error('payload', 'Give one event or an array of events.');
    END IF;
    IF jsonb_typeof(payload) <> 'array' THEN
        payload := jsonb_build_array(payload);
    ELSIF jsonb_array_length(payload) > most_events THEN
        RETURN jsonb_build_object('success', false, 'error_code', 'TOO_MANY_EVENTS',
            'message', 'Give at most 1000 events at once.');
    END IF;
    IF pg_column_size(payload) > most_bytes THEN
        RETURN jsonb_build_object('success', false, 'error_code', 'PAYLOAD_TOO_LARGE',
            'message', 'Give at most 16 MiB at once.');
    END IF;

    data := raw.store_site_tracking_events(payload);
    IF data -> 'events_accepted' <> '0' THEN
        -- Equal notifications of a transaction are one.
        PERFORM pg_notify('site_tracking_outbox', '');
    END IF;
    refused := data -> 'events_rejected' -> 0;
    IF refused IS NOT NULL AND data -> 'events_accepted' = '0' THEN
        RETURN (refused - 'index') || jsonb_build_object(
            'success', false, 'message', 'No event was accepted.', 'data', data);
    END IF;
    RETURN jsonb_build_object(
        'success', true,
        'message', CASE WHEN refused IS NULL THEN 'Events accepted' ELSE 'Events accepted in part' END,
        'data', data);
EXCEPTION
    WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS field = COLUMN_NAME;
        RETURN business.site_failure(SQLSTATE, SQLERRM, field);
END
$body$;
COMMENT ON FUNCTION api.track_event(jsonb)
IS 'Takes one event or an array of at most 1000 into the caller''s transaction. See docs/api.md.';

CALL auth.own_site_tracking_routine('raw.site_tracking_given(jsonb)');
CALL auth.own_site_tracking_routine('raw.site_tracking_id_breach(jsonb, integer)');
CALL auth.own_site_tracking_routine('raw.site_tracking_parse_events(jsonb)');
CALL auth.own_site_tracking_routine('raw.site_tracking_admit_tenants(text[])');
CALL auth.own_site_tracking_routine('raw.store_site_tracking_events(jsonb)');
CALL auth.own_site_tracking_routine('api.track_event(jsonb)', 'site_tracking_writer');

-- -------------------------------------------------------------------------------- status, ledger

CREATE OR REPLACE FUNCTION raw.site_tracking_ledger_days(tenant bytea, from_day date, to_day date)
RETURNS jsonb
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT jsonb_agg(
        jsonb_build_object(
            'date', to_char(days.day, 'YYYY-MM-DD'),
            'received', coalesce(counts.received, 0),
            'loaded', coalesce(counts.loaded, 0),
            'duplicates', coalesce(counts.duplicates, 0),
            'rejected', coalesce(counts.rejected, 0),
            'late', coalesce(counts.late, 0),
            'balanced', coalesce(counts.balanced, true),
            'rejected_by_code', coalesce(codes.counts, '{}'))
        ORDER BY days.day)
    FROM (
        SELECT from_day + number AS day FROM generate_series(0, to_day - from_day) AS number
    ) AS days
    LEFT JOIN raw.site_tracking_ledger_v AS counts
        ON counts.tenant_hk = tenant AND counts.ledger_date = days.day
    LEFT JOIN (
        SELECT ledger_date, jsonb_object_agg(code, event_count) AS counts
        FROM (
            SELECT ledger_date, code, sum(event_count) AS event_count
            FROM raw.site_tracking_ledger_r
            WHERE tenant_hk = tenant
                AND ledger_date BETWEEN from_day AND to_day
                AND outcome = 'REJECTED'
            GROUP BY ledger_date, code
        ) AS by_code
        GROUP BY ledger_date
    ) AS codes
        ON codes.ledger_date = days.day
$body$;
COMMENT ON FUNCTION raw.site_tracking_ledger_days(bytea, date, date)
IS 'The ledger of a tenant day by day: received = loaded + duplicates + rejected + late when balanced.';

CREATE OR REPLACE FUNCTION raw.site_tracking_ledger(tenant bytea, from_day date, to_day date)
RETURNS jsonb
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    today CONSTANT date := (now() AT TIME ZONE 'UTC')::date;
    last_day CONSTANT date := coalesce(to_day, today);
    first_day CONSTANT date := coalesce(from_day, last_day - 6);
    days jsonb;
BEGIN
    IF first_day NOT BETWEEN DATE '1970-01-01' AND DATE '2100-01-01' THEN
        PERFORM business.site_argument_error('from_day', 'Days lie between 1970-01-01 and 2100-01-01.');
    END IF;
    IF last_day NOT BETWEEN DATE '1970-01-01' AND DATE '2100-01-01'
        OR last_day < first_day OR last_day - first_day >= 400 THEN
        PERFORM business.site_argument_error('to_day', 'Give at most 400 days, the earlier one first.');
    END IF;
    days := raw.site_tracking_ledger_days(tenant, first_day, last_day);
    RETURN jsonb_build_object(
        'from', to_char(first_day, 'YYYY-MM-DD'),
        'to', to_char(last_day, 'YYYY-MM-DD'),
        'totals', (
            SELECT jsonb_build_object(
                'received', sum((day -> 'received')::bigint),
                'loaded', sum((day -> 'loaded')::bigint),
                'duplicates', sum((day -> 'duplicates')::bigint),
                'rejected', sum((day -> 'rejected')::bigint),
                'late', sum((day -> 'late')::bigint),
                'balanced', bool_and((day -> 'balanced')::boolean))
            FROM jsonb_array_elements(days) AS day),
        'days', days);
END
$body$;
COMMENT ON FUNCTION raw.site_tracking_ledger(bytea, date, date)
IS 'The data of api.get_ledger. Errors: ST400.';

CREATE OR REPLACE FUNCTION raw.site_tracking_rejections(tenant bytea, on_day date)
RETURNS jsonb
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT coalesce(jsonb_agg(jsonb_build_object(
            'error_code', by_code.code,
            'count', by_code.event_count,
            'example_id', example.id)
        ORDER BY by_code.event_count DESC, by_code.code), '[]')
    FROM (
        SELECT code, sum(event_count) AS event_count
        FROM raw.site_tracking_ledger_r
        WHERE ledger_date = on_day AND tenant_hk = tenant AND outcome = 'REJECTED'
        GROUP BY code
    ) AS by_code
    LEFT JOIN LATERAL (
        SELECT encode(event_hk, 'hex') AS id
        FROM raw.site_tracking_events_r
        WHERE tenant_hk = tenant
            AND processing_status = 'ERROR'
            AND load_date >= on_day::timestamp AT TIME ZONE 'UTC'
            AND load_date < (on_day + 1)::timestamp AT TIME ZONE 'UTC'
            AND status_codes[1] = by_code.code
        LIMIT 1
    ) AS example ON true
$body$;
COMMENT ON FUNCTION raw.site_tracking_rejections(bytea, date)
IS 'Rejected events of a day by code; example_id is the event_hk of one in raw.site_tracking_events_r, in hex.';

CREATE OR REPLACE FUNCTION raw.site_tracking_outbox_state(tenant bytea)
RETURNS jsonb
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT jsonb_build_object(
        'events', waiting.number,
        -- Counting on would take long just when the answer matters.
        'events_are_more', waiting.number > 100000,
        'oldest_at', business.site_utc(oldest.created_at),
        'newest_at', business.site_utc((
            SELECT created_at
            FROM raw.site_tracking_outbox_r
            WHERE tenant_hk = tenant
            ORDER BY outbox_id DESC
            LIMIT 1)),
        'oldest_age_seconds', coalesce(
            greatest(round(extract(epoch FROM clock_timestamp() - oldest.created_at)::numeric, 1), 0), 0))
    FROM (
        SELECT count(*) AS number
        FROM (
            SELECT FROM raw.site_tracking_outbox_r WHERE tenant_hk = tenant LIMIT 100001
        ) AS waiting_events
    ) AS waiting
    LEFT JOIN (
        SELECT created_at
        FROM raw.site_tracking_outbox_r
        WHERE tenant_hk = tenant
        ORDER BY outbox_id
        LIMIT 1
    ) AS oldest ON true
$body$;
COMMENT ON FUNCTION raw.site_tracking_outbox_state(bytea)
IS 'What of a tenant waits for the relay; an old event tells of a broker or relay that is away.';

CREATE OR REPLACE FUNCTION raw.site_tracking_partition_state()
RETURNS jsonb
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT jsonb_object_agg(layer, days_ahead)
    FROM (
        SELECT
            partitioned.table_schema AS layer,
            coalesce(min(missing.partition_day), today.day + 31) - today.day - 1 AS days_ahead
        FROM (SELECT (now() AT TIME ZONE 'UTC')::date AS day) AS today
        CROSS JOIN (
            SELECT DISTINCT table_schema FROM raw.site_tracking_partitioned_tables()
        ) AS partitioned
        LEFT JOIN raw.site_tracking_missing_partitions(
                (now() AT TIME ZONE 'UTC')::date, (now() AT TIME ZONE 'UTC')::date + 30) AS missing
            ON missing.table_schema = partitioned.table_schema
        GROUP BY partitioned.table_schema, today.day
    ) AS layers
$body$;
COMMENT ON FUNCTION raw.site_tracking_partition_state()
IS 'Per layer, for how many days after today partitions exist without a gap, at most 30; -1 when today has none.';

CREATE OR REPLACE FUNCTION raw.site_tracking_heartbeats(of_program text)
RETURNS jsonb
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT jsonb_build_object(
        'last_beat_at', business.site_utc(max(beat_at)),
        -- greatest() would make 0 of a program that was never seen.
        'age_seconds', CASE WHEN count(*) > 0 THEN
            greatest(round(extract(epoch FROM clock_timestamp() - min(beat_at))::numeric, 1), 0) END,
        'failing_since', business.site_utc(min(failing_since)),
        'version', max(version),
        'parts', coalesce(
            jsonb_object_agg(part, business.site_utc(beat_at)) FILTER (WHERE part <> ''), '{}'))
    FROM raw.site_tracking_heartbeat_r
    WHERE program = of_program
$body$;
COMMENT ON FUNCTION raw.site_tracking_heartbeats(text)
IS 'When a program was last alive; age_seconds is that of its part that was silent for longest.';

CREATE OR REPLACE FUNCTION raw.site_tracking_reasons(
    outbox jsonb, loader jsonb, relay jsonb, partitions jsonb, today jsonb, lag_seconds numeric
) RETURNS TABLE (
    layer text,
    code text,
    severity text,
    message text
)
LANGUAGE sql
IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    WITH measured AS (
        SELECT
            (outbox ->> 'oldest_age_seconds')::numeric AS waiting,
            (loader ->> 'age_seconds')::numeric AS loader_silence,
            (relay ->> 'age_seconds')::numeric AS relay_silence
    )
    SELECT layer, code, severity, message
    FROM measured
    CROSS JOIN LATERAL (VALUES
        ('tracking', 'EVENTS_WAIT', CASE WHEN waiting > 300 THEN 'down' WHEN waiting > 15 THEN 'degraded' END,
            'Tracked events wait in the outbox: the relay or the broker is away, or behind.'),
        ('tracking', 'BROKER_UNREACHABLE', CASE WHEN relay ->> 'failing_since' IS NOT NULL THEN 'degraded' END,
            'The relay gets no acknowledgement from the broker; events are kept in the outbox.'),
        ('tracking', 'RELAY_SILENT', CASE WHEN relay_silence > 60 THEN 'degraded' END,
            'The relay gives no sign of life.'),
        ('processing', 'JOB_NEVER_SEEN', CASE WHEN loader_silence IS NULL THEN 'down' END,
            'The streaming job never wrote to this database.'),
        ('processing', 'JOB_SILENT',
            CASE WHEN loader_silence > 300 THEN 'down' WHEN loader_silence > 60 THEN 'degraded' END,
            'A loader of the streaming job gives no sign of life.'),
        ('processing', 'LOADING_BEHIND', CASE WHEN lag_seconds > 60 THEN 'degraded' END,
            'Events were received that are not loaded.'),
        ('processing', 'MANY_REJECTED',
            CASE WHEN (today -> 'rejected')::bigint * 10 > (today -> 'received')::bigint THEN 'degraded' END,
            'More than a tenth of today''s events were rejected.')
    ) AS found (layer, code, severity, message)
    WHERE severity IS NOT NULL
    UNION ALL
    SELECT key, 'PARTITIONS_MISSING', 'degraded',
        'Day partitions are missing for today or tomorrow; rows go to the default partition.'
    FROM jsonb_each(partitions)
    WHERE value::integer < 1
$body$;
COMMENT ON FUNCTION raw.site_tracking_reasons(jsonb, jsonb, jsonb, jsonb, jsonb, numeric)
IS 'What is not as it should be, by layer; severity is degraded or down.';

CREATE OR REPLACE FUNCTION raw.site_tracking_status(tenant bytea)
RETURNS jsonb
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    today CONSTANT date := (now() AT TIME ZONE 'UTC')::date;
    ledger CONSTANT jsonb := raw.site_tracking_ledger_days(tenant, today, today) -> 0;
    outbox CONSTANT jsonb := raw.site_tracking_outbox_state(tenant);
    loader CONSTANT jsonb := raw.site_tracking_heartbeats('LOADER');
    relay CONSTANT jsonb := raw.site_tracking_heartbeats('RELAY');
    partitions CONSTANT jsonb := raw.site_tracking_partition_state();
    received_at timestamptz;
    loaded_at timestamptz;
    lag_seconds numeric;
    reasons jsonb;
    layers jsonb;
BEGIN
    SELECT
        max(load_date) FILTER (WHERE outcome = 'RECEIVED'),
        max(load_date) FILTER (WHERE outcome = 'ACCEPTED')
    INTO received_at, loaded_at
    FROM raw.site_tracking_ledger_r
    WHERE tenant_hk = tenant AND ledger_date >= today - 30;
    -- What waits in the outbox was received, and what was received is loaded, a duplicate or rejected.
    lag_seconds := greatest(
        (outbox ->> 'oldest_age_seconds')::numeric,
        CASE WHEN NOT (ledger -> 'balanced')::boolean
            THEN round(extract(epoch FROM clock_timestamp() - received_at)::numeric, 1) END,
        0);
    SELECT
        coalesce(jsonb_agg(jsonb_build_object(
            'layer', layer, 'code', code, 'severity', severity, 'message', message)), '[]')
    INTO reasons
    FROM raw.site_tracking_reasons(outbox, loader, relay, partitions, ledger, lag_seconds);
    SELECT jsonb_object_agg(name, CASE
        WHEN reasons @> jsonb_build_array(jsonb_build_object('layer', name, 'severity', 'down')) THEN 'down'
        WHEN reasons @> jsonb_build_array(jsonb_build_object('layer', name)) THEN 'degraded'
        ELSE 'healthy' END)
    INTO layers
    FROM unnest(ARRAY['tracking', 'processing', 'raw', 'staging', 'business']) AS name;
    RETURN jsonb_build_object(
        'status', CASE
            WHEN reasons @> '[{"severity": "down"}]' THEN 'down'
            WHEN reasons <> '[]' THEN 'degraded'
            ELSE 'healthy' END,
        'reasons', reasons,
        'layers', layers,
        'last_event_received', business.site_utc(
            greatest(received_at, (outbox ->> 'newest_at')::timestamptz)),
        'last_event_loaded', business.site_utc(loaded_at),
        'lag_seconds', lag_seconds,
        'today', ledger - 'rejected_by_code',
        'rejected_by_code', raw.site_tracking_rejections(tenant, today),
        'outbox', outbox,
        'partitions_ahead', partitions,
        'job', loader,
        'relay', relay - 'parts',
        'version', loader -> 'version',
        'checked_at', business.site_utc(clock_timestamp()));
END
$body$;
COMMENT ON FUNCTION raw.site_tracking_status(bytea)
IS 'The data of api.get_tracking_system_status.';

CREATE OR REPLACE FUNCTION api.get_tracking_system_status(tenant text)
RETURNS jsonb
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET jit = off
SET timezone = 'UTC'
SET datestyle = 'ISO, YMD'
AS $body$
DECLARE
    field text;
BEGIN
    RETURN jsonb_build_object(
        'success', true,
        'message', 'Tracking system status',
        'data', raw.site_tracking_status(auth.site_tracking_tenant(tenant)));
EXCEPTION
    WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS field = COLUMN_NAME;
        RETURN business.site_failure(SQLSTATE, SQLERRM, field);
END
$body$;
COMMENT ON FUNCTION api.get_tracking_system_status(text)
IS 'Whether a tenant''s events arrive and are loaded, and what hinders them. See docs/api.md.';

CREATE OR REPLACE FUNCTION api.get_ledger(tenant text, from_day date DEFAULT NULL, to_day date DEFAULT NULL)
RETURNS jsonb
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET jit = off
SET timezone = 'UTC'
SET datestyle = 'ISO, YMD'
AS $body$
DECLARE
    field text;
BEGIN
    RETURN jsonb_build_object(
        'success', true,
        'message', 'Ledger',
        'data', raw.site_tracking_ledger(auth.site_tracking_tenant(tenant), from_day, to_day));
EXCEPTION
    WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS field = COLUMN_NAME;
        RETURN business.site_failure(SQLSTATE, SQLERRM, field);
END
$body$;
COMMENT ON FUNCTION api.get_ledger(text, date, date)
IS 'What became of a tenant''s events, day by day in UTC. See docs/api.md.';

CALL auth.own_site_tracking_routine('raw.site_tracking_ledger_days(bytea, date, date)');
CALL auth.own_site_tracking_routine('raw.site_tracking_ledger(bytea, date, date)');
CALL auth.own_site_tracking_routine('raw.site_tracking_rejections(bytea, date)');
CALL auth.own_site_tracking_routine('raw.site_tracking_outbox_state(bytea)');
CALL auth.own_site_tracking_routine('raw.site_tracking_partition_state()');
CALL auth.own_site_tracking_routine('raw.site_tracking_heartbeats(text)');
CALL auth.own_site_tracking_routine('raw.site_tracking_reasons(jsonb, jsonb, jsonb, jsonb, jsonb, numeric)');
CALL auth.own_site_tracking_routine('raw.site_tracking_status(bytea)');
CALL auth.own_site_tracking_routine('api.get_tracking_system_status(text)', 'site_tracking_reader');
CALL auth.own_site_tracking_routine('api.get_ledger(text, date, date)', 'site_tracking_reader');

-- ---- analytics

DO $partitions$
BEGIN
    PERFORM raw.ensure_site_tracking_partitions(
        (now() AT TIME ZONE 'UTC')::date - 1, (now() AT TIME ZONE 'UTC')::date + 7);
END
$partitions$;

COMMIT;
