package io.onevault.tracking.job;

import io.onevault.tracking.access.DatabaseAccess;
import io.onevault.tracking.vault.PlainRow;
import java.io.IOException;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Properties;
import org.apache.flink.api.common.JobInfo;
import org.apache.flink.api.common.TaskInfo;
import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.api.common.operators.ProcessingTimeService;
import org.apache.flink.api.common.serialization.SerializationSchema;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.connector.jdbc.JdbcConnectionOptions;
import org.apache.flink.connector.jdbc.JdbcExecutionOptions;
import org.apache.flink.connector.jdbc.core.datastream.sink.JdbcSink;
import org.apache.flink.connector.jdbc.datasource.statements.JdbcQueryStatement;
import org.apache.flink.metrics.groups.SinkWriterMetricGroup;
import org.apache.flink.util.IOUtils;
import org.apache.flink.util.UserCodeClassLoader;

/**
 * Writes as tutorials do: through one JDBC sink a table, each with batches and a connection of its
 * own, row by row. For the benchmark only.
 */
final class TextbookSink<T> implements Sink<T> {

    private static final long serialVersionUID = 1;

    private static final int BATCH_ROWS = 1_000;
    private static final int BATCH_MILLIS = 200;

    /** Writers that meet the same hub rows in another order run into deadlocks. */
    private static final int RETRIES = 10;

    private final PlainRows.Maker<T> rows;
    private final DatabaseAccess database;

    TextbookSink(PlainRows.Maker<T> rows, DatabaseAccess database) {
        this.rows = rows;
        this.database = database;
    }

    @Override
    public SinkWriter<T> createWriter(WriterInitContext context) {
        var options =
                new JdbcConnectionOptions.JdbcConnectionOptionsBuilder()
                        .withUrl(database.openUrl())
                        .withDriverName("org.postgresql.Driver");
        Properties login = database.properties();
        login.stringPropertyNames()
                .forEach(name -> options.withProperty(name, login.getProperty(name)));
        return new TableWriters<>(rows.make(), options.build(), new RowContext(context));
    }

    private record TableStatement(String sql) implements JdbcQueryStatement<PlainRow> {

        @Override
        public String query() {
            return sql;
        }

        @Override
        public void statement(PreparedStatement statement, PlainRow row) throws SQLException {
            row.bind(statement);
        }
    }

    /** The writers of the tables that rows have come for. */
    private static final class TableWriters<T> implements SinkWriter<T> {

        private final PlainRows<T> rows;
        private final JdbcConnectionOptions connection;
        private final WriterInitContext context;
        private final Map<String, SinkWriter<PlainRow>> writers = new LinkedHashMap<>();
        private final Map<String, SinkWriter<PlainRow>> updating = new LinkedHashMap<>();

        TableWriters(
                PlainRows<T> rows, JdbcConnectionOptions connection, WriterInitContext context) {
            this.rows = rows;
            this.connection = connection;
            this.context = context;
        }

        @Override
        public void write(T element, Context at) throws IOException, InterruptedException {
            try {
                for (PlainRow row : rows.of(element)) {
                    writer(row).write(row, at);
                }
            } catch (SQLException e) {
                throw new IOException(e);
            }
            // Within an element no row is updated twice, which PostgreSQL would refuse.
            for (SinkWriter<PlainRow> writer : updating.values()) {
                writer.flush(false);
            }
        }

        private SinkWriter<PlainRow> writer(PlainRow row) throws IOException {
            SinkWriter<PlainRow> writer = writers.get(row.table());
            if (writer == null) {
                writer =
                        JdbcSink.<PlainRow>builder()
                                .withQueryStatement(new TableStatement(row.sql()))
                                .withExecutionOptions(
                                        JdbcExecutionOptions.builder()
                                                .withBatchSize(BATCH_ROWS)
                                                .withBatchIntervalMs(BATCH_MILLIS)
                                                .withMaxRetries(RETRIES)
                                                .build())
                                .buildAtLeastOnce(connection)
                                .createWriter(context);
                writers.put(row.table(), writer);
                if (row.updates()) {
                    updating.put(row.table(), writer);
                }
            }
            return writer;
        }

        @Override
        public void flush(boolean endOfInput) throws IOException, InterruptedException {
            for (SinkWriter<PlainRow> writer : writers.values()) {
                writer.flush(endOfInput);
            }
        }

        @Override
        public void close() {
            IOUtils.closeAllQuietly(writers.values());
        }
    }

    /**
     * The sink's context for its tables' sinks: rows are never used again, none is to be copied.
     */
    private record RowContext(WriterInitContext sink) implements WriterInitContext {

        @Override
        public boolean isObjectReuseEnabled() {
            return false;
        }

        @Override
        public <I> TypeSerializer<I> createInputSerializer() {
            return sink.createInputSerializer();
        }

        @Override
        public UserCodeClassLoader getUserCodeClassLoader() {
            return sink.getUserCodeClassLoader();
        }

        @Override
        public MailboxExecutor getMailboxExecutor() {
            return sink.getMailboxExecutor();
        }

        @Override
        public ProcessingTimeService getProcessingTimeService() {
            return sink.getProcessingTimeService();
        }

        @Override
        public SinkWriterMetricGroup metricGroup() {
            return sink.metricGroup();
        }

        @Override
        public SerializationSchema.InitializationContext
                asSerializationSchemaInitializationContext() {
            return sink.asSerializationSchemaInitializationContext();
        }

        @Override
        public OptionalLong getRestoredCheckpointId() {
            return sink.getRestoredCheckpointId();
        }

        @Override
        public JobInfo getJobInfo() {
            return sink.getJobInfo();
        }

        @Override
        public TaskInfo getTaskInfo() {
            return sink.getTaskInfo();
        }
    }
}
