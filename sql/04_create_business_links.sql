-- Purpose: the links of the vault. Run after 03.
--
-- Tables are written as in 01: created where missing, checked where present (ST010), and the trailing
-- comments become catalog comments. Nothing is changed by a second run, nor by a run that fails.

BEGIN;

DO $lock$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('site_tracking', 0));
END
$lock$;

CALL raw.site_tracking_install_table($table$
CREATE TABLE IF NOT EXISTS business.session_visitor_l ( -- Link: whose session it was.
    session_start timestamptz NOT NULL, -- Start of the session to the millisecond, in which its business key ends.
    session_visitor_hk bytea NOT NULL, -- SHA-256 of hex(session_hk), hex(visitor_hk) and hex(tenant_hk), with bars between.
    session_hk bytea NOT NULL, -- The session.
    visitor_hk bytea NOT NULL, -- The visitor.
    tenant_hk bytea NOT NULL, -- Tenant that the row belongs to.
    load_date timestamptz NOT NULL, -- Append time of the Kafka record that brought the row.
    record_source varchar(100) NOT NULL, -- Program that wrote the row.
    PRIMARY KEY (session_start, session_visitor_hk)
)
$table$, to_owner => 'SELECT, DELETE', to_loader => 'SELECT, INSERT', to_analysts => true);

CALL raw.site_tracking_install_table($table$
CREATE TABLE IF NOT EXISTS business.session_page_l ( -- Link: pages seen in a session.
    session_start timestamptz NOT NULL, -- Start of the session to the millisecond, in which its business key ends.
    session_page_hk bytea NOT NULL, -- SHA-256 of hex(session_hk), hex(page_hk) and hex(tenant_hk), with bars between.
    session_hk bytea NOT NULL, -- The session.
    page_hk bytea NOT NULL, -- The page.
    tenant_hk bytea NOT NULL, -- Tenant that the row belongs to.
    load_date timestamptz NOT NULL, -- Append time of the Kafka record that brought the row.
    record_source varchar(100) NOT NULL, -- Program that wrote the row.
    PRIMARY KEY (session_start, session_page_hk)
)
$table$, to_owner => 'SELECT, DELETE', to_loader => 'SELECT, INSERT', to_analysts => true);

CALL raw.site_tracking_install_table($table$
CREATE TABLE IF NOT EXISTS business.visitor_business_item_l ( -- Link: items that a visitor met.
    visitor_business_item_hk bytea NOT NULL, -- SHA-256 of hex(visitor_hk), hex(business_item_hk) and hex(tenant_hk), with bars between.
    visitor_hk bytea NOT NULL, -- The visitor.
    business_item_hk bytea NOT NULL, -- The business item.
    tenant_hk bytea NOT NULL, -- Tenant that the row belongs to.
    load_date timestamptz NOT NULL, -- Append time of the Kafka record that brought the row; of a recovered event that of its first.
    record_source varchar(100) NOT NULL, -- Program that wrote the row.
    PRIMARY KEY (visitor_business_item_hk)
)
$table$, to_owner => 'SELECT, DELETE', to_loader => 'SELECT, INSERT', to_analysts => true);

-- Users have no hub: nothing is held of them but whom they were seen as.
CALL raw.site_tracking_install_table($table$
CREATE TABLE IF NOT EXISTS business.site_user_visitor_b ( -- Bridge: visitors as whom a user was seen, so that whoever asks by a user's id is given all, and nothing of others.
    user_visitor_hk bytea NOT NULL, -- SHA-256 of hex(user_hk), hex(visitor_hk) and hex(tenant_hk), with bars between.
    user_hk bytea NOT NULL, -- SHA-256 of hex(tenant_hk), a bar and the user's pseudonym; business.site_nobody of the visitor in the place of users who were erased.
    visitor_hk bytea NOT NULL, -- The visitor.
    tenant_hk bytea NOT NULL, -- Tenant that the row belongs to.
    load_date timestamptz NOT NULL, -- Append time of the last Kafka record that told so, but for those of a day after it; of a recovered event that of its first.
    record_source varchar(100) NOT NULL, -- Program that wrote the row.
    PRIMARY KEY (user_visitor_hk)
)
$table$, to_owner => 'SELECT, INSERT, DELETE', to_loader => 'SELECT, INSERT, UPDATE');
CALL raw.site_tracking_install_index('business', 'site_user_visitor_b_user',
    'ON business.site_user_visitor_b (user_hk)',
    'The visitors of a user.');
CALL raw.site_tracking_install_index('business', 'site_user_visitor_b_visitor',
    'ON business.site_user_visitor_b (visitor_hk)',
    'The users of a visitor.');

CALL raw.site_tracking_install_table($table$
CREATE TABLE IF NOT EXISTS business.event_session_l ( -- Link: every session that an event was ever counted in; business.event_session_current_v tells which one holds.
    event_timestamp timestamptz NOT NULL, -- When the event happened; selects the day partition.
    event_session_hk bytea NOT NULL, -- SHA-256 of hex(event_hk), hex(session_hk) and hex(tenant_hk), with bars between.
    event_hk bytea NOT NULL, -- The event.
    session_hk bytea NOT NULL, -- The session.
    tenant_hk bytea NOT NULL, -- Tenant that the row belongs to.
    load_date timestamptz NOT NULL, -- Append time of the Kafka record that brought the row.
    record_source varchar(100) NOT NULL, -- Program that wrote the row.
    PRIMARY KEY (event_timestamp, event_session_hk)
) PARTITION BY RANGE (event_timestamp)
$table$, to_owner => 'SELECT, INSERT, DELETE', to_loader => 'SELECT, INSERT', to_analysts => true);

CALL raw.site_tracking_install_table($table$
CREATE TABLE IF NOT EXISTS business.event_page_l ( -- Link: the page of an event.
    event_timestamp timestamptz NOT NULL, -- When the event happened; selects the day partition.
    event_page_hk bytea NOT NULL, -- SHA-256 of hex(event_hk), hex(page_hk) and hex(tenant_hk), with bars between.
    event_hk bytea NOT NULL, -- The event.
    page_hk bytea NOT NULL, -- The page.
    tenant_hk bytea NOT NULL, -- Tenant that the row belongs to.
    load_date timestamptz NOT NULL, -- Append time of the Kafka record that brought the row.
    record_source varchar(100) NOT NULL, -- Program that wrote the row.
    PRIMARY KEY (event_timestamp, event_page_hk)
) PARTITION BY RANGE (event_timestamp)
$table$, to_owner => 'SELECT, DELETE', to_loader => 'SELECT, INSERT', to_analysts => true);

CALL raw.site_tracking_install_table($table$
CREATE TABLE IF NOT EXISTS business.event_business_item_l ( -- Link: the items of an event.
    event_timestamp timestamptz NOT NULL, -- When the event happened; selects the day partition.
    event_business_item_hk bytea NOT NULL, -- SHA-256 of hex(event_hk), hex(business_item_hk) and hex(tenant_hk), with bars between.
    event_hk bytea NOT NULL, -- The event.
    business_item_hk bytea NOT NULL, -- The business item.
    tenant_hk bytea NOT NULL, -- Tenant that the row belongs to.
    load_date timestamptz NOT NULL, -- Append time of the Kafka record that brought the row.
    record_source varchar(100) NOT NULL, -- Program that wrote the row.
    PRIMARY KEY (event_timestamp, event_business_item_hk)
) PARTITION BY RANGE (event_timestamp)
$table$, to_owner => 'SELECT, DELETE', to_loader => 'SELECT, INSERT', to_analysts => true);

COMMIT;
