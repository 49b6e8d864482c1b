package dev.carafe.springboot;

import dev.carafe.Codec;
import dev.carafe.codecs.JacksonCodec;
import dev.carafe.codecs.JavaCodec;
import dev.carafe.codecs.NullValueCodec;
import java.io.ObjectInputFilter;
import java.io.Serializable;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.util.ClassUtils;
import tools.jackson.databind.json.JsonMapper;

/** The codecs by the names that properties have for them. */
final class NamedCodecs {
  private static final String JACKSON = "jackson:";
  private static final String BUILT_IN = "utf8, int64, int32, uuid, bytes";

  private final BeanFactory beans;
  private final @Nullable ClassLoader loader;
  private final ObjectInputFilter filter;
  private final JavaCodec<Serializable> serial;

  /**
   * Creates the codecs of an application.
   *
   * @param beans has the application's own codecs
   * @param loader finds the classes of keys and values
   * @param filter the classes that Java serialization may read
   */
  NamedCodecs(BeanFactory beans, @Nullable ClassLoader loader, ObjectInputFilter filter) {
    this.beans = beans;
    this.loader = loader;
    this.filter = filter;
    this.serial = new JavaCodec<>(Serializable.class, filter, loader);
  }

  Codec<Object> ofKeys(String property, @Nullable String name) {
    if (name == null || name.equals("any")) {
      return new AnyKeyCodec(filter, loader);
    }
    return ofObjects(codec(property, name, "any"));
  }

  /** A codec of values that also takes Spring's null. */
  Codec<Object> ofValues(String property, @Nullable String name) {
    if (name == null || name.equals("java")) {
      return NullValueCodec.of(new SerialValueCodec(serial));
    }
    if (name.startsWith(JACKSON)) {
      return NullValueCodec.of(jackson(property, name));
    }
    return NullValueCodec.of(codec(property, name, "java, jackson:CLASS"));
  }

  private Codec<?> codec(String property, String name, String others) {
    return switch (name) {
      case "utf8" -> Codec.utf8();
      case "int64" -> Codec.int64();
      case "int32" -> Codec.int32();
      case "uuid" -> Codec.uuid();
      case "bytes" -> Codec.bytes();
      default -> bean(property, name, others);
    };
  }

  private Codec<?> bean(String property, String name, String others) {
    if (beans.containsBean(name) && beans.isTypeMatch(name, Codec.class)) {
      return beans.getBean(name, Codec.class);
    }
    throw wrong(property, name, others, null);
  }

  private Codec<?> jackson(String property, String name) {
    if (!ClassUtils.isPresent("tools.jackson.databind.json.JsonMapper", loader)) {
      throw new IllegalArgumentException(
          property + " is '" + name + "' but tools.jackson.core:jackson-databind is missing");
    }
    try {
      return Json.codec(ClassUtils.forName(name.substring(JACKSON.length()), loader), beans);
    } catch (ClassNotFoundException | LinkageError e) {
      throw wrong(property, name, "java, jackson:CLASS", e);
    }
  }

  private static IllegalArgumentException wrong(
      String property, String name, String others, @Nullable Throwable cause) {
    return new IllegalArgumentException(
        property
            + " is '"
            + name
            + "' but must be "
            + others
            + ", "
            + BUILT_IN
            + ", or the name of a bean of type dev.carafe.Codec",
        cause);
  }

  @SuppressWarnings("unchecked") // Spring's caches are of objects; a codec rejects what is not its
  private static Codec<Object> ofObjects(Codec<?> codec) {
    return (Codec<Object>) codec;
  }

  /** Apart, since Jackson is optional. */
  private static final class Json {
    static Codec<?> codec(Class<?> type, BeanFactory beans) {
      JsonMapper mapper = beans.getBeanProvider(JsonMapper.class).getIfUnique();
      return new JacksonCodec<>(type, mapper == null ? JsonMapper.builder().build() : mapper);
    }
  }
}
