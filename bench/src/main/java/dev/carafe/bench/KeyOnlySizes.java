package dev.carafe.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.util.function.ToIntFunction;

/**
 * Value sizes for traces without sizes: a constant, or a sample of a published distribution that
 * depends on the key only.
 */
public final class KeyOnlySizes {
  private static final int QUANTILES = 1024;

  private KeyOnlySizes() {}

  /**
   * Returns a function from keys to value sizes.
   *
   * @param name a number of bytes, or the name of a distribution
   * @return a function from a key to the size of its value in bytes
   */
  public static ToIntFunction<String> of(String name) {
    if (name.matches("[0-9]{1,9}")) {
      int bytes = Integer.parseInt(name);
      return key -> bytes;
    }
    if (!name.equals("kvcache_reg") && !name.equals("kvcache_l2_reg")) {
      throw new IllegalArgumentException(
          "--key-only-size is '"
              + name
              + "': expected a number of bytes, kvcache_reg or kvcache_l2_reg");
    }
    int[] sizes = load(name);
    return key -> sample(sizes, key);
  }

  private static int sample(int[] sizes, String key) {
    long x = splitMix64(fnv1a64(key));
    int quantile = (int) (x >>> 54);
    return quantile < QUANTILES - 1 ? sizes[quantile] : sizes[QUANTILES + (int) ((x >>> 48) & 63)];
  }

  static long fnv1a64(String text) {
    long hash = 0xcbf29ce484222325L;
    for (byte b : text.getBytes(UTF_8)) {
      hash = (hash ^ (b & 0xFF)) * 0x100000001b3L;
    }
    return hash;
  }

  /**
   * The finalizer of SplitMix64, a bijection.
   *
   * @param state the input
   * @return the mixed value
   */
  public static long splitMix64(long state) {
    long z = state + 0x9e3779b97f4a7c15L;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }

  private static int[] load(String name) {
    InputStream resource = KeyOnlySizes.class.getResourceAsStream(name + ".sizes");
    if (resource == null) {
      throw new IllegalStateException("resource " + name + ".sizes is missing from the class path");
    }
    try (BufferedReader lines = new BufferedReader(new InputStreamReader(resource, UTF_8))) {
      return lines
          .lines()
          .filter(line -> !line.startsWith("#"))
          .mapToInt(Integer::parseInt)
          .toArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
