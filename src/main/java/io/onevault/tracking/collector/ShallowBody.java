package io.onevault.tracking.collector;

/**
 * A body with a number in the place of each value that is nested too deep, and spaces behind it:
 * whatever else there is lies where it lay. What is open while it is read takes no memory.
 */
final class ShallowBody {

    private ShallowBody() {}

    /**
     * Makes it.
     *
     * @param body whose texts and containers end as in JSON, or it is none afterwards either
     * @param depth levels that are left
     */
    static byte[] of(byte[] body, int depth) {
        byte[] shallow = body.clone();
        int level = 0;
        boolean isText = false;
        boolean isEscaped = false;
        for (int i = 0; i < body.length; i++) {
            byte letter = body[i];
            boolean isOpening = !isText && (letter == '{' || letter == '[');
            level += isOpening ? 1 : 0;
            if (level > depth) {
                shallow[i] = (byte) (isOpening && level == depth + 1 ? '0' : ' ');
            }
            level -= !isText && (letter == '}' || letter == ']') ? 1 : 0;
            isText ^= letter == '"' && !isEscaped;
            isEscaped = isText && letter == '\\' && !isEscaped;
        }
        return shallow;
    }
}
