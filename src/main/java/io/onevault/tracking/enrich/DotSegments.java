package io.onevault.tracking.enrich;

/** Resolves {@code .} and {@code ..} in the path of a URL (RFC 3986, 5.2.4). */
final class DotSegments {

    private DotSegments() {}

    /** The path without dot segments; it starts with a slash, also when the given one is empty. */
    static String resolve(String path) {
        if (path.indexOf("/.") < 0) {
            return path.isEmpty() ? "/" : path;
        }
        StringBuilder out = new StringBuilder(path.length());
        int i = 0;
        while (i < path.length()) {
            int slash = path.indexOf('/', i + 1);
            int end = slash < 0 ? path.length() : slash;
            if (isSegment(path, i, end, "/.")) {
                appendLastSlash(slash < 0, out);
            } else if (isSegment(path, i, end, "/..")) {
                out.setLength(Math.max(out.lastIndexOf("/"), 0));
                appendLastSlash(slash < 0, out);
            } else {
                out.append(path, i, end);
            }
            i = end;
        }
        return out.toString();
    }

    private static boolean isSegment(String path, int start, int end, String segment) {
        return end - start == segment.length() && path.startsWith(segment, start);
    }

    /** A dot segment at the end of a path names a folder. */
    private static void appendLastSlash(boolean last, StringBuilder out) {
        if (last) {
            out.append('/');
        }
    }
}
