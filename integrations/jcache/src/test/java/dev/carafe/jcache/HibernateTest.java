package dev.carafe.jcache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.CarafeStore;
import jakarta.persistence.Cacheable;
import jakarta.persistence.ElementCollection;
import jakarta.persistence.Entity;
import jakarta.persistence.FetchType;
import jakarta.persistence.Id;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.UUID;
import javax.cache.CacheManager;
import javax.cache.Caching;
import org.hibernate.KeyType;
import org.hibernate.SessionFactory;
import org.hibernate.annotations.Cache;
import org.hibernate.annotations.CacheConcurrencyStrategy;
import org.hibernate.annotations.NaturalId;
import org.hibernate.annotations.NaturalIdCache;
import org.hibernate.cfg.Configuration;
import org.hibernate.jpa.HibernateHints;
import org.hibernate.stat.Statistics;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The second-level cache of Hibernate: entities, collections, natural ids and queries in one store,
 * by properties alone, over a restart.
 */
final class HibernateTest extends ManagerOverStore {
  private static final int BOOKS = 200;

  private final String database = "jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1";

  /** An entity whose values Hibernate locks during a transaction. */
  @Entity(name = "Book")
  @Cacheable
  @Cache(usage = CacheConcurrencyStrategy.READ_WRITE)
  @NaturalIdCache
  static class Book {
    @Id long id;
    @NaturalId @Nullable String isbn;
    @Nullable String title;

    @ElementCollection(fetch = FetchType.LAZY)
    @Cache(usage = CacheConcurrencyStrategy.READ_WRITE)
    List<String> tags = new ArrayList<>();
  }

  /** An entity that does not change. */
  @Entity(name = "Shelf")
  @Cacheable
  @Cache(usage = CacheConcurrencyStrategy.READ_ONLY, region = "shelves")
  static class Shelf {
    @Id @Nullable UUID id;
    int room;
  }

  @BeforeEach
  void writeSettings() throws IOException {
    Files.writeString(
        directory.resolve("cache.properties"),
        """
        carafe.store.memory = 4m
        carafe.store.file = %s
        carafe.store.fileBytes = 64m
        carafe.store.createMissing = true
        carafe.default.serialFilter = java.**;org.hibernate.**;!*
        """
            .formatted(file()));
  }

  private SessionFactory open() {
    return new Configuration()
        .addAnnotatedClass(Book.class)
        .addAnnotatedClass(Shelf.class)
        .setProperty("hibernate.connection.url", database)
        .setProperty("hibernate.hbm2ddl.auto", "update")
        .setProperty("hibernate.generate_statistics", "true")
        .setProperty("hibernate.cache.use_second_level_cache", "true")
        .setProperty("hibernate.cache.use_query_cache", "true")
        .setProperty("hibernate.cache.region.factory_class", "jcache")
        .setProperty("hibernate.javax.cache.provider", CarafeCachingProvider.class.getName())
        .setProperty(
            "hibernate.javax.cache.uri", directory.resolve("cache.properties").toUri().toString())
        .setProperty("hibernate.javax.cache.missing_cache_strategy", "create")
        .buildSessionFactory();
  }

  private static Book book(long id) {
    Book book = new Book();
    book.id = id;
    book.isbn = "978-" + id;
    book.title = "Title " + id;
    book.tags = new ArrayList<>(List.of("a" + id, "b"));
    return book;
  }

  private static void persist(SessionFactory factory, UUID shelf) {
    factory.inTransaction(session -> {
      for (long id = 0; id < BOOKS; id++) {
        session.persist(book(id));
      }
      Shelf one = new Shelf();
      one.id = shelf;
      one.room = 7;
      session.persist(one);
    });
  }

  private static void readAll(SessionFactory factory, UUID shelf, String suffix) {
    for (long id = 0; id < BOOKS; id++) {
      long each = id;
      factory.inTransaction(session -> {
        Book found = session.find(Book.class, "978-" + each, KeyType.NATURAL);
        assertEquals("Title " + each + suffix, found.title);
        assertEquals(List.of("a" + each, "b"), List.copyOf(found.tags));
      });
    }
    factory.inTransaction(session -> assertEquals(7, session.find(Shelf.class, shelf).room));
  }

  private static long count(SessionFactory factory) {
    return factory.fromTransaction(session ->
        session
            .createQuery("select count(*) from Book b where b.title like 'Title%'", Long.class)
            .setHint(HibernateHints.HINT_CACHEABLE, true)
            .getSingleResult());
  }

  @Test
  void theSecondLevelCacheIsInTheStoreAndSurvivesARestart() {
    UUID shelf = UUID.randomUUID();
    try (SessionFactory factory = open()) {
      persist(factory, shelf);
      readAll(factory, shelf, ""); // fills the caches of collections and natural ids
      assertEquals(BOOKS, count(factory));
      Statistics seen = factory.getStatistics();
      seen.clear();
      readAll(factory, shelf, "");
      assertEquals(BOOKS, count(factory));
      assertEquals(0, seen.getPrepareStatementCount(), seen::toString);
      assertEquals(1, seen.getQueryCacheHitCount());
    }
    try (SessionFactory factory = open()) {
      Statistics seen = factory.getStatistics();
      seen.clear();
      readAll(factory, shelf, "");
      assertEquals(BOOKS, count(factory));
      assertEquals(0, seen.getPrepareStatementCount(), seen::toString); // all from the file
      assertEquals(2 * BOOKS + 1, seen.getSecondLevelCacheHitCount());

      factory.inTransaction(session ->
          session.createQuery("from Book", Book.class).list().forEach(b -> b.title += "!"));
      readAll(factory, shelf, "!");
      factory.inTransaction(session -> session.remove(session.find(Book.class, 3L)));
      factory.inTransaction(session -> assertNull(session.find(Book.class, 3L)));
      assertEquals(BOOKS - 1, count(factory));
      factory.getCache().evictAllRegions();
      assertEquals(BOOKS - 1, count(factory));
    }
  }

  @Test
  void theRegionsAreCachesOfOneStore() {
    try (SessionFactory factory = open()) {
      persist(factory, UUID.randomUUID());
      assertEquals(BOOKS, count(factory));
      CacheManager caches =
          Caching.getCachingProvider(CarafeCachingProvider.class.getName())
              .getCacheManager(directory.resolve("cache.properties").toUri(), null);
      // entities, their collections and natural ids, queries and the times of updates
      assertEquals(6, names(caches).size(), () -> names(caches).toString());
      assertTrue(names(caches).contains("shelves"), () -> names(caches).toString());
      assertEquals(names(caches), new TreeSet<>(caches.unwrap(CarafeStore.class).cacheNames()));
    }
  }
}
