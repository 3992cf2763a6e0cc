package io.onevault.tracking.enrich;

import java.util.BitSet;
import java.util.List;
import java.util.Set;

/** Knows by sensitive-names.csv which parameters and members hold personal or secret values. */
final class SensitiveNames {

    /** Longer names are read up to here. */
    private static final int MAX_CHARS = 100;

    private static final int ENDING = 3;

    private static final Set<String> EXACT;
    private static final Set<String> SUFFIXES;

    /** By the last three letters of any, five bits each. */
    private static final BitSet ENDINGS = new BitSet(1 << 15);

    static {
        List<String[]> rows = ReferenceList.rows("sensitive-names.csv", 2);
        EXACT = ReferenceList.words(rows, "exact");
        SUFFIXES = ReferenceList.words(rows, "suffix");
        EXACT.forEach(SensitiveNames::addEnding);
        SUFFIXES.forEach(SensitiveNames::addEnding);
    }

    private SensitiveNames() {}

    /**
     * Whether the name, or its last words, are sensitive; case, separators and a number behind do
     * not matter.
     */
    static boolean matches(String original) {
        return mayMatch(original) && matchesWords(original);
    }

    private static void addEnding(String name) {
        for (char before = 'a'; before <= 'z'; before++) {
            int letters = ending(name.length() < ENDING ? before + name : name);
            if (letters >= 0) {
                ENDINGS.set(letters);
            }
        }
    }

    /** Most names end otherwise than any that is sensitive. */
    private static boolean mayMatch(String name) {
        int letters = name.length() > MAX_CHARS ? -1 : ending(name);
        return letters < 0 || ENDINGS.get(letters);
    }

    /** The last three letters, before any digits; -1 where other characters are among them. */
    private static int ending(String name) {
        int letters = 0;
        int found = 0;
        for (int i = name.length() - 1; i >= 0; i--) {
            char c = name.charAt(i);
            if (c >= 0x80 || Chars.isDigit(c) && found > 0) {
                return -1;
            }
            if (Chars.isAlpha(c)) {
                letters = letters << 5 | (c | 0x20) - 'a';
                if (++found == ENDING) {
                    return letters;
                }
            }
        }
        return -1;
    }

    private static boolean matchesWords(String original) {
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
