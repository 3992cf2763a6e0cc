package io.onevault.tracking.job.admit;

import io.onevault.tracking.enrich.Places;
import io.onevault.tracking.event.Place;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file that tells where addresses are, read again when it has changed. While it can't be read,
 * what was read before holds; without one nothing is known.
 */
final class PlacesFile {

    private static final Logger LOG = LoggerFactory.getLogger(PlacesFile.class);

    /** What tells one state of the file from another. */
    private record Seen(FileTime changedAt, long bytes) {

        static final Seen NOTHING = new Seen(FileTime.fromMillis(0), -1);
    }

    // -- configuration
    private final @Nullable Path file;

    // -- runtime
    private @Nullable Seen seen;
    private @Nullable Places places;

    /**
     * @param file its path, empty for none
     */
    PlacesFile(String file) {
        this.file = file.isEmpty() ? null : Path.of(file);
    }

    @Nullable Place of(@Nullable String address) {
        return places == null ? null : places.of(address);
    }

    /** Forgets the addresses that were asked for. */
    void forget() {
        if (places != null) {
            places.forget();
        }
    }

    /** Reads the file unless it is as it was. */
    void refresh() {
        if (file == null) {
            return;
        }
        Seen now = seen();
        if (now.equals(seen)) {
            return;
        }
        seen = now;
        try {
            places = Places.read(file);
            LOG.info("Places are read from {}", file);
        } catch (IOException e) {
            LOG.warn("Places could not be read from {}: {}", file, e.toString());
        }
    }

    private Seen seen() {
        try {
            var attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return new Seen(attributes.lastModifiedTime(), attributes.size());
        } catch (IOException away) {
            return Seen.NOTHING;
        }
    }
}
