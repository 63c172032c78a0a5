/** A module befriends neither itself nor modules of another account. */
import type { CompiledModule } from "../binary-format/file-format.ts";
import { friendsOf, selfId } from "../binary-format/module-view.ts";
import { refuseEntry } from "./error.ts";
import { charge, type Meter } from "./meter.ts";

export function verifyFriends(module: CompiledModule, meter: Meter): void {
  const self = selfId(module);
  const friends = friendsOf(module);
  charge(meter, friends.length);
  const own = friends.findIndex(
    ({ address, name }) => address === self.address && name === self.name,
  );
  if (own >= 0) {
    refuseEntry("friends", own, "INVALID_FRIEND_DECL_WITH_SELF", "a module is not its own friend");
  }
  const foreign = friends.findIndex(({ address }) => address !== self.address);
  if (foreign < 0) return;
  refuseEntry(
    "friends",
    foreign,
    "INVALID_FRIEND_DECL_WITH_MODULES_OUTSIDE_ACCOUNT_ADDRESS",
    "friends share the module's address",
  );
}
