package io.onevault.tracking.job.admit;

import io.onevault.tracking.enrich.AgentSummaries;
import java.io.Serializable;

/**
 * What is looked up of events before it is cut.
 *
 * @param places file that tells where addresses are; empty: none
 * @param agents how many user agents are remembered
 */
record LookUps(String places, int agents) implements Serializable {

    PlacesFile placesFile() {
        return new PlacesFile(places);
    }

    AgentSummaries agentSummaries() {
        return new AgentSummaries(agents);
    }
}
