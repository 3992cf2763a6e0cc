package io.onevault.tracking.contract;

import io.onevault.tracking.enrich.Ampersands;
import io.onevault.tracking.enrich.CampaignValues;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;

/**
 * Shortens URLs without touching what their campaign is read from: drops their longest parameters,
 * which are states and tokens, then cuts the end of a long path.
 */
final class LongUrls {

    /** The longest first, of equals the last. */
    private static final Comparator<Parameter> ORDER_OF_DROPPING =
            Comparator.comparing(Parameter::length).thenComparing(Parameter::number).reversed();

    private LongUrls() {}

    /** A parameter of query or fragment with the mark before it. */
    private record Parameter(int number, String text, boolean isCampaign) {
        private int length() {
            return text.length();
        }
    }

    /** The URL with as few parameters left out as it takes, and cut where that is not enough. */
    static String cut(String longUrl, int limit) {
        String url = decodedWhereTooOften(Ampersands.unescape(longUrl));
        int pathEnd = indexOfMark(url, 0, "?#");
        String parameters = kept(parameters(url), limit - pathEnd);
        int excess = pathEnd + parameters.length() - limit;
        if (excess > 0 && pathEnd - excess >= originEnd(url, pathEnd)) {
            pathEnd -= excess;
            pathEnd -= Character.isLowSurrogate(url.charAt(pathEnd)) ? 1 : 0;
        }
        String shorter = url.substring(0, pathEnd) + parameters;
        return Texts.isLonger(shorter, limit) ? Texts.cut(shorter, limit) : shorter;
    }

    /** Index behind the first slash of the path, up to which none is cut. */
    private static int originEnd(String url, int pathEnd) {
        int scheme = url.indexOf("://");
        boolean relative = scheme < 0 || scheme > pathEnd;
        int slash = relative ? 0 : indexOfMark(url, scheme + "://".length(), "/?#");
        return Math.min(slash + 1, pathEnd);
    }

    /** Parameters that are one, because they were encoded once too often, are told apart. */
    private static String decodedWhereTooOften(String url) {
        if (!url.contains("%3D") && !url.contains("%3d")) {
            return url;
        }
        StringBuilder decoded = new StringBuilder(url.length());
        decoded.append(url, 0, indexOfMark(url, 0, "?#"));
        for (Parameter parameter : parameters(url)) {
            String text = parameter.text();
            decoded.append(text.indexOf('=') < 0 ? decodedOnce(text) : text);
        }
        return decoded.toString();
    }

    private static String decodedOnce(String text) {
        String marks = text.replace("%3d", "=").replace("%3D", "=").replace("%26", "&");
        return marks.replace("%2b", "+").replace("%2B", "+").replace("%25", "%");
    }

    /** What stays of the parameters when there is so much room for them. */
    private static String kept(List<Parameter> parameters, int room) {
        int length = 0;
        for (Parameter parameter : parameters) {
            length += parameter.length();
        }
        List<Parameter> ordered = new ArrayList<>(parameters);
        ordered.sort(ORDER_OF_DROPPING);
        BitSet dropped = new BitSet();
        for (int i = 0; i < ordered.size() && length > room; i++) {
            Parameter parameter = ordered.get(i);
            if (!parameter.isCampaign()) {
                dropped.set(parameter.number());
                length -= parameter.length();
            }
        }
        return without(dropped, parameters);
    }

    private static String without(BitSet dropped, List<Parameter> parameters) {
        StringBuilder kept = new StringBuilder();
        char opening = '&';
        for (Parameter parameter : parameters) {
            // What opened query or fragment and was dropped opens it for the next one that stays.
            String text = parameter.text();
            char mark = text.charAt(0);
            opening = mark == '#' || mark == '?' && opening != '#' ? mark : opening;
            if (!dropped.get(parameter.number())) {
                kept.append(opening == '&' ? mark : opening).append(text, 1, text.length());
                opening = '&';
            }
        }
        return kept.toString();
    }

    private static List<Parameter> parameters(String url) {
        List<Parameter> parameters = new ArrayList<>();
        CampaignValues campaign = new CampaignValues();
        int hash = indexOfMark(url, 0, "#");
        // "#/route?a=b" of single-page sites has a query of its own.
        int routeEnd = url.indexOf('?', hash);
        int start = indexOfMark(url, 0, "?#");
        while (start < url.length()) {
            boolean inRoute = start >= hash && start < routeEnd;
            int end = indexOfMark(url, start + 1, start < hash ? "&#" : inRoute ? "&?" : "&");
            String pair = url.substring(start + 1, end);
            String shorter = inRoute ? null : campaign.take(pair);
            String text = url.charAt(start) + (shorter == null ? pair : shorter);
            parameters.add(new Parameter(parameters.size(), text, shorter != null));
            start = end;
        }
        return parameters;
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
