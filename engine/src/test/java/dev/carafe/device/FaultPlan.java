package dev.carafe.device;

import java.util.EnumMap;
import java.util.Map;
import java.util.SplittableRandom;

/** Which operations of a simulated device fail, and how. A seed makes it repeatable. */
public final class FaultPlan {
  /** What can go wrong with one operation. */
  public enum Fault {
    /** Nothing. */
    NONE,
    /** A write fails. */
    WRITE_EIO,
    /** The disk is full. */
    WRITE_ENOSPC,
    /** A write transfers a part and then no more. */
    WRITE_SHORT,
    /** A read fails. */
    READ_EIO,
    /** A read ends early, as in a truncated file. */
    READ_SHORT,
    /** A read returns one wrong bit. */
    READ_ROT,
    /** A sync fails. */
    SYNC_EIO;

    private boolean isOf(IoOp.Kind kind) {
      return name().startsWith(kind.name() + "_");
    }
  }

  private final SplittableRandom random;
  private final Map<Fault, Integer> injected = new EnumMap<>(Fault.class);
  private int perMille;
  private int syncsPerMille;
  private boolean full;
  private int writesLeft = Integer.MAX_VALUE;
  private boolean evicting;
  private boolean unreadable;
  private Fault chosen = Fault.NONE;
  private int chosenIn;
  private boolean chosenForGood;
  private volatile Runnable beforeReads = () -> {};

  /** A plan without faults until a method below adds them. */
  public FaultPlan(long seed) {
    this.random = new SplittableRandom(seed);
  }

  /** Sets the number of operations of 1,000 that fail. */
  public synchronized void rate(int newPerMille) {
    this.perMille = newPerMille;
  }

  /** Sets the number of syncs of 1,000 that fail. */
  public synchronized void failSyncs(int newPerMille) {
    this.syncsPerMille = newPerMille;
  }

  /** Every read fails, or no longer does. */
  public synchronized void failReads(boolean nowFailing) {
    this.unreadable = nowFailing;
  }

  /** Runs before each read of the device, on the thread that performs it. */
  public void beforeReads(Runnable hook) {
    this.beforeReads = hook;
  }

  /** Every write fails with ENOSPC, or no longer does. */
  public synchronized void full(boolean nowFull) {
    this.full = nowFull;
  }

  /** After a number of writes, every write and every extension of the file fails with ENOSPC. */
  public synchronized void fullAfter(int writes) {
    this.writesLeft = writes;
  }

  /** The bytes that a punch of so many returns to the file system before it fails, if it does. */
  synchronized int punchedBytes(int bytes) {
    return random.nextInt(1000) < perMille ? random.nextInt(bytes / 4096) * 4096 : bytes;
  }

  synchronized boolean canExtend() {
    return writesLeft > 0;
  }

  /**
   * Lets one operation fail, or one and all that follow.
   *
   * @param inOperations 1 for the next operation of the fault's kind
   */
  public synchronized void fail(Fault fault, int inOperations, boolean forGood) {
    this.chosen = fault;
    this.chosenIn = inOperations;
    this.chosenForGood = forGood;
  }

  /** Ends the fault of {@link #fail}. */
  public synchronized void heal() {
    this.chosen = Fault.NONE;
  }

  /** How often each fault was injected. */
  public synchronized Map<Fault, Integer> injected() {
    return Map.copyOf(injected);
  }

  Fault next(IoOp.Kind kind) {
    if (kind == IoOp.Kind.READ) {
      beforeReads.run(); // not under the lock: it may wait
    }
    return nextFault(kind);
  }

  private synchronized Fault nextFault(IoOp.Kind kind) {
    Fault fault = choose(kind);
    if (fault != Fault.NONE) {
      injected.merge(fault, 1, Integer::sum);
    }
    return fault;
  }

  private Fault choose(IoOp.Kind kind) {
    if (chosen.isOf(kind) && --chosenIn <= 0 && (chosenForGood || chosenIn == 0)) {
      return chosen;
    }
    if (kind == IoOp.Kind.WRITE && (full || writesLeft == 0)) {
      return Fault.WRITE_ENOSPC;
    }
    if (kind == IoOp.Kind.WRITE && writesLeft < Integer.MAX_VALUE) {
      writesLeft--;
    }
    if (unreadable && kind == IoOp.Kind.READ) {
      return Fault.READ_EIO;
    }
    int rate = kind == IoOp.Kind.SYNC ? Math.max(perMille, syncsPerMille) : perMille;
    if (random.nextInt(1000) >= rate) {
      return Fault.NONE;
    }
    return switch (kind) {
      case WRITE ->
          switch (random.nextInt(3)) {
            case 0 -> Fault.WRITE_EIO;
            case 1 -> Fault.WRITE_ENOSPC;
            default -> Fault.WRITE_SHORT;
          };
      case READ ->
          switch (random.nextInt(3)) {
            case 0 -> Fault.READ_EIO;
            case 1 -> Fault.READ_SHORT;
            default -> Fault.READ_ROT;
          };
      case SYNC -> Fault.SYNC_EIO;
    };
  }

  /** Pages that a failed sync dropped are read from the disk from now on, not from memory. */
  public synchronized void evict(boolean nowEvicting) {
    this.evicting = nowEvicting;
  }

  synchronized void dropUnsynced(SimDisk disk) {
    disk.failSync(random, evicting);
  }

  synchronized int nextInt(int bound) {
    return random.nextInt(bound);
  }
}
