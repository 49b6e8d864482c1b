package dev.carafe.contenders;

import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.CompressionType;
import org.rocksdb.FlushOptions;
import org.rocksdb.HyperClockCache;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.Statistics;
import org.rocksdb.TickerType;
import org.rocksdb.WriteBufferManager;

/** RocksDB through its JNI binding, with the page cache or with direct I/O. */
final class RocksStore implements Store {
  private final Options options;
  private final Statistics statistics = new Statistics();
  private final HyperClockCache cache;
  private final WriteBufferManager buffers;
  private final BloomFilter bloom = new BloomFilter(10);
  private final RocksDB db;

  RocksStore(Sizing sizing, boolean direct) throws RocksDBException {
    RocksDB.loadLibrary();
    long budget = Math.max(16L << 20, sizing.memoryBytes());
    this.cache = new HyperClockCache(budget, 0, 4, false);
    this.buffers = new WriteBufferManager(budget / 4, cache);
    this.options =
        new Options()
            .setCreateIfMissing(true)
            .setStatistics(statistics)
            .setWriteBufferManager(buffers)
            .setCompressionType(CompressionType.NO_COMPRESSION)
            .setMaxBackgroundJobs(2)
            .setUseDirectReads(direct)
            .setUseDirectIoForFlushAndCompaction(direct)
            .setTableFormatConfig(
                new BlockBasedTableConfig()
                    .setBlockCache(cache)
                    .setFilterPolicy(bloom)
                    .setCacheIndexAndFilterBlocks(true)
                    .setCacheIndexAndFilterBlocksWithHighPriority(true)
                    .setFormatVersion(5));
    this.db = RocksDB.open(options, sizing.home().resolve("rocksdb").toString());
  }

  private static byte[] bytes(long key) {
    return ByteBuffer.allocate(Long.BYTES).putLong(key).array();
  }

  @Override
  public int get(long key, byte[] into) {
    try {
      int length = db.get(bytes(key), into);
      return length == RocksDB.NOT_FOUND ? MISS : length;
    } catch (RocksDBException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void put(long key, byte[] value, int length) {
    try {
      db.put(bytes(key), 0, Long.BYTES, value, 0, length);
    } catch (RocksDBException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void remove(long key) {
    try {
      db.delete(bytes(key));
    } catch (RocksDBException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void flush() {
    try (FlushOptions wait = new FlushOptions().setWaitForFlush(true)) {
      db.flush(wait);
      db.syncWal();
    } catch (RocksDBException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public long entries() {
    try {
      return db.getLongProperty("rocksdb.estimate-num-keys");
    } catch (RocksDBException e) {
      return -1;
    }
  }

  @Override
  public Map<String, Long> counters() {
    Map<String, Long> counters = new LinkedHashMap<>();
    counters.put("blockCache.hits", statistics.getTickerCount(TickerType.BLOCK_CACHE_DATA_HIT));
    counters.put("blockCache.misses", statistics.getTickerCount(TickerType.BLOCK_CACHE_DATA_MISS));
    counters.put("memtable.hits", statistics.getTickerCount(TickerType.MEMTABLE_HIT));
    counters.put(
        "compaction.bytesWritten", statistics.getTickerCount(TickerType.COMPACT_WRITE_BYTES));
    return counters;
  }

  @Override
  public void close() {
    db.close();
    options.close();
    buffers.close();
    cache.close();
    bloom.close();
    statistics.close();
  }
}
