package io.onevault.tracking.local;

import java.util.Arrays;

/**
 * A request that nobody sends in good faith.
 *
 * @param status that it deserves
 * @param bytes with $BROWSER, $SERVER, $READ and $BOUND in place of keys; Latin-1, a letter is a
 *     byte
 */
record HostileRequest(String name, int status, String bytes) {

    private static final String CLOSE = "Connection: close\r\n";

    static String bearer(String key) {
        return "Authorization: Bearer $" + key + "\r\n";
    }

    static String get(String path, String... headers) {
        return "GET "
                + path
                + " HTTP/1.1\r\nHost: h\r\n"
                + CLOSE
                + String.join("", headers)
                + "\r\n";
    }

    static String post(String path, String headers, String body) {
        return "POST "
                + path
                + " HTTP/1.1\r\nHost: h\r\n"
                + CLOSE
                + "Content-Length: "
                + body.length()
                + "\r\n"
                + headers
                + "\r\n"
                + body;
    }

    /** The same, of which the sender would keep the connection. */
    HostileRequest kept() {
        return new HostileRequest(name, status, bytes.replace(CLOSE, ""));
    }

    boolean asksToClose() {
        return bytes.contains(CLOSE);
    }

    /** Whose connection the sender would keep. */
    static String open(String line, String... headers) {
        return line
                + " HTTP/1.1\r\nHost: h\r\n"
                + String.join("\r\n", Arrays.asList(headers))
                + "\r\n\r\n";
    }

    @Override
    public String toString() {
        return name;
    }
}
