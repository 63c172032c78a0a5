// Each tidy rule catches what it is for, and lets its neighbour pass.
import { describe, expect, it } from "vitest";
import { brandsAreMadeByTheirOwners } from "./brands.ts";
import { noDeadFiles } from "./dead-files.ts";
import { deterministicFolders, synchronousCore } from "./determinism.ts";
import { noImportCircles } from "./import-circles.ts";
import { importsFollowTheTable, importsUseTheDoors, noStarExports } from "./import-table.ts";
import { filesAreSmall, functionsAreSmall, linesAreShort } from "./size.ts";
import { type Rule, sourceFile } from "./source.ts";
import { lockHoldsNoAddress, namesSaySomething, noLeftovers, noMachineNames } from "./wording.ts";

/** What a rule says about a tree of one or more files, without the paths. */
function complaints(rule: Rule, tree: Record<string, string>): string[] {
  const files = Object.entries(tree).map(([path, text]) => sourceFile(path, text));
  return rule(files).map(({ line, message }) => `${line}: ${message}`);
}

function importing(path: string, ...specifiers: string[]): Record<string, string> {
  return { [path]: specifiers.map((name) => `import { x } from "${name}";\n`).join("") };
}

describe("importsFollowTheTable", () => {
  it.each([
    ["src/sandbox/core/bytes.ts", "../runtime/vm.ts"],
    ["src/sandbox/core/bytes.ts", "@noble/hashes/sha2.js"],
    ["src/sandbox/natives/hash.ts", "../runtime/vm.ts"],
    ["src/sandbox/state/tree.ts", "../storage/memory.ts"],
    ["src/sandbox/binary-format/deserializer.ts", "../verifier/verifier.ts"],
    ["src/sandbox/runtime/vm.ts", "#channel"],
    ["src/sandbox/runtime/interpreter.ts", "../compiler/compiler.ts"],
    ["src/sandbox/compiler/compiler.ts", "../runtime/interpreter.ts"],
    ["src/channel/core/machine.ts", "../store/memory.ts"],
    ["src/channel/core/machine.ts", "#sandbox"],
    ["src/channel/messages.ts", "./driver.ts"],
    ["src/channel/transport/memory.ts", "../store/memory.ts"],
    ["src/channel/driver.ts", "#sandbox"],
    ["src/channel/driver.ts", "#chains"],
    ["src/chains/node.ts", "#channel"],
    ["src/settlement/watcher.ts", "#chains"],
    ["src/settlement/watcher.ts", "#sandbox"],
    ["src/settlement/adapters/embedded/adapter.ts", "../shard/adapter.ts"],
    ["src/settlement/adapters/aptos/client.ts", "#chains"],
    ["src/index.ts", "./channel/client.ts"],
    ["demo/main.ts", "../src/channel/client.ts"],
    ["demo/main.ts", "#core/bytes.ts"],
    ["test/conformance/store.suite.ts", "../../src/channel/store/memory.ts"],
    ["test/channel/machine.test.ts", "../../demo/main.ts"],
    ["test/demo/names.test.ts", "../../src/channel/client.ts"],
    ["src/channel/driver.ts", "idb"],
    ["src/somewhere/new.ts", "#sandbox"],
    ["src/channel/core/machine.ts", "node:fs"],
  ])("%s may not import %s", (path, specifier) => {
    expect(complaints(importsFollowTheTable, importing(path, specifier))).toHaveLength(1);
  });

  it.each([
    ["src/sandbox/core/hash-engine.ts", "@noble/hashes/sha2.js"],
    ["src/sandbox/core/bcs/reader.ts", "../bytes.ts"],
    ["src/sandbox/natives/hash.ts", "../gas/meter.ts"],
    ["src/sandbox/compiler/compiler.ts", "../runtime/loader.ts"],
    ["src/sandbox/index.ts", "./runtime/vm.ts"],
    ["src/channel/core/machine.ts", "../messages.ts"],
    ["src/channel/core/machine.ts", "#core/bytes.ts"],
    ["src/channel/transport/webrtc.ts", "simple-peer"],
    ["src/channel/driver.ts", "./core/machine.ts"],
    ["src/chains/node.ts", "#sandbox"],
    ["src/settlement/adapters/embedded/adapter.ts", "#chains"],
    ["src/settlement/adapters/aptos/client.ts", "#channel"],
    ["src/index.ts", "./channel/index.ts"],
    ["demo/main.ts", "holdfast"],
    ["demo/main.ts", "holdfast/chains"],
    ["test/conformance/store.suite.ts", "../../src/channel/ports.ts"],
    ["test/channel/machine.test.ts", "../../src/channel/core/machine.ts"],
    ["test/demo/names.test.ts", "../../demo/session/names.ts"],
  ])("%s may import %s", (path, specifier) => {
    expect(complaints(importsFollowTheTable, importing(path, specifier))).toEqual([]);
  });

  it("lets the channel import the sandbox's types, and only its types", () => {
    const path = "src/channel/driver.ts";
    expect(
      complaints(importsFollowTheTable, { [path]: 'import type { Vm } from "#sandbox";' }),
    ).toEqual([]);
    expect(complaints(importsFollowTheTable, importing(path, "#sandbox"))).toHaveLength(1);
  });

  it.each([
    'import {\n  x,\n} from "#chains";',
    'import "#chains";',
    'const chains = await import("#chains");',
    'export { x } from "#chains";',
    'let x: import("#chains").Chain;',
    'new Worker(new URL("../chains/index.ts", import.meta.url));',
  ])("sees %j", (text) => {
    expect(complaints(importsFollowTheTable, { "src/channel/driver.ts": text })).toHaveLength(1);
  });

  it.each([
    '// import { x } from "#chains";',
    "const text = 'import { x } from \"#chains\"';",
    '/*\nimport { x } from "#chains";\n*/',
  ])("does not take %j for an import", (text) => {
    expect(complaints(importsFollowTheTable, { "src/channel/driver.ts": text })).toEqual([]);
  });
});

describe("importsUseTheDoors", () => {
  it.each([
    ["src/channel/driver.ts", "../sandbox/core/bytes.ts"],
    ["src/sandbox/runtime/vm.ts", "#core/bytes.ts"],
    ["src/channel/driver.ts", "#channel"],
    ["src/channel/driver.ts", "./client"],
    ["src/index.ts", "./channel/client.ts"],
  ])("%s does not reach what it wants by %s", (path, specifier) => {
    expect(complaints(importsUseTheDoors, importing(path, specifier))).toHaveLength(1);
  });

  it.each([
    ["src/channel/driver.ts", "#core/bytes.ts"],
    ["src/channel/driver.ts", "./client.ts"],
    ["src/index.ts", "./channel/index.ts"],
    ["test/channel/driver.test.ts", "../../src/channel/driver.ts"],
  ])("%s reaches it by %s", (path, specifier) => {
    expect(complaints(importsUseTheDoors, importing(path, specifier))).toEqual([]);
  });
});

describe("noStarExports", () => {
  it("forbids export *, also under a name", () => {
    const text =
      'export * from "./a.ts";\nexport * as b from "./b.ts";\nexport { c } from "./c.ts";';
    expect(complaints(noStarExports, { "src/index.ts": text })).toEqual([
      "1: export * hides what is exported; name it",
      "2: export * hides what is exported; name it",
    ]);
  });
});

describe("deterministicFolders", () => {
  const inSandbox = (text: string) =>
    complaints(deterministicFolders, { "src/sandbox/runtime/vm.ts": text });

  it.each([
    "const now = Date.now();",
    "const now = performance.now();",
    "const id = crypto.randomUUID();",
    "setTimeout(run, 1);",
    "const x = Math.random();",
    "const x = Math.pow(2, 3);",
    "const x = Math.log2(8);",
    "names.sort();",
    "names.toSorted();",
    "names.sort((a, b) => a.localeCompare(b));",
    "const half = 0.5;",
    "const many = 1e9;",
    "const root = globalThis;",
    `const text = \`\${Date.now()}\`;`,
  ])("forbids %j", (text) => {
    expect(inSandbox(text)).toHaveLength(1);
  });

  it.each([
    "const { now } = clock;",
    "// Date and Math.random are banned here.",
    'const message = "setTimeout(0.5)";',
    "const x = Math.max(1, 2);",
    "names.sort(compareText);",
    "const version = table[1].size;",
    "type Frame = { readonly window: number };",
    "const big = 0x1e5n;",
    "const pattern = /0.5/;",
  ])("allows %j", (text) => {
    expect(inSandbox(text)).toEqual([]);
  });

  it("covers the machines of chains and leaves drivers alone", () => {
    const text = "const now = Date.now();";
    expect(complaints(deterministicFolders, { "src/chains/core/machine.ts": text })).toHaveLength(
      1,
    );
    expect(complaints(deterministicFolders, { "src/chains/ledger/block.ts": text })).toHaveLength(
      1,
    );
    expect(complaints(deterministicFolders, { "src/chains/node.ts": text })).toEqual([]);
    expect(complaints(deterministicFolders, { "src/channel/driver.ts": text })).toEqual([]);
  });
});

describe("synchronousCore", () => {
  it.each(["async function f() {}", "const p: Promise<void> = q;", "p.then(run);"])(
    "forbids %j in the channel's core",
    (text) => {
      expect(complaints(synchronousCore, { "src/channel/core/machine.ts": text })).toHaveLength(1);
      expect(complaints(synchronousCore, { "src/channel/driver.ts": text })).toEqual([]);
    },
  );
});

describe("brandsAreMadeByTheirOwners", () => {
  const owner = 'export type Height = Brand<number, "Height">;\nexport const zero = 0 as Height;';

  it("forbids a cast elsewhere", () => {
    const tree = { "src/channel/height.ts": owner, "src/channel/log.ts": "const h = 1 as Height;" };
    expect(complaints(brandsAreMadeByTheirOwners, tree)).toEqual([
      "1: as Height: only src/channel/height.ts makes this",
    ]);
  });

  it("does not take a renaming import for a cast", () => {
    const text = 'import { type H as Height } from "./h.ts";';
    const tree = { "src/channel/height.ts": owner, "src/channel/log.ts": text };
    expect(complaints(brandsAreMadeByTheirOwners, tree)).toEqual([]);
  });
});

describe("sizes", () => {
  const lines = (count: number) => "x;\n".repeat(count);
  const path = "src/channel/log.ts";

  it("caps a file, unless it is exempt with a reason", () => {
    const long = { [path]: lines(601) };
    const exempt = { [path]: { linesMax: 601, reason: "a table" } };
    expect(complaints(filesAreSmall({}), long)).toHaveLength(1);
    expect(complaints(filesAreSmall({}), { [path]: lines(600) })).toEqual([]);
    expect(complaints(filesAreSmall(exempt), long)).toEqual([]);
    expect(complaints(filesAreSmall(exempt), { [path]: lines(602) })).toHaveLength(1);
  });

  it("asks for the removal of an exemption that is not needed", () => {
    const exempt = { [path]: { linesMax: 700, reason: "a table" } };
    expect(complaints(filesAreSmall(exempt), { [path]: lines(10) })).toEqual([
      "1: file no longer needs its exemption; remove it",
    ]);
  });

  const longBody = `{\n${lines(70)}}`;

  it.each([
    ["apply", `export function apply(a: number, b: string): void ${longBody}`],
    ["apply", `function apply<T>(a: T) ${longBody}`],
    ["apply", `function apply(a: A): { readonly a: A }[] ${longBody}`],
    ["apply", `function apply(a: A): Map<string, { a: A }> ${longBody}`],
    ["apply", `const apply = (a: number): string => ${longBody};`],
    ["apply", `const apply = async (a) => ${longBody};`],
    ["apply", `class A {\n  private apply(a: A) ${longBody}\n}`],
    ["apply", `const o = { apply(a: A) ${longBody} };`],
    ["map", `names.map((name) => ${longBody});`],
  ])("caps the function %s (%#)", (name, text) => {
    const found = complaints(functionsAreSmall({}), { [path]: text });
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(name === "map" ? "has 72 lines" : `function ${name} has 72 lines`);
  });

  it.each([
    `export class Log extends Base ${longBody}`,
    `const table: Table = ${longBody};`,
    `if (a) ${longBody} else ${longBody}`,
    `switch (a(b)) ${longBody}`,
    `function f(): void {}\n\ninterface Log ${longBody}`,
    `const text = "function f() {";\n${lines(80)}`,
    `import ${longBody} from "./a.ts";`,
  ])("takes no other block for a function (%#)", (text) => {
    expect(complaints(functionsAreSmall({}), { [path]: text })).toEqual([]);
  });

  it("counts the named functions inside by themselves, and the nameless ones not", () => {
    const inner = `{\n${lines(40)}}`;
    const methods = `function g() ${inner}\nreturn { h() ${inner} };\n`;
    const factory = `function f() {\n${lines(40)}${methods}}`;
    const nameless = `function f() {\n${lines(40)}names.forEach((name) => ${inner});\n}`;
    expect(complaints(functionsAreSmall({}), { [path]: factory })).toEqual([]);
    expect(complaints(functionsAreSmall({}), { [path]: nameless })).toEqual([
      "1: function f has 84 lines, more than 70",
    ]);
  });

  it("does not count the list of tests in a test file", () => {
    const text = `describe("x", () => ${longBody});`;
    expect(complaints(functionsAreSmall({}), { "test/channel/log.test.ts": text })).toEqual([]);
  });

  it("caps a line, unless what is long cannot be broken", () => {
    const wide = `// ${"word ".repeat(20)}`;
    const hex = `const hash = "${"ab".repeat(64)}";`;
    expect(complaints(linesAreShort, { [path]: wide })).toHaveLength(1);
    expect(complaints(linesAreShort, { [path]: hex })).toEqual([]);
  });
});

describe("noImportCircles", () => {
  const chain = {
    "src/a.ts": 'import type { B } from "./b.ts";',
    "src/b.ts": 'export { c } from "./deep/c.ts";\nimport { d } from "./d.ts";',
    "src/d.ts": "export const d = 1;",
  };

  it("finds files that import each other, types included, and says which way", () => {
    const tree = { ...chain, "src/deep/c.ts": 'import { a } from "../a.ts";' };
    expect(complaints(noImportCircles, tree)).toEqual([
      "1: imports itself by way of src/b.ts, src/deep/c.ts",
      "1: imports itself by way of src/deep/c.ts, src/a.ts",
      "1: imports itself by way of src/a.ts, src/b.ts",
    ]);
  });

  it("lets a file be imported along several ways", () => {
    const tree = { ...chain, "src/deep/c.ts": 'import { d } from "../d.ts";' };
    expect(complaints(noImportCircles, tree)).toEqual([]);
  });
});

describe("noDeadFiles", () => {
  it("finds a file that only its test imports", () => {
    const tree = {
      "src/channel/index.ts": 'export { log } from "./log.ts";',
      "src/channel/log.ts": 'import { x } from "./x.ts";\nexport const log = x;',
      "src/channel/x.ts": "export const x = 1;",
      "src/channel/node.worker.ts": "run();",
      "src/channel/driver.ts": "export const driver = 1;",
      "test/channel/driver.test.ts": 'import { driver } from "../../src/channel/driver.ts";',
    };
    const dead = noDeadFiles(Object.entries(tree).map(([path, text]) => sourceFile(path, text)));
    expect(dead.map(({ path }) => path)).toEqual([
      "src/channel/node.worker.ts",
      "src/channel/driver.ts",
    ]);
  });

  it("follows an import to every file that a platform may choose for it", () => {
    const tree = {
      "src/sandbox/index.ts": 'import { ENGINE } from "#ed25519-engine";',
      "src/sandbox/core/ed25519-engine.ts": "export const ENGINE = undefined;",
      "src/sandbox/core/ed25519-engine-node.ts": "export const ENGINE = {};",
      "src/sandbox/core/other-node.ts": "export const other = {};",
    };
    expect(complaints(noDeadFiles, tree)).toEqual(["1: nothing reaches this file from an entry"]);
    expect(complaints(importsUseTheDoors, tree)).toEqual([]);
  });

  it("follows a worker's URL and a dynamic import", () => {
    const worker = 'new Worker(new URL("./node.worker.ts", import.meta.url), { type: "module" });';
    const tree = {
      "src/channel/index.ts": `${worker}\nawait import("./late.ts");`,
      "src/channel/node.worker.ts": "run();",
      "src/channel/late.ts": "run();",
    };
    expect(complaints(noDeadFiles, tree)).toEqual([]);
  });
});

describe("words", () => {
  it("forbids leftovers, in comments too, but not in foreign data", () => {
    const text = `// ${"TO"}${"DO"}: later\n// ${"for"} now`;
    expect(complaints(noLeftovers, { "src/a.ts": text })).toHaveLength(2);
    expect(complaints(noLeftovers, { "test/vectors/a.json": text })).toEqual([]);
  });

  it.each(["src/channel/utils.ts", "src/helpers/a.ts", "src/channel/logStore.ts"])(
    "forbids the name %s",
    (path) => {
      expect(complaints(namesSaySomething, { [path]: "" })).toHaveLength(1);
    },
  );

  it("forbids declarations named after nothing", () => {
    expect(complaints(namesSaySomething, { "src/a.ts": "class PeerManager {}" })).toHaveLength(1);
    expect(complaints(namesSaySomething, { "src/a.ts": "class PeerSession {}" })).toEqual([]);
  });

  it("forbids paths of one machine and the addresses of registries", () => {
    const text = `cd /${"home"}/someone\ncurl https://registry.${"npmjs"}.org/x`;
    expect(complaints(noMachineNames, { "README.md": text })).toHaveLength(2);
    const harmless = `src/${"work"}/a and /v1/accounts`;
    expect(complaints(noMachineNames, { "README.md": harmless })).toEqual([]);
  });

  it("forbids download addresses in the lock", () => {
    const lock = `{ "packages": { "a": { "${"resolved"}": "https://example.com" } } }`;
    expect(complaints(lockHoldsNoAddress, { "package-lock.json": lock })).toHaveLength(1);
  });
});
