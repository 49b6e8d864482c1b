package dev.carafe.uring;

import java.lang.foreign.MemorySegment;

/** A transfer that is not resumed: its result is the kernel's. */
final class Transfer extends Nop {
  private final int opcode;
  private final int bufferIndex;
  private final MemorySegment memory;
  private final long fileOffset;

  Transfer(int opcode, int bufferIndex, MemorySegment memory, long fileOffset) {
    this.opcode = opcode;
    this.bufferIndex = bufferIndex;
    this.memory = memory;
    this.fileOffset = fileOffset;
  }

  @Override
  protected void prepare(SubmissionQueue queue, long userData) {
    prepared.getAndIncrement();
    queue.transfer(opcode, bufferIndex, memory, fileOffset, userData);
  }
}
