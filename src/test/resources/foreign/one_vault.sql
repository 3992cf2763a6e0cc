-- A One Vault richer than the stand-in of script 00 and unlike it wherever it may be: other owners,
-- types, views, functions, triggers, policies, default privileges, an extension in a schema of its own.
DO $$
DECLARE
    role text;
BEGIN
    FOREACH role IN ARRAY ARRAY['vault_owner', 'vault_reader', 'vault_app'] LOOP
        IF to_regrole(role) IS NULL THEN
            EXECUTE format('CREATE ROLE %I', role);
        END IF;
    END LOOP;
END $$;
CREATE SCHEMA auth AUTHORIZATION vault_owner;
CREATE SCHEMA business AUTHORIZATION vault_owner;
CREATE SCHEMA raw;
CREATE SCHEMA staging AUTHORIZATION vault_owner;
CREATE SCHEMA util AUTHORIZATION vault_owner;
CREATE SCHEMA api AUTHORIZATION vault_app;
CREATE SCHEMA ref AUTHORIZATION vault_owner;
CREATE SCHEMA extensions;
CREATE EXTENSION pgcrypto SCHEMA extensions;
GRANT USAGE ON SCHEMA business, api TO vault_reader;
GRANT CREATE ON SCHEMA raw TO vault_app;
ALTER DEFAULT PRIVILEGES FOR ROLE vault_owner IN SCHEMA business GRANT SELECT ON TABLES TO vault_reader;

SET ROLE vault_owner;
CREATE TYPE auth.token_kind AS ENUM ('SESSION', 'API_KEY', 'REFRESH', 'TEMPORARY');
CREATE DOMAIN ref.currency AS varchar(3) CHECK (VALUE ~ '^[A-Z]{3}$');
CREATE TABLE auth.tenant_h (
    tenant_hk bytea PRIMARY KEY, tenant_bk varchar(255) NOT NULL UNIQUE, region text DEFAULT 'eu',
    load_date timestamptz, record_source varchar(100));
CREATE TABLE auth.tenant_profile_s (
    tenant_hk bytea REFERENCES auth.tenant_h, load_date timestamptz, name text,
    PRIMARY KEY (tenant_hk, load_date));
CREATE TABLE auth.user_h (user_hk bytea PRIMARY KEY, user_bk varchar(255), tenant_hk bytea REFERENCES auth.tenant_h);
CREATE TABLE auth.api_token_h (api_token_hk bytea PRIMARY KEY, extra jsonb);
CREATE TABLE auth.api_token_s (api_token_hk bytea, token_type auth.token_kind, token_hash bytea);
ALTER TABLE auth.user_h ENABLE ROW LEVEL SECURITY;
CREATE POLICY users_of_tenant ON auth.user_h TO vault_reader USING (tenant_hk = '\x01');
CREATE TABLE business.asset_h (asset_hk bytea PRIMARY KEY, asset_bk varchar(255), tenant_hk bytea);
CREATE TABLE business.asset_details_s (
    asset_hk bytea REFERENCES business.asset_h, load_date timestamptz, price numeric,
    currency ref.currency, PRIMARY KEY (asset_hk, load_date)) PARTITION BY RANGE (load_date);
CREATE TABLE business.asset_details_s_pdefault PARTITION OF business.asset_details_s DEFAULT;
CREATE INDEX asset_bk_idx ON business.asset_h (asset_bk) INCLUDE (tenant_hk) WHERE asset_bk IS NOT NULL;
CREATE VIEW business.asset_v AS SELECT asset_bk FROM business.asset_h;
CREATE MATERIALIZED VIEW business.asset_count_m AS SELECT count(*) AS assets FROM business.asset_h;
CREATE SEQUENCE ref.numbers START 100;
CREATE TABLE staging.import (id integer GENERATED ALWAYS AS IDENTITY, line text, seen timestamptz);
COMMENT ON TABLE business.asset_h IS 'Assets.';
COMMENT ON COLUMN business.asset_h.asset_bk IS 'Name of the asset.';
CREATE FUNCTION util.hash_binary(p_input varchar) RETURNS bytea LANGUAGE plpgsql
    AS 'BEGIN RETURN sha256(convert_to(p_input, ''UTF8'')); END';
CREATE FUNCTION util.current_load_date() RETURNS timestamptz LANGUAGE sql AS 'SELECT clock_timestamp()';
CREATE FUNCTION util.get_record_source() RETURNS varchar LANGUAGE sql AS 'SELECT ''crm''::varchar';
CREATE FUNCTION util.generate_tenant_derived_hk(p_tenant bytea, p_bk text) RETURNS bytea LANGUAGE sql
    AS 'SELECT util.hash_binary(encode(p_tenant, ''hex'') || ''|'' || p_bk)';
CREATE FUNCTION util.log_audit_event(a text, b text, c text, d text, e jsonb) RETURNS jsonb LANGUAGE sql
    AS 'SELECT e';
CREATE FUNCTION business.touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER touch BEFORE UPDATE ON business.asset_h FOR EACH ROW EXECUTE FUNCTION business.touch();
REVOKE ALL ON FUNCTION util.hash_binary(varchar) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION util.hash_binary(varchar) TO vault_app;
GRANT SELECT (tenant_bk) ON auth.tenant_h TO vault_reader;
RESET ROLE;
CREATE FUNCTION api.login(p jsonb) RETURNS jsonb LANGUAGE sql SECURITY DEFINER AS 'SELECT p';
ALTER FUNCTION api.login(jsonb) OWNER TO vault_app;
CREATE TABLE raw.crm_import_r (id bigserial PRIMARY KEY, payload jsonb);
ALTER TABLE raw.crm_import_r OWNER TO vault_app;

INSERT INTO auth.tenant_h VALUES ('\x01', 'acme', 'eu', now(), 'crm');
INSERT INTO auth.user_h SELECT sha256(n::text::bytea), 'user ' || n, '\x01' FROM generate_series(1, 20) AS n;
INSERT INTO business.asset_h SELECT sha256(n::text::bytea), 'asset ' || n, '\x01' FROM generate_series(1, 30) AS n;
INSERT INTO raw.crm_import_r (payload) SELECT jsonb_build_object('n', n) FROM generate_series(1, 40) AS n;
