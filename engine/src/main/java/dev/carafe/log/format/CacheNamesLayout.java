package dev.carafe.log.format;

import dev.carafe.log.format.FileHeaderLayout.CodecNames;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * The value of the record that lists the caches of a file of many: their number, and for each cache
 * its number, its name and the fingerprints of its codecs. Numbers and lengths have four bytes, the
 * most significant first. Each text is its length in bytes, then UTF-8.
 *
 * <pre>
 *   count  number nameBytes name keyCodecBytes keyCodec valueCodecBytes valueCodec  number …
 * </pre>
 */
public final class CacheNamesLayout {
  private CacheNamesLayout() {}

  /**
   * A cache of the file.
   *
   * @param number the number with which its keys begin
   * @param name its name
   * @param codecs the fingerprints of its codecs
   */
  public record CacheName(int number, String name, CodecNames codecs) {}

  /**
   * Writes a list of caches.
   *
   * @param caches the caches
   * @return the value of the record
   */
  public static byte[] write(Collection<CacheName> caches) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeInt(caches.size());
      for (CacheName cache : caches) {
        out.writeInt(cache.number());
        write(out, cache.name());
        write(out, cache.codecs().key());
        write(out, cache.codecs().value());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e); // impossible in memory
    }
    return bytes.toByteArray();
  }

  private static void write(DataOutputStream out, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  /**
   * Reads a list of caches.
   *
   * @param value the value of the record
   * @return the caches
   * @throws IOException if the value is no such list
   */
  public static List<CacheName> read(byte[] value) throws IOException {
    List<CacheName> caches = new ArrayList<>();
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(value))) {
      int count = in.readInt();
      for (int i = 0; i < count; i++) {
        int number = in.readInt();
        String name = text(in);
        CodecNames codecs = new CodecNames(text(in), text(in));
        if (number <= CacheNumber.NAMES || !CacheNumber.isPossible(number)) {
          throw new IOException("cache " + name + " has the number " + number);
        }
        caches.add(new CacheName(number, name, codecs));
      }
    } catch (IllegalArgumentException e) {
      throw new IOException(e);
    }
    return caches;
  }

  private static String text(DataInputStream in) throws IOException {
    int bytes = in.readInt();
    if (bytes < 0 || bytes > in.available()) {
      throw new IOException("a text of " + bytes + " bytes");
    }
    return new String(in.readNBytes(bytes), StandardCharsets.UTF_8);
  }
}
