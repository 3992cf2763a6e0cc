package io.onevault.tracking.bench.gauge;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ThreadGroupsTest {

    @Test
    void groupsSubtasksOfAChainByItsFirstStep() {
        assertThat(ThreadGroups.ofJava("Source: tracker-events -> admit (1/2)#0"))
                .isEqualTo("task tracker-events ...")
                .isEqualTo(ThreadGroups.ofJava("Source: tracker-events -> admit (2/2)#3"));
        assertThat(ThreadGroups.ofJava("build-sessions (2/2)#0")).isEqualTo("task build-sessions");
    }

    @Test
    void tellsTheReaderOfTheTopicFromTheTaskThatItServes() {
        String reader = "Source Data Fetcher for Source: tracker-events -> admit (1/2)#0";

        assertThat(ThreadGroups.ofJava(reader)).isEqualTo("kafka source reader");
    }

    @Test
    void tellsGeneratorProducerAndBrokerApart() {
        assertThat(ThreadGroups.ofJava(ThreadGroups.GENERATOR_THREAD)).isEqualTo("generator");
        assertThat(ThreadGroups.ofJava("kafka-producer-network-thread | producer-1"))
                .isEqualTo("producer");
        assertThat(ThreadGroups.ofJava("data-plane-kafka-request-handler-0")).isEqualTo("broker");
        assertThat(ThreadGroups.ofJava("Finalizer")).isEqualTo("other");
    }

    @Test
    void knowsTheThreadsOfTheVirtualMachineOnly() {
        assertThat(ThreadGroups.ofNative("G1 Refine#0")).isEqualTo("gc");
        assertThat(ThreadGroups.ofNative("C2 CompilerThre")).isEqualTo("jit");
        assertThat(ThreadGroups.ofNative("main")).isNull();
    }
}
