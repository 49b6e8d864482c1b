package dev.carafe.tier;

import dev.carafe.log.RecordAddress;
import dev.carafe.log.RecordReader;
import dev.carafe.log.RecordReader.Outcome;
import dev.carafe.log.format.KeyHash;
import dev.carafe.log.format.RecordLayout;
import java.lang.foreign.ValueLayout;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Lists the keys of the file. The index has only their hashes, so each key is read from its record.
 */
final class FileKeys {
  private final RecordReader reader;
  private final ReadTargets targets;
  private final FileIndex index;
  private final LongSupplier nowNanos;

  FileKeys(RecordReader reader, ReadTargets targets, FileIndex index, LongSupplier nowNanos) {
    this.reader = reader;
    this.targets = targets;
    this.index = index;
    this.nowNanos = nowNanos;
  }

  /** Visits the keys of a cache whose values have not expired. */
  void forEach(int cache, KeyVisitor visitor) {
    index.forEach(
        cache,
        (hash, address) -> {
          long[] expires = {0};
          byte[] key = readKey(hash, address, expires);
          if (key != null) {
            visitor.visit(key, hash, expires[0]);
          }
        });
  }

  private byte @Nullable [] readKey(KeyHash hash, long seen, long[] expiresAtNanos) {
    for (int attempt = 0; attempt < FileReads.MAX_ATTEMPTS; attempt++) {
      long address = attempt == 0 ? seen : index.find(hash);
      long sequence = address == RecordAddress.NONE ? -1 : reader.sequenceOf(address);
      if (address == RecordAddress.NONE) {
        return null;
      }
      if (sequence >= 0) {
        boolean whole = attempt % 2 == 1; // the key alone did not verify
        int bytes = whole ? reader.windowBytes(address) : reader.keyWindowBytes(address);
        ReadTarget target = targets.allocate(bytes);
        try {
          Outcome outcome =
              whole
                  ? reader.read(address, sequence, null, target.memory())
                  : reader.readKey(address, sequence, hash, target.memory());
          if (outcome instanceof Outcome.Found(RecordLayout.Header header, int at)) {
            expiresAtNanos[0] = header.expiresAtNanos();
            boolean expired = header.expiresAtNanos() <= nowNanos.getAsLong();
            return expired
                ? null
                : target
                    .memory()
                    .asSlice(at + RecordLayout.HEADER_BYTES, header.keyBytes())
                    .toArray(ValueLayout.JAVA_BYTE);
          }
        } finally {
          target.release();
        }
      }
    }
    return null;
  }
}
