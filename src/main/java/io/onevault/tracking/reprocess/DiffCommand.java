package io.onevault.tracking.reprocess;

import com.fasterxml.jackson.databind.JsonNode;
import io.onevault.tracking.program.Program;
import io.onevault.tracking.program.UsageException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** Command line: tells what the shadow says otherwise than production. */
@Command(
        name = "diff",
        description = {
            "Tells what the shadow says otherwise than production: sessions by what becomes of them,"
                    + " why, in which fields, examples, and events by tenant and day. Exit code 4"
                    + " where they differ.",
            ""
        })
final class DiffCommand implements Callable<Integer> {

    private static final int MOST_EXAMPLES = 1_000_000;

    @ParentCommand private Reprocess program;
    @Mixin private SettingsOptions settings = new SettingsOptions();
    @Mixin private AdministratorLogin login = new AdministratorLogin();

    @Option(names = "--json", description = "As one JSON object, for programs.")
    private boolean json;

    @Option(
            names = "--examples",
            paramLabel = "N",
            defaultValue = "5",
            description = "Sessions to show of each kind. Default: ${DEFAULT-VALUE}.")
    private int examples;

    @Override
    public Integer call() {
        UsageException.requireRange("--examples", examples, 0, MOST_EXAMPLES);
        return login.run(
                program,
                settings,
                runs -> {
                    JsonNode diff = runs.diff(examples);
                    program.out().println(json ? diff.toString() : DiffReport.of(diff));
                    return diff.path("equal").asBoolean() ? Program.OK : Program.VIOLATED;
                });
    }
}
