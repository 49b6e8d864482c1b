package dev.carafe.infinispan;

import static org.infinispan.configuration.parsing.ParseUtils.requireNoNamespaceAttribute;
import static org.infinispan.configuration.parsing.ParseUtils.unexpectedElement;

import java.time.Duration;
import org.infinispan.commons.configuration.io.ConfigurationReader;
import org.infinispan.commons.util.ByteQuantity;
import org.infinispan.configuration.parsing.CacheParser;
import org.infinispan.configuration.parsing.ConfigurationBuilderHolder;
import org.infinispan.configuration.parsing.ConfigurationParser;
import org.infinispan.configuration.parsing.Namespace;
import org.infinispan.configuration.parsing.ParseUtils;
import org.infinispan.configuration.parsing.Parser;

/**
 * Reads the element {@code carafe-store} of a configuration file in XML, JSON or YAML. Infinispan
 * finds this class by the service loader.
 *
 * <pre>{@code
 * <persistence>
 *   <carafe-store xmlns="urn:infinispan:config:store:carafe:16.1" path="/var/lib/app"
 *       memory="256MiB" file-size="16GiB"/>
 * </persistence>
 * }</pre>
 *
 * <p>{@code memory} and {@code file-size} are bytes, with or without a unit. {@code persist-within}
 * is milliseconds.
 */
@Namespace(root = "carafe-store")
@Namespace(uri = CarafeStoreConfigurationParser.NAMESPACE + "*", root = "carafe-store")
public class CarafeStoreConfigurationParser implements ConfigurationParser {
  static final String NAMESPACE = Parser.NAMESPACE + "store:carafe:";

  /** Creates the parser. The service loader calls it. */
  public CarafeStoreConfigurationParser() {}

  @Override
  public void readElement(ConfigurationReader reader, ConfigurationBuilderHolder holder) {
    if (!reader.getLocalName().equals(StoreElement.CARAFE_STORE.toString())) {
      throw unexpectedElement(reader);
    }
    CarafeStoreConfigurationBuilder store =
        holder
            .getCurrentConfigurationBuilder()
            .persistence()
            .addStore(CarafeStoreConfigurationBuilder.class);
    for (int i = 0; i < reader.getAttributeCount(); i++) {
      requireNoNamespaceAttribute(reader, i);
      String value = reader.getAttributeValue(i);
      switch (reader.getAttributeName(i)) {
        case "path" -> store.path(value);
        case "memory" -> store.memory(ByteQuantity.parse(value));
        case "file-size" -> store.fileSize(ByteQuantity.parse(value));
        case "persist-within" -> store.persistWithin(Duration.ofMillis(Long.parseLong(value)));
        case "sync-writes" -> store.syncWrites(Boolean.parseBoolean(value));
        default -> CacheParser.parseStoreAttribute(reader, i, store);
      }
    }
    while (reader.inTag()) {
      CacheParser.parseStoreElement(reader, store);
    }
  }

  @Override
  public Namespace[] getNamespaces() {
    return ParseUtils.getNamespaceAnnotations(getClass());
  }
}
