package io.onevault.tracking.local;

import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Sends all lines of an input to the topic. */
final class Playing {

    private static final Duration SECOND = Duration.ofSeconds(1);

    /** The job asks again for unknown tenants after a fifth of a second. */
    private static final Duration TENANT_PAUSE = Duration.ofMillis(400);

    // -- configuration
    private final TrackerProducer producer;
    private final @Nullable TenantRegistry registry;
    private final SessionNames names;
    private final Interrupts interrupts;
    private final Progress progress;

    // -- runtime
    private long lines;

    /**
     * @param registry where tenants of the lines are entered before the line is sent, or null
     * @param names is told what sessions are called
     */
    Playing(
            TrackerProducer producer,
            @Nullable TenantRegistry registry,
            SessionNames names,
            Interrupts interrupts,
            Progress progress) {
        this.producer = producer;
        this.registry = registry;
        this.names = names;
        this.interrupts = interrupts;
        this.progress = progress;
    }

    /** Plays to the end of the input and returns how many lines were sent. */
    long play(Input input) throws IOException, SQLException, InterruptedException {
        long started = System.nanoTime();
        for (Input.Line line = input.next(); line != null; line = input.next()) {
            RecordKey key = RecordKey.of(line.bytes());
            if (registry != null && registry.register(key.tenantBk())) {
                interrupts.pause(TENANT_PAUSE);
            }
            names.note(key.tenantBk(), key.sessionId());
            producer.send(line.bytes(), key.bytes());
            lines++;
            report(line, started);
        }
        producer.flush();
        return lines;
    }

    private void report(Input.Line line, long started) {
        if (line.cutBytes() > 0) {
            progress.say(
                    "Line "
                            + lines
                            + " has "
                            + (line.bytes().length + line.cutBytes())
                            + " bytes; its first "
                            + line.bytes().length
                            + " were sent, and the job will reject it as too large");
        }
        if (interrupts.isAsked()) {
            throw new StopRequestedException();
        }
        if (progress.isDue()) {
            double seconds = (System.nanoTime() - started) / (double) SECOND.toNanos();
            progress.update("Sent %,d lines, %,.0f a second", lines, lines / seconds);
        }
    }
}
