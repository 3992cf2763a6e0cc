package io.onevault.tracking.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HmacTest {

    @Test
    void isThatOfRfc4231() {
        byte[] longKey = new byte[131];
        Arrays.fill(longKey, (byte) 0xaa);

        assertThat(hex(new Hmac(bytes("Jefe")).of("what do ya want for nothing?")))
                .isEqualTo("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
        assertThat(
                        hex(
                                new Hmac(longKey)
                                        .of(
                                                "Test Using Larger Than Block-Size Key - Hash Key First")))
                .isEqualTo("60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    }

    /** Around the block of SHA-256. */
    @ParameterizedTest
    @ValueSource(ints = {1, 32, 55, 56, 63, 64, 65, 200})
    void isWhatJavaMakes(int length) throws Exception {
        byte[] key = bytes("k".repeat(length));
        Hmac hmac = new Hmac(key);
        Mac java = Mac.getInstance("HmacSHA256");
        java.init(new SecretKeySpec(key, "HmacSHA256"));

        for (String text : new String[] {"", "ä", "t".repeat(length), "t".repeat(10 * length)}) {
            assertThat(hmac.of(text)).isEqualTo(java.doFinal(bytes(text)));
            assertThat(hmac.of(bytes("a"), bytes(text))).isEqualTo(java.doFinal(bytes("a" + text)));
        }
    }

    @Test
    void needsASecret() {
        assertThatThrownBy(() -> new Hmac(new byte[0]))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
