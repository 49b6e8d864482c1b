/**
 * Carafe and what people would pick instead, behind one small interface, so that one benchmark can
 * measure all of them. {@link dev.carafe.contenders.Contenders} lists them, {@link
 * dev.carafe.contenders.ForkedJvm} starts a JVM that has only one of them on its class path.
 */
@NullMarked
package dev.carafe.contenders;

import org.jspecify.annotations.NullMarked;
