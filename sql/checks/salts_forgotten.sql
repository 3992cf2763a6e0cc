-- Invariant: the salt of a day's cookieless visitors is gone after 48 hours; one day more is tolerated,
-- in which the job may have stood still.
-- Returns one row per violation.

SELECT
    salt_date,
    load_date
FROM auth.site_tracking_salt_s
WHERE salt_date < (now() AT TIME ZONE 'UTC')::date - 3
