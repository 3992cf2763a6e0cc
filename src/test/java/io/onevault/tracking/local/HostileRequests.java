package io.onevault.tracking.local;

import static io.onevault.tracking.local.HostileRequest.bearer;
import static io.onevault.tracking.local.HostileRequest.get;
import static io.onevault.tracking.local.HostileRequest.post;
import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;

/** Requests whose keys, origins, bodies or questions nobody sends in good faith. */
final class HostileRequests {

    private static final String EVENT = "{\"evt_type\":\"a\"}";
    private static final int LONGEST_BODY = 1024 * 1024;

    private HostileRequests() {}

    static Stream<HostileRequest> all() {
        return Stream.of(keys(), origins(), bodies(), HostileFraming.all(), repeated(), questions())
                .flatMap(List::stream);
    }

    private static List<HostileRequest> keys() {
        return List.of(
                new HostileRequest("no key", 401, post("/in", "", EVENT)),
                new HostileRequest(
                        "no key, and the body still on its way",
                        401,
                        "POST /in HTTP/1.1\r\nHost: h\r\nContent-Length: 16\r\n\r\n"),
                new HostileRequest("empty key", 401, post("/in?key=", "", EVENT)),
                new HostileRequest("long key", 401, post("/in?key=" + "k".repeat(201), "", EVENT)),
                new HostileRequest("key of SQL", 401, post("/in?key='%20OR%201=1--", "", EVENT)),
                new HostileRequest("key with NUL", 401, post("/in?key=a%00b", "", EVENT)),
                new HostileRequest("key of no UTF-8", 400, post("/in?key=%ff", "", EVENT)).kept(),
                new HostileRequest("broken escape", 400, post("/in?key=%zz", "", EVENT)).kept(),
                new HostileRequest(
                        "key that ends lines", 401, post("/in?key=a%0d%0aX:y", "", EVENT)),
                new HostileRequest(
                        "other scheme", 401, post("/in", "Authorization: Basic YTpi\r\n", EVENT)),
                new HostileRequest(
                        "empty bearer", 401, post("/in", "Authorization: Bearer \r\n", EVENT)),
                new HostileRequest(
                        "public key as bearer", 403, post("/in", bearer("BROWSER"), EVENT)),
                new HostileRequest("reading key writes", 403, post("/in", bearer("READ"), EVENT)),
                new HostileRequest(
                        "reading key in the address", 401, get("/read/status?key=$READ")),
                new HostileRequest(
                        "public key reads", 403, get("/read/status", bearer("BROWSER"))));
    }

    private static List<HostileRequest> origins() {
        return List.of(
                origin("https://evil.example.com"),
                origin("null"),
                origin("https://shop.example.com.evil.com"),
                origin("https://shop.example.com@evil.com"),
                origin("HTTPS://SHOP.EXAMPLE.COM"),
                origin("https://shop.example.com:444"),
                origin("https://shop.example.com/"),
                origin("https://shop.example.com https://evil.example.com"),
                origin(""),
                origin("https://evil.com/://h"));
    }

    private static HostileRequest origin(String origin) {
        return new HostileRequest(
                "origin " + origin,
                403,
                post("/in?key=$BOUND", "Origin: " + origin + "\r\n", EVENT));
    }

    private static List<HostileRequest> bodies() {
        String many = "[" + String.join(",", Collections.nCopies(1_001, "{}")) + "]";
        return List.of(
                body("too large", 413, "", " ".repeat(LONGEST_BODY + 1)).kept(),
                body("too many events", 413, "", many),
                body("no JSON", 400, "", "a=b"),
                body("nothing", 400, "", ""),
                body("two values", 400, "", EVENT + EVENT),
                body("no UTF-8", 400, "", "{\"a\": \"\u00c3(\"}"),
                body("UTF-16", 400, "", "\u00fe\u00ff\0[\0]"),
                body("UTF-32", 400, "", "\0\0\0{\0\0\0}"),
                body("a surrogate", 400, "", "{\"evt_type\": \"\u00ed\u00a0\u0080\"}"),
                body("NUL behind", 400, "", EVENT + "\0"),
                body("NaN", 400, "", "{\"a\": NaN}"),
                body("a tower", 400, "", "[".repeat(500_000)),
                body("form", 415, "Content-Type: application/x-www-form-urlencoded\r\n", EVENT),
                body("page", 415, "Content-Type: text/html\r\n", EVENT),
                body("gzip of a page", 415, "Content-Encoding: gzip\r\n", gzip(10)),
                zipped("bomb", 413, gzip(100 * LONGEST_BODY)),
                zipped("no gzip", 400, EVENT),
                zipped("half a gzip", 400, gzip(900).substring(0, 20)),
                body("brotli", 415, "Content-Encoding: br\r\n", EVENT),
                body("twice zipped", 415, "Content-Encoding: gzip, gzip\r\n", gzip(10)),
                HostileFraming.SLOW);
    }

    private static HostileRequest body(String name, int status, String headers, String body) {
        return new HostileRequest("body: " + name, status, post("/in?key=$BROWSER", headers, body));
    }

    private static HostileRequest zipped(String name, int status, String body) {
        String headers = bearer("SERVER") + "Content-Encoding: gzip\r\n";
        return new HostileRequest("zipped: " + name, status, post("/in", headers, body));
    }

    /** Of what a request has once another reader may take the other one. */
    private static List<HostileRequest> repeated() {
        String bound = "/in?key=$BOUND";
        String shop = "Origin: https://shop.example.com\r\n";
        String evil = "Origin: https://evil.example.com\r\n";
        String stranger = "Authorization: Bearer x\r\n";
        return List.of(
                new HostileRequest("two keys", 401, post("/in?key=x&key=$BROWSER", "", EVENT)),
                new HostileRequest(
                        "key and bearer", 401, post("/in?key=$BROWSER", stranger, EVENT)),
                new HostileRequest(
                                "two bearers", 400, get("/read/status", bearer("READ"), stranger))
                        .kept(),
                new HostileRequest(
                                "bearers turned",
                                400,
                                get("/read/status", stranger, bearer("READ")))
                        .kept(),
                new HostileRequest("two origins", 400, post(bound, shop + evil, EVENT)).kept(),
                new HostileRequest("origins turned", 400, post(bound, evil + shop, EVENT)).kept(),
                body(
                                "two types",
                                400,
                                "Content-Type: text/html\r\nContent-Type: text/plain\r\n",
                                "")
                        .kept(),
                body("two codings", 400, "Content-Encoding: gzip\r\nContent-Encoding: gzip\r\n", "")
                        .kept());
    }

    private static List<HostileRequest> questions() {
        return List.of(
                question("analytics?from=%00"),
                question("analytics?a%00=1"),
                question("analytics?filters=" + "[".repeat(3_000)),
                question("analytics?filters=%7B%22device%22:%22%5Cu0000%22%7D"),
                question("analytics?filters="),
                question("analytics?filters=%7B%7Dx"),
                question("ledger?from_day=%00"),
                question("ledger?from_day=-infinity&to_day=infinity"),
                question("ledger?from_day=4713-01-01%20BC&to_day=5874897-12-31"),
                question("realtime?minutes=99999999999"),
                question("realtime?minutes=-1"),
                question("funnel"),
                question("funnel?steps=null"),
                question("funnel?steps=%5B%5D%5B%5D"));
    }

    private static HostileRequest question(String question) {
        return new HostileRequest(
                "question: " + question.substring(0, Math.min(question.length(), 40)),
                400,
                get("/read/" + question, bearer("READ")));
    }

    private static String gzip(int blanks) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(new byte[blanks]);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toString(ISO_8859_1);
    }
}
