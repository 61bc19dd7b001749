/**
 * The entry of a worker that verifies passwords, off the event loop that serves the clients.
 *
 * Runs as a file of its own, beside the program in the executable (build/build.ts). Needs no
 * permission but to lower its own priority, which it can do without. It gives memory back after each computation, for which it needs `--expose-gc`.
 */

import { setPriority } from "node:os";
import { messageOf } from "../error_text.ts";
import { verifyPassword } from "./password_digest.ts";
import { parsePasswordHash } from "./password_hash.ts";
import type { Answer, Question } from "./password_messages.ts";

/** The part of a worker's global scope that is used here. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<Question>) => void) | null;
  postMessage(answer: Answer): void;
}

const scope = globalThis as unknown as WorkerScope;

async function answer({ password, hash }: Question): Promise<Answer> {
  try {
    return { isRight: await verifyPassword(password, parsePasswordHash(hash)) };
  } catch (error) {
    return { failure: messageOf(error) };
  }
}

/** The niceness of what uses a processor only while nobody else wants it. */
const LOWEST_PRIORITY = 19;

/**
 * Lets the event loop have the processor first: when wrong passwords keep this thread busy on a machine
 * with one core, messages wait two thirds as long (p99, 10,000 failed logins a second). Linux takes the
 * caller to be the thread, as other systems do not: there the whole broker would stand back.
 */
function standBack(): void {
  if (Deno.build.os !== "linux") return;
  try {
    setPriority(LOWEST_PRIORITY);
  } catch {
    // Not allowed here: it verifies all the same.
  }
}

/**
 * Each computation leaves a WebAssembly memory behind (19 MiB with the costs of new hashes), of which
 * V8 does not know how large it is: left alone, it lets dozens of them pile up.
 */
function giveMemoryBack(): void {
  const { gc } = globalThis as { gc?: (options: Record<string, string>) => void };
  gc?.({ type: "major", execution: "sync" });
}

standBack();

scope.onmessage = async ({ data }) => {
  scope.postMessage(await answer(data));
  giveMemoryBack();
};
