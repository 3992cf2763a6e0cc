package io.onevault.tracking.job.admit;

import io.onevault.tracking.event.Identity;
import io.onevault.tracking.event.Tenant;

/** Ids as a subtask of the job that has just begun hashes them, for who measures it. */
public final class AdmittedIds {

    private final Identities identities = new Identities();

    public Identity of(Tenant tenant, Identity identity) {
        return identities.of(tenant, identity);
    }
}
