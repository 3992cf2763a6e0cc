package io.onevault.tracking.relay;

import java.io.IOException;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.StringRequestContent;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.util.component.LifeCycle;
import org.jspecify.annotations.Nullable;

/** Sends what alerts tell to receivers that tenants name, and tells no receiver's answer. */
final class Webhooks {

    static final String SIGNATURE = "Site-Tracking-Signature";

    /** Less than it takes until the call is due again. */
    private static final long PATIENCE_SECONDS = 10;

    private final boolean anywhere;

    /**
     * @param anywhere whether they may be without TLS, and at addresses that are not public
     */
    Webhooks(boolean anywhere) {
        this.anywhere = anywhere;
    }

    /**
     * @param signature the body's HMAC-SHA-256 under the alert's secret, in hex
     * @return why the receiver did not take it; null where it did
     */
    @Nullable String post(URI webhook, String body, String signature) {
        if (!anywhere && !"https".equals(webhook.getScheme())) {
            return "only https is called";
        }
        // One for each call, as calls are few.
        HttpClient client = client();
        try {
            client.start();
            int status =
                    client.newRequest(webhook)
                            .method(HttpMethod.POST)
                            .headers(headers -> headers.put(SIGNATURE, "sha256=" + signature))
                            .body(new StringRequestContent("application/json", body))
                            .timeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
                            .send()
                            .getStatus();
            return status / 100 == 2 ? null : "answered " + status;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "interrupted";
        } catch (TimeoutException e) {
            return "no answer within " + PATIENCE_SECONDS + " s";
        } catch (ExecutionException e) {
            return reason(e.getCause());
        } catch (Exception e) {
            return reason(e);
        } finally {
            LifeCycle.stop(client);
        }
    }

    /** For people who set alerts, and know nothing of Java. */
    private static String reason(Throwable failure) {
        if (failure instanceof UnknownHostException) {
            return failure.getMessage();
        }
        if (failure instanceof SSLException) {
            return "no TLS: " + failure.getMessage();
        }
        return failure instanceof IOException ? "no connection" : "no answer by HTTP";
    }

    private HttpClient client() {
        HttpClient client = new HttpClient();
        client.setFollowRedirects(false);
        client.setConnectTimeout(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS / 2));
        if (!anywhere) {
            client.setSocketAddressResolver(new PublicAddresses());
        }
        return client;
    }
}
