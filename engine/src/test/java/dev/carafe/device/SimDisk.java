package dev.carafe.device;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A disk in memory that keeps a journal of all that was done to it, so that a test can go back to
 * any moment and see what a crash then would have left: a kill leaves every write, a power cut
 * leaves what was synced and of the rest some, in any order, torn at sectors.
 */
public final class SimDisk {
  private static final int SECTOR_BYTES = 512;

  private final byte[] start;
  private boolean named;
  private byte[] seen;
  private final List<Event> journal = new ArrayList<>();

  /** What happened to the disk, or what a test wants to remember of the moment. */
  public sealed interface Event {}

  /** A write that reached the disk's cache. */
  public record Write(int offset, byte[] bytes) implements Event {}

  /** The file got another length. */
  public record Resize(int bytes) implements Event {}

  /** A new file got its name, durably: before that, a crash leaves no file. */
  public record Published() implements Event {}

  /** All writes before it are durable. */
  public record Sync() implements Event {}

  /**
   * A sync failed: what was not durable before it never will be, but for what chance wrote, unless
   * it is written again; what is read stays, or is what is durable ("evicted").
   */
  public record Dropped(List<Write> kept) implements Event {}

  /** Pages were evicted: what is read is this from now on. */
  public record Evicted(byte[] content) implements Event {}

  /** A test's own mark. */
  public record Mark(Object what) implements Event {}

  /** A disk that holds a file of these bytes, all durable; none if there are none. */
  public SimDisk(byte[] content) {
    this(content, content.length > 0);
  }

  /** A disk that holds a file of these bytes, all durable, be it empty, or none. */
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

  /** A sync that fails gives up what it was to write, or some of it, as Linux does. */
  synchronized void failSync(SplittableRandom random, boolean evicts) {
    List<Event> loose = new ArrayList<>();
    byte[] durable = durable(journal.size(), loose);
    List<Write> kept = new ArrayList<>();
    shuffle(loose, random);
    for (Event event : loose) {
      if (event instanceof Write write) {
        kept.addAll(tear(write, random));
      }
    }
    journal.add(new Dropped(kept));
    if (evicts) {
      for (Write write : kept) {
        durable = apply(durable, write);
      }
      seen = Arrays.copyOf(durable, Math.max(durable.length, seen.length));
      journal.add(new Evicted(seen.clone()));
    }
  }

  /** Cuts or extends the file, as the engine or somebody outside does. */
  public synchronized void resize(int bytes) {
    seen = Arrays.copyOf(seen, bytes);
    journal.add(new Resize(bytes));
  }

  synchronized int length() {
    return seen.length;
  }

  /** Remembers something of this moment. */
  public synchronized void mark(Object what) {
    journal.add(new Mark(what));
  }

  /** Damages a byte of what is there. */
  public synchronized void flip(int offset, int mask) {
    seen[offset] ^= (byte) mask;
  }

  /** What is there now. */
  public synchronized byte[] content() {
    return seen.clone();
  }

  /** All that happened so far. */
  public synchronized List<Event> journal() {
    return List.copyOf(journal);
  }

  /** What a kill of the process after so many events leaves: every write. */
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

  /** What a power cut after so many events leaves, as chance will have it. */
  public byte[] afterPowerCut(int events, SplittableRandom random) {
    if (isUnnamed(events)) {
      return new byte[0];
    }
    List<Event> loose = new ArrayList<>();
    byte[] image = durable(events, loose);
    shuffle(loose, random);
    for (Event event : loose) {
      if (event instanceof Write write) {
        for (Write part : tear(write, random)) {
          image = apply(image, part);
        }
      }
    }
    return image;
  }

  /** What is durable after so many events; fills in what is written besides. */
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
        case Dropped(List<Write> kept) -> {
          for (Write write : kept) {
            image = apply(image, write);
          }
          loose.clear();
        }
        case Resize resize -> image = apply(image, resize);
        case Write write -> loose.add(write);
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
      case Resize(int bytes) -> Arrays.copyOf(image, bytes);
      case Evicted(byte[] content) -> content.clone();
      case Dropped dropped -> image;
      case Sync sync -> image;
      case Published published -> image;
      case Mark mark -> image;
    };
  }

  /** What of a write lands. */
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
