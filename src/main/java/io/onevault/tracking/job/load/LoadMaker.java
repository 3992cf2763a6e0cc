package io.onevault.tracking.job.load;

import io.onevault.tracking.vault.VaultLoad;
import java.io.Serializable;

/** Makes the load where it is used: it holds what can't travel. */
@FunctionalInterface
interface LoadMaker<T> extends Serializable {
    VaultLoad<T> make();
}
