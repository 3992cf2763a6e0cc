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
import static io.onevault.tracking.local.ErasedVisitor.found;
import static io.onevault.tracking.local.ErasedVisitor.hk;
import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Whom a user's id reaches: the devices that only the user was on, and on others the events. */
@ExtendWith(PostgresExtension.class)
class UserErasureTest {

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
