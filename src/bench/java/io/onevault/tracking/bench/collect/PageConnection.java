package io.onevault.tracking.bench.collect;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;

/** A kept connection by which a page sends its views, one a request, as the tracker does. */
final class PageConnection implements AutoCloseable {

    private static final String EVENT =
            "{\"events\":[{\"evt_type\":\"page_view\",\"event_id\":\"%s\","
                    + "\"event_timestamp\":1772364897012,\"sent_at\":1772364898020,\"sequence\":1,"
                    + "\"page_view_id\":\"1665f1c6-7c4c-4a0f-8a34-6d6d0a4f5b11\","
                    + "\"visitor_id\":\"%s\",\"consent\":\"granted\","
                    + "\"page_url\":\"https://shop.example.com/products/widget-a?color=blue\","
                    + "\"page_title\":\"Widget A\","
                    + "\"page_referrer\":\"https://www.google.com/\",\"language\":\"en-US\","
                    + "\"timezone\":\"Europe/Berlin\",\"screen_resolution\":\"1920x1080\","
                    + "\"viewport_width\":1280,\"viewport_height\":720}],\"gpc\":false}";
    private static final String HEAD =
            "POST /in?key=%s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %d\r\n"
                    + "Content-Type: text/plain;charset=UTF-8\r\nOrigin: https://shop.example.com\r\n"
                    + "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like"
                    + " Gecko) Chrome/150.0.0.0 Safari/537.36\r\nAccept: */*\r\n"
                    + "Accept-Language: en-US,en;q=0.9\r\nAccept-Encoding: gzip, deflate, br, zstd\r\n"
                    + "Referer: https://shop.example.com/\r\nSec-Fetch-Mode: cors\r\n"
                    + "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Dest: empty\r\n\r\n";
    private static final int DIGITS = 19;
    private static final String ZEROES = "0".repeat(DIGITS);
    private static final long NANOS_OF_MILLI = 1_000_000;
    private static final int VISITORS = 64_000;

    private final Socket socket;
    private final OutputStream out;
    private final InputStream in;
    private final byte[] request;
    private final int idEnd;
    private final int visitorEnd;
    private final long began = System.currentTimeMillis() * NANOS_OF_MILLI;
    private final byte[] answer = new byte[4096];

    PageConnection(int port, String key) throws IOException {
        socket = new Socket("127.0.0.1", port);
        socket.setTcpNoDelay(true);
        out = socket.getOutputStream();
        in = socket.getInputStream();
        String body = String.format(EVENT, ZEROES, ZEROES);
        String all = String.format(HEAD, key, body.length()) + body;
        request = all.getBytes(US_ASCII);
        idEnd = all.indexOf(ZEROES) + DIGITS;
        visitorEnd = all.lastIndexOf(ZEROES) + DIGITS;
    }

    /**
     * Sends one and waits for its answer.
     *
     * @param number that no other one has
     * @return whether it was taken
     */
    boolean send(long number) throws IOException {
        write(idEnd, began + number);
        write(visitorEnd, number % VISITORS);
        out.write(request);
        return isTaken();
    }

    private void write(int end, long number) {
        long left = number;
        for (int at = end - 1; at >= end - DIGITS; at--) {
            request[at] = (byte) ('0' + left % 10);
            left /= 10;
        }
    }

    /** Reads an answer; it tells its length. */
    private boolean isTaken() throws IOException {
        int length = 0;
        int needed = Integer.MAX_VALUE;
        while (length < needed) {
            int read = in.read(answer, length, answer.length - length);
            if (read < 0) {
                throw new IOException("the collector has closed the connection");
            }
            length += read;
            if (needed == Integer.MAX_VALUE) {
                needed = needed(length);
            }
        }
        return answer[9] == '2' && answer[11] == '2';
    }

    private int needed(int length) {
        String text = new String(answer, 0, length, US_ASCII);
        int end = text.indexOf("\r\n\r\n");
        if (end < 0) {
            return Integer.MAX_VALUE;
        }
        int at = text.indexOf("Content-Length: ") + "Content-Length: ".length();
        return end + 4 + Integer.parseInt(text.substring(at, text.indexOf("\r\n", at)));
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
