package dev.carafe.codecs;

import com.esotericsoftware.kryo.kryo5.Kryo;
import com.fasterxml.jackson.annotation.JsonFormat;
import dev.carafe.Codec;
import java.math.BigInteger;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.fory.Fory;
import org.apache.fory.ThreadSafeFory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Parts of a value come back equal, or {@code put} refuses the value (R7): what a library of
 * serialization omits or changes.
 */
final class LostPartsTest {
  /** Regression: once a time of UTC came back, one with another offset was accepted and changed. */
  @ParameterizedTest
  @EnumSource
  void jacksonRefusesTimesThatItChanges(Jackson jackson) {
    Instant time = Instant.ofEpochSecond(1_000_000);
    CodecContract.ofValues(jackson.of(OffsetDateTime.class))
        .samples(time.atOffset(ZoneOffset.UTC))
        .refused(time.atOffset(ZoneOffset.ofHours(2)))
        .verify();
    CodecContract.ofValues(jackson.of(Timestamp.class))
        .samples(new Timestamp(1_000))
        .refused(nanoseconds(1))
        .verify();
    LocalDateTime noon = LocalDateTime.of(2026, 1, 1, 12, 0);
    CodecContract.ofValues(jackson.of(Meeting.class))
        .samples(new Meeting(noon), new Meeting(null))
        .refused(new Meeting(noon.plusSeconds(1)))
        .verify();
  }

  record Meeting(@JsonFormat(pattern = "yyyy-MM-dd HH:mm") @Nullable LocalDateTime start) {}

  private static Timestamp nanoseconds(int nanos) {
    Timestamp time = new Timestamp(1_000);
    time.setNanos(nanos);
    return time;
  }

  private static <T> Codec<T> anyOfKryo(Class<T> type) {
    return new KryoCodec<>(
        type,
        () -> {
          Kryo it = new Kryo();
          it.setRegistrationRequired(false);
          return it;
        });
  }

  record Any(@Nullable Object part) {}

  /** Regression: {@code put} accepted them, and each read was a miss. */
  @Test
  void kryoReadsNumbersAndObjectsInsideOneOfTheirClass() {
    CodecContract.ofValues(anyOfKryo(Object.class))
        .samples(1, 1L, (short) 1, (byte) 1, 1f, 1d, true, 'a', "text")
        .verify();
    CodecContract.ofValues(anyOfKryo(Integer.class)).samples(0, -1).verify();
    CodecContract.ofValues(anyOfKryo(int.class)).samples(0, -1).verify();
    CodecContract.ofValues(anyOfKryo(Any.class))
        .samples(new Any(1), new Any(new Any("x")), new Any(new Any(new Any(null))))
        .verify();
  }

  /** Regression: they came back without the script, and without the nanoseconds. */
  @Test
  void kryoRefusesWhatItCuts() {
    CodecContract.ofValues(anyOfKryo(Any.class))
        .samples(
            new Any(Locale.CANADA_FRENCH),
            new Any(nanoseconds(5_000_000)),
            new Any(new java.sql.Date(5)))
        .refused(new Any(Locale.forLanguageTag("zh-Hant-TW")), new Any(nanoseconds(1)))
        .verify();
  }

  /** Regression: parts of a value came back as other classes. */
  @Test
  void foryRefusesPartsThatItChanges() {
    ThreadSafeFory fory =
        Fory.builder().requireClassRegistration(true).withCompatible(true).buildThreadSafeFory();
    fory.register(Any.class, Any.class.getName());
    CodecContract.ofValues(new ForyCodec<>(Any.class, fory))
        .comparedBy((a, b) -> a.part == b.part || Objects.deepEquals(a.part, b.part))
        .samples(
            new Any("text"),
            new Any(new int[] {1}),
            new Any(List.of("a", 1L)),
            new Any(Map.of("a", List.of(1))),
            new Any(new Any(5)))
        .refused(
            new Any(BigInteger.TEN),
            new Any(new UUID(1, 2)),
            new Any(new Timestamp(5)),
            new Any(new String[] {"a"}),
            new Any(List.of(new Any(new AtomicInteger(1)))))
        .verify();
  }
}
