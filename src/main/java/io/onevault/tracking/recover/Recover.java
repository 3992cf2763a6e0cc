package io.onevault.tracking.recover;

import io.onevault.tracking.contract.RejectedEntry;
import io.onevault.tracking.event.RejectReason;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/** Command line: submits rejected events again, each once. */
public final class Recover {

    static final int OK = 0;
    static final int USAGE = 2;
    static final int FAILED = 4;

    private static final String HELP =
            """
            Usage: Recover --config <file> <which events> [--dry-run | --export <file>]
                   Recover --config <file> --input <file> [--dry-run]

            Submits rejected events again, to the topic and partition that they came from. An event
            is recovered once, however often this is run. Those that are rejected again are rejected
            events of their own.

              --config <file>              the job's configuration; of it only kafka.bootstrap-servers,
                                           kafka.rejected-topic, kafka.property.* and privacy.secret
                                           are used; that one proves to the job where events come from
              --bootstrap-servers <list>   instead of --config
              --rejected-topic <name>      default: site-tracking-rejected
              --kafka.property.<name> <value>  any property of Kafka's clients, secrets in it as
                                           ${env:NAME} or ${file:/path}

              --reason <code>[,<code>...]  events rejected with one of these codes
              --tenant <key>[,<key>...]    events that name one of these tenants
              --from <time>, --to <time>   events appended since, and before, such as
                                           2026-11-20T10:00:00Z
              --all                        every event

              --export <file>              write the events to a file instead, one JSON object a
                                           line, to be edited
              --input <file>               submit the events of such a file as they are there
              --dry-run                    say what would be submitted

            The environment's SITE_TRACKING_KAFKA_BOOTSTRAP_SERVERS, SITE_TRACKING_KAFKA_REJECTED_TOPIC
            and SITE_TRACKING_KAFKA_PROPERTY_<NAME> beat the file and are beaten by options.

            Exit codes: 0 done, 2 bad arguments, 4 failed.
            """;

    private final PrintStream out;
    private final PrintStream err;

    Recover(PrintStream out, PrintStream err) {
        this.out = out;
        this.err = err;
    }

    public static void main(String[] args) {
        System.exit(new Recover(System.out, System.err).run(System.getenv(), args));
    }

    int run(Map<String, String> environment, String... args) {
        RecoverOptions options;
        try {
            options = RecoverOptions.parse(args, environment);
        } catch (IllegalArgumentException e) {
            err.println(e.getMessage() + "; see --help");
            return USAGE;
        }
        if (options.help()) {
            out.print(HELP);
            return OK;
        }
        try {
            out.println(recover(options));
            return OK;
        } catch (IllegalArgumentException | IOException | KafkaException e) {
            err.println(e.getMessage());
            return FAILED;
        }
    }

    private static Outcome recover(RecoverOptions options) throws IOException {
        Path export = options.export();
        if (export != null) {
            try (PrintWriter file = new PrintWriter(Files.newBufferedWriter(export))) {
                return select(
                        options, (entry, event) -> file.println(EventLine.write(entry, event)));
            }
        }
        if (options.dryRun()) {
            return select(options, (entry, event) -> {});
        }
        try (Resubmission resubmission =
                new Resubmission(
                        options.kafka(),
                        options.rejectedTopic(),
                        options.headerProof(),
                        Clock.systemUTC())) {
            Outcome outcome =
                    select(options, (entry, event) -> resubmission.submit(entry.recovery(), event));
            resubmission.commit();
            return outcome;
        }
    }

    /**
     * What was done.
     *
     * @param before events that were recovered before
     * @param gone events whose original bytes are no longer in Kafka
     */
    private record Outcome(long events, long before, long gone) {

        @Override
        public String toString() {
            return events
                    + " events, "
                    + before
                    + " left out as recovered before, "
                    + gone
                    + " left out as their original is gone";
        }
    }

    private static Outcome select(RecoverOptions options, BiConsumer<RejectedEntry, byte[]> taker)
            throws IOException {
        Map<String, byte[]> edited = edited(options.input());
        Set<String> recovered = new HashSet<>();
        try (TopicScan rejected = new TopicScan(options.kafka(), "rejected");
                TopicScan events = new TopicScan(options.kafka(), "events")) {
            rejected.values(
                    options.rejectedTopic(),
                    json -> {
                        RejectedEntry entry = RejectedEntry.parse(json);
                        if (entry.reason() == null) {
                            recovered.add(entry.place());
                        }
                    });
            Selection selection = new Selection(options, edited, recovered, events, taker);
            rejected.values(options.rejectedTopic(), selection::take);
            return selection.outcome(edited);
        }
    }

    private static @Nullable Map<String, byte[]> edited(@Nullable Path input) throws IOException {
        if (input == null) {
            return null;
        }
        Map<String, byte[]> edited = new HashMap<>();
        try (BufferedReader file = Files.newBufferedReader(input)) {
            for (String line = file.readLine(); line != null; line = file.readLine()) {
                if (!line.isBlank()) {
                    EventLine event = EventLine.parse(line);
                    edited.put(event.place(), event.event());
                }
            }
        }
        return edited;
    }

    /** Goes through the rejected topic and takes what is asked for, each event once. */
    private static final class Selection {

        private final RecoverOptions options;
        private final @Nullable Map<String, byte[]> edited;
        private final Set<String> recovered;
        private final TopicScan events;
        private final BiConsumer<RejectedEntry, byte[]> taker;
        private final Set<String> seen = new HashSet<>();
        private long taken;
        private long before;
        private long gone;

        Selection(
                RecoverOptions options,
                @Nullable Map<String, byte[]> edited,
                Set<String> recovered,
                TopicScan events,
                BiConsumer<RejectedEntry, byte[]> taker) {
            this.options = options;
            this.edited = edited;
            this.recovered = recovered;
            this.events = events;
            this.taker = taker;
        }

        /** After a failure of the job an event may be in the topic twice. */
        void take(byte[] json) {
            RejectedEntry entry = RejectedEntry.parse(json);
            String place = entry.place();
            boolean asked = edited == null ? options.selects(entry) : edited.containsKey(place);
            if (entry.reason() == null || !asked || !seen.add(place)) {
                return;
            }
            if (recovered.contains(place)) {
                before++;
                return;
            }
            byte[] event = edited == null ? original(entry) : edited.get(place);
            if (event == null) {
                gone++;
            } else {
                taker.accept(entry, event);
                taken++;
            }
        }

        /** What the database refused has to be read where it came from. */
        private byte @Nullable [] original(RejectedEntry entry) {
            return entry.reason() == RejectReason.DATABASE_REFUSED
                    ? events.value(entry.topic(), entry.partition(), entry.offset())
                    : entry.original();
        }

        /**
         * @throws IllegalArgumentException when a line of the file is no rejected event
         */
        Outcome outcome(@Nullable Map<String, byte[]> lines) {
            if (lines != null && !seen.containsAll(lines.keySet())) {
                Set<String> unknown = new HashSet<>(lines.keySet());
                unknown.removeAll(seen);
                throw new IllegalArgumentException("no rejected events: " + unknown);
            }
            return new Outcome(taken, before, gone);
        }
    }
}
