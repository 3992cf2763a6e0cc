package io.onevault.tracking.local;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.LinkedHashMap;
import java.util.Map;

/** The result of a drained run, one line of JSON. */
record Summary(Ledger ledger, long sessions) {

    String toJson() throws JsonProcessingException {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("received", ledger.received());
        members.put("loaded", ledger.loaded());
        members.put("duplicates", ledger.duplicates());
        members.put("rejected", ledger.rejected());
        members.put("late", ledger.late());
        members.put("sessions", sessions);
        return new ObjectMapper().writeValueAsString(members);
    }
}
