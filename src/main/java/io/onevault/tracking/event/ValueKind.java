package io.onevault.tracking.event;

/** A kind of value of which a tenant may bring so many new ones a day. */
public enum ValueKind {
    PAGE("page"),
    ITEM("item"),
    SOURCE("source"),
    MEDIUM("medium"),
    CAMPAIGN("campaign"),
    TERM("term"),
    CONTENT("content");

    /** Stands for every value beyond a cap. */
    public static final String OTHER = "(other)";

    private final String id;

    ValueKind(String id) {
        this.id = id;
    }

    /** Name in the database and in metrics. */
    public String id() {
        return id;
    }
}
