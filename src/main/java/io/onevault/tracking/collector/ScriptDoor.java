package io.onevault.tracking.collector;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * Serves the tracker: under its path for an hour, so that an upgrade reaches every site, and under
 * a name made of its bytes for ever, for pages that pin it by its hash.
 */
final class ScriptDoor extends Handler.Abstract {

    private static final String TYPE = "text/javascript;charset=utf-8";
    private static final String FOLDER = "tracker/";

    /** Builds of earlier releases, by the names that they are pinned by. */
    private static final String RELEASED = FOLDER + "released/";

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{22}\\.js");

    /** The whole tracker, and the one without vitals and what is captured by itself. */
    private static final List<String> SCRIPTS = List.of("tracker.js", "core.js");

    private final Map<String, byte[]> byPath = new HashMap<>();
    private final Map<String, byte[]> pinned = new ConcurrentHashMap<>();
    private final String pinnedFolder;

    /**
     * @param path of the whole tracker; the small one lies beside it
     * @param pinnedFolder before the names that are made of bytes
     */
    ScriptDoor(String path, String pinnedFolder) {
        this.pinnedFolder = pinnedFolder;
        String beside = path.substring(0, path.lastIndexOf('/') + 1);
        for (String script : SCRIPTS) {
            byte[] bytes = read(script);
            byPath.put(script.equals(SCRIPTS.get(0)) ? path : beside + script, bytes);
            pinned.put(pinnedFolder + FileDoor.hash(bytes) + ".js", bytes);
        }
    }

    private static byte[] read(String script) {
        byte[] bytes = FileDoor.resource(FOLDER + script);
        if (bytes == null) {
            throw new IllegalStateException("the build left out " + FOLDER + script);
        }
        return bytes;
    }

    /** Where the scripts are that may change. */
    Iterable<String> paths() {
        return byPath.keySet();
    }

    private byte @Nullable [] pinned(String path) {
        byte[] script = pinned.get(path);
        if (script != null || !path.startsWith(pinnedFolder)) {
            return script;
        }
        String name = path.substring(pinnedFolder.length());
        byte[] released = NAME.matcher(name).matches() ? FileDoor.resource(RELEASED + name) : null;
        if (released != null) {
            pinned.put(path, released);
        }
        return released;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        String path = Doors.path(request);
        byte[] script = pinned(path);
        String lifetime = "public, max-age=31536000, immutable";
        if (script == null) {
            script = byPath.get(path);
            lifetime = "public, max-age=3600";
        }
        if (script == null) {
            throw Refused.because(404, "NOT_FOUND", "There is nothing here.");
        }
        response.getHeaders().put(HttpHeader.CACHE_CONTROL, lifetime);
        response.getHeaders().put(HttpHeader.ACCESS_CONTROL_ALLOW_ORIGIN, "*");
        Answers.openToOthers(response);
        Answers.send(response, 200, TYPE, script, callback);
        return true;
    }
}
