package io.onevault.tracking.access;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Texts that name a secret instead of telling it: {@code ${env:NAME}} is a variable of the
 * environment, {@code ${file:/path}} the content of a file. The syntax is that of Kafka's
 * configuration providers; each process reads its own environment and files.
 */
public final class References {

    static final String ENVIRONMENT = "env";
    static final String FILE = "file";

    /** Before the source of a reference that stands between quotes of a larger text. */
    static final String QUOTED = "quoted-";

    private static final Pattern REFERENCE = Pattern.compile("\\$\\{(env|file):([^}]+)}");
    private static final Pattern LAST_LINE_ENDS = Pattern.compile("[\r\n]+\\z");

    private References() {}

    /** The reference to a variable of the environment. */
    static String toVariable(String name) {
        return "${" + ENVIRONMENT + ":" + name + "}";
    }

    /** The reference to a file. */
    public static String toFile(Path file) {
        return "${" + FILE + ":" + file + "}";
    }

    /** Whether the text is one reference and nothing else. */
    static boolean isReference(String text) {
        return REFERENCE.matcher(text).matches();
    }

    static boolean areIn(String text) {
        return REFERENCE.matcher(text).find();
    }

    /** The text with references that Kafka's clients resolve to what may stand between quotes. */
    static String quoted(String text) {
        return REFERENCE.matcher(text).replaceAll("\\${" + QUOTED + "$1:$2}");
    }

    /** What stands for the value between quotes, where a line end would end the text. */
    static String escape(String value) {
        return value.replace("\\", "\\\\")
                .replace("\"", "\\\"")
                .replace("'", "\\'")
                .replace("\n", "\\n")
                .replace("\r", "\\r");
    }

    /**
     * The text with what its references name.
     *
     * @throws UnresolvedReferenceException when this process does not have one of them
     */
    public static String resolve(String text) {
        return REFERENCE
                .matcher(text)
                .replaceAll(
                        found -> Matcher.quoteReplacement(resolve(found.group(1), found.group(2))));
    }

    static String resolve(String source, String name) {
        String value =
                source.equals(ENVIRONMENT) ? variable(System.getenv(), name) : file(Path.of(name));
        if (value.isEmpty()) {
            throw new UnresolvedReferenceException(source, name, "is empty", null);
        }
        return value;
    }

    private static String variable(Map<String, String> environment, String name) {
        String value = environment.get(name);
        if (value == null) {
            throw new UnresolvedReferenceException(
                    ENVIRONMENT, name, "this process has no such variable", null);
        }
        return value;
    }

    /** Editors and {@code echo} end a file with a line end, which is no part of the secret. */
    private static String file(Path file) {
        try {
            return LAST_LINE_ENDS.matcher(Files.readString(file)).replaceFirst("");
        } catch (IOException e) {
            throw new UnresolvedReferenceException(
                    FILE, file.toString(), "this process cannot read the file", e);
        }
    }

    /** A process lacks what a reference names; the message says what. */
    public static final class UnresolvedReferenceException extends IllegalStateException {

        private static final long serialVersionUID = 1;

        UnresolvedReferenceException(
                String source, String name, String why, @Nullable Throwable cause) {
            super("${" + source + ":" + name + "}: " + why, cause);
        }
    }
}
