package io.onevault.tracking.state;

/**
 * A moment in the run of the job, by the clock and by the database's transactions: rows that the
 * run had written by then are of earlier transactions, those that it wrote later are not.
 *
 * @param server the database server that numbers the transactions
 * @param atMillis epoch milliseconds
 * @param transaction the first transaction that was still to come
 */
public record RunMark(long server, long atMillis, long transaction) {}
