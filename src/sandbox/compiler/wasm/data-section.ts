/** Passive data segments: bytes that `memory.init` copies out of the module. */
import type { ByteSink } from "./byte-sink.ts";

const PASSIVE = 0x01;

export function writeDataSection(sink: ByteSink, segments: readonly Uint8Array[]): void {
  sink.unsigned(segments.length);
  for (const bytes of segments) sink.unsigned(PASSIVE).sized(bytes);
}
