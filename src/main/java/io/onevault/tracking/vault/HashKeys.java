package io.onevault.tracking.vault;

import io.onevault.tracking.text.Sha256;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/**
 * Hash keys of hubs and links; SQL computes the same with {@code util.generate_tenant_derived_hk}
 * and {@code util.hash_binary}. Not thread-safe.
 */
final class HashKeys {

    private static final byte[] DIGITS = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final int KEY_DIGITS = 64;
    private static final int LINK_CHARS = 3 * KEY_DIGITS + 2;

    private final MessageDigest digest = Sha256.digest();
    private final byte[] link = new byte[LINK_CHARS];

    /** SHA-256 of {@code hex(tenant_hk) + '|' + business_key}. */
    byte[] hub(String tenantHk, String businessKey) {
        return hash(tenantHk + '|' + businessKey);
    }

    /** SHA-256 of {@code hex(hk1) + '|' + hex(hk2) + '|' + hex(tenant_hk)}. */
    byte[] link(byte[] hk1, byte[] hk2, String tenantHk) {
        int end = hex(hk1, 0);
        link[end++] = '|';
        end = hex(hk2, end);
        link[end++] = '|';
        for (int i = 0; i < KEY_DIGITS; i++) {
            link[end++] = (byte) tenantHk.charAt(i);
        }
        return hash(link);
    }

    private int hex(byte[] hk, int from) {
        int end = from;
        for (byte b : hk) {
            link[end++] = DIGITS[b >> 4 & 0xf];
            link[end++] = DIGITS[b & 0xf];
        }
        return end;
    }

    /** SHA-256 of the text in UTF-8. */
    byte[] hash(String text) {
        return hash(text.getBytes(StandardCharsets.UTF_8));
    }

    /** SHA-256 of the bytes. */
    byte[] hash(byte[] bytes) {
        return digest.digest(bytes);
    }
}
