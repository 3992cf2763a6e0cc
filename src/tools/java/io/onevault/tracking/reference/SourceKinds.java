package io.onevault.tracking.reference;

import io.onevault.tracking.enrich.Domains;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Sites by their kind, gathered from lists of different forms; what comes first counts. */
final class SourceKinds {

    private static final String PLACEHOLDER = "{}";
    private static final String ANY_SUFFIX = ".*";

    private final Map<String, String> kinds = new LinkedHashMap<>();

    /** Takes what a site is, unless a list before said something else. */
    void add(String site, String kind) {
        String name = name(site);
        if (!name.isEmpty()) {
            kinds.putIfAbsent(name, kind);
        }
    }

    void addGa4(List<String> lines) {
        for (String line : lines) {
            int comma = line.lastIndexOf(',');
            switch (line.substring(comma + 1).strip()) {
                case "SOURCE_CATEGORY_SEARCH" -> add(line.substring(0, comma), "search");
                case "SOURCE_CATEGORY_SOCIAL" -> add(line.substring(0, comma), "social");
                case "SOURCE_CATEGORY_VIDEO" -> add(line.substring(0, comma), "video");
                case "SOURCE_CATEGORY_SHOPPING" -> add(line.substring(0, comma), "shopping");
                default -> {
                    // The line that names the columns.
                }
            }
        }
    }

    void addSnowplow(Map<?, ?> media) {
        media.forEach(
                (medium, providers) -> {
                    String kind =
                            switch (String.valueOf(medium)) {
                                case "chatbot" -> "assistant";
                                case "paid" -> "ads";
                                case "unknown" -> "none";
                                default -> String.valueOf(medium);
                            };
                    for (Object provider : ((Map<?, ?>) providers).values()) {
                        addAll(((Map<?, ?>) provider).get("domains"), kind);
                    }
                });
    }

    void addMatomoAssistants(Map<?, ?> assistants) {
        assistants.values().forEach(hosts -> addAll(hosts, "assistant"));
    }

    void addMatomoSocials(Map<?, ?> socials) {
        socials.values().forEach(hosts -> addAll(hosts, "social"));
    }

    void addMatomoSearchEngines(Map<?, ?> engines) {
        for (Object forms : engines.values()) {
            for (Object form : (List<?>) forms) {
                addAll(((Map<?, ?>) form).get("urls"), "search");
            }
        }
    }

    /** The lines of the list, without those that another one covers. */
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        kinds.forEach(
                (name, kind) -> {
                    if (!isCovered(name, kind)) {
                        lines.add(kind + ',' + name);
                    }
                });
        lines.sort(Comparator.naturalOrder());
        return lines;
    }

    private void addAll(Object sites, String kind) {
        if (sites instanceof List<?> list) {
            list.forEach(site -> add(String.valueOf(site), kind));
        }
    }

    private boolean isCovered(String name, String kind) {
        if (name.indexOf('.') < 0 || name.endsWith(ANY_SUFFIX)) {
            return false;
        }
        int suffix = name.length() - Domains.suffix(name).length();
        return kind.equals(kinds.get(name.substring(0, suffix) + '*'));
    }

    /** The name in our form; empty when it is only a page of a site. */
    private static String name(String site) {
        String name = site.strip().toLowerCase(Locale.ROOT);
        if (name.startsWith("www.")) {
            name = name.substring("www.".length());
        }
        int slash = name.indexOf('/');
        if (slash >= 0 && slash < name.length() - 1) {
            return "";
        }
        name = slash < 0 ? name : name.substring(0, slash);
        if (name.startsWith(PLACEHOLDER + '.')) {
            name = name.substring(PLACEHOLDER.length() + 1);
        }
        name = name.replace('.' + PLACEHOLDER + '.', ".");
        return name.endsWith('.' + PLACEHOLDER)
                ? name.substring(0, name.length() - PLACEHOLDER.length()) + '*'
                : name;
    }
}
