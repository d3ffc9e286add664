package io.lastcall.examples;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Each Java block of a document stands in a source file of this module, or of its tests, so the build compiles it; only blanks may differ. */
class DocumentsTest {

    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern BLOCK = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);
    private static final Pattern LINK = Pattern.compile("\\]\\((?!https?:|#)([^)#]+)[^)]*\\)");

    @Test
    void every_java_block_of_a_document_is_compiled() throws IOException {
        String sources = files(ROOT.resolve("examples/src"), ".java").stream()
                .map(DocumentsTest::read)
                .map(DocumentsTest::dense)
                .collect(Collectors.joining("\n"));
        int blocks = 0;
        for (Path document : documents()) {
            Matcher block = BLOCK.matcher(read(document));
            while (block.find()) {
                blocks++;
                assertTrue(
                        sources.contains(dense(block.group(1))), "not compiled: " + document + "\n" + block.group(1));
            }
        }
        assertTrue(blocks > 0, "no block was found");
    }

    @Test
    void every_link_of_a_document_leads_somewhere() throws IOException {
        for (Path document : documents()) {
            Matcher link = LINK.matcher(read(document));
            while (link.find()) {
                Path target = document.resolveSibling(link.group(1));
                assertTrue(Files.exists(target), document + " links to " + link.group(1));
            }
        }
    }

    private static List<Path> documents() throws IOException {
        List<Path> documents = new ArrayList<>(files(ROOT.resolve("docs"), ".md"));
        try (Stream<Path> top = Files.list(ROOT)) {
            top.filter(it -> it.toString().endsWith(".md")).forEach(documents::add);
        }
        return documents;
    }

    private static List<Path> files(Path folder, String ending) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(it -> it.toString().endsWith(ending)).toList();
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String dense(String text) {
        return text.replaceAll("\\s+", "");
    }
}
