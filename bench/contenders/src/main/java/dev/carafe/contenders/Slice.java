package dev.carafe.contenders;

import java.nio.ByteBuffer;

/**
 * Bytes of an array that a library's serializer copies from or into. One a thread: a library that
 * deserializes then writes straight into the array of whoever asked, and no array is made for it.
 */
final class Slice {
  private static final byte[] NOTHING = new byte[0];
  private static final ThreadLocal<Slice> OF_THREAD = ThreadLocal.withInitial(Slice::new);

  private byte[] array = NOTHING;
  private byte[] spare = NOTHING;
  private int length;

  /** Sets this thread's slice over an array that a read is to fill. */
  static void readInto(byte[] array) {
    OF_THREAD.get().array = array;
  }

  /**
   * A slice to be written, of its own: a write that reads the value before, for reasons of the
   * library's, must not read it over this one.
   */
  static Slice toWrite(byte[] array, int length) {
    readInto(NOTHING);
    Slice slice = new Slice();
    slice.array = array;
    slice.length = length;
    return slice;
  }

  /** This thread's slice for so many bytes, over its own array where the caller's is too short. */
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

  /** Fills this thread's slice with so many bytes of a buffer. */
  static Slice read(ByteBuffer from, int bytes) {
    Slice slice = forRead(bytes);
    from.get(slice.array, 0, bytes);
    return slice;
  }
}
