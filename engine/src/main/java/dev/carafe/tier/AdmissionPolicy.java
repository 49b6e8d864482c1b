package dev.carafe.tier;

import java.util.Arrays;
import java.util.List;

/**
 * Decides which evicted values a file admits, by the rule that is best in shadows. Each rule has a
 * shadow: a {@link ShadowLog}, which gets the same lookups and evictions of a sample of the keys,
 * and admits by its rule. A rule scores a point for each lookup that its shadow answers, and loses
 * a twentieth of one for each record of mean size that its shadow appends. So a rule that writes
 * less is taken if it costs at most one hit in twenty of the records that it saves.
 *
 * <p>The sample is all keys at first, and is halved whenever a shadow has no slot. Memory does not
 * depend on the rule, since a value enters it whether the file had it or not. So a shadow is exact
 * for the keys of its sample.
 *
 * <p>All methods take the hash of a key, whose bits must be mixed. A shadow knows nothing but the
 * hash: keys of equal hashes are one key to it. Not thread-safe. It allocates only when the file
 * gets more records than ever.
 */
public final class AdmissionPolicy {
  private static final int PERIOD = 100; // sampled lookups
  private static final double KEPT = 0.95; // the weight of the scores of earlier periods
  private static final double LEAD = 0.1; // of the square root of the lookups
  private static final double WRITE_COST = 0.05; // hits a record of mean size
  private static final int SIZES_IN_MEAN = 1000;
  private static final int RECORDS_PER_WORD = 2; // of the sketch

  private final List<AdmissionRule> rules;
  private final ShadowLog[] shadows;
  private final double[] scores;
  private final FrequencySketch sketch = new FrequencySketch();
  private int sampleShift;
  private int lookups; // in this period
  private double weighedLookups;
  private double meanBytes;
  private int sizes; // in the mean
  private int best;

  /**
   * Creates a policy.
   *
   * @param capacityBytes the bytes of live records that the file can hold
   * @param rules the rules to select from; the first is the initial one
   */
  public AdmissionPolicy(long capacityBytes, List<AdmissionRule> rules) {
    this.rules = List.copyOf(rules);
    this.shadows = new ShadowLog[rules.size()];
    this.scores = new double[rules.size()];
    Arrays.setAll(shadows, i -> new ShadowLog(capacityBytes));
  }

  /**
   * Records that a key was looked up in the file, since memory did not have it.
   *
   * @param keyHash the hash of the key
   */
  public void lookedUp(int keyHash) {
    sketch.count(keyHash);
    if (isSampled(keyHash)) {
      for (int i = 0; i < shadows.length; i++) {
        if (shadows[i].read(keyHash)) {
          scores[i]++;
        }
      }
      if (++lookups == PERIOD) {
        lookups = 0;
        weighedLookups += PERIOD;
        selectRule();
      }
    }
  }

  /**
   * Records that memory evicts a value, and decides whether the file admits it.
   *
   * @param keyHash the hash of the key
   * @param bytes the size of the value's record
   * @param wasRead whether memory has answered a read of the value
   * @param isFull whether the file must discard records to admit the value
   * @return whether the value is to be written, if the file does not have it
   */
  public boolean evicted(int keyHash, int bytes, boolean wasRead, boolean isFull) {
    if (wasRead) {
      sketch.count(keyHash);
    }
    boolean admitted = !isFull || admits(best, keyHash);
    if (isSampled(keyHash)) {
      evictSampled(keyHash, Math.max(1, bytes));
    }
    return admitted;
  }

  private void evictSampled(int keyHash, int bytes) {
    sizes = Math.min(sizes + 1, SIZES_IN_MEAN);
    meanBytes += (bytes - meanBytes) / sizes;
    for (int i = 0; i < shadows.length; i++) {
      ShadowLog shadow = shadows[i];
      if (!shadow.contains(keyHash, bytes) && (!shadow.isFullFor(bytes) || admits(i, keyHash))) {
        while (shadow.hasNoSlot()) {
          halveSample();
        }
        if (isSampled(keyHash)) {
          scores[i] -= WRITE_COST * shadow.append(keyHash, bytes) / meanBytes;
        }
      }
    }
  }

  private boolean admits(int rule, int keyHash) {
    ShadowLog shadow = shadows[rule];
    if (shadow.count() == 0) {
      return true;
    }
    int ofOldest = sketch.frequency(shadow.oldestHash()) + (shadow.isOldestRead() ? 1 : 0);
    return rules.get(rule).admits(sketch.frequency(keyHash), ofOldest);
  }

  private boolean isSampled(int keyHash) {
    return sampleShift == 0 || keyHash >>> (Integer.SIZE - sampleShift) == 0;
  }

  private void halveSample() {
    sampleShift++;
    for (ShadowLog shadow : shadows) {
      shadow.halve(1 << (Integer.SIZE - sampleShift));
    }
  }

  private void selectRule() {
    int top = best;
    int records = 0;
    for (int i = 0; i < scores.length; i++) {
      top = scores[i] > scores[top] ? i : top;
      records = Math.max(records, shadows[i].count());
    }
    if (scores[top] - scores[best] > LEAD * Math.sqrt(weighedLookups)) {
      best = top;
    }
    for (int i = 0; i < scores.length; i++) {
      scores[i] *= KEPT;
    }
    weighedLookups *= KEPT;
    sketch.ensureEntries(((long) records << sampleShift) / RECORDS_PER_WORD);
  }

  /**
   * Records that the file's record of a key is not current any more.
   *
   * @param keyHash the hash of the key
   */
  public void removed(int keyHash) {
    if (isSampled(keyHash)) {
      for (ShadowLog shadow : shadows) {
        shadow.remove(keyHash);
      }
    }
  }

  /** Records that the file has no record any more. */
  public void cleared() {
    for (ShadowLog shadow : shadows) {
      shadow.clear();
    }
  }

  /**
   * Returns the rule in use.
   *
   * @return one of the rules
   */
  public AdmissionRule rule() {
    return rules.get(best);
  }

  /**
   * Returns the heap that the policy takes.
   *
   * @return bytes
   */
  public long heapBytes() {
    return shadows.length * ShadowLog.heapBytes() + sketch.heapBytes();
  }
}
