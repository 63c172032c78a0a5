// Asks which chain the room settles on: the one in this browser, one served elsewhere, or a shard
// or parallel chain below that one. Says what was chosen; opening it is somebody else's.
import { element } from "./element.ts";

export interface ChainPlace {
  readonly chain: string | undefined;
  readonly faucet: string | undefined;
  readonly shard: string | undefined;
  readonly para: string | undefined;
}

type Kind = "embedded" | "root" | "shard" | "para";

/** Where `holdfast chain` serves them. */
const ROOT_USUAL = "http://127.0.0.1:8080";
const FAUCET_USUAL = "http://127.0.0.1:8081";
const SHARD_USUAL = "http://127.0.0.1:8101";
const PARA_USUAL = "http://127.0.0.1:8201";
const KINDS: Readonly<Record<Kind, string>> = {
  embedded: "In this browser",
  root: "A chain that is served",
  shard: "A shard of it",
  para: "A parallel chain below it",
};

export function askForChain(current: ChainPlace, onChosen: (place: ChainPlace) => void): void {
  const kind = createSelect(kindOf(current));
  const root = createField("Root chain", "root-url", current.chain ?? ROOT_USUAL);
  const faucet = createField("Its faucet", "faucet-url", current.faucet ?? FAUCET_USUAL);
  const shard = createField("Shard", "shard-url", current.shard ?? SHARD_USUAL);
  const para = createField("Parallel chain", "para-url", current.para ?? PARA_USUAL);
  const show = () => {
    root.show(kind.value() !== "embedded");
    faucet.show(kind.value() !== "embedded");
    shard.show(kind.value() === "shard");
    para.show(kind.value() === "para");
  };
  kind.select.addEventListener("change", show);
  show();
  const form = element(
    "form",
    { attributes: { method: "dialog" } },
    element("h2", { text: "Which chain?" }),
    element("p", { text: "The page opens again on it. Everybody in the room needs the same one." }),
    element("label", { class: "field" }, element("span", { text: "Settle" }), kind.select),
    ...[root, faucet, shard, para].map((field) => field.element),
    createButtons(),
  );
  const dialog = element("dialog", { class: "dialog", attributes: { "aria-modal": "true" } }, form);
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (dialog.returnValue !== "confirm") return;
    onChosen({
      chain: root.value(),
      faucet: faucet.value(),
      shard: shard.value(),
      para: para.value(),
    });
  });
  document.body.append(dialog);
  dialog.showModal();
}

function kindOf({ chain, shard, para }: ChainPlace): Kind {
  if (shard !== undefined) return "shard";
  if (para !== undefined) return "para";
  return chain === undefined ? "embedded" : "root";
}

function createSelect(chosen: Kind) {
  const select = element("select", { attributes: { "data-testid": "chain-kind" } });
  for (const [kind, label] of Object.entries(KINDS)) {
    const option = element("option", { text: label, attributes: { value: kind } });
    option.selected = kind === chosen;
    select.append(option);
  }
  return { select, value: () => select.value };
}

/** A URL that counts while it is shown. */
function createField(label: string, testId: string, value: string) {
  const input = element("input", {
    attributes: { type: "url", required: "", pattern: "https?://.+", "data-testid": testId },
  });
  input.value = value;
  const field = element("label", { class: "field" }, element("span", { text: label }), input);
  return {
    element: field,
    show(isShown: boolean) {
      field.hidden = !isShown;
      // What is not shown is not asked for.
      input.disabled = !isShown;
    },
    value: () => (input.disabled ? undefined : input.value.trim()),
  };
}

function createButtons(): HTMLElement {
  const cancel = element("button", {
    class: "button button-quiet",
    text: "Stay",
    attributes: { value: "cancel", formnovalidate: "" },
  });
  const confirm = element("button", {
    class: "button button-primary",
    text: "Open",
    attributes: { value: "confirm", "data-testid": "confirm" },
  });
  return element("div", { class: "dialog-buttons" }, cancel, confirm);
}
