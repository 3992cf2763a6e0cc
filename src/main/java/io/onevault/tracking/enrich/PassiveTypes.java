package io.onevault.tracking.enrich;

import io.onevault.tracking.event.TrackerEvent;
import java.util.HashSet;
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
            if (!(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '_')) {
                return true;
            }
        }
        return false;
    }

    /** In lower case, without what stands between its words. */
    private static String folded(String type) {
        StringBuilder out = new StringBuilder(type.length());
        for (int i = 0; i < type.length(); i++) {
            char c = type.charAt(i);
            if (Character.isLetterOrDigit(c)) {
                out.append(Character.toLowerCase(c));
            }
        }
        return out.toString();
    }

    /** Each as in the list, and folded. */
    private static Set<String> types() {
        Set<String> types = new HashSet<>();
        for (String[] row : ReferenceList.rows("passive-types.csv", 2)) {
            types.add(row[0]);
            types.add(folded(row[0]));
        }
        return Set.copyOf(types);
    }
}
