package io.onevault.tracking.local;

import static io.onevault.tracking.local.ErasedUser.LABELS;
import static io.onevault.tracking.local.ErasedUser.OF_OTHERS;
import static io.onevault.tracking.local.ErasedUser.OTHER;
import static io.onevault.tracking.local.ErasedUser.USER;
import static io.onevault.tracking.local.ErasedUser.askAndCarryOut;
import static io.onevault.tracking.local.ErasedUser.assertSound;
import static io.onevault.tracking.local.ErasedUser.events;
import static io.onevault.tracking.local.ErasedUser.exported;
import static io.onevault.tracking.local.ErasedUser.leftOf;
import static io.onevault.tracking.local.ErasedUser.made;
import static io.onevault.tracking.local.ErasedVisitor.found;
import static io.onevault.tracking.local.ErasedVisitor.hk;
import static io.onevault.tracking.vault.TestEvents.START;
import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.event.RejectedEvent;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import io.onevault.tracking.vault.Loader;
import java.sql.Connection;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Whom a user's id reaches: the devices that only the user was on, and on others the events. */
@ExtendWith(PostgresExtension.class)
class UserErasureTest {

    private static final String REJECTED =
            """
            SELECT payload ->> 'evt_label'
              FROM raw.site_tracking_events_r
             WHERE processing_status = 'ERROR'
             ORDER BY 1""";

    @Test
    void leavesNothingOfAUserAndAllOfOthers(TestPostgres postgres) throws Exception {
        TestDatabase database = LoadedVault.of(postgres, events());
        assertThat(leftOf(database)).hasSizeGreaterThan(20);
        List<String> others = found(database, "other_elsewhere", "stranger");

        askAndCarryOut(database);

        assertThat(database.texts(LABELS)).isEqualTo(OF_OTHERS);
        assertThat(leftOf(database)).isEmpty();
        assertThat(found(database, "other_elsewhere", "stranger")).isEqualTo(others);
        assertSound(database);
        // As a replay, an old savepoint, recover and a reprocess do.
        LoadedSessions.load(database, events());
        assertThat(database.texts(LABELS)).isEqualTo(OF_OTHERS);
        assertThat(leftOf(database)).isEmpty();
        assertSound(database);
    }

    /** Whoever the visitor is. */
    @Test
    void reachesRejectedEventsThatNameTheUser(TestPostgres postgres) throws Exception {
        TestDatabase database = LoadedVault.of(postgres, events());
        try (Connection connection = database.connect()) {
            Loader.ofRejected("test")
                    .load(
                            connection,
                            List.of(
                                    rejected(20, "family", USER, "r_mine"),
                                    rejected(21, null, USER, "r_mine_too"),
                                    rejected(22, "family", OTHER, "r_others"),
                                    rejected(23, "family", null, "r_unknown")));
        }
        assertThat(exported(database, 77, "rejected", "{event,evt_label}"))
                .containsExactly("r_mine", "r_mine_too");

        askAndCarryOut(database);

        assertThat(database.texts(REJECTED)).containsExactly("r_others", "r_unknown");
    }

    private static RejectedEvent rejected(
            int minute, @Nullable String device, @Nullable String user, String label) {
        Instant at = START.plusSeconds(60L * minute);
        return RejectedEvent.ofDatabase(made(at, device, user, label).admitted(), "22003");
    }

    @Test
    void tellsAUserAllThatWouldBeErased(TestPostgres postgres) throws Exception {
        TestDatabase database = LoadedVault.of(postgres, events());

        assertThat(exported(database, 77))
                .containsExactly(
                        "mine_after_logout",
                        "mine_before_login",
                        "mine_on_family",
                        "mine_on_laptop",
                        "mine_on_phone",
                        "mine_without_device");
    }

    /** Of a device that others used, too, that the user did; of the others nothing. */
    @Test
    void tellsAsWhomAUserWasSeen(TestPostgres postgres) throws Exception {
        TestDatabase database = LoadedVault.of(postgres, events());

        assertThat(exported(database, 77, "user", "{visitor_bk}"))
                .containsExactly("vis_family", "vis_laptop", "vis_phone");
        assertThat(exported(database, 77, "user", "{user_hk}")).containsOnly(hk(USER));
        assertThat(exported(database, 88, "user", "{visitor_bk}"))
                .containsExactly("vis_family", "vis_office");
    }

    @Test
    void tellsADeviceByWhomItWasUsed(TestPostgres postgres) throws Exception {
        TestDatabase database = LoadedVault.of(postgres, events());
        String lines =
                "SELECT line ->> 'user_hk' FROM api.export_visitor('acme', '{\"visitor_hk\": \"%s\"}')"
                                .formatted(hk("vis_family"))
                        + " AS line WHERE line ->> 'kind' = 'user'";
        assertThat(database.texts(lines)).containsExactlyInAnyOrder(hk(USER), hk(OTHER));

        askAndCarryOut(database);

        // That it was shared, and not by whom.
        assertThat(database.texts(lines)).containsExactlyInAnyOrder(null, hk(OTHER));
    }
}
