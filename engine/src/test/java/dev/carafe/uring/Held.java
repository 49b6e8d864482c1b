package dev.carafe.uring;

import java.util.concurrent.CountDownLatch;

/**
 * An operation that the kernel completes at once, and whose callback waits until the test releases
 * it.
 */
final class Held extends Nop {
  final CountDownLatch inCallback = new CountDownLatch(1);
  final CountDownLatch release = new CountDownLatch(1);

  @Override
  protected void onCompleted() {
    inCallback.countDown();
    try {
      release.await();
    } catch (InterruptedException e) {
      throw new AssertionError("the test was interrupted", e);
    }
    super.onCompleted();
  }
}
