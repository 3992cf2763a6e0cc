package io.onevault.tracking.reprocess;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
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

    /** The same of a job that had read nothing of a partition. */
    static Path unread(Path folder, int partition) throws IOException {
        Path metadata = in(folder).resolve("_metadata");
        String bytes = Files.readString(metadata, StandardCharsets.ISO_8859_1);
        String split = "\0\4kept\0\0\0" + (char) partition;
        int readers = bytes.lastIndexOf(split) + split.length();
        byte[] none = ByteBuffer.allocate(Long.BYTES).putLong(-3).array();
        Files.writeString(
                metadata,
                bytes.substring(0, readers)
                        + new String(none, StandardCharsets.ISO_8859_1)
                        + bytes.substring(readers + Long.BYTES),
                StandardCharsets.ISO_8859_1);
        return folder;
    }
}
