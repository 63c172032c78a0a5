/**
 * Golden files: modules in the assembler's language, and between them, behind `//!`, what is
 * called. The README beside this file describes the form.
 */
import { present } from "#core/assert.ts";
import { type ExecutionProfile, type ExecutionLimits, formatModuleId } from "#sandbox";
import { selfId } from "../../src/sandbox/binary-format/module-view.ts";
import { assemble } from "../assembler/assembler.ts";
import type { Step } from "../differential/compare-executors.ts";
import { PROFILES, type ProfileName } from "../differential/executors.ts";
import { serializeModule } from "../../src/sandbox/binary-format/serializer.ts";
import { readArgument } from "./argument.ts";

export interface GoldenStep {
  /** As it stands in the file. */
  readonly title: string;
  readonly step: Step;
}

export interface GoldenFile {
  readonly profile: ExecutionProfile;
  readonly steps: readonly GoldenStep[];
}

const GAS_LIMIT = 1_000_000;
const DIRECTIVE = "//!";

/** @throws Error with the line that cannot be read. */
export function readGoldenFile(text: string): GoldenFile {
  const steps: GoldenStep[] = [];
  let profile = PROFILES.chain;
  let limits: ExecutionLimits = profile.limits;
  for (const part of partsOf(text)) {
    if (!part.startsWith(DIRECTIVE)) {
      steps.push(publication(part));
      continue;
    }
    const directive = part.slice(DIRECTIVE.length).trim();
    const [word = "", first = "", second = ""] = directive.split(/\s+/);
    if (word === "profile") profile = PROFILES[profileName(first)];
    else if (word === "limit") limits = { ...limits, [limitName(first)]: Number(second) };
    else if (word === "call") steps.push({ title: directive, step: readCall(directive) });
    else throw new Error(`no directive ${directive}`);
    if (word === "profile") limits = profile.limits;
  }
  return { profile: { ...profile, limits }, steps };
}

/** Modules and directives, in order. Lines before the first of either are for people. */
function partsOf(text: string): readonly string[] {
  const parts: string[] = [];
  for (const line of text.split("\n")) {
    const begins = line.startsWith(DIRECTIVE) || line.startsWith("module ");
    if (begins) parts.push(line);
    else if (parts.at(-1)?.startsWith("module ") === true) parts[parts.length - 1] += `\n${line}`;
  }
  return parts;
}

function publication(text: string): GoldenStep {
  const module = assemble(text);
  const { address, name } = selfId(module);
  const sender = formatModuleId({ address, name }).split("::")[0] ?? "";
  const step: Step = {
    kind: "publish",
    sender,
    bytes: serializeModule(module),
    continues: false,
  };
  return { title: `publish ${formatModuleId({ address, name })}`, step };
}

/** `call 0x1::m::f<u64>(1u64, @0xa, true, x0102) signer 0xa mode entry gas 100 continues`. */
function readCall(text: string): Step {
  const form = /^call ([^<(]+)(?:<(.*)>)?\((.*?)\)(.*)$/.exec(text);
  if (form === null) throw new Error(`no call: ${text}`);
  const [, name = "", types = "", args = "", rest = ""] = form;
  const words = rest.split(/\s+/).filter((word) => word !== "");
  const after = (key: string) => words.flatMap((word, at) => (word === key ? [at + 1] : []));
  const value = (key: string) => words[after(key)[0] ?? -1];
  const mode = value("mode") ?? "function";
  if (mode !== "entry" && mode !== "function" && mode !== "system") throw new Error(text);
  return {
    kind: "call",
    mode,
    function: name,
    typeArgs: splitList(types),
    args: splitList(args).map(readArgument),
    signers: after("signer").map((at) => present(words[at], "a signer")),
    gasLimit: Number(value("gas") ?? GAS_LIMIT),
    continues: words.includes("continues"),
    isRolledBack: words.includes("rolled-back"),
  };
}

/** Items between commas that stand in no brackets. */
function splitList(text: string): readonly string[] {
  const items: string[] = [];
  let depth = 0;
  for (const sign of text) {
    depth += sign === "<" ? 1 : sign === ">" ? -1 : 0;
    if (sign === "," && depth === 0) items.push("");
    else items.push((items.pop() ?? "") + sign);
  }
  return items.map((item) => item.trim()).filter((item) => item !== "");
}

function profileName(word: string): ProfileName {
  if (word === "chain" || word === "offChain" || word === "tight") return word;
  throw new Error(`no profile ${word}`);
}

function limitName(word: string): keyof ExecutionLimits {
  const names = Object.keys(PROFILES.chain.limits) as (keyof ExecutionLimits)[];
  return present(
    names.find((name) => name === word),
    `a limit ${word}`,
  );
}
