package io.onevault.tracking.collector;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.Invocable;
import org.junit.jupiter.api.Test;

/** What is answered when a door fails. */
final class DoorsTest {

    private static final class Failing extends Handler.Abstract {

        @Override
        public boolean handle(Request request, Response response, Callback callback) {
            throw new StackOverflowError("of the test");
        }
    }

    /** What Jetty would answer has no log and another form. */
    @Test
    void answersAnErrorAsAnyOtherFailure() throws Exception {
        HttpResponse<String> answer =
                ask(
                        new Doors(new CollectorMetrics(), Runnable::run).add("/x", new Failing()),
                        "/x");

        assertThat(answer.statusCode()).isEqualTo(500);
        JsonNode told = new ObjectMapper().readTree(answer.body());
        assertThat(told.get("error_code").asText()).isEqualTo("INTERNAL_ERROR");
        assertThat(told.get("request_id").asText()).hasSize(36);
    }

    /** A thread that reads connections must not wait, as others would with it. */
    @Test
    void handsOnToAnotherThreadWhatMayHaveToWait() throws Exception {
        List<String> handed = new CopyOnWriteArrayList<>();
        Executor threads =
                task -> {
                    handed.add("handed on");
                    task.run();
                };
        Doors doors =
                new Doors(new CollectorMetrics(), threads)
                        .add("/known", List.of("GET"), new Failing(), request -> false)
                        .add("/stranger", List.of("GET"), new Failing(), request -> true)
                        .add("/page", new Failing());
        assertThat(doors.getInvocationType()).isEqualTo(Invocable.InvocationType.NON_BLOCKING);
        assertThat(ask(doors, "/known").statusCode()).isEqualTo(500);
        assertThat(handed).isEmpty();
        assertThat(ask(doors, "/stranger").statusCode()).isEqualTo(500);
        assertThat(ask(doors, "/page").statusCode()).isEqualTo(500);
        assertThat(handed).hasSize(2);
    }

    static HttpResponse<String> ask(Doors doors, String path) throws Exception {
        Server server = new Server();
        ServerConnector connector = new ServerConnector(server);
        server.addConnector(connector);
        server.setHandler(doors);
        server.start();
        try {
            URI address = URI.create("http://127.0.0.1:" + connector.getLocalPort() + path);
            return HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(address).build(),
                            HttpResponse.BodyHandlers.ofString());
        } finally {
            server.stop();
        }
    }
}
