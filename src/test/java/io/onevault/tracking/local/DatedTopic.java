package io.onevault.tracking.local;

import io.onevault.tracking.contract.HeaderProof;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A topic whose records say themselves when they were appended, a second after each other. */
final class DatedTopic {

    private final String bootstrapServers;
    private final JobRuns.Input input;
    private final Instant first;
    private long records;

    DatedTopic(String bootstrapServers, JobRuns.Input input, Instant first) throws Exception {
        this.bootstrapServers = bootstrapServers;
        this.input = input;
        this.first = first;
        NewTopic topic = new NewTopic(input.topic(), input.partitions(), (short) 1);
        topic.configs(Map.of("message.timestamp.type", "CreateTime", "retention.ms", "-1"));
        try (Admin admin = admin()) {
            admin.createTopics(List.of(topic)).all().get();
        }
    }

    private Admin admin() {
        return Admin.create(Map.of("bootstrap.servers", bootstrapServers));
    }

    /**
     * @param lines each a record's key, a tab, and its value
     */
    void append(List<String> lines) {
        try (var producer =
                new KafkaProducer<>(
                        Map.<String, Object>of("bootstrap.servers", bootstrapServers),
                        new ByteArraySerializer(),
                        new ByteArraySerializer())) {
            for (String line : lines) {
                int tab = line.indexOf('\t');
                byte[] key = line.substring(0, tab).getBytes(StandardCharsets.UTF_8);
                byte[] value = line.substring(tab + 1).getBytes(StandardCharsets.UTF_8);
                int partition = TrackerProducer.partition(value, key, input.partitions());
                long millis = first.plusSeconds(records).toEpochMilli();
                producer.send(new ProducerRecord<>(input.topic(), partition, millis, key, value));
                records++;
            }
            producer.flush();
        }
    }

    /** The offset behind the last record of each partition. */
    List<String> ends() throws Exception {
        try (Offsets offsets = new Offsets(admin(), "none", input.topic(), input.partitions())) {
            var ends = offsets.ends();
            return ends.entrySet().stream()
                    .sorted(Map.Entry.comparingByKey((a, b) -> a.partition() - b.partition()))
                    .map(end -> end.getValue().toString())
                    .toList();
        }
    }

    /** Ticks without effect until the partitions are as long as they were once. */
    void fillTo(List<String> wanted) throws Exception {
        List<String> ends = ends();
        try (TrackerProducer producer =
                new TrackerProducer(
                        bootstrapServers, input.topic(), HeaderProof.under(JobRuns.SECRET))) {
            for (int partition = 0; partition < ends.size(); partition++) {
                long end = Long.parseLong(ends.get(partition));
                for (; end < Long.parseLong(wanted.get(partition)); end++) {
                    producer.nudge(partition);
                }
            }
        }
    }
}
