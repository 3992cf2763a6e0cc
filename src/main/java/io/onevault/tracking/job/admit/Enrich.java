package io.onevault.tracking.job.admit;

import io.onevault.tracking.enrich.Campaigns;
import io.onevault.tracking.enrich.Channels;
import io.onevault.tracking.enrich.PageUrls;
import io.onevault.tracking.enrich.PassiveTypes;
import io.onevault.tracking.enrich.Referrers;
import io.onevault.tracking.enrich.UserAgents;
import io.onevault.tracking.event.AdmittedEvent;
import io.onevault.tracking.event.Campaign;
import io.onevault.tracking.event.Device;
import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.event.Page;
import io.onevault.tracking.event.PageContext;
import io.onevault.tracking.event.Referrer;
import io.onevault.tracking.event.Suspicion;
import java.util.List;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichMapFunction;

/** Looks up what the vault wants to know beyond the event itself. */
final class Enrich extends RichMapFunction<AdmittedEvent, EnrichedEvent> {

    private static final long serialVersionUID = 1;

    // -- configuration
    private final int userAgentCache;

    // -- runtime
    private transient UserAgents userAgents;

    /**
     * @param userAgentCache how many parsed user agents are kept
     */
    Enrich(int userAgentCache) {
        this.userAgentCache = userAgentCache;
    }

    @Override
    public void open(OpenContext context) {
        userAgents = new UserAgents(userAgentCache);
    }

    @Override
    public EnrichedEvent map(AdmittedEvent admitted) {
        PageContext context = admitted.event().page();
        Page page = PageUrls.normalise(context.url());
        Referrer referrer =
                Referrers.of(context.referrer(), page, admitted.session().ownReferrer());
        Campaign campaign = Campaigns.of(context.url());
        Device device =
                userAgents.parse(admitted.event().client().userAgent(), admitted.session().named());
        List<Suspicion> suspicions =
                device.bot()
                        ? Suspicion.with(admitted.suspicions(), Suspicion.BOT)
                        : admitted.suspicions();
        return new EnrichedEvent(
                admitted,
                page,
                referrer,
                campaign,
                Channels.of(campaign, referrer),
                device,
                PassiveTypes.isInteractive(admitted.event()),
                suspicions);
    }
}
