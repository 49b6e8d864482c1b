package dev.carafe;

import java.lang.foreign.MemorySegment;
import java.util.UUID;
import java.util.function.Function;
import net.openhft.chronicle.bytes.BytesMarshallable;

/**
 * Encodes keys or values as bytes, and decodes them. Implementations must be thread-safe.
 *
 * <p>Two keys are equal if and only if their encoded bytes are equal, in memory and in the file
 * (contract R7). The cache does not call {@code equals} or {@code hashCode} of keys, and a change
 * of a key object after a call has no effect on the cache. The cache keeps the encoded bytes of a
 * key off the heap, and decodes them for listeners, for {@link Carafe#asMap} and for {@link
 * Carafe#policy}.
 *
 * <p>An exception of a codec reaches the caller of the cache unchanged, and the cache is unchanged
 * (contract F4).
 *
 * @param <T> the type that is encoded
 */
public interface Codec<T> {
  /**
   * The number of bytes that {@link #encode} writes.
   *
   * @param value the value to be encoded
   * @return the exact number, 0 or more
   */
  int encodedBytes(T value);

  /**
   * Encodes a value into memory of the cache.
   *
   * @param value the value to be encoded
   * @param target memory of exactly {@link #encodedBytes} bytes; valid during the call only
   */
  void encode(T value, MemorySegment target);

  /**
   * Decodes a value.
   *
   * @param source the encoded bytes, read-only; valid during the call only, so the codec copies
   *     what it keeps
   * @return a value equal to the encoded one
   * @throws UnreadableValueException if these bytes are of a version that this codec can't read:
   *     the value counts as missing
   */
  T decode(MemorySegment source);

  /**
   * A name of the encoding, such as {@code "order/2"}. It is the same in every run, and changes
   * when stored bytes can no longer be decoded. The file records the fingerprints of both codecs;
   * opening it with a codec of another fingerprint is refused (contract D7).
   *
   * <p>The default is the name of the codec's class. A class whose instances encode differently,
   * for example by the type of the values, must override this method.
   *
   * @return at most 1,024 bytes of UTF-8
   */
  default String fingerprint() {
    String name = getClass().getName();
    int unstable = name.indexOf('/'); // a hidden class has another name in every run
    return unstable < 0 ? name : name.substring(0, unstable);
  }

  /**
   * Byte arrays, unchanged. Decoding returns a new array.
   *
   * @return a codec for keys, compared by their bytes, and values
   */
  static Codec<byte[]> bytes() {
    return Codecs.BYTES;
  }

  /**
   * Strings as UTF-8. A string with an unpaired surrogate, which UTF-8 can't encode, is refused
   * with an {@link IllegalArgumentException} that names its index.
   *
   * @return a codec for keys and values
   */
  static Codec<String> utf8() {
    return Codecs.UTF8;
  }

  /**
   * Longs in 8 bytes, little-endian.
   *
   * @return a codec for keys and values
   */
  static Codec<Long> int64() {
    return Codecs.INT64;
  }

  /**
   * Integers in 4 bytes, little-endian.
   *
   * @return a codec for keys and values
   */
  static Codec<Integer> int32() {
    return Codecs.INT32;
  }

  /**
   * UUIDs in 16 bytes.
   *
   * @return a codec for keys and values
   */
  static Codec<UUID> uuid() {
    return Codecs.UUIDS;
  }

  /**
   * Memory segments. Encoding copies the bytes; decoding returns a new read-only segment on the
   * heap. {@link Carafe#read} and {@link Carafe#lease} give access without a copy.
   *
   * @return a codec for keys, compared by their bytes, and values
   */
  static Codec<MemorySegment> segment() {
    return Codecs.SEGMENT;
  }

  /**
   * A codec of two functions. All such codecs have the fingerprint {@code "functions/1"}, since
   * functions have no stable name: the file can't tell one pair from another. Implement {@link
   * Codec} with a {@link #fingerprint} of its own where that matters.
   *
   * @param encoder returns a value's bytes; called once per encoded value
   * @param decoder returns the value of these bytes, and may keep the array
   * @param <T> the type that is encoded
   * @return a codec that calls them
   */
  static <T> Codec<T> of(
      Function<? super T, byte[]> encoder, Function<byte[], ? extends T> decoder) {
    return new Codecs.OfFunctions<>(encoder, decoder);
  }

  /**
   * Objects that encode themselves through Chronicle Bytes. Requires Chronicle's JVM flags (see
   * docs/TUNING.md). Chronicle can write record types but not read them. A value of a subclass,
   * which would be decoded as an object of the type itself, is refused with an {@link
   * IllegalArgumentException}.
   *
   * @param type a class with a constructor without parameters
   * @param <T> the type that is encoded
   * @return a codec that decodes into new instances
   * @throws IllegalArgumentException if the type has no constructor without parameters
   */
  @SuppressWarnings("exports") // a program that calls it requires chronicle.bytes
  static <T extends BytesMarshallable> Codec<T> marshallable(Class<T> type) {
    return new MarshallableCodec<>(type);
  }
}
