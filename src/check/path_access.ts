/**
 * Whether an account may use a path: the bits of the file and of every folder on the way, links
 * followed.
 *
 * Owns the rules of POSIX modes. Access control lists are not seen: where a file has one, its mode
 * shows the most that the list grants to groups. Changes nothing.
 */

import type { Account } from "./account.ts";
import type { FileFacts, Machine } from "./machine.ts";

/** What somebody wants of the end of a path, as in chmod: "r", "rw", "wx". */
export type Need = "r" | "rw" | "wx";

/** A file or folder that does not let the account through. */
export interface Obstacle {
  readonly path: string;
  readonly facts: FileFacts;
  /** The bits that are missing; "x" for a folder on the way. */
  readonly missing: string;
}

export type Access =
  | { readonly kind: "granted"; readonly path: string; readonly facts: FileFacts }
  | { readonly kind: "denied"; readonly obstacles: readonly Obstacle[] }
  /** `folder`: the deepest one that is there. */
  | { readonly kind: "missing"; readonly path: string; readonly folder: string }
  /** Who asks may not look into `folder`. */
  | { readonly kind: "unknown"; readonly folder: string }
  /** A file in the place of a folder, or links that lead in a circle. */
  | { readonly kind: "broken"; readonly path: string };

const BITS: Readonly<Record<string, number>> = { r: 4, w: 2, x: 1 };
/** As in Linux. */
const MOST_LINKS = 40;

/** `path`: absolute. */
export function accessTo(machine: Machine, account: Account, path: string, need: Need): Access {
  const steps = path.split("/").filter((step) => step !== "");
  const obstacles: Obstacle[] = [];
  let here = "";
  let facts = machine.look("/");
  let links = 0;
  for (let step = steps.shift(); step !== undefined; step = steps.shift()) {
    if (step === ".") continue;
    if (step === "..") {
      here = parentOf(here);
      facts = machine.look(here || "/");
      continue;
    }
    if (typeof facts === "string") return { kind: "unknown", folder: here || "/" };
    if (facts.kind !== "folder") return { kind: "broken", path: here };
    if (!grants(account, facts, "x")) obstacles.push({ path: here || "/", facts, missing: "x" });
    const next = machine.look(`${here}/${step}`);
    if (next === "denied") return ended(obstacles, { kind: "unknown", folder: here || "/" });
    if (next === "missing") {
      return ended(obstacles, { kind: "missing", path: `${here}/${step}`, folder: here || "/" });
    }
    if (next.target === undefined) {
      [here, facts] = [`${here}/${step}`, next];
      continue;
    }
    if (++links > MOST_LINKS) return { kind: "broken", path: `${here}/${step}` };
    if (next.target.startsWith("/")) [here, facts] = ["", machine.look("/")];
    steps.unshift(...next.target.split("/").filter((part) => part !== ""));
  }
  if (typeof facts === "string") return { kind: "unknown", folder: parentOf(here) || "/" };
  const end = facts;
  const missing = [...need].filter((bit) => !grants(account, end, bit)).join("");
  if (missing !== "") obstacles.push({ path: here || "/", facts: end, missing });
  return ended(obstacles, { kind: "granted", path: here || "/", facts: end });
}

/** What is in the way counts more than what is behind it. */
function ended(obstacles: readonly Obstacle[], access: Access): Access {
  return obstacles.length > 0 ? { kind: "denied", obstacles } : access;
}

/** Whether the account has the bit ("r", "w" or "x"): the first of owner, group, others decides. */
export function grants(account: Account, facts: FileFacts, bit: string): boolean {
  if (account.uid === 0) return true;
  const shift = account.uid !== undefined && account.uid === facts.uid
    ? 6
    : facts.gid !== null && account.gids.has(facts.gid)
    ? 3
    : 0;
  return ((facts.mode >> shift) & (BITS[bit] ?? 0)) !== 0;
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}
