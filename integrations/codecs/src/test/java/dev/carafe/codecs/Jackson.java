package dev.carafe.codecs;

import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.carafe.spi.ArrayCodec;
import java.lang.reflect.Type;
import tools.jackson.databind.json.JsonMapper;

/** The codecs of both versions of Jackson, which keep the same promises. */
enum Jackson {
  TWO {
    @Override
    <T> ArrayCodec<T> codec(Type type) {
      var mapper =
          com.fasterxml.jackson.databind.json.JsonMapper.builder()
              .addModules(new JavaTimeModule(), new Jdk8Module())
              .build();
      return new Jackson2Codec<>(mapper.constructType(type), mapper);
    }
  },
  THREE {
    @Override
    <T> ArrayCodec<T> codec(Type type) {
      JsonMapper mapper = JsonMapper.builder().build();
      return new JacksonCodec<>(mapper.constructType(type), mapper);
    }
  };

  /** A codec of a type that must be {@code T}. */
  abstract <T> ArrayCodec<T> codec(Type type);

  <T> ArrayCodec<T> of(Class<T> type) {
    return codec(type);
  }
}
