package dev.carafe.bench;

import dev.carafe.bench.core.CodecCommand;
import dev.carafe.bench.core.CoreCommand;
import dev.carafe.bench.near.NearCommand;
import dev.carafe.bench.versus.VersusCommand;
import picocli.CommandLine.Command;

/** {@code carafe bench}: measures Carafe and comparable libraries. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    description =
        "Measures Carafe and comparable caches and stores. Each contender runs in its own JVM.",
    subcommands = {CoreCommand.class, CodecCommand.class, NearCommand.class})
final class BenchCommand extends VersusCommand {}
