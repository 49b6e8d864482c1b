package dev.carafe.redis;

import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisConnectionStateListener;

/**
 * Reports the loss of a connection.
 *
 * @param action runs on the connection's thread
 */
record Losses(Runnable action) implements RedisConnectionStateListener {
  @Override
  public void onRedisDisconnected(RedisChannelHandler<?, ?> connection) {
    action.run();
  }
}
