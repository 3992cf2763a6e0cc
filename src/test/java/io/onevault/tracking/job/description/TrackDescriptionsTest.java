package io.onevault.tracking.job.description;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.vault.Description;
import io.onevault.tracking.vault.Description.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TrackDescriptionsTest {

    private static final Duration TTL = Duration.ofDays(7);
    private static final Instant START = Instant.parse("2026-11-20T10:00:00Z");

    private KeyedOneInputStreamOperatorTestHarness<String, Description, Description> harness;

    @BeforeEach
    void start() throws Exception {
        restore(null);
    }

    @AfterEach
    void stop() throws Exception {
        harness.close();
    }

    private void restore(OperatorSubtaskState state) throws Exception {
        harness =
                new KeyedOneInputStreamOperatorTestHarness<>(
                        new KeyedProcessOperator<>(new TrackDescriptions(TTL)),
                        Description::key,
                        Types.STRING);
        if (state != null) {
            harness.initializeState(state);
        }
        harness.open();
    }

    private static Description title(int second, String title) {
        return describe(Kind.PAGE, "00".repeat(32), second, title);
    }

    private static Description describe(Kind kind, String tenantHk, int second, String title) {
        return described(kind, tenantHk, second, second, title);
    }

    private static Description described(
            Kind kind, String tenantHk, int occurred, int appended, String title) {
        return new Description(
                kind,
                tenantHk,
                "key",
                START.plusSeconds(occurred),
                START.plusSeconds(appended),
                Arrays.asList(null, title),
                false);
    }

    private void receive(Description... descriptions) throws Exception {
        for (Description description : descriptions) {
            harness.processElement(description, 0);
        }
    }

    private List<Description> news() {
        return harness.extractOutputValues();
    }

    @Test
    void letsOnlyChangesPass() throws Exception {
        receive(title(1, "a"), title(2, "a"), title(3, "b"), title(4, "b"), title(5, "a"));

        assertThat(news()).containsExactly(title(1, "a"), title(3, "b"), title(5, "a"));
        assertThat(harness.numKeyedStateEntries()).isEqualTo(1);
    }

    @Test
    void tellsKindsAndTenantsApart() throws Exception {
        Description page = title(1, "a");
        Description item = describe(Kind.ITEM, "00".repeat(32), 2, "a");
        Description other = describe(Kind.PAGE, "11".repeat(32), 3, "a");
        receive(page, item, other);

        assertThat(news()).containsExactly(page, item, other);
    }

    @Test
    void repeatsTheLatestOneBehindAnEarlierOne() throws Exception {
        receive(title(1, "a"), title(9, "a"), title(5, "b"));

        assertThat(news()).containsExactly(title(1, "a"), title(5, "b"), title(9, "a"));
    }

    @Test
    void theEventsTimeCountsNotTheArrival() throws Exception {
        Description late = described(Kind.PAGE, "00".repeat(32), 5, 10, "b");
        receive(title(1, "a"), title(9, "a"), late, title(11, "a"));

        assertThat(news()).containsExactly(title(1, "a"), late, title(9, "a"));
    }

    @Test
    void anEarlierOneThatSaysTheSameIsNoNews() throws Exception {
        receive(title(9, "a"), title(5, "a"), title(10, "b"));

        assertThat(news()).containsExactly(title(9, "a"), title(10, "b"));
    }

    @Test
    void remembersUntilTheTimeToLiveIsOver() throws Exception {
        harness.setStateTtlProcessingTime(0);
        receive(title(1, "a"));
        harness.setStateTtlProcessingTime(TTL.toMillis() + 1);
        receive(title(2, "a"));

        assertThat(news()).containsExactly(title(1, "a"), title(2, "a"));
    }

    @Test
    void remembersAcrossARestart() throws Exception {
        receive(title(1, "a"));
        OperatorSubtaskState snapshot = harness.snapshot(1, 1);
        harness.close();

        restore(snapshot);
        receive(title(2, "a"), title(3, "b"));

        assertThat(news()).containsExactly(title(3, "b"));
    }

    @Test
    void forgetsAnErasedVisitor() throws Exception {
        Description said = describe(Kind.VISITOR, "00".repeat(32), 1, "a");
        receive(said);
        receive(
                new Description(
                        said.kind(),
                        said.tenantHk(),
                        said.bk(),
                        said.occurredAt(),
                        said.loadDate(),
                        List.of(),
                        false));

        assertThat(news()).containsExactly(said);
        assertThat(harness.numKeyedStateEntries()).isZero();
    }
}
