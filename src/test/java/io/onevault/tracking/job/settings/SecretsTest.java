package io.onevault.tracking.job.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.onevault.tracking.access.TestSecret;
import org.apache.flink.util.InstantiationUtil;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The privacy secret stays where it is until somebody needs it. */
final class SecretsTest {

    private static final String SECRET = "5ec7e7".repeat(8);

    @Test
    void derivesFromWhatTheReferenceNames() {
        Secrets one = new Secrets(TestSecret.reference(SECRET));
        Secrets same = new Secrets(TestSecret.reference(SECRET));
        Secrets other = new Secrets(TestSecret.reference("5ec7e8".repeat(8)));

        assertThat(one.ofTenant("acme")).isEqualTo(same.ofTenant("acme")).hasSize(64);
        assertThat(one.ofTenant("acme"))
                .isNotEqualTo(one.ofTenant("acne"))
                .isNotEqualTo(other.ofTenant("acme"));
    }

    @Test
    void isNotSerialisedEvenAfterItWasUsed() throws Exception {
        Secrets secrets = new Secrets(TestSecret.reference(SECRET));
        String before = secrets.ofTenant("acme");

        byte[] serialised = InstantiationUtil.serializeObject(secrets);

        assertThat(new String(serialised, java.nio.charset.StandardCharsets.ISO_8859_1))
                .contains("${file:")
                .doesNotContain(SECRET);
        Secrets copy = InstantiationUtil.clone(secrets);
        assertThat(copy.ofTenant("acme")).isEqualTo(before);
    }

    @Test
    void saysWhichVariableIsMissing() {
        Secrets secrets = new Secrets("${env:NO_SUCH_VARIABLE}");

        assertThatThrownBy(() -> secrets.ofTenant("acme"))
                .hasMessage("${env:NO_SUCH_VARIABLE}: this process has no such variable");
    }

    @Test
    void saysWhichFileIsMissing() {
        Secrets secrets = new Secrets("${file:/no/such/file}");

        assertThatThrownBy(() -> secrets.ofTenant("acme"))
                .hasMessage("${file:/no/such/file}: this process cannot read the file");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0011223344556677", "00112233445566778899aabbccddeefg"})
    void refusesASecretWithoutStrengthAndDoesNotShowIt(String weak) {
        Secrets secrets = new Secrets(TestSecret.reference(weak));

        assertThatThrownBy(() -> secrets.ofTenant("acme"))
                .hasMessageStartingWith("privacy.secret: ${file:")
                .hasMessageEndingWith(" must hold an even number of at least 32 hex digits")
                .message()
                .doesNotContain(weak);
    }
}
