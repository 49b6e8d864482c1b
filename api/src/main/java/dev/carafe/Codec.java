package dev.carafe;

import java.lang.foreign.MemorySegment;
import java.util.UUID;
import java.util.function.Function;
import net.openhft.chronicle.bytes.BytesMarshallable;

/**
 * Turns keys or values into bytes and back. Called by many threads at once.
 *
 * <p>Two keys are equal if and only if their bytes are, in memory and in the file (contract R7). A
 * cache does not call {@code equals} or {@code hashCode} of keys, and a key that is changed after a
 * call stays what it was during the call. Only keys of {@link #utf8}, {@link #int64}, {@link
 * #int32} and {@link #uuid}, whose {@code equals} agrees with their bytes, are held as objects; the
 * cache holds the bytes of all others, and shows keys decoded from them: to listeners, in {@link
 * Carafe#asMap} and by {@link Carafe#policy}.
 *
 * <p>What a codec throws reaches the caller of the cache unchanged, and leaves the cache as it was
 * (contract F4).
 *
 * @param <T> what is encoded
 */
public interface Codec<T> {
  /**
   * How many bytes {@link #encode} will write.
   *
   * @param value what is to be encoded
   * @return the exact number, 0 or more
   */
  int encodedBytes(T value);

  /**
   * Writes a value in place.
   *
   * @param value what is to be encoded
   * @param target memory of exactly {@link #encodedBytes} bytes; valid during the call only
   */
  void encode(T value, MemorySegment target);

  /**
   * Reads a value back.
   *
   * @param source the bytes that were encoded, read-only; valid during the call only, so what is
   *     needed later has to be copied
   * @return a value equal to the encoded one
   * @throws UnreadableValueException if these bytes are of a version that this codec can't read:
   *     the value counts as missing
   */
  T decode(MemorySegment source);

  /**
   * How this codec encodes, in a name that is the same in every run and changes when bytes that are
   * stored can't be decoded any more, such as {@code "order/2"}. The file keeps the fingerprints of
   * both codecs; it is refused when it is opened with a codec that has another one (contract D7).
   *
   * <p>The default is the name of the codec's class. A class whose instances encode differently, by
   * the type of the values for example, must say so itself.
   *
   * @return at most 1,024 bytes of UTF-8
   */
  default String fingerprint() {
    String name = getClass().getName();
    int unstable = name.indexOf('/'); // a hidden class has another name in every run
    return unstable < 0 ? name : name.substring(0, unstable);
  }

  /**
   * Byte arrays as they are. Decoding copies, so an array can be kept and changed.
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
   * Memory segments: the bytes are copied in, and decoded into a new read-only segment on the heap.
   * To look at a value without a copy, use {@link Carafe#read} or {@link Carafe#lease}.
   *
   * @return a codec for keys, compared by their bytes, and values
   */
  static Codec<MemorySegment> segment() {
    return Codecs.SEGMENT;
  }

  /**
   * Any pair of functions to and from a byte array. All such codecs have the same fingerprint,
   * {@code "functions/1"}, as functions have no name that stays the same: the file can't tell one
   * pair from another. Implement {@link #fingerprint} in a class of your own where that matters.
   *
   * @param encoder gives a value's bytes; called once per encoded value
   * @param decoder gives the value of these bytes; the array is its own to keep
   * @param <T> what is encoded
   * @return a codec that calls them
   */
  static <T> Codec<T> of(
      Function<? super T, byte[]> encoder, Function<byte[], ? extends T> decoder) {
    return new Codecs.OfFunctions<>(encoder, decoder);
  }

  /**
   * Objects that write and read themselves through Chronicle Bytes. Needs the JVM flags that
   * Chronicle needs (see docs/TUNING.md); a record type can be written but not read by it. A value
   * of a subclass, which would come back as an object of the type, is refused with an {@link
   * IllegalArgumentException}.
   *
   * @param type a class with a constructor without parameters
   * @param <T> what is encoded
   * @return a codec that decodes into new instances
   * @throws IllegalArgumentException if the type has no constructor without parameters
   */
  static <T extends BytesMarshallable> Codec<T> marshallable(Class<T> type) {
    return new MarshallableCodec<>(type);
  }
}
