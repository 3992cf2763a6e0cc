package io.onevault.tracking.event;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One tracker event in canonical form: aliases resolved, {@code event_data} lifted, texts
 * normalised to NFC without outer white space. See docs/event-contract.md.
 *
 * @param eventId the client's id of the event, without prefix
 * @param type {@code evt_type}: a known type or any custom one
 * @param properties members outside the contract, as the canonical text of a JSON object
 */
public record TrackerEvent(
        String tenantBk,
        @Nullable String eventId,
        String type,
        Action action,
        Identity identity,
        PageContext page,
        Timing timing,
        Interaction interaction,
        ClientContext client,
        Purchase purchase,
        List<Item> items,
        String properties) {}
