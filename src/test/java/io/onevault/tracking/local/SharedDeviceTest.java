package io.onevault.tracking.local;

import static io.onevault.tracking.local.ErasedUser.LABELS;
import static io.onevault.tracking.local.ErasedUser.OTHER;
import static io.onevault.tracking.local.ErasedUser.USER;
import static io.onevault.tracking.local.ErasedUser.askAndCarryOut;
import static io.onevault.tracking.local.ErasedUser.assertSound;
import static io.onevault.tracking.local.ErasedUser.event;
import static io.onevault.tracking.local.ErasedUser.events;
import static io.onevault.tracking.local.ErasedUser.exported;
import static io.onevault.tracking.local.ErasedUser.made;
import static io.onevault.tracking.local.ErasedVisitor.carryOut;
import static io.onevault.tracking.local.ErasedVisitor.forget;
import static io.onevault.tracking.local.ErasedVisitor.found;
import static io.onevault.tracking.local.ErasedVisitor.hk;
import static io.onevault.tracking.vault.TestEvents.START;
import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What of a device that several users were on is whose, when some of them are erased. */
@ExtendWith(PostgresExtension.class)
class SharedDeviceTest {

    private static final String MET =
            "SELECT business_item_bk FROM business.visitor_business_item_l"
                    + " JOIN business.business_item_h USING (business_item_hk) ORDER BY 1";

    private static final String SCORES = "SELECT count(*) FROM raw.site_tracking_score_s";

    private static final String WITHOUT_STAGING =
            """
            DELETE FROM staging.site_tracking_events_s;
            INSERT INTO raw.site_tracking_kept_r (tenant_hk, layer, kept_from, next_day, swept_at,
                   dropped_partitions, deleted_rows, load_date, record_source)
            SELECT tenant_hk, 'staging', now(), now(), now(), 0, 0, now(), 'test'
              FROM auth.tenant_h""";

    /** What of a shared device names nobody may be of whoever was erased before, or of a guest. */
    @Test
    void aSharedDeviceIsNotTheLastUsersOwn(TestPostgres postgres) throws Exception {
        TestDatabase database = LoadedVault.of(postgres, events());
        askAndCarryOut(database);
        assertSound(database);

        assertThat(exported(database, 88)).containsExactly("other_elsewhere", "other_on_family");
        askAndCarryOut(database, 88);

        assertThat(database.texts(LABELS)).containsExactly("stranger", "unknown_on_family");
        assertThat(found(database, hk(OTHER), hk("vis_office")))
                .noneMatch(row -> row.startsWith("business.site_user_visitor_b "));
        assertSound(database);
        // Who comes next was not the only one either.
        LoadedSessions.load(database, List.of(event(30, "family", "vis_99", "third_on_family")));
        assertThat(exported(database, 99)).containsExactly("third_on_family");
        assertSound(database);
    }

    /** With the device goes what was known of its users. */
    @Test
    void nothingIsKeptOfADeviceThatGoesWhole(TestPostgres postgres) throws Exception {
        TestDatabase database = LoadedVault.of(postgres, events());
        askAndCarryOut(database);
        forget(database, "{\"visitor_hk\": \"" + hk("vis_family") + "\"}");
        carryOut(database);

        assertThat(found(database, hk("vis_family")))
                .noneMatch(row -> row.startsWith("business.site_user_visitor_b "));
        assertSound(database);
    }

    /** A device is not its user: what the user did on others is not asked for. */
    @Test
    void aVisitorsIdReachesThatVisitorAlone(TestPostgres postgres) throws Exception {
        TestDatabase database = LoadedVault.of(postgres, events());
        forget(database, "{\"visitor_hk\": \"" + hk("vis_family") + "\"}");
        carryOut(database);

        assertThat(database.texts(LABELS))
                .hasSize(7)
                .noneMatch(label -> label.endsWith("_on_family"));
        assertSound(database);
    }

    /** That the device met it tells what was done on it; of staging and raw one is enough. */
    @ParameterizedTest
    @ValueSource(strings = {"DELETE FROM raw.site_tracking_events_r", WITHOUT_STAGING})
    void whatOnlyTheUserMetGoesAndWhatOthersDidStays(String retention, TestPostgres postgres)
            throws Exception {
        TestDatabase database =
                LoadedVault.of(
                        postgres,
                        List.of(
                                met(20, "family", USER, "of_user"),
                                met(21, "family", USER, "of_both"),
                                met(22, "family", OTHER, "of_both"),
                                met(23, "family", OTHER, "of_other"),
                                met(24, "family", null, "of_nobody"),
                                met(25, "office", OTHER, "elsewhere")));
        database.execute(retention);
        assertThat(database.texts(MET)).hasSize(5);

        askAndCarryOut(database);

        assertThat(database.texts(MET))
                .containsExactly("elsewhere", "of_both", "of_nobody", "of_other");
    }

    /** Whoever the session is of by then. */
    @Test
    void whatModelsSayOfASessionGoesWithIt(TestPostgres postgres) throws Exception {
        TestDatabase database = LoadedVault.of(postgres, events());
        database.execute(
                """
                INSERT INTO raw.site_tracking_score_s
                SELECT tenant_hk, 'model', '1', session_hk, session_end, true, visitor_hk, 0.5, now(), 'test'
                  FROM business.site_session_details_current_v""");
        assertThat(database.number(SCORES)).isEqualTo(6);

        askAndCarryOut(database);

        assertThat(database.number(SCORES))
                .isEqualTo(2)
                .isEqualTo(
                        database.number(
                                "SELECT count(*) FROM business.site_session_details_current_v"));
    }

    private static EnrichedEvent met(
            int minute, String device, @Nullable String user, String item) {
        return made(START.plusSeconds(60L * minute), device, user, user + "_met_" + item)
                .item(LoadedVault.book(item))
                .enriched();
    }
}
