package dev.carafe.contenders;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The command line of a JVM with one contender on its class path: the classes of the benchmark and
 * the jars of the contender's directory.
 */
public final class ForkedJvm {
  /** The system property with the directory that contains a directory of jars per contender. */
  public static final String HOME_PROPERTY = "carafe.contenders";

  /** The flags of every contender's JVM. */
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
          // a killed process leaves segments locked: wait 10 s for them instead of 60 s
          "-Dnet.openhft.chronicle.map.lockTimeoutSeconds=10",
          "-Dchronicle.analytics.disable=true",
          "-Dchronicle.announcer.disable=true");

  private ForkedJvm() {}

  /**
   * Returns the command up to the class path. The caller appends a main class and its arguments.
   *
   * @param contender the contender
   * @param options additional JVM options, such as the heap size
   * @param needed classes whose jars or directories are added to the class path
   * @return the command
   * @throws IOException if the contender's directory can't be read
   */
  public static List<String> command(Contender contender, List<String> options, Class<?>... needed)
      throws IOException {
    List<String> all = new ArrayList<>(contender.flags());
    all.addAll(options);
    return command(all, classPath(contender, needed));
  }

  /**
   * Returns the command up to the class path, for a directory of jars.
   *
   * @param jars the name of the directory
   * @param options additional JVM options, such as the heap size
   * @param needed classes whose jars or directories are added to the class path
   * @return the command
   * @throws IOException if the directory can't be read
   */
  public static List<String> command(String jars, List<String> options, Collection<Class<?>> needed)
      throws IOException {
    return command(options, classPath(jars, needed));
  }

  private static List<String> command(List<String> options, String classPath) {
    List<String> words = new ArrayList<>();
    words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    words.addAll(COMMON);
    words.addAll(options);
    words.add("-cp");
    words.add(classPath);
    return words;
  }

  /**
   * Returns the class path.
   *
   * @param contender the contender
   * @param needed classes whose jars or directories are added to the class path
   * @return the class path
   * @throws IOException if the contender's directory can't be read
   */
  public static String classPath(Contender contender, Class<?>... needed) throws IOException {
    return contender.jars().equals(Contenders.BENCHMARK_CLASS_PATH)
        ? System.getProperty("java.class.path")
        : classPath(contender.jars(), List.of(needed));
  }

  private static String classPath(String jars, Collection<Class<?>> needed) throws IOException {
    Set<String> parts = new LinkedHashSet<>();
    parts.add(locationOf(ForkedJvm.class));
    needed.stream().map(ForkedJvm::locationOf).forEach(parts::add);
    jars(jars).forEach(jar -> parts.add(jar.toString()));
    return String.join(File.pathSeparator, parts);
  }

  /**
   * Returns the artifact and version of a contender.
   *
   * @param contender the contender
   * @return the name of its jar without extension, or the artifact if there is no jar
   * @throws IOException if the contender's directory can't be read
   */
  public static String version(Contender contender) throws IOException {
    List<Path> where =
        contender.jars().equals(Contenders.BENCHMARK_CLASS_PATH)
            ? Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(Path::of)
                .toList()
            : jars(contender.jars());
    return version(contender.library(), where);
  }

  /**
   * Returns the artifact and version of a library in a directory of jars.
   *
   * @param library the Maven coordinates without version
   * @param jars the name of the directory
   * @return the name of its jar without extension, or the artifact if there is no jar
   * @throws IOException if the directory can't be read
   */
  public static String version(String library, String jars) throws IOException {
    return version(library, jars(jars));
  }

  private static String version(String library, List<Path> where) {
    String artifact = library.substring(library.indexOf(':') + 1);
    return where.stream()
        .map(path -> Objects.toString(path.getFileName(), ""))
        .filter(name -> name.startsWith(artifact + "-") && name.endsWith(".jar"))
        .map(name -> name.substring(0, name.length() - ".jar".length()))
        .findFirst()
        .orElse(artifact);
  }

  private static List<Path> jars(String name) throws IOException {
    Path folder = home().resolve(name);
    if (!Files.isDirectory(folder)) {
      throw new IOException(
          "directory " + folder + " with jars does not exist; build bench/contenders");
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".jar")).sorted().toList();
    }
  }

  private static Path home() {
    String configured = System.getProperty(HOME_PROPERTY);
    if (configured != null) {
      return Path.of(configured);
    }
    Path classes = Path.of(locationOf(ForkedJvm.class));
    return Objects.requireNonNull(classes.getParent()).resolve("jars");
  }

  private static String locationOf(Class<?> type) {
    CodeSource source = type.getProtectionDomain().getCodeSource();
    if (source == null) {
      throw new IllegalArgumentException(type + " is a class of the JDK");
    }
    try {
      return Path.of(source.getLocation().toURI()).toString();
    } catch (URISyntaxException e) {
      throw new IllegalStateException("the location of " + type + " is not a file", e);
    }
  }
}
