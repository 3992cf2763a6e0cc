-- What the scripts make of an empty database; not meant to be run.
-- A test compares it: mvn test -Dtest=SchemaGoldenTest.
-- To accept a change, add -Dgolden.update=true.

SCHEMA api -- What clients may call; nothing else is open to them.

SCHEMA auth -- Tenants, tokens and settings.

SCHEMA business -- The vault: hubs, links, satellites and the views on them.

SCHEMA raw -- Events as they arrived, and the ledger of what became of them.

SCHEMA staging -- Validated, enriched and typed events; short retention.

SCHEMA util -- Functions that every layer shares.

TABLE auth.api_token_h -- Hub: one row per API token.
    api_token_hk bytea NOT NULL -- Hash key of the token within its tenant.
    api_token_bk character varying(255) NOT NULL -- Name of the token; never the token itself.
    tenant_hk bytea NOT NULL -- Tenant that the token speaks for.
    load_date timestamp with time zone NOT NULL DEFAULT CURRENT_TIMESTAMP -- When the token was issued.
    record_source character varying(100) NOT NULL -- Program that wrote the row.
    api_token_h_pkey PRIMARY KEY (api_token_hk)

TABLE auth.api_token_s -- Satellite: versions of API tokens.
    api_token_hk bytea NOT NULL -- The token.
    load_date timestamp with time zone NOT NULL DEFAULT CURRENT_TIMESTAMP -- From when this version holds.
    load_end_date timestamp with time zone -- Until when this version holds; NULL for the current one.
    hash_diff bytea NOT NULL -- Hash of the attributes.
    token_hash bytea NOT NULL -- SHA-256 of the secret; the secret is not stored.
    token_type character varying(20) NOT NULL -- SESSION, API_KEY, REFRESH or TEMPORARY.
    expires_at timestamp with time zone NOT NULL -- From when the token is refused.
    is_revoked boolean NOT NULL DEFAULT false -- Whether the token was withdrawn.
    scope text[] NOT NULL DEFAULT '{}'::text[] -- What the token may do.
    tenant_hk bytea NOT NULL -- Tenant that the token speaks for.
    record_source character varying(100) NOT NULL -- Program that wrote the row.
    api_token_s_pkey PRIMARY KEY (api_token_hk, load_date)
    api_token_s_token_type_check CHECK (((token_type)::text = ANY ((ARRAY['SESSION'::character varying, 'API_KEY'::character varying, 'REFRESH'::character varying, 'TEMPORARY'::character varying])::text[])))

TABLE auth.site_tracking_salt_s -- The random salt of each day's cookieless visitors; rows older than 48 hours are deleted, which makes those visitors anonymous.
    salt_date date NOT NULL -- UTC day.
    salt bytea NOT NULL -- 32 random bytes.
    load_date timestamp with time zone NOT NULL -- When it was drawn.
    record_source character varying(100) NOT NULL -- Program that wrote the row.
    site_tracking_salt_s_pkey PRIMARY KEY (salt_date)
    site_tracking_salt_s_salt_check CHECK ((octet_length(salt) = 32))

TABLE auth.tenant_h -- Hub: one row per tenant.
    tenant_hk bytea NOT NULL -- Hash key, SHA-256 of tenant_bk.
    tenant_bk character varying(255) NOT NULL -- Name of the tenant, as events carry it.
    load_date timestamp with time zone NOT NULL DEFAULT CURRENT_TIMESTAMP -- When the tenant was registered.
    record_source character varying(100) NOT NULL -- Program that wrote the row.
    tenant_h_pkey PRIMARY KEY (tenant_hk)
    tenant_h_tenant_bk_key UNIQUE (tenant_bk)

TABLE auth.tenant_site_tracking_s -- Satellite of auth.tenant_h: versions of a tenant's settings for site tracking; NULL means the default.
    tenant_hk bytea NOT NULL -- The tenant.
    load_date timestamp with time zone NOT NULL -- From when this version holds.
    session_gap_ms bigint -- Longest silence within a session, in milliseconds.
    allowed_lateness_ms bigint -- How late an event may still change sessions, in milliseconds.
    campaign_split boolean -- Whether a new campaign opens a session.
    midnight_split boolean -- Whether midnight in the tenant's time zone opens a session.
    referrer_split boolean -- Whether a new foreign referrer opens a session.
    max_session_events integer -- Most events in a session.
    max_session_seconds bigint -- Longest session, in seconds.
    time_zone text -- IANA name, for days in reports.
    goal_event_types text[] -- Event types that count as conversions besides purchases.
    allowed_origins text[] -- Origins that a browser may send from.
    ip_policy character varying(10) -- Whether the cut network of an address is kept: NETWORK or NONE.
    consent_policy character varying(10) -- What happens to events without consent.
    visitor_secret bytea -- Secret of the visitor pseudonyms; NULL: the job derives one.
    hash_diff bytea NOT NULL -- Hash of the attributes.
    record_source character varying(100) NOT NULL -- Program that wrote the row.
    tenant_site_tracking_s_allowed_lateness_ms_check CHECK ((allowed_lateness_ms >= 0))
    tenant_site_tracking_s_ip_policy_check CHECK (((ip_policy)::text = ANY ((ARRAY['NETWORK'::character varying, 'NONE'::character varying])::text[])))
    tenant_site_tracking_s_max_session_events_check CHECK ((max_session_events > 0))
    tenant_site_tracking_s_max_session_seconds_check CHECK ((max_session_seconds > 0))
    tenant_site_tracking_s_pkey PRIMARY KEY (tenant_hk, load_date)
    tenant_site_tracking_s_session_gap_ms_check CHECK ((session_gap_ms > 0))

TABLE business.business_item_details_s -- Satellite of business_item_h: versions of a business item.
    business_item_hk bytea NOT NULL -- The business item.
    load_date timestamp with time zone NOT NULL -- From when this version holds: append time of the Kafka record that brought it.
    item_type text -- Type.
    item_name text -- Name.
    item_category text -- Category.
    item_brand text -- Brand.
    price numeric -- Price of one in its currency.
    currency character varying(3) -- ISO 4217 code.
    hash_diff bytea NOT NULL -- Hash of the attributes: a version is written only when it changes.
    tenant_hk bytea NOT NULL -- Tenant that the row belongs to.
    record_source character varying(100) NOT NULL -- Program that wrote the row.
    business_item_details_s_pkey PRIMARY KEY (business_item_hk, load_date)

TABLE business.business_item_h -- Hub: business items, whatever a tenant offers.
    business_item_hk bytea NOT NULL -- SHA-256 of hex(tenant_hk), a bar and business_item_bk.
    business_item_bk character varying(255) NOT NULL -- Business key, unique within the tenant.
    tenant_hk bytea NOT NULL -- Tenant that the row belongs to.
    load_date timestamp with time zone NOT NULL -- Append time of the Kafka record that brought the row.
    record_source character varying(100) NOT NULL -- Program that wrote the row.
    business_item_h_business_item_hk_check CHECK ((octet_length(business_item_hk) = 32))
    business_item_h_pkey PRIMARY KEY (business_item_hk)

TABLE business.event_business_item_l -- Link: the items of an event.
    event_timestamp timestamp with time zone NOT NULL -- When the event happened; selects the day partition.
    event_business_item_hk bytea NOT NULL -- SHA-256 of hex(event_hk), hex(business_item_hk) and hex(tenant_hk), with bars between.
    event_hk bytea NOT NULL -- The event.
    business_item_hk bytea NOT NULL -- The business item.
    tenant_hk bytea NOT NULL -- Tenant that the row belongs to.
    load_date timestamp with time zone NOT NULL -- Append time of the Kafka record that brought the row.
    record_source character varying(100) NOT NULL -- Program that wrote the row.
    event_business_item_l_pkey PRIMARY KEY (event_timestamp, event_business_item_hk)
    PARTITION BY RANGE (event_timestamp)
    PARTITION business.event_business_item_l_pdefault DEFAULT

TABLE business.event_page_l -- Link: the page of an event.
    event_timestamp timestamp with time zone NOT NULL -- When the event happened; selects the day partition.
    event_page_hk bytea NOT NULL -- SHA-256 of hex(event_hk), hex(page_hk) and hex(tenant_hk), with bars between.
    event_hk bytea NOT NULL -- The event.
    page_hk bytea NOT NULL -- The page.
    tenant_hk bytea NOT NULL -- Tenant that the row belongs to.
    load_date timestamp with time zone NOT NULL -- Append time of the Kafka record that brought the row.
    record_source character varying(100) NOT NULL -- Program that wrote the row.
    event_page_l_pkey PRIMARY KEY (event_timestamp, event_page_hk)
    PARTITION BY RANGE (event_timestamp)
    PARTITION business.event_page_l_pdefault DEFAULT

TABLE business.event_session_l -- Link: every session that an event was ever counted in; business.event_session_current_v tells which one holds.
    event_timestamp timestamp with time zone NOT NULL -- When the event happened; selects the day partition.
    event_session_hk bytea NOT NULL -- SHA-256 of hex(event_hk), hex(session_hk) and hex(tenant_hk), with bars between.
    event_hk bytea NOT NULL -- The event.
    session_hk bytea NOT NULL -- The session.
    tenant_hk bytea NOT NULL -- Tenant that the row belongs to.
    load_date timestamp with time zone NOT NULL -- Append time of the Kafka record that brought the row.
    record_source character varying(100) NOT NULL -- Program that wrote the row.
    event_session_l_pkey PRIMARY KEY (event_timestamp, event_session_hk)
    PARTITION BY RANGE (event_timestamp)
    PARTITION business.event_session_l_pdefault DEFAULT

TABLE business.session_page_l -- Link: pages seen in a session.
    session_page_hk bytea NOT NULL -- SHA-256 of hex(session_hk), hex(page_hk) and hex(tenant_hk), with bars between.
    session_hk bytea NOT NULL -- The session.
    page_hk bytea NOT NULL -- The page.
    tenant_hk bytea NOT NULL -- Tenant that the row belongs to.
    load_date timestamp with time zone NOT NULL -- Append time of the Kafka record that brought the row.
    record_source character varying(100) NOT NULL -- Program that wrote the row.
    session_page_l_pkey PRIMARY KEY (session_page_hk)

TABLE business.session_visitor_l -- Link: whose session it was.
    session_visitor_hk bytea NOT NULL -- SHA-256 of hex(session_hk), hex(visitor_hk) and hex(tenant_hk), with bars between.
    session_hk bytea NOT NULL -- The session.
    visitor_hk bytea NOT NULL -- The visitor.
    tenant_hk bytea NOT NULL -- Tenant that the row belongs to.
    load_date timestamp with time zone NOT NULL -- Append time of the Kafka record that brought the row.
    record_source character varying(100) NOT NULL -- Program that wrote the row.
    session_visitor_l_pkey PRIMARY KEY (session_visitor_hk)

TABLE business.site_event_details_s -- Satellite of site_event_h: what happened; immutable.
    event_timestamp timestamp with time zone NOT NULL -- When the event happened; selects the day partition.
    event_hk bytea NOT NULL -- The event.
    evt_type text NOT NULL -- Type of the event.
    evt_category text -- Category.
    evt_action text -- Action.
    evt_label text -- Label.
    evt_value text -- Value, as the client wrote it.
    page_view_id text -- Page view that the event belongs to.
    page_title text -- Title of the page, redacted.
    referrer_url text -- Referrer, redacted.
    element_id text -- Id of the element.
    element_class text -- Class of the element.
    element_text text -- Text of the element, redacted.
    scroll_depth double precision -- Scroll depth in percent.
    time_on_page bigint -- Time on the page in milliseconds.
    click_x integer -- Click position in pixels.
    click_y integer -- Click position in pixels.
    viewport_width integer -- Viewport width in pixels.
    viewport_height integer -- Viewport height in pixels.
    transaction_id text -- Transaction of a purchase.
    value numeric -- Value of a purchase in its currency.
    currency character varying(3) -- ISO 4217 code.
    items jsonb -- Items with price and quantity, as the event carried them.
    properties jsonb -- Members that the contract does not name, redacted.
    is_bot boolean NOT NULL -- Whether the user agent is a known robot.
    hash_diff bytea NOT NULL -- Hash of the attributes.
    tenant_hk bytea NOT NULL -- Tenant that the row belongs to.
    load_date timestamp with time zone NOT NULL -- Append time of the Kafka record that brought the row.
    record_source character varying(100) NOT NULL -- Program that wrote the row.
    site_event_details_s_pkey PRIMARY KEY (event_timestamp, event_hk)
    PARTITION BY RANGE (event_timestamp)
    PARTITION business.site_event_details_s_pdefault DEFAULT

TABLE business.site_event_h -- Hub: events.
    event_timestamp timestamp with time zone NOT NULL -- When the event happened; selects the day partition.
    event_hk bytea NOT NULL -- SHA-256 of hex(tenant_hk), a bar and event_bk.
    event_bk character varying(255) NOT NULL -- Business key, unique within the tenant.
    tenant_hk bytea NOT NULL -- Tenant that the row belongs to.
    load_date timestamp with time zone NOT NULL -- Append time of the Kafka record that brought the row.
    record_source character varying(100) NOT NULL -- Program that wrote the row.
    site_event_h_event_hk_check CHECK ((octet_length(event_hk) = 32))
    site_event_h_pkey PRIMARY KEY (event_timestamp, event_hk)
    PARTITION BY RANGE (event_timestamp)
    PARTITION business.site_event_h_pdefault DEFAULT

TABLE business.site_page_details_s -- Satellite of site_page_h: versions of a page.
    page_hk bytea NOT NULL -- The page.
    load_date timestamp with time zone NOT NULL -- From when this version holds: append time of the Kafka record that brought it.
    page_url text NOT NULL -- URL, redacted.
    page_host text -- Host.
    page_path text NOT NULL -- Path.
    page_query text -- Query, redacted and without campaign parameters.
    page_title text -- Title, redacted.
    hash_diff bytea NOT NULL -- Hash of the attributes: a version is written only when it changes.
    tenant_hk bytea NOT NULL -- Tenant that the row belongs to.
    record_source character varying(100) NOT NULL -- Program that wrote the row.
    site_page_details_s_pkey PRIMARY KEY (page_hk, load_date)

TABLE business.site_page_h -- Hub: pages.
    page_hk bytea NOT NULL -- SHA-256 of hex(tenant_hk), a bar and page_bk.
    page_bk text NOT NULL -- Business key, unique within the tenant.
    tenant_hk bytea NOT NULL -- Tenant that the row belongs to.
    load_date timestamp with time zone NOT NULL -- Append time of the Kafka record that brought the row.
    record_source character varying(100) NOT NULL -- Program that wrote the row.
    site_page_h_page_hk_check CHECK ((octet_length(page_hk) = 32))
    site_page_h_pkey PRIMARY KEY (page_hk)

TABLE business.site_session_details_s -- Satellite of site_session_h: versions of a session.
    session_start timestamp with time zone NOT NULL -- First event of the session.
    session_hk bytea NOT NULL -- The session.
    load_date timestamp with time zone NOT NULL -- From when this version holds: append time of the Kafka record that brought it.
    session_end timestamp with time zone NOT NULL -- Last event of the session.
    session_status character varying(10) NOT NULL -- OPEN, CLOSED, or SUPERSEDED: late events dissolved the session, current views hide it.
    client_session_id text -- Session id of the client.
    visitor_hk bytea NOT NULL -- The visitor.
    duration_seconds bigint NOT NULL -- From the first to the last event.
    engaged_seconds bigint NOT NULL -- Time with signs of attention.
    total_events integer NOT NULL -- Events of the session.
    page_views integer NOT NULL -- Page views.
    interactive_events integer NOT NULL -- Events that somebody caused on purpose.
    conversions integer NOT NULL -- Purchases and goals.
    revenue jsonb -- Revenue: an object of currency and decimal; NULL without a purchase.
    is_bounce boolean -- One page view, no interaction, little attention; NULL without a page view.
    entry_page_url text -- First page.
    exit_page_url text -- Last page.
    referrer_url text -- Referrer of the first event, redacted.
    referrer_host text -- Host of that referrer.
    channel text NOT NULL -- Marketing channel, as docs/event-contract.md lists them.
    utm_source text -- utm_source.
    utm_medium text -- utm_medium.
    utm_campaign text -- utm_campaign.
    utm_term text -- utm_term.
    utm_content text -- utm_content.
    click_id_type text -- Parameter that carried the click id, such as gclid.
    click_id text -- Click id of an advertising network.
    device_type text NOT NULL -- desktop, mobile, tablet, tv, console, robot or other.
    browser text -- Browser.
    browser_version text -- Major version of the browser.
    os text -- Operating system.
    os_version text -- Major version of the operating system.
    is_bot boolean NOT NULL -- Whether the user agent is a known robot.
    language text -- Language of the client, as it names it.
    predecessor_session_bk text -- Session that this one was split from.
    successor_session_bks text[] -- Sessions that took the events of a superseded one.
    rules_version smallint NOT NULL -- Version of the session rules.
    hash_diff bytea NOT NULL -- Hash of the attributes.
    tenant_hk bytea NOT NULL -- Tenant that the row belongs to.
    record_source character varying(100) NOT NULL -- Program that wrote the row.
    site_session_details_s_pkey PRIMARY KEY (session_start, session_hk, load_date)
    site_session_details_s_session_status_check CHECK (((session_status)::text = ANY ((ARRAY['OPEN'::character varying, 'CLOSED'::character varying, 'SUPERSEDED'::character varying])::text[])))

TABLE business.site_session_h -- Hub: sessions. Each tenant may also have the reserved sessions sess_none (events that make no session) and sess_late (events later than the allowed lateness), without satellites.
    session_hk bytea NOT NULL -- SHA-256 of hex(tenant_hk), a bar and session_bk.
    session_bk character varying(255) NOT NULL -- Business key, unique within the tenant.
    tenant_hk bytea NOT NULL -- Tenant that the row belongs to.
    load_date timestamp with time zone NOT NULL -- Append time of the Kafka record that brought the row.
    record_source character varying(100) NOT NULL -- Program that wrote the row.
    site_session_h_pkey PRIMARY KEY (session_hk)
    site_session_h_session_hk_check CHECK ((octet_length(session_hk) = 32))
    CREATE INDEX site_session_h_bk ON business.site_session_h USING btree (tenant_hk, session_bk COLLATE "C")

TABLE business.site_visitor_details_s -- Satellite of site_visitor_h: versions of the device that a visitor uses.
    visitor_hk bytea NOT NULL -- The visitor.
    load_date timestamp with time zone NOT NULL -- From when this version holds: append time of the Kafka record that brought it.
    device_type text NOT NULL -- desktop, mobile, tablet, tv, console, robot or other.
    browser text -- Browser.
    browser_version text -- Major version of the browser.
    os text -- Operating system.
    os_version text -- Major version of the operating system.
    is_bot boolean NOT NULL -- Whether the user agent is a known robot.
    language text -- Language of the client, as it names it.
    timezone text -- Time zone of the client.
    screen_resolution text -- Screen resolution of the client.
    hash_diff bytea NOT NULL -- Hash of the attributes: a version is written only when it changes.
    tenant_hk bytea NOT NULL -- Tenant that the row belongs to.
    record_source character varying(100) NOT NULL -- Program that wrote the row.
    site_visitor_details_s_pkey PRIMARY KEY (visitor_hk, load_date)

TABLE business.site_visitor_h -- Hub: visitors, by pseudonym.
    visitor_hk bytea NOT NULL -- SHA-256 of hex(tenant_hk), a bar and visitor_bk.
    visitor_bk character varying(255) NOT NULL -- Business key, unique within the tenant.
    tenant_hk bytea NOT NULL -- Tenant that the row belongs to.
    load_date timestamp with time zone NOT NULL -- Append time of the Kafka record that brought the row.
    record_source character varying(100) NOT NULL -- Program that wrote the row.
    site_visitor_h_pkey PRIMARY KEY (visitor_hk)
    site_visitor_h_visitor_hk_check CHECK ((octet_length(visitor_hk) = 32))

TABLE business.visitor_business_item_l -- Link: items that a visitor met.
    visitor_business_item_hk bytea NOT NULL -- SHA-256 of hex(visitor_hk), hex(business_item_hk) and hex(tenant_hk), with bars between.
    visitor_hk bytea NOT NULL -- The visitor.
    business_item_hk bytea NOT NULL -- The business item.
    tenant_hk bytea NOT NULL -- Tenant that the row belongs to.
    load_date timestamp with time zone NOT NULL -- Append time of the Kafka record that brought the row.
    record_source character varying(100) NOT NULL -- Program that wrote the row.
    visitor_business_item_l_pkey PRIMARY KEY (visitor_business_item_hk)

TABLE raw.site_tracking_events_r -- Events as they arrived, redacted: accepted ones, and rejected ones whose tenant is known.
    event_timestamp timestamp with time zone NOT NULL -- When the event happened; of rejected events where it could be read, else the append time.
    event_hk bytea NOT NULL -- Hash key of the event; of rejected events a hash of the original bytes and the append time.
    tenant_hk bytea NOT NULL -- Tenant that the event belongs to.
    event_bk character varying(255) -- Business key of the event; NULL for rejected events.
    payload jsonb -- The event after redaction; NULL where the bytes were no JSON.
    received_at timestamp with time zone -- When the collector received the event.
    user_agent text -- User agent header.
    ip_network text -- Network that the address was cut to; NULL by tenant policy.
    collector text -- Collector instance.
    processing_status character varying(20) NOT NULL -- VALID, SUSPICIOUS (kept, flagged) or ERROR (rejected).
    status_codes text[] -- Suspicions or the reason of the rejection, as docs/event-contract.md names them.
    status_detail text -- The field at fault and what was expected.
    source_topic text NOT NULL -- Kafka topic.
    source_partition integer NOT NULL -- Kafka partition.
    source_offset bigint NOT NULL -- Kafka offset.
    load_date timestamp with time zone NOT NULL -- Append time of the Kafka record: the same in every table and in a replay.
    record_source character varying(100) NOT NULL -- Program that wrote the row.
    site_tracking_events_r_pkey PRIMARY KEY (event_timestamp, event_hk)
    site_tracking_events_r_processing_status_check CHECK (((processing_status)::text = ANY ((ARRAY['VALID'::character varying, 'SUSPICIOUS'::character varying, 'ERROR'::character varying])::text[])))
    PARTITION BY RANGE (event_timestamp)
    PARTITION raw.site_tracking_events_r_pdefault DEFAULT

TABLE raw.site_tracking_ledger_r -- What became of the events: running totals per day, tenant, outcome and run of the job.
    ledger_date date NOT NULL -- UTC day of the append time.
    tenant_hk bytea NOT NULL -- Tenant; 32 zero bytes where it is unknown.
    outcome character varying(10) NOT NULL -- RECEIVED = ACCEPTED + DUPLICATE + REJECTED; LATE events are accepted ones that no session holds.
    code character varying(40) NOT NULL -- Reason of a rejection; empty otherwise.
    run_id character varying(32) NOT NULL -- Run of the job that counted.
    event_count bigint NOT NULL -- Running total.
    load_date timestamp with time zone NOT NULL -- When the total was last written.
    record_source character varying(100) NOT NULL -- Program that wrote the row.
    site_tracking_ledger_r_event_count_check CHECK ((event_count >= 0))
    site_tracking_ledger_r_outcome_check CHECK (((outcome)::text = ANY ((ARRAY['RECEIVED'::character varying, 'ACCEPTED'::character varying, 'DUPLICATE'::character varying, 'REJECTED'::character varying, 'LATE'::character varying])::text[])))
    site_tracking_ledger_r_pkey PRIMARY KEY (ledger_date, tenant_hk, outcome, code, run_id)

TABLE raw.site_tracking_retention_r -- What retention removed: sql/checks expect no event row of that layer before kept_from.
    layer character varying(10) NOT NULL -- raw or staging.
    kept_from date NOT NULL -- First UTC day whose rows were kept.
    dropped_partitions integer NOT NULL -- Day partitions dropped.
    deleted_rows bigint NOT NULL -- Rows deleted from the default partition.
    load_date timestamp with time zone NOT NULL -- When.
    record_source character varying(100) NOT NULL -- Program that wrote the row.
    site_tracking_retention_r_layer_check CHECK (((layer)::text = ANY ((ARRAY['raw'::character varying, 'staging'::character varying])::text[])))
    site_tracking_retention_r_pkey PRIMARY KEY (layer, load_date)

TABLE staging.site_tracking_events_s -- Validated and enriched events, one row each, flat for queries by analysts and for repairs.
    event_timestamp timestamp with time zone NOT NULL -- When the event happened; selects the day partition.
    event_hk bytea NOT NULL -- Hash key of the event.
    tenant_hk bytea NOT NULL -- Tenant that the row belongs to.
    visitor_hk bytea NOT NULL -- Hash key of the visitor.
    page_hk bytea -- Hash key of the page; NULL without a usable page URL.
    event_bk character varying(255) NOT NULL -- Business key of the event.
    evt_type text NOT NULL -- Type of the event.
    evt_category text -- Category.
    evt_action text -- Action.
    evt_label text -- Label.
    evt_value text -- Value, as the client wrote it.
    client_session_id text -- Session id of the client.
    visitor_bk character varying(255) NOT NULL -- Pseudonym of the visitor.
    page_view_id text -- Page view that the event belongs to.
    page_url text -- Page URL, redacted.
    page_host text -- Host of the page.
    page_path text -- Path of the page.
    page_title text -- Title of the page, redacted.
    referrer_url text -- Referrer, redacted.
    referrer_host text -- Host of the referrer.
    channel text NOT NULL -- Marketing channel, as docs/event-contract.md lists them.
    utm_source text -- utm_source.
    utm_medium text -- utm_medium.
    utm_campaign text -- utm_campaign.
    utm_term text -- utm_term.
    utm_content text -- utm_content.
    click_id_type text -- Parameter that carried the click id, such as gclid.
    click_id text -- Click id of an advertising network.
    device_type text NOT NULL -- desktop, mobile, tablet, tv, console, robot or other.
    browser text -- Browser.
    browser_version text -- Major version of the browser.
    os text -- Operating system.
    os_version text -- Major version of the operating system.
    is_bot boolean NOT NULL -- Whether the user agent is a known robot.
    language text -- Language of the client, as it names it.
    timezone text -- Time zone of the client.
    screen_resolution text -- Screen resolution of the client.
    viewport_width integer -- Viewport width in pixels.
    viewport_height integer -- Viewport height in pixels.
    consent text -- Consent, as the client states it.
    transaction_id text -- Transaction of a purchase.
    value numeric -- Value of a purchase in its currency.
    currency character varying(3) -- ISO 4217 code.
    item_count integer NOT NULL -- Number of items in the event.
    validation_status character varying(20) NOT NULL -- VALID or SUSPICIOUS.
    validation_codes text[] -- Suspicions, as docs/event-contract.md names them.
    quality_score smallint NOT NULL -- 0 to 100: 100 without any suspicion.
    load_date timestamp with time zone NOT NULL -- Append time of the Kafka record that brought the row.
    record_source character varying(100) NOT NULL -- Program that wrote the row.
    site_tracking_events_s_pkey PRIMARY KEY (event_timestamp, event_hk)
    site_tracking_events_s_validation_status_check CHECK (((validation_status)::text = ANY ((ARRAY['VALID'::character varying, 'SUSPICIOUS'::character varying])::text[])))
    PARTITION BY RANGE (event_timestamp)
    PARTITION staging.site_tracking_events_s_pdefault DEFAULT

VIEW business.business_item_details_current_v -- The current version per key of business.business_item_details_s.
 SELECT DISTINCT ON (business_item_hk) business_item_hk,
    load_date,
    item_type,
    item_name,
    item_category,
    item_brand,
    price,
    currency,
    hash_diff,
    tenant_hk,
    record_source
   FROM business.business_item_details_s
  ORDER BY business_item_hk, load_date DESC;

VIEW business.business_item_details_history_v -- All versions of business.business_item_details_s with the end of their validity; NULL for the current one.
 SELECT business_item_hk,
    load_date,
    item_type,
    item_name,
    item_category,
    item_brand,
    price,
    currency,
    hash_diff,
    tenant_hk,
    record_source,
    lead(load_date) OVER (PARTITION BY business_item_hk ORDER BY load_date) AS load_end_date
   FROM business.business_item_details_s versions;

VIEW business.event_session_current_v -- Per event the one session link that holds now; link_kind is SESSION, or NONE and LATE for the reserved sessions.
 SELECT DISTINCT ON (event_timestamp, event_hk) event_timestamp,
    event_hk,
    event_session_hk,
    session_hk,
    session_start,
    link_kind,
    tenant_hk,
    load_date,
    record_source
   FROM ( SELECT links.event_timestamp,
            links.event_hk,
            links.event_session_hk,
            links.session_hk,
            sessions.session_start,
                CASE
                    WHEN (sessions.session_hk IS NOT NULL) THEN 'SESSION'::text
                    WHEN (links.session_hk = sha256(convert_to((encode(links.tenant_hk, 'hex'::text) || '|sess_late'::text), 'UTF8'::name))) THEN 'LATE'::text
                    WHEN (links.session_hk = sha256(convert_to((encode(links.tenant_hk, 'hex'::text) || '|sess_none'::text), 'UTF8'::name))) THEN 'NONE'::text
                    ELSE NULL::text
                END AS link_kind,
            links.tenant_hk,
            links.load_date,
            links.record_source
           FROM (business.event_session_l links
             LEFT JOIN business.site_session_details_current_v sessions ON (((sessions.session_hk = links.session_hk) AND ((links.event_timestamp >= sessions.session_start) AND (links.event_timestamp <= sessions.session_end)))))) candidates
  WHERE (link_kind IS NOT NULL)
  ORDER BY event_timestamp, event_hk, session_start DESC NULLS LAST, link_kind DESC, session_hk;

VIEW business.site_events_late_v -- Events that came later than the allowed lateness and wait for reprocessing: loaded, but in no session.
 SELECT events.event_timestamp,
    events.event_hk,
    events.event_bk,
    details.evt_type,
    events.tenant_hk,
    events.load_date,
    events.record_source
   FROM ((business.event_session_current_v links
     JOIN business.site_event_h events ON (((events.event_timestamp = links.event_timestamp) AND (events.event_hk = links.event_hk))))
     JOIN business.site_event_details_s details ON (((details.event_timestamp = links.event_timestamp) AND (details.event_hk = links.event_hk))))
  WHERE (links.link_kind = 'LATE'::text);

VIEW business.site_page_details_current_v -- The current version per key of business.site_page_details_s.
 SELECT DISTINCT ON (page_hk) page_hk,
    load_date,
    page_url,
    page_host,
    page_path,
    page_query,
    page_title,
    hash_diff,
    tenant_hk,
    record_source
   FROM business.site_page_details_s
  ORDER BY page_hk, load_date DESC;

VIEW business.site_page_details_history_v -- All versions of business.site_page_details_s with the end of their validity; NULL for the current one.
 SELECT page_hk,
    load_date,
    page_url,
    page_host,
    page_path,
    page_query,
    page_title,
    hash_diff,
    tenant_hk,
    record_source,
    lead(load_date) OVER (PARTITION BY page_hk ORDER BY load_date) AS load_end_date
   FROM business.site_page_details_s versions;

VIEW business.site_session_details_current_v -- The current version per session, without superseded sessions.
 SELECT session_start,
    session_hk,
    load_date,
    session_end,
    session_status,
    client_session_id,
    visitor_hk,
    duration_seconds,
    engaged_seconds,
    total_events,
    page_views,
    interactive_events,
    conversions,
    revenue,
    is_bounce,
    entry_page_url,
    exit_page_url,
    referrer_url,
    referrer_host,
    channel,
    utm_source,
    utm_medium,
    utm_campaign,
    utm_term,
    utm_content,
    click_id_type,
    click_id,
    device_type,
    browser,
    browser_version,
    os,
    os_version,
    is_bot,
    language,
    predecessor_session_bk,
    successor_session_bks,
    rules_version,
    hash_diff,
    tenant_hk,
    record_source
   FROM business.site_session_details_s latest
  WHERE (((session_status)::text <> 'SUPERSEDED'::text) AND (NOT (EXISTS ( SELECT
           FROM business.site_session_details_s newer
          WHERE ((newer.session_hk = latest.session_hk) AND (newer.session_start >= date_trunc('milliseconds'::text, latest.session_start)) AND (newer.session_start < (date_trunc('milliseconds'::text, latest.session_start) + '00:00:00.001'::interval)) AND (ROW(newer.load_date, newer.total_events, latest.session_start) > ROW(latest.load_date, latest.total_events, newer.session_start)))))));

VIEW business.site_session_details_history_v -- All versions of sessions with the end of their validity; NULL for the latest one.
 SELECT session_start,
    session_hk,
    load_date,
    session_end,
    session_status,
    client_session_id,
    visitor_hk,
    duration_seconds,
    engaged_seconds,
    total_events,
    page_views,
    interactive_events,
    conversions,
    revenue,
    is_bounce,
    entry_page_url,
    exit_page_url,
    referrer_url,
    referrer_host,
    channel,
    utm_source,
    utm_medium,
    utm_campaign,
    utm_term,
    utm_content,
    click_id_type,
    click_id,
    device_type,
    browser,
    browser_version,
    os,
    os_version,
    is_bot,
    language,
    predecessor_session_bk,
    successor_session_bks,
    rules_version,
    hash_diff,
    tenant_hk,
    record_source,
    lead(load_date) OVER (PARTITION BY session_hk ORDER BY load_date, total_events, session_start DESC) AS load_end_date
   FROM business.site_session_details_s versions;

VIEW business.site_visitor_details_current_v -- The current version per key of business.site_visitor_details_s.
 SELECT DISTINCT ON (visitor_hk) visitor_hk,
    load_date,
    device_type,
    browser,
    browser_version,
    os,
    os_version,
    is_bot,
    language,
    timezone,
    screen_resolution,
    hash_diff,
    tenant_hk,
    record_source
   FROM business.site_visitor_details_s
  ORDER BY visitor_hk, load_date DESC;

VIEW business.site_visitor_details_history_v -- All versions of business.site_visitor_details_s with the end of their validity; NULL for the current one.
 SELECT visitor_hk,
    load_date,
    device_type,
    browser,
    browser_version,
    os,
    os_version,
    is_bot,
    language,
    timezone,
    screen_resolution,
    hash_diff,
    tenant_hk,
    record_source,
    lead(load_date) OVER (PARTITION BY visitor_hk ORDER BY load_date) AS load_end_date
   FROM business.site_visitor_details_s versions;

VIEW raw.site_tracking_ledger_v -- The ledger per day and tenant: received = loaded + duplicates + rejected + late when balanced.
 SELECT ledger_date,
    tenant_hk,
    received,
    (accepted - late) AS loaded,
    duplicates,
    rejected,
    late,
    (received = ((accepted + duplicates) + rejected)) AS balanced
   FROM ( SELECT site_tracking_ledger_r.ledger_date,
            site_tracking_ledger_r.tenant_hk,
            COALESCE(sum(site_tracking_ledger_r.event_count) FILTER (WHERE ((site_tracking_ledger_r.outcome)::text = 'RECEIVED'::text)), (0)::numeric) AS received,
            COALESCE(sum(site_tracking_ledger_r.event_count) FILTER (WHERE ((site_tracking_ledger_r.outcome)::text = 'ACCEPTED'::text)), (0)::numeric) AS accepted,
            COALESCE(sum(site_tracking_ledger_r.event_count) FILTER (WHERE ((site_tracking_ledger_r.outcome)::text = 'DUPLICATE'::text)), (0)::numeric) AS duplicates,
            COALESCE(sum(site_tracking_ledger_r.event_count) FILTER (WHERE ((site_tracking_ledger_r.outcome)::text = 'REJECTED'::text)), (0)::numeric) AS rejected,
            COALESCE(sum(site_tracking_ledger_r.event_count) FILTER (WHERE ((site_tracking_ledger_r.outcome)::text = 'LATE'::text)), (0)::numeric) AS late
           FROM raw.site_tracking_ledger_r
          GROUP BY site_tracking_ledger_r.ledger_date, site_tracking_ledger_r.tenant_hk) totals;

FUNCTION raw.check_site_tracking_table(text,text) -- Raises ST010 unless the table has the columns, primary key and partitioning of the statement.
CREATE OR REPLACE PROCEDURE raw.check_site_tracking_table(IN target text, IN definition text)
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $procedure$
DECLARE
    differences text;
BEGIN
    EXECUTE regexp_replace(
        definition, 'CREATE TABLE IF NOT EXISTS \w+\.\w+', 'CREATE TEMPORARY TABLE site_tracking_twin');
    SELECT string_agg(
        format('%s is %s, expected %s',
            part, coalesce(found.description, 'missing'), coalesce(wanted.description, 'none')),
        '; ' ORDER BY part)
    INTO differences
    FROM raw.describe_site_tracking_table(target::regclass) AS found
    FULL JOIN raw.describe_site_tracking_table('pg_temp.site_tracking_twin'::regclass) AS wanted
        USING (part)
    WHERE found.description IS DISTINCT FROM wanted.description;
    DROP TABLE pg_temp.site_tracking_twin;
    IF differences IS NOT NULL THEN
        RAISE EXCEPTION 'table % exists with another shape: %', target, differences
            USING ERRCODE = 'ST010',
                HINT = 'Nothing was changed. Rename that table, or install into another database.';
    END IF;
END
$procedure$

    GRANTS {postgres=X/postgres}

FUNCTION raw.comment_site_tracking_table(text,text) -- Makes the trailing comments of a CREATE TABLE statement the comments of table and columns.
CREATE OR REPLACE PROCEDURE raw.comment_site_tracking_table(IN target text, IN definition text)
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $procedure$
DECLARE
    line text[];
    number integer;
BEGIN
    FOR line IN SELECT regexp_matches(definition, '^\s*(\w+) [^\n]*-- ([^\n]+)$', 'gn') LOOP
        IF line[1] = 'CREATE' THEN
            IF obj_description(target::regclass, 'pg_class') IS DISTINCT FROM line[2] THEN
                EXECUTE format('COMMENT ON TABLE %s IS %L', target, line[2]);
            END IF;
            CONTINUE;
        END IF;
        SELECT attnum INTO STRICT number
        FROM pg_attribute
        WHERE attrelid = target::regclass AND attname = line[1];
        IF col_description(target::regclass, number) IS DISTINCT FROM line[2] THEN
            EXECUTE format('COMMENT ON COLUMN %s.%I IS %L', target, line[1], line[2]);
        END IF;
    END LOOP;
END
$procedure$

    GRANTS {postgres=X/postgres}

FUNCTION raw.create_site_tracking_partition(text,text,date) -- Creates one day partition; false where the default partition holds rows of that day, NULL where a lock was not to be had.
CREATE OR REPLACE FUNCTION raw.create_site_tracking_partition(table_schema text, table_name text, partition_day date)
 RETURNS boolean
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    parent CONSTANT text := format('%I.%I', table_schema, table_name);
    fallback CONSTANT text := format('%I.%I', table_schema, table_name || '_pdefault');
    partition CONSTANT text := format('%I.%I',
        table_schema, table_name || to_char(partition_day, '"_p"YYYYMMDD'));
BEGIN
    IF raw.site_tracking_default_holds(fallback, partition_day) THEN
        RETURN false;
    END IF;
    EXECUTE format('LOCK TABLE ONLY %s IN SHARE ROW EXCLUSIVE MODE', parent);
    EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', fallback);
    -- Rows of a writer that we waited for, and a partition made meanwhile under an older snapshot.
    IF raw.site_tracking_default_holds(fallback, partition_day) OR to_regclass(partition) IS NOT NULL THEN
        RETURN false;
    END IF;
    EXECUTE format('CREATE TABLE %s (LIKE %s INCLUDING ALL EXCLUDING COMMENTS)', partition, parent);
    EXECUTE format('ALTER TABLE %s ATTACH PARTITION %s FOR VALUES FROM (%L) TO (%L)',
        parent, partition,
        to_char(partition_day, 'YYYY-MM-DD"T00:00:00Z"'),
        to_char(partition_day + 1, 'YYYY-MM-DD"T00:00:00Z"'));
    RETURN true;
EXCEPTION
    WHEN lock_not_available THEN
        RAISE WARNING 'partition % not created yet: %', partition, SQLERRM
            USING HINT = 'The next call tries again.';
        RETURN NULL;
    WHEN check_violation OR invalid_object_definition THEN
        RAISE WARNING 'partition % not created: %', partition, SQLERRM
            USING HINT = 'Its rows go to the default partition.';
        RETURN false;
END
$function$

    GRANTS {postgres=X/postgres}

FUNCTION raw.describe_site_tracking_table(regclass) -- Columns, primary key and kind of a table, one row each, for comparing two tables.
CREATE OR REPLACE FUNCTION raw.describe_site_tracking_table(of_table regclass)
 RETURNS TABLE(part text, description text)
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT
        'column ' || attname,
        format_type(atttypid, atttypmod) || CASE WHEN attnotnull THEN ' NOT NULL' ELSE '' END
    FROM pg_attribute
    WHERE attrelid = of_table AND attnum > 0 AND NOT attisdropped
    UNION ALL
    SELECT 'primary key', pg_get_constraintdef(oid)
    FROM pg_constraint
    WHERE conrelid = of_table AND contype = 'p'
    UNION ALL
    SELECT 'kind', CASE relkind
        WHEN 'r' THEN 'table'
        WHEN 'p' THEN 'table partitioned by ' || pg_get_partkeydef(oid)
        ELSE 'no table' END
    FROM pg_class
    WHERE oid = of_table
$function$

    GRANTS {postgres=X/postgres}

FUNCTION raw.drop_site_tracking_partition(text) -- Drops one day partition; false where a lock was not to be had.
CREATE OR REPLACE FUNCTION raw.drop_site_tracking_partition(partition text)
 RETURNS boolean
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
    EXECUTE format('DROP TABLE %s', partition);
    RETURN true;
EXCEPTION
    WHEN lock_not_available THEN
        RAISE WARNING 'partition % not dropped yet: %', partition, SQLERRM
            USING HINT = 'The next call tries again.';
        RETURN false;
END
$function$

    GRANTS {postgres=X/postgres}

FUNCTION raw.drop_site_tracking_partitions(integer,text) -- Retention: drops the day partitions of layer raw or staging that are older than keep_days, deletes such rows from the default partition, notes it in raw.site_tracking_retention_r. Errors: ST003, ST004.
CREATE OR REPLACE FUNCTION raw.drop_site_tracking_partitions(keep_days integer, layer text)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET lock_timeout TO '0'
AS $function$
DECLARE
    kept_from CONSTANT date := (now() AT TIME ZONE 'UTC')::date - keep_days;
    events CONSTANT regclass := (
        SELECT to_regclass(format('%I.%I', table_schema, table_name))
        FROM raw.site_tracking_partitioned_tables()
        WHERE table_schema = layer AND layer IN ('raw', 'staging'));
    expired record;
    dropped integer := 0;
    deleted bigint;
BEGIN
    IF keep_days IS NULL OR keep_days NOT BETWEEN 1 AND 3650 THEN
        RAISE EXCEPTION 'bad number of days to keep: %', keep_days
            USING ERRCODE = 'ST003', HINT = 'Keep 1 to 3650 days.';
    END IF;
    IF events IS NULL THEN
        RAISE EXCEPTION 'no layer to drop from: %', layer
            USING ERRCODE = 'ST004', HINT = 'Only raw and staging have a retention.';
    END IF;

    PERFORM pg_advisory_xact_lock(hashtextextended('site_tracking', 0));
    -- Before the drops, whose locks last to the end of the transaction.
    EXECUTE format('DELETE FROM %s WHERE event_timestamp < $1', events::text || '_pdefault')
    USING kept_from::timestamp AT TIME ZONE 'UTC';
    GET DIAGNOSTICS deleted = ROW_COUNT;
    SET LOCAL lock_timeout = '750ms';
    FOR expired IN
        SELECT inhrelid::regclass::text AS partition
        FROM pg_inherits
        JOIN pg_class ON pg_class.oid = inhrelid
        WHERE inhparent = events
            AND relname ~ '_p[0-9]{8}$'
            AND to_date(right(relname, 8), 'YYYYMMDD') < kept_from
        ORDER BY relname
    LOOP
        EXIT WHEN NOT raw.drop_site_tracking_partition(expired.partition);
        dropped := dropped + 1;
    END LOOP;
    INSERT INTO raw.site_tracking_retention_r (
        layer, kept_from, dropped_partitions, deleted_rows, load_date, record_source)
    VALUES (layer, kept_from, dropped, deleted, clock_timestamp(), 'site_tracking');
    RETURN dropped;
END
$function$

    GRANTS {postgres=X/postgres}

FUNCTION raw.ensure_site_tracking_partitions(date,date) -- Creates the missing day partitions of all event tables and returns how many; call it in a transaction of its own, and for long ranges until it returns 0. Skips days that sit in a default partition. Errors: ST001, ST002.
CREATE OR REPLACE FUNCTION raw.ensure_site_tracking_partitions(from_day date, to_day date)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET lock_timeout TO '0'
AS $function$
DECLARE
    -- A partition holds some four locks to the end of the transaction: use a quarter of the lock table.
    most CONSTANT integer := current_setting('max_locks_per_transaction')::integer
        * current_setting('max_connections')::integer / 16;
    missing record;
    was_created boolean;
    created integer := 0;
BEGIN
    IF from_day < DATE '2000-01-01' OR to_day > DATE '2100-01-01' THEN
        RAISE EXCEPTION 'day out of bounds: % to %', from_day, to_day
            USING ERRCODE = 'ST002', HINT = 'Partitions exist from 2000-01-01 to 2100-01-01.';
    END IF;
    IF from_day IS NULL OR to_day IS NULL OR to_day < from_day OR to_day - from_day >= 400 THEN
        RAISE EXCEPTION 'bad range of days: % to %', from_day, to_day
            USING ERRCODE = 'ST001', HINT = 'Give at most 400 days, the earlier one first.';
    END IF;
    IF NOT EXISTS (SELECT FROM raw.site_tracking_missing_partitions(from_day, to_day)) THEN
        RETURN 0;
    END IF;

    -- One at a time, and before any table lock: two callers can never wait for each other.
    PERFORM pg_advisory_xact_lock(hashtextextended('site_tracking', 0));
    -- Shorter than the usual deadlock_timeout of a second: we give way before a loader is cancelled.
    SET LOCAL lock_timeout = '750ms';
    FOR missing IN
        SELECT *
        FROM raw.site_tracking_missing_partitions(from_day, to_day)
        ORDER BY partition_day, table_order
        LIMIT most
    LOOP
        was_created := raw.create_site_tracking_partition(
            missing.table_schema, missing.table_name, missing.partition_day);
        EXIT WHEN was_created IS NULL;
        created := created + was_created::integer;
    END LOOP;
    RETURN created;
END
$function$

    GRANTS {postgres=X/postgres}

FUNCTION raw.install_site_tracking_table(text) -- Runs a CREATE TABLE statement, or checks the table that is there (ST010); adds comments and the default partition.
CREATE OR REPLACE PROCEDURE raw.install_site_tracking_table(IN definition text)
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $procedure$
DECLARE
    names CONSTANT text[] := regexp_match(definition, 'CREATE TABLE IF NOT EXISTS (\w+)\.(\w+)');
    target CONSTANT text := format('%I.%I', names[1], names[2]);
    fallback CONSTANT text := format('%I.%I', names[1], names[2] || '_pdefault');
BEGIN
    IF to_regclass(target) IS NULL THEN
        EXECUTE definition;
    ELSE
        CALL raw.check_site_tracking_table(target, definition);
    END IF;
    -- Rows of a day that has no partition must have a place to go.
    IF to_regclass(fallback) IS NULL
        AND EXISTS (SELECT FROM pg_partitioned_table WHERE partrelid = target::regclass) THEN
        EXECUTE format('CREATE TABLE %s PARTITION OF %s DEFAULT', fallback, target);
    END IF;
    CALL raw.comment_site_tracking_table(target, definition);
END
$procedure$

    GRANTS {postgres=X/postgres}

FUNCTION raw.site_tracking_default_holds(text,date) -- Whether a default partition holds rows of a UTC day.
CREATE OR REPLACE FUNCTION raw.site_tracking_default_holds(fallback text, partition_day date)
 RETURNS boolean
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    held boolean;
BEGIN
    EXECUTE format(
        'SELECT EXISTS (SELECT FROM %s WHERE event_timestamp >= $1 AND event_timestamp < $2)', fallback)
    INTO held
    USING partition_day::timestamp AT TIME ZONE 'UTC', (partition_day + 1)::timestamp AT TIME ZONE 'UTC';
    RETURN held;
END
$function$

    GRANTS {postgres=X/postgres}

FUNCTION raw.site_tracking_missing_partitions(date,date) -- Days without a partition, per table of the event grain that is installed (has its default partition); reads the catalog only.
CREATE OR REPLACE FUNCTION raw.site_tracking_missing_partitions(from_day date, to_day date)
 RETURNS TABLE(table_order integer, table_schema text, table_name text, partition_day date)
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT
        partitioned.table_order,
        partitioned.table_schema,
        partitioned.table_name,
        from_day + days.number
    FROM raw.site_tracking_partitioned_tables() AS partitioned
    CROSS JOIN generate_series(0, to_day - from_day) AS days (number)
    JOIN pg_namespace AS namespace ON namespace.nspname = partitioned.table_schema
    WHERE EXISTS (
            SELECT FROM pg_class
            WHERE relnamespace = namespace.oid
                AND relname = partitioned.table_name || '_pdefault'
                AND relispartition
        )
        AND NOT EXISTS (
            SELECT FROM pg_class
            WHERE relnamespace = namespace.oid
                AND relname = partitioned.table_name
                    || to_char(from_day + days.number, '"_p"YYYYMMDD')
        )
$function$

    GRANTS {postgres=X/postgres}

FUNCTION raw.site_tracking_partitioned_tables() -- The tables of the event grain, one partition per UTC day, in the order in which they are locked.
CREATE OR REPLACE FUNCTION raw.site_tracking_partitioned_tables()
 RETURNS TABLE(table_order integer, table_schema text, table_name text)
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    VALUES
        (1, 'raw', 'site_tracking_events_r'),
        (2, 'staging', 'site_tracking_events_s'),
        (3, 'business', 'site_event_h'),
        (4, 'business', 'event_session_l'),
        (5, 'business', 'event_page_l'),
        (6, 'business', 'event_business_item_l'),
        (7, 'business', 'site_event_details_s')
$function$

    GRANTS {postgres=X/postgres}

FUNCTION util.current_load_date() -- The load date of rows that are written now.
CREATE OR REPLACE FUNCTION util.current_load_date()
 RETURNS timestamp with time zone
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$ SELECT CURRENT_TIMESTAMP $function$

FUNCTION util.generate_tenant_derived_hk(bytea,text) -- Hub hash key: SHA-256 of the hex of the tenant's hash key, a bar and the business key.
CREATE OR REPLACE FUNCTION util.generate_tenant_derived_hk(tenant_hk bytea, business_key text)
 RETURNS bytea
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
AS $function$ SELECT util.hash_binary(encode(tenant_hk, 'hex') || '|' || business_key) $function$

FUNCTION util.get_record_source() -- The record source of rows that are written by hand.
CREATE OR REPLACE FUNCTION util.get_record_source()
 RETURNS character varying
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$ SELECT 'one_vault'::varchar $function$

FUNCTION util.hash_binary(text) -- SHA-256 of a text in UTF-8.
CREATE OR REPLACE FUNCTION util.hash_binary(input text)
 RETURNS bytea
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
AS $function$ SELECT sha256(convert_to(input, 'UTF8')) $function$

FUNCTION util.log_audit_event(text,text,text,text,jsonb) -- Stand-in: notes who did what to which resource in the server log, without the details.
CREATE OR REPLACE FUNCTION util.log_audit_event(event_type text, resource_type text, resource_id text, actor text, details jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
AS $function$
                BEGIN
                    RAISE LOG 'audit: % % % by %', event_type, resource_type, resource_id, actor;
                    RETURN jsonb_build_object('success', true, 'message', 'Audit event logged');
                END
                $function$
