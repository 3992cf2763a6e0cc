package io.onevault.tracking.enrich;

import java.util.Arrays;

/** Recognises payment card numbers and IBANs by their check digits. */
final class AccountNumbers {

    static final int MIN_CARD = 14;
    private static final int MAX_CARD = 19;
    private static final int FIRST_GROUP = 4;
    private static final int MAX_IBAN = 34;
    private static final int LETTER = 0x1F;

    /** By country. */
    private static final int[] IBAN_LENGTHS = load();

    private AccountNumbers() {}

    /** End of the card number whose first digit is at {@code start}, or -1. */
    static int cardEnd(String text, int start) {
        if (isFraction(text, start)) {
            return -1;
        }
        StringBuilder digits = new StringBuilder(MAX_CARD);
        long shape = 0;
        int group = 0;
        for (int i = start; i < text.length() && digits.length() <= MAX_CARD; i++) {
            char c = text.charAt(i);
            if (Chars.isDigit(c)) {
                digits.append(c);
                group++;
                continue;
            }
            shape = shape << 4 | Math.min(group, 0xF);
            if (group < FIRST_GROUP && shape <= 0xF) {
                return -1;
            }
            group = 0;
            if (!isSeparator(c) || !Chars.isDigitAt(text, i + 1)) {
                return !Chars.isAlpha(c) && c != '_' && isCard(digits, shape) ? i : -1;
            }
            if (isCard(digits, shape)) {
                return i;
            }
        }
        return isCard(digits, shape << 4 | Math.min(group, 0xF)) ? text.length() : -1;
    }

    /** End of the IBAN that starts at {@code start}, or -1. */
    static int ibanEnd(String text, int start) {
        boolean joined = start > 0 && text.charAt(start - 1) == '-';
        if (start + 4 > text.length()
                || joined && Chars.isAlphanumericAt(text, start - 2)
                || !Chars.isAlpha(text.charAt(start + 1))
                || !Chars.isDigit(text.charAt(start + 2))
                || !Chars.isDigit(text.charAt(start + 3))) {
            return -1;
        }
        if (!mayBegin(text, start, text.length())) {
            return -1;
        }
        int length = ibanLength(text, start);
        StringBuilder iban = new StringBuilder(MAX_IBAN);
        int i = start;
        while (i < text.length() && iban.length() < length) {
            char c = text.charAt(i);
            if (Chars.isAlphanumeric(c)) {
                iban.append(c);
            } else if (!isSeparator(c) || iban.length() % 4 != 0 || c != text.charAt(start + 4)) {
                // Groups of four, all joined alike: a UUID is not.
                return -1;
            }
            i++;
        }
        boolean complete = iban.length() == length && !Chars.isAlphanumericAt(text, i);
        return complete && remainder(iban) == 1 ? i : -1;
    }

    /**
     * Whether an IBAN of the country whose letters are at {@code start} is short enough to end
     * before {@code end}.
     */
    static boolean mayBegin(String text, int start, int end) {
        return ibanLength(text, start) <= end - start;
    }

    private static int ibanLength(String text, int start) {
        return IBAN_LENGTHS[country(text.charAt(start), text.charAt(start + 1))];
    }

    /** Of two letters, in upper case or lower: five bits each. */
    private static int country(char first, char second) {
        return (first & LETTER) << 5 | second & LETTER;
    }

    private static boolean isCard(CharSequence digits, long shape) {
        boolean grouped = shape == 0x4444 || shape == 0x44443 || shape == 0x465 || shape == 0x464;
        int length = digits.length();
        return (shape <= 0xF || grouped)
                && length >= MIN_CARD
                && length <= MAX_CARD
                && isIssued(number(digits, 2), number(digits, 4), length)
                && passesLuhn(digits);
    }

    /** Whether cards with these first digits have been issued in this length. */
    private static boolean isIssued(int two, int four, int length) {
        if (two / 10 == 4) {
            return length == 16 || length == 19;
        }
        if (two >= 51 && two <= 55 || four >= 2221 && four <= 2720) {
            return length == 16;
        }
        if (two == 34 || two == 37) {
            return length == 15;
        }
        boolean diners = four / 10 >= 300 && four / 10 <= 305 || four == 3095;
        if (two == 36 || two == 38 || two == 39 || diners) {
            return length >= 14;
        }
        return length >= 16 && (two == 35 || two == 50 || two >= 56 && two <= 69);
    }

    static boolean passesLuhn(CharSequence digits) {
        int sum = 0;
        for (int i = 0; i < digits.length(); i++) {
            int digit = digits.charAt(digits.length() - 1 - i) - '0';
            int doubled = i % 2 == 0 ? digit : digit * 2;
            sum += doubled > 9 ? doubled - 9 : doubled;
        }
        return sum % 10 == 0;
    }

    /** ISO 7064: the number, its first four characters moved to the end, modulo 97. */
    private static int remainder(CharSequence iban) {
        int rest = 0;
        for (int i = 0; i < iban.length(); i++) {
            int value = Character.digit(iban.charAt((i + 4) % iban.length()), 36);
            rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
        }
        return rest;
    }

    private static int number(CharSequence digits, int count) {
        int number = 0;
        for (int i = 0; i < count; i++) {
            number = number * 10 + digits.charAt(i) - '0';
        }
        return number;
    }

    /** Whether the digits are the decimals of a number. */
    private static boolean isFraction(String text, int start) {
        char previous = start == 0 ? ' ' : text.charAt(start - 1);
        return (previous == '.' || previous == ',') && Chars.isDigitAt(text, start - 2);
    }

    private static boolean isSeparator(char c) {
        return c == ' ' || c == '-' || c == '.' || c == '\u00A0' || c == QueryValues.PLUS_FOR_SPACE;
    }

    private static int[] load() {
        int[] lengths = new int[1 << 10];
        Arrays.fill(lengths, MAX_IBAN + 1);
        for (String[] row : ReferenceList.rows("iban-lengths.csv", 2)) {
            lengths[country(row[0].charAt(0), row[0].charAt(1))] = Integer.parseInt(row[1]);
        }
        return lengths;
    }
}
