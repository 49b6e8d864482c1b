/**
 * Asynchronous positional I/O on one file, used by the log.
 *
 * <p>Start at {@link dev.carafe.device.Devices#open}. Three kinds of device implement one contract:
 * io_uring with registered memory, io_uring without, and a file channel. {@link
 * dev.carafe.device.DeviceInfo} has the kind of the open device, and the reason why a better one is
 * not in use.
 */
@NullMarked
package dev.carafe.device;

import org.jspecify.annotations.NullMarked;
