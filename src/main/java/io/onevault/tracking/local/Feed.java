package io.onevault.tracking.local;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What a run plays, by its options: a file, stdin, the bundled sample or nothing. */
record Feed(StackOptions options, InputStream stdin) {

    private static final String SAMPLE = "/sample/events.jsonl";

    /** Opens what is played, or returns null when nothing is. */
    @Nullable Input open() throws IOException {
        InputStream stream = stream();
        return stream == null ? null : new Input(stream, EmbeddedKafka.MAX_RECORD_BYTES);
    }

    private @Nullable InputStream stream() throws IOException {
        Path file = options.inputFile();
        if (file != null) {
            return Files.newInputStream(file);
        }
        if (options.readsStdin()) {
            return stdin;
        }
        return options.playsSample() ? sample() : null;
    }

    private static InputStream sample() {
        return Objects.requireNonNull(Feed.class.getResourceAsStream(SAMPLE), SAMPLE);
    }

    /** Registers the tenants that can be known before the job starts, those of sites with goals. */
    void registerTenants(TenantRegistry registry) throws IOException, SQLException {
        if (options.showsSites()) {
            for (TrafficPlan.Site site : TrafficPlan.read().sites()) {
                // One that is there already may have got others since.
                if (registry.register(site.tenant())) {
                    registry.setGoals(site.tenant(), site.conversions());
                }
            }
        }
        if (options.registerTenants && options.inputFile() != null) {
            try (Input input = open()) {
                register(input, registry);
            }
        }
    }

    private static void register(@Nullable Input input, TenantRegistry registry)
            throws IOException, SQLException {
        Input.Line line = input == null ? null : input.next();
        while (line != null) {
            registry.register(RecordKey.of(line.bytes()).tenantBk());
            line = input.next();
        }
    }

    /** Whether tenants become known only while lines arrive. */
    boolean registersOnTheFly() {
        return options.registerTenants && options.readsStdin();
    }

    String describe() {
        if (options.playsSample()) {
            return "the sample of six sites";
        }
        return options.readsStdin() ? "stdin" : String.valueOf(options.input);
    }
}
