package io.onevault.tracking.job.session;

import static io.onevault.tracking.session.SessionEvents.START;
import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.event.SessionRules;
import io.onevault.tracking.job.settings.JobOptions;
import io.onevault.tracking.session.Session;
import io.onevault.tracking.session.SessionEvents;
import io.onevault.tracking.session.SessionKeys;
import io.onevault.tracking.session.SessionPublisher;
import io.onevault.tracking.session.SessionUpdate;
import io.onevault.tracking.session.SessionVersion;
import io.onevault.tracking.session.Sessionizer;
import io.onevault.tracking.session.Sessions;
import io.onevault.tracking.state.SessionEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.lifecycle.AfterProperty;

/**
 * Whatever the order of arrival within the lateness, the partitions, the watermarks, the firings,
 * and the failures after which a part is delivered again: what the vault holds in the end is what
 * {@link Sessionizer} makes of the whole set.
 */
class SessionOrderProperties {

    private static final int CASES = 1_000;
    private static final Duration LATENESS = JobOptions.SESSION_LATENESS.defaultValue();
    private static final Duration EARLY_FIRING = JobOptions.SESSION_EARLY_FIRING.defaultValue();
    private static final long END = START.plus(Duration.ofDays(30)).toEpochMilli();

    private final WindowHarness.Drawing drawing = WindowHarness.draw(LATENESS, EARLY_FIRING);
    private int failures;

    @AfterProperty
    void tellTheNumberOfCases() {
        System.out.println(
                "SessionOrderProperties: " + CASES + " cases, " + failures + " failures");
    }

    @Property(tries = CASES)
    void theVaultEndsInTheSessionsOfTheWholeSet(
            @ForAll("events") List<SessionEvents> sorted,
            @ForAll("rules") SessionRules rules,
            @ForAll Random random)
            throws Exception {
        sorted.forEach(event -> event.rules(rules));
        List<SessionEvent> events = inOrderOfArrival(sorted, random);
        SessionVault vault = new SessionVault();
        SessionReplay replay = new SessionReplay(events, drawing, vault, random);

        replay.run(EARLY_FIRING, END);

        failures += replay.failures();
        Sessions expected = Sessionizer.sessionize(events);
        assertThat(contents(vault.current()))
                .as("%s", replay)
                .containsExactlyInAnyOrderEntriesOf(versions(expected));
        assertThat(vault.currentLinks()).as("%s", replay).isEqualTo(links(expected));
    }

    /**
     * Each event comes later than it happened, but within the lateness. Load dates follow the order
     * of arrival, as the broker's append times do.
     */
    private static List<SessionEvent> inOrderOfArrival(List<SessionEvents> sorted, Random random) {
        long[] most = {1, 60_000, 1_800_000, LATENESS.toMillis() - 2};
        long delay = most[random.nextInt(most.length)];
        Map<SessionEvents, Long> arrivals = new HashMap<>();
        for (SessionEvents event : sorted) {
            arrivals.put(event, event.make().occurredAt().toEpochMilli() + random.nextLong(delay));
        }
        List<SessionEvents> arrived = new ArrayList<>(sorted);
        arrived.sort(Comparator.comparing(arrivals::get));
        List<SessionEvent> events = new ArrayList<>();
        for (SessionEvents event : arrived) {
            events.add(event.key("evt_" + events.size()).appended(events.size()).make());
        }
        return events;
    }

    private static Map<String, String> versions(Sessions sessions) {
        Map<String, SessionVersion> versions = new HashMap<>();
        for (SessionUpdate update :
                SessionPublisher.publish(sessions, Map.of(), END, 0).updates()) {
            if (update.version() != null) {
                versions.put(update.sessionBk(), update.version());
            }
        }
        return contents(versions);
    }

    private static Map<String, String> contents(Map<String, SessionVersion> versions) {
        Map<String, String> contents = new HashMap<>();
        versions.forEach((bk, version) -> contents.put(bk, SessionVault.content(version)));
        return contents;
    }

    private static Map<String, String> links(Sessions sessions) {
        Map<String, String> links = new HashMap<>();
        for (Session session : sessions.sessions()) {
            session.events().forEach(event -> links.put(event.eventBk(), session.bk()));
        }
        sessions.unassigned().forEach(e -> links.put(e.eventBk(), SessionKeys.NO_SESSION));
        return links;
    }

    /** Silences around the gap, seconds within a page, and long chains that meet the day's cap. */
    @Provide
    Arbitrary<List<SessionEvents>> events() {
        Arbitrary<Long> silence =
                Arbitraries.frequencyOf(
                        Tuple.of(4, Arbitraries.longs().between(1, 120_000)),
                        Tuple.of(4, Arbitraries.longs().between(900_000, 1_799_999)),
                        Tuple.of(1, Arbitraries.longs().between(1_799_999, 1_800_001)),
                        Tuple.of(1, Arbitraries.longs().between(1_800_001, 4_000_000)));
        Arbitrary<Integer> kind = Arbitraries.integers().between(0, 6);
        return Combinators.combine(silence, kind)
                .as((millis, type) -> new long[] {millis, type})
                .list()
                .ofMinSize(1)
                .ofMaxSize(80)
                .map(SessionOrderProperties::chain);
    }

    @Provide
    Arbitrary<SessionRules> rules() {
        return Combinators.combine(
                        Arbitraries.of(10_000, 10_000, 7, 1),
                        Arbitraries.of(86_400_000L, 7_200_000L),
                        Arbitraries.of(true, true, false),
                        Arbitraries.of("", "", "Europe/Berlin", "Pacific/Kiritimati"),
                        Arbitraries.of(true, false))
                .as(
                        (events, millis, campaign, zone, referrer) ->
                                new SessionRules(
                                        1_800_000,
                                        millis,
                                        events,
                                        campaign,
                                        zone.isEmpty() ? null : zone,
                                        referrer));
    }

    private static List<SessionEvents> chain(List<long[]> steps) {
        List<SessionEvents> chain = new ArrayList<>();
        long millis = 0;
        for (long[] step : steps) {
            millis += step[0];
            chain.add(event(millis, (int) step[1]));
        }
        return chain;
    }

    private static SessionEvents event(long millis, int kind) {
        return switch (kind) {
            case 0, 1 -> SessionEvents.pageView(millis);
            case 2 -> SessionEvents.pageView(millis).source("s" + millis % 2);
            case 6 -> SessionEvents.pageView(millis).referrer("r" + millis % 2 + ".example");
            case 3 -> SessionEvents.ping(millis);
            case 4 -> SessionEvents.click(millis);
            default -> SessionEvents.purchase(millis, "t" + millis % 5, "9.99");
        };
    }
}
