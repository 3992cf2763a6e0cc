package io.onevault.tracking.recover;

import io.onevault.tracking.contract.RejectedEntry;
import io.onevault.tracking.event.RejectReason;
import io.onevault.tracking.program.Program;
import io.onevault.tracking.program.ProgramException;
import java.io.IOException;
import java.io.LineNumberReader;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.BiConsumer;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Command line: submits rejected events again, each once. */
@Command(
        name = "Recover",
        description = {
            "Submits rejected events again, to the topic and partition that they came from. An"
                    + " event is recovered once, however often this is run. Those that are rejected"
                    + " again are rejected events of their own.",
            "",
            "Of the job's configuration kafka.bootstrap-servers, kafka.rejected-topic,"
                    + " kafka.property.* and privacy.secret are used; that one proves to the job"
                    + " where events come from. The environment's"
                    + " SITE_TRACKING_KAFKA_BOOTSTRAP_SERVERS, SITE_TRACKING_KAFKA_REJECTED_TOPIC"
                    + " and SITE_TRACKING_KAFKA_PROPERTY_<NAME> beat the file and are beaten by"
                    + " options.",
            ""
        })
public final class Recover implements Callable<Integer> {

    private final PrintStream out;
    private final Map<String, String> environment;

    @Mixin private RecoverOptions options = new RecoverOptions();

    Recover(PrintStream out, Map<String, String> environment) {
        this.out = out;
        this.environment = environment;
    }

    public static void main(String[] args) {
        Program.main(new Recover(System.out, System.getenv()), args);
    }

    @Override
    public Integer call() throws IOException {
        options.complete(environment);
        try {
            out.println(recover(options));
            return Program.OK;
        } catch (IllegalArgumentException e) {
            throw new ProgramException(Program.FAILED, e.getMessage(), e);
        } catch (KafkaException e) {
            String servers = options.kafka().bootstrapServers();
            throw new ProgramException(
                    Program.AWAY, "Kafka at " + servers + ": " + e.getMessage(), e);
        }
    }

    private static Outcome recover(RecoverOptions options) throws IOException {
        Path export = options.export;
        if (export != null) {
            try (PrintWriter file = new PrintWriter(Files.newBufferedWriter(export))) {
                return select(
                        options, (entry, event) -> file.println(EventLine.write(entry, event)));
            }
        }
        if (options.dryRun) {
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
        Map<String, byte[]> edited = edited(options.input);
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
        try (LineNumberReader file = new LineNumberReader(Files.newBufferedReader(input))) {
            for (String line = file.readLine(); line != null; line = file.readLine()) {
                if (!line.isBlank()) {
                    EventLine event = EventLine.parse(line, file.getLineNumber());
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
