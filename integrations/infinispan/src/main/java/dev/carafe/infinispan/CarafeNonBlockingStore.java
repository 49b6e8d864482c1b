package dev.carafe.infinispan;

import dev.carafe.CarafeStore;
import dev.carafe.FileOptions;
import dev.carafe.Health;
import io.reactivex.rxjava3.core.Flowable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.ObjIntConsumer;
import java.util.function.Predicate;
import org.infinispan.commons.util.IntSet;
import org.infinispan.commons.util.concurrent.CompletableFutures;
import org.infinispan.persistence.PersistenceUtil;
import org.infinispan.persistence.spi.InitializationContext;
import org.infinispan.persistence.spi.MarshallableEntry;
import org.infinispan.persistence.spi.NonBlockingStore;
import org.infinispan.persistence.spi.PersistenceException;
import org.infinispan.util.concurrent.BlockingManager;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;

/**
 * A store of embedded Infinispan whose entries live in memory and in a file. Each cache of
 * Infinispan has a file of its own, {@code CACHE/store.carafe}, which one process has open.
 *
 * <p>An entry stays until it is removed, overwritten or purged after its expiry. A write that the
 * file has no room for, or that the device refuses, fails with a {@link PersistenceException}, and
 * the store is unchanged: {@link FileOptions.Retention#KEEP_ALL}.
 *
 * <p>Reads of entries in memory are answered on the calling thread, reads of the file without a
 * waiting thread. Writes run on Infinispan's blocking threads. Thread-safe between {@link #start}
 * and {@link #stop}.
 *
 * @param <K> keys
 * @param <V> values
 */
public class CarafeNonBlockingStore<K, V> implements NonBlockingStore<K, V> {
  private @Nullable RunningStore<K, V> running;

  /** Creates a store. Infinispan calls it; {@link CarafeStoreConfigurationBuilder} adds a store. */
  public CarafeNonBlockingStore() {}

  private RunningStore<K, V> running() {
    RunningStore<K, V> seen = running;
    if (seen == null) {
      throw new PersistenceException("the store is not started");
    }
    return seen;
  }

  @Override
  public Set<Characteristic> characteristics() {
    return EnumSet.of(
        Characteristic.BULK_READ, Characteristic.SEGMENTABLE, Characteristic.EXPIRATION);
  }

  @Override
  public CompletionStage<Void> start(InitializationContext ctx) {
    BlockingManager blocking = ctx.getBlockingManager();
    return blocking.runBlocking(() -> running = open(ctx), "carafe-start");
  }

  private RunningStore<K, V> open(InitializationContext ctx) {
    CarafeStoreConfiguration configuration = ctx.getConfiguration();
    Path directory =
        PersistenceUtil.getQualifiedLocation(
            ctx.getGlobalConfiguration(), configuration.path(), ctx.getCache().getName(), "");
    Path file = directory.resolve("store.carafe");
    CarafeStore store = null;
    try {
      Files.createDirectories(directory);
      store =
          CarafeStore.newBuilder()
              .memory(configuration.memory())
              .file(
                  FileOptions.at(file, configuration.fileSize())
                      .withRetention(FileOptions.Retention.KEEP_ALL))
              .persistWithin(Duration.ofMillis(configuration.persistWithin()))
              .executor(ctx.getBlockingManager().asExecutor("carafe"))
              .build();
      Health.Tier health = store.health().file();
      if (health != null && health.state() == Health.State.DEGRADED) {
        throw new PersistenceException(health.why()); // such as a capacity below its records
      }
      Segments segments = new Segments(store, configuration.segmented());
      if (ctx.canStoreDirectlyPurgeOnStartup()) {
        segments.all().forEach(Segment::clear);
      }
      return new RunningStore<>(
          store,
          segments,
          new EntryPublisher<>(segments, ctx),
          ctx.getBlockingManager(),
          configuration,
          file);
    } catch (IOException | RuntimeException e) {
      if (store != null) {
        store.close();
      }
      throw new PersistenceException(file + ": the store can't be opened: " + e.getMessage(), e);
    }
  }

  @Override
  public CompletionStage<Void> stop() {
    RunningStore<K, V> seen = running;
    if (seen == null) {
      return CompletableFutures.completedNull();
    }
    return seen.run(
        "stop",
        () -> {
          seen.store().close();
          running = null;
        });
  }

  @Override
  public CompletionStage<Void> destroy() {
    RunningStore<K, V> seen = running();
    return seen.run(
        "destroy",
        () -> {
          seen.store().close();
          running = null;
          try {
            Files.deleteIfExists(seen.file());
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  /** {@inheritDoc} False while the file can't be read or written. */
  @Override
  public CompletionStage<Boolean> isAvailable() {
    Health.Tier file = running().store().health().file();
    return CompletableFutures.booleanStage(file != null && file.state() == Health.State.OK);
  }

  @Override
  public CompletionStage<MarshallableEntry<K, V>> load(int segment, Object key) {
    RunningStore<K, V> seen = running();
    Segment in = seen.segments().find(segment);
    CompletableFuture<byte[]> read = in == null ? null : in.load(seen.entries().bytesOf(key));
    if (read == null) {
      return CompletableFutures.completedNull();
    }
    CompletionStage<MarshallableEntry<K, V>> loaded =
        read.thenApply(bytes -> seen.entries().live(key, bytes));
    return seen.blocking().continueOnNonBlockingThread(loaded, "carafe-load");
  }

  @Override
  public CompletionStage<Void> write(
      int segment, MarshallableEntry<? extends K, ? extends V> entry) {
    RunningStore<K, V> seen = running();
    return seen.run(
        "write",
        () -> {
          write(seen, segment, entry);
          seen.sync();
        });
  }

  private void write(
      RunningStore<K, V> seen, int segment, MarshallableEntry<? extends K, ? extends V> entry) {
    byte[] key = EntryPublisher.trimmed(entry.getKeyBytes());
    seen.segments().get(segment).write(key, StoredEntry.bytesOf(entry));
  }

  /** {@inheritDoc} The result is null: whether the store had the key would take a read. */
  @Override
  public CompletionStage<Boolean> delete(int segment, Object key) {
    RunningStore<K, V> seen = running();
    Segment in = seen.segments().find(segment);
    if (in == null) {
      return CompletableFutures.completedFalse();
    }
    byte[] bytes = seen.entries().bytesOf(key);
    return seen.supply(
        "delete",
        () -> {
          in.remove(bytes);
          seen.sync();
          return null;
        });
  }

  /**
   * {@inheritDoc}
   *
   * <p>The changes are made one after another on one blocking thread, in any order of the segments:
   * the publishers may be groups of one sequence, which ends only if all of them are read.
   */
  @Override
  public CompletionStage<Void> batch(
      int publisherCount,
      Publisher<SegmentedPublisher<Object>> removePublisher,
      Publisher<SegmentedPublisher<MarshallableEntry<K, V>>> writePublisher) {
    RunningStore<K, V> seen = running();
    Flowable<Runnable> writes =
        changes(publisherCount, writePublisher, (entry, segment) -> write(seen, segment, entry));
    Flowable<Runnable> removals =
        changes(publisherCount, removePublisher, (key, segment) -> remove(seen, segment, key));
    CompletionStage<Void> done =
        seen.blocking()
            .subscribeBlockingConsumer(
                Flowable.merge(writes, removals),
                change -> seen.guarded("batch", change),
                "carafe-batch");
    return seen.configuration().syncWrites()
        ? seen.blocking()
            .thenRunBlocking(done, () -> seen.guarded("batch", seen::sync), "carafe-batch-sync")
        : done;
  }

  private static <T> Flowable<Runnable> changes(
      int publisherCount, Publisher<SegmentedPublisher<T>> segments, ObjIntConsumer<T> change) {
    return Flowable.fromPublisher(segments)
        .flatMap(
            in ->
                Flowable.fromPublisher(in).map(item -> () -> change.accept(item, in.getSegment())),
            publisherCount);
  }

  private void remove(RunningStore<K, V> seen, int segment, Object key) {
    Segment in = seen.segments().find(segment);
    if (in != null) {
      in.remove(seen.entries().bytesOf(key));
    }
  }

  @Override
  public CompletionStage<Void> clear() {
    RunningStore<K, V> seen = running();
    return seen.run(
        "clear",
        () -> {
          seen.segments().all().forEach(Segment::clear);
          seen.sync();
        });
  }

  /** {@inheritDoc} A segment is opened with its first entry. */
  @Override
  public CompletionStage<Void> addSegments(IntSet segments) {
    return CompletableFutures.completedNull();
  }

  @Override
  public CompletionStage<Void> removeSegments(IntSet segments) {
    RunningStore<K, V> seen = running();
    if (!seen.configuration().segmented()) {
      return CompletableFutures.completedNull();
    }
    return seen.run("removeSegments", () -> seen.segments().of(segments).forEach(Segment::clear));
  }

  /** {@inheritDoc} Reads the entries of a segment only if one of them can have expired. */
  @Override
  public CompletionStage<Long> size(IntSet segments) {
    RunningStore<K, V> seen = running();
    return seen.supply("size", () -> seen.entries().size(segments));
  }

  /** {@inheritDoc} Includes entries that have expired. */
  @Override
  public CompletionStage<Long> approximateSize(IntSet segments) {
    RunningStore<K, V> seen = running();
    return seen.supply(
        "approximateSize",
        () -> seen.segments().of(segments).stream().mapToLong(Segment::count).sum());
  }

  /**
   * {@inheritDoc}
   *
   * <p>Segments are read one after another. The heap has the keys of one segment at a time.
   */
  @Override
  public Publisher<MarshallableEntry<K, V>> publishEntries(
      IntSet segments, @Nullable Predicate<? super K> filter, boolean includeValues) {
    return running().entries().entries(segments, filter);
  }

  @Override
  public Publisher<K> publishKeys(IntSet segments, @Nullable Predicate<? super K> filter) {
    return running().entries().keys(segments, filter);
  }

  /** {@inheritDoc} Reads the entries of a segment only if one of them can have expired. */
  @Override
  public Publisher<MarshallableEntry<K, V>> purgeExpired() {
    return running().entries().purge();
  }
}
