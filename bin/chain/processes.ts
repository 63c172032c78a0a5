// A root, a shard and a parallel chain as processes of their own, kept running: one that ends is
// started again with what it has on disk.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { PARA_NODE_COUNT } from "./para-founding.ts";
import { paraNodePort } from "./para-server.ts";
import { SHARD_NODE_COUNT, shardNodePort } from "./shard-cluster.ts";

/** What a process prints when it can be reached: the root's, and a node's beside it. */
const SERVED = /^(?:API: |(?:Shard|Parallel chain) \d+, chain \d+: )/;
/** Before a process that ended is started again. */
const RESTART_MS = 1_000;

export interface ProcessesOptions {
  /** The program to start, with its first arguments. */
  readonly command: readonly string[];
  readonly host: string;
  /** Of the root's API; not 0. */
  readonly port: number;
  readonly dataFolder: string;
  readonly shardId: bigint;
  /** Of the shard's first node; not 0. */
  readonly shardPort: number;
  /** Of the parallel chain. */
  readonly paraNumber: number;
  /** Of the parallel chain's first node; not 0. */
  readonly paraPort: number;
  /** Takes what the processes print, line by line, and what becomes of them. */
  readonly onLine: (name: string, line: string) => void;
  /** Is told once that all of them can be reached. */
  readonly onServed: () => void;
}

export interface Processes {
  /** Asks all of them to end, and waits until they have. */
  close(): Promise<void>;
}

interface Part {
  readonly name: string;
  readonly args: readonly string[];
}

export function startProcesses(options: ProcessesOptions): Processes {
  const children = new Set<ChildProcess>();
  const timers = new Set<NodeJS.Timeout>();
  let isClosing = false;
  const [root, ...nodes] = partsOf(options);
  const served = new Set<string>();
  const hear = (name: string, line: string): void => {
    options.onLine(name, line);
    if (isClosing || served.has(name) || !SERVED.test(line)) return;
    served.add(name);
    // All other nodes begin with what a node of the root tells them.
    if (name === root.name) for (const node of nodes) start(node);
    if (served.size === 1 + nodes.length) options.onServed();
  };
  const start = (part: Part): void => {
    const [program = process.execPath, ...first] = options.command;
    const child = spawn(program, [...first, ...part.args], { stdio: ["ignore", "pipe", "pipe"] });
    children.add(child);
    for (const stream of [child.stdout, child.stderr]) {
      inLines(stream, (line) => hear(part.name, line));
    }
    options.onLine(part.name, `is process ${child.pid}`);
    child.once("exit", (code, signal) => {
      children.delete(child);
      if (isClosing) return;
      const how = signal === null ? `with exit code ${code}` : `by ${signal}`;
      options.onLine(part.name, `ended ${how}; it is started again`);
      const timer = setTimeout(() => {
        timers.delete(timer);
        start(part);
      }, RESTART_MS);
      timers.add(timer);
    });
  };
  start(root);
  return {
    close: async () => {
      isClosing = true;
      for (const timer of timers) clearTimeout(timer);
      const ending = [...children].map((child) => once(child, "exit"));
      for (const child of children) child.kill("SIGTERM");
      await Promise.all(ending);
    },
  };
}

/** The root's process first. */
function partsOf(options: ProcessesOptions): readonly [Part, ...Part[]] {
  const { host, port, paraNumber } = options;
  const begins = ["--para", String(paraNumber), "--port", String(port)];
  const root = { name: "root", args: ["--only", "root", ...begins, ...sharedArgs(options)] };
  const rootUrl = urlOf(host, port);
  return [root, ...shardParts(options, rootUrl), ...paraParts(options, rootUrl)];
}

function shardParts(options: ProcessesOptions, rootUrl: string): readonly Part[] {
  const { host, shardId, shardPort } = options;
  const ports = Array.from({ length: SHARD_NODE_COUNT }, (_, place) => {
    return shardNodePort(shardPort, place);
  });
  return ports.map((port, place) => ({
    name: `shard ${shardId} node ${place}`,
    args: ["--only", "shard"].concat(
      ["--shard", String(shardId), "--place", String(place), "--peer", rootUrl],
      ["--port", String(port)],
      sharedArgs(options),
      // Each dials those before it: one connection between any two.
      ports.slice(0, place).flatMap((other) => ["--sibling", urlOf(host, other)]),
    ),
  }));
}

function paraParts(options: ProcessesOptions, rootUrl: string): readonly Part[] {
  const { paraNumber, paraPort } = options;
  return Array.from({ length: PARA_NODE_COUNT }, (_, place) => ({
    name: `parallel chain ${paraNumber} node ${place}`,
    args: ["--only", "para"].concat(
      ["--para", String(paraNumber), "--place", String(place), "--peer", rootUrl],
      ["--port", String(paraNodePort(paraPort, place))],
      sharedArgs(options),
    ),
  }));
}

function sharedArgs({ host, dataFolder }: ProcessesOptions): readonly string[] {
  return ["--host", host, "--data", dataFolder];
}

function urlOf(host: string, port: number): string {
  return `http://${host}:${port}/v1`;
}

function inLines(stream: NodeJS.ReadableStream, onLine: (line: string) => void): void {
  let rest = "";
  stream.on("data", (data: Buffer) => {
    const lines = (rest + data.toString()).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) onLine(line);
  });
}
