package dev.carafe.bench.policy;

import dev.carafe.tier.AdmissionPolicy;
import dev.carafe.tier.AdmissionRule;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is written to a file. A value is not written while the file has it. */
enum AdmissionKind implements SimulationGrid.Choice {
  /** What neither tier had, when it is put. What memory evicts is not written. */
  MISSES("every miss"),
  /** What memory evicts. */
  EVICTIONS("every eviction"),
  /** Of what memory evicts, what was used twice. */
  TWICE("used twice", AdmissionRule.TWICE),
  /** Of what memory evicts, what was used three times. */
  THREE_TIMES("used three times", AdmissionRule.THREE_TIMES),
  /** Of what memory evicts, what was used more often than the oldest record. */
  MORE_FREQUENT("more than the oldest", AdmissionRule.MORE_FREQUENT),
  /** Of what memory evicts, what the rule admits that is best in shadows. */
  ADAPTIVE("adaptive", AdmissionRule.values());

  private final String label;

  @SuppressWarnings("ImmutableEnumChecker") // a constant list of constants
  private final List<AdmissionRule> rules;

  AdmissionKind(String label, AdmissionRule... rules) {
    this.label = label;
    this.rules = List.copyOf(Arrays.asList(rules));
  }

  @Override
  public String label() {
    return label;
  }

  /** Whether the rule is always the same. */
  boolean isFixed() {
    return this != ADAPTIVE;
  }

  /** Returns a policy with these rules; null if there is none. */
  @Nullable AdmissionPolicy policy(long capacityBytes) {
    return rules.isEmpty() ? null : new AdmissionPolicy(capacityBytes, rules);
  }
}
