package io.onevault.tracking.local;

/** What goes wrong in a round of chaos. */
enum ChaosFault {
    /** Kill -9; another one is started. */
    TASK_MANAGER_KILLED,
    /** Kill -9; another one is started and given the job with its latest checkpoint. */
    JOB_MANAGER_KILLED,
    /** Stopped at once, started again after 10 s. */
    DATABASE_DOWN,
    /** Kill -9 of a server process, at which the server ends all connections and recovers. */
    DATABASE_BACKEND_KILLED,
    /** Stopped, started again after 10 s. */
    BROKER_DOWN,
    /** Nothing passes between job and database for 10 s, then their connections break. */
    NETWORK_CUT,
    /** More events than a micro-batch holds come at once, of a type that the database refuses. */
    BATCH_REFUSED
}
