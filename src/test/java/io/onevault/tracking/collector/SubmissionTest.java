package io.onevault.tracking.collector;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.onevault.tracking.contract.Decoded;
import io.onevault.tracking.contract.TrackerEventDecoder;
import io.onevault.tracking.event.ConsentRules;
import io.onevault.tracking.event.RejectReason;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is one body, and what is none. */
final class SubmissionTest {

    private static final Stamp STAMP =
            new Stamp(
                    new Site("acme", Set.of(), Set.of(), "UTC", ConsentRules.DEFAULT, null),
                    Instant.now(),
                    "",
                    "",
                    false,
                    false);

    /** The default rules heed GPC alone. */
    private static final Stamp SIGNALLING =
            new Stamp(STAMP.site(), STAMP.receivedAt(), "", "", false, true);

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '~',
            value = {
                "{'events': [{}], 'gpc': true, 'dnt': '1'}; true; true",
                "{'gpc': false, 'dnt': '0', 'events': [{}]}; false; false",
                "{'events': [{}], 'gpc': 'true', 'dnt': null}; true; false",
                "{'events': [{}], 'gpc': '1', 'dnt': 'True'}; true; true",
                "{'events': [{}], 'gpc': 1, 'dnt': 1}; true; true",
                "{'events': [{}], 'gpc': {'a': true}, 'dnt': ['1']}; false; false",
                "{'events': [{}], 'dnt': true}; false; true",
                "{'events': [{}], 'dnt': 'unspecified'}; false; false",
                "{'gpc': true, 'dnt': '1'}; false; false"
            })
    void readsTheBrowsersSignalsBesideTheEvents(String body, boolean gpc, boolean dnt) {
        Submission submission = Submission.read(body.replace('\'', '"').getBytes(UTF_8));

        assertThat(submission.events()).hasSize(1);
        assertThat(submission.gpc()).isEqualTo(gpc);
        assertThat(submission.dnt()).isEqualTo(dnt);
    }

    /** Recorded by TrackerContractTest, with {@code -Dgolden.update=true}. */
    @Test
    void takesAllThatTheTrackerSends() throws IOException {
        List<String> bodies =
                Files.readAllLines(Path.of("src/test/resources/golden/tracker-bodies.jsonl"));
        List<String> sent = new ArrayList<>();
        List<String> taken = new ArrayList<>();
        for (String line : bodies) {
            new ObjectMapper()
                    .readTree(line)
                    .get("events")
                    .forEach(event -> sent.add(event.get("event_id").asText()));
            byte[] body = line.getBytes(UTF_8);
            Accepted accepted =
                    Accepted.of(
                            body,
                            Submission.read(body),
                            STAMP,
                            new TrackerEventDecoder(UnaryOperator.identity()));
            assertThat(accepted.refusals()).isEmpty();
            taken.addAll(accepted.eventIds());
        }

        assertThat(sent).hasSizeGreaterThan(7);
        assertThat(taken).isEqualTo(sent);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "1",
                "\"text\"",
                "{",
                "[",
                "[{}",
                "[{},]",
                "{} {}",
                "[] x",
                "{\"events\": [",
                "{\"events\": [{}], \"a\":}",
                "not json",
                "{'a': 1}",
                "{\"a\": NaN}"
            })
    void refusesWhatIsNoJsonOfEvents(String body) {
        assertRefused(body.getBytes(UTF_8), "MALFORMED_JSON");
    }

    /** Or else one of them would be left out, and told of as taken. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"events\": [{}], \"events\": [{}]}",
                "{\"events\": [{}], \"\\u0065vents\": [{}]}",
                "{\"events\": 1, \"gpc\": true, \"events\": [{}]}",
                "{\"events\": [{}], \"events\": null}"
            })
    void refusesASecondMemberForTheEvents(String body) {
        assertRefused(body.getBytes(UTF_8), "DUPLICATE_MEMBER");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"events\": [{}], \"consent\": \"denied\"}",
                "{\"consent\": {\"analytics\": false}, \"events\": [{}]}"
            })
    void consentIsNotToldBesideTheEvents(String body) {
        assertRefused(body.getBytes(UTF_8), "CONSENT_BESIDE_EVENTS");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "\r\n\t"})
    void tellsThatABodyIsEmpty(String body) {
        assertRefused(body.getBytes(UTF_8), "EMPTY");
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTF-16LE", "UTF-16BE", "UTF-16", "UTF-32LE", "UTF-32BE"})
    void takesNothingButUtf8(String charset) {
        assertRefused("[{\"a\": 1}]".getBytes(Charset.forName(charset)), "MALFORMED_JSON");
    }

    @Test
    void refusesBytesThatAreNoUtf8() {
        assertRefused(new byte[] {'[', '"', (byte) 0xC3, '(', '"', ']'}, "MALFORMED_JSON");
    }

    /** A sender that is told 400 would have to find out which one it was. */
    @ParameterizedTest
    @ValueSource(ints = {40, 62, 63, 64, 100, 500_000})
    void leavesATooDeepEventToTheContract(int depth) {
        byte[] body = nested(depth);
        Accepted accepted =
                Accepted.of(
                        body,
                        Submission.read(body),
                        STAMP,
                        new TrackerEventDecoder(UnaryOperator.identity()));

        assertThat(accepted.eventIds()).containsExactly("sound");
        assertThat(accepted.refusals())
                .singleElement()
                .satisfies(refusal -> assertThat(refusal.index()).isZero())
                .satisfies(
                        refusal ->
                                assertThat(refusal.reason())
                                        .isIn(RejectReason.TOO_DEEP, RejectReason.TOO_LARGE));
    }

    /** Where a reader stops within an event, what the event says of itself would count. */
    @ParameterizedTest
    @ValueSource(strings = {"nonsense", "1,,2", "{]", "", "\"a"})
    void leavesNobodyElsesTenantToATooDeepEvent(String innermost) {
        for (int depth : new int[] {33, 70, 70_000}) {
            byte[] body =
                    ("[{\"evt_type\":\"a\",\"tenantBk\":\"victim\",\"collector\":\"http\",\"x\":"
                                    + "[".repeat(depth)
                                    + innermost
                                    + "]".repeat(depth)
                                    + "}]")
                            .getBytes(UTF_8);
            TrackerEventDecoder decoder = new TrackerEventDecoder(UnaryOperator.identity());
            List<Accepted.Entry> records;
            try {
                Submission submission = Submission.read(body);
                records = Accepted.of(body, submission, SIGNALLING, decoder).records();
            } catch (Refused malformed) {
                continue;
            }

            for (Accepted.Entry entry : records) {
                Decoded.Rejected refused = (Decoded.Rejected) decoder.decode(entry.value());
                assertThat(refused.tenantBk()).as("%s %d", innermost, depth).isEqualTo("acme");
                assertThat(refused.signals().dnt()).isTrue();
            }
        }
    }

    /** What is open takes memory until it ends, and it may never do so. */
    @Test
    void refusesABodyThatNeverEnds() {
        assertRefused("{\"a\":".repeat(65_000).getBytes(UTF_8), "MALFORMED_JSON");
        assertRefused("[".repeat(65_000).getBytes(UTF_8), "MALFORMED_JSON");
        assertRefused(("[" + "[".repeat(100) + "\"]").getBytes(UTF_8), "MALFORMED_JSON");
    }

    private static byte[] nested(int depth) {
        String event = "{\"evt_type\": \"a\", \"event_id\": \"%s\", \"a\": %s}";
        String deep = event.formatted("deep", "[".repeat(depth) + "]".repeat(depth));
        return ("[" + deep + ", " + event.formatted("sound", 1) + "]").getBytes(UTF_8);
    }

    @Test
    void leavesAnOverlongNumberAndNameToTheContract() {
        String digits = "1".repeat(70_000);
        String body = "[{\"" + digits + "\": " + digits + "}, {}]";

        assertThat(Submission.read(body.getBytes(UTF_8)).events()).hasSize(2);
    }

    @Test
    void takesAThousandEventsAndNotOneMore() {
        assertThat(Submission.read(array(1_000)).events()).hasSize(1_000);
        assertRefused(array(1_001), "TOO_MANY_EVENTS");
    }

    private static byte[] array(int events) {
        return ("[" + String.join(",", Collections.nCopies(events, "{}")) + "]").getBytes(UTF_8);
    }

    private static void assertRefused(byte[] body, String code) {
        assertThatThrownBy(() -> Submission.read(body))
                .isInstanceOfSatisfying(
                        Refused.class, refused -> assertThat(refused.code()).isEqualTo(code));
    }
}
