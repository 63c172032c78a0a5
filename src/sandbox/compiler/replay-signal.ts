/** The interpreter has to run this call. */
export class ReplaySignal extends Error {
  override readonly name = "ReplaySignal";
}
