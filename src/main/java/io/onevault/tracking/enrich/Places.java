package io.onevault.tracking.enrich;

import com.maxmind.db.CHMCache;
import com.maxmind.db.Reader;
import io.onevault.tracking.cache.LastUsed;
import io.onevault.tracking.event.Place;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Tells where addresses are by a database in MaxMind's format, and remembers the places of those
 * that were asked for last. Holds the whole file, so that nobody who replaces it harms a reader.
 * Not thread-safe.
 */
public final class Places {

    private static final int REMEMBERED = 10_000;
    private static final int COUNTRY_LETTERS = 2;
    private static final int MOST_REGION_CHARS = 3;

    private final Reader reader;
    private final Map<String, Optional<Place>> known = new LastUsed<>(REMEMBERED);

    private Places(Reader reader) {
        this.reader = reader;
    }

    /**
     * Reads a database.
     *
     * @throws IOException when it is not there, or none
     */
    public static Places read(Path file) throws IOException {
        return new Places(new Reader(file.toFile(), Reader.FileMode.MEMORY, new CHMCache()));
    }

    /** Where a client's address is, in whatever form it came; null where nothing tells. */
    public @Nullable Place of(@Nullable String address) {
        if (address == null) {
            return null;
        }
        Optional<Place> place = known.get(address);
        if (place == null) {
            place = Optional.ofNullable(find(address));
            known.put(address, place);
        }
        return place.orElse(null);
    }

    /** Forgets the addresses that were asked for. */
    public void forget() {
        known.clear();
    }

    private @Nullable Place find(String address) {
        byte[] bytes = IpNetworks.bytes(address);
        try {
            return bytes == null
                    ? null
                    : place(reader.get(InetAddress.getByAddress(bytes), Map.class));
        } catch (IOException brokenThere) {
            return null;
        }
    }

    /** By the members that MaxMind, DB-IP and IP location databases use. */
    private static @Nullable Place place(@Nullable Map<?, ?> found) {
        if (found == null) {
            return null;
        }
        Object code =
                found.get("country") instanceof Map<?, ?> country
                        ? country.get("iso_code")
                        : found.get("country_code");
        if (!(code instanceof String country) || !isUpper(country, COUNTRY_LETTERS)) {
            return null;
        }
        return new Place(country, region(country, found.get("subdivisions")));
    }

    private static @Nullable String region(String country, @Nullable Object subdivisions) {
        boolean isKnown = subdivisions instanceof List<?> list && !list.isEmpty();
        return isKnown
                        && ((List<?>) subdivisions).get(0) instanceof Map<?, ?> first
                        && first.get("iso_code") instanceof String code
                        && !code.isEmpty()
                        && code.length() <= MOST_REGION_CHARS
                ? country + '-' + code
                : null;
    }

    private static boolean isUpper(String code, int letters) {
        boolean upper = code.length() == letters;
        for (int i = 0; i < code.length(); i++) {
            upper &= code.charAt(i) >= 'A' && code.charAt(i) <= 'Z';
        }
        return upper;
    }
}
