package io.onevault.tracking.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import java.io.IOException;
import java.io.InputStream;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;

/** A page of another origin pins the tracker by its hash, as docs/collector.md tells. */
final class PinnedTracker {

    private static final int NAME_CHARS = 22;
    private static final String ADD_TAG =
            """
            ([src, integrity]) => new Promise(done => {
              const tag = document.createElement('script');
              Object.assign(tag, {src, integrity, crossOrigin: 'anonymous'});
              tag.onload = () => done(typeof window.onevault);
              tag.onerror = () => done('refused');
              document.head.append(tag);
            })
            """;

    private final ShopStack stack;

    PinnedTracker(ShopStack stack) {
        this.stack = stack;
    }

    void loadsByItsHashAlone() throws IOException, GeneralSecurityException {
        byte[] built = built();
        byte[] hash = hash(built);
        String script = stack.url("/t/" + name(built));
        String integrity = "sha256-" + Base64.getEncoder().encodeToString(hash);
        try (Look look = stack.look(new Browser.NewContextOptions().setBypassCSP(true))) {
            // The same server by another name, which is another origin to a browser; a page of
            // somebody else, without the policy of ours.
            Page page = look.open(stack.url("/health/live").replace("127.0.0.1", "site.test"));
            hash[0]++;
            String other = "sha256-" + Base64.getEncoder().encodeToString(hash);

            assertThat(page.evaluate(ADD_TAG, List.of(script, other))).isEqualTo("refused");
            assertThat(look.complaints()).anyMatch(told -> told.contains("integrity"));
            assertThat(page.evaluate(ADD_TAG, List.of(script, integrity))).isEqualTo("function");
        }
    }

    /** What a build of these bytes is called. */
    static String name(byte[] script) throws GeneralSecurityException {
        return Base64.getUrlEncoder().encodeToString(hash(script)).substring(0, NAME_CHARS) + ".js";
    }

    private static byte[] hash(byte[] script) throws GeneralSecurityException {
        return MessageDigest.getInstance("SHA-256").digest(script);
    }

    private static byte[] built() throws IOException {
        try (InputStream script = PinnedTracker.class.getResourceAsStream("/tracker/tracker.js")) {
            return script.readAllBytes();
        }
    }
}
