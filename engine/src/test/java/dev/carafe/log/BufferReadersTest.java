package dev.carafe.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.FileOptions;
import dev.carafe.device.FaultPlan;
import dev.carafe.device.NativeMemory;
import dev.carafe.device.SimDevice;
import dev.carafe.device.SimDisk;
import dev.carafe.log.format.FileHeaderLayout.CodecNames;
import dev.carafe.log.format.FormatVersion;
import dev.carafe.log.format.KeyHash;
import dev.carafe.log.format.RecordLayout;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A writer that waits for a buffer is woken when the last reader of the buffer leaves it. */
final class BufferReadersTest {
  private static final int CAPACITY_BYTES = 512 << 10;
  private static final MemorySegment VALUE = MemorySegment.ofArray(new byte[1_000]);

  /** Regression: without another event, the writer waited 30 s and the reclaimer without end. */
  @Test
  void theLastReaderSignalsAWaitingWriter() {
    Geometry geometry = Geometry.of(CAPACITY_BYTES);
    long extentBytes = geometry.extentBytes();
    NativeMemory memory = NativeMemory.map(2 * extentBytes, false);
    try (SimDevice device = new SimDevice(new SimDisk(new byte[0]), new FaultPlan(0), false)) {
      MemorySegment first = memory.segment().asSlice(0, extentBytes);
      MemorySegment second = memory.segment().asSlice(extentBytes);
      LogFile file =
          LogFiles.open(
              FileOptions.at(Path.of("simulated"), CAPACITY_BYTES),
              CodecNames.NONE,
              device,
              geometry,
              first.asSlice(0, FormatVersion.BLOCK_BYTES));
      EventCount changes = new EventCount();
      LogWriter writer =
          new LogWriter(file, new ExtentTable(geometry), changes, List.of(first, second));
      writer.beginClock();
      ExtentBuffer one = acquireWhenOpen(writer, 1);
      ExtentBuffer two = acquireWhenOpen(writer, 2);
      fill(writer);
      long seen = changes.version();
      assertEquals(RecordAddress.NONE, append(writer));
      assertEquals(seen, changes.version(), "nothing else signals");
      two.releaseAfterRead();
      assertNotEquals(seen, changes.version(), "the writer was not signalled");
      assertNotEquals(RecordAddress.NONE, append(writer));
      one.releaseAfterRead();
    } finally {
      memory.close();
    }
  }

  @Test
  void aReaderSignalsNothingIfNoWriterWaits() {
    EventCount changes = new EventCount();
    BufferReaders readers = new BufferReaders(changes);
    readers.enter();
    readers.exit();
    assertEquals(0, changes.version());
    readers.enter();
    readers.enter();
    assertFalse(readers.isEmpty());
    readers.exit();
    assertEquals(0, changes.version(), "one reader is left");
    readers.exit();
    assertEquals(1, changes.version());
    assertTrue(readers.isEmpty());
    readers.enter();
    readers.exit();
    assertEquals(1, changes.version());
  }

  private static ExtentBuffer acquireWhenOpen(LogWriter writer, long sequence) {
    ExtentBuffer buffer;
    do {
      assertNotEquals(RecordAddress.NONE, append(writer));
      buffer = writer.buffers().acquireForRead(sequence);
    } while (buffer == null);
    return buffer;
  }

  private static void fill(LogWriter writer) {
    int records = 0;
    while (append(writer) != RecordAddress.NONE) {
      records++;
    }
    assertNotEquals(0, records);
  }

  private static long append(LogWriter writer) {
    int bytes = (int) VALUE.byteSize();
    RecordLayout.Header header =
        new RecordLayout.Header(RecordLayout.VALUE, (byte) 0, 0, bytes, bytes, Long.MAX_VALUE);
    return writer.tryAppend(header, new KeyHash(1, 2, 0), MemorySegment.NULL, VALUE);
  }
}
