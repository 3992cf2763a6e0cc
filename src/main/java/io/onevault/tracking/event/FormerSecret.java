package io.onevault.tracking.event;

import java.time.Instant;

/**
 * A visitor secret that a tenant had before the one that it has.
 *
 * @param secret lower-case hex; never logged
 * @param until what was appended before it is read under this secret, whenever it is read
 */
public record FormerSecret(String secret, Instant until) {

    @Override
    public String toString() {
        return "FormerSecret[until " + until + "]";
    }
}
