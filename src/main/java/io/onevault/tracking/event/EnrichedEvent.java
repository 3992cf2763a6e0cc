package io.onevault.tracking.event;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An admitted event with everything looked up that the vault needs.
 *
 * @param page null when the event has no usable page URL
 * @param channel marketing channel, such as {@code organic_search}; see docs/event-contract.md
 * @param interactive whether a person did it, not a script by itself
 * @param suspicions those of admission and those found while enriching, in declared order
 */
public record EnrichedEvent(
        AdmittedEvent admitted,
        @Nullable Page page,
        Referrer referrer,
        Campaign campaign,
        String channel,
        Device device,
        boolean interactive,
        List<Suspicion> suspicions) {

    /** This event with other values where its own are beyond the tenant's caps. */
    public EnrichedEvent with(@Nullable Page keptPage, Campaign keptCampaign, List<Item> items) {
        return new EnrichedEvent(
                admitted.with(items),
                keptPage,
                referrer,
                keptCampaign,
                channel,
                device,
                interactive,
                suspicions);
    }

    /** This event as one that was loaded before, at the time at which it was. */
    public EnrichedEvent repeated(Instant occurredAt) {
        return new EnrichedEvent(
                admitted.repeated(occurredAt),
                page,
                referrer,
                campaign,
                channel,
                device,
                interactive,
                suspicions);
    }
}
