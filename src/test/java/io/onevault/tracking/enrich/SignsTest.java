package io.onevault.tracking.enrich;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Checks signs against the same rules, one look at the text for each, and what they let pass. */
class SignsTest {

    private static final int TEXTS = 100_000;
    private static final int MOST_PIECES = 6;
    private static final Pattern ACCOUNT = Pattern.compile("(?<![A-Za-z0-9])[A-Za-z]{2}[0-9]{2}");
    private static final Pattern AT =
            Pattern.compile("[@%]|&#64;|&#x40;|&commat;", Pattern.CASE_INSENSITIVE);

    /** Whole or cut, in any order, they make what is personal and what is nearly so. */
    private static final String[] PIECES = {
        "DE89370400440532013000",
        "no93 8601 1117 947",
        "zz12",
        "4111-1111-1111-1111",
        "+49 170 1234567",
        "078-05-1120",
        "tel:123456",
        "00:1A:2B:3C:4D:5E",
        "2001:db8::17",
        "198.51.100.7",
        "jo@example.com",
        "jo&#64;example.com",
        "jo%40example.com",
        "se4f21c09ab37d58e",
        "Shoes & Coats",
        "https://a.example/b?email=c&d=e#f",
        "{\"phone\": \"x\"}",
        "[{}]",
        "1-2-3-4-5-",
        "\u00E9t\u00E9",
        "\u00AD",
        "\uFF11\uFF12",
        " ",
        ".",
        ":",
        "/",
        "q"
    };

    private final Random random = new Random(21);

    @Test
    void areThoseOfEachRule() {
        Map<Integer, Integer> seen = new TreeMap<>();
        for (int i = 0; i < TEXTS; i++) {
            String text = text();
            int signs = Signs.of("a1" + text + "9z", 2, text.length() + 2);

            assertThat(signs).as(text).isEqualTo(signsByRule(text));
            seen.merge(signs, 1, Integer::sum);
        }

        assertThat(seen).containsKeys(0, Signs.AT, Signs.NUMBER, Signs.ODD, Signs.NAME);
    }

    @Test
    void whereThereAreNoneNothingIsFound() {
        int none = 0;
        for (int i = 0; i < TEXTS; i++) {
            String text = text();
            int signs = Signs.of(text, 0, text.length());
            if ((signs & ~Signs.NAME) == Signs.NONE) {
                assertThat(Numbers.redact(Emails.redact(Folding.fold(text)))).isSameAs(text);
            }
            if (signs == Signs.NONE) {
                none++;
                assertThat(JsonRedaction.redact(text)).isSameAs(text);
                assertThat(UrlRedaction.redact('?' + text + "&q=1")).endsWith(text + "&q=1");
            }
        }

        assertThat(none).isGreaterThan(TEXTS / 20);
    }

    private String text() {
        StringBuilder text = new StringBuilder();
        for (int pieces = random.nextInt(MOST_PIECES); pieces >= 0; pieces--) {
            String piece = PIECES[random.nextInt(PIECES.length)];
            int start = random.nextBoolean() ? 0 : random.nextInt(piece.length());
            int end = random.nextBoolean() ? piece.length() : start + 1;
            text.append(piece, start, end);
        }
        return text.toString();
    }

    private static int signsByRule(String text) {
        boolean odd = text.chars().anyMatch(c -> Folding.isOdd((char) c));
        boolean name = text.contains("=") || text.contains("\"");
        return (AT.matcher(text).find() ? Signs.AT : 0)
                | (isNumber(text) || hasAccount(text) ? Signs.NUMBER : 0)
                | (odd ? Signs.ODD : 0)
                | (name ? Signs.NAME : 0);
    }

    private static boolean isNumber(String text) {
        int longest = 0;
        for (String run : text.split("[A-Za-z]+")) {
            longest = Math.max(longest, count(run, "[0-9]"));
        }
        return longest >= 8
                || longest >= 6 && count(text, ":") > 0
                || longest > 0 && count(text, "\\.") >= 2
                || count(text, ":") >= 2
                || count(text, "-") >= 5;
    }

    private static boolean hasAccount(String text) {
        Matcher begin = ACCOUNT.matcher(text);
        boolean found = false;
        while (begin.find()) {
            found |= AccountNumbers.mayBegin(text, begin.start(), text.length());
        }
        return found;
    }

    private static int count(String text, String regex) {
        return (int) Pattern.compile(regex).matcher(text).results().count();
    }
}
