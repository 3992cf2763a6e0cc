package io.onevault.tracking.contract;

import io.onevault.tracking.event.RejectReason;
import org.jspecify.annotations.Nullable;

/** Ends the decoding of one record; carries no stack trace, as bad input is no bug. */
final class Violation extends RuntimeException {

    private final RejectReason reason;
    private final @Nullable String field;
    private final @Nullable String expected;

    Violation(RejectReason reason, @Nullable String field, @Nullable String expected) {
        super(reason.name(), null, false, false);
        this.reason = reason;
        this.field = field;
        this.expected = expected;
    }

    RejectReason reason() {
        return reason;
    }

    @Nullable String field() {
        return field;
    }

    @Nullable String expected() {
        return expected;
    }

    /** The same violation, its field seen from the container that holds it. */
    Violation within(String container) {
        return new Violation(reason, field == null ? container : container + "." + field, expected);
    }
}
