package io.onevault.tracking.contract;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Proves that a header that steers the job was written by one of its own programs, which share its
 * secret: whoever may only produce to the topic can set neither time nor provenance.
 */
public final class HeaderProof {

    /** Header of the proof itself: 32 bytes. */
    public static final String HEADER = "site-tracking-proof";

    /**
     * Header of a record without value: decimal epoch milliseconds before which no event follows in
     * its partition.
     */
    public static final String TICK_HEADER = "site-tracking-tick";

    private static final String HMAC = "HmacSHA256";

    /** What the key is derived for. */
    public static final String KEY_PURPOSE = "headers";

    private static final String RECOVERY = "recovery";

    private final SecretKeySpec key;

    /**
     * @param key derived from the job's privacy secret, for this purpose alone
     */
    public HeaderProof(byte[] key) {
        this.key = new SecretKeySpec(key, HMAC);
    }

    /**
     * Derives the key.
     *
     * @param secretHex the job's privacy secret
     * @throws IllegalArgumentException where that is no hex, without showing it
     */
    public static HeaderProof under(String secretHex) {
        if (!secretHex.matches("([0-9a-fA-F]{2}){16,}")) {
            throw new IllegalArgumentException(
                    "privacy.secret must be an even number of at least 32 hex digits");
        }
        Mac mac = mac(new SecretKeySpec(HexFormat.of().parseHex(secretHex), HMAC));
        return new HeaderProof(mac.doFinal(KEY_PURPOSE.getBytes(StandardCharsets.UTF_8)));
    }

    /** The proof of a tick, which holds in its partition only. */
    public byte[] ofTick(String topic, int partition, byte[] tick) {
        byte[] place = (topic + '/' + partition).getBytes(StandardCharsets.UTF_8);
        return mac(key, TICK_HEADER.getBytes(StandardCharsets.UTF_8), place, tick);
    }

    /** The proof of where an event comes from that is submitted again, which holds for it only. */
    public byte[] ofRecovery(byte[] recovery, byte[] event) {
        return mac(key, RECOVERY.getBytes(StandardCharsets.UTF_8), recovery, event);
    }

    /** Compares without telling by its duration how much is right. */
    public static boolean isEqual(byte[] proof, byte @Nullable [] given) {
        return MessageDigest.isEqual(proof, given);
    }

    private static byte[] mac(SecretKeySpec key, byte[]... parts) {
        Mac mac = mac(key);
        for (byte[] part : parts) {
            mac.update(ByteBuffer.allocate(Integer.BYTES).putInt(part.length).flip());
            mac.update(part);
        }
        return mac.doFinal();
    }

    private static Mac mac(SecretKeySpec key) {
        try {
            Mac mac = Mac.getInstance(HMAC);
            mac.init(key);
            return mac;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has " + HMAC, e);
        }
    }
}
