package io.onevault.tracking.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestDatabase;
import io.onevault.tracking.migrate.TestPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The examples of docs/api.md and of the README run. */
@ExtendWith(PostgresExtension.class)
class ApiDocTest {

    private static final Pattern SQL = Pattern.compile("```sql\n(.*?)```", Pattern.DOTALL);
    private static final Pattern FUNCTION = Pattern.compile("## (api\\.\\w+)\\(");

    private static final Path API = Path.of("docs", "api.md");

    private static List<String> found(Pattern pattern, Path page) throws Exception {
        List<String> found = new ArrayList<>();
        Matcher matcher = pattern.matcher(Files.readString(page));
        while (matcher.find()) {
            found.add(matcher.group(1));
        }
        return found;
    }

    @ParameterizedTest
    @ValueSource(strings = {"docs/api.md", "README.md"})
    void everyExampleSucceeds(Path page, TestPostgres postgres) throws Exception {
        TestDatabase database = postgres.vault();
        VaultRows.register(database, "acme", "acme-shop");
        List<String> examples = new ArrayList<>();
        for (String block : found(SQL, page)) {
            examples.addAll(List.of(block.strip().split(";\\s*")));
        }

        assertThat(examples).hasSizeGreaterThan(3);
        for (String example : examples) {
            List<String> answers = database.texts("SELECT t::text FROM (" + example + ") AS t");
            assertThat(answers).as(example).noneMatch(answer -> answer.contains("error_code"));
            if (example.matches("(?s)SELECT (jsonb_pretty\\()?api\\..*")) {
                assertThat(answers).as(example).singleElement().asString().contains("success");
            }
        }
    }

    @Test
    void everyReadFunctionIsDescribedWithAnExample(TestPostgres postgres) throws Exception {
        List<String> examples = found(SQL, API);
        List<String> functions =
                postgres.vault()
                        .texts(
                                """
                                SELECT 'api.' || proname FROM pg_proc
                                 WHERE pronamespace = 'api'::regnamespace
                                   AND obj_description(oid, 'pg_proc') LIKE '%docs/api.md%'
                                 ORDER BY 1""");

        assertThat(functions).isNotEmpty();
        assertThat(found(FUNCTION, API)).containsAll(functions);
        for (String function : functions) {
            assertThat(examples).anyMatch(example -> example.contains(function + "("));
        }
    }
}
