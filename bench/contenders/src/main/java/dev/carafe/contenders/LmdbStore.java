package dev.carafe.contenders;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.lmdbjava.Dbi;
import org.lmdbjava.DbiFlags;
import org.lmdbjava.Env;
import org.lmdbjava.EnvFlags;
import org.lmdbjava.Txn;

/** LMDB over a mapped file. Each put is a write transaction; threads renew a read transaction. */
final class LmdbStore implements Store {
  private final Env<ByteBuffer> env;
  private final Dbi<ByteBuffer> dbi;
  private final Queue<Reader> readers = new ConcurrentLinkedQueue<>();
  private final ThreadLocal<Reader> reader = ThreadLocal.withInitial(this::newReader);
  private final ThreadLocal<ByteBuffer> keys =
      ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(Long.BYTES));

  /** The read transaction and the key buffer of a thread. */
  private record Reader(Txn<ByteBuffer> txn, ByteBuffer key) {}

  LmdbStore(Sizing sizing) throws IOException {
    Path folder = Files.createDirectories(sizing.home().resolve("lmdb"));
    this.env =
        Env.create()
            .setMapSize(Math.max(1L << 20, sizing.fileBytes() / 4096 * 4096))
            .setMaxDbs(1)
            .setMaxReaders(1024)
            .open(
                folder.toFile(),
                EnvFlags.MDB_NOSYNC,
                EnvFlags.MDB_WRITEMAP,
                EnvFlags.MDB_NORDAHEAD,
                EnvFlags.MDB_NOTLS);
    this.dbi = env.openDbi("bench", DbiFlags.MDB_CREATE);
  }

  private Reader newReader() {
    Txn<ByteBuffer> txn = env.txnRead();
    txn.reset();
    Reader made = new Reader(txn, ByteBuffer.allocateDirect(Long.BYTES));
    readers.add(made);
    return made;
  }

  @Override
  public int get(long key, byte[] into) {
    Reader mine = reader.get();
    mine.txn().renew();
    try {
      ByteBuffer value = dbi.get(mine.txn(), mine.key().putLong(0, key));
      if (value == null) {
        return MISS;
      }
      int length = value.remaining();
      value.get(value.position(), into, 0, length);
      return length;
    } finally {
      mine.txn().reset();
    }
  }

  @Override
  public int visit(long key) {
    Reader mine = reader.get();
    mine.txn().renew();
    try {
      ByteBuffer value = dbi.get(mine.txn(), mine.key().putLong(0, key));
      return value == null ? MISS : value.remaining() + (value.get(value.position()) & 0);
    } finally {
      mine.txn().reset();
    }
  }

  @Override
  public void put(long key, byte[] value, int length) {
    try (Txn<ByteBuffer> txn = env.txnWrite()) {
      dbi.reserve(txn, keys.get().putLong(0, key), length).put(value, 0, length);
      txn.commit();
    }
  }

  @Override
  public void remove(long key) {
    try (Txn<ByteBuffer> txn = env.txnWrite()) {
      dbi.delete(txn, keys.get().putLong(0, key));
      txn.commit();
    }
  }

  @Override
  public void flush() {
    env.sync(true);
  }

  @Override
  public long entries() {
    try (Txn<ByteBuffer> txn = env.txnRead()) {
      return dbi.stat(txn).entries;
    }
  }

  @Override
  public void close() {
    env.sync(true);
    readers.forEach(each -> each.txn().close());
    env.close();
  }
}
