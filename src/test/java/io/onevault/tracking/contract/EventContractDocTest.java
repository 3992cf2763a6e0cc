package io.onevault.tracking.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.event.Limits;
import io.onevault.tracking.event.RejectReason;
import io.onevault.tracking.event.Suspicion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

final class EventContractDocTest {

    private static final Pattern JSON_BLOCK = Pattern.compile("```json\n(.*?)```", Pattern.DOTALL);

    private final String doc = read(Path.of("docs/event-contract.md"));

    @Test
    void listsTheDecodersMembersAndAliases() {
        List<List<String>> expected = new ArrayList<>();
        for (Member member : Member.values()) {
            expected.add(List.of(member.canonicalName(), String.join(", ", member.aliases())));
        }

        assertThat(rows("Members").stream().map(row -> row.subList(0, 2)))
                .containsExactlyElementsOf(expected);
    }

    @Test
    void listsEveryReasonAndSuspicion() {
        assertThat(firstColumn("Rejections"))
                .containsExactlyElementsOf(namesOf(RejectReason.values()));
        assertThat(firstColumn("Suspicions"))
                .containsExactlyElementsOf(namesOf(Suspicion.values()));
    }

    @Test
    void statesTheLimits() {
        assertThat(rows("Limits").stream().map(row -> Integer.valueOf(row.get(1))))
                .containsExactly(
                        Limits.RECORD_BYTES,
                        Limits.DEPTH,
                        Limits.ID_CHARS,
                        Limits.TYPE_CHARS,
                        Limits.URL_CHARS,
                        Limits.TEXT_CHARS,
                        Limits.ITEMS);
    }

    @Test
    void givesExamplesThatDecode() {
        Matcher block = JSON_BLOCK.matcher(doc);
        int examples = 0;
        while (block.find()) {
            assertThat(Golden.decodeValid(block.group(1)).suspicions()).isEmpty();
            examples++;
        }

        assertThat(examples).isEqualTo(4);
    }

    @Test
    void givesExamplesThatAreRefusedForTheirReason() {
        List<List<String>> examples =
                rows("Rejections").stream().filter(row -> isJson(row.get(2))).toList();

        assertThat(examples).hasSize(10);
        for (List<String> row : examples) {
            assertThat(Golden.decodeRejected(row.get(2)).reason().name()).isEqualTo(row.get(0));
        }
    }

    @Test
    void givesAnExampleThatIsSuspicious() {
        List<List<String>> examples =
                rows("Suspicions").stream().filter(row -> isJson(row.get(2))).toList();

        assertThat(examples).hasSize(1);
        assertThat(Golden.decodeValid(examples.get(0).get(2)).suspicions())
                .containsExactly(Suspicion.valueOf(examples.get(0).get(0)));
    }

    private static boolean isJson(String example) {
        return example.startsWith("{") || example.startsWith("[\"");
    }

    private List<String> firstColumn(String section) {
        return rows(section).stream().map(row -> row.get(0)).toList();
    }

    /** Cells of the rows below the head of a section's table, without code marks. */
    private List<List<String>> rows(String section) {
        String text = doc.substring(doc.indexOf("\n## " + section + "\n") + 1);
        int end = text.indexOf("\n## ");
        return (end < 0 ? text : text.substring(0, end))
                .lines()
                .filter(line -> line.startsWith("|"))
                .skip(2)
                .map(line -> line.substring(1, line.length() - 1).replace("`", ""))
                .map(line -> Arrays.stream(line.split("\\|")).map(String::strip).toList())
                .toList();
    }

    private static List<String> namesOf(Enum<?>[] constants) {
        return Arrays.stream(constants).map(Enum::name).toList();
    }

    private static String read(Path path) {
        try {
            return Files.readString(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
