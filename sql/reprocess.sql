-- Purpose: what a reprocess does in the database. History is built anew in shadow tables beside those of
-- production, compared with these, and exchanged with them. Applied by migrate --shadow, which then calls
-- raw.site_tracking_reprocess_create; run after 07, as the role that ran the numbered scripts.
--
-- The shadow of schema business is business_shadow, as of raw and staging; what was production's before the
-- exchange lies in business_former. Tables, views and routines move with their names, indexes, policies and
-- grants. A routine is text that names others: it moves, too, and its text is written anew.
--
-- Errors: ST015 older scripts, ST020 a shadow is there, ST021 nothing there to do this with, ST022 the shadow
-- is not as production, ST023 too many tables for the server's locks, ST024 something of others depends on
-- the tables, ST025 somebody is in the way, or locks were not to be had. Whatever the error, nothing is changed.

BEGIN;

DO $lock$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('site_tracking', 0));
    IF to_regclass('raw.site_tracking_reprocess_r') IS NULL
        OR to_regprocedure('raw.site_tracking_may_remove()') IS NULL THEN
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
                    to_regclass(format('raw%s.site_tracking_ledger_r', suffix)),
                    to_regclass(format('raw%s.site_tracking_erased_r', suffix)),
                    to_regclass(format('raw%s.site_tracking_expired_r', suffix)),
                    to_regclass(format('raw%s.site_tracking_dissolved_r', suffix))))
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

-- No text names a partition.
CREATE OR REPLACE FUNCTION raw.site_tracking_reprocess_names()
RETURNS text[]
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT array_agg(DISTINCT name)
    FROM raw.site_tracking_reprocess_objects('')
    WHERE kind <> 'table' OR place = 0
$body$;
COMMENT ON FUNCTION raw.site_tracking_reprocess_names()
IS 'Names of tables, views and routines of production that a view or a routine may tell of.';

CREATE OR REPLACE FUNCTION raw.site_tracking_reprocess_text(
    definition text, names text[], from_suffix text, to_suffix text
)
RETURNS text
LANGUAGE sql
IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    -- A pattern of all names takes as long for each text as all else of an exchange: of those that it tells.
    SELECT CASE WHEN count(*) = 0 THEN definition ELSE regexp_replace(
        definition,
        format('\m(raw|staging|business)%s\.(%s)\M', from_suffix, string_agg(DISTINCT told[2], '|')),
        format('\1%s.\2', to_suffix), 'g') END
    FROM regexp_matches(definition, format('\m(raw|staging|business)%s\.(\w+)', from_suffix), 'g') AS told
    WHERE told[2] = ANY (names)
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
CREATE OR REPLACE PROCEDURE raw.site_tracking_reprocess_create(source text DEFAULT 'tracker reprocess')
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET check_function_bodies = off
AS $body$
DECLARE
    names CONSTANT text[] := raw.site_tracking_reprocess_names();
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
    SELECT id, 'PREPARED', now(), now(), source || ' ' || id
    FROM to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYYMMDD"T"HH24MISSUS') AS id;
END
$body$;
COMMENT ON PROCEDURE raw.site_tracking_reprocess_create(text)
IS 'Makes the shadow of all tables, views and routines that a reprocess writes or reads, empty but for the ledger, and notes a reprocess, whose record_source names source and run. For administrators. Errors: ST020, ST023, ST024.';

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

-- ------------------------------------------------------------------------- comparing and carrying

CREATE OR REPLACE FUNCTION raw.site_tracking_reprocess_settled(run raw.site_tracking_reprocess_r)
RETURNS timestamptz
LANGUAGE sql
IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT coalesce(
        run.settled_before, CASE WHEN run.shadow_job IS NULL THEN timestamptz 'infinity' ELSE '-infinity' END)
$body$;
COMMENT ON FUNCTION raw.site_tracking_reprocess_settled(raw.site_tracking_reprocess_r)
IS 'Sessions that ended before this changed no more when the reprocess began: all of them where nothing follows the live job.';

CREATE OR REPLACE FUNCTION raw.site_tracking_reprocess_passed(run raw.site_tracking_reprocess_r)
RETURNS timestamptz
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT greatest(
        raw.site_tracking_reprocess_settled(run),
        CASE WHEN run.shadow_job IS NOT NULL THEN (run.counts ->> 'settled_before')::timestamptz END)
$body$;
COMMENT ON FUNCTION raw.site_tracking_reprocess_passed(raw.site_tracking_reprocess_r)
IS 'Clients whose last session ended before this change none any more: where a second run follows, which has told all of them, in neither job, as settled_before in counts says. How far before the jobs'' time that is says farthest_ms.';

-- A row that this look may not have seen is of a transaction that was under way or came later: its xmin is not
-- before began. What the look itself writes is by. A server that was started anew may be another one.
CREATE OR REPLACE FUNCTION raw.site_tracking_reprocess_look()
RETURNS jsonb
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT jsonb_build_object(
        'began', pg_snapshot_xmin(pg_current_snapshot())::text,
        'by', pg_current_xact_id()::text,
        'server', extract(epoch FROM pg_postmaster_start_time()),
        'kept', (
            SELECT md5(string_agg(ROW(tenant_hk, layer, kept_from)::text, ' ' ORDER BY layer, tenant_hk))
            FROM raw.site_tracking_kept_r))
$body$;
COMMENT ON FUNCTION raw.site_tracking_reprocess_look()
IS 'What tells a later look at the tables which rows this one may not have seen, and whether it may go by that.';

-- Of all others the first look has said what it says. What the jobs have written since and what they could
-- still change then, the second run goes on with: it has the last word.
CREATE OR REPLACE PROCEDURE raw.site_tracking_reprocess_look_again(first_look jsonb)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET client_min_messages = warning
AS $body$
DECLARE
    most_age CONSTANT integer := age((first_look ->> 'began')::xid8::xid);
    of_look CONSTANT xid := (first_look ->> 'by')::xid8::xid;
BEGIN
    DROP TABLE IF EXISTS pg_temp.reprocess_looked;
    CREATE TEMPORARY TABLE reprocess_looked ON COMMIT DROP AS
    SELECT hk AS session_hk, at AS session_start
    FROM business_shadow.site_reprocess_rest
    WHERE kind = 'session'
    UNION
    SELECT session_hk, session_start
    FROM business.site_session_details_s
    WHERE age(xmin) <= most_age
    UNION
    SELECT session_hk, session_start
    FROM business_shadow.site_session_details_s
    WHERE age(xmin) <= most_age AND xmin <> of_look;
    ANALYZE pg_temp.reprocess_looked;
END
$body$;
COMMENT ON PROCEDURE raw.site_tracking_reprocess_look_again(jsonb)
IS 'Lists in the temporary table reprocess_looked the sessions of which the first look has not said the last.';

-- What both sides say of each session now, and what follows of it:
-- equal, changed, added, removed; untouched where no event of the session was reprocessed, or not all of
-- them, so that it stays; gone where it exists on neither side. Settled ones change no more.
CREATE OR REPLACE PROCEDURE raw.site_tracking_reprocess_compare(
    only_tenant text DEFAULT NULL, first_look jsonb DEFAULT NULL
)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
-- Nobody knows how many rows two sides have in common: to look each up takes hours where it is most.
SET enable_nestloop = off
SET work_mem = '256MB'
SET client_min_messages = warning
AS $body$
DECLARE
    run CONSTANT raw.site_tracking_reprocess_r := raw.site_tracking_reprocess_run(
        'BUILDING', 'BUILT', 'FOLLOWING', 'UNDONE', 'MERGED');
    tenants CONSTANT bytea[] := (
        SELECT array_agg(auth.site_tracking_one_tenant(bk))
        FROM unnest(CASE WHEN only_tenant IS NULL THEN run.tenant_bks ELSE ARRAY[only_tenant] END) AS bk);
    settled_before CONSTANT timestamptz := raw.site_tracking_reprocess_passed(run);
    again CONSTANT boolean := first_look IS NOT NULL;
    first_at timestamptz := '-infinity';
    fields text[];
BEGIN
    IF again THEN
        CALL raw.site_tracking_reprocess_look_again(first_look);
        SELECT date_trunc('milliseconds', min(session_start)) INTO first_at FROM pg_temp.reprocess_looked;
    ELSE
        CREATE TEMPORARY TABLE IF NOT EXISTS reprocess_looked (session_hk bytea) ON COMMIT DROP;
    END IF;
    DROP TABLE IF EXISTS pg_temp.reprocess_sessions;
    CREATE TEMPORARY TABLE reprocess_sessions ON COMMIT DROP AS
    SELECT
        coalesce(p.tenant_hk, s.tenant_hk) AS tenant_hk,
        session_hk,
        p.session_start AS p_start, p.session_end AS p_end, p.load_date AS p_load_date,
        p.session_status AS p_status, p.hash_diff AS p_hash,
        s.session_start AS s_start, s.session_end AS s_end, s.load_date AS s_load_date,
        s.session_status AS s_status, s.hash_diff AS s_hash,
        NOT again AND coalesce(greatest(p.session_end, s.session_end) < settled_before, false) AS is_settled,
        false AS is_left,
        CASE
            WHEN p.session_status <> 'SUPERSEDED' AND s.session_status <> 'SUPERSEDED' THEN
                CASE WHEN (p.hash_diff, p.session_start) = (s.hash_diff, s.session_start)
                    THEN 'equal' ELSE 'changed' END
            WHEN s.session_status <> 'SUPERSEDED' THEN 'added'
            WHEN p.session_status <> 'SUPERSEDED' THEN
                CASE WHEN s.session_hk IS NULL THEN 'untouched' ELSE 'removed' END
            ELSE 'gone' END AS verdict
    FROM (
        SELECT DISTINCT ON (session_hk)
            session_hk, tenant_hk, session_start, session_end, load_date, session_status, hash_diff
        FROM business.site_session_details_s
        WHERE (tenants IS NULL OR tenant_hk = ANY (tenants))
            AND session_start >= first_at
            AND (NOT again OR session_hk IN (SELECT session_hk FROM pg_temp.reprocess_looked))
        ORDER BY session_hk, load_date DESC, total_events DESC, session_start
    ) AS p
    FULL JOIN (
        SELECT DISTINCT ON (session_hk)
            session_hk, tenant_hk, session_start, session_end, load_date, session_status, hash_diff
        FROM business_shadow.site_session_details_s
        WHERE (tenants IS NULL OR tenant_hk = ANY (tenants))
            AND session_start >= first_at
            AND (NOT again OR session_hk IN (SELECT session_hk FROM pg_temp.reprocess_looked))
        ORDER BY session_hk, load_date DESC, total_events DESC, session_start
    ) AS s
        USING (session_hk);
    ANALYZE pg_temp.reprocess_sessions;

    -- Of another version of the rules, and yet the same.
    fields := ARRAY(SELECT field FROM raw.site_tracking_reprocess_fields() AS field);
    EXECUTE format($query$
        UPDATE pg_temp.reprocess_sessions AS compared
        SET verdict = 'equal'
        FROM business.site_session_details_s AS p, business_shadow.site_session_details_s AS s
        WHERE compared.verdict = 'changed'
            AND (p.session_start, p.session_hk, p.load_date)
                = (compared.p_start, compared.session_hk, compared.p_load_date)
            AND (s.session_start, s.session_hk, s.load_date)
                = (compared.s_start, compared.session_hk, compared.s_load_date)
            AND p.session_start >= $1
            AND s.session_start >= $1
            AND ROW(%s) IS NOT DISTINCT FROM ROW(%s)
        $query$,
        (SELECT string_agg(format('p.%I', field), ', ') FROM unnest(fields) AS field),
        (SELECT string_agg(format('s.%I', field), ', ') FROM unnest(fields) AS field))
    USING first_at;
    UPDATE pg_temp.reprocess_sessions AS compared
    SET verdict = 'removed'
    WHERE compared.verdict = 'untouched'
        AND EXISTS (
            SELECT
            FROM business.event_session_l AS links
            JOIN business_shadow.site_event_h AS events
                ON events.event_timestamp = links.event_timestamp AND events.event_hk = links.event_hk
            WHERE links.session_hk = compared.session_hk
                AND links.event_timestamp >= first_at
                AND events.event_timestamp >= first_at);
    CREATE INDEX ON pg_temp.reprocess_sessions (session_hk);
    ANALYZE pg_temp.reprocess_sessions;
    IF again THEN
        RETURN;
    END IF;
    -- What a second run may tell anew can't be left to production.
    IF isfinite(settled_before) AND run.shadow_job IS NOT NULL THEN
        CALL raw.site_tracking_reprocess_keep_clients();
    END IF;
    CALL raw.site_tracking_reprocess_leave_cut();
    IF isfinite(settled_before) AND run.shadow_job IS NULL THEN
        CALL raw.site_tracking_reprocess_keep_clients();
    END IF;
    IF isfinite(settled_before) OR run.from_at IS NOT NULL OR run.to_at IS NOT NULL
        OR EXISTS (SELECT FROM pg_temp.reprocess_sessions WHERE is_left OR verdict = 'untouched') THEN
        CALL raw.site_tracking_reprocess_keep_together();
    END IF;
    UPDATE pg_temp.reprocess_sessions
    SET is_settled = false, verdict = CASE WHEN p_status <> 'SUPERSEDED' THEN 'untouched' ELSE 'gone' END
    WHERE is_left;
END
$body$;
COMMENT ON PROCEDURE raw.site_tracking_reprocess_compare(text, jsonb)
IS 'Compares each session of production with that of the shadow, into the temporary table reprocess_sessions of the transaction; after a first look only those on which it could not say the last. Errors: ST021.';

-- What one client did is in one place of a job's state, which is emptied when nothing of it can change. What a
-- job has there it may tell anew, and then supersedes what others say of the time of that. When a session closes,
-- it drops all but the last one of those that began earlier than the allowed lateness before.
CREATE OR REPLACE PROCEDURE raw.site_tracking_reprocess_keep_clients()
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET enable_nestloop = off
AS $body$
DECLARE
    run CONSTANT raw.site_tracking_reprocess_r := raw.site_tracking_reprocess_run();
    settled_before CONSTANT timestamptz := raw.site_tracking_reprocess_settled(run);
    passed CONSTANT timestamptz := raw.site_tracking_reprocess_passed(run);
    farthest CONSTANT interval := (run.counts ->> 'farthest_ms')::bigint * INTERVAL '1 millisecond';
BEGIN
    UPDATE pg_temp.reprocess_sessions AS compared
    SET is_settled = false
    FROM (
        SELECT *,
            max(s_start) FILTER (WHERE is_of_shadow AND s_start <= last_closed - farthest)
                OVER (PARTITION BY tenant_hk, client) AS held_from
        FROM (
            SELECT *,
                max(ends_at) OVER (PARTITION BY tenant_hk, client) AS last_ends_at,
                max(s_end) FILTER (WHERE is_of_shadow AND s_end < passed)
                    OVER (PARTITION BY tenant_hk, client) AS last_closed,
                lead(begins_at) OVER (
                    PARTITION BY tenant_hk, client ORDER BY begins_at, length(session_bk), session_bk) AS next_begins_at
            FROM (
                SELECT sessions.session_hk, sessions.tenant_hk, sessions.s_start, sessions.s_end,
                    coalesce(sessions.s_status <> 'SUPERSEDED', false) AS is_of_shadow,
                    least(sessions.p_start, sessions.s_start) AS begins_at,
                    greatest(sessions.p_end, sessions.s_end) AS ends_at,
                    coalesce(p.session_bk, s.session_bk) AS session_bk,
                    -- Several that begin in one millisecond have their number behind it.
                    regexp_replace(coalesce(p.session_bk, s.session_bk), '\.-?[0-9]+(\.[0-9]{1,5})?$', '') AS client
                FROM pg_temp.reprocess_sessions AS sessions
                LEFT JOIN business.site_session_h AS p ON p.session_hk = sessions.session_hk
                LEFT JOIN business_shadow.site_session_h AS s ON s.session_hk = sessions.session_hk
                WHERE sessions.verdict <> 'gone'
            ) AS named
        ) AS of_client
    ) AS told
    WHERE told.session_hk = compared.session_hk
        AND compared.is_settled
        AND told.last_ends_at >= passed
        AND CASE WHEN run.shadow_job IS NULL
            -- Of what one client did, the live job keeps the last session before one that may change.
            THEN told.next_begins_at >= settled_before
            -- A second run began with none that ended before.
            ELSE told.ends_at >= greatest(settled_before, told.held_from) END;
END
$body$;
COMMENT ON PROCEDURE raw.site_tracking_reprocess_keep_clients()
IS 'Calls none of the compared sessions settled that a job may still have in its state, as the client has one that may change.';

-- What retention removed is in production's sums alone, and where the archive or raw begins the shadow has
-- a part of a session: of both production has the last word.
CREATE OR REPLACE PROCEDURE raw.site_tracking_reprocess_leave_cut()
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET enable_nestloop = off
AS $body$
DECLARE
    run CONSTANT raw.site_tracking_reprocess_r := raw.site_tracking_reprocess_run();
BEGIN
    UPDATE pg_temp.reprocess_sessions AS compared
    SET is_left = true
    FROM (
        SELECT tenant_hk, max(kept_from)::timestamp AT TIME ZONE 'UTC' AS kept_from
        FROM raw.site_tracking_kept_r
        WHERE layer IN ('events', 'sessions')
        GROUP BY tenant_hk
    ) AS kept
    WHERE kept.tenant_hk = compared.tenant_hk
        AND (compared.s_start IS NOT NULL OR compared.verdict = 'removed')
        AND (run.shadow_job IS NULL OR compared.is_settled)
        AND (least(compared.p_start, compared.s_start) < kept.kept_from
            -- The rest of one that was removed, whose events are in no session.
            OR compared.verdict = 'added'
                AND compared.s_start < kept.kept_from + INTERVAL '1 day'
                AND EXISTS (
                    SELECT
                    FROM business_shadow.event_session_l AS links
                    JOIN business.event_session_l AS removed
                        ON removed.event_timestamp = links.event_timestamp
                        AND removed.event_hk = links.event_hk
                        AND removed.session_hk = business.site_hash_key(removed.tenant_hk, 'sess_none')
                    WHERE links.session_hk = compared.session_hk
                        AND links.event_timestamp BETWEEN compared.s_start AND compared.s_end));
    UPDATE pg_temp.reprocess_sessions AS compared
    SET is_left = true
    WHERE compared.verdict IN ('changed', 'removed')
        AND compared.is_settled
        AND EXISTS (
            SELECT
            FROM business.event_session_l AS links
            WHERE links.session_hk = compared.session_hk
                AND links.event_timestamp BETWEEN compared.p_start AND compared.p_end
                AND NOT EXISTS (
                    SELECT FROM business_shadow.site_event_h AS events
                    WHERE events.event_timestamp = links.event_timestamp AND events.event_hk = links.event_hk));
END
$body$;
COMMENT ON PROCEDURE raw.site_tracking_reprocess_leave_cut()
IS 'Leaves to production those of compared sessions of which the shadow lacks events, or that began before what retention keeps.';

-- An event that is in one session of production and in another one of the shadow would be in both, or in
-- none, if only one of them came over, and so would a transaction be counted: what belongs together so is
-- settled when all of it is, and of the day on which it begins.
CREATE OR REPLACE PROCEDURE raw.site_tracking_reprocess_keep_together()
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET enable_nestloop = off
SET client_min_messages = warning
AS $body$
DECLARE
    run CONSTANT raw.site_tracking_reprocess_r := raw.site_tracking_reprocess_run();
BEGIN
    ALTER TABLE pg_temp.reprocess_sessions ADD COLUMN begins_at timestamptz, ADD COLUMN is_over boolean;
    UPDATE pg_temp.reprocess_sessions SET begins_at = least(p_start, s_start), is_over = is_settled;
    DROP TABLE IF EXISTS pg_temp.reprocess_pairs;
    CREATE TEMPORARY TABLE reprocess_pairs ON COMMIT DROP AS
    WITH ordered AS (
        SELECT sessions.session_hk, sessions.tenant_hk, details.transaction_id, sessions.verdict
        FROM pg_temp.reprocess_sessions AS sessions
        JOIN business.event_session_l AS links
            ON links.session_hk = sessions.session_hk AND links.event_timestamp BETWEEN sessions.p_start AND sessions.p_end
        JOIN business.site_event_details_s AS details
            ON details.event_timestamp = links.event_timestamp AND details.event_hk = links.event_hk
        WHERE sessions.verdict IN ('changed', 'removed', 'untouched') AND details.transaction_id IS NOT NULL
        UNION
        SELECT sessions.session_hk, sessions.tenant_hk, details.transaction_id, sessions.verdict
        FROM pg_temp.reprocess_sessions AS sessions
        JOIN business_shadow.event_session_l AS links
            ON links.session_hk = sessions.session_hk AND links.event_timestamp BETWEEN sessions.s_start AND sessions.s_end
        JOIN business_shadow.site_event_details_s AS details
            ON details.event_timestamp = links.event_timestamp AND details.event_hk = links.event_hk
        WHERE sessions.verdict IN ('changed', 'added') AND details.transaction_id IS NOT NULL
    ),
    pairs AS (
        SELECT DISTINCT p.session_hk AS one_hk, s.session_hk AS other_hk
        FROM pg_temp.reprocess_sessions AS p
        JOIN business.event_session_l AS links
            ON links.session_hk = p.session_hk AND links.event_timestamp BETWEEN p.p_start AND p.p_end
        JOIN business_shadow.event_session_l AS moved
            ON moved.event_timestamp = links.event_timestamp AND moved.event_hk = links.event_hk
        JOIN pg_temp.reprocess_sessions AS s
            ON s.session_hk = moved.session_hk AND moved.event_timestamp BETWEEN s.s_start AND s.s_end
        WHERE p.verdict IN ('changed', 'removed')
            AND s.verdict IN ('changed', 'added')
            AND s.session_hk <> p.session_hk
        UNION
        -- One names the other.
        SELECT s.session_hk, business.site_hash_key(versions.tenant_hk, versions.predecessor_session_bk)
        FROM pg_temp.reprocess_sessions AS s
        JOIN business_shadow.site_session_details_s AS versions
            ON versions.session_start = s.s_start
            AND versions.session_hk = s.session_hk
            AND versions.load_date = s.s_load_date
        WHERE s.verdict IN ('changed', 'added') AND versions.predecessor_session_bk IS NOT NULL
        UNION
        -- What one counts of a transaction the other one no longer does.
        SELECT one.session_hk, other.session_hk
        FROM ordered AS one
        JOIN ordered AS other USING (tenant_hk, transaction_id)
        WHERE one.session_hk <> other.session_hk AND (one.verdict, other.verdict) <> ('untouched', 'untouched')
    )
    SELECT one_hk, other_hk FROM pairs
    UNION
    SELECT other_hk, one_hk FROM pairs;
    -- Production alone knows that an order was told before the beginning of what was reprocessed, and counts it there.
    UPDATE pg_temp.reprocess_sessions AS compared
    SET is_left = true
    FROM pg_temp.reprocess_pairs AS pairs
    WHERE pairs.one_hk = compared.session_hk AND compared.verdict = 'untouched' AND compared.is_settled;
    LOOP
        UPDATE pg_temp.reprocess_sessions AS compared
        SET is_settled = false
        FROM pg_temp.reprocess_pairs AS pairs
        JOIN pg_temp.reprocess_sessions AS other ON other.session_hk = pairs.other_hk AND NOT other.is_settled
        WHERE compared.session_hk = pairs.one_hk AND compared.is_settled;
        EXIT WHEN NOT FOUND;
    END LOOP;
    LOOP
        UPDATE pg_temp.reprocess_sessions AS compared
        SET is_left = true
        FROM pg_temp.reprocess_pairs AS pairs
        JOIN pg_temp.reprocess_sessions AS other ON other.session_hk = pairs.other_hk AND other.is_left
        WHERE compared.session_hk = pairs.one_hk
            AND NOT compared.is_left
            -- A run that follows goes on with its own version of what may still change.
            AND (run.shadow_job IS NULL OR compared.is_over);
        EXIT WHEN NOT FOUND;
    END LOOP;
    LOOP
        UPDATE pg_temp.reprocess_sessions AS compared
        SET begins_at = earlier.begins_at
        FROM (
            SELECT pairs.one_hk, min(other.begins_at) AS begins_at
            FROM pg_temp.reprocess_pairs AS pairs
            JOIN pg_temp.reprocess_sessions AS other ON other.session_hk = pairs.other_hk
            GROUP BY pairs.one_hk
        ) AS earlier
        WHERE compared.session_hk = earlier.one_hk AND earlier.begins_at < compared.begins_at;
        EXIT WHEN NOT FOUND;
    END LOOP;
    DELETE FROM pg_temp.reprocess_sessions
    WHERE begins_at < coalesce(run.from_at, '-infinity') OR begins_at >= coalesce(run.to_at, 'infinity');
END
$body$;
COMMENT ON PROCEDURE raw.site_tracking_reprocess_keep_together()
IS 'Leaves of the compared sessions those of the reprocess''s days, each with all those that it shares events or transactions with, and calls none of these settled that shares some with one that is not; those that share some with one that is left to production are so, too, as are those that share an order with one of which nothing was reprocessed, but for what a run that follows may still change.';

CREATE OR REPLACE FUNCTION raw.site_tracking_reprocess_fields()
RETURNS SETOF text
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT attname::text
    FROM pg_attribute
    WHERE attrelid = 'business.site_session_details_s'::regclass
        AND attnum > 0
        AND NOT attisdropped
        AND attname NOT IN (
            'session_hk', 'tenant_hk', 'load_date', 'last_load_date', 'rules_version', 'hash_diff', 'record_source')
    ORDER BY attnum
$body$;
COMMENT ON FUNCTION raw.site_tracking_reprocess_fields()
IS 'What of a session is compared: all but its key and where its version comes from.';

CREATE OR REPLACE PROCEDURE raw.site_tracking_reprocess_carry_hubs(
    from_suffix text, to_suffix text, tenants bytea[], most_age integer DEFAULT NULL
)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    run CONSTANT raw.site_tracking_reprocess_r := raw.site_tracking_reprocess_run();
    hub record;
BEGIN
    FOR hub IN
        SELECT *
        FROM (VALUES
            ('site_visitor_h', 'visitor_hk', 'site_visitor_details_s'),
            ('site_page_h', 'page_hk', 'site_page_details_s'),
            ('business_item_h', 'business_item_hk', 'business_item_details_s'),
            ('visitor_business_item_l', 'visitor_business_item_hk', NULL),
            ('site_user_visitor_b', 'user_visitor_hk', NULL)
        ) AS hubs (name, key, satellite)
    LOOP
        EXECUTE format($query$
            INSERT INTO business%2$s.%3$I
            SELECT hub.*
            FROM business%1$s.%3$I AS hub
            WHERE ($1 IS NULL OR hub.tenant_hk = ANY ($1))
                AND ($2 IS NULL OR age(hub.xmin) <= $2)
                AND NOT EXISTS (SELECT FROM business%2$s.%3$I AS known WHERE known.%4$I = hub.%4$I)
            ON CONFLICT DO NOTHING
            $query$, from_suffix, to_suffix, hub.name, hub.key)
        USING tenants, most_age;
        -- What the target knows of a key begins where its own versions do; one that says what the one
        -- before says is none.
        IF hub.satellite IS NOT NULL THEN
            EXECUTE format($query$
                WITH told AS MATERIALIZED (
                    SELECT *
                    FROM business%1$s.%3$I
                    WHERE ($1 IS NULL OR tenant_hk = ANY ($1)) AND ($5 IS NULL OR age(xmin) <= $5)
                ),
                known AS MATERIALIZED (
                    SELECT DISTINCT ON (%4$I) %4$I, event_timestamp, load_date, hash_diff
                    FROM business%2$s.%3$I
                    WHERE %4$I IN (SELECT %4$I FROM told)
                    ORDER BY %4$I, event_timestamp, load_date
                ),
                earlier AS (
                    INSERT INTO business%2$s.%3$I
                    SELECT versions.*
                    FROM told AS versions
                    LEFT JOIN known ON known.%4$I = versions.%4$I
                    WHERE (known.%4$I IS NULL
                            OR (versions.event_timestamp, versions.load_date)
                                < (known.event_timestamp, known.load_date)
                                AND ($3 IS NULL OR known.event_timestamp < $3))
                        AND ($2 IS NULL OR versions.event_timestamp >= $2)
                        AND ($3 IS NULL OR versions.event_timestamp < $3)
                        AND ($4 OR versions.event_timestamp
                            >= raw.site_tracking_kept_from(versions.tenant_hk, 'sessions'))
                    ON CONFLICT DO NOTHING
                    RETURNING %4$I, event_timestamp, load_date, hash_diff
                )
                DELETE FROM business%2$s.%3$I AS versions
                USING (
                    SELECT DISTINCT ON (%4$I) %4$I, hash_diff
                    FROM earlier
                    ORDER BY %4$I, event_timestamp DESC, load_date DESC
                ) AS last
                JOIN known ON known.%4$I = last.%4$I AND known.hash_diff = last.hash_diff
                WHERE versions.%4$I = known.%4$I
                    AND versions.event_timestamp = known.event_timestamp
                    AND versions.load_date = known.load_date
                $query$, from_suffix, to_suffix, hub.satellite, hub.key)
            USING tenants, run.from_at, run.to_at, to_suffix <> '', most_age;
        END IF;
    END LOOP;
    -- A session comes with its versions.
    EXECUTE format($query$
        INSERT INTO business%2$s.site_session_h
        SELECT hub.*
        FROM (
            SELECT session_hk FROM pg_temp.reprocess_sessions WHERE is_carried
            UNION ALL
            SELECT business.site_hash_key(tenant_hk, reserved)
            FROM auth.tenant_h
            CROSS JOIN unnest(ARRAY['sess_none', 'sess_late', 'sess_erased']) AS reserved
            WHERE $1 IS NULL OR tenant_hk = ANY ($1)
        ) AS wanted
        JOIN business%1$s.site_session_h AS hub ON hub.session_hk = wanted.session_hk
        ON CONFLICT DO NOTHING
        $query$, from_suffix, to_suffix)
    USING tenants;
END
$body$;
COMMENT ON PROCEDURE raw.site_tracking_reprocess_carry_hubs(text, text, bytea[], integer)
IS 'Carries over visitors, pages, items with their earlier versions of the reprocess''s days, and sessions that come along, which the other side lacks; to production nothing that retention removed; of rows that have come since a first look only these.';

-- Rows of one event travel together, some thousand events at a time, and are summed as the loader sums
-- what it wrote. An event whose session does not come along belongs to none: what was reprocessed has the
-- last word on sessions, and does not know it.
CREATE OR REPLACE PROCEDURE raw.site_tracking_reprocess_carry_events(
    from_suffix text, to_suffix text, tenants bytea[], loaded_before timestamptz, most_age integer DEFAULT NULL
)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET client_min_messages = warning
AS $body$
DECLARE
    run CONSTANT raw.site_tracking_reprocess_r := raw.site_tracking_reprocess_run();
    brought CONSTANT text[] := ARRAY['equal'] || CASE WHEN to_suffix = '' THEN ARRAY['changed', 'added'] ELSE ARRAY['untouched'] END;
    target record;
    micros bigint[];
    hks bytea[];
BEGIN
    DROP TABLE IF EXISTS pg_temp.reprocess_events;
    CREATE TEMPORARY TABLE reprocess_events (
        event_timestamp timestamptz, event_hk bytea, tenant_hk bytea, load_date timestamptz, chunk integer
    ) ON COMMIT DROP;
    DROP TABLE IF EXISTS pg_temp.reprocess_erased;
    CREATE TEMPORARY TABLE reprocess_erased (ledger_date date, tenant_hk bytea, events bigint) ON COMMIT DROP;
    EXECUTE format($query$
        INSERT INTO pg_temp.reprocess_events
        SELECT
            event_timestamp, event_hk, tenant_hk, load_date,
            row_number() OVER (ORDER BY event_timestamp, event_hk) / 5000
        FROM %3$s AS events
        WHERE ($1 IS NULL OR tenant_hk = ANY ($1))
            AND ($2 IS NULL AND $3 IS NULL OR EXISTS (
                SELECT
                FROM business%1$s.event_session_l AS links
                LEFT JOIN pg_temp.reprocess_sessions AS compared ON compared.session_hk = links.session_hk
                WHERE links.event_timestamp = events.event_timestamp
                    AND links.event_hk = events.event_hk
                    AND (compared.session_hk IS NOT NULL
                        OR links.event_timestamp >= coalesce($2, '-infinity')
                            AND links.event_timestamp < coalesce($3, 'infinity')
                            AND links.session_hk IN (
                                business.site_hash_key(links.tenant_hk, 'sess_none'),
                                business.site_hash_key(links.tenant_hk, 'sess_late')))))
            AND event_timestamp >= raw.site_tracking_kept_from(tenant_hk, 'events')
            AND NOT EXISTS (
                SELECT FROM business%2$s.site_event_h AS known
                WHERE known.event_timestamp = events.event_timestamp AND known.event_hk = events.event_hk)
        $query$, from_suffix, to_suffix, CASE
            WHEN most_age IS NULL THEN format('business%s.site_event_h', from_suffix)
            ELSE '(SELECT * FROM business.site_event_h WHERE age(xmin) <= $4 UNION SELECT left_out.*'
                ' FROM business_shadow.site_reprocess_rest AS rest'
                ' JOIN business.site_event_h AS left_out ON left_out.event_timestamp = rest.at AND left_out.event_hk = rest.hk'
                ' WHERE rest.kind = ''event'')' END)
    USING tenants, run.from_at, run.to_at, most_age;
    IF loaded_before < 'infinity' THEN
        -- The second run may be about to load them. And by an event that came without its session, that would be
        -- one which the run read, and has no more.
        WITH left_out AS (
            DELETE FROM pg_temp.reprocess_events AS listed
            USING (
                SELECT events.event_timestamp, events.event_hk, bool_or(compared.is_settled) AS is_settled
                FROM pg_temp.reprocess_events AS events
                LEFT JOIN business.event_session_l AS links
                    ON links.event_timestamp = events.event_timestamp AND links.event_hk = events.event_hk
                LEFT JOIN pg_temp.reprocess_sessions AS compared ON compared.session_hk = links.session_hk
                GROUP BY events.event_timestamp, events.event_hk
            ) AS held
            WHERE held.event_timestamp = listed.event_timestamp
                AND held.event_hk = listed.event_hk
                AND (NOT held.is_settled OR held.is_settled IS NULL AND listed.load_date >= loaded_before)
            RETURNING listed.event_timestamp, listed.event_hk
        )
        INSERT INTO business_shadow.site_reprocess_rest
        SELECT 'event', event_timestamp, event_hk
        FROM left_out;
    END IF;
    EXECUTE format($query$
        INSERT INTO business%s.site_tenant_day_b (tenant_hk, day_start)
        SELECT DISTINCT tenant_hk, business.site_day(event_timestamp)
        FROM pg_temp.reprocess_events
        ON CONFLICT DO NOTHING
        $query$, to_suffix);
    CREATE INDEX ON pg_temp.reprocess_events (chunk);
    ANALYZE pg_temp.reprocess_events;
    PERFORM raw.site_tracking_create_partition(
        listed.table_schema || to_suffix, listed.table_name, days.day)
    FROM (
        SELECT DISTINCT (event_timestamp AT TIME ZONE 'UTC')::date AS day FROM pg_temp.reprocess_events
    ) AS days
    CROSS JOIN raw.site_tracking_partitioned_tables() AS listed
    WHERE to_regclass(format('%I.%I', listed.table_schema || from_suffix,
            listed.table_name || to_char(days.day, '"_p"YYYYMMDD'))) IS NOT NULL
        AND to_regclass(format('%I.%I', listed.table_schema || to_suffix,
            listed.table_name || to_char(days.day, '"_p"YYYYMMDD'))) IS NULL;

    FOR number IN 0..(SELECT coalesce(max(chunk), -1) FROM pg_temp.reprocess_events) LOOP
        FOR target IN
            SELECT *
            FROM raw.site_tracking_partitioned_tables()
            WHERE table_name <> 'event_session_l'
            UNION ALL
            SELECT 0, 'business', 'site_event_visitor_b'
        LOOP
            EXECUTE format($query$
                INSERT INTO %1$I.%3$I
                SELECT carried.*
                FROM pg_temp.reprocess_events AS listed
                JOIN %2$I.%3$I AS carried
                    ON carried.event_timestamp = listed.event_timestamp AND carried.event_hk = listed.event_hk
                WHERE listed.chunk = $1
                    AND ($2 OR listed.event_timestamp >= raw.site_tracking_kept_from(listed.tenant_hk, $3))
                ON CONFLICT DO NOTHING
                $query$, target.table_schema || to_suffix, target.table_schema || from_suffix, target.table_name)
            USING number, target.table_schema = 'business', target.table_schema;
        END LOOP;
        EXECUTE format($query$
            WITH links AS MATERIALIZED (
                SELECT links.*
                FROM pg_temp.reprocess_events AS listed
                JOIN business%2$s.event_session_l AS links
                    ON links.event_timestamp = listed.event_timestamp AND links.event_hk = listed.event_hk
                LEFT JOIN pg_temp.reprocess_sessions AS compared ON compared.session_hk = links.session_hk
                WHERE listed.chunk = $1
                    AND (compared.verdict = ANY ($2)
                        OR links.session_hk IN (
                            business.site_hash_key(links.tenant_hk, 'sess_none'),
                            business.site_hash_key(links.tenant_hk, 'sess_late'),
                            business.site_hash_key(links.tenant_hk, 'sess_erased')))
            ),
            none AS MATERIALIZED (
                SELECT listed.*, business.site_hash_key(listed.tenant_hk, 'sess_none') AS session_hk
                FROM pg_temp.reprocess_events AS listed
                WHERE listed.chunk = $1
                    AND NOT EXISTS (
                        SELECT FROM links
                        WHERE links.event_timestamp = listed.event_timestamp AND links.event_hk = listed.event_hk)
            ),
            hubs AS (
                INSERT INTO business%1$s.site_session_h
                SELECT DISTINCT ON (session_hk) session_hk, 'sess_none', tenant_hk, load_date, $3
                FROM none
                ORDER BY session_hk, load_date
                ON CONFLICT DO NOTHING
            ),
            written AS (
                INSERT INTO business%1$s.event_session_l
                SELECT * FROM links
                UNION ALL
                SELECT
                    event_timestamp,
                    business.site_link_key(event_hk, session_hk, tenant_hk),
                    event_hk, session_hk, tenant_hk, load_date, $3
                FROM none
                ON CONFLICT DO NOTHING
                RETURNING session_hk, tenant_hk, load_date
            )
            INSERT INTO pg_temp.reprocess_erased
            SELECT (load_date AT TIME ZONE 'UTC')::date, tenant_hk, count(*)
            FROM written
            WHERE session_hk = business.site_hash_key(tenant_hk, 'sess_erased')
                -- Of days that the ledger has no more nothing is counted.
                AND load_date >= raw.site_tracking_kept_from(tenant_hk, 'ledger')
            GROUP BY 1, 2
            $query$, to_suffix, from_suffix)
        USING number, brought, run.record_source;
    END LOOP;
    -- As whoever links an erased event counts it, and the other side may have others besides. Behind the links and
    -- before any row of orders and rollups is locked, as loaders do it, which go on beside a merge.
    EXECUTE format($query$
        INSERT INTO raw%s.site_tracking_erased_r AS erased (
            ledger_date, tenant_hk, event_count, late_count, load_date, record_source)
        SELECT ledger_date, tenant_hk, sum(events), 0, clock_timestamp(), $1
        FROM pg_temp.reprocess_erased
        GROUP BY ledger_date, tenant_hk
        ORDER BY tenant_hk, ledger_date
        ON CONFLICT (ledger_date, tenant_hk) DO UPDATE SET
            event_count = erased.event_count + excluded.event_count,
            load_date = excluded.load_date
        $query$, to_suffix)
    USING run.record_source;
    FOR number IN 0..(SELECT coalesce(max(chunk), -1) FROM pg_temp.reprocess_events) LOOP
        SELECT array_agg((extract(epoch FROM event_timestamp) * 1000000)::bigint), array_agg(event_hk)
        INTO micros, hks
        FROM pg_temp.reprocess_events
        WHERE chunk = number;
        EXECUTE format('CALL business%s.site_sum_written_events($1, $2)', to_suffix) USING micros, hks;
    END LOOP;
END
$body$;
COMMENT ON PROCEDURE raw.site_tracking_reprocess_carry_events(text, text, bytea[], timestamptz, integer)
IS 'Carries over the events that the other side lacks, with all that is of one event, and their sums, those of settled sessions whenever they were loaded; after a first look only those that it left or that have come since. To be called when the sessions have come.';

-- A session that is no more is told to be so by a version of its own, after the last one.
CREATE OR REPLACE PROCEDURE raw.site_tracking_reprocess_supersede(to_suffix text)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET enable_nestloop = off
AS $body$
DECLARE
    run CONSTANT raw.site_tracking_reprocess_r := raw.site_tracking_reprocess_run();
    first_at CONSTANT timestamptz := (SELECT min(p_start) FROM pg_temp.reprocess_sessions);
BEGIN
    EXECUTE format($query$
        WITH removed AS MATERIALIZED (
            SELECT *
            FROM pg_temp.reprocess_sessions
            WHERE verdict = 'removed'
                AND is_carried
                -- Or it was told so before the live job went on.
                AND (s_status IS NULL OR is_settled AND s_load_date <= p_load_date)
        ),
        heirs AS (
            SELECT removed.session_hk, array_agg(DISTINCT hub.session_bk::text ORDER BY hub.session_bk::text) AS bks
            FROM removed
            JOIN business.event_session_l AS links ON links.session_hk = removed.session_hk
            JOIN business_shadow.event_session_l AS moved
                ON moved.event_timestamp = links.event_timestamp AND moved.event_hk = links.event_hk
            JOIN pg_temp.reprocess_sessions AS heir
                ON heir.session_hk = moved.session_hk AND heir.verdict IN ('equal', 'changed', 'added')
            JOIN business_shadow.site_session_h AS hub ON hub.session_hk = moved.session_hk
            WHERE links.event_timestamp >= $2 AND moved.event_timestamp >= $2
            GROUP BY removed.session_hk
        )
        INSERT INTO business%s.site_session_details_s (
            session_start, session_hk, load_date, session_end, session_status, visitor_hk, duration_seconds,
            engaged_seconds, total_events, page_views, interactive_events, conversions, channel, device_type,
            is_bot, successor_session_bks, rules_version, hash_diff, tenant_hk, record_source)
        SELECT
            last.session_start, last.session_hk,
            greatest(last.load_date, last.last_load_date) + INTERVAL '1 microsecond', last.session_end,
            'SUPERSEDED', last.visitor_hk, 0, 0, 0, 0, 0, 0, 'none', 'other', false, heirs.bks,
            last.rules_version, sha256('SUPERSEDED' || last.hash_diff), last.tenant_hk, $1
        FROM removed
        JOIN business.site_session_details_s AS last
            ON last.session_start = removed.p_start
            AND last.session_hk = removed.session_hk
            AND last.load_date = removed.p_load_date
        LEFT JOIN heirs ON heirs.session_hk = removed.session_hk
        WHERE last.session_start >= $2
        ON CONFLICT DO NOTHING
        $query$, to_suffix)
    USING run.record_source, first_at;
END
$body$;
COMMENT ON PROCEDURE raw.site_tracking_reprocess_supersede(text)
IS 'Writes the last version of sessions that a reprocess no longer has, with those that took their events.';

-- An open version is written over by the next one. One that stayed beside that would keep out all that the run
-- that goes on says as of a time before the last one at which it was told.
CREATE OR REPLACE PROCEDURE raw.site_tracking_reprocess_write_over_open(to_suffix text)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    first_at CONSTANT timestamptz := (
        SELECT date_trunc('milliseconds', min(p_start)) FROM pg_temp.reprocess_sessions WHERE p_status = 'OPEN');
BEGIN
    EXECUTE format($query$
        DELETE FROM business%1$s.site_session_details_s AS versions
        USING pg_temp.reprocess_sessions AS compared
        CROSS JOIN LATERAL business%1$s.site_latest_version(
            compared.tenant_hk, date_trunc('milliseconds', compared.p_start, 'UTC'), compared.session_hk) AS latest
        WHERE compared.is_carried
            AND compared.p_status = 'OPEN'
            AND versions.session_start = compared.p_start
            AND versions.session_hk = compared.session_hk
            AND versions.load_date = compared.p_load_date
            AND versions.session_status = 'OPEN'
            AND versions.session_start >= $1
            AND (latest.session_start, latest.load_date) <> (versions.session_start, versions.load_date)
        $query$, to_suffix)
    USING first_at;
END
$body$;
COMMENT ON PROCEDURE raw.site_tracking_reprocess_write_over_open(text)
IS 'Removes production''s open versions of compared sessions that came along, where another version follows them.';

CREATE OR REPLACE PROCEDURE raw.site_tracking_reprocess_refresh(to_suffix text, verdicts text[])
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    batch record;
BEGIN
    FOR batch IN
        SELECT
            array_agg(tenant_hk) AS tenants,
            array_agg((extract(epoch FROM started_at) * 1000000)::bigint) AS starts,
            array_agg(session_hk) AS sessions
        FROM (
            SELECT
                tenant_hk, session_hk, coalesce(s_start, p_start) AS started_at,
                row_number() OVER (ORDER BY coalesce(s_start, p_start), session_hk) / 1000 AS number
            FROM pg_temp.reprocess_sessions
            WHERE verdict = ANY (verdicts) AND is_carried
        ) AS touched
        GROUP BY number
        ORDER BY number
    LOOP
        EXECUTE format('CALL business%s.site_refresh_sessions($1, $2, $3)', to_suffix)
        USING batch.tenants, batch.starts, batch.sessions;
    END LOOP;
END
$body$;
COMMENT ON PROCEDURE raw.site_tracking_reprocess_refresh(text, text[])
IS 'Brings bridge and rollups up to the versions of compared sessions with these verdicts that came along.';

CREATE OR REPLACE PROCEDURE raw.site_tracking_reprocess_carry_history()
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    run CONSTANT raw.site_tracking_reprocess_r := raw.site_tracking_reprocess_run();
    -- What is older is none of these, and a link tells the session's start to the millisecond.
    first_at CONSTANT timestamptz := (
        SELECT date_trunc('milliseconds', least(min(p_start), min(s_start))) FROM pg_temp.reprocess_sessions);
BEGIN
    -- What has not changed has no new version: production's stands for it.
    DELETE FROM business_shadow.site_session_details_s AS versions
    USING pg_temp.reprocess_sessions AS compared
    WHERE versions.session_hk = compared.session_hk
        AND versions.session_start >= first_at
        AND (compared.is_settled OR compared.is_carried)
        AND (compared.verdict = 'equal'
                AND compared.is_settled
                AND (compared.p_load_date, compared.p_hash) <> (compared.s_load_date, compared.s_hash)
            OR (compared.verdict IN ('changed', 'added') OR NOT compared.is_settled)
                AND (versions.session_start, versions.load_date) <> (compared.s_start, compared.s_load_date)
            OR compared.verdict = 'gone' AND compared.is_settled AND compared.p_start IS NOT NULL);
    -- What has is the version after production's last one.
    UPDATE business_shadow.site_session_details_s AS versions
    SET load_date = CASE WHEN compared.is_settled
            THEN greatest(versions.load_date, compared.p_load_date + INTERVAL '1 microsecond')
            ELSE versions.load_date END,
        record_source = run.record_source
    FROM pg_temp.reprocess_sessions AS compared
    WHERE compared.is_carried
        AND compared.verdict IN ('changed', 'added')
        AND versions.session_start >= first_at
        AND (versions.session_start, versions.session_hk, versions.load_date)
            = (compared.s_start, compared.session_hk, compared.s_load_date);
    INSERT INTO business_shadow.site_session_details_s
    SELECT versions.*
    FROM pg_temp.reprocess_sessions AS compared
    JOIN business.site_session_details_s AS versions
        ON versions.session_hk = compared.session_hk AND versions.session_start >= first_at
    WHERE compared.is_carried AND (compared.is_settled OR compared.s_start IS NULL)
    ON CONFLICT DO NOTHING;
    -- The job that follows goes on from its own version of a session that may still change: all others are
    -- those before it, even where the live job was ahead.
    INSERT INTO business_shadow.site_session_details_s
    SELECT told.*
    FROM (
        SELECT
            versions,
            least(versions.load_date, compared.s_load_date - INTERVAL '1 microsecond'
                * row_number() OVER (
                    PARTITION BY versions.session_hk ORDER BY versions.load_date DESC, versions.session_start
                )) AS load_date
        FROM pg_temp.reprocess_sessions AS compared
        JOIN business.site_session_details_s AS versions
            ON versions.session_hk = compared.session_hk AND versions.session_start >= first_at
        WHERE compared.is_carried
            AND NOT compared.is_settled
            AND compared.s_start IS NOT NULL
            -- Of what was open only the present version is kept.
            AND versions.session_status <> 'OPEN'
            AND (compared.verdict <> 'equal' OR versions.load_date < compared.p_load_date)
    ) AS former
    CROSS JOIN LATERAL jsonb_populate_record(
        former.versions, jsonb_build_object('load_date', former.load_date)) AS told
    ON CONFLICT DO NOTHING;
    UPDATE business_shadow.site_session_b AS bridged
    SET (hash_diff, load_date, record_source) = (latest.hash_diff, latest.load_date, latest.record_source)
    FROM pg_temp.reprocess_sessions AS compared
    CROSS JOIN LATERAL business_shadow.site_latest_version(
        compared.tenant_hk, date_trunc('milliseconds', compared.s_start, 'UTC'), compared.session_hk) AS latest
    WHERE compared.is_carried
        AND (compared.verdict IN ('changed', 'added') OR compared.verdict = 'equal'
            AND compared.is_settled
            AND (compared.p_load_date, compared.p_hash) <> (compared.s_load_date, compared.s_hash))
        AND bridged.tenant_hk = compared.tenant_hk
        AND bridged.key_start = date_trunc('milliseconds', compared.s_start, 'UTC')
        AND bridged.session_hk = compared.session_hk
        AND bridged.session_status = 'CLOSED'
        AND (bridged.hash_diff, bridged.load_date, bridged.record_source)
            IS DISTINCT FROM (latest.hash_diff, latest.load_date, latest.record_source);
    CALL raw.site_tracking_reprocess_supersede('_shadow');
    CALL raw.site_tracking_reprocess_write_over_open('_shadow');

    INSERT INTO business_shadow.session_visitor_l
    SELECT links.*
    FROM pg_temp.reprocess_sessions AS compared
    JOIN business.session_visitor_l AS links
        ON links.session_hk = compared.session_hk AND links.session_start >= first_at
    WHERE compared.is_carried AND compared.s_start IS NULL
    ON CONFLICT DO NOTHING;
    INSERT INTO business_shadow.session_page_l
    SELECT links.*
    FROM pg_temp.reprocess_sessions AS compared
    JOIN business.session_page_l AS links
        ON links.session_hk = compared.session_hk AND links.session_start >= first_at
    WHERE compared.is_carried AND compared.s_start IS NULL
    ON CONFLICT DO NOTHING;
    -- Of events that are there; those of others come with these.
    INSERT INTO business_shadow.event_session_l
    SELECT links.*
    FROM pg_temp.reprocess_sessions AS compared
    JOIN business.event_session_l AS links
        ON links.session_hk = compared.session_hk AND links.event_timestamp >= first_at
    WHERE compared.is_carried
        AND compared.verdict IN ('removed', 'gone', 'untouched')
        AND EXISTS (
            SELECT FROM business_shadow.site_event_h AS events
            WHERE events.event_timestamp = links.event_timestamp AND events.event_hk = links.event_hk)
    ON CONFLICT DO NOTHING;
END
$body$;
COMMENT ON PROCEDURE raw.site_tracking_reprocess_carry_history()
IS 'Gives the shadow the versions and links of compared sessions that come along: the earlier versions of those that changed, of those that are no more, and sessions that were not reprocessed.';

CREATE OR REPLACE PROCEDURE raw.site_tracking_reprocess_leave()
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    run CONSTANT raw.site_tracking_reprocess_r := raw.site_tracking_reprocess_run();
    place text;
BEGIN
    CREATE TEMPORARY TABLE reprocess_left ON COMMIT DROP AS
    SELECT DISTINCT links.event_timestamp, links.event_hk, links.tenant_hk, links.load_date,
        business.site_hash_key(links.tenant_hk, 'sess_none') AS none_hk,
        business.site_hash_key(links.tenant_hk, 'sess_late') AS late_hk
    FROM pg_temp.reprocess_sessions AS compared
    JOIN business_shadow.event_session_l AS links ON links.session_hk = compared.session_hk
    WHERE compared.is_left;
    FOREACH place IN ARRAY ARRAY['site_session_details_s', 'site_session_h', 'session_visitor_l', 'session_page_l',
        'event_session_l']
    LOOP
        EXECUTE format('DELETE FROM business_shadow.%I AS told USING pg_temp.reprocess_sessions AS compared '
            'WHERE told.session_hk = compared.session_hk AND compared.is_left', place);
    END LOOP;
    UPDATE pg_temp.reprocess_sessions SET is_carried = is_left;
    CALL raw.site_tracking_reprocess_refresh('_shadow', ARRAY['untouched', 'gone']);
    -- Events that production has in no session, or does not have.
    INSERT INTO business_shadow.event_session_l
    SELECT links.*
    FROM pg_temp.reprocess_left AS left_out
    JOIN business.event_session_l AS links
        ON links.event_timestamp = left_out.event_timestamp
        AND links.event_hk = left_out.event_hk
        AND links.session_hk IN (left_out.none_hk, left_out.late_hk)
    ON CONFLICT DO NOTHING;
    DELETE FROM pg_temp.reprocess_left AS left_out
    USING business.event_session_l AS links
    WHERE links.event_timestamp = left_out.event_timestamp AND links.event_hk = left_out.event_hk;
    INSERT INTO business_shadow.site_session_h
    SELECT DISTINCT ON (none_hk) none_hk, 'sess_none', tenant_hk, load_date, run.record_source
    FROM pg_temp.reprocess_left
    ORDER BY none_hk, load_date
    ON CONFLICT DO NOTHING;
    INSERT INTO business_shadow.event_session_l
    SELECT
        event_timestamp,
        sha256(convert_to(encode(event_hk, 'hex') || '|' || encode(none_hk, 'hex') || '|'
            || encode(tenant_hk, 'hex'), 'UTF8')),
        event_hk, none_hk, tenant_hk, load_date, run.record_source
    FROM pg_temp.reprocess_left
    ON CONFLICT DO NOTHING;
    UPDATE pg_temp.reprocess_sessions
    SET s_start = NULL, s_status = NULL, is_settled = true
    WHERE is_left;
END
$body$;
COMMENT ON PROCEDURE raw.site_tracking_reprocess_leave()
IS 'Takes those of compared sessions out of the shadow that are left to production, so that production''s come in their place.';

CREATE OR REPLACE PROCEDURE raw.site_tracking_reprocess_carry_sums()
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
BEGIN
    DELETE FROM business_shadow.site_rollup_b
    WHERE bucket_start < raw.site_tracking_kept_from(
        tenant_hk, CASE WHEN dimension IN ('top_pages', 'items', 'vitals') THEN 'events' ELSE 'sessions' END);
    INSERT INTO business_shadow.site_rollup_b
    SELECT *
    FROM business.site_rollup_b
    WHERE bucket_start < raw.site_tracking_kept_from(
        tenant_hk, CASE WHEN dimension IN ('top_pages', 'items', 'vitals') THEN 'events' ELSE 'sessions' END);
    DELETE FROM business_shadow.site_return_b
    WHERE start_bucket < raw.site_tracking_kept_from(tenant_hk, 'sessions');
    INSERT INTO business_shadow.site_return_b
    SELECT * FROM business.site_return_b WHERE start_bucket < raw.site_tracking_kept_from(tenant_hk, 'sessions');
    DELETE FROM business_shadow.site_item_return_b
    WHERE day < business.site_item_days_kept_from(tenant_hk);
    INSERT INTO business_shadow.site_item_return_b
    SELECT * FROM business.site_item_return_b WHERE day < business.site_item_days_kept_from(tenant_hk);
    INSERT INTO business_shadow.site_order_b
    SELECT * FROM business.site_order_b WHERE event_timestamp < raw.site_tracking_kept_from(tenant_hk, 'events')
    ON CONFLICT DO NOTHING;
END
$body$;
COMMENT ON PROCEDURE raw.site_tracking_reprocess_carry_sums()
IS 'Gives the shadow the sums of what retention removed, of which nothing else is left.';

CREATE OR REPLACE PROCEDURE raw.site_tracking_reprocess_carry_kept_counts()
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
BEGIN
    -- What it has since it was in production itself is in these, too, or was corrected.
    PERFORM business_shadow.site_keep_counts(
        business_shadow.site_sums_less(
            ARRAY(SELECT ROW(kept.*)::business_shadow.site_rollup_b FROM business.site_rollup_kept_b AS kept),
            ARRAY(SELECT ROW(kept.*)::business_shadow.site_rollup_b FROM business_shadow.site_rollup_kept_b AS kept)),
        ARRAY(
            SELECT ROW(tenant_hk, span, previous_bucket, start_bucket, sum(sign * visits))::business_shadow.site_return_b
            FROM (
                SELECT 1 AS sign, * FROM business.site_return_kept_b
                UNION ALL
                SELECT -1, * FROM business_shadow.site_return_kept_b
            ) AS signed
            GROUP BY tenant_hk, span, previous_bucket, start_bucket),
        ARRAY(
            SELECT ROW(tenant_hk, day, item, previous_day, sum(sign * visitors))::business_shadow.site_item_return_b
            FROM (
                SELECT 1 AS sign, * FROM business.site_item_return_kept_b
                UNION ALL
                SELECT -1, * FROM business_shadow.site_item_return_kept_b
            ) AS signed
            GROUP BY tenant_hk, day, item, previous_day));
END
$body$;
COMMENT ON PROCEDURE raw.site_tracking_reprocess_carry_kept_counts()
IS 'Gives the shadow the sums of erased visitors, of which nothing else is left.';

CREATE OR REPLACE PROCEDURE raw.site_tracking_reprocess_carry_returns()
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
BEGIN
    PERFORM business_shadow.site_follow_removed(
        array_agg(tenant_hk), array_agg(key_start), array_agg(session_hk), array_agg(previous_start),
        array_agg(first_start))
    FROM (
        SELECT tenant_hk, kept_from::timestamp AT TIME ZONE 'UTC' AS kept_from
        FROM raw.site_tracking_kept_r
        WHERE layer = 'sessions'
    ) AS kept
    JOIN business.site_session_b USING (tenant_hk)
    WHERE previous_start < kept.kept_from;
    PERFORM business_shadow.site_add_cohorts(array_agg(
        ROW(tenant_hk, first_day, day, previous_day, -visitors)::business_shadow.site_cohort_b))
    FROM business_shadow.site_removed_cohorts();
    PERFORM business_shadow.site_add_cohorts(array_agg(ROW(removed.*)::business_shadow.site_cohort_b))
    FROM business.site_removed_cohorts() AS removed
    JOIN business.site_cohort_zone_b AS zones ON zones.tenant_hk = removed.tenant_hk
    JOIN business_shadow.site_cohort_zone_b AS shadow_zones
        ON shadow_zones.tenant_hk = removed.tenant_hk AND shadow_zones.time_zone = zones.time_zone;
    PERFORM business_shadow.site_follow_removed_days(array_agg(ROW(held.*)::business_shadow.site_item_day_b))
    FROM (
        SELECT DISTINCT tenant_hk, business.site_item_days_kept_from(tenant_hk) AS kept_from
        FROM raw.site_tracking_kept_r
    ) AS kept
    JOIN business.site_item_day_b AS held USING (tenant_hk)
    WHERE previous_day > '-infinity' AND previous_day < kept.kept_from;
END
$body$;
COMMENT ON PROCEDURE raw.site_tracking_reprocess_carry_returns()
IS 'Tells the shadow''s sessions and days whose visitors were there before that retention removed those.';

-- What it removed may lie in archive and savepoints still.
CREATE OR REPLACE PROCEDURE raw.site_tracking_reprocess_expire()
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    of_layer text;
    day date;
    tenants bytea[];
BEGIN
    FOREACH of_layer IN ARRAY ARRAY['raw', 'rejected', 'staging', 'events', 'sessions', 'ledger'] LOOP
        day := '-infinity';
        LOOP
            day := business_shadow.site_first_day(of_layer, day);
            SELECT array_agg(tenant_hk ORDER BY tenant_hk)
            INTO tenants
            FROM raw.site_tracking_kept_r
            WHERE layer = of_layer AND kept_from > day;
            EXIT WHEN tenants IS NULL;
            PERFORM business_shadow.site_expire_day(of_layer, tenants, day);
            day := day + 1;
        END LOOP;
    END LOOP;
END
$body$;
COMMENT ON PROCEDURE raw.site_tracking_reprocess_expire()
IS 'Takes out of the shadow what retention has removed of production.';

CREATE OR REPLACE PROCEDURE raw.site_tracking_reprocess_complete(everything boolean DEFAULT false)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET work_mem = '256MB'
AS $body$
DECLARE
    run CONSTANT raw.site_tracking_reprocess_r := raw.site_tracking_reprocess_run('BUILT', 'FOLLOWING', 'UNDONE');
    settled_before CONSTANT timestamptz := raw.site_tracking_reprocess_settled(run);
    loaded_before CONSTANT timestamptz := CASE WHEN everything THEN 'infinity' ELSE settled_before END;
    look jsonb;
    first_look jsonb;
    most_age integer;
BEGIN
    -- What is removed before the next transaction of a switch is so on both sides. Who lets nobody remove until
    -- the exchange has a lock of the session's own, which is nothing for one that others share.
    PERFORM pg_advisory_xact_lock(hashtextextended('site_tracking_carry_over', 0));
    look := raw.site_tracking_reprocess_look();
    IF NOT everything THEN
        DROP TABLE IF EXISTS business_shadow.site_reprocess_rest;
    ELSIF run.shadow_job IS NOT NULL AND run.counts -> 'look' @> (look - ARRAY['began', 'by']) THEN
        first_look := run.counts -> 'look';
        most_age := age((first_look ->> 'began')::xid8::xid);
    END IF;
    IF to_regclass('business_shadow.site_reprocess_rest') IS NULL THEN
        CREATE TABLE business_shadow.site_reprocess_rest (kind text, at timestamptz, hk bytea);
        CALL raw.site_tracking_close_table('business_shadow.site_reprocess_rest');
    END IF;
    CALL raw.site_tracking_reprocess_compare(first_look => first_look);
    IF everything AND run.shadow_job IS NULL AND isfinite(raw.site_tracking_reprocess_settled(run)) THEN
        -- Only production knows what the live job has loaded since the savepoint: of sessions that it may
        -- still change it has the last word, where it has one.
        UPDATE pg_temp.reprocess_sessions AS compared
        SET is_left = true, verdict = CASE WHEN p_status <> 'SUPERSEDED' THEN 'untouched' ELSE 'gone' END
        WHERE NOT is_settled
            AND (p_status <> 'SUPERSEDED' OR EXISTS (
                SELECT
                FROM pg_temp.reprocess_pairs AS pairs
                JOIN pg_temp.reprocess_sessions AS told ON told.session_hk = pairs.other_hk
                WHERE pairs.one_hk = compared.session_hk AND told.p_status <> 'SUPERSEDED'));
    END IF;
    ALTER TABLE pg_temp.reprocess_sessions ADD COLUMN is_carried boolean;
    IF EXISTS (SELECT FROM pg_temp.reprocess_sessions WHERE is_left) THEN
        CALL raw.site_tracking_reprocess_leave();
    END IF;
    UPDATE pg_temp.reprocess_sessions SET is_carried = p_start IS NOT NULL AND (everything OR is_settled);
    IF NOT everything THEN
        INSERT INTO business_shadow.site_reprocess_rest
        SELECT 'session', coalesce(p_start, s_start), session_hk
        FROM pg_temp.reprocess_sessions
        WHERE NOT is_settled;
        INSERT INTO business_shadow.site_reprocess_rest
        SELECT 'rejected', events.event_timestamp, events.event_hk
        FROM raw.site_tracking_events_r AS events
        WHERE events.processing_status = 'ERROR'
            AND events.load_date >= loaded_before
            AND NOT EXISTS (
                SELECT FROM raw_shadow.site_tracking_events_r AS known
                WHERE known.event_timestamp = events.event_timestamp AND known.event_hk = events.event_hk);
    END IF;
    CALL raw.site_tracking_reprocess_carry_hubs('', '_shadow', NULL, most_age);
    CALL raw.site_tracking_reprocess_carry_history();
    CALL raw.site_tracking_reprocess_carry_events('', '_shadow', NULL, loaded_before, most_age);
    -- Behind their events, whose page views are summed before sessions tell which of them are told again.
    CALL raw.site_tracking_reprocess_refresh('_shadow', ARRAY['untouched']);
    -- Rejected events among them, and what is kept raw of events that were not reprocessed. Of those that come
    -- along this has come with them.
    INSERT INTO raw_shadow.site_tracking_events_r
    SELECT events.*
    FROM raw.site_tracking_events_r AS events
    WHERE events.load_date < loaded_before
        AND (most_age IS NULL
            OR events.processing_status = 'ERROR'
                AND (age(events.xmin) <= most_age OR EXISTS (
                    SELECT FROM business_shadow.site_reprocess_rest AS rest
                    WHERE rest.kind = 'rejected' AND rest.at = events.event_timestamp AND rest.hk = events.event_hk)))
        AND NOT EXISTS (
            SELECT FROM raw_shadow.site_tracking_events_r AS known
            WHERE known.event_timestamp = events.event_timestamp AND known.event_hk = events.event_hk)
    ON CONFLICT DO NOTHING;
    -- A run that follows the live job counts what became of events itself, and may come to other outcomes than that
    -- one: of a tenant and day that it has counted none of those may stand beside its own.
    IF run.shadow_job IS NULL THEN
        DELETE FROM raw_shadow.site_tracking_ledger_r AS ledger
        WHERE NOT EXISTS (
            SELECT FROM raw.site_tracking_ledger_r AS counted
            WHERE (counted.ledger_date, counted.tenant_hk, counted.outcome, counted.code, counted.run_id)
                = (ledger.ledger_date, ledger.tenant_hk, ledger.outcome, ledger.code, ledger.run_id));
        INSERT INTO raw_shadow.site_tracking_ledger_r AS ledger
        SELECT * FROM raw.site_tracking_ledger_r
        ON CONFLICT (ledger_date, tenant_hk, outcome, code, run_id) DO UPDATE
        SET event_count = excluded.event_count, load_date = excluded.load_date
        WHERE ledger.event_count <> excluded.event_count;
    END IF;
    IF first_look IS NULL THEN
        -- Counts them, too, as production did, which is what counts.
        CALL raw.site_tracking_reprocess_expire();
    END IF;
    -- Those erased events that are there are counted. Of others production alone knows, as of who was late: also of
    -- days on which it counts none, where their visitors were erased when retention had removed them.
    INSERT INTO raw_shadow.site_tracking_erased_r AS erased (
        ledger_date, tenant_hk, event_count, late_count, load_date, record_source)
    SELECT
        ledger_date, tenant_hk, coalesce(expired.erased_count, 0), coalesce(counted.late_count, 0),
        coalesce(counted.load_date, expired.load_date), coalesce(counted.record_source, expired.record_source)
    FROM raw.site_tracking_erased_r AS counted
    FULL JOIN raw.site_tracking_expired_r AS expired USING (ledger_date, tenant_hk)
    LEFT JOIN raw_shadow.site_tracking_erased_r AS known USING (ledger_date, tenant_hk)
    WHERE counted.event_count IS NOT NULL OR known.event_count IS NOT NULL
    ON CONFLICT (ledger_date, tenant_hk) DO UPDATE SET
        event_count = erased.event_count + excluded.event_count - coalesce(
            (
                SELECT known.erased_count
                FROM raw_shadow.site_tracking_expired_r AS known
                -- Where production has none the shadow's own stays.
                JOIN raw.site_tracking_expired_r AS told USING (ledger_date, tenant_hk)
                WHERE known.ledger_date = erased.ledger_date AND known.tenant_hk = erased.tenant_hk
            ),
            0),
        late_count = greatest(erased.late_count, excluded.late_count),
        load_date = excluded.load_date;
    INSERT INTO raw_shadow.site_tracking_expired_r AS expired
    SELECT * FROM raw.site_tracking_expired_r
    ON CONFLICT (ledger_date, tenant_hk) DO UPDATE
    SET event_count = excluded.event_count, erased_count = excluded.erased_count, load_date = excluded.load_date;
    -- A run that follows remembers no erased event in the sessions that it made anew; the live job does.
    INSERT INTO raw_shadow.site_tracking_dissolved_r
    SELECT dissolved.*
    FROM raw.site_tracking_dissolved_r AS dissolved
    WHERE everything
        AND (run.shadow_job IS NULL OR NOT EXISTS (
            SELECT FROM business_shadow.site_session_h AS hub WHERE hub.session_hk = dissolved.session_hk))
    ON CONFLICT DO NOTHING;
    CALL raw.site_tracking_reprocess_carry_kept_counts();
    IF first_look IS NULL THEN
        CALL raw.site_tracking_reprocess_settle_late('_shadow', NULL);
        CALL raw.site_tracking_reprocess_carry_sums();
    END IF;
    IF first_look IS NULL
        OR EXISTS (SELECT FROM pg_temp.reprocess_sessions)
        OR EXISTS (SELECT FROM pg_temp.reprocess_events) THEN
        CALL raw.site_tracking_reprocess_carry_returns();
    END IF;
    UPDATE raw.site_tracking_reprocess_r
    SET counts = counts || jsonb_build_object('carried', everything)
            || CASE WHEN everything THEN '{}' ELSE jsonb_build_object('look', look) END,
        changed_at = clock_timestamp()
    WHERE reprocess_id = run.reprocess_id;
END
$body$;
COMMENT ON PROCEDURE raw.site_tracking_reprocess_complete(boolean)
IS 'Gives the shadow what production alone holds: earlier versions of sessions, sessions and events that were not reprocessed, rejected events, ledger. As long as the jobs run only what changes no more, which leaves less to do when they are stopped: then everything, which a switch demands. For administrators. Errors: ST021.';

-- The ledger calls events late that no session holds; those that one holds now are so no more.
CREATE OR REPLACE PROCEDURE raw.site_tracking_reprocess_settle_late(to_suffix text, tenants bytea[])
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    run CONSTANT raw.site_tracking_reprocess_r := raw.site_tracking_reprocess_run();
BEGIN
    EXECUTE format($query$
        WITH late AS (
            SELECT DISTINCT event_timestamp, event_hk
            FROM business%1$s.event_session_l
            WHERE session_hk = ANY (ARRAY(
                SELECT business.site_hash_key(tenant_hk, 'sess_late')
                FROM auth.tenant_h
                WHERE $1 IS NULL OR tenant_hk = ANY ($1)))
        ),
        held AS (
            SELECT links.tenant_hk, (links.load_date AT TIME ZONE 'UTC')::date AS ledger_date, count(*) AS events
            FROM late
            JOIN business%1$s.event_session_current_v AS links
                ON links.event_timestamp = late.event_timestamp AND links.event_hk = late.event_hk
            WHERE links.link_kind = 'LATE'
            GROUP BY 1, 2
        ),
        shares AS (
            SELECT
                ledger.ledger_date, ledger.tenant_hk, ledger.code, ledger.run_id,
                -- Those of them that are erased are counted apart.
                least(ledger.event_count, greatest(0, coalesce(held.events, 0) + coalesce(erased.late_count, 0)
                    - (sum(ledger.event_count) OVER so_far - ledger.event_count))) AS event_count
            FROM raw%1$s.site_tracking_ledger_r AS ledger
            LEFT JOIN held USING (ledger_date, tenant_hk)
            LEFT JOIN raw%1$s.site_tracking_erased_r AS erased USING (ledger_date, tenant_hk)
            WHERE ledger.outcome = 'LATE'
                AND ($1 IS NULL OR ledger.tenant_hk = ANY ($1))
                AND ledger.ledger_date < coalesce($2, 'infinity')
            WINDOW so_far AS (PARTITION BY ledger.ledger_date, ledger.tenant_hk ORDER BY ledger.code, ledger.run_id)
        )
        UPDATE raw%1$s.site_tracking_ledger_r AS ledger
        SET event_count = shares.event_count, load_date = clock_timestamp()
        FROM shares
        WHERE ledger.outcome = 'LATE'
            AND (ledger.ledger_date, ledger.tenant_hk, ledger.code, ledger.run_id)
                = (shares.ledger_date, shares.tenant_hk, shares.code, shares.run_id)
            AND ledger.event_count <> shares.event_count
        $query$, to_suffix)
    USING tenants, (run.settled_before AT TIME ZONE 'UTC')::date;
END
$body$;
COMMENT ON PROCEDURE raw.site_tracking_reprocess_settle_late(text, bytea[])
IS 'Lets the ledger of settled days call only those events late that no session holds.';

-- --------------------------------------------------------------------- some tenants, or some days

CREATE OR REPLACE PROCEDURE raw.site_tracking_reprocess_merge(tenant text)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET work_mem = '256MB'
SET client_min_messages = warning
AS $body$
DECLARE
    run CONSTANT raw.site_tracking_reprocess_r := raw.site_tracking_reprocess_run('BUILT', 'MERGED');
    tenants CONSTANT bytea[] := ARRAY[auth.site_tracking_one_tenant(tenant)];
BEGIN
    IF run.tenant_bks IS NOT NULL AND NOT tenant = ANY (run.tenant_bks) THEN
        RAISE EXCEPTION 'the reprocess is not about tenant %', tenant USING ERRCODE = 'ST021';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('site_tracking_carry_over', 0));
    CALL raw.site_tracking_reprocess_compare(tenant);
    ALTER TABLE pg_temp.reprocess_sessions ADD COLUMN is_carried boolean;
    UPDATE pg_temp.reprocess_sessions
    SET is_carried = is_settled AND verdict IN ('changed', 'added', 'removed'),
        -- Its events have no session in production.
        verdict = CASE WHEN is_settled OR verdict <> 'added' THEN verdict ELSE 'gone' END;
    CALL raw.site_tracking_reprocess_carry_hubs('_shadow', '', tenants);

    DROP TABLE IF EXISTS pg_temp.reprocess_versions;
    CREATE TEMPORARY TABLE reprocess_versions ON COMMIT DROP AS
    SELECT versions.*
    FROM pg_temp.reprocess_sessions AS compared
    JOIN business_shadow.site_session_details_s AS versions
        ON (versions.session_start, versions.session_hk, versions.load_date)
            = (compared.s_start, compared.session_hk, compared.s_load_date)
    WHERE compared.is_carried AND compared.verdict <> 'removed';
    UPDATE pg_temp.reprocess_versions AS versions
    SET load_date = greatest(versions.load_date, compared.p_load_date + INTERVAL '1 microsecond'),
        record_source = run.record_source
    FROM pg_temp.reprocess_sessions AS compared
    WHERE compared.session_hk = versions.session_hk;
    INSERT INTO business.site_session_details_s SELECT * FROM pg_temp.reprocess_versions;
    INSERT INTO business.session_visitor_l
    SELECT links.*
    FROM pg_temp.reprocess_versions AS versions
    JOIN business_shadow.session_visitor_l AS links ON links.session_hk = versions.session_hk
    ON CONFLICT DO NOTHING;
    INSERT INTO business.session_page_l
    SELECT links.*
    FROM pg_temp.reprocess_versions AS versions
    JOIN business_shadow.session_page_l AS links ON links.session_hk = versions.session_hk
    ON CONFLICT DO NOTHING;
    INSERT INTO business.event_session_l
    SELECT links.*
    FROM pg_temp.reprocess_versions AS versions
    JOIN business_shadow.event_session_l AS links ON links.session_hk = versions.session_hk
    ON CONFLICT DO NOTHING;
    CALL raw.site_tracking_reprocess_supersede('');
    CALL raw.site_tracking_reprocess_write_over_open('');
    CALL raw.site_tracking_reprocess_carry_events('_shadow', '', tenants, 'infinity');
    CALL raw.site_tracking_reprocess_refresh('', ARRAY['changed', 'added', 'removed']);
    CALL raw.site_tracking_reprocess_settle_late('', tenants);
    UPDATE raw.site_tracking_reprocess_r
    SET state = 'MERGED', changed_at = clock_timestamp()
    WHERE reprocess_id = run.reprocess_id;
END
$body$;
COMMENT ON PROCEDURE raw.site_tracking_reprocess_merge(text)
IS 'Carries over to production what the reprocess says otherwise of a tenant: versions of settled sessions, those that are no more, missing events; nothing of other tenants is touched, and the live job goes on. Calling it again changes nothing. For administrators. Errors: ST013, ST021, ST409.';

-- ------------------------------------------------------------------------------------------- diff

-- An event that is missing explains most, then one that was erased, or came too late for the live job.
CREATE OR REPLACE PROCEDURE raw.site_tracking_reprocess_explain()
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET enable_nestloop = off
SET work_mem = '256MB'
AS $body$
DECLARE
    run CONSTANT raw.site_tracking_reprocess_r := raw.site_tracking_reprocess_run();
BEGIN
    ALTER TABLE pg_temp.reprocess_sessions ADD COLUMN reason text;
    UPDATE pg_temp.reprocess_sessions AS compared
    SET reason = 'events_missing'
    WHERE verdict IN ('changed', 'removed')
        AND EXISTS (
            SELECT
            FROM business.event_session_l AS links
            WHERE links.session_hk = compared.session_hk
                AND links.event_timestamp BETWEEN compared.p_start AND compared.p_end
                AND NOT EXISTS (
                    SELECT FROM business_shadow.site_event_h AS events
                    WHERE events.event_timestamp = links.event_timestamp AND events.event_hk = links.event_hk));
    UPDATE pg_temp.reprocess_sessions AS compared
    SET reason = 'erased'
    FROM (
        SELECT session_hk FROM raw.site_tracking_dissolved_r
        UNION
        SELECT session_hk FROM raw_shadow.site_tracking_dissolved_r
    ) AS dissolved
    WHERE dissolved.session_hk = compared.session_hk
        AND verdict IN ('changed', 'added', 'removed')
        AND reason IS NULL;
    UPDATE pg_temp.reprocess_sessions AS compared
    SET reason = 'late_events'
    FROM (
        SELECT DISTINCT joined.session_hk
        FROM business.event_session_l AS links
        JOIN business_shadow.event_session_l AS joined
            ON joined.event_timestamp = links.event_timestamp AND joined.event_hk = links.event_hk
        WHERE links.session_hk = ANY (ARRAY(
            SELECT business.site_hash_key(tenant_hk, 'sess_late') FROM auth.tenant_h))
    ) AS late
    WHERE late.session_hk = compared.session_hk AND verdict IN ('changed', 'added') AND reason IS NULL;
    UPDATE pg_temp.reprocess_sessions AS compared
    SET reason = 'late_events'
    WHERE verdict = 'removed'
        AND reason IS NULL
        AND EXISTS (
            SELECT
            FROM business.event_session_l AS links
            JOIN business_shadow.event_session_l AS moved
                ON moved.event_timestamp = links.event_timestamp AND moved.event_hk = links.event_hk
            JOIN pg_temp.reprocess_sessions AS heir
                ON heir.session_hk = moved.session_hk AND heir.reason = 'late_events'
            WHERE links.session_hk = compared.session_hk);
    UPDATE pg_temp.reprocess_sessions AS compared
    SET reason = CASE
        WHEN 'OPEN' IN (p_status, s_status) THEN 'still_open'
        WHEN run.settings ? 'session.gap' AND (p_start, p_end) IS DISTINCT FROM (s_start, s_end) THEN 'gap'
        WHEN run.settings <> '{}' OR EXISTS (
            SELECT
            FROM business.site_session_details_s AS p
            JOIN business_shadow.site_session_details_s AS s
                ON (s.session_start, s.session_hk, s.load_date)
                    = (compared.s_start, compared.session_hk, compared.s_load_date)
            WHERE (p.session_start, p.session_hk, p.load_date)
                    = (compared.p_start, compared.session_hk, compared.p_load_date)
                AND p.rules_version <> s.rules_version) THEN 'rules'
        WHEN EXISTS (
            SELECT
            FROM auth.tenant_site_tracking_s AS settings
            WHERE settings.tenant_hk = compared.tenant_hk AND settings.load_date > compared.p_load_date)
            THEN 'tenant_settings'
        ELSE 'other' END
    WHERE verdict IN ('changed', 'added', 'removed') AND reason IS NULL;
END
$body$;
COMMENT ON PROCEDURE raw.site_tracking_reprocess_explain()
IS 'Why compared sessions differ: events_missing in the reprocess, erased where a visitor of the session was, late_events that joined, still_open on one side, gap where that is another one and so are start or end, rules where other settings or their version are, tenant_settings where the tenant changed these since, or other.';

CREATE OR REPLACE FUNCTION raw.site_tracking_reprocess_examples(most integer)
RETURNS jsonb
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
BEGIN
    RETURN (SELECT coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
        'verdict', chosen.verdict,
        'reason', chosen.reason,
        'tenant', tenants.tenant_bk,
        'session', coalesce(s_hub.session_bk, p_hub.session_bk),
        'start', coalesce(chosen.s_start, chosen.p_start),
        'changes', changes.fields)) ORDER BY chosen.verdict, chosen.number), '[]')
    FROM (
        SELECT *, row_number() OVER (
            PARTITION BY verdict ORDER BY coalesce(s_start, p_start), session_hk) AS number
        FROM pg_temp.reprocess_sessions
        WHERE verdict IN ('changed', 'added', 'removed')
    ) AS chosen
    JOIN auth.tenant_h AS tenants ON tenants.tenant_hk = chosen.tenant_hk
    LEFT JOIN business.site_session_h AS p_hub ON p_hub.session_hk = chosen.session_hk
    LEFT JOIN business_shadow.site_session_h AS s_hub ON s_hub.session_hk = chosen.session_hk
    LEFT JOIN LATERAL (
        SELECT jsonb_object_agg(field, jsonb_build_array(to_jsonb(p) -> field, to_jsonb(s) -> field)) AS fields
        FROM business.site_session_details_s AS p
        CROSS JOIN business_shadow.site_session_details_s AS s
        CROSS JOIN raw.site_tracking_reprocess_fields() AS field
        WHERE chosen.verdict = 'changed'
            AND (p.session_start, p.session_hk, p.load_date)
                = (chosen.p_start, chosen.session_hk, chosen.p_load_date)
            AND (s.session_start, s.session_hk, s.load_date)
                = (chosen.s_start, chosen.session_hk, chosen.s_load_date)
            AND to_jsonb(p) -> field IS DISTINCT FROM to_jsonb(s) -> field
    ) AS changes ON true
    WHERE chosen.number <= most);
END
$body$;
COMMENT ON FUNCTION raw.site_tracking_reprocess_examples(integer)
IS 'The first compared sessions of each kind that differ, with what they were in production and are in the shadow.';

CREATE OR REPLACE FUNCTION raw.site_tracking_reprocess_changed_fields()
RETURNS jsonb
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    counts jsonb;
BEGIN
    EXECUTE format($query$
        SELECT jsonb_build_object(%s)
        FROM pg_temp.reprocess_sessions AS compared
        JOIN business.site_session_details_s AS p
            ON (p.session_start, p.session_hk, p.load_date)
                = (compared.p_start, compared.session_hk, compared.p_load_date)
        JOIN business_shadow.site_session_details_s AS s
            ON (s.session_start, s.session_hk, s.load_date)
                = (compared.s_start, compared.session_hk, compared.s_load_date)
        WHERE compared.verdict = 'changed'
        $query$, (
            SELECT string_agg(
                format('%1$L, count(*) FILTER (WHERE p.%1$I IS DISTINCT FROM s.%1$I)', field), ', ')
            FROM raw.site_tracking_reprocess_fields() AS field))
    INTO counts;
    RETURN (SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM jsonb_each(counts) WHERE value <> '0');
END
$body$;
COMMENT ON FUNCTION raw.site_tracking_reprocess_changed_fields()
IS 'In how many of the changed sessions each field differs.';

CREATE OR REPLACE FUNCTION raw.site_tracking_reprocess_event_days()
RETURNS jsonb
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    run CONSTANT raw.site_tracking_reprocess_r := raw.site_tracking_reprocess_run();
    days jsonb;
BEGIN
    SELECT coalesce(jsonb_agg(jsonb_build_object(
        'tenant', tenants.tenant_bk, 'day', day, 'production', coalesce(p.events, 0),
        'shadow', coalesce(s.events, 0)) ORDER BY tenants.tenant_bk, day), '[]')
    INTO days
    FROM (
        SELECT tenant_hk, (event_timestamp AT TIME ZONE 'UTC')::date AS day, count(*) AS events
        FROM business.site_event_h
        WHERE event_timestamp >= coalesce(run.from_at, '-infinity')
            AND event_timestamp < coalesce(run.to_at, 'infinity')
        GROUP BY 1, 2
    ) AS p
    FULL JOIN (
        SELECT tenant_hk, (event_timestamp AT TIME ZONE 'UTC')::date AS day, count(*) AS events
        FROM business_shadow.site_event_h
        WHERE event_timestamp >= coalesce(run.from_at, '-infinity')
            AND event_timestamp < coalesce(run.to_at, 'infinity')
        GROUP BY 1, 2
    ) AS s USING (tenant_hk, day)
    JOIN auth.tenant_h AS tenants USING (tenant_hk)
    WHERE (run.tenant_bks IS NULL OR tenants.tenant_bk = ANY (run.tenant_bks));
    RETURN days;
END
$body$;
COMMENT ON FUNCTION raw.site_tracking_reprocess_event_days()
IS 'How many events of each tenant and day production and shadow hold.';

CREATE OR REPLACE FUNCTION raw.site_tracking_reprocess_diff(most_examples integer DEFAULT 5)
RETURNS jsonb
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET client_min_messages = warning
AS $body$
DECLARE
    run CONSTANT raw.site_tracking_reprocess_r := raw.site_tracking_reprocess_run(
        'BUILDING', 'BUILT', 'FOLLOWING', 'UNDONE', 'MERGED');
    verdicts jsonb;
    reasons jsonb;
    left_out jsonb;
    days CONSTANT jsonb := raw.site_tracking_reprocess_event_days();
BEGIN
    CALL raw.site_tracking_reprocess_compare();
    CALL raw.site_tracking_reprocess_explain();
    SELECT jsonb_object_agg(listed.verdict, coalesce(counts.sessions, 0))
    INTO verdicts
    FROM unnest(ARRAY['equal', 'added', 'removed', 'changed', 'untouched']) AS listed (verdict)
    LEFT JOIN (
        SELECT verdict, count(*) AS sessions FROM pg_temp.reprocess_sessions GROUP BY verdict
    ) AS counts USING (verdict);
    SELECT coalesce(jsonb_object_agg(reason, sessions), '{}')
    INTO reasons
    FROM (
        SELECT reason, count(*) AS sessions
        FROM pg_temp.reprocess_sessions
        WHERE reason IS NOT NULL
        GROUP BY reason
    ) AS counts;
    SELECT coalesce(jsonb_object_agg(cause, sessions), '{}')
    INTO left_out
    FROM (
        SELECT
            CASE WHEN least(p_start, s_start) < raw.site_tracking_kept_from(tenant_hk, 'events')
                    OR least(p_start, s_start) < raw.site_tracking_kept_from(tenant_hk, 'sessions')
                THEN 'removed_in_part' ELSE 'known_in_part' END AS cause,
            count(*) AS sessions
        FROM pg_temp.reprocess_sessions
        WHERE is_left
        GROUP BY cause
    ) AS counts;
    RETURN jsonb_build_object(
        'reprocess', run.reprocess_id,
        'equal', reasons = '{}' AND NOT jsonb_path_exists(days, '$[*] ? (@.shadow > @.production)'),
        'sessions', verdicts,
        'reasons', reasons,
        'left', left_out,
        'fields', raw.site_tracking_reprocess_changed_fields(),
        'examples', raw.site_tracking_reprocess_examples(most_examples),
        'events', days);
END
$body$;
COMMENT ON FUNCTION raw.site_tracking_reprocess_diff(integer)
IS 'What the shadow says otherwise than production: how many sessions are equal, added, removed, changed, and untouched as none of their events was reprocessed, or not all of them; why; how many are left to production, as retention has removed or the reprocess knows them in part; in which fields; examples; events by tenant and day. Open sessions of the live job differ until the shadow follows. For administrators. Errors: ST021.';

-- ----------------------------------------------------------------------------- switch, undo, drop

CREATE OR REPLACE FUNCTION raw.site_tracking_reprocess_differences(suffix text)
RETURNS SETOF text
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    -- Told once, and not for each object.
    WITH names AS MATERIALIZED (
        SELECT raw.site_tracking_reprocess_names() AS listed
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

CREATE OR REPLACE FUNCTION raw.site_tracking_reprocess_in_the_way(began timestamptz, relations oid[])
RETURNS text
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $body$
    -- Else a transaction is told what it was told before.
    SELECT pg_stat_clear_snapshot();
    SELECT format('process %s of %s is in a transaction for %s s', pid,
        CASE WHEN usesysid IS NULL THEN query ELSE format('login %s (%s)', usename, application_name) END,
        round(extract(epoch FROM clock_timestamp() - xact_start)))
    FROM pg_stat_activity AS others
    WHERE datname = current_database()
        AND pid <> pg_backend_pid()
        AND xact_start < began
        -- Of the server's own all go for who waits, but for one.
        AND (usesysid IS NOT NULL
            OR backend_type = 'autovacuum worker' AND query LIKE '%(to prevent wraparound)')
        -- Reads what was committed before that, and maybe not all of it, or has one of the relations.
        AND (usesysid IS NOT NULL AND backend_xmin IS NOT NULL OR EXISTS (
            SELECT FROM pg_locks AS locks
            WHERE locks.pid = others.pid AND locks.relation = ANY (relations) AND locks.granted))
    ORDER BY xact_start
    LIMIT 1
$body$;
COMMENT ON FUNCTION raw.site_tracking_reprocess_in_the_way(timestamptz, oid[])
IS 'Who of those whose transactions began before is in the way of an exchange, the one of the oldest; NULL when nobody is.';

CREATE OR REPLACE PROCEDURE raw.site_tracking_reprocess_await_others(most_seconds float8 DEFAULT 30)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    began CONSTANT timestamptz := clock_timestamp();
    relations CONSTANT oid[] := ARRAY(
        SELECT id
        FROM (VALUES (''), ('_shadow'), ('_former')) AS sides (suffix)
        CROSS JOIN LATERAL raw.site_tracking_reprocess_objects(sides.suffix)
        WHERE kind <> 'routine');
    other text;
BEGIN
    LOOP
        other := raw.site_tracking_reprocess_in_the_way(began, relations);
        IF other IS NULL THEN
            RETURN;
        END IF;
        IF clock_timestamp() >= began + most_seconds * INTERVAL '1 second' THEN
            RAISE EXCEPTION 'somebody is in the way: %', other
                USING ERRCODE = 'ST025', HINT = 'Nothing was changed: start again when it has ended.';
        END IF;
        PERFORM pg_sleep(0.25);
    END LOOP;
END
$body$;
COMMENT ON PROCEDURE raw.site_tracking_reprocess_await_others(float8)
IS 'Waits for transactions of others that are in the way of an exchange, as long as the jobs still run. For administrators. Errors: ST025.';

-- Autovacuum goes only for who waits longer than deadlock_timeout, a second as a rule: so it is waited for, and
-- kept out from then on, by a lock behind which neither readers nor writers wait. Each try after that gives up
-- before that time, so that it is never a reader who is cancelled; and after it those who waited behind us go first.
CREATE OR REPLACE PROCEDURE raw.site_tracking_reprocess_lock(targets text[])
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET lock_timeout = 0
AS $body$
DECLARE
    target text;
    until timestamptz;
    last_try_at timestamptz;
BEGIN
    SET LOCAL lock_timeout = '15 s';
    FOREACH target IN ARRAY targets LOOP
        EXECUTE format('LOCK TABLE ONLY %s IN SHARE UPDATE EXCLUSIVE MODE', target);
    END LOOP;
    -- The jobs are stopped, and those who are in the way for longer were waited for before.
    last_try_at := clock_timestamp() + INTERVAL '15 seconds';
    LOOP
        BEGIN
            until := clock_timestamp() + INTERVAL '750 milliseconds';
            FOREACH target IN ARRAY targets LOOP
                PERFORM set_config('lock_timeout', greatest(
                    1, extract(milliseconds FROM until - clock_timestamp())::integer)::text, true);
                EXECUTE format('LOCK TABLE ONLY %s IN ACCESS EXCLUSIVE MODE', target);
            END LOOP;
            IF raw.site_tracking_reprocess_in_the_way(now(), '{}') IS NULL THEN
                RETURN;
            END IF;
            RAISE lock_not_available;
        EXCEPTION
            WHEN lock_not_available THEN
                EXIT WHEN clock_timestamp() >= last_try_at;
                PERFORM pg_sleep(0.25);
        END;
    END LOOP;
    RAISE lock_not_available;
EXCEPTION
    WHEN lock_not_available THEN
        RAISE EXCEPTION 'somebody uses % all the time: %', target, coalesce(
            raw.site_tracking_reprocess_in_the_way(clock_timestamp(), targets::regclass[]::oid[]), 'not always the same')
            USING ERRCODE = 'ST025', HINT = 'pg_stat_activity tells who. Nothing was changed: start again.';
END
$body$;
COMMENT ON PROCEDURE raw.site_tracking_reprocess_lock(text[])
IS 'Locks tables and views for the end of the transaction, all or none of them at a time, so that readers wait for less than a second behind it, when nobody reads what was before the transaction any more. Errors: ST025.';

CREATE OR REPLACE PROCEDURE raw.site_tracking_reprocess_check_exchange(in_suffix text)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    different CONSTANT text := (
        SELECT string_agg(object, ', ') FROM raw.site_tracking_reprocess_differences(in_suffix) AS object);
BEGIN
    CALL raw.site_tracking_reprocess_check_others('');
    IF different IS NOT NULL THEN
        RAISE EXCEPTION 'the shadow is not as production: %', different
            USING ERRCODE = 'ST022', HINT = 'Scripts of another version were applied. Drop it and build it anew.';
    END IF;
    CALL raw.site_tracking_reprocess_check_locks(2);
END
$body$;
COMMENT ON PROCEDURE raw.site_tracking_reprocess_check_exchange(text)
IS 'Raises what an exchange with the schemas of the suffix would be refused for before it waits for anybody, and changes nothing. For administrators. Errors: ST022, ST023, ST024.';

-- The names are exchanged by moving everything. What the routines will be is written before the locks are taken,
-- so that nobody waits for it; their owners, grants and comments stay theirs.
CREATE OR REPLACE PROCEDURE raw.site_tracking_reprocess_exchange(out_suffix text, in_suffix text)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET check_function_bodies = off
AS $body$
DECLARE
    names CONSTANT text[] := raw.site_tracking_reprocess_names();
    relations CONSTANT text[] := ARRAY(
        SELECT id::regclass::text
        FROM (VALUES (''), (in_suffix)) AS sides (suffix)
        CROSS JOIN LATERAL raw.site_tracking_reprocess_objects(sides.suffix)
        WHERE kind <> 'routine'
        -- Whoever asks has this one as long as he reads: while it is waited for, nobody waits who reads already.
        ORDER BY id <> 'raw.site_tracking_ledger_r'::regclass, place, 1);
    moves text[];
    routine_moves text[];
    texts text[];
    row_texts text[];
    change text;
BEGIN
    CALL raw.site_tracking_reprocess_check_exchange(in_suffix);
    CALL raw.site_tracking_reprocess_schemas(out_suffix);
    SELECT
        array_agg(moved.change ORDER BY number, place) FILTER (WHERE kind <> 'routine'),
        array_agg(moved.change ORDER BY number) FILTER (WHERE kind = 'routine'),
        array_agg(definition ORDER BY number) FILTER (WHERE kind = 'routine' AND NOT takes_rows),
        array_agg(definition ORDER BY number) FILTER (WHERE kind = 'routine' AND takes_rows)
    INTO moves, routine_moves, texts, row_texts
    FROM (VALUES (1, '', out_suffix), (2, in_suffix, '')) AS sides (number, from_suffix, to_suffix)
    CROSS JOIN LATERAL raw.site_tracking_reprocess_objects(sides.from_suffix)
    CROSS JOIN LATERAL (
        SELECT
            format('ALTER %s %s SET SCHEMA %I', upper(kind),
                CASE kind WHEN 'routine' THEN id::regprocedure::text ELSE id::regclass::text END,
                regexp_replace(layer, sides.from_suffix || '$', sides.to_suffix)) AS change,
            CASE kind WHEN 'routine' THEN raw.site_tracking_reprocess_text(
                pg_get_functiondef(id), names, sides.from_suffix, sides.to_suffix) END AS definition,
            EXISTS (
                SELECT
                FROM pg_proc
                JOIN pg_type AS types ON types.oid = ANY (
                    prorettype || proargtypes::oid[] || coalesce(proallargtypes, '{}'))
                LEFT JOIN pg_type AS elements ON elements.oid = types.typelem
                WHERE pg_proc.oid = id AND 'c' IN (types.typtype, elements.typtype)) AS takes_rows
    ) AS moved;

    FOREACH change IN ARRAY routine_moves || texts LOOP
        EXECUTE change;
    END LOOP;
    CALL raw.site_tracking_reprocess_lock(relations);
    -- The rows of tables move with these.
    FOREACH change IN ARRAY moves || row_texts LOOP
        EXECUTE change;
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
    -- In a transaction before: who waits for the tables reads them as of when he began.
    IF run.counts -> 'carried' IS DISTINCT FROM 'true' THEN
        RAISE EXCEPTION 'what production alone holds was not carried over'
            USING ERRCODE = 'ST021', HINT = 'CALL raw.site_tracking_reprocess_complete(true), with the jobs stopped.';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('site_tracking_carry_over', 0));
    PERFORM pg_advisory_xact_lock(hashtextextended('site_tracking', 0));
    DROP TABLE IF EXISTS business_shadow.site_reprocess_rest;
    CALL raw.site_tracking_reprocess_exchange('_former', '_shadow');
    -- Of other tables than the next one's.
    UPDATE raw.site_tracking_reprocess_r
    SET state = 'SWITCHED', counts = counts - ARRAY['carried', 'look', 'settled_before', 'farthest_ms'], changed_at = clock_timestamp()
    WHERE reprocess_id = run.reprocess_id;
END
$body$;
COMMENT ON PROCEDURE raw.site_tracking_reprocess_switch()
IS 'Makes the shadow production, to which what production alone holds was carried over, and keeps what was production for an undo. Nothing but names changes. No job may write meanwhile; readers see all of the one or all of the other. For administrators. Errors: ST021, ST022, ST023, ST024, ST025.';

CREATE OR REPLACE PROCEDURE raw.site_tracking_reprocess_undo()
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    run CONSTANT raw.site_tracking_reprocess_r := raw.site_tracking_reprocess_run('SWITCHED');
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('site_tracking_carry_over', 0));
    PERFORM pg_advisory_xact_lock(hashtextextended('site_tracking', 0));
    CALL raw.site_tracking_reprocess_exchange('_shadow', '_former');
    UPDATE raw.site_tracking_reprocess_r
    SET state = 'UNDONE', counts = counts - ARRAY['carried', 'look', 'settled_before', 'farthest_ms'], changed_at = clock_timestamp()
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
    -- Where the tables are: an undo leaves schemas without any.
    suffix CONSTANT text := CASE WHEN EXISTS (
        SELECT FROM raw.site_tracking_reprocess_objects('_former') WHERE kind = 'table' AND place > 0)
        THEN '_former' ELSE '_shadow' END;
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
