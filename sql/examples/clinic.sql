-- A clinic: which treatments lead to appointments, without a trace of who asked.

-- Appointments count as conversions; what is in the form is never sent.
SELECT api.change_settings('acme', '{"goals": ["appointment"]}');

-- Treatments by appointments.
SELECT api.get_items('acme', '{"days": 28, "order": "conversions"}');

-- Where visitors give up on the way to one.
SELECT api.get_funnel('acme',
    '[{"page_url": "https://clinic.example/treatments*"}, {"page_url": "https://clinic.example/appointments*"}, {"evt_type": "appointment"}]',
    '{"days": 28}');

-- By hour, so that the desk is manned when people ask.
SELECT api.get_session_analytics('acme', '{"days": 7, "interval": "hour", "filters": {"event": "appointment"}}');

-- Call somebody when a day brings half as many visits as the same day a week before.
SELECT api.change_settings('acme', '{"alert": {"name": "Fewer visits", "metric": "visits", "below": -0.5, "compared": true}}');
