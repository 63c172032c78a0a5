// Who may import whom, as data, and the rules that read it. Anything not listed is forbidden.
// The reasons: the sandbox knows nobody; the channel never learns that chains exist; the two meet
// in settlement; composition happens only in src/*.ts, bin, demo, examples and tests.
import { CHOSEN_BY_PLATFORM, type Import, importsOf, topOf } from "./imports.ts";
import { isScript, type Rule, type SourceFile, type Violation } from "./source.ts";

type Row = {
  /** The importing files; the first row that matches is the one that counts. */
  readonly from: RegExp;
  /** What they may import. */
  readonly may: RegExp;
  /** What they may import as types only. */
  readonly mayAsType?: RegExp;
};

/** No path matches this. */
const NOTHING = /^$/;
const SANDBOX_DOOR = /^src\/sandbox\/index\.ts$/;
const PUBLIC_DOORS =
  /^src\/(index|(sandbox|channel|settlement|chains)\/index|chains\/index-node)\.ts$/;

/** A pattern for the named folders (or files) of a top folder. */
function parts(top: string, names: readonly string[]): RegExp {
  return new RegExp(`^src/${top}/(${names.join("|")})(/|$)`);
}

/** The sandbox's layers, lowest first: each imports itself and what is below it. */
const SANDBOX_LAYERS = [
  ["core"],
  ["execution\\.ts", "gas", "storage", "state"],
  ["natives"],
  ["binary-format"],
  ["verifier"],
  ["runtime", "compiler"],
];

/** Who may use a neighbour in its layer. The rest of a layer's folders do not know each other. */
const SANDBOX_NEIGHBOURS: Readonly<Record<string, readonly string[]>> = {
  gas: ["execution\\.ts"],
  state: ["execution\\.ts"],
  storage: ["execution\\.ts"],
  // Compiled code is loaded, and its values are described, by the same runtime. It never runs the
  // interpreter; COMPILER_MUST_NOT says so.
  compiler: ["runtime"],
};
const COMPILER_MUST_NOT = /^src\/sandbox\/runtime\/interpreter/;

function sandboxRows(): Row[] {
  return SANDBOX_LAYERS.flatMap((layer, depth) => {
    const below = SANDBOX_LAYERS.slice(0, depth).flat();
    return layer.map((name) => ({
      from: parts("sandbox", [name]),
      may: parts("sandbox", [...below, name, ...(SANDBOX_NEIGHBOURS[name] ?? [])]),
    }));
  });
}

/** The channel's vocabulary: what its core and every driver share. */
const CHANNEL_WORDS = ["messages", "codec", "version", "ports", "chain-view", "evidence"].flatMap(
  (name) => [`${name}\\.ts`, name],
);
const CHANNEL_CORE = parts("channel", [...CHANNEL_WORDS, "core"]);
const SHARED_CORE = /^src\/sandbox\/core\//;

function either(...patterns: readonly RegExp[]): RegExp {
  return new RegExp(patterns.map((pattern) => `(?:${pattern.source})`).join("|"));
}

/** A driver of the channel knows the core and itself, and no other driver. */
function channelDriver(name: string): Row {
  return {
    from: parts("channel", [name]),
    may: either(parts("channel", [name]), CHANNEL_CORE, SHARED_CORE),
    mayAsType: SANDBOX_DOOR,
  };
}

const CHANNEL_ROWS: readonly Row[] = [
  { from: parts("channel", ["core"]), may: either(CHANNEL_CORE, SHARED_CORE) },
  {
    from: parts("channel", CHANNEL_WORDS),
    may: either(parts("channel", CHANNEL_WORDS), SHARED_CORE),
    mayAsType: SANDBOX_DOOR,
  },
  ...["session", "transport", "store", "tab"].map(channelDriver),
  {
    from: /^src\/channel\//,
    may: either(/^src\/channel\//, SHARED_CORE),
    mayAsType: SANDBOX_DOOR,
  },
];

const ADAPTER = /^src\/settlement\/adapters\/([a-z-]+)/;
/** The adapters of the reference chain, which may know it. */
const REFERENCE_ADAPTERS = ["embedded", "shard", "para"];

const SETTLEMENT_ROWS: readonly Row[] = [
  {
    from: parts("settlement/adapters", REFERENCE_ADAPTERS),
    may: either(/^src\/settlement\//, SHARED_CORE, /^src\/(channel|chains)\/index\.ts$/),
  },
  {
    from: /^src\/settlement\//,
    may: either(/^src\/settlement\//, SHARED_CORE, /^src\/channel\/index\.ts$/),
  },
];

/** Test suites that every implementation of a port runs: they may know ports and doors only. */
const CONFORMANCE_MAY = either(
  PUBLIC_DOORS,
  SHARED_CORE,
  /^src\/[a-z-]+\/(ports|chain-view|evidence)(\.ts|\/)/,
  /^test\/conformance\//,
);

const ROWS: readonly Row[] = [
  ...sandboxRows(),
  { from: /^src\/sandbox\//, may: /^src\/sandbox\// },
  ...CHANNEL_ROWS,
  // The judge of evidence runs a channel's step by the channel's own rules, and nothing else may:
  // a second set of them would sooner or later find an honest leader guilty.
  {
    from: /^src\/chains\/judge\//,
    may: either(/^src\/chains\//, SHARED_CORE, /^src\/(sandbox|channel)\/index\.ts$/),
  },
  {
    from: /^src\/chains\//,
    may: either(/^src\/chains\//, SHARED_CORE, /^src\/sandbox\/index\.ts$/),
  },
  ...SETTLEMENT_ROWS,
  // A node composes channel, settlement and chain; what a game imports is picked out of it.
  { from: /^src\/node\//, may: either(/^src\/node\//, PUBLIC_DOORS, SHARED_CORE) },
  { from: /^src\/[^/]+$/, may: either(PUBLIC_DOORS, /^src\/[^/]+$/, /^src\/node\//) },
  { from: /^demo\//, may: either(PUBLIC_DOORS, /^demo\//) },
  // The simulation watches the core from inside, so it stands among the tests.
  { from: /^bin\/simulation\//, may: either(/^bin\//, /^test\/simulation\/lives\.ts$/) },
  // A bench in a browser needs one, and finds it as the browser tests do.
  { from: /^bin\/bench\/chromium\.ts$/, may: either(/^bin\//, /^scripts\/chromium\.mjs$/) },
  // The channel whose settlement is measured is the one that the contract's tests script, and the
  // chains that it is settled on are those of the adapters' tests.
  {
    from: /^bin\/bench\/settle\.ts$/,
    may: either(
      /^bin\//,
      /^test\/chains\/contracts\/settlement-cost\.ts$/,
      /^test\/settlement\/settlement-figures\.ts$/,
    ),
  },
  { from: /^bin\//, may: either(PUBLIC_DOORS, /^bin\//) },
  { from: /^examples\//, may: either(PUBLIC_DOORS, /^examples\//) },
  { from: /^scripts\//, may: /^scripts\// },
  { from: /^tools\//, may: either(PUBLIC_DOORS, SHARED_CORE, /^tools\//) },
  { from: /^test\/conformance\/.*\.suite\.ts$/, may: CONFORMANCE_MAY },
  // What the demo works out without a page is tested like anything else, and by nobody else.
  { from: /^test\/demo\//, may: either(PUBLIC_DOORS, /^(test\/)?demo\//) },
  { from: /^test\//, may: /^(?!demo\/)/ },
  { from: /^[^/]+$/, may: /^(scripts|bin)\// },
];

/** A package and the files that may import it: each dependency stays behind one file or folder. */
type PackageRow = { readonly name: RegExp; readonly from: RegExp };

const PACKAGES: readonly PackageRow[] = [
  { name: /^@noble\/hashes\//, from: /^src\/sandbox\/core\/(hash-engine|ed25519)\.ts$/ },
  { name: /^@noble\/curves\//, from: /^src\/chains\/ledger\/secp256k1\.ts$/ },
  { name: /^@noble\/ed25519$/, from: /^src\/sandbox\/core\/ed25519\.ts$/ },
  { name: /^comlink$/, from: /^(src\/(channel|chains)\/(worker|tab)\/|src\/node\/|demo\/)/ },
  { name: /^idb$/, from: /^src\/(channel|chains)\/.*(store|storage|indexed-db)/ },
  { name: /^simple-peer(\/.*)?$/, from: /^src\/channel\/transport\// },
  { name: /^three(\/.*)?$/, from: /^demo\/games\/movecraft\// },
  { name: /^uqr$/, from: /^demo\/shell\// },
  { name: /^ws$/, from: /^(src\/(channel|chains)\/.*(signal|server)|bin\/)/ },
  { name: /^node:/, from: /^(bin|scripts|tools|test)\/|^[^/]+\.config\.ts$|^src\/.*-node\.ts$/ },
  {
    name: /^vite(\/.*)?$/,
    from: /^scripts\/|^[^/]+\.config\.ts$|^bin\/bench\/(bundle|chromium)\.ts$/,
  },
  { name: /^playwright$/, from: /^test\/|^bin\/bench\/chromium\.ts$/ },
  { name: /^vitest\/config$|^@vitest\//, from: /^vite\.config\.ts$/ },
  { name: /^@playwright\/test$/, from: /^test\/|^playwright\.config\.ts$/ },
  // Publishing is done outside of the game, with the official SDK.
  { name: /^(node:.*|@aptos-labs\/ts-sdk)$/, from: /^examples\/.*\/publish\.ts$/ },
  { name: /./, from: /^(test|tools)\// },
];

function adapterOf(path: string | undefined): string | undefined {
  return path === undefined ? undefined : ADAPTER.exec(path)?.[1];
}

/** Why this import is not allowed, or undefined when it is. */
function objection(file: SourceFile, found: Import): string | undefined {
  const { target, specifier, isType } = found;
  if (target === undefined) {
    const allowed = PACKAGES.some((row) => row.name.test(specifier) && row.from.test(file.path));
    return allowed ? undefined : `may not import the package ${specifier}`;
  }
  const row = ROWS.find((candidate) => candidate.from.test(file.path));
  if (!row) return "stands in a folder the import table does not know";
  const adapter = adapterOf(file.path);
  const targetAdapter = adapterOf(target);
  const isAllowed = row.may.test(target) || (isType && (row.mayAsType ?? NOTHING).test(target));
  if (!isAllowed) return `may not import ${target}${isType ? "" : " (as a value)"}`;
  if (adapter !== undefined && targetAdapter !== undefined && adapter !== targetAdapter) {
    return `is an adapter and may not import the adapter ${targetAdapter}`;
  }
  if (file.path.startsWith("src/sandbox/compiler/") && COMPILER_MUST_NOT.test(target)) {
    return "is of the compiler, which must not lean on the interpreter";
  }
  return undefined;
}

function imports(files: readonly SourceFile[]): [SourceFile, Import][] {
  return files.filter(isScript).flatMap((file) => {
    return importsOf(file).map((found): [SourceFile, Import] => [file, found]);
  });
}

/** Every import is one the table allows. */
export const importsFollowTheTable: Rule = (files) =>
  imports(files).flatMap(([file, found]): Violation[] => {
    const message = objection(file, found);
    return message === undefined ? [] : [{ path: file.path, line: found.line, message }];
  });

/** Between top folders by a door, within one by a relative path; always with the file extension. */
export const importsUseTheDoors: Rule = (files) =>
  imports(files).flatMap(([file, { specifier, target, line }]): Violation[] => {
    const report = (message: string) => [{ path: file.path, line, message }];
    if (target === undefined) return [];
    const from = topOf(file.path);
    const leavesTop = from.startsWith("src") && topOf(target) !== from;
    const isComposition = from === "src";
    if (specifier.startsWith(".")) {
      if (!/\.(ts|mjs|js|json|css|html|svg|png)$/.test(specifier)) {
        return report(`${specifier}: a relative import names the file with its extension`);
      }
      const isOwn = PUBLIC_DOORS.test(target) || target.startsWith("src/node/");
      if (leavesTop && !(isComposition && isOwn)) {
        return report(`${specifier}: another top folder is entered by its door (#…)`);
      }
    } else if (topOf(target) === from && from !== "" && !(specifier in CHOSEN_BY_PLATFORM)) {
      return report(`${specifier}: within one top folder imports are relative`);
    }
    return [];
  });

/** `export *` hides what a door offers. */
export const noStarExports: Rule = (files) =>
  files.filter(isScript).flatMap((file) =>
    [...file.code.matchAll(/\bexport\s*\*/g)].map((match) => ({
      path: file.path,
      line: file.code.slice(0, match.index).split("\n").length,
      message: "export * hides what is exported; name it",
    })),
  );
