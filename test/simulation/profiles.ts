// What a simulated channel has to live through. Figures are per thousand or milliseconds.
import type { LinkQuality } from "./network.ts";

export interface Profile {
  readonly name: string;
  readonly chain: "model" | "real";
  readonly nodesMin: number;
  readonly nodesMax: number;
  /** How long faults happen; afterwards everything heals. */
  readonly faultMs: number;
  /** Between two calls of the workload, at most. */
  readonly callMsMax: number;
  /** Between two settlements asked for, at most; 0 for none. */
  readonly settleMsMax: number;
  readonly links: LinkQuality;
  /** Faults, each by its weight; one happens every `faultEveryMs` on average. */
  readonly faultEveryMs: number;
  readonly faults: {
    /** Cuts one link. */
    readonly cut: number;
    /** Parts the nodes into two groups. */
    readonly partition: number;
    /** Kills a node between two effects and starts it again later. */
    readonly crash: number;
    /** Does so to the one that leads. */
    readonly behead: number;
    /** The chain makes no blocks for a while. */
    readonly halt: number;
    /** Slow, lossy links for a while. */
    readonly storm: number;
  };
  /** How long a fault lasts, at most. */
  readonly lastMsMax: number;
  /** Commands to the chain that get lost. */
  readonly commandsLost: number;
  /** Nodes that stay dead after the faults: out of a thousand seeds, one node. */
  readonly dead: number;
  /** Somebody cheats while leading. */
  readonly cheats: boolean;
  /** Members leave, and in the end the creator closes the channel. */
  readonly departs: boolean;
}

const CALM: Profile = {
  name: "calm",
  chain: "model",
  nodesMin: 2,
  nodesMax: 5,
  faultMs: 20_000,
  callMsMax: 400,
  settleMsMax: 8_000,
  links: { delayMin: 2, delayMax: 30, lost: 0, doubled: 0 },
  faultEveryMs: 0,
  faults: { cut: 0, partition: 0, crash: 0, behead: 0, halt: 0, storm: 0 },
  lastMsMax: 0,
  commandsLost: 0,
  dead: 0,
  cheats: false,
  departs: true,
};

/** Whole processes and links gone for longer than any lease: elections and removals. */
const ABSENCES: Profile = {
  ...CALM,
  name: "absences",
  faultMs: 120_000,
  settleMsMax: 20_000,
  faultEveryMs: 12_000,
  faults: { cut: 1, partition: 1, crash: 4, behead: 0, halt: 0, storm: 0 },
  lastMsMax: 60_000,
  dead: 500,
  departs: false,
};

/** Everything at once: what `npm test` runs. */
const MIXED: Profile = {
  ...CALM,
  name: "mixed",
  faultMs: 60_000,
  settleMsMax: 15_000,
  links: { delayMin: 2, delayMax: 60, lost: 20, doubled: 20, forged: 20 },
  faultEveryMs: 4_000,
  faults: { cut: 3, partition: 2, crash: 4, behead: 0, halt: 1, storm: 2 },
  lastMsMax: 20_000,
  commandsLost: 30,
  dead: 300,
  departs: false,
};

const CRASHES: Profile = {
  ...MIXED,
  name: "crashes",
  faultEveryMs: 1_500,
  faults: { cut: 0, partition: 0, crash: 1, behead: 0, halt: 0, storm: 0 },
  lastMsMax: 12_000,
};

const PARTITIONS: Profile = {
  ...MIXED,
  name: "partitions",
  faultEveryMs: 5_000,
  faults: { cut: 2, partition: 3, crash: 0, behead: 0, halt: 1, storm: 0 },
  lastMsMax: 30_000,
};

/** The mixed faults, with every node's core over the real chain, contracts and virtual machine. */
const REAL: Profile = {
  ...MIXED,
  name: "real",
  chain: "real",
  callMsMax: 1_500,
  settleMsMax: 20_000,
  faults: { ...MIXED.faults, behead: 2 },
  lastMsMax: 40_000,
};

/** Four or five, one of whom can be done without, and mostly the leader goes: view changes. */
const VIEWS: Profile = {
  ...MIXED,
  name: "views",
  nodesMin: 4,
  faultEveryMs: 3_000,
  faults: { cut: 1, partition: 1, crash: 1, behead: 5, halt: 1, storm: 1 },
  lastMsMax: 6_000,
};

/** A leader that signs results its own entries contradict. */
const CHEATS: Profile = {
  ...CALM,
  name: "cheats",
  faultMs: 30_000,
  cheats: true,
  departs: false,
};

export const PROFILES: Readonly<Record<string, Profile>> = {
  real: REAL,
  cheats: CHEATS,
  "real-views": { ...VIEWS, name: "real-views", chain: "real", callMsMax: 1_500 },
  "real-cheats": { ...CHEATS, name: "real-cheats", chain: "real" },
  "real-calm": { ...CALM, name: "real-calm", chain: "real" },
  calm: CALM,
  mixed: MIXED,
  crashes: CRASHES,
  partitions: PARTITIONS,
  absences: ABSENCES,
  views: VIEWS,
};
