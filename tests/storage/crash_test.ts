/**
 * Kills a process that writes, at random moments, again and again on the same file: what it had
 * reported as committed is there, and every batch is there as a whole or not at all.
 */
import assert from "node:assert/strict";
import { fromFileUrl } from "../../build/paths.ts";
import { Random } from "../simulation/random.ts";
import { describeFile, temporaryFolder } from "./fixture.ts";

const ROUNDS = Number(Deno.env.get("CRASH_ROUNDS") ?? 6);
const SEED = Number(Deno.env.get("CRASH_SEED") ?? 1);

/** Runs the writer until it has committed something and a random while more. */
async function writeAndKill(path: string, random: Random): Promise<number> {
  const writer = fromFileUrl(new URL("./crash_writer.ts", import.meta.url));
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "--quiet", "--allow-read", "--allow-write", writer, path],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const lines: string[] = [];
  const wanted = 1 + random.below(150);
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    lines.push(...text.trim().split("\n"));
    if (lines.length < wanted) continue;
    // A few turns of the event loop, so that it is not always just after a commit.
    for (let turn = random.below(20); turn > 0; turn--) await nextTurn();
    child.kill("SIGKILL");
    break;
  }
  await child.status;
  return Number(lines.at(-1));
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/** What `crash_writer.ts` has stored when batch `last` was its last. */
function expectedState(last: number): ReturnType<typeof describeFile> {
  const waiting: string[] = [];
  for (let batch = Math.max(1, last - 2); batch <= last; batch++) {
    for (let number = 0; number < 10; number++) waiting.push(`t=${batch}/${number} qos 1`);
  }
  return { sessions: { one: waiting, two: waiting }, retained: [`retained=${last}`] };
}

Deno.test(`a process that is killed loses nothing it reported (${ROUNDS} rounds)`, async () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/broker.db`;
  const random = new Random(SEED);
  for (let round = 1; round <= ROUNDS; round++) {
    const reported = await writeAndKill(path, random);
    const state = describeFile(path);
    const last = Number(state.retained[0]?.replace("retained=", ""));
    assert.ok(last >= reported, `round ${round}: ${last} is stored, ${reported} was reported`);
    assert.deepEqual(state, expectedState(last), `round ${round}`);
  }
});
