package io.onevault.tracking.collector;

/**
 * Puts a number in the place of each value of a body that is nested too deep, and spaces behind it:
 * whatever else there is lies where it lay. What is open while it is read takes no memory, and no
 * reader behind stops in such a value before it comes to the stamp.
 */
final class ShallowBody {

    private ShallowBody() {}

    /**
     * Changes a body.
     *
     * @param body whose texts and containers end as in JSON, or it is none afterwards either
     * @param depth levels that are left
     */
    static void make(byte[] body, int depth) {
        int level = 0;
        boolean isText = false;
        boolean isEscaped = false;
        for (int i = 0; i < body.length; i++) {
            byte letter = body[i];
            boolean isOpening = !isText && (letter == '{' || letter == '[');
            level += isOpening ? 1 : 0;
            if (level > depth) {
                body[i] = (byte) (isOpening && level == depth + 1 ? '0' : ' ');
            }
            level -= !isText && (letter == '}' || letter == ']') ? 1 : 0;
            isText ^= letter == '"' && !isEscaped;
            isEscaped = isText && letter == '\\' && !isEscaped;
        }
    }
}
