-- What the scripts make of an empty database; not meant to be run.
-- A test compares it: mvn test -Dtest=SchemaGoldenTest.
-- To accept a change, add -Dgolden.update=true.

SCHEMA api
    GRANTS {postgres=UC/postgres,site_tracking_owner=U/postgres,site_tracking_reader=U/postgres,site_tracking_writer=U/postgres,site_tracking_eraser=U/postgres} -- What clients may call; nothing else is open to them.

SCHEMA auth
    GRANTS {postgres=UC/postgres,site_tracking_owner=U/postgres,site_tracking_loader=U/postgres,site_tracking_collector=U/postgres} -- Tenants, tokens and settings.

SCHEMA business
    GRANTS {postgres=UC/postgres,site_tracking_owner=U/postgres,site_tracking_loader=U/postgres,site_tracking_analyst=U/postgres} -- The vault: hubs, links, satellites and the views on them.

SCHEMA raw
    GRANTS {postgres=UC/postgres,site_tracking_owner=U/postgres,site_tracking_loader=U/postgres,site_tracking_relay=U/postgres,site_tracking_eraser=U/postgres,site_tracking_analyst=U/postgres} -- Events as they arrived, and the ledger of what became of them.

SCHEMA staging
    GRANTS {postgres=UC/postgres,site_tracking_owner=U/postgres,site_tracking_loader=U/postgres,site_tracking_analyst=U/postgres} -- Validated, enriched and typed events; short retention.

SCHEMA util
    GRANTS {postgres=UC/postgres,site_tracking_owner=U/postgres} -- Functions that every layer shares.

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
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=r/postgres}

TABLE auth.site_tracking_login_s -- Which tenant a database login is bound to, by versions; a login without any sees and writes nothing, unless it is an operator's.
    login_oid oid NOT NULL -- The login role, whatever it is called.
    database_id text NOT NULL -- Server and database in which the binding holds, as auth.site_tracking_database() tells.
    load_date timestamp with time zone NOT NULL -- From when this version holds.
    login_name text NOT NULL -- Name of the login when it was bound; nothing goes by it.
    tenant_hk bytea NOT NULL -- The tenant.
    is_revoked boolean NOT NULL -- Whether the login was barred: it is then bound, but to no tenant.
    record_source character varying(100) NOT NULL -- Program that wrote the row.
    site_tracking_login_s_pkey PRIMARY KEY (login_oid, database_id, load_date)
    ROW LEVEL SECURITY
    POLICY site_tracking_programs FOR ALL TO {site_tracking_loader,site_tracking_owner,site_tracking_relay} USING true CHECK true
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=r/postgres}

TABLE auth.site_tracking_salt_s -- The random salt of each day's cookieless visitors, for 48 hours; without it those visitors are anonymous. Unlogged, and emptied as a whole, so that no log, backup or page keeps one.
    salt_date date NOT NULL -- The tenant's day, from 04:00 by its clock.
    salt bytea NOT NULL -- 32 random bytes.
    load_date timestamp with time zone NOT NULL -- When it was drawn.
    record_source character varying(100) NOT NULL -- Program that wrote the row.
    site_tracking_salt_s_pkey PRIMARY KEY (salt_date)
    site_tracking_salt_s_salt_check CHECK ((octet_length(salt) = 32))
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=arD/postgres}

TABLE auth.site_tracking_saved_s -- What is saved with a tenant's figures, by versions: segments, annotations, named goals, links for those without a key, and alerts.
    tenant_hk bytea NOT NULL -- The tenant.
    kind character varying(10) NOT NULL -- SEGMENT, ANNOTATION, LINK, GOAL or ALERT.
    name text NOT NULL -- Its name within the tenant; of an annotation day and text, redacted.
    load_date timestamp with time zone NOT NULL -- From when this version holds.
    content jsonb NOT NULL -- Filters of a segment or of a link, which shows nothing beyond them; day and text of an annotation; what an event must be for a goal; what an alert looks at and whom it calls, with the secret that calls are signed with.
    token_hash bytea -- Of a link: SHA-256 of its token, which is not stored.
    password_hash text -- Of a link: PBKDF2 of its password, with salt and rounds; NULL where it has none.
    expires_at timestamp with time zone -- Of a link: from when it is refused.
    is_removed boolean NOT NULL -- Whether it was removed, or the link withdrawn.
    hash_diff bytea NOT NULL -- Hash of the attributes.
    record_source character varying(100) NOT NULL -- Program that wrote the row.
    site_tracking_saved_s_kind_check CHECK (((kind)::text = ANY ((ARRAY['SEGMENT'::character varying, 'ANNOTATION'::character varying, 'LINK'::character varying, 'GOAL'::character varying, 'ALERT'::character varying])::text[])))
    site_tracking_saved_s_pkey PRIMARY KEY (tenant_hk, kind, name, load_date)
    CREATE INDEX site_tracking_saved_s_token ON auth.site_tracking_saved_s USING btree (token_hash) WHERE (token_hash IS NOT NULL)
    ROW LEVEL SECURITY
    POLICY site_tracking_programs FOR ALL TO {site_tracking_loader,site_tracking_owner,site_tracking_relay} USING true CHECK true
    CREATE TRIGGER site_tracking_note_saved AFTER INSERT ON auth.site_tracking_saved_s FOR EACH ROW WHEN (((new.kind)::text = ANY ((ARRAY['LINK'::character varying, 'ALERT'::character varying])::text[]))) EXECUTE FUNCTION auth.site_tracking_note_saved()
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=ar/postgres}

TABLE auth.tenant_h -- Hub: one row per tenant.
    tenant_hk bytea NOT NULL -- Hash key, SHA-256 of tenant_bk.
    tenant_bk character varying(255) NOT NULL -- Name of the tenant, as events carry it.
    load_date timestamp with time zone NOT NULL DEFAULT CURRENT_TIMESTAMP -- When the tenant was registered.
    record_source character varying(100) NOT NULL -- Program that wrote the row.
    tenant_h_pkey PRIMARY KEY (tenant_hk)
    tenant_h_tenant_bk_key UNIQUE (tenant_bk)
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=r/postgres,site_tracking_loader=r/postgres}

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
    time_zone text -- IANA name with a slash, UTC or GMT, for days in reports and sessions; all else counts as UTC.
    goal_event_types text[] -- Event types that count as conversions besides purchases.
    allowed_origins text[] -- Origins that a browser may send from.
    ip_policy character varying(10) -- What is kept of an address: NETWORK (default) of 16 bits and the country, NETWORK_24 of 24 bits and the country, COUNTRY only, NONE of it.
    consent_policy character varying(10) -- What consent decides: REQUIRE keeps nothing without it, ANONYMISE (default) what was denied without the visitor, IGNORE everything.
    honour_gpc boolean -- Whether Global Privacy Control counts as a denial; so it does by default.
    honour_dnt boolean -- Whether Do Not Track does; by default not.
    keep_user_agents boolean -- Whether user agents are kept as they came; by default only what was read of them.
    keep_texts boolean -- Whether titles, queries and other free texts are kept; so they are by default.
    erased_counts character varying(10) -- What becomes of sums in which erased visitors are: CORRECTED (default) takes them out, KEPT leaves the numbers as they are.
    keep_raw_days integer -- Days that accepted events are kept in raw; by default without end, as all below.
    keep_rejected_days integer -- Days that rejected ones are.
    keep_staging_days integer -- Days that staged events are.
    keep_events_days integer -- Days that events are kept in the vault; raw and staging keep them no longer.
    keep_sessions_days integer -- Days that sessions are, and what is of their visitors; events are kept no longer.
    keep_ledger_days integer -- Days that the ledger is.
    keep_backups_days integer -- Days that backups of the database and its archived log are, as whoever operates it says: nothing here removes them, but erasures tell when they end. NULL: nobody said.
    visitor_secret bytea -- Secret of the visitor pseudonyms; NULL: the job derives one.
    max_waiting_events integer -- Most events that wait in the outbox, 1,000,000 by default.
    max_waiting_bytes bigint -- Most bytes of their payloads before compression, 1 GiB by default.
    max_read_cost bigint -- Most that a question of the api may cost, in events read, 10,000,000 by default.
    max_new_pages integer -- Most new pages a day, 10,000 by default; the others are (other).
    max_new_items integer -- Most new items a day, as well.
    max_new_campaign_values integer -- Most new sources a day, as well, and as many mediums, campaigns, terms and contents.
    hash_diff bytea NOT NULL -- Hash of the attributes.
    record_source character varying(100) NOT NULL -- Program that wrote the row.
    tenant_site_tracking_s_allowed_lateness_ms_check CHECK ((allowed_lateness_ms >= 0))
    tenant_site_tracking_s_consent_policy_check CHECK (((consent_policy)::text = ANY ((ARRAY['REQUIRE'::character varying, 'ANONYMISE'::character varying, 'IGNORE'::character varying])::text[])))
    tenant_site_tracking_s_erased_counts_check CHECK (((erased_counts)::text = ANY ((ARRAY['CORRECTED'::character varying, 'KEPT'::character varying])::text[])))
    tenant_site_tracking_s_ip_policy_check CHECK (((ip_policy)::text = ANY ((ARRAY['NETWORK'::character varying, 'NETWORK_24'::character varying, 'COUNTRY'::character varying, 'NONE'::character varying])::text[])))
    tenant_site_tracking_s_keep_backups_days_check CHECK ((keep_backups_days > 0))
    tenant_site_tracking_s_keep_events_days_check CHECK ((keep_events_days > 30))
    tenant_site_tracking_s_keep_ledger_days_check CHECK ((keep_ledger_days > 30))
    tenant_site_tracking_s_keep_raw_days_check CHECK ((keep_raw_days > 0))
    tenant_site_tracking_s_keep_rejected_days_check CHECK ((keep_rejected_days > 0))
    tenant_site_tracking_s_keep_sessions_days_check CHECK ((keep_sessions_days > 30))
    tenant_site_tracking_s_keep_staging_days_check CHECK ((keep_staging_days > 0))
    tenant_site_tracking_s_max_new_campaign_values_check CHECK ((max_new_campaign_values > 0))
    tenant_site_tracking_s_max_new_items_check CHECK ((max_new_items > 0))
    tenant_site_tracking_s_max_new_pages_check CHECK ((max_new_pages > 0))
    tenant_site_tracking_s_max_read_cost_check CHECK ((max_read_cost > 0))
    tenant_site_tracking_s_max_session_events_check CHECK ((max_session_events > 0))
    tenant_site_tracking_s_max_session_seconds_check CHECK ((max_session_seconds > 0))
    tenant_site_tracking_s_max_waiting_bytes_check CHECK ((max_waiting_bytes > 0))
    tenant_site_tracking_s_max_waiting_events_check CHECK ((max_waiting_events > 0))
    tenant_site_tracking_s_pkey PRIMARY KEY (tenant_hk, load_date)
    tenant_site_tracking_s_session_gap_ms_check CHECK ((session_gap_ms > 0))
    ROW LEVEL SECURITY
    POLICY site_tracking_programs FOR ALL TO {site_tracking_loader,site_tracking_owner,site_tracking_relay} USING true CHECK true
    CREATE TRIGGER site_tracking_date_settings BEFORE UPDATE ON auth.tenant_site_tracking_s FOR EACH ROW WHEN ((new.* IS DISTINCT FROM old.*)) EXECUTE FUNCTION auth.site_tracking_date_settings()
    CREATE TRIGGER site_tracking_keep_secret BEFORE UPDATE ON auth.tenant_site_tracking_s FOR EACH ROW WHEN (((octet_length(old.visitor_secret) > 0) AND (new.visitor_secret IS DISTINCT FROM old.visitor_secret))) EXECUTE FUNCTION auth.site_tracking_keep_secret()
    CREATE TRIGGER site_tracking_keep_settings AFTER UPDATE ON auth.tenant_site_tracking_s FOR EACH ROW WHEN ((new.* IS DISTINCT FROM old.*)) EXECUTE FUNCTION auth.site_tracking_keep_settings()
    CREATE TRIGGER site_tracking_note_settings AFTER INSERT OR DELETE OR UPDATE ON auth.tenant_site_tracking_s FOR EACH ROW EXECUTE FUNCTION auth.site_tracking_note_settings()
    CREATE TRIGGER site_tracking_order_settings BEFORE INSERT ON auth.tenant_site_tracking_s FOR EACH ROW EXECUTE FUNCTION auth.site_tracking_date_settings()
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=ar/postgres,site_tracking_loader=r/postgres}

TABLE business.business_item_details_s -- Satellite of business_item_h: versions of a business item.
    business_item_hk bytea NOT NULL -- The business item.
    event_timestamp timestamp with time zone NOT NULL -- From when this version holds: when the event occurred that said so.
    load_date timestamp with time zone NOT NULL -- Append time of the Kafka record that brought it; of a recovered event that of its first.
    item_type text -- Type.
    item_name text -- Name.
    item_category text -- Category.
    item_brand text -- Brand.
    price numeric -- Price of one in its currency.
    currency character varying(3) -- ISO 4217 code.
    hash_diff bytea NOT NULL -- Hash of the attributes: a version is written only when it changes.
    tenant_hk bytea NOT NULL -- Tenant that the row belongs to.
    record_source character varying(100) NOT NULL -- Program that wrote the row.
    business_item_details_s_pkey PRIMARY KEY (business_item_hk, event_timestamp, load_date)
    ROW LEVEL SECURITY
    POLICY site_tracking_programs FOR ALL TO {site_tracking_loader,site_tracking_owner,site_tracking_relay} USING true CHECK true
    POLICY site_tracking_tenant FOR SELECT TO {site_tracking_analyst} USING (tenant_hk = ( SELECT auth.site_tracking_bound_tenant() AS site_tracking_bound_tenant)) CHECK
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=r/postgres,site_tracking_loader=ar/postgres,site_tracking_analyst=r/postgres}

TABLE business.business_item_h -- Hub: business items, whatever a tenant offers.
    business_item_hk bytea NOT NULL -- SHA-256 of hex(tenant_hk), a bar and business_item_bk.
    business_item_bk character varying(255) NOT NULL -- Business key, unique within the tenant.
    tenant_hk bytea NOT NULL -- Tenant that the row belongs to.
    load_date timestamp with time zone NOT NULL -- Append time of the Kafka record that brought the row.
    record_source character varying(100) NOT NULL -- Program that wrote the row.
    business_item_h_business_item_hk_check CHECK ((octet_length(business_item_hk) = 32))
    business_item_h_pkey PRIMARY KEY (business_item_hk)
    ROW LEVEL SECURITY
    POLICY site_tracking_programs FOR ALL TO {site_tracking_loader,site_tracking_owner,site_tracking_relay} USING true CHECK true
    POLICY site_tracking_tenant FOR SELECT TO {site_tracking_analyst} USING (tenant_hk = ( SELECT auth.site_tracking_bound_tenant() AS site_tracking_bound_tenant)) CHECK
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=r/postgres,site_tracking_loader=ar/postgres,site_tracking_analyst=r/postgres}

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
    ROW LEVEL SECURITY
    POLICY site_tracking_programs FOR ALL TO {site_tracking_loader,site_tracking_owner,site_tracking_relay} USING true CHECK true
    POLICY site_tracking_tenant FOR SELECT TO {site_tracking_analyst} USING (tenant_hk = ( SELECT auth.site_tracking_bound_tenant() AS site_tracking_bound_tenant)) CHECK
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=rd/postgres,site_tracking_loader=ar/postgres,site_tracking_analyst=r/postgres}

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
    ROW LEVEL SECURITY
    POLICY site_tracking_programs FOR ALL TO {site_tracking_loader,site_tracking_owner,site_tracking_relay} USING true CHECK true
    POLICY site_tracking_tenant FOR SELECT TO {site_tracking_analyst} USING (tenant_hk = ( SELECT auth.site_tracking_bound_tenant() AS site_tracking_bound_tenant)) CHECK
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=rd/postgres,site_tracking_loader=ar/postgres,site_tracking_analyst=r/postgres}

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
    ROW LEVEL SECURITY
    POLICY site_tracking_programs FOR ALL TO {site_tracking_loader,site_tracking_owner,site_tracking_relay} USING true CHECK true
    POLICY site_tracking_tenant FOR SELECT TO {site_tracking_analyst} USING (tenant_hk = ( SELECT auth.site_tracking_bound_tenant() AS site_tracking_bound_tenant)) CHECK
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=ard/postgres,site_tracking_loader=ar/postgres,site_tracking_analyst=r/postgres}

TABLE business.session_page_l -- Link: pages seen in a session.
    session_start timestamp with time zone NOT NULL -- Start of the session to the millisecond, in which its business key ends.
    session_page_hk bytea NOT NULL -- SHA-256 of hex(session_hk), hex(page_hk) and hex(tenant_hk), with bars between.
    session_hk bytea NOT NULL -- The session.
    page_hk bytea NOT NULL -- The page.
    tenant_hk bytea NOT NULL -- Tenant that the row belongs to.
    load_date timestamp with time zone NOT NULL -- Append time of the Kafka record that brought the row.
    record_source character varying(100) NOT NULL -- Program that wrote the row.
    session_page_l_pkey PRIMARY KEY (session_start, session_page_hk)
    ROW LEVEL SECURITY
    POLICY site_tracking_programs FOR ALL TO {site_tracking_loader,site_tracking_owner,site_tracking_relay} USING true CHECK true
    POLICY site_tracking_tenant FOR SELECT TO {site_tracking_analyst} USING (tenant_hk = ( SELECT auth.site_tracking_bound_tenant() AS site_tracking_bound_tenant)) CHECK
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=rd/postgres,site_tracking_loader=ar/postgres,site_tracking_analyst=r/postgres}

TABLE business.session_visitor_l -- Link: whose session it was.
    session_start timestamp with time zone NOT NULL -- Start of the session to the millisecond, in which its business key ends.
    session_visitor_hk bytea NOT NULL -- SHA-256 of hex(session_hk), hex(visitor_hk) and hex(tenant_hk), with bars between.
    session_hk bytea NOT NULL -- The session.
    visitor_hk bytea NOT NULL -- The visitor.
    tenant_hk bytea NOT NULL -- Tenant that the row belongs to.
    load_date timestamp with time zone NOT NULL -- Append time of the Kafka record that brought the row.
    record_source character varying(100) NOT NULL -- Program that wrote the row.
    session_visitor_l_pkey PRIMARY KEY (session_start, session_visitor_hk)
    ROW LEVEL SECURITY
    POLICY site_tracking_programs FOR ALL TO {site_tracking_loader,site_tracking_owner,site_tracking_relay} USING true CHECK true
    POLICY site_tracking_tenant FOR SELECT TO {site_tracking_analyst} USING (tenant_hk = ( SELECT auth.site_tracking_bound_tenant() AS site_tracking_bound_tenant)) CHECK
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=rd/postgres,site_tracking_loader=ar/postgres,site_tracking_analyst=r/postgres}

TABLE business.site_cohort_b -- Rollup: how many visitors came on a day, without robots, by the day of their first session and the day before on which they came. Visitors of whole days are those of each day who came on no earlier one of them.
    tenant_hk bytea NOT NULL -- Tenant that the row belongs to.
    first_day date NOT NULL -- Day of the first session, by the clock of business.site_cohort_zone_b, as the other days.
    day date NOT NULL -- Day on which the visitors came.
    previous_day date NOT NULL -- The day before on which they came; -infinity where there is none.
    visitors bigint NOT NULL -- Visitors.
    site_cohort_b_pkey PRIMARY KEY (tenant_hk, first_day, day, previous_day)
    ROW LEVEL SECURITY
    POLICY site_tracking_programs FOR ALL TO {site_tracking_loader,site_tracking_owner,site_tracking_relay} USING true CHECK true
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=arwd/postgres}

TABLE business.site_cohort_zone_b -- By whose clock business.site_cohort_b tells days: that of the tenant's time zone when its sessions were written last.
    tenant_hk bytea NOT NULL -- Tenant that the row belongs to.
    time_zone text NOT NULL -- Name of the time zone.
    site_cohort_zone_b_pkey PRIMARY KEY (tenant_hk)
    ROW LEVEL SECURITY
    POLICY site_tracking_programs FOR ALL TO {site_tracking_loader,site_tracking_owner,site_tracking_relay} USING true CHECK true
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=arwd/postgres}

TABLE business.site_event_details_s -- Satellite of site_event_h: what happened; immutable, so that no hash_diff tells versions apart.
    event_timestamp timestamp with time zone NOT NULL -- When the event happened; selects the day partition.
    load_date timestamp with time zone NOT NULL -- Append time of the Kafka record that brought the row.
    sequence bigint -- The client's count of its events, which orders those of one instant.
    scroll_depth double precision -- Scroll depth in percent.
    time_on_page bigint -- Time on the page in milliseconds.
    click_x integer -- Click position in pixels.
    click_y integer -- Click position in pixels.
    viewport_width integer -- Viewport width in pixels.
    viewport_height integer -- Viewport height in pixels.
    is_bot boolean NOT NULL -- Whether the user agent is a known robot.
    event_hk bytea NOT NULL -- The event.
    tenant_hk bytea NOT NULL -- Tenant that the row belongs to.
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
    transaction_id text -- Transaction of a purchase.
    value numeric -- Value of a purchase in its currency.
    currency character varying(3) -- ISO 4217 code.
    items jsonb -- Items with price and quantity, as the event carried them.
    properties jsonb -- Members that the contract does not name, redacted.
    device_type text -- Kind of device, as sessions have it, of events of type web_vitals; NULL of all others.
    record_source character varying(100) NOT NULL -- Program that wrote the row.
    site_event_details_s_pkey PRIMARY KEY (event_timestamp, event_hk)
    PARTITION BY RANGE (event_timestamp)
    PARTITION business.site_event_details_s_pdefault DEFAULT
    ROW LEVEL SECURITY
    POLICY site_tracking_programs FOR ALL TO {site_tracking_loader,site_tracking_owner,site_tracking_relay} USING true CHECK true
    POLICY site_tracking_tenant FOR SELECT TO {site_tracking_analyst} USING (tenant_hk = ( SELECT auth.site_tracking_bound_tenant() AS site_tracking_bound_tenant)) CHECK
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=rd/postgres,site_tracking_loader=ar/postgres,site_tracking_analyst=r/postgres}

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
    ROW LEVEL SECURITY
    POLICY site_tracking_programs FOR ALL TO {site_tracking_loader,site_tracking_owner,site_tracking_relay} USING true CHECK true
    POLICY site_tracking_tenant FOR SELECT TO {site_tracking_analyst} USING (tenant_hk = ( SELECT auth.site_tracking_bound_tenant() AS site_tracking_bound_tenant)) CHECK
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=rd/postgres,site_tracking_loader=ar/postgres,site_tracking_analyst=r/postgres}

TABLE business.site_event_type_b -- The types of a tenant's events, each with the character that stands for it in business.site_session_path_b.
    tenant_hk bytea NOT NULL -- Tenant that the row belongs to.
    evt_type text NOT NULL -- Type of events.
    number integer NOT NULL -- Types were met in this order, from 0.
    code text NOT NULL -- The character; one for all types beyond the millionth.
    site_event_type_b_pkey PRIMARY KEY (tenant_hk, evt_type)
    ROW LEVEL SECURITY
    POLICY site_tracking_programs FOR ALL TO {site_tracking_loader,site_tracking_owner,site_tracking_relay} USING true CHECK true
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=ar/postgres}

TABLE business.site_event_visitor_b -- Bridge: whose events are that retention took out of raw and staging, where their session does not tell it: several visitors were in it, there is none, or the event names a user or was recovered.
    event_timestamp timestamp with time zone NOT NULL -- When the event happened.
    event_hk bytea NOT NULL -- The event.
    tenant_hk bytea NOT NULL -- Tenant that the row belongs to.
    visitor_hk bytea NOT NULL -- Hash key of the visitor.
    user_hk bytea -- Hash key of the user whom the event names besides.
    first_appended_at timestamp with time zone -- Of a recovered event, when it was appended for the first time; NULL of others.
    site_event_visitor_b_pkey PRIMARY KEY (event_timestamp, event_hk)
    ROW LEVEL SECURITY
    POLICY site_tracking_programs FOR ALL TO {site_tracking_loader,site_tracking_owner,site_tracking_relay} USING true CHECK true
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=ard/postgres}

TABLE business.site_item_day_b -- Bridge: the days on which visitors met items in closed sessions, without robots, so that each visitor of an item counts once in any days.
    tenant_hk bytea NOT NULL -- Tenant that the row belongs to.
    visitor bigint NOT NULL -- business.site_short_key of the visitor.
    item bigint NOT NULL -- business.site_short_key of the item.
    day date NOT NULL -- UTC day of the events.
    previous_day date -- The day before on which the visitor met the item; -infinity where there is none.
    sessions integer NOT NULL -- In how many sessions.
    site_item_day_b_pkey PRIMARY KEY (tenant_hk, visitor, item, day)
    ROW LEVEL SECURITY
    POLICY site_tracking_programs FOR ALL TO {site_tracking_loader,site_tracking_owner,site_tracking_relay} USING true CHECK true
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=arwd/postgres}

TABLE business.site_item_return_b -- Rollup: how many visitors met an item on a day, by the day before on which they did. Visitors of whole days are those of each day who met it on no earlier one of them.
    tenant_hk bytea NOT NULL -- Tenant that the row belongs to.
    day date NOT NULL -- UTC day.
    item bigint NOT NULL -- business.site_short_key of the item.
    previous_day date NOT NULL -- The day before on which they met it; -infinity where there is none.
    visitors bigint NOT NULL -- Visitors.
    site_item_return_b_pkey PRIMARY KEY (tenant_hk, day, item, previous_day)
    ROW LEVEL SECURITY
    POLICY site_tracking_programs FOR ALL TO {site_tracking_loader,site_tracking_owner,site_tracking_relay} USING true CHECK true
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=arwd/postgres}

TABLE business.site_item_return_kept_b -- What of business.site_item_return_b is of such visitors.
    tenant_hk bytea NOT NULL -- Tenant that the row belongs to.
    day date NOT NULL -- UTC day.
    item bigint NOT NULL -- The item.
    previous_day date NOT NULL -- The day before on which they met it; -infinity where there is none.
    visitors bigint NOT NULL -- Visitors.
    site_item_return_kept_b_pkey PRIMARY KEY (tenant_hk, day, item, previous_day)
    ROW LEVEL SECURITY
    POLICY site_tracking_programs FOR ALL TO {site_tracking_loader,site_tracking_owner,site_tracking_relay} USING true CHECK true
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=arwd/postgres}

TABLE business.site_order_b -- Bridge: which event counts for an order, and so its items: the one whose value sessions have, which is the earliest that tells money, or, where none does, that names items: by time, sequence, key. A transaction counts once, however often it is told of, and apart for robots.
    tenant_hk bytea NOT NULL -- Tenant that the row belongs to.
    transaction_hk bytea NOT NULL -- business.site_transaction_key.
    event_timestamp timestamp with time zone NOT NULL -- When the event happened; -infinity once retention has removed it.
    event_hk bytea NOT NULL -- The event; empty then.
    sequence bigint -- The client's count of its events; NULL then, too.
    event_bk text NOT NULL -- Business key of the event; empty then.
    site_order_b_pkey PRIMARY KEY (tenant_hk, transaction_hk)
    CREATE INDEX site_order_b_time ON business.site_order_b USING btree (tenant_hk, event_timestamp) WHERE (event_timestamp > '-infinity'::timestamp with time zone)
    ROW LEVEL SECURITY
    POLICY site_tracking_programs FOR ALL TO {site_tracking_loader,site_tracking_owner,site_tracking_relay} USING true CHECK true
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=arwd/postgres}

TABLE business.site_page_details_s -- Satellite of site_page_h: versions of a page.
    page_hk bytea NOT NULL -- The page.
    event_timestamp timestamp with time zone NOT NULL -- From when this version holds: when the event occurred that said so.
    load_date timestamp with time zone NOT NULL -- Append time of the Kafka record that brought it; of a recovered event that of its first.
    page_url text NOT NULL -- URL, redacted.
    page_host text -- Host.
    page_path text NOT NULL -- Path.
    page_query text -- Query, redacted and without campaign parameters.
    page_title text -- Title, redacted.
    hash_diff bytea NOT NULL -- Hash of the attributes: a version is written only when it changes.
    tenant_hk bytea NOT NULL -- Tenant that the row belongs to.
    record_source character varying(100) NOT NULL -- Program that wrote the row.
    site_page_details_s_pkey PRIMARY KEY (page_hk, event_timestamp, load_date)
    ROW LEVEL SECURITY
    POLICY site_tracking_programs FOR ALL TO {site_tracking_loader,site_tracking_owner,site_tracking_relay} USING true CHECK true
    POLICY site_tracking_tenant FOR SELECT TO {site_tracking_analyst} USING (tenant_hk = ( SELECT auth.site_tracking_bound_tenant() AS site_tracking_bound_tenant)) CHECK
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=r/postgres,site_tracking_loader=ar/postgres,site_tracking_analyst=r/postgres}

TABLE business.site_page_h -- Hub: pages.
    page_hk bytea NOT NULL -- SHA-256 of hex(tenant_hk), a bar and page_bk.
    page_bk text NOT NULL -- Business key, unique within the tenant.
    tenant_hk bytea NOT NULL -- Tenant that the row belongs to.
    load_date timestamp with time zone NOT NULL -- Append time of the Kafka record that brought the row.
    record_source character varying(100) NOT NULL -- Program that wrote the row.
    site_page_h_page_hk_check CHECK ((octet_length(page_hk) = 32))
    site_page_h_pkey PRIMARY KEY (page_hk)
    ROW LEVEL SECURITY
    POLICY site_tracking_programs FOR ALL TO {site_tracking_loader,site_tracking_owner,site_tracking_relay} USING true CHECK true
    POLICY site_tracking_tenant FOR SELECT TO {site_tracking_analyst} USING (tenant_hk = ( SELECT auth.site_tracking_bound_tenant() AS site_tracking_bound_tenant)) CHECK
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=r/postgres,site_tracking_loader=ar/postgres,site_tracking_analyst=r/postgres}

TABLE business.site_repeat_b -- Bridge: events that tell of a page view again, as sessions say: an earlier one of the session has the same page_view_id; and those of web_vitals of which a later one has. All other events of page views are page views, and all other ones of web_vitals count.
    tenant_hk bytea NOT NULL -- Tenant that the row belongs to.
    event_timestamp timestamp with time zone NOT NULL -- When the event happened.
    event_hk bytea NOT NULL -- The event.
    session_hk bytea NOT NULL -- The session.
    page_hk bytea -- The page that was seen; NULL without one and of web_vitals.
    is_bot boolean NOT NULL -- Whether the session is a robot's.
    site_repeat_b_pkey PRIMARY KEY (tenant_hk, event_timestamp, event_hk, session_hk)
    CREATE INDEX site_repeat_b_session ON business.site_repeat_b USING btree (session_hk)
    ROW LEVEL SECURITY
    POLICY site_tracking_programs FOR ALL TO {site_tracking_loader,site_tracking_owner,site_tracking_relay} USING true CHECK true
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=ard/postgres}

TABLE business.site_return_b -- Rollup: how many sessions began when, whose visitor came before when, without robots. Visitors of a period are its sessions less those whose visitor had one before in the same period.
    tenant_hk bytea NOT NULL -- Tenant that the row belongs to.
    span character varying(4) NOT NULL -- NEAR: the two lie at most 25 hours apart, the longest day. FAR: they lie further apart. DAY: both kinds again, by days.
    previous_bucket timestamp with time zone NOT NULL -- Quarter of an hour of the session before; of DAY the UTC day.
    start_bucket timestamp with time zone NOT NULL -- Quarter of an hour of the session when NEAR, else its UTC day.
    visits bigint NOT NULL -- Sessions.
    site_return_b_pkey PRIMARY KEY (tenant_hk, span, previous_bucket, start_bucket)
    ROW LEVEL SECURITY
    POLICY site_tracking_programs FOR ALL TO {site_tracking_loader,site_tracking_owner,site_tracking_relay} USING true CHECK true
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=arwd/postgres}

TABLE business.site_return_kept_b -- What of business.site_return_b is of such visitors.
    tenant_hk bytea NOT NULL -- Tenant that the row belongs to.
    span character varying(4) NOT NULL -- As there, and so all below.
    previous_bucket timestamp with time zone NOT NULL -- Of the session before.
    start_bucket timestamp with time zone NOT NULL -- Of the session.
    visits bigint NOT NULL -- Sessions.
    site_return_kept_b_pkey PRIMARY KEY (tenant_hk, span, previous_bucket, start_bucket)
    ROW LEVEL SECURITY
    POLICY site_tracking_programs FOR ALL TO {site_tracking_loader,site_tracking_owner,site_tracking_relay} USING true CHECK true
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=arwd/postgres}

TABLE business.site_rollup_b -- Rollup: sums over closed sessions, page views and items, without robots. Dimension visits is by quarter of an hour, the others are by UTC day.
    tenant_hk bytea NOT NULL -- Tenant that the row belongs to.
    dimension character varying(20) NOT NULL -- What is summed by: visits, entry_pages, exit_pages, channels, sources, campaigns, devices, browsers, operating_systems, countries, top_pages, items, vitals.
    bucket_start timestamp with time zone NOT NULL -- Start of the quarter or day in which the sessions began or the events happened.
    value_key bytea NOT NULL -- Hash key of the page, or of the item with the type of the events behind it; of vitals business.site_vital_keys; else a SHA-256 of the value.
    currency character varying(3) NOT NULL -- Currency of revenue and refunds; empty in the row of all other sums.
    value text -- The value; NULL for pages, items, vitals and sessions without one.
    visits bigint NOT NULL -- Sessions.
    bounces bigint NOT NULL -- Sessions that bounced.
    bounceable bigint NOT NULL -- Sessions with a page view.
    converted bigint NOT NULL -- Sessions with a conversion.
    page_views bigint NOT NULL -- Page views.
    events bigint NOT NULL -- Events; of vitals: page views that told a value of the bucket.
    conversions bigint NOT NULL -- Conversions; of items: purchases.
    duration_seconds bigint NOT NULL -- Durations.
    engaged_seconds bigint NOT NULL -- Engaged times.
    quantity numeric NOT NULL -- Pieces bought.
    refunded_quantity numeric NOT NULL -- Pieces given back.
    revenue numeric NOT NULL -- Revenue in the currency, gross.
    refunds numeric NOT NULL -- Refunds in the currency.
    site_rollup_b_pkey PRIMARY KEY (tenant_hk, dimension, bucket_start, value_key, currency)
    PARTITION BY LIST (dimension)
    PARTITION business.site_rollup_b_entry_pages FOR VALUES IN ('entry_pages')
    PARTITION business.site_rollup_b_exit_pages FOR VALUES IN ('exit_pages')
    PARTITION business.site_rollup_b_items FOR VALUES IN ('items')
    PARTITION business.site_rollup_b_pdefault DEFAULT
    PARTITION business.site_rollup_b_top_pages FOR VALUES IN ('top_pages')
    PARTITION business.site_rollup_b_visits FOR VALUES IN ('visits')
    PARTITION business.site_rollup_b_vitals FOR VALUES IN ('vitals')
    ROW LEVEL SECURITY
    POLICY site_tracking_programs FOR ALL TO {site_tracking_loader,site_tracking_owner,site_tracking_relay} USING true CHECK true
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=arwd/postgres}

TABLE business.site_rollup_kept_b -- What of business.site_rollup_b is of erased visitors whose tenant keeps counts, for whoever makes that anew. Less than nothing where what is counted for them was counted once more since.
    tenant_hk bytea NOT NULL -- Tenant that the row belongs to.
    dimension character varying(20) NOT NULL -- As there, and so all below.
    bucket_start timestamp with time zone NOT NULL -- Start of the quarter or day.
    value_key bytea NOT NULL -- Key of the value.
    currency character varying(3) NOT NULL -- Currency of revenue and refunds.
    value text -- The value.
    visits bigint NOT NULL -- Sessions.
    bounces bigint NOT NULL -- Sessions that bounced.
    bounceable bigint NOT NULL -- Sessions with a page view.
    converted bigint NOT NULL -- Sessions with a conversion.
    page_views bigint NOT NULL -- Page views.
    events bigint NOT NULL -- Events.
    conversions bigint NOT NULL -- Conversions; of items: purchases.
    duration_seconds bigint NOT NULL -- Durations.
    engaged_seconds bigint NOT NULL -- Engaged times.
    quantity numeric NOT NULL -- Pieces bought.
    refunded_quantity numeric NOT NULL -- Pieces given back.
    revenue numeric NOT NULL -- Revenue in the currency, gross.
    refunds numeric NOT NULL -- Refunds in the currency.
    site_rollup_kept_b_pkey PRIMARY KEY (tenant_hk, dimension, bucket_start, value_key, currency)
    ROW LEVEL SECURITY
    POLICY site_tracking_programs FOR ALL TO {site_tracking_loader,site_tracking_owner,site_tracking_relay} USING true CHECK true
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=arwd/postgres}

TABLE business.site_session_b -- Bridge: every session that exists. Of closed ones the current version, as business.site_session_details_current_v shows it; of open ones, which still change, the columns that may be NULL are, but for previous_start and first_start.
    tenant_hk bytea NOT NULL -- Tenant that the row belongs to.
    key_start timestamp with time zone NOT NULL -- Start of the session to the millisecond, in which all its versions agree.
    session_hk bytea NOT NULL -- The session.
    session_start timestamp with time zone NOT NULL -- First event of the session.
    session_end timestamp with time zone -- Last event of the session.
    previous_start timestamp with time zone -- Start of the visitor's session before this one; NULL for the first one and for robots.
    first_start timestamp with time zone -- Start of the visitor's first session; NULL for that one and for robots.
    session_status character varying(10) NOT NULL -- OPEN or CLOSED.
    visitor_hk bytea NOT NULL -- The visitor.
    duration_seconds bigint -- From the first to the last event.
    engaged_seconds bigint -- Time with signs of attention.
    total_events integer -- Events of the session.
    page_views integer -- Page views.
    conversions integer -- Purchases and goals.
    revenue jsonb -- Revenue, gross: an object of currency and decimal; NULL without a purchase.
    refunds jsonb -- Refunds: an object of currency and decimal; NULL without a refund.
    is_bounce boolean -- NULL without a page view.
    entry_page_url text -- First page.
    exit_page_url text -- Last page.
    referrer_host text -- Host of the referrer.
    channel text -- Marketing channel.
    utm_source text -- utm_source.
    utm_medium text -- utm_medium.
    utm_campaign text -- utm_campaign.
    utm_term text -- utm_term.
    utm_content text -- utm_content.
    device_type text -- desktop, mobile, tablet, tv, console, robot or other.
    browser text -- Browser.
    os text -- Operating system.
    language text -- Language of the client, as it names it.
    country text -- Where the client's address was: ISO 3166-1, two letters.
    is_bot boolean NOT NULL -- Whether the user agent is a known robot.
    hash_diff bytea -- Hash of the attributes of the version.
    load_date timestamp with time zone -- load_date of the version.
    record_source character varying(100) -- Program that wrote the version.
    site_session_b_pkey PRIMARY KEY (tenant_hk, key_start, session_hk)
    CREATE INDEX site_session_b_open ON business.site_session_b USING btree (tenant_hk, key_start) WHERE ((session_status)::text = 'OPEN'::text)
    CREATE INDEX site_session_b_visitor ON business.site_session_b USING btree (tenant_hk, visitor_hk, session_start, session_hk) WHERE (NOT is_bot)
    ROW LEVEL SECURITY
    POLICY site_tracking_programs FOR ALL TO {site_tracking_loader,site_tracking_owner,site_tracking_relay} USING true CHECK true
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=arwd/postgres}

TABLE business.site_session_details_s -- Satellite of site_session_h: versions of a session since it was closed, and of one that is open the present one.
    session_start timestamp with time zone NOT NULL -- First event of the session.
    rules_version smallint NOT NULL -- Version of the session rules.
    is_bot boolean NOT NULL -- Whether the user agent is a known robot.
    session_hk bytea NOT NULL -- The session.
    visitor_hk bytea NOT NULL -- The visitor.
    tenant_hk bytea NOT NULL -- Tenant that the row belongs to.
    client_session_id text -- Session id of the client, as a keyed hash.
    entry_page_url text -- First page.
    referrer_url text -- Referrer of the first event, redacted.
    referrer_host text -- Host of that referrer; NULL when it is the site's own.
    channel text NOT NULL -- Marketing channel, as docs/event-contract.md lists them.
    utm_source text -- utm_source.
    utm_medium text -- utm_medium.
    utm_campaign text -- utm_campaign.
    utm_term text -- utm_term.
    utm_content text -- utm_content.
    click_id_type text -- Parameter that carried the click id, such as gclid.
    click_id text -- Click id of an advertising network.
    device_type text NOT NULL -- desktop, mobile, tablet, tv, console, car, wearable, bot or other.
    browser text -- Browser.
    browser_version text -- Major version of the browser.
    os text -- Operating system.
    os_version text -- Major version of the operating system.
    client_type text -- browser, app, server, robot, or unknown where there is no user agent.
    robot_kind text -- What the robot is for, such as search, ai, monitor, preview, tool; NULL when it is none.
    language text -- Language of the client, as it names it.
    predecessor_session_bk text -- Session that this one was split from.
    country text -- Where the client's address was: ISO 3166-1, two letters; NULL where nothing tells.
    region text -- As well: ISO 3166-2, such as DE-BE; NULL where the database of places knows countries only.
    record_source character varying(100) NOT NULL -- Program that wrote the row.
    load_date timestamp with time zone NOT NULL -- From when this version holds: append time of the Kafka record that brought it; of an open one of that which brought the first one.
    last_load_date timestamp with time zone -- Of a version that was written over while the session is open: append time of the Kafka record that brought what it says now; NULL where that is load_date.
    session_end timestamp with time zone NOT NULL -- Last event of the session.
    duration_seconds bigint NOT NULL -- From the first to the last event.
    engaged_seconds bigint NOT NULL -- Time with signs of attention.
    total_events integer NOT NULL -- Events of the session.
    page_views integer NOT NULL -- Page views.
    interactive_events integer NOT NULL -- Events that somebody caused on purpose.
    conversions integer NOT NULL -- Purchases and goals.
    is_bounce boolean -- One page view, no interaction, little attention; NULL without a page view.
    session_status character varying(10) NOT NULL -- OPEN, CLOSED, or SUPERSEDED: late events dissolved the session, current views hide it.
    exit_page_url text -- Last page.
    revenue jsonb -- Revenue, gross: an object of currency and decimal; NULL without a purchase.
    refunds jsonb -- Refunds: an object of currency and decimal; NULL without a refund.
    successor_session_bks text[] -- Sessions that took the events of a superseded one.
    repeated_views jsonb -- Events that tell of a page view again, and those of web_vitals of which a later one tells: an array of arrays of microseconds since the epoch and the hash keys of event and page, which is empty where there is none and of web_vitals; NULL without such.
    hash_diff bytea NOT NULL -- Hash of the attributes.
    site_session_details_s_pkey PRIMARY KEY (session_start, session_hk, load_date)
    site_session_details_s_session_status_check CHECK (((session_status)::text = ANY ((ARRAY['OPEN'::character varying, 'CLOSED'::character varying, 'SUPERSEDED'::character varying])::text[])))
    ROW LEVEL SECURITY
    POLICY site_tracking_programs FOR ALL TO {site_tracking_loader,site_tracking_owner,site_tracking_relay} USING true CHECK true
    POLICY site_tracking_tenant FOR SELECT TO {site_tracking_analyst} USING (tenant_hk = ( SELECT auth.site_tracking_bound_tenant() AS site_tracking_bound_tenant)) CHECK
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=rd/postgres,site_tracking_loader=arw/postgres,site_tracking_analyst=r/postgres}

TABLE business.site_session_h -- Hub: sessions. Each tenant may also have the reserved sessions sess_none (events that make no session), sess_late (events later than the allowed lateness) and sess_erased (events of visitors who were erased), without satellites.
    session_hk bytea NOT NULL -- SHA-256 of hex(tenant_hk), a bar and session_bk.
    session_bk character varying(255) NOT NULL -- Business key, unique within the tenant.
    tenant_hk bytea NOT NULL -- Tenant that the row belongs to.
    load_date timestamp with time zone NOT NULL -- Append time of the Kafka record that brought the row.
    record_source character varying(100) NOT NULL -- Program that wrote the row.
    site_session_h_pkey PRIMARY KEY (session_hk)
    site_session_h_session_hk_check CHECK ((octet_length(session_hk) = 32))
    CREATE INDEX site_session_h_bk ON business.site_session_h USING btree (tenant_hk, session_bk COLLATE "C")
    ROW LEVEL SECURITY
    POLICY site_tracking_programs FOR ALL TO {site_tracking_loader,site_tracking_owner,site_tracking_relay} USING true CHECK true
    POLICY site_tracking_tenant FOR SELECT TO {site_tracking_analyst} USING (tenant_hk = ( SELECT auth.site_tracking_bound_tenant() AS site_tracking_bound_tenant)) CHECK
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=ard/postgres,site_tracking_loader=ar/postgres,site_tracking_analyst=r/postgres}

TABLE business.site_session_path_b -- Bridge: by what each closed session is filtered and summed, as numbers, and what happened in it, event by event in their order, so that it need not be joined of links, events, pages and items. Columns of fixed width come first, as they are read fastest.
    tenant_hk bytea NOT NULL -- Tenant that the row belongs to.
    key_start timestamp with time zone NOT NULL -- Start of the session to the millisecond, as in business.site_session_b.
    session_start timestamp with time zone NOT NULL -- First event of the session, also of what retention removed.
    session_end timestamp with time zone NOT NULL -- Last event of the session.
    is_bot boolean NOT NULL -- Whether the user agent is a known robot.
    visitor bigint NOT NULL -- business.site_short_key of the visitor.
    device bigint NOT NULL -- business.site_value_key of device_type in business.site_session_b; of the columns of the same name and below likewise.
    browser bigint NOT NULL -- Of browser.
    os bigint NOT NULL -- Of os.
    channel bigint NOT NULL -- Of channel.
    source bigint NOT NULL -- Of utm_source or, without it, of referrer_host.
    utm_source bigint NOT NULL -- Of utm_source.
    utm_medium bigint NOT NULL -- Of utm_medium.
    utm_campaign bigint NOT NULL -- Of utm_campaign.
    utm_term bigint NOT NULL -- Of utm_term.
    utm_content bigint NOT NULL -- Of utm_content.
    entry_page bigint NOT NULL -- Of entry_page_url.
    exit_page bigint NOT NULL -- Of exit_page_url.
    referrer bigint NOT NULL -- Of referrer_host.
    language bigint NOT NULL -- Of language.
    country bigint NOT NULL -- Of country.
    duration_seconds bigint NOT NULL -- From the first to the last event.
    engaged_seconds bigint NOT NULL -- Time with signs of attention.
    total_events integer NOT NULL -- Events of the session.
    page_views integer NOT NULL -- Page views.
    conversions integer NOT NULL -- Purchases and goals.
    bounces smallint NOT NULL -- 1 where the session bounced.
    bounceable smallint NOT NULL -- 1 where it has a page view.
    session_hk bytea NOT NULL -- The session.
    visitor_hk bytea NOT NULL -- The visitor.
    has_ties boolean NOT NULL -- Whether some events happened in one instant.
    types text NOT NULL -- A character for each event, business.site_event_type_b.code; empty where retention removed all.
    offsets bigint[] NOT NULL -- Microseconds from key_start to each event.
    pages bigint[] NOT NULL -- business.site_short_key of the page of each event; 0 where it has none.
    items bigint[] NOT NULL -- business.site_short_key of the items of all events.
    item_places integer[] NOT NULL -- Which event each of these items is of: 1 is the first.
    seen_pages bigint[] NOT NULL -- business.site_short_key of the page of each page view that has one.
    page_way bigint[] NOT NULL -- business.site_short_key of the pages that were seen, one after the other, as api.get_paths tells them: the first eleven.
    type_way text NOT NULL -- Characters of the types one after the other, as api.get_paths tells them.
    revenue jsonb -- Revenue, as in business.site_session_b.
    refunds jsonb -- Refunds, likewise.
    site_session_path_b_pkey PRIMARY KEY (tenant_hk, key_start, session_hk)
    CREATE INDEX site_session_path_b_long ON business.site_session_path_b USING btree (tenant_hk, key_start) WHERE (length(types) > 600)
    CREATE INDEX site_session_path_b_types ON business.site_session_path_b USING btree (tenant_hk, key_start) INCLUDE (visitor, session_end, is_bot, has_ties, types) WHERE (length(types) <= 600)
    ROW LEVEL SECURITY
    POLICY site_tracking_programs FOR ALL TO {site_tracking_loader,site_tracking_owner,site_tracking_relay} USING true CHECK true
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=arwd/postgres}

TABLE business.site_session_variant_b -- Bridge: which variants of experiments were shown in closed sessions.
    tenant_hk bytea NOT NULL -- Tenant that the row belongs to.
    key_start timestamp with time zone NOT NULL -- Start of the session to the millisecond, as in business.site_session_b.
    session_hk bytea NOT NULL -- The session.
    experiment_id text NOT NULL -- The experiment.
    variant_id text NOT NULL -- The variant.
    session_start timestamp with time zone NOT NULL -- First event of the session.
    visitor_hk bytea NOT NULL -- The visitor.
    is_bot boolean NOT NULL -- Whether the user agent is a known robot.
    exposed_at timestamp with time zone NOT NULL -- When the variant was shown first in the session.
    site_session_variant_b_pkey PRIMARY KEY (tenant_hk, key_start, session_hk, experiment_id, variant_id)
    ROW LEVEL SECURITY
    POLICY site_tracking_programs FOR ALL TO {site_tracking_loader,site_tracking_owner,site_tracking_relay} USING true CHECK true
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=arwd/postgres}

TABLE business.site_tenant_day_b -- Bridge: the days on which a tenant has events, so that who looks through them need not look through those of others.
    tenant_hk bytea NOT NULL -- The tenant.
    day_start timestamp with time zone NOT NULL -- Beginning of the UTC day.
    site_tenant_day_b_pkey PRIMARY KEY (tenant_hk, day_start)
    ROW LEVEL SECURITY
    POLICY site_tracking_programs FOR ALL TO {site_tracking_loader,site_tracking_owner,site_tracking_relay} USING true CHECK true
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=ard/postgres,site_tracking_loader=ar/postgres}

TABLE business.site_user_visitor_b -- Bridge: visitors as whom a user was seen, so that whoever asks by a user's id is given all, and nothing of others.
    user_visitor_hk bytea NOT NULL -- SHA-256 of hex(user_hk), hex(visitor_hk) and hex(tenant_hk), with bars between.
    user_hk bytea NOT NULL -- SHA-256 of hex(tenant_hk), a bar and the user's pseudonym; business.site_nobody of the visitor in the place of users who were erased.
    visitor_hk bytea NOT NULL -- The visitor.
    tenant_hk bytea NOT NULL -- Tenant that the row belongs to.
    load_date timestamp with time zone NOT NULL -- Append time of the last Kafka record that told so, but for those of a day after it; of a recovered event that of its first.
    record_source character varying(100) NOT NULL -- Program that wrote the row.
    site_user_visitor_b_pkey PRIMARY KEY (user_visitor_hk)
    CREATE INDEX site_user_visitor_b_user ON business.site_user_visitor_b USING btree (user_hk)
    CREATE INDEX site_user_visitor_b_visitor ON business.site_user_visitor_b USING btree (visitor_hk)
    ROW LEVEL SECURITY
    POLICY site_tracking_programs FOR ALL TO {site_tracking_loader,site_tracking_owner,site_tracking_relay} USING true CHECK true
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=ard/postgres,site_tracking_loader=arw/postgres}

TABLE business.site_visitor_details_s -- Satellite of site_visitor_h: versions of the device that a visitor uses.
    visitor_hk bytea NOT NULL -- The visitor.
    event_timestamp timestamp with time zone NOT NULL -- From when this version holds: when the event occurred that said so.
    load_date timestamp with time zone NOT NULL -- Append time of the Kafka record that brought it; of a recovered event that of its first.
    device_type text NOT NULL -- desktop, mobile, tablet, tv, console, car, wearable, bot or other.
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
    site_visitor_details_s_pkey PRIMARY KEY (visitor_hk, event_timestamp, load_date)
    ROW LEVEL SECURITY
    POLICY site_tracking_programs FOR ALL TO {site_tracking_loader,site_tracking_owner,site_tracking_relay} USING true CHECK true
    POLICY site_tracking_tenant FOR SELECT TO {site_tracking_analyst} USING (tenant_hk = ( SELECT auth.site_tracking_bound_tenant() AS site_tracking_bound_tenant)) CHECK
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=rd/postgres,site_tracking_loader=ar/postgres,site_tracking_analyst=r/postgres}

TABLE business.site_visitor_h -- Hub: visitors, by pseudonym.
    visitor_hk bytea NOT NULL -- SHA-256 of hex(tenant_hk), a bar and visitor_bk.
    visitor_bk character varying(255) NOT NULL -- Business key, unique within the tenant.
    tenant_hk bytea NOT NULL -- Tenant that the row belongs to.
    load_date timestamp with time zone NOT NULL -- Append time of the Kafka record that brought the row; the UTC day of it where an erasure reached what the visitor did.
    record_source character varying(100) NOT NULL -- Program that wrote the row.
    site_visitor_h_pkey PRIMARY KEY (visitor_hk)
    site_visitor_h_visitor_hk_check CHECK ((octet_length(visitor_hk) = 32))
    ROW LEVEL SECURITY
    POLICY site_tracking_programs FOR ALL TO {site_tracking_loader,site_tracking_owner,site_tracking_relay} USING true CHECK true
    POLICY site_tracking_tenant FOR SELECT TO {site_tracking_analyst} USING (tenant_hk = ( SELECT auth.site_tracking_bound_tenant() AS site_tracking_bound_tenant)) CHECK
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=r/postgres,site_tracking_loader=ar/postgres,site_tracking_analyst=r/postgres}
    GRANTS OF load_date {site_tracking_owner=w/postgres}

TABLE business.visitor_business_item_l -- Link: items that a visitor met.
    visitor_business_item_hk bytea NOT NULL -- SHA-256 of hex(visitor_hk), hex(business_item_hk) and hex(tenant_hk), with bars between.
    visitor_hk bytea NOT NULL -- The visitor.
    business_item_hk bytea NOT NULL -- The business item.
    tenant_hk bytea NOT NULL -- Tenant that the row belongs to.
    load_date timestamp with time zone NOT NULL -- Append time of the Kafka record that brought the row; of a recovered event that of its first.
    record_source character varying(100) NOT NULL -- Program that wrote the row.
    visitor_business_item_l_pkey PRIMARY KEY (visitor_business_item_hk)
    ROW LEVEL SECURITY
    POLICY site_tracking_programs FOR ALL TO {site_tracking_loader,site_tracking_owner,site_tracking_relay} USING true CHECK true
    POLICY site_tracking_tenant FOR SELECT TO {site_tracking_analyst} USING (tenant_hk = ( SELECT auth.site_tracking_bound_tenant() AS site_tracking_bound_tenant)) CHECK
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=rd/postgres,site_tracking_loader=ar/postgres,site_tracking_analyst=r/postgres}

TABLE raw.site_tracking_alert_call_r -- Calls of webhooks, one for each time that an alert began or ended, for 30 days.
    tenant_hk bytea NOT NULL -- The tenant.
    name text NOT NULL -- The alert.
    changed_at timestamp with time zone NOT NULL -- When it began or ended.
    body text NOT NULL -- What is sent, JSON.
    attempts integer NOT NULL -- How often it was sent.
    next_attempt_at timestamp with time zone NOT NULL -- When it is sent next, unless it was delivered; not beyond a day after the change.
    delivered_at timestamp with time zone -- When the receiver took it; NULL until then.
    failure text -- Why the last attempt failed; NULL where it did not.
    record_source character varying(100) NOT NULL -- Program that wrote the row.
    site_tracking_alert_call_r_pkey PRIMARY KEY (tenant_hk, name, changed_at)
    ROW LEVEL SECURITY
    POLICY site_tracking_programs FOR ALL TO {site_tracking_loader,site_tracking_owner,site_tracking_relay} USING true CHECK true
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=arwd/postgres}

TABLE raw.site_tracking_alert_r -- How each alert was found last.
    tenant_hk bytea NOT NULL -- The tenant.
    name text NOT NULL -- The alert, as auth.site_tracking_saved_s has it.
    version_from timestamp with time zone NOT NULL -- load_date of the version that was judged; a changed alert begins anew.
    judged_at timestamp with time zone NOT NULL -- When it was judged.
    value numeric -- What the metric was; NULL where there was nothing to tell it by.
    is_firing boolean NOT NULL -- Whether it crosses what the alert says; as before where the value is NULL.
    changed_at timestamp with time zone -- Since when that holds; NULL where it never crossed.
    record_source character varying(100) NOT NULL -- Program that wrote the row.
    site_tracking_alert_r_pkey PRIMARY KEY (tenant_hk, name)
    ROW LEVEL SECURITY
    POLICY site_tracking_programs FOR ALL TO {site_tracking_loader,site_tracking_owner,site_tracking_relay} USING true CHECK true
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=arwd/postgres}

TABLE raw.site_tracking_dissolved_r -- Sessions in which an erased visitor took part, which are no more, so that a job which still remembers one does not write it again.
    session_hk bytea NOT NULL -- Hash key of the session.
    tenant_hk bytea NOT NULL -- Its tenant.
    load_date timestamp with time zone NOT NULL -- When it was dissolved.
    site_tracking_dissolved_r_pkey PRIMARY KEY (session_hk)
    ROW LEVEL SECURITY
    POLICY site_tracking_programs FOR ALL TO {site_tracking_loader,site_tracking_owner,site_tracking_relay} USING true CHECK true
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=ar/postgres}

TABLE raw.site_tracking_erased_r -- Accepted events of visitors who were erased: the hub keeps the keys of these events, and nothing else tells of them.
    ledger_date date NOT NULL -- UTC day of the append time.
    tenant_hk bytea NOT NULL -- Tenant.
    event_count bigint NOT NULL -- How many, those that were late among them.
    late_count bigint NOT NULL -- Those that were late.
    load_date timestamp with time zone NOT NULL -- When the total last changed.
    record_source character varying(100) NOT NULL -- Program that wrote the row.
    site_tracking_erased_r_event_count_check CHECK ((event_count >= 0))
    site_tracking_erased_r_late_count_check CHECK ((late_count >= 0))
    site_tracking_erased_r_pkey PRIMARY KEY (ledger_date, tenant_hk)
    ROW LEVEL SECURITY
    POLICY site_tracking_programs FOR ALL TO {site_tracking_loader,site_tracking_owner,site_tracking_relay} USING true CHECK true
    POLICY site_tracking_tenant FOR SELECT TO {site_tracking_analyst} USING (tenant_hk = ( SELECT auth.site_tracking_bound_tenant() AS site_tracking_bound_tenant)) CHECK
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=arwd/postgres,site_tracking_analyst=r/postgres}

TABLE raw.site_tracking_erasure_id_r -- Ids of visitors to erase, until the job, which alone knows the tenant's secret, has told whom they are: seconds.
    erasure_id character varying(32) NOT NULL -- The request.
    client_id text NOT NULL -- The id as the client sends it.
    id_kind character varying(10) NOT NULL -- Of what it is.
    tenant_hk bytea NOT NULL -- Tenant of the visitor.
    place bigint NOT NULL -- Tells the ids apart; in an index the ids themselves would outlive their rows.
    site_tracking_erasure_id_r_id_kind_check CHECK (((id_kind)::text = ANY ((ARRAY['visitor_id'::character varying, 'user_id'::character varying])::text[])))
    site_tracking_erasure_id_r_pkey PRIMARY KEY (erasure_id, place)
    ROW LEVEL SECURITY
    POLICY site_tracking_programs FOR ALL TO {site_tracking_loader,site_tracking_owner,site_tracking_relay} USING true CHECK true
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=ard/postgres}

TABLE raw.site_tracking_erasure_r -- Requests to erase visitors, and what became of them; no personal data.
    erasure_id character varying(32) NOT NULL -- Names the request.
    tenant_hk bytea NOT NULL -- Tenant of the visitors.
    status character varying(10) NOT NULL -- NAMING: the job has to tell whom the given ids are. ERASING: day by day. DONE: nothing is left. FAILED: given up after too many tries.
    visitors integer NOT NULL -- How many the request names.
    erased_counts character varying(10) NOT NULL -- What becomes of sums in which they are, as the tenant's settings were when it was asked for.
    erased_before timestamp with time zone NOT NULL -- What was appended before this is erased.
    due_at timestamp with time zone NOT NULL -- Until when it has to be done: a month after the request.
    next_at timestamp with time zone NOT NULL -- Events before this time are erased; -infinity at first.
    erased_rows jsonb NOT NULL DEFAULT '{}'::jsonb -- How many rows were erased, table by table.
    done_at timestamp with time zone -- When it was done.
    load_date timestamp with time zone NOT NULL -- When it was asked for.
    record_source character varying(100) NOT NULL -- Program that wrote the row; site_tracking_follow_users where nobody asked for it, but events told of one more visitor of an erased user.
    turn_at timestamp with time zone NOT NULL DEFAULT '-infinity'::timestamp with time zone -- When its last part was carried out; of one that failed, when it is tried again.
    failures integer NOT NULL DEFAULT 0 -- How often its next part failed.
    failure character varying(5) -- SQLSTATE of the last failure, while there is one.
    site_tracking_erasure_r_erased_counts_check CHECK (((erased_counts)::text = ANY ((ARRAY['CORRECTED'::character varying, 'KEPT'::character varying])::text[])))
    site_tracking_erasure_r_pkey PRIMARY KEY (erasure_id)
    site_tracking_erasure_r_status_check CHECK (((status)::text = ANY ((ARRAY['NAMING'::character varying, 'ERASING'::character varying, 'DONE'::character varying, 'FAILED'::character varying])::text[])))
    ROW LEVEL SECURITY
    POLICY site_tracking_programs FOR ALL TO {site_tracking_loader,site_tracking_owner,site_tracking_relay} USING true CHECK true
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=arw/postgres}

TABLE raw.site_tracking_event_time_r -- When events occurred that are not at the time in their key: what their first delivery made of it holds for all others.
    keyed_at timestamp with time zone NOT NULL -- The time in the key, which all deliveries tell: event_timestamp; without one the UTC day of reception, of an event without an id received_at.
    event_hk bytea NOT NULL -- The event.
    tenant_hk bytea NOT NULL -- Its tenant.
    event_timestamp timestamp with time zone NOT NULL -- When it occurred.
    site_tracking_event_time_r_pkey PRIMARY KEY (keyed_at, event_hk)
    ROW LEVEL SECURITY
    POLICY site_tracking_programs FOR ALL TO {site_tracking_loader,site_tracking_owner,site_tracking_relay} USING true CHECK true
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=ard/postgres}

TABLE raw.site_tracking_events_r -- Events as they arrived, redacted: accepted ones, and rejected ones whose tenant is known.
    event_timestamp timestamp with time zone NOT NULL -- When the event happened; of rejected events where it could be read, else the append time.
    load_date timestamp with time zone NOT NULL -- Append time of the Kafka record: the same in every table and in a replay.
    first_appended_at timestamp with time zone -- Of a recovered event, when it was appended for the first time, by which erasures go; NULL of others.
    received_at timestamp with time zone -- When the collector received the event.
    policy_from timestamp with time zone -- From when the tenant's settings hold that decided so; NULL where it had none.
    source_offset bigint NOT NULL -- Kafka offset.
    source_partition integer NOT NULL -- Kafka partition.
    event_hk bytea NOT NULL -- Hash key of the event; of rejected events a hash of where the record lies and of its append time.
    tenant_hk bytea NOT NULL -- Tenant that the event belongs to.
    event_bk character varying(255) -- Business key of the event; of rejected ones only where the database refused it, as the job's archive has it.
    visitor_bk character varying(255) -- Visitor of an event whose payload names none: a replay could not tell it again. Of rejected events, in whose payload no id is left, the one that they name.
    user_bk character varying(255) -- User whom a rejected event names; that of an accepted one is in its payload.
    payload json -- The event after redaction, as jsonb would write it; NULL where the bytes were no JSON.
    user_agent text -- What was read of the user agent, or the whole of it by tenant policy.
    ip_network text -- Network that the address was cut to; NULL by tenant policy.
    country text -- Where the client's address was: ISO 3166-1, two letters; NULL where nothing tells.
    region text -- As well: ISO 3166-2, such as DE-BE; NULL where the database of places knows countries only.
    collector text -- Collector instance.
    processing_status character varying(20) NOT NULL -- VALID, SUSPICIOUS (kept, flagged) or ERROR (rejected).
    status_codes text[] -- Suspicions or the reason of the rejection, as docs/event-contract.md names them.
    status_detail text -- The field at fault and what was expected; where a recovered event comes from.
    source_topic text NOT NULL -- Kafka topic.
    keeping character varying(9) -- How much of it is kept by consent: FULL or ANONYMOUS; NULL for rejected events.
    record_source character varying(100) NOT NULL -- Program that wrote the row.
    site_tracking_events_r_keeping_check CHECK (((keeping)::text = ANY ((ARRAY['FULL'::character varying, 'ANONYMOUS'::character varying])::text[])))
    site_tracking_events_r_pkey PRIMARY KEY (event_timestamp, event_hk)
    site_tracking_events_r_processing_status_check CHECK (((processing_status)::text = ANY ((ARRAY['VALID'::character varying, 'SUSPICIOUS'::character varying, 'ERROR'::character varying])::text[])))
    CREATE INDEX site_tracking_events_r_errors ON ONLY raw.site_tracking_events_r USING btree (tenant_hk, load_date) WHERE ((processing_status)::text = 'ERROR'::text)
    PARTITION BY RANGE (event_timestamp)
    PARTITION raw.site_tracking_events_r_pdefault DEFAULT
    ROW LEVEL SECURITY
    POLICY site_tracking_programs FOR ALL TO {site_tracking_loader,site_tracking_owner,site_tracking_relay} USING true CHECK true
    POLICY site_tracking_tenant FOR SELECT TO {site_tracking_analyst} USING ((tenant_hk = ( SELECT auth.site_tracking_bound_tenant() AS site_tracking_bound_tenant)) AND ((processing_status)::text <> 'ERROR'::text)) CHECK
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=rd/postgres,site_tracking_loader=ar/postgres}
    GRANTS OF event_timestamp {site_tracking_analyst=r/postgres}
    GRANTS OF event_hk {site_tracking_analyst=r/postgres}
    GRANTS OF payload {site_tracking_analyst=r/postgres}

TABLE raw.site_tracking_expired_r -- Accepted events that retention removed, so that the ledger still balances with the hub.
    ledger_date date NOT NULL -- UTC day of the append time.
    tenant_hk bytea NOT NULL -- Tenant.
    event_count bigint NOT NULL -- How many, those that were erased before among them.
    erased_count bigint NOT NULL -- Those that were erased.
    load_date timestamp with time zone NOT NULL -- When the total last changed.
    record_source character varying(100) NOT NULL -- Program that wrote the row.
    site_tracking_expired_r_erased_count_check CHECK ((erased_count >= 0))
    site_tracking_expired_r_event_count_check CHECK ((event_count >= 0))
    site_tracking_expired_r_pkey PRIMARY KEY (ledger_date, tenant_hk)
    ROW LEVEL SECURITY
    POLICY site_tracking_programs FOR ALL TO {site_tracking_loader,site_tracking_owner,site_tracking_relay} USING true CHECK true
    POLICY site_tracking_tenant FOR SELECT TO {site_tracking_analyst} USING (tenant_hk = ( SELECT auth.site_tracking_bound_tenant() AS site_tracking_bound_tenant)) CHECK
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=arwd/postgres,site_tracking_analyst=r/postgres}

TABLE raw.site_tracking_export_r -- Ids of visitors whose data is asked for, until it is handed out, at most an hour.
    export_id character varying(32) NOT NULL -- Names the question.
    tenant_hk bytea NOT NULL -- Tenant of the visitor.
    client_id text NOT NULL -- The id as the client sends it.
    id_kind character varying(10) NOT NULL -- Of what it is.
    visitor_hk bytea -- Hash key of the visitor or user; NULL until the job has told whom the id means, a row for each.
    load_date timestamp with time zone NOT NULL -- When it was asked for.
    site_tracking_export_r_id_kind_check CHECK (((id_kind)::text = ANY ((ARRAY['visitor_id'::character varying, 'user_id'::character varying])::text[])))
    site_tracking_export_r_pkey PRIMARY KEY (export_id)
    ROW LEVEL SECURITY
    POLICY site_tracking_programs FOR ALL TO {site_tracking_loader,site_tracking_owner,site_tracking_relay} USING true CHECK true
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=arwd/postgres}

TABLE raw.site_tracking_forgotten_r -- Events that are erased, for the job, which removes what its state holds of them. Kept for 30 days, or a week and those of the job's archive where these are more, as state of an old savepoint may hold them.
    tenant_hk bytea NOT NULL -- Tenant of the event.
    event_bk character varying(255) NOT NULL -- Business key of the event, as the hub keeps it.
    added_in xid8 NOT NULL -- Transaction that wrote the row: the job asks for those that it does not know.
    load_date timestamp with time zone NOT NULL -- When it was erased, the last time where it came again.
    site_tracking_forgotten_r_pkey PRIMARY KEY (tenant_hk, event_bk)
    CREATE INDEX site_tracking_forgotten_r_added ON raw.site_tracking_forgotten_r USING btree (added_in)
    ROW LEVEL SECURITY
    POLICY site_tracking_programs FOR ALL TO {site_tracking_loader,site_tracking_owner,site_tracking_relay} USING true CHECK true
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=arwd/postgres}

TABLE raw.site_tracking_heartbeat_r -- Signs of life: one row per program and part of it, written over and over.
    program character varying(20) NOT NULL -- LOADER for the streaming job, RELAY for whichever relay is at work, SHADOW for jobs that write the shadow of a reprocess.
    part character varying(40) NOT NULL -- Step of the job; empty for the relay.
    beat_at timestamp with time zone NOT NULL -- Last sign of life, by the clock of the database.
    archive_days integer -- For how many days the job's archive has an event; NULL for the relay.
    failing_since timestamp with time zone -- Since when it fails in its work, such as a relay without a broker; NULL when well.
    version character varying(50) NOT NULL -- Version of the program.
    record_source character varying(100) NOT NULL -- Program that wrote the row.
    site_tracking_heartbeat_r_pkey PRIMARY KEY (program, part)
    site_tracking_heartbeat_r_program_check CHECK (((program)::text = ANY ((ARRAY['LOADER'::character varying, 'RELAY'::character varying, 'SHADOW'::character varying])::text[])))
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=r/postgres,site_tracking_loader=arw/postgres,site_tracking_relay=arw/postgres}

TABLE raw.site_tracking_kept_r -- What retention removed of a tenant, and how far it is: sql/checks expect no row of that layer before kept_from.
    tenant_hk bytea NOT NULL -- The tenant.
    layer character varying(10) NOT NULL -- raw without and rejected with what was rejected, staging, the event grain of the vault, sessions with what is of their visitors, or ledger.
    kept_from date NOT NULL -- First UTC day whose rows are kept; -infinity where none were removed yet.
    next_day date NOT NULL -- Days before it are looked through. Once a month all of them are again, as events may arrive when their time is over.
    swept_at timestamp with time zone NOT NULL -- When it began to look through all of them.
    dropped_partitions integer NOT NULL -- Day partitions dropped so far, with the rows of all tenants in them.
    deleted_rows bigint NOT NULL -- Rows deleted so far, those of tenants that were looked through with it among them.
    load_date timestamp with time zone NOT NULL -- When the row last changed.
    record_source character varying(100) NOT NULL -- Program that wrote the row.
    failures integer NOT NULL DEFAULT 0 -- How often the layer's next day failed, at load_date the last time.
    failure character varying(5) -- SQLSTATE of the last failure, while there is one.
    site_tracking_kept_r_layer_check CHECK (((layer)::text = ANY ((ARRAY['raw'::character varying, 'rejected'::character varying, 'staging'::character varying, 'events'::character varying, 'sessions'::character varying, 'ledger'::character varying])::text[])))
    site_tracking_kept_r_pkey PRIMARY KEY (tenant_hk, layer)
    ROW LEVEL SECURITY
    POLICY site_tracking_programs FOR ALL TO {site_tracking_loader,site_tracking_owner,site_tracking_relay} USING true CHECK true
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=arw/postgres}

TABLE raw.site_tracking_ledger_r -- What became of the events: running totals per day, tenant, outcome and run of the job.
    ledger_date date NOT NULL -- UTC day of the append time.
    tenant_hk bytea NOT NULL -- Tenant; 32 zero bytes where it is unknown.
    outcome character varying(10) NOT NULL -- RECEIVED = ACCEPTED + DUPLICATE + REJECTED; LATE events are accepted ones that no session holds.
    code character varying(40) NOT NULL -- Reason of a rejection; RECOVERED of received records that were rejected before; empty otherwise.
    run_id character varying(32) NOT NULL -- Run of the job that counted; the run that began without state, for all that go on from it.
    event_count bigint NOT NULL -- Running total.
    load_date timestamp with time zone NOT NULL -- When the total last changed.
    record_source character varying(100) NOT NULL -- Program that wrote the row.
    site_tracking_ledger_r_event_count_check CHECK ((event_count >= 0))
    site_tracking_ledger_r_outcome_check CHECK (((outcome)::text = ANY ((ARRAY['RECEIVED'::character varying, 'ACCEPTED'::character varying, 'DUPLICATE'::character varying, 'REJECTED'::character varying, 'LATE'::character varying])::text[])))
    site_tracking_ledger_r_pkey PRIMARY KEY (ledger_date, tenant_hk, outcome, code, run_id)
    ROW LEVEL SECURITY
    POLICY site_tracking_programs FOR ALL TO {site_tracking_loader,site_tracking_owner,site_tracking_relay} USING true CHECK true
    POLICY site_tracking_tenant FOR SELECT TO {site_tracking_analyst} USING (tenant_hk = ( SELECT auth.site_tracking_bound_tenant() AS site_tracking_bound_tenant)) CHECK
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=arwd/postgres,site_tracking_loader=arwd/postgres,site_tracking_analyst=r/postgres}

TABLE raw.site_tracking_objection_r -- Visitors who objected to sale or sharing in an event that does not tell it: they are not kept in it, or its payload is gone.
    tenant_hk bytea NOT NULL -- The tenant.
    visitor_hk bytea NOT NULL -- Hash key of the visitor.
    objected_on date NOT NULL -- UTC day on which the last such event was appended, and nothing more of it.
    site_tracking_objection_r_pkey PRIMARY KEY (tenant_hk, visitor_hk)
    ROW LEVEL SECURITY
    POLICY site_tracking_programs FOR ALL TO {site_tracking_loader,site_tracking_owner,site_tracking_relay} USING true CHECK true
    POLICY site_tracking_tenant FOR SELECT TO {site_tracking_analyst} USING (tenant_hk = ( SELECT auth.site_tracking_bound_tenant() AS site_tracking_bound_tenant)) CHECK
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=arwd/postgres}
    GRANTS OF tenant_hk {site_tracking_analyst=r/postgres}
    GRANTS OF visitor_hk {site_tracking_analyst=r/postgres}
    GRANTS OF objected_on {site_tracking_analyst=r/postgres}

TABLE raw.site_tracking_outbox_r -- Events that wait for the relay; a row is deleted when the broker has acknowledged it.
    tenant_hk bytea NOT NULL -- Tenant of the event.
    outbox_id bigint NOT NULL -- The order in which events of one record key are sent.
    record_key text -- Key of the Kafka record: tenant, a bar, and the first 3 hex digits of the SHA-256 of session, visitor or user; NULL without any.
    payload text NOT NULL -- Value of the Kafka record, the event as JSON. Not redacted: it lives until it is sent.
    created_at timestamp with time zone NOT NULL -- When the event was tracked.
    site_tracking_outbox_r_pkey PRIMARY KEY (tenant_hk, outbox_id)
    ROW LEVEL SECURITY
    POLICY site_tracking_programs FOR ALL TO {site_tracking_loader,site_tracking_owner,site_tracking_relay} USING true CHECK true
    CREATE TRIGGER site_tracking_count_emptied AFTER TRUNCATE ON raw.site_tracking_outbox_r FOR EACH STATEMENT EXECUTE FUNCTION raw.site_tracking_count_outbox()
    CREATE TRIGGER site_tracking_count_sent AFTER DELETE ON raw.site_tracking_outbox_r REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION raw.site_tracking_count_outbox()
    CREATE TRIGGER site_tracking_count_tracked AFTER INSERT ON raw.site_tracking_outbox_r REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION raw.site_tracking_count_outbox()
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=ard/postgres,site_tracking_relay=rd/postgres}

TABLE raw.site_tracking_reprocess_r -- Reprocesses: history built anew in shadow tables. One at a time is not DROPPED.
    reprocess_id character varying(32) NOT NULL -- Names the reprocess.
    state character varying(10) NOT NULL -- PREPARED: the shadow tables are there. BUILDING, BUILT: out of the archive. FOLLOWING: a second run of the job catches up. SWITCHED: the new tables are production's. MERGED: what differed was carried over, of some tenants or days. UNDONE: the former tables are production's again. DROPPED: nothing is left but production.
    savepoint text -- Savepoint or checkpoint that the events come from; NULL where they come from raw alone.
    tenant_bks text[] -- Tenants that it is about; NULL for all.
    from_at timestamp with time zone -- Events from this time on; NULL for all.
    to_at timestamp with time zone -- Events before this time; NULL for all.
    settled_before timestamp with time zone -- Sessions that ended before this change no more: the time of the savepoint less the allowed lateness and two gaps.
    settings jsonb NOT NULL DEFAULT '{}'::jsonb -- What of the job's options differs from the live job's.
    counts jsonb NOT NULL DEFAULT '{}'::jsonb -- How far it is: events, sessions and whatever the program tells.
    live_job character varying(32) -- Flink's id of the job that writes production.
    shadow_job character varying(32) -- Flink's id of the job that writes the shadow.
    live_savepoint text -- Savepoint that the live job was stopped with.
    shadow_savepoint text -- Savepoint that the job of the shadow was stopped with.
    changed_at timestamp with time zone NOT NULL -- When the row last changed.
    load_date timestamp with time zone NOT NULL -- When it began.
    record_source character varying(100) NOT NULL -- The record_source of what it writes.
    site_tracking_reprocess_r_pkey PRIMARY KEY (reprocess_id)
    site_tracking_reprocess_r_state_check CHECK (((state)::text = ANY ((ARRAY['PREPARED'::character varying, 'BUILDING'::character varying, 'BUILT'::character varying, 'FOLLOWING'::character varying, 'SWITCHED'::character varying, 'MERGED'::character varying, 'UNDONE'::character varying, 'DROPPED'::character varying])::text[])))
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=r/postgres,site_tracking_loader=r/postgres}

TABLE raw.site_tracking_run_r -- Runs of the job that began without state: what the vault held before is of earlier runs.
    run_id character varying(32) NOT NULL -- Run of the job.
    began_transaction bigint NOT NULL -- First transaction of the run; 0 where the vault held no event before it.
    load_date timestamp with time zone NOT NULL -- When it began.
    record_source character varying(100) NOT NULL -- Program that wrote the row.
    site_tracking_run_r_pkey PRIMARY KEY (run_id)
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=ar/postgres}

TABLE raw.site_tracking_score_s -- Satellite of site_session_h and site_visitor_h: what models say of sessions and visitors.
    tenant_hk bytea NOT NULL -- Tenant that the row belongs to.
    model text NOT NULL -- The model.
    model_version text NOT NULL -- Version of the model.
    subject_hk bytea NOT NULL -- The session or visitor.
    as_of timestamp with time zone NOT NULL -- As of when the features were that the model saw.
    is_of_session boolean NOT NULL -- Whether it is of a session.
    visitor_hk bytea NOT NULL -- The visitor, also of a session.
    score double precision NOT NULL -- What the model says.
    load_date timestamp with time zone NOT NULL -- When it was written; the same said again changes nothing.
    record_source character varying(100) NOT NULL -- Program that wrote the row.
    site_tracking_score_s_pkey PRIMARY KEY (tenant_hk, model, subject_hk, as_of, model_version)
    CREATE INDEX site_tracking_score_s_visitor ON raw.site_tracking_score_s USING btree (tenant_hk, visitor_hk)
    ROW LEVEL SECURITY
    POLICY site_tracking_programs FOR ALL TO {site_tracking_loader,site_tracking_owner,site_tracking_relay} USING true CHECK true
    POLICY site_tracking_tenant FOR SELECT TO {site_tracking_analyst} USING (tenant_hk = ( SELECT auth.site_tracking_bound_tenant() AS site_tracking_bound_tenant)) CHECK
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=arwd/postgres,site_tracking_analyst=r/postgres}

TABLE raw.site_tracking_tombstone_r -- Erased visitors and users. They are kept for ever, as copies of what was erased may come back, but for those of whom nothing was ever known; a hash key tells nothing of anybody.
    tenant_hk bytea NOT NULL -- Tenant of the visitor.
    visitor_hk bytea NOT NULL -- Hash key of the visitor, or of a user.
    erasure_id character varying(32) NOT NULL -- The request.
    erased_before timestamp with time zone NOT NULL -- What was appended before this is erased; what comes later is kept.
    is_known boolean NOT NULL DEFAULT true -- Whether anything was held of whom it is when the row was written, or has come since. Ids that somebody made up end after 30 days, or a week and those of the job's archive where these are more, when all that was on its way has come.
    added_in xid8 NOT NULL DEFAULT pg_current_xact_id() -- Transaction that wrote the row: loaders ask for those that they do not know.
    through_user boolean NOT NULL DEFAULT false -- Whether a request reached the visitor through a user, as whom nobody else was seen as it until then.
    shared_before timestamp with time zone -- Where it turned out later that somebody else was, what erased_before was until then: -infinity since. Events that are erased stay so.
    site_tracking_tombstone_r_pkey PRIMARY KEY (tenant_hk, visitor_hk, erasure_id)
    site_tracking_tombstone_r_visitor_hk_check CHECK ((octet_length(visitor_hk) = 32))
    CREATE INDEX site_tracking_tombstone_r_added ON raw.site_tracking_tombstone_r USING btree (added_in)
    CREATE INDEX site_tracking_tombstone_r_erasure ON raw.site_tracking_tombstone_r USING btree (erasure_id)
    ROW LEVEL SECURITY
    POLICY site_tracking_programs FOR ALL TO {site_tracking_loader,site_tracking_owner,site_tracking_relay} USING true CHECK true
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=arwd/postgres}

TABLE raw.site_tracking_turned_away_r -- Events that collectors turned away as too many at once, each try counted; senders try again, so most of them were received later.
    ledger_date date NOT NULL -- UTC day of the try.
    tenant_hk bytea NOT NULL -- Tenant of the key.
    event_count bigint NOT NULL -- Running total.
    load_date timestamp with time zone NOT NULL -- When the total last changed.
    record_source character varying(100) NOT NULL -- Program that wrote the row.
    site_tracking_turned_away_r_event_count_check CHECK ((event_count >= 0))
    site_tracking_turned_away_r_pkey PRIMARY KEY (ledger_date, tenant_hk)
    ROW LEVEL SECURITY
    POLICY site_tracking_programs FOR ALL TO {site_tracking_loader,site_tracking_owner,site_tracking_relay} USING true CHECK true
    POLICY site_tracking_tenant FOR SELECT TO {site_tracking_analyst} USING (tenant_hk = ( SELECT auth.site_tracking_bound_tenant() AS site_tracking_bound_tenant)) CHECK
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=arwd/postgres,site_tracking_analyst=r/postgres}

TABLE raw.site_tracking_value_day_r -- How many values of a kind were new on a day, and what was refused.
    tenant_hk bytea NOT NULL -- The tenant.
    kind character varying(10) NOT NULL -- What the values are.
    load_day date NOT NULL -- UTC day on which events with them were appended.
    kept_values bigint NOT NULL -- New values that were kept.
    closed_through timestamp with time zone -- Time of the last event that had one too many; an event up to this time brings nothing new any more. NULL where there was none.
    site_tracking_value_day_r_pkey PRIMARY KEY (tenant_hk, kind, load_day)
    CREATE INDEX site_tracking_value_day_r_closed ON raw.site_tracking_value_day_r USING btree (tenant_hk, kind, closed_through) WHERE (closed_through IS NOT NULL)
    ROW LEVEL SECURITY
    POLICY site_tracking_programs FOR ALL TO {site_tracking_loader,site_tracking_owner,site_tracking_relay} USING true CHECK true
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=arw/postgres}

TABLE raw.site_tracking_value_r -- Pages, items and campaign values that are kept as they are; any other one of an event is (other) in the vault.
    value_key bytea NOT NULL -- Hash of tenant and value; of a page or an item the key of its hub.
    kind character varying(10) NOT NULL -- What the value is.
    tenant_hk bytea NOT NULL -- The tenant.
    kept_from timestamp with time zone NOT NULL -- Kept in events of this time and later. Becomes earlier, never later.
    site_tracking_value_r_kind_check CHECK (((kind)::text = ANY ((ARRAY['page'::character varying, 'item'::character varying, 'source'::character varying, 'medium'::character varying, 'campaign'::character varying, 'term'::character varying, 'content'::character varying])::text[])))
    site_tracking_value_r_pkey PRIMARY KEY (value_key, kind)
    ROW LEVEL SECURITY
    POLICY site_tracking_programs FOR ALL TO {site_tracking_loader,site_tracking_owner,site_tracking_relay} USING true CHECK true
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=arw/postgres}

TABLE raw.site_tracking_waiting_r -- How much of each tenant waits in the outbox: the sum of the tenant's parts, none of which means anything alone. A transaction changes a part that no other one holds, so that none waits for another.
    tenant_hk bytea NOT NULL -- Tenant of the events.
    part bigint NOT NULL -- Tells the parts apart.
    event_count bigint NOT NULL -- Events that came less those that went.
    byte_count bigint NOT NULL -- Bytes of their payloads, before compression.
    site_tracking_waiting_r_pkey PRIMARY KEY (tenant_hk, part)
    ROW LEVEL SECURITY
    POLICY site_tracking_programs FOR ALL TO {site_tracking_loader,site_tracking_owner,site_tracking_relay} USING true CHECK true
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=arwd/postgres}

TABLE staging.site_tracking_events_s -- What enrichment adds to an event, one row each; flat rows: staging.site_tracking_events_v.
    event_timestamp timestamp with time zone NOT NULL -- When the event happened; selects the day partition.
    load_date timestamp with time zone NOT NULL -- Append time of the Kafka record that brought the row.
    first_appended_at timestamp with time zone -- Of a recovered event, when it was appended for the first time, by which erasures go; NULL of others.
    item_count integer NOT NULL -- Number of items in the event.
    quality_score smallint NOT NULL -- 0 to 100: 100 without any suspicion.
    is_bot boolean NOT NULL -- Whether the user agent is a known robot.
    event_hk bytea NOT NULL -- Hash key of the event.
    tenant_hk bytea NOT NULL -- Tenant that the row belongs to.
    visitor_hk bytea NOT NULL -- Hash key of the visitor.
    user_hk bytea -- Hash key of the user whom the event names besides its visitor.
    page_hk bytea -- Hash key of the page; NULL without a usable page URL.
    evt_type text NOT NULL -- Type of the event.
    referrer_host text -- Host of the referrer.
    channel text NOT NULL -- Marketing channel, as docs/event-contract.md lists them.
    utm_source text -- utm_source.
    utm_medium text -- utm_medium.
    utm_campaign text -- utm_campaign.
    utm_term text -- utm_term.
    utm_content text -- utm_content.
    click_id_type text -- Parameter that carried the click id, such as gclid.
    click_id text -- Click id of an advertising network.
    device_type text NOT NULL -- desktop, mobile, tablet, tv, console, car, wearable, bot or other.
    browser text -- Browser.
    browser_version text -- Major version of the browser.
    os text -- Operating system.
    os_version text -- Major version of the operating system.
    client_type text -- browser, app, server, robot, or unknown where there is no user agent.
    robot_kind text -- What the robot is for, such as search, ai, monitor, preview, tool; NULL when it is none.
    country text -- Where the client's address was: ISO 3166-1, two letters; NULL where nothing tells.
    region text -- As well: ISO 3166-2, such as DE-BE; NULL where the database of places knows countries only.
    validation_status character varying(20) NOT NULL -- VALID or SUSPICIOUS.
    validation_codes text[] -- Suspicions, as docs/event-contract.md names them.
    record_source character varying(100) NOT NULL -- Program that wrote the row.
    site_tracking_events_s_pkey PRIMARY KEY (event_timestamp, event_hk)
    site_tracking_events_s_validation_status_check CHECK (((validation_status)::text = ANY ((ARRAY['VALID'::character varying, 'SUSPICIOUS'::character varying])::text[])))
    PARTITION BY RANGE (event_timestamp)
    PARTITION staging.site_tracking_events_s_pdefault DEFAULT
    ROW LEVEL SECURITY
    POLICY site_tracking_programs FOR ALL TO {site_tracking_loader,site_tracking_owner,site_tracking_relay} USING true CHECK true
    POLICY site_tracking_tenant FOR SELECT TO {site_tracking_analyst} USING (tenant_hk = ( SELECT auth.site_tracking_bound_tenant() AS site_tracking_bound_tenant)) CHECK
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=rd/postgres,site_tracking_loader=ar/postgres,site_tracking_analyst=r/postgres}

VIEW business.business_item_details_current_v -- The current version per key of business.business_item_details_s: what the latest event said, whenever it arrived.
 SELECT DISTINCT ON (business_item_hk) business_item_hk,
    event_timestamp,
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
  ORDER BY business_item_hk, event_timestamp DESC, load_date DESC;
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=r/postgres,site_tracking_analyst=r/postgres}
    OPTIONS {security_invoker=true}

VIEW business.business_item_details_history_v -- All versions of business.business_item_details_s with the end of their validity; NULL for the current one.
 SELECT business_item_hk,
    event_timestamp,
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
    lead(event_timestamp) OVER (PARTITION BY business_item_hk ORDER BY event_timestamp, load_date) AS event_end_timestamp
   FROM business.business_item_details_s versions;
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=r/postgres,site_tracking_analyst=r/postgres}
    OPTIONS {security_invoker=true}

VIEW business.event_session_current_v -- Per event the one session link that holds now; link_kind is SESSION, or NONE, LATE and ERASED for the reserved sessions.
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
                    WHEN (links.session_hk = sha256(convert_to((encode(links.tenant_hk, 'hex'::text) || '|sess_erased'::text), 'UTF8'::name))) THEN 'ERASED'::text
                    ELSE NULL::text
                END AS link_kind,
            links.tenant_hk,
            links.load_date,
            links.record_source
           FROM (business.event_session_l links
             LEFT JOIN business.site_session_details_current_v sessions ON (((sessions.session_hk = links.session_hk) AND ((links.event_timestamp >= sessions.session_start) AND (links.event_timestamp <= sessions.session_end)))))) candidates
  WHERE (link_kind IS NOT NULL)
  ORDER BY event_timestamp, event_hk, session_start DESC NULLS LAST, link_kind DESC, session_hk;
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=r/postgres,site_tracking_analyst=r/postgres}
    OPTIONS {security_invoker=true}

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
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=r/postgres,site_tracking_analyst=r/postgres}
    OPTIONS {security_invoker=true}

VIEW business.site_known_sessions_v -- Closed sessions without robots, each in the version that was known at the time that the setting site_tracking.as_of tells: of what was loaded later nothing is in it.
 SELECT latest.session_start,
    latest.rules_version,
    latest.is_bot,
    latest.session_hk,
    latest.visitor_hk,
    latest.tenant_hk,
    latest.client_session_id,
    latest.entry_page_url,
    latest.referrer_url,
    latest.referrer_host,
    latest.channel,
    latest.utm_source,
    latest.utm_medium,
    latest.utm_campaign,
    latest.utm_term,
    latest.utm_content,
    latest.click_id_type,
    latest.click_id,
    latest.device_type,
    latest.browser,
    latest.browser_version,
    latest.os,
    latest.os_version,
    latest.client_type,
    latest.robot_kind,
    latest.language,
    latest.predecessor_session_bk,
    latest.country,
    latest.region,
    latest.record_source,
    latest.load_date,
    latest.last_load_date,
    latest.session_end,
    latest.duration_seconds,
    latest.engaged_seconds,
    latest.total_events,
    latest.page_views,
    latest.interactive_events,
    latest.conversions,
    latest.is_bounce,
    latest.session_status,
    latest.exit_page_url,
    latest.revenue,
    latest.refunds,
    latest.successor_session_bks,
    latest.repeated_views,
    latest.hash_diff
   FROM (business.site_session_details_s latest
     CROSS JOIN ( SELECT COALESCE((NULLIF(current_setting('site_tracking.as_of'::text, true), ''::text))::timestamp with time zone, 'infinity'::timestamp with time zone) AS at) as_of)
  WHERE (((latest.session_status)::text = 'CLOSED'::text) AND (NOT latest.is_bot) AND (latest.load_date <= as_of.at) AND (latest.session_start < as_of.at) AND ((as_of.at = 'infinity'::timestamp with time zone) OR (latest.session_end < (as_of.at - '7 days'::interval)) OR (latest.session_end <= (as_of.at - auth.site_tracking_session_gap(latest.tenant_hk)))) AND (NOT (EXISTS ( SELECT
           FROM business.site_session_details_s newer
          WHERE ((newer.session_hk = latest.session_hk) AND ((newer.session_status)::text <> 'OPEN'::text) AND (newer.session_start >= date_trunc('milliseconds'::text, latest.session_start)) AND (newer.session_start < (date_trunc('milliseconds'::text, latest.session_start) + '00:00:00.001'::interval)) AND (newer.load_date <= as_of.at) AND (ROW(newer.load_date, newer.total_events, latest.session_start) > ROW(latest.load_date, latest.total_events, newer.session_start)))))));
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=r/postgres,site_tracking_analyst=r/postgres}
    OPTIONS {security_invoker=true}

VIEW business.site_order_check_v -- What business.site_order_b must hold, from the events.
 SELECT DISTINCT ON (tenant_hk, transaction_hk) tenant_hk,
    transaction_hk,
    event_timestamp,
    event_hk,
    sequence,
    event_bk
   FROM business.site_order_events_v
  ORDER BY tenant_hk, transaction_hk, (NOT tells_money), event_timestamp, place, (event_bk COLLATE "C");
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=r/postgres}
    OPTIONS {security_invoker=true}

VIEW business.site_order_events_v -- The events that tell money or items of an order; place is where they stand among those of one instant, tells_money whether they tell an amount other than zero, by their value or, without one, by what their items cost.
 SELECT details.tenant_hk,
    business.site_transaction_key(details.tenant_hk, details.transaction_id, details.is_bot) AS transaction_hk,
    details.event_timestamp,
    details.event_hk,
    details.sequence,
    events.event_bk,
    COALESCE(details.sequence, '-9223372036854775808'::bigint) AS place,
        CASE
            WHEN (details.value IS NULL) THEN jsonb_path_exists(details.items, '$[*]?((@."price" < 0 || @."price" > 0) && !(@."quantity" == 0))'::jsonpath)
            ELSE (details.value <> (0)::numeric)
        END AS tells_money
   FROM (business.site_event_details_s details
     JOIN business.site_event_h events ON (((events.event_timestamp = details.event_timestamp) AND (events.event_hk = details.event_hk))))
  WHERE ((details.transaction_id IS NOT NULL) AND ((details.items IS NOT NULL) OR (details.value <> (0)::numeric)) AND (business.site_trade(details.evt_type, details.evt_action, details.value, details.items) = 'SALE'::text));
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=r/postgres}
    OPTIONS {security_invoker=true}

VIEW business.site_page_details_current_v -- The current version per key of business.site_page_details_s: what the latest event said, whenever it arrived.
 SELECT DISTINCT ON (page_hk) page_hk,
    event_timestamp,
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
  ORDER BY page_hk, event_timestamp DESC, load_date DESC;
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=r/postgres,site_tracking_analyst=r/postgres}
    OPTIONS {security_invoker=true}

VIEW business.site_page_details_history_v -- All versions of business.site_page_details_s with the end of their validity; NULL for the current one.
 SELECT page_hk,
    event_timestamp,
    load_date,
    page_url,
    page_host,
    page_path,
    page_query,
    page_title,
    hash_diff,
    tenant_hk,
    record_source,
    lead(event_timestamp) OVER (PARTITION BY page_hk ORDER BY event_timestamp, load_date) AS event_end_timestamp
   FROM business.site_page_details_s versions;
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=r/postgres,site_tracking_analyst=r/postgres}
    OPTIONS {security_invoker=true}

VIEW business.site_scores_current_v -- What each model says of a session or visitor now: as of the latest time, of the version that was written last.
 SELECT DISTINCT ON (tenant_hk, model, subject_hk) tenant_hk,
    model,
    model_version,
    subject_hk,
    as_of,
    is_of_session,
    visitor_hk,
    score,
    load_date,
    record_source
   FROM raw.site_tracking_score_s
  ORDER BY tenant_hk, model, subject_hk, as_of DESC, load_date DESC, (model_version COLLATE "C") DESC;
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=r/postgres,site_tracking_analyst=r/postgres}
    OPTIONS {security_invoker=true}

VIEW business.site_session_details_current_v -- The current version per session, without superseded sessions.
 SELECT session_start,
    rules_version,
    is_bot,
    session_hk,
    visitor_hk,
    tenant_hk,
    client_session_id,
    entry_page_url,
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
    client_type,
    robot_kind,
    language,
    predecessor_session_bk,
    country,
    region,
    record_source,
    load_date,
    last_load_date,
    session_end,
    duration_seconds,
    engaged_seconds,
    total_events,
    page_views,
    interactive_events,
    conversions,
    is_bounce,
    session_status,
    exit_page_url,
    revenue,
    refunds,
    successor_session_bks,
    repeated_views,
    hash_diff
   FROM business.site_session_details_s latest
  WHERE (((session_status)::text <> 'SUPERSEDED'::text) AND (NOT (EXISTS ( SELECT
           FROM business.site_session_details_s newer
          WHERE ((newer.session_hk = latest.session_hk) AND (newer.session_start >= date_trunc('milliseconds'::text, latest.session_start)) AND (newer.session_start < (date_trunc('milliseconds'::text, latest.session_start) + '00:00:00.001'::interval)) AND (ROW(newer.load_date, newer.total_events, latest.session_start) > ROW(latest.load_date, latest.total_events, newer.session_start)))))));
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=r/postgres,site_tracking_analyst=r/postgres}
    OPTIONS {security_invoker=true}

VIEW business.site_session_details_history_v -- The versions of sessions that are kept, with the end of their validity; NULL for the latest one. Of an open session that is the present one.
 SELECT session_start,
    rules_version,
    is_bot,
    session_hk,
    visitor_hk,
    tenant_hk,
    client_session_id,
    entry_page_url,
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
    client_type,
    robot_kind,
    language,
    predecessor_session_bk,
    country,
    region,
    record_source,
    load_date,
    last_load_date,
    session_end,
    duration_seconds,
    engaged_seconds,
    total_events,
    page_views,
    interactive_events,
    conversions,
    is_bounce,
    session_status,
    exit_page_url,
    revenue,
    refunds,
    successor_session_bks,
    repeated_views,
    hash_diff,
    lead(load_date) OVER (PARTITION BY session_hk ORDER BY load_date, total_events, session_start DESC) AS load_end_date
   FROM business.site_session_details_s versions;
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=r/postgres,site_tracking_analyst=r/postgres}
    OPTIONS {security_invoker=true}

VIEW business.site_session_features_v -- Features of sessions: what each was, and what the visitor had done in those that began before it.
 SELECT sessions.tenant_hk,
    sessions.session_hk,
    sessions.visitor_hk,
    hubs.session_bk,
    visitors.visitor_bk,
    sessions.session_start,
    sessions.session_end,
    sessions.load_date,
    ((visitors.visitor_bk)::text !~~ 'anon\_%'::text) AS is_recognised,
    (EXTRACT(isodow FROM (sessions.session_start AT TIME ZONE 'UTC'::text)))::integer AS day_of_week,
    (EXTRACT(hour FROM (sessions.session_start AT TIME ZONE 'UTC'::text)))::integer AS hour_of_day,
    sessions.duration_seconds,
    sessions.engaged_seconds,
    sessions.total_events,
    sessions.page_views,
    sessions.interactive_events,
    sessions.conversions,
    sessions.is_bounce,
    sessions.revenue,
    sessions.refunds,
    sessions.channel,
    sessions.utm_source,
    sessions.utm_medium,
    sessions.utm_campaign,
    sessions.referrer_host,
    sessions.device_type,
    sessions.browser,
    sessions.os,
    sessions.language,
    sessions.country,
    count(*) OVER before AS sessions_before,
    COALESCE(sum(sessions.page_views) OVER before, (0)::bigint) AS page_views_before,
    COALESCE(sum(sessions.conversions) OVER before, (0)::bigint) AS conversions_before,
    (floor(EXTRACT(epoch FROM (sessions.session_start - max(sessions.session_start) OVER before))))::bigint AS seconds_since_previous,
        CASE
            WHEN (EXISTS ( SELECT
               FROM raw.site_tracking_objection_r objections
              WHERE ((objections.tenant_hk = sessions.tenant_hk) AND (objections.visitor_hk = sessions.visitor_hk)))) THEN true
            ELSE opted.opted_out
        END AS opted_out
   FROM (((business.site_known_sessions_v sessions
     JOIN business.site_session_h hubs ON ((hubs.session_hk = sessions.session_hk)))
     JOIN business.site_visitor_h visitors ON ((visitors.visitor_hk = sessions.visitor_hk)))
     LEFT JOIN business.site_sessions_opted_v opted ON (((opted.tenant_hk = sessions.tenant_hk) AND (opted.session_hk = sessions.session_hk))))
  WINDOW before AS (PARTITION BY sessions.tenant_hk, sessions.visitor_hk ORDER BY sessions.session_start, sessions.session_hk ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING);
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=r/postgres,site_tracking_analyst=r/postgres}
    OPTIONS {security_invoker=true}

VIEW business.site_sessions_opted_v -- Whether in a session somebody objects to sale or sharing, in any of its events; NULL where nobody knows, as raw is gone of some.
 SELECT links.tenant_hk,
    links.session_hk,
        CASE
            WHEN bool_or(business.site_opted_out(arrived.payload)) THEN true
            WHEN (NOT bool_or((arrived.payload IS NULL))) THEN false
            ELSE NULL::boolean
        END AS opted_out
   FROM (business.event_session_l links
     LEFT JOIN raw.site_tracking_events_r arrived ON (((arrived.event_timestamp = links.event_timestamp) AND (arrived.event_hk = links.event_hk))))
  GROUP BY links.tenant_hk, links.session_hk;
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=r/postgres,site_tracking_analyst=r/postgres}
    OPTIONS {security_invoker=true}

VIEW business.site_visitor_day_features_v -- Features of the UTC days on which sessions of visitors who may be recognised began.
 SELECT days.tenant_hk,
    days.visitor_hk,
    visitors.visitor_bk,
    days.day,
    days.sessions,
    days.bounces,
    days.page_views,
    days.total_events,
    days.interactive_events,
    days.duration_seconds,
    days.engaged_seconds,
    days.conversions,
    (days.day - lag(days.day) OVER of_visitor) AS days_since_previous,
    (days.day - first_value(days.day) OVER of_visitor) AS days_since_first,
    opted.opted_out
   FROM ((( SELECT site_known_sessions_v.tenant_hk,
            site_known_sessions_v.visitor_hk,
            ((site_known_sessions_v.session_start AT TIME ZONE 'UTC'::text))::date AS day,
            count(*) AS sessions,
            count(*) FILTER (WHERE site_known_sessions_v.is_bounce) AS bounces,
            sum(site_known_sessions_v.page_views) AS page_views,
            sum(site_known_sessions_v.total_events) AS total_events,
            sum(site_known_sessions_v.interactive_events) AS interactive_events,
            (sum(site_known_sessions_v.duration_seconds))::bigint AS duration_seconds,
            (sum(site_known_sessions_v.engaged_seconds))::bigint AS engaged_seconds,
            sum(site_known_sessions_v.conversions) AS conversions
           FROM business.site_known_sessions_v
          GROUP BY site_known_sessions_v.tenant_hk, site_known_sessions_v.visitor_hk, (((site_known_sessions_v.session_start AT TIME ZONE 'UTC'::text))::date)) days
     JOIN business.site_visitor_h visitors ON ((visitors.visitor_hk = days.visitor_hk)))
     LEFT JOIN business.site_visitors_opted_v opted ON (((opted.tenant_hk = days.tenant_hk) AND (opted.visitor_hk = days.visitor_hk))))
  WHERE ((visitors.visitor_bk)::text !~~ 'anon\_%'::text)
  WINDOW of_visitor AS (PARTITION BY days.tenant_hk, days.visitor_hk ORDER BY days.day);
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=r/postgres,site_tracking_analyst=r/postgres}
    OPTIONS {security_invoker=true}

VIEW business.site_visitor_details_current_v -- The current version per key of business.site_visitor_details_s: what the latest event said, whenever it arrived.
 SELECT DISTINCT ON (visitor_hk) visitor_hk,
    event_timestamp,
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
  ORDER BY visitor_hk, event_timestamp DESC, load_date DESC;
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=r/postgres,site_tracking_analyst=r/postgres}
    OPTIONS {security_invoker=true}

VIEW business.site_visitor_details_history_v -- All versions of business.site_visitor_details_s with the end of their validity; NULL for the current one.
 SELECT visitor_hk,
    event_timestamp,
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
    lead(event_timestamp) OVER (PARTITION BY visitor_hk ORDER BY event_timestamp, load_date) AS event_end_timestamp
   FROM business.site_visitor_details_s versions;
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=r/postgres,site_tracking_analyst=r/postgres}
    OPTIONS {security_invoker=true}

VIEW business.site_visitor_features_v -- Features of visitors who may be recognised, of all their sessions that are kept.
 SELECT sums.tenant_hk,
    sums.visitor_hk,
    visitors.visitor_bk,
    sums.as_of,
    sums.first_seen_at,
    sums.last_seen_at,
    (floor((EXTRACT(epoch FROM (sums.as_of - sums.first_seen_at)) / (86400)::numeric)))::integer AS days_since_first,
    (floor((EXTRACT(epoch FROM (sums.as_of - sums.last_seen_at)) / (86400)::numeric)))::integer AS days_since_last,
    sums.sessions,
    sums.active_days,
    sums.sessions_7_days,
    sums.sessions_28_days,
    sums.bounces,
    sums.page_views,
    sums.total_events,
    sums.interactive_events,
    sums.duration_seconds,
    sums.engaged_seconds,
    sums.conversions,
    sums.conversions_28_days,
    sums.channels,
    sums.first_channel,
    sums.last_channel,
    sums.last_device_type,
    sums.last_country,
    opted.opted_out
   FROM ((( SELECT sessions.tenant_hk,
            sessions.visitor_hk,
            as_of.at AS as_of,
            min(sessions.session_start) AS first_seen_at,
            max(sessions.session_end) AS last_seen_at,
            count(*) AS sessions,
            count(DISTINCT ((sessions.session_start AT TIME ZONE 'UTC'::text))::date) AS active_days,
            count(*) FILTER (WHERE (sessions.session_start >= (as_of.at - '7 days'::interval))) AS sessions_7_days,
            count(*) FILTER (WHERE (sessions.session_start >= (as_of.at - '28 days'::interval))) AS sessions_28_days,
            count(*) FILTER (WHERE sessions.is_bounce) AS bounces,
            sum(sessions.page_views) AS page_views,
            sum(sessions.total_events) AS total_events,
            sum(sessions.interactive_events) AS interactive_events,
            (sum(sessions.duration_seconds))::bigint AS duration_seconds,
            (sum(sessions.engaged_seconds))::bigint AS engaged_seconds,
            sum(sessions.conversions) AS conversions,
            COALESCE(sum(sessions.conversions) FILTER (WHERE (sessions.session_start >= (as_of.at - '28 days'::interval))), (0)::bigint) AS conversions_28_days,
            count(DISTINCT sessions.channel) AS channels,
            (array_agg(sessions.channel ORDER BY sessions.session_start, sessions.session_hk))[1] AS first_channel,
            (array_agg(sessions.channel ORDER BY sessions.session_start DESC, sessions.session_hk DESC))[1] AS last_channel,
            (array_agg(sessions.device_type ORDER BY sessions.session_start DESC, sessions.session_hk DESC))[1] AS last_device_type,
            (array_agg(sessions.country ORDER BY sessions.session_start DESC, sessions.session_hk DESC))[1] AS last_country
           FROM (business.site_known_sessions_v sessions
             CROSS JOIN ( SELECT COALESCE((NULLIF(current_setting('site_tracking.as_of'::text, true), ''::text))::timestamp with time zone, now()) AS at) as_of)
          GROUP BY sessions.tenant_hk, sessions.visitor_hk, as_of.at) sums
     JOIN business.site_visitor_h visitors ON ((visitors.visitor_hk = sums.visitor_hk)))
     LEFT JOIN business.site_visitors_opted_v opted ON (((opted.tenant_hk = sums.tenant_hk) AND (opted.visitor_hk = sums.visitor_hk))))
  WHERE ((visitors.visitor_bk)::text !~~ 'anon\_%'::text);
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=r/postgres,site_tracking_analyst=r/postgres}
    OPTIONS {security_invoker=true}

VIEW business.site_visitors_opted_v -- Whether a visitor objects to sale or sharing, in any session or in an event of none that is staged, or did so in one that does not tell it; else NULL where raw is gone of some.
 SELECT tenant_hk,
    visitor_hk,
        CASE
            WHEN bool_or(opted_out) THEN true
            WHEN (NOT bool_or((opted_out IS NULL))) THEN false
            ELSE NULL::boolean
        END AS opted_out
   FROM ( SELECT versions.tenant_hk,
            versions.visitor_hk,
            opted.opted_out
           FROM (business.site_session_details_s versions
             LEFT JOIN business.site_sessions_opted_v opted ON (((opted.tenant_hk = versions.tenant_hk) AND (opted.session_hk = versions.session_hk))))
        UNION ALL
         SELECT staged.tenant_hk,
            staged.visitor_hk,
            business.site_opted_out(arrived.payload) AS site_opted_out
           FROM (staging.site_tracking_events_s staged
             LEFT JOIN raw.site_tracking_events_r arrived ON (((arrived.event_timestamp = staged.event_timestamp) AND (arrived.event_hk = staged.event_hk))))
        UNION ALL
         SELECT site_tracking_objection_r.tenant_hk,
            site_tracking_objection_r.visitor_hk,
            true
           FROM raw.site_tracking_objection_r) told
  GROUP BY tenant_hk, visitor_hk;
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=r/postgres,site_tracking_analyst=r/postgres}
    OPTIONS {security_invoker=true}

VIEW raw.site_tracking_ledger_v -- The ledger per day and tenant: received = loaded + duplicates + rejected + late + erased when balanced.
 SELECT ledger_date,
    tenant_hk,
    received,
    ((accepted - late) - (erased)::numeric) AS loaded,
    duplicates,
    rejected,
    late,
    (received = ((accepted + duplicates) + rejected)) AS balanced,
    erased
   FROM ( SELECT counts.ledger_date,
            counts.tenant_hk,
            counts.received,
            counts.accepted,
            counts.duplicates,
            counts.rejected,
            GREATEST((counts.late - (COALESCE(erased.late_count, (0)::bigint))::numeric), (0)::numeric) AS late,
            COALESCE(erased.event_count, (0)::bigint) AS erased
           FROM (( SELECT site_tracking_ledger_r.ledger_date,
                    site_tracking_ledger_r.tenant_hk,
                    COALESCE(sum(site_tracking_ledger_r.event_count) FILTER (WHERE ((site_tracking_ledger_r.outcome)::text = 'RECEIVED'::text)), (0)::numeric) AS received,
                    COALESCE(sum(site_tracking_ledger_r.event_count) FILTER (WHERE ((site_tracking_ledger_r.outcome)::text = 'ACCEPTED'::text)), (0)::numeric) AS accepted,
                    COALESCE(sum(site_tracking_ledger_r.event_count) FILTER (WHERE ((site_tracking_ledger_r.outcome)::text = 'DUPLICATE'::text)), (0)::numeric) AS duplicates,
                    COALESCE(sum(site_tracking_ledger_r.event_count) FILTER (WHERE ((site_tracking_ledger_r.outcome)::text = 'REJECTED'::text)), (0)::numeric) AS rejected,
                    COALESCE(sum(site_tracking_ledger_r.event_count) FILTER (WHERE ((site_tracking_ledger_r.outcome)::text = 'LATE'::text)), (0)::numeric) AS late
                   FROM raw.site_tracking_ledger_r
                  GROUP BY site_tracking_ledger_r.ledger_date, site_tracking_ledger_r.tenant_hk) counts
             LEFT JOIN raw.site_tracking_erased_r erased USING (ledger_date, tenant_hk))) totals;
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=r/postgres,site_tracking_analyst=r/postgres}
    OPTIONS {security_invoker=true}

VIEW staging.site_tracking_events_v -- Staged events with what they carried, one flat row each, for queries by analysts and for repairs; reaches as far back as staging, and what it takes from raw payloads is NULL where raw is kept shorter.
 SELECT staged.event_timestamp,
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
    (arrived.payload ->> 'session_id'::text) AS client_session_id,
    visitors.visitor_bk,
    details.page_view_id,
    pages.page_bk AS page_url,
    "substring"(pages.page_bk, '^[^:/]+://(\[[^]]+\]|[^:/]+)'::text) AS page_host,
    "substring"(pages.page_bk, '^(?:[^:/]+://[^/]+)?([^?]+)'::text) AS page_path,
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
    (arrived.payload ->> 'language'::text) AS language,
    (arrived.payload ->> 'timezone'::text) AS timezone,
    (arrived.payload ->> 'screen_resolution'::text) AS screen_resolution,
    details.viewport_width,
    details.viewport_height,
    (arrived.payload ->> 'consent'::text) AS consent,
    details.transaction_id,
    details.value,
    details.currency,
    staged.item_count,
    staged.validation_status,
    staged.validation_codes,
    staged.quality_score,
    staged.load_date,
    staged.record_source,
        CASE
            WHEN (arrived.payload IS NOT NULL) THEN ((COALESCE((arrived.payload ->> 'gpc'::text), ''::text) = 'true'::text) OR (lower(COALESCE((arrived.payload #>> '{properties,limit_use}'::text[]), ''::text)) = ANY (ARRAY['true'::text, '1'::text])))
            ELSE NULL::boolean
        END AS opted_out
   FROM (((((staging.site_tracking_events_s staged
     LEFT JOIN business.site_event_h events ON (((events.event_timestamp = staged.event_timestamp) AND (events.event_hk = staged.event_hk))))
     LEFT JOIN business.site_event_details_s details ON (((details.event_timestamp = staged.event_timestamp) AND (details.event_hk = staged.event_hk))))
     LEFT JOIN raw.site_tracking_events_r arrived ON (((arrived.event_timestamp = staged.event_timestamp) AND (arrived.event_hk = staged.event_hk))))
     LEFT JOIN business.site_visitor_h visitors ON ((visitors.visitor_hk = staged.visitor_hk)))
     LEFT JOIN business.site_page_h pages ON ((pages.page_hk = staged.page_hk)));
    GRANTS {postgres=arwdDxtm/postgres,site_tracking_owner=r/postgres,site_tracking_analyst=r/postgres}
    OPTIONS {security_invoker=true}

FUNCTION api.change_settings(text,jsonb) -- Changes a tenant's goals, or saves or removes a segment, annotation, link or alert. See docs/api.md.
CREATE OR REPLACE FUNCTION api.change_settings(tenant text, change jsonb)
 RETURNS jsonb
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$ SELECT business.site_answer('Settings changed', tenant, change) $function$

    GRANTS {site_tracking_owner=X/site_tracking_owner,site_tracking_collector=X/site_tracking_owner}

FUNCTION api.export_features(text,jsonb) -- Features of sessions, visitors or days of visitors as they were known at a time, an object a line. See docs/api.md.
CREATE OR REPLACE FUNCTION api.export_features(tenant text, options jsonb)
 RETURNS SETOF jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    field text;
BEGIN
    -- As business.site_answer does.
    LOCK TABLE ONLY raw.site_tracking_ledger_r IN ACCESS SHARE MODE;
    RETURN QUERY SELECT * FROM raw.site_tracking_feature_lines(auth.site_tracking_tenant(tenant), options);
EXCEPTION
    WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS field = COLUMN_NAME;
        RETURN NEXT business.site_failure(SQLSTATE, SQLERRM, field);
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner,site_tracking_reader=X/site_tracking_owner}

FUNCTION api.export_visitor(text,jsonb) -- All that is held of a visitor, an object a line, events in the words of the contract. See docs/api.md.
CREATE OR REPLACE FUNCTION api.export_visitor(tenant text, visitor jsonb)
 RETURNS SETOF jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    field text;
BEGIN
    -- As business.site_answer does.
    LOCK TABLE ONLY raw.site_tracking_ledger_r IN ACCESS SHARE MODE;
    RETURN QUERY SELECT * FROM raw.site_tracking_export(auth.site_tracking_tenant(tenant), visitor);
EXCEPTION
    WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS field = COLUMN_NAME;
        RETURN NEXT business.site_failure(SQLSTATE, SQLERRM, field);
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner,site_tracking_eraser=X/site_tracking_owner,site_tracking_collector=X/site_tracking_owner}

FUNCTION api.forget_visitor(text,jsonb) -- Asks for the erasure of visitors: of all that was received of them up to now. See docs/api.md.
CREATE OR REPLACE FUNCTION api.forget_visitor(tenant text, visitors jsonb)
 RETURNS jsonb
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$ SELECT business.site_answer('Erasure requested', tenant, visitors) $function$

    GRANTS {site_tracking_owner=X/site_tracking_owner,site_tracking_eraser=X/site_tracking_owner}

FUNCTION api.get_attribution(text,jsonb) -- Which channels and campaigns conversions are due to, by five models. See docs/api.md.
CREATE OR REPLACE FUNCTION api.get_attribution(tenant text, options jsonb DEFAULT '{}'::jsonb)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$ SELECT business.site_answer('Attribution', tenant, options) $function$

    GRANTS {site_tracking_owner=X/site_tracking_owner,site_tracking_reader=X/site_tracking_owner}

FUNCTION api.get_erasures(text,text) -- How far erasures are, and of those done the certificate. See docs/api.md.
CREATE OR REPLACE FUNCTION api.get_erasures(tenant text, erasure_id text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$ SELECT business.site_answer('Erasures', tenant, to_jsonb(erasure_id)) $function$

    GRANTS {site_tracking_owner=X/site_tracking_owner,site_tracking_reader=X/site_tracking_owner}

FUNCTION api.get_events(text,jsonb) -- Events, the latest first, page by page. See docs/api.md.
CREATE OR REPLACE FUNCTION api.get_events(tenant text, options jsonb DEFAULT '{}'::jsonb)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$ SELECT business.site_answer('Events', tenant, options) $function$

    GRANTS {site_tracking_owner=X/site_tracking_owner,site_tracking_reader=X/site_tracking_owner}

FUNCTION api.get_experiment(text,jsonb) -- Visitors, conversions and revenue by variant of an experiment, with the difference to one of them. See docs/api.md.
CREATE OR REPLACE FUNCTION api.get_experiment(tenant text, options jsonb DEFAULT '{}'::jsonb)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$ SELECT business.site_answer('Experiment', tenant, options) $function$

    GRANTS {site_tracking_owner=X/site_tracking_owner,site_tracking_reader=X/site_tracking_owner}

FUNCTION api.get_funnel(text,jsonb,jsonb) -- How many visitors took the steps one after the other. See docs/api.md.
CREATE OR REPLACE FUNCTION api.get_funnel(tenant text, steps jsonb, options jsonb DEFAULT '{}'::jsonb)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$ SELECT business.site_answer('Funnel', tenant, steps, options) $function$

    GRANTS {site_tracking_owner=X/site_tracking_owner,site_tracking_reader=X/site_tracking_owner}

FUNCTION api.get_items(text,jsonb) -- What became of the items in a period. See docs/api.md.
CREATE OR REPLACE FUNCTION api.get_items(tenant text, options jsonb DEFAULT '{}'::jsonb)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$ SELECT business.site_answer('Items', tenant, options) $function$

    GRANTS {site_tracking_owner=X/site_tracking_owner,site_tracking_reader=X/site_tracking_owner}

FUNCTION api.get_ledger(text,date,date) -- What became of a tenant's events, day by day in UTC. See docs/api.md.
CREATE OR REPLACE FUNCTION api.get_ledger(tenant text, from_day date DEFAULT NULL::date, to_day date DEFAULT NULL::date)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$ SELECT business.site_answer('Ledger', tenant, to_jsonb(from_day), to_jsonb(to_day)) $function$

    GRANTS {site_tracking_owner=X/site_tracking_owner,site_tracking_reader=X/site_tracking_owner}

FUNCTION api.get_paths(text,jsonb) -- Which pages or events visits take one after the other, from a point on or up to it, and where they end. See docs/api.md.
CREATE OR REPLACE FUNCTION api.get_paths(tenant text, options jsonb DEFAULT '{}'::jsonb)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$ SELECT business.site_answer('Paths', tenant, options) $function$

    GRANTS {site_tracking_owner=X/site_tracking_owner,site_tracking_reader=X/site_tracking_owner}

FUNCTION api.get_processing_record(text) -- The record of processing activities of a tenant, out of the settings in force. See docs/api.md.
CREATE OR REPLACE FUNCTION api.get_processing_record(tenant text)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$ SELECT business.site_answer('Processing record', tenant) $function$

    GRANTS {site_tracking_owner=X/site_tracking_owner,site_tracking_reader=X/site_tracking_owner}

FUNCTION api.get_realtime(text,integer,jsonb) -- What happened in the last minutes, minute by minute. See docs/api.md.
CREATE OR REPLACE FUNCTION api.get_realtime(tenant text, minutes integer DEFAULT 30, options jsonb DEFAULT '{}'::jsonb)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$ SELECT business.site_answer('Realtime', tenant, to_jsonb(minutes), options) $function$

    GRANTS {site_tracking_owner=X/site_tracking_owner,site_tracking_reader=X/site_tracking_owner}

FUNCTION api.get_retention(text,jsonb) -- How many of those who first came in an interval came again in later ones. See docs/api.md.
CREATE OR REPLACE FUNCTION api.get_retention(tenant text, options jsonb DEFAULT '{}'::jsonb)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$ SELECT business.site_answer('Retention', tenant, options) $function$

    GRANTS {site_tracking_owner=X/site_tracking_owner,site_tracking_reader=X/site_tracking_owner}

FUNCTION api.get_session_analytics(text,jsonb) -- Visitors, visits and what they did in a period, by interval and by what they came from and with. See docs/api.md.
CREATE OR REPLACE FUNCTION api.get_session_analytics(tenant text, options jsonb DEFAULT '{}'::jsonb)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$ SELECT business.site_answer('Session analytics', tenant, options) $function$

    GRANTS {site_tracking_owner=X/site_tracking_owner,site_tracking_reader=X/site_tracking_owner}

FUNCTION api.get_sessions(text,jsonb) -- Sessions, the latest first, page by page; also those behind a step of a funnel. See docs/api.md.
CREATE OR REPLACE FUNCTION api.get_sessions(tenant text, options jsonb DEFAULT '{}'::jsonb)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$ SELECT business.site_answer('Sessions', tenant, options) $function$

    GRANTS {site_tracking_owner=X/site_tracking_owner,site_tracking_reader=X/site_tracking_owner}

FUNCTION api.get_settings(text) -- A tenant's goals, segments, annotations, links and alerts. See docs/api.md.
CREATE OR REPLACE FUNCTION api.get_settings(tenant text)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$ SELECT business.site_answer('Settings', tenant) $function$

    GRANTS {site_tracking_owner=X/site_tracking_owner,site_tracking_reader=X/site_tracking_owner}

FUNCTION api.get_tracking_system_status(text) -- Whether a tenant's events arrive and are loaded, and what hinders them. See docs/api.md.
CREATE OR REPLACE FUNCTION api.get_tracking_system_status(tenant text)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$ SELECT business.site_answer('Tracking system status', tenant) $function$

    GRANTS {site_tracking_owner=X/site_tracking_owner,site_tracking_reader=X/site_tracking_owner}

FUNCTION api.get_visitor_journey(text,jsonb) -- The sessions of a visitor, the first one first, with what they came from and the goals met in them. See docs/api.md.
CREATE OR REPLACE FUNCTION api.get_visitor_journey(tenant text, options jsonb DEFAULT '{}'::jsonb)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$ SELECT business.site_answer('Visitor journey', tenant, options) $function$

    GRANTS {site_tracking_owner=X/site_tracking_owner,site_tracking_reader=X/site_tracking_owner}

FUNCTION api.get_web_vitals(text,jsonb) -- How fast pages were for three quarters of those who saw them, by page or device. See docs/api.md.
CREATE OR REPLACE FUNCTION api.get_web_vitals(tenant text, options jsonb DEFAULT '{}'::jsonb)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$ SELECT business.site_answer('Web vitals', tenant, options) $function$

    GRANTS {site_tracking_owner=X/site_tracking_owner,site_tracking_reader=X/site_tracking_owner}

FUNCTION api.put_scores(text,jsonb) -- Takes what a model says of visitors and sessions. See docs/api.md.
CREATE OR REPLACE FUNCTION api.put_scores(tenant text, scores jsonb)
 RETURNS jsonb
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$ SELECT business.site_answer('Scores', tenant, scores) $function$

    GRANTS {site_tracking_owner=X/site_tracking_owner,site_tracking_writer=X/site_tracking_owner}

FUNCTION api.track_event(jsonb) -- Takes one event or an array of at most 1000 into the caller's transaction. See docs/api.md.
CREATE OR REPLACE FUNCTION api.track_event(payload jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET jit TO 'off'
AS $function$
DECLARE
    most_events CONSTANT integer := 1000;
    most_bytes CONSTANT integer := 16 * 1024 * 1024;
    data jsonb;
    refused jsonb;
    field text;
BEGIN
    IF payload IS NULL THEN
        PERFORM business.site_argument_error('payload', 'Give one event or an array of events.');
    END IF;
    IF jsonb_typeof(payload) <> 'array' THEN
        payload := jsonb_build_array(payload);
    ELSIF jsonb_array_length(payload) > most_events THEN
        RETURN jsonb_build_object('success', false, 'error_code', 'TOO_MANY_EVENTS',
            'message', 'Give at most 1000 events at once.');
    END IF;
    IF pg_column_size(payload) > most_bytes THEN
        RETURN jsonb_build_object('success', false, 'error_code', 'PAYLOAD_TOO_LARGE',
            'message', 'Give at most 16 MiB at once.');
    END IF;

    -- The relay is not notified: commits with a notification wait for each other, in the whole database.
    data := raw.site_tracking_store_events(payload);
    refused := data -> 'events_rejected' -> 0;
    IF refused IS NOT NULL AND data -> 'events_accepted' = '0' THEN
        RETURN (refused - 'index') || jsonb_build_object(
            'success', false, 'message', 'No event was accepted.', 'data', data);
    END IF;
    RETURN jsonb_build_object(
        'success', true,
        'message', CASE WHEN refused IS NULL THEN 'Events accepted' ELSE 'Events accepted in part' END,
        'data', data);
EXCEPTION
    -- Only the caller can try such a transaction again.
    WHEN serialization_failure OR deadlock_detected THEN
        RAISE;
    WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS field = COLUMN_NAME;
        RETURN business.site_failure(SQLSTATE, SQLERRM, field);
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner,site_tracking_writer=X/site_tracking_owner}

FUNCTION auth.site_tracking_ask_by(text) -- Says until the end of the transaction on behalf of which key the collector asks.
CREATE OR REPLACE FUNCTION auth.site_tracking_ask_by(key_id text)
 RETURNS boolean
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
    PERFORM set_config('site_tracking.key_id', coalesce(key_id, ''), true);
    RETURN true;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner,site_tracking_collector=X/site_tracking_owner}

FUNCTION auth.site_tracking_asking() -- What the audit is told of whoever is behind the login: the key by which the collector asks, by its hash key as where it was made.
CREATE OR REPLACE FUNCTION auth.site_tracking_asking()
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT CASE
        -- Of others it would be what they like to say.
        WHEN pg_has_role(session_user, 'site_tracking_collector', 'MEMBER') THEN
            jsonb_strip_nulls(jsonb_build_object(
                'api_token', nullif(current_setting('site_tracking.key_id', true), '')))
        ELSE '{}' END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION auth.site_tracking_bar_login(text) -- Takes its tenant from a bound login, which then sees and writes none, whatever roles it has. For administrators. Errors: ST013.
CREATE OR REPLACE FUNCTION auth.site_tracking_bar_login(login text)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
    INSERT INTO auth.site_tracking_login_s (
        login_oid, database_id, load_date, login_name, tenant_hk, is_revoked, record_source)
    SELECT login_oid, database_id, clock_timestamp(), login, tenant_hk, true, 'site_tracking'
    FROM auth.site_tracking_login_s
    WHERE login_oid = (SELECT oid FROM pg_roles WHERE rolname = login)
        AND database_id = auth.site_tracking_database()
    ORDER BY load_date DESC
    LIMIT 1;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'login is not bound: %', login
            USING ERRCODE = 'ST013', HINT = 'Revoke its roles instead.';
    END IF;
    PERFORM util.log_audit_event('SITE_TRACKING_LOGIN_BARRED', 'login', login, session_user::text, '{}');
END
$function$

    GRANTS {postgres=X/postgres}

FUNCTION auth.site_tracking_bind_login(text,text) -- Binds a login to a tenant in this database: whatever it calls or reads is of that tenant. For administrators. Errors: ST013, ST409.
CREATE OR REPLACE FUNCTION auth.site_tracking_bind_login(login text, tenant text)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    role_oid CONSTANT oid := (SELECT oid FROM pg_roles WHERE rolname = login AND rolcanlogin);
    named bytea;
BEGIN
    IF role_oid IS NULL THEN
        RAISE EXCEPTION 'no login of this name: %', login
            USING ERRCODE = 'ST013', HINT = 'Create it first: CREATE ROLE … LOGIN.';
    END IF;
    named := auth.site_tracking_one_tenant(tenant);
    INSERT INTO auth.site_tracking_login_s (
        login_oid, database_id, load_date, login_name, tenant_hk, is_revoked, record_source)
    VALUES (
        role_oid, auth.site_tracking_database(), clock_timestamp(), login, named, false,
        'site_tracking');
    PERFORM util.log_audit_event(
        'SITE_TRACKING_LOGIN_BOUND', 'login', login, session_user::text, jsonb_build_object('tenant', tenant));
END
$function$

    GRANTS {postgres=X/postgres}

FUNCTION auth.site_tracking_binding() -- Whether the login is bound in this database, and to which tenant; NULL when it was barred.
CREATE OR REPLACE FUNCTION auth.site_tracking_binding(OUT is_bound boolean, OUT tenant_hk bytea)
 RETURNS record
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
    SELECT CASE WHEN NOT logins.is_revoked THEN logins.tenant_hk END
    INTO tenant_hk
    FROM auth.site_tracking_login_s AS logins
    WHERE logins.login_oid = (SELECT oid FROM pg_roles WHERE rolname = session_user)
        AND logins.database_id = auth.site_tracking_database()
    ORDER BY logins.load_date DESC
    LIMIT 1;
    is_bound := FOUND;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION auth.site_tracking_bound_tenant() -- The tenant that the login is bound to; NULL for none. What policies compare with.
CREATE OR REPLACE FUNCTION auth.site_tracking_bound_tenant()
 RETURNS bytea
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT tenant_hk FROM auth.site_tracking_binding()
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner,site_tracking_analyst=X/site_tracking_owner}

FUNCTION auth.site_tracking_database() -- What tells this database from every other, copies and restored ones included: system identifier of the server and object id of the database.
CREATE OR REPLACE FUNCTION auth.site_tracking_database()
 RETURNS text
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT format('%s/%s', server.system_identifier, here.oid)
    FROM pg_control_system() AS server
    CROSS JOIN pg_database AS here
    WHERE here.datname = current_database()
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION auth.site_tracking_date_settings() -- Lets one change the settings of a tenant at a time, and none date a version ahead, or before the one in force, or one with another secret back; dates those in force where they are written over, and leaves those of before as they were: events tell by which they are kept.
CREATE OR REPLACE FUNCTION auth.site_tracking_date_settings()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    in_force timestamptz;
    secret bytea;
    waits CONSTANT boolean := NOT pg_try_advisory_xact_lock(hashtextextended(encode(NEW.tenant_hk, 'hex'), 7));
BEGIN
    -- A transaction that reads by a snapshot may see another version in force than there is.
    IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
        RAISE EXCEPTION 'Settings are written in a transaction that is READ COMMITTED.'
            USING ERRCODE = 'active_sql_transaction', HINT = 'What others have changed meanwhile would be undone.';
    END IF;
    IF waits THEN
        PERFORM pg_advisory_xact_lock(hashtextextended(encode(NEW.tenant_hk, 'hex'), 7));
    END IF;
    SELECT load_date, visitor_secret
    INTO in_force, secret
    FROM auth.tenant_site_tracking_s
    WHERE tenant_hk = NEW.tenant_hk
    ORDER BY load_date DESC
    LIMIT 1;
    IF TG_OP = 'UPDATE' THEN
        IF in_force > OLD.load_date THEN
            IF waits THEN
                RAISE EXCEPTION 'Somebody else has changed the settings of the tenant meanwhile.'
                    USING ERRCODE = 'serialization_failure', HINT = 'Look at them, and ask again.';
            END IF;
            RETURN NULL;
        END IF;
        IF NEW.load_date <= OLD.load_date THEN
            NEW.load_date := greatest(clock_timestamp(), OLD.load_date + interval '1 microsecond');
        END IF;
    -- One that auth.site_tracking_keep_settings keeps is of before.
    -- And one that is there already is for ON CONFLICT.
    ELSIF NEW.load_date < in_force AND pg_trigger_depth() = 1 AND NOT EXISTS (
        SELECT FROM auth.tenant_site_tracking_s WHERE tenant_hk = NEW.tenant_hk AND load_date = NEW.load_date
    ) THEN
        RAISE EXCEPTION 'A version of the settings of the tenant is dated %, later than this one, which would hold for nothing.', in_force
            USING ERRCODE = 'restrict_violation', HINT = 'Take over what it says, and date yours now; or write it over.';
    END IF;
    -- Another secret would take over what came since its date, too, and bring back who was erased.
    IF NEW.load_date > greatest(clock_timestamp(), in_force + interval '1 microsecond')
        OR (NEW.load_date < clock_timestamp() - interval '1 minute'
            AND coalesce(NEW.load_date > in_force, true)
            AND nullif(NEW.visitor_secret, '') IS DISTINCT FROM nullif(secret, ''))
    THEN
        RAISE EXCEPTION 'Settings hold from when they are written, and these are dated %.', NEW.load_date
            USING ERRCODE = 'restrict_violation', HINT = 'Date them now.';
    END IF;
    RETURN NEW;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION auth.site_tracking_keep_secret() -- Refuses that a secret is written over, by which visitors have their pseudonyms.
CREATE OR REPLACE FUNCTION auth.site_tracking_keep_secret()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
    RAISE EXCEPTION 'Who is asked for by an id is found by the visitor_secret of then: insert a new version of the settings.'
        USING ERRCODE = 'restrict_violation';
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION auth.site_tracking_keep_settings() -- Keeps settings that are written over, as a version of before.
CREATE OR REPLACE FUNCTION auth.site_tracking_keep_settings()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
    INSERT INTO auth.tenant_site_tracking_s
    SELECT (OLD).*
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION auth.site_tracking_key(bytea) -- What the key with this SHA-256 opens now; no row where it opens nothing. For the collector.
CREATE OR REPLACE FUNCTION auth.site_tracking_key(key_hash bytea)
 RETURNS TABLE(tenant_bk text, scope text[], allowed_origins text[], time_zone text, consent_policy text, honour_gpc boolean, honour_dnt boolean, key_id text)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT
        tenants.tenant_bk::text,
        tokens.scope,
        settings.allowed_origins,
        settings.time_zone,
        settings.consent_policy::text,
        settings.honour_gpc,
        settings.honour_dnt,
        encode(tokens.api_token_hk, 'hex')
    FROM auth.api_token_s AS tokens
    JOIN auth.tenant_h AS tenants ON tenants.tenant_hk = tokens.tenant_hk
    LEFT JOIN LATERAL (
        SELECT
            versions.allowed_origins,
            versions.time_zone,
            versions.consent_policy,
            versions.honour_gpc,
            versions.honour_dnt
        FROM auth.tenant_site_tracking_s AS versions
        WHERE versions.tenant_hk = tokens.tenant_hk
        ORDER BY versions.load_date DESC
        LIMIT 1
    ) AS settings ON true
    WHERE tokens.token_hash = key_hash
        AND tokens.token_type = 'API_KEY'
        AND NOT tokens.is_revoked
        AND tokens.expires_at > now()
        AND cardinality(auth.site_tracking_tenants_named(tenants.tenant_bk)) = 1
        AND NOT EXISTS (
            SELECT FROM auth.api_token_s AS later
            WHERE later.api_token_hk = tokens.api_token_hk AND later.load_date > tokens.load_date);
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner,site_tracking_collector=X/site_tracking_owner}

FUNCTION auth.site_tracking_keys(text) -- The collector's keys of a tenant, or of all, without the keys themselves. For administrators.
CREATE OR REPLACE FUNCTION auth.site_tracking_keys(tenant text DEFAULT NULL::text)
 RETURNS TABLE(tenant_bk text, key_name text, scope text[], made_at timestamp with time zone, expires_at timestamp with time zone, is_revoked boolean)
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT tenants.tenant_bk::text, substr(hub.api_token_bk, 15), newest.scope, newest.load_date, newest.expires_at,
        newest.is_revoked
    FROM auth.api_token_h AS hub
    JOIN auth.tenant_h AS tenants USING (tenant_hk)
    CROSS JOIN LATERAL (
        SELECT versions.*
        FROM auth.api_token_s AS versions
        WHERE versions.api_token_hk = hub.api_token_hk
        ORDER BY versions.load_date DESC
        LIMIT 1
    ) AS newest
    WHERE hub.api_token_bk LIKE 'site\_tracking|%'
        AND (tenant IS NULL OR tenants.tenant_bk = tenant)
    ORDER BY 1, 2;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION auth.site_tracking_link(bytea) -- What the link with the token of this SHA-256 shows now; no row where it shows nothing. For the collector.
CREATE OR REPLACE FUNCTION auth.site_tracking_link(key_hash bytea)
 RETURNS TABLE(tenant_bk text, time_zone text, filters jsonb, password_hash text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT tenants.tenant_bk::text, business.site_time_zone(links.tenant_hk, '{}'), links.content, links.password_hash
    FROM auth.site_tracking_saved_s AS links
    JOIN auth.tenant_h AS tenants ON tenants.tenant_hk = links.tenant_hk
    WHERE links.token_hash = key_hash
        AND links.expires_at > now()
        AND cardinality(auth.site_tracking_tenants_named(tenants.tenant_bk)) = 1
        AND NOT EXISTS (
            SELECT FROM auth.site_tracking_saved_s AS later
            WHERE later.tenant_hk = links.tenant_hk
                AND later.kind = 'LINK'
                AND later.name = links.name
                AND later.load_date > links.load_date)
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner,site_tracking_collector=X/site_tracking_owner}

FUNCTION auth.site_tracking_make_key(text,text,text[],integer) -- Makes a key of a tenant for the collector, in place of one of the same name, and tells it this once. It may write from browsers (browser; such a key is public), from servers (write), read, or change the tenant's settings (manage). For administrators. Errors: ST013, ST409.
CREATE OR REPLACE FUNCTION auth.site_tracking_make_key(tenant text, key_name text, may text[] DEFAULT ARRAY['browser'::text], valid_days integer DEFAULT 3650)
 RETURNS text
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    named CONSTANT bytea := auth.site_tracking_one_tenant(tenant);
    secret CONSTANT text := 'st_' || replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '');
    key_hk bytea;
BEGIN
    IF coalesce(cardinality(may), 0) = 0 OR NOT may <@ ARRAY['browser', 'write', 'read', 'manage']
        OR valid_days < 1 THEN
        RAISE EXCEPTION 'a key may browser, write, read or manage, for at least one day'
            USING ERRCODE = 'ST013';
    END IF;
    key_hk := util.generate_tenant_derived_hk(named, 'site_tracking|' || key_name);
    INSERT INTO auth.api_token_h (api_token_hk, api_token_bk, tenant_hk, load_date, record_source)
    SELECT key_hk, 'site_tracking|' || key_name, named, now(), 'site_tracking'
    WHERE NOT EXISTS (SELECT FROM auth.api_token_h WHERE api_token_hk = key_hk);
    INSERT INTO auth.api_token_s (
        api_token_hk, load_date, hash_diff, token_hash, token_type, expires_at, is_revoked, scope, tenant_hk,
        record_source)
    SELECT key_hk, clock_timestamp(), sha256(convert_to(secret, 'UTF8')), sha256(convert_to(secret, 'UTF8')),
        'API_KEY', now() + make_interval(days => valid_days), false,
        ARRAY(SELECT 'site_tracking:' || word FROM unnest(may) AS word ORDER BY 1), named, 'site_tracking';
    PERFORM util.log_audit_event(
        'SITE_TRACKING_KEY_MADE', 'api_token', encode(key_hk, 'hex'), session_user::text,
        jsonb_build_object('tenant', tenant, 'key_name', key_name, 'may', may));
    RETURN secret;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION auth.site_tracking_note_export(text) -- Tells the audit that all of a visitor is asked for, before it is handed out; for programs that do so in a transaction of its own.
CREATE OR REPLACE FUNCTION auth.site_tracking_note_export(tenant text)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT util.log_audit_event(
        'SITE_TRACKING_EXPORT_REQUESTED', 'tenant', encode(auth.site_tracking_tenant(tenant), 'hex'),
        session_user::text, auth.site_tracking_asking())
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner,site_tracking_collector=X/site_tracking_owner}

FUNCTION auth.site_tracking_note_saved() -- Tells the audit of links for those without a key, and of alerts.
CREATE OR REPLACE FUNCTION auth.site_tracking_note_saved()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
    PERFORM util.log_audit_event(
        format('SITE_TRACKING_%s_%s', NEW.kind, CASE WHEN NEW.is_removed THEN 'WITHDRAWN' ELSE 'MADE' END),
        'tenant', encode(NEW.tenant_hk, 'hex'), session_user::text,
        auth.site_tracking_asking() || CASE NEW.kind
            WHEN 'LINK' THEN jsonb_build_object(
                'expires_at', business.site_utc(NEW.expires_at), 'has_password', NEW.password_hash IS NOT NULL)
            ELSE jsonb_build_object(
                'metric', NEW.content -> 'metric',
                'webhook', substring(NEW.content ->> 'webhook' FROM '^[a-z]+://[^/?]+')) END);
    RETURN NULL;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION auth.site_tracking_note_settings() -- Tells the audit which of a tenant's settings changed, by a new version, in one or as one is removed.
CREATE OR REPLACE FUNCTION auth.site_tracking_note_settings()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    told auth.tenant_site_tracking_s;
    former jsonb;
BEGIN
    -- As auth.site_tracking_keep_settings does, of which the audit is told by the version that holds now.
    IF TG_OP = 'INSERT' AND pg_trigger_depth() > 1 AND EXISTS (
        SELECT FROM auth.tenant_site_tracking_s
        WHERE tenant_hk = NEW.tenant_hk AND load_date > NEW.load_date
    ) THEN
        RETURN NULL;
    END IF;
    IF TG_OP = 'DELETE' THEN
        told := OLD;
    ELSE
        told := NEW;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        former := to_jsonb(OLD);
    ELSE
        SELECT to_jsonb(versions)
        INTO former
        FROM auth.tenant_site_tracking_s AS versions
        WHERE versions.tenant_hk = told.tenant_hk AND versions.load_date < told.load_date
        ORDER BY versions.load_date DESC
        LIMIT 1;
    END IF;
    PERFORM util.log_audit_event(
        'SITE_TRACKING_SETTINGS_' || CASE TG_OP WHEN 'DELETE' THEN 'REMOVED' ELSE 'CHANGED' END,
        'tenant', encode(told.tenant_hk, 'hex'), session_user::text,
        jsonb_build_object('settings', ARRAY(
            SELECT new_values.key
            FROM jsonb_each(to_jsonb(told) - '{tenant_hk,load_date,hash_diff,record_source}'::text[]) AS new_values
            WHERE new_values.value <> coalesce(former -> new_values.key, 'null')
            ORDER BY 1)) || auth.site_tracking_asking());
    RETURN NULL;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION auth.site_tracking_one_tenant(text) -- The hash key of the one tenant of this name, whoever asks. For administrators. Errors: ST013, ST409.
CREATE OR REPLACE FUNCTION auth.site_tracking_one_tenant(tenant text)
 RETURNS bytea
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    named CONSTANT bytea[] := auth.site_tracking_tenants_named(tenant);
BEGIN
    IF cardinality(named) = 0 THEN
        RAISE EXCEPTION 'no tenant of this name: %', tenant
            USING ERRCODE = 'ST013', HINT = 'auth.tenant_h lists the tenants.';
    END IF;
    IF cardinality(named) > 1 THEN
        RAISE EXCEPTION 'several tenants of this name: %', tenant
            USING ERRCODE = 'ST409', HINT = 'Give each of them a name of its own in auth.tenant_h.';
    END IF;
    RETURN named[1];
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION auth.site_tracking_revoke_key(text,text) -- Withdraws a key; collectors refuse it within a minute. For administrators. Errors: ST013.
CREATE OR REPLACE FUNCTION auth.site_tracking_revoke_key(tenant text, key_name text)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    key_hk bytea;
BEGIN
    INSERT INTO auth.api_token_s (
        api_token_hk, load_date, hash_diff, token_hash, token_type, expires_at, is_revoked, scope, tenant_hk,
        record_source)
    SELECT versions.api_token_hk, clock_timestamp(), versions.hash_diff, versions.token_hash, versions.token_type,
        versions.expires_at, true, versions.scope, versions.tenant_hk, 'site_tracking'
    FROM auth.api_token_s AS versions
    JOIN auth.api_token_h AS hub USING (api_token_hk)
    JOIN auth.tenant_h AS tenants ON tenants.tenant_hk = hub.tenant_hk
    WHERE tenants.tenant_bk = tenant AND hub.api_token_bk = 'site_tracking|' || key_name
    ORDER BY versions.load_date DESC
    LIMIT 1
    RETURNING api_token_hk INTO key_hk;
    IF key_hk IS NULL THEN
        RAISE EXCEPTION 'no key of this name: %', key_name
            USING ERRCODE = 'ST013', HINT = 'auth.site_tracking_keys lists them.';
    END IF;
    PERFORM util.log_audit_event(
        'SITE_TRACKING_KEY_REVOKED', 'api_token', encode(key_hk, 'hex'), session_user::text,
        jsonb_build_object('tenant', tenant, 'key_name', key_name));
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION auth.site_tracking_salts(date[],bytea[],text) -- The salts of yesterday, today and tomorrow, one of which is in use wherever the day is cut: those known are put back where a crash took them, missing ones are drawn, older ones are wiped out.
CREATE OR REPLACE FUNCTION auth.site_tracking_salts(known_days date[], known_salts bytea[], source text)
 RETURNS TABLE(salt_date date, salt bytea)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
DECLARE
    today CONSTANT date := (now() AT TIME ZONE 'UTC')::date;
    living auth.site_tracking_salt_s[];
BEGIN
    IF EXISTS (SELECT FROM auth.site_tracking_salt_s WHERE salt_date < today - 1) THEN
        BEGIN
            LOCK TABLE auth.site_tracking_salt_s IN ACCESS EXCLUSIVE MODE NOWAIT;
            living := ARRAY(
                SELECT salts FROM auth.site_tracking_salt_s AS salts WHERE salt_date >= today - 1);
            -- What a row held stays in its page after DELETE and VACUUM; the file goes with TRUNCATE.
            TRUNCATE auth.site_tracking_salt_s;
            INSERT INTO auth.site_tracking_salt_s
            SELECT * FROM unnest(living);
        EXCEPTION
            WHEN lock_not_available THEN
                NULL; -- Somebody reads it, such as a dump: the next call tries again.
        END;
    END IF;
    INSERT INTO auth.site_tracking_salt_s (salt_date, salt, load_date, record_source)
    SELECT known.day, known.salt, clock_timestamp(), source
    FROM unnest(known_days, known_salts) AS known (day, salt)
    WHERE known.day BETWEEN today - 1 AND today + 1
    ON CONFLICT DO NOTHING;
    -- Somewhere it is not yet 04:00, so that yesterday's may be in use. Two random UUIDs hold 244 random bits.
    INSERT INTO auth.site_tracking_salt_s (salt_date, salt, load_date, record_source)
    SELECT today + ahead, sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())),
        clock_timestamp(), source
    FROM generate_series(-1, 1) AS ahead
    ON CONFLICT DO NOTHING;
    RETURN QUERY
    SELECT salts.salt_date, salts.salt
    FROM auth.site_tracking_salt_s AS salts
    WHERE salts.salt_date >= today - 1;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner,site_tracking_loader=X/site_tracking_owner}

FUNCTION auth.site_tracking_session_gap(bytea) -- The longest silence within a session of a tenant.
CREATE OR REPLACE FUNCTION auth.site_tracking_session_gap(tenant bytea)
 RETURNS interval
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT coalesce((
        SELECT session_gap_ms
        FROM auth.tenant_site_tracking_s
        WHERE tenant_hk = tenant
        ORDER BY load_date DESC
        LIMIT 1), 1800000) * INTERVAL '1 millisecond'
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner,site_tracking_analyst=X/site_tracking_owner}

FUNCTION auth.site_tracking_tenant(text) -- The hash key of a tenant that the caller may name: the one that its login is bound to, or any for an operator's login that is not bound. Errors: ST403, ST404, ST409.
CREATE OR REPLACE FUNCTION auth.site_tracking_tenant(tenant text)
 RETURNS bytea
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    named CONSTANT bytea[] := auth.site_tracking_tenants_named(tenant);
    binding CONSTANT record := auth.site_tracking_binding();
BEGIN
    -- To who is bound or nobody, other tenants and none are the same, so that it cannot learn who else
    -- is here.
    IF (binding.tenant_hk = ANY (named)) IS NOT TRUE
        AND (binding.is_bound OR NOT pg_has_role(session_user, 'site_tracking_operator', 'USAGE')) THEN
        RAISE EXCEPTION 'The login may not name this tenant.' USING ERRCODE = 'ST403';
    END IF;
    IF cardinality(named) = 0 THEN
        RAISE EXCEPTION 'No tenant of this name is registered.' USING ERRCODE = 'ST404';
    END IF;
    IF cardinality(named) > 1 THEN
        RAISE EXCEPTION 'Several tenants have this name.' USING ERRCODE = 'ST409';
    END IF;
    RETURN named[1];
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION auth.site_tracking_tenants_named(text) -- The hash keys of all tenants of a name, whoever asks; more than one where the name is ambiguous.
CREATE OR REPLACE FUNCTION auth.site_tracking_tenants_named(tenant text)
 RETURNS bytea[]
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT ARRAY(
        SELECT DISTINCT tenant_hk
        FROM auth.tenant_h
        WHERE tenant_bk = raw.site_tracking_trim(normalize(tenant, NFC)))
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION auth.site_tracking_turned_away(text[],date[],bigint[]) -- Adds what a collector turned away as too much at once, by tenant and day, to the totals beside the ledger. For the collector.
CREATE OR REPLACE FUNCTION auth.site_tracking_turned_away(tenants text[], days date[], events bigint[])
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    INSERT INTO raw.site_tracking_turned_away_r AS totals (
        ledger_date, tenant_hk, event_count, load_date, record_source)
    SELECT counted.day, named.tenant_hk, sum(counted.events), clock_timestamp(), 'collector'
    FROM unnest(tenants, days, events) AS counted (tenant, day, events)
    JOIN auth.tenant_h AS named ON named.tenant_bk = counted.tenant
    GROUP BY counted.day, named.tenant_hk
    ORDER BY counted.day, named.tenant_hk
    ON CONFLICT (ledger_date, tenant_hk) DO UPDATE SET
        event_count = totals.event_count + excluded.event_count,
        load_date = excluded.load_date
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner,site_tracking_collector=X/site_tracking_owner}

FUNCTION business.site_add_cohorts(business.site_cohort_b[]) -- Adds rows to those of business.site_cohort_b. Rows of a tenant are changed by one transaction at a time.
CREATE OR REPLACE FUNCTION business.site_add_cohorts(cohorts business.site_cohort_b[])
 RETURNS void
 LANGUAGE sql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    INSERT INTO business.site_cohort_b AS held
    SELECT tenant_hk, first_day, day, previous_day, sum(visitors)
    FROM unnest(cohorts)
    GROUP BY tenant_hk, first_day, day, previous_day
    HAVING sum(visitors) <> 0
    ORDER BY tenant_hk, first_day, day, previous_day
    ON CONFLICT (tenant_hk, first_day, day, previous_day) DO UPDATE SET visitors = held.visitors + excluded.visitors
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_add_counts(business.site_rollup_b[],business.site_return_b[],business.site_item_return_b[]) -- Adds rows to those of all rollups.
CREATE OR REPLACE FUNCTION business.site_add_counts(sums business.site_rollup_b[], returned business.site_return_b[], item_returned business.site_item_return_b[])
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
    PERFORM business.site_add_sums(sums);
    INSERT INTO business.site_return_b AS held
    SELECT * FROM unnest(returned)
    ON CONFLICT (tenant_hk, span, previous_bucket, start_bucket) DO UPDATE SET visits = held.visits + excluded.visits;
    INSERT INTO business.site_item_return_b AS held
    SELECT * FROM unnest(item_returned)
    ON CONFLICT (tenant_hk, day, item, previous_day) DO UPDATE SET visitors = held.visitors + excluded.visitors;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_add_event_sums(bytea[],text[],bigint[],bytea[],text[],bigint[],bigint[],bigint[],numeric[],numeric[],numeric[],numeric[]) -- As business.site_count_events, with the microseconds since the epoch at which days start or events happened. To be called once in the transaction that wrote the events.
CREATE OR REPLACE PROCEDURE business.site_add_event_sums(IN tenant_hks bytea[], IN dimensions text[], IN bucket_micros bigint[], IN value_keys bytea[], IN currencies text[], IN page_views bigint[], IN events bigint[], IN conversions bigint[], IN quantities numeric[], IN refunded_quantities numeric[], IN revenues numeric[], IN refunds numeric[])
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_seqscan TO 'off'
 SET jit TO 'off'
AS $procedure$
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
$procedure$

    GRANTS {site_tracking_owner=X/site_tracking_owner,site_tracking_loader=X/site_tracking_owner}

FUNCTION business.site_add_sums(business.site_rollup_b[]) -- Adds rows to those of business.site_rollup_b, in the order of its primary key, so that loaders wait for each other and never in a circle.
CREATE OR REPLACE FUNCTION business.site_add_sums(sums business.site_rollup_b[])
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_alert_metric(bytea,text,timestamp with time zone,timestamp with time zone) -- A metric of a tenant in a period of whole quarters of an hour; those of the ledger are of all UTC days that it touches. NULL of nothing.
CREATE OR REPLACE FUNCTION business.site_alert_metric(tenant bytea, metric text, from_at timestamp with time zone, to_at timestamp with time zone)
 RETURNS numeric
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
    IF metric NOT IN ('received', 'rejected_rate', 'late_rate', 'duplicate_rate') THEN
        RETURN business.site_period_answer(tenant, from_at, to_at, 'UTC', NULL, '{}', false) ->> metric;
    END IF;
    RETURN (
        SELECT CASE metric
            WHEN 'received' THEN coalesce(sum(received), 0)
            WHEN 'rejected_rate' THEN business.site_rate(sum(rejected), sum(received), 4)
            WHEN 'late_rate' THEN business.site_rate(sum(late), sum(received), 4)
            ELSE business.site_rate(sum(duplicates), sum(received), 4)
        END
        FROM raw.site_tracking_ledger_v
        WHERE tenant_hk = tenant
            AND ledger_date BETWEEN (from_at AT TIME ZONE 'UTC')::date
                AND ((to_at - INTERVAL '1 microsecond') AT TIME ZONE 'UTC')::date);
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_alert_states(bytea) -- The alerts of a tenant, how they were found last, and what became of the last call.
CREATE OR REPLACE FUNCTION business.site_alert_states(tenant bytea)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT coalesce(jsonb_agg(
        alerts.content - '{secret,webhook}'::text[] || jsonb_build_object(
            'name', alerts.name,
            -- What follows may be a secret.
            'webhook', substring(alerts.content ->> 'webhook' FROM '^[a-z]+://[^/?]+'),
            'is_firing', coalesce(held.is_firing, false),
            'value', trim_scale(held.value),
            'judged_at', business.site_utc(held.judged_at),
            'changed_at', business.site_utc(held.changed_at),
            'delivered_at', business.site_utc(calls.delivered_at),
            'failure', calls.failure)
        ORDER BY alerts.name), '[]')
    FROM business.site_alerts(tenant) AS alerts
    LEFT JOIN raw.site_tracking_alert_r AS held
        ON held.tenant_hk = alerts.tenant_hk AND held.name = alerts.name AND held.version_from = alerts.version_from
    LEFT JOIN raw.site_tracking_alert_call_r AS calls
        ON calls.tenant_hk = held.tenant_hk AND calls.name = held.name AND calls.changed_at = held.changed_at
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_alert_value(bytea,jsonb,timestamp with time zone) -- What an alert looks at: the metric of the last hours, up to the last whole quarter, or by which share it has grown since the same hours a week before. NULL of nothing.
CREATE OR REPLACE FUNCTION business.site_alert_value(tenant bytea, alert jsonb, at timestamp with time zone)
 RETURNS numeric
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    to_at CONSTANT timestamptz := business.site_quarter(at);
    from_at CONSTANT timestamptz := to_at - coalesce((alert -> 'hours')::integer, 24) * INTERVAL '1 hour';
    metric CONSTANT text := alert ->> 'metric';
    now_value CONSTANT numeric := business.site_alert_metric(tenant, metric, from_at, to_at);
    week_before numeric;
BEGIN
    IF NOT coalesce((alert -> 'compared')::boolean, false) THEN
        RETURN now_value;
    END IF;
    week_before := business.site_alert_metric(
        tenant, metric, from_at - INTERVAL '168 hours', to_at - INTERVAL '168 hours');
    RETURN business.site_rate(now_value - week_before, week_before, 4);
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_alerts(bytea) -- The alerts of a tenant, or of all, as they are now.
CREATE OR REPLACE FUNCTION business.site_alerts(tenant bytea DEFAULT NULL::bytea)
 RETURNS TABLE(tenant_hk bytea, name text, content jsonb, version_from timestamp with time zone)
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT newest.tenant_hk, newest.name, newest.content, newest.load_date
    FROM (
        SELECT DISTINCT ON (versions.tenant_hk, versions.name) versions.*
        FROM auth.site_tracking_saved_s AS versions
        WHERE versions.kind = 'ALERT' AND (tenant IS NULL OR versions.tenant_hk = tenant)
        ORDER BY versions.tenant_hk, versions.name, versions.load_date DESC
    ) AS newest
    WHERE NOT newest.is_removed
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_all_events(timestamp with time zone,timestamp with time zone) -- About how many events of all tenants are stored of a period, by the size of its partitions; one without a day counts whole.
CREATE OR REPLACE FUNCTION business.site_all_events(from_at timestamp with time zone, to_at timestamp with time zone)
 RETURNS numeric
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT coalesce(sum(parts.events * CASE
        WHEN parts.starts_at IS NULL THEN 1
        ELSE extract(epoch FROM least(to_at, parts.ends_at) - greatest(from_at, parts.starts_at))
            / extract(epoch FROM parts.ends_at - parts.starts_at) END), 0)
    FROM (
        SELECT
            -- As the planner does: the pages that there are, as full as when they were counted.
            pg_relation_size(tables.oid) / 8192.0 * CASE
                WHEN tables.relpages > 0 AND tables.reltuples > 0 THEN tables.reltuples / tables.relpages
                ELSE 25 END AS events,
            days.day AS starts_at,
            -- Of a day that is not over the events lie before now.
            least(days.day + INTERVAL '1 day', greatest(now(), days.day + INTERVAL '1 minute')) AS ends_at
        FROM pg_inherits AS inherited
        JOIN pg_class AS tables ON tables.oid = inherited.inhrelid
        CROSS JOIN LATERAL (
            SELECT to_date(substring(tables.relname FROM '_p(\d{8})$'), 'YYYYMMDD')::timestamp
                AT TIME ZONE 'UTC' AS day
        ) AS days
        WHERE inherited.inhparent = 'business.site_event_details_s'::regclass
    ) AS parts
    WHERE parts.starts_at IS NULL OR (parts.starts_at < to_at AND parts.ends_at > from_at)
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_analytics_cost(bytea,timestamp with time zone,timestamp with time zone,timestamp with time zone,boolean,boolean,text[],jsonb) -- What an answer of api.get_session_analytics costs, in events read.
CREATE OR REPLACE FUNCTION business.site_analytics_cost(tenant bytea, from_at timestamp with time zone, to_at timestamp with time zone, previous_from timestamp with time zone, reads_sessions boolean, is_rolled boolean, wanted text[], filters jsonb)
 RETURNS numeric
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT
        -- The metrics, of both periods when they are compared.
        CASE WHEN reads_sessions
            THEN business.site_own_events(tenant, coalesce(previous_from, from_at), to_at) * 0.05 ELSE 0 END
        -- Rows of the rollups are fewer than events.
        + CASE WHEN wanted <> '{}'
            THEN business.site_own_events(tenant, from_at, to_at) * CASE WHEN is_rolled THEN 0.02 ELSE 0.1 END
            ELSE 0 END
        + CASE WHEN NOT wanted && '{top_pages,items}' THEN 0
            WHEN is_rolled THEN (
                SELECT coalesce(sum(
                    business.site_own_events(tenant, starts_at, ends_at)
                        + business.site_all_events(starts_at, ends_at) * 0.1), 0)
                FROM business.site_rests(from_at, to_at,
                    business.site_nearest_day(from_at), business.site_nearest_day(to_at)))
            WHEN filters <> '{}' THEN business.site_own_events(tenant, from_at, to_at) * 0.3
            ELSE business.site_own_events(tenant, from_at, to_at) * 0.4
                + business.site_all_events(from_at, to_at) * 0.1 END
        + CASE WHEN 'experiments' = ANY (wanted)
            THEN business.site_own_events(tenant, from_at, to_at) * 0.1 ELSE 0 END
        + CASE WHEN wanted && '{event_types,goals}'
            THEN business.site_own_events(tenant, from_at, to_at) * 0.3 ELSE 0 END
        -- Events of the sessions are read.
        + CASE WHEN wanted && '{properties,named_goals}'
            THEN business.site_events_of_sessions_cost(tenant, from_at, to_at) * 1.5 ELSE 0 END
        + CASE WHEN business.site_event_filters(filters) = '{}' AND NOT filters ? 'visitor_kind' THEN 0
            ELSE business.site_filters_cost(tenant, coalesce(previous_from, from_at), to_at, filters) END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_answer(text,text,jsonb[]) -- The answer of a function that reads or sets, or why there is none: never an error.
CREATE OR REPLACE FUNCTION business.site_answer(question text, tenant text, VARIADIC arguments jsonb[] DEFAULT '{}'::jsonb[])
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_custom_plan'
 SET jit TO 'off'
 SET work_mem TO '64MB'
 SET "TimeZone" TO 'UTC'
 SET "DateStyle" TO 'ISO, YMD'
AS $function$
DECLARE
    asked_tenant bytea;
    field text;
BEGIN
    LOCK TABLE ONLY raw.site_tracking_ledger_r IN ACCESS SHARE MODE;
    asked_tenant := auth.site_tracking_tenant(tenant);
    RETURN jsonb_build_object('success', true, 'message', question, 'data', CASE question
        WHEN 'Tracking system status' THEN raw.site_tracking_status(asked_tenant)
        WHEN 'Ledger' THEN raw.site_tracking_ledger(
            asked_tenant, (arguments[1] #>> '{}')::date, (arguments[2] #>> '{}')::date)
        WHEN 'Session analytics' THEN business.site_session_analytics(asked_tenant, arguments[1])
        WHEN 'Realtime' THEN business.site_realtime(asked_tenant, arguments[1]::integer, arguments[2])
        WHEN 'Funnel' THEN business.site_funnel(asked_tenant, arguments[1], arguments[2])
        WHEN 'Retention' THEN business.site_retention(asked_tenant, arguments[1])
        WHEN 'Events' THEN business.site_events(asked_tenant, arguments[1])
        WHEN 'Items' THEN business.site_items(asked_tenant, arguments[1])
        WHEN 'Sessions' THEN business.site_session_list(asked_tenant, arguments[1])
        WHEN 'Paths' THEN business.site_paths(asked_tenant, arguments[1])
        WHEN 'Visitor journey' THEN business.site_visitor_journey(asked_tenant, arguments[1])
        WHEN 'Attribution' THEN business.site_attribution(asked_tenant, arguments[1])
        WHEN 'Experiment' THEN business.site_experiment(asked_tenant, arguments[1])
        WHEN 'Web vitals' THEN business.site_web_vitals(asked_tenant, arguments[1])
        WHEN 'Scores' THEN raw.site_tracking_put_scores(asked_tenant, arguments[1])
        WHEN 'Settings' THEN business.site_settings(asked_tenant)
        WHEN 'Settings changed' THEN business.site_change_settings(asked_tenant, arguments[1])
        WHEN 'Erasure requested' THEN raw.site_tracking_forget(asked_tenant, arguments[1])
        WHEN 'Erasures' THEN raw.site_tracking_erasures(asked_tenant, arguments[1] #>> '{}')
        WHEN 'Processing record' THEN raw.site_tracking_processing_record(asked_tenant, tenant)
    END);
EXCEPTION
    WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS field = COLUMN_NAME;
        RETURN business.site_failure(SQLSTATE, SQLERRM, field);
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_are_by_value(jsonb) -- Whether filters ask for nothing but what rows of business.site_session_path_b tell by themselves.
CREATE OR REPLACE FUNCTION business.site_are_by_value(filters jsonb)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
    SELECT filters - '{device,browser,os,channel,source,utm_source,utm_medium,utm_campaign,utm_term,utm_content,entry_page,exit_page,referrer,language,country,event,page,item,item_category,item_brand,item_type}'::text[]
        = '{}'
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_are_many_events(bytea,timestamp with time zone,timestamp with time zone) -- Whether a period has so many events of a tenant that another process is worth its start.
CREATE OR REPLACE FUNCTION business.site_are_many_events(tenant bytea, from_at timestamp with time zone, to_at timestamp with time zone)
 RETURNS boolean
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$ SELECT business.site_own_events(tenant, from_at, to_at) > 300000 $function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_argument_error(text,text) -- Raises ST400 for an argument.
CREATE OR REPLACE FUNCTION business.site_argument_error(field text, message text)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
    RAISE EXCEPTION '%', message USING ERRCODE = 'ST400', COLUMN = field;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_attributed(bytea,timestamp with time zone,timestamp with time zone,jsonb,boolean,interval,interval) -- What each touch has of the conversions of a period, by model.
CREATE OR REPLACE FUNCTION business.site_attributed(tenant bytea, from_at timestamp with time zone, to_at timestamp with time zone, filters jsonb, include_bots boolean, lookback interval, half_life interval)
 RETURNS TABLE(channel text, utm_campaign text, model text, share double precision, conversions integer, revenue jsonb)
 LANGUAGE plpgsql
 STABLE ROWS 100000
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH converted AS MATERIALIZED (
        SELECT *
        FROM business.site_filtered_sessions(tenant, from_at, to_at, filters, include_bots)
        WHERE conversions > 0
    ),
    touches AS (
        SELECT
            touching.channel, touching.utm_campaign, converted.session_hk, converted.conversions, converted.revenue,
            row_number() OVER (
                PARTITION BY converted.session_hk ORDER BY touching.session_start, touching.session_hk) AS place,
            count(*) OVER (PARTITION BY converted.session_hk) AS touches,
            power(2, -extract(epoch FROM converted.session_start - touching.session_start)::double precision
                / extract(epoch FROM half_life)::double precision) AS freshness
        FROM converted
        JOIN business.site_sessions(tenant, from_at - lookback, to_at) AS touching
            ON touching.visitor_hk = converted.visitor_hk
            AND touching.is_bot = converted.is_bot
            AND touching.session_start >= converted.session_start - lookback
            AND (touching.session_start, touching.session_hk) <= (converted.session_start, converted.session_hk)
    ),
    weighed AS (
        SELECT touches.*, sum(freshness) OVER (PARTITION BY session_hk) AS all_freshness
        FROM touches
    )
    SELECT channel, utm_campaign, credits.model, credits.share, conversions, revenue
    FROM weighed
    CROSS JOIN LATERAL business.site_credits(place, touches, freshness, all_freshness) AS credits;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_attribution(bytea,jsonb) -- The data of api.get_attribution. Errors: ST400.
CREATE OR REPLACE FUNCTION business.site_attribution(tenant bytea, given jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
DECLARE
    asked CONSTANT record := business.site_question(tenant, given, 30, 'lookback_days', 'half_life_days', 'limit',
        'filters', 'include_bots');
    options CONSTANT jsonb := asked.options;
    filters CONSTANT jsonb := business.site_filters(options);
    most CONSTANT integer := coalesce((options -> 'limit')::integer, 10);
    lookback_days CONSTANT integer := coalesce((options -> 'lookback_days')::integer, 30);
    half_life_days CONSTANT integer := coalesce((options -> 'half_life_days')::integer, 7);
    answer jsonb;
BEGIN
    PERFORM business.site_check_cost(
        tenant,
        business.site_own_events(tenant, asked.from_at - lookback_days * INTERVAL '24 hours', asked.to_at) * 0.1
            + business.site_filters_cost(tenant, asked.from_at, asked.to_at, filters),
        options,
        VARIADIC business.site_narrow_filters(filters) || CASE WHEN options ? 'lookback_days'
            THEN '{lookback_days}' ELSE '{}' END::text[]);
    WITH credited AS MATERIALIZED (
        SELECT *
        FROM business.site_attributed(
            tenant, asked.from_at, asked.to_at,
            business.site_resolved_filters(tenant, asked.from_at, asked.to_at, filters),
            coalesce((options -> 'include_bots')::boolean, false), lookback_days * INTERVAL '24 hours',
            half_life_days * INTERVAL '24 hours')
    ),
    credits AS MATERIALIZED (
        SELECT channel, utm_campaign, model, sum(share * conversions) AS conversions
        FROM credited
        GROUP BY channel, utm_campaign, model
    ),
    amounts AS MATERIALIZED (
        SELECT channel, utm_campaign, model, currency, sum(share * paid.revenue::double precision) AS amount
        FROM credited
        CROSS JOIN LATERAL business.site_money(credited.revenue, NULL) AS paid
        WHERE credited.revenue IS NOT NULL
        GROUP BY channel, utm_campaign, model, currency
    ),
    counts AS (
        SELECT told.dimension, told.value, model, sum(conversions) AS conversions
        FROM credits
        CROSS JOIN LATERAL (VALUES ('channels', channel), ('campaigns', utm_campaign)) AS told (dimension, value)
        GROUP BY told.dimension, told.value, model
    ),
    money AS (
        SELECT
            dimension, value, model,
            jsonb_object_agg(currency, trim_scale(round(amount::numeric, 4))) FILTER (WHERE amount <> 0) AS revenue
        FROM (
            SELECT told.dimension, told.value, model, currency, sum(amount) AS amount
            FROM amounts
            CROSS JOIN LATERAL (VALUES ('channels', channel), ('campaigns', utm_campaign)) AS told (dimension, value)
            GROUP BY told.dimension, told.value, model, currency
        ) AS sums
        GROUP BY dimension, value, model
    ),
    ranked AS (
        SELECT
            counts.dimension, counts.value,
            jsonb_object_agg(counts.model, jsonb_build_object(
                'conversions', trim_scale(round(counts.conversions::numeric, 4)),
                'revenue', coalesce(money.revenue, '{}'))) AS models,
            row_number() OVER (
                PARTITION BY counts.dimension
                ORDER BY round(max(counts.conversions) FILTER (WHERE counts.model = 'linear')::numeric, 4) DESC,
                    counts.value COLLATE "C" NULLS LAST) AS place
        FROM counts
        LEFT JOIN money
            ON money.dimension = counts.dimension
            AND money.value IS NOT DISTINCT FROM counts.value
            AND money.model = counts.model
        GROUP BY counts.dimension, counts.value
    )
    SELECT asked.head
        || jsonb_build_object(
            'lookback_days', lookback_days, 'half_life_days', half_life_days,
            'conversions', (
                SELECT coalesce(sum(conversions), 0) FROM credited WHERE model = 'last' AND share = 1))
        || '{"channels": [], "campaigns": []}'
        || coalesce(jsonb_object_agg(listed.dimension, listed.rows), '{}')
    INTO answer
    FROM (
        SELECT dimension, jsonb_agg(jsonb_build_object('value', value) || models ORDER BY place) AS rows
        FROM ranked
        WHERE place <= most
        GROUP BY dimension
    ) AS listed;
    RETURN answer;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_breakdowns(jsonb,text[],text[]) -- The breakdowns asked for, the usual ones without the option. Errors: ST400.
CREATE OR REPLACE FUNCTION business.site_breakdowns(options jsonb, usual text[], others text[])
 RETURNS text[]
 LANGUAGE plpgsql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    known CONSTANT text[] := usual || others;
    asked CONSTANT jsonb := coalesce(options -> 'breakdowns', to_jsonb(usual));
BEGIN
    IF jsonb_typeof(asked) <> 'array' OR NOT asked <@ to_jsonb(known) THEN
        PERFORM business.site_argument_error(
            'breakdowns', 'An array of some of ' || array_to_string(known, ', ') || '.');
    END IF;
    RETURN ARRAY(SELECT jsonb_array_elements_text(asked));
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_bridge_row(business.site_session_details_s,timestamp with time zone,timestamp with time zone) -- The row of business.site_session_b that a version makes, after a session before it and the first one.
CREATE OR REPLACE FUNCTION business.site_bridge_row(version business.site_session_details_s, previous_start timestamp with time zone, first_start timestamp with time zone)
 RETURNS SETOF business.site_session_b
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
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
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_category(text,integer) -- The first levels of a category, all of them where level is NULL: names with " > " between, however it was written.
CREATE OR REPLACE FUNCTION business.site_category(category text, level integer)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
    SELECT nullif(array_to_string((ARRAY(
        SELECT btrim(name)
        FROM unnest(string_to_array(category, '>')) WITH ORDINALITY AS levels (name, place)
        WHERE btrim(name) <> ''
        ORDER BY place))[:coalesce(level, 1000)], ' > '), '')
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_change(jsonb,jsonb) -- By which share each metric has grown; NULL from nothing.
CREATE OR REPLACE FUNCTION business.site_change(metrics jsonb, previous jsonb)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT jsonb_object_agg(
        name,
        business.site_rate((metrics ->> name)::numeric - (previous ->> name)::numeric,
            (previous ->> name)::numeric, 4))
    FROM jsonb_object_keys(metrics - '{revenue,refunds}'::text[]) AS name
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_change_settings(bytea,jsonb) -- The data of api.change_settings. Errors: ST400.
CREATE OR REPLACE FUNCTION business.site_change_settings(tenant bytea, change jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    part record;
    token text;
BEGIN
    IF coalesce(jsonb_typeof(change), '') <> 'object' OR change = '{}' THEN
        PERFORM business.site_argument_error('change', 'An object of goals, goal, segment, annotation, link or alert.');
    END IF;
    -- One after the other for a tenant, so that versions are in order.
    PERFORM pg_advisory_xact_lock(hashtextextended(encode(tenant, 'hex'), 7));
    FOR part IN SELECT key, value FROM jsonb_each(change) LOOP
        IF part.key = 'goals' THEN
            PERFORM business.site_set_goals(tenant, part.value);
        ELSIF part.key IN ('goal', 'segment', 'annotation', 'link') AND jsonb_typeof(part.value) = 'object' THEN
            token := coalesce(business.site_save(tenant, upper(part.key), part.value), token);
        ELSIF part.key = 'alert' AND jsonb_typeof(part.value) = 'object' THEN
            token := coalesce(business.site_save_alert(tenant, part.value), token);
        ELSE
            PERFORM business.site_argument_error(left(part.key, 100), 'Goals, or the object of a goal, segment, annotation, link or alert.');
        END IF;
    END LOOP;
    RETURN business.site_settings(tenant)
        || CASE WHEN token IS NULL THEN '{}' ELSE jsonb_build_object('token', token) END;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_check_cost(bytea,numeric,jsonb,text[]) -- Raises ST413 with the options to narrow when a question costs more than the tenant's may.
CREATE OR REPLACE FUNCTION business.site_check_cost(tenant bytea, cost numeric, options jsonb, VARIADIC narrow text[] DEFAULT '{}'::text[])
 RETURNS void
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    most bigint;
BEGIN
    SELECT max_read_cost INTO most
    FROM auth.tenant_site_tracking_s
    WHERE tenant_hk = tenant
    ORDER BY load_date DESC
    LIMIT 1;
    most := coalesce(most, 10000000);
    IF cost > most THEN
        narrow := CASE WHEN options ? 'from' THEN '{from}'::text[] WHEN NOT 'minutes' = ANY (narrow) THEN '{days}' END
            || narrow;
        RAISE EXCEPTION USING
            ERRCODE = 'ST413',
            COLUMN = array_to_string(narrow, ','),
            -- Without its cost, which tells how much others have.
            MESSAGE = format('It would cost more than reading %s events. Narrow %s.',
                most, array_to_string(narrow, ', '));
    END IF;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_check_step(text,jsonb) -- Raises ST400 unless a step of a funnel, or a point of a path, is well-formed.
CREATE OR REPLACE FUNCTION business.site_check_step(field text, step jsonb)
 RETURNS void
 LANGUAGE plpgsql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    member record;
BEGIN
    IF jsonb_typeof(step) <> 'object' OR NOT step ?| '{evt_type,page_url,item_id}' THEN
        PERFORM business.site_argument_error(field, 'An object with at least one of evt_type, page_url and item_id.');
    END IF;
    FOR member IN SELECT key, value FROM jsonb_each(step) LOOP
        IF member.key NOT IN ('name', 'evt_type', 'page_url', 'item_id')
            OR jsonb_typeof(member.value) <> 'string' OR length(member.value #>> '{}') > 2048 THEN
            PERFORM business.site_argument_error(
                format('%s.%s', field, left(member.key, 100)),
                'A step has name, evt_type, page_url and item_id, texts of at most 2048 characters.');
        END IF;
    END LOOP;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_check_steps(jsonb) -- Raises ST400 unless the steps of a funnel are well-formed.
CREATE OR REPLACE FUNCTION business.site_check_steps(steps jsonb)
 RETURNS void
 LANGUAGE plpgsql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    step record;
BEGIN
    IF coalesce(jsonb_typeof(steps), '') <> 'array' OR jsonb_array_length(steps) NOT BETWEEN 2 AND 10 THEN
        PERFORM business.site_argument_error('steps', 'An array of 2 to 10 steps.');
    END IF;
    FOR step IN SELECT value, ordinality - 1 AS number FROM jsonb_array_elements(steps) WITH ORDINALITY LOOP
        PERFORM business.site_check_step(format('steps[%s]', step.number), step.value);
    END LOOP;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_chosen_sessions(bytea,timestamp with time zone,timestamp with time zone,jsonb,boolean) -- The keys of the closed sessions that began in a period and pass the filters, NULL without filters; and the open ones.
CREATE OR REPLACE FUNCTION business.site_chosen_sessions(tenant bytea, from_at timestamp with time zone, to_at timestamp with time zone, filters jsonb, include_bots boolean)
 RETURNS TABLE(starts timestamp with time zone[], sessions bytea[], opened business.site_session_b[])
 LANGUAGE plpgsql
 STABLE ROWS 1
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
    RETURN QUERY
    SELECT NULL::timestamptz[], NULL::bytea[], ARRAY(
        SELECT open_one
        FROM business.site_open_sessions(tenant, from_at, to_at) AS open_one
        WHERE include_bots OR NOT open_one.is_bot)
    WHERE filters = '{}'
    UNION ALL
    SELECT
        coalesce(array_agg(chosen.key_start), '{}'), coalesce(array_agg(chosen.session_hk), '{}'),
        ARRAY(
            SELECT open_one
            FROM business.site_filtered_open(tenant, from_at, to_at, filters, include_bots) AS open_one)
    FROM (
        SELECT key_start, session_hk FROM business.site_filtered_closed(tenant, from_at, to_at, filters, include_bots)
        UNION ALL
        SELECT key_start, session_hk FROM business.site_found_closed(tenant, from_at, to_at, filters, include_bots)
    ) AS chosen
    HAVING filters <> '{}';
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_closed_paths(bytea,timestamp with time zone,timestamp with time zone,jsonb,boolean,timestamp with time zone[],bytea[]) -- The paths of the closed sessions that business.site_chosen_sessions gave by these filters.
CREATE OR REPLACE FUNCTION business.site_closed_paths(tenant bytea, from_at timestamp with time zone, to_at timestamp with time zone, filters jsonb, include_bots boolean, starts timestamp with time zone[], sessions bytea[])
 RETURNS SETOF business.site_session_path_b
 LANGUAGE sql
 STABLE PARALLEL SAFE ROWS 100000
AS $function$
    SELECT paths.*
    FROM business.site_session_path_b AS paths
    WHERE sessions IS NULL
        AND paths.tenant_hk = tenant
        AND paths.key_start >= from_at - INTERVAL '1 millisecond'
        AND paths.key_start < to_at
        AND paths.session_start >= from_at
        AND paths.session_start < to_at
        AND (include_bots OR NOT paths.is_bot)
    UNION ALL
    -- Few are looked up by their keys.
    SELECT paths.*
    FROM unnest(starts, sessions) AS chosen (key_start, session_hk)
    CROSS JOIN LATERAL (
        SELECT *
        FROM business.site_session_path_b AS held
        WHERE held.tenant_hk = tenant
            AND held.key_start = chosen.key_start
            AND held.session_hk = chosen.session_hk
        OFFSET 0
    ) AS paths
    WHERE cardinality(sessions) <= 200 OR filters ? 'closed_sessions'
    UNION ALL
    -- Many are found once more, as no worker takes that many keys, by one column: by two that hang together the planner
    -- would expect none.
    SELECT paths.*
    FROM business.site_filtered_closed(tenant, from_at, to_at, filters, include_bots) AS found
    JOIN business.site_session_path_b AS paths ON paths.session_hk = found.session_hk
    WHERE cardinality(sessions) > 200
        AND paths.tenant_hk = tenant
        AND paths.key_start >= from_at - INTERVAL '1 millisecond'
        AND paths.key_start < to_at
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_codes_of_types(bytea,text[]) -- By which business.site_told_paths tells events of these types.
CREATE OR REPLACE FUNCTION business.site_codes_of_types(tenant bytea, types text[])
 RETURNS text[]
 LANGUAGE sql
 STABLE PARALLEL SAFE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT ARRAY(
        SELECT 'type:' || evt_type FROM unnest(types) AS evt_type
        UNION ALL
        SELECT code FROM business.site_event_type_b WHERE tenant_hk = tenant AND evt_type = ANY (types))
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_cohorts(bytea,timestamp with time zone,timestamp with time zone,timestamp with time zone,text,integer) -- What a session adds to business.site_cohort_b, or takes from it by sign -1: nothing unless its visitor comes by it on that day. Robots are to be left out.
CREATE OR REPLACE FUNCTION business.site_cohorts(tenant bytea, first_start timestamp with time zone, previous_start timestamp with time zone, session_start timestamp with time zone, zone text, sign integer)
 RETURNS SETOF business.site_cohort_b
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
    SELECT
        tenant,
        (coalesce(first_start, session_start) AT TIME ZONE zone)::date,
        (session_start AT TIME ZONE zone)::date,
        coalesce((previous_start AT TIME ZONE zone)::date, '-infinity'),
        sign::bigint
    WHERE previous_start IS NULL
        OR (previous_start AT TIME ZONE zone)::date < (session_start AT TIME ZONE zone)::date
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_contract_event(business.site_event_details_s,text) -- What the vault holds of an event, as an event of the contract.
CREATE OR REPLACE FUNCTION business.site_contract_event(details business.site_event_details_s, page_url text)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
AS $function$
    SELECT jsonb_strip_nulls(
        to_jsonb(details)
        - '{event_hk,tenant_hk,is_bot,device_type,hash_diff,load_date,record_source,referrer_url}'::text[]
        || jsonb_build_object('page_url', page_url, 'page_referrer', details.referrer_url))
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_count_erased(bytea,timestamp with time zone[],bytea[],boolean[]) -- Links events to the session of those that are erased, counts the ones that were not in the ledger, and has the job forget all of them.
CREATE OR REPLACE FUNCTION business.site_count_erased(tenant bytea, event_timestamps timestamp with time zone[], event_hks bytea[], were_late boolean[] DEFAULT NULL::boolean[])
 RETURNS bigint
 LANGUAGE sql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    INSERT INTO raw.site_tracking_forgotten_r (tenant_hk, event_bk, added_in, load_date)
    SELECT DISTINCT tenant, events.event_bk, pg_current_xact_id(), clock_timestamp()
    FROM unnest(event_timestamps, event_hks) AS given (event_timestamp, event_hk)
    JOIN business.site_event_h AS events USING (event_timestamp, event_hk)
    WHERE events.tenant_hk = tenant
    ORDER BY events.event_bk
    ON CONFLICT (tenant_hk, event_bk) DO UPDATE SET
        added_in = excluded.added_in,
        load_date = excluded.load_date;
    WITH newly AS MATERIALIZED (
        SELECT * FROM business.site_reserve_events(tenant, 'sess_erased', event_timestamps, event_hks)
    ),
    counted AS (
        INSERT INTO raw.site_tracking_erased_r AS totals (
            ledger_date, tenant_hk, event_count, late_count, load_date, record_source)
        SELECT
            (events.load_date AT TIME ZONE 'UTC')::date, tenant, count(*),
            count(*) FILTER (WHERE given.was_late), clock_timestamp(), 'site_tracking'
        FROM newly
        JOIN unnest(event_timestamps, event_hks, were_late) AS given (event_timestamp, event_hk, was_late)
            USING (event_timestamp, event_hk)
        JOIN business.site_event_h AS events USING (event_timestamp, event_hk)
        -- Of days that the ledger has no more nothing is counted.
        WHERE events.load_date >= raw.site_tracking_kept_from(tenant, 'ledger')
        GROUP BY 1
        ORDER BY 1
        ON CONFLICT (ledger_date, tenant_hk) DO UPDATE SET
            event_count = totals.event_count + excluded.event_count,
            late_count = totals.late_count + excluded.late_count,
            load_date = excluded.load_date
    )
    SELECT count(*) FROM newly
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_count_events(business.site_rollup_b[]) -- Adds sums of events to the rollup. A row of dimension orders or measured is no sum: it names an event, by time and hash key, whose items count if it comes first of its order, or whose vitals do.
CREATE OR REPLACE FUNCTION business.site_count_events(given business.site_rollup_b[])
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_count_orders(timestamp with time zone[],bytea[]) -- Lets the given events count for their orders where they come first, and tells which events count now, and by sign -1 which do no longer.
CREATE OR REPLACE FUNCTION business.site_count_orders(event_timestamps timestamp with time zone[], event_hks bytea[])
 RETURNS TABLE(sign integer, event_timestamp timestamp with time zone, event_hk bytea)
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_seqscan TO 'off'
 SET plan_cache_mode TO 'force_generic_plan'
 SET jit TO 'off'
AS $function$
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
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_counted(bytea,bytea[],timestamp with time zone[]) -- Of what rollups are made that an erasure changes: returns of visitors, the days on which they met items, and sums of events of days.
CREATE OR REPLACE FUNCTION business.site_counted(tenant bytea, visitors bytea[], days timestamp with time zone[], OUT sessions business.site_session_b[], OUT item_days business.site_item_day_b[], OUT sums business.site_rollup_b[])
 RETURNS record
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT
        ARRAY(
            SELECT held
            FROM business.site_session_b AS held
            WHERE tenant_hk = tenant
                AND visitor_hk = ANY (visitors)
                AND NOT is_bot
                AND previous_start IS NOT NULL),
        ARRAY(
            SELECT held
            FROM unnest(visitors) AS visitor_hk
            JOIN business.site_item_day_b AS held
                ON held.tenant_hk = tenant AND held.visitor = business.site_short_key(visitor_hk)),
        ARRAY(
            SELECT held
            FROM business.site_rollup_b AS held
            WHERE tenant_hk = tenant AND dimension IN ('top_pages', 'items', 'vitals') AND bucket_start = ANY (days))
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_counted_paths(bytea,timestamp with time zone,timestamp with time zone,jsonb,boolean,boolean,boolean) -- How many events of the sessions that began in a period and pass the filters saw a page, or met an item by an event of a type; page and item of a row are of any two events. The session and the instant are told of what may sell.
CREATE OR REPLACE FUNCTION business.site_counted_paths(tenant bytea, from_at timestamp with time zone, to_at timestamp with time zone, filters jsonb, include_bots boolean, of_pages boolean, of_items boolean)
 RETURNS TABLE(page bigint, item bigint, code text, session_hk bytea, session_start timestamp with time zone, event_timestamp timestamp with time zone, events bigint)
 LANGUAGE plpgsql
 STABLE ROWS 10000
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
DECLARE
    view_codes CONSTANT text[] := business.site_codes_of_types(tenant, '{page_view}');
    trade_codes CONSTANT text[] := business.site_codes_of_types(tenant, '{purchase,transaction_step,refund}');
    trades CONSTANT text[] := ARRAY(SELECT '%' || code || '%' FROM unnest(trade_codes) AS code);
    opened CONSTANT business.site_session_b[] := ARRAY(
        SELECT open_one
        FROM business.site_filtered_open(tenant, from_at, to_at, filters, include_bots) AS open_one);
BEGIN
    RETURN QUERY
    -- As narrow as it can be, as workers hand it over: most sessions trade nothing.
    WITH told AS MATERIALIZED (
        SELECT
            paths.types, CASE WHEN of_pages THEN paths.pages END AS pages, CASE WHEN of_items THEN paths.items END AS items,
            CASE WHEN of_items THEN paths.item_places END AS item_places, paths.key_start,
            CASE WHEN paths.types LIKE ANY (trades) THEN paths.session_hk END AS session_hk,
            CASE WHEN paths.types LIKE ANY (trades) THEN paths.offsets END AS offsets
        FROM business.site_closed_paths(tenant, from_at, to_at, filters, include_bots, NULL, NULL) AS paths
        WHERE filters = '{}'
        UNION ALL
        SELECT
            paths.types, CASE WHEN of_pages THEN paths.pages END, CASE WHEN of_items THEN paths.items END,
            CASE WHEN of_items THEN paths.item_places END, paths.key_start,
            CASE WHEN paths.types LIKE ANY (trades) THEN paths.session_hk END,
            CASE WHEN paths.types LIKE ANY (trades) THEN paths.offsets END
        FROM business.site_filtered_closed(tenant, from_at, to_at, filters, include_bots) AS sessions
        JOIN business.site_session_path_b AS paths
            ON paths.tenant_hk = sessions.tenant_hk
            AND paths.key_start = sessions.key_start
            AND paths.session_hk = sessions.session_hk
        WHERE filters <> '{}'
            AND paths.key_start >= from_at - INTERVAL '1 millisecond'
            AND paths.key_start < to_at
        UNION ALL
        SELECT
            paths.types, CASE WHEN of_pages THEN paths.pages END, CASE WHEN of_items THEN paths.items END,
            CASE WHEN of_items THEN paths.item_places END, paths.key_start,
            CASE WHEN paths.types LIKE ANY (trades) THEN paths.session_hk END,
            CASE WHEN paths.types LIKE ANY (trades) THEN paths.offsets END
        FROM unnest(business.site_starts_found(filters), business.site_sessions_named(filters, 'closed_sessions'))
            AS found (key_start, session_hk)
        CROSS JOIN LATERAL (
            SELECT *
            FROM business.site_session_path_b AS held
            WHERE held.tenant_hk = tenant
                AND held.key_start = found.key_start
                AND held.session_hk = found.session_hk
            OFFSET 0
        ) AS paths
        WHERE filters ? 'closed_sessions' AND (include_bots OR NOT paths.is_bot)
    )
    SELECT seen.page, NULL::bigint, NULL, NULL::bytea, NULL::timestamptz, NULL::timestamptz, count(*)
    FROM (SELECT unnest(string_to_array(told.types, NULL)) AS code, unnest(told.pages) AS page FROM told WHERE of_pages) AS seen
    WHERE seen.code = ANY (view_codes) AND seen.page <> 0
    GROUP BY seen.page
    UNION ALL
    SELECT
        NULL, met.item, placed.code,
        CASE WHEN placed.trades THEN met.session_hk END,
        CASE WHEN placed.trades THEN met.key_start + met.offsets[1] * INTERVAL '1 microsecond' END,
        CASE WHEN placed.trades THEN met.key_start + met.offsets[met.item_place] * INTERVAL '1 microsecond' END,
        count(*)
    FROM (
        SELECT
            told.session_hk, told.key_start, told.types, told.offsets, unnest(told.items) AS item,
            unnest(told.item_places) AS item_place
        FROM told
        WHERE told.items <> '{}'
    ) AS met
    CROSS JOIN LATERAL (
        SELECT
            substr(met.types, met.item_place, 1) AS code,
            substr(met.types, met.item_place, 1) = ANY (trade_codes) AS trades
    ) AS placed
    GROUP BY 2, 3, 4, 5, 6;
    -- As many rows as events; there are few open sessions.
    RETURN QUERY
    SELECT
        CASE WHEN events.code = ANY (view_codes) THEN nullif(events.page, 0) END, events.item,
        told.codes[events.item_place], told.session_hk, told.key_start + told.offsets[1] * INTERVAL '1 microsecond',
        CASE WHEN told.codes[events.item_place] = ANY (trade_codes)
            THEN told.key_start + told.offsets[events.item_place] * INTERVAL '1 microsecond' END,
        1::bigint
    FROM business.site_told_paths(tenant, from_at, to_at, filters, include_bots, '{}', '{}', opened) AS told
    CROSS JOIN LATERAL (
        SELECT
            unnest(CASE WHEN of_pages THEN told.codes END) AS code,
            unnest(CASE WHEN of_pages THEN told.pages END) AS page,
            unnest(CASE WHEN of_items THEN told.items END) AS item,
            unnest(CASE WHEN of_items THEN told.item_places END) AS item_place
    ) AS events
    WHERE events.item IS NOT NULL OR events.code = ANY (view_codes) AND events.page <> 0;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_counted_returns(bytea,timestamp with time zone[],timestamp with time zone,timestamp with time zone,jsonb) -- As business.site_summed_returns, from the sessions themselves: of visitors whose first session passes the filters.
CREATE OR REPLACE FUNCTION business.site_counted_returns(tenant bytea, starts timestamp with time zone[], from_at timestamp with time zone, to_at timestamp with time zone, filters jsonb)
 RETURNS TABLE(cohort integer, later integer, visitors numeric)
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
DECLARE
    -- A bit for each interval.
    never CONSTANT varbit := repeat('0', cardinality(starts))::varbit;
BEGIN
    RETURN QUERY
    WITH sessions AS (
        SELECT
            visitor_hk, width_bucket(session_start, starts) AS number,
            -- Of who first came by a session that passes all sessions count.
            previous_start IS NULL AND (filters = '{}' OR session_hk IN (
                SELECT chosen.session_hk
                FROM business.site_filtered_sessions(tenant, from_at, to_at, filters, false) AS chosen)) AS is_first
        FROM business.site_session_b
        WHERE tenant_hk = tenant
            AND NOT is_bot
            AND session_start >= from_at
            AND session_start < to_at
            AND key_start >= date_trunc('milliseconds', from_at)
            AND key_start < to_at
    ),
    visitors AS (
        SELECT min(number) FILTER (WHERE is_first) AS cohort, bit_or(set_bit(never, number - 1, 1)) AS came
        FROM sessions
        GROUP BY visitor_hk
    ),
    -- Few of the ways to come again are taken by many.
    habits AS MATERIALIZED (
        SELECT cohort, came, count(*) AS visitors
        FROM visitors
        WHERE cohort IS NOT NULL
        GROUP BY cohort, came
    )
    SELECT cohort, number - cohort, sum(visitors)
    FROM habits
    CROSS JOIN LATERAL generate_series(cohort, cardinality(starts)) AS number
    WHERE get_bit(came, number - 1) = 1
    GROUP BY 1, 2;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_credits(bigint,bigint,double precision,double precision) -- Which share of a conversion the models give to one of so many touches.
CREATE OR REPLACE FUNCTION business.site_credits(place bigint, touches bigint, freshness double precision, all_freshness double precision)
 RETURNS TABLE(model text, share double precision)
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
    VALUES
        ('first', (place = 1)::integer::double precision),
        ('last', (place = touches)::integer),
        ('linear', 1.0 / touches),
        ('position', CASE
            WHEN touches <= 2 THEN 1.0 / touches
            WHEN place IN (1, touches) THEN 0.4
            ELSE 0.2 / (touches - 2) END),
        ('time_decay', freshness / all_freshness)
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_day(timestamp with time zone) -- The UTC day that an instant lies in.
CREATE OR REPLACE FUNCTION business.site_day(instant timestamp with time zone)
 RETURNS timestamp with time zone
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$ SELECT date_bin('1 day', instant, '2000-01-01 00:00:00Z') $function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_days_that_follow(bytea,bytea[],bytea[]) -- The days of events of others that count from now on, as an order of erased events is told of in them, too, or a page view that was told in their sessions before.
CREATE OR REPLACE FUNCTION business.site_days_that_follow(tenant bytea, event_hks bytea[], sessions bytea[])
 RETURNS timestamp with time zone[]
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_custom_plan'
AS $function$
    SELECT ARRAY(
        SELECT business.site_day(others.event_timestamp)
        FROM business.site_order_b AS orders
        JOIN business.site_order_events_v AS others
            ON others.tenant_hk = orders.tenant_hk AND others.transaction_hk = orders.transaction_hk
        WHERE orders.tenant_hk = tenant AND orders.event_hk = ANY (event_hks)
        UNION
        SELECT business.site_day(event_timestamp)
        FROM business.site_repeat_b
        WHERE session_hk = ANY (sessions))
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_described_items(bytea,text,integer) -- The items of a tenant by business.site_short_key, with what their latest descriptions say of their category, brand or type.
CREATE OR REPLACE FUNCTION business.site_described_items(tenant bytea, field text, level integer)
 RETURNS TABLE(item bigint, value text)
 LANGUAGE sql
 STABLE PARALLEL SAFE ROWS 10000
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT
        business.site_short_key(hubs.business_item_hk),
        CASE field
            WHEN 'category' THEN business.site_category(latest.item_category, level)
            WHEN 'brand' THEN latest.item_brand
            WHEN 'type' THEN latest.item_type END
    FROM business.business_item_h AS hubs
    LEFT JOIN LATERAL (
        SELECT *
        FROM business.business_item_details_s AS versions
        WHERE versions.business_item_hk = hubs.business_item_hk
        ORDER BY event_timestamp DESC, load_date DESC
        LIMIT 1
    ) AS latest ON true
    WHERE hubs.tenant_hk = tenant
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_erase_items_of_users(bytea,text) -- Erases the items that only users of a request met as visitors who stay, as others were these, too; when the events of the users are erased, and it is still known as whom they were seen.
CREATE OR REPLACE FUNCTION business.site_erase_items_of_users(tenant bytea, erasure text)
 RETURNS bigint
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_custom_plan'
 SET jit TO 'off'
AS $function$
#variable_conflict use_column
DECLARE
    named CONSTANT bytea[] := ARRAY(
        SELECT visitor_hk
        FROM raw.site_tracking_tombstone_r
        WHERE erasure_id = erasure AND shared_before IS NULL);
    shared CONSTANT bytea[] := ARRAY(
        SELECT DISTINCT seen.visitor_hk
        FROM unnest(named) AS users (user_hk)
        JOIN business.site_user_visitor_b AS seen ON seen.user_hk = users.user_hk
        WHERE seen.tenant_hk = tenant
            AND NOT EXISTS (SELECT FROM unnest(named) AS visitors (visitor_hk) WHERE visitors.visitor_hk = seen.visitor_hk));
    gone bigint := 0;
BEGIN
    IF cardinality(shared) = 0 THEN
        RETURN gone;
    END IF;
    WITH told AS (
        SELECT visitor_hk, event_timestamp, event_hk
        FROM staging.site_tracking_events_s
        WHERE tenant_hk = tenant AND visitor_hk = ANY (shared)
        UNION ALL
        SELECT named.visitor_hk, arrived.event_timestamp, arrived.event_hk
        FROM raw.site_tracking_events_r AS arrived
        CROSS JOIN LATERAL (
            SELECT business.site_hash_key(tenant, coalesce(arrived.visitor_bk, arrived.payload ->> 'visitor_id')) AS visitor_hk
            OFFSET 0
        ) AS named
        WHERE arrived.tenant_hk = tenant AND arrived.processing_status <> 'ERROR' AND named.visitor_hk = ANY (shared)
        UNION ALL
        SELECT visitor_hk, event_timestamp, event_hk
        FROM business.site_event_visitor_b
        WHERE tenant_hk = tenant AND visitor_hk = ANY (shared)
        UNION ALL
        SELECT sessions.visitor_hk, links.event_timestamp, links.event_hk
        FROM business.site_session_details_s AS sessions
        JOIN business.event_session_l AS links ON links.session_hk = sessions.session_hk
        WHERE sessions.tenant_hk = tenant AND sessions.visitor_hk = ANY (shared)
    ),
    met AS MATERIALIZED (
        SELECT DISTINCT told.visitor_hk, items.business_item_hk
        FROM told
        JOIN business.event_business_item_l AS items
            ON items.event_timestamp = told.event_timestamp AND items.event_hk = told.event_hk
    )
    DELETE FROM business.visitor_business_item_l AS links
    USING raw.site_tracking_erasure_r AS request
    WHERE request.erasure_id = erasure
        AND links.tenant_hk = tenant
        AND links.visitor_hk = ANY (shared)
        AND links.load_date < request.erased_before
        -- Of what retention took nobody knows any more which event told it.
        AND links.load_date >= raw.site_tracking_kept_from(tenant, 'events')
        AND NOT EXISTS (
            SELECT FROM met
            WHERE met.visitor_hk = links.visitor_hk AND met.business_item_hk = links.business_item_hk);
    GET DIAGNOSTICS gone = ROW_COUNT;
    RETURN gone;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_erase_period(bytea,text,timestamp with time zone,timestamp with time zone) -- Erases the events of a period that are of the visitors of a request, and the sessions in which they took part; tells how many rows went. Calling it again changes nothing.
CREATE OR REPLACE FUNCTION business.site_erase_period(tenant bytea, erasure text, from_at timestamp with time zone, to_at timestamp with time zone)
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_custom_plan'
 SET jit TO 'off'
AS $function$
#variable_conflict use_column
DECLARE
    -- In arrays, as the planner knows how many there are: of rows that were just written it does not.
    visitor_hks bytea[];
    befores timestamptz[];
    spared_hks bytea[];
    shared_befores timestamptz[];
    times timestamptz[];
    keys bytea[];
    were_late boolean[];
    sessions bytea[];
    dissolved record;
    days timestamptz[];
    -- A shadow gets what production kept when they change places.
    keeps CONSTANT boolean := 'business.site_rollup_b' NOT LIKE '%shadow.%'
        AND (SELECT erased_counts = 'KEPT' FROM raw.site_tracking_erasure_r WHERE erasure_id = erasure);
    summed business.site_session_b[];
    visitors bytea[];
    lossy_days timestamptz[];
    counted record;
    target text;
    counts jsonb := '{}';
    gone bigint;
BEGIN
    SELECT array_agg(visitor_hk), array_agg(erased_before),
        array_agg(visitor_hk) FILTER (WHERE shared_before IS NOT NULL),
        array_agg(shared_before) FILTER (WHERE shared_before IS NOT NULL)
    INTO visitor_hks, befores, spared_hks, shared_befores
    FROM raw.site_tracking_tombstone_r
    WHERE erasure_id = erasure;
    SELECT array_agg(event_timestamp ORDER BY event_timestamp, event_hk),
        array_agg(event_hk ORDER BY event_timestamp, event_hk)
    INTO times, keys
    FROM business.site_events_of_visitors(tenant, visitor_hks, befores, from_at, to_at);
    SELECT array_agg(is_late ORDER BY number)
    INTO were_late
    FROM (
        SELECT number, EXISTS (
            SELECT FROM business.event_session_current_v AS links
            WHERE links.event_timestamp = given.event_timestamp
                AND links.event_hk = given.event_hk
                AND links.link_kind = 'LATE') AS is_late
        FROM unnest(times, keys) WITH ORDINALITY AS given (event_timestamp, event_hk, number)
    ) AS judged;
    SELECT array_agg(session_hk ORDER BY session_hk)
    INTO sessions
    FROM (
        SELECT links.session_hk
        FROM unnest(times, keys) AS given (event_timestamp, event_hk)
        JOIN business.event_session_l AS links
            ON links.event_timestamp = given.event_timestamp AND links.event_hk = given.event_hk
        WHERE links.tenant_hk = tenant
        UNION
        SELECT versions.session_hk
        FROM unnest(visitor_hks, befores) AS named (visitor_hk, before)
        JOIN business.site_session_details_s AS versions
            ON versions.visitor_hk = named.visitor_hk
            AND versions.session_start < named.before
        WHERE versions.tenant_hk = tenant
            AND versions.session_start >= from_at
            AND versions.session_start < to_at
        UNION
        -- Of visitors who are spared by now, what loaders wrote no more until they were.
        SELECT versions.session_hk
        FROM unnest(spared_hks, shared_befores) AS spared (visitor_hk, before)
        JOIN business.site_session_details_s AS versions
            ON versions.visitor_hk = spared.visitor_hk
            AND versions.session_start < spared.before
        JOIN raw.site_tracking_dissolved_r AS dissolved ON dissolved.session_hk = versions.session_hk
        WHERE versions.tenant_hk = tenant
            AND versions.session_start >= from_at
            AND versions.session_start < to_at
    ) AS joined
    WHERE session_hk NOT IN (
        business.site_hash_key(tenant, 'sess_none'), business.site_hash_key(tenant, 'sess_late'),
        business.site_hash_key(tenant, 'sess_erased'));
    IF keeps THEN
        summed := business.site_summed_sessions(tenant, sessions);
    END IF;

    FOREACH target IN ARRAY ARRAY[
        'raw.site_tracking_events_r', 'staging.site_tracking_events_s', 'business.site_event_details_s',
        'business.event_page_l', 'business.event_business_item_l', 'business.site_event_visitor_b'] LOOP
        EXECUTE format(
            'DELETE FROM %s AS events USING unnest($1, $2) AS given (event_timestamp, event_hk)'
            ' WHERE events.event_timestamp = given.event_timestamp AND events.event_hk = given.event_hk'
            ' AND events.tenant_hk = $3', target)
        USING times, keys, tenant;
        GET DIAGNOSTICS gone = ROW_COUNT;
        counts := counts || jsonb_build_object(target, gone);
    END LOOP;
    -- A loader that knew may have been here before.
    DELETE FROM business.event_session_l AS links
    USING unnest(times, keys) AS given (event_timestamp, event_hk)
    WHERE links.event_timestamp = given.event_timestamp
        AND links.event_hk = given.event_hk
        AND links.tenant_hk = tenant
        AND links.session_hk <> business.site_hash_key(tenant, 'sess_erased');
    gone := business.site_count_erased(tenant, times, keys, were_late);
    INSERT INTO raw.site_tracking_dissolved_r (session_hk, tenant_hk, load_date)
    SELECT session_hk, tenant, clock_timestamp()
    FROM unnest(sessions) AS given (session_hk)
    ORDER BY session_hk
    ON CONFLICT DO NOTHING;
    dissolved := business.site_remove_sessions(tenant, sessions, from_at, to_at);
    counts := counts || jsonb_build_object(
        'events', gone, 'sessions', coalesce(cardinality(dissolved.removed), 0));

    IF dissolved.removed IS NULL AND keys IS NULL THEN
        RETURN counts;
    END IF;
    PERFORM pg_advisory_xact_lock('business.site_session_b'::regclass::oid::integer, get_byte(tenant, 0) % 64);
    LOCK TABLE business.site_order_b, business.site_rollup_b IN SHARE ROW EXCLUSIVE MODE;
    days := ARRAY(SELECT DISTINCT business.site_day(event_timestamp) FROM unnest(times) AS event_timestamp);
    IF keeps THEN
        visitors := ARRAY(SELECT DISTINCT visitor_hk FROM unnest(summed));
        lossy_days := days || business.site_days_that_follow(tenant, keys, sessions);
        counted := business.site_counted(tenant, visitors, lossy_days);
    END IF;
    IF dissolved.removed IS NOT NULL THEN
        CALL business.site_refresh_sessions(
            array_fill(tenant, ARRAY[cardinality(dissolved.removed)]), dissolved.starts, dissolved.removed);
    END IF;
    CALL business.site_resum_events(tenant, days);
    IF keeps THEN
        PERFORM business.site_keep_lost_counts(
            tenant, visitors, lossy_days, summed, counted.sessions, counted.item_days, counted.sums);
    END IF;
    RETURN counts;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_erase_rejected(bytea,text,bytea[],timestamp with time zone[],boolean[]) -- Erases rejected events that name visitors or users of a request, of those who were reached through a user only such as name no user, and notes of whom there were some; tells how many.
CREATE OR REPLACE FUNCTION business.site_erase_rejected(tenant bytea, erasure text, visitor_hks bytea[], befores timestamp with time zone[], were_followed boolean[])
 RETURNS bigint
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_custom_plan'
 SET jit TO 'off'
AS $function$
DECLARE
    rejected bigint;
    held bytea[];
    refused text[];
BEGIN
    WITH gone AS (
        DELETE FROM raw.site_tracking_events_r AS events
        USING (
            SELECT DISTINCT arrived.event_timestamp, arrived.event_hk
            FROM raw.site_tracking_events_r AS arrived
            CROSS JOIN LATERAL unnest(ARRAY[
                business.site_hash_key(tenant, arrived.visitor_bk),
                business.site_hash_key(tenant, arrived.user_bk)]) AS told (hk)
            JOIN unnest(visitor_hks, befores, were_followed) AS named (hk, before, was_followed)
                ON named.hk = told.hk AND coalesce(arrived.first_appended_at, arrived.load_date) < named.before
            WHERE arrived.tenant_hk = tenant
                AND arrived.processing_status = 'ERROR'
                -- Another user's, which the vault does not tell of rejected ones.
                AND (arrived.user_bk IS NULL OR NOT named.was_followed)
        ) AS found
        WHERE events.event_timestamp = found.event_timestamp
            AND events.event_hk = found.event_hk
            AND events.tenant_hk = tenant
            AND events.processing_status = 'ERROR'
        RETURNING events.visitor_bk, events.user_bk, events.event_bk
    )
    SELECT
        count(*),
        array_agg(business.site_hash_key(tenant, visitor_bk)) || array_agg(business.site_hash_key(tenant, user_bk)),
        array_agg(event_bk) FILTER (WHERE event_bk IS NOT NULL)
    INTO rejected, held, refused
    FROM gone;
    IF refused IS NOT NULL THEN
        -- The job's archive has them.
        CALL raw.site_tracking_forget_events(array_fill(tenant, ARRAY[cardinality(refused)]), refused);
    END IF;
    IF rejected > 0 THEN
        UPDATE raw.site_tracking_tombstone_r AS tombstones
        SET is_known = true
        WHERE tombstones.erasure_id = erasure
            AND NOT tombstones.is_known
            AND tombstones.visitor_hk = ANY (held);
    END IF;
    RETURN rejected;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_erase_visitors(bytea,text) -- Erases what is of the visitors of a request and of no day: their details, the items they met, as whom users were seen, events of theirs that were rejected. The hubs keep their keys, with the day.
CREATE OR REPLACE FUNCTION business.site_erase_visitors(tenant bytea, erasure text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_custom_plan'
 SET jit TO 'off'
AS $function$
DECLARE
    visitor_hks bytea[];
    befores timestamptz[];
    were_followed boolean[];
    details bigint;
    items bigint;
    users bigint;
BEGIN
    SELECT array_agg(visitor_hk), array_agg(erased_before), array_agg(through_user)
    INTO visitor_hks, befores, were_followed
    FROM raw.site_tracking_tombstone_r
    WHERE erasure_id = erasure AND shared_before IS NULL;
    DELETE FROM business.site_visitor_details_s AS versions
    USING unnest(visitor_hks, befores) AS named (hk, before)
    WHERE versions.tenant_hk = tenant AND versions.visitor_hk = named.hk AND versions.load_date < named.before;
    GET DIAGNOSTICS details = ROW_COUNT;
    DELETE FROM business.visitor_business_item_l AS links
    USING unnest(visitor_hks, befores) AS named (hk, before)
    WHERE links.tenant_hk = tenant AND links.visitor_hk = named.hk AND links.load_date < named.before;
    GET DIAGNOSTICS items = ROW_COUNT;
    items := items + business.site_erase_items_of_users(tenant, erasure);
    -- Of a visitor whom others were, too, it stays known that several were: the next may not have the rest.
    -- The time of a key is that of its first event, to the microsecond, and xmin tells as much: of an erased one the day is left.
    WITH gone AS (
        DELETE FROM business.site_user_visitor_b AS links
        USING (
            SELECT users.user_visitor_hk
            FROM unnest(visitor_hks, befores) AS named (hk, before)
            JOIN business.site_user_visitor_b AS users ON users.user_hk = named.hk AND users.load_date < named.before
            UNION
            SELECT visitors.user_visitor_hk
            FROM unnest(visitor_hks, befores) AS named (hk, before)
            JOIN business.site_user_visitor_b AS visitors
                ON visitors.visitor_hk = named.hk AND visitors.load_date < named.before
        ) AS found
        WHERE links.user_visitor_hk = found.user_visitor_hk AND links.tenant_hk = tenant
        RETURNING links.*
    ),
    coarsened AS (
        UPDATE business.site_visitor_h AS hubs
        SET load_date = business.site_day(hubs.load_date)
        FROM (
            SELECT hk, before FROM unnest(visitor_hks, befores) AS named (hk, before)
            UNION
            SELECT visitor_hk, 'infinity' FROM gone
        ) AS reached
        WHERE hubs.visitor_hk = reached.hk AND hubs.tenant_hk = tenant AND hubs.load_date < reached.before
    ),
    shared AS (
        INSERT INTO business.site_user_visitor_b (
            user_visitor_hk, user_hk, visitor_hk, tenant_hk, load_date, record_source)
        SELECT
            business.site_link_key(nobody.user_hk, gone.visitor_hk, tenant), nobody.user_hk, gone.visitor_hk, tenant,
            -- What came behind an earlier erasure of the visitor stays behind it.
            greatest(business.site_day(max(gone.load_date)), (
                SELECT max(earlier.erased_before)
                FROM raw.site_tracking_tombstone_r AS earlier
                WHERE earlier.tenant_hk = tenant
                    AND earlier.visitor_hk = gone.visitor_hk
                    AND earlier.erased_before <= max(gone.load_date))), 'site_tracking'
        FROM gone
        CROSS JOIN LATERAL business.site_nobody(tenant, gone.visitor_hk) AS nobody (user_hk)
        WHERE EXISTS (
                SELECT FROM business.site_user_visitor_b AS others
                WHERE others.visitor_hk = gone.visitor_hk AND others.user_hk <> gone.user_hk)
            AND NOT EXISTS (SELECT FROM unnest(visitor_hks) AS named (hk) WHERE named.hk = gone.visitor_hk)
        GROUP BY gone.visitor_hk, nobody.user_hk
        ORDER BY 1
        ON CONFLICT DO NOTHING
    )
    SELECT count(*) INTO users FROM gone;
    RETURN jsonb_build_object('business.site_visitor_details_s', details,
        'business.visitor_business_item_l', items, 'business.site_user_visitor_b', users,
        'raw.site_tracking_events_r', business.site_erase_rejected(
            tenant, erasure, visitor_hks, befores, were_followed),
        'raw.site_tracking_score_s', raw.site_tracking_erase_scores(tenant, erasure),
        'raw.site_tracking_objection_r', raw.site_tracking_erase_objections(tenant, erasure));
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_erased_events(bytea[],bigint[],bytea[]) -- Which of the given events, by their place, are erased, and the load_date of the delivery that was, in microseconds since the epoch.
CREATE OR REPLACE FUNCTION business.site_erased_events(tenant_hks bytea[], event_micros bigint[], event_hks bytea[])
 RETURNS TABLE(number integer, load_micros bigint)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_seqscan TO 'off'
AS $function$
    SELECT given.number::integer, (extract(epoch FROM links.load_date) * 1000000)::bigint
    FROM unnest(tenant_hks, event_micros, event_hks) WITH ORDINALITY AS given (tenant_hk, micros, event_hk, number)
    JOIN business.event_session_l AS links
        ON links.event_timestamp = timestamptz 'epoch' + given.micros * INTERVAL '1 microsecond'
        AND links.event_session_hk = business.site_link_key(
            given.event_hk, business.site_hash_key(given.tenant_hk, 'sess_erased'), given.tenant_hk)
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner,site_tracking_loader=X/site_tracking_owner}

FUNCTION business.site_error_code(text) -- What answers call an SQLSTATE of ours; NULL of any other.
CREATE OR REPLACE FUNCTION business.site_error_code(state text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE
AS $function$
    SELECT CASE state
        WHEN 'ST400' THEN 'INVALID_ARGUMENT'
        WHEN 'ST403' THEN 'TENANT_MISMATCH'
        WHEN 'ST404' THEN 'UNKNOWN_TENANT'
        WHEN 'ST409' THEN 'AMBIGUOUS_TENANT'
        WHEN 'ST413' THEN 'TOO_EXPENSIVE'
    END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_event_breakdowns(bytea,timestamp with time zone,timestamp with time zone,jsonb,boolean,text[],text,integer) -- Events and visits with them by event type, goal, named goal, and property (names, or values of the one given), of the sessions that began in a period and pass the filters.
CREATE OR REPLACE FUNCTION business.site_event_breakdowns(tenant bytea, from_at timestamp with time zone, to_at timestamp with time zone, filters jsonb, include_bots boolean, wanted text[], property text, most integer)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
DECLARE
    goals CONSTANT text[] := ARRAY(SELECT DISTINCT unnest(ARRAY['purchase'] || business.site_goals(tenant)));
    chosen CONSTANT record := business.site_chosen_sessions(tenant, from_at, to_at, filters, include_bots);
    breakdowns jsonb;
BEGIN
    WITH told AS MATERIALIZED (
        SELECT business.site_type_of_code(tenant, code) AS evt_type, events, visits
        FROM (
            SELECT code, sum(events)::bigint AS events, count(*) AS visits
            FROM (
                SELECT paths.number, code, count(*) AS events
                FROM (
                    SELECT row_number() OVER () AS number, codes
                    FROM business.site_told_paths(
                        tenant, from_at, to_at, filters, include_bots, chosen.starts, chosen.sessions,
                        chosen.opened)
                ) AS paths
                CROSS JOIN LATERAL unnest(paths.codes) AS code
                WHERE wanted && '{event_types,goals}'
                GROUP BY paths.number, code
            ) AS by_session
            GROUP BY code
        ) AS counts
    ),
    counted AS (
        SELECT 'event_types' AS breakdown, evt_type AS value, events, visits
        FROM told
        WHERE 'event_types' = ANY (wanted)
        UNION ALL
        SELECT 'goals', goal, coalesce(told.events, 0), coalesce(told.visits, 0)
        FROM unnest(goals) AS goal
        LEFT JOIN told ON told.evt_type = goal
        WHERE 'goals' = ANY (wanted)
        UNION ALL
        SELECT 'named_goals', named.goal, named.events, named.visits
        FROM business.site_named_goals(tenant, from_at, to_at, filters, include_bots) AS named
        WHERE 'named_goals' = ANY (wanted)
        UNION ALL
        SELECT 'properties', properties.value, count(*), count(DISTINCT properties.session_hk)
        FROM business.site_told_properties(tenant, from_at, to_at, filters, include_bots, property) AS properties
        WHERE 'properties' = ANY (wanted)
        GROUP BY properties.value
    ),
    ranked AS (
        SELECT
            counted.*,
            row_number() OVER (PARTITION BY breakdown ORDER BY events DESC, value COLLATE "C") AS rank
        FROM counted
    )
    SELECT jsonb_object_agg(name, coalesce(listed.rows, '[]'))
    INTO breakdowns
    FROM unnest(wanted) AS name
    LEFT JOIN (
        SELECT
            breakdown,
            jsonb_agg(
                jsonb_build_object('value', value, 'events', events, 'visits', visits)
                ORDER BY rank) AS rows
        FROM ranked
        WHERE rank <= most
        GROUP BY breakdown
    ) AS listed ON listed.breakdown = name;
    RETURN breakdowns;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_event_cursor(jsonb) -- The event after which a page of events goes on; NULL for the first page. Errors: ST400.
CREATE OR REPLACE FUNCTION business.site_event_cursor(options jsonb, OUT event_timestamp timestamp with time zone, OUT event_hk bytea)
 RETURNS record
 LANGUAGE plpgsql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    parts text[];
BEGIN
    IF NOT options ? 'cursor' THEN
        RETURN;
    END IF;
    parts := regexp_match(
        CASE WHEN jsonb_typeof(options -> 'cursor') = 'string' THEN options ->> 'cursor' END,
        '^(-?[0-9]{1,16})-([0-9a-f]{64})$');
    IF parts IS NULL THEN
        PERFORM business.site_argument_error('cursor', 'The next_cursor of an answer.');
    END IF;
    event_timestamp := timestamptz 'epoch' + parts[1]::bigint * INTERVAL '1 microsecond';
    event_hk := decode(parts[2], 'hex');
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_event_filters(jsonb) -- Those of the filters that a session passes by an event of its own.
CREATE OR REPLACE FUNCTION business.site_event_filters(filters jsonb)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
    SELECT coalesce(jsonb_object_agg(key, value), '{}')
    FROM jsonb_each(filters)
    WHERE key IN ('page', 'item', 'item_category', 'item_brand', 'item_type', 'event', 'experiment', 'goal')
        OR key LIKE 'property:%'
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_event_items(bytea,text,text,jsonb) -- The items of an event; pieces and revenue are those of what is sold, else 0. Of a sale or a return what has a negative quantity or price, and every item of a refund, is refunded.
CREATE OR REPLACE FUNCTION business.site_event_items(tenant bytea, trade text, event_currency text, items jsonb)
 RETURNS TABLE(business_item_hk bytea, currency text, is_bought boolean, quantity numeric, refunded_quantity numeric, revenue numeric, refunds numeric)
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
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
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_event_parts(bytea,timestamp with time zone,timestamp with time zone,boolean,boolean,boolean) -- What the events of a period add to the sums of pages and items: from the rollup and, for the rest and with robots, from the events.
CREATE OR REPLACE FUNCTION business.site_event_parts(tenant bytea, from_at timestamp with time zone, to_at timestamp with time zone, include_bots boolean, of_pages boolean, of_items boolean)
 RETURNS SETOF business.site_rollup_b
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
DECLARE
    days_from CONSTANT timestamptz := CASE WHEN include_bots THEN from_at ELSE business.site_nearest_day(from_at) END;
    days_to CONSTANT timestamptz := CASE WHEN include_bots THEN from_at ELSE business.site_nearest_day(to_at) END;
BEGIN
    RETURN QUERY
    WITH beside AS MATERIALIZED (
        SELECT * FROM business.site_rests(from_at, to_at, days_from, days_to)
    ),
    seen AS (
        SELECT value_key, page_views
        FROM business.site_rollup_b
        WHERE of_pages
            AND tenant_hk = tenant
            AND dimension = 'top_pages'
            AND bucket_start >= days_from
            AND bucket_start < days_to
        UNION ALL
        SELECT summed.value_key, beside.sign * summed.page_views
        FROM beside
        CROSS JOIN LATERAL business.site_page_sums(tenant, beside.starts_at, beside.ends_at, include_bots) AS summed
        WHERE of_pages
    ),
    met AS (
        SELECT
            summed.value_key, summed.currency, summed.events, summed.conversions, summed.quantity,
            summed.refunded_quantity, summed.revenue, summed.refunds
        FROM business.site_rollup_b AS summed
        WHERE of_items
            AND summed.tenant_hk = tenant
            AND summed.dimension = 'items'
            AND summed.bucket_start >= days_from
            AND summed.bucket_start < days_to
        UNION ALL
        SELECT
            summed.value_key, summed.currency, beside.sign * summed.events, beside.sign * summed.conversions,
            beside.sign * summed.quantity, beside.sign * summed.refunded_quantity, beside.sign * summed.revenue,
            beside.sign * summed.refunds
        FROM beside
        CROSS JOIN LATERAL business.site_item_sums(tenant, beside.starts_at, beside.ends_at, include_bots) AS summed
        WHERE of_items
    )
    SELECT
        tenant, 'top_pages'::varchar(20), days_from, value_key, ''::varchar(3), NULL::text, 0::bigint, 0::bigint,
        0::bigint, 0::bigint, sum(page_views)::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::numeric,
        0::numeric, 0::numeric, 0::numeric
    FROM seen
    GROUP BY value_key
    UNION ALL
    SELECT
        tenant, 'items'::varchar(20), days_from, value_key, currency, NULL, 0, 0, 0, 0, 0,
        sum(events)::bigint, sum(conversions)::bigint, 0, 0, sum(quantity), sum(refunded_quantity), sum(revenue),
        sum(refunds)
    FROM met
    GROUP BY value_key, currency;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_event_sums(bytea,timestamp with time zone,timestamp with time zone,boolean,timestamp with time zone[],bytea[]) -- All that events add to business.site_rollup_b: page views, what they tell of items, and vitals.
CREATE OR REPLACE FUNCTION business.site_event_sums(tenant bytea, from_at timestamp with time zone, to_at timestamp with time zone, include_bots boolean, only_timestamps timestamp with time zone[] DEFAULT NULL::timestamp with time zone[], only_keys bytea[] DEFAULT NULL::bytea[])
 RETURNS SETOF business.site_rollup_b
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
    SELECT *
    FROM business.site_page_sums(tenant, from_at, to_at, include_bots, only_timestamps, only_keys)
    UNION ALL
    SELECT *
    FROM business.site_item_sums(tenant, from_at, to_at, include_bots, only_timestamps, only_keys)
    UNION ALL
    SELECT *
    FROM business.site_vital_sums(tenant, from_at, to_at, include_bots, only_timestamps, only_keys)
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_events(bytea,jsonb) -- The data of api.get_events. Errors: ST400.
CREATE OR REPLACE FUNCTION business.site_events(tenant bytea, given jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
DECLARE
    asked CONSTANT record := business.site_question(tenant, given, 30, 'limit', 'cursor', 'evt_type',
        'page_url', 'visitor', 'filters', 'include_bots', 'opted_out');
    options CONSTANT jsonb := asked.options;
    filters CONSTANT jsonb := business.site_filters(options);
    most CONSTANT integer := coalesce((options -> 'limit')::integer, 100);
    after_event CONSTANT record := business.site_event_cursor(options);
    least_sequence CONSTANT bigint := -9223372036854775808;
    include_bots CONSTANT boolean := coalesce((options -> 'include_bots')::boolean, false);
    of_type CONSTANT text := options ->> 'evt_type';
    opted_out CONSTANT boolean := (options -> 'opted_out')::boolean;
    page CONSTANT bytea := business.site_hash_key(tenant, options ->> 'page_url');
    visitor CONSTANT bytea := business.site_hash_key(tenant, options ->> 'visitor');
    from_at timestamptz := asked.from_at;
    to_at timestamptz := least(asked.to_at, after_event.event_timestamp + INTERVAL '1 microsecond');
    -- Sessions that are named began when their keys say.
    starts CONSTANT timestamptz[] := ARRAY(
        SELECT begun
        FROM jsonb_array_elements_text(filters -> 'session') AS session_bk
        CROSS JOIN LATERAL unnest(business.site_starts_of_key(session_bk)) AS begun
        WHERE begun IS NOT NULL
        ORDER BY begun);
    starts_from CONSTANT timestamptz := greatest(asked.from_at, starts[1]);
    starts_to CONSTANT timestamptz := least(asked.to_at, starts[cardinality(starts)] + INTERVAL '1 millisecond');
    after_timestamp CONSTANT timestamptz := after_event.event_timestamp;
    -- Before all of its instant where the event is gone.
    after_sequence bigint := least_sequence;
    after_bk text := '';
    is_chosen CONSTANT boolean := visitor IS NOT NULL OR filters <> '{}';
    chosen_timestamps timestamptz[];
    chosen_keys bytea[];
    timestamps timestamptz[];
    keys bytea[];
    first_at timestamptz;
    last_at timestamptz;
    answer jsonb;
BEGIN
    -- Of a session it would cost more to find out what it costs.
    IF starts = '{}' OR starts_to - starts_from > INTERVAL '1 day' THEN
        PERFORM business.site_check_cost(
            tenant,
            business.site_events_cost(tenant, from_at, to_at, most, options)
                + business.site_filters_cost(tenant, from_at, asked.to_at, filters),
            options,
            VARIADIC business.site_narrow_filters(filters));
    END IF;
    IF filters <> '{}' THEN
        SELECT coalesce(array_agg(event_timestamp), '{}'), coalesce(array_agg(event_hk), '{}')
        INTO chosen_timestamps, chosen_keys
        FROM business.site_session_events(tenant, starts_from, starts_to,
            business.site_resolved_filters(tenant, starts_from, starts_to, filters), include_bots)
        WHERE visitor IS NULL OR visitor_hk = visitor;
    ELSIF is_chosen THEN
        SELECT coalesce(array_agg(event_timestamp), '{}'), coalesce(array_agg(event_hk), '{}')
        INTO chosen_timestamps, chosen_keys
        FROM business.site_visitor_events(tenant, from_at, to_at, visitor);
    END IF;
    IF is_chosen THEN
        SELECT greatest(from_at, min(chosen)), CASE WHEN count(*) = 0 THEN from_at ELSE least(to_at, max(chosen) + INTERVAL '1 microsecond') END
        INTO from_at, to_at
        FROM unnest(chosen_timestamps) AS chosen;
    END IF;
    IF after_timestamp IS NOT NULL THEN
        SELECT coalesce(max(events.sequence), least_sequence), coalesce(max(hubs.event_bk), '')
        INTO after_sequence, after_bk
        FROM business.site_event_h AS hubs
        JOIN business.site_event_details_s AS events
            ON events.event_timestamp = after_timestamp AND events.event_hk = hubs.event_hk
        WHERE hubs.event_timestamp = after_timestamp
            AND hubs.event_hk = after_event.event_hk
            AND hubs.tenant_hk = tenant;
    END IF;
    -- The order of sessions, the latest first: time, sequence, key.
    SELECT
        array_agg(event_timestamp ORDER BY event_timestamp DESC, place DESC, event_bk COLLATE "C" DESC),
        array_agg(event_hk ORDER BY event_timestamp DESC, place DESC, event_bk COLLATE "C" DESC)
    INTO timestamps, keys
    FROM (
        SELECT
            events.event_timestamp, events.event_hk, coalesce(events.sequence, least_sequence) AS place,
            hubs.event_bk
        FROM business.site_event_details_s AS events
        CROSS JOIN LATERAL (
            SELECT event_bk
            FROM business.site_event_h
            WHERE event_timestamp = events.event_timestamp
                AND event_hk = events.event_hk
                -- So that not all days need be planned for.
                AND event_timestamp >= from_at
                AND event_timestamp < to_at
            OFFSET 0
        ) AS hubs
        WHERE events.tenant_hk = tenant
            AND events.event_timestamp >= from_at
            AND events.event_timestamp < to_at
            AND (after_timestamp IS NULL
                OR events.event_timestamp < after_timestamp
                OR (coalesce(events.sequence, least_sequence), hubs.event_bk COLLATE "C")
                    < (after_sequence, after_bk COLLATE "C"))
            AND (include_bots OR NOT events.is_bot)
            AND (of_type IS NULL OR events.evt_type = of_type)
            -- Of whom it is not known is on neither side.
            AND (opted_out IS NULL OR opted_out = (
                SELECT business.site_opted_out(arrived.payload)
                FROM raw.site_tracking_events_r AS arrived
                WHERE arrived.event_timestamp = events.event_timestamp AND arrived.event_hk = events.event_hk))
            AND (page IS NULL OR EXISTS (
                SELECT FROM business.event_page_l AS pages
                WHERE pages.event_timestamp = events.event_timestamp
                    AND pages.event_hk = events.event_hk
                    AND pages.page_hk = page))
            AND (NOT is_chosen OR (events.event_timestamp, events.event_hk) IN (
                SELECT * FROM unnest(chosen_timestamps, chosen_keys)))
        ORDER BY events.event_timestamp DESC, place DESC, hubs.event_bk COLLATE "C" DESC
        LIMIT most + 1
    ) AS page_of_events;
    first_at := timestamps[least(most, cardinality(timestamps))];
    last_at := timestamps[1];

    WITH listed AS MATERIALIZED (
        SELECT event_timestamp, event_hk, place
        FROM unnest(timestamps, keys) WITH ORDINALITY AS given (event_timestamp, event_hk, place)
        WHERE place <= most
    ),
    -- First, as of a day that has just begun the planner knows nothing, and would look at all sessions for each event.
    linked AS MATERIALIZED (
        SELECT listed.place, listed.event_timestamp, links.session_hk
        FROM listed
        CROSS JOIN LATERAL (
            SELECT session_hk
            FROM business.event_session_l
            WHERE event_timestamp = listed.event_timestamp
                AND event_hk = listed.event_hk
                AND event_timestamp BETWEEN first_at AND last_at
                AND tenant_hk = tenant
            OFFSET 0
        ) AS links
    ),
    sessions AS MATERIALIZED (
        SELECT DISTINCT ON (linked.place)
            linked.place, hubs.session_bk, held.visitor_hk
        FROM linked
        JOIN business.site_session_h AS hubs ON hubs.session_hk = linked.session_hk
        JOIN business.site_session_b AS held
            ON held.tenant_hk = tenant
            AND held.session_hk = linked.session_hk
            AND held.key_start = ANY (business.site_starts_of_key(hubs.session_bk))
        -- The end of an open session may be later than the bridge knows.
        WHERE linked.event_timestamp >= held.session_start
            AND (held.session_status = 'OPEN' OR linked.event_timestamp <= held.session_end)
        ORDER BY linked.place, held.session_start DESC, linked.session_hk
    ),
    -- Each item once, however many of these events tell of it.
    names AS MATERIALIZED (
        SELECT jsonb_object_agg(met.item_id, latest.item_name) AS by_id
        FROM (
            SELECT DISTINCT items.item_id
            FROM listed
            CROSS JOIN LATERAL (
                SELECT items
                FROM business.site_event_details_s
                WHERE event_timestamp = listed.event_timestamp
                    AND event_hk = listed.event_hk
                    AND event_timestamp BETWEEN first_at AND last_at
                OFFSET 0
            ) AS details
            CROSS JOIN LATERAL jsonb_to_recordset(details.items) AS items (item_id text)
        ) AS met
        CROSS JOIN LATERAL (
            SELECT item_name
            FROM business.business_item_details_s
            WHERE business_item_hk = business.site_hash_key(tenant, met.item_id)
            ORDER BY event_timestamp DESC, load_date DESC
            LIMIT 1
        ) AS latest
    )
    SELECT asked.head - 'timezone' || jsonb_build_object(
        'events', coalesce(jsonb_agg(
            jsonb_strip_nulls(jsonb_build_object(
                'event_id', hubs.event_bk,
                'evt_type', details.evt_type,
                'event_timestamp', business.site_utc(listed.event_timestamp),
                'session', sessions.session_bk,
                'visitor', visitors.visitor_bk,
                'page_url', pages.page_bk,
                'page_title', details.page_title,
                'referrer_url', details.referrer_url,
                'evt_category', details.evt_category,
                'evt_action', details.evt_action,
                'evt_label', details.evt_label,
                'evt_value', details.evt_value,
                'page_view_id', details.page_view_id,
                'element_id', details.element_id,
                'scroll_depth', details.scroll_depth,
                'time_on_page', details.time_on_page,
                'transaction_id', details.transaction_id,
                'value', details.value,
                'currency', details.currency,
                'items', business.site_named_items(details.items, names.by_id),
                'properties', details.properties,
                'is_bot', details.is_bot,
                'load_date', business.site_utc(details.load_date)))
            ORDER BY listed.place), '[]'),
        'next_cursor', CASE WHEN cardinality(timestamps) > most THEN
            (extract(epoch FROM timestamps[most]) * 1000000)::bigint || '-' || encode(keys[most], 'hex') END)
    INTO answer
    FROM listed
    CROSS JOIN names
    JOIN business.site_event_h AS hubs
        ON hubs.event_timestamp = listed.event_timestamp AND hubs.event_hk = listed.event_hk
    JOIN business.site_event_details_s AS details
        ON details.event_timestamp = listed.event_timestamp AND details.event_hk = listed.event_hk
    LEFT JOIN business.event_page_l AS links
        ON links.event_timestamp = listed.event_timestamp
        AND links.event_hk = listed.event_hk
        AND links.event_timestamp BETWEEN first_at AND last_at
    LEFT JOIN business.site_page_h AS pages ON pages.page_hk = links.page_hk
    LEFT JOIN sessions ON sessions.place = listed.place
    LEFT JOIN business.site_visitor_h AS visitors ON visitors.visitor_hk = sessions.visitor_hk
    WHERE hubs.event_timestamp BETWEEN first_at AND last_at
        AND details.event_timestamp BETWEEN first_at AND last_at;
    RETURN answer;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_events_before(timestamp with time zone,bigint[],timestamp with time zone) -- How many events of a path happened before an instant.
CREATE OR REPLACE FUNCTION business.site_events_before(key_start timestamp with time zone, offsets bigint[], at timestamp with time zone)
 RETURNS integer
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$ SELECT width_bucket((extract(epoch FROM at - key_start) * 1000000)::bigint - 1, offsets) $function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_events_cost(bytea,timestamp with time zone,timestamp with time zone,integer,jsonb) -- What a page of api.get_events costs, in events read.
CREATE OR REPLACE FUNCTION business.site_events_cost(tenant bytea, from_at timestamp with time zone, to_at timestamp with time zone, most integer, options jsonb)
 RETURNS numeric
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    -- With filters it may take all events of the period to find a page of them, without as many as it
    -- takes to meet those of the tenant among all.
    SELECT
        CASE WHEN options ?| '{visitor,filters}' THEN counts.own ELSE 0 END
        + 0.1 * CASE WHEN options ?| '{evt_type,page_url,visitor,filters,opted_out}' OR counts.own = 0 THEN counts.stored
            ELSE least(counts.stored, most * counts.stored / counts.own) END
    FROM (
        SELECT
            business.site_own_events(tenant, from_at, to_at) AS own,
            business.site_all_events(from_at, to_at) AS stored
    ) AS counts
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_events_of_sessions_cost(bytea,timestamp with time zone,timestamp with time zone) -- What it costs to read all events of a tenant's sessions of a period, in events read.
CREATE OR REPLACE FUNCTION business.site_events_of_sessions_cost(tenant bytea, from_at timestamp with time zone, to_at timestamp with time zone)
 RETURNS numeric
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT business.site_own_events(tenant, from_at, to_at) + business.site_all_events(from_at, to_at) * 0.1
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_events_of_visitors(bytea,bytea[],timestamp with time zone[],timestamp with time zone,timestamp with time zone) -- The events of a period that are of visitors or users, by the hash keys of either, and were appended before the time of each.
CREATE OR REPLACE FUNCTION business.site_events_of_visitors(tenant bytea, visitor_hks bytea[], befores timestamp with time zone[], from_at timestamp with time zone, to_at timestamp with time zone)
 RETURNS TABLE(event_timestamp timestamp with time zone, event_hk bytea)
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_custom_plan'
 SET jit TO 'off'
AS $function$
#variable_conflict use_column
DECLARE
    is_staged CONSTANT boolean := from_at >= raw.site_tracking_kept_from(tenant, 'staging');
BEGIN
    RETURN QUERY
    SELECT staged.event_timestamp, staged.event_hk
    FROM staging.site_tracking_events_s AS staged
    JOIN unnest(visitor_hks, befores) AS visitors (visitor_hk, before) ON visitors.visitor_hk = staged.visitor_hk
    WHERE staged.tenant_hk = tenant
        AND staged.event_timestamp >= from_at
        AND staged.event_timestamp < to_at
        AND coalesce(staged.first_appended_at, staged.load_date) < visitors.before
    UNION
    SELECT staged.event_timestamp, staged.event_hk
    FROM staging.site_tracking_events_s AS staged
    JOIN unnest(visitor_hks, befores) AS users (user_hk, before) ON users.user_hk = staged.user_hk
    WHERE staged.tenant_hk = tenant
        AND staged.event_timestamp >= from_at
        AND staged.event_timestamp < to_at
        AND coalesce(staged.first_appended_at, staged.load_date) < users.before;
    IF is_staged THEN
        RETURN;
    END IF;
    RETURN QUERY
    SELECT arrived.event_timestamp, arrived.event_hk
    FROM raw.site_tracking_events_r AS arrived
    CROSS JOIN LATERAL unnest(ARRAY[
        business.site_hash_key(tenant, coalesce(arrived.visitor_bk, arrived.payload ->> 'visitor_id')),
        business.site_hash_key(tenant, arrived.payload ->> 'user_id')]) AS named (visitor_hk)
    JOIN unnest(visitor_hks, befores) AS visitors (visitor_hk, before) ON visitors.visitor_hk = named.visitor_hk
    WHERE arrived.tenant_hk = tenant
        AND arrived.event_timestamp >= from_at
        AND arrived.event_timestamp < to_at
        AND arrived.processing_status <> 'ERROR'
        AND coalesce(arrived.first_appended_at, arrived.load_date) < visitors.before
        AND NOT EXISTS (
            SELECT FROM staging.site_tracking_events_s AS staged
            WHERE staged.event_timestamp = arrived.event_timestamp AND staged.event_hk = arrived.event_hk)
    UNION
    SELECT told.event_timestamp, told.event_hk
    FROM business.site_event_visitor_b AS told
    CROSS JOIN LATERAL unnest(ARRAY[told.visitor_hk, told.user_hk]) AS named (visitor_hk)
    JOIN unnest(visitor_hks, befores) AS visitors (visitor_hk, before) ON visitors.visitor_hk = named.visitor_hk
    JOIN business.site_event_h AS events
        ON events.event_timestamp = told.event_timestamp AND events.event_hk = told.event_hk
    WHERE told.tenant_hk = tenant
        AND told.event_timestamp >= from_at
        AND told.event_timestamp < to_at
        AND coalesce(told.first_appended_at, events.load_date) < visitors.before
    UNION
    SELECT links.event_timestamp, links.event_hk
    FROM unnest(visitor_hks, befores) AS visitors (visitor_hk, before)
    JOIN business.site_session_details_s AS sessions
        ON sessions.visitor_hk = visitors.visitor_hk
        AND sessions.tenant_hk = tenant
        AND sessions.session_start >= from_at - INTERVAL '7 days'
        AND sessions.session_start < to_at
    JOIN business.event_session_l AS links
        ON links.session_hk = sessions.session_hk
        AND links.event_timestamp >= from_at
        AND links.event_timestamp < to_at
    WHERE links.tenant_hk = tenant
        AND links.load_date < visitors.before
        AND NOT EXISTS (
            SELECT FROM staging.site_tracking_events_s AS staged
            WHERE staged.event_timestamp = links.event_timestamp AND staged.event_hk = links.event_hk)
        AND NOT EXISTS (
            SELECT FROM raw.site_tracking_events_r AS arrived
            WHERE arrived.event_timestamp = links.event_timestamp AND arrived.event_hk = links.event_hk)
        AND NOT EXISTS (
            SELECT FROM business.site_event_visitor_b AS told
            WHERE told.event_timestamp = links.event_timestamp AND told.event_hk = links.event_hk);
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_events_written_before(bigint[],bytea[],bigint) -- Which of the given events, by their place, were written before a transaction, and by which.
CREATE OR REPLACE FUNCTION business.site_events_written_before(event_micros bigint[], event_hks bytea[], before bigint)
 RETURNS TABLE(number integer, transaction bigint)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_seqscan TO 'off'
 SET jit TO 'off'
AS $function$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT given.number::integer, written.transaction
    FROM (
        SELECT greatest(
            pg_current_xact_id()::text::bigint, pg_snapshot_xmax(pg_current_snapshot())::text::bigint
        ) AS transaction
        OFFSET 0
    ) AS latest
    CROSS JOIN unnest(event_micros, event_hks) WITH ORDINALITY AS given (micros, event_hk, number)
    JOIN business.site_event_h AS events
        ON events.event_timestamp = timestamptz 'epoch' + given.micros * INTERVAL '1 microsecond'
        AND events.event_hk = given.event_hk
    CROSS JOIN LATERAL (
        SELECT latest.transaction - ((latest.transaction - events.xmin::text::bigint) & 4294967295)
            AS transaction
    ) AS written
    WHERE written.transaction < before;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner,site_tracking_loader=X/site_tracking_owner}

FUNCTION business.site_experiment(bytea,jsonb) -- The data of api.get_experiment. Errors: ST400.
CREATE OR REPLACE FUNCTION business.site_experiment(tenant bytea, given jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
DECLARE
    asked CONSTANT record := business.site_question(tenant, given, 30, 'experiment', 'control');
    -- Where even shares go wrong once in a thousand experiments, by how many variants there are, from two on.
    critical CONSTANT numeric[] := '{10.828,13.816,16.266,18.467,20.515,22.458,24.322,26.124,27.877}';
    answer jsonb;
BEGIN
    IF NOT asked.options ? 'experiment' THEN
        PERFORM business.site_argument_error('experiment', 'The experiment_id of its exposures.');
    END IF;
    PERFORM business.site_check_cost(
        tenant, business.site_own_events(tenant, asked.from_at, asked.to_at) * 0.1, asked.options);
    WITH exposures AS MATERIALIZED (
        SELECT *
        FROM business.site_exposures(tenant, asked.from_at, asked.to_at, asked.options ->> 'experiment')
    ),
    own AS MATERIALIZED (
        SELECT exposures.variant, exposures.visitor_hk, sessions.conversions, sessions.revenue
        FROM exposures
        JOIN business.site_sessions(tenant, asked.from_at - INTERVAL '7 days', asked.to_at) AS sessions
            ON sessions.visitor_hk = exposures.visitor_hk
            AND sessions.session_end >= exposures.exposed_at
        WHERE exposures.variants = 1 AND NOT sessions.is_bot
    ),
    money AS (
        SELECT
            variant,
            jsonb_object_agg(currency, trim_scale(amount)) FILTER (WHERE amount <> 0) AS revenue
        FROM (
            SELECT own.variant, paid.currency, sum(paid.revenue) AS amount
            FROM own
            CROSS JOIN LATERAL business.site_money(own.revenue, NULL) AS paid
            WHERE own.revenue IS NOT NULL
            GROUP BY own.variant, paid.currency
        ) AS sums
        GROUP BY variant
    ),
    shown AS (
        SELECT variant, count(*) AS visitors FROM exposures WHERE variants = 1 GROUP BY variant
    ),
    rated AS (
        SELECT
            shown.variant, shown.visitors, coalesce(counts.converted, 0) AS converted,
            coalesce(counts.conversions, 0) AS conversions,
            coalesce(counts.converted, 0)::double precision / shown.visitors AS rate
        FROM shown
        LEFT JOIN (
            SELECT
                variant, count(DISTINCT visitor_hk) FILTER (WHERE conversions > 0) AS converted,
                sum(conversions) AS conversions
            FROM own
            GROUP BY variant
        ) AS counts ON counts.variant = shown.variant
    ),
    control AS (
        SELECT *
        FROM rated
        ORDER BY variant = asked.options ->> 'control' DESC NULLS LAST, variant COLLATE "C"
        LIMIT 1
    ),
    compared AS (
        SELECT
            rated.*, control.variant AS control_variant, rated.rate - control.rate AS difference,
            control.rate AS control_rate,
            sqrt(rated.rate * (1 - rated.rate) / rated.visitors
                + control.rate * (1 - control.rate) / control.visitors) * 1.959963984540054 AS margin
        FROM rated
        CROSS JOIN control
    ),
    shares AS (
        SELECT
            count(*) AS variants,
            sum(power(visitors - even, 2) / even) AS chi_square
        FROM (SELECT visitors, avg(visitors) OVER () AS even FROM shown) AS parts
    )
    SELECT asked.head || jsonb_build_object(
        'experiment', asked.options -> 'experiment',
        'variants', coalesce(jsonb_agg(
            jsonb_build_object(
                'variant', compared.variant,
                'visitors', visitors,
                'converted', converted,
                'conversions', conversions,
                'conversion_rate', business.site_rate(converted, visitors, 4),
                'revenue', coalesce(money.revenue, '{}'))
            || CASE WHEN compared.variant = control_variant THEN '{}' ELSE jsonb_build_object(
                'difference', trim_scale(round(difference::numeric, 4)),
                'interval', jsonb_build_array(
                    trim_scale(round((difference - margin)::numeric, 4)),
                    trim_scale(round((difference + margin)::numeric, 4))),
                'uplift', business.site_rate(difference::numeric, control_rate::numeric, 4)) END
            ORDER BY compared.variant <> control_variant, compared.variant COLLATE "C"), '[]'),
        'in_several', (SELECT count(*) FROM exposures WHERE variants > 1),
        'chi_square', (SELECT trim_scale(round(chi_square, 4)) FROM shares),
        'is_even', (SELECT chi_square <= critical[variants::integer - 1] FROM shares))
    INTO answer
    FROM compared
    LEFT JOIN money ON money.variant = compared.variant;
    RETURN answer;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_expire_day(text,bytea[],date) -- Removes the rows of a layer that are of tenants and a UTC day; tells how many.
CREATE OR REPLACE FUNCTION business.site_expire_day(of_layer text, tenants bytea[], day date)
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_custom_plan'
AS $function$
DECLARE
    target text;
    gone bigint;
    total bigint := CASE of_layer
        WHEN 'events' THEN business.site_expire_keys(tenants, day)
        WHEN 'sessions' THEN business.site_expire_sessions(tenants, day)
        ELSE 0 END;
BEGIN
    IF of_layer IN ('raw', 'staging') THEN
        PERFORM business.site_keep_event_visitors(of_layer, tenants, day);
    END IF;
    FOREACH target IN ARRAY CASE of_layer
        WHEN 'raw' THEN ARRAY['raw.site_tracking_events_r']
        WHEN 'rejected' THEN ARRAY['raw.site_tracking_events_r']
        WHEN 'staging' THEN ARRAY['staging.site_tracking_events_s']
        WHEN 'events' THEN ARRAY[
            'raw.site_tracking_events_r', 'staging.site_tracking_events_s', 'business.event_session_l',
            'business.event_page_l', 'business.event_business_item_l', 'business.site_event_details_s',
            'business.site_repeat_b', 'business.site_event_visitor_b']
        WHEN 'ledger' THEN ARRAY[
            'raw.site_tracking_ledger_r', 'raw.site_tracking_turned_away_r', 'raw.site_tracking_erased_r',
            'raw.site_tracking_expired_r']
        ELSE ARRAY[]::text[] END
    LOOP
        EXECUTE format('DELETE FROM %s WHERE tenant_hk = ANY ($1)', target)
            || CASE WHEN of_layer = 'ledger' THEN ' AND ledger_date = $4'
                ELSE ' AND event_timestamp >= $2 AND event_timestamp < $3' END
            || CASE WHEN target <> 'raw.site_tracking_events_r' THEN ''
                ELSE format(' AND (processing_status = ''ERROR'') = %L', of_layer = 'rejected') END
        USING tenants, day::timestamp AT TIME ZONE 'UTC', (day + 1)::timestamp AT TIME ZONE 'UTC', day;
        GET DIAGNOSTICS gone = ROW_COUNT;
        total := total + gone;
    END LOOP;
    IF of_layer = 'sessions' THEN
        -- Sums of these days are not made anew any more.
        DELETE FROM business.site_rollup_kept_b
        WHERE tenant_hk = ANY (tenants) AND bucket_start < (day + 1)::timestamp AT TIME ZONE 'UTC';
        DELETE FROM business.site_return_kept_b
        WHERE tenant_hk = ANY (tenants) AND start_bucket < (day + 1)::timestamp AT TIME ZONE 'UTC';
        DELETE FROM business.site_item_return_kept_b AS kept
        WHERE tenant_hk = ANY (tenants) AND kept.day <= site_expire_day.day;
    ELSIF of_layer = 'events' THEN
        DELETE FROM business.site_tenant_day_b
        WHERE tenant_hk = ANY (tenants) AND day_start = day::timestamp AT TIME ZONE 'UTC';
        -- Whose time and the time in the key are on two days stays until that one is over, too.
        DELETE FROM raw.site_tracking_event_time_r
        WHERE tenant_hk = ANY (tenants)
            AND keyed_at >= day::timestamp AT TIME ZONE 'UTC'
            AND keyed_at < (day + 1)::timestamp AT TIME ZONE 'UTC';
    END IF;
    RETURN jsonb_build_object('rows', total);
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_expire_keys(bytea[],date) -- Removes the keys of tenants' events of a UTC day, and what orders and the paths of sessions tell of them, and counts these beside the ledger; tells how many.
CREATE OR REPLACE FUNCTION business.site_expire_keys(tenants bytea[], day date)
 RETURNS bigint
 LANGUAGE sql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    -- That an order was counted stays, as it must not be twice, but neither when nor by which event. Loaders lock orders in
    -- this order, and before anything else here.
    UPDATE business.site_order_b AS orders
    SET event_timestamp = '-infinity', event_hk = '', sequence = NULL, event_bk = ''
    FROM (
        SELECT tenant_hk, transaction_hk
        FROM business.site_order_b
        WHERE tenant_hk = ANY (tenants)
            AND event_timestamp > '-infinity'
            AND event_timestamp < (day + 1)::timestamp AT TIME ZONE 'UTC'
        ORDER BY tenant_hk, transaction_hk
        FOR UPDATE
    ) AS past
    WHERE (orders.tenant_hk, orders.transaction_hk) = (past.tenant_hk, past.transaction_hk);
    -- No session is longer than a week; of one that goes on over midnight the rest stays. Paths are locked first, as
    -- loaders do.
    SELECT business.site_hold_item_days(ARRAY(
        SELECT days
        FROM (
            SELECT path
            FROM business.site_session_path_b AS path
            WHERE tenant_hk = ANY (tenants)
                AND key_start >= (day - 7)::timestamp AT TIME ZONE 'UTC'
                AND key_start < (day + 1)::timestamp AT TIME ZONE 'UTC'
                AND items <> '{}'
            FOR UPDATE
        ) AS locked
        CROSS JOIN LATERAL business.site_item_days(locked.path, -1) AS days
        WHERE days.day <= site_expire_keys.day), sums_stay => true);
    DELETE FROM business.site_session_variant_b
    WHERE tenant_hk = ANY (tenants)
        AND key_start >= (day - 7)::timestamp AT TIME ZONE 'UTC'
        AND key_start < (day + 1)::timestamp AT TIME ZONE 'UTC'
        AND exposed_at < (day + 1)::timestamp AT TIME ZONE 'UTC';
    -- What the session is filtered and summed by stays.
    UPDATE business.site_session_path_b
    SET has_ties = false, types = '', offsets = '{}', pages = '{}', items = '{}', item_places = '{}', seen_pages = '{}',
        page_way = '{}', type_way = ''
    WHERE tenant_hk = ANY (tenants)
        AND key_start >= (day - 7)::timestamp AT TIME ZONE 'UTC'
        AND key_start < (day + 1)::timestamp AT TIME ZONE 'UTC'
        AND session_end < (day + 1)::timestamp AT TIME ZONE 'UTC'
        AND types <> '';
    UPDATE business.site_session_path_b AS paths
    SET types = substr(paths.types, parts.gone + 1),
        offsets = paths.offsets[parts.gone + 1:],
        pages = paths.pages[parts.gone + 1:],
        items = ARRAY(
            SELECT item FROM unnest(paths.items, paths.item_places) AS held (item, place) WHERE place > parts.gone),
        item_places = ARRAY(SELECT place - parts.gone FROM unnest(paths.item_places) AS place WHERE place > parts.gone),
        seen_pages = ways.seen_pages,
        page_way = ways.page_way,
        type_way = ways.type_way
    FROM (
        SELECT tenant_hk, key_start, session_hk, types, pages, business.site_events_before(
            key_start, offsets, (day + 1)::timestamp AT TIME ZONE 'UTC') AS gone
        FROM business.site_session_path_b
        WHERE tenant_hk = ANY (tenants)
            AND key_start >= (day - 7)::timestamp AT TIME ZONE 'UTC'
            AND key_start < (day + 1)::timestamp AT TIME ZONE 'UTC'
        OFFSET 0
    ) AS parts
    CROSS JOIN LATERAL business.site_ways_of_path(
        parts.tenant_hk, substr(parts.types, parts.gone + 1), parts.pages[parts.gone + 1:]) AS ways
    WHERE (paths.tenant_hk, paths.key_start, paths.session_hk) = (parts.tenant_hk, parts.key_start, parts.session_hk)
        AND parts.gone > 0;
    WITH removed AS MATERIALIZED (
        DELETE FROM business.site_event_h
        WHERE event_timestamp >= day::timestamp AT TIME ZONE 'UTC'
            AND event_timestamp < (day + 1)::timestamp AT TIME ZONE 'UTC'
            AND tenant_hk = ANY (tenants)
        RETURNING tenant_hk, event_hk, load_date
    ),
    counted AS (
        INSERT INTO raw.site_tracking_expired_r AS totals (
            ledger_date, tenant_hk, event_count, erased_count, load_date, record_source)
        SELECT
            (removed.load_date AT TIME ZONE 'UTC')::date, removed.tenant_hk, count(*), count(erased.event_hk),
            clock_timestamp(), 'site_tracking'
        FROM removed
        LEFT JOIN (
            SELECT links.event_hk
            FROM unnest(tenants) AS tenant
            JOIN business.event_session_l AS links
                ON links.session_hk = business.site_hash_key(tenant, 'sess_erased')
                AND links.event_timestamp >= day::timestamp AT TIME ZONE 'UTC'
                AND links.event_timestamp < (day + 1)::timestamp AT TIME ZONE 'UTC'
        ) AS erased ON erased.event_hk = removed.event_hk
        WHERE removed.load_date >= raw.site_tracking_kept_from(removed.tenant_hk, 'ledger')
        GROUP BY 1, 2
        ORDER BY 1, 2
        ON CONFLICT (ledger_date, tenant_hk) DO UPDATE SET
            event_count = totals.event_count + excluded.event_count,
            erased_count = totals.erased_count + excluded.erased_count,
            load_date = excluded.load_date
    )
    SELECT count(*) FROM removed
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_expire_sessions(bytea[],date) -- Removes tenants' sessions that began on a UTC day; tells how many. What is kept of their events is in no session.
CREATE OR REPLACE FUNCTION business.site_expire_sessions(tenants bytea[], day date)
 RETURNS bigint
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_custom_plan'
AS $function$
DECLARE
    from_at CONSTANT timestamptz := day::timestamp AT TIME ZONE 'UTC';
    to_at CONSTANT timestamptz := (day + 1)::timestamp AT TIME ZONE 'UTC';
    tenant bytea;
    sessions bytea[];
    gone bigint := 0;
BEGIN
    FOREACH tenant IN ARRAY ARRAY(
        SELECT given FROM unnest(tenants) AS given ORDER BY get_byte(given, 0) % 64, given) LOOP
        sessions := ARRAY(
            SELECT DISTINCT session_hk
            FROM business.site_session_details_s
            WHERE session_start >= from_at AND session_start < to_at AND tenant_hk = tenant);
        PERFORM business.site_remove_sessions(tenant, sessions, from_at, to_at);
        -- As who refreshes the bridge, but the sums stay.
        PERFORM pg_advisory_xact_lock('business.site_session_b'::regclass::oid::integer, get_byte(tenant, 0) % 64);
        DELETE FROM business.site_session_b
        WHERE tenant_hk = tenant AND key_start >= from_at AND key_start < to_at;
        PERFORM business.site_hold_item_days(ARRAY(
            SELECT days
            FROM business.site_session_path_b AS paths
            CROSS JOIN LATERAL business.site_item_days(paths, -1) AS days
            WHERE paths.tenant_hk = tenant AND paths.key_start >= from_at AND paths.key_start < to_at),
            sums_stay => true);
        DELETE FROM business.site_session_path_b
        WHERE tenant_hk = tenant AND key_start >= from_at AND key_start < to_at;
        DELETE FROM business.site_session_variant_b
        WHERE tenant_hk = tenant AND key_start >= from_at AND key_start < to_at;
        gone := gone + cardinality(sessions);
    END LOOP;
    RETURN gone;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_expire_visitors(bytea,timestamp with time zone) -- Removes what is of a tenant's visitors and held no more at a time: former descriptions, and all of those without a session, with their links to items and users. The hub keeps their keys.
CREATE OR REPLACE FUNCTION business.site_expire_visitors(tenant bytea, before timestamp with time zone)
 RETURNS void
 LANGUAGE sql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    DELETE FROM business.site_visitor_details_s AS versions
    WHERE versions.tenant_hk = tenant
        AND NOT versions.is_bot
        AND versions.event_timestamp < before
        AND (
            EXISTS (
                SELECT FROM business.site_visitor_details_s AS newer
                WHERE newer.visitor_hk = versions.visitor_hk
                    AND newer.event_timestamp > versions.event_timestamp
                    AND newer.event_timestamp <= before)
            OR NOT EXISTS (
                SELECT FROM business.site_session_b AS sessions
                WHERE sessions.tenant_hk = tenant
                    AND sessions.visitor_hk = versions.visitor_hk
                    AND NOT sessions.is_bot));
    DELETE FROM business.visitor_business_item_l AS links
    WHERE links.tenant_hk = tenant
        AND links.load_date < before
        AND NOT EXISTS (
            SELECT FROM business.site_session_b AS sessions
            WHERE sessions.tenant_hk = tenant AND sessions.visitor_hk = links.visitor_hk AND NOT sessions.is_bot);
    DELETE FROM business.site_user_visitor_b AS links
    WHERE links.tenant_hk = tenant
        AND links.load_date < before
        AND NOT EXISTS (
            SELECT FROM business.site_session_b AS sessions
            WHERE sessions.tenant_hk = tenant AND sessions.visitor_hk = links.visitor_hk);
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_exposures(bytea,timestamp with time zone,timestamp with time zone,text) -- Who was shown which variant of an experiment first, and when, in the sessions that began in a period; and how many variants in all.
CREATE OR REPLACE FUNCTION business.site_exposures(tenant bytea, from_at timestamp with time zone, to_at timestamp with time zone, experiment text)
 RETURNS TABLE(visitor_hk bytea, variant text, variants bigint, exposed_at timestamp with time zone)
 LANGUAGE sql
 STABLE PARALLEL SAFE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT
        shown.visitor_hk, (array_agg(shown.variant_id ORDER BY shown.exposed_at, shown.variant_id COLLATE "C"))[1],
        count(DISTINCT shown.variant_id), min(shown.exposed_at)
    FROM business.site_variants(tenant, from_at, to_at) AS shown
    WHERE shown.experiment_id = experiment AND NOT shown.is_bot
    GROUP BY shown.visitor_hk
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_failure(text,text,text) -- The answer to a request that failed; of errors that are not ours it tells nothing but the code.
CREATE OR REPLACE FUNCTION business.site_failure(state text, message text, field text)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET client_min_messages TO 'warning'
AS $function$
BEGIN
    IF business.site_error_code(state) IS NULL THEN
        RAISE LOG 'site tracking api: % %', state, message;
        RETURN jsonb_build_object('success', false, 'error_code', 'INTERNAL_ERROR',
            'message', 'The request could not be answered.');
    END IF;
    RETURN jsonb_strip_nulls(jsonb_build_object(
        'success', false,
        'error_code', business.site_error_code(state),
        'message', message,
        'field', CASE WHEN state <> 'ST413' THEN nullif(field, '') END,
        'narrow', CASE WHEN state = 'ST413' THEN to_jsonb(string_to_array(field, ',')) END));
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_few_sessions(bytea,timestamp with time zone,timestamp with time zone) -- Up to how many sessions of a period are sooner looked up one by one than found once more among all.
CREATE OR REPLACE FUNCTION business.site_few_sessions(tenant bytea, from_at timestamp with time zone, to_at timestamp with time zone)
 RETURNS bigint
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$ SELECT least(20000, business.site_own_events(tenant, from_at, to_at) / 250)::bigint $function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_filter(jsonb,text,text) -- Whether a value is among those asked for; NULL or false where it is not.
CREATE OR REPLACE FUNCTION business.site_filter(filters jsonb, field text, value text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
    SELECT NOT filters ? field
        OR value = ANY (business.site_values_asked(filters, field))
        OR value IS NULL AND filters -> field @> '[null]'
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_filter_keys(bytea,jsonb,text) -- The hash keys of what a filter asks for; NULL without it.
CREATE OR REPLACE FUNCTION business.site_filter_keys(tenant bytea, filters jsonb, field text)
 RETURNS bytea[]
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
    SELECT array_agg(business.site_hash_key(tenant, value))
    FROM jsonb_array_elements_text(filters -> field) AS value
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_filtered_closed(bytea,timestamp with time zone,timestamp with time zone,jsonb,boolean) -- The closed ones of the sessions that began in a period and pass the filters, which site_resolved_filters gave; none where filters name them.
CREATE OR REPLACE FUNCTION business.site_filtered_closed(tenant bytea, from_at timestamp with time zone, to_at timestamp with time zone, filters jsonb, include_bots boolean)
 RETURNS SETOF business.site_session_b
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
    SELECT *
    FROM business.site_session_b AS sessions
    WHERE NOT filters ? 'closed_sessions'
        AND tenant_hk = tenant
        AND session_status = 'CLOSED'
        AND session_start >= from_at
        AND session_start < to_at
        AND key_start >= from_at - INTERVAL '1 millisecond'
        AND key_start < to_at
        AND (include_bots OR NOT is_bot)
        AND business.site_passes(sessions, tenant, filters)
        AND (NOT filters ? 'visitor_kind' OR filters -> 'visitor_kind' ? (
            SELECT business.site_visitor_kind(visitor_bk)
            FROM business.site_visitor_h AS visitors
            WHERE visitors.visitor_hk = sessions.visitor_hk))
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_filtered_metrics(bytea,timestamp with time zone[],timestamp with time zone[],jsonb,boolean) -- As site_rolled_metrics, from the sessions themselves: the first interval is the period, the others divide it.
CREATE OR REPLACE FUNCTION business.site_filtered_metrics(tenant bytea, starts timestamp with time zone[], ends timestamp with time zone[], filters jsonb, include_bots boolean)
 RETURNS TABLE(number integer, metrics jsonb)
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    -- The first interval is the whole period, the others divide it.
    WITH chosen AS MATERIALIZED (
        SELECT
            width_bucket(session_start, starts[2:]) AS number, visitor_hk, is_bounce, conversions, page_views,
            total_events, duration_seconds, engaged_seconds, revenue, refunds
        FROM business.site_filtered_sessions(tenant, starts[1], ends[1], filters, include_bots)
    ),
    -- By themselves, as there are nearly as many visitors as sessions.
    came AS MATERIALIZED (
        SELECT number, visitor_hk FROM chosen GROUP BY number, visitor_hk
    ),
    visitors AS (
        SELECT number, count(*) AS visitors FROM came WHERE number > 0 GROUP BY number
        UNION ALL
        SELECT 0, count(*) FROM (SELECT visitor_hk FROM came GROUP BY visitor_hk) AS distinct_ones
    ),
    interval_sums AS MATERIALIZED (
        SELECT
            number,
            count(*) AS visits,
            count(*) FILTER (WHERE is_bounce) AS bounces,
            count(is_bounce) AS bounceable,
            count(*) FILTER (WHERE conversions > 0) AS converted,
            sum(page_views) AS page_views,
            sum(total_events) AS events,
            sum(conversions) AS conversions,
            sum(duration_seconds) AS duration_seconds,
            sum(engaged_seconds) AS engaged_seconds
        FROM chosen
        GROUP BY number
    ),
    money AS MATERIALIZED (
        SELECT
            sessions.number,
            amounts.currency,
            sum(amounts.revenue) AS revenue,
            sum(amounts.refunds) AS refunds
        FROM chosen AS sessions
        CROSS JOIN LATERAL business.site_money(sessions.revenue, sessions.refunds) AS amounts
        WHERE sessions.revenue IS NOT NULL OR sessions.refunds IS NOT NULL
        GROUP BY 1, 2
    ),
    sums AS (
        SELECT
            coalesce(number, 0) AS number, sum(visits) AS visits, sum(bounces) AS bounces,
            sum(bounceable) AS bounceable, sum(converted) AS converted, sum(page_views) AS page_views,
            sum(events) AS events, sum(conversions) AS conversions,
            sum(duration_seconds) AS duration_seconds, sum(engaged_seconds) AS engaged_seconds
        FROM interval_sums
        GROUP BY GROUPING SETS ((), (number))
        HAVING number IS NULL OR number > 0
    ),
    money_sums AS (
        SELECT
            number,
            jsonb_object_agg(currency, trim_scale(revenue)) FILTER (WHERE revenue <> 0) AS revenue,
            jsonb_object_agg(currency, trim_scale(refunds)) FILTER (WHERE refunds <> 0) AS refunds
        FROM (
            SELECT
                coalesce(number, 0) AS number, currency, sum(revenue) AS revenue, sum(refunds) AS refunds
            FROM money
            GROUP BY GROUPING SETS ((currency), (number, currency))
        ) AS amounts
        GROUP BY number
    )
    SELECT
        intervals.number::integer - 1,
        business.site_metrics(
            visitors.visitors, sums.visits, sums.bounces, sums.bounceable, sums.converted, sums.page_views,
            sums.events, sums.conversions, sums.duration_seconds, sums.engaged_seconds,
            money_sums.revenue, money_sums.refunds)
    FROM unnest(starts) WITH ORDINALITY AS intervals (starts_at, number)
    LEFT JOIN sums ON sums.number = intervals.number - 1
    LEFT JOIN visitors ON visitors.number = intervals.number - 1
    LEFT JOIN money_sums ON money_sums.number = intervals.number - 1;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_filtered_open(bytea,timestamp with time zone,timestamp with time zone,jsonb,boolean) -- The open ones of the sessions that began in a period and pass the filters, which site_resolved_filters gave.
CREATE OR REPLACE FUNCTION business.site_filtered_open(tenant bytea, from_at timestamp with time zone, to_at timestamp with time zone, filters jsonb, include_bots boolean)
 RETURNS SETOF business.site_session_b
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
    SELECT *
    FROM business.site_open_sessions(tenant, from_at, to_at) AS sessions
    WHERE (include_bots OR NOT is_bot)
        AND business.site_passes(sessions, tenant, filters)
        AND (NOT filters ? 'visitor_kind' OR filters -> 'visitor_kind' ? (
            SELECT business.site_visitor_kind(visitor_bk)
            FROM business.site_visitor_h AS visitors
            WHERE visitors.visitor_hk = sessions.visitor_hk))
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_filtered_parts(bytea,timestamp with time zone,timestamp with time zone,jsonb,boolean,boolean,boolean) -- As business.site_event_parts, of the events of the sessions that began in a period and pass the filters; of pages and items only business.site_short_key is told, by eight bytes.
CREATE OR REPLACE FUNCTION business.site_filtered_parts(tenant bytea, from_at timestamp with time zone, to_at timestamp with time zone, filters jsonb, include_bots boolean, of_pages boolean, of_items boolean)
 RETURNS SETOF business.site_rollup_b
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH counted AS MATERIALIZED (
        SELECT *
        FROM business.site_counted_paths(tenant, from_at, to_at, filters, include_bots, of_pages, of_items)
    ),
    -- Page views that were told again; no session is longer than a week.
    repeats AS MATERIALIZED (
        SELECT session_hk, page_hk
        FROM business.site_repeat_b
        WHERE of_pages
            AND tenant_hk = tenant
            AND event_timestamp >= from_at
            AND event_timestamp < to_at + INTERVAL '7 days'
            AND page_hk IS NOT NULL
    ),
    seen AS (
        SELECT page, events AS views FROM counted WHERE page IS NOT NULL
        UNION ALL
        SELECT business.site_short_key(page_hk), -count(*)
        FROM repeats
        WHERE session_hk IN (
            SELECT sessions.session_hk
            FROM business.site_filtered_sessions(tenant, from_at, to_at, filters, include_bots) AS sessions
            WHERE EXISTS (SELECT FROM repeats))
        GROUP BY page_hk
    ),
    met AS MATERIALIZED (
        SELECT item, code, sum(events)::bigint AS events
        FROM counted
        WHERE item IS NOT NULL
        GROUP BY item, code
    ),
    -- Types are looked up once, not for each item.
    types AS MATERIALIZED (
        SELECT code, business.site_type_of_code(tenant, code) AS evt_type
        FROM (SELECT DISTINCT code FROM met) AS codes
    )
    SELECT
        tenant, 'top_pages'::varchar(20), from_at, int8send(page), ''::varchar(3), NULL::text, 0::bigint, 0::bigint,
        0::bigint, 0::bigint, sum(views)::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::numeric, 0::numeric,
        0::numeric, 0::numeric
    FROM seen
    GROUP BY page
    UNION ALL
    SELECT
        tenant, 'items'::varchar(20), from_at,
        business.site_item_value(int8send(item) || decode(repeat('00', 24), 'hex'), types.evt_type),
        ''::varchar(3), NULL, 0, 0, 0, 0, 0, events, 0, 0, 0, 0, 0, 0, 0
    FROM met
    JOIN types USING (code)
    UNION ALL
    SELECT
        tenant, 'items'::varchar(20), from_at, sums.value_key, sums.currency, NULL, 0, 0, 0, 0, 0, 0, sums.conversions, 0, 0,
        sums.quantity, sums.refunded_quantity, sums.revenue, sums.refunds
    FROM (
        SELECT
            array_agg(session_hk) AS sessions, array_agg(session_start) AS starts, array_agg(event_timestamp) AS instants
        FROM (
            SELECT DISTINCT session_hk, session_start, event_timestamp FROM counted WHERE event_timestamp IS NOT NULL
        ) AS traded_in
    ) AS listed
    CROSS JOIN LATERAL business.site_traded_sums(tenant, listed.sessions, listed.starts, listed.instants) AS sums
    WHERE listed.sessions IS NOT NULL;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_filtered_sessions(bytea,timestamp with time zone,timestamp with time zone,jsonb,boolean) -- The sessions that began in a period and pass the filters, which site_resolved_filters gave.
CREATE OR REPLACE FUNCTION business.site_filtered_sessions(tenant bytea, from_at timestamp with time zone, to_at timestamp with time zone, filters jsonb, include_bots boolean)
 RETURNS SETOF business.site_session_b
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
    SELECT * FROM business.site_filtered_closed(tenant, from_at, to_at, filters, include_bots)
    UNION ALL
    SELECT * FROM business.site_found_closed(tenant, from_at, to_at, filters, include_bots)
    UNION ALL
    SELECT * FROM business.site_filtered_open(tenant, from_at, to_at, filters, include_bots)
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_filters(jsonb) -- The filters of options, each as an array. Errors: ST400.
CREATE OR REPLACE FUNCTION business.site_filters(options jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    known CONSTANT text[] := ARRAY['device', 'browser', 'os', 'channel', 'source', 'utm_source', 'utm_medium',
        'utm_campaign', 'utm_term', 'utm_content', 'entry_page', 'exit_page', 'referrer', 'language',
        'country'];
    -- What a session has one of, or what its events tell: no session is without.
    known_by_key CONSTANT text[] := ARRAY['session', 'visitor', 'page', 'item', 'item_category', 'item_brand',
        'item_type', 'event', 'experiment', 'goal', 'visitor_kind'];
    is_by_key boolean;
    filter record;
    given jsonb;
    filters jsonb := '{}';
BEGIN
    IF options ? 'filters' AND jsonb_typeof(options -> 'filters') <> 'object' THEN
        PERFORM business.site_argument_error('filters', 'Filters are a JSON object.');
    END IF;
    FOR filter IN SELECT key, value FROM jsonb_each(coalesce(options -> 'filters', '{}')) LOOP
        is_by_key := filter.key = ANY (known_by_key) OR filter.key ~ '^property:.{1,200}$' OR filter.key ~ '^score:.{1,100}$';
        IF filter.key <> ALL (known) AND NOT is_by_key THEN
            PERFORM business.site_argument_error(
                'filters.' || left(filter.key, 100), 'This filter is not known.');
        END IF;
        given := CASE jsonb_typeof(filter.value) WHEN 'array' THEN filter.value
            ELSE jsonb_build_array(filter.value) END;
        IF jsonb_array_length(given) NOT BETWEEN 1 AND 100
            OR EXISTS (
                SELECT FROM jsonb_array_elements(given) AS element
                WHERE jsonb_typeof(element) NOT IN ('string', 'null') OR length(element #>> '{}') > 2048
                    OR is_by_key AND element = 'null'
            ) THEN
            PERFORM business.site_argument_error('filters.' || filter.key,
                'A text of at most 2048 characters, or an array of 1 to 100 such texts'
                    || CASE WHEN is_by_key THEN '.' ELSE ' and nulls for none.' END);
        END IF;
        IF filter.key = 'visitor_kind' AND NOT given <@ '["recognised", "anonymous"]' THEN
            PERFORM business.site_argument_error('filters.visitor_kind', 'One of recognised, anonymous.');
        END IF;
        IF filter.key LIKE 'score:%' AND given @? '$[*] ? (!(@ like_regex "^(-?[0-9]{1,15}([.][0-9]{1,15})?)?[.][.](-?[0-9]{1,15}([.][0-9]{1,15})?)?$"))' THEN
            PERFORM business.site_argument_error('filters.' || filter.key, 'Ranges such as 0.5.., ..0.2 or 0.2..0.5.');
        END IF;
        filters := filters || jsonb_build_object(filter.key, given);
    END LOOP;
    RETURN filters;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_filters_cost(bytea,timestamp with time zone,timestamp with time zone,jsonb) -- What it costs to find the sessions that pass, in events read.
CREATE OR REPLACE FUNCTION business.site_filters_cost(tenant bytea, from_at timestamp with time zone, to_at timestamp with time zone, filters jsonb)
 RETURNS numeric
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    -- Sessions are looked through, for filters by events with their paths, by properties and goals with all their events.
    SELECT CASE
        WHEN filters = '{}' THEN 0
        WHEN filters @? '$.keyvalue() ? (@.key starts with "property:" || @.key == "goal")'
            THEN business.site_events_of_sessions_cost(tenant, from_at, to_at) * 1.5
        ELSE business.site_own_events(tenant, from_at, to_at) * (
            -- Each session's visitor is looked up.
            CASE WHEN filters ? 'visitor_kind' THEN 0.2 ELSE 0.05 END
            + CASE WHEN business.site_event_filters(filters) = '{}' THEN 0 ELSE 0.05 END) END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_first_day(text,date) -- The first UTC day from one on of which a layer holds rows, whoever's; NULL where there is none.
CREATE OR REPLACE FUNCTION business.site_first_day(of_layer text, from_day date)
 RETURNS date
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT CASE
        WHEN of_layer IN ('raw', 'rejected') THEN (
            SELECT min(event_timestamp)
            FROM raw.site_tracking_events_r
            WHERE event_timestamp >= from_day::timestamp AT TIME ZONE 'UTC')
        WHEN of_layer = 'staging' THEN (
            SELECT min(event_timestamp)
            FROM staging.site_tracking_events_s
            WHERE event_timestamp >= from_day::timestamp AT TIME ZONE 'UTC')
        WHEN of_layer = 'events' THEN (
            SELECT min(event_timestamp)
            FROM business.site_event_h
            WHERE event_timestamp >= from_day::timestamp AT TIME ZONE 'UTC')
        WHEN of_layer = 'sessions' THEN (
            SELECT min(session_start)
            FROM business.site_session_details_s
            WHERE session_start >= from_day::timestamp AT TIME ZONE 'UTC')
        WHEN of_layer = 'ledger' THEN (
            SELECT min(ledger_date)::timestamp AT TIME ZONE 'UTC'
            FROM raw.site_tracking_ledger_r
            WHERE ledger_date >= from_day)
        END AT TIME ZONE 'UTC'
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_first_passing(bytea,timestamp with time zone,timestamp with time zone,jsonb,bigint) -- The closed sessions that began in a period and pass the filters, as filters name them: at most so many.
CREATE OR REPLACE FUNCTION business.site_first_passing(tenant bytea, from_at timestamp with time zone, to_at timestamp with time zone, filters jsonb, most bigint)
 RETURNS TABLE(sessions bigint, named jsonb)
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT
        count(*),
        jsonb_build_object(
            'closed_starts', array_agg((extract(epoch FROM key_start) * 1000000)::bigint)::text,
            'closed_sessions', string_agg(encode(session_hk, 'hex'), ''))
    FROM (
        SELECT key_start, session_hk
        FROM business.site_filtered_closed(tenant, from_at, to_at, filters, true)
        LIMIT most
    ) AS passing;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_follow_first(bytea[],bytea[],timestamp with time zone[]) -- Tells all later sessions of visitors when the first one began, and lets business.site_cohort_b follow.
CREATE OR REPLACE FUNCTION business.site_follow_first(tenant_hks bytea[], visitor_hks bytea[], first_starts timestamp with time zone[])
 RETURNS void
 LANGUAGE sql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_follow_removed(bytea[],timestamp with time zone[],bytea[],timestamp with time zone[],timestamp with time zone[]) -- Tells the bridge of first sessions that retention removed one of the same visitor before it, and counts them as returns; tells later ones of the visitor when the first one began.
CREATE OR REPLACE FUNCTION business.site_follow_removed(tenant_hks bytea[], key_starts timestamp with time zone[], session_hks bytea[], previous_starts timestamp with time zone[], first_starts timestamp with time zone[])
 RETURNS void
 LANGUAGE sql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_follow_removed_days(business.site_item_day_b[]) -- Tells the first days on which visitors met items that retention removed one before, and counts them as returns.
CREATE OR REPLACE FUNCTION business.site_follow_removed_days(days business.site_item_day_b[])
 RETURNS void
 LANGUAGE sql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_found_closed(bytea,timestamp with time zone,timestamp with time zone,jsonb,boolean) -- As business.site_filtered_closed where filters name these sessions: each by its key.
CREATE OR REPLACE FUNCTION business.site_found_closed(tenant bytea, from_at timestamp with time zone, to_at timestamp with time zone, filters jsonb, include_bots boolean)
 RETURNS SETOF business.site_session_b
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
    SELECT sessions.*
    FROM unnest(business.site_starts_found(filters), business.site_sessions_named(filters, 'closed_sessions'))
        AS found (key_start, session_hk)
    CROSS JOIN LATERAL (
        SELECT *
        FROM business.site_session_b AS held
        WHERE held.tenant_hk = tenant
            AND held.key_start = found.key_start
            AND held.session_hk = found.session_hk
        OFFSET 0
    ) AS sessions
    WHERE filters ? 'closed_sessions'
        AND sessions.session_start >= from_at
        AND sessions.session_start < to_at
        AND (include_bots OR NOT sessions.is_bot)
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_funnel(bytea,jsonb,jsonb) -- The data of api.get_funnel. Errors: ST400.
CREATE OR REPLACE FUNCTION business.site_funnel(tenant bytea, steps jsonb, given jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
DECLARE
    asked CONSTANT record := business.site_question(tenant, given, 30, 'include_bots', 'window_minutes', 'filters');
    filters CONSTANT jsonb := business.site_filters(asked.options);
    include_bots CONSTANT boolean := coalesce((asked.options -> 'include_bots')::boolean, false);
    time_allowed CONSTANT interval := (asked.options -> 'window_minutes')::integer * INTERVAL '1 minute';
    answer jsonb;
BEGIN
    PERFORM business.site_check_steps(steps);
    PERFORM business.site_check_cost(
        tenant,
        business.site_funnel_cost(tenant, asked.from_at, asked.to_at, steps, time_allowed IS NULL)
            + business.site_filters_cost(tenant, asked.from_at, asked.to_at, filters),
        asked.options,
        VARIADIC business.site_narrow_filters(filters));
    WITH counts AS (
        SELECT
            step,
            coalesce(found.visitors, 0) AS visitors,
            first_value(coalesce(found.visitors, 0)) OVER (ORDER BY step) AS first_visitors,
            lag(coalesce(found.visitors, 0)) OVER (ORDER BY step) AS previous_visitors
        FROM generate_series(1, jsonb_array_length(steps)) AS step
        LEFT JOIN (
            SELECT *
            FROM business.site_funnel_counts(
                tenant, steps, asked.from_at, asked.to_at, time_allowed,
                business.site_resolved_filters(tenant, asked.from_at, asked.to_at, filters), include_bots)
        ) AS found USING (step)
    )
    SELECT asked.head || jsonb_build_object(
        'steps', jsonb_agg(
            (steps -> step - 1) || jsonb_build_object(
                'visitors', visitors,
                'rate_of_first', business.site_rate(visitors, first_visitors, 4),
                'rate_of_previous', business.site_rate(visitors, previous_visitors, 4))
            ORDER BY step),
        'conversion_rate', business.site_rate(
            min(visitors), max(visitors) FILTER (WHERE step = 1), 4))
    INTO answer
    FROM counts;
    RETURN answer;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_funnel_by_types(bytea,text[],timestamp with time zone,timestamp with time zone,jsonb,boolean) -- How many visitors reached the steps of a funnel that asks for types alone, in any time; but for some, which it names: whose events are of one instant, or sessions of one time or open.
CREATE OR REPLACE FUNCTION business.site_funnel_by_types(tenant bytea, codes text[], from_at timestamp with time zone, to_at timestamp with time zone, filters jsonb, include_bots boolean, OUT visitors bigint[], OUT others bytea[])
 RETURNS record
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
DECLARE
    -- An event may lie in a session that began before; no session is longer than a week.
    starts_at CONSTANT timestamptz := CASE WHEN filters = '{}' THEN from_at - INTERVAL '7 days' ELSE from_at END;
    opened CONSTANT bytea[] := ARRAY(
        SELECT DISTINCT visitor_hk FROM business.site_open_sessions(tenant, starts_at, to_at));
    chosen CONSTANT bytea[] := CASE WHEN filters <> '{}' AND NOT filters ? 'closed_sessions' THEN ARRAY(
        SELECT session_hk FROM business.site_filtered_sessions(tenant, starts_at, to_at, filters, include_bots)) END;
    steps CONSTANT text[] := ARRAY(SELECT '%' || code || '%' FROM unnest(codes) AS code);
    ways CONSTANT text[] := ARRAY(
        SELECT '%' || array_to_string(codes[:step], '%') || '%'
        FROM generate_subscripts(codes, 1) AS step
        ORDER BY step);
    to_put_in_order bigint[] := '{}';
    told record;
BEGIN
    visitors := array_fill(0::bigint, ARRAY[cardinality(codes)]);
    FOR told IN
        SELECT *
        FROM business.site_funnel_shares(
            tenant, steps, ways, starts_at, from_at, to_at, filters, chosen, include_bots,
            ARRAY(SELECT business.site_short_key(visitor_hk) FROM unnest(opened) AS visitor_hk))
    LOOP
        FOR reached IN 1..told.step LOOP
            visitors[reached] := visitors[reached] + told.visitors;
        END LOOP;
        to_put_in_order := to_put_in_order || told.others;
    END LOOP;
    others := opened || ARRAY(
        SELECT hubs.visitor_hk
        FROM unnest(to_put_in_order) AS visitor
        CROSS JOIN LATERAL (
            SELECT visitor_hk
            FROM business.site_visitor_h
            WHERE visitor_hk BETWEEN int8send(visitor) AND business.site_last_key(int8send(visitor))
            OFFSET 0
        ) AS hubs);
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_funnel_cost(bytea,timestamp with time zone,timestamp with time zone,jsonb,boolean) -- What a funnel costs without its filters, in events read.
CREATE OR REPLACE FUNCTION business.site_funnel_cost(tenant bytea, from_at timestamp with time zone, to_at timestamp with time zone, steps jsonb, in_any_time boolean)
 RETURNS numeric
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    -- Of types alone the paths tell it as they are, else their events are put in order.
    SELECT business.site_own_events(tenant, from_at, to_at) * CASE
        WHEN in_any_time AND NOT steps @? '$[*] ? (exists(@.page_url) || exists(@.item_id))' THEN 0.2
        ELSE 2.5 END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_funnel_counts(bytea,jsonb,timestamp with time zone,timestamp with time zone,interval,jsonb,boolean) -- How many visitors reached the steps of a funnel.
CREATE OR REPLACE FUNCTION business.site_funnel_counts(tenant bytea, steps jsonb, from_at timestamp with time zone, to_at timestamp with time zone, time_allowed interval, filters jsonb, include_bots boolean)
 RETURNS TABLE(step integer, visitors bigint)
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
DECLARE
    told bigint[];
    of_visitors bytea[];
BEGIN
    IF time_allowed IS NOT NULL THEN
        RETURN QUERY
        SELECT step, count(DISTINCT visitor_hk)
        FROM business.site_funnel_ways(tenant, steps, from_at, to_at, time_allowed, filters, include_bots)
        GROUP BY step;
        RETURN;
    END IF;
    IF NOT steps @? '$[*] ? (exists(@.page_url) || exists(@.item_id))' THEN
        SELECT found.visitors, found.others
        INTO told, of_visitors
        FROM business.site_funnel_by_types(
            tenant,
            ARRAY(SELECT code FROM business.site_funnel_steps(tenant, steps) ORDER BY step),
            from_at, to_at, filters, include_bots) AS found;
    END IF;
    RETURN QUERY
    WITH RECURSIVE moves AS MATERIALIZED (
        SELECT *
        FROM business.site_funnel_moves(tenant, steps, from_at, to_at, filters, include_bots, of_visitors)
        WHERE of_visitors IS DISTINCT FROM '{}'
    ),
    reached AS (
        SELECT last_step AS step, visitor_hk, min(event_timestamp) AS event_timestamp
        FROM moves
        WHERE first_step = 1
        GROUP BY last_step, visitor_hk
        UNION ALL
        SELECT *
        FROM (
            SELECT DISTINCT ON (moves.last_step, moves.visitor_hk)
                moves.last_step, moves.visitor_hk, moves.event_timestamp
            FROM reached
            JOIN moves
                ON moves.visitor_hk = reached.visitor_hk
                AND moves.first_step = reached.step + 1
                AND moves.event_timestamp > reached.event_timestamp
            ORDER BY moves.last_step, moves.visitor_hk, moves.event_timestamp
        ) AS later
    )
    SELECT counts.step, sum(counts.visitors)::bigint
    FROM (
        SELECT step, count(DISTINCT visitor_hk) AS visitors FROM reached GROUP BY step
        UNION ALL
        SELECT by_types.step::integer, by_types.visitors
        FROM unnest(told) WITH ORDINALITY AS by_types (visitors, step)
    ) AS counts
    GROUP BY counts.step;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_funnel_matches(bytea,jsonb,timestamp with time zone,timestamp with time zone,jsonb,boolean,bytea[]) -- Which events in sessions may be which steps of a funnel, of given visitors or all; event_hk tells one event from another.
CREATE OR REPLACE FUNCTION business.site_funnel_matches(tenant bytea, steps jsonb, from_at timestamp with time zone, to_at timestamp with time zone, filters jsonb, include_bots boolean, visitors bytea[])
 RETURNS TABLE(step integer, visitor_hk bytea, event_timestamp timestamp with time zone, event_hk bytea)
 LANGUAGE plpgsql
 STABLE ROWS 50000
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET enable_nestloop TO 'off'
AS $function$
#variable_conflict use_column
DECLARE
    -- An event may lie in a session that began before; no session is longer than a week.
    starts_at CONSTANT timestamptz := CASE WHEN filters = '{}' THEN from_at - INTERVAL '7 days' ELSE from_at END;
    asks_pages CONSTANT boolean := steps @? '$[*].page_url';
    asks_items CONSTANT boolean := steps @? '$[*].item_id';
    asks_all_types CONSTANT boolean := steps @? '$[*] ? (!exists(@.evt_type))';
    codes text;
    chosen bytea[];
    open_ones business.site_session_b[];
BEGIN
    SELECT coalesce(string_agg(code, ''), '') INTO codes FROM business.site_funnel_steps(tenant, steps);
    IF filters <> '{}' THEN
        chosen := ARRAY(
            SELECT session_hk FROM business.site_filtered_sessions(tenant, starts_at, to_at, filters, include_bots));
    END IF;
    open_ones := ARRAY(
        SELECT sessions
        FROM business.site_open_sessions(tenant, starts_at, to_at) AS sessions
        WHERE (include_bots OR NOT sessions.is_bot)
            AND (visitors IS NULL OR sessions.visitor_hk = ANY (visitors))
            AND (chosen IS NULL OR sessions.session_hk = ANY (chosen)));
    RETURN QUERY
    WITH wanted AS MATERIALIZED (
        SELECT * FROM business.site_funnel_steps(tenant, steps)
    ),
    -- By type, so that an event is compared with the steps it may be.
    asked AS MATERIALIZED (
        SELECT * FROM wanted WHERE code IS NOT NULL
        UNION ALL
        SELECT
            wanted.step, wanted.evt_type, known.code, wanted.page_hks, wanted.pages, wanted.item_hk, wanted.item
        FROM wanted
        JOIN business.site_event_type_b AS known ON known.tenant_hk = tenant
        WHERE wanted.code IS NULL
    ),
    told AS (
        SELECT
            paths.visitor_hk, paths.key_start, paths.session_hk,
            paths.key_start < from_at OR paths.key_start >= to_at - INTERVAL '7 days' AND paths.key_start
                + paths.offsets[cardinality(paths.offsets)] * INTERVAL '1 microsecond' >= to_at AS goes_beyond,
            generate_subscripts(paths.offsets, 1) AS place,
            unnest(string_to_array(paths.types, NULL)) AS code,
            unnest(paths.offsets) AS micros,
            unnest(CASE WHEN asks_pages THEN paths.pages END) AS page,
            CASE WHEN asks_items THEN paths.items END AS items,
            CASE WHEN asks_items THEN paths.item_places END AS item_places
        FROM business.site_funnel_paths(
            tenant, starts_at, to_at, include_bots, visitors,
            NOT include_bots AND coalesce(cardinality(visitors), 10000) < 10000) AS paths
        WHERE (chosen IS NULL OR paths.session_hk = ANY (chosen))
            AND (asks_all_types OR translate(paths.types, codes, '') <> paths.types)
    ),
    opened AS MATERIALIZED (
        SELECT
            sessions.visitor_hk, sessions.key_start, sessions.session_hk, paths.types, paths.offsets, paths.pages,
            paths.items, paths.item_places
        FROM business.site_linked_paths(open_ones) AS paths
        JOIN unnest(open_ones) AS sessions ON sessions.session_hk = paths.session_hk
    ),
    happening AS (
        SELECT
            opened.visitor_hk, opened.session_hk, opened.items, opened.item_places, events.evt_type, events.page,
            events.place, opened.key_start + events.micros * INTERVAL '1 microsecond' AS event_timestamp
        FROM opened
        CROSS JOIN LATERAL unnest(opened.types, opened.offsets, opened.pages) WITH ORDINALITY
            AS events (evt_type, micros, page, place)
    )
    SELECT
        asked.step, told.visitor_hk, told.key_start + told.micros * INTERVAL '1 microsecond',
        told.session_hk || int4send(told.place)
    FROM told
    JOIN asked ON asked.code = told.code
    WHERE (asked.pages IS NULL OR told.page = ANY (asked.pages))
        AND (asked.item IS NULL OR EXISTS (
            SELECT FROM unnest(told.items, told.item_places) AS held (item, place)
            WHERE held.item = asked.item AND held.place = told.place))
        AND (NOT told.goes_beyond OR (
            told.key_start + told.micros * INTERVAL '1 microsecond' >= from_at
            AND told.key_start + told.micros * INTERVAL '1 microsecond' < to_at))
    UNION ALL
    SELECT
        wanted.step, happening.visitor_hk, happening.event_timestamp,
        happening.session_hk || int4send(happening.place::integer)
    FROM happening
    JOIN wanted ON coalesce(wanted.evt_type, happening.evt_type) = happening.evt_type
    WHERE happening.event_timestamp >= from_at
        AND happening.event_timestamp < to_at
        AND (wanted.pages IS NULL OR happening.page = ANY (wanted.pages))
        AND (wanted.item IS NULL OR EXISTS (
            SELECT FROM unnest(happening.items, happening.item_places) AS held (item, place)
            WHERE held.item = wanted.item AND held.place = happening.place));
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_funnel_moves(bytea,jsonb,timestamp with time zone,timestamp with time zone,jsonb,boolean,bytea[]) -- From which step of a funnel to which the events of an instant take a visitor.
CREATE OR REPLACE FUNCTION business.site_funnel_moves(tenant bytea, steps jsonb, from_at timestamp with time zone, to_at timestamp with time zone, filters jsonb, include_bots boolean, visitors bytea[])
 RETURNS TABLE(visitor_hk bytea, event_timestamp timestamp with time zone, first_step integer, last_step integer)
 LANGUAGE plpgsql
 STABLE ROWS 50000
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH RECURSIVE matched AS MATERIALIZED (
        SELECT *
        FROM business.site_funnel_matches(tenant, steps, from_at, to_at, filters, include_bots, visitors)
    ),
    -- Nearly all instants have one event that may be one step.
    summed AS MATERIALIZED (
        SELECT visitor_hk, event_timestamp, min(step) AS step, count(*) AS matches
        FROM matched
        GROUP BY visitor_hk, event_timestamp
    ),
    -- Events of one instant that may be the same steps are alike.
    kinds AS MATERIALIZED (
        SELECT
            visitor_hk, event_timestamp, may_be, count(*) AS events,
            sum(count(*)) OVER (PARTITION BY visitor_hk, event_timestamp) > 1 AS are_several
        FROM (
            SELECT visitor_hk, event_timestamp, event_hk, array_agg(DISTINCT step ORDER BY step) AS may_be
            FROM matched
            -- CASE keeps the planner, which knows nothing of how many there are, from a loop of loops.
            WHERE CASE WHEN (visitor_hk, event_timestamp) IN (
                SELECT visitor_hk, event_timestamp FROM summed WHERE matches > 1) THEN true END
            GROUP BY visitor_hk, event_timestamp, event_hk
        ) AS events
        GROUP BY visitor_hk, event_timestamp, may_be
    ),
    instants AS MATERIALIZED (
        SELECT
            visitor_hk, event_timestamp, array_agg(array_to_string(may_be, ' ')) AS kinds,
            array_agg(events) AS counts
        FROM kinds
        WHERE are_several
        GROUP BY visitor_hk, event_timestamp
    ),
    -- From which step to which the events of one instant lead, each of them taken once.
    taken AS (
        SELECT
            instants.visitor_hk, instants.event_timestamp, step AS first_step, step AS last_step,
            ARRAY[kind] AS used, instants.kinds, instants.counts
        FROM instants
        CROSS JOIN LATERAL unnest(instants.kinds) AS kind
        CROSS JOIN LATERAL unnest(string_to_array(kind, ' ')::integer[]) AS step
        UNION
        SELECT
            taken.visitor_hk, taken.event_timestamp, taken.first_step, taken.last_step + 1,
            ARRAY(SELECT unnest(taken.used || next.kind) ORDER BY 1), taken.kinds, taken.counts
        FROM taken
        CROSS JOIN LATERAL unnest(taken.kinds, taken.counts) AS next (kind, events)
        WHERE taken.last_step + 1 = ANY (string_to_array(next.kind, ' ')::integer[])
            AND next.events > cardinality(array_positions(taken.used, next.kind))
    )
    SELECT DISTINCT visitor_hk, event_timestamp, first_step, last_step
    FROM taken
    UNION ALL
    SELECT kinds.visitor_hk, kinds.event_timestamp, step, step
    FROM kinds
    CROSS JOIN LATERAL unnest(kinds.may_be) AS step
    WHERE NOT kinds.are_several
    UNION ALL
    SELECT visitor_hk, event_timestamp, step, step
    FROM summed
    WHERE matches = 1;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_funnel_paths(bytea,timestamp with time zone,timestamp with time zone,boolean,bytea[],boolean) -- The paths of closed sessions that began in a period, of given visitors or all; of few without robots.
CREATE OR REPLACE FUNCTION business.site_funnel_paths(tenant bytea, starts_at timestamp with time zone, to_at timestamp with time zone, include_bots boolean, visitors bytea[], are_few boolean)
 RETURNS SETOF business.site_session_path_b
 LANGUAGE sql
 STABLE PARALLEL SAFE ROWS 100000
AS $function$
    SELECT *
    FROM business.site_session_path_b
    WHERE NOT are_few
        AND tenant_hk = tenant
        AND key_start >= starts_at - INTERVAL '1 millisecond'
        AND key_start < to_at
        AND (include_bots OR NOT is_bot)
        AND (visitors IS NULL OR visitor_hk = ANY (visitors))
    UNION ALL
    SELECT paths.*
    FROM unnest(visitors) AS asked (visitor_hk)
    CROSS JOIN LATERAL (
        SELECT key_start, session_hk
        FROM business.site_session_b
        WHERE tenant_hk = tenant
            AND visitor_hk = asked.visitor_hk
            AND NOT is_bot
            AND session_start >= starts_at - INTERVAL '1 millisecond'
            AND session_start < to_at + INTERVAL '1 millisecond'
        OFFSET 0
    ) AS sessions
    CROSS JOIN LATERAL (
        SELECT *
        FROM business.site_session_path_b
        WHERE tenant_hk = tenant
            AND key_start = sessions.key_start
            AND session_hk = sessions.session_hk
            AND key_start >= starts_at - INTERVAL '1 millisecond'
            AND key_start < to_at
        OFFSET 0
    ) AS paths
    WHERE are_few
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_funnel_share(bytea,text[],text[],timestamp with time zone,timestamp with time zone,timestamp with time zone,jsonb,bytea[],boolean,timestamp with time zone[],bigint[],boolean) -- How many visitors without an open session came as far as a step, and whose events must be put in order; of all visitors or of half of them.
CREATE OR REPLACE FUNCTION business.site_funnel_share(tenant bytea, steps text[], ways text[], starts_at timestamp with time zone, from_at timestamp with time zone, to_at timestamp with time zone, filters jsonb, chosen bytea[], include_bots boolean, starts_apart timestamp with time zone[], opened bigint[], of_lower_half boolean)
 RETURNS TABLE(step integer, visitors bigint, others bigint[])
 LANGUAGE plpgsql
 STABLE PARALLEL SAFE COST 1e+07 ROWS 5
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET max_parallel_workers_per_gather TO '0'
AS $function$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH placed AS (
        SELECT
            visitor, key_start, types, has_ties,
            lag(session_end) OVER (PARTITION BY visitor ORDER BY key_start)
                >= key_start - INTERVAL '1 millisecond' AS is_mixed
        FROM business.site_types_within(
            tenant, steps, starts_at, from_at, to_at, filters, chosen, include_bots, starts_apart, of_lower_half)
    ),
    -- OFFSET keeps what is worked out once from being worked out by each who asks.
    together AS (
        SELECT
            visitor, string_agg(types, '' ORDER BY key_start) AS types,
            coalesce(bool_or(is_mixed), false) AS is_mixed, bool_or(has_ties) AS has_ties
        FROM placed
        GROUP BY visitor
        OFFSET 0
    ),
    reached AS (
        SELECT visitor, types, is_mixed, has_ties, business.site_steps_in_order(types, ways) AS step
        FROM together
        WHERE visitor <> ALL (opened)
        OFFSET 0
    ),
    told AS (
        SELECT
            visitor, step, is_mixed OR has_ties AND step < cardinality(steps) AND types LIKE steps[step + 1] AS is_open
        FROM reached
    )
    SELECT step, count(*) FILTER (WHERE NOT is_open), array_agg(visitor) FILTER (WHERE is_open)
    FROM told
    GROUP BY step;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_funnel_shares(bytea,text[],text[],timestamp with time zone,timestamp with time zone,timestamp with time zone,jsonb,bytea[],boolean,bigint[]) -- As business.site_funnel_share of all visitors, by halves where there are many events.
CREATE OR REPLACE FUNCTION business.site_funnel_shares(tenant bytea, steps text[], ways text[], starts_at timestamp with time zone, from_at timestamp with time zone, to_at timestamp with time zone, filters jsonb, chosen bytea[], include_bots boolean, opened bigint[])
 RETURNS TABLE(step integer, visitors bigint, others bigint[])
 LANGUAGE plpgsql
 STABLE ROWS 10
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
DECLARE
    starts_apart CONSTANT timestamptz[] := CASE WHEN filters = '{}' THEN ARRAY(
        SELECT business.site_starts_apart(tenant, starts_at, from_at, to_at)) END;
BEGIN
    -- Sessions that were found before are few.
    IF filters ? 'closed_sessions' OR NOT business.site_are_many_events(tenant, from_at, to_at) THEN
        RETURN QUERY
        SELECT *
        FROM business.site_funnel_share(
            tenant, steps, ways, starts_at, from_at, to_at, filters, chosen, include_bots, starts_apart, opened, NULL);
        RETURN;
    END IF;
    -- RETURN QUERY, as no SELECT INTO has parallel workers.
    RETURN QUERY
    SELECT *
    FROM business.site_funnel_share(
        tenant, steps, ways, starts_at, from_at, to_at, filters, chosen, include_bots, starts_apart, opened, true)
    UNION ALL
    SELECT *
    FROM business.site_funnel_share(
        tenant, steps, ways, starts_at, from_at, to_at, filters, chosen, include_bots, starts_apart, opened, false);
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_funnel_steps(bytea,jsonb) -- What the steps of a funnel ask for.
CREATE OR REPLACE FUNCTION business.site_funnel_steps(tenant bytea, steps jsonb)
 RETURNS TABLE(step integer, evt_type text, code text, page_hks bytea[], pages bigint[], item_hk bytea, item bigint)
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT
        asked.step, asked.evt_type,
        -- No event has a type without a code, nor the code of none.
        CASE WHEN asked.evt_type IS NOT NULL THEN coalesce(known.code, '-') END,
        asked.page_hks,
        CASE WHEN asked.page_hks IS NOT NULL THEN ARRAY(
            SELECT business.site_short_key(page_hk) FROM unnest(asked.page_hks) AS page_hk) END,
        asked.item_hk, business.site_short_key(asked.item_hk)
    FROM (
        SELECT
            ordinality::integer AS step,
            value ->> 'evt_type' AS evt_type,
            CASE
                WHEN value ->> 'page_url' LIKE '%*' THEN ARRAY(
                    SELECT page_hk
                    FROM business.site_page_h
                    WHERE tenant_hk = tenant
                        AND starts_with(page_bk, rtrim(value ->> 'page_url', '*')))
                WHEN value ? 'page_url' THEN ARRAY[business.site_hash_key(tenant, value ->> 'page_url')]
            END AS page_hks,
            business.site_hash_key(tenant, value ->> 'item_id') AS item_hk
        FROM jsonb_array_elements(steps) WITH ORDINALITY
    ) AS asked
    LEFT JOIN business.site_event_type_b AS known ON known.tenant_hk = tenant AND known.evt_type = asked.evt_type
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_funnel_ways(bytea,jsonb,timestamp with time zone,timestamp with time zone,interval,jsonb,boolean) -- Which steps of a funnel visitors reached, each time they did.
CREATE OR REPLACE FUNCTION business.site_funnel_ways(tenant bytea, steps jsonb, from_at timestamp with time zone, to_at timestamp with time zone, time_allowed interval, filters jsonb, include_bots boolean)
 RETURNS TABLE(step integer, visitor_hk bytea, event_timestamp timestamp with time zone)
 LANGUAGE plpgsql
 STABLE ROWS 100000
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH RECURSIVE moves AS MATERIALIZED (
        SELECT * FROM business.site_funnel_moves(tenant, steps, from_at, to_at, filters, include_bots, NULL)
    ),
    reached AS (
        SELECT last_step AS step, visitor_hk, event_timestamp, event_timestamp AS began_at
        FROM moves
        WHERE first_step = 1
        UNION ALL
        SELECT last_step, visitor_hk, event_timestamp, began_at
        FROM (
            SELECT
                last_step,
                visitor_hk,
                event_timestamp,
                max(began_at) OVER (
                    PARTITION BY visitor_hk, step_before
                    ORDER BY event_timestamp
                    RANGE BETWEEN UNBOUNDED PRECEDING AND INTERVAL '1 microsecond' PRECEDING
                ) AS began_at
            FROM (
                SELECT step AS step_before, NULL AS last_step, visitor_hk, event_timestamp, began_at
                FROM reached
                UNION ALL
                SELECT first_step - 1, last_step, visitor_hk, event_timestamp, NULL
                FROM moves
                WHERE first_step > 1
            ) AS candidates
        ) AS later
        WHERE last_step IS NOT NULL
            AND began_at IS NOT NULL
            AND (time_allowed IS NULL OR event_timestamp - began_at <= time_allowed)
    )
    SELECT step, visitor_hk, event_timestamp FROM reached;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_goal_events(bytea,timestamp with time zone,timestamp with time zone,jsonb,boolean) -- The sessions that began in a period and pass the filters, once for each of their events that is a tenant's named goal.
CREATE OR REPLACE FUNCTION business.site_goal_events(tenant bytea, from_at timestamp with time zone, to_at timestamp with time zone, filters jsonb, include_bots boolean)
 RETURNS TABLE(goal text, session_hk bytea)
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
BEGIN
    IF NOT EXISTS (SELECT FROM business.site_saved(tenant, 'GOAL')) THEN
        RETURN;
    END IF;
    RETURN QUERY
    WITH rules AS MATERIALIZED (
        SELECT
            saved.name, asked.evt_type, asked.page_hks, saved.content ->> 'property' AS property,
            saved.content ->> 'property_value' AS property_value, (saved.content -> 'min_value')::numeric AS min_value
        FROM business.site_saved(tenant, 'GOAL') AS saved
        CROSS JOIN LATERAL business.site_funnel_steps(tenant, jsonb_build_array(saved.content)) AS asked
    )
    SELECT rules.name, own.session_hk
    FROM business.site_session_events(tenant, from_at, to_at, filters, include_bots) AS own
    JOIN business.site_event_details_s AS details
        ON details.event_timestamp = own.event_timestamp AND details.event_hk = own.event_hk
    JOIN rules
        ON (rules.evt_type IS NULL OR rules.evt_type = details.evt_type)
        AND (rules.property IS NULL
            OR coalesce(rules.property_value, details.properties ->> rules.property)
                = details.properties ->> rules.property)
        AND (rules.min_value IS NULL OR details.value >= rules.min_value)
        AND (rules.page_hks IS NULL OR EXISTS (
            SELECT FROM business.event_page_l AS pages
            WHERE pages.event_timestamp = details.event_timestamp
                AND pages.event_hk = details.event_hk
                AND pages.page_hk = ANY (rules.page_hks)))
    -- No session is longer than a week.
    WHERE details.event_timestamp >= from_at AND details.event_timestamp < to_at + INTERVAL '7 days';
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_goal_rule(jsonb) -- What an event must be for a named goal. Errors: ST400.
CREATE OR REPLACE FUNCTION business.site_goal_rule(given jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    rule CONSTANT jsonb := given - '{name,remove}'::text[];
BEGIN
    IF NOT rule ?| '{evt_type,page_url,property}'
        OR rule ? 'property_value' AND NOT rule ? 'property'
        OR EXISTS (
            SELECT FROM jsonb_each(rule)
            WHERE key NOT IN ('evt_type', 'page_url', 'property', 'property_value', 'min_value')
                OR jsonb_typeof(value) <> CASE key WHEN 'min_value' THEN 'number' ELSE 'string' END
                OR length(value #>> '{}') NOT BETWEEN 1 AND 2048
        ) THEN
        PERFORM business.site_argument_error('goal', 'A goal has evt_type, page_url or property, with it property_value, '
            'texts of at most 2048 characters, and min_value, a number.');
    END IF;
    RETURN rule;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_goals(bytea) -- The event types that count as a tenant's conversions besides purchases.
CREATE OR REPLACE FUNCTION business.site_goals(tenant bytea)
 RETURNS text[]
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT coalesce(array_agg(DISTINCT goal ORDER BY goal), '{}')
    FROM (
        SELECT goal_event_types
        FROM auth.tenant_site_tracking_s
        WHERE tenant_hk = tenant
        ORDER BY load_date DESC
        LIMIT 1
    ) AS settings
    CROSS JOIN LATERAL unnest(goal_event_types) AS goal
    WHERE goal IS NOT NULL
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_goals_met(bytea,business.site_session_b[]) -- The purchases and goals in sessions, in their order.
CREATE OR REPLACE FUNCTION business.site_goals_met(tenant bytea, sessions business.site_session_b[])
 RETURNS TABLE(session_hk bytea, goals jsonb)
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
DECLARE
    wanted CONSTANT text[] := ARRAY['purchase'] || business.site_goals(tenant);
BEGIN
    RETURN QUERY
    WITH told AS (
        SELECT given.session_hk, given.key_start, known.evt_type, events.micros, events.place
        FROM unnest(sessions) AS given
        JOIN business.site_session_path_b AS paths
            ON paths.tenant_hk = given.tenant_hk
            AND paths.key_start = given.key_start
            AND paths.session_hk = given.session_hk
        CROSS JOIN LATERAL unnest(string_to_array(paths.types, NULL), paths.offsets) WITH ORDINALITY
            AS events (code, micros, place)
        JOIN business.site_event_type_b AS known ON known.tenant_hk = tenant AND known.code = events.code
        UNION ALL
        SELECT given.session_hk, given.key_start, events.evt_type, events.micros, events.place
        FROM business.site_linked_paths(ARRAY(
            SELECT opened FROM unnest(sessions) AS opened WHERE opened.session_status = 'OPEN')) AS linked
        JOIN unnest(sessions) AS given ON given.session_hk = linked.session_hk
        CROSS JOIN LATERAL unnest(linked.types, linked.offsets) WITH ORDINALITY AS events (evt_type, micros, place)
    )
    SELECT
        session_hk,
        jsonb_agg(
            jsonb_build_object(
                'evt_type', evt_type,
                'event_timestamp', business.site_utc(key_start + micros * INTERVAL '1 microsecond'))
            ORDER BY place)
    FROM told
    WHERE evt_type = ANY (wanted)
    GROUP BY session_hk;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_has_cohorts(bytea,timestamp with time zone,timestamp with time zone,text,jsonb) -- Whether business.site_cohort_b answers a question for retention.
CREATE OR REPLACE FUNCTION business.site_has_cohorts(tenant bytea, from_at timestamp with time zone, to_at timestamp with time zone, zone text, filters jsonb)
 RETURNS boolean
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT filters = '{}'
        AND from_at >= '2012-01-01 00:00:00Z'
        AND from_at = business.site_local_instant((from_at AT TIME ZONE zone)::date::timestamp, zone)
        AND to_at = business.site_local_instant((to_at AT TIME ZONE zone)::date::timestamp, zone)
        AND EXISTS (
            SELECT FROM business.site_cohort_zone_b WHERE tenant_hk = tenant AND lower(time_zone) = lower(zone))
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_hash_key(bytea,text) -- The hash key of a hub; NULL without a business key.
CREATE OR REPLACE FUNCTION business.site_hash_key(tenant bytea, business_key text)
 RETURNS bytea
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$ SELECT sha256(convert_to(encode(tenant, 'hex') || '|' || business_key, 'UTF8')) $function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_held_row(business.site_session_b) -- The row as business.site_session_b holds it: of an open session only what stays while it is open.
CREATE OR REPLACE FUNCTION business.site_held_row(bridged business.site_session_b)
 RETURNS SETOF business.site_session_b
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
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
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_hold_cohort_zones(bytea[]) -- Counts cohorts of tenants anew whose time zone has changed, without those that retention removed.
CREATE OR REPLACE FUNCTION business.site_hold_cohort_zones(tenant_hks bytea[])
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_hold_item_days(business.site_item_day_b[],boolean) -- Adds to the days on which visitors met items, or takes from them, and lets business.site_item_return_b follow; or, where retention removes them, the sums stay.
CREATE OR REPLACE FUNCTION business.site_hold_item_days(changes business.site_item_day_b[], sums_stay boolean DEFAULT false)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_hold_repeats(bytea[],business.site_repeat_b[]) -- Makes the wanted rows those of these sessions in business.site_repeat_b, and tells how the sums of pages and vitals change by it: both are summed by event when these are loaded.
CREATE OR REPLACE FUNCTION business.site_hold_repeats(sessions bytea[], wanted business.site_repeat_b[])
 RETURNS SETOF business.site_rollup_b
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_hold_variants(business.site_session_b[],business.site_session_b[]) -- Brings business.site_session_variant_b up to the paths of sessions, where their tenants have experiments.
CREATE OR REPLACE FUNCTION business.site_hold_variants(closed business.site_session_b[], no_longer_closed business.site_session_b[])
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_instant_option(jsonb,text,text) -- An option that is a day in the time zone or an instant; a day given as the end counts to its end. Errors: ST400.
CREATE OR REPLACE FUNCTION business.site_instant_option(options jsonb, name text, zone text)
 RETURNS timestamp with time zone
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    given CONSTANT text := options ->> name;
    instant timestamptz;
BEGIN
    IF jsonb_typeof(options -> name) = 'string' THEN
        IF given ~ '^\d{4}-\d\d-\d\d$' THEN
            -- Days are whole ones: the last one counts to its end.
            instant := business.site_local_instant(
                (given::date + (name = 'to')::integer)::timestamp, zone);
        ELSIF given ~ '^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:?\d\d)$' THEN
            instant := given::timestamptz;
        END IF;
    END IF;
    IF instant IS NULL OR instant NOT BETWEEN '1970-01-01Z' AND '2100-01-02Z' THEN
        PERFORM business.site_argument_error(
            name, 'A day such as 2026-03-01, or an instant such as 2026-03-01T12:00:00Z, from 1970 to 2099.');
    END IF;
    RETURN instant;
EXCEPTION
    WHEN datetime_field_overflow OR invalid_datetime_format THEN
        PERFORM business.site_argument_error(name, 'There is no such day or time.');
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_intervals(timestamp with time zone,timestamp with time zone,text,text) -- The hours, days, weeks or months of a period by the clock of a time zone, the first and last cut to it.
CREATE OR REPLACE FUNCTION business.site_intervals(from_at timestamp with time zone, to_at timestamp with time zone, zone text, unit text)
 RETURNS TABLE(number bigint, starts_at timestamp with time zone, ends_at timestamp with time zone, label text)
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    WITH starts AS (
        SELECT business.site_local_instant(local_start, zone) AS starts_at
        FROM generate_series(
            date_trunc(unit, least(from_at AT TIME ZONE zone, to_at AT TIME ZONE zone)),
            greatest(from_at AT TIME ZONE zone, to_at AT TIME ZONE zone),
            ('1 ' || unit)::interval) AS local_start
        UNION
        -- An hour that is there twice is two hours; one of which a part is there twice is one.
        SELECT even_start
        FROM generate_series(from_at, to_at - INTERVAL '1 microsecond', INTERVAL '15 minutes') AS instant
        CROSS JOIN LATERAL (
            SELECT
                date_trunc('hour', instant AT TIME ZONE zone) AS local_hour,
                instant - (instant AT TIME ZONE zone - date_trunc('hour', instant AT TIME ZONE zone))
                    AS even_start
        ) AS hours
        WHERE unit = 'hour' AND even_start AT TIME ZONE zone = local_hour
    ),
    intervals AS (
        SELECT
            greatest(starts_at, from_at) AS starts_at,
            least(lead(starts_at, 1, to_at) OVER (ORDER BY starts_at), to_at) AS ends_at,
            to_char(starts_at AT TIME ZONE zone,
                CASE unit WHEN 'hour' THEN 'YYYY-MM-DD"T"HH24:MI' ELSE 'YYYY-MM-DD' END) AS label
        FROM starts
        WHERE starts_at < to_at
    )
    SELECT row_number() OVER (ORDER BY starts_at), starts_at, ends_at, label
    FROM intervals
    WHERE ends_at > starts_at
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_is_near(timestamp with time zone,timestamp with time zone) -- Whether two sessions of a visitor may lie in one day of some time zone.
CREATE OR REPLACE FUNCTION business.site_is_near(previous_start timestamp with time zone, session_start timestamp with time zone)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
    SELECT date_bin('15 minutes', session_start, '2000-01-01 00:00:00Z')
        - date_bin('15 minutes', previous_start, '2000-01-01 00:00:00Z') <= INTERVAL '25 hours'
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_item_days(business.site_session_path_b,integer) -- What a session adds to business.site_item_day_b, or takes from it by sign -1: the items it met, each with the days.
CREATE OR REPLACE FUNCTION business.site_item_days(path business.site_session_path_b, sign integer)
 RETURNS SETOF business.site_item_day_b
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
    SELECT path.tenant_hk, business.site_short_key(path.visitor_hk), met.item, met.day, NULL::date, sign
    FROM (
        SELECT DISTINCT
            held.item,
            ((path.key_start + path.offsets[held.place] * INTERVAL '1 microsecond') AT TIME ZONE 'UTC')::date AS day
        FROM unnest(path.items, path.item_places) AS held (item, place)
    ) AS met
    WHERE NOT path.is_bot
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_item_days_kept_from(bytea) -- From when on retention left both events and sessions, and so the days on which visitors met items.
CREATE OR REPLACE FUNCTION business.site_item_days_kept_from(tenant bytea)
 RETURNS date
 LANGUAGE sql
 STABLE
AS $function$
    SELECT (greatest(
        raw.site_tracking_kept_from(tenant, 'events'),
        raw.site_tracking_kept_from(tenant, 'sessions')) AT TIME ZONE 'UTC')::date
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_item_days_of(business.site_session_b[],integer) -- As business.site_item_days, of sessions by their paths.
CREATE OR REPLACE FUNCTION business.site_item_days_of(sessions business.site_session_b[], sign integer)
 RETURNS business.site_item_day_b[]
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_item_sums(bytea,timestamp with time zone,timestamp with time zone,boolean,timestamp with time zone[],bytea[]) -- Events, purchases, pieces, revenue and refunds by item, type and day, of a tenant's events in a period, or of those listed that lie in it. Out of the vault itself.
CREATE OR REPLACE FUNCTION business.site_item_sums(tenant bytea, from_at timestamp with time zone, to_at timestamp with time zone, include_bots boolean, only_timestamps timestamp with time zone[] DEFAULT NULL::timestamp with time zone[], only_keys bytea[] DEFAULT NULL::bytea[])
 RETURNS SETOF business.site_rollup_b
 LANGUAGE plpgsql
 STABLE PARALLEL SAFE
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_custom_plan'
 SET jit TO 'off'
AS $function$
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
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_item_value(bytea,text) -- By which business.site_rollup_b names an item and a type of its events.
CREATE OR REPLACE FUNCTION business.site_item_value(item_hk bytea, evt_type text)
 RETURNS bytea
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$ SELECT item_hk || convert_to(evt_type, 'UTF8') $function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_item_visitors(bytea,timestamp with time zone,timestamp with time zone) -- How many visitors met an item in a period, by business.site_short_key of the item, without robots.
CREATE OR REPLACE FUNCTION business.site_item_visitors(tenant bytea, from_at timestamp with time zone, to_at timestamp with time zone)
 RETURNS TABLE(item bigint, visitors bigint)
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET enable_nestloop TO 'off'
AS $function$
#variable_conflict use_column
DECLARE
    days_from CONSTANT date := (business.site_day(from_at + INTERVAL '1 day' - INTERVAL '1 microsecond')
        AT TIME ZONE 'UTC')::date;
    days_to CONSTANT date := greatest(days_from, (business.site_day(to_at) AT TIME ZONE 'UTC')::date);
    -- No session is longer than a week.
    opened CONSTANT business.site_session_b[] := ARRAY(
        SELECT sessions
        FROM business.site_open_sessions(tenant, from_at - INTERVAL '7 days', to_at) AS sessions
        WHERE NOT is_bot);
BEGIN
    RETURN QUERY
    WITH beside AS (
        SELECT from_at AS starts_at, least(days_from::timestamp AT TIME ZONE 'UTC', to_at) AS ends_at
        UNION ALL
        SELECT days_to::timestamp AT TIME ZONE 'UTC', to_at
    ),
    loose AS MATERIALIZED (
        SELECT DISTINCT business.site_short_key(paths.visitor_hk) AS visitor, held.item
        FROM beside
        -- Each rest by the range of its keys. OFFSET 0 keeps the planner from reading all paths.
        CROSS JOIN LATERAL (
            SELECT visitor_hk, key_start, offsets, items, item_places
            FROM business.site_session_path_b
            WHERE tenant_hk = tenant
                AND key_start >= beside.starts_at - INTERVAL '7 days'
                AND key_start < beside.ends_at
                AND NOT is_bot
                AND items <> '{}'
                AND key_start + offsets[cardinality(offsets)] * INTERVAL '1 microsecond' >= beside.starts_at
            OFFSET 0
        ) AS paths
        CROSS JOIN LATERAL unnest(paths.items, paths.item_places) AS held (item, place)
        WHERE beside.starts_at < beside.ends_at
            AND paths.key_start + paths.offsets[held.place] * INTERVAL '1 microsecond' >= beside.starts_at
            AND paths.key_start + paths.offsets[held.place] * INTERVAL '1 microsecond' < beside.ends_at
        UNION
        SELECT business.site_short_key(sessions.visitor_hk), business.site_short_key(items.business_item_hk)
        FROM unnest(opened) AS sessions
        JOIN business.event_session_l AS links
            ON links.session_hk = sessions.session_hk
            AND links.event_timestamp BETWEEN sessions.session_start AND sessions.session_end
        JOIN business.event_business_item_l AS items
            ON items.event_timestamp = links.event_timestamp AND items.event_hk = links.event_hk
        WHERE links.event_timestamp >= greatest(from_at, (SELECT min(session_start) FROM unnest(opened)))
            AND links.event_timestamp < to_at
            AND items.event_timestamp >= greatest(from_at, (SELECT min(session_start) FROM unnest(opened)))
            AND items.event_timestamp < to_at
    )
    SELECT counts.item, sum(counts.visitors)::bigint
    FROM (
        SELECT item, visitors
        FROM business.site_item_return_b
        WHERE tenant_hk = tenant AND day >= days_from AND day < days_to AND previous_day < days_from
        UNION ALL
        SELECT item, 1
        FROM loose
        -- Each by its key, rather than all that the tenant's visitors met.
        WHERE (
            SELECT true
            FROM business.site_item_day_b AS met
            WHERE met.tenant_hk = tenant
                AND met.visitor = loose.visitor
                AND met.item = loose.item
                AND met.day >= days_from
                AND met.day < days_to
            LIMIT 1
        ) IS NULL
    ) AS counts
    GROUP BY counts.item;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_items(bytea,jsonb) -- The data of api.get_items. Errors: ST400.
CREATE OR REPLACE FUNCTION business.site_items(tenant bytea, given jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
DECLARE
    asked CONSTANT record := business.site_question(tenant, given, 30, 'limit', 'order', 'item_id',
        'group', 'level', 'filters', 'include_bots');
    filters CONSTANT jsonb := business.site_filters(asked.options);
    most CONSTANT integer := coalesce((asked.options -> 'limit')::integer, 100);
    by_metric CONSTANT text := coalesce(asked.options ->> 'order', 'events');
    other_goals CONSTANT text[] := array_remove(business.site_goals(tenant), 'purchase');
    include_bots CONSTANT boolean := coalesce((asked.options -> 'include_bots')::boolean, false);
    -- What items are put together by; NULL for each by itself.
    field CONSTANT text := asked.options ->> 'group';
    -- Else of the events that lie in the period, whenever their session began.
    of_sessions CONSTANT boolean := filters <> '{}' OR field IS NOT NULL;
    is_rolled CONSTANT boolean := NOT of_sessions AND NOT include_bots;
    item_hk CONSTANT bytea := business.site_hash_key(tenant, asked.options ->> 'item_id');
    from_at CONSTANT timestamptz := asked.from_at;
    to_at CONSTANT timestamptz := asked.to_at;
    passed jsonb;
    chosen record;
    items jsonb;
BEGIN
    IF asked.options ? 'level' AND coalesce(field, '') <> 'category' THEN
        PERFORM business.site_argument_error('level', 'Of the group category alone.');
    END IF;
    IF field IS NOT NULL AND item_hk IS NOT NULL THEN
        PERFORM business.site_argument_error('group', 'Either a group, or item_id.');
    END IF;
    PERFORM business.site_check_cost(
        tenant,
        business.site_items_cost(tenant, from_at, to_at, filters, include_bots, of_sessions),
        asked.options,
        VARIADIC business.site_narrow_filters(filters));
    passed := business.site_resolved_filters(tenant, from_at, to_at, filters);
    SELECT * INTO chosen
    FROM business.site_chosen_sessions(tenant, from_at, to_at, passed, include_bots)
    WHERE of_sessions;
    WITH described AS MATERIALIZED (
        SELECT
            described_item.item, sha256(convert_to(coalesce('=' || described_item.value, ''), 'UTF8')) AS row_key,
            described_item.value
        FROM business.site_described_items(tenant, field, (asked.options -> 'level')::integer) AS described_item
        WHERE field IS NOT NULL
    ),
    parts AS MATERIALIZED (
        SELECT
            coalesce(described.row_key, substr(value_key, 1, 8)) AS row_key,
            convert_from(substr(value_key, 33), 'UTF8') AS evt_type, currency, sum(events) AS events,
            sum(conversions) AS conversions, sum(quantity) AS quantity,
            sum(refunded_quantity) AS refunded_quantity, sum(revenue) AS revenue, sum(refunds) AS refunds
        FROM (
            SELECT * FROM business.site_event_parts(tenant, from_at, to_at, include_bots, false, true)
            WHERE NOT of_sessions
            UNION ALL
            SELECT * FROM business.site_filtered_parts(tenant, from_at, to_at, passed, include_bots, false, true)
            WHERE of_sessions
        ) AS counted
        LEFT JOIN described ON described.item = business.site_short_key(value_key)
        WHERE item_hk IS NULL OR substr(value_key, 1, 8) = substr(item_hk, 1, 8)
        GROUP BY 1, 2, 3
    ),
    met AS MATERIALIZED (
        SELECT int8send(item) AS row_key, visitors, 1 AS items
        FROM business.site_item_visitors(tenant, from_at, to_at)
        WHERE is_rolled
        UNION ALL
        SELECT
            coalesce(described.row_key, int8send(met_item)), count(DISTINCT paths.visitor_hk),
            count(DISTINCT met_item)
        FROM business.site_told_paths(
            tenant, from_at, to_at, passed, include_bots, chosen.starts, chosen.sessions, chosen.opened) AS paths
        CROSS JOIN LATERAL unnest(paths.items) AS met_item
        LEFT JOIN described ON described.item = met_item
        WHERE of_sessions
        GROUP BY 1
        UNION ALL
        SELECT substr(links.business_item_hk, 1, 8), count(DISTINCT visited.visitor_hk), 1
        FROM business.site_visitor_events(tenant, from_at, to_at, NULL) AS visited
        JOIN business.event_business_item_l AS links
            ON links.event_timestamp = visited.event_timestamp AND links.event_hk = visited.event_hk
        WHERE NOT of_sessions
            AND include_bots
            AND links.event_timestamp >= from_at
            AND links.event_timestamp < to_at
        GROUP BY links.business_item_hk
    ),
    sums AS (
        SELECT
            row_key, sum(events)::bigint AS events, sum(conversions)::bigint AS purchases,
            (sum(conversions) + coalesce(sum(events) FILTER (WHERE evt_type = ANY (other_goals)), 0))::bigint
                AS conversions,
            sum(quantity) AS quantity, sum(refunded_quantity) AS refunded_quantity,
            jsonb_object_agg(evt_type, events) FILTER (WHERE events > 0) AS event_types
        FROM parts
        WHERE currency = ''
        GROUP BY row_key
        HAVING sum(events) > 0
    ),
    listed AS (
        SELECT
            sums.*,
            coalesce(met.visitors, 0) AS visitors,
            CASE by_metric
                WHEN 'events' THEN sums.events
                WHEN 'visitors' THEN coalesce(met.visitors, 0)
                WHEN 'purchases' THEN sums.purchases
                WHEN 'conversions' THEN sums.conversions
                ELSE sums.quantity
            END AS rank,
            hubs.business_item_hk, coalesce(hubs.business_item_bk, grouped.value) AS value, met.items
        FROM sums
        LEFT JOIN business.business_item_h AS hubs
            ON field IS NULL
            AND hubs.business_item_hk BETWEEN sums.row_key AND business.site_last_key(sums.row_key)
            AND hubs.tenant_hk = tenant
        LEFT JOIN (SELECT DISTINCT row_key, value FROM described) AS grouped ON grouped.row_key = sums.row_key
        LEFT JOIN met ON met.row_key = sums.row_key
        WHERE field IS NOT NULL OR hubs.business_item_hk IS NOT NULL
        ORDER BY rank DESC, coalesce(hubs.business_item_bk, grouped.value) COLLATE "C" NULLS LAST
        LIMIT most
    )
    SELECT jsonb_agg(
        CASE WHEN field IS NULL
            THEN jsonb_build_object(
                'item_id', listed.value,
                'item_name', details.item_name,
                'item_type', details.item_type,
                'item_category', details.item_category,
                'item_brand', details.item_brand,
                'price', details.price,
                'currency', details.currency)
            ELSE jsonb_build_object('value', listed.value, 'items', listed.items)
        END || jsonb_build_object(
            'events', listed.events,
            'visitors', listed.visitors,
            'event_types', listed.event_types,
            'purchases', listed.purchases,
            'conversions', listed.conversions,
            'quantity', trim_scale(listed.quantity),
            'refunded_quantity', trim_scale(listed.refunded_quantity),
            'revenue', coalesce(money.revenue, '{}'),
            'refunds', coalesce(money.refunds, '{}'))
        ORDER BY listed.rank DESC, listed.value COLLATE "C" NULLS LAST)
    INTO items
    FROM listed
    LEFT JOIN LATERAL (
        SELECT *
        FROM business.business_item_details_s AS versions
        WHERE versions.business_item_hk = listed.business_item_hk
        ORDER BY event_timestamp DESC, load_date DESC
        LIMIT 1
    ) AS details ON true
    LEFT JOIN (
        SELECT
            row_key,
            jsonb_object_agg(currency, trim_scale(revenue)) FILTER (WHERE revenue <> 0) AS revenue,
            jsonb_object_agg(currency, trim_scale(refunds)) FILTER (WHERE refunds <> 0) AS refunds
        FROM (
            SELECT row_key, currency, sum(revenue) AS revenue, sum(refunds) AS refunds
            FROM parts
            WHERE currency <> ''
            GROUP BY row_key, currency
        ) AS amounts
        GROUP BY row_key
    ) AS money ON money.row_key = listed.row_key;
    RETURN asked.head
        || jsonb_build_object(CASE WHEN field IS NULL THEN 'items' ELSE 'groups' END, coalesce(items, '[]'));
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_items_asked(bytea,jsonb,text) -- The items that a filter asks for, by business.site_short_key: item by id, item_category, which includes what lies below, item_brand, item_type; NULL without it.
CREATE OR REPLACE FUNCTION business.site_items_asked(tenant bytea, filters jsonb, field text)
 RETURNS bigint[]
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT CASE
        WHEN NOT filters ? field THEN NULL
        WHEN field = 'item' THEN ARRAY(
            SELECT business.site_short_key(key)
            FROM unnest(business.site_filter_keys(tenant, filters, 'item')) AS key)
        ELSE ARRAY(
            SELECT described.item
            FROM jsonb_array_elements_text(filters -> field) AS asked (value)
            CROSS JOIN LATERAL (
                SELECT CASE field WHEN 'item_category' THEN business.site_category(asked.value, NULL)
                    ELSE asked.value END AS value
            ) AS wanted
            JOIN business.site_described_items(tenant, substr(field, 6), NULL) AS described
                ON described.value = wanted.value
                OR field = 'item_category' AND starts_with(described.value, wanted.value || ' > '))
        END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_items_cost(bytea,timestamp with time zone,timestamp with time zone,jsonb,boolean,boolean) -- What an answer of api.get_items costs, in events read.
CREATE OR REPLACE FUNCTION business.site_items_cost(tenant bytea, from_at timestamp with time zone, to_at timestamp with time zone, filters jsonb, include_bots boolean, of_sessions boolean)
 RETURNS numeric
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT CASE
        WHEN of_sessions THEN business.site_own_events(tenant, from_at, to_at) * 0.3
            + business.site_filters_cost(tenant, from_at, to_at, filters)
        WHEN include_bots THEN business.site_events_of_sessions_cost(tenant, from_at, to_at)
        ELSE business.site_own_events(tenant, from_at, to_at) * 0.02 + (
            SELECT coalesce(sum(business.site_events_of_sessions_cost(tenant, starts_at, ends_at)), 0)
            FROM business.site_rests(
                from_at, to_at, business.site_nearest_day(from_at), business.site_nearest_day(to_at)))
        END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_keep_counts(business.site_rollup_b[],business.site_return_b[],business.site_item_return_b[]) -- Adds rows to those of all rollups, and to what is kept there of erased visitors; a row a key.
CREATE OR REPLACE FUNCTION business.site_keep_counts(sums business.site_rollup_b[], returned business.site_return_b[], item_returned business.site_item_return_b[])
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
    PERFORM business.site_add_counts(sums, returned, item_returned);
    INSERT INTO business.site_rollup_kept_b AS kept
    SELECT * FROM unnest(sums)
    ON CONFLICT (tenant_hk, dimension, bucket_start, value_key, currency) DO UPDATE SET
        visits = kept.visits + excluded.visits,
        bounces = kept.bounces + excluded.bounces,
        bounceable = kept.bounceable + excluded.bounceable,
        converted = kept.converted + excluded.converted,
        page_views = kept.page_views + excluded.page_views,
        events = kept.events + excluded.events,
        conversions = kept.conversions + excluded.conversions,
        duration_seconds = kept.duration_seconds + excluded.duration_seconds,
        engaged_seconds = kept.engaged_seconds + excluded.engaged_seconds,
        quantity = kept.quantity + excluded.quantity,
        refunded_quantity = kept.refunded_quantity + excluded.refunded_quantity,
        revenue = kept.revenue + excluded.revenue,
        refunds = kept.refunds + excluded.refunds;
    INSERT INTO business.site_return_kept_b AS kept
    SELECT * FROM unnest(returned)
    ON CONFLICT (tenant_hk, span, previous_bucket, start_bucket) DO UPDATE SET visits = kept.visits + excluded.visits;
    INSERT INTO business.site_item_return_kept_b AS kept
    SELECT * FROM unnest(item_returned)
    ON CONFLICT (tenant_hk, day, item, previous_day) DO UPDATE SET visitors = kept.visitors + excluded.visitors;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_keep_erased(bigint[],bytea[],bytea[]) -- Counts events that arrive when their visitor was erased, with the microseconds since the epoch at which they happened; to be called in the transaction that wrote their keys.
CREATE OR REPLACE PROCEDURE business.site_keep_erased(IN event_micros bigint[], IN event_hks bytea[], IN tenant_hks bytea[])
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $procedure$
BEGIN
    PERFORM business.site_count_erased(tenant_hk, array_agg(
        timestamptz 'epoch' + micros * INTERVAL '1 microsecond'), array_agg(event_hk))
    FROM unnest(event_micros, event_hks, tenant_hks) AS given (micros, event_hk, tenant_hk)
    GROUP BY tenant_hk
    ORDER BY tenant_hk;
END
$procedure$

    GRANTS {site_tracking_owner=X/site_tracking_owner,site_tracking_loader=X/site_tracking_owner}

FUNCTION business.site_keep_event_visitors(text,bytea[],date) -- Keeps, before a day of tenants' raw or staging goes, whose those events are of which nothing else will tell it.
CREATE OR REPLACE FUNCTION business.site_keep_event_visitors(of_layer text, tenants bytea[], day date)
 RETURNS void
 LANGUAGE sql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    WITH told AS (
        SELECT event_timestamp, event_hk, tenant_hk, visitor_hk, user_hk, first_appended_at
        FROM staging.site_tracking_events_s AS staged
        WHERE of_layer = 'staging'
            AND tenant_hk = ANY (tenants)
            AND event_timestamp >= day::timestamp AT TIME ZONE 'UTC'
            AND event_timestamp < (day + 1)::timestamp AT TIME ZONE 'UTC'
            AND NOT EXISTS (
                SELECT FROM raw.site_tracking_events_r AS arrived
                WHERE arrived.event_timestamp = staged.event_timestamp AND arrived.event_hk = staged.event_hk)
        UNION ALL
        SELECT
            event_timestamp, event_hk, tenant_hk,
            business.site_hash_key(tenant_hk, coalesce(visitor_bk, payload ->> 'visitor_id')),
            CASE WHEN visitor_bk IS NULL THEN business.site_hash_key(tenant_hk, payload ->> 'user_id') END,
            first_appended_at
        FROM raw.site_tracking_events_r AS arrived
        WHERE of_layer = 'raw'
            AND tenant_hk = ANY (tenants)
            AND processing_status <> 'ERROR'
            AND event_timestamp >= day::timestamp AT TIME ZONE 'UTC'
            AND event_timestamp < (day + 1)::timestamp AT TIME ZONE 'UTC'
            AND NOT EXISTS (
                SELECT FROM staging.site_tracking_events_s AS staged
                WHERE staged.event_timestamp = arrived.event_timestamp AND staged.event_hk = arrived.event_hk)
    ),
    session_visitors AS (
        SELECT DISTINCT session_hk, visitor_hk
        FROM business.site_session_details_s
        WHERE tenant_hk = ANY (tenants)
            AND session_start >= (day - 7)::timestamp AT TIME ZONE 'UTC'
            AND session_start < (day + 1)::timestamp AT TIME ZONE 'UTC'
    ),
    by_session AS (
        SELECT links.event_timestamp, links.event_hk, array_agg(DISTINCT session_visitors.visitor_hk) AS visitors
        FROM business.event_session_l AS links
        JOIN session_visitors ON session_visitors.session_hk = links.session_hk
        WHERE links.tenant_hk = ANY (tenants)
            AND links.event_timestamp >= day::timestamp AT TIME ZONE 'UTC'
            AND links.event_timestamp < (day + 1)::timestamp AT TIME ZONE 'UTC'
        GROUP BY links.event_timestamp, links.event_hk
    )
    INSERT INTO business.site_event_visitor_b (
        event_timestamp, event_hk, tenant_hk, visitor_hk, user_hk, first_appended_at)
    SELECT
        told.event_timestamp, told.event_hk, told.tenant_hk, told.visitor_hk, told.user_hk, told.first_appended_at
    FROM told
    LEFT JOIN by_session
        ON by_session.event_timestamp = told.event_timestamp AND by_session.event_hk = told.event_hk
    WHERE told.user_hk IS NOT NULL
        OR told.first_appended_at IS NOT NULL
        OR by_session.visitors IS DISTINCT FROM ARRAY[told.visitor_hk]
    ON CONFLICT DO NOTHING
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_keep_lost_counts(bytea,bytea[],timestamp with time zone[],business.site_session_b[],business.site_session_b[],business.site_item_day_b[],business.site_rollup_b[]) -- Keeps what rollups lost by the sessions that are gone, and by what business.site_counted told before.
CREATE OR REPLACE FUNCTION business.site_keep_lost_counts(tenant bytea, visitors bytea[], days timestamp with time zone[], gone business.site_session_b[], sessions business.site_session_b[], item_days business.site_item_day_b[], sums business.site_rollup_b[])
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    now_counted CONSTANT record := business.site_counted(tenant, visitors, days);
BEGIN
    PERFORM business.site_keep_counts(
        business.site_sums_less(
            sums || ARRAY(
                SELECT added FROM unnest(gone) AS session CROSS JOIN LATERAL business.site_session_sums(session, 1) AS added),
            now_counted.sums),
        ARRAY(
            SELECT ROW(tenant, span, previous_bucket, start_bucket, sum(sign))::business.site_return_b
            FROM (
                SELECT 1 AS sign, previous_start, session_start FROM unnest(sessions)
                UNION ALL
                SELECT -1, previous_start, session_start FROM unnest(now_counted.sessions)
            ) AS signed
            CROSS JOIN LATERAL business.site_return_buckets(previous_start, session_start)
            GROUP BY span, previous_bucket, start_bucket
            HAVING sum(sign) <> 0),
        ARRAY(
            SELECT ROW(tenant, day, item, previous_day, sum(sign))::business.site_item_return_b
            FROM (
                SELECT 1 AS sign, day, item, previous_day FROM unnest(item_days)
                UNION ALL
                SELECT -1, day, item, previous_day FROM unnest(now_counted.item_days)
            ) AS signed
            GROUP BY day, item, previous_day
            HAVING sum(sign) <> 0));
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_keep_visitor_of_session(bytea,bytea[],timestamp with time zone[]) -- Keeps, before sessions go, whose those of their events are of which these alone tell it.
CREATE OR REPLACE FUNCTION business.site_keep_visitor_of_session(tenant bytea, sessions bytea[], key_starts timestamp with time zone[])
 RETURNS void
 LANGUAGE sql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    INSERT INTO business.site_event_visitor_b (event_timestamp, event_hk, tenant_hk, visitor_hk)
    SELECT DISTINCT ON (links.event_timestamp, links.event_hk)
        links.event_timestamp, links.event_hk, tenant, versions.visitor_hk
    FROM unnest(sessions, key_starts) AS given (session_hk, key_start)
    JOIN business.site_session_details_s AS versions
        ON versions.session_hk = given.session_hk
        AND versions.session_start >= given.key_start
        AND versions.session_start < given.key_start + INTERVAL '1 millisecond'
    JOIN business.event_session_l AS links
        ON links.session_hk = given.session_hk
        AND links.event_timestamp >= given.key_start
        AND links.event_timestamp <= given.key_start + INTERVAL '7 days'
    WHERE links.event_timestamp
            < least(raw.site_tracking_kept_from(tenant, 'staging'), raw.site_tracking_kept_from(tenant, 'raw'))
        AND NOT EXISTS (
            SELECT FROM staging.site_tracking_events_s AS staged
            WHERE staged.event_timestamp = links.event_timestamp AND staged.event_hk = links.event_hk)
        AND NOT EXISTS (
            SELECT FROM raw.site_tracking_events_r AS arrived
            WHERE arrived.event_timestamp = links.event_timestamp AND arrived.event_hk = links.event_hk)
        AND NOT EXISTS (
            SELECT FROM business.event_session_l AS erased
            WHERE erased.event_timestamp = links.event_timestamp
                AND erased.event_session_hk = business.site_link_key(
                    links.event_hk, business.site_hash_key(tenant, 'sess_erased'), tenant))
    ORDER BY links.event_timestamp, links.event_hk, versions.load_date DESC
    ON CONFLICT DO NOTHING
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_keep_without_session(bytea,timestamp with time zone[],bytea[]) -- Links events of a dissolved session that are not erased to the session of those that make none.
CREATE OR REPLACE FUNCTION business.site_keep_without_session(tenant bytea, event_timestamps timestamp with time zone[], event_hks bytea[])
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
BEGIN
    PERFORM business.site_reserve_events(
        tenant, 'sess_none', array_agg(given.event_timestamp), array_agg(given.event_hk))
    FROM unnest(event_timestamps, event_hks) AS given (event_timestamp, event_hk)
    WHERE NOT EXISTS (
        SELECT FROM business.event_session_l AS links
        WHERE links.event_timestamp = given.event_timestamp
            AND links.event_session_hk = business.site_link_key(
                given.event_hk, business.site_hash_key(tenant, 'sess_erased'), tenant))
    HAVING count(*) > 0;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_knows(bytea,bytea) -- Whether a hash key is of a visitor or user of whom events were loaded.
CREATE OR REPLACE FUNCTION business.site_knows(tenant bytea, named bytea)
 RETURNS boolean
 LANGUAGE sql
 STABLE PARALLEL SAFE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT EXISTS (SELECT FROM business.site_visitor_h WHERE visitor_hk = named AND tenant_hk = tenant)
        OR EXISTS (SELECT FROM business.site_user_visitor_b WHERE user_hk = named AND tenant_hk = tenant)
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_last_key(bytea) -- The last hash key that begins with these eight bytes.
CREATE OR REPLACE FUNCTION business.site_last_key(short_key bytea)
 RETURNS bytea
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$ SELECT short_key || decode(repeat('ff', 24), 'hex') $function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_latest_version(bytea,timestamp with time zone,bytea) -- The latest version of a session, SUPERSEDED among them.
CREATE OR REPLACE FUNCTION business.site_latest_version(tenant bytea, key_start timestamp with time zone, session bytea)
 RETURNS SETOF business.site_session_details_s
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
    SELECT *
    FROM business.site_session_details_s
    WHERE session_start >= key_start
        AND session_start < key_start + INTERVAL '1 millisecond'
        AND session_hk = session
        AND tenant_hk = tenant
    ORDER BY load_date DESC, total_events DESC, session_start
    LIMIT 1
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_link_key(bytea,bytea,bytea) -- The hash key of a link.
CREATE OR REPLACE FUNCTION business.site_link_key(one bytea, other bytea, tenant bytea)
 RETURNS bytea
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
    SELECT sha256(convert_to(
        encode(one, 'hex') || '|' || encode(other, 'hex') || '|' || encode(tenant, 'hex'), 'UTF8'))
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_linked_paths(business.site_session_b[]) -- The events of closed sessions, as business.site_session_path_b has them, but types by their names, out of links and events.
CREATE OR REPLACE FUNCTION business.site_linked_paths(sessions business.site_session_b[])
 RETURNS TABLE(tenant_hk bytea, session_hk bytea, types text[], offsets bigint[], pages bigint[], items bigint[], item_places integer[])
 LANGUAGE plpgsql
 STABLE PARALLEL SAFE
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_custom_plan'
 SET enable_hashjoin TO 'on'
 SET enable_seqscan TO 'off'
 SET enable_nestloop TO 'off'
 SET jit TO 'off'
AS $function$
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
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_local_instant(timestamp without time zone,text) -- The instant of a time by a zone's clock: the first of two where the clock goes back, and the first after it where the clock leaves it out.
CREATE OR REPLACE FUNCTION business.site_local_instant(local_time timestamp without time zone, zone text)
 RETURNS timestamp with time zone
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    usual CONSTANT timestamptz := local_time AT TIME ZONE zone;
    day_before CONSTANT timestamptz := usual - INTERVAL '24 hours';
    -- By the offset of the day before.
    earlier CONSTANT timestamptz := (local_time - (day_before AT TIME ZONE zone - day_before AT TIME ZONE 'UTC'))
        AT TIME ZONE 'UTC';
    too_early timestamptz := usual - INTERVAL '26 hours';
    found timestamptz := usual + INTERVAL '26 hours';
    middle timestamptz;
BEGIN
    IF earlier AT TIME ZONE zone = local_time THEN
        RETURN least(earlier, usual);
    ELSIF usual AT TIME ZONE zone = local_time THEN
        RETURN usual;
    END IF;
    -- Clocks change at whole seconds.
    WHILE found - too_early > INTERVAL '1 second' LOOP
        middle := date_trunc('second', too_early + (found - too_early) / 2);
        IF middle AT TIME ZONE zone >= local_time THEN
            found := middle;
        ELSE
            too_early := middle;
        END IF;
    END LOOP;
    RETURN found;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_look(bytea,timestamp with time zone,timestamp with time zone,timestamp with time zone[],jsonb,boolean,text[],integer) -- Sums over the sessions that began in a period and pass filters that business.site_valued_filters gave: visits, visitors and all_visitors by the intervals that begin at starts, where visits are wanted, and by each wanted dimension the values with most visits, views or events. Keys of values have eight bytes: business.site_value_key or, of pages and items, business.site_short_key.
CREATE OR REPLACE FUNCTION business.site_look(tenant bytea, from_at timestamp with time zone, to_at timestamp with time zone, starts timestamp with time zone[], filters jsonb, include_bots boolean, wanted text[], most integer)
 RETURNS business.site_rollup_b[]
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET jit TO 'off'
AS $function$
#variable_conflict use_column
DECLARE
    opened CONSTANT business.site_session_b[] := ARRAY(
        SELECT sessions
        FROM business.site_filtered_open(tenant, from_at, to_at, filters, include_bots) AS sessions
        WHERE NOT filters ? 'open_sessions'
            OR session_hk = ANY (business.site_sessions_named(filters, 'open_sessions')));
BEGIN
    RETURN (
        WITH sums AS MATERIALIZED (
            SELECT
                dimension, bucket_start, substr(value_key, 1, 8) AS value_key, currency, min(value) AS place, sum(visits)::bigint AS visits,
                sum(bounces)::bigint AS bounces, sum(bounceable)::bigint AS bounceable, sum(converted)::bigint AS converted,
                sum(page_views)::bigint AS page_views, sum(events)::bigint AS events,
                sum(conversions)::bigint AS conversions, sum(duration_seconds)::bigint AS duration_seconds,
                sum(engaged_seconds)::bigint AS engaged_seconds, sum(quantity) AS quantity,
                sum(refunded_quantity) AS refunded_quantity, sum(revenue) AS revenue, sum(refunds) AS refunds
            FROM (
                SELECT *
                FROM business.site_look_shares(tenant, from_at, to_at, starts, filters, include_bots, opened, wanted)
                UNION ALL
                -- Pages and items of open sessions, as no closed ones are named.
                SELECT *
                FROM business.site_filtered_parts(
                    tenant, from_at, to_at,
                    CASE WHEN filters ? 'open_sessions' THEN filters || jsonb_build_object(
                        'among', filters -> 'open_sessions') ELSE filters END
                        || '{"closed_starts": "{}", "closed_sessions": ""}',
                    include_bots, 'top_pages' = ANY (wanted), 'items' = ANY (wanted))
                WHERE opened <> '{}' AND wanted && '{top_pages,items}'
            ) AS parts
            GROUP BY dimension, bucket_start, substr(value_key, 1, 8), currency
        ),
        -- Only what may be listed is told, and worth its name.
        chosen AS MATERIALIZED (
            SELECT placed.dimension, placed.value_key, coalesce(of_closed.value, of_open.value) AS value
            FROM (
                SELECT *, rank() OVER (
                    PARTITION BY dimension
                    ORDER BY CASE dimension WHEN 'top_pages' THEN page_views WHEN 'items' THEN events ELSE visits END DESC
                ) AS rank
                FROM sums
                WHERE dimension = ANY (wanted) AND dimension <> 'visits' AND currency = ''
            ) AS placed
            LEFT JOIN LATERAL (
                SELECT told.value
                FROM business.site_session_path_b AS paths
                JOIN business.site_session_b AS sessions
                    ON sessions.tenant_hk = paths.tenant_hk
                    AND sessions.key_start = paths.key_start
                    AND sessions.session_hk = paths.session_hk
                CROSS JOIN LATERAL business.site_session_values(sessions) AS told
                WHERE paths.ctid = placed.place::tid AND told.dimension = placed.dimension
                OFFSET 0
            ) AS of_closed ON placed.place IS NOT NULL
            LEFT JOIN LATERAL (
                SELECT told.value
                FROM unnest(opened) AS sessions
                CROSS JOIN LATERAL business.site_session_values(sessions) AS told
                WHERE placed.place IS NULL
                    AND told.dimension = placed.dimension
                    AND int8send(business.site_value_key(told.value)) = placed.value_key
                LIMIT 1
            ) AS of_open ON true
            WHERE placed.rank <= most
        )
        SELECT array_agg(ROW(
            tenant, sums.dimension, sums.bucket_start, sums.value_key, sums.currency, chosen.value, sums.visits,
            sums.bounces, sums.bounceable, sums.converted, sums.page_views, sums.events, sums.conversions,
            sums.duration_seconds, sums.engaged_seconds, sums.quantity, sums.refunded_quantity, sums.revenue,
            sums.refunds)::business.site_rollup_b)
        FROM sums
        LEFT JOIN chosen USING (dimension, value_key)
        WHERE chosen.value_key IS NOT NULL OR sums.dimension IN ('visits', 'visitors', 'all_visitors'));
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_look_half(bytea,timestamp with time zone,timestamp with time zone,timestamp with time zone[],jsonb,boolean,business.site_session_b[],text[],boolean) -- As business.site_look_share, by one process.
CREATE OR REPLACE FUNCTION business.site_look_half(tenant bytea, from_at timestamp with time zone, to_at timestamp with time zone, starts timestamp with time zone[], filters jsonb, include_bots boolean, opened business.site_session_b[], wanted text[], is_upper boolean)
 RETURNS SETOF business.site_rollup_b
 LANGUAGE plpgsql
 STABLE PARALLEL SAFE COST 1e+07 ROWS 10000
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET max_parallel_workers_per_gather TO '0'
AS $function$
BEGIN
    RETURN QUERY
    SELECT *
    FROM business.site_look_share(
        tenant, from_at, to_at, starts, filters, include_bots, opened, wanted, is_upper);
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_look_share(bytea,timestamp with time zone,timestamp with time zone,timestamp with time zone[],jsonb,boolean,business.site_session_b[],text[],boolean) -- The sums of business.site_look, in the place of a value where a closed session lies that has it, of the visitors whose number is not below zero, of those below, or of all where is_upper is NULL.
CREATE OR REPLACE FUNCTION business.site_look_share(tenant bytea, from_at timestamp with time zone, to_at timestamp with time zone, starts timestamp with time zone[], filters jsonb, include_bots boolean, opened business.site_session_b[], wanted text[], is_upper boolean)
 RETURNS SETOF business.site_rollup_b
 LANGUAGE plpgsql
 STABLE PARALLEL SAFE ROWS 10000
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_custom_plan'
 SET jit TO 'off'
 SET parallel_tuple_cost TO '0.03'
AS $function$
#variable_conflict use_column
DECLARE
    of_visits CONSTANT boolean := 'visits' = ANY (wanted);
    of_sessions CONSTANT boolean := wanted && '{entry_pages,exit_pages,channels,sources,campaigns,devices,browsers,operating_systems,countries}';
    of_pages CONSTANT boolean := 'top_pages' = ANY (wanted);
    of_items CONSTANT boolean := 'items' = ANY (wanted);
    trade_codes CONSTANT text[] := business.site_codes_of_types(tenant, '{purchase,transaction_step,refund}');
    trades CONSTANT text[] := ARRAY(SELECT '%' || code || '%' FROM unnest(trade_codes) AS code);
BEGIN
    RETURN QUERY
    WITH told AS MATERIALIZED (
        SELECT
            width_bucket(paths.session_start, starts) AS number, paths.visitor, paths.device, paths.browser, paths.os,
            paths.channel, paths.source, paths.utm_campaign AS campaign, paths.entry_page, paths.exit_page, paths.country,
            paths.duration_seconds, paths.engaged_seconds, paths.total_events, paths.page_views, paths.conversions,
            paths.bounces, paths.bounceable, paths.ctid AS place, paths.key_start, paths.session_start, paths.session_hk,
            paths.revenue, paths.refunds,
            CASE WHEN of_pages THEN paths.seen_pages END AS seen_pages,
            CASE WHEN of_items AND paths.items <> '{}' THEN paths.items END AS items,
            CASE WHEN of_items AND paths.items <> '{}' THEN paths.item_places END AS item_places,
            CASE WHEN of_items AND paths.items <> '{}' THEN paths.types END AS types,
            CASE WHEN of_items AND paths.items <> '{}' AND paths.types LIKE ANY (trades) THEN paths.offsets END AS offsets
        FROM business.site_session_path_b AS paths
        WHERE paths.tenant_hk = tenant
            AND paths.key_start >= from_at - INTERVAL '1 millisecond'
            AND paths.key_start < to_at
            AND paths.session_start >= from_at
            AND paths.session_start < to_at
            AND (include_bots OR NOT paths.is_bot)
            AND (is_upper IS NULL OR (paths.visitor >= 0) = is_upper)
            AND business.site_path_passes(paths, filters)
        UNION ALL
        -- There are few open ones: what they tell of pages and items is told elsewhere.
        SELECT
            width_bucket(keys.session_start, starts), keys.visitor, keys.device, keys.browser, keys.os, keys.channel,
            keys.source, keys.utm_campaign, keys.entry_page, keys.exit_page, keys.country, keys.duration_seconds,
            keys.engaged_seconds, keys.total_events, keys.page_views, keys.conversions, keys.bounces, keys.bounceable,
            NULL, keys.key_start, keys.session_start, keys.session_hk, session.revenue, session.refunds,
            NULL, NULL, NULL, NULL, NULL
        FROM unnest(opened) AS session
        CROSS JOIN LATERAL business.site_session_keys(session) AS keys
        WHERE is_upper IS NULL OR (keys.visitor >= 0) = is_upper
    ),
    came AS MATERIALIZED (
        SELECT number, visitor FROM told WHERE of_visits GROUP BY number, visitor
    ),
    -- Few have money.
    amounts AS MATERIALIZED (
        SELECT
            told.number, told.device, told.browser, told.os, told.channel, told.source, told.campaign, told.entry_page,
            told.exit_page, told.country, money.currency, money.revenue, money.refunds
        FROM told
        CROSS JOIN LATERAL business.site_money(told.revenue, told.refunds) AS money
        WHERE told.revenue IS NOT NULL OR told.refunds IS NOT NULL
    ),
    -- What hangs together makes few groups, of which the sums by each are made.
    grouped AS MATERIALIZED (
        SELECT
            grouping(entry_page, exit_page, channel, device) AS others,
            entry_page, exit_page, channel, source, campaign, device, browser, os, country,
            min(place) AS place, count(*) AS visits, sum(bounces) AS bounces, sum(bounceable) AS bounceable,
            count(*) FILTER (WHERE conversions > 0) AS converted, sum(page_views) AS page_views,
            sum(conversions) AS conversions, sum(duration_seconds)::bigint AS duration_seconds
        FROM told
        WHERE of_sessions
        GROUP BY GROUPING SETS ((entry_page), (exit_page), (channel, source, campaign), (device, browser, os, country))
    ),
    summed AS (
        SELECT
            CASE others WHEN b'0111'::integer THEN 'entry_pages' ELSE 'exit_pages' END AS dimension,
            coalesce(entry_page, exit_page) AS value_key, place, visits, bounces, bounceable, converted, page_views,
            conversions, duration_seconds
        FROM grouped
        WHERE others IN (b'0111'::integer, b'1011'::integer)
        UNION ALL
        SELECT
            CASE 0
                WHEN grouping(channel) THEN 'channels'
                WHEN grouping(source) THEN 'sources'
                WHEN grouping(campaign) THEN 'campaigns'
                WHEN grouping(device) THEN 'devices'
                WHEN grouping(browser) THEN 'browsers'
                WHEN grouping(os) THEN 'operating_systems'
                WHEN grouping(country) THEN 'countries'
            END,
            coalesce(channel, source, campaign, device, browser, os, country), min(place), sum(visits)::bigint,
            sum(bounces)::bigint, sum(bounceable)::bigint, sum(converted)::bigint, sum(page_views)::bigint,
            sum(conversions)::bigint, sum(duration_seconds)::bigint
        FROM grouped
        WHERE others IN (b'1101'::integer, b'1110'::integer)
        GROUP BY others, GROUPING SETS ((channel), (source), (campaign), (device), (browser), (os), (country))
        -- Those of the other group have no number here.
        HAVING coalesce(channel, source, campaign, device, browser, os, country) IS NOT NULL
    ),
    seen AS (
        SELECT page, count(*) AS views
        FROM (SELECT unnest(seen_pages) AS page FROM told WHERE of_pages) AS pages
        GROUP BY page
        UNION ALL
        -- Page views that were told again; no session is longer than a week.
        SELECT business.site_short_key(page_hk), -count(*)
        FROM business.site_repeat_b
        WHERE of_pages
            AND tenant_hk = tenant
            AND event_timestamp >= from_at
            AND event_timestamp < to_at + INTERVAL '7 days'
            AND page_hk IS NOT NULL
            AND session_hk IN (SELECT session_hk FROM told WHERE place IS NOT NULL)
        GROUP BY page_hk
    ),
    met AS MATERIALIZED (
        SELECT item, substr(types, item_place, 1) AS code, session_hk, session_start, key_start, offsets, item_place
        FROM (
            SELECT
                unnest(items) AS item, unnest(item_places) AS item_place, types, session_hk, session_start, key_start,
                offsets
            FROM told
            WHERE items IS NOT NULL
        ) AS items
    ),
    -- Only of what may sell or give back the events themselves are read.
    traded AS (
        SELECT
            array_agg(session_hk) AS sessions, array_agg(session_start) AS starts, array_agg(event_timestamp) AS instants
        FROM (
            SELECT DISTINCT
                session_hk, session_start, key_start + offsets[item_place] * INTERVAL '1 microsecond' AS event_timestamp
            FROM met
            WHERE code = ANY (trade_codes)
        ) AS instants
    )
    SELECT
        parts.tenant, parts.dimension::varchar(20), parts.bucket_start, parts.value_key, parts.currency::varchar(3),
        parts.value, parts.visits, parts.bounces, parts.bounceable, parts.converted, parts.page_views, parts.events,
        parts.conversions, parts.duration_seconds, parts.engaged_seconds, parts.quantity, parts.refunded_quantity,
        parts.revenue, parts.refunds
    FROM (
        SELECT
            tenant, 'visits', coalesce(starts[number], from_at), ''::bytea, '', NULL::text, count(*), sum(bounces),
            sum(bounceable), count(*) FILTER (WHERE conversions > 0), sum(page_views), sum(total_events), sum(conversions),
            sum(duration_seconds)::bigint, sum(engaged_seconds)::bigint, 0::numeric, 0::numeric, 0::numeric, 0::numeric
        FROM told
        WHERE of_visits
        GROUP BY number
        UNION ALL
        SELECT
            tenant, 'visits', coalesce(starts[number], from_at), '', currency, NULL, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
            0, sum(revenue), sum(refunds)
        FROM amounts
        WHERE of_visits
        GROUP BY number, currency
        UNION ALL
        SELECT
            tenant, 'visitors', coalesce(starts[number], from_at), '', '', NULL, count(*), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
        FROM came
        GROUP BY number
        UNION ALL
        SELECT tenant, 'all_visitors', from_at, '', '', NULL, count(*), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
        FROM (SELECT visitor FROM came GROUP BY visitor) AS visitors
        UNION ALL
        SELECT
            tenant, dimension, from_at, int8send(value_key), '', place::text, visits, bounces, bounceable, converted,
            page_views, 0, conversions, duration_seconds, 0, 0, 0, 0, 0
        FROM summed
        UNION ALL
        SELECT
            tenant,
            CASE 0
                WHEN grouping(entry_page) THEN 'entry_pages'
                WHEN grouping(exit_page) THEN 'exit_pages'
                WHEN grouping(channel) THEN 'channels'
                WHEN grouping(source) THEN 'sources'
                WHEN grouping(campaign) THEN 'campaigns'
                WHEN grouping(device) THEN 'devices'
                WHEN grouping(browser) THEN 'browsers'
                WHEN grouping(os) THEN 'operating_systems'
                WHEN grouping(country) THEN 'countries'
            END,
            from_at,
            int8send(coalesce(entry_page, exit_page, channel, source, campaign, device, browser, os, country)),
            currency, NULL, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, sum(revenue), sum(refunds)
        FROM amounts
        WHERE of_sessions
        GROUP BY currency, GROUPING SETS (
            (entry_page), (exit_page), (channel), (source), (campaign), (device), (browser), (os), (country))
        UNION ALL
        SELECT tenant, 'top_pages', from_at, int8send(page), '', NULL, 0, 0, 0, 0, sum(views)::bigint, 0, 0, 0, 0, 0, 0, 0, 0
        FROM seen
        GROUP BY page
        UNION ALL
        SELECT
            tenant, 'items', from_at,
            business.site_item_value(int8send(item) || decode(repeat('00', 24), 'hex'), types.evt_type), '', NULL, 0, 0, 0, 0,
            0, events, 0, 0, 0, 0, 0, 0, 0
        FROM (SELECT item, code, count(*) AS events FROM met GROUP BY item, code) AS counted
        JOIN (
            SELECT code, business.site_type_of_code(tenant, code) AS evt_type
            FROM (SELECT DISTINCT code FROM met) AS codes
            OFFSET 0
        ) AS types USING (code)
        UNION ALL
        SELECT
            tenant, 'items', from_at, sums.value_key, sums.currency, NULL, 0, 0, 0, 0, 0, 0,
            sum(sums.conversions)::bigint, 0, 0, sum(sums.quantity), sum(sums.refunded_quantity), sum(sums.revenue),
            sum(sums.refunds)
        FROM traded
        CROSS JOIN LATERAL business.site_traded_sums(tenant, traded.sessions, traded.starts, traded.instants) AS sums
        WHERE traded.sessions IS NOT NULL
        GROUP BY sums.value_key, sums.currency
    ) AS parts (
        tenant, dimension, bucket_start, value_key, currency, value, visits, bounces, bounceable, converted, page_views,
        events, conversions, duration_seconds, engaged_seconds, quantity, refunded_quantity, revenue, refunds
    );
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_look_shares(bytea,timestamp with time zone,timestamp with time zone,timestamp with time zone[],jsonb,boolean,business.site_session_b[],text[]) -- As business.site_look_share, of all visitors by shares.
CREATE OR REPLACE FUNCTION business.site_look_shares(tenant bytea, from_at timestamp with time zone, to_at timestamp with time zone, starts timestamp with time zone[], filters jsonb, include_bots boolean, opened business.site_session_b[], wanted text[])
 RETURNS SETOF business.site_rollup_b
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
    -- Workers find the sessions together where there is little to sum up.
    IF wanted = '{visits}' OR NOT business.site_are_many_events(tenant, from_at, to_at) THEN
        RETURN QUERY
        SELECT *
        FROM business.site_look_share(
            tenant, from_at, to_at, starts, filters, include_bots, opened, wanted, NULL);
        RETURN;
    END IF;
    -- RETURN QUERY, as no SELECT INTO has parallel workers.
    RETURN QUERY
    SELECT *
    FROM business.site_look_half(tenant, from_at, to_at, starts, filters, include_bots, opened, wanted, false)
    UNION ALL
    SELECT *
    FROM business.site_look_half(tenant, from_at, to_at, starts, filters, include_bots, opened, wanted, true);
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_looked_metrics(timestamp with time zone,timestamp with time zone[],business.site_rollup_b[]) -- The metrics that business.site_look told: number 0 is the whole period, the others the intervals that divide it.
CREATE OR REPLACE FUNCTION business.site_looked_metrics(from_at timestamp with time zone, starts timestamp with time zone[], looked business.site_rollup_b[])
 RETURNS TABLE(number integer, metrics jsonb)
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    WITH told AS MATERIALIZED (
        SELECT * FROM unnest(looked) WHERE dimension IN ('visits', 'visitors', 'all_visitors')
    ),
    sums AS (
        SELECT
            bucket_start, grouping(bucket_start) AS is_all, sum(visits) AS visits, sum(bounces) AS bounces,
            sum(bounceable) AS bounceable, sum(converted) AS converted, sum(page_views) AS page_views,
            sum(events) AS events, sum(conversions) AS conversions, sum(duration_seconds) AS duration_seconds,
            sum(engaged_seconds) AS engaged_seconds
        FROM told
        WHERE dimension = 'visits'
        GROUP BY GROUPING SETS ((), (bucket_start))
    ),
    money AS (
        SELECT
            bucket_start, is_all,
            jsonb_object_agg(currency, trim_scale(revenue)) FILTER (WHERE revenue <> 0) AS revenue,
            jsonb_object_agg(currency, trim_scale(refunds)) FILTER (WHERE refunds <> 0) AS refunds
        FROM (
            SELECT
                bucket_start, grouping(bucket_start) AS is_all, currency, sum(revenue) AS revenue, sum(refunds) AS refunds
            FROM told
            WHERE dimension = 'visits' AND currency <> ''
            GROUP BY GROUPING SETS ((currency), (bucket_start, currency))
        ) AS amounts
        GROUP BY bucket_start, is_all
    )
    SELECT
        intervals.number::integer,
        business.site_metrics(
            visitors.visits, sums.visits, sums.bounces, sums.bounceable, sums.converted, sums.page_views,
            sums.events, sums.conversions, sums.duration_seconds, sums.engaged_seconds, money.revenue, money.refunds)
    FROM (
        SELECT 0 AS number, from_at AS starts_at
        UNION ALL
        SELECT divided.number, divided.starts_at FROM unnest(starts) WITH ORDINALITY AS divided (starts_at, number)
    ) AS intervals
    LEFT JOIN sums
        ON sums.is_all = (intervals.number = 0)::integer AND (sums.is_all = 1 OR sums.bucket_start = intervals.starts_at)
    LEFT JOIN money
        ON money.is_all = (intervals.number = 0)::integer AND (money.is_all = 1 OR money.bucket_start = intervals.starts_at)
    LEFT JOIN told AS visitors
        ON visitors.dimension = CASE intervals.number WHEN 0 THEN 'all_visitors' ELSE 'visitors' END
        AND visitors.bucket_start = intervals.starts_at
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_metrics(numeric,numeric,numeric,numeric,numeric,numeric,numeric,numeric,numeric,numeric,jsonb,jsonb) -- The metrics of docs/api.md out of sums.
CREATE OR REPLACE FUNCTION business.site_metrics(visitors numeric, visits numeric, bounces numeric, bounceable numeric, converted numeric, page_views numeric, events numeric, conversions numeric, duration_seconds numeric, engaged_seconds numeric, revenue jsonb, refunds jsonb)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
    SELECT jsonb_build_object(
        'visitors', coalesce(visitors, 0),
        'visits', coalesce(visits, 0),
        'pageviews', coalesce(page_views, 0),
        'views_per_visit', business.site_rate(page_views, visits, 4),
        'bounce_rate', business.site_rate(bounces, bounceable, 4),
        'visit_duration', business.site_rate(duration_seconds, visits, 2),
        'engaged_seconds', coalesce(engaged_seconds, 0),
        'engaged_seconds_per_visit', business.site_rate(engaged_seconds, visits, 2),
        'events', coalesce(events, 0),
        'conversions', coalesce(conversions, 0),
        'conversion_rate', business.site_rate(converted, visits, 4),
        'revenue', coalesce(revenue, '{}'),
        'refunds', coalesce(refunds, '{}'))
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_money(jsonb,jsonb) -- Revenue and refunds of a session, a row a currency.
CREATE OR REPLACE FUNCTION business.site_money(revenue jsonb, refunds jsonb)
 RETURNS TABLE(currency text, revenue numeric, refunds numeric)
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
    SELECT
        currency,
        coalesce(($1 ->> currency)::numeric, 0),
        coalesce(($2 ->> currency)::numeric, 0)
    FROM jsonb_object_keys(coalesce($1, '{}') || coalesce($2, '{}')) AS currency
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_name_of_step(bytea,boolean,text) -- The URL of a page or the type of an event, as business.site_ways tells it.
CREATE OR REPLACE FUNCTION business.site_name_of_step(tenant bytea, of_pages boolean, element text)
 RETURNS text
 LANGUAGE sql
 STABLE PARALLEL SAFE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT CASE
        WHEN of_pages THEN (
            SELECT pages.page_bk
            FROM business.site_page_h AS pages
            WHERE pages.page_hk BETWEEN int8send(element::bigint) AND business.site_last_key(int8send(element::bigint))
                AND pages.tenant_hk = tenant)
        ELSE business.site_type_of_code(tenant, element)
        END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_named_goals(bytea,timestamp with time zone,timestamp with time zone,jsonb,boolean) -- Events that are a tenant's named goals, and visits with them, of the sessions that began in a period and pass the filters.
CREATE OR REPLACE FUNCTION business.site_named_goals(tenant bytea, from_at timestamp with time zone, to_at timestamp with time zone, filters jsonb, include_bots boolean)
 RETURNS TABLE(goal text, events bigint, visits bigint)
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT saved.name, count(met.session_hk), count(DISTINCT met.session_hk)
    FROM business.site_saved(tenant, 'GOAL') AS saved
    LEFT JOIN business.site_goal_events(tenant, from_at, to_at, filters, include_bots) AS met ON met.goal = saved.name
    GROUP BY saved.name
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_named_items(jsonb,jsonb) -- The items of an event with their names, which are given by item_id; NULL for those without one.
CREATE OR REPLACE FUNCTION business.site_named_items(items jsonb, names jsonb)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
    SELECT jsonb_agg(item || jsonb_build_object('item_name', names -> (item ->> 'item_id')) ORDER BY place)
    FROM jsonb_array_elements(items) WITH ORDINALITY AS listed (item, place)
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_narrow_filters(jsonb) -- That filters may be narrowed, where there are some.
CREATE OR REPLACE FUNCTION business.site_narrow_filters(filters jsonb)
 RETURNS text[]
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$ SELECT CASE WHEN filters = '{}' THEN '{}' ELSE '{filters}' END::text[] $function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_narrowed_filters(bytea,timestamp with time zone,timestamp with time zone,jsonb) -- Resolved filters with the closed sessions that began in the period and pass them, where these are few.
CREATE OR REPLACE FUNCTION business.site_narrowed_filters(tenant bytea, from_at timestamp with time zone, to_at timestamp with time zone, filters jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    few bigint;
    found record;
BEGIN
    -- A session that is named is found by its key anyway.
    IF filters = '{}' OR filters ? 'session' THEN
        RETURN filters;
    END IF;
    few := business.site_few_sessions(tenant, from_at, to_at);
    SELECT * INTO found FROM business.site_first_passing(tenant, from_at, to_at, filters, few + 1);
    RETURN CASE
        WHEN found.sessions > few THEN filters
        WHEN found.sessions = 0 THEN filters || '{"closed_starts": "{}", "closed_sessions": ""}'
        ELSE filters || found.named END;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_nearest_day(timestamp with time zone) -- The beginning of a UTC day that is nearest.
CREATE OR REPLACE FUNCTION business.site_nearest_day(instant timestamp with time zone)
 RETURNS timestamp with time zone
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$ SELECT date_bin('1 day', instant + INTERVAL '12 hours', '2000-01-01 00:00:00Z') $function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_nobody(bytea,bytea) -- The user_hk, no user's, that stands in business.site_user_visitor_b for users of a visitor who were erased while others were that visitor, too.
CREATE OR REPLACE FUNCTION business.site_nobody(tenant bytea, visitor bytea)
 RETURNS bytea
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$ SELECT business.site_hash_key(tenant, 'nobody_' || encode(visitor, 'hex')) $function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_numbers_asked(jsonb,text) -- The numbers that business.site_valued_filters put into filters; NULL where there are none.
CREATE OR REPLACE FUNCTION business.site_numbers_asked(filters jsonb, field text)
 RETURNS bigint[]
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
    SELECT array_agg(number::bigint) FROM jsonb_array_elements_text(filters -> field) AS number
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_open_by_events(bytea,timestamp with time zone,timestamp with time zone,jsonb,jsonb) -- As business.site_sessions_by_events, of open sessions.
CREATE OR REPLACE FUNCTION business.site_open_by_events(tenant bytea, from_at timestamp with time zone, to_at timestamp with time zone, other_filters jsonb, asked jsonb)
 RETURNS SETOF bytea
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    read_from timestamptz;
    to_read jsonb;
BEGIN
    SELECT
        min(session_start),
        other_filters || jsonb_build_object('among', coalesce(string_agg(encode(session_hk, 'hex'), ''), ''))
    INTO read_from, to_read
    FROM business.site_filtered_open(tenant, from_at, to_at, other_filters, true);
    IF read_from IS NOT NULL THEN
        RETURN QUERY
        SELECT * FROM business.site_sessions_by_events(tenant, from_at, to_at, read_from, to_read, asked);
    END IF;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_open_sessions(bytea,timestamp with time zone,timestamp with time zone) -- The open sessions that began in a period, as they are now.
CREATE OR REPLACE FUNCTION business.site_open_sessions(tenant bytea, from_at timestamp with time zone, to_at timestamp with time zone)
 RETURNS SETOF business.site_session_b
 LANGUAGE sql
 STABLE PARALLEL SAFE ROWS 100
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_opted_out(json) -- Whether who sent an event objects to sale and sharing (gpc) or to more than the necessary use (limit_use); NULL where the payload is gone.
CREATE OR REPLACE FUNCTION business.site_opted_out(payload json)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
    SELECT coalesce(payload ->> 'gpc', '') = 'true' OR lower(coalesce(payload #>> '{properties,limit_use}', '')) IN ('true', '1')
    WHERE payload IS NOT NULL
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_options(jsonb,text[]) -- The options without nulls; those with rules of their own are not judged yet. Errors: ST400 for another type and for unknown members.
CREATE OR REPLACE FUNCTION business.site_options(given jsonb, VARIADIC known text[])
 RETURNS jsonb
 LANGUAGE plpgsql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    refused record;
BEGIN
    IF coalesce(jsonb_typeof(given), 'null') NOT IN ('object', 'null') THEN
        PERFORM business.site_argument_error('options', 'Options are a JSON object.');
    END IF;
    given := coalesce(nullif(given, 'null'), '{}');
    SELECT
        asked.key AS name,
        CASE WHEN asked.key = ANY (known) THEN rules.message ELSE 'This option is not known.' END AS message
    INTO refused
    FROM jsonb_each(given) AS asked
    LEFT JOIN (VALUES
        -- What the value must be, so that an option means the same wherever it is one.
        ('days', '@ >= 1 && @ <= 1100 && @ % 1 == 0', 'A whole number from 1 to 1100.'),
        ('limit', '@ >= 1 && @ <= 1000 && @ % 1 == 0', 'A whole number from 1 to 1000.'),
        ('window_minutes', '@ >= 1 && @ <= 525600 && @ % 1 == 0', 'A whole number from 1 to 525600.'),
        ('include_bots', '@.type() == "boolean"', 'true or false.'),
        ('opted_out', '@.type() == "boolean"', 'true or false.'),
        ('include_opted_out', '@.type() == "boolean"', 'true or false.'),
        ('compare', '@.type() == "boolean"', 'true or false.'),
        ('timezone', '@.type() == "string"', 'A text of at most 2048 characters.'),
        ('evt_type', '@.type() == "string"', 'A text of at most 2048 characters.'),
        ('page_url', '@.type() == "string"', 'A text of at most 2048 characters.'),
        ('visitor', '@.type() == "string"', 'A text of at most 2048 characters.'),
        ('item_id', '@.type() == "string"', 'A text of at most 2048 characters.'),
        ('property', '@.type() == "string"', 'A text of at most 2048 characters.'),
        ('by', '@ like_regex "^(pages|devices)$"', 'One of pages, devices.'),
        ('group', '@ like_regex "^(category|brand|type)$"', 'One of category, brand, type.'),
        ('level', '@ >= 1 && @ <= 20 && @ % 1 == 0', 'A whole number from 1 to 20.'),
        ('device', '@.type() == "string"', 'A text of at most 2048 characters.'),
        ('name', '@.type() == "string"', 'A text of at most 200 characters.'),
        ('metric', '@ like_regex "^(visitors|visits|pageviews|views_per_visit|bounce_rate|visit_duration|engaged_seconds|engaged_seconds_per_visit|events|conversions|conversion_rate|received|rejected_rate|late_rate|duplicate_rate)$"',
            'A metric of analytics that is a number, or one of received, rejected_rate, late_rate, duplicate_rate.'),
        ('above', '@.type() == "number"', 'A number.'),
        ('below', '@.type() == "number"', 'A number.'),
        ('hours', '@ >= 1 && @ <= 168 && @ % 1 == 0', 'A whole number from 1 to 168.'),
        ('compared', '@.type() == "boolean"', 'true or false.'),
        ('remove', '@.type() == "boolean"', 'true or false.'),
        ('webhook', '@.type() == "string"', 'A text of at most 2048 characters.'),
        ('of', '@ like_regex "^(pages|events)$"', 'One of pages, events.'),
        ('length', '@ >= 1 && @ <= 10 && @ % 1 == 0', 'A whole number from 1 to 10.'),
        ('experiment', '@.type() == "string"', 'A text of at most 2048 characters.'),
        ('control', '@.type() == "string"', 'A text of at most 2048 characters.'),
        ('lookback_days', '@ >= 1 && @ <= 365 && @ % 1 == 0', 'A whole number from 1 to 365.'),
        ('half_life_days', '@ >= 1 && @ <= 365 && @ % 1 == 0', 'A whole number from 1 to 365.'),
        ('step', '@ >= 1 && @ <= 10 && @ % 1 == 0', 'The number of a step, from 1.'),
        ('outcome', '@ like_regex "^(reached|left)$"', 'One of reached, left.'),
        ('interval', '@ like_regex "^(hour|day|week|month)$"', 'One of hour, day, week, month.'),
        ('order', '@ like_regex "^(events|visitors|purchases|conversions|quantity)$"',
            'One of events, visitors, purchases, conversions, quantity.')
    ) AS rules (name, condition, message) ON rules.name = asked.key
    WHERE asked.key <> ALL (known)
        OR asked.value <> 'null'
            AND (NOT jsonb_path_exists(asked.value, ('strict $ ? (' || rules.condition || ')')::jsonpath)
                OR length(asked.value #>> '{}') > 2048 AND rules.name IS NOT NULL)
    ORDER BY asked.key = ANY (known), asked.key
    LIMIT 1;
    IF FOUND THEN
        PERFORM business.site_argument_error(left(refused.name, 100), refused.message);
    END IF;
    RETURN jsonb_strip_nulls(given);
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_own_events(bytea,timestamp with time zone,timestamp with time zone) -- About how many events of closed sessions of a tenant lie in a period.
CREATE OR REPLACE FUNCTION business.site_own_events(tenant bytea, from_at timestamp with time zone, to_at timestamp with time zone)
 RETURNS numeric
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT coalesce(sum(events * extract(epoch FROM
        least(to_at, bucket_start + INTERVAL '1 day') - greatest(from_at, bucket_start)) / 86400), 0)
    FROM business.site_rollup_b
    WHERE tenant_hk = tenant
        -- The dimension with the fewest rows.
        AND dimension = 'devices'
        AND bucket_start > from_at - INTERVAL '1 day'
        AND bucket_start < to_at
        AND currency = ''
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_page_sums(bytea,timestamp with time zone,timestamp with time zone,boolean,timestamp with time zone[],bytea[]) -- Page views by page and day of a tenant's events in a period, or of those listed that lie in it. Out of the vault itself.
CREATE OR REPLACE FUNCTION business.site_page_sums(tenant bytea, from_at timestamp with time zone, to_at timestamp with time zone, include_bots boolean, only_timestamps timestamp with time zone[] DEFAULT NULL::timestamp with time zone[], only_keys bytea[] DEFAULT NULL::bytea[])
 RETURNS SETOF business.site_rollup_b
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_custom_plan'
 SET jit TO 'off'
AS $function$
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
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_passed_on(timestamp with time zone[],bytea[],bytea[],timestamp with time zone[]) -- Of links to events in the last instants of sessions those whose event is held by another session, which begins in that instant and has a link to it, too.
CREATE OR REPLACE FUNCTION business.site_passed_on(instants timestamp with time zone[], events bytea[], sessions bytea[], session_starts timestamp with time zone[])
 RETURNS TABLE(event_timestamp timestamp with time zone, event_hk bytea, session_hk bytea)
 LANGUAGE plpgsql
 STABLE PARALLEL SAFE
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET enable_nestloop TO 'off'
 SET jit TO 'off'
AS $function$
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
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_passes(business.site_session_b,bytea,jsonb) -- Whether a session passes the filters, which site_resolved_filters gave, but for the kind of its visitor; NULL or false where it does not.
CREATE OR REPLACE FUNCTION business.site_passes(session business.site_session_b, tenant bytea, filters jsonb)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
    SELECT business.site_filter(filters, 'device', session.device_type)
        AND business.site_filter(filters, 'browser', session.browser)
        AND business.site_filter(filters, 'os', session.os)
        AND business.site_filter(filters, 'channel', session.channel)
        AND business.site_filter(filters, 'source', coalesce(session.utm_source, session.referrer_host))
        AND business.site_filter(filters, 'utm_source', session.utm_source)
        AND business.site_filter(filters, 'utm_medium', session.utm_medium)
        AND business.site_filter(filters, 'utm_campaign', session.utm_campaign)
        AND business.site_filter(filters, 'utm_term', session.utm_term)
        AND business.site_filter(filters, 'utm_content', session.utm_content)
        AND business.site_filter(filters, 'entry_page', session.entry_page_url)
        AND business.site_filter(filters, 'exit_page', session.exit_page_url)
        AND business.site_filter(filters, 'referrer', session.referrer_host)
        AND business.site_filter(filters, 'language', session.language)
        AND business.site_filter(filters, 'country', session.country)
        AND (NOT filters ? 'session' OR session.session_hk = ANY (business.site_filter_keys(tenant, filters, 'session')))
        AND (NOT filters ? 'visitor' OR session.visitor_hk = ANY (business.site_filter_keys(tenant, filters, 'visitor')))
        AND (NOT filters ? 'among' OR session.session_hk = ANY (business.site_sessions_named(filters, 'among')))
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_passing_events(bytea,timestamp with time zone[],bytea[],jsonb,boolean) -- All events of those sessions that hold some of the given events and pass the filters.
CREATE OR REPLACE FUNCTION business.site_passing_events(tenant bytea, timestamps timestamp with time zone[], keys bytea[], filters jsonb, include_bots boolean)
 RETURNS TABLE(event_timestamp timestamp with time zone, event_hk bytea)
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
DECLARE
    first_start timestamptz;
    among text;
BEGIN
    SELECT min(sessions.session_start), coalesce(string_agg(DISTINCT encode(sessions.session_hk, 'hex'), ''), '')
    INTO first_start, among
    FROM (
        SELECT DISTINCT links.session_hk
        FROM unnest(timestamps, keys) AS events (event_timestamp, event_hk)
        JOIN business.event_session_l AS links
            ON links.event_timestamp = events.event_timestamp AND links.event_hk = events.event_hk
    ) AS holding
    JOIN business.site_session_h AS hubs ON hubs.session_hk = holding.session_hk
    JOIN business.site_session_b AS sessions
        ON sessions.tenant_hk = tenant
        AND sessions.key_start = ANY (business.site_starts_of_key(hubs.session_bk))
        AND sessions.session_hk = holding.session_hk;
    RETURN QUERY
    SELECT passing.event_timestamp, passing.event_hk
    FROM business.site_session_events(tenant, first_start, now(), business.site_resolved_filters(
        tenant, first_start, now(), filters || jsonb_build_object('among', among)), include_bots) AS passing;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_path_filters(bytea,jsonb) -- What paths are compared with, by business.site_path_passes, in the place of filters by events, pages and items.
CREATE OR REPLACE FUNCTION business.site_path_filters(tenant bytea, asked jsonb)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT jsonb_strip_nulls(jsonb_build_object(
        'path_types', CASE WHEN asked ? 'event' THEN to_jsonb(ARRAY(
            SELECT '%' || code || '%'
            FROM business.site_event_type_b
            WHERE tenant_hk = tenant AND asked -> 'event' ? evt_type)) END,
        'path_pages', CASE WHEN asked ? 'page' THEN to_jsonb(ARRAY(
            SELECT business.site_short_key(key)
            FROM unnest(business.site_filter_keys(tenant, asked, 'page')) AS key)) END,
        'path_items', to_jsonb(business.site_items_asked(tenant, asked, 'item')),
        'path_categories', to_jsonb(business.site_items_asked(tenant, asked, 'item_category')),
        'path_brands', to_jsonb(business.site_items_asked(tenant, asked, 'item_brand')),
        'path_kinds', to_jsonb(business.site_items_asked(tenant, asked, 'item_type'))))
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_path_passes(business.site_session_path_b,jsonb) -- As business.site_passes, of filters that business.site_valued_filters gave.
CREATE OR REPLACE FUNCTION business.site_path_passes(path business.site_session_path_b, filters jsonb)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
    SELECT business.site_value_passes(filters, 'device', path.device)
        AND business.site_value_passes(filters, 'browser', path.browser)
        AND business.site_value_passes(filters, 'os', path.os)
        AND business.site_value_passes(filters, 'channel', path.channel)
        AND business.site_value_passes(filters, 'source', path.source)
        AND business.site_value_passes(filters, 'utm_source', path.utm_source)
        AND business.site_value_passes(filters, 'utm_medium', path.utm_medium)
        AND business.site_value_passes(filters, 'utm_campaign', path.utm_campaign)
        AND business.site_value_passes(filters, 'utm_term', path.utm_term)
        AND business.site_value_passes(filters, 'utm_content', path.utm_content)
        AND business.site_value_passes(filters, 'entry_page', path.entry_page)
        AND business.site_value_passes(filters, 'exit_page', path.exit_page)
        AND business.site_value_passes(filters, 'referrer', path.referrer)
        AND business.site_value_passes(filters, 'language', path.language)
        AND business.site_value_passes(filters, 'country', path.country)
        AND (NOT filters ? 'path_types' OR path.types LIKE ANY (business.site_values_asked(filters, 'path_types')))
        AND (NOT filters ? 'path_pages' OR path.seen_pages && business.site_numbers_asked(filters, 'path_pages'))
        AND (NOT filters ? 'path_items' OR path.items && business.site_numbers_asked(filters, 'path_items'))
        AND (NOT filters ? 'path_categories' OR path.items && business.site_numbers_asked(filters, 'path_categories'))
        AND (NOT filters ? 'path_brands' OR path.items && business.site_numbers_asked(filters, 'path_brands'))
        AND (NOT filters ? 'path_kinds' OR path.items && business.site_numbers_asked(filters, 'path_kinds'))
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_paths(bytea,jsonb) -- The data of api.get_paths. Errors: ST400.
CREATE OR REPLACE FUNCTION business.site_paths(tenant bytea, given jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
DECLARE
    asked CONSTANT record := business.site_question(tenant, given, 30, 'of', 'after', 'before', 'length', 'limit',
        'filters', 'include_bots');
    options CONSTANT jsonb := asked.options;
    filters CONSTANT jsonb := business.site_filters(options);
    most CONSTANT integer := coalesce((options -> 'limit')::integer, 10);
    most_steps CONSTANT integer := coalesce((options -> 'length')::integer, 5);
    of_pages CONSTANT boolean := coalesce(options ->> 'of', 'pages') = 'pages';
    leads_there CONSTANT boolean := options ? 'before';
    answer jsonb;
BEGIN
    IF options ?& '{after,before}' THEN
        PERFORM business.site_argument_error('before', 'Either before or after.');
    ELSIF options ?| '{after,before}' THEN
        PERFORM business.site_check_step(
            CASE WHEN leads_there THEN 'before' ELSE 'after' END, coalesce(options -> 'after', options -> 'before'));
    END IF;
    PERFORM business.site_check_cost(
        tenant,
        business.site_own_events(tenant, asked.from_at, asked.to_at) * 0.5
            + business.site_filters_cost(tenant, asked.from_at, asked.to_at, filters),
        options,
        VARIADIC business.site_narrow_filters(filters));
    WITH ways AS MATERIALIZED (
        SELECT *
        FROM business.site_ways(
            tenant, asked.from_at, asked.to_at,
            business.site_resolved_filters(tenant, asked.from_at, asked.to_at, filters),
            coalesce((options -> 'include_bots')::boolean, false), of_pages,
            coalesce(options -> 'after', options -> 'before'), leads_there, most_steps, most)
    ),
    by_step AS (
        SELECT
            step, coalesce(sum(visits) FILTER (WHERE steps >= step), 0) AS visits,
            coalesce(sum(ended) FILTER (WHERE steps = step), 0) AS ended,
            coalesce(sum(visits), 0) AS all_visits
        FROM generate_series(1, most_steps) AS step
        LEFT JOIN ways ON ways.way IS NULL
        GROUP BY step
    ),
    listed AS (
        SELECT way, visits, ended FROM ways WHERE way IS NOT NULL
    )
    SELECT asked.head || jsonb_build_object(
        'of', CASE WHEN of_pages THEN 'pages' ELSE 'events' END,
        'visits', max(by_step.all_visits),
        'steps', jsonb_agg(
            jsonb_build_object('step', step, 'visits', visits, 'ended', ended,
                'rate_of_first', business.site_rate(visits, all_visits, 4))
            ORDER BY step),
        'paths', coalesce((
            SELECT jsonb_agg(
                jsonb_build_object(
                    'path', (
                        SELECT jsonb_agg(business.site_name_of_step(tenant, of_pages, element) ORDER BY number)
                        FROM unnest(listed.way) WITH ORDINALITY AS told (element, number)),
                    'visits', listed.visits,
                    'ended', listed.ended,
                    'rate', business.site_rate(listed.visits, (SELECT max(all_visits) FROM by_step), 4))
                ORDER BY listed.visits DESC, listed.way COLLATE "C")
            FROM listed), '[]'))
    INTO answer
    FROM by_step;
    RETURN answer;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_paths_apart(bytea,timestamp with time zone,timestamp with time zone,timestamp with time zone,jsonb,bytea[],timestamp with time zone[]) -- The paths of closed sessions that began at given times and are not told by an index; with filters of chosen ones or of those that these name.
CREATE OR REPLACE FUNCTION business.site_paths_apart(tenant bytea, starts_at timestamp with time zone, from_at timestamp with time zone, to_at timestamp with time zone, filters jsonb, chosen bytea[], starts_apart timestamp with time zone[])
 RETURNS SETOF business.site_session_path_b
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
    SELECT paths.*
    FROM unnest(starts_apart) AS found (key_start)
    CROSS JOIN LATERAL (
        SELECT *
        FROM business.site_session_path_b AS held
        WHERE held.tenant_hk = tenant AND held.key_start = found.key_start
        OFFSET 0
    ) AS paths
    -- Others may have begun with them.
    WHERE filters = '{}' AND (paths.key_start < from_at OR paths.session_end >= to_at OR length(paths.types) > 600)
    UNION ALL
    SELECT *
    FROM business.site_session_path_b
    WHERE chosen IS NOT NULL
        AND tenant_hk = tenant
        AND key_start >= starts_at - INTERVAL '1 millisecond'
        AND key_start < to_at
        AND session_hk = ANY (chosen)
    UNION ALL
    SELECT paths.*
    FROM unnest(business.site_starts_found(filters), business.site_sessions_named(filters, 'closed_sessions'))
        AS found (key_start, session_hk)
    CROSS JOIN LATERAL (
        SELECT *
        FROM business.site_session_path_b AS held
        WHERE held.tenant_hk = tenant
            AND held.key_start = found.key_start
            AND held.session_hk = found.session_hk
        OFFSET 0
    ) AS paths
    WHERE filters ? 'closed_sessions'
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_period_answer(bytea,timestamp with time zone,timestamp with time zone,text,text,jsonb,boolean,business.site_rollup_b[]) -- The metrics of a period and, with a unit, of its intervals, as business.site_look told where that is given.
CREATE OR REPLACE FUNCTION business.site_period_answer(tenant bytea, from_at timestamp with time zone, to_at timestamp with time zone, zone text, unit text, filters jsonb, include_bots boolean, looked business.site_rollup_b[] DEFAULT NULL::business.site_rollup_b[])
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    starts timestamptz[];
    ends timestamptz[];
    labels text[];
    metrics jsonb[];
    series jsonb;
BEGIN
    SELECT
        array_agg(starts_at ORDER BY number), array_agg(ends_at ORDER BY number),
        array_agg(label ORDER BY number)
    INTO starts, ends, labels
    FROM business.site_intervals(from_at, to_at, zone, unit)
    WHERE unit IS NOT NULL;
    IF filters = '{}' AND NOT include_bots AND (
        SELECT bool_and(border = business.site_quarter(border))
        FROM unnest(ARRAY[from_at, to_at] || starts) AS border
    ) THEN
        SELECT array_agg(rolled.metrics ORDER BY rolled.number)
        INTO metrics
        FROM business.site_rolled_metrics(tenant, from_at || starts, to_at || ends) AS rolled;
    ELSIF business.site_are_by_value(filters) THEN
        SELECT array_agg(told.metrics ORDER BY told.number)
        INTO metrics
        FROM business.site_looked_metrics(from_at, starts, coalesce(looked, business.site_look(
            tenant, from_at, to_at, coalesce(starts, '{}'),
            business.site_valued_filters(tenant, from_at, to_at, filters), include_bots, '{visits}', 0))) AS told;
    ELSE
        SELECT array_agg(filtered.metrics ORDER BY filtered.number)
        INTO metrics
        FROM business.site_filtered_metrics(
            tenant, from_at || starts, to_at || ends, filters, include_bots) AS filtered;
    END IF;
    SELECT jsonb_agg(
        jsonb_build_object('start', business.site_utc(starts[place]), 'label', labels[place])
            || metrics[place + 1]
        ORDER BY place)
    INTO series
    FROM generate_subscripts(starts, 1) AS place;
    RETURN CASE WHEN unit IS NULL THEN '{}' ELSE jsonb_build_object('series', series) END || metrics[1];
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_previous_start(timestamp with time zone,timestamp with time zone,text) -- The start of the period before: as many days where the period is whole days, else as long.
CREATE OR REPLACE FUNCTION business.site_previous_start(from_at timestamp with time zone, to_at timestamp with time zone, zone text)
 RETURNS timestamp with time zone
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT CASE
        WHEN business.site_local_instant(days.first_day, zone) = from_at
            AND business.site_local_instant(days.day_after, zone) = to_at
            THEN business.site_local_instant(days.first_day - (days.day_after - days.first_day), zone)
        ELSE from_at - (to_at - from_at)
    END
    FROM (
        SELECT
            date_trunc('day', from_at AT TIME ZONE zone) AS first_day,
            date_trunc('day', to_at AT TIME ZONE zone) AS day_after
    ) AS days
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_quarter(timestamp with time zone) -- The quarter of an hour that an instant lies in: every time zone of today begins its days at one.
CREATE OR REPLACE FUNCTION business.site_quarter(instant timestamp with time zone)
 RETURNS timestamp with time zone
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$ SELECT date_bin('15 minutes', instant, '2000-01-01 00:00:00Z') $function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_question(bytea,jsonb,integer,text[]) -- The options, and of those that all questions have the time zone and the period, from inclusive, to exclusive; head is what answers begin with. Errors: ST400.
CREATE OR REPLACE FUNCTION business.site_question(tenant bytea, given jsonb, default_days integer, VARIADIC known text[], OUT options jsonb, OUT zone text, OUT from_at timestamp with time zone, OUT to_at timestamp with time zone, OUT head jsonb)
 RETURNS record
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    today date;
BEGIN
    options := business.site_options(given, VARIADIC known || '{days,from,to,timezone}'::text[]);
    zone := business.site_time_zone(tenant, options);
    today := (now() AT TIME ZONE zone)::date;
    IF NOT options ?| '{from,to}' THEN
        from_at := business.site_local_instant(
            (today - coalesce((options -> 'days')::integer, default_days) + 1)::timestamp, zone);
    ELSIF options ? 'days' THEN
        PERFORM business.site_argument_error('days', 'Either days, or from and to.');
    ELSIF NOT options ? 'from' THEN
        PERFORM business.site_argument_error('from', 'An end needs a beginning.');
    ELSE
        from_at := business.site_instant_option(options, 'from', zone);
    END IF;
    to_at := CASE WHEN options ? 'to' THEN business.site_instant_option(options, 'to', zone)
        ELSE business.site_local_instant((today + 1)::timestamp, zone) END;
    IF to_at <= from_at OR to_at - from_at > INTERVAL '1101 days' THEN
        PERFORM business.site_argument_error('to', 'The period ends after it begins, and has at most 1,100 days.');
    END IF;
    head := jsonb_build_object(
        'from', business.site_utc(from_at), 'to', business.site_utc(to_at), 'timezone', zone);
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_rate(numeric,numeric,integer) -- A share or a mean, rounded; NULL of nothing.
CREATE OR REPLACE FUNCTION business.site_rate(part numeric, whole numeric, digits integer)
 RETURNS numeric
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$ SELECT CASE WHEN whole <> 0 THEN trim_scale(round(part / whole, digits)) END $function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_realtime(bytea,integer,jsonb) -- The data of api.get_realtime. Errors: ST400.
CREATE OR REPLACE FUNCTION business.site_realtime(tenant bytea, minutes integer, given jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
DECLARE
    options CONSTANT jsonb := business.site_options(given, 'filters', 'include_bots');
    filters CONSTANT jsonb := business.site_filters(options);
    include_bots CONSTANT boolean := coalesce((options -> 'include_bots')::boolean, false);
    from_at timestamptz;
    timestamps timestamptz[];
    keys bytea[];
    answer jsonb;
BEGIN
    IF minutes IS NULL OR minutes NOT BETWEEN 1 AND 1440 THEN
        PERFORM business.site_argument_error('minutes', 'A whole number from 1 to 1440.');
    END IF;
    from_at := date_trunc('minute', now()) - (minutes - 1) * INTERVAL '1 minute';
    PERFORM business.site_check_cost(
        tenant,
        business.site_all_events(from_at, now()) * 0.3
            + CASE WHEN filters = '{}' THEN 0 ELSE business.site_events_of_sessions_cost(tenant, from_at, now()) * 2 END,
        '{}',
        VARIADIC ARRAY['minutes'] || business.site_narrow_filters(filters));
    IF filters <> '{}' THEN
        SELECT array_agg(event_timestamp), array_agg(event_hk)
        INTO timestamps, keys
        FROM staging.site_tracking_events_s
        WHERE tenant_hk = tenant AND event_timestamp >= from_at AND event_timestamp <= now();
    END IF;
    WITH events AS MATERIALIZED (
        SELECT
            event_timestamp, visitor_hk, page_hk, evt_type,
            evt_type = 'page_view' AND repeated_hk IS NULL AS is_page_view
        FROM staging.site_tracking_events_s
        LEFT JOIN (
            SELECT DISTINCT event_timestamp, event_hk, event_hk AS repeated_hk
            FROM business.site_repeat_b
            WHERE tenant_hk = tenant AND event_timestamp >= from_at AND event_timestamp <= now()
        ) AS repeats USING (event_timestamp, event_hk)
        WHERE tenant_hk = tenant
            AND event_timestamp >= from_at
            AND event_timestamp <= now()
            AND (include_bots OR NOT is_bot)
            AND (filters = '{}' OR (event_timestamp, event_hk) IN (
                SELECT event_timestamp, event_hk
                FROM business.site_passing_events(tenant, timestamps, keys, filters, include_bots)))
    ),
    by_minute AS (
        SELECT
            date_trunc('minute', event_timestamp) AS minute,
            count(DISTINCT visitor_hk) AS visitors,
            count(*) FILTER (WHERE is_page_view) AS page_views,
            count(*) AS events
        FROM events
        GROUP BY 1
    ),
    by_page AS (
        SELECT pages.page_bk, seen.page_views
        FROM (
            SELECT page_hk, count(*) AS page_views
            FROM events
            WHERE is_page_view AND page_hk IS NOT NULL
            GROUP BY page_hk
            ORDER BY page_views DESC
            FETCH FIRST 10 ROWS WITH TIES
        ) AS seen
        JOIN business.site_page_h AS pages ON pages.page_hk = seen.page_hk
        ORDER BY seen.page_views DESC, pages.page_bk COLLATE "C"
        LIMIT 10
    )
    SELECT jsonb_build_object(
        'minutes', minutes,
        'from', business.site_utc(from_at),
        'to', business.site_utc(now()),
        'visitors', (SELECT count(DISTINCT visitor_hk) FROM events),
        'visitors_now', (
            SELECT count(DISTINCT visitor_hk)
            FROM events
            WHERE event_timestamp >= date_trunc('minute', now()) - INTERVAL '4 minutes'
        ),
        'pageviews', (SELECT count(*) FROM events WHERE is_page_view),
        'events', (SELECT count(*) FROM events),
        'event_types', (
            SELECT coalesce(jsonb_object_agg(evt_type, number), '{}')
            FROM (SELECT evt_type, count(*) AS number FROM events GROUP BY evt_type) AS types
        ),
        'series', (
            SELECT jsonb_agg(jsonb_build_object(
                    'start', business.site_utc(minute_start),
                    'visitors', coalesce(by_minute.visitors, 0),
                    'pageviews', coalesce(by_minute.page_views, 0),
                    'events', coalesce(by_minute.events, 0))
                ORDER BY minute_start)
            FROM generate_series(from_at, now(), INTERVAL '1 minute') AS minute_start
            LEFT JOIN by_minute ON by_minute.minute = minute_start
        ),
        'top_pages', (
            SELECT coalesce(jsonb_agg(jsonb_build_object('value', page_bk, 'pageviews', page_views)
                ORDER BY page_views DESC, page_bk COLLATE "C"), '[]')
            FROM by_page
        ))
    INTO answer;
    RETURN answer;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_rebuild_sessions() -- Makes the bridges of orders and sessions and all rollups anew out of the vault, but for the sums of what retention removed and of erased visitors where they are kept; loaders wait meanwhile.
CREATE OR REPLACE PROCEDURE business.site_rebuild_sessions()
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $procedure$
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
$procedure$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_refresh_sessions(bytea[],bigint[],bytea[],bytea[],boolean[],text[],boolean[],bigint[],bytea[],text[],text[],text[],text[],text[]) -- Brings bridges and rollups up to the versions that the satellite has now of the given sessions, with the microseconds since the epoch at which they start; to be called in the transaction that wrote them. Calling it again changes nothing. What is known of the versions just written spares looking at those that change nothing, and for what happened in closed ones.
CREATE OR REPLACE PROCEDURE business.site_refresh_sessions(IN tenant_hks bytea[], IN session_start_micros bigint[], IN session_hks bytea[], IN visitor_hks bytea[] DEFAULT NULL::bytea[], IN are_bots boolean[] DEFAULT NULL::boolean[], IN statuses text[] DEFAULT NULL::text[], IN have_repeated_views boolean[] DEFAULT NULL::boolean[], IN load_date_micros bigint[] DEFAULT NULL::bigint[], IN hash_diffs bytea[] DEFAULT NULL::bytea[], IN path_types text[] DEFAULT NULL::text[], IN path_offsets text[] DEFAULT NULL::text[], IN path_pages text[] DEFAULT NULL::text[], IN path_items text[] DEFAULT NULL::text[], IN path_item_places text[] DEFAULT NULL::text[])
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_seqscan TO 'off'
 SET plan_cache_mode TO 'force_generic_plan'
 SET jit TO 'off'
AS $procedure$
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
$procedure$

    GRANTS {site_tracking_owner=X/site_tracking_owner,site_tracking_loader=X/site_tracking_owner}

FUNCTION business.site_remove_sessions(bytea,bytea[],timestamp with time zone,timestamp with time zone) -- Takes sessions out of the vault, their keys included, which may name the visitor; what is left of their events belongs to none until a reprocess. Tells which there were, for business.site_refresh_sessions.
CREATE OR REPLACE FUNCTION business.site_remove_sessions(tenant bytea, sessions bytea[], from_at timestamp with time zone, to_at timestamp with time zone, OUT starts bigint[], OUT removed bytea[])
 RETURNS record
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_custom_plan'
 SET jit TO 'off'
AS $function$
#variable_conflict use_column
DECLARE
    key_starts timestamptz[];
    last_end timestamptz;
    other_timestamps timestamptz[];
    other_hks bytea[];
BEGIN
    -- A session's business key ends in its start, and a number behind it where two began in one millisecond.
    SELECT array_agg(session_hk), array_agg(key_start), array_agg((extract(epoch FROM key_start) * 1000000)::bigint)
    INTO removed, key_starts, starts
    FROM (
        SELECT session_hk, timestamptz 'epoch'
            + substring(session_bk FROM '\.(-?[0-9]+)(?:\.[0-9]{1,5})?$')::bigint * INTERVAL '1 millisecond' AS key_start
        FROM business.site_session_h
        WHERE session_hk = ANY (sessions) AND tenant_hk = tenant AND session_bk ~ '\.-?[0-9]+$'
        ORDER BY session_hk
    ) AS hubs;
    IF cardinality(sessions) > coalesce(cardinality(removed), 0) THEN
        -- Of one that has lost its key the versions tell, where they are of the period.
        SELECT removed || array_agg(session_hk), key_starts || array_agg(key_start),
            starts || array_agg((extract(epoch FROM key_start) * 1000000)::bigint)
        INTO removed, key_starts, starts
        FROM (
            SELECT DISTINCT session_hk, date_trunc('milliseconds', session_start) AS key_start
            FROM business.site_session_details_s
            WHERE session_start >= from_at
                AND session_start < to_at
                AND tenant_hk = tenant
                AND session_hk = ANY (sessions)
                AND session_hk <> ALL (coalesce(removed, '{}'))
        ) AS keyless;
    END IF;

    PERFORM business.site_keep_visitor_of_session(tenant, removed, key_starts);
    WITH versions AS (
        DELETE FROM business.site_session_details_s AS versions
        USING unnest(removed, key_starts) AS given (session_hk, key_start)
        WHERE versions.session_start >= given.key_start
            AND versions.session_start < given.key_start + INTERVAL '1 millisecond'
            AND versions.session_hk = given.session_hk
        RETURNING versions.session_end
    )
    SELECT max(session_end) INTO last_end FROM versions;
    WITH links AS (
        DELETE FROM business.event_session_l AS links
        USING unnest(removed) AS given (session_hk)
        WHERE links.session_hk = given.session_hk
            AND links.event_timestamp >= (SELECT min(key_start) FROM unnest(key_starts) AS key_start)
            -- Events of a session that was cut short stay linked to it.
            AND links.event_timestamp <= coalesce(
                last_end, (SELECT max(key_start) FROM unnest(key_starts) AS key_start)) + INTERVAL '7 days'
        RETURNING links.event_timestamp, links.event_hk
    )
    SELECT array_agg(event_timestamp), array_agg(event_hk)
    INTO other_timestamps, other_hks
    FROM links;
    PERFORM business.site_keep_without_session(tenant, other_timestamps, other_hks);
    DELETE FROM business.session_visitor_l AS links
    USING unnest(removed, key_starts) AS given (session_hk, key_start)
    WHERE links.session_start = given.key_start AND links.session_hk = given.session_hk;
    DELETE FROM business.session_page_l AS links
    USING unnest(removed, key_starts) AS given (session_hk, key_start)
    WHERE links.session_start = given.key_start AND links.session_hk = given.session_hk;
    DELETE FROM business.site_session_h WHERE session_hk = ANY (removed);
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_removed_cohorts() -- What sessions that retention removed have left in business.site_cohort_b.
CREATE OR REPLACE FUNCTION business.site_removed_cohorts()
 RETURNS SETOF business.site_cohort_b
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_repeats(business.site_session_details_s) -- The rows of business.site_repeat_b that a version makes.
CREATE OR REPLACE FUNCTION business.site_repeats(version business.site_session_details_s)
 RETURNS SETOF business.site_repeat_b
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
    SELECT
        version.tenant_hk,
        timestamptz 'epoch' + (told ->> 0)::bigint * INTERVAL '1 microsecond',
        decode(told ->> 1, 'hex'),
        version.session_hk,
        nullif(decode(told ->> 2, 'hex'), ''),
        version.is_bot
    FROM jsonb_array_elements(version.repeated_views) AS told
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_reserve_events(bytea,text,timestamp with time zone[],bytea[]) -- Links events to one of their tenant's reserved sessions, and tells which were not linked to it.
CREATE OR REPLACE FUNCTION business.site_reserve_events(tenant bytea, reserved text, event_timestamps timestamp with time zone[], event_hks bytea[])
 RETURNS TABLE(event_timestamp timestamp with time zone, event_hk bytea)
 LANGUAGE sql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    INSERT INTO business.site_session_h (session_hk, session_bk, tenant_hk, load_date, record_source)
    SELECT business.site_hash_key(tenant, reserved), reserved, tenant, clock_timestamp(), 'site_tracking'
    WHERE cardinality(event_hks) > 0
    ON CONFLICT DO NOTHING;
    INSERT INTO business.event_session_l (
        event_timestamp, event_session_hk, event_hk, session_hk, tenant_hk, load_date, record_source)
    SELECT
        events.event_timestamp,
        business.site_link_key(events.event_hk, business.site_hash_key(tenant, reserved), tenant),
        events.event_hk, business.site_hash_key(tenant, reserved), tenant, events.load_date, 'site_tracking'
    FROM unnest(event_timestamps, event_hks) AS given (event_timestamp, event_hk)
    JOIN business.site_event_h AS events
        ON events.event_timestamp = given.event_timestamp AND events.event_hk = given.event_hk
    WHERE events.tenant_hk = tenant
    ORDER BY events.event_timestamp, events.event_hk
    ON CONFLICT DO NOTHING
    RETURNING event_timestamp, event_hk
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_resolved_filters(bytea,timestamp with time zone,timestamp with time zone,jsonb) -- The filters with, in the place of those by events, the sessions that began in the period and have such events.
CREATE OR REPLACE FUNCTION business.site_resolved_filters(tenant bytea, from_at timestamp with time zone, to_at timestamp with time zone, filters jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
DECLARE
    given CONSTANT jsonb := business.site_scored_filters(tenant, from_at, to_at, filters);
    asked CONSTANT jsonb := business.site_event_filters(given);
    other_filters CONSTANT jsonb := given - ARRAY(SELECT jsonb_object_keys(asked));
    among text;
BEGIN
    IF asked = '{}' THEN
        RETURN business.site_narrowed_filters(tenant, from_at, to_at, given);
    END IF;
    IF asked @? '$.keyvalue() ? (@.key starts with "property:" || @.key == "goal")' THEN
        SELECT coalesce(string_agg(encode(session_hk, 'hex'), ''), '')
        INTO among
        FROM business.site_sessions_by_events(tenant, from_at, to_at, from_at, other_filters, asked) AS session_hk;
    ELSE
        SELECT coalesce(string_agg(encode(chosen.session_hk, 'hex'), ''), '')
        INTO among
        FROM (
            SELECT session_hk
            FROM business.site_open_by_events(tenant, from_at, to_at, other_filters, asked) AS session_hk
            UNION
            SELECT session_hk
            FROM business.site_sessions_by_path(tenant, from_at, to_at, asked) AS session_hk
            WHERE NOT other_filters ? 'among'
                OR session_hk = ANY (business.site_sessions_named(other_filters, 'among'))
        ) AS chosen;
    END IF;
    RETURN business.site_narrowed_filters(
        tenant, from_at, to_at, other_filters || jsonb_build_object('among', among));
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_rests(timestamp with time zone,timestamp with time zone,timestamp with time zone,timestamp with time zone) -- What is to be added to whole days, or taken off by sign -1, to make a period of them.
CREATE OR REPLACE FUNCTION business.site_rests(from_at timestamp with time zone, to_at timestamp with time zone, days_from timestamp with time zone, days_to timestamp with time zone)
 RETURNS TABLE(sign integer, starts_at timestamp with time zone, ends_at timestamp with time zone)
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE ROWS 2
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    -- A period that is no longer than the days are apart from it has no days at all.
    SELECT rests.sign, rests.starts_at, rests.ends_at
    FROM (VALUES
        (1, from_at, CASE WHEN days_from < days_to THEN days_from ELSE to_at END),
        (-1, days_from, CASE WHEN days_from < days_to THEN from_at END),
        (1, CASE WHEN days_from < days_to THEN days_to END, to_at),
        (-1, to_at, CASE WHEN days_from < days_to THEN days_to END)
    ) AS rests (sign, starts_at, ends_at)
    WHERE rests.starts_at < rests.ends_at
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_resum_events(bytea,timestamp with time zone[]) -- Sums the events of UTC days anew, after events were taken out of the vault, and lets the next event of an order count where the one that did is gone; to be called in that transaction after business.site_refresh_sessions, by one transaction at a time; loaders wait for its end.
CREATE OR REPLACE PROCEDURE business.site_resum_events(IN tenant bytea, IN days timestamp with time zone[])
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $procedure$
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
$procedure$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_retention(bytea,jsonb) -- The data of api.get_retention. Errors: ST400.
CREATE OR REPLACE FUNCTION business.site_retention(tenant bytea, given jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
DECLARE
    asked CONSTANT record := business.site_question(tenant, given, 56, 'interval', 'filters');
    filters CONSTANT jsonb := business.site_filters(asked.options);
    unit CONSTANT text := coalesce(asked.options ->> 'interval', 'week');
    from_at CONSTANT timestamptz := asked.from_at;
    to_at CONSTANT timestamptz := asked.to_at;
    is_summed CONSTANT boolean := business.site_has_cohorts(tenant, from_at, to_at, asked.zone, filters);
    starts timestamptz[];
    labels text[];
    passed jsonb;
    cohorts jsonb;
BEGIN
    IF unit = 'hour' THEN
        PERFORM business.site_argument_error('interval', 'One of day, week, month.');
    END IF;
    SELECT array_agg(starts_at ORDER BY number), array_agg(label ORDER BY number)
    INTO starts, labels
    FROM business.site_intervals(from_at, to_at, asked.zone, unit);
    IF cardinality(starts) > 100 THEN
        PERFORM business.site_argument_error('interval', 'At most 100 intervals: ask for longer ones.');
    END IF;
    PERFORM business.site_check_cost(
        tenant,
        business.site_own_events(tenant, from_at, to_at) * CASE WHEN is_summed THEN 0.01 ELSE 0.1 END
            + business.site_filters_cost(tenant, from_at, to_at, filters),
        asked.options,
        VARIADIC business.site_narrow_filters(filters));
    passed := business.site_resolved_filters(tenant, from_at, to_at, filters);
    WITH counts AS MATERIALIZED (
        SELECT * FROM business.site_summed_returns(tenant, starts, to_at, asked.zone) WHERE is_summed
        UNION ALL
        SELECT * FROM business.site_counted_returns(tenant, starts, from_at, to_at, passed) WHERE NOT is_summed
    )
    SELECT jsonb_agg(jsonb_build_object(
            'start', business.site_utc(starts[cohort]),
            'label', labels[cohort],
            'visitors', visitors[1],
            'returned', to_jsonb(visitors),
            'rates', (
                SELECT jsonb_agg(business.site_rate(number, visitors[1], 4) ORDER BY place)
                FROM unnest(visitors) WITH ORDINALITY AS parts (number, place)))
        ORDER BY cohort)
    INTO cohorts
    FROM (
        SELECT cells.cohort, array_agg(coalesce(counts.visitors, 0) ORDER BY cells.later) AS visitors
        FROM (
            SELECT cohort, later
            FROM generate_subscripts(starts, 1) AS cohort
            CROSS JOIN LATERAL generate_series(0, cardinality(starts) - cohort) AS later
        ) AS cells
        LEFT JOIN counts ON counts.cohort = cells.cohort AND counts.later = cells.later
        GROUP BY cells.cohort
    ) AS rows;
    RETURN asked.head || jsonb_build_object('interval', unit, 'cohorts', cohorts);
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_return_buckets(timestamp with time zone,timestamp with time zone) -- Where business.site_return_b counts a session and the one before it.
CREATE OR REPLACE FUNCTION business.site_return_buckets(previous_start timestamp with time zone, session_start timestamp with time zone)
 RETURNS TABLE(span text, previous_bucket timestamp with time zone, start_bucket timestamp with time zone)
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
    VALUES
        (
            CASE WHEN business.site_is_near(previous_start, session_start) THEN 'NEAR' ELSE 'FAR' END,
            business.site_quarter(previous_start),
            CASE WHEN business.site_is_near(previous_start, session_start)
                THEN business.site_quarter(session_start)
                ELSE business.site_day(session_start) END
        ),
        ('DAY', business.site_day(previous_start), business.site_day(session_start))
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_robots(bytea,timestamp with time zone,timestamp with time zone,jsonb,integer) -- Visits of robots by what they are for.
CREATE OR REPLACE FUNCTION business.site_robots(tenant bytea, from_at timestamp with time zone, to_at timestamp with time zone, filters jsonb, most integer)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE PARALLEL SAFE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
BEGIN
    RETURN (
        SELECT coalesce(
            jsonb_agg(jsonb_build_object('value', robot_kind, 'visits', visits)
                ORDER BY visits DESC, robot_kind COLLATE "C" NULLS LAST), '[]')
        FROM (
            SELECT versions.robot_kind, count(*) AS visits
            FROM business.site_filtered_sessions(tenant, from_at, to_at, filters, true) AS sessions
            JOIN business.site_session_details_s AS versions
                ON versions.session_start = sessions.session_start
                AND versions.session_hk = sessions.session_hk
                AND versions.load_date = sessions.load_date
            WHERE sessions.is_bot
            GROUP BY versions.robot_kind
            ORDER BY visits DESC, versions.robot_kind COLLATE "C" NULLS LAST
            LIMIT most
        ) AS kinds);
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_rolled_metrics(bytea,timestamp with time zone[],timestamp with time zone[]) -- Metrics of each of the intervals, numbered from 0, without robots; all borders must be quarters of an hour.
CREATE OR REPLACE FUNCTION business.site_rolled_metrics(tenant bytea, starts timestamp with time zone[], ends timestamp with time zone[])
 RETURNS TABLE(number integer, metrics jsonb)
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH parts AS (
        SELECT *
        FROM business.site_rollup_b
        WHERE tenant_hk = tenant
            AND dimension = 'visits'
            AND bucket_start >= starts[1]
            AND bucket_start < ends[1]
        UNION ALL
        SELECT sums.*
        FROM business.site_open_sessions(tenant, starts[1], ends[1]) AS sessions
        CROSS JOIN LATERAL business.site_session_sums(sessions, 1) AS sums
        WHERE sums.dimension = 'visits' AND NOT sessions.is_bot
    ),
    interval_sums AS (
        SELECT
            width_bucket(bucket_start, starts[2:]) AS number, currency, sum(visits) AS visits,
            sum(bounces) AS bounces, sum(bounceable) AS bounceable, sum(converted) AS converted,
            sum(page_views) AS page_views, sum(events) AS events, sum(conversions) AS conversions,
            sum(duration_seconds) AS duration_seconds, sum(engaged_seconds) AS engaged_seconds,
            sum(revenue) AS revenue, sum(refunds) AS refunds
        FROM parts
        GROUP BY 1, 2
    ),
    -- The first interval, 0, is the whole period, the others divide it.
    sums AS MATERIALIZED (
        SELECT
            coalesce(number, 0) AS number, currency, sum(visits) AS visits, sum(bounces) AS bounces,
            sum(bounceable) AS bounceable, sum(converted) AS converted, sum(page_views) AS page_views,
            sum(events) AS events, sum(conversions) AS conversions,
            sum(duration_seconds) AS duration_seconds, sum(engaged_seconds) AS engaged_seconds,
            sum(revenue) AS revenue, sum(refunds) AS refunds
        FROM interval_sums
        GROUP BY GROUPING SETS ((currency), (number, currency))
        HAVING number IS NULL OR number > 0
    ),
    money AS (
        SELECT
            number,
            jsonb_object_agg(currency, trim_scale(revenue)) FILTER (WHERE revenue <> 0) AS revenue,
            jsonb_object_agg(currency, trim_scale(refunds)) FILTER (WHERE refunds <> 0) AS refunds
        FROM sums
        WHERE currency <> ''
        GROUP BY number
    )
    SELECT
        intervals.number::integer - 1,
        business.site_metrics(
            sums.visits - coalesce(near.visits, 0) - coalesce(far.visits, 0) - coalesce(days.visits, 0)
                - coalesce(last_near.visits, 0) - last_far.visits,
            sums.visits, sums.bounces, sums.bounceable, sums.converted, sums.page_views, sums.events,
            sums.conversions, sums.duration_seconds, sums.engaged_seconds, money.revenue,
            money.refunds)
    FROM unnest(starts, ends) WITH ORDINALITY AS intervals (starts_at, ends_at, number)
    LEFT JOIN sums ON sums.number = intervals.number - 1 AND sums.currency = ''
    LEFT JOIN money ON money.number = intervals.number - 1
    -- Sessions whose visitor had one before in the same interval. Of an interval no longer than a day
    -- both lie near. A longer one has whole UTC days, and before and after them two rests.
    CROSS JOIN LATERAL (
        SELECT
            intervals.ends_at - intervals.starts_at > INTERVAL '25 hours' AS is_long,
            business.site_day(intervals.starts_at + INTERVAL '1 day' - INTERVAL '1 microsecond') AS days_from,
            business.site_day(intervals.ends_at) AS days_to
    ) AS spans
    CROSS JOIN LATERAL (
        SELECT sum(visits) AS visits
        FROM business.site_return_b
        WHERE tenant_hk = tenant
            AND span = 'NEAR'
            AND previous_bucket >= intervals.starts_at
            AND previous_bucket < CASE WHEN spans.is_long THEN spans.days_from ELSE intervals.ends_at END
            AND start_bucket < intervals.ends_at
    ) AS near
    CROSS JOIN LATERAL (
        SELECT sum(visits) AS visits
        FROM business.site_return_b
        WHERE spans.is_long
            AND tenant_hk = tenant
            AND span = 'FAR'
            AND previous_bucket >= intervals.starts_at
            AND previous_bucket < spans.days_from
            AND start_bucket < spans.days_to
    ) AS far
    CROSS JOIN LATERAL (
        SELECT sum(visits) AS visits
        FROM business.site_return_b
        WHERE spans.is_long
            AND tenant_hk = tenant
            AND span = 'DAY'
            AND previous_bucket >= spans.days_from
            AND start_bucket < spans.days_to
    ) AS days
    CROSS JOIN LATERAL (
        SELECT sum(visits) AS visits
        FROM business.site_return_b
        WHERE spans.is_long
            AND tenant_hk = tenant
            AND span = 'NEAR'
            AND previous_bucket >= greatest(spans.days_from, spans.days_to - INTERVAL '25 hours')
            AND previous_bucket < intervals.ends_at
            AND start_bucket >= spans.days_to
            AND start_bucket < intervals.ends_at
    ) AS last_near
    CROSS JOIN LATERAL (
        SELECT count(*) AS visits
        FROM business.site_session_b
        WHERE spans.is_long
            AND tenant_hk = tenant
            AND key_start >= spans.days_to
            AND key_start < intervals.ends_at
            AND previous_start >= intervals.starts_at
            AND NOT business.site_is_near(previous_start, session_start)
    ) AS last_far;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_save(bytea,text,jsonb) -- Saves a segment, annotation, goal or link, or removes it; of a new link it tells the token, this once. Errors: ST400.
CREATE OR REPLACE FUNCTION business.site_save(tenant bytea, of_kind text, given jsonb, OUT token text)
 RETURNS text
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    field CONSTANT text := lower(of_kind);
    is_removed CONSTANT boolean := given @> '{"remove": true}';
    days CONSTANT integer := coalesce((business.site_options(
        jsonb_build_object('days', given -> 'days'), 'days') -> 'days')::integer, 365);
    day CONSTANT timestamptz := CASE WHEN of_kind = 'ANNOTATION'
        THEN business.site_instant_option(given, 'day', 'UTC') END;
    content jsonb := CASE
        WHEN of_kind = 'GOAL' AND NOT is_removed THEN business.site_goal_rule(given)
        WHEN of_kind IN ('ANNOTATION', 'GOAL') THEN '{}'
        ELSE business.site_filters(given) END;
    name text := given ->> CASE of_kind WHEN 'ANNOTATION' THEN 'text' ELSE 'name' END;
BEGIN
    name := raw.site_tracking_trim(name);
    IF name IS NULL OR length(name) > 200 THEN
        PERFORM business.site_argument_error(field, 'A text of at most 200 characters names it.');
    END IF;
    IF of_kind = 'ANNOTATION' THEN
        content := jsonb_build_object('day', to_char(day AT TIME ZONE 'UTC', 'YYYY-MM-DD'), 'text', name);
        name := (content ->> 'day') || ' ' || name;
    ELSIF of_kind = 'LINK' AND given ->> 'password_hash' !~ '^pbkdf2-sha512\$\d+\$[A-Za-z0-9+/=]+\$[A-Za-z0-9+/=]+$' THEN
        PERFORM business.site_argument_error('password_hash', 'As the collector and the program Keys make it.');
    END IF;
    IF NOT is_removed
        AND (SELECT count(*) FROM business.site_saved(tenant, of_kind))
            >= (CASE of_kind WHEN 'ANNOTATION' THEN 1000 WHEN 'GOAL' THEN 20 ELSE 100 END) THEN
        PERFORM business.site_argument_error(field, 'There are too many of them; remove some.');
    END IF;
    IF of_kind = 'LINK' AND NOT is_removed THEN
        -- As much chance as in a key.
        token := 'sl_' || replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '');
    END IF;
    INSERT INTO auth.site_tracking_saved_s (
        tenant_hk, kind, name, load_date, content, token_hash, password_hash, expires_at, is_removed, hash_diff,
        record_source)
    VALUES (tenant, of_kind, name, clock_timestamp(), content, sha256(convert_to(token, 'UTF8')),
        CASE WHEN token IS NOT NULL THEN given ->> 'password_hash' END,
        CASE WHEN token IS NOT NULL THEN now() + make_interval(days => days) END, is_removed,
        sha256(convert_to(concat(content, token, is_removed), 'UTF8')), 'api.change_settings');
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_save_alert(bytea,jsonb) -- Saves an alert, or removes it; of a new one it tells the secret that calls are signed with, this once. Errors: ST400.
CREATE OR REPLACE FUNCTION business.site_save_alert(tenant bytea, given jsonb, OUT token text)
 RETURNS text
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    options CONSTANT jsonb := business.site_options(given, 'name', 'metric', 'above', 'below', 'hours', 'compared',
        'webhook', 'remove');
    alert_name CONSTANT text := raw.site_tracking_trim(options ->> 'name');
    is_removed CONSTANT boolean := options @> '{"remove": true}';
    secret text;
    content jsonb;
BEGIN
    IF alert_name IS NULL OR length(alert_name) > 200 THEN
        PERFORM business.site_argument_error('alert', 'A text of at most 200 characters names it.');
    END IF;
    SELECT alerts.content ->> 'secret' INTO secret
    FROM business.site_alerts(tenant) AS alerts
    WHERE alerts.name = alert_name;
    IF NOT is_removed THEN
        IF NOT options ? 'metric' THEN
            PERFORM business.site_argument_error('metric', 'The metric that is looked at.');
        ELSIF options ? 'above' = options ? 'below' THEN
            PERFORM business.site_argument_error('above', 'Either above or below.');
        ELSIF options ->> 'webhook' !~ '^https?://[A-Za-z0-9.:\[\]-]+([/?][!-~]*)?$' THEN
            PERFORM business.site_argument_error('webhook', 'An address such as https://hooks.example.com/site.');
        ELSIF secret IS NULL AND (SELECT count(*) FROM business.site_alerts(tenant)) >= 100 THEN
            PERFORM business.site_argument_error('alert', 'There are too many of them; remove some.');
        END IF;
        IF secret IS NULL THEN
            token := 'sa_' || replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '');
        END IF;
    END IF;
    content := options - '{name,remove}'::text[] || jsonb_build_object('secret', coalesce(token, secret));
    INSERT INTO auth.site_tracking_saved_s (
        tenant_hk, kind, name, load_date, content, is_removed, hash_diff, record_source)
    VALUES (tenant, 'ALERT', alert_name, clock_timestamp(), content, is_removed,
        sha256(convert_to(concat(content, is_removed), 'UTF8')), 'api.change_settings');
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_saved(bytea,text) -- What is saved with a tenant's figures now, of one kind.
CREATE OR REPLACE FUNCTION business.site_saved(tenant bytea, of_kind text)
 RETURNS TABLE(name text, content jsonb, load_date timestamp with time zone, expires_at timestamp with time zone, has_password boolean)
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT newest.name, newest.content, newest.load_date, newest.expires_at, newest.password_hash IS NOT NULL
    FROM (
        SELECT DISTINCT ON (versions.name) versions.*
        FROM auth.site_tracking_saved_s AS versions
        WHERE versions.tenant_hk = tenant AND versions.kind = of_kind
        ORDER BY versions.name, versions.load_date DESC
    ) AS newest
    WHERE NOT newest.is_removed
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_scored_filters(bytea,timestamp with time zone,timestamp with time zone,jsonb) -- The filters with, in the place of those by scores, the sessions that began in the period and pass them.
CREATE OR REPLACE FUNCTION business.site_scored_filters(tenant bytea, from_at timestamp with time zone, to_at timestamp with time zone, filters jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    names CONSTANT text[] := ARRAY(SELECT name FROM jsonb_object_keys(filters) AS name WHERE name LIKE 'score:%');
    others CONSTANT jsonb := filters - names;
BEGIN
    IF names = '{}' THEN
        RETURN filters;
    END IF;
    RETURN others || (
        WITH passing AS MATERIALIZED (
            SELECT DISTINCT asked.name, scores.subject_hk
            FROM unnest(names) AS asked (name)
            CROSS JOIN LATERAL jsonb_array_elements_text(filters -> asked.name) AS ranges (score_range)
            JOIN business.site_scores_current_v AS scores
                ON scores.model = substr(asked.name, 7)
                AND scores.score >= coalesce(nullif(split_part(score_range, '..', 1), '')::double precision, '-infinity')
                AND scores.score <= coalesce(nullif(split_part(score_range, '..', 2), '')::double precision, 'infinity')
            WHERE scores.tenant_hk = tenant
        )
        SELECT jsonb_build_object('among', coalesce(string_agg(encode(session_hk, 'hex'), ''), ''))
        FROM (
            SELECT sessions.session_hk
            FROM business.site_filtered_sessions(
                tenant, from_at, to_at,
                others - ARRAY(SELECT jsonb_object_keys(business.site_event_filters(others))), true) AS sessions
            CROSS JOIN LATERAL (VALUES (sessions.session_hk), (sessions.visitor_hk)) AS subjects (subject_hk)
            JOIN passing ON passing.subject_hk = subjects.subject_hk
            GROUP BY sessions.session_hk
            HAVING count(DISTINCT passing.name) = cardinality(names)
        ) AS scored);
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_session_analytics(bytea,jsonb) -- The data of api.get_session_analytics. Errors: ST400.
CREATE OR REPLACE FUNCTION business.site_session_analytics(tenant bytea, given jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    by_session CONSTANT text[] := ARRAY(
        SELECT dimension
        FROM business.site_session_values(NULL::business.site_session_b)
        WHERE dimension <> 'visits');
    usual CONSTANT text[] := by_session || ARRAY['top_pages', 'items'];
    by_event CONSTANT text[] := ARRAY['event_types', 'goals', 'named_goals', 'properties'];
    asked CONSTANT record := business.site_question(tenant, given, 30, 'interval', 'filters', 'limit',
        'include_bots', 'compare', 'breakdowns', 'property');
    options CONSTANT jsonb := asked.options;
    filters CONSTANT jsonb := business.site_filters(options);
    most CONSTANT integer := coalesce((options -> 'limit')::integer, 10);
    include_bots CONSTANT boolean := coalesce((options -> 'include_bots')::boolean, false);
    wanted CONSTANT text[] := business.site_breakdowns(
        options, usual, by_event || '{visitor_kinds,robots,experiments}'::text[]);
    wanted_by_session CONSTANT text[] := ARRAY(
        SELECT name FROM unnest(by_session) AS name WHERE name = ANY (wanted));
    wanted_by_event CONSTANT text[] := ARRAY(
        SELECT name FROM unnest(by_event) AS name WHERE name = ANY (wanted));
    is_rolled CONSTANT boolean := filters = '{}' AND NOT include_bots;
    is_by_value CONSTANT boolean := business.site_are_by_value(filters);
    unit CONSTANT text := coalesce(options ->> 'interval',
        CASE WHEN asked.to_at - asked.from_at <= INTERVAL '50 hours' THEN 'hour' ELSE 'day' END);
    reads_sessions CONSTANT boolean := NOT is_rolled
        OR asked.from_at <> business.site_quarter(asked.from_at)
        OR asked.to_at <> business.site_quarter(asked.to_at);
    -- NULL without a comparison.
    previous_from CONSTANT timestamptz := CASE WHEN (options -> 'compare')::boolean
        THEN business.site_previous_start(asked.from_at, asked.to_at, asked.zone) END;
    passed jsonb;
    looked business.site_rollup_b[];
    previous jsonb;
    answer jsonb;
BEGIN
    IF unit = 'hour' AND asked.to_at - asked.from_at > INTERVAL '93 days' THEN
        PERFORM business.site_argument_error('interval', 'Hours for at most 92 days.');
    END IF;
    IF reads_sessions OR wanted <> '{}' THEN
        PERFORM business.site_check_cost(
            tenant,
            business.site_analytics_cost(tenant, asked.from_at, asked.to_at, previous_from,
                reads_sessions, is_rolled, wanted, filters),
            options,
            VARIADIC ARRAY(
                SELECT name
                FROM unnest('{filters,include_bots,compare,breakdowns}'::text[]) AS name
                WHERE CASE name WHEN 'breakdowns' THEN wanted <> '{}' ELSE options ? name END));
    END IF;
    -- What one look answers needs no sessions named, but other parts do.
    passed := CASE
        WHEN is_by_value AND NOT wanted && '{event_types,goals,named_goals,properties,visitor_kinds,experiments,robots}'
            THEN filters
        ELSE business.site_resolved_filters(tenant, asked.from_at, asked.to_at, filters) END;
    IF filters <> '{}' AND is_by_value THEN
        looked := business.site_look(
            tenant, asked.from_at, asked.to_at,
            ARRAY(
                SELECT starts_at
                FROM business.site_intervals(asked.from_at, asked.to_at, asked.zone, unit)
                ORDER BY number),
            business.site_valued_filters(tenant, asked.from_at, asked.to_at, filters), include_bots,
            '{visits}' || wanted, most);
    END IF;
    answer := asked.head || jsonb_build_object('interval', unit)
        || business.site_period_answer(
            tenant, asked.from_at, asked.to_at, asked.zone, unit, CASE WHEN is_by_value THEN filters ELSE passed END,
            include_bots, looked);
    IF previous_from IS NOT NULL THEN
        previous := business.site_period_answer(
            tenant, previous_from, asked.from_at, asked.zone, NULL,
            CASE WHEN is_by_value THEN filters
                ELSE business.site_resolved_filters(tenant, previous_from, asked.from_at, filters) END,
            include_bots);
        answer := answer || jsonb_build_object('previous', jsonb_build_object(
                'from', business.site_utc(previous_from),
                'to', business.site_utc(asked.from_at),
                'change', business.site_change(
                    answer - '{from,to,timezone,interval,series}'::text[], previous)) || previous);
    END IF;
    IF wanted_by_session <> '{}' THEN
        answer := answer || business.site_session_breakdowns(tenant, asked.from_at, asked.to_at, passed,
            include_bots, is_rolled, wanted_by_session, most, looked);
    END IF;
    IF wanted && '{top_pages,items}' THEN
        answer := answer || business.site_top_pages_and_items(tenant, asked.from_at, asked.to_at, passed,
            include_bots, wanted, most, looked);
    END IF;
    IF wanted_by_event <> '{}' THEN
        answer := answer || business.site_event_breakdowns(tenant, asked.from_at, asked.to_at, passed,
            include_bots, wanted_by_event, options ->> 'property', most);
    END IF;
    IF 'visitor_kinds' = ANY (wanted) THEN
        answer := answer || jsonb_build_object('visitor_kinds', business.site_visitor_kinds(
            tenant, asked.from_at, asked.to_at, passed, include_bots, most));
    END IF;
    IF 'experiments' = ANY (wanted) THEN
        answer := answer || jsonb_build_object('experiments', business.site_variant_visits(
            tenant, asked.from_at, asked.to_at, passed, include_bots, most));
    END IF;
    IF 'robots' = ANY (wanted) THEN
        answer := answer || jsonb_build_object(
            'robots', business.site_robots(tenant, asked.from_at, asked.to_at, passed, most));
    END IF;
    RETURN answer;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_session_breakdowns(bytea,timestamp with time zone,timestamp with time zone,jsonb,boolean,boolean,text[],integer,business.site_rollup_b[]) -- The greatest values of the dimensions of sessions, from the rollup where it is asked, from what business.site_look told where that is given, else from the sessions.
CREATE OR REPLACE FUNCTION business.site_session_breakdowns(tenant bytea, from_at timestamp with time zone, to_at timestamp with time zone, filters jsonb, include_bots boolean, is_rolled boolean, dimensions text[], most integer, looked business.site_rollup_b[])
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
DECLARE
    -- The whole UTC days next to the period, for which the rollup is asked; what they have too little is
    -- added and what they have too much is taken off, from the sessions. None without the rollup.
    days_from CONSTANT timestamptz := CASE WHEN is_rolled THEN business.site_nearest_day(from_at) ELSE from_at END;
    days_to CONSTANT timestamptz := CASE WHEN is_rolled THEN business.site_nearest_day(to_at) ELSE from_at END;
    breakdowns jsonb;
BEGIN
    WITH loose_sums AS MATERIALIZED (
        SELECT
            dimension, sha256(convert_to(coalesce('=' || value, ''), 'UTF8')) AS value_key, currency, value,
            visits, bounces, bounceable, converted, page_views, conversions, duration_seconds, revenue, refunds
        FROM business.site_sums_of_sessions(
            tenant, from_at, to_at, filters, include_bots, is_rolled, days_from, days_to)
        WHERE looked IS NULL AND dimension = ANY (dimensions)
        UNION ALL
        SELECT
            dimension, value_key, currency, value, visits, bounces, bounceable, converted, page_views, conversions,
            duration_seconds, revenue, refunds
        FROM unnest(looked)
        WHERE dimension = ANY (dimensions)
    ),
    -- Most values are not listed: only their visits are summed.
    chosen AS MATERIALIZED (
        SELECT dimension, value_key
        FROM (
            SELECT
                dimension,
                value_key,
                rank() OVER (PARTITION BY dimension ORDER BY sum(visits) DESC) AS place
            FROM (
                SELECT dimension, value_key, visits
                FROM business.site_rollup_b
                WHERE tenant_hk = tenant
                    AND dimension = ANY (dimensions)
                    AND bucket_start >= days_from
                    AND bucket_start < days_to
                    AND currency = ''
                UNION ALL
                SELECT dimension, value_key, visits FROM loose_sums WHERE currency = ''
            ) AS visited
            GROUP BY dimension, value_key
            HAVING sum(visits) > 0
        ) AS placed
        WHERE place <= most
    ),
    grouped AS MATERIALIZED (
        SELECT
            dimension, value_key, currency, min(value) AS value, sum(visits) AS visits,
            sum(bounces) AS bounces, sum(bounceable) AS bounceable, sum(converted) AS converted,
            sum(page_views) AS page_views, sum(conversions) AS conversions,
            sum(duration_seconds) AS duration_seconds, sum(revenue) AS revenue, sum(refunds) AS refunds
        FROM (
            SELECT
                summed.dimension, summed.value_key, currency, value, visits, bounces, bounceable, converted,
                page_views, conversions, duration_seconds, revenue, refunds
            FROM chosen
            CROSS JOIN generate_series(
                days_from, days_to - INTERVAL '24 hours', INTERVAL '24 hours') AS day
            -- A few rows by key, rather than all once more. OFFSET 0 keeps the planner to it.
            CROSS JOIN LATERAL (
                SELECT *
                FROM business.site_rollup_b AS held
                WHERE held.tenant_hk = tenant
                    AND held.dimension = chosen.dimension
                    AND held.bucket_start = day
                    AND held.value_key = chosen.value_key
                OFFSET 0
            ) AS summed
            UNION ALL
            SELECT *
            FROM loose_sums
            WHERE (dimension, value_key) IN (SELECT * FROM chosen)
        ) AS parts
        GROUP BY dimension, value_key, currency
    ),
    ranked AS (
        SELECT
            grouped.*,
            row_number() OVER (
                PARTITION BY dimension ORDER BY visits DESC, value COLLATE "C" NULLS LAST
            ) AS rank
        FROM grouped
        WHERE currency = ''
    ),
    money AS (
        SELECT
            dimension,
            value_key,
            jsonb_object_agg(currency, trim_scale(revenue)) FILTER (WHERE revenue <> 0) AS revenue,
            jsonb_object_agg(currency, trim_scale(refunds)) FILTER (WHERE refunds <> 0) AS refunds
        FROM grouped
        WHERE currency <> ''
        GROUP BY dimension, value_key
    ),
    listed AS (
        SELECT
            ranked.dimension,
            jsonb_agg(
                jsonb_build_object(
                    'value', ranked.value,
                    'visits', ranked.visits,
                    'pageviews', ranked.page_views,
                    'bounce_rate', business.site_rate(ranked.bounces, ranked.bounceable, 4),
                    'visit_duration', business.site_rate(ranked.duration_seconds, ranked.visits, 2),
                    'conversions', ranked.conversions,
                    'conversion_rate', business.site_rate(ranked.converted, ranked.visits, 4),
                    'revenue', coalesce(money.revenue, '{}'),
                    'refunds', coalesce(money.refunds, '{}'))
                ORDER BY ranked.rank) AS rows
        FROM ranked
        LEFT JOIN money
            ON money.dimension = ranked.dimension AND money.value_key = ranked.value_key
        WHERE ranked.rank <= most
        GROUP BY ranked.dimension
    )
    SELECT jsonb_object_agg(wanted.dimension, coalesce(listed.rows, '[]'))
    INTO breakdowns
    FROM unnest(dimensions) AS wanted (dimension)
    LEFT JOIN listed ON listed.dimension = wanted.dimension;
    RETURN coalesce(breakdowns, '{}');
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_session_events(bytea,timestamp with time zone,timestamp with time zone,jsonb,boolean) -- The events of the sessions that began in a period and pass the filters, each once.
CREATE OR REPLACE FUNCTION business.site_session_events(tenant bytea, from_at timestamp with time zone, to_at timestamp with time zone, filters jsonb, include_bots boolean)
 RETURNS TABLE(event_timestamp timestamp with time zone, event_hk bytea, session_hk bytea, visitor_hk bytea)
 LANGUAGE plpgsql
 STABLE ROWS 1e+06
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET enable_nestloop TO 'off'
AS $function$
#variable_conflict use_column
DECLARE
    last_end CONSTANT timestamptz := (
        SELECT max(session_end)
        FROM business.site_filtered_sessions(tenant, from_at, to_at, filters, include_bots));
BEGIN
    IF last_end IS NULL THEN
        RETURN;
    END IF;
    RETURN QUERY
    WITH within AS MATERIALIZED (
        SELECT
            links.event_timestamp, links.event_hk, sessions.session_hk, sessions.visitor_hk, sessions.session_start,
            sessions.session_end
        FROM business.site_filtered_sessions(tenant, from_at, to_at, filters, include_bots) AS sessions
        JOIN business.event_session_l AS links
            ON links.session_hk = sessions.session_hk
            AND links.event_timestamp BETWEEN sessions.session_start AND sessions.session_end
        WHERE links.tenant_hk = tenant
            AND links.event_timestamp >= from_at
            AND links.event_timestamp <= last_end
    )
    SELECT event_timestamp, event_hk, session_hk, visitor_hk
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
        CROSS JOIN LATERAL business.site_passed_on(ends.instants, ends.events, ends.sessions, ends.starts) AS passed);
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_session_json(business.site_session_b,text,text) -- A session as answers tell it.
CREATE OR REPLACE FUNCTION business.site_session_json(session business.site_session_b, session_bk text, visitor_bk text)
 RETURNS jsonb
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
    SELECT jsonb_strip_nulls(jsonb_build_object(
        'session', session_bk,
        'visitor', visitor_bk,
        'status', session.session_status,
        'from', business.site_utc(session.session_start),
        'to', business.site_utc(session.session_end),
        'duration_seconds', session.duration_seconds,
        'engaged_seconds', session.engaged_seconds,
        'events', session.total_events,
        'pageviews', session.page_views,
        'conversions', session.conversions,
        'revenue', session.revenue,
        'refunds', session.refunds,
        'is_bounce', session.is_bounce,
        'entry_page', session.entry_page_url,
        'exit_page', session.exit_page_url,
        'channel', session.channel,
        'source', coalesce(session.utm_source, session.referrer_host),
        'utm_campaign', session.utm_campaign,
        'device', session.device_type,
        'browser', session.browser,
        'os', session.os,
        'language', session.language,
        'country', session.country,
        'is_bot', session.is_bot))
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_session_keys(business.site_session_b) -- What business.site_session_path_b has of a session beside its events.
CREATE OR REPLACE FUNCTION business.site_session_keys(session business.site_session_b)
 RETURNS TABLE(tenant_hk bytea, key_start timestamp with time zone, session_start timestamp with time zone, session_end timestamp with time zone, is_bot boolean, visitor bigint, device bigint, browser bigint, os bigint, channel bigint, source bigint, utm_source bigint, utm_medium bigint, utm_campaign bigint, utm_term bigint, utm_content bigint, entry_page bigint, exit_page bigint, referrer bigint, language bigint, country bigint, duration_seconds bigint, engaged_seconds bigint, total_events integer, page_views integer, conversions integer, bounces smallint, bounceable smallint, session_hk bytea, visitor_hk bytea)
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
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
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_session_list(bytea,jsonb) -- The data of api.get_sessions. Errors: ST400.
CREATE OR REPLACE FUNCTION business.site_session_list(tenant bytea, given jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
DECLARE
    asked CONSTANT record := business.site_question(tenant, given, 30, 'limit', 'cursor', 'filters', 'include_bots',
        'opted_out', 'steps', 'step', 'outcome', 'window_minutes');
    options CONSTANT jsonb := asked.options;
    filters CONSTANT jsonb := business.site_filters(options);
    most CONSTANT integer := coalesce((options -> 'limit')::integer, 100);
    include_bots CONSTANT boolean := coalesce((options -> 'include_bots')::boolean, false);
    after_session CONSTANT record := business.site_event_cursor(options);
    from_at timestamptz := asked.from_at;
    passed jsonb;
    behind bytea[];
    chosen bytea[];
    answer jsonb;
BEGIN
    IF options ? 'steps' THEN
        PERFORM business.site_check_steps(options -> 'steps');
    END IF;
    PERFORM business.site_check_cost(
        tenant,
        business.site_own_events(tenant, from_at, asked.to_at) * 0.05
            + business.site_filters_cost(tenant, from_at, asked.to_at, filters)
            + CASE WHEN options ? 'steps'
                THEN business.site_funnel_cost(tenant, from_at, asked.to_at, options -> 'steps', false) ELSE 0 END
            + CASE WHEN options ? 'opted_out' THEN business.site_all_events(from_at, asked.to_at) * 0.5 ELSE 0 END,
        options,
        VARIADIC business.site_narrow_filters(filters));
    passed := business.site_resolved_filters(tenant, from_at, asked.to_at, filters);
    IF options ? 'steps' THEN
        behind := business.site_sessions_at_step(
            tenant, options -> 'steps', from_at, asked.to_at, passed, options);
        IF filters = '{}' THEN
            -- Steps may lie in sessions that began before.
            from_at := from_at - INTERVAL '7 days';
        END IF;
    END IF;
    IF options ? 'opted_out' THEN
        chosen := business.site_sessions_opted(
            tenant, from_at, asked.to_at, (options -> 'opted_out')::boolean);
    END IF;
    WITH found AS MATERIALIZED (
        SELECT
            session, (session).session_start, (session).session_hk, (session).visitor_hk,
            row_number() OVER (ORDER BY (session).session_start DESC, (session).session_hk DESC) AS place
        FROM (
            SELECT session
            FROM business.site_filtered_sessions(tenant, from_at, asked.to_at, passed, include_bots) AS session
            WHERE (behind IS NULL OR session_hk = ANY (behind))
                AND (chosen IS NULL OR session_hk = ANY (chosen))
                AND (after_session.event_timestamp IS NULL
                    OR (session_start, session_hk) < (after_session.event_timestamp, after_session.event_hk))
            ORDER BY session_start DESC, session_hk DESC
            LIMIT most + 1
        ) AS sessions
    )
    SELECT asked.head || jsonb_build_object(
        'sessions', coalesce(jsonb_agg(
            business.site_session_json(found.session, hubs.session_bk, visitors.visitor_bk)
            ORDER BY found.place) FILTER (WHERE found.place <= most), '[]'),
        'next_cursor', CASE WHEN max(found.place) > most THEN
            max((extract(epoch FROM found.session_start) * 1000000)::bigint || '-' || encode(found.session_hk, 'hex'))
                FILTER (WHERE found.place = most) END)
    INTO answer
    FROM found
    JOIN business.site_session_h AS hubs ON hubs.session_hk = found.session_hk
    LEFT JOIN business.site_visitor_h AS visitors ON visitors.visitor_hk = found.visitor_hk;
    RETURN answer;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_session_sums(business.site_session_b,integer) -- What a session adds to business.site_rollup_b once it is closed, or takes from it by sign -1. Robots are to be left out.
CREATE OR REPLACE FUNCTION business.site_session_sums(session business.site_session_b, sign integer)
 RETURNS SETOF business.site_rollup_b
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
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
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_session_values(business.site_session_b) -- The dimensions of business.site_rollup_b that sessions are summed by, each with the value that a session has of it.
CREATE OR REPLACE FUNCTION business.site_session_values(session business.site_session_b)
 RETURNS TABLE(dimension character varying, value text)
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
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
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_sessions(bytea,timestamp with time zone,timestamp with time zone) -- The sessions that began in a period.
CREATE OR REPLACE FUNCTION business.site_sessions(tenant bytea, from_at timestamp with time zone, to_at timestamp with time zone)
 RETURNS SETOF business.site_session_b
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
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
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_sessions_at_step(bytea,jsonb,timestamp with time zone,timestamp with time zone,jsonb,jsonb) -- The sessions behind a step of a funnel. Errors: ST400.
CREATE OR REPLACE FUNCTION business.site_sessions_at_step(tenant bytea, steps jsonb, from_at timestamp with time zone, to_at timestamp with time zone, filters jsonb, options jsonb)
 RETURNS bytea[]
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET enable_nestloop TO 'off'
AS $function$
#variable_conflict use_column
DECLARE
    at_step CONSTANT integer := coalesce((options -> 'step')::integer, jsonb_array_length(steps));
    has_left CONSTANT boolean := coalesce(options ->> 'outcome', 'reached') = 'left';
    found bytea[];
BEGIN
    IF at_step > jsonb_array_length(steps) OR has_left AND at_step = 1 THEN
        PERFORM business.site_argument_error('step', 'A step of the funnel; before the first one nobody leaves.');
    END IF;
    WITH ways AS MATERIALIZED (
        SELECT *
        FROM business.site_funnel_ways(
            tenant, steps, from_at, to_at, (options -> 'window_minutes')::integer * INTERVAL '1 minute', filters,
            coalesce((options -> 'include_bots')::boolean, false))
    ),
    taken AS (
        SELECT visitor_hk, event_timestamp
        FROM ways
        WHERE step = at_step - has_left::integer
            AND NOT (has_left AND visitor_hk IN (SELECT visitor_hk FROM ways WHERE step = at_step))
    )
    SELECT coalesce(array_agg(DISTINCT session_hk), '{}')
    INTO found
    FROM (
        -- Where two of a visitor meet in one instant it is the later one's.
        SELECT DISTINCT ON (taken.visitor_hk, taken.event_timestamp) sessions.session_hk
        FROM taken
        JOIN business.site_sessions(tenant, from_at - INTERVAL '7 days', to_at) AS sessions
            ON sessions.visitor_hk = taken.visitor_hk
            AND taken.event_timestamp BETWEEN sessions.session_start AND sessions.session_end
        ORDER BY taken.visitor_hk, taken.event_timestamp, sessions.session_start DESC, sessions.session_hk
    ) AS sessions_of_steps;
    RETURN found;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_sessions_by_events(bytea,timestamp with time zone,timestamp with time zone,timestamp with time zone,jsonb,jsonb) -- The sessions, of those that began in a period and pass filters, that have events of all that is asked for, by the events themselves, which are read from an instant on.
CREATE OR REPLACE FUNCTION business.site_sessions_by_events(tenant bytea, from_at timestamp with time zone, to_at timestamp with time zone, read_from timestamp with time zone, to_read jsonb, asked jsonb)
 RETURNS SETOF bytea
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
DECLARE
    asked_names CONSTANT text[] := ARRAY(SELECT jsonb_object_keys(asked));
    -- No session is longer than a week.
    last_at CONSTANT timestamptz := to_at + INTERVAL '7 days';
BEGIN
    RETURN QUERY
    WITH events AS MATERIALIZED (
        SELECT chosen.session_hk, chosen.event_timestamp, chosen.event_hk, details.evt_type, details.properties
        FROM business.site_session_events(tenant, read_from, to_at, to_read, true) AS chosen
        JOIN business.site_event_details_s AS details
            ON details.event_timestamp = chosen.event_timestamp AND details.event_hk = chosen.event_hk
        WHERE details.event_timestamp >= read_from AND details.event_timestamp < last_at
    ),
    asked_items AS MATERIALIZED (
        SELECT name, business.site_items_asked(tenant, asked, name) AS items
        FROM unnest(asked_names) AS name
        WHERE name IN ('item', 'item_category', 'item_brand', 'item_type')
    ),
    met AS (
        SELECT 'event' AS filter, events.session_hk
        FROM events
        WHERE asked ? 'event' AND asked -> 'event' ? events.evt_type
        UNION ALL
        SELECT 'experiment', events.session_hk
        FROM events
        WHERE asked ? 'experiment'
            AND asked -> 'experiment' ? (business.site_variant(events.evt_type, events.properties)).name
        UNION ALL
        SELECT 'page', events.session_hk
        FROM events
        JOIN business.event_page_l AS pages
            ON pages.event_timestamp = events.event_timestamp AND pages.event_hk = events.event_hk
        WHERE asked ? 'page'
            AND events.evt_type = 'page_view'
            AND pages.event_timestamp >= read_from
            AND pages.event_timestamp < last_at
            AND pages.page_hk = ANY (business.site_filter_keys(tenant, asked, 'page'))
        UNION ALL
        SELECT asked_items.name, events.session_hk
        FROM events
        JOIN business.event_business_item_l AS links
            ON links.event_timestamp = events.event_timestamp AND links.event_hk = events.event_hk
        JOIN asked_items ON business.site_short_key(links.business_item_hk) = ANY (asked_items.items)
        WHERE links.event_timestamp >= read_from AND links.event_timestamp < last_at
        UNION ALL
        SELECT name, events.session_hk
        FROM events
        JOIN unnest(asked_names) AS name ON name LIKE 'property:%'
        WHERE asked -> name ? (events.properties ->> substr(name, 10))
        UNION ALL
        SELECT 'goal', goals.session_hk
        FROM business.site_goal_events(tenant, read_from, to_at, to_read, true) AS goals
        WHERE asked ? 'goal' AND asked -> 'goal' ? goals.goal
    )
    SELECT met.session_hk
    FROM met
    GROUP BY met.session_hk
    HAVING count(DISTINCT met.filter) = cardinality(asked_names);
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_sessions_by_path(bytea,timestamp with time zone,timestamp with time zone,jsonb) -- The closed sessions of a period that have events of all that filters ask for, properties aside.
CREATE OR REPLACE FUNCTION business.site_sessions_by_path(tenant bytea, from_at timestamp with time zone, to_at timestamp with time zone, asked jsonb)
 RETURNS SETOF bytea
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_custom_plan'
AS $function$
DECLARE
    filters CONSTANT jsonb := business.site_path_filters(tenant, asked);
BEGIN
    RETURN QUERY
    SELECT session_hk
    FROM business.site_session_path_b AS paths
    WHERE tenant_hk = tenant
        AND key_start >= from_at - INTERVAL '1 millisecond'
        AND key_start < to_at
        AND session_start >= from_at
        AND session_start < to_at
        AND business.site_path_passes(paths, filters)
        AND (NOT asked ? 'experiment' OR session_hk IN (
            SELECT shown.session_hk
            FROM business.site_session_variant_b AS shown
            WHERE shown.tenant_hk = tenant
                AND shown.key_start >= from_at - INTERVAL '1 millisecond'
                AND shown.key_start < to_at
                AND asked -> 'experiment' ? (shown.experiment_id || ':' || shown.variant_id)));
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_sessions_named(jsonb,text) -- The sessions that resolved filters name: among those that pass by their events or scores, closed_sessions that pass by all.
CREATE OR REPLACE FUNCTION business.site_sessions_named(filters jsonb, field text)
 RETURNS bytea[]
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
    SELECT array_agg(substr(listed.keys, place, 32))
    FROM (SELECT decode(filters ->> field, 'hex') AS keys OFFSET 0) AS listed
    CROSS JOIN LATERAL generate_series(1, length(listed.keys), 32) AS place
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_sessions_opted(bytea,timestamp with time zone,timestamp with time zone,boolean) -- The sessions that began in a period with an event whose sender objects to sale or sharing, or those of whose events none does.
CREATE OR REPLACE FUNCTION business.site_sessions_opted(tenant bytea, from_at timestamp with time zone, to_at timestamp with time zone, opted_out boolean)
 RETURNS bytea[]
 LANGUAGE sql
 STABLE PARALLEL SAFE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT coalesce(array_agg(told.session_hk), '{}')
    FROM (
        SELECT links.session_hk, bool_or(business.site_opted_out(arrived.payload)) AS any_out,
            bool_or(arrived.payload IS NULL) AS any_gone
        FROM business.event_session_l AS links
        LEFT JOIN raw.site_tracking_events_r AS arrived
            ON arrived.event_timestamp = links.event_timestamp
            AND arrived.event_hk = links.event_hk
            AND arrived.event_timestamp >= from_at
            AND arrived.event_timestamp < to_at + INTERVAL '7 days'
        WHERE links.tenant_hk = tenant
            AND links.event_timestamp >= from_at
            AND links.event_timestamp < to_at + INTERVAL '7 days'
        GROUP BY links.session_hk
    ) AS told
    WHERE CASE WHEN opted_out THEN told.any_out ELSE NOT (told.any_out OR told.any_gone) END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_set_goals(bytea,jsonb) -- Makes a version of a tenant's settings with other goals. Errors: ST400.
CREATE OR REPLACE FUNCTION business.site_set_goals(tenant bytea, goals jsonb)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    settings auth.tenant_site_tracking_s;
BEGIN
    IF jsonb_typeof(goals) <> 'array' OR jsonb_array_length(goals) > 50 OR EXISTS (
        SELECT FROM jsonb_array_elements(goals) AS goal
        WHERE jsonb_typeof(goal) <> 'string' OR length(goal #>> '{}') NOT BETWEEN 1 AND 200
    ) THEN
        PERFORM business.site_argument_error('goals', 'An array of at most 50 event types.');
    END IF;
    SELECT * INTO settings
    FROM auth.tenant_site_tracking_s
    WHERE tenant_hk = tenant
    ORDER BY load_date DESC
    LIMIT 1;
    settings.tenant_hk := tenant;
    settings.load_date := greatest(clock_timestamp(), settings.load_date + INTERVAL '1 microsecond');
    settings.goal_event_types := ARRAY(SELECT DISTINCT jsonb_array_elements_text(goals) ORDER BY 1);
    settings.hash_diff := sha256(convert_to(
        (to_jsonb(settings) - '{tenant_hk,load_date,hash_diff,record_source}'::text[])::text, 'UTF8'));
    settings.record_source := 'api.change_settings';
    INSERT INTO auth.tenant_site_tracking_s SELECT (settings).*;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_settings(bytea) -- The data of api.get_settings.
CREATE OR REPLACE FUNCTION business.site_settings(tenant bytea)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
    RETURN jsonb_build_object(
        'timezone', business.site_time_zone(tenant, '{}'),
        'goals', to_jsonb(business.site_goals(tenant)),
        'named_goals', (
            SELECT coalesce(jsonb_agg(jsonb_build_object('name', name) || content ORDER BY name), '[]')
            FROM business.site_saved(tenant, 'GOAL')
        ),
        'segments', (
            SELECT coalesce(jsonb_agg(jsonb_build_object('name', name, 'filters', content) ORDER BY name), '[]')
            FROM business.site_saved(tenant, 'SEGMENT')
        ),
        'annotations', (
            SELECT coalesce(jsonb_agg(content ORDER BY content ->> 'day', name), '[]')
            FROM business.site_saved(tenant, 'ANNOTATION')
        ),
        'links', (
            SELECT coalesce(jsonb_agg(jsonb_build_object(
                    'name', name, 'filters', content, 'has_password', has_password,
                    'made_at', business.site_utc(load_date), 'expires_at', business.site_utc(expires_at))
                ORDER BY name), '[]')
            FROM business.site_saved(tenant, 'LINK')
            WHERE expires_at > now()
        ),
        'alerts', business.site_alert_states(tenant));
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_short_key(bytea) -- The first eight bytes of a hash key, by which bridges name pages, items and visitors where they are many.
CREATE OR REPLACE FUNCTION business.site_short_key(hash_key bytea)
 RETURNS bigint
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$ SELECT ('x' || encode(substr(hash_key, 1, 8), 'hex'))::bit(64)::bigint $function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_shown_variants(business.site_session_b[],bytea[],timestamp with time zone[]) -- The rows of business.site_session_variant_b that sessions make, by the instants at which their paths tell exposures, each with its session.
CREATE OR REPLACE FUNCTION business.site_shown_variants(sessions business.site_session_b[], in_sessions bytea[], instants timestamp with time zone[])
 RETURNS SETOF business.site_session_variant_b
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_custom_plan'
 SET enable_hashjoin TO 'on'
 SET enable_nestloop TO 'off'
 SET jit TO 'off'
AS $function$
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
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_starts_apart(bytea,timestamp with time zone,timestamp with time zone,timestamp with time zone) -- When closed sessions began that are not wholly of a period that has events of them, or have very many events.
CREATE OR REPLACE FUNCTION business.site_starts_apart(tenant bytea, starts_at timestamp with time zone, from_at timestamp with time zone, to_at timestamp with time zone)
 RETURNS SETOF timestamp with time zone
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT key_start
    FROM business.site_session_path_b
    WHERE tenant_hk = tenant
        AND key_start >= starts_at - INTERVAL '1 millisecond'
        AND key_start < from_at
        AND session_end >= from_at
        AND length(types) <= 600
    UNION
    SELECT key_start
    FROM business.site_session_path_b
    WHERE tenant_hk = tenant
        AND key_start >= greatest(from_at, to_at - INTERVAL '7 days 1 millisecond')
        AND key_start < to_at
        AND session_end >= to_at
        AND length(types) <= 600
    UNION
    SELECT key_start
    FROM business.site_session_path_b
    WHERE tenant_hk = tenant
        AND key_start >= starts_at - INTERVAL '1 millisecond'
        AND key_start < to_at
        AND length(types) > 600
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_starts_found(jsonb) -- When the closed_sessions that resolved filters name began, to the millisecond.
CREATE OR REPLACE FUNCTION business.site_starts_found(filters jsonb)
 RETURNS timestamp with time zone[]
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
    SELECT array_agg(timestamptz 'epoch' + micros * INTERVAL '1 microsecond' ORDER BY place)
    FROM unnest((filters ->> 'closed_starts')::bigint[]) WITH ORDINALITY AS starts (micros, place)
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_starts_of_key(text) -- When a session may have begun, by its key: one of the two.
CREATE OR REPLACE FUNCTION business.site_starts_of_key(session_bk text)
 RETURNS timestamp with time zone[]
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
    SELECT ARRAY[
        timestamptz 'epoch'
            + (regexp_match(session_bk, '\.([0-9]{1,15})$'))[1]::bigint * INTERVAL '1 millisecond',
        timestamptz 'epoch'
            + (regexp_match(session_bk, '\.([0-9]{1,15})\.[0-9]{1,5}$'))[1]::bigint * INTERVAL '1 millisecond']
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_steps_in_order(text,text[]) -- How many of at most ten steps the types of events take one after the other, by the patterns of the first step, the first two, and so on.
CREATE OR REPLACE FUNCTION business.site_steps_in_order(types text, ways text[])
 RETURNS integer
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
    SELECT CASE
        WHEN types NOT LIKE ways[1] THEN 0
        WHEN types NOT LIKE ways[2] THEN 1
        WHEN types NOT LIKE ways[3] THEN 2
        WHEN types NOT LIKE ways[4] THEN 3
        WHEN types NOT LIKE ways[5] THEN 4
        WHEN types NOT LIKE ways[6] THEN 5
        WHEN types NOT LIKE ways[7] THEN 6
        WHEN types NOT LIKE ways[8] THEN 7
        WHEN types NOT LIKE ways[9] THEN 8
        WHEN types NOT LIKE ways[10] THEN 9
        ELSE cardinality(ways) END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_sum_written_events(bigint[],bytea[]) -- Sums those of the given events that this transaction wrote, with the microseconds since the epoch at which they happened; to be called in that transaction, for a loader that does not know which of them were there before.
CREATE OR REPLACE PROCEDURE business.site_sum_written_events(IN event_micros bigint[], IN event_hks bytea[])
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_seqscan TO 'off'
 SET jit TO 'off'
AS $procedure$
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
$procedure$

    GRANTS {site_tracking_owner=X/site_tracking_owner,site_tracking_loader=X/site_tracking_owner}

FUNCTION business.site_summed_returns(bytea,timestamp with time zone[],timestamp with time zone,text) -- How many visitors of each cohort came in its interval and so many later, by business.site_cohort_b.
CREATE OR REPLACE FUNCTION business.site_summed_returns(tenant bytea, starts timestamp with time zone[], to_at timestamp with time zone, zone text)
 RETURNS TABLE(cohort integer, later integer, visitors numeric)
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
DECLARE
    days CONSTANT date[] := ARRAY(
        SELECT (instant AT TIME ZONE zone)::date
        FROM unnest(starts) WITH ORDINALITY AS intervals (instant, number)
        ORDER BY number);
    day_after CONSTANT date := (to_at AT TIME ZONE zone)::date;
BEGIN
    RETURN QUERY
    SELECT cohort, number - cohort, sum(visitors)
    FROM (
        SELECT
            width_bucket(first_day, days) AS cohort, width_bucket(day, days) AS number, previous_day,
            sum(visitors) AS visitors
        FROM business.site_cohort_b
        WHERE tenant_hk = tenant AND first_day >= days[1] AND first_day < day_after AND day < day_after
        GROUP BY 1, 2, 3
    ) AS came
    -- Once in an interval.
    WHERE previous_day < days[number]
    GROUP BY cohort, number;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_summed_sessions(bytea,bytea[]) -- Those of the given sessions that count in rollups, or beside them while they are open; robots do not.
CREATE OR REPLACE FUNCTION business.site_summed_sessions(tenant bytea, sessions bytea[])
 RETURNS business.site_session_b[]
 LANGUAGE sql
 STABLE PARALLEL SAFE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT array_agg(held)
    FROM business.site_session_h AS hubs
    CROSS JOIN LATERAL (
        SELECT timestamptz 'epoch'
            + substring(hubs.session_bk FROM '\.(-?[0-9]+)(?:\.[0-9]{1,5})?$')::bigint * INTERVAL '1 millisecond' AS at
    ) AS starts
    CROSS JOIN LATERAL business.site_sessions(tenant, starts.at, starts.at + INTERVAL '1 millisecond') AS held
    WHERE hubs.session_hk = ANY (sessions) AND held.session_hk = hubs.session_hk AND NOT held.is_bot
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_sums_less(business.site_rollup_b[],business.site_rollup_b[]) -- What the first rows have beyond the second ones, key by key.
CREATE OR REPLACE FUNCTION business.site_sums_less(more business.site_rollup_b[], less business.site_rollup_b[])
 RETURNS business.site_rollup_b[]
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT ARRAY(
        SELECT ROW(
            tenant_hk, dimension, bucket_start, value_key, currency, value, sum(sign * visits), sum(sign * bounces),
            sum(sign * bounceable), sum(sign * converted), sum(sign * page_views), sum(sign * events),
            sum(sign * conversions), sum(sign * duration_seconds), sum(sign * engaged_seconds), sum(sign * quantity),
            sum(sign * refunded_quantity), sum(sign * revenue), sum(sign * refunds))::business.site_rollup_b
        FROM (SELECT 1 AS sign, * FROM unnest(more) UNION ALL SELECT -1, * FROM unnest(less)) AS signed
        GROUP BY tenant_hk, dimension, bucket_start, value_key, currency, value
        HAVING (
            sum(sign * visits), sum(sign * bounces), sum(sign * bounceable), sum(sign * converted),
            sum(sign * page_views), sum(sign * events), sum(sign * conversions), sum(sign * duration_seconds),
            sum(sign * engaged_seconds), sum(sign * quantity), sum(sign * refunded_quantity), sum(sign * revenue),
            sum(sign * refunds)
        ) <> (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_sums_of_sessions(bytea,timestamp with time zone,timestamp with time zone,jsonb,boolean,boolean,timestamp with time zone,timestamp with time zone) -- Sums by each value of each dimension, of the sessions that pass the filters, or, beside the rollup of whole days, of what it has too little or, with less than nothing, too much.
CREATE OR REPLACE FUNCTION business.site_sums_of_sessions(tenant bytea, from_at timestamp with time zone, to_at timestamp with time zone, filters jsonb, include_bots boolean, is_rolled boolean, days_from timestamp with time zone, days_to timestamp with time zone)
 RETURNS TABLE(dimension character varying, currency text, value text, visits bigint, bounces bigint, bounceable bigint, converted bigint, page_views bigint, conversions bigint, duration_seconds bigint, revenue numeric, refunds numeric)
 LANGUAGE plpgsql
 STABLE ROWS 10000
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
BEGIN
    -- RETURN QUERY, as no SELECT INTO has parallel workers.
    RETURN QUERY
    WITH loose AS MATERIALIZED (
        SELECT
            told.sign, told.entry_page_url, told.exit_page_url, told.channel,
            coalesce(told.utm_source, told.referrer_host) AS source, told.utm_campaign, told.device_type,
            told.browser, told.os, told.country, told.is_bounce, told.conversions, told.page_views,
            told.duration_seconds, told.revenue, told.refunds
        FROM (
            -- Closed and open ones each by themselves: of rows that are put together first all columns would be.
            SELECT 1 AS sign, sessions.*
            FROM business.site_filtered_closed(tenant, from_at, to_at, filters, include_bots) AS sessions
            WHERE NOT is_rolled
            UNION ALL
            SELECT 1, sessions.*
            FROM business.site_found_closed(tenant, from_at, to_at, filters, include_bots) AS sessions
            WHERE NOT is_rolled
            UNION ALL
            SELECT 1, sessions.*
            FROM business.site_filtered_open(tenant, from_at, to_at, filters, include_bots) AS sessions
            WHERE NOT is_rolled
            UNION ALL
            SELECT rests.sign, sessions.*
            FROM business.site_rests(from_at, to_at, days_from, days_to) AS rests
            CROSS JOIN LATERAL business.site_sessions(tenant, rests.starts_at, rests.ends_at) AS sessions
            WHERE is_rolled AND NOT sessions.is_bot
            UNION ALL
            -- Open sessions are not in the rollup.
            SELECT 1, sessions.*
            FROM business.site_open_sessions(tenant, days_from, days_to) AS sessions
            WHERE NOT sessions.is_bot
        ) AS told
    ),
    -- In one pass over the sessions. What hangs together makes few groups, of which the sums by each are made.
    grouped AS MATERIALIZED (
        SELECT
            grouping(entry_page_url, exit_page_url, channel, device_type) AS others,
            coalesce(entry_page_url, exit_page_url) AS url, channel, source, utm_campaign, device_type, browser, os,
            country,
            sum(sign) AS visits,
            sum(sign * coalesce(is_bounce, false)::integer) AS bounces,
            sum(sign * (is_bounce IS NOT NULL)::integer) AS bounceable,
            sum(sign * (conversions > 0)::integer) AS converted,
            sum(sign * page_views) AS page_views,
            sum(sign * conversions) AS conversions,
            sum(sign * duration_seconds)::bigint AS duration_seconds
        FROM loose
        GROUP BY GROUPING SETS (
            (entry_page_url), (exit_page_url), (channel, source, utm_campaign), (device_type, browser, os, country))
    )
    -- The values as in business.site_session_values.
    SELECT
        CASE others WHEN b'0111'::integer THEN 'entry_pages' ELSE 'exit_pages' END::varchar(20), '', url, visits,
        bounces, bounceable, converted, page_views, conversions, duration_seconds, 0::numeric, 0::numeric
    FROM grouped
    WHERE others IN (b'0111'::integer, b'1011'::integer)
    UNION ALL
    SELECT
        CASE 0
            WHEN grouping(channel) THEN 'channels'
            WHEN grouping(source) THEN 'sources'
            WHEN grouping(utm_campaign) THEN 'campaigns'
        END,
        '', coalesce(channel, source, utm_campaign), sum(visits)::bigint, sum(bounces)::bigint,
        sum(bounceable)::bigint, sum(converted)::bigint, sum(page_views)::bigint, sum(conversions)::bigint,
        sum(duration_seconds)::bigint, 0, 0
    FROM grouped
    WHERE others = b'1101'::integer
    GROUP BY GROUPING SETS ((channel), (source), (utm_campaign))
    UNION ALL
    SELECT
        CASE 0
            WHEN grouping(device_type) THEN 'devices'
            WHEN grouping(browser) THEN 'browsers'
            WHEN grouping(os) THEN 'operating_systems'
            WHEN grouping(country) THEN 'countries'
        END,
        '', coalesce(device_type, browser, os, country), sum(visits)::bigint, sum(bounces)::bigint,
        sum(bounceable)::bigint, sum(converted)::bigint, sum(page_views)::bigint, sum(conversions)::bigint,
        sum(duration_seconds)::bigint, 0, 0
    FROM grouped
    WHERE others = b'1110'::integer
    GROUP BY GROUPING SETS ((device_type), (browser), (os), (country))
    UNION ALL
    -- Few sessions have money. The row without a currency is the one that counts, as in business.site_session_sums.
    SELECT
        CASE 0
            WHEN grouping(entry_page_url) THEN 'entry_pages'
            WHEN grouping(exit_page_url) THEN 'exit_pages'
            WHEN grouping(channel) THEN 'channels'
            WHEN grouping(source) THEN 'sources'
            WHEN grouping(utm_campaign) THEN 'campaigns'
            WHEN grouping(device_type) THEN 'devices'
            WHEN grouping(browser) THEN 'browsers'
            WHEN grouping(os) THEN 'operating_systems'
            WHEN grouping(country) THEN 'countries'
        END,
        currency,
        coalesce(
            entry_page_url, exit_page_url, channel, source, utm_campaign, device_type, browser, os, country),
        0, 0, 0, 0, 0, 0, 0, sum(revenue), sum(refunds)
    FROM (
        SELECT
            loose.entry_page_url, loose.exit_page_url, loose.channel, loose.source, loose.utm_campaign,
            loose.device_type, loose.browser, loose.os, loose.country, money.currency,
            loose.sign * money.revenue AS revenue, loose.sign * money.refunds AS refunds
        FROM loose
        CROSS JOIN LATERAL business.site_money(loose.revenue, loose.refunds) AS money
        WHERE loose.revenue IS NOT NULL OR loose.refunds IS NOT NULL
    ) AS amounts
    GROUP BY currency, GROUPING SETS (
        (entry_page_url), (exit_page_url), (channel), (source), (utm_campaign), (device_type), (browser), (os),
        (country));
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_time_zone(bytea,jsonb) -- The time zone asked for, else the tenant's, else UTC, also where the tenant's is none: an IANA name with a slash, UTC or GMT, in any case of letters. Errors: ST400 for another one asked for.
CREATE OR REPLACE FUNCTION business.site_time_zone(tenant bytea, options jsonb)
 RETURNS text
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    asked CONSTANT text := options ->> 'timezone';
    zone CONSTANT text := coalesce(
        asked,
        (
            SELECT time_zone
            FROM auth.tenant_site_tracking_s
            WHERE tenant_hk = tenant
            ORDER BY load_date DESC
            LIMIT 1
        ),
        'UTC');
BEGIN
    IF zone !~* '^(utc|gmt|etc/gmt([+-]?[0-9]|[+-]1[0-2]|-1[34])|(?!posix/|right/)[a-z_]+(/[a-z_-]+){1,2})$' THEN
        RAISE invalid_parameter_value;
    END IF;
    PERFORM now() AT TIME ZONE zone;
    RETURN zone;
EXCEPTION
    WHEN invalid_parameter_value THEN
        -- The job takes a tenant's setting that is none as UTC, too.
        IF asked IS NULL THEN
            RETURN 'UTC';
        END IF;
        PERFORM business.site_argument_error('timezone', 'The name of an IANA time zone.');
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_told_paths(bytea,timestamp with time zone,timestamp with time zone,jsonb,boolean,timestamp with time zone[],bytea[],business.site_session_b[]) -- What happened in the sessions that business.site_chosen_sessions gave by these filters, event by event.
CREATE OR REPLACE FUNCTION business.site_told_paths(tenant bytea, from_at timestamp with time zone, to_at timestamp with time zone, filters jsonb, include_bots boolean, starts timestamp with time zone[], sessions bytea[], opened business.site_session_b[])
 RETURNS TABLE(session_hk bytea, visitor_hk bytea, key_start timestamp with time zone, codes text[], offsets bigint[], pages bigint[], items bigint[], item_places integer[])
 LANGUAGE sql
 STABLE PARALLEL SAFE ROWS 100000
AS $function$
    SELECT
        paths.session_hk, paths.visitor_hk, paths.key_start, string_to_array(paths.types, NULL), paths.offsets,
        paths.pages, paths.items, paths.item_places
    FROM business.site_closed_paths(tenant, from_at, to_at, filters, include_bots, starts, sessions) AS paths
    UNION ALL
    SELECT
        linked.session_hk, open_ones.visitor_hk, open_ones.key_start, coded.codes, linked.offsets, linked.pages,
        linked.items, linked.item_places
    FROM business.site_linked_paths(opened) AS linked
    JOIN unnest(opened) AS open_ones ON open_ones.session_hk = linked.session_hk
    CROSS JOIN LATERAL (
        SELECT array_agg(coalesce(known.code, 'type:' || told.evt_type) ORDER BY told.place) AS codes
        FROM unnest(linked.types) WITH ORDINALITY AS told (evt_type, place)
        LEFT JOIN business.site_event_type_b AS known
            ON known.tenant_hk = tenant AND known.evt_type = told.evt_type
    ) AS coded
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_told_properties(bytea,timestamp with time zone,timestamp with time zone,jsonb,boolean,text) -- The properties that events of the sessions that began in a period and pass the filters have, by name, or the values of the one given, each with the session.
CREATE OR REPLACE FUNCTION business.site_told_properties(tenant bytea, from_at timestamp with time zone, to_at timestamp with time zone, filters jsonb, include_bots boolean, property text)
 RETURNS TABLE(value text, session_hk bytea)
 LANGUAGE plpgsql
 STABLE ROWS 100000
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET enable_nestloop TO 'off'
AS $function$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH within AS MATERIALIZED (
        SELECT
            links.event_timestamp, links.event_hk, sessions.session_hk, sessions.session_start, sessions.session_end,
            details.properties
        FROM business.site_event_details_s AS details
        JOIN business.event_session_l AS links
            ON links.event_timestamp = details.event_timestamp AND links.event_hk = details.event_hk
        JOIN business.site_filtered_sessions(tenant, from_at, to_at, filters, include_bots) AS sessions
            ON sessions.session_hk = links.session_hk
            AND links.event_timestamp BETWEEN sessions.session_start AND sessions.session_end
        WHERE details.tenant_hk = tenant
            AND details.properties <> '{}'
            AND (property IS NULL OR details.properties ? property)
            -- No session is longer than a week.
            AND details.event_timestamp >= from_at
            AND details.event_timestamp < to_at + INTERVAL '7 days'
            AND links.tenant_hk = tenant
            AND links.event_timestamp >= from_at
            AND links.event_timestamp < to_at + INTERVAL '7 days'
    )
    SELECT told.value, within.session_hk
    FROM within
    CROSS JOIN LATERAL (
        SELECT within.properties ->> property AS value WHERE property IS NOT NULL
        UNION ALL
        SELECT jsonb_object_keys(within.properties) WHERE property IS NULL
    ) AS told
    WHERE told.value IS NOT NULL
        AND (within.event_timestamp, within.event_hk, within.session_hk) NOT IN (
            SELECT passed.event_timestamp, passed.event_hk, passed.session_hk
            FROM (
                SELECT
                    array_agg(event_timestamp) AS instants, array_agg(event_hk) AS events,
                    array_agg(session_hk) AS sessions, array_agg(session_start) AS starts
                FROM within
                WHERE event_timestamp = session_end
            ) AS ends
            CROSS JOIN LATERAL business.site_passed_on(ends.instants, ends.events, ends.sessions, ends.starts) AS passed);
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_top_pages_and_items(bytea,timestamp with time zone,timestamp with time zone,jsonb,boolean,text[],integer,business.site_rollup_b[]) -- The pages seen and the items met most often in a period; with filters in the sessions that pass, as business.site_look told where that is given.
CREATE OR REPLACE FUNCTION business.site_top_pages_and_items(tenant bytea, from_at timestamp with time zone, to_at timestamp with time zone, filters jsonb, include_bots boolean, wanted text[], most integer, looked business.site_rollup_b[])
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
DECLARE
    of_pages CONSTANT boolean := 'top_pages' = ANY (wanted);
    of_items CONSTANT boolean := 'items' = ANY (wanted);
    pages jsonb;
    items jsonb;
BEGIN
    WITH sums AS MATERIALIZED (
        SELECT
            dimension, substr(value_key, 1, 8) AS short_key, currency, sum(page_views) AS page_views,
            sum(events) AS events, sum(conversions) AS purchases, sum(quantity) AS quantity,
            sum(refunded_quantity) AS refunded_quantity, sum(revenue) AS revenue, sum(refunds) AS refunds
        FROM (
            SELECT * FROM business.site_event_parts(tenant, from_at, to_at, include_bots, of_pages, of_items)
            WHERE filters = '{}'
            UNION ALL
            SELECT *
            FROM business.site_filtered_parts(tenant, from_at, to_at, filters, include_bots, of_pages, of_items)
            WHERE filters <> '{}' AND looked IS NULL
            UNION ALL
            SELECT * FROM unnest(looked) WHERE dimension IN ('top_pages', 'items')
        ) AS parts
        GROUP BY 1, 2, 3
    ),
    most_seen AS (
        SELECT short_key, page_views
        FROM sums
        WHERE dimension = 'top_pages' AND page_views > 0
        -- More than asked for, as ties are broken by the URL.
        ORDER BY page_views DESC
        FETCH FIRST most ROWS WITH TIES
    ),
    named_pages AS (
        SELECT hubs.page_bk, titles.page_title, most_seen.page_views
        FROM most_seen
        JOIN business.site_page_h AS hubs
            ON hubs.page_hk BETWEEN most_seen.short_key AND business.site_last_key(most_seen.short_key)
            AND hubs.tenant_hk = tenant
        LEFT JOIN LATERAL (
            SELECT page_title
            FROM business.site_page_details_s AS versions
            WHERE versions.page_hk = hubs.page_hk
            ORDER BY event_timestamp DESC, load_date DESC
            LIMIT 1
        ) AS titles ON true
        ORDER BY most_seen.page_views DESC, hubs.page_bk COLLATE "C"
        LIMIT most
    ),
    most_met AS (
        SELECT short_key, events, purchases, quantity, refunded_quantity
        FROM sums
        WHERE dimension = 'items' AND currency = '' AND events > 0
        ORDER BY events DESC
        FETCH FIRST most ROWS WITH TIES
    ),
    named_items AS (
        SELECT most_met.*, hubs.business_item_bk, names.item_name, money.revenue, money.refunds
        FROM most_met
        JOIN business.business_item_h AS hubs
            ON hubs.business_item_hk BETWEEN most_met.short_key AND business.site_last_key(most_met.short_key)
            AND hubs.tenant_hk = tenant
        LEFT JOIN LATERAL (
            SELECT item_name
            FROM business.business_item_details_s AS versions
            WHERE versions.business_item_hk = hubs.business_item_hk
            ORDER BY event_timestamp DESC, load_date DESC
            LIMIT 1
        ) AS names ON true
        LEFT JOIN (
            SELECT
                short_key,
                jsonb_object_agg(currency, trim_scale(revenue)) FILTER (WHERE revenue <> 0) AS revenue,
                jsonb_object_agg(currency, trim_scale(refunds)) FILTER (WHERE refunds <> 0) AS refunds
            FROM sums
            WHERE dimension = 'items' AND currency <> ''
            GROUP BY short_key
        ) AS money ON money.short_key = most_met.short_key
        ORDER BY most_met.events DESC, hubs.business_item_bk COLLATE "C"
        LIMIT most
    )
    SELECT
        (
            SELECT jsonb_agg(
                jsonb_build_object('value', page_bk, 'title', page_title, 'pageviews', page_views)
                ORDER BY page_views DESC, page_bk COLLATE "C")
            FROM named_pages
        ),
        (
            SELECT jsonb_agg(
                jsonb_build_object(
                    'value', business_item_bk,
                    'name', item_name,
                    'events', events,
                    'purchases', purchases,
                    'quantity', trim_scale(quantity),
                    'refunded_quantity', trim_scale(refunded_quantity),
                    'revenue', coalesce(revenue, '{}'),
                    'refunds', coalesce(refunds, '{}'))
                ORDER BY events DESC, business_item_bk COLLATE "C")
            FROM named_items
        )
    INTO pages, items;
    RETURN CASE WHEN 'top_pages' = ANY (wanted)
            THEN jsonb_build_object('top_pages', coalesce(pages, '[]')) ELSE '{}' END
        || CASE WHEN 'items' = ANY (wanted)
            THEN jsonb_build_object('items', coalesce(items, '[]')) ELSE '{}' END;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_trade(text,text,numeric,jsonb) -- Whether an event sells or gives money back. REFUND: all lines of its items are given back, those of that type, and of a purchase or completed step of a negative value without a negative line. RETURN: any other such that is worth less than nothing, by its value, or else price × quantity of its items, whatever their currencies, or else its pieces; its lines are sold or given back as those of a sale. SALE: any other such. NONE: neither.
CREATE OR REPLACE FUNCTION business.site_trade(evt_type text, evt_action text, value numeric, items jsonb)
 RETURNS text
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE
AS $function$
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
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_trade_that_counts(bytea,bytea,text,text,text,numeric,jsonb,boolean) -- As business.site_trade, but NONE where another event counts for the transaction.
CREATE OR REPLACE FUNCTION business.site_trade_that_counts(tenant bytea, event_hk bytea, evt_type text, evt_action text, transaction_id text, value numeric, items jsonb, is_bot boolean)
 RETURNS text
 LANGUAGE plpgsql
 STABLE
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
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
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_traded_sums(bytea,bytea[],timestamp with time zone[],timestamp with time zone[]) -- What the events that sessions had at these instants add to the sums of items, each event once and by the session that it is of.
CREATE OR REPLACE FUNCTION business.site_traded_sums(tenant bytea, sessions bytea[], session_starts timestamp with time zone[], instants timestamp with time zone[])
 RETURNS SETOF business.site_rollup_b
 LANGUAGE plpgsql
 STABLE PARALLEL SAFE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH traded_in AS MATERIALIZED (
        SELECT *
        FROM unnest(sessions, session_starts, instants) AS given (session_hk, session_start, event_timestamp)
    ),
    linked AS MATERIALIZED (
        SELECT links.session_hk, links.event_timestamp, links.event_hk
        FROM (SELECT DISTINCT event_timestamp AS instant FROM traded_in) AS trades
        CROSS JOIN LATERAL (
            SELECT *
            FROM business.event_session_l
            WHERE event_timestamp = trades.instant
            OFFSET 0
        ) AS links
    ),
    -- Apart, so that what was traded in is not looked through for each instant.
    within AS MATERIALIZED (
        SELECT traded_in.session_hk, traded_in.session_start, linked.event_timestamp, linked.event_hk
        FROM linked
        JOIN traded_in
            ON traded_in.event_timestamp = linked.event_timestamp AND traded_in.session_hk = linked.session_hk
    ),
    traded AS MATERIALIZED (
        SELECT DISTINCT event_timestamp, event_hk
        FROM within
        WHERE (event_timestamp, event_hk, session_hk) NOT IN (
            SELECT passed.event_timestamp, passed.event_hk, passed.session_hk
            FROM (
                SELECT
                    array_agg(event_timestamp) AS instants, array_agg(event_hk) AS events,
                    array_agg(session_hk) AS sessions, array_agg(session_start) AS starts
                FROM within
                -- No event has passed on that has one link.
                WHERE (event_timestamp, event_hk) IN (
                    SELECT event_timestamp, event_hk FROM linked GROUP BY event_timestamp, event_hk HAVING count(*) > 1)
            ) AS listed
            CROSS JOIN LATERAL business.site_passed_on(
                listed.instants, listed.events, listed.sessions, listed.starts) AS passed)
    )
    SELECT sums.*
    FROM (
        SELECT
            array_agg(event_timestamp) AS timestamps, array_agg(event_hk) AS keys, min(event_timestamp) AS first_at,
            max(event_timestamp) + INTERVAL '1 microsecond' AS last_at
        FROM traded
    ) AS listed
    CROSS JOIN LATERAL business.site_item_sums(
        tenant, listed.first_at, listed.last_at, true, listed.timestamps, listed.keys) AS sums
    WHERE listed.keys IS NOT NULL;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_transaction_key(bytea,text,boolean) -- The key of a transaction in business.site_order_b. What robots and what people tell of are two, as they are in sessions.
CREATE OR REPLACE FUNCTION business.site_transaction_key(tenant bytea, transaction_id text, is_bot boolean)
 RETURNS bytea
 LANGUAGE sql
 IMMUTABLE
AS $function$
    SELECT sha256(convert_to(
        encode(tenant, 'hex') || CASE WHEN is_bot THEN '!' ELSE '|' END || transaction_id, 'UTF8'))
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_type_of_code(bytea,text) -- The type that business.site_told_paths tells by a code.
CREATE OR REPLACE FUNCTION business.site_type_of_code(tenant bytea, code text)
 RETURNS text
 LANGUAGE sql
 STABLE PARALLEL SAFE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT CASE WHEN $2 LIKE 'type:%' THEN substr($2, 6) ELSE (
        SELECT min(known.evt_type)
        FROM business.site_event_type_b AS known
        WHERE known.tenant_hk = tenant AND known.code = $2) END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_types_within(bytea,text[],timestamp with time zone,timestamp with time zone,timestamp with time zone,jsonb,bytea[],boolean,timestamp with time zone[],boolean) -- The types of the events of a period by closed sessions that have some of the steps, of all visitors or of half of them.
CREATE OR REPLACE FUNCTION business.site_types_within(tenant bytea, steps text[], starts_at timestamp with time zone, from_at timestamp with time zone, to_at timestamp with time zone, filters jsonb, chosen bytea[], include_bots boolean, starts_apart timestamp with time zone[], of_lower_half boolean)
 RETURNS TABLE(visitor bigint, key_start timestamp with time zone, session_end timestamp with time zone, has_ties boolean, types text)
 LANGUAGE sql
 STABLE PARALLEL SAFE ROWS 100000
AS $function$
    -- Nothing but what business.site_session_path_b_types has.
    SELECT visitor, key_start, session_end, has_ties, types
    FROM business.site_session_path_b
    WHERE filters = '{}'
        AND tenant_hk = tenant
        AND key_start >= from_at
        AND key_start < to_at
        AND session_end < to_at
        AND length(types) <= 600
        AND (include_bots OR NOT is_bot)
        AND (of_lower_half IS NULL OR (visitor < 0) = of_lower_half)
        AND types LIKE ANY (steps)
    UNION ALL
    SELECT
        visitor, key_start, session_end, has_ties,
        CASE WHEN key_start >= from_at AND session_end < to_at THEN types ELSE substr(
            types, business.site_events_before(key_start, offsets, from_at) + 1,
            business.site_events_before(key_start, offsets, to_at)
                - business.site_events_before(key_start, offsets, from_at)) END
    FROM business.site_paths_apart(tenant, starts_at, from_at, to_at, filters, chosen, starts_apart)
    WHERE session_end >= from_at
        AND (include_bots OR NOT is_bot)
        AND (of_lower_half IS NULL OR (visitor < 0) = of_lower_half)
        AND types LIKE ANY (steps)
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_utc(timestamp with time zone) -- An instant as answers write it: ISO 8601 in UTC, the fraction as far as needed.
CREATE OR REPLACE FUNCTION business.site_utc(instant timestamp with time zone)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
    SELECT to_char(instant AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS')
        || coalesce('.' || nullif(rtrim(to_char(instant AT TIME ZONE 'UTC', 'US'), '0'), ''), '') || 'Z'
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_value_key(text) -- The number by which bridges know a text; 0 for none. Two texts of a tenant have one number as rarely as two keys agree in 64 bits.
CREATE OR REPLACE FUNCTION business.site_value_key(value text)
 RETURNS bigint
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$ SELECT coalesce(business.site_short_key(sha256(convert_to(value, 'UTF8'))), 0) $function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_value_keys_asked(jsonb,text) -- What a filter asks for as numbers; NULL without it.
CREATE OR REPLACE FUNCTION business.site_value_keys_asked(filters jsonb, field text)
 RETURNS bigint[]
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
    SELECT array_agg(business.site_value_key(value)) FROM jsonb_array_elements_text(filters -> field) AS value
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_value_passes(jsonb,text,bigint) -- As business.site_filter, by business.site_value_key of the value.
CREATE OR REPLACE FUNCTION business.site_value_passes(filters jsonb, field text, value_key bigint)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
    SELECT NOT filters ? field OR value_key = ANY (business.site_value_keys_asked(filters, field))
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_valued_filters(bytea,timestamp with time zone,timestamp with time zone,jsonb) -- Filters that are by value with, in the place of those by events, what paths are compared with, and the open sessions that have such events.
CREATE OR REPLACE FUNCTION business.site_valued_filters(tenant bytea, from_at timestamp with time zone, to_at timestamp with time zone, filters jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    asked CONSTANT jsonb := business.site_event_filters(filters);
    other_filters CONSTANT jsonb := filters - ARRAY(SELECT jsonb_object_keys(asked));
BEGIN
    IF asked = '{}' THEN
        RETURN filters;
    END IF;
    RETURN other_filters || business.site_path_filters(tenant, asked) || jsonb_build_object('open_sessions', (
        SELECT coalesce(string_agg(encode(session_hk, 'hex'), ''), '')
        FROM business.site_open_by_events(tenant, from_at, to_at, other_filters, asked) AS session_hk));
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_values_asked(jsonb,text) -- The texts that a filter asks for.
CREATE OR REPLACE FUNCTION business.site_values_asked(filters jsonb, field text)
 RETURNS text[]
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT ARRAY(SELECT value FROM jsonb_array_elements_text(filters -> field) AS value WHERE value IS NOT NULL)
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_variant(text,jsonb) -- Which variant of an experiment an event says was shown, and by which name filters and breakdowns have it; NULL where it says no such thing.
CREATE OR REPLACE FUNCTION business.site_variant(evt_type text, properties jsonb, OUT experiment_id text, OUT variant_id text, OUT name text)
 RETURNS record
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
    SELECT told.experiment_id, told.variant_id, told.experiment_id || ':' || told.variant_id
    FROM (
        SELECT $2 ->> 'experiment_id' AS experiment_id, $2 ->> 'variant_id' AS variant_id
    ) AS told
    WHERE $1 = 'experiment_exposure'
        AND length(told.experiment_id) BETWEEN 1 AND 200
        AND length(told.variant_id) BETWEEN 1 AND 200
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_variant_visits(bytea,timestamp with time zone,timestamp with time zone,jsonb,boolean,integer) -- Visits in which variants of experiments were shown.
CREATE OR REPLACE FUNCTION business.site_variant_visits(tenant bytea, from_at timestamp with time zone, to_at timestamp with time zone, filters jsonb, include_bots boolean, most integer)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE PARALLEL SAFE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
BEGIN
    RETURN (
        SELECT coalesce(jsonb_agg(to_jsonb(variants) ORDER BY visits DESC, value COLLATE "C"), '[]')
        FROM (
            SELECT
                shown.experiment_id || ':' || shown.variant_id AS value,
                -- Either may have a colon.
                shown.experiment_id AS experiment,
                shown.variant_id AS variant,
                count(DISTINCT sessions.visitor_hk) AS visitors,
                count(*) AS visits,
                sum(sessions.page_views) AS pageviews,
                sum(sessions.conversions) AS conversions,
                business.site_rate(count(*) FILTER (WHERE sessions.conversions > 0), count(*), 4) AS conversion_rate
            FROM business.site_filtered_sessions(tenant, from_at, to_at, filters, include_bots) AS sessions
            JOIN business.site_variants(tenant, from_at, to_at) AS shown ON shown.session_hk = sessions.session_hk
            GROUP BY shown.experiment_id, shown.variant_id
            ORDER BY visits DESC, (shown.experiment_id || ':' || shown.variant_id) COLLATE "C"
            LIMIT most
        ) AS variants);
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_variants(bytea,timestamp with time zone,timestamp with time zone) -- Which variants of experiments were shown in the sessions that began in a period.
CREATE OR REPLACE FUNCTION business.site_variants(tenant bytea, from_at timestamp with time zone, to_at timestamp with time zone)
 RETURNS SETOF business.site_session_variant_b
 LANGUAGE plpgsql
 STABLE ROWS 100000
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    opened CONSTANT business.site_session_b[] := ARRAY(
        SELECT sessions FROM business.site_open_sessions(tenant, from_at, to_at) AS sessions);
    in_sessions bytea[];
    instants timestamptz[];
BEGIN
    RETURN QUERY
    SELECT *
    FROM business.site_session_variant_b
    WHERE tenant_hk = tenant
        AND key_start >= from_at - INTERVAL '1 millisecond'
        AND key_start < to_at
        AND session_start >= from_at
        AND session_start < to_at;
    SELECT array_agg(sessions.session_hk), array_agg(sessions.key_start + events.micros * INTERVAL '1 microsecond')
    INTO in_sessions, instants
    FROM business.site_linked_paths(opened) AS linked
    JOIN unnest(opened) AS sessions ON sessions.session_hk = linked.session_hk
    CROSS JOIN LATERAL unnest(linked.types, linked.offsets) AS events (evt_type, micros)
    WHERE events.evt_type = 'experiment_exposure';
    RETURN QUERY
    SELECT * FROM business.site_shown_variants(opened, in_sessions, instants);
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_visitor_events(bytea,timestamp with time zone,timestamp with time zone,bytea) -- The events of a period that lie in sessions, of one visitor or all, with their visitors; twice where two sessions of a visitor meet in one.
CREATE OR REPLACE FUNCTION business.site_visitor_events(tenant bytea, from_at timestamp with time zone, to_at timestamp with time zone, visitor bytea)
 RETURNS TABLE(event_timestamp timestamp with time zone, event_hk bytea, visitor_hk bytea)
 LANGUAGE plpgsql
 STABLE ROWS 1e+06
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET enable_nestloop TO 'off'
AS $function$
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
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_visitor_journey(bytea,jsonb) -- The data of api.get_visitor_journey. Errors: ST400.
CREATE OR REPLACE FUNCTION business.site_visitor_journey(tenant bytea, given jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
DECLARE
    asked CONSTANT record := business.site_question(
        tenant, given, 365, 'visitor', 'limit', 'cursor', 'include_bots');
    options CONSTANT jsonb := asked.options;
    most CONSTANT integer := coalesce((options -> 'limit')::integer, 100);
    include_bots CONSTANT boolean := coalesce((options -> 'include_bots')::boolean, false);
    after_session CONSTANT record := business.site_event_cursor(options);
    visitor CONSTANT bytea := business.site_hash_key(tenant, options ->> 'visitor');
    sessions business.site_session_b[];
    answer jsonb;
BEGIN
    IF visitor IS NULL THEN
        PERFORM business.site_argument_error('visitor', 'The pseudonym of a visitor, as answers give it.');
    END IF;
    sessions := ARRAY(
        SELECT own
        FROM business.site_sessions(tenant, asked.from_at, asked.to_at) AS own
        WHERE own.visitor_hk = visitor
            AND (include_bots OR NOT own.is_bot)
            AND (after_session.event_timestamp IS NULL
                OR (own.session_start, own.session_hk) > (after_session.event_timestamp, after_session.event_hk))
        ORDER BY own.session_start, own.session_hk
        LIMIT most + 1);
    SELECT asked.head || jsonb_build_object(
        'visitor', options -> 'visitor',
        'sessions', coalesce(jsonb_agg(
            business.site_session_json(listed, hubs.session_bk, NULL) || jsonb_build_object(
                'goals', coalesce(met.goals, '[]'),
                'seconds_since_previous',
                    floor(extract(epoch FROM listed.session_start - listed.previous_start)))
            ORDER BY listed.session_start, listed.session_hk), '[]'),
        'next_cursor', CASE WHEN cardinality(sessions) > most THEN
            (extract(epoch FROM (sessions[most]).session_start) * 1000000)::bigint
                || '-' || encode((sessions[most]).session_hk, 'hex') END)
    INTO answer
    FROM unnest(sessions[:most]) AS listed
    JOIN business.site_session_h AS hubs ON hubs.session_hk = listed.session_hk
    LEFT JOIN business.site_goals_met(tenant, sessions[:most]) AS met ON met.session_hk = listed.session_hk;
    RETURN answer;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_visitor_kind(text) -- Whether a pseudonym stands for a visitor or, where nobody may be recognised, for a single page view.
CREATE OR REPLACE FUNCTION business.site_visitor_kind(visitor_bk text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$ SELECT CASE WHEN visitor_bk LIKE 'anon\_%' THEN 'anonymous' ELSE 'recognised' END $function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_visitor_kinds(bytea,timestamp with time zone,timestamp with time zone,jsonb,boolean,integer) -- Visits of visitors who may be recognised, and page views of others, which count as a visit each.
CREATE OR REPLACE FUNCTION business.site_visitor_kinds(tenant bytea, from_at timestamp with time zone, to_at timestamp with time zone, filters jsonb, include_bots boolean, most integer)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
BEGIN
    RETURN (
        SELECT coalesce(jsonb_agg(to_jsonb(kinds) ORDER BY visits DESC, value), '[]')
        FROM (
            SELECT
                business.site_visitor_kind(visitors.visitor_bk) AS value,
                count(*) AS visits,
                sum(sessions.page_views) AS pageviews,
                sum(sessions.conversions) AS conversions
            FROM business.site_filtered_sessions(tenant, from_at, to_at, filters, include_bots) AS sessions
            JOIN business.site_visitor_h AS visitors ON visitors.visitor_hk = sessions.visitor_hk
            GROUP BY 1
            ORDER BY visits DESC, value
            LIMIT most
        ) AS kinds);
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_visitor_lines(bytea,bytea) -- All that is held of a visitor, or of a user, by the hash key, an object each.
CREATE OR REPLACE FUNCTION business.site_visitor_lines(tenant bytea, visitor bytea)
 RETURNS SETOF jsonb
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_custom_plan'
 SET jit TO 'off'
 SET "TimeZone" TO 'UTC'
AS $function$
DECLARE
    visitors CONSTANT bytea[] := ARRAY(SELECT business.site_visitors_of(tenant, visitor));
BEGIN
    RETURN QUERY
    SELECT jsonb_strip_nulls(jsonb_build_object(
        'kind', 'visitor',
        'visitor_bk', hubs.visitor_bk,
        'known_from', CASE
            WHEN NOT EXISTS (
                SELECT FROM raw.site_tracking_tombstone_r AS tombstones
                WHERE tombstones.tenant_hk = tenant
                    AND tombstones.visitor_hk = hubs.visitor_hk
                    AND tombstones.erased_before > hubs.load_date) THEN business.site_utc(hubs.load_date)
        END))
    FROM business.site_visitor_h AS hubs
    WHERE hubs.visitor_hk = ANY (visitors) AND hubs.tenant_hk = tenant
    ORDER BY hubs.visitor_bk;
    RETURN QUERY
    SELECT jsonb_build_object('kind', 'device') || jsonb_strip_nulls(
        to_jsonb(versions) - '{visitor_hk,tenant_hk,hash_diff,record_source}'::text[])
    FROM business.site_visitor_details_s AS versions
    WHERE versions.visitor_hk = ANY (visitors) AND versions.tenant_hk = tenant
    ORDER BY versions.event_timestamp, versions.load_date;
    RETURN QUERY
    SELECT jsonb_strip_nulls(jsonb_build_object(
        'kind', 'user',
        'visitor_bk', hubs.visitor_bk,
        'user_hk', CASE
            WHEN seen.user_hk <> business.site_nobody(tenant, seen.visitor_hk) THEN encode(seen.user_hk, 'hex')
        END,
        'seen_at', business.site_utc(seen.load_date)))
    FROM business.site_user_visitor_b AS seen
    LEFT JOIN business.site_visitor_h AS hubs ON hubs.visitor_hk = seen.visitor_hk
    WHERE seen.tenant_hk = tenant AND (seen.user_hk = visitor OR seen.visitor_hk = ANY (visitors))
    ORDER BY hubs.visitor_bk, seen.user_hk;
    RETURN QUERY
    SELECT jsonb_build_object('kind', 'session') || jsonb_strip_nulls(
        to_jsonb(version) - '{session_hk,visitor_hk,tenant_hk,hash_diff,record_source,rules_version}'::text[])
    FROM business.site_session_b AS bridged
    CROSS JOIN LATERAL business.site_latest_version(bridged.tenant_hk, bridged.key_start, bridged.session_hk) AS version
    WHERE bridged.tenant_hk = tenant AND bridged.visitor_hk = ANY (visitors)
    ORDER BY bridged.session_start;
    -- Without the sessions that they became, which may be others'.
    RETURN QUERY
    SELECT jsonb_build_object('kind', 'former_session') || jsonb_strip_nulls(
        to_jsonb(versions)
        - '{session_hk,visitor_hk,tenant_hk,hash_diff,record_source,rules_version}'::text[]
        - '{predecessor_session_bk,successor_session_bks}'::text[])
    FROM business.site_session_details_s AS versions
    CROSS JOIN LATERAL business.site_latest_version(
        tenant, date_trunc('milliseconds', versions.session_start), versions.session_hk) AS latest
    WHERE versions.tenant_hk = tenant
        AND versions.visitor_hk = ANY (visitors)
        AND (latest.session_status = 'SUPERSEDED'
            OR (latest.session_start, latest.load_date) <> (versions.session_start, versions.load_date))
    ORDER BY versions.session_start, versions.load_date;
    RETURN QUERY
    SELECT DISTINCT
        jsonb_build_object('kind', 'item', 'item_id', items.business_item_bk)
    FROM business.visitor_business_item_l AS links
    JOIN business.business_item_h AS items ON items.business_item_hk = links.business_item_hk
    WHERE links.visitor_hk = ANY (visitors) AND links.tenant_hk = tenant
    ORDER BY 1;
    RETURN QUERY
    SELECT jsonb_strip_nulls(jsonb_build_object(
        'kind', 'score', 'model', scores.model, 'model_version', scores.model_version, 'session_bk', hubs.session_bk,
        'as_of', business.site_utc(scores.as_of), 'score', scores.score))
    FROM raw.site_tracking_score_s AS scores
    LEFT JOIN business.site_session_h AS hubs ON scores.is_of_session AND hubs.session_hk = scores.subject_hk
    WHERE scores.visitor_hk = ANY (visitors) AND scores.tenant_hk = tenant
    ORDER BY scores.model, scores.as_of, scores.subject_hk, scores.model_version;
    RETURN QUERY
    SELECT jsonb_build_object('kind', 'objection', 'visitor_bk', hubs.visitor_bk, 'objected_on', objections.objected_on)
    FROM raw.site_tracking_objection_r AS objections
    JOIN business.site_visitor_h AS hubs ON hubs.visitor_hk = objections.visitor_hk
    WHERE objections.visitor_hk = ANY (visitors) AND objections.tenant_hk = tenant
    ORDER BY hubs.visitor_bk;
    RETURN QUERY
    SELECT
        jsonb_strip_nulls(jsonb_build_object(
            'kind', 'event',
            'occurred_at', business.site_utc(keys.event_timestamp),
            'received_at', business.site_utc(arrived.received_at),
            'user_agent', arrived.user_agent,
            'ip_network', arrived.ip_network,
            'country', coalesce(arrived.country, staged.country),
            'region', coalesce(arrived.region, staged.region),
            'opted_out', business.site_opted_out(arrived.payload),
            'enriched', to_jsonb(staged)
                - '{event_timestamp,load_date,first_appended_at,event_hk,tenant_hk,visitor_hk,user_hk,page_hk}'::text[]
                - '{evt_type,country,region,record_source}'::text[]))
        || jsonb_build_object('event', coalesce(
            arrived.payload::jsonb, business.site_contract_event(details, pages.page_bk)))
    FROM business.site_events_of_visitors(
        tenant, visitors, array_fill(timestamptz 'infinity', ARRAY[cardinality(visitors)]), '-infinity', 'infinity') AS keys
    JOIN business.site_event_details_s AS details
        ON details.event_timestamp = keys.event_timestamp AND details.event_hk = keys.event_hk
    LEFT JOIN raw.site_tracking_events_r AS arrived
        ON arrived.event_timestamp = keys.event_timestamp AND arrived.event_hk = keys.event_hk
    LEFT JOIN staging.site_tracking_events_s AS staged
        ON staged.event_timestamp = keys.event_timestamp AND staged.event_hk = keys.event_hk
    LEFT JOIN business.event_page_l AS links
        ON links.event_timestamp = keys.event_timestamp AND links.event_hk = keys.event_hk
    LEFT JOIN business.site_page_h AS pages ON pages.page_hk = links.page_hk
    WHERE details.tenant_hk = tenant
    ORDER BY keys.event_timestamp, keys.event_hk;
    RETURN QUERY
    SELECT jsonb_build_object(
        'kind', 'rejected', 'received_at', business.site_utc(arrived.received_at), 'reasons', arrived.status_codes,
        'event', arrived.payload)
    FROM raw.site_tracking_events_r AS arrived
    WHERE arrived.tenant_hk = tenant
        AND arrived.processing_status = 'ERROR'
        AND (business.site_hash_key(tenant, arrived.visitor_bk) = ANY (visitors)
            OR business.site_hash_key(tenant, arrived.user_bk) = ANY (visitors))
    ORDER BY arrived.load_date;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_visitors_of(bytea,bytea) -- Whom a hash key means: the visitor; or the user, and the visitors as whom nobody else was seen. What a user did as one whom others were, too, the events themselves tell.
CREATE OR REPLACE FUNCTION business.site_visitors_of(tenant bytea, named bytea)
 RETURNS SETOF bytea
 LANGUAGE sql
 STABLE PARALLEL SAFE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT named
    UNION
    SELECT seen.visitor_hk
    FROM business.site_user_visitor_b AS seen
    WHERE seen.user_hk = named
        AND seen.tenant_hk = tenant
        AND NOT EXISTS (
            SELECT FROM business.site_user_visitor_b AS others
            WHERE others.visitor_hk = seen.visitor_hk AND others.user_hk <> named)
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_vital_bucket(bigint) -- The upper end of the bucket that a value lies in: never less than the value, and more by at most a fortieth; up to 100 the value.
CREATE OR REPLACE FUNCTION business.site_vital_bucket(units bigint)
 RETURNS bigint
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
    SELECT CASE WHEN units < 100 THEN units ELSE (units + steps.width - 1) / steps.width * steps.width END
    FROM (SELECT (10 ^ greatest(length(units::text) - 3, 0))::bigint AS one) AS hundredths
    CROSS JOIN LATERAL (
        SELECT hundredths.one * CASE
            WHEN units < 200 * hundredths.one THEN 2
            WHEN units < 500 * hundredths.one THEN 5
            ELSE 10 END AS width
    ) AS steps
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_vital_keys(bytea,text,jsonb) -- By which business.site_rollup_b names what an event of type web_vitals tells: the page's hash key, and behind it, in UTF-8 with a space between two, the kind of device, the measure and its bucket, in milliseconds or ten-thousandths.
CREATE OR REPLACE FUNCTION business.site_vital_keys(page_hk bytea, device_type text, properties jsonb)
 RETURNS SETOF bytea
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
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
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_vital_measures() -- What is measured of the speed of pages, in how many units of one, and up to how many of them it is good and beyond how many poor, as https://web.dev/articles/vitals and https://web.dev/articles/ttfb have it.
CREATE OR REPLACE FUNCTION business.site_vital_measures()
 RETURNS TABLE(measure text, units integer, good bigint, poor bigint)
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
    VALUES
        ('lcp', 1, 2500, 4000),
        ('inp', 1, 200, 500),
        ('cls', 10000, 1000, 2500),
        ('ttfb', 1, 800, 1800)
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_vital_parts(bytea,timestamp with time zone,timestamp with time zone) -- How many page views of a period told which value of a measure, by page, kind of device and bucket: from the rollup, and for the rest from the events.
CREATE OR REPLACE FUNCTION business.site_vital_parts(tenant bytea, from_at timestamp with time zone, to_at timestamp with time zone)
 RETURNS TABLE(page_hk bytea, device text, measure text, bucket bigint, views numeric)
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
DECLARE
    days_from CONSTANT timestamptz := business.site_nearest_day(from_at);
    days_to CONSTANT timestamptz := business.site_nearest_day(to_at);
BEGIN
    RETURN QUERY
    WITH counted AS (
        SELECT value_key, events
        FROM business.site_rollup_b
        WHERE tenant_hk = tenant AND dimension = 'vitals' AND bucket_start >= days_from AND bucket_start < days_to
        UNION ALL
        SELECT summed.value_key, rests.sign * summed.events
        FROM business.site_rests(from_at, to_at, days_from, days_to) AS rests
        CROSS JOIN LATERAL business.site_vital_sums(tenant, rests.starts_at, rests.ends_at, false) AS summed
    )
    SELECT substr(value_key, 1, 32), told.parts[1], told.parts[2], told.parts[3]::bigint, sum(events)
    FROM counted
    CROSS JOIN LATERAL (SELECT string_to_array(convert_from(substr(value_key, 33), 'UTF8'), ' ') AS parts) AS told
    GROUP BY value_key, told.parts
    HAVING sum(events) > 0;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_vital_sums(bytea,timestamp with time zone,timestamp with time zone,boolean,timestamp with time zone[],bytea[]) -- Page views that told how fast they were, by page, kind of device, measure, bucket and day, of a tenant's events in a period, or of those listed that lie in it. Out of the vault itself.
CREATE OR REPLACE FUNCTION business.site_vital_sums(tenant bytea, from_at timestamp with time zone, to_at timestamp with time zone, include_bots boolean, only_timestamps timestamp with time zone[] DEFAULT NULL::timestamp with time zone[], only_keys bytea[] DEFAULT NULL::bytea[])
 RETURNS SETOF business.site_rollup_b
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_custom_plan'
 SET jit TO 'off'
AS $function$
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
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_ways(bytea,timestamp with time zone,timestamp with time zone,jsonb,boolean,boolean,jsonb,boolean,integer,integer) -- The commonest ways of sessions over pages or events, from a point on or up to it, the nearest ones; and, without a way, how many sessions have so many of these, and how many no more.
CREATE OR REPLACE FUNCTION business.site_ways(tenant bytea, from_at timestamp with time zone, to_at timestamp with time zone, filters jsonb, include_bots boolean, of_pages boolean, point jsonb, leads_there boolean, most_steps integer, most_ways integer)
 RETURNS TABLE(way text[], steps integer, visits bigint, ended bigint)
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
DECLARE
    chosen CONSTANT record := business.site_chosen_sessions(tenant, from_at, to_at, filters, include_bots);
    of_type CONSTANT text := CASE WHEN point - 'name' - 'evt_type' = '{}' THEN point ->> 'evt_type' END;
    are_held CONSTANT boolean := point IS NULL OR NOT of_pages AND coalesce(of_type <> 'page_ping', false);
    -- No event has a type without a code, nor the code of none.
    code CONSTANT text := CASE WHEN of_type IS NOT NULL THEN coalesce((
        SELECT known.code
        FROM business.site_event_type_b AS known
        WHERE known.tenant_hk = tenant AND known.evt_type = of_type), '-') END;
    starts CONSTANT timestamptz[] := CASE WHEN are_held THEN '{}' ELSE chosen.starts END;
    sessions CONSTANT bytea[] := CASE WHEN are_held THEN '{}' ELSE chosen.sessions END;
BEGIN
    RETURN QUERY
    WITH page_ways AS (
        SELECT page_way[:most_steps] AS pages, cardinality(page_way) <= most_steps AS is_all
        FROM business.site_closed_paths(
            tenant, from_at, to_at, filters, include_bots, chosen.starts, chosen.sessions)
        WHERE are_held AND of_pages AND page_way <> '{}'
    ),
    type_ways AS (
        SELECT
            CASE WHEN leads_there THEN right(told.codes, most_steps) ELSE left(told.codes, most_steps) END AS codes,
            length(told.codes) <= most_steps AS is_all
        FROM (
            SELECT CASE
                WHEN code IS NULL THEN type_way
                WHEN leads_there THEN left(type_way, strpos(type_way, code))
                ELSE substr(type_way, strpos(type_way, code)) END AS codes
            FROM business.site_closed_paths(
                tenant, from_at, to_at, filters, include_bots, chosen.starts, chosen.sessions)
            WHERE are_held
                AND NOT of_pages
                AND type_way <> ''
                AND (code IS NULL OR strpos(type_way, code) > 0)
            OFFSET 0
        ) AS told
    ),
    other_ways AS (
        SELECT
            CASE WHEN leads_there THEN told.way[greatest(1, cardinality(told.way) - most_steps + 1):]
                ELSE told.way[:most_steps] END AS way,
            cardinality(told.way) <= most_steps AS is_all
        FROM business.site_ways_by_events(
            tenant, from_at, to_at, filters, include_bots, starts, sessions, chosen.opened, of_pages, point,
            leads_there) AS told
    ),
    of_one_page_after_the_other AS (
        SELECT pages, count(*) AS visits, count(*) FILTER (WHERE is_all) AS ended
        FROM (
            SELECT pages, is_all FROM page_ways
            UNION ALL
            SELECT way::bigint[], is_all FROM other_ways WHERE of_pages
        ) AS sessions
        GROUP BY pages
    ),
    of_one_event_after_the_other AS (
        SELECT way, sum(visits)::bigint AS visits, sum(ended)::bigint AS ended
        FROM (
            SELECT string_to_array(codes, NULL) AS way, count(*) AS visits, count(*) FILTER (WHERE is_all) AS ended
            FROM type_ways
            GROUP BY codes
            UNION ALL
            SELECT way, count(*), count(*) FILTER (WHERE is_all)
            FROM other_ways
            WHERE NOT of_pages
            GROUP BY way
        ) AS sessions
        GROUP BY way
    ),
    grouped AS MATERIALIZED (
        SELECT pages, NULL::text[] AS codes, cardinality(pages) AS steps, visits, ended
        FROM of_one_page_after_the_other
        UNION ALL
        SELECT NULL, way, cardinality(way), visits, ended
        FROM of_one_event_after_the_other
    )
    SELECT coalesce(listed.codes, listed.pages::text[]), listed.steps, listed.visits, listed.ended
    FROM (
        SELECT *
        FROM grouped
        ORDER BY visits DESC, codes COLLATE "C", pages
        LIMIT most_ways
    ) AS listed
    UNION ALL
    SELECT NULL, steps, sum(visits)::bigint, sum(ended)::bigint
    FROM grouped
    GROUP BY steps;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_ways_by_events(bytea,timestamp with time zone,timestamp with time zone,jsonb,boolean,timestamp with time zone[],bytea[],business.site_session_b[],boolean,jsonb,boolean) -- Of each session that business.site_chosen_sessions gave its pages or events one after the other, from a point on or up to it.
CREATE OR REPLACE FUNCTION business.site_ways_by_events(tenant bytea, from_at timestamp with time zone, to_at timestamp with time zone, filters jsonb, include_bots boolean, starts timestamp with time zone[], sessions bytea[], opened business.site_session_b[], of_pages boolean, point jsonb, leads_there boolean)
 RETURNS TABLE(way text[])
 LANGUAGE plpgsql
 STABLE ROWS 100000
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
DECLARE
    view_codes CONSTANT text[] := business.site_codes_of_types(tenant, '{page_view}');
    ping_codes CONSTANT text[] := business.site_codes_of_types(tenant, '{page_ping}');
    asked_codes CONSTANT text[] := CASE WHEN point ? 'evt_type'
        THEN business.site_codes_of_types(tenant, ARRAY[point ->> 'evt_type']) END;
    asked CONSTANT record := (
        SELECT told FROM business.site_funnel_steps(tenant, jsonb_build_array(point)) AS told);
BEGIN
    RETURN QUERY
    WITH told AS (
        SELECT
            row_number() OVER () AS number, paths.codes, paths.pages,
            CASE WHEN point IS NULL THEN 1 ELSE (
                SELECT min(events.place)
                FROM unnest(paths.codes, paths.pages) WITH ORDINALITY AS events (code, page, place)
                WHERE (asked_codes IS NULL OR events.code = ANY (asked_codes))
                    AND (asked.pages IS NULL OR events.page = ANY (asked.pages))
                    AND (asked.item IS NULL OR EXISTS (
                        SELECT FROM unnest(paths.items, paths.item_places) AS held (item, place)
                        WHERE held.item = asked.item AND held.place = events.place))
            ) END AS point_place
        FROM business.site_told_paths(
            tenant, from_at, to_at, filters, include_bots, starts, sessions, opened) AS paths
        WHERE (asked_codes IS NULL OR paths.codes && asked_codes)
            AND (asked.pages IS NULL OR paths.pages && asked.pages)
            AND (asked.item IS NULL OR asked.item = ANY (paths.items))
    ),
    elements AS (
        SELECT told.number, events.place, CASE WHEN of_pages THEN events.page::text ELSE events.code END AS element
        FROM told
        CROSS JOIN LATERAL unnest(told.codes, told.pages) WITH ORDINALITY AS events (code, page, place)
        WHERE CASE WHEN of_pages THEN events.code = ANY (view_codes) AND events.page <> 0
                ELSE events.code <> ALL (ping_codes) END
            AND CASE WHEN leads_there THEN events.place <= told.point_place
                ELSE events.place >= told.point_place END
    ),
    changes AS (
        SELECT *, lag(element) OVER (PARTITION BY number ORDER BY place) AS element_before
        FROM elements
    )
    SELECT array_agg(element ORDER BY place)
    FROM changes
    WHERE element IS DISTINCT FROM element_before
    GROUP BY number;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_ways_of_path(bytea,text,bigint[]) -- The pages and types of a path one after the other, as business.site_session_path_b has them.
CREATE OR REPLACE FUNCTION business.site_ways_of_path(tenant bytea, types text, pages bigint[], OUT seen_pages bigint[], OUT page_way bigint[], OUT type_way text)
 RETURNS record
 LANGUAGE sql
 STABLE PARALLEL SAFE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_web_vitals(bytea,jsonb) -- The data of api.get_web_vitals. Errors: ST400.
CREATE OR REPLACE FUNCTION business.site_web_vitals(tenant bytea, given jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
DECLARE
    asked CONSTANT record := business.site_question(tenant, given, 30, 'by', 'page_url', 'device', 'limit');
    by_devices CONSTANT boolean := asked.options ->> 'by' IS NOT DISTINCT FROM 'devices';
    page CONSTANT bytea := business.site_hash_key(tenant, asked.options ->> 'page_url');
    only_device CONSTANT text := asked.options ->> 'device';
    most CONSTANT integer := coalesce((asked.options -> 'limit')::integer, 10);
    answer jsonb;
BEGIN
    PERFORM business.site_check_cost(
        tenant, business.site_web_vitals_cost(tenant, asked.from_at, asked.to_at), asked.options, VARIADIC '{}');
    WITH parts AS MATERIALIZED (
        SELECT CASE WHEN by_devices THEN convert_to(device, 'UTF8') ELSE page_hk END AS row_key, measure, bucket, views
        FROM business.site_vital_parts(tenant, asked.from_at, asked.to_at)
        WHERE (page IS NULL OR page_hk = page) AND (only_device IS NULL OR device = only_device)
    ),
    listed AS (
        SELECT ranked.row_key, names.value, ranked.views
        FROM (SELECT row_key, sum(views) AS views FROM parts GROUP BY row_key) AS ranked
        CROSS JOIN LATERAL (
            SELECT CASE WHEN by_devices THEN convert_from(ranked.row_key, 'UTF8')
                ELSE (SELECT page_bk FROM business.site_page_h WHERE page_hk = ranked.row_key) END AS value
        ) AS names
        ORDER BY ranked.views DESC, names.value COLLATE "C"
        LIMIT most
    ),
    -- The row without a key is that of all.
    counted AS (
        SELECT NULL::bytea AS row_key, measure, bucket, sum(views) AS views
        FROM parts
        GROUP BY measure, bucket
        UNION ALL
        SELECT row_key, measure, bucket, sum(views)
        FROM parts
        WHERE row_key IN (SELECT row_key FROM listed)
        GROUP BY row_key, measure, bucket
    ),
    ordered AS (
        SELECT
            *,
            sum(views) OVER (PARTITION BY row_key, measure ORDER BY bucket) AS up_to,
            sum(views) OVER (PARTITION BY row_key, measure) AS total
        FROM counted
    ),
    judged AS (
        SELECT
            ordered.row_key, ordered.measure, ordered.total, measures.units, measures.good, measures.poor,
            min(ordered.bucket) FILTER (WHERE ordered.up_to >= 0.75 * ordered.total) AS p75,
            coalesce(sum(ordered.views) FILTER (WHERE ordered.bucket <= measures.good), 0) AS good_views,
            coalesce(sum(ordered.views) FILTER (WHERE ordered.bucket > measures.poor), 0) AS poor_views
        FROM ordered
        JOIN business.site_vital_measures() AS measures ON measures.measure = ordered.measure
        GROUP BY 1, 2, 3, 4, 5, 6
    ),
    told AS (
        SELECT
            row_key,
            jsonb_object_agg(measure, jsonb_build_object(
                'views', total,
                'p75', trim_scale(p75 / units::numeric),
                'rating', CASE WHEN p75 <= good THEN 'good' WHEN p75 <= poor THEN 'needs_improvement' ELSE 'poor' END,
                'good', round(good_views / total, 4),
                'needs_improvement', round((total - good_views - poor_views) / total, 4),
                'poor', round(poor_views / total, 4))) AS measures
        FROM judged
        GROUP BY row_key
    )
    SELECT jsonb_build_object(
        'measures', nothing.measures || coalesce((SELECT measures FROM told WHERE row_key IS NULL), '{}'),
        'rows', coalesce(
            (
                SELECT jsonb_agg(
                    jsonb_build_object('value', listed.value) || nothing.measures || told.measures
                    ORDER BY listed.views DESC, listed.value COLLATE "C")
                FROM listed
                JOIN told ON told.row_key = listed.row_key
            ),
            '[]'))
    INTO answer
    FROM (SELECT jsonb_object_agg(measure, NULL) AS measures FROM business.site_vital_measures()) AS nothing;
    RETURN asked.head || answer;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_web_vitals_cost(bytea,timestamp with time zone,timestamp with time zone) -- What an answer of api.get_web_vitals costs, in events read.
CREATE OR REPLACE FUNCTION business.site_web_vitals_cost(tenant bytea, from_at timestamp with time zone, to_at timestamp with time zone)
 RETURNS numeric
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT business.site_own_events(tenant, from_at, to_at) * 0.1 + coalesce(sum(
        business.site_own_events(tenant, starts_at, ends_at) + business.site_all_events(starts_at, ends_at) * 0.1), 0)
    FROM business.site_rests(from_at, to_at, business.site_nearest_day(from_at), business.site_nearest_day(to_at))
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION business.site_write_paths(business.site_session_b[],bigint[],bytea[],text[],text[],text[],text[],text[]) -- Writes what happened in closed sessions: as told with a version, by load_date in microseconds since the epoch and hash_diff, where that one is the session's, else as the vault has it.
CREATE OR REPLACE FUNCTION business.site_write_paths(sessions business.site_session_b[], load_date_micros bigint[], hash_diffs bytea[], path_types text[], path_offsets text[], path_pages text[], path_items text[], path_item_places text[])
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_hashjoin TO 'on'
 SET jit TO 'off'
AS $function$
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
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION raw.site_tracking_add_counts(jsonb,jsonb) -- The sums of two objects of counts, those that are not 0.
CREATE OR REPLACE FUNCTION raw.site_tracking_add_counts(counts jsonb, more jsonb)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
AS $function$
    SELECT coalesce(jsonb_object_agg(name, total), '{}')
    FROM (
        SELECT key AS name, sum(value::bigint) AS total
        FROM (SELECT * FROM jsonb_each_text(counts) UNION ALL SELECT * FROM jsonb_each_text(more)) AS both_counts
        GROUP BY key
        HAVING sum(value::bigint) > 0
    ) AS totals
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION raw.site_tracking_add_erasure(bytea,text,integer,timestamp with time zone) -- Notes a request to erase visitors, and names it.
CREATE OR REPLACE FUNCTION raw.site_tracking_add_erasure(tenant bytea, status_now text, visitors integer, before timestamp with time zone)
 RETURNS text
 LANGUAGE sql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    INSERT INTO raw.site_tracking_erasure_r (
        erasure_id, tenant_hk, status, visitors, erased_counts, erased_before, due_at, next_at, load_date, record_source)
    VALUES (
        replace(gen_random_uuid()::text, '-', ''), tenant, status_now, visitors, raw.site_tracking_erased_counts(tenant),
        before, clock_timestamp() + INTERVAL '1 month', '-infinity', clock_timestamp(), 'site_tracking')
    RETURNING erasure_id
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION raw.site_tracking_add_waiting(bytea,bigint,bigint) -- Counts events of a tenant that came to the outbox or, with negative numbers, went from it.
CREATE OR REPLACE FUNCTION raw.site_tracking_add_waiting(tenant bytea, events bigint, bytes bigint)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
DECLARE
    most_parts CONSTANT integer := 64;
    free_part bigint;
    spare record;
BEGIN
    -- Elsewhere a part that somebody changed meanwhile would fail the transaction.
    IF current_setting('transaction_isolation') = 'read committed' THEN
        -- Parts are as many as there were transactions at once, and of other isolation levels one each.
        IF events < 0 THEN
            WITH gone AS (
                DELETE FROM raw.site_tracking_waiting_r
                WHERE tenant_hk = tenant
                    AND part IN (
                        SELECT part
                        FROM raw.site_tracking_waiting_r
                        WHERE tenant_hk = tenant
                            AND part > (
                                SELECT part
                                FROM raw.site_tracking_waiting_r
                                WHERE tenant_hk = tenant
                                ORDER BY part
                                OFFSET most_parts
                                LIMIT 1)
                        FOR UPDATE SKIP LOCKED)
                RETURNING event_count, byte_count
            )
            SELECT coalesce(sum(event_count), 0) AS events, coalesce(sum(byte_count), 0) AS bytes
            INTO spare
            FROM gone;
            events := events + spare.events;
            bytes := bytes + spare.bytes;
        END IF;
        SELECT part
        INTO free_part
        FROM raw.site_tracking_waiting_r
        WHERE tenant_hk = tenant
        ORDER BY part
        LIMIT 1
        FOR UPDATE SKIP LOCKED;
    END IF;
    IF free_part IS NULL THEN
        INSERT INTO raw.site_tracking_waiting_r (tenant_hk, event_count, byte_count)
        VALUES (tenant, events, bytes);
    ELSE
        UPDATE raw.site_tracking_waiting_r
        SET event_count = event_count + events, byte_count = byte_count + bytes
        WHERE tenant_hk = tenant AND part = free_part;
    END IF;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION raw.site_tracking_admit_tenants(text[]) -- Tenants by name, each with its hash key or why the caller may not name it.
CREATE OR REPLACE FUNCTION raw.site_tracking_admit_tenants(names text[])
 RETURNS TABLE(tenant text, tenant_hk bytea, error_code text)
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
    FOREACH tenant IN ARRAY names LOOP
        BEGIN
            tenant_hk := auth.site_tracking_tenant(tenant);
            error_code := NULL;
        EXCEPTION
            WHEN SQLSTATE 'ST403' OR SQLSTATE 'ST404' OR SQLSTATE 'ST409' THEN
                tenant_hk := NULL;
                error_code := business.site_error_code(SQLSTATE);
        END;
        RETURN NEXT;
    END LOOP;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION raw.site_tracking_archived_for() -- For how long after it was appended the job's archive may have an event, where topics keep a week; NULL where no job told.
CREATE OR REPLACE FUNCTION raw.site_tracking_archived_for()
 RETURNS interval
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT INTERVAL '1 day' * (7 + max(archive_days))
    FROM raw.site_tracking_heartbeat_r
    WHERE program = 'LOADER'
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION raw.site_tracking_asked_visitors(bytea,jsonb) -- The visitors of a tenant that a request names: by hash key, or by an id of which the job tells whom it means. Errors: ST400.
CREATE OR REPLACE FUNCTION raw.site_tracking_asked_visitors(tenant bytea, visitors jsonb)
 RETURNS TABLE(visitor_hk bytea, client_id text, id_kind text)
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
DECLARE
    named record;
BEGIN
    FOR named IN
        SELECT given.*
        FROM raw.site_tracking_named_visitors(visitors)
            WITH ORDINALITY AS given (visitor_hk, visitor_bk, client_id, id_kind, place)
        ORDER BY place
    LOOP
        -- A hash key is the tenant's only where its hub says so; other keys are made with the tenant's here.
        IF named.visitor_hk IS NOT NULL AND NOT business.site_knows(tenant, named.visitor_hk) THEN
            PERFORM business.site_argument_error(
                'visitors', format('No visitor of the tenant has the visitor_hk in place %s.', named.place));
        END IF;
        visitor_hk := coalesce(named.visitor_hk, business.site_hash_key(tenant, named.visitor_bk));
        client_id := named.client_id;
        id_kind := named.id_kind;
        RETURN NEXT;
    END LOOP;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION raw.site_tracking_begin_load(text) -- Begins the load of a micro-batch and tells which visitors are erased, up to when in microseconds, or of which it turned out that others were they, too, that were not at the snapshot of an earlier call; all of them without one. The last row has the snapshot.
CREATE OR REPLACE FUNCTION raw.site_tracking_begin_load(known text)
 RETURNS TABLE(tenant_hk bytea, visitor_hk bytea, before_micros bigint, through_user boolean, shared_micros bigint, snapshot text)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
BEGIN
    PERFORM pg_advisory_lock_shared(hashtextextended('site_tracking_load', 0));
    RETURN QUERY
    SELECT
        tenant_hk,
        visitor_hk,
        CASE WHEN shared_before IS NULL THEN (extract(epoch FROM erased_before) * 1000000)::bigint END,
        through_user,
        (extract(epoch FROM shared_before) * 1000000)::bigint,
        NULL::text
    FROM raw.site_tracking_tombstone_r
    WHERE added_in >= coalesce(pg_snapshot_xmin(known::pg_snapshot), '0')
        AND (known IS NULL OR NOT pg_visible_in_snapshot(added_in, known::pg_snapshot))
    UNION ALL
    SELECT NULL, NULL, NULL, NULL, NULL, pg_current_snapshot()::text;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner,site_tracking_loader=X/site_tracking_owner}

FUNCTION raw.site_tracking_begin_run(text,text) -- Notes that a run of the job begins without state, settles the ledger of those before it, and returns its first transaction; for a run that has begun only that. 0 where the vault held no event.
CREATE OR REPLACE FUNCTION raw.site_tracking_begin_run(of_run text, source text)
 RETURNS bigint
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    began bigint;
BEGIN
    -- The run's subtasks begin together: the first one of them does it for all.
    PERFORM pg_advisory_xact_lock(hashtextextended('site_tracking_run', 0));
    SELECT began_transaction INTO began FROM raw.site_tracking_run_r WHERE run_id = of_run;
    IF found THEN
        RETURN began;
    END IF;
    began := CASE
        WHEN EXISTS (SELECT FROM business.site_event_h) THEN pg_current_xact_id()::text::bigint
        ELSE 0 END;
    INSERT INTO raw.site_tracking_run_r (run_id, began_transaction, load_date, record_source)
    VALUES (of_run, began, clock_timestamp(), source);
    CALL raw.site_tracking_settle_ledger(of_run, source);
    RETURN began;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner,site_tracking_loader=X/site_tracking_owner}

FUNCTION raw.site_tracking_bury(bytea,bytea[],text,timestamp with time zone) -- Gives visitors and users of a request their tombstones, and visitors who are reached through these users.
CREATE OR REPLACE FUNCTION raw.site_tracking_bury(tenant bytea, asked bytea[], erasure text, before timestamp with time zone)
 RETURNS void
 LANGUAGE sql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    INSERT INTO raw.site_tracking_tombstone_r AS tombstones (
        tenant_hk, visitor_hk, erasure_id, erased_before, is_known, through_user)
    SELECT tenant, meant, erasure, before, business.site_knows(tenant, meant), bool_and(meant <> named)
    FROM unnest(asked) AS named
    CROSS JOIN LATERAL business.site_visitors_of(tenant, named) AS meant
    GROUP BY meant
    -- Who was reached through a user is named now.
    ON CONFLICT (tenant_hk, visitor_hk, erasure_id) DO UPDATE SET
        erased_before = excluded.erased_before,
        through_user = false,
        shared_before = NULL,
        added_in = excluded.added_in
    WHERE tombstones.through_user AND NOT excluded.through_user
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION raw.site_tracking_carries_over() -- Whether a reprocess carries over, or is about to, so that erasures and retention wait.
CREATE OR REPLACE FUNCTION raw.site_tracking_carries_over()
 RETURNS boolean
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT EXISTS (
        SELECT
        FROM pg_locks
        WHERE locktype = 'advisory'
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
            AND (classid::bigint << 32) + objid::bigint = hashtextextended('site_tracking_carry_over', 0)
            AND objsubid = 1
            AND mode = 'ExclusiveLock')
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION raw.site_tracking_check_scores(jsonb) -- Raises ST400 unless scores are well-formed.
CREATE OR REPLACE FUNCTION raw.site_tracking_check_scores(given jsonb)
 RETURNS void
 LANGUAGE plpgsql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    field text;
BEGIN
    IF coalesce(jsonb_typeof(given), '') <> 'object' THEN
        PERFORM business.site_argument_error('scores', 'An object of model, version, as_of and scores.');
    END IF;
    SELECT key INTO field FROM jsonb_each(given) WHERE key NOT IN ('model', 'version', 'as_of', 'scores') ORDER BY key;
    IF FOUND THEN
        PERFORM business.site_argument_error(left(field, 100), 'This member is not known.');
    END IF;
    FOREACH field IN ARRAY ARRAY['model', 'version'] LOOP
        IF coalesce(jsonb_typeof(given -> field), '') <> 'string'
            OR NOT given ->> field ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$' THEN
            PERFORM business.site_argument_error(
                field, 'A text of at most 100 letters, digits, dots, hyphens and underscores.');
        END IF;
    END LOOP;
    IF coalesce(jsonb_typeof(given -> 'scores'), '') <> 'array'
        OR jsonb_array_length(given -> 'scores') NOT BETWEEN 1 AND 10000 THEN
        PERFORM business.site_argument_error('scores', 'An array of 1 to 10,000 scores.');
    END IF;
    SELECT format('scores[%s]', number - 1)
    INTO field
    FROM jsonb_array_elements(given -> 'scores') WITH ORDINALITY AS told (score, number)
    WHERE jsonb_typeof(score) <> 'object'
        OR coalesce(jsonb_typeof(score -> 'score'), '') <> 'number'
        OR abs((score ->> 'score')::numeric) > 1e300
        OR (score - 'score' - 'visitor' - 'session') <> '{}'
        OR coalesce(jsonb_typeof(score -> 'visitor'), jsonb_typeof(score -> 'session'), '') <> 'string'
        OR score ?& '{visitor,session}'
    ORDER BY number
    LIMIT 1;
    IF FOUND THEN
        PERFORM business.site_argument_error(
            field, 'An object of a visitor or a session, as answers name them, and a score, a number.');
    END IF;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION raw.site_tracking_check_table(text,text) -- Raises ST010 unless the table has the columns, primary key and partitioning of the statement.
CREATE OR REPLACE PROCEDURE raw.site_tracking_check_table(IN target text, IN definition text)
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $procedure$
DECLARE
    differences text;
BEGIN
    EXECUTE regexp_replace(
        definition, 'CREATE (UNLOGGED )?TABLE IF NOT EXISTS \w+\.\w+',
        'CREATE TEMPORARY TABLE site_tracking_twin');
    SELECT string_agg(
        format('%s is %s, expected %s',
            part, coalesce(found.description, 'missing'), coalesce(wanted.description, 'none')),
        '; ' ORDER BY part)
    INTO differences
    FROM raw.site_tracking_table_shape(target::regclass) AS found
    FULL JOIN raw.site_tracking_table_shape('pg_temp.site_tracking_twin'::regclass) AS wanted
        USING (part)
    WHERE found.description IS DISTINCT FROM wanted.description;
    DROP TABLE pg_temp.site_tracking_twin;
    IF differences IS NOT NULL THEN
        RAISE EXCEPTION 'table % exists with another shape: %', target, differences
            USING ERRCODE = 'ST010',
                HINT = 'Nothing was changed. Rename that table, or install into another database. '
                    'sql/adopt_earlier_tables.sql moves tables of an earlier site tracking aside.';
    END IF;
END
$procedure$

    GRANTS {postgres=X/postgres}

FUNCTION raw.site_tracking_close_table(regclass) -- Takes a new table, with its partitions and sequences, from everybody but its owner and the roles of site tracking.
CREATE OR REPLACE PROCEDURE raw.site_tracking_close_table(IN target regclass)
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $procedure$
DECLARE
    opened record;
BEGIN
    FOR opened IN
        SELECT
            CASE relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind,
            pg_class.oid::regclass AS name,
            stranger
        FROM pg_class
        CROSS JOIN LATERAL raw.site_tracking_strangers(relowner, relacl) AS stranger
        -- By their keys: catalogues of years of partitions are long.
        WHERE pg_class.oid = ANY (ARRAY(
            SELECT target::oid
            UNION ALL
            SELECT relid::oid FROM pg_partition_tree(target)
            UNION ALL
            SELECT objid FROM pg_depend
            WHERE refclassid = 'pg_class'::regclass
                AND refobjid = target
                AND classid = 'pg_class'::regclass
                AND deptype = 'i'))
    LOOP
        EXECUTE format('REVOKE ALL ON %s %s FROM %s CASCADE', opened.kind, opened.name, opened.stranger);
    END LOOP;
END
$procedure$

    GRANTS {postgres=X/postgres}

FUNCTION raw.site_tracking_comment_table(text,text) -- Makes the trailing comments of a CREATE TABLE statement the comments of table and columns.
CREATE OR REPLACE PROCEDURE raw.site_tracking_comment_table(IN target text, IN definition text)
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

FUNCTION raw.site_tracking_copies_end(bytea,timestamp with time zone,timestamp with time zone) -- Until when copies of what a request erased last at most, as far as this database is told; NULL where it is not, or as long as the request is not done.
CREATE OR REPLACE FUNCTION raw.site_tracking_copies_end(tenant bytea, erased_before timestamp with time zone, done_at timestamp with time zone)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT jsonb_build_object(
        'job_state', business.site_utc(erased_before + raw.site_tracking_archived_for()),
        'keys_of_erased_events', business.site_utc(
            done_at + greatest(INTERVAL '30 days', raw.site_tracking_archived_for())),
        'checkpoints_and_savepoints', NULL,
        'events_topic', business.site_utc(erased_before + INTERVAL '7 days'),
        -- What waited in the other one for a week was rejected then.
        'rejected_topic', business.site_utc(erased_before + INTERVAL '10 days'),
        'database_log_and_backups', business.site_utc(done_at + INTERVAL '1 day' * (
            SELECT keep_backups_days
            FROM auth.tenant_site_tracking_s
            WHERE tenant_hk = tenant
            ORDER BY load_date DESC
            LIMIT 1)))
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION raw.site_tracking_count_outbox() -- Keeps raw.site_tracking_waiting_r equal to the outbox, whoever writes or deletes.
CREATE OR REPLACE FUNCTION raw.site_tracking_count_outbox()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    sign CONSTANT integer := CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END;
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        DELETE FROM raw.site_tracking_waiting_r;
    ELSE
        PERFORM raw.site_tracking_add_waiting(tenant_hk, sign * events, sign * bytes)
        FROM (
            SELECT tenant_hk, count(*) AS events, sum(octet_length(payload)) AS bytes
            FROM changed
            GROUP BY tenant_hk
        ) AS changes;
    END IF;
    RETURN NULL;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION raw.site_tracking_create_partition(text,text,date) -- Creates one day partition; false where the default partition holds rows of that day, NULL where a lock was not to be had.
CREATE OR REPLACE FUNCTION raw.site_tracking_create_partition(table_schema text, table_name text, partition_day date)
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
    IF raw.site_tracking_default_partition_holds(fallback, partition_day) THEN
        RETURN false;
    END IF;
    EXECUTE format('LOCK TABLE ONLY %s IN SHARE ROW EXCLUSIVE MODE', parent);
    EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', fallback);
    -- Rows of a writer that we waited for, and a partition made meanwhile under an older snapshot.
    IF raw.site_tracking_default_partition_holds(fallback, partition_day) OR to_regclass(partition) IS NOT NULL THEN
        RETURN false;
    END IF;
    -- Rows only come, and no query reads an index alone: a day of less than some million events is
    -- vacuumed when its rows are to be frozen, not a dozen times while it fills.
    EXECUTE format('CREATE TABLE %s (LIKE %s INCLUDING ALL EXCLUDING COMMENTS) WITH ('
        'autovacuum_vacuum_insert_threshold = 10000000, autovacuum_analyze_scale_factor = 2)',
        partition, parent);
    CALL raw.site_tracking_close_table(partition);
    -- A sample of 3,000 rows instead of 30,000: plans need to know tenants, times and types of a day.
    EXECUTE (
        SELECT format('ALTER TABLE %s %s', partition,
            string_agg(format('ALTER COLUMN %I SET STATISTICS 10', attname), ', '))
        FROM pg_attribute
        WHERE attrelid = partition::regclass AND attnum > 0
    );
    -- Nobody may read a partition past the policies of its table, which it does not inherit.
    IF (SELECT relrowsecurity FROM pg_class WHERE oid = parent::regclass) THEN
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', partition);
    END IF;
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

FUNCTION raw.site_tracking_days_ahead() -- Per layer, for how many days after today partitions exist without a gap, at most 30; -1 when today has none.
CREATE OR REPLACE FUNCTION raw.site_tracking_days_ahead()
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT jsonb_object_agg(layer, days_ahead)
    FROM (
        SELECT
            partitioned.table_schema AS layer,
            coalesce(min(missing.partition_day), today.day + 31) - today.day - 1 AS days_ahead
        FROM (SELECT (now() AT TIME ZONE 'UTC')::date AS day) AS today
        CROSS JOIN (
            SELECT DISTINCT table_schema FROM raw.site_tracking_partitioned_tables()
        ) AS partitioned
        LEFT JOIN raw.site_tracking_missing_partitions(
                (now() AT TIME ZONE 'UTC')::date, (now() AT TIME ZONE 'UTC')::date + 30) AS missing
            ON missing.table_schema = partitioned.table_schema
        GROUP BY partitioned.table_schema, today.day
    ) AS layers
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION raw.site_tracking_default_partition_holds(text,date) -- Whether a default partition holds rows of a UTC day.
CREATE OR REPLACE FUNCTION raw.site_tracking_default_partition_holds(fallback text, partition_day date)
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

FUNCTION raw.site_tracking_dissolve(bytea[],bytea[]) -- Notes sessions that a job remembers with an erased event, so that it does not write them any more.
CREATE OR REPLACE PROCEDURE raw.site_tracking_dissolve(IN tenant_hks bytea[], IN session_hks bytea[])
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $procedure$
    INSERT INTO raw.site_tracking_dissolved_r (session_hk, tenant_hk, load_date)
    SELECT session_hk, tenant_hk, clock_timestamp()
    FROM unnest(tenant_hks, session_hks) AS given (tenant_hk, session_hk)
    ORDER BY session_hk
    ON CONFLICT DO NOTHING
$procedure$

    GRANTS {site_tracking_owner=X/site_tracking_owner,site_tracking_loader=X/site_tracking_owner}

FUNCTION raw.site_tracking_dissolved(bytea[]) -- Which of the given sessions, by their place, are dissolved.
CREATE OR REPLACE FUNCTION raw.site_tracking_dissolved(session_hks bytea[])
 RETURNS TABLE(number integer, sessions bigint)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT given.number::integer, 1::bigint
    FROM unnest(session_hks) WITH ORDINALITY AS given (session_hk, number)
    JOIN raw.site_tracking_dissolved_r AS dissolved ON dissolved.session_hk = given.session_hk
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner,site_tracking_loader=X/site_tracking_owner}

FUNCTION raw.site_tracking_drop_partitions(text[],date) -- Drops the partitions of a UTC day in the given layers (raw, staging, business) and returns how many: all of them, or none where a lock was not to be had.
CREATE OR REPLACE FUNCTION raw.site_tracking_drop_partitions(layers text[], partition_day date)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET lock_timeout TO '750ms'
AS $function$
DECLARE
    expired record;
    dropped integer := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('site_tracking', 0));
    FOR expired IN
        SELECT format('%I.%I', table_schema, table_name || to_char(partition_day, '"_p"YYYYMMDD')) AS partition
        FROM raw.site_tracking_partitioned_tables()
        WHERE table_schema = ANY (layers)
        ORDER BY table_order
    LOOP
        IF to_regclass(expired.partition) IS NOT NULL THEN
            -- Who waits for what is held here may have the parent, and so long that he would find a deadlock before
            -- this gives up; who comes later does not.
            IF EXISTS (
                SELECT FROM pg_locks
                WHERE NOT granted AND locktype <> 'advisory' AND pg_backend_pid() = ANY (pg_blocking_pids(pid))) THEN
                RAISE lock_not_available USING MESSAGE = 'somebody waits for this transaction';
            END IF;
            EXECUTE format('DROP TABLE %s', expired.partition);
            dropped := dropped + 1;
        END IF;
    END LOOP;
    RETURN dropped;
EXCEPTION
    WHEN lock_not_available THEN
        RAISE WARNING 'partitions of % not dropped: %', partition_day, SQLERRM;
        RETURN 0;
END
$function$

    GRANTS {postgres=X/postgres,site_tracking_owner=X/postgres}

FUNCTION raw.site_tracking_end_load() -- Ends the load of a micro-batch.
CREATE OR REPLACE FUNCTION raw.site_tracking_end_load()
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$ SELECT pg_advisory_unlock_all() $function$

    GRANTS {site_tracking_owner=X/site_tracking_owner,site_tracking_loader=X/site_tracking_owner}

FUNCTION raw.site_tracking_end_requests() -- Removes what requests leave behind for a time, and that is over: questions that nobody asked again, keys of erased events, tombstones of nobody.
CREATE OR REPLACE FUNCTION raw.site_tracking_end_requests()
 RETURNS void
 LANGUAGE sql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    DELETE FROM raw.site_tracking_export_r WHERE load_date < now() - INTERVAL '1 hour';
    DELETE FROM raw.site_tracking_forgotten_r
    WHERE load_date < now() - greatest(INTERVAL '30 days', raw.site_tracking_archived_for());
    -- One of whom something came meanwhile stays. The archive may bring what only the database had refused.
    DELETE FROM raw.site_tracking_tombstone_r
    WHERE NOT is_known
        AND erased_before < now() - greatest(INTERVAL '30 days', raw.site_tracking_archived_for())
        AND NOT business.site_knows(tenant_hk, visitor_hk)
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION raw.site_tracking_ensure_partitions(date,date) -- Creates the missing day partitions of all event tables and returns how many; call it in a transaction of its own, and for long ranges until it returns 0. Skips days that sit in a default partition. Errors: ST001, ST002.
CREATE OR REPLACE FUNCTION raw.site_tracking_ensure_partitions(from_day date, to_day date)
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
        was_created := raw.site_tracking_create_partition(
            missing.table_schema, missing.table_name, missing.partition_day);
        EXIT WHEN was_created IS NULL;
        created := created + was_created::integer;
    END LOOP;
    RETURN created;
END
$function$

    GRANTS {postgres=X/postgres,site_tracking_loader=X/postgres}

FUNCTION raw.site_tracking_erase_everywhere(text,text[]) -- Calls business.site_erase_period or site_erase_visitors in production, and in the shadow and the former tables of a reprocess.
CREATE OR REPLACE FUNCTION raw.site_tracking_erase_everywhere(what text, VARIADIC arguments text[])
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    layer text;
    counts jsonb := '{}';
    more jsonb;
BEGIN
    FOREACH layer IN ARRAY ARRAY['business', 'business_shadow', 'business_former'] LOOP
        IF to_regproc(layer || '.' || what) IS NOT NULL THEN
            EXECUTE format('SELECT %s.%s(%s)', layer, what, (
                SELECT string_agg(quote_literal(argument), ', ' ORDER BY number)
                FROM unnest(arguments) WITH ORDINALITY AS given (argument, number)))
            INTO more;
            counts := raw.site_tracking_add_counts(counts, more);
        END IF;
    END LOOP;
    RETURN counts;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION raw.site_tracking_erase_next() -- Carries out the next part of an erasure, of the tenant that waited longest, and names the erasure; NULL when there is nothing to do, or not as long as a reprocess carries over. To be called in transactions of their own.
CREATE OR REPLACE FUNCTION raw.site_tracking_erase_next()
 RETURNS text
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
DECLARE
    request raw.site_tracking_erasure_r;
BEGIN
    IF NOT raw.site_tracking_may_remove() THEN
        RETURN NULL;
    END IF;
    -- Tenants take turns, whoever of them asks for the most.
    WITH turns AS (
        SELECT tenant_hk, max(turn_at) AS last_at
        FROM raw.site_tracking_erasure_r
        WHERE failures = 0
        GROUP BY tenant_hk
    )
    SELECT requests.*
    INTO request
    FROM raw.site_tracking_erasure_r AS requests
    LEFT JOIN turns ON turns.tenant_hk = requests.tenant_hk
    WHERE requests.status = 'ERASING' AND requests.turn_at <= clock_timestamp()
    ORDER BY turns.last_at NULLS FIRST, requests.load_date, requests.erasure_id
    LIMIT 1
    FOR UPDATE OF requests SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    -- Retention copies and drops what an erasure looks through. What is told behind the lock is told as it left it.
    PERFORM pg_advisory_xact_lock_shared(hashtextextended('site_tracking_retention', 0));
    IF request.next_at = '-infinity' THEN
        -- From then on whoever loads knows the tombstones: it began when they were there.
        PERFORM pg_advisory_lock(hashtextextended('site_tracking_load', 0));
        PERFORM pg_advisory_unlock(hashtextextended('site_tracking_load', 0));
    END IF;
    -- Whoever loads what it may reach waits for the part, or the part for whoever is loading it.
    PERFORM pg_advisory_xact_lock(hashtextextended('site_tracking_part' || encode(request.tenant_hk, 'hex'), 0));
    BEGIN
        -- Of what it finds besides, the loaders of now are told first.
        IF request.next_at <> '-infinity'
            OR NOT (raw.site_tracking_spare_shared(request.erasure_id) OR raw.site_tracking_reach_further(request)) THEN
            PERFORM raw.site_tracking_erase_part(request);
        END IF;
    EXCEPTION
        -- Others are not who cancels, be it a timeout: the same part would come first for ever.
        WHEN query_canceled OR OTHERS THEN
            PERFORM raw.site_tracking_erasure_failed(request, SQLSTATE);
    END;
    RETURN request.erasure_id;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner,site_tracking_eraser=X/site_tracking_owner}

FUNCTION raw.site_tracking_erase_objections(bytea,text) -- Erases that visitors of a request objected before its day; tells how many did. On the day itself they may have done so after it.
CREATE OR REPLACE FUNCTION raw.site_tracking_erase_objections(tenant bytea, erasure text)
 RETURNS bigint
 LANGUAGE sql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    WITH gone AS (
        DELETE FROM raw.site_tracking_objection_r AS objections
        USING raw.site_tracking_tombstone_r AS tombstones
        WHERE tombstones.erasure_id = erasure
            AND tombstones.shared_before IS NULL
            AND objections.tenant_hk = tenant
            AND objections.visitor_hk = tombstones.visitor_hk
            AND objections.objected_on < (tombstones.erased_before AT TIME ZONE 'UTC')::date
        RETURNING 1
    )
    SELECT count(*) FROM gone
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION raw.site_tracking_erase_part(raw.site_tracking_erasure_r) -- Carries out the next part of an erasure, a day of events or what is of no day.
CREATE OR REPLACE FUNCTION raw.site_tracking_erase_part(request raw.site_tracking_erasure_r)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    day timestamptz;
    counts jsonb;
BEGIN
    day := raw.site_tracking_next_day(request.tenant_hk, request.next_at);
    IF day IS NULL THEN
        counts := raw.site_tracking_erase_everywhere(
            'site_erase_visitors', request.tenant_hk::text, request.erasure_id);
        PERFORM util.log_audit_event(
            'SITE_TRACKING_ERASURE_DONE', 'erasure', request.erasure_id, session_user::text,
            jsonb_build_object('visitors', request.visitors));
    ELSE
        counts := raw.site_tracking_erase_everywhere(
            'site_erase_period', request.tenant_hk::text, request.erasure_id, day::text,
            (day + INTERVAL '1 day')::text);
    END IF;
    UPDATE raw.site_tracking_erasure_r
    SET status = CASE WHEN day IS NULL THEN 'DONE' ELSE 'ERASING' END,
        next_at = coalesce(day + INTERVAL '1 day', next_at),
        turn_at = clock_timestamp(),
        failures = 0,
        failure = NULL,
        erased_rows = raw.site_tracking_add_counts(erased_rows, counts),
        done_at = CASE WHEN day IS NULL THEN clock_timestamp() END
    WHERE erasure_id = request.erasure_id;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION raw.site_tracking_erase_scores(bytea,text) -- Erases what models say of the visitors of a request by what was received before it, and of sessions that are dissolved; tells how many scores.
CREATE OR REPLACE FUNCTION raw.site_tracking_erase_scores(tenant bytea, erasure text)
 RETURNS bigint
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    of_visitors bigint;
    of_sessions bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('site_tracking_scores', 0));
    DELETE FROM raw.site_tracking_score_s AS scores
    USING raw.site_tracking_tombstone_r AS tombstones
    WHERE tombstones.erasure_id = erasure
        AND scores.tenant_hk = tenant
        AND scores.visitor_hk = tombstones.visitor_hk
        AND scores.as_of < tombstones.erased_before;
    GET DIAGNOSTICS of_visitors = ROW_COUNT;
    -- Of sessions in which they were beside others.
    DELETE FROM raw.site_tracking_score_s AS scores
    USING raw.site_tracking_dissolved_r AS dissolved
    WHERE scores.tenant_hk = tenant
        AND scores.is_of_session
        AND dissolved.session_hk = scores.subject_hk;
    GET DIAGNOSTICS of_sessions = ROW_COUNT;
    RETURN of_visitors + of_sessions;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION raw.site_tracking_erased_counts(bytea) -- What becomes of sums in which erased visitors are, as the tenant's settings are now.
CREATE OR REPLACE FUNCTION raw.site_tracking_erased_counts(tenant bytea)
 RETURNS text
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT coalesce(
        (
            SELECT erased_counts
            FROM auth.tenant_site_tracking_s
            WHERE tenant_hk = tenant
            ORDER BY load_date DESC
            LIMIT 1
        ),
        'CORRECTED')
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION raw.site_tracking_erasure_failed(raw.site_tracking_erasure_r,text) -- Puts an erasure of which a part failed behind the others, the later, the more often it did; gives it up in the end.
CREATE OR REPLACE FUNCTION raw.site_tracking_erasure_failed(request raw.site_tracking_erasure_r, code text)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    -- In an hour, as what fails may pass: locks, a full disk.
    most_failures CONSTANT integer := 10;
BEGIN
    UPDATE raw.site_tracking_erasure_r
    SET status = CASE WHEN failures + 1 < most_failures THEN status ELSE 'FAILED' END,
        failures = failures + 1,
        failure = code,
        turn_at = clock_timestamp() + (failures + 1) * INTERVAL '1 minute'
    WHERE erasure_id = request.erasure_id;
    IF request.failures + 1 >= most_failures THEN
        PERFORM util.log_audit_event(
            'SITE_TRACKING_ERASURE_FAILED', 'erasure', request.erasure_id, session_user::text,
            jsonb_build_object('failure', code));
    END IF;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION raw.site_tracking_erasures(bytea,text) -- The data of api.get_erasures: how far an erasure is, what it waits for, what it erased where, and which copies end when.
CREATE OR REPLACE FUNCTION raw.site_tracking_erasures(tenant bytea, erasure text)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT jsonb_build_object('erasures', coalesce(jsonb_agg(jsonb_build_object(
        'erasure_id', erasure_id,
        'status', status,
        'visitors', visitors,
        'erased_counts', erased_counts,
        'requested_at', business.site_utc(load_date),
        'erased_before', business.site_utc(erased_before),
        'due_at', business.site_utc(due_at),
        'done_at', business.site_utc(done_at),
        'failure', failure,
        'waits_for', CASE WHEN status = 'ERASING' AND raw.site_tracking_carries_over() THEN 'reprocess' END,
        'erased_rows', erased_rows,
        'copies', jsonb_build_object(
            'job_state', 'removed within a minute or two while the job runs; nothing of it is written any more',
            'checkpoints_and_savepoints', 'until they are deleted, in checkpoints and native savepoints made later also until RocksDB has written its files anew; nothing of them is written any more',
            'events_topic', 'until retention.ms has passed; nothing of it is loaded again, but perhaps of a visitor of whom nothing was known, after 30 days and archive.ttl',
            'rejected_topic', 'until retention.ms has passed; nothing of it is loaded again, but perhaps of a visitor of whom nothing was known, after 30 days and archive.ttl',
            'database_log_and_backups', 'as long as they are kept; after a restore ask again'),
        'copies_end', raw.site_tracking_copies_end(tenant, erased_before, done_at))
        ORDER BY load_date DESC), '[]'))
    FROM (
        SELECT *
        FROM raw.site_tracking_erasure_r
        WHERE tenant_hk = tenant AND erasure_id = coalesce(erasure, erasure_id)
        ORDER BY load_date DESC
        LIMIT 100
    ) AS latest
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION raw.site_tracking_expire(date) -- Removes the next UTC day of a layer whose time is over on a day, of all tenants of which it is, and names both, or a layer that failed; NULL when nothing is left, or not as long as a reprocess carries over. Waits for who removes already.
CREATE OR REPLACE FUNCTION raw.site_tracking_expire(today date)
 RETURNS text
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
DECLARE
    of_layer text;
    part text;
BEGIN
    IF NOT raw.site_tracking_may_remove() THEN
        RETURN NULL;
    END IF;
    -- Erasures go on part by part, and let in who waits before the next one.
    PERFORM pg_advisory_xact_lock(hashtextextended('site_tracking_retention', 0));
    PERFORM raw.site_tracking_look_through(today);
    -- Events before the sessions that they are in.
    FOREACH of_layer IN ARRAY ARRAY['raw', 'rejected', 'staging', 'events', 'sessions', 'ledger'] LOOP
        -- One that failed waits the longer, the more often it did, an hour at most.
        CONTINUE WHEN EXISTS (
            SELECT FROM raw.site_tracking_kept_r
            WHERE layer = of_layer
                AND failures > 0
                AND load_date > clock_timestamp() - INTERVAL '1 minute' * least(failures, 60));
        BEGIN
            part := raw.site_tracking_expire_layer(of_layer, today);
            PERFORM raw.site_tracking_layer_failed(of_layer, NULL);
        EXCEPTION
            -- Others are not who cancels: the layers behind it would never come.
            WHEN query_canceled OR OTHERS THEN
                PERFORM raw.site_tracking_layer_failed(of_layer, SQLSTATE);
                part := of_layer || ' failed';
        END;
        IF part IS NOT NULL THEN
            RETURN part;
        END IF;
    END LOOP;
    RETURN NULL;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION raw.site_tracking_expire_layer(text,date) -- Removes the next UTC day of a layer, of all tenants whose time of it is over on a day, and names both; NULL when nothing is left.
CREATE OR REPLACE FUNCTION raw.site_tracking_expire_layer(of_layer text, today date)
 RETURNS text
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    layers CONSTANT text[] := CASE of_layer
        WHEN 'events' THEN ARRAY['raw', 'staging', 'business']
        ELSE ARRAY[of_layer] END;
    day date;
    is_over boolean;
    visitors bigint;
    tenants bytea[];
    dropped integer := 0;
    deleted bigint := 0;
BEGIN
    day := business.site_first_day(of_layer, (
        SELECT min(kept.next_day)
        FROM raw.site_tracking_kept_r AS kept
        JOIN raw.site_tracking_retention(today) AS settings USING (tenant_hk, layer)
        WHERE kept.layer = of_layer AND kept.next_day < settings.keep_from));
    -- Whose days are all looked through.
    WITH done AS (
        UPDATE raw.site_tracking_kept_r AS kept
        SET kept_from = greatest(kept.kept_from, settings.keep_from),
            next_day = settings.keep_from,
            load_date = clock_timestamp()
        FROM raw.site_tracking_retention(today) AS settings
        WHERE kept.layer = of_layer
            AND settings.tenant_hk = kept.tenant_hk
            AND settings.layer = kept.layer
            AND kept.next_day < settings.keep_from
            AND settings.keep_from <= coalesce(day, 'infinity')
        RETURNING kept.tenant_hk, settings.keep_from
    )
    SELECT
        count(raw.site_tracking_erase_everywhere(
            'site_expire_visitors', tenant_hk::text, (keep_from::timestamp AT TIME ZONE 'UTC')::text))
        + count(raw.site_tracking_expire_scores(tenant_hk, keep_from::timestamp AT TIME ZONE 'UTC'))
        + count(raw.site_tracking_expire_objections(tenant_hk, keep_from::timestamp AT TIME ZONE 'UTC'))
    INTO visitors
    FROM done
    WHERE of_layer = 'sessions';

    -- Where partitions are dropped also who was there before: what came late since goes with them.
    is_over := raw.site_tracking_is_over(of_layer, day, today);
    SELECT array_agg(tenant_hk)
    INTO tenants
    FROM raw.site_tracking_kept_r AS kept
    JOIN raw.site_tracking_retention(today) AS settings USING (tenant_hk, layer)
    WHERE kept.layer = of_layer
        AND day < settings.keep_from
        AND (kept.next_day <= day OR is_over);
    IF tenants IS NULL THEN
        RETURN NULL;
    END IF;

    IF of_layer IN ('raw', 'events') THEN
        PERFORM raw.site_tracking_keep_objections(tenants, day);
    END IF;
    IF of_layer IN ('raw', 'staging') THEN
        PERFORM business.site_keep_event_visitors(of_layer, tenants, day);
    ELSIF of_layer = 'events' AND is_over THEN
        -- What came between would be dropped uncounted.
        IF NOT raw.site_tracking_hold_partitions(layers, day) THEN
            RAISE lock_not_available USING MESSAGE = format('somebody writes to partitions of %s', day);
        END IF;
        deleted := business.site_expire_keys(tenants, day);
    END IF;
    IF is_over THEN
        dropped := raw.site_tracking_drop_partitions(layers, day);
    END IF;
    deleted := deleted + coalesce((raw.site_tracking_erase_everywhere(
        'site_expire_day', of_layer, tenants::text, day::text) ->> 'rows')::bigint, 0);
    UPDATE raw.site_tracking_kept_r
    SET kept_from = greatest(kept_from, day + 1),
        next_day = greatest(next_day, day + 1),
        dropped_partitions = dropped_partitions + dropped,
        deleted_rows = deleted_rows + deleted,
        load_date = clock_timestamp()
    WHERE layer = of_layer AND tenant_hk = ANY (tenants);
    PERFORM util.log_audit_event(
        'SITE_TRACKING_RETENTION', 'layer', of_layer, session_user::text, jsonb_build_object(
            'day', day, 'tenants', ARRAY(SELECT encode(tenant, 'hex') FROM unnest(tenants) AS tenant),
            'deleted_rows', deleted, 'dropped_partitions', dropped));
    RETURN of_layer || ' ' || day;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION raw.site_tracking_expire_next() -- Carries out the next part of retention, a day of a layer, and names it, or which layer failed; when there is none to do, or not now, removes what is left of old requests and answers NULL. To be called in transactions of their own.
CREATE OR REPLACE FUNCTION raw.site_tracking_expire_next()
 RETURNS text
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    part text;
BEGIN
    part := raw.site_tracking_expire((now() AT TIME ZONE 'UTC')::date);
    -- Behind the last part alone: who drops a day keeps loaders and readers waiting to the end of the transaction.
    IF part IS NULL THEN
        PERFORM raw.site_tracking_end_requests();
    END IF;
    RETURN part;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner,site_tracking_eraser=X/site_tracking_owner}

FUNCTION raw.site_tracking_expire_objections(bytea,timestamp with time zone) -- Removes that visitors objected of whom no session is kept any more; tells how many did.
CREATE OR REPLACE FUNCTION raw.site_tracking_expire_objections(tenant bytea, before timestamp with time zone)
 RETURNS bigint
 LANGUAGE sql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    WITH gone AS (
        DELETE FROM raw.site_tracking_objection_r AS objections
        WHERE objections.tenant_hk = tenant
            AND objections.objected_on < (before AT TIME ZONE 'UTC')::date
            AND NOT EXISTS (
                SELECT FROM business.site_session_b AS sessions
                WHERE sessions.tenant_hk = tenant AND sessions.visitor_hk = objections.visitor_hk)
        RETURNING 1
    )
    SELECT count(*) FROM gone
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION raw.site_tracking_expire_scores(bytea,timestamp with time zone) -- Removes scores as of a time when sessions are kept no more, and those of visitors without any; tells how many.
CREATE OR REPLACE FUNCTION raw.site_tracking_expire_scores(tenant bytea, before timestamp with time zone)
 RETURNS bigint
 LANGUAGE sql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    WITH gone AS (
        DELETE FROM raw.site_tracking_score_s AS scores
        WHERE scores.tenant_hk = tenant
            AND (scores.as_of < before
                OR NOT EXISTS (
                    SELECT FROM business.site_session_b AS sessions
                    WHERE sessions.tenant_hk = tenant
                        AND sessions.visitor_hk = scores.visitor_hk
                        AND NOT sessions.is_bot))
        RETURNING 1
    )
    SELECT count(*) FROM gone
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION raw.site_tracking_expiring(date) -- Dry run: what retention would remove on a day, as events, sessions or totals, by tenant and layer; reads all of it.
CREATE OR REPLACE FUNCTION raw.site_tracking_expiring(on_day date DEFAULT ((now() AT TIME ZONE 'UTC'::text))::date)
 RETURNS TABLE(tenant_bk text, layer text, keep_days integer, keep_from date, row_count bigint)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT tenants.tenant_bk::text, settings.layer, settings.keep_days, settings.keep_from, CASE settings.layer
        WHEN 'raw' THEN (
            SELECT count(*)
            FROM raw.site_tracking_events_r
            WHERE tenant_hk = settings.tenant_hk AND event_timestamp < ends.at AND processing_status <> 'ERROR')
        WHEN 'rejected' THEN (
            SELECT count(*)
            FROM raw.site_tracking_events_r
            WHERE tenant_hk = settings.tenant_hk AND event_timestamp < ends.at AND processing_status = 'ERROR')
        WHEN 'staging' THEN (
            SELECT count(*)
            FROM staging.site_tracking_events_s
            WHERE tenant_hk = settings.tenant_hk AND event_timestamp < ends.at)
        WHEN 'events' THEN (
            SELECT count(*)
            FROM business.site_event_h
            WHERE tenant_hk = settings.tenant_hk AND event_timestamp < ends.at)
        WHEN 'sessions' THEN (
            SELECT count(DISTINCT session_hk)
            FROM business.site_session_details_s
            WHERE tenant_hk = settings.tenant_hk AND session_start < ends.at)
        WHEN 'ledger' THEN (
            SELECT count(*)
            FROM raw.site_tracking_ledger_r
            WHERE tenant_hk = settings.tenant_hk AND ledger_date < settings.keep_from)
        END
    FROM raw.site_tracking_retention(on_day) AS settings
    JOIN auth.tenant_h AS tenants ON tenants.tenant_hk = settings.tenant_hk
    CROSS JOIN LATERAL (SELECT settings.keep_from::timestamp AT TIME ZONE 'UTC' AS at) AS ends
    WHERE settings.keep_days IS NOT NULL
    ORDER BY 1, 2
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner,site_tracking_eraser=X/site_tracking_owner}

FUNCTION raw.site_tracking_export(bytea,jsonb) -- The lines of api.export_visitor. Errors: ST400.
CREATE OR REPLACE FUNCTION raw.site_tracking_export(tenant bytea, visitor jsonb)
 RETURNS SETOF jsonb
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    asked record;
    visitors bytea[];
    lines bigint;
BEGIN
    IF coalesce(jsonb_typeof(visitor), '') <> 'object' THEN
        PERFORM business.site_argument_error('visitor', 'An object of visitor_id, user_id, visitor_bk or visitor_hk.');
    END IF;
    SELECT * INTO asked FROM raw.site_tracking_asked_visitors(tenant, visitor);
    IF asked.client_id IS NOT NULL THEN
        INSERT INTO raw.site_tracking_export_r (export_id, tenant_hk, client_id, id_kind, load_date)
        SELECT replace(gen_random_uuid()::text, '-', ''), tenant, asked.client_id, asked.id_kind, clock_timestamp()
        WHERE NOT EXISTS (
            SELECT FROM raw.site_tracking_export_r
            WHERE tenant_hk = tenant AND client_id = asked.client_id AND id_kind = asked.id_kind);
        visitors := ARRAY(
            SELECT DISTINCT visitor_hk
            FROM raw.site_tracking_export_r
            WHERE tenant_hk = tenant
                AND client_id = asked.client_id
                AND id_kind = asked.id_kind
                AND visitor_hk IS NOT NULL);
        IF visitors = '{}' THEN
            RETURN NEXT jsonb_build_object(
                'kind', 'pending', 'message', 'The job tells within seconds whom the id means. Ask again.');
            RETURN;
        END IF;
        DELETE FROM raw.site_tracking_export_r
        WHERE tenant_hk = tenant AND client_id = asked.client_id AND id_kind = asked.id_kind;
        -- They have not come to the job yet, and hold the id as the client sends it.
        RETURN QUERY
        SELECT jsonb_build_object('kind', 'waiting', 'event', events.payload::jsonb)
        FROM raw.site_tracking_outbox_r AS events
        WHERE events.tenant_hk = tenant
            AND raw.site_tracking_tracked_id(events.payload::jsonb, asked.id_kind) = asked.client_id;
    ELSE
        visitors := ARRAY[asked.visitor_hk];
    END IF;
    RETURN QUERY
    SELECT told.line
    FROM unnest(visitors) AS named (visitor)
    CROSS JOIN LATERAL business.site_visitor_lines(tenant, named.visitor) AS told (line);
    GET DIAGNOSTICS lines = ROW_COUNT;
    PERFORM util.log_audit_event(
        'SITE_TRACKING_EXPORT', 'tenant', encode(tenant, 'hex'), session_user::text,
        jsonb_build_object('lines', lines) || auth.site_tracking_asking());
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION raw.site_tracking_feature_lines(bytea,jsonb) -- The lines of api.export_features. Errors: ST400.
CREATE OR REPLACE FUNCTION raw.site_tracking_feature_lines(tenant bytea, given jsonb)
 RETURNS SETOF jsonb
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_custom_plan'
 SET jit TO 'off'
 SET work_mem TO '64MB'
 SET "TimeZone" TO 'UTC'
 SET "DateStyle" TO 'ISO, YMD'
AS $function$
DECLARE
    options CONSTANT jsonb := business.site_options(
        given, 'features', 'from', 'to', 'as_of', 'opted_out', 'include_opted_out');
    zone CONSTANT text := business.site_time_zone(tenant, options);
    features CONSTANT text := options ->> 'features';
    as_of CONSTANT timestamptz := CASE WHEN options ? 'as_of'
        THEN business.site_instant_option(options, 'as_of', zone) END;
    from_at CONSTANT timestamptz := CASE WHEN options ? 'from'
        THEN business.site_instant_option(options, 'from', zone) ELSE '-infinity' END;
    to_at CONSTANT timestamptz := CASE WHEN options ? 'to'
        THEN business.site_instant_option(options, 'to', zone) ELSE 'infinity' END;
    what CONSTANT text[] := CASE features
        WHEN 'sessions' THEN ARRAY['site_session_features_v', 'session_start', 'session_start, session_bk COLLATE "C"']
        WHEN 'visitors' THEN ARRAY['site_visitor_features_v', 'last_seen_at', 'visitor_bk COLLATE "C"']
        WHEN 'visitor_days' THEN ARRAY[
            'site_visitor_day_features_v', 'day::timestamp AT TIME ZONE ''UTC''', 'visitor_bk COLLATE "C", day']
        END;
    opted_out CONSTANT boolean := (options -> 'opted_out')::boolean;
    all_are_told CONSTANT boolean := opted_out IS NULL AND coalesce((options -> 'include_opted_out')::boolean, false);
    -- A setting of the function itself would need a right that only a superuser can give.
    before CONSTANT text := coalesce(current_setting('site_tracking.as_of', true), '');
    -- Who is told, or left out.
    chosen bytea[];
    -- Of sessions the view itself knows.
    is_told CONSTANT text := CASE
        WHEN all_are_told THEN 'true'
        WHEN features <> 'sessions' THEN format('(visitor_hk = ANY ($4)) = %L', opted_out IS NOT NULL)
        WHEN opted_out IS NULL THEN 'opted_out IS NOT TRUE'
        ELSE format('opted_out = %L', opted_out) END;
    lines bigint;
BEGIN
    IF what IS NULL THEN
        PERFORM business.site_argument_error('features', 'One of sessions, visitors, visitor_days.');
    END IF;
    PERFORM set_config('site_tracking.as_of', coalesce(as_of::text, ''), true);
    IF NOT all_are_told AND features <> 'sessions' THEN
        -- Whoever objects by now does so for what was before, too.
        chosen := business.site_sessions_opted(tenant, '-infinity', 'infinity', coalesce(opted_out, true));
        chosen := raw.site_tracking_visitors_opted(tenant, chosen, coalesce(opted_out, true));
    END IF;
    RETURN QUERY EXECUTE format(
        'SELECT to_jsonb(told) - %L::text[] FROM business.%I AS told'
        ' WHERE tenant_hk = $1 AND %s >= $2 AND %s < $3 AND %s ORDER BY %s',
        ARRAY['tenant_hk', 'session_hk', 'visitor_hk'], what[1], what[2], what[2], is_told, what[3])
    USING tenant, from_at, to_at, chosen;
    GET DIAGNOSTICS lines = ROW_COUNT;
    PERFORM set_config('site_tracking.as_of', before, true);
    IF NOT current_setting('transaction_read_only')::boolean THEN
        PERFORM util.log_audit_event(
            'SITE_TRACKING_FEATURES_EXPORT', 'tenant', encode(tenant, 'hex'), session_user::text,
            jsonb_build_object('features', features, 'lines', lines) || auth.site_tracking_asking());
    END IF;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION raw.site_tracking_follow_users(bytea[],bytea[],bytea[]) -- Notes of whom events arrive that are erased, with or without a user each, and has the visitors erased as whom erased users were seen in them, as nobody else was.
CREATE OR REPLACE PROCEDURE raw.site_tracking_follow_users(IN tenant_hks bytea[], IN user_hks bytea[], IN visitor_hks bytea[])
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $procedure$
DECLARE
    erasure text;
    told record;
BEGIN
    -- Nobody made them up.
    UPDATE raw.site_tracking_tombstone_r AS tombstones
    SET is_known = true
    FROM (
        SELECT tenant_hk, visitor_hk, erasure_id
        FROM raw.site_tracking_tombstone_r
        WHERE NOT is_known
            AND (tenant_hk, visitor_hk) IN (
                SELECT given.tenant_hk, named.visitor_hk
                FROM unnest(tenant_hks, user_hks, visitor_hks) AS given (tenant_hk, user_hk, visitor_hk)
                CROSS JOIN LATERAL unnest(ARRAY[given.user_hk, given.visitor_hk]) AS named (visitor_hk))
        ORDER BY tenant_hk, visitor_hk, erasure_id
        FOR UPDATE
    ) AS came
    WHERE tombstones.tenant_hk = came.tenant_hk
        AND tombstones.visitor_hk = came.visitor_hk
        AND tombstones.erasure_id = came.erasure_id;
    FOR told IN
        SELECT erased.tenant_hk, erased.before, array_agg(erased.visitor_hk ORDER BY erased.visitor_hk) AS visitors
        FROM (
            SELECT given.tenant_hk, given.visitor_hk, max(users.erased_before) AS before
            FROM unnest(tenant_hks, user_hks, visitor_hks) AS given (tenant_hk, user_hk, visitor_hk)
            JOIN raw.site_tracking_tombstone_r AS users
                ON users.tenant_hk = given.tenant_hk AND users.visitor_hk = given.user_hk
            WHERE NOT EXISTS (
                SELECT FROM business.site_user_visitor_b AS others
                WHERE others.visitor_hk = given.visitor_hk AND others.user_hk <> given.user_hk)
            GROUP BY given.tenant_hk, given.visitor_hk
        ) AS erased
        WHERE NOT EXISTS (
            SELECT FROM raw.site_tracking_tombstone_r AS known
            WHERE known.tenant_hk = erased.tenant_hk
                AND known.visitor_hk = erased.visitor_hk
                -- Also one of whom it is known that others were it, too.
                AND coalesce(known.shared_before, known.erased_before) >= erased.before)
        GROUP BY erased.tenant_hk, erased.before
        ORDER BY erased.tenant_hk, erased.before
    LOOP
        erasure := raw.site_tracking_add_erasure(told.tenant_hk, 'ERASING', cardinality(told.visitors), told.before);
        UPDATE raw.site_tracking_erasure_r
        SET record_source = 'site_tracking_follow_users'
        WHERE erasure_id = erasure;
        INSERT INTO raw.site_tracking_tombstone_r (tenant_hk, visitor_hk, erasure_id, erased_before, through_user)
        SELECT told.tenant_hk, visitor_hk, erasure, told.before, true
        FROM unnest(told.visitors) AS visitor_hk;
        PERFORM util.log_audit_event(
            'SITE_TRACKING_ERASURE_REQUESTED', 'erasure', erasure, session_user::text,
            jsonb_build_object('tenant', encode(told.tenant_hk, 'hex'), 'visitors', cardinality(told.visitors)));
    END LOOP;
END
$procedure$

    GRANTS {site_tracking_owner=X/site_tracking_owner,site_tracking_loader=X/site_tracking_owner}

FUNCTION raw.site_tracking_forget(bytea,jsonb) -- The data of api.forget_visitor. Errors: ST400.
CREATE OR REPLACE FUNCTION raw.site_tracking_forget(tenant bytea, visitors jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    -- What collector and outbox have in hand is appended by then.
    before CONSTANT timestamptz := clock_timestamp() + INTERVAL '10 seconds';
    most_open CONSTANT integer := 100;
    keys bytea[];
    ids text[];
    kinds text[];
    erasure text;
BEGIN
    IF (
        SELECT count(*)
        FROM raw.site_tracking_erasure_r
        WHERE tenant_hk = tenant
            AND status IN ('NAMING', 'ERASING')
            -- Those nobody asked for.
            AND record_source <> 'site_tracking_follow_users'
    ) >= most_open THEN
        PERFORM business.site_argument_error('visitors', format(
            '%s requests are open already. Wait, or name more visitors in one.', most_open));
    END IF;
    SELECT
        coalesce(array_agg(visitor_hk) FILTER (WHERE client_id IS NULL), '{}'),
        coalesce(array_agg(client_id) FILTER (WHERE client_id IS NOT NULL), '{}'),
        coalesce(array_agg(id_kind) FILTER (WHERE client_id IS NOT NULL), '{}')
    INTO keys, ids, kinds
    FROM (
        -- A key is the same one however it was told.
        SELECT DISTINCT visitor_hk, client_id, CASE WHEN client_id IS NOT NULL THEN id_kind END AS id_kind
        FROM raw.site_tracking_asked_visitors(tenant, visitors)
    ) AS asked;
    erasure := raw.site_tracking_add_erasure(
        tenant, CASE WHEN ids = '{}' THEN 'ERASING' ELSE 'NAMING' END, cardinality(keys) + cardinality(ids), before);
    PERFORM raw.site_tracking_bury(tenant, keys, erasure, before);
    -- Here alone the ids are known as clients send them.
    IF ids <> '{}' THEN
        INSERT INTO raw.site_tracking_erasure_id_r (erasure_id, client_id, id_kind, tenant_hk)
        SELECT erasure, client_id, id_kind, tenant
        FROM unnest(ids, kinds) AS asked (client_id, id_kind);
        -- Many events may wait, and many be asked for.
        WITH waiting AS MATERIALIZED (
            SELECT events.outbox_id, kinds.id_kind, raw.site_tracking_tracked_id(events.payload::jsonb, kinds.id_kind) AS client_id
            FROM raw.site_tracking_outbox_r AS events
            CROSS JOIN (VALUES ('visitor_id'), ('user_id')) AS kinds (id_kind)
            WHERE events.tenant_hk = tenant
        )
        DELETE FROM raw.site_tracking_outbox_r AS events
        USING waiting
        JOIN raw.site_tracking_erasure_id_r AS ids
            ON ids.id_kind = waiting.id_kind AND ids.client_id = waiting.client_id
        WHERE ids.erasure_id = erasure
            AND events.tenant_hk = tenant
            AND events.outbox_id = waiting.outbox_id;
    END IF;
    PERFORM util.log_audit_event(
        'SITE_TRACKING_ERASURE_REQUESTED', 'erasure', erasure, session_user::text,
        jsonb_build_object('tenant', encode(tenant, 'hex'), 'visitors', jsonb_array_length(
            CASE jsonb_typeof(visitors) WHEN 'object' THEN jsonb_build_array(visitors) ELSE visitors END)));
    RETURN raw.site_tracking_erasures(tenant, erasure) #> '{erasures,0}';
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION raw.site_tracking_forget_events(bytea[],text[]) -- Has the job forget events, erased ones, of which its state may hold something.
CREATE OR REPLACE PROCEDURE raw.site_tracking_forget_events(IN tenant_hks bytea[], IN event_bks text[])
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $procedure$
    INSERT INTO raw.site_tracking_forgotten_r (tenant_hk, event_bk, added_in, load_date)
    SELECT DISTINCT tenant_hk, event_bk, pg_current_xact_id(), clock_timestamp()
    FROM unnest(tenant_hks, event_bks) AS given (tenant_hk, event_bk)
    ORDER BY tenant_hk, event_bk
    ON CONFLICT (tenant_hk, event_bk) DO UPDATE SET
        added_in = excluded.added_in,
        load_date = excluded.load_date
$procedure$

    GRANTS {site_tracking_owner=X/site_tracking_owner,site_tracking_loader=X/site_tracking_owner}

FUNCTION raw.site_tracking_forgotten(text,text,text,text,integer) -- Which events are erased that were not at the snapshot of an earlier call, or without one all of them: the next so many behind a row of this answer, in the order in which transactions began. The last row has the snapshot.
CREATE OR REPLACE FUNCTION raw.site_tracking_forgotten(known text, after_added text, after_tenant text, after_event text, most integer)
 RETURNS TABLE(tenant_hk text, event_bk text, added_in text, snapshot text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT *
    FROM (
        SELECT encode(events.tenant_hk, 'hex'), events.event_bk::text, events.added_in::text, NULL::text
        FROM raw.site_tracking_forgotten_r AS events
        WHERE events.added_in >= coalesce(pg_snapshot_xmin(known::pg_snapshot), '0')
            AND (known IS NULL OR NOT pg_visible_in_snapshot(events.added_in, known::pg_snapshot))
            AND (after_added IS NULL
                OR (events.added_in, events.tenant_hk, events.event_bk::text)
                    > (after_added::xid8, decode(after_tenant, 'hex'), after_event))
        ORDER BY events.added_in, events.tenant_hk, events.event_bk::text
        LIMIT most
    ) AS page
    UNION ALL
    SELECT NULL, NULL, NULL, pg_current_snapshot()::text
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner,site_tracking_loader=X/site_tracking_owner}

FUNCTION raw.site_tracking_given(jsonb) -- The value of a member; NULL where null or a blank text says that it is absent.
CREATE OR REPLACE FUNCTION raw.site_tracking_given(value jsonb)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$ SELECT CASE WHEN raw.site_tracking_trim(value #>> '{}') IS NOT NULL THEN value END $function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION raw.site_tracking_heartbeats(text) -- When a program was last alive; age_seconds is that of its part that was silent for longest.
CREATE OR REPLACE FUNCTION raw.site_tracking_heartbeats(of_program text)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT jsonb_build_object(
        'last_beat_at', business.site_utc(max(beat_at)),
        -- greatest() would make 0 of a program that was never seen.
        'age_seconds', CASE WHEN count(*) > 0 THEN
            greatest(round(extract(epoch FROM clock_timestamp() - min(beat_at))::numeric, 1), 0) END,
        'failing_since', business.site_utc(min(failing_since)),
        'version', max(version),
        'parts', coalesce(
            jsonb_object_agg(part, business.site_utc(beat_at)) FILTER (WHERE part <> ''), '{}'))
    FROM raw.site_tracking_heartbeat_r
    WHERE program = of_program
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION raw.site_tracking_hold_partitions(text[],date) -- Keeps writers away from the partitions of a UTC day in the given layers until the transaction ends; false where a lock was not to be had, and then it holds none.
CREATE OR REPLACE FUNCTION raw.site_tracking_hold_partitions(layers text[], partition_day date)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET lock_timeout TO '750ms'
AS $function$
DECLARE
    held record;
BEGIN
    FOR held IN
        SELECT format('%I.%I', table_schema, table_name || to_char(partition_day, '"_p"YYYYMMDD')) AS partition
        FROM raw.site_tracking_partitioned_tables()
        WHERE table_schema = ANY (layers)
        ORDER BY table_order
    LOOP
        IF to_regclass(held.partition) IS NOT NULL THEN
            EXECUTE format('LOCK TABLE ONLY %s IN SHARE ROW EXCLUSIVE MODE', held.partition);
        END IF;
    END LOOP;
    RETURN true;
EXCEPTION
    WHEN lock_not_available THEN
        RETURN false;
END
$function$

    GRANTS {postgres=X/postgres,site_tracking_owner=X/postgres}

FUNCTION raw.site_tracking_hold_parts(bytea[]) -- Has parts of erasures of tenants wait until the load of the micro-batch ends, and waits for one that is under way; to be called before it is asked what is erased.
CREATE OR REPLACE PROCEDURE raw.site_tracking_hold_parts(IN tenant_hks bytea[])
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $procedure$
BEGIN
    PERFORM pg_advisory_lock_shared(hashtextextended('site_tracking_part' || encode(tenant_hk, 'hex'), 0))
    FROM (SELECT DISTINCT tenant_hk FROM unnest(tenant_hks) AS tenant_hk ORDER BY tenant_hk) AS tenants;
END
$procedure$

    GRANTS {site_tracking_owner=X/site_tracking_owner,site_tracking_loader=X/site_tracking_owner}

FUNCTION raw.site_tracking_id(jsonb) -- An id as the contract reads it.
CREATE OR REPLACE FUNCTION raw.site_tracking_id(value jsonb)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
    SELECT normalize(raw.site_tracking_trim(
        -- As the job writes numbers that are ids.
        CASE jsonb_typeof(value) WHEN 'number' THEN trim_scale(value::numeric)::text ELSE value #>> '{}' END), NFC)
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION raw.site_tracking_id_breach(jsonb,text) -- Why the contract refuses an id, and which; NULL when it does not.
CREATE OR REPLACE FUNCTION raw.site_tracking_id_breach(value jsonb, field text)
 RETURNS text[]
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
    SELECT CASE
        WHEN jsonb_typeof(value) IN ('boolean', 'object', 'array') THEN ARRAY['WRONG_TYPE', field]
        WHEN length(raw.site_tracking_id(value)) > 200 THEN ARRAY['ID_TOO_LONG', field]
    END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION raw.site_tracking_ids_to_name(integer) -- The ids of visitors and users whose data is asked for, and so many of those to erase, of which the job has to tell whom they are. Those of old questions are deleted.
CREATE OR REPLACE FUNCTION raw.site_tracking_ids_to_name(most integer DEFAULT 1000)
 RETURNS TABLE(erasure_id text, client_id text, tenant_hk text, id_kind text)
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    DELETE FROM raw.site_tracking_export_r WHERE load_date < now() - INTERVAL '1 hour';
    SELECT export_id, client_id, encode(tenant_hk, 'hex'), id_kind
    FROM raw.site_tracking_export_r
    WHERE visitor_hk IS NULL
    UNION ALL
    SELECT *
    FROM (
        SELECT erasure_id, client_id, encode(tenant_hk, 'hex'), id_kind
        FROM raw.site_tracking_erasure_id_r
        -- The job is told of no others, and would leave them where they are.
        WHERE tenant_hk IN (SELECT tenant_hk FROM auth.tenant_h WHERE tenant_bk IS NOT NULL)
        LIMIT most
    ) AS waiting
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner,site_tracking_loader=X/site_tracking_owner}

FUNCTION raw.site_tracking_install_index(text,text,text,text) -- Creates an index of ours where it is missing, with its comment.
CREATE OR REPLACE PROCEDURE raw.site_tracking_install_index(IN index_schema text, IN index_name text, IN definition text, IN purpose text)
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $procedure$
BEGIN
    -- IF NOT EXISTS would tell of an index that is there.
    IF to_regclass(format('%I.%I', index_schema, index_name)) IS NULL THEN
        EXECUTE format('CREATE INDEX %I %s', index_name, definition);
    END IF;
    EXECUTE format('COMMENT ON INDEX %I.%I IS %L', index_schema, index_name, purpose);
END
$procedure$

    GRANTS {postgres=X/postgres}

FUNCTION raw.site_tracking_install_table(text,text,text,text,boolean) -- Runs a CREATE TABLE statement, or checks the table that is there (ST010); adds the default partition, comments, row security, and what owner, loader, relay and analysts may do.
CREATE OR REPLACE PROCEDURE raw.site_tracking_install_table(IN definition text, IN to_owner text DEFAULT NULL::text, IN to_loader text DEFAULT NULL::text, IN to_relay text DEFAULT NULL::text, IN to_analysts boolean DEFAULT false)
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $procedure$
DECLARE
    names CONSTANT text[] := regexp_match(
        definition, 'CREATE (?:UNLOGGED )?TABLE IF NOT EXISTS (\w+)\.(\w+)');
    target CONSTANT text := format('%I.%I', names[1], names[2]);
    fallback CONSTANT text := format('%I.%I', names[1], names[2] || '_pdefault');
    is_new CONSTANT boolean := to_regclass(target) IS NULL;
BEGIN
    IF is_new THEN
        EXECUTE definition;
    ELSE
        CALL raw.site_tracking_check_table(target, definition);
    END IF;
    -- Rows of a day that has no partition must have a place to go.
    IF to_regclass(fallback) IS NULL AND pg_get_partkeydef(target::regclass) IS NOT NULL THEN
        EXECUTE format('CREATE TABLE %s PARTITION OF %s DEFAULT', fallback, target);
    END IF;
    -- What an administrator grants later stays.
    IF is_new THEN
        CALL raw.site_tracking_close_table(target);
    END IF;
    CALL raw.site_tracking_secure_table(target, to_owner, to_loader, to_relay, to_analysts);
    CALL raw.site_tracking_comment_table(target, definition);
END
$procedure$

    GRANTS {postgres=X/postgres}

FUNCTION raw.site_tracking_is_over(text,date,date) -- Whether a layer has partitions by UTC day, and the time of this one is over for all tenants.
CREATE OR REPLACE FUNCTION raw.site_tracking_is_over(of_layer text, day date, today date)
 RETURNS boolean
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT of_layer IN ('raw', 'staging', 'events')
        AND NOT EXISTS (
            SELECT FROM raw.site_tracking_retention(today)
            WHERE (layer = of_layer OR layer = 'rejected' AND of_layer <> 'staging')
                AND (keep_from IS NULL OR keep_from <= day))
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION raw.site_tracking_judge_next() -- Judges the alert that was not judged for longest, a minute at least, and names it; NULL when there is nothing to do. Where it begins or ends a call is to be made. To be called in transactions of their own.
CREATE OR REPLACE FUNCTION raw.site_tracking_judge_next()
 RETURNS text
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_custom_plan'
 SET jit TO 'off'
 SET work_mem TO '64MB'
 SET "TimeZone" TO 'UTC'
AS $function$
DECLARE
    alert record;
    value numeric;
    is_firing boolean;
BEGIN
    -- One relay at a time.
    IF NOT pg_try_advisory_xact_lock('raw.site_tracking_alert_r'::regclass::oid::integer, 0) THEN
        RETURN NULL;
    END IF;
    SELECT alerts.*, tenants.tenant_bk, coalesce(held.is_firing, false) AS was_firing, held.changed_at
    INTO alert
    FROM business.site_alerts() AS alerts
    JOIN auth.tenant_h AS tenants ON tenants.tenant_hk = alerts.tenant_hk
    LEFT JOIN raw.site_tracking_alert_r AS held
        ON held.tenant_hk = alerts.tenant_hk AND held.name = alerts.name AND held.version_from = alerts.version_from
    WHERE held.judged_at IS NULL OR held.judged_at <= now() - INTERVAL '1 minute'
    ORDER BY held.judged_at NULLS FIRST
    LIMIT 1;
    IF NOT FOUND THEN
        DELETE FROM raw.site_tracking_alert_call_r WHERE changed_at < now() - INTERVAL '30 days';
        RETURN NULL;
    END IF;
    BEGIN
        -- As business.site_answer does.
        LOCK TABLE ONLY raw.site_tracking_ledger_r IN ACCESS SHARE MODE;
        value := business.site_alert_value(alert.tenant_hk, alert.content, now());
    EXCEPTION
        -- One tenant's trouble is not that of the others, be it a timeout.
        WHEN query_canceled OR OTHERS THEN
            RAISE WARNING 'An alert can''t be judged, SQLSTATE %: %', SQLSTATE, SQLERRM;
    END;
    is_firing := coalesce(
        value > (alert.content -> 'above')::numeric, value < (alert.content -> 'below')::numeric, alert.was_firing);
    IF is_firing <> alert.was_firing THEN
        alert.changed_at := now();
        INSERT INTO raw.site_tracking_alert_call_r
        SELECT
            alert.tenant_hk, alert.name, alert.changed_at,
            jsonb_build_object(
                'id', encode(sha256(convert_to(
                    concat_ws('|', encode(alert.tenant_hk, 'hex'), alert.changed_at, alert.name), 'UTF8')), 'hex'),
                'tenant', alert.tenant_bk,
                'alert', alert.name,
                'is_firing', is_firing,
                'value', value,
                'changed_at', business.site_utc(alert.changed_at)
            ) || (alert.content - '{secret,webhook}'::text[]),
            0, now(), NULL, NULL, 'site-tracking-relay'
        WHERE alert.content ? 'webhook';
    END IF;
    INSERT INTO raw.site_tracking_alert_r AS held
    VALUES (alert.tenant_hk, alert.name, alert.version_from, now(), value, is_firing, alert.changed_at,
        'site-tracking-relay')
    ON CONFLICT (tenant_hk, name) DO UPDATE SET
        version_from = excluded.version_from,
        judged_at = excluded.judged_at,
        value = excluded.value,
        is_firing = excluded.is_firing,
        changed_at = excluded.changed_at;
    RETURN alert.name;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner,site_tracking_relay=X/site_tracking_owner}

FUNCTION raw.site_tracking_keep_event_times(bytea[],bytea[],bigint[],bigint[]) -- Which of the given events, by their place, occurred at another time than the given one, and when: as another delivery came first. What was answered holds for ever.
CREATE OR REPLACE FUNCTION raw.site_tracking_keep_event_times(tenant_hks bytea[], event_hks bytea[], key_micros bigint[], event_micros bigint[])
 RETURNS TABLE(number integer, at_micros bigint)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_seqscan TO 'off'
 SET jit TO 'off'
AS $function$
#variable_conflict use_column
BEGIN
    -- In one order, so that none waits for another in a circle.
    INSERT INTO raw.site_tracking_event_time_r (keyed_at, event_hk, tenant_hk, event_timestamp)
    SELECT instant.keyed_at, given.event_hk, given.tenant_hk, instant.at
    FROM unnest(tenant_hks, event_hks, key_micros, event_micros)
        AS given (tenant_hk, event_hk, key_micros, micros)
    CROSS JOIN LATERAL (
        SELECT
            timestamptz 'epoch' + given.key_micros * INTERVAL '1 microsecond' AS keyed_at,
            timestamptz 'epoch' + given.micros * INTERVAL '1 microsecond' AS at
    ) AS instant
    WHERE given.key_micros <> given.micros
        AND NOT EXISTS (
            SELECT FROM business.site_event_h AS events
            WHERE events.event_timestamp = instant.keyed_at AND events.event_hk = given.event_hk
        )
    ORDER BY instant.keyed_at, given.event_hk
    ON CONFLICT (keyed_at, event_hk) DO NOTHING;

    -- An event that is neither there nor new is at the time in its key.
    RETURN QUERY
    SELECT
        given.number::integer,
        coalesce((extract(epoch FROM kept.event_timestamp) * 1000000)::bigint, given.key_micros)
    FROM unnest(event_hks, key_micros, event_micros)
        WITH ORDINALITY AS given (event_hk, key_micros, micros, number)
    LEFT JOIN raw.site_tracking_event_time_r AS kept
        ON kept.keyed_at = timestamptz 'epoch' + given.key_micros * INTERVAL '1 microsecond'
        AND kept.event_hk = given.event_hk
    WHERE coalesce((extract(epoch FROM kept.event_timestamp) * 1000000)::bigint, given.key_micros)
        <> given.micros;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner,site_tracking_loader=X/site_tracking_owner}

FUNCTION raw.site_tracking_keep_objections(bytea[],date) -- Keeps, before a day of tenants' raw goes, who objected to sale or sharing on it and may be recognised.
CREATE OR REPLACE FUNCTION raw.site_tracking_keep_objections(tenants bytea[], day date)
 RETURNS void
 LANGUAGE sql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT raw.site_tracking_put_objections(
        array_agg(told.tenant_hk), array_agg(business.site_hash_key(told.tenant_hk, told.visitor_bk)),
        array_agg(told.objected_on))
    FROM (
        SELECT
            tenant_hk,
            coalesce(visitor_bk, payload ->> 'visitor_id') AS visitor_bk,
            max((load_date AT TIME ZONE 'UTC')::date) AS objected_on
        FROM raw.site_tracking_events_r
        WHERE tenant_hk = ANY (tenants)
            AND event_timestamp >= day::timestamp AT TIME ZONE 'UTC'
            AND event_timestamp < (day + 1)::timestamp AT TIME ZONE 'UTC'
            AND processing_status <> 'ERROR'
            AND business.site_opted_out(payload)
        GROUP BY tenant_hk, coalesce(visitor_bk, payload ->> 'visitor_id')
    ) AS told
    WHERE told.visitor_bk NOT LIKE 'anon\_%'
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION raw.site_tracking_keep_values(bytea[],text[],bytea[],bigint[],date[]) -- Which of the given values, by their place, events of the given times keep, and from when the value is kept; the others are (other) there. What was answered holds for ever. A value is new until it is kept; new values are kept in their order up to the cap of their tenant, kind and day.
CREATE OR REPLACE FUNCTION raw.site_tracking_keep_values(tenant_hks bytea[], kinds text[], value_keys bytea[], event_micros bigint[], load_days date[])
 RETURNS TABLE(place integer, kept_micros bigint)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_seqscan TO 'off'
 SET jit TO 'off'
AS $function$
#variable_conflict use_column
DECLARE
    tenants_lock integer;
BEGIN
    -- One at a time decides for a tenant. Tenants share few locks, taken in one order: a server has
    -- room for so many only.
    FOR tenants_lock IN
        SELECT DISTINCT get_byte(asked.tenant_hk, 0) & 63
        FROM unnest(tenant_hks) AS asked (tenant_hk)
        ORDER BY 1
    LOOP
        PERFORM pg_advisory_xact_lock(hashtext('site_tracking_value'), tenants_lock);
    END LOOP;

    WITH undecided AS (
        SELECT
            asked.tenant_hk,
            asked.kind,
            asked.value_key,
            instant.at,
            known.kept_from IS NOT NULL AS is_known,
            min(asked.load_day) OVER of_value AS load_day,
            min(asked.place) OVER of_value AS first_place
        FROM unnest(tenant_hks, kinds, value_keys, event_micros, load_days)
            WITH ORDINALITY AS asked (tenant_hk, kind, value_key, micros, load_day, place)
        CROSS JOIN LATERAL (
            SELECT timestamptz 'epoch' + asked.micros * INTERVAL '1 microsecond' AS at
        ) AS instant
        LEFT JOIN raw.site_tracking_value_r AS known
            ON known.value_key = asked.value_key AND known.kind = asked.kind
        CROSS JOIN LATERAL (
            SELECT max(days.closed_through) AS through
            FROM raw.site_tracking_value_day_r AS days
            WHERE days.tenant_hk = asked.tenant_hk AND days.kind = asked.kind
        ) AS closed
        WHERE (known.kept_from IS NULL OR known.kept_from > instant.at)
            AND (closed.through IS NULL OR closed.through < instant.at)
        WINDOW of_value AS (PARTITION BY asked.value_key, asked.kind)
    ),
    ranked AS (
        SELECT
            undecided.*,
            -- What is kept at later times is not new at an earlier one.
            dense_rank() OVER (
                PARTITION BY undecided.tenant_hk, undecided.kind, undecided.load_day, undecided.is_known
                ORDER BY undecided.first_place
            ) AS number
        FROM undecided
    ),
    decided AS (
        SELECT
            ranked.*,
            ranked.is_known
            OR ranked.number + coalesce(days.kept_values, 0) <= coalesce(caps.most, 10000) AS is_kept
        FROM ranked
        LEFT JOIN raw.site_tracking_value_day_r AS days
            ON days.tenant_hk = ranked.tenant_hk
            AND days.kind = ranked.kind
            AND days.load_day = ranked.load_day
        LEFT JOIN LATERAL (
            SELECT
                CASE ranked.kind
                    WHEN 'page' THEN versions.max_new_pages
                    WHEN 'item' THEN versions.max_new_items
                    ELSE versions.max_new_campaign_values
                END AS most
            FROM auth.tenant_site_tracking_s AS versions
            WHERE versions.tenant_hk = ranked.tenant_hk
            ORDER BY versions.load_date DESC
            LIMIT 1
        ) AS caps ON true
    ),
    kept AS (
        INSERT INTO raw.site_tracking_value_r AS t (value_key, kind, tenant_hk, kept_from)
        SELECT value_key, kind, tenant_hk, min(at)
        FROM decided
        WHERE is_kept
        GROUP BY value_key, kind, tenant_hk
        ORDER BY value_key, kind
        ON CONFLICT (value_key, kind) DO UPDATE SET kept_from = least(t.kept_from, excluded.kept_from)
    )
    INSERT INTO raw.site_tracking_value_day_r AS t (tenant_hk, kind, load_day, kept_values, closed_through)
    SELECT
        tenant_hk,
        kind,
        load_day,
        count(DISTINCT value_key) FILTER (WHERE is_kept AND NOT is_known),
        max(at) FILTER (WHERE NOT is_kept)
    FROM decided
    GROUP BY tenant_hk, kind, load_day
    ON CONFLICT (tenant_hk, kind, load_day) DO UPDATE
    SET kept_values = t.kept_values + excluded.kept_values,
        closed_through = greatest(t.closed_through, excluded.closed_through);

    RETURN QUERY
    SELECT asked.place::integer, (extract(epoch FROM known.kept_from) * 1000000)::bigint
    FROM unnest(value_keys, kinds, event_micros)
        WITH ORDINALITY AS asked (value_key, kind, micros, place)
    JOIN raw.site_tracking_value_r AS known
        ON known.value_key = asked.value_key AND known.kind = asked.kind
    WHERE known.kept_from <= timestamptz 'epoch' + asked.micros * INTERVAL '1 microsecond';
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner,site_tracking_loader=X/site_tracking_owner}

FUNCTION raw.site_tracking_kept_from(bytea,text) -- From when on a tenant's rows of a layer are kept: retention removed those before.
CREATE OR REPLACE FUNCTION raw.site_tracking_kept_from(tenant bytea, of_layer text)
 RETURNS timestamp with time zone
 LANGUAGE sql
 STABLE
AS $function$
    SELECT coalesce(
        (
            SELECT kept_from::timestamp AT TIME ZONE 'UTC'
            FROM raw.site_tracking_kept_r
            WHERE tenant_hk = tenant AND layer = of_layer
        ),
        '-infinity')
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION raw.site_tracking_layer_failed(text,text) -- Notes that the next day of a layer failed, and by which SQLSTATE; or by NULL that it does no more.
CREATE OR REPLACE FUNCTION raw.site_tracking_layer_failed(of_layer text, code text)
 RETURNS void
 LANGUAGE sql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    UPDATE raw.site_tracking_kept_r
    SET failures = CASE WHEN code IS NULL THEN 0 ELSE failures + 1 END,
        failure = code,
        load_date = clock_timestamp()
    WHERE layer = of_layer AND (code IS NOT NULL OR failures > 0)
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION raw.site_tracking_ledger(bytea,date,date) -- The data of api.get_ledger. Errors: ST400.
CREATE OR REPLACE FUNCTION raw.site_tracking_ledger(tenant bytea, from_day date, to_day date)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    today CONSTANT date := (now() AT TIME ZONE 'UTC')::date;
    last_day CONSTANT date := coalesce(to_day, today);
    first_day CONSTANT date := coalesce(from_day, last_day - 6);
    days jsonb;
BEGIN
    IF first_day NOT BETWEEN DATE '1970-01-01' AND DATE '2100-01-01' THEN
        PERFORM business.site_argument_error('from_day', 'Days lie between 1970-01-01 and 2100-01-01.');
    END IF;
    IF last_day NOT BETWEEN DATE '1970-01-01' AND DATE '2100-01-01'
        OR last_day < first_day OR last_day - first_day >= 400 THEN
        PERFORM business.site_argument_error('to_day', 'Give at most 400 days, the earlier one first.');
    END IF;
    days := raw.site_tracking_ledger_days(tenant, first_day, last_day);
    RETURN jsonb_build_object(
        'from', to_char(first_day, 'YYYY-MM-DD'),
        'to', to_char(last_day, 'YYYY-MM-DD'),
        'totals', (
            SELECT jsonb_build_object(
                'received', sum((day -> 'received')::bigint),
                'loaded', sum((day -> 'loaded')::bigint),
                'duplicates', sum((day -> 'duplicates')::bigint),
                'rejected', sum((day -> 'rejected')::bigint),
                'late', sum((day -> 'late')::bigint),
                'erased', sum((day -> 'erased')::bigint),
                'turned_away', sum((day -> 'turned_away')::bigint),
                'balanced', bool_and((day -> 'balanced')::boolean))
            FROM jsonb_array_elements(days) AS day),
        'days', days);
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION raw.site_tracking_ledger_days(bytea,date,date) -- The ledger of a tenant day by day: received = loaded + duplicates + rejected + late + erased when balanced; beside it what collectors turned away.
CREATE OR REPLACE FUNCTION raw.site_tracking_ledger_days(tenant bytea, from_day date, to_day date)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT jsonb_agg(
        jsonb_build_object(
            'date', to_char(days.day, 'YYYY-MM-DD'),
            'received', coalesce(counts.received, 0),
            'loaded', coalesce(counts.loaded, 0),
            'duplicates', coalesce(counts.duplicates, 0),
            'rejected', coalesce(counts.rejected, 0),
            'late', coalesce(counts.late, 0),
            'erased', coalesce(counts.erased, 0),
            'balanced', coalesce(counts.balanced, true),
            'turned_away', coalesce(turned_away.event_count, 0),
            'rejected_by_code', coalesce(codes.counts, '{}'))
        ORDER BY days.day)
    FROM (
        SELECT from_day + number AS day FROM generate_series(0, to_day - from_day) AS number
    ) AS days
    LEFT JOIN raw.site_tracking_ledger_v AS counts
        ON counts.tenant_hk = tenant AND counts.ledger_date = days.day
    LEFT JOIN (
        SELECT ledger_date, jsonb_object_agg(code, event_count) AS counts
        FROM (
            SELECT ledger_date, code, sum(event_count) AS event_count
            FROM raw.site_tracking_ledger_r
            WHERE tenant_hk = tenant
                AND ledger_date BETWEEN from_day AND to_day
                AND outcome = 'REJECTED'
            GROUP BY ledger_date, code
        ) AS by_code
        GROUP BY ledger_date
    ) AS codes
        ON codes.ledger_date = days.day
    LEFT JOIN raw.site_tracking_turned_away_r AS turned_away
        ON turned_away.tenant_hk = tenant AND turned_away.ledger_date = days.day
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION raw.site_tracking_look_through(date) -- Has the layers be looked through that tenants do not keep without end: all days once, and again when that was 30 days ago.
CREATE OR REPLACE FUNCTION raw.site_tracking_look_through(today date)
 RETURNS void
 LANGUAGE sql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    INSERT INTO raw.site_tracking_kept_r AS kept (
        tenant_hk, layer, kept_from, next_day, swept_at, dropped_partitions, deleted_rows, load_date, record_source)
    SELECT tenant_hk, layer, '-infinity', '-infinity', clock_timestamp(), 0, 0, clock_timestamp(), 'site_tracking'
    FROM raw.site_tracking_retention(today)
    WHERE keep_from IS NOT NULL
    ON CONFLICT (tenant_hk, layer) DO UPDATE SET next_day = '-infinity', swept_at = excluded.swept_at
    WHERE kept.swept_at < excluded.swept_at - INTERVAL '30 days'
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION raw.site_tracking_may_remove() -- Whether an erasure or retention may remove something in this transaction: not while a reprocess carries over, which waits until the transaction has ended.
CREATE OR REPLACE FUNCTION raw.site_tracking_may_remove()
 RETURNS boolean
 LANGUAGE sql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$ SELECT pg_try_advisory_xact_lock_shared(hashtextextended('site_tracking_carry_over', 0)) $function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

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

    GRANTS {postgres=X/postgres,site_tracking_owner=X/postgres}

FUNCTION raw.site_tracking_name_visitors(text[],text[],text[],text[]) -- Puts the hash keys of visitors in the place of the ids that a request named, of kinds; an id may mean several. The ids are gone then.
CREATE OR REPLACE FUNCTION raw.site_tracking_name_visitors(erasures text[], ids text[], kinds text[], visitor_bks text[])
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    requests_named bigint;
BEGIN
    -- One subtask of the job does it for all.
    PERFORM FROM raw.site_tracking_erasure_r WHERE erasure_id = ANY (erasures) ORDER BY erasure_id FOR UPDATE;
    WITH given AS MATERIALIZED (
        SELECT * FROM unnest(erasures, ids, kinds, visitor_bks) AS given (erasure_id, client_id, id_kind, visitor_bk)
    ),
    gone AS (
        DELETE FROM raw.site_tracking_erasure_id_r AS waiting
        USING (SELECT DISTINCT erasure_id, client_id, id_kind FROM given) AS told
        WHERE waiting.erasure_id = told.erasure_id
            AND waiting.client_id = told.client_id
            AND waiting.id_kind = told.id_kind
        RETURNING waiting.*
    ),
    named AS (
        SELECT
            gone.erasure_id, gone.tenant_hk,
            array_agg(business.site_hash_key(gone.tenant_hk, given.visitor_bk)) AS visitor_hks
        FROM gone
        JOIN given
            ON given.erasure_id = gone.erasure_id
            AND given.client_id = gone.client_id
            AND given.id_kind = gone.id_kind
        GROUP BY gone.erasure_id, gone.tenant_hk
    )
    SELECT count(raw.site_tracking_bury(
        named.tenant_hk, named.visitor_hks, named.erasure_id, requests.erased_before))
    INTO requests_named
    FROM named
    JOIN raw.site_tracking_erasure_r AS requests ON requests.erasure_id = named.erasure_id;
    WITH given AS MATERIALIZED (
        SELECT * FROM unnest(erasures, ids, kinds, visitor_bks) AS given (export_id, client_id, id_kind, visitor_bk)
    ),
    gone AS (
        DELETE FROM raw.site_tracking_export_r AS exports
        USING (SELECT DISTINCT export_id, client_id, id_kind FROM given) AS told
        WHERE exports.export_id = told.export_id
            AND exports.client_id = told.client_id
            AND exports.id_kind = told.id_kind
            AND exports.visitor_hk IS NULL
        RETURNING exports.*
    )
    INSERT INTO raw.site_tracking_export_r (export_id, tenant_hk, client_id, id_kind, visitor_hk, load_date)
    SELECT
        replace(gen_random_uuid()::text, '-', ''), gone.tenant_hk, gone.client_id, gone.id_kind,
        business.site_hash_key(gone.tenant_hk, given.visitor_bk), gone.load_date
    FROM gone
    JOIN given
        ON given.export_id = gone.export_id
        AND given.client_id = gone.client_id
        AND given.id_kind = gone.id_kind;
    UPDATE raw.site_tracking_erasure_r AS requests
    SET status = 'ERASING'
    WHERE requests.erasure_id = ANY (erasures)
        AND requests.status = 'NAMING'
        AND NOT EXISTS (
            SELECT FROM raw.site_tracking_erasure_id_r AS waiting
            WHERE waiting.erasure_id = requests.erasure_id);
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner,site_tracking_loader=X/site_tracking_owner}

FUNCTION raw.site_tracking_named_visitors(jsonb) -- The visitors that a request names. Errors: ST400.
CREATE OR REPLACE FUNCTION raw.site_tracking_named_visitors(visitors jsonb)
 RETURNS TABLE(visitor_hk bytea, visitor_bk text, client_id text, id_kind text)
 LANGUAGE plpgsql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    named CONSTANT jsonb := CASE jsonb_typeof(visitors) WHEN 'object' THEN jsonb_build_array(visitors) ELSE visitors END;
BEGIN
    IF coalesce(jsonb_typeof(named), '') <> 'array' OR jsonb_array_length(named) NOT BETWEEN 1 AND 10000 THEN
        PERFORM business.site_argument_error('visitors', 'A visitor, or an array of 1 to 10000.');
    END IF;
    FOR visitor_hk, visitor_bk, client_id, id_kind IN
        SELECT
            CASE WHEN key = 'visitor_hk' AND value #>> '{}' ~ '^[0-9a-f]{64}$' THEN decode(value #>> '{}', 'hex') END,
            CASE WHEN key = 'visitor_bk' AND value #>> '{}' ~ '^(vis|anon)_[0-9a-f]{32}$' THEN value #>> '{}' END,
            CASE WHEN key IN ('visitor_id', 'user_id') AND raw.site_tracking_id_breach(value, key) IS NULL
                THEN raw.site_tracking_id(value) END,
            key
        FROM jsonb_array_elements(named) WITH ORDINALITY AS elements (given, place)
        CROSS JOIN LATERAL (
            SELECT CASE count(*) WHEN 1 THEN min(name) END AS key
            FROM jsonb_object_keys(CASE jsonb_typeof(given) WHEN 'object' THEN given ELSE '{}' END) AS name
        ) AS keys
        CROSS JOIN LATERAL (SELECT given -> key AS value OFFSET 0) AS members
        ORDER BY place
    LOOP
        IF coalesce(visitor_hk::text, visitor_bk, client_id) IS NULL THEN
            PERFORM business.site_argument_error(
                'visitors', 'Each an object of visitor_id, user_id, visitor_bk or visitor_hk.');
        END IF;
        RETURN NEXT;
    END LOOP;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION raw.site_tracking_next_day(bytea,timestamp with time zone) -- The next day on which production, the shadow or the former tables of a reprocess hold an event or a session of a tenant; NULL where none does.
CREATE OR REPLACE FUNCTION raw.site_tracking_next_day(tenant bytea, from_at timestamp with time zone)
 RETURNS timestamp with time zone
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    layer text;
    first_at timestamptz;
BEGIN
    FOREACH layer IN ARRAY ARRAY['business', 'business_shadow', 'business_former'] LOOP
        IF to_regclass(layer || '.site_event_h') IS NOT NULL THEN
            -- Retention may have left sessions without events.
            EXECUTE format(
                'SELECT least($1,'
                ' (SELECT min(day_start) FROM %1$I.site_tenant_day_b WHERE tenant_hk = $3 AND day_start >= $2),'
                ' (SELECT min(session_start) FROM %1$I.site_session_details_s WHERE tenant_hk = $3'
                ' AND session_start >= $2 AND session_start < $4))', layer)
            INTO first_at
            USING first_at, from_at, tenant, raw.site_tracking_kept_from(tenant, 'events');
        END IF;
    END LOOP;
    RETURN business.site_day(first_at);
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION raw.site_tracking_note_call(bytea,text,timestamp with time zone,text) -- Notes that a call was delivered, or why it was not.
CREATE OR REPLACE FUNCTION raw.site_tracking_note_call(tenant bytea, alert text, at timestamp with time zone, failure text)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    UPDATE raw.site_tracking_alert_call_r AS calls
    SET delivered_at = CASE WHEN $4 IS NULL THEN clock_timestamp() END,
        failure = left($4, 200)
    WHERE calls.tenant_hk = tenant AND calls.name = alert AND calls.changed_at = at AND calls.delivered_at IS NULL
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner,site_tracking_relay=X/site_tracking_owner}

FUNCTION raw.site_tracking_note_objections(bytea[],bytea[],bigint[]) -- Notes that visitors object to sale or sharing who are kept in no event by which they do so, but are in the vault; of users all visitors as whom they were seen. For loaders.
CREATE OR REPLACE PROCEDURE raw.site_tracking_note_objections(IN tenant_hks bytea[], IN visitor_hks bytea[], IN appended_micros bigint[])
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $procedure$
    SELECT raw.site_tracking_put_objections(
        array_agg(given.tenant_hk), array_agg(known.visitor_hk),
        array_agg((times.appended_at AT TIME ZONE 'UTC')::date))
    FROM unnest(tenant_hks, visitor_hks, appended_micros) AS given (tenant_hk, hk, micros)
    CROSS JOIN LATERAL (
        SELECT timestamptz 'epoch' + given.micros * INTERVAL '1 microsecond' AS appended_at
    ) AS times
    CROSS JOIN LATERAL (
        SELECT hubs.visitor_hk
        FROM business.site_visitor_h AS hubs
        WHERE hubs.visitor_hk = given.hk AND hubs.tenant_hk = given.tenant_hk
        UNION
        SELECT seen.visitor_hk
        FROM business.site_user_visitor_b AS seen
        WHERE seen.user_hk = given.hk AND seen.tenant_hk = given.tenant_hk
    ) AS known
    WHERE NOT EXISTS (
        SELECT FROM raw.site_tracking_tombstone_r AS tombstones
        WHERE tombstones.tenant_hk = given.tenant_hk
            AND tombstones.visitor_hk = known.visitor_hk
            AND tombstones.erased_before > times.appended_at)
$procedure$

    GRANTS {site_tracking_owner=X/site_tracking_owner,site_tracking_loader=X/site_tracking_owner}

FUNCTION raw.site_tracking_open_erasures(bytea) -- How many erasures of a tenant are not done yet, nor by a later one, and what they wait for.
CREATE OR REPLACE FUNCTION raw.site_tracking_open_erasures(tenant bytea)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT jsonb_build_object(
        'open', count(*),
        'overdue', count(*) FILTER (WHERE due_at < now()),
        'oldest_age_seconds', round(extract(epoch FROM clock_timestamp() - min(load_date))::numeric, 1),
        'waits_for', CASE WHEN bool_or(status = 'ERASING') AND raw.site_tracking_carries_over() THEN 'reprocess' END)
    FROM raw.site_tracking_erasure_r AS requests
    WHERE tenant_hk = tenant
        AND status <> 'DONE'
        -- One that was given up is when somebody asked again.
        AND (status <> 'FAILED' OR EXISTS (
            SELECT FROM raw.site_tracking_tombstone_r AS left_over
            WHERE left_over.erasure_id = requests.erasure_id
                AND left_over.shared_before IS NULL
                AND NOT EXISTS (
                    SELECT FROM raw.site_tracking_tombstone_r AS again
                    JOIN raw.site_tracking_erasure_r AS later ON later.erasure_id = again.erasure_id
                    WHERE again.tenant_hk = left_over.tenant_hk
                        AND again.visitor_hk = left_over.visitor_hk
                        AND again.erased_before >= left_over.erased_before
                        AND later.status = 'DONE')))
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION raw.site_tracking_outbox_state(bytea) -- What of a tenant waits for the relay; an old event tells of a broker or relay that is away.
CREATE OR REPLACE FUNCTION raw.site_tracking_outbox_state(tenant bytea)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT jsonb_build_object(
        'events', waiting.events,
        'bytes', waiting.bytes,
        'oldest_at', business.site_utc(oldest.created_at),
        'newest_at', business.site_utc((
            SELECT created_at
            FROM raw.site_tracking_outbox_r
            WHERE tenant_hk = tenant
            ORDER BY outbox_id DESC
            LIMIT 1)),
        'oldest_age_seconds', coalesce(
            greatest(round(extract(epoch FROM clock_timestamp() - oldest.created_at)::numeric, 1), 0), 0))
    FROM (
        SELECT coalesce(sum(event_count), 0) AS events, coalesce(sum(byte_count), 0) AS bytes
        FROM raw.site_tracking_waiting_r
        WHERE tenant_hk = tenant
    ) AS waiting
    LEFT JOIN (
        SELECT created_at
        FROM raw.site_tracking_outbox_r
        WHERE tenant_hk = tenant
        ORDER BY outbox_id
        LIMIT 1
    ) AS oldest ON true
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION raw.site_tracking_own_routines(text[]) -- Gives every routine of ours, in schema api the given ones, to site_tracking_owner, and takes it from everybody but the roles of site tracking.
CREATE OR REPLACE PROCEDURE raw.site_tracking_own_routines(VARIADIC called_by_clients text[] DEFAULT '{}'::text[])
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $procedure$
DECLARE
    routine record;
    stranger text;
BEGIN
    FOR routine IN
        SELECT
            oid::regprocedure AS name,
            pronamespace::regnamespace AS in_schema,
            -- What makes tables and partitions or binds logins stays with whoever installs.
            proowner <> 'site_tracking_owner'::regrole
                AND proname !~ 'table|index|strangers|routines|login|partition' AS is_lent
        FROM pg_proc
        WHERE pronamespace::regnamespace::text IN ('auth', 'raw', 'business') AND proname LIKE 'site\_%'
            OR pronamespace = 'api'::regnamespace AND proname = ANY (called_by_clients)
    LOOP
        IF routine.is_lent THEN
            -- A new owner needs CREATE for the moment in which it becomes one.
            EXECUTE format('GRANT CREATE ON SCHEMA %s TO site_tracking_owner', routine.in_schema);
            EXECUTE format('ALTER ROUTINE %s OWNER TO site_tracking_owner', routine.name);
            EXECUTE format('REVOKE CREATE ON SCHEMA %s FROM site_tracking_owner', routine.in_schema);
        END IF;
        FOR stranger IN
            SELECT raw.site_tracking_strangers(proowner, coalesce(proacl, acldefault('f', proowner)))
            FROM pg_proc
            WHERE oid = routine.name
        LOOP
            EXECUTE format('REVOKE ALL ON ROUTINE %s FROM %s CASCADE', routine.name, stranger);
        END LOOP;
    END LOOP;
END
$procedure$

    GRANTS {postgres=X/postgres}

FUNCTION raw.site_tracking_parse_events(jsonb) -- What track_event must know of the events in an array: tenant and ids, and why it refuses one for them.
CREATE OR REPLACE FUNCTION raw.site_tracking_parse_events(events jsonb)
 RETURNS TABLE(event_index integer, event jsonb, tenant text, client_id text, session_id text, event_id text, error_code text, field text)
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    WITH given AS MATERIALIZED (
        SELECT
            ordinality::integer - 1 AS event_index,
            event,
            array_remove(ARRAY[
                raw.site_tracking_given(event -> 'tenantId'),
                raw.site_tracking_given(event -> 'tenant_id'),
                raw.site_tracking_given(event -> 'tenant_bk'),
                raw.site_tracking_given(event -> 'tenantBk'),
                raw.site_tracking_given(nested -> 'tenantId'),
                raw.site_tracking_given(nested -> 'tenant_id'),
                raw.site_tracking_given(nested -> 'tenant_bk'),
                raw.site_tracking_given(nested -> 'tenantBk')
            ], NULL) AS tenants,
            coalesce(raw.site_tracking_given(event -> 'event_id'), raw.site_tracking_given(nested -> 'event_id'))
                AS event_id,
            coalesce(raw.site_tracking_given(event -> 'session_id'), raw.site_tracking_given(nested -> 'session_id'))
                AS session_id,
            coalesce(raw.site_tracking_given(event -> 'visitor_id'), raw.site_tracking_given(nested -> 'visitor_id'))
                AS visitor_id,
            coalesce(raw.site_tracking_given(event -> 'user_id'), raw.site_tracking_given(nested -> 'user_id'))
                AS user_id
        FROM jsonb_array_elements(events) WITH ORDINALITY AS elements (event, ordinality)
        CROSS JOIN LATERAL (SELECT event -> 'event_data' OFFSET 0) AS levels (nested)
    )
    SELECT
        given.event_index,
        given.event,
        raw.site_tracking_id(given.tenants[1]),
        raw.site_tracking_id(coalesce(given.session_id, given.visitor_id, given.user_id)),
        raw.site_tracking_id(given.session_id),
        coalesce(raw.site_tracking_id(given.event_id), gen_random_uuid()::text),
        breach.found[1],
        breach.found[2]
    FROM given
    CROSS JOIN LATERAL (
        SELECT CASE
            WHEN jsonb_typeof(given.event) <> 'object' THEN ARRAY['NOT_AN_OBJECT']
            WHEN cardinality(given.tenants) = 0 THEN ARRAY['UNKNOWN_TENANT', 'tenantId']
            WHEN raw.site_tracking_id(given.tenants[1]) <> ANY (
                SELECT raw.site_tracking_id(other) FROM unnest(given.tenants[2:]) AS other)
                THEN ARRAY['TENANT_MISMATCH', 'tenantId']
            ELSE coalesce(
                raw.site_tracking_id_breach(given.tenants[1], 'tenantId'),
                raw.site_tracking_id_breach(given.event_id, 'event_id'),
                raw.site_tracking_id_breach(given.session_id, 'session_id'),
                raw.site_tracking_id_breach(given.visitor_id, 'visitor_id'),
                raw.site_tracking_id_breach(given.user_id, 'user_id'))
        END AS found
    ) AS breach
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION raw.site_tracking_partitioned_tables() -- The tables of the event grain, one partition per UTC day, in the order in which they are locked.
CREATE OR REPLACE FUNCTION raw.site_tracking_partitioned_tables()
 RETURNS TABLE(table_order integer, table_schema text, table_name text)
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT number, split_part(name, '.', 1), split_part(name, '.', 2)
    FROM (VALUES
        (1, 'raw.site_tracking_events_r'),
        (2, 'staging.site_tracking_events_s'),
        (3, 'business.site_event_h'),
        (4, 'business.event_session_l'),
        (5, 'business.event_page_l'),
        (6, 'business.event_business_item_l'),
        (7, 'business.site_event_details_s')
    ) AS listed (number, name)
$function$

    GRANTS {postgres=X/postgres,site_tracking_owner=X/postgres}

FUNCTION raw.site_tracking_processing_record(bytea,text) -- The data of api.get_processing_record.
CREATE OR REPLACE FUNCTION raw.site_tracking_processing_record(tenant bytea, tenant_bk text)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
    RETURN (
        SELECT jsonb_build_object(
            'tenant', tenant_bk,
            'settings_from', business.site_utc(settings.load_date),
            'purposes', jsonb_build_array(
                'How sites are used and found: page views, visits, conversions, revenue',
                'Robots told from people',
                'What models learn from and say, where the tenant has some: features and scores of visitors and visits'),
            'data_subjects', 'Visitors of the tenant''s sites and apps',
            'consent', jsonb_build_object(
                'policy', coalesce(settings.consent_policy, 'ANONYMISE'),
                'honours_gpc', coalesce(settings.honour_gpc, true),
                'honours_dnt', coalesce(settings.honour_dnt, false)),
            'categories', jsonb_build_object(
                'visitor', 'A pseudonym, keyed by a secret of the tenant; without an id one of address, user agent and site'
                    || CASE WHEN EXISTS (SELECT FROM auth.site_tracking_salt_s)
                        THEN ' that nobody can repeat after 48 hours'
                        -- A job with privacy.salts=DERIVED draws none.
                        ELSE '; no salts are drawn in this database, and who has the job''s secret can repeat derived ones at any time'
                    END,
                'address', CASE coalesce(settings.ip_policy, 'NETWORK')
                    WHEN 'NETWORK' THEN 'Its network (/16, of IPv6 /48), the country and the region'
                    WHEN 'NETWORK_24' THEN 'Its network (/24, of IPv6 /48), the country and the region'
                    WHEN 'COUNTRY' THEN 'The country'
                    ELSE 'Nothing' END,
                'user_agent', CASE WHEN settings.keep_user_agents
                    THEN 'As the browser sends it' ELSE 'Kind of device, browser and operating system' END,
                'texts', CASE WHEN coalesce(settings.keep_texts, true)
                    THEN 'Addresses and titles of pages, referrers, labels, properties; what is recognised as personal is taken out'
                    ELSE 'Addresses of pages without queries' END,
                'device', 'Language, time zone and screen, as browsers tell them',
                'click_ids', CASE WHEN coalesce(settings.keep_texts, true)
                    THEN 'Of who comes by an advertisement the id by which its network knows the click, such as gclid'
                    ELSE 'Nothing' END,
                'behaviour', 'What was seen, clicked, searched and bought, and when',
                'scores', 'What models say of visitors and visits: ' || coalesce((
                    SELECT string_agg(DISTINCT model, ', ' ORDER BY model)
                    FROM raw.site_tracking_score_s
                    WHERE tenant_hk = tenant), 'nothing now')),
            'retention', jsonb_build_object(
                'days', (
                    SELECT jsonb_object_agg(layer, keep_days)
                    FROM raw.site_tracking_retention((now() AT TIME ZONE 'UTC')::date)
                    WHERE tenant_hk = tenant),
                'sums', 'Without end; they tell of nobody',
                'topics', 'Events and rejected events as they were sent, for the retention.ms of their topics: a job warns where that is more than 7 and 3 days',
                'job', 'Events for its archive.ttl',
                'salts', CASE WHEN EXISTS (SELECT FROM auth.site_tracking_salt_s)
                    THEN 'One a day for 48 hours, in an unlogged table and the memory of the job, which wipes them out while it runs'
                    ELSE 'None are drawn in this database' END,
                'backups', CASE WHEN settings.keep_backups_days IS NULL
                    THEN 'Not told to this database' ELSE settings.keep_backups_days || ' days' END,
                'scores', 'As long as the visitor''s sessions',
                'erased', 'On request, by api.forget_visitor',
                'erased_counts', raw.site_tracking_erased_counts(tenant)),
            'recipients', jsonb_build_object(
                'logins', (
                    SELECT coalesce(jsonb_agg(login_name ORDER BY login_name), '[]')
                    FROM (
                        SELECT DISTINCT ON (login_oid) login_name, tenant_hk, is_revoked
                        FROM auth.site_tracking_login_s
                        WHERE database_id = auth.site_tracking_database()
                        ORDER BY login_oid, load_date DESC
                    ) AS logins
                    WHERE tenant_hk = tenant AND NOT is_revoked),
                'keys', (
                    SELECT coalesce(jsonb_object_agg(may, keys), '{}')
                    FROM (
                        SELECT replace(unnest(newest.scope), 'site_tracking:', '') AS may, count(*) AS keys
                        FROM (
                            SELECT DISTINCT ON (api_token_hk) *
                            FROM auth.api_token_s
                            WHERE tenant_hk = tenant AND token_type = 'API_KEY'
                            ORDER BY api_token_hk, load_date DESC
                        ) AS newest
                        WHERE NOT newest.is_revoked AND newest.expires_at > now()
                        GROUP BY 1
                    ) AS granted),
                'links', (
                    SELECT count(*) FROM business.site_saved(tenant, 'LINK') WHERE expires_at > now()),
                'operators', 'Who operates database, Kafka and the job''s storage'),
            'transfers', 'None by this system',
            'security', 'Pseudonyms and redaction before anything becomes state or is loaded, topics, the outbox and the database''s log hold events as they were sent; row security by tenant; keys by their hash; accesses by roles',
            'open_erasures', raw.site_tracking_open_erasures(tenant) -> 'open')
        FROM (SELECT) AS one
        LEFT JOIN LATERAL (
            SELECT *
            FROM auth.tenant_site_tracking_s
            WHERE tenant_hk = tenant
            ORDER BY load_date DESC
            LIMIT 1
        ) AS settings ON true);
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION raw.site_tracking_put_objections(bytea[],bytea[],date[]) -- Notes visitors who object to sale or sharing, each with the last day.
CREATE OR REPLACE FUNCTION raw.site_tracking_put_objections(tenants bytea[], visitors bytea[], days date[])
 RETURNS void
 LANGUAGE sql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    INSERT INTO raw.site_tracking_objection_r AS noted (tenant_hk, visitor_hk, objected_on)
    SELECT tenant_hk, visitor_hk, max(objected_on)
    FROM unnest(tenants, visitors, days) AS told (tenant_hk, visitor_hk, objected_on)
    GROUP BY tenant_hk, visitor_hk
    ORDER BY tenant_hk, visitor_hk
    ON CONFLICT (tenant_hk, visitor_hk) DO UPDATE SET objected_on = excluded.objected_on
    WHERE noted.objected_on < excluded.objected_on
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION raw.site_tracking_put_scores(bytea,jsonb) -- The data of api.put_scores. Errors: ST400.
CREATE OR REPLACE FUNCTION raw.site_tracking_put_scores(tenant bytea, given jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
DECLARE
    seen_at timestamptz;
    known integer;
    written integer;
BEGIN
    PERFORM raw.site_tracking_check_scores(given);
    seen_at := business.site_instant_option(given, 'as_of', 'UTC');
    IF seen_at > clock_timestamp() + INTERVAL '1 minute' THEN
        PERFORM business.site_argument_error('as_of', 'The time as of which the features were is no later than now.');
    END IF;
    PERFORM pg_advisory_xact_lock_shared(hashtextextended('site_tracking_scores', 0));
    WITH told AS MATERIALIZED (
        SELECT DISTINCT ON (subject_hk)
            subject_hk, is_of_session, session_bk, score
        FROM (
            SELECT
                business.site_hash_key(tenant, coalesce(told.score ->> 'session', told.score ->> 'visitor')) AS subject_hk,
                told.score ? 'session' AS is_of_session,
                told.score ->> 'session' AS session_bk,
                (told.score ->> 'score')::double precision AS score,
                told.number
            FROM jsonb_array_elements(given -> 'scores') WITH ORDINALITY AS told (score, number)
        ) AS numbered
        ORDER BY subject_hk, number DESC
    ),
    held AS MATERIALIZED (
        SELECT told.subject_hk, told.is_of_session, told.score, sessions.visitor_hk
        FROM told
        CROSS JOIN LATERAL (
            SELECT visitor_hk
            FROM business.site_session_b
            WHERE NOT told.is_of_session AND tenant_hk = tenant AND visitor_hk = told.subject_hk AND NOT is_bot
            LIMIT 1
        ) AS sessions
        UNION ALL
        SELECT told.subject_hk, told.is_of_session, told.score, sessions.visitor_hk
        FROM told
        CROSS JOIN LATERAL (
            SELECT visitor_hk
            FROM business.site_session_b
            WHERE told.is_of_session
                AND tenant_hk = tenant
                AND key_start = ANY (business.site_starts_of_key(told.session_bk))
                AND session_hk = told.subject_hk
                AND NOT is_bot
        ) AS sessions
    ),
    admitted AS MATERIALIZED (
        SELECT *
        FROM held
        WHERE NOT EXISTS (
            SELECT FROM raw.site_tracking_tombstone_r AS tombstones
            WHERE tombstones.tenant_hk = tenant
                AND tombstones.visitor_hk = held.visitor_hk
                AND tombstones.erased_before > seen_at)
    ),
    changed AS (
        INSERT INTO raw.site_tracking_score_s AS scores (
            tenant_hk, model, model_version, subject_hk, as_of, is_of_session, visitor_hk, score, load_date, record_source)
        SELECT
            tenant, given ->> 'model', given ->> 'version', subject_hk, seen_at, is_of_session, visitor_hk, score,
            clock_timestamp(), 'put_scores'
        FROM admitted
        ORDER BY subject_hk
        ON CONFLICT (tenant_hk, model, subject_hk, as_of, model_version) DO UPDATE
            SET (score, visitor_hk, load_date) = (excluded.score, excluded.visitor_hk, excluded.load_date)
            WHERE (scores.score, scores.visitor_hk) <> (excluded.score, excluded.visitor_hk)
        RETURNING 1
    )
    SELECT (SELECT count(*) FROM admitted), (SELECT count(*) FROM changed) INTO known, written;
    RETURN jsonb_build_object(
        'model', given -> 'model', 'version', given -> 'version', 'as_of', business.site_utc(seen_at),
        'given', jsonb_array_length(given -> 'scores'), 'known', known, 'written', written);
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION raw.site_tracking_reach_further(raw.site_tracking_erasure_r) -- Has a request reach visitors as whom its users were seen in what was being loaded while they were named; whether there are any.
CREATE OR REPLACE FUNCTION raw.site_tracking_reach_further(request raw.site_tracking_erasure_r)
 RETURNS boolean
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
    INSERT INTO raw.site_tracking_tombstone_r (
        tenant_hk, visitor_hk, erasure_id, erased_before, is_known, through_user)
    SELECT DISTINCT
        request.tenant_hk, meant, request.erasure_id, request.erased_before,
        business.site_knows(request.tenant_hk, meant), true
    FROM raw.site_tracking_tombstone_r AS named
    CROSS JOIN LATERAL business.site_visitors_of(request.tenant_hk, named.visitor_hk) AS meant
    WHERE named.erasure_id = request.erasure_id AND meant <> named.visitor_hk
    ON CONFLICT DO NOTHING;
    RETURN FOUND;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION raw.site_tracking_reasons(jsonb,jsonb,jsonb,jsonb,jsonb,numeric) -- What is not as it should be, by layer; severity is degraded or down.
CREATE OR REPLACE FUNCTION raw.site_tracking_reasons(outbox jsonb, loader jsonb, relay jsonb, partitions jsonb, today jsonb, lag_seconds numeric)
 RETURNS TABLE(layer text, code text, severity text, message text)
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    WITH measured AS (
        SELECT
            (outbox ->> 'oldest_age_seconds')::numeric AS waiting,
            (loader ->> 'age_seconds')::numeric AS loader_silence,
            (relay ->> 'age_seconds')::numeric AS relay_silence
    )
    SELECT layer, code, severity, message
    FROM measured
    CROSS JOIN LATERAL (VALUES
        ('tracking', 'EVENTS_WAIT', CASE WHEN waiting > 300 THEN 'down' WHEN waiting > 15 THEN 'degraded' END,
            'Tracked events wait in the outbox: the relay or the broker is away, or behind.'),
        ('tracking', 'BROKER_UNREACHABLE', CASE WHEN relay ->> 'failing_since' IS NOT NULL THEN 'degraded' END,
            'The relay gets no acknowledgement from the broker; events are kept in the outbox.'),
        ('tracking', 'RELAY_SILENT', CASE WHEN relay_silence > 60 THEN 'degraded' END,
            'The relay gives no sign of life.'),
        ('processing', 'JOB_NEVER_SEEN', CASE WHEN loader_silence IS NULL THEN 'down' END,
            'The streaming job never wrote to this database.'),
        ('processing', 'JOB_SILENT',
            CASE WHEN loader_silence > 300 THEN 'down' WHEN loader_silence > 60 THEN 'degraded' END,
            'A loader of the streaming job gives no sign of life.'),
        ('processing', 'LOADING_BEHIND', CASE WHEN lag_seconds > 60 THEN 'degraded' END,
            'Events were received that are not loaded.'),
        ('processing', 'MANY_REJECTED',
            CASE
                WHEN ((today -> 'rejected')::bigint
                    - coalesce((today #> '{rejected_by_code,NO_CONSENT}')::bigint, 0)) * 10
                    > (today -> 'received')::bigint THEN 'degraded'
            END,
            'More than a tenth of today''s events were rejected.')
    ) AS found (layer, code, severity, message)
    WHERE severity IS NOT NULL
    UNION ALL
    SELECT key, 'PARTITIONS_MISSING', 'degraded',
        'Day partitions are missing for today or tomorrow; rows go to the default partition.'
    FROM jsonb_each(partitions)
    WHERE value::integer < 1
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION raw.site_tracking_rejections(bytea,date) -- Rejected events of a day by code; example_id is the event_hk of one in raw.site_tracking_events_r, in hex.
CREATE OR REPLACE FUNCTION raw.site_tracking_rejections(tenant bytea, on_day date)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT coalesce(jsonb_agg(jsonb_build_object(
            'error_code', by_code.code,
            'count', by_code.event_count,
            'example_id', example.id)
        ORDER BY by_code.event_count DESC, by_code.code), '[]')
    FROM (
        SELECT code, sum(event_count) AS event_count
        FROM raw.site_tracking_ledger_r
        WHERE ledger_date = on_day AND tenant_hk = tenant AND outcome = 'REJECTED'
        GROUP BY code
    ) AS by_code
    LEFT JOIN LATERAL (
        SELECT encode(event_hk, 'hex') AS id
        FROM raw.site_tracking_events_r
        WHERE tenant_hk = tenant
            AND processing_status = 'ERROR'
            AND load_date >= on_day::timestamp AT TIME ZONE 'UTC'
            AND load_date < (on_day + 1)::timestamp AT TIME ZONE 'UTC'
            AND status_codes[1] = by_code.code
        LIMIT 1
    ) AS example ON true
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION raw.site_tracking_reprocess_status(bytea) -- How far the reprocess is that is about a tenant; no row where there is none. is_alive is false of a build or a second run that gave no sign of life for a minute, NULL where neither should run.
CREATE OR REPLACE FUNCTION raw.site_tracking_reprocess_status(tenant bytea)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT jsonb_build_object(
        'run', run.reprocess_id,
        'phase', run.state,
        'progress', CASE WHEN run.state = 'BUILDING' THEN
            coalesce(round((run.counts -> 'events')::numeric / nullif((run.counts -> 'read')::numeric, 0), 2), 0) END,
        'started_at', business.site_utc(run.load_date),
        'last_beat_at', business.site_utc(signs.last_beat_at),
        'is_alive', CASE WHEN run.state IN ('BUILDING', 'FOLLOWING')
                AND coalesce((run.counts #> '{operation,done}')::boolean, true)
            THEN signs.last_beat_at > clock_timestamp() - INTERVAL '60 seconds' END)
    FROM raw.site_tracking_reprocess_r AS run
    CROSS JOIN LATERAL (
        -- The program that builds notes how far it is; the second run is as alive as its most silent part.
        SELECT greatest(run.changed_at, min(beat_at) FILTER (WHERE run.state = 'FOLLOWING')) AS last_beat_at
        FROM raw.site_tracking_heartbeat_r
        WHERE program = 'SHADOW' AND beat_at >= run.load_date
    ) AS signs
    WHERE run.state <> 'DROPPED'
        AND (run.tenant_bks IS NULL
            OR EXISTS (
                SELECT FROM auth.tenant_h
                WHERE tenant_h.tenant_hk = tenant AND tenant_h.tenant_bk = ANY (run.tenant_bks)))
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION raw.site_tracking_retention(date) -- For how many days each layer of each tenant is kept, and from which UTC day on that is on a day; NULL where without end.
CREATE OR REPLACE FUNCTION raw.site_tracking_retention(on_day date)
 RETURNS TABLE(tenant_hk bytea, layer text, keep_days integer, keep_from date)
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT tenants.tenant_hk, layers.layer, layers.keep_days, on_day - layers.keep_days
    FROM auth.tenant_h AS tenants
    LEFT JOIN LATERAL (
        SELECT *
        FROM auth.tenant_site_tracking_s AS versions
        WHERE versions.tenant_hk = tenants.tenant_hk
        ORDER BY versions.load_date DESC
        LIMIT 1
    ) AS settings ON true
    CROSS JOIN (
        SELECT max(archive_days) AS archive_days FROM raw.site_tracking_heartbeat_r WHERE program = 'LOADER'
    ) AS job
    CROSS JOIN LATERAL (VALUES
        ('raw', least(
            CASE WHEN settings.keep_raw_days > 0 THEN greatest(settings.keep_raw_days, job.archive_days) END,
            settings.keep_events_days, settings.keep_sessions_days)),
        ('rejected', settings.keep_rejected_days),
        ('staging', least(settings.keep_staging_days, settings.keep_events_days, settings.keep_sessions_days)),
        ('events', least(settings.keep_events_days, settings.keep_sessions_days)),
        ('sessions', settings.keep_sessions_days),
        ('ledger', settings.keep_ledger_days)
    ) AS layers (layer, keep_days)
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION raw.site_tracking_retention_state(bytea) -- For how many days the layers of a tenant are kept, what was removed so far, and by which SQLSTATE the next day fails; those kept without end and whole are not there.
CREATE OR REPLACE FUNCTION raw.site_tracking_retention_state(tenant bytea)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT coalesce(jsonb_object_agg(layer, jsonb_build_object(
        'keep_days', settings.keep_days,
        'kept_from', CASE WHEN isfinite(kept.kept_from) THEN kept.kept_from END,
        'deleted_rows', kept.deleted_rows,
        'dropped_partitions', kept.dropped_partitions,
        'failure', kept.failure,
        'changed_at', business.site_utc(kept.load_date))), '{}')
    FROM raw.site_tracking_retention((now() AT TIME ZONE 'UTC')::date) AS settings
    LEFT JOIN raw.site_tracking_kept_r AS kept USING (tenant_hk, layer)
    WHERE tenant_hk = tenant AND (settings.keep_days IS NOT NULL OR kept.layer IS NOT NULL)
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION raw.site_tracking_room(bytea) -- How many more events of a tenant, and bytes of them, may wait in the outbox, by what is committed.
CREATE OR REPLACE FUNCTION raw.site_tracking_room(tenant bytea, OUT event_count bigint, OUT byte_count bigint)
 RETURNS record
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    waiting record;
    settings record;
BEGIN
    SELECT
        coalesce(sum(parts.event_count), 0)::bigint AS events,
        coalesce(sum(parts.byte_count), 0)::bigint AS bytes
    INTO waiting
    FROM raw.site_tracking_waiting_r AS parts
    WHERE parts.tenant_hk = tenant;
    SELECT versions.max_waiting_events, versions.max_waiting_bytes
    INTO settings
    FROM auth.tenant_site_tracking_s AS versions
    WHERE versions.tenant_hk = tenant
    ORDER BY versions.load_date DESC
    LIMIT 1;
    event_count := coalesce(settings.max_waiting_events, 1000000) - waiting.events;
    byte_count := coalesce(settings.max_waiting_bytes, 1073741824) - waiting.bytes;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION raw.site_tracking_secure_table(regclass,text,text,text,boolean) -- Grants a table of ours to its users, and lets rows with a tenant be seen by our programs and by analysts of that tenant only.
CREATE OR REPLACE PROCEDURE raw.site_tracking_secure_table(IN target regclass, IN to_owner text, IN to_loader text, IN to_relay text, IN to_analysts boolean)
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $procedure$
DECLARE
    given record;
    open_table regclass;
BEGIN
    EXECUTE format('REVOKE ALL ON %s FROM PUBLIC', target);
    FOR given IN
        SELECT privileges, grantee
        FROM (VALUES
            (to_owner, 'site_tracking_owner'),
            (to_loader, 'site_tracking_loader'),
            (to_relay, 'site_tracking_relay'),
            (CASE WHEN to_analysts THEN 'SELECT' END, 'site_tracking_analyst')
        ) AS roles (privileges, grantee)
        WHERE privileges IS NOT NULL
    LOOP
        EXECUTE format('GRANT %s ON %s TO %I', given.privileges, target, given.grantee);
    END LOOP;
    IF NOT EXISTS (
        SELECT FROM pg_attribute WHERE attrelid = target AND attname = 'tenant_hk' AND NOT attisdropped
    ) THEN
        RETURN;
    END IF;

    -- Partitions have no policy, so that whoever is granted one by mistake sees nothing in it.
    FOR open_table IN
        SELECT oid
        FROM pg_class
        WHERE (oid = target OR oid IN (SELECT relid FROM pg_partition_tree(target)))
            AND relkind IN ('r', 'p')
            AND NOT relrowsecurity
        ORDER BY oid::regclass
    LOOP
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', open_table);
    END LOOP;
    IF NOT EXISTS (
        SELECT FROM pg_policy WHERE polrelid = target AND polname = 'site_tracking_programs'
    ) THEN
        EXECUTE format('CREATE POLICY site_tracking_programs ON %s '
            'TO site_tracking_owner, site_tracking_loader, site_tracking_relay '
            'USING (true) WITH CHECK (true)', target);
    END IF;
    IF to_analysts AND NOT EXISTS (
        SELECT FROM pg_policy WHERE polrelid = target AND polname = 'site_tracking_tenant'
    ) THEN
        EXECUTE format('CREATE POLICY site_tracking_tenant ON %s FOR SELECT TO site_tracking_analyst '
            'USING (tenant_hk = (SELECT auth.site_tracking_bound_tenant()))', target);
    END IF;
END
$procedure$

    GRANTS {postgres=X/postgres}

FUNCTION raw.site_tracking_server() -- The server whose transactions are numbered here: another one after a dump was restored.
CREATE OR REPLACE FUNCTION raw.site_tracking_server()
 RETURNS bigint
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT system_identifier FROM pg_control_system()
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner,site_tracking_loader=X/site_tracking_owner}

FUNCTION raw.site_tracking_settle_ledger(text,text) -- Brings the ledger of all runs but the one that begins up to the events of the vault and balances it, after a run lost its state; reads all event keys, and must not be called while a job writes.
CREATE OR REPLACE PROCEDURE raw.site_tracking_settle_ledger(IN of_run text, IN source text)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $procedure$
BEGIN
    INSERT INTO raw.site_tracking_ledger_r AS ledger (
        ledger_date, tenant_hk, outcome, code, run_id, event_count, load_date, record_source)
    SELECT
        missing.ledger_date, missing.tenant_hk, 'ACCEPTED', '', coalesce(latest.run_id, 'settled'),
        missing.events, now(), source
    FROM (
        SELECT
            days.ledger_date,
            days.tenant_hk,
            least(days.more, sum(days.surplus) OVER tenant - sum(days.more) OVER newer + days.more)
                AS events
        FROM (
            SELECT
                ledger_date,
                tenant_hk,
                coalesce(held.events, 0) - coalesce(told.events, 0) AS surplus,
                greatest(coalesce(held.events, 0) - coalesce(told.events, 0), 0) AS more
            FROM (
                SELECT ledger_date, tenant_hk, sum(events) AS events
                FROM (
                    SELECT (load_date AT TIME ZONE 'UTC')::date AS ledger_date, tenant_hk, count(*) AS events
                    FROM business.site_event_h
                    WHERE load_date >= raw.site_tracking_kept_from(tenant_hk, 'ledger')
                    GROUP BY 1, 2
                    UNION ALL
                    SELECT ledger_date, tenant_hk, event_count
                    FROM raw.site_tracking_expired_r
                ) AS there
                GROUP BY ledger_date, tenant_hk
            ) AS held
            FULL JOIN (
                SELECT ledger_date, tenant_hk, sum(event_count) AS events
                FROM raw.site_tracking_ledger_r
                WHERE outcome = 'ACCEPTED' AND run_id <> of_run
                GROUP BY ledger_date, tenant_hk
            ) AS told
                USING (ledger_date, tenant_hk)
        ) AS days
        WINDOW
            tenant AS (PARTITION BY days.tenant_hk),
            newer AS (PARTITION BY days.tenant_hk ORDER BY days.ledger_date DESC)
    ) AS missing
    LEFT JOIN LATERAL (
        SELECT totals.run_id
        FROM raw.site_tracking_ledger_r AS totals
        WHERE totals.tenant_hk = missing.tenant_hk AND totals.run_id <> of_run
        ORDER BY totals.load_date DESC, totals.run_id
        LIMIT 1
    ) AS latest ON true
    WHERE missing.events > 0
    ON CONFLICT (ledger_date, tenant_hk, outcome, code, run_id) DO UPDATE SET
        event_count = ledger.event_count + excluded.event_count,
        load_date = excluded.load_date;

    INSERT INTO raw.site_tracking_ledger_r AS ledger (
        ledger_date, tenant_hk, outcome, code, run_id, event_count, load_date, record_source)
    SELECT
        books.ledger_date, books.tenant_hk, 'RECEIVED', latest.code, latest.run_id,
        latest.event_count + books.missing, now(), source
    FROM (
        SELECT
            ledger_date,
            tenant_hk,
            coalesce(
                sum(event_count) FILTER (WHERE outcome IN ('ACCEPTED', 'DUPLICATE', 'REJECTED')), 0)
                - coalesce(sum(event_count) FILTER (WHERE outcome = 'RECEIVED'), 0) AS missing
        FROM raw.site_tracking_ledger_r
        WHERE run_id <> of_run
        GROUP BY ledger_date, tenant_hk
    ) AS books
    CROSS JOIN LATERAL (
        -- A total that is there, where one is great enough; else a new one of the latest run.
        SELECT
            CASE WHEN totals.outcome = 'RECEIVED' THEN totals.code ELSE '' END AS code,
            totals.run_id,
            CASE WHEN totals.outcome = 'RECEIVED' THEN totals.event_count ELSE 0 END AS event_count
        FROM raw.site_tracking_ledger_r AS totals
        WHERE totals.tenant_hk = books.tenant_hk
            AND totals.ledger_date = books.ledger_date
            AND totals.run_id <> of_run
            AND (totals.outcome = 'RECEIVED' AND totals.event_count >= - books.missing
                OR books.missing > 0)
        ORDER BY totals.outcome = 'RECEIVED' DESC, totals.code, totals.load_date DESC, totals.run_id
        LIMIT 1
    ) AS latest
    WHERE books.missing <> 0
    ON CONFLICT (ledger_date, tenant_hk, outcome, code, run_id) DO UPDATE SET
        event_count = excluded.event_count,
        load_date = excluded.load_date;
END
$procedure$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION raw.site_tracking_share_visitors(bytea[],bytea[]) -- Has erasures spare visitors whom they reached through a user, as events arrive of then that name somebody else; to be called before these are written, in a transaction of its own, as it waits for the part of an erasure that is under way.
CREATE OR REPLACE PROCEDURE raw.site_tracking_share_visitors(IN tenant_hks bytea[], IN visitor_hks bytea[])
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $procedure$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('site_tracking_part' || encode(tenant_hk, 'hex'), 0))
    FROM (SELECT DISTINCT tenant_hk FROM unnest(tenant_hks) AS tenant_hk ORDER BY tenant_hk) AS tenants;
    UPDATE raw.site_tracking_tombstone_r AS tombstones
    SET shared_before = erased_before,
        erased_before = '-infinity',
        added_in = pg_current_xact_id()
    FROM (SELECT DISTINCT * FROM unnest(tenant_hks, visitor_hks) AS given (tenant_hk, visitor_hk)) AS shared
    WHERE tombstones.tenant_hk = shared.tenant_hk
        AND tombstones.visitor_hk = shared.visitor_hk
        AND tombstones.through_user
        AND tombstones.shared_before IS NULL;
END
$procedure$

    GRANTS {site_tracking_owner=X/site_tracking_owner,site_tracking_loader=X/site_tracking_owner}

FUNCTION raw.site_tracking_spare_shared(text) -- Has a request spare visitors whom it reached through a user, as whom somebody else was seen in what was being loaded while they were named; whether there are any.
CREATE OR REPLACE FUNCTION raw.site_tracking_spare_shared(erasure text)
 RETURNS boolean
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
    UPDATE raw.site_tracking_tombstone_r AS tombstones
    SET shared_before = erased_before,
        erased_before = '-infinity',
        added_in = pg_current_xact_id()
    WHERE tombstones.erasure_id = erasure
        AND tombstones.through_user
        AND tombstones.shared_before IS NULL
        AND EXISTS (
            SELECT FROM business.site_user_visitor_b AS others
            WHERE others.visitor_hk = tombstones.visitor_hk
                AND others.load_date < tombstones.erased_before
                AND NOT EXISTS (
                    SELECT FROM raw.site_tracking_tombstone_r AS users
                    WHERE users.tenant_hk = tombstones.tenant_hk
                        AND users.visitor_hk = others.user_hk
                        AND users.erased_before > others.load_date));
    RETURN FOUND;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION raw.site_tracking_status(bytea) -- The data of api.get_tracking_system_status.
CREATE OR REPLACE FUNCTION raw.site_tracking_status(tenant bytea)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    today CONSTANT date := (now() AT TIME ZONE 'UTC')::date;
    ledger CONSTANT jsonb := raw.site_tracking_ledger_days(tenant, today, today) -> 0;
    outbox CONSTANT jsonb := raw.site_tracking_outbox_state(tenant);
    loader CONSTANT jsonb := raw.site_tracking_heartbeats('LOADER');
    relay CONSTANT jsonb := raw.site_tracking_heartbeats('RELAY');
    partitions CONSTANT jsonb := raw.site_tracking_days_ahead();
    received_at timestamptz;
    loaded_at timestamptz;
    lag_seconds numeric;
    reasons jsonb;
    layers jsonb;
BEGIN
    SELECT
        max(load_date) FILTER (WHERE outcome = 'RECEIVED'),
        max(load_date) FILTER (WHERE outcome = 'ACCEPTED')
    INTO received_at, loaded_at
    FROM raw.site_tracking_ledger_r
    WHERE tenant_hk = tenant AND ledger_date >= today - 30;
    -- What waits in the outbox was received, and what was received is loaded, a duplicate or rejected.
    lag_seconds := greatest(
        (outbox ->> 'oldest_age_seconds')::numeric,
        CASE WHEN NOT (ledger -> 'balanced')::boolean
            THEN round(extract(epoch FROM clock_timestamp() - received_at)::numeric, 1) END,
        0);
    SELECT
        coalesce(jsonb_agg(jsonb_build_object(
            'layer', layer, 'code', code, 'severity', severity, 'message', message)), '[]')
    INTO reasons
    FROM raw.site_tracking_reasons(outbox, loader, relay, partitions, ledger, lag_seconds);
    SELECT jsonb_object_agg(name, CASE
        WHEN reasons @> jsonb_build_array(jsonb_build_object('layer', name, 'severity', 'down')) THEN 'down'
        WHEN reasons @> jsonb_build_array(jsonb_build_object('layer', name)) THEN 'degraded'
        ELSE 'healthy' END)
    INTO layers
    FROM unnest(ARRAY['tracking', 'processing', 'raw', 'staging', 'business']) AS name;
    RETURN jsonb_build_object(
        'status', CASE
            WHEN reasons @> '[{"severity": "down"}]' THEN 'down'
            WHEN reasons <> '[]' THEN 'degraded'
            ELSE 'healthy' END,
        'reasons', reasons,
        'layers', layers,
        'last_event_received', business.site_utc(
            greatest(received_at, (outbox ->> 'newest_at')::timestamptz)),
        'last_event_loaded', business.site_utc(loaded_at),
        'lag_seconds', lag_seconds,
        'today', ledger - 'rejected_by_code',
        'rejected_by_code', raw.site_tracking_rejections(tenant, today),
        'outbox', outbox,
        'erasures', raw.site_tracking_open_erasures(tenant),
        'retention', raw.site_tracking_retention_state(tenant),
        'alerts', business.site_alert_states(tenant),
        'partitions_ahead', partitions,
        'job', loader,
        'relay', relay - 'parts',
        'reprocess', raw.site_tracking_reprocess_status(tenant),
        'version', loader -> 'version',
        'checked_at', business.site_utc(clock_timestamp()));
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION raw.site_tracking_store_events(jsonb) -- Writes the events of an array to the outbox, as far as they can be taken, and tells what became of them.
CREATE OR REPLACE FUNCTION raw.site_tracking_store_events(events jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    now_at CONSTANT timestamptz := clock_timestamp();
    -- What a collector sets; whoever calls cannot pretend another reception.
    collected CONSTANT jsonb := jsonb_build_object(
        'collector', 'api.track_event', 'received_at', business.site_utc(now_at));
    most_bytes CONSTANT integer := 65536;
    answer jsonb;
BEGIN
    WITH parsed AS MATERIALIZED (
        SELECT * FROM raw.site_tracking_parse_events(events)
    ),
    admitted AS MATERIALIZED (
        SELECT * FROM raw.site_tracking_admit_tenants(ARRAY(
            SELECT DISTINCT tenant FROM parsed WHERE error_code IS NULL))
    ),
    completed AS MATERIALIZED (
        SELECT
            parsed.event_index,
            parsed.tenant,
            parsed.client_id,
            parsed.session_id,
            parsed.event_id,
            admitted.tenant_hk,
            CASE WHEN jsonb_typeof(parsed.event) = 'object'
                THEN (parsed.event || collected || jsonb_build_object('event_id', parsed.event_id))::text
            END AS payload,
            coalesce(parsed.error_code, admitted.error_code) AS error_code,
            coalesce(parsed.field, CASE WHEN admitted.error_code IS NOT NULL THEN 'tenantId' END) AS field
        FROM parsed
        LEFT JOIN admitted ON admitted.tenant = parsed.tenant AND parsed.error_code IS NULL
    ),
    formed AS MATERIALIZED (
        SELECT
            completed.*,
            -- The form of the record is judged first, then its members.
            CASE WHEN octet_length(payload) > most_bytes THEN 'TOO_LARGE' ELSE error_code END AS breach
        FROM completed
    ),
    sums AS (
        SELECT
            event_index,
            count(*) OVER so_far AS events,
            sum(octet_length(payload)) OVER so_far AS bytes
        FROM formed
        WHERE breach IS NULL
        WINDOW so_far AS (PARTITION BY tenant_hk ORDER BY event_index)
    ),
    rooms AS MATERIALIZED (
        SELECT admitted.tenant_hk, room.event_count, room.byte_count
        FROM (SELECT DISTINCT tenant_hk FROM admitted WHERE tenant_hk IS NOT NULL) AS admitted
        CROSS JOIN LATERAL raw.site_tracking_room(admitted.tenant_hk) AS room
    ),
    judged AS MATERIALIZED (
        SELECT
            formed.*,
            -- As many of the first ones are taken as there is room for.
            CASE WHEN sums.events > rooms.event_count OR sums.bytes > rooms.byte_count
                THEN 'TOO_MANY_WAITING' ELSE formed.breach END AS code
        FROM formed
        LEFT JOIN sums ON sums.event_index = formed.event_index
        LEFT JOIN rooms ON rooms.tenant_hk = formed.tenant_hk
    ),
    stored AS (
        INSERT INTO raw.site_tracking_outbox_r (tenant_hk, record_key, payload, created_at)
        -- One of 4,096, as many share it: it keeps a session's events in order, and tells of nobody.
        SELECT
            tenant_hk,
            tenant || '|' || left(encode(sha256(convert_to(client_id, 'UTF8')), 'hex'), 3),
            payload,
            now_at
        FROM judged
        WHERE code IS NULL
        ORDER BY event_index
    )
    SELECT jsonb_build_object(
        'session_id', CASE WHEN count(DISTINCT session_id) FILTER (WHERE code IS NULL) = 1
            THEN min(session_id) FILTER (WHERE code IS NULL) END,
        'event_ids', coalesce(jsonb_agg(event_id ORDER BY event_index) FILTER (WHERE code IS NULL), '[]'),
        'events_accepted', count(*) FILTER (WHERE code IS NULL),
        'events_rejected', coalesce(
            jsonb_agg(
                jsonb_strip_nulls(jsonb_build_object(
                    'index', event_index,
                    'error_code', code,
                    'field', CASE WHEN code <> 'TOO_LARGE' THEN field END))
                ORDER BY event_index)
            FILTER (WHERE code IS NOT NULL), '[]'),
        'timestamp', business.site_utc(now_at))
    INTO answer
    FROM judged;
    RETURN answer;
END
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION raw.site_tracking_strangers(oid,aclitem[]) -- Whom a list of privileges lets in besides the owner and the roles of site tracking, quoted.
CREATE OR REPLACE FUNCTION raw.site_tracking_strangers(owner oid, acl aclitem[])
 RETURNS SETOF text
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT DISTINCT CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END
    FROM aclexplode(acl)
    WHERE grantee <> owner AND pg_get_userbyid(grantee) NOT LIKE 'site\_tracking\_%'
$function$

    GRANTS {postgres=X/postgres}

FUNCTION raw.site_tracking_table_shape(regclass) -- Columns, primary key and kind of a table, one row each, for comparing two tables.
CREATE OR REPLACE FUNCTION raw.site_tracking_table_shape(of_table regclass)
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

FUNCTION raw.site_tracking_take_call() -- The next call that is due, as its alert is now, if there is one. It is due again after 30 s, which double with each attempt up to an hour, for a day, until raw.site_tracking_note_call says that it was delivered.
CREATE OR REPLACE FUNCTION raw.site_tracking_take_call()
 RETURNS TABLE(tenant_hk bytea, name text, changed_at timestamp with time zone, body text, webhook text, secret text)
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    UPDATE raw.site_tracking_alert_call_r AS calls
    SET attempts = calls.attempts + 1,
        next_attempt_at = now() + least(INTERVAL '30 seconds' * 2 ^ least(calls.attempts, 10), INTERVAL '1 hour')
    FROM (
        SELECT waiting.tenant_hk, waiting.name, waiting.changed_at, alerts.content
        FROM raw.site_tracking_alert_call_r AS waiting
        JOIN business.site_alerts() AS alerts ON alerts.tenant_hk = waiting.tenant_hk AND alerts.name = waiting.name
        WHERE waiting.delivered_at IS NULL
            AND waiting.next_attempt_at <= now()
            AND waiting.changed_at > now() - INTERVAL '1 day'
            AND alerts.content ? 'webhook'
            -- That an alert ended is told after that it began.
            AND NOT EXISTS (
                SELECT FROM raw.site_tracking_alert_call_r AS earlier
                WHERE earlier.tenant_hk = waiting.tenant_hk
                    AND earlier.name = waiting.name
                    AND earlier.changed_at < waiting.changed_at
                    AND earlier.changed_at > now() - INTERVAL '1 day'
                    AND earlier.delivered_at IS NULL)
        ORDER BY waiting.next_attempt_at
        LIMIT 1
        FOR UPDATE OF waiting SKIP LOCKED
    ) AS due
    WHERE calls.tenant_hk = due.tenant_hk AND calls.name = due.name AND calls.changed_at = due.changed_at
    RETURNING calls.tenant_hk, calls.name, calls.changed_at, calls.body, due.content ->> 'webhook', due.content ->> 'secret'
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner,site_tracking_relay=X/site_tracking_owner}

FUNCTION raw.site_tracking_tracked_id(jsonb,text) -- A visitor_id or user_id of an event as it was tracked, as the contract reads it: the first that names somebody.
CREATE OR REPLACE FUNCTION raw.site_tracking_tracked_id(event jsonb, kind text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT id
    FROM (VALUES
        (1, raw.site_tracking_id(raw.site_tracking_given(event -> kind))),
        (2, raw.site_tracking_id(raw.site_tracking_given(event -> 'event_data' -> kind)))) AS given (place, id)
    -- Scripts write one of these when they have none.
    WHERE lower(id) NOT IN (
        'undefined', 'null', 'nan', 'none', '[object object]', '00000000-0000-0000-0000-000000000000',
        '00000000000000000000000000000000')
    ORDER BY place
    LIMIT 1
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION raw.site_tracking_trim(text) -- A text without outer white space; NULL when nothing is left.
CREATE OR REPLACE FUNCTION raw.site_tracking_trim(given text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
    SELECT nullif(btrim(given, E' \t\n\u000B\f\r\u0085\u00A0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200A\u2028\u2029\u202F\u205F\u3000'), '')
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION raw.site_tracking_visitors_opted(bytea,bytea[],boolean) -- The visitors who object to sale or sharing, or those of whom it is known that they do not, where the sessions of either are known.
CREATE OR REPLACE FUNCTION raw.site_tracking_visitors_opted(tenant bytea, sessions bytea[], opted_out boolean)
 RETURNS bytea[]
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    WITH of_sessions AS (
        SELECT versions.visitor_hk, versions.session_hk IN (SELECT unnest(sessions)) AS is_chosen
        FROM business.site_session_details_s AS versions
        WHERE versions.tenant_hk = tenant
    ),
    -- Also in events of no session.
    objecting AS (
        SELECT business.site_hash_key(tenant, coalesce(arrived.visitor_bk, arrived.payload ->> 'visitor_id')) AS visitor_hk
        FROM raw.site_tracking_events_r AS arrived
        WHERE arrived.tenant_hk = tenant
            AND arrived.processing_status <> 'ERROR'
            AND business.site_opted_out(arrived.payload)
        UNION ALL
        SELECT visitor_hk
        FROM raw.site_tracking_objection_r
        WHERE tenant_hk = tenant
    ),
    -- Who may object, as raw is gone.
    untold AS (
        SELECT told.visitor_hk
        FROM (
            SELECT event_timestamp, event_hk, visitor_hk
            FROM staging.site_tracking_events_s
            WHERE tenant_hk = tenant
            UNION ALL
            SELECT event_timestamp, event_hk, visitor_hk
            FROM business.site_event_visitor_b
            WHERE tenant_hk = tenant
        ) AS told
        WHERE NOT EXISTS (
            SELECT FROM raw.site_tracking_events_r AS arrived
            WHERE arrived.tenant_hk = tenant
                AND arrived.event_timestamp = told.event_timestamp
                AND arrived.event_hk = told.event_hk)
    )
    SELECT coalesce(array_agg(chosen.visitor_hk), '{}')
    FROM (
        SELECT visitor_hk
        FROM of_sessions
        WHERE is_chosen
        UNION
        SELECT visitor_hk
        FROM objecting
        WHERE opted_out
        EXCEPT
        SELECT visitor_hk
        FROM (
            SELECT visitor_hk
            FROM of_sessions
            WHERE NOT is_chosen
            UNION ALL
            SELECT visitor_hk
            FROM objecting
            UNION ALL
            SELECT visitor_hk
            FROM untold
        ) AS left_out
        WHERE NOT opted_out
    ) AS chosen
$function$

    GRANTS {site_tracking_owner=X/site_tracking_owner}

FUNCTION util.current_load_date() -- The load date of rows that are written now.
CREATE OR REPLACE FUNCTION util.current_load_date()
 RETURNS timestamp with time zone
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$ SELECT CURRENT_TIMESTAMP $function$

    GRANTS {postgres=X/postgres}

FUNCTION util.generate_tenant_derived_hk(bytea,text) -- Hub hash key: SHA-256 of the hex of the tenant's hash key, a bar and the business key.
CREATE OR REPLACE FUNCTION util.generate_tenant_derived_hk(tenant_hk bytea, business_key text)
 RETURNS bytea
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
AS $function$ SELECT util.hash_binary(encode(tenant_hk, 'hex') || '|' || business_key) $function$

    GRANTS {postgres=X/postgres}

FUNCTION util.get_record_source() -- The record source of rows that are written by hand.
CREATE OR REPLACE FUNCTION util.get_record_source()
 RETURNS character varying
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$ SELECT 'one_vault'::varchar $function$

    GRANTS {postgres=X/postgres}

FUNCTION util.hash_binary(text) -- SHA-256 of a text in UTF-8.
CREATE OR REPLACE FUNCTION util.hash_binary(input text)
 RETURNS bytea
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
AS $function$ SELECT sha256(convert_to(input, 'UTF8')) $function$

    GRANTS {postgres=X/postgres}

FUNCTION util.log_audit_event(text,text,text,text,jsonb) -- Stand-in: notes who did what to which resource in the server log, without the details.
CREATE OR REPLACE FUNCTION util.log_audit_event(event_type text, resource_type text, resource_id text, actor text, details jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 SET client_min_messages TO 'error'
AS $function$
                BEGIN
                    -- With LOG the server would write the statement that led here, too, and the ids in it.
                    RAISE WARNING 'audit: % % % by %', event_type, resource_type, resource_id, actor;
                    RETURN jsonb_build_object('success', true, 'message', 'Audit event logged');
                END
                $function$

    GRANTS {postgres=X/postgres,site_tracking_owner=X/postgres}
