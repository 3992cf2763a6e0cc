package io.onevault.tracking.enrich;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import io.onevault.tracking.contract.Decoded;
import io.onevault.tracking.contract.TrackerEventDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Checks what is redacted in texts and URLs, and what is left alone. */
class RedactorTest {

    /** A sign in another form, digits of another script, and what cannot be seen. */
    @ParameterizedTest(name = "{0} -> {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "mail jane\uFE6Bexample.org now | mail [email] now",
                "jane@example\u3002org, jane@example\uFF0Eorg | [email], [email]",
                "jane@\u200Bexample.org, jane\u00AD@example.org | [email], [email]",
                "jane&#64;example.org, jane&commat;example.org | [email], [email]",
                "jane%2540example.org, jane%252540example.org | [email], [email]",
                "\uFF0B49 170 1234567 | [phone]",
                "+\uFF14\uFF19 170 1234567 | [phone]",
                "+\u0664\u0669\u0661\u0667\u0660\u0661\u0662\u0663\u0664\u0665\u0666\u0667 | [phone]",
                "DE89\u20093704\u20090044\u20090532\u20090130\u200900 | [iban]",
                "4111\u20091111\u20091111\u20091111 | [card]",
                "\uFF14111111111111111 | [card]",
            })
    void redactsWhatIsWrittenInOtherCharacters(String text, String expected) {
        assertThat(Redactor.redact(text)).isEqualTo(expected);
    }

    @Test
    void leavesOtherCharactersWhereNothingIsFound() {
        String text = "\uFF33\u200Bale \u2009 50\u00A0%\u3002";

        assertThat(Redactor.redact(text)).isSameAs(text);
    }

    @ParameterizedTest(name = "{0} -> {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "/a?next=%252Fme%253Femail%253Djane | /a?next=%2Fme%3Femail%3D[redacted]",
                "/a?%2565mail=jane | /a?%2565mail=[redacted]",
                "/a?to=jane%252540example.org | /a?to=[email]",
                "/a?u=https%3A%2F%2Fjane%3Apw%40h.example%2Fx | /a?u=https:%2F%2Fh.example%2Fx",
                "/a?userId=7&email2=x&clientIp=y&shipping_address=z | /a?userId=[redacted]&email2=[redacted]&clientIp=[redacted]&shipping_address=[redacted]",
            })
    void redactsUrlsInUrlsHoweverOftenTheyAreEncoded(String url, String expected) {
        assertThat(Redactor.redactTextOrUrl(url)).isEqualTo(expected);
    }

    @Test
    void redactsJsonThatIsAText() {
        assertThat(Redactor.redactJson("{\"a\": \"{\\\"email\\\": \\\"jane\\\"}\"}"))
                .doesNotContain("jane");
    }

    @ParameterizedTest(name = "{0} -> {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "mail jo.doe+x@Mail.example.com now | mail [email] now",
                "<jo@example.com>, jürgen@bücher.example | <[email]>, [email]",
                "jo%40example.com | [email]",
                "jo＠example.com | [email]",
                "a=b@example.com2024 | a=[email]",
                "call +49 170 1234567! | call [phone]!",
                "+4917012345678x | [phone]x",
                "+1 (555) 123-4567, +44 (0)20 7946 0958 | [phone], [phone]",
                "(555) 223-4567 or 555.223.4567 | [phone] or [phone]",
                "1-555-223-4567 | [phone]",
                "0170 1234567 and 030/1234567-12 | [phone] and [phone]",
                "01.23.45.67.89 | [phone]",
                "0049 170 1234567 and 00491701234567 | [phone] and [phone]",
                "tel:1234567890 | tel:[phone]",
                "card 4111111111111111. | card [card].",
                "4111 1111 1111 1111 12/26 | [card] 12/26",
                "5500-0000-0000-0004 | [card]",
                "4111.1111.1111.1111, 3782.822463.10005. | [card], [card].",
                "DE89.3704.0044.0532.0130.00. | [iban].",
                "ssn is 123-45-6789, SSN: 123 45 6789 | ssn is [ssn], SSN: [ssn]",
                "SSN 123456789; Social Security Number: 123.45.6789 | SSN [ssn]; Social Security Number: [ssn]",
                "at 00:1B:63:84:45:E6, 00-1b-63-84-45-e6, 001b.6384.45e6 | at [mac], [mac], [mac]",
                "aa:bb:cc:dd:ee:ff 10:20:30:40:50:60 | [mac] [mac]",
                "IMEI: 490154203237518 imei=490154203237518 | IMEI: [imei] imei=[imei]",
                "49-015420-323751-8 or 49 015420 323751 8 | [imei] or [imei]",
                "3782 822463 10005 | [card]",
                "IBAN DE89 3704 0044 0532 0130 00 thanks | IBAN [iban] thanks",
                "gb82west12345698765432 | [iban]",
                "from 203.0.113.7:8080. | from [ip]:8080.",
                "2001:db8::1, fe80::1 | [ip], [ip]",
                "::ffff:203.0.113.7 | ::ffff:[ip]",
                "from 2ada:db8::3 here | from [ip] here",
                "fe80::a | [ip]",
                "2001:db8:1:2:3:4:5:6 | [ip]",
                "code:2001:db8::1: x | code:[ip]: x",
            })
    void redactsTexts(String text, String expected) {
        assertThat(Redactor.redact(text)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "@jo said so",
                "jo @ example.com",
                "react@18.2.0 logo@2x.png user@localhost",
                "1.299,00 € and $1,234,567.89 and 12 345,50 or 1 234 567 890 EUR",
                "12345678 1234567890 123456789012345678 5551234567 0012345678",
                "1700000000 1700000000000 1700000000000000",
                "2024-01-15T10:30:00.123+01:00 2024-01-15 10:30:00 01/02/2024 10:30",
                "01.02.2024 10:30 01-02-2024 20240115103000 09:00 - 17:00 10:30:45",
                "SKU-12345-67 AB-1234567 0123456-ABC X0170-1234567 123-456-7890-11",
                "v1.2.3.4 Chrome/130.0.6723.58 Chrome/109.0.0.0 version 4.0.0.1 1.2.3.4-beta",
                "550e8400-e29b-41d4-a716-446655440000",
                "12345678-0123-4567-8901-123456789012 41111111-1111-1111-1111-111111111111",
                "GA1.2.1234567890.1700000000 std::vector Abc::Add",
                "00:00:00:00:00:00 ff:ff:ff:ff:ff:ff aa:bb:cc:dd:ee:ff:00 and 12-34-56-78-90-12",
                "be-ad-ed-fa-ce-ad 2024.1015.1234 1.2.3 0011.2233.4455.6677 aa:bb:cc:dd:ee:fff",
                "490154203237518 imei 490154203237519 49-015420-323751-9 mini 490154203237518",
                "123-45-6789-0 A123-45-6789 000-12-3456 666-12-3456 900-12-3456 123-00-4567",
                "123-45-0000 123.45.6789 123 45 6789 1-123-45-6789 123-45-67890 123-45-678",
                "4111.1111.1111.1112 1234.5678.9012.3456 DE89.3704.0044.0532.0130.01 4111.11",
                "1:2:3:4:5:6:7:8:9:10:11:12",
                "4001230000378 /p/4017890000375-green-tea?ean=4901770001852 4222222222222",
                "4111111111111112 0.4111111111111111 9012345678901234 978-3-16-148410-0",
                "203.0.0.0/16 2001:db8:1::/48 1920x1080 100%40 12%",
                "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            })
    void leavesCleanTextsAlone(String text) {
        assertThat(Redactor.redact(text)).isSameAs(text);
    }

    @ParameterizedTest(name = "{0} -> {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "https://jo:pw@a.example/x | https://a.example/x",
                "https://a.example/u/jo%40b.example/x | https://a.example/u/[email]/x",
                "https://a.example/?q=jo%40b.example&p=1 | https://a.example/?q=[email]&p=1",
                "https://a.example/?q=jo+x@b.example | https://a.example/?q=[email]",
                "https://a.example/?q=call+%2B49+170+1234567 | https://a.example/?q=call+[phone]",
                "https://a.example/?q=+491701234567 | https://a.example/?q=[phone]",
                "https://a.example/?user_Email=x&firstName=Jo&id=7"
                        + " | https://a.example/?user_Email=[redacted]&firstName=[redacted]&id=7",
                "https://a.example/?phone=&%6Eame=Jo | https://a.example/?phone=&%6Eame=[redacted]",
                "https://a.example/#access_token=abc&x=1"
                        + " | https://a.example/#access_token=[redacted]&x=1",
                "https://a.example/#/u?token=abc | https://a.example/#/u?token=[redacted]",
                "/pay;token=1/4111111111111111 | /pay;token=[redacted]/[card]",
                "https://a.example/?u=https%3A%2F%2Fb.example%2F%3Fm%3Djo%40c.example"
                        + " | https://a.example/?u=https:%2F%2Fb.example%2F%3Fm%3D[email]",
                "https://a.example/?q=jo%2540b.example | https://a.example/?q=[email]",
                "mailto:jo@b.example | mailto:[email]",
            })
    void redactsUrls(String url, String expected) {
        assertThat(UrlRedaction.redact(url)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1:",
                "1 ",
                "12-",
                "%40",
                "a@",
                "@a.",
                "+1",
                "4111 ",
                "DE89",
                "a.a@",
                "jo@b.example+"
            })
    void takesLittleTimeForHostileTexts(String piece) {
        String text = piece.repeat(60_000 / piece.length());

        assertTimeout(Duration.ofSeconds(5), () -> Redactor.redact(text));
        assertTimeout(Duration.ofSeconds(5), () -> UrlRedaction.redact("/?" + text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://203.0.113.7:8080/a/B%2fc?x=1&product_name=Blue+Shirt&sort_key=2#top",
                "https://a.example/2024/01/15/0123456789?page=2&keyword=phone&headphone=x",
                "/a?b=%zz&q=%",
                "?",
                "",
                "://",
                "https://",
                "https://a.example"
            })
    void leavesCleanUrlsAlone(String url) {
        assertThat(UrlRedaction.redact(url)).isSameAs(url);
    }

    @Test
    void redactsARejectedRecordAsItDoesAnEvent() {
        String record =
                "{\"tenantId\":\"acme\",\"evt_type\":[],\"properties\":{\"password\":\"hunter2\"},"
                        + "\"page_url\":\"https://x.example/?token=s3cr3t&q=1\"}";

        Decoded decoded =
                new TrackerEventDecoder(Redactor::redactJson)
                        .decode(record.getBytes(StandardCharsets.UTF_8));

        assertThat(((Decoded.Rejected) decoded).payload())
                .contains("https://x.example/", "q=1")
                .doesNotContain("hunter2", "s3cr3t");
    }
}
