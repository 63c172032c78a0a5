/** Text for people: addresses in names without their leading zeros. */

/** `0x000…020::m::f` as `0x20::m::f`, wherever it stands in a text. */
export function readable(text: string): string {
  return text.replaceAll(/\b0x0+(?=[0-9a-f]+::)/g, "0x");
}
