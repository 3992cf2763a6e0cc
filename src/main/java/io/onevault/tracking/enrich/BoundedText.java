package io.onevault.tracking.enrich;

import java.util.regex.Pattern;

/** A text that a regular expression may look at so many times only, whatever the text is. */
final class BoundedText implements CharSequence {

    /** A hundred times what the costliest expression of our lists takes for an ordinary agent. */
    static final int MOST_LOOKS = 200_000;

    private final String text;
    private int looks;

    private BoundedText(String text) {
        this.text = text;
    }

    /** Whether the expression is found; not found when looking would take too long. */
    static boolean find(Pattern pattern, String text) {
        try {
            return pattern.matcher(new BoundedText(text)).find();
        } catch (TooManyLooksException e) {
            return false;
        }
    }

    @Override
    public char charAt(int index) {
        if (++looks > MOST_LOOKS) {
            throw TooManyLooksException.INSTANCE;
        }
        return text.charAt(index);
    }

    @Override
    public int length() {
        return text.length();
    }

    @Override
    public CharSequence subSequence(int start, int end) {
        return text.substring(start, end);
    }

    @Override
    public String toString() {
        return text;
    }

    /** Ends a match; carries nothing, so one is enough. */
    private static final class TooManyLooksException extends RuntimeException {

        private static final long serialVersionUID = 1;

        static final TooManyLooksException INSTANCE = new TooManyLooksException();

        private TooManyLooksException() {
            super("too many looks at a text", null, false, false);
        }
    }
}
