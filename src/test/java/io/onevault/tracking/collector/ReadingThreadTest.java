package io.onevault.tracking.collector;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.eclipse.jetty.io.ManagedSelector;
import org.junit.jupiter.api.Test;

/** How often the thread is woken, and what it does then. */
final class ReadingThreadTest {

    private final List<ManagedSelector.SelectorUpdate> woken = new ArrayList<>();
    private final ReadingThread thread = new ReadingThread(woken::add);
    private final List<String> done = new ArrayList<>();

    @Test
    void isWokenOnceForAllThatIsDue() {
        for (String task : List.of("a", "b", "c")) {
            thread.execute(() -> done.add(task));
        }
        assertThat(woken).hasSize(1);
        assertThat(done).isEmpty();

        woken.get(0).update(null);
        assertThat(done).containsExactly("a", "b", "c");

        thread.execute(() -> done.add("d"));
        assertThat(woken).hasSize(2);
    }

    @Test
    void doesWhatFollowsOfATaskAtOnce() {
        thread.execute(() -> thread.execute(() -> done.add("what follows")));
        woken.get(0).update(null);

        assertThat(done).containsExactly("what follows");
        assertThat(woken).hasSize(1);
    }

    @Test
    void goesOnBehindATaskThatFails() {
        thread.execute(
                () -> {
                    throw new StackOverflowError("of the test");
                });
        thread.execute(() -> done.add("another"));
        woken.get(0).update(null);

        assertThat(done).containsExactly("another");
    }
}
