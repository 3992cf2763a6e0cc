package io.onevault.tracking.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.event.Signals;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConsentTest {

    private static final String START = "{'tenantId':'a','evt_type':'x',";

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
                "'as we say' | as we say",
            })
    void readsTheWordsOfSitesAndConsentManagers(String value, String expected) {
        assertThat(consent(value)).isEqualTo(expected);
        assertThat(consent("'" + expected + "'")).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "''",
                "{}",
                "{'marketing':true}",
                "{'analytics':null}",
                "{'analytics':{}}",
                "{'purpose':{'consents':{}}}"
            })
    void tellsNothingWhereNoPurposeIsAnalytics(String value) {
        assertThat(consent(value)).isNull();
        assertThat(signals("'consent':" + value)).isEqualTo(Signals.NONE);
    }

    /** The purposes that are agreed to are 24 bits behind the first 152 of the core. */
    @ParameterizedTest
    @CsvSource({"1, granted", "0, denied"})
    void readsPurposeEightOfATcfString(int bit, String expected) {
        byte[] core = new byte[40];
        core[0] = 2 << 2;
        core[19] = (byte) (0xFE | bit);
        String text = Base64.getUrlEncoder().withoutPadding().encodeToString(core);

        assertThat(consent("'" + text + "'")).isEqualTo(expected);
        assertThat(consent("'" + text + ".YAAA" + "B".repeat(600) + "'")).isEqualTo(expected);
    }

    @Test
    void takesTextsThatOnlyLookLikeATcfStringAsTheyAre() {
        assertThat(consent("'CAAA'")).isEqualTo("CAAA");
        assertThat(consent("'Consent, of course'")).isEqualTo("Consent, of course");
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
                "'dnt':'TRUE' | false | true",
            })
    void readsTheSignalsOfBrowsersAndRefusesNoneOfThem(String members, boolean gpc, boolean dnt) {
        assertThat(signals(members)).isEqualTo(new Signals(null, gpc, dnt));
    }

    @Test
    void readsARefusedRecordByTheSameRules() {
        String signals = ",'scroll_depth':101,'consent':{'analytics':false},'gpc':true";
        Decoded.Rejected top = Golden.decodeRejected(event(signals.substring(1)));
        Decoded.Rejected data =
                Golden.decodeRejected(event("'event_data':{" + signals.substring(1) + "}"));
        Decoded.Rejected cut =
                Golden.decodeRejected(event(signals.substring(1)).replace("true}", "true"));

        assertThat(top.signals()).isEqualTo(new Signals(false, true, false));
        assertThat(data.signals()).isEqualTo(top.signals());
        assertThat(cut.signals()).isEqualTo(Signals.NONE);
    }
}
