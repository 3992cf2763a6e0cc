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
        Member.ITEM_CATEGORY2,
        Member.ITEM_CATEGORY3,
        Member.ITEM_CATEGORY4,
        Member.ITEM_CATEGORY5,
        Member.ITEM_BRAND,
        Member.PRICE,
        Member.QUANTITY
    };

    private static final Member[] CATEGORY_LEVELS = {
        Member.ITEM_CATEGORY,
        Member.ITEM_CATEGORY2,
        Member.ITEM_CATEGORY3,
        Member.ITEM_CATEGORY4,
        Member.ITEM_CATEGORY5
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
            throw Member.ITEMS.breach(RejectReason.WRONG_TYPE, "an array of objects");
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

    private Item item(Function<Member, @Nullable Object> members) {
        Values item = values.of(members);
        String id = item.id(Member.ITEM_ID, Limits.ID_CHARS);
        if (id == null) {
            throw Member.ITEM_ID.breach(RejectReason.WRONG_TYPE, "an item id");
        }
        return new Item(
                id,
                item.text(Member.ITEM_TYPE),
                item.text(Member.ITEM_NAME),
                item.levels(CATEGORY_LEVELS),
                item.text(Member.ITEM_BRAND),
                item.amount(Member.PRICE),
                item.currency(Member.CURRENCY),
                item.amount(Member.QUANTITY));
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
        return Member.ITEMS.breach(RejectReason.TOO_MANY, "at most " + Limits.ITEMS + " items");
    }
}
