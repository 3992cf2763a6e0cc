package io.onevault.tracking.reprocess;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/** The savepoint that the first version left, of a job that reads a topic of its own. */
final class KeptSavepoint {

    private static final Path KEPT = Path.of("src/test/resources/savepoints/0.1.0.zip");

    private KeptSavepoint() {}

    /** Unpacks it into a folder, which is made, and returns that. */
    static Path in(Path folder) throws IOException {
        Files.createDirectories(folder);
        try (InputStream in = Files.newInputStream(KEPT);
                ZipInputStream zip = new ZipInputStream(in)) {
            for (ZipEntry one = zip.getNextEntry(); one != null; one = zip.getNextEntry()) {
                Path name = Path.of(one.getName()).getFileName();
                Files.write(folder.resolve(name), zip.readAllBytes());
            }
        }
        return folder;
    }
}
