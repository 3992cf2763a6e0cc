-- A newspaper: what is read to the end, where readers come from, and which pages are slow.

-- Pages by views and attention of the last week, and what that is against the week before.
SELECT api.get_session_analytics('acme', '{"days": 7, "compare": true, "breakdowns": ["top_pages", "entry_pages", "sources"]}');

-- Who reads right now.
SELECT api.get_realtime('acme', 5);

-- Where readers go on to from the front page.
SELECT api.get_paths('acme', '{"days": 7, "after": {"page_url": "https://news.example/"}, "length": 3}');

-- How many have a name, and how many may not be recognised.
SELECT api.get_session_analytics('acme', '{"days": 7, "breakdowns": ["visitor_kinds", "robots"]}');

-- The slowest pages on phones.
SELECT api.get_web_vitals('acme', '{"days": 7, "device": "mobile", "limit": 20}');
