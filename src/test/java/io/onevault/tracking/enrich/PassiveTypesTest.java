package io.onevault.tracking.enrich;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.contract.Decoded;
import io.onevault.tracking.contract.TrackerEventDecoder;
import java.nio.charset.StandardCharsets;
import java.util.function.UnaryOperator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PassiveTypesTest {

    @ParameterizedTest
    @CsvSource({
        "page_view, , false",
        "web_vitals, , false",
        "consent_update, , false",
        "experiment_view, , false",
        "js_error, , false",
        "CLS, , false",
        "LCP, , false",
        "INP, , false",
        "web-vitals, , false",
        "$web_vitals, , false",
        "$pageleave, , false",
        "$exception, , false",
        "Consent, , false",
        "cookie-consent, , false",
        "Experiment Viewed, , false",
        "webVitals, , false",
        "web.vitals, , false",
        "consentUpdate, , false",
        "pageLoad, , false",
        "pageload, , false",
        "item_click, , true",
        "Item-Click, , true",
        "$, , true",
        "anything_else, , true",
        "page_view, true, true",
        "item_click, false, false",
        "item_click, True, true",
    })
    void saysWhatAPersonDid(String type, String told, boolean expected) {
        String member = told == null ? "" : ", \"interactive\": \"" + told + "\"";
        String json = "{\"tenantId\": \"acme\", \"evt_type\": \"" + type + "\"" + member + "}";
        Decoded decoded =
                new TrackerEventDecoder(UnaryOperator.identity())
                        .decode(json.getBytes(StandardCharsets.UTF_8));

        assertThat(PassiveTypes.isInteractive(((Decoded.Valid) decoded).event()))
                .isEqualTo(expected);
    }
}
