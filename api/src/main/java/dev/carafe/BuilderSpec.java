package dev.carafe;

import dev.carafe.spi.SettingText;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The settings of a builder as text; {@link CarafeBuilder#from} describes the syntax. */
final class BuilderSpec {
  private static final List<String> OWN =
      List.of(
          "memory",
          "indexMemory",
          "file",
          "fileSize",
          "persistWithin",
          "writeBudget",
          "expireAfterWrite",
          "expireAfterAccess",
          "refreshAfterWrite",
          "scheduler",
          "recordStats",
          "recordMissRatioCurve");

  private static final List<String> WITHOUT_VALUE = List.of("recordStats", "recordMissRatioCurve");

  private static final String NOT_COLLECTED =
      "leave it out: the collector does not free values outside of the heap; memory bounds them";

  /** Keys of CaffeineSpec without a meaning here, and what to use instead. */
  private static final Map<String, String> INSTEAD =
      Map.of(
          "maximumSize", "use memory, the bytes of all values; indexMemory bounds the entries",
          "maximumWeight", "use memory, the bytes of all values",
          "initialCapacity", "leave it out: the index grows with the entries",
          "weakKeys", "leave it out: keys are equal if their encoded bytes are equal",
          "weakValues", NOT_COLLECTED,
          "softValues", NOT_COLLECTED);

  private final Map<String, String> settings = new LinkedHashMap<>();

  BuilderSpec(String spec) {
    for (String option : Objects.requireNonNull(spec, "spec").split(",", -1)) {
      if (!option.isBlank()) {
        add(option.strip());
      }
    }
  }

  private void add(String option) {
    int equals = option.indexOf('=');
    String key = (equals < 0 ? option : option.substring(0, equals)).strip();
    String value = equals < 0 ? "" : option.substring(equals + 1).strip();
    String instead = INSTEAD.get(key);
    if (instead != null) {
      throw new IllegalArgumentException(option + " has no meaning for a Carafe: " + instead);
    }
    if (!OWN.contains(key) && !SettingText.MODES.contains(key)) {
      Set<String> keys = new TreeSet<>(OWN);
      keys.addAll(SettingText.MODES);
      throw new IllegalArgumentException(
          "there is no setting " + key + " (in '" + option + "'); there are " + keys);
    }
    if (WITHOUT_VALUE.contains(key) && equals >= 0) {
      throw SettingText.wrong(key, value, "given without a value");
    }
    String before = settings.putIfAbsent(key, value);
    if (before != null) {
      throw new IllegalArgumentException(
          key + " is given twice: as '" + before + "' and as '" + value + "'");
    }
  }

  CarafeBuilder<Object, Object> builder() {
    CarafeBuilder<Object, Object> builder = new CarafeBuilder<>();
    FileOptions file = file();
    if (file != null) {
      builder = builder.file(file);
    }
    for (Map.Entry<String, String> setting : settings.entrySet()) {
      builder = apply(builder, setting.getKey(), setting.getValue());
    }
    return builder;
  }

  private static CarafeBuilder<Object, Object> apply(
      CarafeBuilder<Object, Object> builder, String key, String value) {
    try {
      return switch (key) {
        case "memory" -> builder.memory(SettingText.bytes(key, value));
        case "indexMemory" -> builder.indexMemory(SettingText.bytes(key, value));
        case "persistWithin" -> builder.persistWithin(SettingText.duration(key, value));
        case "writeBudget" -> builder.writeBudget(SettingText.bytes(key, value));
        case "expireAfterWrite" -> builder.expireAfterWrite(SettingText.duration(key, value));
        case "expireAfterAccess" -> builder.expireAfterAccess(SettingText.duration(key, value));
        case "refreshAfterWrite" -> builder.refreshAfterWrite(SettingText.duration(key, value));
        case "scheduler" -> builder.scheduler(SettingText.scheduler(key, value));
        case "recordStats" -> builder.recordStats();
        case "recordMissRatioCurve" -> builder.recordMissRatioCurve();
        default -> builder; // of the file
      };
    } catch (IllegalStateException e) { // two settings that exclude each other
      throw new IllegalArgumentException(e.getMessage(), e);
    } catch (IllegalArgumentException e) {
      String message = String.valueOf(e.getMessage());
      throw message.startsWith(key)
          ? e
          : new IllegalArgumentException(key + "=" + value + ": " + message, e);
    }
  }

  private @Nullable FileOptions file() {
    String path = settings.get("file");
    String size = settings.get("fileSize");
    if (path == null) {
      for (Map.Entry<String, String> setting : settings.entrySet()) {
        String key = setting.getKey();
        if (key.equals("fileSize") || SettingText.MODES.contains(key)) {
          throw new IllegalArgumentException(
              key + " is '" + setting.getValue() + "' but there is no file: add file=PATH");
        }
      }
      return null;
    }
    if (path.isEmpty()) {
      throw SettingText.wrong("file", path, "the path of a file");
    }
    if (size == null) {
      throw new IllegalArgumentException(
          "file is '" + path + "' but its capacity is missing: add fileSize, such as fileSize=1g");
    }
    long capacity = SettingText.bytes("fileSize", size);
    Checks.requireAtLeast("fileSize", capacity, FileOptions.MIN_CAPACITY_BYTES);
    FileOptions options = FileOptions.at(path("file", path), capacity);
    for (String mode : SettingText.MODES) {
      String value = settings.get(mode);
      options = value == null ? options : SettingText.withMode(options, mode, value);
    }
    return options;
  }

  private static Path path(String key, String value) {
    try {
      return Path.of(value);
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException(
          key + " is '" + value + "' but must be the path of a file: " + e.getReason(), e);
    }
  }
}
