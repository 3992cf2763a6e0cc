package io.onevault.tracking.local;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * How far the job is: it commits its offsets with each checkpoint, before which it has written
 * everything to the database.
 */
public final class Offsets implements AutoCloseable {

    private final Admin admin;
    private final String group;
    private final List<TopicPartition> partitions = new ArrayList<>();

    public Offsets(Admin admin, String group, String topic, int partitionCount) {
        this.admin = admin;
        this.group = group;
        for (int partition = 0; partition < partitionCount; partition++) {
            partitions.add(new TopicPartition(topic, partition));
        }
    }

    /** How many records are in the topic but not yet safely in the database. */
    long lag() throws ExecutionException, InterruptedException {
        // Committed first: what is committed in between must not hide a record.
        Map<TopicPartition, OffsetAndMetadata> committed = committedOffsets();
        return lag(committed, ends());
    }

    /** How many records before the given ends are not yet safely in the database. */
    long lag(Map<TopicPartition, Long> ends) throws ExecutionException, InterruptedException {
        return lag(committedOffsets(), ends);
    }

    private static long lag(
            Map<TopicPartition, OffsetAndMetadata> committed, Map<TopicPartition, Long> ends) {
        long lag = 0;
        for (long records : lags(committed, ends).values()) {
            lag += records;
        }
        return lag;
    }

    /** The same by partition. */
    SortedMap<Integer, Long> lags(Map<TopicPartition, Long> ends)
            throws ExecutionException, InterruptedException {
        return lags(committedOffsets(), ends);
    }

    private static SortedMap<Integer, Long> lags(
            Map<TopicPartition, OffsetAndMetadata> committed, Map<TopicPartition, Long> ends) {
        SortedMap<Integer, Long> lags = new TreeMap<>();
        for (Map.Entry<TopicPartition, Long> end : ends.entrySet()) {
            OffsetAndMetadata known = committed.get(end.getKey());
            lags.put(
                    end.getKey().partition(),
                    Math.max(0, end.getValue() - (known == null ? 0 : known.offset())));
        }
        return lags;
    }

    /** The offset after the last record of each partition. */
    Map<TopicPartition, Long> ends() throws ExecutionException, InterruptedException {
        Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
        partitions.forEach(partition -> latest.put(partition, OffsetSpec.latest()));
        Map<TopicPartition, Long> ends = new HashMap<>();
        admin.listOffsets(latest)
                .all()
                .get()
                .forEach((partition, info) -> ends.put(partition, info.offset()));
        return ends;
    }

    private Map<TopicPartition, OffsetAndMetadata> committedOffsets()
            throws ExecutionException, InterruptedException {
        return admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get();
    }

    /** How many records of the topic are safely in the database. */
    public long committed() throws ExecutionException, InterruptedException {
        long committed = 0;
        for (OffsetAndMetadata known : committedOffsets().values()) {
            committed += known.offset();
        }
        return committed;
    }

    @Override
    public void close() {
        admin.close();
    }
}
