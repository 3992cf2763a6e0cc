package io.onevault.tracking.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The savepoints and checkpoints that runs left in a folder. The newest complete one is where the
 * next run goes on: the savepoint of a clean stop, or a checkpoint where the run was killed.
 */
record ResumePoints(Path folder) {

    /** Flink renames this file into place last, so a folder that has it is complete. */
    private static final String METADATA = "_metadata";

    private static final int DEPTH = 3;

    Path savepoints() {
        return folder.resolve("savepoints");
    }

    Path checkpoints() {
        return folder.resolve("checkpoints");
    }

    Optional<Path> newest() throws IOException {
        List<Path> complete = new ArrayList<>(complete(savepoints()));
        complete.addAll(complete(checkpoints()));
        return complete.stream()
                .max(Comparator.comparingLong(metadata -> metadata.toFile().lastModified()))
                .map(Path::getParent);
    }

    private static List<Path> complete(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(folder, DEPTH)) {
            return files.filter(file -> file.endsWith(METADATA)).toList();
        }
    }

    /** Deletes everything that is older than the savepoint of a clean stop. */
    void keepOnly(Path savepoint) throws IOException {
        DataDirectory.delete(checkpoints());
        try (Stream<Path> others = Files.list(savepoints())) {
            for (Path other : others.filter(path -> !path.equals(savepoint)).toList()) {
                DataDirectory.delete(other);
            }
        }
    }
}
