package dev.carafe.contenders;

import dev.carafe.Carafe;
import dev.carafe.CarafeBuilder;
import dev.carafe.Codec;
import dev.carafe.FileOptions;
import dev.carafe.TierStats;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/** Carafe. A get copies from a scoped view, a put uses the codec. */
final class CarafeStore implements Store {
  private final Carafe<Long, byte[]> cache;

  CarafeStore(Sizing sizing) {
    CarafeBuilder<Long, byte[]> builder =
        Carafe.newBuilder()
            .keyCodec(Codec.int64())
            .valueCodec(Codec.bytes())
            .memory(sizing.memoryBytes());
    if (!sizing.fixed()) {
      builder.executor(Runnable::run); // as for Caffeine
    }
    if (sizing.fileBytes() > 0) {
      builder.file(
          FileOptions.at(sizing.home().resolve("bench.carafe"), sizing.fileBytes())
              .withCompression(FileOptions.Compression.NONE));
    }
    this.cache = builder.build();
  }

  /** Copies a view into an array and stores its length. */
  private static final class Copy implements Function<MemorySegment, Copy> {
    private final byte[] into;
    int length;

    Copy(byte[] into) {
      this.into = into;
    }

    @Override
    public Copy apply(MemorySegment view) {
      length = (int) view.byteSize();
      MemorySegment.copy(view, ValueLayout.JAVA_BYTE, 0, into, 0, length);
      return this;
    }
  }

  @Override
  public int get(long key, byte[] into) {
    Copy copy = cache.read(key, new Copy(into));
    return copy == null ? MISS : copy.length;
  }

  private static Integer look(MemorySegment view) {
    return (int) view.byteSize() + (view.get(ValueLayout.JAVA_BYTE, 0) & 0);
  }

  @Override
  public int visit(long key) {
    Integer length = cache.read(key, CarafeStore::look);
    return length == null ? MISS : length;
  }

  @Override
  public void put(long key, byte[] value, int length) {
    if (value.length == length) {
      cache.put(key, value);
    } else {
      cache.put(key, Arrays.copyOf(value, length));
    }
  }

  @Override
  public void remove(long key) {
    cache.invalidate(key);
  }

  @Override
  public void flush() {
    cache.flush();
  }

  @Override
  public long entries() {
    return cache.estimatedSize();
  }

  @Override
  public Map<String, Long> counters() {
    TierStats stats = cache.tierStats();
    Map<String, Long> counters = new LinkedHashMap<>();
    counters.put("hits.memory", stats.memory().hits());
    counters.put("hits.file", stats.file().hits());
    counters.put("file.bytesRead", stats.file().bytesRead());
    counters.put("file.bytesWritten", stats.file().bytesWritten());
    counters.put("dropped", stats.memory().dropped() + stats.file().lost());
    return counters;
  }

  @Override
  public void close() {
    cache.close();
  }
}
