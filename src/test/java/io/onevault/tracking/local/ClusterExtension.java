package io.onevault.tracking.local;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Gives tests the {@link ClusterStack} of the run, started on first use and ended with it. */
final class ClusterExtension implements ParameterResolver {

    private static final Namespace NAMESPACE = Namespace.create(ClusterExtension.class);

    /** The shipped configuration but for its patience; with it in the long run of chaos. */
    private static final Map<String, String> FLINK_OPTIONS =
            Integer.getInteger("chaos.rounds") != null
                    ? Map.of()
                    : Map.of(
                            "execution.checkpointing.interval", "2 s",
                            "execution.checkpointing.min-pause", "500 ms",
                            "restart-strategy.exponential-delay.max-backoff", "4 s");

    private static final Path FOLDER = Path.of(System.getProperty("cluster.folder"));

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == ClusterStack.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return context.getRoot()
                .getStore(NAMESPACE)
                .getOrComputeIfAbsent(ClusterStack.class, type -> start(), ClusterStack.class);
    }

    private static ClusterStack start() {
        try {
            DataDirectory.delete(FOLDER);
            return ClusterStack.start(FOLDER, FLINK_OPTIONS);
        } catch (Exception e) {
            throw new ParameterResolutionException("the cluster did not start", e);
        }
    }
}
