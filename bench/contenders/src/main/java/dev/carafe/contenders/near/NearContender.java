package dev.carafe.contenders.near;

import dev.carafe.contenders.ForkedJvm;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * A measured client of Redis.
 *
 * @param name the name on the command line and in results
 * @param library the Maven coordinates without version, of a jar in the directory
 * @param jars the directory of jars on its class path
 * @param setup a description of its configuration
 * @param layout how the server keeps its values
 * @param reach which values the near cache can hold
 * @param more classes whose jars or directories are on its class path, too; called outside of its
 *     JVM only
 * @param opener opens it; runs only in a JVM with its class path
 */
public record NearContender(
    String name,
    String library,
    String jars,
    String setup,
    Layout layout,
    Reach reach,
    Supplier<List<Class<?>>> more,
    Opener opener) {

  /** Which values a near cache can hold. */
  public enum Reach {
    /** It has no near cache. */
    NONE,
    /** As many as the memory holds, on the heap. */
    HEAP,
    /** All of them, on a heap that is large enough. */
    WHOLE_HEAP,
    /** What memory and file hold, which is kept over a restart. */
    FILE
  }

  /** Opens a client. */
  @FunctionalInterface
  public interface Opener {
    /**
     * Opens a client.
     *
     * @param sizing the server and the sizes
     * @return the open client
     */
    NearClient open(NearSizing sizing);
  }

  /**
   * Returns the command of a JVM up to the class path.
   *
   * @param options additional JVM options, such as the heap size
   * @param needed classes whose jars or directories are added to the class path
   * @return the command
   * @throws IOException if the directory of jars can't be read
   */
  public List<String> command(List<String> options, List<Class<?>> needed) throws IOException {
    List<Class<?>> all = new ArrayList<>(needed);
    all.addAll(more.get());
    return ForkedJvm.command(jars, options, all);
  }

  /**
   * Returns the artifact and version.
   *
   * @return the name of its jar without extension
   * @throws IOException if the directory of jars can't be read
   */
  public String version() throws IOException {
    return ForkedJvm.version(library, jars);
  }
}
