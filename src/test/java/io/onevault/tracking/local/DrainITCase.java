package io.onevault.tracking.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

/** The local stack draining what can't be drained. */
class DrainITCase {

    /** Nothing of the job holds the sessions back for good, but they are in no table. */
    private static final String REFUSE_SESSIONS =
            """
            CREATE FUNCTION public.refuse_sessions() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                RAISE EXCEPTION 'refused by the test' USING ERRCODE = '22003';
            END $$;
            CREATE TRIGGER refuse_sessions BEFORE INSERT ON business.site_session_h
                FOR EACH ROW EXECUTE FUNCTION public.refuse_sessions();
            CREATE TRIGGER refuse_links BEFORE INSERT ON business.event_session_l
                FOR EACH ROW EXECUTE FUNCTION public.refuse_sessions()""";

    private static final String LOCK = "LOCK TABLE business.site_event_h IN SHARE MODE";

    private static final String EVENT =
            """
            {"tenantId":"acme","evt_type":"page_view","session_id":"s1","visitor_id":"v1",\
            "page_url":"https://shop.example/","event_timestamp":"2026-11-20T10:00:00Z"}
            """;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final PipedOutputStream lines = new PipedOutputStream();
    private final InputStream in;

    DrainITCase() throws IOException {
        in = new PipedInputStream(lines);
    }

    @Test
    void tellsWhatItWaitsForAndEndsWhenNothingMovesAnyMore() throws Exception {
        int port = StandaloneCluster.freePort();
        FutureTask<Integer> stack = new FutureTask<>(() -> drain(port));
        try (Connection other = connect(port, stack);
                Statement statement = other.createStatement()) {
            statement.execute(REFUSE_SESSIONS);
            other.setAutoCommit(false);
            statement.execute(LOCK);
            lines.write(JobRuns.utf8(EVENT));
            lines.close();
            JobRuns.await(() -> stack.isDone() || said().contains("site-tracking loader waits"));
            other.rollback();
        }

        assertThat(stack.get()).as(said()).isEqualTo(3);
        assertThat(said().lines().filter(line -> line.startsWith("Nothing moves")))
                .anySatisfy(
                        line ->
                                assertThat(line)
                                        .contains("records: ", "1 of partition ", "RUNNING")
                                        .contains("has been under way", "load-events")
                                        .contains("waits for a lock of process ", "the other one"))
                .anySatisfy(line -> assertThat(line).contains("events that are in no session"));
        assertThat(said().lines().filter(line -> line.startsWith("Failed")))
                .singleElement()
                .asString()
                .startsWith("Failed: Nothing has moved for 15 s. ")
                .contains("events that are in no session", "its last checkpoint was completed");
        assertThat(out.toString(StandardCharsets.UTF_8)).isEmpty();
    }

    private int drain(int port) {
        PrintStream results = new PrintStream(out, true, StandardCharsets.UTF_8);
        Progress progress = new Progress(new PrintStream(err, true, StandardCharsets.UTF_8), false);
        Console console = new Console(in, results, progress, new Interrupts());
        return console.run(
                new LocalStack(console),
                "--input=-",
                "--register-tenants",
                "--drain",
                "--patience=15",
                "--ports=POSTGRES=" + port);
    }

    /** Starts the stack and connects as soon as its vault is installed. */
    private Connection connect(int port, FutureTask<Integer> stack) throws Exception {
        Thread thread = new Thread(stack, "stack");
        thread.setDaemon(true);
        thread.start();
        String url =
                EmbeddedPostgres.jdbcUrl(port) + "?user=postgres&ApplicationName=the other one";
        JobRuns.await(() -> stack.isDone() || said().contains("Playing "));
        assertThat(stack.isDone()).as(said()).isFalse();
        try {
            return DriverManager.getConnection(url);
        } catch (SQLException e) {
            throw new AssertionError(said(), e);
        }
    }

    private String said() {
        return err.toString(StandardCharsets.UTF_8);
    }
}
