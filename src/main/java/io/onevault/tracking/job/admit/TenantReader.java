package io.onevault.tracking.job.admit;

import java.io.Serializable;

/** Reads the registered tenants; tests give their own. */
@FunctionalInterface
interface TenantReader extends Serializable {

    /**
     * @param memory the salts that the job has used, whatever the database holds
     * @throws Exception when they can't be read now
     */
    Tenants read(SaltMemory memory) throws Exception;

    /**
     * The same, which tells besides what was erased, and the database whom requests mean; to be
     * used where this is called.
     */
    default TenantReader telling(ErasedEvents erased) {
        return this;
    }
}
