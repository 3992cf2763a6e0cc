package io.onevault.tracking.vault;

import io.onevault.tracking.text.HexText;
import io.onevault.tracking.text.Sha256;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/**
 * Hash keys of hubs and links; SQL computes the same with {@code util.generate_tenant_derived_hk}
 * and {@code util.hash_binary}. Not thread-safe.
 */
final class HashKeys {

    private final MessageDigest digest = Sha256.digest();

    /** SHA-256 of {@code hex(tenant_hk) + '|' + business_key}. */
    byte[] hub(String tenantHk, String businessKey) {
        return hash(tenantHk + '|' + businessKey);
    }

    /** SHA-256 of {@code hex(hk1) + '|' + hex(hk2) + '|' + hex(tenant_hk)}. */
    byte[] link(byte[] hk1, byte[] hk2, String tenantHk) {
        return hash(HexText.of(hk1) + '|' + HexText.of(hk2) + '|' + tenantHk);
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
