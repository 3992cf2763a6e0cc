package io.onevault.tracking.collector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.onevault.tracking.event.ConsentRules;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.eclipse.jetty.util.Fields;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What an address's parameters ask. */
final class QuestionTest {

    @Test
    void makesOptionsOfParametersByTheLookOfThem() {
        Question.Asked asked =
                ask(
                        "analytics",
                        "from",
                        "2026-03-01",
                        "compare",
                        "true",
                        "limit",
                        "10",
                        "id",
                        "0123456789",
                        "filters",
                        "{\"page\": \"/a\"}");

        assertThat(asked.call()).isEqualTo("api.get_session_analytics(?, ?::jsonb)");
        assertThat(asked.arguments())
                .containsExactly(
                        "acme",
                        "{\"from\":\"2026-03-01\",\"compare\":true,\"limit\":10,"
                                + "\"id\":\"0123456789\",\"filters\":{\"page\":\"/a\"}}");
    }

    @Test
    void allThatMayBeAskedIsDescribedAndNothingElse() throws Exception {
        byte[] description = FileDoor.resource("collector/openapi.json");
        Set<String> described = new TreeSet<>();
        new ObjectMapper()
                .readTree(description)
                .get("paths")
                .fieldNames()
                .forEachRemaining(described::add);
        Set<String> asked = new TreeSet<>();
        Question.doors().forEach(door -> asked.add("/read/" + door));
        asked.add("/read/site");

        assertThat(described)
                .filteredOn(path -> path.startsWith("/read/"))
                .containsExactlyElementsOf(asked);
    }

    @Test
    void givesAFunctionItsOwnArguments() {
        assertThat(ask("funnel", "steps", "[]", "days", "3").arguments())
                .containsExactly("acme", "[]", "{\"days\":3}");
        assertThat(ask("ledger", "to_day", "2026-03-02").arguments())
                .containsExactly("acme", null, "2026-03-02");
        assertThat(ask("realtime", "include_bots", "true").arguments())
                .containsExactly("acme", null, "{\"include_bots\":true}");
        assertThat(ask("status").arguments()).containsExactly("acme");
    }

    @ParameterizedTest
    @ValueSource(strings = {"tenant", "key", "minutes; DROP", ""})
    void refusesParametersThatAFunctionHasNot(String name) {
        assertThatThrownBy(() -> ask("ledger", name, "1")).isInstanceOf(Refused.class);
    }

    @Test
    void refusesStructuresThatAreNone() {
        assertThatThrownBy(() -> ask("analytics", "filters", "{")).isInstanceOf(Refused.class);
    }

    @ParameterizedTest
    @CsvSource({
        "realtime, minutes, abc",
        "realtime, minutes, -1",
        "funnel, steps, abc",
        "funnel, steps, ''",
        "ledger, from_day, 2026-13-01",
        "ledger, to_day, tomorrow",
        "analytics, filters, {"
    })
    void namesTheParameterThatCantBeRead(String door, String name, String value) {
        assertThatThrownBy(() -> ask(door, name, value))
                .isInstanceOf(Refused.class)
                .hasMessage("The parameter " + name + " can't be read.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Analytics", "analytics/", "track_event", "site_tracking_key"})
    void knowsNoOtherDoor(String door) {
        assertThat(Question.of(door)).isNull();
    }

    @Test
    void filtersByWhatALinkDoesWhateverIsAsked() {
        Site.Link link = new Site.Link("{\"device\":[\"mobile\"]}", null);
        Site shared = new Site("acme", Set.of(), Set.of(), "UTC", ConsentRules.DEFAULT, link);

        assertThat(ask(shared, "analytics").arguments().get(1))
                .isEqualTo("{\"filters\":{\"device\":[\"mobile\"]}}");
        assertThat(ask(shared, "realtime", "filters", "{}").arguments().get(2))
                .isEqualTo("{\"filters\":{\"device\":[\"mobile\"]}}");
        assertThat(
                        ask(
                                        shared,
                                        "funnel",
                                        "steps",
                                        "[]",
                                        "filters",
                                        "{\"device\":\"desktop\",\"os\":\"iOS\"}")
                                .arguments()
                                .get(2))
                .isEqualTo("{\"filters\":{\"device\":[\"mobile\"],\"os\":\"iOS\"}}");
        assertThat(ask(shared, "analytics", "filters", "[]").arguments().get(1))
                .isEqualTo("{\"filters\":{\"device\":[\"mobile\"]}}");
    }

    private static Question.Asked ask(String door, String... parameters) {
        return ask(
                new Site("acme", Set.of(), Set.of(), "UTC", ConsentRules.DEFAULT, null),
                door,
                parameters);
    }

    private static Question.Asked ask(Site site, String door, String... parameters) {
        Fields fields = new Fields(true);
        for (int i = 0; i < parameters.length; i += 2) {
            fields.put(parameters[i], parameters[i + 1]);
        }
        return Objects.requireNonNull(Question.of(door)).by(site, fields);
    }
}
