// The invite link as another device takes it: as a QR code, and as text to copy.
import { element } from "./element.ts";

const NAMESPACE = "http://www.w3.org/2000/svg";
/** Free modules around a code, which readers need. */
const MARGIN = 2;
/** Addresses that every machine has for itself. */
const OWN_HOST = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

export async function showInvitation(link: string, onCopy: () => void): Promise<void> {
  const code = await createCode(link);
  const { hostname, host } = new URL(link);
  const copy = element("button", {
    class: "button button-primary",
    text: "Copy the link",
    attributes: { type: "button", "data-testid": "copy-invite" },
    onClick: onCopy,
  });
  const close = element("button", {
    class: "button button-quiet",
    text: "Close",
    attributes: { value: "close" },
  });
  const warning = element("p", {
    class: "invitation-warning",
    text: `${host} is this device's own name for itself: serve the page where others reach it.`,
  });
  warning.hidden = !OWN_HOST.test(hostname);
  const form = element(
    "form",
    { class: "invitation", attributes: { method: "dialog" } },
    element("h2", { text: "Another device, another player" }),
    element("p", { text: "Point its camera here, or send the link." }),
    code,
    element("p", { class: "invitation-link", text: link, attributes: { "data-testid": "link" } }),
    warning,
    element("div", { class: "dialog-buttons" }, close, copy),
  );
  const dialog = element(
    "dialog",
    { class: "dialog", attributes: { "aria-label": "Invitation", "data-testid": "invitation" } },
    form,
  );
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

/** What makes codes is loaded when one is wanted. */
async function createCode(link: string): Promise<SVGSVGElement> {
  const { encode } = await import("uqr");
  const { data, size } = encode(link, { ecc: "M", border: 0 });
  const side = size + 2 * MARGIN;
  const svg = document.createElementNS(NAMESPACE, "svg");
  svg.setAttribute("viewBox", `0 0 ${side} ${side}`);
  svg.setAttribute("class", "qr-code");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", "QR code of the invite link");
  svg.setAttribute("shape-rendering", "crispEdges");
  const path = document.createElementNS(NAMESPACE, "path");
  path.setAttribute("d", modulesPath(data));
  svg.append(path);
  return svg;
}

/** A square for every dark module, in one path. */
export function modulesPath(data: readonly (readonly boolean[])[]): string {
  const squares = data.flatMap((row, y) =>
    row.flatMap((isDark, x) => (isDark ? [`M${x + MARGIN} ${y + MARGIN}h1v1h-1z`] : [])),
  );
  return squares.join("");
}
