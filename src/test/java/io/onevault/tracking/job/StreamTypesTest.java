package io.onevault.tracking.job;

import static org.apache.flink.types.PojoTestUtils.assertSerializedAsPojoWithoutKryo;

import io.onevault.tracking.event.AdmittedEvent;
import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.event.LedgerEntry;
import io.onevault.tracking.event.LedgerTotals;
import io.onevault.tracking.event.RejectedEvent;
import io.onevault.tracking.job.read.DecodedRecord;
import io.onevault.tracking.session.SessionUpdate;
import io.onevault.tracking.state.ArchivedEvent;
import io.onevault.tracking.state.DescribedState;
import io.onevault.tracking.state.KeptSessions;
import io.onevault.tracking.state.KeptTime;
import io.onevault.tracking.state.PublishedSession;
import io.onevault.tracking.state.RunMark;
import io.onevault.tracking.state.SessionEvent;
import io.onevault.tracking.state.SessionTimers;
import io.onevault.tracking.state.SettledSession;
import io.onevault.tracking.state.TallyState;
import io.onevault.tracking.state.Transaction;
import io.onevault.tracking.vault.Description;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StreamTypesTest {

    @ParameterizedTest
    @ValueSource(
            classes = {
                DecodedRecord.class,
                AdmittedEvent.class,
                EnrichedEvent.class,
                RejectedEvent.class,
                SessionUpdate.class,
                Description.class,
                DescribedState.class,
                LedgerEntry.class,
                LedgerTotals.class,
                ArchivedEvent.class,
                SessionEvent.class,
                PublishedSession.class,
                SessionTimers.class,
                SettledSession.class,
                TallyState.class,
                Transaction.class,
                KeptSessions.class,
                KeptTime.class,
                RunMark.class
            })
    void travelsWithoutKryo(Class<?> type) {
        assertSerializedAsPojoWithoutKryo(type);
    }
}
