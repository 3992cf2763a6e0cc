package io.onevault.tracking.sample;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/**
 * Sample traffic of six invented tenants over four days: the same lines on every machine. The
 * program writes them to the resource that the local stack plays; see docs/sample.md.
 */
public final class SampleTraffic {

    static final String RESOURCE = "events.jsonl";

    static final Instant START = Instant.parse("2026-11-20T06:00:00Z");
    static final Instant END = Instant.parse("2026-11-23T22:00:00Z");

    private static final long SEED = 7;
    private static final long HOUR_MILLIS = 3_600_000;

    /** How busy each hour of the visitor's day is, in percent of the busiest. */
    private static final int[] RHYTHM = {
        12, 7, 5, 4, 4, 8, 20, 40, 60, 72, 78, 75, 80, 72, 68, 66, 68, 74, 85, 96, 100, 88, 60, 30
    };

    private static final List<SampleSite> SITES =
            List.of(new ShopSite(), new SaasSite(), new NewsSite());

    // -- configuration
    private final Dice dice = new Dice(SEED);

    // -- runtime
    private final Delivery delivery = new Delivery(dice);

    private SampleTraffic() {}

    /** Writes the resource; the first argument may name another file. */
    public static void main(String[] args) throws IOException {
        Path file = Path.of(args.length > 0 ? args[0] : "src/main/resources/sample/" + RESOURCE);
        Files.writeString(file, String.join("\n", generate()) + "\n");
    }

    /** The records to play, in order of reception; some are malformed on purpose. */
    public static List<String> lines() {
        return SampleTables.lines(RESOURCE);
    }

    /** Those whose events the lines are. */
    public static String[] tenants() {
        return Stream.concat(SITES.stream(), ServiceSite.ALL.stream())
                .map(SampleSite::tenant)
                .toArray(String[]::new);
    }

    static List<String> generate() {
        SampleTraffic traffic = new SampleTraffic();
        for (SampleSite site : SITES) {
            traffic.visit(site);
            traffic.crawl(site);
        }
        traffic.workOffline();
        for (SampleSite site : ServiceSite.ALL) {
            traffic.visit(site);
            traffic.crawl(site);
        }
        Oddities.insert(traffic.delivery, START.toEpochMilli(), END.toEpochMilli());
        return traffic.delivery.lines(END.toEpochMilli());
    }

    private void visit(SampleSite site) {
        for (int i = 0; i < site.visitors(); i++) {
            SampleVisitor visitor = SampleVisitor.draw(site.tenant(), site.cookieShare(), dice);
            int visits = dice.count(site.visitsPerVisitor());
            long start = drawStart(visitor);
            for (int ordinal = 0; ordinal < visits; ordinal++) {
                SampleVisit visit = new SampleVisit(visitor, site.host(), start, dice);
                site.tell(visit, ordinal, dice);
                visit.events().forEach(delivery::deliver);
                start = nextStart(visitor, start + 3 * HOUR_MILLIS);
            }
        }
    }

    /** A random time, likelier in the visitor's busy hours. */
    private long drawStart(SampleVisitor visitor) {
        int minutes = (int) ((END.toEpochMilli() - START.toEpochMilli()) / 60_000) - 90;
        long start;
        do {
            start = START.toEpochMilli() + dice.below(minutes) * 60_000L + dice.below(60_000);
        } while (!isAwake(visitor, start));
        return start;
    }

    private long nextStart(SampleVisitor visitor, long earliest) {
        long start = earliest + dice.skewedMillis(15_000);
        while (!isAwake(visitor, start)) {
            start += dice.skewedMillis(5_000);
        }
        return start;
    }

    private boolean isAwake(SampleVisitor visitor, long time) {
        int localHour = (int) Math.floorMod(time / HOUR_MILLIS + visitor.hoursFromUtc(), 24L);
        return dice.below(100) < RHYTHM[localHour];
    }

    private void crawl(SampleSite site) {
        for (List<String> bot : SampleTables.rows("bots.tsv")) {
            int requests = Integer.parseInt(bot.get(0));
            SampleVisitor robot =
                    SampleVisitor.draw(site.tenant(), 0, dice).withClient(bot.get(1), bot.get(2));
            for (int i = 0; i < requests / 2; i++) {
                long start = drawStart(robot);
                SampleVisit visit = new SampleVisit(robot, site.host(), start, dice);
                visit.view(i % 2 == 0 ? "/" : "/sitemap/" + i, site.tenant());
                visit.events().forEach(delivery::deliver);
            }
        }
    }

    /** A mobile app without network for hours: its events come much too late for their windows. */
    private void workOffline() {
        for (int i = 0; i < 3; i++) {
            SampleVisitor person =
                    SampleVisitor.draw("nimbus-saas", 1, dice)
                            .withClient("198.51.100.23" + i, "Nimbus/4.2.0 (iPhone; iOS 18.6)")
                            .withUser("u-field-" + i);
            long start = START.toEpochMilli() + (4 + 20L * i) * HOUR_MILLIS;
            SampleVisit visit = new SampleVisit(person, "", start, dice);
            visit.view("/app/boards", "Boards");
            for (int use = 0; use < 5; use++) {
                visit.pause(30);
                visit.event("feature_used").put("evt_action", "card_move");
            }
            long offline = (5L + i) * HOUR_MILLIS;
            visit.events().forEach(event -> delivery.deliver(event.offline(offline)));
        }
    }
}
