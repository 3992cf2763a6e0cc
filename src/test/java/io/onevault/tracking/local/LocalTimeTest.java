package io.onevault.tracking.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.StringJoiner;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Days by the clocks of all zones against java.time, around all their changes of ten years. */
@ExtendWith(PostgresExtension.class)
class LocalTimeTest {

    private static final Instant FROM = Instant.parse("2017-01-01T00:00:00Z");
    private static final Instant TO = Instant.parse("2027-01-01T00:00:00Z");

    /** Hours from the day before a change to the day after it. */
    private static final int HOURS = 48;

    /** With what the database knows of the clock, to leave out what its time zones know else. */
    private static final String ASKED =
            """
            SELECT given.zone,
                   given.local_time::text,
                   extract(epoch FROM business.site_local_instant(given.local_time, given.zone)),
                   (SELECT string_agg(
                               (extract(epoch FROM hour AT TIME ZONE given.zone)
                                   - extract(epoch FROM hour))::int::text, ' ' ORDER BY hour)
                      FROM generate_series(given.day_before, given.day_before + INTERVAL '48 hours',
                               INTERVAL '1 hour') AS hour)
              FROM unnest(?::text[], ?::timestamp[], ?::timestamptz[])
                   AS given (zone, local_time, day_before)""";

    private final List<String> zones = new ArrayList<>();
    private final List<String> times = new ArrayList<>();
    private final List<String> nearby = new ArrayList<>();

    @Test
    void findsTheFirstInstantOfEveryDayAndHour(TestPostgres postgres) throws Exception {
        TestDatabase database = postgres.vault();
        for (String zone :
                database.texts(
                        "SELECT name FROM pg_timezone_names WHERE name ~ '^[A-Z][A-Za-z_]+/'")) {
            if (ZoneId.getAvailableZoneIds().contains(zone)) {
                addAroundChanges(zone);
            }
        }
        assertThat(zones.size()).isGreaterThan(10_000);

        List<String> wrong = new ArrayList<>();
        int compared = 0;
        try (Connection connection = database.connect();
                PreparedStatement ask = connection.prepareStatement(ASKED)) {
            ask.setArray(1, connection.createArrayOf("text", zones.toArray()));
            ask.setArray(2, connection.createArrayOf("text", times.toArray()));
            ask.setArray(3, connection.createArrayOf("text", nearby.toArray()));
            try (ResultSet row = ask.executeQuery()) {
                for (int i = 0; row.next(); i++) {
                    if (knowsTheSame(row, i)) {
                        compared++;
                        compare(row, wrong);
                    }
                }
            }
        }

        assertThat(wrong).isEmpty();
        assertThat(compared).isGreaterThan(zones.size() * 9 / 10);
    }

    /** Midnights and hours around each change of a zone's clock, and those of an ordinary day. */
    private void addAroundChanges(String zone) {
        ZoneRules rules = ZoneId.of(zone).getRules();
        List<Instant> instants = new ArrayList<>(Collections.singleton(FROM));
        for (ZoneOffsetTransition change = rules.nextTransition(FROM);
                change != null && change.getInstant().isBefore(TO);
                change = rules.nextTransition(change.getInstant())) {
            instants.add(change.getInstant());
        }
        for (Instant instant : instants) {
            LocalDateTime midnight =
                    LocalDateTime.ofInstant(instant, ZoneId.of(zone)).toLocalDate().atStartOfDay();
            for (int day = -1; day <= 2; day++) {
                add(zone, midnight.plusDays(day), instant);
            }
            for (int half = 1; half < 8; half++) {
                add(zone, midnight.plusMinutes(30L * half), instant);
            }
        }
    }

    private void add(String zone, LocalDateTime time, Instant near) {
        zones.add(zone);
        times.add(time.toString());
        nearby.add(near.minusSeconds(86_400).toString());
    }

    private boolean knowsTheSame(ResultSet row, int i) throws Exception {
        ZoneRules rules = ZoneId.of(zones.get(i)).getRules();
        Instant before = Instant.parse(nearby.get(i));
        StringJoiner offsets = new StringJoiner(" ");
        for (int hour = 0; hour <= HOURS; hour++) {
            int offset = rules.getOffset(before.plusSeconds(hour * 3_600L)).getTotalSeconds();
            offsets.add(Integer.toString(offset));
        }
        return offsets.toString().equals(row.getString(4));
    }

    private static void compare(ResultSet row, List<String> wrong) throws Exception {
        ZoneId zone = ZoneId.of(row.getString(1));
        LocalDateTime time = LocalDateTime.parse(row.getString(2).replace(' ', 'T'));
        Instant expected = first(time, zone.getRules());
        Instant found = Instant.ofEpochSecond(row.getLong(3));
        if (!found.equals(expected)) {
            wrong.add(zone + " " + time + ": " + found + " instead of " + expected);
        }
    }

    private static Instant first(LocalDateTime time, ZoneRules rules) {
        List<ZoneOffset> offsets = rules.getValidOffsets(time);
        return offsets.isEmpty()
                ? rules.getTransition(time).getInstant()
                : time.toInstant(offsets.get(0));
    }
}
