package io.onevault.tracking.state;

import io.onevault.tracking.event.LedgerEntry;
import java.util.ArrayList;
import java.util.List;

/**
 * The running totals of the ledger for a day and tenant.
 *
 * @param totals each outcome and code once
 */
public record TallyState(List<LedgerEntry> totals) {

    public static final TallyState EMPTY = new TallyState(List.of());

    public TallyState plus(LedgerEntry entry) {
        List<LedgerEntry> after = new ArrayList<>(totals);
        for (int i = 0; i < after.size(); i++) {
            LedgerEntry total = after.get(i);
            if (total.isOfSame(entry)) {
                after.set(i, total.plus(entry.count()));
                return new TallyState(after);
            }
        }
        after.add(entry);
        return new TallyState(after);
    }
}
