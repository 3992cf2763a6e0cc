package io.onevault.tracking.vault;

import io.onevault.tracking.access.Hmac;
import io.onevault.tracking.contract.Consent;
import io.onevault.tracking.contract.Decoded;
import io.onevault.tracking.contract.TrackerEventDecoder;
import io.onevault.tracking.enrich.AgentSummaries;
import io.onevault.tracking.enrich.Anonymity;
import io.onevault.tracking.enrich.AnonymousView;
import io.onevault.tracking.enrich.IpNetworks;
import io.onevault.tracking.enrich.Places;
import io.onevault.tracking.enrich.PlacesDatabase;
import io.onevault.tracking.enrich.Pseudonyms;
import io.onevault.tracking.enrich.Redactor;
import io.onevault.tracking.event.ClientContext;
import io.onevault.tracking.event.Identity;
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
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What privacy costs an event of CPU: each part of it alone and all together, by turns, and the
 * medians of many rounds.
 */
public final class PrivacyBench {

    /** Of other work on the machine it knows nothing. */
    private static final ThreadMXBean CPU = ManagementFactory.getThreadMXBean();

    private static final int EVENTS = 20_000;

    /** Of other visitors, and of some of the same: as many as fill what remembers ids. */
    private static final int EVENTS_BEFORE = 20_000;

    private static final int ROUNDS = 31;

    /** Few enough to lie in the processor's cache, as an event does that is admitted. */
    private static final int BATCH = 200;

    private static final int AGENTS = 10_000;
    private static final String SECRET = "0123456789abcdef".repeat(4);

    private static final byte[] SALT = new byte[32];
    private static final Hmac KEYED = Pseudonyms.keyed(SECRET);

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

    private final TrackerEventDecoder decoder = new TrackerEventDecoder(Redactor::redactJson);
    private final List<Identity> before;
    private final List<byte[]> lines;
    private final List<String> newAddresses = newAddresses();
    private final AgentSummaries agents = new AgentSummaries(AGENTS);
    private final Places places;
    private final Tombstones tombstones = new Tombstones(InstantSource.system());
    private AdmittedIds ids = new AdmittedIds();
    private int nextAddress;
    private long seen;

    private PrivacyBench(Places places) {
        this.places = places;
        List<byte[]> all = lines();
        this.before =
                all.subList(0, EVENTS_BEFORE).stream().map(line -> event(line).identity()).toList();
        this.lines = all.subList(EVENTS_BEFORE, all.size());
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
        Map<String, Consumer<List<TrackerEvent>>> parts = new LinkedHashMap<>();
        parts.put("consent", batch -> batch.forEach(this::consent));
        parts.put("redaction", batch -> batch.forEach(this::redact));
        parts.put("ids, agent and network", batch -> batch.forEach(this::pseudonym));
        parts.put("pseudonym without ids", batch -> batch.forEach(this::cookieless));
        parts.put("an event's own hash, without an id", batch -> batch.forEach(this::fingerprint));
        parts.put("no visitor at all", batch -> batch.forEach(this::anonymous));
        parts.put("country of known addresses", batch -> batch.forEach(this::country));
        parts.put("country of new addresses", this::newCountries);
        parts.put("tombstones, happened since", batch -> tombstones(batch, Instant.now()));
        parts.put("tombstones, happened before", batch -> tombstones(batch, Instant.EPOCH));
        parts.put("all, of a visitor with an id", batch -> all(batch, this::redactedPseudonym));
        parts.put("all, of one without ids", batch -> all(batch, this::redactedCookieless));
        parts.put("all, where no visitor is kept", batch -> all(batch, this::anonymous));
        Map<String, double[]> nanos = new LinkedHashMap<>();
        parts.keySet().forEach(part -> nanos.put(part, new double[ROUNDS]));
        for (int round = 0; round < ROUNDS; round++) {
            for (Map.Entry<String, Consumer<List<TrackerEvent>>> part : parts.entrySet()) {
                remember();
                nanos.get(part.getKey())[round] = (double) time(part.getValue()) / EVENTS;
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

    /** Nanoseconds for all events, each batch of which has just been decoded. */
    private long time(Consumer<List<TrackerEvent>> part) {
        long nanos = 0;
        for (int from = 0; from < EVENTS; from += BATCH) {
            List<TrackerEvent> batch = new ArrayList<>(BATCH);
            lines.subList(from, from + BATCH).forEach(line -> batch.add(event(line)));
            long begin = CPU.getCurrentThreadCpuTime();
            part.accept(batch);
            nanos += CPU.getCurrentThreadCpuTime() - begin;
        }
        return nanos;
    }

    /** Those ids that a job remembers which has been running for a minute. */
    private void remember() {
        ids = new AdmittedIds();
        before.forEach(identity -> ids.of(TENANT, identity));
    }

    /** As most events go: more than an hour since the last erasure. */
    private void all(List<TrackerEvent> batch, Consumer<TrackerEvent> visitor) {
        for (TrackerEvent event : batch) {
            consent(event);
            visitor.accept(event);
            country(event);
        }
        tombstones(batch, Instant.now());
    }

    private void consent(TrackerEvent event) {
        Keeping keeping = TENANT.privacy().consent().keeping(Consent.signals(event.client()));
        seen += keeping.ordinal();
    }

    private void redact(TrackerEvent event) {
        seen += System.identityHashCode(Redactor.redact(event, TENANT)) & 1;
    }

    private void redactedPseudonym(TrackerEvent event) {
        redact(event);
        pseudonym(event);
    }

    private void redactedCookieless(TrackerEvent event) {
        redact(event);
        cookieless(event);
    }

    private void pseudonym(TrackerEvent event) {
        seen += String.valueOf(ids.of(TENANT, event.identity()).named()).length();
        agentAndNetwork(event.client());
    }

    private void cookieless(TrackerEvent event) {
        ClientContext client = event.client();
        String address = IpNetworks.address(client.clientIp());
        seen +=
                Pseudonyms.cookieless(KEYED, SALT, address, client.userAgent(), "shop.example")
                        .length();
        agentAndNetwork(client);
    }

    private void fingerprint(TrackerEvent event) {
        String network = IpNetworks.cut(event.client().clientIp());
        seen +=
                Pseudonyms.fingerprint(KEYED, TENANT.hk(), network, event.client().userAgent())
                        .length();
    }

    /** With what is redacted of it. */
    private void anonymous(TrackerEvent event) {
        String robot = agents.ofRobot(event.client().userAgent(), true);
        TrackerEvent redacted = Redactor.redact(event, TENANT);
        String viewId = redacted.page().pageViewId();
        AnonymousView view =
                viewId == null ? null : AnonymousView.of(KEYED, LocalDate.EPOCH, viewId);
        TrackerEvent anonymous = Anonymity.of(redacted, KEYED, view, robot);
        seen += System.identityHashCode(anonymous) & 1;
        String visitor =
                view != null ? view.visitorBk() : Pseudonyms.ofAnonymousEvent(KEYED, TENANT.hk());
        seen += visitor.length();
    }

    private void agentAndNetwork(ClientContext client) {
        seen += String.valueOf(agents.of(client.userAgent())).length();
        seen += String.valueOf(IpNetworks.cut(client.clientIp())).length();
    }

    private void country(TrackerEvent event) {
        seen += places.of(event.client().clientIp()) == null ? 0 : 1;
    }

    private void newCountries(List<TrackerEvent> batch) {
        for (int i = 0; i < batch.size(); i++) {
            String address = newAddresses.get(nextAddress++ % newAddresses.size());
            seen += places.of(address) == null ? 0 : 1;
        }
    }

    /** When it was appended, and when it happened. */
    private void tombstones(List<TrackerEvent> batch, Instant at) {
        for (Instant judged : List.of(Instant.now(), at)) {
            seen += tombstones.erased(batch, event -> trace(event, judged)).size();
        }
    }

    private static Tombstones.Trace trace(TrackerEvent event, Instant at) {
        return new Tombstones.Trace(
                TENANT.hk(), event.identity().visitorId(), event.identity().userId(), at);
    }

    private List<byte[]> lines() {
        EventGenerator generator = new EventGenerator(EventGenerator.Mix.standard(), 1);
        List<byte[]> lines = new ArrayList<>();
        while (lines.size() < EVENTS_BEFORE + EVENTS) {
            byte[] line = generator.next().value();
            if (decoder.decode(line) instanceof Decoded.Valid valid
                    && valid.event().identity().visitorId() != null) {
                lines.add(line);
            }
        }
        return lines;
    }

    private TrackerEvent event(byte[] line) {
        return ((Decoded.Valid) decoder.decode(line)).event();
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
