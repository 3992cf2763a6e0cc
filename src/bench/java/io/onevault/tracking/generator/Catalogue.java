package io.onevault.tracking.generator;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;

/** The pages, items, browsers and origins that generated events draw from, encoded beforehand. */
final class Catalogue {

    private static final int ZIPF_SLOTS = 1 << 17;
    private static final String[] SECTIONS = {"shoes", "coats", "bags", "garden", "café", "sale"};
    private static final String[] PLATFORMS = {
        "Windows NT 10.0; Win64; x64",
        "Macintosh; Intel Mac OS X 10_15_7",
        "X11; Linux x86_64",
        "Linux; Android 10; K"
    };
    private static final String[] ORIGINS = {
        "",
        "",
        "https://www.google.com/",
        "https://www.bing.com/",
        "https://duckduckgo.com/",
        "https://www.facebook.com/",
        "https://t.co/k2fZ9",
        "https://www.linkedin.com/feed/"
    };
    private static final String[] CAMPAIGNS = {
        "",
        "",
        "",
        "",
        "",
        "?utm_source=news&utm_medium=email&utm_campaign=week47",
        "?utm_source=google&utm_medium=cpc&utm_campaign=brand&gclid=Cj0KCQ",
        "?fbclid=IwAR2x"
    };
    private static final String[] CLIENTS = {
        "\"language\":\"en-GB\",\"timezone\":\"Europe/London\",\"screen_resolution\":\"1920x1080\"",
        "\"language\":\"de-DE\",\"timezone\":\"Europe/Berlin\",\"screen_resolution\":\"1536x864\"",
        "\"language\":\"en-US\",\"timezone\":\"America/New_York\",\"screen_resolution\":\"390x844\"",
        "\"language\":\"ja-JP\",\"timezone\":\"Asia/Tokyo\",\"screen_resolution\":\"412x915\""
    };

    final byte[][] paths;
    final byte[][] titles;
    final byte[][] items;
    final long[] itemCents;
    final byte[][] userAgents;
    final byte[][] origins = encode(ORIGINS);
    final byte[][] campaigns = encode(CAMPAIGNS);
    final byte[][] clients = encode(CLIENTS);

    private final int[] pageRanks;
    private final int[] itemRanks;

    Catalogue(EventGenerator.Catalogue sizes) {
        paths = new byte[sizes.pages()][];
        titles = new byte[sizes.pages()][];
        for (int i = 0; i < paths.length; i++) {
            String section = SECTIONS[i % SECTIONS.length];
            paths[i] = utf8("/" + section.replace("é", "%C3%A9") + "/p-" + i);
            titles[i] = utf8("Page " + i + " of " + section);
        }
        items = new byte[sizes.items()][];
        itemCents = new long[sizes.items()];
        for (int i = 0; i < items.length; i++) {
            itemCents[i] = 199 + (SeededRandom.scramble(i) >>> 40) % 25_000;
            items[i] = item(i, itemCents[i]);
        }
        userAgents = new byte[sizes.userAgents()][];
        for (int i = 0; i < userAgents.length; i++) {
            userAgents[i] = utf8(userAgent(i));
        }
        pageRanks = zipf(paths.length);
        itemRanks = zipf(items.length);
    }

    int page(SeededRandom random) {
        return pageRanks[random.below(ZIPF_SLOTS)];
    }

    int item(SeededRandom random) {
        return itemRanks[random.below(ZIPF_SLOTS)];
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[][] encode(String[] texts) {
        byte[][] encoded = new byte[texts.length][];
        for (int i = 0; i < texts.length; i++) {
            encoded[i] = utf8(texts[i]);
        }
        return encoded;
    }

    private static byte[] item(int number, long cents) {
        return utf8(
                "{\"item_id\":\"sku-%05d\",\"item_name\":\"Item %d\",\"item_category\":\"%s\","
                                .formatted(number, number, SECTIONS[number % SECTIONS.length])
                        + "\"price\":"
                        + BigDecimal.valueOf(cents, 2)
                        + ",\"currency\":\"EUR\",\"quantity\":1}");
    }

    private static String userAgent(int number) {
        String platform = PLATFORMS[number % PLATFORMS.length];
        int version = 90 + number / PLATFORMS.length;
        String mobile = platform.contains("Android") ? " Mobile" : "";
        return "Mozilla/5.0 (%s) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%d.0.0.0%s Safari/537.36"
                .formatted(platform, version, mobile);
    }

    /** A table in which rank r fills a share of slots that is proportional to 1 / (r + 1). */
    private static int[] zipf(int ranks) {
        double total = 0;
        for (int rank = 0; rank < ranks; rank++) {
            total += 1.0 / (rank + 1);
        }
        int[] table = new int[ZIPF_SLOTS];
        double reached = 0;
        int slot = 0;
        for (int rank = 0; rank < ranks; rank++) {
            reached += 1.0 / (rank + 1);
            long end = rank == ranks - 1 ? ZIPF_SLOTS : Math.round(reached / total * ZIPF_SLOTS);
            while (slot < end) {
                table[slot++] = rank;
            }
        }
        return table;
    }
}
