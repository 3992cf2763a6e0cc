package io.onevault.tracking.vault;

import java.util.Arrays;

/** A hash key, by its bytes. */
record HashKey(byte[] bytes) {

    @Override
    public boolean equals(Object other) {
        return other instanceof HashKey key && Arrays.equals(bytes, key.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }
}
