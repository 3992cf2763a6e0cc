package io.onevault.tracking.contract;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import io.onevault.tracking.event.Limits;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class EventSchemaTest {

    private static final JsonNode TEXT =
            Golden.parse(Golden.resource("/tracker-event.schema.json"));
    private static final JsonSchema SCHEMA =
            JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012).getSchema(TEXT);

    @ParameterizedTest
    @MethodSource("io.onevault.tracking.contract.Golden#valid")
    void acceptsWhatTheDecoderAccepts(Golden.Case golden) {
        assertThat(SCHEMA.validate(golden.input())).isEmpty();
        assertThat(SCHEMA.validate(golden.line().get("canonical"))).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("io.onevault.tracking.contract.Golden#invalid")
    void refusesWhatTheDecoderRefusesAsFarAsASchemaCan(Golden.Case golden) {
        boolean refused = !SCHEMA.validate(golden.input()).isEmpty();

        assertThat(refused).isEqualTo(golden.line().get("schema").asBoolean());
    }

    @Test
    void knowsTheDecodersNamesAndAliases() {
        JsonNode members = TEXT.at("/$defs/members/properties");
        var names = new TreeMap<String, String>();
        members.fieldNames().forEachRemaining(name -> names.put(name, aliasOf(members, name)));
        TEXT.at("/properties").fieldNames().forEachRemaining(name -> names.put(name, name));

        var expected = new TreeMap<String, String>();
        Member.names().forEach((text, name) -> expected.put(text, name.member().canonicalName()));
        assertThat(names).isEqualTo(expected);
    }

    @Test
    void knowsTheDecodersItemMembers() {
        Set<String> names = new TreeSet<>();
        TEXT.at("/$defs/item/properties").fieldNames().forEachRemaining(names::add);

        Set<String> expected = new TreeSet<>();
        ItemReader.ITEM_MEMBERS.forEach(member -> expected.add(member.canonicalName()));
        assertThat(names).isEqualTo(expected);
    }

    @Test
    void listsRequiredNamesInTheDecodersOrder() {
        assertThat(requiredNames("hasTenant")).isEqualTo(namesOf(Member.TENANT));
        assertThat(requiredNames("hasType")).isEqualTo(namesOf(Member.TYPE));
    }

    @Test
    void statesTheLimits() {
        assertThat(TEXT.get("x-maxBytes").asInt()).isEqualTo(Limits.RECORD_BYTES);
        assertThat(TEXT.get("x-maxDepth").asInt()).isEqualTo(Limits.DEPTH);
        assertThat(TEXT.at("/$defs/id/maxLength").asInt()).isEqualTo(Limits.ID_CHARS);
        assertThat(TEXT.at("/$defs/eventType/maxLength").asInt()).isEqualTo(Limits.TYPE_CHARS);
        assertThat(TEXT.at("/$defs/text/x-cutAt").asInt()).isEqualTo(Limits.TEXT_CHARS);
        assertThat(TEXT.at("/$defs/url/x-cutAt").asInt()).isEqualTo(Limits.URL_CHARS);
        assertThat(TEXT.at("/$defs/members/properties/items/maxItems").asInt())
                .isEqualTo(Limits.ITEMS);
    }

    @Test
    void describesEveryMember() {
        JsonNode members = TEXT.at("/$defs/members/properties");

        for (JsonNode member : members) {
            assertThat(member.get("description").asText()).endsWith(".");
        }
    }

    private static String aliasOf(JsonNode members, String name) {
        return members.get(name).path("x-aliasOf").asText(name);
    }

    private static List<String> requiredNames(String definition) {
        List<String> names = new ArrayList<>();
        TEXT.at("/$defs/" + definition + "/anyOf")
                .forEach(each -> names.add(each.at("/required/0").asText()));
        return names;
    }

    private static List<String> namesOf(Member member) {
        List<String> names = new ArrayList<>(List.of(member.canonicalName()));
        names.addAll(member.aliases());
        return names;
    }
}
