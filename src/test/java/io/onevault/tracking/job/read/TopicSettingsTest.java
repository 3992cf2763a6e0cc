package io.onevault.tracking.job.read;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TopicSettingsTest {

    /** Compaction alone deletes nothing that has a key of its own, whatever the time is. */
    @ParameterizedTest
    @CsvSource({
        "delete, 86400000, ",
        "'compact,delete', 86400000, ",
        "compact, 86400000, cleanup.policy=compact",
        "delete, 86400001, retention.ms=86400001",
        "delete, -1, retention.ms=-1",
    })
    void tellsWhatKeepsTopicsForLonger(String policy, String millis, String setting) {
        Config told =
                new Config(
                        List.of(
                                new ConfigEntry("cleanup.policy", policy),
                                new ConfigEntry("retention.ms", millis)));

        assertThat(TopicSettings.keepingLonger(told, Duration.ofDays(1))).isEqualTo(setting);
    }
}
