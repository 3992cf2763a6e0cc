package io.onevault.tracking.reference;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** A list of {@code resources/reference} that a tool makes: its lines, and how they changed. */
final class ReferenceFile {

    private final Path path;

    ReferenceFile(Path path) {
        this.path = path;
    }

    /** Tells on the stream what the new lines change, and writes them. */
    void replace(List<String> header, List<String> lines, PrintStream out) throws IOException {
        tell(lines(path), lines, out);
        List<String> all = new ArrayList<>();
        for (String line : header) {
            all.add("# " + line);
        }
        all.addAll(lines);
        Files.write(path, all);
    }

    /** The lines of a list that are no comments; none when there is no such file. */
    static List<String> lines(Path path) throws IOException {
        List<String> lines = new ArrayList<>();
        if (Files.exists(path)) {
            for (String line : Files.readAllLines(path)) {
                if (!line.isBlank() && line.charAt(0) != '#') {
                    lines.add(line);
                }
            }
        }
        return lines;
    }

    private void tell(List<String> before, List<String> after, PrintStream out) {
        TreeMap<String, Set<String>> old = byName(before);
        TreeMap<String, Set<String>> now = byName(after);
        Set<String> names = new TreeSet<>(old.keySet());
        names.addAll(now.keySet());
        int changed = 0;
        for (String name : names) {
            Set<String> was = old.getOrDefault(name, Set.of());
            Set<String> is = now.getOrDefault(name, Set.of());
            if (was.equals(is)) {
                continue;
            }
            changed++;
            if (was.isEmpty()) {
                out.println("+ " + name + " " + is);
            } else if (is.isEmpty()) {
                out.println("- " + name + " " + was);
            } else {
                out.println("~ " + name + " " + was + " -> " + is);
            }
        }
        out.println(path + ": " + after.size() + " lines, " + changed + " names differ");
    }

    /** The first column by the rest of the line, which is what the line is about. */
    private static TreeMap<String, Set<String>> byName(List<String> lines) {
        TreeMap<String, Set<String>> byName = new TreeMap<>();
        for (String line : lines) {
            int comma = line.indexOf(',');
            byName.computeIfAbsent(line.substring(comma + 1), name -> new TreeSet<>())
                    .add(line.substring(0, comma));
        }
        return byName;
    }
}
