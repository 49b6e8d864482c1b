package dev.carafe.contenders;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The command line of a JVM that has one contender on its class path and no other: the classes that
 * the benchmark itself needs, and the jars of the contender's folder.
 */
public final class ForkedJvm {
  /** Names the folder that has a folder of jars for each contender. */
  public static final String HOME_PROPERTY = "carafe.contenders";

  /** What every contender's JVM gets. */
  private static final List<String> COMMON =
      List.of(
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow",
          "-XX:+UseCompactObjectHeaders",
          "-XX:MaxDirectMemorySize=64g",
          "-Xlog:disable",
          "-Xlog:all=error:stderr");

  static final List<String> OHC_FLAGS =
      List.of(
          "--add-exports=java.base/sun.nio.ch=ALL-UNNAMED",
          "--add-opens=java.base/java.nio=ALL-UNNAMED");
  static final List<String> LMDB_FLAGS =
      List.of(
          "--add-opens=java.base/java.nio=ALL-UNNAMED",
          "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED");
  static final List<String> CHRONICLE_FLAGS =
      List.of(
          "--add-exports=java.base/jdk.internal.ref=ALL-UNNAMED",
          "--add-exports=java.base/sun.nio.ch=ALL-UNNAMED",
          "--add-exports=jdk.unsupported/sun.misc=ALL-UNNAMED",
          "--add-exports=jdk.compiler/com.sun.tools.javac.file=ALL-UNNAMED",
          "--add-exports=java.base/jdk.internal.util=ALL-UNNAMED",
          "--add-opens=jdk.compiler/com.sun.tools.javac=ALL-UNNAMED",
          "--add-opens=java.base/java.lang=ALL-UNNAMED",
          "--add-opens=java.base/java.lang.reflect=ALL-UNNAMED",
          "--add-opens=java.base/java.io=ALL-UNNAMED",
          "--add-opens=java.base/java.util=ALL-UNNAMED",
          "--add-opens=java.base/java.nio=ALL-UNNAMED",
          "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
          // what a killed process locked stays locked: no need to wait a whole minute for it
          "-Dnet.openhft.chronicle.map.lockTimeoutSeconds=10",
          "-Dchronicle.analytics.disable=true",
          "-Dchronicle.announcer.disable=true");

  private ForkedJvm() {}

  /**
   * The command up to and including the class path; a main class and its arguments are to follow.
   *
   * @param contender who is to run
   * @param options further options of the JVM, such as the heap's size
   * @param needed classes whose jars or folders the benchmark needs beside the contender's
   * @return the words of the command
   * @throws IOException if the contender's folder can't be read
   */
  public static List<String> command(Contender contender, List<String> options, Class<?>... needed)
      throws IOException {
    List<String> words = new ArrayList<>();
    words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    words.addAll(COMMON);
    words.addAll(contender.flags());
    words.addAll(options);
    words.add("-cp");
    words.add(classPath(contender, needed));
    return words;
  }

  /**
   * The class path alone.
   *
   * @param contender who is to run
   * @param needed classes whose jars or folders the benchmark needs beside the contender's
   * @return the class path
   * @throws IOException if the contender's folder can't be read
   */
  public static String classPath(Contender contender, Class<?>... needed) throws IOException {
    if (contender.jars().equals(Contenders.OWN)) {
      return System.getProperty("java.class.path");
    }
    Set<String> parts = new LinkedHashSet<>();
    parts.add(placeOf(ForkedJvm.class));
    Arrays.stream(needed).map(ForkedJvm::placeOf).forEach(parts::add);
    jars(contender).forEach(jar -> parts.add(jar.toString()));
    return String.join(File.pathSeparator, parts);
  }

  /**
   * The artifact with the version that is measured, as its jar's name says.
   *
   * @param contender who
   * @return the name of its library's jar without the ending, or what the contender says itself
   * @throws IOException if the contender's folder can't be read
   */
  public static String version(Contender contender) throws IOException {
    String artifact = contender.library().substring(contender.library().indexOf(':') + 1);
    List<Path> where =
        contender.jars().equals(Contenders.OWN)
            ? Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(Path::of)
                .toList()
            : jars(contender);
    return where.stream()
        .map(path -> Objects.toString(path.getFileName(), ""))
        .filter(name -> name.startsWith(artifact + "-") && name.endsWith(".jar"))
        .map(name -> name.substring(0, name.length() - ".jar".length()))
        .findFirst()
        .orElse(artifact);
  }

  private static List<Path> jars(Contender contender) throws IOException {
    Path folder = home().resolve(contender.jars());
    if (!Files.isDirectory(folder)) {
      throw new IOException(
          "there are no jars of " + contender.name() + " in " + folder + "; build the project");
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".jar")).sorted().toList();
    }
  }

  private static Path home() {
    String told = System.getProperty(HOME_PROPERTY);
    if (told != null) {
      return Path.of(told);
    }
    Path classes = Path.of(placeOf(ForkedJvm.class));
    return Objects.requireNonNull(classes.getParent()).resolve("jars");
  }

  private static String placeOf(Class<?> type) {
    CodeSource source = type.getProtectionDomain().getCodeSource();
    if (source == null) {
      throw new IllegalArgumentException(type + " is the JDK's and needs no class path");
    }
    try {
      return Path.of(source.getLocation().toURI()).toString();
    } catch (URISyntaxException e) {
      throw new IllegalStateException("the class path has an odd name", e);
    }
  }
}
