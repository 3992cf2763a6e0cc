package io.onevault.tracking.contract;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.onevault.tracking.event.TrackerEvent;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.UnaryOperator;

/** Golden cases of the contract and the few steps that its tests share. */
final class Golden {

    static final ObjectMapper MAPPER =
            JsonMapper.builder().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).build();

    private static final TrackerEventDecoder DECODER =
            new TrackerEventDecoder(UnaryOperator.identity());

    /** One line of a golden file; its name is what a failing test shows. */
    record Case(String name, JsonNode line) {

        JsonNode input() {
            return line.get("input");
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private Golden() {}

    static List<Case> valid() {
        return cases("/golden/contract/valid.ndjson");
    }

    static List<Case> invalid() {
        return cases("/golden/contract/invalid.ndjson");
    }

    static String resource(String path) {
        try (InputStream in = Golden.class.getResourceAsStream(path)) {
            assertThat(in).as(path).isNotNull();
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static JsonNode parse(String json) {
        try {
            return MAPPER.readTree(json);
        } catch (IOException e) {
            throw new UncheckedIOException(json, e);
        }
    }

    static Decoded decode(String json) {
        return DECODER.decode(json.getBytes(StandardCharsets.UTF_8));
    }

    static Decoded.Valid decodeValid(String json) {
        Decoded decoded = decode(json);
        assertThat(decoded).as(json).isInstanceOf(Decoded.Valid.class);
        return (Decoded.Valid) decoded;
    }

    static Decoded.Rejected decodeRejected(String json) {
        Decoded decoded = decode(json);
        assertThat(decoded).as(json).isInstanceOf(Decoded.Rejected.class);
        return (Decoded.Rejected) decoded;
    }

    static TrackerEvent event(String json) {
        return decodeValid(json).event();
    }

    private static List<Case> cases(String path) {
        return resource(path)
                .lines()
                .map(Golden::parse)
                .map(line -> new Case(line.get("name").asText(), line))
                .toList();
    }
}
