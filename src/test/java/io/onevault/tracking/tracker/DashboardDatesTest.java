package io.onevault.tracking.tracker;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The dashboard's clock, in a browser, against java.time. */
@ExtendWith(Chromium.class)
final class DashboardDatesTest {

    private static final List<String> ZONES =
            List.of(
                    "Europe/Berlin",
                    "America/New_York",
                    "America/Santiago",
                    "America/Havana",
                    "Atlantic/Azores",
                    "Asia/Beirut",
                    "Asia/Kathmandu",
                    "Australia/Lord_Howe");

    private static final DateTimeFormatter DAY_CLOCK_MILLIS =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

    /**
     * Around all changes of ten years: times that are there twice are the first, missing ones the
     * first after them.
     */
    @Test
    void localTimesAreInstantsByTheRuleOfTheApi(Site site) throws IOException {
        List<List<String>> asked = new ArrayList<>();
        List<String> expected = new ArrayList<>();
        for (String zone : ZONES) {
            ZoneRules rules = ZoneId.of(zone).getRules();
            for (LocalDateTime time : timesAroundChanges(rules)) {
                asked.add(
                        List.of(
                                time.toLocalDate().toString(),
                                time.format(DateTimeFormatter.ISO_LOCAL_TIME),
                                zone));
                expected.add(DAY_CLOCK_MILLIS.format(first(time, rules)));
            }
        }
        Page page = site.context().newPage();

        Object told =
                page.evaluate(
                        """
                        async ([module, asked]) => {
                          const {instantOf} = await import(module);
                          return asked.map(([day, clock, zone]) => instantOf(day, clock, zone));
                        }
                        """,
                        List.of(module("src/main/resources/dashboard/dates.js"), asked));

        assertThat(expected).hasSizeGreaterThan(500);
        assertThat(told).isEqualTo(expected);
    }

    private static List<LocalDateTime> timesAroundChanges(ZoneRules rules) {
        List<LocalDateTime> times = new ArrayList<>();
        Instant at = Instant.parse("2014-12-31T00:00:00Z");
        ZoneOffsetTransition change;
        while ((change = rules.nextTransition(at)) != null
                && change.getInstant().isBefore(Instant.parse("2025-01-01T00:00:00Z"))) {
            at = change.getInstant();
            for (int quarter = -8; quarter <= 8; quarter++) {
                times.add(change.getDateTimeBefore().plusMinutes(15L * quarter));
            }
        }
        times.add(LocalDateTime.parse("2020-02-29T00:00"));
        return times;
    }

    private static Instant first(LocalDateTime time, ZoneRules rules) {
        List<ZoneOffset> offsets = rules.getValidOffsets(time);
        return offsets.isEmpty()
                ? rules.getTransition(time).getInstant()
                : time.toInstant(offsets.get(0));
    }

    private static String module(String file) throws IOException {
        byte[] source = Files.readString(Path.of(file)).getBytes(StandardCharsets.UTF_8);
        return "data:text/javascript;base64," + Base64.getEncoder().encodeToString(source);
    }
}
