package io.onevault.tracking.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.NumericChars;
import net.jqwik.api.constraints.StringLength;

/** Session ids that are times or counters, alike for many visitors, and those that are not. */
class SessionKeysProperties {

    @Property
    void digitsAreANumberHoweverMany(
            @ForAll @NumericChars @StringLength(min = 1, max = 40) String digits,
            @ForAll @IntRange(min = 1, max = 40) int point) {
        assertThat(SessionKeys.isNumber(digits)).isTrue();
        int at = Math.min(point, digits.length());
        assertThat(SessionKeys.isNumber(digits.substring(0, at) + '.' + digits.substring(at)))
                .isTrue();
    }

    @Property
    void timesAreNumbersInEveryUnit(
            @ForAll @LongRange(min = 0, max = 4_102_444_799_999_999_999L) long nanos) {
        for (int unit : new int[] {0, 3, 6, 9}) {
            BigDecimal time = BigDecimal.valueOf(nanos, unit);
            assertThat(SessionKeys.isNumber(time.toPlainString())).isTrue();
            assertThat(SessionKeys.isNumber(time.toBigInteger().toString())).isTrue();
        }
    }

    @Property
    void whatHoldsAnythingElseIsNone(
            @ForAll @NumericChars @StringLength(min = 1, max = 7) String few) {
        assertThat(SessionKeys.isNumber("")).isFalse();
        assertThat(SessionKeys.isNumber(few + "." + few + "." + few)).isFalse();
        assertThat(SessionKeys.isNumber("." + few)).isFalse();
        assertThat(SessionKeys.isNumber(few + "a")).isFalse();
        assertThat(SessionKeys.isNumber("-" + few)).isFalse();
        assertThat(SessionKeys.isNumber(few + "e5")).isFalse();
    }
}
