package dev.carafe.bench;

import dev.carafe.bench.core.CoreCommand;
import picocli.CommandLine.Command;

/** Measurements, each next to what would be used instead. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    description = "Measures Carafe side by side with its peers.",
    subcommands = {CoreCommand.class})
final class BenchCommand {}
