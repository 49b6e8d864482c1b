package dev.carafe.device;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A disk in memory with a journal of all operations, so that a test can reconstruct the content
 * after a crash at any moment. A kill keeps every write. A power cut keeps the synced data and some
 * other writes, in any order, torn at sectors.
 */
public final class SimDisk {
  private static final int SECTOR_BYTES = 512;
  private static final int BLOCK_BYTES = 4096;

  private final byte[] start;
  private boolean named;
  private byte[] seen;
  private final List<Event> journal = new ArrayList<>();

  /** An operation on the disk, or a mark of a test. */
  public sealed interface Event {}

  /** A write that reached the disk's cache. */
  public record Write(int offset, byte[] bytes) implements Event {}

  /** Blocks were returned to the file system: all, or some of a punch that failed. */
  public record Punch(int offset, int bytes) implements Event {}

  /** The length of the file was changed. */
  public record Resize(int bytes) implements Event {}

  /** A new file was linked to its name, durably. Before that, a crash leaves no file. */
  public record Published() implements Event {}

  /** All writes before it are durable. */
  public record Sync() implements Event {}

  /**
   * A sync failed. Earlier writes that are not durable never become durable, except for a random
   * part, unless they are repeated. Reads return the written content, or the durable content if the
   * pages were evicted.
   */
  public record Dropped(List<Event> kept) implements Event {}

  /** Pages were evicted; later reads return this content. */
  public record Evicted(byte[] content) implements Event {}

  /** A test's own mark. */
  public record Mark(Object what) implements Event {}

  /** Creates a disk that has a file with these durable bytes; without bytes it has no file. */
  public SimDisk(byte[] content) {
    this(content, content.length > 0);
  }

  /** Creates a disk that has a file with these durable bytes, or no file. */
  public SimDisk(byte[] content, boolean named) {
    this.named = named;
    this.start = content.clone();
    this.seen = content.clone();
  }

  synchronized void publish() {
    if (!named) {
      named = true;
      journal.add(new Published());
    }
  }

  /** Whether a crash after so many events leaves no file. */
  private boolean isUnnamed(int events) {
    List<Event> all = journal();
    return all.subList(events, all.size()).stream().anyMatch(Published.class::isInstance);
  }

  synchronized void write(int offset, byte[] bytes) {
    grow(offset + bytes.length);
    System.arraycopy(bytes, 0, seen, offset, bytes.length);
    journal.add(new Write(offset, bytes));
  }

  /** Zeros blocks. Without support by the file system, nothing happens. */
  synchronized void punch(int offset, int bytes) {
    Punch punch = new Punch(offset, bytes);
    seen = apply(seen, punch);
    journal.add(punch);
  }

  private void grow(int bytes) {
    if (bytes > seen.length) {
      seen = Arrays.copyOf(seen, bytes);
    }
  }

  /** Bytes from an offset, fewer at the end of the file. */
  synchronized byte[] read(int offset, int bytes) {
    int from = Math.min(offset, seen.length);
    return Arrays.copyOfRange(seen, from, Math.min(seen.length, offset + bytes));
  }

  synchronized void sync() {
    journal.add(new Sync());
  }

  /** Fails a sync, which drops all or some of its writes, as Linux does. */
  synchronized void failSync(SplittableRandom random, boolean evicts) {
    List<Event> loose = new ArrayList<>();
    byte[] durable = durable(journal.size(), loose);
    List<Event> kept = landed(loose, random);
    journal.add(new Dropped(kept));
    if (evicts) {
      for (Event event : kept) {
        durable = apply(durable, event);
      }
      seen = Arrays.copyOf(durable, Math.max(durable.length, seen.length));
      journal.add(new Evicted(seen.clone()));
    }
  }

  /** Truncates or extends the file, as the engine or another program does. */
  public synchronized void resize(int bytes) {
    seen = Arrays.copyOf(seen, bytes);
    journal.add(new Resize(bytes));
  }

  synchronized int length() {
    return seen.length;
  }

  /** Adds a mark of the test to the journal. */
  public synchronized void mark(Object what) {
    journal.add(new Mark(what));
  }

  /** Changes a byte of the content. */
  public synchronized void flip(int offset, int mask) {
    seen[offset] ^= (byte) mask;
  }

  /** The current content. */
  public synchronized byte[] content() {
    return seen.clone();
  }

  /** All events so far. */
  public synchronized List<Event> journal() {
    return List.copyOf(journal);
  }

  /** The content after a kill of the process that follows a number of events: every write. */
  public byte[] afterKill(int events) {
    if (isUnnamed(events)) {
      return new byte[0];
    }
    byte[] image = start.clone();
    for (Event event : journal().subList(0, events)) {
      image = apply(image, event);
    }
    return image;
  }

  /** A random content after a power cut that follows a number of events. */
  public byte[] afterPowerCut(int events, SplittableRandom random) {
    if (isUnnamed(events)) {
      return new byte[0];
    }
    List<Event> loose = new ArrayList<>();
    byte[] image = durable(events, loose);
    for (Event event : landed(loose, random)) {
      image = apply(image, event);
    }
    return image;
  }

  /**
   * The events that reach the disk. Writes do so in any order. A punch stays between the writes
   * before it and those after it, since it frees blocks and a later write allocates others.
   */
  private static List<Event> landed(List<Event> loose, SplittableRandom random) {
    List<Event> all = new ArrayList<>();
    List<Event> writes = new ArrayList<>();
    for (Event event : loose) {
      if (event instanceof Punch punch) {
        all.addAll(landedWrites(writes, random));
        writes.clear();
        all.addAll(tear(punch, random));
      } else {
        writes.add(event);
      }
    }
    all.addAll(landedWrites(writes, random));
    return all;
  }

  private static List<Event> landedWrites(List<Event> writes, SplittableRandom random) {
    List<Event> landed = new ArrayList<>();
    shuffle(writes, random);
    for (Event event : writes) {
      if (event instanceof Write write) {
        landed.addAll(tear(write, random));
      }
    }
    return landed;
  }

  /** The blocks of a punch that are free after a crash: none, all or some. */
  private static List<Punch> tear(Punch punch, SplittableRandom random) {
    int chance = random.nextInt(5);
    if (chance < 4) {
      return chance < 2 ? List.of() : List.of(punch);
    }
    List<Punch> torn = new ArrayList<>();
    for (int from = 0; from < punch.bytes(); from += BLOCK_BYTES) {
      if (random.nextBoolean()) {
        torn.add(new Punch(punch.offset() + from, BLOCK_BYTES));
      }
    }
    return torn;
  }

  /** The durable content after a number of events; collects the other writes. */
  private byte[] durable(int events, List<Event> loose) {
    byte[] image = start.clone();
    for (Event event : journal().subList(0, events)) {
      switch (event) {
        case Sync sync -> {
          for (Event synced : loose) {
            image = apply(image, synced);
          }
          loose.clear();
        }
        case Dropped(List<Event> kept) -> {
          for (Event landed : kept) {
            image = apply(image, landed);
          }
          loose.clear();
        }
        case Resize resize -> image = apply(image, resize);
        case Write write -> loose.add(write);
        case Punch punch -> loose.add(punch);
        case Evicted evicted -> {}
        case Published published -> {}
        case Mark mark -> {}
      }
    }
    return image;
  }

  private static void shuffle(List<Event> events, SplittableRandom random) {
    for (int i = events.size() - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      Event event = events.get(i);
      events.set(i, events.get(j));
      events.set(j, event);
    }
  }

  private static byte[] apply(byte[] image, Event event) {
    return switch (event) {
      case Write(int offset, byte[] bytes) -> {
        byte[] grown =
            offset + bytes.length > image.length
                ? Arrays.copyOf(image, offset + bytes.length)
                : image;
        System.arraycopy(bytes, 0, grown, offset, bytes.length);
        yield grown;
      }
      case Punch(int offset, int bytes) -> {
        int from = Math.min(offset, image.length);
        Arrays.fill(image, from, Math.min(image.length, offset + bytes), (byte) 0);
        yield image;
      }
      case Resize(int bytes) -> Arrays.copyOf(image, bytes);
      case Evicted(byte[] content) -> content.clone();
      case Dropped dropped -> image;
      case Sync sync -> image;
      case Published published -> image;
      case Mark mark -> image;
    };
  }

  /** The part of a write that reaches the disk. */
  private static List<Write> tear(Write write, SplittableRandom random) {
    int chance = random.nextInt(5);
    if (chance < 2) {
      return List.of(); // lost
    }
    if (chance < 4) {
      return List.of(write); // landed
    }
    List<Write> torn = new ArrayList<>();
    for (int from = 0; from < write.bytes().length; from += SECTOR_BYTES) {
      if (random.nextBoolean()) {
        int to = Math.min(write.bytes().length, from + SECTOR_BYTES);
        byte[] sector = Arrays.copyOfRange(write.bytes(), from, to);
        torn.add(new Write(write.offset() + from, sector));
      }
    }
    return torn;
  }
}
