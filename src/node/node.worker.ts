/** The dedicated worker in which a page's node lives, unless the embedder brings one of its own. */
import { serveNode } from "./serve-node.ts";

serveNode();
