package io.onevault.tracking.contract;

import io.onevault.tracking.event.Item;
import io.onevault.tracking.event.Limits;
import io.onevault.tracking.event.RejectReason;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Collects the items of one event out of {@code items[]}, {@code item} and the flat members, in
 * this order; one that is given in the array and alone counts once.
 */
final class ItemReader {

    /** The property that keeps what items have beyond the contract, by item id. */
    static final String ITEM_PROPERTIES = "item_properties";

    /** Flat members that mean nothing without a flat item id. */
    private static final Member[] FLAT = {
        Member.ITEM_TYPE,
        Member.ITEM_NAME,
        Member.ITEM_CATEGORY,
        Member.ITEM_BRAND,
        Member.PRICE,
        Member.QUANTITY
    };

    /** The members that an item inside {@code item} or {@code items[]} may have. */
    static final Set<Member> ITEM_MEMBERS = itemMembers();

    private final RawEvent raw;
    private final Values values;
    private final List<Item> items = new ArrayList<>();
    private final Map<String, Map<String, Object>> itemProperties =
            new TreeMap<>(MemberOrder.INSTANCE);

    ItemReader(RawEvent raw, Values values) {
        this.raw = raw;
        this.values = values;
    }

    /** The items; what they have beyond the contract is added to the record's other members. */
    List<Item> read() {
        RawMembers members = raw.members();
        addAll(members.get(Member.ITEMS));
        addSingle(members.get(Member.ITEM));
        if (members.get(Member.ITEM_ID) != null) {
            addUnlessPresent(item(members::get));
        } else {
            moveFlatToOthers();
        }
        if (!itemProperties.isEmpty()) {
            raw.others().putIfAbsent(ITEM_PROPERTIES, itemProperties);
        }
        if (items.size() > Limits.ITEMS) {
            throw tooMany();
        }
        return List.copyOf(items);
    }

    private void addAll(@Nullable Object array) {
        if (array == null) {
            return;
        }
        if (!(array instanceof List<?> elements)) {
            throw Values.wrongType(Member.ITEMS.canonicalName(), "an array of objects");
        }
        if (elements.size() > Limits.ITEMS) {
            throw tooMany();
        }
        for (int i = 0; i < elements.size(); i++) {
            try {
                items.add(nested(elements.get(i)));
            } catch (Violation violation) {
                throw violation.within(Member.ITEMS.canonicalName() + "[" + i + "]");
            }
        }
    }

    private void addSingle(@Nullable Object object) {
        if (object == null) {
            return;
        }
        try {
            addUnlessPresent(nested(object));
        } catch (Violation violation) {
            throw violation.within(Member.ITEM.canonicalName());
        }
    }

    private void addUnlessPresent(Item item) {
        if (!items.contains(item)) {
            items.add(item);
        }
    }

    private Item nested(@Nullable Object element) {
        if (!(element instanceof Map<?, ?> members)) {
            throw new Violation(RejectReason.WRONG_TYPE, null, "an object");
        }
        Map<Member, Object> known = new EnumMap<>(Member.class);
        Map<String, Object> unknown = new TreeMap<>(MemberOrder.INSTANCE);
        for (Map.Entry<?, ?> member : members.entrySet()) {
            Member.Name name = Member.names().get(member.getKey());
            Object value = member.getValue();
            if (name == null || !ITEM_MEMBERS.contains(name.member())) {
                unknown.put((String) member.getKey(), value);
            } else {
                known.put(
                        name.member(),
                        value instanceof String text ? Texts.trimToNull(text) : value);
            }
        }
        Item item = item(known::get);
        if (!unknown.isEmpty()) {
            itemProperties
                    .computeIfAbsent(item.itemId(), id -> new TreeMap<>(MemberOrder.INSTANCE))
                    .putAll(unknown);
        }
        return item;
    }

    private Item item(Function<Member, @Nullable Object> member) {
        String id = values.id(member.apply(Member.ITEM_ID), "item_id", Limits.ID_CHARS);
        if (id == null) {
            throw Values.wrongType(Member.ITEM_ID.canonicalName(), "an item id");
        }
        return new Item(
                id,
                values.text(member.apply(Member.ITEM_TYPE), "item_type"),
                values.text(member.apply(Member.ITEM_NAME), "item_name"),
                values.text(member.apply(Member.ITEM_CATEGORY), "item_category"),
                values.text(member.apply(Member.ITEM_BRAND), "item_brand"),
                values.amount(member.apply(Member.PRICE), "price"),
                values.currency(member.apply(Member.CURRENCY), "currency"),
                values.amount(member.apply(Member.QUANTITY), "quantity"));
    }

    private void moveFlatToOthers() {
        for (Member member : FLAT) {
            move(raw.members().getTop(member), member, raw.others());
            move(raw.members().getData(member), member, raw.dataOthers());
        }
    }

    private static void move(@Nullable Object value, Member member, Map<String, Object> others) {
        if (value != null) {
            others.put(member.canonicalName(), value);
        }
    }

    private static Set<Member> itemMembers() {
        Set<Member> members = EnumSet.of(Member.ITEM_ID, FLAT);
        members.add(Member.CURRENCY);
        return members;
    }

    private static Violation tooMany() {
        return new Violation(
                RejectReason.TOO_MANY,
                Member.ITEMS.canonicalName(),
                "at most " + Limits.ITEMS + " items");
    }
}
