package dev.carafe.cache;

import dev.carafe.Codec;
import dev.carafe.UnreadableValueException;
import dev.carafe.base.Counter;
import dev.carafe.device.NativeMemory;
import dev.carafe.region.ChunkRef;
import dev.carafe.region.ScopedView;
import dev.carafe.spi.ArrayCodec;
import dev.carafe.spi.CopyingCodec;
import dev.carafe.spi.EqualByBytes;
import dev.carafe.tier.Entry;
import dev.carafe.tier.MemoryTier;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Encodes values into chunks and decodes them. Encoding takes place before any lock is taken, so if
 * a codec throws the cache is unchanged and the chunk is freed (contract F4).
 */
final class Values<V> {
  private static final System.Logger LOG = System.getLogger("dev.carafe");

  private final Codec<V> codec;
  private final MemoryTier memory;
  private final int maxBytes;
  private final Counter unreadable = new Counter();
  private volatile @Nullable String firstUnreadable;
  private final AtomicBoolean loggedTooLarge = new AtomicBoolean();

  /**
   * Decodes a value; {@link Reads#MISS} if the codec can't. One instance for all reads, so that a
   * hit allocates no lambda.
   */
  final Function<MemorySegment, V> decoder;

  /**
   * An encoded value: an entry if the pool had a free chunk, else memory outside of the pool, or no
   * bytes if no tier can hold the value.
   */
  sealed interface EncodedValue permits InChunk, Unpooled, TooLarge {}

  /** An encoded value in a chunk, which {@link #close()} frees unless an entry took it. */
  static final class InChunk implements EncodedValue, AutoCloseable {
    private final MemoryTier memory;
    private long ref;

    InChunk(MemoryTier memory, long ref) {
      this.memory = memory;
      this.ref = ref;
    }

    MemorySegment value() {
      return memory.reads().ownView(ref);
    }

    /** Makes an entry of the chunk. */
    Entry adopt(Object key, long expiresAtNanos) {
      Entry entry = memory.adopt(key, ref, expiresAtNanos, false);
      ref = ChunkRef.NONE;
      return entry;
    }

    /** Gives the chunk to an entry in place of its own; returns whether that was possible. */
    boolean overwrite(Entry entry) {
      long given = ref;
      ref = ChunkRef.NONE;
      boolean overwritten = memory.overwrite(entry, given);
      ref = overwritten ? ChunkRef.NONE : given;
      return overwritten;
    }

    @Override
    public void close() {
      if (ref != ChunkRef.NONE) {
        memory.free(ref);
        ref = ChunkRef.NONE;
      }
    }
  }

  /** An encoded value outside of the pool. The writer closes it. */
  record Unpooled(NativeMemory bytes, int valueBytes) implements EncodedValue, AutoCloseable {
    MemorySegment value() {
      return bytes.segment().asSlice(0, valueBytes);
    }

    @Override
    public void close() {
      bytes.close();
    }
  }

  /**
   * A value that no tier can hold. The value is null if the application passed a writer, which was
   * not called.
   */
  record TooLarge(int valueBytes, @Nullable Object value) implements EncodedValue {}

  Values(Codec<V> codec, MemoryTier memory, int maxBytes) {
    this.codec = codec;
    this.memory = memory;
    this.maxBytes = maxBytes;
    this.decoder =
        codec instanceof CopyingCodec<V> copying && BoundedKeys.isTrusted(codec)
            ? new CopyingDecoder(copying)
            : this::decodeOrMiss;
  }

  private V decodeOrMiss(MemorySegment bytes) {
    try {
      V value = codec.decode(bytes);
      return value == null ? missOf(nullDecoded()) : value;
    } catch (UnreadableValueException e) {
      return missOf(e);
    }
  }

  /** Decodes a value in the arena, without a view of it. */
  private final class CopyingDecoder implements ScopedView.CopyingReader<V> {
    private final CopyingCodec<V> copying;

    CopyingDecoder(CopyingCodec<V> copying) {
      this.copying = copying;
    }

    @Override
    public V apply(MemorySegment bytes) {
      return decodeOrMiss(bytes);
    }

    @Override
    public V read(MemorySegment memory, long fromByte, int bytes) {
      try {
        V value = copying.decode(memory, fromByte, bytes);
        return value == null ? missOf(nullDecoded()) : value;
      } catch (UnreadableValueException e) {
        return missOf(e);
      }
    }
  }

  private static RuntimeException nullDecoded() {
    return new NullPointerException("the codec's decode returned null");
  }

  /** Records that a value is unreadable. Callers compare the result with MISS. */
  @SuppressWarnings("unchecked")
  private V missOf(RuntimeException e) {
    recordUnreadable(e);
    return (V) Reads.MISS;
  }

  private void recordUnreadable(RuntimeException e) {
    unreadable.increment();
    if (firstUnreadable == null) {
      firstUnreadable = e.getMessage() == null ? e.getClass().getName() : e.getMessage();
      LOG.log(
          Level.WARNING,
          "the codec can't decode a stored value; such values are read as misses, and further ones"
              + " are only counted",
          e);
    }
  }

  /** Returns whether the codec has ever failed to decode a value. */
  boolean hasUnreadable() {
    return firstUnreadable != null;
  }

  /** Returns how often the codec failed to decode a value. */
  long unreadableCount() {
    return unreadable.sum();
  }

  /**
   * Returns the text of {@code health()} about values that the codec can't decode; empty if there
   * are none.
   */
  String unreadable() {
    String first = firstUnreadable;
    return first == null
        ? ""
        : unreadable.sum()
            + " reads found a value that its codec can't read and were misses; the first: "
            + first
            + ". The next put or load of such a key replaces the value. If all values are of an"
            + " older version, call invalidateAll(), or change the codec's fingerprint() and open"
            + " the file with FileOptions.Recovery.EMPTY";
  }

  /** A value with its encoded length. */
  private sealed interface ValueEncoder<V> {
    int bytes();

    void write(MemorySegment target);
  }

  private record CodecEncoder<V>(Codec<V> codec, V value, int bytes) implements ValueEncoder<V> {
    @Override
    public void write(MemorySegment target) {
      codec.encode(value, target);
    }
  }

  private record ArrayEncoder<V>(byte[] array) implements ValueEncoder<V> {
    @Override
    public int bytes() {
      return array.length;
    }

    @Override
    public void write(MemorySegment target) {
      MemorySegment.copy(array, 0, target, ValueLayout.JAVA_BYTE, 0, array.length);
    }
  }

  private record WriterEncoder<V>(int bytes, Consumer<? super MemorySegment> writer)
      implements ValueEncoder<V> {
    @Override
    public void write(MemorySegment target) {
      writer.accept(target);
    }
  }

  /**
   * Encodes a value by the codec.
   *
   * @param key the encoded key
   */
  EncodedValue write(MemorySegment key, V value) {
    ValueEncoder<V> source = encoder(value);
    return source.bytes() > maxBytes ? tooLarge(source.bytes(), value) : write(key, source);
  }

  /** Calls the writer to write a value in place, unless no tier can hold the value. */
  EncodedValue write(MemorySegment key, int bytes, Consumer<? super MemorySegment> writer) {
    if (bytes < 0) {
      throw new IllegalArgumentException("valueBytes is " + bytes + " but must not be negative");
    }
    return bytes > maxBytes
        ? tooLarge(bytes, null)
        : write(key, new WriterEncoder<V>(bytes, writer));
  }

  private TooLarge tooLarge(int bytes, @Nullable V value) {
    if (loggedTooLarge.compareAndSet(false, true)) {
      LOG.log(
          Level.WARNING,
          "a value of "
              + bytes
              + " bytes is not kept: the tiers of this cache hold values of at most "
              + maxBytes
              + " bytes. Give the cache more memory or a larger file."
              + " Further values of this kind are only counted");
    }
    return new TooLarge(bytes, value);
  }

  private ValueEncoder<V> encoder(V value) {
    if (codec instanceof ArrayCodec<V> arrays) {
      try {
        return new ArrayEncoder<>(arrays.toArray(value));
      } catch (IllegalArgumentException e) {
        if (codec instanceof EqualByBytes) { // a built-in codec can't name the argument
          throw new IllegalArgumentException("value: " + e.getMessage(), e);
        }
        throw e;
      }
    }
    int bytes = codec.encodedBytes(value);
    if (bytes < 0) {
      throw new IllegalArgumentException(
          "encodedBytes of the value codec returned " + bytes + " but must return 0 or more");
    }
    return new CodecEncoder<>(codec, value, bytes);
  }

  private EncodedValue write(MemorySegment key, ValueEncoder<V> source) {
    int bytes = source.bytes();
    long ref = memory.alloc(key.byteSize(), bytes);
    if (ref == ChunkRef.NONE) {
      return writeUnpooled(source);
    }
    EncodedValue written = null;
    try {
      memory.write(ref, key, bytes, source::write);
      written = new InChunk(memory, ref);
      return written;
    } finally {
      if (written == null) {
        memory.free(ref);
      }
    }
  }

  private EncodedValue writeUnpooled(ValueEncoder<V> source) {
    int bytes = source.bytes();
    NativeMemory unpooled = NativeMemory.map(Math.max(1, bytes), false);
    EncodedValue written = null;
    try {
      ScopedView.write(unpooled.segment(), 0, bytes, source::write);
      written = new Unpooled(unpooled, bytes);
      return written;
    } finally {
      if (written == null) {
        unpooled.close();
      }
    }
  }

  /** Decodes an encoded value. */
  V decode(EncodedValue written) {
    return switch (written) {
      case InChunk chunk -> requireReadable(decodeOrMiss(chunk.value()));
      case Unpooled unpooled -> requireReadable(decodeOrMiss(unpooled.value().asReadOnly()));
      case TooLarge _ -> throw new IllegalStateException("the value is too large to be encoded");
    };
  }

  private V requireReadable(@Nullable V value) {
    if (value == null || value == Reads.MISS) {
      throw new IllegalStateException("the codec can't decode the value that was just encoded");
    }
    return value;
  }

  /** Frees the memory of an encoded value that is not published. */
  void discard(EncodedValue written) {
    switch (written) {
      case InChunk chunk -> chunk.close();
      case Unpooled unpooled -> unpooled.close();
      case TooLarge _ -> {}
    }
  }

  /** Decodes an entry's value; null if its chunk was released or the codec can't decode it. */
  @SuppressWarnings("unchecked")
  @Nullable V decode(Entry entry) {
    Object value = memory.reads().read(entry, decoder);
    return value == MemoryTier.STALE || value == Reads.MISS ? null : (V) value;
  }
}
