// The page's icons, drawn in place: nothing is fetched, and they take the colour of their text.

const NAMESPACE = "http://www.w3.org/2000/svg";

/** Paths on a 24 by 24 grid, stroked. */
const PATHS = {
  anchor:
    "M12 8v13M8 11h8M4 13.5c.6 4.3 3.8 7.5 8 7.5s7.4-3.2 8-7.5M12 8a2.5 2.5 0 1 0" +
    " 0-5 2.5 2.5 0 0 0 0 5Z",
  block: "m12 3 8 4.5v9L12 21l-8-4.5v-9L12 3ZM4 7.5l8 4.5 8-4.5M12 12v9",
  check: "m5 12.5 4.5 4.5L19 7.5",
  checks: "m2.5 12.5 4.5 4.5 9.5-9.5M12.5 17l9-9.5",
  clock: "M12 7.5V12l3 2M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Z",
  crown: "M4 18h16M4 15 3 7l5 4 4-6 4 6 5-4-1 8Z",
  link:
    "M10 14a4 4 0 0 0 5.7 0l3-3a4 4 0 0 0-5.7-5.7l-1.2 1.2M14 10a4 4 0 0 0-5.7 0l-3" +
    " 3a4 4 0 0 0 5.7 5.7l1.2-1.2",
  order: "M4 6h2M4 12h2M4 18h2M10 6h10M10 12h10M10 18h10",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  pen: "m4 20 1-4L16.5 4.5l3 3L8 19l-4 1ZM14 7l3 3",
  up: "m6 14 6-6 6 6",
  down: "m6 10 6 6 6-6",
  left: "m14 6-6 6 6 6",
  right: "m10 6 6 6-6 6",
  minus: "M5 12h14",
  pick: "M4 9c5-5 11-5 16 0M12 6v15M9 3l6 6",
  plus: "M12 5v14M5 12h14",
  search: "M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13ZM15.5 15.5 20 20",
  trash: "M4 7h16M9 7V4h6v3M6.5 7l1 13h9l1-13M10 11v5M14 11v5",
  send: "M4 12h15M13 6l6 6-6 6",
  warning:
    "M12 9v4M12 17h.01M10.3 4 2.6 17.3A2 2 0 0 0 4.3 20.3h15.4a2 2 0 0 0 1.7-3L13.7" +
    " 4a2 2 0 0 0-3.4 0Z",
} as const;

export type IconName = keyof typeof PATHS;

export function icon(name: IconName): SVGSVGElement {
  const svg = document.createElementNS(NAMESPACE, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(NAMESPACE, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}
