package io.onevault.tracking.generator;

import static io.onevault.tracking.generator.Catalogue.utf8;

import io.onevault.tracking.generator.EventGenerator.GeneratedEvent;

/** Writes generated events as the JSON of the contract, straight into bytes. */
final class RecordWriter {

    /** Kinds of bad records: each breaks another rule of the contract. */
    static final int BAD_KINDS = 6;

    private static final int MOST_ITEMS = 3;
    private static final int LEAST_NETWORK_MILLIS = 20;
    private static final int NETWORK_SPREAD_MILLIS = 80;

    private static final byte[] TENANT = utf8("{\"tenantId\":\"");
    private static final byte[] EVENT_ID = utf8("\",\"event_id\":\"");
    private static final byte[] TYPE = utf8("\",\"evt_type\":\"");
    private static final byte[] SESSION_ID = utf8("\",\"session_id\":\"s");
    private static final byte[] VISITOR_ID = utf8("\",\"visitor_id\":\"v");
    private static final byte[] PAGE_VIEW_ID = utf8("\",\"page_view_id\":\"p");
    private static final byte[] PAGE_URL = utf8("\",\"page_url\":\"");
    private static final byte[] PAGE_TITLE = utf8("\",\"page_title\":\"");
    private static final byte[] PAGE_REFERRER = utf8("\",\"page_referrer\":\"");
    private static final byte[] EVENT_TIMESTAMP = utf8("\",\"event_timestamp\":");
    private static final byte[] SENT_AT = utf8(",\"sent_at\":");
    private static final byte[] RECEIVED_AT = utf8(",\"received_at\":\"");
    private static final byte[] CLIENT_IP = utf8("\",\"client_ip\":\"198.51.100.");
    private static final byte[] USER_AGENT = utf8("\",\"user_agent\":\"");
    private static final byte[] COLLECTOR = utf8("\",\"collector\":\"c1\",");
    private static final byte[] ITEMS = utf8(",\"items\":[");
    private static final byte[] TRANSACTION_ID = utf8(",\"transaction_id\":\"t");
    private static final byte[] VALUE = utf8("\",\"currency\":\"EUR\",\"value\":");
    private static final byte[] SCROLL_DEPTH = utf8(",\"scroll_depth\":");
    private static final byte[] UNKNOWN_TENANT = utf8("nobody");
    private static final byte[] NUL = utf8("\\u0000");
    private static final byte[] NO_TIME = utf8("\"yesterday\"");

    private static final byte[] PAGE_VIEW = utf8("page_view");
    private static final byte[] PAGE_PING = utf8("page_ping");
    private static final byte[] CLICK = utf8("click");
    private static final byte[] SCROLL = utf8("scroll");
    private static final byte[] SEARCH = utf8("search");
    private static final byte[] ITEM_VIEW = utf8("item_view");
    private static final byte[] ADD_TO_CART = utf8("add_to_cart");
    private static final byte[] PURCHASE = utf8("purchase");

    // -- configuration
    private final Catalogue catalogue;
    private final OpenSessions sessions;
    private final SeededRandom random;
    private final byte[][] tenants;
    private final byte[][] hosts;
    private final double itemShare;
    private final long idSalt;

    // -- runtime
    private final RecordBuffer out = new RecordBuffer();
    private long written;

    RecordWriter(EventGenerator.Mix mix, OpenSessions sessions, SeededRandom random, long seed) {
        this.sessions = sessions;
        this.random = random;
        catalogue = new Catalogue(mix.catalogue());
        itemShare = mix.visits().itemShare();
        idSalt = SeededRandom.scramble(~seed);
        tenants = new byte[mix.catalogue().tenants()][];
        hosts = new byte[tenants.length][];
        for (int i = 0; i < tenants.length; i++) {
            tenants[i] = utf8(EventGenerator.tenant(i));
            hosts[i] = utf8("https://" + EventGenerator.tenant(i) + ".example");
        }
    }

    /** The next event of the session in this slot, sent so many milliseconds after it occurred. */
    GeneratedEvent event(int slot, long sentAt, int queueMillis) {
        boolean first = sessions.isFirstEvent(slot);
        boolean withItems = random.chance(itemShare);
        byte[] type = first ? PAGE_VIEW : withItems ? itemType() : plainType();
        if (type == PAGE_VIEW) {
            sessions.viewPage(slot, catalogue.page(random));
        }

        out.clear();
        identity(slot, type);
        page(slot, first);
        times(sentAt, queueMillis);
        client(slot);
        if (withItems) {
            items(type);
        } else if (type == SCROLL) {
            out.text(SCROLL_DEPTH);
            out.number(10L * (1 + random.below(10)));
        }
        out.symbol('}');
        byte[] value = out.copy();
        return new GeneratedEvent(key(slot), value, sentAt - queueMillis);
    }

    /** A record that the contract refuses, for the reason of this kind. */
    GeneratedEvent badEvent(int kind, long receivedAt) {
        out.clear();
        out.text(TENANT);
        if (kind != 0) {
            out.text(kind == 1 ? UNKNOWN_TENANT : tenants[0]);
        }
        out.text(EVENT_ID);
        eventId();
        out.text(TYPE);
        if (kind != 2) {
            out.text(kind == 3 ? NUL : PAGE_VIEW);
        }
        out.text(EVENT_TIMESTAMP);
        if (kind == 4) {
            out.text(NO_TIME);
        } else {
            out.number(receivedAt);
        }
        int truncated = out.length();
        out.symbol('}');
        byte[] value = kind == 5 ? out.copy(truncated) : out.copy();
        return new GeneratedEvent(tenants[0], value, receivedAt);
    }

    private byte[] itemType() {
        int draw = random.below(100);
        return draw < 70 ? ITEM_VIEW : draw < 95 ? ADD_TO_CART : PURCHASE;
    }

    private byte[] plainType() {
        int draw = random.below(100);
        if (draw < 50) {
            return PAGE_VIEW;
        }
        return draw < 75 ? PAGE_PING : draw < 85 ? CLICK : draw < 95 ? SCROLL : SEARCH;
    }

    private void identity(int slot, byte[] type) {
        out.text(TENANT);
        out.text(tenants[tenant(slot)]);
        out.text(EVENT_ID);
        eventId();
        out.text(TYPE);
        out.text(type);
        out.text(SESSION_ID);
        out.hex(id(sessions.number(slot)), 16);
        out.text(VISITOR_ID);
        out.hex(id(~sessions.visitor(slot)), 16);
    }

    private void page(int slot, boolean first) {
        byte[] host = hosts[tenant(slot)];
        out.text(PAGE_VIEW_ID);
        out.hex(id(sessions.number(slot)), 8);
        out.symbol('.');
        out.number(sessions.views(slot));
        out.text(PAGE_URL);
        out.text(host);
        out.text(catalogue.paths[sessions.page(slot)]);
        if (first) {
            out.text(catalogue.campaigns[random.below(catalogue.campaigns.length)]);
        }
        out.text(PAGE_TITLE);
        out.text(catalogue.titles[sessions.page(slot)]);
        out.text(PAGE_REFERRER);
        if (sessions.views(slot) > 1) {
            out.text(host);
            out.text(catalogue.paths[sessions.previousPage(slot)]);
        } else {
            out.text(catalogue.origins[originOf(sessions.number(slot))]);
        }
    }

    /** Transit changes no event time, so that it goes on as steadily as events are sent. */
    private void times(long sentAt, int queueMillis) {
        int network = LEAST_NETWORK_MILLIS + random.below(NETWORK_SPREAD_MILLIS);
        out.text(EVENT_TIMESTAMP);
        out.number(sentAt - queueMillis);
        out.text(SENT_AT);
        out.number(sentAt);
        out.text(RECEIVED_AT);
        out.instant(sentAt + network);
    }

    private void client(int slot) {
        long traits = id(~sessions.visitor(slot)) & Long.MAX_VALUE;
        out.text(CLIENT_IP);
        out.number(1 + traits % 254);
        out.text(USER_AGENT);
        out.text(catalogue.userAgents[(int) (traits % catalogue.userAgents.length)]);
        out.text(COLLECTOR);
        out.text(catalogue.clients[(int) (traits % catalogue.clients.length)]);
    }

    private void items(byte[] type) {
        int count = type == PURCHASE ? 1 + random.below(MOST_ITEMS) : 1;
        long cents = 0;
        out.text(ITEMS);
        for (int i = 0; i < count; i++) {
            int item = catalogue.item(random);
            if (i > 0) {
                out.symbol(',');
            }
            out.text(catalogue.items[item]);
            cents += catalogue.itemCents[item];
        }
        out.symbol(']');
        if (type == PURCHASE) {
            out.text(TRANSACTION_ID);
            out.number(written);
            out.text(VALUE);
            out.number(cents / 100);
            out.symbol('.');
            out.digits(cents, 2);
        }
    }

    private byte[] key(int slot) {
        out.clear();
        out.text(tenants[tenant(slot)]);
        out.symbol('|');
        out.symbol('s');
        out.hex(id(sessions.number(slot)), 16);
        return out.copy();
    }

    private void eventId() {
        out.hex(id(++written), 16);
    }

    private int tenant(int slot) {
        return (int) (sessions.visitor(slot) % tenants.length);
    }

    private int originOf(long session) {
        return (int) ((id(session) & Long.MAX_VALUE) % catalogue.origins.length);
    }

    private long id(long number) {
        return SeededRandom.scramble(number ^ idSalt);
    }
}
