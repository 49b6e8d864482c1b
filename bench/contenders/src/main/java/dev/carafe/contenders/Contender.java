package dev.carafe.contenders;

import java.util.List;
import java.util.Set;

/**
 * One that takes part.
 *
 * @param name its name on the command line and in results
 * @param library the artifact and version that is measured
 * @param jars the folder of its class path, empty for the benchmark's own
 * @param flags what its JVM needs beyond the flags that all get
 * @param setup how it is configured, in a sentence
 * @param traits what it is and can do
 * @param opener opens it; runs only in a JVM that has its class path
 */
public record Contender(
    String name,
    String library,
    String jars,
    List<String> flags,
    String setup,
    Set<Trait> traits,
    Opener opener) {

  /** Opens a store, or opens again what a closed one left in the same folder. */
  @FunctionalInterface
  public interface Opener {
    /**
     * Opens.
     *
     * @param sizing how large
     * @return the open store
     * @throws Exception whatever the library throws
     */
    Store open(Sizing sizing) throws Exception;
  }

  /** Copies what may change. */
  public Contender {
    flags = List.copyOf(flags);
    traits = Set.copyOf(traits);
  }

  /**
   * Whether it has a trait.
   *
   * @param trait the trait
   * @return true if so
   */
  public boolean is(Trait trait) {
    return traits.contains(trait);
  }

  /**
   * Opens it.
   *
   * @param sizing how large
   * @return the open store
   * @throws Exception whatever the library throws
   */
  public Store open(Sizing sizing) throws Exception {
    return opener.open(sizing);
  }
}
