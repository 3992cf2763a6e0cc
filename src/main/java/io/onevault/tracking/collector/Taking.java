package io.onevault.tracking.collector;

import io.onevault.tracking.contract.TrackerEventDecoder;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.Consumer;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the events of a request to Kafka, whichever door they came by. It is answered once Kafka
 * has acknowledged all of them, and no thread waits for that.
 */
final class Taking {

    private static final Logger LOG = LoggerFactory.getLogger(Taking.class);

    /** A body counts as an event for each of these, unless it has more. */
    private static final int BYTES_OF_EVENT = 4_096;

    private final Doorkeeper doorkeeper;
    private final EventWriter writer;
    private final TrackerEventDecoder decoder;
    private final CollectorMetrics metrics;
    private final InstantSource clock;

    Taking(
            Doorkeeper doorkeeper,
            EventWriter writer,
            TrackerEventDecoder decoder,
            CollectorMetrics metrics,
            InstantSource clock) {
        this.doorkeeper = doorkeeper;
        this.writer = writer;
        this.decoder = decoder;
        this.metrics = metrics;
        this.clock = clock;
    }

    /**
     * Who sends, and when the head of the request came.
     *
     * @param paid events that were taken from what it may send
     */
    record Arrival(Doorkeeper.Sender sender, Instant at, int paid) {}

    /**
     * Lets a sender in.
     *
     * @throws Refused when it may not send
     */
    Arrival arrival(Request request) {
        return new Arrival(doorkeeper.sender(request), clock.instant(), 0);
    }

    /**
     * Takes from what the sender may send before anything is done for it: what is refused later on
     * costs it as much.
     *
     * @param bytes that are about to be worked on; 0 before any
     * @throws Refused when that is too much
     */
    Arrival charge(Arrival arrival, int bytes, Response response) {
        return pay(arrival, events(bytes), response);
    }

    private static int events(long bytes) {
        return 1 + (int) (bytes / BYTES_OF_EVENT);
    }

    /** Counts a body that was not even read, for there are too many, as what it would have cost. */
    void turnAway(Arrival arrival, long bytes) {
        doorkeeper.turnAway(arrival.sender(), events(bytes));
    }

    private Arrival pay(Arrival arrival, int events, Response response) {
        if (events <= arrival.paid()) {
            return arrival;
        }
        doorkeeper.charge(arrival.sender(), events - arrival.paid(), arrival.paid(), response);
        return new Arrival(arrival.sender(), arrival.at(), events);
    }

    /**
     * Takes the events.
     *
     * @param answer what the sender is told of them, when all went well
     */
    void take(
            Exchange exchange,
            Arrival arrival,
            byte[] body,
            Submission submission,
            Consumer<Accepted> answer) {
        pay(arrival, submission.events().size(), exchange.response());
        Stamp stamp = stamp(exchange.request().getHeaders(), arrival, submission);
        Accepted accepted = Accepted.of(body, submission, stamp, decoder);
        writer.write(accepted.records())
                .whenCompleteAsync(
                        (done, failure) -> {
                            if (failure == null) {
                                metrics.accepted(accepted);
                                answer.accept(accepted);
                            } else {
                                refuse(exchange, unwritten(failure));
                            }
                        },
                        ReadingConnector.thread(exchange.request()));
    }

    private static Refused unwritten(Throwable failure) {
        LOG.debug("Kafka did not acknowledge", failure);
        return Refused.later("BROKER_UNREACHABLE", "Events can't be kept now; send them again.");
    }

    private static Stamp stamp(HttpFields headers, Arrival arrival, Submission submission) {
        Doorkeeper.Sender sender = arrival.sender();
        return new Stamp(
                sender.site(),
                arrival.at(),
                sender.isServer() ? null : sender.address(),
                sender.isServer() ? null : AgentHints.agent(headers),
                submission.gpc() || "1".equals(headers.get("Sec-GPC")),
                submission.dnt() || "1".equals(headers.get("DNT")));
    }

    /** Answers what goes wrong after the door has been left. */
    void refuse(Exchange exchange, Throwable failure) {
        Answers.fail(exchange, failure, metrics);
    }
}
