package io.onevault.tracking.local;

import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/** Requests that send events, of which a header says anything at all. */
final class OddHeaders {

    private static final int MOST_PIECES = 5;
    private static final String IMAGE = "/in.gif?key=$BOUND";
    private static final String BODY = "/in?key=$BROWSER";
    private static final String BROWSER =
            header("User-Agent", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/150.0.0.0")
                    + header("Sec-Fetch-Site", "same-origin");

    /** What an image is asked for with; what is in one list stands in one request. */
    private static final List<List<String>> OF_IMAGES =
            List.of(
                    List.of("Referer"),
                    List.of("User-Agent", "Sec-Fetch-Site", "X-Forwarded-For"),
                    List.of(
                            "Sec-CH-UA-Platform-Version",
                            "Sec-CH-UA-Model",
                            "Sec-CH-UA-Full-Version-List",
                            "Forwarded"),
                    List.of("CF-Connecting-IP"));

    private static final List<String> OF_BODIES =
            List.of("Origin", "Authorization", "Content-Type", "Content-Encoding");

    private static final List<String> PIECES =
            Stream.concat(
                            Stream.of("", " ", "\t", "Bearer ", "; K)", "Windows NT 10.0"),
                            Stream.of(
                                    ("a \" ' [ ] ( : :// ; , = % %zz %00 \\ / ? # @ * - . \u00e9 \u00ff"
                                                    + " for= :: 1.2.3.4 127.0.0.1 9999999999 gzip"
                                                    + " \"15.0.0\" \"Chromium\";v="
                                                    + " https://shop.example.com")
                                            .split(" ")))
                    .toList();

    private OddHeaders() {}

    /** Each piece alone in each header, and then some of them at random. */
    static Stream<String> requests() {
        return values().flatMap(OddHeaders::saying);
    }

    private static Stream<String> values() {
        Random random = new Random(19);
        Stream<String> several =
                Stream.generate(() -> random.ints(MOST_PIECES, 0, PIECES.size()))
                        .limit(10)
                        .map(picked -> String.join("", picked.mapToObj(PIECES::get).toList()));
        return Stream.concat(PIECES.stream(), several);
    }

    private static Stream<String> saying(String value) {
        return Stream.concat(
                OF_IMAGES.stream().map(names -> image(names, value)),
                OF_BODIES.stream()
                        .map(name -> HostileRequest.post(BODY, header(name, value), "{}")));
    }

    /** Other headers are those of a browser; of what is said twice the first counts. */
    private static String image(List<String> names, String value) {
        StringBuilder odd = new StringBuilder();
        names.forEach(name -> odd.append(header(name, value)));
        return HostileRequest.get(IMAGE, odd + BROWSER);
    }

    private static String header(String name, String value) {
        return name + ": " + value + "\r\n";
    }
}
