package io.onevault.tracking.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedKafkaTest {

    private static final String TOPIC = "events";

    @TempDir Path folder;

    @Test
    void keepsRecordsAndPartitionsWhenRestartedOnTheSameFolderAndOtherPorts() throws Exception {
        try (DataDirectory directory = DataDirectory.keptAt(folder)) {
            try (EmbeddedKafka kafka = start(directory)) {
                assertThat(kafka.createTopic(TOPIC, 3)).isEqualTo(3);
                send(kafka, "one");
            }
            directory.remember(Endpoint.KAFKA.key(), "1");
            directory.remember(Endpoint.CONTROLLER.key(), "1");

            try (EmbeddedKafka kafka = start(directory)) {
                assertThat(kafka.createTopic(TOPIC, 1)).isEqualTo(3);
                send(kafka, "two");
                assertThat(read(kafka, 2)).containsExactly("one", "two");
            }
        }
    }

    private static EmbeddedKafka start(DataDirectory directory) throws Exception {
        return EmbeddedKafka.start(directory.kafka(), Ports.find(directory, Map.of()));
    }

    private static void send(EmbeddedKafka kafka, String value) throws Exception {
        Map<String, Object> config = Map.of("bootstrap.servers", kafka.bootstrapServers());
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>(TOPIC, 2, null, bytes)).get(30, TimeUnit.SECONDS);
        }
    }

    private static List<String> read(EmbeddedKafka kafka, int count) {
        List<String> values = new ArrayList<>();
        Map<String, Object> config =
                Map.of(
                        "bootstrap.servers",
                        kafka.bootstrapServers(),
                        "auto.offset.reset",
                        "earliest");
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(
                        config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(List.of(new TopicPartition(TOPIC, 2)));
            for (int polls = 0; values.size() < count && polls < 30; polls++) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofSeconds(1))) {
                    assertThat(record.timestampType()).isEqualTo(TimestampType.LOG_APPEND_TIME);
                    values.add(new String(record.value(), StandardCharsets.UTF_8));
                }
            }
        }
        return values;
    }
}
