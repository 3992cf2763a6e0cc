package io.onevault.tracking.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class LastUsedTest {

    @Test
    void forgetsWhatWasNotUsedForLongest() {
        Map<String, Integer> used = new LastUsed<>(2);
        used.put("a", 1);
        used.put("b", 2);
        used.get("a");

        used.put("c", 3);

        assertThat(used).containsOnlyKeys("a", "c");
    }
}
