package dev.carafe.bench.policy;

/**
 * S3-FIFO (Yang and others, SOSP 2023). New keys enter a small FIFO queue of a tenth of the
 * capacity. Keys that are read twice there move to the main queue. Other keys are evicted and enter
 * a ghost queue. A new key that is in the ghost queue enters the main queue. The main queue
 * reinserts a key once for each read, up to three times.
 */
final class S3Fifo extends EvictingMemory {
  private static final int SMALL_SHARE = 10;
  private static final int MAX_READS = 3;
  private static final int READS_TO_STAY = 2;

  private final KeyQueue small;
  private final KeyQueue main;
  private final KeyQueue ghosts;
  private final int[] ghostBytes;
  private final byte[] reads;
  private long smallUsedBytes;
  private long ghostUsedBytes;

  S3Fifo(int keyCount, long capacityBytes) {
    super(keyCount, capacityBytes);
    small = new KeyQueue(keyCount);
    main = new KeyQueue(keyCount);
    ghosts = new KeyQueue(keyCount);
    ghostBytes = new int[keyCount];
    reads = new byte[keyCount];
  }

  @Override
  void hit(int key) {
    reads[key] = (byte) Math.min(MAX_READS, reads[key] + 1);
  }

  @Override
  void insert(int key) {
    reads[key] = 0;
    if (ghosts.contains(key)) {
      removeGhost(key);
      main.addFirst(key);
    } else {
      small.addFirst(key);
      smallUsedBytes += size(key);
    }
  }

  @Override
  void unlink(int key) {
    if (small.contains(key)) {
      removeFromSmall(key);
    } else {
      main.remove(key);
    }
  }

  private void removeFromSmall(int key) {
    small.remove(key);
    smallUsedBytes -= size(key);
  }

  @Override
  int selectVictim() {
    for (; ; ) {
      boolean fromSmall =
          smallUsedBytes > capacityBytes / SMALL_SHARE || main.last() == KeyQueue.NONE;
      int oldest = fromSmall ? small.last() : main.last();
      if (fromSmall) {
        removeFromSmall(oldest);
        if (reads[oldest] < READS_TO_STAY) {
          addGhost(oldest);
          return oldest;
        }
        reads[oldest] = 0;
      } else {
        main.remove(oldest);
        if (reads[oldest] == 0) {
          return oldest;
        }
        reads[oldest]--;
      }
      main.addFirst(oldest);
    }
  }

  private void addGhost(int key) {
    ghosts.addFirst(key);
    ghostBytes[key] = size(key);
    ghostUsedBytes += size(key);
    while (ghostUsedBytes > capacityBytes / SMALL_SHARE * (SMALL_SHARE - 1)) {
      removeGhost(ghosts.last());
    }
  }

  private void removeGhost(int key) {
    ghosts.remove(key);
    ghostUsedBytes -= ghostBytes[key];
  }
}
