package io.onevault.tracking.collector;

import io.onevault.tracking.text.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/** Serves the files of a folder on the class path, such as the dashboard's. */
final class FileDoor extends Handler.Abstract {

    static final HttpFields OF_FILES =
            HttpFields.build().add("Cache-Control", "no-cache").asImmutable();

    /** Nothing but our own files, in no frame of others, and no markup made of texts. */
    static final HttpFields OF_PAGES =
            HttpFields.build(OF_FILES)
                    .add(
                            Answers.POLICY,
                            "default-src 'none'; script-src 'self'; style-src 'self'; img-src"
                                    + " 'self' data:; connect-src 'self'; base-uri 'none';"
                                    + " form-action 'none'; frame-ancestors 'none';"
                                    + " require-trusted-types-for 'script'; trusted-types 'none'")
                    .asImmutable();

    /** Pages beside the doors ask their browsers to say more, as a site's own pages may. */
    static final HttpFields OF_A_SITE =
            HttpFields.build(OF_PAGES).add("Accept-CH", AgentHints.ASKED).asImmutable();

    /** Letters, digits and single points, so that no name leaves the folder. */
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)+");

    private static final Map<String, String> TYPES =
            Map.of(
                    "html", "text/html;charset=utf-8",
                    "js", "text/javascript;charset=utf-8",
                    "mjs", "text/javascript;charset=utf-8",
                    "css", "text/css;charset=utf-8",
                    "svg", "image/svg+xml",
                    "json", "application/json",
                    "png", "image/png");

    private final String prefix;
    private final String folder;
    private final HttpFields headers;
    private final Map<String, Optional<File>> files = new ConcurrentHashMap<>();

    /** A file and the tag by which a browser asks whether it is still the same. */
    private record File(byte[] bytes, String tag, String type) {}

    /**
     * @param prefix of the paths that are served, as {@code /dashboard/}
     * @param folder of the class path, as {@code dashboard/}
     * @param headers that every answer has
     */
    FileDoor(String prefix, String folder, HttpFields headers) {
        this.prefix = prefix;
        this.folder = folder;
        this.headers = headers;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        String name = Doors.path(request).substring(prefix.length());
        File file = find(name.isEmpty() ? "index.html" : name);
        headers.forEach(field -> response.getHeaders().put(field));
        response.getHeaders().put(HttpHeader.ETAG, file.tag());
        if (isKnown(request, file.tag())) {
            response.setStatus(304);
            response.write(true, null, callback);
            return true;
        }
        Answers.send(response, 200, file.type(), file.bytes(), callback);
        return true;
    }

    /**
     * By weak comparison, as RFC 9110 wants it: a proxy that compresses makes weak tags of ours.
     */
    private static boolean isKnown(Request request, String tag) {
        return request.getHeaders().getValuesList(HttpHeader.IF_NONE_MATCH).stream()
                .anyMatch(known -> known.equals("*") || known.contains(tag));
    }

    private File find(String name) {
        if (!NAME.matcher(name).matches()) {
            throw notFound();
        }
        Optional<File> known = files.get(name);
        if (known == null) {
            known = read(name);
            if (known.isPresent()) {
                files.put(name, known);
            }
        }
        return known.orElseThrow(FileDoor::notFound);
    }

    private Optional<File> read(String name) {
        String type = TYPES.get(name.substring(name.lastIndexOf('.') + 1));
        byte[] bytes = type == null ? null : resource(folder + name);
        return bytes == null
                ? Optional.empty()
                : Optional.of(new File(bytes, '"' + hash(bytes) + '"', type));
    }

    /** A resource of the class path; null when there is none. */
    static byte @Nullable [] resource(String path) {
        try (InputStream in = FileDoor.class.getClassLoader().getResourceAsStream(path)) {
            return in == null ? null : in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("a resource of the jar can't be read: " + path, e);
        }
    }

    /** A name for exactly these bytes. */
    static String hash(byte[] bytes) {
        byte[] digest = Sha256.digest().digest(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(digest).substring(0, 22);
    }

    private static Refused notFound() {
        return Refused.because(404, "NOT_FOUND", "There is nothing here.");
    }
}
