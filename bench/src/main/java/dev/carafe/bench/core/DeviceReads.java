package dev.carafe.bench.core;

import dev.carafe.FileOptions;
import dev.carafe.bench.core.IoRounds.IoSample;
import dev.carafe.device.Device;
import dev.carafe.device.Devices;
import dev.carafe.device.IoOp;
import dev.carafe.device.IoResult;
import dev.carafe.device.NativeMemory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Phaser;
import java.util.concurrent.atomic.LongAdder;

/** Random reads of one file through {@link Device} and through {@link FileChannel}. */
final class DeviceReads {
  private static final int ALIGNMENT = 4096;

  private final Path file;
  private final int blockBytes;
  private final int depth;
  private final long nanos;

  DeviceReads(Path file, int blockBytes, int depth, double seconds) {
    this.file = file;
    this.blockBytes = blockBytes;
    this.depth = depth;
    this.nanos = (long) (seconds * 1e9);
  }

  private static long offset(SplittableRandom random, long blocks, int blockBytes) {
    return random.nextLong(blocks) * blockBytes;
  }

  /**
   * Reads through {@link Device}: synchronously at depth 1, else each completion submits a read.
   */
  IoSample device() {
    try (NativeMemory memory = NativeMemory.map((long) depth * blockBytes, true);
        Device device = Devices.open(file, FileOptions.Io.AUTO, List.of(memory.segment()))) {
      long blocks = device.fileBytes() / blockBytes;
      return depth == 1
          ? synchronous(device, memory.segment(), blocks)
          : asynchronous(device, memory.segment(), blocks);
    }
  }

  private IoSample synchronous(Device device, MemorySegment buffer, long blocks) {
    SplittableRandom random = new SplittableRandom();
    long cpu = IoRounds.processCpuNanos();
    long start = System.nanoTime();
    long count = 0;
    while (System.nanoTime() - start < nanos) {
      require(device.run(IoOp.read(buffer, offset(random, blocks, blockBytes))));
      count++;
    }
    return IoSample.since(start, cpu, count);
  }

  private static void require(IoResult result) {
    if (!result.isDone()) {
      throw new IllegalStateException("read failed: " + result);
    }
  }

  private IoSample asynchronous(Device device, MemorySegment memory, long blocks) {
    LongAdder count = new LongAdder();
    Phaser ended = new Phaser(1);
    long cpu = IoRounds.processCpuNanos();
    long start = System.nanoTime();
    for (int i = 0; i < depth; i++) {
      MemorySegment buffer = memory.asSlice((long) i * blockBytes, blockBytes);
      ended.register();
      new ReadChain(device, buffer, blocks, start + nanos, count, ended).next();
    }
    ended.arriveAndAwaitAdvance();
    return IoSample.since(start, cpu, count.sum());
  }

  /** A chain of reads: each completion submits the next read. */
  private final class ReadChain {
    private final SplittableRandom random = new SplittableRandom();
    private final Device device;
    private final MemorySegment buffer;
    private final long blocks;
    private final long end;
    private final LongAdder count;
    private final Phaser ended;

    ReadChain(
        Device device, MemorySegment buffer, long blocks, long end, LongAdder count, Phaser ended) {
      this.device = device;
      this.buffer = buffer;
      this.blocks = blocks;
      this.end = end;
      this.count = count;
      this.ended = ended;
    }

    void next() {
      device.submit(IoOp.read(buffer, offset(random, blocks, blockBytes)).onDone(this::done));
    }

    private void done(IoResult result) {
      count.increment();
      if (result.isDone() && System.nanoTime() < end) {
        next();
      } else {
        ended.arriveAndDeregister();
      }
    }
  }

  /** Reads through {@link FileChannel} with O_DIRECT: one thread for each read in flight. */
  IoSample channel() throws IOException, InterruptedException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, direct());
        NativeMemory memory = NativeMemory.map((long) depth * blockBytes + ALIGNMENT, true)) {
      LongAdder count = new LongAdder();
      long cpu = IoRounds.processCpuNanos();
      long start = System.nanoTime();
      Thread[] threads = new Thread[depth];
      for (int i = 0; i < depth; i++) {
        ByteBuffer buffer =
            memory.segment().asSlice((long) i * blockBytes, blockBytes).asByteBuffer();
        threads[i] =
            Thread.ofPlatform().start(() -> count.add(readUntil(channel, buffer, start + nanos)));
      }
      for (Thread thread : threads) {
        thread.join();
      }
      return IoSample.since(start, cpu, count.sum());
    }
  }

  /** The JDK's option for O_DIRECT, which is in an unsupported package. */
  private static OpenOption direct() {
    try {
      for (Object option :
          Class.forName("com.sun.nio.file.ExtendedOpenOption").getEnumConstants()) {
        if (option instanceof OpenOption direct && option.toString().equals("DIRECT")) {
          return direct;
        }
      }
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException("this JDK has no ExtendedOpenOption.DIRECT", e);
    }
    throw new IllegalStateException("this JDK has no ExtendedOpenOption.DIRECT");
  }

  private long readUntil(FileChannel channel, ByteBuffer buffer, long end) {
    SplittableRandom random = new SplittableRandom();
    try {
      long blocks = channel.size() / blockBytes;
      long read = 0;
      while (System.nanoTime() < end) {
        buffer.clear();
        if (channel.read(buffer, offset(random, blocks, blockBytes)) == blockBytes) {
          read++;
        }
      }
      return read;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
