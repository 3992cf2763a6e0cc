package io.onevault.tracking.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.text.Sha256;
import java.nio.charset.StandardCharsets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecordKeyTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "{\"tenantId\":\"t\",\"session_id\":\"s\",\"visitor_id\":\"v\"} ; t; s",
                "{\"visitor_id\":\"v\",\"tenant_bk\":\"t\"}                     ; t; v",
                "{\"tenant_id\":\"t\",\"user_id\":\"u\",\"items\":[{\"a\":1}]}  ; t; u",
                "{\"tenantBk\":\"t\",\"event_data\":{\"session_id\":\"s\"}}     ; t; s",
                "{\"tenantId\":\"t\",\"session_id\":\"s\",\"cut                 ; t; s",
            })
    void readsTenantAndClient(String line, String tenant, String client) {
        String bucket = Sha256.hex(client, 2).substring(0, 3);
        assertThat(RecordKey.of(utf8(line)).bytes()).isEqualTo(utf8(tenant + '|' + bucket));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {"{\"tenantId\":\"t\"}", "{\"session_id\":\"s\"}", "[1]", "''", "nonsense"})
    void hasNoKeyWhereTenantOrClientIsMissing(String line) {
        assertThat(RecordKey.of(utf8(line)).bytes()).isNull();
    }

    @Test
    void normalisesTheTenantAsTheContractDoes() {
        assertThat(RecordKey.of(utf8("{\"tenantId\":\" Cafe\u0301 \"}")).tenantBk())
                .isEqualTo("Caf\u00e9");
    }

    @ParameterizedTest
    @CsvSource({"'  '", "\\u0000", "\\ud800"})
    void registersNoTenantThatTheDatabaseCannotHold(String tenant) {
        assertThat(RecordKey.of(utf8("{\"tenantId\":\"" + tenant + "\"}")).tenantBk()).isNull();
    }

    @Property
    void sendsTheSameBytesToTheSamePartition(
            @ForAll byte[] line, @ForAll @IntRange(min = 1, max = 64) int partitions) {
        int first = TrackerProducer.partition(line, RecordKey.of(line).bytes(), partitions);
        int second =
                TrackerProducer.partition(
                        line.clone(), RecordKey.of(line.clone()).bytes(), partitions);

        assertThat(first).isEqualTo(second).isBetween(0, partitions - 1);
    }

    @Test
    void keepsASessionInOnePartition() {
        byte[] view = utf8("{\"tenantId\":\"t\",\"session_id\":\"s\",\"evt_type\":\"page_view\"}");
        byte[] click = utf8("{\"evt_type\":\"click\",\"session_id\":\"s\",\"tenant_id\":\"t\"}");

        assertThat(TrackerProducer.partition(view, RecordKey.of(view).bytes(), 64))
                .isEqualTo(TrackerProducer.partition(click, RecordKey.of(click).bytes(), 64));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
