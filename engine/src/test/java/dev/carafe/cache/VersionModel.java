package dev.carafe.cache;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * What a test with crashes knows of the values of a cache: the version of each key now and at the
 * last flush, and the oldest version that a crash may leave. Version 0 is no value. Each value
 * names its key and its version.
 */
final class VersionModel {
  /** The least length of a value. */
  static final int HEAD_BYTES = 20;

  private final String owner;
  private final int keys;
  private final long[] current;
  private final long[] flushed;
  private final boolean[] changed; // since the last flush
  private final long[] oldest; // older versions must not be read

  /**
   * Creates a model without values.
   *
   * @param owner what has the keys, for messages
   * @param keys the number of keys, from 0
   */
  VersionModel(String owner, int keys) {
    this.owner = owner;
    this.keys = keys;
    this.current = new long[keys];
    this.flushed = new long[keys];
    this.changed = new boolean[keys];
    this.oldest = new long[keys];
  }

  long current(int key) {
    return current[key];
  }

  void changed(int key, long version) {
    current[key] = version;
    changed[key] = true;
  }

  /** Removes all keys, as a change since the last flush. */
  void removedAll() {
    for (int key = 0; key < keys; key++) {
      changed(key, 0);
    }
  }

  /**
   * All present versions are durable.
   *
   * @param nextVersion greater than each version so far
   */
  void flushed(long nextVersion) {
    for (int key = 0; key < keys; key++) {
      settle(key, current[key], nextVersion);
    }
  }

  private void settle(int key, long version, long nextVersion) {
    current[key] = version;
    flushed[key] = version;
    oldest[key] = version == 0 ? nextVersion : version;
    changed[key] = false;
  }

  /**
   * Checks what a crash has left of a key, and takes it over: no value that is older than the
   * flush, and in a sound world each value that was flushed and not changed since.
   */
  void survived(int key, byte @Nullable [] found, boolean sound, long nextVersion) {
    long seen = found == null ? 0 : versionOf(key, found);
    if (found != null) {
      assertTrue(
          changed[key] ? seen >= oldest[key] : seen == flushed[key],
          () ->
              owner
                  + " key "
                  + key
                  + " came back as "
                  + seen
                  + ", flushed as "
                  + flushed[key]
                  + ", oldest "
                  + oldest[key]);
    } else if (sound && !changed[key]) {
      assertEquals(0, flushed[key], owner + " key " + key + " was flushed and is lost");
    }
    settle(key, seen, nextVersion);
  }

  static byte[] value(long key, long version, int bytes) {
    byte[] value = new byte[bytes];
    new SplittableRandom(key * 31 + version).nextBytes(value);
    if (version % 3 == 0) {
      Arrays.fill(value, (byte) version); // compresses
    }
    ByteBuffer.wrap(value).putLong(key).putLong(version).putInt(bytes);
    return value;
  }

  /** Returns the version, after a check of each byte. */
  static long versionOf(long key, byte[] found) {
    ByteBuffer head = ByteBuffer.wrap(found);
    assertEquals(key, head.getLong(), "another key's value");
    long version = head.getLong();
    assertArrayEquals(value(key, version, head.getInt()), found);
    return version;
  }
}
