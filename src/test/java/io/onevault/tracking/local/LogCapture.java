package io.onevault.tracking.local;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.LoggerConfig;
import org.apache.logging.log4j.core.config.Property;
import org.apache.logging.log4j.core.layout.PatternLayout;

/** Everything that a cluster would write into its log while this is open, stack traces included. */
final class LogCapture implements AutoCloseable {

    private static final List<String> LOGGERS =
            List.of("org.apache.kafka", "org.apache.flink", "org.postgresql", "io.onevault");

    private final LoggerContext context = (LoggerContext) LogManager.getContext(false);
    private final Lines lines = new Lines();

    LogCapture() {
        lines.start();
        for (String name : LOGGERS) {
            LoggerConfig logger = new LoggerConfig(name, Level.INFO, false);
            logger.addAppender(lines, Level.INFO, null);
            context.getConfiguration().removeLogger(name);
            context.getConfiguration().addLogger(name, logger);
        }
        context.updateLoggers();
    }

    String text() {
        return String.join("", lines.written);
    }

    @Override
    public void close() {
        context.reconfigure();
    }

    private static final class Lines extends AbstractAppender {

        private final Queue<String> written = new ConcurrentLinkedQueue<>();

        Lines() {
            super(
                    "lines",
                    null,
                    PatternLayout.newBuilder().setPattern("%p %c %m%n%xEx").build(),
                    false,
                    Property.EMPTY_ARRAY);
        }

        @Override
        public void append(LogEvent event) {
            written.add(getLayout().toSerializable(event).toString());
        }
    }
}
