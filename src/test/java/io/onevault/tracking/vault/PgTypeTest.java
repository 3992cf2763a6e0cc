package io.onevault.tracking.vault;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class PgTypeTest {

    @Test
    void sendsInstantsAsMicrosecondsSinceTheEpochRoundedDown() {
        assertThat(PgType.micros(Instant.parse("2026-11-20T06:00:00.123456Z")))
                .isEqualTo(1_795_154_400_123_456L);
        assertThat(PgType.micros(Instant.parse("1969-12-31T23:59:59.999999Z"))).isEqualTo(-1);
        assertThat(PgType.micros(Instant.parse("1970-01-01T00:00:00.000001999Z"))).isEqualTo(1);
    }
}
