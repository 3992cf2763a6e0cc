package io.onevault.tracking.local;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Records that try to break the job: events of the contract with a few members spoilt, and bytes
 * spoilt after that. Bounded in size; the same seed gives the same records.
 */
final class HostileRecords {

    static final String[] TENANTS = {"acme", "zeta"};

    private static final int MOST_MEMBERS = 12;
    private static final int RECENT = 100;
    private static final int LONG_TEXT = 70_000;

    private final SplittableRandom random;
    private final byte[][] recent = new byte[RECENT][];
    private int made;

    HostileRecords(long seed) {
        random = new SplittableRandom(seed);
    }

    byte[] next() {
        made++;
        byte[] record = made > RECENT && chance(25) ? recent[random.nextInt(RECENT)] : make();
        recent[made % RECENT] = record;
        return record;
    }

    private byte[] make() {
        String json = random.nextInt(50) == 0 ? structure() : event();
        return random.nextInt(12) == 0 ? spoil(json) : json.getBytes(StandardCharsets.UTF_8);
    }

    /** An event that is valid but for the members that are added or replaced. */
    private String event() {
        List<String> members = new ArrayList<>();
        int spoilt = random.nextInt(4);
        if (random.nextInt(40) > 0) {
            members.add("\"tenantId\":\"" + (chance(30) ? "nobody" : any(TENANTS)) + '"');
        }
        if (random.nextInt(40) > 0) {
            members.add("\"evt_type\":\"" + any(HostileValues.TYPES) + '"');
        }
        if (chance(2)) {
            // Few ids, so that some come again with the same or with other content.
            members.add("\"event_id\":\"e" + random.nextInt(1 + made / 2) + '"');
        }
        members.add("\"session_id\":\"s" + random.nextInt(2_000) + '"');
        members.add("\"visitor_id\":\"v" + random.nextInt(500) + '"');
        members.add("\"page_url\":\"https://shop.example/" + random.nextInt(300) + '"');
        if (chance(4)) {
            members.add("\"event_timestamp\":" + (1_795_154_627_253L + 500L * made));
        }
        for (int i = 0; i < spoilt; i++) {
            String member = '"' + any(HostileValues.NAMES) + "\":" + value(3);
            if (chance(2) && !members.isEmpty()) {
                members.set(random.nextInt(members.size()), member);
            } else {
                members.add(member);
            }
        }
        return '{' + String.join(",", members) + '}';
    }

    private String value(int depth) {
        return switch (random.nextInt(depth > 0 ? 12 : 9)) {
            case 0, 1, 2 -> any(HostileValues.SCALARS);
            case 3, 4 -> any(HostileValues.TIMES);
            case 5 -> '"' + any(HostileValues.URLS) + '"';
            case 6 -> number();
            case 7 -> '"' + text() + '"';
            case 8 -> Long.toString(random.nextLong());
            case 9 -> object(depth - 1);
            case 10 -> array(depth - 1);
            default -> nested(1 + random.nextInt(chance(10) ? 3_000 : 40));
        };
    }

    private String number() {
        StringBuilder digits = new StringBuilder(chance(2) ? "-" : "");
        digits.append(1 + random.nextInt(9));
        for (int i = random.nextInt(chance(8) ? 400 : 25); i > 0; i--) {
            digits.append(random.nextInt(10));
        }
        if (chance(2)) {
            digits.append('.').append(random.nextLong(Long.MAX_VALUE));
        }
        return chance(4) ? digits + "e" + random.nextInt(-400, 400) : digits.toString();
    }

    /** Code points of every kind but those that JSON forbids in texts. */
    private String text() {
        int length = random.nextInt(chance(200) ? LONG_TEXT : chance(20) ? 3_000 : 30);
        StringBuilder text = new StringBuilder(length);
        int plane = random.nextInt(4);
        for (int i = 0; i < length; i++) {
            int code =
                    switch (plane) {
                        case 0 -> random.nextInt(0x20, 0x7f);
                        case 1 -> random.nextInt(0x80, 0x2ff);
                        case 2 -> random.nextInt(0x2000, 0xd800);
                        default -> random.nextInt(0x10000, 0x10ffff);
                    };
            text.appendCodePoint(code == '"' || code == '\\' ? 'q' : code);
        }
        return text.toString();
    }

    private String object(int depth) {
        List<String> members = new ArrayList<>();
        for (int i = random.nextInt(MOST_MEMBERS); i > 0; i--) {
            String name = chance(4) ? text() : any(HostileValues.NAMES);
            members.add('"' + name + "\":" + value(depth));
        }
        return '{' + String.join(",", members) + '}';
    }

    private String array(int depth) {
        List<String> elements = new ArrayList<>();
        for (int i = random.nextInt(chance(20) ? 150 : MOST_MEMBERS); i > 0; i--) {
            boolean item = chance(2);
            elements.add(item ? "{\"item_id\":\"i" + random.nextInt(40) + "\"}" : value(depth));
        }
        return '[' + String.join(",", elements) + ']';
    }

    private String nested(int depth) {
        boolean array = chance(2);
        return (array ? "[" : "{\"a\":").repeat(depth) + "1" + (array ? "]" : "}").repeat(depth);
    }

    /** Anything but an event. */
    private String structure() {
        return switch (random.nextInt(6)) {
            case 0 -> "";
            case 1 -> value(2);
            case 2 -> event() + event();
            case 3 -> '[' + event() + ']';
            case 4 -> nested(1 + random.nextInt(5_000));
            default -> "\ufeff" + event();
        };
    }

    private byte[] spoil(String json) {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        switch (random.nextInt(5)) {
            case 0 -> {
                return Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
            }
            case 1 -> {
                return json.getBytes(
                        HostileValues.CHARSETS.get(random.nextInt(HostileValues.CHARSETS.size())));
            }
            case 2 -> {
                byte[] noise = new byte[random.nextInt(200)];
                random.nextBytes(noise);
                return noise;
            }
            default -> {
                for (int i = random.nextInt(4); i >= 0 && bytes.length > 0; i--) {
                    bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
                }
                return bytes;
            }
        }
    }

    private boolean chance(int in) {
        return random.nextInt(in) == 0;
    }

    private String any(List<String> choices) {
        return choices.get(random.nextInt(choices.size()));
    }

    private String any(String[] choices) {
        return choices[random.nextInt(choices.length)];
    }
}
