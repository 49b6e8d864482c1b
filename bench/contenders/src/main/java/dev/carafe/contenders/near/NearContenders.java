package dev.carafe.contenders.near;

import com.github.benmanes.caffeine.cache.Caffeine;
import dev.carafe.Carafe;
import dev.carafe.contenders.near.NearContender.Reach;
import dev.carafe.redis.CarafeNearCache;
import dev.carafe.region.Region;
import java.util.List;
import java.util.Optional;
import net.jpountz.lz4.LZ4Factory;

/**
 * The list of clients of Redis. The lambdas are linked lazily, so the classes of a library are
 * loaded only when its contender is opened.
 */
public final class NearContenders {
  private static final String LETTUCE = "io.lettuce:lettuce-core";

  private static final List<NearContender> ALL =
      List.of(
          new NearContender(
              "redis",
              LETTUCE,
              "lettuce",
              "Lettuce without a near cache",
              Layout.STRINGS,
              Reach.NONE,
              List::of,
              sizing -> new LettuceClient(sizing)),
          new NearContender(
              "lettuce",
              LETTUCE,
              "lettuce",
              "Lettuce's ClientSideCaching over a Caffeine with maximumWeight",
              Layout.STRINGS,
              Reach.HEAP,
              () -> List.of(Caffeine.class),
              sizing -> LettuceNearClient.bounded(sizing)),
          new NearContender(
              "lettuce-map",
              LETTUCE,
              "lettuce",
              "Lettuce's ClientSideCaching over a ConcurrentHashMap, unbounded",
              Layout.STRINGS,
              Reach.WHOLE_HEAP,
              List::of,
              sizing -> LettuceNearClient.unbounded(sizing)),
          new NearContender(
              "carafe",
              LETTUCE,
              "lettuce",
              "CarafeNearCache over Lettuce, in memory and in a file",
              Layout.STRINGS,
              Reach.FILE,
              () ->
                  List.of(
                      CarafeNearCache.class,
                      Carafe.class,
                      Region.class,
                      Caffeine.class,
                      LZ4Factory.class),
              sizing -> new CarafeNearClient(sizing)),
          new NearContender(
              "redisson",
              "org.redisson:redisson",
              "redisson",
              "Redisson's RLocalCachedMap with cacheSize, CacheProvider.CAFFEINE,"
                  + " SyncStrategy.INVALIDATE",
              Layout.HASH,
              Reach.HEAP,
              () -> List.of(Caffeine.class),
              sizing -> new RedissonNearClient(sizing)));

  private NearContenders() {}

  /**
   * Returns all contenders in the order of the tables. Those that share a layout are adjacent.
   *
   * @return the contenders
   */
  public static List<NearContender> list() {
    return ALL;
  }

  /**
   * Finds a contender.
   *
   * @param name the name
   * @return the contender, or empty if the name is unknown
   */
  public static Optional<NearContender> find(String name) {
    return ALL.stream().filter(contender -> contender.name().equals(name)).findFirst();
  }
}
