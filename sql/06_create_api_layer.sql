-- Purpose: the api layer: what clients may call, and what it needs to answer fast. Run after 05.
--
-- Tables are written as in 01: created where missing, checked where present (ST010), and the trailing
-- comments become catalog comments. Nothing is changed by a second run, nor by a run that fails.
-- Errors inside, which callers see as codes of the answer: ST400 bad argument, ST403 another tenant's
-- login, ST404 unknown tenant.

BEGIN;

DO $lock$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('site_tracking', 0));
END
$lock$;

-- Until the roles of the api layer are there, nobody is bound to a tenant.
CREATE OR REPLACE FUNCTION auth.site_tracking_tenant(tenant text)
RETURNS bytea
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    found_hk bytea;
BEGIN
    SELECT tenant_hk INTO found_hk FROM auth.tenant_h WHERE tenant_bk = tenant;
    IF found_hk IS NULL THEN
        RAISE EXCEPTION 'unknown tenant' USING ERRCODE = 'ST404';
    END IF;
    RETURN found_hk;
END
$body$;
COMMENT ON FUNCTION auth.site_tracking_tenant(text)
IS 'The hash key of a tenant that the caller may name. Errors: ST403, ST404.';
REVOKE ALL ON FUNCTION auth.site_tracking_tenant(text) FROM PUBLIC;

-- ---- analytics

-- --------------------------------------------------------------------------------------- bridges
-- Satellites keep every version and do not know their tenant's order of time. The bridges hold what
-- analytics read: one row per current session, one per event, one per item of an event, by tenant and
-- time. The rollups are sums of the bridges. sql/checks proves both equal to the vault.

CALL raw.install_site_tracking_table($table$
CREATE TABLE IF NOT EXISTS business.site_session_b ( -- Bridge: the current version of every session that exists, as business.site_session_details_current_v shows it.
    tenant_hk bytea NOT NULL, -- Tenant that the row belongs to.
    key_start timestamptz NOT NULL, -- Start of the session to the millisecond, in which all its versions agree.
    session_hk bytea NOT NULL, -- The session.
    session_start timestamptz NOT NULL, -- First event of the session.
    session_end timestamptz NOT NULL, -- Last event of the session.
    previous_start timestamptz, -- Start of the visitor's session before this one; NULL for the first one and for robots.
    session_status varchar(10) NOT NULL, -- OPEN or CLOSED.
    visitor_hk bytea NOT NULL, -- The visitor.
    duration_seconds bigint NOT NULL, -- From the first to the last event.
    engaged_seconds bigint NOT NULL, -- Time with signs of attention.
    total_events integer NOT NULL, -- Events of the session.
    page_views integer NOT NULL, -- Page views.
    conversions integer NOT NULL, -- Purchases and goals.
    revenue jsonb, -- Revenue: an object of currency and decimal; NULL without a purchase.
    is_bounce boolean, -- NULL without a page view.
    entry_page_url text, -- First page.
    exit_page_url text, -- Last page.
    referrer_host text, -- Host of the referrer.
    channel text NOT NULL, -- Marketing channel.
    utm_source text, -- utm_source.
    utm_medium text, -- utm_medium.
    utm_campaign text, -- utm_campaign.
    utm_term text, -- utm_term.
    utm_content text, -- utm_content.
    device_type text NOT NULL, -- desktop, mobile, tablet, tv, console, robot or other.
    browser text, -- Browser.
    os text, -- Operating system.
    language text, -- Language of the client, as it names it.
    is_bot boolean NOT NULL, -- Whether the user agent is a known robot.
    hash_diff bytea NOT NULL, -- Hash of the attributes of the version.
    load_date timestamptz NOT NULL, -- load_date of the version.
    record_source varchar(100) NOT NULL, -- Program that wrote the version.
    PRIMARY KEY (tenant_hk, key_start, session_hk)
) WITH (fillfactor = 80)
$table$);

CALL raw.install_site_tracking_table($table$
CREATE TABLE IF NOT EXISTS business.site_event_b ( -- Bridge: every event with its visitor and page.
    tenant_hk bytea NOT NULL, -- Tenant that the row belongs to.
    event_timestamp timestamptz NOT NULL, -- When the event happened; selects the day partition.
    event_hk bytea NOT NULL, -- The event.
    visitor_hk bytea, -- The visitor; NULL where the row was made up later and neither staging nor a session tells.
    page_hk bytea, -- The page; NULL without a usable page URL.
    evt_type text NOT NULL, -- Type of the event.
    is_bot boolean NOT NULL, -- Whether the user agent is a known robot.
    load_date timestamptz NOT NULL, -- Append time of the Kafka record that brought the row.
    record_source varchar(100) NOT NULL, -- Program that wrote the row.
    PRIMARY KEY (tenant_hk, event_timestamp, event_hk)
) PARTITION BY RANGE (event_timestamp)
$table$);

CALL raw.install_site_tracking_table($table$
CREATE TABLE IF NOT EXISTS business.site_event_item_b ( -- Bridge: every item of an event, with what a purchase says of it.
    tenant_hk bytea NOT NULL, -- Tenant that the row belongs to.
    event_timestamp timestamptz NOT NULL, -- When the event happened; selects the day partition.
    event_hk bytea NOT NULL, -- The event.
    business_item_hk bytea NOT NULL, -- The item.
    currency varchar(3) NOT NULL, -- Currency of the revenue; XXX without one.
    visitor_hk bytea, -- The visitor; NULL as in site_event_b.
    evt_type text NOT NULL, -- Type of the event.
    quantity numeric NOT NULL, -- Pieces bought: 0 unless the event is a purchase, 1 where it does not say.
    revenue numeric NOT NULL, -- Price times pieces bought: 0 unless the event is a purchase that says the price.
    is_bot boolean NOT NULL, -- Whether the user agent is a known robot.
    load_date timestamptz NOT NULL, -- Append time of the Kafka record that brought the row.
    record_source varchar(100) NOT NULL, -- Program that wrote the row.
    PRIMARY KEY (tenant_hk, event_timestamp, event_hk, business_item_hk, currency)
) PARTITION BY RANGE (event_timestamp)
$table$);

CALL raw.install_site_tracking_table($table$
CREATE TABLE IF NOT EXISTS business.site_rollup_b ( -- Rollup: sums over sessions, page views and items, without robots. Dimension visits is by quarter of an hour and holds all sessions; the others are by UTC day, those of sessions without the open ones.
    tenant_hk bytea NOT NULL, -- Tenant that the row belongs to.
    dimension varchar(20) NOT NULL, -- What is summed by: visits, entry_pages, exit_pages, channels, sources, campaigns, devices, browsers, operating_systems, top_pages, items.
    bucket_start timestamptz NOT NULL, -- Start of the quarter or day in which the sessions began or the events happened.
    value_key bytea NOT NULL, -- Hash key of the page or item, else a SHA-256 of the value.
    currency varchar(3) NOT NULL, -- Currency of the revenue; empty in the row of all other sums.
    value text, -- The value; NULL for pages, items and sessions without one.
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
    revenue numeric NOT NULL, -- Revenue in the currency.
    PRIMARY KEY (tenant_hk, dimension, bucket_start, value_key, currency)
) WITH (fillfactor = 80)
$table$);

CALL raw.install_site_tracking_table($table$
CREATE TABLE IF NOT EXISTS business.site_return_b ( -- Rollup: how many sessions began when, whose visitor came before when, without robots. Visitors of a period are its sessions less those whose visitor had one before in the same period.
    tenant_hk bytea NOT NULL, -- Tenant that the row belongs to.
    is_near boolean NOT NULL, -- Whether the two quarters lie at most 25 hours apart, the longest day.
    previous_bucket timestamptz NOT NULL, -- Quarter of an hour of the session before.
    start_bucket timestamptz NOT NULL, -- Quarter of an hour of the session when near, else its UTC day.
    visits bigint NOT NULL, -- Sessions.
    PRIMARY KEY (tenant_hk, is_near, previous_bucket, start_bucket)
) WITH (fillfactor = 80)
$table$);

DO $indexes$
BEGIN
    IF to_regclass('business.site_session_b_visitor') IS NULL THEN
        CREATE INDEX site_session_b_visitor
            ON business.site_session_b (tenant_hk, visitor_hk, session_start, session_hk)
            WHERE NOT is_bot;
    END IF;
    IF to_regclass('business.site_session_b_open') IS NULL THEN
        CREATE INDEX site_session_b_open
            ON business.site_session_b (tenant_hk, key_start)
            WHERE session_status = 'OPEN';
    END IF;
END
$indexes$;
COMMENT ON INDEX business.site_session_b_visitor
IS 'The sessions of a visitor in order: which one was before a new one, and cohorts.';
COMMENT ON INDEX business.site_session_b_open
IS 'Open sessions, which the rollups by day leave out because they still change.';

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

-- ------------------------------------------------------------------ what the loader keeps up to date

-- The rows a session adds to the rollup, with its sign. Superseded sessions and robots add none.
CREATE OR REPLACE FUNCTION business.site_session_sums(session business.site_session_b, sign integer)
RETURNS TABLE (
    dimension text,
    bucket_start timestamptz,
    value_key bytea,
    currency text,
    value text,
    visits bigint,
    bounces bigint,
    bounceable bigint,
    converted bigint,
    page_views bigint,
    events bigint,
    conversions bigint,
    duration_seconds bigint,
    engaged_seconds bigint,
    revenue numeric
)
LANGUAGE sql
IMMUTABLE
AS $body$
    SELECT
        dimensions.dimension,
        dimensions.bucket_start,
        sha256(convert_to(coalesce('=' || dimensions.value, ''), 'UTF8')),
        money.currency,
        dimensions.value,
        money.counts,
        money.counts * coalesce(session.is_bounce, false)::integer,
        money.counts * (session.is_bounce IS NOT NULL)::integer,
        money.counts * (session.conversions > 0)::integer,
        money.counts * session.page_views,
        money.counts * session.total_events,
        money.counts * session.conversions,
        money.counts * session.duration_seconds,
        money.counts * session.engaged_seconds,
        sign * money.amount
    FROM (
        -- The row without a currency is the one that counts; revenue comes in rows of its own.
        SELECT
            key AS currency,
            CASE key WHEN '' THEN sign ELSE 0 END::bigint AS counts,
            value::numeric AS amount
        FROM jsonb_each_text('{"": 0}' || coalesce(session.revenue, '{}'))
    ) AS money
    CROSS JOIN (VALUES
        ('visits', business.site_quarter(session.session_start), NULL),
        ('entry_pages', business.site_day(session.session_start), session.entry_page_url),
        ('exit_pages', business.site_day(session.session_start), session.exit_page_url),
        ('channels', business.site_day(session.session_start), session.channel),
        ('sources', business.site_day(session.session_start),
            coalesce(session.utm_source, session.referrer_host)),
        ('campaigns', business.site_day(session.session_start), session.utm_campaign),
        ('devices', business.site_day(session.session_start), session.device_type),
        ('browsers', business.site_day(session.session_start), session.browser),
        ('operating_systems', business.site_day(session.session_start), session.os)
    ) AS dimensions (dimension, bucket_start, value)
    WHERE NOT session.is_bot
        AND (dimensions.dimension = 'visits' OR session.session_status = 'CLOSED')
$body$;
COMMENT ON FUNCTION business.site_session_sums(business.site_session_b, integer)
IS 'What a session adds to business.site_rollup_b, or takes from it by sign -1.';

-- Sessions in batches, by the loader's transaction and after anything else that changes their versions.
-- What is there and what the satellite says now are compared session by session, so that it does not
-- matter how often or in which cuts this is called. One transaction at a time a group of tenants: the
-- visitor's session before may be another transaction's, and all of them meet in the rollup.
CREATE OR REPLACE PROCEDURE business.refresh_site_sessions(
    tenant_hks bytea[], session_start_micros bigint[], session_hks bytea[]
)
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    lock_group integer;
    -- Places in the order of a visitor's sessions that were taken or left, robots aside.
    place_tenants bytea[];
    place_visitors bytea[];
    place_starts timestamptz[];
    place_sessions bytea[];
    place_previous timestamptz[];
BEGIN
    FOR lock_group IN
        SELECT DISTINCT get_byte(tenant_hk, 0) % 64 FROM unnest(tenant_hks) AS tenant_hk ORDER BY 1
    LOOP
        PERFORM pg_advisory_xact_lock('business.site_session_b'::regclass::oid::integer, lock_group);
    END LOOP;

    WITH touched AS (
        SELECT DISTINCT
            tenant_hk,
            date_trunc('milliseconds', timestamptz 'epoch' + micros * INTERVAL '1 microsecond')
                AS key_start,
            session_hk
        FROM unnest(tenant_hks, session_start_micros, session_hks)
            AS given (tenant_hk, micros, session_hk)
    ),
    compared AS (
        SELECT
            touched.tenant_hk,
            touched.key_start,
            touched.session_hk,
            old_row,
            new_version,
            old_row.visitor_hk = new_version.visitor_hk
                AND old_row.session_start = new_version.session_start
                AND old_row.is_bot = new_version.is_bot AS stays
        FROM touched
        LEFT JOIN business.site_session_b AS old_row
            ON old_row.tenant_hk = touched.tenant_hk
            AND old_row.key_start = touched.key_start
            AND old_row.session_hk = touched.session_hk
        LEFT JOIN LATERAL (
            SELECT versions.*
            FROM business.site_session_details_s AS versions
            WHERE versions.session_start >= touched.key_start
                AND versions.session_start < touched.key_start + INTERVAL '1 millisecond'
                AND versions.session_hk = touched.session_hk
                AND versions.tenant_hk = touched.tenant_hk
            ORDER BY versions.load_date DESC, versions.total_events DESC, versions.session_start
            LIMIT 1
        ) AS new_version
            ON new_version.session_status <> 'SUPERSEDED'
        WHERE (old_row.hash_diff, old_row.load_date, old_row.session_start)
            IS DISTINCT FROM
            (new_version.hash_diff, new_version.load_date, new_version.session_start)
    ),
    changed AS MATERIALIZED (
        SELECT
            tenant_hk,
            key_start,
            session_hk,
            coalesce(stays, false) AS stays,
            old_row,
            CASE WHEN (new_version).session_hk IS NOT NULL THEN ROW(
                tenant_hk,
                key_start,
                session_hk,
                (new_version).session_start,
                (new_version).session_end,
                CASE WHEN stays THEN (old_row).previous_start END,
                (new_version).session_status,
                (new_version).visitor_hk,
                (new_version).duration_seconds,
                (new_version).engaged_seconds,
                (new_version).total_events,
                (new_version).page_views,
                (new_version).conversions,
                (new_version).revenue,
                (new_version).is_bounce,
                (new_version).entry_page_url,
                (new_version).exit_page_url,
                (new_version).referrer_host,
                (new_version).channel,
                (new_version).utm_source,
                (new_version).utm_medium,
                (new_version).utm_campaign,
                (new_version).utm_term,
                (new_version).utm_content,
                (new_version).device_type,
                (new_version).browser,
                (new_version).os,
                (new_version).language,
                (new_version).is_bot,
                (new_version).hash_diff,
                (new_version).load_date,
                (new_version).record_source
            )::business.site_session_b END AS new_row
        FROM compared
    ),
    summed AS (
        INSERT INTO business.site_rollup_b AS rollup
        SELECT
            changed.tenant_hk,
            sums.dimension,
            sums.bucket_start,
            sums.value_key,
            sums.currency,
            sums.value,
            sum(sums.visits),
            sum(sums.bounces),
            sum(sums.bounceable),
            sum(sums.converted),
            sum(sums.page_views),
            sum(sums.events),
            sum(sums.conversions),
            sum(sums.duration_seconds),
            sum(sums.engaged_seconds),
            0,
            sum(sums.revenue)
        FROM changed
        CROSS JOIN LATERAL (
            SELECT * FROM business.site_session_sums(changed.old_row, -1)
            UNION ALL
            SELECT * FROM business.site_session_sums(changed.new_row, 1)
        ) AS sums
        GROUP BY
            changed.tenant_hk, sums.dimension, sums.bucket_start, sums.value_key, sums.currency,
            sums.value
        HAVING (
            sum(sums.visits), sum(sums.bounces), sum(sums.bounceable), sum(sums.converted),
            sum(sums.page_views), sum(sums.events), sum(sums.conversions),
            sum(sums.duration_seconds), sum(sums.engaged_seconds), sum(sums.revenue)
        ) <> (0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
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
            revenue = rollup.revenue + excluded.revenue
    ),
    gone AS (
        DELETE FROM business.site_session_b AS sessions
        USING changed
        WHERE changed.new_row IS NULL
            AND sessions.tenant_hk = changed.tenant_hk
            AND sessions.key_start = changed.key_start
            AND sessions.session_hk = changed.session_hk
    ),
    written AS (
        INSERT INTO business.site_session_b AS sessions
        SELECT (new_row).*
        FROM changed
        WHERE (new_row).session_hk IS NOT NULL
        ORDER BY tenant_hk, key_start, session_hk
        ON CONFLICT (tenant_hk, key_start, session_hk) DO UPDATE SET
            session_start = excluded.session_start,
            session_end = excluded.session_end,
            previous_start = excluded.previous_start,
            session_status = excluded.session_status,
            visitor_hk = excluded.visitor_hk,
            duration_seconds = excluded.duration_seconds,
            engaged_seconds = excluded.engaged_seconds,
            total_events = excluded.total_events,
            page_views = excluded.page_views,
            conversions = excluded.conversions,
            revenue = excluded.revenue,
            is_bounce = excluded.is_bounce,
            entry_page_url = excluded.entry_page_url,
            exit_page_url = excluded.exit_page_url,
            referrer_host = excluded.referrer_host,
            channel = excluded.channel,
            utm_source = excluded.utm_source,
            utm_medium = excluded.utm_medium,
            utm_campaign = excluded.utm_campaign,
            utm_term = excluded.utm_term,
            utm_content = excluded.utm_content,
            device_type = excluded.device_type,
            browser = excluded.browser,
            os = excluded.os,
            language = excluded.language,
            is_bot = excluded.is_bot,
            hash_diff = excluded.hash_diff,
            load_date = excluded.load_date,
            record_source = excluded.record_source
    )
    SELECT
        array_agg(changed.tenant_hk),
        array_agg((place).visitor_hk),
        array_agg((place).session_start),
        array_agg(changed.session_hk),
        array_agg((place).previous_start)
    INTO place_tenants, place_visitors, place_starts, place_sessions, place_previous
    FROM changed
    CROSS JOIN LATERAL (VALUES (changed.old_row), (changed.new_row)) AS places (place)
    WHERE NOT changed.stays AND NOT (place).is_bot;

    IF place_tenants IS NULL THEN
        RETURN;
    END IF;
    WITH places AS (
        SELECT *
        FROM unnest(place_tenants, place_visitors, place_starts, place_sessions, place_previous)
            AS given (tenant_hk, visitor_hk, session_start, session_hk, previous_start)
    ),
    -- The session at the place, if there is one now, and the one after it.
    affected AS MATERIALIZED (
        SELECT DISTINCT
            sessions.tenant_hk,
            sessions.key_start,
            sessions.session_hk,
            sessions.visitor_hk,
            sessions.session_start,
            sessions.previous_start
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
    ),
    relinked AS MATERIALIZED (
        SELECT *
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
                ) AS new_previous_start
            FROM affected
        ) AS found
        WHERE previous_start IS DISTINCT FROM new_previous_start
    ),
    written AS (
        UPDATE business.site_session_b AS sessions
        SET previous_start = relinked.new_previous_start
        FROM relinked
        WHERE sessions.tenant_hk = relinked.tenant_hk
            AND sessions.key_start = relinked.key_start
            AND sessions.session_hk = relinked.session_hk
    )
    INSERT INTO business.site_return_b AS returns
    SELECT
        tenant_hk,
        business.site_is_near(previous_start, session_start),
        business.site_quarter(previous_start),
        CASE
            WHEN business.site_is_near(previous_start, session_start)
                THEN business.site_quarter(session_start)
            ELSE business.site_day(session_start)
        END,
        sum(sign)
    FROM (
        SELECT tenant_hk, previous_start, session_start, -1 FROM places
        UNION ALL
        SELECT tenant_hk, previous_start, session_start, -1 FROM relinked
        UNION ALL
        SELECT tenant_hk, new_previous_start, session_start, 1 FROM relinked
    ) AS counts (tenant_hk, previous_start, session_start, sign)
    WHERE previous_start IS NOT NULL
    GROUP BY 1, 2, 3, 4
    HAVING sum(sign) <> 0
    ON CONFLICT (tenant_hk, is_near, previous_bucket, start_bucket) DO UPDATE SET
        visits = returns.visits + excluded.visits;
END
$body$;
COMMENT ON PROCEDURE business.refresh_site_sessions(bytea[], bigint[], bytea[])
IS 'Brings bridge and rollups up to the versions that the satellite has now of the given sessions, with the microseconds since the epoch at which they start; to be called in the transaction that wrote them. Calling it again changes nothing.';

-- Events never change: what is new to the bridge is counted once, what is erased from it is taken back.
CREATE OR REPLACE FUNCTION business.count_site_page_views()
RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $body$
BEGIN
    INSERT INTO business.site_rollup_b AS rollup
    SELECT
        tenant_hk,
        'top_pages',
        business.site_day(event_timestamp),
        page_hk,
        '',
        NULL,
        0, 0, 0, 0,
        CASE TG_OP WHEN 'INSERT' THEN count(*) ELSE -count(*) END,
        0, 0, 0, 0, 0, 0
    FROM changed
    WHERE evt_type = 'page_view' AND page_hk IS NOT NULL AND NOT is_bot
    GROUP BY 1, 3, 4
    ORDER BY 1, 3, 4
    ON CONFLICT (tenant_hk, dimension, bucket_start, value_key, currency) DO UPDATE SET
        page_views = rollup.page_views + excluded.page_views;
    RETURN NULL;
END
$body$;
COMMENT ON FUNCTION business.count_site_page_views()
IS 'Trigger of business.site_event_b: counts page views by page and UTC day.';

CREATE OR REPLACE FUNCTION business.count_site_event_items()
RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    sign CONSTANT integer := CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END;
BEGIN
    INSERT INTO business.site_rollup_b AS rollup
    SELECT
        tenant_hk,
        'items',
        business.site_day(event_timestamp),
        business_item_hk,
        '' AS currency,
        NULL,
        0, 0, 0, 0, 0,
        sign * count(DISTINCT event_hk),
        sign * count(DISTINCT event_hk) FILTER (WHERE evt_type = 'purchase'),
        0, 0,
        sign * sum(quantity),
        0
    FROM changed
    WHERE NOT is_bot
    GROUP BY 1, 3, 4
    UNION ALL
    SELECT
        tenant_hk,
        'items',
        business.site_day(event_timestamp),
        business_item_hk,
        currency,
        NULL,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        sign * sum(revenue)
    FROM changed
    WHERE NOT is_bot
    GROUP BY 1, 3, 4, 5
    HAVING sum(revenue) <> 0
    ORDER BY 1, 3, 4, 5
    ON CONFLICT (tenant_hk, dimension, bucket_start, value_key, currency) DO UPDATE SET
        events = rollup.events + excluded.events,
        conversions = rollup.conversions + excluded.conversions,
        quantity = rollup.quantity + excluded.quantity,
        revenue = rollup.revenue + excluded.revenue;
    RETURN NULL;
END
$body$;
COMMENT ON FUNCTION business.count_site_event_items()
IS 'Trigger of business.site_event_item_b: counts events, purchases, pieces and revenue by item and UTC day.';

DO $triggers$
BEGIN
    IF NOT EXISTS (
        SELECT FROM pg_trigger
        WHERE tgrelid = 'business.site_event_b'::regclass AND tgname = 'count_new_page_views'
    ) THEN
        CREATE TRIGGER count_new_page_views AFTER INSERT ON business.site_event_b
            REFERENCING NEW TABLE AS changed
            FOR EACH STATEMENT EXECUTE FUNCTION business.count_site_page_views();
        CREATE TRIGGER count_erased_page_views AFTER DELETE ON business.site_event_b
            REFERENCING OLD TABLE AS changed
            FOR EACH STATEMENT EXECUTE FUNCTION business.count_site_page_views();
        CREATE TRIGGER count_new_items AFTER INSERT ON business.site_event_item_b
            REFERENCING NEW TABLE AS changed
            FOR EACH STATEMENT EXECUTE FUNCTION business.count_site_event_items();
        CREATE TRIGGER count_erased_items AFTER DELETE ON business.site_event_item_b
            REFERENCING OLD TABLE AS changed
            FOR EACH STATEMENT EXECUTE FUNCTION business.count_site_event_items();
    END IF;
END
$triggers$;

-- --------------------------------------------------------------- what bridges and rollups must hold
-- By other ways than the loader's: sql/checks compares, and a rebuild takes them.

CREATE OR REPLACE VIEW business.site_session_bridge_v AS
SELECT
    sessions.tenant_hk,
    date_trunc('milliseconds', sessions.session_start) AS key_start,
    sessions.session_hk,
    sessions.session_start,
    sessions.session_end,
    CASE WHEN NOT sessions.is_bot THEN lag(sessions.session_start) OVER (
        PARTITION BY sessions.tenant_hk, sessions.visitor_hk, sessions.is_bot
        ORDER BY sessions.session_start, sessions.session_hk
    ) END AS previous_start,
    sessions.session_status,
    sessions.visitor_hk,
    sessions.duration_seconds,
    sessions.engaged_seconds,
    sessions.total_events,
    sessions.page_views,
    sessions.conversions,
    sessions.revenue,
    sessions.is_bounce,
    sessions.entry_page_url,
    sessions.exit_page_url,
    sessions.referrer_host,
    sessions.channel,
    sessions.utm_source,
    sessions.utm_medium,
    sessions.utm_campaign,
    sessions.utm_term,
    sessions.utm_content,
    sessions.device_type,
    sessions.browser,
    sessions.os,
    sessions.language,
    sessions.is_bot,
    sessions.hash_diff,
    sessions.load_date,
    sessions.record_source
FROM (
    SELECT DISTINCT ON (session_hk) *
    FROM business.site_session_details_s
    ORDER BY session_hk, load_date DESC, total_events DESC, session_start
) AS sessions
WHERE sessions.session_status <> 'SUPERSEDED';
COMMENT ON VIEW business.site_session_bridge_v
IS 'What business.site_session_b must hold, from the satellite.';

CREATE OR REPLACE VIEW business.site_event_bridge_v AS
SELECT
    events.tenant_hk,
    events.event_timestamp,
    events.event_hk,
    staged.visitor_hk,
    pages.page_hk,
    details.evt_type,
    details.is_bot,
    events.load_date,
    events.record_source
FROM business.site_event_h AS events
JOIN business.site_event_details_s AS details
    ON details.event_timestamp = events.event_timestamp AND details.event_hk = events.event_hk
LEFT JOIN business.event_page_l AS pages
    ON pages.event_timestamp = events.event_timestamp AND pages.event_hk = events.event_hk
LEFT JOIN staging.site_tracking_events_s AS staged
    ON staged.event_timestamp = events.event_timestamp AND staged.event_hk = events.event_hk;
COMMENT ON VIEW business.site_event_bridge_v
IS 'What business.site_event_b must hold, from hub, satellite and link; the visitor as long as staging keeps it.';

CREATE OR REPLACE VIEW business.site_event_item_bridge_v AS
SELECT
    events.tenant_hk,
    events.event_timestamp,
    events.event_hk,
    util.generate_tenant_derived_hk(events.tenant_hk, items.item_id) AS business_item_hk,
    coalesce(items.currency, events.currency, 'XXX')::varchar(3) AS currency,
    staged.visitor_hk,
    events.evt_type,
    CASE
        WHEN events.evt_type = 'purchase' THEN sum(coalesce(items.quantity, 1))
        ELSE 0
    END AS quantity,
    CASE
        WHEN events.evt_type = 'purchase'
            THEN sum(coalesce(items.price * coalesce(items.quantity, 1), 0))
        ELSE 0
    END AS revenue,
    events.is_bot,
    events.load_date,
    events.record_source
FROM business.site_event_details_s AS events
CROSS JOIN LATERAL jsonb_to_recordset(events.items)
    AS items (item_id text, price numeric, currency text, quantity numeric)
LEFT JOIN staging.site_tracking_events_s AS staged
    ON staged.event_timestamp = events.event_timestamp AND staged.event_hk = events.event_hk
WHERE events.items IS NOT NULL
GROUP BY
    events.tenant_hk, events.event_timestamp, events.event_hk, items.item_id,
    coalesce(items.currency, events.currency, 'XXX'), staged.visitor_hk, events.evt_type,
    events.is_bot, events.load_date, events.record_source;
COMMENT ON VIEW business.site_event_item_bridge_v
IS 'What business.site_event_item_b must hold, from the items of the satellite.';

CREATE OR REPLACE VIEW business.site_rollup_check_v AS
SELECT
    sessions.tenant_hk,
    sums.dimension,
    sums.bucket_start,
    sums.value_key,
    sums.currency,
    sums.value,
    sum(sums.visits)::bigint AS visits,
    sum(sums.bounces)::bigint AS bounces,
    sum(sums.bounceable)::bigint AS bounceable,
    sum(sums.converted)::bigint AS converted,
    sum(sums.page_views)::bigint AS page_views,
    sum(sums.events)::bigint AS events,
    sum(sums.conversions)::bigint AS conversions,
    sum(sums.duration_seconds)::bigint AS duration_seconds,
    sum(sums.engaged_seconds)::bigint AS engaged_seconds,
    0::numeric AS quantity,
    sum(sums.revenue) AS revenue
FROM business.site_session_b AS sessions
CROSS JOIN LATERAL business.site_session_sums(sessions, 1) AS sums
GROUP BY
    sessions.tenant_hk, sums.dimension, sums.bucket_start, sums.value_key, sums.currency, sums.value
UNION ALL
SELECT
    tenant_hk,
    'top_pages',
    business.site_day(event_timestamp),
    page_hk,
    '',
    NULL,
    0, 0, 0, 0,
    count(*),
    0, 0, 0, 0, 0, 0
FROM business.site_event_b
WHERE evt_type = 'page_view' AND page_hk IS NOT NULL AND NOT is_bot
GROUP BY tenant_hk, business.site_day(event_timestamp), page_hk
UNION ALL
SELECT
    tenant_hk,
    'items',
    business.site_day(event_timestamp),
    business_item_hk,
    '',
    NULL,
    0, 0, 0, 0, 0,
    count(DISTINCT event_hk),
    count(DISTINCT event_hk) FILTER (WHERE evt_type = 'purchase'),
    0, 0,
    sum(quantity),
    0
FROM business.site_event_item_b
WHERE NOT is_bot
GROUP BY tenant_hk, business.site_day(event_timestamp), business_item_hk
UNION ALL
SELECT
    tenant_hk,
    'items',
    business.site_day(event_timestamp),
    business_item_hk,
    currency,
    NULL,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    sum(revenue)
FROM business.site_event_item_b
WHERE NOT is_bot
GROUP BY tenant_hk, business.site_day(event_timestamp), business_item_hk, currency
HAVING sum(revenue) <> 0;
COMMENT ON VIEW business.site_rollup_check_v
IS 'What business.site_rollup_b must hold, from the bridges.';

CREATE OR REPLACE VIEW business.site_return_check_v AS
SELECT
    tenant_hk,
    business.site_is_near(previous_start, session_start) AS is_near,
    business.site_quarter(previous_start) AS previous_bucket,
    CASE
        WHEN business.site_is_near(previous_start, session_start)
            THEN business.site_quarter(session_start)
        ELSE business.site_day(session_start)
    END AS start_bucket,
    count(*) AS visits
FROM business.site_session_b
WHERE previous_start IS NOT NULL
GROUP BY 1, 2, 3, 4;
COMMENT ON VIEW business.site_return_check_v
IS 'What business.site_return_b must hold, from the bridge of sessions.';

CREATE OR REPLACE PROCEDURE business.rebuild_site_bridges()
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
BEGIN
    LOCK TABLE business.site_session_b, business.site_event_b, business.site_event_item_b,
        business.site_rollup_b, business.site_return_b IN SHARE ROW EXCLUSIVE MODE;
    -- Events stay: after the retention of staging nothing else knows their visitor.
    INSERT INTO business.site_event_b SELECT * FROM business.site_event_bridge_v
    ON CONFLICT DO NOTHING;
    INSERT INTO business.site_event_item_b SELECT * FROM business.site_event_item_bridge_v
    ON CONFLICT DO NOTHING;
    DELETE FROM business.site_session_b;
    INSERT INTO business.site_session_b
    SELECT * FROM business.site_session_bridge_v ORDER BY tenant_hk, key_start, session_hk;
    DELETE FROM business.site_rollup_b;
    INSERT INTO business.site_rollup_b SELECT * FROM business.site_rollup_check_v;
    DELETE FROM business.site_return_b;
    INSERT INTO business.site_return_b SELECT * FROM business.site_return_check_v;
END
$body$;
COMMENT ON PROCEDURE business.rebuild_site_bridges()
IS 'Makes bridges and rollups anew out of the vault; loaders wait meanwhile.';

REVOKE ALL ON FUNCTION business.site_quarter(timestamptz) FROM PUBLIC;
REVOKE ALL ON FUNCTION business.site_day(timestamptz) FROM PUBLIC;
REVOKE ALL ON FUNCTION business.site_is_near(timestamptz, timestamptz) FROM PUBLIC;
REVOKE ALL ON FUNCTION business.site_session_sums(business.site_session_b, integer) FROM PUBLIC;
REVOKE ALL ON FUNCTION business.count_site_page_views() FROM PUBLIC;
REVOKE ALL ON FUNCTION business.count_site_event_items() FROM PUBLIC;
REVOKE ALL ON PROCEDURE business.refresh_site_sessions(bytea[], bigint[], bytea[]) FROM PUBLIC;
REVOKE ALL ON PROCEDURE business.rebuild_site_bridges() FROM PUBLIC;

-- A vault that was loaded before this script: the loader fills the bridges from now on only.
DO $first_fill$
BEGIN
    IF NOT EXISTS (SELECT FROM business.site_session_b)
        AND NOT EXISTS (SELECT FROM business.site_event_b)
        AND (EXISTS (SELECT FROM business.site_session_details_s)
            OR EXISTS (SELECT FROM business.site_event_h)) THEN
        CALL business.rebuild_site_bridges();
    END IF;
END
$first_fill$;

DO $partitions$
BEGIN
    PERFORM raw.ensure_site_tracking_partitions(
        (now() AT TIME ZONE 'UTC')::date - 1, (now() AT TIME ZONE 'UTC')::date + 7);
END
$partitions$;

COMMIT;
