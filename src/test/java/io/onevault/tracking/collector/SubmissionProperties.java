package io.onevault.tracking.collector;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** A body is cut where Jackson's own reader of trees sees one value end and another begin. */
final class SubmissionProperties {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    @Property
    void cutsAnArrayAsItIsRead(@ForAll("values") List<JsonNode> values, @ForAll boolean pretty)
            throws IOException {
        assertCut(bytes(array(values), pretty), values);
    }

    @Property
    void cutsTheEventsOfAnObjectAsTheyAreRead(
            @ForAll("values") List<JsonNode> values,
            @ForAll("value") JsonNode beside,
            @ForAll boolean pretty)
            throws IOException {
        ObjectNode body = NODES.objectNode();
        body.set("before", beside);
        body.set("events", array(values));
        body.set("after", beside);

        assertCut(bytes(body, pretty), values);
    }

    /** Of which the reader keeps no account of what is open. */
    @Property
    void cutsWhatIsNestedTooDeepAsWell(
            @ForAll("values") List<JsonNode> values,
            @ForAll("value") JsonNode innermost,
            @ForAll boolean pretty)
            throws IOException {
        JsonNode deep = innermost;
        for (int level = 0; level < 80; level++) {
            deep =
                    level % 3 == 0
                            ? NODES.arrayNode().add(1).add(deep).add(innermost)
                            : NODES.objectNode().put("a", "]\"").set("b", deep);
        }
        List<JsonNode> all = new ArrayList<>(values);
        all.add(values.size() / 2, deep);
        byte[] body = bytes(NODES.objectNode().set("events", array(all)), pretty);

        all.set(values.size() / 2, shallow(deep, 3));
        assertCut(body, all);
    }

    /** With a number where there is a 65th level. */
    private static JsonNode shallow(JsonNode node, int level) {
        if (!node.isContainerNode()) {
            return node;
        }
        if (level > 64) {
            return NODES.numberNode(0);
        }
        if (node.isArray()) {
            ArrayNode array = NODES.arrayNode();
            node.forEach(element -> array.add(shallow(element, level + 1)));
            return array;
        }
        ObjectNode object = NODES.objectNode();
        node.properties()
                .forEach(
                        member ->
                                object.set(member.getKey(), shallow(member.getValue(), level + 1)));
        return object;
    }

    @Property
    void takesAnyOtherObjectForOneEvent(@ForAll("objects") JsonNode event, @ForAll boolean pretty)
            throws IOException {
        assertCut(bytes(event, pretty), List.of(event));
    }

    private static void assertCut(byte[] body, List<JsonNode> expected) throws IOException {
        List<JsonNode> cut = new ArrayList<>();
        for (Submission.Slice slice : Submission.read(body).events()) {
            JsonNode value = JSON.readTree(body, slice.from(), slice.to() - slice.from());
            assertThat(slice.isObject()).isEqualTo(value.isObject());
            cut.add(value);
        }
        assertThat(cut).isEqualTo(expected);
    }

    private static ArrayNode array(List<JsonNode> values) {
        return NODES.arrayNode().addAll(values);
    }

    private static byte[] bytes(JsonNode body, boolean pretty) throws IOException {
        return pretty
                ? JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(body)
                : JSON.writeValueAsBytes(body);
    }

    @Provide
    Arbitrary<List<JsonNode>> values() {
        return value().list().ofMaxSize(8);
    }

    @Provide
    Arbitrary<JsonNode> value() {
        return nested(3);
    }

    @Provide
    Arbitrary<JsonNode> objects() {
        return object(nested(2))
                .filter(event -> !(event.get("events") instanceof ArrayNode))
                .map(event -> event);
    }

    private static Arbitrary<JsonNode> nested(int depth) {
        Arbitrary<JsonNode> plain =
                Arbitraries.oneOf(
                        texts().map(NODES::textNode),
                        Arbitraries.integers().map(NODES::numberNode),
                        Arbitraries.of(true, false).map(NODES::booleanNode),
                        Arbitraries.just(NODES.nullNode()));
        if (depth == 0) {
            return plain;
        }
        Arbitrary<JsonNode> inner = nested(depth - 1);
        return Arbitraries.oneOf(
                plain, object(inner), inner.list().ofMaxSize(3).map(SubmissionProperties::array));
    }

    private static Arbitrary<JsonNode> object(Arbitrary<JsonNode> members) {
        return Arbitraries.maps(texts(), members)
                .ofMaxSize(3)
                .map(all -> NODES.objectNode().setAll(all));
    }

    /** Of one to four bytes a letter, and with what JSON escapes. */
    private static Arbitrary<String> texts() {
        return Arbitraries.of("a", "events", "ß", "→", "🦔", "\"", "\\", "\u0001", "[", "}", " ")
                .list()
                .ofMaxSize(6)
                .map(parts -> String.join("", parts));
    }
}
