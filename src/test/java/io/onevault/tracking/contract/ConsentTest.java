package io.onevault.tracking.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.event.Signals;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConsentTest {

    private static final String START = "{'tenantId':'a','evt_type':'x',";

    /** Thirty-two containers. */
    private static final String DEEP =
            "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]";

    private static String event(String members) {
        return (START + members + "}").replace('\'', '"');
    }

    private static String consent(String value) {
        return Golden.event(event("'consent':" + value)).client().consent();
    }

    private static Signals signals(String members) {
        return Consent.signals(Golden.event(event(members)).client());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '#',
            value = {
                "true | granted",
                "false | denied",
                "1 | granted",
                "'Granted ' | granted",
                "'DENIED' | denied",
                "'necessary' | denied",
                "{'analytics':true} | granted",
                "{'analytics':false,'marketing':true} | denied",
                "{'ad_storage':'granted','analytics_storage':'denied'} | denied",
                "{'analytics_storage':'granted'} | granted",
                "{'statistics':1} | granted",
                "{'analytics':true,'statistics':false} | denied",
                "{'purpose':{'consents':{'1':true,'8':true}}} | granted",
                "{'purpose':{'consents':{'1':true,'8':false}},'vendor':{'consents':{'8':true}}} | denied",
                "{'Analytics_Storage':'granted','ad_storage':'denied'} | granted",
            })
    void readsTheWordsOfSitesAndConsentManagers(String value, String expected) {
        assertThat(consent(value)).isEqualTo(expected);
        assertThat(consent("'" + expected + "'")).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "''", "' '"})
    void tellsNothingWhereItIsAbsent(String value) {
        assertThat(consent(value)).isNull();
        assertThat(signals("'consent':" + value)).isEqualTo(Signals.NONE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'as we say'",
                "'deny'",
                "'refused'",
                "'declined'",
                "'opt-out'",
                "'off'",
                "'G100'",
                "0.0",
                "['granted']",
                "[{'analytics':true}]",
                "{}",
                "{'marketing':true}",
                "{'analytics':null}",
                "{'analytics':{'granted':false}}",
                "{'analytics':'deny'}",
                "{'analytics_storage':'deny'}",
                "{'Analytics':false}",
                "{'ANALYTICS':false,'analytics':true}",
                "{'C0002':'0'}",
                "{'purpose':{'consents':{}}}",
                "'C0001-C0003-C0004-BG34-XX12'",
                "'CAAA'",
                "'ConsentDeniedByVisitorOnBanner'",
                "'CategoryNecessaryOnlyAccepted'",
                "'CONSENT_WITHDRAWN_BY_THE_USER_1'"
            })
    void isADenialWhereItIsNotUnderstood(String value) {
        assertThat(consent(value)).isEqualTo("denied");
        assertThat(signals("'consent':" + value)).isEqualTo(new Signals(false, false, false));
        Decoded.Rejected refused =
                Golden.decodeRejected(event("'scroll_depth':101,'consent':" + value));
        assertThat(refused.signals()).isEqualTo(new Signals(false, false, false));
    }

    /** The one agrees to all purposes, the other to the second alone. */
    private static final String ALL = "CPXxRfAPXxRfAAfKABENB-CgAP_AAH_AAAAAAAAAAAAA";

    private static final String SOME = "COtybn4PA_zT4KjACBENAPCIAEBAAECAAIAAAAAAAAAA";

    @Test
    void readsPurposeEightOfATcfString() {
        assertThat(consent("'" + ALL + "'")).isEqualTo("granted");
        assertThat(consent("'" + ALL + ".YAAA" + "B".repeat(600) + "'")).isEqualTo("granted");
        assertThat(consent("'" + SOME + "'")).isEqualTo("denied");
    }

    @ParameterizedTest
    @ValueSource(strings = {"B", "A=", ".", "..", ".!", ".AAAA", "B.YAAA", ".YAAA.YAAA.YAAA.YAAA"})
    void takesNoTextForATcfStringThatDoesNotKeepItsStructure(String end) {
        assertThat(consent("'" + ALL + end + "'")).isEqualTo("denied");
    }

    @Test
    void takesNoPartOfATcfStringForOne() {
        for (int end = 0; end < ALL.length(); end++) {
            assertThat(TcfString.agrees(ALL.substring(0, end), 8)).isFalse();
        }
        for (String version : new String[] {"A", "B", "D"}) {
            assertThat(TcfString.agrees(version + ALL.substring(1), 8)).isFalse();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '#',
            value = {
                "'gpc':true | true | false",
                "'gpc':'1','dnt':'1' | true | true",
                "'gpc':1,'dnt':0 | true | false",
                "'gpc':false,'dnt':'unspecified' | false | false",
                "'gpc':{'a':1},'dnt':[1] | false | false",
                "'gpc':false,'event_data':{'gpc':true} | true | false",
                "'gpc':true,'dnt':0,'event_data':{'gpc':false,'dnt':1} | true | true",
                "'dnt':'TRUE' | false | true",
                "'gpc':true,'gpc':false,'dnt':0,'dnt':1,'dnt':'' | true | true",
            })
    void readsTheSignalsOfBrowsersAndRefusesNoneOfThem(String members, boolean gpc, boolean dnt) {
        assertThat(signals(members)).isEqualTo(new Signals(null, gpc, dnt));
        assertThat(Golden.decodeRejected(event("'scroll_depth':101," + members)).signals())
                .isEqualTo(new Signals(null, gpc, dnt));
    }

    /** As a page's own code and its consent manager's may disagree. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "'consent':'granted','event_data':{'consent':'denied'}",
                "'consent':'denied','event_data':{'consent':'granted'}",
                "'consent':{'analytics':false},'consent':true",
                "'consent':'denied','consent':null",
                "'event_data':{'consent':'no','consent':'yes'}",
            })
    void isADenialWhereOneOfSeveralIs(String members) {
        assertThat(signals(members)).isEqualTo(new Signals(false, false, false));
        assertThat(Golden.decodeRejected(event("'scroll_depth':101," + members)).signals())
                .isEqualTo(new Signals(false, false, false));
    }

    /** Each breaks the contract in a way that another reader of the copy might trip over. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "'event_data':[],",
                "'event_data':'',",
                "'event_data':'{}',",
                "'event_data':7,",
                "'event_data':['a'],",
                "'x':" + DEEP + ",",
                "'event_data':{'x':" + DEEP + "},",
                "'items':[{'item_id':'i','x':" + DEEP + "}],",
                "'click_x':" + DEEP + ",",
            })
    void readsWhatARefusedRecordTellsWhateverBreaksIt(String breach) {
        Decoded.Rejected denied =
                Golden.decodeRejected(event(breach + "'consent':'denied','gpc':true"));
        Decoded.Rejected granted =
                Golden.decodeRejected(event(breach + "'consent':'granted','dnt':1"));

        assertThat(denied.signals()).isEqualTo(new Signals(false, true, false));
        assertThat(granted.signals()).isEqualTo(new Signals(true, false, true));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '#',
            value = {
                "[] | untold",
                "'' | untold",
                "7 | untold",
                "'{}' | denied",
                "['denied'] | denied",
            })
    void takesWhatMayHoldADenialAndCannotBeReadForOne(String data, String expected) {
        Boolean analytics = expected.equals("denied") ? false : null;

        assertThat(Golden.decodeRejected(event("'gpc':1,'event_data':" + data)).signals())
                .isEqualTo(new Signals(analytics, true, false));
    }

    @Test
    void readsARefusedRecordByTheSameRules() {
        String signals = ",'scroll_depth':101,'consent':{'analytics':false},'gpc':true";
        Decoded.Rejected top = Golden.decodeRejected(event(signals.substring(1)));
        Decoded.Rejected data =
                Golden.decodeRejected(event("'event_data':{" + signals.substring(1) + "}"));

        assertThat(top.signals()).isEqualTo(new Signals(false, true, false));
        assertThat(data.signals()).isEqualTo(top.signals());
    }

    /** Each comes behind the members that tell of consent. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ",",
                ",'x",
                ",'x'",
                ",'x':",
                ",'x':'y",
                ",'x':[",
                ",'x':[1,",
                ",'x':{'y':1",
                ",'x':tru",
                "}}",
                "}{'consent':'granted'}"
            })
    void readsOfARecordThatIsNoJsonWhatStandsBeforeTheError(String end) {
        String start = START + "'consent':{'analytics':false},'gpc':true";
        Decoded.Rejected cut = Golden.decodeRejected((start + end).replace('\'', '"'));

        assertThat(cut.payload()).isNull();
        assertThat(cut.signals()).isEqualTo(new Signals(false, true, false));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[", "'consent", "[{'consent':'denied'}]", "{'consent'"})
    void tellsNothingWhereNothingIsRead(String record) {
        assertThat(Golden.decodeRejected(record.replace('\'', '"')).signals())
                .isEqualTo(Signals.NONE);
    }
}
