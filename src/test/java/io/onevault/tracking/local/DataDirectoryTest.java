package io.onevault.tracking.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.onevault.tracking.program.UsageException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataDirectoryTest {

    @TempDir Path folder;

    @Test
    void remembersPortsFromRunToRun() throws Exception {
        Ports ports;
        try (DataDirectory directory = DataDirectory.keptAt(folder)) {
            ports = Ports.find(directory, Map.of());
        }

        try (DataDirectory directory = DataDirectory.keptAt(folder)) {
            assertThat(Ports.find(directory, Map.of())).isEqualTo(ports);
        }
    }

    @Test
    void refusesAFolderThatAnotherStackUses() throws Exception {
        try (DataDirectory first = DataDirectory.keptAt(folder)) {
            assertThatThrownBy(() -> DataDirectory.keptAt(first.path()))
                    .isInstanceOf(UsageException.class)
                    .hasMessageContaining("in use by another running stack");
        }
    }

    @Test
    void refusesAFile() throws Exception {
        Path file = Files.createFile(folder.resolve("file"));

        assertThatThrownBy(() -> DataDirectory.keptAt(file))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("is a file");
    }

    @Test
    void deletesATemporaryFolderWithEverythingInIt() throws Exception {
        Path path;
        try (DataDirectory directory = DataDirectory.temporary()) {
            path = directory.path();
            Files.createDirectories(directory.kafka());
            Files.createFile(directory.kafka().resolve("log"));
        }

        assertThat(path).doesNotExist();
    }

    @Test
    void takesAnotherPortWhereTheRememberedOneIsTaken() throws Exception {
        try (DataDirectory directory = DataDirectory.keptAt(folder);
                ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            directory.remember(Endpoint.WEB.key(), Integer.toString(taken.getLocalPort()));

            Ports ports = Ports.find(directory, Map.of());

            assertThat(ports.of(Endpoint.WEB)).isNotEqualTo(taken.getLocalPort());
            assertThat(new HashSet<>(ports.byEndpoint().values()))
                    .hasSize(Endpoint.values().length);
        }
    }

    @Test
    void refusesAPortThatWasAskedForAndIsTaken() throws Exception {
        try (DataDirectory directory = DataDirectory.keptAt(folder);
                ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            Map<Endpoint, Integer> asked = Map.of(Endpoint.KAFKA, taken.getLocalPort());

            assertThatThrownBy(() -> Ports.find(directory, asked))
                    .isInstanceOf(UsageException.class)
                    .hasMessageContaining("--ports KAFKA=" + taken.getLocalPort());
        }
    }
}
