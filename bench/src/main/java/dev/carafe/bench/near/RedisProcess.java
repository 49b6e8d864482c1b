package dev.carafe.bench.near;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.carafe.contenders.ForkedJvm;
import dev.carafe.contenders.near.EmbeddedServer;
import dev.carafe.contenders.near.NearSizing;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * A Redis server without persistence: {@code redis-server} or {@code valkey-server} of the PATH, or
 * the one of embedded-redis.
 */
final class RedisProcess implements AutoCloseable {
  private static final long START_NANOS = TimeUnit.SECONDS.toNanos(20);
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
  private static final int TIMEOUT_MILLIS = 5000;
  private static final String VERSION = "redis_version:";

  private final Process process;
  private final Thread killer;
  private final int port;
  private final String name;

  private RedisProcess(Process process, Thread killer, int port, String name) {
    this.process = process;
    this.killer = killer;
    this.port = port;
    this.name = name;
  }

  /**
   * Starts a server.
   *
   * @param directory of its output
   * @throws IOException if none starts; the message says which were tried
   */
  static RedisProcess start(Path directory) throws IOException, InterruptedException {
    List<String> failures = new ArrayList<>();
    for (String program : List.of("redis-server", "valkey-server")) {
      Optional<Path> found = onPath(program);
      if (found.isEmpty()) {
        failures.add(program + " is not on the PATH");
        continue;
      }
      int port = freePort();
      try {
        return start(command(found.get(), port, directory), directory, port);
      } catch (IOException e) {
        failures.add(found.get() + " does not start: " + e.getMessage());
      }
    }
    int port = freePort();
    try {
      return start(embedded(port, directory), directory, port);
    } catch (IOException e) {
      failures.add(
          "the server of com.github.codemonstur:embedded-redis does not start: " + e.getMessage());
    }
    throw new IOException("no Redis server starts here: " + String.join("; ", failures));
  }

  private static List<String> command(Path program, int port, Path directory) {
    List<String> words = new ArrayList<>(List.of(program.toString(), "--save", ""));
    words.addAll(List.of("--port", String.valueOf(port), "--bind", NearSizing.HOST));
    words.addAll(List.of("--dir", directory.toString()));
    return words;
  }

  private static List<String> embedded(int port, Path directory) throws IOException {
    List<String> words =
        new ArrayList<>(ForkedJvm.command("embedded-redis", List.of("-Xmx32m"), List.of()));
    words.addAll(
        List.of(EmbeddedServer.class.getName(), String.valueOf(port), directory.toString()));
    return words;
  }

  private static Optional<Path> onPath(String program) {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
        .map(folder -> Path.of(folder, program))
        .filter(Files::isExecutable)
        .findFirst();
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static RedisProcess start(List<String> command, Path directory, int port)
      throws IOException, InterruptedException {
    File output = directory.resolve("redis.log").toFile();
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output).start();
    Thread killer = new Thread(() -> end(process));
    Runtime.getRuntime().addShutdownHook(killer);
    long deadline = System.nanoTime() + START_NANOS;
    while (process.isAlive() && System.nanoTime() - deadline < 0) {
      Optional<String> version = version(port);
      if (version.isPresent()) {
        return new RedisProcess(process, killer, port, "Redis " + version.get());
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
    Runtime.getRuntime().removeShutdownHook(killer);
    end(process);
    String said = Files.readString(output.toPath()).strip();
    throw new IOException(said.isEmpty() ? "no output" : said.lines().toList().getLast());
  }

  /** Returns the version, or empty if the server does not answer. */
  private static Optional<String> version(int port) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(TIMEOUT_MILLIS);
      socket.getOutputStream().write("INFO server\r\n".getBytes(US_ASCII));
      BufferedReader lines =
          new BufferedReader(new InputStreamReader(socket.getInputStream(), US_ASCII));
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith(VERSION)) {
          return Optional.of(line.substring(VERSION.length()));
        }
      }
      return Optional.empty();
    } catch (IOException e) {
      return Optional.empty(); // not yet
    }
  }

  int port() {
    return port;
  }

  /** Returns the name and the version. */
  String name() {
    return name;
  }

  @Override
  public void close() {
    Runtime.getRuntime().removeShutdownHook(killer);
    end(process);
  }

  /** Ends the server: the embedded one when its standard input ends. */
  private static void end(Process process) {
    try {
      process.getOutputStream().close();
      if (process.info().command().orElse("").endsWith("java")
          && process.waitFor(TIMEOUT_MILLIS, TimeUnit.MILLISECONDS)) {
        return;
      }
    } catch (IOException e) {
      // it has ended
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    process.descendants().forEach(ProcessHandle::destroy);
    process.destroy();
  }
}
