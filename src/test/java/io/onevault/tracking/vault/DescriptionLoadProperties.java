package io.onevault.tracking.vault;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestPostgres;
import io.onevault.tracking.vault.Description.Kind;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Random versions of a page, arriving in random order and written in random micro-batches. */
@ExtendWith(PostgresExtension.class)
class DescriptionLoadProperties {

    private static final int CASES = 300;
    private static final int TITLE = 4;
    private static final Instant START = Instant.parse("2026-11-20T10:00:00Z");
    private static final String TENANT = TestEvents.tenantHk("acme");

    @Test
    void endInTheLatestVersionWithoutEqualNeighbours(TestPostgres postgres) throws SQLException {
        LoadedVault vault = new LoadedVault(postgres);
        Map<String, String> latest = new TreeMap<>();
        for (int seed = 0; seed < CASES; seed++) {
            Random random = new Random(seed);
            List<Description> arriving = versions("https://shop.example/" + seed, random);
            List<Description> passed = tracked(arriving);
            write(vault, passed, random);
            Description last =
                    passed.stream().max(Comparator.comparing(Description::loadDate)).get();
            latest.put(last.bk(), String.valueOf(last.values().get(TITLE)));
        }

        assertThat(titles(vault, "business.site_page_details_current_v")).isEqualTo(latest);
        assertThat(titles(vault, "business.site_page_details_s"))
                .containsOnlyKeys(latest.keySet())
                .allSatisfy((page, history) -> assertThat(history).doesNotMatch(".*(.)\\1.*"));
        vault.close();
        System.out.println("DescriptionLoadProperties: " + CASES + " cases");
    }

    private static List<Description> versions(String page, Random random) {
        List<Description> versions = new ArrayList<>();
        int count = 1 + random.nextInt(12);
        for (int i = 0; i < count; i++) {
            String title = "abc".substring(random.nextInt(3)).substring(0, 1);
            versions.add(
                    new Description(
                            Kind.PAGE,
                            TENANT,
                            page,
                            // Two partitions may append in the same moment.
                            START.plusSeconds(i / 2 * 2 + random.nextInt(2)),
                            Arrays.asList(page, null, "/", null, title)));
        }
        Collections.shuffle(versions, random);
        return versions;
    }

    /**
     * What the step track-descriptions lets pass: changes, and the latest one behind an earlier. A
     * change at the moment of the latest comes after it.
     */
    private static List<Description> tracked(List<Description> arriving) {
        List<Description> passed = new ArrayList<>();
        Description latest = null;
        for (Description arrived : arriving) {
            Description one = arrived;
            if (latest != null && one.loadDate().equals(latest.loadDate())) {
                one = at(latest.loadDate().plusNanos(1_000), one);
            }
            boolean behind = latest != null && one.loadDate().isBefore(latest.loadDate());
            boolean same = latest != null && one.values().equals(latest.values());
            if (!same) {
                passed.add(one);
                if (behind) {
                    passed.add(latest);
                }
            }
            latest = behind ? latest : one;
        }
        return passed;
    }

    private static Description at(Instant loadDate, Description one) {
        return new Description(one.kind(), one.tenantHk(), one.bk(), loadDate, one.values());
    }

    private static void write(LoadedVault vault, List<Description> passed, Random random)
            throws SQLException {
        DescriptionLoad load = new DescriptionLoad("test");
        for (int from = 0; from < passed.size(); ) {
            int to = Math.min(passed.size(), from + 1 + random.nextInt(4));
            vault.write(load, passed.subList(from, to));
            from = to;
        }
    }

    /** The titles of each page, one letter each, in order of load date. */
    private static Map<String, String> titles(LoadedVault vault, String table) throws SQLException {
        Map<String, String> titles = new TreeMap<>();
        String query =
                "SELECT page_url || ' ' || string_agg(page_title, '' ORDER BY load_date) FROM "
                        + table
                        + " GROUP BY page_url";
        for (String row : vault.database().texts(query)) {
            int space = row.indexOf(' ');
            titles.put(row.substring(0, space), row.substring(space + 1));
        }
        return titles;
    }
}
