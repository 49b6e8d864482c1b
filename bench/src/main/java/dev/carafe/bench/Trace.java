package dev.carafe.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;
import java.util.zip.GZIPInputStream;

/**
 * A trace in memory. Arrays hold the fields of the requests; each key is stored once.
 *
 * <p>The format is CSV, gzipped, with the header {@code time,op,key,size,ttl}; see
 * bench/traces/README.md.
 */
public final class Trace {
  /** Reads a key; on a miss, loads and puts the value. */
  public static final byte GET = 0;

  /** Writes or overwrites a value. */
  public static final byte SET = 1;

  /** Removes a value. */
  public static final byte DEL = 2;

  private static final String HEADER = "time,op,key,size,ttl";

  private final String[] keys;
  private final byte[] ops;
  private final int[] keyIds;
  private final int[] sizes;
  private final long uniqueBytes;

  private Trace(String[] keys, byte[] ops, int[] keyIds, int[] sizes) {
    this.keys = keys;
    this.ops = ops;
    this.keyIds = keyIds;
    this.sizes = sizes;
    int[] last = new int[keys.length];
    for (int i = 0; i < ops.length; i++) {
      if (ops[i] != DEL) {
        last[keyIds[i]] = sizes[i];
      }
    }
    this.uniqueBytes = Arrays.stream(last).asLongStream().sum();
  }

  /**
   * Options for reading a trace.
   *
   * @param limit the maximum number of requests
   * @param scale a factor for every size
   * @param keyOnlySizes returns the value size of a key if the trace has no sizes
   */
  public record Reading(int limit, double scale, ToIntFunction<String> keyOnlySizes) {}

  /** Growing arrays for the fields of the requests. */
  private static final class Columns {
    final Map<String, Integer> ids = new HashMap<>();
    final List<String> keys = new ArrayList<>();
    byte[] ops = new byte[1024];
    int[] keyIds = new int[1024];
    int[] sizes = new int[1024];
    boolean hasSizes;
    int count;

    /** Sets the sizes of a trace without sizes. */
    void assignSizes(Reading reading) {
      for (int i = 0; i < count; i++) {
        int bytes = reading.keyOnlySizes().applyAsInt(keys.get(keyIds[i]));
        sizes[i] = Math.toIntExact((long) (bytes * reading.scale()));
      }
    }

    void add(byte op, String key, int size) {
      if (count == ops.length) {
        ops = Arrays.copyOf(ops, 2 * count);
        keyIds = Arrays.copyOf(keyIds, 2 * count);
        sizes = Arrays.copyOf(sizes, 2 * count);
      }
      Integer known = ids.get(key);
      int id = known == null ? keys.size() : known;
      if (known == null) {
        ids.put(key, id);
        keys.add(key);
      }
      ops[count] = op;
      keyIds[count] = id;
      sizes[count] = size;
      count++;
    }
  }

  /**
   * Reads a trace.
   *
   * @param file the file, gzipped if its name ends in .gz
   * @param reading options
   * @return the trace
   * @throws IOException if the file can't be read
   */
  public static Trace read(Path file, Reading reading) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new IllegalArgumentException(
          "trace " + file + " does not exist or is not a regular file");
    }
    Columns columns = new Columns();
    try (InputStream raw = Files.newInputStream(file);
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(decompress(file, raw), UTF_8), 1 << 16)) {
      String header = lines.readLine();
      if (!HEADER.equals(header)) {
        throw new IllegalArgumentException(
            file + ": the first line is '" + header + "', expected '" + HEADER + "'");
      }
      String line = lines.readLine();
      for (int number = 2; line != null && columns.count < reading.limit(); number++) {
        parse(file, number, line, reading, columns);
        line = lines.readLine();
      }
    }
    if (!columns.hasSizes) {
      columns.assignSizes(reading);
    }
    return new Trace(
        columns.keys.toArray(String[]::new),
        Arrays.copyOf(columns.ops, columns.count),
        Arrays.copyOf(columns.keyIds, columns.count),
        Arrays.copyOf(columns.sizes, columns.count));
  }

  /**
   * Creates a synthetic trace.
   *
   * @param keyCount the number of keys
   * @param ops the operation of each request
   * @param keyIds the key of each request, from 0 to keyCount - 1
   * @param sizes the value size of each request in bytes
   * @return the trace
   */
  public static Trace of(int keyCount, byte[] ops, int[] keyIds, int[] sizes) {
    String[] keys = new String[keyCount];
    Arrays.setAll(keys, Integer::toString);
    return new Trace(keys, ops, keyIds, sizes);
  }

  private static InputStream decompress(Path file, InputStream raw) throws IOException {
    return file.toString().endsWith(".gz") ? new GZIPInputStream(raw, 1 << 16) : raw;
  }

  private static void parse(Path file, int number, String line, Reading reading, Columns columns) {
    String[] fields = line.split(",", -1);
    try {
      if (fields.length != 5) {
        throw new IllegalArgumentException(fields.length + " fields, expected 5");
      }
      byte op =
          switch (fields[1]) {
            case "GET" -> GET;
            case "SET" -> SET;
            case "DEL" -> DEL;
            default ->
                throw new IllegalArgumentException(
                    "op is '" + fields[1] + "', expected GET, SET or DEL");
          };
      long size = Long.parseLong(fields[3]);
      columns.hasSizes |= size != 0;
      columns.add(op, fields[2], Math.toIntExact((long) (size * reading.scale())));
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new IllegalArgumentException(
          file + ", line " + number + ": " + e.getMessage() + ": " + line, e);
    }
  }

  /**
   * Returns the number of requests.
   *
   * @return a count
   */
  public int requests() {
    return ops.length;
  }

  /**
   * Returns the number of keys.
   *
   * @return a count
   */
  public int keyCount() {
    return keys.length;
  }

  /**
   * Returns the sum of the last value sizes of all keys.
   *
   * @return bytes
   */
  public long uniqueBytes() {
    return uniqueBytes;
  }

  /**
   * Returns the operation of a request.
   *
   * @param request the number of the request, from 0
   * @return GET, SET or DEL
   */
  public byte op(int request) {
    return ops[request];
  }

  /**
   * Returns the key of a request.
   *
   * @param request the number of the request, from 0
   * @return the number of the key, from 0
   */
  public int keyId(int request) {
    return keyIds[request];
  }

  String key(int keyId) {
    return keys[keyId];
  }

  /**
   * Returns the value size of a request.
   *
   * @param request the number of the request, from 0
   * @return bytes
   */
  public int size(int request) {
    return sizes[request];
  }

  /** The hits of an infinite cache: GETs of a key that an earlier request used and none removed. */
  long infiniteHits() {
    boolean[] seen = new boolean[keys.length];
    long hits = 0;
    for (int i = 0; i < ops.length; i++) {
      hits += ops[i] == GET && seen[keyIds[i]] ? 1 : 0;
      seen[keyIds[i]] = ops[i] != DEL;
    }
    return hits;
  }

  long gets() {
    long gets = 0;
    for (byte op : ops) {
      gets += op == GET ? 1 : 0;
    }
    return gets;
  }
}
