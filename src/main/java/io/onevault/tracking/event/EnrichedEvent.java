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
        return with(admitted.with(items), keptPage, keptCampaign);
    }

    /** This event at another time, which another delivery of it told. */
    public EnrichedEvent at(Instant time) {
        return with(admitted.at(time), page, campaign);
    }

    /** This event as one that was loaded before. */
    public EnrichedEvent repeated() {
        return with(admitted.repeated(), page, campaign);
    }

    private EnrichedEvent with(AdmittedEvent other, @Nullable Page itsPage, Campaign itsCampaign) {
        return new EnrichedEvent(
                other, itsPage, referrer, itsCampaign, channel, device, interactive, suspicions);
    }
}
