package io.onevault.tracking.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class InputTest {

    private static final int LIMIT = 10;

    @Test
    void splitsAtLineFeedsAndCutsOneCarriageReturn() throws IOException {
        assertThat(texts("a\r\n\r\r\n\nb")).containsExactly("a", "\r", "", "b");
    }

    @Test
    void endsWithTheLastLineFeed() throws IOException {
        assertThat(texts("a\n")).containsExactly("a");
        assertThat(texts("")).isEmpty();
    }

    @Test
    void cutsALineAtTheLimitAndTellsHowMuchIsMissing() throws IOException {
        Input input = input("0123456789AB\r\nnext".getBytes(StandardCharsets.UTF_8));

        Input.Line cut = input.next();
        Input.Line next = input.next();

        assertThat(cut.bytes()).asString(StandardCharsets.UTF_8).isEqualTo("0123456789");
        assertThat(cut.cutBytes()).isEqualTo(3);
        assertThat(next.bytes()).asString(StandardCharsets.UTF_8).isEqualTo("next");
        assertThat(next.cutBytes()).isZero();
    }

    @Test
    void keepsLinesThatSpanTheBuffer() throws IOException {
        String line = "x".repeat(700_000);
        byte[] bytes = (line + "\n" + line).getBytes(StandardCharsets.UTF_8);
        Input input = new Input(new ByteArrayInputStream(bytes), 1_000_000);

        assertThat(input.next().bytes()).asString(StandardCharsets.UTF_8).isEqualTo(line);
        assertThat(input.next().bytes()).asString(StandardCharsets.UTF_8).isEqualTo(line);
        assertThat(input.next()).isNull();
    }

    @Property
    void keepsEveryByteThatIsNoLineEnd(@ForAll List<@Size(max = 9) byte[]> lines)
            throws IOException {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        List<byte[]> expected = new ArrayList<>();
        for (byte[] line : lines) {
            byte[] clean = line.clone();
            for (int i = 0; i < clean.length; i++) {
                clean[i] = clean[i] == '\n' || clean[i] == '\r' ? (byte) 0xFF : clean[i];
            }
            expected.add(clean);
            file.writeBytes(clean);
            file.write('\n');
        }

        assertThat(lines(input(file.toByteArray()))).containsExactlyElementsOf(expected);
    }

    private static List<String> texts(String file) throws IOException {
        List<String> texts = new ArrayList<>();
        for (byte[] line : lines(input(file.getBytes(StandardCharsets.UTF_8)))) {
            texts.add(new String(line, StandardCharsets.UTF_8));
        }
        return texts;
    }

    private static Input input(byte[] file) {
        return new Input(new ByteArrayInputStream(file), LIMIT);
    }

    private static List<byte[]> lines(Input input) throws IOException {
        List<byte[]> lines = new ArrayList<>();
        for (Input.Line line = input.next(); line != null; line = input.next()) {
            lines.add(line.bytes());
        }
        return lines;
    }
}
