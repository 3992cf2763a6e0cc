package io.onevault.tracking.collector;

import io.onevault.tracking.access.KafkaAccess;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Writes events to Kafka for all requests at once. What is not acknowledged in time may be there
 * nevertheless; the sender tries again, and the job drops the repetition.
 */
final class EventWriter implements AutoCloseable {

    private static final int LINGER_MILLIS = 2;
    private static final int BATCH_BYTES = 128 * 1024;
    private static final int MOST_RECORD_BYTES = 1024 * 1024;
    private static final long WAITING_BYTES = 64L * 1024 * 1024;
    private static final int REQUEST_MILLIS = 5_000;
    private static final int DELIVERY_MILLIS = 10_000;
    private static final int MOST_RECONNECT_MILLIS = 2_000;
    private static final Duration FOR_EVER = Duration.ofDays(10_000);

    /** So often the broker is asked, whatever is written; who was not answered twice has none. */
    private static final Duration ASKED = Duration.ofSeconds(10);

    private static final String METADATA_AGE = "metadata-age";
    private static final Duration DRAIN = Duration.ofSeconds(15);

    private final String topic;
    private final Producer<byte[], byte[]> producer;
    private volatile boolean wasReached;

    EventWriter(KafkaAccess kafka, String topic) {
        this(
                new KafkaProducer<>(
                        configuration(kafka), new ByteArraySerializer(), new ByteArraySerializer()),
                topic);
    }

    EventWriter(Producer<byte[], byte[]> producer, String topic) {
        this.producer = producer;
        this.topic = topic;
    }

    private static Properties configuration(KafkaAccess kafka) {
        Properties configuration = kafka.producer("collector");
        configuration.put(ProducerConfig.ACKS_CONFIG, "all");
        configuration.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        configuration.put(ProducerConfig.LINGER_MS_CONFIG, LINGER_MILLIS);
        configuration.put(ProducerConfig.BATCH_SIZE_CONFIG, BATCH_BYTES);
        configuration.put(ProducerConfig.BUFFER_MEMORY_CONFIG, WAITING_BYTES);
        configuration.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, MOST_RECORD_BYTES);
        configuration.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, REQUEST_MILLIS);
        configuration.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, DELIVERY_MILLIS);
        configuration.put(ProducerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, MOST_RECONNECT_MILLIS);
        // A topic that nothing is written to for minutes must be known all the same.
        configuration.put(ProducerConfig.METADATA_MAX_IDLE_CONFIG, FOR_EVER.toMillis());
        configuration.put(ProducerConfig.METADATA_MAX_AGE_CONFIG, ASKED.toMillis());
        // A full buffer or an unknown topic is told at once, no request's thread waits for it.
        configuration.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 0);
        return configuration;
    }

    /** Completes when all are acknowledged, or with the first failure. */
    CompletableFuture<Void> write(List<Accepted.Entry> records) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        if (records.isEmpty()) {
            done.complete(null);
            return done;
        }
        AtomicInteger missing = new AtomicInteger(records.size());
        try {
            for (Accepted.Entry entry : records) {
                producer.send(
                        new ProducerRecord<>(topic, entry.key(), entry.value()),
                        (metadata, failure) -> {
                            if (failure != null) {
                                done.completeExceptionally(failure);
                            } else if (missing.decrementAndGet() == 0) {
                                done.complete(null);
                            }
                        });
            }
        } catch (KafkaException e) {
            done.completeExceptionally(e);
        }
        return done;
    }

    /** Whether the broker has ever told of the topic, be it there or not by now. */
    boolean wasReached() {
        wasReached = wasReached || knowsTopic();
        return wasReached;
    }

    private boolean knowsTopic() {
        try {
            return !producer.partitionsFor(topic).isEmpty();
        } catch (KafkaException e) {
            return false;
        }
    }

    /** Whether the broker tells of the topic now, as far as that is known. */
    boolean isThere() {
        return knowsTopic() && secondsSinceTold() <= 2 * ASKED.toSeconds();
    }

    private double secondsSinceTold() {
        return producer.metrics().entrySet().stream()
                .filter(metric -> metric.getKey().name().equals(METADATA_AGE))
                .mapToDouble(metric -> (Double) metric.getValue().metricValue())
                .findFirst()
                .orElse(0);
    }

    /** Lets what was taken be acknowledged first. */
    @Override
    public void close() {
        producer.close(DRAIN);
    }
}
