package io.onevault.tracking.migrate;

import io.onevault.tracking.access.DatabaseAccess;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the command line of {@link Migrate} says.
 *
 * @param url null when none was given
 * @param password a reference, or empty
 * @param limit rows to report of a check
 */
record MigrateOptions(
        @Nullable String url,
        String user,
        String password,
        boolean checks,
        boolean help,
        int limit) {

    static final int DEFAULT_LIMIT = 10;

    /**
     * Reads the arguments; user and password default to PGUSER and PGPASSWORD.
     *
     * @throws IllegalArgumentException with a message for the user
     */
    static MigrateOptions parse(String[] args, Map<String, String> env) {
        var options =
                new MigrateOptions(
                        null,
                        env.getOrDefault("PGUSER", ""),
                        DatabaseAccess.environmentPassword(env),
                        false,
                        false,
                        DEFAULT_LIMIT);
        for (int i = 0; i < args.length; i++) {
            String name = args[i];
            if (isFlag(name)) {
                options = options.with(name, "");
            } else {
                i++;
                options = options.with(name, i < args.length ? args[i] : null);
            }
        }
        if (options.url == null && !options.help) {
            throw new IllegalArgumentException("--url is missing");
        }
        String error = options.url == null ? null : DatabaseAccess.urlError(options.url);
        if (error != null) {
            throw new IllegalArgumentException("--url " + error);
        }
        return options;
    }

    private static boolean isFlag(String name) {
        return name.equals("--checks") || name.equals("--help") || name.equals("-h");
    }

    private MigrateOptions with(String name, @Nullable String value) {
        return switch (name) {
            case "--checks" -> new MigrateOptions(url, user, password, true, help, limit);
            case "--help", "-h" -> new MigrateOptions(url, user, password, checks, true, limit);
            case "--url" ->
                    new MigrateOptions(given(name, value), user, password, checks, help, limit);
            case "--user" ->
                    new MigrateOptions(url, given(name, value), password, checks, help, limit);
            case "--password" ->
                    new MigrateOptions(
                            url,
                            user,
                            DatabaseAccess.passwordOption(given(name, value)),
                            checks,
                            help,
                            limit);
            case "--limit" ->
                    new MigrateOptions(url, user, password, checks, help, count(name, value));
            default -> throw new IllegalArgumentException("unknown option " + name);
        };
    }

    private static String given(String name, @Nullable String value) {
        if (value == null) {
            throw new IllegalArgumentException(name + " needs a value");
        }
        return value;
    }

    private static int count(String name, @Nullable String value) {
        try {
            int count = Integer.parseInt(given(name, value));
            if (count >= 1 && count <= 1_000_000) {
                return count;
            }
        } catch (NumberFormatException e) {
            // The message below says it all.
        }
        throw new IllegalArgumentException(name + " needs a number from 1 to 1000000");
    }

    /**
     * Not for those who asked for help.
     *
     * @throws NullPointerException when no URL was given
     */
    DatabaseAccess database() {
        return new DatabaseAccess(Objects.requireNonNull(url), user, password);
    }
}
