package io.onevault.tracking.local;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Small sets of events, made after reports on other products. */
final class Cases {

    private static final Path FOLDER = Path.of("src/test/resources/cases");

    private Cases() {}

    /**
     * The events of a case, in order.
     *
     * @param name without the ending
     */
    static List<byte[]> lines(String name) throws IOException {
        return Files.readAllLines(FOLDER.resolve(name + ".jsonl")).stream()
                .map(line -> line.getBytes(StandardCharsets.UTF_8))
                .toList();
    }
}
