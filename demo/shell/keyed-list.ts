// Keeps a list of parts in step with a list of data: the same key keeps its element, and with it
// focus, selection and scroll.
import type { Part } from "../view/part.ts";

export interface ListOptions<Item> {
  readonly key: (item: Item) => string;
  readonly create: (item: Item) => Part<Item>;
}

export function keyedList<Item>(
  element: HTMLElement,
  options: ListOptions<Item>,
): Part<readonly Item[]> {
  const shown = new Map<string, Part<Item>>();
  return {
    element,
    update(items) {
      const wanted = new Set(items.map(options.key));
      for (const [key, part] of shown) {
        if (wanted.has(key)) continue;
        part.element.remove();
        shown.delete(key);
      }
      items.forEach((item, index) => {
        const key = options.key(item);
        const part = shown.get(key) ?? options.create(item);
        shown.set(key, part);
        const there = element.children[index];
        if (there !== part.element) element.insertBefore(part.element, there ?? null);
        // Only what is in the page can take the focus.
        part.update(item);
      });
    },
  };
}
