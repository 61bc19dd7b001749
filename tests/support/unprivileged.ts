/**
 * Tests of files that may not be read or written: a program that has to keep to their modes, which
 * root does not.
 *
 * Owns the way to take that right from root, which needs Linux.
 */

import assert from "node:assert/strict";

const isRoot = Deno.build.os !== "windows" && Deno.uid() === 0;
/** What lets root read and write whatever it likes. */
const OVERRIDES = "-dac_override,-dac_read_search";
const SETPRIV = [`--bounding-set=${OVERRIDES}`, `--inh-caps=${OVERRIDES}`];

function canGiveUpRights(): boolean {
  if (Deno.build.os === "windows") return false;
  if (!isRoot) return true;
  try {
    return new Deno.Command("setpriv", { args: [...SETPRIV, "true"] }).outputSync().success;
  } catch {
    return false;
  }
}

/** Registers a test that needs modes of files to count, and root's right to give files away. */
export function testWithModes(
  name: string,
  body: () => Promise<void>,
  needsRoot: boolean = false,
): void {
  Deno.test({ name, ignore: !canGiveUpRights() || needsRoot && !isRoot, fn: body });
}

/** The lines that `program` prints, run by Deno. */
export async function linesUnprivileged(program: string, args: string[]): Promise<string[]> {
  const deno = [Deno.execPath(), "run", "--no-check", "--quiet", "--allow-all", program, ...args];
  const [command, ...rest] = isRoot ? ["setpriv", ...SETPRIV, ...deno] : deno;
  const { code, stdout, stderr } = await new Deno.Command(command as string, {
    args: rest,
    stdin: "null",
  }).output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout).trim().split("\n");
}
