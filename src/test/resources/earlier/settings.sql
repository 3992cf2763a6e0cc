-- Tenants' settings as the first version of ours had them.

CREATE SCHEMA IF NOT EXISTS auth;

CREATE TABLE auth.tenant_site_tracking_s (
    tenant_hk bytea NOT NULL,
    load_date timestamptz NOT NULL,
    session_gap_ms bigint CHECK (session_gap_ms > 0),
    allowed_lateness_ms bigint CHECK (allowed_lateness_ms >= 0),
    campaign_split boolean,
    midnight_split boolean,
    referrer_split boolean,
    max_session_events integer CHECK (max_session_events > 0),
    max_session_seconds bigint CHECK (max_session_seconds > 0),
    time_zone text,
    goal_event_types text[],
    allowed_origins text[],
    ip_policy varchar(10) CHECK (ip_policy IN ('NETWORK', 'NONE')),
    consent_policy varchar(10),
    visitor_secret bytea,
    hash_diff bytea NOT NULL,
    record_source varchar(100) NOT NULL,
    PRIMARY KEY (tenant_hk, load_date)
);

INSERT INTO auth.tenant_site_tracking_s (
    tenant_hk, load_date, session_gap_ms, time_zone, goal_event_types, visitor_secret, hash_diff, record_source)
VALUES (sha256('acme'), now(), 60000, 'Asia/Kolkata', '{sign_up}', '\xabcd', sha256('-'), 'test');
