package io.onevault.tracking.collector;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
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
        Server server = new Server();
        ServerConnector connector = new ServerConnector(server);
        server.addConnector(connector);
        server.setHandler(
                new Doors(new CollectorMetrics(), Runnable::run).add("/x", new Failing()));
        server.start();
        try {
            URI address = URI.create("http://127.0.0.1:" + connector.getLocalPort() + "/x");
            HttpResponse<String> answer =
                    HttpClient.newHttpClient()
                            .send(
                                    HttpRequest.newBuilder(address).build(),
                                    HttpResponse.BodyHandlers.ofString());

            assertThat(answer.statusCode()).isEqualTo(500);
            JsonNode told = new ObjectMapper().readTree(answer.body());
            assertThat(told.get("error_code").asText()).isEqualTo("INTERNAL_ERROR");
            assertThat(told.get("request_id").asText()).hasSize(36);
        } finally {
            server.stop();
        }
    }
}
