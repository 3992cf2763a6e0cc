package io.onevault.tracking.job.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.event.LedgerEntry;
import io.onevault.tracking.event.LedgerEntry.Outcome;
import io.onevault.tracking.job.step.CountingMetrics;
import io.onevault.tracking.job.step.Metrics;
import io.onevault.tracking.job.step.SideOutputs;
import io.onevault.tracking.session.LinkedEvent;
import io.onevault.tracking.session.SessionEvents;
import io.onevault.tracking.session.SessionUpdate;
import io.onevault.tracking.state.SessionEvent;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import org.apache.flink.streaming.api.operators.ProcessOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;

class RecordLateEventsTest {

    @Test
    void countsALateEventAndLinksItToTheReservedSession() throws Exception {
        var metrics = new CountingMetrics();
        SessionEvent late = SessionEvents.pageView(0).make();
        var harness =
                new OneInputStreamOperatorTestHarness<SessionEvent, SessionUpdate>(
                        new ProcessOperator<>(new RecordLateEvents()), metrics.environment());
        harness.open();
        harness.processElement(late, 0);

        assertThat(harness.extractOutputValues())
                .containsExactly(
                        new SessionUpdate(
                                late.tenantHk(),
                                "sess_late",
                                true,
                                null,
                                List.of(
                                        new LinkedEvent(
                                                late.eventBk(),
                                                late.occurredAt(),
                                                late.loadDate(),
                                                late.pageUrl())),
                                false,
                                null,
                                null));
        long day = LocalDate.ofInstant(late.loadDate(), ZoneOffset.UTC).toEpochDay();
        assertThat(harness.getSideOutput(SideOutputs.LEDGER))
                .extracting(StreamRecord::getValue)
                .containsExactly(new LedgerEntry(day, late.tenantHk(), Outcome.LATE, "", 1));
        assertThat(metrics.count(Metrics.LATE)).isEqualTo(1);
        harness.close();
    }

    @Test
    void linksOneThatWasLoadedBeforeWithoutCountingItAgain() throws Exception {
        var metrics = new CountingMetrics();
        var harness =
                new OneInputStreamOperatorTestHarness<SessionEvent, SessionUpdate>(
                        new ProcessOperator<>(new RecordLateEvents()), metrics.environment());
        harness.open();
        harness.processElement(SessionEvents.pageView(0).repeated().make(), 0);

        assertThat(harness.extractOutputValues()).hasSize(1);
        assertThat(harness.getSideOutput(SideOutputs.LEDGER)).isNullOrEmpty();
        assertThat(metrics.count(Metrics.LATE)).isZero();
        harness.close();
    }
}
