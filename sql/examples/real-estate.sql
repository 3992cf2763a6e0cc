-- A broker of homes: which homes are asked for, and what leads to an enquiry.

-- An enquiry is a form of that name; it counts for the homes that it names.
SELECT api.change_settings('acme', '{"goals": ["enquiry"],
    "goal": {"name": "Viewing", "evt_type": "form_submit", "property": "form", "property_value": "viewing"}}');

-- Homes by enquiries.
SELECT api.get_items('acme', '{"days": 28, "order": "conversions", "limit": 20}');

-- Goals by name.
SELECT api.get_session_analytics('acme', '{"days": 28, "breakdowns": ["named_goals", "goals"]}');

-- What visits looked at before an enquiry.
SELECT api.get_paths('acme', '{"days": 28, "before": {"evt_type": "enquiry"}, "length": 5}');

-- Those who saw one home and asked for another.
SELECT api.get_funnel('acme', '[{"evt_type": "item_view", "item_id": "home-17"}, {"evt_type": "enquiry"}]', '{"days": 90}');
