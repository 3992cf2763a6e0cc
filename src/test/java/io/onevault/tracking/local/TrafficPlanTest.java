package io.onevault.tracking.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.onevault.tracking.contract.Decoded;
import io.onevault.tracking.contract.TrackerEventDecoder;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** What simulated visitors do is what real ones do, by the contract. */
final class TrafficPlanTest {

    private final TrafficPlan plan = TrafficPlan.read();
    private final TrackerEventDecoder decoder = new TrackerEventDecoder(UnaryOperator.identity());

    @Test
    void visitorsOfAllSitesKeepTheContractAndSomeReachTheirGoals() {
        Random random = new Random(1);
        Set<String> types = new HashSet<>();
        Set<String> tenants = new HashSet<>();
        Set<String> agents = new HashSet<>();
        Set<String> ids = new HashSet<>();
        int events = 0;
        for (int i = 0; i < 400; i++) {
            TrafficPlan.Visit visit = plan.visit(random);
            tenants.add(visit.site().tenant());
            agents.add(visit.agent());
            for (TrafficPlan.Step step : visit.steps()) {
                events++;
                ObjectNode event = step.event().deepCopy().put("tenantId", "acme");
                assertThat(decoder.decode(event.toString().getBytes(UTF_8)))
                        .as("%s", event)
                        .isInstanceOf(Decoded.Valid.class);
                types.add(event.get("evt_type").asText());
                ids.add(event.get("event_id").asText());
            }
        }

        assertThat(tenants)
                .containsExactlyInAnyOrderElementsOf(
                        plan.sites().stream().map(TrafficPlan.Site::tenant).toList());
        plan.sites().forEach(site -> assertThat(types).containsAll(site.conversions()));
        assertThat(types)
                .contains("page_view", "page_ping", "add_to_cart", "purchase", "signup", "scroll");
        assertThat(agents).containsAll(plan.agents()).containsAll(plan.robots());
        assertThat(ids).hasSize(events);
    }
}
