// Packages through the unmodified official SDK: publishing, upgrading, calling and reading them.
import {
  type Account,
  Account as Accounts,
  type EntryFunctionArgumentTypes,
  isUserTransactionResponse,
  type MoveFunctionId,
  type MoveStructId,
  type SimpleEntryFunctionArgumentTypes,
} from "@aptos-labs/ts-sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeAddress } from "#core/address.ts";
import { toHexPrefixed } from "#core/bytes.ts";
import { encodePackage, IMMUTABLE, type TestPackage } from "../package-metadata.ts";
import { failureOf, type ServedChain, serveChain } from "./served-chain.ts";
import { shelfModule, withoutHidden } from "./shelf-module.ts";

let chain: ServedChain;
let owner: Account;
let at: string;

const SHELF: TestPackage = { name: "library", moduleNames: ["shelf"] };

beforeAll(async () => {
  chain = await serveChain();
  owner = await chain.fundedAccount();
  at = owner.accountAddress.toString();
  await publish(owner, SHELF, [shelfModule(makeAddress(at))]);
});
afterAll(() => chain.close());

async function publish(by: Account, described: TestPackage, modules: readonly Uint8Array[]) {
  const transaction = await chain.aptos.publishPackageTransaction({
    account: by.accountAddress,
    metadataBytes: encodePackage(described),
    moduleBytecode: [...modules],
  });
  const pending = await chain.aptos.signAndSubmitTransaction({ signer: by, transaction });
  return chain.aptos.waitForTransaction({ transactionHash: pending.hash });
}

async function call(
  signer: Account,
  name: string,
  functionArguments: (EntryFunctionArgumentTypes | SimpleEntryFunctionArgumentTypes)[],
  typeArguments = [`${at}::shelf::Novel`],
) {
  const transaction = await chain.aptos.transaction.build.simple({
    sender: signer.accountAddress,
    data: {
      function: `${at}::shelf::${name}` as `${string}::${string}::${string}`,
      typeArguments,
      functionArguments,
    },
  });
  const pending = await chain.aptos.signAndSubmitTransaction({ signer, transaction });
  return chain.aptos.waitForTransaction({ transactionHash: pending.hash });
}

interface Registry {
  readonly packages: readonly { readonly name: string; readonly upgrade_number: string }[];
}

async function registry(of: Account): Promise<Registry> {
  return chain.aptos.getAccountResource<Registry>({
    accountAddress: of.accountAddress,
    resourceType: "0x1::code::PackageRegistry",
  });
}

async function refusal(by: Account, described: TestPackage, modules: readonly Uint8Array[]) {
  const { transaction } = await failureOf(publish(by, described, modules));
  return transaction?.vm_status;
}

describe("a published package", () => {
  it("is in its account's registry, and its new modules have initialised themselves", async () => {
    expect((await registry(owner)).packages).toMatchObject([
      { name: "library", upgrade_number: "0", upgrade_policy: { policy: 1 }, deps: [] },
    ]);
    const opening = await chain.aptos.getAccountResource<{ readonly day: number }>({
      accountAddress: at,
      resourceType: `${at}::shelf::Opening`,
    });
    expect(opening).toEqual({ day: 1 });
  });

  it("has its module and ABI read", async () => {
    const module = await chain.aptos.getAccountModule({ accountAddress: at, moduleName: "shelf" });
    expect(module.bytecode).toBe(toHexPrefixed(shelfModule(makeAddress(at))));
    const { abi } = module;
    expect(abi).toMatchObject({ address: at, name: "shelf", friends: [] });
    const place = abi?.exposed_functions.find(({ name }) => name === "place");
    expect(place).toEqual({
      name: "place",
      visibility: "public",
      is_entry: true,
      is_view: false,
      generic_type_params: [{ constraints: [] }],
      params: ["&signer", "0x1::string::String", "u16", "vector<u8>"],
      return: [],
    });
    const views = abi?.exposed_functions.filter(({ is_view }) => is_view).map(({ name }) => name);
    expect(views).toEqual(["count", "find"]);
    expect(abi?.exposed_functions.map(({ name }) => name)).not.toContain("init_module");
    const placed = abi?.structs.find(({ name }) => name === "Placed");
    expect(placed).toMatchObject({ is_event: true, abilities: ["drop", "store"] });
    const modules = await chain.aptos.getAccountModules({ accountAddress: at });
    expect(modules).toEqual([module]);
  });

  it("is called with type arguments, and its values are read in every form", async () => {
    const done = await call(owner, "place", ["Walden", 321, new Uint8Array([1, 2])]);
    const book = {
      title: "Walden",
      pages: 321,
      mark: { vec: ["160"] },
      cover: "0x0102",
      lent_to: ["0x1", at],
    };
    if (!isUserTransactionResponse(done)) throw new Error("a user transaction");
    expect(done.payload).toMatchObject({
      type_arguments: [`${at}::shelf::Novel`],
      arguments: ["Walden", 321, "0x0102"],
    });
    expect(done.events.find(({ type }) => type.includes("Placed"))).toMatchObject({
      type: `${at}::shelf::Placed<${at}::shelf::Novel>`,
      data: { owner: at, number: "0", book },
    });
    await call(owner, "place", ["Emma", 12, new Uint8Array()]);
    const shelf = await chain.aptos.getAccountResource<{
      readonly count: string;
      readonly worth: string;
      readonly books: { readonly handle: string };
    }>({ accountAddress: at, resourceType: `${at}::shelf::Shelf<${at}::shelf::Novel>` });
    expect(shelf).toMatchObject({ count: "2", worth: "333" });
    const item = (key: string) =>
      chain.aptos.getTableItem({
        handle: shelf.books.handle,
        data: { key_type: "u64", value_type: `${at}::shelf::Book`, key },
      });
    expect(await item("0")).toEqual(book);
    expect(await item("1")).toMatchObject({ title: "Emma", mark: { vec: [] }, cover: "0x" });
    const { status, data } = await failureOf(item("2"));
    expect({ status, code: data?.error_code }).toEqual({
      status: 404,
      code: "table_item_not_found",
    });
    const find: MoveFunctionId = `${at}::shelf::find`;
    const novel: MoveStructId = `${at}::shelf::Novel`;
    const view = { function: find, typeArguments: [novel] };
    const found = await chain.aptos.view({
      payload: { ...view, functionArguments: [at, 0, null] },
    });
    expect(found).toEqual([book, true]);
    const again = await chain.aptos.viewJson({
      payload: { ...view, functionArguments: [at, "0", { vec: ["5"] }] },
    });
    expect(again).toEqual([book, false]);
    const resources = await chain.aptos.getAccountResources({ accountAddress: at });
    expect(resources.map(({ type }) => type)).toContain(`${at}::shelf::Opening`);
    const paged = await chain.aptos.getAccountResourcesPage({
      accountAddress: at,
      options: { limit: 2 },
    });
    expect(paged.resources).toEqual(resources.slice(0, 2));
    expect(paged.cursor).toBeDefined();
  });

  it("is read as it was at an earlier version", async () => {
    const first = await call(owner, "place", ["A", 1, new Uint8Array()]);
    const second = await call(owner, "place", ["B", 1, new Uint8Array()]);
    const count = async (ledgerVersion: number): Promise<number> => {
      const [value] = await chain.aptos.view<[string]>({
        payload: {
          function: `${at}::shelf::count`,
          typeArguments: [`${at}::shelf::Novel`],
          functionArguments: [at],
        },
        options: { ledgerVersion },
      });
      return Number(value);
    };
    const [before, between, after] = [
      await count(Number(first.version) - 1),
      await count(Number(first.version)),
      await count(Number(second.version)),
    ];
    expect([between - before, after - between]).toEqual([1, 1]);
    const { status, data } = await failureOf(count(Number(second.version) + 1_000_000));
    expect({ status, code: data?.error_code }).toEqual({ status: 404, code: "version_not_found" });
  });

  it("names its errors", async () => {
    const { data } = await failureOf(
      chain.aptos.view({
        payload: {
          function: `${at}::shelf::count`,
          typeArguments: [`${at}::shelf::Novel`],
          functionArguments: ["0x5"],
        },
      }),
    );
    expect(data).toMatchObject({
      error_code: "invalid_input",
      message: expect.stringContaining(
        `Move abort in ${at}::shelf: ENO_SHELF(0x60001): There is no shelf at this address.`,
      ) as string,
    });
  });

  it("is called by two signers", async () => {
    const other = await chain.fundedAccount();
    const transaction = await chain.aptos.transaction.build.multiAgent({
      sender: owner.accountAddress,
      secondarySignerAddresses: [other.accountAddress],
      data: {
        function: `${at}::shelf::witness`,
        typeArguments: [`${at}::shelf::Novel`],
        functionArguments: [],
      },
    });
    const senderAuthenticator = chain.aptos.transaction.sign({ signer: owner, transaction });
    const submit = async (second: Account) => {
      const authenticator = chain.aptos.transaction.sign({ signer: second, transaction });
      return chain.aptos.transaction.submit.multiAgent({
        transaction,
        senderAuthenticator,
        additionalSignersAuthenticators: [authenticator],
      });
    };
    const stranger = await failureOf(submit(Accounts.generate()));
    expect(stranger).toMatchObject({ status: 400, data: { vm_error_code: 2 } });
    const { hash } = await submit(other);
    const done = await chain.aptos.waitForTransaction({ transactionHash: hash });
    expect(done).toMatchObject({
      success: true,
      signature: {
        type: "multi_agent_signature",
        secondary_signer_addresses: [other.accountAddress.toString()],
      },
    });
  });
});

describe("an upgrade", () => {
  it("counts, and keeps what is compatible", async () => {
    const by = await chain.fundedAccount();
    const address = makeAddress(by.accountAddress.toString());
    await publish(by, SHELF, [shelfModule(address)]);
    await publish(by, SHELF, [shelfModule(address)]);
    expect((await registry(by)).packages).toMatchObject([{ upgrade_number: "1" }]);
    const gone = await refusal(by, SHELF, [shelfModule(address, withoutHidden)]);
    expect(gone).toBe("BACKWARD_INCOMPATIBLE_MODULE_UPDATE");
    const other = { ...SHELF, name: "other" };
    const clash = await refusal(by, other, [shelfModule(address)]);
    expect(clash).toContain("0x1::code: EMODULE_NAME_CLASH(0x80001)");
    await publish(by, { ...SHELF, policy: IMMUTABLE }, [shelfModule(address)]);
    const late = await refusal(by, SHELF, [shelfModule(address)]);
    expect(late).toContain("0x1::code: EUPGRADE_IMMUTABLE(0x10002)");
    expect((await registry(by)).packages).toMatchObject([{ upgrade_number: "2" }]);
  });

  it.each([
    ["an arbitrary policy", { policy: 0 }, "EINCOMPATIBLE_POLICY_DISABLED(0x10008)"],
    ["modules that it does not send", { moduleNames: ["shelf", "more"] }, "EMODULE_COUNT_MISMATCH"],
    [
      "a dependency that is not there",
      { dependencies: [{ account: makeAddress("0xabcdef"), name: "x" }] },
      "EPACKAGE_DEP_MISSING(0x60006)",
    ],
    ["another module's name", { moduleNames: ["shelves"] }, "CONSTRAINT_NOT_SATISFIED"],
  ])("is refused with %s", async (_what, change, status) => {
    const by = await chain.fundedAccount();
    const module = shelfModule(makeAddress(by.accountAddress.toString()));
    expect(await refusal(by, { ...SHELF, ...change }, [module])).toContain(status);
    const modules = await chain.aptos.getAccountModules({ accountAddress: by.accountAddress });
    expect(modules).toEqual([]);
  });

  it("is refused at somebody else's address", async () => {
    const by = await chain.fundedAccount();
    const status = await refusal(by, SHELF, [shelfModule(makeAddress(at))]);
    expect(status).toBe("MODULE_ADDRESS_DOES_NOT_MATCH_SENDER");
  });
});
