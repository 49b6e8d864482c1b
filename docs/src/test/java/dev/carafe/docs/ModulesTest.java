package dev.carafe.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.lang.module.FindException;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The published modules, and a program that uses them from the module path. */
class ModulesTest {
  /** The flags that README names for the module path. */
  private static final String NATIVE_ACCESS =
      "--enable-native-access=dev.carafe.engine,org.lz4.java";

  private static final String PROGRAM =
      """
      package shop;

      import dev.carafe.Carafe;
      import dev.carafe.Codec;
      import java.nio.file.Path;

      public final class Shop {
        public static void main(String[] arguments) throws Exception {
          Path file = Path.of(arguments[0]);
          byte[] page = "a value that LZ4 compresses. ".repeat(100).getBytes();
          try (var recording = new jdk.jfr.Recording()) {
            recording.enable("dev.carafe.Opening");
            recording.start();
            try (Carafe<String, byte[]> pages = open(file)) {
              pages.put("/index.html", page);
            }
            recording.stop();
            Path dump = Path.of(arguments[0] + ".jfr");
            recording.dump(dump);
            for (var event : jdk.jfr.consumer.RecordingFile.readAllEvents(dump)) {
              System.out.println(event.getEventType().getName());
            }
          }
          try (Carafe<String, byte[]> pages = open(file)) {
            byte[] read = pages.getIfPresent("/index.html");
            System.out.println(java.util.Arrays.equals(read, page) ? "hit" : "miss");
            System.out.println(pages.health());
          }
        }

        private static Carafe<String, byte[]> open(Path file) {
          return Carafe.newBuilder()
              .keyCodec(Codec.utf8())
              .valueCodec(Codec.bytes())
              .memory(4 << 20)
              .file(file, 16 << 20)
              .build();
        }
      }
      """;

  private static final Set<String> API =
      Set.of("dev.carafe.api", "com.github.benmanes.caffeine", "org.jspecify");

  private static final Set<String> ENGINE = Set.of("dev.carafe.engine", "org.lz4.java");

  @TempDir Path folder;

  /** The entries of the class path that are modules of these names. */
  private static List<Path> entries(Set<String> names) {
    String classPath = System.getProperty("java.class.path", "");
    return Pattern.compile(File.pathSeparator)
        .splitAsStream(classPath)
        .map(Path::of)
        .filter(entry -> names.contains(moduleName(entry)))
        .toList();
  }

  /** The name of the module, or an empty string where Java can't derive one. */
  private static String moduleName(Path entry) {
    boolean isModule =
        Files.isRegularFile(entry) || Files.exists(entry.resolve("module-info.class"));
    try {
      return isModule ? ModuleFinder.of(entry).findAll().iterator().next().descriptor().name() : "";
    } catch (FindException e) {
      return "";
    }
  }

  private static String modulePath(Set<String> names) {
    return entries(names).stream()
        .map(Path::toString)
        .collect(Collectors.joining(File.pathSeparator));
  }

  @Test
  void eachPublishedModuleExportsOnlyWhatUsersNeed() {
    Set<String> names =
        Set.of(
            "dev.carafe.api",
            "dev.carafe.engine",
            "dev.carafe.codecs",
            "dev.carafe.jcache",
            "dev.carafe.micrometer",
            "dev.carafe.redis",
            "dev.carafe.springboot");
    Map<String, Set<String>> exports = new TreeMap<>();
    for (Path entry : entries(names)) {
      for (ModuleReference module : ModuleFinder.of(entry).findAll()) {
        ModuleDescriptor descriptor = module.descriptor();
        assertFalse(descriptor.isAutomatic(), descriptor.name());
        Set<String> exported = new TreeSet<>();
        descriptor.exports().forEach(export -> exported.add(export.toString()));
        descriptor.opens().forEach(open -> exported.add("opens " + open));
        exports.put(descriptor.name(), exported);
      }
    }
    assertEquals(
        Map.of(
            "dev.carafe.api", Set.of("dev.carafe", "dev.carafe.spi"),
            "dev.carafe.engine", Set.of("dev.carafe.region"),
            "dev.carafe.codecs", Set.of("dev.carafe.codecs"),
            "dev.carafe.jcache", Set.of("dev.carafe.jcache"),
            "dev.carafe.micrometer", Set.of("dev.carafe.micrometer"),
            "dev.carafe.springboot", Set.of("dev.carafe.springboot", "opens dev.carafe.springboot"),
            "dev.carafe.redis", Set.of("dev.carafe.redis")),
        exports);
  }

  /** jlink refuses automatic modules: the engine requires LZ4, so both are beside the image. */
  @Test
  void anImageRunsAProgramThatReopensItsFile() throws Exception {
    Path application = compiled(true);
    Path image = folder.resolve("image");
    String linked = modulePath(API);
    run(
        javaTool("jlink"),
        "--module-path",
        linked,
        "--add-modules",
        "dev.carafe.api,jdk.jfr",
        "--output",
        image.toString());
    String beside = modulePath(ENGINE);
    String output =
        run(
            image.resolve("bin/java").toString(),
            NATIVE_ACCESS,
            "--illegal-native-access=deny",
            "--module-path",
            application + File.pathSeparator + beside,
            "--module",
            "shop/shop.Shop",
            folder.resolve("pages.carafe").toString());
    assertWorked(output);
  }

  /** The manifest entry replaces the flag, in the jar that is started only. */
  @Test
  void anExecutableJarNeedsNoFlag() throws Exception {
    Path classes = compiled(false);
    Path jar = folder.resolve("shop.jar");
    Manifest manifest = new Manifest();
    Attributes attributes = manifest.getMainAttributes();
    attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
    attributes.put(Attributes.Name.MAIN_CLASS, "shop.Shop");
    attributes.putValue("Enable-Native-Access", "ALL-UNNAMED");
    attributes.put(
        Attributes.Name.CLASS_PATH,
        Stream.of(List.of(classes), entries(API), entries(ENGINE))
            .flatMap(List::stream)
            .map(path -> path.toUri().toString())
            .collect(Collectors.joining(" ")));
    new JarOutputStream(Files.newOutputStream(jar), manifest).close();
    String output =
        run(
            javaTool("java"),
            "--illegal-native-access=deny",
            "-jar",
            jar.toString(),
            folder.resolve("pages.carafe").toString());
    assertWorked(output);
  }

  private static void assertWorked(String output) {
    List<String> lines = output.lines().toList();
    assertTrue(lines.contains("dev.carafe.Opening"), output);
    assertTrue(lines.contains("hit"), output);
    assertFalse(output.contains("WARNING") || output.contains("native access"), output);
  }

  /** Compiles the program, as a module or for the class path, and returns its folder. */
  private Path compiled(boolean asModule) throws Exception {
    Path classes = folder.resolve("shop");
    Path program = folder.resolve("Shop.java");
    Path module = folder.resolve("module-info.java");
    Files.writeString(program, PROGRAM);
    Files.writeString(module, "module shop { requires dev.carafe.api; requires jdk.jfr; }");
    List<String> command = new ArrayList<>();
    command.add(javaTool("javac"));
    command.add(asModule ? "--module-path" : "--class-path");
    command.add(modulePath(API));
    command.addAll(List.of("-d", classes.toString(), program.toString()));
    if (asModule) {
      command.add(module.toString());
    }
    run(command.toArray(String[]::new));
    return classes;
  }

  private static String javaTool(String name) {
    return Path.of(System.getProperty("java.home", ""), "bin", name).toString();
  }

  private String run(String... command) throws IOException, InterruptedException {
    Path output = Files.createTempFile(folder, "output", ".txt");
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(Redirect.to(output.toFile()))
            .start();
    try {
      assertTrue(process.waitFor(60, TimeUnit.SECONDS), "runs longer than 60 s");
    } finally {
      process.destroyForcibly();
    }
    String text = Files.readString(output);
    assertEquals(0, process.exitValue(), String.join(" ", command) + "\n" + text);
    return text;
  }
}
