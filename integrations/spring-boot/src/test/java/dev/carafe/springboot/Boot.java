package dev.carafe.springboot;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Objects;
import java.util.stream.Stream;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** Starts applications, and asks them over HTTP. */
final class Boot {
  private static final String[] QUIET = {
    "--logging.level.root=off", "--spring.main.banner-mode=off", "--spring.jmx.enabled=false"
  };

  private Boot() {}

  /** An application without a web server. */
  static ConfigurableApplicationContext plain(Class<?> application, String... properties) {
    return new SpringApplicationBuilder(application)
        .web(WebApplicationType.NONE)
        .run(arguments(properties));
  }

  /** An application with a web server, on a free port. */
  static ConfigurableApplicationContext web(Class<?> application, String... properties) {
    return new SpringApplicationBuilder(application)
        .properties(
            "server.port=0",
            "management.endpoints.web.exposure.include=*",
            "management.endpoint.health.show-details=always")
        .run(arguments(properties));
  }

  private static String[] arguments(String... properties) {
    return Stream.concat(Stream.of(QUIET), Stream.of(properties).map(each -> "--" + each))
        .toArray(String[]::new);
  }

  /** The address of a page. */
  static URI page(ConfigurableApplicationContext application, String path) {
    String port = application.getEnvironment().getProperty("local.server.port");
    return URI.create("http://localhost:" + Objects.requireNonNull(port) + path);
  }

  /** The text of a page, and its status before it if that is not 200. */
  static String get(URI page) throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      var request = HttpRequest.newBuilder(page).timeout(Duration.ofSeconds(30)).build();
      var response = client.send(request, BodyHandlers.ofString());
      String status = response.statusCode() == 200 ? "" : response.statusCode() + " ";
      return status + response.body();
    }
  }

  static String get(ConfigurableApplicationContext application, String path)
      throws IOException, InterruptedException {
    return get(page(application, path));
  }
}
