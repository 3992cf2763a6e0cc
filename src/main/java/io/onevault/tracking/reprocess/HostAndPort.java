package io.onevault.tracking.reprocess;

import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** The address of a server, in an option. */
final class HostAndPort implements ITypeConverter<String> {

    private static final Pattern ADDRESS = Pattern.compile("[^:/]+:\\d{1,5}");

    @Override
    public String convert(String given) {
        if (!ADDRESS.matcher(given).matches()) {
            throw new TypeConversionException("it must be HOST:PORT, not '" + given + "'");
        }
        return given;
    }
}
