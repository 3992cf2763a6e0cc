package io.onevault.tracking.vault;

import static io.onevault.tracking.vault.TestEvents.START;
import static io.onevault.tracking.vault.TestEvents.event;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.event.Identity;
import io.onevault.tracking.event.RejectReason;
import io.onevault.tracking.event.RejectedEvent;
import io.onevault.tracking.event.SourcePosition;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestPostgres;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(PostgresExtension.class)
class LoaderTest {

    private static final String REJECTED_KEYS =
            "SELECT event_hk::text FROM raw.site_tracking_events_r ORDER BY 1";

    private static final String SOURCE = "test";

    private LoadedVault vault;

    @BeforeEach
    void open(TestPostgres postgres) throws SQLException {
        vault = new LoadedVault(postgres);
    }

    @AfterEach
    void close() throws SQLException {
        vault.close();
    }

    private static List<EnrichedEvent> events() {
        return new ArrayList<>(
                List.of(event("1").enriched(), event("2").enriched(), event("3").enriched()));
    }

    @Test
    void aFailureLeavesNothingOfTheBatchAndTheConnectionUsable() throws SQLException {
        EventLoader loader = new EventLoader(SOURCE);
        List<String> before = vault.rows();
        List<EnrichedEvent> batch = events();
        batch.add(event("bad").properties("{bad").enriched());

        assertThatThrownBy(() -> vault.write(loader, batch)).isInstanceOf(SQLException.class);
        assertThat(vault.rows()).isEqualTo(before);
        batch.set(batch.size() - 1, event("bad").label("a\u0000b").enriched());
        assertThatThrownBy(() -> vault.write(loader, batch)).isInstanceOf(SQLException.class);
        assertThat(vault.rows()).isEqualTo(before);

        vault.write(loader, batch.subList(0, 3));
        assertThat(vault.count(EventTables.RAW)).isEqualTo(3);
    }

    @Test
    void nothingIsVisibleBeforeTheCommit() throws SQLException {
        new EventLoader(SOURCE).write(vault.connection(), events());

        assertThat(vault.count(EventTables.RAW)).isZero();
    }

    @Test
    void timesKeepTheirMicroseconds() throws SQLException {
        vault.write(
                new EventLoader(SOURCE),
                List.of(
                        event("1").occurredAt(START.plusNanos(123_456_000)).offset(7).enriched(),
                        event("2")
                                .occurredAt(Instant.parse("1969-12-31T23:59:59.999999Z"))
                                .enriched()));

        String times =
                "SELECT to_char(event_timestamp AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"
                        + " FROM business.site_event_h ORDER BY event_timestamp";
        assertThat(vault.database().texts(times))
                .containsExactly("1969-12-31 23:59:59.999999", "2026-11-20 10:00:00.123456");
        assertThat(
                        vault.database()
                                .texts(
                                        "SELECT to_char(load_date AT TIME ZONE 'UTC', 'SS.US')"
                                                + " FROM business.site_event_h"
                                                + " WHERE event_bk = 'evt_1'"))
                .containsExactly("01.000007");
    }

    @Test
    void daysInRangeGetPartitionsAndOthersTheDefaultOne() throws SQLException {
        Instant now = Instant.now();
        String today = now.toString().substring(0, 10).replace("-", "");
        Instant seconds = Instant.parse("1970-01-21T18:48:00Z");
        Instant far = Instant.parse("2099-01-01T00:00:00Z");
        vault.write(
                new EventLoader(SOURCE),
                List.of(
                        event("old").occurredAt(Instant.EPOCH).appendedAt(now).enriched(),
                        event("seconds").occurredAt(seconds).appendedAt(seconds).enriched(),
                        event("far").occurredAt(far).appendedAt(far).enriched(),
                        event("day").occurredAt(now).appendedAt(now).enriched()));

        assertThat(
                        vault.database()
                                .texts(
                                        "SELECT event_bk || ' ' || tableoid::regclass FROM"
                                                + " raw.site_tracking_events_r ORDER BY event_bk"))
                .containsExactly(
                        "evt_day raw.site_tracking_events_r_p" + today,
                        "evt_far raw.site_tracking_events_r_pdefault",
                        "evt_old raw.site_tracking_events_r_pdefault",
                        "evt_seconds raw.site_tracking_events_r_pdefault");
    }

    /** The row goes to the default partition, whatever our own function says of the day. */
    @Test
    void aDayThatIsRefusedIsNoError() throws SQLException {
        vault.database()
                .execute(
                        """
                        CREATE OR REPLACE FUNCTION raw.site_tracking_ensure_partitions(
                            from_day date, to_day date) RETURNS integer LANGUAGE plpgsql AS $$
                        BEGIN RAISE EXCEPTION 'no' USING ERRCODE = 'ST002'; END $$""");
        Instant now = Instant.now();

        vault.write(
                new EventLoader(SOURCE),
                List.of(event("1").occurredAt(now).appendedAt(now).enriched()));

        assertThat(vault.count(EventTables.RAW)).isEqualTo(1);
    }

    @Test
    void leavesOutOnlyWhatTheDatabaseRefuses() throws SQLException {
        List<EnrichedEvent> batch = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            boolean bad = i == 0 || i == 17 || i == 18;
            batch.add(event("" + i).properties(bad ? "{bad" : "{}").enriched());
        }

        var refusals = new EventLoader(SOURCE).load(vault.connection(), batch);

        assertThat(refusals)
                .containsExactly(
                        new Refusal<>(batch.get(0), "22P02"),
                        new Refusal<>(batch.get(17), "22P02"),
                        new Refusal<>(batch.get(18), "22P02"));
        assertThat(vault.count(EventTables.RAW)).isEqualTo(37);
        assertThat(vault.count(EventTables.EVENT_DETAILS)).isEqualTo(37);
    }

    @Test
    void failuresThatAreNotTheDatasLeaveNothingOut() throws SQLException {
        vault.database()
                .execute(
                        """
                        CREATE FUNCTION public.fail() RETURNS trigger LANGUAGE plpgsql AS $$
                        BEGIN RAISE EXCEPTION USING ERRCODE = '53100'; END $$;
                        CREATE TRIGGER fail BEFORE INSERT ON business.site_event_h
                            FOR EACH ROW EXECUTE FUNCTION public.fail()""");

        assertThatThrownBy(() -> new EventLoader(SOURCE).load(vault.connection(), events()))
                .isInstanceOf(SQLException.class);
        assertThat(vault.count(EventTables.RAW)).isZero();
    }

    @Test
    void aRejectedEventIsKeptWithoutAPayloadThatTheDatabaseRefuses() throws SQLException {
        var position = event("1").admitted().position();
        RejectedEvent rejected =
                new RejectedEvent(
                        RejectReason.OUT_OF_RANGE,
                        "evt_value",
                        null,
                        "acme",
                        TestEvents.tenantHk("acme"),
                        Identity.NONE,
                        START,
                        "{\"evt_value\":1e200000}",
                        new byte[] {1},
                        position,
                        null);

        assertThat(new RejectedLoader(SOURCE).load(vault.connection(), List.of(rejected)))
                .isEmpty();

        assertThat(
                        vault.database()
                                .texts(
                                        "SELECT processing_status || ' ' || (payload IS NULL)"
                                                + " FROM raw.site_tracking_events_r"))
                .containsExactly("ERROR true");
    }

    /** What was cut out of the payload could be tried out. */
    @Test
    void aRejectedEventsKeyTellsNothingOfWhatWasSent() throws SQLException {
        RejectedLoader loader = new RejectedLoader(SOURCE);
        List<RejectedEvent> refusals =
                List.of(refused("203.0.113.1", 0), refused("203.0.113.1", 1));

        loader.load(vault.connection(), refusals);
        List<String> keys = vault.database().texts(REJECTED_KEYS);
        loader.load(vault.connection(), List.of(refused("203.0.113.2", 0)));

        assertThat(keys).hasSize(2);
        assertThat(vault.database().texts(REJECTED_KEYS)).isEqualTo(keys);
    }

    private static RejectedEvent refused(String address, int partition) {
        String original = "{\"tenantId\":\"acme\",\"client_ip\":\"%s\"}".formatted(address);
        return new RejectedEvent(
                RejectReason.MISSING_EVENT_TYPE,
                "evt_type",
                null,
                "acme",
                TestEvents.tenantHk("acme"),
                Identity.NONE,
                START,
                "{\"tenantId\":\"acme\",\"client_ip\":\"[removed]\"}",
                original.getBytes(StandardCharsets.UTF_8),
                new SourcePosition("events", partition, 7, START),
                null);
    }
}
