package dev.carafe.log.format;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.StructLayout;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The tables of docs/FORMAT.md and the layouts have the same content. */
final class FormatDocTest {
  private static final String STRUCT = "| offset | bytes | field | meaning |";
  private static final String BITS = "| bits | width | field | meaning |";
  private static final String CONSTANTS = "| constant | value | meaning |";

  /** The structs that the document has tables of, in its order, with their sections. */
  private static final List<Documented> LAYOUTS =
      List.of(
          new Documented("File header", FileHeaderLayout.LAYOUT),
          new Documented("The ring", FileHeaderLayout.RING),
          new Documented("Extent header", ExtentHeaderLayout.LAYOUT),
          new Documented("Records", RecordLayout.LAYOUT),
          new Documented("Directory and trailer", DirectoryLayout.TRAILER),
          new Documented("Directory and trailer", DirectoryLayout.ENTRY));

  private record Documented(String section, StructLayout layout) {}

  private record Row(long offset, long bytes, String name) {}

  private record Table(String section, List<List<String>> rows) {}

  @Test
  void everyStructMatchesItsTable() throws IOException {
    List<Table> tables = tables(STRUCT);
    assertEquals(
        LAYOUTS.stream().map(Documented::section).toList(),
        tables.stream().map(Table::section).toList());
    for (int i = 0; i < LAYOUTS.size(); i++) {
      StructLayout layout = LAYOUTS.get(i).layout();
      List<Row> documented = tables.get(i).rows().stream().map(FormatDocTest::row).toList();
      assertEquals(fields(layout), documented, tables.get(i).section());
      Row last = documented.getLast();
      assertEquals(layout.byteSize(), last.offset() + last.bytes(), tables.get(i).section());
    }
  }

  @Test
  void everyStructOfThePackageHasATable() throws ReflectiveOperationException, URISyntaxException {
    List<StructLayout> found = new ArrayList<>();
    Path folder =
        Path.of(FormatVersion.class.getProtectionDomain().getCodeSource().getLocation().toURI())
            .resolve(FormatVersion.class.getPackageName().replace('.', '/'));
    for (String name : new TreeSet<>(List.of(folder.toFile().list()))) {
      if (name.endsWith("Layout.class")) {
        String type = name.substring(0, name.length() - ".class".length());
        Class<?> layout = Class.forName(FormatVersion.class.getPackageName() + "." + type);
        for (Field field : layout.getDeclaredFields()) {
          if (StructLayout.class.isAssignableFrom(field.getType())
              && Modifier.isStatic(field.getModifiers())) {
            field.setAccessible(true);
            found.add((StructLayout) field.get(null));
          }
        }
      }
    }
    assertEquals(LAYOUTS.size(), found.size());
    for (StructLayout layout : found) {
      assertTrue(
          LAYOUTS.stream().anyMatch(documented -> documented.layout() == layout),
          layout + " has no table in docs/FORMAT.md");
    }
  }

  @Test
  void aLocationIsPackedAsItsTableSays() throws IOException {
    List<List<String>> rows = tables(BITS).getFirst().rows();
    Map<String, Integer> firstBits = new LinkedHashMap<>();
    int next = 0;
    for (List<String> row : rows) {
      assertEquals(next, Integer.parseInt(row.get(0)), row.get(2));
      firstBits.put(row.get(2), next);
      next += Integer.parseInt(row.get(1));
    }
    assertEquals(Long.SIZE, next);
    assertEquals(List.of("offset", "length", "kind", "zero"), List.copyOf(firstBits.keySet()));
    long offset = ((1L << width(rows, 0)) - 1) * RecordLayout.ALIGNMENT;
    long length = 8 * RecordLayout.ALIGNMENT;
    long packed = DirectoryLayout.location(RecordLayout.TAIL, offset, length);
    assertEquals(
        ((offset / 8) << firstBits.getOrDefault("offset", -1))
            | ((length / 8) << firstBits.getOrDefault("length", -1))
            | ((long) RecordLayout.TAIL << firstBits.getOrDefault("kind", -1)),
        packed);
    assertEquals(offset, DirectoryLayout.offset(packed));
    assertEquals(length, DirectoryLayout.recordBytes(packed));
    assertEquals(RecordLayout.TAIL, DirectoryLayout.kind(packed));
  }

  @Test
  void theConstantsMatchTheirTable() throws IOException {
    Map<String, String> documented = new LinkedHashMap<>();
    for (List<String> row : tables(CONSTANTS).getFirst().rows()) {
      documented.put(row.get(0), row.get(1));
    }
    Map<String, String> expected = new LinkedHashMap<>();
    expected.put("VERSION", "" + FormatVersion.CURRENT);
    expected.put("BLOCK_BYTES", "" + FormatVersion.BLOCK_BYTES);
    expected.put("FILE_MAGIC", magic(FileHeaderLayout.MAGIC));
    expected.put("EXTENT_MAGIC", magic(ExtentHeaderLayout.MAGIC));
    expected.put("TRAILER_MAGIC", magic(DirectoryLayout.MAGIC));
    expected.put("ALIGNMENT", "" + RecordLayout.ALIGNMENT);
    expected.put("KIND_VALUE", "" + RecordLayout.VALUE);
    expected.put("KIND_TOMBSTONE", "" + RecordLayout.TOMBSTONE);
    expected.put("KIND_CLEAR", "" + RecordLayout.CLEAR);
    expected.put("KIND_TAIL", "" + RecordLayout.TAIL);
    expected.put("KIND_PADDING", "" + RecordLayout.PADDING);
    expected.put("KIND_CLOCK_FROM", "" + RecordLayout.CLOCK_FROM);
    expected.put("KIND_CLOCK_LEAD", "" + RecordLayout.CLOCK_LEAD);
    expected.put("FLAG_LZ4", "" + RecordLayout.FLAG_LZ4);
    expected.put("FLAG_WALL", "" + RecordLayout.FLAG_WALL);
    assertEquals(expected, documented);
  }

  /** A magic as the document writes it: the bytes in the order of the file. */
  private static String magic(long magic) {
    byte[] bytes =
        ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(magic).array();
    String text = new String(bytes, US_ASCII);
    return "`" + text.replace("\r", "\\r").replace("\n", "\\n") + "`";
  }

  private static int width(List<List<String>> rows, int index) {
    return Integer.parseInt(rows.get(index).get(1));
  }

  private static Row row(List<String> cells) {
    return new Row(Long.parseLong(cells.get(0)), Long.parseLong(cells.get(1)), cells.get(2));
  }

  private static List<Row> fields(StructLayout layout) {
    List<Row> rows = new ArrayList<>();
    for (MemoryLayout member : layout.memberLayouts()) {
      String name = member.name().orElseThrow();
      rows.add(new Row(layout.byteOffset(PathElement.groupElement(name)), member.byteSize(), name));
    }
    return rows;
  }

  /** All tables with this header, in the order of the document. */
  private static List<Table> tables(String header) throws IOException {
    List<Table> tables = new ArrayList<>();
    String section = "";
    List<List<String>> rows = null;
    for (String line : Files.readAllLines(document())) {
      if (line.startsWith("#")) {
        section = line.replaceFirst("^#+ ", "");
      }
      if (line.equals(header)) {
        rows = new ArrayList<>();
        tables.add(new Table(section, rows));
      } else if (!line.startsWith("|")) {
        rows = null;
      } else if (rows != null && !line.startsWith("|---")) {
        List<String> cells = new ArrayList<>();
        for (String cell : line.substring(1, line.lastIndexOf('|')).split("\\|", -1)) {
          cells.add(cell.trim());
        }
        rows.add(cells);
      }
    }
    return tables;
  }

  private static Path document() {
    Path folder = Path.of(System.getProperty("basedir", ".")).toAbsolutePath();
    while (!Files.exists(folder.resolve("docs/FORMAT.md"))) {
      Path parent = folder.getParent();
      if (parent == null) {
        throw new IllegalStateException("docs/FORMAT.md is not above " + folder);
      }
      folder = parent;
    }
    return folder.resolve("docs/FORMAT.md");
  }
}
