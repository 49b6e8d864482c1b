/**
 * What an engine implements to stand behind {@link dev.carafe.CarafeBuilder}, and what the
 * integrations have in common; not for applications.
 *
 * <p>Stability: internal. Any version may change it; the API and the engine of one version belong
 * together.
 */
@NullMarked
package dev.carafe.spi;

import org.jspecify.annotations.NullMarked;
