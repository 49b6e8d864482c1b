/** An example application with Carafe's Spring Boot starter. */
@NullMarked
package shop;

import org.jspecify.annotations.NullMarked;
