package io.onevault.tracking.enrich;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Checks redaction on generated input: nothing planted survives, nothing clean changes. */
class RedactorPropertyTest {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    @Property
    void redactingTwiceChangesNothingMore(@ForAll("messy") String text) {
        String once = Redactor.redact(text);
        String onceUrl = UrlRedaction.redact("https://a.example/" + text);

        assertThat(Redactor.redact(once)).isSameAs(once);
        assertThat(UrlRedaction.redact(onceUrl)).isSameAs(onceUrl);
    }

    @Property
    void noEmailSurvivesAnywhere(
            @ForAll String before, @ForAll("emails") String email, @ForAll String after) {
        assertThat(Redactor.redact(before + email + after)).doesNotContain(email);
        assertThat(UrlRedaction.redact("/" + before + email + after)).doesNotContain(email);
    }

    @Property
    void noInternationalPhoneNumberSurvivesAnywhere(
            @ForAll("words") String before,
            @ForAll("phones") String phone,
            @ForAll("words") String after) {
        String redacted = Redactor.redact(before + phone + after);

        assertThat(redacted).contains("[phone]").doesNotContain(phone);
    }

    @Property
    void noCardNumberSurvives(
            @ForAll("clean") String before,
            @ForAll("cards") String card,
            @ForAll("clean") String after) {
        String redacted = Redactor.redact(before + " " + card + " " + after);

        assertThat(redacted).isEqualTo(before + " [card] " + after);
    }

    /** Of those that begin with two zeros nobody can tell that they are no phone numbers. */
    @Property
    void anArticleNumberStays(
            @ForAll("clean") String before,
            @ForAll("articleNumbers") String ean,
            @ForAll("clean") String after) {
        String text = before + " " + ean + " " + after;

        assertThat(Redactor.redact(text)).isSameAs(text);
        String url = "https://shop.example/p/" + ean + "-tea?ean=" + ean;
        assertThat(UrlRedaction.redact(url)).isSameAs(url);
    }

    @Property
    void noAddressSurvives(@ForAll("clean") String before, @ForAll("ips") String ip) {
        assertThat(Redactor.redact(before + " " + ip + " x")).isEqualTo(before + " [ip] x");
    }

    @Property
    void cleanTextsStayTheSame(@ForAll("clean") String text) {
        String url = "https://a.example/" + text.replace(' ', '/') + "?q=" + text.replace(' ', '+');

        assertThat(Redactor.redact(text)).isSameAs(text);
        assertThat(UrlRedaction.redact(url)).isSameAs(url);
    }

    @Property
    void jsonStaysJsonWithoutPersonalData(
            @ForAll("objects") Map<String, List<Object>> object, @ForAll("emails") String email)
            throws JsonProcessingException {
        String json =
                MAPPER.writeValueAsString(
                        Map.of("a", object, "mailTo", email, "first_name", object, "n", "x"));

        String redacted = JsonRedaction.redact(json);

        JsonNode tree = MAPPER.readTree(redacted);
        assertThat(redacted).doesNotContain(email);
        assertThat(tree.size()).isEqualTo(4);
        assertThat(tree.get("first_name").asText()).isEqualTo("[redacted]");
        assertThat(tree.get("n").asText()).isEqualTo("x");
        assertThat(JsonRedaction.redact(redacted)).isSameAs(redacted);
    }

    @Property
    void cleanJsonStaysTheSame(@ForAll("clean") String text) throws JsonProcessingException {
        String json =
                MAPPER.writeValueAsString(
                        Map.of("a \"b\"\n", List.of(text, 1.5, -2, true), "product_name", text));

        assertThat(JsonRedaction.redact(json)).isSameAs(json);
    }

    @Property
    void neverThrowsOnBrokenJson(@ForAll("messy") String text) {
        String broken = "{\"email\":" + text;

        assertThat(JsonRedaction.redact(broken)).startsWith("{\"email\":");
    }

    @Provide
    Arbitrary<String> emails() {
        Arbitrary<String> locals =
                Arbitraries.strings()
                        .withCharRange('a', 'z')
                        .numeric()
                        .ofMinLength(1)
                        .ofMaxLength(9);
        return Combinators.combine(locals, locals, Arbitraries.of("com", "de", "co.uk", "museum"))
                .as((a, b, tld) -> a + "." + b + "@" + b + "." + tld);
    }

    @Provide
    Arbitrary<String> phones() {
        return Combinators.combine(
                        Arbitraries.integers().between(1, 999),
                        Arbitraries.integers().between(100, 999),
                        Arbitraries.integers().between(1_000, 99_999_999),
                        Arbitraries.of("", " ", "-", ".", "\u00A0", "/"))
                .as((country, area, rest, gap) -> "+" + country + gap + area + gap + rest)
                .filter(phone -> phone.chars().filter(Character::isDigit).count() >= 8);
    }

    @Provide
    Arbitrary<String> cards() {
        return Combinators.combine(
                        Arbitraries.of("4", "51", "55", "2221", "6011", "3530", "62"),
                        Arbitraries.strings().numeric().ofLength(15),
                        Arbitraries.of("", " ", "-"))
                .as((issuer, digits, gap) -> grouped(withCheckDigit(issuer + digits), gap));
    }

    /** Of 13 digits, the last of them the check digit; some pass a card's, too. */
    @Provide
    Arbitrary<String> articleNumbers() {
        return Arbitraries.longs()
                .between(10_000_000_000L, 999_999_999_999L)
                .map(digits -> String.format("%012d", digits))
                .map(digits -> digits + eanCheckDigit(digits));
    }

    private static int eanCheckDigit(String digits) {
        int sum = 0;
        for (int i = 0; i < digits.length(); i++) {
            sum += (digits.charAt(i) - '0') * (i % 2 == 0 ? 1 : 3);
        }
        return (10 - sum % 10) % 10;
    }

    @Provide
    Arbitrary<String> ips() {
        Arbitrary<Integer> octets = Arbitraries.integers().between(1, 255);
        Arbitrary<String> v4 =
                Combinators.combine(octets, octets, octets, octets)
                        .as((a, b, c, d) -> a + "." + b + "." + c + "." + d);
        Arbitrary<String> v6 =
                Arbitraries.integers()
                        .between(0x2000, 0x3FFF)
                        .map(group -> Integer.toHexString(group) + ":db8::" + group % 997);
        return Arbitraries.oneOf(v4, v6);
    }

    @Provide
    Arbitrary<String> words() {
        return Arbitraries.of("Call me ", "ab", "order_", "(", "price=", "x: ", "! ", "")
                .list()
                .ofMaxSize(4)
                .map(list -> String.join("", list));
    }

    @Provide
    Arbitrary<String> clean() {
        Arbitrary<String> numbers =
                Arbitraries.longs().between(0, 99_999_999_999L).map(String::valueOf);
        Arbitrary<String> prices =
                Arbitraries.integers().between(0, 9_999_999).map(n -> n / 100 + "." + n % 100);
        Arbitrary<String> times =
                Arbitraries.longs()
                        .between(1_000_000_000_000L, 1_999_999_999_999L)
                        .map(t -> "" + t);
        Arbitrary<String> ids =
                Combinators.combine(Arbitraries.longs(), Arbitraries.longs())
                        .as((a, b) -> new UUID(a, b).toString());
        Arbitrary<String> words =
                Arbitraries.strings().withCharRange('a', 'z').ofMinLength(1).ofMaxLength(8);
        // Joined by a word, so that numbers do not stand in a row like the groups of a phone.
        return Arbitraries.oneOf(numbers, prices, times, ids, words)
                .list()
                .ofMinSize(1)
                .ofMaxSize(6)
                .map(list -> "x " + String.join(" x ", list) + " x");
    }

    @Provide
    Arbitrary<String> messy() {
        return Arbitraries.of(
                        "@",
                        "a",
                        "jo@b.example",
                        "%40",
                        "%",
                        "+",
                        "4",
                        "00",
                        "49 ",
                        "170 1234567",
                        "4111111111111111",
                        "1.2.3.4",
                        ":",
                        "2001:db8::1",
                        "-",
                        " ",
                        "/",
                        "?",
                        "&",
                        "=",
                        "#",
                        "email",
                        "{",
                        "}",
                        "[",
                        "]",
                        "\"",
                        "\\",
                        "\\u00",
                        ",",
                        "é",
                        "DE89370400440532013000",
                        "(",
                        ")",
                        ".",
                        "\uD83D\uDE00",
                        "tel:",
                        "_")
                .list()
                .ofMaxSize(12)
                .map(list -> String.join("", list));
    }

    @Provide
    Arbitrary<Map<String, List<Object>>> objects() {
        Arbitrary<Object> values =
                Arbitraries.oneOf(
                        Arbitraries.strings().ofMaxLength(10).map(s -> (Object) s),
                        messy().map(s -> (Object) s),
                        Arbitraries.doubles().map(d -> (Object) d),
                        Arbitraries.longs().map(n -> (Object) n),
                        Arbitraries.of(true, false).map(b -> (Object) b));
        return Arbitraries.maps(messy(), values.list().ofMaxSize(3)).ofMaxSize(4);
    }

    private static String withCheckDigit(String text) {
        String digits = text.substring(0, 15);
        int sum = 0;
        for (int i = 0; i < 15; i++) {
            int digit = digits.charAt(i) - '0';
            int doubled = i % 2 == 0 ? digit * 2 : digit;
            sum += doubled / 10 + doubled % 10;
        }
        return digits + (10 - sum % 10) % 10;
    }

    private static String grouped(String digits, String gap) {
        return String.join(
                gap,
                digits.substring(0, 4),
                digits.substring(4, 8),
                digits.substring(8, 12),
                digits.substring(12));
    }
}
