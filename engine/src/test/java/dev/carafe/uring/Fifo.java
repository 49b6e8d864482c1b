package dev.carafe.uring;

import dev.carafe.uring.ffi.NativeMapping;
import dev.carafe.uring.ffi.UringAbi;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Assumptions;

/** A file whose reads stay in flight until the test writes. */
record Fifo(Path path, NativeMapping mapping) implements AutoCloseable {
  static Fifo in(Path directory) throws IOException {
    Path path = directory.resolve("fifo");
    Process made = new ProcessBuilder("mkfifo", path.toString()).start();
    Assumptions.assumeTrue(made.onExit().join().exitValue() == 0, "no mkfifo");
    return new Fifo(path, NativeMapping.map(4096, false));
  }

  /** A read of one byte. */
  Transfer read() {
    MemorySegment memory = mapping.segment().asSlice(0, 1);
    return new Transfer(UringAbi.OP_READ, 0, memory, -1);
  }

  void write(int bytes) throws IOException {
    var _ = Files.write(path, new byte[bytes], StandardOpenOption.WRITE);
  }

  /** Waits until an operation is prepared for the kernel. */
  static void awaitPrepared(Nop op) {
    while (op.prepared.get() == 0) {
      Thread.yield();
    }
  }

  @Override
  public void close() {
    mapping.close();
  }
}
