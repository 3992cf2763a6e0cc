package io.onevault.tracking.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Texts in the order of their bytes, as the database sorts them. */
class CodePointsProperties {

    @Property
    void sortAsTheirBytesDo(@ForAll("texts") String a, @ForAll("texts") String b) {
        int bytes =
                Arrays.compareUnsigned(
                        a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));

        assertThat(Integer.signum(CodePoints.compare(a, b))).isEqualTo(Integer.signum(bytes));
    }

    /** Below and above the surrogates, and beyond what 16 bits hold. */
    @Provide
    Arbitrary<String> texts() {
        return Arbitraries.of(
                        "a", "b", "é", "\ud7ff", "\ue000", "\uffee", "\ud83d\ude00", "\ud83d\ude01")
                .list()
                .ofMaxSize(4)
                .map(parts -> String.join("", parts));
    }
}
