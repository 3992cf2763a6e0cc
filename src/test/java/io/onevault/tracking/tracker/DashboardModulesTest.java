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

/** What the dashboard makes of times and of cells, in a browser. */
@ExtendWith(Chromium.class)
final class DashboardModulesTest {

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
     * By java.time, around all changes of ten years: times that are there twice are the first,
     * missing ones the first after them.
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

    /** As many days before, or by whole weeks; up to the same hour where the period goes on. */
    @Test
    void periodsAreComparedByEqualHoursOrWeekdays(Site site) throws IOException {
        Object told =
                site.context()
                        .newPage()
                        .evaluate(
                                """
                                async (module) => {
                                  const {before} = await import(module);
                                  const now = new Date('2026-03-30T10:15:00Z'); // the day after Berlin's clocks went forward
                                  return [
                                    ['2026-03-30', '2026-03-30', false],
                                    ['2026-03-30', '2026-03-30', true],
                                    ['2026-03-24', '2026-03-30', false],
                                    ['2026-03-20', '2026-03-22', false],
                                    ['2026-03-20', '2026-03-22', true],
                                    ['2026-03-01', '2026-03-30', true],
                                    ['2026-03-29', '2026-04-05', false],
                                    ['2026-04-01', '2026-04-02', false],
                                  ].map(([from, to, weekdays]) => before({from, to}, weekdays, 'Europe/Berlin', now))
                                   .map(({from, to}) => `${from} ${to}`);
                                }
                                """,
                                module("src/main/resources/dashboard/dates.js"));

        assertThat(told)
                .isEqualTo(
                        List.of(
                                "2026-03-29 2026-03-29T10:15:00.000Z",
                                "2026-03-23 2026-03-23T11:15:00.000Z",
                                "2026-03-17 2026-03-23T11:15:00.000Z",
                                "2026-03-17 2026-03-19",
                                "2026-03-13 2026-03-15",
                                "2026-01-25 2026-02-23T11:15:00.000Z",
                                "2026-03-21 2026-03-22T11:15:00.000Z",
                                "2026-03-30 2026-03-31"));
    }

    /**
     * Intervals that lie as far from the beginning of their period, by the clock also where it was
     * put forward; weeks and months that are cut elsewhere have the nearest, or none.
     */
    @Test
    void intervalsAreBesideThoseOfTheSameOffset(Site site) throws IOException {
        Object told =
                site.context()
                        .newPage()
                        .evaluate(
                                """
                                async (module) => {
                                  const {paired} = await import(module);
                                  const rows = (...labels) => labels.map((label) => ({label}));
                                  return [
                                    // an hour is missing now
                                    [rows('2026-03-29T01:00', '2026-03-29T03:00', '2026-03-29T04:00'),
                                     rows('2026-03-28T01:00', '2026-03-28T02:00', '2026-03-28T03:00'), 'hour', 1],
                                    // an hour is there twice, now or before
                                    [rows('2026-10-25T02:00', '2026-10-25T02:00', '2026-10-25T03:00'),
                                     rows('2026-10-24T02:00', '2026-10-24T03:00'), 'hour', 1],
                                    [rows('2026-10-26T02:00', '2026-10-26T03:00'),
                                     rows('2026-10-25T02:00', '2026-10-25T02:00', '2026-10-25T03:00'), 'hour', 1],
                                    [rows('2026-03-03', '2026-03-04'), rows('2026-03-01', '2026-03-02'), 'day', 2],
                                    // the 30 days from Sunday, and those before from Friday
                                    [rows('2026-10-26', '2026-11-02', '2026-11-09', '2026-11-16', '2026-11-23', '2026-11-30'),
                                     rows('2026-09-28', '2026-10-05', '2026-10-12', '2026-10-19', '2026-10-26'), 'week', 30],
                                    // by whole weeks
                                    [rows('2026-10-26', '2026-11-02'), rows('2026-09-21', '2026-09-28'), 'week', 35],
                                    // a year, and 53 weeks before it, which begin in November
                                    [rows('2025-12-01', '2026-01-01', '2026-02-01'),
                                     rows('2024-11-01', '2024-12-01', '2025-01-01', '2025-02-01'), 'month', 371],
                                    // the 45 days from 16 January, and those before from 2 December
                                    [rows('2026-01-01', '2026-02-01', '2026-03-01'), rows('2025-12-01', '2026-01-01'), 'month', 45],
                                    [rows('2026-03-03'), [], 'day', 2],
                                  ].map(([now, before, interval, days]) =>
                                    paired(now, before, interval, days).map((row) => row?.label ?? '-').join(' '));
                                }
                                """,
                                module("src/main/resources/dashboard/dates.js"));

        assertThat(told)
                .isEqualTo(
                        List.of(
                                "2026-03-28T01:00 2026-03-28T03:00 -",
                                "2026-10-24T02:00 - 2026-10-24T03:00",
                                "2026-10-25T02:00 2026-10-25T03:00",
                                "2026-03-01 2026-03-02",
                                "2026-09-28 2026-10-05 2026-10-12 2026-10-19 2026-10-26 -",
                                "2026-09-21 2026-09-28",
                                "2024-12-01 2025-01-01 2025-02-01",
                                "2025-12-01 2026-01-01 -",
                                "-"));
    }

    /** People write shares in percent, the api takes and tells them as parts of one. */
    @Test
    void sharesOfAnAlertAreInPercentAndNothingElseIs(Site site) throws IOException {
        Object told =
                site.context()
                        .newPage()
                        .evaluate(
                                """
                                async (module) => {
                                  const {alarm, alertOf} = await import(module);
                                  return [
                                    {metric: 'visits', below: '7', hours: '1'},
                                    {metric: 'visits', below: '-29', compared: 'true', hours: '24'},
                                    {metric: 'bounce_rate', above: '0.7', hours: '24'},
                                    {metric: 'late_rate', above: '0', compared: '', hours: '24'},
                                  ].map(alertOf).map((alert) =>
                                    [alert.below ?? alert.above, alarm({...alert, is_firing: true, value: 0.29})].join(' '));
                                }
                                """,
                                module("src/main/resources/dashboard/alerts.js"));

        assertThat(told)
                .isEqualTo(
                        List.of(
                                "7 Visits of 1 h below 7; has begun: 0.29",
                                "-0.29 Visits of 24 h against a week before below -29%;"
                                        + " has begun: 29%",
                                "0.007 Bounce rate of 24 h above 0.7%; has begun: 29%",
                                "0 Share of events late of 24 h above 0%; has begun: 29%"));
    }

    /** What begins as a formula, to whichever program, also behind what some programs cut. */
    @Test
    void noCellOfAFileIsAFormula(Site site) throws IOException {
        List<String> texts =
                List.of(
                        "=1+1",
                        "+1",
                        "-1",
                        "@SUM(A1)",
                        "\t=1",
                        "\r=1",
                        "\n=1",
                        "＝1+1",
                        "＋1",
                        "－1",
                        "＠SUM(A1)",
                        "/a=b",
                        "a＝b",
                        "ä");
        List<String> cells = new ArrayList<>();
        for (String text : texts.subList(0, 11)) {
            cells.add("'" + text);
        }
        cells.addAll(texts.subList(11, texts.size()));
        cells.add("-1");

        Object told =
                site.context()
                        .newPage()
                        .evaluate(
                                """
                                async ([module, texts]) => {
                                  const {csv} = await import(module);
                                  return csv([[...texts, -1]]);
                                }
                                """,
                                List.of(module("src/main/resources/dashboard/format.js"), texts));

        assertThat(told)
                .isEqualTo(String.join(",", cells).replaceAll("'[\r\n]=1", "\"$0\"") + "\r\n");
    }

    @Test
    void channelsHaveNamesThatPeopleKnow(Site site) throws IOException {
        Object told =
                site.context()
                        .newPage()
                        .evaluate(
                                """
                                async (module) => {
                                  const {channel} = await import(module);
                                  return ['assistant', 'sms', 'organic_search', null].map(channel);
                                }
                                """,
                                module("src/main/resources/dashboard/format.js"));

        assertThat(told).isEqualTo(List.of("AI assistant", "SMS", "Organic search", "(none)"));
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
