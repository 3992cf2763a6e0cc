package io.onevault.tracking;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.syntax.elements.ClassesShouldConjunction;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

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
    private static final String PARTS = ROOT + ".job.";
    private static final String COLLECTOR = ROOT + ".collector..";
    private static final String RELAY = ROOT + ".relay..";
    private static final String REPROCESS = ROOT + ".reprocess..";
    private static final String LOCAL = ROOT + ".local..";
    private static final String TEXT = ROOT + ".text..";
    private static final String CACHE = ROOT + ".cache..";
    private static final String PICOCLI = "picocli..";
    private static final String JDK = "java..";
    private static final String ANNOTATIONS = "org.jspecify.annotations..";

    @ArchTest
    static final ArchRule packagesFormNoCycle =
            slices().matching(ROOT + ".(*)..").should().beFreeOfCycles();

    @ArchTest
    static void usesWhatTheMapSays(JavaClasses all) throws IOException {
        Map<String, List<String>> map = map();
        Set<String> packages = new TreeSet<>();
        for (JavaClass one : all) {
            String name = one.getPackageName().substring(ROOT.length() + 1);
            packages.add(name.replaceFirst("\\..*", ""));
            packages.add(name.startsWith("job.") ? name : "job");
        }
        assertThat(map.keySet()).containsExactlyInAnyOrderElementsOf(packages);
        assertThat(Files.readString(Path.of("README.md")))
                .contains(
                        packages.stream()
                                .filter(name -> !name.contains("."))
                                .map(name -> "`" + name + "`")
                                .toList());

        map.forEach(
                (name, used) -> {
                    String scope = name.startsWith("job.") ? JOB : ROOT + "..";
                    List<String> allowed = new ArrayList<>(List.of(ROOT + "." + name + ".."));
                    used.forEach(other -> allowed.add(ROOT + "." + other + ".."));
                    noClasses()
                            .that()
                            .resideInAPackage(ROOT + "." + name + "..")
                            .should()
                            .dependOnClassesThat(
                                    resideInAPackage(scope)
                                            .and(
                                                    DescribedPredicate.not(
                                                            resideInAnyPackage(
                                                                    allowed.toArray(
                                                                            new String[0])))))
                            .check(all);
                });
    }

    /** What each package may use, by the tables of CONTRIBUTING.md. */
    private static Map<String, List<String>> map() throws IOException {
        Map<String, List<String>> map = new LinkedHashMap<>();
        Matcher row =
                Pattern.compile("(?m)^\\| `([a-z.]+)` \\|[^|]*\\|([^|]*)\\|$")
                        .matcher(Files.readString(Path.of("CONTRIBUTING.md")));
        while (row.find()) {
            List<String> used = new ArrayList<>();
            Matcher name = Pattern.compile("`([a-z.]+)`").matcher(row.group(2));
            while (name.find()) {
                used.add(name.group(1));
            }
            if (row.group(2).contains("all of the above")) {
                used.addAll(map.keySet());
            }
            map.put(row.group(1), used);
        }
        return map;
    }

    /** Operators are seen by nobody outside of their part of the flow. */
    @ArchTest
    static final ArchRule partsOfTheJobShowTheirStepsOnly =
            classes()
                    .that()
                    .resideInAnyPackage(
                            PARTS + "read",
                            PARTS + "admit",
                            PARTS + "load",
                            PARTS + "session",
                            PARTS + "description",
                            PARTS + "rejected",
                            PARTS + "ledger")
                    .and()
                    .arePublic()
                    .should()
                    .haveNameMatching(
                            ".*\\.(\\w+Steps(\\$\\w+)?|Loaders|DecodedRecord|PassMarks|History|StoredEvent)")
                    .because("Flink, Kafka and the main class see the others");

    @ArchTest static final ArchRule eventKnowsTheJdkOnly = mayUse(EVENT, JDK, ANNOTATIONS);

    @ArchTest static final ArchRule textKnowsTheJdkOnly = mayUse(TEXT, JDK, ANNOTATIONS);

    @ArchTest static final ArchRule cacheKnowsTheJdkOnly = mayUse(CACHE, JDK, ANNOTATIONS);

    @ArchTest static final ArchRule stateKnowsEventsOnly = mayUse(STATE, JDK, ANNOTATIONS, EVENT);

    @ArchTest
    static final ArchRule contractReadsJson =
            mayUse(
                    CONTRACT,
                    JDK,
                    ANNOTATIONS,
                    EVENT,
                    TEXT,
                    ACCESS,
                    ENRICH,
                    "com.fasterxml.jackson..");

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
                    "com.maxmind.db..",
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

    @ArchTest static final ArchRule theJobIsNobodysLibrary = onlyUsedBy(JOB, JOB, REPROCESS, LOCAL);

    @ArchTest
    static final ArchRule theCollectorIsNobodysLibrary = onlyUsedBy(COLLECTOR, COLLECTOR, LOCAL);

    @ArchTest
    static final ArchRule theRelayStandsAlone =
            mayUse(
                    RELAY,
                    JDK,
                    "javax.net.ssl..",
                    ANNOTATIONS,
                    ACCESS,
                    PROGRAM,
                    PICOCLI,
                    "org.apache.kafka..",
                    "org.eclipse.jetty..",
                    "org.postgresql..",
                    "org.slf4j..");

    @ArchTest
    static final ArchRule theCollectorKnowsNoFlink =
            mayUse(
                    COLLECTOR,
                    JDK,
                    "javax.crypto..",
                    ANNOTATIONS,
                    EVENT,
                    TEXT,
                    CONTRACT,
                    ENRICH,
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

    @ArchTest static final ArchRule reprocessIsNobodysLibrary = onlyUsedBy(REPROCESS, REPROCESS);

    @ArchTest static final ArchRule theLocalStackIsNobodysLibrary = onlyUsedBy(LOCAL, LOCAL);

    @ArchTest
    static final ArchRule flinkStaysInItsPackages =
            onlyUsedBy("org.apache.flink..", JOB, REPROCESS, LOCAL);

    @ArchTest
    static final ArchRule sqlStaysInItsPackages =
            onlyUsedBy(
                    "java.sql..", PROGRAM, VAULT, JOB, REPROCESS, MIGRATE, RELAY, COLLECTOR, LOCAL);

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
