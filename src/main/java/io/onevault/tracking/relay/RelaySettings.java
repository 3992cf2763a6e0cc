package io.onevault.tracking.relay;

import io.onevault.tracking.access.DatabaseAccess;
import io.onevault.tracking.access.KafkaAccess;
import java.time.Duration;

/**
 * Where the relay reads and writes, and how.
 *
 * @param batchSize most events that are sent and deleted together
 * @param ackWait how long the broker may take for them before they are sent anew
 * @param poll how long the relay sleeps when nothing waits
 * @param callsAnywhere whether alerts may call webhooks without TLS, and at addresses that are not
 *     public
 */
public record RelaySettings(
        DatabaseAccess database,
        KafkaAccess kafka,
        String topic,
        int batchSize,
        Duration ackWait,
        Duration poll,
        boolean callsAnywhere) {

    private static final int BATCH_SIZE = 1_000;
    private static final Duration ACK_WAIT = Duration.ofSeconds(10);
    private static final Duration POLL = Duration.ofMillis(50);

    /** The usual settings for the given places. */
    public static RelaySettings of(DatabaseAccess database, KafkaAccess kafka, String topic) {
        return new RelaySettings(database, kafka, topic, BATCH_SIZE, ACK_WAIT, POLL, false);
    }

    RelaySettings callingAnywhere(boolean anywhere) {
        return new RelaySettings(database, kafka, topic, batchSize, ackWait, poll, anywhere);
    }

    /** What the log may show. */
    @Override
    public String toString() {
        return "database="
                + database.openUrl()
                + " broker="
                + kafka.bootstrapServers()
                + " topic="
                + topic;
    }
}
