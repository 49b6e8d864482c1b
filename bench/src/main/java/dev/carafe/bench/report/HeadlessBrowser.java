package dev.carafe.bench.report;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.carafe.bench.Json;
import dev.carafe.bench.TemporaryDirectory;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A headless Chromium with one open page, controlled through the DevTools protocol. */
final class HeadlessBrowser implements AutoCloseable {
  private static final List<String> NAMES =
      List.of("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome");
  private static final String LISTENING = "DevTools listening on ";
  private static final long TIMEOUT_SECONDS = 60;

  private final Process process;
  private final TemporaryDirectory profile;
  private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();
  private final HttpClient http;
  private @Nullable WebSocket socket;
  private int calls;

  private HeadlessBrowser(Process process, TemporaryDirectory profile) {
    this.process = process;
    this.profile = profile;
    this.http = HttpClient.newHttpClient();
  }

  /** Finds a Chromium on the PATH. */
  static Optional<Path> find() {
    String path = System.getenv().getOrDefault("PATH", "/usr/bin");
    return Stream.of(path.split(java.io.File.pathSeparator))
        .flatMap(folder -> NAMES.stream().map(name -> Path.of(folder, name)))
        .filter(Files::isExecutable)
        .findFirst();
  }

  static HeadlessBrowser open(Path browser, Path page) throws IOException, InterruptedException {
    TemporaryDirectory profile = TemporaryDirectory.create("carafe-browser-");
    Process process =
        new ProcessBuilder(
                browser.toString(),
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--window-size=1400,1000",
                "--remote-debugging-port=0",
                "--user-data-dir=" + profile.path(),
                page.toAbsolutePath().toUri().toString())
            .redirectErrorStream(true)
            .start();
    HeadlessBrowser opened = new HeadlessBrowser(process, profile);
    try {
      opened.connect();
      return opened;
    } catch (IOException | InterruptedException | RuntimeException e) {
      opened.close();
      throw e;
    }
  }

  private void connect() throws IOException, InterruptedException {
    BufferedReader out = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
    String line = out.readLine();
    while (line != null && !line.startsWith(LISTENING)) {
      line = out.readLine();
    }
    if (line == null) {
      throw new IOException("the browser exited before it opened the DevTools port");
    }
    Thread.ofPlatform().daemon().start(() -> out.lines().forEach(each -> {}));
    String address = line.substring(LISTENING.length()).strip();
    URI pages =
        URI.create(address.replaceFirst("^ws", "http").replaceFirst("/devtools.*", "/json"));
    String page = pageSocket(pages);
    socket = http.newWebSocketBuilder().buildAsync(URI.create(page), new Listener(answers)).join();
    String loaded = "location.protocol === 'file:' && document.readyState === 'complete'";
    for (int i = 0; i < 100 && !evaluate(loaded).equals(true); i++) {
      process.waitFor(100, TimeUnit.MILLISECONDS);
    }
  }

  private String pageSocket(URI pages) throws IOException, InterruptedException {
    for (int i = 0; i < 100; i++) {
      HttpResponse<String> answer =
          http.send(
              java.net.http.HttpRequest.newBuilder(pages).build(),
              HttpResponse.BodyHandlers.ofString());
      Map<String, Object> wrapped = Json.parse("{\"pages\":" + answer.body() + "}");
      for (Object each : wrapped.get("pages") instanceof List<?> list ? list : List.of()) {
        if (each instanceof Map<?, ?> page && "page".equals(page.get("type"))) {
          return String.valueOf(page.get("webSocketDebuggerUrl"));
        }
      }
      process.waitFor(100, TimeUnit.MILLISECONDS);
    }
    throw new IOException("the browser did not open the page");
  }

  /** Joins the parts of a message. */
  private record Listener(BlockingQueue<String> answers, StringBuilder parts)
      implements WebSocket.Listener {
    Listener(BlockingQueue<String> answers) {
      this(answers, new StringBuilder());
    }

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
      parts.append(part);
      if (last) {
        answers.add(parts.toString());
        parts.setLength(0);
      }
      from.request(1);
      return null;
    }
  }

  private Map<?, ?> call(String method, Map<String, Object> parameters)
      throws IOException, InterruptedException {
    WebSocket open = socket;
    if (open == null) {
      throw new IllegalStateException("not connected");
    }
    long id = ++calls;
    Map<String, Object> message = new LinkedHashMap<>();
    message.put("id", id);
    message.put("method", method);
    message.put("params", parameters);
    open.sendText(Json.line(message), true).join();
    String text = answers.poll(TIMEOUT_SECONDS, TimeUnit.SECONDS);
    while (text != null) {
      Map<String, Object> answer = Json.parse(text);
      if (answer.get("id") instanceof Long answered && answered == id) {
        if (answer.get("result") instanceof Map<?, ?> result) {
          return result;
        }
        throw new IOException(method + " failed: " + answer.get("error"));
      }
      text = answers.poll(TIMEOUT_SECONDS, TimeUnit.SECONDS);
    }
    throw new IOException("no answer to " + method + " within " + TIMEOUT_SECONDS + " s");
  }

  /** Evaluates a JavaScript expression of type string, number or boolean in the page. */
  Object evaluate(String expression) throws IOException, InterruptedException {
    Map<?, ?> answer =
        call("Runtime.evaluate", Map.of("expression", expression, "returnByValue", true));
    if (answer.get("exceptionDetails") != null) {
      throw new IOException(expression + " threw " + answer.get("exceptionDetails"));
    }
    Object value = answer.get("result") instanceof Map<?, ?> result ? result.get("value") : null;
    return value == null ? "undefined" : value;
  }

  /** Sets the size of the emulated screen and the colour scheme. */
  void resize(int width, int height, boolean dark) throws IOException, InterruptedException {
    Map<String, Object> screen = new LinkedHashMap<>();
    screen.put("width", width);
    screen.put("height", height);
    screen.put("deviceScaleFactor", 1);
    screen.put("mobile", width < 700);
    call("Emulation.setDeviceMetricsOverride", screen);
    Map<String, Object> scheme =
        Map.of("name", "prefers-color-scheme", "value", dark ? "dark" : "light");
    call("Emulation.setEmulatedMedia", Map.of("features", List.of(scheme)));
  }

  byte[] screenshot() throws IOException, InterruptedException {
    Map<?, ?> answer = call("Page.captureScreenshot", Map.of("format", "png"));
    return Base64.getDecoder().decode(String.valueOf(answer.get("data")));
  }

  /** Returns every chart of a report page as SVG, by its id. */
  Map<String, String> pictures() throws IOException, InterruptedException {
    Map<String, String> pictures = new LinkedHashMap<>();
    resize(800, 1000, false);
    for (String suite : List.of(String.valueOf(evaluate("report.suites.join()")).split(",", -1))) {
      evaluate("document.querySelector('[data-suite=\"" + suite + "\"]').click()");
      String ids = String.valueOf(evaluate("report.drawn().map(c => c.id).join()"));
      for (String id : List.of(ids.split(",", -1))) {
        pictures.put(id, String.valueOf(evaluate("report.picture('" + id + "')")));
      }
    }
    return pictures;
  }

  @Override
  public void close() {
    if (socket != null) {
      socket.abort();
    }
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    try {
      process.waitFor(10, TimeUnit.SECONDS);
      profile.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      http.shutdownNow();
    }
  }
}
