package io.onevault.tracking.job.admit;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.contract.HeaderProof;
import io.onevault.tracking.enrich.PlacesDatabase;
import io.onevault.tracking.enrich.Pseudonyms;
import io.onevault.tracking.event.AddressPolicy;
import io.onevault.tracking.event.AdmittedEvent;
import io.onevault.tracking.event.ConsentRules;
import io.onevault.tracking.event.FormerSecret;
import io.onevault.tracking.event.Handling;
import io.onevault.tracking.event.Identity;
import io.onevault.tracking.event.Keeping;
import io.onevault.tracking.event.LedgerEntry;
import io.onevault.tracking.event.LedgerEntry.Outcome;
import io.onevault.tracking.event.Place;
import io.onevault.tracking.event.PrivacyRules;
import io.onevault.tracking.event.RejectReason;
import io.onevault.tracking.event.RejectedEvent;
import io.onevault.tracking.event.SessionRules;
import io.onevault.tracking.event.Suspicion;
import io.onevault.tracking.event.Tenant;
import io.onevault.tracking.event.TrackerEvent;
import io.onevault.tracking.job.read.DecodedRecord;
import io.onevault.tracking.job.read.TestDecoder;
import io.onevault.tracking.job.step.CountingMetrics;
import io.onevault.tracking.job.step.Metrics;
import io.onevault.tracking.job.step.SideOutputs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.flink.api.common.functions.util.ListCollector;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.apache.flink.util.OutputTag;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AdmitTest {

    private static final Tenant ACME = tenant("acme", "0a", PrivacyRules.DEFAULT);
    private static final Tenant OTHER = tenant("other", "0b", PrivacyRules.DEFAULT);
    private static final Instant SINCE = Instant.parse("2026-11-01T00:00:00Z");
    private static final Tenant STRICT =
            tenant(
                    "strict",
                    "0c",
                    new PrivacyRules(
                            new ConsentRules(ConsentRules.Policy.REQUIRE, true, false, SINCE),
                            AddressPolicy.NETWORK,
                            false,
                            true));
    private static final long APPENDED = Instant.parse("2026-11-20T10:00:00Z").toEpochMilli();
    private static final String SECRET = "00".repeat(32);
    private static final String NO_TENANT = "0".repeat(64);
    private static final long DAY = LocalDate.of(2026, 11, 20).toEpochDay();

    private static final Tenant QUIET =
            tenant(
                    "quiet",
                    "0d",
                    new PrivacyRules(ConsentRules.DEFAULT, AddressPolicy.NETWORK, false, false));

    private static final Tenant CHANGED = formerlyAcme("changed", APPENDED);
    private static final Tenant CHANGES = formerlyAcme("changes", APPENDED + 1);

    private final KafkaRecordDeserializationSchema<DecodedRecord> decoder = TestDecoder.of(SECRET);
    private final CountingMetrics metrics = new CountingMetrics();
    @TempDir private Path folder;
    private Path placesFile;
    private OneInputStreamOperatorTestHarness<DecodedRecord, AdmittedEvent> harness;

    private static Tenant tenant(String bk, String hex, PrivacyRules privacy) {
        return new Tenant(
                bk,
                hex.repeat(32),
                hex.repeat(16),
                SessionRules.DEFAULT,
                null,
                List.of("signup"),
                ZoneOffset.UTC,
                List.of(),
                privacy);
    }

    /** It had acme's secret for what was appended before a time. */
    private static Tenant formerlyAcme(String bk, long untilMillis) {
        Instant until = Instant.ofEpochMilli(untilMillis);
        return tenant(bk, "0f", PrivacyRules.DEFAULT)
                .withFormerSecrets(List.of(new FormerSecret(ACME.visitorSecret(), until)));
    }

    private static Tenants registered(SaltMemory memory) {
        Map<String, Tenant> tenants = new HashMap<>();
        for (Tenant tenant : List.of(ACME, OTHER, STRICT, QUIET, CHANGED, CHANGES)) {
            tenants.put(tenant.bk(), tenant);
        }
        for (AddressPolicy policy : AddressPolicy.values()) {
            var rules = new PrivacyRules(ConsentRules.DEFAULT, policy, true, true);
            tenants.put(policy.name(), tenant(policy.name(), "0e", rules));
        }
        return new Tenants(tenants, Set.of(), Map.of());
    }

    @BeforeEach
    void open() throws Exception {
        placesFile = folder.resolve("places.mmdb");
        PlacesDatabase.write(placesFile, Map.of("203.0.113.0/24", PlacesDatabase.country("DE")));
        var admit =
                new Admit(
                        AdmitTest::registered,
                        Duration.ofSeconds(10),
                        Duration.ofHours(3),
                        Duration.ofHours(1),
                        new LookUps(placesFile.toString(), 10));
        harness = new OneInputStreamOperatorTestHarness<>(admit, metrics.environment());
        harness.open();
        decoder.open(null);
    }

    @AfterEach
    void close() throws Exception {
        harness.close();
    }

    private DecodedRecord decode(byte[] value, RecordHeaders headers) throws IOException {
        List<DecodedRecord> decoded = new ArrayList<>();
        decoder.deserialize(
                new ConsumerRecord<>(
                        "events",
                        0,
                        7,
                        APPENDED,
                        TimestampType.LOG_APPEND_TIME,
                        0,
                        0,
                        new byte[0],
                        value,
                        headers,
                        Optional.empty()),
                new ListCollector<>(decoded));
        return decoded.get(0);
    }

    private void receive(String json) throws Exception {
        byte[] bytes = json.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        harness.processElement(decode(bytes, new RecordHeaders()), APPENDED);
    }

    private List<AdmittedEvent> admitted() {
        return harness.extractOutputValues();
    }

    private <T> List<T> side(OutputTag<T> tag) {
        Collection<StreamRecord<T>> records = harness.getSideOutput(tag);
        return records == null ? List.of() : records.stream().map(StreamRecord::getValue).toList();
    }

    @Test
    void rejectsAndCountsAnUnknownTenant() throws Exception {
        receive("{'tenantId':'nobody','evt_type':'page_view'}");
        harness.prepareSnapshotPreBarrier(1);

        assertThat(admitted()).isEmpty();
        RejectedEvent rejected = side(SideOutputs.REJECTED).get(0);
        assertThat(rejected.reason()).isEqualTo(RejectReason.UNKNOWN_TENANT);
        assertThat(rejected.field()).isEqualTo("tenantId");
        assertThat(rejected.tenantBk()).isEqualTo("nobody");
        assertThat(rejected.tenantHk()).isNull();
        assertThat(new String(rejected.original(), StandardCharsets.UTF_8))
                .isEqualTo("{\"tenantId\":\"nobody\",\"evt_type\":\"page_view\"}");
        assertThat(side(SideOutputs.LEDGER))
                .containsExactly(
                        new LedgerEntry(DAY, NO_TENANT, Outcome.RECEIVED, "", 1),
                        new LedgerEntry(DAY, NO_TENANT, Outcome.REJECTED, "UNKNOWN_TENANT", 1));
        assertThat(metrics.count(Metrics.RECEIVED)).isEqualTo(1);
        assertThat(metrics.count(Metrics.REASON, "UNKNOWN_TENANT", Metrics.REJECTED)).isEqualTo(1);
    }

    @Test
    void namesTheTenantOfARejectedEventWhereItIsRegistered() throws Exception {
        receive("{'tenantId':'acme','user_id':'u7','event_data':{'visitor_id':' v1 '}}");

        RejectedEvent rejected = side(SideOutputs.REJECTED).get(0);
        assertThat(rejected.reason()).isEqualTo(RejectReason.MISSING_EVENT_TYPE);
        assertThat(rejected.tenantHk()).isEqualTo(ACME.hk());
        assertThat(rejected.named())
                .isEqualTo(
                        new Identity(
                                null,
                                Pseudonyms.ofVisitor(ACME, "v1"),
                                Pseudonyms.ofUser(ACME, "u7")));
        assertThat(side(SideOutputs.LEDGER))
                .containsExactly(
                        new LedgerEntry(DAY, ACME.hk(), Outcome.RECEIVED, "", 1),
                        new LedgerEntry(DAY, ACME.hk(), Outcome.REJECTED, "MISSING_EVENT_TYPE", 1));
    }

    /** Else who is erased came back, as Kafka is read again under another secret. */
    @Test
    void namesWhomItNamedWhenItWasAppended() throws Exception {
        for (String tenant : List.of("changed", "changes")) {
            receive("{'tenantId':'" + tenant + "','evt_type':'page_view','visitor_id':'v1'}");
            receive("{'tenantId':'" + tenant + "','visitor_id':'v1'}");
        }

        String now = Pseudonyms.ofVisitor(CHANGED, "v1");
        String then = Pseudonyms.ofVisitor(ACME, "v1");
        assertThat(admitted()).extracting(AdmittedEvent::visitorBk).containsExactly(now, then);
        assertThat(side(SideOutputs.REJECTED))
                .extracting(rejected -> rejected.named().visitorId())
                .containsExactly(now, then);
    }

    /** What was kept of them before is theirs. */
    @Test
    void tellsWhoObjectsInAnEventThatKeepsNobody() throws Exception {
        String rest = "'evt_type':'page_view','consent':'denied'";
        receive("{'tenantId':'acme','visitor_id':'v1','gpc':true," + rest + "}");
        receive("{'tenantId':'acme','visitor_id':'v1'," + rest + "}");
        receive("{'tenantId':'acme','gpc':true," + rest + "}");
        receive("{'tenantId':'acme','visitor_id':'v1','evt_type':'page_view'}");
        receive("{'tenantId':'acme','visitor_id':'v2','limit_use':true," + rest + "}");

        String first = Pseudonyms.ofVisitor(ACME, "v1");
        String second = Pseudonyms.ofVisitor(ACME, "v2");
        assertThat(admitted())
                .extracting(AdmittedEvent::objectorBks)
                .containsExactly(List.of(first), List.of(), List.of(), List.of(), List.of(second));
        assertThat(admitted().get(0).visitorBk()).startsWith("anon_");
        assertThat(admitted().get(0).event().identity()).isEqualTo(Identity.NONE);
    }

    /** Whom they were under a secret of before is in the vault as well, and all that a user did. */
    @Test
    void tellsWhoObjectsUnderAllSecrets() throws Exception {
        String rest = "'evt_type':'page_view','visitor_id':'v1','user_id':'u1','gpc':true}";
        receive("{'tenantId':'changed'," + rest);
        receive("{'tenantId':'changes'," + rest);

        List<String> then =
                List.of(Pseudonyms.ofVisitor(ACME, "v1"), Pseudonyms.ofUser(ACME, "u1"));
        assertThat(admitted().get(0).objectorBks())
                .containsExactly(
                        Pseudonyms.ofVisitor(CHANGED, "v1"),
                        Pseudonyms.ofUser(CHANGED, "u1"),
                        then.get(0),
                        then.get(1));
        assertThat(admitted().get(1).objectorBks()).isEqualTo(then);
    }

    /** It is a member of the record like any other. */
    @ParameterizedTest
    @CsvSource({"acme, false, Jane Doe", "acme, true, ", "quiet, false, ", "quiet, true, "})
    void keepsNoTextInThePlaceOfACollectorsName(String tenant, boolean gpc, @Nullable String kept)
            throws Exception {
        for (String collector : List.of("Jane Doe", "http", "api.track_event")) {
            receive(
                    "{'tenantId':'%s','evt_type':'page_view','gpc':%s,'collector':'%s'}"
                            .formatted(tenant, gpc, collector));
        }

        assertThat(admitted())
                .extracting(event -> event.event().client().collector())
                .containsExactly(kept, "http", "api.track_event");
    }

    @Test
    void namesNobodyOfARejectedEventOfNoTenant() throws Exception {
        receive("{'tenantId':'nobody','user_id':'u7'}");
        harness.prepareSnapshotPreBarrier(1);

        assertThat(side(SideOutputs.REJECTED).get(0).named()).isEqualTo(Identity.NONE);
    }

    @Test
    void admitsAnEventOfARegisteredTenantAndLeavesItsOutcomeToTheArchive() throws Exception {
        receive("{'tenantId':'acme','evt_type':'signup','event_id':'e1','visitor_id':'v1'}");

        AdmittedEvent event = admitted().get(0);
        assertThat(event.eventBk()).matches("evt_e1\\.[0-9a-f]{16}");
        assertThat(event.tenantHk()).isEqualTo(ACME.hk());
        assertThat(event.session().conversion()).isTrue();
        assertThat(event.session().late()).isFalse();
        assertThat(side(SideOutputs.LEDGER))
                .containsExactly(new LedgerEntry(DAY, ACME.hk(), Outcome.RECEIVED, "", 1));
        assertThat(side(SideOutputs.REJECTED)).isEmpty();
    }

    @Test
    void letsTicksPassSilently() throws Exception {
        var headers = new RecordHeaders();
        byte[] tick = Long.toString(APPENDED).getBytes(StandardCharsets.US_ASCII);
        headers.add(HeaderProof.TICK_HEADER, tick);
        headers.add(HeaderProof.HEADER, HeaderProof.under(SECRET).ofTick("events", 0, tick));
        harness.processElement(decode(null, headers), APPENDED);

        assertThat(harness.getOutput()).isEmpty();
        assertThat(side(SideOutputs.LEDGER)).isEmpty();
        assertThat(side(SideOutputs.REJECTED)).isEmpty();
        assertThat(metrics.count(Metrics.RECEIVED)).isZero();
    }

    @Test
    void givesTheSameVisitorOtherPseudonymsInOtherTenants() throws Exception {
        String rest =
                "'evt_type':'page_view','session_id':'s1','visitor_id':'v1',"
                        + "'page_url':'https://shop.example/'}";
        receive("{'tenantId':'acme'," + rest);
        receive("{'tenantId':'other'," + rest);
        receive("{'tenantId':'acme'," + rest);

        List<AdmittedEvent> events = admitted();
        assertThat(events)
                .extracting(AdmittedEvent::tenantBk)
                .containsExactly("acme", "other", "acme");
        assertThat(events.get(0).visitorBk()).matches("vis_[0-9a-f]{32}");
        assertThat(events.get(1).visitorBk()).isNotEqualTo(events.get(0).visitorBk());
        assertThat(events.get(2).visitorBk()).isEqualTo(events.get(0).visitorBk());
    }

    @Test
    void leavesNoIdOfAPersonAndNoFullAddressBehind() throws Exception {
        receive(
                "{'tenantId':'acme','evt_type':'page_view','visitor_id':'visitor-4711',"
                        + "'user_id':'user-4712','client_ip':'203.0.113.77','session_id':'s1'}");

        AdmittedEvent event = admitted().get(0);
        assertThat(event.toString())
                .doesNotContain("visitor-4711")
                .doesNotContain("user-4712")
                .doesNotContain("203.0.113.77");
        assertThat(event.payload()).doesNotContain("203.0").doesNotContain("4711");
        assertThat(event.event().client().clientIp()).isEqualTo("203.0.0.0/16");
        assertThat(event.event().identity().sessionId())
                .isEqualTo(Pseudonyms.sessionId(ACME.visitorSecret(), "s1", false));
    }

    @Test
    void keysASessionThatIsANumberByItsVisitor() throws Exception {
        String event = "{'tenantId':'acme','evt_type':'page_view','session_id':";
        receive(event + "1764321000,'visitor_id':'v1'}");
        receive(event + "'1764321000','visitor_id':'v2'}");
        receive(event + "'1764321000','user_id':'v1'}");
        receive(event + "'1764321000'}");
        receive(event + "'s1764321000','visitor_id':'v1'}");
        receive(event + "'17643210001764321','visitor_id':'v1'}");

        List<AdmittedEvent> events = admitted();
        String number = Pseudonyms.sessionId(ACME.visitorSecret(), "1764321000", true);
        assertThat(events)
                .extracting(AdmittedEvent::sessionId)
                .containsExactly(
                        number + '@' + events.get(0).visitorBk(),
                        number + '@' + events.get(1).visitorBk(),
                        number + '@' + Pseudonyms.ofUser(ACME, "v1"),
                        number,
                        Pseudonyms.sessionId(ACME.visitorSecret(), "s1764321000", false),
                        Pseudonyms.sessionId(ACME.visitorSecret(), "17643210001764321", true)
                                + '@'
                                + events.get(0).visitorBk());
        assertThat(events)
                .extracting(one -> one.event().identity().sessionId())
                .doesNotContainNull()
                .noneMatch(id -> id.contains("@"));
    }

    @Test
    void marksAVisitorThatNothingTellsAsUnrecognised() throws Exception {
        receive("{'tenantId':'acme','evt_type':'page_view','event_id':'e1'}");
        receive("{'tenantId':'acme','evt_type':'page_view','event_id':'e2'}");

        List<AdmittedEvent> events = admitted();
        assertThat(events.get(0).suspicions()).contains(Suspicion.VISITOR_UNRECOGNISED);
        assertThat(events.get(0).visitorBk()).isNotEqualTo(events.get(1).visitorBk());
    }

    @Test
    void marksAsLateWhatWasReceivedBeyondGapAndLateness() throws Exception {
        String event = "{'tenantId':'acme','evt_type':'page_view','visitor_id':'v','event_id':'";
        receive(
                event
                        + "1','event_timestamp':'2026-11-20T06:30:00Z','received_at':'2026-11-20T10:00:00Z'}");
        receive(
                event
                        + "2','event_timestamp':'2026-11-20T06:29:59.999Z','received_at':'2026-11-20T10:00:00Z'}");

        assertThat(admitted()).extracting(e -> e.session().late()).containsExactly(false, true);
    }

    private void receiveMarked(String tenant, String members) throws Exception {
        receive(
                "{'tenantId':'"
                        + tenant
                        + "','evt_type':'page_view','event_id':'marked','visitor_id':'marked',"
                        + "'user_id':'marked','session_id':'marked','page_view_id':'marked',"
                        + "'client_ip':'203.0.113.77','user_agent':'marked','x':'marked',"
                        + members
                        + "}");
    }

    @Test
    void keepsNothingOfAnEventWithoutTheConsentThatItsTenantRequires() throws Exception {
        receiveMarked("strict", "'page_url':'/a'");
        receiveMarked("strict", "'consent':'denied'");
        receiveMarked("strict", "'consent':'granted','gpc':true");
        receiveMarked("strict", "'consent':'denied','scroll_depth':101");

        assertThat(admitted()).isEmpty();
        assertThat(side(SideOutputs.REJECTED)).isEmpty();
        var received = new LedgerEntry(DAY, STRICT.hk(), Outcome.RECEIVED, "", 1);
        var unkept = new LedgerEntry(DAY, STRICT.hk(), Outcome.REJECTED, "NO_CONSENT", 1);
        var refused = new LedgerEntry(DAY, STRICT.hk(), Outcome.REJECTED, "OUT_OF_RANGE", 1);
        assertThat(side(SideOutputs.LEDGER))
                .containsExactly(
                        received, unkept, received, unkept, received, unkept, received, refused);
        assertThat(metrics.count(Metrics.REASON, "NO_CONSENT", Metrics.REJECTED)).isEqualTo(3);
    }

    /** The collector may know an older policy for a minute, and a replay comes much later. */
    @Test
    void countsWhatTheCollectorDidNotKeepWhateverThePolicyIs() throws Exception {
        receive("{'tenantId':'acme','evt_type':'not_kept','consent':'denied','event_id':'1'}");
        receive("{'tenantId':'acme','evt_type':'not_kept','consent':'granted','event_id':'2'}");

        assertThat(admitted()).isEmpty();
        assertThat(metrics.count(Metrics.REASON, "NO_CONSENT", Metrics.REJECTED)).isEqualTo(2);
    }

    @Test
    void keepsInFullWhatMayBeKeptAndTellsByWhichSettings() throws Exception {
        receiveMarked("strict", "'consent':{'analytics':true}");
        receiveMarked("acme", "'dnt':true");

        assertThat(admitted())
                .extracting(AdmittedEvent::handling)
                .containsExactly(
                        new Handling(Keeping.FULL, SINCE), new Handling(Keeping.FULL, null));
        assertThat(admitted())
                .extracting(AdmittedEvent::sessionId)
                .doesNotContain("marked")
                .allMatch(id -> id.startsWith("sid_"));
    }

    @Test
    void keepsWhatIsDeniedWithoutItsVisitorButTogetherWithItsPageView() throws Exception {
        receiveMarked("acme", "'consent':'denied'");
        receiveMarked("acme", "'consent':'denied','scroll_depth':50");
        receiveMarked("acme", "'gpc':'1','page_view_id':'other'");
        receiveMarked("acme", "'gpc':true,'scroll_depth':101");
        receive("{'tenantId':'acme','evt_type':'a','gpc':true,'user_agent':'marked'}");
        receive("{'tenantId':'acme','evt_type':'b','gpc':true,'user_agent':'marked'}");

        List<AdmittedEvent> events = admitted();
        assertThat(events).hasSize(5).noneMatch(event -> event.toString().contains("marked"));
        assertThat(events).noneMatch(event -> event.toString().contains("203.0"));
        assertThat(events)
                .extracting(AdmittedEvent::handling)
                .containsOnly(new Handling(Keeping.ANONYMOUS, null));
        List<String> sessions = events.stream().map(AdmittedEvent::sessionId).toList();
        assertThat(sessions.get(1)).isEqualTo(sessions.get(0));
        assertThat(Set.copyOf(sessions)).hasSize(4);
        assertThat(side(SideOutputs.REJECTED)).isEmpty();
    }

    @Test
    void tellsARobotThatAgreesToNothingFromAPerson() throws Exception {
        String told = "{'tenantId':'acme','evt_type':'page_view','consent':'denied','user_agent':'";
        receive(
                told
                        + "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)'}");
        receive(told + "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0'}");

        assertThat(admitted())
                .extracting(event -> event.event().client().userAgent())
                .containsExactly("parsed|bot|||||robot|search", null);
    }

    private Place placeOf(String members) throws Exception {
        receive("{'tenantId':'acme','evt_type':'page_view','client_ip':'203.0.113.77'" + members);
        List<AdmittedEvent> all = admitted();
        return all.get(all.size() - 1).event().client().place();
    }

    @Test
    void tellsTheCountryOfAnAddressBeforeItIsCut() throws Exception {
        assertThat(placeOf("}")).isEqualTo(new Place("DE", null));
        assertThat(placeOf(",'gpc':true}")).isEqualTo(new Place("DE", null));
        assertThat(placeOf(",'client_ip':'203.0.0.0/16'}")).isNull();
    }

    @Test
    void readsPlacesAgainAtTheCheckpointAfterTheirFileHasChanged() throws Exception {
        PlacesDatabase.write(
                placesFile,
                Map.of(
                        "203.0.113.0/24", PlacesDatabase.country("FR"),
                        "198.51.100.0/24", PlacesDatabase.country("SE")));
        assertThat(placeOf("}")).isEqualTo(new Place("DE", null));

        harness.prepareSnapshotPreBarrier(1);

        assertThat(placeOf("}")).isEqualTo(new Place("FR", null));
    }

    @ParameterizedTest
    @CsvSource({
        "NETWORK, 203.0.0.0/16, DE",
        "NETWORK_24, 203.0.113.0/24, DE",
        "COUNTRY, , DE",
        "NONE, ,",
    })
    void keepsOfAnAddressWhatItsTenantSays(String policy, String network, String country)
            throws Exception {
        receive(
                "{'tenantId':'"
                        + policy
                        + "','evt_type':'a','client_ip':'203.0.113.77','user_agent':'Whole/1.0'}");

        AdmittedEvent event = admitted().get(0);
        assertThat(event.event().client().clientIp()).isEqualTo(network);
        assertThat(event.event().client().place())
                .isEqualTo(country == null ? null : new Place(country, null));
        assertThat(event.event().client().userAgent()).isEqualTo("Whole/1.0");
        assertThat(event.toString()).doesNotContain("113.77");
    }

    @Test
    void keepsOfAnAgentWhatIsReadOfIt() throws Exception {
        receive(
                "{'tenantId':'acme','evt_type':'a','visitor_id':'v','user_agent':'Mozilla/5.0 (X11;"
                        + " Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0'}");

        assertThat(admitted().get(0).event().client().userAgent())
                .isEqualTo("parsed|desktop|Firefox|128|Linux||browser|");
    }

    @Test
    void keepsNoFreeTextsWhereTheyAreSensitive() throws Exception {
        String event =
                "{'tenantId':'quiet','evt_type':'a','page_url':'https://a.example/p;q=marked?q=marked#marked',"
                        + "'page_referrer':'https://b.example/?q=marked','page_title':'marked',"
                        + "'element_text':'marked','evt_label':'marked','evt_value':'marked',"
                        + "'language':'marked words','timezone':'Europe/Marked','screen_resolution':'marked',"
                        + "'items':[{'item_id':'7','item_name':'marked','item_category':'marked',"
                        + "'item_brand':'marked','item_type':'marked'}],'limit_use':1,"
                        + "'x':'marked','element_id':'buy','evt_action':'buy'";
        receive(event + "}");
        receive(event + ",'scroll_depth':101}");

        AdmittedEvent kept = admitted().get(0);
        assertThat(kept.toString()).doesNotContain("marked").contains("buy");
        assertThat(kept.event().page().url()).isEqualTo("https://a.example/p");
        assertThat(kept.event().properties()).isEqualTo("{\"limit_use\": true}");
        assertThat(side(SideOutputs.REJECTED)).isEmpty();
        assertThat(metrics.count(Metrics.REASON, "OUT_OF_RANGE", Metrics.REJECTED)).isEqualTo(1);
    }

    /** What is looked up of them again is made anew, as nothing holds it any more. */
    @Test
    void forgetsInTimeWhatClientsSent() throws Exception {
        String event =
                "{'tenantId':'acme','evt_type':'page_view','session_id':'s1','visitor_id':'v1',"
                        + "'client_ip':'203.0.113.77','user_agent':'Mozilla/5.0 Firefox/128.0'}";
        receive(event);
        harness.setProcessingTime(Admit.REMEMBERED.toMillis() - 1);
        receive(event);
        harness.setProcessingTime(Admit.REMEMBERED.toMillis());
        receive(event);

        assertThat(admitted()).hasSize(3);
        assertThat(remembered(1, 0)).containsOnly(true);
        assertThat(remembered(2, 0)).containsOnly(false);
    }

    /** It is made anew each time, as nothing holds it. */
    @Test
    void remembersNoPageViewThatItMadeAnonymous() throws Exception {
        String event = "{'tenantId':'acme','evt_type':'page_view','page_view_id':'p1','gpc':true}";
        receive(event);
        receive(event);

        String first = admitted().get(0).visitorBk();
        String second = admitted().get(1).visitorBk();
        assertThat(first).startsWith("anon_").isEqualTo(second);
        assertThat(first == second).isFalse();
    }

    /** Whether what stands for ids and agent is the very same text for two events. */
    private List<Boolean> remembered(int one, int other) {
        TrackerEvent first = admitted().get(one).event();
        TrackerEvent second = admitted().get(other).event();
        return List.of(
                first.identity().visitorId() == second.identity().visitorId(),
                first.client().userAgent() == second.client().userAgent());
    }
}
