-- Purpose: the satellites of the vault, the views on it and on staged events, and the bridges and rollups
-- that answer fast, with what keeps them up to date. Run after 04.
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
CREATE TABLE IF NOT EXISTS business.site_event_details_s ( -- Satellite of site_event_h: what happened; immutable, so that no hash_diff tells versions apart.
    event_timestamp timestamptz NOT NULL, -- When the event happened; selects the day partition.
    load_date timestamptz NOT NULL, -- Append time of the Kafka record that brought the row.
    sequence bigint, -- The client's count of its events, which orders those of one instant.
    scroll_depth double precision, -- Scroll depth in percent.
    time_on_page bigint, -- Time on the page in milliseconds.
    click_x integer, -- Click position in pixels.
    click_y integer, -- Click position in pixels.
    viewport_width integer, -- Viewport width in pixels.
    viewport_height integer, -- Viewport height in pixels.
    is_bot boolean NOT NULL, -- Whether the user agent is a known robot.
    event_hk bytea NOT NULL, -- The event.
    tenant_hk bytea NOT NULL, -- Tenant that the row belongs to.
    evt_type text NOT NULL, -- Type of the event.
    evt_category text, -- Category.
    evt_action text, -- Action.
    evt_label text, -- Label.
    evt_value text, -- Value, as the client wrote it.
    page_view_id text, -- Page view that the event belongs to.
    page_title text, -- Title of the page, redacted.
    referrer_url text, -- Referrer, redacted.
    element_id text, -- Id of the element.
    element_class text, -- Class of the element.
    element_text text, -- Text of the element, redacted.
    transaction_id text, -- Transaction of a purchase.
    value numeric, -- Value of a purchase in its currency.
    currency varchar(3), -- ISO 4217 code.
    items jsonb, -- Items with price and quantity, as the event carried them.
    properties jsonb, -- Members that the contract does not name, redacted.
    device_type text, -- Kind of device, as sessions have it, of events of type web_vitals; NULL of all others.
    record_source varchar(100) NOT NULL, -- Program that wrote the row.
    PRIMARY KEY (event_timestamp, event_hk)
) PARTITION BY RANGE (event_timestamp)
$table$, to_owner => 'SELECT, DELETE', to_loader => 'SELECT, INSERT', to_analysts => true);

-- A version of a session gives way to one of the same load date that knows more, and an open one to the
-- next one, which is written over it where it lies and touches no index. Hence the room in the pages, which
-- all of their rows take at once where many sessions close; and what changes with each event comes last, as
-- the beginning of a row that stays is not logged again.
CALL raw.site_tracking_install_table($table$
CREATE TABLE IF NOT EXISTS business.site_session_details_s ( -- Satellite of site_session_h: versions of a session since it was closed, and of one that is open the present one.
    session_start timestamptz NOT NULL, -- First event of the session.
    rules_version smallint NOT NULL, -- Version of the session rules.
    is_bot boolean NOT NULL, -- Whether the user agent is a known robot.
    session_hk bytea NOT NULL, -- The session.
    visitor_hk bytea NOT NULL, -- The visitor.
    tenant_hk bytea NOT NULL, -- Tenant that the row belongs to.
    client_session_id text, -- Session id of the client, as a keyed hash.
    entry_page_url text, -- First page.
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
    client_type text, -- browser, app, server, robot, or unknown where there is no user agent.
    robot_kind text, -- What the robot is for, such as search, ai, monitor, preview, tool; NULL when it is none.
    language text, -- Language of the client, as it names it.
    predecessor_session_bk text, -- Session that this one was split from.
    country text, -- Where the client's address was: ISO 3166-1, two letters; NULL where nothing tells.
    region text, -- As well: ISO 3166-2, such as DE-BE; NULL where the database of places knows countries only.
    record_source varchar(100) NOT NULL, -- Program that wrote the row.
    load_date timestamptz NOT NULL, -- From when this version holds: append time of the Kafka record that brought it; of an open one of that which brought the first one.
    last_load_date timestamptz, -- Of a version that was written over while the session is open: append time of the Kafka record that brought what it says now; NULL where that is load_date.
    session_end timestamptz NOT NULL, -- Last event of the session.
    duration_seconds bigint NOT NULL, -- From the first to the last event.
    engaged_seconds bigint NOT NULL, -- Time with signs of attention.
    total_events integer NOT NULL, -- Events of the session.
    page_views integer NOT NULL, -- Page views.
    interactive_events integer NOT NULL, -- Events that somebody caused on purpose.
    conversions integer NOT NULL, -- Purchases and goals.
    is_bounce boolean, -- One page view, no interaction, little attention; NULL without a page view.
    session_status varchar(10) NOT NULL CHECK (session_status IN ('OPEN', 'CLOSED', 'SUPERSEDED')), -- OPEN, CLOSED, or SUPERSEDED: late events dissolved the session, current views hide it.
    exit_page_url text, -- Last page.
    revenue jsonb, -- Revenue, gross: an object of currency and decimal; NULL without a purchase.
    refunds jsonb, -- Refunds: an object of currency and decimal; NULL without a refund.
    successor_session_bks text[], -- Sessions that took the events of a superseded one.
    repeated_views jsonb, -- Events that tell of a page view again, and those of web_vitals of which a later one tells: an array of arrays of microseconds since the epoch and the hash keys of event and page, which is empty where there is none and of web_vitals; NULL without such.
    hash_diff bytea NOT NULL, -- Hash of the attributes.
    PRIMARY KEY (session_start, session_hk, load_date)
) WITH (fillfactor = 50)
$table$, to_owner => 'SELECT, DELETE', to_loader => 'SELECT, INSERT, UPDATE', to_analysts => true);

CALL raw.site_tracking_install_table($table$
CREATE TABLE IF NOT EXISTS business.site_visitor_details_s ( -- Satellite of site_visitor_h: versions of the device that a visitor uses.
    visitor_hk bytea NOT NULL, -- The visitor.
    event_timestamp timestamptz NOT NULL, -- From when this version holds: when the event occurred that said so.
    load_date timestamptz NOT NULL, -- Append time of the Kafka record that brought it; of a recovered event that of its first.
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
$table$, to_owner => 'SELECT, DELETE', to_loader => 'SELECT, INSERT', to_analysts => true);

CALL raw.site_tracking_install_table($table$
CREATE TABLE IF NOT EXISTS business.site_page_details_s ( -- Satellite of site_page_h: versions of a page.
    page_hk bytea NOT NULL, -- The page.
    event_timestamp timestamptz NOT NULL, -- From when this version holds: when the event occurred that said so.
    load_date timestamptz NOT NULL, -- Append time of the Kafka record that brought it; of a recovered event that of its first.
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
$table$, to_owner => 'SELECT', to_loader => 'SELECT, INSERT', to_analysts => true);

CALL raw.site_tracking_install_table($table$
CREATE TABLE IF NOT EXISTS business.business_item_details_s ( -- Satellite of business_item_h: versions of a business item.
    business_item_hk bytea NOT NULL, -- The business item.
    event_timestamp timestamptz NOT NULL, -- From when this version holds: when the event occurred that said so.
    load_date timestamptz NOT NULL, -- Append time of the Kafka record that brought it; of a recovered event that of its first.
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
$table$, to_owner => 'SELECT', to_loader => 'SELECT, INSERT', to_analysts => true);

-- ----------------------------------------------------------------------------------------- views
-- To their reader under the policies of these tables; those of versions show every column of their satellite.

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
IS 'The versions of sessions that are kept, with the end of their validity; NULL for the latest one. Of an open session that is the present one.';

-- Links are never taken back, so that an event keeps its links to sessions that late events dissolved
-- or cut short; the current session in whose time it happened holds, of several the one that starts
-- last. The hash keys of the
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
            WHEN links.session_hk = sha256(convert_to(
                encode(links.tenant_hk, 'hex') || '|sess_erased', 'UTF8')) THEN 'ERASED'
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
IS 'Per event the one session link that holds now; link_kind is SESSION, or NONE, LATE and ERASED for the reserved sessions.';

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
    staged.country,
    staged.region,
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
    staged.record_source,
    CASE WHEN arrived.payload IS NOT NULL THEN
        coalesce(arrived.payload ->> 'gpc', '') = 'true'
        OR lower(coalesce(arrived.payload #>> '{properties,limit_use}', '')) IN ('true', '1') END AS opted_out
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
            AND attname NOT IN ('user_hk', 'first_appended_at')
        UNION ALL
        VALUES
            ('event_bk', 'Business key of the event.'),
            ('evt_category', 'Category.'),
            ('evt_action', 'Action.'),
            ('evt_label', 'Label.'),
            ('evt_value', 'Value, as the client wrote it.'),
            ('client_session_id', 'Session id of the client, as a keyed hash; from the raw payload.'),
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
            ('opted_out', 'Whether the visitor objects to sale and sharing (gpc) or to more than the necessary use (limit_use); from the raw payload.'),
            ('transaction_id', 'Transaction of a purchase.'),
            ('value', 'Value of a purchase in its currency.'),
            ('currency', 'ISO 4217 code.')
    LOOP
        EXECUTE format('COMMENT ON COLUMN staging.site_tracking_events_v.%I IS %L',
            described.name, described.comment);
    END LOOP;
END
$comments$;

GRANT SELECT ON
    staging.site_tracking_events_v,
    business.site_visitor_details_current_v,
    business.site_visitor_details_history_v,
    business.site_page_details_current_v,
    business.site_page_details_history_v,
    business.business_item_details_current_v,
    business.business_item_details_history_v,
    business.site_session_details_current_v,
    business.site_session_details_history_v,
    business.event_session_current_v,
    business.site_events_late_v
TO site_tracking_owner, site_tracking_analyst;

-- --------------------------------------------------------------------------- bridge and rollups
-- Satellites keep every version in no tenant's order. The bridge holds one row for each current session,
-- by tenant and time; the rollups are sums of it and of the events. sql/checks proves them equal to the
-- vault. What changes often is in no sum: open sessions, and events of the last minutes, which whoever
-- asks adds. So a session is summed once, and events many at a time.

-- The row of an open session is a third of what it is when closed, which is to lie in its place.
CALL raw.site_tracking_install_table($table$
CREATE TABLE IF NOT EXISTS business.site_session_b ( -- Bridge: every session that exists. Of closed ones the current version, as business.site_session_details_current_v shows it; of open ones, which still change, the columns that may be NULL are, but for previous_start and first_start.
    tenant_hk bytea NOT NULL, -- Tenant that the row belongs to.
    key_start timestamptz NOT NULL, -- Start of the session to the millisecond, in which all its versions agree.
    session_hk bytea NOT NULL, -- The session.
    session_start timestamptz NOT NULL, -- First event of the session.
    session_end timestamptz, -- Last event of the session.
    previous_start timestamptz, -- Start of the visitor's session before this one; NULL for the first one and for robots.
    first_start timestamptz, -- Start of the visitor's first session; NULL for that one and for robots.
    session_status varchar(10) NOT NULL, -- OPEN or CLOSED.
    visitor_hk bytea NOT NULL, -- The visitor.
    duration_seconds bigint, -- From the first to the last event.
    engaged_seconds bigint, -- Time with signs of attention.
    total_events integer, -- Events of the session.
    page_views integer, -- Page views.
    conversions integer, -- Purchases and goals.
    revenue jsonb, -- Revenue, gross: an object of currency and decimal; NULL without a purchase.
    refunds jsonb, -- Refunds: an object of currency and decimal; NULL without a refund.
    is_bounce boolean, -- NULL without a page view.
    entry_page_url text, -- First page.
    exit_page_url text, -- Last page.
    referrer_host text, -- Host of the referrer.
    channel text, -- Marketing channel.
    utm_source text, -- utm_source.
    utm_medium text, -- utm_medium.
    utm_campaign text, -- utm_campaign.
    utm_term text, -- utm_term.
    utm_content text, -- utm_content.
    device_type text, -- desktop, mobile, tablet, tv, console, robot or other.
    browser text, -- Browser.
    os text, -- Operating system.
    language text, -- Language of the client, as it names it.
    country text, -- Where the client's address was: ISO 3166-1, two letters.
    is_bot boolean NOT NULL, -- Whether the user agent is a known robot.
    hash_diff bytea, -- Hash of the attributes of the version.
    load_date timestamptz, -- load_date of the version.
    record_source varchar(100), -- Program that wrote the version.
    PRIMARY KEY (tenant_hk, key_start, session_hk)
) WITH (fillfactor = 30)
$table$, to_owner => 'SELECT, INSERT, UPDATE, DELETE');

CALL raw.site_tracking_install_table($table$
CREATE TABLE IF NOT EXISTS business.site_rollup_b ( -- Rollup: sums over closed sessions, page views and items, without robots. Dimension visits is by quarter of an hour, the others are by UTC day.
    tenant_hk bytea NOT NULL, -- Tenant that the row belongs to.
    dimension varchar(20) NOT NULL, -- What is summed by: visits, entry_pages, exit_pages, channels, sources, campaigns, devices, browsers, operating_systems, countries, top_pages, items, vitals.
    bucket_start timestamptz NOT NULL, -- Start of the quarter or day in which the sessions began or the events happened.
    value_key bytea NOT NULL, -- Hash key of the page, or of the item with the type of the events behind it; of vitals business.site_vital_keys; else a SHA-256 of the value.
    currency varchar(3) NOT NULL, -- Currency of revenue and refunds; empty in the row of all other sums.
    value text, -- The value; NULL for pages, items, vitals and sessions without one.
    visits bigint NOT NULL, -- Sessions.
    bounces bigint NOT NULL, -- Sessions that bounced.
    bounceable bigint NOT NULL, -- Sessions with a page view.
    converted bigint NOT NULL, -- Sessions with a conversion.
    page_views bigint NOT NULL, -- Page views.
    events bigint NOT NULL, -- Events; of vitals: page views that told a value of the bucket.
    conversions bigint NOT NULL, -- Conversions; of items: purchases.
    duration_seconds bigint NOT NULL, -- Durations.
    engaged_seconds bigint NOT NULL, -- Engaged times.
    quantity numeric NOT NULL, -- Pieces bought.
    refunded_quantity numeric NOT NULL, -- Pieces given back.
    revenue numeric NOT NULL, -- Revenue in the currency, gross.
    refunds numeric NOT NULL, -- Refunds in the currency.
    PRIMARY KEY (tenant_hk, dimension, bucket_start, value_key, currency)
) PARTITION BY LIST (dimension)
$table$, to_owner => 'SELECT, INSERT, UPDATE, DELETE');

-- What is read alone lies alone; dimensions of few values share the default partition.
DO $dimensions$
DECLARE
    alone text;
BEGIN
    FOREACH alone IN ARRAY ARRAY['visits', 'entry_pages', 'exit_pages', 'top_pages', 'items', 'vitals'] LOOP
        IF to_regclass('business.site_rollup_b_' || alone) IS NULL THEN
            EXECUTE format(
                'CREATE TABLE business.%I PARTITION OF business.site_rollup_b FOR VALUES IN (%L)'
                    ' WITH (fillfactor = 80)',
                'site_rollup_b_' || alone, alone);
            EXECUTE format('ALTER TABLE business.%I ENABLE ROW LEVEL SECURITY', 'site_rollup_b_' || alone);
            CALL raw.site_tracking_close_table(('business.site_rollup_b_' || alone)::regclass);
        END IF;
    END LOOP;
END
$dimensions$;

CALL raw.site_tracking_install_table($table$
CREATE TABLE IF NOT EXISTS business.site_return_b ( -- Rollup: how many sessions began when, whose visitor came before when, without robots. Visitors of a period are its sessions less those whose visitor had one before in the same period.
    tenant_hk bytea NOT NULL, -- Tenant that the row belongs to.
    span varchar(4) NOT NULL, -- NEAR: the two lie at most 25 hours apart, the longest day. FAR: they lie further apart. DAY: both kinds again, by days.
    previous_bucket timestamptz NOT NULL, -- Quarter of an hour of the session before; of DAY the UTC day.
    start_bucket timestamptz NOT NULL, -- Quarter of an hour of the session when NEAR, else its UTC day.
    visits bigint NOT NULL, -- Sessions.
    PRIMARY KEY (tenant_hk, span, previous_bucket, start_bucket)
) WITH (fillfactor = 80)
$table$, to_owner => 'SELECT, INSERT, UPDATE, DELETE');

CALL raw.site_tracking_install_table($table$
CREATE TABLE IF NOT EXISTS business.site_cohort_b ( -- Rollup: how many visitors came on a day, without robots, by the day of their first session and the day before on which they came. Visitors of whole days are those of each day who came on no earlier one of them.
    tenant_hk bytea NOT NULL, -- Tenant that the row belongs to.
    first_day date NOT NULL, -- Day of the first session, by the clock of business.site_cohort_zone_b, as the other days.
    day date NOT NULL, -- Day on which the visitors came.
    previous_day date NOT NULL, -- The day before on which they came; -infinity where there is none.
    visitors bigint NOT NULL, -- Visitors.
    PRIMARY KEY (tenant_hk, first_day, day, previous_day)
) WITH (fillfactor = 80)
$table$, to_owner => 'SELECT, INSERT, UPDATE, DELETE');

CALL raw.site_tracking_install_table($table$
CREATE TABLE IF NOT EXISTS business.site_cohort_zone_b ( -- By whose clock business.site_cohort_b tells days: that of the tenant's time zone when its sessions were written last.
    tenant_hk bytea NOT NULL, -- Tenant that the row belongs to.
    time_zone text NOT NULL, -- Name of the time zone.
    PRIMARY KEY (tenant_hk)
)
$table$, to_owner => 'SELECT, INSERT, UPDATE, DELETE');

CALL raw.site_tracking_install_table($table$
CREATE TABLE IF NOT EXISTS business.site_order_b ( -- Bridge: which event counts for an order, and so its items: the one whose value sessions have, which is the earliest that tells money, or, where none does, that names items: by time, sequence, key. A transaction counts once, however often it is told of, and apart for robots.
    tenant_hk bytea NOT NULL, -- Tenant that the row belongs to.
    transaction_hk bytea NOT NULL, -- business.site_transaction_key.
    event_timestamp timestamptz NOT NULL, -- When the event happened; -infinity once retention has removed it.
    event_hk bytea NOT NULL, -- The event; empty then.
    sequence bigint, -- The client's count of its events; NULL then, too.
    event_bk text NOT NULL, -- Business key of the event; empty then.
    PRIMARY KEY (tenant_hk, transaction_hk)
) WITH (fillfactor = 90)
$table$, to_owner => 'SELECT, INSERT, UPDATE, DELETE');

CALL raw.site_tracking_install_index('business', 'site_order_b_time',
    $$ON business.site_order_b (tenant_hk, event_timestamp) WHERE event_timestamp > '-infinity'$$,
    'The orders of a day, for retention: those of all days stay without end.');

CALL raw.site_tracking_install_table($table$
CREATE TABLE IF NOT EXISTS business.site_repeat_b ( -- Bridge: events that tell of a page view again, as sessions say: an earlier one of the session has the same page_view_id; and those of web_vitals of which a later one has. All other events of page views are page views, and all other ones of web_vitals count.
    tenant_hk bytea NOT NULL, -- Tenant that the row belongs to.
    event_timestamp timestamptz NOT NULL, -- When the event happened.
    event_hk bytea NOT NULL, -- The event.
    session_hk bytea NOT NULL, -- The session.
    page_hk bytea, -- The page that was seen; NULL without one and of web_vitals.
    is_bot boolean NOT NULL, -- Whether the session is a robot's.
    PRIMARY KEY (tenant_hk, event_timestamp, event_hk, session_hk)
)
$table$, to_owner => 'SELECT, INSERT, DELETE');

CALL raw.site_tracking_install_index('business', 'site_repeat_b_session',
    'ON business.site_repeat_b (session_hk)',
    'Whether a session has such events.');

CALL raw.site_tracking_install_table($table$
CREATE TABLE IF NOT EXISTS business.site_event_type_b ( -- The types of a tenant's events, each with the character that stands for it in business.site_session_path_b.
    tenant_hk bytea NOT NULL, -- Tenant that the row belongs to.
    evt_type text NOT NULL, -- Type of events.
    number integer NOT NULL, -- Types were met in this order, from 0.
    code text NOT NULL, -- The character; one for all types beyond the millionth.
    PRIMARY KEY (tenant_hk, evt_type)
)
$table$, to_owner => 'SELECT, INSERT');

CALL raw.site_tracking_install_table($table$
CREATE TABLE IF NOT EXISTS business.site_session_path_b ( -- Bridge: by what each closed session is filtered and summed, as numbers, and what happened in it, event by event in their order, so that it need not be joined of links, events, pages and items. Columns of fixed width come first, as they are read fastest.
    tenant_hk bytea NOT NULL, -- Tenant that the row belongs to.
    key_start timestamptz NOT NULL, -- Start of the session to the millisecond, as in business.site_session_b.
    session_start timestamptz NOT NULL, -- First event of the session, also of what retention removed.
    session_end timestamptz NOT NULL, -- Last event of the session.
    is_bot boolean NOT NULL, -- Whether the user agent is a known robot.
    visitor bigint NOT NULL, -- business.site_short_key of the visitor.
    device bigint NOT NULL, -- business.site_value_key of device_type in business.site_session_b; of the columns of the same name and below likewise.
    browser bigint NOT NULL, -- Of browser.
    os bigint NOT NULL, -- Of os.
    channel bigint NOT NULL, -- Of channel.
    source bigint NOT NULL, -- Of utm_source or, without it, of referrer_host.
    utm_source bigint NOT NULL, -- Of utm_source.
    utm_medium bigint NOT NULL, -- Of utm_medium.
    utm_campaign bigint NOT NULL, -- Of utm_campaign.
    utm_term bigint NOT NULL, -- Of utm_term.
    utm_content bigint NOT NULL, -- Of utm_content.
    entry_page bigint NOT NULL, -- Of entry_page_url.
    exit_page bigint NOT NULL, -- Of exit_page_url.
    referrer bigint NOT NULL, -- Of referrer_host.
    language bigint NOT NULL, -- Of language.
    country bigint NOT NULL, -- Of country.
    duration_seconds bigint NOT NULL, -- From the first to the last event.
    engaged_seconds bigint NOT NULL, -- Time with signs of attention.
    total_events integer NOT NULL, -- Events of the session.
    page_views integer NOT NULL, -- Page views.
    conversions integer NOT NULL, -- Purchases and goals.
    bounces smallint NOT NULL, -- 1 where the session bounced.
    bounceable smallint NOT NULL, -- 1 where it has a page view.
    session_hk bytea NOT NULL, -- The session.
    visitor_hk bytea NOT NULL, -- The visitor.
    has_ties boolean NOT NULL, -- Whether some events happened in one instant.
    types text NOT NULL, -- A character for each event, business.site_event_type_b.code; empty where retention removed all.
    offsets bigint[] NOT NULL, -- Microseconds from key_start to each event.
    pages bigint[] NOT NULL, -- business.site_short_key of the page of each event; 0 where it has none.
    items bigint[] NOT NULL, -- business.site_short_key of the items of all events.
    item_places integer[] NOT NULL, -- Which event each of these items is of: 1 is the first.
    seen_pages bigint[] NOT NULL, -- business.site_short_key of the page of each page view that has one.
    page_way bigint[] NOT NULL, -- business.site_short_key of the pages that were seen, one after the other, as api.get_paths tells them: the first eleven.
    type_way text NOT NULL, -- Characters of the types one after the other, as api.get_paths tells them.
    revenue jsonb, -- Revenue, as in business.site_session_b.
    refunds jsonb, -- Refunds, likewise.
    PRIMARY KEY (tenant_hk, key_start, session_hk)
)
$table$, to_owner => 'SELECT, INSERT, UPDATE, DELETE');

-- Of pages that nobody has vacuumed since they were written, an index alone does not tell whose rows are there.
ALTER TABLE business.site_session_path_b SET (autovacuum_vacuum_insert_scale_factor = 0.02);

CALL raw.site_tracking_install_table($table$
CREATE TABLE IF NOT EXISTS business.site_session_variant_b ( -- Bridge: which variants of experiments were shown in closed sessions.
    tenant_hk bytea NOT NULL, -- Tenant that the row belongs to.
    key_start timestamptz NOT NULL, -- Start of the session to the millisecond, as in business.site_session_b.
    session_hk bytea NOT NULL, -- The session.
    experiment_id text NOT NULL, -- The experiment.
    variant_id text NOT NULL, -- The variant.
    session_start timestamptz NOT NULL, -- First event of the session.
    visitor_hk bytea NOT NULL, -- The visitor.
    is_bot boolean NOT NULL, -- Whether the user agent is a known robot.
    exposed_at timestamptz NOT NULL, -- When the variant was shown first in the session.
    PRIMARY KEY (tenant_hk, key_start, session_hk, experiment_id, variant_id)
)
$table$, to_owner => 'SELECT, INSERT, UPDATE, DELETE');

CALL raw.site_tracking_install_table($table$
CREATE TABLE IF NOT EXISTS business.site_item_day_b ( -- Bridge: the days on which visitors met items in closed sessions, without robots, so that each visitor of an item counts once in any days.
    tenant_hk bytea NOT NULL, -- Tenant that the row belongs to.
    visitor bigint NOT NULL, -- business.site_short_key of the visitor.
    item bigint NOT NULL, -- business.site_short_key of the item.
    day date NOT NULL, -- UTC day of the events.
    previous_day date, -- The day before on which the visitor met the item; -infinity where there is none.
    sessions integer NOT NULL, -- In how many sessions.
    PRIMARY KEY (tenant_hk, visitor, item, day)
) WITH (fillfactor = 80)
$table$, to_owner => 'SELECT, INSERT, UPDATE, DELETE');

CALL raw.site_tracking_install_table($table$
CREATE TABLE IF NOT EXISTS business.site_item_return_b ( -- Rollup: how many visitors met an item on a day, by the day before on which they did. Visitors of whole days are those of each day who met it on no earlier one of them.
    tenant_hk bytea NOT NULL, -- Tenant that the row belongs to.
    day date NOT NULL, -- UTC day.
    item bigint NOT NULL, -- business.site_short_key of the item.
    previous_day date NOT NULL, -- The day before on which they met it; -infinity where there is none.
    visitors bigint NOT NULL, -- Visitors.
    PRIMARY KEY (tenant_hk, day, item, previous_day)
) WITH (fillfactor = 80)
$table$, to_owner => 'SELECT, INSERT, UPDATE, DELETE');

-- Nothing but these is left of what erased visitors add to rollups, where their tenant keeps that.
CALL raw.site_tracking_install_table($table$
CREATE TABLE IF NOT EXISTS business.site_rollup_kept_b ( -- What of business.site_rollup_b is of erased visitors whose tenant keeps counts, for whoever makes that anew. Less than nothing where what is counted for them was counted once more since.
    tenant_hk bytea NOT NULL, -- Tenant that the row belongs to.
    dimension varchar(20) NOT NULL, -- As there, and so all below.
    bucket_start timestamptz NOT NULL, -- Start of the quarter or day.
    value_key bytea NOT NULL, -- Key of the value.
    currency varchar(3) NOT NULL, -- Currency of revenue and refunds.
    value text, -- The value.
    visits bigint NOT NULL, -- Sessions.
    bounces bigint NOT NULL, -- Sessions that bounced.
    bounceable bigint NOT NULL, -- Sessions with a page view.
    converted bigint NOT NULL, -- Sessions with a conversion.
    page_views bigint NOT NULL, -- Page views.
    events bigint NOT NULL, -- Events.
    conversions bigint NOT NULL, -- Conversions; of items: purchases.
    duration_seconds bigint NOT NULL, -- Durations.
    engaged_seconds bigint NOT NULL, -- Engaged times.
    quantity numeric NOT NULL, -- Pieces bought.
    refunded_quantity numeric NOT NULL, -- Pieces given back.
    revenue numeric NOT NULL, -- Revenue in the currency, gross.
    refunds numeric NOT NULL, -- Refunds in the currency.
    PRIMARY KEY (tenant_hk, dimension, bucket_start, value_key, currency)
)
$table$, to_owner => 'SELECT, INSERT, UPDATE, DELETE');

CALL raw.site_tracking_install_table($table$
CREATE TABLE IF NOT EXISTS business.site_return_kept_b ( -- What of business.site_return_b is of such visitors.
    tenant_hk bytea NOT NULL, -- Tenant that the row belongs to.
    span varchar(4) NOT NULL, -- As there, and so all below.
    previous_bucket timestamptz NOT NULL, -- Of the session before.
    start_bucket timestamptz NOT NULL, -- Of the session.
    visits bigint NOT NULL, -- Sessions.
    PRIMARY KEY (tenant_hk, span, previous_bucket, start_bucket)
)
$table$, to_owner => 'SELECT, INSERT, UPDATE, DELETE');

CALL raw.site_tracking_install_table($table$
CREATE TABLE IF NOT EXISTS business.site_item_return_kept_b ( -- What of business.site_item_return_b is of such visitors.
    tenant_hk bytea NOT NULL, -- Tenant that the row belongs to.
    day date NOT NULL, -- UTC day.
    item bigint NOT NULL, -- The item.
    previous_day date NOT NULL, -- The day before on which they met it; -infinity where there is none.
    visitors bigint NOT NULL, -- Visitors.
    PRIMARY KEY (tenant_hk, day, item, previous_day)
)
$table$, to_owner => 'SELECT, INSERT, UPDATE, DELETE');

CALL raw.site_tracking_install_index('business', 'site_session_path_b_types',
    'ON business.site_session_path_b (tenant_hk, key_start) '
        'INCLUDE (visitor, session_end, is_bot, has_ties, types) WHERE length(types) <= 600',
    'Types of events by sessions, all that most funnels read. An entry may take a third of a page, and a character four bytes.');
CALL raw.site_tracking_install_index('business', 'site_session_path_b_long',
    'ON business.site_session_path_b (tenant_hk, key_start) WHERE length(types) > 600',
    'Sessions whose types that index does not have.');
CALL raw.site_tracking_install_index('business', 'site_session_b_visitor',
    'ON business.site_session_b (tenant_hk, visitor_hk, session_start, session_hk) WHERE NOT is_bot',
    'The sessions of a visitor in order: which one was before a new one, and cohorts.');
CALL raw.site_tracking_install_index('business', 'site_session_b_open',
    $$ON business.site_session_b (tenant_hk, key_start) WHERE session_status = 'OPEN'$$,
    'Open sessions, which the rollups leave out because they still change.');

CREATE OR REPLACE FUNCTION business.site_hash_key(tenant bytea, business_key text)
RETURNS bytea
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
AS $body$ SELECT sha256(convert_to(encode(tenant, 'hex') || '|' || business_key, 'UTF8')) $body$;
COMMENT ON FUNCTION business.site_hash_key(bytea, text)
IS 'The hash key of a hub; NULL without a business key.';

-- Eight bytes of a SHA-256: among a million pages of a tenant two share them once in 37 million vaults.
CREATE OR REPLACE FUNCTION business.site_short_key(hash_key bytea)
RETURNS bigint
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
AS $body$ SELECT ('x' || encode(substr(hash_key, 1, 8), 'hex'))::bit(64)::bigint $body$;
COMMENT ON FUNCTION business.site_short_key(bytea)
IS 'The first eight bytes of a hash key, by which bridges name pages, items and visitors where they are many.';

-- In the place of texts where sessions are compared and summed by many of them. Visitors choose texts, so that no other
-- hash would do. Stable, as what it is made of is: else it would be called for each text.
CREATE OR REPLACE FUNCTION business.site_value_key(value text)
RETURNS bigint
LANGUAGE sql
STABLE
PARALLEL SAFE
AS $body$ SELECT coalesce(business.site_short_key(sha256(convert_to(value, 'UTF8'))), 0) $body$;
COMMENT ON FUNCTION business.site_value_key(text)
IS 'The number by which bridges know a text; 0 for none. Two texts of a tenant have one number as rarely as two keys agree in 64 bits.';

CREATE OR REPLACE FUNCTION business.site_events_before(key_start timestamptz, offsets bigint[], at timestamptz)
RETURNS integer
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
AS $body$ SELECT width_bucket((extract(epoch FROM at - key_start) * 1000000)::bigint - 1, offsets) $body$;
COMMENT ON FUNCTION business.site_events_before(timestamptz, bigint[], timestamptz)
IS 'How many events of a path happened before an instant.';

-- Sessions of one key lie one after the other, so that an event is held by the one in whose time it lies. For all links
-- at once: in an instant may be any number of them, and their index knows no event.
CREATE OR REPLACE FUNCTION business.site_passed_on(
    instants timestamptz[], events bytea[], sessions bytea[], session_starts timestamptz[]
) RETURNS TABLE (
    event_timestamp timestamptz,
    event_hk bytea,
    session_hk bytea
)
LANGUAGE plpgsql
STABLE
PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
-- The joins but for LATERAL ones are of many rows with many.
SET enable_nestloop = off
SET jit = off
AS $body$
#variable_conflict use_column
DECLARE
    -- So that not all days need be planned for.
    first_at CONSTANT timestamptz := (SELECT min(instant) FROM unnest(instants) AS instant);
    last_at CONSTANT timestamptz := (SELECT max(instant) FROM unnest(instants) AS instant);
BEGIN
    IF first_at IS NULL THEN
        RETURN;
    END IF;
    RETURN QUERY
    WITH later AS MATERIALIZED (
        SELECT shared.event_timestamp, shared.event_hk, beginning.session_hk
        FROM (
            SELECT links.tenant_hk, links.event_timestamp, links.event_hk, array_agg(links.session_hk) AS sessions
            FROM (SELECT DISTINCT instant FROM unnest(instants) AS instant) AS asked
            CROSS JOIN LATERAL (
                SELECT *
                FROM business.event_session_l
                WHERE event_timestamp = asked.instant AND event_timestamp BETWEEN first_at AND last_at
                OFFSET 0
            ) AS links
            GROUP BY links.tenant_hk, links.event_timestamp, links.event_hk
            HAVING count(*) > 1
        ) AS shared
        CROSS JOIN LATERAL unnest(shared.sessions) AS linked (session_hk)
        CROSS JOIN LATERAL (
            SELECT held.session_hk
            FROM business.site_session_b AS held
            WHERE held.tenant_hk = shared.tenant_hk
                AND held.key_start = date_trunc('milliseconds', shared.event_timestamp)
                AND held.session_hk = linked.session_hk
                AND held.session_start = shared.event_timestamp
            OFFSET 0
        ) AS beginning
    )
    SELECT told.event_timestamp, told.event_hk, told.session_hk
    FROM unnest(instants, events, sessions, session_starts)
        AS told (event_timestamp, event_hk, session_hk, session_start)
    JOIN later ON later.event_timestamp = told.event_timestamp AND later.event_hk = told.event_hk
    WHERE later.session_hk <> told.session_hk
        AND (told.event_timestamp, told.session_hk) > (told.session_start, later.session_hk);
END
$body$;
COMMENT ON FUNCTION business.site_passed_on(timestamptz[], bytea[], bytea[], timestamptz[])
IS 'Of links to events in the last instants of sessions those whose event is held by another session, which begins in that instant and has a link to it, too.';

CREATE OR REPLACE FUNCTION business.site_quarter(instant timestamptz)
RETURNS timestamptz
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
AS $body$ SELECT date_bin('15 minutes', instant, '2000-01-01 00:00:00Z') $body$;
COMMENT ON FUNCTION business.site_quarter(timestamptz)
IS 'The quarter of an hour that an instant lies in: every time zone of today begins its days at one.';

CREATE OR REPLACE FUNCTION business.site_day(instant timestamptz)
RETURNS timestamptz
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
AS $body$ SELECT date_bin('1 day', instant, '2000-01-01 00:00:00Z') $body$;
COMMENT ON FUNCTION business.site_day(timestamptz)
IS 'The UTC day that an instant lies in.';

CREATE OR REPLACE FUNCTION business.site_is_near(previous_start timestamptz, session_start timestamptz)
RETURNS boolean
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
AS $body$
    SELECT date_bin('15 minutes', session_start, '2000-01-01 00:00:00Z')
        - date_bin('15 minutes', previous_start, '2000-01-01 00:00:00Z') <= INTERVAL '25 hours'
$body$;
COMMENT ON FUNCTION business.site_is_near(timestamptz, timestamptz)
IS 'Whether two sessions of a visitor may lie in one day of some time zone.';

CREATE OR REPLACE FUNCTION business.site_return_buckets(previous_start timestamptz, session_start timestamptz)
RETURNS TABLE (
    span text,
    previous_bucket timestamptz,
    start_bucket timestamptz
)
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
AS $body$
    VALUES
        (
            CASE WHEN business.site_is_near(previous_start, session_start) THEN 'NEAR' ELSE 'FAR' END,
            business.site_quarter(previous_start),
            CASE WHEN business.site_is_near(previous_start, session_start)
                THEN business.site_quarter(session_start)
                ELSE business.site_day(session_start) END
        ),
        ('DAY', business.site_day(previous_start), business.site_day(session_start))
$body$;
COMMENT ON FUNCTION business.site_return_buckets(timestamptz, timestamptz)
IS 'Where business.site_return_b counts a session and the one before it.';

-- ------------------------------------------------------------------ what the loader keeps up to date

CREATE OR REPLACE FUNCTION business.site_money(revenue jsonb, refunds jsonb)
RETURNS TABLE (
    currency text,
    revenue numeric,
    refunds numeric
)
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
AS $body$
    SELECT
        currency,
        coalesce(($1 ->> currency)::numeric, 0),
        coalesce(($2 ->> currency)::numeric, 0)
    FROM jsonb_object_keys(coalesce($1, '{}') || coalesce($2, '{}')) AS currency
$body$;
COMMENT ON FUNCTION business.site_money(jsonb, jsonb)
IS 'Revenue and refunds of a session, a row a currency.';

-- The one list of what sessions are summed by.
CREATE OR REPLACE FUNCTION business.site_session_values(session business.site_session_b)
RETURNS TABLE (
    dimension varchar(20),
    value text
)
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
AS $body$
    VALUES
        ('visits'::varchar(20), NULL),
        ('entry_pages', session.entry_page_url),
        ('exit_pages', session.exit_page_url),
        ('channels', session.channel),
        ('sources', coalesce(session.utm_source, session.referrer_host)),
        ('campaigns', session.utm_campaign),
        ('devices', session.device_type),
        ('browsers', session.browser),
        ('operating_systems', session.os),
        ('countries', session.country)
$body$;
COMMENT ON FUNCTION business.site_session_values(business.site_session_b)
IS 'The dimensions of business.site_rollup_b that sessions are summed by, each with the value that a session has of it.';

-- The row without a currency is the one that counts; money comes in rows of its own.
CREATE OR REPLACE FUNCTION business.site_session_sums(session business.site_session_b, sign integer)
RETURNS SETOF business.site_rollup_b
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
AS $body$
    SELECT
        session.tenant_hk,
        listed.dimension,
        CASE listed.dimension
            WHEN 'visits' THEN business.site_quarter(session.session_start)
            ELSE business.site_day(session.session_start) END,
        sha256(convert_to(coalesce('=' || listed.value, ''), 'UTF8')),
        money.currency::varchar(3),
        listed.value,
        money.counts,
        money.counts * coalesce(session.is_bounce, false)::integer,
        money.counts * (session.is_bounce IS NOT NULL)::integer,
        money.counts * (session.conversions > 0)::integer,
        money.counts * session.page_views,
        money.counts * session.total_events,
        money.counts * session.conversions,
        money.counts * session.duration_seconds,
        money.counts * session.engaged_seconds,
        0::numeric,
        0::numeric,
        sign * money.revenue,
        sign * money.refunds
    FROM (
        SELECT '' AS currency, sign::bigint AS counts, 0::numeric AS revenue, 0::numeric AS refunds
        UNION ALL
        SELECT currency, 0, revenue, refunds
        FROM business.site_money(session.revenue, session.refunds)
        WHERE session.revenue IS NOT NULL OR session.refunds IS NOT NULL
    ) AS money
    CROSS JOIN business.site_session_values(session) AS listed
$body$;
COMMENT ON FUNCTION business.site_session_sums(business.site_session_b, integer)
IS 'What a session adds to business.site_rollup_b once it is closed, or takes from it by sign -1. Robots are to be left out.';

CREATE OR REPLACE FUNCTION business.site_add_sums(sums business.site_rollup_b[])
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
BEGIN
    INSERT INTO business.site_rollup_b AS rollup
    SELECT
        tenant_hk, dimension, bucket_start, value_key, currency, value, sum(visits), sum(bounces),
        sum(bounceable), sum(converted), sum(page_views), sum(events), sum(conversions),
        sum(duration_seconds), sum(engaged_seconds), sum(quantity), sum(refunded_quantity), sum(revenue),
        sum(refunds)
    FROM unnest(sums)
    GROUP BY tenant_hk, dimension, bucket_start, value_key, currency, value
    HAVING (
        sum(visits), sum(bounces), sum(bounceable), sum(converted), sum(page_views), sum(events),
        sum(conversions), sum(duration_seconds), sum(engaged_seconds), sum(quantity),
        sum(refunded_quantity), sum(revenue), sum(refunds)
    ) <> (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    ORDER BY tenant_hk, dimension COLLATE "C", bucket_start, value_key, currency COLLATE "C"
    ON CONFLICT (tenant_hk, dimension, bucket_start, value_key, currency) DO UPDATE SET
        visits = rollup.visits + excluded.visits,
        bounces = rollup.bounces + excluded.bounces,
        bounceable = rollup.bounceable + excluded.bounceable,
        converted = rollup.converted + excluded.converted,
        page_views = rollup.page_views + excluded.page_views,
        events = rollup.events + excluded.events,
        conversions = rollup.conversions + excluded.conversions,
        duration_seconds = rollup.duration_seconds + excluded.duration_seconds,
        engaged_seconds = rollup.engaged_seconds + excluded.engaged_seconds,
        quantity = rollup.quantity + excluded.quantity,
        refunded_quantity = rollup.refunded_quantity + excluded.refunded_quantity,
        revenue = rollup.revenue + excluded.revenue,
        refunds = rollup.refunds + excluded.refunds;
END
$body$;
COMMENT ON FUNCTION business.site_add_sums(business.site_rollup_b[])
IS 'Adds rows to those of business.site_rollup_b, in the order of its primary key, so that loaders wait for each other and never in a circle.';

CREATE OR REPLACE FUNCTION business.site_bridge_row(
    version business.site_session_details_s, previous_start timestamptz, first_start timestamptz
)
RETURNS SETOF business.site_session_b
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
AS $body$
    SELECT
        version.tenant_hk,
        date_trunc('milliseconds', version.session_start, 'UTC'),
        version.session_hk,
        version.session_start,
        version.session_end,
        previous_start,
        first_start,
        version.session_status,
        version.visitor_hk,
        version.duration_seconds,
        version.engaged_seconds,
        version.total_events,
        version.page_views,
        version.conversions,
        version.revenue,
        version.refunds,
        version.is_bounce,
        version.entry_page_url,
        version.exit_page_url,
        version.referrer_host,
        version.channel,
        version.utm_source,
        version.utm_medium,
        version.utm_campaign,
        version.utm_term,
        version.utm_content,
        version.device_type,
        version.browser,
        version.os,
        version.language,
        version.country,
        version.is_bot,
        version.hash_diff,
        version.load_date,
        version.record_source
$body$;
COMMENT ON FUNCTION business.site_bridge_row(business.site_session_details_s, timestamptz, timestamptz)
IS 'The row of business.site_session_b that a version makes, after a session before it and the first one.';

CREATE OR REPLACE FUNCTION business.site_held_row(bridged business.site_session_b)
RETURNS SETOF business.site_session_b
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
AS $body$
    SELECT bridged.*
    WHERE bridged.session_status <> 'OPEN'
    UNION ALL
    SELECT
        bridged.tenant_hk,
        bridged.key_start,
        bridged.session_hk,
        bridged.session_start,
        NULL,
        bridged.previous_start,
        bridged.first_start,
        bridged.session_status,
        bridged.visitor_hk,
        NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
        NULL, NULL, NULL, NULL, NULL, NULL,
        bridged.is_bot,
        NULL, NULL, NULL
    WHERE bridged.session_status = 'OPEN'
$body$;
COMMENT ON FUNCTION business.site_held_row(business.site_session_b)
IS 'The row as business.site_session_b holds it: of an open session only what stays while it is open.';

-- ------------------------------------------------------------------------------- cohorts of visitors
-- A visitor comes on a day by the first session of it, so that the day before on which it came is that of the session
-- before this one. A clock that goes back over midnight, as none has since 2012, would show a day twice.

CREATE OR REPLACE FUNCTION business.site_cohorts(
    tenant bytea, first_start timestamptz, previous_start timestamptz, session_start timestamptz, zone text, sign integer
) RETURNS SETOF business.site_cohort_b
LANGUAGE sql
STABLE
PARALLEL SAFE
AS $body$
    SELECT
        tenant,
        (coalesce(first_start, session_start) AT TIME ZONE zone)::date,
        (session_start AT TIME ZONE zone)::date,
        coalesce((previous_start AT TIME ZONE zone)::date, '-infinity'),
        sign::bigint
    WHERE previous_start IS NULL
        OR (previous_start AT TIME ZONE zone)::date < (session_start AT TIME ZONE zone)::date
$body$;
COMMENT ON FUNCTION business.site_cohorts(bytea, timestamptz, timestamptz, timestamptz, text, integer)
IS 'What a session adds to business.site_cohort_b, or takes from it by sign -1: nothing unless its visitor comes by it on that day. Robots are to be left out.';

CREATE OR REPLACE FUNCTION business.site_add_cohorts(cohorts business.site_cohort_b[])
RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $body$
    INSERT INTO business.site_cohort_b AS held
    SELECT tenant_hk, first_day, day, previous_day, sum(visitors)
    FROM unnest(cohorts)
    GROUP BY tenant_hk, first_day, day, previous_day
    HAVING sum(visitors) <> 0
    ORDER BY tenant_hk, first_day, day, previous_day
    ON CONFLICT (tenant_hk, first_day, day, previous_day) DO UPDATE SET visitors = held.visitors + excluded.visitors
$body$;
COMMENT ON FUNCTION business.site_add_cohorts(business.site_cohort_b[])
IS 'Adds rows to those of business.site_cohort_b. Rows of a tenant are changed by one transaction at a time.';

CREATE OR REPLACE FUNCTION business.site_follow_first(
    tenant_hks bytea[], visitor_hks bytea[], first_starts timestamptz[]
)
RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $body$
    WITH later AS MATERIALIZED (
        SELECT
            sessions.tenant_hk, sessions.key_start, sessions.session_hk, sessions.session_start,
            sessions.previous_start, sessions.first_start, given.first_start AS new_first_start
        FROM (
            SELECT DISTINCT *
            FROM unnest(tenant_hks, visitor_hks, first_starts) AS told (tenant_hk, visitor_hk, first_start)
        ) AS given
        JOIN business.site_session_b AS sessions
            ON sessions.tenant_hk = given.tenant_hk
            AND sessions.visitor_hk = given.visitor_hk
            AND NOT sessions.is_bot
            AND sessions.previous_start IS NOT NULL
            AND sessions.first_start IS DISTINCT FROM given.first_start
    ),
    written AS (
        UPDATE business.site_session_b AS sessions
        SET first_start = later.new_first_start
        FROM later
        WHERE sessions.tenant_hk = later.tenant_hk
            AND sessions.key_start = later.key_start
            AND sessions.session_hk = later.session_hk
    )
    SELECT business.site_add_cohorts(array_agg(moved))
    FROM later
    JOIN business.site_cohort_zone_b AS zones ON zones.tenant_hk = later.tenant_hk
    CROSS JOIN LATERAL (VALUES (later.first_start, -1), (later.new_first_start, 1)) AS firsts (first_start, sign)
    CROSS JOIN LATERAL business.site_cohorts(
        later.tenant_hk, firsts.first_start, later.previous_start, later.session_start, zones.time_zone, firsts.sign)
        AS moved
    HAVING count(*) > 0
$body$;
COMMENT ON FUNCTION business.site_follow_first(bytea[], bytea[], timestamptz[])
IS 'Tells all later sessions of visitors when the first one began, and lets business.site_cohort_b follow.';

CREATE OR REPLACE FUNCTION business.site_hold_cohort_zones(tenant_hks bytea[])
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    tenant bytea;
    zone text;
BEGIN
    FOR tenant IN SELECT DISTINCT given FROM unnest(tenant_hks) AS given ORDER BY given LOOP
        zone := business.site_time_zone(tenant, '{}');
        IF zone = (SELECT time_zone FROM business.site_cohort_zone_b WHERE tenant_hk = tenant) THEN
            CONTINUE;
        END IF;
        INSERT INTO business.site_cohort_zone_b AS held VALUES (tenant, zone)
        ON CONFLICT (tenant_hk) DO UPDATE SET time_zone = excluded.time_zone;
        DELETE FROM business.site_cohort_b WHERE tenant_hk = tenant;
        INSERT INTO business.site_cohort_b
        SELECT cohorts.tenant_hk, cohorts.first_day, cohorts.day, cohorts.previous_day, count(*)
        FROM business.site_session_b AS sessions
        CROSS JOIN LATERAL business.site_cohorts(
            tenant, sessions.first_start, sessions.previous_start, sessions.session_start, zone, 1) AS cohorts
        WHERE sessions.tenant_hk = tenant AND NOT sessions.is_bot
        GROUP BY cohorts.tenant_hk, cohorts.first_day, cohorts.day, cohorts.previous_day;
    END LOOP;
END
$body$;
COMMENT ON FUNCTION business.site_hold_cohort_zones(bytea[])
IS 'Counts cohorts of tenants anew whose time zone has changed, without those that retention removed.';

CREATE OR REPLACE FUNCTION business.site_removed_cohorts()
RETURNS SETOF business.site_cohort_b
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    WITH borders AS (
        SELECT zones.tenant_hk, zones.time_zone, kept.at, (kept.at AT TIME ZONE zones.time_zone)::date AS day
        FROM business.site_cohort_zone_b AS zones
        CROSS JOIN LATERAL (SELECT raw.site_tracking_kept_from(zones.tenant_hk, 'sessions') AS at) AS kept
        WHERE kept.at > '-infinity'
    )
    SELECT told.tenant_hk, told.first_day, told.day, told.previous_day, sum(told.visitors)::bigint
    FROM (
        SELECT held.*
        FROM borders
        JOIN business.site_cohort_b AS held ON held.tenant_hk = borders.tenant_hk AND held.day <= borders.day
        UNION ALL
        -- Of the day that the border lies in some sessions are there.
        SELECT cohorts.*
        FROM borders
        JOIN business.site_session_b AS sessions
            ON sessions.tenant_hk = borders.tenant_hk
            AND NOT sessions.is_bot
            AND sessions.session_start >= borders.at
            AND sessions.session_start < (borders.day + 2)::timestamp AT TIME ZONE 'UTC'
            AND sessions.key_start >= borders.at - INTERVAL '1 millisecond'
            AND sessions.key_start < (borders.day + 2)::timestamp AT TIME ZONE 'UTC'
        CROSS JOIN LATERAL business.site_cohorts(
            sessions.tenant_hk, sessions.first_start, sessions.previous_start, sessions.session_start,
            borders.time_zone, -1) AS cohorts
        WHERE cohorts.day = borders.day
    ) AS told
    GROUP BY told.tenant_hk, told.first_day, told.day, told.previous_day
    HAVING sum(told.visitors) <> 0
$body$;
COMMENT ON FUNCTION business.site_removed_cohorts()
IS 'What sessions that retention removed have left in business.site_cohort_b.';

-- As business.site_session_details_current_v decides, by the key alone.
CREATE OR REPLACE FUNCTION business.site_latest_version(tenant bytea, key_start timestamptz, session bytea)
RETURNS SETOF business.site_session_details_s
LANGUAGE sql
STABLE
PARALLEL SAFE
AS $body$
    SELECT *
    FROM business.site_session_details_s
    WHERE session_start >= key_start
        AND session_start < key_start + INTERVAL '1 millisecond'
        AND session_hk = session
        AND tenant_hk = tenant
    ORDER BY load_date DESC, total_events DESC, session_start
    LIMIT 1
$body$;
COMMENT ON FUNCTION business.site_latest_version(bytea, timestamptz, bytea)
IS 'The latest version of a session, SUPERSEDED among them.';

CREATE OR REPLACE FUNCTION business.site_repeats(version business.site_session_details_s)
RETURNS SETOF business.site_repeat_b
LANGUAGE sql
STABLE
PARALLEL SAFE
AS $body$
    SELECT
        version.tenant_hk,
        timestamptz 'epoch' + (told ->> 0)::bigint * INTERVAL '1 microsecond',
        decode(told ->> 1, 'hex'),
        version.session_hk,
        nullif(decode(told ->> 2, 'hex'), ''),
        version.is_bot
    FROM jsonb_array_elements(version.repeated_views) AS told
$body$;
COMMENT ON FUNCTION business.site_repeats(business.site_session_details_s)
IS 'The rows of business.site_repeat_b that a version makes.';

-- Of three digits or more by steps of 2, 5 or 10 in the third: the thresholds of what is good and poor are ends of buckets.
CREATE OR REPLACE FUNCTION business.site_vital_bucket(units bigint)
RETURNS bigint
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
AS $body$
    SELECT CASE WHEN units < 100 THEN units ELSE (units + steps.width - 1) / steps.width * steps.width END
    FROM (SELECT (10 ^ greatest(length(units::text) - 3, 0))::bigint AS one) AS hundredths
    CROSS JOIN LATERAL (
        SELECT hundredths.one * CASE
            WHEN units < 200 * hundredths.one THEN 2
            WHEN units < 500 * hundredths.one THEN 5
            ELSE 10 END AS width
    ) AS steps
$body$;
COMMENT ON FUNCTION business.site_vital_bucket(bigint)
IS 'The upper end of the bucket that a value lies in: never less than the value, and more by at most a fortieth; up to 100 the value.';

CREATE OR REPLACE FUNCTION business.site_vital_measures()
RETURNS TABLE (
    measure text,
    units integer,
    good bigint,
    poor bigint
)
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
AS $body$
    VALUES
        ('lcp', 1, 2500, 4000),
        ('inp', 1, 200, 500),
        ('cls', 10000, 1000, 2500),
        ('ttfb', 1, 800, 1800)
$body$;
COMMENT ON FUNCTION business.site_vital_measures()
IS 'What is measured of the speed of pages, in how many units of one, and up to how many of them it is good and beyond how many poor, as https://web.dev/articles/vitals and https://web.dev/articles/ttfb have it.';

CREATE OR REPLACE FUNCTION business.site_vital_keys(page_hk bytea, device_type text, properties jsonb)
RETURNS SETOF bytea
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
AS $body$
    SELECT page_hk || convert_to(
        coalesce(device_type, 'other') || ' ' || told.measure || ' '
            || business.site_vital_bucket(ceil(told.value * told.units)::bigint),
        'UTF8')
    FROM (
        SELECT
            measure,
            units,
            CASE WHEN jsonb_typeof(properties -> measure) = 'number' THEN (properties -> measure)::numeric END AS value
        FROM business.site_vital_measures()
    ) AS told
    -- Before it is multiplied, as a product may be too large.
    WHERE told.value BETWEEN 0 AND 10000000 / told.units
$body$;
COMMENT ON FUNCTION business.site_vital_keys(bytea, text, jsonb)
IS 'By which business.site_rollup_b names what an event of type web_vitals tells: the page''s hash key, and behind it, in UTF-8 with a space between two, the kind of device, the measure and its bucket, in milliseconds or ten-thousandths.';

CREATE OR REPLACE FUNCTION business.site_hold_repeats(sessions bytea[], wanted business.site_repeat_b[])
RETURNS SETOF business.site_rollup_b
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH kept AS MATERIALIZED (
        -- The sums of what retention removed stay as they were.
        SELECT told.*
        FROM (
            SELECT tenant_hk, raw.site_tracking_kept_from(tenant_hk, 'events') AS kept_from
            FROM unnest(wanted)
            GROUP BY tenant_hk
        ) AS tenants
        JOIN unnest(wanted) AS told
            ON told.tenant_hk = tenants.tenant_hk AND told.event_timestamp >= tenants.kept_from
    ),
    gone AS (
        DELETE FROM business.site_repeat_b
        WHERE session_hk = ANY (sessions)
            -- Looked up by hash: a join would compare all of a robot's with all.
            AND (event_timestamp, event_hk, session_hk) NOT IN (
                SELECT event_timestamp, event_hk, session_hk FROM kept)
        RETURNING *
    ),
    added AS (
        INSERT INTO business.site_repeat_b
        SELECT * FROM kept
        ON CONFLICT DO NOTHING
        RETURNING *
    ),
    changed AS (
        SELECT *, 1::bigint AS sign FROM gone
        UNION ALL
        SELECT *, -1::bigint FROM added
    )
    SELECT
        tenant_hk, 'top_pages'::varchar(20), business.site_day(event_timestamp), page_hk, ''::varchar(3),
        NULL::text, 0::bigint, 0::bigint, 0::bigint, 0::bigint, sign, 0::bigint, 0::bigint, 0::bigint,
        0::bigint, 0::numeric, 0::numeric, 0::numeric, 0::numeric
    FROM changed
    WHERE page_hk IS NOT NULL AND NOT is_bot
    UNION ALL
    -- Sessions know of events that are loaded.
    SELECT
        changed.tenant_hk, 'vitals'::varchar(20), business.site_day(changed.event_timestamp), value_key,
        ''::varchar(3), NULL, 0, 0, 0, 0, 0, changed.sign, 0, 0, 0, 0, 0, 0, 0
    FROM changed
    JOIN business.site_event_details_s AS details
        ON details.event_timestamp = changed.event_timestamp AND details.event_hk = changed.event_hk
    JOIN business.event_page_l AS pages
        ON pages.event_timestamp = changed.event_timestamp AND pages.event_hk = changed.event_hk
    CROSS JOIN LATERAL business.site_vital_keys(pages.page_hk, details.device_type, details.properties) AS value_key
    WHERE changed.page_hk IS NULL AND NOT changed.is_bot AND details.evt_type = 'web_vitals';
END
$body$;
COMMENT ON FUNCTION business.site_hold_repeats(bytea[], business.site_repeat_b[])
IS 'Makes the wanted rows those of these sessions in business.site_repeat_b, and tells how the sums of pages and vitals change by it: both are summed by event when these are loaded.';

-- Out of the vault itself. The time of all the sessions is read once, whatever of it they share.
CREATE OR REPLACE FUNCTION business.site_linked_paths(sessions business.site_session_b[])
RETURNS TABLE (
    tenant_hk bytea,
    session_hk bytea,
    types text[],
    offsets bigint[],
    pages bigint[],
    items bigint[],
    item_places integer[]
)
LANGUAGE plpgsql
STABLE
PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan
SET enable_hashjoin = on
SET enable_seqscan = off
-- The joins but for LATERAL ones are of many rows with many, of which the planner knows nothing on a day that has just
-- begun.
SET enable_nestloop = off
SET jit = off
AS $body$
#variable_conflict use_column
DECLARE
    spans CONSTANT tstzmultirange := (
        SELECT range_agg(tstzrange(session_start, session_end, '[]')) FROM unnest(sessions));
    first_at CONSTANT timestamptz := lower(spans);
    last_at CONSTANT timestamptz := upper(spans);
BEGIN
    IF spans IS NULL THEN
        RETURN;
    END IF;
    RETURN QUERY
    WITH within AS MATERIALIZED (
        SELECT
            closed.tenant_hk, closed.session_hk, closed.key_start, closed.session_start, closed.session_end,
            links.event_timestamp, links.event_hk
        FROM unnest(spans) AS span
        CROSS JOIN LATERAL (
            SELECT *
            FROM business.event_session_l
            WHERE event_timestamp BETWEEN lower(span) AND upper(span)
                AND event_timestamp BETWEEN first_at AND last_at
            OFFSET 0
        ) AS links
        JOIN unnest(sessions) AS closed
            ON closed.session_hk = links.session_hk
            AND links.event_timestamp BETWEEN closed.session_start AND closed.session_end
    ),
    linked AS MATERIALIZED (
        SELECT tenant_hk, session_hk, key_start, event_timestamp, event_hk
        FROM within
        WHERE (event_timestamp, event_hk, session_hk) NOT IN (
            SELECT passed.event_timestamp, passed.event_hk, passed.session_hk
            FROM (
                SELECT
                    array_agg(event_timestamp) AS instants, array_agg(event_hk) AS events,
                    array_agg(session_hk) AS sessions, array_agg(session_start) AS starts
                FROM within
                WHERE event_timestamp = session_end
            ) AS ends
            CROSS JOIN LATERAL business.site_passed_on(ends.instants, ends.events, ends.sessions, ends.starts) AS passed)
    ),
    -- Once each: in one of them may be any number of events.
    instants AS MATERIALIZED (
        SELECT DISTINCT event_timestamp AS instant FROM linked
    ),
    pages AS (
        SELECT links.*
        FROM instants
        CROSS JOIN LATERAL (
            SELECT event_timestamp, event_hk, page_hk
            FROM business.event_page_l
            WHERE event_timestamp = instants.instant AND event_timestamp BETWEEN first_at AND last_at
            OFFSET 0
        ) AS links
    ),
    item_links AS (
        SELECT links.*
        FROM instants
        CROSS JOIN LATERAL (
            SELECT event_timestamp, event_hk, business_item_hk
            FROM business.event_business_item_l
            WHERE event_timestamp = instants.instant AND event_timestamp BETWEEN first_at AND last_at
            OFFSET 0
        ) AS links
    ),
    placed AS MATERIALIZED (
        SELECT
            linked.*, told.evt_type, pages.page_hk,
            row_number() OVER (
                PARTITION BY linked.session_hk
                ORDER BY linked.event_timestamp, coalesce(told.sequence, -9223372036854775808),
                    told.event_bk COLLATE "C")::integer AS place
        FROM linked
        CROSS JOIN LATERAL (
            SELECT details.evt_type, details.sequence, hubs.event_bk
            FROM business.site_event_details_s AS details
            CROSS JOIN business.site_event_h AS hubs
            WHERE details.event_timestamp = linked.event_timestamp
                AND details.event_hk = linked.event_hk
                AND details.event_timestamp BETWEEN first_at AND last_at
                AND hubs.event_timestamp = linked.event_timestamp
                AND hubs.event_hk = linked.event_hk
                AND hubs.event_timestamp BETWEEN first_at AND last_at
            OFFSET 0
        ) AS told
        LEFT JOIN pages
            ON pages.event_timestamp = linked.event_timestamp AND pages.event_hk = linked.event_hk
    ),
    -- A row for each item of an event, of which the first one stands for the event.
    met AS (
        SELECT
            placed.*, business.site_short_key(item_links.business_item_hk) AS item,
            row_number() OVER (PARTITION BY placed.session_hk, placed.place) AS number
        FROM placed
        LEFT JOIN item_links
            ON item_links.event_timestamp = placed.event_timestamp AND item_links.event_hk = placed.event_hk
    )
    SELECT
        tenant_hk, session_hk,
        array_agg(evt_type ORDER BY place) FILTER (WHERE number = 1),
        array_agg((extract(epoch FROM event_timestamp - key_start) * 1000000)::bigint ORDER BY place)
            FILTER (WHERE number = 1),
        array_agg(coalesce(business.site_short_key(page_hk), 0) ORDER BY place) FILTER (WHERE number = 1),
        coalesce(array_agg(item ORDER BY place, item) FILTER (WHERE item IS NOT NULL), '{}'),
        coalesce(array_agg(place ORDER BY place, item) FILTER (WHERE item IS NOT NULL), '{}')
    FROM met
    GROUP BY tenant_hk, session_hk;
END
$body$;
COMMENT ON FUNCTION business.site_linked_paths(business.site_session_b[])
IS 'The events of closed sessions, as business.site_session_path_b has them, but types by their names, out of links and events.';

-- What is seen or happens again without anything else between is one step.
CREATE OR REPLACE FUNCTION business.site_ways_of_path(
    tenant bytea, types text, pages bigint[], OUT seen_pages bigint[], OUT page_way bigint[], OUT type_way text
)
LANGUAGE sql
STABLE
PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT
        ARRAY(
            SELECT told.page
            FROM unnest(string_to_array(types, NULL), pages) WITH ORDINALITY AS told (code, page, place)
            WHERE told.code = known.view_code AND told.page <> 0
            ORDER BY told.place),
        ARRAY(
            SELECT views.page
            FROM (
                SELECT told.page, told.place, lag(told.page) OVER (ORDER BY told.place) AS page_before
                FROM unnest(string_to_array(types, NULL), pages) WITH ORDINALITY AS told (code, page, place)
                WHERE told.code = known.view_code AND told.page <> 0
            ) AS views
            WHERE views.page IS DISTINCT FROM views.page_before
            ORDER BY views.place
            LIMIT 11),
        coalesce((
            SELECT string_agg(events.code, '' ORDER BY events.place)
            FROM (
                SELECT told.code, told.place, lag(told.code) OVER (ORDER BY told.place) AS code_before
                FROM unnest(string_to_array(types, NULL)) WITH ORDINALITY AS told (code, place)
                WHERE told.code IS DISTINCT FROM known.ping_code
            ) AS events
            WHERE events.code IS DISTINCT FROM events.code_before), '')
    FROM (
        SELECT
            min(code) FILTER (WHERE evt_type = 'page_view') AS view_code,
            min(code) FILTER (WHERE evt_type = 'page_ping') AS ping_code
        FROM business.site_event_type_b
        WHERE tenant_hk = tenant
    ) AS known
$body$;
COMMENT ON FUNCTION business.site_ways_of_path(bytea, text, bigint[])
IS 'The pages and types of a path one after the other, as business.site_session_path_b has them.';

CREATE OR REPLACE FUNCTION business.site_session_keys(session business.site_session_b)
RETURNS TABLE (
    tenant_hk bytea,
    key_start timestamptz,
    session_start timestamptz,
    session_end timestamptz,
    is_bot boolean,
    visitor bigint,
    device bigint,
    browser bigint,
    os bigint,
    channel bigint,
    source bigint,
    utm_source bigint,
    utm_medium bigint,
    utm_campaign bigint,
    utm_term bigint,
    utm_content bigint,
    entry_page bigint,
    exit_page bigint,
    referrer bigint,
    language bigint,
    country bigint,
    duration_seconds bigint,
    engaged_seconds bigint,
    total_events integer,
    page_views integer,
    conversions integer,
    bounces smallint,
    bounceable smallint,
    session_hk bytea,
    visitor_hk bytea
)
LANGUAGE sql
STABLE
PARALLEL SAFE
AS $body$
    SELECT
        session.tenant_hk, session.key_start, session.session_start, session.session_end, session.is_bot,
        business.site_short_key(session.visitor_hk),
        business.site_value_key(session.device_type), business.site_value_key(session.browser),
        business.site_value_key(session.os), business.site_value_key(session.channel),
        business.site_value_key(coalesce(session.utm_source, session.referrer_host)),
        business.site_value_key(session.utm_source), business.site_value_key(session.utm_medium),
        business.site_value_key(session.utm_campaign), business.site_value_key(session.utm_term),
        business.site_value_key(session.utm_content), business.site_value_key(session.entry_page_url),
        business.site_value_key(session.exit_page_url), business.site_value_key(session.referrer_host),
        business.site_value_key(session.language), business.site_value_key(session.country),
        session.duration_seconds, session.engaged_seconds, session.total_events, session.page_views,
        session.conversions, coalesce(session.is_bounce, false)::integer::smallint,
        (session.is_bounce IS NOT NULL)::integer::smallint, session.session_hk, session.visitor_hk
$body$;
COMMENT ON FUNCTION business.site_session_keys(business.site_session_b)
IS 'What business.site_session_path_b has of a session beside its events.';

CREATE OR REPLACE FUNCTION business.site_write_paths(
    sessions business.site_session_b[], load_date_micros bigint[], hash_diffs bytea[], path_types text[],
    path_offsets text[], path_pages text[], path_items text[], path_item_places text[]
)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
SET enable_hashjoin = on
SET jit = off
AS $body$
#variable_conflict use_column
BEGIN
    IF sessions IS NULL THEN
        RETURN;
    END IF;
    WITH closed AS (
        SELECT session FROM unnest(sessions) AS session
    ),
    given AS MATERIALIZED (
        SELECT DISTINCT ON ((closed.session).session_hk)
            (closed.session).tenant_hk, (closed.session).session_hk, versions.types::text[] AS types,
            versions.offsets::bigint[] AS offsets, versions.pages::bigint[] AS pages,
            versions.items::bigint[] AS items, versions.item_places::integer[] AS item_places
        FROM unnest(
                load_date_micros, hash_diffs, path_types, path_offsets, path_pages, path_items, path_item_places)
            AS versions (micros, hash_diff, types, offsets, pages, items, item_places)
        JOIN closed
            ON (closed.session).hash_diff = versions.hash_diff
            AND (closed.session).load_date = timestamptz 'epoch' + versions.micros * INTERVAL '1 microsecond'
        WHERE versions.types IS NOT NULL
    ),
    told AS MATERIALIZED (
        SELECT * FROM given
        UNION ALL
        SELECT *
        FROM business.site_linked_paths(ARRAY(
            SELECT closed
            FROM unnest(sessions) AS closed
            WHERE closed.session_hk NOT IN (SELECT session_hk FROM given)))
    ),
    events AS MATERIALIZED (
        SELECT
            told.tenant_hk, told.session_hk, events.evt_type, events.place
        FROM told
        CROSS JOIN LATERAL unnest(told.types) WITH ORDINALITY AS events (evt_type, place)
    ),
    types AS MATERIALIZED (
        SELECT met.tenant_hk, met.evt_type, known.code
        FROM (SELECT DISTINCT tenant_hk, evt_type FROM events) AS met
        LEFT JOIN business.site_event_type_b AS known
            ON known.tenant_hk = met.tenant_hk AND known.evt_type = met.evt_type
    ),
    -- Numbered by one transaction at a time, as the caller holds the tenant's lock.
    new_types AS (
        INSERT INTO business.site_event_type_b (tenant_hk, evt_type, number, code)
        SELECT tenant_hk, evt_type, number, chr(256 + number + CASE WHEN number < 55040 THEN 0 ELSE 2048 END)
        FROM (
            SELECT
                types.tenant_hk, types.evt_type,
                least(1000000, coalesce(known.numbers, 0) - 1 + row_number() OVER (
                    PARTITION BY types.tenant_hk ORDER BY types.evt_type COLLATE "C"))::integer AS number
            FROM types
            LEFT JOIN LATERAL (
                SELECT max(number) + 1 AS numbers
                FROM business.site_event_type_b
                WHERE tenant_hk = types.tenant_hk
            ) AS known ON true
            WHERE types.code IS NULL
        ) AS numbered
        RETURNING tenant_hk, evt_type, code
    )
    INSERT INTO business.site_session_path_b AS held
    SELECT
        keys.*, coalesce((SELECT count(DISTINCT micros) < count(*) FROM unnest(told.offsets) AS micros), false),
        coalesce(coded.types, ''), coalesce(told.offsets, '{}'), coalesce(told.pages, '{}'), coalesce(told.items, '{}'),
        coalesce(told.item_places, '{}'), coalesce(seen.pages, '{}'), coalesce(seen.page_way, '{}'),
        -- The quicker way takes time with the square of the length.
        CASE WHEN coded.unpinged IS NULL THEN ''
            WHEN length(coded.unpinged) < 30 THEN regexp_replace(coded.unpinged, '(.)\1+', '\1', 'g') ELSE (
            SELECT string_agg(steps.code, '' ORDER BY steps.place) FILTER (WHERE steps.code IS DISTINCT FROM steps.before)
            FROM (
                SELECT met.code, met.place, lag(met.code) OVER (ORDER BY met.place) AS before
                FROM unnest(string_to_array(coded.unpinged, NULL)) WITH ORDINALITY AS met (code, place)
            ) AS steps) END,
        (closed.session).revenue, (closed.session).refunds
    FROM closed
    CROSS JOIN LATERAL business.site_session_keys(closed.session) AS keys
    -- Of what retention removed nothing is told.
    LEFT JOIN told ON told.session_hk = keys.session_hk
    LEFT JOIN (
        SELECT
            events.session_hk,
            string_agg(coalesce(types.code, new_types.code), '' ORDER BY events.place) AS types,
            coalesce(string_agg(coalesce(types.code, new_types.code), '' ORDER BY events.place)
                FILTER (WHERE events.evt_type <> 'page_ping'), '') AS unpinged
        FROM events
        JOIN types ON types.tenant_hk = events.tenant_hk AND types.evt_type = events.evt_type
        LEFT JOIN new_types ON new_types.tenant_hk = events.tenant_hk AND new_types.evt_type = events.evt_type
        GROUP BY events.session_hk
    ) AS coded ON coded.session_hk = keys.session_hk
    CROSS JOIN LATERAL (
        SELECT
            array_agg(views.page ORDER BY views.place) AS pages,
            (array_agg(views.page ORDER BY views.place) FILTER (WHERE views.page IS DISTINCT FROM views.before))[:11]
                AS page_way
        FROM (
            SELECT events.page, events.place, lag(events.page) OVER (ORDER BY events.place) AS before
            FROM unnest(told.types, told.pages) WITH ORDINALITY AS events (evt_type, page, place)
            WHERE events.evt_type = 'page_view' AND events.page <> 0
        ) AS views
    ) AS seen
    ORDER BY keys.tenant_hk, keys.key_start, keys.session_hk
    ON CONFLICT (tenant_hk, key_start, session_hk) DO UPDATE SET (
        tenant_hk, key_start, session_start, session_end, is_bot, visitor, device, browser, os, channel, source,
        utm_source, utm_medium, utm_campaign, utm_term, utm_content, entry_page, exit_page, referrer, language,
        country, duration_seconds, engaged_seconds, total_events, page_views, conversions, bounces, bounceable,
        session_hk, visitor_hk, has_ties, types, offsets, pages, items, item_places, seen_pages, page_way, type_way,
        revenue, refunds
    ) = (SELECT excluded.*);
END
$body$;
COMMENT ON FUNCTION business.site_write_paths(business.site_session_b[], bigint[], bytea[], text[], text[], text[], text[], text[])
IS 'Writes what happened in closed sessions: as told with a version, by load_date in microseconds since the epoch and hash_diff, where that one is the session''s, else as the vault has it.';

-- ----------------------------------------------------------------------------------- experiments

CREATE OR REPLACE FUNCTION business.site_variant(
    evt_type text, properties jsonb, OUT experiment_id text, OUT variant_id text, OUT name text
)
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
AS $body$
    SELECT told.experiment_id, told.variant_id, told.experiment_id || ':' || told.variant_id
    FROM (
        SELECT $2 ->> 'experiment_id' AS experiment_id, $2 ->> 'variant_id' AS variant_id
    ) AS told
    WHERE $1 = 'experiment_exposure'
        AND length(told.experiment_id) BETWEEN 1 AND 200
        AND length(told.variant_id) BETWEEN 1 AND 200
$body$;
COMMENT ON FUNCTION business.site_variant(text, jsonb)
IS 'Which variant of an experiment an event says was shown, and by which name filters and breakdowns have it; NULL where it says no such thing.';

CREATE OR REPLACE FUNCTION business.site_shown_variants(
    sessions business.site_session_b[], in_sessions bytea[], instants timestamptz[]
) RETURNS SETOF business.site_session_variant_b
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan
-- As business.site_linked_paths.
SET enable_hashjoin = on
SET enable_nestloop = off
SET jit = off
AS $body$
#variable_conflict use_column
DECLARE
    first_at CONSTANT timestamptz := (SELECT min(instant) FROM unnest(instants) AS instant);
    last_at CONSTANT timestamptz := (SELECT max(instant) FROM unnest(instants) AS instant);
BEGIN
    IF first_at IS NULL THEN
        RETURN;
    END IF;
    RETURN QUERY
    WITH within AS MATERIALIZED (
        SELECT
            shown.tenant_hk, shown.key_start, shown.session_hk, shown.session_start, shown.session_end,
            shown.visitor_hk, shown.is_bot, links.event_timestamp, links.event_hk
        FROM (SELECT DISTINCT instant FROM unnest(instants) AS instant) AS asked
        CROSS JOIN LATERAL (
            SELECT *
            FROM business.event_session_l
            WHERE event_timestamp = asked.instant AND event_timestamp BETWEEN first_at AND last_at
            OFFSET 0
        ) AS links
        JOIN unnest(sessions) AS shown
            ON shown.session_hk = links.session_hk
            AND links.event_timestamp BETWEEN shown.session_start AND shown.session_end
        WHERE (links.session_hk, links.event_timestamp) IN (SELECT * FROM unnest(in_sessions, instants))
    )
    SELECT
        within.tenant_hk, within.key_start, within.session_hk, told.experiment_id, told.variant_id,
        within.session_start, within.visitor_hk, within.is_bot, min(within.event_timestamp)
    FROM within
    CROSS JOIN LATERAL (
        SELECT variants.experiment_id, variants.variant_id
        FROM business.site_event_details_s AS details
        CROSS JOIN LATERAL business.site_variant(details.evt_type, details.properties) AS variants
        WHERE details.event_timestamp = within.event_timestamp
            AND details.event_hk = within.event_hk
            AND details.event_timestamp BETWEEN first_at AND last_at
            AND variants.name IS NOT NULL
        OFFSET 0
    ) AS told
    WHERE (within.event_timestamp, within.event_hk, within.session_hk) NOT IN (
        SELECT passed.event_timestamp, passed.event_hk, passed.session_hk
        FROM (
            SELECT
                array_agg(event_timestamp) AS instants, array_agg(event_hk) AS events,
                array_agg(session_hk) AS sessions, array_agg(session_start) AS starts
            FROM within
            WHERE event_timestamp = session_end
        ) AS ends
        CROSS JOIN LATERAL business.site_passed_on(ends.instants, ends.events, ends.sessions, ends.starts) AS passed)
    GROUP BY
        within.tenant_hk, within.key_start, within.session_hk, told.experiment_id, told.variant_id,
        within.session_start, within.visitor_hk, within.is_bot;
END
$body$;
COMMENT ON FUNCTION business.site_shown_variants(business.site_session_b[], bytea[], timestamptz[])
IS 'The rows of business.site_session_variant_b that sessions make, by the instants at which their paths tell exposures, each with its session.';

CREATE OR REPLACE FUNCTION business.site_hold_variants(
    closed business.site_session_b[], no_longer_closed business.site_session_b[]
)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    tenants CONSTANT bytea[] := ARRAY(
        SELECT DISTINCT sessions.tenant_hk
        FROM unnest(closed || no_longer_closed) AS sessions
        JOIN business.site_event_type_b AS known
            ON known.tenant_hk = sessions.tenant_hk AND known.evt_type = 'experiment_exposure');
    in_sessions bytea[];
    instants timestamptz[];
BEGIN
    -- Most tenants have no experiments.
    IF tenants = '{}' THEN
        RETURN;
    END IF;
    DELETE FROM business.site_session_variant_b AS held
    USING unnest(closed || no_longer_closed) AS sessions
    WHERE held.tenant_hk = sessions.tenant_hk
        AND held.key_start = sessions.key_start
        AND held.session_hk = sessions.session_hk;
    SELECT
        array_agg(paths.session_hk), array_agg(paths.key_start + events.micros * INTERVAL '1 microsecond')
    INTO in_sessions, instants
    FROM unnest(closed) AS sessions
    JOIN business.site_event_type_b AS known
        ON known.tenant_hk = sessions.tenant_hk AND known.evt_type = 'experiment_exposure'
    JOIN business.site_session_path_b AS paths
        ON paths.tenant_hk = sessions.tenant_hk
        AND paths.key_start = sessions.key_start
        AND paths.session_hk = sessions.session_hk
        AND strpos(paths.types, known.code) > 0
    CROSS JOIN LATERAL unnest(string_to_array(paths.types, NULL), paths.offsets) AS events (code, micros)
    WHERE events.code = known.code;
    INSERT INTO business.site_session_variant_b
    SELECT *
    FROM business.site_shown_variants(closed, in_sessions, instants)
    ORDER BY tenant_hk, key_start, session_hk;
END
$body$;
COMMENT ON FUNCTION business.site_hold_variants(business.site_session_b[], business.site_session_b[])
IS 'Brings business.site_session_variant_b up to the paths of sessions, where their tenants have experiments.';

CREATE OR REPLACE FUNCTION business.site_item_days(path business.site_session_path_b, sign integer)
RETURNS SETOF business.site_item_day_b
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
AS $body$
    SELECT path.tenant_hk, business.site_short_key(path.visitor_hk), met.item, met.day, NULL::date, sign
    FROM (
        SELECT DISTINCT
            held.item,
            ((path.key_start + path.offsets[held.place] * INTERVAL '1 microsecond') AT TIME ZONE 'UTC')::date AS day
        FROM unnest(path.items, path.item_places) AS held (item, place)
    ) AS met
    WHERE NOT path.is_bot
$body$;
COMMENT ON FUNCTION business.site_item_days(business.site_session_path_b, integer)
IS 'What a session adds to business.site_item_day_b, or takes from it by sign -1: the items it met, each with the days.';

CREATE OR REPLACE FUNCTION business.site_item_days_of(sessions business.site_session_b[], sign integer)
RETURNS business.site_item_day_b[]
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
BEGIN
    RETURN ARRAY(
        SELECT days
        FROM unnest(sessions) AS given
        JOIN business.site_session_path_b AS paths
            ON paths.tenant_hk = given.tenant_hk
            AND paths.key_start = given.key_start
            AND paths.session_hk = given.session_hk
        CROSS JOIN LATERAL business.site_item_days(paths, sign) AS days
        WHERE paths.items <> '{}');
END
$body$;
COMMENT ON FUNCTION business.site_item_days_of(business.site_session_b[], integer)
IS 'As business.site_item_days, of sessions by their paths.';

CREATE OR REPLACE FUNCTION business.site_item_days_kept_from(tenant bytea)
RETURNS date
LANGUAGE sql
STABLE
AS $body$
    SELECT (greatest(
        raw.site_tracking_kept_from(tenant, 'events'),
        raw.site_tracking_kept_from(tenant, 'sessions')) AT TIME ZONE 'UTC')::date
$body$;
COMMENT ON FUNCTION business.site_item_days_kept_from(bytea)
IS 'From when on retention left both events and sessions, and so the days on which visitors met items.';

-- As the bridge of sessions: a day that is taken or left changes itself and the one after it. Rows of
-- a tenant are changed by one transaction at a time.
CREATE OR REPLACE FUNCTION business.site_hold_item_days(
    changes business.site_item_day_b[], sums_stay boolean DEFAULT false
)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
#variable_conflict use_column
DECLARE
    -- Of those that were not there, previous_day is NULL here.
    taken_or_left business.site_item_day_b[];
BEGIN
    WITH changed AS MATERIALIZED (
        SELECT tenant_hk, visitor, item, day, sum(sessions)::integer AS sessions
        FROM unnest(changes)
        GROUP BY tenant_hk, visitor, item, day
        HAVING sum(sessions) <> 0
    ),
    written AS (
        -- With the day before at once where it was there, so that the row need not be written again.
        INSERT INTO business.site_item_day_b AS held (tenant_hk, visitor, item, day, previous_day, sessions)
        SELECT
            tenant_hk, visitor, item, day,
            coalesce(
                (
                    SELECT earlier.day
                    FROM business.site_item_day_b AS earlier
                    WHERE earlier.tenant_hk = changed.tenant_hk
                        AND earlier.visitor = changed.visitor
                        AND earlier.item = changed.item
                        AND earlier.day < changed.day
                    ORDER BY earlier.day DESC
                    LIMIT 1
                ),
                '-infinity'),
            sessions
        FROM changed
        ORDER BY tenant_hk, visitor, item, day
        ON CONFLICT (tenant_hk, visitor, item, day) DO UPDATE SET sessions = held.sessions + excluded.sessions
        -- A row that was updated has been locked before.
        RETURNING tenant_hk, visitor, item, day, CASE WHEN held.xmax <> 0 THEN previous_day END AS previous_day, sessions
    )
    SELECT array_agg(ROW(written.*)::business.site_item_day_b)
    INTO taken_or_left
    FROM written
    WHERE sessions <= 0 OR previous_day IS NULL;
    IF sums_stay THEN
        DELETE FROM business.site_item_day_b AS held
        USING unnest(taken_or_left) AS places
        WHERE places.sessions <= 0
            AND held.tenant_hk = places.tenant_hk
            AND held.visitor = places.visitor
            AND held.item = places.item
            AND held.day = places.day;
        RETURN;
    END IF;
    IF taken_or_left IS NULL THEN
        RETURN;
    END IF;
    WITH affected AS MATERIALIZED (
        SELECT
            later.*,
            CASE WHEN NOT bool_or(later.day = places.day AND places.previous_day IS NULL) THEN later.previous_day END
                AS counted_day
        FROM unnest(taken_or_left) AS places
        CROSS JOIN LATERAL (
            SELECT *
            FROM business.site_item_day_b AS held
            WHERE held.tenant_hk = places.tenant_hk
                AND held.visitor = places.visitor
                AND held.item = places.item
                AND held.day >= places.day
            ORDER BY held.day
            LIMIT 2
        ) AS later
        GROUP BY later.tenant_hk, later.visitor, later.item, later.day, later.previous_day, later.sessions
    ),
    relinked AS MATERIALIZED (
        SELECT *
        FROM (
            SELECT
                affected.*,
                CASE WHEN sessions > 0 THEN coalesce(
                    (
                        SELECT earlier.day
                        FROM business.site_item_day_b AS earlier
                        WHERE earlier.tenant_hk = affected.tenant_hk
                            AND earlier.visitor = affected.visitor
                            AND earlier.item = affected.item
                            AND earlier.day < affected.day
                            AND earlier.sessions > 0
                        ORDER BY earlier.day DESC
                        LIMIT 1
                    ),
                    -- One that retention removed was there all the same. Of most there is none to ask for.
                    CASE WHEN coalesce(previous_day, '-infinity') > '-infinity'
                        AND previous_day < business.site_item_days_kept_from(affected.tenant_hk) THEN previous_day END,
                    '-infinity') END AS new_previous_day
            FROM affected
            OFFSET 0
        ) AS found
        WHERE counted_day IS DISTINCT FROM new_previous_day OR sessions <= 0
    ),
    gone AS (
        DELETE FROM business.site_item_day_b AS held
        USING relinked
        WHERE relinked.sessions <= 0
            AND held.tenant_hk = relinked.tenant_hk
            AND held.visitor = relinked.visitor
            AND held.item = relinked.item
            AND held.day = relinked.day
    ),
    told AS (
        UPDATE business.site_item_day_b AS held
        SET previous_day = relinked.new_previous_day
        FROM relinked
        WHERE relinked.sessions > 0
            AND relinked.previous_day IS DISTINCT FROM relinked.new_previous_day
            AND held.tenant_hk = relinked.tenant_hk
            AND held.visitor = relinked.visitor
            AND held.item = relinked.item
            AND held.day = relinked.day
    )
    INSERT INTO business.site_item_return_b AS returns
    SELECT tenant_hk, day, item, counts.previous_day, sum(counts.sign)
    FROM relinked
    CROSS JOIN LATERAL (VALUES (counted_day, -1), (new_previous_day, 1)) AS counts (previous_day, sign)
    WHERE counts.previous_day IS NOT NULL
    GROUP BY tenant_hk, day, item, counts.previous_day
    HAVING sum(counts.sign) <> 0
    ORDER BY tenant_hk, day, item, counts.previous_day
    ON CONFLICT (tenant_hk, day, item, previous_day) DO UPDATE SET visitors = returns.visitors + excluded.visitors;
END
$body$;
COMMENT ON FUNCTION business.site_hold_item_days(business.site_item_day_b[], boolean)
IS 'Adds to the days on which visitors met items, or takes from them, and lets business.site_item_return_b follow; or, where retention removes them, the sums stay.';

-- Sessions in batches, by the loader's transaction and after anything else that changes their versions.
-- What is there and what the satellite says now are compared session by session, so that it does not
-- matter how often or in which cuts this is called. One transaction at a time a group of tenants: the
-- visitor's session before may be another transaction's, and all of them meet in the rollup.
-- An open version of a session that the bridge has as open, with the same start and visitor, changes
-- nothing here: the session is still open whichever of its versions is the latest.
CREATE OR REPLACE PROCEDURE business.site_refresh_sessions(
    tenant_hks bytea[], session_start_micros bigint[], session_hks bytea[],
    visitor_hks bytea[] DEFAULT NULL, are_bots boolean[] DEFAULT NULL, statuses text[] DEFAULT NULL,
    have_repeated_views boolean[] DEFAULT NULL,
    load_date_micros bigint[] DEFAULT NULL, hash_diffs bytea[] DEFAULT NULL, path_types text[] DEFAULT NULL,
    path_offsets text[] DEFAULT NULL, path_pages text[] DEFAULT NULL, path_items text[] DEFAULT NULL,
    path_item_places text[] DEFAULT NULL
)
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
-- All look-ups are by key. The plan is made while the tables are small, and kept.
SET enable_hashjoin = off
SET enable_mergejoin = off
SET enable_seqscan = off
SET plan_cache_mode = force_generic_plan
SET jit = off
AS $body$
DECLARE
    lock_group integer;
    -- Places in the order of a visitor's sessions that were taken or left, robots aside.
    place_tenants bytea[];
    place_visitors bytea[];
    place_starts timestamptz[];
    place_sessions bytea[];
    place_previous timestamptz[];
    place_firsts timestamptz[];
    places_are_new boolean[];
    cohorts business.site_cohort_b[];
    -- Visitors some of whose sessions learned of another first one.
    told_tenants bytea[];
    told_visitors bytea[];
    told_firsts timestamptz[];
    sums business.site_rollup_b[];
    -- Sessions that tell of page views again, or did, and their events which do.
    repeating_sessions bytea[];
    repeating_events business.site_repeat_b[];
    closed business.site_session_b[];
    no_longer_closed business.site_session_b[];
    item_days business.site_item_day_b[];
BEGIN
    FOR lock_group IN
        SELECT DISTINCT get_byte(tenant_hk, 0) % 64 FROM unnest(tenant_hks) AS tenant_hk ORDER BY 1
    LOOP
        PERFORM pg_advisory_xact_lock('business.site_session_b'::regclass::oid::integer, lock_group);
    END LOOP;
    PERFORM business.site_hold_cohort_zones(tenant_hks);

    WITH given AS (
        SELECT
            tenant_hk,
            timestamptz 'epoch' + micros * INTERVAL '1 microsecond' AS session_start,
            date_trunc('milliseconds', timestamptz 'epoch' + micros * INTERVAL '1 microsecond')
                AS key_start,
            session_hk,
            visitor_hk,
            is_bot,
            status,
            has_repeated_views
        FROM unnest(
                tenant_hks, session_start_micros, session_hks, visitor_hks, are_bots, statuses,
                have_repeated_views)
            AS given (tenant_hk, micros, session_hk, visitor_hk, is_bot, status, has_repeated_views)
    ),
    touched AS (
        SELECT DISTINCT given.tenant_hk, given.key_start, given.session_hk, known.is_repeating
        FROM given
        LEFT JOIN LATERAL (
            SELECT true AS is_repeating
            FROM business.site_repeat_b AS repeats
            WHERE repeats.session_hk = given.session_hk
            LIMIT 1
        ) AS known ON true
        LEFT JOIN business.site_session_b AS held
            ON held.tenant_hk = given.tenant_hk
            AND held.key_start = given.key_start
            AND held.session_hk = given.session_hk
        -- A join, as NOT EXISTS would look at all open sessions each time.
        WHERE given.status IS DISTINCT FROM 'OPEN'
            OR given.has_repeated_views
            OR known.is_repeating
            OR (held.session_status, held.session_start, held.visitor_hk, held.is_bot)
                IS DISTINCT FROM
                ('OPEN', given.session_start, given.visitor_hk, given.is_bot)
    ),
    changed AS MATERIALIZED (
        SELECT
            touched.tenant_hk,
            touched.key_start,
            touched.session_hk,
            coalesce(
                (old_row.visitor_hk, old_row.session_start, old_row.is_bot)
                    = ((new_row).visitor_hk, (new_row).session_start, (new_row).is_bot),
                false) AS stays,
            coalesce(touched.is_repeating, (held_version).repeated_views IS NOT NULL) AS is_repeating,
            old_row,
            new_row,
            held_version
        FROM touched
        LEFT JOIN business.site_session_b AS old_row
            ON old_row.tenant_hk = touched.tenant_hk
            AND old_row.key_start = touched.key_start
            AND old_row.session_hk = touched.session_hk
        LEFT JOIN LATERAL (
            SELECT bridged AS new_row, version AS held_version
            FROM business.site_latest_version(
                touched.tenant_hk, touched.key_start, touched.session_hk) AS version
            -- The session before it and the first one are known where it did not move.
            CROSS JOIN LATERAL (
                SELECT coalesce((version.visitor_hk, version.session_start, version.is_bot)
                    = (old_row.visitor_hk, old_row.session_start, old_row.is_bot), false) AS stays
            ) AS moves
            CROSS JOIN LATERAL business.site_bridge_row(
                version, CASE WHEN moves.stays THEN old_row.previous_start END,
                CASE WHEN moves.stays THEN old_row.first_start END) AS bridged
            WHERE version.session_status <> 'SUPERSEDED'
        ) AS found ON true
        WHERE (old_row.hash_diff, old_row.load_date, old_row.session_start)
            IS DISTINCT FROM
            ((new_row).hash_diff, (new_row).load_date, (new_row).session_start)
    ),
    gone AS (
        DELETE FROM business.site_session_b AS sessions
        USING changed
        WHERE (new_row).session_hk IS NULL
            AND sessions.tenant_hk = changed.tenant_hk
            AND sessions.key_start = changed.key_start
            AND sessions.session_hk = changed.session_hk
    ),
    written AS (
        INSERT INTO business.site_session_b AS sessions
        SELECT held.*
        FROM changed
        CROSS JOIN LATERAL business.site_held_row(new_row) AS held
        WHERE (new_row).session_hk IS NOT NULL
        ORDER BY held.tenant_hk, held.key_start, held.session_hk
        ON CONFLICT (tenant_hk, key_start, session_hk) DO UPDATE SET (
            tenant_hk, key_start, session_hk, session_start, session_end, previous_start, first_start, session_status,
            visitor_hk, duration_seconds, engaged_seconds, total_events, page_views, conversions, revenue,
            refunds, is_bounce, entry_page_url, exit_page_url, referrer_host, channel, utm_source,
            utm_medium, utm_campaign, utm_term, utm_content, device_type, browser, os, language,
            country, is_bot,
            hash_diff, load_date, record_source
        ) = (SELECT excluded.*)
    )
    SELECT
        array_agg(changed.tenant_hk),
        array_agg((place).visitor_hk),
        array_agg((place).session_start),
        array_agg(changed.session_hk),
        array_agg((place).previous_start),
        array_agg((place).first_start),
        array_agg(is_new),
        (
            SELECT array_agg(added)
            FROM changed
            CROSS JOIN LATERAL (VALUES (changed.old_row, -1), (changed.new_row, 1)) AS counts (session, sign)
            CROSS JOIN LATERAL business.site_session_sums(counts.session, counts.sign) AS added
            WHERE (counts.session).session_status = 'CLOSED' AND NOT (counts.session).is_bot
        ),
        (SELECT array_agg(session_hk) FROM changed WHERE is_repeating),
        (
            SELECT array_agg(told)
            FROM changed
            CROSS JOIN LATERAL business.site_repeats(held_version) AS told
            WHERE is_repeating
        ),
        (SELECT array_agg(new_row) FROM changed WHERE (new_row).session_status = 'CLOSED'),
        (
            SELECT array_agg(old_row)
            FROM changed
            WHERE (old_row).session_status = 'CLOSED' AND (new_row).session_status IS DISTINCT FROM 'CLOSED'
        )
    INTO
        place_tenants, place_visitors, place_starts, place_sessions, place_previous, place_firsts, places_are_new, sums,
        repeating_sessions, repeating_events, closed, no_longer_closed
    FROM changed
    CROSS JOIN LATERAL (VALUES (changed.old_row, false), (changed.new_row, true)) AS places (place, is_new)
    WHERE NOT changed.stays AND NOT (place).is_bot;
    IF repeating_sessions IS NOT NULL THEN
        sums := sums || ARRAY(
            SELECT changed FROM business.site_hold_repeats(repeating_sessions, repeating_events) AS changed);
    END IF;
    PERFORM business.site_add_sums(sums);
    item_days := business.site_item_days_of(closed || no_longer_closed, -1);
    DELETE FROM business.site_session_path_b AS held
    USING unnest(no_longer_closed) AS gone
    WHERE held.tenant_hk = gone.tenant_hk
        AND held.key_start = gone.key_start
        AND held.session_hk = gone.session_hk;
    PERFORM business.site_write_paths(closed, load_date_micros, hash_diffs, path_types, path_offsets, path_pages,
        path_items, path_item_places);
    PERFORM business.site_hold_variants(closed, no_longer_closed);
    item_days := item_days || business.site_item_days_of(closed, 1);
    IF cardinality(item_days) > 0 THEN
        PERFORM business.site_hold_item_days(item_days);
    END IF;

    IF place_tenants IS NULL THEN
        RETURN;
    END IF;
    WITH places AS (
        SELECT *
        FROM unnest(
                place_tenants, place_visitors, place_starts, place_sessions, place_previous, place_firsts, places_are_new)
            AS given (tenant_hk, visitor_hk, session_start, session_hk, previous_start, first_start, is_new)
    ),
    -- The session at the place, if there is one now, and the one after it.
    affected AS MATERIALIZED (
        SELECT
            sessions.tenant_hk,
            sessions.key_start,
            sessions.session_hk,
            sessions.visitor_hk,
            sessions.session_start,
            sessions.previous_start,
            sessions.first_start,
            bool_or(places.is_new AND places.session_hk = sessions.session_hk) AS is_new
        FROM places
        CROSS JOIN LATERAL (
            SELECT *
            FROM business.site_session_b AS later
            WHERE later.tenant_hk = places.tenant_hk
                AND later.visitor_hk = places.visitor_hk
                AND NOT later.is_bot
                AND (later.session_start, later.session_hk)
                    >= (places.session_start, places.session_hk)
            ORDER BY later.session_start, later.session_hk
            LIMIT 2
        ) AS sessions
        GROUP BY
            sessions.tenant_hk, sessions.key_start, sessions.session_hk, sessions.visitor_hk, sessions.session_start,
            sessions.previous_start, sessions.first_start
    ),
    relinked AS MATERIALIZED (
        SELECT *
        FROM (
            SELECT
                found.*,
                CASE
                    WHEN earlier_start IS NOT NULL THEN (
                        SELECT CASE
                            WHEN earliest.previous_start IS NOT NULL AND earliest.previous_start
                                < raw.site_tracking_kept_from(earliest.tenant_hk, 'sessions')
                                THEN earliest.first_start
                            ELSE earliest.session_start END
                        FROM business.site_session_b AS earliest
                        WHERE earliest.tenant_hk = found.tenant_hk
                            AND earliest.visitor_hk = found.visitor_hk
                            AND NOT earliest.is_bot
                        ORDER BY earliest.session_start, earliest.session_hk
                        LIMIT 1)
                    WHEN removed_start IS NOT NULL THEN found.first_start
                END AS new_first_start,
                coalesce(earlier_start, removed_start) AS new_previous_start
            FROM (
                SELECT
                    affected.*,
                    (
                        SELECT earlier.session_start
                        FROM business.site_session_b AS earlier
                        WHERE earlier.tenant_hk = affected.tenant_hk
                            AND earlier.visitor_hk = affected.visitor_hk
                            AND NOT earlier.is_bot
                            AND (earlier.session_start, earlier.session_hk)
                                < (affected.session_start, affected.session_hk)
                        ORDER BY earlier.session_start DESC, earlier.session_hk DESC
                        LIMIT 1
                    ) AS earlier_start,
                    -- One that retention removed was there all the same.
                    CASE WHEN affected.previous_start IS NOT NULL
                        AND affected.previous_start < raw.site_tracking_kept_from(affected.tenant_hk, 'sessions')
                        THEN affected.previous_start END AS removed_start
                FROM affected
                OFFSET 0
            ) AS found
        ) AS placed
        WHERE is_new OR (previous_start, first_start) IS DISTINCT FROM (new_previous_start, new_first_start)
    ),
    written AS (
        UPDATE business.site_session_b AS sessions
        SET previous_start = relinked.new_previous_start, first_start = relinked.new_first_start
        FROM relinked
        WHERE (relinked.previous_start, relinked.first_start)
                IS DISTINCT FROM (relinked.new_previous_start, relinked.new_first_start)
            AND sessions.tenant_hk = relinked.tenant_hk
            AND sessions.key_start = relinked.key_start
            AND sessions.session_hk = relinked.session_hk
    ),
    returned AS (
        INSERT INTO business.site_return_b AS returns
        SELECT
            counts.tenant_hk,
            buckets.span,
            buckets.previous_bucket,
            buckets.start_bucket,
            sum(counts.sign)
        FROM (
            SELECT tenant_hk, previous_start, session_start, -1 FROM places
            UNION ALL
            SELECT tenant_hk, previous_start, session_start, -1 FROM relinked
            UNION ALL
            SELECT tenant_hk, new_previous_start, session_start, 1 FROM relinked
        ) AS counts (tenant_hk, previous_start, session_start, sign)
        CROSS JOIN LATERAL business.site_return_buckets(counts.previous_start, counts.session_start)
            AS buckets
        WHERE counts.previous_start IS NOT NULL
        GROUP BY 1, 2, 3, 4
        HAVING sum(counts.sign) <> 0
        ON CONFLICT (tenant_hk, span, previous_bucket, start_bucket) DO UPDATE SET
            visits = returns.visits + excluded.visits
    )
    SELECT
        (
            SELECT array_agg(moved)
            FROM (
                SELECT tenant_hk, first_start, previous_start, session_start, -1 FROM places WHERE NOT is_new
                UNION ALL
                SELECT tenant_hk, first_start, previous_start, session_start, -1 FROM relinked WHERE NOT is_new
                UNION ALL
                SELECT tenant_hk, new_first_start, new_previous_start, session_start, 1 FROM relinked
            ) AS counts (tenant_hk, first_start, previous_start, session_start, sign)
            JOIN business.site_cohort_zone_b AS zones ON zones.tenant_hk = counts.tenant_hk
            CROSS JOIN LATERAL business.site_cohorts(
                counts.tenant_hk, counts.first_start, counts.previous_start, counts.session_start, zones.time_zone,
                counts.sign) AS moved
        ),
        array_agg(tenant_hk), array_agg(visitor_hk), array_agg(new_first_start)
    INTO cohorts, told_tenants, told_visitors, told_firsts
    FROM (
        -- Only where the first session is among them may later ones not know it.
        SELECT *, bool_or(earlier_start IS NULL) OVER (PARTITION BY tenant_hk, visitor_hk) AS has_first
        FROM relinked
    ) AS told
    WHERE has_first AND new_first_start IS NOT NULL AND first_start IS DISTINCT FROM new_first_start;
    PERFORM business.site_add_cohorts(cohorts);
    IF told_tenants IS NOT NULL THEN
        PERFORM business.site_follow_first(told_tenants, told_visitors, told_firsts);
    END IF;
END
$body$;
COMMENT ON PROCEDURE business.site_refresh_sessions(bytea[], bigint[], bytea[], bytea[], boolean[], text[], boolean[], bigint[], bytea[], text[], text[], text[], text[], text[])
IS 'Brings bridges and rollups up to the versions that the satellite has now of the given sessions, with the microseconds since the epoch at which they start; to be called in the transaction that wrote them. Calling it again changes nothing. What is known of the versions just written spares looking at those that change nothing, and for what happened in closed ones.';

-- As the loader decides, for sessions and items alike. In steps, as most events need not be looked into.
CREATE OR REPLACE FUNCTION business.site_trade(
    evt_type text, evt_action text, value numeric, items jsonb
) RETURNS text
LANGUAGE plpgsql
IMMUTABLE
PARALLEL SAFE
AS $body$
BEGIN
    IF evt_type = 'refund' THEN
        RETURN 'REFUND';
    ELSIF evt_type = 'purchase' OR evt_type = 'transaction_step' AND evt_action = 'complete' THEN
        IF value > 0 THEN
            RETURN 'SALE';
        END IF;
        RETURN (
            SELECT CASE
                WHEN coalesce(
                    nullif(site_trade.value, 0),
                    CASE WHEN bool_or(money <> 0) THEN sum(sign * money) ELSE sum(sign * pieces) END, 0) >= 0
                    THEN 'SALE'
                WHEN bool_or(sign < 0) THEN 'RETURN'
                ELSE 'REFUND'
            END
            FROM (
                SELECT
                    CASE WHEN listed.quantity < 0 OR listed.price < 0 THEN -1 ELSE 1 END AS sign,
                    abs(coalesce(listed.quantity, 1)) AS pieces,
                    abs(coalesce(listed.quantity, 1) * coalesce(listed.price, 0)) AS money
                FROM jsonb_to_recordset(site_trade.items) AS listed (price numeric, quantity numeric)
            ) AS lines);
    END IF;
    RETURN 'NONE';
END
$body$;
COMMENT ON FUNCTION business.site_trade(text, text, numeric, jsonb)
IS 'Whether an event sells or gives money back. REFUND: all lines of its items are given back, those of that type, and of a purchase or completed step of a negative value without a negative line. RETURN: any other such that is worth less than nothing, by its value, or else price × quantity of its items, whatever their currencies, or else its pieces; its lines are sold or given back as those of a sale. SALE: any other such. NONE: neither.';

CREATE OR REPLACE FUNCTION business.site_transaction_key(tenant bytea, transaction_id text, is_bot boolean)
RETURNS bytea
LANGUAGE sql
IMMUTABLE
AS $body$
    SELECT sha256(convert_to(
        encode(tenant, 'hex') || CASE WHEN is_bot THEN '!' ELSE '|' END || transaction_id, 'UTF8'))
$body$;
COMMENT ON FUNCTION business.site_transaction_key(bytea, text, boolean)
IS 'The key of a transaction in business.site_order_b. What robots and what people tell of are two, as they are in sessions.';

-- What tells of an order counts where business.site_order_b says so, all else by itself.
CREATE OR REPLACE FUNCTION business.site_trade_that_counts(
    tenant bytea, event_hk bytea, evt_type text, evt_action text, transaction_id text, value numeric,
    items jsonb, is_bot boolean
) RETURNS text
LANGUAGE plpgsql
STABLE
-- Callers who have plans made for each of their questions would have this one made anew for each event.
SET plan_cache_mode = force_generic_plan
AS $body$
DECLARE
    trade CONSTANT text := business.site_trade(evt_type, evt_action, value, items);
    -- Not in the statement, which would plan the function of the key anew for each event.
    order_hk CONSTANT bytea := business.site_transaction_key(tenant, transaction_id, is_bot);
BEGIN
    IF trade = 'SALE' AND transaction_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM business.site_order_b AS orders
        WHERE orders.tenant_hk = tenant
            AND orders.transaction_hk = order_hk
            AND orders.event_hk = site_trade_that_counts.event_hk)
    THEN
        RETURN 'NONE';
    END IF;
    RETURN trade;
END
$body$;
COMMENT ON FUNCTION business.site_trade_that_counts(bytea, bytea, text, text, text, numeric, jsonb, boolean)
IS 'As business.site_trade, but NONE where another event counts for the transaction.';

CREATE OR REPLACE FUNCTION business.site_item_value(item_hk bytea, evt_type text)
RETURNS bytea
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
AS $body$ SELECT item_hk || convert_to(evt_type, 'UTF8') $body$;
COMMENT ON FUNCTION business.site_item_value(bytea, text)
IS 'By which business.site_rollup_b names an item and a type of its events.';

-- An item that an event names twice makes two rows.
CREATE OR REPLACE FUNCTION business.site_event_items(
    tenant bytea, trade text, event_currency text, items jsonb
) RETURNS TABLE (
    business_item_hk bytea,
    currency text,
    is_bought boolean,
    quantity numeric,
    refunded_quantity numeric,
    revenue numeric,
    refunds numeric
)
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
AS $body$
    SELECT
        sha256(convert_to(encode(tenant, 'hex') || '|' || listed.item_id, 'UTF8')),
        coalesce(listed.currency, event_currency, 'XXX'),
        traded.kind = 'SALE',
        CASE traded.kind WHEN 'SALE' THEN traded.pieces ELSE 0 END,
        CASE traded.kind WHEN 'REFUND' THEN abs(traded.pieces) ELSE 0 END,
        CASE traded.kind WHEN 'SALE' THEN traded.pieces * traded.price ELSE 0 END,
        CASE traded.kind WHEN 'REFUND' THEN abs(traded.pieces * traded.price) ELSE 0 END
    FROM jsonb_to_recordset(items)
        AS listed (item_id text, price numeric, currency text, quantity numeric)
    CROSS JOIN LATERAL (
        SELECT
            coalesce(listed.quantity, 1) AS pieces,
            coalesce(listed.price, 0) AS price,
            CASE
                WHEN trade NOT IN ('SALE', 'RETURN') THEN trade
                WHEN listed.quantity < 0 OR listed.price < 0 THEN 'REFUND'
                ELSE 'SALE'
            END AS kind
    ) AS traded
$body$;
COMMENT ON FUNCTION business.site_event_items(bytea, text, text, jsonb)
IS 'The items of an event; pieces and revenue are those of what is sold, else 0. Of a sale or a return what has a negative quantity or price, and every item of a refund, is refunded.';

-- One truth for whoever asks, for the checks and for what was there in part; the loader counts the same.
CREATE OR REPLACE FUNCTION business.site_page_sums(
    tenant bytea, from_at timestamptz, to_at timestamptz, include_bots boolean,
    only_timestamps timestamptz[] DEFAULT NULL, only_keys bytea[] DEFAULT NULL
) RETURNS SETOF business.site_rollup_b
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan
SET jit = off
AS $body$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH facts AS MATERIALIZED (
        SELECT event_timestamp, event_hk
        FROM business.site_event_details_s
        WHERE only_keys IS NULL
            AND tenant_hk = tenant
            AND event_timestamp >= from_at
            AND event_timestamp < to_at
            AND (include_bots OR NOT is_bot)
            AND evt_type = 'page_view'
        UNION ALL
        SELECT details.event_timestamp, details.event_hk
        FROM unnest(only_timestamps, only_keys) AS listed (event_timestamp, event_hk)
        JOIN business.site_event_details_s AS details
            ON details.event_timestamp = listed.event_timestamp AND details.event_hk = listed.event_hk
        WHERE only_keys IS NOT NULL
            AND details.tenant_hk = tenant
            AND details.event_timestamp >= from_at
            AND details.event_timestamp < to_at
            AND (include_bots OR NOT details.is_bot)
            AND details.evt_type = 'page_view'
    )
    SELECT
        tenant, 'top_pages'::varchar(20), business.site_day(facts.event_timestamp) AS day, pages.page_hk,
        ''::varchar(3), NULL::text, 0::bigint, 0::bigint, 0::bigint, 0::bigint, count(*), 0::bigint, 0::bigint,
        0::bigint, 0::bigint, 0::numeric, 0::numeric, 0::numeric, 0::numeric
    FROM facts
    JOIN business.event_page_l AS pages
        ON pages.event_timestamp = facts.event_timestamp AND pages.event_hk = facts.event_hk
    WHERE pages.event_timestamp >= from_at
        AND pages.event_timestamp < to_at
        AND NOT EXISTS (
            SELECT FROM business.site_repeat_b AS repeats
            WHERE repeats.tenant_hk = tenant
                AND repeats.event_timestamp >= from_at
                AND repeats.event_timestamp < to_at
                AND repeats.event_timestamp = facts.event_timestamp
                AND repeats.event_hk = facts.event_hk)
    GROUP BY day, pages.page_hk;
END
$body$;
COMMENT ON FUNCTION business.site_page_sums(bytea, timestamptz, timestamptz, boolean, timestamptz[], bytea[])
IS 'Page views by page and day of a tenant''s events in a period, or of those listed that lie in it. Out of the vault itself.';

CREATE OR REPLACE FUNCTION business.site_vital_sums(
    tenant bytea, from_at timestamptz, to_at timestamptz, include_bots boolean,
    only_timestamps timestamptz[] DEFAULT NULL, only_keys bytea[] DEFAULT NULL
) RETURNS SETOF business.site_rollup_b
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan
SET jit = off
AS $body$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH facts AS MATERIALIZED (
        SELECT event_timestamp, event_hk, device_type, properties
        FROM business.site_event_details_s
        WHERE only_keys IS NULL
            AND tenant_hk = tenant
            AND event_timestamp >= from_at
            AND event_timestamp < to_at
            AND (include_bots OR NOT is_bot)
            AND evt_type = 'web_vitals'
        UNION ALL
        SELECT details.event_timestamp, details.event_hk, details.device_type, details.properties
        FROM unnest(only_timestamps, only_keys) AS listed (event_timestamp, event_hk)
        JOIN business.site_event_details_s AS details
            ON details.event_timestamp = listed.event_timestamp AND details.event_hk = listed.event_hk
        WHERE only_keys IS NOT NULL
            AND details.tenant_hk = tenant
            AND details.event_timestamp >= from_at
            AND details.event_timestamp < to_at
            AND (include_bots OR NOT details.is_bot)
            AND details.evt_type = 'web_vitals'
    )
    SELECT
        tenant, 'vitals'::varchar(20), business.site_day(facts.event_timestamp) AS day, told.value_key,
        ''::varchar(3), NULL::text, 0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint, count(*), 0::bigint,
        0::bigint, 0::bigint, 0::numeric, 0::numeric, 0::numeric, 0::numeric
    FROM facts
    JOIN business.event_page_l AS pages
        ON pages.event_timestamp = facts.event_timestamp AND pages.event_hk = facts.event_hk
    CROSS JOIN LATERAL business.site_vital_keys(pages.page_hk, facts.device_type, facts.properties)
        AS told (value_key)
    WHERE pages.event_timestamp >= from_at
        AND pages.event_timestamp < to_at
        AND NOT EXISTS (
            SELECT FROM business.site_repeat_b AS repeats
            WHERE repeats.tenant_hk = tenant
                AND repeats.event_timestamp >= from_at
                AND repeats.event_timestamp < to_at
                AND repeats.event_timestamp = facts.event_timestamp
                AND repeats.event_hk = facts.event_hk)
    GROUP BY day, told.value_key;
END
$body$;
COMMENT ON FUNCTION business.site_vital_sums(bytea, timestamptz, timestamptz, boolean, timestamptz[], bytea[])
IS 'Page views that told how fast they were, by page, kind of device, measure, bucket and day, of a tenant''s events in a period, or of those listed that lie in it. Out of the vault itself.';

CREATE OR REPLACE FUNCTION business.site_item_sums(
    tenant bytea, from_at timestamptz, to_at timestamptz, include_bots boolean,
    only_timestamps timestamptz[] DEFAULT NULL, only_keys bytea[] DEFAULT NULL
) RETURNS SETOF business.site_rollup_b
LANGUAGE plpgsql
STABLE
PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan
SET jit = off
AS $body$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH facts AS MATERIALIZED (
        SELECT
            event_timestamp, event_hk, evt_type, evt_action, transaction_id, value, currency, items, is_bot
        FROM business.site_event_details_s
        WHERE only_keys IS NULL
            AND tenant_hk = tenant
            AND event_timestamp >= from_at
            AND event_timestamp < to_at
            AND (include_bots OR NOT is_bot)
            AND items IS NOT NULL
        UNION ALL
        SELECT
            details.event_timestamp, details.event_hk, details.evt_type, details.evt_action,
            details.transaction_id, details.value, details.currency, details.items, details.is_bot
        FROM unnest(only_timestamps, only_keys) AS listed (event_timestamp, event_hk)
        -- Each by its key: to the planner a key may lie in any partition, so that it would read all of them.
        CROSS JOIN LATERAL (
            SELECT *
            FROM business.site_event_details_s
            WHERE event_timestamp = listed.event_timestamp
                AND event_hk = listed.event_hk
                AND event_timestamp >= from_at
                AND event_timestamp < to_at
            OFFSET 0
        ) AS details
        WHERE only_keys IS NOT NULL
            AND details.tenant_hk = tenant
            AND (include_bots OR NOT details.is_bot)
            AND details.items IS NOT NULL
    ),
    item_rows AS MATERIALIZED (
        SELECT
            business.site_day(facts.event_timestamp) AS day,
            facts.event_hk,
            business.site_item_value(listed.business_item_hk, facts.evt_type) AS value_key,
            listed.*
        FROM facts
        -- Told once an event, not once an item.
        CROSS JOIN LATERAL (
            SELECT CASE WHEN facts.evt_type IN ('purchase', 'transaction_step', 'refund')
                THEN business.site_trade_that_counts(
                    tenant, facts.event_hk, facts.evt_type, facts.evt_action, facts.transaction_id,
                    facts.value, facts.items, facts.is_bot) ELSE 'NONE' END AS trade
            OFFSET 0
        ) AS told
        CROSS JOIN LATERAL business.site_event_items(tenant, told.trade, facts.currency, facts.items)
            AS listed
    )
    SELECT
        tenant, 'items'::varchar(20), sums.day, sums.value_key, sums.currency::varchar(3), NULL::text,
        0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint, sums.events, sums.conversions, 0::bigint,
        0::bigint, sums.quantity, sums.refunded_quantity, sums.revenue, sums.refunds
    FROM (
        SELECT
            day, value_key, '', count(DISTINCT event_hk), count(DISTINCT event_hk) FILTER (WHERE is_bought),
            sum(quantity), sum(refunded_quantity), 0::numeric, 0::numeric
        FROM item_rows
        GROUP BY day, value_key
        UNION ALL
        SELECT day, value_key, currency, 0, 0, 0, 0, sum(revenue), sum(refunds)
        FROM item_rows
        GROUP BY day, value_key, currency
        HAVING (sum(revenue), sum(refunds)) <> (0, 0)
    ) AS sums (
        day, value_key, currency, events, conversions, quantity, refunded_quantity, revenue, refunds
    );
END
$body$;
COMMENT ON FUNCTION business.site_item_sums(bytea, timestamptz, timestamptz, boolean, timestamptz[], bytea[])
IS 'Events, purchases, pieces, revenue and refunds by item, type and day, of a tenant''s events in a period, or of those listed that lie in it. Out of the vault itself.';

CREATE OR REPLACE FUNCTION business.site_event_sums(
    tenant bytea, from_at timestamptz, to_at timestamptz, include_bots boolean,
    only_timestamps timestamptz[] DEFAULT NULL, only_keys bytea[] DEFAULT NULL
) RETURNS SETOF business.site_rollup_b
LANGUAGE sql
STABLE
PARALLEL SAFE
AS $body$
    SELECT *
    FROM business.site_page_sums(tenant, from_at, to_at, include_bots, only_timestamps, only_keys)
    UNION ALL
    SELECT *
    FROM business.site_item_sums(tenant, from_at, to_at, include_bots, only_timestamps, only_keys)
    UNION ALL
    SELECT *
    FROM business.site_vital_sums(tenant, from_at, to_at, include_bots, only_timestamps, only_keys)
$body$;
COMMENT ON FUNCTION business.site_event_sums(bytea, timestamptz, timestamptz, boolean, timestamptz[], bytea[])
IS 'All that events add to business.site_rollup_b: page views, what they tell of items, and vitals.';

-- Which events tell of an order, and of which, out of the vault itself.
CREATE OR REPLACE VIEW business.site_order_events_v
WITH (security_invoker = true) AS
SELECT
    details.tenant_hk,
    business.site_transaction_key(details.tenant_hk, details.transaction_id, details.is_bot)
        AS transaction_hk,
    details.event_timestamp,
    details.event_hk,
    details.sequence,
    events.event_bk,
    coalesce(details.sequence, -9223372036854775808) AS place,
    -- As sessions take the event that tells an amount other than zero.
    CASE
        WHEN details.value IS NULL THEN jsonb_path_exists(
            details.items, '$[*] ? ((@.price < 0 || @.price > 0) && !(@.quantity == 0))')
        ELSE details.value <> 0
    END AS tells_money
FROM business.site_event_details_s AS details
JOIN business.site_event_h AS events
    ON events.event_timestamp = details.event_timestamp AND events.event_hk = details.event_hk
WHERE details.transaction_id IS NOT NULL
    AND (details.items IS NOT NULL OR details.value <> 0)
    AND business.site_trade(details.evt_type, details.evt_action, details.value, details.items) = 'SALE';
COMMENT ON VIEW business.site_order_events_v
IS 'The events that tell money or items of an order; place is where they stand among those of one instant, tells_money whether they tell an amount other than zero, by their value or, without one, by what their items cost.';

CREATE OR REPLACE VIEW business.site_order_check_v
WITH (security_invoker = true) AS
SELECT DISTINCT ON (tenant_hk, transaction_hk)
    tenant_hk, transaction_hk, event_timestamp, event_hk, sequence, event_bk
FROM business.site_order_events_v
ORDER BY tenant_hk, transaction_hk, NOT tells_money, event_timestamp, place, event_bk COLLATE "C";
COMMENT ON VIEW business.site_order_check_v
IS 'What business.site_order_b must hold, from the events.';

-- For the functions that run as its owner.
GRANT SELECT ON business.site_order_events_v, business.site_order_check_v TO site_tracking_owner;

-- Rows of orders are locked in the order of their keys and before any of the rollup, so that loaders
-- wait for each other and never in a circle. An event that is there already changes nothing.
CREATE OR REPLACE FUNCTION business.site_count_orders(event_timestamps timestamptz[], event_hks bytea[])
RETURNS TABLE (
    sign integer,
    event_timestamp timestamptz,
    event_hk bytea
)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
-- All look-ups are by key.
SET enable_hashjoin = off
SET enable_mergejoin = off
SET enable_seqscan = off
-- Planning costs more than what is planned, as it looks at all day partitions.
SET plan_cache_mode = force_generic_plan
SET jit = off
AS $body$
#variable_conflict use_column
DECLARE
    told business.site_order_b[];
    taken bytea[];
    moved business.site_order_b[];
    movers business.site_order_b[];
BEGIN
    SELECT array_agg(ROW(
        tenant_hk, transaction_hk, event_timestamp, event_hk, sequence, event_bk)::business.site_order_b
        ORDER BY tenant_hk, transaction_hk)
    INTO told
    FROM (
        SELECT DISTINCT ON (events.tenant_hk, events.transaction_hk) events.*
        FROM unnest(event_timestamps, event_hks) AS given (event_timestamp, event_hk)
        JOIN business.site_order_events_v AS events
            ON events.event_timestamp = given.event_timestamp AND events.event_hk = given.event_hk
        ORDER BY
            events.tenant_hk, events.transaction_hk, NOT events.tells_money, events.event_timestamp,
            events.place, events.event_bk COLLATE "C"
    ) AS earliest;
    IF told IS NULL THEN
        RETURN;
    END IF;

    WITH written AS (
        INSERT INTO business.site_order_b
        SELECT * FROM unnest(told)
        ON CONFLICT DO NOTHING
        RETURNING event_hk
    )
    SELECT coalesce(array_agg(event_hk), '{}') INTO taken FROM written;
    -- Statements of their own, to see what others wrote that the one before waited for: a row that is
    -- locked in the statement which joins it is dropped where another event has it by then.
    PERFORM FROM (
        SELECT
        FROM unnest(told) AS news
        JOIN business.site_order_b AS orders
            ON orders.tenant_hk = news.tenant_hk AND orders.transaction_hk = news.transaction_hk
        ORDER BY orders.tenant_hk, orders.transaction_hk
        FOR UPDATE OF orders
    ) AS locked;
    SELECT array_agg(known), array_agg(news)
    INTO moved, movers
    FROM (
        SELECT
            orders AS known, news, old_event.tells_money AS known_tells_money,
            new_event.tells_money AS news_tells_money
        FROM unnest(told) AS news
        JOIN business.site_order_b AS orders
            ON orders.tenant_hk = news.tenant_hk AND orders.transaction_hk = news.transaction_hk
        JOIN business.site_order_events_v AS old_event
            ON old_event.event_timestamp = orders.event_timestamp
            AND old_event.event_hk = orders.event_hk
        JOIN business.site_order_events_v AS new_event
            ON new_event.event_timestamp = news.event_timestamp AND new_event.event_hk = news.event_hk
    ) AS compared
    WHERE (NOT news_tells_money, (news).event_timestamp, coalesce((news).sequence, -9223372036854775808),
            (news).event_bk COLLATE "C")
        < (NOT known_tells_money, (known).event_timestamp, coalesce((known).sequence, -9223372036854775808),
            (known).event_bk COLLATE "C");
    UPDATE business.site_order_b AS orders
    SET event_timestamp = news.event_timestamp,
        event_hk = news.event_hk,
        sequence = news.sequence,
        event_bk = news.event_bk
    FROM unnest(movers) AS news
    WHERE orders.tenant_hk = news.tenant_hk AND orders.transaction_hk = news.transaction_hk;

    RETURN QUERY
    SELECT -1, event_timestamp, event_hk FROM unnest(moved)
    UNION ALL
    SELECT 1, event_timestamp, event_hk FROM unnest(movers)
    UNION ALL
    SELECT 1, event_timestamp, event_hk
    FROM unnest(told)
    WHERE event_hk IN (SELECT unnest(taken));
END
$body$;
COMMENT ON FUNCTION business.site_count_orders(timestamptz[], bytea[])
IS 'Lets the given events count for their orders where they come first, and tells which events count now, and by sign -1 which do no longer.';

CREATE OR REPLACE FUNCTION business.site_count_events(given business.site_rollup_b[])
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
#variable_conflict use_column
DECLARE
    order_timestamps timestamptz[];
    order_hks bytea[];
    signs integer[];
    sold business.site_rollup_b[];
BEGIN
    SELECT array_agg(bucket_start), array_agg(value_key)
    INTO order_timestamps, order_hks
    FROM unnest(given)
    WHERE dimension = 'orders';
    IF order_hks IS NOT NULL THEN
        SELECT array_agg(sign), array_agg(event_timestamp), array_agg(event_hk)
        INTO signs, order_timestamps, order_hks
        FROM business.site_count_orders(order_timestamps, order_hks);

        WITH items AS MATERIALIZED (
            SELECT
                counts.sign, details.tenant_hk, business.site_day(details.event_timestamp) AS day, details.event_hk,
                business.site_item_value(listed.business_item_hk, details.evt_type) AS value_key, listed.*
            FROM unnest(signs, order_timestamps, order_hks) AS counts (sign, event_timestamp, event_hk)
            JOIN business.site_event_details_s AS details
                ON details.event_timestamp = counts.event_timestamp AND details.event_hk = counts.event_hk
            CROSS JOIN LATERAL business.site_event_items(
                details.tenant_hk, 'SALE', details.currency, details.items) AS listed
            WHERE NOT details.is_bot
        )
        SELECT array_agg(ROW(
            tenant_hk, 'items', day, value_key, currency, NULL, 0, 0, 0, 0, 0, 0, conversions, 0, 0,
            quantity, refunded_quantity, revenue, refunds)::business.site_rollup_b)
        INTO sold
        FROM (
            SELECT
                tenant_hk, day, value_key, '' AS currency,
                sign * bool_or(is_bought)::integer AS conversions, sign * sum(quantity) AS quantity,
                sign * sum(refunded_quantity) AS refunded_quantity, 0 AS revenue, 0 AS refunds
            FROM items
            GROUP BY sign, tenant_hk, day, event_hk, value_key
            UNION ALL
            SELECT
                tenant_hk, day, value_key, currency, 0, 0, 0, sign * revenue, sign * refunds
            FROM items
        ) AS sums;
    END IF;
    PERFORM business.site_add_sums(sold || ARRAY(
        SELECT added
        FROM unnest(given) AS added
        WHERE dimension NOT IN ('orders', 'measured')
        UNION ALL
        SELECT added
        FROM (
            SELECT
                tenant_hk, min(bucket_start) AS from_at, max(bucket_start) + INTERVAL '1 microsecond' AS to_at,
                array_agg(bucket_start) AS timestamps, array_agg(value_key) AS keys
            FROM unnest(given)
            WHERE dimension = 'measured'
            GROUP BY tenant_hk
        ) AS tenants
        CROSS JOIN LATERAL business.site_vital_sums(
            tenants.tenant_hk, tenants.from_at, tenants.to_at, false, tenants.timestamps, tenants.keys) AS added));
END
$body$;
COMMENT ON FUNCTION business.site_count_events(business.site_rollup_b[])
IS 'Adds sums of events to the rollup. A row of dimension orders or measured is no sum: it names an event, by time and hash key, whose items count if it comes first of its order, or whose vitals do.';

CREATE OR REPLACE PROCEDURE business.site_add_event_sums(
    tenant_hks bytea[], dimensions text[], bucket_micros bigint[], value_keys bytea[], currencies text[],
    page_views bigint[], events bigint[], conversions bigint[], quantities numeric[],
    refunded_quantities numeric[], revenues numeric[], refunds numeric[]
)
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
BEGIN
    PERFORM business.site_count_events(ARRAY(
        SELECT ROW(
            tenant_hk, dimension, timestamptz 'epoch' + micros * INTERVAL '1 microsecond', value_key, currency,
            NULL, 0, 0, 0, 0, page_views, events, conversions, 0, 0, quantity, refunded_quantity, revenue,
            refunds)::business.site_rollup_b
        FROM unnest(
            tenant_hks, dimensions, bucket_micros, value_keys, currencies, page_views, events,
            conversions, quantities, refunded_quantities, revenues, refunds
        ) AS given (
            tenant_hk, dimension, micros, value_key, currency, page_views, events, conversions,
            quantity, refunded_quantity, revenue, refunds
        )));
END
$body$;
COMMENT ON PROCEDURE business.site_add_event_sums(bytea[], text[], bigint[], bytea[], text[], bigint[], bigint[], bigint[], numeric[], numeric[], numeric[], numeric[])
IS 'As business.site_count_events, with the microseconds since the epoch at which days start or events happened. To be called once in the transaction that wrote the events.';

CREATE OR REPLACE PROCEDURE business.site_sum_written_events(event_micros bigint[], event_hks bytea[])
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
-- All look-ups are by key.
SET enable_hashjoin = off
SET enable_mergejoin = off
SET enable_seqscan = off
SET jit = off
AS $body$
DECLARE
    counted business.site_rollup_b[];
BEGIN
    WITH written AS MATERIALIZED (
        SELECT
            details.tenant_hk,
            details.event_timestamp,
            details.event_hk,
            details.transaction_id IS NOT NULL
                AND (details.items IS NOT NULL OR details.value <> 0)
                AND business.site_trade(
                    details.evt_type, details.evt_action, details.value, details.items) = 'SALE' AS is_order
        FROM (
            -- An event may be there twice, where it was submitted again.
            SELECT DISTINCT
                event_hk,
                timestamptz 'epoch' + micros * INTERVAL '1 microsecond' AS event_timestamp
            FROM unnest(event_micros, event_hks) AS given (micros, event_hk)
            OFFSET 0
        ) AS given
        JOIN business.site_event_details_s AS details
            ON details.event_timestamp = given.event_timestamp AND details.event_hk = given.event_hk
        -- Those that were there before are summed already.
        WHERE details.xmin = pg_current_xact_id()::xid
    )
    SELECT array_agg(rows)
    INTO counted
    FROM (
        -- Orders count nothing yet, as none of these events is in business.site_order_b.
        SELECT rows
        FROM (
            SELECT
                tenant_hk,
                min(event_timestamp) AS from_at,
                max(event_timestamp) + INTERVAL '1 microsecond' AS to_at,
                array_agg(event_timestamp) AS timestamps,
                array_agg(event_hk) AS keys
            FROM written
            GROUP BY tenant_hk
        ) AS tenants
        CROSS JOIN LATERAL business.site_event_sums(
            tenants.tenant_hk, tenants.from_at, tenants.to_at, false, tenants.timestamps, tenants.keys)
            AS rows
        UNION ALL
        SELECT ROW(
            tenant_hk, 'orders', event_timestamp, event_hk, '', NULL, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
            0)::business.site_rollup_b
        FROM written
        WHERE is_order
    ) AS summed;
    PERFORM business.site_count_events(counted);
END
$body$;
COMMENT ON PROCEDURE business.site_sum_written_events(bigint[], bytea[])
IS 'Sums those of the given events that this transaction wrote, with the microseconds since the epoch at which they happened; to be called in that transaction, for a loader that does not know which of them were there before.';

-- --------------------------------------------------------------------- after changes from elsewhere

CREATE OR REPLACE FUNCTION business.site_follow_removed(
    tenant_hks bytea[], key_starts timestamptz[], session_hks bytea[], previous_starts timestamptz[],
    first_starts timestamptz[]
)
RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $body$
    WITH returned AS (
        UPDATE business.site_session_b AS sessions
        SET previous_start = given.previous_start, first_start = given.first_start
        FROM unnest(tenant_hks, key_starts, session_hks, previous_starts, first_starts)
            AS given (tenant_hk, key_start, session_hk, previous_start, first_start)
        WHERE sessions.tenant_hk = given.tenant_hk
            AND sessions.key_start = given.key_start
            AND sessions.session_hk = given.session_hk
            AND sessions.previous_start IS NULL
            AND NOT sessions.is_bot
        RETURNING sessions.tenant_hk, sessions.previous_start, sessions.first_start, sessions.session_start
    ),
    counted AS (
        INSERT INTO business.site_return_b AS returns
        SELECT returned.tenant_hk, buckets.span, buckets.previous_bucket, buckets.start_bucket, count(*)
        FROM returned
        CROSS JOIN LATERAL business.site_return_buckets(returned.previous_start, returned.session_start) AS buckets
        GROUP BY 1, 2, 3, 4
        ORDER BY 1, 2, 3, 4
        ON CONFLICT (tenant_hk, span, previous_bucket, start_bucket) DO UPDATE SET
            visits = returns.visits + excluded.visits
    )
    SELECT business.site_add_cohorts(array_agg(moved))
    FROM returned
    JOIN business.site_cohort_zone_b AS zones ON zones.tenant_hk = returned.tenant_hk
    CROSS JOIN LATERAL (VALUES
        (NULL::timestamptz, NULL::timestamptz, -1), (returned.first_start, returned.previous_start, 1)
    ) AS told (first_start, previous_start, sign)
    CROSS JOIN LATERAL business.site_cohorts(
        returned.tenant_hk, told.first_start, told.previous_start, returned.session_start, zones.time_zone, told.sign)
        AS moved
    HAVING count(*) > 0;
    SELECT business.site_follow_first(
        array_agg(sessions.tenant_hk), array_agg(sessions.visitor_hk), array_agg(sessions.first_start))
    FROM unnest(tenant_hks, key_starts, session_hks) AS given (tenant_hk, key_start, session_hk)
    JOIN business.site_session_b AS sessions
        ON sessions.tenant_hk = given.tenant_hk
        AND sessions.key_start = given.key_start
        AND sessions.session_hk = given.session_hk
        AND NOT sessions.is_bot;
$body$;
COMMENT ON FUNCTION business.site_follow_removed(bytea[], timestamptz[], bytea[], timestamptz[], timestamptz[])
IS 'Tells the bridge of first sessions that retention removed one of the same visitor before it, and counts them as returns; tells later ones of the visitor when the first one began.';

CREATE OR REPLACE FUNCTION business.site_follow_removed_days(days business.site_item_day_b[])
RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $body$
    WITH returned AS (
        UPDATE business.site_item_day_b AS held
        SET previous_day = given.previous_day
        FROM unnest(days) AS given
        WHERE held.tenant_hk = given.tenant_hk
            AND held.visitor = given.visitor
            AND held.item = given.item
            AND held.day = given.day
            AND held.previous_day = '-infinity'
        RETURNING held.*
    )
    INSERT INTO business.site_item_return_b AS returns
    SELECT returned.tenant_hk, returned.day, returned.item, counts.previous_day, sum(counts.sign)
    FROM returned
    CROSS JOIN LATERAL (VALUES (date '-infinity', -1), (returned.previous_day, 1)) AS counts (previous_day, sign)
    GROUP BY 1, 2, 3, 4
    ORDER BY 1, 2, 3, 4
    ON CONFLICT (tenant_hk, day, item, previous_day) DO UPDATE SET visitors = returns.visitors + excluded.visitors
$body$;
COMMENT ON FUNCTION business.site_follow_removed_days(business.site_item_day_b[])
IS 'Tells the first days on which visitors met items that retention removed one before, and counts them as returns.';

CREATE OR REPLACE FUNCTION business.site_add_counts(
    sums business.site_rollup_b[], returned business.site_return_b[], item_returned business.site_item_return_b[]
)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
BEGIN
    PERFORM business.site_add_sums(sums);
    INSERT INTO business.site_return_b AS held
    SELECT * FROM unnest(returned)
    ON CONFLICT (tenant_hk, span, previous_bucket, start_bucket) DO UPDATE SET visits = held.visits + excluded.visits;
    INSERT INTO business.site_item_return_b AS held
    SELECT * FROM unnest(item_returned)
    ON CONFLICT (tenant_hk, day, item, previous_day) DO UPDATE SET visitors = held.visitors + excluded.visitors;
END
$body$;
COMMENT ON FUNCTION business.site_add_counts(business.site_rollup_b[], business.site_return_b[], business.site_item_return_b[])
IS 'Adds rows to those of all rollups.';

CREATE OR REPLACE PROCEDURE business.site_rebuild_sessions()
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    returners record;
    item_returners business.site_item_day_b[];
    removed_cohorts business.site_cohort_b[];
    batch record;
BEGIN
    -- In the order in which loaders write them.
    LOCK TABLE
        business.site_cohort_zone_b, business.site_order_b, business.site_session_b, business.site_session_path_b,
        business.site_session_variant_b, business.site_repeat_b, business.site_rollup_b, business.site_return_b,
        business.site_cohort_b
        IN SHARE ROW EXCLUSIVE MODE;
    PERFORM business.site_hold_cohort_zones(array_agg(tenant_hk)) FROM business.site_cohort_zone_b;
    removed_cohorts := ARRAY(SELECT cohorts FROM business.site_removed_cohorts() AS cohorts);
    DELETE FROM business.site_cohort_b;
    -- What is left of what retention removed stays.
    DELETE FROM business.site_order_b
    WHERE event_timestamp >= raw.site_tracking_kept_from(tenant_hk, 'events');
    -- No session is longer than a week.
    DELETE FROM business.site_repeat_b
    WHERE event_timestamp >= raw.site_tracking_kept_from(tenant_hk, 'sessions') + INTERVAL '7 days';
    SELECT array_agg(tenant_hk) AS tenants, array_agg(key_start) AS starts, array_agg(session_hk) AS sessions,
        array_agg(previous_start) AS previous, array_agg(first_start) AS firsts
    INTO returners
    FROM business.site_session_b
    WHERE previous_start < raw.site_tracking_kept_from(tenant_hk, 'sessions');
    DELETE FROM business.site_session_b
    WHERE session_start >= raw.site_tracking_kept_from(tenant_hk, 'sessions');
    DELETE FROM business.site_session_path_b
    WHERE key_start >= raw.site_tracking_kept_from(tenant_hk, 'sessions');
    DELETE FROM business.site_session_variant_b
    WHERE key_start >= raw.site_tracking_kept_from(tenant_hk, 'sessions');
    SELECT array_agg(held) INTO item_returners
    FROM business.site_item_day_b AS held
    WHERE previous_day > '-infinity' AND previous_day < business.site_item_days_kept_from(tenant_hk);
    DELETE FROM business.site_item_day_b;
    DELETE FROM business.site_item_return_b
    WHERE day >= business.site_item_days_kept_from(tenant_hk);
    DELETE FROM business.site_rollup_b
    WHERE bucket_start >= raw.site_tracking_kept_from(
        tenant_hk, CASE WHEN dimension IN ('top_pages', 'items', 'vitals') THEN 'events' ELSE 'sessions' END);
    DELETE FROM business.site_return_b
    WHERE start_bucket >= raw.site_tracking_kept_from(tenant_hk, 'sessions');
    INSERT INTO business.site_order_b
    SELECT * FROM business.site_order_check_v ORDER BY tenant_hk, transaction_hk
    ON CONFLICT DO NOTHING;
    INSERT INTO business.site_rollup_b
    SELECT sums.*
    FROM (SELECT DISTINCT tenant_hk FROM business.site_event_details_s) AS tenants
    CROSS JOIN LATERAL business.site_event_sums(
        tenants.tenant_hk, raw.site_tracking_kept_from(tenants.tenant_hk, 'events'), 'infinity', false) AS sums
    ORDER BY sums.tenant_hk, sums.dimension, sums.bucket_start, sums.value_key, sums.currency;
    FOR batch IN
        SELECT
            array_agg(tenant_hk) AS tenants,
            array_agg((extract(epoch FROM session_start) * 1000000)::bigint) AS starts,
            array_agg(session_hk) AS sessions
        FROM (
            SELECT *, row_number() OVER (ORDER BY session_start, session_hk, load_date) / 1000 AS number
            FROM business.site_session_details_s
            WHERE session_start >= raw.site_tracking_kept_from(tenant_hk, 'sessions')
        ) AS versions
        GROUP BY number
        ORDER BY number
    LOOP
        CALL business.site_refresh_sessions(batch.tenants, batch.starts, batch.sessions);
    END LOOP;
    PERFORM business.site_follow_removed(
        returners.tenants, returners.starts, returners.sessions, returners.previous, returners.firsts);
    PERFORM business.site_add_cohorts(removed_cohorts);
    PERFORM business.site_follow_removed_days(item_returners);
    PERFORM business.site_add_counts(
        ARRAY(
            SELECT ROW(kept.*)::business.site_rollup_b
            FROM business.site_rollup_kept_b AS kept
            WHERE bucket_start >= raw.site_tracking_kept_from(
                tenant_hk, CASE WHEN dimension IN ('top_pages', 'items', 'vitals') THEN 'events' ELSE 'sessions' END)),
        ARRAY(
            SELECT ROW(kept.*)::business.site_return_b
            FROM business.site_return_kept_b AS kept
            WHERE start_bucket >= raw.site_tracking_kept_from(tenant_hk, 'sessions')),
        ARRAY(
            SELECT ROW(kept.*)::business.site_item_return_b
            FROM business.site_item_return_kept_b AS kept
            WHERE day >= business.site_item_days_kept_from(tenant_hk)));
END
$body$;
COMMENT ON PROCEDURE business.site_rebuild_sessions()
IS 'Makes the bridges of orders and sessions and all rollups anew out of the vault, but for the sums of what retention removed and of erased visitors where they are kept; loaders wait meanwhile.';

CREATE OR REPLACE PROCEDURE business.site_resum_events(tenant bytea, days timestamptz[])
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    kept_from CONSTANT timestamptz := raw.site_tracking_kept_from(tenant, 'events');
    all_days timestamptz[];
BEGIN
    LOCK TABLE business.site_order_b, business.site_rollup_b IN SHARE ROW EXCLUSIVE MODE;
    -- Of an order whose event is gone the next one counts, which may be another day's.
    DELETE FROM business.site_order_b AS orders
    WHERE orders.tenant_hk = tenant
        AND orders.event_timestamp >= kept_from
        AND NOT EXISTS (
            SELECT FROM business.site_event_details_s AS details
            WHERE details.event_timestamp = orders.event_timestamp AND details.event_hk = orders.event_hk);
    all_days := days;
    -- Who tells of an order is found by reading all events.
    IF found THEN
        WITH heirs AS (
            INSERT INTO business.site_order_b
            SELECT * FROM business.site_order_check_v WHERE tenant_hk = tenant
            ON CONFLICT DO NOTHING
            RETURNING event_timestamp
        )
        SELECT array_agg(DISTINCT touched.day_start)
        INTO all_days
        FROM (
            SELECT unnest(days)
            UNION ALL
            SELECT business.site_day(event_timestamp) FROM heirs
        ) AS touched (day_start);
    END IF;
    -- Of what retention removed nothing is left to sum.
    all_days := ARRAY(SELECT day FROM unnest(all_days) AS day WHERE day >= kept_from);
    DELETE FROM business.site_rollup_b
    WHERE tenant_hk = tenant AND dimension IN ('top_pages', 'items', 'vitals') AND bucket_start = ANY (all_days);
    PERFORM business.site_add_sums(ARRAY(
        SELECT sums
        FROM unnest(all_days) AS days (day)
        CROSS JOIN LATERAL business.site_event_sums(tenant, days.day, days.day + INTERVAL '1 day', false) AS sums));
END
$body$;
COMMENT ON PROCEDURE business.site_resum_events(bytea, timestamptz[])
IS 'Sums the events of UTC days anew, after events were taken out of the vault, and lets the next event of an order count where the one that did is gone; to be called in that transaction after business.site_refresh_sessions, by one transaction at a time; loaders wait for its end.';

-- ---------------------------------------------------------------------- how the bridge is read

-- With a setting of its own, so that it stays a function: what looks up latest versions has no parallel workers, nor
-- has what holds it.
CREATE OR REPLACE FUNCTION business.site_open_sessions(tenant bytea, from_at timestamptz, to_at timestamptz)
RETURNS SETOF business.site_session_b
LANGUAGE sql
STABLE
PARALLEL SAFE
ROWS 100
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT bridged.*
    FROM business.site_session_b AS held
    CROSS JOIN LATERAL business.site_latest_version(held.tenant_hk, held.key_start, held.session_hk) AS version
    CROSS JOIN LATERAL business.site_bridge_row(version, held.previous_start, held.first_start) AS bridged
    WHERE held.tenant_hk = tenant
        AND held.session_status = 'OPEN'
        AND held.session_start >= from_at
        AND held.session_start < to_at
        -- The index knows the start to the millisecond.
        AND held.key_start >= from_at - INTERVAL '1 millisecond'
        AND held.key_start < to_at
$body$;
COMMENT ON FUNCTION business.site_open_sessions(bytea, timestamptz, timestamptz)
IS 'The open sessions that began in a period, as they are now.';

-- Without settings of its own, so that the planner sees through it.
CREATE OR REPLACE FUNCTION business.site_sessions(tenant bytea, from_at timestamptz, to_at timestamptz)
RETURNS SETOF business.site_session_b
LANGUAGE sql
STABLE
PARALLEL SAFE
AS $body$
    SELECT *
    FROM business.site_session_b
    WHERE tenant_hk = tenant
        AND session_status = 'CLOSED'
        AND session_start >= from_at
        AND session_start < to_at
        AND key_start >= from_at - INTERVAL '1 millisecond'
        AND key_start < to_at
    UNION ALL
    SELECT * FROM business.site_open_sessions(tenant, from_at, to_at)
$body$;
COMMENT ON FUNCTION business.site_sessions(bytea, timestamptz, timestamptz)
IS 'The sessions that began in a period.';

-- An event has the visitor of the session in whose time it lies; no tenant's sessions are longer than a week.
CREATE OR REPLACE FUNCTION business.site_visitor_events(
    tenant bytea, from_at timestamptz, to_at timestamptz, visitor bytea
) RETURNS TABLE (
    event_timestamp timestamptz,
    event_hk bytea,
    visitor_hk bytea
)
LANGUAGE plpgsql
STABLE
ROWS 1000000
SET search_path = pg_catalog, pg_temp
-- Nothing is known of how many sessions are open, and with each of them all events would be looked through.
SET enable_nestloop = off
AS $body$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT links.event_timestamp, links.event_hk, sessions.visitor_hk
    FROM business.site_sessions(tenant, from_at - INTERVAL '7 days', to_at) AS sessions
    JOIN business.event_session_l AS links
        ON links.session_hk = sessions.session_hk
        AND links.event_timestamp BETWEEN sessions.session_start AND sessions.session_end
    WHERE links.tenant_hk = tenant
        AND (visitor IS NULL OR sessions.visitor_hk = visitor)
        AND sessions.session_end >= from_at
        AND links.event_timestamp >= from_at
        AND links.event_timestamp < to_at;
END
$body$;
COMMENT ON FUNCTION business.site_visitor_events(bytea, timestamptz, timestamptz, bytea)
IS 'The events of a period that lie in sessions, of one visitor or all, with their visitors; twice where two sessions of a visitor meet in one.';

CALL raw.site_tracking_own_routines();
GRANT EXECUTE ON PROCEDURE
    business.site_refresh_sessions(bytea[], bigint[], bytea[], bytea[], boolean[], text[], boolean[], bigint[], bytea[], text[], text[], text[], text[], text[]),
    business.site_add_event_sums(bytea[], text[], bigint[], bytea[], text[], bigint[], bigint[], bigint[], numeric[], numeric[], numeric[], numeric[]),
    business.site_sum_written_events(bigint[], bytea[])
TO site_tracking_loader;

DO $partitions$
BEGIN
    PERFORM raw.site_tracking_ensure_partitions(
        (now() AT TIME ZONE 'UTC')::date - 1, (now() AT TIME ZONE 'UTC')::date + 7);
END
$partitions$;

COMMIT;
