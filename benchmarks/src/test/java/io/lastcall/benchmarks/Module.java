package io.lastcall.benchmarks;

import static java.util.stream.Collectors.toCollection;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** One module of the build: its sources and what was compiled from them. Immutable. */
record Module(String name, Path folder) {
    /** Leaves out what JMH generates. */
    static final ClassFileImporter IMPORTER =
            new ClassFileImporter().withImportOption(location -> !location.contains("jmh_generated"));

    private static final Pattern NAMED = Pattern.compile("<module>(.+?)</module>");

    /** All that the top pom names, so that a new module cannot stay unseen. */
    static List<Module> all() {
        var top = Path.of(System.getProperty("basedir", "."), "..");
        try {
            return NAMED.matcher(Files.readString(top.resolve("pom.xml")))
                    .results()
                    .map(match -> new Module(match.group(1), top.resolve(match.group(1))))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where the classes of a kind are: main or test. */
    Path compiled(String kind) {
        return folder.resolve("target").resolve(kind.equals("main") ? "classes" : "test-classes");
    }

    /** The source files of a kind, main or test, by their path below the source folder. */
    Set<String> sources(String kind) {
        var root = folder.resolve("src").resolve(kind).resolve("java");
        if (!Files.isDirectory(root)) {
            return Set.of();
        }
        try (Stream<Path> files = Files.walk(root)) {
            return files.map(file -> root.relativize(file).toString().replace('\\', '/'))
                    .filter(file -> file.endsWith(".java") && !file.endsWith("module-info.java"))
                    .collect(toCollection(TreeSet::new));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The source files that classes were compiled from, in the form of {@link #sources}. */
    static Set<String> sourcesOf(JavaClasses classes) {
        return classes.stream().map(Module::sourceOf).collect(toCollection(TreeSet::new));
    }

    private static String sourceOf(JavaClass type) {
        var file = type.getSource().flatMap(source -> source.getFileName()).orElse("unknown");
        return type.getPackageName().replace('.', '/') + "/" + file;
    }
}
