package dev.carafe;

import dev.carafe.spi.ArrayCodec;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.bytes.BytesMarshallable;
import net.openhft.chronicle.bytes.BytesStore;
import net.openhft.chronicle.bytes.PointerBytesStore;
import net.openhft.chronicle.bytes.VanillaBytes;

/**
 * Objects that encode themselves through Chronicle Bytes.
 *
 * <p>Decoding reads through a view that each thread keeps and repositions for every value: a new
 * view would allocate 192 bytes per call. After repositioning, {@code clear} sets the bounds of the
 * view.
 */
final class MarshallableCodec<T extends BytesMarshallable> implements ArrayCodec<T> {
  private final Class<T> type;
  private final MethodHandle constructor;
  private final ThreadLocal<Scratch> scratch = ThreadLocal.withInitial(Scratch::new);

  private static final class Scratch {
    final Bytes<byte[]> written = Bytes.allocateElasticOnHeap(256);
    final PointerBytesStore pointer = BytesStore.nativePointer();
    final VanillaBytes<Void> view = pointer.bytesForWrite();
  }

  MarshallableCodec(Class<T> type) {
    this.type = type;
    try {
      this.constructor =
          MethodHandles.privateLookupIn(type, MethodHandles.lookup())
              .findConstructor(type, MethodType.methodType(void.class))
              .asType(MethodType.methodType(BytesMarshallable.class));
    } catch (ReflectiveOperationException e) {
      throw new IllegalArgumentException(
          "type " + type.getName() + " needs a constructor without parameters", e);
    }
  }

  @Override
  public String fingerprint() {
    return "marshallable/1 " + type.getName();
  }

  @Override
  public byte[] toArray(T value) {
    if (value.getClass() != type) { // which decode would not give back (contract R7)
      throw new IllegalArgumentException(
          "a value of "
              + value.getClass().getName()
              + " given to a codec of "
              + type.getName()
              + ", which reads that class only");
    }
    Bytes<byte[]> bytes = scratch.get().written;
    bytes.clear();
    value.writeMarshallable(bytes);
    return bytes.toByteArray();
  }

  @Override
  public T decode(MemorySegment source) {
    T value = newInstance();
    if (source.isNative()) {
      Scratch mine = scratch.get();
      mine.pointer.set(source.address(), source.byteSize());
      mine.view.clear();
      mine.view.readPositionRemaining(0, source.byteSize());
      value.readMarshallable(mine.view);
    } else {
      value.readMarshallable(Bytes.wrapForRead(source.toArray(ValueLayout.JAVA_BYTE)));
    }
    return value;
  }

  @SuppressWarnings("unchecked")
  private T newInstance() {
    try {
      return (T) (BytesMarshallable) constructor.invokeExact();
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("the constructor of a marshallable value failed", e);
    }
  }
}
