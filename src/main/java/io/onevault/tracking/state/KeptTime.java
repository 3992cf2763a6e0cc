package io.onevault.tracking.state;

import java.util.Map;

/**
 * What a reading subtask knew of time and of its input.
 *
 * @param nextOffsets by Kafka partition the offset after the last record read
 * @param watermark the greatest one that steps behind were told, epoch milliseconds; {@link
 *     Long#MIN_VALUE} for none
 * @param silent whether the subtask's input had fallen silent, so that it held nobody back
 */
public record KeptTime(Map<Integer, Long> nextOffsets, long watermark, boolean silent) {}
