package io.onevault.tracking.job.admit;

import io.onevault.tracking.event.AdmittedEvent;
import io.onevault.tracking.job.settings.JobSettings;
import io.onevault.tracking.job.step.Step;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.state.api.OperatorIdentifier;
import org.apache.flink.state.api.SavepointReader;
import org.apache.flink.state.rocksdb.EmbeddedRocksDBStateBackend;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** The steps that read stored events and admit them again, before those of the live job. */
public record ReplaySteps(JobSettings settings) {

    /** Names of accumulators. */
    public static final String EVENTS_READ = "events-read";

    public static final String EVENTS_LOADED = "events-loaded";
    public static final String EVENTS_WITHOUT_TENANT = "events-without-tenant";
    public static final String EVENTS_OVER = "events-over";
    public static final String EVENTS_UNREADABLE = "events-unreadable";

    /**
     * What raw is to be read of.
     *
     * @param epochDays days of event time, UTC, in which it has events: a clock that was wrong once
     *     can be decades away from all others
     */
    public record RawDays(List<Long> epochDays) {}

    /**
     * The stored events of the history, each once.
     *
     * @param days null where raw is empty or is not read
     */
    public DataStream<StoredEvent> read(
            StreamExecutionEnvironment env, History history, RawDays days) throws IOException {
        if (history.savepoint() == null || days == null) {
            return days == null ? archive(env, history) : raw(env, history, days);
        }
        return named(
                "each-once",
                archive(env, history)
                        .union(raw(env, history, days))
                        .keyBy(StoredEvent::key)
                        .reduce(StoredEvent::first));
    }

    public SingleOutputStreamOperator<AdmittedEvent> readmit(
            DataStream<StoredEvent> stored, History history) {
        return named(
                "readmit", stored.flatMap(new Readmit(new JdbcTenantReader(settings), history)));
    }

    /**
     * RocksDB reads all three kinds of savepoints. The reader's share of managed memory is fixed at
     * 64 MB, with which it stands still: the blocks of all column families do not fit in.
     */
    private static DataStream<StoredEvent> archive(StreamExecutionEnvironment env, History history)
            throws IOException {
        Configuration unmanaged = new Configuration();
        unmanaged.setString("state.backend.rocksdb.memory.managed", "false");
        env.configure(unmanaged);
        DataStream<StoredEvent> read =
                SavepointReader.read(env, history.savepoint(), new EmbeddedRocksDBStateBackend())
                        .readKeyedState(
                                OperatorIdentifier.forUid(Step.ARCHIVE.id()),
                                new ReadArchive(history),
                                Types.STRING,
                                TypeInformation.of(StoredEvent.class));
        named("read-archive", (SingleOutputStreamOperator<StoredEvent>) read);
        // A key of which nothing is told comes as null.
        return named("archived-events", read.filter(Objects::nonNull));
    }

    private DataStream<StoredEvent> raw(
            StreamExecutionEnvironment env, History history, RawDays days) {
        var each = env.fromData(days.epochDays(), Types.LONG);
        var read = new ReadRawDays(settings.database(), history);
        return named("read-raw", named("raw-days", each).rebalance().flatMap(read));
    }

    private static <T> SingleOutputStreamOperator<T> named(
            String id, SingleOutputStreamOperator<T> operator) {
        return operator.name(id).uid(id);
    }
}
