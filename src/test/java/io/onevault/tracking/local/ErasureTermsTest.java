package io.onevault.tracking.local;

import static io.onevault.tracking.local.ErasedVisitor.BK;
import static io.onevault.tracking.local.ErasedVisitor.carryOut;
import static io.onevault.tracking.local.ErasedVisitor.events;
import static io.onevault.tracking.local.ErasedVisitor.forget;
import static io.onevault.tracking.local.ErasedVisitor.hk;
import static io.onevault.tracking.vault.TestEvents.event;
import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.event.Recovery;
import io.onevault.tracking.event.RejectReason;
import io.onevault.tracking.event.RejectedEvent;
import io.onevault.tracking.event.SourcePosition;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import io.onevault.tracking.vault.Heartbeat;
import io.onevault.tracking.vault.Layers;
import io.onevault.tracking.vault.Loader;
import java.sql.Connection;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a request tells of itself, and how long what is left of it stays. */
@ExtendWith(PostgresExtension.class)
class ErasureTermsTest {

    private static final String TOLD =
            """
            SELECT concat_ws(' ', request ->> 'status', request ->> 'visitors',
                       (request ->> 'due_at')::timestamptz - INTERVAL '1 month'
                           - (request ->> 'requested_at')::timestamptz < INTERVAL '1 min',
                       (request ->> 'done_at') IS NOT NULL,
                       (SELECT string_agg(key, ' ' ORDER BY key)
                          FROM jsonb_object_keys(request -> 'copies') AS key))
              FROM jsonb_array_elements(api.get_erasures('acme') #> '{data,erasures}') AS request""";

    /** Each table of which rows went, and no other. */
    private static final String ROWS =
            """
            SELECT key || ' ' || (value::int > 0)
              FROM jsonb_each_text(api.get_erasures('acme') #> '{data,erasures,0,erased_rows}')
             ORDER BY 1""";

    /** In days from the request on. */
    private static final String ENDS =
            """
            SELECT key || ' ' || round(extract(epoch FROM value::timestamptz
                       - (api.get_erasures('acme') #>> '{data,erasures,0,requested_at}')::timestamptz) / 86400)
              FROM jsonb_each_text(api.get_erasures('acme') #> '{data,erasures,0,copies_end}')
             WHERE value IS NOT NULL
             ORDER BY 1""";

    private static final String COPIES =
            "checkpoints_and_savepoints database_log_and_backups events_topic job_state rejected_topic";

    private static final String FORGOTTEN =
            "SELECT count(*) FROM raw.site_tracking_forgotten_r WHERE load_date < now() - INTERVAL '%s'";

    @Test
    void theCertificateTellsWhatWasErasedWhereAndWhichCopiesThereAre(TestPostgres postgres)
            throws Exception {
        TestDatabase database = LoadedVault.of(postgres, events());
        // Whoever is named twice is one.
        String visitor = "{\"visitor_hk\": \"" + hk(BK) + "\"}";
        forget(database, '[' + visitor + ',' + visitor + ']');
        assertThat(database.texts(TOLD)).containsExactly("ERASING 1 t f " + COPIES);

        carryOut(database);

        assertThat(database.texts(TOLD)).containsExactly("DONE 1 t t " + COPIES);
        assertThat(database.texts(ROWS))
                .containsExactly(
                        "business.event_business_item_l true",
                        "business.event_page_l true",
                        "business.site_event_details_s true",
                        "business.site_visitor_details_s true",
                        "business.visitor_business_item_l true",
                        "events true",
                        "raw.site_tracking_events_r true",
                        "sessions true",
                        "staging.site_tracking_events_s true");
    }

    /** What nobody told has no end. */
    @Test
    void theCertificateTellsWhenCopiesEnd(TestPostgres postgres) throws Exception {
        TestDatabase database = LoadedVault.of(postgres, events());
        forget(database);
        assertThat(database.texts(ENDS)).containsExactly("events_topic 7", "rejected_topic 10");
        carryOut(database);
        assertThat(database.texts(ENDS))
                .containsExactly("events_topic 7", "keys_of_erased_events 30", "rejected_topic 10");

        try (Connection connection = database.connect()) {
            new Heartbeat(Layers.PRODUCTION, "load-events", "1", 40, "test").beat(connection);
        }
        database.execute(
                """
                INSERT INTO auth.tenant_site_tracking_s
                       (tenant_hk, load_date, keep_backups_days, hash_diff, record_source)
                SELECT tenant_hk, now(), 35, sha256(''), 'test'
                  FROM auth.tenant_h
                 WHERE tenant_bk = 'acme'""");

        assertThat(database.texts(ENDS))
                .containsExactly(
                        "database_log_and_backups 35",
                        "events_topic 7",
                        "job_state 47",
                        "keys_of_erased_events 47",
                        "rejected_topic 10");
    }

    @Test
    void whoIsNamedByKeyAndByPseudonymIsOne(TestPostgres postgres) throws Exception {
        String named = "vis_00000000000000000000000000000007";
        TestDatabase database =
                LoadedVault.of(postgres, List.of(event("one").visitor(named).enriched()));

        forget(
                database,
                "[{\"visitor_hk\": \"%s\"}, {\"visitor_bk\": \"%s\"}]".formatted(hk(named), named));

        assertThat(database.texts(TOLD)).containsExactly("ERASING 1 t f " + COPIES);
    }

    /** In which the client's event_id is; by then no savepoint is gone on with. */
    @Test
    void keysOfErasedEventsEndAfterThirtyDays(TestPostgres postgres) throws Exception {
        TestDatabase database = LoadedVault.of(postgres, events());
        forget(database);
        carryOut(database);
        database.execute(
                "UPDATE raw.site_tracking_forgotten_r SET load_date = load_date - INTERVAL '29 days'");
        database.execute("SELECT raw.site_tracking_expire_next()");
        assertThat(database.number(FORGOTTEN.formatted("28 days"))).isEqualTo(36);

        forget(database, "{\"visitor_hk\": \"" + hk("vis_2") + "\"}");
        carryOut(database);
        database.execute(
                "UPDATE raw.site_tracking_forgotten_r SET load_date = load_date - INTERVAL '2 days'");
        database.execute("SELECT raw.site_tracking_expire_next()");

        assertThat(database.number(FORGOTTEN.formatted("28 days"))).isZero();
        assertThat(database.number(FORGOTTEN.formatted("1 day"))).isPositive();
    }

    /** Which a savepoint may hold for as long, and a job that starts from it has to be told. */
    @Test
    void keysOfErasedEventsStayAsLongAsAnArchiveHasThem(TestPostgres postgres) throws Exception {
        TestDatabase database = LoadedVault.of(postgres, events());
        try (Connection connection = database.connect()) {
            new Heartbeat(Layers.PRODUCTION, "load-events", "1", 40, "test").beat(connection);
        }
        forget(database);
        carryOut(database);
        String later =
                "UPDATE raw.site_tracking_forgotten_r SET load_date = load_date - INTERVAL '%d days'";
        database.execute(later.formatted(46));
        database.execute("SELECT raw.site_tracking_expire_next()");
        assertThat(database.number(FORGOTTEN.formatted("45 days"))).isEqualTo(36);

        database.execute(later.formatted(2));
        database.execute("SELECT raw.site_tracking_expire_next()");

        assertThat(database.number(FORGOTTEN.formatted("0 days"))).isZero();
    }

    /** Which has it in its archive, as somebody may mend why, and recover it. */
    @Test
    void theJobForgetsWhatTheDatabaseRefused(TestPostgres postgres) throws Exception {
        TestDatabase database = LoadedVault.of(postgres, events());
        Loader<RejectedEvent> loader = Loader.ofRejected("test");
        try (Connection connection = database.connect()) {
            loader.load(
                    connection,
                    List.of(
                            refused(1, "refused_whole", BK),
                            refused(2, "refused_without_payload", BK).withoutPayload(),
                            refused(3, "refused_of_others", "vis_1")));

            forget(database);
            carryOut(database);
            // One was on its way meanwhile, another somebody recovers, and it is refused again.
            loader.load(
                    connection,
                    List.of(
                            refused(4, "refused_later", BK),
                            again(refused(5, "refused_again", BK))));
        }

        assertThat(
                        database.texts(
                                "SELECT event_bk FROM raw.site_tracking_forgotten_r"
                                        + " WHERE event_bk LIKE '%refused%' ORDER BY 1"))
                .containsExactly(
                        "evt_refused_again",
                        "evt_refused_later",
                        "evt_refused_whole",
                        "evt_refused_without_payload");
        assertThat(
                        database.texts(
                                "SELECT event_bk FROM raw.site_tracking_events_r"
                                        + " WHERE processing_status = 'ERROR'"))
                .containsExactly("evt_refused_of_others");
    }

    /** As it is when it is submitted a minute from now. */
    private static RejectedEvent again(RejectedEvent event) {
        SourcePosition first = event.position();
        Recovery recovery =
                new Recovery("rejected", 0, 0, first.appendedAt(), RejectReason.DATABASE_REFUSED);
        return new RejectedEvent(
                event.reason(),
                event.field(),
                event.expected(),
                event.tenantBk(),
                event.tenantHk(),
                event.named(),
                event.occurredAt(),
                event.payload(),
                event.original(),
                new SourcePosition(first.topic(), 0, 1, Instant.now().plusSeconds(60), recovery),
                event.eventBk());
    }

    private static RejectedEvent refused(int offset, String id, String visitor) {
        return RejectedEvent.ofDatabase(
                event(id).visitor(visitor).offset(offset).admitted(), "22003");
    }
}
