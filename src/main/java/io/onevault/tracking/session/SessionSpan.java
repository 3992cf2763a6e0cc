package io.onevault.tracking.session;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * The statement that within a span of time a key has these sessions and no others. It is made when
 * events are replayed after a failure: sessions that were written just before the failure may not
 * come about again, and nothing but the database remembers them.
 *
 * @param beginning of the business keys of all sessions of the key
 * @param from start of the span, inclusive
 * @param to end of the span, exclusive
 */
public record SessionSpan(String beginning, Instant from, Instant to, List<Existing> sessions) {

    /** One of the sessions that exist. */
    public record Existing(String bk, Instant start, Instant end, Instant loadDate) {}

    /** The span of a key's sessions, from the start of the first to the end of the last. */
    public static SessionSpan of(List<Session> sessions) {
        Session first = sessions.get(0);
        Session last = sessions.get(sessions.size() - 1);
        List<Existing> existing = new ArrayList<>();
        for (Session session : sessions) {
            existing.add(
                    new Existing(session.bk(), session.start(), session.end(), session.loadDate()));
        }
        return new SessionSpan(
                SessionKeys.beginning(first.first()),
                first.start(),
                last.end().plusMillis(1),
                existing);
    }
}
