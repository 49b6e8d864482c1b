package dev.carafe.redis;

import java.util.concurrent.atomic.LongAdder;

/** Counts the outcomes of reads. */
final class Counters {
  final LongAdder nearHits = new LongAdder();
  final LongAdder staleHits = new LongAdder();
  final LongAdder farHits = new LongAdder();
  final LongAdder farMisses = new LongAdder();
  final LongAdder unchanged = new LongAdder();
  final LongAdder changed = new LongAdder();

  /**
   * Counts an answer of the server.
   *
   * @param wasKnown whether the near tier had an unverified value
   */
  void countReply(Reply reply, boolean wasKnown, boolean isEqual) {
    (reply.bytes() == null ? farMisses : farHits).increment();
    if (wasKnown) {
      (isEqual ? unchanged : changed).increment();
    }
  }
}
