package io.onevault.tracking.recover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.onevault.tracking.contract.RejectedEntry;
import io.onevault.tracking.event.RejectReason;
import io.onevault.tracking.program.Program;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class RecoverTest {

    private static RejectedEntry entry(RejectReason reason, String tenant, String appendedAt) {
        return new RejectedEntry(
                reason, tenant, new byte[0], "events", 1, 7, Instant.parse(appendedAt));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--all",
                "--bootstrap-servers b:1",
                "--bootstrap-servers b:1 --all --input f",
                "--bootstrap-servers b:1 --reason NO_SUCH",
                "--bootstrap-servers b:1 --from yesterday",
                "--bootstrap-servers b:1 --tenant",
                "--bootstrap-servers b:1 --force yes",
                "--bootstrap-servers b:1 --all --kafka.property.group.id mine",
                "--bootstrap-servers b:1 --all --kafka.property.ssl.key.password told",
                "--bootstrap-servers b:1 --all",
                "--config no-such-file --all"
            })
    void refusesArgumentsThatMakeNoSense(String arguments) {
        RecoverRun run = RecoverRun.of(arguments.split(" "));

        assertThat(run.code()).isEqualTo(Program.USAGE);
        assertThat(run.err()).endsWith("; see --help\n");
    }

    @Test
    void explainsItself() {
        assertThat(RecoverRun.of("--help").out()).contains("--export", "Exit codes");
    }

    @Test
    void namesTheBrokersThatItDoesNotReach() {
        RecoverRun run =
                RecoverRun.of(
                        "--bootstrap-servers",
                        "127.0.0.1:1",
                        "--kafka.property.default.api.timeout.ms",
                        "100",
                        "--kafka.property.request.timeout.ms=100",
                        "--all",
                        "--dry-run");

        assertThat(run.err()).startsWith("Failed: Kafka at 127.0.0.1:1: ");
        assertThat(run.code()).isEqualTo(Program.AWAY);
    }

    @Test
    void selectsByCodeTenantAndTime() {
        RecoverOptions options = new RecoverOptions();
        new CommandLine(options)
                .parseArgs(
                        "--reason",
                        "WRONG_TYPE,TOO_DEEP",
                        "--tenant",
                        "acme",
                        "--from",
                        "2026-11-20T10:00:00Z",
                        "--to",
                        "2026-11-20T11:00:00Z");

        String time = "2026-11-20T10:00:00Z";
        assertThat(options.selects(entry(RejectReason.WRONG_TYPE, "acme", time))).isTrue();
        assertThat(options.selects(entry(RejectReason.TOO_LARGE, "acme", time))).isFalse();
        assertThat(options.selects(entry(RejectReason.TOO_DEEP, "zeta", time))).isFalse();
        assertThat(options.selects(entry(RejectReason.TOO_DEEP, null, time))).isFalse();
        assertThat(options.selects(entry(RejectReason.TOO_DEEP, "acme", "2026-11-20T11:00:00Z")))
                .isFalse();
        assertThat(options.selects(entry(RejectReason.TOO_DEEP, "acme", "2026-11-20T09:59:59Z")))
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"a\": 1.50e2, \"b\":[\"\u00e4\\u0000\"]}",
                "{\n\t\"evt_value\" : 1e400\r\n}",
                "{\"broken\":",
                "[1]",
                "{} {}",
                ""
            })
    void aLineKeepsTheBytesOfAnEvent(String event) {
        byte[] bytes = event.getBytes(StandardCharsets.UTF_8);
        RejectedEntry entry = entry(RejectReason.WRONG_TYPE, "acme", "2026-11-20T10:00:00Z");

        String line = EventLine.write(entry, bytes);
        EventLine parsed = EventLine.parse(line, 1);

        assertThat(line.lines()).hasSize(1);
        assertThat(parsed.place()).isEqualTo("events/1/7");
        assertThat(new String(parsed.event(), StandardCharsets.UTF_8))
                .isEqualTo(event.replace('\n', ' ').replace('\r', ' '));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[\"v@a.example\"]",
                "v@a.example",
                "{\"event\": {\"visitor_id\": \"v@a.example\"}}",
                "{\"from\": \"events/1/7\", \"event\": \"v@a.example\"}"
            })
    void aLineThatIsNoneIsToldByItsNumberAlone(String line) {
        assertThatThrownBy(() -> EventLine.parse(line, 7))
                .hasMessageStartingWith("line 7: ")
                .hasMessageNotContaining("v@a");
    }
}
