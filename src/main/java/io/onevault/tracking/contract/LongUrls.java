package io.onevault.tracking.contract;

import io.onevault.tracking.event.Ampersands;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * Shortens URLs by their longest parameters, which are states and tokens, then by the end of a long
 * path, and by what names a campaign last, so that what tells of page and campaign stays.
 */
final class LongUrls {

    /** The longest first, of equals the last; the campaign's after all others. */
    private static final Comparator<Parameter> ORDER_OF_DROPPING =
            Comparator.comparing(Parameter::isCampaign)
                    .thenComparing(Comparator.comparingInt(Parameter::length).reversed())
                    .thenComparing(Comparator.comparingInt(Parameter::number).reversed());

    private static final List<String> CAMPAIGN_PREFIXES = List.of("utm_", "mtm_", "pk_");
    private static final String CLICK_ID_SUFFIX = "clid";

    private LongUrls() {}

    /** A parameter of query or fragment with the mark before it. */
    private record Parameter(int number, int start, int end, boolean isCampaign) {
        private int length() {
            return end - start;
        }
    }

    /** The URL with as few parameters left out as it takes, and cut where that is not enough. */
    static String cut(String longUrl, int limit) {
        String url = decodedWhereTooOften(Ampersands.unescape(longUrl));
        List<Parameter> parameters = parameters(url);
        int path = parameters.isEmpty() ? url.length() : parameters.get(0).start();
        int spare = Math.max(0, path - limit / 2);
        String shorter = without(dropped(parameters, url.length(), limit, spare), parameters, url);
        int excess = shorter.length() - limit;
        if (excess > 0 && excess <= spare && path < shorter.length()) {
            shorter = Texts.cut(url, path - excess) + shorter.substring(path);
        }
        return Texts.isLonger(shorter, limit) ? Texts.cut(shorter, limit) : shorter;
    }

    /** Parameters that are one, because they were encoded once too often, are told apart. */
    private static String decodedWhereTooOften(String url) {
        if (!url.contains("%3D") && !url.contains("%3d")) {
            return url;
        }
        List<Parameter> parameters = parameters(url);
        int rest = parameters.isEmpty() ? url.length() : parameters.get(0).start();
        StringBuilder decoded = new StringBuilder(url.length()).append(url, 0, rest);
        for (Parameter parameter : parameters) {
            String text = url.substring(parameter.start(), parameter.end());
            decoded.append(text.indexOf('=') < 0 ? decodedOnce(text) : text);
        }
        return decoded.toString();
    }

    private static String decodedOnce(String text) {
        String marks = text.replace("%3d", "=").replace("%3D", "=").replace("%26", "&");
        return marks.replace("%2b", "+").replace("%2B", "+").replace("%25", "%");
    }

    /**
     * @param spare what the path can do without before the campaign has to go
     */
    private static BitSet dropped(List<Parameter> parameters, int urlLength, int limit, int spare) {
        List<Parameter> ordered = new ArrayList<>(parameters);
        ordered.sort(ORDER_OF_DROPPING);
        BitSet dropped = new BitSet();
        int length = urlLength;
        for (int i = 0; i < ordered.size() && length > limit; i++) {
            Parameter parameter = ordered.get(i);
            if (parameter.isCampaign() && (length - spare <= limit || i == ordered.size() - 1)) {
                // Either the path can be cut instead, or all that is left of the campaign: the
                // beginning of its value tells more than
                // none.
                break;
            }
            dropped.set(parameter.number());
            length -= parameter.length();
        }
        return dropped;
    }

    private static String without(BitSet dropped, List<Parameter> parameters, String url) {
        StringBuilder kept = new StringBuilder(url.length());
        kept.append(url, 0, parameters.isEmpty() ? url.length() : parameters.get(0).start());
        char opening = '&';
        for (Parameter parameter : parameters) {
            // What opened query or fragment and was dropped opens it for the next one that stays.
            char mark = url.charAt(parameter.start());
            opening = mark == '#' || mark == '?' && opening != '#' ? mark : opening;
            if (!dropped.get(parameter.number())) {
                kept.append(opening == '&' ? mark : opening);
                kept.append(url, parameter.start() + 1, parameter.end());
                opening = '&';
            }
        }
        return kept.toString();
    }

    private static List<Parameter> parameters(String url) {
        List<Parameter> parameters = new ArrayList<>();
        int hash = indexOfMark(url, 0, "#");
        int start = indexOfMark(url, 0, "?#");
        while (start < url.length()) {
            // "#/route?a=b" of single-page sites has a query of its own.
            int end = indexOfMark(url, start + 1, start < hash ? "&#" : "&?");
            parameters.add(
                    new Parameter(parameters.size(), start, end, isCampaign(url, start, end)));
            start = end;
        }
        return parameters;
    }

    private static boolean isCampaign(String url, int start, int end) {
        int equals = url.indexOf('=', start);
        int nameEnd = equals < 0 || equals > end ? end : equals;
        String name = url.substring(start + 1, nameEnd).toLowerCase(Locale.ROOT);
        for (String prefix : CAMPAIGN_PREFIXES) {
            if (name.startsWith(prefix)) {
                return true;
            }
        }
        return name.endsWith(CLICK_ID_SUFFIX);
    }

    private static int indexOfMark(String url, int from, String marks) {
        for (int i = from; i < url.length(); i++) {
            if (marks.indexOf(url.charAt(i)) >= 0) {
                return i;
            }
        }
        return url.length();
    }
}
