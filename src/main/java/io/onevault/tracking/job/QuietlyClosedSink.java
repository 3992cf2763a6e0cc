package io.onevault.tracking.job;

import java.io.IOException;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.util.IOUtils;

/**
 * A sink whose writer never fails while it is closed. A JDBC writer tries its failed batch once
 * more then; an exception at that point would end the whole TaskManager instead of the task.
 * Nothing is lost: what was not written belongs to no completed checkpoint and is read again.
 */
final class QuietlyClosedSink<T> implements Sink<T> {

    private static final long serialVersionUID = 1;

    private final Sink<T> sink;

    QuietlyClosedSink(Sink<T> sink) {
        this.sink = sink;
    }

    @Override
    public SinkWriter<T> createWriter(WriterInitContext context) throws IOException {
        SinkWriter<T> writer = sink.createWriter(context);
        return new SinkWriter<>() {
            @Override
            public void write(T element, Context elementContext)
                    throws IOException, InterruptedException {
                writer.write(element, elementContext);
            }

            @Override
            public void flush(boolean endOfInput) throws IOException, InterruptedException {
                writer.flush(endOfInput);
            }

            @Override
            public void close() {
                IOUtils.closeQuietly(writer);
            }
        };
    }
}
