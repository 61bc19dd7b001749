/**
 * Files with known content, and ways to damage them, for the tests of opening and repair.
 */
import assert from "node:assert/strict";
import { Writer } from "../../src/protocol/writer.ts";
import { openAndLoad, type OpenedFile, openFile } from "../../src/storage/open_file.ts";
import { PendingChanges } from "../../src/storage/pending_changes.ts";
import { LoadedState } from "../../src/storage/stored_state.ts";
import { Core } from "../support/core.ts";
import { describeState, newMessage, newOutgoing, newSession } from "./fixture.ts";

export const PAGE_BYTES = 4096;
export const SESSIONS = 20;
export const MESSAGES = 1000;

/** Puts sessions with messages that name their place, and retained messages, into a new file. */
export function makeFile(path: string): void {
  const { file } = openFile(path, Date.now());
  const changes = new PendingChanges();
  const core = new Core();
  const sessions = Array.from({ length: SESSIONS }, (_, number) => newSession(`c${number}`, core));
  for (const session of sessions) {
    changes.saveSession(session);
    changes.addInbound(session, 7);
  }
  for (let number = 0; number < MESSAGES; number++) {
    const session = sessions[number % SESSIONS] as typeof sessions[number];
    const payload = `${number}:` + "x".repeat(number % 300);
    changes.addOutgoing(session, newOutgoing(newMessage(session.clientIdentifier, payload)));
  }
  for (let number = 0; number < 100; number++) {
    changes.saveRetained(newMessage(`r/${number}`, `${number}`));
  }
  const writer = new Writer();
  changes.take(writer, 0);
  file.apply(writer.written().slice());
  file.close();
}

/** Opens and loads as the worker does. `state` is what can be described of it. */
export function openAsWorker(path: string): OpenedFile & { state: LoadedState } {
  const changes = new PendingChanges();
  const state = new LoadedState(changes, () => {});
  const opened = openAndLoad(
    path,
    Date.now(),
    (chunk) => state.add(chunk),
    () => state.startAgain(),
  );
  state.complete({ offsetMs: 0, nowMs: 0 });
  return { ...opened, state };
}

/** Every message and retained message is as it was stored. Returns how many messages there are. */
export function checkIntact(state: LoadedState): number {
  const { sessions, retained } = describeState(state);
  let count = 0;
  for (const [name, lines] of Object.entries(sessions)) {
    for (const line of lines.filter((each) => each !== "inbound 7")) {
      const number = Number(/=(\d+):/.exec(line)?.[1]);
      assert.equal(name, `c${number % SESSIONS}`);
      assert.equal(line, `${name}=${number}:${"x".repeat(number % 300)} qos 1`);
      count++;
    }
  }
  for (const line of retained) assert.match(line, /^r\/(\d+)=\1$/);
  return count;
}

/** Overwrites `bytes` at `position`. */
export function overwrite(path: string, position: number, bytes: Uint8Array): void {
  using file = Deno.openSync(path, { write: true });
  file.seekSync(position, Deno.SeekMode.Start);
  file.writeSync(bytes);
}
