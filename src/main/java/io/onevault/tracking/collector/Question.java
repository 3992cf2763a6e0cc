package io.onevault.tracking.collector;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.eclipse.jetty.util.Fields;
import org.jspecify.annotations.Nullable;

/**
 * A question to the api: a function, and arguments made of an address's parameters. Which options
 * there are, and what they may be, is the function's to say.
 *
 * @param call the function, with a place for each argument
 * @param named parameters that are arguments of their own, in order after the tenant
 * @param hasOptions whether all other parameters go into one object of options, the last argument
 */
record Question(String call, List<String> named, boolean hasOptions) {

    private static final ObjectMapper JSON =
            new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private static final String FILTERS = "filters";

    /** What callers give as JSON; all other options are texts, whole numbers, true or false. */
    private static final List<String> STRUCTURED =
            List.of(FILTERS, "breakdowns", "steps", "after", "before");

    private static final Map<String, Question> BY_DOOR =
            Map.ofEntries(
                    Map.entry("analytics", options("api.get_session_analytics(?, ?::jsonb)")),
                    Map.entry("events", options("api.get_events(?, ?::jsonb)")),
                    Map.entry("items", options("api.get_items(?, ?::jsonb)")),
                    Map.entry("sessions", options("api.get_sessions(?, ?::jsonb)")),
                    Map.entry("paths", options("api.get_paths(?, ?::jsonb)")),
                    Map.entry("journey", options("api.get_visitor_journey(?, ?::jsonb)")),
                    Map.entry("attribution", options("api.get_attribution(?, ?::jsonb)")),
                    Map.entry("experiment", options("api.get_experiment(?, ?::jsonb)")),
                    Map.entry("vitals", options("api.get_web_vitals(?, ?::jsonb)")),
                    Map.entry("retention", options("api.get_retention(?, ?::jsonb)")),
                    Map.entry(
                            "funnel",
                            new Question(
                                    "api.get_funnel(?, ?::jsonb, ?::jsonb)",
                                    List.of("steps"),
                                    true)),
                    Map.entry(
                            "realtime",
                            new Question(
                                    "api.get_realtime(?, coalesce(?::integer, 30), ?::jsonb)",
                                    List.of("minutes"),
                                    true)),
                    Map.entry(
                            "ledger",
                            new Question(
                                    "api.get_ledger(?, ?::date, ?::date)",
                                    List.of("from_day", "to_day"),
                                    false)),
                    Map.entry("settings", plain("api.get_settings(?)")),
                    Map.entry("processing-record", plain("api.get_processing_record(?)")),
                    Map.entry("status", plain("api.get_tracking_system_status(?)")));

    /** The question that a door asks; null when there is no such door. */
    static @Nullable Question of(String door) {
        return BY_DOOR.get(door);
    }

    /** All that may be asked. */
    static Set<String> doors() {
        return BY_DOOR.keySet();
    }

    private static Question plain(String call) {
        return new Question(call, List.of(), false);
    }

    private static Question options(String call) {
        return new Question(call, List.of(), true);
    }

    /** Behind a call of which the audit is told by which key it is made. */
    static final String BY_KEY = " FROM auth.site_tracking_ask_by(?)";

    /** A question for one tenant, as it is put to the database. */
    record Asked(String call, List<@Nullable String> arguments) {}

    /** A call with the tenant and {@link #BY_KEY}. */
    static Asked byKey(String call, Site site) {
        return new Asked(call, Arrays.asList(site.tenantBk(), site.keyId()));
    }

    /** A call with the tenant, one more argument, and {@link #BY_KEY}. */
    static Asked byKey(String call, Site site, String argument) {
        return new Asked(call, Arrays.asList(site.tenantBk(), argument, site.keyId()));
    }

    /**
     * The question with the arguments for a site. What a link filters by is always on: whoever asks
     * can filter by more, and by nothing else of that kind.
     *
     * @throws Refused when a parameter that is JSON is none, or is not known
     */
    Asked by(Site site, Fields parameters) {
        List<@Nullable String> arguments = new ArrayList<>();
        arguments.add(site.tenantBk());
        for (String name : named) {
            arguments.add(readable(name, parameters.getValue(name)));
        }
        ObjectNode options = JSON.createObjectNode();
        for (Fields.Field parameter : parameters) {
            if (!named.contains(parameter.getName())) {
                options.set(parameter.getName(), value(parameter));
            }
        }
        if (hasOptions) {
            lock(options, site);
            arguments.add(options.toString());
        } else if (!options.isEmpty()) {
            throw invalid(options.fieldNames().next());
        }
        return new Asked(call, arguments);
    }

    /** As the database tells of a text that it can't cast, but not which parameter that is. */
    private static @Nullable String readable(String name, @Nullable String text) {
        if (text == null) {
            return null;
        }
        if (name.equals("steps")) {
            json(name, text);
        } else if (name.equals("minutes") ? !isWhole(text) : !isDay(text)) {
            throw invalid(name);
        }
        return text;
    }

    private static JsonNode json(String name, String text) {
        try {
            JsonNode json = JSON.readTree(text);
            if (json.isMissingNode()) {
                throw invalid(name);
            }
            return json;
        } catch (JsonProcessingException e) {
            throw invalid(name);
        }
    }

    private static boolean isDay(String text) {
        try {
            LocalDate.parse(text);
            return true;
        } catch (DateTimeParseException e) {
            return false;
        }
    }

    private static void lock(ObjectNode options, Site site) {
        if (site.link() == null || site.link().isUnfiltered()) {
            return;
        }
        ObjectNode filters = JSON.createObjectNode();
        if (options.get(FILTERS) instanceof ObjectNode asked) {
            filters.setAll(asked);
        }
        try {
            filters.setAll((ObjectNode) JSON.readTree(site.link().filters()));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the database tells no filters", e);
        }
        options.set(FILTERS, filters);
    }

    private static JsonNode value(Fields.Field parameter) {
        String text = parameter.getValue();
        if (STRUCTURED.contains(parameter.getName())) {
            return json(parameter.getName(), text);
        }
        if (text.equals("true") || text.equals("false")) {
            return JSON.getNodeFactory().booleanNode(text.equals("true"));
        }
        return isWhole(text)
                ? JSON.getNodeFactory().numberNode(Long.parseLong(text))
                : JSON.getNodeFactory().textNode(text);
    }

    private static boolean isWhole(String text) {
        if (text.isEmpty() || text.length() > 9) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return false;
            }
        }
        return true;
    }

    private static Refused invalid(String name) {
        return Refused.because(
                400, "INVALID_ARGUMENT", "The parameter " + name + " can't be read.");
    }
}
