/**
 * A process for the tests of copies on disks that give trouble: runs in a mount namespace of its own,
 * where it may mount what it likes, and prints what happened, one line each.
 *
 * Arguments: the scenario, a folder to mount on, and one that is on an ordinary disk.
 */
import { messageOf } from "../../src/error_text.ts";
import { backUpFrom } from "../../src/storage/copy.ts";
import { inspectStore, restoreStore } from "../../src/storage/offline.ts";
import { mount } from "../support/mount_namespace.ts";
import { makeFile } from "./damage_fixture.ts";
import { namesIn } from "./fixture.ts";

/** Prints the error, without the folders. */
async function printRefusal(work: Promise<unknown>, ...folders: string[]): Promise<void> {
  const text = await work.then(() => "it worked", messageOf);
  console.log(folders.reduce((result, folder) => result.replaceAll(folder, ""), text));
}

const SCENARIOS: Record<string, (disk: string, ordinary: string) => Promise<void>> = {
  /** The disk is smaller than the copy. */
  async full(disk, ordinary) {
    await mount("-t", "tmpfs", "-o", "size=64k", "tmpfs", disk);
    makeFile(`${ordinary}/broker.db`);
    await printRefusal(backUpFrom(`${ordinary}/broker.db`, `${disk}/copy.db`));
    console.log(`left: ${namesIn(disk)}`);
    await Deno.writeTextFile(`${disk}/broker.db`, "before");
    await printRefusal(restoreStore(`${ordinary}/broker.db`, `${disk}/broker.db`, 0));
    console.log(`left: ${namesIn(disk)}`);
  },
  /** A backup on a disk that cannot be written. */
  async readOnly(disk, ordinary) {
    await mount("-t", "tmpfs", "-o", "size=4m", "tmpfs", disk);
    makeFile(`${disk}/broker.db`);
    await backUpFrom(`${disk}/broker.db`, `${disk}/copy.db`);
    await mount("-o", "remount,ro", disk);
    const { counts } = inspectStore(`${disk}/copy.db`);
    console.log(`${counts.sessions} sessions, ${counts.outgoing} messages`);
    const restored = await restoreStore(`${disk}/copy.db`, `${ordinary}/broker.db`, 0);
    console.log(`${restored.counts.sessions} sessions, ${restored.counts.outgoing} messages`);
    await printRefusal(backUpFrom(`${ordinary}/broker.db`, `${disk}/new.db`), disk);
  },
};

if (import.meta.main) {
  const [scenario = "", disk = "", ordinary = ""] = Deno.args;
  await SCENARIOS[scenario]?.(disk, ordinary);
}
