package io.onevault.tracking.enrich;

import crawlercommons.domains.EffectiveTldFinder;
import org.jspecify.annotations.Nullable;

/** Registrable domains and suffixes of hosts by the public suffix list. */
public final class Domains {

    private Domains() {}

    /**
     * The part of a host that somebody registered, such as {@code acme.co.uk} of {@code
     * shop.acme.co.uk} and {@code me.github.io} of itself: private suffixes count; the host itself
     * when it is an address, a public suffix or a local name.
     */
    static String registrable(String host) {
        return registered(host, false);
    }

    /**
     * The suffix that a registry gives names under, such as {@code co.uk} of {@code
     * shop.acme.co.uk} and {@code io} of {@code me.github.io}: private suffixes are names like
     * others.
     */
    public static String suffix(String host) {
        String domain = registered(host, true);
        return domain.substring(domain.indexOf('.') + 1);
    }

    private static String registered(String host, boolean excludePrivate) {
        int dot = host.lastIndexOf('.');
        if (dot < 0 || dot + 1 == host.length() || Chars.isDigitAt(host, dot + 1)) {
            return host;
        }
        if (EffectiveTldFinder.getEffectiveTLD(host, excludePrivate) == null) {
            // The list says so of domains that it does not name.
            return host.substring(host.lastIndexOf('.', dot - 1) + 1);
        }
        String domain = EffectiveTldFinder.getAssignedDomain(host, false, excludePrivate);
        return domain == null ? host : domain;
    }

    /** Whether two hosts are names of one site. */
    static boolean areOneSite(@Nullable String host, @Nullable String other) {
        if (host == null || other == null) {
            return false;
        }
        return host.equals(other) || registrable(host).equals(registrable(other));
    }
}
