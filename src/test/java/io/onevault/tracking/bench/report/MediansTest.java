package io.onevault.tracking.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MediansTest {

    private final Medians medians = new Medians();

    @Test
    void givesTheMiddleOfThreeRunsAndKeepsEach() {
        medians.add(run(300, List.of()));
        medians.add(run(100, List.of()));
        medians.add(run(200, List.of()));

        BenchReport all = medians.report();

        assertThat(all.number("medians", "events_per_s.sustained")).isEqualTo(200);
        assertThat(all.member("medians")).isEqualTo(Map.of("events_per_s.sustained", 200.0));
        assertThat((List<?>) all.member("runs")).hasSize(3);
        assertThat(all.balanced()).isTrue();
    }

    @Test
    void isNotBalancedWhereOneRunIsNot() {
        medians.add(run(300, List.of()));
        medians.add(run(100, List.of("received should be 1 but is 2")));

        assertThat(medians.report().balanced()).isFalse();
        assertThat(medians.report().errors()).containsExactly("received should be 1 but is 2");
    }

    @Test
    void isTheOnlyRunItself() {
        BenchReport only = run(300, List.of());
        medians.add(only);

        assertThat(medians.report()).isSameAs(only);
    }

    @Test
    void showsTheMediansButNotTheRunsInTheTable() {
        medians.add(run(300, List.of()));
        medians.add(run(100, List.of()));

        assertThat(medians.report().toTable()).contains("medians").doesNotContain("runs");
    }

    private static BenchReport run(int sustained, List<String> errors) {
        BenchReport run = new BenchReport();
        run.put("events_per_s", Map.of("sustained", sustained));
        run.addErrors(errors);
        return run;
    }
}
