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
import java.time.temporal.ChronoUnit;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Days and hours by the clocks of all zones against java.time, around all their changes of ten
 * years.
 */
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

    /** Hours around each change, the first of them cut. */
    private static final String HOURS_ASKED =
            """
            SELECT given.zone,
                   given.day_before,
                   (SELECT string_agg(extract(epoch FROM starts_at)::bigint::text, ' ' ORDER BY number)
                      FROM business.site_intervals(given.day_before + INTERVAL '20 hours 7 minutes',
                               given.day_before + INTERVAL '28 hours', given.zone, 'hour')),
                   (SELECT string_agg(
                               (extract(epoch FROM hour AT TIME ZONE given.zone)
                                   - extract(epoch FROM hour))::int::text, ' ' ORDER BY hour)
                      FROM generate_series(given.day_before, given.day_before + INTERVAL '48 hours',
                               INTERVAL '1 hour') AS hour)
              FROM unnest(?::text[], ?::timestamptz[]) AS given (zone, day_before)""";

    private final List<String> zones = new ArrayList<>();
    private final List<String> times = new ArrayList<>();
    private final List<String> nearby = new ArrayList<>();

    @Test
    void findsTheFirstInstantOfEveryDayAndHour(TestPostgres postgres) throws Exception {
        TestDatabase database = postgres.vault();
        for (String zone : zonesOf(database)) {
            addAroundChanges(zone);
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

    @Test
    void cutsHoursWhereTheClockShowsThem(TestPostgres postgres) throws Exception {
        TestDatabase database = postgres.vault();
        for (String zone : zonesOf(database)) {
            for (Instant change : changes(ZoneId.of(zone).getRules())) {
                zones.add(zone);
                nearby.add(change.minusSeconds(86_400).toString());
            }
        }
        assertThat(zones).contains("Australia/Lord_Howe").hasSizeGreaterThan(1_000);

        List<String> wrong = new ArrayList<>();
        int compared = 0;
        try (Connection connection = database.connect();
                PreparedStatement ask = connection.prepareStatement(HOURS_ASKED)) {
            ask.setArray(1, connection.createArrayOf("text", zones.toArray()));
            ask.setArray(2, connection.createArrayOf("text", nearby.toArray()));
            try (ResultSet row = ask.executeQuery()) {
                for (int i = 0; row.next(); i++) {
                    if (knowsTheSame(row, i)) {
                        compared++;
                        compareHours(row.getString(3), i, wrong);
                    }
                }
            }
        }

        assertThat(wrong).isEmpty();
        assertThat(compared).isGreaterThan(zones.size() * 9 / 10);
    }

    private void compareHours(String found, int i, List<String> wrong) {
        ZoneRules rules = ZoneId.of(zones.get(i)).getRules();
        Instant from = Instant.parse(nearby.get(i)).plusSeconds(20 * 3_600 + 7 * 60);
        StringJoiner expected = new StringJoiner(" ");
        expected.add(Long.toString(from.getEpochSecond()));
        for (int minute = 1; minute < 8 * 60 - 7; minute++) {
            Instant instant = from.plusSeconds(minute * 60L);
            if (beginsAnHour(instant, rules)) {
                expected.add(Long.toString(instant.getEpochSecond()));
            }
        }
        if (!expected.toString().equals(found)) {
            wrong.add(zones.get(i) + " " + from + ": " + found + " instead of " + expected);
        }
    }

    /** The clock shows a full hour, or leaves one out. */
    private static boolean beginsAnHour(Instant instant, ZoneRules rules) {
        LocalDateTime now = LocalDateTime.ofInstant(instant, rules.getOffset(instant));
        ZoneOffset before = rules.getOffset(instant.minusSeconds(1));
        LocalDateTime due = LocalDateTime.ofInstant(instant, before);
        LocalDateTime hour = now.truncatedTo(ChronoUnit.HOURS);
        return now.equals(hour) || now.isAfter(due) && !hour.isBefore(due);
    }

    private static List<String> zonesOf(TestDatabase database) throws Exception {
        return database
                .texts("SELECT name FROM pg_timezone_names WHERE name ~ '^[A-Z][A-Za-z_]+/'")
                .stream()
                .filter(ZoneId.getAvailableZoneIds()::contains)
                .toList();
    }

    private static List<Instant> changes(ZoneRules rules) {
        List<Instant> changes = new ArrayList<>();
        for (ZoneOffsetTransition change = rules.nextTransition(FROM);
                change != null && change.getInstant().isBefore(TO);
                change = rules.nextTransition(change.getInstant())) {
            changes.add(change.getInstant());
        }
        return changes;
    }

    /** Midnights and hours around each change of a zone's clock, and those of an ordinary day. */
    private void addAroundChanges(String zone) {
        List<Instant> instants = changes(ZoneId.of(zone).getRules());
        instants.add(FROM);
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
