package dev.carafe.springboot;

import dev.carafe.FileOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * The properties {@code carafe.*} of an application. Immutable.
 *
 * <p>Spring Boot's processor takes the first tag that begins with a name, so {@code persist} must
 * come before {@code persistWithin}, and {@code file} before {@code fileSize}.
 *
 * @param enabled whether the application gets a store and a cache manager
 * @param memory limit of the off-heap memory of the values of all caches
 * @param indexMemory limit of the memory of all indexes; without it, the capacities bound them
 * @param file path of the file for the values of all caches; if empty, they are in memory only
 * @param fileSize capacity of the file, which it never exceeds; required with a file
 * @param persist values that are written while the application runs; empty for none
 * @param persistWithin longest time that a change is in memory only
 * @param writeBudget bytes that the file gets in a day; no limit by default
 * @param recovery what happens to the content of the file when it is opened
 * @param io how the file is read and written
 * @param compression whether records of the file are compressed
 * @param overload what an eviction does when the device can't keep up
 * @param retention whether a full file discards records, or refuses values
 * @param scrubPeriod time in which the whole file is checked once in the background; zero for never
 * @param serialFilter patterns of java.io.ObjectInputFilter, separated by semicolons, that allow
 *     further classes in keys and values encoded by Java serialization
 * @param defaults settings of the caches that have none of their own
 * @param caches settings by the name of the cache; these caches are opened at the start
 */
@ConfigurationProperties("carafe")
public record CarafeProperties(
    @DefaultValue("true") boolean enabled,
    @DefaultValue("64MB") DataSize memory,
    @Nullable DataSize indexMemory,
    @Nullable String file,
    @Nullable DataSize fileSize,
    @DefaultValue({"misses", "evictions"}) Set<FileOptions.Persist> persist,
    @DefaultValue("10s") Duration persistWithin,
    @Nullable DataSize writeBudget,
    @DefaultValue("skip-damaged") FileOptions.Recovery recovery,
    @DefaultValue("auto") FileOptions.Io io,
    @DefaultValue("lz4") FileOptions.Compression compression,
    @DefaultValue("wait") FileOptions.Overload overload,
    @DefaultValue("evict") FileOptions.Retention retention,
    @DefaultValue("0s") Duration scrubPeriod,
    @DefaultValue("") String serialFilter,
    @DefaultValue CacheSettings defaults,
    @DefaultValue Map<String, CacheSettings> caches) {

  /**
   * The settings of a cache.
   *
   * @param reserve memory that other caches can't take
   * @param limit most memory that the cache may take; no limit of its own by default
   * @param expireAfterWrite how long an entry lives after it was created or replaced
   * @param expireAfterAccess how long an entry lives after it was created, replaced or read
   * @param keyCodec how keys are encoded: any (by default), utf8, int64, int32, uuid, bytes, or the
   *     name of a bean of type Codec
   * @param valueCodec how values are encoded: java (by default), utf8, int64, int32, uuid, bytes,
   *     jackson:CLASS, or the name of a bean of type Codec
   * @param recordStats whether hits, misses and loads are counted for Caffeine's statistics; true
   *     by default
   * @param recordMissRatioCurve whether the hit ratios that other sizes would have are estimated;
   *     false by default
   * @param far address of a Redis or Valkey server that has the values of all processes, such as
   *     redis://localhost:6379; none by default
   * @param staleIfDisconnected how long values are served while that server is not connected; not
   *     at all by default
   */
  public record CacheSettings(
      @Nullable DataSize reserve,
      @Nullable DataSize limit,
      @Nullable Duration expireAfterWrite,
      @Nullable Duration expireAfterAccess,
      @Nullable String keyCodec,
      @Nullable String valueCodec,
      @Nullable Boolean recordStats,
      @Nullable Boolean recordMissRatioCurve,
      @Nullable String far,
      @Nullable Duration staleIfDisconnected) {

    /** These settings, and those of the defaults that are not set. Any expiry replaces theirs. */
    CacheSettings or(CacheSettings defaults) {
      boolean expires = expireAfterWrite != null || expireAfterAccess != null;
      return new CacheSettings(
          reserve == null ? defaults.reserve : reserve,
          limit == null ? defaults.limit : limit,
          expires ? expireAfterWrite : defaults.expireAfterWrite,
          expires ? expireAfterAccess : defaults.expireAfterAccess,
          keyCodec == null ? defaults.keyCodec : keyCodec,
          valueCodec == null ? defaults.valueCodec : valueCodec,
          recordStats == null ? defaults.recordStats : recordStats,
          recordMissRatioCurve == null ? defaults.recordMissRatioCurve : recordMissRatioCurve,
          far == null ? defaults.far : far,
          staleIfDisconnected == null ? defaults.staleIfDisconnected : staleIfDisconnected);
    }
  }

  /** The settings of a cache, with the defaults. */
  CacheSettings settings(String cacheName) {
    CacheSettings own = caches.get(cacheName);
    return own == null ? defaults : own.or(defaults);
  }

  /** The options of the file; null if there is none. */
  @Nullable FileOptions fileOptions() {
    if (file == null || file.isBlank()) {
      return null;
    }
    if (fileSize == null) {
      throw new IllegalArgumentException(
          "carafe.file is '"
              + file
              + "' but carafe.file-size is not set: set it, for example, 1GB");
    }
    return new FileOptions(
        Path.of(file),
        fileSize.toBytes(),
        persist,
        recovery,
        io,
        compression,
        overload,
        retention,
        scrubPeriod);
  }
}
