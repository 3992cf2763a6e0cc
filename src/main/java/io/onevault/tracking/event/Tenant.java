package io.onevault.tracking.event;

import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A registered tenant and its settings for site tracking. Stays inside admission: the secret never
 * travels with an event nor reaches state.
 *
 * @param hk lower-case hex of {@code auth.tenant_h.tenant_hk}
 * @param visitorSecret secret of the visitor pseudonym, lower-case hex; never logged
 * @param latenessMillis how late an event may be to change its session; null: as the job allows,
 *     which is also the most
 * @param goals event types that count as conversions besides purchases
 * @param timeZone of the clock by which the tenant's days are counted
 * @param hosts hosts of the tenant's own sites; empty when it names none
 * @param formerSecrets those that it had before, the earliest first
 */
public record Tenant(
        String bk,
        String hk,
        String visitorSecret,
        SessionRules rules,
        @Nullable Long latenessMillis,
        List<String> goals,
        ZoneId timeZone,
        List<String> hosts,
        PrivacyRules privacy,
        List<FormerSecret> formerSecrets) {

    /** A tenant that has had one secret. */
    public Tenant(
            String bk,
            String hk,
            String visitorSecret,
            SessionRules rules,
            @Nullable Long latenessMillis,
            List<String> goals,
            ZoneId timeZone,
            List<String> hosts,
            PrivacyRules privacy) {
        this(
                bk,
                hk,
                visitorSecret,
                rules,
                latenessMillis,
                goals,
                timeZone,
                hosts,
                privacy,
                List.of());
    }

    /** The same tenant as it was under another secret. */
    public Tenant withSecret(String secret) {
        return new Tenant(bk, hk, secret, rules, latenessMillis, goals, timeZone, hosts, privacy);
    }

    /**
     * The tenant with the secret under which it reads what was appended at a time: whoever comes
     * again, as Kafka is read again, is who came before, also where that one is erased. What it had
     * before stays: who objects does so under all.
     */
    public Tenant asOf(Instant appended) {
        for (FormerSecret former : formerSecrets) {
            if (appended.isBefore(former.until())) {
                return withSecret(former.secret()).withFormerSecrets(formerSecrets);
            }
        }
        return this;
    }

    /** The same tenant with secrets that it had before. */
    public Tenant withFormerSecrets(List<FormerSecret> secrets) {
        return new Tenant(
                bk,
                hk,
                visitorSecret,
                rules,
                latenessMillis,
                goals,
                timeZone,
                hosts,
                privacy,
                secrets);
    }

    @Override
    public String toString() {
        return "Tenant[" + bk + "]";
    }
}
