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
 * An ext4 file system in a file, mounted: it can be full, lose its power, or turn read-only, and
 * harm nothing else. Where that can't be had, for want of root or of loop devices, tests are
 * skipped, and say so.
 */
public final class LoopDisk implements AutoCloseable {
  private static final long EXT4_SHUTDOWN = 0x8004587DL;
  private static final int WITHOUT_FLUSHING_THE_LOG = 2;

  private final Path image;
  private final Path root;

  private LoopDisk(Path image, Path root) {
    this.image = image;
    this.root = root;
  }

  /**
   * Makes and mounts one.
   *
   * @param directory for image and mount point
   * @param mib how large it is
   * @return a mounted file system, empty
   */
  public static LoopDisk orSkip(Path directory, int mib) {
    LoopDisk disk = new LoopDisk(directory.resolve("disk.img"), directory.resolve("disk"));
    try {
      Files.createDirectories(disk.root);
      String failed = run("truncate", "-s", mib + "M", disk.image.toString());
      failed += run("mkfs.ext4", "-q", "-F", "-m", "0", disk.image.toString());
      failed += disk.mount();
      if (!failed.isEmpty()) {
        Assumptions.abort("needs root and a loop device: " + failed);
      }
      return disk;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Its topmost folder. */
  public Path root() {
    return root;
  }

  private String mount() {
    return run("mount", "-o", "loop,errors=remount-ro", image.toString(), root.toString());
  }

  /**
   * Whatever is not synced is lost; from now on all fails, until it is mounted again.
   *
   * <p>What a sync says that returns while this runs, or later, is not to be believed: if the
   * journal is given up between the write of its pages and the wait for its transaction, ext4 finds
   * no transaction to wait for and says that all went well (Linux 6.18; one in eight of such cuts
   * in a program that does nothing but write and fdatasync). A disk without power tells nobody.
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
      int result = (int) ioctl.invokeExact(fd, EXT4_SHUTDOWN, flags);
      int closed = Libc.close(fd);
      if (fd < 0 || result != 0 || closed != 0) {
        throw new IllegalStateException("the power could not be cut: " + fd + ", " + result);
      }
    } catch (Throwable e) {
      throw new IllegalStateException("the power could not be cut", e);
    }
  }

  /** The kernel finds an error and makes it read-only, as it does when a disk goes bad. */
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

  /** The kernel lets go of a ring's file a moment after the ring was closed. */
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

  /** As after a restart. Nothing may be open in it. */
  public void remount() {
    String failed = unmount();
    failed += run("e2fsck", "-p", image.toString()).contains("UNEXPECTED") ? "e2fsck" : "";
    failed += mount();
    if (!failed.isEmpty()) {
      throw new IllegalStateException(failed);
    }
  }

  /** Mounted again for reading only. Nothing may be open in it. */
  public void remountReadOnly() {
    String failed = unmount();
    failed += run("mount", "-o", "loop,ro", image.toString(), root.toString());
    if (!failed.isEmpty()) {
      throw new IllegalStateException(failed);
    }
  }

  private static String run(String... command) {
    try {
      Process process = new ProcessBuilder(List.of(command)).redirectErrorStream(true).start();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
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
