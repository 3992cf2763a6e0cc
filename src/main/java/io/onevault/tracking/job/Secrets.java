package io.onevault.tracking.job;

import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.LocalDate;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** What is derived from the job's privacy secret by HMAC-SHA-256. */
final class Secrets implements Serializable {

    private static final long serialVersionUID = 1;
    private static final String HMAC = "HmacSHA256";
    private static final int RANDOM_BYTES = 32;

    private final String secretHex;

    Secrets(String secretHex) {
        this.secretHex = secretHex;
    }

    /** The visitor secret of a tenant that has none of its own, lower-case hex. */
    String ofTenant(String tenantBk) {
        return HexFormat.of().formatHex(derive("tenant|" + tenantBk));
    }

    /** The salt of a day where salts are not random. */
    byte[] ofDay(LocalDate day) {
        return derive("salt|" + day);
    }

    static byte[] random() {
        byte[] bytes = new byte[RANDOM_BYTES];
        new SecureRandom().nextBytes(bytes);
        return bytes;
    }

    private byte[] derive(String purpose) {
        try {
            Mac mac = Mac.getInstance(HMAC);
            mac.init(new SecretKeySpec(HexFormat.of().parseHex(secretHex), HMAC));
            return mac.doFinal(purpose.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has " + HMAC, e);
        }
    }
}
