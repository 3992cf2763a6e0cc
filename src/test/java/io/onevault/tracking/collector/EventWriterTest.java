package io.onevault.tracking.collector;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.Cluster;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

/** When events count as written, and when the broker as there. */
final class EventWriterTest {

    private static final String TOPIC = "events";
    private static final MetricName AGE =
            new MetricName("metadata-age", "producer-metrics", "", Map.of());
    private static final List<Accepted.Entry> TWO =
            List.of(
                    new Accepted.Entry(null, new byte[] {1}),
                    new Accepted.Entry(null, new byte[] {2}));

    private final AtomicReference<Double> secondsSinceTold = new AtomicReference<>(0.0);

    /** The age of what the client knows, as a real one tells it. */
    private final class Age implements Metric {

        @Override
        public MetricName metricName() {
            return AGE;
        }

        @Override
        public Object metricValue() {
            return secondsSinceTold.get();
        }
    }

    private MockProducer<byte[], byte[]> producer(PartitionInfo... partitions) {
        Cluster cluster =
                new Cluster(
                        null,
                        List.of(new Node(0, "localhost", 9092)),
                        List.of(partitions),
                        Set.of(),
                        Set.of());
        MockProducer<byte[], byte[]> producer =
                new MockProducer<>(
                        cluster, false, null, new ByteArraySerializer(), new ByteArraySerializer());
        producer.setMockMetrics(AGE, new Age());
        return producer;
    }

    private static PartitionInfo partition() {
        return new PartitionInfo(TOPIC, 0, null, null, null);
    }

    @Test
    void theBrokerIsThereUntilItHasNotAnsweredTwice() {
        EventWriter writer = new EventWriter(producer(partition()), TOPIC);
        secondsSinceTold.set(20.0);
        assertThat(writer.isThere()).isTrue();
        secondsSinceTold.set(20.1);
        assertThat(writer.isThere()).isFalse();
        assertThat(writer.wasReached()).isTrue();
    }

    @Test
    void aBrokerThatNeverToldOfTheTopicIsNotThere() {
        EventWriter writer = new EventWriter(producer(), TOPIC);
        assertThat(writer.isThere()).isFalse();
        assertThat(writer.wasReached()).isFalse();
    }

    @Test
    void eventsAreWrittenWhenAllAreAcknowledged() {
        MockProducer<byte[], byte[]> producer = producer(partition());
        CompletableFuture<Void> written = new EventWriter(producer, TOPIC).write(TWO);
        producer.completeNext();
        assertThat(written).isNotDone();
        producer.completeNext();
        assertThat(written).isCompleted();
    }

    @Test
    void eventsOfWhichOneFailsAreNotWritten() {
        MockProducer<byte[], byte[]> producer = producer(partition());
        CompletableFuture<Void> written = new EventWriter(producer, TOPIC).write(TWO);
        producer.completeNext();
        producer.errorNext(new KafkaException("of the test"));
        assertThat(written).isCompletedExceptionally();
    }
}
