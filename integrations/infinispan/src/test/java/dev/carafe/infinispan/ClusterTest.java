package dev.carafe.infinispan;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.infinispan.ClusterNode.Mode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.infinispan.Cache;
import org.infinispan.configuration.cache.ConfigurationBuilder;
import org.infinispan.manager.DefaultCacheManager;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Two nodes, of which one is killed: neither the other node nor the file loses an entry. */
@Timeout(value = 90, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ClusterTest {
  @TempDir Path directory;

  private static Process start(Path directory, Mode mode, int port, int otherPort)
      throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx256m",
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Dorg.jboss.logging.provider=slf4j",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-cp",
            System.getProperty("java.class.path"),
            ClusterNode.class.getName(),
            directory.toString(),
            mode.name(),
            String.valueOf(port),
            String.valueOf(otherPort))
        .redirectErrorStream(true)
        .start();
  }

  @ParameterizedTest
  @EnumSource(Mode.class)
  void aKilledNodeLosesNothingThatWasFlushed(Mode mode) throws Exception {
    Path survives = Files.createDirectory(directory.resolve("survives"));
    Path dies = Files.createDirectory(directory.resolve("dies"));
    int port;
    int otherPort;
    try (ServerSocket one = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        ServerSocket two = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = one.getLocalPort();
      otherPort = two.getLocalPort();
    }
    try (DefaultCacheManager manager = ClusterNode.open(survives, mode, port, otherPort)) {
      Cache<Integer, byte[]> cache = manager.getCache("c");
      Process node = start(dies, mode, otherPort, port);
      try (BufferedReader output = node.inputReader(StandardCharsets.UTF_8)) {
        StringBuilder seen = new StringBuilder();
        for (String line = output.readLine(); !"stored".equals(line); line = output.readLine()) {
          seen.append(line).append('\n');
          assertTrue(line != null, seen::toString);
        }
      } finally {
        node.destroyForcibly().waitFor();
      }
      ClusterNode.awaitMembers(manager, 1);
      assertEquals(ClusterNode.ENTRIES, cache.size());
      for (int key = 0; key < ClusterNode.ENTRIES; key++) {
        assertArrayEquals(ClusterNode.value(key), cache.get(key));
      }
    }
    check(dies, mode, mode == Mode.PASSIVATION ? ClusterNode.MAX_COUNT : 0);
    check(survives, mode, 0); // an orderly stop passivates what the heap has
  }

  /** Opens a node's file without a cluster. */
  private static void check(Path directory, Mode mode, int missing) {
    try (DefaultCacheManager manager =
        Managers.open(
            directory,
            ClusterNode.stored(new ConfigurationBuilder(), mode),
            store -> ClusterNode.configure(store.fileSize(8 << 20), mode))) {
      Cache<Integer, byte[]> cache = manager.getCache("c");
      int found = 0;
      for (int key = 0; key < ClusterNode.ENTRIES; key++) {
        byte[] value = cache.get(key);
        if (value != null) {
          assertArrayEquals(ClusterNode.value(key), value);
          found++;
        }
      }
      assertTrue(found >= ClusterNode.ENTRIES - missing, found + " entries in " + directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
