package dev.carafe.contenders;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.mapdb.DB;
import org.mapdb.DBMaker;
import org.mapdb.DataInput2;
import org.mapdb.DataOutput2;
import org.mapdb.HTreeMap;
import org.mapdb.Serializer;

/** MapDB's hash map: in direct memory with eviction by store size, or over a mapped file. */
final class MapDbStore implements Store {
  private final DB db;
  private final HTreeMap<Long, Slice> map;
  private final boolean commits;

  private MapDbStore(DB db, DB.HashMapMaker<?, ?> maker, boolean commits) {
    this.db = db;
    this.map = maker.keySerializer(Serializer.LONG).valueSerializer(new Values()).createOrOpen();
    this.commits = commits;
  }

  static Store direct(Sizing sizing) {
    DB db = DBMaker.memoryDirectDB().concurrencyScale(16).make();
    DB.HashMapMaker<?, ?> maker =
        db.hashMap("bench")
            .layout(16, 16, 4)
            .expireStoreSize(sizing.memoryBytes())
            .expireAfterCreate(3650, TimeUnit.DAYS);
    return new MapDbStore(db, maker, false);
  }

  static Store file(Sizing sizing, boolean transactions) {
    Path file = sizing.home().resolve("bench.mapdb");
    DBMaker.Maker maker = DBMaker.fileDB(file.toFile()).fileMmapEnable().concurrencyScale(16);
    maker.allocateIncrement(64L << 20);
    DB db = transactions ? maker.transactionEnable().make() : maker.make();
    return new MapDbStore(db, db.hashMap("bench").layout(16, 16, 4), transactions);
  }

  /** Copies between the buffers of the store and the caller's array. */
  private static final class Values implements Serializer<Slice> {
    @Override
    public void serialize(DataOutput2 out, Slice value) throws IOException {
      out.packInt(value.length());
      out.write(value.array(), 0, value.length());
    }

    @Override
    public Slice deserialize(DataInput2 in, int available) throws IOException {
      int length = in.unpackInt();
      Slice slice = Slice.forRead(length);
      in.readFully(slice.array(), 0, length);
      return slice;
    }
  }

  @Override
  public int get(long key, byte[] into) {
    Slice.readInto(into);
    Slice found = map.get(key);
    return found == null ? MISS : found.length();
  }

  @Override
  public void put(long key, byte[] value, int length) {
    map.put(key, Slice.toWrite(value, length));
  }

  @Override
  public void remove(long key) {
    map.remove(key);
  }

  @Override
  public void flush() {
    if (commits) {
      db.commit();
    } else {
      db.getStore().commit();
    }
  }

  @Override
  public long entries() {
    return map.sizeLong();
  }

  @Override
  public void close() {
    if (commits) {
      db.commit();
    }
    db.close();
  }
}
