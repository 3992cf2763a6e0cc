package io.onevault.tracking.relay;

import java.time.Duration;

/**
 * Where the relay reads and writes, and how.
 *
 * @param batchSize most events that are sent and deleted together
 * @param ackWait how long the broker may take for them before they are sent anew
 * @param poll how long the relay sleeps when nothing wakes it
 */
public record RelaySettings(
        String databaseUrl,
        String databaseUser,
        String databasePassword,
        String bootstrapServers,
        String topic,
        int batchSize,
        Duration ackWait,
        Duration poll) {

    private static final int BATCH_SIZE = 1_000;
    private static final Duration ACK_WAIT = Duration.ofSeconds(10);
    private static final Duration POLL = Duration.ofSeconds(1);

    /** The usual settings for the given places. */
    public static RelaySettings of(
            String databaseUrl,
            String databaseUser,
            String databasePassword,
            String bootstrapServers,
            String topic) {
        return new RelaySettings(
                databaseUrl,
                databaseUser,
                databasePassword,
                bootstrapServers,
                topic,
                BATCH_SIZE,
                ACK_WAIT,
                POLL);
    }

    /** Without the password, which may also stand in the URL's parameters. */
    @Override
    public String toString() {
        int end = databaseUrl.indexOf('?');
        String database = end < 0 ? databaseUrl : databaseUrl.substring(0, end);
        return "database=" + database + " broker=" + bootstrapServers + " topic=" + topic;
    }
}
