package io.onevault.tracking.migrate;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.flink.util.FileUtils;

/**
 * A folder in memory for a server's data. A new database is a thousand small files, which a disk
 * takes ten times as long to make, whatever it syncs.
 */
final class TestMemory {

    private static final Path MEMORY = Path.of("/dev/shm");
    private static final String PREFIX = "onevault-test-";

    /** Containers have 64 MB there unless told otherwise; a test class needs some hundred. */
    private static final long ENOUGH = 4L << 30;

    private TestMemory() {}

    /** An empty folder of this JVM; empty where there is not enough memory for it. */
    static Optional<Path> folder() throws IOException {
        if (!Files.isWritable(MEMORY) || MEMORY.toFile().getUsableSpace() < ENOUGH) {
            return Optional.empty();
        }
        deleteThoseOfTheDead();
        return Optional.of(
                Files.createDirectory(MEMORY.resolve(PREFIX + ProcessHandle.current().pid())));
    }

    /** A JVM that is killed leaves its folder behind. */
    private static void deleteThoseOfTheDead() throws IOException {
        try (Stream<Path> folders = Files.list(MEMORY)) {
            for (Path folder : folders.toList()) {
                String name = folder.getFileName().toString();
                if (name.matches(PREFIX + "[0-9]+")
                        && ProcessHandle.of(Long.parseLong(name.substring(PREFIX.length())))
                                .isEmpty()) {
                    FileUtils.deleteDirectoryQuietly(folder.toFile());
                }
            }
        }
    }
}
