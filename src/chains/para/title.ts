/** The name of a parallel chain: `user.p.NAME.`, as the contract at 0x40 reads it. */
import type { Brand } from "#core/brand.ts";

/** A title that is one; made by {@link parseTitle} only. */
export type Title = Brand<string, "Title">;

const TITLE = /^user\.p\.[a-zA-Z0-9_-]{1,32}\.$/;

export function parseTitle(text: string): Title | undefined {
  return TITLE.test(text) ? (text as Title) : undefined;
}
