package dev.carafe.codecs;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.carafe.Codec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Tests the contract of a {@link Codec} on samples. Call it from a test of your own codec, with any
 * test framework:
 *
 * <pre>{@code
 * CodecContract.ofValues(new PriceCodec()).samples(new Price(0), new Price(Long.MAX_VALUE)).verify();
 * }</pre>
 *
 * <p>{@link #verify} throws an {@link AssertionError} that names the sample and the broken rule:
 *
 * <ul>
 *   <li>Round trip: decoding returns a value equal to the encoded one. Encoding it again works.
 *   <li>Exact length: {@code encode} fills all bytes of a target of {@code encodedBytes}, on the
 *       heap or off it, at any alignment. A byte that it omits would keep what the memory held.
 *   <li>Nothing is kept: the decoded value stays equal after its source is overwritten and freed.
 *   <li>Clean failure: a truncated source results in a value or a {@link RuntimeException}, and
 *       {@link #refused} values in a {@link RuntimeException}. The codec works after both.
 *   <li>Threads: four threads encode and decode at the same time.
 *   <li>Fingerprint: the same on each call, 1 to 1,024 bytes of UTF-8.
 *   <li>Keys only: two samples have equal bytes if and only if they are equal, each encoding of a
 *       key has the same bytes, and so has the encoding of a decoded key.
 * </ul>
 *
 * @param <T> the type that is encoded
 */
public final class CodecContract<T> {
  private static final int THREADS = 4;
  private static final int ROUNDS = 100;

  private final Codec<T> codec;
  private final boolean ofKeys;
  private final List<T> samples = new ArrayList<>();
  private final List<T> refused = new ArrayList<>();
  private BiPredicate<? super T, ? super T> equality = CodecContract::haveEqualContents;

  private CodecContract(Codec<T> codec, boolean ofKeys) {
    this.codec = Objects.requireNonNull(codec);
    this.ofKeys = ofKeys;
  }

  /**
   * The contract of a codec of values.
   *
   * @param codec the codec
   * @param <T> the type that is encoded
   * @return a contract without samples
   */
  public static <T> CodecContract<T> ofValues(Codec<T> codec) {
    return new CodecContract<>(codec, false);
  }

  /**
   * The contract of a codec of keys: that of values, and equal bytes exactly for equal keys.
   *
   * @param codec the codec
   * @param <T> the type that is encoded
   * @return a contract without samples
   */
  public static <T> CodecContract<T> ofKeys(Codec<T> codec) {
    return new CodecContract<>(codec, true);
  }

  /**
   * Adds samples: the smallest and the largest, each subclass, each optional field empty. A codec
   * of keys needs samples that differ in one field only.
   *
   * @param more values that the codec encodes
   * @return this contract
   */
  @SafeVarargs
  public final CodecContract<T> samples(T... more) {
    for (T value : more) {
      samples.add(value);
    }
    return this;
  }

  /**
   * Adds values that the codec must refuse by a {@link RuntimeException}.
   *
   * @param more values that the codec can't encode
   * @return this contract
   */
  @SafeVarargs
  public final CodecContract<T> refused(T... more) {
    for (T value : more) {
      refused.add(value);
    }
    return this;
  }

  /**
   * Replaces the comparison, for types without {@code equals}. The default compares arrays and
   * memory segments by their contents, and other objects by {@code equals}.
   *
   * @param equality returns whether two values are equal
   * @return this contract
   */
  public CodecContract<T> comparedBy(BiPredicate<? super T, ? super T> equality) {
    this.equality = Objects.requireNonNull(equality);
    return this;
  }

  /**
   * Tests the codec.
   *
   * @throws AssertionError if the codec breaks a rule
   * @throws IllegalStateException if there is no sample
   */
  public void verify() {
    if (samples.isEmpty()) {
      throw new IllegalStateException("a contract needs samples");
    }
    verifyFingerprint();
    for (T sample : samples) {
      verifyRoundTrip(sample);
      verifyEveryByteIsWritten(sample);
      verifyTruncated(sample);
    }
    refused.forEach(this::verifyRefused);
    samples.forEach(this::verifyRoundTrip); // after the failures
    if (ofKeys) {
      verifyKeys();
    }
    verifyThreads();
  }

  private void verifyFingerprint() {
    String fingerprint = codec.fingerprint();
    int bytes = fingerprint.getBytes(UTF_8).length;
    require(bytes > 0 && bytes <= 1024, "fingerprint: has " + bytes + " bytes, not 1 to 1,024");
    require(fingerprint.equals(codec.fingerprint()), "fingerprint: differs from call to call");
  }

  private void verifyRoundTrip(T sample) {
    for (MemoryKind kind : MemoryKind.values()) {
      T decoded;
      try (Arena arena = Arena.ofShared()) {
        MemorySegment memory = kind.allocate(arena, bytesOf(sample));
        run(sample, "exact length: encode into memory " + kind, () -> codec.encode(sample, memory));
        T first = decode(sample, memory);
        requireEqual(sample, first, "round trip");
        require(bytesOf(first) >= 0, "round trip: a decoded value can't be encoded");
        decoded = decode(sample, memory);
        memory.fill((byte) 0x5A);
      }
      boolean same;
      try {
        same = equality.test(sample, decoded);
      } catch (IllegalStateException freed) {
        same = false;
      }
      require(
          same,
          "nothing is kept: the value decoded from " + text(sample) + " changes with its source");
    }
  }

  /** Encodes over zeros and over ones: a byte that differs was not written. */
  private void verifyEveryByteIsWritten(T sample) {
    byte[] overZeros = encoded(sample, (byte) 0);
    byte[] overOnes = encoded(sample, (byte) -1);
    boolean repeatable = Arrays.equals(overZeros, encoded(sample, (byte) 0));
    require(repeatable || !ofKeys, "keys: " + text(sample) + " has other bytes on each call");
    if (repeatable) {
      int omitted = Arrays.mismatch(overZeros, overOnes);
      require(
          omitted < 0,
          "exact length: of the %d bytes of %s, encode does not write number %d"
              .formatted(overZeros.length, text(sample), omitted));
    }
    requireEqual(sample, decode(sample, MemorySegment.ofArray(overOnes)), "round trip");
  }

  private void verifyTruncated(T sample) {
    byte[] whole = encoded(sample, (byte) 0);
    for (int bytes : new int[] {0, 1, whole.length / 2, whole.length - 1}) {
      if (bytes >= 0 && bytes < whole.length) {
        for (MemoryKind kind : MemoryKind.values()) {
          verifyTruncated(sample, whole, bytes, kind);
        }
      }
    }
  }

  private void verifyTruncated(T sample, byte[] whole, int bytes, MemoryKind kind) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment part = kind.allocate(arena, bytes);
      MemorySegment.copy(whole, 0, part, ValueLayout.JAVA_BYTE, 0, bytes);
      codec.decode(part.asReadOnly());
    } catch (RuntimeException expected) {
      // The cache reports a miss or passes it to the caller.
    } catch (Throwable error) {
      throw broken(
          "clean failure: %d of the %d bytes of %s result in %s"
              .formatted(bytes, whole.length, text(sample), error),
          error);
    }
  }

  private void verifyRefused(T value) {
    try {
      codec.encode(value, MemorySegment.ofArray(new byte[codec.encodedBytes(value)]));
    } catch (RuntimeException expected) {
      return;
    } catch (Throwable error) {
      throw broken("clean failure: " + text(value) + " results in " + error, error);
    }
    throw broken("clean failure: " + text(value) + " is encoded, not refused", null);
  }

  private void verifyKeys() {
    List<byte[]> encodings = new ArrayList<>();
    for (T sample : samples) {
      byte[] bytes = encoded(sample, (byte) 0);
      T decoded = decode(sample, MemorySegment.ofArray(bytes));
      require(
          Arrays.equals(bytes, encoded(decoded, (byte) 0)),
          "keys: " + text(sample) + " has other bytes after it was decoded");
      encodings.add(bytes);
    }
    for (int a = 0; a < samples.size(); a++) {
      for (int b = 0; b < a; b++) {
        boolean equal = equality.test(samples.get(a), samples.get(b));
        boolean equalBytes = Arrays.equals(encodings.get(a), encodings.get(b));
        String both = text(samples.get(b)) + " and " + text(samples.get(a));
        require(equal || !equalBytes, "keys: " + both + " differ and have equal bytes");
        require(!equal || equalBytes, "keys: " + both + " are equal and have other bytes");
      }
    }
  }

  private void verifyThreads() {
    try (var threads = Executors.newFixedThreadPool(THREADS)) {
      List<Future<?>> runs = new ArrayList<>();
      for (int thread = 0; thread < THREADS; thread++) {
        int first = thread;
        runs.add(
            threads.submit(() -> {
              for (int round = 0; round < ROUNDS; round++) {
                T sample = samples.get((first + round) % samples.size());
                MemorySegment bytes = MemorySegment.ofArray(encoded(sample, (byte) 0));
                requireEqual(sample, decode(sample, bytes), "threads");
              }
            }));
      }
      for (Future<?> run : runs) {
        run.get();
      }
    } catch (ExecutionException failed) {
      throw broken("threads: " + failed.getCause(), failed.getCause());
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while the codec was tested", interrupted);
    }
  }

  private int bytesOf(T value) {
    int bytes = codec.encodedBytes(value);
    require(bytes >= 0, "exact length: " + text(value) + " has " + bytes + " bytes");
    return bytes;
  }

  private byte[] encoded(T value, byte before) {
    byte[] bytes = new byte[bytesOf(value)];
    Arrays.fill(bytes, before);
    run(value, "exact length: encode", () -> codec.encode(value, MemorySegment.ofArray(bytes)));
    return bytes;
  }

  private T decode(T sample, MemorySegment memory) {
    List<T> decoded = new ArrayList<>(1);
    run(sample, "round trip: decode", () -> decoded.add(codec.decode(memory.asReadOnly())));
    return decoded.getFirst();
  }

  private void run(T sample, String rule, Runnable step) {
    try {
      step.run();
    } catch (RuntimeException failure) {
      throw broken(rule + " of " + text(sample) + " throws " + failure, failure);
    }
  }

  private void requireEqual(T sample, T decoded, String rule) {
    require(
        equality.test(sample, decoded),
        rule + ": " + text(sample) + " is decoded as " + text(decoded));
  }

  private void require(boolean kept, String rule) {
    if (!kept) {
      throw broken(rule, null);
    }
  }

  private AssertionError broken(String rule, @Nullable Throwable cause) {
    return new AssertionError(
        codec.fingerprint() + " breaks the contract of Codec: " + rule, cause);
  }

  private String text(T value) {
    String text =
        value instanceof byte[] bytes ? Arrays.toString(bytes) : String.valueOf((Object) value);
    return text.length() <= 100 ? text : text.substring(0, 100) + "…";
  }

  private static boolean haveEqualContents(Object a, Object b) {
    return (a instanceof MemorySegment left && b instanceof MemorySegment right)
        ? left.mismatch(right) < 0
        : Objects.deepEquals(a, b);
  }

  /** Where the cache has its bytes: values lie behind their keys, so at any address. */
  private enum MemoryKind {
    ON_THE_HEAP {
      @Override
      MemorySegment allocate(Arena arena, int bytes) {
        return MemorySegment.ofArray(new byte[bytes]);
      }
    },
    OFF_THE_HEAP {
      @Override
      MemorySegment allocate(Arena arena, int bytes) {
        return arena.allocate(Math.max(1, bytes), Long.BYTES).asSlice(0, bytes);
      }
    },
    OFF_THE_HEAP_AND_UNALIGNED {
      @Override
      MemorySegment allocate(Arena arena, int bytes) {
        return arena.allocate(bytes + 3L, Long.BYTES).asSlice(3, bytes);
      }
    };

    abstract MemorySegment allocate(Arena arena, int bytes);
  }
}
