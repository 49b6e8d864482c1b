package dev.carafe.redis;

import java.util.concurrent.atomic.LongAdder;

/** Counts the outcomes of reads. */
final class Counters {
  private final boolean isBackground;
  final LongAdder nearHits = new LongAdder();
  final LongAdder staleHits = new LongAdder();
  final LongAdder farHits = new LongAdder();
  final LongAdder farMisses = new LongAdder();
  final LongAdder confirmedHits = new LongAdder();
  final LongAdder unchanged;
  final LongAdder changed;

  Counters() {
    this.isBackground = false;
    this.unchanged = new LongAdder();
    this.changed = new LongAdder();
  }

  private Counters(Counters of) {
    this.isBackground = true;
    this.unchanged = of.unchanged;
    this.changed = of.changed;
  }

  /** Returns counters for comparisons that no reader waits for, which count nothing else. */
  Counters background() {
    return new Counters(this);
  }

  /**
   * Counts an answer of the server.
   *
   * @param wasKnown whether the near tier had an unverified value
   */
  void countReply(Reply reply, boolean wasKnown, boolean isEqual) {
    if (!isBackground) {
      (reply.bytes() == null ? farMisses : farHits).increment();
      if (wasKnown && isEqual) {
        confirmedHits.increment();
      }
    }
    if (wasKnown) {
      (isEqual ? unchanged : changed).increment();
    }
  }
}
