package io.onevault.tracking.job.read;

import io.onevault.tracking.access.TestSecret;
import io.onevault.tracking.job.settings.Secrets;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;

/** Decodes records as the source does, for tests of the steps behind it. */
public final class TestDecoder {

    private TestDecoder() {}

    /**
     * @param secret the job's, in hex
     */
    public static KafkaRecordDeserializationSchema<DecodedRecord> of(String secret) {
        return new DecodeRecords(new Secrets(TestSecret.reference(secret)));
    }
}
