package io.onevault.tracking.job.admit;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.enrich.Pseudonyms;
import io.onevault.tracking.event.AddressPolicy;
import io.onevault.tracking.event.ConsentRules;
import io.onevault.tracking.event.PrivacyRules;
import io.onevault.tracking.event.SessionRules;
import io.onevault.tracking.event.Tenant;
import io.onevault.tracking.job.settings.JobSettings;
import io.onevault.tracking.job.settings.Settings;
import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The settings of tenants, from a real database. */
@ExtendWith(PostgresExtension.class)
class JdbcTenantReaderTest {

    private static final String TO_NAME =
            """
            SELECT status || ' ' || (SELECT count(*) FROM raw.site_tracking_erasure_id_r)
              FROM raw.site_tracking_erasure_r""";

    private SaltMemory memory = new SaltMemory(new RememberingJobManager());
    private TestDatabase database;

    private String gap = "30 min";

    @BeforeEach
    void registerATenant(TestPostgres postgres) throws Exception {
        database = postgres.vault();
        database.execute(
                """
                INSERT INTO auth.tenant_h (tenant_hk, tenant_bk, load_date, record_source)
                VALUES (util.hash_binary('acme'), 'acme', now(), 'test')""");
    }

    private Tenant read() throws Exception {
        Map<String, Tenant> tenants = readAll().byBk();
        assertThat(tenants).containsOnlyKeys("acme");
        return tenants.get("acme");
    }

    private Tenants readAll() throws Exception {
        Map<String, String> settings =
                Settings.with(
                        "database.url",
                        database.url(),
                        "database.user",
                        database.url().replaceAll(".*user=([a-z_]+).*", "$1"),
                        "session.gap",
                        gap);
        return new JdbcTenantReader(JobSettings.of(settings))
                .telling(new ErasedEvents())
                .read(memory);
    }

    private Map<LocalDate, String> salts() throws Exception {
        Map<LocalDate, String> salts = new TreeMap<>();
        readAll().salts().forEach((day, salt) -> salts.put(day, HexFormat.of().formatHex(salt)));
        return salts;
    }

    private void set(String age, String columns, String values) throws Exception {
        // As if it had been written then.
        database.execute(
                "SET session_replication_role = replica;"
                        + " INSERT INTO auth.tenant_site_tracking_s (tenant_hk, load_date, hash_diff,"
                        + " record_source, "
                        + columns
                        + ") VALUES (util.hash_binary('acme'), now() - interval '"
                        + age
                        + "', util.hash_binary('"
                        + age
                        + "'), 'test', "
                        + values
                        + ")");
    }

    /**
     * Recovery from a crash empties an unlogged table; the tasks start anew, the JobManager not.
     */
    @Test
    void aCrashOfTheDatabaseChangesNoSaltThatTheJobHasUsed() throws Exception {
        Map<LocalDate, String> used = salts();
        assertThat(used).hasSize(3);
        database.execute("TRUNCATE auth.site_tracking_salt_s");

        assertThat(salts()).isEqualTo(used);

        memory = new SaltMemory(new RememberingJobManager());
        assertThat(salts()).as("the database has them back").isEqualTo(used);
    }

    /** The loader may not read the table of salts, but has them drawn and wiped out. */
    @Test
    void theLoadersRoleIsEnough() throws Exception {
        database.execute(
                """
                DROP ROLE IF EXISTS reader_loader;
                CREATE ROLE reader_loader LOGIN IN ROLE site_tracking_loader;
                INSERT INTO auth.site_tracking_salt_s VALUES
                    ('2026-01-01', sha256('dead'), now(), 'test');
                """);
        database = new TestDatabase(database.url().replace("user=postgres", "user=reader_loader"));

        assertThat(salts()).hasSize(3).doesNotContainKey(LocalDate.of(2026, 1, 1));
    }

    @Test
    void theJobKeepsTheFirstSaltOfADayAndForgetsWithTheDatabase() throws Exception {
        LocalDate day = LocalDate.of(2026, 11, 20);
        memory.remember(Map.of(day, new byte[] {1}));

        assertThat(memory.remember(Map.of(day, new byte[] {2})).get(day)).containsExactly(1);
        assertThat(memory.remember(Map.of(day.plusDays(2), new byte[] {3})))
                .containsOnlyKeys(day, day.plusDays(2));
        assertThat(memory.remember(Map.of(day.plusDays(3), new byte[] {4})))
                .containsOnlyKeys(day.plusDays(2), day.plusDays(3));
        memory.forgetBefore(day.plusDays(3));
        assertThat(memory.recall()).containsOnlyKeys(day.plusDays(3));
    }

    @Test
    void withoutSettingsTheDefaultsHold() throws Exception {
        Tenant tenant = read();

        assertThat(tenant.hk()).hasSize(64);
        assertThat(tenant.visitorSecret()).isNotBlank();
        assertThat(tenant.rules()).isEqualTo(SessionRules.DEFAULT);
        assertThat(tenant.latenessMillis()).isNull();
        assertThat(tenant.goals()).isEmpty();
    }

    /** One Vault's hub may have no unique name; no order decides between two rows. */
    @Test
    void aNameOfSeveralTenantsIsNobodys() throws Exception {
        database.execute(
                """
                ALTER TABLE auth.tenant_h DROP CONSTRAINT tenant_h_tenant_bk_key;
                INSERT INTO auth.tenant_h VALUES
                    (sha256('2'), 'twice', now(), 'test'), (sha256('1'), 'twice', now(), 'test');
                """);

        assertThat(readAll().byBk()).containsOnlyKeys("acme");
        assertThat(readAll().ambiguous()).containsExactly("twice");
    }

    /** Piece by piece, and the next time what is more than a reading of tenants can wait for. */
    @Test
    void tellsWhomTheIdsOfRequestsMean() throws Exception {
        database.execute(
                """
                SELECT api.forget_visitor('acme', '{"user_id": 1}'::jsonb
                    || (SELECT jsonb_agg(jsonb_build_object('visitor_id', id)) FROM generate_series(1, 5000) AS id))""");

        read();
        assertThat(database.texts(TO_NAME)).containsExactly("NAMING 1");
        Tenant tenant = read();

        assertThat(database.texts(TO_NAME)).containsExactly("ERASING 0");
        assertThat(database.number("SELECT count(*) FROM raw.site_tracking_tombstone_r"))
                .isEqualTo(5_001);
        assertThat(
                        database.number(
                                """
                                SELECT count(*)
                                  FROM raw.site_tracking_tombstone_r
                                 WHERE visitor_hk IN (business.site_hash_key(tenant_hk, '%s'),
                                       business.site_hash_key(tenant_hk, '%s'))"""
                                        .formatted(
                                                Pseudonyms.ofUser(tenant, "1"),
                                                Pseudonyms.ofVisitor(tenant, "5000"))))
                .isEqualTo(2);
    }

    /** What came under them is there as it came. */
    @ParameterizedTest
    @CsvSource({"visitor_id, vis_id", "user_id, 7"})
    void tellsWhomAnIdMeantUnderFormerSecrets(String kind, String id) throws Exception {
        List<Tenant> were = new ArrayList<>(List.of(read()));
        set("1 hour", "visitor_secret", "'\\xabcd'");
        were.add(read());
        set("1 minute", "visitor_secret", "'\\xef01'");
        were.add(read());
        String visitor = "('acme', '{\"" + kind + "\": \"" + id + "\"}')";
        database.execute("SELECT api.forget_visitor" + visitor);
        database.execute("SELECT api.export_visitor" + visitor);
        read();

        String keys =
                were.stream()
                        .map(
                                tenant ->
                                        kind.equals("user_id")
                                                ? Pseudonyms.ofUser(tenant, id)
                                                : Pseudonyms.ofVisitor(tenant, id))
                        .map("business.site_hash_key(util.hash_binary('acme'), '%s')"::formatted)
                        .collect(Collectors.joining(", "));
        for (String table : List.of("site_tracking_tombstone_r", "site_tracking_export_r")) {
            assertThat(
                            database.texts(
                                    "SELECT count(*) || ' of ' || (SELECT count(*) FROM raw."
                                            + table
                                            + ") FROM raw."
                                            + table
                                            + " WHERE visitor_hk IN ("
                                            + keys
                                            + ")"))
                    .as(table)
                    .containsExactly("3 of 3");
        }
    }

    /** What was appended before is read again, or for the first time, as the job is behind. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {"NULL | '\\xabcd'", "'\\xabcd' | '\\xef01'", "'\\xabcd' | NULL"})
    void whoWasErasedComesBackUnderNoLaterSecret(String former, String later) throws Exception {
        set("1 hour", "visitor_secret", former);
        Instant asked = Instant.now();
        database.execute("SELECT api.forget_visitor('acme', '{\"visitor_id\": \"v-1\"}')");
        String named = Pseudonyms.ofVisitor(read(), "v-1");
        set("0", "visitor_secret", later);

        Tenant tenant = read();

        assertThat(Pseudonyms.ofVisitor(tenant, "v-1")).isNotEqualTo(named);
        for (int erasedAgo = -10; erasedAgo < 1_800; erasedAgo += 10) {
            Instant appended = asked.minusSeconds(erasedAgo);
            assertThat(Pseudonyms.ofVisitor(tenant.asOf(appended), "v-1")).isEqualTo(named);
        }
        Instant heldByThen = Instant.now().plus(FormerSecrets.NOTICE);
        assertThat(tenant.asOf(heldByThen)).isEqualTo(tenant);
    }

    @Test
    void eachSecretHoldsForWhatCameWhileItDid() throws Exception {
        String derived = read().visitorSecret();
        set("3 hours", "visitor_secret", "'\\xabcd'");
        set("2 hours", "visitor_secret, keep_texts", "'\\xabcd', false");
        set("1 hour", "visitor_secret", "'\\xef01'");

        Tenant tenant = read();

        Instant now = Instant.now();
        assertThat(tenant.asOf(now.minus(Duration.ofHours(4))).visitorSecret()).isEqualTo(derived);
        assertThat(tenant.asOf(now.minus(Duration.ofMinutes(150))).visitorSecret())
                .isEqualTo("abcd");
        assertThat(tenant.asOf(now.minus(Duration.ofMinutes(90))).visitorSecret())
                .isEqualTo("abcd");
        assertThat(tenant.asOf(now).visitorSecret()).isEqualTo("ef01");
    }

    @Test
    void theNewestSettingsHold() throws Exception {
        set("1 hour", "session_gap_ms, goal_event_types", "1, '{old}'");
        set(
                "1 minute",
                "session_gap_ms, allowed_lateness_ms, campaign_split, midnight_split,"
                        + " referrer_split, max_session_events, max_session_seconds, time_zone,"
                        + " goal_event_types, visitor_secret",
                "60000, 7200000, false, true, true, 20, 3600, 'Asia/Kolkata',"
                        + " '{sign_up,download}', '\\xabcd'");

        Tenant tenant = read();

        assertThat(tenant.rules())
                .isEqualTo(new SessionRules(60_000, 3_600_000, 20, false, "Asia/Kolkata", true));
        assertThat(tenant.latenessMillis()).isEqualTo(7_200_000);
        assertThat(tenant.goals()).isEqualTo(List.of("sign_up", "download"));
        assertThat(tenant.visitorSecret()).isEqualTo("abcd");
    }

    @Test
    void whatIsKeptOfVisitorsIsASetting() throws Exception {
        assertThat(read().privacy()).isEqualTo(PrivacyRules.DEFAULT);
        set(
                "1 minute",
                "consent_policy, honour_gpc, honour_dnt, ip_policy, keep_user_agents, keep_texts",
                "'REQUIRE', false, true, 'COUNTRY', true, false");

        PrivacyRules rules = read().privacy();

        assertThat(rules.consent().since()).isNotNull();
        assertThat(rules)
                .isEqualTo(
                        new PrivacyRules(
                                new ConsentRules(
                                        ConsentRules.Policy.REQUIRE,
                                        false,
                                        true,
                                        rules.consent().since()),
                                AddressPolicy.COUNTRY,
                                true,
                                false));
    }

    /** Nobody's settings may hold a day's events in state, or stop the job. */
    @Test
    void excessiveSettingsAreCut() throws Exception {
        set(
                "1 minute",
                "session_gap_ms, max_session_events, max_session_seconds, midnight_split,"
                        + " time_zone",
                "9000000000000000000, 2000000000, 9000000000000000000, true, 'Mars/Olympus'");

        SessionRules rules = read().rules();

        long week = Duration.ofDays(7).toMillis();
        assertThat(rules).isEqualTo(new SessionRules(week, week, 10_000, true, "Z", false));
    }

    /** One row that is empty inside must not stop the job for everybody. */
    @Test
    void emptySettingsAreNone() throws Exception {
        String derived = read().visitorSecret();
        set(
                "1 minute",
                "visitor_secret, allowed_origins, goal_event_types, time_zone",
                "'', ARRAY[NULL, '', 'https://acme.example'], ARRAY[NULL, 'sign_up'], ''");

        Tenant tenant = read();

        assertThat(tenant.visitorSecret()).isEqualTo(derived);
        assertThat(Pseudonyms.ofVisitor(tenant, "id")).startsWith("vis_");
        assertThat(tenant.hosts()).containsExactly("acme.example");
        assertThat(tenant.goals()).containsExactly("sign_up");
        assertThat(tenant.timeZone()).isEqualTo(ZoneOffset.UTC);
    }

    /** What a type and its checks let a setting be is no reason to know no tenant at all. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            textBlock =
                    """
                    session_gap_ms                | 1
                    session_gap_ms                | 9223372036854775807
                    allowed_lateness_ms           | 0
                    allowed_lateness_ms           | 9223372036854775807
                    max_session_events            | 1
                    max_session_events            | 2147483647
                    max_session_seconds           | 1
                    max_session_seconds           | 9223372036854775807
                    time_zone                     | 'EST5EDT,M3.2.0,M11.1.0'
                    time_zone                     | repeat('x', 100000)
                    midnight_split, time_zone     | true, '+99'
                    campaign_split, midnight_split, referrer_split | NULL, NULL, NULL
                    goal_event_types              | '{}'
                    goal_event_types              | '{{a,b},{c,NULL}}'
                    goal_event_types              | '[5:6]={a,b}'
                    goal_event_types              | ARRAY[NULL]::text[]
                    allowed_origins               | '{{https://a.example},{https://b.example}}'
                    allowed_origins               | '{{{NULL}}}'
                    allowed_origins               | ARRAY['http://', '://*.', 'https://[::1', 'https://%zz', chr(128512), repeat('a', 100000)]
                    visitor_secret                | '\\x00'
                    visitor_secret                | decode(repeat('ab', 100000), 'hex')
                    consent_policy, honour_gpc, honour_dnt | NULL, NULL, NULL
                    """)
    void oddSettingsOfOneTenantHurtNoOther(String columns, String values) throws Exception {
        database.execute(
                """
                INSERT INTO auth.tenant_h (tenant_hk, tenant_bk, load_date, record_source)
                VALUES (util.hash_binary('other'), 'other', now(), 'test')""");
        set("1 minute", columns, values);

        Map<String, Tenant> tenants = readAll().byBk();

        assertThat(tenants).containsOnlyKeys("acme", "other");
        Tenant odd = tenants.get("acme");
        assertThat(odd.goals()).doesNotContainNull();
        assertThat(Pseudonyms.ofVisitor(odd, "id")).startsWith("vis_");
    }

    /** Reports and sessions have the same days, whatever the setting says. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Europe/Berlin | Europe/Berlin",
                "Europe/berlin | Europe/Berlin",
                "AMERICA/PORT-AU-PRINCE | America/Port-au-Prince",
                "America/argentina/buenos_aires | America/Argentina/Buenos_Aires",
                "etc/gmt+5 | Etc/GMT+5",
                "Etc/GMT-14 | Etc/GMT-14",
                "utc | Z",
                "Gmt | Z",
                "Japan | Z",
                "EST5EDT | Z",
                "Mars/Olympus | Z",
                "Mars/Olympus+3 | Z",
                "Etc/GMT+13 | Z",
                "posix/Asia/Tokyo | Z",
                "SystemV/PST8 | Z",
                "+05:00 | Z",
                "' Asia/Tokyo' | Z",
            })
    void aTimeZoneIsTheSameInTheDatabase(String setting, String zone) throws Exception {
        set("1 minute", "midnight_split, time_zone", "true, '" + setting + "'");

        Tenant tenant = read();
        assertThat(tenant.timeZone()).isEqualTo(ZoneId.of(zone));
        assertThat(tenant.rules().midnightZone()).isEqualTo(zone);
        long noon =
                LocalDateTime.parse("2026-07-01T12:00").atZone(tenant.timeZone()).toEpochSecond();
        assertThat(
                        database.number(
                                """
                                SELECT extract(epoch FROM timestamp '2026-07-01 12:00'
                                    AT TIME ZONE business.site_time_zone(tenant_hk, '{}'))::bigint
                                FROM auth.tenant_h"""))
                .isEqualTo(noon);
    }

    @Test
    void theJobsGapIsThatOfTenantsWithoutOneOfTheirOwn() throws Exception {
        gap = "20 min";
        set("2 minutes", "midnight_split", "true");
        assertThat(read().rules().gapMillis()).isEqualTo(1_200_000);

        set("1 minute", "session_gap_ms", "1800000");
        assertThat(read().rules().gapMillis()).isEqualTo(1_800_000);
    }

    @Test
    void theTimeZoneAloneSplitsNothing() throws Exception {
        set("1 minute", "time_zone", "'Asia/Kolkata'");

        assertThat(read().rules()).isEqualTo(SessionRules.DEFAULT);
    }
}
