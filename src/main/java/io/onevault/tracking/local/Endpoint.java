package io.onevault.tracking.local;

/** A door of the stack that listens on a port of 127.0.0.1. */
public enum Endpoint {
    KAFKA,
    CONTROLLER,
    POSTGRES,
    WEB,
    COLLECTOR;

    /** The name under which the data directory remembers the port. */
    String key() {
        return "port." + name().toLowerCase(java.util.Locale.ROOT);
    }
}
