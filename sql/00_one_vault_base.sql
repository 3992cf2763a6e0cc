-- Purpose: stand-in of the One Vault objects that site tracking builds on, for a database that has none.
--
-- Run first. Creates what is missing and nothing else: an object that exists is neither altered nor
-- replaced nor commented on, however much richer it is. Ends with a check that what exists will do.
-- PostgreSQL 15 or later, database encoding UTF8. Errors: ST011 the database does not fit.

BEGIN;

DO $lock$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('site_tracking', 0));
END
$lock$;

-- CREATE SCHEMA IF NOT EXISTS asks for the right to create schemas even where there is nothing to do.
DO $schemas$
DECLARE
    missing record;
BEGIN
    FOR missing IN
        SELECT needed.name, needed.purpose
        FROM (VALUES
            ('auth', 'Tenants, tokens and settings.'),
            ('business', 'The vault: hubs, links, satellites and the views on them.'),
            ('raw', 'Events as they arrived, and the ledger of what became of them.'),
            ('staging', 'Validated, enriched and typed events; short retention.'),
            ('util', 'Functions that every layer shares.'),
            ('api', 'What clients may call; nothing else is open to them.')
        ) AS needed (name, purpose)
        WHERE to_regnamespace(needed.name) IS NULL
    LOOP
        EXECUTE format('CREATE SCHEMA %I', missing.name);
        EXECUTE format('COMMENT ON SCHEMA %I IS %L', missing.name, missing.purpose);
    END LOOP;
END
$schemas$;

DO $tenants$
BEGIN
    IF to_regclass('auth.tenant_h') IS NOT NULL THEN
        RETURN;
    END IF;
    CREATE TABLE auth.tenant_h (
        tenant_hk bytea NOT NULL PRIMARY KEY,
        tenant_bk varchar(255) NOT NULL UNIQUE,
        load_date timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
        record_source varchar(100) NOT NULL
    );
    COMMENT ON TABLE auth.tenant_h IS 'Hub: one row per tenant.';
    COMMENT ON COLUMN auth.tenant_h.tenant_hk IS 'Hash key, SHA-256 of tenant_bk.';
    COMMENT ON COLUMN auth.tenant_h.tenant_bk IS 'Name of the tenant, as events carry it.';
    COMMENT ON COLUMN auth.tenant_h.load_date IS 'When the tenant was registered.';
    COMMENT ON COLUMN auth.tenant_h.record_source IS 'Program that wrote the row.';
END
$tenants$;

DO $tokens$
BEGIN
    IF to_regclass('auth.api_token_h') IS NOT NULL THEN
        RETURN;
    END IF;
    CREATE TABLE auth.api_token_h (
        api_token_hk bytea NOT NULL PRIMARY KEY,
        api_token_bk varchar(255) NOT NULL,
        tenant_hk bytea NOT NULL,
        load_date timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
        record_source varchar(100) NOT NULL
    );
    COMMENT ON TABLE auth.api_token_h IS 'Hub: one row per API token.';
    COMMENT ON COLUMN auth.api_token_h.api_token_hk IS 'Hash key of the token within its tenant.';
    COMMENT ON COLUMN auth.api_token_h.api_token_bk IS 'Name of the token; never the token itself.';
    COMMENT ON COLUMN auth.api_token_h.tenant_hk IS 'Tenant that the token speaks for.';
    COMMENT ON COLUMN auth.api_token_h.load_date IS 'When the token was issued.';
    COMMENT ON COLUMN auth.api_token_h.record_source IS 'Program that wrote the row.';
END
$tokens$;

DO $token_versions$
BEGIN
    IF to_regclass('auth.api_token_s') IS NOT NULL THEN
        RETURN;
    END IF;
    CREATE TABLE auth.api_token_s (
        api_token_hk bytea NOT NULL,
        load_date timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
        load_end_date timestamptz,
        hash_diff bytea NOT NULL,
        token_hash bytea NOT NULL,
        token_type varchar(20) NOT NULL
            CHECK (token_type IN ('SESSION', 'API_KEY', 'REFRESH', 'TEMPORARY')),
        expires_at timestamptz NOT NULL,
        is_revoked boolean NOT NULL DEFAULT false,
        scope text[] NOT NULL DEFAULT '{}',
        tenant_hk bytea NOT NULL,
        record_source varchar(100) NOT NULL,
        PRIMARY KEY (api_token_hk, load_date)
    );
    COMMENT ON TABLE auth.api_token_s IS 'Satellite: versions of API tokens.';
    COMMENT ON COLUMN auth.api_token_s.api_token_hk IS 'The token.';
    COMMENT ON COLUMN auth.api_token_s.load_date IS 'From when this version holds.';
    COMMENT ON COLUMN auth.api_token_s.load_end_date IS 'Until when this version holds; NULL for the current one.';
    COMMENT ON COLUMN auth.api_token_s.hash_diff IS 'Hash of the attributes.';
    COMMENT ON COLUMN auth.api_token_s.token_hash IS 'SHA-256 of the secret; the secret is not stored.';
    COMMENT ON COLUMN auth.api_token_s.token_type IS 'SESSION, API_KEY, REFRESH or TEMPORARY.';
    COMMENT ON COLUMN auth.api_token_s.expires_at IS 'From when the token is refused.';
    COMMENT ON COLUMN auth.api_token_s.is_revoked IS 'Whether the token was withdrawn.';
    COMMENT ON COLUMN auth.api_token_s.scope IS 'What the token may do.';
    COMMENT ON COLUMN auth.api_token_s.tenant_hk IS 'Tenant that the token speaks for.';
    COMMENT ON COLUMN auth.api_token_s.record_source IS 'Program that wrote the row.';
END
$token_versions$;

-- Functions are looked for by name and number of arguments: a varchar variant beside a text variant
-- would make calls ambiguous.
DO $functions$
DECLARE
    missing record;
BEGIN
    FOR missing IN
        SELECT needed.signature, needed.purpose, needed.definition
        FROM (VALUES
            (
                'hash_binary', 1, 'util.hash_binary(text)',
                'SHA-256 of a text in UTF-8.',
                $sql$
                CREATE FUNCTION util.hash_binary(input text) RETURNS bytea
                LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
                AS $body$ SELECT sha256(convert_to(input, 'UTF8')) $body$
                $sql$
            ),
            (
                'current_load_date', 0, 'util.current_load_date()',
                'The load date of rows that are written now.',
                $sql$
                CREATE FUNCTION util.current_load_date() RETURNS timestamptz
                LANGUAGE sql STABLE PARALLEL SAFE
                AS $body$ SELECT CURRENT_TIMESTAMP $body$
                $sql$
            ),
            (
                'get_record_source', 0, 'util.get_record_source()',
                'The record source of rows that are written by hand.',
                $sql$
                CREATE FUNCTION util.get_record_source() RETURNS varchar
                LANGUAGE sql STABLE PARALLEL SAFE
                AS $body$ SELECT 'one_vault'::varchar $body$
                $sql$
            ),
            (
                'generate_tenant_derived_hk', 2, 'util.generate_tenant_derived_hk(bytea, text)',
                'Hub hash key: SHA-256 of the hex of the tenant''s hash key, a bar and the business key.',
                $sql$
                CREATE FUNCTION util.generate_tenant_derived_hk(tenant_hk bytea, business_key text)
                RETURNS bytea
                LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
                AS $body$ SELECT util.hash_binary(encode(tenant_hk, 'hex') || '|' || business_key) $body$
                $sql$
            ),
            (
                'log_audit_event', 5, 'util.log_audit_event(text, text, text, text, jsonb)',
                'Stand-in: notes who did what to which resource in the server log, without the details.',
                $sql$
                CREATE FUNCTION util.log_audit_event(
                    event_type text, resource_type text, resource_id text, actor text, details jsonb
                ) RETURNS jsonb
                LANGUAGE plpgsql
                SET client_min_messages = error
                AS $body$
                BEGIN
                    -- With LOG the server would write the statement that led here, too, and the ids in it.
                    RAISE WARNING 'audit: % % % by %', event_type, resource_type, resource_id, actor;
                    RETURN jsonb_build_object('success', true, 'message', 'Audit event logged');
                END
                $body$
                $sql$
            )
        ) AS needed (name, arguments, signature, purpose, definition)
        WHERE NOT EXISTS (
            SELECT FROM pg_proc
            WHERE pronamespace = 'util'::regnamespace
                AND proname = needed.name
                AND pronargs = needed.arguments
        )
    LOOP
        EXECUTE missing.definition;
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', missing.signature);
        EXECUTE format('COMMENT ON FUNCTION %s IS %L', missing.signature, missing.purpose);
    END LOOP;
END
$functions$;

DO $fitness$
DECLARE
    missing text;
BEGIN
    IF current_setting('server_version_num')::integer < 150000 THEN
        RAISE EXCEPTION 'PostgreSQL % is too old', current_setting('server_version')
            USING ERRCODE = 'ST011', HINT = 'Use PostgreSQL 15 or later.';
    END IF;
    IF current_setting('server_encoding') <> 'UTF8' THEN
        RAISE EXCEPTION 'the database is encoded in %', current_setting('server_encoding')
            USING ERRCODE = 'ST011', HINT = 'Create the database with ENCODING ''UTF8''.';
    END IF;
    SELECT string_agg(needed.name || ' ' || needed.type, ', ')
    INTO missing
    FROM (VALUES ('tenant_hk', 'bytea'), ('tenant_bk', 'text')) AS needed (name, type)
    WHERE NOT EXISTS (
        SELECT FROM pg_attribute
        WHERE attrelid = 'auth.tenant_h'::regclass
            AND attname = needed.name
            AND NOT attisdropped
            AND replace(atttypid::regtype::text, 'character varying', 'text') = needed.type
    );
    IF missing IS NOT NULL THEN
        RAISE EXCEPTION 'auth.tenant_h lacks %', missing
            USING ERRCODE = 'ST011', HINT = 'Site tracking reads tenants from this table.';
    END IF;
    IF util.generate_tenant_derived_hk('\x00ff', 'Ä') <> sha256(convert_to('00ff|Ä', 'UTF8'))
        OR util.hash_binary('Ä') <> sha256(convert_to('Ä', 'UTF8')) THEN
        RAISE WARNING 'util.hash_binary or util.generate_tenant_derived_hk of this database hashes '
            'otherwise than the streaming job; sql/checks will report every key';
    END IF;
END
$fitness$;

COMMIT;
