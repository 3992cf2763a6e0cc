package io.onevault.tracking.vault;

import static io.onevault.tracking.vault.TestEvents.START;
import static io.onevault.tracking.vault.TestEvents.event;
import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.event.EventType;
import io.onevault.tracking.event.Item;
import io.onevault.tracking.event.Page;
import io.onevault.tracking.event.Purchase;
import io.onevault.tracking.event.ValueKind;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestPostgres;
import io.onevault.tracking.migrate.VaultChecks;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Tenants may bring three new values of each kind a day. */
@ExtendWith(PostgresExtension.class)
class ValueCapsTest {

    private static final int CAP = 3;
    private static final Duration DAY = Duration.ofDays(1);

    /** Checks that want sessions, a ledger, registered tenants and keys of real content. */
    private static final Set<String> WANT_MORE_THAN_EVENTS =
            Set.of(
                    "event_rows_complete",
                    "event_key_recomputed",
                    "hub_tenant_registered",
                    "ledger_balanced",
                    "ledger_matches_events");

    private static final String[] KEPT = {"/a", "/b", "/c"};

    private LoadedVault vault;

    @BeforeEach
    void open(TestPostgres postgres) throws SQLException {
        vault = new LoadedVault(postgres);
        setCap("acme", CAP);
        setCap("other", CAP);
    }

    @AfterEach
    void close() throws SQLException {
        vault.close();
    }

    private void setCap(String tenant, int cap) throws SQLException {
        vault.database()
                .execute(
                        """
                        INSERT INTO auth.tenant_site_tracking_s
                               (tenant_hk, load_date, max_new_pages, max_new_items,
                                max_new_campaign_values, hash_diff, record_source)
                        VALUES (util.hash_binary('%1$s'), clock_timestamp(), %2$d, %2$d, %2$d,
                                util.hash_binary('-'), 'test')"""
                                .formatted(tenant, cap));
    }

    /** Appended a second after it occurred. */
    private static EnrichedEvent page(String path, Instant at) {
        return event(path + at).url(path).occurredAt(at).appendedAt(at.plusSeconds(1)).enriched();
    }

    private static List<EnrichedEvent> pages(Instant at, String... paths) {
        List<EnrichedEvent> pages = new ArrayList<>();
        for (String path : paths) {
            pages.add(page(path, at));
        }
        return pages;
    }

    private List<String> urls(ValueCaps caps, List<EnrichedEvent> events) throws SQLException {
        return urls(caps.cap(vault.connection(), events).events());
    }

    private static List<String> urls(List<EnrichedEvent> events) {
        List<String> urls = new ArrayList<>();
        for (EnrichedEvent event : events) {
            urls.add(event.page() == null ? "none" : event.page().url());
        }
        return urls;
    }

    @Test
    void keepsTheFirstOnesAndThoseForEver() throws SQLException {
        var caps = new ValueCaps();

        assertThat(urls(caps, pages(START, "/a", "/b", "/a", "/c", "/d", "/a", "/d", "/e")))
                .containsExactly("/a", "/b", "/a", "/c", "(other)", "/a", "(other)", "(other)");
        Instant tomorrow = START.plus(DAY);
        assertThat(urls(caps, pages(tomorrow, "/d", "/a", "/x", "/c", "/y", "/z")))
                .containsExactly("/d", "/a", "/x", "/c", "/y", "(other)");
    }

    /** An installation over a vault that was filled before there were caps. */
    @Test
    void whatTheVaultHoldsAlreadyIsNotNew() throws Exception {
        vault.write(new EventLoader("test"), pages(START, "/a", "/b", "/c", "/d"));
        vault.database().migrate();

        assertThat(
                        urls(
                                new ValueCaps(),
                                pages(START.plus(DAY), "/d", "/a", "/x", "/y", "/z", "/v")))
                .containsExactly("/d", "/a", "/x", "/y", "/z", "(other)");
    }

    /** Nothing of a page may be both that page and another one. */
    @Test
    void whatIsDecidedOfATimeStays() throws SQLException {
        urls(new ValueCaps(), pages(START, "/a", "/b", "/c", "/d"));
        urls(new ValueCaps(), pages(START.plus(DAY), "/d", "/e"));
        var anew = new ValueCaps();

        assertThat(urls(anew, pages(START.plus(DAY), "/d", "/e", "/a")))
                .containsExactly("/d", "/e", "/a");
        assertThat(urls(anew, pages(START, "/d", "/e", "/a")))
                .containsExactly("(other)", "(other)", "/a");
        assertThat(urls(anew, pages(START.minus(DAY), "/d", "/a")))
                .containsExactly("(other)", "(other)");
        setCap("acme", 100);
        assertThat(urls(anew, pages(START, "/d"))).containsExactly("(other)");
        assertThat(urls(anew, pages(START.plusSeconds(1), "/f", "/d"))).containsExactly("/f", "/d");
    }

    /** A partition that is behind brings the day before after the day. */
    @Test
    void belowTheCapNoOrderMatters() throws SQLException {
        var caps = new ValueCaps();

        assertThat(urls(caps, pages(START.plus(DAY), KEPT))).containsExactly(KEPT);
        assertThat(urls(caps, pages(START, KEPT))).containsExactly(KEPT);
        assertThat(urls(new ValueCaps(), pages(START, "/c", "/b"))).containsExactly("/c", "/b");
        assertThat(urls(new ValueCaps(), pages(START.plus(DAY), "/d"))).containsExactly("(other)");
    }

    /** A partition that is further behind with each batch brings what is known already. */
    @Test
    void aKnownValueIsNotNewAtAnEarlierTime() throws SQLException {
        setCap("acme", 5);
        String[] pages = {"/a", "/b", "/c", "/d"};

        for (int hour = 0; hour < 3; hour++) {
            Instant at = START.minus(Duration.ofHours(hour));
            assertThat(urls(new ValueCaps(), pages(at, pages))).containsExactly(pages);
        }

        assertThat(
                        vault.database()
                                .number(
                                        "SELECT sum(kept_values) FROM"
                                                + " raw.site_tracking_value_day_r"
                                                + " WHERE kind = 'page'"))
                .isEqualTo(4);
        assertThat(urls(new ValueCaps(), pages(START, "/e", "/f")))
                .containsExactly("/e", "(other)");
    }

    @Test
    void tenantsAndKindsHaveCapsOfTheirOwn() throws SQLException {
        List<EnrichedEvent> events = new ArrayList<>(pages(START, "/a", "/b", "/c", "/d"));
        for (int i = 0; i < 4; i++) {
            var path = "/a?utm_source=a&utm_medium=m" + i + "&utm_campaign=c" + i;
            var item = new Item("i" + i, "t", "n", null, null, BigDecimal.ONE, "EUR", null);
            events.add(event("o" + i).tenant("other").url(path).item(item).enriched());
        }

        var capped = new ValueCaps().cap(vault.connection(), events);

        assertThat(capped.replaced())
                .containsExactlyInAnyOrderEntriesOf(
                        Map.of(
                                ValueKind.PAGE, 1,
                                ValueKind.ITEM, 1,
                                ValueKind.MEDIUM, 1,
                                ValueKind.CAMPAIGN, 1));
        EnrichedEvent last = capped.events().get(7);
        assertThat(last.page()).isEqualTo(new Page("/a", null, "/a", null));
        assertThat(last.campaign().source()).isEqualTo("a");
        assertThat(last.campaign().name()).isEqualTo("(other)");
        assertThat(last.channel()).isEqualTo(events.get(7).channel());
        assertThat(last.admitted().event().items())
                .containsExactly(
                        new Item("(other)", null, null, null, null, BigDecimal.ONE, "EUR", null));
        assertThat(capped.events().subList(4, 7)).isEqualTo(events.subList(4, 7));
    }

    @Test
    void withoutASettingTenThousandAreKept() throws SQLException {
        List<EnrichedEvent> events = new ArrayList<>();
        for (int i = 0; i < 10_001; i++) {
            events.add(event("e" + i).tenant("unset").url("/" + i).enriched());
        }

        var capped = new ValueCaps().cap(vault.connection(), events);

        assertThat(capped.replaced()).isEqualTo(Map.of(ValueKind.PAGE, 1));
        assertThat(capped.events().get(10_000).page()).isEqualTo(Page.OTHER);
    }

    @Test
    void theVaultHasTheOtherAndRawTheOriginal() throws SQLException {
        List<EnrichedEvent> events = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            var item = new Item("i" + i, null, "n" + i, null, null, BigDecimal.TEN, null, null);
            events.add(
                    event("e" + i)
                            .type(EventType.PURCHASE)
                            .url("/p" + i)
                            .item(item)
                            .item(item)
                            .purchase(new Purchase("t" + i, BigDecimal.TEN, "EUR"))
                            .enriched());
        }

        var capped = new ValueCaps().cap(vault.connection(), events).events();
        assertThat(new EventLoader("test").load(vault.connection(), capped)).isEmpty();

        assertThat(vault.database().texts("SELECT page_bk FROM business.site_page_h ORDER BY 1"))
                .containsExactlyInAnyOrder("(other)", "/p0", "/p1", "/p2");
        assertThat(vault.database().texts("SELECT business_item_bk FROM business.business_item_h"))
                .containsExactlyInAnyOrder("(other)", "i0", "i1", "i2");
        assertThat(
                        vault.database()
                                .number(
                                        "SELECT count(*) FROM raw.site_tracking_events_r"
                                                + " WHERE payload::text ~ '/p5.*' AND"
                                                + " payload::text ~ 'n5'"))
                .isOne();
        assertThat(VaultChecks.run(vault.connection(), 5))
                .filteredOn(result -> !WANT_MORE_THAN_EVENTS.contains(result.check()))
                .hasSizeGreaterThan(15)
                .allSatisfy(result -> assertThat(result.violations()).isEmpty());
        assertThat(Descriptions.of(capped.get(5))).isEmpty();
    }

    /** What is refused or rolled back is decided already, and not otherwise when it comes again. */
    @Test
    void aRefusedBatchIsDecidedOnce() throws SQLException {
        List<EnrichedEvent> events = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            String properties = i < 2 ? "{bad" : "{}";
            events.add(event("e" + i).url("/p" + i).properties(properties).enriched());
        }
        var caps = new ValueCaps();
        var loader = new EventLoader("test");
        List<EnrichedEvent> first = caps.cap(vault.connection(), events).events();
        loader.write(vault.connection(), first.subList(2, 8));
        vault.connection().rollback();
        vault.connection().setAutoCommit(true);

        for (int attempt = 0; attempt < 2; attempt++) {
            List<EnrichedEvent> again = caps.cap(vault.connection(), events).events();
            assertThat(again).isEqualTo(first);
            assertThat(loader.load(vault.connection(), again)).hasSize(2);
            caps = new ValueCaps();
        }

        assertThat(vault.count(EventTables.EVENT_PAGE_LINK)).isEqualTo(6);
        assertThat(vault.database().texts("SELECT page_bk FROM business.site_page_h ORDER BY 1"))
                .containsExactlyInAnyOrder("(other)", "/p2");
    }

    /** Whatever each loader met first: an event is told the same by all, and the cap is kept. */
    @Test
    void loadersThatMeetTheSameEventsAgree() throws Exception {
        Map<String, Set<String>> answers = new ConcurrentHashMap<>();
        ExecutorService threads = Executors.newFixedThreadPool(3);
        List<Callable<Void>> loaders = new ArrayList<>();
        for (int seed = 0; seed < 3; seed++) {
            int loader = seed;
            loaders.add(() -> load(new Random(loader), answers));
        }
        for (Future<Void> loader : threads.invokeAll(loaders)) {
            loader.get();
        }
        threads.shutdown();

        assertThat(answers).hasSize(2 * 4 * 90);
        answers.forEach((event, told) -> assertThat(told).as(event).hasSize(1));
        assertThat(answers.values())
                .contains(Set.of("(other)"))
                .anySatisfy(told -> assertThat(told).doesNotContain("(other)"));
        assertThat(
                        vault.database()
                                .number(
                                        "SELECT max(kept_values) FROM"
                                                + " raw.site_tracking_value_day_r"))
                .isEqualTo(CAP);
    }

    private Void load(Random random, Map<String, Set<String>> answers) throws SQLException {
        List<EnrichedEvent> events = fourDays();
        for (int pass = 0; pass < 3; pass++) {
            Collections.shuffle(events, random);
            ValueCaps caps = new ValueCaps();
            try (Connection connection = vault.database().connect()) {
                for (int from = 0; from < events.size(); ) {
                    int to = Math.min(events.size(), from + 1 + random.nextInt(40));
                    for (EnrichedEvent event :
                            caps.cap(connection, events.subList(from, to)).events()) {
                        answers.computeIfAbsent(
                                        event.admitted().tenantBk() + event.admitted().eventBk(),
                                        key -> ConcurrentHashMap.newKeySet())
                                .add(event.page().url());
                    }
                    from = to;
                }
            }
        }
        return null;
    }

    private static List<EnrichedEvent> fourDays() {
        List<EnrichedEvent> events = new ArrayList<>();
        for (String tenant : new String[] {"acme", "other"}) {
            for (int day = 0; day < 4; day++) {
                for (int i = 0; i < 90; i++) {
                    Instant at = START.plus(day, ChronoUnit.DAYS).plusSeconds(i / 30 * 3_600L);
                    events.add(
                            event(day + "-" + i)
                                    .tenant(tenant)
                                    .url("/p" + i % 30)
                                    .occurredAt(at.plusMillis(i))
                                    .appendedAt(at.plusSeconds(1))
                                    .enriched());
                }
            }
        }
        return events;
    }
}
