-- Purpose: the staging layer: what validation and enrichment add to events; short retention. Run after 01.
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
CREATE TABLE IF NOT EXISTS staging.site_tracking_events_s ( -- What enrichment adds to an event, one row each; flat rows: staging.site_tracking_events_v.
    event_timestamp timestamptz NOT NULL, -- When the event happened; selects the day partition.
    load_date timestamptz NOT NULL, -- Append time of the Kafka record that brought the row.
    first_appended_at timestamptz, -- Of a recovered event, when it was appended for the first time, by which erasures go; NULL of others.
    item_count integer NOT NULL, -- Number of items in the event.
    quality_score smallint NOT NULL, -- 0 to 100: 100 without any suspicion.
    is_bot boolean NOT NULL, -- Whether the user agent is a known robot.
    event_hk bytea NOT NULL, -- Hash key of the event.
    tenant_hk bytea NOT NULL, -- Tenant that the row belongs to.
    visitor_hk bytea NOT NULL, -- Hash key of the visitor.
    user_hk bytea, -- Hash key of the user whom the event names besides its visitor.
    page_hk bytea, -- Hash key of the page; NULL without a usable page URL.
    evt_type text NOT NULL, -- Type of the event.
    referrer_host text, -- Host of the referrer.
    channel text NOT NULL, -- Marketing channel, as docs/event-contract.md lists them.
    utm_source text, -- utm_source.
    utm_medium text, -- utm_medium.
    utm_campaign text, -- utm_campaign.
    utm_term text, -- utm_term.
    utm_content text, -- utm_content.
    click_id_type text, -- Parameter that carried the click id, such as gclid.
    click_id text, -- Click id of an advertising network.
    device_type text NOT NULL, -- desktop, mobile, tablet, tv, console, car, wearable, bot or other.
    browser text, -- Browser.
    browser_version text, -- Major version of the browser.
    os text, -- Operating system.
    os_version text, -- Major version of the operating system.
    client_type text, -- browser, app, server, robot, or unknown where there is no user agent.
    robot_kind text, -- What the robot is for, such as search, ai, monitor, preview, tool; NULL when it is none.
    country text, -- Where the client's address was: ISO 3166-1, two letters; NULL where nothing tells.
    region text, -- As well: ISO 3166-2, such as DE-BE; NULL where the database of places knows countries only.
    validation_status varchar(20) NOT NULL CHECK (validation_status IN ('VALID', 'SUSPICIOUS')), -- VALID or SUSPICIOUS.
    validation_codes text[], -- Suspicions, as docs/event-contract.md names them.
    record_source varchar(100) NOT NULL, -- Program that wrote the row.
    PRIMARY KEY (event_timestamp, event_hk)
) PARTITION BY RANGE (event_timestamp)
$table$, to_owner => 'SELECT, DELETE', to_loader => 'SELECT, INSERT', to_analysts => true);

COMMIT;
