package io.onevault.tracking.local;

import io.onevault.tracking.program.UsageException;
import java.io.IOException;

/** Checks what PostgreSQL, which refuses to run as root, needs to be started by root. */
final class RootNamespace {

    private RootNamespace() {}

    static void check() throws IOException {
        if ("root".equals(System.getProperty("user.name")) && isLinux() && !canUnshare()) {
            throw new UsageException(
                    "PostgreSQL does not run as root, and this system allows no user namespaces"
                            + " (unshare -U fails), which would let it: start the stack as an"
                            + " ordinary user, or allow them, for example with"
                            + " sysctl user.max_user_namespaces=10000");
        }
    }

    private static boolean isLinux() {
        return System.getProperty("os.name").startsWith("Linux");
    }

    private static boolean canUnshare() throws IOException {
        try {
            Process probe =
                    new ProcessBuilder("unshare", "-U", "true")
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start();
            return probe.waitFor() == 0;
        } catch (IOException noSuchProgram) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("Interrupted", e);
        }
    }
}
