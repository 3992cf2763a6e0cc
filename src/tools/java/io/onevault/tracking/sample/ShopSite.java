package io.onevault.tracking.sample;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;

/** The shop acme-shop: categories, products, a cart and a checkout. */
final class ShopSite implements SampleSite {

    private static final List<List<String>> PRODUCTS = SampleTables.rows("acme-shop.tsv");
    private static final List<String> SEARCHES =
            List.of(
                    "boots",
                    "winter coat",
                    "gift",
                    "søren",
                    "red scarf",
                    "wool",
                    "38 waterproof",
                    "order of max.muster@example.org");
    private static final List<String> CHECKOUT_STEPS = List.of("cart", "address", "payment");
    private static final String NAME = " | Acme Shop";

    @Override
    public String tenant() {
        return "acme-shop";
    }

    @Override
    public int visitors() {
        return 90;
    }

    @Override
    public double cookieShare() {
        return 0.92;
    }

    @Override
    public double visitsPerVisitor() {
        return 1.7;
    }

    @Override
    public String host() {
        return "https://www.acme-shop.example.com";
    }

    @Override
    public void tell(SampleVisit visit, int ordinal, Dice dice) {
        String currency = dice.chance(0.6) ? "EUR" : "USD";
        List<List<String>> cart = new ArrayList<>();
        land(visit, dice);
        visit.pause(9);
        if (dice.chance(0.3)) {
            return;
        }
        int products = Math.min(7, dice.count(2.6));
        for (int i = 0; i < products; i++) {
            if (i > 0 && dice.chance(0.05)) {
                // Back from an advertisement or a search: the same session id, another campaign.
                visit.arrive();
            }
            browse(visit, dice);
            List<String> product = dice.pickPopular(PRODUCTS);
            look(visit, product, currency, dice);
            if (dice.chance(0.3)) {
                visit.pause(6);
                ObjectNode added = visit.event("add_to_cart");
                added.set("item", item(added, product, currency));
                cart.add(product);
            }
        }
        if (!cart.isEmpty() && dice.chance(0.7)) {
            checkOut(visit, cart, currency, dice);
        }
    }

    private static void land(SampleVisit visit, Dice dice) {
        visit.arrive();
        int draw = dice.below(100);
        if (draw < 45) {
            visit.view("/", "Acme Shop: boots, coats and more");
        } else if (draw < 75) {
            List<String> product = dice.pickPopular(PRODUCTS);
            visit.view("/c/" + product.get(2), product.get(3) + NAME);
        } else if (draw < 97) {
            List<String> product = dice.pickPopular(PRODUCTS);
            visit.view("/p/" + product.get(0), product.get(1) + NAME);
        } else {
            visit.view(
                    "/account?email=jane.doe@example.com&ref=mail", "Hello jane.doe@example.com");
        }
    }

    private static void browse(SampleVisit visit, Dice dice) {
        if (dice.chance(0.25)) {
            String term = dice.pickPopular(SEARCHES);
            visit.view("/search?q=" + term.replace(" ", "+"), "Search" + NAME);
            ObjectNode search = visit.event("search");
            search.put("evt_label", term);
            search.putObject("properties").put("search_term", term).put("results", dice.below(40));
        } else if (dice.chance(0.7)) {
            List<String> product = dice.pickPopular(PRODUCTS);
            visit.view("/c/" + product.get(2), product.get(3) + NAME);
        }
        visit.pause(8);
    }

    private static void look(SampleVisit visit, List<String> product, String currency, Dice dice) {
        visit.view("/p/" + product.get(0), product.get(1) + NAME);
        ObjectNode seen = visit.event("item_view");
        seen.set("item", item(seen, product, currency));
        visit.read(8);
        if (dice.chance(0.03)) {
            // The tab stays open over lunch: the same session id, but a new session.
            visit.pause(5_400);
        }
        if (dice.chance(0.3)) {
            visit.click("gallery-next", "Next picture");
            visit.pause(4);
        }
    }

    private static void checkOut(
            SampleVisit visit, List<List<String>> cart, String currency, Dice dice) {
        String transaction = "ord-" + dice.id(8);
        for (String step : CHECKOUT_STEPS) {
            visit.view("/checkout/" + step, "Checkout: " + step + NAME);
            visit.event("transaction_step")
                    .put("evt_action", step)
                    .put("transaction_id", transaction);
            if (step.equals("cart") && dice.chance(0.3)) {
                visit.pause(10);
                visit.event("coupon_apply").putObject("properties").put("coupon", "BLACK15");
            }
            if (step.equals("address") && dice.chance(0.2)) {
                visit.event("form_error")
                        .putObject("properties")
                        .put("field", "phone")
                        .put("entered", "+1 202 555 0143");
            }
            visit.pause(25);
            if (dice.chance(0.13)) {
                return;
            }
        }
        visit.view("/checkout/thanks", "Thank you" + NAME);
        complete(visit, cart, currency, transaction, dice.below(10));
        visit.pause(15);
    }

    /** Old pages say transaction_step/complete, new ones purchase, some say both. */
    private static void complete(
            SampleVisit visit,
            List<List<String>> cart,
            String currency,
            String transaction,
            int draw) {
        if (draw < 4) {
            ObjectNode step = visit.event("transaction_step").put("evt_action", "complete");
            order(step, cart, currency, transaction);
        }
        if (draw > 2) {
            order(visit.event("purchase"), cart, currency, transaction);
        }
    }

    private static void order(
            ObjectNode event, List<List<String>> cart, String currency, String transaction) {
        BigDecimal value = new BigDecimal("4.90");
        for (List<String> product : cart) {
            value = value.add(new BigDecimal(product.get(5)));
        }
        event.put("transaction_id", transaction).put("value", value).put("currency", currency);
        var items = event.putArray("items");
        for (List<String> product : cart) {
            items.add(item(event, product, currency));
        }
    }

    private static ObjectNode item(ObjectNode event, List<String> product, String currency) {
        return event.objectNode()
                .put("item_id", product.get(0))
                .put("item_type", "product")
                .put("item_name", product.get(1))
                .put("item_category", product.get(3))
                .put("item_brand", product.get(4))
                .put("price", new BigDecimal(product.get(5)))
                .put("currency", currency)
                .put("quantity", 1);
    }
}
