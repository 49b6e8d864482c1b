package dev.carafe.bench.policy;

import dev.carafe.bench.Trace;
import java.util.Arrays;
import java.util.Locale;
import java.util.SplittableRandom;

/** Generated traces, each adverse to one kind of policy. Each call returns the same trace. */
enum Adversary {
  /** A loop over 4,000 keys, which a policy without frequency never hits. */
  LOOP {
    @Override
    void request(int request, Requests to) {
      to.set(request, request % 4_000, VALUE);
    }
  },
  /** Popular keys; two of ten phases read new keys only. */
  SCAN {
    @Override
    void request(int request, Requests to) {
      boolean scans = request / (REQUESTS / 10) % 5 == 4;
      to.set(request, scans ? ONCE + request : to.popular(0), VALUE);
    }
  },
  /** Half of the requests read popular keys, the other half read keys once. */
  NEW_KEYS {
    @Override
    void request(int request, Requests to) {
      to.set(request, request % 2 == 0 ? ONCE + request : to.popular(0), VALUE);
    }
  },
  /** Small popular keys, and one request in ten of a value of 64 times the size. */
  LARGE_VALUES {
    @Override
    void request(int request, Requests to) {
      boolean large = request % 10 == 0;
      to.set(request, large ? ONCE + request % 4_000 : to.popular(0), large ? 64 * VALUE : VALUE);
    }
  },
  /** Phases in turn: popular keys, a loop, other popular keys, and a moving working set. */
  PHASES {
    @Override
    void request(int request, Requests to) {
      int phase = request / (REQUESTS / 8);
      int key =
          switch (phase % 4) {
            case 0 -> to.popular(0);
            case 1 -> request % 4_000;
            case 2 -> to.popular(KEYS);
            default -> 2 * KEYS + request / 20 + to.random.nextInt(400);
          };
      to.set(request, key, VALUE);
    }
  };

  private static final int REQUESTS = 200_000;
  private static final int KEYS = 10_000; // popular keys
  private static final int ONCE = 4 * KEYS; // the first key that is read once
  private static final int VALUE = 1_000; // bytes

  /** Writes a request. */
  abstract void request(int request, Requests to);

  String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  Trace trace() {
    Requests requests = new Requests();
    for (int request = 0; request < REQUESTS; request++) {
      request(request, requests);
    }
    return requests.trace();
  }

  /** The requests of a trace, all of them reads. */
  static final class Requests {
    final SplittableRandom random = new SplittableRandom(19);
    private final int[] keys = new int[REQUESTS];
    private final int[] sizes = new int[REQUESTS];

    void set(int request, int key, int bytes) {
      keys[request] = key;
      sizes[request] = bytes;
    }

    /**
     * Draws one of the keys from {@code first} on, with a probability about proportional to 1/rank.
     */
    int popular(int first) {
      return first + (int) Math.pow(KEYS, random.nextDouble()) - 1;
    }

    Trace trace() {
      int[] distinct = Arrays.stream(keys).distinct().sorted().toArray();
      int[] ids = Arrays.stream(keys).map(key -> Arrays.binarySearch(distinct, key)).toArray();
      return Trace.of(distinct.length, new byte[REQUESTS], ids, sizes);
    }
  }
}
