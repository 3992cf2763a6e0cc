package io.onevault.tracking.local;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What simulated visitors may do.
 *
 * @param origins where visits come from: a referrer, the campaign of an address, or nothing
 * @param agents programs of people
 * @param robots programs of robots
 */
record TrafficPlan(
        List<@Nullable String> origins,
        List<String> agents,
        List<String> robots,
        List<Site> sites) {

    private static final String FILE = "/sample/traffic.json";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int PERCENT = 100;
    private static final int ROBOT_PERCENT = 8;
    private static final int GOAL_PERCENT = 15;
    private static final int CONSENT_PERCENT = 70;
    private static final int MOST_PAGES = 6;
    private static final int MOST_PINGS = 3;
    private static final int PING_SECONDS = 10;
    private static final int SECOND = 1_000;

    /** So many people there are for each site; they come back. */
    private static final int PEOPLE = 300;

    /**
     * A site of a tenant.
     *
     * @param base where its pages are; without a host: at the collector
     * @param conversions types of the events that count as conversions, beside purchases
     * @param goals pages that lead to what the site is there for
     */
    record Site(
            String tenant,
            String base,
            List<String> conversions,
            List<Page> pages,
            List<List<Page>> goals) {}

    /** A page, and what is done on it. */
    record Page(String path, String title, List<ObjectNode> events) {}

    /**
     * A visit of one person or robot.
     *
     * @param address from which it comes
     */
    record Visit(Site site, String agent, String address, List<Step> steps) {}

    /**
     * An event, and what comes before it.
     *
     * @param pauseMillis how long the visitor takes
     * @param page whose event it is, by its path
     */
    record Step(int pauseMillis, String page, ObjectNode event) {}

    static TrafficPlan read() {
        try (InputStream in = TrafficPlan.class.getResourceAsStream(FILE)) {
            return JSON.readValue(Objects.requireNonNull(in, FILE), TrafficPlan.class);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Draws a visit. */
    Visit visit(RandomGenerator random) {
        Site site = any(sites, random);
        boolean isRobot = random.nextInt(PERCENT) < ROBOT_PERCENT;
        int person = random.nextInt(PEOPLE);
        String visitor = isRobot || person % PERCENT >= CONSENT_PERCENT ? null : "person-" + person;
        // Documentation addresses: nobody's.
        String address = "198.51." + (100 + person / 256) + "." + person % 256;
        String agent = isRobot ? any(robots, random) : agents.get(person % agents.size());
        List<Step> steps = new ArrayList<>();
        String came = any(origins, random);
        for (Page page : pages(site, isRobot, random)) {
            walk(page, came, visitor, isRobot ? 0 : random.nextInt(MOST_PINGS + 1), steps);
            came = null;
        }
        return new Visit(site, agent, address, steps);
    }

    private static List<Page> pages(Site site, boolean isRobot, RandomGenerator random) {
        List<Page> pages = new ArrayList<>();
        int count = 1 + random.nextInt(MOST_PAGES);
        for (int i = 0; i < count; i++) {
            pages.add(any(site.pages(), random));
        }
        if (!isRobot && random.nextInt(PERCENT) < GOAL_PERCENT) {
            pages.addAll(any(site.goals(), random));
        }
        return pages;
    }

    /** Adds the events of a page: its view, what is done on it, and pings. */
    private static void walk(
            Page page,
            @Nullable String came,
            @Nullable String visitor,
            int pings,
            List<Step> steps) {
        String view = UUID.randomUUID().toString();
        boolean isCampaign = came != null && came.startsWith("?");
        ObjectNode opened = event("page_view", page, view, visitor);
        opened.put("page_url", isCampaign ? page.path() + came : page.path());
        if (came != null && !isCampaign) {
            opened.put("page_referrer", came);
        }
        steps.add(new Step(3 * SECOND, page.path(), opened));
        for (ObjectNode done : page.events()) {
            ObjectNode event = event(done.get("evt_type").asText(), page, view, visitor);
            event.setAll(done);
            if (done.has("value")) {
                event.put("transaction_id", "order-" + UUID.randomUUID());
            }
            steps.add(new Step(2 * SECOND, page.path(), event));
        }
        for (int ping = 1; ping <= pings; ping++) {
            ObjectNode event = event("page_ping", page, view, visitor);
            event.put("time_on_page", ping * PING_SECONDS * SECOND);
            steps.add(new Step(PING_SECONDS * SECOND, page.path(), event));
        }
    }

    private static ObjectNode event(String type, Page page, String view, @Nullable String visitor) {
        ObjectNode event = JSON.createObjectNode();
        event.put("evt_type", type);
        event.put("event_id", UUID.randomUUID().toString());
        event.put("page_view_id", view);
        event.put("page_url", page.path());
        event.put("page_title", page.title());
        if (visitor != null) {
            event.put("visitor_id", visitor);
            event.put("consent", "granted");
        }
        return event;
    }

    private static <T> T any(List<T> all, RandomGenerator random) {
        return all.get(random.nextInt(all.size()));
    }
}
