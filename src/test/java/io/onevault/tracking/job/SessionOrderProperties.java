package io.onevault.tracking.job;

import static io.onevault.tracking.session.SessionEvents.START;
import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.event.SessionRules;
import io.onevault.tracking.session.LinkedEvent;
import io.onevault.tracking.session.Session;
import io.onevault.tracking.session.SessionEvents;
import io.onevault.tracking.session.SessionKeys;
import io.onevault.tracking.session.SessionPublisher;
import io.onevault.tracking.session.SessionStatus;
import io.onevault.tracking.session.SessionUpdate;
import io.onevault.tracking.session.SessionVersion;
import io.onevault.tracking.session.Sessionizer;
import io.onevault.tracking.session.Sessions;
import io.onevault.tracking.state.SessionEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
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
 * Whatever the order of arrival, the watermarks, the firings and the restarts: what was published
 * ends in what {@link Sessionizer} makes of the whole set. Both readings of "last version" are
 * tried: the order of publishing, and the vault's, which is by load date.
 */
class SessionOrderProperties {

    private static final int CASES = 1_000;
    private static final Duration UNLIMITED = Duration.ofDays(36_500);
    private static final Duration EARLY_FIRING = Duration.ofSeconds(2);
    private static final long END = START.plus(Duration.ofDays(30)).toEpochMilli();

    private final WindowHarness.Drawing drawing = WindowHarness.draw(UNLIMITED, EARLY_FIRING);

    @AfterProperty
    void tellTheNumberOfCases() {
        System.out.println("SessionOrderProperties: " + CASES + " cases");
    }

    @Property(tries = CASES)
    void publishedSessionsEndInThoseOfTheWholeSet(
            @ForAll("events") List<SessionEvents> sorted,
            @ForAll("rules") SessionRules rules,
            @ForAll Random random)
            throws Exception {
        sorted.forEach(event -> event.rules(rules));
        List<SessionEvent> events = inOrderOfArrival(sorted, random);

        List<SessionUpdate> updates = run(events, random);

        Sessions expected = Sessionizer.sessionize(events);
        assertThat(contents(lastPublished(updates)))
                .containsExactlyInAnyOrderEntriesOf(versions(expected));
        assertThat(contents(byLoadDate(updates)))
                .as("by load date")
                .containsExactlyInAnyOrderEntriesOf(versions(expected));
        assertThat(currentLinks(updates)).isEqualTo(links(expected));
    }

    /** Load dates follow the order of arrival, as the broker's append times do. */
    private static List<SessionEvent> inOrderOfArrival(List<SessionEvents> sorted, Random random) {
        List<SessionEvents> shuffled = new ArrayList<>(sorted);
        int far = random.nextInt(4);
        if (far > 0) {
            // Near disorder: each event changes places with one close by.
            for (int i = 0; i + far < shuffled.size(); i++) {
                Collections.swap(shuffled, i, i + random.nextInt(far));
            }
        } else {
            Collections.shuffle(shuffled, random);
        }
        List<SessionEvent> events = new ArrayList<>();
        for (SessionEvents event : shuffled) {
            events.add(event.key("evt_" + events.size()).appended(events.size()).make());
        }
        return events;
    }

    private List<SessionUpdate> run(List<SessionEvent> events, Random random) throws Exception {
        WindowHarness windows = new WindowHarness(drawing);
        List<SessionUpdate> updates = new ArrayList<>();
        int restartAt = random.nextInt(events.size() + 1);
        long greatest = Long.MIN_VALUE;
        for (int i = 0; i <= events.size(); i++) {
            if (i == restartAt) {
                updates.addAll(windows.updates());
                windows.restart();
            }
            if (i < events.size()) {
                windows.receive(events.get(i));
                if (random.nextInt(10) == 0) {
                    windows.receive(events.get(random.nextInt(i + 1)));
                }
                greatest = Math.max(greatest, events.get(i).occurredAt().toEpochMilli());
            }
            switch (random.nextInt(4)) {
                case 0 -> windows.pass(Duration.ofMillis(random.nextInt(3_000)));
                case 1 -> windows.watermark(greatest - random.nextInt(4_000_000) + 1_800_000);
                default -> {}
            }
        }
        windows.pass(EARLY_FIRING);
        windows.watermark(END);
        updates.addAll(windows.updates());
        windows.close();
        return updates;
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

    /** All of a version but its load date, which tells when it was known. */
    private static Map<String, String> contents(Map<String, SessionVersion> versions) {
        Map<String, String> contents = new HashMap<>();
        versions.forEach(
                (bk, version) ->
                        contents.put(
                                bk, version.toString().replace(version.loadDate().toString(), "")));
        return contents;
    }

    private static Map<String, SessionVersion> lastPublished(List<SessionUpdate> updates) {
        Map<String, SessionVersion> last = new HashMap<>();
        for (SessionUpdate update : updates) {
            if (update.version() != null) {
                last.put(update.sessionBk(), update.version());
            }
        }
        return withoutSuperseded(last);
    }

    private static Map<String, SessionVersion> byLoadDate(List<SessionUpdate> updates) {
        Map<String, SessionVersion> last = new HashMap<>();
        for (SessionUpdate update : updates) {
            if (update.version() != null) {
                last.merge(
                        update.sessionBk(), update.version(), SessionOrderProperties::knowingMore);
            }
        }
        return withoutSuperseded(last);
    }

    /** The vault's rule: the greater load date, then superseded, more events, closed. */
    private static SessionVersion knowingMore(SessionVersion a, SessionVersion b) {
        int order = a.loadDate().compareTo(b.loadDate());
        if (order == 0) {
            order = Integer.compare(rank(a), rank(b));
        }
        return order > 0 ? a : b;
    }

    private static int rank(SessionVersion version) {
        return switch (version.status()) {
            case SUPERSEDED -> Integer.MAX_VALUE;
            case CLOSED -> 2 * version.counts().events() + 1;
            case OPEN -> 2 * version.counts().events();
        };
    }

    private static Map<String, SessionVersion> withoutSuperseded(
            Map<String, SessionVersion> versions) {
        versions.values().removeIf(version -> version.status() == SessionStatus.SUPERSEDED);
        return versions;
    }

    /**
     * As the vault's view: of an event's links to current sessions that last while it happened, the
     * one to the latest start.
     */
    private static Map<String, String> currentLinks(List<SessionUpdate> updates) {
        Map<String, SessionVersion> current = lastPublished(updates);
        Map<String, String> links = new HashMap<>();
        for (SessionUpdate update : updates) {
            SessionVersion session = current.get(update.sessionBk());
            for (LinkedEvent link : update.links()) {
                links.putIfAbsent(link.eventBk(), SessionKeys.NO_SESSION);
                SessionVersion known = current.get(links.get(link.eventBk()));
                if (session != null
                        && !link.occurredAt().isBefore(session.start())
                        && !link.occurredAt().isAfter(session.end())
                        && (known == null || session.start().isAfter(known.start()))) {
                    links.put(link.eventBk(), update.sessionBk());
                }
            }
        }
        return links;
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
