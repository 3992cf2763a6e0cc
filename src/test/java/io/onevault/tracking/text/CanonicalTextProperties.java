package io.onevault.tracking.text;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.BigRange;
import net.jqwik.api.constraints.Scale;
import net.jqwik.api.constraints.StringLength;
import net.jqwik.api.constraints.UniqueChars;

class CanonicalTextProperties {

    private static final ObjectMapper JSON = new ObjectMapper();

    @Property
    void jsonSaysTheText(@ForAll String text) throws JsonProcessingException {
        assertThat(JSON.readValue(json(text), String.class)).isEqualTo(text);
    }

    @Property
    void equalNumbersHaveEqualTexts(
            @ForAll @BigRange(min = "-1e20", max = "1e20") @Scale(9) BigDecimal number) {
        String plain = CanonicalText.plain(number);

        assertThat(new BigDecimal(plain)).isEqualByComparingTo(number);
        assertThat(CanonicalText.plain(number.setScale(12))).isEqualTo(plain);
        assertThat(plain).doesNotContainIgnoringCase("e");
    }

    @Property
    void countsBytesAsUtf8Does(@ForAll @UniqueChars @StringLength(max = 40) String text) {
        String valid = text.replaceAll("[\\ud800-\\udfff]", "\ud83d\ude00");

        assertThat(CanonicalText.utf8Length(valid))
                .isEqualTo(valid.getBytes(StandardCharsets.UTF_8).length);
    }

    private static String json(String text) {
        StringBuilder out = new StringBuilder();
        CanonicalText.appendJson(out, text);
        return out.toString();
    }
}
