package io.lastcall.testkit.contract;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which rules of the contract do not apply to which source, each with its reason, read from tables: every resource named
 * {@value #TABLE} on the class path is one, ours in the testkit and an adapter's own among its test resources. A table is Markdown
 * whose rows have three cells: a contract test class or the package of such classes, a {@link Rule}, a reason. Backquotes and all other
 * lines are for readers. Immutable, safe for any thread.
 */
public final class Exemptions {

    /** The name under which tables are looked for. */
    public static final String TABLE = "META-INF/lastcall/contract-exemptions.md";

    private static final String HEAD = "contract";

    private final List<Exemption> all;

    /**
     * One row.
     *
     * @param contract the full name of a contract test class, or of the package of such classes
     * @param rule what does not apply; an optional rule, see {@link Rule#isOptional}
     * @param reason why not, never blank
     */
    public record Exemption(String contract, Rule rule, String reason) {

        /** Refuses a rule that every source must keep, and a blank reason. */
        public Exemption {
            if (!rule.isOptional()) {
                throw new IllegalArgumentException("rule = " + rule + " of " + contract
                        + ", only rules about what a broker may lack may be left out");
            }
            if (contract.isBlank() || reason.isBlank()) {
                throw new IllegalArgumentException(
                        "contract = \"" + contract + "\", reason = \"" + reason + "\" of " + rule + ", must be there");
            }
        }

        /**
         * Whether this row is about a contract test class.
         *
         * @param className its full name
         * @return true for the class, what is nested in it, and all classes of the package
         */
        public boolean isAbout(String className) {
            return className.equals(contract)
                    || className.startsWith(contract + ".")
                    || className.startsWith(contract + "$");
        }
    }

    private Exemptions(List<Exemption> all) {
        this.all = all;
    }

    /**
     * Reads all tables on the class path.
     *
     * @return the rows of all of them
     * @throws IllegalArgumentException when a row is wrong; says where and why
     */
    public static Exemptions onClassPath() {
        List<Exemption> all = new ArrayList<>();
        try {
            for (URL table : Collections.list(Exemptions.class.getClassLoader().getResources(TABLE))) {
                try (InputStream in = table.openStream()) {
                    all.addAll(in(table.toString(), new String(in.readAllBytes(), StandardCharsets.UTF_8)).all);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Exemptions(List.copyOf(all));
    }

    /**
     * Reads one table.
     *
     * @param where its name, for errors
     * @param table its text
     * @return the rows
     * @throws IllegalArgumentException when a row is wrong; says where and why
     */
    public static Exemptions in(String where, String table) {
        List<Exemption> all = new ArrayList<>();
        Set<List<Object>> seen = new HashSet<>();
        List<String> lines = table.lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (!line.startsWith("|")) {
                continue;
            }
            try {
                String[] cells = line.replace("`", "").split("\\|", -1);
                if (cells.length != 5) {
                    throw new IllegalArgumentException("a row must have three cells");
                }
                String contract = cells[1].strip();
                if (contract.equals(HEAD) || contract.startsWith("--")) {
                    continue;
                }
                Rule rule = Rule.valueOf(cells[2].strip());
                if (!seen.add(List.of(contract, rule))) {
                    throw new IllegalArgumentException("this row stands here twice");
                }
                all.add(new Exemption(contract, rule, cells[3].strip()));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(where + ":" + (i + 1) + ": " + e.getMessage() + ": " + line, e);
            }
        }
        return new Exemptions(List.copyOf(all));
    }

    /**
     * All rows.
     *
     * @return in the order of the tables
     */
    public List<Exemption> all() {
        return all;
    }

    /**
     * What does not apply to one contract test class.
     *
     * @param className its full name
     * @return rules and reasons; empty where everything applies
     */
    public Map<Rule, String> of(String className) {
        Map<Rule, String> found = new EnumMap<>(Rule.class);
        all.stream()
                .filter(exemption -> exemption.isAbout(className))
                .forEach(exemption -> found.put(exemption.rule, exemption.reason));
        return found;
    }
}
