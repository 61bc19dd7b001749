/**
 * Tests on file systems of their own: a program in a mount namespace, where it may mount what it
 * likes and nobody else sees it.
 *
 * Owns the way into the namespace, and what programs do in it. It takes Linux and the right to make
 * one: root has it, others where the system lets them.
 */

import assert from "node:assert/strict";

const isRoot = Deno.build.os === "linux" && Deno.uid() === 0;
const NAMESPACE = isRoot ? ["--mount"] : ["--map-root-user", "--mount"];

/** Registers a test that needs a namespace. Root on Linux must be able to make one. */
export function testWithMounts(name: string, body: () => Promise<void>): void {
  Deno.test({ name, ignore: !isRoot && !canMakeNamespace(), fn: body });
}

function canMakeNamespace(): boolean {
  if (Deno.build.os !== "linux") return false;
  try {
    return new Deno.Command("unshare", { args: [...NAMESPACE, "true"] }).outputSync().success;
  } catch {
    return false;
  }
}

/** The lines that `program` prints, run by Deno in a namespace, where it may call `mount`. */
export async function linesInNamespace(program: string, args: string[]): Promise<string[]> {
  const { code, stdout, stderr } = await new Deno.Command("unshare", {
    args: [
      ...NAMESPACE,
      Deno.execPath(),
      ...["run", "--no-check", "--quiet", "--allow-all"],
      program,
      ...args,
    ],
    stdin: "null",
  }).output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout).trim().split("\n");
}

// In the namespace.

/** Runs `mount` with these arguments. */
export async function mount(...args: string[]): Promise<void> {
  const { code } = await new Deno.Command("mount", { args, stdin: "null" }).output();
  if (code !== 0) throw new Error(`Cannot mount ${args.join(" ")}`);
}

/** Fills what is left of the disk that `folder` is on. Returns the name of the file that does. */
export function fillDisk(folder: string): string {
  const name = `${folder}/filling`;
  using file = Deno.openSync(name, { write: true, create: true });
  const block = new Uint8Array(4096);
  try {
    for (;;) file.writeSync(block);
  } catch {
    return name;
  }
}
