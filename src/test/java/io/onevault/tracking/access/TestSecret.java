package io.onevault.tracking.access;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Secrets of tests, in files that are gone after them. */
public final class TestSecret {

    private TestSecret() {}

    /** The reference to a file that holds the secret. */
    public static String reference(String secret) {
        try {
            Path file = Files.createTempFile("secret-", ".txt");
            file.toFile().deleteOnExit();
            Files.writeString(file, secret + "\n");
            return References.toFile(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
