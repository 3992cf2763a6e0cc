package io.onevault.tracking;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.syntax.elements.ClassesShouldConjunction;

/** Keeps the directions between packages; CONTRIBUTING.md states them in words. */
@AnalyzeClasses(
        packages = ArchitectureTest.ROOT,
        importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {

    static final String ROOT = "io.onevault.tracking";

    private static final String EVENT = ROOT + ".event..";
    private static final String CONTRACT = ROOT + ".contract..";
    private static final String ENRICH = ROOT + ".enrich..";
    private static final String STATE = ROOT + ".state..";
    private static final String SESSION = ROOT + ".session..";
    private static final String VAULT = ROOT + ".vault..";
    private static final String ACCESS = ROOT + ".access..";
    private static final String PROGRAM = ROOT + ".program..";
    private static final String MIGRATE = ROOT + ".migrate..";
    private static final String JOB = ROOT + ".job..";
    private static final String COLLECTOR = ROOT + ".collector..";
    private static final String RELAY = ROOT + ".relay..";
    private static final String LOCAL = ROOT + ".local..";
    private static final String TEXT = ROOT + ".text..";
    private static final String CACHE = ROOT + ".cache..";
    private static final String PICOCLI = "picocli..";
    private static final String JDK = "java..";
    private static final String ANNOTATIONS = "org.jspecify.annotations..";

    @ArchTest
    static final ArchRule packagesFormNoCycle =
            slices().matching(ROOT + ".(*)..").should().beFreeOfCycles();

    @ArchTest static final ArchRule eventKnowsTheJdkOnly = mayUse(EVENT, JDK, ANNOTATIONS);

    @ArchTest static final ArchRule textKnowsTheJdkOnly = mayUse(TEXT, JDK, ANNOTATIONS);

    @ArchTest static final ArchRule cacheKnowsTheJdkOnly = mayUse(CACHE, JDK, ANNOTATIONS);

    @ArchTest static final ArchRule stateKnowsEventsOnly = mayUse(STATE, JDK, ANNOTATIONS, EVENT);

    @ArchTest
    static final ArchRule contractReadsJson =
            mayUse(CONTRACT, JDK, ANNOTATIONS, EVENT, TEXT, ACCESS, "com.fasterxml.jackson..");

    @ArchTest
    static final ArchRule enrichLooksUp =
            mayUse(
                    ENRICH,
                    JDK,
                    ANNOTATIONS,
                    EVENT,
                    TEXT,
                    CACHE,
                    ACCESS,
                    "ua_parser..",
                    "com.ibm.icu..",
                    "crawlercommons.domains..");

    @ArchTest
    static final ArchRule sessionsArePureRules = mayUse(SESSION, JDK, ANNOTATIONS, EVENT, STATE);

    @ArchTest
    static final ArchRule vaultMakesRows =
            mayUse(VAULT, JDK, ANNOTATIONS, EVENT, STATE, SESSION, TEXT, CACHE, "org.postgresql..");

    @ArchTest
    static final ArchRule accessKnowsKafkasClients =
            mayUse(
                    ACCESS,
                    JDK,
                    "javax.crypto..",
                    ANNOTATIONS,
                    "org.apache.kafka.clients..",
                    "org.apache.kafka.common..");

    @ArchTest
    static final ArchRule programsShareTheirCommandLine =
            mayUse(PROGRAM, JDK, ANNOTATIONS, ACCESS, PICOCLI);

    @ArchTest
    static final ArchRule migrateStandsAlone =
            mayUse(MIGRATE, JDK, ANNOTATIONS, ACCESS, PROGRAM, PICOCLI);

    @ArchTest static final ArchRule theJobIsNobodysLibrary = onlyUsedBy(JOB, JOB, LOCAL);

    @ArchTest
    static final ArchRule theCollectorIsNobodysLibrary = onlyUsedBy(COLLECTOR, COLLECTOR, LOCAL);

    @ArchTest
    static final ArchRule theRelayStandsAlone =
            mayUse(
                    RELAY,
                    JDK,
                    ANNOTATIONS,
                    ACCESS,
                    PROGRAM,
                    PICOCLI,
                    "org.apache.kafka..",
                    "org.postgresql..",
                    "org.slf4j..");

    @ArchTest
    static final ArchRule theCollectorKnowsNoFlink =
            mayUse(
                    COLLECTOR,
                    JDK,
                    ANNOTATIONS,
                    EVENT,
                    CONTRACT,
                    ACCESS,
                    PROGRAM,
                    "com.fasterxml.jackson..",
                    "com.github.benmanes.caffeine..",
                    "com.zaxxer.hikari..",
                    "io.prometheus..",
                    "org.apache.kafka..",
                    "org.eclipse.jetty..",
                    "org.postgresql..",
                    "org.slf4j..",
                    "picocli..");

    @ArchTest static final ArchRule theRelayIsNobodysLibrary = onlyUsedBy(RELAY, RELAY, LOCAL);

    @ArchTest static final ArchRule theLocalStackIsNobodysLibrary = onlyUsedBy(LOCAL, LOCAL);

    @ArchTest
    static final ArchRule flinkStaysInItsPackages = onlyUsedBy("org.apache.flink..", JOB, LOCAL);

    @ArchTest
    static final ArchRule sqlStaysInItsPackages =
            onlyUsedBy("java.sql..", PROGRAM, VAULT, JOB, MIGRATE, RELAY, COLLECTOR, LOCAL);

    @ArchTest
    static final ArchRule stateIsMadeOfPublicRecords =
            classes()
                    .that()
                    .resideInAPackage(STATE)
                    .and()
                    .doNotHaveSimpleName("package-info")
                    .should()
                    .beRecords()
                    .andShould()
                    .haveModifier(JavaModifier.PUBLIC)
                    .because("Flink serialises public records without Kryo");

    @ArchTest
    static final ArchRule packagesAreNamedAfterWhatTheyDo =
            noClasses()
                    .should()
                    .resideInAnyPackage(
                            "..util..",
                            "..common..",
                            "..helper..",
                            "..core..",
                            "..functions..",
                            "..model..");

    private static ClassesShouldConjunction mayUse(String user, String... used) {
        String[] all = new String[used.length + 1];
        System.arraycopy(used, 0, all, 0, used.length);
        all[used.length] = user;
        return classes()
                .that()
                .resideInAPackage(user)
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(all).or(arePrimitivesOrTheirArrays()));
    }

    private static ArchRule onlyUsedBy(String used, String... users) {
        return noClasses()
                .that(DescribedPredicate.not(resideInAnyPackage(users)))
                .should()
                .dependOnClassesThat(resideInAPackage(used))
                .allowEmptyShould(true);
    }

    private static DescribedPredicate<JavaClass> arePrimitivesOrTheirArrays() {
        return describe(
                "primitives or their arrays", type -> type.getBaseComponentType().isPrimitive());
    }
}
