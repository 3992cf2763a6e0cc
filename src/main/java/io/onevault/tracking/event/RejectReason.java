package io.onevault.tracking.event;

/**
 * Why an event was refused. Documented in docs/event-contract.md; constants are stored by name and
 * never removed.
 */
public enum RejectReason {
    /** The record has no bytes. */
    EMPTY,
    /** The record is longer than 64 KiB. */
    TOO_LARGE,
    /** The bytes are not UTF-8, or a text holds a lone surrogate. */
    INVALID_UNICODE,
    /** A text holds U+0000, which PostgreSQL cannot store. */
    NUL_CHARACTER,
    /** The text is not well-formed JSON. */
    MALFORMED_JSON,
    /** The JSON is nested deeper than the contract allows. */
    TOO_DEEP,
    /** The JSON value is not an object. */
    NOT_AN_OBJECT,
    /** The tenant is missing or blank. */
    MISSING_TENANT,
    /** No tenant of this name is registered. */
    UNKNOWN_TENANT,
    /** Several registered tenants have this name. */
    AMBIGUOUS_TENANT,
    /** The tenants could not be read in time to tell whether one of this name is registered. */
    TENANTS_UNREADABLE,
    /** The payload names two different tenants, or another one than its API key. */
    TENANT_MISMATCH,
    /** The event type is missing or blank. */
    MISSING_EVENT_TYPE,
    /** A member has a JSON type that the contract does not allow. */
    WRONG_TYPE,
    /** A time is neither ISO-8601 with a zone nor epoch milliseconds. */
    INVALID_TIMESTAMP,
    /** A number lies outside its range. */
    OUT_OF_RANGE,
    /** An identifying text is longer than its limit and cannot be cut without changing meaning. */
    ID_TOO_LONG,
    /** There are more items, members or elements than the contract allows. */
    TOO_MANY,
    /** The database refused the row; the detail holds its SQLSTATE. */
    DATABASE_REFUSED,
    /** The tenant keeps nothing without consent; the event is counted and nothing of it is kept. */
    NO_CONSENT
}
