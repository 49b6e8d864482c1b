package dev.carafe.contenders.near;

import java.io.IOException;
import redis.embedded.RedisServer;

/** Runs the Redis server of embedded-redis until standard input ends. */
public final class EmbeddedServer {
  private EmbeddedServer() {}

  /**
   * Runs the server.
   *
   * @param args the port and the directory of the server
   * @throws IOException if the server can't be started or stopped
   */
  public static void main(String[] args) throws IOException {
    RedisServer server =
        RedisServer.newRedisServer()
            .port(Integer.parseInt(args[0]))
            .bind(NearSizing.HOST)
            .setting("dir " + args[1])
            .setting("save \"\"")
            .soutListener(line -> {})
            .serrListener(System.err::println)
            .build();
    server.start();
    try {
      while (System.in.read() >= 0) {
        // the parent process writes nothing, and its end closes the pipe
      }
    } finally {
      server.stop();
    }
  }
}
