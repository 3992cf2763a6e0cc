package io.onevault.tracking.local;

import static io.onevault.tracking.local.ErasedVisitor.BK;
import static io.onevault.tracking.local.ErasedVisitor.carryOut;
import static io.onevault.tracking.local.ErasedVisitor.forget;
import static io.onevault.tracking.vault.TestEvents.START;
import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.event.EventType;
import io.onevault.tracking.event.Purchase;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import io.onevault.tracking.vault.TestEvents;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** An order that the erased visitor told of first, and somebody else again. */
@ExtendWith(PostgresExtension.class)
class ErasedOrderTest {

    private static final String COUNTED =
            """
            SELECT concat_ws(' ',
                       (SELECT trim_scale(sum(revenue)) FROM business.site_rollup_b WHERE dimension = 'items'),
                       (SELECT sum(conversions) FROM business.site_rollup_b WHERE dimension = 'visits'))""";

    private static EnrichedEvent order(String visitor, int minute) {
        Instant at = START.plusSeconds(60L * minute);
        return TestEvents.event("of_" + visitor)
                .type(EventType.PURCHASE)
                .conversion()
                .session("s_" + visitor)
                .visitor(visitor)
                .occurredAt(at)
                .appendedAt(at)
                .item(LoadedVault.book("sku"))
                .purchase(new Purchase("order", BigDecimal.ONE, "EUR"))
                .enriched();
    }

    @Test
    void countsItsItemsAtOnceAndTheOthersVisitNotBeforeAReprocess(TestPostgres postgres)
            throws Exception {
        TestDatabase database = LoadedVault.of(postgres, List.of(order(BK, 0), order("vis_1", 1)));
        assertThat(database.texts(COUNTED)).containsExactly("1 1");

        forget(database);
        carryOut(database);

        assertThat(database.texts(COUNTED)).containsExactly("1 0");
        assertThat(LoadedVault.failedChecks(database)).isEmpty();
    }
}
