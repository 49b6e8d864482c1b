package dev.carafe.springboot;

import java.io.Serializable;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.cache.annotation.CacheEvict;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.cache.annotation.EnableCaching;
import org.springframework.context.annotation.Bean;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** An application: books that are cached, behind HTTP where there is a web server. */
@SpringBootConfiguration
@EnableAutoConfiguration
@EnableCaching
class Library {
  @Bean
  Books books() {
    return new Books();
  }

  /**
   * A value.
   *
   * @param id of the book
   * @param copy how many were made before it
   */
  record Book(long id, int copy) implements Serializable {}

  /** What is cached. */
  static class Books {
    private final AtomicInteger made = new AtomicInteger();
    private final CountDownLatch entered = new CountDownLatch(1);
    private final CountDownLatch released = new CountDownLatch(1);

    /** How many calls were not answered by a cache. */
    public int calls() {
      return made.get();
    }

    @Cacheable("books")
    public Book book(long id) {
      return new Book(id, made.incrementAndGet());
    }

    @Cacheable("absent")
    public @Nullable Book absent(long id) {
      made.incrementAndGet();
      return null;
    }

    @Cacheable("optional")
    public Optional<Book> maybe(long id) {
      made.incrementAndGet();
      return id == 0 ? Optional.empty() : Optional.of(new Book(id, 0));
    }

    @Cacheable("shelves")
    public String shelf(String room, String wall) {
      return room + wall + made.incrementAndGet();
    }

    @CacheEvict("shelves")
    public void moved(String room, String wall) {}

    @Cacheable("later")
    public CompletableFuture<Book> later(long id) {
      return CompletableFuture.supplyAsync(() -> new Book(id, made.incrementAndGet()));
    }

    @Cacheable("slow")
    public String slow(String name) throws InterruptedException {
      entered.countDown();
      if (!released.await(30, TimeUnit.SECONDS)) {
        throw new AssertionError("was not released");
      }
      return name + made.incrementAndGet();
    }

    /** Waits until a thread is in {@link #slow}. */
    public void awaitSlow() throws InterruptedException {
      if (!entered.await(30, TimeUnit.SECONDS)) {
        throw new AssertionError("no thread called slow()");
      }
    }

    /** Lets the thread in {@link #slow} go on. */
    public void release() {
      released.countDown();
    }
  }

  /** HTTP. */
  @RestController
  static class Desk {
    private final Books books;

    Desk(Books books) {
      this.books = books;
    }

    @GetMapping("/books/{id}")
    Book book(@PathVariable("id") long id) {
      return books.book(id);
    }

    @GetMapping("/slow/{name}")
    String slow(@PathVariable("name") String name) throws InterruptedException {
      return books.slow(name);
    }
  }
}
