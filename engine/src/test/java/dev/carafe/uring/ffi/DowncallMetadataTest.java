package dev.carafe.uring.ffi;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.constantpool.MemberRefEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A native image contains only the downcalls that the metadata in the engine's jar lists. */
class DowncallMetadataTest {
  private static final String METADATA =
      "/META-INF/native-image/dev.carafe/carafe-engine/reachability-metadata.json";

  @Test
  void theMetadataListsTheSignatureOfAllCalls() throws IOException {
    assertEquals(
        List.of(Linker.Option.firstVariadicArg(1), Linker.Option.captureCallState("errno")),
        Libc.OPTIONS);
    String returned = type(Libc.SHAPE.returnLayout().orElseThrow());
    String parameters =
        Libc.SHAPE.argumentLayouts().stream()
            .map(DowncallMetadataTest::type)
            .collect(Collectors.joining(",", "[", "]"));
    String expected =
        "{'foreign':{'downcalls':[{'returnType':%s,'parameterTypes':%s,"
            + "'options':{'firstVariadicArg':1,'captureCallState':true}}]}}";
    assertEquals(expected.replace('\'', '"').formatted(returned, parameters), metadata());
  }

  /** A second class that links functions would need a second look at the metadata. */
  @Test
  void onlyLibcLinksFunctions() throws Exception {
    Path classes = Path.of(Libc.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    TreeSet<String> linking = new TreeSet<>();
    try (Stream<Path> files = Files.walk(classes)) {
      for (Path file : files.filter(path -> path.toString().endsWith(".class")).toList()) {
        ClassModel model = ClassFile.of().parse(file);
        for (PoolEntry entry : model.constantPool()) {
          if (isLink(entry)) {
            linking.add(model.thisClass().asInternalName());
          }
        }
      }
    }
    assertEquals(List.of("dev/carafe/uring/ffi/Libc"), List.copyOf(linking));
  }

  private static boolean isLink(PoolEntry entry) {
    return entry instanceof MemberRefEntry member
        && member.owner().asInternalName().equals("java/lang/foreign/Linker")
        && (member.name().equalsString("downcallHandle")
            || member.name().equalsString("upcallStub"));
  }

  private static String type(MemoryLayout layout) {
    assertEquals(JAVA_LONG, layout, "a type that this test can't name");
    return "\"jlong\"";
  }

  private static String metadata() throws IOException {
    try (InputStream stream = Libc.class.getResourceAsStream(METADATA)) {
      assertNotNull(stream);
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8).replaceAll("\\s", "");
    }
  }
}
