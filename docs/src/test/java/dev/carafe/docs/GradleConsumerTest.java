package dev.carafe.docs;

import static dev.carafe.docs.Consumer.found;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The Gradle snippets of the docs in a project of a user, with README's program. Gradle is that of
 * {@code GRADLE_HOME}, or {@code gradle} on the search path, and runs offline. Its own JDK may be
 * an older one, as the old versions of Gradle need; it compiles with the JDK of this build, and
 * runs the program on it.
 */
class GradleConsumerTest {
  private static final String OPERATIONS = "docs/OPERATIONS.md";
  private static final String SPRING_BOOT = "docs/SPRING-BOOT.md";
  private static final Pattern VERSION = Pattern.compile("carafe-bom:([^\"]+)\"");
  private static final Pattern DEPENDENCIES =
      Pattern.compile("^(dependencies \\{\n.*?^\\}\n)", Pattern.MULTILINE | Pattern.DOTALL);

  /** What Gradle prints once it can read the build scripts with its JDK. */
  private static final String READS = "Gradle reads the scripts";

  private static final Map<String, String> MODULES =
      Map.of(
          "carafe-api", "api",
          "carafe-engine", "engine",
          "carafe-codecs", "integrations/codecs",
          "carafe-micrometer", "integrations/micrometer",
          "carafe-redis", "integrations/redis",
          "carafe-spring-boot-starter", "integrations/spring-boot",
          "carafe-bom", "integrations/bom");

  @TempDir Path folder;

  private static String snippet(String language, String page) {
    return Example.in(language).stream()
        .filter(example -> example.place().startsWith(page))
        .findFirst()
        .orElseThrow()
        .code();
  }

  /** So what is proved of the one is true of the other. */
  @Test
  void theSnippetForKotlinIsTheSame() {
    String groovy = snippet("groovy", OPERATIONS);
    assertEquals(
        snippet("kts", OPERATIONS), groovy.replaceAll("withType\\((\\w+)\\)", "withType<$1>"));
  }

  @Test
  void aGradleProjectBuildsAndRunsReadmesProgram() throws Exception {
    String snippet = snippet("groovy", OPERATIONS);
    String version = found(VERSION, snippet);
    Consumer consumer = new Consumer(folder);
    for (var module : MODULES.entrySet()) {
      consumer.stage(module.getValue(), module.getKey(), version);
    }
    Path gradle = gradle();
    assumeTrue(gradle != null, "skipped: no gradle on the PATH, and no GRADLE_HOME");
    Path local = Consumer.localRepository();
    consumer.writeProgram();
    Files.writeString(
        consumer.project().resolve("settings.gradle"),
        "rootProject.name = 'shop'\nprintln '" + READS + "'\n");
    String starter =
        found(DEPENDENCIES, snippet("kts", SPRING_BOOT)).replace("implementation(", "starter(");
    assertTrue(starter.contains("\"dev.carafe:carafe-spring-boot-starter\""), starter);
    Files.writeString(
        consumer.project().resolve("build.gradle"),
        before(consumer, local, version) + snippet + starter + after());
    String output = run(consumer, Objects.requireNonNull(gradle));
    Consumer.assertWorked(output);
    Consumer.assertJars(Consumer.words(output, "class path: ").stream());
    assertEquals(
        List.of("--enable-native-access=ALL-UNNAMED"), Consumer.words(output, "flags of tests: "));
    List<String> jars = Consumer.words(output, "starter: ");
    for (String artifact : List.of("carafe-spring-boot-starter", "carafe-engine", "carafe-api")) {
      assertTrue(jars.contains(artifact + "-" + version + ".jar"), output);
    }
  }

  private static @Nullable Path gradle() {
    String home = System.getenv("GRADLE_HOME");
    Path own = home == null ? null : Path.of(home, "bin", "gradle");
    return own != null && Files.isExecutable(own) ? own : Consumer.program("gradle");
  }

  /** Runs Gradle on the first JDK that it can read its scripts with. */
  private String run(Consumer consumer, Path gradle) throws Exception {
    List<String> command =
        List.of(
            gradle.toString(),
            "--offline",
            "--no-daemon",
            "-q",
            "-g",
            folder.resolve("gradle").toString(),
            "shop",
            "starter");
    Consumer.Run last = new Consumer.Run(1, "");
    for (Map<String, String> jdk : jdks()) {
      last = consumer.run(command, jdk);
      if (last.output().contains(READS)) {
        return last.succeeded();
      }
    }
    return abort("skipped: gradle runs on no JDK that is here: " + last.output());
  }

  /** The environment as it is, then with each JDK beside that of this build. */
  private static List<Map<String, String>> jdks() throws IOException {
    String quick = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC";
    List<Map<String, String>> found = new ArrayList<>(List.of(Map.of("JAVA_OPTS", quick)));
    Path own = Path.of(System.getProperty("java.home"));
    try (Stream<Path> beside = Files.list(Objects.requireNonNull(own.getParent()))) {
      beside
          .filter(jdk -> Files.isExecutable(jdk.resolve("bin/javac")) && !Files.isSymbolicLink(jdk))
          .sorted()
          .map(jdk -> Map.of("JAVA_OPTS", quick, "JAVA_HOME", jdk.toString()))
          .forEach(found::add);
    }
    return found;
  }

  /** A Gradle before 5 has no platforms: it takes the versions of the BOM from here. */
  private static String before(Consumer consumer, Path local, String version) {
    Path bom =
        consumer
            .staged()
            .resolve("dev/carafe/carafe-bom")
            .resolve(version)
            .resolve("carafe-bom-" + version + ".pom");
    return """
    apply plugin: 'java'
    repositories {
      maven { url '%s' }
      maven { url '%s' }
    }
    configurations { starter }
    if (GradleVersion.current() < GradleVersion.version('5.0')) {
      dependencies.ext.platform = { it }
      def bom = new XmlSlurper().parse(new File('%s'))
      def managed = bom.dependencyManagement.dependencies.dependency.collectEntries {
        [it.artifactId.text(), it.version.text().replace('${project.version}', bom.version.text())]
      }
      configurations.all {
        resolutionStrategy.eachDependency {
          if (it.requested.group == 'dev.carafe') {
            it.useVersion(managed[it.requested.name] ?: it.requested.version)
          }
        }
      }
    }
    """
        .formatted(consumer.staged().toUri(), local.toUri(), bom);
  }

  private static String after() {
    return """
    tasks.withType(JavaCompile) {
      options.fork = true
      options.forkOptions.javaHome = new File('%s')
      options.compilerArgs.addAll(['--release', '25'])
    }
    task shop(type: JavaExec) {
      if (hasProperty('mainClass')) { mainClass = 'Shop' } else { main = 'Shop' }
      classpath = sourceSets.main.runtimeClasspath
      executable = '%s'
      doLast {
        println 'class path: ' + classpath.files*.name.join(' ')
        println 'flags of tests: ' + tasks.getByName('test').jvmArgs.join(' ')
      }
    }
    task starter {
      doLast { println 'starter: ' + configurations.starter.files*.name.join(' ') }
    }
    """
        .formatted(System.getProperty("java.home"), Consumer.java());
  }
}
