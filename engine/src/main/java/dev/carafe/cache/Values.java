package dev.carafe.cache;

import dev.carafe.Codec;
import dev.carafe.UnreadableValueException;
import dev.carafe.base.Counter;
import dev.carafe.device.NativeMemory;
import dev.carafe.region.ChunkRef;
import dev.carafe.region.ScopedView;
import dev.carafe.spi.ArrayCodec;
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
 * Writes values into chunks and reads them back. All of it happens before a lock is taken: a codec
 * that throws leaves the cache as it was, and its chunk goes back (contract F4).
 */
final class Values<V> {
  private static final System.Logger LOG = System.getLogger("dev.carafe");

  private final Codec<V> codec;
  private final MemoryTier memory;
  private final int maxBytes;
  private final Counter unreadable = new Counter();
  private volatile @Nullable String firstUnreadable;
  private final AtomicBoolean sawTooLarge = new AtomicBoolean();

  /**
   * One lambda for all reads, so that a hit makes no other. Gives {@link Reads#MISS} for what the
   * codec can't read.
   */
  final Function<MemorySegment, V> decoder;

  /**
   * A written value: an entry where memory could be had, else bytes outside of the pool, or nothing
   * if no tier can hold the value.
   */
  sealed interface Written permits InMemory, Unpooled, TooLarge {}

  /** Pinned once, for the writer. */
  record InMemory(Entry entry) implements Written {}

  /** To be closed by the writer. */
  record Unpooled(NativeMemory bytes, int valueBytes) implements Written, AutoCloseable {
    MemorySegment value() {
      return bytes.segment().asSlice(0, valueBytes);
    }

    @Override
    public void close() {
      bytes.close();
    }
  }

  /** Not written; the value is null if a writer, which was not called, would have written it. */
  record TooLarge(int valueBytes, @Nullable Object value) implements Written {}

  Values(Codec<V> codec, MemoryTier memory, int maxBytes) {
    this.codec = codec;
    this.memory = memory;
    this.maxBytes = maxBytes;
    this.decoder = this::decodeOrMiss;
  }

  @SuppressWarnings("unchecked") // a miss is told from a value by whoever reads
  private V decodeOrMiss(MemorySegment bytes) {
    try {
      V value = codec.decode(bytes);
      if (value != null) {
        return value;
      }
      recordUnreadable(new NullPointerException("the codec's decode returned null"));
    } catch (UnreadableValueException e) {
      recordUnreadable(e);
    }
    return (V) Reads.MISS;
  }

  private void recordUnreadable(RuntimeException e) {
    unreadable.increment();
    if (firstUnreadable == null) {
      firstUnreadable = e.getMessage() == null ? e.getClass().getName() : e.getMessage();
      LOG.log(Level.WARNING, "values that can't be read are taken for missing; the first one", e);
    }
  }

  /** Whether there ever was a value that the codec could not read. */
  boolean hasUnreadable() {
    return firstUnreadable != null;
  }

  /** How often the codec could not read a value. */
  long unreadableCount() {
    return unreadable.sum();
  }

  /**
   * What {@code health()} says of values that the codec could not read; empty if there are none.
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

  /** How a value is measured and written. */
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

  /** Writes a value by the codec. */
  Written write(Object key, V value, long expiresAtNanos) {
    ValueEncoder<V> source = encoder(value);
    return source.bytes() > maxBytes
        ? tooLarge(source.bytes(), value)
        : write(key, source, expiresAtNanos);
  }

  /** Lets the caller write a value in place; does not call the writer if it is too large. */
  Written write(
      Object key, int bytes, Consumer<? super MemorySegment> writer, long expiresAtNanos) {
    if (bytes < 0) {
      throw new IllegalArgumentException("valueBytes is " + bytes + " but must not be negative");
    }
    return bytes > maxBytes
        ? tooLarge(bytes, null)
        : write(key, new WriterEncoder<V>(bytes, writer), expiresAtNanos);
  }

  private TooLarge tooLarge(int bytes, @Nullable V value) {
    if (sawTooLarge.compareAndSet(false, true)) {
      LOG.log(
          Level.WARNING,
          "a value has "
              + bytes
              + " bytes, but this cache's tiers hold at most "
              + maxBytes
              + ": it is not kept; give the cache more memory or a larger file."
              + " Further ones are only counted");
    }
    return new TooLarge(bytes, value);
  }

  private ValueEncoder<V> encoder(V value) {
    if (codec instanceof ArrayCodec<V> arrays) {
      try {
        return new ArrayEncoder<>(arrays.toArray(value));
      } catch (IllegalArgumentException e) {
        if (codec instanceof EqualByBytes) { // a built-in one, which does not know what it encodes
          throw new IllegalArgumentException("value: " + e.getMessage(), e);
        }
        throw e;
      }
    }
    int bytes = codec.encodedBytes(value);
    if (bytes < 0) {
      throw new IllegalArgumentException(
          "the codec says that the value has " + bytes + " bytes; it must be 0 or more");
    }
    return new CodecEncoder<>(codec, value, bytes);
  }

  private Written write(Object key, ValueEncoder<V> source, long expiresAtNanos) {
    int bytes = source.bytes();
    long ref = memory.alloc(bytes);
    if (ref == ChunkRef.NONE) {
      return writeUnpooled(source);
    }
    Entry entry = null;
    Written written = null;
    try {
      memory.write(ref, bytes, source::write);
      entry = memory.adopt(key, ref, 0, bytes, expiresAtNanos, false);
      written = new InMemory(entry);
      return written;
    } finally {
      if (entry == null) {
        memory.free(ref);
      } else if (written == null) {
        var _ = memory.release(entry);
        memory.unpin(entry);
      }
    }
  }

  private Written writeUnpooled(ValueEncoder<V> source) {
    int bytes = source.bytes();
    NativeMemory unpooled = NativeMemory.map(Math.max(1, bytes), false);
    Written written = null;
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

  /** Decodes what was written. */
  V decode(Written written) {
    return switch (written) {
      case InMemory(Entry entry) -> requireReadable(decode(entry));
      case Unpooled unpooled -> requireReadable(decodeOrMiss(unpooled.value().asReadOnly()));
      case TooLarge _ -> throw new IllegalStateException("nothing was written");
    };
  }

  private V requireReadable(@Nullable V value) {
    if (value == null || value == Reads.MISS) {
      throw new IllegalStateException("the codec can't read what was written just now");
    }
    return value;
  }

  /** Gives back what was written and is not to be published. */
  void discard(Written written) {
    switch (written) {
      case InMemory(Entry entry) -> {
        var _ = memory.release(entry);
        memory.unpin(entry);
      }
      case Unpooled unpooled -> unpooled.close();
      case TooLarge _ -> {}
    }
  }

  /** Decodes an entry's value; null if its chunk is gone, or the codec can't read it. */
  @SuppressWarnings("unchecked")
  @Nullable V decode(Entry entry) {
    Object value = memory.read(entry, decoder);
    return value == MemoryTier.GONE || value == Reads.MISS ? null : (V) value;
  }
}
