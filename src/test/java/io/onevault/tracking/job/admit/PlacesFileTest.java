package io.onevault.tracking.job.admit;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.enrich.PlacesDatabase;
import io.onevault.tracking.event.Place;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlacesFileTest {

    private static final String ADDRESS = "203.0.113.7";

    @TempDir Path folder;

    private static void write(Path file, String country) throws IOException {
        PlacesDatabase.write(file, Map.of("203.0.113.0/24", PlacesDatabase.country(country)));
    }

    @Test
    void readsTheFileAgainWhenItChangesAndKeepsWhatItHadWhileItIsBroken() throws IOException {
        Path file = folder.resolve("places.mmdb");
        PlacesFile places = new PlacesFile(file.toString());
        places.refresh();
        assertThat(places.of(ADDRESS)).isNull();

        write(file, "DE");
        assertThat(places.of(ADDRESS)).isNull();
        places.refresh();
        assertThat(places.of(ADDRESS)).isEqualTo(new Place("DE", null));

        Files.writeString(file, "half of a copy");
        places.refresh();
        assertThat(places.of(ADDRESS)).isEqualTo(new Place("DE", null));

        Files.delete(file);
        places.refresh();
        assertThat(places.of(ADDRESS)).isEqualTo(new Place("DE", null));

        write(file, "FR");
        places.refresh();
        assertThat(places.of(ADDRESS)).isEqualTo(new Place("FR", null));
    }

    @Test
    void knowsNothingWithoutAFile() {
        PlacesFile places = new PlacesFile("");
        places.refresh();

        assertThat(places.of(ADDRESS)).isNull();
    }
}
