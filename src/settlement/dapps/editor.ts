/** Drives `rooch_demo::editor`: one binding per file. */
import { type Address, addressToBytes, makeAddress } from "#core/address.ts";
import { encodeBcs } from "#core/bcs/writer.ts";
import { callOf, u64 } from "../contract/calls.ts";
import type { DappBinding } from "../dapp.ts";

/** The drive that takes everybody's files, for everybody to edit. */
export const EDITOR_DRIVE = makeAddress("0x21");

export interface FileChoice {
  readonly fileId: bigint;
  /** 1 to 64 bytes; used when the file is made. */
  readonly title: string;
  readonly drive?: Address;
}

/** Calls and views around one file's channel. */
export function editorDapp({ fileId, title, drive = EDITOR_DRIVE }: FileChoice): DappBinding {
  const file = [addressToBytes(drive), u64(fileId)];
  const titleArg = encodeBcs((writer) => writer.string(title));
  return {
    create: (stake) => [
      callOf("0x21::editor::drive_file_create", [...file, titleArg]),
      callOf("0x21::editor::document_editor_open_with_stake", [...file, u64(stake)]),
    ],
    find: () => callOf("0x21::editor::editing_document", file),
    join: (channel) => callOf("0x21::editor::editing_document_join", [u64(channel)]),
    leave: (channel) => callOf("0x21::editor::editing_document_leave", [u64(channel)]),
    close: (channel) => callOf("0x21::editor::editing_document_close", [u64(channel)]),
    settle: (channel, proposal) =>
      callOf("0x21::editor::document_settlement", [u64(channel), u64(proposal)]),
  };
}
