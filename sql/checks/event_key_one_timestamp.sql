-- Invariant: an event has one event_timestamp, and so one row in each table that is partitioned by it.
-- Returns one row per violation.

SELECT
    'business.site_event_h' AS table_name,
    encode(event_hk, 'hex') AS event_hk,
    count(*) AS timestamps
FROM business.site_event_h
GROUP BY event_hk
HAVING count(*) > 1
UNION ALL
SELECT
    'business.site_event_details_s' AS table_name,
    encode(event_hk, 'hex') AS event_hk,
    count(*) AS timestamps
FROM business.site_event_details_s
GROUP BY event_hk
HAVING count(*) > 1
UNION ALL
SELECT
    'raw.site_tracking_events_r' AS table_name,
    encode(event_hk, 'hex') AS event_hk,
    count(*) AS timestamps
FROM raw.site_tracking_events_r
GROUP BY event_hk
HAVING count(*) > 1
UNION ALL
SELECT
    'staging.site_tracking_events_s' AS table_name,
    encode(event_hk, 'hex') AS event_hk,
    count(*) AS timestamps
FROM staging.site_tracking_events_s
GROUP BY event_hk
HAVING count(*) > 1
