// What the page is made of.

/** What every part of the page is: an element that can be brought up to date. */
export interface Part<Shown> {
  readonly element: HTMLElement;
  update(shown: Shown): void;
}
