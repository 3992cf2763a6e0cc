package io.onevault.tracking.reprocess;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reads what a job left, as that of a job that runs. */
class CheckpointTest {

    @TempDir private Path folder;

    @Test
    void tellsHowFarItsJobHadCome() throws IOException {
        Path checkpoint = KeptSavepoint.in(folder.resolve("chk-7"));

        Checkpoint newest = Checkpoint.newest(folder.toUri().toString()).orElseThrow();

        List<Long> ends =
                Files.readAllLines(checkpoint.resolve("ends.txt")).stream()
                        .map(Long::valueOf)
                        .toList();
        assertThat(newest.nextOffsets()).isEqualTo(Map.of(0, ends.get(0), 1, ends.get(1)));
        assertThat(newest.watermark())
                .isEqualTo(Savepoint.open(checkpoint.toUri().toString()).watermark())
                .isGreaterThan(0);
    }

    @Test
    void tellsNothingOfWhatIsNotWhole() throws IOException {
        assertThat(Checkpoint.newest(folder.resolve("none").toString())).isEmpty();
        Path checkpoint = Files.createDirectories(folder.resolve("chk-1"));
        assertThat(Checkpoint.newest(folder.toString())).isEmpty();
        Files.write(checkpoint.resolve("_metadata"), new byte[] {1, 2, 3});
        assertThat(Checkpoint.newest(folder.toString())).isEmpty();
    }
}
