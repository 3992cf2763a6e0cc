package io.onevault.tracking.job.load;

import java.io.IOException;
import java.util.List;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Serialises micro-batches as lists and, as they never change, copies none. */
final class MicroBatchSerializer<T> extends TypeSerializer<List<T>> {

    private static final long serialVersionUID = 1;

    private final TypeSerializer<List<T>> list;

    MicroBatchSerializer(TypeSerializer<List<T>> list) {
        this.list = list;
    }

    @Override
    public boolean isImmutableType() {
        return true;
    }

    @Override
    public TypeSerializer<List<T>> duplicate() {
        return new MicroBatchSerializer<>(list.duplicate());
    }

    @Override
    public List<T> createInstance() {
        return list.createInstance();
    }

    @Override
    public List<T> copy(List<T> from) {
        return from;
    }

    @Override
    public List<T> copy(List<T> from, List<T> reuse) {
        return from;
    }

    @Override
    public void copy(DataInputView source, DataOutputView target) throws IOException {
        list.copy(source, target);
    }

    @Override
    public int getLength() {
        return list.getLength();
    }

    @Override
    public void serialize(List<T> batch, DataOutputView target) throws IOException {
        list.serialize(batch, target);
    }

    @Override
    public List<T> deserialize(DataInputView source) throws IOException {
        return list.deserialize(source);
    }

    @Override
    public List<T> deserialize(List<T> reuse, DataInputView source) throws IOException {
        return list.deserialize(source);
    }

    /** That of a list: batches are in no state, and their bytes are those of a list. */
    @Override
    public TypeSerializerSnapshot<List<T>> snapshotConfiguration() {
        return list.snapshotConfiguration();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof MicroBatchSerializer<?> serializer && list.equals(serializer.list);
    }

    @Override
    public int hashCode() {
        return list.hashCode();
    }
}
