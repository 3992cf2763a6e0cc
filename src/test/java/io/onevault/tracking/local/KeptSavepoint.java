package io.onevault.tracking.local;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/**
 * A savepoint that a version of the job left, with what it had read and what came after it.
 *
 * @param before lines that were read, each a record's key, a tab, and its value
 * @param after lines that come after them
 * @param ends the offset behind the last record of each partition that was read
 * @param run the id of the run in the ledger
 * @param savepoint the savepoint's folder
 */
record KeptSavepoint(
        List<String> before, List<String> after, List<String> ends, String run, Path savepoint) {

    private static final String BEFORE = "before.tsv";
    private static final String AFTER = "after.tsv";
    private static final String ENDS = "ends.txt";
    private static final String RUN = "run.txt";
    private static final String SAVEPOINT = "savepoint/";

    void write(Path file) throws IOException {
        Files.createDirectories(file.getParent());
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file));
                Stream<Path> files = Files.list(savepoint)) {
            add(zip, BEFORE, bytes(before));
            add(zip, AFTER, bytes(after));
            add(zip, ENDS, bytes(ends));
            add(zip, RUN, bytes(List.of(run)));
            for (Path part : files.sorted().toList()) {
                add(zip, SAVEPOINT + part.getFileName(), Files.readAllBytes(part));
            }
        }
    }

    private static byte[] bytes(List<String> lines) {
        return String.join("\n", lines).getBytes(StandardCharsets.UTF_8);
    }

    private static void add(ZipOutputStream zip, String name, byte[] bytes) throws IOException {
        ZipEntry entry = new ZipEntry(name);
        // The same content gives the same file.
        entry.setTime(0);
        zip.putNextEntry(entry);
        zip.write(bytes);
        zip.closeEntry();
    }

    /**
     * @param folder where the savepoint is unpacked
     */
    static KeptSavepoint read(Path file, Path folder) throws IOException {
        Path unpacked = Files.createDirectories(folder);
        Files.createDirectories(unpacked.resolve(SAVEPOINT));
        try (InputStream in = Files.newInputStream(file);
                ZipInputStream zip = new ZipInputStream(in)) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                try (OutputStream out = Files.newOutputStream(unpacked.resolve(entry.getName()))) {
                    zip.transferTo(out);
                }
            }
        }
        return new KeptSavepoint(
                lines(unpacked, BEFORE),
                lines(unpacked, AFTER),
                lines(unpacked, ENDS),
                lines(unpacked, RUN).get(0),
                unpacked.resolve(SAVEPOINT));
    }

    private static List<String> lines(Path folder, String name) throws IOException {
        return new ArrayList<>(Files.readAllLines(folder.resolve(name)));
    }
}
