package dev.carafe.spi;

/**
 * The limit of the bytes that a file gets.
 *
 * @param bytesPerDay the budget
 * @param limitsSaves whether values are not written after {@code persistWithin} when the budget is
 *     used up; false if the application has set that bound
 */
public record WriteBudget(long bytesPerDay, boolean limitsSaves) {}
