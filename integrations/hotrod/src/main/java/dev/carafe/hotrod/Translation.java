package dev.carafe.hotrod;

import dev.carafe.Codec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.infinispan.commons.marshall.Marshaller;

/**
 * Translates objects to bytes and back. Equal keys have equal bytes.
 *
 * @param <T> the objects
 */
interface Translation<T> {
  /** Returns a new array. */
  byte[] toBytes(T object);

  /** Returns a new object. The bytes are valid during the call. */
  T fromBytes(MemorySegment bytes);

  /** A name of the encoding, for the file. */
  String name();

  /** By a codec of Carafe. */
  record OfCodec<T>(Codec<T> codec) implements Translation<T> {
    @Override
    public byte[] toBytes(T object) {
      byte[] bytes = new byte[codec.encodedBytes(object)];
      codec.encode(object, MemorySegment.ofArray(bytes));
      return bytes;
    }

    @Override
    public T fromBytes(MemorySegment bytes) {
      return codec.decode(bytes);
    }

    @Override
    public String name() {
      return codec.fingerprint();
    }
  }

  /** By a marshaller of Infinispan. */
  record OfMarshaller<T>(Marshaller marshaller) implements Translation<T> {
    @Override
    public byte[] toBytes(T object) {
      try {
        return marshaller.objectToByteBuffer(object);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while an object was marshalled", e);
      }
    }

    @Override
    @SuppressWarnings("unchecked")
    public T fromBytes(MemorySegment bytes) {
      try {
        return (T) marshaller.objectFromByteBuffer(bytes.toArray(ValueLayout.JAVA_BYTE));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (ClassNotFoundException e) {
        throw new IllegalStateException("the class of a near value is missing", e);
      }
    }

    @Override
    public String name() {
      return marshaller.getClass().getName() + " " + marshaller.mediaType();
    }
  }
}
