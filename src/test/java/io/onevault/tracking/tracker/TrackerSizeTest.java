package io.onevault.tracking.tracker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

/** The gate of the scripts' sizes: what every page of every site loads stays small. */
final class TrackerSizeTest {

    @Test
    void theCoreHasTwoKilobytes() throws IOException {
        assertThat(size("core.js")).isLessThanOrEqualTo(2_000);
    }

    @Test
    void everythingHasFourKilobytes() throws IOException {
        assertThat(size("tracker.js")).isLessThanOrEqualTo(4_000);
    }

    private static int size(String name) throws IOException {
        try (InputStream script = TrackerSizeTest.class.getResourceAsStream("/tracker/" + name)) {
            byte[] bytes = script.readAllBytes();
            ByteArrayOutputStream gzipped = new ByteArrayOutputStream();
            try (GZIPOutputStream gzip = new GZIPOutputStream(gzipped)) {
                gzip.write(bytes);
            }
            System.out.printf(
                    "tracker/%s: %,d bytes gzipped of %,d%n", name, gzipped.size(), bytes.length);
            return gzipped.size();
        }
    }
}
