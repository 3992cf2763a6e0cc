package io.onevault.tracking.recover;

import io.onevault.tracking.access.KafkaAccess;
import io.onevault.tracking.contract.HeaderProof;
import io.onevault.tracking.contract.RejectedEvents;
import io.onevault.tracking.event.Recovery;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Submits events again, each with a note of it in the rejected topic, both or neither. From its
 * beginning on no other one can submit: what it then reads of the notes stays true.
 */
final class Resubmission implements AutoCloseable {

    private static final int PER_TRANSACTION = 1_000;
    private static final int TIMEOUT_MILLIS = 30_000;
    private static final int MAX_REQUEST_BYTES = 8 * 1024 * 1024;

    private final KafkaProducer<byte[], byte[]> producer;
    private final String rejectedTopic;
    private final Clock clock;
    private final HeaderProof proof;
    private int open;

    /**
     * @param proof proves to the job that the events come from here
     */
    Resubmission(KafkaAccess kafka, String rejectedTopic, HeaderProof proof, Clock clock) {
        this.rejectedTopic = rejectedTopic;
        this.proof = proof;
        this.clock = clock;
        Properties properties = kafka.producer("recover");
        properties.put("transactional.id", "recover-" + rejectedTopic);
        properties.put("transaction.timeout.ms", TIMEOUT_MILLIS);
        properties.put("max.block.ms", TIMEOUT_MILLIS);
        properties.put("max.request.size", MAX_REQUEST_BYTES);
        // The broker may ask to send the first records of a partition again, until it is part of
        // the transaction. It would refuse those under way behind them, each with an error in its
        // log, and they would be sent again as well.
        properties.put("max.in.flight.requests.per.connection", 1);
        producer =
                new KafkaProducer<>(
                        properties, new ByteArraySerializer(), new ByteArraySerializer());
        producer.initTransactions();
    }

    void submit(Recovery original, byte[] event) {
        if (open == 0) {
            producer.beginTransaction();
        }
        byte[] from = original.text().getBytes(StandardCharsets.UTF_8);
        List<Header> headers =
                List.of(
                        new RecordHeader(Recovery.HEADER, from),
                        new RecordHeader(HeaderProof.HEADER, proof.ofRecovery(from, event)));
        // To its old partition, where the other events of its session are.
        producer.send(
                new ProducerRecord<>(
                        original.topic(), original.partition(), null, null, event, headers));
        byte[] note = RejectedEvents.recovered(original, clock.instant());
        producer.send(new ProducerRecord<>(rejectedTopic, note));
        open++;
        if (open == PER_TRANSACTION) {
            commit();
        }
    }

    /** Makes what was submitted count. */
    void commit() {
        if (open > 0) {
            producer.commitTransaction();
            open = 0;
        }
    }

    @Override
    public void close() {
        producer.close();
    }
}
