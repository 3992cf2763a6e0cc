package io.onevault.tracking.reprocess;

import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** The id of a job, in an option. */
final class JobIdText implements ITypeConverter<String> {

    private static final Pattern ID = Pattern.compile("[0-9a-f]{32}");

    @Override
    public String convert(String given) {
        if (!ID.matcher(given).matches()) {
            throw new TypeConversionException(
                    "Flink's ids of jobs have 32 digits and letters a to f, not '" + given + "'");
        }
        return given;
    }
}
