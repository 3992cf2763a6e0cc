package io.onevault.tracking.reprocess;

import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A day of an option. */
final class Day implements ITypeConverter<LocalDate> {

    @Override
    public LocalDate convert(String given) {
        try {
            return LocalDate.parse(given);
        } catch (DateTimeParseException e) {
            throw new TypeConversionException("a day is such as 2026-11-22, not '" + given + "'");
        }
    }
}
