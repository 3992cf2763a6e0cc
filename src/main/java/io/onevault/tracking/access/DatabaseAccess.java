package io.onevault.tracking.access;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How the database is reached; the password is a reference or empty, so that this may be passed
 * around and printed.
 *
 * @param url with options of the driver, which beat user and password
 */
public record DatabaseAccess(String url, String user, String password) implements Serializable {

    private static final long serialVersionUID = 1;

    private static final String PREFIX = "jdbc:postgresql:";
    private static final String PASSWORD_VARIABLE = "PGPASSWORD";
    private static final Set<String> SECRETS = Set.of("password", "sslpassword");

    /** The variable that PostgreSQL's own programs read, or nothing. */
    public static String environmentPassword(Map<String, String> environment) {
        String given = environment.getOrDefault(PASSWORD_VARIABLE, "");
        return given.isEmpty() ? "" : References.toVariable(PASSWORD_VARIABLE);
    }

    /** What is wrong with the URL, without showing it; null when nothing is. */
    public static @Nullable String urlError(String url) {
        if (!url.startsWith(PREFIX)) {
            return "must begin with " + PREFIX;
        }
        if (base(url).contains("@")) {
            return "must not name user or password before the host; they are settings of their own";
        }
        for (Map.Entry<String, String> secret : secrets(url).entrySet()) {
            if (!References.isReference(secret.getValue())) {
                return "its " + secret.getKey() + " " + Secrecy.HOW;
            }
        }
        return null;
    }

    /** The URL without what is secret in it: drivers put it in their messages. */
    public String openUrl() {
        List<String> open = new ArrayList<>();
        for (String parameter : parameters(url)) {
            if (!SECRETS.contains(name(parameter))) {
                open.add(parameter);
            }
        }
        return open.isEmpty() ? base(url) : base(url) + "?" + String.join("&", open);
    }

    /**
     * User and secrets for the driver, to go with {@link #openUrl()}.
     *
     * @throws References.UnresolvedReferenceException when this process does not have one of them
     */
    public Properties properties() {
        Properties properties = new Properties();
        if (!user.isEmpty()) {
            properties.setProperty("user", user);
        }
        if (!password.isEmpty()) {
            properties.setProperty("password", References.resolve(password));
        }
        secrets(url)
                .forEach((name, value) -> properties.setProperty(name, References.resolve(value)));
        return properties;
    }

    private static Map<String, String> secrets(String url) {
        Map<String, String> secrets = new TreeMap<>();
        for (String parameter : parameters(url)) {
            if (SECRETS.contains(name(parameter))) {
                secrets.put(name(parameter), parameter.substring(parameter.indexOf('=') + 1));
            }
        }
        return secrets;
    }

    private static String name(String parameter) {
        int end = parameter.indexOf('=');
        return end < 0 ? parameter : parameter.substring(0, end);
    }

    private static String[] parameters(String url) {
        int start = url.indexOf('?');
        return start < 0 ? new String[0] : url.substring(start + 1).split("&");
    }

    private static String base(String url) {
        int end = url.indexOf('?');
        return end < 0 ? url : url.substring(0, end);
    }
}
