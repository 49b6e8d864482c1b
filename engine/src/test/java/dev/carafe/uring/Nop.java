package dev.carafe.uring;

import dev.carafe.uring.ffi.UringAbi;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** An operation that only passes through the kernel, and counts what the ring does with it. */
class Nop extends RingOp {
  final AtomicInteger prepared = new AtomicInteger();
  final AtomicInteger completed = new AtomicInteger();
  final AtomicInteger callbacks = new AtomicInteger();
  final CountDownLatch finished = new CountDownLatch(1);
  volatile int result = Integer.MIN_VALUE;

  @Override
  protected void prepare(SubmissionQueue queue, long userData) {
    prepared.getAndIncrement();
    queue.command(UringAbi.OP_NOP, 0, userData);
  }

  @Override
  protected boolean onResult(int outcome) {
    completed.getAndIncrement();
    result = outcome;
    return true;
  }

  @Override
  protected void onRefused(int errno) {
    result = -errno;
    onCompleted();
  }

  @Override
  protected void onCompleted() {
    callbacks.getAndIncrement();
    finished.countDown();
  }
}
