-- Purpose: the satellites of the vault, and the views on it and on staged events. Run after 04.
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
CREATE TABLE IF NOT EXISTS business.site_event_details_s ( -- Satellite of site_event_h: what happened; immutable.
    event_timestamp timestamptz NOT NULL, -- When the event happened; selects the day partition.
    event_hk bytea NOT NULL, -- The event.
    evt_type text NOT NULL, -- Type of the event.
    evt_category text, -- Category.
    evt_action text, -- Action.
    evt_label text, -- Label.
    evt_value text, -- Value, as the client wrote it.
    page_view_id text, -- Page view that the event belongs to.
    sequence bigint, -- The client's count of its events, which orders those of one instant.
    page_title text, -- Title of the page, redacted.
    referrer_url text, -- Referrer, redacted.
    element_id text, -- Id of the element.
    element_class text, -- Class of the element.
    element_text text, -- Text of the element, redacted.
    scroll_depth double precision, -- Scroll depth in percent.
    time_on_page bigint, -- Time on the page in milliseconds.
    click_x integer, -- Click position in pixels.
    click_y integer, -- Click position in pixels.
    viewport_width integer, -- Viewport width in pixels.
    viewport_height integer, -- Viewport height in pixels.
    transaction_id text, -- Transaction of a purchase.
    value numeric, -- Value of a purchase in its currency.
    currency varchar(3), -- ISO 4217 code.
    items jsonb, -- Items with price and quantity, as the event carried them.
    properties jsonb, -- Members that the contract does not name, redacted.
    is_bot boolean NOT NULL, -- Whether the user agent is a known robot.
    hash_diff bytea NOT NULL, -- Hash of the attributes.
    tenant_hk bytea NOT NULL, -- Tenant that the row belongs to.
    load_date timestamptz NOT NULL, -- Append time of the Kafka record that brought the row.
    record_source varchar(100) NOT NULL, -- Program that wrote the row.
    PRIMARY KEY (event_timestamp, event_hk)
) PARTITION BY RANGE (event_timestamp)
$table$);

CALL raw.install_site_tracking_table($table$
CREATE TABLE IF NOT EXISTS business.site_session_details_s ( -- Satellite of site_session_h: versions of a session.
    session_start timestamptz NOT NULL, -- First event of the session.
    session_hk bytea NOT NULL, -- The session.
    load_date timestamptz NOT NULL, -- From when this version holds: append time of the Kafka record that brought it.
    session_end timestamptz NOT NULL, -- Last event of the session.
    session_status varchar(10) NOT NULL CHECK (session_status IN ('OPEN', 'CLOSED', 'SUPERSEDED')), -- OPEN, CLOSED, or SUPERSEDED: late events dissolved the session, current views hide it.
    client_session_id text, -- Session id of the client.
    visitor_hk bytea NOT NULL, -- The visitor.
    duration_seconds bigint NOT NULL, -- From the first to the last event.
    engaged_seconds bigint NOT NULL, -- Time with signs of attention.
    total_events integer NOT NULL, -- Events of the session.
    page_views integer NOT NULL, -- Page views.
    interactive_events integer NOT NULL, -- Events that somebody caused on purpose.
    conversions integer NOT NULL, -- Purchases and goals.
    revenue jsonb, -- Revenue, gross: an object of currency and decimal; NULL without a purchase.
    refunds jsonb, -- Refunds: an object of currency and decimal; NULL without a refund.
    is_bounce boolean, -- One page view, no interaction, little attention; NULL without a page view.
    entry_page_url text, -- First page.
    exit_page_url text, -- Last page.
    referrer_url text, -- Referrer of the first event, redacted.
    referrer_host text, -- Host of that referrer; NULL when it is the site's own.
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
    is_bot boolean NOT NULL, -- Whether the user agent is a known robot.
    client_type text, -- browser, app, server, robot, or unknown where there is no user agent.
    robot_kind text, -- What the robot is for, such as search, ai, monitor, preview, tool; NULL when it is none.
    language text, -- Language of the client, as it names it.
    predecessor_session_bk text, -- Session that this one was split from.
    successor_session_bks text[], -- Sessions that took the events of a superseded one.
    rules_version smallint NOT NULL, -- Version of the session rules.
    hash_diff bytea NOT NULL, -- Hash of the attributes.
    tenant_hk bytea NOT NULL, -- Tenant that the row belongs to.
    record_source varchar(100) NOT NULL, -- Program that wrote the row.
    PRIMARY KEY (session_start, session_hk, load_date)
)
$table$);

CALL raw.install_site_tracking_table($table$
CREATE TABLE IF NOT EXISTS business.site_visitor_details_s ( -- Satellite of site_visitor_h: versions of the device that a visitor uses.
    visitor_hk bytea NOT NULL, -- The visitor.
    event_timestamp timestamptz NOT NULL, -- From when this version holds: when the event occurred that said so.
    load_date timestamptz NOT NULL, -- Append time of the Kafka record that brought it.
    device_type text NOT NULL, -- desktop, mobile, tablet, tv, console, car, wearable, bot or other.
    browser text, -- Browser.
    browser_version text, -- Major version of the browser.
    os text, -- Operating system.
    os_version text, -- Major version of the operating system.
    is_bot boolean NOT NULL, -- Whether the user agent is a known robot.
    language text, -- Language of the client, as it names it.
    timezone text, -- Time zone of the client.
    screen_resolution text, -- Screen resolution of the client.
    hash_diff bytea NOT NULL, -- Hash of the attributes: a version is written only when it changes.
    tenant_hk bytea NOT NULL, -- Tenant that the row belongs to.
    record_source varchar(100) NOT NULL, -- Program that wrote the row.
    PRIMARY KEY (visitor_hk, event_timestamp, load_date)
)
$table$);

CALL raw.install_site_tracking_table($table$
CREATE TABLE IF NOT EXISTS business.site_page_details_s ( -- Satellite of site_page_h: versions of a page.
    page_hk bytea NOT NULL, -- The page.
    event_timestamp timestamptz NOT NULL, -- From when this version holds: when the event occurred that said so.
    load_date timestamptz NOT NULL, -- Append time of the Kafka record that brought it.
    page_url text NOT NULL, -- URL, redacted.
    page_host text, -- Host.
    page_path text NOT NULL, -- Path.
    page_query text, -- Query, redacted and without campaign parameters.
    page_title text, -- Title, redacted.
    hash_diff bytea NOT NULL, -- Hash of the attributes: a version is written only when it changes.
    tenant_hk bytea NOT NULL, -- Tenant that the row belongs to.
    record_source varchar(100) NOT NULL, -- Program that wrote the row.
    PRIMARY KEY (page_hk, event_timestamp, load_date)
)
$table$);

CALL raw.install_site_tracking_table($table$
CREATE TABLE IF NOT EXISTS business.business_item_details_s ( -- Satellite of business_item_h: versions of a business item.
    business_item_hk bytea NOT NULL, -- The business item.
    event_timestamp timestamptz NOT NULL, -- From when this version holds: when the event occurred that said so.
    load_date timestamptz NOT NULL, -- Append time of the Kafka record that brought it.
    item_type text, -- Type.
    item_name text, -- Name.
    item_category text, -- Category.
    item_brand text, -- Brand.
    price numeric, -- Price of one in its currency.
    currency varchar(3), -- ISO 4217 code.
    hash_diff bytea NOT NULL, -- Hash of the attributes: a version is written only when it changes.
    tenant_hk bytea NOT NULL, -- Tenant that the row belongs to.
    record_source varchar(100) NOT NULL, -- Program that wrote the row.
    PRIMARY KEY (business_item_hk, event_timestamp, load_date)
)
$table$);

-- ----------------------------------------------------------------------------------------- views
-- To their reader under the policies of 06; those of versions show every column of their satellite.

CREATE OR REPLACE VIEW business.site_visitor_details_current_v WITH (security_invoker = true) AS
SELECT DISTINCT ON (visitor_hk) *
FROM business.site_visitor_details_s
ORDER BY visitor_hk, event_timestamp DESC, load_date DESC;
COMMENT ON VIEW business.site_visitor_details_current_v
IS 'The current version per key of business.site_visitor_details_s: what the latest event said, whenever it arrived.';

CREATE OR REPLACE VIEW business.site_visitor_details_history_v WITH (security_invoker = true) AS
SELECT
    versions.*,
    lead(event_timestamp) OVER (
        PARTITION BY visitor_hk
        ORDER BY event_timestamp, load_date
    ) AS event_end_timestamp
FROM business.site_visitor_details_s AS versions;
COMMENT ON VIEW business.site_visitor_details_history_v
IS 'All versions of business.site_visitor_details_s with the end of their validity; NULL for the current one.';

CREATE OR REPLACE VIEW business.site_page_details_current_v WITH (security_invoker = true) AS
SELECT DISTINCT ON (page_hk) *
FROM business.site_page_details_s
ORDER BY page_hk, event_timestamp DESC, load_date DESC;
COMMENT ON VIEW business.site_page_details_current_v
IS 'The current version per key of business.site_page_details_s: what the latest event said, whenever it arrived.';

CREATE OR REPLACE VIEW business.site_page_details_history_v WITH (security_invoker = true) AS
SELECT
    versions.*,
    lead(event_timestamp) OVER (
        PARTITION BY page_hk
        ORDER BY event_timestamp, load_date
    ) AS event_end_timestamp
FROM business.site_page_details_s AS versions;
COMMENT ON VIEW business.site_page_details_history_v
IS 'All versions of business.site_page_details_s with the end of their validity; NULL for the current one.';

CREATE OR REPLACE VIEW business.business_item_details_current_v WITH (security_invoker = true) AS
SELECT DISTINCT ON (business_item_hk) *
FROM business.business_item_details_s
ORDER BY business_item_hk, event_timestamp DESC, load_date DESC;
COMMENT ON VIEW business.business_item_details_current_v
IS 'The current version per key of business.business_item_details_s: what the latest event said, whenever it arrived.';

CREATE OR REPLACE VIEW business.business_item_details_history_v WITH (security_invoker = true) AS
SELECT
    versions.*,
    lead(event_timestamp) OVER (
        PARTITION BY business_item_hk
        ORDER BY event_timestamp, load_date
    ) AS event_end_timestamp
FROM business.business_item_details_s AS versions;
COMMENT ON VIEW business.business_item_details_history_v
IS 'All versions of business.business_item_details_s with the end of their validity; NULL for the current one.';

-- A late event within the same millisecond may move session_start but not the key, whose business key
-- ends in the first event's milliseconds: versions of one session start within one millisecond. The
-- bounds on session_start let ranges of it use the primary key on both sides. Versions with the same
-- load_date: the one with more events holds, then the one that starts earlier.
CREATE OR REPLACE VIEW business.site_session_details_current_v WITH (security_invoker = true) AS
SELECT latest.*
FROM business.site_session_details_s AS latest
WHERE latest.session_status <> 'SUPERSEDED'
    AND NOT EXISTS (
        SELECT FROM business.site_session_details_s AS newer
        WHERE newer.session_hk = latest.session_hk
            AND newer.session_start >= date_trunc('milliseconds', latest.session_start)
            AND newer.session_start
                < date_trunc('milliseconds', latest.session_start) + INTERVAL '1 millisecond'
            AND (newer.load_date, newer.total_events, latest.session_start)
                > (latest.load_date, latest.total_events, newer.session_start)
    );
COMMENT ON VIEW business.site_session_details_current_v
IS 'The current version per session, without superseded sessions.';

CREATE OR REPLACE VIEW business.site_session_details_history_v WITH (security_invoker = true) AS
SELECT
    versions.*,
    lead(load_date) OVER (
        PARTITION BY session_hk
        ORDER BY load_date, total_events, session_start DESC
    ) AS load_end_date
FROM business.site_session_details_s AS versions;
COMMENT ON VIEW business.site_session_details_history_v
IS 'All versions of sessions with the end of their validity; NULL for the latest one.';

-- Links are never taken back, so that an event keeps its links to sessions that late events dissolved
-- or cut short; the current session in whose time it happened holds, of several the one that starts
-- last. The hash keys of the two
-- reserved sessions follow from the tenant, which spares a look into the hub.
CREATE OR REPLACE VIEW business.event_session_current_v WITH (security_invoker = true) AS
SELECT DISTINCT ON (candidates.event_timestamp, candidates.event_hk)
    candidates.event_timestamp,
    candidates.event_hk,
    candidates.event_session_hk,
    candidates.session_hk,
    candidates.session_start,
    candidates.link_kind,
    candidates.tenant_hk,
    candidates.load_date,
    candidates.record_source
FROM (
    SELECT
        links.event_timestamp,
        links.event_hk,
        links.event_session_hk,
        links.session_hk,
        sessions.session_start,
        CASE
            WHEN sessions.session_hk IS NOT NULL THEN 'SESSION'
            WHEN links.session_hk = sha256(convert_to(
                encode(links.tenant_hk, 'hex') || '|sess_late', 'UTF8')) THEN 'LATE'
            WHEN links.session_hk = sha256(convert_to(
                encode(links.tenant_hk, 'hex') || '|sess_none', 'UTF8')) THEN 'NONE'
        END AS link_kind,
        links.tenant_hk,
        links.load_date,
        links.record_source
    FROM business.event_session_l AS links
    LEFT JOIN business.site_session_details_current_v AS sessions
        ON sessions.session_hk = links.session_hk
        AND links.event_timestamp BETWEEN sessions.session_start AND sessions.session_end
) AS candidates
WHERE candidates.link_kind IS NOT NULL
ORDER BY
    candidates.event_timestamp,
    candidates.event_hk,
    candidates.session_start DESC NULLS LAST,
    candidates.link_kind DESC,
    candidates.session_hk;
COMMENT ON VIEW business.event_session_current_v
IS 'Per event the one session link that holds now; link_kind is SESSION, or NONE and LATE for the reserved sessions.';

CREATE OR REPLACE VIEW business.site_events_late_v WITH (security_invoker = true) AS
SELECT
    events.event_timestamp,
    events.event_hk,
    events.event_bk,
    details.evt_type,
    events.tenant_hk,
    events.load_date,
    events.record_source
FROM business.event_session_current_v AS links
JOIN business.site_event_h AS events
    ON events.event_timestamp = links.event_timestamp AND events.event_hk = links.event_hk
JOIN business.site_event_details_s AS details
    ON details.event_timestamp = links.event_timestamp AND details.event_hk = links.event_hk
WHERE links.link_kind = 'LATE';
COMMENT ON VIEW business.site_events_late_v
IS 'Events that came later than the allowed lateness and wait for reprocessing: loaded, but in no session.';

-- What the event carried is looked up by the primary keys: of a staged event in its day, where a few
-- are asked for. The joins are outer ones, so that what a query does not name is not read at all. The
-- key of a page is its URL in normal form: scheme, host and port where it has them, a path, a query.
CREATE OR REPLACE VIEW staging.site_tracking_events_v WITH (security_invoker = true) AS
SELECT
    staged.event_timestamp,
    staged.event_hk,
    staged.tenant_hk,
    staged.visitor_hk,
    staged.page_hk,
    events.event_bk,
    staged.evt_type,
    details.evt_category,
    details.evt_action,
    details.evt_label,
    details.evt_value,
    arrived.payload ->> 'session_id' AS client_session_id,
    visitors.visitor_bk,
    details.page_view_id,
    pages.page_bk AS page_url,
    substring(pages.page_bk FROM '^[^:/]+://(\[[^]]+\]|[^:/]+)') AS page_host,
    substring(pages.page_bk FROM '^(?:[^:/]+://[^/]+)?([^?]+)') AS page_path,
    details.page_title,
    details.referrer_url,
    staged.referrer_host,
    staged.channel,
    staged.utm_source,
    staged.utm_medium,
    staged.utm_campaign,
    staged.utm_term,
    staged.utm_content,
    staged.click_id_type,
    staged.click_id,
    staged.device_type,
    staged.browser,
    staged.browser_version,
    staged.os,
    staged.os_version,
    staged.is_bot,
    staged.client_type,
    staged.robot_kind,
    arrived.payload ->> 'language' AS language,
    arrived.payload ->> 'timezone' AS timezone,
    arrived.payload ->> 'screen_resolution' AS screen_resolution,
    details.viewport_width,
    details.viewport_height,
    arrived.payload ->> 'consent' AS consent,
    details.transaction_id,
    details.value,
    details.currency,
    staged.item_count,
    staged.validation_status,
    staged.validation_codes,
    staged.quality_score,
    staged.load_date,
    staged.record_source
FROM staging.site_tracking_events_s AS staged
LEFT JOIN business.site_event_h AS events
    ON events.event_timestamp = staged.event_timestamp AND events.event_hk = staged.event_hk
LEFT JOIN business.site_event_details_s AS details
    ON details.event_timestamp = staged.event_timestamp AND details.event_hk = staged.event_hk
LEFT JOIN raw.site_tracking_events_r AS arrived
    ON arrived.event_timestamp = staged.event_timestamp AND arrived.event_hk = staged.event_hk
LEFT JOIN business.site_visitor_h AS visitors ON visitors.visitor_hk = staged.visitor_hk
LEFT JOIN business.site_page_h AS pages ON pages.page_hk = staged.page_hk;
COMMENT ON VIEW staging.site_tracking_events_v
IS 'Staged events with what they carried, one flat row each, for queries by analysts and for repairs; reaches as far back as staging, and what it takes from raw payloads is NULL where raw is kept shorter.';

DO $comments$
DECLARE
    described record;
BEGIN
    FOR described IN
        SELECT attname AS name, col_description(attrelid, attnum) AS comment
        FROM pg_catalog.pg_attribute
        WHERE attrelid = 'staging.site_tracking_events_s'::regclass AND attnum > 0 AND NOT attisdropped
        UNION ALL
        VALUES
            ('event_bk', 'Business key of the event.'),
            ('evt_category', 'Category.'),
            ('evt_action', 'Action.'),
            ('evt_label', 'Label.'),
            ('evt_value', 'Value, as the client wrote it.'),
            ('client_session_id', 'Session id of the client; from the raw payload.'),
            ('visitor_bk', 'Pseudonym of the visitor.'),
            ('page_view_id', 'Page view that the event belongs to.'),
            ('page_url', 'Page URL, redacted, in the form that is the business key of the page.'),
            ('page_host', 'Host of the page.'),
            ('page_path', 'Path of the page.'),
            ('page_title', 'Title of the page, redacted.'),
            ('referrer_url', 'Referrer, redacted.'),
            ('language', 'Language of the client, as it names it; from the raw payload.'),
            ('timezone', 'Time zone of the client; from the raw payload.'),
            ('screen_resolution', 'Screen resolution of the client; from the raw payload.'),
            ('viewport_width', 'Viewport width in pixels.'),
            ('viewport_height', 'Viewport height in pixels.'),
            ('consent', 'Consent, as the client states it; from the raw payload.'),
            ('transaction_id', 'Transaction of a purchase.'),
            ('value', 'Value of a purchase in its currency.'),
            ('currency', 'ISO 4217 code.')
    LOOP
        EXECUTE format('COMMENT ON COLUMN staging.site_tracking_events_v.%I IS %L',
            described.name, described.comment);
    END LOOP;
END
$comments$;

DO $partitions$
BEGIN
    PERFORM raw.ensure_site_tracking_partitions(
        (now() AT TIME ZONE 'UTC')::date - 1, (now() AT TIME ZONE 'UTC')::date + 7);
END
$partitions$;

COMMIT;
