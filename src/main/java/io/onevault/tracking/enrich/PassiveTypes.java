package io.onevault.tracking.enrich;

import io.onevault.tracking.event.TrackerEvent;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Tells what a person did from what scripts send by themselves, by passive-types.csv. */
public final class PassiveTypes {

    private static final Set<String> PASSIVE = types();

    private PassiveTypes() {}

    /** Whether a person did it: what the client says, or else whether its type is not passive. */
    public static boolean isInteractive(TrackerEvent event) {
        @Nullable Boolean told = event.interaction().interactive();
        return told == null ? !isPassive(event.type()) : told;
    }

    /** Whether scripts send events of this type without a person doing anything. */
    public static boolean isPassive(String type) {
        return PASSIVE.contains(type);
    }

    private static Set<String> types() {
        List<String[]> rows = ReferenceList.rows("passive-types.csv", 2);
        return Set.copyOf(rows.stream().map(row -> row[0]).toList());
    }
}
