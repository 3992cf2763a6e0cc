package io.onevault.tracking.enrich;

import java.util.BitSet;
import java.util.List;
import java.util.Set;

/** Knows by sensitive-names.csv which parameters and members hold personal or secret values. */
final class SensitiveNames {

    /** Longer names are read up to here. */
    private static final int MAX_CHARS = 100;

    private static final Set<String> EXACT;
    private static final Set<String> SUFFIXES;

    static {
        List<String[]> rows = ReferenceList.rows("sensitive-names.csv", 2);
        EXACT = ReferenceList.words(rows, "exact");
        SUFFIXES = ReferenceList.words(rows, "suffix");
    }

    private SensitiveNames() {}

    /**
     * Whether the name, or its last words, are sensitive; case, separators and a number behind do
     * not matter.
     */
    static boolean matches(String original) {
        String name = Folding.fold(original);
        int length = Math.min(name.length(), MAX_CHARS);
        StringBuilder letters = new StringBuilder(length);
        // A bit for each position of {@code letters} at which a word starts.
        BitSet starts = new BitSet(length);
        char previous = '_';
        for (int i = 0; i < length; i++) {
            char c = name.charAt(i);
            if (Character.isLetterOrDigit(c)) {
                boolean first = !Character.isLetterOrDigit(previous);
                if (first || Character.isUpperCase(c) && !Character.isUpperCase(previous)) {
                    starts.set(letters.length());
                }
                letters.append(Character.toLowerCase(c));
            }
            previous = c;
        }
        // Of email2 as of email.
        int end = letters.length();
        while (end > 0 && Chars.isDigit(letters.charAt(end - 1))) {
            end--;
        }
        String whole = letters.substring(0, end);
        if (EXACT.contains(whole)) {
            return true;
        }
        for (int i = starts.nextSetBit(0); i >= 0 && i < end; i = starts.nextSetBit(i + 1)) {
            if (SUFFIXES.contains(whole.substring(i))) {
                return true;
            }
        }
        return false;
    }
}
