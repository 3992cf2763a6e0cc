package io.onevault.tracking.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The commands of a page of docs, by the heading above them. They run in bash as they stand there;
 * what one of them sets, the next one knows.
 */
final class Runbook {

    private static final int SECONDS = 180;

    /** What was set is also known to the next block where this one fails. */
    private static final String SCRIPT =
            """
            set -euo pipefail
            cd '%s'
            . ./state.sh
            trap '{ declare -p JOB SAVEPOINT CHECKPOINT; declare -f; } >state.sh 2>/dev/null || true' EXIT
            %s""";

    private final Map<String, List<String>> shell = new LinkedHashMap<>();
    private final Map<String, List<String>> sql = new LinkedHashMap<>();
    private final Set<String> done = new LinkedHashSet<>();
    private final Map<String, String> variables;
    private final Path folder;

    /**
     * @param variables what the page says to be given
     * @param folder where the commands run
     */
    Runbook(Path page, Map<String, String> variables, Path folder) throws IOException {
        this.variables = variables;
        this.folder = Files.createDirectories(folder);
        Files.writeString(state(), "");
        read(Files.readAllLines(page));
    }

    private void read(List<String> lines) {
        String heading = "";
        StringBuilder block = null;
        Map<String, List<String>> blocks = Map.of();
        for (String line : lines) {
            if (block != null && line.equals("```")) {
                blocks.computeIfAbsent(heading, key -> new ArrayList<>()).add(block.toString());
                block = null;
            } else if (block != null) {
                block.append(line).append('\n');
            } else if (line.startsWith("```")) {
                blocks = blocks(line);
                block = new StringBuilder();
            } else if (line.startsWith("## ")) {
                heading = line.substring(3);
            }
        }
    }

    private Map<String, List<String>> blocks(String fence) {
        return switch (fence) {
            case "```sh" -> shell;
            case "```sql" -> sql;
            // A picture, or commands of somebody else.
            case "```text" -> new LinkedHashMap<>();
            default -> throw new IllegalArgumentException("a block of " + fence);
        };
    }

    private Path state() {
        return folder.resolve("state.sh");
    }

    /** Runs the commands below a heading and returns what they wrote. */
    String run(String heading, Map<String, String> more) throws IOException, InterruptedException {
        done.add(heading);
        StringBuilder output = new StringBuilder();
        for (String block : shell.get(heading)) {
            String script = SCRIPT.formatted(folder, block);
            Map<String, String> environment = new LinkedHashMap<>(variables);
            environment.putAll(more);
            Path log = folder.resolve(heading.toLowerCase() + "-" + System.nanoTime() + ".log");
            output.append(
                    ChildProcess.start(log, environment, List.of("bash", "-c", script))
                            .await(SECONDS));
        }
        return output.toString();
    }

    /** The queries below a heading. */
    List<String> sql(String heading) {
        return sql.get(heading);
    }

    /** A variable that commands have set. */
    String variable(String name) throws IOException {
        String before = "declare -- " + name + "=\"";
        for (String line : Files.readAllLines(state())) {
            if (line.startsWith(before)) {
                return line.substring(before.length(), line.length() - 1);
            }
        }
        throw new IOException("No command has set " + name);
    }

    /** Headings whose commands were not run. */
    Set<String> rest() {
        Set<String> rest = new LinkedHashSet<>(shell.keySet());
        rest.removeAll(done);
        return rest;
    }
}
