package io.onevault.tracking.collector;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Promise;

/**
 * The least that taking events by this server and this client of Kafka can cost: a body is written
 * as it comes, and the answer to it is always the same.
 */
final class BareServer extends Handler.Abstract.NonBlocking {

    private static final byte[] ANSWER =
            "{\"success\":true,\"data\":{}}".getBytes(StandardCharsets.UTF_8);

    private static final int KEYS = 4_096;

    private final EventWriter writer;
    private final AtomicLong requests = new AtomicLong();

    private BareServer(EventWriter writer) {
        this.writer = writer;
    }

    static void run(int port, EventWriter writer) throws Exception {
        writer.isThere();
        Server server = new Server();
        ServerConnector connector =
                new ServerConnector(server, new HttpConnectionFactory(new HttpConfiguration()));
        connector.setHost("127.0.0.1");
        connector.setPort(port);
        server.addConnector(connector);
        server.setHandler(new BareServer(writer));
        server.start();
        server.join();
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        Content.Source.asByteArrayAsync(
                request,
                Integer.MAX_VALUE,
                Promise.Invocable.from(
                        InvocationType.NON_BLOCKING,
                        body -> write(body, response, callback),
                        callback::failed));
        return true;
    }

    private void write(byte[] body, Response response, Callback callback) {
        writer.write(List.of(new Accepted.Entry(key(), body)))
                .whenComplete((done, failure) -> answer(failure, response, callback));
    }

    /** One of as many as the collector's, which keep events of a session in order. */
    private byte[] key() {
        return String.valueOf(requests.incrementAndGet() % KEYS).getBytes(StandardCharsets.UTF_8);
    }

    private static void answer(Throwable failure, Response response, Callback callback) {
        if (failure != null) {
            callback.failed(failure);
            return;
        }
        response.setStatus(202);
        response.getHeaders().put(HttpHeader.CONTENT_LENGTH, ANSWER.length);
        response.write(true, ByteBuffer.wrap(ANSWER), callback);
    }
}
