-- A shop: which items sell, where buyers are lost, and what brings those who buy.

-- Items by what was bought of them in the last four weeks.
SELECT api.get_items('acme', '{"days": 28, "order": "purchases", "limit": 20}');

-- Departments by what was bought of them.
SELECT api.get_items('acme', '{"days": 28, "group": "category", "level": 1, "order": "purchases"}');

-- How far visitors come from an item to an order.
SELECT api.get_funnel('acme', '[{"evt_type": "item_view"}, {"evt_type": "add_to_cart"}, {"evt_type": "purchase"}]', '{"days": 28}');

-- What those did last who had something in the cart and left.
SELECT api.get_sessions('acme', '{"days": 7, "outcome": "left", "step": 2,
    "steps": [{"evt_type": "add_to_cart"}, {"evt_type": "purchase"}]}');

-- Which campaigns orders are due to, where a visit counts half as much a week later.
SELECT api.get_attribution('acme', '{"days": 28, "half_life_days": 7}');

-- Whether the new checkout sells more.
SELECT api.get_experiment('acme', '{"experiment": "checkout", "days": 28}');
