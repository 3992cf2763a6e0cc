package io.onevault.tracking.contract;

import io.onevault.tracking.text.Sha256;
import java.nio.charset.StandardCharsets;

/** Keys of the records of the events topic. */
public final class RecordKeys {

    private static final int BUCKET_DIGITS = 3;

    private RecordKeys() {}

    /**
     * Tenant and one of 4,096 by session or else visitor, so that their events stay in order; many
     * share it, so that it tells of nobody.
     *
     * @param client an id of the session or visitor
     */
    public static byte[] of(String tenantBk, String client) {
        String bucket = Sha256.hex(client, 2).substring(0, BUCKET_DIGITS);
        return (tenantBk + '|' + bucket).getBytes(StandardCharsets.UTF_8);
    }
}
