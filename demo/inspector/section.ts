// A titled part of the inspector.
import { element } from "../shell/element.ts";

export function section(title: string, ...children: readonly Node[]): HTMLElement {
  return element(
    "section",
    { class: "panel", attributes: { "aria-label": title } },
    element("h2", { class: "panel-title", text: title }),
    ...children,
  );
}
