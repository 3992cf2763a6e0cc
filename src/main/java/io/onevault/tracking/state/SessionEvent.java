package io.onevault.tracking.state;

import io.onevault.tracking.event.Campaign;
import io.onevault.tracking.event.CodePoints;
import io.onevault.tracking.event.Device;
import io.onevault.tracking.event.Place;
import io.onevault.tracking.event.Referrer;
import io.onevault.tracking.event.SessionRules;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What sessions need to know of an event.
 *
 * @param sessionId what sessions are keyed by: the client's session id, with the visitor where it
 *     does not name a session by itself, else the visitor
 * @param clientSessionId the client's session id
 * @param sequence the client's count, which orders events of one instant
 * @param loadDate {@code load_date} of the event
 * @param type of the event; empty where it comes to be forgotten, which is never kept
 * @param conversion whether the event counts as a conversion
 * @param revenue value of a purchase that counts
 * @param refund what a refund gives back
 * @param ownRules the rules of the tenant at the event's admission; null: the default ones
 * @param correctedAt of a correction, which says that another event counts for the transaction: the
 *     {@code load_date} of that one; null in the event itself
 * @param ownLatenessMillis how far the watermark may be beyond its session for the event to join
 *     it; null: as far as the job allows
 * @param repeated whether the event was loaded before, by a run of the job whose state is lost
 * @param itemMoney what its items tell where it trades and names no value
 * @param place where the client's address was
 * @param itemIds the items that it names; null: state of before they were kept
 * @param leftAfterMillis of a page ping that ends a page view or its being seen: how long it was
 *     seen in all
 */
public record SessionEvent(
        String tenantHk,
        String sessionId,
        @Nullable String clientSessionId,
        String eventBk,
        String visitorBk,
        Instant occurredAt,
        @Nullable Long sequence,
        Instant loadDate,
        String type,
        boolean interactive,
        @Nullable String pageViewId,
        @Nullable String pageUrl,
        boolean conversion,
        @Nullable String transactionId,
        @Nullable BigDecimal revenue,
        @Nullable BigDecimal refund,
        @Nullable String currency,
        Referrer referrer,
        String channel,
        Campaign campaign,
        Device device,
        @Nullable String language,
        @Nullable SessionRules ownRules,
        @Nullable Instant correctedAt,
        @Nullable Long ownLatenessMillis,
        boolean repeated,
        @Nullable ItemMoney itemMoney,
        @Nullable Place place,
        @Nullable List<String> itemIds,
        @Nullable Long leftAfterMillis) {

    private static final Comparator<@Nullable Long> SEQUENCES =
            Comparator.nullsFirst(Comparator.naturalOrder());

    /**
     * Its place against another event's: ties in event time are broken by the client's sequence,
     * those without one first, and then by the event's key.
     */
    public int comparePlace(Instant otherAt, @Nullable Long otherSequence, String otherBk) {
        int order = occurredAt.compareTo(otherAt);
        if (order == 0) {
            order = SEQUENCES.compare(sequence, otherSequence);
        }
        return order == 0 ? CodePoints.compare(eventBk, otherBk) : order;
    }

    /** Robots and people share no session and no transaction. */
    public boolean robot() {
        return device.bot();
    }

    /** Whether it tells money that counts once for its transaction. */
    public boolean pays() {
        return revenue != null || itemMoney != null;
    }

    /** Whether it comes once more to be forgotten, as its visitor was erased. */
    public boolean isForgotten() {
        return type.isEmpty();
    }

    public SessionRules rules() {
        return ownRules == null ? SessionRules.DEFAULT : ownRules;
    }

    /** This event, counting for its transaction as told. */
    public SessionEvent counting(
            boolean asConversion, boolean asRevenue, @Nullable Instant corrected) {
        return new SessionEvent(
                tenantHk,
                sessionId,
                clientSessionId,
                eventBk,
                visitorBk,
                occurredAt,
                sequence,
                loadDate,
                type,
                interactive,
                pageViewId,
                pageUrl,
                asConversion,
                transactionId,
                asRevenue ? revenue : null,
                refund,
                currency,
                referrer,
                channel,
                campaign,
                device,
                language,
                ownRules,
                corrected,
                ownLatenessMillis,
                repeated,
                asRevenue ? itemMoney : null,
                place,
                itemIds,
                leftAfterMillis);
    }
}
