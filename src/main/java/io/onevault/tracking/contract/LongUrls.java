package io.onevault.tracking.contract;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;

/**
 * Shortens URLs by their longest parameters, which are states and tokens, so that what is short and
 * tells of page and campaign stays, wherever it stands.
 */
final class LongUrls {

    private LongUrls() {}

    /** A parameter of query or fragment with the mark before it. */
    private record Parameter(int number, int start, int end) {
        private int length() {
            return end - start;
        }
    }

    /** The URL with as few parameters left out as it takes, and cut where that is not enough. */
    static String cut(String url, int limit) {
        List<Parameter> parameters = parameters(url);
        List<Parameter> longest = new ArrayList<>(parameters);
        longest.sort(Comparator.comparingInt(Parameter::length).reversed());
        BitSet dropped = new BitSet();
        int length = url.length();
        for (int i = 0; i < longest.size() && length > limit; i++) {
            dropped.set(longest.get(i).number());
            length -= longest.get(i).length();
        }
        StringBuilder kept = new StringBuilder(length);
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
        String shorter = kept.toString();
        return Texts.isLonger(shorter, limit) ? Texts.cut(shorter, limit) : shorter;
    }

    private static List<Parameter> parameters(String url) {
        List<Parameter> parameters = new ArrayList<>();
        int hash = indexOfMark(url, 0, "#");
        int start = indexOfMark(url, 0, "?#");
        while (start < url.length()) {
            // "#/route?a=b" of single-page sites has a query of its own.
            int end = indexOfMark(url, start + 1, start < hash ? "&#" : "&?");
            parameters.add(new Parameter(parameters.size(), start, end));
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
