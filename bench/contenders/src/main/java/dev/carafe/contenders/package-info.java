/**
 * Carafe and the caches and stores that it is compared with, behind one interface. {@link
 * dev.carafe.contenders.Contenders} lists them. {@link dev.carafe.contenders.ForkedJvm} starts a
 * JVM with only one of them on its class path.
 */
@NullMarked
package dev.carafe.contenders;

import org.jspecify.annotations.NullMarked;
