-- Purpose: the ground that all other scripts stand on (roles, how tables are made, tenants and logins,
-- partitions) and the raw layer: events, ledger, settings, salts, outbox, signs of life. Run after 00,
-- as a role that may create roles.
--
-- Tables are written as CREATE TABLE statements that a procedure runs: it creates a missing table,
-- compares an existing one with the statement, and turns the trailing comments into catalog comments.
-- Errors: ST001 bad range of days, ST002 day out of bounds, ST010 a table of ours exists with another
-- shape, ST012 a role or grant is missing that the script may not give, ST013 no such login or tenant to
-- bind, ST014 an earlier generation of site tracking is here; whatever the error, nothing is changed.

BEGIN;

DO $lock$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('site_tracking', 0));
END
$lock$;

-- ---------------------------------------------------------------------------- earlier generations
-- Their tables have the same names, keys drawn from sequences, and business keys that are unique over
-- all tenants. Better to stop here than half-way.

DO $earlier$
DECLARE
    earlier text;
BEGIN
    SELECT string_agg(found.name, ', ' ORDER BY found.name)
    INTO earlier
    FROM (
        SELECT c.oid::regclass::text AS name
        FROM pg_catalog.pg_class AS c
        JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p')
            AND (n.nspname, c.relname) IN (VALUES
                ('auth', 'tenant_site_tracking_s'),
                ('auth', 'site_tracking_salt_s'),
                ('auth', 'site_tracking_login_s'),
                ('raw', 'site_tracking_events_r'),
                ('raw', 'site_tracking_ledger_r'),
                ('raw', 'site_tracking_heartbeat_r'),
                ('staging', 'site_tracking_events_s'),
                ('business', 'site_session_h'),
                ('business', 'site_visitor_h'),
                ('business', 'site_page_h'),
                ('business', 'business_item_h'),
                ('business', 'site_event_h'),
                ('business', 'session_visitor_l'),
                ('business', 'session_page_l'),
                ('business', 'visitor_business_item_l'),
                ('business', 'event_session_l'),
                ('business', 'event_page_l'),
                ('business', 'event_business_item_l'),
                ('business', 'site_event_details_s'),
                ('business', 'site_session_details_s'),
                ('business', 'site_visitor_details_s'),
                ('business', 'site_page_details_s'),
                ('business', 'business_item_details_s'))
            AND (
                EXISTS (
                    SELECT FROM pg_catalog.pg_attribute
                    LEFT JOIN pg_catalog.pg_attrdef ON adrelid = attrelid AND adnum = attnum
                    WHERE attrelid = c.oid
                        AND NOT attisdropped
                        AND (attidentity <> ''
                            OR pg_catalog.pg_get_expr(adbin, adrelid) LIKE 'nextval(%'))
                OR EXISTS (
                    SELECT FROM pg_catalog.pg_index
                    JOIN pg_catalog.pg_attribute ON attrelid = indrelid AND attnum = indkey[0]
                    WHERE indrelid = c.oid AND indisunique AND indnkeyatts = 1 AND attname LIKE '%\_bk')
            )
        UNION ALL
        SELECT p.oid::regprocedure::text
        FROM pg_catalog.pg_proc AS p
        WHERE pronamespace = to_regnamespace('api')
            AND proname IN ('track_event', 'get_tracking_system_status', 'get_ledger',
                'get_session_analytics', 'get_realtime', 'get_funnel', 'get_retention', 'get_events',
                'get_items', 'get_sessions', 'get_paths', 'get_visitor_journey', 'get_attribution',
                'get_experiment', 'get_settings', 'change_settings')
            AND pg_catalog.pg_get_userbyid(proowner) <> 'site_tracking_owner'
    ) AS found;
    IF earlier IS NOT NULL THEN
        RAISE EXCEPTION 'an earlier generation of site tracking is deployed here: %', earlier
            USING ERRCODE = 'ST014',
                HINT = 'Nothing was changed. Run sql/adopt_earlier_tables.sql, which moves these aside and loses nothing, then start again with 00.';
    END IF;
END
$earlier$;

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
            ('site_tracking_operator', 'May name every tenant where it is not bound to one; for programs of the operator''s.'),
            ('site_tracking_analyst', 'May read staging, vault, ledger and payloads of the tenant that the login is bound to.'),
            ('site_tracking_loader', 'May do what the streaming job does.'),
            ('site_tracking_relay', 'May move events from the outbox to Kafka; an eraser as well.'),
            ('site_tracking_eraser', 'May ask for the erasure of visitors, and have it carried out.'),
            ('site_tracking_collector', 'May look up keys, change settings and count what it turns away; a reader and an operator as well.')
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
    -- The loader's policies let everything pass, but PostgreSQL copies into no table that has any.
    IF NOT (SELECT rolbypassrls FROM pg_roles WHERE rolname = 'site_tracking_loader') THEN
        BEGIN
            ALTER ROLE site_tracking_loader BYPASSRLS;
        EXCEPTION
            WHEN insufficient_privilege THEN
                RAISE NOTICE 'site_tracking_loader does not bypass row security: it will insert instead of copy'
                    USING HINT = 'To load faster let a superuser run: ALTER ROLE site_tracking_loader BYPASSRLS';
        END;
    END IF;
    -- Who is no superuser must belong to a role to give functions to it.
    IF NOT pg_has_role(current_user, 'site_tracking_owner', 'USAGE') THEN
        EXECUTE format('GRANT site_tracking_owner TO %I', current_user);
    END IF;
EXCEPTION
    WHEN insufficient_privilege THEN
        RAISE EXCEPTION 'a role cannot be created or granted: %', SQLERRM
            USING ERRCODE = 'ST012', HINT = 'Run the script as a role with CREATEROLE, or let its administrator create '
                'site_tracking_owner, _reader, _writer, _operator, _analyst, _loader, _relay, _eraser and _collector (NOLOGIN) '
                'and grant you the first one.';
END
$roles$;

-- The only changes to what is not ours: schemas may be entered, and tenants and keys be looked up by
-- those who serve them.
DO $grants$
DECLARE
    missing text;
BEGIN
    GRANT USAGE ON SCHEMA api TO site_tracking_owner, site_tracking_reader, site_tracking_writer, site_tracking_eraser;
    GRANT USAGE ON SCHEMA auth TO site_tracking_owner, site_tracking_loader, site_tracking_collector;
    GRANT USAGE ON SCHEMA raw
        TO site_tracking_owner, site_tracking_loader, site_tracking_relay, site_tracking_eraser, site_tracking_analyst;
    GRANT USAGE ON SCHEMA staging TO site_tracking_owner, site_tracking_loader, site_tracking_analyst;
    GRANT USAGE ON SCHEMA business TO site_tracking_owner, site_tracking_loader, site_tracking_analyst;
    GRANT SELECT ON auth.tenant_h TO site_tracking_owner, site_tracking_loader;
    GRANT SELECT ON auth.api_token_s TO site_tracking_owner;
    -- A second grant would be told of.
    IF NOT pg_has_role('site_tracking_collector', 'site_tracking_reader', 'MEMBER')
        OR NOT pg_has_role('site_tracking_collector', 'site_tracking_operator', 'MEMBER') THEN
        GRANT site_tracking_reader, site_tracking_operator TO site_tracking_collector;
    END IF;
    IF NOT pg_has_role('site_tracking_relay', 'site_tracking_eraser', 'MEMBER') THEN
        GRANT site_tracking_eraser TO site_tracking_relay;
    END IF;

    SELECT string_agg(wanted.what, ', ')
    INTO missing
    FROM (
        SELECT format('USAGE ON SCHEMA %s', name) AS what,
            has_schema_privilege('site_tracking_owner', name, 'USAGE') AS given
        FROM unnest(ARRAY['api', 'auth', 'raw', 'staging', 'business']) AS name
        UNION ALL
        SELECT format('SELECT ON %s', name), has_table_privilege('site_tracking_owner', name, 'SELECT')
        FROM unnest(ARRAY['auth.tenant_h', 'auth.api_token_s']) AS name
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

-- ---------------------------------------------------------------------------------------- tables

CREATE OR REPLACE FUNCTION raw.site_tracking_table_shape(of_table regclass)
RETURNS TABLE (
    part text,
    description text
)
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT
        'column ' || attname,
        format_type(atttypid, atttypmod) || CASE WHEN attnotnull THEN ' NOT NULL' ELSE '' END
    FROM pg_attribute
    WHERE attrelid = of_table AND attnum > 0 AND NOT attisdropped
    UNION ALL
    SELECT 'primary key', pg_get_constraintdef(oid)
    FROM pg_constraint
    WHERE conrelid = of_table AND contype = 'p'
    UNION ALL
    SELECT 'kind', CASE relkind
        WHEN 'r' THEN 'table'
        WHEN 'p' THEN 'table partitioned by ' || pg_get_partkeydef(oid)
        ELSE 'no table' END
    FROM pg_class
    WHERE oid = of_table
$body$;
COMMENT ON FUNCTION raw.site_tracking_table_shape(regclass)
IS 'Columns, primary key and kind of a table, one row each, for comparing two tables.';

CREATE OR REPLACE PROCEDURE raw.site_tracking_check_table(target text, definition text)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    differences text;
BEGIN
    EXECUTE regexp_replace(
        definition, 'CREATE (UNLOGGED )?TABLE IF NOT EXISTS \w+\.\w+',
        'CREATE TEMPORARY TABLE site_tracking_twin');
    SELECT string_agg(
        format('%s is %s, expected %s',
            part, coalesce(found.description, 'missing'), coalesce(wanted.description, 'none')),
        '; ' ORDER BY part)
    INTO differences
    FROM raw.site_tracking_table_shape(target::regclass) AS found
    FULL JOIN raw.site_tracking_table_shape('pg_temp.site_tracking_twin'::regclass) AS wanted
        USING (part)
    WHERE found.description IS DISTINCT FROM wanted.description;
    DROP TABLE pg_temp.site_tracking_twin;
    IF differences IS NOT NULL THEN
        RAISE EXCEPTION 'table % exists with another shape: %', target, differences
            USING ERRCODE = 'ST010',
                HINT = 'Nothing was changed. Rename that table, or install into another database. '
                    'sql/adopt_earlier_tables.sql moves tables of an earlier site tracking aside.';
    END IF;
END
$body$;
COMMENT ON PROCEDURE raw.site_tracking_check_table(text, text)
IS 'Raises ST010 unless the table has the columns, primary key and partitioning of the statement.';

CREATE OR REPLACE PROCEDURE raw.site_tracking_comment_table(target text, definition text)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    line text[];
    number integer;
BEGIN
    FOR line IN SELECT regexp_matches(definition, '^\s*(\w+) [^\n]*-- ([^\n]+)$', 'gn') LOOP
        IF line[1] = 'CREATE' THEN
            IF obj_description(target::regclass, 'pg_class') IS DISTINCT FROM line[2] THEN
                EXECUTE format('COMMENT ON TABLE %s IS %L', target, line[2]);
            END IF;
            CONTINUE;
        END IF;
        SELECT attnum INTO STRICT number
        FROM pg_attribute
        WHERE attrelid = target::regclass AND attname = line[1];
        IF col_description(target::regclass, number) IS DISTINCT FROM line[2] THEN
            EXECUTE format('COMMENT ON COLUMN %s.%I IS %L', target, line[1], line[2]);
        END IF;
    END LOOP;
END
$body$;
COMMENT ON PROCEDURE raw.site_tracking_comment_table(text, text)
IS 'Makes the trailing comments of a CREATE TABLE statement the comments of table and columns.';

-- Default privileges of whoever installs may open what it makes to others.
CREATE OR REPLACE FUNCTION raw.site_tracking_strangers(owner oid, acl aclitem[])
RETURNS SETOF text
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT DISTINCT CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END
    FROM aclexplode(acl)
    WHERE grantee <> owner AND pg_get_userbyid(grantee) NOT LIKE 'site\_tracking\_%'
$body$;
COMMENT ON FUNCTION raw.site_tracking_strangers(oid, aclitem[])
IS 'Whom a list of privileges lets in besides the owner and the roles of site tracking, quoted.';

CREATE OR REPLACE PROCEDURE raw.site_tracking_close_table(target regclass)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    opened record;
BEGIN
    FOR opened IN
        SELECT
            CASE relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind,
            pg_class.oid::regclass AS name,
            stranger
        FROM pg_class
        CROSS JOIN LATERAL raw.site_tracking_strangers(relowner, relacl) AS stranger
        -- By their keys: catalogues of years of partitions are long.
        WHERE pg_class.oid = ANY (ARRAY(
            SELECT target::oid
            UNION ALL
            SELECT relid::oid FROM pg_partition_tree(target)
            UNION ALL
            SELECT objid FROM pg_depend
            WHERE refclassid = 'pg_class'::regclass
                AND refobjid = target
                AND classid = 'pg_class'::regclass
                AND deptype = 'i'))
    LOOP
        EXECUTE format('REVOKE ALL ON %s %s FROM %s CASCADE', opened.kind, opened.name, opened.stranger);
    END LOOP;
END
$body$;
COMMENT ON PROCEDURE raw.site_tracking_close_table(regclass)
IS 'Takes a new table, with its partitions and sequences, from everybody but its owner and the roles of site tracking.';

CREATE OR REPLACE PROCEDURE raw.site_tracking_secure_table(
    target regclass, to_owner text, to_loader text, to_relay text, to_analysts boolean
)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    given record;
    open_table regclass;
BEGIN
    EXECUTE format('REVOKE ALL ON %s FROM PUBLIC', target);
    FOR given IN
        SELECT privileges, grantee
        FROM (VALUES
            (to_owner, 'site_tracking_owner'),
            (to_loader, 'site_tracking_loader'),
            (to_relay, 'site_tracking_relay'),
            (CASE WHEN to_analysts THEN 'SELECT' END, 'site_tracking_analyst')
        ) AS roles (privileges, grantee)
        WHERE privileges IS NOT NULL
    LOOP
        EXECUTE format('GRANT %s ON %s TO %I', given.privileges, target, given.grantee);
    END LOOP;
    IF NOT EXISTS (
        SELECT FROM pg_attribute WHERE attrelid = target AND attname = 'tenant_hk' AND NOT attisdropped
    ) THEN
        RETURN;
    END IF;

    -- Partitions have no policy, so that whoever is granted one by mistake sees nothing in it.
    FOR open_table IN
        SELECT oid
        FROM pg_class
        WHERE (oid = target OR oid IN (SELECT relid FROM pg_partition_tree(target)))
            AND relkind IN ('r', 'p')
            AND NOT relrowsecurity
        ORDER BY oid::regclass
    LOOP
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', open_table);
    END LOOP;
    IF NOT EXISTS (
        SELECT FROM pg_policy WHERE polrelid = target AND polname = 'site_tracking_programs'
    ) THEN
        EXECUTE format('CREATE POLICY site_tracking_programs ON %s '
            'TO site_tracking_owner, site_tracking_loader, site_tracking_relay '
            'USING (true) WITH CHECK (true)', target);
    END IF;
    IF to_analysts AND NOT EXISTS (
        SELECT FROM pg_policy WHERE polrelid = target AND polname = 'site_tracking_tenant'
    ) THEN
        EXECUTE format('CREATE POLICY site_tracking_tenant ON %s FOR SELECT TO site_tracking_analyst '
            'USING (tenant_hk = (SELECT auth.site_tracking_bound_tenant()))', target);
    END IF;
END
$body$;
COMMENT ON PROCEDURE raw.site_tracking_secure_table(regclass, text, text, text, boolean)
IS 'Grants a table of ours to its users, and lets rows with a tenant be seen by our programs and by analysts of that tenant only.';

CREATE OR REPLACE PROCEDURE raw.site_tracking_install_table(
    definition text, to_owner text DEFAULT NULL, to_loader text DEFAULT NULL, to_relay text DEFAULT NULL,
    to_analysts boolean DEFAULT false
)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    names CONSTANT text[] := regexp_match(
        definition, 'CREATE (?:UNLOGGED )?TABLE IF NOT EXISTS (\w+)\.(\w+)');
    target CONSTANT text := format('%I.%I', names[1], names[2]);
    fallback CONSTANT text := format('%I.%I', names[1], names[2] || '_pdefault');
    is_new CONSTANT boolean := to_regclass(target) IS NULL;
BEGIN
    IF is_new THEN
        EXECUTE definition;
    ELSE
        CALL raw.site_tracking_check_table(target, definition);
    END IF;
    -- Rows of a day that has no partition must have a place to go.
    IF to_regclass(fallback) IS NULL AND pg_get_partkeydef(target::regclass) IS NOT NULL THEN
        EXECUTE format('CREATE TABLE %s PARTITION OF %s DEFAULT', fallback, target);
    END IF;
    -- What an administrator grants later stays.
    IF is_new THEN
        CALL raw.site_tracking_close_table(target);
    END IF;
    CALL raw.site_tracking_secure_table(target, to_owner, to_loader, to_relay, to_analysts);
    CALL raw.site_tracking_comment_table(target, definition);
END
$body$;
COMMENT ON PROCEDURE raw.site_tracking_install_table(text, text, text, text, boolean)
IS 'Runs a CREATE TABLE statement, or checks the table that is there (ST010); adds the default partition, comments, row security, and what owner, loader, relay and analysts may do.';

CREATE OR REPLACE PROCEDURE raw.site_tracking_install_index(
    index_schema text, index_name text, definition text, purpose text
)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
BEGIN
    -- IF NOT EXISTS would tell of an index that is there.
    IF to_regclass(format('%I.%I', index_schema, index_name)) IS NULL THEN
        EXECUTE format('CREATE INDEX %I %s', index_name, definition);
    END IF;
    EXECUTE format('COMMENT ON INDEX %I.%I IS %L', index_schema, index_name, purpose);
END
$body$;
COMMENT ON PROCEDURE raw.site_tracking_install_index(text, text, text, text)
IS 'Creates an index of ours where it is missing, with its comment.';

CREATE OR REPLACE PROCEDURE raw.site_tracking_own_routines(VARIADIC called_by_clients text[] DEFAULT '{}')
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    routine record;
    stranger text;
BEGIN
    FOR routine IN
        SELECT
            oid::regprocedure AS name,
            pronamespace::regnamespace AS in_schema,
            -- What makes tables and partitions or binds logins stays with whoever installs.
            proowner <> 'site_tracking_owner'::regrole
                AND proname !~ 'table|index|strangers|routines|login|partition' AS is_lent
        FROM pg_proc
        WHERE pronamespace::regnamespace::text IN ('auth', 'raw', 'business') AND proname LIKE 'site\_%'
            OR pronamespace = 'api'::regnamespace AND proname = ANY (called_by_clients)
    LOOP
        IF routine.is_lent THEN
            -- A new owner needs CREATE for the moment in which it becomes one.
            EXECUTE format('GRANT CREATE ON SCHEMA %s TO site_tracking_owner', routine.in_schema);
            EXECUTE format('ALTER ROUTINE %s OWNER TO site_tracking_owner', routine.name);
            EXECUTE format('REVOKE CREATE ON SCHEMA %s FROM site_tracking_owner', routine.in_schema);
        END IF;
        FOR stranger IN
            SELECT raw.site_tracking_strangers(proowner, coalesce(proacl, acldefault('f', proowner)))
            FROM pg_proc
            WHERE oid = routine.name
        LOOP
            EXECUTE format('REVOKE ALL ON ROUTINE %s FROM %s CASCADE', routine.name, stranger);
        END LOOP;
    END LOOP;
END
$body$;
COMMENT ON PROCEDURE raw.site_tracking_own_routines(text[])
IS 'Gives every routine of ours, in schema api the given ones, to site_tracking_owner, and takes it from everybody but the roles of site tracking.';

-- --------------------------------------------------------------------------------------- tenants

-- Names of roles are given again, and object ids mean something else on another server or in a copy of
-- the database: a binding holds for this role, in this database of this server.
CALL raw.site_tracking_install_table($table$
CREATE TABLE IF NOT EXISTS auth.site_tracking_login_s ( -- Which tenant a database login is bound to, by versions; a login without any sees and writes nothing, unless it is an operator's.
    login_oid oid NOT NULL, -- The login role, whatever it is called.
    database_id text NOT NULL, -- Server and database in which the binding holds, as auth.site_tracking_database() tells.
    load_date timestamptz NOT NULL, -- From when this version holds.
    login_name text NOT NULL, -- Name of the login when it was bound; nothing goes by it.
    tenant_hk bytea NOT NULL, -- The tenant.
    is_revoked boolean NOT NULL, -- Whether the login was barred: it is then bound, but to no tenant.
    record_source varchar(100) NOT NULL, -- Program that wrote the row.
    PRIMARY KEY (login_oid, database_id, load_date)
)
$table$, to_owner => 'SELECT');

CREATE OR REPLACE FUNCTION auth.site_tracking_database()
RETURNS text
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT format('%s/%s', server.system_identifier, here.oid)
    FROM pg_control_system() AS server
    CROSS JOIN pg_database AS here
    WHERE here.datname = current_database()
$body$;
COMMENT ON FUNCTION auth.site_tracking_database()
IS 'What tells this database from every other, copies and restored ones included: system identifier of the server and object id of the database.';

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
    WHERE logins.login_oid = (SELECT oid FROM pg_roles WHERE rolname = session_user)
        AND logins.database_id = auth.site_tracking_database()
    ORDER BY logins.load_date DESC
    LIMIT 1;
    is_bound := FOUND;
END
$body$;
COMMENT ON FUNCTION auth.site_tracking_binding()
IS 'Whether the login is bound in this database, and to which tenant; NULL when it was barred.';

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

-- A hub may hold one name twice. Who asks for such a name is refused, for no order tells whom it means.
CREATE OR REPLACE FUNCTION auth.site_tracking_tenants_named(tenant text)
RETURNS bytea[]
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT ARRAY(
        SELECT DISTINCT tenant_hk
        FROM auth.tenant_h
        WHERE tenant_bk = raw.site_tracking_trim(normalize(tenant, NFC)))
$body$;
COMMENT ON FUNCTION auth.site_tracking_tenants_named(text)
IS 'The hash keys of all tenants of a name, whoever asks; more than one where the name is ambiguous.';

CREATE OR REPLACE FUNCTION auth.site_tracking_tenant(tenant text)
RETURNS bytea
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    named CONSTANT bytea[] := auth.site_tracking_tenants_named(tenant);
    binding CONSTANT record := auth.site_tracking_binding();
BEGIN
    -- To who is bound or nobody, other tenants and none are the same, so that it cannot learn who else
    -- is here.
    IF (binding.tenant_hk = ANY (named)) IS NOT TRUE
        AND (binding.is_bound OR NOT pg_has_role(session_user, 'site_tracking_operator', 'USAGE')) THEN
        RAISE EXCEPTION 'The login may not name this tenant.' USING ERRCODE = 'ST403';
    END IF;
    IF cardinality(named) = 0 THEN
        RAISE EXCEPTION 'No tenant of this name is registered.' USING ERRCODE = 'ST404';
    END IF;
    IF cardinality(named) > 1 THEN
        RAISE EXCEPTION 'Several tenants have this name.' USING ERRCODE = 'ST409';
    END IF;
    RETURN named[1];
END
$body$;
COMMENT ON FUNCTION auth.site_tracking_tenant(text)
IS 'The hash key of a tenant that the caller may name: the one that its login is bound to, or any for an operator''s login that is not bound. Errors: ST403, ST404, ST409.';

CREATE OR REPLACE FUNCTION auth.site_tracking_one_tenant(tenant text)
RETURNS bytea
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    named CONSTANT bytea[] := auth.site_tracking_tenants_named(tenant);
BEGIN
    IF cardinality(named) = 0 THEN
        RAISE EXCEPTION 'no tenant of this name: %', tenant
            USING ERRCODE = 'ST013', HINT = 'auth.tenant_h lists the tenants.';
    END IF;
    IF cardinality(named) > 1 THEN
        RAISE EXCEPTION 'several tenants of this name: %', tenant
            USING ERRCODE = 'ST409', HINT = 'Give each of them a name of its own in auth.tenant_h.';
    END IF;
    RETURN named[1];
END
$body$;
COMMENT ON FUNCTION auth.site_tracking_one_tenant(text)
IS 'The hash key of the one tenant of this name, whoever asks. For administrators. Errors: ST013, ST409.';

CREATE OR REPLACE FUNCTION auth.site_tracking_bind_login(login text, tenant text)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    role_oid CONSTANT oid := (SELECT oid FROM pg_roles WHERE rolname = login AND rolcanlogin);
    named bytea;
BEGIN
    IF role_oid IS NULL THEN
        RAISE EXCEPTION 'no login of this name: %', login
            USING ERRCODE = 'ST013', HINT = 'Create it first: CREATE ROLE … LOGIN.';
    END IF;
    named := auth.site_tracking_one_tenant(tenant);
    INSERT INTO auth.site_tracking_login_s (
        login_oid, database_id, load_date, login_name, tenant_hk, is_revoked, record_source)
    VALUES (
        role_oid, auth.site_tracking_database(), clock_timestamp(), login, named, false,
        'site_tracking');
    PERFORM util.log_audit_event(
        'SITE_TRACKING_LOGIN_BOUND', 'login', login, session_user::text, jsonb_build_object('tenant', tenant));
END
$body$;
COMMENT ON FUNCTION auth.site_tracking_bind_login(text, text)
IS 'Binds a login to a tenant in this database: whatever it calls or reads is of that tenant. For administrators. Errors: ST013, ST409.';

CREATE OR REPLACE FUNCTION auth.site_tracking_bar_login(login text)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
BEGIN
    INSERT INTO auth.site_tracking_login_s (
        login_oid, database_id, load_date, login_name, tenant_hk, is_revoked, record_source)
    SELECT login_oid, database_id, clock_timestamp(), login, tenant_hk, true, 'site_tracking'
    FROM auth.site_tracking_login_s
    WHERE login_oid = (SELECT oid FROM pg_roles WHERE rolname = login)
        AND database_id = auth.site_tracking_database()
    ORDER BY load_date DESC
    LIMIT 1;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'login is not bound: %', login
            USING ERRCODE = 'ST013', HINT = 'Revoke its roles instead.';
    END IF;
    PERFORM util.log_audit_event('SITE_TRACKING_LOGIN_BARRED', 'login', login, session_user::text, '{}');
END
$body$;
COMMENT ON FUNCTION auth.site_tracking_bar_login(text)
IS 'Takes its tenant from a bound login, which then sees and writes none, whatever roles it has. For administrators. Errors: ST013.';

-- ---------------------------------------------------------------- events, ledger, runs, settings

-- Columns of fixed width come first, which spares padding, here and in other tables of the event grain.
-- Nothing searches payloads, and json costs half of what jsonb does to write.
CALL raw.site_tracking_install_table($table$
CREATE TABLE IF NOT EXISTS raw.site_tracking_events_r ( -- Events as they arrived, redacted: accepted ones, and rejected ones whose tenant is known.
    event_timestamp timestamptz NOT NULL, -- When the event happened; of rejected events where it could be read, else the append time.
    load_date timestamptz NOT NULL, -- Append time of the Kafka record: the same in every table and in a replay.
    first_appended_at timestamptz, -- Of a recovered event, when it was appended for the first time, by which erasures go; NULL of others.
    received_at timestamptz, -- When the collector received the event.
    policy_from timestamptz, -- From when the tenant's settings hold that decided so; NULL where it had none.
    source_offset bigint NOT NULL, -- Kafka offset.
    source_partition integer NOT NULL, -- Kafka partition.
    event_hk bytea NOT NULL, -- Hash key of the event; of rejected events a hash of where the record lies and of its append time.
    tenant_hk bytea NOT NULL, -- Tenant that the event belongs to.
    event_bk varchar(255), -- Business key of the event; of rejected ones only where the database refused it, as the job's archive has it.
    visitor_bk varchar(255), -- Visitor of an event whose payload names none: a replay could not tell it again. Of rejected events, in whose payload no id is left, the one that they name.
    user_bk varchar(255), -- User whom a rejected event names; that of an accepted one is in its payload.
    payload json, -- The event after redaction, as jsonb would write it; NULL where the bytes were no JSON.
    user_agent text, -- What was read of the user agent, or the whole of it by tenant policy.
    ip_network text, -- Network that the address was cut to; NULL by tenant policy.
    country text, -- Where the client's address was: ISO 3166-1, two letters; NULL where nothing tells.
    region text, -- As well: ISO 3166-2, such as DE-BE; NULL where the database of places knows countries only.
    collector text, -- Collector instance.
    processing_status varchar(20) NOT NULL CHECK (processing_status IN ('VALID', 'SUSPICIOUS', 'ERROR')), -- VALID, SUSPICIOUS (kept, flagged) or ERROR (rejected).
    status_codes text[], -- Suspicions or the reason of the rejection, as docs/event-contract.md names them.
    status_detail text, -- The field at fault and what was expected; where a recovered event comes from.
    source_topic text NOT NULL, -- Kafka topic.
    keeping varchar(9) CHECK (keeping IN ('FULL', 'ANONYMOUS')), -- How much of it is kept by consent: FULL or ANONYMOUS; NULL for rejected events.
    record_source varchar(100) NOT NULL, -- Program that wrote the row.
    PRIMARY KEY (event_timestamp, event_hk)
) PARTITION BY RANGE (event_timestamp)
$table$, to_owner => 'SELECT, DELETE', to_loader => 'SELECT, INSERT');

CALL raw.site_tracking_install_index('raw', 'site_tracking_events_r_errors',
    $$ON raw.site_tracking_events_r (tenant_hk, load_date) WHERE processing_status = 'ERROR'$$,
    'Rejected events of a tenant by the time of their arrival: examples for the status.');

-- What staging.site_tracking_events_v reads of accepted events, already redacted. Nothing else of raw
-- is the analysts': neither rejected events nor addresses nor user agents.
GRANT SELECT (event_timestamp, event_hk, payload) ON raw.site_tracking_events_r TO site_tracking_analyst;
DO $policy$
BEGIN
    IF NOT EXISTS (
        SELECT FROM pg_catalog.pg_policy
        WHERE polrelid = 'raw.site_tracking_events_r'::regclass AND polname = 'site_tracking_tenant'
    ) THEN
        CREATE POLICY site_tracking_tenant ON raw.site_tracking_events_r
            FOR SELECT TO site_tracking_analyst
            USING (tenant_hk = (SELECT auth.site_tracking_bound_tenant()) AND processing_status <> 'ERROR');
    END IF;
END
$policy$;

-- Payloads are the bulk of this layer, and lz4 costs a fraction of pglz; not every server is built with it.
DO $compression$
DECLARE
    behind record;
BEGIN
    FOR behind IN
        SELECT attrelid::regclass AS name
        FROM pg_attribute
        WHERE attrelid IN (
                'raw.site_tracking_events_r'::regclass,
                'raw.site_tracking_events_r_pdefault'::regclass)
            AND attname = 'payload'
            AND attcompression <> 'l'
    LOOP
        EXECUTE format('ALTER TABLE ONLY %s ALTER COLUMN payload SET COMPRESSION lz4', behind.name);
    END LOOP;
EXCEPTION
    WHEN feature_not_supported THEN
        RAISE NOTICE 'this server has no lz4: payloads are compressed with its default method';
END
$compression$;

-- Running totals are written over, and removed where a replay does not come to them again.
CALL raw.site_tracking_install_table($table$
CREATE TABLE IF NOT EXISTS raw.site_tracking_ledger_r ( -- What became of the events: running totals per day, tenant, outcome and run of the job.
    ledger_date date NOT NULL, -- UTC day of the append time.
    tenant_hk bytea NOT NULL, -- Tenant; 32 zero bytes where it is unknown.
    outcome varchar(10) NOT NULL CHECK (outcome IN ('RECEIVED', 'ACCEPTED', 'DUPLICATE', 'REJECTED', 'LATE')), -- RECEIVED = ACCEPTED + DUPLICATE + REJECTED; LATE events are accepted ones that no session holds.
    code varchar(40) NOT NULL, -- Reason of a rejection; RECOVERED of received records that were rejected before; empty otherwise.
    run_id varchar(32) NOT NULL, -- Run of the job that counted; the run that began without state, for all that go on from it.
    event_count bigint NOT NULL CHECK (event_count >= 0), -- Running total.
    load_date timestamptz NOT NULL, -- When the total last changed.
    record_source varchar(100) NOT NULL, -- Program that wrote the row.
    PRIMARY KEY (ledger_date, tenant_hk, outcome, code, run_id)
)
$table$, to_owner => 'SELECT, INSERT, UPDATE, DELETE', to_loader => 'SELECT, INSERT, UPDATE, DELETE', to_analysts => true);

CALL raw.site_tracking_install_table($table$
CREATE TABLE IF NOT EXISTS raw.site_tracking_turned_away_r ( -- Events that collectors turned away as too many at once, each try counted; senders try again, so most of them were received later.
    ledger_date date NOT NULL, -- UTC day of the try.
    tenant_hk bytea NOT NULL, -- Tenant of the key.
    event_count bigint NOT NULL CHECK (event_count >= 0), -- Running total.
    load_date timestamptz NOT NULL, -- When the total last changed.
    record_source varchar(100) NOT NULL, -- Program that wrote the row.
    PRIMARY KEY (ledger_date, tenant_hk)
)
$table$, to_owner => 'SELECT, INSERT, UPDATE, DELETE', to_analysts => true);

CALL raw.site_tracking_install_table($table$
CREATE TABLE IF NOT EXISTS raw.site_tracking_erased_r ( -- Accepted events of visitors who were erased: the hub keeps the keys of these events, and nothing else tells of them.
    ledger_date date NOT NULL, -- UTC day of the append time.
    tenant_hk bytea NOT NULL, -- Tenant.
    event_count bigint NOT NULL CHECK (event_count >= 0), -- How many, those that were late among them.
    late_count bigint NOT NULL CHECK (late_count >= 0), -- Those that were late.
    load_date timestamptz NOT NULL, -- When the total last changed.
    record_source varchar(100) NOT NULL, -- Program that wrote the row.
    PRIMARY KEY (ledger_date, tenant_hk)
)
$table$, to_owner => 'SELECT, INSERT, UPDATE, DELETE', to_analysts => true);

CALL raw.site_tracking_install_table($table$
CREATE TABLE IF NOT EXISTS raw.site_tracking_expired_r ( -- Accepted events that retention removed, so that the ledger still balances with the hub.
    ledger_date date NOT NULL, -- UTC day of the append time.
    tenant_hk bytea NOT NULL, -- Tenant.
    event_count bigint NOT NULL CHECK (event_count >= 0), -- How many, those that were erased before among them.
    erased_count bigint NOT NULL CHECK (erased_count >= 0), -- Those that were erased.
    load_date timestamptz NOT NULL, -- When the total last changed.
    record_source varchar(100) NOT NULL, -- Program that wrote the row.
    PRIMARY KEY (ledger_date, tenant_hk)
)
$table$, to_owner => 'SELECT, INSERT, UPDATE, DELETE', to_analysts => true);

CALL raw.site_tracking_install_table($table$
CREATE TABLE IF NOT EXISTS raw.site_tracking_run_r ( -- Runs of the job that began without state: what the vault held before is of earlier runs.
    run_id varchar(32) NOT NULL, -- Run of the job.
    began_transaction bigint NOT NULL, -- First transaction of the run; 0 where the vault held no event before it.
    load_date timestamptz NOT NULL, -- When it began.
    record_source varchar(100) NOT NULL, -- Program that wrote the row.
    PRIMARY KEY (run_id)
)
$table$, to_owner => 'SELECT, INSERT');

CALL raw.site_tracking_install_table($table$
CREATE TABLE IF NOT EXISTS raw.site_tracking_reprocess_r ( -- Reprocesses: history built anew in shadow tables. One at a time is not DROPPED.
    reprocess_id varchar(32) NOT NULL, -- Names the reprocess.
    state varchar(10) NOT NULL CHECK (state IN ('PREPARED', 'BUILDING', 'BUILT', 'FOLLOWING', 'SWITCHED', 'MERGED', 'UNDONE', 'DROPPED')), -- PREPARED: the shadow tables are there. BUILDING, BUILT: out of the archive. FOLLOWING: a second run of the job catches up. SWITCHED: the new tables are production's. MERGED: what differed was carried over, of some tenants or days. UNDONE: the former tables are production's again. DROPPED: nothing is left but production.
    savepoint text, -- Savepoint or checkpoint that the events come from; NULL where they come from raw alone.
    tenant_bks text[], -- Tenants that it is about; NULL for all.
    from_at timestamptz, -- Events from this time on; NULL for all.
    to_at timestamptz, -- Events before this time; NULL for all.
    settled_before timestamptz, -- Sessions that ended before this change no more: the time of the savepoint less the allowed lateness and two gaps.
    settings jsonb NOT NULL DEFAULT '{}', -- What of the job's options differs from the live job's.
    counts jsonb NOT NULL DEFAULT '{}', -- How far it is: events, sessions and whatever the program tells.
    live_job varchar(32), -- Flink's id of the job that writes production.
    shadow_job varchar(32), -- Flink's id of the job that writes the shadow.
    live_savepoint text, -- Savepoint that the live job was stopped with.
    shadow_savepoint text, -- Savepoint that the job of the shadow was stopped with.
    changed_at timestamptz NOT NULL, -- When the row last changed.
    load_date timestamptz NOT NULL, -- When it began.
    record_source varchar(100) NOT NULL, -- The record_source of what it writes.
    PRIMARY KEY (reprocess_id)
)
$table$, to_owner => 'SELECT', to_loader => 'SELECT');

CALL raw.site_tracking_install_table($table$
CREATE TABLE IF NOT EXISTS raw.site_tracking_event_time_r ( -- When events occurred that are not at the time in their key: what their first delivery made of it holds for all others.
    keyed_at timestamptz NOT NULL, -- The time in the key, which all deliveries tell: event_timestamp; without one the UTC day of reception, of an event without an id received_at.
    event_hk bytea NOT NULL, -- The event.
    tenant_hk bytea NOT NULL, -- Its tenant.
    event_timestamp timestamptz NOT NULL, -- When it occurred.
    PRIMARY KEY (keyed_at, event_hk)
)
$table$, to_owner => 'SELECT, INSERT, DELETE');

CALL raw.site_tracking_install_table($table$
CREATE TABLE IF NOT EXISTS raw.site_tracking_kept_r ( -- What retention removed of a tenant, and how far it is: sql/checks expect no row of that layer before kept_from.
    tenant_hk bytea NOT NULL, -- The tenant.
    layer varchar(10) NOT NULL CHECK (layer IN ('raw', 'rejected', 'staging', 'events', 'sessions', 'ledger')), -- raw without and rejected with what was rejected, staging, the event grain of the vault, sessions with what is of their visitors, or ledger.
    kept_from date NOT NULL, -- First UTC day whose rows are kept; -infinity where none were removed yet.
    next_day date NOT NULL, -- Days before it are looked through. Once a month all of them are again, as events may arrive when their time is over.
    swept_at timestamptz NOT NULL, -- When it began to look through all of them.
    dropped_partitions integer NOT NULL, -- Day partitions dropped so far, with the rows of all tenants in them.
    deleted_rows bigint NOT NULL, -- Rows deleted so far, those of tenants that were looked through with it among them.
    load_date timestamptz NOT NULL, -- When the row last changed.
    record_source varchar(100) NOT NULL, -- Program that wrote the row.
    failures integer NOT NULL DEFAULT 0, -- How often the layer's next day failed, at load_date the last time.
    failure varchar(5), -- SQLSTATE of the last failure, while there is one.
    PRIMARY KEY (tenant_hk, layer)
)
$table$, to_owner => 'SELECT, INSERT, UPDATE');

-- Without settings of its own, so that the planner sees through it.
CREATE OR REPLACE FUNCTION raw.site_tracking_kept_from(tenant bytea, of_layer text)
RETURNS timestamptz
LANGUAGE sql
STABLE
AS $body$
    SELECT coalesce(
        (
            SELECT kept_from::timestamp AT TIME ZONE 'UTC'
            FROM raw.site_tracking_kept_r
            WHERE tenant_hk = tenant AND layer = of_layer
        ),
        '-infinity')
$body$;
COMMENT ON FUNCTION raw.site_tracking_kept_from(bytea, text)
IS 'From when on a tenant''s rows of a layer are kept: retention removed those before.';

CALL raw.site_tracking_install_table($table$
CREATE TABLE IF NOT EXISTS auth.tenant_site_tracking_s ( -- Satellite of auth.tenant_h: versions of a tenant's settings for site tracking; NULL means the default.
    tenant_hk bytea NOT NULL, -- The tenant.
    load_date timestamptz NOT NULL, -- From when this version holds.
    session_gap_ms bigint CHECK (session_gap_ms > 0), -- Longest silence within a session, in milliseconds.
    allowed_lateness_ms bigint CHECK (allowed_lateness_ms >= 0), -- How late an event may still change sessions, in milliseconds.
    campaign_split boolean, -- Whether a new campaign opens a session.
    midnight_split boolean, -- Whether midnight in the tenant's time zone opens a session.
    referrer_split boolean, -- Whether a new foreign referrer opens a session.
    max_session_events integer CHECK (max_session_events > 0), -- Most events in a session.
    max_session_seconds bigint CHECK (max_session_seconds > 0), -- Longest session, in seconds.
    time_zone text, -- IANA name with a slash, UTC or GMT, for days in reports and sessions; all else counts as UTC.
    goal_event_types text[], -- Event types that count as conversions besides purchases.
    allowed_origins text[], -- Origins that a browser may send from.
    ip_policy varchar(10) CHECK (ip_policy IN ('NETWORK', 'NETWORK_24', 'COUNTRY', 'NONE')), -- What is kept of an address: NETWORK (default) of 16 bits and the country, NETWORK_24 of 24 bits and the country, COUNTRY only, NONE of it.
    consent_policy varchar(10) CHECK (consent_policy IN ('REQUIRE', 'ANONYMISE', 'IGNORE')), -- What consent decides: REQUIRE keeps nothing without it, ANONYMISE (default) what was denied without the visitor, IGNORE everything.
    honour_gpc boolean, -- Whether Global Privacy Control counts as a denial; so it does by default.
    honour_dnt boolean, -- Whether Do Not Track does; by default not.
    keep_user_agents boolean, -- Whether user agents are kept as they came; by default only what was read of them.
    keep_texts boolean, -- Whether titles, queries and other free texts are kept; so they are by default.
    erased_counts varchar(10) CHECK (erased_counts IN ('CORRECTED', 'KEPT')), -- What becomes of sums in which erased visitors are: CORRECTED (default) takes them out, KEPT leaves the numbers as they are.
    keep_raw_days integer CHECK (keep_raw_days > 0), -- Days that accepted events are kept in raw; by default without end, as all below.
    keep_rejected_days integer CHECK (keep_rejected_days > 0), -- Days that rejected ones are.
    keep_staging_days integer CHECK (keep_staging_days > 0), -- Days that staged events are.
    keep_events_days integer CHECK (keep_events_days > 30), -- Days that events are kept in the vault; raw and staging keep them no longer.
    keep_sessions_days integer CHECK (keep_sessions_days > 30), -- Days that sessions are, and what is of their visitors; events are kept no longer.
    keep_ledger_days integer CHECK (keep_ledger_days > 30), -- Days that the ledger is.
    keep_backups_days integer CHECK (keep_backups_days > 0), -- Days that backups of the database and its archived log are, as whoever operates it says: nothing here removes them, but erasures tell when they end. NULL: nobody said.
    visitor_secret bytea, -- Secret of the visitor pseudonyms; NULL: the job derives one.
    max_waiting_events integer CHECK (max_waiting_events > 0), -- Most events that wait in the outbox, 1,000,000 by default.
    max_waiting_bytes bigint CHECK (max_waiting_bytes > 0), -- Most bytes of their payloads before compression, 1 GiB by default.
    max_read_cost bigint CHECK (max_read_cost > 0), -- Most that a question of the api may cost, in events read, 10,000,000 by default.
    max_new_pages integer CHECK (max_new_pages > 0), -- Most new pages a day, 10,000 by default; the others are (other).
    max_new_items integer CHECK (max_new_items > 0), -- Most new items a day, as well.
    max_new_campaign_values integer CHECK (max_new_campaign_values > 0), -- Most new sources a day, as well, and as many mediums, campaigns, terms and contents.
    hash_diff bytea NOT NULL, -- Hash of the attributes.
    record_source varchar(100) NOT NULL, -- Program that wrote the row.
    PRIMARY KEY (tenant_hk, load_date)
)
$table$, to_owner => 'SELECT, INSERT', to_loader => 'SELECT');

CALL raw.site_tracking_install_table($table$
CREATE TABLE IF NOT EXISTS auth.site_tracking_saved_s ( -- What is saved with a tenant's figures, by versions: segments, annotations, named goals, links for those without a key, and alerts.
    tenant_hk bytea NOT NULL, -- The tenant.
    kind varchar(10) NOT NULL CHECK (kind IN ('SEGMENT', 'ANNOTATION', 'LINK', 'GOAL', 'ALERT')), -- SEGMENT, ANNOTATION, LINK, GOAL or ALERT.
    name text NOT NULL, -- Its name within the tenant; of an annotation day and text, redacted.
    load_date timestamptz NOT NULL, -- From when this version holds.
    content jsonb NOT NULL, -- Filters of a segment or of a link, which shows nothing beyond them; day and text of an annotation; what an event must be for a goal; what an alert looks at and whom it calls, with the secret that calls are signed with.
    token_hash bytea, -- Of a link: SHA-256 of its token, which is not stored.
    password_hash text, -- Of a link: PBKDF2 of its password, with salt and rounds; NULL where it has none.
    expires_at timestamptz, -- Of a link: from when it is refused.
    is_removed boolean NOT NULL, -- Whether it was removed, or the link withdrawn.
    hash_diff bytea NOT NULL, -- Hash of the attributes.
    record_source varchar(100) NOT NULL, -- Program that wrote the row.
    PRIMARY KEY (tenant_hk, kind, name, load_date)
)
$table$, to_owner => 'SELECT, INSERT');
CALL raw.site_tracking_install_index('auth', 'site_tracking_saved_s_token',
    'ON auth.site_tracking_saved_s (token_hash) WHERE token_hash IS NOT NULL',
    'Links by their token.');

-- The log of a logged table goes into archives and backups, which outlive what was deleted. A crash of
-- the server empties this one: the job remembers the salts meanwhile.
CALL raw.site_tracking_install_table($table$
CREATE UNLOGGED TABLE IF NOT EXISTS auth.site_tracking_salt_s ( -- The random salt of each day's cookieless visitors, for 48 hours; without it those visitors are anonymous. Unlogged, and emptied as a whole, so that no log, backup or page keeps one.
    salt_date date NOT NULL, -- The tenant's day, from 04:00 by its clock.
    salt bytea NOT NULL CHECK (octet_length(salt) = 32), -- 32 random bytes.
    load_date timestamptz NOT NULL, -- When it was drawn.
    record_source varchar(100) NOT NULL, -- Program that wrote the row.
    PRIMARY KEY (salt_date)
)
$table$, to_owner => 'SELECT, INSERT, TRUNCATE');

-- ----------------------------------------------------------------------------------------- salts
-- Drawn here and not by the job, so that no statement in the server's log holds one.

CREATE OR REPLACE FUNCTION auth.site_tracking_salts(known_days date[], known_salts bytea[], source text)
RETURNS TABLE (
    salt_date date,
    salt bytea
)
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $body$
#variable_conflict use_column
DECLARE
    today CONSTANT date := (now() AT TIME ZONE 'UTC')::date;
    living auth.site_tracking_salt_s[];
BEGIN
    IF EXISTS (SELECT FROM auth.site_tracking_salt_s WHERE salt_date < today - 1) THEN
        BEGIN
            LOCK TABLE auth.site_tracking_salt_s IN ACCESS EXCLUSIVE MODE NOWAIT;
            living := ARRAY(
                SELECT salts FROM auth.site_tracking_salt_s AS salts WHERE salt_date >= today - 1);
            -- What a row held stays in its page after DELETE and VACUUM; the file goes with TRUNCATE.
            TRUNCATE auth.site_tracking_salt_s;
            INSERT INTO auth.site_tracking_salt_s
            SELECT * FROM unnest(living);
        EXCEPTION
            WHEN lock_not_available THEN
                NULL; -- Somebody reads it, such as a dump: the next call tries again.
        END;
    END IF;
    INSERT INTO auth.site_tracking_salt_s (salt_date, salt, load_date, record_source)
    SELECT known.day, known.salt, clock_timestamp(), source
    FROM unnest(known_days, known_salts) AS known (day, salt)
    WHERE known.day BETWEEN today - 1 AND today + 1
    ON CONFLICT DO NOTHING;
    -- Somewhere it is not yet 04:00, so that yesterday's may be in use. Two random UUIDs hold 244 random bits.
    INSERT INTO auth.site_tracking_salt_s (salt_date, salt, load_date, record_source)
    SELECT today + ahead, sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())),
        clock_timestamp(), source
    FROM generate_series(-1, 1) AS ahead
    ON CONFLICT DO NOTHING;
    RETURN QUERY
    SELECT salts.salt_date, salts.salt
    FROM auth.site_tracking_salt_s AS salts
    WHERE salts.salt_date >= today - 1;
END
$body$;
COMMENT ON FUNCTION auth.site_tracking_salts(date[], bytea[], text)
IS 'The salts of yesterday, today and tomorrow, one of which is in use wherever the day is cut: those known are put back where a crash took them, missing ones are drawn, older ones are wiped out.';

-- -------------------------------------------------------------------- outbox, values, heartbeats

CALL raw.site_tracking_install_table($table$
CREATE TABLE IF NOT EXISTS raw.site_tracking_outbox_r ( -- Events that wait for the relay; a row is deleted when the broker has acknowledged it.
    tenant_hk bytea NOT NULL, -- Tenant of the event.
    outbox_id bigint GENERATED ALWAYS AS IDENTITY, -- The order in which events of one record key are sent.
    record_key text, -- Key of the Kafka record: tenant, a bar, and the first 3 hex digits of the SHA-256 of session, visitor or user; NULL without any.
    payload text NOT NULL, -- Value of the Kafka record, the event as JSON. Not redacted: it lives until it is sent.
    created_at timestamptz NOT NULL, -- When the event was tracked.
    PRIMARY KEY (tenant_hk, outbox_id)
)
$table$, to_owner => 'SELECT, INSERT, DELETE', to_relay => 'SELECT, DELETE');
-- What was sent must not lie in the free space of the file: within a minute or two that is cut off. Nor must it be
-- among the values that the planner knows.
ALTER TABLE raw.site_tracking_outbox_r SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 0);
ALTER TABLE raw.site_tracking_outbox_r ALTER COLUMN payload SET STATISTICS 0;

CALL raw.site_tracking_install_table($table$
CREATE TABLE IF NOT EXISTS raw.site_tracking_waiting_r ( -- How much of each tenant waits in the outbox: the sum of the tenant's parts, none of which means anything alone. A transaction changes a part that no other one holds, so that none waits for another.
    tenant_hk bytea NOT NULL, -- Tenant of the events.
    part bigint GENERATED ALWAYS AS IDENTITY, -- Tells the parts apart.
    event_count bigint NOT NULL, -- Events that came less those that went.
    byte_count bigint NOT NULL, -- Bytes of their payloads, before compression.
    PRIMARY KEY (tenant_hk, part)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000)
$table$, to_owner => 'SELECT, INSERT, UPDATE, DELETE');

CALL raw.site_tracking_install_table($table$
CREATE TABLE IF NOT EXISTS raw.site_tracking_value_r ( -- Pages, items and campaign values that are kept as they are; any other one of an event is (other) in the vault.
    value_key bytea NOT NULL, -- Hash of tenant and value; of a page or an item the key of its hub.
    kind varchar(10) NOT NULL CHECK (kind IN ('page', 'item', 'source', 'medium', 'campaign', 'term', 'content')), -- What the value is.
    tenant_hk bytea NOT NULL, -- The tenant.
    kept_from timestamptz NOT NULL, -- Kept in events of this time and later. Becomes earlier, never later.
    PRIMARY KEY (value_key, kind)
)
$table$, to_owner => 'SELECT, INSERT, UPDATE');

CALL raw.site_tracking_install_table($table$
CREATE TABLE IF NOT EXISTS raw.site_tracking_value_day_r ( -- How many values of a kind were new on a day, and what was refused.
    tenant_hk bytea NOT NULL, -- The tenant.
    kind varchar(10) NOT NULL, -- What the values are.
    load_day date NOT NULL, -- UTC day on which events with them were appended.
    kept_values bigint NOT NULL, -- New values that were kept.
    closed_through timestamptz, -- Time of the last event that had one too many; an event up to this time brings nothing new any more. NULL where there was none.
    PRIMARY KEY (tenant_hk, kind, load_day)
)
$table$, to_owner => 'SELECT, INSERT, UPDATE');

CALL raw.site_tracking_install_index('raw', 'site_tracking_value_day_r_closed',
    'ON raw.site_tracking_value_day_r (tenant_hk, kind, closed_through) WHERE closed_through IS NOT NULL',
    'Up to when events of a tenant bring no new values of a kind.');

CALL raw.site_tracking_install_table($table$
CREATE TABLE IF NOT EXISTS raw.site_tracking_heartbeat_r ( -- Signs of life: one row per program and part of it, written over and over.
    program varchar(20) NOT NULL CHECK (program IN ('LOADER', 'RELAY', 'SHADOW')), -- LOADER for the streaming job, RELAY for whichever relay is at work, SHADOW for jobs that write the shadow of a reprocess.
    part varchar(40) NOT NULL, -- Step of the job; empty for the relay.
    beat_at timestamptz NOT NULL, -- Last sign of life, by the clock of the database.
    archive_days integer, -- For how many days the job's archive has an event; NULL for the relay.
    failing_since timestamptz, -- Since when it fails in its work, such as a relay without a broker; NULL when well.
    version varchar(50) NOT NULL, -- Version of the program.
    record_source varchar(100) NOT NULL, -- Program that wrote the row.
    PRIMARY KEY (program, part)
) WITH (fillfactor = 50)
$table$, to_owner => 'SELECT', to_loader => 'SELECT, INSERT, UPDATE', to_relay => 'SELECT, INSERT, UPDATE');

CREATE OR REPLACE VIEW raw.site_tracking_ledger_v WITH (security_invoker = true) AS
SELECT
    totals.ledger_date,
    totals.tenant_hk,
    totals.received,
    totals.accepted - totals.late - totals.erased AS loaded,
    totals.duplicates,
    totals.rejected,
    totals.late,
    totals.received = totals.accepted + totals.duplicates + totals.rejected AS balanced,
    totals.erased
FROM (
    SELECT
        counts.ledger_date,
        counts.tenant_hk,
        counts.received,
        counts.accepted,
        counts.duplicates,
        counts.rejected,
        -- A job that reads an erased event again does not find out that it is late.
        greatest(counts.late - coalesce(erased.late_count, 0), 0) AS late,
        coalesce(erased.event_count, 0) AS erased
    FROM (
        SELECT
            ledger_date,
            tenant_hk,
            coalesce(sum(event_count) FILTER (WHERE outcome = 'RECEIVED'), 0) AS received,
            coalesce(sum(event_count) FILTER (WHERE outcome = 'ACCEPTED'), 0) AS accepted,
            coalesce(sum(event_count) FILTER (WHERE outcome = 'DUPLICATE'), 0) AS duplicates,
            coalesce(sum(event_count) FILTER (WHERE outcome = 'REJECTED'), 0) AS rejected,
            coalesce(sum(event_count) FILTER (WHERE outcome = 'LATE'), 0) AS late
        FROM raw.site_tracking_ledger_r
        GROUP BY ledger_date, tenant_hk
    ) AS counts
    LEFT JOIN raw.site_tracking_erased_r AS erased USING (ledger_date, tenant_hk)
) AS totals;
COMMENT ON VIEW raw.site_tracking_ledger_v
IS 'The ledger per day and tenant: received = loaded + duplicates + rejected + late + erased when balanced.';

GRANT SELECT ON raw.site_tracking_ledger_v TO site_tracking_owner, site_tracking_analyst;

-- Nothing here ever waits for a lock, whatever other transactions hold.
CREATE OR REPLACE FUNCTION raw.site_tracking_add_waiting(tenant bytea, events bigint, bytes bigint)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
#variable_conflict use_column
DECLARE
    most_parts CONSTANT integer := 64;
    free_part bigint;
    spare record;
BEGIN
    -- Elsewhere a part that somebody changed meanwhile would fail the transaction.
    IF current_setting('transaction_isolation') = 'read committed' THEN
        -- Parts are as many as there were transactions at once, and of other isolation levels one each.
        IF events < 0 THEN
            WITH gone AS (
                DELETE FROM raw.site_tracking_waiting_r
                WHERE tenant_hk = tenant
                    AND part IN (
                        SELECT part
                        FROM raw.site_tracking_waiting_r
                        WHERE tenant_hk = tenant
                            AND part > (
                                SELECT part
                                FROM raw.site_tracking_waiting_r
                                WHERE tenant_hk = tenant
                                ORDER BY part
                                OFFSET most_parts
                                LIMIT 1)
                        FOR UPDATE SKIP LOCKED)
                RETURNING event_count, byte_count
            )
            SELECT coalesce(sum(event_count), 0) AS events, coalesce(sum(byte_count), 0) AS bytes
            INTO spare
            FROM gone;
            events := events + spare.events;
            bytes := bytes + spare.bytes;
        END IF;
        SELECT part
        INTO free_part
        FROM raw.site_tracking_waiting_r
        WHERE tenant_hk = tenant
        ORDER BY part
        LIMIT 1
        FOR UPDATE SKIP LOCKED;
    END IF;
    IF free_part IS NULL THEN
        INSERT INTO raw.site_tracking_waiting_r (tenant_hk, event_count, byte_count)
        VALUES (tenant, events, bytes);
    ELSE
        UPDATE raw.site_tracking_waiting_r
        SET event_count = event_count + events, byte_count = byte_count + bytes
        WHERE tenant_hk = tenant AND part = free_part;
    END IF;
END
$body$;
COMMENT ON FUNCTION raw.site_tracking_add_waiting(bytea, bigint, bigint)
IS 'Counts events of a tenant that came to the outbox or, with negative numbers, went from it.';

CREATE OR REPLACE FUNCTION raw.site_tracking_count_outbox()
RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    sign CONSTANT integer := CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END;
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        DELETE FROM raw.site_tracking_waiting_r;
    ELSE
        PERFORM raw.site_tracking_add_waiting(tenant_hk, sign * events, sign * bytes)
        FROM (
            SELECT tenant_hk, count(*) AS events, sum(octet_length(payload)) AS bytes
            FROM changed
            GROUP BY tenant_hk
        ) AS changes;
    END IF;
    RETURN NULL;
END
$body$;
COMMENT ON FUNCTION raw.site_tracking_count_outbox()
IS 'Keeps raw.site_tracking_waiting_r equal to the outbox, whoever writes or deletes.';

CREATE OR REPLACE TRIGGER site_tracking_count_tracked
    AFTER INSERT ON raw.site_tracking_outbox_r REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION raw.site_tracking_count_outbox();
CREATE OR REPLACE TRIGGER site_tracking_count_sent
    AFTER DELETE ON raw.site_tracking_outbox_r REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION raw.site_tracking_count_outbox();
CREATE OR REPLACE TRIGGER site_tracking_count_emptied
    AFTER TRUNCATE ON raw.site_tracking_outbox_r
    FOR EACH STATEMENT EXECUTE FUNCTION raw.site_tracking_count_outbox();
COMMENT ON TRIGGER site_tracking_count_tracked ON raw.site_tracking_outbox_r
IS 'Counts what waits.';
COMMENT ON TRIGGER site_tracking_count_sent ON raw.site_tracking_outbox_r
IS 'Counts what waits no more.';
COMMENT ON TRIGGER site_tracking_count_emptied ON raw.site_tracking_outbox_r
IS 'Nothing waits in an emptied outbox.';

CREATE OR REPLACE FUNCTION raw.site_tracking_keep_values(
    tenant_hks bytea[], kinds text[], value_keys bytea[], event_micros bigint[], load_days date[]
)
RETURNS TABLE (place integer, kept_micros bigint)
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
-- All look-ups are by key.
SET enable_hashjoin = off
SET enable_mergejoin = off
SET enable_seqscan = off
SET jit = off
AS $body$
#variable_conflict use_column
DECLARE
    tenants_lock integer;
BEGIN
    -- One at a time decides for a tenant. Tenants share few locks, taken in one order: a server has
    -- room for so many only.
    FOR tenants_lock IN
        SELECT DISTINCT get_byte(asked.tenant_hk, 0) & 63
        FROM unnest(tenant_hks) AS asked (tenant_hk)
        ORDER BY 1
    LOOP
        PERFORM pg_advisory_xact_lock(hashtext('site_tracking_value'), tenants_lock);
    END LOOP;

    WITH undecided AS (
        SELECT
            asked.tenant_hk,
            asked.kind,
            asked.value_key,
            instant.at,
            known.kept_from IS NOT NULL AS is_known,
            min(asked.load_day) OVER of_value AS load_day,
            min(asked.place) OVER of_value AS first_place
        FROM unnest(tenant_hks, kinds, value_keys, event_micros, load_days)
            WITH ORDINALITY AS asked (tenant_hk, kind, value_key, micros, load_day, place)
        CROSS JOIN LATERAL (
            SELECT timestamptz 'epoch' + asked.micros * INTERVAL '1 microsecond' AS at
        ) AS instant
        LEFT JOIN raw.site_tracking_value_r AS known
            ON known.value_key = asked.value_key AND known.kind = asked.kind
        CROSS JOIN LATERAL (
            SELECT max(days.closed_through) AS through
            FROM raw.site_tracking_value_day_r AS days
            WHERE days.tenant_hk = asked.tenant_hk AND days.kind = asked.kind
        ) AS closed
        WHERE (known.kept_from IS NULL OR known.kept_from > instant.at)
            AND (closed.through IS NULL OR closed.through < instant.at)
        WINDOW of_value AS (PARTITION BY asked.value_key, asked.kind)
    ),
    ranked AS (
        SELECT
            undecided.*,
            -- What is kept at later times is not new at an earlier one.
            dense_rank() OVER (
                PARTITION BY undecided.tenant_hk, undecided.kind, undecided.load_day, undecided.is_known
                ORDER BY undecided.first_place
            ) AS number
        FROM undecided
    ),
    decided AS (
        SELECT
            ranked.*,
            ranked.is_known
            OR ranked.number + coalesce(days.kept_values, 0) <= coalesce(caps.most, 10000) AS is_kept
        FROM ranked
        LEFT JOIN raw.site_tracking_value_day_r AS days
            ON days.tenant_hk = ranked.tenant_hk
            AND days.kind = ranked.kind
            AND days.load_day = ranked.load_day
        LEFT JOIN LATERAL (
            SELECT
                CASE ranked.kind
                    WHEN 'page' THEN versions.max_new_pages
                    WHEN 'item' THEN versions.max_new_items
                    ELSE versions.max_new_campaign_values
                END AS most
            FROM auth.tenant_site_tracking_s AS versions
            WHERE versions.tenant_hk = ranked.tenant_hk
            ORDER BY versions.load_date DESC
            LIMIT 1
        ) AS caps ON true
    ),
    kept AS (
        INSERT INTO raw.site_tracking_value_r AS t (value_key, kind, tenant_hk, kept_from)
        SELECT value_key, kind, tenant_hk, min(at)
        FROM decided
        WHERE is_kept
        GROUP BY value_key, kind, tenant_hk
        ORDER BY value_key, kind
        ON CONFLICT (value_key, kind) DO UPDATE SET kept_from = least(t.kept_from, excluded.kept_from)
    )
    INSERT INTO raw.site_tracking_value_day_r AS t (tenant_hk, kind, load_day, kept_values, closed_through)
    SELECT
        tenant_hk,
        kind,
        load_day,
        count(DISTINCT value_key) FILTER (WHERE is_kept AND NOT is_known),
        max(at) FILTER (WHERE NOT is_kept)
    FROM decided
    GROUP BY tenant_hk, kind, load_day
    ON CONFLICT (tenant_hk, kind, load_day) DO UPDATE
    SET kept_values = t.kept_values + excluded.kept_values,
        closed_through = greatest(t.closed_through, excluded.closed_through);

    RETURN QUERY
    SELECT asked.place::integer, (extract(epoch FROM known.kept_from) * 1000000)::bigint
    FROM unnest(value_keys, kinds, event_micros)
        WITH ORDINALITY AS asked (value_key, kind, micros, place)
    JOIN raw.site_tracking_value_r AS known
        ON known.value_key = asked.value_key AND known.kind = asked.kind
    WHERE known.kept_from <= timestamptz 'epoch' + asked.micros * INTERVAL '1 microsecond';
END
$body$;
COMMENT ON FUNCTION raw.site_tracking_keep_values(bytea[], text[], bytea[], bigint[], date[])
IS 'Which of the given values, by their place, events of the given times keep, and from when the value is kept; the others are (other) there. What was answered holds for ever. A value is new until it is kept; new values are kept in their order up to the cap of their tenant, kind and day.';

-- ------------------------------------------------------------------------------------ partitions

CREATE OR REPLACE FUNCTION raw.site_tracking_partitioned_tables()
RETURNS TABLE (
    table_order integer,
    table_schema text,
    table_name text
)
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT number, split_part(name, '.', 1), split_part(name, '.', 2)
    FROM (VALUES
        (1, 'raw.site_tracking_events_r'),
        (2, 'staging.site_tracking_events_s'),
        (3, 'business.site_event_h'),
        (4, 'business.event_session_l'),
        (5, 'business.event_page_l'),
        (6, 'business.event_business_item_l'),
        (7, 'business.site_event_details_s')
    ) AS listed (number, name)
$body$;
COMMENT ON FUNCTION raw.site_tracking_partitioned_tables()
IS 'The tables of the event grain, one partition per UTC day, in the order in which they are locked.';

CREATE OR REPLACE FUNCTION raw.site_tracking_missing_partitions(from_day date, to_day date)
RETURNS TABLE (
    table_order integer,
    table_schema text,
    table_name text,
    partition_day date
)
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT
        partitioned.table_order,
        partitioned.table_schema,
        partitioned.table_name,
        from_day + days.number
    FROM raw.site_tracking_partitioned_tables() AS partitioned
    CROSS JOIN generate_series(0, to_day - from_day) AS days (number)
    JOIN pg_namespace AS namespace ON namespace.nspname = partitioned.table_schema
    WHERE EXISTS (
            SELECT FROM pg_class
            WHERE relnamespace = namespace.oid
                AND relname = partitioned.table_name || '_pdefault'
                AND relispartition
        )
        AND NOT EXISTS (
            SELECT FROM pg_class
            WHERE relnamespace = namespace.oid
                AND relname = partitioned.table_name
                    || to_char(from_day + days.number, '"_p"YYYYMMDD')
        )
$body$;
COMMENT ON FUNCTION raw.site_tracking_missing_partitions(date, date)
IS 'Days without a partition, per table of the event grain that is installed (has its default partition); reads the catalog only.';

CREATE OR REPLACE FUNCTION raw.site_tracking_default_partition_holds(fallback text, partition_day date)
RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    held boolean;
BEGIN
    EXECUTE format(
        'SELECT EXISTS (SELECT FROM %s WHERE event_timestamp >= $1 AND event_timestamp < $2)', fallback)
    INTO held
    USING partition_day::timestamp AT TIME ZONE 'UTC', (partition_day + 1)::timestamp AT TIME ZONE 'UTC';
    RETURN held;
END
$body$;
COMMENT ON FUNCTION raw.site_tracking_default_partition_holds(text, date)
IS 'Whether a default partition holds rows of a UTC day.';

-- ATTACH alone would let writers go on, but a statement that had already picked the default partition
-- for a row of the new day would fail with 23514. So writers wait until the partition is there; readers
-- of other partitions do not. Both locks are taken for milliseconds, and not waited for longer than the
-- caller's lock_timeout: behind a long reader it is better to try again later than to stop the loaders.
CREATE OR REPLACE FUNCTION raw.site_tracking_create_partition(
    table_schema text, table_name text, partition_day date
) RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    parent CONSTANT text := format('%I.%I', table_schema, table_name);
    fallback CONSTANT text := format('%I.%I', table_schema, table_name || '_pdefault');
    partition CONSTANT text := format('%I.%I',
        table_schema, table_name || to_char(partition_day, '"_p"YYYYMMDD'));
BEGIN
    IF raw.site_tracking_default_partition_holds(fallback, partition_day) THEN
        RETURN false;
    END IF;
    EXECUTE format('LOCK TABLE ONLY %s IN SHARE ROW EXCLUSIVE MODE', parent);
    EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', fallback);
    -- Rows of a writer that we waited for, and a partition made meanwhile under an older snapshot.
    IF raw.site_tracking_default_partition_holds(fallback, partition_day) OR to_regclass(partition) IS NOT NULL THEN
        RETURN false;
    END IF;
    -- Rows only come, and no query reads an index alone: a day of less than some million events is
    -- vacuumed when its rows are to be frozen, not a dozen times while it fills.
    EXECUTE format('CREATE TABLE %s (LIKE %s INCLUDING ALL EXCLUDING COMMENTS) WITH ('
        'autovacuum_vacuum_insert_threshold = 10000000, autovacuum_analyze_scale_factor = 2)',
        partition, parent);
    CALL raw.site_tracking_close_table(partition);
    -- A sample of 3,000 rows instead of 30,000: plans need to know tenants, times and types of a day.
    EXECUTE (
        SELECT format('ALTER TABLE %s %s', partition,
            string_agg(format('ALTER COLUMN %I SET STATISTICS 10', attname), ', '))
        FROM pg_attribute
        WHERE attrelid = partition::regclass AND attnum > 0
    );
    -- Nobody may read a partition past the policies of its table, which it does not inherit.
    IF (SELECT relrowsecurity FROM pg_class WHERE oid = parent::regclass) THEN
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', partition);
    END IF;
    EXECUTE format('ALTER TABLE %s ATTACH PARTITION %s FOR VALUES FROM (%L) TO (%L)',
        parent, partition,
        to_char(partition_day, 'YYYY-MM-DD"T00:00:00Z"'),
        to_char(partition_day + 1, 'YYYY-MM-DD"T00:00:00Z"'));
    RETURN true;
EXCEPTION
    WHEN lock_not_available THEN
        RAISE WARNING 'partition % not created yet: %', partition, SQLERRM
            USING HINT = 'The next call tries again.';
        RETURN NULL;
    WHEN check_violation OR invalid_object_definition THEN
        RAISE WARNING 'partition % not created: %', partition, SQLERRM
            USING HINT = 'Its rows go to the default partition.';
        RETURN false;
END
$body$;
COMMENT ON FUNCTION raw.site_tracking_create_partition(text, text, date)
IS 'Creates one day partition; false where the default partition holds rows of that day, NULL where a lock was not to be had.';

CREATE OR REPLACE FUNCTION raw.site_tracking_ensure_partitions(from_day date, to_day date)
RETURNS integer
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET lock_timeout = 0
AS $body$
DECLARE
    -- A partition holds some four locks to the end of the transaction: use a quarter of the lock table.
    most CONSTANT integer := current_setting('max_locks_per_transaction')::integer
        * current_setting('max_connections')::integer / 16;
    missing record;
    was_created boolean;
    created integer := 0;
BEGIN
    IF from_day < DATE '2000-01-01' OR to_day > DATE '2100-01-01' THEN
        RAISE EXCEPTION 'day out of bounds: % to %', from_day, to_day
            USING ERRCODE = 'ST002', HINT = 'Partitions exist from 2000-01-01 to 2100-01-01.';
    END IF;
    IF from_day IS NULL OR to_day IS NULL OR to_day < from_day OR to_day - from_day >= 400 THEN
        RAISE EXCEPTION 'bad range of days: % to %', from_day, to_day
            USING ERRCODE = 'ST001', HINT = 'Give at most 400 days, the earlier one first.';
    END IF;
    IF NOT EXISTS (SELECT FROM raw.site_tracking_missing_partitions(from_day, to_day)) THEN
        RETURN 0;
    END IF;

    -- One at a time, and before any table lock: two callers can never wait for each other.
    PERFORM pg_advisory_xact_lock(hashtextextended('site_tracking', 0));
    -- Shorter than the usual deadlock_timeout of a second: we give way before a loader is cancelled.
    SET LOCAL lock_timeout = '750ms';
    FOR missing IN
        SELECT *
        FROM raw.site_tracking_missing_partitions(from_day, to_day)
        ORDER BY partition_day, table_order
        LIMIT most
    LOOP
        was_created := raw.site_tracking_create_partition(
            missing.table_schema, missing.table_name, missing.partition_day);
        EXIT WHEN was_created IS NULL;
        created := created + was_created::integer;
    END LOOP;
    RETURN created;
END
$body$;
COMMENT ON FUNCTION raw.site_tracking_ensure_partitions(date, date)
IS 'Creates the missing day partitions of all event tables and returns how many; call it in a transaction of its own, and for long ranges until it returns 0. Skips days that sit in a default partition. Errors: ST001, ST002.';

-- Readers go on, as does who writes other days.
CREATE OR REPLACE FUNCTION raw.site_tracking_hold_partitions(layers text[], partition_day date)
RETURNS boolean
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '750ms'
AS $body$
DECLARE
    held record;
BEGIN
    FOR held IN
        SELECT format('%I.%I', table_schema, table_name || to_char(partition_day, '"_p"YYYYMMDD')) AS partition
        FROM raw.site_tracking_partitioned_tables()
        WHERE table_schema = ANY (layers)
        ORDER BY table_order
    LOOP
        IF to_regclass(held.partition) IS NOT NULL THEN
            EXECUTE format('LOCK TABLE ONLY %s IN SHARE ROW EXCLUSIVE MODE', held.partition);
        END IF;
    END LOOP;
    RETURN true;
EXCEPTION
    WHEN lock_not_available THEN
        RETURN false;
END
$body$;
COMMENT ON FUNCTION raw.site_tracking_hold_partitions(text[], date)
IS 'Keeps writers away from the partitions of a UTC day in the given layers until the transaction ends; false where a lock was not to be had, and then it holds none.';

CREATE OR REPLACE FUNCTION raw.site_tracking_drop_partitions(layers text[], partition_day date)
RETURNS integer
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '750ms'
AS $body$
DECLARE
    expired record;
    dropped integer := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('site_tracking', 0));
    FOR expired IN
        SELECT format('%I.%I', table_schema, table_name || to_char(partition_day, '"_p"YYYYMMDD')) AS partition
        FROM raw.site_tracking_partitioned_tables()
        WHERE table_schema = ANY (layers)
        ORDER BY table_order
    LOOP
        IF to_regclass(expired.partition) IS NOT NULL THEN
            -- Who waits for what is held here may have the parent, and so long that he would find a deadlock before
            -- this gives up; who comes later does not.
            IF EXISTS (
                SELECT FROM pg_locks
                WHERE NOT granted AND locktype <> 'advisory' AND pg_backend_pid() = ANY (pg_blocking_pids(pid))) THEN
                RAISE lock_not_available USING MESSAGE = 'somebody waits for this transaction';
            END IF;
            EXECUTE format('DROP TABLE %s', expired.partition);
            dropped := dropped + 1;
        END IF;
    END LOOP;
    RETURN dropped;
EXCEPTION
    WHEN lock_not_available THEN
        RAISE WARNING 'partitions of % not dropped: %', partition_day, SQLERRM;
        RETURN 0;
END
$body$;
COMMENT ON FUNCTION raw.site_tracking_drop_partitions(text[], date)
IS 'Drops the partitions of a UTC day in the given layers (raw, staging, business) and returns how many: all of them, or none where a lock was not to be had.';

-- ------------------------------------------------------------------------------------------- keys
-- The collector's keys are API tokens of One Vault, told apart by what they may do. Statements about them
-- are judged when they run, so that a One Vault with other token tables takes the scripts all the same.

CREATE OR REPLACE FUNCTION auth.site_tracking_key(key_hash bytea)
RETURNS TABLE (
    tenant_bk text,
    scope text[],
    allowed_origins text[],
    time_zone text,
    consent_policy text,
    honour_gpc boolean,
    honour_dnt boolean,
    key_id text
)
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $body$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT
        tenants.tenant_bk::text,
        tokens.scope,
        settings.allowed_origins,
        settings.time_zone,
        settings.consent_policy::text,
        settings.honour_gpc,
        settings.honour_dnt,
        encode(tokens.api_token_hk, 'hex')
    FROM auth.api_token_s AS tokens
    JOIN auth.tenant_h AS tenants ON tenants.tenant_hk = tokens.tenant_hk
    LEFT JOIN LATERAL (
        SELECT
            versions.allowed_origins,
            versions.time_zone,
            versions.consent_policy,
            versions.honour_gpc,
            versions.honour_dnt
        FROM auth.tenant_site_tracking_s AS versions
        WHERE versions.tenant_hk = tokens.tenant_hk
        ORDER BY versions.load_date DESC
        LIMIT 1
    ) AS settings ON true
    WHERE tokens.token_hash = key_hash
        AND tokens.token_type = 'API_KEY'
        AND NOT tokens.is_revoked
        AND tokens.expires_at > now()
        AND cardinality(auth.site_tracking_tenants_named(tenants.tenant_bk)) = 1
        AND NOT EXISTS (
            SELECT FROM auth.api_token_s AS later
            WHERE later.api_token_hk = tokens.api_token_hk AND later.load_date > tokens.load_date);
END
$body$;
COMMENT ON FUNCTION auth.site_tracking_key(bytea)
IS 'What the key with this SHA-256 opens now; no row where it opens nothing. For the collector.';

CREATE OR REPLACE FUNCTION auth.site_tracking_ask_by(key_id text)
RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
BEGIN
    PERFORM set_config('site_tracking.key_id', coalesce(key_id, ''), true);
    RETURN true;
END
$body$;
COMMENT ON FUNCTION auth.site_tracking_ask_by(text)
IS 'Says until the end of the transaction on behalf of which key the collector asks.';

CREATE OR REPLACE FUNCTION auth.site_tracking_asking()
RETURNS jsonb
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT CASE
        -- Of others it would be what they like to say.
        WHEN pg_has_role(session_user, 'site_tracking_collector', 'MEMBER') THEN
            jsonb_strip_nulls(jsonb_build_object(
                'api_token', nullif(current_setting('site_tracking.key_id', true), '')))
        ELSE '{}' END
$body$;
COMMENT ON FUNCTION auth.site_tracking_asking()
IS 'What the audit is told of whoever is behind the login: the key by which the collector asks, by its hash key as where it was made.';

CREATE OR REPLACE FUNCTION auth.site_tracking_turned_away(tenants text[], days date[], events bigint[])
RETURNS void
LANGUAGE sql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $body$
    INSERT INTO raw.site_tracking_turned_away_r AS totals (
        ledger_date, tenant_hk, event_count, load_date, record_source)
    SELECT counted.day, named.tenant_hk, sum(counted.events), clock_timestamp(), 'collector'
    FROM unnest(tenants, days, events) AS counted (tenant, day, events)
    JOIN auth.tenant_h AS named ON named.tenant_bk = counted.tenant
    GROUP BY counted.day, named.tenant_hk
    ORDER BY counted.day, named.tenant_hk
    ON CONFLICT (ledger_date, tenant_hk) DO UPDATE SET
        event_count = totals.event_count + excluded.event_count,
        load_date = excluded.load_date
$body$;
COMMENT ON FUNCTION auth.site_tracking_turned_away(text[], date[], bigint[])
IS 'Adds what a collector turned away as too much at once, by tenant and day, to the totals beside the ledger. For the collector.';

CREATE OR REPLACE FUNCTION auth.site_tracking_make_key(
    tenant text, key_name text, may text[] DEFAULT ARRAY['browser'], valid_days integer DEFAULT 3650
)
RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    named CONSTANT bytea := auth.site_tracking_one_tenant(tenant);
    secret CONSTANT text := 'st_' || replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '');
    key_hk bytea;
BEGIN
    IF coalesce(cardinality(may), 0) = 0 OR NOT may <@ ARRAY['browser', 'write', 'read', 'manage']
        OR valid_days < 1 THEN
        RAISE EXCEPTION 'a key may browser, write, read or manage, for at least one day'
            USING ERRCODE = 'ST013';
    END IF;
    key_hk := util.generate_tenant_derived_hk(named, 'site_tracking|' || key_name);
    INSERT INTO auth.api_token_h (api_token_hk, api_token_bk, tenant_hk, load_date, record_source)
    SELECT key_hk, 'site_tracking|' || key_name, named, now(), 'site_tracking'
    WHERE NOT EXISTS (SELECT FROM auth.api_token_h WHERE api_token_hk = key_hk);
    INSERT INTO auth.api_token_s (
        api_token_hk, load_date, hash_diff, token_hash, token_type, expires_at, is_revoked, scope, tenant_hk,
        record_source)
    SELECT key_hk, clock_timestamp(), sha256(convert_to(secret, 'UTF8')), sha256(convert_to(secret, 'UTF8')),
        'API_KEY', now() + make_interval(days => valid_days), false,
        ARRAY(SELECT 'site_tracking:' || word FROM unnest(may) AS word ORDER BY 1), named, 'site_tracking';
    PERFORM util.log_audit_event(
        'SITE_TRACKING_KEY_MADE', 'api_token', encode(key_hk, 'hex'), session_user::text,
        jsonb_build_object('tenant', tenant, 'key_name', key_name, 'may', may));
    RETURN secret;
END
$body$;
COMMENT ON FUNCTION auth.site_tracking_make_key(text, text, text[], integer)
IS 'Makes a key of a tenant for the collector, in place of one of the same name, and tells it this once. It may write from browsers (browser; such a key is public), from servers (write), read, or change the tenant''s settings (manage). For administrators. Errors: ST013, ST409.';

CREATE OR REPLACE FUNCTION auth.site_tracking_keys(tenant text DEFAULT NULL)
RETURNS TABLE (
    tenant_bk text,
    key_name text,
    scope text[],
    made_at timestamptz,
    expires_at timestamptz,
    is_revoked boolean
)
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT tenants.tenant_bk::text, substr(hub.api_token_bk, 15), newest.scope, newest.load_date, newest.expires_at,
        newest.is_revoked
    FROM auth.api_token_h AS hub
    JOIN auth.tenant_h AS tenants USING (tenant_hk)
    CROSS JOIN LATERAL (
        SELECT versions.*
        FROM auth.api_token_s AS versions
        WHERE versions.api_token_hk = hub.api_token_hk
        ORDER BY versions.load_date DESC
        LIMIT 1
    ) AS newest
    WHERE hub.api_token_bk LIKE 'site\_tracking|%'
        AND (tenant IS NULL OR tenants.tenant_bk = tenant)
    ORDER BY 1, 2;
END
$body$;
COMMENT ON FUNCTION auth.site_tracking_keys(text)
IS 'The collector''s keys of a tenant, or of all, without the keys themselves. For administrators.';

CREATE OR REPLACE FUNCTION auth.site_tracking_revoke_key(tenant text, key_name text)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    key_hk bytea;
BEGIN
    INSERT INTO auth.api_token_s (
        api_token_hk, load_date, hash_diff, token_hash, token_type, expires_at, is_revoked, scope, tenant_hk,
        record_source)
    SELECT versions.api_token_hk, clock_timestamp(), versions.hash_diff, versions.token_hash, versions.token_type,
        versions.expires_at, true, versions.scope, versions.tenant_hk, 'site_tracking'
    FROM auth.api_token_s AS versions
    JOIN auth.api_token_h AS hub USING (api_token_hk)
    JOIN auth.tenant_h AS tenants ON tenants.tenant_hk = hub.tenant_hk
    WHERE tenants.tenant_bk = tenant AND hub.api_token_bk = 'site_tracking|' || key_name
    ORDER BY versions.load_date DESC
    LIMIT 1
    RETURNING api_token_hk INTO key_hk;
    IF key_hk IS NULL THEN
        RAISE EXCEPTION 'no key of this name: %', key_name
            USING ERRCODE = 'ST013', HINT = 'auth.site_tracking_keys lists them.';
    END IF;
    PERFORM util.log_audit_event(
        'SITE_TRACKING_KEY_REVOKED', 'api_token', encode(key_hk, 'hex'), session_user::text,
        jsonb_build_object('tenant', tenant, 'key_name', key_name));
END
$body$;
COMMENT ON FUNCTION auth.site_tracking_revoke_key(text, text)
IS 'Withdraws a key; collectors refuse it within a minute. For administrators. Errors: ST013.';

CALL raw.site_tracking_own_routines();
GRANT EXECUTE ON FUNCTION auth.site_tracking_bound_tenant() TO site_tracking_analyst;
GRANT EXECUTE ON FUNCTION
    auth.site_tracking_salts(date[], bytea[], text),
    raw.site_tracking_keep_values(bytea[], text[], bytea[], bigint[], date[]),
    raw.site_tracking_ensure_partitions(date, date)
TO site_tracking_loader;
GRANT EXECUTE ON FUNCTION
    raw.site_tracking_partitioned_tables(),
    raw.site_tracking_missing_partitions(date, date),
    raw.site_tracking_hold_partitions(text[], date),
    raw.site_tracking_drop_partitions(text[], date)
TO site_tracking_owner;
GRANT EXECUTE ON FUNCTION
    auth.site_tracking_key(bytea),
    auth.site_tracking_ask_by(text),
    auth.site_tracking_turned_away(text[], date[], bigint[])
TO site_tracking_collector;

COMMIT;
