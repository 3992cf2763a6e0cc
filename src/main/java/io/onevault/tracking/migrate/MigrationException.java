package io.onevault.tracking.migrate;

import java.sql.SQLException;

/** A script failed and was rolled back; the scripts before it stay applied. */
public final class MigrationException extends Exception {

    private static final long serialVersionUID = 1L;

    private final String script;
    private final String sqlState;

    MigrationException(String script, SQLException cause) {
        super(script + " was rolled back: " + withoutContext(cause.getMessage()), cause);
        this.script = script;
        this.sqlState = String.valueOf(cause.getSQLState());
    }

    String script() {
        return script;
    }

    /** PostgreSQL's code, or one of ours such as ST010; sql/ lists them. */
    public String sqlState() {
        return sqlState;
    }

    /** The call stack inside the database says nothing to whoever reads the message. */
    private static String withoutContext(String message) {
        int context = message.indexOf("\n  Where: ");
        return context < 0 ? message : message.substring(0, context);
    }
}
