package dev.carafe.bench.core;

import java.util.List;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/** The benchmarks that are run together, and who takes part. */
enum Suite {
  /** One block taken and given back. */
  ALLOCATOR("AllocatorBench", "allocator", "malloc") {
    @Override
    List<String> contenders(boolean quick) {
      return List.of("region", "pool", "malloc", "netty", "confined", "direct");
    }

    @Override
    void time(OptionsBuilder options, boolean quick) {
      TimeValue window = TimeValue.milliseconds(quick ? 300 : 1000);
      options.warmupTime(window).warmupIterations(3);
      options.measurementTime(window).measurementIterations(quick ? 3 : 5);
    }
  },

  /** Reads that find their value in memory. */
  HITS("HitsBench", "cache", "caffeine") {
    @Override
    List<String> contenders(boolean quick) {
      return List.of("carafe", "caffeine", "chm");
    }

    @Override
    void time(OptionsBuilder options, boolean quick) {
      TimeValue window = TimeValue.milliseconds(quick ? 700 : 2000);
      options.warmupTime(window).warmupIterations(3);
      options.measurementTime(window).measurementIterations(quick ? 3 : 5);
      if (quick) {
        options.param("mebibytes", "256");
      }
    }
  };

  final String pattern;
  final String contenderParam;

  /** Whom the others are compared with. */
  final String measure;

  Suite(String pattern, String contenderParam, String measure) {
    this.pattern = pattern;
    this.contenderParam = contenderParam;
    this.measure = measure;
  }

  abstract List<String> contenders(boolean quick);

  abstract void time(OptionsBuilder options, boolean quick);
}
