package io.onevault.tracking.sample;

/** A sample tenant: how its visitors are and what they do in one visit. */
interface SampleSite {

    String tenant();

    int visitors();

    /** Share of visitors with a visitor and a session id. */
    double cookieShare();

    /** Mean of the visits a visitor pays. */
    double visitsPerVisitor();

    String host();

    /**
     * Tells one visit.
     *
     * @param ordinal the visitor's how-manieth visit it is, from 0
     */
    void tell(SampleVisit visit, int ordinal, Dice dice);
}
