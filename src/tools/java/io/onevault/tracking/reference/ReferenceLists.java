package io.onevault.tracking.reference;

import io.onevault.tracking.program.Program;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.LocalDate;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** Command line: makes our reference lists out of those of others, and tells how well they do. */
@Command(
        name = "ReferenceLists",
        description = "Makes reference lists, and tells how well they do.",
        subcommands = {SourceList.class, RobotLists.class, ListFigures.class})
public final class ReferenceLists {

    private static final Path LISTS = Path.of("src/main/resources/reference");
    private static final Path EXCEPTIONS = Path.of("src/tools/resources/reference");

    @Option(
            names = "--date",
            paramLabel = "DATE",
            scope = ScopeType.INHERIT,
            description = "When the lists of others were fetched. Default: today.")
    private LocalDate date = LocalDate.now();

    private final PrintStream out;

    ReferenceLists(PrintStream out) {
        this.out = out;
    }

    public static void main(String[] args) {
        Program.main(new ReferenceLists(System.out), args);
    }

    LocalDate date() {
        return date;
    }

    PrintStream out() {
        return out;
    }

    /** A list that the job reads. */
    static ReferenceFile list(String name) {
        return new ReferenceFile(LISTS.resolve(name));
    }

    /** What we know better than the lists of others. */
    static Path exceptions(String name) {
        return EXCEPTIONS.resolve(name);
    }
}
