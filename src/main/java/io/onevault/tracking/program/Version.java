package io.onevault.tracking.program;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** The version of this build, as the project file says it; the build writes it into a resource. */
public final class Version {

    private static final String RESOURCE = "/site-tracking.version";
    private static final String VERSION = read();

    private Version() {}

    public static String ofThisBuild() {
        return VERSION;
    }

    private static String read() {
        try (InputStream resource = Version.class.getResourceAsStream(RESOURCE)) {
            byte[] text = Objects.requireNonNull(resource, RESOURCE).readAllBytes();
            return new String(text, StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
