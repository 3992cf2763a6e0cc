package io.onevault.tracking.program;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.Constructor;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every program of ours, whichever there are, has the same help, errors and exit codes. */
final class ProgramTest {

    private static final Path SOURCES = Path.of("src/main/java");

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final List<String> said = new ArrayList<>();

    @ParameterizedTest
    @MethodSource("programs")
    void tellsHowItIsUsed(Class<?> program) throws Exception {
        assertThat(run(program, "--help")).isEqualTo(Program.OK);

        assertThat(out.toString(StandardCharsets.UTF_8))
                .startsWith("Usage: " + program.getSimpleName())
                .contains("--help", "--version", "Exit codes: 0 done, 1 failed, 2 bad arguments");
        assertThat(said).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("programs")
    void tellsTheVersionOfThisBuild(Class<?> program) throws Exception {
        assertThat(run(program, "--version")).isEqualTo(Program.OK);

        assertThat(out.toString(StandardCharsets.UTF_8).strip())
                .isEqualTo("site-tracking " + Version.ofThisBuild());
    }

    @ParameterizedTest
    @MethodSource("programs")
    void refusesInOneLineWhatItDoesNotKnow(Class<?> program) throws Exception {
        assertThat(run(program, "--nonsense")).isEqualTo(Program.USAGE);

        assertThat(said).singleElement().asString().doesNotContain("\n").endsWith("; see --help");
        assertThat(out.size()).isZero();
    }

    private int run(Class<?> program, String argument) throws Exception {
        Constructor<?> constructor = program.getDeclaredConstructors()[0];
        constructor.setAccessible(true);
        // None of them does anything yet, so it does not matter with what.
        Object command = constructor.newInstance(new Object[constructor.getParameterCount()]);
        PrintStream results = new PrintStream(out, true, StandardCharsets.UTF_8);
        return Program.run(command, results, said::add, argument);
    }

    static Stream<Class<?>> programs() throws Exception {
        List<Class<?>> programs = new ArrayList<>();
        try (Stream<Path> files = Files.walk(SOURCES)) {
            for (Path file : files.filter(ProgramTest::isProgram).toList()) {
                String name = SOURCES.relativize(file).toString().replace('/', '.');
                programs.add(Class.forName(name.substring(0, name.length() - ".java".length())));
            }
        }
        return programs.stream();
    }

    private static boolean isProgram(Path file) {
        try {
            return file.toString().endsWith(".java")
                    && Files.readString(file).contains("\n@Command(")
                    && Files.readString(file).contains("static void main(");
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
