package dev.carafe.uring;

import java.util.Set;
import java.util.stream.Collectors;

/** The reaper threads of the process. */
final class Reapers {
  private Reapers() {}

  static Set<Thread> running() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("carafe-reaper"))
        .collect(Collectors.toSet());
  }
}
