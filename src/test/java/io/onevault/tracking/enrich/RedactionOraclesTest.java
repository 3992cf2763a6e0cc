package io.onevault.tracking.enrich;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.i18n.phonenumbers.PhoneNumberUtil;
import com.google.i18n.phonenumbers.PhoneNumberUtil.PhoneNumberFormat;
import com.google.i18n.phonenumbers.Phonenumber.PhoneNumber;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.commons.validator.routines.CreditCardValidator;
import org.apache.commons.validator.routines.EmailValidator;
import org.apache.commons.validator.routines.IBANValidator;
import org.apache.commons.validator.routines.InetAddressValidator;
import org.apache.commons.validator.routines.checkdigit.CheckDigitException;
import org.apache.commons.validator.routines.checkdigit.IBANCheckDigit;
import org.apache.commons.validator.routines.checkdigit.LuhnCheckDigit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What well-kept libraries take for personal data is taken out. */
class RedactionOraclesTest {

    private static final int MANY = 2_000;
    private static final String DIGITS = "0123456789";
    private static final String LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    private static final Pattern GROUP = Pattern.compile("(\\\\d|\\[[^\\]]+\\])\\{(\\d+)\\}");

    private final Random random = new Random(7);

    @Test
    void emailAddresses() {
        String local = "abz09._+-'";
        String domain = "abz09-.";
        List<String> missed = new ArrayList<>();
        int valid = 0;
        for (int i = 0; i < 20 * MANY; i++) {
            String address = draw(local, 8) + "@" + draw(domain, 8) + draw("abz", 3) + ".com";
            if (EmailValidator.getInstance().isValid(address)) {
                valid++;
                if (Redactor.redact("mail " + address + " now").contains(address)) {
                    missed.add(address);
                }
            }
        }

        assertThat(valid).isGreaterThan(MANY);
        assertThat(missed).isEmpty();
    }

    @Test
    void accountNumbersOfEveryCountry() throws CheckDigitException {
        IBANValidator accounts = IBANValidator.getInstance();
        List<String> missed = new ArrayList<>();
        int valid = 0;
        for (String country : Locale.getISOCountries()) {
            for (int i = 0; i < 20 && accounts.hasValidator(country); i++) {
                String shape =
                        accounts.getValidator(country)
                                .getRegexValidator()
                                .getPatterns()[0]
                                .pattern();
                String account = country + "00" + account(shape).substring(2);
                String check = IBANCheckDigit.IBAN_CHECK_DIGIT.calculate(account);
                String iban = country + check + account.substring(4);
                valid += accounts.isValid(iban) ? 1 : 0;
                if (accounts.isValid(iban) && Redactor.redact("to " + iban + ".").contains(iban)) {
                    missed.add(iban);
                }
            }
        }

        assertThat(valid).isGreaterThan(1_000);
        assertThat(missed).isEmpty();
    }

    /** Digits and letters as the pattern has them, such as {@code \\d{2}[A-Z]{4}\\d{14}}. */
    private String account(String pattern) {
        StringBuilder account = new StringBuilder();
        Matcher group = GROUP.matcher(pattern);
        while (group.find()) {
            String characters =
                    group.group(1).equals("\\d")
                            ? DIGITS
                            : group.group(1).contains("0") ? LETTERS + DIGITS : LETTERS;
            account.append(draw(characters, 0, Integer.parseInt(group.group(2))));
        }
        return account.toString();
    }

    @Test
    void cardNumbers() throws CheckDigitException {
        CreditCardValidator cards =
                new CreditCardValidator(
                        CreditCardValidator.AMEX
                                + CreditCardValidator.DISCOVER
                                + CreditCardValidator.MASTERCARD
                                + CreditCardValidator.VISA
                                + CreditCardValidator.DINERS);
        List<String> missed = new ArrayList<>();
        int valid = 0;
        for (int i = 0; i < 20 * MANY; i++) {
            String number = draw("3456", 0, 1) + draw(DIGITS, 0, 12 + random.nextInt(3));
            String card = number + LuhnCheckDigit.LUHN_CHECK_DIGIT.calculate(number);
            if (cards.isValid(card)) {
                valid++;
                if (Redactor.redact("card " + card).contains(card)) {
                    missed.add(card);
                }
            }
        }

        assertThat(valid).isGreaterThan(MANY);
        assertThat(missed).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0123456789.", "0123456789abcdef::::", "01f:.", "12."})
    void addresses(String characters) {
        InetAddressValidator addresses = InetAddressValidator.getInstance();
        for (int i = 0; i < 20 * MANY; i++) {
            String text = draw(characters, 24);

            assertThat(IpAddresses.parseV4(text, 0, text.length()) != null)
                    .as(text)
                    .isEqualTo(addresses.isValidInet4Address(text));
            assertThat(IpAddresses.parseV6(text, 0, text.length()) != null)
                    .as(text)
                    .isEqualTo(addresses.isValidInet6Address(text));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"E164", "INTERNATIONAL", "RFC3966"})
    void phoneNumbersOfEveryRegion(PhoneNumberFormat format) {
        PhoneNumberUtil phones = PhoneNumberUtil.getInstance();
        List<String> missed = new ArrayList<>();
        for (String region : phones.getSupportedRegions()) {
            for (PhoneNumberUtil.PhoneNumberType type : phones.getSupportedTypesForRegion(region)) {
                PhoneNumber example = phones.getExampleNumberForType(region, type);
                if (example == null) {
                    continue;
                }
                String number = phones.format(example, format);
                String redacted = Redactor.redact("call " + number + " now");
                // Shorter ones are services' or on islands of a few hundred people.
                if (number.replaceAll("\\D", "").length() >= 8
                        && !redacted.replace("tel:", "").equals("call [phone] now")) {
                    missed.add(region + " " + redacted);
                }
            }
        }

        assertThat(missed).isEmpty();
    }

    private String draw(String characters, int most) {
        return draw(characters, 1, 1 + random.nextInt(most));
    }

    private String draw(String characters, int least, int length) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < Math.max(least, length); i++) {
            text.append(characters.charAt(random.nextInt(characters.length())));
        }
        return text.toString();
    }
}
