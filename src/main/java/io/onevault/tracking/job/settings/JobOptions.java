package io.onevault.tracking.job.settings;

import static org.apache.flink.configuration.ConfigOptions.key;

import io.onevault.tracking.access.Secrecy;
import io.onevault.tracking.vault.Layers;
import java.time.Duration;
import java.util.List;
import org.apache.flink.configuration.ConfigOption;

/** Every option of the job with its type, default and meaning: the one list of them. */
public final class JobOptions {

    public static final ConfigOption<String> KAFKA_SERVERS =
            key("kafka.bootstrap-servers")
                    .stringType()
                    .noDefaultValue()
                    .withDescription("Kafka brokers, host:port separated by commas. Required.");

    public static final ConfigOption<String> KAFKA_TOPIC =
            key("kafka.topic")
                    .stringType()
                    .defaultValue("site-tracking-events")
                    .withDescription("Topic that tracker events are read from.");

    public static final ConfigOption<Boolean> KAFKA_CREATE_TIME =
            key("kafka.create-time")
                    .booleanType()
                    .defaultValue(false)
                    .withDescription(
                            "Whether the topic's records may be stamped by their producers"
                                    + " (message.timestamp.type=CreateTime). Events are then received"
                                    + " at their received_at, or else when a plausible stamp says.");

    public static final ConfigOption<String> KAFKA_REJECTED_TOPIC =
            key("kafka.rejected-topic")
                    .stringType()
                    .defaultValue("site-tracking-rejected")
                    .withDescription("Topic that rejected events go to, with reason and bytes.");

    public static final ConfigOption<String> KAFKA_GROUP =
            key("kafka.group-id")
                    .stringType()
                    .defaultValue("site-tracking")
                    .withDescription("Consumer group; offsets are committed with checkpoints.");

    public static final ConfigOption<String> DATABASE_URL =
            key(Secrecy.DATABASE_URL)
                    .stringType()
                    .noDefaultValue()
                    .withDescription("JDBC URL of the One Vault database. Required.");

    public static final ConfigOption<String> DATABASE_USER =
            key("database.user")
                    .stringType()
                    .defaultValue("site_tracking_loader")
                    .withDescription("Database role of the job.");

    public static final ConfigOption<String> DATABASE_PASSWORD =
            key(Secrecy.DATABASE_PASSWORD)
                    .stringType()
                    .defaultValue("")
                    .withDescription(
                            "Password of the database role, as ${env:NAME} or ${file:/path}.");

    public static final ConfigOption<Layers> DATABASE_LAYERS =
            key("database.layers")
                    .enumType(Layers.class)
                    .defaultValue(Layers.PRODUCTION)
                    .withDescription(
                            "Which tables the job writes to. PRODUCTION: those that clients are"
                                    + " answered from. SHADOW: those beside them that a reprocess"
                                    + " fills.");

    public static final ConfigOption<String> PRIVACY_SECRET =
            key(Secrecy.PRIVACY_SECRET)
                    .stringType()
                    .noDefaultValue()
                    .withDescription(
                            "At least 32 hex digits, as ${env:NAME} or ${file:/path}. Visitor secrets"
                                    + " of tenants without one of their own derive from it; a change"
                                    + " makes all their visitors new. Required.");

    public static final ConfigOption<SaltSource> PRIVACY_SALTS =
            key("privacy.salts")
                    .enumType(SaltSource.class)
                    .defaultValue(SaltSource.RANDOM)
                    .withDescription(
                            "Daily salts of cookieless visitors. RANDOM: made at random, kept in"
                                    + " the database and deleted after 48 hours. DERIVED: computed"
                                    + " from privacy.secret and the day, so that runs can be repeated;"
                                    + " for tests and demonstrations only.");

    public static final ConfigOption<Duration> TENANT_REFRESH =
            key("tenants.refresh")
                    .durationType()
                    .defaultValue(Duration.ofSeconds(10))
                    .withDescription("How often tenants and their settings are read again.");

    public static final ConfigOption<Duration> ARCHIVE_TTL =
            key("archive.ttl")
                    .durationType()
                    .defaultValue(Duration.ofDays(7))
                    .withDescription(
                            "How long raw events stay in state: for this long duplicates are"
                                    + " recognised and savepoints hold the events.");

    public static final ConfigOption<Duration> SESSION_GAP =
            key("session.gap")
                    .durationType()
                    .defaultValue(Duration.ofMinutes(30))
                    .withDescription(
                            "Longest silence within a session, at most 7 d, of tenants that have"
                                    + " set none of their own. Events keep the one that they were"
                                    + " admitted with.");

    public static final ConfigOption<Duration> SESSION_LATENESS =
            key("session.lateness")
                    .durationType()
                    .defaultValue(Duration.ofHours(3))
                    .withDescription("How late an event may be to still change its session.");

    public static final ConfigOption<Duration> SESSION_EARLY_FIRING =
            key("session.early-firing")
                    .durationType()
                    .defaultValue(Duration.ofMillis(500))
                    .withDescription(
                            "Longest time between a session's change and its publishing. While the"
                                    + " job is behind, up to 30 s.");

    public static final ConfigOption<Duration> OUT_OF_ORDERNESS =
            key("watermark.out-of-orderness")
                    .durationType()
                    .defaultValue(Duration.ofSeconds(10))
                    .withDescription("How far events are out of order in normal operation.");

    public static final ConfigOption<Duration> IDLE_GRACE =
            key("watermark.idle-grace")
                    .durationType()
                    .defaultValue(Duration.ofSeconds(30))
                    .withDescription(
                            "How long a partition is silent before it holds time back no longer,"
                                    + " and the topic before time follows the wall clock's rate.");

    public static final ConfigOption<Integer> BATCH_SIZE =
            key("load.batch-size")
                    .intType()
                    .defaultValue(2_000)
                    .withDescription("Most events or sessions in a micro-batch.");

    public static final ConfigOption<Duration> BATCH_AGE =
            key("load.batch-age")
                    .durationType()
                    .defaultValue(Duration.ofMillis(500))
                    .withDescription("Longest time that an event waits for its micro-batch.");

    public static final ConfigOption<Integer> LOAD_RETRIES =
            key("load.retries")
                    .intType()
                    .defaultValue(3)
                    .withDescription("How often a micro-batch is retried before the job restarts.");

    public static final ConfigOption<Duration> HEARTBEAT =
            key("load.heartbeat")
                    .durationType()
                    .defaultValue(Duration.ofSeconds(10))
                    .withDescription(
                            "How often each loader writes a sign of life, by which the status tells"
                                    + " an idle job from one that is down.");

    public static final ConfigOption<String> RECORD_SOURCE =
            key("record-source")
                    .stringType()
                    .defaultValue("tracker")
                    .withDescription("The vault's record_source of all rows, at most 100 letters.");

    public static final ConfigOption<Integer> USER_AGENT_CACHE =
            key("enrich.user-agent-cache")
                    .intType()
                    .defaultValue(10_000)
                    .withDescription("How many parsed user agents each enriching subtask keeps.");

    public static final ConfigOption<String> GEO_DATABASE =
            key("enrich.geo-database")
                    .stringType()
                    .defaultValue("")
                    .withDescription(
                            "File in MaxMind's format, on every TaskManager, that tells countries"
                                    + " and, where it has them, regions of addresses. It is held in"
                                    + " memory by each subtask, and read again at the first"
                                    + " checkpoint after it has changed. Empty: no countries.");

    /** What decides what is made of events, of all tenants that have nothing of their own. */
    public static final List<ConfigOption<?>> DECIDING =
            List.of(SESSION_GAP, SESSION_LATENESS, GEO_DATABASE, RECORD_SOURCE);

    public static final List<ConfigOption<?>> ALL =
            List.of(
                    KAFKA_SERVERS,
                    KAFKA_TOPIC,
                    KAFKA_CREATE_TIME,
                    KAFKA_REJECTED_TOPIC,
                    KAFKA_GROUP,
                    DATABASE_URL,
                    DATABASE_USER,
                    DATABASE_PASSWORD,
                    DATABASE_LAYERS,
                    PRIVACY_SECRET,
                    PRIVACY_SALTS,
                    TENANT_REFRESH,
                    ARCHIVE_TTL,
                    SESSION_GAP,
                    SESSION_LATENESS,
                    SESSION_EARLY_FIRING,
                    OUT_OF_ORDERNESS,
                    IDLE_GRACE,
                    BATCH_SIZE,
                    BATCH_AGE,
                    LOAD_RETRIES,
                    HEARTBEAT,
                    RECORD_SOURCE,
                    USER_AGENT_CACHE,
                    GEO_DATABASE);

    private JobOptions() {}
}
