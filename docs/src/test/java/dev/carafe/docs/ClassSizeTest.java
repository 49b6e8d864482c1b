package dev.carafe.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.Tree.Kind;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreeScanner;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import javax.lang.model.element.Modifier;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Limits the code lines, methods and fields of a class; a larger class has more than one role.
 * Comments, blank lines and imports do not count. {@code class-sizes.txt} lists the larger classes,
 * with sizes that they must not exceed. A class that meets the limit must leave the list.
 */
class ClassSizeTest {
  private static final int MAX_CODE_LINES = 250;
  private static final int MAX_METHODS = 25;
  private static final int MAX_FIELDS = 12;
  private static final Pattern COMMENTS = Pattern.compile("(?s:/\\*.*?\\*/)|(?m://.*$)");

  /** The sizes that exceed a limit: {@code "fields LogMaintenance" → 18}. */
  private static final Map<String, Integer> OVERSIZED = new TreeMap<>();

  /** The types of the instance fields of each class of the main code. */
  private static final Map<String, Set<String>> FIELD_TYPES = new HashMap<>();

  @BeforeAll
  static void measure() throws IOException {
    var compiler = ToolProvider.getSystemJavaCompiler();
    try (StandardJavaFileManager files =
        compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8)) {
      var sources = files.getJavaFileObjectsFromPaths(Tree.files(".java"));
      JavacTask task =
          (JavacTask) compiler.getTask(null, files, problem -> {}, List.of(), null, sources);
      for (CompilationUnitTree unit : task.parse()) {
        Path path = Path.of(unit.getSourceFile().toUri());
        boolean isMain = path.toString().contains("/src/main/");
        oversized("lines", Tree.name(path), codeLines(Tree.read(path)), MAX_CODE_LINES);
        new TreeScanner<@Nullable Void, @Nullable Void>() {
          @Override
          public @Nullable Void visitClass(ClassTree type, @Nullable Void nothing) {
            if (isMain) {
              measure(type);
            }
            return super.visitClass(type, null);
          }
        }.scan(unit, null);
      }
    }
  }

  private static void measure(ClassTree type) {
    String name = type.getSimpleName().toString();
    int methods = 0;
    int fields = 0;
    for (var member : type.getMembers()) {
      if (member instanceof MethodTree) {
        methods++;
      } else if (member instanceof VariableTree field
          && !field.getModifiers().getFlags().contains(Modifier.STATIC)) {
        fields++;
        String fieldType = field.getType().toString().replaceAll("<.*", "").replaceAll(".* ", "");
        FIELD_TYPES.computeIfAbsent(name, key -> new TreeSet<>()).add(fieldType);
      }
    }
    if (type.getKind() == Kind.CLASS) {
      oversized("methods", name, methods, MAX_METHODS);
      oversized("fields", name, fields, MAX_FIELDS);
    }
  }

  private static int codeLines(String text) {
    return (int)
        COMMENTS
            .matcher(text)
            .replaceAll("")
            .lines()
            .filter(line -> !line.isBlank())
            .filter(line -> !line.startsWith("import ") && !line.startsWith("package "))
            .count();
  }

  private static void oversized(String unit, String name, int size, int limit) {
    if (size > limit) {
      OVERSIZED.put(unit + " " + name, size);
    }
  }

  /** The list: {@code unit name size} a line, or {@code mutual A B}. */
  private static List<String> listed() throws IOException {
    try (InputStream in = ClassSizeTest.class.getResourceAsStream("/class-sizes.txt")) {
      String text = new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
      return text.lines().filter(line -> !line.isBlank() && !line.startsWith("#")).toList();
    }
  }

  @Test
  void classesHaveOneRole() throws IOException {
    List<String> known = listed();
    List<String> wrong = new ArrayList<>();
    OVERSIZED.forEach((what, size) -> {
      boolean isListed =
          known.stream()
              .filter(line -> line.startsWith(what + " "))
              .anyMatch(line -> size <= Integer.parseInt(line.substring(what.length() + 1)));
      if (!isListed) {
        wrong.add(what + " " + size);
      }
    });
    assertEquals(
        List.of(),
        wrong,
        "more than %d lines of code, %d methods or %d fields: split the class by its roles"
            .formatted(MAX_CODE_LINES, MAX_METHODS, MAX_FIELDS));
  }

  @Test
  void noClassHoldsTheClassThatHoldsIt() throws IOException {
    Set<String> mutual = new TreeSet<>();
    FIELD_TYPES.forEach((name, types) -> {
      for (String type : types) {
        if (name.compareTo(type) < 0 && FIELD_TYPES.getOrDefault(type, Set.of()).contains(name)) {
          mutual.add("mutual " + name + " " + type);
        }
      }
    });
    mutual.removeAll(listed());
    assertEquals(Set.of(), mutual, "two classes that hold each other are one class in two files");
  }

  @Test
  void theListHasNoClassThatIsSmallEnough() throws IOException {
    List<String> gone =
        listed().stream()
            .filter(line -> !line.startsWith("mutual "))
            .map(line -> line.substring(0, line.lastIndexOf(' ')))
            .filter(what -> !OVERSIZED.containsKey(what))
            .toList();
    assertTrue(gone.isEmpty(), () -> "take off class-sizes.txt: " + gone);
  }
}
