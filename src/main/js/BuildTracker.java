import com.google.javascript.jscomp.CommandLineRunner;
import com.google.javascript.jscomp.CompilationLevel;
import com.google.javascript.jscomp.Compiler;
import com.google.javascript.jscomp.CompilerOptions;
import com.google.javascript.jscomp.CompilerOptions.LanguageMode;
import com.google.javascript.jscomp.DependencyOptions;
import com.google.javascript.jscomp.ModuleIdentifier;
import com.google.javascript.jscomp.SourceFile;
import com.google.javascript.jscomp.WarningLevel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Makes the tracker's scripts and its npm package; Maven runs this file with the compiler on the
 * class path. Does nothing while what it made is newer than all sources.
 */
final class BuildTracker {

    private final Path licence;
    private final Path source;
    private final Path scripts;
    private final Path npm;

    private BuildTracker(Path base, Path target) {
        this.licence = base.resolve("LICENSE");
        this.source = base.resolve("src/main/js");
        this.scripts = target.resolve("classes/tracker");
        this.npm = target.resolve("npm");
    }

    public static void main(String[] args) throws IOException {
        BuildTracker build = new BuildTracker(Path.of(args[0]), Path.of(args[1]));
        if (!build.isUpToDate()) {
            build.run();
        }
    }

    private void run() throws IOException {
        Files.createDirectories(scripts);
        Files.createDirectories(npm);
        for (String name : List.of("index.js", "index.d.ts", "package.json", "README.md")) {
            copy(source.resolve(name), npm.resolve(name));
        }
        copy(licence, npm.resolve("LICENSE"));
        write("core.js", compile("core.js"));
        write("tracker.js", compile("full.js"));
    }

    private void write(String name, String script) throws IOException {
        Files.writeString(scripts.resolve(name), script);
        // A package is also loaded where pages are rendered on a server.
        Files.writeString(npm.resolve(name), "if(typeof document!='undefined')" + script);
    }

    private String compile(String entry) throws IOException {
        Path module = source.resolve("tracker").resolve(entry);
        CompilerOptions options = new CompilerOptions();
        CompilationLevel.ADVANCED_OPTIMIZATIONS.setOptionsForCompilationLevel(options);
        CompilationLevel.ADVANCED_OPTIMIZATIONS.setWrappedOutputOptimizations(options);
        WarningLevel.QUIET.setOptionsForWarningLevel(options);
        options.setLanguage(LanguageMode.ECMASCRIPT_NEXT);
        options.setEmitUseStrict(false);
        options.setRewritePolyfills(false);
        options.setLineLengthThreshold(Integer.MAX_VALUE);
        // They are files of their own, no part of a page whose markup a string could end.
        options.setTrustedStrings(true);
        options.setDependencyOptions(
                DependencyOptions.pruneForEntryPoints(
                        List.of(ModuleIdentifier.forFile(module.toString()))));
        Compiler compiler = new Compiler(System.err);
        List<SourceFile> externs =
                new ArrayList<>(CommandLineRunner.getBuiltinExterns(CompilerOptions.Environment.BROWSER));
        externs.add(SourceFile.fromFile(source.resolve("externs.js").toString()));
        if (!compiler.compile(externs, modules(), options).success) {
            throw new IllegalStateException("the tracker does not compile, see above");
        }
        // A block keeps its names to itself.
        return "{" + compiler.toSource() + "}";
    }

    private List<SourceFile> modules() throws IOException {
        try (Stream<Path> files = Files.list(source.resolve("tracker"))) {
            return files.sorted().map(file -> SourceFile.fromFile(file.toString())).toList();
        }
    }

    private boolean isUpToDate() throws IOException {
        try (Stream<Path> files = Files.walk(source)) {
            long newest = files.mapToLong(BuildTracker::changedAt).max().orElseThrow();
            return newest < changedAt(scripts.resolve("tracker.js"))
                    && newest < changedAt(npm.resolve("tracker.js"));
        }
    }

    /** In milliseconds; 0 of what is not there. */
    private static long changedAt(Path file) {
        return file.toFile().lastModified();
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
    }
}
