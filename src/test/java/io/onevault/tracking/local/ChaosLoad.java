package io.onevault.tracking.local;

import io.onevault.tracking.generator.EventGenerator;
import io.onevault.tracking.generator.EventGenerator.Faults;
import io.onevault.tracking.generator.EventGenerator.GeneratedEvent;
import io.onevault.tracking.generator.EventGenerator.Mix;
import io.onevault.tracking.generator.EventGenerator.Pace;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * A steady load: records of two tenants at a fixed rate over a day's border, some of them repeated,
 * out of order or breaking the contract, some of a type that the database is made to refuse, some
 * under an id that another event has in another partition, and some of visitors without cookies.
 */
final class ChaosLoad implements AutoCloseable {

    /** The type of events that the database refuses. */
    static final String REFUSED_TYPE = "refused";

    static final String[] TENANTS = {EventGenerator.tenant(0), EventGenerator.tenant(1)};

    private static final int PER_SECOND = 200;
    private static final int PER_STEP = 20;
    private static final int REFUSED_EVERY = 150;
    private static final int REUSED_EVERY = 40;
    private static final int COOKIELESS_EVERY = 10;

    /** How many visitors without cookies there are, told apart by their agents. */
    static final int AGENTS = 20;

    /** So long before the border between two days the load begins, by its own time. */
    private static final int SECONDS_BEFORE = 15;

    /** Sessions of the load must be over by the wall clock, which time never passes by far. */
    private static final Duration BACK = Duration.ofHours(1);

    /** Where the tenants' clock shows 04:00, at which cookieless visitors' days are cut. */
    private static final Instant BORDER = Instant.now().minus(BACK).truncatedTo(ChronoUnit.HOURS);

    /** Visitors of the first day, of the second, and of both. */
    static final String COOKIELESS_VISITORS =
            """
            SELECT count(*) FILTER (WHERE NOT is_later) || ' ' || count(*) FILTER (WHERE NOT is_earlier)
                   || ' ' || count(*) FILTER (WHERE is_later AND is_earlier)
              FROM (SELECT visitor_hk, bool_or(event_timestamp < '$border') AS is_earlier,
                           bool_or(event_timestamp >= '$border') AS is_later
                      FROM staging.site_tracking_events_v
                     WHERE page_url LIKE '%/cookieless'
                     GROUP BY visitor_hk) AS visitors"""
                    .replace("$border", BORDER.toString());

    /** A time zone by whose clock the border is 04:00. */
    static String timeZone() {
        int hour = BORDER.atOffset(ZoneOffset.UTC).getHour();
        int offset = hour <= 16 ? 4 - hour : 28 - hour;
        return "Etc/GMT"
                + (offset > 0 ? "-" : "+")
                + Math.abs(offset); // signs are the other way round
    }

    static final String EVENTS_OF_REUSED_IDS =
            "SELECT count(*) FROM business.site_event_h WHERE event_bk LIKE 'evt_reused-%'";

    /** Setting of the job by which the load fills micro-batches. */
    static final String SMALL_BATCHES = "load.batch-size=500\n";

    /** More than two micro-batches, as two subtasks collect them. */
    private static final int REFUSED_AT_ONCE = 1_200;

    private final EventGenerator generator;
    private final TrackerProducer producer;
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final AtomicInteger refused = new AtomicInteger();
    private final AtomicLong sent = new AtomicLong();
    private final AtomicLong reusedIds = new AtomicLong();
    private Thread thread = new Thread(this::play, "chaos-load");
    private volatile IOException failure;
    private long millis;
    private long generated;
    private long refusedSoFar;

    ChaosLoad(String bootstrapServers, String topic, long seed) {
        Mix mix =
                Mix.standard()
                        .withTenants(TENANTS.length)
                        .withFaults(new Faults(0.05, 0.05, 0.01))
                        .withPace(
                                new Pace(
                                        BORDER.minusSeconds(SECONDS_BEFORE),
                                        PER_SECOND,
                                        5 * PER_SECOND));
        generator = new EventGenerator(mix, seed);
        producer = new TrackerProducer(bootstrapServers, topic);
    }

    void start() {
        stopped.set(false);
        thread = new Thread(this::play, "chaos-load");
        thread.start();
    }

    /** How many records were sent. */
    long sent() {
        return sent.get();
    }

    /** Has a whole micro-batch be refused. */
    void sendRefused() {
        refused.addAndGet(REFUSED_AT_ONCE);
    }

    private void play() {
        long stepNanos = TimeUnit.SECONDS.toNanos(1) * PER_STEP / PER_SECOND;
        long due = System.nanoTime();
        try {
            while (!stopped.get()) {
                for (int i = 0; i < PER_STEP; i++) {
                    send();
                }
                due += stepNanos;
                LockSupport.parkNanos(due - System.nanoTime());
            }
            producer.flush();
        } catch (IOException e) {
            failure = e;
        }
    }

    private void send() throws IOException {
        GeneratedEvent event = generator.next();
        send(event.value(), event.key());
        millis = Math.max(millis, event.eventTimeMillis());
        generated++;
        int due = refused.getAndSet(0) + (generated % REFUSED_EVERY == 0 ? 1 : 0);
        for (int i = 0; i < due; i++) {
            sendRefusedEvent();
        }
        if (generated % REUSED_EVERY == 0) {
            reusedIds.incrementAndGet();
            sendReused("one");
            sendReused("other");
        }
        if (generated % COOKIELESS_EVERY == 0) {
            sendCookieless();
        }
    }

    private void send(byte[] value, byte[] key) throws IOException {
        producer.send(value, key);
        sent.incrementAndGet();
    }

    private void sendRefusedEvent() throws IOException {
        refusedSoFar++;
        String session = "refused-" + refusedSoFar % 7;
        String json =
                """
                {"tenantId":"%s","evt_type":"%s","event_id":"refused-%d","session_id":"%s",\
                "visitor_id":"v","page_url":"https://shop.example/refused","event_timestamp":%d}"""
                        .formatted(TENANTS[0], REFUSED_TYPE, refusedSoFar, session, millis);
        send(JobRuns.utf8(json), JobRuns.utf8(TENANTS[0] + '|' + session));
    }

    /** Two events of one id are of different sessions, so that they lie in different partitions. */
    private void sendReused(String session) throws IOException {
        String json =
                """
                {"tenantId":"%s","evt_type":"page_view","event_id":"reused-%d","session_id":"%s",\
                "visitor_id":"v","page_url":"https://shop.example/%s","event_timestamp":%d}"""
                        .formatted(TENANTS[0], reusedIds.get(), session, session, millis);
        send(JobRuns.utf8(json), JobRuns.utf8(TENANTS[0] + '|' + session));
    }

    /** Nothing but address and agent tells the visitor, under the salt of the event's day. */
    private void sendCookieless() throws IOException {
        long agent = generated / COOKIELESS_EVERY % AGENTS;
        String json =
                """
                {"tenantId":"%s","evt_type":"page_view","client_ip":"198.51.100.7",\
                "user_agent":"agent %d","page_url":"https://shop.example/cookieless",\
                "event_timestamp":%d}"""
                        .formatted(TENANTS[0], agent, millis);
        send(JobRuns.utf8(json), JobRuns.utf8(TENANTS[0] + '|' + agent));
    }

    /** How many ids two events have. */
    long reusedIds() {
        return reusedIds.get();
    }

    /** Pauses the load; everything is in the topic then. */
    void stop() throws Exception {
        stopped.set(true);
        thread.join();
        if (failure != null) {
            throw failure;
        }
    }

    @Override
    public void close() {
        stopped.set(true);
        producer.close();
    }
}
