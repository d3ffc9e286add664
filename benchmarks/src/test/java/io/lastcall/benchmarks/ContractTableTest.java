package io.lastcall.benchmarks;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import io.lastcall.testkit.contract.Exemptions;
import io.lastcall.testkit.contract.Rule;
import io.lastcall.testkit.contract.SourceContract;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The contract as a whole: its rules, its tests in all modules, and the table of exemptions. */
class ContractTableTest {

    private static final int ADAPTERS_AT_LEAST = 3;
    private static final JavaClasses CLASSES = Module.IMPORTER.importPaths(Module.all().stream()
            .flatMap(module -> Stream.of(module.compiled("main"), module.compiled("test")))
            .toList());
    private static final List<JavaClass> CONTRACTS = CLASSES.stream()
            .filter(assignableTo(SourceContract.class))
            .filter(type -> type.isTopLevelClass() && !type.getModifiers().contains(JavaModifier.ABSTRACT))
            .toList();
    private static final Exemptions EXEMPTIONS = Exemptions.onClassPath();

    @TestFactory
    Stream<DynamicTest> each_rule_runs_on_at_least_three_adapters() {
        return Stream.of(Rule.values())
                .map(rule -> DynamicTest.dynamicTest(rule.name(), () -> {
                    Set<String> adapters = CONTRACTS.stream()
                            .filter(contract ->
                                    !EXEMPTIONS.of(contract.getName()).containsKey(rule))
                            .map(JavaClass::getPackageName)
                            .collect(toSet());
                    assertThat(adapters).hasSizeGreaterThanOrEqualTo(ADAPTERS_AT_LEAST);
                }));
    }

    @TestFactory
    Stream<DynamicTest> each_rule_has_one_case() {
        JavaClass contract = CLASSES.get(SourceContract.class);
        return Stream.of(Rule.values())
                .map(rule -> DynamicTest.dynamicTest(rule.name(), () -> {
                    var cases = contract.getMethods().stream()
                            .filter(method -> method.isAnnotatedWith(Test.class))
                            .filter(method -> method.getFieldAccesses().stream()
                                    .anyMatch(access -> access.getTargetOwner().isEquivalentTo(Rule.class)
                                            && access.getName().equals(rule.name())))
                            .toList();
                    assertThat(cases).hasSize(1);
                }));
    }

    @Test
    void each_row_is_about_a_test_that_exists() {
        assertThat(EXEMPTIONS.all())
                .isNotEmpty()
                .allSatisfy(exemption -> assertThat(CONTRACTS)
                        .as("%s", exemption)
                        .anyMatch(contract -> exemption.isAbout(contract.getName())));
    }

    /** The table is the only place: what a test leaves out by code would not be seen by the checks above. */
    @Test
    void nobody_leaves_out_a_rule_by_code() {
        assertThat(CONTRACTS)
                .hasSizeGreaterThanOrEqualTo(ADAPTERS_AT_LEAST)
                .allSatisfy(contract -> assertThat(contract.tryGetMethod("notApplicable"))
                        .as("%s", contract.getName())
                        .isEmpty());
    }
}
