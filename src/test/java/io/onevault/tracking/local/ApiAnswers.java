package io.onevault.tracking.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.onevault.tracking.migrate.TestDatabase;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.List;

/** Calls functions of the api layer and compares what they answer. */
final class ApiAnswers {

    private static final ObjectMapper JSON =
            new ObjectMapper().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

    private ApiAnswers() {}

    /**
     * The whole answer.
     *
     * @param call with a question mark for each argument
     */
    static JsonNode answer(TestDatabase database, String call, String... arguments)
            throws Exception {
        try (Connection connection = database.connect();
                PreparedStatement statement =
                        connection.prepareStatement("SELECT (" + call + ")::text")) {
            for (int i = 0; i < arguments.length; i++) {
                statement.setString(i + 1, arguments[i]);
            }
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return JSON.readTree(row.getString(1));
            }
        }
    }

    /** The data of a successful answer. */
    static JsonNode data(TestDatabase database, String call, String... arguments) throws Exception {
        JsonNode answer = answer(database, call, arguments);
        assertThat(answer.path("success").asBoolean()).as(answer.toString()).isTrue();
        return answer.path("data");
    }

    /**
     * Compares regardless of the order of members and of trailing zeros; tells where they differ.
     */
    static void assertSame(String what, JsonNode actual, JsonNode expected) {
        List<String> differences = new ArrayList<>();
        compare("", actual, expected, differences);
        assertThat(differences.stream().limit(10)).as(what).isEmpty();
    }

    private static void compare(String at, JsonNode actual, JsonNode expected, List<String> found) {
        if (actual.isObject() && expected.isObject()) {
            List<String> names = new ArrayList<>();
            actual.fieldNames().forEachRemaining(names::add);
            expected.fieldNames()
                    .forEachRemaining(
                            name -> {
                                if (!actual.has(name)) {
                                    names.add(name);
                                }
                            });
            for (String name : names) {
                compare(at + '.' + name, actual.path(name), expected.path(name), found);
            }
        } else if (actual.isArray() && expected.isArray() && actual.size() == expected.size()) {
            for (int i = 0; i < actual.size(); i++) {
                compare(at + '[' + i + ']', actual.get(i), expected.get(i), found);
            }
        } else if (!plain(actual).equals(plain(expected))) {
            found.add(at + ": " + actual + " instead of " + expected);
        }
    }

    private static Object plain(JsonNode node) {
        BigDecimal number = node.isNumber() ? node.decimalValue() : null;
        return number == null ? node.toString() : number.stripTrailingZeros().toPlainString();
    }
}
