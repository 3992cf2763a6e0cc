package io.onevault.tracking.enrich;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.onevault.tracking.event.Place;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class PlacesTest {

    @TempDir Path folder;
    private Path file;

    @BeforeEach
    void write() throws IOException {
        file = folder.resolve("places.mmdb");
        PlacesDatabase.write(
                file,
                Map.of(
                        "203.0.113.0/24",
                        Map.of(
                                "country",
                                Map.of("iso_code", "DE", "names", Map.of("en", "Germany")),
                                "subdivisions",
                                List.of(Map.of("iso_code", "BE"))),
                        "198.51.100.0/25",
                        Map.of("country_code", "FR"),
                        "2001:db8:1::/48",
                        PlacesDatabase.country("SE"),
                        "192.0.2.0/24",
                        Map.of("country", Map.of("names", Map.of("en", "Nowhere"))),
                        "192.0.3.0/24",
                        Map.of("country_code", "de")));
    }

    @ParameterizedTest
    @CsvSource({
        "203.0.113.7, DE, DE-BE",
        "203.0.113.7:443, DE, DE-BE",
        "'203.0.113.7, 198.51.100.1', DE, DE-BE",
        "::ffff:203.0.113.7, DE, DE-BE",
        "198.51.100.127, FR,",
        "2001:db8:1:ffff::1, SE,",
        "[2001:db8:1::1]:443, SE,",
    })
    void tellsWhereAnAddressIs(String address, String country, String region) throws IOException {
        Places places = Places.read(file);

        assertThat(places.of(address)).isEqualTo(new Place(country, region));
        assertThat(places.of(address)).isEqualTo(new Place(country, region));
    }

    /** A network that was cut before says nothing of where in it the address was. */
    @ParameterizedTest
    @NullSource
    @ValueSource(
            strings = {
                "203.0.112.255",
                "198.51.100.128",
                "2001:db8:2::1",
                "192.0.2.1",
                "192.0.3.1",
                "203.0.0.0/16",
                "2001:db8:1::/48",
                "unknown",
                ""
            })
    void tellsNothingOfOthers(String address) throws IOException {
        Places places = Places.read(file);

        assertThat(places.of(address)).isNull();
        assertThat(places.of(address)).isNull();
    }

    @Test
    void forgetsWhatItWasAskedFor() throws IOException {
        Places places = Places.read(file);
        Place place = places.of("203.0.113.7");
        assertThat(places.of("203.0.113.7")).isNotNull().isSameAs(place);

        places.forget();

        assertThat(places.of("203.0.113.7")).isEqualTo(place).isNotSameAs(place);
    }

    @Test
    void refusesWhatIsNoDatabase() throws IOException {
        Path none = Files.writeString(folder.resolve("none.mmdb"), "no database");

        assertThatThrownBy(() -> Places.read(none)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> Places.read(folder.resolve("away.mmdb")))
                .isInstanceOf(IOException.class);
    }
}
