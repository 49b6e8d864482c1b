package dev.carafe.contenders.near;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.codec.StringCodec;
import java.time.Duration;

/** What the clients over Lettuce have in common. */
final class Lettuce {
  static final RedisCodec<String, byte[]> CODEC =
      RedisCodec.of(StringCodec.ASCII, ByteArrayCodec.INSTANCE);

  private static final Duration TIMEOUT = Duration.ofSeconds(20);

  private Lettuce() {}

  static RedisURI uri(int port) {
    return RedisURI.builder().withHost(NearSizing.HOST).withPort(port).withTimeout(TIMEOUT).build();
  }

  static RedisClient client(int port) {
    return RedisClient.create(uri(port));
  }

  static void close(RedisClient client) {
    client.shutdown(Duration.ZERO, TIMEOUT);
  }
}
