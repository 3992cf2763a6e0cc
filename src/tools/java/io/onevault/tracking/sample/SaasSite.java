package io.onevault.tracking.sample;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.List;

/** The software service nimbus-saas: landing pages, docs, trials, and the application itself. */
final class SaasSite implements SampleSite {

    private static final String TABLE = "nimbus-saas.tsv";
    private static final List<List<String>> PLANS = SampleTables.rows(TABLE, "plan");
    private static final List<List<String>> LANDINGS = SampleTables.rows(TABLE, "landing");
    private static final List<List<String>> DOCS = SampleTables.rows(TABLE, "docs");
    private static final List<List<String>> FEATURES = SampleTables.rows(TABLE, "feature");

    @Override
    public String tenant() {
        return "nimbus-saas";
    }

    @Override
    public int visitors() {
        return 46;
    }

    @Override
    public double cookieShare() {
        return 0.95;
    }

    @Override
    public double visitsPerVisitor() {
        return 2;
    }

    @Override
    public String host() {
        return "https://nimbus.example.com";
    }

    @Override
    public void tell(SampleVisit visit, int ordinal, Dice dice) {
        if (dice.chance(ordinal > 0 ? 0.8 : 0.25)) {
            work(visit, dice);
            return;
        }
        visit.arrive();
        List<String> landing = dice.pickPopular(LANDINGS);
        visit.view(landing.get(1), landing.get(2));
        visit.read(13);
        if (dice.chance(0.35)) {
            return;
        }
        readDocs(visit, dice);
        if (dice.chance(0.6)) {
            visit.view("/pricing", "Pricing");
            ObjectNode list = visit.event("item_list_view");
            var items = list.putArray("items");
            PLANS.forEach(plan -> items.add(item(list, plan)));
            visit.read(10);
            if (dice.chance(0.7)) {
                signUp(visit, dice);
            }
        }
    }

    private static void readDocs(SampleVisit visit, Dice dice) {
        int pages = dice.below(3);
        for (int i = 0; i < pages; i++) {
            List<String> page = dice.pickPopular(DOCS);
            visit.view(page.get(1), page.get(2) + " – Nimbus docs");
            visit.read(15);
        }
    }

    private static void signUp(SampleVisit visit, Dice dice) {
        List<String> plan = PLANS.get(1 + dice.below(2));
        visit.click("choose-" + plan.get(1), "Start free trial");
        visit.pause(2);
        visit.view("/signup?plan=" + plan.get(1), "Sign up");
        visit.pause(35);
        ObjectNode signUp = visit.event("signup").put("evt_category", "account");
        ObjectNode properties = signUp.putObject("properties").put("method", "form");
        if (dice.chance(0.3)) {
            properties.put("work_email", "alex.sample@example.net").put("phone", "020 7946 0958");
        }
        visit.login();
        visit.pause(1);
        ObjectNode trial = visit.event("trial_start").put("evt_category", "account");
        trial.set("item", item(trial, plan));
        visit.view("/app/welcome", "Welcome to Nimbus");
        visit.pause(20);
        useFeatures(visit, dice);
    }

    private static void work(SampleVisit visit, Dice dice) {
        visit.view("/login", "Log in");
        visit.pause(7);
        visit.login();
        visit.event("login").put("evt_category", "account").put("evt_action", "password");
        visit.view("/app/boards", "Boards");
        visit.pause(10);
        useFeatures(visit, dice);
        if (dice.chance(0.2)) {
            List<String> plan = PLANS.get(1 + dice.below(2));
            visit.view("/app/billing", "Billing");
            visit.pause(30);
            ObjectNode purchase = visit.event("purchase");
            purchase.put("transaction_id", "sub-" + dice.id(8));
            purchase.put("value", new BigDecimal(plan.get(3))).put("currency", "USD");
            purchase.putArray("items").add(item(purchase, plan));
        }
    }

    private static void useFeatures(SampleVisit visit, Dice dice) {
        int uses = Math.min(14, dice.count(5));
        for (int i = 0; i < uses; i++) {
            List<String> feature = dice.pickPopular(FEATURES);
            ObjectNode used = visit.event("feature_used");
            used.put("evt_category", "app").put("evt_action", feature.get(1));
            used.put("evt_value", String.valueOf(dice.between(1, 9)));
            used.putObject("properties")
                    .put("latency_ms", dice.between(20, 900))
                    .put("beta", i == 3);
            visit.pause(40);
        }
    }

    private static ObjectNode item(ObjectNode event, List<String> plan) {
        return event.objectNode()
                .put("item_id", plan.get(1))
                .put("item_type", "plan")
                .put("item_name", plan.get(2))
                .put("price", new BigDecimal(plan.get(3)))
                .put("currency", "USD");
    }
}
