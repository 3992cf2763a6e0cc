package io.onevault.tracking.enrich;

import io.onevault.tracking.access.Hmac;
import java.time.LocalDate;

/**
 * What stands for a page view whose visitor is not kept, in all of its events of one day.
 *
 * @param id of the page view
 * @param visitorBk the pseudonym, of the page view alone
 */
public record AnonymousView(String id, String visitorBk) {

    /**
     * @param keyed what makes hashes under the tenant's secret
     * @param day by the tenant's clock
     * @param pageViewId free of personal data
     */
    public static AnonymousView of(Hmac keyed, LocalDate day, String pageViewId) {
        return Pseudonyms.ofView(keyed, day, pageViewId);
    }
}
