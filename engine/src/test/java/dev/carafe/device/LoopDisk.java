package dev.carafe.device;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.carafe.uring.ffi.Libc;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Assumptions;

/**
 * A file system in a file, mounted through a loop device. A test can fill it, cut its power or make
 * it read-only without an effect on other files. Without root, loop devices or mkfs, tests are
 * skipped with a message.
 */
public final class LoopDisk implements AutoCloseable {
  /** EXT4_IOC_SHUTDOWN and XFS_IOC_GOINGDOWN have the same number and the same flags. */
  private static final long SHUTDOWN = 0x8004587DL;

  private static final int WITHOUT_FLUSHING_THE_LOG = 2;

  private static final int USUAL_SECTOR_BYTES = 512;

  /** The minimum size that mkfs.xfs accepts; the image file is sparse. */
  private static final int XFS_MIB = 304;

  private final Kind kind;
  private final int sectorBytes;
  private final Path image;
  private final Path root;

  /** The type of the file system. */
  public enum Kind {
    /** ext4, the default of most distributions. */
    EXT4,
    /** XFS. */
    XFS
  }

  private LoopDisk(Kind kind, int sectorBytes, Path directory) {
    this.kind = kind;
    this.sectorBytes = sectorBytes;
    this.image = directory.resolve("disk.img");
    this.root = directory.resolve("disk");
  }

  /**
   * Creates and mounts an ext4 file system.
   *
   * @param directory for image and mount point
   * @param mib its size in MiB
   * @return a mounted file system, empty
   */
  public static LoopDisk orSkip(Path directory, int mib) {
    return new LoopDisk(Kind.EXT4, USUAL_SECTOR_BYTES, directory).made(mib);
  }

  /**
   * Creates and mounts a file system.
   *
   * @param kind the type of the file system
   * @param directory for image and mount point
   * @param mib its size in MiB; XFS has a minimum
   * @return a mounted file system, empty
   */
  public static LoopDisk orSkip(Kind kind, Path directory, int mib) {
    return new LoopDisk(kind, USUAL_SECTOR_BYTES, directory)
        .made(kind == Kind.XFS ? Math.max(mib, XFS_MIB) : mib);
  }

  /**
   * Creates and mounts an XFS file system on a device with long sectors (Linux 6.15 or later).
   *
   * @param directory for image and mount point
   * @param sectorBytes of the device, and of the file system
   * @return a mounted file system, empty
   */
  public static LoopDisk xfsOrSkip(Path directory, int sectorBytes) {
    return new LoopDisk(Kind.XFS, sectorBytes, directory).made(XFS_MIB);
  }

  private LoopDisk made(int mib) {
    try {
      Files.createDirectories(root);
      String failed = run("truncate", "-s", mib + "M", image.toString());
      failed += failed.isEmpty() ? make() : "";
      failed += failed.isEmpty() ? mount() : "";
      if (!failed.isEmpty()) {
        Assumptions.abort("needs root, a loop device and mkfs of " + kind + ": " + failed);
      }
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String make() {
    String file = image.toString();
    return kind == Kind.EXT4
        ? run("mkfs.ext4", "-q", "-F", "-m", "0", file)
        : sectorBytes == USUAL_SECTOR_BYTES
            ? run("mkfs.xfs", "-q", "-f", file)
            : run(
                "mkfs.xfs",
                "-q",
                "-f",
                "-s",
                "size=" + sectorBytes,
                "-b",
                "size=" + sectorBytes,
                file);
  }

  /** The root directory of the file system. */
  public Path root() {
    return root;
  }

  private String mount() {
    if (sectorBytes == USUAL_SECTOR_BYTES) {
      String options = kind == Kind.EXT4 ? "loop,errors=remount-ro" : "loop";
      return run("mount", "-o", options, image.toString(), root.toString());
    }
    String sector = String.valueOf(sectorBytes);
    StringBuilder device = new StringBuilder();
    String failed = run(device, "losetup", "-f", "--show", "-b", sector, image.toString());
    if (failed.isEmpty()) {
      failed = run("mount", device.toString().strip(), root.toString());
      failed += run("losetup", "-d", device.toString().strip()); // when it is unmounted
    }
    return failed;
  }

  /**
   * Drops all data that is not synced. All operations fail until the next mount.
   *
   * <p>The result of a sync that returns during this call or later is unreliable. If the journal is
   * aborted between the write of the sync's pages and the wait for its transaction, ext4 finds no
   * transaction and reports success (Linux 6.18; in one of eight cuts of a program that only writes
   * and calls fdatasync). XFS is unreliable then too.
   */
  public void cutPower() {
    try (Arena arena = Arena.ofConfined()) {
      Linker linker = Linker.nativeLinker();
      var ioctl =
          linker.downcallHandle(
              linker.defaultLookup().find("ioctl").orElseThrow(),
              FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS),
              Linker.Option.firstVariadicArg(2));
      MemorySegment flags = arena.allocate(JAVA_INT);
      flags.set(JAVA_INT, 0, WITHOUT_FLUSHING_THE_LOG);
      int fd = Libc.open(root.toString(), Libc.O_RDONLY);
      int result = (int) ioctl.invokeExact(fd, SHUTDOWN, flags);
      int closed = Libc.close(fd);
      if (fd < 0 || result != 0 || closed != 0) {
        throw new IllegalStateException("the power could not be cut: " + fd + ", " + result);
      }
    } catch (Throwable e) {
      throw new IllegalStateException("the power could not be cut", e);
    }
  }

  /** Triggers a file system error, on which the kernel makes the file system read-only. */
  public void turnReadOnly() {
    try {
      String device =
          Files.readString(Path.of("/proc/self/mounts"))
              .lines()
              .filter(line -> line.contains(" " + root + " "))
              .map(line ->
                  line.substring(line.lastIndexOf('/', line.indexOf(' ')) + 1, line.indexOf(' ')))
              .findFirst()
              .orElseThrow();
      Files.writeString(Path.of("/sys/fs/ext4", device, "trigger_fs_error"), "1");
    } catch (IOException e) {
      Assumptions.abort("needs ext4 in /sys/fs: " + e);
    }
  }

  /** The kernel releases a ring's file shortly after the ring was closed. */
  private String unmount() {
    String failed = "";
    for (int attempt = 0; attempt < 500; attempt++) {
      failed = run("umount", root.toString());
      if (failed.isEmpty()) {
        break;
      }
      LockSupport.parkNanos(10_000_000);
    }
    return failed;
  }

  /** Unmounts and mounts the file system, as a restart does. No file on it may be open. */
  public void remount() {
    String failed = unmount();
    if (kind == Kind.EXT4) { // XFS recovers by its log when it is mounted
      failed += run("e2fsck", "-p", image.toString()).contains("UNEXPECTED") ? "e2fsck" : "";
    }
    failed += mount();
    if (!failed.isEmpty()) {
      throw new IllegalStateException(failed);
    }
  }

  /** Mounts the file system read-only. No file on it may be open. */
  public void remountReadOnly() {
    String failed = unmount();
    failed += run("mount", "-o", "loop,ro", image.toString(), root.toString());
    if (!failed.isEmpty()) {
      throw new IllegalStateException(failed);
    }
  }

  private static String run(String... command) {
    return run(new StringBuilder(), command);
  }

  /** Runs a command; returns an empty string, or its error output. */
  private static String run(StringBuilder output, String... command) {
    try {
      Process process = new ProcessBuilder(List.of(command)).redirectErrorStream(true).start();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      output.append(said);
      return process.waitFor() == 0 ? "" : command[0] + ": " + said.strip() + " ";
    } catch (IOException e) {
      return e.getMessage() + " ";
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    String failed = unmount();
    if (!failed.isEmpty()) {
      throw new IllegalStateException(failed);
    }
  }
}
