package io.onevault.tracking.bench.collect;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Starts programs of this class path, or of another one, in processes of their own. */
final class JavaProcess {

    private JavaProcess() {}

    static Process start(List<String> options, Class<?> main, String... arguments)
            throws IOException {
        return start(classPath(), options, main, arguments);
    }

    static Process start(String classPath, List<String> options, Class<?> main, String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.addAll(List.of("-cp", classPath, main.getName()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    }

    /** Maven runs programs by a class loader of its own, which knows the path. */
    static String classPath() {
        if (JavaProcess.class.getClassLoader() instanceof URLClassLoader mavens) {
            return Stream.of(mavens.getURLs())
                    .map(url -> Path.of(URI.create(url.toString())).toString())
                    .collect(Collectors.joining(File.pathSeparator));
        }
        return System.getProperty("java.class.path");
    }
}
