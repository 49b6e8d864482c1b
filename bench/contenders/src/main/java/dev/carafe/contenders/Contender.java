package dev.carafe.contenders;

import java.util.List;
import java.util.Set;

/**
 * A measured cache or store.
 *
 * @param name the name on the command line and in results
 * @param library the Maven coordinates without version
 * @param jars the directory of its class path, empty for the benchmark's class path
 * @param flags additional JVM flags
 * @param setup a description of its configuration
 * @param traits its properties
 * @param opener opens it; runs only in a JVM with its class path
 */
public record Contender(
    String name,
    String library,
    String jars,
    List<String> flags,
    String setup,
    Set<Trait> traits,
    Opener opener) {

  /** Opens a new store, or reopens an existing one in the same directory. */
  @FunctionalInterface
  public interface Opener {
    /**
     * Opens a store.
     *
     * @param sizing the memory and file sizes
     * @return the open store
     * @throws Exception if the library throws one
     */
    Store open(Sizing sizing) throws Exception;
  }

  /** Copies the collections. */
  public Contender {
    flags = List.copyOf(flags);
    traits = Set.copyOf(traits);
  }

  /**
   * Returns whether the contender has a trait.
   *
   * @param trait the trait
   * @return whether the contender has it
   */
  public boolean is(Trait trait) {
    return traits.contains(trait);
  }

  /**
   * Opens a store.
   *
   * @param sizing the memory and file sizes
   * @return the open store
   * @throws Exception if the library throws one
   */
  public Store open(Sizing sizing) throws Exception {
    return opener.open(sizing);
  }
}
