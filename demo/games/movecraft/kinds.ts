// What lands are made of, as the page shows it: names and colours by the contract's kinds.
import { AIR } from "holdfast";

/** The floor: nobody takes it away. */
export const BEDROCK = 1;
/** Loose blocks that fall with the next ticks. */
export const SAND = 5;

export interface Kind {
  readonly name: string;
  /** Red, green, blue, in hexadecimal. */
  readonly colour: string;
}

/** By the contract's number. */
export const KINDS: readonly Kind[] = [
  { name: "Air", colour: "#000000" },
  { name: "Bedrock", colour: "#4a4f57" },
  { name: "Stone", colour: "#8d939c" },
  { name: "Earth", colour: "#8a6242" },
  { name: "Grass", colour: "#6aa84f" },
  { name: "Sand", colour: "#e2cd92" },
  { name: "Wood", colour: "#a9764a" },
  { name: "Leaves", colour: "#3f8a4b" },
  { name: "Red brick", colour: "#c8503f" },
  { name: "Orange brick", colour: "#e08b3e" },
  { name: "Yellow brick", colour: "#e8c547" },
  { name: "Green brick", colour: "#5fb38a" },
  { name: "Blue brick", colour: "#4b83c9" },
  { name: "Violet brick", colour: "#8f68c4" },
  { name: "White brick", colour: "#e9ecee" },
  { name: "Black brick", colour: "#33383f" },
];

/** Kinds that a hero can carry. */
export const CARRIED_KINDS: readonly number[] = KINDS.map((_, kind) => kind).filter(
  (kind) => kind !== AIR && kind !== BEDROCK,
);

export function kindOf(number: number): Kind {
  return KINDS[number] ?? { name: `Kind ${number}`, colour: "#ff00ff" };
}
