package io.onevault.tracking.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class HexTextTest {

    @Test
    void isThatOfJavasOwnFormat() {
        byte[] bytes = new byte[256];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) i;
        }

        assertThat(HexText.of(bytes)).isEqualTo(HexFormat.of().formatHex(bytes));
        assertThat(HexText.of(bytes, 7, 200)).isEqualTo(HexFormat.of().formatHex(bytes, 7, 200));
        assertThat(HexText.of(bytes, 7, 7)).isEmpty();
    }
}
