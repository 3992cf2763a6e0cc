package io.onevault.tracking.sample;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** The publisher daily-lantern: articles, heartbeats, scrolling, and many readers without ids. */
final class NewsSite implements SampleSite {

    private static final List<List<String>> ARTICLES = SampleTables.rows("daily-lantern.tsv");

    @Override
    public String tenant() {
        return "daily-lantern";
    }

    @Override
    public int visitors() {
        return 104;
    }

    @Override
    public double cookieShare() {
        return 0.6;
    }

    @Override
    public double visitsPerVisitor() {
        return 1.6;
    }

    @Override
    public String host() {
        return "https://www.daily-lantern.example.com";
    }

    @Override
    public void tell(SampleVisit visit, int ordinal, Dice dice) {
        visit.arrive();
        if (dice.chance(0.3)) {
            visit.view("/", "The Daily Lantern");
            visit.pause(12);
        }
        int articles = Math.min(5, dice.count(1.7));
        for (int i = 0; i < articles; i++) {
            readArticle(visit, dice.pickPopular(ARTICLES), dice);
        }
        if (dice.chance(0.12)) {
            ObjectNode signUp = visit.event("newsletter_signup").put("evt_label", "evening letter");
            if (dice.chance(0.5)) {
                signUp.putObject("properties").put("address", "reader.one@example.com");
            }
            visit.pause(5);
        }
        if (dice.chance(0.25)) {
            visit.event("page_leave").put("time_on_page", dice.skewedMillis(60));
        }
    }

    private static void readArticle(SampleVisit visit, List<String> article, Dice dice) {
        String path = "/" + article.get(1) + "/" + article.get(2);
        ObjectNode view = visit.view(path, article.get(3) + " – The Daily Lantern");
        view.set(
                "item",
                view.objectNode()
                        .put("item_id", article.get(0))
                        .put("item_type", "article")
                        .put("item_name", article.get(3))
                        .put("item_category", article.get(1)));
        visit.read(17);
        if (dice.chance(0.3)) {
            String depth = dice.pick(List.of("25%", "50%", "75%", "100%"));
            visit.event("scroll").put("scroll_depth", depth);
        }
        if (dice.chance(0.05)) {
            visit.event("share").put("evt_action", dice.chance(0.5) ? "copy_link" : "whatsapp");
        }
        visit.pause(4);
    }
}
