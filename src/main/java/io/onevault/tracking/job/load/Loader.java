package io.onevault.tracking.job.load;

import io.onevault.tracking.vault.Heartbeat;
import java.io.Serializable;

/**
 * How a step reaches the database and shows there that it is alive.
 *
 * @param retries how often a micro-batch is tried again
 * @param heartbeat what an empty micro-batch asks for
 */
record Loader(VaultConnection connection, int retries, Heartbeat heartbeat)
        implements Serializable {}
