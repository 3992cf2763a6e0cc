-- Purpose: the hubs of the vault. Run after 02.
--
-- Tables are written as in 01: created where missing, checked where present (ST010), and the trailing
-- comments become catalog comments. Nothing is changed by a second run, nor by a run that fails.

BEGIN;

DO $lock$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('site_tracking', 0));
END
$lock$;

CALL raw.install_site_tracking_table($table$
CREATE TABLE IF NOT EXISTS business.site_session_h ( -- Hub: sessions. Each tenant may also have the reserved sessions sess_none (events that make no session) and sess_late (events later than the allowed lateness), without satellites.
    session_hk bytea NOT NULL CHECK (octet_length(session_hk) = 32), -- SHA-256 of hex(tenant_hk), a bar and session_bk.
    session_bk varchar(255) NOT NULL, -- Business key, unique within the tenant.
    tenant_hk bytea NOT NULL, -- Tenant that the row belongs to.
    load_date timestamptz NOT NULL, -- Append time of the Kafka record that brought the row.
    record_source varchar(100) NOT NULL, -- Program that wrote the row.
    PRIMARY KEY (session_hk)
)
$table$);

-- Finds all sessions of a client session id or visitor, whose keys begin alike.
DO $index$
BEGIN
    IF to_regclass('business.site_session_h_bk') IS NULL THEN
        CREATE INDEX site_session_h_bk
            ON business.site_session_h (tenant_hk, session_bk COLLATE "C");
    END IF;
END
$index$;

COMMENT ON INDEX business.site_session_h_bk
IS 'Sessions of a client session id or visitor: a replay finds those that no longer exist.';

CALL raw.install_site_tracking_table($table$
CREATE TABLE IF NOT EXISTS business.site_visitor_h ( -- Hub: visitors, by pseudonym.
    visitor_hk bytea NOT NULL CHECK (octet_length(visitor_hk) = 32), -- SHA-256 of hex(tenant_hk), a bar and visitor_bk.
    visitor_bk varchar(255) NOT NULL, -- Business key, unique within the tenant.
    tenant_hk bytea NOT NULL, -- Tenant that the row belongs to.
    load_date timestamptz NOT NULL, -- Append time of the Kafka record that brought the row.
    record_source varchar(100) NOT NULL, -- Program that wrote the row.
    PRIMARY KEY (visitor_hk)
)
$table$);

CALL raw.install_site_tracking_table($table$
CREATE TABLE IF NOT EXISTS business.site_page_h ( -- Hub: pages.
    page_hk bytea NOT NULL CHECK (octet_length(page_hk) = 32), -- SHA-256 of hex(tenant_hk), a bar and page_bk.
    page_bk text NOT NULL, -- Business key, unique within the tenant.
    tenant_hk bytea NOT NULL, -- Tenant that the row belongs to.
    load_date timestamptz NOT NULL, -- Append time of the Kafka record that brought the row.
    record_source varchar(100) NOT NULL, -- Program that wrote the row.
    PRIMARY KEY (page_hk)
)
$table$);

CALL raw.install_site_tracking_table($table$
CREATE TABLE IF NOT EXISTS business.business_item_h ( -- Hub: business items, whatever a tenant offers.
    business_item_hk bytea NOT NULL CHECK (octet_length(business_item_hk) = 32), -- SHA-256 of hex(tenant_hk), a bar and business_item_bk.
    business_item_bk varchar(255) NOT NULL, -- Business key, unique within the tenant.
    tenant_hk bytea NOT NULL, -- Tenant that the row belongs to.
    load_date timestamptz NOT NULL, -- Append time of the Kafka record that brought the row.
    record_source varchar(100) NOT NULL, -- Program that wrote the row.
    PRIMARY KEY (business_item_hk)
)
$table$);

CALL raw.install_site_tracking_table($table$
CREATE TABLE IF NOT EXISTS business.site_event_h ( -- Hub: events.
    event_timestamp timestamptz NOT NULL, -- When the event happened; selects the day partition.
    event_hk bytea NOT NULL CHECK (octet_length(event_hk) = 32), -- SHA-256 of hex(tenant_hk), a bar and event_bk.
    event_bk varchar(255) NOT NULL, -- Business key, unique within the tenant.
    tenant_hk bytea NOT NULL, -- Tenant that the row belongs to.
    load_date timestamptz NOT NULL, -- Append time of the Kafka record that brought the row.
    record_source varchar(100) NOT NULL, -- Program that wrote the row.
    PRIMARY KEY (event_timestamp, event_hk)
) PARTITION BY RANGE (event_timestamp)
$table$);

DO $partitions$
BEGIN
    PERFORM raw.ensure_site_tracking_partitions(
        (now() AT TIME ZONE 'UTC')::date - 1, (now() AT TIME ZONE 'UTC')::date + 7);
END
$partitions$;

COMMIT;
