package io.onevault.tracking.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Logins and secrets of docker-compose.yml. */
@ExtendWith(PostgresExtension.class)
final class ComposeSecretsTest {

    private final Compose compose = new Compose();

    @Test
    void tellsNoSecretThatEverybodyCanRead() {
        List<String> secrets = new ArrayList<>();
        for (String service : compose.services().keySet()) {
            Object environment = compose.service(service).get("environment");
            Map<String, Object> variables =
                    environment == null ? Map.of() : Compose.map(environment);
            variables.forEach(
                    (name, value) -> {
                        if (name.contains("PASSWORD") || name.contains("SECRET")) {
                            secrets.add(name);
                            String given = value.toString().replace("$$", "$");
                            assertThat(given)
                                    .as(name)
                                    .matches("(\\$\\{file:)?/site-tracking/secrets/[a-z]+}?");
                            assertThat(made()).contains(fileOf(service, given));
                        }
                    });
        }

        assertThat(secrets)
                .containsExactlyInAnyOrder(
                        "POSTGRES_PASSWORD_FILE",
                        "SITE_TRACKING_DATABASE_PASSWORD",
                        "SITE_TRACKING_PRIVACY_SECRET");
    }

    /** Such as job/database: the submitting service names what the TaskManager sees. */
    private String fileOf(String service, String given) {
        String reader = service.equals("submit") ? "taskmanager" : service;
        String volume =
                Compose.list(compose.service(reader).get("volumes")).stream()
                        .map(Object::toString)
                        .filter(mounted -> mounted.endsWith(":/site-tracking/secrets:ro"))
                        .findFirst()
                        .orElseThrow();
        String file = given.replaceAll(".*/|}", "");
        return volume.substring("secrets-".length(), volume.indexOf(':')) + "/" + file;
    }

    private List<String> made() {
        Matcher make = Pattern.compile("make /secrets/(\\S+)").matcher(compose.command("secrets"));
        return make.results().map(found -> found.group(1)).toList();
    }

    @Test
    void makesEachSecretOnce(@TempDir Path folder) throws Exception {
        for (String name : List.of("postgres", "job", "relay", "collector")) {
            Files.createDirectories(folder.resolve(name));
        }
        String script = compose.command("secrets").replace("/secrets/", folder + "/");

        assertThat(Compose.bash(script).lines()).hasSize(5);
        List<String> first = secrets(folder);
        assertThat(Compose.bash(script)).isEmpty();

        assertThat(first)
                .hasSize(5)
                .doesNotHaveDuplicates()
                .allSatisfy(secret -> assertThat(secret).matches("[0-9a-f]{64}"));
        assertThat(secrets(folder)).isEqualTo(first);
    }

    private List<String> secrets(Path folder) {
        return made().stream().map(file -> Compose.read(folder.resolve(file))).toList();
    }

    @Test
    void letsJobRelayAndCollectorInAsNoMoreThanTheyNeed(TestPostgres postgres) throws Exception {
        TestDatabase vault = postgres.vault();
        String logins =
                Compose.read(Path.of("compose/logins.sql"))
                        .replace(":'job'", "'of the job'")
                        .replace(":'relay'", "'of the relay'")
                        .replace(":'collector'", "'of the collector'");

        vault.execute(logins);
        vault.execute(logins);

        assertThat(
                        vault.texts(
                                """
                                SELECT concat_ws(' ', login.rolname,
                                       login.rolsuper OR login.rolcreaterole OR login.rolcreatedb,
                                       login.rolbypassrls, login.rolcanlogin,
                                       string_agg(granted.rolname, ','))
                                  FROM pg_roles AS login
                                  JOIN pg_auth_members AS member ON member.member = login.oid
                                  JOIN pg_roles AS granted ON granted.oid = member.roleid
                                 WHERE login.rolname IN ('one_vault_job', 'one_vault_relay', 'one_vault_collector')
                                 GROUP BY login.oid, login.rolname, login.rolsuper,
                                       login.rolcreaterole, login.rolcreatedb, login.rolbypassrls,
                                       login.rolcanlogin
                                 ORDER BY 1"""))
                .containsExactly(
                        "one_vault_collector f f t site_tracking_collector",
                        "one_vault_job f t t site_tracking_loader",
                        "one_vault_relay f f t site_tracking_relay");
        // Roles are of the whole server, which other tests look at, too.
        vault.execute("DROP ROLE one_vault_job, one_vault_relay, one_vault_collector");
        assertThat(Compose.map(compose.service("submit").get("environment")))
                .containsEntry("SITE_TRACKING_DATABASE_USER", "one_vault_job");
        assertThat(compose.command("schema"))
                .contains(
                        "--file /compose/logins.sql",
                        "--set job=",
                        "--set relay=",
                        "--set collector=");
    }
}
