package io.onevault.tracking.local;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BenchThreadsTest {

    @Test
    void groupsSubtasksOfAChainByItsFirstStep() {
        assertThat(BenchThreads.ofJava("Source: tracker-events -> admit (1/2)#0"))
                .isEqualTo("task tracker-events ...")
                .isEqualTo(BenchThreads.ofJava("Source: tracker-events -> admit (2/2)#3"));
        assertThat(BenchThreads.ofJava("build-sessions (2/2)#0")).isEqualTo("task build-sessions");
    }

    @Test
    void tellsTheReaderOfTheTopicFromTheTaskThatItServes() {
        String reader = "Source Data Fetcher for Source: tracker-events -> admit (1/2)#0";

        assertThat(BenchThreads.ofJava(reader)).isEqualTo("kafka source reader");
    }

    @Test
    void tellsGeneratorProducerAndBrokerApart() {
        assertThat(BenchThreads.ofJava(BenchThreads.GENERATOR_THREAD)).isEqualTo("generator");
        assertThat(BenchThreads.ofJava("kafka-producer-network-thread | producer-1"))
                .isEqualTo("producer");
        assertThat(BenchThreads.ofJava("data-plane-kafka-request-handler-0")).isEqualTo("broker");
        assertThat(BenchThreads.ofJava("Finalizer")).isEqualTo("other");
    }

    @Test
    void knowsTheThreadsOfTheVirtualMachineOnly() {
        assertThat(BenchThreads.ofNative("G1 Refine#0")).isEqualTo("gc");
        assertThat(BenchThreads.ofNative("C2 CompilerThre")).isEqualTo("jit");
        assertThat(BenchThreads.ofNative("main")).isNull();
    }
}
