package io.onevault.tracking.contract;

import io.onevault.tracking.event.Limits;
import io.onevault.tracking.event.RejectReason;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Decodes the bytes of one record by the event contract; whatever they are, the outcome is a value.
 *
 * <p>Checks the form of the record first, then its members in the order of the contract, and
 * reports the first breach. Safe for use by several threads.
 */
public final class TrackerEventDecoder {

    private static final byte[] NOTHING = new byte[0];

    private final RawEventReader reader = new RawEventReader();
    private final RejectedRecordReader rejectedReader;
    private final UnaryOperator<String> redactText;

    /** One that leaves the texts of events to others. */
    public TrackerEventDecoder(UnaryOperator<String> redactJson) {
        this(redactJson, UnaryOperator.identity());
    }

    /**
     * @param redactJson takes personal data out of JSON; applied to the payload of a rejected
     *     record, not to valid events
     * @param redactText takes it out of a text or a URL; applied before one is cut, as nobody
     *     recognises half of an address
     */
    public TrackerEventDecoder(UnaryOperator<String> redactJson, UnaryOperator<String> redactText) {
        this.rejectedReader = new RejectedRecordReader(redactJson);
        this.redactText = redactText;
    }

    /** Decodes one record; null stands for a record without a value. */
    public Decoded decode(byte @Nullable [] value) {
        try {
            return valid(value);
        } catch (Violation violation) {
            return rejectedReader.read(violation, value == null ? NOTHING : value);
        }
    }

    /** The outcome where neither a valid event nor its record tells a time. */
    public Decoded.Rejected withoutTime(byte[] value) {
        return rejectedReader.read(
                Member.RECEIVED_AT.breach(
                        RejectReason.INVALID_TIMESTAMP,
                        "a time of reception, as the record's own cannot be believed"),
                value);
    }

    private Decoded valid(byte @Nullable [] value) {
        if (value == null || value.length == 0) {
            throw new Violation(RejectReason.EMPTY, null, "a JSON object");
        }
        if (value.length > Limits.RECORD_BYTES) {
            throw new Violation(
                    RejectReason.TOO_LARGE, null, "at most " + Limits.RECORD_BYTES + " bytes");
        }
        Utf8.check(value);
        return new EventBuilder(reader.read(value), redactText).build();
    }
}
