package io.onevault.tracking.sample;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One visit of a sample site, told event by event; a clock of its own moves with the telling. */
final class SampleVisit {

    private static final long PING_MILLIS = 10_000;
    private static final List<List<String>> ORIGINS = SampleTables.rows("origins.tsv");

    // -- configuration
    private final Dice dice;
    private final String host;
    private final @Nullable String sessionId;
    private final @Nullable String consent;

    // -- runtime
    private final List<SampleEvent> events = new ArrayList<>();
    private SampleVisitor visitor;
    private long now;
    private String referrer = "";
    private String landingQuery = "";
    private String url = "";
    private String title = "";
    private String pageViewId = "";

    SampleVisit(SampleVisitor visitor, String host, long start, Dice dice) {
        this.visitor = visitor;
        this.host = host;
        this.dice = dice;
        now = start;
        boolean known = visitor.visitorId() != null;
        sessionId = known ? "s-" + dice.id(12) : null;
        consent = known && dice.chance(0.5) ? "granted" : known ? null : "denied";
    }

    /** Lets the visitor come from somewhere: a search, a campaign, a link or nowhere known. */
    void arrive() {
        url = "";
        List<String> origin = dice.pickWeighted(ORIGINS);
        referrer = origin.get(1).equals("-") ? "" : origin.get(1);
        landingQuery = origin.get(2).equals("-") ? "" : origin.get(2).replace("{n}", dice.id(8));
    }

    /** From now on the visitor is known by a user id, the same in every visit. */
    void login() {
        String known = visitor.visitorId();
        visitor = visitor.withUser("u-" + (known == null ? dice.id(8) : known.substring(2, 10)));
    }

    ObjectNode view(String path, String pageTitle) {
        if (!url.isEmpty()) {
            referrer = url;
        }
        url = host + path + landingQuery(path);
        landingQuery = "";
        title = pageTitle;
        pageViewId = "p-" + dice.id(10);
        return event("page_view");
    }

    /** An event now, on the current page; the caller adds what is special about it. */
    ObjectNode event(String type) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("tenantId", visitor.tenant());
        if (!dice.chance(0.02)) {
            json.put("event_id", "e-" + dice.id(20));
        }
        json.put("evt_type", type);
        putUnlessNull(json, "session_id", sessionId);
        putUnlessNull(json, "visitor_id", visitor.visitorId());
        putUnlessNull(json, "user_id", visitor.userId());
        json.put("page_view_id", pageViewId);
        json.put("page_url", url);
        json.put("page_title", title);
        if (!referrer.isEmpty()) {
            json.put("page_referrer", referrer);
        }
        visitor.describeClient(json);
        putUnlessNull(json, "consent", consent);
        events.add(new SampleEvent(visitor, now, 0, json));
        return json;
    }

    void pause(double medianSeconds) {
        now += dice.skewedMillis(medianSeconds);
    }

    /** Reads the page for a while: a heartbeat every ten seconds and a scroll now and then. */
    void read(double medianSeconds) {
        long end = now + dice.skewedMillis(medianSeconds);
        int depth = 0;
        while (now + PING_MILLIS < end) {
            now += PING_MILLIS;
            ObjectNode ping = event("page_ping");
            depth = Math.min(100, depth + dice.between(0, 30));
            ping.put("scroll_depth", depth);
            if (dice.chance(0.12)) {
                now += dice.between(200, 1_500);
                event("scroll").put("scroll_depth", depth + "%");
            }
        }
        now = Math.max(now, end);
    }

    void click(String elementId, String text) {
        ObjectNode click = event("click");
        click.put("element_id", elementId);
        click.put("element_class", "btn btn-primary");
        click.put("element_text", text);
        click.put("click_x", dice.between(10, 360));
        click.put("click_y", dice.between(80, 2_400));
    }

    List<SampleEvent> events() {
        return events;
    }

    private String landingQuery(String path) {
        if (landingQuery.isEmpty()) {
            return "";
        }
        return (path.contains("?") ? "&" : "?") + landingQuery;
    }

    private static void putUnlessNull(ObjectNode json, String member, @Nullable String value) {
        if (value != null) {
            json.put(member, value);
        }
    }
}
