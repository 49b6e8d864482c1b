package dev.carafe.redis;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The answer of the server about a key.
 *
 * @param bytes of the value; null if the server has none
 * @param same whether the server has the bytes that the reader named, so that it did not send them
 * @param deadline when the value expires ({@link NearValue})
 */
record Reply(byte @Nullable [] bytes, boolean same, long deadline) {
  /** Returns whether the server has these bytes, which the reader named if it named any. */
  boolean has(byte[] known) {
    return same || Arrays.equals(known, bytes);
  }
}
