// What is committed beside the sources agrees with itself, without a compiler at hand.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { toHex } from "#core/bytes.ts";
import { domainHash, domainPrefix, sha2_256 } from "#core/hash.ts";
import { BYTECODE } from "../../../src/chains/contracts/bytecode.ts";
import type { Manifest } from "../../../tools/contracts/manifest.ts";
import { hashSources } from "../../../tools/contracts/source-hash.ts";
import { arg, startContractChain } from "./contract-chain.ts";

const CONTRACTS = join(import.meta.dirname, "../../../src/chains/contracts");
const manifest = JSON.parse(readFileSync(join(CONTRACTS, "manifest.json"), "utf8")) as Manifest;

describe("the committed contracts", () => {
  it("are compiled from the committed sources", () => {
    const names = ["framework", "rooch", "rooch_demo", "resource_model", "shard", "paracross"];
    expect(manifest.packages.map(({ name }) => name)).toEqual(names);
    // Where this fails, `npm run build:contracts -- --update` has not been run.
    const sources = manifest.packages.map(({ name }) => hashSources(join(CONTRACTS, name)));
    expect(sources).toEqual(manifest.packages.map((item) => item.sources));
  });

  it("are the same in the files, in the manifest and in what browsers load", () => {
    const inFiles = manifest.modules.map(({ file }) =>
      toHex(sha2_256(readFileSync(join(CONTRACTS, file)))),
    );
    expect(inFiles).toEqual(manifest.modules.map(({ sha256 }) => sha256));
    expect(BYTECODE.map(({ id, sha256 }) => [id, sha256])).toEqual(
      manifest.modules.map(({ module, sha256 }) => [module, sha256]),
    );
    for (const { hex, sha256 } of BYTECODE) {
      expect(toHex(sha2_256(Uint8Array.from(Buffer.from(hex, "hex"))))).toBe(sha256);
    }
  });

  it("stand in publish order", () => {
    const published = new Set<string>();
    for (const { module, dependencies } of manifest.modules) {
      for (const dependency of dependencies) expect(published).toContain(dependency);
      published.add(module);
    }
  });

  it("separate domains by the channel's own prefixes", () => {
    const chain = startContractChain();
    const prefixes = {
      ack: "Ack",
      call: "Call",
      channel: "Channel",
      configuration: "Configuration",
      entries: "Entries",
      genesis: "Genesis",
      header: "Header",
      history_root: "HistoryRoot",
      node_owner: "NodeOwner",
      removal: "Removal",
      state_inner: "StateInner",
      state_key: "StateKey",
      state_leaf: "StateLeaf",
      step: "Step",
      steps_root: "StepsRoot",
    };
    const onChain = Object.keys(prefixes).map((name) => {
      const [bytes] = chain.system(`0x20::domain::${name}`, {}).returns;
      return [name, toHex(bytes?.subarray(1) ?? new Uint8Array())];
    });
    const here = Object.entries(prefixes).map(([name, tag]) => [name, toHex(domainPrefix(tag))]);
    expect(onChain).toEqual(here);
    const args = [arg.bytes(domainPrefix("Ack")), arg.bytes(Uint8Array.of(7))];
    const [digest] = chain.view("0x20::domain::digest", { args });
    expect(digest).toEqual(arg.bytes(domainHash("Ack", Uint8Array.of(7))));
  });
});
