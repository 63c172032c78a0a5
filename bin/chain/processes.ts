// A root and a shard as processes of their own, kept running: one that ends is started again with
// what it has on disk.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { SHARD_NODE_COUNT, shardNodePort } from "./shard-cluster.ts";

/** What the root's process prints when it can be reached. */
const SERVED = /^API: /;
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
  /** Takes what the processes print, line by line. */
  readonly onLine: (name: string, line: string) => void;
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
  let isServed = false;
  const hear = (name: string, line: string): void => {
    options.onLine(name, line);
    if (isServed || isClosing || !SERVED.test(line)) return;
    // The shard's nodes begin with what a node of the root tells them.
    isServed = true;
    for (const node of nodes) start(node);
  };
  const start = (part: Part): void => {
    const [program = process.execPath, ...first] = options.command;
    const child = spawn(program, [...first, ...part.args], { stdio: ["ignore", "pipe", "pipe"] });
    children.add(child);
    for (const stream of [child.stdout, child.stderr]) {
      inLines(stream, (line) => hear(part.name, line));
    }
    options.onLine(part.name, `is process ${child.pid}`);
    child.once("exit", () => {
      children.delete(child);
      if (isClosing) return;
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
  const { host, port, dataFolder, shardId, shardPort } = options;
  const shared = ["--host", host, "--data", dataFolder];
  const rootUrl = `http://${host}:${port}/v1`;
  const places = Array.from({ length: SHARD_NODE_COUNT }, (_, place) => place);
  const urlOf = (place: number): string => `http://${host}:${shardNodePort(shardPort, place)}/v1`;
  return [
    { name: "root", args: ["--only", "root", "--port", String(port), ...shared] },
    ...places.map((place) => ({
      name: `shard ${shardId} node ${place}`,
      args: ["--only", "shard"].concat(
        ["--shard", String(shardId), "--place", String(place), "--peer", rootUrl],
        ["--port", String(shardNodePort(shardPort, place))],
        shared,
        // Each dials those before it: one connection between any two.
        places.slice(0, place).flatMap((other) => ["--sibling", urlOf(other)]),
      ),
    })),
  ];
}

function inLines(stream: NodeJS.ReadableStream, onLine: (line: string) => void): void {
  let rest = "";
  stream.on("data", (data: Buffer) => {
    const lines = (rest + data.toString()).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) onLine(line);
  });
}
