package io.onevault.tracking.access;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/** HMAC-SHA-256 under one secret, as RFC 2104 makes it. */
public final class Hmac {

    private static final int BLOCK_BYTES = 64;
    private static final byte INNER = 0x36;
    private static final byte OUTER = 0x5c;

    private final byte[] innerKey;
    private final byte[] outerKey;

    /**
     * Each has hashed its key alone, which is half of the time for a short text, and is only ever
     * copied, which needs no lock. Java's own {@code Mac} hashes the outer key for each text again.
     */
    private final MessageDigest inner;

    private final MessageDigest outer;

    /**
     * @param secret not empty
     */
    public Hmac(byte[] secret) {
        if (secret.length == 0) {
            throw new IllegalArgumentException("an HMAC needs a secret");
        }
        byte[] key = secret.length > BLOCK_BYTES ? sha256().digest(secret) : secret;
        this.innerKey = padded(key, INNER);
        this.outerKey = padded(key, OUTER);
        this.inner = begin(innerKey);
        this.outer = begin(outerKey);
    }

    /** The 32 bytes for a text in UTF-8. */
    public byte[] of(String text) {
        return of(text.getBytes(StandardCharsets.UTF_8));
    }

    /** The 32 bytes for the bytes, one array after the other. */
    public byte[] of(byte[]... parts) {
        MessageDigest message = copy(inner, innerKey);
        for (byte[] part : parts) {
            message.update(part);
        }
        return copy(outer, outerKey).digest(message.digest());
    }

    private static byte[] padded(byte[] key, byte with) {
        byte[] padded = Arrays.copyOf(key, BLOCK_BYTES);
        for (int i = 0; i < padded.length; i++) {
            padded[i] ^= with;
        }
        return padded;
    }

    private static MessageDigest begin(byte[] key) {
        MessageDigest digest = sha256();
        digest.update(key);
        return digest;
    }

    private static MessageDigest copy(MessageDigest begun, byte[] key) {
        try {
            return (MessageDigest) begun.clone();
        } catch (CloneNotSupportedException e) {
            // A provider may hash in hardware.
            return begin(key);
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
