package io.onevault.tracking.contract;

import io.onevault.tracking.event.RejectReason;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The members of the contract: canonical name first, then the accepted aliases by precedence. */
enum Member {
    TENANT("tenantId", "tenant_id", "tenant_bk", "tenantBk"),
    EVENT_ID("event_id"),
    TYPE("evt_type", "event_type"),
    CATEGORY("evt_category"),
    ACTION("evt_action"),
    LABEL("evt_label"),
    EVENT_VALUE("evt_value"),
    SESSION_ID("session_id"),
    VISITOR_ID("visitor_id"),
    USER_ID("user_id"),
    PAGE_VIEW_ID("page_view_id"),
    PAGE_URL("page_url"),
    PAGE_TITLE("page_title"),
    PAGE_REFERRER("page_referrer", "referrer"),
    EVENT_TIMESTAMP("event_timestamp", "timestamp"),
    SENT_AT("sent_at"),
    RECEIVED_AT("received_at"),
    SEQUENCE("sequence"),
    INTERACTIVE("interactive"),
    ELEMENT_ID("element_id"),
    ELEMENT_CLASS("element_class"),
    ELEMENT_TEXT("element_text"),
    SCROLL_DEPTH("scroll_depth"),
    TIME_ON_PAGE("time_on_page"),
    CLICK_X("click_x"),
    CLICK_Y("click_y"),
    SCREEN_RESOLUTION("screen_resolution"),
    VIEWPORT_WIDTH("viewport_width"),
    VIEWPORT_HEIGHT("viewport_height"),
    LANGUAGE("language"),
    TIMEZONE("timezone"),
    CONSENT("consent"),
    GPC("gpc"),
    DNT("dnt"),
    USER_AGENT("user_agent"),
    CLIENT_IP("client_ip"),
    COLLECTOR("collector"),
    TRANSACTION_ID("transaction_id"),
    VALUE("value"),
    CURRENCY("currency"),
    ITEM("item"),
    ITEMS("items"),
    ITEM_ID("item_id"),
    ITEM_TYPE("item_type"),
    ITEM_NAME("item_name"),
    ITEM_CATEGORY("item_category"),
    ITEM_CATEGORY2("item_category2"),
    ITEM_CATEGORY3("item_category3"),
    ITEM_CATEGORY4("item_category4"),
    ITEM_CATEGORY5("item_category5"),
    ITEM_BRAND("item_brand"),
    PRICE("price"),
    QUANTITY("quantity"),
    PROPERTIES("properties"),
    EVENT_DATA("event_data");

    /** One accepted name of a member; the index counts all names of all members. */
    record Name(Member member, int index) {}

    private static final Map<String, Name> NAMES = index();

    private final List<String> names;
    private int firstIndex;

    Member(String canonicalName, String... aliases) {
        List<String> all = new ArrayList<>();
        all.add(canonicalName);
        Collections.addAll(all, aliases);
        this.names = List.copyOf(all);
    }

    /** All accepted names, known by the text on the wire. */
    static Map<String, Name> names() {
        return NAMES;
    }

    String canonicalName() {
        return names.get(0);
    }

    /** Tells that its value breaks the contract. */
    Violation breach(RejectReason reason, String expected) {
        return new Violation(reason, canonicalName(), expected);
    }

    List<String> aliases() {
        return names.subList(1, names.size());
    }

    /** Index of the canonical name; the aliases follow it. */
    int firstIndex() {
        return firstIndex;
    }

    int nameCount() {
        return names.size();
    }

    private static Map<String, Name> index() {
        Map<String, Name> byText = new LinkedHashMap<>();
        for (Member member : values()) {
            member.firstIndex = byText.size();
            for (String name : member.names) {
                byText.put(name, new Name(member, byText.size()));
            }
        }
        return Collections.unmodifiableMap(byText);
    }
}
