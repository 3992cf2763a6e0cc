package io.onevault.tracking.local;

import java.io.InputStream;
import java.io.PrintStream;

/**
 * Where the stack reads from and writes to, and how it is asked to stop.
 *
 * @param out results only, for programs
 * @param progress everything else, for people
 */
public record Console(InputStream in, PrintStream out, Progress progress, Interrupts interrupts) {}
