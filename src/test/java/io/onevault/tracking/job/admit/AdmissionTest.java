package io.onevault.tracking.job.admit;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.contract.CanonicalPayload;
import io.onevault.tracking.contract.Decoded;
import io.onevault.tracking.contract.TrackerEventDecoder;
import io.onevault.tracking.enrich.AgentSummaries;
import io.onevault.tracking.enrich.Pseudonyms;
import io.onevault.tracking.event.AdmittedEvent;
import io.onevault.tracking.event.Keeping;
import io.onevault.tracking.event.PrivacyRules;
import io.onevault.tracking.event.SessionRules;
import io.onevault.tracking.event.Signals;
import io.onevault.tracking.event.SourcePosition;
import io.onevault.tracking.event.Suspicion;
import io.onevault.tracking.event.Tenant;
import io.onevault.tracking.event.Timing;
import io.onevault.tracking.event.TrackerEvent;
import io.onevault.tracking.job.read.DecodedRecord;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AdmissionTest {

    private static final Instant APPENDED = Instant.parse("2026-11-20T10:00:00Z");
    private static final Tenant ACME = tenant(null);
    private static final Tenant STRICT = tenant(60_000L);

    private final TrackerEventDecoder decoder = new TrackerEventDecoder(UnaryOperator.identity());
    private final Admission admission =
            new Admission(Duration.ofHours(3), this::salt, address -> null, new AgentSummaries(10));
    private byte[] salt = new byte[32];
    private LocalDate askedDay;

    private static Tenant tenant(Long latenessMillis) {
        return new Tenant(
                "acme",
                "0a".repeat(32),
                "0b".repeat(16),
                SessionRules.DEFAULT,
                latenessMillis,
                List.of("refund", "lead"),
                ZoneOffset.UTC,
                List.of(),
                PrivacyRules.DEFAULT);
    }

    /** The day of a cookieless visitor begins at four o'clock by the clock of the tenant. */
    @ParameterizedTest
    @CsvSource({
        "UTC, 2026-11-20T03:59:59.999Z, 2026-11-19",
        "UTC, 2026-11-20T04:00:00Z, 2026-11-20",
        "Europe/Berlin, 2026-11-20T02:59:59Z, 2026-11-19",
        "Europe/Berlin, 2026-11-20T03:00:00Z, 2026-11-20",
        "Europe/Berlin, 2026-10-25T02:59:59Z, 2026-10-24",
        "Europe/Berlin, 2026-10-25T03:00:00Z, 2026-10-25",
        "Asia/Kolkata, 2026-11-20T22:30:00Z, 2026-11-21",
        "America/Los_Angeles, 2026-11-20T11:59:59Z, 2026-11-19",
        "Pacific/Kiritimati, 2026-11-20T14:00:00Z, 2026-11-21",
    })
    void beginsADayAtFourByTheTenantsClock(String zone, Instant time, LocalDate expected) {
        Tenant tenant =
                new Tenant(
                        "acme",
                        "0a".repeat(32),
                        "0b".repeat(16),
                        SessionRules.DEFAULT,
                        null,
                        List.of(),
                        ZoneId.of(zone),
                        List.of(),
                        PrivacyRules.DEFAULT);

        admit(tenant, "'user_agent':'a','event_timestamp':'" + time + "'");

        assertThat(askedDay).isEqualTo(expected);
    }

    private byte[] salt(LocalDate day) {
        askedDay = day;
        return salt;
    }

    private AdmittedEvent admit(Tenant tenant, String members) {
        return admit(tenant, "page_view", members);
    }

    private AdmittedEvent admit(Tenant tenant, String type, String members) {
        String json =
                "{'tenantId':'acme','evt_type':'" + type + "','page_url':'/a'," + members + "}";
        byte[] value = json.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        TrackerEvent event = ((Decoded.Valid) decoder.decode(value)).event();
        DecodedRecord record =
                new DecodedRecord(
                        event,
                        null,
                        Signals.NONE,
                        occurredAt(event.timing()),
                        List.of(),
                        value,
                        new SourcePosition("events", 0, 1, APPENDED));
        return admission.admit(record, event, tenant, Keeping.FULL);
    }

    private static Instant occurredAt(Timing timing) {
        Instant reception = timing.receivedAt() != null ? timing.receivedAt() : APPENDED;
        return timing.eventTimestamp() != null ? timing.eventTimestamp() : reception;
    }

    private String key(String members) {
        return admit(ACME, members).eventBk();
    }

    @Test
    void givesAReusedIdAKeyForEachContentWhateverTheOrder() {
        String first = key("'event_id':'1','event_timestamp':1760000001000,'evt_label':'a'");
        String other = key("'event_id':'1','event_timestamp':1760000001000,'evt_label':'b'");
        String again =
                key(
                        "'evt_label':'a','timestamp':1760000001000,'event_id':'1','sent_at':1760000002000");

        assertThat(first).matches("evt_1\\.[0-9a-f]{16}").isEqualTo(again).isNotEqualTo(other);
        assertThat(admit(ACME, "'event_id':'1','evt_label':'b'").suspicions())
                .containsExactly(Suspicion.VISITOR_UNRECOGNISED);
    }

    @Test
    void givesOneIdOfTwoNamedVisitorsTwoKeys() {
        String first = key("'event_id':'1','visitor_id':'v1'");

        assertThat(key("'event_id':'1','visitor_id':'v2'")).isNotEqualTo(first);
        assertThat(key("'event_id':'1','user_id':'v2'")).isNotEqualTo(first);
        assertThat(key("'event_id':'1','visitor_id':'v1','client_ip':'203.0.113.9'"))
                .isEqualTo(first);
    }

    /** A counter of a device without a clock, that starts again at 1. */
    @Test
    void givesAnIdThatComesAgainAnotherDayAnotherKey() {
        String first = key("'event_id':'1','received_at':'2026-11-12T09:00:00Z'");

        assertThat(key("'event_id':'1','received_at':'2026-11-12T23:59:59Z'")).isEqualTo(first);
        assertThat(key("'event_id':'1','received_at':'2026-11-13T00:00:00Z'")).isNotEqualTo(first);
    }

    @Test
    void tellsEqualEventsWithoutIdApartByWhoSentThem() {
        String event = "'timestamp':1760000001000,'client_ip':'203.0.113.77','user_agent':'a'";
        String first = key(event);

        assertThat(first).matches("evt_[0-9a-f]{32}\\.[0-9a-f]{8}");
        assertThat(key(event + ",'received_at':1760000002000")).isEqualTo(first);
        assertThat(key(event.replace("113.77", "97.3")))
                .as("no address can be tried out, only the network that is kept beside it")
                .isEqualTo(first);
        List<String> others =
                List.of(
                        key(
                                "'timestamp':1760000001000,'client_ip':'203.1.113.77','user_agent':'a'"),
                        key(
                                "'timestamp':1760000001000,'client_ip':'203.0.113.77','user_agent':'b'"),
                        key("'timestamp':1760000001000,'user_agent':'203.0.113.77'"),
                        key("'timestamp':1760000001000,'visitor_id':'v1'"),
                        key(
                                "'timestamp':1760000001001,'client_ip':'203.0.113.77','user_agent':'a'"));
        assertThat(others).doesNotHaveDuplicates().doesNotContain(first);
        // The same content has the same beginning; the same visitor has nothing in common.
        assertThat(others.get(0)).startsWith(first.substring(0, 36));
        assertThat(others.get(4).substring(37)).isNotEqualTo(first.substring(37));
    }

    @Test
    void keepsTheKeyOfACookielessEventWhenItsSaltHasDied() {
        String event = "'timestamp':1760000001000,'client_ip':'203.0.113.77','user_agent':'a'";
        AdmittedEvent inTime = admit(ACME, event);
        salt = null;
        AdmittedEvent replayed = admit(ACME, event);

        assertThat(replayed.eventBk()).isEqualTo(inTime.eventBk());
        assertThat(replayed.visitorBk()).isNotEqualTo(inTime.visitorBk());
        assertThat(replayed.suspicions()).containsExactly(Suspicion.VISITOR_UNRECOGNISED);
    }

    @Test
    void keepsTheKeyOfANamedVisitorsEventInAnotherNetwork() {
        String first =
                key("'timestamp':1760000001000,'visitor_id':'v1','client_ip':'203.0.113.77'");

        assertThat(key("'timestamp':1760000001000,'visitor_id':'v1','client_ip':'198.51.100.1'"))
                .isEqualTo(first);
    }

    @Test
    void leavesHowLateAnEventIsToTheWatermarkWhereNoCollectorTells() {
        String event = "'visitor_id':'v','timestamp':1760000001000";
        var judgedByWatermark = admit(STRICT, event).session();
        var judgedByItself = admit(STRICT, event + ",'received_at':1760003601000").session();
        var judgedAsTheJobAllows = admit(ACME, event).session();

        assertThat(judgedByWatermark.ownLatenessMillis()).isEqualTo(60_000);
        assertThat(judgedByWatermark.late()).isFalse();
        assertThat(judgedByItself.ownLatenessMillis()).isNull();
        assertThat(judgedByItself.late()).isTrue();
        assertThat(judgedAsTheJobAllows.ownLatenessMillis()).isNull();
        assertThat(judgedAsTheJobAllows.late()).isFalse();
    }

    @Test
    void isNotMadeLateByACollectorWhoseClockIsAhead() {
        long now = APPENDED.toEpochMilli();
        long ahead = APPENDED.plus(Duration.ofDays(1)).toEpochMilli();
        String event = "'visitor_id':'v','timestamp':%d,'received_at':%d".formatted(now, ahead);

        assertThat(admit(ACME, event).session().late()).isFalse();
    }

    /** Of a tenant that has refund and lead among its goals. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            textBlock =
                    """
                    purchase         | 'value':120                                       | conversion
                    purchase         | 'value':0                                         | conversion
                    purchase         | 'transaction_id':'t'                              | conversion
                    purchase         | 'items':[{'item_id':'a'}]                         | conversion
                    purchase         | 'value':-33.95                                    | refund
                    purchase         | 'value':-1,'items':[{'item_id':'a','quantity':3}] | refund
                    purchase         | 'value':1,'items':[{'item_id':'a','quantity':-3}] | conversion
                    purchase         | 'items':[{'item_id':'a','quantity':-1}]           | refund
                    purchase         | 'items':[{'item_id':'a','quantity':-1},{'item_id':'b'}] | conversion
                    purchase         | 'items':[{'item_id':'a','price':-33.95}]          | refund
                    purchase         | 'items':[{'item_id':'a','price':0,'quantity':-1}] | refund
                    purchase         | 'value':0,'items':[{'item_id':'a','price':-1}]    | refund
                    purchase         | 'items':[{'item_id':'a','price':9,'quantity':5},{'item_id':'b','price':-99}] | refund
                    purchase         | 'items':[{'item_id':'a','price':99},{'item_id':'b','price':1,'quantity':-2}] | conversion
                    transaction_step | 'evt_action':'complete','value':5                 | conversion
                    transaction_step | 'evt_action':'complete','value':-5                | refund
                    transaction_step | 'evt_action':'pay','value':-5                     | neither
                    refund           | 'value':33.95,'transaction_id':'t'                | refund
                    refund           | 'value':-33.95                                    | refund
                    lead             | 'value':3                                         | conversion
                    item_view        | 'value':-3                                        | neither
                    """)
    void takesWhatGivesMoneyBackForARefundAndNoConversion(
            String type, String members, String what) {
        AdmittedEvent event = admit(ACME, type, members);

        assertThat(event.event().isRefund()).isEqualTo(what.equals("refund"));
        assertThat(event.session().conversion()).isEqualTo(what.equals("conversion"));
    }

    @Test
    void keepsPseudonymsOfVisitorAndUserInThePayload() {
        AdmittedEvent named = admit(ACME, "'visitor_id':'v-4711','user_id':'u-4712'");
        AdmittedEvent unnamed = admit(ACME, "'client_ip':'203.0.113.77'");

        assertThat(named.payload())
                .contains("\"visitor_id\": \"" + Pseudonyms.ofVisitor(ACME, "v-4711") + '"')
                .contains("\"user_id\": \"" + Pseudonyms.ofUser(ACME, "u-4712") + '"')
                .doesNotContain("4711", "4712");
        assertThat(named.visitorBk()).isEqualTo(Pseudonyms.ofVisitor(ACME, "v-4711"));
        assertThat(named.userBk()).isEqualTo(Pseudonyms.ofUser(ACME, "u-4712"));
        assertThat(unnamed.payload()).doesNotContain("visitor_id", "user_id");
    }

    /** Whoever is asked for as a user is not a visitor who happens to have the number. */
    @Test
    void tellsAUserFromAVisitorOfTheSameId() {
        AdmittedEvent user = admit(ACME, "'user_id':'77'");

        assertThat(user.visitorBk())
                .isEqualTo(Pseudonyms.ofUser(ACME, "77"))
                .isNotEqualTo(admit(ACME, "'visitor_id':'77'").visitorBk());
        assertThat(user.userBk()).isNull();
    }

    @Test
    void bringsPropertiesThatWereRedactedBackIntoCanonicalForm() {
        AdmittedEvent event =
                admit(
                        ACME,
                        "'zz':1,'properties':{'jane.doe@example.com':'a\\nb jane.doe@example.com'}");

        String properties = event.event().properties();
        assertThat(properties)
                .doesNotContain("jane")
                .isEqualTo(CanonicalPayload.properties(properties));
        assertThat(event.payload()).contains("\"properties\": " + properties);
    }
}
