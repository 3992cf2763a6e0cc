package io.onevault.tracking.vault;

import java.sql.SQLException;

/**
 * An element of a micro-batch that the database does not take, whatever is done.
 *
 * @param sqlState why, in PostgreSQL's five letters; its message is left out, as it may show values
 */
public record Refusal<T>(T element, String sqlState) {

    /** Class of the codes that the functions of sql/ raise. */
    private static final String OWN_CLASS = "ST";

    /**
     * Whether the failure lies in the data, so that the same rows will fail again: a value that a
     * type, a constraint, a limit or a function of ours does not allow. A unique key is not among
     * them: every statement says what to do about a conflict, so that only a race can break one.
     */
    static boolean isDataError(SQLException failure) {
        String state = String.valueOf(failure.getSQLState());
        if (state.length() != 5 || state.equals("23505")) {
            return false;
        }
        return switch (state.substring(0, 2)) {
            case "21", "22", "23", "44", "54", OWN_CLASS -> true;
            default -> false;
        };
    }
}
