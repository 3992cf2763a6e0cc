package io.onevault.tracking.job;

import io.onevault.tracking.event.LedgerEntry;
import io.onevault.tracking.event.RejectedEvent;
import io.onevault.tracking.state.SessionEvent;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.util.OutputTag;

/** The side outputs that steps share. */
final class SideOutputs {

    static final OutputTag<RejectedEvent> REJECTED =
            new OutputTag<>("rejected", TypeInformation.of(RejectedEvent.class));

    static final OutputTag<LedgerEntry> LEDGER =
            new OutputTag<>("ledger", TypeInformation.of(LedgerEntry.class));

    static final OutputTag<SessionEvent> LATE =
            new OutputTag<>("late", TypeInformation.of(SessionEvent.class));

    static final OutputTag<SessionEvent> TRANSACTIONS =
            new OutputTag<>("transactions", TypeInformation.of(SessionEvent.class));

    private SideOutputs() {}
}
