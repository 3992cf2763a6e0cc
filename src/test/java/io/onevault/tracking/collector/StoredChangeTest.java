package io.onevault.tracking.collector;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;

/** What of a change of settings reaches the database. */
final class StoredChangeTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    private static String cleaned(String change) throws Exception {
        return StoredChange.of(JSON.readTree(change));
    }

    @Test
    void takesPersonalDataOutOfTextsByTheRulesOfTheJob() throws Exception {
        String change =
                """
                {"annotation":{"day":"2026-03-01","text":"Sale of 2026-03-01, see jo@example.com, \
                DE89 3704 0044 0532 0130 00 or +49 (30) 12345-678"},\
                "segment":{"name":"of jo@example.com","filters":{"device":["mobile"]}},\
                "link":{"name":"for jo@example.com","days":3}}""";

        String kept = cleaned(change);

        assertThat(kept)
                .contains("Sale of 2026-03-01, see ", "{\"device\":[\"mobile\"]}", "\"days\":3")
                .doesNotContain("example.com", "3704", "12345");
        assertThat(cleaned(kept)).as("what is kept names itself").isEqualTo(kept);
    }

    @Test
    void keepsAHashOfAPasswordThatItMadeItself() throws Exception {
        String kept =
                cleaned(
                        "{\"link\":{\"name\":\"a\",\"password\":\"long enough\","
                                + "\"password_hash\":\"brought\"}}");

        assertThat(kept)
                .contains("\"password_hash\":\"pbkdf2-sha512$")
                .doesNotContain("long enough", "brought");
    }

    @Test
    void leavesWhatIsNoChangeToTheDatabase() throws Exception {
        for (String odd : new String[] {"[]", "7", "{\"link\":1}", "{\"segment\":{\"name\":7}}"}) {
            assertThat(cleaned(odd)).isEqualTo(odd);
        }
    }
}
