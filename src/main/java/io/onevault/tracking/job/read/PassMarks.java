package io.onevault.tracking.job.read;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerInterceptor;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * Makes the source notice what its consumer passes over without a record: the marks at the ends of
 * transactions, and what was aborted. A source counts its offsets by records, so that such an end
 * of a partition would be lag for ever, and sessions would not close in its silence.
 */
public final class PassMarks implements ConsumerInterceptor<byte[], byte[]> {

    /** Stands at the last offset that was passed over. No producer can write one. */
    static final class Mark extends ConsumerRecord<byte[], byte[]> {

        private Mark(TopicPartition partition, long offset) {
            super(partition.topic(), partition.partition(), offset, new byte[0], null);
        }
    }

    @Override
    public ConsumerRecords<byte[], byte[]> onConsume(ConsumerRecords<byte[], byte[]> polled) {
        Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> marked = new HashMap<>();
        for (TopicPartition partition : polled.partitions()) {
            marked.put(partition, polled.records(partition));
        }
        boolean passed = false;
        for (Map.Entry<TopicPartition, OffsetAndMetadata> next : polled.nextOffsets().entrySet()) {
            TopicPartition partition = next.getKey();
            List<ConsumerRecord<byte[], byte[]>> records =
                    marked.getOrDefault(partition, List.of());
            long last = next.getValue().offset() - 1;
            if (records.isEmpty() || records.get(records.size() - 1).offset() < last) {
                List<ConsumerRecord<byte[], byte[]>> all = new ArrayList<>(records);
                all.add(new Mark(partition, last));
                marked.put(partition, all);
                passed = true;
            }
        }
        return passed ? new ConsumerRecords<>(marked, polled.nextOffsets()) : polled;
    }

    @Override
    public void onCommit(Map<TopicPartition, OffsetAndMetadata> offsets) {}

    @Override
    public void close() {}

    @Override
    public void configure(Map<String, ?> settings) {}
}
