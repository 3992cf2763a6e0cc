-- Software as a service: who signs up, who comes back, who is about to leave.

-- Sign-ups count as conversions, from now on.
SELECT api.change_settings('acme', '{"goals": ["sign_up", "subscribe"]}');

-- From the price list to a subscription, within a day.
SELECT api.get_funnel('acme',
    '[{"page_url": "https://app.example/pricing"}, {"evt_type": "sign_up"}, {"evt_type": "subscribe"}]',
    '{"days": 28, "window_minutes": 1440}');

-- Which weeks' newcomers come back.
SELECT api.get_retention('acme', '{"interval": "week", "days": 84}');

-- Which functions are used, by a property of the site's own events.
SELECT api.get_session_analytics('acme', '{"days": 28, "breakdowns": ["properties"], "property": "feature"}');

-- What a model learns churn from, as it was a month ago.
SELECT line FROM api.export_features('acme', '{"features": "visitors", "as_of": "2026-03-01"}') AS line;

-- How those behave that it gives a risk of more than a half.
SELECT api.get_session_analytics('acme', '{"days": 28, "filters": {"score:churn": "0.5.."}}');
