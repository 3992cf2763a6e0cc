/**
 * The event contract: JSON to event and back, event time, event keys and the rejected-event format.
 *
 * <p>Pure code without clock, network or configuration; docs/event-contract.md states its rules.
 */
package io.onevault.tracking.contract;
