package io.onevault.tracking.job.rejected;

import io.onevault.tracking.access.KafkaAccess;
import io.onevault.tracking.contract.RejectedEvents;
import io.onevault.tracking.event.RejectedEvent;
import io.onevault.tracking.program.Version;
import java.io.IOException;
import org.apache.flink.api.common.serialization.SerializationSchema;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.flink.connector.kafka.sink.KafkaSink;

/**
 * Flink's sink of a topic, each of whose producers has a client id of its own. Rejected events go
 * there; after a failure some may come twice, none is lost.
 */
record RejectedSink(KafkaAccess kafka, String topic) implements Sink<RejectedEvent> {

    private static final long serialVersionUID = 1;

    /** A rejected event holds the original in Base64, which may be longer than an event may be. */
    private static final String MAX_REQUEST_BYTES = "8388608";

    @Override
    public SinkWriter<RejectedEvent> createWriter(WriterInitContext context) throws IOException {
        int subtask = context.getTaskInfo().getIndexOfThisSubtask();
        return KafkaSink.<RejectedEvent>builder()
                .setKafkaProducerConfig(kafka.producer("rejected-" + subtask))
                .setDeliveryGuarantee(DeliveryGuarantee.AT_LEAST_ONCE)
                .setProperty("max.request.size", MAX_REQUEST_BYTES)
                .setRecordSerializer(
                        KafkaRecordSerializationSchema.<RejectedEvent>builder()
                                .setTopic(topic)
                                .setValueSerializationSchema(new RejectedJson())
                                .build())
                .build()
                .createWriter(context);
    }

    /** A class of its own, as Flink reads its type parameter. */
    private static final class RejectedJson implements SerializationSchema<RejectedEvent> {

        private static final long serialVersionUID = 1;

        @Override
        public byte[] serialize(RejectedEvent event) {
            return RejectedEvents.toJson(event, Version.ofThisBuild());
        }
    }
}
