package dev.carafe.bench;

import dev.carafe.bench.core.CodecCommand;
import dev.carafe.bench.core.CoreCommand;
import dev.carafe.bench.versus.VersusCommand;
import picocli.CommandLine.Command;

/** Measurements, each next to what would be used instead. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    description = "Measures Carafe side by side with its peers, each in a JVM of its own.",
    subcommands = {CoreCommand.class, CodecCommand.class})
final class BenchCommand extends VersusCommand {}
