package io.onevault.tracking.contract;

import java.util.Map;

/**
 * One record after parsing, before its members are given types.
 *
 * @param others members outside the contract, top level
 * @param dataOthers members outside the contract in {@code event_data}
 */
record RawEvent(RawMembers members, Map<String, Object> others, Map<String, Object> dataOthers) {}
