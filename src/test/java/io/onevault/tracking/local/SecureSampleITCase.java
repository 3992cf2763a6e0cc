package io.onevault.tracking.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.access.DatabaseAccess;
import io.onevault.tracking.access.KafkaAccess;
import io.onevault.tracking.access.TestSecret;
import io.onevault.tracking.job.SiteTrackingJob;
import io.onevault.tracking.job.settings.JobSettings;
import io.onevault.tracking.migrate.MigrateRun;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.recover.RecoverRun;
import io.onevault.tracking.relay.OutboxRelay;
import io.onevault.tracking.relay.RelaySettings;
import io.onevault.tracking.sample.SampleTraffic;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The sample through every client of ours, on a broker and a database that ask for logins and
 * certificates; and what a reader of logs, of the web UI and of Flink's files learns of the
 * secrets.
 */
class SecureSampleITCase {

    private static final JobRuns.Input INPUT = new JobRuns.Input("events", 3, 2);
    private static final String REJECTED = "rejected";
    private static final String GROUP = "secure";
    private static final String PRIVACY_SECRET = "5ec7e7".repeat(8);
    private static final String LATE_COMER = "daily-lantern";

    private static final List<String> SECRETS =
            List.of(
                    SecureBroker.SCRAM_PASSWORD,
                    SecurePostgres.password(SecurePostgres.OWNER),
                    SecurePostgres.password(SecurePostgres.LOADER),
                    SecurePostgres.password(SecurePostgres.RELAY),
                    PRIVACY_SECRET);

    @TempDir static Path folder;

    private static Certificate certificate;
    private static SecureBroker broker;
    private static SecurePostgres postgres;

    @BeforeAll
    static void start() throws Exception {
        certificate = Certificate.create(folder, "server");
        broker = new SecureBroker(folder.resolve("kafka"), certificate);
        broker.kafka().createTopic(INPUT.topic(), INPUT.partitions());
        broker.kafka().createTopic(REJECTED, 1);
        postgres = new SecurePostgres(folder, certificate);
        MigrateRun run = migrate(certificate);
        assertThat(run.err()).isEmpty();
        postgres.createLogins();
    }

    @AfterAll
    static void stop() throws Exception {
        postgres.close();
        broker.close();
    }

    @Test
    void theSampleComesThroughEveryDoorAndNoSecretGetsOut() throws Exception {
        TestDatabase database = postgres.database();
        VaultRows.register(
                database,
                Stream.of(SampleTraffic.tenants())
                        .filter(tenant -> !tenant.equals(LATE_COMER))
                        .toArray(String[]::new));
        List<byte[]> lines = SampleTraffic.lines().stream().map(JobRuns::utf8).toList();
        JobRuns.send(broker.kafka().bootstrapServers(), INPUT, lines);
        try (LogCapture log = new LogCapture()) {
            String said = runAll(database);
            assertThat(said)
                    .startsWith(VaultRows.ledger(database).get("RECEIVED RECOVERED") + " events");

            assertThat(log.text())
                    .contains("sasl.jaas.config = [hidden]", "client.id = secure-relay")
                    .contains("client.id = secure-source-0", "client.id = secure-source-1")
                    .contains("client.id = secure-rejected-0", "client.id = secure-rejected-1")
                    .contains("client.id = secure-backlog-", "client.id = secure-recover")
                    .doesNotContain("InstanceAlreadyExistsException")
                    .doesNotContain(SECRETS);
        }

        assertThat(VaultRows.ledger(database).get("RECEIVED RECOVERED")).isGreaterThan(500);
        assertThat(VaultRows.ledger(database).get("ACCEPTED")).isGreaterThan(3_000);
        assertThat(
                        database.number(
                                "SELECT count(*) FROM raw.site_tracking_events_r"
                                        + " WHERE payload ->> 'evt_type' = 'by_sql'"))
                .isEqualTo(1);
        VaultRows.assertSound(database);
    }

    /** Returns what the recovery said. */
    private static String runAll(TestDatabase database) throws Exception {
        Path flinkFolder = folder.resolve("flink");
        String recovery;
        try (FlinkCluster flink = flink(flinkFolder)) {
            RunningJob job =
                    flink.submit(GROUP, env -> SiteTrackingJob.define(env, job(certificate)));
            TopicEnd end =
                    new TopicEnd(broker.kafka().bootstrapServers(), INPUT, GROUP, PRIVACY_SECRET);
            OutboxRelay relay = OutboxRelay.start(relay());
            try {
                database.execute(
                        "SELECT api.track_event('{\"tenantId\":\"acme-shop\","
                                + "\"evt_type\":\"by_sql\",\"session_id\":\"by-sql\"}')");
                JobRuns.await(
                        () ->
                                database.number("SELECT count(*) FROM raw.site_tracking_outbox_r")
                                        == 0);
            } finally {
                relay.close();
            }
            end.await(job::requireAlive);
            VaultRows.register(database, LATE_COMER);
            RecoverRun run =
                    RecoverRun.of("--config", jobFile().toString(), "--tenant", LATE_COMER);
            assertThat(run.err()).isEmpty();
            recovery = run.out();
            end.drain(database, job::requireAlive);
            assertThat(webUi(flink.webUi())).contains(GROUP).doesNotContain(SECRETS);
            job.stop();
        }
        assertThat(filesWith(flinkFolder, SECRETS)).isEmpty();
        return recovery;
    }

    @Test
    void aServerWithAnotherCertificateIsRefusedWithAClearMessage() throws Exception {
        Certificate stranger = Certificate.create(folder, "stranger");

        MigrateRun run = migrate(stranger);
        assertThat(run.err()).contains(": SSL error: ", "sslrootcert").doesNotContain(SECRETS);
        try (FlinkCluster flink = flink(folder.resolve("flink-stranger"))) {
            RunningJob job = flink.submit(GROUP, env -> SiteTrackingJob.define(env, job(stranger)));
            JobRuns.await(
                    () ->
                            job.requireAlive()
                                    .filter(why -> why.contains("certification path"))
                                    .isPresent());
            job.stop();
        }
    }

    @Test
    void aMissingSecretIsNamedWhereTheJobFails() throws Exception {
        Map<String, String> settings = settings(certificate);
        settings.put("kafka.group-id", "missing");
        settings.put("database.password", "${env:NO_SUCH_VARIABLE}");
        try (FlinkCluster flink = flink(folder.resolve("flink-missing"))) {
            RunningJob job =
                    flink.submit(
                            "missing",
                            env -> SiteTrackingJob.define(env, JobSettings.of(settings)));
            JobRuns.await(
                    () ->
                            job.requireAlive()
                                    .filter(why -> why.contains("${env:NO_SUCH_VARIABLE}"))
                                    .isPresent());
            job.stop();
        }
    }

    private static FlinkCluster flink(Path folder) throws Exception {
        return FlinkCluster.start(
                folder,
                0,
                Map.of(
                        "parallelism.default",
                        Integer.toString(INPUT.parallelism()),
                        "execution.checkpointing.interval",
                        "500 ms"));
    }

    private static MigrateRun migrate(Certificate trusted) {
        return MigrateRun.of(
                "--url",
                postgres.url(trusted),
                "--user",
                SecurePostgres.OWNER,
                "--password",
                TestSecret.reference(SecurePostgres.password(SecurePostgres.OWNER)));
    }

    private static JobSettings job(Certificate trusted) {
        return JobSettings.of(settings(trusted));
    }

    private static Map<String, String> settings(Certificate trusted) {
        Map<String, String> settings =
                new HashMap<>(SecureBroker.scram(SecureBroker.SCRAM_PASSWORD, certificate));
        settings.put("kafka.bootstrap-servers", broker.address());
        settings.put("kafka.topic", INPUT.topic());
        settings.put("kafka.rejected-topic", REJECTED);
        settings.put("kafka.group-id", GROUP);
        settings.put("kafka.property.client.id", "secure");
        settings.put("kafka.property.client.rack", "here");
        settings.put("database.url", postgres.url(trusted));
        settings.put("database.user", SecurePostgres.LOADER);
        settings.put(
                "database.password",
                TestSecret.reference(SecurePostgres.password(SecurePostgres.LOADER)));
        settings.put("privacy.secret", TestSecret.reference(PRIVACY_SECRET));
        settings.put("privacy.salts", "DERIVED");
        settings.put("tenants.refresh", "200 ms");
        return settings;
    }

    private static Path jobFile() throws Exception {
        Properties properties = new Properties();
        properties.putAll(settings(certificate));
        Path file = folder.resolve("job.properties");
        try (var writer = Files.newBufferedWriter(file)) {
            properties.store(writer, null);
        }
        return file;
    }

    private static RelaySettings relay() {
        Map<String, String> settings = settings(certificate);
        return RelaySettings.of(
                new DatabaseAccess(
                        postgres.url(certificate),
                        SecurePostgres.RELAY,
                        TestSecret.reference(SecurePostgres.password(SecurePostgres.RELAY))),
                KafkaAccess.of(broker.address(), settings),
                INPUT.topic());
    }

    /** What the web UI's pages are made of. */
    private static String webUi(String address) throws Exception {
        StringBuilder seen = new StringBuilder(get(address + "/jobs/overview"));
        Matcher job = Pattern.compile("\"jid\":\"([0-9a-f]+)\"").matcher(seen.toString());
        assertThat(job.find()).isTrue();
        String path = address + "/jobs/" + job.group(1);
        for (String page : List.of("", "/config", "/plan", "/exceptions", "/checkpoints/config")) {
            seen.append(get(path + page));
        }
        seen.append(get(address + "/jobmanager/config"));
        seen.append(get(address + "/jobmanager/environment"));
        return seen.toString();
    }

    private static String get(String address) throws Exception {
        HttpResponse<String> answer =
                HttpClient.newHttpClient()
                        .send(
                                HttpRequest.newBuilder(URI.create(address)).build(),
                                HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(address).isEqualTo(200);
        return answer.body();
    }

    private static List<Path> filesWith(Path folder, List<String> texts) throws Exception {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile).filter(file -> holds(file, texts)).toList();
        }
    }

    private static boolean holds(Path file, List<String> texts) {
        try {
            String content = Files.readString(file, StandardCharsets.ISO_8859_1);
            return texts.stream().anyMatch(content::contains);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
