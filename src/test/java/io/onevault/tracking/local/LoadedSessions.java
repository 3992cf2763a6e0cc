package io.onevault.tracking.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.job.session.SelectedEvents;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.session.SessionKeys;
import io.onevault.tracking.session.SessionPublisher;
import io.onevault.tracking.session.SessionUpdate;
import io.onevault.tracking.session.Sessionizer;
import io.onevault.tracking.session.TransactionCount;
import io.onevault.tracking.state.SessionEvent;
import io.onevault.tracking.state.Transaction;
import io.onevault.tracking.vault.EventLoader;
import io.onevault.tracking.vault.Layers;
import io.onevault.tracking.vault.Loader;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A vault with the given events and the closed sessions that the job would make of them. */
final class LoadedSessions {

    private static final int BATCH = 50;

    private LoadedSessions() {}

    static void load(TestDatabase database, List<EnrichedEvent> events) throws SQLException {
        load(database, Layers.PRODUCTION, events);
    }

    static void load(TestDatabase database, Layers layers, List<EnrichedEvent> events)
            throws SQLException {
        loadEvents(database, layers, events);
        try (Connection connection = database.connect()) {
            var sessions = Loader.ofSessions("test").into(layers);
            assertThat(sessions.load(connection, updates(events))).isEmpty();
        }
    }

    /** Those that belong to no session. */
    static void loadEvents(TestDatabase database, Layers layers, List<EnrichedEvent> events)
            throws SQLException {
        try (Connection connection = database.connect()) {
            var loader = new EventLoader("test").into(layers);
            for (int from = 0; from < events.size(); from += BATCH) {
                int to = Math.min(events.size(), from + BATCH);
                assertThat(loader.load(connection, events.subList(from, to))).isEmpty();
            }
        }
    }

    static List<SessionUpdate> updates(List<EnrichedEvent> events) {
        Map<String, List<SessionEvent>> byKey = new TreeMap<>();
        List<SessionUpdate> updates = new ArrayList<>();
        for (EnrichedEvent event : events) {
            if (event.admitted().session().late()) {
                updates.add(SessionUpdate.reserved(SessionKeys.LATE, SelectedEvents.of(event)));
            }
        }
        for (SessionEvent event : counted(events)) {
            byKey.computeIfAbsent(
                            SessionKeys.operatorKey(event, event.sessionId()),
                            key -> new ArrayList<>())
                    .add(event);
        }
        for (List<SessionEvent> own : byKey.values()) {
            var sessions = Sessionizer.sessionize(own);
            updates.addAll(
                    SessionPublisher.publish(sessions, Map.of(), Long.MAX_VALUE, 0).updates());
        }
        return updates;
    }

    private static List<SessionEvent> counted(List<EnrichedEvent> events) {
        Map<String, Transaction> transactions = new HashMap<>();
        List<SessionEvent> counted = new ArrayList<>();
        for (EnrichedEvent event : events) {
            SessionEvent selected = SelectedEvents.of(event);
            if (event.admitted().session().late()) {
                continue;
            }
            if (selected.conversion() && selected.transactionId() != null) {
                String key = SessionKeys.operatorKey(selected, selected.transactionId());
                TransactionCount count = TransactionCount.of(selected, transactions.get(key));
                transactions.put(key, count.transaction());
                counted.addAll(count.events());
            } else {
                counted.add(selected);
            }
        }
        return counted;
    }
}
