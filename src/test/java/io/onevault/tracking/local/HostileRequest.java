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

    static String bearer(String key) {
        return "Authorization: Bearer $" + key + "\r\n";
    }

    static String get(String path, String... headers) {
        return "GET "
                + path
                + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
                + String.join("", headers)
                + "\r\n";
    }

    static String post(String path, String headers, String body) {
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
