package io.lastcall.benchmarks;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.conditions.ArchConditions.be;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitAccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Clock;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.Timer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.Consumer;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The rules of the house, once for all modules: it stands here because this module is built last and sees all others. */
class HouseRulesTest {
    private static final String ROOT = "io.lastcall";
    private static final String MESSAGE = "io.lastcall.message..";
    private static final String SPI = "io.lastcall.spi..";
    private static final String MEMORY = "io.lastcall.memory..";
    private static final String INTERNAL = "io.lastcall.internal..";
    private static final String CONSUMER = "io.lastcall.internal.consumer..";
    private static final DescribedPredicate<JavaClass> OUTSIDE_OF_RUNS = describe(
            "belong to no run",
            type -> Set.of(
                            "io.lastcall.kafka.KafkaDeadLetters",
                            "io.lastcall.rabbit.ConfirmedPublisher",
                            "io.lastcall.memory.Stock",
                            "io.lastcall.memory.Reception")
                    .contains(type.getName()));
    private static final String GROUP = "io.lastcall.internal.runtime..";
    private static final String TIME = "io.lastcall.internal.time..";
    private static final String TESTKIT = "io.lastcall.testkit..";
    private static final String[] CORE = {ROOT, MESSAGE, SPI, MEMORY, INTERNAL};
    private static final String[] ADAPTERS = {"io.lastcall.kafka..", "io.lastcall.sqs..", "io.lastcall.rabbit.."};

    private static final List<Module> MODULES = Module.all();
    private static final JavaClasses MAIN = imported("main");
    private static final JavaClasses ALL = imported("main", "test");

    // ---- The scan itself

    /** Without this, a module that was not compiled, or is not where it is looked for, would obey every rule. */
    @TestFactory
    Stream<DynamicTest> every_source_file_of_every_module_was_scanned() {
        return MODULES.stream()
                .map(module -> DynamicTest.dynamicTest(module.name(), () -> {
                    assertThat(module.sources("main")).isNotEmpty();
                    assertThat(module.sources("test")).isNotEmpty();
                    assertThat(Module.sourcesOf(ALL)).containsAll(module.sources("main"));
                    assertThat(Module.sourcesOf(ALL)).containsAll(module.sources("test"));
                }));
    }

    // ---- Directions

    @Test
    void message_sees_nothing_of_ours() {
        check(MAIN, sees(MESSAGE, MESSAGE));
    }

    @Test
    void spi_sees_message() {
        check(MAIN, sees(SPI, SPI, MESSAGE));
    }

    @Test
    void the_root_reaches_behind_itself_through_its_two_factories_only() {
        check(MAIN, sees(ROOT, ROOT, SPI, MESSAGE, CONSUMER, GROUP));
    }

    @Test
    void memory_sees_what_users_see() {
        check(MAIN, sees(MEMORY, MEMORY, SPI, MESSAGE, ROOT));
    }

    @Test
    void internal_does_not_see_the_memory_broker() {
        check(MAIN, sees(INTERNAL, INTERNAL, SPI, MESSAGE, ROOT));
    }

    @Test
    void internal_is_reached_from_the_root_and_the_testkit_only() {
        check(
                MAIN,
                classes()
                        .that(resideInAPackage(INTERNAL))
                        .should()
                        .onlyHaveDependentClassesThat()
                        .resideInAnyPackage(ROOT, INTERNAL, TESTKIT));
    }

    /** Of the root's types an adapter takes only values, which cannot lead it to the engine. */
    @TestFactory
    Stream<DynamicTest> adapters_see_spi_message_and_values() {
        var values = resideInAPackage(ROOT)
                .and(describe(
                        "are records or enums",
                        type -> outermost(type).isRecord() || outermost(type).isEnum()));
        return Stream.of(ADAPTERS)
                .map(adapter -> DynamicTest.dynamicTest(adapter, () -> {
                    var allowed =
                            resideInAnyPackage(adapter, SPI, MESSAGE).or(values).or(not(resideInAPackage(ROOT + "..")));
                    check(
                            MAIN,
                            classes().that(resideInAPackage(adapter)).should().onlyDependOnClassesThat(allowed));
                }));
    }

    /** The one allowed cycle: factory methods of the root make what implements the root, a consumer or a group of them. */
    @Test
    void packages_have_no_cycles() {
        check(
                MAIN,
                slices().matching("(io.lastcall..)")
                        .should()
                        .beFreeOfCycles()
                        .ignoreDependency(resideInAPackage(ROOT), resideInAPackage(CONSUMER))
                        .ignoreDependency(resideInAPackage(ROOT), resideInAPackage(GROUP)));
    }

    // ---- Waiting, time and threads

    /** Waiting is for an event. Tests too: they wait for a latch or turn a clock of their own. */
    @Test
    void nobody_sleeps_or_spins() {
        var waiting = calls(Thread.class, "sleep", "onSpinWait")
                .or(calls(LockSupport.class, "parkNanos", "parkUntil"))
                .or(calls(TimeUnit.class, "sleep"));
        check(ALL, noClasses().should().accessTargetWhere(waiting));
    }

    /**
     * Time, threads and randomness come in from outside, so that a whole engine runs under a clock and a seed of a test's
     * choice. The testkit makes such clocks, and runner, examples and benchmarks are the outside: they are exempt. So are
     * four places that belong to no run: Kafka's producer of dead letters and RabbitMQ's publisher of dead letters and replies,
     * which several consumers share, have threads of their own; the memory queue stamps messages with the wall clock, and
     * completes its publishers' futures on the common pool.
     */
    @Test
    void core_and_adapters_take_time_and_threads_from_internal_time_only() {
        var time = calls(System.class, "nanoTime", "currentTimeMillis")
                .or(describe(
                        "now of java.time",
                        access -> access.getTargetOwner().getPackageName().equals("java.time")
                                && access.getName().equals("now")))
                .or(calls(Clock.class, "systemUTC", "systemDefaultZone", "system", "tickMillis", "tickSeconds"))
                .or(calls(CompletableFuture.class, "orTimeout", "completeOnTimeout", "delayedExecutor"));
        var threads = constructs(Thread.class)
                .or(constructs(Executor.class))
                .or(constructs(Timer.class))
                .or(calls(Executors.class))
                .or(describe(
                        "a stage on the common pool",
                        access -> access.getTargetOwner().isAssignableTo(CompletionStage.class)
                                && access.getName().endsWith("Async")
                                && parametersOf(access)
                                        .noneMatch(parameter -> parameter.isAssignableTo(Executor.class))));
        var randomness = calls(ThreadLocalRandom.class, "current")
                .or(calls(Math.class, "random"))
                .or(constructs(Random.class).and(withoutArguments()));
        check(
                MAIN,
                noClasses()
                        .that(engine())
                        .and(not(OUTSIDE_OF_RUNS))
                        .should()
                        .accessTargetWhere(time.or(threads).or(randomness)));
    }

    /** One written as a lambda escapes this rule, but the thread that it makes does not escape the one above. */
    @Test
    void thread_factories_of_core_and_adapters_live_in_internal_time() {
        check(MAIN, noClasses().that(engine()).should().beAssignableTo(ThreadFactory.class));
    }

    // ---- Habits

    @Test
    void names_say_the_one_job() {
        var vague = describe(
                "named Manager, Util, Helper, Impl or Abstract",
                (JavaClass type) -> type.getSimpleName().matches(".*(Manager|Util|Utils|Helper|Impl)|Abstract.*"));
        check(ALL, noClasses().should(be(vague)));
    }

    @Test
    void every_package_is_null_marked() {
        assertThat(MAIN.stream().map(JavaClass::getPackage).distinct())
                .allSatisfy(each -> assertThat(
                                each.tryGetPackageInfo().filter(info -> info.isAnnotatedWith(NullMarked.class)))
                        .as("%s needs a package-info with @NullMarked", each.getName())
                        .isPresent());
    }

    @Test
    void core_and_adapters_log_and_do_not_print() {
        check(MAIN, noClasses().that(engine().or(resideInAPackage(TIME))).should(ACCESS_STANDARD_STREAMS));
    }

    @Test
    void nobody_uses_java_util_logging() {
        check(MAIN, noClasses().should().dependOnClassesThat().resideInAPackage("java.util.logging.."));
    }

    /** It commits all that was polled, handled or not. Examples and benchmarks are exempt: they show others' loops. */
    @Test
    void offsets_are_committed_by_name() {
        var blind = describe(
                "an argument-less commit",
                (JavaAccess<?> access) -> access.getTargetOwner().isAssignableTo(Consumer.class)
                        && Set.of("commitSync", "commitAsync").contains(access.getName()));
        check(
                MAIN,
                noClasses()
                        .that()
                        .resideOutsideOfPackages("io.lastcall.examples..", "io.lastcall.benchmarks..")
                        .should()
                        .accessTargetWhere(blind.and(withoutArguments())));
    }

    // ---- Words for the rules above

    private static DescribedPredicate<JavaClass> engine() {
        return resideInAnyPackage(CORE).or(resideInAnyPackage(ADAPTERS)).and(not(resideInAPackage(TIME)));
    }

    /** Of our own packages, {@code from} depends on {@code allowed} only. */
    private static ArchRule sees(String from, String... allowed) {
        return classes()
                .that(resideInAPackage(from))
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(allowed).or(not(resideInAPackage(ROOT + ".."))));
    }

    private static DescribedPredicate<JavaAccess<?>> calls(Class<?> owner, String... names) {
        return describe(
                owner.getSimpleName() + "." + String.join("/", names),
                access -> access.getTargetOwner().isEquivalentTo(owner)
                        && (names.length == 0 || Set.of(names).contains(access.getName())));
    }

    /** Of the type itself or one below it; the call of a superclass constructor counts, so that no subclass escapes. */
    private static DescribedPredicate<JavaAccess<?>> constructs(Class<?> type) {
        return describe(
                "new " + type.getSimpleName(),
                access -> access.getName().equals("<init>")
                        && access.getTargetOwner().isAssignableTo(type)
                        && access.getTargetOwner().getPackageName().startsWith("java."));
    }

    private static DescribedPredicate<JavaAccess<?>> withoutArguments() {
        return describe(
                "without arguments", access -> parametersOf(access).findAny().isEmpty());
    }

    private static Stream<JavaClass> parametersOf(JavaAccess<?> access) {
        return access.getTarget() instanceof CodeUnitAccessTarget target
                ? target.getRawParameterTypes().stream()
                : Stream.empty();
    }

    private static JavaClass outermost(JavaClass type) {
        return type.getEnclosingClass().map(HouseRulesTest::outermost).orElse(type);
    }

    private static void check(JavaClasses where, ArchRule rule) {
        // A package that does not exist yet obeys; that the scan saw everything is a test of its own.
        rule.allowEmptyShould(true).check(where);
    }

    private static JavaClasses imported(String... kinds) {
        return Module.IMPORTER.importPaths(MODULES.stream()
                .flatMap(module -> Stream.of(kinds).map(module::compiled))
                .toList());
    }
}
