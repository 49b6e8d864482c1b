/**
 * Bytes at offsets of one file, asynchronously: what the log reads and writes with.
 *
 * <p>Start at {@link dev.carafe.device.Devices#open}. Three kinds of device keep one contract:
 * io_uring with registered memory, io_uring without, and a file channel. Which one was had, and
 * what was lost on the way down, is in {@link dev.carafe.device.DeviceInfo}.
 */
@NullMarked
package dev.carafe.device;

import org.jspecify.annotations.NullMarked;
