package dev.carafe.contenders;

import java.nio.file.Path;
import java.util.Arrays;

/**
 * A smoke test of one contender: put, get, overwrite, remove, close, and reopen. Prints {@code
 * runs}, or throws.
 */
public final class SmokeCheck {
  private static final int VALUE_BYTES = 1000;
  private static final int ENTRIES = 500;

  private SmokeCheck() {}

  /**
   * Tests one contender.
   *
   * @param args the name of the contender, and an empty directory
   * @throws Exception if the contender throws one or a check fails
   */
  public static void main(String[] args) throws Exception {
    Contender contender =
        Contenders.find(args[0])
            .orElseThrow(() -> new IllegalArgumentException("unknown contender " + args[0]));
    if (!contender.name().equals("nothing")) {
      run(contender, Path.of(args[1]));
    }
    System.out.println("runs");
    System.exit(0);
  }

  private static void run(Contender contender, Path folder) throws Exception {
    boolean file = contender.is(Trait.FILE);
    Sizing sizing =
        new Sizing(8 << 20, file ? 64 << 20 : 0, file ? folder : null, 4000, VALUE_BYTES, true);
    try (Store store = contender.open(sizing)) {
      fill(store);
      check(store, contender, 0);
      store.remove(7);
      expect(
          store.get(7, new byte[VALUE_BYTES]) == Store.MISS,
          "key 7 was removed, but get returned it");
      store.put(8, value(8, 1), VALUE_BYTES);
      expectValue(store, 8, 1);
      store.flush();
    }
    if (contender.is(Trait.PERSISTS)) {
      try (Store store = contender.open(sizing)) {
        expect(
            store.get(7, new byte[VALUE_BYTES]) == Store.MISS,
            "key 7 was removed before the close, but get returned it after the reopen");
        expectValue(store, 8, 1);
        store.put(7, value(7, 0), VALUE_BYTES);
        store.put(8, value(8, 0), VALUE_BYTES);
        check(store, contender, 0);
      }
    }
  }

  private static void fill(Store store) {
    for (int key = 0; key < ENTRIES; key++) {
      store.put(key, value(key, 0), VALUE_BYTES);
    }
  }

  private static void check(Store store, Contender contender, int version) {
    byte[] into = new byte[VALUE_BYTES];
    for (int key = 0; key < ENTRIES; key++) {
      int length = store.get(key, into);
      expect(length == VALUE_BYTES, "key " + key + " has " + length + " bytes");
      expect(Arrays.equals(into, value(key, version)), "wrong bytes at key " + key);
      if (contender.is(Trait.VISITS)) {
        expect(store.visit(key) == VALUE_BYTES, "visit of key " + key + " returned a wrong length");
      }
    }
    expect(
        store.get(ENTRIES + 1L, into) == Store.MISS,
        "get returned a value for a key that was never put");
  }

  private static void expectValue(Store store, int key, int version) {
    byte[] into = new byte[VALUE_BYTES];
    expect(store.get(key, into) == VALUE_BYTES, "key " + key + " is missing or has a wrong length");
    expect(Arrays.equals(into, value(key, version)), "wrong bytes at key " + key);
  }

  private static byte[] value(int key, int version) {
    byte[] value = new byte[VALUE_BYTES];
    for (int i = 0; i < value.length; i++) {
      value[i] = (byte) (key * 31 + i * 7 + version);
    }
    return value;
  }

  private static void expect(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalStateException(otherwise);
    }
  }
}
