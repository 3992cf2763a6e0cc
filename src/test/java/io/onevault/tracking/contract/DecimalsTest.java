package io.onevault.tracking.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.text.CanonicalText;
import java.math.BigDecimal;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.BigRange;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Scale;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DecimalsTest {

    @Property
    void agreesWithBigDecimal(
            @ForAll @BigRange(min = "-1e30", max = "1e30") @Scale(20) BigDecimal mantissa,
            @ForAll @IntRange(min = -60, max = 60) int exponent) {
        String text = mantissa.toPlainString() + "e" + exponent;
        BigDecimal expected = new BigDecimal(text).stripTrailingZeros();
        boolean fits = expected.precision() - expected.scale() <= 14 && expected.scale() <= 6;

        BigDecimal bounded = Decimals.bounded(text, 14, 6);

        assertThat(Decimals.isNumber(text)).isTrue();
        if (fits || expected.signum() == 0) {
            assertThat(bounded).isEqualByComparingTo(expected);
            assertThat(bounded.scale()).isEqualTo(Math.max(0, expected.scale()));
            assertThat(CanonicalText.plain(bounded)).isEqualTo(bounded.toPlainString());
        } else {
            assertThat(bounded).isNull();
        }
    }

    @Property
    void agreesWithJavaOnDoubles(@ForAll @DoubleRange(min = 0, max = 100) double number) {
        String text = Double.toString(number);

        assertThat(Decimals.bounded(text, 20, 400).doubleValue()).isEqualTo(number);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "-",
                "+",
                ".",
                "1.",
                ".5",
                "1e",
                "1e+",
                "e1",
                "1..2",
                "1 2",
                "0x1",
                "NaN",
                "Infinity",
                "1,5",
                "\u0661",
                "1f"
            })
    void knowsWhatIsNoNumber(String text) {
        assertThat(Decimals.isNumber(text)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-0", "+1", "007", "1.50", "1e5", "1E+5", "-1.0e-05"})
    void knowsWhatIsANumber(String text) {
        assertThat(Decimals.isNumber(text)).isTrue();
    }
}
