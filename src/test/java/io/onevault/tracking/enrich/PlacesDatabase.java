package io.onevault.tracking.enrich;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Writes small databases in MaxMind's format, as its specification 2.0 has it. */
public final class PlacesDatabase {

    private static final int STRING = 2;
    private static final int UINT16 = 5;
    private static final int UINT32 = 6;
    private static final int MAP = 7;
    private static final int UINT64 = 9;
    private static final int ARRAY = 11;
    private static final int SEPARATOR = 16;
    private static final int V4_BITS_BEFORE = 96;
    private static final int NONE = -1;

    /** Children of each node: another node, or -2 and below a place, or none. */
    private final List<int[]> nodes = new ArrayList<>(List.of(new int[] {NONE, NONE}));

    private final List<Integer> offsets = new ArrayList<>();
    private final ByteArrayOutputStream data = new ByteArrayOutputStream();

    private PlacesDatabase() {}

    /** A country by its code, as MaxMind writes it. */
    public static Map<String, Object> country(String code) {
        return Map.of("country", Map.of("iso_code", code));
    }

    /**
     * Writes what is known of networks such as {@code 203.0.113.0/24}, none within another.
     *
     * @param places records of texts, lists and maps
     */
    public static void write(Path file, Map<String, Map<String, Object>> places)
            throws IOException {
        PlacesDatabase database = new PlacesDatabase();
        places.forEach(database::add);
        Files.write(file, database.bytes());
    }

    private void add(String network, Map<String, Object> place) {
        int slash = network.indexOf('/');
        byte[] address = IpNetworks.bytes(network.substring(0, slash));
        int before = address.length == 4 ? V4_BITS_BEFORE : 0;
        int bits = before + Integer.parseInt(network.substring(slash + 1));
        int node = 0;
        for (int i = 0; i < bits - 1; i++) {
            int[] children = nodes.get(node);
            int side = side(address, i - before);
            if (children[side] == NONE) {
                nodes.add(new int[] {NONE, NONE});
                children[side] = nodes.size() - 1;
            }
            node = children[side];
        }
        offsets.add(data.size());
        value(place, data);
        nodes.get(node)[side(address, bits - 1 - before)] = -1 - offsets.size();
    }

    private static int side(byte[] address, int bit) {
        return bit < 0 ? 0 : address[bit / 8] >> (7 - bit % 8) & 1;
    }

    private byte[] bytes() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int[] children : nodes) {
            record(children[0], out);
            record(children[1], out);
        }
        out.writeBytes(new byte[SEPARATOR]);
        out.writeBytes(data.toByteArray());
        out.writeBytes("\u00ab\u00cd\u00efMaxMind.com".getBytes(ISO_8859_1));
        metadata(out);
        return out.toByteArray();
    }

    private void record(int child, ByteArrayOutputStream out) {
        int value = child;
        if (child == NONE) {
            value = nodes.size();
        } else if (child < NONE) {
            value = nodes.size() + SEPARATOR + offsets.get(-2 - child);
        }
        out.write(value >> 16);
        out.write(value >> 8);
        out.write(value);
    }

    private void metadata(ByteArrayOutputStream out) {
        head(MAP, 9, out);
        number("node_count", UINT32, nodes.size(), out);
        number("record_size", UINT16, 24, out);
        number("ip_version", UINT16, 6, out);
        number("binary_format_major_version", UINT16, 2, out);
        number("binary_format_minor_version", UINT16, 0, out);
        number("build_epoch", UINT64, 1_760_000_000, out);
        value("database_type", out);
        value("Test", out);
        value("languages", out);
        value(List.of("en"), out);
        value("description", out);
        value(Map.of("en", "Test"), out);
    }

    private static void number(String name, int type, int number, ByteArrayOutputStream out) {
        value(name, out);
        int width = type == UINT16 ? 2 : 4;
        head(type, width, out);
        for (int shift = 8 * (width - 1); shift >= 0; shift -= 8) {
            out.write(number >> shift);
        }
    }

    private static void value(Object value, ByteArrayOutputStream out) {
        if (value instanceof Map<?, ?> map) {
            head(MAP, map.size(), out);
            map.forEach(
                    (name, member) -> {
                        value(name, out);
                        value(member, out);
                    });
        } else if (value instanceof List<?> list) {
            head(ARRAY, list.size(), out);
            list.forEach(element -> value(element, out));
        } else {
            byte[] text = value.toString().getBytes(UTF_8);
            head(STRING, text.length, out);
            out.writeBytes(text);
        }
    }

    /** Type and size, the size of anything here being less than 29. */
    private static void head(int type, int size, ByteArrayOutputStream out) {
        if (size >= 29) {
            throw new IllegalArgumentException("too long for this writer: " + size);
        }
        out.write(type > MAP ? size : type << 5 | size);
        if (type > MAP) {
            out.write(type - MAP);
        }
    }
}
