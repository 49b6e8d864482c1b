package dev.carafe.bench.core;

import dev.carafe.device.NativeMemory;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Encodes one value into off-heap memory and decodes it from there. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class CodecBench {
  private static final int MAX_BYTES = 1 << 16;

  /** For the code that JMH generates. */
  public CodecBench() {}

  /** The value and the memory for its encoded form. */
  @State(Scope.Thread)
  public static class EncodedValue {
    /** The name of the codec. */
    @Param({"bytes", "utf8", "kryo", "fory", "jackson", "java"})
    public String codec = "";

    /** The size of the value: small or large. */
    @Param({"small", "large"})
    public String size = "";

    private final NativeMemory memory = NativeMemory.map(MAX_BYTES, false);
    private CodecSample<?> sample = CodecSample.of("bytes", "small");
    private MemorySegment encoded = memory.segment();

    /** For the code that JMH generates. */
    public EncodedValue() {}

    /** Encodes the value once and checks that it can be decoded. */
    @Setup(Level.Trial)
    public void encode() {
      sample = CodecSample.of(codec, size);
      encoded = memory.segment().asSlice(0, sample.encode(memory.segment())).asReadOnly();
      if (!sample.roundTrips(encoded)) {
        throw new IllegalStateException(codec + " does not return the value that it encoded");
      }
    }

    /** Frees the memory. */
    @TearDown(Level.Trial)
    public void close() {
      memory.close();
    }
  }

  /** Encodes, as a put does. */
  @Benchmark
  public int encode(EncodedValue state) {
    return state.sample.encode(state.memory.segment());
  }

  /** Decodes, as a hit does. */
  @Benchmark
  public Object decode(EncodedValue state) {
    return state.sample.decode(state.encoded);
  }
}
