package dev.carafe.docs;

import static dev.carafe.docs.Consumer.found;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** README's dependency and README's program in a Maven project of a user. Maven runs offline. */
class ConsumerTest {
  private static final Pattern DEPENDENCY =
      Pattern.compile("```xml\n(<dependency>.*?</dependency>\n)```", Pattern.DOTALL);
  private static final Pattern VERSION = Pattern.compile("<version>(.*?)</version>");

  @TempDir Path folder;

  /** The version of a plugin, as the root POM has it. */
  private static String pinned(String name) {
    return found(
        Pattern.compile("<artifactId>" + name + "</artifactId>\\s*<version>([^<]+)<"),
        Consumer.page("pom.xml"));
  }

  @Test
  void aMavenProjectBuildsAndRunsReadmesProgram() throws Exception {
    Consumer consumer = new Consumer(folder);
    String dependency = found(DEPENDENCY, Consumer.page("README.md"));
    String version = found(VERSION, dependency);
    consumer.stage("api", "carafe-api", version);
    consumer.stage("engine", "carafe-engine", version);
    assumeTrue(Consumer.program("mvn") != null, "skipped: no mvn on the PATH");
    Path local = Consumer.localRepository();
    consumer.writeProgram();
    Files.writeString(consumer.project().resolve("pom.xml"), pom(dependency));
    Path settings = folder.resolve("settings.xml");
    Files.writeString(settings, settings(local, consumer.staged()));
    List<String> maven = new ArrayList<>(List.of("mvn", "-B", "-q", "-o"));
    maven.add("-Daether.offline.protocols=file");
    maven.add("-Dmaven.repo.local=" + folder.resolve("local"));
    maven.addAll(List.of("-s", settings.toString()));
    maven.add("compile");
    maven.add(plugin("maven-dependency-plugin") + ":build-classpath");
    maven.add("-Dmdep.outputFile=class-path");
    var environment =
        Map.of(
            "JAVA_HOME",
            System.getProperty("java.home"),
            "MAVEN_OPTS",
            "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC");
    var _ = consumer.run(maven, environment).succeeded();
    String jars = Files.readString(consumer.project().resolve("class-path"));
    String classPath = "target/classes" + File.pathSeparator + jars;
    List<String> java =
        List.of(Consumer.java(), "--enable-native-access=ALL-UNNAMED", "-cp", classPath, "Shop");
    Consumer.assertWorked(consumer.run(java, Map.of()).succeeded());
    Consumer.assertJars(Stream.of(classPath.split(File.pathSeparator)));
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

  private static String settings(Path local, Path staged) {
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
        .formatted(local.toUri(), staged.toUri());
  }
}
