package dev.carafe.tier;

import dev.carafe.device.IoOp;
import dev.carafe.log.Log;
import dev.carafe.log.RecordAddress;
import dev.carafe.log.RecordReader;
import dev.carafe.log.RecordReader.Outcome;
import dev.carafe.log.RecordReader.ReadRequest;
import dev.carafe.log.format.KeyHash;
import dev.carafe.log.format.RecordLayout;
import dev.carafe.region.ChunkRef;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads records into chunks.
 *
 * <p>A large record that is not compressed is read into the chunk that keeps it, without a copy.
 * Other records are read into a read buffer, and decompressed or copied into a chunk of their size.
 * While a record is read, its extent may be reclaimed and overwritten. The checksum, which includes
 * the extent's salt, then does not verify, and the address is looked up again.
 *
 * <p>Proved by {@code SimEngineTest}, {@code UnreadableTest} and {@code DiskFaultsTest}.
 */
final class FileReads {
  private static final System.Logger LOG = System.getLogger("dev.carafe");

  /** The maximum number of look-ups in one read, if the record is relocated during each. */
  static final int MAX_ATTEMPTS = 100;

  /** Up to this many reads, the calling thread submits them and waits for all of them. */
  private static final int MAX_INLINE_READS = 16;

  private final FileTierOptions options;
  private final Log log;
  private final RecordReader reader;
  private final ReadTargets targets;
  private final FileKeys keys;
  private final FileIndex index;
  private final IndexRemoval indexRemoval;
  private final Set<Long> loggedExtents = ConcurrentHashMap.newKeySet();

  /** Removes a damaged or expired record from the index and counts it. */
  interface IndexRemoval {
    boolean removeIfCurrent(KeyHash hash, long address, boolean damaged);
  }

  FileReads(
      FileTierOptions options,
      OpenLog open,
      FileIndex index,
      ChunkSource chunks,
      IndexRemoval indexRemoval) {
    this.options = options;
    this.log = open.log();
    this.reader = new RecordReader(log.file(), log.table(), log.writer());
    this.targets = new ReadTargets(open.readBuffers(), chunks);
    this.keys = new FileKeys(reader, targets, index, options.nowNanos());
    this.index = index;
    this.indexRemoval = indexRemoval;
  }

  @Nullable FileValue read(FileKey key) {
    KeyHash hash = key.hash();
    for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      long address = index.find(hash);
      if (address == RecordAddress.NONE) {
        return null;
      }
      long sequence = reader.sequenceOf(address);
      if (sequence < 0 || !RecordAddress.isSameRecord(index.find(hash), address)) {
        continue; // the record was relocated after the look-up
      }
      ReadTarget target = targets.allocate(reader.windowBytes(address));
      Outcome outcome = null;
      try {
        outcome = reader.read(address, sequence, key.bytes(), target.memory());
        switch (outcome) {
          case Outcome.Found(RecordLayout.Header header, int at) -> {
            return toValue(hash, address, header, at, target);
          }
          case Outcome.OtherKey other -> {
            return null;
          }
          case Outcome.DeviceFailed(String message) -> {
            logFailed(message);
            return null;
          }
          case Outcome.Unverified unverified -> {
            if (reader.sequenceOf(address) == sequence
                && indexRemoval.removeIfCurrent(hash, address, true)) {
              logDamaged(address, sequence);
              return null;
            }
          }
        }
      } finally {
        if (!(outcome instanceof Outcome.Found)) {
          target.release();
        }
      }
    }
    return null; // relocated in each attempt: a miss is always correct
  }

  /**
   * Prepares a read of a key's record; null if there is none. Does not wait for a read buffer,
   * since the thread may itself hold all of them for reads that it has begun.
   */
  @Nullable FileRead begin(FileKey key) {
    for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      long address = index.find(key.hash());
      if (address == RecordAddress.NONE) {
        return null;
      }
      long sequence = reader.sequenceOf(address);
      if (sequence >= 0 && RecordAddress.isSameRecord(index.find(key.hash()), address)) {
        ReadTarget target = targets.allocateWithoutWaiting(reader.windowBytes(address));
        FileRead read = null;
        try {
          ReadRequest pending = reader.beginRead(address, sequence, target.memory());
          read = pending == null ? null : new FileRead(this, key, address, pending, target);
        } finally {
          if (read == null) {
            target.release();
          }
        }
        if (read != null) {
          return read;
        }
      }
    }
    return null;
  }

  void submit(List<FileRead> submitted, @Nullable Consumer<FileRead> onCompletion) {
    List<IoOp> ops = new ArrayList<>(submitted.size());
    List<FileRead> completed = new ArrayList<>();
    for (FileRead read : submitted) {
      IoOp op = read.pending.op();
      if (op == null) {
        completed.add(read);
      } else {
        ops.add(onCompletion == null ? op : op.onDone(result -> onCompletion.accept(read)));
      }
    }
    if (onCompletion == null && ops.size() <= MAX_INLINE_READS) {
      log.file().device().runAll(ops); // the calling thread waits: no other thread is needed
    } else {
      log.file().device().submitAll(ops);
    }
    if (onCompletion != null) {
      completed.forEach(onCompletion);
    }
  }

  void await(FileRead read) {
    IoOp op = read.pending.op();
    if (op != null) {
      var _ = log.file().device().await(op);
    }
  }

  /** Verifies a completed read: {@link FileRead#finish}. */
  @Nullable FileValue finish(FileRead read) {
    Outcome outcome = null;
    try {
      outcome = reader.endRead(read.pending, read.address, read.key.bytes(), read.target.memory());
    } finally {
      if (!(outcome instanceof Outcome.Found)) {
        read.target.release();
      }
    }
    return switch (outcome) {
      case Outcome.Found(RecordLayout.Header header, int at) ->
          toValue(read.key.hash(), read.address, header, at, read.target);
      case Outcome.OtherKey other -> null;
      case Outcome.DeviceFailed(String message) -> {
        logFailed(message);
        yield null;
      }
      case Outcome.Unverified unverified -> read(read.key); // relocated or damaged
    };
  }

  void abandon(FileRead read) {
    read.target.release();
  }

  private @Nullable FileValue toValue(
      KeyHash hash, long address, RecordLayout.Header header, int at, ReadTarget target) {
    boolean kept = false;
    try {
      long now = options.nowNanos().getAsLong();
      if (header.expiresAtNanos() <= now && header.expiresAtNanos() != Long.MAX_VALUE) {
        if (indexRemoval.removeIfCurrent(hash, address, false)) {
          notifyExpired(hash.cache(), target.memory(), at, header);
        }
        return null;
      }
      index.countRead(hash, address);
      int valueOffset = at + RecordLayout.HEADER_BYTES + header.keyBytes();
      MemorySegment key =
          target.memory().asSlice(at + RecordLayout.HEADER_BYTES, header.keyBytes());
      if (!header.isCompressed() && !(target instanceof ReadTarget.InBuffer)) {
        ChunkLayout.writeHeaderAndKey(target.memory(), 0, key, valueOffset, header.valueBytes());
        FileValue value = wrap(target, valueOffset, header);
        kept = true;
        return value;
      }
      MemorySegment stored = target.memory().asSlice(valueOffset, header.storedBytes());
      return copyOrDecompress(hash, address, key, stored, header);
    } finally {
      if (!kept) {
        target.release();
      }
    }
  }

  private void notifyExpired(int cache, MemorySegment memory, int at, RecordLayout.Header header) {
    byte[] key =
        memory
            .asSlice(at + RecordLayout.HEADER_BYTES, header.keyBytes())
            .toArray(ValueLayout.JAVA_BYTE);
    FileRemovalListener removalListener = options.removalListener();
    byte[] value =
        removalListener.needsValues() ? ReclaimTracker.valueOf(memory, at, header) : null;
    removalListener.onRemoval(cache, key, header.valueBytes(), value, true);
  }

  private static FileValue wrap(ReadTarget target, int valueOffset, RecordLayout.Header header) {
    long ref = target instanceof ReadTarget.InChunk chunk ? chunk.ref() : ChunkRef.NONE;
    MemorySegment value = target.memory().asSlice(valueOffset, header.valueBytes());
    return new FileValue(ref, value, header.expiresAtNanos(), target::release);
  }

  /** Copies or decompresses a value into memory of its size. */
  private @Nullable FileValue copyOrDecompress(
      KeyHash hash,
      long address,
      MemorySegment key,
      MemorySegment stored,
      RecordLayout.Header header) {
    int valueOffset = ChunkLayout.valueOffset(key.byteSize());
    ReadTarget target = targets.allocateExact(valueOffset + header.valueBytes());
    FileValue value = null;
    try {
      MemorySegment to = target.memory().asSlice(valueOffset);
      if (!header.isCompressed()) {
        var _ = to.copyFrom(stored);
      }
      if (!header.isCompressed() || Compressor.decompress(stored, to)) {
        var _ = ChunkLayout.write(target.memory(), 0, key, header.valueBytes());
        value = wrap(target, valueOffset, header);
      } else if (indexRemoval.removeIfCurrent(hash, address, true)) {
        logDamaged(address, reader.sequenceOf(address));
      }
      return value;
    } finally {
      if (value == null) {
        target.release();
      }
    }
  }

  private void logDamaged(long address, long sequence) {
    if (loggedExtents.add(sequence)) {
      LOG.log(
          Level.WARNING,
          log.file().path()
              + ": a record of the extent at byte "
              + log.file().geometry().extentOffset(RecordAddress.slot(address))
              + " does not verify; reads of damaged records of this extent are misses, and only"
              + " this one is logged");
    }
  }

  private void logFailed(String message) {
    LOG.log(Level.DEBUG, log.file().path() + " can't be read: " + message);
  }

  void forEachKey(int cache, KeyVisitor visitor) {
    keys.forEach(cache, visitor);
  }
}
