/**
 * A process for the tests of disks that give trouble, and of files that may not be used: runs in a
 * mount namespace of its own, where it may mount what it likes, or without root's right to use every
 * file, and prints what happened, one line each.
 *
 * Arguments: the scenario and a folder to mount on.
 */
import { messageOf } from "../../src/error_text.ts";
import { loadOnly } from "../../src/storage/load_only.ts";
import { PendingChanges } from "../../src/storage/pending_changes.ts";
import type { RepairReport } from "../../src/storage/repair.ts";
import { openStore, type Store } from "../../src/storage/store.ts";
import { LoadedState } from "../../src/storage/stored_state.ts";
import { Core } from "../support/core.ts";
import { fillDisk, mount } from "../support/mount_namespace.ts";
import {
  checkIntact,
  makeFile,
  MESSAGES,
  openAsWorker,
  overwrite,
  PAGE_BYTES,
} from "./damage_fixture.ts";
import {
  describeFile,
  describeState,
  namesIn,
  newMessage,
  newOutgoing,
  newSession,
  restore,
} from "./fixture.ts";

/** A user that nobody is. */
const STRANGER = 4321;
const core = new Core();
const session = newSession("one", core);

function print(line: string): void {
  console.log(line);
}

async function open(folder: string): Promise<Store> {
  const store = await openStore({
    path: `${folder}/broker.db`,
    durability: "full",
    commitIntervalMs: 0,
    nowMs: () => performance.now(),
    wallMs: Date.now,
  });
  store.journal.onWritable = (isWritable, reason) =>
    print(isWritable ? "writable" : `not writable: ${reason}`);
  store.journal.onCommitted = (number) => print(`committed ${number}`);
  return store;
}

/** Resolves when the disk refuses. */
function refusal({ journal }: Store): Promise<void> {
  return new Promise((resolve) => {
    const tell = journal.onWritable;
    journal.onWritable = (isWritable, reason) => {
      tell(isWritable, reason);
      if (!isWritable) resolve();
    };
  });
}

function record({ journal }: Store, payload: string, bytes = 0): void {
  journal.addOutgoing(session, newOutgoing(newMessage("t", payload + "x".repeat(bytes))));
}

/** What is stored, without the fillings. */
function printStored(folder: string): void {
  const { sessions } = describeFile(`${folder}/broker.db`);
  print(`stored ${JSON.stringify(sessions).replaceAll(/x+/g, "")}`);
}

/** As the worker does it; text when the file could not be opened. */
function openOrLoadOnly(
  path: string,
): string | { repair: RepairReport | undefined; count: number } {
  try {
    const { file, repair, state } = openAsWorker(path);
    file.close();
    return { repair, count: checkIntact(state) };
  } catch (error) {
    const state = new LoadedState(new PendingChanges(), () => {});
    const damage = loadOnly(path, (chunk) => state.add(chunk), () => state.startAgain());
    state.complete({ offsetMs: 0, nowMs: 0 });
    return `${messageOf(error)}, loaded ${damage?.gaps} ${checkIntact(state) > MESSAGES / 2}`;
  }
}

/** A store in which one message waits, and no broker. */
async function storeOne(folder: string): Promise<void> {
  const store = await open(folder);
  record(store, "before");
  await store.close();
}

/** Opens what can be read and not written, puts it back, and prints what is wrong with it. */
async function openLocked(folder: string): Promise<Store> {
  const store = await open(folder);
  print(`writable ${store.journal.isWritable}, loaded ${store.report.isLoaded}`);
  print(`${store.report.unusable}`);
  for (const stored of store.state.sessions) {
    store.journal.adoptSession(session, stored);
    for (const each of stored.outgoing) {
      store.journal.adoptOutgoing(session, newOutgoing(newMessage("t", "before")), each);
    }
  }
  return store;
}

const SCENARIOS: Record<string, (folder: string) => Promise<void>> = {
  /** The disk fills up, later there is space again. */
  async full(folder) {
    await mount("-t", "tmpfs", "-o", "size=1m", "tmpfs", folder);
    const store = await open(folder);
    record(store, "before");
    await store.journal.settled();
    const filling = fillDisk(folder);
    const refused = refusal(store);
    record(store, "while full", 20_000);
    await refused;
    await Deno.remove(filling);
    await store.journal.settled();
    print(`closed ${await store.close()}`);
    printStored(folder);
  },
  /** The broker starts while the disk is full. */
  async fullAtStart(folder) {
    await mount("-t", "tmpfs", "-o", "size=1m", "tmpfs", folder);
    await storeOne(folder);
    const filling = fillDisk(folder);
    const store = await open(folder);
    print(`loaded ${store.report.isLoaded} ${JSON.stringify(describeState(store.state).sessions)}`);
    await Deno.remove(filling);
    await store.close();
  },
  /** The file is damaged, and the disk has room for less and less of its repair. */
  async damagedOnFull(folder) {
    await mount("-t", "tmpfs", "-o", "size=2m", "tmpfs", folder);
    const path = `${folder}/broker.db`;
    makeFile(path);
    const { size } = Deno.statSync(path);
    overwrite(path, size - 10 * PAGE_BYTES, new Uint8Array(PAGE_BYTES));
    const damaged = Deno.readFileSync(path);
    const filling = fillDisk(folder);
    const before = namesIn(folder).join();
    for (let free = 0; free < 3 * size; free += 8 * PAGE_BYTES) {
      Deno.truncateSync(filling, Deno.statSync(filling).size - (free === 0 ? 0 : 8 * PAGE_BYTES));
      const loaded = openOrLoadOnly(path);
      if (typeof loaded !== "string") {
        const isWhole = loaded.count === loaded.repair?.recovered.outgoing;
        print(`repaired ${isWhole} ${loaded.repair?.damage.gaps} ${namesIn(folder).join()}`);
        return;
      }
      const isSame = Deno.readFileSync(path).every((byte, index) => byte === damaged[index]);
      print(`${loaded}, left as it was ${isSame && namesIn(folder).join() === before}`);
    }
  },
  /** The file is damaged, and has to wait for room while the broker runs. */
  async damagedUntilRoom(folder) {
    await mount("-t", "tmpfs", "-o", "size=1m", "tmpfs", folder);
    const path = `${folder}/broker.db`;
    const first = await open(folder);
    for (const payload of ["a", "b", "c"]) record(first, payload, 3000);
    await first.close();
    Deno.truncateSync(path, Deno.statSync(path).size - PAGE_BYTES);
    const filling = fillDisk(folder);
    const store = await open(folder);
    print(`writable ${store.journal.isWritable}, loaded ${store.report.isLoaded}`);
    const one = restore(store.state, store.journal).get("one");
    if (one === undefined) return print("nothing was loaded");
    const added = newOutgoing(newMessage("t", "while full"));
    store.onRepair = () => print("replaced");
    store.journal.onLost = () => {
      for (const each of [...one.outgoing, added]) store.journal.addOutgoing(one.session, each);
    };
    store.journal.addOutgoing(one.session, added);
    await Deno.remove(filling);
    await store.journal.settled();
    print(`closed ${await store.close()}`);
    printStored(folder);
    print(namesIn(folder).join());
  },
  /** The file system is read-only at the start, and later not any more. */
  async readOnly(folder) {
    await mount("-t", "tmpfs", "-o", "size=1m", "tmpfs", folder);
    await storeOne(folder);
    await mount("-o", "remount,ro", folder);
    const store = await openLocked(folder);
    record(store, "while read-only");
    await mount("-o", "remount,rw", folder);
    await store.journal.settled();
    await store.close();
    printStored(folder);
  },
  /** The folder may not be written to, the file in it may. */
  async readOnlyFolder(folder) {
    await storeOne(folder);
    Deno.chmodSync(folder, 0o555);
    const store = await openLocked(folder);
    record(store, "while read-only");
    Deno.chmodSync(folder, 0o755);
    await store.journal.settled();
    await store.close();
    printStored(folder);
  },
  /** The file may be read by everybody, and written by its owner, who is somebody else. */
  async readableOfAnotherUser(folder) {
    await storeOne(folder);
    const path = `${folder}/broker.db`;
    Deno.chmodSync(path, 0o644);
    Deno.chownSync(path, STRANGER, STRANGER);
    const store = await openLocked(folder);
    record(store, "while it was not ours");
    Deno.chownSync(path, 0, 0);
    await store.journal.settled();
    await store.close();
    printStored(folder);
  },
  /** The file may be read and written by its owner alone, who is somebody else. */
  async privateOfAnotherUser(folder) {
    await storeOne(folder);
    const path = `${folder}/broker.db`;
    Deno.chownSync(path, STRANGER, STRANGER);
    const store = await open(folder);
    print(`writable ${store.journal.isWritable}, loaded ${store.report.isLoaded}`);
    print(`${store.report.unusable}`);
    record(store, "while it was not ours");
    Deno.chownSync(path, 0, 0);
    print(`closed ${await store.close()}`);
    printStored(folder);
    print(namesIn(folder).join());
  },
};

if (import.meta.main) await SCENARIOS[Deno.args[0] ?? ""]?.(Deno.args[1] as string);
