package io.onevault.tracking.local;

import io.onevault.tracking.program.UsageException;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Properties;
import org.apache.flink.util.FileUtils;
import org.jspecify.annotations.Nullable;

/**
 * The folder of one stack: its lock, its sub-folders and what is remembered from run to run. A
 * temporary one is deleted when it is closed.
 */
public final class DataDirectory implements AutoCloseable {

    private static final String LOCK = "stack.lock";
    private static final String REMEMBERED = "stack.properties";

    private final Path path;
    private final boolean temporary;
    private final FileChannel lock;
    private final Properties remembered;

    private DataDirectory(Path path, boolean temporary) throws IOException {
        this.path = path;
        this.temporary = temporary;
        this.lock = lock(path);
        this.remembered = load(path.resolve(REMEMBERED));
    }

    /** A folder that stays; it is created where it does not exist. */
    static DataDirectory keptAt(Path path) throws IOException {
        Path absolute = path.toAbsolutePath().normalize();
        if (Files.exists(absolute) && !Files.isDirectory(absolute)) {
            throw new UsageException("--data-dir " + path + " is a file, not a folder");
        }
        try {
            Files.createDirectories(absolute);
            return new DataDirectory(absolute, false);
        } catch (java.nio.file.FileSystemException e) {
            throw new UsageException("--data-dir " + path + " cannot be written: " + e);
        }
    }

    public static DataDirectory temporary() throws IOException {
        return new DataDirectory(Files.createTempDirectory("site-tracking-"), true);
    }

    private static FileChannel lock(Path path) throws IOException {
        FileChannel channel =
                FileChannel.open(
                        path.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (tryLock(channel) == null) {
            channel.close();
            throw new UsageException(
                    "--data-dir " + path + " is in use by another running stack; stop it first");
        }
        return channel;
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException heldInThisJvm) {
            return null;
        }
    }

    private static Properties load(Path file) throws IOException {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            properties.load(reader);
        } catch (NoSuchFileException firstRun) {
            return properties;
        }
        return properties;
    }

    public Path path() {
        return path;
    }

    public Path kafka() {
        return path.resolve("kafka");
    }

    public Path postgres() {
        return path.resolve("postgres");
    }

    Path flink() {
        return path.resolve("flink");
    }

    /** Where the database's programs are unpacked: the build folder spares doing it every time. */
    public Path binaries() {
        Path build = Path.of("target").toAbsolutePath();
        boolean inProject = Files.isDirectory(build) && Files.exists(Path.of("pom.xml"));
        return (inProject ? build : path).resolve("postgres-binaries");
    }

    @Nullable String recall(String key) {
        return remembered.getProperty(key);
    }

    void remember(String key, String value) throws IOException {
        if (value.equals(remembered.setProperty(key, value))) {
            return;
        }
        Path next = path.resolve(REMEMBERED + ".next");
        try (Writer writer = Files.newBufferedWriter(next)) {
            remembered.store(writer, null);
        }
        Files.move(next, path.resolve(REMEMBERED), StandardCopyOption.ATOMIC_MOVE);
    }

    @Override
    public void close() {
        try {
            lock.close();
            if (temporary) {
                delete(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Deletes a folder with everything in it; what is gone already is no error. */
    public static void delete(Path folder) throws IOException {
        FileUtils.deleteDirectory(folder.toFile());
    }
}
