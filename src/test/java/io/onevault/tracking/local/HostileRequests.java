package io.onevault.tracking.local;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;

/** Requests that nobody sends in good faith, as bytes, with the status that each deserves. */
final class HostileRequests {

    private static final String EVENT = "{\"evt_type\":\"a\"}";
    private static final String SMUGGLED = "GET /metrics HTTP/1.1\r\nHost: h\r\n\r\n";
    private static final int LONGEST_BODY = 1024 * 1024;

    private static final Request SLOW =
            new Request(
                    "slow",
                    408,
                    "POST /in?key=$BROWSER HTTP/1.1\r\nHost: h\r\nContent-Length: 99\r\n\r\n{");

    private HostileRequests() {}

    /**
     * One of them.
     *
     * @param bytes with $BROWSER, $READ and $BOUND in place of keys; Latin-1, a letter is a byte
     */
    record Request(String name, int status, String bytes) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Request> all() {
        return Stream.of(
                        keys(),
                        origins(),
                        bodies(),
                        heads(),
                        framing(),
                        chunks(),
                        paths(),
                        lines(),
                        repeated(),
                        questions())
                .flatMap(List::stream);
    }

    /** Those about where a request ends, and bodies that don't. */
    static List<Request> framed() {
        return Stream.of(framing(), chunks(), List.of(SLOW)).flatMap(List::stream).toList();
    }

    private static List<Request> keys() {
        return List.of(
                new Request("no key", 401, post("/in", "", EVENT)),
                new Request(
                        "no key, and the body still on its way",
                        401,
                        "POST /in HTTP/1.1\r\nHost: h\r\nContent-Length: 16\r\n\r\n"),
                new Request("empty key", 401, post("/in?key=", "", EVENT)),
                new Request("long key", 401, post("/in?key=" + "k".repeat(201), "", EVENT)),
                new Request("key of SQL", 401, post("/in?key='%20OR%201=1--", "", EVENT)),
                new Request("key with NUL", 401, post("/in?key=a%00b", "", EVENT)),
                new Request("key of no UTF-8", 400, post("/in?key=%ff", "", EVENT)),
                new Request("broken escape", 400, post("/in?key=%zz", "", EVENT)),
                new Request("key that ends lines", 401, post("/in?key=a%0d%0aX:y", "", EVENT)),
                new Request(
                        "other scheme", 401, post("/in", "Authorization: Basic YTpi\r\n", EVENT)),
                new Request("empty bearer", 401, post("/in", "Authorization: Bearer \r\n", EVENT)),
                new Request("public key as bearer", 403, post("/in", bearer("BROWSER"), EVENT)),
                new Request("reading key writes", 403, post("/in", bearer("READ"), EVENT)),
                new Request("reading key in the address", 401, get("/read/status?key=$READ")),
                new Request("public key reads", 403, get("/read/status", bearer("BROWSER"))));
    }

    private static List<Request> origins() {
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

    private static Request origin(String origin) {
        return new Request(
                "origin " + origin,
                403,
                post("/in?key=$BOUND", "Origin: " + origin + "\r\n", EVENT));
    }

    private static List<Request> bodies() {
        String many = "[" + String.join(",", Collections.nCopies(1_001, "{}")) + "]";
        return List.of(
                body("too large", 413, "", " ".repeat(LONGEST_BODY + 1)),
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
                body("bomb", 413, "Content-Encoding: gzip\r\n", gzip(100 * LONGEST_BODY)),
                body("no gzip", 400, "Content-Encoding: gzip\r\n", EVENT),
                body("half a gzip", 400, "Content-Encoding: gzip\r\n", gzip(900).substring(0, 20)),
                body("brotli", 415, "Content-Encoding: br\r\n", EVENT),
                body("twice zipped", 415, "Content-Encoding: gzip, gzip\r\n", gzip(10)),
                SLOW);
    }

    private static Request body(String name, int status, String headers, String body) {
        return new Request("body: " + name, status, post("/in?key=$BROWSER", headers, body));
    }

    private static List<Request> heads() {
        return List.of(
                head("huge", 431, "X-A: " + "a".repeat(20_000)),
                head("many", 431, String.join("\r\n", Collections.nCopies(2_000, "X-A: aaaa"))),
                head("folded", 400, "X-A: a\r\n b"),
                head("no colon", 400, "X-A"),
                head("blank before the colon", 400, "X-A : a"),
                head("blank in the name", 400, "X A: a"),
                head("no name", 400, ": a"),
                head("NUL", 400, "X-A: a\0b"),
                head("lone CR", 400, "X-A: a\rX-B: b"),
                head("lone LF", 400, "X-A: a\nX-B: b"),
                head("second host", 400, "Host: other"),
                new Request("head: no host", 400, "GET /health/live HTTP/1.1\r\n\r\n"),
                new Request("head: bad host", 400, "GET / HTTP/1.1\r\nHost: a/b?c\r\n\r\n"),
                new Request(
                        "head: other host in the line",
                        400,
                        "GET http://other/health/live HTTP/1.1\r\nHost: h\r\n\r\n"));
    }

    private static Request head(String name, int status, String header) {
        return new Request("head: " + name, status, open("GET /health/live", header) + SMUGGLED);
    }

    private static List<Request> framing() {
        return List.of(
                framed("TE and CL", 400, "Content-Length: 4", "Transfer-Encoding: chunked"),
                framed("CL and TE", 400, "Transfer-Encoding: chunked", "Content-Length: 4"),
                framed("two lengths", 400, "Content-Length: 4", "Content-Length: 5"),
                framed("the same length twice", 400, "Content-Length: 4", "Content-Length: 4"),
                framed("a list of lengths", 400, "Content-Length: 4, 4"),
                framed("negative length", 400, "Content-Length: -4"),
                framed("signed length", 400, "Content-Length: +4"),
                framed("hex length", 400, "Content-Length: 0x4"),
                framed("endless length", 400, "Content-Length: 99999999999999999999"),
                framed("no length", 400, "Content-Length: "),
                framed("lengths apart", 400, "Content-Length: 4 4"),
                framed("quoted coding", 400, "Transfer-Encoding: \"chunked\""),
                framed("identity", 400, "Transfer-Encoding: identity", "Content-Length: 4"),
                framed("odd coding", 400, "Transfer-Encoding: xchunked"),
                framed("chunked first", 400, "Transfer-Encoding: chunked, identity"),
                framed("chunked twice", 400, "Transfer-Encoding: chunked, chunked"),
                framed("hidden coding", 400, "Transfer-Encoding:\u000bchunked"),
                new Request(
                        "framing: chunks in HTTP/1.0",
                        411,
                        "POST /in?key=$BROWSER HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"));
    }

    private static Request framed(String name, int status, String... headers) {
        return new Request(
                "framing: " + name,
                status,
                open("POST /in?key=$BROWSER", headers) + "0\r\n\r\n" + SMUGGLED);
    }

    private static List<Request> chunks() {
        return List.of(
                chunked("extension", "5;a=b\r\n[{}]\n\r\n0\r\n\r\n"),
                chunked("extension of the last", "5\r\n[{}]\n\r\n0;a\r\n\r\n"),
                chunked("extension over lines", "5;\n\r\n[{}]\n\r\n0\r\n\r\n"),
                chunked("blank behind the size", "5 \r\n[{}]\n\r\n0\r\n\r\n"),
                chunked("LF behind the size", "5\n[{}]\n\r\n0\r\n\r\n"),
                chunked("LF behind the chunk", "5\r\n[{}]\n\n0\r\n\r\n"),
                chunked("plain", "5\r\n[{}]\n\r\n0\r\n\r\n"),
                chunked("no size", "\r\n[{}]\r\n0\r\n\r\n"));
    }

    private static Request chunked(String name, String body) {
        return new Request(
                "chunk: " + name,
                411,
                open("POST /in?key=$BROWSER", "Transfer-Encoding: chunked") + body + SMUGGLED);
    }

    private static List<Request> paths() {
        return List.of(
                path("/dashboard/../metrics", 404),
                path("/dashboard/%2e%2e/metrics", 400),
                path("/dashboard/%2E%2E%2Fmetrics", 400),
                path("/dashboard/..%5cmetrics", 400),
                path("/dashboard/%c0%ae%c0%ae/metrics", 400),
                path("/dashboard/..;/metrics", 400),
                path("/dashboard/.git/config", 404),
                path("/dashboard/index.html%00.js", 400),
                path("//metrics", 400),
                path("/metrics;a=b", 404),
                path("/%6detrics", 404),
                path("/metrics/", 404),
                path("/METRICS", 404),
                path("/metrics%20", 404),
                path("/metrics%2f", 400),
                path("/%u002e/metrics", 400),
                path("\\metrics", 400),
                path("/t/../../../etc/passwd", 400),
                path("/" + "a".repeat(20_000), 414));
    }

    private static Request path(String path, int status) {
        return new Request(
                "path " + path.substring(0, Math.min(path.length(), 40)), status, get(path));
    }

    private static List<Request> lines() {
        return List.of(
                line("PUT /in?key=$BROWSER HTTP/1.1", 405),
                line("DELETE /in.gif?key=$BROWSER HTTP/1.1", 405),
                line("POST /in.gif?key=$BROWSER HTTP/1.1", 405),
                line("POST /read/status HTTP/1.1", 405),
                line("POST /metrics HTTP/1.1", 405),
                line("TRACE /in HTTP/1.1", 405),
                line("get /health/live HTTP/1.1", 405),
                line("OPTIONS * HTTP/1.1", 404),
                line("CONNECT evil.example.com:443 HTTP/1.1", 400),
                line("GET /health/live HTTP/1.1 more", 400),
                line("GET /health/live HTTP/3.7", 505),
                line("PRI * HTTP/2.0", 426),
                line("GET /health/live", 505),
                line("GET", 400),
                line("\u0016\u0003\u0001\u0002\0\u0001", 400));
    }

    private static Request line(String line, int status) {
        return new Request(
                "line " + line, status, line + "\r\nHost: h\r\nConnection: close\r\n\r\n");
    }

    /** Of what a request has once another reader may take the other one. */
    private static List<Request> repeated() {
        String bound = "/in?key=$BOUND";
        String shop = "Origin: https://shop.example.com\r\n";
        String evil = "Origin: https://evil.example.com\r\n";
        String stranger = "Authorization: Bearer x\r\n";
        return List.of(
                new Request("two keys", 401, post("/in?key=x&key=$BROWSER", "", EVENT)),
                new Request("key and bearer", 401, post("/in?key=$BROWSER", stranger, EVENT)),
                new Request("two bearers", 400, get("/read/status", bearer("READ"), stranger)),
                new Request("bearers turned", 400, get("/read/status", stranger, bearer("READ"))),
                new Request("two origins", 400, post(bound, shop + evil, EVENT)),
                new Request("origins turned", 400, post(bound, evil + shop, EVENT)),
                body(
                        "two types",
                        400,
                        "Content-Type: text/html\r\nContent-Type: text/plain\r\n",
                        ""),
                body(
                        "two codings",
                        400,
                        "Content-Encoding: gzip\r\nContent-Encoding: gzip\r\n",
                        ""));
    }

    private static List<Request> questions() {
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

    private static Request question(String question) {
        return new Request(
                "question: " + question.substring(0, Math.min(question.length(), 40)),
                400,
                get("/read/" + question, bearer("READ")));
    }

    private static String bearer(String key) {
        return "Authorization: Bearer $" + key + "\r\n";
    }

    private static String get(String path, String... headers) {
        return "GET "
                + path
                + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
                + String.join("", headers)
                + "\r\n";
    }

    private static String post(String path, String headers, String body) {
        return "POST "
                + path
                + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: "
                + body.length()
                + "\r\n"
                + headers
                + "\r\n"
                + body;
    }

    /** Whose connection the sender would keep. */
    private static String open(String line, String... headers) {
        return line
                + " HTTP/1.1\r\nHost: h\r\n"
                + String.join("\r\n", Arrays.asList(headers))
                + "\r\n\r\n";
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
