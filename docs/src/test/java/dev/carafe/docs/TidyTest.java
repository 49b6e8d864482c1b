package dev.carafe.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Rules of docs/ARCHITECTURE.md and CONTRIBUTING.md. Each message states the reason. */
class TidyTest {
  /** Left to right: a package imports only from packages to its right. */
  private static final List<String> ARROWS =
      List.of("cache", "tier", "log", "device", "uring", "region", "base");

  private static final Pattern ENGINE_IMPORT =
      Pattern.compile("^import (?:static )?dev\\.carafe\\.(\\w+)\\.", Pattern.MULTILINE);
  private static final int MAX_METHOD_LINES = 50;
  private static final int MAX_COLUMNS = 120;

  /** Pages that may have longer lines. A page leaves this list when it is wrapped. */
  private static final List<String> WIDE_PAGES = List.of("docs/BENCHMARKS-REPORT.md");

  private static final Pattern METHOD =
      Pattern.compile(
          "^  (?:  )?(?!return|new|throw|try|else|yield)(?:[\\w<>\\[\\]@?.,&]+ )+\\w+"
              + "\\([^;{}]*\\)[^;={}]*\\{$",
          Pattern.MULTILINE);
  private static final Pattern PUBLIC_TYPE =
      Pattern.compile(
          "^public (?:static |final |sealed |non-sealed |abstract )*"
              + "(?:class|interface|record|enum|@interface) (\\w+)",
          Pattern.MULTILINE);

  @Test
  void importsFollowTheArrows() {
    List<String> wrong = new ArrayList<>();
    for (Path file : engine()) {
      int from = ARROWS.indexOf(room(file));
      Matcher imports = ENGINE_IMPORT.matcher(Tree.read(file));
      while (imports.find()) {
        String room = imports.group(1);
        int to = ARROWS.indexOf(room);
        boolean ringFromElsewhere =
            room.equals("uring") && !List.of("uring", "device").contains(ARROWS.get(from));
        if (to >= 0 && (to < from || ringFromElsewhere)) {
          wrong.add(Tree.name(file) + " imports " + room);
        }
      }
    }
    assertEquals(List.of(), wrong, "a lower layer must not know a higher one; only device, uring");
  }

  @Test
  void whatOneRoomKnowsStaysThere() {
    Map<Pattern, List<String>> fences =
        Map.of(
            Pattern.compile("com\\.github\\.benmanes\\.caffeine"), List.of("cache"),
            Pattern.compile("\\bLinker\\b"), List.of("uring/ffi"),
            Pattern.compile("import java\\.lang\\.foreign\\.Arena|\\.reinterpret\\("),
                List.of("region", "uring/ffi"),
            Pattern.compile("java\\.nio\\.channels"), List.of("device"),
            Pattern.compile("import dev\\.carafe\\.Codec\\b"), List.of("cache"));
    List<String> wrong = new ArrayList<>();
    for (Path file : engine()) {
      fences.forEach((what, rooms) -> {
        boolean inside = rooms.stream().anyMatch(room -> file.toString().contains("/" + room));
        if (!inside && what.matcher(Tree.read(file)).find()) {
          wrong.add(Tree.name(file) + " knows " + what + ", which belongs in " + rooms);
        }
      });
    }
    assertEquals(List.of(), wrong, "so that one room can change its mind alone");
  }

  @Test
  void bodiesOfMethodsFitAScreen() {
    List<String> wrong = new ArrayList<>();
    for (Path file : Tree.files(".java")) {
      String text = Tree.read(file);
      Matcher methods = METHOD.matcher(text);
      while (methods.find()) {
        String indent =
            methods.group().substring(0, methods.group().indexOf(methods.group().strip()));
        int end = text.indexOf("\n" + indent + "}", methods.end());
        long lines = text.substring(methods.end(), Math.max(methods.end(), end)).lines().count();
        if (lines > MAX_METHOD_LINES) {
          wrong.add(Tree.name(file) + ": " + methods.group().lines().findFirst().orElse(""));
        }
      }
    }
    assertEquals(
        List.of(), wrong, "longer than " + MAX_METHOD_LINES + " lines can't be seen whole");
  }

  @Test
  void everyPackageSaysWhatItIsAndIsNullMarked() {
    List<String> wrong = new ArrayList<>();
    for (Path file : Tree.files(".java")) {
      Path folder = Objects.requireNonNull(file.getParent());
      Path info = folder.resolve("package-info.java");
      boolean isMain = file.toString().contains("/src/main/") && !file.endsWith("module-info.java");
      if (isMain && (!info.toFile().exists() || !Tree.read(info).contains("@NullMarked"))) {
        wrong.add(Tree.name(folder));
      }
    }
    assertEquals(
        List.of(), wrong.stream().distinct().toList(), "needs a package-info, @NullMarked");
  }

  @Test
  void namesSayWhatAThingIs() {
    Pattern vague = Pattern.compile(".*(Manager|Helper|Utils?|Impl|Data|Base|Misc)\\.java");
    List<String> wrong =
        offenders(Tree.files(".java"), (file, text) -> vague.matcher(Tree.name(file)).matches());
    assertEquals(List.of(), wrong, "a name that fits everything says nothing");
  }

  @Test
  void codeDoesNotSleep() {
    String sleep = "Thread" + ".sleep";
    List<String> wrong = offenders(Tree.files(".java"), (file, text) -> text.contains(sleep));
    assertEquals(List.of(), wrong, "a wait needs a condition: a sleep ends too late or too early");
  }

  @Test
  void publicTypesAreDocumented() {
    List<String> wrong =
        offenders(
            Tree.files(".java").stream().filter(f -> f.toString().contains("/src/main/")).toList(),
            (file, text) -> {
              Matcher type = PUBLIC_TYPE.matcher(text);
              return type.find() && !text.substring(0, type.start()).contains("*/");
            });
    assertEquals(List.of(), wrong, "a public type without Javadoc");
  }

  @Test
  void nothingNamesTheMachineItWasMadeOn() {
    Pattern outside = Pattern.compile("\\.\\./shared|/work/|/root/|/home/\\w");
    List<String> wrong = new ArrayList<>();
    for (String ending : List.of(".java", ".md", ".xml", "carafe", "run", ".json")) {
      wrong.addAll(
          offenders(
              Tree.files(ending).stream().filter(f -> !f.endsWith("TidyTest.java")).toList(),
              (file, text) -> outside.matcher(text).find()));
    }
    assertEquals(List.of(), wrong, "the project stands alone");
  }

  /** Tables and code can't be wrapped; a command writes docs/BENCHMARKS-REPORT.md. */
  @Test
  void linesOfDocsFitTheScreen() {
    List<String> wrong = new ArrayList<>();
    for (Path file : Tree.files(".md")) {
      boolean code = false;
      int number = 0;
      for (String line : Tree.read(file).split("\n", -1)) {
        number++;
        code ^= line.startsWith("```");
        boolean breakable = !code && !line.startsWith("|") && !line.startsWith("    ");
        if (breakable && line.length() > MAX_COLUMNS && !WIDE_PAGES.contains(Tree.name(file))) {
          wrong.add(Tree.name(file) + ":" + number + " has " + line.length() + " columns");
        }
      }
    }
    assertEquals(
        List.of(), wrong, "a line of docs has at most 120 columns, so that diffs read well");
  }

  @Test
  void theTestsThatClassesNameExist() {
    Pattern said = Pattern.compile("<p>Proved by ([^.]*)\\.");
    Pattern test = Pattern.compile("\\{@code (\\w+)}");
    List<String> tests =
        Tree.files("Test.java").stream()
            .map(file -> String.valueOf(file.getFileName()).replace(".java", ""))
            .toList();
    List<String> wrong = new ArrayList<>();
    for (Path file : engine()) {
      Matcher lines = said.matcher(Tree.read(file));
      while (lines.find()) {
        test.matcher(lines.group(1))
            .results()
            .map(name -> name.group(1))
            .filter(name -> !tests.contains(name))
            .forEach(name -> wrong.add(Tree.name(file) + " names " + name));
      }
    }
    assertEquals(List.of(), wrong, "a test that was renamed or removed proves nothing");
  }

  private static List<Path> engine() {
    return Tree.files(".java").stream()
        .filter(file -> file.toString().contains("/engine/src/main/"))
        .toList();
  }

  private static String room(Path file) {
    String name = file.toString();
    String inside = name.substring(name.indexOf("/dev/carafe/") + "/dev/carafe/".length());
    return inside.substring(0, inside.indexOf('/'));
  }

  private static List<String> offenders(List<Path> files, BiPredicate<Path, String> isWrong) {
    return files.stream()
        .filter(file -> isWrong.test(file, Tree.read(file)))
        .map(Tree::name)
        .toList();
  }
}
