package io.onevault.tracking.local;

import io.onevault.tracking.contract.HeaderProof;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.Utils;
import org.jspecify.annotations.Nullable;

/**
 * Sends lines as records, byte for byte. Lines of one session, and equal lines, always go to the
 * same partition, so that they stay in order.
 */
public final class TrackerProducer implements AutoCloseable {

    private static final int RECORD_OVERHEAD_BYTES = 64 * 1024;

    // -- configuration
    private final KafkaProducer<byte[], byte[]> producer;
    private final String topic;
    private final int partitions;
    private final @Nullable HeaderProof proof;

    // -- runtime
    private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();

    /** One that sends lines only. */
    public TrackerProducer(String bootstrapServers, String topic) {
        this(bootstrapServers, topic, null);
    }

    /**
     * @param proof proves to the job that ticks are ours
     */
    public TrackerProducer(String bootstrapServers, String topic, @Nullable HeaderProof proof) {
        this.producer =
                new KafkaProducer<>(
                        Map.of(
                                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                                bootstrapServers,
                                ProducerConfig.ACKS_CONFIG,
                                "all",
                                // One request at a time keeps the order without sequence numbers,
                                // which
                                // a topic's first moments upset: retries then end in a time-out.
                                ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
                                false,
                                ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION,
                                1,
                                ProducerConfig.LINGER_MS_CONFIG,
                                5,
                                ProducerConfig.BATCH_SIZE_CONFIG,
                                256 * 1024,
                                ProducerConfig.MAX_REQUEST_SIZE_CONFIG,
                                EmbeddedKafka.MAX_RECORD_BYTES + RECORD_OVERHEAD_BYTES),
                        new ByteArraySerializer(),
                        new ByteArraySerializer());
        this.topic = topic;
        this.proof = proof;
        this.partitions = producer.partitionsFor(topic).size();
    }

    /** Sends a line without waiting; a former line's failure is thrown here or by the flush. */
    public void send(byte[] line, byte @Nullable [] key) throws IOException {
        ProducerRecord<byte[], byte[]> record =
                new ProducerRecord<>(topic, partition(line, key, partitions), key, line);
        producer.send(record, this::note);
        throwFailure();
    }

    static int partition(byte[] line, byte @Nullable [] key, int partitions) {
        return Utils.toPositive(Utils.murmur2(key == null ? line : key)) % partitions;
    }

    /** Tells the job that no event before the given instant follows in any partition. */
    void tick(long epochMillis) throws IOException {
        for (int partition = 0; partition < partitions; partition++) {
            tick(partition, epochMillis);
        }
        flush();
    }

    /** Sends a tick that moves no event time to a partition that had records before. */
    void nudge(int partition) throws IOException {
        tick(partition, 0);
        flush();
    }

    private void tick(int partition, long epochMillis) {
        if (proof == null) {
            throw new IllegalStateException("the job believes no tick without a proof");
        }
        byte[] instant = Long.toString(epochMillis).getBytes(StandardCharsets.US_ASCII);
        byte[] proved = proof.ofTick(topic, partition, instant);
        List<Header> headers =
                List.of(
                        new RecordHeader(HeaderProof.TICK_HEADER, instant),
                        new RecordHeader(HeaderProof.HEADER, proved));
        producer.send(
                new ProducerRecord<>(topic, partition, null, null, null, headers), this::note);
    }

    /** Waits until the broker has everything. */
    public void flush() throws IOException {
        producer.flush();
        throwFailure();
    }

    private void note(@Nullable RecordMetadata metadata, @Nullable Exception exception) {
        if (exception != null) {
            failure.compareAndSet(null, exception);
        }
    }

    private void throwFailure() throws IOException {
        Exception exception = failure.get();
        if (exception != null) {
            throw new IOException(
                    "Kafka does not take a record: " + exception.getMessage(), exception);
        }
    }

    @Override
    public void close() {
        producer.close();
    }
}
