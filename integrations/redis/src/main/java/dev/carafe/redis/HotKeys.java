package dev.carafe.redis;

import dev.carafe.spi.KeyBytes;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The keys of the values that are used most, of which the file of a near tier has a list after it
 * was closed. The list is in entries under keys that no application has. Were there one, nothing
 * would be lost: such an entry is compared with the server like any other before it is served.
 */
final class HotKeys {
  private static final int PART_BYTES = 4096;
  private static final int MOST_KEY_BYTES = 1024;

  /** The epoch of the entries. A connection has it with a probability of 2<sup>-64</sup>. */
  private static final long EPOCH = 0x6b65_7973_2068_6f74L;

  private final NearTier tier;
  private final int most;

  /**
   * Creates it.
   *
   * @param most the number of keys, the hottest ones
   */
  HotKeys(NearTier tier, int most) {
    this.tier = tier;
    this.most = most;
  }

  /** Returns the keys of the values that are used most now, those first that are in memory. */
  Set<KeyBytes> now() {
    Set<KeyBytes> keys = new LinkedHashSet<>();
    tier.hottest(
        most,
        key -> {
          if (key.length <= MOST_KEY_BYTES) {
            keys.add(new KeyBytes(key));
          }
        });
    return keys;
  }

  /** Writes the list, for the next opening. */
  void save() {
    ByteBuffer part = ByteBuffer.allocate(PART_BYTES);
    int number = 0;
    for (KeyBytes key : now()) {
      byte[] bytes = key.bytes();
      if (part.remaining() < Short.BYTES + bytes.length) {
        save(number++, part);
      }
      part.putShort((short) bytes.length).put(bytes);
    }
    if (part.position() > 0) {
      save(number, part);
    }
  }

  private void save(int number, ByteBuffer part) {
    byte[] bytes = new byte[part.flip().remaining()];
    part.get(bytes).clear();
    tier.keep(keyOf(number), new NearValue(EPOCH, number, bytes, NearValue.NEVER));
  }

  /** Returns the list that an earlier process wrote, and removes it. */
  Set<KeyBytes> take() {
    Set<KeyBytes> keys = new LinkedHashSet<>();
    int number = 0;
    for (byte[] part = take(number++); part != null; part = take(number++)) {
      keys.addAll(keysOf(part));
    }
    return keys;
  }

  private byte @Nullable [] take(int number) {
    KeyBytes key = keyOf(number);
    NearValue value = tier.find(key);
    if (value == null || value.epoch() != EPOCH) {
      return null;
    }
    tier.invalidate(key);
    return value.bytes();
  }

  private static List<KeyBytes> keysOf(byte[] part) {
    List<KeyBytes> keys = new ArrayList<>();
    ByteBuffer buffer = ByteBuffer.wrap(part);
    try {
      while (buffer.hasRemaining()) {
        byte[] key = new byte[Short.toUnsignedInt(buffer.getShort())];
        buffer.get(key);
        keys.add(new KeyBytes(key));
      }
    } catch (BufferUnderflowException e) {
      return List.of(); // not written by this class
    }
    return keys;
  }

  private static KeyBytes keyOf(int number) {
    String name = "dev.carafe.redis.HotKeys/d0c95e6b7f24a813/" + number;
    return new KeyBytes(name.getBytes(StandardCharsets.US_ASCII));
  }
}
