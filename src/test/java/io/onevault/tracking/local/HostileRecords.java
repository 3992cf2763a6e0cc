package io.onevault.tracking.local;

import java.nio.charset.Charset;
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

    private static final List<String> NAMES =
            List.of(
                    "tenantId",
                    "tenant_id",
                    "tenant_bk",
                    "event_id",
                    "evt_type",
                    "event_type",
                    "evt_category",
                    "evt_action",
                    "evt_label",
                    "evt_value",
                    "session_id",
                    "visitor_id",
                    "user_id",
                    "page_view_id",
                    "page_url",
                    "page_title",
                    "page_referrer",
                    "referrer",
                    "event_timestamp",
                    "timestamp",
                    "sent_at",
                    "received_at",
                    "element_id",
                    "element_class",
                    "element_text",
                    "scroll_depth",
                    "time_on_page",
                    "click_x",
                    "click_y",
                    "screen_resolution",
                    "viewport_width",
                    "viewport_height",
                    "language",
                    "timezone",
                    "consent",
                    "item",
                    "items",
                    "transaction_id",
                    "value",
                    "currency",
                    "properties",
                    "event_data",
                    "client_ip",
                    "user_agent",
                    "collector",
                    "item_id",
                    "price",
                    "quantity",
                    "__proto__",
                    "",
                    "\\u0000",
                    "\\ud800",
                    "a.b|c",
                    "SELECT",
                    "\u202e",
                    "\ud83d\ude00");

    private static final List<String> TYPES =
            List.of("page_view", "page_ping", "purchase", "transaction_step", "scroll", "x");

    private static final List<String> SCALARS =
            List.of(
                    "null",
                    "true",
                    "false",
                    "0",
                    "-0",
                    "1e400",
                    "-1e400",
                    "1e-400",
                    "1e200000",
                    "1E+2147483648",
                    "99999999999999999999999999999999",
                    "0.1e1",
                    "1.",
                    "01",
                    "+1",
                    "NaN",
                    "Infinity",
                    "0x10",
                    "-9223372036854775809",
                    "9223372036854775807",
                    "2147483648",
                    "-2147483649",
                    "123456789012.123456789",
                    "[]",
                    "{}",
                    "[[[]]]",
                    "[null]",
                    "{\"a\":null}",
                    "[1,2,3]",
                    "{\"\":{\"\":{}}}",
                    "\"\"",
                    "\" \"",
                    "\"null\"",
                    "\"\\u0000\"",
                    "\"a\\u0000b\"",
                    "\"\\ud800\"",
                    "\"\\udc00x\"",
                    "\"\\ud83d\\ude00\"",
                    "\"\\u202eabc\"",
                    "\"\ufeff\"",
                    "\"e\\u0301\"",
                    "\"'); DROP TABLE raw.site_tracking_events_r; --\"",
                    "\"{\\\"a\\\":1}\"",
                    "\"{,}\"",
                    "\"\\\\\"",
                    "\"\\\\N\"",
                    "\"\\n\\t\\u0001\\u007f\"",
                    "\"%00%ff%\"",
                    "\"<script>\"",
                    "\"${jndi:x}\"",
                    "\"75%\"",
                    "\"1,5\"",
                    "\"EUR\"",
                    "\"eu\"");

    private static final List<String> TIMES =
            List.of(
                    "0",
                    "-1",
                    "1",
                    "253402300799999",
                    "253402300800000",
                    "-62135596800000",
                    "-99999999999999999",
                    "9223372036854775807",
                    "1795154627253",
                    "1795154627.253",
                    "\"1795154627253\"",
                    "\"2026-11-20T10:00:00Z\"",
                    "\"2026-11-20T10:00:00.123456789+14:00\"",
                    "\"2026-11-20T10:00:00\"",
                    "\"2026-02-30T10:00:00Z\"",
                    "\"2026-11-20T23:59:60Z\"",
                    "\"2026-11-20T24:00:00Z\"",
                    "\"2026-11-20T10:00:00+99:99\"",
                    "\"+999999999-12-31T23:59:59Z\"",
                    "\"-0001-01-01T00:00:00Z\"",
                    "\"0000-01-01T00:00:00Z\"",
                    "\"9999-12-31T23:59:59.999999999Z\"",
                    "\"1970-01-01T00:00:00Z\"",
                    "\"2099-01-01T00:00:00Z\"",
                    "\"now\"",
                    "\"infinity\"",
                    "\"-infinity\"",
                    "\"10000-01-01T00:00:00Z\"");

    private static final List<String> URLS =
            List.of(
                    "https://shop.example/a?utm_source=x&utm_medium=y&gclid=z",
                    "http://[::1",
                    "javascript:alert(1)",
                    "//",
                    "https://",
                    "https://a@b:c@d/",
                    "about:blank",
                    "https://xn--/",
                    "https://shop.example/%ff%fe%00?%=&&=;#%23",
                    "/only/path",
                    "https://shop.example:99999/",
                    "HTTPS://SHOP.EXAMPLE/../../..",
                    "data:,x",
                    "https://shop.example/\\u0000",
                    "https://\u00fcber.example/\u00fc?\u00fc=\u00fc",
                    "https://shop.example/a b\\tc",
                    "https://1.2.3.4/",
                    "https://256.1.1.1/");

    private static final List<Charset> CHARSETS =
            List.of(
                    StandardCharsets.UTF_16,
                    StandardCharsets.UTF_16LE,
                    StandardCharsets.ISO_8859_1,
                    Charset.forName("UTF-32"));

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
            members.add("\"evt_type\":\"" + any(TYPES) + '"');
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
            String member = '"' + any(NAMES) + "\":" + value(3);
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
            case 0, 1, 2 -> any(SCALARS);
            case 3, 4 -> any(TIMES);
            case 5 -> '"' + any(URLS) + '"';
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
            String name = chance(4) ? text() : any(NAMES);
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
                return json.getBytes(CHARSETS.get(random.nextInt(CHARSETS.size())));
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
