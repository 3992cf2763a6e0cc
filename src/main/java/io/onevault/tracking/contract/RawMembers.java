package io.onevault.tracking.contract;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The contract's members of one record as they came, and the rule which one counts: the top level
 * before {@code event_data}, the canonical name before its aliases. Null and blank mean absent.
 */
final class RawMembers {

    private static final int NAME_COUNT = Member.names().size();

    private final @Nullable Object[] top = new Object[NAME_COUNT];
    private @Nullable Object @Nullable [] data;
    private @Nullable String tenant;
    private boolean tenantAmbiguous;

    /**
     * Keeps a value; the last one given under the same name at the same level stays, unless the one
     * before denies or objects.
     */
    void put(Member.Name name, boolean inEventData, @Nullable Object value) {
        Object kept = value instanceof String text ? Texts.trimToNull(text) : value;
        if (inEventData && data == null) {
            data = new Object[NAME_COUNT];
        }
        @Nullable Object[] level = inEventData ? data : top;
        Object before = level[name.index()];
        if (before == null || !Consent.isObjection(name, before)) {
            level[name.index()] = kept;
        }
        if (name.member() == Member.TENANT && kept != null) {
            noteTenant(kept);
        }
    }

    private void noteTenant(Object value) {
        String text = value instanceof NumberText number ? number.text() : value.toString();
        tenantAmbiguous |= tenant != null && !tenant.equals(text);
        tenant = text;
    }

    /** Whether the record names two tenants, under whatever names and levels. */
    boolean isTenantAmbiguous() {
        return tenantAmbiguous;
    }

    @Nullable Object get(Member member) {
        Object value = getTop(member);
        return value != null ? value : getData(member);
    }

    /** All values of a member, those first that count before the others. */
    List<Object> all(Member member) {
        List<Object> all = new ArrayList<>(2);
        addAll(top, member, all);
        if (data != null) {
            addAll(data, member, all);
        }
        return all;
    }

    private static void addAll(@Nullable Object[] values, Member member, List<Object> all) {
        int first = member.firstIndex();
        for (int i = first; i < first + member.nameCount(); i++) {
            if (values[i] != null) {
                all.add(values[i]);
            }
        }
    }

    @Nullable Object getTop(Member member) {
        return firstOf(top, member);
    }

    @Nullable Object getData(Member member) {
        return data == null ? null : firstOf(data, member);
    }

    private static @Nullable Object firstOf(@Nullable Object[] values, Member member) {
        int first = member.firstIndex();
        for (int i = first; i < first + member.nameCount(); i++) {
            if (values[i] != null) {
                return values[i];
            }
        }
        return null;
    }
}
