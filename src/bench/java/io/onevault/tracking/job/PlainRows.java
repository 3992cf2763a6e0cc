package io.onevault.tracking.job;

import io.onevault.tracking.vault.PlainRow;
import java.io.Serializable;
import java.sql.SQLException;
import java.util.List;

/** Turns an element of a stream into rows. Not thread-safe. */
@FunctionalInterface
interface PlainRows<T> {

    List<PlainRow> of(T element) throws SQLException;

    /** Makes one where it is used: it holds what can't travel. */
    @FunctionalInterface
    interface Maker<T> extends Serializable {
        PlainRows<T> make();
    }
}
