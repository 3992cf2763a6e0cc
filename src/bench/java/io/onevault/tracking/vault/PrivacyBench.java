package io.onevault.tracking.vault;

import io.onevault.tracking.contract.Consent;
import io.onevault.tracking.contract.Decoded;
import io.onevault.tracking.contract.TrackerEventDecoder;
import io.onevault.tracking.enrich.AgentSummaries;
import io.onevault.tracking.enrich.IpNetworks;
import io.onevault.tracking.enrich.Places;
import io.onevault.tracking.enrich.PlacesDatabase;
import io.onevault.tracking.enrich.Redactor;
import io.onevault.tracking.event.ClientContext;
import io.onevault.tracking.event.Keeping;
import io.onevault.tracking.event.PrivacyRules;
import io.onevault.tracking.event.SessionRules;
import io.onevault.tracking.event.Tenant;
import io.onevault.tracking.event.TrackerEvent;
import io.onevault.tracking.generator.EventGenerator;
import io.onevault.tracking.job.admit.AdmittedIds;
import io.onevault.tracking.local.DataDirectory;
import io.onevault.tracking.local.EmbeddedPostgres;
import io.onevault.tracking.local.Endpoint;
import io.onevault.tracking.local.Ports;
import io.onevault.tracking.migrate.Migration;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * What privacy costs an event of CPU: each part of it alone and all together, by turns, and the
 * medians of many rounds.
 */
public final class PrivacyBench {

    /** Of other work on the machine it knows nothing. */
    private static final ThreadMXBean CPU = ManagementFactory.getThreadMXBean();

    private static final int EVENTS = 20_000;

    /** Of other visitors, and of some of the same: as many as fill what remembers ids. */
    private static final int EVENTS_BEFORE = 60_000;

    private static final int ROUNDS = 101;
    private static final int BATCH = 1_000;
    private static final int AGENTS = 10_000;
    private static final String SECRET = "0123456789abcdef".repeat(4);

    private static final Tenant TENANT =
            new Tenant(
                    EventGenerator.tenant(0),
                    "0a".repeat(32),
                    SECRET,
                    SessionRules.DEFAULT,
                    null,
                    List.of(),
                    ZoneOffset.UTC,
                    List.of(),
                    PrivacyRules.DEFAULT);

    /** Of that tenant and 10,000 visitors. */
    private static final String ERASURES =
            """
            INSERT INTO raw.site_tracking_tombstone_r (tenant_hk, visitor_hk, erasure_id, erased_before)
            SELECT decode('%s', 'hex'), sha256(n::text::bytea), 'bench', now()
              FROM generate_series(1, 10000) AS n""";

    private final List<TrackerEvent> before;
    private final List<TrackerEvent> events;
    private final List<String> newAddresses = newAddresses();
    private final AgentSummaries agents = new AgentSummaries(AGENTS);
    private final Places places;
    private final Tombstones tombstones = new Tombstones(InstantSource.system());
    private AdmittedIds ids = new AdmittedIds();
    private long seen;

    private PrivacyBench(Places places) {
        this.places = places;
        List<TrackerEvent> all = events(EVENTS_BEFORE + EVENTS);
        this.before = all.subList(0, EVENTS_BEFORE);
        this.events = all.subList(EVENTS_BEFORE, all.size());
    }

    public static void main(String[] args) throws Exception {
        try (DataDirectory directory = DataDirectory.temporary()) {
            Path file = directory.postgres().resolveSibling("places.mmdb");
            PlacesDatabase.write(file, Map.of("198.51.0.0/16", PlacesDatabase.country("SE")));
            PrivacyBench bench = new PrivacyBench(Places.read(file));
            int port = Ports.find(directory, Map.of()).of(Endpoint.POSTGRES);
            try (EmbeddedPostgres postgres =
                            EmbeddedPostgres.start(
                                    directory.postgres(), directory.binaries(), port);
                    Connection connection = postgres.connect()) {
                Migration.apply(connection, applied -> {});
                try (Statement statement = connection.createStatement()) {
                    statement.execute(ERASURES.formatted(TENANT.hk()));
                }
                bench.tombstones.begin(connection);
            }
            bench.measure();
        }
    }

    private void measure() {
        Map<String, Runnable> parts = new LinkedHashMap<>();
        parts.put("consent", () -> each(this::consent));
        parts.put("redaction", () -> each(this::redacted));
        parts.put("ids, agent and network", () -> each(this::pseudonym));
        parts.put("the same of a job that has just begun", this::firstPseudonyms);
        parts.put("country of known addresses", () -> each(this::country));
        parts.put("country of new addresses", this::newCountries);
        parts.put("tombstones, happened since", () -> tombstones(Instant.now()));
        parts.put("tombstones, happened before", () -> tombstones(Instant.EPOCH));
        parts.put("all", this::all);
        Map<String, double[]> nanos = new LinkedHashMap<>();
        parts.keySet().forEach(part -> nanos.put(part, new double[ROUNDS]));
        for (int round = 0; round < ROUNDS; round++) {
            for (Map.Entry<String, Runnable> part : parts.entrySet()) {
                remember();
                long begin = CPU.getCurrentThreadCpuTime();
                part.getValue().run();
                nanos.get(part.getKey())[round] =
                        (double) (CPU.getCurrentThreadCpuTime() - begin) / EVENTS;
            }
        }
        nanos.forEach(
                (part, rounds) -> {
                    Arrays.sort(rounds);
                    System.out.printf(
                            "%6.0f ns, least %6.0f: %s%n",
                            rounds[rounds.length / 2], rounds[0], part);
                });
        System.out.println(seen);
    }

    private void each(UnaryOperator<TrackerEvent> part) {
        for (TrackerEvent event : events) {
            seen += System.identityHashCode(part.apply(event)) & 1;
        }
    }

    /** Those ids that a job remembers which has been running for a minute. */
    private void remember() {
        ids = new AdmittedIds();
        for (TrackerEvent event : before) {
            ids.of(TENANT, event.identity());
        }
    }

    /** It remembers the ids of these events alone, and half of them are new. */
    private void firstPseudonyms() {
        ids = new AdmittedIds();
        each(this::pseudonym);
    }

    /** As an event with a visitor goes: kept in full, more than an hour since the last erasure. */
    private void all() {
        for (TrackerEvent event : events) {
            consent(event);
            seen += System.identityHashCode(redacted(event)) & 1;
            pseudonym(event);
            country(event);
        }
        tombstones(Instant.now());
    }

    private TrackerEvent consent(TrackerEvent event) {
        Keeping keeping = TENANT.privacy().consent().keeping(Consent.signals(event.client()));
        seen += keeping.ordinal();
        return event;
    }

    private TrackerEvent redacted(TrackerEvent event) {
        return Redactor.redact(event, TENANT);
    }

    private TrackerEvent pseudonym(TrackerEvent event) {
        ClientContext client = event.client();
        seen += String.valueOf(ids.of(TENANT, event.identity()).named()).length();
        seen += String.valueOf(agents.of(client.userAgent())).length();
        seen += String.valueOf(IpNetworks.cut(client.clientIp())).length();
        return event;
    }

    private TrackerEvent country(TrackerEvent event) {
        seen += places.of(event.client().clientIp()) == null ? 0 : 1;
        return event;
    }

    private void newCountries() {
        for (String address : newAddresses) {
            seen += places.of(address) == null ? 0 : 1;
        }
    }

    /** When it was appended, and when it happened. */
    private void tombstones(Instant at) {
        for (int from = 0; from < EVENTS; from += BATCH) {
            List<TrackerEvent> batch = events.subList(from, from + BATCH);
            for (Instant judged : List.of(Instant.now(), at)) {
                seen += tombstones.erased(batch, event -> trace(event, judged)).size();
            }
        }
    }

    private static Tombstones.Trace trace(TrackerEvent event, Instant at) {
        return new Tombstones.Trace(
                TENANT.hk(), event.identity().visitorId(), event.identity().userId(), at);
    }

    private static List<TrackerEvent> events(int count) {
        EventGenerator generator = new EventGenerator(EventGenerator.Mix.standard(), 1);
        TrackerEventDecoder decoder = new TrackerEventDecoder(Redactor::redactJson);
        List<TrackerEvent> events = new ArrayList<>();
        while (events.size() < count) {
            if (decoder.decode(generator.next().value()) instanceof Decoded.Valid valid
                    && valid.event().identity().visitorId() != null) {
                events.add(valid.event());
            }
        }
        return events;
    }

    /** More than are remembered. */
    private static List<String> newAddresses() {
        List<String> addresses = new ArrayList<>();
        for (int i = 0; i < EVENTS; i++) {
            addresses.add("198.51." + i / 256 + '.' + i % 256);
        }
        return addresses;
    }
}
