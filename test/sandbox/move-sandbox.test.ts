// The sandbox as a game developer uses it, the specification's own example calls first.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { toHex } from "#core/bytes.ts";
import {
  type Accounts,
  bcsArgument,
  type ChangeSet,
  chainProfile,
  createInterpreter,
  formatTypeTag,
  MoveSandbox,
  SandboxError,
} from "#sandbox";
import { COUNTER, u64 } from "./fixtures.ts";
import { buildBytes, type ModuleText } from "./module-builder.ts";

const MODULES = new URL("../vectors/vm-conformance/modules/", import.meta.url);

function module(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`${name}.mv`, MODULES)));
}

const STORAGE: Accounts = {
  "0x1": {
    modules: ["storage", "signer", "event", "events", "vector", "string", "strings"].map(module),
  },
};

function opened(): MoveSandbox {
  const sandbox = new MoveSandbox();
  sandbox.setAccounts(STORAGE);
  sandbox.run("0x1::storage::open", [], [5n], { signer: "0x1" });
  return sandbox;
}

function codeOf(run: () => unknown): string | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    return error instanceof SandboxError ? error.code : String(error);
  }
}

describe("the specification's examples", () => {
  it("make a sandbox, load accounts from a chain and run a function", async () => {
    const wasmfs = {};
    const sandbox = new MoveSandbox(wasmfs, {
      storage_dir: "/workspace/storage_dir",
      loadAccounts: (id) => Promise.resolve(id === "7" ? STORAGE : {}),
    });
    const accounts = await sandbox.load_accounts_from_chain("7");
    sandbox.setAccounts(accounts);
    const { change_sets, events } = sandbox.run("0x1::events::one", [], [3]);
    expect(change_sets).toEqual([]);
    const logged = events.map(({ type, data }) => [formatTypeTag(type), toHex(data)]);
    expect(logged).toEqual([["0x1::events::Ping", `${u64(3)}026869`]]);
  });

  it("subscribe: a snapshot, and every change set behind it", () => {
    const sandbox = opened();
    const { snapshot, ch } = sandbox.subscribe();
    const heard: ChangeSet[] = [];
    const stop = ch.on("change_set", (changes) => heard.push(changes));
    const first = sandbox.run("0x1::storage::bump", [], ["0x1", 2]);
    sandbox.run("0x1::storage::bump_twice_then_fail", [], ["0x1"]);
    sandbox.run("0x1::storage::read_only", [], ["0x1"]);
    stop();
    sandbox.run("0x1::storage::bump", [], ["0x1", 3]);
    expect(heard).toEqual([first.changeSet]);

    const copy = new MoveSandbox();
    copy.restore(snapshot);
    expect(copy.stateRoot()).toBe(snapshot.root);
    copy.run("0x1::storage::bump", [], ["0x1", 2]);
    copy.run("0x1::storage::bump", [], ["0x1", 3]);
    expect(copy.stateRoot()).toBe(sandbox.stateRoot());
  });

  it("close ends every listener of a subscription and no other", () => {
    const sandbox = opened();
    const [a, b] = [sandbox.subscribe(), sandbox.subscribe()];
    const heard: string[] = [];
    const listener = () => heard.push("a");
    a.ch.on("change_set", listener);
    a.ch.on("change_set", listener);
    b.ch.on("change_set", () => heard.push("b"));
    a.ch.close();
    sandbox.run("0x1::storage::bump", [], ["0x1", 1]);
    expect(heard).toEqual(["b"]);
  });
});

describe("running", () => {
  it("tells changes by account and type", () => {
    const { accounts, status, gas } = opened().run("0x1::storage::bump", [], ["0x1", 2]);
    expect(status).toEqual({ type: "executed" });
    expect(gas).toBeGreaterThan(0);
    const old = Uint8Array.from(Buffer.from(`${u64(5)}016f`, "hex"));
    const value = Uint8Array.from(Buffer.from(`${u64(7)}026f02`, "hex"));
    expect(accounts).toEqual({ "0x1": { "0x1::storage::Counter": { modify: [old, value] } } });
  });

  it("keeps nothing of what fails, and says why", () => {
    const sandbox = opened();
    const root = sandbox.stateRoot();
    const result = sandbox.run("0x1::storage::bump_twice_then_fail", [], ["0x1"]);
    expect(result.status).toMatchObject({ type: "aborted", code: 404n });
    expect(result.message).toBe("ABORTED 404 in 0x1::storage");
    expect(result.changeSet).toEqual([]);
    expect(sandbox.stateRoot()).toBe(root);
  });

  it("views without keeping, and returns JavaScript values", () => {
    const sandbox = opened();
    expect(sandbox.view("0x1::storage::value", [], ["0x1"]).returns).toEqual([5n]);
    expect(sandbox.view("0x1::storage::has", [], ["0x1"]).returns).toEqual([true, false]);
    expect(sandbox.view("0x1::strings::make", [], ["0x6869"]).returns).toEqual(["hi"]);
    expect(sandbox.resource("0x1", "0x1::storage::Counter")).toEqual({
      n: 5n,
      log: Uint8Array.of(0x6f),
    });
    expect(sandbox.resource("0x2", "0x1::storage::Counter")).toBeUndefined();
  });

  it("takes arguments as BCS", () => {
    const sandbox = opened();
    const bytes = Uint8Array.from(Buffer.from(u64(9), "hex"));
    sandbox.run("0x1::storage::bump", [], ["0x1", bcsArgument(bytes)]);
    expect(sandbox.view("0x1::storage::value", [], ["0x1"]).returns).toEqual([14n]);
  });

  it("bounds gas", () => {
    const options = { gasLimit: 60 };
    const result = opened().run("0x1::storage::bump", [], ["0x1", 1], options);
    expect(result.status).toMatchObject({ status: "OUT_OF_GAS" });
    expect(result.gas).toBe(60);
  });

  it("runs under another executor when one is given", () => {
    const executor = createInterpreter({ ...chainProfile(), allowsChainOnly: false });
    const sandbox = new MoveSandbox(undefined, { executor });
    sandbox.setAccounts({ "0x1": { modules: [buildBytes(COUNTER)] } });
    const { status } = sandbox.run("0x1::counter::open", [], [1], { signer: ["0x1"] });
    expect(status.type).toBe("executed");
  });
});

describe("accounts", () => {
  it("come with code in any order, across accounts, and with resources", () => {
    const caller: ModuleText = {
      address: "0x2",
      name: "user",
      imports: {
        "0x1::counter": { functions: [{ name: "get", params: ["address"], returns: ["u64"] }] },
      },
      functions: [
        {
          name: "read",
          params: ["address"],
          returns: ["u64"],
          code: [["MoveLoc", 0], ["Call", "0x1::counter::get"], ["Ret"]],
        },
      ],
    };
    const sandbox = new MoveSandbox();
    sandbox.setAccounts({
      "0x2": { modules: [buildBytes(caller)], resources: { "0x1::counter::Counter": u64(8) } },
      "0x1": { modules: [toHex(buildBytes(COUNTER))] },
    });
    expect(sandbox.view("0x2::user::read", [], ["0x2"]).returns).toEqual([8n]);
    sandbox.setAccounts({ "0x2": { resources: { "0x1::counter::Counter": `0x${u64(9)}` } } });
    expect(sandbox.view("0x2::user::read", [], ["0x2"]).returns).toEqual([9n]);
  });

  it("are written whole or not at all", () => {
    const sandbox = new MoveSandbox();
    const root = sandbox.stateRoot();
    const bad = { "0x1": { modules: [buildBytes(COUNTER), Uint8Array.of(1)] } };
    expect(codeOf(() => sandbox.setAccounts(bad))).toBe("SANDBOX_NOT_PUBLISHED");
    expect(sandbox.stateRoot()).toBe(root);
  });

  it("publish runs the verifier", () => {
    const bad: ModuleText = { name: "m", functions: [{ name: "f", code: [["Pop"], ["Ret"]] }] };
    const sandbox = new MoveSandbox();
    const { status } = sandbox.publish("0x1", [buildBytes(bad)]);
    expect(status).toMatchObject({ status: "NEGATIVE_STACK_SIZE_WITHIN_BLOCK" });
    expect(sandbox.publish("0x1", [buildBytes(COUNTER)]).changeSet).toHaveLength(1);
  });
});

describe("bad input", () => {
  it.each<[string, string, (sandbox: MoveSandbox) => unknown]>([
    ["a name", "SANDBOX_BAD_NAME", (sandbox) => sandbox.run("storage::open")],
    ["a type", "SANDBOX_BAD_TYPE", (sandbox) => sandbox.run("0x1::storage::open", ["u7"])],
    [
      "an argument",
      "SANDBOX_BAD_ARGUMENT",
      (sandbox) => sandbox.run("0x1::storage::open", [], [-1]),
    ],
    ["a function", "SANDBOX_BAD_ARGUMENT", (sandbox) => sandbox.run("0x1::storage::none")],
    [
      "a signer",
      "SANDBOX_BAD_ADDRESS",
      (sandbox) => sandbox.run("0x1::storage::open", [], [1], { signer: "me" }),
    ],
    ["a resource's type", "SANDBOX_BAD_TYPE", (sandbox) => sandbox.resource("0x1", "u8")],
    ["an address", "SANDBOX_BAD_ADDRESS", (sandbox) => sandbox.resource("x", "0x1::m::S")],
    ["hex", "SANDBOX_BAD_BYTES", (sandbox) => sandbox.publish("0x1", ["0xabc"])],
    ["a root", "SANDBOX_BAD_SNAPSHOT", (sandbox) => sandbox.restore({ root: "0x00", chunks: [] })],
    [
      "a chunk",
      "SANDBOX_BAD_SNAPSHOT",
      (sandbox) => sandbox.restore({ ...sandbox.snapshot(), chunks: [Uint8Array.of(1)] }),
    ],
    [
      "a snapshot without its end",
      "SANDBOX_BAD_SNAPSHOT",
      (sandbox) => sandbox.restore({ ...sandbox.snapshot(), chunks: [] }),
    ],
  ])("refuses %s with %s and changes nothing", (_what, code, run) => {
    const sandbox = opened();
    const root = sandbox.stateRoot();
    expect(codeOf(() => run(sandbox))).toBe(code);
    expect(sandbox.stateRoot()).toBe(root);
  });

  it("refuses to load accounts without a source", async () => {
    await expect(new MoveSandbox().loadAccountsFromChain("1")).rejects.toThrow("SANDBOX_NO_SOURCE");
  });
});
