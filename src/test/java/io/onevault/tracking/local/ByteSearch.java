package io.onevault.tracking.local;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;

/** Finds texts in bytes, whatever else these are, in one pass. */
final class ByteSearch {

    private static final int EXCERPT = 60;

    /** The texts by their first two bytes. */
    private final byte[][][] byStart = new byte[1 << 16][][];

    ByteSearch(Collection<String> texts) {
        for (String text : texts) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            int start = start(bytes, 0);
            byte[][] before = byStart[start] == null ? new byte[0][] : byStart[start];
            byStart[start] = Arrays.copyOf(before, before.length + 1);
            byStart[start][before.length] = bytes;
        }
    }

    private static int start(byte[] bytes, int at) {
        return (bytes[at] & 0xFF) << 8 | bytes[at + 1] & 0xFF;
    }

    /** The texts that are in there, each with what stands around it. */
    Map<String, String> in(byte[] bytes) {
        Map<String, String> found = new TreeMap<>();
        for (int i = 0; i + 1 < bytes.length; i++) {
            byte[][] candidates = byStart[start(bytes, i)];
            if (candidates != null) {
                for (byte[] text : candidates) {
                    int end = i + text.length;
                    if (end <= bytes.length && Arrays.equals(bytes, i, end, text, 0, text.length)) {
                        found.put(text(text), excerpt(bytes, i, end));
                    }
                }
            }
        }
        return found;
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static String excerpt(byte[] bytes, int from, int to) {
        int start = Math.max(0, from - EXCERPT);
        int end = Math.min(bytes.length, to + EXCERPT);
        return new String(bytes, start, end - start, StandardCharsets.ISO_8859_1)
                .replaceAll("[^ -~]", ".");
    }

    /** The same of all files of a folder, by their paths in it; those without are left out. */
    Map<String, Map<String, String>> under(Path folder) throws IOException {
        Map<String, Map<String, String>> found = new TreeMap<>();
        Files.walkFileTree(
                folder,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                            throws IOException {
                        Map<String, String> inFile = inFile(file);
                        if (!inFile.isEmpty()) {
                            found.put(folder.relativize(file).toString(), inFile);
                        }
                        return FileVisitResult.CONTINUE;
                    }

                    /** It may be gone by then. */
                    @Override
                    public FileVisitResult visitFileFailed(Path file, IOException e)
                            throws IOException {
                        return orThrow(e);
                    }

                    @Override
                    public FileVisitResult postVisitDirectory(Path visited, IOException e)
                            throws IOException {
                        return e == null ? FileVisitResult.CONTINUE : orThrow(e);
                    }
                });
        return found;
    }

    private static FileVisitResult orThrow(IOException e) throws IOException {
        if (e instanceof NoSuchFileException) {
            return FileVisitResult.CONTINUE;
        }
        throw e;
    }

    private Map<String, String> inFile(Path file) throws IOException {
        try {
            return in(Files.readAllBytes(file));
        } catch (NoSuchFileException gone) {
            return Map.of();
        }
    }
}
