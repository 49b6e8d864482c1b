package dev.carafe.spi;

import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.OutputStream;
import java.util.function.Consumer;

/** Java serialization that reports the classes that it writes. Not thread-safe. */
public class ClassReportingOutputStream extends ObjectOutputStream {
  private final Consumer<Class<?>> classes;

  /**
   * Creates a stream.
   *
   * @param out gets the bytes
   * @param classes is called with each class whose description is written
   * @throws IOException if {@code out} throws it
   */
  public ClassReportingOutputStream(OutputStream out, Consumer<Class<?>> classes)
      throws IOException {
    super(out);
    this.classes = classes;
  }

  @Override
  protected final void annotateClass(Class<?> type) {
    classes.accept(type);
  }

  @Override
  protected final void annotateProxyClass(Class<?> type) {
    classes.accept(type);
  }
}
