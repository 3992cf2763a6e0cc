package io.onevault.tracking.reprocess;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reads what a job left, as that of a job that runs. */
class CheckpointTest {

    private static final Path KEPT = Path.of("src/test/resources/savepoints/0.1.0.zip");

    @TempDir private Path folder;

    @Test
    void tellsHowFarItsJobHadCome() throws IOException {
        Path checkpoint = Files.createDirectories(folder.resolve("chk-7"));
        try (InputStream in = Files.newInputStream(KEPT);
                ZipInputStream zip = new ZipInputStream(in)) {
            for (ZipEntry one = zip.getNextEntry(); one != null; one = zip.getNextEntry()) {
                Files.write(
                        checkpoint.resolve(Path.of(one.getName()).getFileName()),
                        zip.readAllBytes());
            }
        }

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
