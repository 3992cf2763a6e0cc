package io.onevault.tracking.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.onevault.tracking.local.PersonalData.Door;
import io.onevault.tracking.migrate.TestDatabase;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.LoggerFactory;

/**
 * Every byte that a stack writes: files of tables, write-ahead log, topics, checkpoints, savepoints
 * and logs. No personal data may be in there but what docs/privacy.md says: events on their way in
 * the events topic and, of {@code api.track_event}, in the write-ahead log, and refused events in
 * the rejected topic. What may be kept has to be found in each place, so that none is looked at in
 * vain.
 */
final class StackBytes {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String EVENTS = "kafka/site-tracking-events-";
    private static final String REJECTED = "kafka/site-tracking-rejected-";
    private static final String WAL = "postgres/pg_wal/";
    private static final String POSTGRES_LOG = "postgres.log";

    /** Of the job, which reads the events topic; what the broker notes of it is no event. */
    private static final String GROUP = "site-tracking";

    /** As docs/privacy.md asks; what the server compresses is not to be seen. */
    private static final List<String> SERVER =
            List.of(
                    "ALTER SYSTEM SET log_min_error_statement = panic",
                    "ALTER SYSTEM SET log_error_verbosity = terse",
                    "ALTER SYSTEM SET log_parameter_max_length_on_error = 0",
                    "ALTER SYSTEM SET wal_compression = off",
                    "SELECT pg_reload_conf()",
                    "DO 'BEGIN RAISE LOG $$" + PersonalData.KEPT + "$$; END'");

    private static final String BEGIN_LOAD =
            "SELECT pg_get_functiondef('raw.site_tracking_begin_load(text)'::regprocedure)";

    private static final String LOADED =
            """
            SELECT count(*) FILTER (WHERE processing_status <> 'ERROR') || ' '
                || count(*) FILTER (WHERE processing_status = 'ERROR')
              FROM raw.site_tracking_events_r
              JOIN auth.tenant_h USING (tenant_hk)
             WHERE tenant_bk IN ('sparing', 'keeping')""";

    /** Where texts are as they were sent, for moments. */
    private static final String PASSING =
            "raw.site_tracking_outbox_r, raw.site_tracking_erasure_id_r, raw.site_tracking_export_r";

    private final Path folder;
    private final TestDatabase database;
    private final String kafka;
    private final LogCapture log;
    private Map<String, Door> traces = Map.of();

    StackBytes(Path folder, TestDatabase database, String kafka, LogCapture log) throws Exception {
        this.folder = folder;
        this.database = database;
        this.kafka = kafka;
        this.log = log;
        for (String statement : SERVER) {
            database.execute(statement);
        }
        LoggerFactory.getLogger(StackBytes.class).info(PersonalData.KEPT);
    }

    /** Sends all, has job and database crash while it is loaded, and looks when it is. */
    void searchAfterCrash(PersonalData data) throws Exception {
        data.send(Door.BROWSER);
        data.send(Door.PIXEL);
        data.send(Door.SQL);
        data.askForVisitors();
        String beginLoad = database.texts(BEGIN_LOAD).get(0);
        database.execute(
                beginLoad.replace(
                        "\nBEGIN\n", "\nBEGIN\n    RAISE EXCEPTION 'refused by the test';\n"));
        data.send(Door.KAFKA);
        data.send(Door.REFUSED);
        JobRuns.await(() -> log.text().contains("from state RUNNING to RESTARTING"));
        killABackend();
        JobRuns.await(() -> isDone(beginLoad));
        searchRunning(data);
    }

    /** Kill -9, at which the server ends all others and recovers. */
    private void killABackend() throws Exception {
        // One that is told may be gone by then.
        JobRuns.await(
                () ->
                        database
                                .texts(
                                        "SELECT pid::text FROM pg_stat_activity"
                                                + " WHERE application_name LIKE 'site-tracking%'")
                                .stream()
                                .map(Long::valueOf)
                                .flatMap(pid -> ProcessHandle.of(pid).stream())
                                .anyMatch(ProcessHandle::destroyForcibly));
    }

    private boolean isDone(String statement) {
        try {
            database.execute(statement);
            return true;
        } catch (SQLException notYet) {
            return false;
        }
    }

    private void searchRunning(PersonalData sent) throws Exception {
        traces = sent.traces();
        JobRuns.await(() -> database.texts(LOADED).contains(sent.taken() + " " + sent.refused()));
        JobRuns.await(() -> database.texts(Draining.UNPUBLISHED).contains("f"));
        JobRuns.await(this::isPassed);
        database.execute("CHECKPOINT");
        JobRuns.await(() -> kept(found()).stream().anyMatch(this::isCheckpoint));

        assertThat(leaks(found())).isEmpty();
        assertThat(kept(found()))
                .anyMatch(path -> path.startsWith("postgres/base/"))
                .anyMatch(path -> path.startsWith(WAL))
                .contains(POSTGRES_LOG);
        searchRejected();
    }

    /** Looks again when the job was stopped with a savepoint, and all servers. */
    void searchStopped() throws Exception {
        Map<String, Map<String, String>> found = found();
        assertThat(leaks(found)).isEmpty();
        assertThat(kept(found)).anyMatch(path -> path.startsWith("flink/savepoints/"));
        assertThat(found.keySet()).anyMatch(path -> path.startsWith("kafka/__consumer_offsets"));
        Map<String, String> logged = search().in(log.text().getBytes(StandardCharsets.UTF_8));
        assertThat(logged).containsKey(PersonalData.KEPT);
        assertThat(leaks(Map.of("log", logged))).isEmpty();
    }

    private boolean isCheckpoint(String path) {
        return path.startsWith("flink/checkpoints/");
    }

    /** Whether nothing is on its way, and the server cut off what was. */
    private boolean isPassed() throws Exception {
        database.execute("VACUUM " + PASSING);
        return database.number(
                        "SELECT sum(pg_relation_size(name)) FROM unnest(string_to_array('"
                                + PASSING
                                + "', ', ')) AS name")
                == 0;
    }

    private ByteSearch search() {
        Set<String> texts = new HashSet<>(traces.keySet());
        texts.add(PersonalData.KEPT);
        texts.add(GROUP);
        return new ByteSearch(texts);
    }

    private Map<String, Map<String, String>> found() throws Exception {
        return search().under(folder);
    }

    private static List<String> kept(Map<String, Map<String, String>> found) {
        return found.keySet().stream()
                .filter(path -> found.get(path).containsKey(PersonalData.KEPT))
                .toList();
    }

    private List<String> leaks(Map<String, Map<String, String>> found) {
        List<String> leaks = new ArrayList<>();
        found.forEach(
                (path, texts) ->
                        texts.forEach(
                                (text, around) -> {
                                    Door door = traces.get(text);
                                    if (door != null && !mayHold(path, door)) {
                                        leaks.add(text + " in " + path + ": " + around);
                                    }
                                }));
        return leaks;
    }

    private static boolean mayHold(String path, Door door) {
        return path.startsWith(EVENTS)
                || door == Door.SQL && path.startsWith(WAL)
                || door == Door.REFUSED && path.startsWith(REJECTED);
    }

    /** Records hold what was refused in base 64. */
    private void searchRejected() throws Exception {
        StringBuilder rejected = new StringBuilder();
        for (TopicRecords.Record record : TopicRecords.of(kafka, "site-tracking-rejected")) {
            String original = JSON.readTree(record.value()).get("original").asText();
            rejected.append(record.key()).append(record.value());
            rejected.append(
                    new String(Base64.getDecoder().decode(original), StandardCharsets.UTF_8));
        }
        Map<String, String> found =
                search().in(rejected.toString().getBytes(StandardCharsets.UTF_8));
        assertThat(found).containsKey(PersonalData.KEPT);
        assertThat(leaks(Map.of(REJECTED, found))).isEmpty();
    }
}
