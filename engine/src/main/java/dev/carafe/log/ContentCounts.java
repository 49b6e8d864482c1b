package dev.carafe.log;

import dev.carafe.log.FileReport.CacheContents;
import dev.carafe.log.FileReport.Contents;
import dev.carafe.log.format.CacheNamesLayout;
import dev.carafe.log.format.CacheNamesLayout.CacheName;
import dev.carafe.log.format.CacheNumber;
import dev.carafe.log.format.FileHeaderLayout.CodecNames;
import dev.carafe.log.format.RecordLayout;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import net.jpountz.lz4.LZ4Exception;
import net.jpountz.lz4.LZ4Factory;

/**
 * Counts the records of an extent, or of all extents, by kind, and the live values by cache. Reads
 * the names of the caches from their record. For an inspection; not thread-safe.
 */
final class ContentCounts {
  private record Live(long values, long bytes) {
    Live plus(Live other) {
      return new Live(values + other.values, bytes + other.bytes);
    }
  }

  private final Map<Integer, Live> liveByCache = new TreeMap<>();
  private Contents contents = Contents.NONE;
  private List<CacheName> names = List.of();

  /** Counts a record. */
  void add(byte kind, int cache, long bytes, boolean isLive) {
    contents =
        contents.plus(
            new Contents(
                kind == RecordLayout.VALUE ? 1 : 0,
                kind == RecordLayout.TOMBSTONE ? 1 : 0,
                kind == RecordLayout.CLEAR ? 1 : 0,
                kind == RecordLayout.TAIL ? 1 : 0,
                bytes,
                isLive ? 1 : 0,
                isLive ? bytes : 0));
    if (isLive) {
      var _ = liveByCache.merge(cache, new Live(1, bytes), Live::plus);
    }
  }

  /** Adds the counts of another extent. */
  void addAll(ContentCounts other) {
    contents = contents.plus(other.contents);
    other.liveByCache.forEach((cache, live) -> liveByCache.merge(cache, live, Live::plus));
    names = other.names.isEmpty() ? names : other.names;
  }

  Contents contents() {
    return contents;
  }

  /**
   * Reads the names of the caches from their live record. If it is no list, no cache has a name.
   */
  void readNames(MemorySegment extent, long offset) {
    RecordLayout.Header header = RecordLayout.read(extent, offset);
    long valueAt = offset + RecordLayout.HEADER_BYTES + header.keyBytes();
    byte[] value = extent.asSlice(valueAt, header.storedBytes()).toArray(ValueLayout.JAVA_BYTE);
    try {
      names = CacheNamesLayout.read(header.isCompressed() ? decompressed(value, header) : value);
    } catch (IOException | LZ4Exception e) {
      names = List.of();
    }
  }

  private static byte[] decompressed(byte[] stored, RecordLayout.Header header) {
    return LZ4Factory.safeInstance().safeDecompressor().decompress(stored, header.valueBytes());
  }

  /** Returns the caches by number: those with a name, and those with live values. */
  List<CacheContents> caches() {
    Map<Integer, CacheName> known = new TreeMap<>();
    names.forEach(cache -> known.put(cache.number(), cache));
    for (int cache : liveByCache.keySet()) {
      if (cache > CacheNumber.NAMES) {
        var _ = known.putIfAbsent(cache, new CacheName(cache, "", new CodecNames("", "")));
      }
    }
    List<CacheContents> caches = new ArrayList<>();
    for (CacheName cache : known.values()) {
      Live live = liveByCache.getOrDefault(cache.number(), new Live(0, 0));
      caches.add(
          new CacheContents(
              cache.number(), cache.name(), cache.codecs(), live.values(), live.bytes()));
    }
    return caches;
  }
}
