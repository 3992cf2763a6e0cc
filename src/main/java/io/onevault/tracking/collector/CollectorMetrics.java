package io.onevault.tracking.collector;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Counts what the collector did, for Prometheus. */
final class CollectorMetrics {

    static final String TYPE = PrometheusTextFormatWriter.CONTENT_TYPE;

    private static final double NANOS = 1e9;

    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final Counter events =
            Counter.builder()
                    .name("site_tracking_collector_events")
                    .help("Events of acknowledged requests, by what the contract says of them.")
                    .labelNames("outcome")
                    .register(registry);
    private final Counter refused =
            Counter.builder()
                    .name("site_tracking_collector_requests_refused")
                    .help("Requests that were refused as a whole, by the code of the answer.")
                    .labelNames("code")
                    .register(registry);
    private final Histogram seconds =
            Histogram.builder()
                    .name("site_tracking_collector_request_seconds")
                    .help("Time from a request's head to the end of its answer.")
                    .labelNames("door")
                    .classicOnly()
                    .classicUpperBounds(.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10)
                    .register(registry);

    void accepted(Accepted accepted) {
        events.labelValues("accepted").inc(accepted.eventIds().size());
        events.labelValues("rejected").inc(accepted.refusals().size());
    }

    void refused(String code) {
        refused.labelValues(code).inc();
    }

    void served(String door, long nanos) {
        seconds.labelValues(door).observe(nanos / NANOS);
    }

    /** All of it as text. */
    byte[] text() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            PrometheusTextFormatWriter.create().write(out, registry.scrape());
        } catch (IOException e) {
            throw new UncheckedIOException("no stream is involved", e);
        }
        return out.toByteArray();
    }
}
