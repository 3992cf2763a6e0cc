package io.onevault.tracking.job.load;

import java.util.List;
import java.util.Objects;
import org.apache.flink.api.common.serialization.SerializerConfig;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.java.typeutils.ListTypeInfo;

/**
 * The type of micro-batches of immutable records, which nobody changes once they are full. The JDBC
 * sink copies what it takes while objects are reused; of this type a copy is the batch itself.
 */
final class MicroBatchType<T> extends TypeInformation<List<T>> {

    private static final long serialVersionUID = 1;

    private final ListTypeInfo<T> list;

    MicroBatchType(Class<T> record) {
        this.list = new ListTypeInfo<>(TypeInformation.of(record));
    }

    @Override
    public TypeSerializer<List<T>> createSerializer(SerializerConfig config) {
        return new MicroBatchSerializer<>(list.createSerializer(config));
    }

    @Override
    public boolean isBasicType() {
        return list.isBasicType();
    }

    @Override
    public boolean isTupleType() {
        return list.isTupleType();
    }

    @Override
    public int getArity() {
        return list.getArity();
    }

    @Override
    public int getTotalFields() {
        return list.getTotalFields();
    }

    @Override
    public Class<List<T>> getTypeClass() {
        return list.getTypeClass();
    }

    @Override
    public boolean isKeyType() {
        return false;
    }

    @Override
    public boolean canEqual(Object other) {
        return other instanceof MicroBatchType;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof MicroBatchType<?> type && list.equals(type.list);
    }

    @Override
    public int hashCode() {
        return Objects.hash(MicroBatchType.class, list);
    }

    @Override
    public String toString() {
        return "MicroBatch<" + list.getElementTypeInfo() + ">";
    }
}
