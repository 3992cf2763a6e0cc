package io.onevault.tracking.enrich;

import io.onevault.tracking.event.TrackerEvent;
import java.util.List;
import java.util.Locale;
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

    /** Whether scripts send events of this type, however written, without a person's doing. */
    public static boolean isPassive(String type) {
        return PASSIVE.contains(type) || isWrittenOtherwise(type) && PASSIVE.contains(folded(type));
    }

    private static boolean isWrittenOtherwise(String type) {
        for (int i = 0; i < type.length(); i++) {
            char c = type.charAt(i);
            if (c == '-' || c == '$' || c >= 'A' && c <= 'Z') {
                return true;
            }
        }
        return false;
    }

    /**
     * As in the list: in lower case, with underscores, without the sign of a tracker's own types.
     */
    private static String folded(String type) {
        String name = type.startsWith("$") ? type.substring(1) : type;
        return name.toLowerCase(Locale.ROOT).replace('-', '_');
    }

    private static Set<String> types() {
        List<String[]> rows = ReferenceList.rows("passive-types.csv", 2);
        return Set.copyOf(rows.stream().map(row -> row[0]).toList());
    }
}
