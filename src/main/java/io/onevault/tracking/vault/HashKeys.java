package io.onevault.tracking.vault;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Hash keys of hubs and links; SQL computes the same with {@code util.generate_tenant_derived_hk}
 * and {@code util.hash_binary}. Not thread-safe.
 */
final class HashKeys {

    private static final HexFormat HEX = HexFormat.of();

    private final MessageDigest digest = sha256();

    /** SHA-256 of {@code hex(tenant_hk) + '|' + business_key}. */
    byte[] hub(String tenantHk, String businessKey) {
        return hash(tenantHk + '|' + businessKey);
    }

    /** SHA-256 of {@code hex(hk1) + '|' + hex(hk2) + '|' + hex(tenant_hk)}. */
    byte[] link(byte[] hk1, byte[] hk2, String tenantHk) {
        return hash(HEX.formatHex(hk1) + '|' + HEX.formatHex(hk2) + '|' + tenantHk);
    }

    /** SHA-256 of the text in UTF-8. */
    byte[] hash(String text) {
        return hash(text.getBytes(StandardCharsets.UTF_8));
    }

    /** SHA-256 of the bytes. */
    byte[] hash(byte[] bytes) {
        return digest.digest(bytes);
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
