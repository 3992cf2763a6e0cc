package io.onevault.tracking.sample;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Reads the resources of sample traffic: lines, and tables with tabs between the columns. */
final class SampleTables {

    private static final String FOLDER = "/sample/";

    private SampleTables() {}

    /** Rows of a table without its comment lines. */
    static List<List<String>> rows(String name) {
        List<List<String>> rows = new ArrayList<>();
        for (String line : lines(name)) {
            if (!line.startsWith("#")) {
                rows.add(List.of(line.split("\t")));
            }
        }
        return rows;
    }

    /** Rows whose first column says this kind. */
    static List<List<String>> rows(String name, String kind) {
        List<List<String>> rows = new ArrayList<>();
        for (List<String> row : rows(name)) {
            if (row.get(0).equals(kind)) {
                rows.add(row);
            }
        }
        return rows;
    }

    static List<String> lines(String name) {
        try (InputStream stream = SampleTables.class.getResourceAsStream(FOLDER + name)) {
            if (stream == null) {
                throw new IllegalStateException("no class-path resource " + FOLDER + name);
            }
            List<String> lines = new ArrayList<>();
            BufferedReader reader =
                    new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8));
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                lines.add(line);
            }
            return List.copyOf(lines);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + FOLDER + name, e);
        }
    }
}
