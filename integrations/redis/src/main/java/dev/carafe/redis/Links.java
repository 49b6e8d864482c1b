package dev.carafe.redis;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCommandTimeoutException;
import io.lettuce.core.RedisConnectionException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.TrackingArgs;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The connection that is used now, and the attempts to replace a lost one: at once, and then after
 * pauses from 10 milliseconds to a second. No thread waits for an attempt.
 */
final class Links implements AutoCloseable {
  private static final long FIRST_PAUSE_MILLIS = 10;
  private static final long LONGEST_PAUSE_MILLIS = 1000;

  private final RedisClient client;
  private final RedisURI server;
  private final TrackingArgs tracking;
  private final Invalidations invalidations;
  private final long timeout;
  private final LongAdder losses = new LongAdder();

  /** The link that was opened last; null before the first one. */
  private volatile @Nullable Link current;

  /** Completes with the next link while none is open. */
  private volatile CompletableFuture<Link> opened = new CompletableFuture<>();

  private volatile boolean closed;

  /** Is told of each link from the second one on. */
  private volatile Consumer<Link> listener = link -> {};

  Links(RedisClient client, RedisURI server, TrackingArgs tracking, Invalidations invalidations) {
    this.timeout = server.getTimeout().toNanos();
    this.client = client;
    this.server = server;
    this.tracking = tracking;
    this.invalidations = invalidations;
  }

  /**
   * Opens the first link.
   *
   * @param timeout nanoseconds
   * @throws RuntimeException if the server does not answer or refuses
   */
  void open(long timeout) {
    Waiting.until(connect(), System.nanoTime() + timeout);
  }

  /** Returns the link that was opened last, open or lost; null before the first one. */
  @Nullable Link current() {
    return current;
  }

  /** Has an action called with each link that is opened from now on, on its thread. */
  void onOpened(Consumer<Link> action) {
    listener = action;
  }

  /** Returns how many links were lost. */
  long losses() {
    return losses.sum();
  }

  /**
   * Waits for an open link.
   *
   * @param deadline as {@link System#nanoTime}
   * @throws RedisConnectionException if there is none at the deadline
   */
  Link await(long deadline) {
    Link link = current;
    if (link != null && link.isOpen()) {
      return link;
    }
    if (link != null) {
      lost(link);
    }
    if (closed) {
      throw new IllegalStateException("the near cache is closed");
    }
    try {
      return Waiting.until(opened, deadline);
    } catch (RedisCommandTimeoutException e) {
      throw new RedisConnectionException("not connected to " + server + " within the timeout", e);
    }
  }

  private CompletableFuture<Link> connect() {
    long since = System.nanoTime();
    try {
      return client
          .connectAsync(ByteArrayCodec.INSTANCE, server)
          .thenCompose(connection -> tracked(connection, since))
          .toCompletableFuture();
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e); // closed, for example
    }
  }

  private CompletableFuture<Link> tracked(
      StatefulRedisConnection<byte[], byte[]> connection, long since) {
    Link link = new Link(connection, since);
    connection.addListener(message -> {
      try {
        if (message.getType().equals("invalidate")) {
          invalidations.apply(link, message.getContent());
        }
      } catch (Throwable failure) {
        lost(link); // an invalidation that can't be applied: nothing of this epoch is believed
        throw failure;
      }
    });
    connection.addListener(new Losses(() -> lost(link)));
    return connection
        .async()
        .clientTracking(tracking)
        .toCompletableFuture()
        .orTimeout(timeout, TimeUnit.NANOSECONDS)
        .whenComplete((ok, failure) -> {
          if (failure == null) {
            publish(link);
          } else {
            var _ = connection.closeAsync();
          }
        })
        .thenApply(ok -> link);
  }

  private synchronized void publish(Link link) {
    current = link;
    invalidations.epochChanged();
    opened.complete(link);
    listener.accept(link);
    if (closed) {
      link.lose();
    } else if (!link.isOpen()) {
      lost(link);
    }
  }

  /** Replaces a link, unless that has begun. */
  synchronized void lost(Link link) {
    boolean isCurrent = link == current && opened.isDone();
    link.lose();
    if (isCurrent && !closed) {
      losses.increment();
      opened = new CompletableFuture<>();
      reconnect(FIRST_PAUSE_MILLIS);
    }
  }

  private void reconnect(long pauseMillis) {
    var _ =
        connect()
            .whenComplete((link, failure) -> {
              if (failure != null && !closed) {
                CompletableFuture.delayedExecutor(pauseMillis, TimeUnit.MILLISECONDS)
                    .execute(() -> reconnect(Math.min(2 * pauseMillis, LONGEST_PAUSE_MILLIS)));
              }
            });
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      opened.completeExceptionally(new IllegalStateException("the near cache is closed"));
    }
    client.shutdown(0, 1, TimeUnit.SECONDS);
  }
}
