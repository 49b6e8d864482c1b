package dev.carafe.docs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A project of a user: it has README's dependency and README's program, and gets the packaged jars
 * with their POMs from a repository. Maven runs offline; the other artifacts come from the local
 * repository, which the build of this project has filled.
 */
class ConsumerTest {
  private static final Pattern DEPENDENCY =
      Pattern.compile("```xml\n(<dependency>.*?</dependency>\n)```", Pattern.DOTALL);
  private static final Pattern PROGRAM = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);
  private static final Pattern VERSION = Pattern.compile("<version>(.*?)</version>");

  @TempDir Path folder;

  private static String readme() {
    return Tree.read(Tree.ROOT.resolve("README.md"));
  }

  private static String found(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    assertTrue(matcher.find(), pattern::pattern);
    return matcher.group(1);
  }

  /** The version of a plugin or property, as the root POM has it. */
  private static String pinned(String name) {
    String pom = Tree.read(Tree.ROOT.resolve("pom.xml"));
    return found(
        Pattern.compile("<artifactId>" + name + "</artifactId>\\s*<version>([^<]+)<"), pom);
  }

  private void stage(String module, String artifact, String version) throws IOException {
    Path jar = Packaged.jar(module, artifact);
    Path pom = Tree.ROOT.resolve(module).resolve("target/.flattened-pom.xml");
    assumeTrue(
        jar.endsWith(artifact + "-" + version + ".jar"), "skipped: README names another version");
    Path home =
        Files.createDirectories(
            folder.resolve("staged/dev/carafe").resolve(artifact).resolve(version));
    Files.copy(jar, home.resolve(artifact + "-" + version + ".jar"));
    Files.copy(pom, home.resolve(artifact + "-" + version + ".pom"));
  }

  private static Path localRepository() {
    return Path.of(
        System.getProperty("localRepository", System.getProperty("user.home") + "/.m2/repository"));
  }

  private static boolean hasMaven() {
    return Arrays.stream(
            Objects.requireNonNullElse(System.getenv("PATH"), "").split(File.pathSeparator))
        .anyMatch(directory -> Files.isExecutable(Path.of(directory, "mvn")));
  }

  private String run(List<String> command) throws Exception {
    Path said = folder.resolve("said");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.resolve("shop").toFile())
            .redirectErrorStream(true)
            .redirectOutput(said.toFile());
    Map<String, String> environment = builder.environment();
    environment.put("JAVA_HOME", System.getProperty("java.home"));
    environment.put("MAVEN_OPTS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC");
    Process process = builder.start();
    boolean ended = process.waitFor(4, TimeUnit.MINUTES);
    String output = Files.readString(said, UTF_8);
    if (!ended) {
      process.destroyForcibly();
    }
    assertTrue(ended && process.exitValue() == 0, output);
    return output;
  }

  @Test
  void aMavenProjectBuildsAndRunsReadmesProgram() throws Exception {
    String dependency = found(DEPENDENCY, readme());
    String version = found(VERSION, dependency);
    stage("api", "carafe-api", version);
    stage("engine", "carafe-engine", version);
    assumeTrue(hasMaven(), "skipped: no mvn on the PATH");
    assumeTrue(Files.isDirectory(localRepository()), "skipped: the local repository is elsewhere");
    String program = found(PROGRAM, readme());
    Path shop = Files.createDirectories(folder.resolve("shop/src/main/java"));
    Files.writeString(shop.resolve("Shop.java"), program);
    Files.writeString(folder.resolve("shop/pom.xml"), pom(dependency));
    Files.writeString(folder.resolve("settings.xml"), settings());
    List<String> maven = new ArrayList<>(List.of("mvn", "-B", "-q", "-o"));
    maven.add("-Daether.offline.protocols=file");
    maven.add("-Dmaven.repo.local=" + folder.resolve("local"));
    maven.addAll(List.of("-s", folder.resolve("settings.xml").toString()));
    maven.add("compile");
    maven.add(plugin("maven-dependency-plugin") + ":build-classpath");
    maven.add("-Dmdep.outputFile=class-path");
    var _ = run(maven);
    String classPath =
        "target/classes" + File.pathSeparator + Files.readString(folder.resolve("shop/class-path"));
    String launcher = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    String said =
        run(List.of(launcher, "--enable-native-access=ALL-UNNAMED", "-cp", classPath, "Shop"));
    assertTrue(said.contains("<html>/index.html</html> had 24 bytes"), said);
    List<String> jars =
        Arrays.stream(classPath.split(File.pathSeparator))
            .filter(entry -> entry.endsWith(".jar"))
            .map(entry -> String.valueOf(Path.of(entry).getFileName()).replaceAll("-[0-9].*", ""))
            .sorted()
            .toList();
    List<String> expected =
        List.of(
            "caffeine",
            "carafe-api",
            "carafe-engine",
            "chronicle-bytes",
            "chronicle-core",
            "jspecify",
            "lz4-java",
            "slf4j-api");
    assertEquals(expected, jars);
  }

  private static String plugin(String artifact) {
    return "org.apache.maven.plugins:" + artifact + ":" + pinned(artifact);
  }

  private static String pom(String dependency) {
    return """
    <project xmlns="http://maven.apache.org/POM/4.0.0">
      <modelVersion>4.0.0</modelVersion>
      <groupId>shop</groupId>
      <artifactId>shop</artifactId>
      <version>1</version>
      <properties>
        <maven.compiler.release>25</maven.compiler.release>
        <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
      </properties>
      <dependencies>
    %s  </dependencies>
      <build>
        <plugins>
          <plugin><artifactId>maven-compiler-plugin</artifactId><version>%s</version></plugin>
          <plugin><artifactId>maven-resources-plugin</artifactId><version>%s</version></plugin>
        </plugins>
      </build>
    </project>
    """
        .formatted(dependency, pinned("maven-compiler-plugin"), pinned("maven-resources-plugin"));
  }

  private String settings() {
    return """
    <settings>
      <mirrors>
        <mirror><id>filled</id><mirrorOf>central</mirrorOf><url>%s</url></mirror>
      </mirrors>
      <profiles>
        <profile>
          <id>staged</id>
          <repositories>
            <repository><id>staged</id><url>%s</url></repository>
          </repositories>
        </profile>
      </profiles>
      <activeProfiles><activeProfile>staged</activeProfile></activeProfiles>
    </settings>
    """
        .formatted(localRepository().toUri(), folder.resolve("staged").toUri());
  }
}
