package io.onevault.tracking.collector;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.junit.jupiter.api.Test;

/** Which thread a kept connection goes on by, whose requests are answered by other threads. */
final class ReadingConnectorTest {

    private static final int REQUESTS = 20;

    private final Queue<Runnable> pooled = new ConcurrentLinkedQueue<>();
    private final Queue<String> answering = new ConcurrentLinkedQueue<>();
    private final ExecutorService others =
            Executors.newSingleThreadExecutor(task -> new Thread(task, "another"));

    /** Answers later, as Kafka's acknowledgement comes later. */
    private final class Later extends Handler.Abstract.NonBlocking {

        @Override
        public boolean handle(Request request, Response response, Callback callback) {
            others.execute(
                    () ->
                            ReadingConnector.thread(request)
                                    .execute(() -> answer(response, callback)));
            return true;
        }

        private void answer(Response response, Callback callback) {
            answering.add(Thread.currentThread().getName());
            Answers.send(response, 200, "text/plain", new byte[0], callback);
        }
    }

    @Test
    void connectionsGoOnByTheThreadThatReadsThem() throws Exception {
        QueuedThreadPool pool =
                new QueuedThreadPool() {
                    @Override
                    public void execute(Runnable task) {
                        pooled.add(task);
                        super.execute(task);
                    }
                };
        pool.setName("http");
        Server server = new Server(pool);
        ReadingConnector connector =
                new ReadingConnector(server, new HttpConnectionFactory(new HttpConfiguration()));
        server.addConnector(connector);
        server.setHandler(new Later());
        server.start();
        try {
            URI address = URI.create("http://127.0.0.1:" + connector.getLocalPort() + "/");
            HttpClient client =
                    HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
            for (int i = 0; i < REQUESTS; i++) {
                assertThat(
                                client.send(
                                                HttpRequest.newBuilder(address).build(),
                                                HttpResponse.BodyHandlers.discarding())
                                        .statusCode())
                        .isEqualTo(200);
            }
        } finally {
            server.stop();
            others.shutdownNow();
        }

        assertThat(answering).hasSize(REQUESTS).allMatch(name -> name.startsWith("http"));
        assertThat(List.copyOf(pooled)).isNotEmpty().noneMatch(Connection.class::isInstance);
    }
}
