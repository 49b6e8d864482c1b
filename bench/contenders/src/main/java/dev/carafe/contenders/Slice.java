package dev.carafe.contenders;

import java.nio.ByteBuffer;

/**
 * A range of an array that a serializer reads or writes. Each thread has one instance for reads, so
 * that a library deserializes into the caller's array without allocating an array.
 */
final class Slice {
  private static final byte[] NOTHING = new byte[0];
  private static final ThreadLocal<Slice> OF_THREAD = ThreadLocal.withInitial(Slice::new);

  private byte[] array = NOTHING;
  private byte[] spare = NOTHING;
  private int length;

  /** Sets the array of this thread's slice for a read. */
  static void readInto(byte[] array) {
    OF_THREAD.get().array = array;
  }

  /**
   * Returns a new slice for a write. Some libraries read the old value during a write; that read
   * must not overwrite this slice.
   */
  static Slice toWrite(byte[] array, int length) {
    readInto(NOTHING);
    Slice slice = new Slice();
    slice.array = array;
    slice.length = length;
    return slice;
  }

  /** Returns this thread's slice for a read; it uses a spare array if the caller's is too short. */
  static Slice forRead(int bytes) {
    Slice slice = OF_THREAD.get();
    if (slice.array.length < bytes) {
      if (slice.spare.length < bytes) {
        slice.spare = new byte[bytes];
      }
      slice.array = slice.spare;
    }
    slice.length = bytes;
    return slice;
  }

  byte[] array() {
    return array;
  }

  int length() {
    return length;
  }

  /** Reads bytes of a buffer into this thread's slice. */
  static Slice read(ByteBuffer from, int bytes) {
    Slice slice = forRead(bytes);
    from.get(slice.array, 0, bytes);
    return slice;
  }
}
