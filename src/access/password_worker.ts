/**
 * The entry of a worker that verifies passwords, off the event loop that serves the clients.
 *
 * Runs as a file of its own, beside the program in the executable (build/build.ts). Needs no
 * permission. It gives memory back after each computation, for which it needs `--expose-gc`.
 */

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

/**
 * Each computation leaves a WebAssembly memory behind (19 MiB with the costs of new hashes), of which
 * V8 does not know how large it is: left alone, it lets dozens of them pile up.
 */
function giveMemoryBack(): void {
  const { gc } = globalThis as { gc?: (options: Record<string, string>) => void };
  gc?.({ type: "major", execution: "sync" });
}

scope.onmessage = async ({ data }) => {
  scope.postMessage(await answer(data));
  giveMemoryBack();
};
