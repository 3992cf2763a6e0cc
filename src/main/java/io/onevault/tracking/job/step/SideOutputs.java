package io.onevault.tracking.job.step;

import io.onevault.tracking.event.ErasedEvent;
import io.onevault.tracking.event.LedgerEntry;
import io.onevault.tracking.event.RejectedEvent;
import io.onevault.tracking.state.SessionEvent;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.util.OutputTag;

/** The side outputs that steps share. */
public final class SideOutputs {

    public static final OutputTag<RejectedEvent> REJECTED =
            new OutputTag<>("rejected", TypeInformation.of(RejectedEvent.class));

    public static final OutputTag<LedgerEntry> LEDGER =
            new OutputTag<>("ledger", TypeInformation.of(LedgerEntry.class));

    public static final OutputTag<SessionEvent> LATE =
            new OutputTag<>("late", TypeInformation.of(SessionEvent.class));

    public static final OutputTag<SessionEvent> TRANSACTIONS =
            new OutputTag<>("transactions", TypeInformation.of(SessionEvent.class));

    public static final OutputTag<ErasedEvent> ERASED =
            new OutputTag<>("erased", TypeInformation.of(ErasedEvent.class));

    private SideOutputs() {}
}
