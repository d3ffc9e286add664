package io.lastcall.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class ExemptionsTest {

    private static final String HEAD = "# Title\n\nSome words.\n\n| contract | rule | reason |\n| --- | --- | --- |\n";

    private static Exemptions table(String... rows) {
        return Exemptions.in("here.md", HEAD + String.join("\n", rows));
    }

    @Test
    void a_row_names_a_class_or_a_package_of_them() {
        Exemptions table = table(
                "| `com.example.OneTest` | `RECONNECT` | a file |", "| com.example.other | EMPTY_BODY | never empty |");
        assertThat(table.of("com.example.OneTest"))
                .containsOnlyKeys(Rule.RECONNECT)
                .containsValue("a file");
        assertThat(table.of("com.example.OneTest$Nested")).containsOnlyKeys(Rule.RECONNECT);
        assertThat(table.of("com.example.other.AnyTest")).containsOnlyKeys(Rule.EMPTY_BODY);
        assertThat(table.of("com.example.OneTestToo")).isEmpty();
        assertThat(table.of("com.example.others.AnyTest")).isEmpty();
        assertThat(table.all()).hasSize(2);
    }

    @Test
    void a_row_that_is_wrong_is_refused_with_its_place() {
        assertRefused("| com.example | STOP_CONFIRMED | we never stop |", "only rules about what a broker may lack");
        assertRefused("| com.example | RECONNECT | |", "must be there");
        assertRefused("| | RECONNECT | nowhere |", "must be there");
        assertRefused("| com.example | NO_SUCH_RULE | why |", "NO_SUCH_RULE");
        assertRefused("| com.example | RECONNECT |", "three cells");
    }

    @Test
    void a_row_that_stands_there_twice_is_refused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> table("| com.example | RECONNECT | a |", "| com.example | RECONNECT | b |"))
                .withMessageContaining("here.md:8: this row stands here twice");
    }

    /** This module's own, which its resources bring. */
    @Test
    void tables_are_found_on_the_class_path() {
        assertThat(Exemptions.onClassPath().of(MemoryContractTest.class.getName()))
                .containsKey(Rule.BROKER_GONE_DURING_DRAIN);
    }

    private static void assertRefused(String row, String says) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> table(row))
                .withMessageContaining("here.md:7: ")
                .withMessageContaining(says);
    }
}
