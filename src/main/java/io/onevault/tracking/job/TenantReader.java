package io.onevault.tracking.job;

import java.io.Serializable;

/** Reads the registered tenants; tests give their own. */
@FunctionalInterface
interface TenantReader extends Serializable {

    /**
     * @throws Exception when they can't be read now
     */
    Tenants read() throws Exception;
}
