package io.onevault.tracking.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;

/** Sends events to a collector, as scripts, images and servers do. */
final class CollectorDoors {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final String url;
    private final HttpClient client = HttpClient.newHttpClient();

    /** What a client says besides its events. */
    record Header(String name, String value) {}

    CollectorDoors(int port) {
        url = "http://127.0.0.1:" + port;
    }

    /** A stack opens it last. */
    boolean isReady() throws Exception {
        try {
            return ask(request("/health/ready")).statusCode() == 200;
        } catch (ConnectException notYet) {
            return false;
        }
    }

    /** What a script posts; tells what was answered. */
    JsonNode browser(String key, String body, Header header) throws Exception {
        return taken(request("/in?key=" + key).header(header.name(), header.value()), body);
    }

    /** What a server posts. */
    JsonNode server(String key, String body) throws Exception {
        return taken(request("/in").header("Authorization", "Bearer " + key), body);
    }

    /** What an image's address tells. */
    void image(String key, ObjectNode members, Header header) throws Exception {
        StringBuilder path = new StringBuilder("/in.gif?key=" + key);
        for (Map.Entry<String, JsonNode> member : members.properties()) {
            String value = URLEncoder.encode(member.getValue().asText(), UTF_8);
            path.append('&').append(member.getKey()).append('=').append(value);
        }
        var answer = ask(request(path.toString()).header(header.name(), header.value()));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    private JsonNode taken(HttpRequest.Builder request, String body) throws Exception {
        var answer = ask(request.POST(HttpRequest.BodyPublishers.ofString(body)));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
        return JSON.readTree(answer.body());
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(url + path));
    }

    private HttpResponse<String> ask(HttpRequest.Builder request) throws Exception {
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }
}
