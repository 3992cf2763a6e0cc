-- The programs' own logins on the database of docker-compose.yml, with passwords that its service
-- "secrets" made. To be run by psql after the numbered scripts; a second time changes nothing.

DO
$body$
    DECLARE
        login record;
    BEGIN
        FOR login IN
            SELECT name
            FROM (VALUES ('one_vault_job'), ('one_vault_relay'), ('one_vault_collector')) AS logins (name)
            WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name)
        LOOP
            EXECUTE format('CREATE ROLE %I', login.name);
        END LOOP;
    END
$body$;

-- BYPASSRLS is not inherited from site_tracking_loader, and without it the job inserts instead of copying.
ALTER ROLE one_vault_job LOGIN BYPASSRLS PASSWORD :'job';
GRANT site_tracking_loader TO one_vault_job;

ALTER ROLE one_vault_relay LOGIN PASSWORD :'relay';
GRANT site_tracking_relay TO one_vault_relay;

ALTER ROLE one_vault_collector LOGIN PASSWORD :'collector';
GRANT site_tracking_collector TO one_vault_collector;
