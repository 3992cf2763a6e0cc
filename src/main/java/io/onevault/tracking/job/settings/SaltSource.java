package io.onevault.tracking.job.settings;

/** Where the daily salts of cookieless visitors come from. */
public enum SaltSource {
    /** Made at random, kept in the database, deleted after 48 hours. */
    RANDOM,
    /** Computed from the privacy secret and the day; repeatable, so for tests only. */
    DERIVED
}
