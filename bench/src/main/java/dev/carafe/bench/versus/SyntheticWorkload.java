package dev.carafe.bench.versus;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.carafe.bench.Json;
import dev.carafe.bench.fork.Cell;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of synthetic workloads: {@code meta:NAME} is a CacheLib configuration, {@code
 * twitter:N} a Twemcache cluster.
 */
public final class SyntheticWorkload {
  private SyntheticWorkload() {}

  /**
   * Reads the parameters of a workload.
   *
   * @param name meta:NAME or twitter:N
   * @return the parameters
   */
  public static Map<?, ?> of(String name) {
    String[] parts = name.split(":", 2);
    Object found =
        switch (parts[0]) {
          case "meta" ->
              resource("meta_cachelib_workloads.json").get("workloads") instanceof Map<?, ?> all
                  ? all.get(parts[1])
                  : null;
          case "twitter" -> cluster(Long.parseLong(parts[1]));
          default -> null;
        };
    if (found instanceof Map<?, ?> workload) {
      return workload;
    }
    throw new IllegalArgumentException("unknown synthetic workload " + name);
  }

  private static @Nullable Object cluster(long number) {
    Object clusters = resource("twitter_2020mar_clusters.json").get("clusters");
    for (Object each : clusters instanceof List<?> list ? list : List.of()) {
      if (each instanceof Map<?, ?> cluster
          && Long.valueOf(number).equals(cluster.get("cluster"))) {
        return cluster;
      }
    }
    return null;
  }

  private static Map<String, Object> resource(String name) {
    try (InputStream in = Cell.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("resource " + name + " is missing from the class path");
      }
      return Json.parse(new String(in.readAllBytes(), UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
