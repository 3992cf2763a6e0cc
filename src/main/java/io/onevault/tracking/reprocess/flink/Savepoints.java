package io.onevault.tracking.reprocess.flink;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;

/** Savepoints in a folder, on any file system that Flink knows. */
public final class Savepoints {

    /** Flink renames this file into place last, so a folder that has it is complete. */
    private static final String METADATA = "_metadata";

    private Savepoints() {}

    /** The newest complete one in the folder. */
    public static Optional<String> newest(String folder) {
        try {
            Path path = new Path(folder);
            FileSystem files = path.getFileSystem();
            FileStatus newest = null;
            for (FileStatus savepoint : list(files, path)) {
                Path metadata = new Path(savepoint.getPath(), METADATA);
                if (files.exists(metadata)) {
                    FileStatus status = files.getFileStatus(metadata);
                    boolean newer =
                            newest == null
                                    || status.getModificationTime() > newest.getModificationTime();
                    newest = newer ? status : newest;
                }
            }
            return Optional.ofNullable(newest).map(one -> one.getPath().getParent().toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether the savepoint is there and complete. */
    public static boolean isComplete(String savepoint) {
        try {
            Path metadata = new Path(savepoint, METADATA);
            return metadata.getFileSystem().exists(metadata);
        } catch (IOException e) {
            return false;
        }
    }

    private static FileStatus[] list(FileSystem files, Path path) throws IOException {
        try {
            FileStatus[] found = files.listStatus(path);
            return found == null ? new FileStatus[0] : found;
        } catch (FileNotFoundException none) {
            return new FileStatus[0];
        }
    }
}
