// A small table of facts: a row for each thing, a column for each of its properties.
import { element } from "../shell/element.ts";
import type { Part } from "../view/part.ts";

export interface Facts {
  /** Each as long as there are columns; the first names the row. */
  readonly rows: readonly (readonly string[])[];
}

export function createFactTable(
  columns: readonly string[],
  caption: string,
  testId: string,
): Part<Facts> {
  const head = element(
    "tr",
    {},
    ...columns.map((text) => element("th", { text, attributes: { scope: "col" } })),
  );
  const body = element("tbody");
  const table = element(
    "table",
    { class: "facts-table", attributes: { "data-testid": testId } },
    element("caption", { class: "visually-hidden", text: caption }),
    element("thead", {}, head),
    body,
  );
  let shown = "";
  return {
    element: element("div", { class: "facts-scroll" }, table),
    update({ rows }) {
      const key = JSON.stringify(rows);
      if (key === shown) return;
      shown = key;
      body.replaceChildren(...rows.map(createRow));
    },
  };
}

function createRow([name = "", ...values]: readonly string[]): HTMLElement {
  return element(
    "tr",
    {},
    element("th", { text: name, attributes: { scope: "row" } }),
    ...values.map((text) => element("td", { text })),
  );
}
