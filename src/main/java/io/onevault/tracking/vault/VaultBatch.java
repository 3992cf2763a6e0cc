package io.onevault.tracking.vault;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * A fixed sequence of table statements that a micro-batch is written by. They travel as one
 * statement, which the driver sends with a single synchronisation, so that PostgreSQL runs them in
 * one transaction. The order is the same for every loader.
 */
final class VaultBatch {

    private VaultBatch() {}

    static String sql(List<Table> tables) {
        List<String> statements = new ArrayList<>();
        for (Table table : tables) {
            statements.add(table.sql());
        }
        return String.join(";\n", statements);
    }

    /** Binds the rows of all tables, in the order of the statement. */
    static void bind(PreparedStatement statement, List<Rows> rows) throws SQLException {
        int parameter = 1;
        for (Rows tableRows : rows) {
            parameter = tableRows.bind(statement, parameter);
        }
    }
}
