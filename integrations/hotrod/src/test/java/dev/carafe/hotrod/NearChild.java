package dev.carafe.hotrod;

import java.nio.file.Path;
import java.util.SplittableRandom;

/** A process that reads through a near cache in a file until it is killed. */
final class NearChild {
  static final int KEYS = 64;

  /** Said when the file has values. */
  static final String READY = "ready";

  private static final int FLUSH_EVERY = 100;

  private NearChild() {}

  /**
   * Reads.
   *
   * @param arguments the port of the server, the file and a seed
   */
  public static void main(String[] arguments) {
    SplittableRandom random = new SplittableRandom(Long.parseLong(arguments[2]));
    var client = Server.client(Integer.parseInt(arguments[0]));
    Near near = Near.inFile(client, Path.of(arguments[1]));
    near.factory.revalidate(near.cache, 1000);
    for (long i = 1; ; i++) {
      var _ = near.cache.get("k" + random.nextInt(KEYS));
      if (i % FLUSH_EVERY == 0) {
        near.factory.near().flush();
        if (i == 2 * FLUSH_EVERY) {
          IO.println(READY);
        }
      }
    }
  }
}
