package io.onevault.tracking.collector;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** Names bytes by their SHA-256. */
final class Sha256 {

    private Sha256() {}

    static byte[] of(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }
}
