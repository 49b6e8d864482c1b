package shop;

import java.io.Serializable;
import java.time.Instant;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.cache.annotation.CacheEvict;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.cache.annotation.EnableCaching;
import org.springframework.stereotype.Service;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** A shop whose books are cached, also over a restart. */
@SpringBootApplication
@EnableCaching
public class Shop {
  /** Starts the shop. */
  public static void main(String[] arguments) {
    SpringApplication.run(Shop.class, arguments);
  }

  /** A book, and when it was looked up. */
  public record Book(long id, String title, Instant lookedUp) implements Serializable {}

  /** Looks books up. */
  @Service
  public static class Books {
    /** Stands for a slow query. */
    @Cacheable("books")
    public Book find(long id) {
      return new Book(id, "Book " + id, Instant.now());
    }

    /** Forgets a book, in memory and in the file. */
    @CacheEvict("books")
    public void changed(long id) {}
  }

  /** The shop over HTTP. */
  @RestController
  public static class Pages {
    private final Books books;

    /** Serves these books. */
    public Pages(Books books) {
      this.books = books;
    }

    /** A book. */
    @GetMapping("/books/{id}")
    public Book book(@PathVariable("id") long id) {
      return books.find(id);
    }

    /** The book has changed. */
    @DeleteMapping("/books/{id}")
    public void changed(@PathVariable("id") long id) {
      books.changed(id);
    }
  }
}
