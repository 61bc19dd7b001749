/**
 * A process for the tests of disks that give trouble: runs in a mount namespace of its own, where it
 * may mount what it likes, and prints what happened, one line each.
 *
 * Arguments: the scenario and a folder to mount on.
 */
import { openStore, type Store } from "../../src/storage/store.ts";
import { Core } from "../support/core.ts";
import { describeFile, describeState, newMessage, newOutgoing, newSession } from "./fixture.ts";

const core = new Core();
const session = newSession("one", core);

function print(line: string): void {
  console.log(line);
}

async function mount(...args: string[]): Promise<void> {
  const { code } = await new Deno.Command("mount", { args, stdin: "null" }).output();
  if (code !== 0) throw new Error(`Cannot mount ${args.join(" ")}`);
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

/** Fills what is left of the disk. Returns the name of the file that does. */
function fill(folder: string): string {
  const name = `${folder}/filling`;
  using file = Deno.openSync(name, { write: true, create: true });
  const block = new Uint8Array(4096);
  try {
    for (;;) file.writeSync(block);
  } catch {
    return name;
  }
}

const SCENARIOS: Record<string, (folder: string) => Promise<void>> = {
  /** The disk fills up, later there is space again. */
  async full(folder) {
    await mount("-t", "tmpfs", "-o", "size=1m", "tmpfs", folder);
    const store = await open(folder);
    record(store, "before");
    await store.journal.settled();
    const filling = fill(folder);
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
    const first = await open(folder);
    record(first, "before");
    await first.close();
    const filling = fill(folder);
    const store = await open(folder);
    print(`loaded ${store.report.isLoaded} ${JSON.stringify(describeState(store.state).sessions)}`);
    await Deno.remove(filling);
    await store.close();
  },
  /** The file system is read-only at the start, and later not any more. */
  async readOnly(folder) {
    await mount("-t", "tmpfs", "-o", "size=1m", "tmpfs", folder);
    const first = await open(folder);
    record(first, "before");
    await first.close();
    await mount("-o", "remount,ro", folder);
    const store = await open(folder);
    print(`writable ${store.journal.isWritable}, loaded ${store.report.isLoaded}`);
    for (const stored of store.state.sessions) {
      store.journal.adoptSession(session, stored);
      for (const each of stored.outgoing) {
        store.journal.adoptOutgoing(session, newOutgoing(newMessage("t", "before")), each);
      }
    }
    record(store, "while read-only");
    await mount("-o", "remount,rw", folder);
    await store.journal.settled();
    await store.close();
    printStored(folder);
  },
};

if (import.meta.main) await SCENARIOS[Deno.args[0] ?? ""]?.(Deno.args[1] as string);
