package dev.carafe.cache;

import dev.carafe.DeviceException;
import dev.carafe.FileFormatException;
import dev.carafe.FileOptions.Overload;
import dev.carafe.log.format.CacheNamesLayout;
import dev.carafe.log.format.CacheNamesLayout.CacheName;
import dev.carafe.log.format.CacheNumber;
import dev.carafe.log.format.FileHeaderLayout.CodecNames;
import dev.carafe.tier.FileKey;
import dev.carafe.tier.FileTier;
import dev.carafe.tier.FileValue;
import dev.carafe.tier.StoreResult;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The names of the caches of a store, and their numbers. A file has them in one record, whose key
 * is {@link CacheNumber#NAMES}.
 *
 * <ul>
 *   <li>1. The record is appended before the first record of a cache that it names. Since a crash
 *       leaves a prefix of the log (D3), a cache whose records survive has a name.
 *   <li>2. A cache is dropped by a CLEAR of its number, then by the list without its name. So a
 *       number that is used again has no older records.
 *   <li>3. If the file can't store the list, the list is stored later, by {@link #save}. A crash
 *       before that leaves records without a name. The next opening removes them.
 * </ul>
 *
 * <p>Thread-safe.
 */
final class CacheNames {
  private static final System.Logger LOG = System.getLogger("dev.carafe");

  private final @Nullable FileTier file;
  private final @Nullable FileKey key;
  private final Path path;
  private final Map<String, CacheName> byName = new TreeMap<>();

  /** The numbers of dropped caches whose entries are still being released. */
  private final BitSet retired = new BitSet();

  private boolean stored = true;

  /**
   * Reads the names.
   *
   * @param file of the store; null if it has none
   * @param path of the file, for messages
   * @throws DeviceException if the list can't be read
   */
  CacheNames(@Nullable FileTier file, Path path) {
    this.file = file;
    this.path = path;
    byte[] bytes = new byte[CacheNumber.PREFIX_BYTES];
    MemorySegment prefix = MemorySegment.ofArray(bytes);
    CacheNumber.write(prefix, CacheNumber.NAMES);
    this.key = file == null ? null : new FileKey(prefix, file.hashOf(prefix));
    if (file != null && key != null) {
      for (CacheName cache : read(file, key)) {
        byName.put(cache.name(), cache);
      }
      removeUnnamed(file);
    }
  }

  private List<CacheName> read(FileTier from, FileKey names) {
    byte[] value = null;
    try (FileValue found = from.read(names)) {
      value = found == null ? null : found.value().toArray(ValueLayout.JAVA_BYTE);
    }
    if (value == null && from.contains(names.hash())) {
      throw from.unavailable("the read of the names of the caches");
    }
    try {
      return value == null ? List.of() : CacheNamesLayout.read(value);
    } catch (IOException e) {
      LOG.log(Level.WARNING, path + ": the list of caches is no list; all caches start empty", e);
      return List.of();
    }
  }

  /** Removes the records of caches without a name, so that their numbers can be used again. */
  private void removeUnnamed(FileTier from) {
    BitSet named = new BitSet();
    named.set(CacheNumber.NAMES);
    byName.values().forEach(cache -> named.set(cache.number()));
    for (int number : from.metrics().caches()) {
      if (!named.get(number)) {
        long records = from.metrics().recordCount(number);
        LOG.log(
            Level.WARNING,
            path
                + ": "
                + records
                + " records of cache "
                + number
                + " have no name and are removed");
        from.clear(number);
        from.capacity().reclaimDead();
      }
    }
  }

  /**
   * Returns the number of a cache, and gives it one if it is new.
   *
   * @param name of the cache
   * @param codecs of the cache
   * @throws FileFormatException if the cache was written with other codecs
   */
  synchronized int open(String name, CodecNames codecs) {
    CacheName known = byName.get(name);
    if (known != null) {
      requireSameCodec(name, "key", codecs.key(), known.codecs().key());
      requireSameCodec(name, "value", codecs.value(), known.codecs().value());
      return known.number();
    }
    BitSet used = (BitSet) retired.clone();
    byName.values().forEach(cache -> used.set(cache.number()));
    int number = used.nextClearBit(CacheNumber.NAMES + 1);
    if (number >= CacheNumber.LIMIT) {
      throw new IllegalStateException(
          "the store has " + byName.size() + " caches, and can't have more; drop some");
    }
    byName.put(name, new CacheName(number, name, codecs));
    boolean fits = false;
    try {
      store();
      fits = true;
    } finally {
      if (!fits) {
        byName.remove(name);
      }
    }
    return number;
  }

  private void requireSameCodec(String name, String codec, String expected, String found) {
    if (!expected.equals(found)) {
      throw new FileFormatException(
          path,
          "a cache '" + name + "' of the " + codec + " codec " + expected,
          "one of " + found + "; drop(\"" + name + "\") removes that cache with its values");
    }
  }

  /** Returns a cache; null if there is none of this name. */
  synchronized @Nullable CacheName find(String name) {
    return byName.get(name);
  }

  synchronized Set<String> names() {
    return Set.copyOf(byName.keySet());
  }

  /**
   * Removes a cache from the file and from the list. The next flush makes that durable.
   *
   * @param name of the cache
   * @param inUse whether memory has entries of the cache, so that its number is not used again
   *     before {@link #reuse}
   */
  synchronized void drop(String name, boolean inUse) {
    CacheName dropped = byName.remove(name);
    if (dropped != null) {
      retired.set(dropped.number(), inUse);
      if (file != null) {
        file.clear(dropped.number());
      }
      store();
    }
  }

  /** Allows a number to be used again. */
  synchronized void reuse(int number) {
    retired.clear(number);
  }

  private void store() {
    stored = tryStore(Overload.WAIT);
  }

  private boolean tryStore(@Nullable Overload overload) {
    if (file == null || key == null) {
      return true;
    }
    byte[] value = CacheNamesLayout.write(new ArrayList<>(byName.values()));
    MemorySegment bytes = MemorySegment.ofArray(value);
    StoreResult result = file.put(key, bytes, Long.MAX_VALUE, overload);
    if (result == StoreResult.TOO_LARGE) {
      throw new IllegalStateException(
          "the names of "
              + byName.size()
              + " caches take "
              + value.length
              + " bytes, more than the file can hold in one record: use a larger file or fewer"
              + " caches");
    }
    return result == StoreResult.STORED;
  }

  /**
   * Stores the list if the file does not have it: it could not be stored, or a failure of the
   * device discarded all records. Does not wait.
   *
   * @return false if the file has no room at present
   */
  synchronized boolean save() {
    return storeIfMissing(null);
  }

  /**
   * As {@link #save}, but waits for room.
   *
   * @throws DeviceException if the file can't store the list
   */
  synchronized void saveOrThrow() {
    if (!storeIfMissing(Overload.WAIT) && file != null) {
      throw file.unavailable("flush");
    }
  }

  private boolean storeIfMissing(@Nullable Overload overload) {
    if (file != null && key != null && (!stored || !file.contains(key.hash()))) {
      stored = byName.isEmpty() || tryStore(overload);
    }
    return stored;
  }
}
