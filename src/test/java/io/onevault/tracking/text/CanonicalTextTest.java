package io.onevault.tracking.text;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.migrate.PostgresExtension;
import io.onevault.tracking.migrate.TestPostgres;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(PostgresExtension.class)
class CanonicalTextTest {

    @Test
    void jsonIsThatOfPostgres(TestPostgres postgres) throws Exception {
        StringBuilder text = new StringBuilder("/\u007f\u00e9\ud83d\ude00");
        for (char c = 1; c < 0x80; c++) {
            text.append(c);
        }

        String query = "SELECT to_jsonb('" + text.toString().replace("'", "''") + "'::text)::text";

        assertThat(postgres.empty().texts(query)).containsExactly(json(text.toString()));
    }

    private static String json(String text) {
        StringBuilder out = new StringBuilder();
        CanonicalText.appendJson(out, text);
        return out.toString();
    }
}
