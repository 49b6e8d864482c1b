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

/** One value encoded into memory off the heap, and decoded from there. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class CodecBench {
  private static final int MAX_BYTES = 1 << 16;

  /** For the benchmark's generated code. */
  public CodecBench() {}

  /** The value and its place. */
  @State(Scope.Thread)
  public static class Place {
    /** Which one. */
    @Param({"bytes", "utf8", "kryo", "fory", "jackson", "java"})
    public String codec = "";

    /** How large the value is. */
    @Param({"small", "large"})
    public String size = "";

    private final NativeMemory memory = NativeMemory.map(MAX_BYTES, false);
    private CodecSample<?> sample = CodecSample.of("bytes", "small");
    private MemorySegment encoded = memory.segment();

    /** For the benchmark's generated code. */
    public Place() {}

    /** Encodes it once, and looks whether it comes back. */
    @Setup(Level.Trial)
    public void make() {
      sample = CodecSample.of(codec, size);
      encoded = memory.segment().asSlice(0, sample.encode(memory.segment())).asReadOnly();
      if (!sample.isWhole(encoded)) {
        throw new IllegalStateException(codec + " does not give back what it was given");
      }
    }

    /** Gives the memory back. */
    @TearDown(Level.Trial)
    public void close() {
      memory.close();
    }
  }

  /** As a put does. */
  @Benchmark
  public int encode(Place place) {
    return place.sample.encode(place.memory.segment());
  }

  /** As a hit does. */
  @Benchmark
  public Object decode(Place place) {
    return place.sample.decode(place.encoded);
  }
}
