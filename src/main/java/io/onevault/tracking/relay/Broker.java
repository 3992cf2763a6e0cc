package io.onevault.tracking.relay;

import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * Sends batches to Kafka, all or nothing by what the caller learns. The producer tries again for
 * ever and in order; when a batch takes too long it is given up with all that it still holds, so
 * that no later record of a key ever comes before an earlier one.
 */
final class Broker implements AutoCloseable {

    private static final int MOST_RECORD_BYTES = 1024 * 1024;
    private static final int BATCH_BYTES = 256 * 1024;
    private static final int MOST_RECONNECT_MILLIS = 5_000;

    // -- configuration
    private final String topic;
    private final Duration ackWait;
    private final Properties configuration;

    // -- runtime
    private @Nullable KafkaProducer<byte[], byte[]> producer;

    Broker(RelaySettings settings) {
        this.topic = settings.topic();
        this.ackWait = settings.ackWait();
        this.configuration = configuration(settings);
    }

    private static Properties configuration(RelaySettings settings) {
        int waitMillis = Math.toIntExact(settings.ackWait().toMillis());
        Properties configuration = settings.kafka().producer("relay");
        configuration.put(ProducerConfig.ACKS_CONFIG, "all");
        configuration.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        // A record that expired alone would let later ones of its key overtake it.
        configuration.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, Integer.MAX_VALUE);
        configuration.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, waitMillis);
        configuration.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, waitMillis);
        configuration.put(ProducerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, MOST_RECONNECT_MILLIS);
        configuration.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, MOST_RECORD_BYTES);
        configuration.put(ProducerConfig.BATCH_SIZE_CONFIG, BATCH_BYTES);
        configuration.put(ProducerConfig.LINGER_MS_CONFIG, 0);
        return configuration;
    }

    /** Connects before the first event comes, if the broker is there; sending tries again. */
    void prepare() {
        try {
            producer().partitionsFor(topic);
        } catch (KafkaException e) {
            abandon();
        }
    }

    /**
     * Returns when the broker has acknowledged all events.
     *
     * @throws BrokerException when it did not in time, or refused one; any of them may be there
     */
    void send(List<OutboxEvent> events) throws BrokerException, InterruptedException {
        CompletableFuture<Void> done = new CompletableFuture<>();
        try {
            enqueue(events, done);
            done.get(ackWait.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            abandon();
            throw new BrokerException("no answer within " + ackWait.toSeconds() + " s", e);
        } catch (ExecutionException e) {
            abandon();
            throw new BrokerException(String.valueOf(e.getCause().getMessage()), e.getCause());
        } catch (KafkaException e) {
            abandon();
            throw new BrokerException(String.valueOf(e.getMessage()), e);
        }
    }

    private void enqueue(List<OutboxEvent> events, CompletableFuture<Void> done) {
        KafkaProducer<byte[], byte[]> sender = producer();
        AtomicInteger missing = new AtomicInteger(events.size());
        for (OutboxEvent event : events) {
            if (done.isCompletedExceptionally()) {
                return;
            }
            sender.send(
                    new ProducerRecord<>(topic, event.key(), event.payload()),
                    (metadata, failure) -> {
                        if (failure != null) {
                            done.completeExceptionally(failure);
                        } else if (missing.decrementAndGet() == 0) {
                            done.complete(null);
                        }
                    });
        }
    }

    private KafkaProducer<byte[], byte[]> producer() {
        KafkaProducer<byte[], byte[]> open = producer;
        if (open == null) {
            open =
                    new KafkaProducer<>(
                            configuration, new ByteArraySerializer(), new ByteArraySerializer());
            producer = open;
        }
        return open;
    }

    /** Drops the producer with whatever it has not sent. */
    private void abandon() {
        if (producer != null) {
            producer.close(Duration.ZERO);
            producer = null;
        }
    }

    @Override
    public void close() {
        abandon();
    }
}
