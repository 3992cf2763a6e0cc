-- Purpose: what a reprocess does in the database. History is built anew in shadow tables beside those of
-- production, compared with these, and exchanged with them. Applied by migrate --shadow, which then calls
-- raw.site_tracking_reprocess_create; run after 06, as the role that ran the numbered scripts.
--
-- The shadow of schema business is business_shadow, as of raw and staging; what was production's before the
-- exchange lies in business_former. Tables, views and routines move with their names, indexes, policies and
-- grants. A routine is text that names others: it moves, too, and its text is written anew.
--
-- Errors: ST015 older scripts, ST020 a shadow is there, ST021 nothing there to do this with, ST022 the shadow
-- is not as production, ST023 too many tables for the server's locks, ST024 something of others depends on
-- the tables, ST025 locks were not to be had. Whatever the error, nothing is changed.

BEGIN;

DO $lock$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('site_tracking', 0));
    IF to_regclass('raw.site_tracking_reprocess_r') IS NULL THEN
        RAISE EXCEPTION 'the numbered scripts of this version are not applied here'
            USING ERRCODE = 'ST015', HINT = 'Run migrate without --shadow first.';
    END IF;
END
$lock$;

-- -------------------------------------------------------------------------------- what is shadowed

-- Of business and staging all tables of ours, which one policy tells; of raw what a reprocess writes. Not
-- shadowed is what holds for every run: tenants, outbox, decisions about values and times of events, runs,
-- retention, signs of life. Views follow from the tables, routines from the names in their texts.
CREATE OR REPLACE FUNCTION raw.site_tracking_reprocess_objects(suffix text)
RETURNS TABLE (
    kind text,
    id oid,
    layer text,
    name text,
    place integer
)
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    WITH RECURSIVE tables AS (
        SELECT c.oid
        FROM pg_class AS c
        WHERE c.relkind IN ('r', 'p')
            AND NOT c.relispartition
            AND (c.relnamespace IN (
                    to_regnamespace('staging' || suffix), to_regnamespace('business' || suffix))
                    AND EXISTS (
                        SELECT FROM pg_policy
                        WHERE polrelid = c.oid AND polname = 'site_tracking_programs')
                OR c.oid IN (
                    to_regclass(format('raw%s.site_tracking_events_r', suffix)),
                    to_regclass(format('raw%s.site_tracking_ledger_r', suffix))))
    ),
    partitions AS (
        SELECT tree.relid::oid AS oid, tree.level
        FROM tables
        CROSS JOIN LATERAL (
            -- Knows nothing of what has no partitions.
            SELECT tables.oid::regclass AS relid, 0 AS level
            UNION
            SELECT relid, level FROM pg_partition_tree(tables.oid)
        ) AS tree
    ),
    views AS (
        SELECT rules.ev_class AS oid, 1 AS level
        FROM tables
        JOIN pg_depend AS needs ON needs.refobjid = tables.oid
            AND needs.refclassid = 'pg_class'::regclass AND needs.classid = 'pg_rewrite'::regclass
        JOIN pg_rewrite AS rules ON rules.oid = needs.objid
        UNION
        SELECT rules.ev_class, views.level + 1
        FROM views
        JOIN pg_depend AS needs ON needs.refobjid = views.oid
            AND needs.refclassid = 'pg_class'::regclass AND needs.classid = 'pg_rewrite'::regclass
        JOIN pg_rewrite AS rules ON rules.oid = needs.objid AND rules.ev_class <> views.oid
    ),
    relations AS (
        SELECT 'table' AS kind, oid, level FROM partitions
        UNION ALL
        SELECT 'view', oid, 10 + max(level) FROM views GROUP BY oid
    ),
    named AS (
        SELECT relations.kind, relations.oid, nspname::text AS layer, relname::text AS name, relations.level
        FROM relations
        JOIN pg_class AS c ON c.oid = relations.oid
        JOIN pg_namespace AS n ON n.oid = c.relnamespace
    ),
    mentions AS MATERIALIZED (
        SELECT DISTINCT p.oid, n.nspname || '.' || p.proname AS name, found[1] AS mention
        FROM pg_proc AS p
        JOIN pg_namespace AS n ON n.oid = p.pronamespace
        CROSS JOIN LATERAL regexp_matches(
            pg_get_functiondef(p.oid), '\m(?:raw|staging|business)' || suffix || '\.\w+', 'g') AS found
        WHERE n.nspname IN ('raw' || suffix, 'staging' || suffix, 'business' || suffix)
            AND p.prokind IN ('f', 'p')
            AND p.proname LIKE 'site\_%'
            -- The first ones speak of both; when an event occurred is decided once for both.
            AND p.proname NOT LIKE 'site\_tracking\_reprocess%'
            AND p.proname <> 'site_tracking_keep_event_times'
    ),
    reached AS (
        SELECT named.layer || '.' || named.name AS name
        FROM named
        UNION
        SELECT mentions.name
        FROM reached
        JOIN mentions ON mentions.mention = reached.name
    )
    SELECT named.kind, named.oid, named.layer, named.name, named.level
    FROM named
    UNION ALL
    SELECT 'routine', p.oid, n.nspname, p.proname, 5
    FROM (
        SELECT DISTINCT mentions.oid
        FROM mentions
        JOIN reached ON reached.name = mentions.name
    ) AS routines
    JOIN pg_proc AS p ON p.oid = routines.oid
    JOIN pg_namespace AS n ON n.oid = p.pronamespace
$body$;
COMMENT ON FUNCTION raw.site_tracking_reprocess_objects(text)
IS 'What a reprocess makes anew: of production by suffix '''', of the shadow by _shadow, of what was before by _former; place is the order in which it can be made.';

CREATE OR REPLACE FUNCTION raw.site_tracking_reprocess_text(
    definition text, names text[], from_suffix text, to_suffix text
)
RETURNS text
LANGUAGE sql
IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT regexp_replace(
        definition,
        format('\m(raw|staging|business)%s\.(%s)\M', from_suffix, array_to_string(names, '|')),
        format('\1%s.\2', to_suffix), 'g')
$body$;
COMMENT ON FUNCTION raw.site_tracking_reprocess_text(text, text[], text, text)
IS 'A definition that names the given objects in other schemas.';

-- ------------------------------------------------------------------------------------- the shadow

CREATE OR REPLACE PROCEDURE raw.site_tracking_reprocess_grant(
    what text, acl aclitem[], owner oid, target text, columns text DEFAULT ''
)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    given record;
BEGIN
    FOR given IN
        SELECT privilege_type, CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END AS name
        FROM aclexplode(acl)
        WHERE grantee <> owner
    LOOP
        EXECUTE format('GRANT %s%s ON %s %s TO %s', given.privilege_type, columns, what, target, given.name);
    END LOOP;
END
$body$;
COMMENT ON PROCEDURE raw.site_tracking_reprocess_grant(text, aclitem[], oid, text, text)
IS 'Grants an object what a list of privileges says of another.';

CREATE OR REPLACE PROCEDURE raw.site_tracking_reprocess_partition(source oid, target text)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    part record;
BEGIN
    FOR part IN
        SELECT
            c.relname AS name,
            pg_get_expr(c.relpartbound, c.oid) AS bound,
            ' WITH (' || array_to_string(c.reloptions, ', ') || ')' AS options,
            c.relrowsecurity,
            split_part(target, '.', 1) AS in_schema
        FROM pg_inherits
        JOIN pg_class AS c ON c.oid = inhrelid
        WHERE inhparent = source
        -- Days need the default partition.
        ORDER BY c.relname ~ '_p[0-9]{8}$', c.relname
    LOOP
        IF part.name ~ '_p[0-9]{8}$' THEN
            PERFORM raw.site_tracking_create_partition(
                part.in_schema, split_part(target, '.', 2), to_date(right(part.name, 8), 'YYYYMMDD'));
        ELSE
            EXECUTE format('CREATE TABLE %s.%I PARTITION OF %s %s%s',
                part.in_schema, part.name, target, part.bound, part.options);
            CALL raw.site_tracking_close_table(format('%s.%I', part.in_schema, part.name)::regclass);
            IF part.relrowsecurity THEN
                EXECUTE format('ALTER TABLE %s.%I ENABLE ROW LEVEL SECURITY', part.in_schema, part.name);
            END IF;
        END IF;
    END LOOP;
END
$body$;
COMMENT ON PROCEDURE raw.site_tracking_reprocess_partition(oid, text)
IS 'Makes the partitions that another table has.';

CREATE OR REPLACE PROCEDURE raw.site_tracking_reprocess_table(source oid, target text)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    original CONSTANT pg_class := (SELECT c FROM pg_class AS c WHERE oid = source);
    part record;
BEGIN
    EXECUTE format('CREATE TABLE %s (LIKE %s INCLUDING ALL EXCLUDING INDEXES)%s%s', target, source::regclass,
        ' PARTITION BY ' || pg_get_partkeydef(source), ' WITH (' || array_to_string(original.reloptions, ', ') || ')');
    CALL raw.site_tracking_close_table(target::regclass);
    FOR part IN
        SELECT format('ALTER TABLE %s ADD CONSTRAINT %I %s', target, conname, pg_get_constraintdef(oid)) AS made
        FROM pg_constraint
        WHERE conrelid = source AND contype IN ('p', 'u')
        UNION ALL
        SELECT regexp_replace(pg_get_indexdef(indexrelid), ' ON (ONLY )?\S+ USING ', format(' ON %s USING ', target))
        FROM pg_index
        WHERE indrelid = source AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
        UNION ALL
        SELECT format('COMMENT ON INDEX %I.%I IS %L', split_part(target, '.', 1), i.relname,
            obj_description(i.oid, 'pg_class'))
        FROM pg_index
        JOIN pg_class AS i ON i.oid = indexrelid
        WHERE indrelid = source AND obj_description(i.oid, 'pg_class') IS NOT NULL
        UNION ALL
        SELECT format('COMMENT ON TABLE %s IS %L', target, obj_description(source, 'pg_class'))
        UNION ALL
        SELECT format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target)
        WHERE original.relrowsecurity
        UNION ALL
        SELECT format('CREATE POLICY %I ON %s AS %s FOR %s TO %s%s%s', policyname, target, permissive, cmd,
            (SELECT string_agg(quote_ident(role), ', ') FROM unnest(roles) AS role),
            ' USING (' || qual || ')', ' WITH CHECK (' || with_check || ')')
        FROM pg_policies
        WHERE format('%I.%I', schemaname, tablename)::regclass = source
    LOOP
        EXECUTE part.made;
    END LOOP;
    EXECUTE format('ALTER TABLE %s OWNER TO %I', target, pg_get_userbyid(original.relowner));
    CALL raw.site_tracking_reprocess_grant('TABLE', original.relacl, original.relowner, target);
    FOR part IN SELECT attname, attacl FROM pg_attribute WHERE attrelid = source AND attacl IS NOT NULL LOOP
        CALL raw.site_tracking_reprocess_grant(
            'TABLE', part.attacl, original.relowner, target, format(' (%I)', part.attname));
    END LOOP;
    CALL raw.site_tracking_reprocess_partition(source, target);
END
$body$;
COMMENT ON PROCEDURE raw.site_tracking_reprocess_table(oid, text)
IS 'Makes an empty table as another one is: columns, keys, indexes, partitions, policies, grants, comments.';

CREATE OR REPLACE PROCEDURE raw.site_tracking_reprocess_view(source oid, target text, names text[])
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    original CONSTANT pg_class := (SELECT c FROM pg_class AS c WHERE oid = source);
    part record;
BEGIN
    EXECUTE format('CREATE VIEW %s%s AS %s', target, ' WITH (' || array_to_string(original.reloptions, ', ') || ')',
        raw.site_tracking_reprocess_text(pg_get_viewdef(source), names, '', '_shadow'));
    CALL raw.site_tracking_close_table(target::regclass);
    FOR part IN
        SELECT CASE objsubid
            WHEN 0 THEN format('COMMENT ON VIEW %s IS %L', target, description)
            ELSE format('COMMENT ON COLUMN %s.%I IS %L', target, attname, description) END AS made
        FROM pg_description
        LEFT JOIN pg_attribute ON attrelid = objoid AND attnum = objsubid AND objsubid > 0
        WHERE objoid = source AND classoid = 'pg_class'::regclass
    LOOP
        EXECUTE part.made;
    END LOOP;
    EXECUTE format('ALTER VIEW %s OWNER TO %I', target, pg_get_userbyid(original.relowner));
    CALL raw.site_tracking_reprocess_grant('TABLE', original.relacl, original.relowner, target);
END
$body$;
COMMENT ON PROCEDURE raw.site_tracking_reprocess_view(oid, text, text[])
IS 'Makes a view of the shadow as one of production is.';

CREATE OR REPLACE PROCEDURE raw.site_tracking_reprocess_routine(source oid, names text[])
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    original CONSTANT pg_proc := (SELECT p FROM pg_proc AS p WHERE oid = source);
    target CONSTANT text := raw.site_tracking_reprocess_text(source::regprocedure::text, names, '', '_shadow');
    stranger text;
BEGIN
    EXECUTE raw.site_tracking_reprocess_text(pg_get_functiondef(source), names, '', '_shadow');
    EXECUTE format('COMMENT ON ROUTINE %s IS %L', target, obj_description(source, 'pg_proc'));
    EXECUTE format('ALTER ROUTINE %s OWNER TO %I', target, pg_get_userbyid(original.proowner));
    FOR stranger IN
        SELECT raw.site_tracking_strangers(proowner, coalesce(proacl, acldefault('f', proowner)))
        FROM pg_proc
        WHERE oid = target::regprocedure
    LOOP
        EXECUTE format('REVOKE ALL ON ROUTINE %s FROM %s CASCADE', target, stranger);
    END LOOP;
    CALL raw.site_tracking_reprocess_grant('ROUTINE', original.proacl, original.proowner, target);
END
$body$;
COMMENT ON PROCEDURE raw.site_tracking_reprocess_routine(oid, text[])
IS 'Makes a routine of the shadow as one of production is.';

CREATE OR REPLACE PROCEDURE raw.site_tracking_reprocess_schemas(suffix text)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    layer record;
BEGIN
    FOR layer IN
        SELECT
            nspname,
            nspname || suffix AS name,
            nspowner,
            -- Nobody is to read by mistake what is not production; analysts may compare.
            ARRAY(
                SELECT makeaclitem(grantee, nspowner, 'USAGE', false)
                FROM aclexplode(nspacl)
                WHERE privilege_type = 'USAGE' AND grantee IN (
                    'site_tracking_owner'::regrole, 'site_tracking_loader'::regrole,
                    'site_tracking_analyst'::regrole)) AS acl
        FROM pg_namespace
        WHERE nspname IN ('raw', 'staging', 'business') AND to_regnamespace(nspname || suffix) IS NULL
    LOOP
        EXECUTE format('CREATE SCHEMA %I', layer.name);
        EXECUTE format('COMMENT ON SCHEMA %I IS %L', layer.name, format(
            CASE suffix
                WHEN '_shadow' THEN 'Site tracking: what a reprocess makes of schema %s.'
                ELSE 'Site tracking: what was in schema %s before a reprocess.' END, layer.nspname));
        CALL raw.site_tracking_reprocess_grant('SCHEMA', layer.acl, layer.nspowner, quote_ident(layer.name));
    END LOOP;
END
$body$;
COMMENT ON PROCEDURE raw.site_tracking_reprocess_schemas(text)
IS 'Makes the schemas of the shadow, or of what was before, where they are missing.';

-- A partition of a day is moved with its table, the tables of the event grain have one each.
CREATE OR REPLACE PROCEDURE raw.site_tracking_reprocess_check_locks(per_table integer)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    room CONSTANT bigint := current_setting('max_locks_per_transaction')::bigint
        * current_setting('max_connections')::bigint / 2;
    wanted CONSTANT bigint := (
        SELECT per_table * count(*) FROM raw.site_tracking_reprocess_objects('') WHERE kind = 'table');
BEGIN
    IF wanted > room THEN
        RAISE EXCEPTION 'this takes % locks, and a transaction may take % on this server', wanted, room
            USING ERRCODE = 'ST023',
                HINT = 'Raise max_locks_per_transaction, restart the server, and start again.';
    END IF;
END
$body$;
COMMENT ON PROCEDURE raw.site_tracking_reprocess_check_locks(integer)
IS 'Raises ST023 where a transaction with so many locks for each table of production would take more than half of the server''s lock table.';

CREATE OR REPLACE PROCEDURE raw.site_tracking_reprocess_check_others(suffix text)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    foreign_views text;
BEGIN
    SELECT string_agg(id::regclass::text, ', ' ORDER BY id::regclass::text)
    INTO foreign_views
    FROM raw.site_tracking_reprocess_objects(suffix)
    WHERE kind = 'view'
        AND (name !~ '^(site|event_session|business_item)_'
            OR layer NOT IN ('raw' || suffix, 'staging' || suffix, 'business' || suffix));
    IF foreign_views IS NOT NULL THEN
        RAISE EXCEPTION 'views of others stand on tables of site tracking: %', foreign_views
            USING ERRCODE = 'ST024',
                HINT = 'They would go on reading the former tables. Drop them, and make them again after the switch.';
    END IF;
END
$body$;
COMMENT ON PROCEDURE raw.site_tracking_reprocess_check_others(text)
IS 'Raises ST024 where a view that is not of site tracking stands on tables that a switch exchanges.';

CREATE OR REPLACE FUNCTION raw.site_tracking_reprocess_run(VARIADIC states text[] DEFAULT '{}')
RETURNS raw.site_tracking_reprocess_r
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    run raw.site_tracking_reprocess_r;
BEGIN
    SELECT * INTO run FROM raw.site_tracking_reprocess_r ORDER BY state = 'DROPPED', load_date DESC LIMIT 1;
    IF cardinality(states) > 0 AND run.state = ANY (states) IS NOT TRUE THEN
        RAISE EXCEPTION 'the reprocess is %, and must be % for this',
            coalesce(run.state, 'missing'), array_to_string(states, ' or ')
            USING ERRCODE = 'ST021', HINT = 'raw.site_tracking_reprocess_r tells of it.';
    END IF;
    RETURN run;
END
$body$;
COMMENT ON FUNCTION raw.site_tracking_reprocess_run(text[])
IS 'The reprocess that is not over, or else the last one; raises ST021 unless it is in one of the given states.';

-- Of the job's writers none knows of the shadow, so that it is made without hindering them.
CREATE OR REPLACE PROCEDURE raw.site_tracking_reprocess_create(source text DEFAULT 'site-tracker reprocess')
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET check_function_bodies = off
AS $body$
DECLARE
    names text[];
    object record;
    last CONSTANT raw.site_tracking_reprocess_r := raw.site_tracking_reprocess_run();
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('site_tracking', 0));
    IF last.state <> 'DROPPED' OR to_regnamespace('business_shadow') IS NOT NULL
        OR to_regnamespace('business_former') IS NOT NULL THEN
        RAISE EXCEPTION 'a reprocess is there, in state %', last.state
            USING ERRCODE = 'ST020', HINT = 'End it first: reprocess drop.';
    END IF;
    CALL raw.site_tracking_reprocess_check_others('');
    CALL raw.site_tracking_reprocess_check_locks(5);
    CALL raw.site_tracking_reprocess_schemas('_shadow');
    GRANT CREATE ON SCHEMA raw_shadow, business_shadow TO site_tracking_owner;
    SELECT array_agg(DISTINCT name) INTO names FROM raw.site_tracking_reprocess_objects('');
    FOR object IN
        SELECT *, format('%I.%I', layer || '_shadow', name) AS target
        FROM raw.site_tracking_reprocess_objects('')
        WHERE kind <> 'table' OR place = 0
        ORDER BY place, id
    LOOP
        CASE object.kind
            WHEN 'table' THEN CALL raw.site_tracking_reprocess_table(object.id, object.target);
            WHEN 'view' THEN CALL raw.site_tracking_reprocess_view(object.id, object.target, names);
            WHEN 'routine' THEN CALL raw.site_tracking_reprocess_routine(object.id, names);
        END CASE;
    END LOOP;
    REVOKE CREATE ON SCHEMA raw_shadow, business_shadow FROM site_tracking_owner;
    -- What became of each event is known already; who follows the live job counts on.
    INSERT INTO raw_shadow.site_tracking_ledger_r SELECT * FROM raw.site_tracking_ledger_r;
    INSERT INTO raw.site_tracking_reprocess_r (reprocess_id, state, changed_at, load_date, record_source)
    VALUES (to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYYMMDD"T"HH24MISSUS'), 'PREPARED', now(), now(), source);
END
$body$;
COMMENT ON PROCEDURE raw.site_tracking_reprocess_create(text)
IS 'Makes the shadow of all tables, views and routines that a reprocess writes or reads, empty but for the ledger, and notes a reprocess with its record_source. For administrators. Errors: ST020, ST023, ST024.';

CREATE OR REPLACE FUNCTION raw.site_tracking_reprocess_note(details jsonb)
RETURNS raw.site_tracking_reprocess_r
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    run raw.site_tracking_reprocess_r := raw.site_tracking_reprocess_run(
        'PREPARED', 'BUILDING', 'BUILT', 'FOLLOWING', 'SWITCHED', 'MERGED', 'UNDONE');
BEGIN
    IF details ->> 'state' NOT IN ('BUILDING', 'BUILT', 'FOLLOWING')
        OR details ? 'state' AND run.state IN ('SWITCHED', 'MERGED') THEN
        RAISE EXCEPTION 'the reprocess is %, and does not become % so', run.state, details ->> 'state'
            USING ERRCODE = 'ST021';
    END IF;
    run := jsonb_populate_record(run, details
        - ARRAY['reprocess_id', 'load_date', 'changed_at'] || jsonb_build_object('counts', run.counts || coalesce(details -> 'counts', '{}')));
    UPDATE raw.site_tracking_reprocess_r
    SET state = run.state, savepoint = run.savepoint, tenant_bks = run.tenant_bks, from_at = run.from_at,
        to_at = run.to_at, settled_before = run.settled_before, settings = run.settings, counts = run.counts,
        live_job = run.live_job, shadow_job = run.shadow_job, live_savepoint = run.live_savepoint,
        shadow_savepoint = run.shadow_savepoint, record_source = run.record_source,
        changed_at = clock_timestamp()
    WHERE reprocess_id = run.reprocess_id
    RETURNING * INTO run;
    RETURN run;
END
$body$;
COMMENT ON FUNCTION raw.site_tracking_reprocess_note(jsonb)
IS 'Notes how far the reprocess is, by columns of raw.site_tracking_reprocess_r; counts are added to those noted before. state may become BUILDING, BUILT or FOLLOWING so. For administrators. Errors: ST021.';

-- ----------------------------------------------------------------------------- switch, undo, drop

CREATE OR REPLACE FUNCTION raw.site_tracking_reprocess_differences(suffix text)
RETURNS SETOF text
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    WITH names AS (
        SELECT array_agg(DISTINCT name) AS listed FROM raw.site_tracking_reprocess_objects('')
    ),
    described AS (
        SELECT
            sides.suffix,
            objects.kind,
            replace(objects.layer, sides.suffix, '') || '.' || objects.name AS name,
            CASE objects.kind
                WHEN 'routine' THEN md5(raw.site_tracking_reprocess_text(
                    pg_get_functiondef(objects.id), names.listed, sides.suffix, ''))
                WHEN 'view' THEN md5(raw.site_tracking_reprocess_text(
                    pg_get_viewdef(objects.id), names.listed, sides.suffix, ''))
                ELSE (
                    SELECT string_agg(part || ' ' || shape.description, ', ' ORDER BY part)
                    FROM raw.site_tracking_table_shape(objects.id) AS shape)
            END AS made
        FROM names
        CROSS JOIN (VALUES (''), (suffix)) AS sides (suffix)
        CROSS JOIN LATERAL raw.site_tracking_reprocess_objects(sides.suffix) AS objects
        WHERE objects.kind <> 'table' OR objects.place = 0
    )
    SELECT DISTINCT kind || ' ' || name
    FROM (
        SELECT kind, name, made, count(*) AS number
        FROM described
        GROUP BY kind, name, made
    ) AS compared
    WHERE number % 2 = 1
$body$;
COMMENT ON FUNCTION raw.site_tracking_reprocess_differences(text)
IS 'Tables, views and routines that are not in the schemas with this suffix what they are in production: scripts of another version were applied meanwhile.';

-- Each try gives up before deadlock_timeout, a second as a rule, so that it is never a reader who is
-- cancelled; and after it those who waited behind us go first.
CREATE OR REPLACE PROCEDURE raw.site_tracking_reprocess_lock(targets text[])
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET lock_timeout = 0
AS $body$
DECLARE
    most_tries CONSTANT integer := 60;
    target text;
    until timestamptz;
BEGIN
    FOR try IN 1..most_tries LOOP
        BEGIN
            until := clock_timestamp() + INTERVAL '750 milliseconds';
            FOREACH target IN ARRAY targets LOOP
                PERFORM set_config('lock_timeout', greatest(
                    1, extract(milliseconds FROM until - clock_timestamp())::integer)::text, true);
                EXECUTE format('LOCK TABLE ONLY %s IN ACCESS EXCLUSIVE MODE', target);
            END LOOP;
            RETURN;
        EXCEPTION
            WHEN lock_not_available THEN
                PERFORM pg_sleep(0.25);
        END;
    END LOOP;
    RAISE EXCEPTION 'somebody uses % all the time', target
        USING ERRCODE = 'ST025', HINT = 'pg_stat_activity tells who. Nothing was changed: start again.';
END
$body$;
COMMENT ON PROCEDURE raw.site_tracking_reprocess_lock(text[])
IS 'Locks tables and views for the end of the transaction, all or none of them at a time, so that readers wait for less than a second behind it. Errors: ST025.';

-- The names are exchanged by moving everything. What the routines will be is written before the locks
-- are taken; their owners, grants and comments stay theirs.
CREATE OR REPLACE PROCEDURE raw.site_tracking_reprocess_exchange(out_suffix text, in_suffix text)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET check_function_bodies = off
AS $body$
DECLARE
    different CONSTANT text := (
        SELECT string_agg(object, ', ') FROM raw.site_tracking_reprocess_differences(in_suffix) AS object);
    names CONSTANT text[] := ARRAY(SELECT DISTINCT name FROM raw.site_tracking_reprocess_objects(''));
    relations CONSTANT text[] := ARRAY(
        SELECT id::regclass::text
        FROM (VALUES (''), (in_suffix)) AS sides (suffix)
        CROSS JOIN LATERAL raw.site_tracking_reprocess_objects(sides.suffix)
        WHERE kind <> 'routine'
        ORDER BY place, 1);
    moves text[];
    routines oid[];
    texts text[];
    move text;
BEGIN
    CALL raw.site_tracking_reprocess_check_others('');
    IF different IS NOT NULL THEN
        RAISE EXCEPTION 'the shadow is not as production: %', different
            USING ERRCODE = 'ST022', HINT = 'Scripts of another version were applied. Drop it and build it anew.';
    END IF;
    CALL raw.site_tracking_reprocess_check_locks(2);
    CALL raw.site_tracking_reprocess_schemas(out_suffix);
    SELECT
        array_agg(format('ALTER %s %s SET SCHEMA %I', upper(kind), id::regclass, regexp_replace(
            layer, sides.from_suffix || '$', sides.to_suffix)) ORDER BY sides.number, place)
            FILTER (WHERE kind <> 'routine'),
        array_agg(id ORDER BY sides.number) FILTER (WHERE kind = 'routine'),
        array_agg(raw.site_tracking_reprocess_text(
            pg_get_functiondef(id), names, sides.from_suffix, sides.to_suffix) ORDER BY sides.number)
            FILTER (WHERE kind = 'routine')
    INTO moves, routines, texts
    FROM (VALUES (1, '', out_suffix), (2, in_suffix, '')) AS sides (number, from_suffix, to_suffix)
    CROSS JOIN LATERAL raw.site_tracking_reprocess_objects(sides.from_suffix);

    CALL raw.site_tracking_reprocess_lock(relations);
    FOREACH move IN ARRAY moves LOOP
        EXECUTE move;
    END LOOP;
    -- Their argument types have moved already.
    FOR place IN 1..cardinality(routines) LOOP
        EXECUTE format('ALTER ROUTINE %s SET SCHEMA %s', routines[place]::regprocedure,
            substring(texts[place] FROM 'CREATE OR REPLACE (?:FUNCTION|PROCEDURE) (\w+)\.'));
    END LOOP;
    FOREACH move IN ARRAY texts LOOP
        EXECUTE move;
    END LOOP;
END
$body$;
COMMENT ON PROCEDURE raw.site_tracking_reprocess_exchange(text, text)
IS 'Moves what is production''s to the schemas with one suffix, and what is in those with the other one to production. Errors: ST022, ST023, ST024, ST025.';

CREATE OR REPLACE PROCEDURE raw.site_tracking_reprocess_switch()
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    run CONSTANT raw.site_tracking_reprocess_r := raw.site_tracking_reprocess_run('BUILT', 'FOLLOWING', 'UNDONE');
BEGIN
    IF run.tenant_bks IS NOT NULL OR run.from_at IS NOT NULL OR run.to_at IS NOT NULL THEN
        RAISE EXCEPTION 'a reprocess of some tenants or days is merged, not switched to'
            USING ERRCODE = 'ST021', HINT = 'CALL raw.site_tracking_reprocess_merge(tenant).';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('site_tracking', 0));
    CALL raw.site_tracking_reprocess_exchange('_former', '_shadow');
    UPDATE raw.site_tracking_reprocess_r
    SET state = 'SWITCHED', changed_at = clock_timestamp()
    WHERE reprocess_id = run.reprocess_id;
END
$body$;
COMMENT ON PROCEDURE raw.site_tracking_reprocess_switch()
IS 'Makes the shadow production, with what production alone holds carried over, and keeps what was production for an undo. No job may write meanwhile; readers see all of the one or all of the other. For administrators. Errors: ST021, ST022, ST023, ST024, ST025.';

CREATE OR REPLACE PROCEDURE raw.site_tracking_reprocess_undo()
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    run CONSTANT raw.site_tracking_reprocess_r := raw.site_tracking_reprocess_run('SWITCHED');
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('site_tracking', 0));
    CALL raw.site_tracking_reprocess_exchange('_shadow', '_former');
    UPDATE raw.site_tracking_reprocess_r
    SET state = 'UNDONE', changed_at = clock_timestamp()
    WHERE reprocess_id = run.reprocess_id;
END
$body$;
COMMENT ON PROCEDURE raw.site_tracking_reprocess_undo()
IS 'Makes the former tables production again, as they were at the switch; the live job, started from the savepoint that it was stopped with, brings what came since. For administrators. Errors: ST021, ST022, ST023, ST024, ST025.';

CREATE OR REPLACE FUNCTION raw.site_tracking_reprocess_drop(most_tables integer DEFAULT 100)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET client_min_messages = warning
AS $body$
DECLARE
    run CONSTANT raw.site_tracking_reprocess_r := raw.site_tracking_reprocess_run();
    suffix CONSTANT text := CASE WHEN to_regnamespace('business_former') IS NULL
        OR run.state = 'UNDONE' THEN '_shadow' ELSE '_former' END;
    target record;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('site_tracking', 0));
    IF to_regnamespace('business_former') IS NULL AND to_regnamespace('business_shadow') IS NULL THEN
        RAISE EXCEPTION 'no shadow and no former tables are here' USING ERRCODE = 'ST021';
    END IF;
    UPDATE raw.site_tracking_reprocess_r
    SET state = 'DROPPED', changed_at = clock_timestamp()
    WHERE reprocess_id = run.reprocess_id AND state <> 'DROPPED';
    -- One transaction has not room for the locks of all.
    FOR target IN
        SELECT id::regclass AS name
        FROM raw.site_tracking_reprocess_objects(suffix)
        WHERE kind = 'table' AND place > 0
        ORDER BY 1
        LIMIT most_tables
    LOOP
        EXECUTE format('DROP TABLE %s', target.name);
    END LOOP;
    IF NOT FOUND THEN
        FOR target IN
            SELECT nspname FROM pg_namespace WHERE nspname ~ '^(raw|staging|business)_(shadow|former)$'
        LOOP
            EXECUTE format('DROP SCHEMA %I CASCADE', target.nspname);
        END LOOP;
        RETURN 0;
    END IF;
    RETURN (SELECT count(*) FROM raw.site_tracking_reprocess_objects(suffix) WHERE kind = 'table');
END
$body$;
COMMENT ON FUNCTION raw.site_tracking_reprocess_drop(integer)
IS 'Ends the reprocess and drops the shadow, or after a switch the former tables, at most so many at a time: call it in transactions of their own until it returns 0. For administrators. Errors: ST021.';

CALL raw.site_tracking_own_routines();

COMMIT;
