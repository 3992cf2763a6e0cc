-- A school: which courses are enrolled in, how long people think it over, and over which visits.

-- Enrolments count as conversions.
SELECT api.change_settings('acme', '{"goals": ["enrolment"]}');

-- Courses by enrolments.
SELECT api.get_items('acme', '{"days": 90, "order": "conversions"}');

-- From a course to an enrolment within two weeks, over any number of visits.
SELECT api.get_funnel('acme', '[{"evt_type": "item_view"}, {"evt_type": "enrolment"}]', '{"days": 90, "window_minutes": 20160}');

-- The visits of one visitor, with channels and goals.
SELECT api.get_visitor_journey('acme', '{"visitor": "vis_0123456789abcdef0123456789abcdef"}');

-- What first and last visits bring, in channels and campaigns.
SELECT api.get_attribution('acme', '{"days": 90, "lookback_days": 90}');
