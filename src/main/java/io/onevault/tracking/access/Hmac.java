package io.onevault.tracking.access;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** HMAC-SHA-256 under one secret. */
public final class Hmac {

    private static final String ALGORITHM = "HmacSHA256";

    private final SecretKeySpec key;

    /**
     * Has hashed the key alone, which is half of the time for a short text, and is only ever
     * copied, which needs no lock.
     */
    private final Mac begun;

    /**
     * @param secret not empty
     */
    public Hmac(byte[] secret) {
        this.key = new SecretKeySpec(secret, ALGORITHM);
        this.begun = begin(key);
        begun.update(new byte[0]);
    }

    /** The 32 bytes for a text in UTF-8. */
    public byte[] of(String text) {
        return of(text.getBytes(StandardCharsets.UTF_8));
    }

    /** The 32 bytes for the bytes, one array after the other. */
    public byte[] of(byte[]... parts) {
        Mac mac = mac();
        for (byte[] part : parts) {
            mac.update(part);
        }
        return mac.doFinal();
    }

    private Mac mac() {
        try {
            return (Mac) begun.clone();
        } catch (CloneNotSupportedException e) {
            // A provider may keep keys in hardware.
            return begin(key);
        }
    }

    private static Mac begin(SecretKeySpec key) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            return mac;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has " + ALGORITHM, e);
        }
    }
}
