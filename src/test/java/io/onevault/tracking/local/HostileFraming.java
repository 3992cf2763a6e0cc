package io.onevault.tracking.local;

import static io.onevault.tracking.local.HostileRequest.get;
import static io.onevault.tracking.local.HostileRequest.open;

import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;

/** Requests of which two readers could see different ones, or none an end. */
final class HostileFraming {

    private static final String SMUGGLED = "GET /metrics HTTP/1.1\r\nHost: h\r\n\r\n";

    static final HostileRequest SLOW =
            new HostileRequest(
                    "slow",
                    408,
                    "POST /in?key=$BROWSER HTTP/1.1\r\nHost: h\r\nContent-Length: 99\r\n\r\n{");

    private HostileFraming() {}

    static List<HostileRequest> all() {
        return Stream.of(heads(), framing(), chunks(), paths(), lines())
                .flatMap(List::stream)
                .toList();
    }

    /** Those about where a request ends, and bodies that don't. */
    static List<HostileRequest> framed() {
        return Stream.of(framing(), chunks(), List.of(SLOW)).flatMap(List::stream).toList();
    }

    /** Those about what a head may hold. */
    static List<HostileRequest> heads() {
        return List.of(
                head("huge", 431, "X-A: " + "a".repeat(20_000)),
                head("many", 431, String.join("\r\n", Collections.nCopies(2_000, "X-A: aaaa"))),
                head("odd expectation", 417, "Expect: 200"),
                head("folded", 400, "X-A: a\r\n b"),
                head("no colon", 400, "X-A"),
                head("blank before the colon", 400, "X-A : a"),
                head("blank in the name", 400, "X A: a"),
                head("no name", 400, ": a"),
                head("NUL", 400, "X-A: a\0b"),
                head("lone CR", 400, "X-A: a\rX-B: b"),
                head("lone LF", 400, "X-A: a\nX-B: b"),
                head("second host", 400, "Host: other"),
                new HostileRequest("head: no host", 400, "GET /health/live HTTP/1.1\r\n\r\n"),
                new HostileRequest("head: bad host", 400, "GET / HTTP/1.1\r\nHost: a/b?c\r\n\r\n"),
                new HostileRequest(
                        "head: other host in the line",
                        400,
                        "GET http://other/health/live HTTP/1.1\r\nHost: h\r\n\r\n"));
    }

    private static HostileRequest head(String name, int status, String header) {
        return new HostileRequest(
                "head: " + name, status, open("GET /health/live", header) + SMUGGLED);
    }

    private static List<HostileRequest> framing() {
        return List.of(
                framed("TE and CL", 400, "Content-Length: 4", "Transfer-Encoding: chunked"),
                framed("CL and TE", 400, "Transfer-Encoding: chunked", "Content-Length: 4"),
                framed(
                        "TE behind a lone LF, and CL",
                        400,
                        "X-A: a\nTransfer-Encoding: chunked",
                        "Content-Length: 4"),
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
                new HostileRequest(
                        "framing: no length at all",
                        411,
                        "POST /in?key=$BROWSER HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"),
                new HostileRequest(
                        "framing: chunks in HTTP/1.0",
                        400,
                        "POST /in?key=$BROWSER HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"));
    }

    private static HostileRequest framed(String name, int status, String... headers) {
        return new HostileRequest(
                "framing: " + name,
                status,
                open("POST /in?key=$BROWSER", headers) + "0\r\n\r\n" + SMUGGLED);
    }

    private static List<HostileRequest> chunks() {
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

    private static HostileRequest chunked(String name, String body) {
        return new HostileRequest(
                "chunk: " + name,
                400,
                open("POST /in?key=$BROWSER", "Transfer-Encoding: chunked") + body + SMUGGLED);
    }

    private static List<HostileRequest> paths() {
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

    private static HostileRequest path(String path, int status) {
        return unread(
                new HostileRequest(
                        "path " + path.substring(0, Math.min(path.length(), 40)),
                        status,
                        get(path)));
    }

    private static List<HostileRequest> lines() {
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

    private static HostileRequest line(String line, int status) {
        return unread(
                new HostileRequest(
                        "line " + line, status, line + "\r\nHost: h\r\nConnection: close\r\n\r\n"));
    }

    /** What can't be read ends its connection, whatever the sender says; what is read does not. */
    private static HostileRequest unread(HostileRequest request) {
        boolean isRead = request.status() == 404 || request.status() == 405;
        return isRead ? request : request.kept();
    }
}
