package io.onevault.tracking.generator;

/**
 * The sessions that are open at one moment. Sessions are numbered from 0; a session that ends makes
 * room for the next number.
 */
final class OpenSessions {

    /** So many rounds of all open sessions pass before a visitor comes back: mostly closed then. */
    private static final int ROUNDS_UNTIL_RETURN = 4;

    private final double endShare;
    private final int sessionsPerVisitor;
    private final long visitorsPerBlock;

    private final long[] numbers;
    private final int[] events;
    private final int[] pages;
    private final int[] previousPages;
    private final int[] views;
    private long started;

    OpenSessions(EventGenerator.Visits visits, int open) {
        endShare = 1.0 / visits.eventsPerSession();
        sessionsPerVisitor = visits.sessionsPerVisitor();
        visitorsPerBlock = (long) ROUNDS_UNTIL_RETURN * open;
        numbers = new long[open];
        events = new int[open];
        pages = new int[open];
        previousPages = new int[open];
        views = new int[open];
        for (int slot = 0; slot < open; slot++) {
            numbers[slot] = started++;
        }
    }

    long started() {
        return started;
    }

    int open() {
        return numbers.length;
    }

    long number(int slot) {
        return numbers[slot];
    }

    /** The visitor's number: block after block of visitors, each coming back in the same order. */
    long visitor(int slot) {
        long session = numbers[slot];
        long block = session / (visitorsPerBlock * sessionsPerVisitor);
        return block * visitorsPerBlock + session % visitorsPerBlock;
    }

    boolean isFirstEvent(int slot) {
        return events[slot] == 0;
    }

    int page(int slot) {
        return pages[slot];
    }

    int previousPage(int slot) {
        return previousPages[slot];
    }

    int views(int slot) {
        return views[slot];
    }

    void viewPage(int slot, int page) {
        previousPages[slot] = pages[slot];
        pages[slot] = page;
        views[slot]++;
    }

    /** Counts an event; a session ends after any event with the same chance. */
    void countEvent(int slot, SeededRandom random) {
        events[slot]++;
        if (random.chance(endShare)) {
            numbers[slot] = started++;
            events[slot] = 0;
            views[slot] = 0;
        }
    }
}
