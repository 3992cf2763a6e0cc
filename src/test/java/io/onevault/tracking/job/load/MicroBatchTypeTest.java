package io.onevault.tracking.job.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.event.LedgerEntry;
import io.onevault.tracking.event.LedgerEntry.Outcome;
import java.util.List;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.api.Test;

class MicroBatchTypeTest {

    private final List<LedgerEntry> batch =
            List.of(new LedgerEntry(20_000, "00ff", Outcome.ACCEPTED, "", 3));

    private static TypeSerializer<List<LedgerEntry>> serializer() {
        return new MicroBatchType<>(LedgerEntry.class).createSerializer(new SerializerConfigImpl());
    }

    @Test
    void givesTheSinkTheBatchItselfAsItsCopy() {
        assertThat(serializer().copy(batch)).isSameAs(batch);
        assertThat(serializer().duplicate().copy(batch)).isSameAs(batch);
    }

    @Test
    void survivesTheWayBetweenTwoTasks() throws Exception {
        DataOutputSerializer out = new DataOutputSerializer(64);
        serializer().serialize(batch, out);

        DataInputDeserializer in = new DataInputDeserializer(out.getCopyOfBuffer());
        assertThat(serializer().deserialize(in)).isEqualTo(batch);
        assertThat(in.available()).isZero();
    }
}
