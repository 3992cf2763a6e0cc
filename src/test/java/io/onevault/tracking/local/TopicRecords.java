package io.onevault.tracking.local;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jspecify.annotations.Nullable;

/** Reads all partitions of a topic from the beginning to their present ends. */
final class TopicRecords {

    /** A record's key and value; those of a partition keep their order in the list. */
    record Record(@Nullable String key, String value) {

        /** The text of a member whose value is a JSON string or number. */
        String member(String name) {
            int at = value.indexOf("\"" + name + "\": ") + name.length() + 4;
            int end = at;
            while (",}".indexOf(value.charAt(end)) < 0) {
                end++;
            }
            return value.substring(at, end).replace("\"", "");
        }
    }

    private TopicRecords() {}

    static List<Record> of(String bootstrapServers, String topic) {
        List<Record> records = new ArrayList<>();
        try (var consumer =
                new KafkaConsumer<>(
                        Map.<String, Object>of("bootstrap.servers", bootstrapServers),
                        new StringDeserializer(),
                        new StringDeserializer())) {
            List<TopicPartition> partitions =
                    consumer.partitionsFor(topic).stream()
                            .map(info -> new TopicPartition(topic, info.partition()))
                            .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            long all =
                    consumer.endOffsets(partitions).values().stream()
                            .mapToLong(Long::longValue)
                            .sum();
            while (partitions.stream().mapToLong(consumer::position).sum() < all) {
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofSeconds(1))) {
                    records.add(new Record(record.key(), record.value()));
                }
            }
        }
        return records;
    }
}
