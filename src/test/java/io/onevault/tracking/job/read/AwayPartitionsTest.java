package io.onevault.tracking.job.read;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.errors.LeaderNotAvailableException;
import org.apache.kafka.common.internals.KafkaFutureImpl;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A partition that was away holds time until nothing of it is left to read. */
class AwayPartitionsTest {

    private static final TopicPartition PLACE = new TopicPartition("t", 0);
    private static final Node NODE = new Node(1, "h", 1);
    private static final TopicDescription TOPIC =
            new TopicDescription(
                    "t",
                    false,
                    List.of(new TopicPartitionInfo(0, NODE, List.of(NODE), List.of(NODE))));
    private static final long END = 1_000;

    private final Admin client = client();
    private final AwayPartitions away = new AwayPartitions();
    private boolean isDown;
    private long begin;

    /** Answers for one partition as a broker does. */
    private Admin client() {
        return (Admin)
                Proxy.newProxyInstance(
                        getClass().getClassLoader(),
                        new Class<?>[] {Admin.class},
                        (proxy, method, arguments) -> {
                            assertThat(method.getName()).isEqualTo("listOffsets");
                            return answer((Map<?, ?>) arguments[0]);
                        });
    }

    private ListOffsetsResult answer(Map<?, ?> specs) {
        Map<TopicPartition, KafkaFuture<ListOffsetsResultInfo>> offsets = new HashMap<>();
        specs.forEach(
                (place, spec) -> {
                    var offset = new KafkaFutureImpl<ListOffsetsResultInfo>();
                    if (isDown) {
                        offset.completeExceptionally(new LeaderNotAvailableException("away"));
                    } else {
                        long at = spec instanceof OffsetSpec.EarliestSpec ? begin : END;
                        offset.complete(new ListOffsetsResultInfo(at, -1, Optional.empty()));
                    }
                    offsets.put((TopicPartition) place, offset);
                });
        return new ListOffsetsResult(offsets);
    }

    @BeforeEach
    void goesAway() {
        isDown = true;
        away.look(client, TOPIC).join();
    }

    private boolean isNone(long read) {
        away.look(client, TOPIC).join();
        return away.isNone(Map.of(PLACE, read));
    }

    @Test
    void holdsUntilItIsRead() {
        assertThat(isNone(END)).as("away").isFalse();
        isDown = false;

        assertThat(isNone(END - 1)).isFalse();
        assertThat(isNone(END)).isTrue();
        assertThat(isNone(0)).isTrue();
    }

    /** Nobody will ever read it to its end. */
    @Test
    void whatRetentionDeletedHoldsNobody() {
        begin = END - 1;
        isDown = false;
        assertThat(isNone(0)).as("one record is left").isFalse();

        isDown = true;
        begin = END;
        assertThat(isNone(0)).as("nobody knows").isFalse();
        isDown = false;
        assertThat(isNone(0)).isTrue();
    }
}
