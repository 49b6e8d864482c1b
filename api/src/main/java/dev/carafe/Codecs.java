package dev.carafe;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.carafe.spi.ArrayCodec;
import dev.carafe.spi.CopyingCodec;
import dev.carafe.spi.EqualByBytes;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Function;

/** The built-in codecs that need no other library. */
final class Codecs {
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  static final Codec<byte[]> BYTES =
      new CopyingCodec<>() {
        @Override
        public String fingerprint() {
          return "bytes/1";
        }

        @Override
        public int encodedBytes(byte[] value) {
          return value.length;
        }

        @Override
        public void encode(byte[] value, MemorySegment target) {
          MemorySegment.copy(value, 0, target, ValueLayout.JAVA_BYTE, 0, value.length);
        }

        @Override
        public byte[] decode(MemorySegment memory, long offset, int length) {
          return copy(memory, offset, length);
        }
      };

  static final Codec<String> UTF8 = new Utf8();

  static final Codec<Long> INT64 =
      new EqualByBytes<>() {
        @Override
        public String fingerprint() {
          return "int64/1";
        }

        @Override
        public int encodedBytes(Long value) {
          return Long.BYTES;
        }

        @Override
        public void encode(Long value, MemorySegment target) {
          target.set(LONG, 0, value);
        }

        @Override
        public Long decode(MemorySegment source) {
          requireBytes(source, Long.BYTES, "a long");
          return source.get(LONG, 0);
        }

        @Override
        public boolean isEncoding(Long value, MemorySegment memory, long offset, int length) {
          return length == Long.BYTES && memory.get(LONG, offset) == value;
        }
      };

  static final Codec<Integer> INT32 =
      new EqualByBytes<>() {
        @Override
        public String fingerprint() {
          return "int32/1";
        }

        @Override
        public int encodedBytes(Integer value) {
          return Integer.BYTES;
        }

        @Override
        public void encode(Integer value, MemorySegment target) {
          target.set(INT, 0, value);
        }

        @Override
        public Integer decode(MemorySegment source) {
          requireBytes(source, Integer.BYTES, "an int");
          return source.get(INT, 0);
        }

        @Override
        public boolean isEncoding(Integer value, MemorySegment memory, long offset, int length) {
          return length == Integer.BYTES && memory.get(INT, offset) == value;
        }
      };

  static final Codec<UUID> UUIDS =
      new EqualByBytes<>() {
        @Override
        public String fingerprint() {
          return "uuid/1";
        }

        @Override
        public int encodedBytes(UUID value) {
          return 2 * Long.BYTES;
        }

        @Override
        public void encode(UUID value, MemorySegment target) {
          target.set(LONG, 0, value.getMostSignificantBits());
          target.set(LONG, Long.BYTES, value.getLeastSignificantBits());
        }

        @Override
        public UUID decode(MemorySegment source) {
          requireBytes(source, 2 * Long.BYTES, "a UUID");
          return new UUID(source.get(LONG, 0), source.get(LONG, Long.BYTES));
        }

        @Override
        public boolean isEncoding(UUID value, MemorySegment memory, long offset, int length) {
          return length == 2 * Long.BYTES
              && memory.get(LONG, offset) == value.getMostSignificantBits()
              && memory.get(LONG, offset + Long.BYTES) == value.getLeastSignificantBits();
        }
      };

  static final Codec<MemorySegment> SEGMENT =
      new Codec<>() {
        @Override
        public String fingerprint() {
          return "bytes/1";
        }

        @Override
        public int encodedBytes(MemorySegment value) {
          return Math.toIntExact(value.byteSize());
        }

        @Override
        public void encode(MemorySegment value, MemorySegment target) {
          target.copyFrom(value);
        }

        @Override
        public MemorySegment decode(MemorySegment source) {
          return MemorySegment.ofArray(source.toArray(ValueLayout.JAVA_BYTE)).asReadOnly();
        }
      };

  private Codecs() {}

  private static byte[] copy(MemorySegment memory, long offset, int length) {
    byte[] bytes = new byte[length];
    MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, offset, bytes, 0, length);
    return bytes;
  }

  private static void requireBytes(MemorySegment source, int bytes, String what) {
    if (source.byteSize() != bytes) {
      throw new IllegalArgumentException(
          what + " takes " + bytes + " bytes, but there are " + source.byteSize());
    }
  }

  /** Strings. What UTF-8 has no bytes for is refused: a substitute would be another string's. */
  private static final class Utf8
      implements ArrayCodec<String>, EqualByBytes<String>, CopyingCodec<String> {
    @Override
    public String fingerprint() {
      return "utf8/1";
    }

    @Override
    public byte[] toArray(String value) {
      int all = 0;
      for (int i = 0; i < value.length(); i++) {
        all |= value.charAt(i);
      }
      if (all >= Character.MIN_SURROGATE) { // there may be one
        requirePairs(value);
      }
      return value.getBytes(UTF_8);
    }

    private static void requirePairs(String value) {
      for (int i = 0; i < value.length(); i++) {
        char at = value.charAt(i);
        if (Character.isHighSurrogate(at)
            && i + 1 < value.length()
            && Character.isLowSurrogate(value.charAt(i + 1))) {
          i++;
        } else if (Character.isSurrogate(at)) {
          throw new IllegalArgumentException(
              String.format(
                  "the string has an unpaired surrogate U+%04X at index %d, which UTF-8 can't"
                      + " encode",
                  (int) at, i));
        }
      }
    }

    @Override
    public String decode(MemorySegment memory, long offset, int length) {
      return new String(copy(memory, offset, length), UTF_8);
    }

    /** Allocates nothing for strings of ASCII: only these have as many bytes as chars. */
    @Override
    public boolean isEncoding(String value, MemorySegment memory, long offset, int length) {
      return value.length() == length
          ? isAscii(value, memory, offset)
          : value.length() < length && EqualByBytes.super.isEncoding(value, memory, offset, length);
    }

    private static boolean isAscii(String value, MemorySegment memory, long offset) {
      int length = value.length();
      int at = 0;
      for (; at <= length - Long.BYTES; at += Long.BYTES) {
        long chars = memory.get(LONG, offset + at);
        for (int i = 0; i < Long.BYTES; i++) {
          if (((chars >>> (Byte.SIZE * i)) & 0xFF) != value.charAt(at + i)) {
            return false;
          }
        }
      }
      for (; at < length; at++) {
        if (memory.get(ValueLayout.JAVA_BYTE, offset + at) != value.charAt(at)) {
          return false;
        }
      }
      return true;
    }
  }

  /** A codec of two functions. */
  record OfFunctions<T>(Function<? super T, byte[]> encoder, Function<byte[], ? extends T> decoder)
      implements ArrayCodec<T>, CopyingCodec<T> {
    OfFunctions {
      Objects.requireNonNull(encoder, "encoder");
      Objects.requireNonNull(decoder, "decoder");
    }

    @Override
    public String fingerprint() {
      return "functions/1";
    }

    @Override
    public byte[] toArray(T value) {
      return Objects.requireNonNull(encoder.apply(value), "the encoder returned null");
    }

    @Override
    public T decode(MemorySegment memory, long offset, int length) {
      return decoder.apply(copy(memory, offset, length));
    }
  }
}
