package io.onevault.tracking.job.settings;

import io.onevault.tracking.access.Hmac;
import io.onevault.tracking.access.References;
import io.onevault.tracking.access.Secrecy;
import io.onevault.tracking.contract.HeaderProof;
import java.io.Serializable;
import java.time.LocalDate;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * What is derived from the job's privacy secret by HMAC-SHA-256. The job graph holds where the
 * secret is; the process that derives something first reads it then.
 */
public final class Secrets implements Serializable {

    private static final long serialVersionUID = 1;
    private static final int HEX_DIGITS = 32;

    // -- configuration
    private final String reference;

    // -- runtime
    private transient volatile @Nullable Hmac hmac;

    /**
     * @param reference names the secret, such as <code>${env:NAME}</code>
     */
    public Secrets(String reference) {
        this.reference = reference;
    }

    /** The visitor secret of a tenant that has none of its own, lower-case hex. */
    public String ofTenant(String tenantBk) {
        return HexFormat.of().formatHex(derive("tenant|" + tenantBk));
    }

    /** The salt of a day where salts are not random. */
    public byte[] ofDay(LocalDate day) {
        return derive("salt|" + day);
    }

    /** What proves that a header was written by one of the job's own programs. */
    public HeaderProof headerProof() {
        return new HeaderProof(derive(HeaderProof.KEY_PURPOSE));
    }

    /**
     * The key of one purpose, which tells nothing of the others'.
     *
     * @throws IllegalStateException when this process does not have the secret, or a useless one
     */
    byte[] derive(String purpose) {
        Hmac known = hmac;
        if (known == null) {
            known = new Hmac(bytes(References.resolve(reference).strip()));
            hmac = known;
        }
        return known.of(purpose);
    }

    private byte[] bytes(String hex) {
        if (hex.length() >= HEX_DIGITS) {
            try {
                return HexFormat.of().parseHex(hex);
            } catch (IllegalArgumentException withTheSecretInItsMessage) {
                // The message below says it without.
            }
        }
        throw new IllegalStateException(
                Secrecy.PRIVACY_SECRET
                        + ": "
                        + reference
                        + " must hold an even number of at least "
                        + HEX_DIGITS
                        + " hex digits");
    }
}
