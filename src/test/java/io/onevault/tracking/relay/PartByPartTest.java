package io.onevault.tracking.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.access.DatabaseAccess;
import io.onevault.tracking.access.KafkaAccess;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

@ExtendWith(PostgresExtension.class)
class PartByPartTest {

    private static final int MOST_MILLIS = 60_000;

    /** In the place of the real ones. */
    private static final String PARTS =
            """
            CREATE SCHEMA raw;
            CREATE FUNCTION raw.site_tracking_erase_next() RETURNS text LANGUAGE plpgsql AS $$
            BEGIN PERFORM pg_notify('parts', 'erasures ' || current_setting('statement_timeout')); RETURN NULL; END $$;
            CREATE FUNCTION raw.site_tracking_expire_next() RETURNS text LANGUAGE plpgsql AS $$
            BEGIN PERFORM pg_notify('parts', 'retention ' || current_setting('statement_timeout')); RETURN NULL; END $$""";

    /** What a part has to do is as much as a day of events is. */
    @Test
    void partsMayTakeLongerThanOtherStatements(TestPostgres postgres) throws Exception {
        TestDatabase database = postgres.empty();
        database.execute(PARTS);
        String name = database.texts("SELECT current_database()").get(0);
        database.execute("ALTER DATABASE " + name + " SET statement_timeout = '1h'");
        var access = new DatabaseAccess(database.url(), "postgres", "");
        var settings =
                new RelaySettings(
                        access,
                        KafkaAccess.plain("nowhere:1"),
                        "tracked",
                        1,
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(1),
                        true);
        Set<String> told = new TreeSet<>();
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("LISTEN parts");
            List<PartByPart> parts =
                    List.of(PartByPart.erasures(settings), PartByPart.retention(settings));
            try {
                while (told.size() < 2) {
                    PGNotification[] more =
                            connection.unwrap(PGConnection.class).getNotifications(MOST_MILLIS);
                    assertThat(more).isNotEmpty();
                    for (PGNotification part : more) {
                        told.add(part.getParameter());
                    }
                }
            } finally {
                parts.forEach(PartByPart::close);
            }
        }

        assertThat(told).containsExactly("erasures 0", "retention 0");
    }
}
