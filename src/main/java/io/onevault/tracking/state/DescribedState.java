package io.onevault.tracking.state;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The latest description of a visitor, a page or an item.
 *
 * @param loadDate of the event that gave it
 */
public record DescribedState(Instant loadDate, List<@Nullable String> values) {}
