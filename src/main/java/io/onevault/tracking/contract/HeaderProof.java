package io.onevault.tracking.contract;

import io.onevault.tracking.access.Hmac;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
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

    /** What the key is derived for. */
    public static final String KEY_PURPOSE = "headers";

    private static final String RECOVERY = "recovery";

    private final Hmac hmac;

    /**
     * @param key derived from the job's privacy secret, for this purpose alone
     */
    public HeaderProof(byte[] key) {
        this.hmac = new Hmac(key);
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
        return new HeaderProof(new Hmac(HexFormat.of().parseHex(secretHex)).of(KEY_PURPOSE));
    }

    /** The proof of a tick, which holds in its partition only. */
    public byte[] ofTick(String topic, int partition, byte[] tick) {
        byte[] place = (topic + '/' + partition).getBytes(StandardCharsets.UTF_8);
        return proof(TICK_HEADER.getBytes(StandardCharsets.UTF_8), place, tick);
    }

    /** The proof of where an event comes from that is submitted again, which holds for it only. */
    public byte[] ofRecovery(byte[] recovery, byte[] event) {
        return proof(RECOVERY.getBytes(StandardCharsets.UTF_8), recovery, event);
    }

    /** Compares without telling by its duration how much is right. */
    public static boolean isEqual(byte[] proof, byte @Nullable [] given) {
        return MessageDigest.isEqual(proof, given);
    }

    /** Each part behind its length, so that no two lists of parts give the same. */
    private byte[] proof(byte[]... parts) {
        byte[][] told = new byte[2 * parts.length][];
        for (int i = 0; i < parts.length; i++) {
            told[2 * i] = ByteBuffer.allocate(Integer.BYTES).putInt(parts[i].length).array();
            told[2 * i + 1] = parts[i];
        }
        return hmac.of(told);
    }
}
