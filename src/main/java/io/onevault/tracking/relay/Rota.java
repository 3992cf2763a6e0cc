package io.onevault.tracking.relay;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Makes batches that every waiting tenant has a share of, however much others have waiting: the
 * same for each, and what some leave goes to the others. Where tenants are more than a batch holds
 * events, they take turns.
 */
final class Rota {

    private static final byte[] START = {};

    // -- configuration
    private final int batchSize;

    // -- runtime
    private byte[] lastTenant = START;

    Rota(int batchSize) {
        this.batchSize = batchSize;
    }

    Batch next(Outbox outbox) throws SQLException {
        List<Turn> turns = turns(outbox);
        if (turns.isEmpty()) {
            return new Batch(List.of(), false);
        }
        int share = batchSize / turns.size();
        List<OutboxEvent> events = new ArrayList<>(outbox.read(turns, share));
        List<Turn> full = full(turns, events, share);
        int left = batchSize - events.size();
        if (!full.isEmpty() && left >= full.size()) {
            events.addAll(outbox.read(full, left / full.size()));
        }
        return new Batch(events, !full.isEmpty() || lastTenant != START);
    }

    private List<Turn> turns(Outbox outbox) throws SQLException {
        List<byte[]> tenants = outbox.tenants(lastTenant, batchSize);
        if (tenants.isEmpty() && lastTenant != START) {
            tenants = outbox.tenants(START, batchSize);
        }
        boolean isCut = tenants.size() == batchSize;
        lastTenant = isCut ? tenants.get(tenants.size() - 1) : START;
        return tenants.stream().map(Turn::first).toList();
    }

    /** The turns that have taken their whole share, as they are now. */
    private static List<Turn> full(List<Turn> turns, List<OutboxEvent> events, int share) {
        List<Turn> full = new ArrayList<>();
        int next = 0;
        for (Turn turn : turns) {
            Turn now = turn;
            while (next < events.size()
                    && Arrays.equals(events.get(next).tenant(), turn.tenant())) {
                now = now.with(events.get(next));
                next++;
            }
            if (now.events() == share) {
                full.add(now);
            }
        }
        return full;
    }
}
