package dev.carafe.codecs;

import com.esotericsoftware.kryo.kryo5.Kryo;
import com.esotericsoftware.kryo.kryo5.io.Input;
import com.esotericsoftware.kryo.kryo5.io.Output;
import dev.carafe.spi.ArrayCodec;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.Supplier;

/**
 * Values by Kryo 5. A Kryo is not thread-safe, so each thread has its own.
 *
 * <p>Its default serializer knows fields by their order: a changed class can't read old bytes. Set
 * {@code CompatibleFieldSerializer} as the default to add and remove fields between two runs.
 *
 * @param <T> values
 */
public final class KryoCodec<T> implements ArrayCodec<T> {
  private static final int FIRST_BYTES = 256;

  private final Class<T> type;
  private final ThreadLocal<Kryo> kryo;

  /**
   * A codec.
   *
   * @param type of the values
   * @param kryos makes a Kryo with everything registered, in the same order each time
   */
  public KryoCodec(Class<T> type, Supplier<Kryo> kryos) {
    this.type = type;
    this.kryo = ThreadLocal.withInitial(kryos);
  }

  @Override
  public byte[] toArray(T value) {
    Output output = new Output(FIRST_BYTES, -1);
    kryo.get().writeObject(output, value);
    return output.toBytes();
  }

  @Override
  public T decode(MemorySegment source) {
    return kryo.get().readObject(new Input(source.toArray(ValueLayout.JAVA_BYTE)), type);
  }
}
