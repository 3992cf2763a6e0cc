package io.onevault.tracking.enrich;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads the comma-separated lists in {@code resources/reference}; a broken list is a bug. */
final class ReferenceList {

    private ReferenceList() {}

    /** The rows of a list in their order; lines that start with {@code #} are comments. */
    static List<String[]> rows(String name, int columns) {
        return rows(name, columns, -1);
    }

    /** The rows of a list whose last column is any text, commas included. */
    static List<String[]> rowsOfText(String name, int columns) {
        return rows(name, columns, columns);
    }

    private static List<String[]> rows(String name, int columns, int limit) {
        List<String[]> rows = new ArrayList<>();
        try (BufferedReader reader = open(name)) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                if (line.isEmpty() || line.charAt(0) == '#') {
                    continue;
                }
                String[] row = line.split(",", limit);
                if (row.length != columns) {
                    throw new IllegalStateException(
                            name + ": not " + columns + " columns: " + line);
                }
                rows.add(row);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read reference list " + name, e);
        }
        return rows;
    }

    /** The second column of those rows whose first column is {@code kind}. */
    static Set<String> words(List<String[]> rows, String kind) {
        Set<String> words = new HashSet<>();
        for (String[] row : rows) {
            if (row[0].equals(kind)) {
                words.add(row[1]);
            }
        }
        return Set.copyOf(words);
    }

    /** The second column to the third, of those rows whose first column is {@code kind}. */
    static Map<String, String> pairs(List<String[]> rows, String kind) {
        Map<String, String> pairs = new HashMap<>();
        for (String[] row : rows) {
            if (row[0].equals(kind)) {
                pairs.put(row[1], row[2]);
            }
        }
        return Map.copyOf(pairs);
    }

    private static BufferedReader open(String name) {
        InputStream in = ReferenceList.class.getResourceAsStream("/reference/" + name);
        if (in == null) {
            throw new IllegalStateException("no reference list " + name);
        }
        return new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
    }
}
