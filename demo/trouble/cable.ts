// A network cable that can be pulled: what goes through is lost while it is cut, without either end
// being told, as with a real one.

/** What is needed of a wire. */
interface Wire<Link, Listener extends WireListener<Link>> {
  open(listener: Listener): Promise<void>;
  send(link: Link, bytes: Uint8Array): void;
  drop(link: Link): void;
  close(): Promise<void>;
}

interface WireListener<Link> {
  linkUp(link: Link, binding: Uint8Array): void;
  linkDown(link: Link): void;
  frame(link: Link, bytes: Uint8Array): void;
}

export interface Cable {
  setCut(isCut: boolean): void;
  readonly through: <Link>(wire: Wire<Link, WireListener<Link>>) => Wire<Link, WireListener<Link>>;
}

export function createCable(): Cable {
  let isCut = false;
  return {
    setCut(wanted) {
      isCut = wanted;
    },
    through: (wire) => ({
      open: (listener) =>
        wire.open({
          linkUp: (link, binding) => listener.linkUp(link, binding),
          linkDown: (link) => listener.linkDown(link),
          frame(link, bytes) {
            if (!isCut) listener.frame(link, bytes);
          },
        }),
      send(link, bytes) {
        if (!isCut) wire.send(link, bytes);
      },
      drop: (link) => wire.drop(link),
      close: () => wire.close(),
    }),
  };
}
