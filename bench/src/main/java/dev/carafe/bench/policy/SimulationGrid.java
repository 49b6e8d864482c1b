package dev.carafe.bench.policy;

import java.util.Map;

/** The results with one trace, for several sizes of memory and file. */
interface SimulationGrid {
  /** Formats the results. */
  String table();

  /** The results for JSON. */
  Map<String, Object> asMap();
}
