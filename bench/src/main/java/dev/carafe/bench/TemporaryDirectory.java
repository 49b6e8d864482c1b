package dev.carafe.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** A temporary directory. Close, or the exit of the JVM by Ctrl-C, deletes it with its files. */
public final class TemporaryDirectory implements AutoCloseable {
  private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private final Path path;
  private final Thread hook = new Thread(this::delete, "delete temporary directory");

  private TemporaryDirectory(Path path) {
    this.path = path;
  }

  /**
   * Creates a directory in the default directory for temporary files.
   *
   * @param prefix the beginning of its name
   * @return the directory
   * @throws IOException if it can't be created
   */
  public static TemporaryDirectory create(String prefix) throws IOException {
    return register(Files.createTempDirectory(prefix));
  }

  /**
   * Creates a directory.
   *
   * @param parent the existing parent directory
   * @param prefix the beginning of its name
   * @return the directory
   * @throws IOException if it can't be created
   */
  public static TemporaryDirectory create(Path parent, String prefix) throws IOException {
    return register(Files.createTempDirectory(parent, prefix));
  }

  private static TemporaryDirectory register(Path path) {
    TemporaryDirectory created = new TemporaryDirectory(path);
    try {
      Runtime.getRuntime().addShutdownHook(created.hook);
    } catch (IllegalStateException e) { // the JVM is exiting
      created.delete();
      throw e;
    }
    return created;
  }

  /**
   * Returns the path of the directory.
   *
   * @return the path
   */
  public Path path() {
    return path;
  }

  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      return; // the JVM is exiting, and the hook deletes the directory
    }
    delete();
  }

  /** Tries again for some seconds, because killed processes can still create files. */
  private void delete() {
    long start = System.nanoTime();
    while (true) {
      try {
        deleteOnce();
        return;
      } catch (IOException | UncheckedIOException e) {
        if (System.nanoTime() - start > RETRY_NANOS) {
          System.err.println("carafe: cannot delete " + path + ": " + e.getMessage());
          return;
        }
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
  }

  private void deleteOnce() throws IOException {
    if (Files.exists(path)) {
      try (Stream<Path> files = Files.walk(path)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(file);
        }
      }
    }
  }
}
