package io.onevault.tracking.vault;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class HashDiffTest {

    private final HashDiff hashDiff = new HashDiff();

    private static byte[] sha256(String text) {
        return new HashKeys().hash(text);
    }

    private static Object[] values(@Nullable Object... values) {
        return values;
    }

    @Test
    void putsTheLengthInBytesBeforeEachValue() {
        assertThat(hashDiff.of("ab", null, "ä", "€", "\uD83D\uDE00"))
                .isEqualTo(sha256("2:ab-2:ä3:€4:\uD83D\uDE00"));
    }

    @Test
    void leavesOutNullsAtTheEndOnly() {
        byte[] one = hashDiff.of(values("a"));

        assertThat(hashDiff.of("a", null, null)).isEqualTo(one);
        assertThat(hashDiff.of(null, "a")).isNotEqualTo(one);
        assertThat(hashDiff.of(values(null, null))).isEqualTo(hashDiff.of()).isEqualTo(sha256(""));
    }

    @Test
    void tellsAnEmptyTextFromNull() {
        assertThat(hashDiff.of("", "a")).isNotEqualTo(hashDiff.of(null, "a"));
        assertThat(hashDiff.of("-", "a")).isNotEqualTo(hashDiff.of(null, "a"));
    }

    @Test
    void equalNumbersHaveEqualHashes() {
        byte[] hundred = sha256("3:100");

        assertThat(hashDiff.of(new BigDecimal("100.00"))).isEqualTo(hundred);
        assertThat(hashDiff.of(new BigDecimal("1E+2"))).isEqualTo(hundred);
        assertThat(hashDiff.of(new BigDecimal("0.000"))).isEqualTo(sha256("1:0"));
        assertThat(hashDiff.of(new BigDecimal("-0.10"))).isEqualTo(sha256("4:-0.1"));
    }

    @Test
    void instantsCountMicrosecondsSinceTheEpoch() {
        Instant instant = Instant.parse("1970-01-01T00:00:01.000002Z");

        assertThat(hashDiff.of(instant)).isEqualTo(sha256("7:1000002"));
    }

    @Property(tries = 2_000)
    void differentValuesNeverCollideByConcatenation(
            @ForAll("values") List<@Nullable String> a,
            @ForAll("values") List<@Nullable String> b) {
        boolean same = withoutNullsAtTheEnd(a).equals(withoutNullsAtTheEnd(b));

        assertThat(Arrays.equals(hashDiff.of(a.toArray()), hashDiff.of(b.toArray())))
                .isEqualTo(same);
    }

    /** The signs that the hash itself puts between values. */
    @Provide
    Arbitrary<List<String>> values() {
        return Arbitraries.strings()
                .withChars('-', ':', '0', '1', '2', 'ä')
                .ofMaxLength(4)
                .injectNull(0.2)
                .list()
                .ofMaxSize(4);
    }

    private static List<String> withoutNullsAtTheEnd(List<String> values) {
        List<String> cut = new ArrayList<>(values);
        while (!cut.isEmpty() && cut.get(cut.size() - 1) == null) {
            cut.remove(cut.size() - 1);
        }
        return cut;
    }
}
