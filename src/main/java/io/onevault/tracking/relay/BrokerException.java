package io.onevault.tracking.relay;

/** The broker did not acknowledge what it was sent; the message says why. */
final class BrokerException extends Exception {

    private static final long serialVersionUID = 1;

    BrokerException(String message, Throwable cause) {
        super(message, cause);
    }
}
