package dev.carafe.bench.fork;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.carafe.bench.Trace;
import dev.carafe.bench.versus.SyntheticWorkload;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SyntheticTraceTest {
  private static double share(Trace trace, byte op) {
    int count = 0;
    for (int i = 0; i < trace.requests(); i++) {
      count += trace.op(i) == op ? 1 : 0;
    }
    return (double) count / trace.requests();
  }

  @Test
  void hasThePublishedMix() {
    Trace meta = SyntheticTrace.of(SyntheticWorkload.of("meta:kvcache_l2_reg"), 50_000, 5_000);
    assertEquals(0.117, share(meta, Trace.SET), 0.01);
    Trace twitter = SyntheticTrace.of(SyntheticWorkload.of("twitter:29"), 50_000, 5_000);
    assertEquals(0.86, share(twitter, Trace.GET), 0.02);
  }

  @Test
  void hasThePublishedSizes() {
    Trace meta = SyntheticTrace.of(SyntheticWorkload.of("meta:kvcache_reg"), 400_000, 100_000);
    long asked = IntStream.range(0, meta.requests()).map(meta::keyId).distinct().count();
    assertEquals(335.2, (double) meta.uniqueBytes() / asked, 60);
  }

  @Test
  void rejectsUnknownNames() {
    assertThrows(IllegalArgumentException.class, () -> SyntheticWorkload.of("mars:1"));
    assertThrows(IllegalArgumentException.class, () -> SyntheticWorkload.of("twitter:99"));
  }
}
