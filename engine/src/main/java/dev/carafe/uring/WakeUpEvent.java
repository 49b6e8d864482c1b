package dev.carafe.uring;

import dev.carafe.uring.ffi.Libc;
import dev.carafe.uring.ffi.NativeMapping;
import java.util.concurrent.locks.ReentrantLock;

/**
 * An eventfd that wakes a thread which waits in io_uring_enter: the thread has a read of the
 * eventfd in flight on its ring, and a write to the eventfd completes the read. Any thread may call
 * {@link #signal}. The waiting thread calls the other methods, and after its end the thread that
 * closes the ring.
 */
final class WakeUpEvent {
  /** User data of the eventfd read. No operation has it: slots count from 0. */
  static final long USER_DATA = -1;

  private final int fd;
  private final NativeMapping value;

  /** Held to write to the eventfd and to close it. */
  private final ReentrantLock lock = new ReentrantLock();

  private boolean closed; // guarded by lock
  private boolean readInFlight;

  /** Takes ownership of the eventfd and of the memory that receives its value. */
  WakeUpEvent(int fd, NativeMapping value) {
    this.fd = fd;
    this.value = value;
  }

  /** Completes the read in flight, or the next one. Does nothing after {@link #close}. */
  void signal() {
    lock.lock();
    try {
      if (!closed) {
        var _ = Libc.signalEventfd(fd);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Prepares a read of the eventfd if none is in flight. */
  void prepareRead(KernelRing ring) {
    if (!readInFlight) {
      ring.prepareRead(fd, value.segment(), USER_DATA);
      readInFlight = true;
    }
  }

  /** Records that the read has completed or was withdrawn. */
  void recordReadEnded() {
    readInFlight = false;
  }

  boolean isReadInFlight() {
    return readInFlight;
  }

  /** Closes the eventfd and unmaps its memory. No read may be in flight. */
  void close() {
    lock.lock();
    try {
      closed = true;
      var _ = Libc.close(fd);
    } finally {
      lock.unlock();
    }
    value.close();
  }
}
