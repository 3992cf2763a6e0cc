package io.onevault.tracking.contract;

import io.onevault.tracking.event.Limits;
import io.onevault.tracking.event.RejectReason;
import io.onevault.tracking.event.TrackerEvent;
import io.onevault.tracking.text.CanonicalText;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Gathers everything outside the contract into one canonical JSON object. */
final class Properties {

    private static final int MAX_UTF8_BYTES_PER_CHAR = 3;

    private Properties() {}

    /**
     * The canonical text. Of several values of one name the first counts of: {@code properties},
     * the other members, {@code event_data.properties}, the other members of {@code event_data}.
     */
    static String of(RawEvent raw) {
        Map<String, Object> merged = new TreeMap<>(MemberOrder.INSTANCE);
        merge(merged, raw.members().getTop(Member.PROPERTIES));
        merge(merged, raw.others());
        merge(merged, raw.members().getData(Member.PROPERTIES));
        merge(merged, raw.dataOthers());
        if (merged.isEmpty()) {
            return TrackerEvent.NO_PROPERTIES;
        }
        JsonText json = new JsonText(256);
        json.value(merged);
        String text = json.toString();
        if (isLongerThanRecord(text, json.blanks())) {
            throw Member.PROPERTIES.breach(
                    RejectReason.TOO_LARGE, "at most " + Limits.RECORD_BYTES + " bytes");
        }
        return text;
    }

    /** The canonical text of properties that were changed as text. */
    static String canonical(String changed) {
        JsonText json = new JsonText(changed.length());
        json.value(RawEventReader.object(changed));
        return json.toString();
    }

    private static void merge(Map<String, Object> merged, @Nullable Object more) {
        if (more == null) {
            return;
        }
        if (!(more instanceof Map<?, ?> members)) {
            throw Member.PROPERTIES.breach(RejectReason.WRONG_TYPE, "an object");
        }
        for (Map.Entry<?, ?> member : members.entrySet()) {
            merged.putIfAbsent((String) member.getKey(), member.getValue());
        }
    }

    /** Plain decimals and repeated item ids can make the text longer than the record was. */
    private static boolean isLongerThanRecord(String text, int blanks) {
        return text.length() * MAX_UTF8_BYTES_PER_CHAR > Limits.RECORD_BYTES
                && CanonicalText.utf8Length(text) - blanks > Limits.RECORD_BYTES;
    }
}
