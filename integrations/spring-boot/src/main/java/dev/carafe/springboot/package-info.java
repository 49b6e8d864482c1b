/**
 * Auto-configuration of Carafe for Spring Boot 4: one {@link dev.carafe.CarafeStore}, and a cache
 * manager with caches in it. {@link dev.carafe.springboot.CarafeProperties} lists the properties.
 */
@NullMarked
package dev.carafe.springboot;

import org.jspecify.annotations.NullMarked;
